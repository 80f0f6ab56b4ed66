//! Rows that are written as they come, by several hands at a time: a page of them becomes a text, and pages stand one under
//! the other.

use crate::assess::Worksheet;
use crate::date::Date;
use crate::money::{CHARGE_PLACES, RoundingMode, plain};
use crate::parquet::{Column, Kind, Layout, NULL, ParquetError, Values, Words};
use crate::scenario::Scenario;
use crate::trade::{Flow, Rejected};
use csv::Writer;
use rust_decimal::Decimal;
use std::collections::HashMap;
use std::sync::Arc;

/// The columns of single flows.
pub(super) const FLOW: [&str; 13] = [
    "scenario",
    "variant",
    "id",
    "product",
    "origin",
    "importer",
    "date",
    "value",
    "duty",
    "effective_rate",
    "landed_cost",
    "computable",
    "reason",
];

/// A page of CSV.
struct Text {
    writer: Writer<Vec<u8>>,
    length: usize,
}

impl Default for Text {
    fn default() -> Self {
        Text { writer: Writer::from_writer(Vec::new()), length: 0 }
    }
}

impl Text {
    fn write<'c>(&mut self, cells: impl IntoIterator<Item = &'c str>) {
        let cells =
            cells.into_iter().inspect(|cell| self.length = self.length.saturating_add(cell.len() + 1));
        // Writing to memory cannot fail.
        self.writer.write_record(cells).unwrap_or_default();
    }

    fn take(&mut self) -> Vec<u8> {
        std::mem::take(self).writer.into_inner().unwrap_or_default()
    }
}

/// The scenario and the variant, as they stand in front of every row.
fn names(scenario: &Scenario) -> [&str; 2] {
    [&scenario.file, scenario.variant.as_ref().map_or("", |variant| &variant.id)]
}

/// A page of rows that are set aside, as CSV.
#[derive(Default)]
pub struct RejectedRows {
    text: Text,
}

impl RejectedRows {
    /// The first line of the file.
    pub fn header() -> Vec<u8> {
        let mut text = Text::default();
        text.write(["scenario", "variant", "file", "line", "problem", "text"]);
        text.take()
    }

    /// Adds a row.
    pub fn add(&mut self, scenario: &Scenario, row: &Rejected<'_>) {
        let (line, reason) = (row.line.to_string(), row.reason());
        let cells = [row.path, &line, &reason, row.text];
        self.text.write(names(scenario).into_iter().chain(cells));
    }

    /// About how many bytes there are.
    pub fn length(&self) -> usize {
        self.text.length
    }

    /// What is written so far; the page is empty then.
    pub fn take(&mut self) -> Vec<u8> {
        self.text.take()
    }
}

/// A page of single flows, as CSV.
#[derive(Default)]
pub struct FlowText {
    text: Text,
}

impl FlowText {
    /// The first line of the file.
    pub fn header() -> Vec<u8> {
        let mut text = Text::default();
        text.write(FLOW);
        text.take()
    }

    /// Adds a flow.
    pub fn add(&mut self, scenario: &Scenario, flow: &Flow, sheet: &Worksheet) {
        let cells = flow_cells(flow, sheet);
        self.text.write(names(scenario).into_iter().chain(cells.iter().map(String::as_str)));
    }

    /// About how many bytes there are.
    pub fn length(&self) -> usize {
        self.text.length
    }

    /// What is written so far; the page is empty then.
    pub fn take(&mut self) -> Vec<u8> {
        self.text.take()
    }
}

/// The cells of a flow behind the names of the scenario and the variant.
pub(super) fn flow_cells(flow: &Flow, sheet: &Worksheet) -> [String; 11] {
    let stated = |amount: Decimal| if sheet.computable() { plain(amount) } else { String::new() };
    [
        flow.id.clone(),
        flow.product.to_string(),
        flow.origin.text.clone(),
        flow.importer.text.clone(),
        flow.date.to_string(),
        plain(sheet.customs_value),
        stated(sheet.duty),
        sheet.effective_rate().map(plain).unwrap_or_default(),
        stated(sheet.landed_cost),
        sheet.computable().to_string(),
        sheet.not_computable.clone().unwrap_or_default(),
    ]
}

/// A page of single flows, as columns: those of [`FlowText`]. Amounts and rates have ten decimal places; rates are rounded
/// to them, and an amount with more is an error.
#[derive(Default)]
pub struct FlowColumns {
    /// Scenario, variant, id, product, origin, importer, and the reason.
    texts: [Texts; 7],
    dates: Vec<i32>,
    /// Value, duty, rate and landed cost.
    amounts: [Amounts; 4],
    computable: Vec<bool>,
    unfit: Option<String>,
}

/// Texts by their places in a list of words.
#[derive(Default)]
struct Texts {
    words: Vec<String>,
    places: HashMap<String, u32>,
    codes: Vec<u32>,
}

#[derive(Default)]
struct Amounts {
    numbers: Vec<i128>,
    nulls: Vec<bool>,
}

impl Texts {
    fn push(&mut self, text: Option<&str>) {
        let Some(text) = text else { return self.codes.push(NULL) };
        let place = self.places.get(text).copied().unwrap_or_else(|| {
            let place = u32::try_from(self.words.len()).unwrap_or(NULL);
            self.words.push(text.to_owned());
            self.places.insert(text.to_owned(), place);
            place
        });
        self.codes.push(place);
    }

    fn take(&mut self) -> Values {
        let Texts { words, codes, .. } = std::mem::take(self);
        Values::Words { words: Arc::new(words.iter().map(String::as_str).collect::<Words>()), codes }
    }
}

impl Amounts {
    /// Adds an amount; `false` where it has more places than the column.
    fn push(&mut self, amount: Option<Decimal>) -> bool {
        let number = amount.map(|amount| {
            let amount = amount.normalize();
            let missing = CHARGE_PLACES.checked_sub(amount.scale())?;
            amount.mantissa().checked_mul(10_i128.pow(missing)).filter(|number| number.abs() < MOST)
        });
        self.nulls.push(number.is_none());
        self.numbers.push(number.flatten().unwrap_or_default());
        number != Some(None)
    }

    fn take(&mut self) -> Values {
        let Amounts { numbers, nulls } = std::mem::take(self);
        Values::Wide { numbers, scale: CHARGE_PLACES, nulls: Some(nulls) }
    }
}

/// One more than the largest number of 38 digits.
const MOST: i128 = 10_i128.pow(38);

impl FlowColumns {
    /// The columns of the file.
    pub fn layout() -> Result<Layout, ParquetError> {
        let kind = |name: &str| match name {
            "date" => Kind::Date,
            "value" | "duty" | "effective_rate" | "landed_cost" => Kind::Wide { scale: CHARGE_PLACES },
            "computable" => Kind::Flag,
            _ => Kind::Text,
        };
        Layout::new(&FLOW.map(|name| Column { name: name.to_owned(), kind: kind(name) }))
    }

    /// Adds a flow.
    pub fn add(&mut self, scenario: &Scenario, flow: &Flow, sheet: &Worksheet) {
        let [file, variant] = names(scenario);
        let product = flow.product.to_string();
        let texts = [
            Some(file),
            Some(variant).filter(|variant| !variant.is_empty()),
            Some(&flow.id),
            Some(&product),
            Some(&flow.origin.text),
            Some(&flow.importer.text),
            sheet.not_computable.as_deref(),
        ];
        self.texts.iter_mut().zip(texts).for_each(|(column, text)| column.push(text));
        self.dates.push(since_1970(flow.date));
        let rate = sheet.effective_rate().map(|rate| RoundingMode::HalfUp.places(rate, CHARGE_PLACES));
        let stated = |amount: Decimal| Some(amount).filter(|_| sheet.computable());
        let amounts = [Some(sheet.customs_value), stated(sheet.duty), rate, stated(sheet.landed_cost)];
        for ((column, amount), name) in
            self.amounts.iter_mut().zip(amounts).zip(["value", "duty", "effective_rate", "landed_cost"])
        {
            if !column.push(amount) {
                let amount = amount.map(plain).unwrap_or_default();
                self.unfit.get_or_insert_with(|| {
                    format!("{name} of flow {} is {amount}; a Parquet file has room for ten decimal places: write CSV", flow.id)
                });
            }
        }
        self.computable.push(sheet.computable());
    }

    /// How many flows there are.
    pub fn length(&self) -> usize {
        self.dates.len()
    }

    /// What is written so far, or what does not fit; the page is empty then.
    pub fn take(&mut self) -> Result<Vec<Values>, String> {
        let FlowColumns { mut texts, dates, mut amounts, computable, unfit } = std::mem::take(self);
        if let Some(unfit) = unfit {
            return Err(unfit);
        }
        let mut columns: Vec<Values> = texts.iter_mut().map(Texts::take).collect();
        let reason = columns.pop();
        columns.push(Values::Days { days: dates, nulls: None });
        columns.extend(amounts.iter_mut().map(Amounts::take));
        columns.push(Values::Flags { flags: computable, nulls: None });
        columns.extend(reason);
        Ok(columns)
    }
}

/// Days since 1970-01-01.
fn since_1970(date: Date) -> i32 {
    let days = date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    i32::try_from(days).unwrap_or(i32::MAX)
}
