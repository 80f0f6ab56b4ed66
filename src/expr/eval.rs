//! Evaluates a typed expression where a flow stands.

use super::{AttributeType, Duty, Expr, Fact, Function, Group, Node, Operator, Quantity, Value};
use crate::money::{self, ArithmeticError};
use crate::units::Kind;
use rust_decimal::Decimal;
use std::cmp::Ordering;
use std::fmt;

/// Why an expression has no value on a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// The flow has no such fact; the text names it.
    Fact(String),
    /// A parameter has no value yet on the date, or none for the flow.
    Parameter(String),
    /// The flow's quantity is of another kind.
    Quantity(Kind),
    /// Arithmetic has no result.
    Arithmetic(ArithmeticError),
    /// A text that should be a number or a date is none.
    Unreadable {
        /// The column.
        column: String,
        /// What stands there.
        text: String,
        /// What was wanted.
        wanted: &'static str,
    },
}

impl Missing {
    /// Whether `default(x, y)` and a parameter's `default` stand in for it.
    fn is_absence(&self) -> bool {
        matches!(self, Missing::Fact(_) | Missing::Parameter(_) | Missing::Quantity(_))
    }
}

impl From<ArithmeticError> for Missing {
    fn from(error: ArithmeticError) -> Self {
        Missing::Arithmetic(error)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Missing::Fact(name) => write!(f, "the flow has no {name}"),
            Missing::Parameter(name) => write!(f, "parameter {name} has no value here"),
            Missing::Quantity(kind) => write!(f, "the flow has no quantity that is {kind}"),
            Missing::Arithmetic(error) => error.fmt(f),
            Missing::Unreadable { column, text, wanted } => {
                write!(f, "`{text}` in column {column} is not {wanted}")
            }
        }
    }
}

/// Where an expression is evaluated: the facts of a flow and the values of parameters.
pub trait Context {
    /// The value of a parameter.
    fn parameter(&self, index: usize) -> Result<Value, Missing>;
    /// Customs value.
    fn value(&self) -> Result<Decimal, Missing>;
    /// The quantity, of the kind wanted where one is.
    fn quantity(&self, kind: Option<Kind>) -> Result<Quantity, Missing>;
    /// Any other fact.
    fn fact(&self, fact: &Fact) -> Result<Value, Missing>;
    /// A free column, as text.
    fn attribute(&self, name: &str) -> Result<&str, Missing>;
    /// Whether the flow's product or origin is in a group.
    fn is_in(&self, group: Group) -> Result<bool, Missing>;
}

type Evaluated = Result<Value, Missing>;

/// The value of an expression.
pub fn eval(expr: &Expr, context: &dyn Context) -> Evaluated {
    match &expr.node {
        Node::Literal(value) => Ok(value.clone()),
        Node::Parameter(index) => context.parameter(*index),
        Node::Fact(fact) => eval_fact(fact, context),
        Node::In(group) => context.is_in(*group).map(Value::Condition),
        Node::Not(inner) => Ok(Value::Condition(!condition(inner, context)?)),
        Node::Negate(inner) => {
            let value = eval(inner, context)?;
            scale(&value, Decimal::NEGATIVE_ONE, money::mul)
        }
        Node::Binary(Operator::And, left, right) => {
            Ok(Value::Condition(condition(left, context)? && condition(right, context)?))
        }
        Node::Binary(Operator::Or, left, right) => {
            Ok(Value::Condition(condition(left, context)? || condition(right, context)?))
        }
        Node::Binary(op, left, right) => {
            let (left, right) = (eval(left, context)?, eval(right, context)?);
            binary(*op, &left, &right, context)
        }
        Node::Call(function, arguments) => call(*function, arguments, context),
    }
}

/// The smallest part of an expression that has no value, of one that has none itself.
pub fn culprit<'a>(expr: &'a Expr, context: &dyn Context) -> &'a Expr {
    let fails = |part: &&'a Expr| eval(part, context).is_err();
    let part = match &expr.node {
        Node::Negate(inner) | Node::Not(inner) => Some(inner.as_ref()),
        Node::Binary(_, left, right) => [left.as_ref(), right.as_ref()].into_iter().find(fails),
        Node::Call(Function::If, arguments) => match arguments.as_slice() {
            [test, then, otherwise] => Some(match condition(test, context) {
                Ok(true) => then,
                Ok(false) => otherwise,
                Err(_) => test,
            }),
            _ => None,
        },
        Node::Call(Function::Default, arguments) => match arguments.as_slice() {
            [wanted, otherwise] => Some(match eval(wanted, context) {
                Err(missing) if missing.is_absence() => otherwise,
                _ => wanted,
            }),
            _ => None,
        },
        Node::Call(_, arguments) => arguments.iter().find(fails),
        Node::Literal(_) | Node::Parameter(_) | Node::Fact(_) | Node::In(_) => None,
    };
    part.filter(fails).map_or(expr, |part| culprit(part, context))
}

/// Whether a condition holds.
pub fn condition(expr: &Expr, context: &dyn Context) -> Result<bool, Missing> {
    match eval(expr, context)? {
        Value::Condition(holds) => Ok(holds),
        other => Err(Missing::Fact(format!("condition ({other})"))),
    }
}

/// A rate as the duty it charges on the whole flow.
pub fn duty(value: &Value, context: &dyn Context) -> Result<Duty, Missing> {
    Ok(match value {
        Value::Number(rate) => Duty::ad_valorem(*rate),
        Value::Money(amount) => Duty { lump_sum: *amount, ..Duty::default() },
        Value::PerUnit(per) => {
            let quantity = context.quantity(Some(per.unit.kind()))?;
            Duty { specific: per_quantity(*per, quantity)?, ..Duty::default() }
        }
        Value::Duty(duty) => *duty,
        other => return Err(Missing::Fact(format!("rate ({other})"))),
    })
}

/// Money by unit times a quantity of the same kind.
fn per_quantity(per: Quantity, quantity: Quantity) -> Result<Decimal, Missing> {
    if per.unit.kind() != quantity.unit.kind() {
        return Err(Missing::Quantity(per.unit.kind()));
    }
    let units = quantity.unit.convert(quantity.amount, per.unit)?;
    Ok(money::mul(per.amount, units)?)
}

fn eval_fact(fact: &Fact, context: &dyn Context) -> Evaluated {
    Ok(match fact {
        Fact::Value => Value::Money(context.value()?),
        Fact::Quantity(kind) => Value::Quantity(context.quantity(*kind)?),
        Fact::UnitValue(kind) => {
            let quantity = context.quantity(*kind)?;
            let amount = money::div(context.value()?, quantity.amount)?;
            Value::PerUnit(Quantity { amount, unit: quantity.unit })
        }
        Fact::Attribute(name, read) => read_attribute(name, context.attribute(name)?, *read)?,
        other => context.fact(other)?,
    })
}

fn read_attribute(name: &str, text: &str, read: AttributeType) -> Evaluated {
    let unreadable = |wanted| Missing::Unreadable { column: name.to_owned(), text: text.to_owned(), wanted };
    match read {
        AttributeType::Text => Ok(Value::Text(text.into())),
        AttributeType::Date => {
            crate::date::parse_date(text).map(Value::Date).ok_or_else(|| unreadable("a date"))
        }
        AttributeType::Number => {
            let read = |digits| money::parse_number(digits).map_err(|_| unreadable("a number"));
            Ok(Value::Number(match text.trim().strip_suffix('%') {
                Some(digits) => money::hundredth(read(digits)?)?,
                None => read(text)?,
            }))
        }
    }
}

/// A value times or divided by a number.
fn scale(value: &Value, by: Decimal, with: fn(Decimal, Decimal) -> money::Exact) -> Evaluated {
    if let Value::Duty(d) = value {
        return Ok(Value::Duty(Duty {
            ad_valorem: with(d.ad_valorem, by)?,
            specific: with(d.specific, by)?,
            lump_sum: with(d.lump_sum, by)?,
        }));
    }
    let amount = value.amount().ok_or_else(|| Missing::Fact(format!("number ({value})")))?;
    let scaled = with(amount, by)?;
    value.with_amount(scaled).ok_or_else(|| Missing::Fact(format!("number ({value})")))
}

fn binary(op: Operator, left: &Value, right: &Value, context: &dyn Context) -> Evaluated {
    match op {
        Operator::Add => sum(left, right, money::add, context),
        Operator::Subtract => sum(left, right, money::sub, context),
        Operator::Multiply => product(left, right),
        Operator::Divide => quotient(left, right),
        _ => compare(op, left, right, context),
    }
}

fn sum(
    left: &Value,
    right: &Value,
    with: fn(Decimal, Decimal) -> money::Exact,
    context: &dyn Context,
) -> Evaluated {
    if let Some((a, b)) = alike(left, right)? {
        let amount = with(a, b)?;
        return left.with_amount(amount).ok_or_else(|| Missing::Fact(format!("number ({left})")));
    }
    let (a, b) = (duty(left, context)?, duty(right, context)?);
    Ok(Value::Duty(Duty {
        ad_valorem: with(a.ad_valorem, b.ad_valorem)?,
        specific: with(a.specific, b.specific)?,
        lump_sum: with(a.lump_sum, b.lump_sum)?,
    }))
}

/// The numbers of two values of one type, the second in the first's unit; `None` where they are of
/// different types.
fn alike(left: &Value, right: &Value) -> Result<Option<(Decimal, Decimal)>, Missing> {
    Ok(match (left, right) {
        (Value::Number(a), Value::Number(b)) | (Value::Money(a), Value::Money(b)) => Some((*a, *b)),
        (Value::Quantity(a), Value::Quantity(b)) => {
            same_kind(*a, *b)?;
            Some((a.amount, b.unit.convert(b.amount, a.unit)?))
        }
        // Money by unit converts the other way round: 1 USD/t is 0.001 USD/kg. Of different kinds they are unlike.
        (Value::PerUnit(a), Value::PerUnit(b)) if a.unit.kind() == b.unit.kind() => {
            Some((a.amount, a.unit.convert(b.amount, b.unit)?))
        }
        _ => None,
    })
}

fn same_kind(a: Quantity, b: Quantity) -> Result<(), Missing> {
    if a.unit.kind() == b.unit.kind() { Ok(()) } else { Err(Missing::Quantity(b.unit.kind())) }
}

fn product(left: &Value, right: &Value) -> Evaluated {
    match (left, right) {
        (Value::PerUnit(per), Value::Quantity(q)) | (Value::Quantity(q), Value::PerUnit(per)) => {
            Ok(Value::Money(per_quantity(*per, *q)?))
        }
        (Value::Number(n), other) | (other, Value::Number(n)) => scale(other, *n, money::mul),
        _ => Err(Missing::Fact(format!("product of {left} and {right}"))),
    }
}

fn quotient(left: &Value, right: &Value) -> Evaluated {
    match (left, right) {
        (other, Value::Number(n)) => scale(other, *n, money::div),
        (Value::Money(m), Value::Quantity(q)) => {
            Ok(Value::PerUnit(Quantity { amount: money::div(*m, q.amount)?, unit: q.unit }))
        }
        (Value::Money(m), Value::PerUnit(per)) => {
            Ok(Value::Quantity(Quantity { amount: money::div(*m, per.amount)?, unit: per.unit }))
        }
        _ => match alike(left, right)? {
            Some((a, b)) => Ok(Value::Number(money::div(a, b)?)),
            None => Err(Missing::Fact(format!("quotient of {left} and {right}"))),
        },
    }
}

fn compare(op: Operator, left: &Value, right: &Value, context: &dyn Context) -> Evaluated {
    let order = order(left, right, context)?;
    Ok(Value::Condition(match op {
        Operator::Less => order == Ordering::Less,
        Operator::LessEqual => order != Ordering::Greater,
        Operator::Equal => order == Ordering::Equal,
        Operator::NotEqual => order != Ordering::Equal,
        Operator::GreaterEqual => order != Ordering::Less,
        _ => order == Ordering::Greater,
    }))
}

/// How two values of fitting types lie to one another; unlike rates by the duty they give on the flow.
fn order(left: &Value, right: &Value, context: &dyn Context) -> Result<Ordering, Missing> {
    if let Some((a, b)) = alike(left, right)? {
        return Ok(a.cmp(&b));
    }
    Ok(match (left, right) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Product(a), Value::Product(b)) => a.cmp(b),
        (Value::Origin(a), Value::Origin(b)) => a.cmp(b),
        (Value::Condition(a), Value::Condition(b)) => a.cmp(b),
        _ => {
            let value = context.value()?;
            let on_flow = |v: &Value| Ok::<_, Missing>(duty(v, context)?.on(value)?);
            on_flow(left)?.cmp(&on_flow(right)?)
        }
    })
}

fn call(function: Function, arguments: &[Expr], context: &dyn Context) -> Evaluated {
    match (function, arguments) {
        (Function::If, [test, then, otherwise]) => {
            eval(if condition(test, context)? { then } else { otherwise }, context)
        }
        (Function::Default, [wanted, otherwise]) => match eval(wanted, context) {
            Err(missing) if missing.is_absence() => eval(otherwise, context),
            found => found,
        },
        (Function::Min, _) => extreme(arguments, Ordering::Less, context),
        (Function::Max, _) => extreme(arguments, Ordering::Greater, context),
        (Function::Clamp, [x, low, high]) => {
            let (x, low, high) = (eval(x, context)?, eval(low, context)?, eval(high, context)?);
            if order(&x, &low, context)? == Ordering::Less {
                Ok(low)
            } else if order(&x, &high, context)? == Ordering::Greater {
                Ok(high)
            } else {
                Ok(x)
            }
        }
        _ => Err(Missing::Fact("arguments".to_owned())),
    }
}

/// The argument that lies furthest in one direction.
fn extreme(arguments: &[Expr], direction: Ordering, context: &dyn Context) -> Evaluated {
    let mut best: Option<Value> = None;
    for argument in arguments {
        let value = eval(argument, context)?;
        let better = match &best {
            None => true,
            Some(known) => order(&value, known, context)? == direction,
        };
        if better {
            best = Some(value);
        }
    }
    best.ok_or_else(|| Missing::Fact("arguments".to_owned()))
}
