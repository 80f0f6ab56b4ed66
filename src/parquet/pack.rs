//! Packs the values of a column into pages: a dictionary where values repeat, plain values otherwise.

use super::error::ParquetError;
use super::rows::Cells;
use super::runs;
use super::values::{NULL, Nulls};
use super::words::WordsByPlace;
use bytes::Bytes;
use hashbrown::HashTable;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriteSpec, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use rustc_hash::FxBuildHasher;
use std::hash::{BuildHasher, Hash};

/// The bytes of a column in a group, and what the footer says of them.
pub(super) struct PackedColumn {
    pub(super) bytes: Bytes,
    pub(super) about: ColumnCloseResult,
}

/// Values before they are pages.
struct Body {
    /// How many values the dictionary has, and they.
    dictionary: Option<(usize, Vec<u8>)>,
    /// Places in the dictionary, or plain values.
    values: Vec<u8>,
}

/// Packs a column of so many rows.
pub(super) fn column(
    cells: &Cells,
    column: &ColumnDescPtr,
    rows: usize,
) -> Result<PackedColumn, ParquetError> {
    let mut levels = Vec::new();
    let body = match cells {
        Cells::Words(gathered) => {
            let present = present(&gathered.codes, |code| *code != NULL);
            write_levels(present.as_deref(), rows, &mut levels);
            let codes: Vec<u32> = gathered.codes.iter().copied().filter(|code| *code != NULL).collect();
            words(&gathered.words, &codes)
        }
        Cells::Whole(numbers, nulls) => {
            let numbers = with_values(numbers, nulls, rows, &mut levels);
            numeric(&numbers, |number, out| out.extend_from_slice(&number.to_le_bytes()))
        }
        Cells::Wide(numbers, nulls) => {
            let numbers = with_values(numbers, nulls, rows, &mut levels);
            numeric(&numbers, |number, out| out.extend_from_slice(&number.to_be_bytes()))
        }
        Cells::Days(days, nulls) => {
            let days = with_values(days, nulls, rows, &mut levels);
            numeric(&days, |day, out| out.extend_from_slice(&day.to_le_bytes()))
        }
        Cells::Flags(flags, nulls) => {
            let flags = with_values(flags, nulls, rows, &mut levels);
            Body { dictionary: None, values: bits(&flags) }
        }
    };
    pages(body, levels, column, rows).map_err(ParquetError::from_library_writing)
}

/// Which rows have a value; `None` where all have.
fn present<T>(cells: &[T], is_present: impl Fn(&T) -> bool) -> Option<Vec<bool>> {
    let present: Vec<bool> = cells.iter().map(is_present).collect();
    present.contains(&false).then_some(present)
}

/// Writes which rows have a value, and gives the values of those.
fn with_values<T: Copy>(cells: &[T], nulls: &Nulls, rows: usize, levels: &mut Vec<u8>) -> Vec<T> {
    let present = nulls.as_deref().and_then(|nulls| present(nulls, |is_null| !is_null));
    write_levels(present.as_deref(), rows, levels);
    match present {
        None => cells.to_vec(),
        Some(present) => {
            cells.iter().zip(present).filter(|(_, is_present)| *is_present).map(|(cell, _)| *cell).collect()
        }
    }
}

/// A level a row, 1 where it has a value, behind their length in bytes.
fn write_levels(present: Option<&[bool]>, rows: usize, out: &mut Vec<u8>) {
    let mut runs = Vec::new();
    match present {
        None => runs::repeated(1, rows, 1, &mut runs),
        Some(present) => {
            let levels: Vec<u32> = present.iter().map(|is_present| u32::from(*is_present)).collect();
            runs::write(&levels, 1, &mut runs);
        }
    }
    // A group has few enough rows.
    let length = u32::try_from(runs.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&runs);
}

/// Texts: a dictionary where they are half as many as rows or fewer.
fn words(words: &WordsByPlace, codes: &[u32]) -> Body {
    if words.len() > codes.len() / 2 {
        let mut values = Vec::new();
        codes.iter().filter_map(|code| words.get(*code)).for_each(|word| text(word, &mut values));
        return Body { dictionary: None, values };
    }
    let mut dictionary = Vec::new();
    words.iter().for_each(|word| text(word, &mut dictionary));
    Body { dictionary: Some((words.len(), dictionary)), values: places(codes, words.len()) }
}

fn text(word: &str, out: &mut Vec<u8>) {
    // A text of more than 4 GiB does not come to be in a group.
    let length = u32::try_from(word.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(word.as_bytes());
}

/// Places in a dictionary, behind the bits that each takes.
fn places(codes: &[u32], count: usize) -> Vec<u8> {
    let width = runs::width(u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX));
    let mut values = vec![width];
    runs::write(codes, width, &mut values);
    values
}

/// Different numbers that may be met before it is asked whether they repeat.
const DISTINCT: usize = 1 << 12;

/// Numbers: a dictionary where they repeat.
fn numeric<T: Copy + Eq + Hash>(numbers: &[T], write: impl Fn(T, &mut Vec<u8>)) -> Body {
    let mut distinct: Vec<T> = Vec::new();
    let mut table: HashTable<u32> = HashTable::new();
    let mut codes: Vec<u32> = Vec::with_capacity(numbers.len());
    let mut before = None;
    for number in numbers {
        let code = match before {
            Some((last, code)) if last == *number => code,
            _ => place(*number, &mut distinct, &mut table),
        };
        before = Some((*number, code));
        codes.push(code);
        if distinct.len() > DISTINCT && distinct.len() > codes.len() / 2 {
            let mut values = Vec::new();
            for number in numbers {
                write(*number, &mut values);
            }
            return Body { dictionary: None, values };
        }
    }
    let mut dictionary = Vec::new();
    for number in &distinct {
        write(*number, &mut dictionary);
    }
    Body { dictionary: Some((distinct.len(), dictionary)), values: places(&codes, distinct.len()) }
}

fn place<T: Copy + Eq + Hash>(number: T, distinct: &mut Vec<T>, table: &mut HashTable<u32>) -> u32 {
    let hashed = hash(&number);
    let found = table.find(hashed, |place| distinct.get(*place as usize) == Some(&number));
    if let Some(place) = found {
        return *place;
    }
    // A group has fewer rows than places can be numbered.
    let place = u32::try_from(distinct.len()).unwrap_or(NULL);
    distinct.push(number);
    table.insert_unique(hashed, place, |place| distinct.get(*place as usize).map_or(0, hash));
    place
}

fn hash<T: Hash>(value: &T) -> u64 {
    FxBuildHasher.hash_one(value)
}

/// Eight flags a byte, the first in the lowest bit.
fn bits(flags: &[bool]) -> Vec<u8> {
    let byte = |eight: &[bool]| eight.iter().rev().fold(0, |byte, flag| byte << 1 | u8::from(*flag));
    flags.chunks(8).map(byte).collect()
}

/// Writes the pages of a column: its dictionary, where it has one, and its values.
fn pages(
    body: Body,
    levels: Vec<u8>,
    column: &ColumnDescPtr,
    rows: usize,
) -> parquet::errors::Result<PackedColumn> {
    let mut sink = TrackedWrite::new(Vec::new());
    let mut writer = SerializedPageWriter::new(&mut sink);
    let mut encodings = vec![Encoding::RLE, Encoding::PLAIN];
    let mut encoding = Encoding::PLAIN;
    let mut dictionary: Option<PageWriteSpec> = None;
    if let Some((count, bytes)) = body.dictionary {
        encoding = Encoding::RLE_DICTIONARY;
        encodings.push(encoding);
        let num_values = u32::try_from(count)?;
        let page =
            |buf| Page::DictionaryPage { buf, num_values, encoding: Encoding::PLAIN, is_sorted: false };
        dictionary = Some(write_page(&mut writer, &bytes, page)?);
    }
    let mut plain = levels;
    plain.extend_from_slice(&body.values);
    let num_values = u32::try_from(rows)?;
    let (def_level_encoding, rep_level_encoding) = (Encoding::RLE, Encoding::RLE);
    let page = |buf| Page::DataPage {
        buf,
        num_values,
        encoding,
        def_level_encoding,
        rep_level_encoding,
        statistics: None,
    };
    let data = write_page(&mut writer, &plain, page)?;
    let bytes: Bytes = sink.into_inner()?.into();
    let unpacked = dictionary.as_ref().map_or(0, |page| page.uncompressed_size) + data.uncompressed_size;
    let about = ColumnChunkMetaData::builder(column.clone())
        .set_compression(Compression::SNAPPY)
        .set_encodings(encodings)
        .set_total_compressed_size(i64::try_from(bytes.len())?)
        .set_total_uncompressed_size(i64::try_from(unpacked)?)
        .set_num_values(i64::try_from(rows)?)
        .set_data_page_offset(i64::try_from(data.offset)?)
        .set_dictionary_page_offset(dictionary.map(|page| i64::try_from(page.offset)).transpose()?)
        .build()?;
    let about = ColumnCloseResult {
        bytes_written: bytes.len() as u64,
        rows_written: rows as u64,
        metadata: about,
        bloom_filter: None,
        column_index: None,
        offset_index: None,
    };
    Ok(PackedColumn { bytes, about })
}

fn write_page(
    writer: &mut SerializedPageWriter<'_, Vec<u8>>,
    plain: &[u8],
    page: impl Fn(Bytes) -> Page,
) -> parquet::errors::Result<PageWriteSpec> {
    let packed = snap::raw::Encoder::new()
        .compress_vec(plain)
        .map_err(|error| parquet::errors::ParquetError::External(Box::new(error)))?;
    writer.write_page(CompressedPage::new(page(packed.into()), plain.len()))
}
