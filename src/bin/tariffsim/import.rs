//! `import`: official files in the form that scenarios read.

use crate::args::{self, Imported, Output};
use crate::disk::Disk;
use crate::terminal;
use std::process::ExitCode;
use tariffsim::diagnostic::Sources;
use tariffsim::report;
use tariffsim::schedule;

/// What follows from errors.
const NOTHING_WRITTEN: &str = "; nothing was written";

/// Imports what is named.
pub fn import(args: &args::Import) -> ExitCode {
    match &args.what {
        Imported::Schedule(args) => schedule(args),
    }
}

/// Writes the rates, and the account where one is wanted; what came of the lines goes where the rates do not.
fn schedule(args: &args::ImportSchedule) -> ExitCode {
    let disk = Disk::default();
    let mut sources = Sources::new();
    let output = |out| Output { format: None, out, color: args.color, quiet: args.quiet, verbose: false };
    let schedule = match schedule::import(&args.file, &disk, &mut sources) {
        Ok(schedule) => schedule,
        Err(found) => {
            terminal::show(found, &sources, &output(None), NOTHING_WRITTEN);
            return ExitCode::FAILURE;
        }
    };
    if let (Some(rates), Some(account)) = (&args.out, &args.account)
        && rates == account
    {
        return terminal::fail(&format!("--out and --account both name {}", rates.display()));
    }
    if args.account.is_some() {
        let text = report::account(&schedule);
        let code = terminal::publish(&text, &output(args.account.clone()), &disk);
        if code != ExitCode::SUCCESS {
            return code;
        }
    }
    let rates = report::rate_file(&schedule);
    let code = terminal::publish(&rates, &output(args.out.clone()), &disk);
    if code != ExitCode::SUCCESS {
        return code;
    }
    match (args.quiet, args.out.is_some()) {
        (true, _) => code,
        (false, true) => {
            let text = report::imported(&schedule, terminal::layout(&output(None)));
            terminal::publish(&text, &output(None), &disk)
        }
        (false, false) => {
            let layout = report::Layout { colour: false, ..terminal::layout(&output(None)) };
            terminal::say(report::imported(&schedule, layout).trim_end());
            code
        }
    }
}
