//! From the cells of one row to a flow: the same for files and for flows written in a scenario.

use super::column::Column;
use super::form::without_thousands;
use super::{Defaults, Flow, Ids, Place};
use crate::country::Country;
use crate::date::{Date, parse_date};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::expr::Quantity;
use crate::money::{self, NumberError};
use crate::product::{Product, ProductError};
use crate::scenario::Named;
use crate::units::Unit;
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::collections::hash_map::Entry;

/// The cells of a row, and where they stand.
pub trait Cells {
    /// The text of a column; `None` where the column or the cell is empty.
    fn get(&self, column: Column) -> Option<&str>;
    /// Whether it is said already what is wrong with a column's cell.
    fn is_refused(&self, _: Column) -> bool {
        false
    }
    /// Where a column's cell stands; the whole row where it has none.
    fn span(&self, column: Option<Column>) -> Span;
    /// How the row is named in messages: "flows.csv, line 12" or "the flow `a`".
    fn name(&self) -> String;
    /// Where the row's id stands.
    fn place(&self) -> Place;
}

/// What is read from a row besides its standard columns.
pub struct Extras {
    /// Shares of the value.
    pub content: Vec<Option<Decimal>>,
    /// Free columns.
    pub attributes: Vec<Option<String>>,
}

/// Reads a row; everything wrong with it goes to `problems`. `pad` is how many digits product codes are filled up to,
/// where they can be.
pub fn read(
    cells: &dyn Cells,
    number: usize,
    pad: Option<usize>,
    extras: Extras,
    defaults: &Defaults,
    ids: &mut Ids,
    problems: &mut Vec<Diagnostic>,
) -> Option<(Flow, bool)> {
    let before = problems.len();
    let mut row = Row { cells, problems };
    row.refuse_known_id(ids);
    let product = row.product(pad);
    let origin = row.country(Column::Origin, None);
    let importer = row.country(Column::Importer, defaults.importer.as_ref());
    let own_date = row.date();
    let value = row.amount(Column::Value);
    let value = value.or_else(|| row.missing(Column::Value));
    let quantities =
        [row.quantity(Column::Quantity, Column::Unit), row.quantity(Column::Quantity2, Column::Unit2)];
    let freight = row.amount(Column::Freight).unwrap_or_default();
    let insurance = row.amount(Column::Insurance).unwrap_or_default();
    let entries = row.amount(Column::Entries).unwrap_or(Decimal::ONE);
    let date = match defaults.enter_on.or(own_date).or(defaults.date) {
        Some(date) => Some(date),
        None => row.no_date(),
    };
    let text = |column| cells.get(column).map(str::to_owned);
    let id = text(Column::Id).unwrap_or_else(|| number.to_string());
    let claims = cells.get(Column::Claims).map(claim_list);
    let replaced = defaults.enter_on.is_some_and(|day| own_date.or(defaults.date) != Some(day));
    if problems.len() > before {
        return None;
    }
    let flow = Flow {
        id,
        product: product?,
        origin: origin?,
        importer: importer?,
        date: date?,
        value: value?,
        quantities,
        freight,
        insurance,
        entries,
        party: text(Column::Party),
        claims,
        content: extras.content,
        attributes: extras.attributes,
        description: text(Column::Description),
    };
    Some((flow, replaced))
}

/// The names in a `claims` cell.
fn claim_list(cell: &str) -> Vec<String> {
    cell.split(';').map(str::trim).filter(|claim| !claim.is_empty()).map(str::to_owned).collect()
}

struct Row<'a> {
    cells: &'a dyn Cells,
    problems: &'a mut Vec<Diagnostic>,
}

impl Row<'_> {
    fn report(&mut self, code: Code, column: Column, message: &str, help: &str) {
        if self.cells.is_refused(column) {
            return;
        }
        let message = format!("{}: {message}", self.cells.name());
        let diagnostic = Diagnostic::new(code, message)
            .label(self.cells.span(Some(column)), format!("column `{}`", column.name()));
        self.problems.push(diagnostic.help(help));
    }

    /// Says that a cell without which there is no flow is empty.
    fn missing<T>(&mut self, column: Column) -> Option<T> {
        if self.cells.get(column).is_none() {
            let message = format!("`{}` is empty", column.name());
            self.report(Code::BadCell, column, &message, "give every flow a product, an origin and a value");
        }
        None
    }

    /// Says that the flow lacks what the scenario could say for all flows.
    fn gap<T>(&mut self, code: Code, what: &str, help: &str) -> Option<T> {
        let message = format!("{} has no {what}", self.cells.name());
        self.problems.push(Diagnostic::at(code, self.cells.span(None), message).help(help));
        None
    }

    fn no_date(&mut self) -> Option<Date> {
        if self.cells.get(Column::Date).is_some() {
            // It is given, and was found to be no date.
            return None;
        }
        let help = "give each flow a `date`, or write `date = 2025-06-05` at the top of the scenario, or give --date";
        self.gap(Code::NoDate, "entry date", help)
    }

    /// An id that is given names one flow.
    fn refuse_known_id(&mut self, ids: &mut Ids) {
        let id = self.cells.get(Column::Id).filter(|_| !self.cells.is_refused(Column::Id));
        let Some(id) = id else { return };
        match ids.entry(id.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(self.cells.place());
            }
            Entry::Occupied(taken) => {
                let message = format!("the flow id `{id}` is used twice");
                let diagnostic = Diagnostic::new(Code::RepeatedId, message)
                    .label(self.cells.span(Some(Column::Id)), "again here");
                let diagnostic = match taken.get() {
                    Place::Span(span) => diagnostic.label(*span, "first here"),
                    Place::Line(path, line) => {
                        diagnostic.help(format!("it stands first in {path}, line {line}"))
                    }
                };
                self.problems.push(diagnostic.help("give each flow an id of its own, or none"));
            }
        }
    }

    fn product(&mut self, pad: Option<usize>) -> Option<Product> {
        let Some(cell) = self.cells.get(Column::Product) else { return self.missing(Column::Product) };
        let code = padded(cell, pad.unwrap_or(0));
        let error = match Product::parse(&code) {
            Ok(product) => return Some(product),
            Err(error) => error,
        };
        let message = format!("`{code}` {}", error.reason());
        let (code, help) = match (error, pad) {
            (ProductError::OddDigits, Some(_)) => (
                Code::LostZero,
                format!(
                    "a spreadsheet may have dropped a zero: `pad = {}` in `flows` puts zeros in front of codes that \
                     have fewer digits",
                    cell.chars().filter(char::is_ascii_digit).count() + 1
                ),
            ),
            (ProductError::OddDigits, None) => {
                (Code::LostZero, format!("if a leading zero was lost, write \"0{code}\""))
            }
            (_, Some(_)) if cell.contains(" - ") => (
                Code::MalformedProduct,
                "write an HS code such as 8703 or 8703.23; of a file with words behind its codes say so in `flows`: product = { \
                 before = \" - \" }"
                    .to_owned(),
            ),
            _ => (Code::MalformedProduct, "write an HS code such as 8703 or 8703.23".to_owned()),
        };
        self.report(code, Column::Product, &message, &help);
        None
    }

    fn country(&mut self, column: Column, default: Option<&Named<Country>>) -> Option<Named<Country>> {
        let Some(cell) = self.cells.get(column) else {
            return match default {
                Some(default) => Some(default.clone()),
                None if column == Column::Importer => self.gap(
                    Code::MissingColumn,
                    "importer",
                    "give each flow an `importer`, or write `importer = \"US\"` at the top of the scenario; of goods of your own say it \
                     with --importer",
                ),
                None => self.missing(column),
            };
        };
        if let Some(value) = Country::from_code(cell) {
            Some(Named { text: cell.to_owned(), value })
        } else {
            let help = match Country::suggest(cell) {
                Some(country) => format!("did you mean {country}?"),
                None if cell.starts_with(|c: char| c.is_ascii_digit()) => format!(
                    "write an ISO 3166 code such as JP or JPN; of a file with other codes say so in `flows`: {} = {{ codes = \"m49\" }}, \
                     or a list in [codes]",
                    column.name()
                ),
                None => "write an ISO 3166 code such as JP or JPN".to_owned(),
            };
            self.report(Code::UnknownCountry, column, &format!("`{cell}` is not a country"), &help);
            None
        }
    }

    fn date(&mut self) -> Option<Date> {
        let cell = self.cells.get(Column::Date)?;
        let date = parse_date(cell);
        if date.is_none() {
            self.report(
                Code::BadCell,
                Column::Date,
                &format!("`{cell}` is not a date"),
                "write year, month and day: 2025-06-04",
            );
        }
        date
    }

    /// An amount that is not below zero.
    fn amount(&mut self, column: Column) -> Option<Decimal> {
        let cell = self.cells.get(column)?;
        match money::parse_number(cell) {
            Ok(amount) if amount < Decimal::ZERO => {
                let message = format!("`{}` is below zero: {cell}", column.name());
                self.report(Code::NegativeAmount, column, &message, "amounts of trade are zero or more");
                None
            }
            Ok(amount) => Some(amount),
            Err(error) => {
                self.report(Code::BadCell, column, &number_message(cell, error), number_help(cell));
                None
            }
        }
    }

    fn quantity(&mut self, amount: Column, unit: Column) -> Option<Quantity> {
        let number = self.amount(amount)?;
        let Some(name) = self.cells.get(unit) else {
            let message = format!("`{}` is given without `{}`", amount.name(), unit.name());
            self.report(Code::UnknownUnit, amount, &message, "say what is counted: kg, t, each …");
            return None;
        };
        if let Some(unit) = Unit::from_printed(name) {
            Some(Quantity { amount: number, unit })
        } else {
            let help = match nearest(name, Unit::names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "units are kg, t, each, l, m2, GJ …".to_owned(),
            };
            self.report(Code::UnknownUnit, unit, &format!("`{name}` is not a unit"), &help);
            None
        }
    }
}

/// A product code with the zeros it lacks in front.
pub fn padded(cell: &str, pad: usize) -> Cow<'_, str> {
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let missing = pad.saturating_sub(digits);
    if missing == 0 || digits == 0 {
        return Cow::Borrowed(cell);
    }
    Cow::Owned(format!("{}{cell}", "0".repeat(missing)))
}

/// A share of the value: a fraction or a percentage; or what is wrong with it, without a place.
pub fn share(cell: &str) -> Result<Decimal, Diagnostic> {
    let wrong = |code, message| Diagnostic::new(code, message).help("write a part of the value: 0.4 or 40%");
    let unread = |error| wrong(Code::BadCell, number_message(cell, error));
    let share = match cell.strip_suffix('%') {
        Some(digits) => {
            let percent = money::parse_number(digits).map_err(unread)?;
            money::hundredth(percent).map_err(|_| unread(NumberError::TooLong))?
        }
        None => money::parse_number(cell).map_err(unread)?,
    };
    if share < Decimal::ZERO || share > Decimal::ONE {
        return Err(wrong(Code::ShareOutOfRange, format!("the share `{cell}` is outside 0 to 1")));
    }
    Ok(share)
}

fn number_message(cell: &str, error: NumberError) -> String {
    match error {
        NumberError::Malformed => format!("`{cell}` is not a number"),
        NumberError::TooLong => format!("`{cell}` has more digits than can be kept exactly"),
    }
}

/// What to write instead of a cell that is no number.
fn number_help(cell: &str) -> &'static str {
    if without_thousands(cell, ',').is_some() {
        "write it without thousands separators and with a decimal point, 1234567.50; or say in `flows` what separates \
         them: thousands = \",\""
    } else if cell.contains(',') {
        "write it without thousands separators and with a decimal point: 1234567.50"
    } else {
        "write it like 1250000 or 0.15"
    }
}
