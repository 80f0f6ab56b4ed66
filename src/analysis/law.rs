//! What changes in law between two scenarios: measures, quotas, credits and parameters, each with its words before and
//! after and where they are written.

use crate::assess::Run;
use crate::date::Date;
use crate::diagnostic::Span;
use crate::expr::{Expr, Node, Type, Value};
use crate::money;
use crate::scenario::constants::{OnDay, percent_or_plain};
use crate::scenario::{Allocation, Formula, Ledger, Measure, Period, Pool, Quota, Rate, Scenario, Step};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Something that one scenario says and the other does not, or says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LawChange {
    /// What it is: "measure", "quota", "credit", "parameter" or "entry date".
    pub kind: &'static str,
    /// Its id or name; empty for an entry date.
    pub id: String,
    /// What the baseline says; `None` where it says nothing.
    pub before: Option<Said>,
    /// What the other says; `None` where it says nothing.
    pub after: Option<Said>,
}

/// Words, and where they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What is said, such as `auto_rate = 25%`.
    pub text: String,
    /// Where; `None` for what no file says.
    pub span: Option<Span>,
}

/// A scenario and the day on which its law is looked at.
pub(super) struct Side<'a> {
    scenario: &'a Scenario,
    /// The entry date of all flows; `None` where they have several.
    day: Option<Date>,
    on_day: OnDay,
}

impl<'a> Side<'a> {
    fn new(run: &'a Run) -> Side<'a> {
        let days: BTreeSet<Date> = run.flows.rows.iter().map(|flow| flow.date).collect();
        let day = if days.len() == 1 { days.first().copied() } else { None };
        let on_day = OnDay::new(&run.scenario().parameters, day.or(days.first().copied()));
        Side { scenario: run.scenario(), day, on_day }
    }

    /// A scenario on a day.
    pub fn on(scenario: &'a Scenario, day: Date) -> Side<'a> {
        Side { scenario, day: Some(day), on_day: OnDay::new(&scenario.parameters, Some(day)) }
    }

    /// What a parameter is, where no flow settles it.
    pub fn parameter(&self, place: usize) -> Option<String> {
        let parameter = self.scenario.parameters.get(place)?;
        self.on_day.get(place).ok().map(|value| parameter.show(&value))
    }

    /// An expression with its value behind it, where that says more: `auto_rate = 25%`.
    fn valued(&self, formula: &Formula) -> String {
        let text = formula.text.trim();
        let mut rests_on_names = false;
        formula.expr.walk(&mut |part| rests_on_names |= matches!(part.node, Node::Parameter(_)));
        // `30 USD/t` says it all; `25% - 7.5%` does not.
        let says_it = !rests_on_names && formula.expr.ty != Type::Number;
        if says_it || formula.expr.as_literal().is_some() {
            return text.to_owned();
        }
        match self.on_day.eval(&formula.expr) {
            Ok(value) => format!("{text} = {}", self.shown(&formula.expr, &value)),
            Err(_) => text.to_owned(),
        }
    }

    fn shown(&self, expr: &Expr, value: &Value) -> String {
        let parameter = match expr.node {
            Node::Parameter(index) => self.scenario.parameters.get(index),
            _ => None,
        };
        match parameter {
            Some(parameter) => self.scenario.shown(parameter, value),
            None if value.ty() == Type::Number => percent_or_plain(value),
            None => value.to_string(),
        }
    }

    fn ids(&self, measures: &[usize]) -> Vec<&str> {
        measures.iter().filter_map(|at| self.scenario.measures.get(*at)).map(|m| m.id.as_str()).collect()
    }

    /// What a step says, in one line.
    pub fn step(&self, step: &Step) -> String {
        let mut text = match &step.rate {
            Some(Rate::Formula(formula)) => self.valued(formula),
            Some(Rate::File(_)) => "by line of its rate file".to_owned(),
            None => "exempt".to_owned(),
        };
        if let Some(counted) = &step.inclusive_of {
            let mut names = self.ids(&counted.measures);
            if counted.base {
                names.insert(0, "the base duty");
            }
            let _ = write!(text, " in all, counting {} in", names.join(", "));
        }
        if let Some(share) = &step.share {
            let _ = write!(text, " on {} of the value", self.valued(share));
        }
        if let Some(when) = &step.when {
            let _ = write!(text, " where {}", when.text);
        }
        text
    }

    /// What a step gives way to, and covers. A measure that the other scenario does not have is a change of its own.
    pub fn precedence(&self, step: &Step, other: &Scenario) -> String {
        let mut names = self.ids(&step.yields_to);
        names.retain(|id| other.measures.iter().any(|measure| measure.id == *id));
        names.sort_unstable();
        let covers = if step.covers_article { "covers the article" } else { "covers its share" };
        let yields = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        format!("{covers}, yields to {yields}")
    }

    /// What a measure says on the day.
    fn in_force(&self, measure: &Measure) -> Option<Said> {
        let day = self.day?;
        let step = measure.step_on(day).and_then(|at| measure.steps.get(at))?;
        Some(Said { text: self.step(step), span: Some(step.place(None)) })
    }

    /// Everything a measure says, step by step.
    fn measure(&self, measure: &Measure) -> Said {
        let step = |step: &Step| match step.from {
            Some(from) => format!("{} from {from}", self.step(step)),
            None => self.step(step),
        };
        let mut text = measure.steps.iter().map(step).collect::<Vec<_>>().join("; ");
        if measure.window.from.is_some() || measure.window.until.is_some() {
            text = format!("{text} ({})", measure.window);
        }
        Said { text, span: Some(measure.span) }
    }

    pub fn quota(&self, quota: &Quota) -> Said {
        let ledger = &quota.ledger;
        let allocation = match quota.allocation {
            Allocation::FirstCome => "",
            Allocation::ProRata => ", pro rata",
        };
        let text = format!(
            "{} at {}{}{allocation}",
            self.opening(ledger),
            self.valued(&quota.in_quota_rate),
            self.scope(ledger)
        );
        Said { text, span: Some(ledger.span) }
    }

    pub fn credit(&self, ledger: &Ledger) -> Said {
        Said { text: format!("{}{}", self.opening(ledger), self.scope(ledger)), span: Some(ledger.span) }
    }

    /// How much may be drawn, and in which period.
    pub fn opening(&self, ledger: &Ledger) -> String {
        let pool = Pool {
            parameters: &self.scenario.parameters,
            on_day: &self.on_day,
            day: self.day.or(ledger.window.from),
            key: None,
        };
        let text = ledger.opening.text.trim();
        let valued = match pool.eval(&ledger.opening) {
            Ok(value) if ledger.opening.expr.as_literal().is_none() => format!("{text} = {value}"),
            _ => text.to_owned(),
        };
        format!("{valued} a {}", period(&ledger.period))
    }

    fn scope(&self, ledger: &Ledger) -> String {
        let measures = self.ids(&ledger.measures).join(", ");
        let window = if ledger.window.from.is_some() || ledger.window.until.is_some() {
            format!(" {}", ledger.window)
        } else {
            String::new()
        };
        format!(" for {measures}{window}")
    }
}

fn period(period: &Period) -> String {
    match period {
        Period::Whole => "whole period".to_owned(),
        Period::Starts(starts) => match starts.len() {
            1 => "year".to_owned(),
            4 => "quarter".to_owned(),
            12 => "month".to_owned(),
            many => format!("{many}th of a year"),
        },
    }
}

/// What changes from the baseline to another run.
pub(super) fn changes(before: &Run, after: &Run) -> Vec<LawChange> {
    let (before, after) = (Side::new(before), Side::new(after));
    let mut changes: Vec<LawChange> = entry_dates(&before, &after).into_iter().collect();
    changes.extend(parameters(&before, &after));
    let measures = pairs(&before.scenario.measures, &after.scenario.measures, |m| &m.id);
    changes.extend(measures.into_iter().filter_map(|(id, a, b)| measure(id, a, b, &before, &after)));
    let quotas = pairs(&before.scenario.quotas, &after.scenario.quotas, |q| &q.ledger.id);
    changes.extend(quotas.into_iter().filter_map(|(id, a, b)| {
        said("quota", id, a.map(|quota| before.quota(quota)), b.map(|quota| after.quota(quota)))
    }));
    let credits = pairs(&before.scenario.credits, &after.scenario.credits, |c| &c.ledger.id);
    changes.extend(credits.into_iter().filter_map(|(id, a, b)| {
        said("credit", id, a.map(|c| before.credit(&c.ledger)), b.map(|c| after.credit(&c.ledger)))
    }));
    changes
}

/// Things of two lists with the same id, in the order of the first, then what only the second has.
fn pairs<'a, T>(
    before: &'a [T],
    after: &'a [T],
    id: impl Fn(&'a T) -> &'a String,
) -> Vec<(&'a str, Option<&'a T>, Option<&'a T>)> {
    let in_after = |name: &String| after.iter().find(|other| id(other) == name);
    let first = before.iter().map(|one| (id(one).as_str(), Some(one), in_after(id(one))));
    let is_new = |one: &&'a T| !before.iter().any(|other| id(other) == id(one));
    first.chain(after.iter().filter(is_new).map(|one| (id(one).as_str(), None, Some(one)))).collect()
}

/// A change, if the words differ.
fn said(kind: &'static str, id: &str, before: Option<Said>, after: Option<Said>) -> Option<LawChange> {
    let text = |said: &Option<Said>| said.as_ref().map(|said| said.text.clone());
    let differ = text(&before) != text(&after);
    differ.then(|| LawChange { kind, id: id.to_owned(), before, after })
}

fn entry_dates(before: &Side<'_>, after: &Side<'_>) -> Option<LawChange> {
    let day = |side: &Side<'_>| side.day.map(|day| Said { text: day.to_string(), span: None });
    said("entry date", "", day(before), day(after)).filter(|change| {
        // Flows of many days have none in common to compare.
        change.before.is_some() && change.after.is_some()
    })
}

/// Parameters whose value differs on the day, or whose forms do where a flow settles them.
fn parameters(before: &Side<'_>, after: &Side<'_>) -> Vec<LawChange> {
    let value = |side: &Side<'_>, parameter: &crate::scenario::Parameter| {
        let index = side.scenario.parameters.iter().position(|other| other.name == parameter.name)?;
        let formulas = parameter.formulas();
        let written = || formulas.iter().map(|formula| formula.text.as_str()).collect::<Vec<_>>().join("; ");
        let text =
            side.on_day.get(index).map_or_else(|_| written(), |value| side.scenario.shown(parameter, &value));
        let steps = match &parameter.form {
            crate::scenario::Form::Steps(steps) => {
                let day = side.day;
                steps.iter().rfind(|(from, _)| day.is_none_or(|day| *from <= day)).map(|(_, f)| f.span)
            }
            _ => None,
        };
        let span = steps.or_else(|| formulas.first().map(|formula| formula.span)).unwrap_or(parameter.span);
        Some(Said { text, span: Some(span) })
    };
    pairs(&before.scenario.parameters, &after.scenario.parameters, |p| &p.name)
        .into_iter()
        .filter_map(|(name, a, b)| {
            // What rests on another parameter changes with it, and is no change of its own.
            let written = |p: &crate::scenario::Parameter| {
                p.formulas().into_iter().map(|formula| formula.text.clone()).collect::<Vec<_>>()
            };
            let literal = |p: &crate::scenario::Parameter| {
                p.formulas().iter().all(|formula| formula.expr.as_literal().is_some())
            };
            let own = a.map(written) != b.map(written) || a.is_some_and(literal);
            let (a, b) = (a.and_then(|p| value(before, p)), b.and_then(|p| value(after, p)));
            said("parameter", name, a, b).filter(|_| own)
        })
        .collect()
}

fn measure(
    id: &str,
    a: Option<&Measure>,
    b: Option<&Measure>,
    before: &Side<'_>,
    after: &Side<'_>,
) -> Option<LawChange> {
    let (Some(first), Some(second)) = (a, b) else {
        let whole = |side: &Side<'_>, measure: &Measure| {
            side.in_force(measure).unwrap_or_else(|| side.measure(measure))
        };
        return said("measure", id, a.map(|m| whole(before, m)), b.map(|m| whole(after, m)));
    };
    let other_scope = scope_change(first, second);
    if before.day.is_some() && after.day.is_some() {
        let (was, is) = (before.in_force(first), after.in_force(second));
        if let Some(change) = said("measure", id, was, is) {
            return Some(change);
        }
    }
    let (was, is) = (before.measure(first), after.measure(second));
    if let Some(change) = said("measure", id, Some(was.clone()), Some(is.clone())) {
        return Some(change);
    }
    if let Some(what) = other_scope {
        let with = |said: Said, which: &str| Said { text: format!("{} ({which} {what})", said.text), ..said };
        return said("measure", id, Some(with(was, "other")), Some(with(is, "changed")));
    }
    let precedence = |side: &Side<'_>, measure: &Measure, other: &Side<'_>| {
        let steps = measure.steps.iter().map(|step| side.precedence(step, other.scenario));
        Some(Said { text: steps.collect::<Vec<_>>().join("; "), span: Some(measure.span) })
    };
    said("measure", id, precedence(before, first, after), precedence(after, second, before))
}

/// What of a measure's reach differs.
fn scope_change(first: &Measure, second: &Measure) -> Option<&'static str> {
    if first.products != second.products {
        Some("goods")
    } else if first.origins != second.origins {
        Some("origins")
    } else if first.importer != second.importer {
        Some("importer")
    } else if first.kind != second.kind {
        Some("type")
    } else if first.utilisation.as_ref().map(|f| &f.text) != second.utilisation.as_ref().map(|f| &f.text)
        || first.claim != second.claim
    {
        Some("claim")
    } else if first.series != second.series {
        Some("series")
    } else {
        None
    }
}

/// A difference of two rates, in percentage points.
pub(super) fn points(before: Option<Decimal>, after: Option<Decimal>) -> Option<Decimal> {
    money::mul(money::sub(after?, before?).ok()?, Decimal::ONE_HUNDRED).ok()
}
