//! What switches where a line bends: what is another on its one side than on its other.
//!
//! Two trials, one just left and one just right of a place, are held against one another: which quotas and credits
//! ran out, which measures charge, which point of a curve lies behind, which argument a maximum takes.

use super::bench::Trial;
use crate::assess::Status;
use crate::date::Date;
use crate::expr::{Expr, Function, Node, Value, in_unit_of};
use crate::money;
use crate::scenario::constants::{OnDay, change_dates, is_constant};
use crate::scenario::{Form, Formula, Scenario};
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// What switches at a bend or a jump.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Switch {
    /// Its kind.
    pub kind: Kind,
    /// The quota, credit, measure or parameter.
    pub id: String,
    /// What happens, as the value rises.
    pub text: String,
}

/// What kind of thing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Flows become computable, or no longer are.
    Computable,
    /// A quota fills, or no longer does.
    Quota,
    /// A credit runs out, or no longer does.
    Credit,
    /// A measure starts or stops to charge.
    Charge,
    /// A curve bends at one of its points.
    Curve,
    /// A minimum, maximum, clamp or condition takes another branch.
    Branch,
    /// A measure charges otherwise, for what each flow says.
    Flows,
}

impl Kind {
    /// The name it goes out by.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Computable => "computable",
            Kind::Quota => "quota",
            Kind::Credit => "credit",
            Kind::Charge => "charge",
            Kind::Curve => "curve",
            Kind::Branch => "branch",
            Kind::Flows => "flows",
        }
    }
}

/// A pool in a period, by the place of its quota or credit.
type Pool = (bool, usize, Option<String>, Option<Date>);

/// What is told apart of a trial.
pub struct State {
    ran_out: BTreeSet<Pool>,
    /// How many flows have no duty to state.
    not_computable: usize,
    /// Flows by measure and by what became of it.
    counts: BTreeMap<(usize, Status), usize>,
    /// The point of each curve that lies behind, by parameter and day.
    points: BTreeMap<(usize, Date), usize>,
    /// The branch each function takes, by what it stands in, the place in it and the day.
    branches: BTreeMap<(String, usize, Date), Branch>,
    by_measure: Vec<Decimal>,
}

#[derive(PartialEq, Eq)]
struct Branch {
    /// The function as written.
    text: String,
    /// What it takes, as written.
    taken: String,
}

/// What holds at a trial.
pub fn state(trial: &Trial, days: &[Date]) -> State {
    let scenario = trial.scenario();
    let ran_out = trial.statements().filter(|(.., statement)| statement.exhausted.is_some());
    let ran_out = ran_out.map(|(_, is_quota, s)| (is_quota, s.ledger, s.party.clone(), s.from)).collect();
    let mut counts = BTreeMap::new();
    for charge in trial.assessed.sheets.iter().flat_map(|sheet| &sheet.charges) {
        *counts.entry((charge.measure, charge.status)).or_insert(0) += 1;
    }
    let by_measure = trial.totals.by_measure.clone();
    let not_computable = trial.totals.not_computable.flows;
    let (points, branches) = (BTreeMap::new(), BTreeMap::new());
    let mut state = State { ran_out, not_computable, counts, points, branches, by_measure };
    for day in days {
        state.add_day(scenario, *day);
    }
    state
}

/// One day of each interval between changes on which flows are entered.
pub fn days(scenario: &Scenario, entered: impl Iterator<Item = Date>) -> Vec<Date> {
    let changes = change_dates(scenario);
    let entered: BTreeSet<Date> = entered.collect();
    let mut by_interval: BTreeMap<usize, Date> = BTreeMap::new();
    for day in entered {
        by_interval.entry(changes.partition_point(|change| *change <= day)).or_insert(day);
    }
    by_interval.into_values().collect()
}

/// The formulas that hold on a day, each with what it stands in.
fn in_force(scenario: &Scenario, day: Date) -> Vec<(String, &Formula)> {
    let mut formulas: Vec<(String, &Formula)> = Vec::new();
    for measure in &scenario.measures {
        let Some(step) = measure.step_on(day).and_then(|at| measure.steps.get(at)) else { continue };
        let rate = step.rate.as_ref().and_then(crate::scenario::Rate::formula);
        let all = rate.into_iter().chain(&step.share).chain(&step.when).chain(&measure.utilisation);
        formulas.extend(all.map(|formula| (measure.id.clone(), formula)));
    }
    for quota in &scenario.quotas {
        formulas.push((quota.ledger.id.clone(), &quota.in_quota_rate));
    }
    for ledger in scenario.ledgers() {
        formulas.extend(ledger.formulas().map(|formula| (ledger.id.clone(), formula)));
    }
    let behind: BTreeSet<&str> = formulas
        .iter()
        .flat_map(|(_, formula)| scenario.parameters_behind(&formula.expr))
        .map(|parameter| parameter.name.as_str())
        .collect();
    for parameter in scenario.parameters.iter().filter(|p| behind.contains(p.name.as_str())) {
        let formula = match &parameter.form {
            Form::Value(formula) => Some(formula),
            Form::Steps(steps) => steps.iter().rfind(|(from, _)| *from <= day).map(|(_, formula)| formula),
            Form::Curve(curve) => Some(&curve.of),
            Form::By(..) | Form::File(_) => None,
        };
        formulas.extend(formula.map(|formula| (parameter.name.clone(), formula)));
    }
    formulas
}

impl State {
    fn add_day(&mut self, scenario: &Scenario, day: Date) {
        let on_day = OnDay::new(&scenario.parameters, Some(day));
        let formulas = in_force(scenario, day);
        for (at, parameter) in scenario.parameters.iter().enumerate() {
            if let Form::Curve(curve) = &parameter.form
                && formulas.iter().any(|(owner, _)| *owner == parameter.name)
                && let Ok(place) = on_day.eval(&curve.of.expr)
                && let Some(before) = curve.points_before(&place)
            {
                self.points.insert((at, day), before);
            }
        }
        for (owner, formula) in formulas {
            let mut number = 0;
            formula.expr.walk(&mut |part| {
                number += 1;
                if let Node::Call(function, arguments) = &part.node
                    && is_constant(part, &scenario.parameters)
                    && let Some(taken) = taken(*function, arguments, &on_day)
                {
                    let text = |part: &Expr| formula.text.get(part.range.clone()).unwrap_or("").to_owned();
                    let branch = Branch { text: text(part), taken: text(taken) };
                    self.branches.insert((owner.clone(), number, day), branch);
                }
            });
        }
    }
}

/// The argument that a function takes its value from.
fn taken<'a>(function: Function, arguments: &'a [Expr], on_day: &OnDay) -> Option<&'a Expr> {
    let value = |at: usize| on_day.eval(arguments.get(at)?).ok();
    // Which of two is greater; equal where they cannot be told apart.
    let compare = |a: usize, b: usize| {
        let (Some(a), Some(b)) = (value(a), value(b)) else { return Ordering::Equal };
        match (a.amount(), in_unit_of(&a, &b).amount()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => Ordering::Equal,
        }
    };
    let most = |wanted: Ordering| {
        (1..arguments.len()).fold(0, |best, at| if compare(at, best) == wanted { at } else { best })
    };
    let at = match function {
        Function::Min => most(Ordering::Less),
        Function::Max => most(Ordering::Greater),
        Function::If => match value(0)? {
            Value::Condition(true) => 1,
            _ => 2,
        },
        Function::Clamp if compare(0, 1) == Ordering::Less => 1,
        Function::Clamp if compare(0, 2) == Ordering::Greater => 2,
        Function::Clamp => 0,
        Function::Default => return None,
    };
    arguments.get(at)
}

/// What happens between two trials, the first at the lower value.
pub fn switches(scenario: &Scenario, left: &State, right: &State) -> Vec<Switch> {
    let mut found = Vec::new();
    found.extend(computable(left, right));
    pools(scenario, left, right, &mut found);
    // Of flows that drop out nothing is charged, which says nothing of the measure.
    if found.iter().all(|switch| switch.kind != Kind::Computable) {
        charges(scenario, left, right, &mut found);
    }
    curves(scenario, left, right, &mut found);
    branches(left, right, &mut found);
    found
}

/// By how many flows more or fewer a duty can be stated.
fn computable(left: &State, right: &State) -> Option<Switch> {
    let (before, after) = (left.not_computable, right.not_computable);
    let many = before.abs_diff(after);
    let subject = if many == 1 { "1 flow becomes".to_owned() } else { format!("{many} flows become") };
    let what = match before.cmp(&after) {
        Ordering::Less => "not computable",
        Ordering::Greater => "computable",
        Ordering::Equal => return None,
    };
    Some(Switch { kind: Kind::Computable, id: "flows".to_owned(), text: format!("{subject} {what}") })
}

fn pools(scenario: &Scenario, left: &State, right: &State, found: &mut Vec<Switch>) {
    for pool in left.ran_out.symmetric_difference(&right.ran_out) {
        let (is_quota, at, party, from) = pool;
        let quota = || scenario.quotas.get(*at).map(|quota| &quota.ledger);
        let credit = || scenario.credits.get(*at).map(|credit| &credit.ledger);
        let Some(ledger) = (if *is_quota { quota() } else { credit() }) else { continue };
        let whose = party.as_ref().map(|party| format!(" of {party}")).unwrap_or_default();
        let period = from.map(|day| format!(", in the period from {day}")).unwrap_or_default();
        let (kind, noun, verb) = match (is_quota, right.ran_out.contains(pool)) {
            (true, true) => (Kind::Quota, "quota", "fills"),
            (true, false) => (Kind::Quota, "quota", "no longer fills"),
            (false, true) => (Kind::Credit, "credit", "runs out"),
            (false, false) => (Kind::Credit, "credit", "no longer runs out"),
        };
        let text = format!("the {noun} {}{whose} {verb}{period}", ledger.id);
        found.push(Switch { kind, id: ledger.id.clone(), text });
    }
}

fn charges(scenario: &Scenario, left: &State, right: &State, found: &mut Vec<Switch>) {
    for (at, measure) in scenario.measures.iter().enumerate() {
        let count = |state: &State| state.counts.get(&(at, Status::Charged)).copied().unwrap_or(0);
        let (before, after) = (count(left), count(right));
        let verb = match before.cmp(&after) {
            Ordering::Less if before == 0 => "starts to charge",
            Ordering::Less => "charges more flows",
            Ordering::Greater if after == 0 => "stops charging",
            Ordering::Greater => "charges fewer flows",
            Ordering::Equal => continue,
        };
        let text = format!("{} {verb}", measure.id);
        found.push(Switch { kind: Kind::Charge, id: measure.id.clone(), text });
    }
}

fn curves(scenario: &Scenario, left: &State, right: &State, found: &mut Vec<Switch>) {
    for ((at, day), before) in &left.points {
        let Some(after) = right.points.get(&(*at, *day)).filter(|after| *after != before) else { continue };
        let Some(parameter) = scenario.parameters.get(*at) else { continue };
        let Form::Curve(curve) = &parameter.form else { continue };
        let point = (*before).max(*after).checked_sub(1).and_then(|point| curve.points.get(point));
        let Some((x, y)) = point else { continue };
        let text =
            format!("the curve {} passes its point at {}, {}", parameter.name, long(x), parameter.show(y));
        let switch = Switch { kind: Kind::Curve, id: parameter.name.clone(), text };
        if !found.contains(&switch) {
            found.push(switch);
        }
    }
}

/// A value for readers, with commas between its thousands.
fn long(value: &Value) -> String {
    let plain = value.to_string();
    let Some(amount) = value.amount() else { return plain };
    let grouped = money::grouped(amount, amount.normalize().scale());
    plain.replacen(&money::plain(amount), &grouped, 1)
}

fn branches(left: &State, right: &State, found: &mut Vec<Switch>) {
    for (key, before) in &left.branches {
        let Some(after) = right.branches.get(key).filter(|after| *after != before) else { continue };
        let (owner, ..) = key;
        let text = format!("{} of {owner} goes over from {} to {}", before.text, before.taken, after.taken);
        let switch = Switch { kind: Kind::Branch, id: owner.clone(), text };
        if !found.contains(&switch) {
            found.push(switch);
        }
    }
}

/// The measures whose own charges bend between three trials at equal distances.
pub fn bent_measures(scenario: &Scenario, [a, b, c]: [&State; 3], tolerance: Decimal) -> Vec<Switch> {
    let bends = |at: usize| {
        let of = |state: &State| state.by_measure.get(at).copied().unwrap_or_default();
        let change = money::add(of(a), of(c)).and_then(|ends| {
            money::sub(ends, of(b))?.checked_sub(of(b)).ok_or(money::ArithmeticError::Overflow)
        });
        change.is_ok_and(|change| change.abs() > tolerance)
    };
    let name = |(_, measure): (usize, &crate::scenario::Measure)| Switch {
        kind: Kind::Flows,
        id: measure.id.clone(),
        text: format!("{} charges some flows by another part of its rule", measure.id),
    };
    scenario.measures.iter().enumerate().filter(|(at, _)| bends(*at)).map(name).collect()
}
