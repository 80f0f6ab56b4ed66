//! Scenarios side by side: what changes in law from a baseline, and what that comes to in money.

use super::impact::{Impact, impact, reason};
use super::law::{self, LawChange};
use crate::assess::{By, Group, Run, groups as groups_of};
use crate::money::{self, ArithmeticError};
use rust_decimal::Decimal;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Runs beside one another.
#[derive(Debug)]
pub struct Comparison {
    /// The runs, in the order they were asked for.
    pub runs: Vec<Run>,
    /// The run the others are held against, as a place among them.
    pub baseline: usize,
    /// Whether all ran on the baseline's flows, or each on its own.
    pub same_flows: bool,
    /// How each of the others differs, in their order.
    pub differences: Vec<Difference>,
}

/// How a run differs from the baseline. Every change is this run's amount less the baseline's.
#[derive(Debug)]
pub struct Difference {
    /// The run, as a place among them.
    pub run: usize,
    /// What changes in law.
    pub law: Vec<LawChange>,
    /// Change in the customs value of computable flows.
    pub value: Decimal,
    /// Change in duty.
    pub duty: Decimal,
    /// Change in landed cost.
    pub landed_cost: Decimal,
    /// Change in the effective rate, in percentage points; `None` where either has none.
    pub points: Option<Decimal>,
    /// Groups of flows, the largest change in duty first.
    pub groups: Vec<GroupChange>,
    /// Charges by measure and credit, the largest change first; those of duties sum to `duty` exactly.
    pub charges: Vec<ChargeChange>,
    /// What a model makes of the change, or why it has no answer; `None` where the run's scenario has no markets, or the
    /// flows are not the same.
    pub model: Option<Result<Impact, String>>,
}

/// How a group of flows differs.
#[derive(Debug)]
pub struct GroupChange {
    /// What they share.
    pub key: String,
    /// Under the baseline; `None` where it has no such flows.
    pub before: Option<Group>,
    /// Under the other.
    pub after: Option<Group>,
    /// Change in duty.
    pub duty: Decimal,
    /// Change in the effective rate, in percentage points.
    pub points: Option<Decimal>,
}

/// How the charges of a measure, or what a credit pays, differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeChange {
    /// The measure or credit.
    pub id: String,
    /// Whether it counts towards the duty.
    pub is_duty: bool,
    /// Under the baseline.
    pub before: Decimal,
    /// Under the other.
    pub after: Decimal,
    /// The change.
    pub change: Decimal,
}

impl Comparison {
    /// The runs that are held against the baseline, with how they differ.
    pub fn others(&self) -> impl Iterator<Item = (&Run, &Difference)> {
        self.differences.iter().map(|difference| (&self.runs[difference.run], difference))
    }

    /// The baseline.
    pub fn base(&self) -> &Run {
        &self.runs[self.baseline]
    }
}

impl Difference {
    /// Whether law and money are the same as under the baseline.
    pub fn is_none(&self) -> bool {
        let same = |group: &GroupChange| {
            let computable = |group: &Option<Group>| group.as_ref().map(|g| (g.computable, g.not_computable));
            group.duty.is_zero() && computable(&group.before) == computable(&group.after)
        };
        self.law.is_empty()
            && self.landed_cost.is_zero()
            && self.groups.iter().all(same)
            && self.charges.iter().all(|charge| charge.change.is_zero())
    }
}

/// Holds runs against one of them.
pub fn compare(mut runs: Vec<Run>, baseline: usize, same_flows: bool) -> Result<Comparison, ArithmeticError> {
    group_alike(&mut runs, baseline)?;
    let mut differences = Vec::with_capacity(runs.len());
    if let Some(base) = runs.get(baseline) {
        for (at, run) in runs.iter().enumerate().filter(|(at, _)| *at != baseline) {
            let mut difference = difference(base, run, at)?;
            if same_flows && !run.scenario().markets.is_empty() {
                difference.model = Some(impact(Some((base, &name(base))), run).map_err(reason));
            }
            differences.push(difference);
        }
    }
    Ok(Comparison { runs, baseline, same_flows, differences })
}

/// Goods stand in the baseline's groups under every scenario, so that a row is the same goods.
fn group_alike(runs: &mut [Run], baseline: usize) -> Result<(), ArithmeticError> {
    let Some(base) = runs.get(baseline) else { return Ok(()) };
    if !matches!(base.by, By::Group | By::Chapter) {
        return Ok(());
    }
    let by = base.by.clone();
    let mut grouped = Vec::with_capacity(runs.len());
    for run in runs.iter() {
        grouped.push(groups_of(base.scenario(), &run.flows, &run.sheets, &by)?);
    }
    for (run, groups) in runs.iter_mut().zip(grouped) {
        run.groups = groups;
        run.by = by.clone();
    }
    Ok(())
}

fn difference(base: &Run, run: &Run, at: usize) -> Result<Difference, ArithmeticError> {
    let (before, after) = (&base.totals, &run.totals);
    Ok(Difference {
        run: at,
        law: law::changes(base, run),
        value: money::sub(after.computable.value, before.computable.value)?,
        duty: money::sub(after.duty, before.duty)?,
        landed_cost: money::sub(after.landed_cost, before.landed_cost)?,
        points: law::points(before.effective_rate, after.effective_rate),
        groups: groups(base, run)?,
        charges: charges(base, run)?,
        model: None,
    })
}

/// A run's file and variant, as they are named on the command line.
fn name(run: &Run) -> String {
    let scenario = run.scenario();
    let variant = scenario.variant.as_ref().map(|variant| format!("#{}", variant.id)).unwrap_or_default();
    format!("{}{variant}", scenario.file)
}

fn groups(base: &Run, run: &Run) -> Result<Vec<GroupChange>, ArithmeticError> {
    let after: BTreeMap<&str, &Group> = run.groups.iter().map(|group| (group.key.as_str(), group)).collect();
    let known: BTreeSet<&str> = base.groups.iter().map(|group| group.key.as_str()).collect();
    let new = run.groups.iter().filter(|group| !known.contains(group.key.as_str()));
    let pairs = base.groups.iter().map(|group| (Some(group), after.get(group.key.as_str()).copied()));
    let mut changes = Vec::with_capacity(base.groups.len());
    for (before, after) in pairs.chain(new.map(|group| (None, Some(group)))) {
        let duty = |group: Option<&Group>| group.map_or(Decimal::ZERO, |group| group.duty);
        let rate = |group: Option<&Group>| group.and_then(|group| group.effective_rate);
        changes.push(GroupChange {
            key: before.or(after).map(|group| group.key.clone()).unwrap_or_default(),
            duty: money::sub(duty(after), duty(before))?,
            points: law::points(rate(before), rate(after)),
            before: before.cloned(),
            after: after.cloned(),
        });
    }
    changes.sort_by_key(|change| Reverse(change.duty.abs()));
    Ok(changes)
}

/// Charges by measure, and what credits pay, below zero.
fn charges(base: &Run, run: &Run) -> Result<Vec<ChargeChange>, ArithmeticError> {
    let mut changes: Vec<ChargeChange> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (run, is_base) in [(base, true), (run, false)] {
        for (id, is_duty, amount) in by_charge(run) {
            let at = *places.entry(id.clone()).or_insert_with(|| {
                let nothing = Decimal::ZERO;
                changes.push(ChargeChange { id, is_duty, before: nothing, after: nothing, change: nothing });
                changes.len() - 1
            });
            let change = &mut changes[at];
            *(if is_base { &mut change.before } else { &mut change.after }) = amount;
        }
    }
    for change in &mut changes {
        change.change = money::sub(change.after, change.before)?;
    }
    changes.sort_by_key(|change| Reverse(change.change.abs()));
    Ok(changes)
}

fn by_charge(run: &Run) -> Vec<(String, bool, Decimal)> {
    let scenario = run.scenario();
    let measures = scenario.measures.iter().zip(&run.totals.by_measure);
    let measures = measures.map(|(measure, sum)| (measure.id.clone(), measure.kind.is_duty(), *sum));
    let credits = scenario.credits.iter().zip(&run.totals.by_credit);
    let credits = credits.map(|(credit, sum)| (credit.ledger.id.clone(), true, money::negative(*sum)));
    measures.chain(credits).collect()
}
