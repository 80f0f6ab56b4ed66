//! One pair of hands: reads rows, finds their cells, and adds them up.

use super::cells::{Cells, Way};
use super::ids::{Fingerprints, fingerprint};
use super::input::Broken;
use super::reading::{Wrong, WrongRows};
use super::spans::{Place, Waiting};
use super::sums::{Entry, Sums};
use crate::assess::assessor::Assessor;
use crate::assess::ledger::Books;
use crate::assess::outlet::{Outlet, Page};
use crate::assess::plan::Plan;
use crate::assess::seen::{NAMED, NotComputable, Seen};
use crate::assess::totals::{By, Grouping, Tally, goods_key, key};
use crate::country::Country;
use crate::date::Date;
use crate::diagnostic::Diagnostic;
use crate::money::ArithmeticError;
use crate::product::Product;
use crate::trade::{
    Batch, Columns, Flow, Numbers, Opened, Part, Quick, Rows, VALUE_PLACES, Words, lock, write_cell,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// One in [`VALUE_PLACES`].
const UNIT: i64 = 10_i64.pow(VALUE_PLACES);
/// Not looked up yet.
const UNKNOWN: u32 = u32::MAX;

/// What all workers on a file share.
pub struct Shared<'s, 'a> {
    pub plan: &'a Plan,
    pub by: &'s By,
    /// The file; `None` where flows are written in the scenario.
    pub opened: Option<&'s Opened<'s>>,
    pub columns: &'s Columns,
    /// The column rows are grouped by, where it is one of the file's own.
    pub key: Option<usize>,
    /// The number of the group of flows without a text to group them by.
    pub no_key: u32,
    pub cells: &'s Mutex<Cells<'s>>,
    pub words: &'s Mutex<Words>,
    pub sums: &'s Mutex<Sums>,
    pub ids: &'s Mutex<Fingerprints>,
    pub wrong: Wrong<'s>,
    /// Where rows go that are set aside.
    pub outlet: Option<&'s dyn Outlet>,
    /// Flows to be taken in the order of the days.
    pub waiting: &'s Mutex<Waiting>,
    /// Whether the file is read again for those of some days, and nothing else in it counts.
    pub again: bool,
}

/// What a worker has found.
pub struct Found<'a> {
    pub tally: Tally<'a>,
    pub grouping: Grouping<'a>,
    pub seen: Seen,
    pub wrong: WrongRows,
    /// Base duties that tie.
    pub ties: BTreeMap<Place, Diagnostic>,
    /// Flows without a duty.
    pub not_computable: BTreeMap<Place, NotComputable>,
    /// What flows claim.
    pub claims: BTreeSet<String>,
    pub days: Vec<bool>,
    pub rows: usize,
    pub flows: usize,
    pub skipped: usize,
    pub dates_replaced: usize,
}

/// A cell as rows need it.
#[derive(Clone, Copy)]
enum Short {
    /// Its rate in 1e-10, and whether only whole units of value go the short way.
    Linear(i64, bool),
    Long,
    Aside,
}

/// A day as rows need it.
#[derive(Clone, Copy)]
struct OnDay {
    day: Date,
    interval: usize,
    /// Whether `--date` put it there.
    replaced: bool,
    /// Whether the file is read again for it.
    wanted: bool,
}

/// Reads the parts of a file.
pub struct Worker<'s, 'a> {
    shared: &'s Shared<'s, 'a>,
    assessor: Assessor<'s>,
    books: Books<'s>,
    quick: Option<Quick<'s>>,
    /// Where ids are given.
    id: Option<usize>,
    entries: Vec<Entry>,
    /// Rows of this piece that are set aside.
    page: Option<Box<dyn Page + 's>>,
    /// A number for each id that was given.
    ids: Vec<u64>,
    /// The number and the class of a route, by importer and origin.
    routes: Vec<Vec<Option<(u32, u32)>>>,
    /// The class of each product.
    products: Vec<u32>,
    /// The class of goods, by the classes of route and product.
    goods: Vec<Vec<u32>>,
    /// Cells, by interval and class of goods.
    cells: Vec<Vec<u32>>,
    shorts: Vec<Short>,
    days: Vec<OnDay>,
    /// Groups, by interval and product.
    groups: Vec<Vec<u32>>,
    found: Found<'a>,
}

impl<'s, 'a> Worker<'s, 'a>
where
    'a: 's,
{
    /// With nothing read yet.
    pub fn new(shared: &'s Shared<'s, 'a>) -> Self {
        let scenario = shared.plan.scenario();
        let quick = shared.opened.and_then(|opened| Quick::new(opened, shared.key));
        Worker {
            shared,
            assessor: Assessor::new(shared.plan, shared.columns),
            books: Books::new(scenario),
            id: shared.opened.and_then(Opened::id_column),
            quick,
            entries: Vec::new(),
            page: None,
            ids: Vec::new(),
            routes: Vec::new(),
            products: Vec::new(),
            goods: Vec::new(),
            cells: Vec::new(),
            shorts: Vec::new(),
            days: Vec::new(),
            groups: Vec::new(),
            found: Found {
                tally: Tally::new(scenario),
                grouping: Grouping::new(scenario, shared.by),
                seen: Seen::default(),
                wrong: WrongRows::default(),
                ties: BTreeMap::new(),
                not_computable: BTreeMap::new(),
                claims: BTreeSet::new(),
                days: Vec::new(),
                rows: 0,
                flows: 0,
                skipped: 0,
                dates_replaced: 0,
            },
        }
    }

    /// Takes up a piece.
    pub fn begin(&mut self, piece: usize) {
        self.page = self.shared.outlet.map(|outlet| outlet.page(piece));
    }

    /// Has read a piece.
    pub fn end(&mut self) -> Result<(), Broken> {
        self.page.take().map_or(Ok(()), Page::finish).map_err(Broken::from)
    }

    /// Reads a part, and says how many rows were in it.
    pub fn read(&mut self, part: &Part) -> Result<usize, ArithmeticError> {
        let Some(opened) = self.shared.opened else { return Ok(0) };
        let mut rows = opened.rows(part.chunk());
        while rows.advance(&mut self.found.wrong.bad) {
            if self.shared.wrong.firsts.is_none() {
                let ids = rows.id().filter(|_| !self.shared.again);
                self.ids.extend(ids.map(|id| fingerprint(id.as_bytes())));
            } else if self.shared.wrong.is_taken(&rows) {
                self.long(&rows)?;
                continue;
            }
            let codes = self.quick.as_mut().and_then(|quick| quick.codes(rows.record(), self.shared.words));
            if !self.is_done(codes) {
                self.long(&rows)?;
            }
        }
        self.found.skipped += rows.skipped;
        self.found.rows += rows.records;
        self.add()?;
        Ok(rows.records)
    }

    /// Reads rows of a table, and says how many there were.
    pub fn read_batch(&mut self, batch: &Batch) -> Result<usize, ArithmeticError> {
        let Some(opened) = self.shared.opened else { return Ok(0) };
        let row_by_row =
            opened.leaves_rows_out() || self.shared.wrong.firsts.is_some_and(|firsts| !firsts.is_empty());
        let Some(quick) = self.quick.as_mut().filter(|_| !row_by_row) else {
            return self.read(&batch.part(0..batch.rows()));
        };
        let plain = quick.batch(batch, self.shared.words);
        let id = self.id.filter(|_| self.shared.wrong.firsts.is_none() && !self.shared.again);
        if let Some(ids) = id.and_then(|at| batch.column(at)) {
            let mut id = String::new();
            for row in 0..batch.rows() {
                id.clear();
                write_cell(ids, row, &mut id);
                let id = Some(id.trim()).filter(|id| !id.is_empty());
                self.ids.extend(id.map(|id| fingerprint(id.as_bytes())));
            }
        }
        for (row, numbers) in plain.into_iter().enumerate() {
            if self.is_done(numbers) {
                continue;
            }
            let part = batch.part(row..row + 1);
            let mut rows = opened.rows(part.chunk());
            while rows.advance(&mut self.found.wrong.bad) {
                self.long(&rows)?;
            }
        }
        self.found.rows += batch.rows();
        self.add()?;
        Ok(batch.rows())
    }

    /// Adds the entries to the sums.
    fn add(&mut self) -> Result<(), ArithmeticError> {
        self.found.flows += self.entries.len();
        if !self.ids.is_empty() {
            lock(self.shared.ids).extend(&mut self.ids);
        }
        lock(self.shared.sums).add(&self.entries)?;
        self.entries.clear();
        Ok(())
    }

    /// What was found.
    pub fn finish(mut self) -> Found<'a> {
        let cells = self.quick.iter().flat_map(Quick::claimed);
        let names = cells.flat_map(|cell| cell.split(';')).map(str::trim).filter(|name| !name.is_empty());
        self.found.claims.extend(names.map(str::to_owned));
        self.found
    }

    /// Whether that is all there is to do with a row; of one that is written plainly a few numbers are known.
    fn is_done(&mut self, numbers: Option<Numbers>) -> bool {
        let Some(numbers) = numbers else { return false };
        let on_day = self.on_day(numbers.day);
        if self.shared.again && !on_day.wanted {
            return true;
        }
        let (route, class) = self.route(numbers.origin, numbers.importer);
        let goods = self.class(class, numbers);
        let cell = self.cell(goods, on_day.interval);
        let is_aside = matches!(self.shorts[cell as usize], Short::Aside);
        if self.shared.again {
            return !is_aside;
        }
        if is_aside {
            let leaves = lock(self.shared.waiting).leaves(on_day.day);
            self.found.flows += usize::from(leaves);
            self.found.dates_replaced += usize::from(leaves && on_day.replaced);
            return leaves;
        }
        let entry = self.entry(numbers, on_day, route, cell);
        self.entries.extend(entry);
        entry.is_some()
    }

    /// A row on its way into the sums; `None` where it has to go the long way.
    fn entry(&mut self, codes: Numbers, on_day: OnDay, route: u32, cell: u32) -> Option<Entry> {
        let Short::Linear(rate, whole_units) = self.shorts[cell as usize] else { return None };
        let duty = if whole_units {
            if codes.value % UNIT != 0 {
                return None;
            }
            product(codes.value / UNIT, rate)
        } else {
            product(codes.value, rate / UNIT)
        };
        let group = self.group(codes, on_day.interval);
        let day = codes.day as usize;
        if day >= self.found.days.len() {
            self.found.days.resize(day + 1, false);
        }
        self.found.days[day] = true;
        self.found.dates_replaced += usize::from(on_day.replaced);
        Some(Entry { product: codes.product, route, cell, group, value: codes.value, duty, rate })
    }

    fn on_day(&mut self, day: u32) -> OnDay {
        let day = day as usize;
        if day >= self.days.len() {
            let words = lock(self.shared.words);
            let waiting = lock(self.shared.waiting);
            let days = words.days.all().iter().skip(self.days.len());
            self.days.extend(days.map(|entry| OnDay {
                day: entry.day,
                interval: self.shared.plan.interval_of(entry.day),
                replaced: entry.replaced,
                wanted: waiting.wants(entry.day),
            }));
        }
        self.days[day]
    }

    fn route(&mut self, origin: u32, importer: u32) -> (u32, u32) {
        let (row, column) = (importer as usize, origin as usize);
        if let Some(known) = self.routes.get(row).and_then(|routes| routes.get(column)).copied().flatten() {
            return known;
        }
        let found = {
            let mut words = lock(self.shared.words);
            let countries = words.countries(origin, importer);
            let number = words.routes.number(&countries);
            (number, lock(self.shared.cells).route(countries.0, countries.1))
        };
        if row >= self.routes.len() {
            self.routes.resize_with(row + 1, Vec::new);
        }
        let routes = &mut self.routes[row];
        if column >= routes.len() {
            routes.resize(column + 1, None);
        }
        routes[column] = Some(found);
        found
    }

    fn class(&mut self, route: u32, codes: Numbers) -> u32 {
        let at = codes.product as usize;
        if at >= self.products.len() {
            let words = lock(self.shared.words);
            let mut cells = lock(self.shared.cells);
            let new = words.products.all().iter().skip(self.products.len());
            self.products.extend(new.map(|product| cells.product(*product)));
        }
        let product = self.products[at];
        let known = place(&mut self.goods, route as usize, product as usize);
        if *known == UNKNOWN {
            let words = lock(self.shared.words);
            let (origin, importer) = words.countries(codes.origin, codes.importer);
            let goods = (words.products.all()[at], origin, importer);
            *known = lock(self.shared.cells).goods(product, route, goods);
        }
        *known
    }

    fn cell(&mut self, goods: u32, interval: usize) -> u32 {
        let known = place(&mut self.cells, interval, goods as usize);
        if *known == UNKNOWN {
            let mut cells = lock(self.shared.cells);
            *known = cells.cell(goods, u32::try_from(interval).unwrap_or(u32::MAX));
            let new = cells.ways().iter().skip(self.shorts.len());
            self.shorts.extend(new.map(|way| match way {
                Way::Linear(linear) => Short::Linear(linear.rate, linear.whole_units),
                Way::Long(_) => Short::Long,
                Way::Aside => Short::Aside,
            }));
        }
        *known
    }

    fn group(&mut self, codes: Numbers, interval: usize) -> u32 {
        match self.shared.by {
            By::Origin => codes.origin,
            By::Importer => codes.importer,
            By::Date => codes.day,
            By::Product => codes.product,
            By::Party | By::Attribute(_) if self.shared.key.is_some() => codes.key,
            By::Party | By::Attribute(_) => self.shared.no_key,
            By::Heading | By::Chapter | By::Group => {
                let interval = if *self.shared.by == By::Group { interval } else { 0 };
                let known = place(&mut self.groups, interval, codes.product as usize);
                if *known == UNKNOWN {
                    let mut words = lock(self.shared.words);
                    let product = words.products.all()[codes.product as usize];
                    let day = words.days.all()[codes.day as usize].day;
                    let group = goods_key(self.shared.plan.scenario(), product, day, self.shared.by);
                    *known = words.groups.number(&group);
                }
                *known
            }
            By::Flow | By::Measure | By::Programme | By::Quota | By::Credit => 0,
        }
    }

    /// The row read last, from all of its columns.
    fn long(&mut self, rows: &Rows<'_, '_>) -> Result<(), ArithmeticError> {
        let page = self.page.as_deref_mut();
        let wrong = self.shared.wrong;
        let Some(read) = wrong.read(self.shared.plan.scenario(), rows, page, &mut self.found.wrong) else {
            return Ok(());
        };
        for (part, flow) in read.flows.into_iter().enumerate() {
            self.found.dates_replaced += usize::from(read.replaced);
            self.flow((wrong.input, rows.number(), part), flow)?;
        }
        Ok(())
    }

    /// A flow by itself.
    pub fn flow(&mut self, place: Place, flow: Flow) -> Result<(), ArithmeticError> {
        if self.shared.again {
            if lock(self.shared.waiting).wants(flow.date) && self.is_aside(&flow) {
                lock(self.shared.waiting).keep(place, flow);
            }
            return Ok(());
        }
        self.found.flows += 1;
        self.found.claims.extend(flow.claims.iter().flatten().cloned());
        if self.is_aside(&flow) {
            lock(self.shared.waiting).meet(place, flow);
            return Ok(());
        }
        let closed =
            match self.assessor.open(&flow).and_then(|open| self.assessor.close(open, &mut self.books)) {
                Ok(closed) => closed,
                Err(tie) => {
                    keep_first(&mut self.found.ties, place, *tie, TIES);
                    return Ok(());
                }
            };
        let sheet = closed.sheet;
        self.found.tally.add(1, &sheet)?;
        self.found.tally.add_to_line(&flow, &sheet)?;
        let (scenario, by) = (self.shared.plan.scenario(), self.shared.by);
        self.found.grouping.add(|| key(scenario, &flow, place.1, by), 1, &sheet)?;
        self.found.seen.enter(flow.origin.value, flow.importer.value, flow.date);
        self.found.seen.steps.extend(sheet.charges.iter().map(|charge| (charge.measure, charge.step)));
        if let Some(reason) = NotComputable::of(&flow, &sheet) {
            keep_first(&mut self.found.not_computable, place, reason, NAMED);
        }
        Ok(())
    }

    /// Whether a flow may draw on a quota or credit.
    fn is_aside(&self, flow: &Flow) -> bool {
        if self.shared.plan.scenario().ledgers().next().is_none() {
            return false;
        }
        let goods: (Product, Country, Country) = (flow.product, flow.origin.value, flow.importer.value);
        let interval = self.shared.plan.interval_of(flow.date);
        let mut cells = lock(self.shared.cells);
        let route = cells.route(goods.1, goods.2);
        let product = cells.product(flow.product);
        let class = cells.goods(product, route, goods);
        let cell = cells.cell(class, u32::try_from(interval).unwrap_or(u32::MAX));
        matches!(cells.get(cell), Some(Way::Aside))
    }
}

/// Ties that are kept to be shown.
pub const TIES: usize = 64;

/// Keeps what belongs to the first places.
pub fn keep_first<P: Ord, T>(kept: &mut BTreeMap<P, T>, place: P, thing: T, most: usize) {
    if kept.len() < most || kept.last_key_value().is_some_and(|(last, _)| place < *last) {
        kept.insert(place, thing);
        if kept.len() > most {
            kept.pop_last();
        }
    }
}

/// The product of two numbers of 64 bits, which always fits 128.
fn product(a: i64, b: i64) -> i128 {
    i128::from(a).wrapping_mul(i128::from(b))
}

/// A place in a table that grows as it is used.
fn place(table: &mut Vec<Vec<u32>>, row: usize, column: usize) -> &mut u32 {
    if row >= table.len() {
        table.resize_with(row + 1, Vec::new);
    }
    let cells = &mut table[row];
    if column >= cells.len() {
        cells.resize(column + 1, UNKNOWN);
    }
    &mut cells[column]
}
