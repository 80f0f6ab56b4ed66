//! Sums over all inputs of a run.

use super::cells::Cells;
use super::cells::Way;
use super::ids::{Fingerprints, Firsts};
use super::input::{Broken, Input, Pieces};
use super::reading::{Wrong, WrongRows};
use super::spans::{Place, Waiting};
use super::sums::{Elsewhere, Sums};
use super::worker::{Found, Shared, TIES, Worker, keep_first};
use super::{Crew, Summary};
use crate::assess::assessor::Assessor;
use crate::assess::ledger::{Books, Statement};
use crate::assess::outlet::Outlet;
use crate::assess::plan::Plan;
use crate::assess::run::too_large;
use crate::assess::seen::{NAMED, NotComputable, Seen};
use crate::assess::totals::{By, GroupKey, Grouping, MeanRate, Tally, key, text_key};
use crate::assess::worksheet::Worksheet;
use crate::assess::{bind, one_day, statements};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::money::ArithmeticError;
use crate::trade::{Columns, Flow, Flows, Opened, RejectedRows, Tone, Words, lock};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// Sums over the inputs read so far.
pub struct Adding<'a> {
    plan: &'a Plan,
    by: By,
    /// The columns of all of them, without rows.
    flows: Flows,
    /// The columns of each.
    columns: Vec<Columns>,
    words: Mutex<Words>,
    /// Whether the mean of the rates of lines is wanted.
    mean: bool,
    sums: Mutex<Sums>,
    tally: Tally<'a>,
    grouping: Grouping<'a>,
    pub seen: Seen,
    not_computable: BTreeMap<Place, NotComputable>,
    ties: BTreeMap<Place, Diagnostic>,
    waiting: Mutex<Waiting>,
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
    pub fn new(
        plan: &'a Plan,
        by: By,
        (mean, kept): (bool, usize),
        flows: Flows,
        keeping: Option<Keeping<'a>>,
    ) -> Self {
        let scenario = plan.scenario();
        Adding {
            plan,
            flows,
            columns: Vec::new(),
            words: Mutex::default(),
            mean,
            sums: Mutex::new(Sums::new(mean)),
            tally: Tally::new(scenario),
            grouping: Grouping::new(scenario, &by),
            by,
            seen: Seen::default(),
            not_computable: BTreeMap::new(),
            ties: BTreeMap::new(),
            waiting: Mutex::new(Waiting::new(kept)),
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
        self.keeping.iter().for_each(|keeping| keeping.outlet.next_file());
        let (found, ways) = self.through(at, input, false, crew, said)?;
        if let Input::Inline(flows) = input {
            self.flows.dates_replaced += flows.dates_replaced;
        }
        let mut wrong = WrongRows::default();
        let mut rows = 0;
        for mut found in found {
            rows += found.rows;
            wrong.join(std::mem::take(&mut found.wrong));
            self.join(found)?;
        }
        if let Input::File { opened, .. } = input {
            wrong.bad.report(&opened.path, Tone::Stop, sources, said);
            self.flows.rejected += wrong.rejected;
            self.rejected.of(&opened.path).join(wrong.aside);
            if rows == 0 {
                said.push(opened.no_rows());
            }
        }
        let by_measure = matches!(self.by, By::Measure | By::Programme).then_some(&mut self.grouping);
        lock(&self.sums).settle_cells(ways, &mut self.tally, by_measure, &mut self.seen)?;
        self.columns.push(input.columns().clone());
        Ok(())
    }

    /// Goes through the rows of an input: for the first time, or `again` for flows of days that are wanted now. Says what
    /// was found, and how the flows of each cell are assessed.
    fn through(
        &self,
        at: usize,
        input: &Input<'_>,
        again: bool,
        crew: &dyn Crew,
        said: &mut Diagnostics,
    ) -> Result<(Vec<Found<'a>>, Vec<Way>), ArithmeticError> {
        let columns = input.columns();
        let opened = match input {
            Input::File { opened, .. } => Some(opened.as_ref()),
            Input::Inline(_) => None,
        };
        let by = self.own(columns);
        let cells = Mutex::new(Cells::new(self.plan, columns, opened.is_some_and(Opened::says_claims)));
        let shared = Shared {
            plan: self.plan,
            by: &by,
            opened,
            columns,
            key: opened.and_then(|opened| opened.key_column(&by)),
            no_key: lock(&self.words).keys.number(&None),
            cells: &cells,
            words: &self.words,
            sums: &self.sums,
            ids: &self.ids,
            wrong: Wrong { input: at, firsts: self.keeping.map(|keeping| keeping.firsts) },
            outlet: self.keeping.filter(|_| !again).map(|keeping| keeping.outlet),
            waiting: &self.waiting,
            again,
        };
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
        let ways = lock(&cells).take_ways();
        Ok((found, ways))
    }

    /// Takes in what a worker has found.
    fn join(&mut self, found: Found<'a>) -> Result<(), ArithmeticError> {
        self.seen.flows += found.flows;
        self.flows.skipped += found.skipped;
        self.flows.dates_replaced += found.dates_replaced;
        self.tally.join(found.tally)?;
        self.grouping.join(found.grouping)?;
        self.seen.join(found.seen);
        self.claims.extend(found.claims);
        for (place, tie) in found.ties {
            keep_first(&mut self.ties, place, tie, TIES);
        }
        for (place, reason) in found.not_computable {
            keep_first(&mut self.not_computable, place, reason, NAMED);
        }
        self.days.resize(self.days.len().max(found.days.len()), false);
        found.days.iter().enumerate().filter(|(_, used)| **used).for_each(|(day, _)| self.days[day] = true);
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

    /// Takes the flows that wait in the order of their days, reads the inputs `again` where not all of them are kept, and
    /// adds everything up.
    pub fn finish(
        mut self,
        again: &dyn Fn() -> Option<Vec<Input<'a>>>,
        crew: &dyn Crew,
        mut said: Diagnostics,
    ) -> Result<Summary, Diagnostics> {
        let claims = self.claims.iter().map(String::as_str).collect();
        said.extend(bind::check(self.plan.scenario(), &self.flows.columns, &claims));
        let columns = self.flows.columns.clone();
        let mut assessor = Assessor::new(self.plan, &columns);
        let mut books = Books::new(self.plan.scenario());
        self.take_kept(&mut assessor, &mut books)?;
        while lock(&self.waiting).turn() {
            self.read_again(again, crew, &mut said)?;
            self.take_kept(&mut assessor, &mut books)?;
        }
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

    /// Reads the inputs again for the flows of the days that are wanted now.
    fn read_again(
        &self,
        again: &dyn Fn() -> Option<Vec<Input<'a>>>,
        crew: &dyn Crew,
        said: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let inputs = again().unwrap_or_default();
        for (at, input) in inputs.iter().enumerate() {
            self.through(at, input, true, &Unsaid(crew), said).map_err(too_large)?;
        }
        if inputs.len() == self.columns.len() && lock(&self.waiting).is_whole() {
            return Ok(());
        }
        let message = "the flow files are not what they were when they were read first";
        said.push(Diagnostic::new(Code::FileMissing, message).help(
            "so many flows may draw on quotas or credits that files are read more than once: let no one write to them \
             meanwhile, and save what comes from a pipe to a file",
        ));
        Err(std::mem::take(said))
    }

    /// Assesses the flows that are kept, and adds them up.
    fn take_kept(&mut self, assessor: &mut Assessor<'_>, books: &mut Books<'_>) -> Result<(), Diagnostics> {
        let days = lock(&self.waiting).take();
        for day in days {
            let (places, rows): (Vec<Place>, Vec<Flow>) =
                day.into_iter().map(|(place, flow)| (place, *flow)).unzip();
            let rows = self.in_all_columns(&places, rows);
            let mut wrong = Ok(());
            let all: Vec<usize> = (0..rows.len()).collect();
            one_day(assessor, books, &rows, &all, &mut |at, closed| match closed {
                Ok(closed) if wrong.is_ok() => wrong = self.add(places[at], &rows[at], &closed.sheet),
                Ok(_) => {}
                Err(tie) => keep_first(&mut self.ties, places[at], *tie, TIES),
            });
            wrong.map_err(too_large)?;
        }
        Ok(())
    }

    /// Flows with the columns of all inputs, each input's together.
    fn in_all_columns(&self, places: &[Place], rows: Vec<Flow>) -> Vec<Flow> {
        let mut flows = Flows { columns: self.flows.columns.clone(), ..Flows::default() };
        let mut rows = rows.into_iter();
        for of_input in places.chunk_by(|a, b| a.0 == b.0) {
            let columns = of_input.first().and_then(|place| self.columns.get(place.0)).cloned();
            let rows = rows.by_ref().take(of_input.len()).collect();
            flows.append(Flows { columns: columns.unwrap_or_default(), rows, ..Flows::default() });
        }
        flows.rows
    }

    /// Adds a flow that waited.
    fn add(&mut self, place: Place, flow: &Flow, sheet: &Worksheet) -> Result<(), ArithmeticError> {
        self.tally.add(1, sheet)?;
        self.tally.add_to_line(flow, sheet)?;
        self.grouping.add(|| key(self.plan.scenario(), flow, 0, &self.by), 1, sheet)?;
        self.seen.enter(flow.origin.value, flow.importer.value, flow.date);
        self.seen.steps.extend(sheet.charges.iter().map(|charge| (charge.measure, charge.step)));
        if let Some(reason) = NotComputable::of(flow, sheet) {
            keep_first(&mut self.not_computable, place, reason, NAMED);
        }
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

/// A crew whose progress was said the first time.
struct Unsaid<'c>(&'c dyn Crew);

impl Crew for Unsaid<'_> {
    fn work(&self, labour: &(dyn Fn() + Sync)) {
        self.0.work(labour);
    }

    fn read(&self, _rows: usize) {}
}

/// Flows written in the scenario.
fn inline<'s, 'a: 's>(shared: &'s Shared<'s, 'a>, flows: &[Flow]) -> Result<Vec<Found<'a>>, ArithmeticError> {
    let mut worker = Worker::new(shared);
    for (at, flow) in flows.iter().enumerate() {
        worker.flow((shared.wrong.input, at, 0), flow.clone())?;
    }
    Ok(vec![worker.finish()])
}

/// What is found in the pieces of a file, by as many workers as there are.
fn pieces<'s, 'a: 's>(
    shared: &'s Shared<'s, 'a>,
    pieces: &Pieces,
    crew: &dyn Crew,
) -> (Vec<Found<'a>>, Option<Broken>) {
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
