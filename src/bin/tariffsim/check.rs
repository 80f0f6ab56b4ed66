//! `check`: whether scenarios are sound, and what they cover.

use crate::args;
use crate::disk::{Disk, scenarios_under};
use crate::terminal;
use std::process::ExitCode;
use std::sync::Arc;
use tariffsim::analysis::{self, Checked, Trade, Tried};
use tariffsim::assess::{self, Alone, Run};
use tariffsim::date::Date;
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::report::{self, Format};
use tariffsim::scenario::{self, FlowSource, Request, Scenario};
use tariffsim::trade::{self, Defaults, FlowRequest, Flows};

/// Checks every file, then prints what is wrong and what files named themselves cover.
pub fn check(args: &args::Check) -> ExitCode {
    let disk = Disk::default();
    let mut sources = Sources::new();
    let mut said = Diagnostics::new();
    let mut named: Vec<Checked> = Vec::new();
    let today = terminal::today();
    for path in &args.files {
        let folder = scenarios_under(path);
        let is_folder = folder.is_some();
        for file in folder.unwrap_or_else(|| vec![path.clone()]) {
            match one(&file, today, &disk, &mut sources) {
                Ok((checked, warnings)) => {
                    said.extend(warnings);
                    if !is_folder || args.output.verbose {
                        named.push(checked);
                    }
                }
                Err(found) => said.extend(found),
            }
        }
    }
    let failed = said.has_errors() || (args.strict && !said.is_empty());
    let format = terminal::format(&args.output);
    let layout = terminal::layout(&args.output);
    let found: Vec<_> = said.clone().into_sorted();
    let text = report::checked(&named, &found, &sources, format, layout);
    if format != Format::Json {
        terminal::show(said, &sources, &args.output, "");
    }
    let published = terminal::publish(&text, &args.output, &disk);
    if failed { ExitCode::FAILURE } else { published }
}

/// What decides which flows a scenario has.
type Read = (Vec<FlowSource>, Defaults);

/// A file with all its variants.
fn one(
    file: &str,
    today: Date,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Checked, Diagnostics), Diagnostics> {
    // A variant named is checked with its file; one that is not there is said.
    let (scenarios, mut said) = scenario::load_all(&Request::new(file, &[]), disk, sources)?;
    let mut runs: Vec<Tried> = Vec::with_capacity(scenarios.len());
    let mut before: Option<(Read, Flows)> = None;
    for scenario in scenarios {
        let read = (scenario.flows.clone(), FlowRequest::default().defaults(&scenario));
        let (flows, trade) = match (before.take(), runs.last()) {
            (Some((of, flows)), Some(tried)) if of == read => (flows, Arc::clone(&tried.trade)),
            _ => {
                let flows = load(&scenario, disk, sources)?;
                let trade = Arc::new(Trade::of(&flows));
                (flows, trade)
            }
        };
        let run = run(scenario, disk, sources, &mut said)?;
        runs.push(Tried::new(run, &flows, trade));
        before = Some((read, flows));
    }
    match analysis::check(&runs, today) {
        Some((checked, warnings)) => {
            said.extend(warnings);
            Ok((checked, said))
        }
        None => Err(said),
    }
}

/// The flows of a scenario; one without any is there for others to extend.
fn load(scenario: &Scenario, disk: &Disk, sources: &mut Sources) -> Result<Flows, Diagnostics> {
    if scenario.flows.is_empty() {
        return Ok(Flows::default());
    }
    // What there is to warn of is said when the scenario is run.
    let mut found = Diagnostics::new();
    trade::load(scenario, &FlowRequest::default(), disk, sources, &mut found).ok_or(found)
}

/// A scenario on its flows, of which it keeps sums.
fn run(
    scenario: Scenario,
    disk: &Disk,
    sources: &mut Sources,
    said: &mut Diagnostics,
) -> Result<Run, Diagnostics> {
    let (run, warnings) = if scenario.flows.is_empty() {
        assess::run(scenario, Flows::default(), None)?
    } else {
        assess::scan(scenario, &FlowRequest::default(), None, disk, sources, &Alone)?
    };
    said.extend(warnings);
    Ok(run)
}
