//! One flow in full: its worksheet, each portion of it, the values behind each rate, and the measures that nearly
//! fit.

use super::assessor::{Assessor, Closed};
use super::facts::Facts;
use super::merge::charges;
use super::plan::{Cell, Plan};
use super::stop::Stop;
use super::worksheet::{Charge, Portion, Worksheet};
use super::{bind, each};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list, nearest};
use crate::expr::{Context, condition};
use crate::money;
use crate::scenario::{Formula, Measure, Rate, Scenario};
use crate::trade::{Flow, Flows};
use rust_decimal::Decimal;

/// A flow explained.
#[derive(Debug)]
pub struct Explained {
    /// The scenario, compiled.
    pub plan: Plan,
    /// The flow alone.
    pub flows: Flows,
    /// Whether no other flow is there that could have drawn on its quotas and credits.
    pub alone: bool,
    /// How its duty comes about.
    pub explanation: Explanation,
}

/// How the duty on a flow comes about.
#[derive(Debug)]
pub struct Explanation {
    /// What comes of it.
    pub sheet: Worksheet,
    /// The parts of its trade, each assessed by itself; empty where it is not computable.
    pub portions: Vec<PortionSheet>,
    /// Measures that fit the goods but not the origin, the date or their own condition.
    pub near_misses: Vec<NearMiss>,
    /// For each charge of the sheet, the parameters behind its rate with their values.
    pub behind: Vec<Vec<(usize, String)>>,
}

/// A part of the trade and what it is charged, as if it were the whole flow.
#[derive(Debug)]
pub struct PortionSheet {
    /// How much of the trade, and what it claims.
    pub portion: Portion,
    /// One a measure in force, in the order of the scenario.
    pub charges: Vec<Charge>,
}

/// A measure that nearly fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearMiss {
    /// The measure, as a place in the scenario's list.
    pub measure: usize,
    /// Everything that does not fit.
    pub misses: Vec<Miss>,
}

/// What does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Miss {
    /// The code is too short: only some of the goods under it are covered.
    TooShort,
    /// The goods are covered, but not on the day.
    Goods,
    /// Its rate file has no row for the goods on the day.
    NoRow,
    /// Goods of the origin are not covered.
    Origin,
    /// It starts later.
    NotYet(Date),
    /// It has ended.
    Ended(Date),
    /// Its condition does not hold.
    Condition(String),
}

/// Explains one flow: the one with the id, or the only one. A flow that is not there is an error.
pub fn explain(
    scenario: Scenario,
    flows: &Flows,
    id: Option<&str>,
) -> Result<(Explained, Diagnostics), Diagnostics> {
    let mut diagnostics = bind::check(&scenario, &flows.columns, &flows.claims());
    let chosen = match choose(flows, id) {
        Ok(chosen) => chosen,
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            return Err(diagnostics);
        }
    };
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    match explain_at(scenario, flows, chosen) {
        Ok(explained) => Ok((explained, diagnostics)),
        Err(diagnostic) => {
            diagnostics.push(*diagnostic);
            Err(diagnostics)
        }
    }
}

/// Explains the flow at a place, of a scenario that has been found to fit its flows.
pub fn explain_at(scenario: Scenario, flows: &Flows, at: usize) -> Result<Explained, Box<Diagnostic>> {
    let plan = Plan::compile(scenario);
    let alone = Flows { columns: flows.columns.clone(), rows: vec![flows.rows[at].clone()], ..*flows };
    // What is left of a quota or credit rests on the flows before it.
    let drawn = plan.scenario().ledgers().next().is_some();
    let explanation = if drawn { explanation(&plan, flows, at) } else { explanation(&plan, &alone, 0) }?;
    Ok(Explained { plan, flows: alone, alone: flows.rows.len() == 1, explanation })
}

/// The place of the flow that is asked for.
fn choose(flows: &Flows, id: Option<&str>) -> Result<usize, Box<Diagnostic>> {
    let known: Vec<&str> = flows.rows.iter().map(|flow| flow.id.as_str()).collect();
    let asked = |at: &usize| id.is_none_or(|id| known[*at] == id);
    let found: Vec<usize> = (0..known.len()).filter(asked).collect();
    let (message, help) = match (id, found.as_slice()) {
        (_, [only]) => return Ok(*only),
        (Some(id), []) => {
            let help = match nearest(id, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the flows are {}", list(&known)),
            };
            (format!("there is no flow `{id}`"), help)
        }
        (Some(id), many) => {
            (format!("{} flows are called `{id}`", many.len()), "give each an id of its own".to_owned())
        }
        (None, _) => {
            let help = format!("name one with --flow: {}", list(&known));
            (format!("there are {} flows to explain", known.len()), help)
        }
    };
    Err(Box::new(Diagnostic::new(Code::UnknownFlow, message).help(help)))
}

/// Explains the flow at a place.
fn explanation(plan: &Plan, flows: &Flows, at: usize) -> Result<Explanation, Box<Diagnostic>> {
    let flow = &flows.rows[at];
    let mut closed = None;
    each(plan, flows, &mut |place, assessed| {
        if place == at {
            closed = Some(assessed);
        }
    });
    let open = Assessor::new(plan, &flows.columns).open(flow)?;
    let Closed { sheet, lines } =
        closed.unwrap_or_else(|| Ok(Closed { sheet: open.sheet.clone(), lines: Vec::new() }))?;
    let mut explanation =
        Explanation { sheet, portions: Vec::new(), near_misses: Vec::new(), behind: Vec::new() };
    // What cannot be prepared is not computable, and said so on the sheet.
    let Some(facts) = open.facts() else { return Ok(explanation) };
    if explanation.sheet.computable() {
        // What gave the sheet gives its portions.
        explanation.portions = portions(facts.cell, lines, &explanation.sheet).unwrap_or_default();
    }
    explanation.behind = explanation.sheet.charges.iter().map(|charge| behind(charge, &facts)).collect();
    explanation.near_misses = near_misses(plan.scenario(), flow, &explanation.sheet, &facts);
    Ok(explanation)
}

fn portions(
    cell: &Cell,
    lines: Vec<Vec<Option<super::charge::Line>>>,
    sheet: &Worksheet,
) -> Result<Vec<PortionSheet>, Stop> {
    let whole = |portion: Portion| vec![PortionSheet { portion, charges: sheet.charges.clone() }];
    match sheet.portions.as_slice() {
        [] => return Ok(whole(Portion { weight: Decimal::ONE, claims: Vec::new(), quotas: Vec::new() })),
        [only] => return Ok(whole(only.clone())),
        _ => {}
    }
    let mut sheets = Vec::with_capacity(sheet.portions.len());
    for (portion, lines) in sheet.portions.iter().zip(lines) {
        let mut charges = charges(cell, lines, sheet.customs_value)?;
        for charge in &mut charges {
            charge.amount = money::quantise(charge.amount);
        }
        sheets.push(PortionSheet { portion: portion.clone(), charges });
    }
    Ok(sheets)
}

/// The parameters behind the rate of a charge, with their values on the flow.
fn behind(charge: &Charge, facts: &Facts<'_>) -> Vec<(usize, String)> {
    let scenario = facts.scenario;
    let step = &scenario.measures[charge.measure].steps[charge.step];
    let in_quota =
        charge.quota.and_then(|quota| scenario.quotas.get(quota)).map(|quota| &quota.in_quota_rate);
    let own = step.rate.as_ref().and_then(Rate::formula).filter(|_| charge.row.is_none());
    in_quota.or(own).map_or_else(Vec::new, |formula| named(formula, facts))
}

/// The parameters behind an expression, with their values on the flow.
pub(super) fn named(formula: &Formula, facts: &Facts<'_>) -> Vec<(usize, String)> {
    let scenario = facts.scenario;
    let parameters = scenario.parameters_behind(&formula.expr);
    let place = |name: &str| scenario.parameters.iter().position(|p| p.name == name);
    parameters
        .into_iter()
        .filter_map(|parameter| {
            let index = place(&parameter.name)?;
            let value = facts.parameter(index).ok()?;
            Some((index, scenario.shown(parameter, &value)))
        })
        .collect()
}

/// Measures of the importer that fit the goods, are not on the worksheet, and why.
fn near_misses(scenario: &Scenario, flow: &Flow, sheet: &Worksheet, facts: &Facts<'_>) -> Vec<NearMiss> {
    let on_sheet = |place: usize| sheet.charges.iter().any(|charge| charge.measure == place);
    let misses = |measure: &Measure| {
        let mut misses = Vec::new();
        if measure.reach.products.longest_match(flow.product, flow.date).is_none() {
            let too_short = measure.reach.products.fit(flow.product, flow.date).is_split;
            misses.push(if too_short { Miss::TooShort } else { Miss::Goods });
        }
        let charged_by = measure.reach.importer.unwrap_or(flow.importer.value);
        if !measure.reach.origins.contains(flow.origin.value, charged_by) {
            misses.push(Miss::Origin);
        }
        let window = measure.in_force();
        match (window.from, window.until, measure.step_on(flow.date)) {
            (Some(from), _, None) if flow.date < from => misses.push(Miss::NotYet(from)),
            (_, Some(until), None) => misses.push(Miss::Ended(until)),
            (_, _, Some(step)) if misses.is_empty() => {
                if let Some(Rate::File(table)) = &measure.steps[step].rate {
                    let found = table.find(Some(flow.product), Some(flow.origin.value), flow.date);
                    if found.is_none() && table.default.is_none() {
                        misses.push(if table.splits(flow.product) { Miss::TooShort } else { Miss::NoRow });
                    }
                }
                let when = measure.steps[step].when.as_ref();
                if let Some(when) = when.filter(|when| condition(&when.expr, facts) == Ok(false)) {
                    misses.push(Miss::Condition(when.text.clone()));
                }
            }
            _ => {}
        }
        misses
    };
    scenario
        .measures
        .iter()
        .enumerate()
        .filter(|(place, measure)| {
            let fits = measure.reach.products.ever_matches(flow.product)
                || measure.reach.products.fit(flow.product, flow.date).is_split;
            fits && measure.charged_by(flow.importer.value).is_some() && !on_sheet(*place)
        })
        .map(|(place, measure)| NearMiss { measure: place, misses: misses(measure) })
        .filter(|near| !near.misses.is_empty())
        .collect()
}

impl Miss {
    /// Why, as the end of a sentence that starts with the measure.
    pub fn text(&self, flow: &Flow) -> String {
        match self {
            Miss::TooShort => format!("names goods under {}: the code is too short to tell", flow.product),
            Miss::Goods => "covers the goods at another time".to_owned(),
            Miss::NoRow => "has no row for the goods in its rate file".to_owned(),
            Miss::Origin => format!("does not cover goods from {}", flow.origin.text),
            Miss::NotYet(from) => format!("starts on {from}"),
            Miss::Ended(until) => format!("ended on {until}"),
            Miss::Condition(text) => format!("asks for `{text}`, which does not hold"),
        }
    }
}
