//! Rows read one by one, and what is found wrong with them.

use super::ids::Firsts;
use crate::assess::outlet::Page;
use crate::scenario::Scenario;
use crate::trade::{BadRows, Ids, ReadRow, Rejected, Rows};
use std::sync::Arc;

/// What becomes of wrong rows.
#[derive(Clone, Copy)]
pub struct Wrong<'s> {
    /// The number of the file among those that are read.
    pub input: usize,
    /// The ids that are given twice; `None` where wrong rows stop the run.
    pub firsts: Option<&'s Firsts>,
}

/// The wrong rows of a file.
#[derive(Debug, Default)]
pub struct WrongRows {
    /// Those that stop the run.
    pub bad: BadRows,
    /// Those that are set aside.
    pub aside: BadRows,
    /// How many are.
    pub rejected: usize,
}

impl Wrong<'_> {
    /// Whether the id of a row is another flow's.
    pub fn is_taken(self, rows: &Rows<'_, '_>) -> bool {
        self.firsts.is_some_and(|firsts| firsts.place(self.input, rows).is_some())
    }

    /// Reads a row; one that is wrong goes where it belongs.
    pub fn read(
        self,
        scenario: &Scenario,
        rows: &Rows<'_, '_>,
        page: Option<&mut (dyn Page + '_)>,
        found: &mut WrongRows,
    ) -> Option<ReadRow> {
        let mut ids = Ids::new();
        ids.extend(self.firsts.and_then(|firsts| firsts.place(self.input, rows)));
        let row = match rows.read(&mut ids) {
            Ok(read) => return Some(read),
            Err(row) => *row,
        };
        match page {
            Some(page) if self.firsts.is_some() => {
                let path: &Arc<str> = rows.path();
                let (text, problems) = (rows.text(), &row.problems);
                page.reject(scenario, &Rejected { path, line: row.line, text, problems });
                found.rejected += 1;
                found.aside.add(row);
            }
            _ => found.bad.add(row),
        }
        None
    }
}

impl WrongRows {
    /// Takes in what was found in other rows of the file.
    pub fn join(&mut self, other: WrongRows) {
        self.bad.join(other.bad);
        self.aside.join(other.aside);
        self.rejected += other.rejected;
    }
}
