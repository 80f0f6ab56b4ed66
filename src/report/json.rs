//! For programs: the shape that `docs/language.md` states, every decimal as a string.

use super::ledger::{self, statements};
use crate::analysis::{Comparison, LawChange, Said};
use crate::assess::{
    By, Charge, CreditDrawn, Explained, Group, Part, PortionSheet, QuotaPart, Run, Status, Worksheet,
};
use crate::diagnostic::Sources;
use crate::money::{negative, plain};
use crate::scenario::{Collector, Scenario};
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
    quotas: Vec<Map<String, Value>>,
    credits: Vec<Map<String, Value>>,
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
    kind: &'static str,
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

/// A number of flows and their customs value.
#[derive(Serialize)]
pub struct PartJson {
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
    landed: LandedJson,
    collected: CollectedJson,
    not_computable: PartJson,
    base_not_stated: PartJson,
    untouched: PartJson,
    partly_covered: PartJson,
    rejected: usize,
    dates_replaced: usize,
    skipped: usize,
    by_measure: Map<String, Value>,
}

/// What landed cost is made of beside the customs value.
#[derive(Serialize)]
struct LandedJson {
    freight_and_insurance: String,
    duty: String,
    fees: String,
    taxes: String,
    export_duties: String,
    subsidies: String,
    non_tariff: String,
}

/// Charges by who collects them.
#[derive(Serialize)]
struct CollectedJson {
    importer: String,
    exporter: String,
    nobody: String,
}

/// Runs as one document.
pub fn runs(runs: &[Run], grouped: bool) -> String {
    let scenarios = runs.iter().map(|run| scenario(run, grouped)).collect();
    document(&Document { schema: SCHEMA, scenarios })
}

/// Scenarios as one document with how they differ from the baseline.
#[derive(Serialize)]
struct ComparedJson<'a> {
    schema: &'static str,
    baseline: &'a str,
    same_flows: bool,
    scenarios: Vec<ScenarioJson<'a>>,
    differences: Vec<DifferenceJson<'a>>,
}

#[derive(Serialize)]
struct DifferenceJson<'a> {
    scenario: &'a str,
    file: &'a str,
    variant: Option<&'a str>,
    law: Vec<LawJson<'a>>,
    value: String,
    duty: String,
    landed_cost: String,
    points: Option<String>,
    groups: Vec<GroupChangeJson<'a>>,
    by_measure: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<Value>,
}

#[derive(Serialize)]
struct LawJson<'a> {
    kind: &'a str,
    id: &'a str,
    before: Option<SaidJson<'a>>,
    after: Option<SaidJson<'a>>,
}

#[derive(Serialize)]
struct SaidJson<'a> {
    text: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
}

#[derive(Serialize)]
struct GroupChangeJson<'a> {
    key: &'a str,
    before: Option<GroupJson<'a>>,
    after: Option<GroupJson<'a>>,
    duty: String,
    points: Option<String>,
}

/// A comparison as one document; `names` are those of its runs.
pub fn compared(comparison: &Comparison, sources: &Sources, names: &[String]) -> String {
    let differences = comparison.others().map(|(run, difference)| DifferenceJson {
        scenario: &names[difference.run],
        file: &run.scenario().file,
        variant: run.scenario().variant.as_ref().map(|v| v.id.as_str()),
        law: difference.law.iter().map(|change| law(change, sources)).collect(),
        value: plain(difference.value),
        duty: plain(difference.duty),
        landed_cost: plain(difference.landed_cost),
        points: difference.points.map(plain),
        groups: difference
            .groups
            .iter()
            .map(|change| GroupChangeJson {
                key: &change.key,
                before: change.before.as_ref().map(group),
                after: change.after.as_ref().map(group),
                duty: plain(change.duty),
                points: change.points.map(plain),
            })
            .collect(),
        by_measure: difference
            .charges
            .iter()
            .map(|charge| (charge.id.clone(), Value::String(plain(charge.change))))
            .collect(),
        impact: difference.model.as_ref().map(super::impact_beside::difference),
    });
    document(&ComparedJson {
        schema: SCHEMA,
        baseline: &names[comparison.baseline],
        same_flows: comparison.same_flows,
        scenarios: comparison.runs.iter().map(|run| scenario(run, run.by != By::Flow)).collect(),
        differences: differences.collect(),
    })
}

fn law<'a>(change: &'a LawChange, sources: &'a Sources) -> LawJson<'a> {
    let said = |said: &'a Said| {
        let place = said.span.and_then(|span| sources.position(span));
        SaidJson {
            text: &said.text,
            file: place.map(|(file, _, _)| file),
            line: place.map(|(_, line, _)| line),
        }
    };
    LawJson {
        kind: change.kind,
        id: &change.id,
        before: change.before.as_ref().map(said),
        after: change.after.as_ref().map(said),
    }
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
    quotas: Vec<QuotaPartJson<'a>>,
    charges: Vec<ChargeJson<'a>>,
}

#[derive(Serialize)]
struct QuotaPartJson<'a> {
    quota: &'a str,
    admitted: bool,
    amount: String,
    of: String,
    unit: &'a str,
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
            quotas: sheet.portion.quotas.iter().map(|part| quota_part(scenario, part)).collect(),
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
        quotas: statements(run, true).map(statement).collect(),
        credits: statements(run, false).map(statement).collect(),
    }
}

/// What became of a quota or credit.
pub fn statement(
    (of, statement): (&crate::scenario::Ledger, &crate::assess::Statement),
) -> Map<String, Value> {
    let cells = ledger::cells(of, statement).into_iter().map(|cell| cell.map_or(Value::Null, Value::String));
    ledger::COLUMNS.into_iter().map(str::to_owned).zip(cells).collect()
}

fn quota_part<'a>(scenario: &'a Scenario, part: &'a QuotaPart) -> QuotaPartJson<'a> {
    QuotaPartJson {
        quota: scenario.quotas.get(part.quota).map_or("", |quota| quota.ledger.id.as_str()),
        admitted: part.admitted,
        amount: plain(part.amount),
        of: plain(part.of),
        unit: &part.unit,
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
        charges: charges(scenario, sheet),
    }
}

/// Charges of measures, then what credits pay.
fn charges<'a>(scenario: &'a Scenario, sheet: &'a Worksheet) -> Vec<ChargeJson<'a>> {
    let of_measures = sheet.charges.iter().map(|one| charge(scenario, one));
    of_measures.chain(sheet.credits.iter().map(|drawn| credit(scenario, drawn))).collect()
}

/// What a credit pays, as a charge below zero on the duty it pays of.
fn credit<'a>(scenario: &'a Scenario, drawn: &CreditDrawn) -> ChargeJson<'a> {
    let ledger = scenario.credits.get(drawn.credit).map(|credit| &credit.ledger);
    ChargeJson {
        measure: ledger.map_or("", |ledger| ledger.id.as_str()),
        kind: "credit",
        status: if drawn.amount.is_zero() { Status::Zero } else { Status::Charged },
        share: "0".to_owned(),
        base: plain(drawn.liability),
        rate_text: ledger.map_or("", |ledger| ledger.opening.text.as_str()),
        rate: None,
        amount: plain(negative(drawn.amount)),
        note: drawn.note(),
    }
}

fn charge<'a>(scenario: &'a Scenario, charge: &Charge) -> ChargeJson<'a> {
    let measure = &scenario.measures[charge.measure];
    ChargeJson {
        measure: &measure.id,
        kind: measure.kind.name(),
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

/// A number of flows and their customs value.
pub fn part(part: &Part) -> PartJson {
    PartJson { flows: part.flows, value: plain(part.value) }
}

fn totals(run: &Run) -> TotalsJson {
    let (scenario, totals) = (run.scenario(), &run.totals);
    let by_measure = scenario.measures.iter().zip(&totals.by_measure).map(|(m, sum)| (&m.id, *sum));
    let by_credit =
        scenario.credits.iter().zip(&totals.by_credit).map(|(c, sum)| (&c.ledger.id, negative(*sum)));
    let collected = |by| totals.landed.collected(by).map(plain).unwrap_or_default();
    TotalsJson {
        flows: totals.computable.flows,
        value: plain(totals.computable.value),
        duty: plain(totals.duty),
        effective_rate: totals.effective_rate.map(plain),
        simple_mean_rate: totals.simple_mean_rate.map(plain),
        landed_cost: plain(totals.landed_cost),
        landed: LandedJson {
            freight_and_insurance: plain(totals.landed.freight_and_insurance),
            duty: plain(totals.landed.duty),
            fees: plain(totals.landed.fees),
            taxes: plain(totals.landed.taxes),
            export_duties: plain(totals.landed.export_duties),
            subsidies: plain(totals.landed.subsidies),
            non_tariff: plain(totals.landed.non_tariff),
        },
        collected: CollectedJson {
            importer: collected(Collector::Importer),
            exporter: collected(Collector::Exporter),
            nobody: collected(Collector::Nobody),
        },
        not_computable: part(&totals.not_computable),
        base_not_stated: part(&totals.base_not_stated),
        untouched: part(&totals.untouched),
        partly_covered: part(&totals.partly_covered),
        rejected: run.flows.rejected,
        dates_replaced: run.flows.dates_replaced,
        skipped: run.flows.skipped,
        by_measure: by_measure
            .chain(by_credit)
            .map(|(id, sum)| (id.clone(), Value::String(plain(sum))))
            .collect(),
    }
}
