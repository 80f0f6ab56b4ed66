//! Goods that a scenario treats alike. Two goods of one class fall under the same measures at the same rates on every
//! day, so that what is worked out for one of them holds for all.
//!
//! Products are sorted by how every list of goods and every table sees them, routes by which measures may charge what
//! comes by them; goods, a product on a route, by the measures that are left and by what those look at.

use crate::country::Country;
use crate::date::Date;
use crate::expr::{Expr, Fact, Group, Node};
use crate::product::Product;
use crate::scenario::{Basis, FileTable, Form, Rate, Reach, Scenario};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Sorts goods into classes.
pub struct Classes<'a> {
    scenario: &'a Scenario,
    /// Every measure, then every quota and credit.
    rules: Vec<Rule<'a>>,
    tables: Vec<&'a FileTable>,
    /// Whether a table tells origins apart.
    by_origin: Vec<bool>,
    /// Views of lists and tables, numbered.
    views: FxHashMap<Box<[u32]>, u32>,
    known_products: FxHashMap<Product, u32>,
    products: FxHashMap<Box<[u32]>, u32>,
    seen: Vec<SeenProduct>,
    routes: FxHashMap<Box<[u32]>, u32>,
    routed: Vec<Route>,
    goods: FxHashMap<Box<[u32]>, u32>,
}

/// A measure, quota or credit.
struct Rule<'a> {
    reach: &'a Reach,
    tables: BTreeSet<usize>,
    groups: BTreeSet<usize>,
    country_groups: BTreeSet<usize>,
    countries: BTreeSet<Country>,
    /// Whether it looks at the product or the origin itself.
    product: bool,
    origin: bool,
    /// The days on which it changes.
    changes: Vec<Date>,
}

/// How a product is seen.
struct SeenProduct {
    product: Product,
    /// The rules whose goods it may be among.
    rules: Bits,
    /// By rule, then by group of products, then by table that does not tell origins apart.
    views: Vec<u32>,
}

/// An origin and an importer.
struct Route {
    /// The rules that may charge what comes by it.
    rules: Bits,
    origin: Country,
    is_cif: bool,
}

/// A set of rules.
#[derive(Clone, PartialEq, Eq)]
struct Bits(Vec<u64>);

impl Bits {
    fn of(holds: impl Iterator<Item = bool>) -> Bits {
        let mut bits = Vec::new();
        for (at, holds) in holds.enumerate() {
            if at % 64 == 0 {
                bits.push(0);
            }
            if let (true, Some(last)) = (holds, bits.last_mut()) {
                *last |= 1 << (at % 64);
            }
        }
        Bits(bits)
    }

    /// What is in both.
    fn shared<'b>(&'b self, other: &'b Bits) -> impl Iterator<Item = usize> + 'b {
        let words = self.0.iter().zip(&other.0).enumerate();
        words.flat_map(|(at, (a, b))| {
            (0..64).filter(move |bit| (a & b) >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        })
    }

    fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().flat_map(|bits| [bits >> 32, *bits]).map(low)
    }
}

impl<'a> Classes<'a> {
    /// For the goods of a scenario.
    pub fn new(scenario: &'a Scenario) -> Self {
        let mut tables = Vec::new();
        let mut rules = Vec::new();
        for measure in &scenario.measures {
            let mut rule = Rule::new(&measure.reach);
            rule.changes.extend(measure.steps.iter().filter_map(|step| step.from));
            let mut seen = BTreeSet::new();
            measure
                .formulas()
                .for_each(|formula| rule.collect(&formula.expr, scenario, &mut tables, &mut seen));
            for step in &measure.steps {
                if let Some(Rate::File(table)) = &step.rate {
                    rule.look_up(table, &mut tables);
                }
            }
            rules.push(rule);
        }
        for ledger in scenario.ledgers() {
            let mut rule = Rule::new(&ledger.reach);
            let mut seen = BTreeSet::new();
            ledger
                .formulas()
                .for_each(|formula| rule.collect(&formula.expr, scenario, &mut tables, &mut seen));
            rules.push(rule);
        }
        for rule in &mut rules {
            rule.changes.sort_unstable();
            rule.changes.dedup();
        }
        Classes {
            scenario,
            rules,
            by_origin: tables.iter().map(|table: &&FileTable| table.has_origins()).collect(),
            tables,
            views: FxHashMap::default(),
            known_products: FxHashMap::default(),
            products: FxHashMap::default(),
            seen: Vec::new(),
            routes: FxHashMap::default(),
            routed: Vec::new(),
            goods: FxHashMap::default(),
        }
    }

    /// The class of a product.
    pub fn product(&mut self, product: Product) -> u32 {
        if let Some(known) = self.known_products.get(&product) {
            return *known;
        }
        let mut views = Vec::with_capacity(self.rules.len());
        let mut view = Vec::new();
        let mut matches = Vec::with_capacity(self.rules.len());
        for rule in &self.rules {
            view.clear();
            rule.reach.products.view(product, &mut view);
            // A list that has nothing to do with a code sees 0, or nothing where it is everything.
            let is_everything = rule.reach.products.include.is_none();
            matches.push(is_everything || view.iter().any(|seen| *seen != 0));
            views.push(numbered(&mut self.views, &view));
        }
        for group in &self.scenario.products {
            view.clear();
            group.set.view(product, &mut view);
            views.push(numbered(&mut self.views, &view));
        }
        for (table, by_origin) in self.tables.iter().zip(&self.by_origin) {
            view.clear();
            if *by_origin {
                table.view_of_all(product, &mut view);
            } else {
                table.view(product, Country::EU, &mut view);
            }
            views.push(numbered(&mut self.views, &view));
        }
        let mut key = views.clone();
        if self.rules.iter().any(|rule| rule.product) {
            key.extend(product.as_numbers());
            key.push(number(product.digits()));
        }
        let next = number(self.seen.len());
        let class = *self.products.entry(key.into()).or_insert(next);
        if class == next {
            self.seen.push(SeenProduct { product, rules: Bits::of(matches.into_iter()), views });
        }
        self.known_products.insert(product, class);
        class
    }

    /// The class of a route.
    pub fn route(&mut self, origin: Country, importer: Country) -> u32 {
        let may_charge = |rule: &Rule<'_>| {
            rule.reach.importer_of(importer).is_some_and(|own| rule.reach.origins.contains(origin, own))
        };
        let is_cif = self.scenario.valuation.of(importer) == Basis::Cif;
        let rules = Bits::of(self.rules.iter().map(may_charge));
        let mut key: Vec<u32> = rules.numbers().collect();
        key.push(u32::from(is_cif));
        for rule in self.rules.iter().filter(|rule| may_charge(rule)) {
            rule.see_origin(origin, self.scenario, &mut key);
            if rule.tables.iter().any(|table| self.by_origin[*table]) {
                key.push(number_of(origin));
            }
        }
        let next = number(self.routed.len());
        let class = *self.routes.entry(key.into()).or_insert(next);
        if class == next {
            self.routed.push(Route { rules, origin, is_cif });
        }
        class
    }

    /// The class of goods, by the classes of their product and their route; and whether it is a new one.
    pub fn goods(&mut self, product: u32, route: u32) -> (u32, bool) {
        let (seen, route) = (&self.seen[product as usize], &self.routed[route as usize]);
        let first_group = self.rules.len();
        let first_table = first_group + self.scenario.products.len();
        let mut key = vec![u32::from(route.is_cif)];
        for at in seen.rules.shared(&route.rules) {
            let rule = &self.rules[at];
            key.extend([number(at), seen.views[at]]);
            key.extend(rule.groups.iter().map(|group| seen.views[first_group + group]));
            rule.see_origin(route.origin, self.scenario, &mut key);
            for table in &rule.tables {
                key.push(if self.by_origin[*table] {
                    let mut view = Vec::new();
                    self.tables[*table].view(seen.product, route.origin, &mut view);
                    numbered(&mut self.views, &view)
                } else {
                    seen.views[first_table + table]
                });
            }
            if rule.product {
                key.extend(seen.product.as_numbers());
                key.push(number(seen.product.digits()));
            }
        }
        let next = number(self.goods.len());
        let class = *self.goods.entry(key.into()).or_insert(next);
        (class, class == next)
    }

    /// The days on which something may change for goods of the classes of a product and a route.
    pub fn changes(&self, product: u32, route: u32) -> BTreeSet<Date> {
        let (seen, route) = (&self.seen[product as usize], &self.routed[route as usize]);
        let rules = seen.rules.shared(&route.rules);
        rules.flat_map(|at| self.rules[at].changes.iter().copied()).collect()
    }
}

impl<'a> Rule<'a> {
    fn new(reach: &'a Reach) -> Self {
        Rule {
            reach,
            tables: BTreeSet::new(),
            groups: BTreeSet::new(),
            country_groups: BTreeSet::new(),
            countries: BTreeSet::new(),
            product: false,
            origin: false,
            changes: reach.change_dates().collect(),
        }
    }

    fn look_up(&mut self, table: &'a FileTable, tables: &mut Vec<&'a FileTable>) {
        let known = tables.iter().position(|known| std::ptr::eq(*known, table));
        self.tables.insert(known.unwrap_or(tables.len()));
        if known.is_none() {
            tables.push(table);
        }
        self.changes.extend(table.change_dates());
    }

    /// Adds what an expression looks at; `seen` are the parameters that were looked behind.
    fn collect(
        &mut self,
        expr: &Expr,
        scenario: &'a Scenario,
        tables: &mut Vec<&'a FileTable>,
        seen: &mut BTreeSet<usize>,
    ) {
        let mut parameters = Vec::new();
        expr.walk(&mut |part| match &part.node {
            Node::In(Group::Products(at)) => {
                self.groups.insert(*at);
                self.changes.extend(
                    scenario.products.get(*at).into_iter().flat_map(|group| group.set.change_dates()),
                );
            }
            Node::In(Group::Countries(at)) => drop(self.country_groups.insert(*at)),
            Node::In(Group::Country(country)) => drop(self.countries.insert(*country)),
            Node::Fact(Fact::Product) => self.product = true,
            Node::Fact(Fact::Origin) => self.origin = true,
            Node::Parameter(at) => parameters.push(*at),
            _ => {}
        });
        for at in parameters {
            let Some(parameter) = scenario.parameters.get(at).filter(|_| seen.insert(at)) else { continue };
            self.changes.extend(parameter.change_dates());
            match &parameter.form {
                Form::File(table) => self.look_up(table, tables),
                Form::By(Fact::Origin, _) => self.origin = true,
                Form::By(Fact::Product, _) => self.product = true,
                _ => {}
            }
            for formula in parameter.formulas() {
                self.collect(&formula.expr, scenario, tables, seen);
            }
        }
    }

    /// Adds how it sees an origin.
    fn see_origin(&self, origin: Country, scenario: &Scenario, key: &mut Vec<u32>) {
        let is_in = |at: &usize| scenario.countries.get(*at).is_some_and(|group| group.set.contains(origin));
        key.extend(self.country_groups.iter().map(|at| u32::from(is_in(at))));
        key.extend(self.countries.iter().map(|country| u32::from(country.covers(origin))));
        if self.origin {
            key.push(number_of(origin));
        }
    }
}

/// A number for a view, the same for the same.
fn numbered(numbers: &mut FxHashMap<Box<[u32]>, u32>, view: &[u32]) -> u32 {
    if let Some(known) = numbers.get(view) {
        return *known;
    }
    let next = number(numbers.len());
    numbers.insert(view.into(), next);
    next
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn low(bits: u64) -> u32 {
    u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(u32::MAX)
}

/// A number that no other country has.
fn number_of(country: Country) -> u32 {
    country.code().bytes().fold(0, |number, byte| (number << 8) | u32::from(byte))
}
