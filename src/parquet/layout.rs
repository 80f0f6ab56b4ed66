//! The columns of a file that is to be written.

use super::error::ParquetError;
use super::schema::{Column, Kind};
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor, Type, TypePtr};
use std::sync::Arc;

/// The most digits of a decimal in 8 bytes and in 16.
pub(super) const WHOLE_DIGITS: u32 = 18;
pub(super) const WIDE_DIGITS: u32 = 38;

/// The columns of a file to be written, each of which may lack values. A clone shares them.
#[derive(Debug, Clone)]
pub struct Layout {
    columns: Arc<Vec<Column>>,
    schema: Arc<SchemaDescriptor>,
}

impl Layout {
    /// Columns to be written. Text, whole numbers, decimals, dates and flags can be; two columns with one name cannot.
    pub fn new(columns: &[Column]) -> Result<Layout, ParquetError> {
        if columns.is_empty() {
            return Err(ParquetError::Shape("a file without columns cannot be written".into()));
        }
        let mut fields: Vec<TypePtr> = Vec::new();
        for column in columns {
            if fields.iter().any(|field| field.name() == column.name) {
                return Err(ParquetError::Shape(format!("two columns are named `{}`", column.name)));
            }
            fields.push(Arc::new(field(column)?));
        }
        let root = Type::group_type_builder("schema").with_fields(fields).build();
        let root = root.map_err(ParquetError::from_library_writing)?;
        let schema = Arc::new(SchemaDescriptor::new(Arc::new(root)));
        Ok(Layout { columns: Arc::new(columns.to_vec()), schema })
    }

    /// The columns, in the order of the file.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(super) fn root(&self) -> TypePtr {
        self.schema.root_schema_ptr()
    }

    pub(super) fn descriptors(&self) -> &[ColumnDescPtr] {
        self.schema.columns()
    }
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let plain = |physical| Type::primitive_type_builder(&column.name, physical);
    let decimal = |physical, digits: u32, scale: u32| {
        if scale > digits {
            return Err(ParquetError::Shape(format!(
                "column `{}` has {scale} decimal places; {digits} are the most",
                column.name
            )));
        }
        let (precision, scale) = (small(digits), small(scale));
        let logical = Some(LogicalType::decimal(scale, precision));
        Ok(plain(physical).with_logical_type(logical).with_precision(precision).with_scale(scale))
    };
    let builder = match &column.kind {
        Kind::Text => plain(Physical::BYTE_ARRAY).with_logical_type(Some(LogicalType::String)),
        Kind::Whole { scale: 0 } => plain(Physical::INT64).with_converted_type(ConvertedType::NONE),
        Kind::Whole { scale } => decimal(Physical::INT64, WHOLE_DIGITS, *scale)?,
        Kind::Wide { scale } => decimal(Physical::FIXED_LEN_BYTE_ARRAY, WIDE_DIGITS, *scale)?.with_length(16),
        Kind::Date => plain(Physical::INT32).with_logical_type(Some(LogicalType::Date)),
        Kind::Flag => plain(Physical::BOOLEAN),
        Kind::Single | Kind::Double | Kind::Nested | Kind::Other(_) => {
            return Err(ParquetError::Shape(format!(
                "column `{}` is of a kind that is not written",
                column.name
            )));
        }
    };
    builder.with_repetition(Repetition::OPTIONAL).build().map_err(ParquetError::from_library_writing)
}

/// A number of digits as the library takes it.
fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
