//! What goods of one class owe in an interval, on one unit of value.

use super::classes::Classes;
use crate::assess::assessor::Assessor;
use crate::assess::plan::{Cell, Interval, Plan};
use crate::assess::worksheet::Worksheet;
use crate::country::Country;
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
    /// Each by itself, from all of its columns.
    Long,
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

/// Cells, each worked out once.
pub struct Cells<'a> {
    plan: &'a Plan,
    /// Whether flows say what they claim.
    says_claims: bool,
    assessor: Assessor<'a>,
    columns: &'a Columns,
    intervals: FxHashMap<usize, Interval>,
    classes: Classes<'a>,
    /// Goods of each class: a product, an origin and an importer.
    examples: Vec<(Product, Country, Country)>,
    cells: FxHashMap<(u32, u32), u32>,
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
            cells: FxHashMap::default(),
            ways: Vec::new(),
        }
    }

    /// The class of a route.
    pub fn route(&mut self, origin: Country, importer: Country) -> u32 {
        self.classes.route(origin, importer)
    }

    /// The class of goods on a route of a class.
    pub fn goods(&mut self, route: u32, goods: (Product, Country, Country)) -> u32 {
        let (class, is_new) = self.classes.goods(route, goods.0, goods.1);
        if is_new {
            self.examples.push(goods);
        }
        class
    }

    /// The cell of a class of goods in an interval.
    pub fn cell(&mut self, goods: u32, interval: u32) -> u32 {
        if let Some(known) = self.cells.get(&(goods, interval)) {
            return *known;
        }
        let number = u32::try_from(self.ways.len()).unwrap_or(u32::MAX);
        let way = self.way(goods, interval as usize);
        self.ways.push(way);
        self.cells.insert((goods, interval), number);
        number
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
        let Some((product, origin, importer)) = self.examples.get(goods as usize).copied() else {
            return Way::Long;
        };
        let plan = self.plan;
        let interval = self.intervals.entry(number).or_insert_with(|| plan.interval(number));
        let cell = plan.cell(interval, product, origin, importer);
        if !cell.quotas.is_empty() || !cell.credits.is_empty() {
            return Way::Aside;
        }
        let rounding = plan.scenario().rounding;
        if rounding.value.is_some() || rounding.charge.is_some() {
            return Way::Long;
        }
        let goods = (product, origin, importer);
        linear(&self.assessor, &cell, interval, goods, self.columns, self.says_claims)
            .map_or(Way::Long, Way::Linear)
    }
}

/// What one unit of value owes, where duty is proportional to value.
fn linear(
    assessor: &Assessor<'_>,
    cell: &Cell,
    interval: &Interval,
    goods: (Product, Country, Country),
    columns: &Columns,
    says_claims: bool,
) -> Option<Linear> {
    let unit = assessor.unit(cell, interval, goods, columns, says_claims)?;
    let places = |number: Decimal| number.normalize().scale();
    let finest = unit.charges.iter().flat_map(|c| [places(c.amount), places(c.share), places(c.base)]);
    let finest = finest.max().unwrap_or(0);
    if finest > CHARGE_PLACES {
        return None;
    }
    let mut rate = unit.duty;
    rate.rescale(CHARGE_PLACES);
    let rate = i64::try_from(rate.mantissa()).ok()?;
    Some(Linear { unit, rate, whole_units: finest > CHARGE_PLACES - VALUE_PLACES })
}
