//! For programs: the shape that `docs/language.md` states, every decimal as a string.

use crate::assess::{Charge, Explained, Group, Part, PortionSheet, Run, Status, Worksheet};
use crate::diagnostic::Sources;
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
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    partly_covered: bool,
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
    skipped: usize,
    by_measure: Map<String, Value>,
}

/// Runs as one document.
pub fn runs(runs: &[Run], grouped: bool) -> String {
    let scenarios = runs.iter().map(|run| scenario(run, grouped)).collect();
    document(&Document { schema: SCHEMA, scenarios })
}

/// A value as text that ends in a line break.
pub fn document(value: &impl Serialize) -> String {
    // Strings, numbers and lists always serialise.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// One flow, with its portions and near misses.
#[derive(Serialize)]
pub struct ExplainedJson<'a> {
    schema: &'static str,
    file: &'a str,
    variant: Option<&'a str>,
    title: &'a str,
    currency: &'a str,
    flow: FlowJson<'a>,
    portions: Vec<PortionJson<'a>>,
    places: Vec<PlaceJson<'a>>,
    near_misses: Vec<NearMissJson<'a>>,
}

#[derive(Serialize)]
struct PortionJson<'a> {
    weight: String,
    claims: &'a [String],
    charges: Vec<ChargeJson<'a>>,
}

/// Where a measure's rate is written, and its sources.
#[derive(Serialize)]
struct PlaceJson<'a> {
    measure: &'a str,
    file: String,
    line: usize,
    sources: Vec<&'a str>,
}

#[derive(Serialize)]
struct NearMissJson<'a> {
    measure: &'a str,
    reasons: Vec<String>,
}

impl<'a> ExplainedJson<'a> {
    /// What goes out of an explained flow.
    pub fn new(explained: &'a Explained, sources: &Sources) -> Self {
        let scenario = explained.plan.scenario();
        let explanation = &explained.explanation;
        let row = &explained.flows.rows[0];
        let place = |charge: &Charge| {
            let measure = &scenario.measures[charge.measure];
            let step = &measure.steps[charge.step];
            let (file, line) = sources
                .position(step.place(charge.row))
                .map_or_else(|| (String::new(), 0), |(file, line, _)| (file.to_owned(), line));
            let cited = scenario.sources_behind(charge.measure, charge.step).into_iter();
            let titles = cited.filter_map(|at| scenario.sources.get(at)).map(|s| s.title.as_str()).collect();
            PlaceJson { measure: &measure.id, file, line, sources: titles }
        };
        let portion = |sheet: &'a PortionSheet| PortionJson {
            weight: plain(sheet.portion.weight),
            claims: &sheet.portion.claims,
            charges: sheet.charges.iter().map(|c| charge(scenario, c)).collect(),
        };
        ExplainedJson {
            schema: SCHEMA,
            file: &scenario.file,
            variant: scenario.variant.as_ref().map(|v| v.id.as_str()),
            title: &scenario.title,
            currency: &scenario.currency,
            flow: flow(scenario, row, &explanation.sheet),
            portions: explanation.portions.iter().map(portion).collect(),
            places: explanation.sheet.charges.iter().map(place).collect(),
            near_misses: explanation
                .near_misses
                .iter()
                .map(|near| NearMissJson {
                    measure: &scenario.measures[near.measure].id,
                    reasons: near.misses.iter().map(|miss| miss.text(row)).collect(),
                })
                .collect(),
        }
    }
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
        partly_covered: sheet.partly_covered,
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
        skipped: run.flows.skipped,
        by_measure: by_measure.map(|(m, sum)| (m.id.clone(), Value::String(plain(*sum)))).collect(),
    }
}
