//! Why the assessment of a flow stops.

use crate::money::ArithmeticError;

/// Why there is no worksheet with a duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// The flow lacks something; in a sentence.
    NotComputable(String),
    /// Two MFN measures fit equally well; their places in the scenario's list.
    Tie(usize, usize),
}

impl From<ArithmeticError> for Stop {
    fn from(error: ArithmeticError) -> Self {
        Stop::NotComputable(error.to_string())
    }
}
