//! `report`: a page to hand on.

use crate::args::{self, Output};
use crate::compare::{Asked, compared};
use crate::disk::Disk;
use crate::terminal::{self, NOTHING_COMPUTED};
use crate::timeline;
use std::process::ExitCode;
use tariffsim::analysis::{self, Days};
use tariffsim::diagnostic::Sources;
use tariffsim::report;
use tariffsim::trade::FlowRequest;

/// Runs the scenarios side by side and writes the page.
pub fn report(args: &args::Report) -> ExitCode {
    let days = match Days::between(args.from, args.to) {
        Ok(days) => days,
        Err(reason) => timeline::refuse("report", &reason),
    };
    let disk = Disk::default();
    let mut sources = Sources::new();
    let output =
        Output { format: None, out: args.out.clone(), color: args.color, quiet: args.quiet, verbose: false };
    let asked = Asked {
        scenarios: &args.scenarios,
        with_variants: false,
        baseline: args.baseline.as_deref(),
        own_flows: args.own_flows,
        set: &args.set,
        flows: FlowRequest { files: args.flows.clone(), date: args.date },
        by: None,
    };
    match compared(&asked, &disk, &mut sources) {
        Ok((comparison, said)) => {
            terminal::show(said, &sources, &output, NOTHING_COMPUTED);
            let handout = analysis::handout(comparison, days);
            terminal::publish(&report::handout(&handout, &sources, &command()), &output, &disk)
        }
        Err(found) => {
            terminal::show(found, &sources, &output, NOTHING_COMPUTED);
            ExitCode::FAILURE
        }
    }
}

/// The command as it was typed, for a shell; the program by its name, wherever it lies.
fn command() -> String {
    let typed = std::env::args_os().skip(1).map(|argument| quoted(&argument.to_string_lossy()));
    std::iter::once("tariffsim".to_owned()).chain(typed).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
pub fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=#%:,+@".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) && !argument.starts_with('#') {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}
