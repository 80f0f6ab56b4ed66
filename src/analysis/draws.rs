//! What uncertain parameters may turn out to be: values drawn from the spread that each of them states, the same for the
//! same seed, on every machine and in any number of threads. All arithmetic is in decimals.

use super::axis::Axis;
use super::bench::{Bench, Turn};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::{Value, in_unit_of};
use crate::money::{self, ArithmeticError, Exact, RoundingMode};
use crate::scenario::{Parameter, Uncertain};
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};
use rust_decimal::{Decimal, MathematicalOps};

/// Decimal places a drawn number is rounded to, in the unit its spread is written in.
pub const PLACES: u32 = 12;

/// After so many tries of a bell curve at least one in [`RAREST`] must have been within the parameter's bounds.
const ATTEMPTS: usize = 10_000;
/// See [`ATTEMPTS`].
const RAREST: usize = 100;

/// How often a parameter was drawn, and how often that was within its bounds.
#[derive(Clone, Copy, Default)]
struct Tries {
    all: usize,
    within: usize,
}

impl Tries {
    /// Whether to go on would take too long.
    fn are_hopeless(self) -> bool {
        self.all >= ATTEMPTS && self.within.saturating_mul(RAREST) < self.all
    }
}

/// The values of all uncertain parameters, draw by draw. A parameter that is varied or set is not drawn.
pub fn draws(bench: &Bench, axes: &[Axis], count: usize, seed: u64) -> Result<Vec<Vec<Turn>>, Diagnostics> {
    let drawn: Vec<(&Parameter, &Uncertain)> = bench
        .base()
        .parameters
        .iter()
        .filter(|parameter| axes.iter().all(|axis| axis.name != parameter.name))
        .filter_map(|parameter| Some((parameter, parameter.uncertain.as_ref()?)))
        .collect();
    if drawn.is_empty() {
        return Err(nothing(bench, axes).into());
    }
    let currency = &bench.base().currency;
    let mut random = Random(Pcg64Mcg::seed_from_u64(seed));
    let mut all = Vec::with_capacity(count);
    let mut tries = vec![Tries::default(); drawn.len()];
    for _ in 0..count {
        let mut turns = Vec::with_capacity(drawn.len());
        for ((parameter, uncertain), tries) in drawn.iter().zip(&mut tries) {
            let Some(value) = random.draw(parameter, uncertain, tries) else {
                return Err(hopeless(parameter, *tries).into());
            };
            turns.push(Turn {
                name: parameter.name.clone(),
                text: parameter.spell(&value, currency),
                span: parameter.span,
            });
        }
        all.push(turns);
    }
    Ok(all)
}

fn nothing(bench: &Bench, axes: &[Axis]) -> Diagnostic {
    let uncertain =
        |name: &str| bench.base().parameters.iter().any(|p| p.name == name && p.uncertain.is_some());
    let diagnostic =
        Diagnostic::new(Code::NothingUncertain, "no parameter is uncertain: there is nothing to draw");
    match axes.iter().find(|axis| uncertain(&axis.name)) {
        Some(varied) => diagnostic.help(format!("`{}` is varied, and so not drawn", varied.name)),
        None => diagnostic.help("give one a spread: uncertain = { low = \"10%\", high = \"30%\" }"),
    }
}

fn hopeless(parameter: &Parameter, tries: Tries) -> Diagnostic {
    let number = |count: usize| money::grouped(Decimal::from(count), 0);
    let message = format!(
        "of {} draws of `{}` {} lie within its `min` and `max`",
        number(tries.all),
        parameter.name,
        if tries.within == 0 { "none".to_owned() } else { format!("only {}", number(tries.within)) }
    );
    Diagnostic::at(Code::BadUncertain, parameter.span, message).help("make `sd` smaller, or the bounds wider")
}

struct Random(Pcg64Mcg);

impl Random {
    /// A number from 0 up to and without 1, in steps of 1e-18.
    fn unit(&mut self) -> Decimal {
        const STEPS: u64 = 1_000_000_000_000_000_000;
        // Numbers beyond the last whole multiple are drawn again, so that each step is as likely as any other.
        let most = u64::MAX - u64::MAX % STEPS;
        loop {
            let number = self.0.next_u64();
            if number < most {
                return Decimal::from_i128_with_scale(i128::from(number % STEPS), 18);
            }
        }
    }

    /// A value of a parameter; `None` where none falls within its bounds.
    fn draw(&mut self, parameter: &Parameter, uncertain: &Uncertain, tries: &mut Tries) -> Option<Value> {
        let amount = |value: &Value| value.amount().unwrap_or_default();
        match uncertain {
            Uncertain::Uniform { low, high } => {
                let number = uniform(amount(low), amount(high), self.unit()).ok()?;
                low.with_amount(rounded(number))
            }
            Uncertain::Triangular { low, mode, high } => {
                let number = triangular(amount(low), amount(mode), amount(high), self.unit()).ok()?;
                low.with_amount(rounded(number))
            }
            Uncertain::Normal { mean, sd } => {
                while !tries.are_hopeless() {
                    tries.all += 1;
                    let number = self.normal(amount(mean), amount(sd)).map(rounded);
                    let value = number.ok().and_then(|number| mean.with_amount(number))?;
                    if within(parameter, &value) {
                        tries.within += 1;
                        return Some(value);
                    }
                }
                None
            }
        }
    }

    /// A number of a bell curve, by the polar method of Marsaglia: a point in the unit circle, other than its middle, is
    /// stretched to the length that the bell curve gives it.
    fn normal(&mut self, mean: Decimal, sd: Decimal) -> Exact {
        loop {
            let centred = |unit: Decimal| money::sub(money::mul(unit, Decimal::TWO)?, Decimal::ONE);
            let (x, y) = (centred(self.unit())?, centred(self.unit())?);
            let square = money::add(money::mul(x, x)?, money::mul(y, y)?)?;
            if square.is_zero() || square >= Decimal::ONE {
                continue;
            }
            let log = square.checked_ln().ok_or(ArithmeticError::Overflow)?;
            let stretch = money::div(
                money::mul(log, Decimal::NEGATIVE_ONE.saturating_add(Decimal::NEGATIVE_ONE))?,
                square,
            )?;
            let stretch = stretch.sqrt().ok_or(ArithmeticError::Overflow)?;
            return money::add(mean, money::mul(money::mul(x, stretch)?, sd)?);
        }
    }
}

fn rounded(number: Decimal) -> Decimal {
    RoundingMode::HalfUp.places(number, PLACES).normalize()
}

fn within(parameter: &Parameter, value: &Value) -> bool {
    let number = |bound: &Value| in_unit_of(value, bound).amount();
    let drawn = value.amount();
    parameter.min.as_ref().is_none_or(|min| number(min) <= drawn)
        && parameter.max.as_ref().is_none_or(|max| number(max) >= drawn)
}

fn uniform(low: Decimal, high: Decimal, unit: Decimal) -> Exact {
    money::add(low, money::mul(money::sub(high, low)?, unit)?)
}

/// The value below which the triangle has a part of its area.
fn triangular(low: Decimal, mode: Decimal, high: Decimal, part: Decimal) -> Exact {
    let width = money::sub(high, low)?;
    if width.is_zero() {
        return Ok(low);
    }
    let (rising, falling) = (money::sub(mode, low)?, money::sub(high, mode)?);
    let root = |area: Decimal| area.sqrt().ok_or(ArithmeticError::Overflow);
    if money::mul(part, width)? < rising {
        money::add(low, root(money::mul(part, money::mul(width, rising)?)?)?)
    } else {
        let rest = money::sub(Decimal::ONE, part)?;
        money::sub(high, root(money::mul(rest, money::mul(width, falling)?)?)?)
    }
}

/// The smallest of some numbers that so many hundredths of them do not exceed: the nearest rank.
pub fn percentile(sorted: &[Decimal], hundredths: usize) -> Option<Decimal> {
    let rank = (sorted.len() * hundredths).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn the_nearest_rank_is_one_of_the_numbers() {
        let numbers: Vec<Decimal> = (1..=20).map(Decimal::from).collect();
        assert_eq!(percentile(&numbers, 5), Some(Decimal::from(1)));
        assert_eq!(percentile(&numbers, 50), Some(Decimal::from(10)));
        assert_eq!(percentile(&numbers, 95), Some(Decimal::from(19)));
        assert_eq!(percentile(&numbers[..1], 5), Some(Decimal::from(1)));
        assert_eq!(percentile(&[], 5), None);
    }

    #[test]
    fn a_triangle_is_halved_where_its_area_is() {
        let at = |part: &str| triangular(number("0"), number("0.1"), number("0.4"), number(part)).unwrap();
        assert_eq!(at("0"), Decimal::ZERO);
        // A quarter of the area lies left of the mode.
        assert_eq!(rounded(at("0.25")), number("0.1"));
        // Right of it: 0.4 - sqrt(0.5 * 0.4 * 0.3) = 0.4 - sqrt(0.06).
        assert_eq!(RoundingMode::HalfUp.places(at("0.5"), 10), number("0.1550510257"));
    }

    #[test]
    fn a_bell_curve_has_its_mean_and_deviation() {
        let mut random = Random(Pcg64Mcg::seed_from_u64(1));
        let numbers: Vec<Decimal> =
            (0..4_000).map(|_| random.normal(number("5"), number("2")).unwrap()).collect();
        let count = Decimal::from(numbers.len());
        let mean = money::div(money::sum(numbers.iter().copied()).unwrap(), count).unwrap();
        let squares = numbers.iter().map(|n| {
            let off = RoundingMode::HalfUp.places(money::sub(*n, mean).unwrap(), 9);
            money::mul(off, off).unwrap()
        });
        let variance = money::div(money::sum(squares).unwrap(), count).unwrap();
        assert!(money::sub(mean, number("5")).unwrap().abs() < number("0.1"), "{mean}");
        assert!(money::sub(variance, number("4")).unwrap().abs() < number("0.3"), "{variance}");
        // Two thirds lie within one deviation.
        let near = numbers.iter().filter(|n| n.checked_sub(number("5")).unwrap().abs() < number("2")).count();
        assert!((2600..2870).contains(&near), "{near}");
    }
}
