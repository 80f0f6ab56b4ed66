//! Why a Parquet file cannot be read or written.

use parquet::errors::ParquetError as Library;
use std::fmt;
use std::io;

/// Why a Parquet file cannot be read or written. What it says follows the file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParquetError {
    /// It is something else.
    NotParquet,
    /// It begins as a Parquet file and has no end.
    Truncated,
    /// Its columns are encrypted.
    Encrypted,
    /// A column's pages are compressed in a way that is not read.
    Codec {
        /// The column.
        column: String,
        /// How they are.
        codec: String,
    },
    /// A column holds lists, maps or structures.
    Nested {
        /// The column.
        column: String,
    },
    /// A column holds what is neither text, number, date nor flag.
    Type {
        /// The column.
        column: String,
        /// What it holds, as the file names it.
        kind: String,
    },
    /// A value that cannot be taken as it stands.
    Value {
        /// The column.
        column: String,
        /// The row in the file, from 1; `None` where the value stands in a dictionary of many rows.
        row: Option<u64>,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The file contradicts itself.
    Corrupt {
        /// The column, where it is one.
        column: Option<String>,
        /// In what.
        what: String,
    },
    /// The system could not read it.
    Read(String),
    /// The system could not write it.
    Write(String),
    /// Columns of values that do not fit the columns of the file to be written.
    Shape(String),
}

impl ParquetError {
    pub(super) fn corrupt(column: &str, what: impl Into<String>) -> ParquetError {
        ParquetError::Corrupt { column: Some(column.to_owned()), what: what.into() }
    }

    /// What kept the library from writing.
    pub(super) fn from_library_writing(error: Library) -> ParquetError {
        match error {
            Library::External(inner) => ParquetError::Write(inner.to_string()),
            Library::General(what) => ParquetError::Write(what),
            other => ParquetError::Write(other.to_string()),
        }
    }

    /// What the library found, of a column or of the whole file.
    pub(super) fn from_library(column: Option<&str>, error: Library) -> ParquetError {
        let what = match error {
            Library::External(inner) => match inner.downcast::<io::Error>() {
                Ok(inner) => return ParquetError::Read(inner.to_string()),
                Err(inner) => inner.to_string(),
            },
            Library::General(what) | Library::EOF(what) | Library::NYI(what) => what,
            other => other.to_string(),
        };
        ParquetError::Corrupt { column: column.map(str::to_owned), what }
    }
}

impl fmt::Display for ParquetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParquetError::NotParquet => f.write_str("it is not a Parquet file"),
            ParquetError::Truncated => f.write_str("it is cut short: the end of the Parquet file is missing"),
            ParquetError::Encrypted => f.write_str("it is encrypted"),
            ParquetError::Codec { column, codec } => {
                write!(
                    f,
                    "column `{column}` is compressed with {codec}; snappy, zstd, gzip or nothing is read"
                )
            }
            ParquetError::Nested { column } => {
                write!(
                    f,
                    "column `{column}` is a list, a map or a structure; write its parts as columns of their own"
                )
            }
            ParquetError::Type { column, kind } => {
                write!(
                    f,
                    "column `{column}` is of the type {kind}, which is neither text, number, date nor flag"
                )
            }
            ParquetError::Value { column, row: Some(row), what } => {
                write!(f, "row {row} of column `{column}` {what}")
            }
            ParquetError::Value { column, row: None, what } => {
                write!(f, "a value of column `{column}` {what}")
            }
            ParquetError::Corrupt { column: Some(column), what } => {
                write!(f, "it is damaged at column `{column}`: {what}")
            }
            ParquetError::Corrupt { column: None, what } => write!(f, "it is damaged: {what}"),
            ParquetError::Read(what) => write!(f, "it cannot be read: {what}"),
            ParquetError::Write(what) => write!(f, "it cannot be written: {what}"),
            ParquetError::Shape(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for ParquetError {}
