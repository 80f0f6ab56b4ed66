//! What is read of a column: as many values as rows.

use super::words::Words;
use std::sync::Arc;

/// The code of a row without a value.
pub const NULL: u32 = u32::MAX;

/// Where values are missing: `true` at a row without one. `None` where every row has one.
pub type Nulls = Option<Vec<bool>>;

/// The values of a column in a batch of rows. At a row without a value a number is 0 and a flag `false`.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Texts, by their place in a list of words.
    Words {
        /// The words. Batches with the same `Arc` have the same words.
        words: Arc<Words>,
        /// A place in `words`, or [`NULL`], a row.
        codes: Vec<u32>,
    },
    /// Whole numbers, and decimals that fit one: `numbers` divided by ten to the power `scale`.
    Whole {
        /// A number a row.
        numbers: Vec<i64>,
        /// Decimal places.
        scale: u32,
        /// Rows without a value.
        nulls: Nulls,
    },
    /// Decimals of more than 18 digits: `numbers` divided by ten to the power `scale`.
    Wide {
        /// A number a row.
        numbers: Vec<i128>,
        /// Decimal places.
        scale: u32,
        /// Rows without a value.
        nulls: Nulls,
    },
    /// Days since 1970-01-01.
    Days {
        /// A day a row.
        days: Vec<i32>,
        /// Rows without a value.
        nulls: Nulls,
    },
    /// Binary floating point of 32 bits, as it stands in the file.
    Singles {
        /// A number a row.
        numbers: Vec<f32>,
        /// Rows without a value.
        nulls: Nulls,
    },
    /// Binary floating point of 64 bits, as it stands in the file.
    Doubles {
        /// A number a row.
        numbers: Vec<f64>,
        /// Rows without a value.
        nulls: Nulls,
    },
    /// Yes and no.
    Flags {
        /// A flag a row.
        flags: Vec<bool>,
        /// Rows without a value.
        nulls: Nulls,
    },
}

impl Values {
    /// How many rows these are of.
    pub fn len(&self) -> usize {
        match self {
            Values::Words { codes, .. } => codes.len(),
            Values::Whole { numbers, .. } => numbers.len(),
            Values::Wide { numbers, .. } => numbers.len(),
            Values::Days { days, .. } => days.len(),
            Values::Singles { numbers, .. } => numbers.len(),
            Values::Doubles { numbers, .. } => numbers.len(),
            Values::Flags { flags, .. } => flags.len(),
        }
    }

    /// Whether these are of no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a row has no value; `true` of a row that is not there.
    pub fn is_null(&self, row: usize) -> bool {
        match self {
            Values::Words { codes, .. } => codes.get(row).is_none_or(|code| *code == NULL),
            Values::Whole { nulls, .. }
            | Values::Wide { nulls, .. }
            | Values::Days { nulls, .. }
            | Values::Singles { nulls, .. }
            | Values::Doubles { nulls, .. }
            | Values::Flags { nulls, .. } => {
                row >= self.len()
                    || nulls.as_ref().is_some_and(|nulls| nulls.get(row).copied().unwrap_or(true))
            }
        }
    }
}
