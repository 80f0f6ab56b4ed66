//! A quota as a step in the price: up to its volume one rate, beyond it another. Three things may bind.

use super::Stop;
use super::base::Base;
use super::equilibrium::{Point, at, flat, sold_at};
use super::law::Tier;
use super::real::{add, mul, sub};
use super::root::root;
use rust_decimal::Decimal;

/// What sets the price under a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Regime {
    /// The rate within it: there is room left.
    Inside,
    /// Its volume: buyers would want more at the rate within, and nothing at the rate beyond.
    Volume,
    /// The rate beyond it: trade goes on past the volume.
    Outside,
}

/// The market under a quota.
pub fn tiered(base: &Base, tier: &Tier) -> Result<(Point, Regime), Stop> {
    let inside = flat(base, tier.inside)?;
    if inside.imports <= tier.room {
        return Ok((inside, Regime::Inside));
    }
    let outside = flat(base, tier.outside)?;
    if outside.imports > tier.room {
        return Ok((beyond(&outside, tier)?, Regime::Outside));
    }
    let mut short = |price: Decimal| sub(base.wanted(price)?, tier.room);
    let price = root(inside.price, outside.price, &mut short)?;
    let world = sold_at(base, tier.room)?;
    let duty = mul(mul(world, tier.inside)?, tier.room)?;
    let gross = mul(sub(price, world)?, tier.room)?;
    let mut point = at(base, world, price, duty, sub(gross, duty)?)?;
    // The volume itself, whatever the last digit of the price.
    point.imports = tier.room;
    Ok((point, Regime::Volume))
}

/// What is admitted pays the rate within, and sells at the price that the rate beyond makes.
fn beyond(outside: &Point, tier: &Tier) -> Result<Point, Stop> {
    let saved = mul(mul(outside.world, sub(tier.outside, tier.inside)?)?, tier.room)?;
    Ok(Point { duty: sub(outside.duty, saved)?, rent: saved, ..*outside })
}

/// The market before under a quota, which is as it is seen: the price follows from whether the trade fits into it.
pub fn price_before(tier: &Tier, imports: Decimal) -> Result<(Decimal, Regime), Stop> {
    let fits = imports <= tier.room;
    let (rate, regime) = if fits { (tier.inside, Regime::Inside) } else { (tier.outside, Regime::Outside) };
    Ok((add(Decimal::ONE, rate)?, regime))
}

/// Duty and rent before, under a quota.
pub fn before(tier: &Tier, imports: Decimal, regime: Regime) -> Result<(Decimal, Decimal), Stop> {
    if regime == Regime::Inside {
        return Ok((mul(tier.inside, imports)?, Decimal::ZERO));
    }
    let over = sub(imports, tier.room)?;
    let duty = add(mul(tier.inside, tier.room)?, mul(tier.outside, over)?)?;
    Ok((duty, mul(sub(tier.outside, tier.inside)?, tier.room)?))
}
