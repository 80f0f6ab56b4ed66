//! What `run` answers: the worksheets of a scenario's flows, their totals, and one grouping of them.

use super::ledger::Statement;
use super::plan::Plan;
use super::seen::Seen;
use super::totals::{By, Group, Totals, groups, parse_by, totals};
use super::worksheet::Worksheet;
use super::{Assessed, assess};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::money::{self, ArithmeticError};
use crate::scenario::Scenario;
use crate::trade::{Columns, Flows};
use rust_decimal::Decimal;

/// A scenario run on flows.
#[derive(Debug)]
pub struct Run {
    /// The scenario, compiled.
    pub plan: Plan,
    /// The flows, in the order they were read.
    pub flows: Flows,
    /// Their worksheets, in the same order.
    pub sheets: Vec<Worksheet>,
    /// What became of quotas, by period and party, in the order of the scenario.
    pub quotas: Vec<Statement>,
    /// What became of credits, by period and party, in the order of the scenario.
    pub credits: Vec<Statement>,
    /// Sums over them.
    pub totals: Totals,
    /// Sums by group of goods, or by what was asked for.
    pub groups: Vec<Group>,
    /// What they are grouped by.
    pub by: By,
    /// What a report says of the flows in words.
    pub seen: Seen,
}

impl Run {
    /// What was run.
    pub fn scenario(&self) -> &Scenario {
        self.plan.scenario()
    }

    /// The group with the largest duty and its part of what all groups owe; `None` where no two groups owe any.
    pub fn largest(&self) -> Option<(&Group, Decimal)> {
        let owing = self.groups.iter().filter(|group| group.duty > Decimal::ZERO);
        if owing.clone().count() < 2 {
            return None;
        }
        let all = money::sum(owing.clone().map(|group| group.duty)).ok()?;
        let largest = owing.max_by_key(|group| group.duty)?;
        Some((largest, money::div(largest.duty, all).ok()?))
    }
}

/// Runs a scenario. `by` names a grouping; without one, goods are grouped as the scenario groups them. Warnings come
/// with the result.
pub fn run(scenario: Scenario, flows: Flows, by: Option<&str>) -> Result<(Run, Diagnostics), Diagnostics> {
    let by = grouping(&scenario, by, &flows.columns)?;
    let plan = Plan::compile(scenario);
    let (Assessed { sheets, quotas, credits }, warnings) = assess(&plan, &flows)?;
    let totals = totals(plan.scenario(), &flows, &sheets).map_err(too_large)?;
    let groups = groups(plan.scenario(), &flows, &sheets, &by).map_err(too_large)?;
    let seen = Seen::of(&flows, &sheets);
    Ok((Run { plan, flows, sheets, quotas, credits, totals, groups, by, seen }, warnings))
}

/// What to group by: what a name says, or as the scenario groups goods.
pub(super) fn grouping(scenario: &Scenario, by: Option<&str>, columns: &Columns) -> Result<By, Diagnostics> {
    match by {
        Some(name) => parse_by(name, columns).map_err(|wrong| Diagnostics::from(*wrong)),
        None if scenario.products.is_empty() => Ok(By::Chapter),
        None => Ok(By::Group),
    }
}

/// Says that totals have more digits than can be kept.
pub(super) fn too_large(error: ArithmeticError) -> Diagnostics {
    let message = format!("the totals cannot be computed: {error}");
    let help = "split the flows, or give their values in a larger unit";
    Diagnostics::from(Diagnostic::new(Code::TotalOverflow, message).help(help))
}
