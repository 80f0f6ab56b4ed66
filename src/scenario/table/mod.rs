//! Files as data: one form for parameters, product groups and rates. A row says for which product and origin, from
//! when until when, a value holds; it is looked up by the longest product prefix, then by origin, then by the latest
//! day.

mod cell;
mod data;
mod grid;
mod rows;
mod spec;
mod texts;

pub use cell::is_rate;
pub use data::Data;
pub use rows::{pairs, table};
pub use spec::{Filter, KEYS, check_descriptions, delimiter, described, filters, pad};
pub use texts::Texts;

use super::codes::Codes;
use super::model::CountryGroup;
use super::raw::Table;
use crate::expr::{Names, Type};
use crate::money;
use rust_decimal::Decimal;
use std::ops::Deref;
use std::sync::Arc;

/// What is looked up: rates, values of a parameter, or whether a product is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// `[codes]`, for the origin column.
    pub codes: &'a [Arc<Codes>],
    /// `[files]`.
    pub files: Option<&'a Table>,
}

/// What two rows of the same product, origin and first day do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// A file of rows, read for a purpose.
#[derive(Debug, Clone)]
pub struct FileTable {
    data: Arc<Data>,
    /// The rate where no row fits; a parameter keeps its own.
    pub default: Option<super::formula::Formula>,
}

impl Deref for FileTable {
    type Target = Data;

    fn deref(&self) -> &Data {
        &self.data
    }
}

impl FileTable {
    /// The type of its values; a rate's is settled by each row.
    pub fn ty(&self) -> Type {
        self.data.shape.ty
    }

    /// Whether `as` says what bare numbers are.
    pub fn says_unit(&self) -> bool {
        self.data.shape.says_unit
    }

    /// Whether its rows are for some goods or origins, and not only for some days.
    pub fn is_by_goods(&self) -> bool {
        self.data.shape.by_goods
    }
}
