//! A page of a column: which of its rows have a value, and the values.

use super::delta;
use super::hybrid::{EndsEarly, Hybrid};
use super::unpack::Codec;
use bytes::{Buf, Bytes};
use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::Page as Raw;
use parquet::schema::types::ColumnDescPtr;

/// What is wrong in a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// It has fewer values than it says.
    EndsEarly,
    /// It rests on a dictionary, and there is none.
    NoDictionary,
    /// A place behind the end of the dictionary.
    OutsideDictionary,
    /// A value, the one at a place among those that are read.
    Value { at: usize, what: &'static str },
    /// What else there is.
    Other(String),
}

impl From<EndsEarly> for What {
    fn from(_: EndsEarly) -> What {
        What::EndsEarly
    }
}

/// Values in a page.
pub(super) enum Stored {
    /// Places in the dictionary; flags, which are bits.
    Codes(Hybrid),
    /// Values one after another.
    Plain(Bytes),
}

/// A page as it is read.
pub(super) struct Page {
    /// Rows that are left of it.
    pub(super) left: usize,
    /// Whether there is a value, a row; `None` where every row has one.
    levels: Option<Hybrid>,
    pub(super) stored: Stored,
}

impl Page {
    pub(super) fn empty() -> Page {
        Page { left: 0, levels: None, stored: Stored::Plain(Bytes::new()) }
    }

    /// A page of values; `rows` are left of its column. It is packed in a way, and takes so many bytes when it is unpacked.
    pub(super) fn open(
        page: Raw,
        column: &ColumnDescPtr,
        rows: u64,
        packed: (Codec, usize),
    ) -> Result<Page, What> {
        let count = page.num_values();
        let encoding = page.encoding();
        if u64::from(count) > rows {
            return Err(What::Other("it has more values than rows".into()));
        }
        let left = usize::try_from(count).map_err(|_| What::EndsEarly)?;
        let (levels, values) = split(page, column, packed)?;
        let levels = levels.map(|bytes| Hybrid::new(bytes, 1).ok_or(What::EndsEarly)).transpose()?;
        let stored = stored(encoding, values, column, levels.as_ref(), left)?;
        Ok(Page { left, levels, stored })
    }

    /// Takes rows: how many have a value, and in `present` which, where not all have.
    pub(super) fn present(
        &mut self,
        rows: usize,
        codes: &mut Vec<u32>,
        present: &mut Vec<bool>,
    ) -> Result<usize, What> {
        present.clear();
        self.left -= rows;
        let Some(levels) = &mut self.levels else { return Ok(rows) };
        if levels.skip_repeated(1, rows) {
            return Ok(rows);
        }
        codes.clear();
        levels.fill(codes, rows)?;
        let values = codes.iter().filter(|level| **level == 1).count();
        if values < rows {
            present.extend(codes.iter().map(|level| *level == 1));
        }
        Ok(values)
    }
}

/// The levels of a page, where its column has some, and its values.
fn split(
    page: Raw,
    column: &ColumnDescPtr,
    (codec, size): (Codec, usize),
) -> Result<(Option<Bytes>, Bytes), What> {
    let has_levels = column.max_def_level() > 0;
    match page {
        Raw::DataPage { buf, def_level_encoding, .. } => {
            let mut buf = codec.unpack(buf, size)?;
            if !has_levels {
                return Ok((None, buf));
            }
            if def_level_encoding != Encoding::RLE {
                return Err(What::Other(format!("levels are encoded as {def_level_encoding}")));
            }
            let levels = prefixed(&mut buf)?;
            Ok((Some(levels), buf))
        }
        Raw::DataPageV2 { mut buf, def_levels_byte_len, rep_levels_byte_len, is_compressed, .. } => {
            let before = buf.len();
            take(&mut buf, rep_levels_byte_len)?;
            let levels = take(&mut buf, def_levels_byte_len)?;
            let size = size.checked_sub(before - buf.len()).ok_or(What::EndsEarly)?;
            let values = if is_compressed { codec.unpack(buf, size)? } else { buf };
            Ok((has_levels.then_some(levels), values))
        }
        Raw::DictionaryPage { .. } => Err(What::Other("it has a second dictionary".into())),
    }
}

/// Takes bytes with their length in four bytes before them.
fn prefixed(buf: &mut Bytes) -> Result<Bytes, What> {
    let length = buf.try_get_u32_le().map_err(|_| What::EndsEarly)?;
    take(buf, length)
}

fn take(buf: &mut Bytes, length: u32) -> Result<Bytes, What> {
    let length = usize::try_from(length).map_err(|_| What::EndsEarly)?;
    if length > buf.len() {
        return Err(What::EndsEarly);
    }
    Ok(buf.split_to(length))
}

fn stored(
    encoding: Encoding,
    mut values: Bytes,
    column: &ColumnDescPtr,
    levels: Option<&Hybrid>,
    rows: usize,
) -> Result<Stored, What> {
    let is_flag = column.physical_type() == Physical::BOOLEAN;
    match encoding {
        Encoding::PLAIN if is_flag => Ok(Stored::Codes(Hybrid::bits(values))),
        Encoding::PLAIN => Ok(Stored::Plain(values)),
        Encoding::RLE if is_flag => {
            let runs = prefixed(&mut values)?;
            Hybrid::new(runs, 1).map(Stored::Codes).ok_or(What::EndsEarly)
        }
        Encoding::RLE_DICTIONARY | Encoding::PLAIN_DICTIONARY if !is_flag => {
            // A page without any value may have no bytes at all.
            let width = values.try_get_u8().unwrap_or(0);
            let wrong = || What::Other(format!("places of {width} bits in a dictionary"));
            Hybrid::new(values, width).map(Stored::Codes).ok_or_else(wrong)
        }
        _ => {
            let count = count(levels, rows)?;
            delta::plain(encoding, &values, count, column).map(Stored::Plain)
        }
    }
}

/// How many rows of a page have a value.
fn count(levels: Option<&Hybrid>, rows: usize) -> Result<usize, What> {
    let Some(levels) = levels else { return Ok(rows) };
    let mut levels = levels.clone();
    let mut some = Vec::new();
    let mut count = 0;
    let mut left = rows;
    while left > 0 {
        let taken = left.min(1024);
        some.clear();
        levels.fill(&mut some, taken)?;
        count += some.iter().filter(|level| **level == 1).count();
        left -= taken;
    }
    Ok(count)
}
