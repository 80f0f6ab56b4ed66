//! tariffsim
pub mod assess;
pub mod country;
pub mod date;
pub mod diagnostic;
pub mod expr;
pub mod files;
pub mod money;
pub mod product;
pub mod report;
pub mod scenario;
pub mod trade;
pub mod units;
