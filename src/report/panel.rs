//! The panel of rates: a row a product, origin and span of days; as text, or as columns.

use crate::assess::{Panel, Rates};
use crate::date::Date;
use crate::money::{CHARGE_PLACES, plain};
use crate::parquet::{Column, Kind, Values, Words};
use crate::scenario::Scenario;
use csv::Writer;
use rust_decimal::Decimal;
use std::ops::Range;
use std::sync::Arc;

/// A panel ready to be written in pieces.
pub struct Written<'p> {
    panel: &'p Panel,
    /// Names of the columns.
    header: Vec<String>,
    /// Each of the panel's products and origins as text.
    products: Vec<String>,
    origins: Vec<String>,
    /// What stands behind the days, by the place of the rates.
    ends: Vec<String>,
    product_words: Arc<Words>,
    origin_words: Arc<Words>,
    reasons: Arc<Words>,
    /// By the place of the rates: duty, then each measure, in 1e-10, and the reason.
    numbers: Vec<(Vec<Option<i64>>, u32)>,
}

impl<'p> Written<'p> {
    /// The panel of a scenario.
    pub fn new(panel: &'p Panel, scenario: &Scenario) -> Written<'p> {
        let measures = panel.measures.iter().filter_map(|at| scenario.measures.get(*at));
        let names = ["product", "origin", "from", "until", "duty"].into_iter().map(str::to_owned);
        let mut header: Vec<String> = names.chain(measures.map(|measure| measure.id.clone())).collect();
        header.push("reason".to_owned());
        let products: Vec<String> = panel.products.iter().map(ToString::to_string).collect();
        let origins: Vec<String> = panel.origins.iter().map(ToString::to_string).collect();
        let mut reasons: Vec<&str> =
            panel.rates().iter().filter_map(|rates| rates.duty.as_ref().err()).map(String::as_str).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let numbers = panel.rates().iter().map(|rates| {
            let reason =
                rates.duty.as_ref().err().and_then(|reason| reasons.binary_search(&reason.as_str()).ok());
            let reason = reason.and_then(|at| u32::try_from(at).ok()).unwrap_or(crate::parquet::NULL);
            (cells(panel, rates).into_iter().map(|cell| cell.and_then(whole)).collect(), reason)
        });
        Written {
            panel,
            ends: panel.rates().iter().map(|rates| end(panel, rates)).collect(),
            product_words: Arc::new(products.iter().map(String::as_str).collect()),
            origin_words: Arc::new(origins.iter().map(String::as_str).collect()),
            numbers: numbers.collect(),
            reasons: Arc::new(reasons.iter().copied().collect()),
            header,
            products,
            origins,
        }
    }

    /// The line that names the columns.
    pub fn header(&self) -> String {
        line(&self.header)
    }

    /// The rows of some products as text.
    pub fn text(&self, products: Range<usize>) -> String {
        let mut text = String::new();
        for row in self.panel.rows(products) {
            let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
            let (from, until) = (day(row.window.0), day(row.window.1));
            let cells = [&self.products[row.product], &self.origins[row.origin], &from, &until];
            for cell in cells {
                text.push_str(cell);
                text.push(',');
            }
            text.push_str(&self.ends[row.place]);
        }
        text
    }

    /// The columns of a table.
    pub fn columns(&self) -> Vec<Column> {
        let rate = Kind::Whole { scale: CHARGE_PLACES };
        let kind = |at: usize| match at {
            0 | 1 => Kind::Text,
            2 | 3 => Kind::Date,
            at if at + 1 == self.header.len() => Kind::Text,
            _ => rate.clone(),
        };
        let names = self.header.iter().enumerate();
        names.map(|(at, name)| Column { name: name.clone(), kind: kind(at) }).collect()
    }

    /// The rows of some products as columns.
    pub fn values(&self, products: Range<usize>) -> Vec<Values> {
        let rows: Vec<_> = self.panel.rows(products).collect();
        let code = |at: usize| u32::try_from(at).unwrap_or(crate::parquet::NULL);
        let words = |words: &Arc<Words>, codes: Vec<u32>| Values::Words { words: Arc::clone(words), codes };
        let days = |day: fn(&crate::assess::PanelRow<'_>) -> Option<Date>| Values::Days {
            days: rows.iter().map(|row| day(row).map_or(0, day_number)).collect(),
            nulls: Some(rows.iter().map(|row| day(row).is_none()).collect()),
        };
        let mut values = vec![
            words(&self.product_words, rows.iter().map(|row| code(row.product)).collect()),
            words(&self.origin_words, rows.iter().map(|row| code(row.origin)).collect()),
            days(|row| row.window.0),
            days(|row| row.window.1),
        ];
        for at in 0..=self.panel.measures.len() {
            let numbers = rows.iter().map(|row| self.numbers[row.place].0[at]);
            values.push(Values::Whole {
                nulls: Some(numbers.clone().map(|number| number.is_none()).collect()),
                numbers: numbers.map(Option::unwrap_or_default).collect(),
                scale: CHARGE_PLACES,
            });
        }
        values.push(words(&self.reasons, rows.iter().map(|row| self.numbers[row.place].1).collect()));
        values
    }
}

/// Duty, then what each measure charges, as parts of the value; a measure that is not in force has none.
fn cells(panel: &Panel, rates: &Rates) -> Vec<Option<Decimal>> {
    let of = |measure: &usize| rates.by_measure.iter().find(|(at, _)| at == measure).map(|(_, rate)| *rate);
    std::iter::once(rates.duty.as_ref().ok().copied()).chain(panel.measures.iter().map(of)).collect()
}

/// A line without its first four cells.
fn end(panel: &Panel, rates: &Rates) -> String {
    let mut written: Vec<String> =
        cells(panel, rates).into_iter().map(|cell| cell.map(plain).unwrap_or_default()).collect();
    written.push(rates.duty.as_ref().err().cloned().unwrap_or_default());
    line(&written)
}

fn line(cells: &[String]) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    writer.write_record(cells).unwrap_or_default();
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A rate in 1e-10.
fn whole(rate: Decimal) -> Option<i64> {
    let mut rate = rate;
    rate.rescale(CHARGE_PLACES);
    i64::try_from(rate.mantissa()).ok()
}

/// Days since 1970-01-01.
fn day_number(day: Date) -> i32 {
    let first = Date::new(1970, 1, 1).unwrap_or(Date::ZERO);
    day.since(first).map_or(0, |span| span.get_days())
}
