//! Results as text. A renderer computes nothing but the width of a column: what it prints is read off a
//! result, rounded for the eye where it is not for a machine.

pub mod chart;
mod check;
mod compare;
mod csv;
mod exercise;
mod explain;
mod grid;
mod html;
mod impact;
mod impact_beside;
mod impact_chain;
mod impact_csv;
mod impact_json;
pub(crate) mod impact_tables;
mod json;
mod ledger;
mod mark;
mod markdown;
mod number;
mod page;
pub mod panel;
mod points;
pub mod quiz;
pub mod rows;
mod schedule;
mod sentence;
mod solve;
mod sweep;
mod table;
mod timeline;
mod worksheet;

pub use check::checked;
pub use compare::compared;
pub use exercise::exercise;
pub use explain::explained;
pub use html::handout;
pub use impact::{ImpactPart, impact};
pub use mark::marked;
pub use schedule::{account, imported, rate_file};
pub use solve::solved;
pub use sweep::swept;
pub use timeline::timeline;

use crate::assess::Run;

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Table,
    /// For programs: every decimal as a string.
    Json,
    /// One row a flow or group, no totals.
    Csv,
    /// For documents.
    Markdown,
}

/// How the table format is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns to draw in.
    pub width: usize,
    /// With terminal colours.
    pub colour: bool,
    /// With bars and lines for the eye: on a terminal.
    pub pictures: bool,
}

/// Runs as text, in the order given. `grouped` says that a grouping was asked for.
pub fn runs(runs: &[Run], grouped: bool, format: Format, layout: Layout) -> String {
    match format {
        Format::Table => table::runs(runs, layout),
        Format::Json => json::runs(runs, grouped),
        Format::Csv => csv::runs(runs, grouped),
        Format::Markdown => markdown::runs(runs),
    }
}
