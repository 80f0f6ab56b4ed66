//! `solve`: the value of a parameter at which a target is met.

use crate::args;
use crate::disk::Disk;
use crate::spread::Spread;
use crate::terminal::{self, NOTHING_COMPUTED};
use std::process::ExitCode;
use tariffsim::analysis::axis::axis;
use tariffsim::analysis::bench::Bench;
use tariffsim::analysis::solve::{Problem, Solved, scope, target};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::report;
use tariffsim::scenario::Request;
use tariffsim::trade::FlowRequest;

/// Looks for the target over the whole range, then prints.
pub fn solve(args: &args::Solve) -> ExitCode {
    let disk = Disk::default();
    let mut sources = Sources::new();
    let output = &args.common.output;
    match solved(args, &disk, &mut sources) {
        Ok((solved, warnings)) => {
            terminal::show(warnings, &sources, output, NOTHING_COMPUTED);
            let (format, layout) = (terminal::format(output), terminal::layout(output));
            terminal::publish(&report::solved(&solved, format, layout), output, &disk)
        }
        Err(found) => {
            terminal::show(found, &sources, output, NOTHING_COMPUTED);
            ExitCode::FAILURE
        }
    }
}

fn solved(
    args: &args::Solve,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Solved, Diagnostics), Diagnostics> {
    let request = Request::new(&args.scenario, &args.common.set);
    let flows = FlowRequest { files: args.common.flows.clone(), date: args.common.date };
    let (bench, mut said) = Bench::read(&request, &flows, disk, sources)?;
    let axis = axis(&args.vary, false, &bench, sources)?;
    let target = target(&args.target, &bench, sources)?;
    let asked = match (&args.flow, &args.by, &args.group) {
        (Some(id), ..) => Some(("flow", id.as_str())),
        (None, Some(by), Some(key)) => Some((by.as_str(), key.as_str())),
        _ => None,
    };
    let scope = scope(asked, &bench)?;
    let sources = &*sources;
    let (problem, warnings) = Problem::new(&bench, axis, target, scope, sources)?;
    said.extend(warnings);
    let spread = Spread::new(args.threads, args.common.output.quiet);
    let samples = spread.each(problem.samples(), &|at| problem.sample(at, sources))?;
    let intervals = samples.len().saturating_sub(1);
    let pieces = spread.each(intervals, &|at| problem.pieces(at, &samples, sources))?;
    let solved = problem.finish(&samples, pieces.into_iter().flatten().collect(), sources)?;
    Ok((solved, said))
}
