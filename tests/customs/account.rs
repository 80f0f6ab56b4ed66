//! Each flow's difference has one cause; the differences of the causes add up to the whole, and so do what the law of
//! the cause does not reach.

use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::ops::AddAssign;

/// What a flow owes, and the ids of the duties and claimed preferences that make it so.
#[derive(Default)]
pub struct Owed {
    pub duty: Decimal,
    pub by: Vec<String>,
}

/// What the law of 2024 makes of a flow.
pub struct Law {
    /// Under the general rate, or column 2.
    pub mfn: Owed,
    /// With the preferences of its origin claimed; where the rate of one is in words, nothing.
    pub open: Owed,
    /// With all preferences claimed; likewise.
    pub least: Owed,
    /// With the additional duties, and nothing claimed.
    pub most: Owed,
}

/// A flow, held against what customs calculated.
pub struct Held {
    pub origin: String,
    pub chapter: String,
    pub value: Decimal,
    pub customs: Decimal,
    /// What the law makes of it, or why there is no duty to state.
    pub law: Result<Law, String>,
    pub cause: Cause,
}

/// Why customs calculated something else than the MFN duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// It did not.
    Same,
    Usmca,
    Korea,
    CaftaDr,
    OtherAgreement,
    OneSided,
    /// One whose rate stands in words.
    InWords,
    Aircraft,
    Medicines,
    Dyes,
    Gsp,
    S301,
    S301Raised,
    S232,
    S232And301,
    Solar,
    ColumnTwo,
    Below,
    Above,
    Special,
    NoLine,
    ByMeasure,
    Refused,
}

/// A part of the sums: what a cause belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Preferences,
    Gsp,
    S301,
    S232,
    Other,
    NotHeld,
}

impl Cause {
    /// The first of these that fits:
    /// chapter 98 or 99; no MFN duty, by the reason; the same to a dollar or 0.01% of the value; below, by the preference
    /// of its origin, then by any preference, that is lower than MFN; above, by the additional duties that its list has.
    pub fn of(chapter: &str, value: Decimal, customs: Decimal, law: &Result<Law, String>) -> Cause {
        if chapter >= "98" {
            return Cause::Special;
        }
        match law {
            Err(reason) if reason.starts_with("no-line") => Cause::NoLine,
            Err(reason) if reason.ends_with("the flow has no quantity") => Cause::ByMeasure,
            Err(_) => Cause::Refused,
            Ok(law) => {
                let difference = customs - law.mfn.duty;
                let close = Decimal::ONE.max(value * Decimal::new(1, 4));
                match difference {
                    _ if difference.abs() <= close => Cause::Same,
                    _ if difference.is_sign_negative() => Cause::below(law),
                    _ => Cause::above(&law.most),
                }
            }
        }
    }

    fn below(law: &Law) -> Cause {
        let lower = |owed: &&Owed| owed.duty < law.mfn.duty;
        let Some(owed) = [&law.open, &law.least].into_iter().find(lower) else {
            return if law.mfn.by == ["column-2"] { Cause::ColumnTwo } else { Cause::Below };
        };
        let Some(id) = owed.by.first() else { return Cause::InWords };
        match id.as_str() {
            "usmca" | "usmca-s-plus" => Cause::Usmca,
            "korea" => Cause::Korea,
            "cafta-dr" | "cafta-dr-p-plus" => Cause::CaftaDr,
            "australia" | "chile" | "colombia" | "israel" | "japan" | "peru" | "singapore" => {
                Cause::OtherAgreement
            }
            "agoa" | "caribbean" | "caribbean-e-star" | "caribbean-r" | "zones" => Cause::OneSided,
            "aircraft" => Cause::Aircraft,
            "medicines" => Cause::Medicines,
            "dyes" => Cause::Dyes,
            "gsp" | "gsp-a-star" | "gsp-a-plus" => Cause::Gsp,
            other => panic!("{other} is put down to no cause"),
        }
    }

    fn above(most: &Owed) -> Cause {
        let any = |start: &str| most.by.iter().any(|id| id.starts_with(start));
        match (any("s232"), any("s301")) {
            (true, true) => Cause::S232And301,
            (true, false) => Cause::S232,
            (false, true) if any("s301-raised") => Cause::S301Raised,
            (false, true) => Cause::S301,
            (false, false) if any("s201") => Cause::Solar,
            (false, false) => Cause::Above,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Cause::Same => "none: the same to a dollar, or to 0.01% of the value",
            Cause::Usmca => "USMCA",
            Cause::Korea => "Korea's agreement",
            Cause::CaftaDr => "CAFTA-DR",
            Cause::OtherAgreement => "agreements with AU, CL, CO, IL, JP, PE, SG",
            Cause::OneSided => "AGOA, Caribbean Basin, Egypt's zones",
            Cause::InWords => "an agreement whose rate is in words",
            Cause::Aircraft => "civil aircraft (C)",
            Cause::Medicines => "medicines (K)",
            Cause::Dyes => "intermediates for dyes (L)",
            Cause::Gsp => "GSP, lapsed but marked",
            Cause::S301 => "Section 301, lists 1 to 4A",
            Cause::S301Raised => "Section 301, rates the review raised",
            Cause::S232 => "Section 232, steel and aluminium",
            Cause::S232And301 => "Sections 232 and 301 together",
            Cause::Solar => "Section 201, solar cells",
            Cause::ColumnTwo => "Russia, below column 2",
            Cause::Below => "below MFN, no cause found",
            Cause::Above => "above MFN, no cause found",
            Cause::Special => "chapters 98 and 99",
            Cause::NoLine => "no line in the file of the schedule",
            Cause::ByMeasure => "a rate by weight or number, and no quantities",
            Cause::Refused => "a rate in words, refused",
        }
    }

    pub fn part(self) -> Part {
        match self {
            Cause::Usmca
            | Cause::Korea
            | Cause::CaftaDr
            | Cause::OtherAgreement
            | Cause::OneSided
            | Cause::InWords
            | Cause::Aircraft
            | Cause::Medicines
            | Cause::Dyes => Part::Preferences,
            Cause::Gsp => Part::Gsp,
            Cause::S301 | Cause::S301Raised => Part::S301,
            Cause::S232 | Cause::S232And301 => Part::S232,
            Cause::Same | Cause::Solar | Cause::ColumnTwo | Cause::Below | Cause::Above | Cause::Special => {
                Part::Other
            }
            Cause::NoLine | Cause::ByMeasure | Cause::Refused => Part::NotHeld,
        }
    }
}

/// Sums over flows, in dollars.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Sum {
    pub flows: usize,
    pub value: Decimal,
    /// What customs calculated.
    pub customs: Decimal,
    /// The MFN duty, of flows that have one.
    pub mfn: Decimal,
    /// The furthest from the MFN duty that the law allows, in the direction that customs went.
    pub limit: Decimal,
    /// How far customs went beyond that.
    pub beyond: Decimal,
}

impl Sum {
    fn of(held: &Held) -> Sum {
        let sum = Sum { flows: 1, value: held.value, customs: held.customs, ..Sum::default() };
        let Ok(law) = &held.law else { return sum };
        let mfn = law.mfn.duty;
        let sum = Sum { mfn, ..sum };
        if matches!(held.cause, Cause::Same | Cause::Special) {
            return sum;
        }
        let (limit, beyond) = if held.customs < mfn {
            (law.least.duty, (held.customs - law.least.duty).min(Decimal::ZERO))
        } else {
            (law.most.duty, (held.customs - law.most.duty).max(Decimal::ZERO))
        };
        Sum { limit: limit - mfn, beyond, ..sum }
    }

    /// What customs calculated less the MFN duty.
    pub fn difference(&self) -> Decimal {
        self.customs - self.mfn
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Sum) {
        self.flows += other.flows;
        self.value += other.value;
        self.customs += other.customs;
        self.mfn += other.mfn;
        self.limit += other.limit;
        self.beyond += other.beyond;
    }
}

/// Sums by a key.
#[derive(Debug)]
pub struct Account<K>(pub BTreeMap<K, Sum>);

impl<K: Ord + Copy> Account<K> {
    pub fn of<'h>(held: impl IntoIterator<Item = &'h Held>, key: impl Fn(&'h Held) -> K) -> Account<K> {
        let mut account = BTreeMap::<K, Sum>::new();
        for held in held {
            *account.entry(key(held)).or_default() += Sum::of(held);
        }
        Account(account)
    }

    pub fn sum(&self, key: K) -> Sum {
        self.0.get(&key).copied().unwrap_or_default()
    }

    /// The sum over some keys.
    pub fn within(&self, holds: impl Fn(K) -> bool) -> Sum {
        let mut total = Sum::default();
        self.0.iter().filter(|(key, _)| holds(**key)).for_each(|(_, sum)| total += *sum);
        total
    }

    pub fn total(&self) -> Sum {
        self.within(|_| true)
    }
}
