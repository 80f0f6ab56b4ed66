//! A step a measure and credit: what the law says of it, and what is asked.

use super::formula::percent_exactly;
use super::law::Reader;
use super::rows::{Legal, Sheet, nearest_step};
use super::working::ratio;
use super::{About, Row, Step};
use crate::assess::{Charge, CreditDrawn, NearMiss, PortionSheet, QuotaPart, Status};
use crate::expr::Type;
use crate::money;
use crate::report::number::percent_in_words;
use crate::report::worksheet::money_exactly;
use crate::scenario::{MeasureType, Rate, Scenario, Step as LegalStep};
use crate::trade::Flow;
use rust_decimal::Decimal;

impl Sheet<'_> {
    /// A step a measure and credit, by portion where there are several.
    pub(super) fn steps(&mut self) {
        let portions = &self.explained.explanation.portions;
        let several = portions.len() > 1;
        for (at, portion) in portions.iter().enumerate() {
            if several {
                self.portion(at, portion);
            }
            self.number = 0;
            let kind = |at: usize| self.scenario.measures[at].kind;
            let charges = portion.charges.iter().map(|charge| (charge.measure, Ok(charge)));
            let mut all: Vec<(usize, Result<&Charge, &NearMiss>)> =
                charges.chain(self.near.iter().map(|near| (near.measure, Err(near)))).collect();
            all.sort_by_key(|(measure, _)| *measure);
            // Credits pay duty before anything else is charged; of several portions they pay all at once.
            let (duties, levies): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|(measure, _)| several || kind(*measure).is_duty());
            for (_, one) in duties {
                self.step(one, portion);
            }
            if at + 1 == portions.len() {
                self.credits(several);
            }
            for (_, one) in levies {
                self.step(one, portion);
            }
        }
    }

    fn portion(&mut self, at: usize, sheet: &PortionSheet) {
        let quota = |part: &QuotaPart| {
            let id = self.scenario.quotas.get(part.quota).map_or("", |quota| quota.ledger.id.as_str());
            let place = if part.admitted { "in" } else { "over" };
            format!("{place} quota {id}")
        };
        let mut words: Vec<String> = sheet.portion.quotas.iter().map(quota).collect();
        match sheet.portion.claims.as_slice() {
            [] if words.is_empty() => words.push("which claims nothing".to_owned()),
            [] => {}
            claims => words.push(format!("which claims {}", claims.join(", "))),
        }
        let number = at + 1;
        let words = words.join(", ");
        if let Some(ratio) = ratio(sheet) {
            self.rows.push(Row::Part(format!("Portion {number}, {words}. As if it were all:")));
            let percent = percent_in_words(sheet.portion.weight);
            self.number(About::Portion, "Its part of the trade, 2 decimals", Some(ratio), percent);
        } else {
            let weight = percent_exactly(sheet.portion.weight);
            let heading = format!("Portion {number}: {weight} of the trade, {words}. As if it were all:");
            self.rows.push(Row::Part(heading));
        }
    }

    fn step(&mut self, one: Result<&Charge, &NearMiss>, portion: &PortionSheet) {
        match one {
            Ok(charge) => {
                let legal = (charge.measure, charge.step, charge.row);
                self.heading(legal, true);
                self.words(About::Fate, "What becomes of it?", fate(charge, self.scenario), true);
                if self.is_divided(legal) {
                    self.base(charge, portion);
                }
                let working = self.working(charge, portion);
                self.charge(legal, working, charge.amount);
            }
            Err(near) => {
                let flow = &self.explained.flows.rows[0];
                let measure = &self.scenario.measures[near.measure];
                let step = nearest_step(measure, flow);
                let legal = (near.measure, step, measure.steps.get(step).and_then(|step| row(step, flow)));
                self.heading(legal, false);
                let why: Vec<String> = near.misses.iter().map(|miss| miss.text(flow)).collect();
                let words = format!("does not apply: {}", why.join(" and "));
                self.words(About::Fate, "What becomes of it?", words, true);
                if self.is_divided(legal) {
                    self.number(About::Base, "Base", Some("nothing".to_owned()), "0".to_owned());
                }
                self.charge(legal, "nothing".to_owned(), Decimal::ZERO);
            }
        }
    }

    fn heading(&mut self, (measure, step, row): Legal, is_met: bool) {
        self.number += 1;
        let flow = &self.explained.flows.rows[0];
        let reader = Reader { scenario: self.scenario, flow, terms: self.terms, on_sheet: &self.known };
        let law = reader.measure(measure, step, row);
        let numbers = self.numbers(&self.scenario.sources_behind(measure, step));
        let of = &self.scenario.measures[measure];
        let title = of.steps.get(step).and_then(|step| step.title.as_ref()).or(of.title.as_ref()).cloned();
        self.rows.push(Row::Step(Step {
            number: self.number,
            name: of.id.clone(),
            kind: of.kind.name(),
            title,
            law: format!("{law} {numbers}").trim().to_owned(),
            counts: is_met && of.kind.is_duty(),
        }));
    }

    /// Whether the law leaves open what part of the value a measure charges: the base is asked for, whatever it is.
    fn is_divided(&self, legal: Legal) -> bool {
        let kind = self.scenario.measures[legal.0].kind;
        let charges = &self.explained.explanation.sheet.charges;
        let by_mfn = kind == MeasureType::Preference
            && charges.iter().any(|other| {
                let is_mfn = self.scenario.measures[other.measure].kind == MeasureType::Mfn;
                is_mfn && self.divides(other.measure, other.step)
            });
        let divided = kind == MeasureType::Tax || by_mfn || self.divides(legal.0, legal.1);
        divided && !self.is_specific(legal)
    }

    /// Whether the law knows a rate of a measure that is more than a part of the value.
    fn is_specific(&self, (measure, step, row): Legal) -> bool {
        let rate = self.scenario.measures[measure].steps.get(step).and_then(|step| step.rate.as_ref());
        let own = rate.and_then(|rate| match (rate, row) {
            (Rate::File(table), Some(row)) => table.row_type(row),
            _ => rate.formula().map(|formula| formula.expr.ty),
        });
        let quotas = self.scenario.quotas.iter().filter(|quota| quota.ledger.measures.contains(&measure));
        own.into_iter().chain(quotas.map(|quota| quota.in_quota_rate.expr.ty)).any(|ty| ty != Type::Number)
    }

    fn divides(&self, measure: usize, step: usize) -> bool {
        let step = self.scenario.measures[measure].steps.get(step);
        step.is_some_and(|step| {
            step.share.is_some() || step.yields_to.iter().any(|at| self.known.contains(at))
        })
    }

    fn base(&mut self, charge: &Charge, portion: &PortionSheet) {
        let sheet = &self.explained.explanation.sheet;
        let part = percent_exactly(charge.share);
        let (about, working) = if self.scenario.measures[charge.measure].kind == MeasureType::Tax {
            (About::Taxed, self.taxed(charge, portion))
        } else {
            (About::Base, format!("{part} x {}", money_exactly(sheet.customs_value)))
        };
        self.number(about, "Base", Some(working), money_exactly(charge.base));
    }

    fn charge(&mut self, (measure, step, row): Legal, working: String, amount: Decimal) {
        let name = match self.scenario.measures[measure].kind {
            MeasureType::Fee => "Fee",
            MeasureType::Tax => "Tax",
            MeasureType::ExportDuty => "Export duty",
            MeasureType::Subsidy => "Subsidy",
            MeasureType::NonTariff => "Cost",
            _ => "Duty",
        };
        let rounded = if self.is_several() { "" } else { self.rounded() };
        let about = if self.is_specific((measure, step, row)) { About::Specific } else { About::Charge };
        self.number(about, &format!("{name}{rounded}"), Some(working), money_exactly(amount));
    }

    /// What credits pay.
    fn credits(&mut self, of_all: bool) {
        let credits = &self.explained.explanation.sheet.credits;
        if of_all && !credits.is_empty() {
            self.rows.push(Row::Part("Credits, on all portions together:".to_owned()));
        }
        for drawn in credits {
            self.credit(drawn);
        }
    }

    fn credit(&mut self, drawn: &CreditDrawn) {
        let ledger = &self.scenario.credits[drawn.credit].ledger;
        let numbers = self.numbers(&ledger.sources.iter().copied().collect());
        let against: Vec<&str> =
            ledger.measures.iter().map(|at| self.scenario.measures[*at].id.as_str()).collect();
        let whose = drawn.party.as_ref().map(|party| format!(" for {party}")).unwrap_or_default();
        let left = money_exactly(drawn.left);
        let law = format!("pays {}; left in the pool{whose}: {left} {numbers}", against.join(", "));
        self.number += 1;
        self.rows.push(Row::Step(Step {
            number: self.number,
            name: ledger.id.clone(),
            kind: "credit",
            title: ledger.title.clone(),
            law: law.trim().to_owned(),
            counts: true,
        }));
        let liability = money_exactly(drawn.liability);
        let owed = self.owed(drawn, &ledger.measures);
        self.number(About::Owed, "Duty it can pay", owed, liability.clone());
        let working = format!("-min({left}, {liability})");
        let paid = money_exactly(money::negative(drawn.amount));
        self.number(About::Paid, "It pays the smaller", Some(working), paid);
    }
}

/// What became of a measure, in words.
fn fate(charge: &Charge, scenario: &Scenario) -> String {
    match (charge.status, charge.reasons(scenario)) {
        (status, reasons) if reasons.is_empty() => status.words().to_owned(),
        (status @ Status::Zero, reasons) => format!("{}: {reasons}", status.words()),
        (_, reasons) => reasons,
    }
}

/// The row of a rate file for a flow.
fn row(step: &LegalStep, flow: &Flow) -> Option<usize> {
    let Some(Rate::File(table)) = &step.rate else { return None };
    table.find(Some(flow.product), Some(flow.origin.value), flow.date).map(|found| found.place)
}
