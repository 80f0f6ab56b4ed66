//! The rate that is best for the importing country, and the one that brings most duty.

use super::Stop;
use super::base::{Base, Foreign};
use super::equilibrium::flat;
use super::real::{div, mul, sub};
use super::root::{peak, root};
use crate::money::{ArithmeticError, RoundingMode};
use crate::scenario::Shape;
use rust_decimal::Decimal;

/// Rates above this are not looked at: ten times the price.
const HIGHEST: Decimal = Decimal::TEN;
/// Places that the rates found are rounded to: peaks are found no better.
const PLACES: u32 = 8;

/// Rates that are best for somebody, of a duty of one rate on everything in the market.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Best {
    /// The rate at which the importing country gains most: `1/ε*`, nothing where the country is small; `None` where it is
    /// above ten times the price.
    pub national: Option<Decimal>,
    /// The rate that brings most duty, and that duty; `None` where duty still rises at ten times the price.
    pub revenue: Option<(Decimal, Decimal)>,
}

/// Finds both; where one is not found, the market still has an answer.
pub fn best(base: &Base) -> Best {
    Best { national: national(base).ok(), revenue: revenue(base).ok().flatten() }
}

/// At the best rate the duty is what the last unit brings down of the price of all others: `t = 1/ε` at the point there.
/// On a straight line ε is not the same everywhere.
fn national(base: &Base) -> Result<Decimal, Stop> {
    let (Foreign::Rising(elasticity), Some(abroad)) = (base.foreign, base.abroad()) else {
        return Ok(Decimal::ZERO);
    };
    if base.demand.shape == Shape::ConstantElasticity {
        return Ok(div(Decimal::ONE, elasticity)?);
    }
    let mut gap = |rate: Decimal| {
        let point = flat(base, rate).map_err(|stop| match stop {
            Stop::Arithmetic(error) => error,
            Stop::NoSolution => ArithmeticError::Overflow,
        })?;
        // On a line ε is its slope times the price by the quantity.
        let sold = abroad.at(point.world)?;
        sub(mul(mul(rate, elasticity)?, mul(point.world, abroad.quantity)?)?, sold)
    };
    let found = root(Decimal::ZERO, HIGHEST, &mut gap)?;
    Ok(RoundingMode::HalfUp.places(found, PLACES).normalize())
}

fn revenue(base: &Base) -> Result<Option<(Decimal, Decimal)>, Stop> {
    let mut duty = |rate: Decimal| {
        flat(base, rate).map(|point| point.duty).map_err(|stop| match stop {
            Stop::Arithmetic(error) => error,
            Stop::NoSolution => ArithmeticError::Overflow,
        })
    };
    // A peak may be a spike near nothing on so wide a range: the highest of some rates first.
    let marks: Vec<Decimal> = (0..=40_i64).map(|at| Decimal::new(at * at * 625, 5)).collect();
    let mut highest = (0, Decimal::ZERO);
    for (at, mark) in marks.iter().enumerate() {
        let here = duty(*mark)?;
        if here > highest.1 {
            highest = (at, here);
        }
    }
    if highest.0 == 0 || highest.0 + 1 == marks.len() {
        return Ok(None);
    }
    let found = peak(marks[highest.0 - 1], marks[highest.0 + 1], &mut duty)?;
    let rate = RoundingMode::HalfUp.places(found, PLACES).normalize();
    Ok(Some((rate, duty(rate)?)))
}
