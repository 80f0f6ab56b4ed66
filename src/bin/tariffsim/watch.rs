//! `--watch`: the answer again whenever a file it rests on changes, with what changed in it marked.

use crate::args::Output;
use crate::disk::Disk;
use crate::terminal::{self, Answer};
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::Duration;
use tariffsim::report;

/// How often files are looked at.
const EVERY: Duration = Duration::from_millis(300);

/// How long to wait for a file that is being written to be whole.
const SETTLE: Duration = Duration::from_millis(50);

/// Answers, waits for a change, and answers again until it is interrupted.
pub fn watch(output: &Output, answer: impl Fn(&Disk) -> Answer) -> ExitCode {
    if !io::stdout().is_terminal() {
        terminal::say("error: --watch draws on a terminal, and the output is none; leave it out");
        return ExitCode::from(2);
    }
    let mut before: Option<String> = None;
    loop {
        let disk = Disk::default();
        let Answer { result, said, notes, sources, chart: _ } = answer(&disk);
        if terminal::clear().is_err() {
            return ExitCode::FAILURE;
        }
        terminal::show(said, &sources, output, terminal::NOTHING_COMPUTED);
        for note in notes {
            terminal::say(&note);
        }
        if let Some(result) = result {
            let colour = terminal::layout(output).colour;
            let marked = before.as_ref().map(|before| report::marked(before, &result, colour));
            terminal::print(marked.as_ref().unwrap_or(&result));
            before = Some(result);
        }
        let files = disk.files_asked();
        let noun = if files == 1 { "file" } else { "files" };
        terminal::say(&format!("\nWatching {files} {noun}; Ctrl-C ends."));
        while !disk.has_changed() {
            sleep(EVERY);
        }
        sleep(SETTLE);
    }
}
