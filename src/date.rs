//! Entry dates and the windows in which a measure is in force.

pub use jiff::ToSpan;
pub use jiff::civil::Date;
use std::fmt;

/// A date written `2025-06-04`; `None` for anything else.
pub fn parse_date(text: &str) -> Option<Date> {
    let plain = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    if plain { text.parse().ok() } else { None }
}

/// The day of a year, month and day; in a year without 29 February the 28th stands for it.
pub fn day_of_year(year: i16, (month, day): (i8, i8)) -> Option<Date> {
    Date::new(year, month, day).or_else(|_| Date::new(year, month, day - 1)).ok()
}

/// Days from the first included to the first excluded; either end may be open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// First day in force.
    pub from: Option<Date>,
    /// First day no longer in force.
    pub until: Option<Date>,
}

impl Window {
    /// Whether a day lies in the window.
    pub fn contains(self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    /// Whether two windows share a day.
    pub fn overlaps(self, other: Window) -> bool {
        let starts_before = |a: Option<Date>, b: Option<Date>| a.is_none_or(|a| b.is_none_or(|b| a < b));
        starts_before(self.from, other.until) && starts_before(other.from, self.until)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.until) {
            (None, None) => f.write_str("always"),
            (Some(from), None) => write!(f, "from {from}"),
            (None, Some(until)) => write!(f, "until {until}"),
            (Some(from), Some(until)) => write!(f, "from {from} until {until}"),
        }
    }
}
