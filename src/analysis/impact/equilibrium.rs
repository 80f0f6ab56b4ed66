//! Where a market of one good clears under a duty: the price to buyers is the world price and the duty on it.

use super::Stop;
use super::base::Base;
use super::real::{add, div, mul, sub};
use super::root::root;
use crate::money::Exact;
use rust_decimal::Decimal;

/// A market of one good at rest. Quantities are in money at world prices before, prices in parts of those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// What sellers abroad get.
    pub world: Decimal,
    /// What buyers pay.
    pub price: Decimal,
    /// What is bought.
    pub consumption: Decimal,
    /// What is made at home.
    pub output: Decimal,
    /// What is imported.
    pub imports: Decimal,
    /// Duty collected.
    pub duty: Decimal,
    /// The rent of a quota.
    pub rent: Decimal,
}

/// How often a bracket is widened to hold a price that clears the market.
const WIDENINGS: usize = 60;

/// The market under a duty of one rate.
pub fn flat(base: &Base, rate: Decimal) -> Result<Point, Stop> {
    let wedge = add(Decimal::ONE, rate)?;
    let world = world_price(base, wedge)?;
    let price = mul(world, wedge)?;
    let imports = base.wanted(price)?;
    if imports <= Decimal::ZERO {
        return closed(base, world);
    }
    let duty = mul(mul(world, rate)?, imports)?;
    at(base, world, price, duty, Decimal::ZERO)
}

/// What is bought, made and imported at a price to buyers.
pub fn at(base: &Base, world: Decimal, price: Decimal, duty: Decimal, rent: Decimal) -> Result<Point, Stop> {
    let (consumption, output) = (base.demand.at(price)?, base.made(price)?);
    let imports = sub(consumption, output)?;
    Ok(Point { world, price, consumption, output, imports, duty, rent })
}

/// The world price at which what is wanted from abroad is what is sold there. It lies between the one before and the one
/// at which buyers would pay what they paid before.
fn world_price(base: &Base, wedge: Decimal) -> Result<Decimal, Stop> {
    let Some(abroad) = base.abroad() else { return Ok(Decimal::ONE) };
    // Steep supply grows beyond all numbers at a price a little higher: more than is ever wanted.
    let plenty = mul(base.demand.quantity, Decimal::from(1_000_000))?;
    let mut excess = |world: Decimal| {
        let sold = abroad.at(world).unwrap_or(plenty).min(plenty);
        sub(base.wanted(mul(world, wedge)?)?, sold)
    };
    root(Decimal::ONE, div(base.price, wedge)?, &mut excess)
}

/// The market where nothing is imported: a duty that keeps everything out.
fn closed(base: &Base, world: Decimal) -> Result<Point, Stop> {
    let price = match base.demand.end()? {
        // Without domestic output nothing is sold at all.
        Some(end) if base.supply.is_none() => end,
        _ => {
            let mut excess = |price: Decimal| base.wanted(price);
            let mut high = base.price;
            for _ in 0..WIDENINGS {
                high = mul(high, Decimal::TWO)?;
                if excess(high)? <= Decimal::ZERO {
                    break;
                }
            }
            root(div(base.price, Decimal::from(1_000))?, high, &mut excess)?
        }
    };
    let (consumption, output) = (base.demand.at(price)?, base.made(price)?);
    // The world price is what the last seller abroad would still get.
    let world = match base.abroad() {
        None => world,
        Some(abroad) => abroad.end()?.unwrap_or(Decimal::ZERO).max(Decimal::ZERO),
    };
    let nothing = Decimal::ZERO;
    Ok(Point { world, price, consumption, output, imports: nothing, duty: nothing, rent: nothing })
}

/// The world price at which sellers abroad sell an amount.
pub fn sold_at(base: &Base, imports: Decimal) -> Exact {
    let Some(abroad) = base.abroad() else { return Ok(Decimal::ONE) };
    let part = div(imports, abroad.quantity)?;
    match abroad.shape {
        crate::scenario::Shape::Linear => {
            let change = div(sub(part, Decimal::ONE)?, abroad.elasticity)?;
            Ok(add(Decimal::ONE, change)?.max(Decimal::ZERO))
        }
        crate::scenario::Shape::ConstantElasticity if part.is_zero() => Ok(Decimal::ZERO),
        crate::scenario::Shape::ConstantElasticity => {
            super::power::power(part, div(Decimal::ONE, abroad.elasticity)?)
        }
    }
}
