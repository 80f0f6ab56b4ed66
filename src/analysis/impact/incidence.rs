//! Who bears 100 of duty: the seller abroad through a lower price, the importer, or the consumer through a higher one.

use super::Stop;
use super::base::Base;
use super::equilibrium::Point;
use super::origins::Supplier;
use super::real::{add, div, mul, sub};
use crate::money::{ArithmeticError, Exact, RoundingMode};
use crate::scenario::Preset;
use rust_decimal::Decimal;

/// Places of each part of a hundred.
const PLACES: u32 = 1;

/// How 100 of duty is borne; the three parts sum to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incidence {
    /// By the seller abroad.
    pub exporter: Decimal,
    /// By the importer.
    pub importer: Decimal,
    /// By the consumer.
    pub consumer: Decimal,
}

/// How the change of duty on what still comes is borne; `None` where it pays neither more nor less.
pub fn incidence(
    base: &Base,
    before: &Point,
    after: &Point,
    suppliers: &[Supplier],
) -> Result<Option<Incidence>, Stop> {
    let (buyers, wedge) = if suppliers.is_empty() {
        let wedge = sub(sub(after.price, after.world)?, sub(before.price, before.world)?)?;
        (sub(after.price, before.price)?, wedge)
    } else {
        divided(suppliers)?
    };
    if wedge.is_zero() || after.imports.is_zero() {
        return Ok(None);
    }
    Ok(Some(Incidence::of(div(buyers, wedge)?, base.retail.0)?))
}

/// What buyers pay more and what duty rises by, over what is sold after.
fn divided(suppliers: &[Supplier]) -> Result<(Decimal, Decimal), Stop> {
    let (mut buyers, mut wedge) = (Decimal::ZERO, Decimal::ZERO);
    for supplier in suppliers {
        let price = |world: Decimal, rate: Decimal| mul(world, add(Decimal::ONE, rate)?);
        let rise = sub(price(supplier.world, supplier.rate[1])?, price(Decimal::ONE, supplier.rate[0])?)?;
        let duty = sub(mul(supplier.world, supplier.rate[1])?, supplier.rate[0])?;
        buyers = add(buyers, mul(supplier.sold[1], rise)?)?;
        wedge = add(wedge, mul(supplier.sold[1], duty)?)?;
    }
    Ok((buyers, wedge))
}

impl Incidence {
    /// From what shows in the price at the border, and what of that shows in retail prices.
    pub fn of(border: Decimal, retail: Decimal) -> Result<Incidence, ArithmeticError> {
        let of_hundred = |part: Decimal| -> Exact {
            Ok(RoundingMode::HalfUp.places(mul(part, Decimal::ONE_HUNDRED)?, PLACES))
        };
        let home = of_hundred(border)?;
        let consumer = RoundingMode::HalfUp.places(mul(home, retail)?, PLACES);
        let exporter = sub(Decimal::ONE_HUNDRED, home)?;
        Ok(Incidence { exporter, importer: sub(home, consumer)?, consumer })
    }

    /// As a study found it at the border.
    pub fn found(preset: &Preset, retail: Decimal) -> Result<Incidence, ArithmeticError> {
        Incidence::of(Decimal::new(preset.hundredths, 2), retail)
    }
}
