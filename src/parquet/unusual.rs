//! Encodings that few writers choose, turned into plain values with the library's decoders.

use super::page::What;
use bytes::Bytes;
use parquet::basic::{Encoding, Type as Physical};
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{
    AsBytes, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
};
use parquet::errors::Result as LibraryResult;
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};
use std::sync::Arc;

/// The `count` values of a page, one after another.
pub(super) fn plain(
    encoding: Encoding,
    values: Bytes,
    count: usize,
    column: &ColumnDescPtr,
) -> Result<Bytes, What> {
    if count == 0 {
        return Ok(Bytes::new());
    }
    let page = page(encoding, values, count)?;
    match column.physical_type() {
        Physical::INT32 => decode::<Int32Type>(page, count, column, false),
        Physical::INT64 => decode::<Int64Type>(page, count, column, false),
        Physical::FLOAT => decode::<FloatType>(page, count, column, false),
        Physical::DOUBLE => decode::<DoubleType>(page, count, column, false),
        Physical::BYTE_ARRAY => decode::<ByteArrayType>(page, count, column, true),
        Physical::FIXED_LEN_BYTE_ARRAY => decode::<FixedLenByteArrayType>(page, count, column, false),
        Physical::BOOLEAN | Physical::INT96 => Err(unreadable(encoding)),
    }
}

fn unreadable(encoding: Encoding) -> What {
    What::Other(format!("its values are encoded as {encoding}, which its type does not allow"))
}

/// A page of these values and no levels.
fn page(encoding: Encoding, buf: Bytes, count: usize) -> Result<Page, What> {
    match encoding {
        Encoding::DELTA_BINARY_PACKED
        | Encoding::DELTA_LENGTH_BYTE_ARRAY
        | Encoding::DELTA_BYTE_ARRAY
        | Encoding::BYTE_STREAM_SPLIT => {}
        _ => return Err(unreadable(encoding)),
    }
    let rows = u32::try_from(count).map_err(|_| What::EndsEarly)?;
    Ok(Page::DataPageV2 {
        buf,
        num_values: rows,
        encoding,
        num_nulls: 0,
        num_rows: rows,
        def_levels_byte_len: 0,
        rep_levels_byte_len: 0,
        is_compressed: false,
        statistics: None,
    })
}

fn decode<T: DataType>(
    page: Page,
    count: usize,
    column: &ColumnDescPtr,
    with_length: bool,
) -> Result<Bytes, What> {
    let bare = ColumnDescriptor::new(column.self_type_ptr(), 0, 0, column.path().clone());
    let mut reader: ColumnReaderImpl<T> = ColumnReaderImpl::new(Arc::new(bare), Box::new(One(Some(page))));
    let mut values = Vec::new();
    let (_, read, _) = reader
        .read_records(count, None, None, &mut values)
        .map_err(|error| What::Other(error.to_string()))?;
    if read != count {
        return Err(What::EndsEarly);
    }
    let mut plain = Vec::new();
    for value in &values {
        let bytes = value.as_bytes();
        if with_length {
            let length = u32::try_from(bytes.len()).map_err(|_| What::EndsEarly)?;
            plain.extend_from_slice(&length.to_le_bytes());
        }
        plain.extend_from_slice(bytes);
    }
    Ok(plain.into())
}

/// A column of one page.
struct One(Option<Page>);

impl Iterator for One {
    type Item = LibraryResult<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.take().map(Ok)
    }
}

impl PageReader for One {
    fn get_next_page(&mut self) -> LibraryResult<Option<Page>> {
        Ok(self.0.take())
    }

    fn peek_next_page(&mut self) -> LibraryResult<Option<PageMetadata>> {
        Ok(self.0.as_ref().map(|page| PageMetadata {
            num_rows: None,
            num_levels: usize::try_from(page.num_values()).ok(),
            is_dict: false,
        }))
    }

    fn skip_next_page(&mut self) -> LibraryResult<()> {
        self.0 = None;
        Ok(())
    }
}
