//! Flows without number: a file is read in parts, each row becomes a few numbers, and only sums are kept. Rows whose duty
//! is not simply proportional to their value are assessed one by one, as everywhere; the results are the same.

mod adding;
mod cells;
mod classes;
mod ids;
mod input;
mod panel;
mod sums;
mod worker;

use super::bind;
use super::ledger::Statement;
use super::plan::Plan;
use super::run::{Run, grouping, too_large};
use super::seen::Seen;
use super::totals::{By, Group, Totals};
use crate::diagnostic::{Diagnostics, Sources};
use crate::files::Files;
use crate::scenario::{FlowSource, Scenario};
use crate::trade::{self, FlowRequest, Flows};
pub use panel::{Panel, Rates, Row as PanelRow, Window as PanelWindow};

use adding::Adding;
use ids::{Again, fingerprint};
use input::{Input, open};

/// Does the same work as often as there are hands for it, at the same time where that can be.
pub trait Crew: Sync {
    /// Does the work; every one of them has it whole, and they share out among themselves what there is to do.
    fn work(&self, labour: &(dyn Fn() + Sync));

    /// So many more rows are read.
    fn read(&self, rows: usize);
}

/// One pair of hands.
pub struct Alone;

impl Crew for Alone {
    fn work(&self, labour: &(dyn Fn() + Sync)) {
        labour();
    }

    fn read(&self, _rows: usize) {}
}

/// Runs a scenario on flows of which only sums are wanted: the same as [`super::run`] of [`trade::load`], less the flows
/// and their worksheets. Warnings come with the result.
pub fn run(
    scenario: Scenario,
    request: &FlowRequest,
    by: Option<&str>,
    files: &dyn Files,
    sources: &mut Sources,
    crew: &dyn Crew,
) -> Result<(Run, Diagnostics), Diagnostics> {
    let plan = Plan::compile(scenario);
    let Summary { by, totals, groups, quotas, credits, seen, flows, said } =
        scan(&plan, request, by, files, sources, crew)?;
    Ok((Run { plan, flows, sheets: Vec::new(), quotas, credits, totals, groups, by, seen }, said))
}

/// What comes of a scan.
struct Summary {
    by: By,
    totals: Totals,
    groups: Vec<Group>,
    quotas: Vec<Statement>,
    credits: Vec<Statement>,
    seen: Seen,
    flows: Flows,
    said: Diagnostics,
}

fn scan(
    plan: &Plan,
    request: &FlowRequest,
    by: Option<&str>,
    files: &dyn Files,
    sources: &mut Sources,
    crew: &dyn Crew,
) -> Result<Summary, Diagnostics> {
    let scenario = plan.scenario();
    let defaults = request.defaults(scenario);
    let origins = request.flows(scenario);
    let mut said = Diagnostics::new();
    let mut inputs = Vec::new();
    let mut ids = trade::Ids::new();
    let attributes = bind::attributes(scenario);
    let grouped = by.map(|by| by.strip_prefix("attr.").unwrap_or(by));
    let asked = |name: &str| attributes.contains(name) || grouped == Some(name);
    for origin in origins.as_ref() {
        match origin {
            FlowSource::File(file) => {
                inputs.extend(open(file, &defaults, &asked, files, sources, &mut said));
            }
            FlowSource::Inline(tables) => {
                let flows = trade::inline(tables, &defaults, &mut ids, sources, &mut said);
                inputs.push(Input::Inline(flows));
            }
        }
    }
    // What is wrong with one file is no reason not to say what is wrong with the others.
    let opened = said.len();
    let mut columns = Flows::default();
    for input in &inputs {
        columns.append(Flows { columns: input.columns().clone(), ..Flows::default() });
    }
    let by = match grouping(scenario, by, &columns.columns) {
        Ok(by) => by,
        Err(wrong) => {
            said.extend(wrong);
            return Err(said);
        }
    };
    let mut adding = Adding::new(plan, by, columns);
    for (at, input) in inputs.iter().enumerate() {
        adding.read(at, input, sources, crew, &mut said).map_err(too_large)?;
    }
    let mut numbers = adding.take_ids();
    if !numbers.is_empty() {
        numbers.extend(&mut ids.keys().map(|id| fingerprint(id.as_bytes())).collect());
        let again = Again { origins: &origins, defaults: &defaults, files };
        again.report(numbers, sources, &mut said);
    }
    if adding.seen.flows == 0 && said.is_empty() && opened == 0 {
        said.push(trade::no_flows(scenario));
    }
    if said.has_errors() {
        return Err(said);
    }
    adding.finish(said)
}
