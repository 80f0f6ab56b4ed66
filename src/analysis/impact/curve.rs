//! Demand and supply over prices, through the point that is measured from. Quantities are in money at the world price
//! before, prices in parts of it: so areas are money.

use super::power::{logarithm, power};
use super::real::{add, div, mul, sub};
use crate::money::{ArithmeticError, Exact};
use crate::scenario::Shape;
use rust_decimal::Decimal;

/// A curve: demand where its elasticity is below zero, else supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Curve {
    /// A straight line, or the same elasticity everywhere.
    pub shape: Shape,
    /// The price before.
    pub price: Decimal,
    /// The quantity at it.
    pub quantity: Decimal,
    /// The elasticity there.
    pub elasticity: Decimal,
}

impl Curve {
    /// The quantity at a price; never below zero.
    pub fn at(&self, price: Decimal) -> Exact {
        match self.shape {
            Shape::Linear => {
                let change = sub(div(price, self.price)?, Decimal::ONE)?;
                let part = add(Decimal::ONE, mul(self.elasticity, change)?)?;
                Ok(mul(self.quantity, part)?.max(Decimal::ZERO))
            }
            Shape::ConstantElasticity if price.is_zero() && self.elasticity > Decimal::ZERO => {
                Ok(Decimal::ZERO)
            }
            Shape::ConstantElasticity => mul(self.quantity, power(div(price, self.price)?, self.elasticity)?),
        }
    }

    /// The price at which a line has no quantity left; `None` for a curve, and for a quantity that stands still.
    pub fn end(&self) -> Result<Option<Decimal>, ArithmeticError> {
        if self.shape == Shape::ConstantElasticity || self.elasticity.is_zero() {
            return Ok(None);
        }
        let part = sub(Decimal::ONE, div(Decimal::ONE, self.elasticity)?)?;
        Ok(Some(mul(self.price, part)?))
    }

    /// The area to the left of it between two prices, below zero where they fall.
    pub fn area(&self, from: Decimal, to: Decimal) -> Exact {
        if from > to {
            return Ok(crate::money::negative(self.area(to, from)?));
        }
        match self.shape {
            Shape::Linear => {
                let (mut low, mut high) = (from, to);
                if let Some(end) = self.end()? {
                    if self.elasticity < Decimal::ZERO {
                        (low, high) = (low.min(end), high.min(end));
                    } else {
                        (low, high) = (low.max(end), high.max(end));
                    }
                }
                let middle = div(add(self.at(low)?, self.at(high)?)?, Decimal::TWO)?;
                mul(middle, sub(high, low)?)
            }
            Shape::ConstantElasticity => {
                let (low, high) = (div(from, self.price)?, div(to, self.price)?);
                let scale = mul(self.quantity, self.price)?;
                let order = add(self.elasticity, Decimal::ONE)?;
                if order.is_zero() {
                    return mul(scale, sub(logarithm(high)?, logarithm(low)?)?);
                }
                let at_low = if low.is_zero() { Decimal::ZERO } else { power(low, order)? };
                div(mul(scale, sub(power(high, order)?, at_low)?)?, order)
            }
        }
    }

    /// Of demand, what buyers have beyond what they pay; `None` where that has no end.
    pub fn above(&self, price: Decimal) -> Result<Option<Decimal>, ArithmeticError> {
        if let Some(end) = self.end()? {
            return self.area(price.min(end), end).map(Some);
        }
        let order = add(self.elasticity, Decimal::ONE)?;
        if order >= Decimal::ZERO {
            return Ok(None);
        }
        div(mul(price, self.at(price)?)?, crate::money::negative(order)).map(Some)
    }

    /// Of supply, what sellers have beyond what they would sell for.
    pub fn below(&self, price: Decimal) -> Exact {
        self.area(Decimal::ZERO, price)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    fn curve(shape: Shape, price: &str, quantity: &str, elasticity: &str) -> Curve {
        Curve { shape, price: number(price), quantity: number(quantity), elasticity: number(elasticity) }
    }

    /// Qd = 100 - 2P at P = 10: 80 bought, elasticity -2 × 10 / 80.
    #[test]
    fn a_line_is_the_one_through_the_point() {
        let demand = curve(Shape::Linear, "10", "80", "-0.25");
        assert_eq!(demand.at(number("15")).unwrap(), number("70"));
        assert_eq!(demand.end().unwrap(), Some(number("50")));
        assert_eq!(demand.at(number("60")).unwrap(), Decimal::ZERO);
        // (80 + 70) / 2 × 5, and the triangle from 15 to 50.
        assert_eq!(demand.area(number("10"), number("15")).unwrap(), number("375"));
        assert_eq!(demand.above(number("15")).unwrap(), Some(number("1225")));
        // Qs = -20 + 3P: nothing below 20/3.
        let supply = curve(Shape::Linear, "10", "10", "3");
        assert_eq!(supply.at(number("5")).unwrap(), Decimal::ZERO);
        assert_eq!(supply.area(number("10"), number("15")).unwrap(), number("87.5"));
    }

    #[test]
    fn inelastic_supply_has_no_price_at_which_it_ends() {
        // Qs = 5 + P/2 at 10: what is sold at no price at all counts in full.
        let supply = curve(Shape::Linear, "10", "10", "0.5");
        assert_eq!(supply.below(number("10")).unwrap(), number("75"));
    }

    #[test]
    fn curves_have_one_elasticity() {
        let demand = curve(Shape::ConstantElasticity, "1", "90", "-2");
        assert_eq!(demand.at(number("1.5")).unwrap().round_dp(20), number("40"));
        // 90 × (1/1 - 1/1.5) = 30, and 90 × 1/1.5 = 60 beyond.
        assert_eq!(demand.area(Decimal::ONE, number("1.5")).unwrap().round_dp(20), number("30"));
        assert_eq!(demand.above(number("1.5")).unwrap().map(|n| n.round_dp(20)), Some(number("60")));
        let unit = curve(Shape::ConstantElasticity, "1", "90", "-1");
        assert_eq!(unit.above(Decimal::ONE).unwrap(), None);
        assert_eq!(
            unit.area(Decimal::ONE, Decimal::TWO).unwrap().round_dp(18),
            number("62.383246250395077848")
        );
    }
}
