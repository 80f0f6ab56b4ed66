//! The point that a market is measured from: its prices and quantities before, and the curves through them.

use super::curve::Curve;
use super::law::Law;
use super::real::{add, div, mul, sub};
use crate::diagnostic::{Code, Diagnostic};
use crate::expr::{Quantity, Value};
use crate::money::{ArithmeticError, Exact, grouped, negative};
use crate::scenario::constants::OnDay;
use crate::scenario::{Abroad, Formula, Market, Scenario};
use rust_decimal::Decimal;

/// Supply from abroad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// Any amount at the world price.
    Infinite,
    /// More at a higher price, with this elasticity before.
    Rising(Decimal),
}

/// What a market counts in for the eye, where it states a world price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// The unit of quantity.
    pub name: String,
    /// The world price of one before.
    pub price: Decimal,
}

/// A market before, in money at world prices: the world price is 1.
#[derive(Debug, Clone)]
pub struct Base {
    /// What is imported.
    pub imports: Decimal,
    /// The price to buyers.
    pub price: Decimal,
    /// Demand.
    pub demand: Curve,
    /// Domestic supply, where there is any.
    pub supply: Option<Curve>,
    /// Supply from abroad.
    pub foreign: Foreign,
    /// The part of a small duty that shows in the price to buyers; `None` where nobody answers to prices.
    pub pass_through: Option<Decimal>,
    /// Elasticity of substitution between origins.
    pub substitution: Option<Decimal>,
    /// The part of what importers bear that shows in retail prices, and whether that is said.
    pub retail: (Decimal, bool),
    /// What it counts in.
    pub unit: Option<Unit>,
}

/// Why there is no base.
pub enum Unfit {
    /// The scenario says something that does not fit.
    Said(Box<Diagnostic>),
    /// Arithmetic failed.
    Failed(ArithmeticError),
}

impl From<ArithmeticError> for Unfit {
    fn from(error: ArithmeticError) -> Unfit {
        Unfit::Failed(error)
    }
}

/// Reads the values of a market on the day of its scenario.
struct Values<'a> {
    scenario: &'a Scenario,
    on_day: &'a OnDay,
    market: &'a Market,
}

impl Values<'_> {
    fn value(&self, formula: &Formula) -> Result<Value, Unfit> {
        self.on_day.eval(&formula.expr).map_err(|missing| {
            let message =
                format!("`{}` has no value for the market `{}`: {missing}", formula.text, self.market.name);
            Unfit::Said(Box::new(formula.diagnostic(Code::BadMarket, message)))
        })
    }

    fn number(&self, formula: &Formula) -> Result<Decimal, Unfit> {
        Ok(self.value(formula)?.amount().unwrap_or_default())
    }

    fn optional(&self, formula: Option<&Formula>) -> Result<Option<Decimal>, Unfit> {
        formula.map(|formula| self.number(formula)).transpose()
    }

    /// A volume in money at world prices.
    fn volume(&self, formula: Option<&Formula>, price: Option<Quantity>) -> Result<Option<Decimal>, Unfit> {
        let Some(formula) = formula else { return Ok(None) };
        let unfit = |message: String, help: &str| {
            Unfit::Said(Box::new(formula.diagnostic(Code::BadMarket, message).help(help)))
        };
        match (self.value(formula)?, price) {
            (Value::Quantity(quantity), Some(price)) if quantity.unit.kind() == price.unit.kind() => {
                let amount = quantity.unit.convert(quantity.amount, price.unit)?;
                Ok(Some(mul(amount, price.amount)?))
            }
            (Value::Quantity(_), Some(price)) => Err(unfit(
                format!("`{}` is not in the unit of the world price, {}", formula.text, price.unit),
                "write both in units of one kind",
            )),
            (Value::Quantity(_), None) => Err(unfit(
                format!("`{}` is a quantity, and the market has no `world_price`", formula.text),
                "add world_price = \"10 USD/t\", or write it in money at world prices",
            )),
            (value, _) => Ok(value.amount()),
        }
    }
}

/// The market before. `price` is the price to buyers, in parts of the world price.
pub fn base(
    scenario: &Scenario,
    on_day: &OnDay,
    market: &Market,
    law: &Law,
    price: Decimal,
) -> Result<Base, Unfit> {
    let values = Values { scenario, on_day, market };
    let world_price = match &market.world_price {
        Some(formula) => match values.value(formula)? {
            Value::PerUnit(price) => Some(price),
            _ => None,
        },
        None => None,
    };
    let consumption = values.volume(market.consumption.as_ref(), world_price)?;
    let output = values.volume(market.domestic_output.as_ref(), world_price)?;
    let (consumption, output) = values.balance(consumption, output, law.value)?;
    let curve = |quantity, elasticity| Curve { shape: market.shape.value, price, quantity, elasticity };
    let demand = curve(consumption, values.number(&market.demand)?);
    let supply = match values.optional(market.domestic_supply.as_ref())? {
        Some(elasticity) if !output.is_zero() => Some(curve(output, elasticity)),
        _ => None,
    };
    let imports = import_elasticity(&demand, supply.as_ref(), law.value)?;
    let (foreign, pass_through) = values.foreign(imports)?;
    let retail = values.optional(market.retail.as_ref())?;
    Ok(Base {
        imports: law.value,
        price,
        demand,
        supply,
        foreign,
        pass_through,
        substitution: values.optional(market.substitution.as_ref())?,
        retail: (retail.unwrap_or(Decimal::ONE), retail.is_some()),
        unit: world_price.map(|price| Unit { name: price.unit.to_string(), price: price.amount }),
    })
}

impl Values<'_> {
    /// What is bought and what is made at home: what is not said follows from what is imported.
    fn balance(
        &self,
        consumption: Option<Decimal>,
        output: Option<Decimal>,
        imports: Decimal,
    ) -> Result<(Decimal, Decimal), Unfit> {
        let currency = &self.scenario.currency;
        let shown = |amount: Decimal| format!("{currency} {}", grouped(amount, 2));
        let unfit = |formula: Option<&Formula>, message: String| {
            let help = "the flows are what is imported: what is bought is that and domestic output together, both at \
                        world prices";
            let span = formula.map_or(self.market.span, |formula| formula.span);
            Unfit::Said(Box::new(Diagnostic::at(Code::BadMarket, span, message).help(help)))
        };
        match (consumption, output) {
            (None, None) => Ok((imports, Decimal::ZERO)),
            (None, Some(output)) => Ok((add(imports, output)?, output)),
            (Some(consumption), None) if consumption < imports => {
                let message =
                    format!("{} is bought, and imports alone are {}", shown(consumption), shown(imports));
                Err(unfit(self.market.consumption.as_ref(), message))
            }
            (Some(consumption), None) => Ok((consumption, sub(consumption, imports)?)),
            (Some(consumption), Some(output)) => {
                let left = sub(consumption, output)?;
                let slack = mul(imports, Decimal::new(1, 6))?;
                if sub(left, imports)?.abs() > slack {
                    let message = format!(
                        "what is bought less domestic output is {}, and imports are {}",
                        shown(left),
                        shown(imports)
                    );
                    return Err(unfit(self.market.consumption.as_ref(), message));
                }
                Ok((add(imports, output)?, output))
            }
        }
    }

    /// Supply from abroad, and the pass-through it comes to. `imports` is the elasticity of what is imported.
    fn foreign(&self, imports: Decimal) -> Result<(Foreign, Option<Decimal>), Unfit> {
        let given = match &self.market.abroad {
            Abroad::Infinite { .. } => return Ok((Foreign::Infinite, Some(Decimal::ONE))),
            Abroad::Elasticity(formula) => {
                let elasticity = self.number(formula)?;
                // What shows is ε / (ε + |η|).
                let part = div(elasticity, sub(elasticity, imports)?).ok();
                return Ok((Foreign::Rising(elasticity), part));
            }
            Abroad::PassThrough(formula) => self.number(formula)?,
            Abroad::Preset(preset) => Decimal::new(preset.hundredths, 2),
        };
        if given >= Decimal::ONE {
            return Ok((Foreign::Infinite, Some(Decimal::ONE)));
        }
        let elasticity = div(mul(negative(imports), given)?, sub(Decimal::ONE, given)?)?;
        if elasticity <= Decimal::ZERO {
            let message = format!(
                "imports of `{}` do not answer to the price, so all of a duty shows in it",
                self.market.name
            );
            return Err(Unfit::Said(Box::new(
                Diagnostic::at(Code::BadMarket, self.market.span, message)
                    .help("give it an elasticity of export supply instead of a pass-through"),
            )));
        }
        Ok((Foreign::Rising(elasticity), Some(given)))
    }
}

/// The elasticity of what is imported: demand's less domestic supply's, each weighed by its quantity.
fn import_elasticity(demand: &Curve, supply: Option<&Curve>, imports: Decimal) -> Exact {
    let home = match supply {
        Some(supply) => mul(supply.elasticity, supply.quantity)?,
        None => Decimal::ZERO,
    };
    div(sub(mul(demand.elasticity, demand.quantity)?, home)?, imports)
}

impl Base {
    /// What buyers want beyond what is made at home, at a price to them; below zero where more is made than bought.
    pub fn wanted(&self, price: Decimal) -> Exact {
        sub(self.demand.at(price)?, self.made(price)?)
    }

    /// What is made at home.
    pub fn made(&self, price: Decimal) -> Exact {
        self.supply.as_ref().map_or(Ok(Decimal::ZERO), |supply| supply.at(price))
    }

    /// Supply from abroad as a curve over the world price; `None` where it is flat.
    pub fn abroad(&self) -> Option<Curve> {
        match self.foreign {
            Foreign::Infinite => None,
            Foreign::Rising(elasticity) => Some(Curve {
                shape: self.demand.shape,
                price: Decimal::ONE,
                quantity: self.imports,
                elasticity,
            }),
        }
    }

    /// What sellers abroad have beyond what they would sell for, at a world price.
    pub fn sellers(&self, world: Decimal) -> Exact {
        self.abroad().map_or(Ok(Decimal::ZERO), |curve| curve.below(world))
    }
}
