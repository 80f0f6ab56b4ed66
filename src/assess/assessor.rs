//! Takes a flow from its customs value to its worksheet. What was worked out for a product, origin, importer and
//! interval is kept for the next flow of them.

use super::charge::{Charging, Line, Portioned};
use super::credit::{self, Liability, Pending};
use super::facts::Facts;
use super::ledger::Books;
use super::merge::{Merged, charges};
use super::plan::{Cell, Interval, Plan};
use super::portion;
use super::stop::Stop;
use super::tie_diagnostic;
use super::worksheet::{Charge, Portion, Status, Worksheet};
use crate::country::Country;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::money;
use crate::product::Product;
use crate::scenario::{Basis, MeasureType, Scenario, Take};
use crate::trade::{Columns, Flow};
use rust_decimal::Decimal;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// What a cell is looked up by.
type CellKey = (Product, Country, Country, usize);

/// A cell, and for a fixed one what each member charges on one unit of value.
pub(super) struct Prepared {
    cell: Cell,
    interval: Arc<Interval>,
    /// What each charge is on one unit of value, in the order of the scenario.
    fixed: Option<Vec<Charge>>,
}

/// Assesses flows one by one.
pub(super) struct Assessor<'a> {
    plan: &'a Plan,
    columns: &'a Columns,
    series: Vec<Take>,
    intervals: HashMap<usize, Arc<Interval>>,
    cells: HashMap<CellKey, Arc<Prepared>>,
}

/// A flow whose trade is divided by what it claims, and not charged yet.
pub(super) struct Open<'a> {
    pub flow: &'a Flow,
    pub sheet: Worksheet,
    scenario: &'a Scenario,
    columns: &'a Columns,
    /// `None` where nothing is left to do.
    prepared: Option<Arc<Prepared>>,
    /// Why there is no duty to state.
    stop: Option<Stop>,
}

/// By portion, one line a member of the cell; and what is to be drawn from credits.
type Charged = (Vec<Vec<Option<Line>>>, Vec<Pending>);

/// A flow charged.
pub(super) struct Closed {
    pub sheet: Worksheet,
    /// By portion, one a member of its cell; empty where nothing divides or stops it.
    pub lines: Vec<Vec<Option<Line>>>,
}

impl Open<'_> {
    /// The flow as expressions see it, unless nothing is left to do.
    pub fn facts(&self) -> Option<Facts<'_>> {
        let prepared = self.prepared.as_ref().filter(|_| self.stop.is_none())?;
        Some(Facts {
            scenario: self.scenario,
            interval: &prepared.interval,
            cell: &prepared.cell,
            columns: self.columns,
            flow: self.flow,
            customs_value: self.sheet.customs_value,
            claims: None,
            known: RefCell::default(),
        })
    }

    /// Nothing is left to do: there is no duty to state.
    pub fn stop(&mut self, stop: Stop) {
        self.stop.get_or_insert(stop);
    }
}

impl<'a> Assessor<'a> {
    /// Ready for flows with the given columns.
    pub fn new(plan: &'a Plan, columns: &'a Columns) -> Self {
        let series = plan.scenario().series.iter().map(|s| s.take).collect();
        Assessor { plan, columns, series, intervals: HashMap::new(), cells: HashMap::new() }
    }

    /// Takes a flow up to where quotas are admitted. An error says that two base duties tie.
    pub fn open<'f>(&mut self, flow: &'f Flow) -> Result<Open<'f>, Box<Diagnostic>>
    where
        'a: 'f,
    {
        let scenario = self.plan.scenario();
        let columns = self.columns;
        let open = |sheet, prepared, stop| Open { flow, sheet, scenario, columns, prepared, stop };
        let mut sheet = match valued(scenario, flow) {
            Ok(sheet) => sheet,
            Err(reason) => return Ok(open(empty(flow.value), None, Some(Stop::NotComputable(reason)))),
        };
        let prepared = match self.prepared(flow) {
            Ok(prepared) => prepared,
            Err(Stop::Tie(a, b)) => return Err(Box::new(tie_diagnostic(scenario, flow, a, b))),
            Err(stop) => return Ok(open(sheet, None, Some(stop))),
        };
        sheet.partly_covered = prepared.cell.partly_covered;
        let mut open = open(sheet, Some(prepared), None);
        let divided = open.facts().filter(|facts| !facts.cell.fixed).map(|facts| portion::portions(&facts));
        match divided {
            Some(Ok(portions)) => open.sheet.portions = portions,
            Some(Err(stop)) => open.stop(stop),
            None => {}
        }
        Ok(open)
    }

    /// Charges a flow.
    pub fn close(&self, mut open: Open<'_>, books: &mut Books<'_>) -> Result<Closed, Box<Diagnostic>> {
        let outcome = match open.stop.take() {
            Some(stop) => Err(stop),
            None => self.charge(&mut open, books),
        };
        let scenario = self.plan.scenario();
        let outcome = outcome.and_then(|(lines, pending)| {
            total(&mut open.sheet, scenario)?;
            credit::settle(books, open.flow.date, pending)?;
            Ok(lines)
        });
        match outcome {
            Ok(lines) => Ok(Closed { sheet: open.sheet, lines }),
            Err(Stop::NotComputable(reason)) => {
                Ok(Closed { sheet: not_computable(open.sheet, reason), lines: Vec::new() })
            }
            Err(Stop::Tie(a, b)) => Err(Box::new(tie_diagnostic(scenario, open.flow, a, b))),
        }
    }

    fn charge(&self, open: &mut Open<'_>, books: &mut Books<'_>) -> Result<Charged, Stop> {
        let Some(prepared) = open.prepared.clone() else { return Ok(Charged::default()) };
        match &prepared.fixed {
            Some(fixed) => self.fixed(&mut open.sheet, fixed).map(|()| Charged::default()),
            None => self.divided(open, books),
        }
    }

    fn prepared(&mut self, flow: &Flow) -> Result<Arc<Prepared>, Stop> {
        let number = self.plan.interval_of(flow.date);
        let key = (flow.product, flow.origin.value, flow.importer.value, number);
        if let Some(prepared) = self.cells.get(&key) {
            return Ok(Arc::clone(prepared));
        }
        let plan = self.plan;
        let interval =
            Arc::clone(self.intervals.entry(number).or_insert_with(|| Arc::new(plan.interval(number))));
        let cell = plan.cell(&interval, (flow.product, flow.origin.value, flow.importer.value), &|_| true);
        let fixed = if cell.fixed { Some(self.on_one_unit(&cell)?) } else { None };
        let prepared = Arc::new(Prepared { cell, interval, fixed });
        self.cells.insert(key, Arc::clone(&prepared));
        Ok(prepared)
    }

    /// The charges of a fixed cell on one unit of value, not yet quantised.
    fn on_one_unit(&self, cell: &Cell) -> Result<Vec<Charge>, Stop> {
        let whole = Portion { weight: Decimal::ONE, claims: Vec::new(), quotas: Vec::new() };
        let mut charging = Charging::new(self.portioned(cell, None, Decimal::ONE, &whole))?;
        charging.duties()?;
        charging.levies(Decimal::ZERO)?;
        charges(cell, charging.lines, Decimal::ONE)
    }

    /// The worksheet of one unit of value of goods, nothing in it quantised; `None` where it rests on more of a flow than
    /// that.
    pub fn unit(
        &self,
        cell: &Cell,
        interval: &Interval,
        (product, origin, importer): (Product, Country, Country),
        columns: &Columns,
        says_claims: bool,
    ) -> Option<Worksheet> {
        let scenario = self.plan.scenario();
        let mut sheet = empty(Decimal::ONE);
        sheet.partly_covered = cell.partly_covered;
        sheet.charges = if cell.fixed {
            self.on_one_unit(cell).ok()?
        } else if cell.is_settled(scenario, columns, says_claims) {
            let flow = Flow::unit(product, origin, importer, interval.start.unwrap_or(Date::MIN));
            let facts = Facts {
                scenario,
                interval,
                cell,
                columns,
                flow: &flow,
                customs_value: Decimal::ONE,
                claims: None,
                known: RefCell::default(),
            };
            self.on_one_unit_of(&facts).ok()?
        } else {
            return None;
        };
        total(&mut sheet, scenario).ok()?;
        Some(sheet)
    }

    /// The charges of a cell on one unit of value, by what its portions claim, not yet quantised.
    fn on_one_unit_of(&self, facts: &Facts<'_>) -> Result<Vec<Charge>, Stop> {
        let portions = portion::portions(facts)?;
        let mut lines = Vec::with_capacity(portions.len());
        for portion in &portions {
            let claiming = facts.claiming(&portion.claims);
            let mut one = Charging::new(self.portioned(facts.cell, Some(&claiming), Decimal::ONE, portion))?;
            one.duties()?;
            one.levies(Decimal::ZERO)?;
            lines.push((portion.weight, one.lines));
        }
        let mut charges = Vec::with_capacity(facts.cell.members.len());
        for (at, member) in facts.cell.members.iter().enumerate() {
            let parts = lines.iter().filter_map(|(weight, lines)| Some((*weight, lines[at].as_ref()?)));
            let Some(merged) = Merged::of(parts)? else { continue };
            let amount = merged.amount;
            charges.push(merged.charge(member, Decimal::ONE, amount)?);
        }
        charges.sort_by_key(|charge| charge.measure);
        Ok(charges)
    }

    fn portioned<'p, 'f>(
        &'p self,
        cell: &'p Cell,
        facts: Option<&'p Facts<'f>>,
        value: Decimal,
        portion: &'p Portion,
    ) -> Portioned<'p, 'f> {
        let scenario = self.plan.scenario();
        let (claims, quotas) = (portion.claims.as_slice(), portion.quotas.as_slice());
        Portioned { scenario, cell, series: &self.series, facts, value, claims, quotas }
    }

    /// Charges of a fixed cell: those on one unit times the value.
    fn fixed(&self, sheet: &mut Worksheet, fixed: &[Charge]) -> Result<(), Stop> {
        let value = sheet.customs_value;
        let times = |part: Decimal| match part {
            part if part.is_zero() => Ok(part),
            part if part == Decimal::ONE => Ok(value),
            part => money::mul(value, part),
        };
        let mut charges = Vec::with_capacity(fixed.len());
        for unit in fixed {
            let amount = self.rounded(times(unit.amount)?)?;
            let nothing = amount.is_zero() && unit.status == Status::Charged;
            let status = if nothing { Status::Zero } else { unit.status };
            charges.push(Charge { status, base: times(unit.base)?, amount, ..unit.clone() });
        }
        sheet.charges = charges;
        Ok(())
    }

    /// Charges of a flow whose cell rests on its own columns: each portion by itself, added up by weight; duties first,
    /// then what credits pay of them, then everything else.
    fn divided(&self, open: &mut Open<'_>, books: &mut Books<'_>) -> Result<Charged, Stop> {
        let Some(facts) = open.facts() else { return Ok(Charged::default()) };
        let (cell, value) = (facts.cell, open.sheet.customs_value);
        let portions = &open.sheet.portions;
        let claiming: Vec<Facts<'_>> = portions.iter().map(|p| facts.claiming(&p.claims)).collect();
        let mut charging = Vec::with_capacity(portions.len());
        for (facts, portion) in claiming.iter().zip(portions) {
            let mut one = Charging::new(self.portioned(cell, Some(facts), value, portion))?;
            one.duties()?;
            charging.push(one);
        }
        let weights: Vec<Decimal> = portions.iter().map(|portion| portion.weight).collect();
        let (mut liabilities, mut credits, mut pending) = (Vec::new(), Vec::new(), Vec::new());
        if !cell.credits.is_empty() {
            liabilities = self.liabilities(&charging, &weights)?;
            (credits, pending) = credit::reckon(books, &facts, open.flow.date, portions, &mut liabilities)?;
        }
        for (number, one) in charging.iter_mut().enumerate() {
            let paid = liabilities.iter().map(|liability| liability.paid_in(number, weights[number]));
            let paid = money::sum(paid.collect::<Result<Vec<_>, _>>()?)?;
            one.levies(money::sub(open.sheet.left_out, paid)?)?;
        }
        let lines: Vec<Vec<Option<Line>>> = charging.into_iter().map(|one| one.lines).collect();
        let mut charges = Vec::with_capacity(cell.members.len());
        for (at, member) in cell.members.iter().enumerate() {
            let parts =
                lines.iter().zip(&weights).filter_map(|(line, weight)| Some((*weight, line[at].as_ref()?)));
            let Some(merged) = Merged::of(parts)? else { continue };
            let amount = self.rounded(merged.amount)?;
            charges.push(merged.charge(member, value, amount)?);
        }
        charges.sort_by_key(|charge| charge.measure);
        drop(claiming);
        drop(facts);
        open.sheet.charges = charges;
        open.sheet.credits = credits;
        Ok((lines, pending))
    }

    /// What each member charges on the flow, for credits to pay.
    fn liabilities(
        &self,
        charging: &[Charging<'_, '_>],
        weights: &[Decimal],
    ) -> Result<Vec<Liability>, Stop> {
        let members = charging.first().map_or(0, |one| one.lines.len());
        let mut liabilities = Vec::with_capacity(members);
        for at in 0..members {
            let mut parts = Vec::with_capacity(charging.len());
            for (one, weight) in charging.iter().zip(weights) {
                let amount = one.lines[at].as_ref().map_or(Decimal::ZERO, |line| line.amount);
                parts.push(money::mul(amount, *weight)?);
            }
            let whole = self.rounded(money::sum(parts.iter().copied())?)?;
            liabilities.push(Liability::new(whole, parts));
        }
        Ok(liabilities)
    }

    /// A charge as it enters sums: as the scenario prescribes, else to 1e-10.
    fn rounded(&self, amount: Decimal) -> Result<Decimal, Stop> {
        Ok(match self.plan.scenario().rounding.charge {
            Some(rounding) => rounding.apply(amount)?,
            None => money::quantise(amount),
        })
    }
}

fn empty(customs_value: Decimal) -> Worksheet {
    Worksheet {
        customs_value,
        not_computable: None,
        charges: Vec::new(),
        credits: Vec::new(),
        duty: Decimal::ZERO,
        left_out: Decimal::ZERO,
        landed_cost: customs_value,
        portions: Vec::new(),
        base_stated: false,
        partly_covered: false,
    }
}

fn not_computable(mut sheet: Worksheet, reason: String) -> Worksheet {
    sheet.not_computable = Some(reason);
    sheet.charges.clear();
    sheet.credits.clear();
    sheet.duty = Decimal::ZERO;
    sheet
}

/// The value duty is charged on, with nothing charged yet.
fn valued(scenario: &Scenario, flow: &Flow) -> Result<Worksheet, String> {
    let sheet = || {
        let transport = money::add(flow.freight, flow.insurance)?;
        let (value, left_out) = match scenario.valuation.of(flow.importer.value) {
            Basis::Fob => (flow.value, transport),
            Basis::Cif => (money::add(flow.value, transport)?, Decimal::ZERO),
        };
        let value = match scenario.rounding.value {
            Some(rounding) => rounding.apply(value)?,
            None => value,
        };
        Ok(Worksheet { left_out, ..empty(value) })
    };
    sheet().map_err(|error: money::ArithmeticError| error.to_string())
}

/// Adds the charges up.
fn total(sheet: &mut Worksheet, scenario: &Scenario) -> Result<(), Stop> {
    let kind = |charge: &Charge| scenario.measures[charge.measure].kind;
    sheet.base_stated = sheet.charges.iter().any(|charge| kind(charge) == MeasureType::Mfn);
    let of = |is_duty: bool| {
        let charges = sheet.charges.iter().filter(|charge| kind(charge).is_duty() == is_duty);
        money::sum(charges.map(|charge| charge.amount))
    };
    let credits = money::sum(sheet.credits.iter().map(|credit| credit.amount))?;
    sheet.duty = money::sub(of(true)?, credits)?;
    sheet.landed_cost = money::sum([sheet.customs_value, sheet.left_out, sheet.duty, of(false)?])?;
    Ok(())
}
