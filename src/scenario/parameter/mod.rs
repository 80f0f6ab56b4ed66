//! Parameters: named values that rates rest on, in all the forms they may be written.

mod literal;
mod settle;
mod sketch;
mod uncertain;
mod unit;

pub use literal::literal;
pub use settle::parameters;
pub use sketch::{INTERPOLATE, chooser};
pub use uncertain::Uncertain;

use super::formula::Formula;
use super::table::FileTable;
use crate::country::Country;
use crate::date::Date;
use crate::diagnostic::Span;
use crate::expr::{Context, Expr, Fact, Missing, Node as ExprNode, Quantity, Type, Value, eval, in_unit_of};
use crate::money;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use unit::Written;

/// A named value.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What it is.
    pub title: Option<String>,
    /// Citations, as places in the scenario's list.
    pub sources: Vec<usize>,
    /// The type of its value.
    pub ty: Type,
    /// What its value rests on.
    pub rests_on: RestsOn,
    /// Lowest value allowed.
    pub min: Option<Value>,
    /// Highest value allowed.
    pub max: Option<Value>,
    /// The width of a step in a sweep.
    pub step: Option<Value>,
    /// What it may turn out to be; nothing but a sweep looks at it.
    pub uncertain: Option<Uncertain>,
    /// How its value comes about.
    pub form: Form,
    /// The unit its value is written in, or took on.
    written: Written,
    /// The value where the form gives none.
    pub default: Option<Formula>,
}

/// What must be known for a value to be computed, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RestsOn {
    /// The date.
    Day,
    /// The date, the product and the origin.
    Goods,
    /// Other facts of the flow.
    Flow,
}

impl RestsOn {
    /// What an expression rests on, given what each parameter does.
    pub fn of(expr: &Expr, parameter: &dyn Fn(usize) -> RestsOn) -> RestsOn {
        let mut rests_on = RestsOn::Day;
        expr.walk(&mut |part| {
            rests_on = rests_on.max(match &part.node {
                ExprNode::Fact(Fact::Product | Fact::Origin) | ExprNode::In(_) => RestsOn::Goods,
                ExprNode::Fact(_) => RestsOn::Flow,
                ExprNode::Parameter(index) => parameter(*index),
                _ => RestsOn::Day,
            });
        });
        rests_on
    }
}

/// How a parameter's value comes about.
#[derive(Debug, Clone)]
pub enum Form {
    /// One expression.
    Value(Formula),
    /// Expressions from days on, sorted.
    Steps(Vec<(Date, Formula)>),
    /// Interpolated between points over another value.
    Curve(Curve),
    /// Chosen by a fact of the flow.
    By(Fact, BTreeMap<String, Formula>),
    /// Looked up by product and origin.
    File(Box<FileTable>),
}

/// Points over another value; flat beyond the ends.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The value the points lie over.
    pub of: Formula,
    /// At least one, by rising place.
    pub points: Vec<(Value, Value)>,
    /// Whether the value stays that of the point before instead of lying on the line to the next.
    pub staircase: bool,
}

impl Parameter {
    /// Its value on a day, where `context` stands.
    pub fn value(&self, day: Option<Date>, context: &dyn Context) -> Result<Value, Missing> {
        let found = match &self.form {
            Form::Value(formula) => eval(&formula.expr, context),
            Form::Steps(steps) => {
                let step = day.and_then(|day| steps.iter().rfind(|(from, _)| *from <= day));
                match step {
                    Some((_, formula)) => eval(&formula.expr, context),
                    None => Err(self.absent()),
                }
            }
            Form::Curve(curve) => eval(&curve.of.expr, context).and_then(|x| curve.at(&x)),
            Form::By(fact, values) => match key_of(fact, context) {
                Ok(key) => match values.get(&key).or_else(|| values.get(union_of(fact, &key)?)) {
                    Some(formula) => eval(&formula.expr, context),
                    None => Err(self.absent()),
                },
                Err(missing) => Err(missing),
            },
            Form::File(table) => self.look_up(table, day, context),
        };
        match (found, &self.default) {
            (Err(Missing::Fact(_) | Missing::Parameter(_)), Some(default)) => eval(&default.expr, context),
            (found, _) => found,
        }
    }

    fn look_up(&self, table: &FileTable, day: Option<Date>, context: &dyn Context) -> Result<Value, Missing> {
        let day = day.unwrap_or(Date::MIN);
        let found = if table.is_by_goods() {
            let goods = (context.fact(&Fact::Product)?, context.fact(&Fact::Origin)?);
            let (Value::Product(product), Value::Origin(origin)) = goods else { return Err(self.absent()) };
            table.find(Some(product), Some(origin), day)
        } else {
            table.find(None, None, day)
        };
        match found.map(|found| found.value) {
            Some(Ok(expr)) => eval(&expr, context),
            Some(Err(reason)) => Err(Missing::Fact(reason)),
            None => Err(self.absent()),
        }
    }

    fn absent(&self) -> Missing {
        Missing::Parameter(format!("`{}`", self.name))
    }

    /// The days on which its value may change.
    pub fn change_dates(&self) -> Vec<Date> {
        match &self.form {
            Form::Steps(steps) => steps.iter().map(|(from, _)| *from).collect(),
            Form::File(table) => table.change_dates().collect(),
            _ => Vec::new(),
        }
    }

    /// One of its values, as it would be written.
    pub fn show(&self, value: &Value) -> String {
        match (self.written, value) {
            (Written::Percent, Value::Number(n)) => money::mul(*n, Decimal::ONE_HUNDRED)
                .map_or_else(|_| money::plain(*n), |n| format!("{}%", money::plain(n))),
            _ => value.to_string(),
        }
    }

    /// Every expression in it.
    pub fn formulas(&self) -> Vec<&Formula> {
        let mut formulas: Vec<&Formula> = match &self.form {
            Form::Value(formula) => vec![formula],
            Form::Steps(steps) => steps.iter().map(|(_, f)| f).collect(),
            Form::Curve(curve) => vec![&curve.of],
            Form::By(_, values) => values.values().collect(),
            Form::File(_) => Vec::new(),
        };
        formulas.extend(&self.default);
        formulas
    }
}

/// The text by which a flow chooses.
fn key_of(fact: &Fact, context: &dyn Context) -> Result<String, Missing> {
    match fact {
        Fact::Attribute(name, _) => context.attribute(name).map(str::to_owned),
        fact => Ok(match context.fact(fact)? {
            Value::Text(text) => text.to_string(),
            other => other.to_string(),
        }),
    }
}

/// The key of the Union, for an origin that is a member of it.
fn union_of(fact: &Fact, key: &str) -> Option<&'static str> {
    let is_member = *fact == Fact::Origin && Country::from_code(key).is_some_and(|country| country.in_eu());
    is_member.then_some("EU")
}

impl Curve {
    /// How many of its points lie at or before `x`; `None` where `x` cannot be held against them.
    pub fn points_before(&self, x: &Value) -> Option<usize> {
        let (first, _) = self.points.first()?;
        let place = in_unit_of(first, x).amount().filter(|_| first.ty() == x.ty())?;
        Some(self.points.partition_point(|(point, _)| point.amount().is_some_and(|point| point <= place)))
    }

    /// The value over `x`.
    fn at(&self, x: &Value) -> Result<Value, Missing> {
        let (Some((first, lowest)), Some((_, highest))) = (self.points.first(), self.points.last()) else {
            return Err(Missing::Parameter("curve".to_owned()));
        };
        if first.ty() != x.ty() {
            return Err(match first {
                Value::Quantity(q) | Value::PerUnit(q) => Missing::Quantity(q.unit.kind()),
                _ => Missing::Parameter("curve".to_owned()),
            });
        }
        let place = |v: &Value| v.amount().unwrap_or_default();
        let x = place(&in_unit_of(first, x));
        let after = self.points.partition_point(|(p, _)| place(p) <= x);
        if after == 0 {
            return Ok(lowest.clone());
        }
        let (x0, y0) = &self.points[after - 1];
        let Some((x1, y1)) = self.points.get(after) else { return Ok(highest.clone()) };
        if self.staircase {
            return Ok(y0.clone());
        }
        let rise = money::sub(place(y1), place(y0))?;
        let run = money::sub(place(x1), place(x0))?;
        let climbed = money::div(money::mul(rise, money::sub(x, place(x0))?)?, run)?;
        let y = money::add(place(y0), climbed)?;
        y0.with_amount(y).ok_or_else(|| Missing::Parameter("curve".to_owned()))
    }
}

/// Where no flow and no parameter is known.
pub struct Nothing;

impl Context for Nothing {
    fn parameter(&self, _: usize) -> Result<Value, Missing> {
        Err(Missing::Parameter("here".to_owned()))
    }
    fn value(&self) -> Result<Decimal, Missing> {
        Err(Missing::Fact("value".to_owned()))
    }
    fn quantity(&self, _: Option<crate::units::Kind>) -> Result<Quantity, Missing> {
        Err(Missing::Fact("quantity".to_owned()))
    }
    fn fact(&self, _: &Fact) -> Result<Value, Missing> {
        Err(Missing::Fact("facts".to_owned()))
    }
    fn attribute(&self, name: &str) -> Result<&str, Missing> {
        Err(Missing::Fact(name.to_owned()))
    }
    fn is_in(&self, _: crate::expr::Group) -> Result<bool, Missing> {
        Err(Missing::Fact("group".to_owned()))
    }
}
