//! `schema`: the scenario language as a JSON Schema, for editors.

use crate::terminal;
use std::process::ExitCode;
use tariffsim::scenario;

/// Prints the schema.
pub fn schema() -> ExitCode {
    terminal::print(&format!("{:#}\n", scenario::schema()))
}
