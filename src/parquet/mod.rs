//! Columns of Parquet files, read and written in batches.
//!
//! A file is [opened](ParquetFile::open) over [bytes that can be read anywhere](crate::files::ReadAt). Its rows come in
//! groups; a group is [read](ParquetFile::read) by the columns asked for, in batches of as many rows as asked for, each a
//! list of [`Values`]. Texts come as places in a list of words, as they stand in the file's dictionary, so that a caller
//! looks a word up once and not once a row. Decimals come as whole numbers and a number of decimal places, exactly.
//!
//! Of each column one page is held. Damaged files are errors: lengths are held against the file before anything is allocated.

mod chunk;
mod compact;
mod delta;
mod error;
mod file;
mod hybrid;
mod layout;
mod pack;
mod page;
mod rows;
mod runs;
mod schema;
mod source;
mod typed;
mod unpack;
mod values;
mod words;
mod write;

pub use error::ParquetError;
pub use file::{GroupReader, ParquetFile};
pub use layout::Layout;
pub use rows::{GROUP, Packed, Rows};
pub use schema::{Column, Kind};
pub use values::{NULL, Nulls, Values};
pub use words::Words;
pub use write::ParquetWriter;
