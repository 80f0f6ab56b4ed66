//! The panel of rates: what one unit of value of a product of an origin owes, from one day on which that changes to the
//! next. It is read off the same cells as runs of many flows.

use super::cells::{Cells, Way};
use crate::assess::assessor::Assessor;
use crate::assess::ledger::Books;
use crate::assess::plan::Plan;
use crate::country::Country;
use crate::date::Date;
use crate::money::{CHARGE_PLACES, RoundingMode};
use crate::product::Product;
use crate::trade::{Columns, Flow};
use rust_decimal::Decimal;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Rates of products of origins over time.
#[derive(Debug)]
pub struct Panel {
    /// The products, in order.
    pub products: Vec<Product>,
    /// The origins, in order.
    pub origins: Vec<Country>,
    /// The measures that charge some of them, as places in the scenario's list.
    pub measures: Vec<usize>,
    /// What holds from when until when, as places in `rates`; each list is what some goods see.
    histories: Vec<Vec<(Window, usize)>>,
    /// The rates that occur.
    rates: Vec<Rates>,
    /// By product and origin, the place of their history.
    of: Vec<u32>,
}

/// From the first day to the last but one; open at either end.
pub type Window = (Option<Date>, Option<Date>);

/// What one unit of value owes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rates {
    /// Duty as a part of the value, to 1e-10; or why there is no such rate.
    pub duty: Result<Decimal, String>,
    /// What each measure charges as a part of the value, to 1e-10.
    pub by_measure: Vec<(usize, Decimal)>,
}

/// A row of the panel.
#[derive(Debug, Clone, Copy)]
pub struct Row<'p> {
    /// The product, as a place in the panel's list.
    pub product: usize,
    /// The origin, as a place in the panel's list.
    pub origin: usize,
    /// When it holds.
    pub window: Window,
    /// The rates, as a place in the panel's list.
    pub place: usize,
    /// The rates.
    pub rates: &'p Rates,
}

impl Panel {
    /// The rates of products of origins that an importer charges, from a day to the day before another.
    pub fn new(
        plan: &Plan,
        importer: Country,
        mut products: Vec<Product>,
        mut origins: Vec<Country>,
        window: Window,
    ) -> Panel {
        products.sort_unstable();
        products.dedup();
        origins.sort_unstable();
        origins.dedup();
        let columns = Columns::default();
        let mut cells = Cells::new(plan, &columns, false);
        let mut assessing = Assessing { plan, assessor: Assessor::new(plan, &columns), window };
        // By the classes of product and route, by class of goods, and by what they say.
        let (mut seen, mut known, mut places) =
            (FxHashMap::default(), FxHashMap::default(), FxHashMap::default());
        let (mut histories, mut rates) = (Vec::new(), Vec::new());
        let routes: Vec<u32> = origins.iter().map(|origin| cells.route(*origin, importer)).collect();
        let mut of = Vec::with_capacity(products.len().saturating_mul(origins.len()));
        for product in &products {
            let class = cells.product(*product);
            for (origin, route) in origins.iter().zip(&routes) {
                let history = *seen.entry((class, *route)).or_insert_with(|| {
                    let goods = (*product, *origin, importer);
                    let class = cells.goods(class, *route, goods);
                    *known.entry(class).or_insert_with(|| {
                        let history = assessing.history(class, goods, &mut cells).into_iter();
                        let history = history.map(|(window, one)| {
                            let place = places.entry(one.clone()).or_insert_with(|| {
                                rates.push(one);
                                rates.len() - 1
                            });
                            (window, *place)
                        });
                        histories.push(merged(history.collect()));
                        u32::try_from(histories.len() - 1).unwrap_or(u32::MAX)
                    })
                });
                of.push(history);
            }
        }
        let charging =
            |rates: &Rates| rates.by_measure.iter().map(|(measure, _)| *measure).collect::<Vec<_>>();
        let mut measures: Vec<usize> = rates.iter().flat_map(charging).collect();
        measures.sort_unstable();
        measures.dedup();
        Panel { products, origins, measures, histories, rates, of }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.of.iter().map(|history| self.histories[*history as usize].len()).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All rates that occur.
    pub fn rates(&self) -> &[Rates] {
        &self.rates
    }

    /// The rows of some products: by product, then by origin, then by day.
    pub fn rows(&self, products: Range<usize>) -> impl Iterator<Item = Row<'_>> {
        products.flat_map(move |product| {
            (0..self.origins.len()).flat_map(move |origin| {
                let history = &self.histories[self.of[product * self.origins.len() + origin] as usize];
                history.iter().map(move |(window, place)| {
                    let rates = &self.rates[*place];
                    Row { product, origin, window: *window, place: *place, rates }
                })
            })
        })
    }
}

/// Works out what holds when.
struct Assessing<'a> {
    plan: &'a Plan,
    assessor: Assessor<'a>,
    window: Window,
}

impl Assessing<'_> {
    /// What goods of a class owe over the days asked for.
    fn history(
        &mut self,
        class: u32,
        goods: (Product, Country, Country),
        cells: &mut Cells<'_>,
    ) -> Vec<(Window, Rates)> {
        let changes = cells.changes(class);
        let (first, last) = self.window;
        let mut starts: Vec<Option<Date>> = vec![first];
        let inside =
            |day: &Date| first.is_none_or(|first| *day > first) && last.is_none_or(|last| *day < last);
        starts.extend(changes.into_iter().filter(inside).map(Some));
        let ends = starts.iter().skip(1).copied().chain([last]).collect::<Vec<_>>();
        let spans = starts.into_iter().zip(ends);
        let rated = spans.map(|(from, until)| {
            let interval = from.map_or(0, |day| self.plan.interval_of(day));
            let cell = cells.cell(class, u32::try_from(interval).unwrap_or(u32::MAX));
            let day = from.unwrap_or(Date::MIN);
            ((from, until), self.rates(cells.get(cell), goods, day))
        });
        rated.collect()
    }

    fn rates(&mut self, way: Option<&Way>, goods: (Product, Country, Country), day: Date) -> Rates {
        let unit = match way {
            Some(Way::Linear(linear)) => Some(&linear.unit),
            Some(Way::Long(unit)) => unit.as_deref(),
            Some(Way::Aside) | None => None,
        };
        let to_places = |part: Decimal| RoundingMode::HalfUp.places(part, CHARGE_PLACES).normalize();
        match unit {
            Some(unit) => Rates {
                duty: Ok(to_places(unit.duty)),
                by_measure: unit.charges.iter().map(|c| (c.measure, to_places(c.amount))).collect(),
            },
            None => Rates { duty: Err(self.reason(way, goods, day)), by_measure: Vec::new() },
        }
    }

    /// Why goods have no rate: what one unit of value of them lacks.
    fn reason(&mut self, way: Option<&Way>, goods: (Product, Country, Country), day: Date) -> String {
        if matches!(way, Some(Way::Aside)) {
            return "it may draw on a quota or credit".to_owned();
        }
        let flow = Flow::unit(goods.0, goods.1, goods.2, day);
        let mut books = Books::new(self.plan.scenario());
        let closed = self.assessor.open(&flow).and_then(|open| self.assessor.close(open, &mut books));
        match closed {
            Ok(closed) => closed
                .sheet
                .not_computable
                .unwrap_or_else(|| "it rests on more of a flow than its value".to_owned()),
            Err(_) => "two measures are both the base duty".to_owned(),
        }
    }
}

/// Windows that follow one another at the same rates as one.
fn merged(history: Vec<(Window, usize)>) -> Vec<(Window, usize)> {
    let mut merged: Vec<(Window, usize)> = Vec::with_capacity(history.len());
    for (window, place) in history {
        match merged.last_mut() {
            Some((last, known)) if *known == place => last.1 = window.1,
            _ => merged.push((window, place)),
        }
    }
    merged
}
