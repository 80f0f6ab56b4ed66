//! `timeline`: duty over time.

use crate::args;
use crate::disk::Disk;
use crate::terminal::{self, NOTHING_COMPUTED};
use std::process::ExitCode;
use tariffsim::analysis::{self, Asked, Days, Timeline};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::report;
use tariffsim::scenario::{self, Request};
use tariffsim::trade::{self, FlowRequest};

/// Enters the flows of a scenario on every day on which the rate of some of them changes, then prints.
pub fn timeline(args: &args::Timeline) -> ExitCode {
    let days = match Days::between(args.from, args.to) {
        Ok(days) => days,
        Err(reason) => refuse("timeline", &reason),
    };
    let disk = Disk::default();
    let mut sources = Sources::new();
    let output = &args.common.output;
    let (timeline, said) = match one(args, days, &disk, &mut sources) {
        Ok((timeline, warnings)) => (Some(timeline), warnings),
        Err(found) => (None, found),
    };
    terminal::show(said, &sources, output, NOTHING_COMPUTED);
    let Some(timeline) = timeline else { return ExitCode::FAILURE };
    let (format, layout) = (terminal::format(output), terminal::layout(output));
    let by_programme = args.by == args::Layers::Programme;
    let text = report::timeline(&timeline, &sources, by_programme, format, layout);
    let chart = args
        .chart
        .clone()
        .map(|path| (path, report::chart::timeline(&timeline, by_programme, report::chart::ALONE)));
    terminal::publish_with(chart, &text, output, &disk)
}

/// Says as a mistake on the command line that there is no such span of days.
pub fn refuse(verb: &str, reason: &str) -> ! {
    terminal::mistake(verb, format!("--from and --to hold no timeline: {reason}"))
}

fn one(
    args: &args::Timeline,
    days: Days,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Timeline, Diagnostics), Diagnostics> {
    let request = Request::new(&args.scenario, &args.common.set);
    let (scenario, mut said) = scenario::load(&request, disk, sources)?;
    let request = FlowRequest { files: args.common.flows.clone(), date: None };
    let Some(flows) = trade::load(&scenario, &request, disk, sources, &mut said) else { return Err(said) };
    let asked = Asked { days, monthly: args.every.is_some(), own_dates: args.own_dates };
    let (timeline, warnings) = analysis::timeline(scenario, flows, asked)?;
    said.extend(warnings);
    Ok((timeline, said))
}
