//! Questions asked of scenarios and their worksheets, one a file.

mod check;

pub use check::{Checked, Coverage, check};
