//! Duty over time: the same flows entered on every day on which the rate of some of them changes, or flows by their own
//! dates, between days on which it would.

use super::cause::{Cause, Turn, turning_days};
use super::law::{Side, points};
use crate::assess::{By, Part, Plan, Run, Seen, Statement, Totals, Worksheet, assess, totals};
use crate::date::{Date, ToSpan};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::Expr;
use crate::money::{self, ArithmeticError};
use crate::scenario::{Ledger, Scenario};
use crate::trade::Flows;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::ops::Bound::{Excluded, Included};

/// The years a timeline spans at most.
pub const MOST_YEARS: i16 = 500;
/// An end left open looks for changes between these days: 0001-01-01 or 9999-12-31 in a file means that there is no end.
const OLDEST: Date = Date::constant(1700, 1, 1);
const LATEST: Date = Date::constant(2299, 12, 31);

/// Duty over time.
#[derive(Debug)]
pub struct Timeline {
    /// All flows entered on the last day; by their own dates, the flows as they are.
    pub run: Run,
    /// Whether flows keep their own dates.
    pub own_dates: bool,
    /// Whether there is a point on the first of every month, not on the days of change.
    pub monthly: bool,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
    /// At least one, by rising date.
    pub points: Vec<Point>,
    /// Days after the first on which the rate of some flow changes.
    pub turns: usize,
    /// By their own dates, flows entered before the first day or after the last.
    pub outside: usize,
}

/// All flows entered on a day; by their own dates, those entered from that day to before the next point.
#[derive(Debug, Clone)]
pub struct Point {
    /// The day.
    pub date: Date,
    /// Flows with a duty, and their customs value.
    pub computable: Part,
    /// Flows without a duty to state.
    pub not_computable: Part,
    /// Sum of duties.
    pub duty: Decimal,
    /// Duty by value; `None` where the value is zero.
    pub effective_rate: Option<Decimal>,
    /// Duty less that of the point before; `None` at the first.
    pub change: Option<Decimal>,
    /// The change in the effective rate, in percentage points; `None` at the first and where there is no rate.
    pub points: Option<Decimal>,
    /// The duty by measure, what credits pay below zero; sums to `duty` exactly. The same ids at every point.
    pub by_measure: Vec<Layer>,
    /// The same by programme; a measure without one stands under its own id.
    pub by_programme: Vec<Layer>,
    /// What in the law changed the rate of some flow since the point before; by their own dates, until the next.
    pub causes: Vec<Cause>,
}

/// A part of the duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The measure, programme or credit.
    pub id: String,
    /// What it charges.
    pub amount: Decimal,
    /// The same as a part of the value; `None` where the value is zero.
    pub rate: Option<Decimal>,
}

/// From which day to which; an end left open is where the law begins or stops changing what some flow owes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Days {
    from: Option<Date>,
    to: Option<Date>,
}

impl Days {
    /// The days from one to another, or why there are none.
    pub fn between(from: Option<Date>, to: Option<Date>) -> Result<Days, String> {
        if let (Some(from), Some(to)) = (from, to) {
            if to < from {
                return Err(format!("{to} is before {from}"));
            }
            if to > years_later(from) {
                return Err(format!("from {from} to {to} are more than {MOST_YEARS} years"));
            }
        }
        Ok(Days { from, to })
    }
}

/// What is asked of a timeline.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// The days.
    pub days: Days,
    /// A point on the first of every month.
    pub monthly: bool,
    /// Let flows keep their own dates.
    pub own_dates: bool,
}

/// What flows owe from the day on which some of it changes.
struct State {
    since: Date,
    /// Whether the rate of some flow differs from the day before.
    turns: bool,
    totals: Totals,
    causes: Vec<Cause>,
}

/// The duty on flows over time. Warnings come with it.
pub fn timeline(
    scenario: Scenario,
    flows: Flows,
    asked: Asked,
) -> Result<(Timeline, Diagnostics), Diagnostics> {
    let plan = Plan::compile(scenario);
    if asked.own_dates {
        return by_own_dates(plan, flows, asked);
    }
    let entered_first = flows.rows.iter().map(|flow| flow.date).min();
    let mut flows = flows;
    let (from, to) = (asked.days.from, asked.days.to);
    let changes = changes(&plan, &flows, from, to);
    let fixed = from.or(to).or(entered_first).or(plan.scenario().date).unwrap_or_default();
    let earliest = changes.first().map_or(fixed, |first| eve(*first));
    let start = from.unwrap_or(earliest);
    let end = to.or(changes.last().copied()).unwrap_or(start).max(start);
    let history = history(&plan, &mut flows, start, end, from.is_some(), &changes)?;
    let turns = || history.iter().filter(|state| state.turns && state.since > start).map(|state| state.since);
    let first_of_month = |day: Date| if asked.monthly { day.first_of_month() } else { day };
    let from = from.unwrap_or_else(|| turns().next().map_or(fixed, |first| first_of_month(eve(first))));
    let to = to.unwrap_or_else(|| turns().next_back().map_or(from, |last| month_after(last, asked.monthly)));
    let to = to.max(from);
    let dates: Vec<Date> = if asked.monthly {
        months(from, to)
    } else {
        std::iter::once(from).chain(turns().filter(|day| *day > from && *day <= to)).collect()
    };
    let mut points: Vec<Point> = Vec::with_capacity(dates.len());
    for date in &dates {
        let Some(state) = in_force(&history, *date) else { continue };
        let last = points.last().map(|point| point.date);
        let since = |state: &&State| {
            state.since <= *date && last.map_or(state.since == *date, |last| state.since > last)
        };
        let causes = history.iter().filter(since).flat_map(|state| state.causes.iter().cloned()).collect();
        points.push(point(plan.scenario(), *date, &state.totals, causes).map_err(too_large)?);
    }
    let turns = turns().filter(|day| *day > from && *day <= to).count();
    let (sheets, totals, warnings) = enter(&plan, &mut flows, to)?;
    let run = run_of(plan, flows, sheets, (Vec::new(), Vec::new()), totals);
    let timeline =
        Timeline { run, own_dates: false, monthly: asked.monthly, from, to, points, turns, outside: 0 };
    Ok((finished(timeline)?, warnings))
}

/// Flows by their own dates, between the days on which the rate of some of them would change or a quota or credit that is
/// drawn on begins a period.
fn by_own_dates(plan: Plan, flows: Flows, asked: Asked) -> Result<(Timeline, Diagnostics), Diagnostics> {
    let days = || flows.rows.iter().map(|flow| flow.date);
    let fixed = asked.days.from.or(asked.days.to).or(plan.scenario().date).unwrap_or_default();
    let from = asked.days.from.or(days().min()).unwrap_or(fixed);
    let from = asked.days.to.map_or(from, |to| from.min(to));
    let to = asked.days.to.or(days().max()).unwrap_or(from).max(from).min(years_later(from));
    let (assessed, warnings) = assess(&plan, &flows)?;
    let changes = changes(&plan, &flows, Some(from), Some(to));
    let mut entered = flows.clone();
    let history = history(&plan, &mut entered, from, to, true, &changes)?;
    let scenario = plan.scenario();
    let mut causes: Vec<Cause> = history.iter().flat_map(|state| state.causes.iter().cloned()).collect();
    let quotas = assessed.quotas.iter().filter_map(|s| Some((&scenario.quotas.get(s.ledger)?.ledger, s)));
    let credits = assessed.credits.iter().filter_map(|s| Some((&scenario.credits.get(s.ledger)?.ledger, s)));
    for (ledger, statement) in quotas.chain(credits) {
        causes.extend(period_begins(scenario, ledger, statement, &causes).filter(|cause| cause.date <= to));
    }
    let inside: BTreeSet<Date> = causes.iter().map(|cause| cause.date).filter(|day| *day > from).collect();
    let turns = inside.len();
    let dates = if asked.monthly { months(from, to) } else { std::iter::once(from).chain(inside).collect() };
    let mut points = Vec::with_capacity(dates.len());
    for (at, date) in dates.iter().enumerate() {
        let next = dates.get(at + 1);
        let holds = |day: Date| day >= *date && next.map_or(day <= to, |next| day < *next);
        let (rows, sheets): (Vec<_>, Vec<Worksheet>) = flows
            .rows
            .iter()
            .zip(&assessed.sheets)
            .filter(|(flow, _)| holds(flow.date))
            .map(|(flow, sheet)| (flow.clone(), sheet.clone()))
            .unzip();
        let entered = Flows { rows, columns: flows.columns.clone(), ..flows };
        let totals = totals(scenario, &entered, &sheets).map_err(too_large)?;
        let causes = causes.iter().filter(|cause| holds(cause.date)).cloned().collect();
        points.push(point(scenario, *date, &totals, causes).map_err(too_large)?);
    }
    let outside = days().filter(|day| *day < from || *day > to).count();
    let totals = totals(scenario, &flows, &assessed.sheets).map_err(too_large)?;
    let run = run_of(plan, flows, assessed.sheets, (assessed.quotas, assessed.credits), totals);
    let timeline =
        Timeline { run, own_dates: true, monthly: asked.monthly, from, to, points, turns, outside };
    Ok((finished(timeline)?, warnings))
}

/// That a period begins in which something is drawn, unless that is said already.
fn period_begins(
    scenario: &Scenario,
    ledger: &Ledger,
    statement: &Statement,
    known: &[Cause],
) -> Option<Cause> {
    let date = statement.from?;
    if known.iter().any(|cause| cause.date == date && cause.id == ledger.id) {
        return None;
    }
    let text = format!("a new period begins: {}", Side::on(scenario, date).opening(ledger));
    Some(Cause { date, id: ledger.id.clone(), text, span: ledger.opening.span })
}

fn run_of(
    plan: Plan,
    flows: Flows,
    sheets: Vec<Worksheet>,
    (quotas, credits): (Vec<Statement>, Vec<Statement>),
    totals: Totals,
) -> Run {
    let seen = Seen::of(&flows, &sheets);
    Run { plan, flows, sheets, quotas, credits, totals, groups: Vec::new(), by: By::Flow, seen }
}

/// What flows owe from a day to another, evaluated once between two days on which something in the law changes. `looks_back`
/// says whether it matters what changed on the first day.
fn history(
    plan: &Plan,
    flows: &mut Flows,
    start: Date,
    end: Date,
    looks_back: bool,
    changes: &BTreeSet<Date>,
) -> Result<Vec<State>, Diagnostics> {
    // What is wrong with the day before is no concern of who asks for those after it.
    let looks_back = looks_back && changes.contains(&start) && eve(start) < start;
    let mut before =
        if looks_back { enter(plan, flows, eve(start)).ok().map(|(sheets, ..)| sheets) } else { None };
    let mut history = Vec::new();
    let after = changes.range((Excluded(start), Included(end)));
    for day in std::iter::once(&start).chain(after) {
        let (after, totals, _) = enter(plan, flows, *day)?;
        let mut state = State { since: *day, turns: false, totals, causes: Vec::new() };
        if let Some(before) = &before {
            let (scenario, eve) = (plan.scenario(), eve(*day));
            let turn = Turn { scenario, flows, eve, day: *day, before, after: &after };
            if turn.moves() {
                state.turns = true;
                state.causes = turn.causes();
            }
        }
        history.push(state);
        before = Some(after);
    }
    Ok(history)
}

/// Enters every flow on a day.
fn enter(
    plan: &Plan,
    flows: &mut Flows,
    day: Date,
) -> Result<(Vec<Worksheet>, Totals, Diagnostics), Diagnostics> {
    for flow in &mut flows.rows {
        flow.date = day;
    }
    let (assessed, warnings) = assess(plan, flows)?;
    let totals = totals(plan.scenario(), flows, &assessed.sheets).map_err(too_large)?;
    Ok((assessed.sheets, totals, warnings))
}

/// What holds on a day: the last state that began by then.
fn in_force(history: &[State], day: Date) -> Option<&State> {
    history.iter().rfind(|state| state.since <= day).or(history.first())
}

/// The days in a span on which the law may change what some flow owes; an open end is set by the others.
fn changes(plan: &Plan, flows: &Flows, from: Option<Date>, to: Option<Date>) -> BTreeSet<Date> {
    let scenario = plan.scenario();
    let exprs: Vec<&Expr> = scenario.formulas().map(|formula| &formula.expr).collect();
    let mut days: BTreeSet<Date> = plan.changes().iter().copied().collect();
    days.extend(turning_days(&exprs, flows));
    let (oldest, latest) = (from.unwrap_or(OLDEST), to.unwrap_or(LATEST));
    days.retain(|day| *day >= oldest && *day <= latest);
    let first = from.or(days.first().copied()).or(to);
    let last = to.or_else(|| last_turn(scenario, flows, days.last().copied().or(from)));
    let (Some(first), Some(last)) = (first, last) else { return days };
    // Whoever names the last day only asks for what comes before it.
    let (first, last) = match (from, to) {
        (None, Some(to)) => (first.max(years_earlier(to)), to),
        _ => (first, last.min(years_later(first))),
    };
    days.retain(|day| *day >= first && *day <= last);
    for ledger in scenario.ledgers() {
        days.extend(period_starts(ledger, first, last));
    }
    days
}

/// The last day on which the law may change, with the next period of each quota and credit after the last flow.
fn last_turn(scenario: &Scenario, flows: &Flows, last: Option<Date>) -> Option<Date> {
    let entered_last = flows.rows.iter().map(|flow| flow.date).max();
    let ends = |ledger: &Ledger| {
        let day = last.max(entered_last)?;
        ledger.period.containing(day).until.filter(|end| ledger.reach.window.contains(*end))
    };
    scenario.ledgers().filter_map(ends).chain(last).max()
}

/// The days in a span on which a period of a quota or credit begins.
fn period_starts(ledger: &Ledger, first: Date, last: Date) -> Vec<Date> {
    let mut starts = Vec::new();
    let mut next = Some(first).filter(|day| ledger.period.containing(*day).from == Some(*day));
    next = next.or(ledger.period.containing(first).until);
    while let Some(start) = next.filter(|start| *start <= last) {
        if ledger.reach.window.contains(start) {
            starts.push(start);
        }
        next = ledger.period.containing(start).until;
    }
    starts
}

/// A day, and the first of each month after it.
fn months(from: Date, to: Date) -> Vec<Date> {
    let mut days = vec![from];
    let mut next = first_of_next_month(from);
    while let Some(day) = next.filter(|day| *day <= to) {
        days.push(day);
        next = first_of_next_month(day);
    }
    days
}

fn first_of_next_month(day: Date) -> Option<Date> {
    day.last_of_month().tomorrow().ok()
}

/// The day itself, or where months are shown the first of a month on which its change is in force.
fn month_after(day: Date, monthly: bool) -> Date {
    if !monthly || day.day() == 1 { day } else { first_of_next_month(day).unwrap_or(day) }
}

/// The day before; of the first day there is, that day.
fn eve(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

fn years_later(day: Date) -> Date {
    day.checked_add(MOST_YEARS.years()).unwrap_or(Date::MAX)
}

fn years_earlier(day: Date) -> Date {
    day.checked_sub(MOST_YEARS.years()).unwrap_or(Date::MIN)
}

fn point(
    scenario: &Scenario,
    date: Date,
    totals: &Totals,
    causes: Vec<Cause>,
) -> Result<Point, ArithmeticError> {
    let value = totals.computable.value;
    let measures =
        scenario.measures.iter().zip(&totals.by_measure).filter(|(measure, _)| measure.kind.is_duty());
    let measures = measures.map(|(measure, amount)| (&measure.id, measure.programme.as_ref(), *amount));
    let credits = scenario.credits.iter().zip(&totals.by_credit);
    let credits = credits.map(|(credit, paid)| (&credit.ledger.id, None, money::negative(*paid)));
    let (mut by_measure, mut by_programme) = (Vec::new(), Vec::new());
    for (id, programme, amount) in measures.chain(credits) {
        add(&mut by_measure, id, amount)?;
        add(&mut by_programme, programme.unwrap_or(id), amount)?;
    }
    for layer in by_measure.iter_mut().chain(&mut by_programme) {
        layer.rate = money::div(layer.amount, value).ok();
    }
    Ok(Point {
        date,
        computable: totals.computable,
        not_computable: totals.not_computable,
        duty: totals.duty,
        effective_rate: totals.effective_rate,
        change: None,
        points: None,
        by_measure,
        by_programme,
        causes,
    })
}

fn add(layers: &mut Vec<Layer>, id: &str, amount: Decimal) -> Result<(), ArithmeticError> {
    match layers.iter_mut().find(|layer| layer.id == id) {
        Some(layer) => layer.amount = money::add(layer.amount, amount)?,
        None => layers.push(Layer { id: id.to_owned(), amount, rate: None }),
    }
    Ok(())
}

/// Holds each point against the one before, and leaves out what charges nothing at any of them.
fn finished(mut timeline: Timeline) -> Result<Timeline, Diagnostics> {
    for at in 1..timeline.points.len() {
        let (before, after) = (&timeline.points[at - 1], &timeline.points[at]);
        let change = money::sub(after.duty, before.duty).map_err(too_large)?;
        let points = points(before.effective_rate, after.effective_rate);
        timeline.points[at].change = Some(change);
        timeline.points[at].points = points;
    }
    let charges = |layers: fn(&Point) -> &Vec<Layer>| -> BTreeSet<String> {
        let all = timeline.points.iter().flat_map(layers);
        all.filter(|layer| !layer.amount.is_zero()).map(|layer| layer.id.clone()).collect()
    };
    let (measures, programmes) = (charges(|point| &point.by_measure), charges(|point| &point.by_programme));
    for point in &mut timeline.points {
        point.by_measure.retain(|layer| measures.contains(&layer.id));
        point.by_programme.retain(|layer| programmes.contains(&layer.id));
    }
    Ok(timeline)
}

fn too_large(error: ArithmeticError) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    diagnostics.push(
        Diagnostic::new(Code::TotalOverflow, format!("the totals cannot be computed: {error}"))
            .help("split the flows, or give their values in a larger unit"),
    );
    diagnostics
}
