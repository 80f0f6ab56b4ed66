//! Imports from several origins that are like one another and not the same (Armington): buyers take more from where the
//! price rises less.
//!
//! What is imported in all follows from a price index with constant elasticity of substitution; how it is divided, from
//! each origin's price against the others. What moves between origins while imports in all stay what they were is
//! diversion; what the change in the index then adds is creation. The first is the formula of SMART with a constant
//! elasticity in place of its first-order one: so it sums to nothing, and is nothing where goods cannot stand in for one
//! another.

use super::Stop;
use super::base::{Base, Foreign};
use super::equilibrium::{Point, flat};
use super::law::Origin;
use super::power::{exponential, logarithm, power};
use super::real::{add, div, mul, sub, sum};
use super::root::root;
use crate::money::{Exact, negative};
use rust_decimal::Decimal;

/// An origin under duty, before and after. Quantities are in money at its world price before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplier {
    /// The country.
    pub name: String,
    /// What it sells, before and after.
    pub sold: [Decimal; 2],
    /// Its rate of duty, before and after.
    pub rate: [Decimal; 2],
    /// What its sellers get after, in parts of what they got before.
    pub world: Decimal,
    /// What is sold more or less because all imports cost less or more.
    pub creation: Decimal,
    /// What is taken from other origins, or lost to them.
    pub diversion: Decimal,
}

/// A market of several origins at rest: the whole as one point, whose price is the index, and each origin.
#[derive(Debug, Clone)]
pub struct Divided {
    /// The whole. Its world price is the mean of what sellers get.
    pub point: Point,
    /// The origins.
    pub suppliers: Vec<Supplier>,
}

/// One origin's part in the index.
struct Part {
    /// Of what buyers spend before.
    share: Decimal,
    /// The duty after by the duty before, each with the price it is on.
    wedge: Decimal,
}

/// Whether the price to buyers changes alike for all origins, so that they may be taken as one good.
pub fn alike(origins: &[Origin]) -> Result<bool, Stop> {
    let mut wedges = Vec::with_capacity(origins.len());
    for origin in origins {
        wedges.push(div(add(origin.value, origin.duty[1])?, add(origin.value, origin.duty[0])?)?);
    }
    let (least, most) = (wedges.iter().min(), wedges.iter().max());
    let apart = least.zip(most).map_or(Ok(Decimal::ZERO), |(least, most)| sub(*most, *least))?;
    Ok(apart <= Decimal::new(1, 12))
}

/// The market under the duties after.
pub fn divided(base: &Base, origins: &[Origin], substitution: Decimal) -> Result<Divided, Stop> {
    let parts = parts(base, origins)?;
    let world_and_index = |index: Decimal| suppliers_at(base, &parts, substitution, index);
    let index = match base.foreign {
        Foreign::Infinite => world_and_index(Decimal::ONE)?.1,
        Foreign::Rising(_) => {
            let mut gap = |index: Decimal| {
                let (_, made) = suppliers_at(base, &parts, substitution, index)?;
                sub(made, index)
            };
            let lowest = parts.iter().map(|part| part.wedge).min().unwrap_or(Decimal::ONE);
            let highest = parts.iter().map(|part| part.wedge).max().unwrap_or(Decimal::ONE);
            // World prices move against the duty, and by less than it.
            let (low, high) = (lowest.min(Decimal::ONE), highest.max(Decimal::ONE));
            let low = mul(low, Decimal::new(999, 3))?;
            root(low, mul(high, Decimal::new(1001, 3))?, &mut gap)?
        }
    };
    let price = mul(base.price, index)?;
    let whole = base.wanted(price)?;
    if whole <= Decimal::ZERO {
        return nothing_left(base, origins, index);
    }
    let (worlds, _) = world_and_index(index)?;
    let scale = div(whole, base.imports)?;
    let mut suppliers = Vec::with_capacity(origins.len());
    let weights = weights(&parts, &worlds, substitution)?;
    let spread = mul(scale, if substitution.is_zero() { Decimal::ONE } else { power(index, substitution)? })?;
    let weighted = origins.iter().zip(&weights).map(|(origin, weight)| mul(origin.value, *weight));
    let all = sum(weighted.collect::<Result<Vec<_>, _>>()?)?;
    for ((origin, weight), world) in origins.iter().zip(&weights).zip(&worlds) {
        let after = mul(mul(origin.value, *weight)?, spread)?;
        let alone = div(mul(mul(origin.value, *weight)?, base.imports)?, all)?;
        let diversion = sub(alone, origin.value)?;
        suppliers.push(Supplier {
            name: origin.name.clone(),
            sold: [origin.value, after],
            rate: [div(origin.duty[0], origin.value)?, div(origin.duty[1], origin.value)?],
            world: *world,
            creation: sub(sub(after, origin.value)?, diversion)?,
            diversion,
        });
    }
    let point = whole_of(base, price, &suppliers)?;
    Ok(Divided { point, suppliers })
}

/// The whole market, from what each origin sells.
fn whole_of(base: &Base, price: Decimal, suppliers: &[Supplier]) -> Result<Point, Stop> {
    let mut duty = Decimal::ZERO;
    let mut paid = Decimal::ZERO;
    for supplier in suppliers {
        let received = mul(supplier.world, supplier.sold[1])?;
        paid = add(paid, received)?;
        duty = add(duty, mul(received, supplier.rate[1])?)?;
    }
    let imports = sum(suppliers.iter().map(|supplier| supplier.sold[1]))?;
    Ok(Point {
        world: div(paid, imports)?,
        price,
        consumption: base.demand.at(price)?,
        output: base.made(price)?,
        imports,
        duty,
        rent: Decimal::ZERO,
    })
}

/// Where even the index keeps all imports out, nobody sells anything.
fn nothing_left(base: &Base, origins: &[Origin], index: Decimal) -> Result<Divided, Stop> {
    let rate = sub(mul(base.price, index)?, Decimal::ONE)?;
    let mut suppliers = Vec::with_capacity(origins.len());
    for origin in origins {
        suppliers.push(Supplier {
            name: origin.name.clone(),
            sold: [origin.value, Decimal::ZERO],
            rate: [div(origin.duty[0], origin.value)?, div(origin.duty[1], origin.value)?],
            world: Decimal::ONE,
            creation: negative(origin.value),
            diversion: Decimal::ZERO,
        });
    }
    Ok(Divided { point: flat(base, rate)?, suppliers })
}

fn parts(base: &Base, origins: &[Origin]) -> Result<Vec<Part>, Stop> {
    let spent = mul(base.imports, base.price)?;
    let part = |origin: &Origin| {
        let before = add(origin.value, origin.duty[0])?;
        let wedge = div(add(origin.value, origin.duty[1])?, before)?;
        Ok(Part { share: div(before, spent)?, wedge })
    };
    origins.iter().map(part).collect()
}

/// What each origin's sellers get where the index stands at a value, and the index that their prices make.
fn suppliers_at(
    base: &Base,
    parts: &[Part],
    substitution: Decimal,
    index: Decimal,
) -> Result<(Vec<Decimal>, Decimal), crate::money::ArithmeticError> {
    let worlds: Vec<Decimal> = match base.foreign {
        Foreign::Infinite => vec![Decimal::ONE; parts.len()],
        Foreign::Rising(supply) => {
            let wanted = base.wanted(mul(base.price, index)?)?.max(Decimal::ZERO);
            let scale = div(wanted, base.imports)?;
            let order = div(Decimal::ONE, add(supply, substitution)?)?;
            let world = |part: &Part| {
                if scale.is_zero() {
                    return Ok(Decimal::ZERO);
                }
                // What is wanted at world price w is scale × (w × wedge / index)^-σ, and what is sold is w^ε.
                let against = power(div(index, part.wedge)?, substitution)?;
                power(mul(scale, against)?, order)
            };
            parts.iter().map(world).collect::<Result<_, _>>()?
        }
    };
    let made = index_of(parts, &worlds, substitution)?;
    Ok((worlds, made))
}

/// The index: with constant elasticity of substitution, 1 before.
fn index_of(parts: &[Part], worlds: &[Decimal], substitution: Decimal) -> Exact {
    let order = sub(Decimal::ONE, substitution)?;
    let price = |(part, world): (&Part, &Decimal)| mul(part.wedge, *world);
    if order.is_zero() {
        let logs = parts.iter().zip(worlds).map(|pair| mul(pair.0.share, logarithm(price(pair)?)?));
        return exponential(sum(logs.collect::<Result<Vec<_>, _>>()?)?);
    }
    let powers = parts.iter().zip(worlds).map(|pair| {
        let price = price(pair)?;
        if price.is_zero() {
            return Ok(Decimal::ZERO);
        }
        mul(pair.0.share, power(price, order)?)
    });
    let mean = sum(powers.collect::<Result<Vec<_>, _>>()?)?;
    if mean.is_zero() {
        return Ok(Decimal::ZERO);
    }
    power(mean, div(Decimal::ONE, order)?)
}

/// How much of each origin is taken against the others, at prices to buyers that change as they do.
fn weights(parts: &[Part], worlds: &[Decimal], substitution: Decimal) -> Result<Vec<Decimal>, Stop> {
    let weight = |(part, world): (&Part, &Decimal)| {
        if substitution.is_zero() {
            return Ok(Decimal::ONE);
        }
        Ok(power(mul(part.wedge, *world)?, negative(substitution))?)
    };
    parts.iter().zip(worlds).map(weight).collect()
}

/// What sellers abroad have beyond what they would sell for, before and after.
pub fn sellers(base: &Base, suppliers: &[Supplier]) -> Result<[Decimal; 2], Stop> {
    let Foreign::Rising(elasticity) = base.foreign else { return Ok([Decimal::ZERO; 2]) };
    let order = add(Decimal::ONE, elasticity)?;
    let mut all = [Decimal::ZERO; 2];
    for supplier in suppliers {
        all[0] = add(all[0], div(supplier.sold[0], order)?)?;
        all[1] = add(all[1], div(mul(supplier.world, supplier.sold[1])?, order)?)?;
    }
    Ok(all)
}
