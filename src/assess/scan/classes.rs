//! Goods that a scenario treats alike. Two goods of the same class fall under the same measures at the same rates on
//! every day, so that what is worked out for one of them holds for all.

use crate::country::Country;
use crate::expr::{Expr, Fact, Group, Node};
use crate::product::{Product, ProductScope};
use crate::scenario::{FileTable, Form, Rate, Scenario};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Sorts goods into classes.
pub struct Classes<'a> {
    scenario: &'a Scenario,
    /// The goods of each measure, then of each quota and credit, then of each product group.
    scopes: Vec<Goods<'a>>,
    tables: Vec<&'a FileTable>,
    /// Whether a table tells origins apart.
    by_origin: Vec<bool>,
    /// What each measure, then each quota and credit rests on.
    rests_on: Vec<Uses>,
    /// How scopes, and tables that do not tell origins apart, see a product.
    views: FxHashMap<(usize, Product), u32>,
    numbers: FxHashMap<Box<[u32]>, u32>,
    routes: FxHashMap<Box<[u32]>, u32>,
    /// What matters of goods on a route, by class of route.
    matters: Vec<Matters>,
    goods: FxHashMap<Box<[u32]>, u32>,
}

/// A set of goods.
enum Goods<'a> {
    Scope(&'a ProductScope),
    Group(usize),
}

/// What an expression, or all of a measure's, look at beside the day.
#[derive(Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Uses {
    tables: BTreeSet<usize>,
    groups: BTreeSet<usize>,
    country_groups: BTreeSet<usize>,
    countries: BTreeSet<Country>,
    product: bool,
    origin: bool,
}

/// What matters of goods on a route: which measures may charge them, and what those look at.
struct Matters {
    /// What is the same for all goods of the route.
    route: Vec<u32>,
    scopes: Vec<usize>,
    tables: Vec<usize>,
    product: bool,
}

impl<'a> Classes<'a> {
    /// For the goods of a scenario.
    pub fn new(scenario: &'a Scenario) -> Self {
        let reaches = scenario.measures.iter().map(|m| &m.reach).chain(scenario.ledgers().map(|l| &l.reach));
        let groups = (0..scenario.products.len()).map(Goods::Group);
        let scopes = reaches.map(|reach| Goods::Scope(&reach.products)).chain(groups).collect();
        let mut classes = Classes {
            scenario,
            scopes,
            tables: Vec::new(),
            by_origin: Vec::new(),
            rests_on: Vec::new(),
            views: FxHashMap::default(),
            numbers: FxHashMap::default(),
            routes: FxHashMap::default(),
            matters: Vec::new(),
            goods: FxHashMap::default(),
        };
        for measure in &scenario.measures {
            let mut uses = Uses::default();
            let mut seen = BTreeSet::new();
            measure.formulas().for_each(|formula| classes.collect(&formula.expr, &mut uses, &mut seen));
            for step in &measure.steps {
                if let Some(Rate::File(table)) = &step.rate {
                    uses.tables.insert(classes.table(table));
                }
            }
            classes.rests_on.push(uses);
        }
        for ledger in scenario.ledgers() {
            let mut uses = Uses::default();
            let mut seen = BTreeSet::new();
            ledger.formulas().for_each(|formula| classes.collect(&formula.expr, &mut uses, &mut seen));
            classes.rests_on.push(uses);
        }
        classes.by_origin = classes.tables.iter().map(|table| table.has_origins()).collect();
        classes
    }

    fn table(&mut self, table: &'a FileTable) -> usize {
        let known = self.tables.iter().position(|known| std::ptr::eq(*known, table));
        known.unwrap_or_else(|| {
            self.tables.push(table);
            self.tables.len() - 1
        })
    }

    /// Adds what an expression looks at; `seen` are the parameters that need not be looked behind again.
    fn collect(&mut self, expr: &Expr, uses: &mut Uses, seen: &mut BTreeSet<usize>) {
        let mut parameters = Vec::new();
        expr.walk(&mut |part| match &part.node {
            Node::In(Group::Products(at)) => drop(uses.groups.insert(*at)),
            Node::In(Group::Countries(at)) => drop(uses.country_groups.insert(*at)),
            Node::In(Group::Country(country)) => drop(uses.countries.insert(*country)),
            Node::Fact(Fact::Product) => uses.product = true,
            Node::Fact(Fact::Origin) => uses.origin = true,
            Node::Parameter(at) => parameters.push(*at),
            _ => {}
        });
        for at in parameters {
            let Some(parameter) = self.scenario.parameters.get(at).filter(|_| seen.insert(at)) else {
                continue;
            };
            match &parameter.form {
                Form::File(table) => drop(uses.tables.insert(self.table(table))),
                Form::By(Fact::Origin, _) => uses.origin = true,
                Form::By(Fact::Product, _) => uses.product = true,
                _ => {}
            }
            for formula in parameter.formulas() {
                self.collect(&formula.expr, uses, seen);
            }
        }
    }

    /// The class of a route: goods of one class of route are told apart by the product alone.
    pub fn route(&mut self, origin: Country, importer: Country) -> u32 {
        let scenario = self.scenario;
        let mut route = Vec::new();
        let mut uses = Uses::default();
        let mut scopes = Vec::new();
        let reaches = scenario.measures.iter().map(|m| &m.reach).chain(scenario.ledgers().map(|l| &l.reach));
        for (at, reach) in reaches.enumerate() {
            let own = reach.importer_of(importer);
            if own.is_none_or(|own| !reach.origins.contains(origin, own)) {
                continue;
            }
            route.push(number(at));
            scopes.push(at);
            let own = &self.rests_on[at];
            uses.tables.extend(&own.tables);
            uses.groups.extend(&own.groups);
            uses.country_groups.extend(&own.country_groups);
            uses.countries.extend(&own.countries);
            uses.product |= own.product;
            uses.origin |= own.origin;
        }
        route.push(u32::MAX);
        route.push(u32::from(scenario.valuation.of(importer) == crate::scenario::Basis::Cif));
        let is_in = |at: &usize| u32::from(scenario.countries[*at].set.contains(origin));
        route.extend(uses.country_groups.iter().map(is_in));
        route.extend(uses.countries.iter().map(|country| u32::from(country.covers(origin))));
        if uses.origin {
            route.push(number_of(origin));
        }
        let first_group = scenario.measures.len() + scenario.ledgers().count();
        scopes.extend(uses.groups.iter().map(|group| first_group + group));
        let tables: Vec<usize> = uses.tables.iter().copied().collect();
        let mut key = route.clone();
        if tables.iter().any(|at| self.by_origin[*at]) {
            key.push(number_of(origin));
        }
        if let Some(known) = self.routes.get(key.as_slice()) {
            return *known;
        }
        let class = number(self.matters.len());
        self.matters.push(Matters { route, scopes, tables, product: uses.product });
        self.routes.insert(key.into(), class);
        class
    }

    /// The class of goods on a route of a class, and whether it is a new one.
    pub fn goods(&mut self, route: u32, product: Product, origin: Country) -> (u32, bool) {
        let Some(matters) = self.matters.get(route as usize) else { return (u32::MAX, false) };
        let mut key = matters.route.clone();
        for scope in &matters.scopes {
            let set = &self.scopes[*scope];
            let scenario = self.scenario;
            let view = |view: &mut Vec<u32>| match set {
                Goods::Scope(scope) => scope.view(product, view),
                Goods::Group(at) => scenario.products[*at].set.view(product, view),
            };
            key.push(cached(&mut self.views, &mut self.numbers, (*scope, product), view));
        }
        for at in &matters.tables {
            let table = self.tables[*at];
            if self.by_origin[*at] {
                let mut view = Vec::new();
                table.view(product, origin, &mut view);
                key.push(numbered(&mut self.numbers, view));
            } else {
                let place = (self.scopes.len() + at, product);
                let view = |view: &mut Vec<u32>| table.view(product, origin, view);
                key.push(cached(&mut self.views, &mut self.numbers, place, view));
            }
        }
        // How long a code is decides what lies under it.
        key.push(number(product.digits()));
        if matters.product {
            key.extend(product.as_numbers());
        }
        let next = number(self.goods.len());
        match self.goods.get(key.as_slice()) {
            Some(known) => (*known, false),
            None => {
                self.goods.insert(key.into(), next);
                (next, true)
            }
        }
    }
}

/// The number of a view that is the same whenever it is asked for.
fn cached(
    views: &mut FxHashMap<(usize, Product), u32>,
    numbers: &mut FxHashMap<Box<[u32]>, u32>,
    place: (usize, Product),
    look: impl FnOnce(&mut Vec<u32>),
) -> u32 {
    *views.entry(place).or_insert_with(|| {
        let mut view = Vec::new();
        look(&mut view);
        numbered(numbers, view)
    })
}

/// A number for a view, the same for the same.
fn numbered(numbers: &mut FxHashMap<Box<[u32]>, u32>, view: Vec<u32>) -> u32 {
    let next = number(numbers.len());
    *numbers.entry(view.into()).or_insert(next)
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A number that no other country has.
fn number_of(country: Country) -> u32 {
    country.code().bytes().fold(0, |number, byte| (number << 8) | u32::from(byte))
}
