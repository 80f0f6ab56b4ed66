//! The short way from a row to numbers, for rows that are written plainly. Any other row goes the long way, by
//! `row`, which alone says what is wrong.

use super::batch::{Batch, write_cell};
use super::column::Column;
use super::file::{Layout, Opened};
use super::row::padded;
use super::words::{EntryDay, Numbers, VALUE_PLACES, Words};
use crate::country::Country;
use crate::date::parse_date;
use crate::parquet::{self, Values};
use crate::product::{MOST_DIGITS, Product};
use crate::scenario::{Codes, Named};
use crate::units::Unit;
use csv::ByteRecord;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Digits of a number that is surely small enough.
const MOST_WHOLE_DIGITS: usize = 14;

/// What else has to be plain for a row to be.
#[derive(Clone, Copy)]
enum Check {
    /// A number, or nothing.
    Amount,
    /// A number with its unit in another column, or nothing.
    Counted(usize),
    /// Nothing, or zero.
    Nothing,
    /// A fraction between 0 and 1, or nothing.
    Share,
    /// Nothing.
    Empty,
}

/// Reads the rows of a file the short way, and remembers what it has met.
pub struct Quick<'o> {
    opened: &'o Opened<'o>,
    product: usize,
    origin: usize,
    value: usize,
    importer: Option<usize>,
    date: Option<usize>,
    claims: Option<usize>,
    /// The column rows are grouped by.
    key: Option<usize>,
    checks: Vec<(usize, Check)>,
    products: FxHashMap<u64, u32>,
    origins: FxHashMap<u64, u32>,
    importers: FxHashMap<u64, u32>,
    days: FxHashMap<u64, u32>,
    keys: FxHashMap<Vec<u8>, u32>,
    no_importer: Option<u32>,
    no_date: Option<u32>,
    units: Vec<Vec<u8>>,
    /// Cells of `claims` that were met.
    claimed: FxHashSet<Vec<u8>>,
    /// By column, the words of a batch and the numbers of those that were met.
    translations: FxHashMap<usize, (Arc<parquet::Words>, Vec<u32>)>,
    /// The number of each day that a table gives, by its days since 1970-01-01.
    calendar: FxHashMap<i32, u32>,
}

impl<'o> Quick<'o> {
    /// For a file; `None` where no row of it can go the short way. `key` is the column that rows are grouped by.
    pub fn new(opened: &'o Opened<'o>, key: Option<usize>) -> Option<Quick<'o>> {
        let layout = opened.layout();
        if opened.divides_rows() || !opened.reads_plain_cells() {
            return None;
        }
        let at = |column| layout.standard.get(&column).copied();
        Some(Quick {
            opened,
            product: at(Column::Product)?,
            origin: at(Column::Origin)?,
            value: at(Column::Value)?,
            importer: at(Column::Importer),
            date: at(Column::Date),
            claims: at(Column::Claims),
            key,
            checks: checks(layout),
            products: FxHashMap::default(),
            origins: FxHashMap::default(),
            importers: FxHashMap::default(),
            days: FxHashMap::default(),
            keys: FxHashMap::default(),
            no_importer: None,
            no_date: None,
            units: Vec::new(),
            claimed: FxHashSet::default(),
            translations: FxHashMap::default(),
            calendar: FxHashMap::default(),
        })
    }

    /// The cells of `claims` that were met.
    pub fn claimed(&self) -> impl Iterator<Item = &str> {
        self.claimed.iter().filter_map(|cell| str::from_utf8(cell).ok())
    }

    /// A row as numbers; `None` where it has to go the long way.
    pub fn codes(&mut self, row: &ByteRecord, words: &Mutex<Words>) -> Option<Numbers> {
        if row.len() != self.opened.width() {
            return None;
        }
        let value = number(row.get(self.value)?)?;
        for at in 0..self.checks.len() {
            let (column, check) = self.checks[at];
            if !self.is_plain(row, column, check) {
                return None;
            }
        }
        let product = self.product(row.get(self.product)?, words)?;
        let codes = self.opened.codes(Column::Origin);
        let origin = country(&mut self.origins, row.get(self.origin)?, codes, |named| {
            lock(words).origins.number(&named)
        })?;
        let importer = self.importer(self.importer.and_then(|at| row.get(at)).unwrap_or_default(), words)?;
        let day = self.day(self.date.and_then(|at| row.get(at)).unwrap_or_default(), words)?;
        let key = match self.key {
            Some(at) => self.key(row.get(at)?, words)?,
            None => 0,
        };
        if let Some(at) = self.claims {
            let cell = row.get(at)?;
            if !self.claimed.contains(cell) {
                self.claimed.insert(cell.to_owned());
            }
        }
        Some(Numbers { product, origin, importer, day, key, value })
    }

    /// The rows of a batch as numbers; `None` where one has to go the long way.
    pub fn batch(&mut self, batch: &Batch, words: &Mutex<Words>) -> Vec<Option<Numbers>> {
        let rows = batch.rows();
        let mut plain = vec![true; rows];
        for (at, check) in self.checks.clone() {
            self.check(batch, at, check, &mut plain);
        }
        let products = self.translated(batch, Some(self.product), |quick, cell| quick.product(cell, words));
        let origins = self.translated(batch, Some(self.origin), |quick, cell| {
            let codes = quick.opened.codes(Column::Origin);
            country(&mut quick.origins, cell, codes, |named| lock(words).origins.number(&named))
        });
        let importers = self.translated(batch, self.importer, |quick, cell| quick.importer(cell, words));
        let days = self.days(batch, words);
        let keys = match self.key {
            Some(_) => self.translated(batch, self.key, |quick, cell| quick.key(cell, words)),
            None => vec![0; rows],
        };
        if let Some(values) = self.claims.and_then(|at| batch.column(at)) {
            let mut cell = String::new();
            for row in 0..rows {
                cell.clear();
                write_cell(values, row, &mut cell);
                if !self.claimed.contains(cell.as_bytes()) {
                    self.claimed.insert(cell.clone().into_bytes());
                }
            }
        }
        let values = amounts(batch, self.value);
        let number = |row: usize| {
            let codes = [products[row], origins[row], importers[row], days[row], keys[row]];
            if !plain[row] || values[row] < 0 || codes.contains(&ODD) {
                return None;
            }
            let [product, origin, importer, day, key] = codes;
            Some(Numbers { product, origin, importer, day, key, value: values[row] })
        };
        (0..rows).map(number).collect()
    }

    /// The numbers of the days of a batch.
    fn days(&mut self, batch: &Batch, words: &Mutex<Words>) -> Vec<u32> {
        let column = self.date.and_then(|at| batch.column(at));
        let Some(values @ Values::Days { days, .. }) = column else {
            return self.translated(batch, self.date, |quick, cell| quick.day(cell, words));
        };
        let mut cell = String::new();
        let mut numbers = Vec::with_capacity(days.len());
        for (row, day) in days.iter().enumerate() {
            let is_null = values.is_null(row);
            let known = if is_null { None } else { self.calendar.get(day) };
            if let Some(known) = known {
                numbers.push(*known);
                continue;
            }
            cell.clear();
            write_cell(values, row, &mut cell);
            let number = self.day(cell.as_bytes(), words).unwrap_or(ODD);
            if !is_null {
                self.calendar.insert(*day, number);
            }
            numbers.push(number);
        }
        numbers
    }

    /// The numbers of a column's texts, [`ODD`] where a text has to go the long way.
    fn translated(
        &mut self,
        batch: &Batch,
        column: Option<usize>,
        mut number: impl FnMut(&mut Self, &[u8]) -> Option<u32>,
    ) -> Vec<u32> {
        let rows = batch.rows();
        let mut of = |quick: &mut Self, cell: &[u8]| number(quick, cell).unwrap_or(ODD);
        let Some((at, values)) = column.and_then(|at| Some((at, batch.column(at)?))) else {
            let all = of(self, b"");
            return vec![all; rows];
        };
        if let Values::Words { words, codes } = values {
            let mut known = match self.translations.remove(&at) {
                Some((list, known)) if Arc::ptr_eq(&list, words) => known,
                _ => Vec::new(),
            };
            // The place behind the words is that of a row without one.
            known.resize(words.len() + 1, UNSEEN);
            let numbers = codes.iter().map(|code| {
                let place = (*code as usize).min(words.len());
                if known[place] == UNSEEN {
                    known[place] = of(self, words.get(*code).unwrap_or_default().as_bytes());
                }
                known[place]
            });
            let numbers = numbers.collect();
            self.translations.insert(at, (Arc::clone(words), known));
            return numbers;
        }
        let mut cell = String::new();
        let mut last = None;
        let mut numbers = Vec::with_capacity(rows);
        for row in 0..rows {
            // Sorted columns say the same many times over.
            let same = row > 0 && is_same(values, row - 1, row);
            if !same {
                cell.clear();
                write_cell(values, row, &mut cell);
                last = Some(of(self, cell.as_bytes()));
            }
            numbers.push(last.unwrap_or(ODD));
        }
        numbers
    }

    fn check(&mut self, batch: &Batch, at: usize, check: Check, plain: &mut [bool]) {
        let Some(values) = batch.column(at) else { return };
        let mut cell = String::new();
        for (row, plain) in plain.iter_mut().enumerate() {
            if values.is_null(row) {
                continue;
            }
            cell.clear();
            write_cell(values, row, &mut cell);
            let unit = |at: usize| {
                let mut unit = String::new();
                batch.column(at).into_iter().for_each(|values| write_cell(values, row, &mut unit));
                unit
            };
            *plain &= match check {
                Check::Counted(unit_at) => {
                    number(cell.as_bytes()).is_some() && self.is_unit(unit(unit_at).as_bytes())
                }
                check => cell.is_empty() || is_plain(cell.as_bytes(), check),
            };
        }
    }

    fn product(&mut self, cell: &[u8], words: &Mutex<Words>) -> Option<u32> {
        let (mut digits, mut count) = (0_u64, 0_u64);
        for byte in cell {
            match byte {
                b'0'..=b'9' => {
                    digits = digits.checked_mul(10)? + u64::from(byte - b'0');
                    count += 1;
                }
                b'.' => {}
                _ => return None,
            }
        }
        if count > MOST_DIGITS as u64 {
            return None;
        }
        let spelled = digits * 16 + count;
        if let Some(known) = self.products.get(&spelled) {
            return Some(*known);
        }
        let product = Product::parse(&padded(str::from_utf8(cell).ok()?, self.opened.pad())).ok()?;
        let number = lock(words).products.number(&product);
        self.products.insert(spelled, number);
        Some(number)
    }

    fn importer(&mut self, cell: &[u8], words: &Mutex<Words>) -> Option<u32> {
        let number = |named| lock(words).importers.number(&named);
        if !cell.is_empty() {
            return country(&mut self.importers, cell, self.opened.codes(Column::Importer), number);
        }
        if self.no_importer.is_none() {
            self.no_importer = Some(number(self.opened.defaults().importer.clone()?));
        }
        self.no_importer
    }

    fn day(&mut self, cell: &[u8], words: &Mutex<Words>) -> Option<u32> {
        let defaults = self.opened.defaults();
        if cell.is_empty() {
            if self.no_date.is_none() {
                self.no_date = Some(lock(words).days.number(&EntryDay::of(None, defaults)?));
            }
            return self.no_date;
        }
        // Four digits, two and two: as a number they are the date.
        let [y @ .., b'-', m1, m2, b'-', d1, d2] = cell else { return None };
        let spelled = y.iter().chain([m1, m2, d1, d2]).try_fold(0_u64, |number, byte| {
            byte.is_ascii_digit().then(|| number.saturating_mul(10).saturating_add(u64::from(byte - b'0')))
        })?;
        if let (Some(known), 4) = (self.days.get(&spelled), y.len()) {
            return Some(*known);
        }
        let date = parse_date(str::from_utf8(cell).ok()?)?;
        let number = lock(words).days.number(&EntryDay::of(Some(date), defaults)?);
        self.days.insert(spelled, number);
        Some(number)
    }

    fn key(&mut self, cell: &[u8], words: &Mutex<Words>) -> Option<u32> {
        if let Some(known) = self.keys.get(cell) {
            return Some(*known);
        }
        let text = str::from_utf8(cell).ok()?.trim();
        let number = lock(words).keys.number(&(!text.is_empty()).then(|| text.to_owned()));
        self.keys.insert(cell.to_owned(), number);
        Some(number)
    }

    fn is_plain(&mut self, row: &ByteRecord, column: usize, check: Check) -> bool {
        let Some(cell) = row.get(column) else { return false };
        match check {
            _ if cell.is_empty() => true,
            Check::Counted(unit) => {
                number(cell).is_some() && row.get(unit).is_some_and(|unit| self.is_unit(unit))
            }
            check => is_plain(cell, check),
        }
    }

    fn is_unit(&mut self, cell: &[u8]) -> bool {
        if self.units.iter().any(|known| known == cell) {
            return true;
        }
        let is_unit = str::from_utf8(cell).is_ok_and(|cell| Unit::from_printed(cell.trim()).is_some());
        if is_unit {
            self.units.push(cell.to_owned());
        }
        is_unit
    }
}

/// Whether a cell with something in it is plain.
fn is_plain(cell: &[u8], check: Check) -> bool {
    match check {
        Check::Amount | Check::Counted(_) => number(cell).is_some(),
        Check::Nothing => number(cell) == Some(0),
        Check::Share => number(cell).is_some_and(|share| share <= ONE),
        Check::Empty => false,
    }
}

/// Stands for what has to go the long way.
const ODD: u32 = u32::MAX;
/// Stands for what was not looked up yet.
const UNSEEN: u32 = u32::MAX - 1;

/// Whether two rows of a column that is no text say the same.
fn is_same(values: &Values, a: usize, b: usize) -> bool {
    values.is_null(a) == values.is_null(b)
        && match values {
            Values::Whole { numbers, .. } => numbers[a] == numbers[b],
            Values::Days { days, .. } => days[a] == days[b],
            _ => false,
        }
}

/// The amounts of a column at [`VALUE_PLACES`], below zero where one has to go the long way.
fn amounts(batch: &Batch, at: usize) -> Vec<i64> {
    let odd = -1;
    match batch.column(at) {
        Some(Values::Whole { numbers, scale, nulls }) => {
            let up = VALUE_PLACES.checked_sub(*scale).map(|places| 10_i64.pow(places));
            let down = scale.checked_sub(VALUE_PLACES).and_then(|places| 10_i64.checked_pow(places));
            let whole = |number: &i64| match (up, down) {
                (Some(up), _) => number.checked_mul(up).unwrap_or(odd),
                // More places than are kept, unless they are all zeros.
                (None, Some(down)) if number % down == 0 => number / down,
                _ => odd,
            };
            let mut amounts: Vec<i64> = numbers.iter().map(whole).collect();
            let nulls = nulls.iter().flatten().enumerate().filter(|(_, is_null)| **is_null);
            nulls.for_each(|(row, _)| amounts[row] = odd);
            amounts
        }
        Some(values) => {
            let mut cell = String::new();
            let amount = |row| {
                cell.clear();
                write_cell(values, row, &mut cell);
                number(cell.as_bytes()).unwrap_or(odd)
            };
            (0..batch.rows()).map(amount).collect()
        }
        None => vec![odd; batch.rows()],
    }
}

/// One in [`VALUE_PLACES`].
const ONE: i64 = 10_i64.pow(VALUE_PLACES);

/// The words, whoever else holds them.
pub fn lock<T>(shared: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes of a code that make a number no other code makes.
const LONGEST_CODE: usize = 8;

/// The number of a country by its code; `None` where the cell is not the code of one.
fn country(
    known: &mut FxHashMap<u64, u32>,
    cell: &[u8],
    codes: Option<&Codes>,
    number: impl FnOnce(Named<Country>) -> u32,
) -> Option<u32> {
    if cell.is_empty() || cell.len() > LONGEST_CODE {
        return None;
    }
    let spelled = cell.iter().fold(0, |spelled, byte| (spelled << 8) | u64::from(*byte));
    if let Some(known) = known.get(&spelled) {
        return Some(*known);
    }
    let text = str::from_utf8(cell).ok()?;
    let named = match codes {
        Some(codes) => codes.country(text).map(|value| Named { text: value.code().to_owned(), value })?,
        None => Named { text: text.to_owned(), value: Country::from_code(text)? },
    };
    let number = number(named);
    known.insert(spelled, number);
    Some(number)
}

/// A plain number at [`VALUE_PLACES`]: digits, and up to so many decimal places.
fn number(cell: &[u8]) -> Option<i64> {
    let (mut number, mut whole, mut places) = (0_i64, 0, None);
    for byte in cell {
        match (byte, &mut places) {
            (b'0'..=b'9', None) if whole < MOST_WHOLE_DIGITS => {
                whole += 1;
                number = number * 10 + i64::from(byte - b'0');
            }
            (b'0'..=b'9', Some(places)) if *places < VALUE_PLACES => {
                *places += 1;
                number = number * 10 + i64::from(byte - b'0');
            }
            (b'.', None) if whole > 0 => places = Some(0),
            _ => return None,
        }
    }
    match places {
        _ if whole == 0 => None,
        Some(0) => None,
        places => Some(number * 10_i64.pow(VALUE_PLACES - places.unwrap_or(0))),
    }
}

/// What has to be plain beside what is read.
fn checks(layout: &Layout) -> Vec<(usize, Check)> {
    let at = |column| layout.standard.get(&column).copied();
    let mut checks = Vec::new();
    for (amount, unit) in [(Column::Quantity, Column::Unit), (Column::Quantity2, Column::Unit2)] {
        // Without a column for its unit no quantity is right.
        let check = at(unit).map_or(Check::Empty, Check::Counted);
        checks.extend(at(amount).map(|at| (at, check)));
    }
    // What is added to the value makes it another.
    checks.extend(
        [Column::Freight, Column::Insurance].into_iter().filter_map(at).map(|at| (at, Check::Nothing)),
    );
    checks.extend(at(Column::Entries).map(|at| (at, Check::Amount)));
    checks.extend(layout.content.iter().map(|at| (*at, Check::Share)));
    checks.extend(layout.unnamed.iter().map(|at| (*at, Check::Empty)));
    checks
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_those_of_the_long_way() {
        let plain = ["0", "1", "007", "12345678901234", "1.5", "0.0001", "99.99", "12345678901234.9999"];
        for text in plain {
            let exact = crate::money::parse_number(text).ok();
            let quick = number(text.as_bytes()).map(|n| rust_decimal::Decimal::new(n, super::VALUE_PLACES));
            assert_eq!(quick, exact, "{text}");
        }
        for text in ["", ".", "1.", ".5", "-1", "+1", "1e3", "1_000", " 1", "0.00001", "123456789012345", "x"]
        {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }
}
