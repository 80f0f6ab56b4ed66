//! What a page to hand on needs beside the comparison: duty over time where the law changes, and the worksheets of the
//! largest flows.

use super::compare::{Comparison, Difference};
use super::impact::{Impact, impact, reason};
use super::law::Side;
use super::timeline::{Asked, Days, Point, Timeline, timeline};
use crate::assess::{Explained, Run, explain_at};
use crate::date::Date;
use std::cmp::Reverse;

/// Worksheets of each scenario.
const WORKSHEETS: usize = 5;

/// Everything on a page.
#[derive(Debug)]
pub struct Handout {
    /// The scenarios side by side; one alone is its own baseline.
    pub comparison: Comparison,
    /// Duty over time under each.
    pub over_time: Vec<OverTime>,
    /// What a model makes of each alternative, or of a scenario alone against no duty at all: the run as a place, and the
    /// model or why it has no answer.
    pub models: Vec<(usize, Result<Impact, String>)>,
    /// The worksheets of the largest flows under each, the largest duty under the baseline first.
    pub worksheets: Vec<Vec<Explained>>,
}

/// Duty over time under a scenario.
#[derive(Debug)]
pub enum OverTime {
    /// The rate of no flow changes.
    Still,
    /// It changes as it does under the scenario at this place.
    As(usize),
    /// It changes.
    Changes(Box<Timeline>),
    /// Why it cannot be said.
    Unknown(String),
}

/// Puts together what goes on a page. `days` are those of the timelines.
pub fn handout(comparison: Comparison, days: Days) -> Handout {
    let mut over_time: Vec<OverTime> = Vec::with_capacity(comparison.runs.len());
    for run in &comparison.runs {
        let next = over_time_of(run, days, &over_time);
        over_time.push(next);
    }
    let base = largest(comparison.base());
    let places = |run: &Run| if comparison.same_flows { base.clone() } else { largest(run) };
    let worksheets = comparison.runs.iter().map(|run| worksheets(run, &places(run))).collect();
    let models = models(&comparison);
    Handout { comparison, over_time, models, worksheets }
}

fn models(comparison: &Comparison) -> Vec<(usize, Result<Impact, String>)> {
    match comparison.runs.as_slice() {
        [alone] if alone.scenario().markets.is_empty() && alone.scenario().chains.is_empty() => Vec::new(),
        [alone] => vec![(0, impact(None, alone).map_err(reason))],
        _ => {
            let model = |of: &Difference| Some((of.run, of.model.clone()?));
            comparison.differences.iter().filter_map(model).collect()
        }
    }
}

fn over_time_of(run: &Run, days: Days, known: &[OverTime]) -> OverTime {
    // Entered all on one day, flows of many days would draw a quota out that they leave room in.
    let own_dates = run.scenario().ledgers().next().is_some()
        && run.flows.rows.iter().any(|flow| flow.date != run.flows.rows[0].date);
    let asked = Asked { days, own_dates, ..Asked::default() };
    match timeline(run.scenario().clone(), run.flows.clone(), asked) {
        Ok((timeline, _)) if timeline.turns == 0 && timeline.points.len() < 2 => OverTime::Still,
        Ok((timeline, _)) => {
            let alike =
                |other: &OverTime| matches!(other, OverTime::Changes(other) if same(other, &timeline));
            match known.iter().position(alike) {
                Some(at) => OverTime::As(at),
                None => OverTime::Changes(Box::new(timeline)),
            }
        }
        Err(found) => {
            let first = found.into_sorted().first().map(|diagnostic| diagnostic.message.clone());
            OverTime::Unknown(first.unwrap_or_default())
        }
    }
}

/// Whether the same is charged by the same measures on the same days.
fn same(one: &Timeline, other: &Timeline) -> bool {
    let alike = |(one, other): (&Point, &Point)| {
        one.date == other.date
            && one.computable == other.computable
            && one.not_computable == other.not_computable
            && one.by_measure == other.by_measure
    };
    one.points.len() == other.points.len() && one.points.iter().zip(&other.points).all(alike)
}

/// The places of the flows that owe most; of those that owe as much, of the largest value.
fn largest(run: &Run) -> Vec<usize> {
    let mut places: Vec<usize> = (0..run.sheets.len()).collect();
    places.sort_by_key(|at| Reverse((run.sheets[*at].duty, run.sheets[*at].customs_value)));
    places.truncate(WORKSHEETS);
    places
}

fn worksheets(run: &Run, places: &[usize]) -> Vec<Explained> {
    // What was assessed once can be explained.
    places.iter().filter_map(|at| explain_at(run.scenario().clone(), &run.flows, *at).ok()).collect()
}

/// What a parameter is on the day the flows are entered, the first of several, where no flow settles it.
pub fn parameter(run: &Run, name: &str) -> Option<String> {
    let day: Date = run.flows.rows.iter().map(|flow| flow.date).min().or(run.scenario().date)?;
    let place = run.scenario().parameters.iter().position(|parameter| parameter.name == name)?;
    Side::on(run.scenario(), day).parameter(place)
}
