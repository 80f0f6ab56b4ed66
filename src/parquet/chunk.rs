//! A column in a group of rows, read page by page.

use super::error::ParquetError;
use super::page::{Page, What};
use super::schema::{Column, Form, Kind};
use super::source::Source;
use super::typed::{Number, Typed, spread};
use super::unpack::Codec;
use super::values::{NULL, Nulls, Values};
use super::words::Collected;
use parquet::basic::Compression;
use parquet::column::page::{Page as Raw, PageReader};
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::schema::types::ColumnDescPtr;
use std::sync::Arc;

/// A column in a group of rows.
pub(super) struct Chunk {
    name: String,
    column: ColumnDescPtr,
    pages: Pages,
    page: Page,
    /// Rows of the group that no page has been opened for.
    unopened: u64,
    /// The row in the file that comes next, from 1.
    row: u64,
    cells: Cells,
    /// Room for levels.
    levels: Vec<u32>,
    present: Vec<bool>,
}

/// The pages of a column, packed as they are in the file.
pub(super) struct Pages {
    reader: SerializedPageReader<Source>,
    source: Arc<Source>,
    codec: Codec,
}

impl Pages {
    pub(super) fn open(
        source: Arc<Source>,
        codec: Codec,
        about: &ColumnChunkMetaData,
    ) -> parquet::errors::Result<Pages> {
        // The library is told that nothing is compressed, and so gives pages as they are: it would allocate what a
        // damaged page says it takes, and it unpacks zstd with C only.
        let about = about.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
        // Rows are counted here; the library asks for their number, and uses it only with an index of pages.
        let reader = SerializedPageReader::new(Arc::clone(&source), &about, 0, None)?;
        Ok(Pages { reader, source, codec })
    }
}

/// What a column's values are collected with.
enum Cells {
    Words(Collected),
    Whole(Typed<i64>, u32),
    Wide(Typed<i128>, u32),
    Days(Typed<i32>),
    Singles(Typed<f32>),
    Doubles(Typed<f64>),
    Flags,
}

impl Chunk {
    /// A column from its first page on: `rows` of them, the first one `row` in the file.
    pub(super) fn new(
        column: &Column,
        form: Form,
        descriptor: ColumnDescPtr,
        pages: Pages,
        rows: u64,
        row: u64,
    ) -> Chunk {
        let cells = match column.kind {
            Kind::Whole { scale } => Cells::Whole(Typed::new(form), scale),
            Kind::Wide { scale } => Cells::Wide(Typed::new(form), scale),
            Kind::Date => Cells::Days(Typed::new(form)),
            Kind::Single => Cells::Singles(Typed::new(form)),
            Kind::Double => Cells::Doubles(Typed::new(form)),
            Kind::Flag => Cells::Flags,
            Kind::Text | Kind::Nested | Kind::Other(_) => Cells::Words(Collected::default()),
        };
        Chunk {
            name: column.name.clone(),
            column: descriptor,
            pages,
            page: Page::empty(),
            unopened: rows,
            row,
            cells,
            levels: Vec::new(),
            present: Vec::new(),
        }
    }

    /// The next `rows` values, of as many pages as hold them.
    pub(super) fn read(&mut self, rows: usize) -> Result<Values, ParquetError> {
        // The cells are taken out while they read from the rest.
        let mut cells = std::mem::replace(&mut self.cells, Cells::Flags);
        let values = self.read_cells(&mut cells, rows);
        self.cells = cells;
        values
    }

    fn read_cells(&mut self, cells: &mut Cells, rows: usize) -> Result<Values, ParquetError> {
        match cells {
            Cells::Words(words) => self.words(words, rows),
            Cells::Whole(typed, scale) => {
                let scale = *scale;
                self.typed(typed, rows).map(|(numbers, nulls)| Values::Whole { numbers, scale, nulls })
            }
            Cells::Wide(typed, scale) => {
                let scale = *scale;
                self.typed(typed, rows).map(|(numbers, nulls)| Values::Wide { numbers, scale, nulls })
            }
            Cells::Days(typed) => self.typed(typed, rows).map(|(days, nulls)| Values::Days { days, nulls }),
            Cells::Singles(typed) => {
                self.typed(typed, rows).map(|(numbers, nulls)| Values::Singles { numbers, nulls })
            }
            Cells::Doubles(typed) => {
                self.typed(typed, rows).map(|(numbers, nulls)| Values::Doubles { numbers, nulls })
            }
            Cells::Flags => self.flags(rows),
        }
    }

    fn words(&mut self, words: &mut Collected, rows: usize) -> Result<Values, ParquetError> {
        words.limit();
        let mut codes = Vec::with_capacity(rows);
        while codes.len() < rows {
            let from = codes.len();
            let (taken, count) = self.open(rows - from, |bytes, count| words.set_dictionary(bytes, count))?;
            words.take(&mut self.page.stored, count, &mut codes).map_err(|what| self.wrong(what))?;
            if count < taken {
                spread(&mut codes, from, &self.present, NULL);
            }
            self.row += taken as u64;
        }
        Ok(Values::Words { words: words.words(), codes })
    }

    fn typed<T: Number>(
        &mut self,
        typed: &mut Typed<T>,
        rows: usize,
    ) -> Result<(Vec<T>, Nulls), ParquetError> {
        let mut numbers = Vec::with_capacity(rows);
        let mut nulls = None;
        while numbers.len() < rows {
            let from = numbers.len();
            let (taken, count) = self.open(rows - from, |bytes, count| typed.set_dictionary(bytes, count))?;
            typed.take(&mut self.page.stored, count, &mut numbers).map_err(|what| self.wrong(what))?;
            if count < taken {
                spread(&mut numbers, from, &self.present, T::default());
            }
            self.note_nulls(&mut nulls, from, taken);
            self.row += taken as u64;
        }
        Ok((numbers, nulls))
    }

    fn flags(&mut self, rows: usize) -> Result<Values, ParquetError> {
        let mut flags = Vec::with_capacity(rows);
        let mut nulls = None;
        let mut bits = Vec::new();
        while flags.len() < rows {
            let from = flags.len();
            let (taken, count) =
                self.open(rows - from, |_, _| Err(What::Other("flags have no dictionary".into())))?;
            bits.clear();
            let super::page::Stored::Codes(stored) = &mut self.page.stored else {
                return Err(self.wrong(What::Other("flags that are no bits".into())));
            };
            stored.fill(&mut bits, count).map_err(|what| self.wrong(what.into()))?;
            flags.extend(bits.iter().map(|bit| *bit == 1));
            if count < taken {
                spread(&mut flags, from, &self.present, false);
            }
            self.note_nulls(&mut nulls, from, taken);
            self.row += taken as u64;
        }
        Ok(Values::Flags { flags, nulls })
    }

    /// Opens the next page where none is open, and says how many rows to take of it, at most `rows`, and how many of
    /// them have a value. `self.present` then says which, where not all have.
    fn open(
        &mut self,
        rows: usize,
        mut dictionary: impl FnMut(&[u8], usize) -> Result<(), What>,
    ) -> Result<(usize, usize), ParquetError> {
        while self.page.left == 0 {
            let page = self
                .pages
                .reader
                .get_next_page()
                .map_err(|error| ParquetError::from_library(Some(&self.name), error))?;
            match page {
                None => {
                    return Err(self.wrong(What::Other(format!("{} of its rows are missing", self.unopened))));
                }
                Some(Raw::DictionaryPage { buf, num_values, .. }) => {
                    let buf = self
                        .pages
                        .codec
                        .unpack(buf, self.pages.source.unpacked())
                        .map_err(|what| self.wrong(what))?;
                    let count = usize::try_from(num_values).unwrap_or(usize::MAX);
                    dictionary(&buf, count).map_err(|what| self.wrong_in_dictionary(what))?;
                }
                Some(page) => {
                    let unpack = (self.pages.codec, self.pages.source.unpacked());
                    self.page = Page::open(page, &self.column, self.unopened, unpack)
                        .map_err(|what| self.wrong(what))?;
                    self.unopened -= self.page.left as u64;
                }
            }
        }
        let taken = rows.min(self.page.left);
        let count =
            self.page.present(taken, &mut self.levels, &mut self.present).map_err(|what| self.wrong(what))?;
        Ok((taken, count))
    }

    /// Notes which of the rows just taken have no value.
    fn note_nulls(&self, nulls: &mut Nulls, from: usize, taken: usize) {
        if self.present.is_empty() {
            if let Some(nulls) = nulls {
                nulls.resize(from + taken, false);
            }
            return;
        }
        let nulls = nulls.get_or_insert_with(|| vec![false; from]);
        nulls.extend(self.present.iter().map(|is_present| !is_present));
    }

    fn wrong_in_dictionary(&self, what: What) -> ParquetError {
        match what {
            What::Value { what, .. } => ParquetError::Value { column: self.name.clone(), row: None, what },
            what => self.wrong(what),
        }
    }

    fn wrong(&self, what: What) -> ParquetError {
        let what = match what {
            What::EndsEarly => "a page ends early".to_owned(),
            What::NoDictionary => "its dictionary is missing".to_owned(),
            What::OutsideDictionary => "a value is not in its dictionary".to_owned(),
            What::Other(what) => what,
            What::Value { at, what } => {
                let row = Some(self.row + self.row_of(at));
                return ParquetError::Value { column: self.name.clone(), row, what };
            }
        };
        ParquetError::corrupt(&self.name, what)
    }

    /// Among the rows just taken, the one with the value at a place.
    fn row_of(&self, at: usize) -> u64 {
        let mut rows = (0..).zip(&self.present).filter(|(_, is_present)| **is_present);
        match rows.nth(at) {
            Some((row, _)) => row,
            None => at as u64,
        }
    }
}
