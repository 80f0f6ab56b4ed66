//! What the law says of a measure, in a line: all that decides what becomes of it on a flow, and nothing of what does.

use crate::assess::Terms;
use crate::country::OriginScope;
use crate::date::Date;
use crate::scenario::{Basis, Formula, Measure, MeasureType, Scenario, Step, Take};
use crate::trade::Flow;
use std::collections::BTreeSet;

/// Countries that are named one by one.
const NAMED: usize = 8;

/// Where a line of law is written, and for which flow.
pub struct Reader<'a> {
    pub scenario: &'a Scenario,
    pub flow: &'a Flow,
    pub terms: Option<&'a Terms<'a>>,
    /// The measures on the sheet.
    pub on_sheet: &'a BTreeSet<usize>,
}

impl Reader<'_> {
    /// A measure by a step of it; `row` is that of its rate file.
    pub fn measure(&self, at: usize, step: usize, row: Option<usize>) -> String {
        let Some((measure, step)) =
            self.scenario.measures.get(at).and_then(|m| Some((m, m.steps.get(step)?)))
        else {
            return String::new();
        };
        let mut parts = vec![self.rate(step, row)];
        parts.push(self.charged_on(measure, step));
        for quota in self.scenario.quotas.iter().filter(|quota| quota.ledger.measures.contains(&at)) {
            let rate = self.formula(&quota.in_quota_rate);
            parts.push(format!("in quota {}: {rate}", quota.ledger.id));
        }
        parts.push(self.claim(measure));
        parts.push(self.relations(measure, step));
        parts.push(origins(&measure.reach.origins));
        parts.push(days(measure, step));
        if let Some(when) = &step.when {
            parts.push(format!("where {}", self.phrase(when, "")));
        }
        parts.retain(|part| !part.is_empty());
        parts.join("; ")
    }

    /// The rate as it is written, and the parameters in it.
    fn rate(&self, step: &Step, row: Option<usize>) -> String {
        let Some(rate) = &step.rate else { return String::new() };
        match (rate.formula(), rate.text(row)) {
            (Some(formula), text) if text == formula.text => self.formula(formula),
            (_, "") => "rate by file".to_owned(),
            (_, text) => text.to_owned(),
        }
    }

    /// An expression, and what the parameters in it are.
    fn formula(&self, formula: &Formula) -> String {
        match self.values(formula) {
            values if values.starts_with(&format!("{} = ", formula.text)) => values,
            _ => self.phrase(formula, ""),
        }
    }

    /// An expression and what follows it, and then what the parameters in it are.
    fn phrase(&self, formula: &Formula, after: &str) -> String {
        match self.values(formula) {
            values if values.is_empty() => format!("{}{after}", formula.text),
            values => format!("{}{after} ({values})", formula.text),
        }
    }

    fn values(&self, formula: &Formula) -> String {
        let named = self.terms.map(|terms| terms.named(formula)).unwrap_or_default();
        let values: Vec<String> = named.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        values.join(", ")
    }

    /// The part of the value, or what a tax is charged on.
    fn charged_on(&self, measure: &Measure, step: &Step) -> String {
        if measure.kind != MeasureType::Tax {
            let share = step.share.as_ref().map(|share| self.phrase(share, " of the value"));
            return share.map_or_else(String::new, |share| format!("on {share}"));
        }
        let in_value = self.scenario.valuation.of(self.flow.importer.value) == Basis::Cif;
        let freight = if in_value { "" } else { ", freight, insurance" };
        let on = format!("customs value{freight}, fees and duties");
        match &step.share {
            Some(share) => format!("on {}", self.phrase(share, &format!(" of {on}"))),
            None => format!("on {on}"),
        }
    }

    fn claim(&self, measure: &Measure) -> String {
        if !measure.kind.is_claimed() {
            return String::new();
        }
        let used = measure.utilisation.as_ref();
        let used = used.map(|part| format!(", as {}", self.phrase(part, " of the trade does")));
        format!("for those who claim {}{}", measure.claim, used.unwrap_or_default())
    }

    /// What it gives way to, what it counts in, and what it is an alternative to.
    fn relations(&self, measure: &Measure, step: &Step) -> String {
        let id = |at: &usize| self.scenario.measures.get(*at).map_or("", |m| m.id.as_str());
        let mut words = Vec::new();
        if let Some(counted) = &step.inclusive_of {
            let base = counted.base.then_some("the base duty");
            let others = counted.measures.iter().filter(|at| self.on_sheet.contains(at)).map(id);
            let counted: Vec<&str> = base.into_iter().chain(others).collect();
            words.push(format!("in all, counting in {}", counted.join(", ")));
        }
        if step.covers_article {
            words.push("covers the whole article".to_owned());
        }
        let before: Vec<&str> =
            step.yields_to.iter().filter(|at| self.on_sheet.contains(at)).map(id).collect();
        if !before.is_empty() {
            words.push(format!("gives way to {}", before.join(", ")));
        }
        if let Some(series) = measure.series.and_then(|series| self.scenario.series.get(series)) {
            let take = if series.take == Take::Highest { "highest" } else { "lowest" };
            words.push(format!("of {} only the {take} is charged", series.name));
        }
        words.join("; ")
    }
}

fn origins(scope: &OriginScope) -> String {
    let codes = |countries: &mut dyn Iterator<Item = String>| countries.collect::<Vec<_>>();
    let included =
        scope.include.as_ref().map(|set| codes(&mut set.iter().map(|country| country.code().to_owned())));
    let left_out = codes(&mut scope.except.iter().map(|country| country.code().to_owned()));
    let listed = |countries: &[String]| match countries.len() {
        0..=NAMED => countries.join(", "),
        many => format!("{many} countries"),
    };
    match (included, left_out.as_slice()) {
        (None, []) => String::new(),
        (None, out) => format!("from all but {}", listed(out)),
        (Some(from), []) => format!("from {}", listed(&from)),
        (Some(from), out) => format!("from {} but {}", listed(&from), listed(out)),
    }
}

/// From when to when; the day a step begins where there are several.
fn days(measure: &Measure, step: &Step) -> String {
    let window = measure.in_force();
    let from = step.from.max(window.from).map(|day: Date| format!("since {day}"));
    let until = window.until.map(|day| format!("until {day}"));
    from.into_iter().chain(until).collect::<Vec<_>>().join(", ")
}
