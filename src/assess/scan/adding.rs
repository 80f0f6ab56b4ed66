//! Sums over all inputs of a run.

use super::cells::Cells;
use super::ids::{Fingerprints, Firsts};
use super::input::{Broken, Input, Pieces};
use super::reading::{Wrong, WrongRows};
use super::sums::{Elsewhere, Sums};
use super::worker::{Found, Shared, Worker};
use super::{Crew, Summary};
use crate::assess::ledger::Statement;
use crate::assess::outlet::Outlet;
use crate::assess::plan::Plan;
use crate::assess::run::too_large;
use crate::assess::seen::{NAMED, NotComputable, Seen};
use crate::assess::totals::{By, GroupKey, Grouping, MeanRate, Tally, key, text_key};
use crate::assess::worksheet::Worksheet;
use crate::assess::{bind, each, statements};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::money::ArithmeticError;
use crate::trade::{Columns, Flow, Flows, Opened, RejectedRows, Tone, Words, lock};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// Sums over the inputs read so far.
pub struct Adding<'a> {
    plan: &'a Plan,
    by: By,
    /// The columns of all of them, without rows but for those that are set aside.
    flows: Flows,
    words: Mutex<Words>,
    /// Whether the mean of the rates of lines is wanted.
    mean: bool,
    sums: Mutex<Sums>,
    tally: Tally<'a>,
    grouping: Grouping<'a>,
    pub seen: Seen,
    not_computable: BTreeMap<(usize, usize), NotComputable>,
    ties: BTreeMap<(usize, usize), Diagnostic>,
    /// The input and the row of each flow that is set aside.
    aside: Vec<(usize, usize)>,
    claims: BTreeSet<String>,
    days: Vec<bool>,
    ids: Mutex<Fingerprints>,
    keeping: Option<Keeping<'a>>,
    pub rejected: RejectedRows,
}

/// What it takes to go on without the rows that are wrong.
#[derive(Clone, Copy)]
pub struct Keeping<'k> {
    /// The ids that are given twice.
    pub firsts: &'k Firsts,
    /// Where the rows go.
    pub outlet: &'k dyn Outlet,
}

impl<'a> Adding<'a> {
    /// Nothing read yet; `flows` has the columns of all inputs.
    pub fn new(plan: &'a Plan, by: By, mean: bool, flows: Flows, keeping: Option<Keeping<'a>>) -> Self {
        let scenario = plan.scenario();
        Adding {
            plan,
            flows,
            words: Mutex::default(),
            mean,
            sums: Mutex::new(Sums::new(mean)),
            tally: Tally::new(scenario),
            grouping: Grouping::new(scenario, &by),
            by,
            seen: Seen::default(),
            not_computable: BTreeMap::new(),
            ties: BTreeMap::new(),
            aside: Vec::new(),
            claims: BTreeSet::new(),
            days: Vec::new(),
            ids: Mutex::default(),
            keeping,
            rejected: RejectedRows::default(),
        }
    }

    /// Reads an input.
    pub fn read(
        &mut self,
        at: usize,
        input: &Input<'_>,
        sources: &mut Sources,
        crew: &dyn Crew,
        said: &mut Diagnostics,
    ) -> Result<(), ArithmeticError> {
        let columns = input.columns().clone();
        let opened = match input {
            Input::File { opened, .. } => Some(opened.as_ref()),
            Input::Inline(_) => None,
        };
        let by = self.own(&columns);
        let cells = Mutex::new(Cells::new(self.plan, &columns, opened.is_some_and(Opened::says_claims)));
        let shared = Shared {
            plan: self.plan,
            by: &by,
            opened,
            columns: &columns,
            key: opened.and_then(|opened| opened.key_column(&by)),
            no_key: lock(&self.words).keys.number(&None),
            cells: &cells,
            words: &self.words,
            sums: &self.sums,
            ids: &self.ids,
            wrong: Wrong { input: at, firsts: self.keeping.map(|keeping| keeping.firsts) },
            outlet: self.keeping.map(|keeping| keeping.outlet),
        };
        self.keeping.iter().for_each(|keeping| keeping.outlet.next_file());
        let found = match input {
            Input::Inline(flows) => inline(&shared, &flows.rows)?,
            Input::File { opened, pieces: left } => match pieces(&shared, left, crew) {
                (_, Some(Broken::Overflow(error))) => return Err(error),
                (found, broken) => {
                    said.extend(broken.and_then(|broken| broken.diagnostic(opened)));
                    found
                }
            },
        };
        if let Input::Inline(flows) = input {
            self.flows.dates_replaced += flows.dates_replaced;
        }
        let mut wrong = WrongRows::default();
        let mut aside = Vec::new();
        let mut rows = 0;
        for found in found {
            rows += found.rows;
            self.seen.flows += found.flows;
            self.flows.skipped += found.skipped;
            self.flows.dates_replaced += found.dates_replaced;
            self.tally.join(found.tally)?;
            self.grouping.join(found.grouping)?;
            self.seen.join(found.seen);
            wrong.join(found.wrong);
            self.claims.extend(found.claims);
            aside.extend(found.aside);
            self.ties.extend(found.ties.into_iter().map(|(row, tie)| ((at, row), tie)));
            let not_computable = found.not_computable.into_iter();
            self.not_computable.extend(not_computable.map(|(row, reason)| ((at, row), reason)));
            self.days.resize(self.days.len().max(found.days.len()), false);
            found
                .days
                .iter()
                .enumerate()
                .filter(|(_, used)| **used)
                .for_each(|(day, _)| self.days[day] = true);
        }
        if let Some(opened) = opened {
            wrong.bad.report(&opened.path, Tone::Stop, sources, said);
            self.flows.rejected += wrong.rejected;
            self.rejected.of(&opened.path).join(wrong.aside);
            if rows == 0 {
                said.push(opened.no_rows());
            }
        }
        let by_measure = matches!(self.by, By::Measure | By::Programme).then_some(&mut self.grouping);
        let ways = lock(&cells).take_ways();
        lock(&self.sums).settle_cells(ways, &mut self.tally, by_measure, &mut self.seen)?;
        aside.sort_by_key(|(row, _)| *row);
        self.aside.extend(aside.iter().map(|(row, _)| (at, *row)));
        let rows = aside.into_iter().map(|(_, flow)| flow).collect();
        self.flows.append(Flows { columns, rows, ..Flows::default() });
        Ok(())
    }

    /// A number of each id that was given.
    pub fn take_ids(&mut self) -> Fingerprints {
        std::mem::take(&mut *lock(&self.ids))
    }

    /// What the flows of an input are grouped by, its own columns counted.
    fn own(&self, columns: &Columns) -> By {
        let By::Attribute(at) = self.by else { return self.by.clone() };
        let name = &self.flows.columns.attributes[at];
        By::Attribute(columns.attributes.iter().position(|own| own == name).unwrap_or(usize::MAX))
    }

    /// Takes the flows that were set aside in the order of their days, and adds everything up.
    pub fn finish(mut self, mut said: Diagnostics) -> Result<Summary, Diagnostics> {
        let scenario = self.plan.scenario();
        let aside = std::mem::take(&mut self.flows.rows);
        let aside = Flows { rows: aside, columns: self.flows.columns.clone(), ..Flows::default() };
        self.claims.extend(aside.claims().into_iter().map(str::to_owned));
        said.extend(bind::check(
            scenario,
            &self.flows.columns,
            &self.claims.iter().map(String::as_str).collect(),
        ));
        let mut wrong = Ok(());
        let books = each(self.plan, &aside, &mut |at, closed| match closed {
            Ok(closed) if wrong.is_ok() => wrong = self.add(self.aside[at], &aside.rows[at], &closed.sheet),
            Ok(_) => {}
            Err(tie) => drop(self.ties.insert(self.aside[at], *tie)),
        });
        wrong.map_err(too_large)?;
        said.extend(std::mem::take(&mut self.ties).into_values());
        match statements(&books) {
            Ok((quotas, credits)) if !said.has_errors() => self.summary(quotas, credits, said),
            Ok(_) => Err(said),
            Err(diagnostic) => {
                said.push(diagnostic);
                Err(said)
            }
        }
    }
    /// Adds a flow that was set aside.
    fn add(&mut self, place: (usize, usize), flow: &Flow, sheet: &Worksheet) -> Result<(), ArithmeticError> {
        self.tally.add(1, sheet)?;
        self.tally.add_to_line(flow, sheet)?;
        self.grouping.add(|| key(self.plan.scenario(), flow, 0, &self.by), 1, sheet)?;
        self.seen.enter(flow.origin.value, flow.importer.value, flow.date);
        self.seen.steps.extend(sheet.charges.iter().map(|charge| (charge.measure, charge.step)));
        self.not_computable.extend(NotComputable::of(flow, sheet).map(|reason| (place, reason)));
        Ok(())
    }

    fn summary(
        mut self,
        quotas: Vec<Statement>,
        credits: Vec<Statement>,
        said: Diagnostics,
    ) -> Result<Summary, Diagnostics> {
        let words = std::mem::take(&mut *lock(&self.words));
        let sums = std::mem::take(&mut *lock(&self.sums));
        let mut mean = MeanRate::default();
        let tally = &mut self.tally;
        let has_none = tally.has_no_line();
        let mut elsewhere = |route, product, value, duty| {
            let (product, route) = (words.products.get(product), words.routes.get(route));
            let Some((product, (origin, importer))) = product.zip(route) else { return Ok(false) };
            tally.add_to_known_line((*product, *origin, *importer), value, duty)
        };
        let elsewhere: Option<&mut Elsewhere<'_>> = if has_none { None } else { Some(&mut elsewhere) };
        sums.settle_lines(&mut mean, elsewhere).map_err(too_large)?;
        let by = &self.by;
        if !matches!(by, By::Measure | By::Programme | By::Quota | By::Credit) {
            sums.settle_groups(|group| group_key(&words, by, group), &mut self.grouping)
                .map_err(too_large)?;
        }
        for (origin, importer) in sums.routes().filter_map(|route| words.routes.get(route)) {
            self.seen.origins.insert(*origin);
            self.seen.importers.insert(*importer);
        }
        let days = words.days.all().iter().zip(&self.days).filter(|(_, used)| **used);
        days.for_each(|(entry, _)| self.seen.enter_on(entry.day));
        self.seen.not_computable = self.not_computable.into_values().take(NAMED).collect();
        let mut totals = self.tally.finish(mean).map_err(too_large)?;
        totals.simple_mean_rate = totals.simple_mean_rate.filter(|_| self.mean);
        Ok(Summary {
            totals,
            groups: self.grouping.finish(),
            by: self.by,
            quotas,
            credits,
            seen: self.seen,
            flows: self.flows,
            said,
        })
    }
}

/// What the number of a group stands for.
fn group_key(words: &Words, by: &By, group: u32) -> Option<GroupKey> {
    let plain = |text: String| (0, text);
    Some(match by {
        By::Origin => plain(words.origins.get(group)?.text.clone()),
        By::Importer => plain(words.importers.get(group)?.text.clone()),
        By::Date => plain(words.days.get(group)?.day.to_string()),
        By::Product => plain(words.products.get(group)?.to_string()),
        By::Party | By::Attribute(_) => text_key(words.keys.get(group)?.as_deref()),
        _ => words.groups.get(group)?.clone(),
    })
}

/// Flows written in the scenario.
fn inline<'s>(shared: &'s Shared<'s, '_>, flows: &[Flow]) -> Result<Vec<Found<'s>>, ArithmeticError> {
    let mut worker = Worker::new(shared);
    for (at, flow) in flows.iter().enumerate() {
        worker.flow(at, flow.clone())?;
    }
    Ok(vec![worker.finish()])
}

/// What is found in the pieces of a file, by as many workers as there are.
fn pieces<'s>(
    shared: &'s Shared<'s, '_>,
    pieces: &Pieces,
    crew: &dyn Crew,
) -> (Vec<Found<'s>>, Option<Broken>) {
    let found = Mutex::new(Vec::new());
    let broken = Mutex::new(None);
    crew.work(&|| {
        let mut worker = Worker::new(shared);
        if let Err(error) = pieces.read(&mut worker, crew) {
            pieces.stop();
            lock(&broken).get_or_insert(error);
        }
        lock(&found).push(worker.finish());
    });
    (std::mem::take(&mut *lock(&found)), lock(&broken).take())
}
