//! Questions asked of scenarios and their worksheets, one a file.

pub mod axis;
pub mod bench;
mod cause;
mod check;
mod compare;
pub mod draws;
mod handout;
pub mod impact;
mod law;
pub mod piece;
mod quiz;
pub mod solve;
pub mod sweep;
pub mod switch;
mod timeline;
mod tried;

pub use cause::Cause;
pub use check::{Checked, Coverage, check};
pub use compare::{ChargeChange, Comparison, Difference, GroupChange, compare};
pub use handout::{Handout, OverTime, handout, parameter};
pub use law::{LawChange, Said};
pub use quiz::{Heard, MOST, Outcome, Question, Quiz, Session, TRIES, Unreadable, Verdict, judge, quiz};
pub use timeline::{Asked, Days, Layer, MOST_YEARS, Point, Timeline, timeline};
pub use tried::{Trade, Tried};
