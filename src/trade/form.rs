//! How the cells of a column are written where official files write them otherwise: a code with words behind it, numbers
//! of countries, separators of thousands, amounts in thousands, months in place of days.

use super::column::Column;
use crate::diagnostic::{Code, Diagnostic, nearest};
use crate::money;
use crate::scenario::{Codes, M49, Node, Raw, Reader, Report, Table, Text, find_codes, wrong_type};
use crate::units::Unit;
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one number of a date column stands for; its first day is the entry date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// `202403` or `2024-03`.
    Month,
    /// `2024`.
    Year,
}

/// What cells of dates may name in place of days.
pub const PERIODS: &[(&str, Period)] = &[("month", Period::Month), ("year", Period::Year)];

/// What may stand between groups of three digits.
pub const THOUSANDS: &[(&str, char)] = &[(",", ','), (" ", ' '), ("'", '\'')];

/// What a cell holds.
#[derive(Debug, Clone, Default, PartialEq)]
enum Kind {
    /// What the standard column holds.
    #[default]
    Plain,
    /// A code of a country, of a list.
    Country(Arc<Codes>),
    /// A number: what one of it stands for, and what separates its thousands.
    Number { scale: Option<Decimal>, thousands: Option<char> },
    /// A month or a year.
    Date(Period),
}

/// How the cells of a column are written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Form {
    /// What counts is what stands before this text.
    before: Option<String>,
    /// Texts and what they stand for.
    means: BTreeMap<String, String>,
    kind: Kind,
    /// The unit of a quantity, where it is the same in every row.
    unit: Option<&'static str>,
}

/// What is wrong with a cell: the mistake, and what to write instead.
pub struct Unread {
    /// Which mistake.
    pub code: Code,
    /// What the cell is not.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

fn is_number(column: Column) -> bool {
    use Column::{Entries, Freight, Insurance, Quantity, Quantity2, Value};
    matches!(column, Value | Quantity | Quantity2 | Freight | Insurance | Entries)
}

impl Form {
    /// Of a column whose cells are as the standard says, but for separators of thousands; `None` where nothing is to be
    /// done.
    pub fn plain(column: Column, thousands: Option<char>) -> Option<Form> {
        thousands.filter(|_| is_number(column)).map(|mark| {
            let kind = Kind::Number { scale: None, thousands: Some(mark) };
            Form { kind, ..Form::default() }
        })
    }

    /// The unit of a quantity, where the scenario says it for all rows.
    pub fn unit(&self) -> Option<&'static str> {
        self.unit
    }

    /// The list whose codes its countries are written in.
    pub fn codes(&self) -> Option<&Codes> {
        match &self.kind {
            Kind::Country(codes) => Some(codes),
            _ => None,
        }
    }

    /// Whether a cell that holds what the standard column would, or a code of its list, says what it would say there.
    pub fn reads_plain_cells(&self) -> bool {
        let is_plain = match self.kind {
            Kind::Plain | Kind::Country(_) => true,
            Kind::Number { scale, .. } => scale.is_none(),
            Kind::Date(_) => false,
        };
        is_plain && self.before.is_none() && self.means.is_empty() && self.unit.is_none()
    }

    /// A cell as the standard column writes it.
    pub fn read<'c>(&'c self, cell: &'c str) -> Result<Cow<'c, str>, Unread> {
        let cut = self.before.as_ref().and_then(|mark| cell.split_once(mark.as_str()));
        let part = cut.map_or(cell, |(part, _)| part.trim());
        if let Some(meant) = self.means.get(part).or_else(|| self.means.get(cell)) {
            return Ok(Cow::Borrowed(meant));
        }
        if let (Some(mark), None, false) = (&self.before, cut, cell.is_empty()) {
            return Err(Unread {
                code: Code::BadCell,
                message: format!("`{cell}` has no `{mark}` in it, before which the code stands"),
                help: format!(
                    "say what the text stands for, means = {{ \"{cell}\" = \"…\" }}, or leave it out with `skip`"
                ),
            });
        }
        if part.is_empty() {
            return Ok(Cow::Borrowed(part));
        }
        match &self.kind {
            Kind::Plain => Ok(Cow::Borrowed(part)),
            Kind::Country(codes) => country(part, codes),
            Kind::Number { scale, thousands } => number(part, *scale, *thousands),
            Kind::Date(period) => first_day(part, *period),
        }
    }
}

/// The country that a code of a list stands for.
fn country<'c>(cell: &str, codes: &'c Codes) -> Result<Cow<'c, str>, Unread> {
    if let Some(country) = codes.country(cell) {
        return Ok(Cow::Owned(country.code().to_owned()));
    }
    let (message, help) = codes.unknown(cell);
    let help = if codes.name == M49 {
        format!(
            "say which country it stands for, means = {{ \"{cell}\" = \"…\" }}, or leave its rows out with `skip` or `where`"
        )
    } else {
        help.to_owned()
    };
    Err(Unread { code: Code::UnknownCountry, message, help })
}

/// A number without separators of thousands, times what one of it stands for. What is no number is left for the reader
/// of rows to refuse.
fn number(cell: &str, scale: Option<Decimal>, thousands: Option<char>) -> Result<Cow<'_, str>, Unread> {
    let plain = match thousands.filter(|mark| cell.contains(*mark)) {
        Some(mark) => Cow::Owned(without_thousands(cell, mark).ok_or_else(|| Unread {
            code: Code::BadCell,
            message: format!("`{cell}` is not a number with `{mark}` between its thousands"),
            help: format!("every `{mark}` stands between groups of three digits: 1{mark}234{mark}567.50"),
        })?),
        None => Cow::Borrowed(cell),
    };
    let (Some(scale), Ok(parsed)) = (scale, money::parse_number(&plain)) else { return Ok(plain) };
    match money::mul(parsed, scale) {
        Ok(scaled) => Ok(Cow::Owned(money::plain(scaled))),
        Err(error) => Err(Unread {
            code: Code::BadCell,
            message: format!("`{cell}` times {scale}: {error}"),
            help: "round it to fewer places".to_owned(),
        }),
    }
}

/// A number as it stands without its separators of thousands; `None` where they stand elsewhere.
pub fn without_thousands(cell: &str, mark: char) -> Option<String> {
    let (whole, places) = match cell.split_once('.') {
        Some((whole, places)) => (whole, Some(places)),
        None => (cell, None),
    };
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let groups: Vec<&str> = digits.split(mark).collect();
    let (first, rest) = groups.split_first()?;
    let grouped = all_digits(first) && first.len() <= 3 && rest.iter().all(|g| all_digits(g) && g.len() == 3);
    (grouped && places.is_none_or(all_digits)).then(|| cell.replace(mark, ""))
}

/// The first day of a month or a year.
fn first_day(cell: &str, period: Period) -> Result<Cow<'_, str>, Unread> {
    let digits: String = cell.chars().filter(|c| *c != '-').collect();
    let is_plain = digits.bytes().all(|b| b.is_ascii_digit()) && cell.matches('-').count() <= 1;
    let day = match (period, digits.len(), digits.get(..4), digits.get(4..)) {
        (Period::Year, 4, Some(_), _) if !cell.contains('-') => Some(format!("{digits}-01-01")),
        (Period::Month, 6, Some(year), Some(month))
            if ("01"..="12").contains(&month) && (cell.len() == 6 || cell.get(4..5) == Some("-")) =>
        {
            Some(format!("{year}-{month}-01"))
        }
        _ => None,
    };
    day.filter(|_| is_plain).map(Cow::Owned).ok_or_else(|| {
        let (what, example) = match period {
            Period::Month => ("month", "202403 or 2024-03"),
            Period::Year => ("year", "2024"),
        };
        Unread {
            code: Code::BadCell,
            message: format!("`{cell}` is not a {what}"),
            help: format!("write {example}; days are read without `as`"),
        }
    })
}

/// Reads what a scenario says of a column: the name the file gives it, or a table that also says how its cells are
/// written.
pub fn column<'a>(
    node: &'a Node,
    (key, column): (&'static str, Column),
    thousands: Option<char>,
    lists: &[Arc<Codes>],
    report: &'a Report<'a>,
) -> (Option<Text<'a>>, Option<Form>) {
    let table = match &node.value {
        Raw::Text(text, content) => {
            let name = Text { text, span: node.span, content: *content };
            return (Some(name), Form::plain(column, thousands));
        }
        Raw::Table(table) => table,
        _ => {
            report.push(wrong_type(node, key, "a text or a table"));
            return (None, None);
        }
    };
    let reader = Reader::new(table, format!("the column `{key}`"), node.span, report);
    let name = reader.text("column");
    let before = reader.has("before").then(|| reader.required("before")).flatten();
    let means = reader.table("means").map(|(table, _)| meanings(table, report)).unwrap_or_default();
    let before = before.map(|text| text.text.to_owned());
    let mut form = Form { before, means, kind: Kind::Plain, unit: None };
    match column {
        Column::Origin | Column::Importer => {
            if let Some(codes) = reader.node("codes").and_then(|node| find_codes(node, lists, report)) {
                form.kind = Kind::Country(codes);
            }
        }
        Column::Date => {
            if let Some(period) = reader.choice("as", PERIODS) {
                form.kind = Kind::Date(period);
            }
        }
        column if is_number(column) => {
            if matches!(column, Column::Quantity | Column::Quantity2) {
                form.unit = reader.text("as").and_then(|text| unit(&text, report));
            }
            form.kind = Kind::Number { scale: scale(&reader, report), thousands };
        }
        _ => {}
    }
    reader.finish();
    (name, Some(form))
}

/// What texts stand for.
fn meanings(table: &Table, report: &Report<'_>) -> BTreeMap<String, String> {
    let mut meanings = BTreeMap::new();
    for (key, node) in &table.entries {
        match &node.value {
            Raw::Text(text, _) | Raw::Number(text) => {
                meanings.insert(key.name.clone(), text.trim().to_owned());
            }
            _ => report.push(wrong_type(node, &key.name, "a text")),
        }
    }
    meanings
}

fn unit(text: &Text<'_>, report: &Report<'_>) -> Option<&'static str> {
    let unit = Unit::from_printed(text.text).map(Unit::name);
    if unit.is_none() {
        let message = format!("`{}` is not a unit", text.text);
        let help = match nearest(text.text, Unit::names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "units are kg, t, each, l, m2, GJ …".to_owned(),
        };
        report.push(Diagnostic::at(Code::UnknownUnit, text.span, message).help(help));
    }
    unit
}

fn scale(reader: &Reader<'_>, report: &Report<'_>) -> Option<Decimal> {
    let node = reader.node("scale")?;
    let scale = match &node.value {
        Raw::Number(text) | Raw::Text(text, _) => {
            money::parse_number(text).ok().filter(|n| *n > Decimal::ZERO)
        }
        _ => None,
    };
    if scale.is_none() {
        report.push(
            wrong_type(node, "scale", "a number above zero").help("an amount in thousands: scale = 1000"),
        );
    }
    scale
}
