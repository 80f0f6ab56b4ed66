//! Writes a Parquet file, group by group.

use super::error::ParquetError;
use super::layout::Layout;
use super::rows::{GROUP, Packed, Rows};
use super::values::Values;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use std::io::Write;
use std::sync::Arc;

/// Writes a Parquet file of flat columns, compressed with snappy. The same rows give the same bytes, in whatever batches
/// they come.
///
/// Decimals go out as whole numbers and a number of places, so no digit is lost: [`Kind::Whole`](super::Kind::Whole) as
/// `DECIMAL(18, scale)` in 8 bytes, or as `INT64` with scale 0, [`Kind::Wide`](super::Kind::Wide) as `DECIMAL(38, scale)` in
/// 16. Of charges, which are exact to 1e-10, a scale of 10 leaves 28 digits before the point.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    layout: Layout,
    rows: Rows,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file.
    pub fn new(out: W, layout: &Layout) -> Result<ParquetWriter<W>, ParquetError> {
        let properties = WriterProperties::builder()
            .set_created_by(concat!("tariffsim version ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let file = SerializedFileWriter::new(out, layout.root(), Arc::new(properties))
            .map_err(ParquetError::from_library_writing)?;
        Ok(ParquetWriter { file, layout: layout.clone(), rows: Rows::new(layout) })
    }

    /// Writes a batch: the values of each column, in the layout's order, as many of each. A group is written when it is
    /// full.
    pub fn write(&mut self, batch: &[Values]) -> Result<(), ParquetError> {
        let rows = batch.first().map_or(0, Values::len);
        let mut from = 0;
        while from < rows {
            from += self.rows.add(batch, from)?;
            if self.rows.len() >= GROUP {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes a group that was packed elsewhere, behind the rows written so far.
    pub fn append(&mut self, group: Packed) -> Result<(), ParquetError> {
        self.flush()?;
        self.put(group)
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let rows = std::mem::replace(&mut self.rows, Rows::new(&self.layout));
        self.put(rows.pack()?)
    }

    fn put(&mut self, group: Packed) -> Result<(), ParquetError> {
        let write = || {
            let mut out = self.file.next_row_group()?;
            for column in group.columns {
                out.append_column(&column.bytes, column.about)?;
            }
            out.close().map(|_| ())
        };
        write().map_err(ParquetError::from_library_writing)
    }

    /// Writes what is left and the footer, and gives back what was written to.
    pub fn finish(mut self) -> Result<W, ParquetError> {
        self.flush()?;
        self.file.into_inner().map_err(ParquetError::from_library_writing)
    }
}
