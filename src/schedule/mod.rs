//! Official tariff schedules as they are published: from the text of a file to rates by tariff line, and an account of
//! every line.
//!
//! The form read is the export of the Harmonized Tariff Schedule of the United States, CSV or JSON
//! (<https://hts.usitc.gov>): lines with an indent, of which only some have a number and only some of these state rates;
//! a general rate, special rates with the programmes they are for, and a rate for the countries of column 2.
//!
//! A text that is no rate stays in its place as it is. The scenario language refuses it where a flow meets it, so what
//! could not be read is never taken for a rate.

mod csv;
mod json;
mod markup;
mod printed;
mod settle;
mod special;

pub use printed::Refusal;
pub use settle::{Account, Refused, Row, Schedule, Status};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span};
use crate::files::Files;
use crate::scenario::read_text;

/// A line of a schedule, without markup.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Where it stands: its line in a CSV file, its place among the lines of a JSON file, from 1.
    pub at: usize,
    /// Its number as printed; empty where it has none.
    pub number: String,
    /// How deep it stands.
    pub indent: usize,
    /// What it is.
    pub description: String,
    /// Units of quantity.
    pub units: Vec<String>,
    /// The general rate.
    pub general: String,
    /// Special rates, each with its programmes.
    pub special: String,
    /// The rate for the countries of column 2.
    pub column_2: String,
    /// Additional duties.
    pub additional: String,
    /// Footnotes, each with the columns it is for.
    pub footnotes: String,
}

impl Line {
    /// The digits of its number.
    fn digits(&self) -> String {
        self.number.chars().filter(char::is_ascii_digit).collect()
    }

    /// Whether it states a rate of any kind.
    fn states(&self) -> bool {
        [&self.general, &self.special, &self.column_2, &self.additional].iter().any(|cell| !cell.is_empty())
    }
}

/// Reads a schedule and settles what holds for each of its lines.
pub fn import(path: &str, files: &dyn Files, sources: &mut Sources) -> Result<Schedule, Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let Some(text) = read_text(path, None, files, &mut diagnostics) else { return Err(diagnostics) };
    let id = sources.add(path, text.as_str());
    let lines = match text.trim_start().chars().next() {
        None => {
            let message = format!("{path} is empty");
            diagnostics.push(
                Diagnostic::at(Code::EmptyFile, Span::new(id, 0, 0), message)
                    .help("it is the CSV or JSON export of a tariff schedule"),
            );
            Vec::new()
        }
        Some('[' | '{') => json::lines(&text, id, &mut diagnostics),
        Some(_) => csv::lines(&text, id, &mut diagnostics),
    };
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok(settle::settle(lines)) }
}
