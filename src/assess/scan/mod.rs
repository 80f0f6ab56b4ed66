//! Flows without number: a file is read in parts, each row becomes a few numbers, and only sums are kept. Rows whose duty
//! is not simply proportional to their value are assessed one by one, as everywhere; the results are the same.

mod adding;
mod cells;
mod classes;
mod ids;
mod input;
mod listing;
mod numbers;
mod panel;
mod reading;
mod rule;
mod spans;
mod sums;
mod worker;

use super::bind;
use super::ledger::Statement;
use super::outlet::Outlet;
use super::plan::Plan;
use super::run::{Run, grouping, too_large};
use super::seen::Seen;
use super::totals::{By, Group, Totals};
use crate::diagnostic::{Diagnostics, Sources};
use crate::files::Files;
use crate::scenario::{FlowSource, Scenario};
use crate::trade::{self, Defaults, FlowRequest, Flows, Ids};
pub use panel::{Panel, Rates, Row as PanelRow, Window as PanelWindow};

use adding::{Adding, Keeping};
use ids::{Again, Firsts, fingerprint};
use input::{Input, open};
pub use listing::{Listed, list};

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
    let asked = Asked { by, ..Asked::default() };
    run_or_reject(scenario, request, asked, None, files, sources, crew)
}

/// What is asked of a run of which only sums are kept.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// What to group by.
    pub by: Option<&'a str>,
    /// Whether the mean of the rates of lines is wanted, for which every line is added up by itself; without it
    /// [`Totals::simple_mean_rate`] is `None`.
    pub mean: bool,
    /// How many flows that may draw on quotas or credits are kept at once, unless a single day has more: the others are
    /// read again when their days come.
    pub kept: usize,
}

impl Default for Asked<'_> {
    fn default() -> Self {
        Asked { by: None, mean: true, kept: spans::MOST }
    }
}

/// The same; rows that are wrong are set aside where there is an outlet to put them. Where no row is left, what is wrong
/// with them are errors. When the outlet takes nothing more there is no result, and nothing need be said of it here.
pub fn run_or_reject(
    scenario: Scenario,
    request: &FlowRequest,
    asked: Asked<'_>,
    outlet: Option<&dyn Outlet>,
    files: &dyn Files,
    sources: &mut Sources,
    crew: &dyn Crew,
) -> Result<(Run, Diagnostics), Diagnostics> {
    let plan = Plan::compile(scenario);
    let Summary { by, totals, groups, quotas, credits, seen, flows, said } =
        scan(&plan, request, asked, outlet, files, sources, crew)?;
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
    asked: Asked<'_>,
    outlet: Option<&dyn Outlet>,
    files: &dyn Files,
    sources: &mut Sources,
    crew: &dyn Crew,
) -> Result<Summary, Diagnostics> {
    let scenario = plan.scenario();
    let Asked { by, mean, kept } = asked;
    let defaults = request.defaults(scenario);
    let origins = request.flows(scenario);
    let mut said = Diagnostics::new();
    let attributes = bind::attributes(scenario);
    let grouped = by.map(|by| by.strip_prefix("attr.").unwrap_or(by));
    // A row that is set aside goes out with all of its cells.
    let asked = |name: &str| outlet.is_some() || attributes.contains(name) || grouped == Some(name);
    let from = From { origins: &origins, defaults: &defaults, files };
    let Inputs { all: inputs, ids, columns } = from.open(&asked, sources, &mut said);
    // What is wrong with one file is no reason not to say what is wrong with the others.
    let opened = said.len();
    let by = match grouping(scenario, by, &columns.columns) {
        Ok(by) => by,
        Err(wrong) => {
            said.extend(wrong);
            return Err(said);
        }
    };
    let firsts = from.firsts(&inputs, outlet.is_some(), sources, &mut said);
    let keeping = outlet.map(|outlet| Keeping { firsts: &firsts, outlet });
    let mut adding = Adding::new(plan, by, (mean, kept), columns, keeping);
    for (at, input) in inputs.iter().enumerate() {
        adding.read(at, input, sources, crew, &mut said).map_err(too_large)?;
    }
    let mut numbers = adding.take_ids();
    if !numbers.is_empty() {
        numbers.extend(&mut ids.keys().map(|id| fingerprint(id.as_bytes())).collect());
        from.again(sources).report(numbers, sources, &mut said);
    }
    let is_any_left = adding.seen.flows > 0;
    std::mem::take(&mut adding.rejected).report(is_any_left, sources, &mut said);
    if !is_any_left && said.is_empty() && opened == 0 {
        said.push(trade::no_flows(scenario));
    }
    if said.has_errors() {
        return Err(said);
    }
    drop(inputs);
    adding.finish(&|| from.reopen(&asked, sources), crew, said)
}

/// Where flows come from.
#[derive(Clone, Copy)]
struct From<'a> {
    origins: &'a [FlowSource],
    defaults: &'a Defaults,
    files: &'a dyn Files,
}

/// All that flows come from, opened.
struct Inputs<'a> {
    all: Vec<Input<'a>>,
    /// The ids of flows that are written in the scenario.
    ids: Ids,
    /// The columns of all of them, without rows.
    columns: Flows,
}

impl<'a> From<'a> {
    /// Opens files and reads their headers. Of tables, columns that nobody looks at are read where they are `asked` for.
    fn open(self, asked: &dyn Fn(&str) -> bool, sources: &mut Sources, said: &mut Diagnostics) -> Inputs<'a> {
        let mut opened = Inputs { all: Vec::new(), ids: Ids::new(), columns: Flows::default() };
        for origin in self.origins {
            match origin {
                FlowSource::File(file) => {
                    opened.all.extend(open(file, self.defaults, asked, self.files, sources, said));
                }
                FlowSource::Inline(tables) => {
                    let flows = trade::inline(tables, self.defaults, &mut opened.ids, sources, said);
                    opened.all.push(Input::Inline(flows));
                }
            }
        }
        for input in &opened.all {
            opened.columns.append(Flows { columns: input.columns().clone(), ..Flows::default() });
        }
        opened
    }

    /// Opens everything once more; `None` where a file cannot be. What else is to be said of them was said the first time.
    fn reopen(self, asked: &dyn Fn(&str) -> bool, sources: &Sources) -> Option<Vec<Input<'a>>> {
        let (mut sources, mut said) = (sources.clone(), Diagnostics::new());
        let opened = self.open(asked, &mut sources, &mut said);
        (!said.has_errors()).then_some(opened.all)
    }

    /// The files, to be read again.
    fn again(self, sources: &Sources) -> Again<'a> {
        let From { origins, defaults, files } = self;
        Again { origins, defaults, files, sources: sources.clone() }
    }

    /// The ids that are given twice, where rows that repeat one are to be set aside.
    fn firsts(
        self,
        inputs: &[Input<'_>],
        keep_going: bool,
        sources: &Sources,
        said: &mut Diagnostics,
    ) -> Firsts {
        if keep_going && inputs.iter().any(Input::gives_ids) {
            self.again(sources).firsts(sources, said)
        } else {
            Firsts::default()
        }
    }
}
