//! What a measure, quota or credit looks at.

use crate::country::Country;
use crate::date::Date;
use crate::expr::{Expr, Fact, Group, Node};
use crate::product::{DatedSet, Product, ProductSet};
use crate::scenario::constants::Always;
use crate::scenario::{FileTable, Form, Formula, Rate, Reach, Scenario};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// A measure, quota or credit, and what it looks at.
pub struct Rule<'a> {
    pub reach: &'a Reach,
    /// The lists its goods stand on; `None` where they are all goods.
    pub include: Option<Vec<usize>>,
    /// The other lists it looks at: of goods it leaves out, and in conditions.
    pub lists: Vec<usize>,
    /// Tables by product, by origin, and by both.
    pub by_product: Vec<usize>,
    pub by_origin: Vec<usize>,
    pub by_both: Vec<usize>,
    country_groups: BTreeSet<usize>,
    countries: BTreeSet<Country>,
    /// Whether it looks at the product or the origin itself.
    product: bool,
    origin: bool,
    /// The days on which it changes, in order.
    pub changes: Vec<Date>,
}

/// All rules of a scenario, with the lists and tables they look at.
pub struct Rules<'a> {
    /// Every measure, then every quota and credit.
    pub all: Vec<Rule<'a>>,
    /// Lists of goods, each once.
    pub lists: Vec<&'a ProductSet>,
    pub tables: Vec<&'a FileTable>,
}

/// Looks through a scenario.
struct Looking<'a, 's> {
    scenario: &'a Scenario,
    always: &'s Always<'a>,
    lists: FxHashMap<&'a ProductSet, usize>,
    rules: Rules<'a>,
}

impl<'a> Rules<'a> {
    /// Those of a scenario.
    pub fn new(scenario: &'a Scenario) -> Self {
        let always = Always::new(&scenario.parameters);
        let rules = Rules { all: Vec::new(), lists: Vec::new(), tables: Vec::new() };
        let mut looking = Looking { scenario, always: &always, lists: FxHashMap::default(), rules };
        for measure in &scenario.measures {
            let mut rule = looking.rule(&measure.reach, measure.formulas());
            rule.changes.extend(measure.steps.iter().filter_map(|step| step.from));
            for step in &measure.steps {
                if let Some(Rate::File(table)) = &step.rate {
                    looking.look_up(table, &mut rule);
                }
            }
            looking.keep(rule);
        }
        for ledger in scenario.ledgers() {
            let rule = looking.rule(&ledger.reach, ledger.formulas());
            looking.keep(rule);
        }
        looking.rules
    }

    /// The tables by product and origin that the rules with a view look at.
    pub fn by_both(&self, views: &[u32]) -> impl Iterator<Item = usize> {
        let seeing = self.all.iter().zip(views).filter(|(_, view)| **view != 0);
        seeing.flat_map(|(rule, _)| rule.by_both.iter().copied())
    }
}

impl<'a> Looking<'a, '_> {
    fn rule(&mut self, reach: &'a Reach, formulas: impl IntoIterator<Item = &'a Formula>) -> Rule<'a> {
        let mut rule = Rule {
            reach,
            include: reach.products.include.as_ref().map(|goods| self.lists_of(goods)),
            lists: self.lists_of(&reach.products.except),
            by_product: Vec::new(),
            by_origin: Vec::new(),
            by_both: Vec::new(),
            country_groups: BTreeSet::new(),
            countries: BTreeSet::new(),
            product: false,
            origin: false,
            changes: reach.change_dates().collect(),
        };
        let mut seen = BTreeSet::new();
        for formula in formulas {
            self.collect(&formula.expr, &mut rule, &mut seen);
        }
        rule
    }

    fn keep(&mut self, mut rule: Rule<'a>) {
        for places in [&mut rule.lists, &mut rule.by_product, &mut rule.by_origin, &mut rule.by_both] {
            places.sort_unstable();
            places.dedup();
        }
        rule.changes.sort_unstable();
        rule.changes.dedup();
        self.rules.all.push(rule);
    }

    /// The places of the lists a group of goods is made of.
    fn lists_of(&mut self, goods: &'a DatedSet) -> Vec<usize> {
        let all = &mut self.rules.lists;
        let place = |list: &'a ProductSet| {
            *self.lists.entry(list).or_insert_with(|| {
                all.push(list);
                all.len() - 1
            })
        };
        goods.ever().map(place).collect()
    }

    fn look_up(&mut self, table: &'a FileTable, rule: &mut Rule<'a>) {
        let tables = &mut self.rules.tables;
        let known = tables.iter().position(|known| std::ptr::eq(*known, table));
        let place = known.unwrap_or_else(|| {
            tables.push(table);
            tables.len() - 1
        });
        rule.changes.extend(table.change_dates());
        match (table.has_products(), table.has_origins()) {
            (_, false) => rule.by_product.push(place),
            (false, true) => rule.by_origin.push(place),
            (true, true) => rule.by_both.push(place),
        }
    }

    /// Adds what an expression looks at; `seen` are the parameters that were looked behind.
    fn collect(&mut self, expr: &Expr, rule: &mut Rule<'a>, seen: &mut BTreeSet<usize>) {
        let (scenario, always) = (self.scenario, self.always);
        let mut parameters = Vec::new();
        expr.walk_live(&|part| always.holds(part), &mut |part| match &part.node {
            Node::In(Group::Products(at)) => {
                if let Some(group) = scenario.products.get(*at) {
                    rule.lists.extend(self.lists_of(&group.set));
                    rule.changes.extend(group.set.change_dates());
                }
            }
            Node::In(Group::Countries(at)) => drop(rule.country_groups.insert(*at)),
            Node::In(Group::Country(country)) => drop(rule.countries.insert(*country)),
            Node::Fact(Fact::Product) => rule.product = true,
            Node::Fact(Fact::Origin) => rule.origin = true,
            Node::Parameter(at) => parameters.push(*at),
            _ => {}
        });
        for at in parameters {
            let Some(parameter) = scenario.parameters.get(at).filter(|_| seen.insert(at)) else { continue };
            rule.changes.extend(parameter.change_dates());
            match &parameter.form {
                Form::File(table) => self.look_up(table, rule),
                Form::By(Fact::Origin, _) => rule.origin = true,
                Form::By(Fact::Product, _) => rule.product = true,
                _ => {}
            }
            for formula in parameter.formulas() {
                self.collect(&formula.expr, rule, seen);
            }
        }
    }
}

impl Rule<'_> {
    /// Whether it may charge what an importer imports from an origin.
    pub fn may_charge(&self, origin: Country, importer: Country) -> bool {
        self.reach.importer_of(importer).is_some_and(|own| self.reach.origins.contains(origin, own))
    }

    /// Adds how it sees a product, less lists and tables.
    pub fn see_product(&self, product: Product, view: &mut Vec<u32>) {
        if self.product {
            view.extend(product.as_numbers());
            view.extend(u32::try_from(product.digits()));
        }
    }

    /// Adds how it sees an origin, less tables.
    pub fn see_origin(&self, origin: Country, scenario: &Scenario, view: &mut Vec<u32>) {
        let is_in = |at: &usize| scenario.countries.get(*at).is_some_and(|group| group.set.contains(origin));
        view.extend(self.country_groups.iter().map(|at| u32::from(is_in(at))));
        view.extend(self.countries.iter().map(|country| u32::from(country.covers(origin))));
        if self.origin {
            view.push(number_of(origin));
        }
    }
}

/// A number that no other country has.
fn number_of(country: Country) -> u32 {
    country.code().bytes().fold(0, |number, byte| (number << 8) | u32::from(byte))
}
