//! Tariff schedules as text, the duty they charge on trade flows, and why.
//!
//! A scenario file is [read](scenario::load) into a [`scenario::Scenario`], which holds only what has been found
//! right; a scenario is [compiled](assess::Plan::compile) into a [`assess::Plan`]; a plan turns each
//! [flow](trade::Flow) into a [worksheet](assess::Worksheet), one charge a measure. Totals, groups and texts are
//! read off worksheets. Nothing is computed in binary floating point, no tariff is built in, and the
//! library opens no file, prints nothing and asks no clock: files come in through [`files::Files`].
//!
//! ```
//! use tariffsim::{assess, diagnostic::Sources, files::Files, scenario, trade};
//!
//! struct Text(&'static str);
//! impl Files for Text {
//!     fn read(&self, _path: &str) -> Result<Vec<u8>, String> {
//!         Ok(self.0.into())
//!     }
//! }
//!
//! let file = Text(r#"
//!     title    = "Cars"
//!     importer = "US"
//!     date     = 2025-06-05
//!     measure  = [{ id = "mfn-cars", type = "mfn", products = "8703", rate = "2.5%" },
//!                 { id = "s232-autos", products = "8703", rate = "25%" }]
//!     flow     = [{ product = "8703.23", origin = "JP", value = 1_000_000 }]
//! "#);
//! let mut sources = Sources::new();
//! let request = scenario::Request::new("cars.toml", &[]);
//! let (cars, mut said) = scenario::load(&request, &file, &mut sources).unwrap();
//! let flows = trade::load(&cars, &Default::default(), &file, &mut sources, &mut said).unwrap();
//! let (run, _) = assess::run(cars, flows, None).unwrap();
//! assert_eq!(run.totals.duty.to_string(), "275000.000");
//! ```
//!
//! Modules, in the order of the way through:
//!
//! | module | holds |
//! | --- | --- |
//! | [`money`], [`units`], [`date`], [`product`], [`country`] | exact amounts and the trade's nouns |
//! | [`expr`] | the expression language of rates and conditions |
//! | [`scenario`] | from text to a scenario without mistakes |
//! | [`trade`] | trade flows and their files |
//! | [`schedule`] | official tariff schedules, and an account of every line |
//! | [`assess`] | plan, worksheets, totals |
//! | [`analysis`] | one question a file: whether a scenario is sound |
//! | [`report`] | results as text |
//! | [`diagnostic`] | what is wrong, where, and what to write instead |

pub mod analysis;
pub mod assess;
pub mod country;
pub mod date;
pub mod diagnostic;
pub mod expr;
pub mod files;
pub mod money;
pub mod parquet;
pub mod product;
pub mod report;
pub mod scenario;
pub mod schedule;
mod sheet;
pub mod trade;
pub mod units;
