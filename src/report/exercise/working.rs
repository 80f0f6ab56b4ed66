//! What stands on the left of an equals sign: the numbers that an amount comes of.

use super::formula::{added, factor, formula, percent_exactly};
use super::rows::Sheet;
use crate::assess::{Charge, CreditDrawn, PortionSheet, Reason, Status, Term};
use crate::money::{self, RoundingMode, grouped};
use crate::report::worksheet::money_exactly;
use crate::scenario::MeasureType;
use rust_decimal::Decimal;

impl Sheet<'_> {
    /// What a tax is charged on, added up.
    pub(super) fn taxed(&self, charge: &Charge, portion: &PortionSheet) -> String {
        let sheet = &self.explained.explanation.sheet;
        let is_taxed = |kind: MeasureType| kind.is_duty() || kind == MeasureType::Fee;
        let charged = portion.charges.iter().filter(|one| is_taxed(self.scenario.measures[one.measure].kind));
        let charged = charged.map(|one| one.amount);
        let mut parts: Vec<Decimal> =
            [sheet.customs_value, sheet.left_out].into_iter().chain(charged).collect();
        if !self.is_several() {
            parts.extend(sheet.credits.iter().map(|drawn| money::negative(drawn.amount)));
        }
        // Of several portions each has its part of what credits pay; and a tax is on charges before they are rounded.
        let rest = money::sub(self.whole(charge), money::sum(parts.iter().copied()).unwrap_or_default());
        parts.push(money::quantise(rest.unwrap_or_default()));
        parts.retain(|amount| !amount.is_zero());
        let text = added(parts, money_exactly);
        if charge.share == Decimal::ONE {
            text
        } else {
            format!("{} x ({text})", percent_exactly(charge.share))
        }
    }

    /// The numbers that a charge comes of.
    pub(super) fn working(&self, charge: &Charge, portion: &PortionSheet) -> String {
        if !matches!(charge.status, Status::Charged | Status::Zero) {
            return "nothing".to_owned();
        }
        let term = self.terms.and_then(|terms| terms.charged(charge, &portion.portion.claims));
        let topped = charge.notes.iter().find_map(|note| match &note.reason {
            Reason::TopsUp { from, to, by } => Some((*from, *to, *by)),
            Reason::Reached { already, rate } => Some((*already, *rate, Decimal::ZERO)),
            _ => None,
        });
        let base = money_exactly(charge.base);
        match (term, topped) {
            (_, Some(_)) if charge.amount.is_zero() => "nothing".to_owned(),
            (_, Some((from, to, by))) if is_exact(by, charge) && !charge.is_specific(self.scenario) => {
                format!("({} - {}) x {base}", percent_exactly(to), percent_exactly(from))
            }
            (Some(term), Some((from, ..))) => {
                let whole = self.whole(charge);
                let counted = money::mul(from, whole).map(money::quantise).unwrap_or_default();
                let left = format!("{} - {}", formula(&term, &money_exactly(whole)), money_exactly(counted));
                in_part(charge, left)
            }
            // Money by unit is not charged on a part of the value: the part is taken of the whole charge.
            (Some(term), None) if charge.is_specific(self.scenario) => {
                in_part(charge, self.signed(&term, charge, &money_exactly(self.whole(charge))))
            }
            (Some(term), None) => self.signed(&term, charge, &base),
            (None, _) => {
                let rate = charge.rate.map(percent_exactly);
                format!("{} x {base}", rate.unwrap_or_else(|| charge.rate_text(self.scenario).to_owned()))
            }
        }
    }

    /// What a charge would be on if it were on all of it.
    fn whole(&self, charge: &Charge) -> Decimal {
        match self.scenario.measures[charge.measure].kind {
            MeasureType::Tax => money::div(charge.base, charge.share).unwrap_or(charge.base),
            _ => self.explained.explanation.sheet.customs_value,
        }
    }

    /// A subsidy is below zero, with or without a minus in its rate.
    fn signed(&self, term: &Term, charge: &Charge, on: &str) -> String {
        let is_below = matches!(term, Term::Negate(_)) || formula(term, on).starts_with('-');
        if self.scenario.measures[charge.measure].kind == MeasureType::Subsidy && !is_below {
            format!("-{}", factor(term, on))
        } else {
            formula(term, on)
        }
    }

    /// The duties that a credit may pay, added up, less what credits before it have paid.
    pub(super) fn owed(&self, drawn: &CreditDrawn, against: &[usize]) -> Option<String> {
        let sheet = &self.explained.explanation.sheet;
        let owed = sheet.charges.iter().filter(|charge| against.contains(&charge.measure));
        let owed: Vec<Decimal> =
            owed.map(|charge| charge.amount).filter(|amount| !amount.is_zero()).collect();
        let before = sheet.credits.iter().take_while(|other| *other != drawn);
        let paid = before.map(|other| money::negative(other.amount)).filter(|amount| !amount.is_zero());
        let less: Vec<Decimal> = owed.iter().copied().chain(paid).collect();
        let adds_up = |parts: &[Decimal]| money::sum(parts.iter().copied()) == Ok(drawn.liability);
        [owed, less].into_iter().find(|parts| adds_up(parts)).map(|parts| added(parts, money_exactly))
    }

    /// What a measure charges in each portion, with the portion's weight.
    pub(super) fn parts(&self, measure: usize) -> String {
        let portions = self.explained.explanation.portions.iter();
        let part = |sheet: &PortionSheet| {
            let charge = sheet.charges.iter().find(|c| c.measure == measure && !c.amount.is_zero())?;
            let weight = ratio(sheet).unwrap_or_else(|| percent_exactly(sheet.portion.weight));
            Some(format!("{weight} x {}", money_exactly(charge.amount)))
        };
        let parts: Vec<String> = portions.filter_map(part).collect();
        if parts.is_empty() { "nothing".to_owned() } else { parts.join(" + ") }
    }
}

/// A charge on all of the value, where only a part of it is charged.
fn in_part(charge: &Charge, text: String) -> String {
    if charge.share == Decimal::ONE { text } else { format!("{} x ({text})", percent_exactly(charge.share)) }
}

/// Whether a rate that is left for a charge is short enough to be worked with.
fn is_exact(by: Decimal, charge: &Charge) -> bool {
    money::mul(by, charge.base).map(money::quantise) == Ok(charge.amount)
}

/// A portion's weight as the amounts that a quota admits; `None` where more than that divides the trade.
pub(super) fn ratio(sheet: &PortionSheet) -> Option<String> {
    let [part] = sheet.portion.quotas.as_slice() else { return None };
    let weight = money::div(part.amount, part.of).ok()?;
    let is_exact = part.amount == exactly_shown(part.amount) && part.of == exactly_shown(part.of);
    (weight == sheet.portion.weight && is_exact)
        .then(|| format!("{} / {}", shown(part.amount), shown(part.of)))
}

fn exactly_shown(amount: Decimal) -> Decimal {
    RoundingMode::HalfUp.places(amount, 6)
}

/// A quantity or a count, to a millionth.
pub(super) fn shown(amount: Decimal) -> String {
    let amount = exactly_shown(amount).normalize();
    grouped(amount, amount.scale())
}
