//! Files as data: one form for parameters, product groups and rates. A row says for which product and origin, from
//! when until when, a value holds; it is looked up by the longest product prefix, then by origin, then by the latest
//! day.

mod cell;
mod rows;
mod spec;
mod texts;

pub use rows::table;
pub use spec::{Filter, KEYS, check_descriptions, delimiter, described, filters, pad};
pub use texts::Texts;

use super::model::CountryGroup;
use super::raw::Table;
use crate::country::{Country, CountrySet};
use crate::date::{Date, Window};
use crate::diagnostic::Span;
use crate::expr::{Expr, Names, Type, Value, in_unit_of};
use crate::money;
use crate::product::Product;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What is looked up: rates, values of a parameter, or whether a product is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A rate of duty a row; texts that are no rate are kept and refused where a flow meets them.
    Rates,
    /// A value a row.
    Values,
    /// No value: the rows are the members.
    Members,
}

/// What tables are read against.
pub struct TableNames<'a> {
    /// Parameters, groups and currencies, for defaults.
    pub names: &'a dyn Names,
    /// Groups of countries, for the origin column.
    pub countries: &'a [CountryGroup],
    /// `[files]`.
    pub files: Option<&'a Table>,
}

/// What two rows of the same product, origin and first day do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overlap {
    /// Are an error.
    Error,
    /// Give the highest.
    Highest,
    /// Give the lowest.
    Lowest,
    /// Give the sum.
    Sum,
}

impl Overlap {
    /// The names a scenario may write.
    pub const NAMES: &'static [(&'static str, Overlap)] = &[
        ("error", Overlap::Error),
        ("highest", Overlap::Highest),
        ("lowest", Overlap::Lowest),
        ("sum", Overlap::Sum),
    ];

    fn join(self, a: Decimal, b: Decimal) -> money::Exact {
        match self {
            Overlap::Error => Ok(a),
            Overlap::Highest => Ok(a.max(b)),
            Overlap::Lowest => Ok(a.min(b)),
            Overlap::Sum => money::add(a, b),
        }
    }
}

/// A file of rows.
#[derive(Debug, Clone)]
pub struct FileTable {
    rows: Vec<Row>,
    /// Rows by product, an empty cell standing for every one.
    by_product: BTreeMap<Option<Product>, Vec<usize>>,
    /// Lengths of the products that occur, longest first.
    lengths: Vec<usize>,
    cells: Vec<Cell>,
    overlap: Overlap,
    /// Whether `as` says what bare numbers are.
    pub says_unit: bool,
    /// The rate where no row fits; a parameter keeps its own.
    pub default: Option<super::formula::Formula>,
    /// The type of its values; a rate's is settled by each row.
    pub ty: Type,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Digits of its product; 0 where it holds for every one.
    pub digits: usize,
    /// When it holds.
    pub window: Window,
    /// Where its value stands.
    pub span: Span,
    origin: Option<CountrySet>,
    cell: usize,
}

impl Row {
    /// How closely it fits an origin; `None` where it does not.
    fn closeness(&self, origin: Country) -> Option<u8> {
        match &self.origin {
            None => Some(0),
            Some(set) if set.is_only(origin) => Some(3),
            Some(set) if set.names(origin) => Some(2),
            Some(set) if set.contains(origin) => Some(1),
            Some(_) => None,
        }
    }
}

/// A day as two numbers that no other day has.
fn day_number(day: Option<Date>) -> [u32; 2] {
    let number = |n: i32| n.cast_unsigned();
    day.map_or([0, 0], |day| [number(day.year().into()) + 1, number(i32::from(day.day_of_year())) + 1])
}

/// The value of rows that write the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// As written.
    pub text: String,
    /// What it means; or why it is refused.
    pub value: Result<Expr, String>,
}

/// What a lookup finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'a> {
    /// The row, as a place in the table; of several that were joined the one taken, else the first.
    pub place: usize,
    /// The row.
    pub row: &'a Row,
    /// As written.
    pub text: &'a str,
    /// What it means; or why it is refused.
    pub value: Result<Expr, String>,
}

impl FileTable {
    /// The type of what a row says; `None` where it is refused.
    pub fn row_type(&self, place: usize) -> Option<Type> {
        let cell = self.cells.get(self.rows.get(place)?.cell)?;
        cell.value.as_ref().ok().map(|expr| expr.ty)
    }

    /// A row by its place.
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(place)
    }

    /// What a row writes.
    pub fn text(&self, place: usize) -> &str {
        self.rows.get(place).and_then(|row| self.cells.get(row.cell)).map_or("", |cell| cell.text.as_str())
    }

    /// The value for goods of an origin on a day; `None` where no row fits.
    pub fn find(&self, product: Product, origin: Country, day: Date) -> Option<Found<'_>> {
        let lengths = self.lengths.iter().filter(|length| **length <= product.digits());
        let keys = lengths.map(|length| Some(product.prefix(*length))).chain([None]);
        for key in keys {
            let Some(rows) = self.by_product.get(&key) else { continue };
            let fitting = rows.iter().filter_map(|place| Some((*place, self.rank(*place, origin, day)?)));
            let fitting: Vec<(usize, (u8, Option<Date>))> = fitting.collect();
            let Some(best) = fitting.iter().map(|(_, rank)| *rank).max() else { continue };
            let tied: Vec<usize> = fitting.into_iter().filter(|(_, r)| *r == best).map(|(p, _)| p).collect();
            return self.joined(&tied);
        }
        None
    }

    /// How closely a row fits an origin, and since when; `None` where it does not.
    fn rank(&self, place: usize, origin: Country, day: Date) -> Option<(u8, Option<Date>)> {
        let row = &self.rows[place];
        if !row.window.contains(day) {
            return None;
        }
        Some((row.closeness(origin)?, row.window.from))
    }

    /// One value of rows that fit equally well.
    fn joined(&self, tied: &[usize]) -> Option<Found<'_>> {
        let first = *tied.first()?;
        let row = &self.rows[first];
        let cell = &self.cells[row.cell];
        let found = |value| Some(Found { place: first, row, text: &cell.text, value });
        let alike = tied.iter().all(|place| self.rows[*place].cell == row.cell);
        if tied.len() == 1 || (alike && self.overlap != Overlap::Sum) {
            return found(cell.value.clone());
        }
        if self.overlap == Overlap::Error {
            return found(Err("two rows of the file fit the goods and the origin equally well".to_owned()));
        }
        let refused = || found(Err("rows that overlap cannot be joined".to_owned()));
        let value_of =
            |place: usize| self.cells[self.rows[place].cell].value.as_ref().ok()?.as_literal().cloned();
        let Some(mut joined) = value_of(first) else { return refused() };
        let mut winner = first;
        for place in &tied[1..] {
            let Some(next) = value_of(*place).map(|next| in_unit_of(&joined, &next)) else {
                return refused();
            };
            let amounts = joined.amount().zip(next.amount()).filter(|_| joined.ty() == next.ty());
            let amount = amounts.and_then(|(a, b)| self.overlap.join(a, b).ok());
            let Some(value) = amount.and_then(|amount| joined.with_amount(amount)) else { return refused() };
            // Of rows of which one is taken, it is the one to point at.
            if value == next && value != joined {
                winner = *place;
            }
            joined = value;
        }
        let row = &self.rows[winner];
        Some(Found { place: winner, row, text: self.text(winner), value: Ok(Expr::literal(joined)) })
    }

    /// Whether a code is too short to tell: rows lie under it.
    pub fn splits(&self, product: Product) -> bool {
        let under = self
            .by_product
            .range(Some(product)..)
            .map_while(|(key, _)| key.filter(|key| key.prefix(product.digits()) == product));
        under.into_iter().any(|key| key.digits() > product.digits())
    }

    /// Adds how the table sees goods of an origin, whatever the day: goods that it sees alike find the same value at the
    /// same closeness.
    pub(crate) fn view(&self, product: Product, origin: Country, view: &mut Vec<u32>) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let lengths = self.lengths.iter().filter(|length| **length <= product.digits());
        for key in lengths.map(|length| Some(product.prefix(*length))).chain([None]) {
            for place in self.by_product.get(&key).into_iter().flatten() {
                let row = &self.rows[*place];
                let Some(closeness) = row.closeness(origin) else { continue };
                view.extend([number(row.digits), u32::from(closeness), number(row.cell)]);
                view.extend(day_number(row.window.from));
                view.extend(day_number(row.window.until));
            }
        }
        view.push(u32::from(self.splits(product)));
    }

    /// Whether some row is for goods of some origins only.
    pub(crate) fn has_origins(&self) -> bool {
        self.rows.iter().any(|row| row.origin.is_some())
    }

    /// Every value that rests on nothing, as written, with where it stands.
    pub fn values(&self) -> impl Iterator<Item = (&Value, &str, Span)> {
        self.rows.iter().filter_map(|row| {
            let cell = &self.cells[row.cell];
            Some((cell.value.as_ref().ok()?.as_literal()?, cell.text.as_str(), row.span))
        })
    }

    /// The days on which some row starts or ends.
    pub fn change_dates(&self) -> impl Iterator<Item = Date> {
        self.rows.iter().flat_map(|row| row.window.from.into_iter().chain(row.window.until))
    }

    /// The products of the rows and when each holds, for groups.
    pub fn members(&self) -> impl Iterator<Item = (Product, Window)> {
        self.by_product.iter().filter_map(|(product, rows)| Some(((*product)?, rows))).flat_map(
            move |(product, rows)| rows.iter().map(move |place| (product, self.rows[*place].window)),
        )
    }
}
