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
    /// Duty, then each measure, by the place of the rates, in 1e-10.
    numbers: Vec<Vec<Option<i64>>>,
    /// Why there is no rate, by the place of the rates.
    reason_codes: Vec<u32>,
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
        let reason_codes = panel.rates().iter().map(|rates| {
            let reason = rates.duty.as_ref().err();
            let at = reason.and_then(|reason| reasons.binary_search(&reason.as_str()).ok());
            at.and_then(|at| u32::try_from(at).ok()).unwrap_or(crate::parquet::NULL)
        });
        let reason_codes = reason_codes.collect();
        let mut numbers = vec![Vec::with_capacity(panel.rates().len()); panel.measures.len() + 1];
        for rates in panel.rates() {
            let cells = cells(panel, rates).into_iter().map(|cell| cell.map(whole));
            numbers.iter_mut().zip(cells).for_each(|(column, cell)| column.push(cell));
        }
        Written {
            panel,
            ends: panel.rates().iter().map(|rates| end(panel, rates)).collect(),
            product_words: Arc::new(products.iter().map(String::as_str).collect()),
            origin_words: Arc::new(origins.iter().map(String::as_str).collect()),
            numbers,
            reason_codes,
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
        let code = |at: usize| u32::try_from(at).unwrap_or(crate::parquet::NULL);
        let words = |words: &Arc<Words>, codes: Vec<u32>| Values::Words { words: Arc::clone(words), codes };
        let day = |day: Option<Date>| day.map(day_number);
        let (mut codes, mut origins, mut places) = (Vec::new(), Vec::new(), Vec::new());
        let (mut from, mut until) = (Vec::new(), Vec::new());
        for row in self.panel.rows(products) {
            codes.push(code(row.product));
            origins.push(code(row.origin));
            from.push(day(row.window.0));
            until.push(day(row.window.1));
            places.push(row.place);
        }
        let mut values = vec![
            words(&self.product_words, codes),
            words(&self.origin_words, origins),
            days(&from),
            days(&until),
        ];
        let mut used = places.clone();
        used.sort_unstable();
        used.dedup();
        values.extend(self.numbers.iter().map(|column| {
            // Most measures charge nothing of what stands together.
            let (numbers, nulls) = if used.iter().all(|place| column[*place].is_none()) {
                (vec![0; places.len()], vec![true; places.len()])
            } else {
                let number = |place: &usize| column[*place].unwrap_or_default();
                let is_null = |place: &usize| column[*place].is_none();
                (places.iter().map(number).collect(), places.iter().map(is_null).collect())
            };
            Values::Whole { numbers, nulls: Some(nulls), scale: CHARGE_PLACES }
        }));
        values.push(words(&self.reasons, places.iter().map(|place| self.reason_codes[*place]).collect()));
        values
    }
}

fn days(days: &[Option<i32>]) -> Values {
    Values::Days {
        days: days.iter().map(|day| day.unwrap_or_default()).collect(),
        nulls: Some(days.iter().map(Option::is_none).collect()),
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

/// A rate in 1e-10. One that does not fit is larger than any table takes, and is refused when it is written.
fn whole(rate: Decimal) -> i64 {
    let mut rate = rate;
    rate.rescale(CHARGE_PLACES);
    i64::try_from(rate.mantissa()).ok().filter(|_| rate.scale() == CHARGE_PLACES).unwrap_or(i64::MAX)
}

/// Days since 1970-01-01.
fn day_number(day: Date) -> i32 {
    let first = Date::new(1970, 1, 1).unwrap_or(Date::ZERO);
    i32::try_from(day.duration_since(first).as_hours() / 24).unwrap_or(0)
}
