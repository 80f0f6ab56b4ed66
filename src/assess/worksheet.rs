//! The worksheet of a flow: one charge a measure, and why it is what it is. It is the result; totals,
//! explanations and comparisons are read off it.

use crate::expr::Type;
use crate::money;
use crate::scenario::{Rate, Scenario};
use rust_decimal::Decimal;
use serde::Serialize;
use std::sync::Arc;

/// What became of a measure on a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It charges.
    Charged,
    /// It is claimed, and charges nothing itself or is not lower than the MFN duty.
    Claimed,
    /// A preference took its place.
    Replaced,
    /// Measures it gives way to cover all of it.
    Displaced,
    /// Another of its kind was taken instead.
    NotTaken,
    /// It is in force and comes to nothing.
    Zero,
    /// It could be claimed and is not.
    NotClaimed,
}

impl Status {
    /// The name it goes out by.
    pub fn name(self) -> &'static str {
        match self {
            Status::Charged => "charged",
            Status::Claimed => "claimed",
            Status::Replaced => "replaced",
            Status::Displaced => "displaced",
            Status::NotTaken => "not-taken",
            Status::Zero => "zero",
            Status::NotClaimed => "not-claimed",
        }
    }

    /// What became of a measure, as the end of a sentence that starts with it.
    pub fn words(self) -> &'static str {
        match self {
            Status::Charged => "is charged",
            Status::Claimed => "is claimed",
            Status::Replaced => "is replaced",
            Status::Displaced => "gives way",
            Status::NotTaken => "is not taken",
            Status::Zero => "comes to nothing",
            Status::NotClaimed => "is not claimed",
        }
    }
}

/// What becomes of a portion under a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaPart {
    /// The quota, as a place in the scenario's list.
    pub quota: usize,
    /// Whether this portion is admitted, or over the quota.
    pub admitted: bool,
    /// How much of the flow this portion is.
    pub amount: Decimal,
    /// How much of the flow asked to be admitted.
    pub of: Decimal,
    /// The unit of the quota's volume: of quantity, or the currency.
    pub unit: Arc<str>,
}

/// Why a charge is what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// It gives way to a measure that covers a part of the value.
    YieldsTo {
        /// The measure, as a place in the scenario's list.
        measure: usize,
        /// The part of the value.
        covered: Decimal,
    },
    /// It tops the counted duties up to its rate, both as parts of the value it charges.
    TopsUp {
        /// What the others charge.
        from: Decimal,
        /// Its rate.
        to: Decimal,
        /// What is left for it to charge.
        by: Decimal,
    },
    /// The counted duties reach its rate already.
    Reached {
        /// What the others charge, as a part of the value it charges.
        already: Decimal,
        /// Its rate.
        rate: Decimal,
    },
    /// A claimed preference charges instead.
    ReplacedBy(usize),
    /// It charges instead of the MFN duty.
    Replaces(usize),
    /// It is claimed, but no lower than the MFN duty.
    NotLower,
    /// It is claimed, but there is no MFN duty for it to lower.
    NoMfn,
    /// It is claimed.
    Claimed,
    /// The flow claims something else, or nothing.
    NotClaimed,
    /// Another MFN measure names the goods with more digits.
    LongerCode(usize),
    /// Another preference of the same claim is lower.
    LowerPreference(usize),
    /// Another measure of the series was taken.
    SeriesTakes(usize),
    /// It charges the in-quota rate, or its own because the quota is used up.
    Quota(QuotaPart),
}

/// A reason, and the part of the trade it holds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Why.
    pub reason: Reason,
    /// The part of the trade, above 0 and at most 1.
    pub weight: Decimal,
}

/// What one measure charges on a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The measure, as a place in the scenario's list.
    pub measure: usize,
    /// Its step.
    pub step: usize,
    /// The row of its rate file, where its rate stands in one.
    pub row: Option<usize>,
    /// What became of it.
    pub status: Status,
    /// The part of the customs value it charges, after displacement, over all portions.
    pub share: Decimal,
    /// What its rate is charged on: the customs value times the share; of a tax, what is taxed times the share.
    pub base: Decimal,
    /// The quota whose in-quota rate it charges on all of the trade, as a place in the scenario's list.
    pub quota: Option<usize>,
    /// Its rate as a part of what it is charged on; `None` where it has none or it cannot be computed.
    pub rate: Option<Decimal>,
    /// What it charges, quantised or rounded.
    pub amount: Decimal,
    /// Why.
    pub notes: Arc<[Note]>,
}

/// What a credit pays of the duty on a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditDrawn {
    /// The credit, as a place in the scenario's list.
    pub credit: usize,
    /// The pool it is drawn from, where there is more than one.
    pub party: Option<String>,
    /// The duty it could have paid.
    pub liability: Decimal,
    /// What was left in the pool before.
    pub left: Decimal,
    /// What it pays: the smaller of the two.
    pub amount: Decimal,
}

impl CreditDrawn {
    /// What it pays of what is owed, and from how much, in words.
    pub fn note(&self) -> String {
        let amount = |amount: Decimal| money::grouped(amount, amount.normalize().scale());
        let (paid, owed, left) = (amount(self.amount), amount(self.liability), amount(self.left));
        format!("pays {paid} of {owed} owed, out of {left} left")
    }
}

/// A part of the trade that makes the same claims and that quotas treat alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// How much of the trade, above 0 and at most 1.
    pub weight: Decimal,
    /// What it claims, in alphabetical order.
    pub claims: Vec<String>,
    /// The quotas it draws on, each taken before the next.
    pub quotas: Vec<QuotaPart>,
}

/// The worksheet of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worksheet {
    /// The value that duty is charged on.
    pub customs_value: Decimal,
    /// Why there is no duty to state, in a sentence; `None` where there is.
    pub not_computable: Option<String>,
    /// One a measure in force, in the order of the scenario. Empty where not computable.
    pub charges: Vec<Charge>,
    /// What credits pay of the duty, in the order they are drawn.
    pub credits: Vec<CreditDrawn>,
    /// Base, additional, anti-dumping, countervailing and safeguard duty, less credits.
    pub duty: Decimal,
    /// Freight and insurance that the customs value leaves out.
    pub left_out: Decimal,
    /// Customs value, whatever of freight and insurance it leaves out, and all charges.
    pub landed_cost: Decimal,
    /// The parts of the trade, where claims or quotas may divide it; empty where nothing does.
    pub portions: Vec<Portion>,
    /// Whether some MFN measure states the base duty.
    pub base_stated: bool,
    /// Whether the product code is too short to tell whether some measure covers all of it.
    pub partly_covered: bool,
}

impl Worksheet {
    /// The worksheet of so much value, of one that is of one unit of value and proportional to it.
    pub(super) fn times(mut self, value: Decimal) -> Result<Worksheet, money::ArithmeticError> {
        let times = |part: &mut Decimal| {
            *part = money::mul(value, *part)?;
            Ok(())
        };
        for charge in &mut self.charges {
            times(&mut charge.base)?;
            times(&mut charge.amount)?;
        }
        [&mut self.duty, &mut self.left_out, &mut self.landed_cost].into_iter().try_for_each(times)?;
        self.customs_value = value;
        Ok(self)
    }

    /// Whether there is a duty.
    pub fn computable(&self) -> bool {
        self.not_computable.is_none()
    }

    /// Duty by customs value; `None` where the value is zero or the duty not computable.
    pub fn effective_rate(&self) -> Option<Decimal> {
        if self.computable() { money::div(self.duty, self.customs_value).ok() } else { None }
    }

    /// Whether no measure is in force for the flow.
    pub fn untouched(&self) -> bool {
        self.computable() && self.charges.is_empty()
    }
}

/// A number as a percentage, for notes.
pub(crate) fn percent(number: Decimal) -> String {
    match money::mul(number, Decimal::ONE_HUNDRED) {
        Ok(n) => format!("{}%", money::plain(n.round_dp(4))),
        Err(_) => money::plain(number),
    }
}

impl Reason {
    fn text(&self, scenario: &Scenario) -> String {
        let id = |measure: &usize| scenario.measures.get(*measure).map_or("?", |m| m.id.as_str());
        match self {
            Reason::YieldsTo { measure, covered } if *covered >= Decimal::ONE => {
                format!("yields to {}", id(measure))
            }
            Reason::YieldsTo { measure, covered } => {
                format!("yields to {} on {} of the value", id(measure), percent(*covered))
            }
            Reason::TopsUp { from, to, .. } => format!("tops {} up to {}", percent(*from), percent(*to)),
            Reason::Reached { already, rate } => {
                format!("{} is already reached by {}", percent(*rate), percent(*already))
            }
            Reason::ReplacedBy(measure) => format!("replaced by {}", id(measure)),
            Reason::Replaces(measure) => format!("replaces {}", id(measure)),
            Reason::NotLower => "claimed, but not lower than the MFN duty".to_owned(),
            Reason::NoMfn => "claimed, but there is no MFN duty to lower".to_owned(),
            Reason::Claimed => "claimed".to_owned(),
            Reason::NotClaimed => "not claimed".to_owned(),
            Reason::LongerCode(measure) => format!("{} names the goods more closely", id(measure)),
            Reason::LowerPreference(measure) => format!("{} is taken, and no higher", id(measure)),
            Reason::SeriesTakes(measure) => format!("{} is taken instead", id(measure)),
            Reason::Quota(part) => {
                let quota = scenario.quotas.get(part.quota).map_or("?", |quota| quota.ledger.id.as_str());
                let place = if part.admitted { "in" } else { "over" };
                // To a millionth of the unit: the worksheet has them in full.
                let shown = |amount: Decimal| money::RoundingMode::HalfUp.places(amount, 6).normalize();
                let amount = |amount: Decimal| money::grouped(shown(amount), shown(amount).scale());
                let (amount, of) = (amount(part.amount), amount(part.of));
                format!("{place} quota {quota}: {amount} of {of} {}", part.unit)
            }
        }
    }
}

impl Charge {
    /// Whether its rate is more than a part of what it is charged on: money by unit, or a lump sum.
    pub fn is_specific(&self, scenario: &Scenario) -> bool {
        let quota = self.quota.and_then(|quota| scenario.quotas.get(quota));
        let step = scenario.measures.get(self.measure).and_then(|measure| measure.steps.get(self.step));
        let ty = match (quota, step.and_then(|step| step.rate.as_ref()), self.row) {
            (Some(quota), ..) => Some(quota.in_quota_rate.expr.ty),
            (None, Some(Rate::File(table)), Some(row)) => table.row_type(row),
            (None, Some(rate), _) => rate.formula().map(|formula| formula.expr.ty),
            (None, None, _) => None,
        };
        ty.is_some_and(|ty| ty != Type::Number)
    }

    /// The ad valorem equivalent of a charge that is more than a part of what it is charged on.
    pub fn equivalent(&self, scenario: &Scenario) -> Option<Decimal> {
        // Where it differs between portions, what it comes to over all of them.
        let rate = self.rate.or_else(|| money::div(self.amount, self.base).ok());
        rate.filter(|_| self.status == Status::Charged && self.is_specific(scenario))
    }

    /// Why the charge is what it is, and its ad valorem equivalent if it has one, in words; empty where it is simply
    /// charged.
    pub fn note(&self, scenario: &Scenario) -> String {
        let equivalent =
            self.equivalent(scenario).map(|rate| format!("ad valorem equivalent {}", percent(rate)));
        let reasons = Some(self.reasons(scenario)).filter(|reasons| !reasons.is_empty());
        reasons.into_iter().chain(equivalent).collect::<Vec<_>>().join("; ")
    }

    /// Why the charge is what it is, in words; empty where it is simply charged.
    pub fn reasons(&self, scenario: &Scenario) -> String {
        let texts: Vec<String> = self
            .notes
            .iter()
            .map(|note| {
                let text = note.reason.text(scenario);
                // What a quota admits says itself how much it is.
                let says = matches!(note.reason, Reason::Quota(_));
                if note.weight < Decimal::ONE && !says {
                    format!("{text} on {} of the trade", percent(note.weight))
                } else {
                    text
                }
            })
            .collect();
        texts.join("; ")
    }

    /// The rate as the scenario writes it, that of the quota where all of the trade is in it; empty for an exemption.
    pub fn rate_text<'a>(&self, scenario: &'a Scenario) -> &'a str {
        if let Some(quota) = self.quota.and_then(|quota| scenario.quotas.get(quota)) {
            return &quota.in_quota_rate.text;
        }
        let step = scenario.measures.get(self.measure).and_then(|m| m.steps.get(self.step));
        step.and_then(|s| s.rate.as_ref()).map_or("", |rate| rate.text(self.row))
    }
}
