//! The values of the language and their types.

use crate::country::Country;
use crate::date::Date;
use crate::money;
use crate::product::Product;
use crate::units::{Kind, Unit};
use rust_decimal::Decimal;
use std::fmt;
use std::sync::Arc;

/// The type of an expression: its dimension. A kind is left open where only the flow settles it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A pure number; a percentage is one.
    Number,
    /// Money, in the scenario's currency.
    Money,
    /// A quantity of a unit.
    Quantity(Option<Kind>),
    /// Money by unit of quantity.
    PerUnit(Option<Kind>),
    /// A sum of unlike parts, each a way to charge duty.
    Duty,
    /// True or false.
    Condition,
    /// A text.
    Text,
    /// A day.
    Date,
    /// The flow's product.
    Product,
    /// The flow's origin.
    Origin,
    /// A free column, not yet read as anything.
    Attribute,
}

impl Type {
    /// Whether the type can be a rate of duty.
    pub fn is_rate(self) -> bool {
        matches!(self, Type::Number | Type::Money | Type::PerUnit(_) | Type::Duty)
    }

    /// The type both fit, if there is one; an open kind takes on the other's.
    pub fn unify(self, other: Type) -> Option<Type> {
        let kind = |a: Option<Kind>, b: Option<Kind>| match (a, b) {
            (Some(a), Some(b)) if a != b => None,
            (a, b) => Some(a.or(b)),
        };
        match (self, other) {
            (Type::Quantity(a), Type::Quantity(b)) => kind(a, b).map(Type::Quantity),
            (Type::PerUnit(a), Type::PerUnit(b)) => kind(a, b).map(Type::PerUnit),
            (a, b) if a == b => Some(a),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Number => f.write_str("a pure number"),
            Type::Money => f.write_str("money"),
            Type::Quantity(None) => f.write_str("a quantity"),
            Type::Quantity(Some(kind)) => write!(f, "a quantity ({kind})"),
            Type::PerUnit(None) => f.write_str("money per unit"),
            Type::PerUnit(Some(kind)) => write!(f, "money per unit ({kind})"),
            Type::Duty => f.write_str("a compound duty"),
            Type::Condition => f.write_str("a condition"),
            Type::Text => f.write_str("a text"),
            Type::Date => f.write_str("a date"),
            Type::Product => f.write_str("the product"),
            Type::Origin => f.write_str("the origin"),
            Type::Attribute => f.write_str("a column"),
        }
    }
}

/// An amount of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    /// How many.
    pub amount: Decimal,
    /// Of what.
    pub unit: Unit,
}

/// A duty on one whole flow, by the three ways a rate can charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Duty {
    /// Part of the customs value.
    pub ad_valorem: Decimal,
    /// Money for the quantity.
    pub specific: Decimal,
    /// Money for the flow.
    pub lump_sum: Decimal,
}

impl Duty {
    /// A duty that is a part of the customs value only.
    pub fn ad_valorem(rate: Decimal) -> Duty {
        Duty { ad_valorem: rate, ..Duty::default() }
    }

    /// The money it comes to on a flow of a customs value.
    pub fn on(&self, value: Decimal) -> money::Exact {
        let ad_valorem = money::mul(self.ad_valorem, value)?;
        if self.specific.is_zero() && self.lump_sum.is_zero() {
            return Ok(ad_valorem);
        }
        money::sum([ad_valorem, self.specific, self.lump_sum])
    }

    /// Whether it is a part of the customs value only.
    pub fn is_ad_valorem(&self) -> bool {
        self.specific.is_zero() && self.lump_sum.is_zero()
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A pure number.
    Number(Decimal),
    /// Money, in the scenario's currency.
    Money(Decimal),
    /// A quantity.
    Quantity(Quantity),
    /// Money by unit.
    PerUnit(Quantity),
    /// A compound duty.
    Duty(Duty),
    /// True or false.
    Condition(bool),
    /// A text.
    Text(Arc<str>),
    /// A day.
    Date(Date),
    /// A product.
    Product(Product),
    /// An origin.
    Origin(Country),
}

impl Value {
    /// Its type.
    pub fn ty(&self) -> Type {
        match self {
            Value::Number(_) => Type::Number,
            Value::Money(_) => Type::Money,
            Value::Quantity(q) => Type::Quantity(Some(q.unit.kind())),
            Value::PerUnit(q) => Type::PerUnit(Some(q.unit.kind())),
            Value::Duty(_) => Type::Duty,
            Value::Condition(_) => Type::Condition,
            Value::Text(_) => Type::Text,
            Value::Date(_) => Type::Date,
            Value::Product(_) => Type::Product,
            Value::Origin(_) => Type::Origin,
        }
    }

    /// The number in it, whatever its unit.
    pub fn amount(&self) -> Option<Decimal> {
        match self {
            Value::Number(n) | Value::Money(n) => Some(*n),
            Value::Quantity(q) | Value::PerUnit(q) => Some(q.amount),
            _ => None,
        }
    }

    /// The same kind of value with another number in it.
    pub fn with_amount(&self, amount: Decimal) -> Option<Value> {
        Some(match self {
            Value::Number(_) => Value::Number(amount),
            Value::Money(_) => Value::Money(amount),
            Value::Quantity(q) => Value::Quantity(Quantity { amount, unit: q.unit }),
            Value::PerUnit(q) => Value::PerUnit(Quantity { amount, unit: q.unit }),
            _ => return None,
        })
    }
}

/// A value in the unit of another of the same type; itself where neither has a unit, the kinds differ or the number
/// grows too long.
pub fn in_unit_of(model: &Value, value: &Value) -> Value {
    let converted = match (model, value) {
        (Value::Quantity(m), Value::Quantity(v)) if m.unit.kind() == v.unit.kind() => {
            v.unit.convert(v.amount, m.unit).map(|amount| Value::Quantity(Quantity { amount, unit: m.unit }))
        }
        // Money by unit converts the other way round: 1 USD/t is 0.001 USD/kg.
        (Value::PerUnit(m), Value::PerUnit(v)) if m.unit.kind() == v.unit.kind() => {
            m.unit.convert(v.amount, v.unit).map(|amount| Value::PerUnit(Quantity { amount, unit: m.unit }))
        }
        _ => return value.clone(),
    };
    converted.unwrap_or_else(|_| value.clone())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(n) | Value::Money(n) => f.write_str(&money::plain(*n)),
            Value::Quantity(q) => write!(f, "{} {}", money::plain(q.amount), q.unit),
            Value::PerUnit(q) => write!(f, "{}/{}", money::plain(q.amount), q.unit),
            Value::Duty(d) => write!(
                f,
                "{} + {}",
                money::plain(d.ad_valorem),
                money::plain(d.specific.saturating_add(d.lump_sum))
            ),
            Value::Condition(c) => write!(f, "{c}"),
            Value::Text(t) => write!(f, "'{t}'"),
            Value::Date(d) => write!(f, "{d}"),
            Value::Product(p) => write!(f, "{p}"),
            Value::Origin(o) => write!(f, "{o}"),
        }
    }
}
