//! A scenario tried on trade: what a check looks at.

use crate::assess::{self, Run};
use crate::country::Country;
use crate::date::Date;
use crate::product::Product;
use crate::scenario::{Measure, Scenario};
use crate::trade::Flows;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// A scenario run on its flows.
#[derive(Debug)]
pub struct Tried {
    run: Run,
    /// What it was run on.
    pub trade: Arc<Trade>,
    /// Flows whose base duty no measure states.
    pub base_not_stated: usize,
    /// The id and the product of the first of them.
    pub without_base: Option<(String, Product)>,
}

impl Tried {
    /// Of a run on flows, and these flows, which the run need not have kept.
    pub fn new(run: Run, flows: &Flows, trade: Arc<Trade>) -> Tried {
        let base_not_stated = run.totals.base_not_stated.flows;
        let first = (base_not_stated > 0).then(|| assess::first_without_base(&run.plan, flows)).flatten();
        let without_base = first.map(|flow| (flow.id.clone(), flow.product));
        Tried { run, trade, base_not_stated, without_base }
    }

    /// What was run.
    pub fn scenario(&self) -> &Scenario {
        self.run.scenario()
    }
}

/// Flows, those of the same goods on the same day as one.
#[derive(Debug)]
pub struct Trade {
    /// How many flows there are.
    pub flows: usize,
    /// What is traded on which day.
    products: Vec<(Product, Date)>,
    /// Origins and importers.
    routes: Vec<(Country, Country)>,
    goods: Vec<Together>,
}

/// Flows of a product on a day by a route, both by their places.
#[derive(Debug)]
struct Together {
    product: usize,
    route: usize,
    flows: usize,
    first: String,
}

/// Flows of the same goods on the same day.
#[derive(Debug, Clone, Copy)]
pub struct Goods<'a> {
    /// Their product.
    pub product: Product,
    /// Where they are from.
    pub origin: Country,
    /// Who imports them.
    pub importer: Country,
    /// Their day.
    pub date: Date,
    /// How many they are.
    pub flows: usize,
    /// The id of the first.
    pub first: &'a str,
}

impl Trade {
    /// What flows come to.
    pub fn of(flows: &Flows) -> Trade {
        let (mut products, mut routes) = (Numbered::default(), Numbered::default());
        let mut known = HashMap::new();
        let mut goods: Vec<Together> = Vec::new();
        for flow in &flows.rows {
            let product = products.number((flow.product, flow.date));
            let route = routes.number((flow.origin.value, flow.importer.value));
            let place = *known.entry((product, route)).or_insert_with(|| {
                goods.push(Together { product, route, flows: 0, first: flow.id.clone() });
                goods.len() - 1
            });
            goods[place].flows += 1;
        }
        Trade { flows: flows.rows.len(), products: products.things, routes: routes.things, goods }
    }

    /// All of them, in the order of the flows.
    pub fn goods(&self) -> impl Iterator<Item = Goods<'_>> {
        self.goods.iter().map(|together| {
            let (product, date) = self.products[together.product];
            let (origin, importer) = self.routes[together.route];
            Goods { product, origin, importer, date, flows: together.flows, first: &together.first }
        })
    }

    /// How many flows a measure fits.
    pub fn count(&self, measure: &Measure) -> usize {
        let routes: Vec<bool> = self.routes.iter().map(|route| fits_route(measure, *route)).collect();
        let products: Vec<bool> =
            self.products.iter().map(|product| fits_product(measure, *product)).collect();
        let fitting =
            self.goods.iter().filter(|together| routes[together.route] && products[together.product]);
        fitting.map(|together| together.flows).sum()
    }
}

impl Goods<'_> {
    /// Whether a measure is for their importer, their origin and themselves, on their day or at one of its own ends.
    pub fn fits(&self, measure: &Measure) -> bool {
        fits_route(measure, (self.origin, self.importer)) && fits_product(measure, (self.product, self.date))
    }
}

fn fits_route(measure: &Measure, (origin, importer): (Country, Country)) -> bool {
    measure.charged_by(importer).is_some_and(|own| measure.reach.origins.contains(origin, own))
}

fn fits_product(measure: &Measure, (product, date): (Product, Date)) -> bool {
    let window = measure.in_force();
    let last = window.until.and_then(|until| until.yesterday().ok());
    let mut days = [Some(date), window.from, last].into_iter().flatten();
    days.any(|day| measure.reach.products.longest_match(product, day).is_some())
}

/// Things, each with a number.
struct Numbered<T> {
    numbers: HashMap<T, usize>,
    things: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Numbered { numbers: HashMap::new(), things: Vec::new() }
    }
}

impl<T: Copy + Eq + Hash> Numbered<T> {
    fn number(&mut self, thing: T) -> usize {
        *self.numbers.entry(thing).or_insert_with(|| {
            self.things.push(thing);
            self.things.len() - 1
        })
    }
}
