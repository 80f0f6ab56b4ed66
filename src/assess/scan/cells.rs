//! What goods of one class owe in an interval, on one unit of value.

use super::classes::{Bits, Classes};
use crate::assess::assessor::Assessor;
use crate::assess::plan::{Interval, Plan};
use crate::assess::worksheet::Worksheet;
use crate::country::Country;
use crate::date::Date;
use crate::money::CHARGE_PLACES;
use crate::product::Product;
use crate::trade::{Columns, VALUE_PLACES};
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;

/// How the flows of a cell are assessed.
#[derive(Debug, Clone)]
pub enum Way {
    /// Their value times what one unit of value owes.
    Linear(Linear),
    /// Each by itself, from all of its columns; with what one unit of value owes, where that has more places than are kept.
    Long(Option<Box<Worksheet>>),
    /// Each by itself, in the order of the days: they may draw on quotas or credits.
    Aside,
}

/// What one unit of value owes.
#[derive(Debug, Clone)]
pub struct Linear {
    /// The worksheet of one unit of value, nothing in it quantised.
    pub unit: Worksheet,
    /// Its duty, in 1e-10.
    pub rate: i64,
    /// Whether only whole units of value have a duty of no more than ten places.
    pub whole_units: bool,
}

/// Goods of a class.
struct Example {
    goods: (Product, Country, Country),
    /// The measures, quotas and credits that may charge them.
    rules: Bits,
    /// The intervals at which something changes for them.
    changes: Vec<u32>,
}

/// Cells, each worked out once.
pub struct Cells<'a> {
    plan: &'a Plan,
    /// Whether flows say what they claim.
    says_claims: bool,
    assessor: Assessor<'a>,
    columns: &'a Columns,
    intervals: FxHashMap<usize, Interval>,
    classes: Classes<'a>,
    /// Of each class of goods an example, and the first intervals of its own.
    examples: Vec<Example>,
    /// By class of goods and interval of its own.
    numbers: FxHashMap<(u32, u32), u32>,
    ways: Vec<Way>,
}

impl<'a> Cells<'a> {
    /// For flows with the given columns.
    pub fn new(plan: &'a Plan, columns: &'a Columns, says_claims: bool) -> Self {
        Cells {
            plan,
            says_claims,
            assessor: Assessor::new(plan, columns),
            columns,
            intervals: FxHashMap::default(),
            classes: Classes::new(plan.scenario()),
            examples: Vec::new(),
            numbers: FxHashMap::default(),
            ways: Vec::new(),
        }
    }

    /// The class of a product.
    pub fn product(&mut self, product: Product) -> u32 {
        self.classes.product(product)
    }

    /// The class of a route.
    pub fn route(&mut self, origin: Country, importer: Country) -> u32 {
        self.classes.route(origin, importer)
    }

    /// The class of goods of the classes of a product and a route, of which those given are an example.
    pub fn goods(&mut self, product: u32, route: u32, goods: (Product, Country, Country)) -> u32 {
        let (class, is_new) = self.classes.goods(product, route);
        if is_new {
            let rules = self.classes.rules(product, route);
            let changes = self.classes.changes(&rules).into_iter();
            let changes = changes.map(|day| number(self.plan.interval_of(day))).collect();
            self.examples.push(Example { goods, rules, changes });
        }
        class
    }

    /// The cell of a class of goods in an interval.
    pub fn cell(&mut self, goods: u32, interval: u32) -> u32 {
        let changes = &self.examples[goods as usize].changes;
        let own = number(changes.partition_point(|change| *change <= interval));
        if let Some(known) = self.numbers.get(&(goods, own)) {
            return *known;
        }
        let cell = number(self.ways.len());
        let way = self.way(goods, interval as usize);
        self.ways.push(way);
        self.numbers.insert((goods, own), cell);
        cell
    }

    /// How the flows of a cell are assessed.
    pub fn get(&self, cell: u32) -> Option<&Way> {
        self.ways.get(cell as usize)
    }

    /// All of them, by number.
    pub fn ways(&self) -> &[Way] {
        &self.ways
    }

    fn way(&mut self, goods: u32, number: usize) -> Way {
        let Example { goods, rules, .. } = &self.examples[goods as usize];
        let plan = self.plan;
        let interval = self.intervals.entry(number).or_insert_with(|| plan.interval(number));
        let cell = plan.cell(interval, *goods, &|measure| rules.has(measure));
        if !cell.quotas.is_empty() || !cell.credits.is_empty() {
            return Way::Aside;
        }
        let Some(unit) = self.assessor.unit(&cell, interval, *goods, self.columns, self.says_claims) else {
            return Way::Long(None);
        };
        let rounding = plan.scenario().rounding;
        if rounding.value.is_some() || rounding.charge.is_some() {
            return Way::Long(Some(Box::new(unit)));
        }
        linear(unit)
    }

    /// The same, where no more are asked for.
    pub fn take_ways(&mut self) -> Vec<Way> {
        std::mem::take(&mut self.ways)
    }

    /// The days on which something may change for a class of goods.
    pub fn changes(&self, goods: u32) -> Vec<Date> {
        let changes = &self.examples[goods as usize].changes;
        let day = |interval: &u32| self.plan.changes().get(interval.checked_sub(1)? as usize).copied();
        changes.iter().filter_map(day).collect()
    }
}

/// What one unit of value owes, where that has no more places than are kept.
fn linear(unit: Worksheet) -> Way {
    let places = |number: Decimal| number.normalize().scale();
    let finest = unit.charges.iter().flat_map(|c| [places(c.amount), places(c.share), places(c.base)]);
    let finest = finest.max().unwrap_or(0);
    let mut rate = unit.duty;
    rate.rescale(CHARGE_PLACES);
    match i64::try_from(rate.mantissa()) {
        Ok(rate) if finest <= CHARGE_PLACES => {
            Way::Linear(Linear { unit, rate, whole_units: finest > CHARGE_PLACES - VALUE_PLACES })
        }
        _ => Way::Long(Some(Box::new(unit))),
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
