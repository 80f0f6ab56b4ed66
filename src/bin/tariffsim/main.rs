//! The shell: the only code that opens files, prints or exits.

mod args;
mod check;
mod compare;
mod completions;
mod define;
mod disk;
mod draft;
mod explain;
mod impact;
mod import;
mod man;
mod new;
mod packed;
mod press;
mod quiz;
mod rates;
mod report;
mod run;
mod schema;
mod solve;
mod spread;
mod sweep;
mod terminal;
mod timeline;
mod watch;

use args::{Args, Command};
use clap::Parser;
use std::process::ExitCode;

/// Main thread stacks differ by platform; deep but legal nesting needs this much.
const STACK: usize = 16 * 1024 * 1024;

fn main() -> ExitCode {
    let args = Args::parse();
    args.check();
    let work = move || match args.command {
        Command::Run(args) => run::run(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Impact(args) => impact::impact(&args),
        Command::Timeline(args) => timeline::timeline(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Quiz(args) => quiz::quiz(&args),
        Command::Sweep(args) => sweep::sweep(&args),
        Command::Solve(args) => solve::solve(&args),
        Command::Report(args) => report::report(&args),
        Command::Rates(args) => rates::rates(&args),
        Command::Check(args) => check::check(&args),
        Command::Import(args) => import::import(&args),
        Command::Define(args) => define::define(&args),
        Command::New(args) => new::new(&args),
        Command::Schema => schema::schema(),
        Command::Completions(args) => completions::completions(&args),
        Command::Man(args) => man::man(&args),
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work);
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        _ => ExitCode::FAILURE,
    }
}
