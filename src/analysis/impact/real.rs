//! Arithmetic of a model: decimals to 28 digits, checked. Unlike charges, its numbers need not be exact to a place.

use crate::money::{ArithmeticError, Exact};
use rust_decimal::Decimal;

/// The sum.
pub fn add(a: Decimal, b: Decimal) -> Exact {
    a.checked_add(b).ok_or(ArithmeticError::Overflow)
}

/// The difference.
pub fn sub(a: Decimal, b: Decimal) -> Exact {
    a.checked_sub(b).ok_or(ArithmeticError::Overflow)
}

/// The product.
pub fn mul(a: Decimal, b: Decimal) -> Exact {
    a.checked_mul(b).ok_or(ArithmeticError::Overflow)
}

/// The quotient.
pub fn div(a: Decimal, b: Decimal) -> Exact {
    crate::money::div(a, b)
}

/// The sum of many.
pub fn sum(numbers: impl IntoIterator<Item = Decimal>) -> Exact {
    numbers.into_iter().try_fold(Decimal::ZERO, add)
}
