//! A Parquet file: what columns and groups of rows it has.

use super::chunk::{Chunk, Pages};
use super::compact;
use super::error::ParquetError;
use super::schema::{Column, Entry, Form, Kind, entries};
use super::source::{Source, read_exactly};
use super::unpack::Codec;
use super::values::Values;
use crate::files::ReadAt;
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader,
};
use parquet::file::metadata::{ParquetStatisticsPolicy as Keep, RowGroupMetaData};
use std::sync::Arc;

/// A Parquet file whose footer has been read. A clone shares it.
#[derive(Clone)]
pub struct ParquetFile {
    inside: Arc<Inside>,
}

struct Inside {
    source: Arc<dyn ReadAt>,
    about: ParquetMetaData,
    columns: Vec<Column>,
    /// Where each column stands and how.
    forms: Vec<Option<(usize, Form)>>,
    /// Rows of each group, and the number in the file of its first, from 1.
    groups: Vec<(u64, u64)>,
    rows: u64,
}

/// What a file begins and ends with; what it ends with where it is encrypted.
const MARK: [u8; 4] = *b"PAR1";
const ENCRYPTED: [u8; 4] = *b"PARE";

/// Bytes behind the footer: its length and the mark.
const TAIL: u64 = 8;

impl ParquetFile {
    /// Reads a file's footer.
    pub fn open(source: Arc<dyn ReadAt>) -> Result<ParquetFile, ParquetError> {
        let footer = footer(&*source)?;
        if !compact::footer_is_sound(&footer) {
            return Err(damaged("its footer cannot be read"));
        }
        let mut options = ParquetMetaDataOptions::new();
        options.set_column_stats_policy(Keep::SkipAll);
        options.set_encoding_stats_policy(Keep::SkipAll);
        options.set_size_stats_policy(Keep::SkipAll);
        let about = ParquetMetaDataReader::decode_metadata_with_options(&footer, Some(&options))
            .map_err(|error| ParquetError::from_library(None, error))?;
        let (columns, forms) = entries(about.file_metadata().schema_descr())
            .into_iter()
            .map(|Entry { column, read }| (column, read))
            .unzip();
        let mut groups = Vec::new();
        let mut rows: u64 = 0;
        for group in about.row_groups() {
            let count =
                u64::try_from(group.num_rows()).map_err(|_| damaged("a group has less than no rows"))?;
            groups.push((count, rows + 1));
            // Rows are counted by numbers with a sign, so two groups do not overflow; many may.
            rows = rows
                .checked_add(count)
                .filter(|rows| *rows < u64::MAX)
                .ok_or_else(|| damaged("it has more rows than can be counted"))?;
        }
        Ok(ParquetFile { inside: Arc::new(Inside { source, about, columns, forms, groups, rows }) })
    }

    /// The columns, in the file's order; those that cannot be read too.
    pub fn columns(&self) -> &[Column] {
        &self.inside.columns
    }

    /// How many groups of rows there are.
    pub fn groups(&self) -> usize {
        self.inside.groups.len()
    }

    /// The rows in a group; 0 where there is no such group.
    pub fn rows_in(&self, group: usize) -> u64 {
        self.inside.groups.get(group).map_or(0, |(rows, _)| *rows)
    }

    /// The rows in all groups.
    pub fn rows(&self) -> u64 {
        self.inside.rows
    }

    /// Reads some columns of a group, each by its place in [`columns`](Self::columns).
    pub fn read(&self, group: usize, columns: &[usize]) -> Result<GroupReader, ParquetError> {
        let (rows, first) = *self
            .inside
            .groups
            .get(group)
            .ok_or_else(|| ParquetError::Shape(format!("it has no group {group}")))?;
        let about = self.inside.about.row_group(group);
        let chunks = columns
            .iter()
            .map(|column| self.chunk(about, *column, rows, first))
            .collect::<Result<_, ParquetError>>()?;
        Ok(GroupReader { chunks, left: rows })
    }

    fn chunk(
        &self,
        group: &RowGroupMetaData,
        at: usize,
        rows: u64,
        first: u64,
    ) -> Result<Chunk, ParquetError> {
        let column = self
            .inside
            .columns
            .get(at)
            .ok_or_else(|| ParquetError::Shape(format!("it has no column {at}")))?;
        let (leaf, form) = self.inside.forms.get(at).copied().flatten().ok_or_else(|| unread(column))?;
        let about = group
            .columns()
            .get(leaf)
            .ok_or_else(|| ParquetError::corrupt(&column.name, "a group lacks it"))?;
        let codec = Codec::of(about.compression()).ok_or_else(|| ParquetError::Codec {
            column: column.name.clone(),
            codec: about.compression_codec().to_string().to_lowercase(),
        })?;
        let most = self.check(about, &column.name)?;
        let source = Arc::new(Source::new(Arc::clone(&self.inside.source), most));
        let pages = Pages::open(source, codec, about)
            .map_err(|error| ParquetError::from_library(Some(&column.name), error))?;
        Ok(Chunk::new(column, form, about.column_descr_ptr(), pages, rows, first))
    }

    /// The most bytes that a page of a column may take unpacked; an error where the column cannot be where it says.
    fn check(&self, about: &ColumnChunkMetaData, name: &str) -> Result<u64, ParquetError> {
        if about.file_path().is_some_and(|path| !path.is_empty()) {
            return Err(ParquetError::corrupt(name, "it is in another file"));
        }
        let outside = || ParquetError::corrupt(name, "it is not where the footer says");
        let start = about.dictionary_page_offset().unwrap_or(about.data_page_offset());
        let start = u64::try_from(start).map_err(|_| outside())?;
        let length = u64::try_from(about.compressed_size()).map_err(|_| outside())?;
        let end = start.checked_add(length).ok_or_else(outside)?;
        if end > self.inside.source.size() {
            return Err(outside());
        }
        u64::try_from(about.uncompressed_size()).map_err(|_| outside())
    }
}

/// The bytes of the footer.
fn footer(source: &dyn ReadAt) -> Result<Vec<u8>, ParquetError> {
    let failed = |error: std::io::Error| ParquetError::Read(error.to_string());
    let size = source.size();
    let mut head = [0; 4];
    if size >= 4 {
        read_exactly(source, 0, &mut head).map_err(failed)?;
    }
    if head == ENCRYPTED {
        return Err(ParquetError::Encrypted);
    }
    if head != MARK {
        return Err(ParquetError::NotParquet);
    }
    let mut tail = [0; 8];
    let behind = size.checked_sub(TAIL).filter(|behind| *behind >= 4).ok_or(ParquetError::Truncated)?;
    read_exactly(source, behind, &mut tail).map_err(failed)?;
    let [a, b, c, d, mark @ ..] = tail;
    if mark != MARK {
        return Err(ParquetError::Truncated);
    }
    let length = u32::from_le_bytes([a, b, c, d]);
    let start = behind.checked_sub(u64::from(length)).ok_or(ParquetError::Truncated)?;
    let mut footer = vec![0; usize::try_from(length).map_err(|_| ParquetError::Truncated)?];
    read_exactly(source, start, &mut footer).map_err(failed)?;
    Ok(footer)
}

fn damaged(what: &str) -> ParquetError {
    ParquetError::Corrupt { column: None, what: what.to_owned() }
}

/// Why a column is not read.
fn unread(column: &Column) -> ParquetError {
    let name = column.name.clone();
    match &column.kind {
        Kind::Other(kind) => ParquetError::Type { column: name, kind: kind.clone() },
        _ => ParquetError::Nested { column: name },
    }
}

/// The most rows of a batch, whatever is asked for.
const MOST: usize = 1 << 20;

/// Reads columns of a group of rows, batch by batch. Of each column a page is held, and no more.
pub struct GroupReader {
    chunks: Vec<Chunk>,
    left: u64,
}

impl GroupReader {
    /// The next rows, at most `rows` of them (and at most 1,048,576): the values of each column asked for, in that order.
    /// `None` when all rows have been read. After an error nothing is left.
    pub fn next(&mut self, rows: usize) -> Result<Option<Vec<Values>>, ParquetError> {
        let taken = u64::try_from(rows.clamp(1, MOST)).unwrap_or(u64::MAX).min(self.left);
        if taken == 0 {
            return Ok(None);
        }
        let left = self.left - taken;
        // Until all columns are read nothing is.
        self.left = 0;
        let taken = usize::try_from(taken).unwrap_or(MOST);
        let values = self.chunks.iter_mut().map(|chunk| chunk.read(taken)).collect::<Result<_, _>>()?;
        self.left = left;
        Ok(Some(values))
    }
}
