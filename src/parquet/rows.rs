//! Rows that are collected to be written as a group.

use super::error::ParquetError;
use super::layout::{Layout, WHOLE_DIGITS, WIDE_DIGITS};
use super::pack::{self, PackedColumn};
use super::schema::{Column, Kind};
use super::values::{NULL, Nulls, Values};
use super::words::{Words, WordsByPlace};
use std::ops::Range;
use std::sync::Arc;

/// Rows of a group: as many as a group holds, of which a reader then holds a page a column.
pub const GROUP: usize = 122_880;

/// Rows that are collected to be written as a group.
///
/// Several may be collected and packed at the same time; the file is as they are [appended](super::ParquetWriter::append).
pub struct Rows {
    layout: Layout,
    count: usize,
    cells: Vec<Cells>,
}

/// A group of rows as it stands in a file.
pub struct Packed {
    pub(super) columns: Vec<PackedColumn>,
}

/// The values of a column.
pub(super) enum Cells {
    Words(Gathered),
    Whole(Vec<i64>, Nulls),
    Wide(Vec<i128>, Nulls),
    Days(Vec<i32>, Nulls),
    Flags(Vec<bool>, Nulls),
}

/// Texts by their places in the words of the group.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) words: WordsByPlace,
    pub(super) codes: Vec<u32>,
    /// The words of the last batch, and where each is in those of the group; `NULL` where none has needed it.
    last: Arc<Words>,
    places: Vec<u32>,
}

impl Rows {
    /// No rows yet.
    pub fn new(layout: &Layout) -> Rows {
        let cells = layout.columns().iter().map(|column| Cells::new(&column.kind)).collect();
        Rows { layout: layout.clone(), count: 0, cells }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds rows of a batch: its values a column, in the layout's order. At most [`GROUP`] rows are added to; how many were.
    pub fn add(&mut self, batch: &[Values], from: usize) -> Result<usize, ParquetError> {
        self.check(batch)?;
        let rows = batch.first().map_or(0, Values::len);
        let to = rows.min(from + (GROUP - self.count.min(GROUP)));
        let range = from.min(to)..to;
        for ((cells, values), column) in self.cells.iter_mut().zip(batch).zip(self.layout.columns()) {
            cells.add(values, column, range.clone())?;
        }
        self.count += range.len();
        Ok(range.len())
    }

    /// Packs a batch that is a group of its own, or several: the values of each column, in the layout's order.
    pub fn pack_all(layout: &Layout, batch: Vec<Values>) -> Result<Vec<Packed>, ParquetError> {
        let rows = batch.first().map_or(0, Values::len);
        let mut packed = Vec::new();
        if rows <= GROUP {
            let mut group = Rows::new(layout);
            group.check(&batch)?;
            for ((cells, values), column) in group.cells.iter_mut().zip(batch).zip(layout.columns()) {
                cells.take(values, column)?;
            }
            group.count = rows;
            packed.push(group.pack()?);
            return Ok(packed);
        }
        let mut from = 0;
        while from < rows {
            let mut group = Rows::new(layout);
            from += group.add(&batch, from)?;
            packed.push(group.pack()?);
        }
        Ok(packed)
    }

    fn check(&self, batch: &[Values]) -> Result<(), ParquetError> {
        let rows = batch.first().map_or(0, Values::len);
        if batch.len() != self.cells.len() || batch.iter().any(|values| values.len() != rows) {
            return Err(ParquetError::Shape("a batch has not a value for every row and column".into()));
        }
        Ok(())
    }

    /// Packs the rows as they stand in a file.
    pub fn pack(self) -> Result<Packed, ParquetError> {
        let descriptors = self.layout.descriptors();
        let columns =
            self.cells.iter().zip(descriptors).map(|(cells, column)| pack::column(cells, column, self.count));
        Ok(Packed { columns: columns.collect::<Result<_, _>>()? })
    }
}

impl Cells {
    fn new(kind: &Kind) -> Cells {
        match kind {
            Kind::Whole { .. } => Cells::Whole(Vec::new(), None),
            Kind::Wide { .. } => Cells::Wide(Vec::new(), None),
            Kind::Date => Cells::Days(Vec::new(), None),
            Kind::Flag => Cells::Flags(Vec::new(), None),
            _ => Cells::Words(Gathered::default()),
        }
    }

    /// Takes all rows of a batch, where there is none yet: numbers without being copied.
    fn take(&mut self, values: Values, column: &Column) -> Result<(), ParquetError> {
        match (&mut *self, values, &column.kind) {
            (
                Cells::Whole(cells, without),
                Values::Whole { numbers, scale, nulls },
                Kind::Whole { scale: stated },
            ) if scale == *stated && has_nulls(&nulls, numbers.len()) => {
                fit(&numbers, scale, column)?;
                (*cells, *without) = (numbers, nulls);
                Ok(())
            }
            (Cells::Days(cells, without), Values::Days { days, nulls }, _)
                if has_nulls(&nulls, days.len()) =>
            {
                (*cells, *without) = (days, nulls);
                Ok(())
            }
            (_, values, _) => self.add(&values, column, 0..values.len()),
        }
    }

    fn add(&mut self, values: &Values, column: &Column, range: Range<usize>) -> Result<(), ParquetError> {
        match (self, values, &column.kind) {
            (Cells::Words(gathered), Values::Words { words, codes }, _) => {
                gathered.add(words, &codes[range]).ok_or_else(|| refused(column, "has a code without a word"))
            }
            (
                Cells::Whole(cells, without),
                Values::Whole { numbers, scale, nulls },
                Kind::Whole { scale: stated },
            ) if scale == stated => {
                fit(&numbers[range.clone()], *scale, column)?;
                append(cells, numbers, without, nulls, range)
            }
            (
                Cells::Wide(cells, without),
                Values::Wide { numbers, scale, nulls },
                Kind::Wide { scale: stated },
            ) if scale == stated => {
                let most = 10_u128.pow(WIDE_DIGITS);
                if numbers[range.clone()].iter().any(|number| number.unsigned_abs() >= most) {
                    return Err(refused(column, "has a number of more than 38 digits"));
                }
                append(cells, numbers, without, nulls, range)
            }
            (Cells::Days(cells, without), Values::Days { days, nulls }, _) => {
                append(cells, days, without, nulls, range)
            }
            (Cells::Flags(cells, without), Values::Flags { flags, nulls }, _) => {
                append(cells, flags, without, nulls, range)
            }
            _ => Err(refused(column, "is given values of another kind")),
        }
    }
}

/// Whether it is said of every row whether it has a value, or of none.
fn has_nulls(nulls: &Nulls, rows: usize) -> bool {
    nulls.as_ref().is_none_or(|nulls| nulls.len() == rows)
}

/// Refuses numbers that are too long for a decimal of 8 bytes.
fn fit(numbers: &[i64], scale: u32, column: &Column) -> Result<(), ParquetError> {
    let most = 10_u64.pow(WHOLE_DIGITS);
    if scale > 0 && numbers.iter().any(|number| number.unsigned_abs() >= most) {
        return Err(refused(column, "has a number of more than 18 digits"));
    }
    Ok(())
}

fn refused(column: &Column, what: &str) -> ParquetError {
    ParquetError::Shape(format!("column `{}` {what}", column.name))
}

/// Appends a range of values, and which of them are missing.
fn append<T: Copy>(
    cells: &mut Vec<T>,
    values: &[T],
    without: &mut Nulls,
    nulls: &Nulls,
    range: Range<usize>,
) -> Result<(), ParquetError> {
    let before = cells.len();
    cells.extend_from_slice(&values[range.clone()]);
    match nulls {
        Some(nulls) => {
            let some = nulls.get(range).ok_or_else(|| {
                ParquetError::Shape("a batch does not say of every row whether it has a value".into())
            })?;
            without.get_or_insert_with(|| vec![false; before]).extend_from_slice(some);
        }
        None => {
            if let Some(without) = without {
                without.resize(cells.len(), false);
            }
        }
    }
    Ok(())
}

impl Gathered {
    fn add(&mut self, words: &Arc<Words>, codes: &[u32]) -> Option<()> {
        if !Arc::ptr_eq(words, &self.last) {
            self.last = Arc::clone(words);
            self.places.clear();
            self.places.resize(words.len(), NULL);
        }
        self.codes.reserve(codes.len());
        for code in codes {
            if *code == NULL {
                self.codes.push(NULL);
                continue;
            }
            let place = self.places.get_mut(usize::try_from(*code).ok()?)?;
            if *place == NULL {
                *place = self.words.place(words.get(*code)?)?;
            }
            self.codes.push(*place);
        }
        Some(())
    }
}
