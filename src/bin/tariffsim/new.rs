//! `new`: a scenario to start from, with its flows.

use crate::args;
use crate::disk::write_new;
use crate::terminal;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The scenario; `NAME` stands for its name.
const SCENARIO: &str = include_str!("new/scenario.toml");

/// Its flows.
const FLOWS: &str = include_str!("new/flows.csv");

/// Writes both files, neither over another, and says what to run next.
pub fn new(args: &args::New) -> ExitCode {
    let folder = args.out.clone().unwrap_or_default();
    let scenario = folder.join(format!("{}.toml", args.name));
    let flows = folder.join(format!("{}_flows.csv", args.name));
    match write(&folder, [(&scenario, &SCENARIO.replace("NAME", &args.name)), (&flows, FLOWS)]) {
        Ok(()) => {
            let (scenario, flows) = (scenario.display(), flows.display());
            terminal::print(&format!(
                "Wrote {scenario} and {flows}. Next:\n\n  tariffsim check {scenario}\n  tariffsim run {scenario}\n  \
                 tariffsim compare {scenario}\n  tariffsim run {scenario} --watch    shows what changes when you save\n"
            ))
        }
        Err(message) => terminal::fail(&message),
    }
}

/// Writes new files, all or none.
fn write(folder: &Path, files: [(&PathBuf, &str); 2]) -> Result<(), String> {
    let cannot =
        |path: &Path, error: &dyn std::fmt::Display| format!("cannot write {}: {error}", path.display());
    if !folder.as_os_str().is_empty() {
        fs::create_dir_all(folder).map_err(|error| cannot(folder, &error))?;
    }
    for (at, (path, text)) in files.iter().enumerate() {
        if let Err(error) = write_new(path, text) {
            for (written, _) in &files[..at] {
                // What was begun is taken back; that it was never there is no error.
                let _ = fs::remove_file(written);
            }
            return Err(match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    cannot(path, &"it is there already; give another name, or --out FOLDER")
                }
                _ => cannot(path, &error),
            });
        }
    }
    Ok(())
}
