//! What changes in law between two scenarios: measures, quotas, credits and parameters, each with its words before and
//! after and where they are written.

use crate::assess::Run;
use crate::date::Date;
use crate::diagnostic::Span;
use crate::expr::{Expr, Node, Type, Value};
use crate::money::{self, Rounding, RoundingMode};
use crate::scenario::constants::{OnDay, percent_or_plain};
use crate::scenario::{
    Allocation, Basis, Formula, Ledger, Measure, Period, Pool, Quota, Rate, Reach, Scenario, Step, Take,
};
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
        self.on_day.get(place).ok().map(|value| self.scenario.shown(parameter, &value))
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
        if measure.reach.window.from.is_some() || measure.reach.window.until.is_some() {
            text = format!("{text} ({})", measure.reach.window);
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
            day: self.day.or(ledger.reach.window.from),
            key: None,
        };
        let text = ledger.opening.text.trim();
        let valued = match pool.eval(&ledger.opening) {
            Ok(value) if ledger.opening.expr.as_literal().is_none() => format!("{text} = {value}"),
            _ => text.to_owned(),
        };
        format!("{valued} {}", period(&ledger.period))
    }

    fn scope(&self, ledger: &Ledger) -> String {
        let measures = self.ids(&ledger.measures).join(", ");
        let window = if ledger.reach.window.from.is_some() || ledger.reach.window.until.is_some() {
            format!(" {}", ledger.reach.window)
        } else {
            String::new()
        };
        format!(" for {measures}{window}")
    }
}

fn period(period: &Period) -> String {
    let Period::Starts(starts) = period else { return "the whole time".to_owned() };
    let months: Vec<i8> = starts.iter().filter(|(_, day)| *day == 1).map(|(month, _)| *month).collect();
    match months.as_slice() {
        [1] => "a year".to_owned(),
        [1, 4, 7, 10] => "a quarter".to_owned(),
        all if all.len() == 12 => "a month".to_owned(),
        _ => {
            let days = starts.iter().map(|(month, day)| format!("{month:02}-{day:02}"));
            format!("a period from {}", days.collect::<Vec<_>>().join(" and "))
        }
    }
}

/// What changes from the baseline to another run.
pub(super) fn changes(before: &Run, after: &Run) -> Vec<LawChange> {
    let (before, after) = (Side::new(before), Side::new(after));
    let mut changes: Vec<LawChange> = entry_dates(&before, &after).into_iter().collect();
    changes.extend(at_large(before.scenario, after.scenario));
    changes.extend(parameters(&before, &after));
    let measures = pairs(&before.scenario.measures, &after.scenario.measures, |m| &m.id);
    changes.extend(measures.into_iter().filter_map(|(id, a, b)| measure(id, a, b, &before, &after)));
    let quotas = pairs(&before.scenario.quotas, &after.scenario.quotas, |q| &q.ledger.id);
    changes.extend(quotas.into_iter().filter_map(|(id, a, b)| {
        let others = a.zip(b).map(|(a, b)| ledger_changes(&a.ledger, &b.ledger)).unwrap_or_default();
        let is = b.map(|quota| differing(after.quota(quota), &others));
        said("quota", id, a.map(|quota| before.quota(quota)), is)
    }));
    let credits = pairs(&before.scenario.credits, &after.scenario.credits, |c| &c.ledger.id);
    changes.extend(credits.into_iter().filter_map(|(id, a, b)| {
        let others = a.zip(b).map(|(a, b)| ledger_changes(&a.ledger, &b.ledger)).unwrap_or_default();
        let is = b.map(|credit| differing(after.credit(&credit.ledger), &others));
        said("credit", id, a.map(|credit| before.credit(&credit.ledger)), is)
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

fn text(said: Option<&Said>) -> Option<&str> {
    said.map(|said| said.text.as_str())
}

/// A change, if the words differ.
fn said(kind: &'static str, id: &str, before: Option<Said>, after: Option<Said>) -> Option<LawChange> {
    let differ = text(before.as_ref()) != text(after.as_ref());
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
    let on_the_day = (before.in_force(first), after.in_force(second));
    let in_all = (Some(before.measure(first)), Some(after.measure(second)));
    let days = before.day.is_some() && after.day.is_some();
    let (was, is) =
        if days && text(on_the_day.0.as_ref()) != text(on_the_day.1.as_ref()) { on_the_day } else { in_all };
    let precedence = |side: &Side<'_>, measure: &Measure, other: &Side<'_>| {
        let steps = measure.steps.iter().map(|step| side.precedence(step, other.scenario));
        steps.collect::<Vec<_>>().join("; ")
    };
    let (gave_way, gives_way) = (precedence(before, first, after), precedence(after, second, before));
    let place = |said: Option<Said>, measure: &Measure| {
        said.unwrap_or_else(|| Said { text: "not in force".to_owned(), span: Some(measure.span) })
    };
    let (mut was, mut is) = (place(was, first), place(is, second));
    if gave_way != gives_way {
        was.text = format!("{}; {gave_way}", was.text);
        is.text = format!("{}; {gives_way}", is.text);
    }
    said("measure", id, Some(was), Some(differing(is, &scope_changes(first, second))))
}

/// Words, with what else is other than it was.
fn differing(said: Said, others: &[&str]) -> Said {
    match others {
        [] => said,
        others => Said { text: format!("{}; other {}", said.text, others.join(", ")), ..said },
    }
}

/// What of a measure's reach and claims differs.
fn scope_changes(first: &Measure, second: &Measure) -> Vec<&'static str> {
    let mut changes = reach_changes(&first.reach, &second.reach);
    let utilisation = |measure: &Measure| measure.utilisation.as_ref().map(|formula| formula.text.clone());
    let rest = [
        ("type", first.kind != second.kind),
        ("claim", first.claim != second.claim),
        ("utilisation", utilisation(first) != utilisation(second)),
        ("series", first.series != second.series),
    ];
    changes.extend(rest.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name));
    changes
}

fn reach_changes(first: &Reach, second: &Reach) -> Vec<&'static str> {
    let changes = [
        ("goods", first.products != second.products),
        ("origins", first.origins != second.origins),
        ("importer", first.importer != second.importer),
    ];
    changes.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

/// What of a quota or credit differs that its words do not say.
fn ledger_changes(first: &Ledger, second: &Ledger) -> Vec<&'static str> {
    let mut changes = reach_changes(&first.reach, &second.reach);
    let text = |formula: Option<&Formula>| formula.map(|formula| formula.text.clone());
    let carry = |ledger: &Ledger| {
        ledger.carry.as_ref().map(|carry| (text(carry.up_to.as_ref()), carry.periods_later))
    };
    let rest = [
        ("carry", carry(first) != carry(second)),
        ("condition", text(first.when.as_ref()) != text(second.when.as_ref())),
        ("claim", first.claim != second.claim),
        ("pools", first.by != second.by),
        ("first period", first.pro_rate_first != second.pro_rate_first),
    ];
    changes.extend(rest.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name));
    changes
}

/// What holds for all measures of a scenario.
fn at_large(before: &Scenario, after: &Scenario) -> Vec<LawChange> {
    let keys = |scenario: &Scenario| {
        let mut keys = vec![
            ("currency", scenario.currency.clone()),
            ("valuation", valuation(scenario)),
            ("rounding of the customs value", rounding(scenario, scenario.rounding.value)),
            ("rounding of charges", rounding(scenario, scenario.rounding.charge)),
        ];
        let exchange = scenario.exchange.iter().filter(|(code, _)| **code != scenario.currency);
        let exchange = exchange.map(|(code, worth)| format!("{code} {}", money::plain(*worth)));
        keys.push(("exchange", exchange.collect::<Vec<_>>().join(", ")));
        let series = scenario.series.iter().map(|series| {
            let take = if series.take == Take::Highest { "highest" } else { "lowest" };
            format!("{} takes the {take}", series.name)
        });
        keys.push(("series", series.collect::<Vec<_>>().join(", ")));
        keys
    };
    let spoken = |text: String| if text.is_empty() { "none".to_owned() } else { text };
    let pairs = keys(before).into_iter().zip(keys(after));
    let changes = pairs.filter(|((_, was), (_, is))| was != is).map(|((name, was), (_, is))| LawChange {
        kind: "scenario",
        id: name.to_owned(),
        before: Some(Said { text: spoken(was), span: None }),
        after: Some(Said { text: spoken(is), span: None }),
    });
    changes.collect()
}

fn valuation(scenario: &Scenario) -> String {
    let name = |basis: Basis| Basis::NAMES.iter().find(|(_, b)| *b == basis).map_or("", |(name, _)| name);
    let by_importer = &scenario.valuation.by_importer;
    let named = by_importer.iter().map(|(country, basis)| format!("{country} {}", name(*basis)));
    let default = name(scenario.valuation.default).to_owned();
    std::iter::once(default).chain(named).collect::<Vec<_>>().join(", ")
}

fn rounding(scenario: &Scenario, rule: Option<Rounding>) -> String {
    rule.map_or_else(String::new, |rule| {
        let mode =
            RoundingMode::NAMES.iter().find(|(_, mode)| *mode == rule.mode).map_or("", |(name, _)| name);
        format!("to {} {}, {mode}", money::plain(rule.to), scenario.currency)
    })
}

/// A difference of two rates, in percentage points.
pub(super) fn points(before: Option<Decimal>, after: Option<Decimal>) -> Option<Decimal> {
    money::mul(money::sub(after?, before?).ok()?, Decimal::ONE_HUNDRED).ok()
}
