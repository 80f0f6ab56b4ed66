//! Markets: how demand and supply answer to prices, and the point that is measured from.

use super::preset::{PRESETS, Preset};
use super::{Rent, Shape};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Type, Wanted};
use crate::scenario::decode::{Reader, Report, wrong_type};
use crate::scenario::formula::{Formula, formula};
use crate::scenario::model::ProductGroup;
use crate::scenario::raw::{Key, Node, Raw, Table};
use crate::scenario::sources_of;
use crate::scenario::validate::Scope;

/// What a key says, or what stands in for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// Whether no key says it.
    pub by_default: bool,
}

impl<T> Stated<T> {
    /// What a key says.
    fn said(value: T) -> Stated<T> {
        Stated { value, by_default: false }
    }
}

/// How sellers abroad answer to what they get.
#[derive(Debug, Clone)]
pub enum Abroad {
    /// They sell any amount at the world price: the country is small.
    Infinite {
        /// Whether no key says so.
        by_default: bool,
    },
    /// The elasticity of what they sell; above zero.
    Elasticity(Formula),
    /// The part of a small duty that shows in the price at the border, duty included.
    PassThrough(Formula),
    /// The same, as a study found it.
    Preset(&'static Preset),
}

/// One market: some goods, and how trade in them answers to prices.
#[derive(Debug, Clone)]
pub struct Market {
    /// The group of goods; `None` for all that are in no other market.
    pub group: Option<usize>,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub span: Span,
    /// The shape of demand and supply.
    pub shape: Stated<Shape>,
    /// Elasticity of demand; below zero.
    pub demand: Formula,
    /// Elasticity of domestic supply.
    pub domestic_supply: Option<Formula>,
    /// Supply from abroad.
    pub abroad: Abroad,
    /// Elasticity of substitution between origins.
    pub substitution: Option<Formula>,
    /// The part of what importers bear that shows in retail prices; all of it where no key says so.
    pub retail: Option<Formula>,
    /// Who gets the rent of a quota.
    pub rent: Stated<Rent>,
    /// The price in the flows' values, before duty.
    pub world_price: Option<Formula>,
    /// What is bought before, from home and abroad.
    pub consumption: Option<Formula>,
    /// What is made at home before.
    pub domestic_output: Option<Formula>,
    /// Citations, as places in the scenario's list.
    pub sources: Vec<usize>,
}

impl Market {
    /// Every expression in it, each with its key.
    pub fn formulas(&self) -> impl Iterator<Item = (&'static str, &Formula)> {
        let abroad = match &self.abroad {
            Abroad::Elasticity(formula) => Some((EXPORT_SUPPLY, formula)),
            Abroad::PassThrough(formula) => Some((PASS_THROUGH, formula)),
            Abroad::Infinite { .. } | Abroad::Preset(_) => None,
        };
        let others = [
            (DOMESTIC_SUPPLY, &self.domestic_supply),
            (SUBSTITUTION, &self.substitution),
            (RETAIL, &self.retail),
            (WORLD_PRICE, &self.world_price),
            (CONSUMPTION, &self.consumption),
            (DOMESTIC_OUTPUT, &self.domestic_output),
        ];
        let others = others.into_iter().filter_map(|(key, formula)| Some((key, formula.as_ref()?)));
        std::iter::once((DEMAND, &self.demand)).chain(abroad).chain(others)
    }
}

pub(super) const DEMAND: &str = "demand_elasticity";
pub(super) const DOMESTIC_SUPPLY: &str = "domestic_supply_elasticity";
pub(super) const EXPORT_SUPPLY: &str = "export_supply_elasticity";
pub(super) const PASS_THROUGH: &str = "pass_through";
pub(super) const SUBSTITUTION: &str = "substitution_elasticity";
pub(super) const RETAIL: &str = "retail_pass_through";
pub(super) const WORLD_PRICE: &str = "world_price";
pub(super) const CONSUMPTION: &str = "consumption";
pub(super) const DOMESTIC_OUTPUT: &str = "domestic_output";

/// What a scenario may write for an elasticity without end.
const INFINITE: &str = "infinite";
/// Goods in no other market, where there are others, and where there are none.
const OTHERS: [&str; 2] = ["other goods", "all goods"];

/// What markets are read with.
struct Reads<'a> {
    scope: &'a Scope<'a>,
    citations: &'a [String],
    report: &'a Report<'a>,
}

/// Reads `[economics]`: a market for each group in it, then one for the goods that are in none of them, if it says how
/// demand for those answers. What a group does not say of elasticities holds as `[economics]` says it.
pub fn markets(
    table: Option<(&Table, Span)>,
    scope: &Scope<'_>,
    citations: &[String],
    report: &Report<'_>,
) -> Option<Vec<Market>> {
    let Some((table, span)) = table else { return Some(Vec::new()) };
    let mut own = Table::default();
    let mut groups: Vec<(&Key, &Table, Span)> = Vec::new();
    for (key, node) in &table.entries {
        match &node.value {
            Raw::Table(inner) => groups.push((key, inner, node.span)),
            _ => own.entries.push((key.clone(), node.clone())),
        }
    }
    let reads = Reads { scope, citations, report };
    let outer = Reader::new(&own, "`economics`", span, report);
    let mut markets: Vec<Option<Market>> = Vec::new();
    for (key, inner, _) in &groups {
        let Some(group) = group(key, scope.products, report) else {
            markets.push(None);
            continue;
        };
        let reader = Reader::new(inner, format!("the market `{}`", key.name), key.span, report);
        let named = Named { name: key.name.clone(), group: Some(group), span: key.span };
        markets.push(reads.market(named, &reader, Some(&outer)));
        reader.finish();
    }
    // Without groups, whoever writes [economics] means all goods.
    let says_a_base = [WORLD_PRICE, CONSUMPTION, DOMESTIC_OUTPUT].iter().any(|key| outer.has(key));
    if groups.is_empty() || outer.has(DEMAND) || says_a_base {
        let name = OTHERS[usize::from(groups.is_empty())].to_owned();
        markets.push(reads.market(Named { name, group: None, span }, &outer, None));
    } else {
        for key in KEYS {
            outer.mark(key);
        }
    }
    outer.finish();
    markets.into_iter().collect()
}

/// Keys of a market.
const KEYS: [&str; 12] = [
    "form",
    DEMAND,
    DOMESTIC_SUPPLY,
    EXPORT_SUPPLY,
    PASS_THROUGH,
    SUBSTITUTION,
    RETAIL,
    "quota_rent",
    WORLD_PRICE,
    CONSUMPTION,
    DOMESTIC_OUTPUT,
    "source",
];

fn group(key: &Key, groups: &[ProductGroup], report: &Report<'_>) -> Option<usize> {
    let found = groups.iter().position(|group| group.name == key.name);
    if found.is_some() {
        report.names_group(&key.name);
        return found;
    }
    let message = format!("there is no group of goods `{}`", key.name);
    let known: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let diagnostic = Diagnostic::at(Code::UnknownGroup, key.span, message);
    report.push(if known.is_empty() {
        diagnostic.help(format!("define it: [products] {} = [\"7208\"]", key.name))
    } else {
        diagnostic.suggest(&key.name, known)
    });
    None
}

struct Named {
    name: String,
    group: Option<usize>,
    span: Span,
}

impl Reads<'_> {
    fn market(&self, named: Named, own: &Reader<'_>, outer: Option<&Reader<'_>>) -> Option<Market> {
        let readers = || std::iter::once(own).chain(outer);
        let stated = |key: &'static str| readers().find(|reader| reader.has(key));
        let number = |key: &'static str| self.value(stated(key)?, key, Wanted::Type(Type::Number));
        let shape = match stated("form") {
            Some(reader) => reader.choice("form", Shape::NAMES).map(Stated::said),
            None => Some(Stated { value: Shape::Linear, by_default: true }),
        };
        let rent = match stated("quota_rent") {
            Some(reader) => reader.choice("quota_rent", Rent::NAMES).map(Stated::said),
            None => Some(Stated { value: Rent::Importers, by_default: true }),
        };
        let demand = if let Some(reader) = stated(DEMAND) {
            self.value(reader, DEMAND, Wanted::Type(Type::Number))
        } else {
            self.report
                .push(missing(&named, DEMAND, "how demand answers to the price").help(
                    "demand_elasticity = \"-1.5\": a price higher by 1% lowers what is bought by 1.5%",
                ));
            None
        };
        let abroad = self.abroad(readers());
        // The point measured from is the market's own.
        let world_price = self.value(own, WORLD_PRICE, Wanted::Type(Type::PerUnit(None)));
        let consumption = self.volume(own, CONSUMPTION);
        let domestic_output = self.volume(own, DOMESTIC_OUTPUT);
        let domestic_supply = number(DOMESTIC_SUPPLY);
        if (own.has(CONSUMPTION) || own.has(DOMESTIC_OUTPUT)) && stated(DOMESTIC_SUPPLY).is_none() {
            self.report.push(
                missing(&named, DOMESTIC_SUPPLY, "how domestic output answers to the price")
                    .help("domestic_supply_elasticity = \"0.8\"; \"0\" if output stays what it is"),
            );
        }
        let (substitution, retail) = (number(SUBSTITUTION), number(RETAIL));
        let sources = stated("source").map(|reader| sources_of(reader, self.citations, self.report));
        Some(Market {
            group: named.group,
            name: named.name,
            span: named.span,
            shape: shape?,
            demand: demand?,
            domestic_supply,
            abroad: abroad?,
            substitution,
            retail,
            rent: rent?,
            world_price,
            consumption,
            domestic_output,
            sources: sources.unwrap_or_default(),
        })
    }

    fn value(&self, reader: &Reader<'_>, key: &'static str, wanted: Wanted) -> Option<Formula> {
        let node = reader.node(key)?;
        if matches!(node.value, Raw::Array(_) | Raw::Table(_)) {
            self.report.push(wrong_type(node, key, "an expression"));
            return None;
        }
        formula(node, key, wanted, self.scope, self.report)
    }

    fn volume(&self, reader: &Reader<'_>, key: &'static str) -> Option<Formula> {
        let volume = self.value(reader, key, Wanted::Any)?;
        if matches!(volume.expr.ty, Type::Money | Type::Quantity(_)) {
            return Some(volume);
        }
        let message = format!("`{key}` is {}, where a quantity or money is wanted", volume.expr.ty);
        let diagnostic = volume.diagnostic(Code::Dimension, message);
        self.report.push(diagnostic.help("write \"80 t\", or \"800 USD\" at world prices"));
        None
    }

    /// Supply from abroad: of the first table that says anything of it.
    fn abroad<'r, 'a: 'r>(&self, mut readers: impl Iterator<Item = &'r Reader<'a>>) -> Option<Abroad> {
        let says = |reader: &&Reader<'_>| {
            let (supply, pass_through) = (reader.has(EXPORT_SUPPLY), reader.has(PASS_THROUGH));
            supply || pass_through
        };
        let Some(reader) = readers.find(says) else { return Some(Abroad::Infinite { by_default: true }) };
        if reader.has(EXPORT_SUPPLY) && reader.has(PASS_THROUGH) {
            let message = "export supply and pass-through say the same thing twice";
            self.report.push(
                Diagnostic::new(Code::SupplyTwice, message)
                    .label(reader.place(PASS_THROUGH), "this follows from the other")
                    .label(reader.place(EXPORT_SUPPLY), "and this from that")
                    .help("leave out one of them: the output says what it comes to"),
            );
            return None;
        }
        let text = |node: Option<&Node>| match node {
            Some(Node { value: Raw::Text(text, _), .. }) => Some(text.trim().to_owned()),
            _ => None,
        };
        if reader.has(EXPORT_SUPPLY) {
            if text(reader.node(EXPORT_SUPPLY)).as_deref() == Some(INFINITE) {
                return Some(Abroad::Infinite { by_default: false });
            }
            return self.value(reader, EXPORT_SUPPLY, Wanted::Type(Type::Number)).map(Abroad::Elasticity);
        }
        let written = text(reader.node(PASS_THROUGH));
        if let Some(preset) = PRESETS.iter().find(|preset| written.as_deref() == Some(preset.name)) {
            return Some(Abroad::Preset(preset));
        }
        self.value(reader, PASS_THROUGH, Wanted::Type(Type::Number)).map(Abroad::PassThrough)
    }
}

fn missing(named: &Named, key: &str, what: &str) -> Diagnostic {
    let message = format!("the market `{}` has no `{key}`: {what} is not guessed", named.name);
    Diagnostic::at(Code::MissingElasticity, named.span, message)
}
