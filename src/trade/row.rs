//! From the cells of one row to a flow: the same for files and for flows written in a scenario.

use super::column::Column;
use super::{Defaults, Flow};
use crate::country::Country;
use crate::date::{Date, parse_date};
use crate::diagnostic::{Code, Diagnostic, Span, nearest};
use crate::expr::Quantity;
use crate::money::{self, NumberError};
use crate::product::{Product, ProductError};
use crate::scenario::{Named, malformed};
use crate::units::Unit;
use rust_decimal::Decimal;

/// The cells of a row, and where they stand.
pub trait Cells {
    /// The text of a column; `None` where the column or the cell is empty.
    fn get(&self, column: Column) -> Option<&str>;
    /// Where a column's cell stands; the whole row where it has none.
    fn span(&self, column: Option<Column>) -> Span;
    /// How the row is named in messages: "row 12" or "the flow".
    fn name(&self) -> String;
}

/// What is read from a row besides its standard columns.
pub struct Extras {
    /// Shares of the value.
    pub content: Vec<Option<Decimal>>,
    /// Free columns.
    pub attributes: Vec<Option<String>>,
}

/// Reads a row; everything wrong with it goes to `problems`.
pub fn read(
    cells: &dyn Cells,
    number: usize,
    pad: usize,
    extras: Extras,
    defaults: &Defaults,
    problems: &mut Vec<Diagnostic>,
) -> Option<(Flow, bool)> {
    let before = problems.len();
    let mut row = Row { cells, problems };
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
        let message = format!("{}: {message}", self.cells.name());
        let diagnostic = Diagnostic::new(code, message)
            .label(self.cells.span(Some(column)), format!("column `{}`", column.name()));
        self.problems.push(diagnostic.help(help));
    }

    /// Says that a cell without which there is no flow is empty.
    fn missing<T>(&mut self, column: Column) -> Option<T> {
        if self.cells.get(column).is_none() {
            let message = format!("`{}` is empty", column.name());
            let help = match column {
                Column::Importer => "add the column, or `importer` at the top of the scenario",
                _ => "give every flow a product, an origin and a value",
            };
            self.report(Code::BadCell, column, &message, help);
        }
        None
    }

    fn no_date(&mut self) -> Option<Date> {
        if self.cells.get(Column::Date).is_none() {
            let message = format!("{} has no entry date", self.cells.name());
            self.problems.push(
                Diagnostic::at(Code::NoDate, self.cells.span(None), message)
                    .help("add a `date` column, `date = 2025-06-05` at the top of the scenario, or --date"),
            );
        }
        None
    }

    fn product(&mut self, pad: usize) -> Option<Product> {
        let Some(cell) = self.cells.get(Column::Product) else { return self.missing(Column::Product) };
        let missing = pad.saturating_sub(cell.chars().filter(char::is_ascii_digit).count());
        let padded;
        let code = if missing > 0 && missing < pad {
            padded = format!("{}{cell}", "0".repeat(missing));
            &padded
        } else {
            cell
        };
        match Product::parse(code) {
            Ok(product) => Some(product),
            Err(error) => {
                let span = self.cells.span(Some(Column::Product));
                let mut diagnostic = malformed(code, error, span);
                diagnostic.message = format!("{}: {}", self.cells.name(), diagnostic.message);
                if let Some(label) = diagnostic.labels.first_mut() {
                    "column `product`".clone_into(&mut label.text);
                }
                if error == ProductError::OddDigits {
                    diagnostic = diagnostic.help(
                        "a spreadsheet may have dropped the zeros: `pad = 10` in `flows` puts them back",
                    );
                }
                self.problems.push(diagnostic);
                None
            }
        }
    }

    fn country(&mut self, column: Column, default: Option<&Named<Country>>) -> Option<Named<Country>> {
        let Some(cell) = self.cells.get(column) else {
            return match default {
                Some(default) => Some(default.clone()),
                None => self.missing(column),
            };
        };
        if let Some(value) = Country::from_code(cell) {
            Some(Named { text: cell.to_owned(), value })
        } else {
            let help = match Country::suggest(cell) {
                Some(country) => format!("did you mean {country}?"),
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
        if let Some(unit) = Unit::from_name(name) {
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

/// A share of the value: a fraction or a percentage.
pub fn share(cell: &str) -> Result<Decimal, String> {
    let (digits, divisor) = match cell.trim().strip_suffix('%') {
        Some(digits) => (digits.trim(), Decimal::ONE_HUNDRED),
        None => (cell, Decimal::ONE),
    };
    let number = money::parse_number(digits).map_err(|error| number_message(cell, error))?;
    money::div(number, divisor).map_err(|error| error.to_string())
}

fn number_message(cell: &str, error: NumberError) -> String {
    match error {
        NumberError::Malformed => format!("`{cell}` is not a number"),
        NumberError::TooLong => format!("`{cell}` has more digits than can be kept exactly"),
    }
}

/// What to write instead of a cell that is no number.
pub fn number_help(cell: &str) -> &'static str {
    if cell.contains(',') {
        "write it without thousands separators and with a decimal point: 1234567.50"
    } else {
        "write it like 1250000 or 0.15"
    }
}
