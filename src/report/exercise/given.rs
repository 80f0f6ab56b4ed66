//! What is given: the flow, and what is known of it before anything is charged.

use super::Row;
use super::formula::percent_exactly;
use super::rows::Sheet;
use super::working::shown;
use crate::expr::{Fact, Node};
use crate::money::{Rounding, RoundingMode};
use crate::report::worksheet::{money_exactly, valued};
use crate::scenario::MeasureType;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

impl Sheet<'_> {
    /// What is known of the flow before anything is charged.
    pub(super) fn given(&mut self) {
        let (flow, sheet) = (&self.explained.flows.rows[0], &self.explained.explanation.sheet);
        let title = format!("Worksheet of {}: what becomes of each measure, and what is owed?", flow.id);
        self.rows.push(Row::Title(title));
        let description = flow.description.as_ref().map(|d| format!(": {d}")).unwrap_or_default();
        let (origin, importer) = (flow.origin.value.name(), flow.importer.value.name());
        let goods =
            format!("{} from {origin} entering {importer} on {}{description}.", flow.product, flow.date);
        self.rows.push(Row::Words(goods));
        let variant = self.scenario.variant.as_ref().map(|v| format!("#{}", v.id)).unwrap_or_default();
        self.rows.push(Row::Words(format!("{}{variant}: {}", self.scenario.file, self.scenario.title)));
        self.rows.push(Row::Gap);
        let mut given = |words: &str, amount: String| {
            self.rows.push(Row::Given { words: words.to_owned(), amount });
        };
        let currency = &self.scenario.currency;
        given(valued(self.scenario, flow), format!("{currency} {}", money_exactly(sheet.customs_value)));
        for quantity in flow.quantities.iter().flatten() {
            given("Quantity", format!("{} {}", shown(quantity.amount), quantity.unit));
        }
        for (words, amount) in self.facts() {
            self.rows.push(Row::Given { words, amount });
        }
        let admitted = self.admitted();
        for (words, amount) in admitted {
            self.rows.push(Row::Given { words, amount });
        }
        if let Some(rule) = self.scenario.rounding.charge {
            let taxes = self.known.iter().any(|at| self.scenario.measures[*at].kind == MeasureType::Tax);
            let taxes = if taxes { "; a tax is on what they are before" } else { "" };
            let words = format!("Every charge is rounded {}{taxes}.", rounded_to(rule, currency));
            self.rows.push(Row::Words(words));
        }
    }

    /// Facts of the flow that the law asks for.
    fn facts(&self) -> Vec<(String, String)> {
        let (flow, columns) = (&self.explained.flows.rows[0], &self.explained.flows.columns);
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let mut facts = Vec::new();
        for formula in self.scenario.formulas() {
            formula.expr.walk(&mut |part| {
                if let Node::Fact(fact) = &part.node {
                    asked.insert(match fact {
                        Fact::Party => "party".to_owned(),
                        Fact::Content(name) => format!("content.{name}"),
                        Fact::Attribute(name, _) => name.clone(),
                        _ => return,
                    });
                }
            });
        }
        let by_party = self.scenario.ledgers().any(|ledger| ledger.by == Some(Fact::Party));
        if let Some(party) = flow.party.as_ref().filter(|_| by_party || asked.contains("party")) {
            facts.push(("Party".to_owned(), party.clone()));
        }
        for (name, share) in columns.content.iter().zip(&flow.content) {
            let name = format!("content.{name}");
            if let Some(share) = share.filter(|_| asked.contains(&name)) {
                facts.push((name, percent_exactly(share)));
            }
        }
        for (name, text) in columns.attributes.iter().zip(&flow.attributes) {
            if let Some(text) = text.as_ref().filter(|_| asked.contains(name)) {
                facts.push((name.clone(), text.clone()));
            }
        }
        if let Some(claims) = &flow.claims {
            let claims = if claims.is_empty() { "nothing".to_owned() } else { claims.join(", ") };
            facts.push(("Claimed".to_owned(), claims));
        }
        let money = [("Freight", flow.freight), ("Insurance", flow.insurance)];
        for (name, amount) in money.into_iter().filter(|(_, amount)| !amount.is_zero()) {
            facts.push((name.to_owned(), money_exactly(amount)));
        }
        if flow.entries != Decimal::ONE {
            facts.push(("Entries".to_owned(), shown(flow.entries)));
        }
        facts
    }

    /// What quotas admit of the flow: so their books say, which rest on other flows as well.
    fn admitted(&self) -> Vec<(String, String)> {
        let parts = self.explained.explanation.sheet.portions.iter().flat_map(|portion| &portion.quotas);
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        let mut lines = Vec::new();
        for part in parts {
            let Some(quota) = self.scenario.quotas.get(part.quota).filter(|_| seen.insert(part.quota)) else {
                continue;
            };
            let all = self.explained.explanation.sheet.portions.iter().flat_map(|portion| &portion.quotas);
            let mut admitted = all.filter(|other| other.quota == part.quota && other.admitted);
            let amount = admitted.next().map_or(Decimal::ZERO, |part| part.amount);
            let words = format!("Admitted to quota {}, of {}", quota.ledger.id, shown(part.of));
            lines.push((words, format!("{} {}", shown(amount), part.unit)));
        }
        lines
    }
}

fn rounded_to(rule: Rounding, currency: &str) -> String {
    let to = format!("{currency} {}", money_exactly(rule.to));
    match rule.mode {
        RoundingMode::HalfUp => format!("to {to}, a half up"),
        RoundingMode::HalfEven => format!("to {to}, a half to the even neighbour"),
        RoundingMode::Down => format!("down to {to}"),
        RoundingMode::Up => format!("up to {to}"),
    }
}
