//! What a duty does to trade, prices, revenue and welfare: a model, laid over law.
//!
//! Law says what each flow pays before and after; the `[economics]` of the scenario say how demand and supply answer to
//! prices. The flows are the trade before. Everything that comes of elasticities is model, and carries the assumptions it
//! rests on; what law charges on trade that stands still is beside it.
//!
//! All numbers are decimals. A market counts in money at world prices before, and prices in parts of those: so areas are
//! money. Roots are found to 1e-20 of themselves ([`root::TOLERANCE`]); amounts are then rounded to 1e-10 of the currency,
//! as charges are, and everything above them is a sum.

mod accounts;
mod areas;
mod assumption;
mod averages;
mod bands;
mod base;
mod best;
mod chain;
mod curve;
mod diagram;

mod equilibrium;
mod incidence;
mod law;
mod market;
mod origins;
mod power;
mod quota;
mod real;
mod root;

pub use accounts::{Account, Accounts, Party};
pub use areas::Area;
pub use assumption::Assumption;
pub use averages::Averages;
pub use bands::{Band, Bands, Outcome, bands, drawn};

pub use base::Unit;
pub use best::Best;
pub use chain::{Protection, Rung, Strand, What};
pub use diagram::{Diagram, Level, Line, Picture, Place, Region};
pub use equilibrium::Point;

pub use incidence::Incidence;
pub use law::Tier;
pub use market::{Lane, MarketImpact};
pub use quota::Regime;
pub use root::TOLERANCE;

use crate::assess::{Part, Run};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::money::{self, ArithmeticError};
use crate::scenario::{Market, PRESETS, Preset, Scenario};
use rust_decimal::Decimal;

/// Why a model has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// A number has more digits than can be kept.
    Arithmetic(ArithmeticError),
    /// No price was found at which a market clears.
    NoSolution,
}

impl From<ArithmeticError> for Stop {
    fn from(error: ArithmeticError) -> Stop {
        Stop::Arithmetic(error)
    }
}

/// What a scenario does, held against what was before it.
#[derive(Debug, Clone)]
pub struct Impact {
    /// The file, as the user named it.
    pub file: String,
    /// The variant.
    pub variant: Option<String>,
    /// What the scenario is called.
    pub title: String,
    /// Whose country it is; as written where that is known.
    pub importer: Option<String>,
    /// The currency of all amounts.
    pub currency: String,
    /// What stands before: a scenario by name, or `None` for no duty at all.
    pub baseline: Option<String>,
    /// The markets that have trade, in the order of the scenario.
    pub markets: Vec<MarketImpact>,
    /// Sums over the markets, by group.
    pub accounts: Accounts,
    /// Who would bear 100 of duty as studies found it, retail prices as in the first market.
    pub presets: Vec<(&'static Preset, Incidence)>,
    /// Effective protection, chain by chain.
    pub chains: Vec<Protection>,
    /// Three averages of the rate; `None` where there is no market.
    pub averages: Option<Averages>,
    /// Flows in no market: what they pay is law, what becomes of them is not said.
    pub left_out: Part,
    /// Flows without a duty to state, before or after.
    pub not_computable: Part,
}

/// What a scenario does. `before` is what it is held against: the same flows under another law, or none for no duty.
pub fn impact(before: Option<(&Run, &str)>, after: &Run) -> Result<Impact, Diagnostics> {
    model(before, after, true)
}

/// What a scenario comes to, and nothing else.
pub fn outcome(before: Option<(&Run, &str)>, after: &Run) -> Result<Outcome, Diagnostics> {
    Outcome::of(&model(before, after, false)?).map_err(overflow)
}

/// The model, and where `whole`, the rates that are best for somebody, which cost most to find.
fn model(before: Option<(&Run, &str)>, after: &Run, whole: bool) -> Result<Impact, Diagnostics> {
    let scenario = after.scenario();
    if scenario.markets.is_empty() && scenario.chains.is_empty() {
        return Err(nothing(scenario.file.as_str()).into());
    }
    let sorted = law::sorted(before.map(|(run, _)| run), after)?;
    let mut markets = Vec::new();
    for (market, law) in scenario.markets.iter().zip(&sorted.markets) {
        if law.value.is_zero() {
            continue;
        }
        markets.push(market::market(scenario, market, law, whole)?);
    }
    if markets.is_empty() && !scenario.markets.is_empty() {
        let message = format!("no trade of {} is in any of its markets", scenario.file);
        let help = "a market needs a flow of its goods that is computable";
        return Err(Diagnostic::at(Code::NothingToModel, scenario.markets[0].span, message)
            .help(help)
            .into());
    }
    let mut chains = Vec::new();
    for chain in &scenario.chains {
        chains.push(chain::protection(chain, before.map(|(run, _)| run), after)?);
    }
    let accounts = Accounts::sum(markets.iter().map(|market| &market.accounts)).map_err(overflow)?;
    let averages = if markets.is_empty() {
        None
    } else {
        Some(averages::averages(after, &markets, &sorted).map_err(overflow)?)
    };
    let retail = markets.first().map_or(Decimal::ONE, |market| market.retail().0);
    let found = PRESETS.iter().map(|preset| Ok((preset, Incidence::found(preset, retail)?)));
    let presets = found.collect::<Result<Vec<_>, ArithmeticError>>().map_err(overflow)?;
    Ok(Impact {
        presets,
        file: scenario.file.clone(),
        variant: scenario.variant.as_ref().map(|variant| variant.id.clone()),
        title: scenario.title.clone(),
        importer: importer(after),
        currency: scenario.currency.clone(),
        baseline: before.map(|(_, name)| name.to_owned()),
        markets,
        accounts,
        chains,
        averages,
        left_out: sorted.left_out,
        not_computable: sorted.not_computable,
    })
}

/// What a model rests on, as the scenario writes it.
pub fn written(scenario: &Scenario) -> String {
    let market = |market: &Market| {
        let stated = market.formulas().map(|(key, formula)| format!("{key} {}", formula.text));
        format!("{}: {}", market.name, stated.collect::<Vec<_>>().join(", "))
    };
    scenario.markets.iter().map(market).collect::<Vec<_>>().join("; ")
}

/// Why there is no answer, in a sentence.
pub fn reason(found: Diagnostics) -> String {
    let first = found.into_sorted().into_iter().next();
    first.map_or_else(String::new, |diagnostic| format!("{} ({})", diagnostic.message, diagnostic.code))
}

/// The one country that imports, by name.
fn importer(run: &Run) -> Option<String> {
    let mut importers = run.seen.importers.iter();
    match (importers.next(), importers.next()) {
        (Some(only), None) => Some(only.name()),
        _ => None,
    }
}

fn nothing(file: &str) -> Diagnostic {
    Diagnostic::new(Code::NothingToModel, format!("{file} says nothing of how trade answers to a duty")).help(
        "give it [economics] demand_elasticity = \"-1.5\", or a [[chain]]; without them `run` and `compare` say what \
         law charges on trade as it is",
    )
}

/// Says that a sum has more digits than can be kept.
fn overflow(error: ArithmeticError) -> Diagnostics {
    let message = format!("the model's sums cannot be computed: {error}");
    Diagnostic::new(Code::TotalOverflow, message).help("give values in a larger unit").into()
}

/// An amount as it enters sums, as charges do.
fn settled(amount: Decimal) -> Decimal {
    money::quantise(amount)
}
