//! A model beside what law says, in a sweep and a comparison: always marked, and never in the same column.

use super::impact_tables::{self as tables, MODEL};
use super::number::{Scale, money_in_words};
use super::page::Block;
use super::sweep::{column, in_words};
use crate::analysis::impact::{Assumption, Impact, Outcome, Party};
use crate::analysis::sweep::{Point, Swept};
use crate::money::plain;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// What a sweep shows of each point.
const SHOWN: [Party; 6] =
    [Party::Buyers, Party::Producers, Party::Treasury, Party::Home, Party::ForeignSellers, Party::World];

/// What is said of a model that has no answer.
fn unanswered(reason: &str) -> String {
    format!("Model: no answer, since {reason}; `tariffsim impact` says more.")
}

/// A model's answer in a sentence, or why it has none.
pub fn answer(model: &Result<Impact, String>) -> String {
    match model {
        Ok(impact) => super::impact::answer(impact),
        Err(reason) => unanswered(reason),
    }
}

/// A comparison's model of one alternative.
pub fn compared(model: &Result<Impact, String>) -> Vec<Block> {
    let said = Block::Words(answer(model));
    let Ok(impact) = model else { return vec![said] };
    vec![said, tables::accounts(&impact.accounts, &impact.currency), Block::Words(assumed(impact))]
}

/// What a model rests on: what holds of several markets alike is said once.
pub fn assumed(impact: &Impact) -> String {
    let text = |assumption: &Assumption| assumption.text.clone();
    let all: Vec<Vec<String>> =
        impact.markets.iter().map(|market| market.assumptions.iter().map(text).collect()).collect();
    let shared = |text: &String| all.len() > 1 && all.iter().all(|texts| texts.contains(text));
    let mut said: Vec<String> = Vec::new();
    for (market, texts) in impact.markets.iter().zip(&all) {
        let own: Vec<&str> = texts.iter().filter(|text| !shared(text)).map(String::as_str).collect();
        if !own.is_empty() {
            said.push(format!("{}: {}", market.name, own.join("; ")));
        }
    }
    let common: Vec<&str> = all
        .iter()
        .flatten()
        .take(all.first().map_or(0, Vec::len))
        .filter(|text| shared(text))
        .map(String::as_str)
        .collect();
    if !common.is_empty() {
        said.push(format!("{}{}", if said.is_empty() { "" } else { "all of them: " }, common.join("; ")));
    }
    format!("Model, assuming: {}.", said.join(". "))
}

/// What models make of the points of a sweep.
pub fn swept(swept: &Swept) -> Vec<Block> {
    let answers: Vec<&Result<Outcome, String>> =
        swept.points.iter().filter_map(|point| point.model.as_ref()).collect();
    if answers.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![
        Block::Heading("What trade makes of it, against no duty at all (model)".to_owned()),
        Block::Words(best(swept)),
        Block::Words(format!("Model, assuming: {}; {BY_DEFAULT}.", swept.assumed)),
    ];
    if let [axis] = swept.axes.as_slice() {
        let outcomes = || answers.iter().filter_map(|answer| answer.as_ref().ok());
        let scale = Scale::of(outcomes().flat_map(|outcome| outcome.changes));
        let (heading, values) = column(axis, &swept.currency);
        let row = |(value, point): (String, &Point)| {
            let outcome = point.model.as_ref().and_then(|answer| answer.as_ref().ok());
            let cell = |party: &Party| {
                outcome.map_or_else(|| "–".to_owned(), |outcome| scale.signed(outcome.change(*party)))
            };
            let cells = SHOWN.iter().map(cell);
            std::iter::once(value).chain(cells).chain([MODEL.to_owned()]).collect()
        };
        let rows: Vec<Vec<String>> = values.into_iter().zip(&swept.points).map(row).collect();
        let names = ["Buyers", "Producers", "Treasury", "Country", "Abroad", "World", "Basis"];
        let headings = std::iter::once(heading).chain(names.map(str::to_owned)).collect();
        let unit = format!("{}{}", swept.currency, scale.words());
        blocks.push(Block::Faint(format!("Changes in {unit}; Country is the importing country.")));
        blocks.push(Block::Table { headings, rows, left: 0, right: 1 });
    }
    let silent = answers.iter().filter_map(|answer| answer.as_ref().err());
    let count = silent.clone().count();
    if let Some(first) = silent.into_iter().next() {
        blocks.push(Block::Words(format!(
            "At {count} of {} points: {}",
            swept.points.len(),
            unanswered(first)
        )));
    }
    blocks
}

/// Stands behind what a scenario writes.
const BY_DEFAULT: &str = "what it does not say is as `impact` prints it";

/// Where the importing country gains most.
fn best(swept: &Swept) -> String {
    let gain = |point: &Point| {
        point
            .model
            .as_ref()
            .and_then(|answer| answer.as_ref().ok())
            .map(|outcome| outcome.change(Party::Home))
    };
    let all = swept.points.iter().enumerate().filter_map(|(at, point)| Some((at, gain(point)?)));
    // Of equals the first.
    let Some((at, most)) = all.reduce(|best, next| if next.1 > best.1 { next } else { best }) else {
        return unanswered("none was found at any point");
    };
    let mut rest = at;
    let mut place: Vec<String> = Vec::new();
    for axis in swept.axes.iter().rev() {
        let many = axis.values.len().max(1);
        if let Some(value) = axis.values.get(rest % many) {
            place.push(format!("{} = {}", axis.name, in_words(axis, value)));
        }
        rest /= many;
    }
    place.reverse();
    let place = if place.is_empty() { "as written".to_owned() } else { place.join(", ") };
    let verb = if most < Decimal::ZERO { "loses least" } else { "gains most" };
    format!(
        "Model: of these points the importing country {verb} at {place}: {}.",
        money_in_words(most.abs(), &swept.currency)
    )
}

/// The model of a point for programs.
pub fn point(model: &Result<Outcome, String>) -> Value {
    match model {
        Err(reason) => json!({ "basis": MODEL, "reason": reason }),
        Ok(outcome) => {
            let mut all = json!({ "basis": MODEL, "imports": plain(outcome.imports) });
            for party in Party::ALL {
                all[party.name().replace(' ', "_")] = json!(plain(outcome.change(party)));
            }
            all
        }
    }
}

/// The model of an alternative for programs.
pub fn difference(model: &Result<Impact, String>) -> Value {
    match model {
        Err(reason) => json!({ "basis": MODEL, "reason": reason }),
        Ok(impact) => super::impact_json::of(impact),
    }
}

/// Columns of a sweep's model; none where it has none.
pub fn columns(swept: &Swept) -> Vec<String> {
    if swept.points.iter().all(|point| point.model.is_none()) {
        return Vec::new();
    }
    let names = Party::ALL.iter().map(|party| format!("model: {}", party.name()));
    names.chain(["model: imports".to_owned(), "model: assuming".to_owned()]).collect()
}

/// The cells under them.
pub fn cells(swept: &Swept, point: &Point) -> Vec<String> {
    let columns = columns(swept).len();
    match &point.model {
        Some(Ok(outcome)) => {
            let changes = Party::ALL.iter().map(|party| plain(outcome.change(*party)));
            changes.chain([plain(outcome.imports), swept.assumed.clone()]).collect()
        }
        Some(Err(reason)) => {
            let empty = std::iter::repeat_n(String::new(), columns.saturating_sub(1));
            empty.chain([reason.clone()]).collect()
        }
        None => vec![String::new(); columns],
    }
}
