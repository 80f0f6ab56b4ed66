//! The points of a sweep for programs: JSON and CSV.

use super::{impact_beside, json};
use crate::analysis::axis::Axis;
use crate::analysis::bench::Fill;
use crate::analysis::sweep::{Kink, Percentiles, Point, Swept};
use crate::analysis::switch::Switch;
use crate::money::plain;
use csv::Writer;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Every pool of any point, with how far it is drawn at each.
pub fn fills(points: &[Point]) -> Vec<(String, Vec<Option<Decimal>>)> {
    let mut pools: Vec<(String, Vec<Option<Decimal>>)> = Vec::new();
    let mut places: BTreeMap<(bool, &str, Option<&str>), usize> = BTreeMap::new();
    for (at, point) in points.iter().enumerate() {
        for fill in &point.fills {
            let (id, party) = (fill.id.as_str(), fill.party.as_deref());
            let place = *places.entry((fill.is_quota, id, party)).or_insert_with(|| {
                let name = party.map_or_else(|| id.to_owned(), |party| format!("{id}: {party}"));
                pools.push((name, vec![None; points.len()]));
                pools.len() - 1
            });
            if let Some(cell) = pools.get_mut(place).and_then(|(_, fills)| fills.get_mut(at)) {
                *cell = fill.fill;
            }
        }
    }
    pools
}

/// The values of each point, as `--set` takes them.
fn spelled(swept: &Swept) -> Vec<Vec<String>> {
    let mut places = vec![Vec::new()];
    for axis in &swept.axes {
        let texts: Vec<String> = axis.values.iter().map(|value| axis.spell(value)).collect();
        let longer = |place: &Vec<String>| {
            let place = place.clone();
            texts
                .iter()
                .map(move |text| place.iter().cloned().chain([text.clone()]).collect())
                .collect::<Vec<_>>()
        };
        places = places.iter().flat_map(longer).collect();
    }
    places
}

fn decimal(number: Option<Decimal>) -> Json {
    number.map_or(Json::Null, |number| Json::String(plain(number)))
}

/// A sweep as JSON.
pub fn document(swept: &Swept) -> String {
    let places = spelled(swept);
    let values = |place: &[String]| {
        let pairs = swept.axes.iter().zip(place);
        Json::Object(pairs.map(|(axis, text)| (axis.name.clone(), Json::String(text.clone()))).collect())
    };
    let pools = |point: &Point, quotas: bool| {
        let fills = point.fills.iter().filter(|fill| fill.is_quota == quotas);
        let pool = |fill: &Fill| json!({ "id": fill.id, "party": fill.party, "fill": decimal(fill.fill) });
        Json::Array(fills.map(pool).collect())
    };
    let point = |(place, point): (&Vec<String>, &Point)| {
        let mut all = json!({
            "values": values(place),
            "duty": decimal(point.stated(point.duty)),
            "effective_rate": decimal(point.effective_rate),
            "landed_cost": decimal(point.stated(point.landed_cost)),
            "not_computable": { "flows": point.not_computable.flows, "value": plain(point.not_computable.value) },
            "quotas": pools(point, true),
            "credits": pools(point, false),
        });
        if let Some(model) = &point.model {
            all["model"] = impact_beside::point(model);
        }
        all
    };
    let vary = |axis: &Axis| {
        let values: Vec<String> = axis.values.iter().map(|value| axis.spell(value)).collect();
        json!({ "name": axis.name, "title": axis.title, "values": values })
    };
    let mut sweep = Map::new();
    let mut put = |key: &str, value: Json| sweep.insert(key.to_owned(), value);
    put("file", json!(swept.file));
    put("variant", json!(swept.variant));
    put("title", json!(swept.title));
    put("currency", json!(swept.currency));
    if !swept.assumed.is_empty() {
        put("model_assumes", json!(swept.assumed));
    }
    put("vary", swept.axes.iter().map(vary).collect());
    put("points", places.iter().zip(&swept.points).map(point).collect());
    put("kinks", swept.kinks.iter().map(kink).collect());
    if !swept.spreads.is_empty() {
        let of = |numbers: Percentiles| {
            let [low, middle, high] = numbers.map(decimal);
            json!({ "p5": low, "p50": middle, "p95": high })
        };
        let points: Vec<Json> = places
            .iter()
            .zip(&swept.spreads)
            .map(|(place, spread)| {
                json!({
                    "values": values(place),
                    "duty": of(spread.duty),
                    "effective_rate": of(spread.effective_rate),
                    "landed_cost": of(spread.landed_cost),
                })
            })
            .collect();
        let drawn = json!({
            "draws": swept.draws, "seed": swept.seed, "parameters": swept.drawn, "points": points
        });
        put("percentiles", drawn);
    }
    json::document(&json!({ "schema": json::SCHEMA, "sweep": sweep }))
}

fn kink(kink: &Kink) -> Json {
    json!({
        "at": kink.text,
        "kind": if kink.is_gap() { "computable" } else if kink.jumps { "jump" } else { "bend" },
        "duty": decimal(kink.duty),
        "duty_after": decimal(kink.duty_after),
        "causes": causes(&kink.causes),
    })
}

/// Causes for programs.
pub fn causes(causes: &[Switch]) -> Json {
    let cause = |cause: &Switch| json!({ "kind": cause.kind.name(), "id": cause.id, "text": cause.text });
    causes.iter().map(cause).collect()
}

/// A sweep as CSV: one row a point.
pub fn rows(swept: &Swept) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let mut write = |cells: Vec<String>| writer.write_record(cells).unwrap_or_default();
    let optional = |number: Option<Decimal>| number.map(plain).unwrap_or_default();
    let pools = fills(&swept.points);
    let mut header = vec!["scenario".to_owned(), "variant".to_owned()];
    header.extend(swept.axes.iter().map(|axis| axis.name.clone()));
    header.extend(["duty", "effective_rate", "landed_cost", "not_computable_flows"].map(str::to_owned));
    header.extend(pools.iter().map(|(name, _)| format!("fill: {name}")));
    header.extend(impact_beside::columns(swept));
    if !swept.spreads.is_empty() {
        for what in ["duty", "effective_rate", "landed_cost"] {
            header.extend([5, 50, 95].map(|hundredths| format!("{what}_p{hundredths}")));
        }
    }
    write(header);
    for (at, (place, point)) in spelled(swept).into_iter().zip(&swept.points).enumerate() {
        let mut cells = vec![swept.file.clone(), swept.variant.clone().unwrap_or_default()];
        cells.extend(place);
        let numbers = [point.stated(point.duty), point.effective_rate, point.stated(point.landed_cost)];
        cells.extend(numbers.map(optional));
        cells.push(point.not_computable.flows.to_string());
        cells.extend(pools.iter().map(|(_, fills)| optional(fills.get(at).copied().flatten())));
        cells.extend(impact_beside::cells(swept, point));
        if let Some(spread) = swept.spreads.get(at) {
            let numbers = [spread.duty, spread.effective_rate, spread.landed_cost];
            cells.extend(numbers.into_iter().flatten().map(optional));
        }
        write(cells);
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}
