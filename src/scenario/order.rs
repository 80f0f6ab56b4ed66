//! The order in which measures are charged: each after those it gives way to or counts, found anew for every
//! interval, since precedence itself changes by date. A circle, or two base duties that fit equally well, is an
//! error.

use super::constants::change_dates;
use super::model::{Measure, MeasureType, Rate, Scenario, Step};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::{Expr, Fact, Node};

/// The measures in force on a day, each with its step, in the order they are charged. A circle gives the places
/// of its members.
pub fn on_day(measures: &[Measure], day: Date) -> Result<Vec<(usize, usize)>, Vec<usize>> {
    let steps: Vec<Option<usize>> = measures.iter().map(|m| m.step_on(day)).collect();
    let mut sorter = Sorter {
        measures,
        steps: &steps,
        state: vec![State::New; measures.len()],
        path: Vec::new(),
        order: Vec::new(),
    };
    // The base duty and what replaces it come before everything that may count or displace it, unless it gives
    // way itself.
    for place in 0..measures.len() {
        sorter.visit(place)?;
    }
    let order = sorter.order;
    Ok(order.into_iter().filter_map(|place| steps[place].map(|step| (place, step))).collect())
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    New,
    Open,
    Done,
}

struct Sorter<'a> {
    measures: &'a [Measure],
    steps: &'a [Option<usize>],
    state: Vec<State>,
    path: Vec<usize>,
    order: Vec<usize>,
}

impl Sorter<'_> {
    /// Members of a series are one knot: they come together, after everything any of them waits for.
    fn knot(&self, place: usize) -> Vec<usize> {
        match self.measures[place].series {
            Some(series) => (0..self.measures.len())
                .filter(|i| self.measures[*i].series == Some(series) && self.steps[*i].is_some())
                .collect(),
            None => vec![place],
        }
    }

    fn visit(&mut self, place: usize) -> Result<(), Vec<usize>> {
        if self.steps[place].is_none() || self.state[place] == State::Done {
            return Ok(());
        }
        if self.state[place] == State::Open {
            let start = self.path.iter().position(|p| *p == place).unwrap_or(0);
            return Err(self.path[start..].to_vec());
        }
        let knot = self.knot(place);
        for member in &knot {
            self.state[*member] = State::Open;
        }
        self.path.push(place);
        for member in &knot {
            for other in waits_for(*member, self.measures, self.steps) {
                if knot.contains(&other) {
                    continue;
                }
                if self.state[other] == State::Open {
                    let first = self.path.iter().position(|p| self.knot(*p).contains(&other)).unwrap_or(0);
                    return Err(self.path[first..].to_vec());
                }
                self.visit(other)?;
            }
        }
        self.path.pop();
        for member in knot {
            self.state[member] = State::Done;
            self.order.push(member);
        }
        Ok(())
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
    if measures[place].kind == MeasureType::Preference {
        others.extend((0..measures.len()).filter(|i| measures[*i].kind == MeasureType::Mfn));
    }
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
    for day in std::iter::once(Date::MIN).chain(changes) {
        if let Err(circle) = on_day(&scenario.measures, day) {
            diagnostics.push(circle_diagnostic(&scenario.measures, &circle, day));
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
    if conditional(a) || conditional(b) {
        return None;
    }
    let importers = a.importer.is_none() || b.importer.is_none() || a.importer == b.importer;
    if !(importers && a.in_force().overlaps(b.in_force()) && a.origins.overlaps(&b.origins)) {
        return None;
    }
    a.products.tie(&b.products)
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
