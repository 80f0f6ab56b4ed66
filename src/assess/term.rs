//! A rate with the numbers of a flow in place of its names: what there is to multiply and to add, for a reader who works
//! it out by hand.

use super::assessor::{Assessor, Open};
use super::explain::{Explained, named};
use super::facts::Facts;
use super::worksheet::{Charge, percent};
use crate::expr::{
    Context, Expr, Fact, Function, Node, Operator, Quantity, Type, Value, condition, eval, in_unit_of,
};
use crate::money::{self, grouped};
use crate::scenario::{Formula, Rate, Scenario};
use rust_decimal::Decimal;

/// A part of a duty, with its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// A number as it would be written: a percentage, money, money by unit or a quantity.
    Said(String),
    /// What the rate is charged on.
    Base,
    /// Less than nothing.
    Negate(Box<Term>),
    /// Two parts, added, subtracted, multiplied or divided.
    Binary(Operator, Box<Term>, Box<Term>),
    /// The smallest or largest of some.
    Call(Function, Vec<Term>),
}

/// The numbers behind the rates of a flow.
pub struct Terms<'a> {
    scenario: &'a Scenario,
    open: Open<'a>,
}

impl<'a> Terms<'a> {
    /// Of a flow explained; `None` where nothing of it can be worked out.
    pub fn of(explained: &'a Explained) -> Option<Terms<'a>> {
        let flow = explained.flows.rows.first()?;
        let open = Assessor::new(&explained.plan, &explained.flows.columns).open(flow).ok()?;
        open.facts()?;
        Some(Terms { scenario: explained.plan.scenario(), open })
    }

    /// What the rate of a charge comes to, in a portion of some claims; `None` where it has no value.
    pub fn charged(&self, charge: &Charge, claims: &[String]) -> Option<Term> {
        let facts = self.open.facts()?;
        let facts = facts.claiming(claims);
        if let Some(quota) = charge.quota.and_then(|quota| self.scenario.quotas.get(quota)) {
            return Reader::of(&quota.in_quota_rate, &facts).duty(&quota.in_quota_rate.expr);
        }
        let step = self.scenario.measures.get(charge.measure)?.steps.get(charge.step)?;
        match (&step.rate, charge.row) {
            (Some(Rate::File(_)), Some(_)) => {
                let member = facts.cell.members.iter().find(|member| member.measure == charge.measure)?;
                Reader { text: "", facts: &facts }.duty(member.rate.as_ref()?)
            }
            (Some(rate), _) => {
                let formula = rate.formula()?;
                Reader::of(formula, &facts).duty(&formula.expr)
            }
            (None, _) => None,
        }
    }

    /// The parameters behind an expression, with their values on the flow.
    pub fn named(&self, formula: &Formula) -> Vec<(String, String)> {
        let Some(facts) = self.open.facts() else { return Vec::new() };
        let name = |(index, value): (usize, String)| (self.scenario.parameters[index].name.clone(), value);
        named(formula, &facts).into_iter().map(name).collect()
    }
}

/// Reads one expression on a flow.
struct Reader<'a> {
    /// What the expression's places point into; empty where it has none.
    text: &'a str,
    facts: &'a Facts<'a>,
}

impl<'a> Reader<'a> {
    fn of(formula: &'a Formula, facts: &'a Facts<'a>) -> Reader<'a> {
        Reader { text: &formula.text, facts }
    }

    /// What a rate charges, as money.
    fn duty(&self, rate: &Expr) -> Option<Term> {
        let rate = self.taken(rate)?;
        match (&rate.node, rate.ty) {
            (Node::Negate(inner), Type::Duty) => Some(Term::Negate(Box::new(self.duty(inner)?))),
            (Node::Binary(op, left, right), Type::Duty) => {
                let side = |part: &Expr| match op {
                    Operator::Multiply | Operator::Divide if part.ty == Type::Number => {
                        self.value(part, false, None)
                    }
                    _ => self.duty(part),
                };
                Some(Term::Binary(*op, Box::new(side(left)?), Box::new(side(right)?)))
            }
            (Node::Call(function, arguments), Type::Duty) => {
                let parts = arguments.iter().map(|part| self.duty(part));
                Some(Term::Call(*function, parts.collect::<Option<_>>()?))
            }
            (_, Type::Number) => Some(times(self.value(rate, true, None)?, Term::Base)),
            (_, Type::PerUnit(_)) => {
                let Value::PerUnit(per) = eval(rate, self.facts).ok()? else { return None };
                let quantity = self.facts.quantity(Some(per.unit.kind())).ok()?;
                let amount = quantity.unit.convert(quantity.amount, per.unit).ok()?;
                let quantity = Term::Said(format!("{} {}", said(amount), per.unit));
                Some(times(self.value(rate, true, Some(&Value::PerUnit(per)))?, quantity))
            }
            _ => self.value(rate, true, None),
        }
    }

    /// The branch that `if` and `default` take, and of that again; anything else as it is.
    fn taken<'e>(&self, expr: &'e Expr) -> Option<&'e Expr> {
        match &expr.node {
            Node::Call(Function::If, arguments) => {
                let [test, then, otherwise] = arguments.as_slice() else { return None };
                self.taken(if condition(test, self.facts).ok()? { then } else { otherwise })
            }
            Node::Call(Function::Default, arguments) => {
                let [wanted, otherwise] = arguments.as_slice() else { return None };
                self.taken(if eval(wanted, self.facts).is_ok() { wanted } else { otherwise })
            }
            _ => Some(expr),
        }
    }

    /// An expression with its numbers. `is_rate` says that a bare number is a part of the value; units are those of
    /// `model`, so that what is added is alike.
    fn value(&self, expr: &Expr, is_rate: bool, model: Option<&Value>) -> Option<Term> {
        let expr = self.taken(expr)?;
        match &expr.node {
            Node::Negate(inner) => Some(Term::Negate(Box::new(self.value(inner, is_rate, model)?))),
            Node::Binary(op @ (Operator::Add | Operator::Subtract), left, right) => {
                let own = eval(expr, self.facts).ok()?;
                let model = Some(model.unwrap_or(&own));
                let (left, right) = (self.value(left, is_rate, model)?, self.value(right, is_rate, model)?);
                Some(Term::Binary(*op, Box::new(left), Box::new(right)))
            }
            Node::Binary(op @ (Operator::Multiply | Operator::Divide), left, right) if !is_price(expr) => {
                let (of_left, of_right) = (eval(left, self.facts).ok()?, eval(right, self.facts).ok()?);
                let left = self.value(left, false, counted_in(&of_right, &of_left).as_ref())?;
                let alike = counted_in(&of_left, &of_right);
                let right = self.value(right, false, Some(&alike.unwrap_or(of_left)))?;
                Some(Term::Binary(*op, Box::new(left), Box::new(right)))
            }
            Node::Call(function, arguments) => {
                let own = eval(expr, self.facts).ok()?;
                let model = Some(model.unwrap_or(&own));
                let parts = arguments.iter().map(|part| self.value(part, is_rate, model));
                Some(Term::Call(*function, parts.collect::<Option<_>>()?))
            }
            _ => {
                let value = eval(expr, self.facts).ok()?;
                let value = model.map_or_else(|| value.clone(), |model| in_unit_of(model, &value));
                self.leaf(expr, &value, is_rate)
            }
        }
    }

    /// A number as it would be written.
    fn leaf(&self, expr: &Expr, value: &Value, is_rate: bool) -> Option<Term> {
        let currency = &self.facts.scenario.currency;
        let as_percent = match &expr.node {
            Node::Parameter(index) => self.facts.scenario.parameters.get(*index)?.show(value).ends_with('%'),
            Node::Fact(Fact::Entries | Fact::Attribute(..)) => false,
            Node::Fact(_) => true,
            _ => is_rate || self.text.get(expr.range.clone()).is_some_and(|text| text.ends_with('%')),
        };
        Some(Term::Said(match value {
            Value::Number(number) if as_percent => percent_exactly(*number),
            Value::Number(number) | Value::Money(number) => said(*number),
            Value::Quantity(quantity) => format!("{} {}", said(quantity.amount), quantity.unit),
            Value::PerUnit(per) => format!("{currency} {}/{}", said(per.amount), per.unit),
            _ => return None,
        }))
    }
}

/// Whether an expression is money by unit as it is written: `4.4¢/kg`.
fn is_price(expr: &Expr) -> bool {
    let literals = |left: &Expr, right: &Expr| left.as_literal().is_some() && right.as_literal().is_some();
    matches!(&expr.node, Node::Binary(Operator::Divide, left, right) if literals(left, right))
        && matches!(expr.ty, Type::PerUnit(_))
}

/// A quantity in the unit that a price is by, where one is multiplied by the other.
fn counted_in(price: &Value, quantity: &Value) -> Option<Value> {
    match (price, quantity) {
        (Value::PerUnit(per), Value::Quantity(_)) => {
            Some(Value::Quantity(Quantity { amount: Decimal::ONE, unit: per.unit }))
        }
        _ => None,
    }
}

fn times(left: Term, right: Term) -> Term {
    Term::Binary(Operator::Multiply, Box::new(left), Box::new(right))
}

/// A number in full, thousands apart.
fn said(number: Decimal) -> String {
    grouped(number, number.normalize().scale())
}

/// A part as a percentage in full.
fn percent_exactly(part: Decimal) -> String {
    money::mul(part, Decimal::ONE_HUNDRED)
        .map_or_else(|_| percent(part), |number| format!("{}%", said(number)))
}
