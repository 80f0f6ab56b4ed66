//! `check`: whether scenarios are sound, and what they cover.

use crate::args;
use crate::disk::{Disk, scenarios_under};
use crate::terminal;
use std::process::ExitCode;
use tariffsim::analysis::{self, Checked};
use tariffsim::assess::{self, Run};
use tariffsim::date::Date;
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::report::{self, Format};
use tariffsim::scenario::{self, Request, Scenario};
use tariffsim::trade::{self, FlowRequest, Flows};

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

/// A file with all its variants.
fn one(
    file: &str,
    today: Date,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Checked, Diagnostics), Diagnostics> {
    // A variant named is checked with its file; one that is not there is said.
    let (scenarios, mut said) = scenario::load_all(&Request::new(file, &[]), disk, sources)?;
    let mut runs = Vec::with_capacity(scenarios.len());
    for scenario in scenarios {
        runs.push(run(scenario, disk, sources, &mut said)?);
    }
    match analysis::check(&runs, today) {
        Some((checked, warnings)) => {
            said.extend(warnings);
            Ok((checked, said))
        }
        None => Err(said),
    }
}

/// A scenario on its flows; one without flows is there for others to extend, and runs on none.
fn run(
    scenario: Scenario,
    disk: &Disk,
    sources: &mut Sources,
    said: &mut Diagnostics,
) -> Result<Run, Diagnostics> {
    let flows = if scenario.flows.is_empty() {
        Flows::default()
    } else {
        let mut found = Diagnostics::new();
        let flows = trade::load(&scenario, &FlowRequest::default(), disk, sources, &mut found);
        let Some(flows) = flows else { return Err(found) };
        said.extend(found);
        flows
    };
    let (run, warnings) = assess::run(scenario, flows, None)?;
    said.extend(warnings);
    Ok(run)
}
