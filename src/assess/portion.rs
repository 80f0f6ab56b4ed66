//! Portions: the parts of a flow's trade that make the same claims.
//!
//! A flow that says what it claims is one portion. Otherwise the utilisation of each claim divides the
//! trade: preference claims exclude one another, exemptions are independent of them and of each other.

use super::facts::Facts;
use super::in_force;
use super::stop::Stop;
use super::worksheet::Portion;
use crate::expr::{Value, eval};
use crate::money;
use crate::scenario::MeasureType;
use rust_decimal::Decimal;

/// More portions than this say that something is wrong with the scenario.
pub(super) const MOST: usize = 1024;

/// A claim that could be made on a flow.
struct Claim {
    name: String,
    is_preference: bool,
    utilisation: Decimal,
}

/// Divides the trade of a flow.
pub(super) fn portions(facts: &Facts<'_>) -> Result<Vec<Portion>, Stop> {
    let whole = |claims: Vec<String>| vec![Portion { weight: Decimal::ONE, claims, quotas: Vec::new() }];
    if !facts.cell.members.iter().any(|m| m.kind.is_claimed()) {
        return Ok(whole(Vec::new()));
    }
    let claims = claims(facts)?;
    let preferences: Vec<&Claim> = claims.iter().filter(|c| c.is_preference).collect();
    let claimed = money::sum(preferences.iter().map(|c| c.utilisation))?;
    if claimed > Decimal::ONE {
        let names: Vec<&str> =
            preferences.iter().filter(|c| !c.utilisation.is_zero()).map(|c| c.name.as_str()).collect();
        return Err(Stop::NotComputable(if facts.flow.claims.is_some() {
            format!("it claims more than one preference: {}", names.join(", "))
        } else {
            format!("the utilisations of {} come to more than 1", names.join(", "))
        }));
    }
    let mut portions = whole(Vec::new());
    portions = split_by_preference(&portions[0], &preferences, claimed)?;
    for claim in claims.iter().filter(|c| !c.is_preference) {
        portions = split_by_exemption(portions, claim)?;
        if portions.len() > MOST {
            return Err(Stop::NotComputable(format!("its claims divide it into more than {MOST} portions")));
        }
    }
    Ok(portions)
}

/// The claims that fit a flow, each with the part of the trade that makes it.
fn claims(facts: &Facts<'_>) -> Result<Vec<Claim>, Stop> {
    let mut claims: Vec<Claim> = Vec::new();
    for member in facts.cell.members.iter().filter(|m| m.kind.is_claimed()) {
        if !in_force::holds(member, facts)? {
            continue;
        }
        let utilisation = match (&facts.flow.claims, &member.utilisation) {
            (Some(own), _) => Decimal::from(u8::from(own.contains(&member.claim))),
            (None, None) => Decimal::ONE,
            (None, Some(formula)) => {
                let value = eval(formula, facts).map_err(|m| in_force::missing(member, facts, &m))?;
                match value {
                    Value::Number(part) if part >= Decimal::ZERO && part <= Decimal::ONE => part,
                    other => {
                        let id = in_force::id(member, facts);
                        return Err(Stop::NotComputable(format!(
                            "the utilisation of {id} is {other}, outside 0 to 1"
                        )));
                    }
                }
            }
        };
        let is_preference = member.kind == MeasureType::Preference;
        match claims.iter_mut().find(|c| c.name == member.claim) {
            Some(known) if known.utilisation != utilisation => {
                let message = format!("measures of the claim {} differ in their utilisation", known.name);
                return Err(Stop::NotComputable(message));
            }
            Some(known) => known.is_preference |= is_preference,
            None => claims.push(Claim { name: member.claim.clone(), is_preference, utilisation }),
        }
    }
    claims.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(claims)
}

fn split_by_preference(
    whole: &Portion,
    preferences: &[&Claim],
    claimed: Decimal,
) -> Result<Vec<Portion>, Stop> {
    let mut portions = Vec::with_capacity(preferences.len() + 1);
    for claim in preferences {
        if !claim.utilisation.is_zero() {
            portions.push(Portion {
                weight: claim.utilisation,
                claims: vec![claim.name.clone()],
                quotas: Vec::new(),
            });
        }
    }
    let rest = money::sub(Decimal::ONE, claimed)?;
    if !rest.is_zero() {
        portions.push(Portion { weight: rest, ..whole.clone() });
    }
    Ok(portions)
}

fn split_by_exemption(portions: Vec<Portion>, claim: &Claim) -> Result<Vec<Portion>, Stop> {
    let mut split = Vec::with_capacity(portions.len() * 2);
    let rest = money::sub(Decimal::ONE, claim.utilisation)?;
    for portion in portions {
        if !claim.utilisation.is_zero() {
            let mut claims = portion.claims.clone();
            claims.push(claim.name.clone());
            claims.sort();
            split.push(Portion {
                weight: money::mul(portion.weight, claim.utilisation)?,
                claims,
                quotas: Vec::new(),
            });
        }
        if !rest.is_zero() {
            split.push(Portion { weight: money::mul(portion.weight, rest)?, ..portion });
        }
    }
    Ok(split)
}
