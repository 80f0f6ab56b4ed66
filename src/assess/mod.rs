//! From flows to worksheets.
//!
//! A [`Plan`] is a scenario compiled; flows are assessed off it, in the order of their entry dates where quotas or credits
//! are drawn on. Each step of the assessment is a file: which measures are `in_force`, how claims divide the trade into
//! `portion`s and a `quota` admits a part of them, what each measure then `charge`s, what a `credit` pays of it, what
//! fees and taxes are `levy`ed, and the `worksheet`, the statements of the `ledger` and the `totals` that come of it.

mod assessor;
mod bind;
mod charge;
mod credit;
mod explain;
mod facts;
mod in_force;
mod ledger;
mod levy;
mod merge;
mod outlet;
mod plan;
mod portion;
mod quota;
mod run;
mod scan;
mod seen;
mod stop;
mod term;
mod totals;
mod worksheet;

pub use explain::{Explained, Explanation, Miss, NearMiss, PortionSheet, explain, explain_at};
pub use ledger::Statement;
pub use outlet::{Full, Outlet, Page};
pub use plan::Plan;
pub use run::{Run, run};
pub use scan::{
    Alone, Asked, Crew, Listed, Panel, PanelRow, PanelWindow, Rates, list, run as scan,
    run_or_reject as scan_or_reject,
};
pub use seen::{NotComputable, Seen};
pub use term::{Term, Terms};
pub use totals::{By, Group, Landed, Part, Totals, groups, keys, parse_by, totals};
pub use worksheet::{Charge, CreditDrawn, Note, Portion, QuotaPart, Reason, Status, Worksheet};

use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::scenario::Scenario;
use crate::trade::{Flow, Flows};
use assessor::{Assessor, Closed, Open};
use ledger::Books;

/// What comes of flows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The worksheets, in the order of the flows.
    pub sheets: Vec<Worksheet>,
    /// What became of each quota, by period and party.
    pub quotas: Vec<Statement>,
    /// What became of each credit, by period and party.
    pub credits: Vec<Statement>,
}

/// Assesses flows, or says what is wrong with the scenario in the light of them. Warnings come with the worksheets.
pub fn assess(plan: &Plan, flows: &Flows) -> Result<(Assessed, Diagnostics), Diagnostics> {
    let mut diagnostics = bind::check(plan.scenario(), &flows.columns, &flows.claims());
    let mut sheets: Vec<Worksheet> = Vec::with_capacity(flows.rows.len());
    let mut places: Vec<usize> = Vec::new();
    let in_order = plan.scenario().ledgers().next().is_none();
    let books = each(plan, flows, &mut |at, closed| match closed {
        Ok(closed) => {
            sheets.push(closed.sheet);
            if !in_order {
                places.push(at);
            }
        }
        Err(diagnostic) => diagnostics.push(*diagnostic),
    });
    if !in_order {
        let mut sorted: Vec<(usize, Worksheet)> = places.into_iter().zip(sheets).collect();
        sorted.sort_by_key(|(at, _)| *at);
        sheets = sorted.into_iter().map(|(_, sheet)| sheet).collect();
    }
    match statements(&books) {
        Ok((quotas, credits)) if !diagnostics.has_errors() => {
            Ok((Assessed { sheets, quotas, credits }, diagnostics))
        }
        Ok(_) => Err(diagnostics),
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            Err(diagnostics)
        }
    }
}

/// The first flow with a duty of which no measure states the base duty.
pub fn first_without_base<'f>(plan: &Plan, flows: &'f Flows) -> Option<&'f Flow> {
    let is_without = |closed: Result<Closed, Box<Diagnostic>>| {
        closed.is_ok_and(|closed| closed.sheet.computable() && !closed.sheet.base_stated)
    };
    if plan.scenario().ledgers().next().is_some() {
        let mut first: Option<usize> = None;
        each(plan, flows, &mut |at, closed| {
            if is_without(closed) {
                first = Some(first.map_or(at, |first| first.min(at)));
            }
        });
        return first.and_then(|at| flows.rows.get(at));
    }
    let mut assessor = Assessor::new(plan, &flows.columns);
    let mut books = Books::new(plan.scenario());
    flows
        .rows
        .iter()
        .find(|flow| is_without(assessor.open(flow).and_then(|open| assessor.close(open, &mut books))))
}

/// What became of quotas, and of credits.
fn statements(books: &Books<'_>) -> Result<(Vec<Statement>, Vec<Statement>), Diagnostic> {
    books.statements().map_err(|_| {
        Diagnostic::new(Code::TotalOverflow, "what quotas and credits hold cannot be added up exactly")
            .help("write their amounts with fewer digits")
    })
}

/// Assesses every flow and hands it on with its place; gives back the books.
fn each<'a>(
    plan: &'a Plan,
    flows: &'a Flows,
    take: &mut dyn FnMut(usize, Result<Closed, Box<Diagnostic>>),
) -> Books<'a> {
    let mut assessor = Assessor::new(plan, &flows.columns);
    let mut books = Books::new(plan.scenario());
    if plan.scenario().ledgers().next().is_none() {
        for (at, flow) in flows.rows.iter().enumerate() {
            take(at, assessor.open(flow).and_then(|open| assessor.close(open, &mut books)));
        }
        return books;
    }
    let date = |at: &usize| flows.rows[*at].date;
    let mut order: Vec<usize> = (0..flows.rows.len()).collect();
    // A stable sort: flows of one day stay in the order of the file.
    order.sort_by_key(date);
    for day in order.chunk_by(|a, b| date(a) == date(b)) {
        one_day(&mut assessor, &mut books, &flows.rows, day, take);
    }
    books
}

/// Assesses the flows at some places, all of one day, and hands each on with its place. Days come in order.
fn one_day<'f, 'a: 'f>(
    assessor: &mut Assessor<'a>,
    books: &mut Books<'_>,
    flows: &'f [Flow],
    places: &[usize],
    take: &mut dyn FnMut(usize, Result<Closed, Box<Diagnostic>>),
) {
    let (mut at, mut open) = (Vec::with_capacity(places.len()), Vec::with_capacity(places.len()));
    for place in places {
        match assessor.open(&flows[*place]) {
            Ok(opened) => {
                at.push(*place);
                open.push(opened);
            }
            Err(diagnostic) => take(*place, Err(diagnostic)),
        }
    }
    if let Some(first) = places.first() {
        quota::admit(books, flows[*first].date, &mut open);
    }
    for (place, open) in at.into_iter().zip(open) {
        take(place, assessor.close(open, books));
    }
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
