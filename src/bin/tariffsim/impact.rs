//! `impact`: what a duty does to trade, prices, revenue and welfare.

use crate::args;
use crate::disk::Disk;
use crate::spread::Spread;
use crate::terminal::{self, NOTHING_COMPUTED};
use std::path::PathBuf;
use std::process::ExitCode;
use tariffsim::analysis::bench::Bench;
use tariffsim::analysis::draws::draws;
use tariffsim::analysis::impact::{Bands, Impact, Outcome, bands, drawn, impact as model};
use tariffsim::assess::{self, Run};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::report::{self, Format, ImpactPart};
use tariffsim::scenario::{self, Request};
use tariffsim::trade::{self, FlowRequest};

/// Everything that is printed.
struct Done {
    impact: Impact,
    bands: Option<Bands>,
    chart: Option<(PathBuf, String)>,
}

/// Runs the model, then prints.
pub fn impact(args: &args::Impact) -> ExitCode {
    let disk = Disk::default();
    let mut sources = Sources::new();
    let output = &args.common.output;
    let only = args.only.map(part);
    if only.is_some() && !matches!(terminal::format(output), Format::Table | Format::Markdown) {
        let why = "--only is for tables and Markdown; JSON and CSV say of each number what it is of";
        terminal::mistake("impact", why.to_owned());
    }
    match done(args, &disk, &mut sources) {
        Ok((done, said)) => {
            terminal::show(said, &sources, output, NOTHING_COMPUTED);
            let (format, layout) = (terminal::format(output), terminal::layout(output));
            let text = report::impact(&done.impact, done.bands.as_ref(), only, format, layout);
            terminal::publish_with(done.chart, &text, output, &disk)
        }
        Err(found) => {
            terminal::show(found, &sources, output, NOTHING_COMPUTED);
            ExitCode::FAILURE
        }
    }
}

fn part(part: args::Part) -> ImpactPart {
    match part {
        args::Part::Trade => ImpactPart::Trade,
        args::Part::Accounts => ImpactPart::Accounts,
        args::Part::Areas => ImpactPart::Areas,
        args::Part::Incidence => ImpactPart::Incidence,
        args::Part::Protection => ImpactPart::Protection,
        args::Part::Averages => ImpactPart::Averages,
    }
}

fn done(args: &args::Impact, disk: &Disk, sources: &mut Sources) -> Result<(Done, Diagnostics), Diagnostics> {
    let request = Request::new(&args.scenario, &args.common.set);
    let flows = FlowRequest { files: args.common.flows.clone(), date: args.common.date };
    let (bench, mut said) = Bench::read(&request, &flows, disk, sources)?;
    let before = match &args.baseline {
        Some(named) => {
            let (run, warnings) = baseline(named, &request, args, &bench, disk, sources)?;
            said.extend(warnings);
            Some((run, named.as_str()))
        }
        None => None,
    };
    let before = before.as_ref().map(|(run, name)| (run, *name));
    let (trial, warnings) = bench.trial(&[], sources)?;
    said.extend(warnings);
    let impact = model(before, &trial.into_run(bench.flows().clone()))?;
    let bands = match args.draws {
        Some(draws) => Some(spread(args, draws.get(), &bench, before, &impact, sources)?),
        None => None,
    };
    let chart = match &args.chart {
        Some(path) => {
            let drawn = report::chart::impact(&impact, args.group.as_deref(), report::chart::ALONE)?;
            Some((path.clone(), drawn))
        }
        None => None,
    };
    Ok((Done { impact, bands, chart }, said))
}

/// The law before, on the same flows: a scenario, or `#variant` of the one asked for.
fn baseline(
    named: &str,
    request: &Request,
    args: &args::Impact,
    bench: &Bench,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Run, Diagnostics), Diagnostics> {
    let named = if named.starts_with('#') { format!("{}{named}", request.path) } else { named.to_owned() };
    let (mut scenario, mut said) = scenario::load(&Request::new(&named, &args.common.set), disk, sources)?;
    // The same trade, entered on the baseline's own day where it has one; citations of flows are the other's.
    scenario.flows.clone_from(&bench.base().flows);
    scenario.flow_sources.clear();
    let request = FlowRequest { files: args.common.flows.clone(), date: args.common.date };
    let Some(flows) = trade::load(&scenario, &request, disk, sources, &mut said) else { return Err(said) };
    let (run, warnings) = assess::run(scenario, flows, None)?;
    said.extend(warnings);
    Ok((run, said))
}

/// The model over draws of what is uncertain.
fn spread(
    args: &args::Impact,
    count: usize,
    bench: &Bench,
    before: Option<(&Run, &str)>,
    impact: &Impact,
    sources: &Sources,
) -> Result<Bands, Diagnostics> {
    let seed = args.seed.unwrap_or(0);
    let all = draws(bench, &[], count, seed)?;
    let spread = Spread::new(args.threads, args.common.output.quiet);
    let outcomes = spread.each(all.len(), &|at| drawn(bench, before, &all[at], sources))?;
    let written = Outcome::of(impact).map_err(tariffsim::analysis::bench::overflow)?;
    Ok(bands(&written, &outcomes, &all, seed))
}
