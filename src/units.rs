//! Units of quantity: which kind each measures and how many base units it holds.
//!
//! Factors are exact. Mass and length are the international definitions of 1959 (1 lb =
//! 0.45359237 kg, 1 yd = 0.9144 m); a gallon is the US liquid gallon of 231 cubic inches, a barrel 42 of
//! them; an `MMBtu` is a million International Table British thermal units (ISO 31-4: 1055.05585262 J).

use crate::money::{Exact, div, mul};
use rust_decimal::Decimal;
use std::fmt;

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Mass, in kilograms.
    Mass,
    /// A count of articles.
    Count,
    /// Volume, in litres.
    Volume,
    /// Volume of pure alcohol, in litres.
    Alcohol,
    /// Area, in square metres.
    Area,
    /// Length, in metres.
    Length,
    /// Energy, in megajoules.
    Energy,
    /// Power, in watts.
    Power,
    /// Radioactivity, in gigabecquerels.
    Radioactivity,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Mass => "a mass",
            Kind::Count => "a count",
            Kind::Volume => "a volume",
            Kind::Alcohol => "a volume of pure alcohol",
            Kind::Area => "an area",
            Kind::Length => "a length",
            Kind::Energy => "an energy",
            Kind::Power => "a power",
            Kind::Radioactivity => "a radioactivity",
        })
    }
}

/// A unit of quantity.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    entry: &'static Entry,
    /// The name it was written by.
    name: &'static str,
}

impl PartialEq for Unit {
    /// Whatever they are called.
    fn eq(&self, other: &Unit) -> bool {
        self.entry == other.entry
    }
}

impl Eq for Unit {}

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    kind: Kind,
    /// Base units in one of this unit: mantissa and decimal scale.
    factor: (i64, u32),
    names: &'static [&'static str],
}

impl Unit {
    /// The unit of a name such as `kg`, `t`, `each` or `vehicles`.
    pub fn from_name(name: &str) -> Option<Unit> {
        UNITS.iter().find_map(|entry| {
            let name = entry.names.iter().find(|known| **known == name)?;
            Some(Unit { entry, name })
        })
    }

    /// The unit of a name as customs statistics print it: `No.`, `doz. prs.` and `pf.liters` too.
    pub fn from_printed(printed: &str) -> Option<Unit> {
        let words: Vec<&str> = printed.split([' ', '.']).filter(|word| !word.is_empty()).collect();
        let name = words.join("_");
        Unit::from_name(printed.trim())
            .or_else(|| Unit::from_name(&name))
            .or_else(|| Unit::from_name(&name.to_lowercase()))
    }

    /// Every name of every unit.
    pub fn names() -> impl Iterator<Item = &'static str> {
        UNITS.iter().flat_map(|entry| entry.names.iter().copied())
    }

    /// What it measures.
    pub fn kind(self) -> Kind {
        self.entry.kind
    }

    /// The name it was written by: `cars` and `each` are the same unit.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Base units in one of this unit.
    fn factor(self) -> Decimal {
        Decimal::new(self.entry.factor.0, self.entry.factor.1)
    }

    /// So many of this unit, counted in another unit of the same kind; exact wherever the
    /// quotient of the two factors ends.
    pub fn convert(self, amount: Decimal, to: Unit) -> Exact {
        debug_assert_eq!(self.kind(), to.kind());
        if self == to || self.entry.factor == to.entry.factor {
            return Ok(amount);
        }
        div(mul(amount, self.factor())?, to.factor())
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const fn unit(kind: Kind, mantissa: i64, scale: u32, names: &'static [&'static str]) -> Entry {
    Entry { kind, factor: (mantissa, scale), names }
}

static UNITS: &[Entry] = &[
    unit(Kind::Mass, 1, 0, &["kg", "kilogram", "kilograms"]),
    unit(Kind::Mass, 1, 3, &["g", "gram", "grams"]),
    unit(Kind::Mass, 1000, 0, &["t", "tonne", "tonnes", "mt"]),
    unit(Kind::Mass, 100, 0, &["quintal", "dtn"]),
    unit(Kind::Mass, 45_359_237, 8, &["lb", "lbs", "pound", "pounds"]),
    unit(Kind::Mass, 28_349_523_125, 12, &["oz", "ounce", "ounces"]),
    unit(Kind::Mass, 90_718_474, 5, &["short_ton", "short_tons"]),
    unit(Kind::Mass, 10_160_469_088, 7, &["long_ton", "long_tons"]),
    unit(Kind::Mass, 2, 4, &["carat", "carats", "ct"]),
    unit(
        Kind::Count,
        1,
        0,
        &[
            "each",
            "no",
            "pcs",
            "piece",
            "pieces",
            "item",
            "items",
            "unit",
            "units",
            "vehicle",
            "vehicles",
            "car",
            "cars",
            "truck",
            "trucks",
            "head",
            "article",
            "articles",
            "battery",
            "batteries",
            "ship",
            "ships",
            "aircraft",
            "machine",
            "machines",
            "entry",
            "parcel",
            "parcels",
        ],
    ),
    unit(Kind::Count, 2, 0, &["pr", "prs", "pair", "pairs"]),
    unit(Kind::Count, 12, 0, &["doz", "dozen", "dozens", "dz_pcs"]),
    unit(Kind::Count, 24, 0, &["doz_pr", "doz_prs", "dozen_pairs"]),
    unit(Kind::Count, 100, 0, &["hundred", "hundreds"]),
    unit(Kind::Count, 144, 0, &["gross"]),
    unit(Kind::Count, 1000, 0, &["thousand", "thousands"]),
    unit(Kind::Volume, 1, 0, &["l", "L", "liter", "liters", "litre", "litres"]),
    unit(Kind::Volume, 1, 3, &["ml", "mL"]),
    unit(Kind::Volume, 100, 0, &["hl", "hectoliter", "hectoliters", "hectolitre", "hectolitres"]),
    unit(Kind::Volume, 1000, 0, &["m3", "m³", "cbm"]),
    unit(Kind::Volume, 1_000_000, 0, &["thousand_m3"]),
    unit(Kind::Volume, 3_785_411_784, 9, &["gal", "gallon", "gallons"]),
    unit(Kind::Volume, 158_987_294_928, 9, &["bbl", "barrel", "barrels"]),
    unit(Kind::Alcohol, 1, 0, &["pf_liter", "pf_liters", "l_alcohol", "lpa"]),
    unit(Kind::Alcohol, 1_892_705_892, 9, &["pf_gal", "proof_gallon", "proof_gallons"]),
    unit(Kind::Area, 1, 0, &["m2", "m²", "sqm"]),
    unit(Kind::Area, 1, 4, &["cm2", "cm²"]),
    unit(Kind::Area, 9_290_304, 8, &["ft2", "ft²", "sqft"]),
    unit(Kind::Area, 83_612_736, 8, &["yd2", "yd²"]),
    unit(Kind::Length, 1, 0, &["m", "meter", "meters", "metre", "metres", "lin_m"]),
    unit(Kind::Length, 1000, 0, &["thousand_m"]),
    unit(Kind::Length, 1, 2, &["cm"]),
    unit(Kind::Length, 1000, 0, &["km"]),
    unit(Kind::Length, 3048, 4, &["ft", "foot", "feet"]),
    unit(Kind::Length, 9144, 4, &["yd", "yard", "yards"]),
    unit(Kind::Energy, 1, 0, &["MJ"]),
    unit(Kind::Energy, 1000, 0, &["GJ"]),
    unit(Kind::Energy, 36, 1, &["kWh", "kwh"]),
    unit(Kind::Energy, 3600, 0, &["MWh", "mwh"]),
    unit(Kind::Energy, 105_505_585_262, 8, &["MMBtu", "mmbtu"]),
    unit(Kind::Energy, 1_000_000, 0, &["TJ"]),
    unit(Kind::Power, 1, 0, &["W", "watt", "watts"]),
    unit(Kind::Power, 1000, 0, &["kW"]),
    unit(Kind::Power, 1_000_000, 0, &["MW"]),
    unit(Kind::Radioactivity, 1, 0, &["GBq"]),
    unit(Kind::Radioactivity, 1, 3, &["MBq"]),
];

#[cfg(test)]
mod tests {
    use super::{Kind, Unit};
    use rust_decimal::Decimal;

    /// Units of quantity of the US schedule, with how many of the second each is.
    #[test]
    fn units_are_read_as_schedules_print_them() {
        let cases = [
            ("No.", "each", 1),
            ("doz.", "each", 12),
            ("doz. prs.", "each", 24),
            ("Dz Pcs", "each", 12),
            ("hundreds", "each", 100),
            ("gross", "each", 144),
            ("prs.", "each", 2),
            ("pf.liters", "lpa", 1),
            ("thousand m3", "m3", 1000),
            ("lin. m", "m", 1),
            ("liters", "l", 1),
            ("t", "kg", 1000),
        ];
        for (printed, base, many) in cases {
            let (unit, base) = (Unit::from_printed(printed), Unit::from_name(base));
            let converted = unit.zip(base).map(|(unit, base)| unit.convert(Decimal::ONE, base));
            assert_eq!(converted, Some(Ok(Decimal::from(many))), "{printed}");
        }
        assert_eq!(Unit::from_printed("GBq").map(Unit::kind), Some(Kind::Radioactivity));
        assert_eq!(Unit::from_printed("Cu kg").map(Unit::kind), None);
    }
}
