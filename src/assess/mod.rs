//! From flows to worksheets.
//!
//! A [`Plan`] is a scenario compiled; an [`Assessor`] reads flows off it. Each step of the assessment is a
//! file: which measures are `in_force`, how claims divide the trade into `portion`s, what each measure
//! then `charge`s, and the `worksheet` and `totals` that come of it.

mod bind;
mod charge;
mod explain;
mod facts;
mod in_force;
mod plan;
mod portion;
mod run;
mod stop;
mod totals;
mod worksheet;

pub use explain::{Explained, Explanation, Miss, NearMiss, PortionSheet, explain};
pub use plan::Plan;
pub use run::{Run, run};
pub use totals::{By, Group, Part, Totals, groups, parse_by, totals};
pub use worksheet::{Charge, Note, Portion, Reason, Status, Worksheet};

use crate::country::Country;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::money;
use crate::product::Product;
use crate::scenario::{Basis, MeasureType, Scenario, Take};
use crate::trade::{Columns, Flow, Flows};
use charge::{Line, Portioned, lines};
use facts::Facts;
use plan::{Cell, Interval};
use rust_decimal::Decimal;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use stop::Stop;

/// The worksheets of all flows, in their order, or what is wrong with the scenario in the light of them. Warnings
/// come with the worksheets.
pub fn assess(plan: &Plan, flows: &Flows) -> Result<(Vec<Worksheet>, Diagnostics), Diagnostics> {
    let mut diagnostics = bind::check(plan.scenario(), flows);
    let mut assessor = Assessor::new(plan, &flows.columns);
    let mut worksheets = Vec::with_capacity(flows.rows.len());
    for flow in &flows.rows {
        match assessor.assess(flow) {
            Ok(worksheet) => worksheets.push(worksheet),
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok((worksheets, diagnostics)) }
}

/// What a cell is looked up by.
type CellKey = (Product, Country, Country, usize);

/// A cell, and for a fixed one what each member charges on one unit of value.
struct Prepared {
    cell: Cell,
    interval: Rc<Interval>,
    /// What each charge is on one unit of value, in the order of the scenario.
    fixed: Option<Vec<Charge>>,
}

/// Assesses flows one by one. It keeps what it worked out for a product, origin, importer and interval.
pub struct Assessor<'a> {
    plan: &'a Plan,
    columns: &'a Columns,
    series: Vec<Take>,
    intervals: HashMap<usize, Rc<Interval>>,
    cells: HashMap<CellKey, Rc<Prepared>>,
}

impl<'a> Assessor<'a> {
    /// Ready for flows with the given columns.
    pub fn new(plan: &'a Plan, columns: &'a Columns) -> Self {
        let series = plan.scenario().series.iter().map(|s| s.take).collect();
        Assessor { plan, columns, series, intervals: HashMap::new(), cells: HashMap::new() }
    }

    /// The worksheet of a flow. An error says that the scenario has no answer for it: two base duties tie.
    pub fn assess(&mut self, flow: &Flow) -> Result<Worksheet, Box<Diagnostic>> {
        let tie = |a, b| Box::new(tie_diagnostic(self.plan.scenario(), flow, a, b));
        let mut sheet = match customs_value(self.plan.scenario(), flow) {
            Ok(sheet) => sheet,
            Err(reason) => return Ok(not_computable(empty(flow.value), reason)),
        };
        let prepared = match self.prepared(flow) {
            Ok(prepared) => prepared,
            Err(Stop::Tie(a, b)) => return Err(tie(a, b)),
            Err(Stop::NotComputable(reason)) => return Ok(not_computable(sheet, reason)),
        };
        sheet.partly_covered = prepared.cell.partly_covered;
        let outcome = match &prepared.fixed {
            Some(fixed) => self.fixed(&mut sheet, fixed),
            None => self.divided(&mut sheet, &prepared, flow),
        };
        match outcome.and_then(|()| close(&mut sheet, flow, self.plan.scenario())) {
            Ok(()) => Ok(sheet),
            Err(Stop::NotComputable(reason)) => Ok(not_computable(sheet, reason)),
            Err(Stop::Tie(a, b)) => Err(tie(a, b)),
        }
    }

    fn prepared(&mut self, flow: &Flow) -> Result<Rc<Prepared>, Stop> {
        let number = self.plan.interval_of(flow.date);
        let key = (flow.product, flow.origin.value, flow.importer.value, number);
        if let Some(prepared) = self.cells.get(&key) {
            return Ok(Rc::clone(prepared));
        }
        let plan = self.plan;
        let interval =
            Rc::clone(self.intervals.entry(number).or_insert_with(|| Rc::new(plan.interval(number))));
        let cell = plan.cell(&interval, flow.product, flow.origin.value, flow.importer.value);
        let fixed = if cell.fixed { Some(self.on_one_unit(&cell)?) } else { None };
        let prepared = Rc::new(Prepared { cell, interval, fixed });
        self.cells.insert(key, Rc::clone(&prepared));
        Ok(prepared)
    }

    /// The charges of a fixed cell on one unit of value, not yet quantised.
    fn on_one_unit(&self, cell: &Cell) -> Result<Vec<Charge>, Stop> {
        let portion = Portioned {
            scenario: self.plan.scenario(),
            cell,
            series: &self.series,
            facts: None,
            value: Decimal::ONE,
            claims: &[],
        };
        charges(cell, lines(&portion)?, Decimal::ONE)
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

    /// Charges of a flow whose cell rests on its own columns: each portion by itself, added up by weight.
    fn divided(&self, sheet: &mut Worksheet, prepared: &Prepared, flow: &Flow) -> Result<(), Stop> {
        let cell = &prepared.cell;
        let facts = self.facts(sheet.customs_value, prepared, flow);
        sheet.portions = portion::portions(&facts)?;
        let mut merged: Vec<Option<Merged>> = cell.members.iter().map(|_| None).collect();
        for portion in &sheet.portions {
            for (at, line) in self.portion_lines(&facts, portion)?.into_iter().enumerate() {
                let Some(line) = line else { continue };
                merged[at].get_or_insert_with(Merged::default).add(portion.weight, line)?;
            }
        }
        for (member, merged) in cell.members.iter().zip(merged) {
            let Some(merged) = merged else { continue };
            let amount = self.rounded(merged.amount)?;
            let base = money::mul(sheet.customs_value, merged.share)?;
            sheet.charges.push(Charge {
                measure: member.measure,
                step: member.step,
                row: member.row,
                status: merged.status(amount),
                share: merged.share,
                base,
                rate: merged.rate,
                amount,
                notes: merged.notes.into(),
            });
        }
        sheet.charges.sort_by_key(|charge| charge.measure);
        Ok(())
    }

    /// A flow as expressions see it, before it is divided.
    fn facts<'f>(&'f self, customs_value: Decimal, prepared: &'f Prepared, flow: &'f Flow) -> Facts<'f> {
        Facts {
            scenario: self.plan.scenario(),
            interval: &prepared.interval,
            cell: &prepared.cell,
            columns: self.columns,
            flow,
            customs_value,
            claims: None,
            known: RefCell::default(),
        }
    }

    /// The lines of one portion, one a member, before the portion's weight.
    fn portion_lines(&self, facts: &Facts<'_>, portion: &Portion) -> Result<Vec<Option<Line>>, Stop> {
        let facts = facts.claiming(&portion.claims);
        lines(&Portioned {
            scenario: self.plan.scenario(),
            cell: facts.cell,
            series: &self.series,
            facts: Some(&facts),
            value: facts.customs_value,
            claims: &portion.claims,
        })
    }

    /// A charge as it enters sums: as the scenario prescribes, else to 1e-10.
    fn rounded(&self, amount: Decimal) -> Result<Decimal, Stop> {
        Ok(match self.plan.scenario().rounding.charge {
            Some(rounding) => rounding.apply(amount)?,
            None => money::quantise(amount),
        })
    }
}

/// The lines of a portion as charges on a value, in the order of the scenario, not yet quantised.
fn charges(cell: &Cell, lines: Vec<Option<Line>>, value: Decimal) -> Result<Vec<Charge>, Stop> {
    let mut charges = Vec::with_capacity(cell.members.len());
    for (member, line) in cell.members.iter().zip(lines) {
        let Some(line) = line else { continue };
        let note = |reason| Note { reason, weight: Decimal::ONE };
        charges.push(Charge {
            measure: member.measure,
            step: member.step,
            row: member.row,
            status: line.status,
            share: line.share,
            base: money::mul(value, line.share)?,
            rate: line.rate,
            amount: line.amount,
            notes: line.reasons.into_iter().map(note).collect(),
        });
    }
    charges.sort_by_key(|charge| charge.measure);
    Ok(charges)
}

/// A measure's lines over all portions.
#[derive(Default)]
struct Merged {
    share: Decimal,
    amount: Decimal,
    rate: Option<Decimal>,
    rates_differ: bool,
    statuses: Vec<Status>,
    notes: Vec<Note>,
}

impl Merged {
    fn add(&mut self, weight: Decimal, line: Line) -> Result<(), Stop> {
        self.share = money::add(self.share, money::mul(weight, line.share)?)?;
        self.amount = money::add(self.amount, money::mul(weight, line.amount)?)?;
        if let Some(rate) = line.rate {
            self.rates_differ |= self.rate.is_some_and(|known| known != rate);
            self.rate = if self.rates_differ { None } else { Some(rate) };
        }
        self.statuses.push(line.status);
        for reason in line.reasons {
            match self.notes.iter_mut().find(|note| note.reason == reason) {
                Some(note) => note.weight = money::add(note.weight, weight)?,
                None => self.notes.push(Note { reason, weight }),
            }
        }
        Ok(())
    }

    /// What became of the measure: it charges, or the first of what happened in some portion.
    fn status(&self, amount: Decimal) -> Status {
        if !amount.is_zero() {
            return Status::Charged;
        }
        let uncharged = self.statuses.iter().copied().filter(|s| *s != Status::Charged);
        uncharged.min().unwrap_or(Status::Zero)
    }
}

fn empty(customs_value: Decimal) -> Worksheet {
    Worksheet {
        customs_value,
        not_computable: None,
        charges: Vec::new(),
        duty: Decimal::ZERO,
        landed_cost: customs_value,
        portions: Vec::new(),
        base_stated: false,
        partly_covered: false,
    }
}

fn not_computable(mut sheet: Worksheet, reason: String) -> Worksheet {
    sheet.not_computable = Some(reason);
    sheet.charges.clear();
    sheet.duty = Decimal::ZERO;
    sheet
}

/// The value duty is charged on, with nothing charged yet.
fn customs_value(scenario: &Scenario, flow: &Flow) -> Result<Worksheet, String> {
    let value = match scenario.valuation.of(flow.importer.value) {
        Basis::Fob => Ok(flow.value),
        Basis::Cif => money::sum([flow.value, flow.freight, flow.insurance]),
    };
    let rounded = match scenario.rounding.value {
        Some(rounding) => value.and_then(|value| rounding.apply(value)),
        None => value,
    };
    rounded.map(empty).map_err(|error| error.to_string())
}

/// Adds the charges up.
fn close(sheet: &mut Worksheet, flow: &Flow, scenario: &Scenario) -> Result<(), Stop> {
    let is_mfn = |charge: &Charge| scenario.measures[charge.measure].kind == MeasureType::Mfn;
    sheet.base_stated = sheet.charges.iter().any(is_mfn);
    sheet.duty = money::sum(sheet.charges.iter().map(|c| c.amount))?;
    let left_out = match scenario.valuation.of(flow.importer.value) {
        Basis::Fob => money::add(flow.freight, flow.insurance)?,
        Basis::Cif => Decimal::ZERO,
    };
    sheet.landed_cost = money::sum([sheet.customs_value, left_out, sheet.duty])?;
    Ok(())
}

fn tie_diagnostic(scenario: &Scenario, flow: &Flow, a: usize, b: usize) -> Diagnostic {
    let (first, second) = (&scenario.measures[a.min(b)], &scenario.measures[a.max(b)]);
    let message = format!(
        "`{}` and `{}` are both the base duty of flow {} ({})",
        first.id, second.id, flow.id, flow.product
    );
    Diagnostic::new(Code::MfnTie, message)
        .label(second.span, "this one")
        .label(first.span, "and this one")
        .help(
            "let only one of their conditions hold, or give one of them longer codes; the longest code wins",
        )
}
