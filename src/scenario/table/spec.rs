//! How a file is described: which columns hold what, which rows are kept, what bare numbers mean.

use super::Overlap;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::Names;
use crate::product::MOST_DIGITS;
use crate::scenario::codes::{self, Codes};
use crate::scenario::decode::{Reader, Report, Text, wrong_type};
use crate::scenario::raw::{Node, Raw, Table};
use crate::sheet::SEPARATORS;
use crate::trade;
use crate::units::Unit;
use rust_decimal::Decimal;
use std::sync::Arc;

/// The keys that describe a file, wherever it is used.
pub(super) struct Spec<'a> {
    pub(super) path: Text<'a>,
    pub(super) product: Option<Text<'a>>,
    pub(super) origin: Option<CountryColumn<'a>>,
    pub(super) value: Option<Text<'a>>,
    pub(super) from: Option<Text<'a>>,
    pub(super) until: Option<Text<'a>>,
    pub(super) through: Option<Text<'a>>,
    pub(super) filters: Vec<Filter>,
    pub(super) prefer: Vec<Filter>,
    pub(super) bare: Option<Text<'a>>,
    pub(super) separator: Option<u8>,
    pub(super) pad: usize,
    pub(super) skip: Vec<String>,
    pub(super) overlap: Overlap,
}

/// The keys of a file's description, for tables that hold it among keys of their own.
pub const KEYS: [&str; 15] = [
    "file",
    "product",
    "origin",
    "value",
    "rate",
    "from",
    "until",
    "through",
    "where",
    "prefer",
    "as",
    "delimiter",
    "pad",
    "skip",
    "overlap",
];

/// A column of countries, and how they are written in it.
#[derive(Debug, Clone)]
pub(super) struct CountryColumn<'a> {
    /// The column.
    pub column: Text<'a>,
    /// What stands before each code; cells that do not start with it name no country.
    pub after: Option<Text<'a>>,
    /// What the column calls countries, where it does not write ISO codes.
    pub codes: Option<Arc<Codes>>,
}

/// A column of countries: its name, or a table that also says how they are written; or that it is wrong.
fn country_column<'a>(
    reader: &Reader<'a>,
    key: &'static str,
    lists: &[Arc<Codes>],
    report: &'a Report<'a>,
) -> Result<Option<CountryColumn<'a>>, Wrong> {
    let Some(node) = reader.node(key) else { return Ok(None) };
    let Raw::Table(table) = &node.value else {
        let column = reader.text(key).ok_or(Wrong)?;
        return Ok(Some(CountryColumn { column, after: None, codes: None }));
    };
    let inner = Reader::new(table, format!("the column of `{key}`"), node.span, report);
    let column = inner.required("column");
    let after = inner.text("after");
    let codes = inner.node("codes").map(|node| codes::find(node, lists, report).ok_or(Wrong));
    inner.finish();
    Ok(Some(CountryColumn { column: column.ok_or(Wrong)?, after, codes: codes.transpose()? }))
}

/// What was wrong is said already.
struct Wrong;

/// Rows are kept whose column holds one of the values.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    /// The column.
    pub column: String,
    /// Where it is named.
    pub span: Span,
    /// What it may hold.
    pub values: Vec<String>,
}

impl Filter {
    /// Where among the values a cell is.
    pub fn place(&self, cell: &str) -> Option<usize> {
        self.values.iter().position(|value| value == cell)
    }

    /// Whether a cell is one of the values.
    pub fn keeps(&self, cell: &str) -> bool {
        self.values.iter().any(|value| value == cell)
    }
}

/// What a bare number in the value column means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Bare {
    Percent,
    Fraction,
    /// Money by unit; what one of it is worth in the scenario's currency.
    PerUnit(Unit, Decimal),
    Quantity(Unit),
    /// Money; what one of it is worth in the scenario's currency.
    Money(Decimal),
}

/// Says what is wrong with the descriptions in `[files]`, used or not.
pub fn check_descriptions(
    files: Option<&Table>,
    lists: &[Arc<Codes>],
    citations: &[String],
    report: &Report<'_>,
) {
    for (key, node) in files.map(|t| t.entries.as_slice()).unwrap_or_default() {
        match &node.value {
            Raw::Table(table) if is_of_flows(table) => {
                trade::flow_file(node, None, citations, lists, report);
            }
            Raw::Table(table) => {
                let reader = Reader::new(table, format!("the file `{}`", key.name), key.span, report);
                spec(&reader, lists, report);
                reader.node("default");
                reader.finish();
            }
            _ => report.push(wrong_type(node, &key.name, "a table with `file`")),
        }
    }
}

/// Whether a description is one of flows: it has a key, or says of a column, what only these do.
fn is_of_flows(table: &Table) -> bool {
    let only_flows = |key: &str| {
        let is_column = trade::COLUMNS.iter().any(|(name, _)| *name == key) && !KEYS.contains(&key);
        is_column || trade::FLOW_KEYS.contains(&key)
    };
    let says_more = |origin: &Table| {
        origin.get("column").is_none() || origin.get("before").or(origin.get("means")).is_some()
    };
    table.entries.iter().any(|(key, _)| only_flows(&key.name))
        || table.table("product").is_some()
        || table.table("value").is_some()
        || table.table("origin").is_some_and(says_more)
}

/// The description of a file at its place of use, with that of `[files]` laid under it; conditions of both hold.
pub fn described(table: &Table, files: Option<&Table>) -> Table {
    let name = table.text("file").unwrap_or_default();
    let Some(base) = files.and_then(|files| files.table(name)) else { return table.clone() };
    let mut merged = base.clone();
    for (key, node) in &table.entries {
        match (key.name.as_str(), merged.get("where").map(|n| n.value.clone()), &node.value) {
            ("file", ..) => {}
            ("where", Some(Raw::Table(mut both)), Raw::Table(own)) => {
                both.entries.extend(own.entries.clone());
                let value = Raw::Table(both);
                merged.set(key.clone(), Node { value, span: node.span });
            }
            _ => merged.set(key.clone(), node.clone()),
        }
    }
    merged
}

pub(super) fn spec<'a>(
    reader: &Reader<'a>,
    lists: &[Arc<Codes>],
    report: &'a Report<'a>,
) -> Option<Spec<'a>> {
    let path = reader.required("file");
    let (value, rate) = (reader.text("value"), reader.text("rate"));
    if let (Some(_), Some(rate)) = (value, rate) {
        let message = "`value` and `rate` both name the column of the value";
        report.push(Diagnostic::at(Code::KeyNotAllowed, rate.span, message).help("keep one of them"));
    }
    let (product, origin) = (reader.text("product"), country_column(reader, "origin", lists, report));
    let spec = Spec {
        path: path?,
        product,
        value: value.or(rate),
        from: reader.text("from"),
        until: reader.text("until"),
        through: reader.text("through"),
        filters: filters(reader, "where", report),
        prefer: filters(reader, "prefer", report),
        bare: reader.text("as"),
        separator: reader.text("delimiter").and_then(|text| delimiter(&text, report)),
        pad: pad(reader, report),
        skip: reader.texts("skip").unwrap_or_default().iter().map(|t| t.text.to_owned()).collect(),
        overlap: reader.choice("overlap", Overlap::NAMES).unwrap_or(Overlap::Error),
        origin: origin.ok()?,
    };
    if let (Some(_), Some(through)) = (spec.until, spec.through) {
        let message = "`until` and `through` both say when a row ends";
        report.push(Diagnostic::at(Code::KeyNotAllowed, through.span, message).help("keep one of them"));
    }
    Some(spec)
}

/// How many digits product codes are filled up to; 0 where they are left as they are.
pub fn pad(reader: &Reader<'_>, report: &Report<'_>) -> usize {
    let pad = reader.count("pad").map_or(0, |pad| pad as usize);
    if pad > MOST_DIGITS || pad % 2 == 1 {
        let message = format!("`pad` is {pad}: codes have an even number of digits, at most {MOST_DIGITS}");
        report.push(Diagnostic::at(Code::WrongType, reader.place("pad"), message).help("write 6, 8 or 10"));
        return 0;
    }
    pad
}

/// The separator that `delimiter` names.
pub fn delimiter(text: &Text<'_>, report: &Report<'_>) -> Option<u8> {
    let named =
        text.text.as_bytes().first().copied().filter(|b| text.text.len() == 1 && SEPARATORS.contains(b));
    if named.is_none() {
        let message = format!("`{}` separates no cells", text.text);
        report.push(
            Diagnostic::at(Code::UnknownChoice, text.span, message)
                .help("it is one of \",\" \";\" \"|\" and \"\\t\""),
        );
    }
    named
}

/// The conditions of `where`, or the order of `prefer`.
pub fn filters(reader: &Reader<'_>, key: &'static str, report: &Report<'_>) -> Vec<Filter> {
    let Some((table, _)) = reader.table(key) else { return Vec::new() };
    let mut filters = Vec::with_capacity(table.entries.len());
    for (key, node) in &table.entries {
        let items = match &node.value {
            Raw::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match &item.value {
                Raw::Text(text, _) | Raw::Number(text) => values.push(text.clone()),
                _ => report.push(wrong_type(item, &key.name, "a text or a list of texts")),
            }
        }
        filters.push(Filter { column: key.name.clone(), span: key.span, values });
    }
    filters
}

/// What `as` says of bare numbers.
pub(super) fn bare(text: &Text<'_>, names: &dyn Names, report: &Report<'_>) -> Option<Bare> {
    let money = |currency: &str| {
        let worth = names.exchange(currency);
        if worth.is_none() {
            let message = format!("there is no exchange rate for `{currency}`");
            report.push(
                Diagnostic::at(Code::UnknownCurrency, text.span, message)
                    .help("write the scenario's own currency, or give a rate under [exchange]"),
            );
        }
        worth
    };
    let is_currency = |code: &str| iso_currency::Currency::from_code(code).is_some();
    let by_unit =
        text.text.split_once('/').and_then(|(code, unit)| Some((code.trim(), Unit::from_name(unit.trim())?)));
    match (text.text, by_unit) {
        ("percent", _) => Some(Bare::Percent),
        ("fraction", _) => Some(Bare::Fraction),
        (code, _) if is_currency(code) => money(code).map(Bare::Money),
        (_, Some((code, unit))) if is_currency(code) => money(code).map(|worth| Bare::PerUnit(unit, worth)),
        (name, _) => {
            let unit = Unit::from_name(name).map(Bare::Quantity);
            if unit.is_none() {
                let message = format!("`{name}` says nothing of a bare number");
                report.push(
                    Diagnostic::at(Code::UnknownChoice, text.span, message)
                        .help("write \"percent\", \"fraction\", a unit such as \"t\", or money by unit such as \"USD/t\""),
                );
            }
            unit
        }
    }
}
