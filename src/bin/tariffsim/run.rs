//! `run`: the duty under each scenario.

use crate::args;
use crate::disk::Disk;
use crate::press::{Form, Press};
use crate::spread::Team;
use crate::terminal::{self, Answer};
use crate::watch;
use std::process::ExitCode;
use tariffsim::assess::{self, Listed, Outlet, Run};
use tariffsim::diagnostic::{Code, Diagnostics, Sources};
use tariffsim::files::Files;
use tariffsim::report;
use tariffsim::scenario::{self, Request, Scenario};
use tariffsim::trade::{self, FlowRequest, Flows, Rejected};

/// Runs all scenarios, then prints; with any error nothing is printed but errors.
pub fn run(args: &args::Run) -> ExitCode {
    let output = &args.common.output;
    if args.watch {
        return watch::watch(output, |disk| answer(args, &Press::default(), disk));
    }
    let disk = Disk::default();
    if args.rejects.is_some() && args.rejects == output.out {
        return terminal::usage("--out and --rejects name the same file");
    }
    let form = form(args);
    let mut press = match Press::new(form, output.out.as_deref(), args.rejects.as_deref()) {
        Ok(press) => press,
        Err(reason) => return terminal::fail(&reason),
    };
    let answer = answer(args, &press, &disk);
    let written = args.rejects.iter().chain(output.out.iter().filter(|_| form.is_some()));
    if let Some(path) = written.into_iter().find(|path| disk.has_read(path)) {
        return terminal::fail(&terminal::own_source(path));
    }
    let is_whole = answer.result.is_some();
    let code = if form.is_none() {
        terminal::give(answer, output, &disk)
    } else {
        terminal::comment(answer, output);
        ExitCode::SUCCESS
    };
    match press.failure() {
        Some(reason) => terminal::fail(&reason),
        None if !is_whole => ExitCode::FAILURE,
        None if code == ExitCode::SUCCESS => keep(&mut press, args, form),
        None => code,
    }
}

/// What single flows go out as, where they do.
fn form(args: &args::Run) -> Option<Form> {
    let output = &args.common.output;
    let by_flow = args.by.as_deref().is_none_or(|by| by == "flow");
    let is_listed = by_flow && !args.watch && terminal::format(output) == report::Format::Csv;
    is_listed.then(|| if output.is_parquet() { Form::Parquet } else { Form::Csv })
}

/// Puts what was written row by row where it belongs.
fn keep(press: &mut Press, args: &args::Run, form: Option<Form>) -> ExitCode {
    let output = &args.common.output;
    if let Err(reason) = press.keep_flows() {
        return terminal::fail(&reason);
    }
    output.out.iter().filter(|_| form.is_some()).for_each(|path| terminal::wrote(path, output));
    if let Err(reason) = press.keep_rejects() {
        return terminal::fail(&reason);
    }
    args.rejects.iter().for_each(|path| terminal::wrote(path, output));
    ExitCode::SUCCESS
}

fn answer(args: &args::Run, press: &Press, disk: &Disk) -> Answer {
    let mut sources = Sources::new();
    let mut runs = Vec::with_capacity(args.scenarios.len());
    let mut said = Diagnostics::new();
    let mut notes = Vec::new();
    for named in &args.scenarios {
        match one(named, args, press, disk, &mut sources) {
            Ok((run, warnings)) => {
                let (scenario, flows) = run.about();
                notes.push(format!("{}: measures {}, flows {flows}", scenario.file, scenario.measures.len()));
                if let Done::Summed(run) = run {
                    runs.push(*run);
                }
                said.extend(warnings);
            }
            Err(found) => said.extend(found),
        }
    }
    if args.rejects.is_some() && !said.has_errors() {
        // What is wrong with each row stands in the file.
        said = said.into_iter().filter(|said| said.code != Code::RowSetAside).collect();
    }
    if said.has_errors() || press.failure().is_some() {
        return Answer { chart: None, result: None, said, notes: Vec::new(), sources };
    }
    let output = &args.common.output;
    if output.verbose {
        let read = disk.files_read();
        notes.splice(0..0, read.iter().map(|(path, bytes)| format!("read {path}: {bytes} bytes")));
    } else {
        notes.clear();
    }
    let grouped = args.by.as_deref().is_some_and(|by| by != "flow");
    // Flows that went out one by one are a result of their own.
    let result = match form(args) {
        Some(_) => String::new(),
        None => report::runs(&runs, grouped, terminal::format(output), terminal::layout(output)),
    };
    Answer { chart: None, result: Some(result), said, notes, sources }
}

/// What a scenario comes to.
enum Done {
    /// Its sums, and its flows where they are kept.
    Summed(Box<Run>),
    /// Its flows went out one by one.
    Listed(Box<Listed>),
}

impl Done {
    /// What was run, and on how many flows.
    fn about(&self) -> (&Scenario, usize) {
        match self {
            Done::Summed(run) => (run.scenario(), run.seen.flows),
            Done::Listed(listed) => (listed.plan.scenario(), listed.flows),
        }
    }
}

fn one(
    named: &str,
    args: &args::Run,
    press: &Press,
    files: &dyn Files,
    sources: &mut Sources,
) -> Result<(Done, Diagnostics), Diagnostics> {
    let request = Request::new(named, &args.common.set);
    let (mut scenario, mut said) = scenario::load(&request, files, sources)?;
    if !args.common.flows.is_empty() {
        // The citations of flows that are not run are not those of the result.
        scenario.flow_sources.clear();
    }
    match assessed(scenario, args, press, files, sources, &mut said) {
        Ok((done, warnings)) => {
            said.extend(warnings);
            Ok((done, said))
        }
        Err(found) => {
            said.extend(found);
            Err(said)
        }
    }
}

fn assessed(
    scenario: Scenario,
    args: &args::Run,
    press: &Press,
    files: &dyn Files,
    sources: &mut Sources,
    said: &mut Diagnostics,
) -> Result<(Done, Diagnostics), Diagnostics> {
    let request = FlowRequest { files: args.common.flows.clone(), date: args.common.date };
    let by = args.by.as_deref();
    let team = Team::new(args.threads, args.common.output.quiet);
    let outlet = args.keep_going.then_some(press as &dyn Outlet);
    let summed = |(run, warnings)| (Done::Summed(Box::new(run)), warnings);
    let done = if form(args).is_some() {
        assess::list(scenario, &request, (press, args.keep_going), files, sources, &team)
            .map(|(listed, warnings)| (Done::Listed(Box::new(listed)), warnings))
    } else if keeps_sums_only(args) {
        // CSV has no place for the mean rate.
        let mean = terminal::format(&args.common.output) != report::Format::Csv;
        let asked = assess::Asked { by, mean, ..assess::Asked::default() };
        assess::scan_or_reject(scenario, &request, asked, outlet, files, sources, &team).map(summed)
    } else {
        match load(&scenario, &request, args.keep_going.then_some(press), files, sources, said) {
            Some(flows) => assess::run(scenario, flows, by).map(summed),
            None => Err(Diagnostics::new()),
        }
    };
    team.finish();
    done
}

/// All flows; rows that are wrong go to the press, where there is one.
fn load(
    scenario: &Scenario,
    request: &FlowRequest,
    press: Option<&Press>,
    files: &dyn Files,
    sources: &mut Sources,
    said: &mut Diagnostics,
) -> Option<Flows> {
    let Some(press) = press else { return trade::load(scenario, request, files, sources, said) };
    press.next_file();
    let mut page = press.page(0);
    let mut reject = |row: &Rejected<'_>| page.reject(scenario, row);
    let flows = trade::load_or_reject(scenario, request, Some(&mut reject), files, sources, said);
    page.finish().ok().and(flows)
}

/// Whether no flow goes out by itself.
fn keeps_sums_only(args: &args::Run) -> bool {
    let output = &args.common.output;
    let for_programs = matches!(terminal::format(output), report::Format::Json | report::Format::Csv);
    args.by.as_deref().map_or(!for_programs, |by| by != "flow")
}
