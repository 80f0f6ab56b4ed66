//! `completions`: what a shell completes after `tariffsim`.

use crate::args::{Args, Completions};
use crate::terminal;
use clap::CommandFactory;
use std::process::ExitCode;

/// Prints a shell's script, made from the verbs and flags there are.
pub fn completions(args: &Completions) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "tariffsim", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))
}
