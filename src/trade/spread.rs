//! A year's row divided evenly over its months, for flows that statistics give by the year and quotas take by the quarter.

use super::Flow;
use crate::date::Date;
use crate::expr::Quantity;
use crate::money::{self, ArithmeticError};
use rust_decimal::Decimal;

/// Months of a year.
const MONTHS: i8 = 12;

/// The flow in twelve, entered on the first of each month of its year, or all on the day that replaces every entry date.
/// Customs entries are divided where the row states them; else each month is one.
pub fn by_month(
    flow: &Flow,
    enter_on: Option<Date>,
    states_entries: bool,
) -> Result<Vec<Flow>, ArithmeticError> {
    let mut months = Vec::with_capacity(12);
    for month in 1..=MONTHS {
        // The first of a month of a year that has a day is a day.
        let first = Date::new(flow.date.year(), month, 1).unwrap_or(flow.date);
        let part = |whole: Decimal| part(whole, month);
        let quantity = |quantity: Option<Quantity>| {
            quantity.map(|q| part(q.amount).map(|amount| Quantity { amount, ..q })).transpose()
        };
        months.push(Flow {
            id: format!("{}-{month:02}", flow.id),
            date: enter_on.unwrap_or(first),
            value: part(flow.value)?,
            quantities: [quantity(flow.quantities[0])?, quantity(flow.quantities[1])?],
            freight: part(flow.freight)?,
            insurance: part(flow.insurance)?,
            entries: if states_entries { part(flow.entries)? } else { flow.entries },
            ..flow.clone()
        });
    }
    Ok(months)
}

/// A twelfth, cut off at 1e-10; the last month takes what that leaves, so that the parts add up to the whole.
fn part(whole: Decimal, month: i8) -> money::Exact {
    let twelfth = money::div(whole, Decimal::from(MONTHS))?;
    let twelfth = money::RoundingMode::Down.places(twelfth, money::CHARGE_PLACES);
    if month < MONTHS {
        return Ok(twelfth);
    }
    money::sub(whole, money::mul(twelfth, Decimal::from(MONTHS - 1))?)
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::part;
    use rust_decimal::Decimal;

    #[test]
    fn months_add_up_to_the_year() {
        for year in ["0", "1", "100", "65205", "0.0000000001", "0.0000000006", "123456789.0123456789"] {
            let year: Decimal = year.parse().expect("a number");
            let parts: Vec<Decimal> = (1..=12).map(|month| part(year, month).expect("a part")).collect();
            assert_eq!(parts.iter().sum::<Decimal>(), year);
            assert!(parts.iter().all(|part| *part >= Decimal::ZERO), "{parts:?}");
        }
    }
}
