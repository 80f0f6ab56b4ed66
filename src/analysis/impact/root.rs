//! Where a function crosses zero. False position, with the end that stays weighed less (the Illinois rule), and a halving
//! whenever that is slow: so a bracket never widens, and shrinks to the tolerance in a few dozen steps.
//!
//! No crate does this on decimals; those there are work on binary floating point.

use super::Stop;
use super::real;
use crate::money::{ArithmeticError, Exact, RoundingMode};
use rust_decimal::Decimal;

/// A root is found when the bracket around it is narrower than this part of it.
pub const TOLERANCE: Decimal = Decimal::from_parts(1, 0, 0, false, 20);
/// Places that roots are rounded to, prices in parts of the world price before: so that a price of 1.2 is one.
const PLACES: u32 = 18;
/// More steps than this are not taken.
const STEPS: usize = 400;

/// A place between two at which a function that has opposite signs there is zero, to within [`TOLERANCE`].
pub fn root(low: Decimal, high: Decimal, ask: &mut dyn FnMut(Decimal) -> Exact) -> Result<Decimal, Stop> {
    bracketed(low, high, ask).map(|found| RoundingMode::HalfUp.places(found, PLACES))
}

fn bracketed(low: Decimal, high: Decimal, ask: &mut dyn FnMut(Decimal) -> Exact) -> Result<Decimal, Stop> {
    let (mut a, mut b) = (low, high);
    let (mut at_a, mut at_b) = (ask(a)?, ask(b)?);
    if at_a.is_zero() {
        return Ok(a);
    }
    if at_b.is_zero() {
        return Ok(b);
    }
    if at_a.is_sign_negative() == at_b.is_sign_negative() {
        return Err(Stop::NoSolution);
    }
    let mut width = real::sub(b, a)?.abs();
    for step in 0..STEPS {
        let narrow = real::mul(a.abs().max(b.abs()).max(TOLERANCE), TOLERANCE)?;
        if real::sub(b, a)?.abs() <= narrow {
            return Ok(b);
        }
        let halved = step % 3 == 2 && real::sub(b, a)?.abs() > real::div(width, Decimal::from(8))?;
        if step % 3 == 2 {
            width = real::sub(b, a)?.abs();
        }
        let next = if halved { None } else { secant(a, b, at_a, at_b) };
        let next = match next {
            Some(next) if next != a && next != b => next,
            _ => real::div(real::add(a, b)?, Decimal::TWO)?,
        };
        if next == a || next == b {
            return Ok(b);
        }
        let at_next = ask(next)?;
        if at_next.is_zero() {
            return Ok(next);
        }
        if at_next.is_sign_negative() == at_b.is_sign_negative() {
            at_a = real::div(at_a, Decimal::TWO)?;
        } else {
            (a, at_a) = (b, at_b);
        }
        (b, at_b) = (next, at_next);
    }
    Err(Stop::NoSolution)
}

/// Where the line through both ends crosses zero; `None` where that cannot be said or lies outside.
fn secant(a: Decimal, b: Decimal, at_a: Decimal, at_b: Decimal) -> Option<Decimal> {
    let run = real::sub(b, a).ok()?;
    let part = real::div(at_b, real::sub(at_b, at_a).ok()?).ok()?;
    let next = real::sub(b, real::mul(part, run).ok()?).ok()?;
    (next > a.min(b) && next < a.max(b)).then_some(next)
}

/// The place between two at which a function with one peak is highest, by the golden section. Near a peak values hardly
/// differ, so that the place is right to 1e-10 of the range and no better.
pub fn peak(low: Decimal, high: Decimal, ask: &mut dyn FnMut(Decimal) -> Exact) -> Exact {
    // (sqrt(5) - 1) / 2
    let golden = Decimal::from_i128_with_scale(6_180_339_887_498_948_482, 19);
    let (mut a, mut b) = (low, high);
    let inner = |a: Decimal, b: Decimal| {
        let part = real::mul(real::sub(b, a)?, golden)?;
        Ok::<_, ArithmeticError>((real::sub(b, part)?, real::add(a, part)?))
    };
    let (mut left, mut right) = inner(a, b)?;
    let (mut at_left, mut at_right) = (ask(left)?, ask(right)?);
    for _ in 0..60 {
        if at_left < at_right {
            (a, left, at_left) = (left, right, at_right);
            right = inner(a, b)?.1;
            at_right = ask(right)?;
        } else {
            (b, right, at_right) = (right, left, at_left);
            left = inner(a, b)?.0;
            at_left = ask(left)?;
        }
    }
    real::div(real::add(a, b)?, Decimal::TWO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_found_to_the_tolerance() {
        let mut square = |x: Decimal| real::sub(real::mul(x, x)?, Decimal::TWO);
        let found = root(Decimal::ZERO, Decimal::from(100), &mut square).unwrap();
        let known = Decimal::from_str_exact("1.4142135623730950488016887242").unwrap();
        assert!(real::sub(found, known).unwrap().abs() < Decimal::new(1, 17), "{found}");
    }

    #[test]
    fn without_a_change_of_sign_there_is_none() {
        let mut above = |x: Decimal| real::add(real::mul(x, x)?, Decimal::ONE);
        assert!(matches!(root(Decimal::ZERO, Decimal::ONE, &mut above), Err(Stop::NoSolution)));
    }

    #[test]
    fn a_peak_is_found() {
        let mut hill = |x: Decimal| real::mul(x, real::sub(Decimal::from(7), x)?);
        let found = peak(Decimal::ZERO, Decimal::TEN, &mut hill).unwrap();
        assert!(real::sub(found, Decimal::new(35, 1)).unwrap().abs() < Decimal::new(1, 9), "{found}");
    }
}
