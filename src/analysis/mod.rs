//! Questions asked of scenarios and their worksheets, one a file.

mod cause;
mod check;
mod compare;
mod law;
mod timeline;

pub use cause::Cause;
pub use check::{Checked, Coverage, check};
pub use compare::{ChargeChange, Comparison, Difference, GroupChange, compare};
pub use law::{LawChange, Said};
pub use timeline::{Asked, Days, Layer, MOST_YEARS, Point, Timeline, timeline};
