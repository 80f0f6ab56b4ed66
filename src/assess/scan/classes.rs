//! Goods that a scenario treats alike. Two goods of one class fall under the same measures at the same rates on every
//! day, so that what is worked out for one of them holds for all.
//!
//! Products are sorted by how each measure sees them, and so are routes; goods, a product on a route, by the measures that
//! may charge them and by how those see the two.

use super::numbers::Numbers;
use super::rule::Rules;
use crate::country::Country;
use crate::date::Date;
use crate::product::Product;
use crate::scenario::{Basis, Scenario};
use rustc_hash::FxHashMap;

/// Sorts goods into classes.
pub struct Classes<'a> {
    scenario: &'a Scenario,
    rules: Rules<'a>,
    /// Views of products and routes by rules and tables, numbered from 1.
    views: Numbers,
    known_products: FxHashMap<Product, u32>,
    products: Numbers,
    /// By class.
    seen: Vec<Seen<Product>>,
    routes: Numbers,
    /// By class.
    routed: Vec<Seen<(Country, bool)>>,
    /// What tables by product and origin say to a product on a route, by their views of the two.
    said: FxHashMap<(u32, u32), u32>,
    goods: Numbers,
    /// Goods by the views of product and route, where no table by both tells more.
    plain: FxHashMap<(u32, u32), u32>,
    key: Vec<u32>,
}

/// How the products or the routes of a class are seen.
struct Seen<T> {
    /// One of them.
    example: T,
    /// The rules that may charge them.
    rules: Bits,
    /// By rule; 0 where it does not charge them.
    views: Vec<u32>,
    /// The number of these views.
    plain: u32,
    /// By table; 0 where it is not asked, or no row of it is for them.
    tables: Vec<u32>,
}

/// A set of rules.
pub struct Bits(Vec<u64>);

impl Bits {
    /// The places that hold a view.
    fn of(views: &[u32]) -> Bits {
        let word = |views: &[u32]| {
            let bits = views.iter().enumerate().map(|(at, view)| u64::from(*view != 0) << at);
            bits.fold(0, |word, bit| word | bit)
        };
        Bits(views.chunks(64).map(word).collect())
    }

    /// What is in both.
    fn and(&self, other: &Bits) -> Bits {
        Bits(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect())
    }

    /// Whether a rule is in it.
    pub fn has(&self, at: usize) -> bool {
        self.0.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    /// All of them, in order.
    fn all(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros() as usize;
                left &= left.checked_sub(1)?;
                Some(at * 64 + bit)
            })
        })
    }
}

impl<'a> Classes<'a> {
    /// For the goods of a scenario.
    pub fn new(scenario: &'a Scenario) -> Self {
        Classes {
            scenario,
            rules: Rules::new(scenario),
            views: Numbers::default(),
            known_products: FxHashMap::default(),
            products: Numbers::default(),
            seen: Vec::new(),
            routes: Numbers::default(),
            routed: Vec::new(),
            said: FxHashMap::default(),
            goods: Numbers::default(),
            plain: FxHashMap::default(),
            key: Vec::new(),
        }
    }

    /// The class of a product.
    pub fn product(&mut self, product: Product) -> u32 {
        if let Some(known) = self.known_products.get(&product) {
            return *known;
        }
        let Classes { rules, views: numbers, key, .. } = self;
        let lists: Vec<u32> = rules.lists.iter().map(|list| list.view(product)).collect();
        let mut tables = vec![0; rules.tables.len()];
        let mut views = vec![0; rules.all.len()];
        for (place, rule) in rules.all.iter().enumerate() {
            // A list that has nothing to do with a code sees 0.
            let has_to_do = |include: &Vec<usize>| include.iter().any(|at| lists[*at] != 0);
            if !rule.include.as_ref().is_none_or(has_to_do) {
                continue;
            }
            for at in rule.by_product.iter().chain(&rule.by_both) {
                if tables[*at] == 0 {
                    key.push(number(*at));
                    rules.tables[*at].view(Some(product), None, key);
                    tables[*at] = numbers.of(key);
                }
            }
            key.push(number(place));
            key.extend(rule.include.iter().flatten().chain(&rule.lists).map(|at| lists[*at]));
            key.extend(rule.by_product.iter().map(|at| tables[*at]));
            rule.see_product(product, key);
            views[place] = numbers.of(key);
        }
        key.extend(&views);
        let plain = numbers.of(key);
        key.push(plain);
        key.extend(rules.by_both(&views).map(|at| tables[at]));
        let class = self.products.of(key) - 1;
        if class as usize == self.seen.len() {
            self.seen.push(Seen { example: product, rules: Bits::of(&views), views, plain, tables });
        }
        self.known_products.insert(product, class);
        class
    }

    /// The class of a route.
    pub fn route(&mut self, origin: Country, importer: Country) -> u32 {
        let Classes { rules, views: numbers, key, scenario, .. } = self;
        let is_cif = scenario.valuation.of(importer) == Basis::Cif;
        let mut tables = vec![0; rules.tables.len()];
        let mut views = vec![0; rules.all.len()];
        for (place, rule) in rules.all.iter().enumerate() {
            if !rule.may_charge(origin, importer) {
                continue;
            }
            for at in &rule.by_both {
                rules.tables[*at].fits(origin, key);
                let is_named = key.iter().any(|fit| *fit != 0);
                tables[*at] = if is_named { numbers.of(key) } else { 0 };
                key.clear();
            }
            for at in &rule.by_origin {
                key.push(number(*at));
                rules.tables[*at].view(None, Some(origin), key);
                tables[*at] = numbers.of(key);
            }
            key.push(number(place));
            rule.see_origin(origin, scenario, key);
            key.extend(rule.by_origin.iter().map(|at| tables[*at]));
            views[place] = numbers.of(key);
        }
        key.extend(&views);
        key.push(u32::from(is_cif));
        let plain = numbers.of(key);
        key.push(plain);
        key.extend(rules.by_both(&views).map(|at| tables[at]));
        let class = self.routes.of(key) - 1;
        if class as usize == self.routed.len() {
            self.routed.push(Seen {
                example: (origin, is_cif),
                rules: Bits::of(&views),
                views,
                plain,
                tables,
            });
        }
        class
    }

    /// The class of goods, by the classes of their product and their route; and whether it is a new one.
    pub fn goods(&mut self, product: u32, route: u32) -> (u32, bool) {
        let Classes { rules, views: numbers, key, said, .. } = self;
        let (seen, routed) = (&self.seen[product as usize], &self.routed[route as usize]);
        let (origin, is_cif) = routed.example;
        let plain = rules.by_both(&routed.views).next().is_none().then_some((seen.plain, routed.plain));
        if let Some(known) = plain.and_then(|plain| self.plain.get(&plain)) {
            return (*known, false);
        }
        let mut view = Vec::new();
        key.push(u32::from(is_cif));
        for at in seen.rules.and(&routed.rules).all() {
            key.extend([seen.views[at], routed.views[at]]);
            for table in &rules.all[at].by_both {
                let pair = (seen.tables[*table], routed.tables[*table]);
                key.push(*said.entry(pair).or_insert_with(|| {
                    rules.tables[*table].view(Some(seen.example), Some(origin), &mut view);
                    numbers.of(&mut view)
                }));
            }
        }
        let next = number(self.goods.len());
        let class = self.goods.of(key) - 1;
        self.plain.extend(plain.map(|plain| (plain, class)));
        (class, class == next)
    }

    /// The rules that may charge goods of the classes of a product and a route.
    pub fn rules(&self, product: u32, route: u32) -> Bits {
        self.seen[product as usize].rules.and(&self.routed[route as usize].rules)
    }

    /// The days on which something may change for goods that some rules may charge, in order.
    pub fn changes(&self, rules: &Bits) -> Vec<Date> {
        let mut changes: Vec<Date> =
            rules.all().flat_map(|at| self.rules.all[at].changes.iter().copied()).collect();
        changes.sort_unstable();
        changes.dedup();
        changes
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
