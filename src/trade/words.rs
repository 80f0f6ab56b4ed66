//! What columns say, each distinct thing with a number, so that rows can be held as numbers.

use super::Defaults;
use crate::country::Country;
use crate::date::Date;
use crate::product::Product;
use crate::scenario::Named;
use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Distinct things, numbered in the order they were met.
#[derive(Debug)]
pub struct Distinct<T> {
    numbers: FxHashMap<T, u32>,
    things: Vec<T>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Distinct { numbers: FxHashMap::default(), things: Vec::new() }
    }
}

impl<T: Clone + Eq + Hash> Distinct<T> {
    /// The number of a thing; a new one where it was not met yet.
    pub fn number(&mut self, thing: &T) -> u32 {
        if let Some(number) = self.numbers.get(thing) {
            return *number;
        }
        let number = u32::try_from(self.things.len()).unwrap_or(u32::MAX);
        self.numbers.insert(thing.clone(), number);
        self.things.push(thing.clone());
        number
    }

    /// What has a number.
    pub fn get(&self, number: u32) -> Option<&T> {
        self.things.get(number as usize)
    }

    /// All of them, by number.
    pub fn all(&self) -> &[T] {
        &self.things
    }
}

/// A day that goods are entered on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryDay {
    /// The day.
    pub day: Date,
    /// Whether `--date` put it in the place of another.
    pub replaced: bool,
}

impl EntryDay {
    /// The day a flow is entered on whose own date is given or not; `None` where nothing says it.
    pub fn of(own: Option<Date>, defaults: &Defaults) -> Option<EntryDay> {
        let day = defaults.enter_on.or(own).or(defaults.date)?;
        let replaced = defaults.enter_on.is_some_and(|day| own.or(defaults.date) != Some(day));
        Some(EntryDay { day, replaced })
    }
}

/// What the columns of all flow files say.
#[derive(Debug, Default)]
pub struct Words {
    /// Products.
    pub products: Distinct<Product>,
    /// Countries of origin, as written.
    pub origins: Distinct<Named<Country>>,
    /// Importers, as written.
    pub importers: Distinct<Named<Country>>,
    /// Entry dates.
    pub days: Distinct<EntryDay>,
    /// Texts of the column that rows are grouped by.
    pub keys: Distinct<Option<String>>,
    /// Groups of goods, with their places.
    pub groups: Distinct<(usize, String)>,
    /// Origins and importers that trade with one another.
    pub routes: Distinct<(Country, Country)>,
}

impl Words {
    /// The countries behind the numbers of an origin and an importer.
    pub fn countries(&self, origin: u32, importer: u32) -> (Country, Country) {
        (self.origins.all()[origin as usize].value, self.importers.all()[importer as usize].value)
    }
}

/// A row as numbers of [`Words`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// What it is.
    pub product: u32,
    /// Where it is from.
    pub origin: u32,
    /// Who imports it.
    pub importer: u32,
    /// When it is entered.
    pub day: u32,
    /// What it is grouped by, where that is a column of its own; else 0.
    pub key: u32,
    /// Its value in 1e-4 of the currency.
    pub value: i64,
}

/// Decimal places of [`Numbers::value`].
pub const VALUE_PLACES: u32 = 4;
