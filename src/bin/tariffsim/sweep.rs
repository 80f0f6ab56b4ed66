//! `sweep`: what one parameter or two do to duty.

use crate::args;
use crate::disk::Disk;
use crate::spread::Spread;
use crate::terminal::{self, NOTHING_COMPUTED};
use std::collections::BTreeSet;
use std::process::ExitCode;
use tariffsim::analysis::axis::axis;
use tariffsim::analysis::bench::Bench;
use tariffsim::analysis::sweep::{Point, Sweep, Swept};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::report;
use tariffsim::scenario::Request;
use tariffsim::trade::FlowRequest;

/// Runs the scenario at every point, then prints.
pub fn sweep(args: &args::Sweep) -> ExitCode {
    let disk = Disk::default();
    let mut sources = Sources::new();
    let output = &args.common.output;
    let drawn = swept(args, &disk, &mut sources).and_then(|(swept, warnings)| {
        let draw = |path| Ok::<_, Diagnostics>((path, report::chart::swept(&swept, report::chart::ALONE)?));
        let chart = args.chart.as_ref().map(draw).transpose()?;
        Ok((swept, chart, warnings))
    });
    match drawn {
        Ok((swept, chart, warnings)) => {
            terminal::show(warnings, &sources, output, NOTHING_COMPUTED);
            let (format, layout) = (terminal::format(output), terminal::layout(output));
            let chart = chart.map(|(path, drawn)| (path.clone(), drawn));
            terminal::publish_with(chart, &report::swept(&swept, format, layout), output, &disk)
        }
        Err(found) => {
            terminal::show(found, &sources, output, NOTHING_COMPUTED);
            ExitCode::FAILURE
        }
    }
}

fn swept(
    args: &args::Sweep,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Swept, Diagnostics), Diagnostics> {
    let request = Request::new(&args.scenario, &args.common.set);
    let flows = FlowRequest { files: args.common.flows.clone(), date: args.common.date };
    let (bench, mut said) = Bench::read(&request, &flows, disk, sources)?;
    let mut axes = Vec::with_capacity(args.vary.len());
    for asked in &args.vary {
        axes.push(axis(asked, true, &bench, sources)?);
    }
    if args.chart.is_some() {
        report::chart::drawable(&axes)?;
    }
    let draws = args.draws.map(|draws| (draws.get(), args.seed.unwrap_or(0)));
    let sweep = Sweep::new(&bench, axes, draws)?;
    let sources = &*sources;
    let spread = Spread::new(args.threads, args.common.output.quiet);
    let trials = spread.each(sweep.trials(), &|at| sweep.trial(at, sources))?;
    let mut points: Vec<Point> = Vec::with_capacity(trials.len());
    // A warning of many points is said once, of the first.
    let mut seen = BTreeSet::new();
    for (point, warnings) in trials {
        points.push(point);
        let fresh =
            warnings.into_iter().filter(|d| seen.insert((d.code, d.labels.first().map(|label| label.span))));
        let fresh: Vec<_> = fresh.collect();
        said.extend(fresh);
    }
    let line = &points[..sweep.points().min(points.len())];
    let suspects = sweep.suspects(line);
    let pieces = spread.each(suspects.len(), &|at| {
        Ok::<_, Diagnostics>(sweep.pieces(suspects[at], suspects.len(), line, sources))
    })?;
    let pieces = sweep.line(line, suspects.iter().copied().zip(pieces).collect());
    let (bends, unseen) = sweep.bends(&pieces, line);
    let kinks =
        spread.each(bends.len(), &|at| Ok::<_, Diagnostics>(sweep.kink(&bends[at], line, sources)))?;
    let kinks = kinks.into_iter().flatten().collect();
    Ok((sweep.finish(points, &pieces, kinks, unseen), said))
}
