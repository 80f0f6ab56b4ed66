//! What law charges on the trade of each market, before and after, and where a quota divides it.

use super::overflow;
use crate::assess::{Part, Plan, Run, Worksheet, assess};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::{Quantity, Value};
use crate::money::{self, ArithmeticError, add, div};
use crate::scenario::{Formula, Market, Scenario};
use crate::units::Unit;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The trade of one market under law.
#[derive(Debug, Clone, Default)]
pub struct Law {
    /// Customs value.
    pub value: Decimal,
    /// Duty before and after, on trade as it is.
    pub duty: [Decimal; 2],
    /// The same by origin, in alphabetical order.
    pub origins: Vec<Origin>,
    /// Where a quota sets the price, before and after.
    pub tiers: [Option<Tier>; 2],
    /// Whether quotas admit some of it in a way that no single step describes.
    pub mixed_quotas: bool,
    /// Whether some duty is by weight or number, or a lump sum.
    pub specific: bool,
    /// The day on which the first of it enters.
    pub day: Option<Date>,
}

/// The trade of one origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The country, as the first flow wrote it.
    pub name: String,
    /// Customs value.
    pub value: Decimal,
    /// Duty before and after, on trade as it is.
    pub duty: [Decimal; 2],
}

/// Two rates: one up to a volume, one beyond it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// The quota.
    pub quota: String,
    /// The rate on what is admitted.
    pub inside: Decimal,
    /// The rate beyond.
    pub outside: Decimal,
    /// How much is admitted, in money at world prices before.
    pub room: Decimal,
}

/// Flows sorted into markets.
pub struct Sorted {
    /// In the order of the scenario's markets.
    pub markets: Vec<Law>,
    /// Flows in none.
    pub left_out: Part,
    /// The duty after of those.
    pub left_out_duty: Decimal,
    /// Flows without a duty to state.
    pub not_computable: Part,
}

/// Sorts flows into markets: each belongs to the first that holds its goods.
pub fn sorted(before: Option<&Run>, after: &Run) -> Result<Sorted, Diagnostics> {
    let scenario = after.scenario();
    let mut places: Vec<Vec<usize>> = vec![Vec::new(); scenario.markets.len()];
    let (mut left_out, mut left_out_duty, mut not_computable) =
        (Part::default(), Decimal::ZERO, Part::default());
    for (at, sheet) in after.sheets.iter().enumerate() {
        let stated = before.is_none_or(|run| run.sheets.get(at).is_some_and(Worksheet::computable));
        let part = if !sheet.computable() || !stated {
            &mut not_computable
        } else if let Some(market) = market_of(scenario, after, at) {
            places[market].push(at);
            continue;
        } else {
            left_out_duty = add(left_out_duty, sheet.duty).map_err(overflow)?;
            &mut left_out
        };
        part.flows += 1;
        part.value = add(part.value, sheet.customs_value).map_err(overflow)?;
    }
    let mut markets = Vec::with_capacity(places.len());
    for (market, places) in scenario.markets.iter().zip(&places) {
        one_importer(market, after, places)?;
        markets.push(law(before, after, places)?);
    }
    Ok(Sorted { markets, left_out, left_out_duty, not_computable })
}

fn market_of(scenario: &Scenario, run: &Run, at: usize) -> Option<usize> {
    let flow = &run.flows.rows[at];
    let holds = |market: &Market| match market.group.map(|group| scenario.products.get(group)) {
        Some(group) => group.is_some_and(|group| group.set.contains(flow.product, flow.date)),
        None => true,
    };
    scenario.markets.iter().position(holds)
}

/// A market is that of one country.
fn one_importer(market: &Market, run: &Run, places: &[usize]) -> Result<(), Diagnostics> {
    let mut importers = places.iter().map(|at| &run.flows.rows[*at].importer);
    let Some(first) = importers.next() else { return Ok(()) };
    let Some(other) = importers.find(|importer| importer.value != first.value) else { return Ok(()) };
    let (first, other) = (first.value.name(), other.value.name());
    let message = format!("the market `{}` has buyers in {first} and in {other}", market.name);
    Err(Diagnostic::at(Code::BadMarket, market.span, message)
        .help("a market is that of one country: give each country's imports a group of goods, or a file, of its own")
        .into())
}

fn law(before: Option<&Run>, after: &Run, places: &[usize]) -> Result<Law, Diagnostics> {
    let mut law = Law::default();
    let mut origins: BTreeMap<String, Origin> = BTreeMap::new();
    for at in places {
        let sheet = &after.sheets[*at];
        law.day = Some(law.day.map_or(after.flows.rows[*at].date, |day| day.min(after.flows.rows[*at].date)));
        let earlier = before.map_or(Decimal::ZERO, |run| run.sheets[*at].duty);
        let flow = &after.flows.rows[*at];
        let origin = origins.entry(flow.origin.value.name()).or_insert_with(|| Origin {
            name: flow.origin.text.clone(),
            value: Decimal::ZERO,
            duty: [Decimal::ZERO; 2],
        });
        let runs = std::iter::once(after).chain(before);
        law.specific |= runs.into_iter().any(|run| {
            let mut charges = run.sheets[*at].charges.iter();
            charges.any(|charge| !charge.amount.is_zero() && charge.is_specific(run.scenario()))
        });
        let duty = [earlier, sheet.duty];
        enter(&mut law.value, &mut law.duty, sheet.customs_value, duty).map_err(overflow)?;
        enter(&mut origin.value, &mut origin.duty, sheet.customs_value, duty).map_err(overflow)?;
    }
    law.origins = origins.into_values().filter(|origin| !origin.value.is_zero()).collect();
    let sides = [before, Some(after)];
    for (side, run) in sides.into_iter().enumerate() {
        let Some(run) = run else { continue };
        match step(run, places, law.value)? {
            Step::None => {}
            Step::Mixed => law.mixed_quotas = true,
            Step::One(tier) => law.tiers[side] = Some(tier),
        }
    }
    Ok(law)
}

/// Adds a flow to sums.
fn enter(
    sum: &mut Decimal,
    duties: &mut [Decimal; 2],
    value: Decimal,
    duty: [Decimal; 2],
) -> Result<(), ArithmeticError> {
    *sum = add(*sum, value)?;
    for (sum, duty) in duties.iter_mut().zip(duty) {
        *sum = add(*sum, duty)?;
    }
    Ok(())
}

/// What quotas make of the price.
enum Step {
    None,
    Mixed,
    One(Tier),
}

/// One quota that all of the trade asks for is a step in its price; anything else is taken as the flows draw it.
fn step(run: &Run, places: &[usize], value: Decimal) -> Result<Step, Diagnostics> {
    let scenario = run.scenario();
    let parts = || places.iter().flat_map(|at| &run.sheets[*at].portions);
    let quotas: BTreeSet<usize> = parts().flat_map(|part| &part.quotas).map(|part| part.quota).collect();
    let Some(quota) = quotas.first().copied() else { return Ok(Step::None) };
    let asks = |at: &usize| {
        let portions = &run.sheets[*at].portions;
        !portions.is_empty() && portions.iter().all(|portion| portion.quotas.len() == 1)
    };
    let mut statements = run.quotas.iter().filter(|statement| statement.ledger == quota).peekable();
    let unit = statements.peek().map(|statement| statement.unit.to_string());
    if quotas.len() > 1 || !places.iter().all(asks) {
        return Ok(Step::Mixed);
    }
    let asked = places.iter().filter_map(|at| Some(run.sheets[*at].portions.first()?.quotas.first()?.of));
    let asked = money::sum(asked).map_err(overflow)?;
    let opening = money::sum(statements.map(|statement| statement.opening)).map_err(overflow)?;
    let room = money::mul(opening, value).and_then(|all| div(all, asked));
    let Ok(room) = room else { return Ok(Step::Mixed) };
    let rate = |amount: Decimal| rate_with(run, places, quota, unit.as_deref(), amount);
    // More than any trade asks for, and nothing.
    let (inside, outside) = (rate(Decimal::from(1_000_000_000_000_000_i64))?, rate(Decimal::ZERO)?);
    Ok(Step::One(Tier { quota: scenario.quotas[quota].ledger.id.clone(), inside, outside, room }))
}

/// Duty by value of some flows, were the quota to open with an amount.
fn rate_with(
    run: &Run,
    places: &[usize],
    quota: usize,
    unit: Option<&str>,
    amount: Decimal,
) -> Result<Decimal, Diagnostics> {
    let mut scenario = run.scenario().clone();
    let ledger = &mut scenario.quotas[quota].ledger;
    let opening = match unit.and_then(Unit::from_name) {
        Some(unit) => Value::Quantity(Quantity { amount, unit }),
        None => Value::Money(amount),
    };
    ledger.opening = Formula::made(String::new(), opening, ledger.opening.span);
    ledger.pro_rate_first = false;
    ledger.carry = None;
    let plan = Plan::compile(scenario);
    let (assessed, _) = assess(&plan, &run.flows)?;
    let sheets = || places.iter().map(|at| &assessed.sheets[*at]);
    let duty = money::sum(sheets().map(|sheet| sheet.duty)).map_err(overflow)?;
    let value = money::sum(sheets().map(|sheet| sheet.customs_value)).map_err(overflow)?;
    div(duty, value).map_err(overflow)
}
