//! Rows with something wrong that are set aside, so that a run goes on without them.

use super::bad::{BadRow, BadRows, Tone};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use std::sync::Arc;

/// A row of a flow file that is set aside.
#[derive(Debug)]
pub struct Rejected<'r> {
    /// The file.
    pub path: &'r str,
    /// The number of its line; of a Parquet file, of the row.
    pub line: usize,
    /// The row as it stands in the file.
    pub text: &'r str,
    /// What is wrong with it.
    pub problems: &'r [Diagnostic],
}

impl Rejected<'_> {
    /// What is wrong, each problem with its code; without the file and the line, which stand beside it.
    pub fn reason(&self) -> String {
        let reason = |problem: &Diagnostic| {
            let message = ["line", "row"].iter().find_map(|unit| {
                let place = format!("{}, {unit} {}", self.path, self.line);
                problem.message.strip_prefix(&place).map(|rest| rest.trim_start_matches([':', ' ']))
            });
            format!("{}: {}", problem.code, message.unwrap_or(&problem.message))
        };
        self.problems.iter().map(reason).collect::<Vec<_>>().join("; ")
    }
}

/// Takes a row that is set aside.
pub type Reject<'r> = dyn FnMut(&Rejected<'_>) + 'r;

/// Where wrong rows go: nowhere unless they are to be set aside, and then the run stops.
pub struct SetAside<'r> {
    reject: Option<&'r mut Reject<'r>>,
    rows: RejectedRows,
}

impl<'r> SetAside<'r> {
    /// Sets rows aside where there is somewhere to put them.
    pub fn new(reject: Option<&'r mut Reject<'r>>) -> SetAside<'r> {
        SetAside { reject, rows: RejectedRows::default() }
    }

    /// Takes in a wrong row with its whole text; gives it back where it stops the run.
    pub fn take(&mut self, path: &Arc<str>, text: &str, row: BadRow) -> Option<BadRow> {
        let Some(reject) = &mut self.reject else { return Some(row) };
        reject(&Rejected { path, line: row.line, text, problems: &row.problems });
        self.rows.of(path).add(row);
        None
    }

    /// The rows that were set aside.
    pub fn into_rows(self) -> RejectedRows {
        self.rows
    }
}

/// What is said of the rows that were set aside, by file.
#[derive(Debug, Default)]
pub struct RejectedRows {
    files: Vec<(Arc<str>, BadRows)>,
}

impl RejectedRows {
    /// Those of the file that is being read.
    pub fn of(&mut self, path: &Arc<str>) -> &mut BadRows {
        let last = self.files.last().is_none_or(|(last, _)| !Arc::ptr_eq(last, path));
        if last {
            self.files.push((path.clone(), BadRows::default()));
        }
        let at = self.files.len() - 1;
        &mut self.files[at].1
    }

    /// Says what is wrong with them: as errors where no flow is left, else as warnings.
    pub fn report(self, is_any_left: bool, sources: &mut Sources, diagnostics: &mut Diagnostics) {
        let tone = if is_any_left { Tone::SetAside } else { Tone::Stop };
        self.files.into_iter().for_each(|(path, rows)| rows.report(&path, tone, sources, diagnostics));
    }
}
