//! A validated scenario: every reference resolved, every expression typed.

use super::economics::{Chain, Market};
use super::formula::Formula;
use super::ledger::{Credit, Ledger, Quota};
use super::parameter::Parameter;
use super::reach::Reach;
use super::table::FileTable;
use crate::country::{Country, CountrySet};
use crate::date::{Date, Window};
use crate::diagnostic::Span;
use crate::expr::{Expr, Group, Node, Value};
use crate::money::Rounding;
use crate::product::{DatedSet, Product};
use rust_decimal::Decimal;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A scenario that can be compiled.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The file it was read from, as the user named it.
    pub file: String,
    /// Where the file starts.
    pub span: Span,
    /// The variant laid over it.
    pub variant: Option<VariantName>,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// What to look for in the result.
    pub notice: Option<String>,
    /// How real it is.
    pub status: Option<Status>,
    /// The day someone last read the sources.
    pub verified: Option<Date>,
    /// Where `verified` stands, else the start of the file.
    pub verified_span: Span,
    /// Groups that some measure, group or file names.
    pub groups_named: BTreeSet<String>,
    /// Citations, in the order of the file.
    pub sources: Vec<Citation>,
    /// Default importer of flows.
    pub importer: Option<Named<Country>>,
    /// ISO 4217 code of the currency every amount is in.
    pub currency: String,
    /// What one unit of each known currency is worth in it.
    pub exchange: BTreeMap<String, Decimal>,
    /// What the customs value holds, by importer.
    pub valuation: Valuation,
    /// Entry date of flows that carry none.
    pub date: Option<Date>,
    /// Rounding of the customs value and of charges; without one nothing is rounded but to 1e-10.
    pub rounding: RoundingRules,
    /// Parameters, in the order of the file.
    pub parameters: Vec<Parameter>,
    /// Groups of products, in the order of the file.
    pub products: Vec<ProductGroup>,
    /// Groups of countries, in the order of the file.
    pub countries: Vec<CountryGroup>,
    /// Series of measures, by name.
    pub series: Vec<Series>,
    /// Measures, in the order of the file, without the disabled ones.
    pub measures: Vec<Measure>,
    /// Quotas, in the order of the file, without the disabled ones.
    pub quotas: Vec<Quota>,
    /// Credits, in the order of the file, without the disabled ones.
    pub credits: Vec<Credit>,
    /// The markets that a model is told of, in the order of the file.
    pub markets: Vec<Market>,
    /// What goes into what, in the order of the file.
    pub chains: Vec<Chain>,
    /// The variants the file offers.
    pub variants: Vec<VariantName>,
    /// Where its trade flows come from.
    pub flows: Vec<FlowSource>,
    /// Citations of the flows, as places in the scenario's list.
    pub flow_sources: Vec<usize>,
}

impl Scenario {
    /// Every expression in it.
    pub fn formulas(&self) -> impl Iterator<Item = &Formula> {
        let of_parameters = self.parameters.iter().flat_map(Parameter::formulas);
        self.rules().chain(of_parameters)
    }

    /// Every expression of a measure, quota or credit.
    pub fn rules(&self) -> impl Iterator<Item = &Formula> {
        let in_quota = self.quotas.iter().map(|quota| &quota.in_quota_rate);
        let of_ledgers = self.ledgers().flat_map(Ledger::formulas);
        self.measures.iter().flat_map(Measure::formulas).chain(in_quota).chain(of_ledgers)
    }

    /// Every expression that a model rests on, and nothing that `run` prints.
    pub fn model(&self) -> impl Iterator<Item = &Formula> {
        let markets = self.markets.iter().flat_map(|market| market.formulas().map(|(_, formula)| formula));
        markets.chain(self.chains.iter().flat_map(Chain::formulas))
    }

    /// What quotas and credits have in common, quotas first.
    pub fn ledgers(&self) -> impl Iterator<Item = &Ledger> {
        self.quotas.iter().map(|quota| &quota.ledger).chain(self.credits.iter().map(|credit| &credit.ledger))
    }

    /// Whether goods of an origin are in a group on a day.
    pub fn is_in(&self, group: Group, product: Product, origin: Country, day: Date) -> bool {
        match group {
            Group::Products(at) => self.products.get(at).is_some_and(|g| g.set.contains(product, day)),
            Group::Countries(at) => self.countries.get(at).is_some_and(|g| g.set.contains(origin)),
            Group::Country(country) => country.covers(origin),
        }
    }

    /// A value of a parameter as it would be written, money with its currency.
    pub fn shown(&self, parameter: &Parameter, value: &Value) -> String {
        match value {
            Value::Money(_) | Value::PerUnit(_) => format!("{} {}", self.currency, parameter.show(value)),
            _ => parameter.show(value),
        }
    }

    /// The citations behind a step of a measure: the measure's, the step's and those of the parameters of its rate.
    pub fn sources_behind(&self, measure: usize, step: usize) -> BTreeSet<usize> {
        let Some((measure, step)) = self.measures.get(measure).and_then(|m| Some((m, m.steps.get(step)?)))
        else {
            return BTreeSet::new();
        };
        let formula = step.rate.as_ref().and_then(Rate::formula);
        let parameters = formula.map(|formula| self.parameters_behind(&formula.expr)).unwrap_or_default();
        let of_parameters = parameters.iter().flat_map(|parameter| &parameter.sources);
        measure.sources.iter().chain(&step.sources).chain(of_parameters).copied().collect()
    }

    /// The parameters an expression rests on, those behind them included.
    pub fn parameters_behind(&self, expr: &Expr) -> Vec<&Parameter> {
        let mut behind: Vec<usize> = Vec::new();
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            expr.walk(&mut |part| match part.node {
                Node::Parameter(index) if !behind.contains(&index) => {
                    behind.push(index);
                    let formulas = self.parameters.get(index).map(Parameter::formulas).unwrap_or_default();
                    open.extend(formulas.into_iter().map(|formula| &formula.expr));
                }
                _ => {}
            });
        }
        behind.into_iter().filter_map(|index| self.parameters.get(index)).collect()
    }
}

/// A thing and how it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Named<T> {
    /// As written.
    pub text: String,
    /// What it is.
    pub value: T,
}

/// How real a scenario is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum Status {
    Enacted,
    Announced,
    Historical,
    Hypothetical,
    Stylised,
}

impl Status {
    /// The names a scenario may write.
    pub const NAMES: &'static [(&'static str, Status)] = &[
        ("enacted", Status::Enacted),
        ("announced", Status::Announced),
        ("historical", Status::Historical),
        ("hypothetical", Status::Hypothetical),
        ("stylised", Status::Stylised),
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, status)| *status == self).map_or("", |(name, _)| name)
    }
}

/// A source that measures and parameters point at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// Its name in the file.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Where it is.
    pub url: Option<String>,
}

/// A variant's id and title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariantName {
    /// As named on the command line after `#`.
    pub id: String,
    /// What it is called.
    pub title: Option<String>,
}

/// A named group of products.
#[derive(Debug, Clone)]
pub struct ProductGroup {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What is in it.
    pub set: DatedSet,
}

/// A named group of countries.
#[derive(Debug, Clone)]
pub struct CountryGroup {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// Who is in it.
    pub set: CountrySet,
}

/// Whether customs value holds freight and insurance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// The goods alone, free on board.
    #[default]
    Fob,
    /// Cost, insurance and freight.
    Cif,
}

impl Basis {
    /// The names a scenario may write.
    pub const NAMES: &'static [(&'static str, Basis)] = &[("fob", Basis::Fob), ("cif", Basis::Cif)];
}

/// The basis of each importer's customs value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Valuation {
    /// Where no importer is named.
    pub default: Basis,
    /// By importer.
    pub by_importer: Vec<(Country, Basis)>,
}

impl Valuation {
    /// The basis of an importer's customs value.
    pub fn of(&self, importer: Country) -> Basis {
        let named = self.by_importer.iter().find(|(country, _)| country.covers(importer));
        named.map_or(self.default, |(_, basis)| *basis)
    }
}

/// Rounding a law prescribes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RoundingRules {
    /// Of the customs value of a flow.
    pub value: Option<Rounding>,
    /// Of each charge on a flow.
    pub charge: Option<Rounding>,
}

/// Measures of one series are alternatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// Which of them counts.
    pub take: Take,
}

/// Which measure of a series counts, by the charge on the flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The one that charges most.
    Highest,
    /// The one that charges least.
    Lowest,
}

impl Take {
    /// The names a scenario may write.
    pub const NAMES: &'static [(&'static str, Take)] =
        &[("highest", Take::Highest), ("lowest", Take::Lowest)];
}

/// The kinds of measures that are charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are those of the language")]
pub enum MeasureType {
    Mfn,
    Preference,
    Exemption,
    Additional,
    AntiDumping,
    Countervailing,
    Safeguard,
    Fee,
    Tax,
    ExportDuty,
    Subsidy,
    NonTariff,
}

/// Who collects a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Collector {
    /// The treasury of the importing country; it also pays subsidies.
    Importer,
    /// The treasury of the country of origin.
    Exporter,
    /// A cost that nobody collects.
    Nobody,
}

impl MeasureType {
    /// The names a scenario may write.
    pub const NAMES: &'static [(&'static str, MeasureType)] = &[
        ("mfn", MeasureType::Mfn),
        ("preference", MeasureType::Preference),
        ("exemption", MeasureType::Exemption),
        ("additional", MeasureType::Additional),
        ("anti-dumping", MeasureType::AntiDumping),
        ("countervailing", MeasureType::Countervailing),
        ("safeguard", MeasureType::Safeguard),
        ("fee", MeasureType::Fee),
        ("tax", MeasureType::Tax),
        ("export-duty", MeasureType::ExportDuty),
        ("subsidy", MeasureType::Subsidy),
        ("non-tariff", MeasureType::NonTariff),
    ];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, ty)| *ty == self).map_or("", |(name, _)| name)
    }

    /// Whether what it charges is duty of the importing country.
    pub fn is_duty(self) -> bool {
        !matches!(
            self,
            MeasureType::Fee
                | MeasureType::Tax
                | MeasureType::ExportDuty
                | MeasureType::Subsidy
                | MeasureType::NonTariff
        )
    }

    /// Who collects it.
    pub fn collector(self) -> Collector {
        match self {
            MeasureType::ExportDuty => Collector::Exporter,
            MeasureType::NonTariff => Collector::Nobody,
            _ => Collector::Importer,
        }
    }

    /// Whether it is claimed by the importer.
    pub fn is_claimed(self) -> bool {
        matches!(self, MeasureType::Preference | MeasureType::Exemption)
    }
}

/// A legal duty, or relief from one, on goods from origins in a time.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Its id.
    pub id: String,
    /// Where its id stands.
    pub span: Span,
    /// Its kind.
    pub kind: MeasureType,
    /// What it is called.
    pub title: Option<String>,
    /// A remark.
    pub note: Option<String>,
    /// Citations, as places in the scenario's list.
    pub sources: Vec<usize>,
    /// What trade it is for, besides its steps.
    pub reach: Reach,
    /// What it says from which day; never empty, sorted.
    pub steps: Vec<Step>,
    /// The name it shares with others.
    pub programme: Option<String>,
    /// The series it is an alternative in, as a place in the scenario's list.
    pub series: Option<usize>,
    /// The name under which a preference or exemption is claimed.
    pub claim: String,
    /// The part of eligible trade that claims it; `None` is all.
    pub utilisation: Option<Formula>,
}

impl Measure {
    /// The step in force on a day, if the measure is in force then.
    pub fn step_on(&self, day: Date) -> Option<usize> {
        if !self.reach.window.contains(day) {
            return None;
        }
        self.steps.iter().rposition(|step| step.from.is_none_or(|from| from <= day))
    }

    /// Who charges it on goods that an importer imports; `None` where nobody does.
    pub fn charged_by(&self, importer: Country) -> Option<Country> {
        self.reach.importer_of(importer)
    }

    /// Every expression in it.
    pub fn formulas(&self) -> impl Iterator<Item = &Formula> {
        let of_steps = self
            .steps
            .iter()
            .flat_map(|step| step.rate.iter().filter_map(Rate::formula).chain(&step.share).chain(&step.when));
        of_steps.chain(&self.utilisation)
    }

    /// The days from its first step to its end.
    pub fn in_force(&self) -> Window {
        let first = self.steps.first().and_then(|s| s.from);
        Window { from: self.reach.window.from.max(first), until: self.reach.window.until }
    }
}

/// What a measure says from one day on.
#[derive(Debug, Clone)]
pub struct Step {
    /// The first day; `None` where the measure has one step only.
    pub from: Option<Date>,
    /// Where it stands.
    pub span: Span,
    /// The rate; `None` for an exemption.
    pub rate: Option<Rate>,
    /// The part of the customs value it charges; `None` is all.
    pub share: Option<Formula>,
    /// Whether it displaces on the whole article rather than on its share.
    pub covers_article: bool,
    /// The condition under which it is in force.
    pub when: Option<Formula>,
    /// The measures it gives way to, as places in the scenario's list.
    pub yields_to: Vec<usize>,
    /// The charges that count towards its rate.
    pub inclusive_of: Option<Counted>,
    /// A title of its own.
    pub title: Option<String>,
    /// Citations of its own.
    pub sources: Vec<usize>,
}

impl Step {
    /// Where the rate stands: the row of a file, the expression, or the step where there is none.
    pub fn place(&self, row: Option<usize>) -> Span {
        match (&self.rate, row) {
            (Some(Rate::File(table)), Some(row)) => table.row(row).map_or(self.span, |row| row.span),
            (Some(rate), _) => rate.formula().map_or(self.span, |formula| formula.span),
            (None, _) => self.span,
        }
    }
}

/// Where a rate comes from.
#[derive(Debug, Clone)]
pub enum Rate {
    /// An expression.
    Formula(Formula),
    /// A file with a row a tariff line.
    File(Box<FileTable>),
}

impl Rate {
    /// The expression, or that of a file's default.
    pub fn formula(&self) -> Option<&Formula> {
        match self {
            Rate::Formula(formula) => Some(formula),
            Rate::File(table) => table.default.as_ref(),
        }
    }

    /// The rate as written; a file's by the place of its row.
    pub fn text(&self, row: Option<usize>) -> &str {
        match (self, row) {
            (Rate::File(table), Some(row)) => table.text(row),
            _ => self.formula().map_or("", |formula| formula.text.as_str()),
        }
    }
}

/// Charges that count towards a rate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Counted {
    /// The base duty: MFN or the preference that replaced it.
    pub base: bool,
    /// Other measures, as places in the scenario's list.
    pub measures: Vec<usize>,
}

/// Where trade flows come from.
#[derive(Debug, Clone, PartialEq)]
pub enum FlowSource {
    /// A CSV file.
    File(crate::trade::FlowFile),
    /// Rows written in the scenario.
    Inline(Vec<(super::raw::Table, Span)>),
}
