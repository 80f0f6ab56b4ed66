//! Step 2, its second half: which part of the day's trade quotas admit.
//!
//! Flows of one day are admitted together, quota by quota in alphabetical order, each from what those before it left.

use super::Open;
use super::facts::Facts;
use super::in_force;
use super::ledger::{Books, Holder, Measured, kept};
use super::plan::Draw;
use super::portion::MOST;
use super::stop::Stop;
use super::worksheet::{Portion, QuotaPart};
use crate::date::Date;
use crate::expr::{Context, Fact, Missing, Value, condition};
use crate::money;
use crate::scenario::{Allocation, MeasureType};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a flow is admitted.
#[derive(Debug, Clone, Copy)]
struct Admitted {
    amount: Decimal,
    /// Whether anything was left; what is admitted of nothing rests on it.
    is_open: bool,
}

/// A flow that asks to be admitted.
struct Demand {
    /// The flow, as a place in the day's list.
    at: usize,
    /// The pool it draws on.
    holder: Holder,
    /// Its portions to which the quota applies.
    portions: Vec<usize>,
    /// How much they are, in what the pool is counted in.
    amount: Decimal,
    measured: Measured,
    unit: Arc<str>,
}

/// Admits the flows of one day. What a flow lacks makes it not computable.
pub(super) fn admit(books: &mut Books<'_>, day: Date, flows: &mut [Open<'_>]) {
    // A flow that lacks what one quota asks for draws on none.
    for at in 0..books.quotas.len() {
        for (place, open) in flows.iter_mut().enumerate() {
            if let Err(stop) = demand(books, at, day, place, open) {
                open.stop(stop);
            }
        }
    }
    for at in 0..books.quotas.len() {
        let mut demands = Vec::new();
        for (place, open) in flows.iter_mut().enumerate() {
            match demand(books, at, day, place, open) {
                Ok(demand) => demands.extend(demand),
                Err(stop) => open.stop(stop),
            }
        }
        let quota = &books.scenario.quotas[books.quotas[at].place];
        let admitted = match quota.allocation {
            Allocation::FirstCome => first_come(books, at, day, &demands),
            Allocation::ProRata => pro_rata(books, at, day, &demands),
        };
        for (demand, admitted) in demands.iter().zip(admitted) {
            let open = &mut flows[demand.at];
            if let Err(stop) =
                admitted.and_then(|admitted| divide(open, books.quotas[at].place, demand, admitted))
            {
                open.stop(stop);
            }
        }
    }
}

/// What a flow asks of a quota; `None` where the quota is not for it.
fn demand(
    books: &mut Books<'_>,
    at: usize,
    day: Date,
    place: usize,
    open: &Open<'_>,
) -> Result<Option<Demand>, Stop> {
    let account = &books.quotas[at];
    let Some(facts) = open.facts() else { return Ok(None) };
    let Some(draw) = facts.cell.quotas.iter().find(|draw| draw.ledger == account.place) else {
        return Ok(None);
    };
    let (claim, id) = (account.ledger.claim.as_deref(), account.ledger.id.as_str());
    let missing = |missing: Missing| Stop::NotComputable(format!("{id}: {missing}"));
    let mut portions = Vec::new();
    let mut weight = Decimal::ZERO;
    for (number, portion) in open.sheet.portions.iter().enumerate() {
        if applies(draw, claim, portion, &facts, &missing)? {
            portions.push(number);
            weight = money::add(weight, portion.weight)?;
        }
    }
    if portions.is_empty() {
        return Ok(None);
    }
    let holder = holder(account.ledger.by.as_ref(), &facts).map_err(missing)?;
    let measured = books.measured(at, &holder, day)?;
    let id = books.quotas[at].ledger.id.as_str();
    let (whole, unit): (Decimal, Arc<str>) = match measured {
        Measured::Money => (facts.customs_value, books.scenario.currency.as_str().into()),
        Measured::Unit(unit) => {
            let quantity = facts.quantity(Some(unit.kind())).map_err(|missing| {
                Stop::NotComputable(match missing {
                    Missing::Quantity(_) => format!("{id}: the flow has no quantity in {unit}"),
                    missing => format!("{id}: {missing}"),
                })
            })?;
            (quantity.unit.convert(quantity.amount, unit)?, unit.name().into())
        }
    };
    let amount = kept(money::mul(whole, weight)?, measured);
    Ok(Some(Demand { at: place, holder, portions, amount, measured, unit }))
}

/// The pool that a flow draws on.
pub(super) fn holder(by: Option<&Fact>, facts: &Facts<'_>) -> Result<Holder, Missing> {
    Ok(match by {
        None => Holder::All,
        Some(Fact::Attribute(name, _)) => Holder::Of(facts.attribute(name)?.to_owned()),
        Some(fact) => Holder::Of(match facts.fact(fact)? {
            Value::Text(text) => text.to_string(),
            other => other.to_string(),
        }),
    })
}

/// Whether a quota is for a portion: what it asks holds there, a measure of its own is in force, and no other quota has
/// admitted the portion to that.
fn applies(
    draw: &Draw,
    claim: Option<&str>,
    portion: &Portion,
    facts: &Facts<'_>,
    missing: &dyn Fn(Missing) -> Stop,
) -> Result<bool, Stop> {
    let own = facts;
    let facts = facts.claiming(&portion.claims);
    if claim.is_some_and(|claim| !facts.claims(claim)) {
        return Ok(false);
    }
    if let Some(when) = &draw.when
        && !condition(when, &facts).map_err(missing)?
    {
        return Ok(false);
    }
    let taken = |member: &usize| {
        let of = |part: &QuotaPart| facts.cell.quotas.iter().find(|other| other.ledger == part.quota);
        let admitting = portion.quotas.iter().filter(|part| part.admitted).filter_map(of);
        admitting.into_iter().any(|other| other.members.contains(member))
    };
    for at in draw.members.iter().filter(|at| !taken(at)) {
        let member = &facts.cell.members[*at];
        let in_force = if member.kind.is_claimed() {
            portion.claims.contains(&member.claim) && in_force::holds(member, own)?
        } else {
            in_force::holds(member, &facts)?
        };
        if in_force && (member.kind != MeasureType::Mfn || is_closest(*at, &facts)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether no other MFN measure in force names the goods more closely.
fn is_closest(at: usize, facts: &Facts<'_>) -> Result<bool, Stop> {
    let matched = facts.cell.members[at].matched;
    for other in facts.cell.members.iter().filter(|m| m.kind == MeasureType::Mfn && m.matched > matched) {
        if in_force::holds(other, facts)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What each is admitted, where the first in the file comes first.
fn first_come(
    books: &mut Books<'_>,
    at: usize,
    day: Date,
    demands: &[Demand],
) -> Vec<Result<Admitted, Stop>> {
    let mut admitted = Vec::with_capacity(demands.len());
    for demand in demands {
        admitted.push(books.quota(at, &demand.holder, day).and_then(|term| {
            let left = term.left()?;
            let taken = demand.amount.min(left);
            term.draw(taken, day)?;
            if demand.amount > left {
                term.run_out(day);
            }
            Ok(Admitted { amount: taken, is_open: !left.is_zero() })
        }));
    }
    admitted
}

/// What each is admitted, where all of a day share what is left in proportion to what they ask.
fn pro_rata(books: &mut Books<'_>, at: usize, day: Date, demands: &[Demand]) -> Vec<Result<Admitted, Stop>> {
    let mut asked: BTreeMap<Holder, Result<Decimal, Stop>> = BTreeMap::new();
    for demand in demands {
        let sum = asked.entry(demand.holder.clone()).or_insert(Ok(Decimal::ZERO));
        *sum = sum.clone().and_then(|sum| Ok(money::add(sum, demand.amount)?));
    }
    let mut left: BTreeMap<Holder, Result<Decimal, Stop>> = BTreeMap::new();
    for holder in asked.keys() {
        left.insert(holder.clone(), books.quota(at, holder, day).and_then(|term| term.left()));
    }
    let share = |demand: &Demand| {
        let (asked, left) = (asked[&demand.holder].clone()?, left[&demand.holder].clone()?);
        let is_open = !left.is_zero();
        if asked <= left {
            return Ok(Admitted { amount: demand.amount, is_open });
        }
        // Down, so that all shares together are never more than there is; what that leaves goes to nobody, and does
        // not depend on the order of the rows.
        let share = money::div(money::mul(left, demand.amount)?, asked)?;
        Ok(Admitted { amount: kept(share, demand.measured), is_open })
    };
    let admitted: Vec<Result<Admitted, Stop>> = demands.iter().map(share).collect();
    let mut drawn = Vec::with_capacity(demands.len());
    for (demand, share) in demands.iter().zip(admitted) {
        drawn.push(share.and_then(|share| {
            books.quota(at, &demand.holder, day)?.draw(share.amount, day)?;
            Ok(share)
        }));
    }
    for (holder, asked) in &asked {
        let short = match (asked, &left[holder]) {
            (Ok(asked), Ok(left)) => asked > left,
            _ => false,
        };
        if let (true, Ok(term)) = (short, books.quota(at, holder, day)) {
            term.run_out(day);
        }
    }
    drawn
}

/// Divides the portions of a flow into what is admitted and what is over.
fn divide(open: &mut Open<'_>, quota: usize, demand: &Demand, admitted: Admitted) -> Result<(), Stop> {
    let Admitted { amount: admitted, is_open } = admitted;
    let over = money::sub(demand.amount, admitted)?;
    let part = |is_admitted: bool| QuotaPart {
        quota,
        admitted: is_admitted,
        amount: if is_admitted { admitted } else { over },
        of: demand.amount,
        unit: Arc::clone(&demand.unit),
    };
    let mut portions = Vec::with_capacity(open.sheet.portions.len() + demand.portions.len());
    for (number, portion) in open.sheet.portions.iter().enumerate() {
        if !demand.portions.contains(&number) {
            portions.push(portion.clone());
            continue;
        }
        let mut push = |weight: Decimal, is_admitted: bool| {
            let mut divided = Portion { weight, ..portion.clone() };
            divided.quotas.push(part(is_admitted));
            portions.push(divided);
        };
        if over.is_zero() || admitted.is_zero() {
            push(portion.weight, over.is_zero() && (is_open || !admitted.is_zero()));
            continue;
        }
        let within = money::div(money::mul(portion.weight, admitted)?, demand.amount)?;
        push(within, true);
        push(money::sub(portion.weight, within)?, false);
    }
    if portions.len() > MOST {
        let message = format!("its quotas divide it into more than {MOST} portions");
        return Err(Stop::NotComputable(message));
    }
    open.sheet.portions = portions;
    Ok(())
}
