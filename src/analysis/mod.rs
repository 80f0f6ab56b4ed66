//! Questions asked of scenarios and their worksheets, one a file.

mod check;
mod compare;
mod law;

pub use check::{Checked, Coverage, check};
pub use compare::{ChargeChange, Comparison, Difference, GroupChange, compare};
pub use law::{LawChange, Said};
