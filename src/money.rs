//! Exact decimal arithmetic. Every operation is checked; rounding happens only here.

use rust_decimal::{Decimal, RoundingStrategy};
use std::fmt;
use std::str::FromStr;

/// Decimal places a charge is quantised to, in units of the currency, where the scenario
/// prescribes no rounding of its own.
pub const CHARGE_PLACES: u32 = 10;

/// Why an exact operation has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArithmeticError {
    /// The result is too large, or has more digits than can be kept exactly.
    Overflow,
    /// The divisor is zero.
    DivisionByZero,
}

impl fmt::Display for ArithmeticError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ArithmeticError::Overflow => "the number has more digits than can be kept exactly",
            ArithmeticError::DivisionByZero => "division by zero",
        })
    }
}

impl std::error::Error for ArithmeticError {}

/// What an exact operation gives.
pub type Exact = Result<Decimal, ArithmeticError>;

/// The sum; an overflow where it needs more digits than can be kept to 1e-10.
pub fn add(a: Decimal, b: Decimal) -> Exact {
    exact_sum(a.checked_add(b), a, b)
}

/// The difference; an overflow where it needs more digits than can be kept to 1e-10.
pub fn sub(a: Decimal, b: Decimal) -> Exact {
    exact_sum(a.checked_sub(b), a, b)
}

fn exact_sum(sum: Option<Decimal>, a: Decimal, b: Decimal) -> Exact {
    let sum = sum.ok_or(ArithmeticError::Overflow)?;
    let lost = loses(sum, a.scale().max(b.scale()), || a.normalize().scale().max(b.normalize().scale()));
    if lost { Err(ArithmeticError::Overflow) } else { Ok(sum) }
}

/// The product; an overflow where it needs more digits than can be kept to 1e-10.
pub fn mul(a: Decimal, b: Decimal) -> Exact {
    let product = a.checked_mul(b).ok_or(ArithmeticError::Overflow)?;
    let lost = loses(product, a.scale() + b.scale(), || a.normalize().scale() + b.normalize().scale());
    if lost { Err(ArithmeticError::Overflow) } else { Ok(product) }
}

/// Whether a result was rounded more coarsely than charges are. `written` is the number of places an exact result may
/// have, `needed` the number it has without trailing zeros.
fn loses(result: Decimal, written: u32, needed: impl Fn() -> u32) -> bool {
    result.scale() < CHARGE_PLACES
        && result.scale() < written
        && !result.is_zero()
        && result.scale() < needed()
}

/// The quotient, to 28 digits.
pub fn div(a: Decimal, b: Decimal) -> Exact {
    if b.is_zero() {
        return Err(ArithmeticError::DivisionByZero);
    }
    a.checked_div(b).ok_or(ArithmeticError::Overflow)
}

/// The amount with the other sign.
pub fn negative(amount: Decimal) -> Decimal {
    let mut negative = amount;
    negative.set_sign_negative(!amount.is_zero() && amount.is_sign_positive());
    negative
}

/// A hundredth, exactly; an overflow where it has more places than can be kept.
pub fn hundredth(number: Decimal) -> Exact {
    let number = number.normalize();
    Decimal::try_from_i128_with_scale(number.mantissa(), number.scale() + 2)
        .map(|hundredth| hundredth.normalize())
        .map_err(|_| ArithmeticError::Overflow)
}

/// The sum of many.
pub fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Exact {
    amounts.into_iter().try_fold(Decimal::ZERO, add)
}

/// A charge as it enters sums: to 1e-10 of the currency, half away from zero.
pub fn quantise(amount: Decimal) -> Decimal {
    if amount.scale() <= CHARGE_PLACES {
        return amount;
    }
    amount.round_dp_with_strategy(CHARGE_PLACES, RoundingStrategy::MidpointAwayFromZero)
}

/// Which way a law rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundingMode {
    /// To the nearest; a half goes away from zero.
    HalfUp,
    /// To the nearest; a half goes to the even neighbour.
    HalfEven,
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
}

impl RoundingMode {
    /// The names a scenario may write, with their modes.
    pub const NAMES: &'static [(&'static str, RoundingMode)] = &[
        ("half-up", RoundingMode::HalfUp),
        ("half-even", RoundingMode::HalfEven),
        ("down", RoundingMode::Down),
        ("up", RoundingMode::Up),
    ];

    fn strategy(self) -> RoundingStrategy {
        match self {
            RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            RoundingMode::HalfEven => RoundingStrategy::MidpointNearestEven,
            RoundingMode::Down => RoundingStrategy::ToZero,
            RoundingMode::Up => RoundingStrategy::AwayFromZero,
        }
    }

    /// A number to so many decimal places.
    pub fn places(self, number: Decimal, places: u32) -> Decimal {
        number.round_dp_with_strategy(places, self.strategy())
    }
}

/// Rounding as a law prescribes it: to a multiple of an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rounding {
    /// The amount results are multiples of; above zero.
    pub to: Decimal,
    /// Which way.
    pub mode: RoundingMode,
}

impl Rounding {
    /// The amount, rounded.
    pub fn apply(self, amount: Decimal) -> Exact {
        // A quotient behind the amount may have left it a last digit short of what it is: 33.33… three times.
        let amount = RoundingMode::HalfUp.places(amount, CHARGE_PLACES + 2);
        mul(self.mode.places(div(amount, self.to)?, 0), self.to)
    }
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberError {
    /// It is not a decimal number.
    Malformed,
    /// It has more digits than can be kept exactly.
    TooLong,
}

/// A number written as `1_250_000`, `0.15`, `.15`, `-3` or `8e-04`, exactly.
pub fn parse_number(text: &str) -> Result<Decimal, NumberError> {
    let text = text.trim();
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
        return scale(parse_number(mantissa)?, exponent);
    }
    let plain = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, places) =
        plain.split_once('.').map_or((plain, None), |(whole, places)| (whole, Some(places)));
    let is_digits =
        |part: &str| part.split('_').all(|run| !run.is_empty() && run.bytes().all(|b| b.is_ascii_digit()));
    let is_whole = is_digits(whole) || (whole.is_empty() && places.is_some());
    if !is_whole || !places.is_none_or(is_digits) {
        return Err(NumberError::Malformed);
    }
    let digits = if text.contains('_') { &text.replace('_', "") } else { text };
    Decimal::from_str_exact(digits).map_err(|_| NumberError::TooLong)
}

/// `mantissa` times ten to the power written in `exponent`, exactly.
fn scale(mantissa: Decimal, exponent: &str) -> Result<Decimal, NumberError> {
    let exponent = i32::from_str(exponent).map_err(|_| NumberError::Malformed)?;
    let mantissa = mantissa.normalize();
    let places = i64::from(mantissa.scale()) - i64::from(exponent);
    if mantissa.is_zero() {
        return Ok(mantissa);
    }
    let shifted = match u32::try_from(places) {
        Ok(places) => Decimal::try_from_i128_with_scale(mantissa.mantissa(), places).ok(),
        Err(_) => u32::try_from(-places)
            .ok()
            .and_then(|zeros| 10_i128.checked_pow(zeros)?.checked_mul(mantissa.mantissa()))
            .and_then(|whole| Decimal::try_from_i128_with_scale(whole, 0).ok()),
    };
    shifted.ok_or(NumberError::TooLong)
}

/// A number for the eye: so many decimal places, commas between thousands.
pub fn grouped(number: Decimal, places: u32) -> String {
    let rounded = RoundingMode::HalfUp.places(number, places);
    let text = format!("{:.*}", places as usize, rounded.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    if rounded.is_sign_negative() && !rounded.is_zero() {
        out.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A decimal as it goes out: no exponent, no trailing zeros.
pub fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}
