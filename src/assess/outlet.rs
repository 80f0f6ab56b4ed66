//! Where what is said of single rows goes.

use super::worksheet::Worksheet;
use crate::scenario::Scenario;
use crate::trade::{Flow, Rejected};

/// Takes pages of rows, by several hands at a time, and puts them in the order of the files.
pub trait Outlet: Sync {
    /// The pages from here on are of the next file, numbered from 0 again. All before it are finished.
    fn next_file(&self);

    /// A page for the rows of a piece of a file. Pieces are numbered in the order in which they stand in the file and in
    /// which they are taken up, so that whoever has the first unfinished one need not wait.
    fn page(&self, piece: usize) -> Box<dyn Page + '_>;
}

/// The rows of a piece of a file. One that is let go unfinished ends all behind it.
pub trait Page {
    /// Takes a flow with its worksheet.
    fn flow(&mut self, scenario: &Scenario, flow: &Flow, sheet: &Worksheet);

    /// Takes a row that is set aside.
    fn reject(&mut self, scenario: &Scenario, row: &Rejected<'_>);

    /// No more rows come. An error says that nothing more is taken; the outlet knows why.
    fn finish(self: Box<Self>) -> Result<(), Full>;
}

/// An outlet takes nothing more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;
