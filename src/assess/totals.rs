//! Totals over worksheets, and the same by product, origin, measure or any column.

use super::worksheet::Worksheet;
use crate::diagnostic::{Code, Diagnostic, list, nearest};
use crate::money::{self, ArithmeticError};
use crate::scenario::{Collector, Measure, MeasureType, Scenario};
use crate::trade::{Flow, Flows};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A number of flows and their customs value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// How many.
    pub flows: usize,
    /// Their customs value.
    pub value: Decimal,
}

impl Part {
    fn add(&mut self, value: Decimal) -> Result<(), ArithmeticError> {
        self.flows += 1;
        self.value = money::add(self.value, value)?;
        Ok(())
    }
}

/// Sums over flows. What is not computable is in none of them but its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    /// Flows with a duty, and their customs value, untouched ones included.
    pub computable: Part,
    /// Sum of duties.
    pub duty: Decimal,
    /// Duty by value; `None` where the value is zero.
    pub effective_rate: Option<Decimal>,
    /// Mean of the effective rates of distinct (product, origin, importer) lines with a value.
    pub simple_mean_rate: Option<Decimal>,
    /// Sum of landed costs.
    pub landed_cost: Decimal,
    /// Sum of all charges, less credits.
    pub charges: Decimal,
    /// What landed cost is made of beside the customs value.
    pub landed: Landed,
    /// Flows without a duty to state.
    pub not_computable: Part,
    /// Flows whose base duty no measure states; it is counted as nothing.
    pub base_not_stated: Part,
    /// Flows for which no measure is in force.
    pub untouched: Part,
    /// Flows whose code is too short to tell whether some measure covers all of it.
    pub partly_covered: Part,
    /// Charges by measure, in the order of the scenario. Less what credits pay, those of duties sum exactly to `duty`.
    pub by_measure: Vec<Decimal>,
    /// What each credit paid, in the order of the scenario.
    pub by_credit: Vec<Decimal>,
}

/// What landed cost is made of beside the customs value, and who collects it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Landed {
    /// Freight and insurance that the customs value leaves out.
    pub freight_and_insurance: Decimal,
    /// Duties, less credits.
    pub duty: Decimal,
    /// Fees.
    pub fees: Decimal,
    /// Taxes.
    pub taxes: Decimal,
    /// Export duties.
    pub export_duties: Decimal,
    /// Subsidies, below zero.
    pub subsidies: Decimal,
    /// Non-tariff costs.
    pub non_tariff: Decimal,
}

impl Landed {
    /// The parts beside duty, with the types of their measures.
    pub fn levies(&self) -> [(MeasureType, Decimal); 5] {
        [
            (MeasureType::Fee, self.fees),
            (MeasureType::Tax, self.taxes),
            (MeasureType::ExportDuty, self.export_duties),
            (MeasureType::Subsidy, self.subsidies),
            (MeasureType::NonTariff, self.non_tariff),
        ]
    }

    /// What a collector takes in charges.
    pub fn collected(&self, by: Collector) -> Result<Decimal, ArithmeticError> {
        let duty = if by == Collector::Importer { self.duty } else { Decimal::ZERO };
        let levies = self.levies().into_iter().filter(|(kind, _)| kind.collector() == by);
        money::sum(levies.map(|(_, amount)| amount).chain([duty]))
    }

    fn add(&mut self, kind: MeasureType, amount: Decimal) -> Result<(), ArithmeticError> {
        let part = match kind {
            MeasureType::Fee => &mut self.fees,
            MeasureType::Tax => &mut self.taxes,
            MeasureType::ExportDuty => &mut self.export_duties,
            MeasureType::Subsidy => &mut self.subsidies,
            MeasureType::NonTariff => &mut self.non_tariff,
            _ => &mut self.duty,
        };
        *part = money::add(*part, amount)?;
        Ok(())
    }
}

/// Adds worksheets up.
pub fn totals(scenario: &Scenario, flows: &Flows, sheets: &[Worksheet]) -> Result<Totals, ArithmeticError> {
    let mut totals = Totals {
        by_measure: vec![Decimal::ZERO; scenario.measures.len()],
        by_credit: vec![Decimal::ZERO; scenario.credits.len()],
        ..Totals::default()
    };
    let mut lines: BTreeMap<_, (Decimal, Decimal)> = BTreeMap::new();
    for (flow, sheet) in flows.rows.iter().zip(sheets) {
        let value = sheet.customs_value;
        if !sheet.computable() {
            totals.not_computable.add(value)?;
            continue;
        }
        totals.computable.add(value)?;
        totals.duty = money::add(totals.duty, sheet.duty)?;
        totals.landed_cost = money::add(totals.landed_cost, sheet.landed_cost)?;
        for charge in &sheet.charges {
            let sum = &mut totals.by_measure[charge.measure];
            *sum = money::add(*sum, charge.amount)?;
            totals.landed.add(scenario.measures[charge.measure].kind, charge.amount)?;
        }
        for credit in &sheet.credits {
            let sum = &mut totals.by_credit[credit.credit];
            *sum = money::add(*sum, credit.amount)?;
            totals.landed.duty = money::sub(totals.landed.duty, credit.amount)?;
        }
        let freight = &mut totals.landed.freight_and_insurance;
        *freight = money::add(*freight, sheet.left_out)?;
        if !sheet.base_stated {
            totals.base_not_stated.add(value)?;
        }
        if sheet.untouched() {
            totals.untouched.add(value)?;
        }
        if sheet.partly_covered {
            totals.partly_covered.add(value)?;
        }
        let line = lines.entry((flow.product, flow.origin.value, flow.importer.value)).or_default();
        *line = (money::add(line.0, value)?, money::add(line.1, sheet.duty)?);
    }
    let levies = totals.landed.levies().into_iter().map(|(_, amount)| amount);
    totals.charges = money::sum(levies.chain([totals.duty]))?;
    totals.effective_rate = money::div(totals.duty, totals.computable.value).ok();
    let rates: Vec<Decimal> =
        lines.values().filter_map(|(value, duty)| money::div(*duty, *value).ok()).collect();
    let sum = money::sum(rates.iter().copied())?;
    totals.simple_mean_rate = money::div(sum, Decimal::from(rates.len())).ok();
    Ok(totals)
}

/// What flows are grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// Each flow by itself.
    Flow,
    /// The whole product code.
    Product,
    /// Its first four digits.
    Heading,
    /// Its first two digits.
    Chapter,
    /// The scenario's group of products.
    Group,
    /// Country of origin.
    Origin,
    /// Importer.
    Importer,
    /// Entry date.
    Date,
    /// Maker or trader.
    Party,
    /// Measure; each flow counts for every measure on its worksheet.
    Measure,
    /// Programme of measures.
    Programme,
    /// The statements of quotas instead of flows.
    Quota,
    /// The statements of credits instead of flows.
    Credit,
    /// A free column, by its place.
    Attribute(usize),
}

const NAMES: [(&str, By); 13] = [
    ("flow", By::Flow),
    ("product", By::Product),
    ("heading", By::Heading),
    ("chapter", By::Chapter),
    ("group", By::Group),
    ("origin", By::Origin),
    ("importer", By::Importer),
    ("date", By::Date),
    ("party", By::Party),
    ("measure", By::Measure),
    ("programme", By::Programme),
    ("quota", By::Quota),
    ("credit", By::Credit),
];

/// What a name on the command line groups by: a standard name or a column of the flows.
pub fn parse_by(name: &str, flows: &Flows) -> Result<By, Box<Diagnostic>> {
    if let Some((_, by)) = NAMES.iter().find(|(n, _)| *n == name) {
        return Ok(by.clone());
    }
    let columns = &flows.columns.attributes;
    let column = name.strip_prefix("attr.").unwrap_or(name);
    if let Some(at) = columns.iter().position(|c| c == column) {
        return Ok(By::Attribute(at));
    }
    let known: Vec<&str> = NAMES.iter().map(|(n, _)| *n).chain(columns.iter().map(String::as_str)).collect();
    let diagnostic = Diagnostic::new(Code::UnknownColumn, format!("flows cannot be grouped by `{name}`"));
    Err(Box::new(match nearest(name, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("group by {}", list(&known))),
    }))
}

/// Flows with one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they share.
    pub key: String,
    /// How many have a duty, and their customs value; for a measure the flows it is on and the value it charges.
    pub computable: Part,
    /// Sum of duties; for a measure, of its charges; for a credit, of what it paid, below zero.
    pub duty: Decimal,
    /// Duty by value.
    pub effective_rate: Option<Decimal>,
    /// Flows without a duty to state.
    pub not_computable: Part,
}

/// The name under which flows in no group are shown.
const OTHER_GOODS: &str = "other goods";
/// The name under which flows without a value in the column are shown.
const NO_KEY: &str = "(none)";

/// Groups of flows, by rising key; groups of products and measures in the order of the scenario.
pub fn groups(
    scenario: &Scenario,
    flows: &Flows,
    sheets: &[Worksheet],
    by: &By,
) -> Result<Vec<Group>, ArithmeticError> {
    let mut groups: BTreeMap<(usize, String), Group> = BTreeMap::new();
    let keys = measure_keys(scenario, by);
    for (at, (flow, sheet)) in flows.rows.iter().zip(sheets).enumerate() {
        match by {
            By::Quota | By::Credit => {}
            By::Measure | By::Programme => {
                add_charges(&mut groups, &keys, sheet)?;
                for credit in &sheet.credits {
                    let id = &scenario.credits[credit.credit].ledger.id;
                    let group = group(&mut groups, (scenario.measures.len() + credit.credit, id.clone()));
                    group.computable.add(Decimal::ZERO)?;
                    group.duty = money::sub(group.duty, credit.amount)?;
                }
            }
            _ => {
                let key = key(scenario, flow, at, by);
                let group = group(&mut groups, key);
                if sheet.computable() {
                    group.computable.add(sheet.customs_value)?;
                    group.duty = money::add(group.duty, sheet.duty)?;
                } else {
                    group.not_computable.add(sheet.customs_value)?;
                }
            }
        }
    }
    Ok(groups
        .into_values()
        .map(|mut group| {
            group.effective_rate = money::div(group.duty, group.computable.value).ok();
            group
        })
        .collect())
}

fn group(groups: &mut BTreeMap<(usize, String), Group>, key: (usize, String)) -> &mut Group {
    let name = key.1.clone();
    groups.entry(key).or_insert_with(|| Group {
        key: name,
        computable: Part::default(),
        duty: Decimal::ZERO,
        effective_rate: None,
        not_computable: Part::default(),
    })
}

/// The group of each measure: itself, or the programme it shares with others, in the place of its first measure.
fn measure_keys(scenario: &Scenario, by: &By) -> Vec<(usize, String)> {
    let key = |(place, measure): (usize, &Measure)| match (&measure.programme, by) {
        (Some(programme), By::Programme) => {
            let first = scenario.measures.iter().position(|m| m.programme.as_ref() == Some(programme));
            (first.unwrap_or(place), programme.clone())
        }
        _ => (place, measure.id.clone()),
    };
    scenario.measures.iter().enumerate().map(key).collect()
}

fn add_charges(
    groups: &mut BTreeMap<(usize, String), Group>,
    keys: &[(usize, String)],
    sheet: &Worksheet,
) -> Result<(), ArithmeticError> {
    for charge in &sheet.charges {
        let key = keys[charge.measure].clone();
        let group = group(groups, key);
        group.computable.add(charge.base)?;
        group.duty = money::add(group.duty, charge.amount)?;
    }
    Ok(())
}

fn key(scenario: &Scenario, flow: &Flow, at: usize, by: &By) -> (usize, String) {
    let plain = |text: String| (0, text);
    match by {
        By::Flow | By::Measure | By::Programme | By::Quota | By::Credit => (at, flow.id.clone()),
        By::Product => plain(flow.product.to_string()),
        By::Heading => plain(flow.product.prefix(4).to_string()),
        By::Chapter => plain(flow.product.prefix(2).to_string()),
        By::Group => match goods_group(scenario, flow) {
            Some(group) => (group, scenario.products[group].name.clone()),
            None => (usize::MAX, OTHER_GOODS.to_owned()),
        },
        By::Origin => plain(flow.origin.text.clone()),
        By::Importer => plain(flow.importer.text.clone()),
        By::Date => plain(flow.date.to_string()),
        By::Party => plain(flow.party.clone().unwrap_or_else(|| NO_KEY.to_owned())),
        By::Attribute(column) => {
            let cell = flow.attributes.get(*column).cloned().flatten();
            plain(cell.unwrap_or_else(|| NO_KEY.to_owned()))
        }
    }
}

/// The key of each flow under a grouping; `None` where the grouping is not of flows but of measures, quotas or credits.
pub fn keys(scenario: &Scenario, flows: &Flows, by: &By) -> Option<Vec<String>> {
    if matches!(by, By::Measure | By::Programme | By::Quota | By::Credit) {
        return None;
    }
    let rows = flows.rows.iter().enumerate();
    Some(rows.map(|(at, flow)| key(scenario, flow, at, by).1).collect())
}

/// The group of products a flow belongs to: the first in the file that holds it.
fn goods_group(scenario: &Scenario, flow: &Flow) -> Option<usize> {
    scenario.products.iter().position(|group| group.set.contains(flow.product, flow.date))
}
