//! Questions asked of scenarios and their worksheets, one a file.

pub mod axis;
pub mod bench;
pub mod cause;
mod check;
pub mod draws;
pub mod piece;
pub mod sweep;

pub use check::{Checked, Coverage, check};
