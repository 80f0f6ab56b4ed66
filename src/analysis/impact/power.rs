//! Powers and logarithms of decimals. The decimals' own `powd` stops at 2e-7; here the series is summed to the last digit,
//! so that a power of a ratio between 0.01 and 100 is right to within 1e-20 of itself, and to within 1e-26 where it is small.

use super::real;
use crate::money::{ArithmeticError, Exact};
use rust_decimal::{Decimal, MathematicalOps};

/// Whole exponents up to this are products.
const MOST_FACTORS: i64 = 64;
/// `e` to anything below this is too small to be told from nothing.
const SMALLEST: i64 = -60;

/// A number above zero to a power.
pub fn power(base: Decimal, exponent: Decimal) -> Exact {
    let whole = exponent.normalize();
    if whole.scale() == 0 && whole.abs() <= Decimal::from(MOST_FACTORS) {
        let factors = u64::try_from(whole.abs().mantissa()).unwrap_or_default();
        let product = base.checked_powu(factors).ok_or(ArithmeticError::Overflow)?;
        return if whole.is_sign_negative() { real::div(Decimal::ONE, product) } else { Ok(product) };
    }
    exponential(real::mul(logarithm(base)?, exponent)?)
}

/// The natural logarithm of a number above zero.
pub fn logarithm(number: Decimal) -> Exact {
    number.checked_ln().ok_or(ArithmeticError::Overflow)
}

/// `e` to a power: the series at a thirty-second of it or less, squared back up.
pub fn exponential(exponent: Decimal) -> Exact {
    if exponent < Decimal::from(SMALLEST) {
        return Ok(Decimal::ZERO);
    }
    let mut small = exponent.abs();
    let mut halvings = 0;
    while small > Decimal::new(3, 2) {
        small = real::div(small, Decimal::TWO)?;
        halvings += 1;
    }
    let mut result =
        small.checked_exp_with_tolerance(Decimal::new(1, 28)).ok_or(ArithmeticError::Overflow)?;
    for _ in 0..halvings {
        result = real::mul(result, result)?;
    }
    if exponent.is_sign_negative() { real::div(Decimal::ONE, result) } else { Ok(result) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    /// To within 1e-20 of what they are, by a computation in fifty digits.
    #[test]
    fn powers_are_right_to_twenty_digits() {
        let known = [
            ("1.25", "-1.5", "0.7155417527999327028509355744"),
            ("0.01", "0.333", "0.2157744409152666413394470654"),
            ("100", "2.5", "100000"),
            ("100", "-2.7", "0.0000039810717055349725077025"),
            ("1.5", "0.04", "1.0163508398118690673527127520"),
            ("1.0000001", "-3.3", "0.9999996700000709499874655020"),
            ("0.37", "-7.25", "1350.633447486012921844611951"),
        ];
        for (base, exponent, expected) in known {
            let found = power(number(base), number(exponent)).unwrap();
            let off = real::sub(real::div(found, number(expected)).unwrap(), Decimal::ONE).unwrap();
            assert!(off.abs() < number("0.00000000000000000001"), "{base}^{exponent}: {found}, off {off}");
        }
    }

    #[test]
    fn what_is_too_large_or_small_says_so() {
        assert_eq!(power(number("3"), number("-500.5")), Ok(Decimal::ZERO));
        assert_eq!(power(number("3"), number("500.5")), Err(ArithmeticError::Overflow));
    }
}
