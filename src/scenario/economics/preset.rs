//! Border pass-through as studies found it, by name. A preset is an assumption like any other and is printed as one.

/// A study's answer to how much of a duty shows in the price at the border, duty included.
#[derive(Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name a scenario writes.
    pub name: &'static str,
    /// The part of the duty, in hundredths.
    pub hundredths: i64,
    /// Who found it, and about what.
    pub source: &'static str,
}

/// The presets. Retail pass-through has none: no figure was read in its source.
pub const PRESETS: &[Preset] = &[
    Preset { name: "small-country", hundredths: 100, source: "the textbook's small country, by definition" },
    Preset {
        name: "us-2018-19",
        hundredths: 95,
        source: "Cavallo, Gopinath, Neiman and Tang 2021, US duties of 2018-19: at a duty of 20% importers paid about \
                 19% more",
    },
    Preset {
        name: "us-2025",
        hundredths: 94,
        source: "Federal Reserve Bank of New York, 12 February 2026, US duties of January to August 2025",
    },
    Preset {
        name: "us-2025-11",
        hundredths: 86,
        source: "Federal Reserve Bank of New York, 12 February 2026, US duties of November 2025",
    },
];
