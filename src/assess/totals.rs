//! Totals over worksheets, and the same by product, origin, measure or any column.

use super::worksheet::Worksheet;
use crate::country::Country;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, list, nearest};
use crate::money::{self, ArithmeticError, CHARGE_PLACES};
use crate::product::Product;
use crate::scenario::{Collector, Measure, MeasureType, Scenario};
use crate::trade::{Columns, Flow, Flows, VALUE_PLACES};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, HashMap};

/// A number of flows and their customs value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// How many.
    pub flows: usize,
    /// Their customs value.
    pub value: Decimal,
}

impl Part {
    fn add(&mut self, flows: usize, value: Decimal) -> Result<(), ArithmeticError> {
        self.flows = self.flows.saturating_add(flows);
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
    let mut tally = Tally::new(scenario);
    for (flow, sheet) in flows.rows.iter().zip(sheets) {
        tally.add(1, sheet)?;
        tally.add_to_line(flow, sheet)?;
    }
    tally.finish(MeanRate::default())
}

/// Totals that are being added up.
pub(super) struct Tally<'a> {
    scenario: &'a Scenario,
    totals: Totals,
    /// Value and duty of (product, origin, importer) lines.
    lines: HashMap<(Product, Country, Country), (Decimal, Decimal)>,
}

impl<'a> Tally<'a> {
    /// Nothing yet.
    pub fn new(scenario: &'a Scenario) -> Self {
        let totals = Totals {
            by_measure: vec![Decimal::ZERO; scenario.measures.len()],
            by_credit: vec![Decimal::ZERO; scenario.credits.len()],
            ..Totals::default()
        };
        Tally { scenario, totals, lines: HashMap::new() }
    }

    /// Adds a worksheet: of one flow, or of several taken together.
    pub fn add(&mut self, flows: usize, sheet: &Worksheet) -> Result<(), ArithmeticError> {
        let totals = &mut self.totals;
        let value = sheet.customs_value;
        if !sheet.computable() {
            return totals.not_computable.add(flows, value);
        }
        totals.computable.add(flows, value)?;
        totals.duty = money::add(totals.duty, sheet.duty)?;
        totals.landed_cost = money::add(totals.landed_cost, sheet.landed_cost)?;
        for charge in &sheet.charges {
            let sum = &mut totals.by_measure[charge.measure];
            *sum = money::add(*sum, charge.amount)?;
            totals.landed.add(self.scenario.measures[charge.measure].kind, charge.amount)?;
        }
        for credit in &sheet.credits {
            let sum = &mut totals.by_credit[credit.credit];
            *sum = money::add(*sum, credit.amount)?;
            totals.landed.duty = money::sub(totals.landed.duty, credit.amount)?;
        }
        let freight = &mut totals.landed.freight_and_insurance;
        *freight = money::add(*freight, sheet.left_out)?;
        if !sheet.base_stated {
            totals.base_not_stated.add(flows, value)?;
        }
        if sheet.untouched() {
            totals.untouched.add(flows, value)?;
        }
        if sheet.partly_covered {
            totals.partly_covered.add(flows, value)?;
        }
        Ok(())
    }

    /// Adds a flow to its (product, origin, importer) line.
    pub fn add_to_line(&mut self, flow: &Flow, sheet: &Worksheet) -> Result<(), ArithmeticError> {
        if sheet.computable() {
            let key = (flow.product, flow.origin.value, flow.importer.value);
            let line = self.lines.entry(key).or_default();
            *line = (money::add(line.0, sheet.customs_value)?, money::add(line.1, sheet.duty)?);
        }
        Ok(())
    }

    /// Whether no line is known.
    pub fn has_no_line(&self) -> bool {
        self.lines.is_empty()
    }

    /// Adds flows of a line of which some are known; `false` where none is.
    pub fn add_to_known_line(
        &mut self,
        line: (Product, Country, Country),
        value: Decimal,
        duty: Decimal,
    ) -> Result<bool, ArithmeticError> {
        let Some(known) = self.lines.get_mut(&line) else { return Ok(false) };
        *known = (money::add(known.0, value)?, money::add(known.1, duty)?);
        Ok(true)
    }

    /// Adds what was added up elsewhere.
    pub fn join(&mut self, other: Tally<'_>) -> Result<(), ArithmeticError> {
        #[expect(clippy::iter_over_hash_type, reason = "exact sums do not depend on the order")]
        for (line, (value, duty)) in other.lines {
            let known = self.lines.entry(line).or_default();
            *known = (money::add(known.0, value)?, money::add(known.1, duty)?);
        }
        let (totals, other) = (&mut self.totals, other.totals);
        let parts = [
            (&mut totals.computable, other.computable),
            (&mut totals.not_computable, other.not_computable),
            (&mut totals.base_not_stated, other.base_not_stated),
            (&mut totals.untouched, other.untouched),
            (&mut totals.partly_covered, other.partly_covered),
        ];
        for (part, other) in parts {
            part.add(other.flows, other.value)?;
        }
        let landed = &mut totals.landed;
        let sums = [
            (&mut totals.duty, other.duty),
            (&mut totals.landed_cost, other.landed_cost),
            (&mut landed.freight_and_insurance, other.landed.freight_and_insurance),
            (&mut landed.duty, other.landed.duty),
            (&mut landed.fees, other.landed.fees),
            (&mut landed.taxes, other.landed.taxes),
            (&mut landed.export_duties, other.landed.export_duties),
            (&mut landed.subsidies, other.landed.subsidies),
            (&mut landed.non_tariff, other.landed.non_tariff),
        ];
        let by_measure = totals.by_measure.iter_mut().zip(other.by_measure);
        let by_credit = totals.by_credit.iter_mut().zip(other.by_credit);
        for (sum, other) in sums.into_iter().chain(by_measure).chain(by_credit) {
            *sum = money::add(*sum, other)?;
        }
        Ok(())
    }

    /// The totals, with the rates that come of them; `mean` holds the rates of lines that were added up elsewhere.
    pub fn finish(self, mut mean: MeanRate) -> Result<Totals, ArithmeticError> {
        // A sum of whole numbers is the same in any order.
        #[expect(clippy::iter_over_hash_type, reason = "exact sums do not depend on the order")]
        for (value, duty) in self.lines.values() {
            mean.add(*value, *duty)?;
        }
        let mut totals = self.totals;
        let levies = totals.landed.levies().into_iter().map(|(_, amount)| amount);
        totals.charges = money::sum(levies.chain([totals.duty]))?;
        totals.effective_rate = money::div(totals.duty, totals.computable.value).ok();
        totals.simple_mean_rate = mean.finish();
        Ok(totals)
    }
}

/// Places the rate of a line is taken to in the mean.
const RATE_PLACES: u32 = 28;

/// The mean of the effective rates of lines, each to 1e-28, added up exactly.
#[derive(Default)]
pub(super) struct MeanRate {
    sum: i128,
    lines: i128,
}

impl MeanRate {
    /// Adds a line; one without a value has no rate.
    pub fn add(&mut self, value: Decimal, duty: Decimal) -> Result<(), ArithmeticError> {
        let whole = whole(value, VALUE_PLACES).zip(whole(duty, CHARGE_PLACES));
        if let Some((value, duty)) = whole.filter(|(value, _)| *value > 0)
            && let Some(rate) = quotient(duty, value)
        {
            return self.add_whole(1, rate);
        }
        let Ok(rate) = money::div(duty, value) else { return Ok(()) };
        self.add_many(1, rate)
    }

    /// Adds a line of a value in 1e-4 and a duty in 1e-10.
    pub fn add_line(&mut self, value: i128, duty: i128) -> Result<(), ArithmeticError> {
        match quotient(duty, value) {
            Some(rate) => self.add_whole(1, rate),
            None => self.add(from_whole(value, VALUE_PLACES)?, from_whole(duty, CHARGE_PLACES)?),
        }
    }

    /// Adds so many lines of one rate.
    pub fn add_many(&mut self, lines: i128, rate: Decimal) -> Result<(), ArithmeticError> {
        let rate = whole(rate, RATE_PLACES).ok_or(ArithmeticError::Overflow)?;
        self.add_whole(lines, rate)
    }

    fn add_whole(&mut self, lines: i128, rate: i128) -> Result<(), ArithmeticError> {
        let sum = rate.checked_mul(lines).and_then(|rates| self.sum.checked_add(rates));
        self.sum = sum.ok_or(ArithmeticError::Overflow)?;
        self.lines = self.lines.saturating_add(lines);
        Ok(())
    }

    /// The mean; `None` where no line has a rate.
    pub fn finish(self) -> Option<Decimal> {
        let mean = half_up(self.sum, self.lines)?;
        // A mean of eight or more has no room for all of its places.
        (0..=RATE_PLACES).find_map(|dropped| {
            let kept = half_up(mean, 10_i128.checked_pow(dropped)?)?;
            Decimal::try_from_i128_with_scale(kept, RATE_PLACES - dropped).ok().map(|mean| mean.normalize())
        })
    }
}

/// A rate in 1e-28: a duty in 1e-10 by a value in 1e-4, to the nearest. `None` where a step has too many digits.
fn quotient(duty: i128, value: i128) -> Option<i128> {
    const FIRST: i128 = 10_i128.pow(RATE_PLACES - 10 - CHARGE_PLACES + VALUE_PLACES);
    const REST: i128 = 10_i128.pow(10);
    let scaled = duty.checked_mul(FIRST)?;
    let (first, rest) = (scaled.checked_div(value)?, scaled.checked_rem(value)?);
    first.checked_mul(REST)?.checked_add(half_up(rest.checked_mul(REST)?, value)?)
}

/// An amount as a whole number of units of so many decimal places; `None` where it has more.
fn whole(amount: Decimal, places: u32) -> Option<i128> {
    let (number, scale) = (amount.mantissa(), amount.scale());
    if let Some(up) = places.checked_sub(scale) {
        return number.checked_mul(10_i128.checked_pow(up)?);
    }
    let down = 10_i128.checked_pow(scale - places)?;
    if number.checked_rem(down)? == 0 { number.checked_div(down) } else { None }
}

/// A whole number of units of so many decimal places as an amount.
pub(super) fn from_whole(whole: i128, places: u32) -> Result<Decimal, ArithmeticError> {
    let (mut whole, mut places) = (whole, places);
    while places > 0 && whole % 10 == 0 {
        whole /= 10;
        places -= 1;
    }
    Decimal::try_from_i128_with_scale(whole, places).map_err(|_| ArithmeticError::Overflow)
}

/// A whole number divided by one above zero, to the nearest; a half goes away from zero.
fn half_up(number: i128, by: i128) -> Option<i128> {
    let (whole, rest) = (number.checked_div(by)?, number.checked_rem(by)?);
    let up = rest.checked_abs()? >= by.checked_sub(rest.checked_abs()?)?;
    if up { whole.checked_add(number.signum()) } else { Some(whole) }
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
pub fn parse_by(name: &str, columns: &Columns) -> Result<By, Box<Diagnostic>> {
    if let Some((_, by)) = NAMES.iter().find(|(n, _)| *n == name) {
        return Ok(by.clone());
    }
    let columns = &columns.attributes;
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
    let mut grouping = Grouping::new(scenario, by);
    for (at, (flow, sheet)) in flows.rows.iter().zip(sheets).enumerate() {
        grouping.add(|| key(scenario, flow, at, by), 1, sheet)?;
    }
    Ok(grouping.finish())
}

/// Where a group stands, and what it is called.
pub(super) type GroupKey = (usize, String);

/// Groups that are being added up.
pub(super) struct Grouping<'a> {
    scenario: &'a Scenario,
    by: By,
    /// The group of each measure.
    measures: Vec<GroupKey>,
    groups: BTreeMap<GroupKey, Group>,
}

impl<'a> Grouping<'a> {
    /// Nothing yet.
    pub fn new(scenario: &'a Scenario, by: &By) -> Self {
        let measures = measure_keys(scenario, by);
        Grouping { scenario, by: by.clone(), measures, groups: BTreeMap::new() }
    }

    /// Adds the worksheet of a flow, or of several of one key taken together.
    pub fn add(
        &mut self,
        key: impl FnOnce() -> GroupKey,
        flows: usize,
        sheet: &Worksheet,
    ) -> Result<(), ArithmeticError> {
        match self.by {
            By::Quota | By::Credit => Ok(()),
            By::Measure | By::Programme => self.add_charges(flows, sheet),
            _ => self.add_to(key(), flows, sheet.customs_value, sheet.computable().then_some(sheet.duty)),
        }
    }

    /// Adds flows to the group of their key; those without a duty are not computable.
    pub fn add_to(
        &mut self,
        key: GroupKey,
        flows: usize,
        value: Decimal,
        duty: Option<Decimal>,
    ) -> Result<(), ArithmeticError> {
        let group = group(&mut self.groups, key);
        let Some(duty) = duty else { return group.not_computable.add(flows, value) };
        group.duty = money::add(group.duty, duty)?;
        group.computable.add(flows, value)
    }

    fn add_charges(&mut self, flows: usize, sheet: &Worksheet) -> Result<(), ArithmeticError> {
        for charge in &sheet.charges {
            let group = group(&mut self.groups, self.measures[charge.measure].clone());
            group.computable.add(flows, charge.base)?;
            group.duty = money::add(group.duty, charge.amount)?;
        }
        for credit in &sheet.credits {
            let id = &self.scenario.credits[credit.credit].ledger.id;
            let key = (self.scenario.measures.len() + credit.credit, id.clone());
            let group = group(&mut self.groups, key);
            group.computable.add(flows, Decimal::ZERO)?;
            group.duty = money::sub(group.duty, credit.amount)?;
        }
        Ok(())
    }

    /// Adds what was added up elsewhere.
    pub fn join(&mut self, other: Grouping<'_>) -> Result<(), ArithmeticError> {
        for (key, other) in other.groups {
            let group = group(&mut self.groups, key);
            group.duty = money::add(group.duty, other.duty)?;
            group.computable.add(other.computable.flows, other.computable.value)?;
            group.not_computable.add(other.not_computable.flows, other.not_computable.value)?;
        }
        Ok(())
    }

    /// The groups, with their rates.
    pub fn finish(self) -> Vec<Group> {
        let rated = |mut group: Group| {
            group.effective_rate = money::div(group.duty, group.computable.value).ok();
            group
        };
        self.groups.into_values().map(rated).collect()
    }
}

fn group(groups: &mut BTreeMap<GroupKey, Group>, key: GroupKey) -> &mut Group {
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
fn measure_keys(scenario: &Scenario, by: &By) -> Vec<GroupKey> {
    let key = |(place, measure): (usize, &Measure)| match (&measure.programme, by) {
        (Some(programme), By::Programme) => {
            let first = scenario.measures.iter().position(|m| m.programme.as_ref() == Some(programme));
            (first.unwrap_or(place), programme.clone())
        }
        _ => (place, measure.id.clone()),
    };
    scenario.measures.iter().enumerate().map(key).collect()
}

/// The group of a flow, by its place among the flows.
pub(super) fn key(scenario: &Scenario, flow: &Flow, at: usize, by: &By) -> GroupKey {
    let plain = |text: String| (0, text);
    match by {
        By::Flow | By::Measure | By::Programme | By::Quota | By::Credit => (at, flow.id.clone()),
        By::Product | By::Heading | By::Chapter | By::Group => {
            goods_key(scenario, flow.product, flow.date, by)
        }
        By::Origin => plain(flow.origin.text.clone()),
        By::Importer => plain(flow.importer.text.clone()),
        By::Date => plain(flow.date.to_string()),
        By::Party => text_key(flow.party.as_deref()),
        By::Attribute(column) => text_key(flow.attributes.get(*column).and_then(|cell| cell.as_deref())),
    }
}

/// The group of a text that flows may lack.
pub(super) fn text_key(text: Option<&str>) -> GroupKey {
    (0, text.unwrap_or(NO_KEY).to_owned())
}

/// The group of goods that enter on a day, where they are grouped by what they are.
pub(super) fn goods_key(scenario: &Scenario, product: Product, day: Date, by: &By) -> GroupKey {
    let prefix = |digits| (0, product.prefix(digits).to_string());
    match by {
        By::Heading => prefix(4),
        By::Chapter => prefix(2),
        By::Group => {
            // The first in the file that holds them.
            match scenario.products.iter().position(|group| group.set.contains(product, day)) {
                Some(group) => (group, scenario.products[group].name.clone()),
                None => (usize::MAX, OTHER_GOODS.to_owned()),
            }
        }
        _ => prefix(crate::product::MOST_DIGITS),
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
