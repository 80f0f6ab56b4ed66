//! The order in which measures are charged: each after those it gives way to or counts, found anew for every
//! interval, since precedence itself changes by date. A circle, or two base duties that fit equally well, is an
//! error.

use super::constants::change_dates;
use super::model::{Measure, MeasureType, Rate, Scenario, Step};
use crate::country::Country;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::{Expr, Fact, Node};
use std::collections::{BTreeMap, BTreeSet};

/// The measures in force on a day, each with its step, in the order they are charged. A circle gives the places
/// of its members.
pub fn on_day(measures: &[Measure], day: Date) -> Result<Vec<(usize, usize)>, Vec<usize>> {
    let steps: Vec<Option<usize>> = measures.iter().map(|m| m.step_on(day)).collect();
    let knots = Knots::new(measures, &steps);
    let mut waiting: BTreeMap<usize, usize> =
        knots.before.iter().map(|(knot, others)| (*knot, others.len())).collect();
    let mut ready: BTreeSet<usize> =
        waiting.iter().filter(|(_, count)| **count == 0).map(|(k, _)| *k).collect();
    let mut order = Vec::with_capacity(measures.len());
    while let Some(knot) = ready.pop_first() {
        waiting.remove(&knot);
        order.extend(knots.members(knot).filter_map(|place| Some((place, steps[place]?))));
        for after in knots.after.get(&knot).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(after) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(*after);
                }
            }
        }
    }
    if waiting.is_empty() { Ok(order) } else { Err(knots.circle(&waiting)) }
}

/// Measures in force, those of a series tied into one knot: they come together, after everything any of them waits
/// for. A knot goes by the place of its first member.
struct Knots {
    of: Vec<Option<usize>>,
    before: BTreeMap<usize, BTreeSet<usize>>,
    after: BTreeMap<usize, BTreeSet<usize>>,
}

impl Knots {
    fn new(measures: &[Measure], steps: &[Option<usize>]) -> Knots {
        let first_of = |series: usize| {
            (0..measures.len()).find(|i| measures[*i].series == Some(series) && steps[*i].is_some())
        };
        let of: Vec<Option<usize>> = (0..measures.len())
            .map(|place| steps[place].and_then(|_| measures[place].series.map_or(Some(place), first_of)))
            .collect();
        let mut knots = Knots { of, before: BTreeMap::new(), after: BTreeMap::new() };
        for place in 0..measures.len() {
            let Some(knot) = knots.of[place] else { continue };
            knots.before.entry(knot).or_default();
            for other in waits_for(place, measures, steps).into_iter().filter_map(|other| knots.of[other]) {
                if other != knot {
                    knots.before.entry(knot).or_default().insert(other);
                    knots.after.entry(other).or_default().insert(knot);
                }
            }
        }
        knots
    }

    fn members(&self, knot: usize) -> impl Iterator<Item = usize> {
        (knot..self.of.len()).filter(move |place| self.of[*place] == Some(knot))
    }

    /// A circle among knots that wait for one another: from any of them on, each waits for the next.
    fn circle(&self, waiting: &BTreeMap<usize, usize>) -> Vec<usize> {
        let mut path: Vec<usize> = waiting.keys().take(1).copied().collect();
        while let Some(last) = path.last() {
            let next = self.before.get(last).into_iter().flatten().find(|knot| waiting.contains_key(knot));
            let Some(next) = next else { break };
            if let Some(start) = path.iter().position(|knot| knot == next) {
                return path.split_off(start);
            }
            path.push(*next);
        }
        path
    }
}

/// The measures a measure is charged after.
fn waits_for(place: usize, measures: &[Measure], steps: &[Option<usize>]) -> Vec<usize> {
    let Some(step) = steps[place].and_then(|s| measures[place].steps.get(s)) else { return Vec::new() };
    let mut others = step.yields_to.clone();
    if let Some(counted) = &step.inclusive_of {
        others.extend(&counted.measures);
        if counted.base {
            others.extend(base(measures));
        }
    }
    let before = |kind: MeasureType| match measures[place].kind {
        MeasureType::Preference => kind == MeasureType::Mfn,
        // A tax is charged on duties and fees too.
        MeasureType::Tax => kind.is_duty() || kind == MeasureType::Fee,
        own => kind.is_duty() && !own.is_duty(),
    };
    others.extend((0..measures.len()).filter(|i| before(measures[*i].kind)));
    others.retain(|other| *other != place);
    others
}

/// The base duty: MFN measures and preferences.
fn base(measures: &[Measure]) -> impl Iterator<Item = usize> {
    (0..measures.len()).filter(|i| matches!(measures[*i].kind, MeasureType::Mfn | MeasureType::Preference))
}

/// Says of circles and of base duties that tie.
pub fn check(scenario: &Scenario, diagnostics: &mut Diagnostics) {
    let changes = change_dates(scenario);
    let mut known: BTreeSet<BTreeSet<usize>> = BTreeSet::new();
    for day in std::iter::once(Date::MIN).chain(changes) {
        if let Err(circle) = on_day(&scenario.measures, day) {
            // The same circle on a later day is the same mistake.
            if known.insert(circle.iter().copied().collect()) {
                diagnostics.push(circle_diagnostic(&scenario.measures, &circle, day));
            }
        }
    }
    for measure in scenario.measures.iter().filter(|m| m.kind == MeasureType::Mfn) {
        rests_on_itself(scenario, measure, diagnostics);
    }
    let mfn: Vec<&Measure> = scenario.measures.iter().filter(|m| m.kind == MeasureType::Mfn).collect();
    for (i, first) in mfn.iter().enumerate() {
        for second in &mfn[i + 1..] {
            if let Some(digits) = tie(first, second) {
                diagnostics.push(tie_diagnostic(first, second, digits));
            }
        }
    }
}

/// An MFN measure whose rate or condition asks for `mfn_rate`, itself or through a parameter.
fn rests_on_itself(scenario: &Scenario, measure: &Measure, diagnostics: &mut Diagnostics) {
    let asks = |expr: &Expr| {
        let mut found = false;
        expr.walk(&mut |e| found |= e.node == Node::Fact(Fact::MfnRate));
        found
    };
    for formula in
        measure.steps.iter().flat_map(|step| step.rate.iter().filter_map(Rate::formula).chain(&step.when))
    {
        let behind = scenario.parameters_behind(&formula.expr);
        let through = behind.iter().flat_map(|p| p.formulas()).any(|f| asks(&f.expr));
        if through || asks(&formula.expr) {
            let message = format!("the MFN duty `{}` rests on `mfn_rate`, which is itself", measure.id);
            diagnostics.push(formula.diagnostic(Code::DisplacementCycle, message));
        }
    }
}

fn circle_diagnostic(measures: &[Measure], circle: &[usize], day: Date) -> Diagnostic {
    let names: Vec<String> =
        circle.iter().chain(circle.first()).map(|i| format!("`{}`", measures[*i].id)).collect();
    let since = if day == Date::MIN { String::new() } else { format!(" (from {day})") };
    let message = format!("measures give way to one another in a circle{since}: {}", names.join(" → "));
    let mut diagnostic = Diagnostic::new(Code::DisplacementCycle, message);
    let mut spans: Vec<_> = circle.iter().map(|i| measures[*i].span).collect();
    spans.sort();
    for span in spans {
        diagnostic = diagnostic.label(span, "");
    }
    diagnostic.help("take one of them out of a `yields_to` or `inclusive_of`")
}

/// The length at which two base duties fit the same goods, where nothing but the flow could tell them apart.
fn tie(a: &Measure, b: &Measure) -> Option<usize> {
    let conditional = |m: &Measure| m.steps.iter().any(|s: &Step| s.when.is_some());
    // A file says how closely it names goods only row by row.
    let from_file = |m: &Measure| m.steps.iter().any(|s| matches!(s.rate, Some(Rate::File(_))));
    if conditional(a) || conditional(b) || from_file(a) || from_file(b) {
        return None;
    }
    let both = |a: Option<Country>, b: Option<Country>| a.is_none_or(|a| b.is_none_or(|b| a.covers(b)));
    let importers = both(a.reach.importer, b.reach.importer) || both(b.reach.importer, a.reach.importer);
    if !(importers && a.in_force().overlaps(b.in_force()) && a.reach.origins.overlaps(&b.reach.origins)) {
        return None;
    }
    a.reach.products.tie(&b.reach.products)
}

fn tie_diagnostic(a: &Measure, b: &Measure, digits: usize) -> Diagnostic {
    let goods =
        if digits == 0 { "all goods".to_owned() } else { format!("the same goods at {digits} digits") };
    let message = format!("`{}` and `{}` are both the base duty of {goods}", a.id, b.id);
    let (first, second) = if a.span <= b.span { (a, b) } else { (b, a) };
    Diagnostic::new(Code::MfnTie, message)
        .label(second.span, "this one")
        .label(first.span, "and this one")
        .help("give one of them longer codes, other dates or other origins; the longest code wins")
}
