//! Flows that go out one by one as they are read, so that none need be kept.

use super::From;
use super::ids::{Fingerprints, fingerprint};
use super::input::{Broken, Input, Parts, Pieces};
use super::reading::{Wrong, WrongRows};
use super::worker::{TIES, keep_first};
use super::{Crew, Inputs};
use crate::assess::assessor::Assessor;
use crate::assess::ledger::Books;
use crate::assess::outlet::{Outlet, Page};
use crate::assess::plan::Plan;
use crate::assess::{Assessed, assess, bind};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::files::Files;
use crate::scenario::Scenario;
use crate::trade::{
    self, Batch, Columns, Flow, FlowRequest, FlowTable, Group, Opened, Part, Rejected, RejectedRows, Tone,
    lock,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// What went out.
#[derive(Debug)]
pub struct Listed {
    /// The scenario, compiled.
    pub plan: Plan,
    /// How many flows.
    pub flows: usize,
}

/// Runs a scenario on flows each of which goes to an outlet with its worksheet: those of [`crate::assess::run`], in the same
/// order. Wrong rows are set aside, where the run is to `keep_going`. Flows that may draw on quotas or credits are kept and taken
/// in the order of their days. When the outlet takes nothing more, there is no result and nothing need be said of it here.
pub fn list(
    scenario: Scenario,
    request: &FlowRequest,
    (outlet, keep_going): (&dyn Outlet, bool),
    files: &dyn Files,
    sources: &mut Sources,
    crew: &dyn Crew,
) -> Result<(Listed, Diagnostics), Diagnostics> {
    let plan = Plan::compile(scenario);
    let mut said = Diagnostics::new();
    let flows = if plan.scenario().ledgers().next().is_none() {
        in_order(&plan, request, (outlet, keep_going), files, sources, crew, &mut said)
    } else {
        by_day(&plan, request, (outlet, keep_going), files, sources, &mut said)
    };
    match flows {
        Some(flows) if !said.has_errors() => Ok((Listed { plan, flows }, said)),
        _ => Err(said),
    }
}

/// Flows that are kept until all of them are assessed.
fn by_day(
    plan: &Plan,
    request: &FlowRequest,
    (outlet, keep_going): (&dyn Outlet, bool),
    files: &dyn Files,
    sources: &mut Sources,
    said: &mut Diagnostics,
) -> Option<usize> {
    let scenario = plan.scenario();
    outlet.next_file();
    let mut page = outlet.page(0);
    let mut reject = |row: &Rejected<'_>| page.reject(scenario, row);
    let reject: Option<&mut trade::Reject<'_>> = if keep_going { Some(&mut reject) } else { None };
    let flows = trade::load_or_reject(scenario, request, reject, files, sources, said)?;
    match assess(plan, &flows) {
        Ok((Assessed { sheets, .. }, warnings)) => {
            said.extend(warnings);
            flows.rows.iter().zip(&sheets).for_each(|(flow, sheet)| page.flow(scenario, flow, sheet));
            page.finish().ok().map(|()| flows.rows.len())
        }
        Err(wrong) => {
            said.extend(wrong);
            None
        }
    }
}

/// Flows that go out as they are read.
fn in_order(
    plan: &Plan,
    request: &FlowRequest,
    (outlet, keep_going): (&dyn Outlet, bool),
    files: &dyn Files,
    sources: &mut Sources,
    crew: &dyn Crew,
    said: &mut Diagnostics,
) -> Option<usize> {
    let scenario = plan.scenario();
    let defaults = request.defaults(scenario);
    let origins = request.flows(scenario);
    let attributes = bind::attributes(scenario);
    let asked = |name: &str| keep_going || attributes.contains(name);
    let from = From { origins: &origins, defaults: &defaults, files };
    let Inputs { all: inputs, ids, columns } = from.open(&asked, sources, said);
    let opened = said.len();
    let firsts = from.firsts(&inputs, keep_going, sources, said);
    let numbers = Mutex::new(Fingerprints::default());
    let (mut flows, mut rejected, mut claims) = (0, RejectedRows::default(), BTreeSet::new());
    let mut ties = Vec::new();
    for (input, at) in inputs.iter().zip(0..) {
        outlet.next_file();
        let wrong = Wrong { input: at, firsts: keep_going.then_some(&firsts) };
        let ground = Ground { plan, columns: input.columns(), wrong, outlet, ids: &numbers };
        let (found, broken) = ground.read(input, crew);
        flows += found.flows;
        claims.extend(found.claims);
        ties.extend(found.ties.into_values());
        if let Input::File { opened, .. } = input {
            found.wrong.bad.report(&opened.path, Tone::Stop, sources, said);
            rejected.of(&opened.path).join(found.wrong.aside);
            said.extend(broken.iter().filter_map(|broken| broken.diagnostic(opened)));
            if found.rows == 0 && broken.is_none() {
                said.push(opened.no_rows());
            }
        }
        broken.map_or(Some(()), |_| None)?;
    }
    let mut numbers = std::mem::take(&mut *lock(&numbers));
    if !numbers.is_empty() {
        numbers.extend(&mut ids.keys().map(|id| fingerprint(id.as_bytes())).collect());
        from.again(sources).report(numbers, sources, said);
    }
    rejected.report(flows > 0, sources, said);
    if flows == 0 && said.is_empty() && opened == 0 {
        said.push(trade::no_flows(scenario));
    }
    if said.has_errors() {
        return None;
    }
    said.extend(ties);
    said.extend(bind::check(scenario, &columns.columns, &claims.iter().map(String::as_str).collect()));
    Some(flows)
}

/// What all who read a file share.
struct Ground<'s> {
    plan: &'s Plan,
    columns: &'s Columns,
    wrong: Wrong<'s>,
    outlet: &'s dyn Outlet,
    ids: &'s Mutex<Fingerprints>,
}

/// What is found in a file.
#[derive(Default)]
struct Told {
    wrong: WrongRows,
    /// Base duties that tie, by row.
    ties: BTreeMap<usize, Diagnostic>,
    /// What flows claim.
    claims: BTreeSet<String>,
    rows: usize,
    flows: usize,
}

impl Ground<'_> {
    /// Reads an input to its end, or until it cannot be read on.
    fn read(&self, input: &Input<'_>, crew: &dyn Crew) -> (Told, Option<Broken>) {
        let told = Mutex::new(Told::default());
        let broken = Mutex::new(None);
        let labour = |read: &dyn Fn(&mut Lister<'_>) -> Result<(), Broken>, stop: &dyn Fn()| {
            let mut lister = Lister::new(self);
            if let Err(error) = read(&mut lister) {
                stop();
                lock(&broken).get_or_insert(error);
            }
            lock(&told).join(lister.told);
        };
        match input {
            Input::Inline(flows) => labour(&|lister| lister.inline(&flows.rows), &|| {}),
            Input::File { opened, pieces: Pieces::Text(parts) } => crew.work(&|| {
                labour(&|lister| lister.text(opened, parts, crew), &|| lock(parts).stop());
            }),
            Input::File { opened, pieces: Pieces::Table(table, _) } => {
                let cursor = Mutex::new(Cursor { table, group: None, next: 0, number: 0 });
                crew.work(&|| {
                    labour(&|lister| lister.table(opened, &cursor, crew), &|| lock(&cursor).stop());
                });
            }
        }
        let broken = lock(&broken).take();
        (std::mem::take(&mut *lock(&told)), broken)
    }
}

impl Told {
    fn join(&mut self, other: Told) {
        self.wrong.join(other.wrong);
        self.claims.extend(other.claims);
        self.rows += other.rows;
        self.flows += other.flows;
        other.ties.into_iter().for_each(|(row, tie)| keep_first(&mut self.ties, row, tie, TIES));
    }
}

/// The batches of a table that are still to be read.
struct Cursor<'t> {
    table: &'t FlowTable,
    group: Option<Group<'t>>,
    /// The group behind it.
    next: usize,
    /// The number of the next batch.
    number: usize,
}

impl Cursor<'_> {
    fn next(&mut self) -> Result<Option<(usize, Batch)>, Broken> {
        loop {
            if let Some(batch) = self.group.as_mut().map(Group::next).transpose()?.flatten() {
                let number = self.number;
                self.number += 1;
                return Ok(Some((number, batch)));
            }
            if self.next >= self.table.groups() {
                return Ok(None);
            }
            self.group = Some(self.table.group(self.next)?);
            self.next += 1;
        }
    }

    fn stop(&mut self) {
        self.group = None;
        self.next = self.table.groups();
    }
}

/// One pair of hands: assesses rows and writes them down.
struct Lister<'s> {
    ground: &'s Ground<'s>,
    assessor: Assessor<'s>,
    books: Books<'s>,
    told: Told,
}

impl<'s> Lister<'s> {
    fn new(ground: &'s Ground<'s>) -> Self {
        let assessor = Assessor::new(ground.plan, ground.columns);
        Lister { ground, assessor, books: Books::new(ground.plan.scenario()), told: Told::default() }
    }

    fn inline(&mut self, flows: &[Flow]) -> Result<(), Broken> {
        let mut page = self.ground.outlet.page(0);
        flows.iter().enumerate().for_each(|(row, flow)| self.flow(row, flow, &mut *page));
        Ok(page.finish()?)
    }

    fn text(&mut self, opened: &Opened<'_>, parts: &Mutex<Parts>, crew: &dyn Crew) -> Result<(), Broken> {
        loop {
            let Some((number, part)) = lock(parts).next()? else { return Ok(()) };
            crew.read(self.part(opened, number, &part)?);
        }
    }

    fn table(
        &mut self,
        opened: &Opened<'_>,
        cursor: &Mutex<Cursor<'_>>,
        crew: &dyn Crew,
    ) -> Result<(), Broken> {
        loop {
            let Some((number, batch)) = lock(cursor).next()? else { return Ok(()) };
            crew.read(self.part(opened, number, &batch.part(0..batch.rows()))?);
        }
    }

    /// Writes the rows of a part, and says how many there were.
    fn part(&mut self, opened: &Opened<'_>, number: usize, part: &Part) -> Result<usize, Broken> {
        let mut page = self.ground.outlet.page(number);
        let scenario = self.ground.plan.scenario();
        let wrong = self.ground.wrong;
        let mut ids = Vec::new();
        let mut rows = opened.rows(part.chunk());
        while rows.advance(&mut self.told.wrong.bad) {
            if wrong.firsts.is_none() {
                ids.extend(rows.id().map(|id| fingerprint(id.as_bytes())));
            }
            let Some(read) = wrong.read(scenario, &rows, Some(&mut *page), &mut self.told.wrong) else {
                continue;
            };
            read.flows.iter().for_each(|flow| self.flow(rows.number(), flow, &mut *page));
        }
        self.told.rows += rows.records;
        if !ids.is_empty() {
            lock(self.ground.ids).extend(&mut ids);
        }
        page.finish()?;
        Ok(rows.records)
    }

    /// Writes a flow, which stands in a row.
    fn flow(&mut self, row: usize, flow: &Flow, page: &mut dyn Page) {
        self.told.flows += 1;
        for claim in flow.claims.iter().flatten() {
            if !self.told.claims.contains(claim) {
                self.told.claims.insert(claim.clone());
            }
        }
        let open = self.assessor.open(flow);
        match open.and_then(|open| self.assessor.close(open, &mut self.books)) {
            Ok(closed) => page.flow(self.ground.plan.scenario(), flow, &closed.sheet),
            Err(tie) => keep_first(&mut self.told.ties, row, *tie, TIES),
        }
    }
}
