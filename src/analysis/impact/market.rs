//! One market: law in, what the model makes of it out.

use super::accounts::Accounts;
use super::areas::{self, Area, areas};
use super::assumption::{Assumption, assumptions};
use super::base::{Base, Foreign, Unfit, Unit, base};
use super::best::{Best, best};
use super::equilibrium::{Point, flat};
use super::incidence::{Incidence, incidence};
use super::law::Law;
use super::origins::{self, Divided, Supplier};
use super::quota::{self, Regime, tiered};
use super::real::{add, div, mul, sub};
use super::{Stop, settled};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::money::{ArithmeticError, negative};
use crate::scenario::constants::OnDay;
use crate::scenario::{Market, Rent, Scenario};
use rust_decimal::Decimal;

/// What becomes of a market.
#[derive(Debug, Clone)]
pub struct MarketImpact {
    /// What it is called.
    pub name: String,
    /// What its numbers rest on.
    pub assumptions: Vec<Assumption>,
    /// What it counts in, where it says its world price; else in money at world prices before.
    pub unit: Option<Unit>,
    /// Customs value of the flows: law.
    pub value: Decimal,
    /// Duty on the flows before and after, were trade to stand still: law.
    pub duty: [Decimal; 2],
    /// The market before, as it is.
    pub before: Point,
    /// The market after.
    pub after: Point,
    /// What a quota makes of the price, before and after.
    pub regimes: [Option<Regime>; 2],
    /// Who gets the rent of a quota.
    pub rent: Rent,
    /// Groups and what they gain.
    pub accounts: Accounts,
    /// The areas of the diagram, of a market of one good.
    pub areas: Vec<Area>,
    /// Origins, of a market that is divided by them.
    pub lanes: Vec<Lane>,
    /// Who bears 100 of duty.
    pub incidence: Option<Incidence>,
    /// Rates that are best for somebody, of a market of one good.
    pub best: Option<Best>,
    pub(super) base: Base,
    pub(super) law: Law,
}

/// What becomes of an origin. Amounts are at its world price before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The country.
    pub name: String,
    /// Its rate of duty before and after: law.
    pub rate: [Decimal; 2],
    /// What it sells before.
    pub before: Decimal,
    /// What it sells after.
    pub after: Decimal,
    /// Because all imports cost less or more.
    pub creation: Decimal,
    /// From other origins, or to them.
    pub diversion: Decimal,
}

/// What the model makes of a market.
pub fn market(
    scenario: &Scenario,
    market: &Market,
    law: &Law,
    whole: bool,
) -> Result<MarketImpact, Diagnostics> {
    let on_day = OnDay::new(&scenario.parameters, law.day.or(scenario.date));
    let solved = solve(scenario, market, law, &on_day, whole);
    solved.map_err(|unfit| match unfit {
        Failed::Said(diagnostic) => (*diagnostic).into(),
        Failed::Stop(stop) => unsolved(market, stop).into(),
    })
}

enum Failed {
    Said(Box<Diagnostic>),
    Stop(Stop),
}

impl From<Stop> for Failed {
    fn from(stop: Stop) -> Failed {
        Failed::Stop(stop)
    }
}

impl From<ArithmeticError> for Failed {
    fn from(error: ArithmeticError) -> Failed {
        Failed::Stop(Stop::Arithmetic(error))
    }
}

impl From<Unfit> for Failed {
    fn from(unfit: Unfit) -> Failed {
        match unfit {
            Unfit::Said(diagnostic) => Failed::Said(diagnostic),
            Unfit::Failed(error) => Failed::Stop(Stop::Arithmetic(error)),
        }
    }
}

fn unsolved(market: &Market, stop: Stop) -> Diagnostic {
    let why = match stop {
        Stop::NoSolution => "no price was found at which what is wanted is what is sold".to_owned(),
        Stop::Arithmetic(error) => format!("on the way to a price at which it clears, {error}"),
    };
    let message = format!("the market `{}` has no solution: {why}", market.name);
    Diagnostic::at(Code::NoSolution, market.span, message)
        .help("elasticities in the hundreds make quantities explode; take smaller ones, or a smaller change of duty")
}

fn solve(
    scenario: &Scenario,
    market: &Market,
    law: &Law,
    on_day: &OnDay,
    whole: bool,
) -> Result<MarketImpact, Failed> {
    let (price, regime_before) = match &law.tiers[0] {
        Some(tier) => {
            let (price, regime) = quota::price_before(tier, law.value)?;
            (price, Some(regime))
        }
        None => (add(Decimal::ONE, div(law.duty[0], law.value)?)?, None),
    };
    let base = base(scenario, on_day, market, law, price)?;
    let assumptions = assumptions(scenario, market, &base, law);
    let before = before(&base, law, regime_before)?;
    let stepped = law.tiers.iter().any(Option::is_some);
    let alike = origins::alike(&law.origins)?;
    let several = law.origins.len() > 1;
    if several && !alike && base.substitution.is_none() && !stepped {
        return Err(Failed::Said(Box::new(without_substitution(market, law))));
    }
    let (after, regime_after, suppliers) = match (&law.tiers[1], base.substitution) {
        (Some(tier), _) => {
            let (point, regime) = tiered(&base, tier)?;
            (point, Some(regime), Vec::new())
        }
        (None, Some(substitution)) if several && !stepped => {
            let Divided { point, suppliers } = origins::divided(&base, &law.origins, substitution)?;
            (point, None, suppliers)
        }
        (None, _) => (flat(&base, div(law.duty[1], law.value)?)?, None, Vec::new()),
    };
    let one_good = suppliers.is_empty();
    Ok(MarketImpact {
        name: market.name.clone(),
        assumptions,
        unit: base.unit.clone(),
        value: law.value,
        duty: law.duty,
        regimes: [regime_before, regime_after],
        rent: market.rent.value,
        accounts: accounts(&base, &before, &after, &suppliers, market.rent.value)?,
        areas: if one_good { areas(&base, &before, &after)? } else { Vec::new() },
        incidence: incidence(&base, &before, &after, &suppliers)?,
        best: if whole && one_good && !stepped { Some(best(&base)) } else { None },
        lanes: suppliers.iter().map(lane).collect(),
        before,
        after,
        law: law.clone(),
        base,
    })
}

fn lane(supplier: &Supplier) -> Lane {
    let [before, after] = supplier.sold.map(settled);
    let diversion = settled(supplier.diversion);
    let change = sub(after, before).and_then(|change| sub(change, diversion));
    Lane {
        name: supplier.name.clone(),
        rate: supplier.rate,
        before,
        after,
        creation: change.unwrap_or(supplier.creation),
        diversion,
    }
}

/// The market as it is before.
fn before(base: &Base, law: &Law, regime: Option<Regime>) -> Result<Point, Stop> {
    let (duty, rent) = match (&law.tiers[0], regime) {
        (Some(tier), Some(regime)) => quota::before(tier, law.value, regime)?,
        _ => (law.duty[0], Decimal::ZERO),
    };
    Ok(Point {
        world: Decimal::ONE,
        price: base.price,
        consumption: base.demand.quantity,
        output: base.supply.as_ref().map_or(Decimal::ZERO, |supply| supply.quantity),
        imports: base.imports,
        duty,
        rent,
    })
}

fn without_substitution(market: &Market, law: &Law) -> Diagnostic {
    let rate = |origin: &super::law::Origin, side: usize| {
        div(origin.duty[side], origin.value).map(super::assumption::percent).unwrap_or_default()
    };
    let told = law.origins.iter().take(3);
    let told: Vec<String> =
        told.map(|origin| format!("{} {} → {}", origin.name, rate(origin, 0), rate(origin, 1))).collect();
    let message = format!(
        "the duty on `{}` changes differently by origin ({}), and nothing says how buyers choose between origins",
        market.name,
        told.join(", ")
    );
    Diagnostic::at(Code::MissingElasticity, market.span, message)
        .help("substitution_elasticity = \"3\": where goods from one origin cost 1% more than from another, 3% less of them are bought")
}

/// Groups and what they have before and after.
fn accounts(
    base: &Base,
    before: &Point,
    after: &Point,
    suppliers: &[Supplier],
    rent: Rent,
) -> Result<Accounts, Stop> {
    let buyers = match (base.demand.above(before.price)?, base.demand.above(after.price)?) {
        (Some(before), Some(after)) => Some([before, after]),
        _ => None,
    };
    let change = negative(base.demand.area(before.price, after.price)?);
    let made = |price: Decimal| base.supply.as_ref().map_or(Ok(Decimal::ZERO), |supply| supply.below(price));
    let producers = [made(before.price)?, made(after.price)?];
    let mut treasury = [before.duty, after.duty];
    let mut holders = [Decimal::ZERO; 2];
    let mut sellers = if suppliers.is_empty() {
        [base.sellers(before.world)?, base.sellers(after.world)?]
    } else {
        origins::sellers(base, suppliers)?
    };
    let gets = match rent {
        Rent::Importers => &mut holders,
        Rent::Exporters => &mut sellers,
        Rent::Treasury => &mut treasury,
    };
    for (sum, rent) in gets.iter_mut().zip([before.rent, after.rent]) {
        *sum = add(*sum, rent)?;
    }
    Ok(Accounts::new((buyers, change), [producers, treasury, holders, sellers])?)
}

impl MarketImpact {
    /// Groups and areas for the eye: rounded to a multiple of a step, so that areas sum to what groups gain and lose as
    /// it is shown.
    pub fn rounded(&self, step: Decimal) -> (Accounts, Vec<Area>) {
        let accounts = self.accounts.rounded(step);
        // The rent that goes abroad is in no group at home.
        let goes_abroad =
            self.rent == Rent::Exporters && !(self.before.rent.is_zero() && self.after.rent.is_zero());
        let areas = areas::rounded(&self.areas, &accounts, goes_abroad, step);
        (accounts, areas.unwrap_or_else(|_| self.areas.clone()))
    }

    /// A quantity in what the market counts in.
    pub fn counted(&self, amount: Decimal) -> Decimal {
        match &self.unit {
            Some(unit) => div(amount, unit.price).unwrap_or(amount),
            None => amount,
        }
    }

    /// A price in money, or in parts of the world price before where that is not said.
    pub fn priced(&self, price: Decimal) -> Decimal {
        match &self.unit {
            Some(unit) => mul(price, unit.price).unwrap_or(price),
            None => price,
        }
    }

    /// Whether sellers abroad sell any amount at one price.
    pub fn is_small(&self) -> bool {
        self.base.foreign == Foreign::Infinite
    }

    /// The part of a small duty that shows in the price to buyers, and the elasticity of export supply it goes with;
    /// `None` for one without end.
    pub fn abroad(&self) -> (Option<Decimal>, Option<Decimal>) {
        let elasticity = match self.base.foreign {
            Foreign::Infinite => None,
            Foreign::Rising(elasticity) => Some(elasticity),
        };
        (self.base.pass_through, elasticity)
    }

    /// The part of what importers bear that shows in retail prices, and whether the scenario says so.
    pub fn retail(&self) -> (Decimal, bool) {
        self.base.retail
    }

    /// The quota that divides its trade, after or else before.
    pub fn tier(&self) -> Option<&super::law::Tier> {
        self.law.tiers[1].as_ref().or(self.law.tiers[0].as_ref())
    }
}
