//! The rows of a file, and which of them holds for goods of an origin on a day.

use super::Overlap;
use crate::country::{Country, CountrySet};
use crate::date::{Date, Window};
use crate::diagnostic::Span;
use crate::expr::{Expr, Type, Value, in_unit_of};
use crate::product::{DatedSet, Product};
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

/// The rows of a file, by their goods.
#[derive(Debug)]
pub struct Data {
    /// By product, those for every one first; of one product in the order of the file.
    rows: Vec<Row>,
    /// Which rows are for a product.
    of_product: HashMap<Option<Product>, (u32, u32), FxBuildHasher>,
    /// Lengths of the products that occur, longest first.
    lengths: Vec<usize>,
    /// What origins rows hold for.
    origins: Vec<Origin>,
    windows: Vec<Window>,
    /// The days on which some row starts or ends, in order.
    changes: Vec<Date>,
    /// What rows write, in the order of the file.
    cells: Vec<Cell>,
    /// The products as a group of goods, once asked for.
    members: OnceLock<DatedSet>,
    /// What holds of all rows.
    pub(super) shape: Shape,
}

/// What holds of all rows of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub overlap: Overlap,
    /// Whether `as` says what bare numbers are.
    pub says_unit: bool,
    /// Whether rows are for some goods or origins.
    pub by_goods: bool,
    /// The type of the values.
    pub ty: Type,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its product; `None` where it holds for every one.
    pub(super) product: Option<Product>,
    /// Where its value stands.
    pub span: Span,
    pub(super) origin: u32,
    pub(super) window: u32,
    pub(super) cell: u32,
}

impl Row {
    /// Digits of its product; 0 where it holds for every one.
    pub fn digits(&self) -> usize {
        self.product.map_or(0, Product::digits)
    }
}

/// What origins a row holds for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Origin {
    /// Every one.
    Every,
    Country(Country),
    Group(CountrySet),
}

impl Origin {
    /// How closely it names a country; `None` where it does not hold for it, or names some and none is known.
    fn closeness(&self, origin: Option<Country>) -> Option<u8> {
        match (self, origin) {
            (Origin::Every, _) => Some(0),
            (_, None) => None,
            (Origin::Country(own), Some(origin)) if *own == origin => Some(3),
            (Origin::Country(own), Some(origin)) => own.covers(origin).then_some(1),
            (Origin::Group(set), Some(origin)) if set.is_only(origin) => Some(3),
            (Origin::Group(set), Some(origin)) if set.names(origin) => Some(2),
            (Origin::Group(set), Some(origin)) => set.contains(origin).then_some(1),
        }
    }
}

/// The value of rows that write the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    /// As written.
    pub text: Box<str>,
    /// What it means; or why it is refused.
    pub value: Result<Expr, String>,
    /// Where it is first written.
    pub span: Span,
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

impl Data {
    pub(super) fn new(
        mut rows: Vec<Row>,
        origins: Vec<Origin>,
        windows: Vec<Window>,
        cells: Vec<Cell>,
        shape: Shape,
    ) -> Data {
        rows.sort_by_key(|row| row.product);
        rows.shrink_to_fit();
        let mut of_product = HashMap::default();
        let mut lengths: Vec<usize> = Vec::new();
        let mut start = 0;
        for of_one in rows.chunk_by(|a, b| a.product == b.product) {
            let end = start + of_one.len();
            let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
            of_product.insert(of_one[0].product, (place(start), place(end)));
            lengths.extend(of_one[0].product.map(Product::digits).filter(|digits| !lengths.contains(digits)));
            start = end;
        }
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        let used: BTreeSet<u32> = rows.iter().map(|row| row.window).collect();
        let used = used.iter().filter_map(|at| windows.get(*at as usize));
        let changes: BTreeSet<Date> = used.flat_map(|w| w.from.into_iter().chain(w.until)).collect();
        let changes = changes.into_iter().collect();
        Data { rows, of_product, lengths, origins, windows, changes, cells, members: OnceLock::new(), shape }
    }

    /// The rows of each product.
    pub(super) fn by_product(&self) -> impl Iterator<Item = &[Row]> {
        self.rows.chunk_by(|a, b| a.product == b.product)
    }

    /// When a row holds.
    pub(super) fn window(&self, row: &Row) -> Window {
        self.windows.get(row.window as usize).copied().unwrap_or_default()
    }

    fn cell(&self, row: &Row) -> &Cell {
        &self.cells[row.cell as usize]
    }

    /// A row by its place.
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(place)
    }

    /// The type of what a row says; `None` where it is refused.
    pub fn row_type(&self, place: usize) -> Option<Type> {
        self.cell(self.rows.get(place)?).value.as_ref().ok().map(|expr| expr.ty)
    }

    /// What a row writes.
    pub fn text(&self, place: usize) -> &str {
        self.rows.get(place).map_or("", |row| &self.cell(row).text)
    }

    /// The value for goods of an origin on a day; `None` where no row fits. Where goods or origin are not known, of
    /// rows that hold for every one.
    pub fn find(&self, product: Option<Product>, origin: Option<Country>, day: Date) -> Option<Found<'_>> {
        let keys = product.into_iter().flat_map(|product| {
            let lengths = self.lengths.iter().filter(move |length| **length <= product.digits());
            lengths.map(move |length| Some(product.prefix(*length)))
        });
        keys.chain([None]).find_map(|key| {
            let (start, end) = *self.of_product.get(&key)?;
            self.closest(start as usize..end as usize, origin, day)
        })
    }

    /// The rows among some that fit an origin best on a day, as one.
    fn closest(
        &self,
        places: std::ops::Range<usize>,
        origin: Option<Country>,
        day: Date,
    ) -> Option<Found<'_>> {
        let mut best = None;
        let mut tied: Vec<usize> = Vec::new();
        for place in places {
            let Some(rank) = self.rank(&self.rows[place], origin, day) else { continue };
            if best.is_none_or(|best| rank > best) {
                best = Some(rank);
                tied.clear();
            }
            if best == Some(rank) {
                tied.push(place);
            }
        }
        self.joined(&tied)
    }

    /// How closely a row fits an origin, and since when; `None` where it does not.
    fn rank(&self, row: &Row, origin: Option<Country>, day: Date) -> Option<(u8, Option<Date>)> {
        let closeness = self.origins[row.origin as usize].closeness(origin)?;
        let window = self.windows[row.window as usize];
        window.contains(day).then_some((closeness, window.from))
    }

    /// One value of rows that fit equally well.
    fn joined(&self, tied: &[usize]) -> Option<Found<'_>> {
        let first = *tied.first()?;
        let row = &self.rows[first];
        let cell = self.cell(row);
        let found = |value| Some(Found { place: first, row, text: &cell.text, value });
        let alike = tied.iter().all(|place| self.rows[*place].cell == row.cell);
        let overlap = self.shape.overlap;
        if tied.len() == 1 || (alike && overlap != Overlap::Sum) {
            return found(cell.value.clone());
        }
        if overlap == Overlap::Error {
            return found(Err("two rows of the file fit the goods and the origin equally well".to_owned()));
        }
        let refused = || found(Err("rows that overlap cannot be joined".to_owned()));
        let value_of = |place: usize| self.cell(&self.rows[place]).value.as_ref().ok()?.as_literal().cloned();
        let Some(mut joined) = value_of(first) else { return refused() };
        let mut winner = first;
        for place in &tied[1..] {
            let Some(next) = value_of(*place).map(|next| in_unit_of(&joined, &next)) else {
                return refused();
            };
            let amounts = joined.amount().zip(next.amount()).filter(|_| joined.ty() == next.ty());
            let amount = amounts.and_then(|(a, b)| overlap.join(a, b).ok());
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
        if self.lengths.first().is_none_or(|longest| *longest <= product.digits()) {
            return false;
        }
        let from = self.rows.partition_point(|row| row.product < Some(product));
        let under = |key: &Product| key.prefix(product.digits()) == product;
        let products = self.rows[from..].iter().map_while(|row| row.product.filter(under));
        products.into_iter().any(|key| key.digits() > product.digits())
    }

    /// Adds how the table sees goods of an origin, or of any where none is given, whatever the day: goods that it sees alike
    /// find the same value at the same closeness. Without a product, only rows for every one count. A view does not say where
    /// it ends.
    pub(crate) fn view(&self, product: Option<Product>, origin: Option<Country>, view: &mut Vec<u32>) {
        let keys = product.into_iter().flat_map(|product| {
            let lengths = self.lengths.iter().filter(move |length| **length <= product.digits());
            lengths.map(move |length| Some(product.prefix(*length)))
        });
        for key in keys.chain([None]) {
            let Some((start, end)) = self.of_product.get(&key).copied() else { continue };
            for row in &self.rows[start as usize..end as usize] {
                let fit = match origin {
                    None => Some(row.origin),
                    some => self.origins[row.origin as usize].closeness(some).map(u32::from),
                };
                let digits = u32::try_from(row.digits()).unwrap_or(u32::MAX);
                view.extend(fit.into_iter().flat_map(|fit| [digits, fit, row.cell, row.window]));
            }
        }
        view.extend(product.map(|product| u32::from(self.splits(product))));
    }

    /// Adds how closely each of what the table writes as origins names a country; 0 where it does not.
    pub(crate) fn fits(&self, origin: Country, view: &mut Vec<u32>) {
        let closeness =
            |own: &Origin| own.closeness(Some(origin)).map_or(0, |closeness| u32::from(closeness) + 1);
        view.extend(self.origins.iter().map(closeness));
    }

    /// Whether some row is for some goods only.
    pub(crate) fn has_products(&self) -> bool {
        !self.lengths.is_empty()
    }

    /// Whether some row is for goods of some origins only.
    pub(crate) fn has_origins(&self) -> bool {
        self.rows.iter().any(|row| self.origins[row.origin as usize] != Origin::Every)
    }

    /// Every value that rests on nothing, as written, with where it first stands.
    pub fn values(&self) -> impl Iterator<Item = (&Value, &str, Span)> {
        self.cells
            .iter()
            .filter_map(|cell| Some((cell.value.as_ref().ok()?.as_literal()?, &*cell.text, cell.span)))
    }

    /// The days on which some row starts or ends.
    pub fn change_dates(&self) -> impl Iterator<Item = Date> {
        self.changes.iter().copied()
    }

    /// The products of the rows and when each holds, for groups.
    pub fn members(&self) -> &DatedSet {
        self.members.get_or_init(|| {
            self.rows.iter().filter_map(|row| Some((row.product?, self.window(row)))).collect()
        })
    }
}
