//! For programs: the shape that `docs/language.md` states, every decimal as a string.

use crate::assess::{Charge, Group, Part, Run, Status, Worksheet};
use crate::money::plain;
use crate::scenario::{MeasureType, Scenario};
use crate::trade::Flow;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};

/// The version of the shape.
pub const SCHEMA: &str = "tariffsim/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    scenarios: Vec<ScenarioJson<'a>>,
}

#[derive(Serialize)]
struct ScenarioJson<'a> {
    file: &'a str,
    variant: Option<&'a str>,
    title: &'a str,
    importer: Option<&'a str>,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    flows: Option<Vec<FlowJson<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<GroupJson<'a>>>,
    totals: TotalsJson,
    quotas: [(); 0],
    credits: [(); 0],
}

#[derive(Serialize)]
struct FlowJson<'a> {
    id: &'a str,
    product: String,
    origin: &'a str,
    importer: &'a str,
    date: String,
    value: String,
    duty: Option<String>,
    effective_rate: Option<String>,
    landed_cost: Option<String>,
    computable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    charges: Vec<ChargeJson<'a>>,
}

#[derive(Serialize)]
struct ChargeJson<'a> {
    measure: &'a str,
    #[serde(rename = "type")]
    kind: MeasureType,
    status: Status,
    share: String,
    base: String,
    rate_text: &'a str,
    rate: Option<String>,
    amount: String,
    note: String,
}

#[derive(Serialize)]
struct GroupJson<'a> {
    key: &'a str,
    flows: usize,
    value: String,
    duty: String,
    effective_rate: Option<String>,
    not_computable: PartJson,
}

#[derive(Serialize)]
struct PartJson {
    flows: usize,
    value: String,
}

#[derive(Serialize)]
struct TotalsJson {
    flows: usize,
    value: String,
    duty: String,
    effective_rate: Option<String>,
    simple_mean_rate: Option<String>,
    landed_cost: String,
    not_computable: PartJson,
    base_not_stated: PartJson,
    untouched: PartJson,
    partly_covered: PartJson,
    rejected: usize,
    dates_replaced: usize,
    by_measure: Map<String, Value>,
}

/// Runs as one document.
pub fn runs(runs: &[Run], grouped: bool) -> String {
    let scenarios = runs.iter().map(|run| scenario(run, grouped)).collect();
    // Strings, numbers and lists always serialise.
    let mut text = serde_json::to_string_pretty(&Document { schema: SCHEMA, scenarios }).unwrap_or_default();
    text.push('\n');
    text
}

fn scenario(run: &Run, grouped: bool) -> ScenarioJson<'_> {
    let scenario = run.scenario();
    let flows = || run.flows.rows.iter().zip(&run.sheets).map(|(f, s)| flow(scenario, f, s)).collect();
    ScenarioJson {
        file: &scenario.file,
        variant: scenario.variant.as_ref().map(|v| v.id.as_str()),
        title: &scenario.title,
        importer: scenario.importer.as_ref().map(|i| i.text.as_str()),
        currency: &scenario.currency,
        flows: (!grouped).then(flows),
        groups: grouped.then(|| run.groups.iter().map(group).collect()),
        totals: totals(run),
        quotas: [],
        credits: [],
    }
}

fn flow<'a>(scenario: &'a Scenario, flow: &'a Flow, sheet: &'a Worksheet) -> FlowJson<'a> {
    let stated = |amount: Decimal| sheet.computable().then(|| plain(amount));
    FlowJson {
        id: &flow.id,
        product: flow.product.to_string(),
        origin: &flow.origin.text,
        importer: &flow.importer.text,
        date: flow.date.to_string(),
        value: plain(sheet.customs_value),
        duty: stated(sheet.duty),
        effective_rate: sheet.effective_rate().map(plain),
        landed_cost: stated(sheet.landed_cost),
        computable: sheet.computable(),
        reason: sheet.not_computable.as_deref(),
        charges: sheet.charges.iter().map(|c| charge(scenario, c)).collect(),
    }
}

fn charge<'a>(scenario: &'a Scenario, charge: &Charge) -> ChargeJson<'a> {
    let measure = &scenario.measures[charge.measure];
    ChargeJson {
        measure: &measure.id,
        kind: measure.kind,
        status: charge.status,
        share: plain(charge.share),
        base: plain(charge.base),
        rate_text: charge.rate_text(scenario),
        rate: charge.rate.map(plain),
        amount: plain(charge.amount),
        note: charge.note(scenario),
    }
}

fn group(group: &Group) -> GroupJson<'_> {
    GroupJson {
        key: &group.key,
        flows: group.computable.flows,
        value: plain(group.computable.value),
        duty: plain(group.duty),
        effective_rate: group.effective_rate.map(plain),
        not_computable: part(&group.not_computable),
    }
}

fn part(part: &Part) -> PartJson {
    PartJson { flows: part.flows, value: plain(part.value) }
}

fn totals(run: &Run) -> TotalsJson {
    let (scenario, totals) = (run.scenario(), &run.totals);
    let by_measure = scenario.measures.iter().zip(&totals.by_measure);
    TotalsJson {
        flows: totals.computable.flows,
        value: plain(totals.computable.value),
        duty: plain(totals.duty),
        effective_rate: totals.effective_rate.map(plain),
        simple_mean_rate: totals.simple_mean_rate.map(plain),
        landed_cost: plain(totals.landed_cost),
        not_computable: part(&totals.not_computable),
        base_not_stated: part(&totals.base_not_stated),
        untouched: part(&totals.untouched),
        partly_covered: part(&totals.partly_covered),
        rejected: 0,
        dates_replaced: run.flows.dates_replaced,
        by_measure: by_measure.map(|(m, sum)| (m.id.clone(), Value::String(plain(*sum)))).collect(),
    }
}
