//! `run`: the duty under each scenario.

use crate::args;
use crate::disk::Disk;
use crate::spread::Team;
use crate::terminal::{self, Answer};
use crate::watch;
use std::process::ExitCode;
use tariffsim::assess::{self, Run};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::files::Files;
use tariffsim::report;
use tariffsim::scenario::{self, Request};
use tariffsim::trade::{self, FlowRequest};

/// Runs all scenarios, then prints; with any error nothing is printed but errors.
pub fn run(args: &args::Run) -> ExitCode {
    let output = &args.common.output;
    if args.watch {
        return watch::watch(output, |disk| answer(args, disk));
    }
    let disk = Disk::default();
    terminal::give(answer(args, &disk), output, &disk)
}

fn answer(args: &args::Run, disk: &Disk) -> Answer {
    let mut sources = Sources::new();
    let mut runs = Vec::with_capacity(args.scenarios.len());
    let mut said = Diagnostics::new();
    for named in &args.scenarios {
        match one(named, args, disk, &mut sources) {
            Ok((run, warnings)) => {
                runs.push(run);
                said.extend(warnings);
            }
            Err(found) => said.extend(found),
        }
    }
    if said.has_errors() {
        return Answer { chart: None, result: None, said, notes: Vec::new(), sources };
    }
    let output = &args.common.output;
    let mut notes = Vec::new();
    if output.verbose {
        notes.extend(disk.files_read().iter().map(|(path, bytes)| format!("read {path}: {bytes} bytes")));
        for run in &runs {
            let scenario = run.scenario();
            let measures = scenario.measures.len();
            notes.push(format!("{}: measures {measures}, flows {}", scenario.file, run.seen.flows));
        }
    }
    let grouped = args.by.as_deref().is_some_and(|by| by != "flow");
    let result = report::runs(&runs, grouped, terminal::format(output), terminal::layout(output));
    Answer { chart: None, result: Some(result), said, notes, sources }
}

fn one(
    named: &str,
    args: &args::Run,
    files: &dyn Files,
    sources: &mut Sources,
) -> Result<(Run, Diagnostics), Diagnostics> {
    let request = Request::new(named, &args.common.set);
    let (mut scenario, mut said) = scenario::load(&request, files, sources)?;
    if !args.common.flows.is_empty() {
        // The citations of flows that are not run are not those of the result.
        scenario.flow_sources.clear();
    }
    let request = FlowRequest { files: args.common.flows.clone(), date: args.common.date };
    if keeps_sums_only(args) {
        let team = Team::new(args.threads, args.common.output.quiet);
        let run = assess::scan(scenario, &request, args.by.as_deref(), files, sources, &team);
        team.finish();
        return match run {
            Ok((run, warnings)) => {
                said.extend(warnings);
                Ok((run, said))
            }
            Err(found) => {
                said.extend(found);
                Err(said)
            }
        };
    }
    let Some(flows) = trade::load(&scenario, &request, files, sources, &mut said) else { return Err(said) };
    let (run, warnings) = assess::run(scenario, flows, args.by.as_deref())?;
    said.extend(warnings);
    Ok((run, said))
}

/// Whether no flow goes out by itself.
fn keeps_sums_only(args: &args::Run) -> bool {
    let output = &args.common.output;
    let for_programs = matches!(terminal::format(output), report::Format::Json | report::Format::Csv);
    args.by.as_deref().map_or(!for_programs, |by| by != "flow")
}
