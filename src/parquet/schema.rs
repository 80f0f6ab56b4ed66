//! What columns a file has, and how the values of each are to be read.

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};

/// A column of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// What a column holds, and so which [`Values`](super::Values) are read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Text,
    /// Whole numbers (`scale` 0) and decimals of at most 18 digits.
    Whole {
        /// Decimal places.
        scale: u32,
    },
    /// Decimals of more digits, up to 38.
    Wide {
        /// Decimal places.
        scale: u32,
    },
    /// Dates; points in time too, where every one is a midnight.
    Date,
    /// Binary floating point of 32 bits.
    Single,
    /// Binary floating point of 64 bits.
    Double,
    /// Yes and no.
    Flag,
    /// Lists, maps or structures, which are not read.
    Nested,
    /// Another type, which is not read: its name in the file.
    Other(String),
}

/// How a value of a column stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Int32,
    Unsigned32,
    Int64,
    Unsigned64,
    /// Big-endian numbers of so many bytes, at most 8.
    ShortDecimal(usize),
    /// And of 9 to 16.
    LongDecimal(usize),
    /// Big-endian numbers, each with its length before it.
    LooseDecimal,
    Day,
    /// Points in time, in so many parts of a day.
    Instant(i64),
    /// Nanoseconds and the number of the day, in 12 bytes.
    LegacyInstant,
    Single,
    Double,
    Flag,
}

/// A column of the file and, where it can be read, which one of the file's simple columns it is and how it stands there.
pub(super) struct Entry {
    pub(super) column: Column,
    pub(super) read: Option<(usize, Form)>,
}

/// The columns of a file, in its order.
pub(super) fn entries(schema: &SchemaDescriptor) -> Vec<Entry> {
    let mut leaf = 0;
    let mut entries = Vec::new();
    for field in schema.root_schema().get_fields() {
        let first = leaf;
        while leaf < schema.num_columns() && schema.get_column_root_idx(leaf) == entries.len() {
            leaf += 1;
        }
        let descriptor = schema.columns().get(first);
        let (kind, form) = match descriptor {
            Some(descriptor) if field.is_primitive() && descriptor.max_rep_level() == 0 => kind(descriptor),
            _ => (Kind::Nested, None),
        };
        let column = Column { name: field.name().to_owned(), kind };
        entries.push(Entry { column, read: form.map(|form| (first, form)) });
    }
    entries
}

fn kind(column: &ColumnDescPtr) -> (Kind, Option<Form>) {
    let form = match column.physical_type() {
        Physical::BOOLEAN => Some(Form::Flag),
        Physical::INT32 => int_32(column),
        Physical::INT64 => int_64(column),
        Physical::INT96 => Some(Form::LegacyInstant),
        Physical::FLOAT => Some(Form::Single),
        Physical::DOUBLE => Some(Form::Double),
        Physical::BYTE_ARRAY => bytes(column),
        Physical::FIXED_LEN_BYTE_ARRAY => fixed_bytes(column),
    };
    let scale = scale(column);
    let kind = match form {
        None => Kind::Other(type_name(column)),
        Some(Form::Text) => Kind::Text,
        Some(Form::Int32 | Form::Unsigned32 | Form::Int64 | Form::Unsigned64 | Form::ShortDecimal(_)) => {
            Kind::Whole { scale }
        }
        Some(Form::LongDecimal(_) | Form::LooseDecimal) => Kind::Wide { scale },
        Some(Form::Day | Form::Instant(_) | Form::LegacyInstant) => Kind::Date,
        Some(Form::Single) => Kind::Single,
        Some(Form::Double) => Kind::Double,
        Some(Form::Flag) => Kind::Flag,
    };
    (kind, form)
}

fn int_32(column: &ColumnDescPtr) -> Option<Form> {
    match column.converted_type() {
        ConvertedType::DATE => Some(Form::Day),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 => Some(Form::Unsigned32),
        ConvertedType::TIME_MILLIS => None,
        _ => Some(Form::Int32),
    }
}

/// Milliseconds, microseconds and nanoseconds of a day.
const MILLISECONDS: i64 = 86_400_000;
const MICROSECONDS: i64 = MILLISECONDS * 1_000;
const NANOSECONDS: i64 = MICROSECONDS * 1_000;

fn int_64(column: &ColumnDescPtr) -> Option<Form> {
    match column.logical_type_ref() {
        Some(LogicalType::Timestamp(time)) => {
            return Some(Form::Instant(match time.unit {
                TimeUnit::MILLIS => MILLISECONDS,
                TimeUnit::MICROS => MICROSECONDS,
                TimeUnit::NANOS => NANOSECONDS,
            }));
        }
        Some(LogicalType::Time(_)) => return None,
        _ => {}
    }
    match column.converted_type() {
        ConvertedType::TIMESTAMP_MILLIS => Some(Form::Instant(MILLISECONDS)),
        ConvertedType::TIMESTAMP_MICROS => Some(Form::Instant(MICROSECONDS)),
        ConvertedType::TIME_MICROS => None,
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            Some(Form::Unsigned64)
        }
        _ => Some(Form::Int64),
    }
}

/// Text that older writers do not mark as such is taken for text.
fn bytes(column: &ColumnDescPtr) -> Option<Form> {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Decimal(_)), _) | (None, ConvertedType::DECIMAL) => Some(Form::LooseDecimal),
        (Some(LogicalType::String | LogicalType::Enum), _)
        | (None, ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::NONE) => Some(Form::Text),
        _ => None,
    }
}

fn fixed_bytes(column: &ColumnDescPtr) -> Option<Form> {
    let decimal = matches!(
        (column.logical_type_ref(), column.converted_type()),
        (Some(LogicalType::Decimal(_)), _) | (None, ConvertedType::DECIMAL)
    );
    let width = usize::try_from(column.type_length()).ok()?;
    match width {
        1..=8 if decimal => Some(Form::ShortDecimal(width)),
        9..=16 if decimal => Some(Form::LongDecimal(width)),
        _ => None,
    }
}

/// Decimal places; a decimal that states none has none.
fn scale(column: &ColumnDescPtr) -> u32 {
    let stated = match column.logical_type_ref() {
        Some(LogicalType::Decimal(decimal)) => decimal.scale,
        _ if column.converted_type() == ConvertedType::DECIMAL => column.type_scale(),
        _ => 0,
    };
    u32::try_from(stated).unwrap_or(0)
}

/// A type as the file names it.
fn type_name(column: &ColumnDescPtr) -> String {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(logical), _) => {
            format!("{logical:?}").split(['(', ' ']).next().unwrap_or_default().to_uppercase()
        }
        (None, ConvertedType::NONE) => column.physical_type().to_string(),
        (None, converted) => converted.to_string(),
    }
}
