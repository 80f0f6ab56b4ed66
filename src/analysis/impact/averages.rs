//! Three averages of one tariff: each line alike, by trade as it was, and by trade as the tariff leaves it.

use super::law::Sorted;
use super::market::MarketImpact;
use crate::assess::Run;
use crate::money::{ArithmeticError, add, div, mul};
use rust_decimal::Decimal;

/// Averages of the rate after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Averages {
    /// Of the lines of product, origin and importer, each counted once: law.
    pub simple: Option<Decimal>,
    /// By the trade of the flows: law.
    pub fixed: Option<Decimal>,
    /// By the trade after: model. Flows in no market are taken as they are.
    pub substituted: Option<Decimal>,
}

/// The averages.
pub fn averages(after: &Run, markets: &[MarketImpact], sorted: &Sorted) -> Result<Averages, ArithmeticError> {
    let (mut duty, mut value) = (sorted.left_out_duty, sorted.left_out.value);
    for market in markets {
        duty = add(duty, market.after.duty)?;
        value = add(value, mul(market.after.world, market.after.imports)?)?;
    }
    Ok(Averages {
        simple: after.totals.simple_mean_rate,
        fixed: after.totals.effective_rate,
        substituted: div(duty, value).ok(),
    })
}
