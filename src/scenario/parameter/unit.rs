//! The unit a parameter is written in, which bare numbers laid over it or beside it take on.

use crate::diagnostic::Code;
use crate::expr::{
    Ast, AstNode, Expr, Missing, Names, Node as ExprNode, Operator, Quantity, Type, Value, Wanted, check,
    parse,
};
use crate::money;
use crate::scenario::decode::Report;
use crate::scenario::formula::{Formula, truth};
use crate::scenario::raw::{Node, Raw};
use crate::units::Unit;
use rust_decimal::Decimal;

/// The unit in which a value is written, for bare numbers to take on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Percent,
    Money,
    Quantity(Unit),
    PerUnit(Unit),
    /// A pure number, or an expression whose unit is not written down.
    Plain,
}

impl Written {
    pub(super) fn of(ast: &Ast) -> Written {
        match &ast.node {
            AstNode::Percent(_) => Written::Percent,
            AstNode::Money { .. } => Written::Money,
            AstNode::Quantity(_, unit) => Written::Quantity(*unit),
            AstNode::Negate(inner) => Written::of(inner),
            AstNode::Binary(Operator::Divide, left, right) => match (&left.node, &right.node) {
                (AstNode::Money { .. }, AstNode::Unit(unit) | AstNode::Quantity(_, unit)) => {
                    Written::PerUnit(*unit)
                }
                _ => Written::Plain,
            },
            _ => Written::Plain,
        }
    }

    /// A bare number in this unit.
    pub(super) fn apply(self, number: Decimal) -> Result<Value, Missing> {
        Ok(match self {
            Written::Percent => Value::Number(money::div(number, Decimal::ONE_HUNDRED)?),
            Written::Money => Value::Money(number),
            Written::Quantity(unit) => Value::Quantity(Quantity { amount: number, unit }),
            Written::PerUnit(unit) => Value::PerUnit(Quantity { amount: number, unit }),
            Written::Plain => Value::Number(number),
        })
    }
}

/// The first expression of a parameter's node.
pub(super) fn first_text(node: &Node) -> Option<&str> {
    match &node.value {
        Raw::Text(text, _) => Some(text),
        Raw::Boolean(holds) => Some(truth(*holds)),
        Raw::Array(items) => match &items.first()?.value {
            Raw::Table(step) => first_text(step.get("value")?),
            _ => None,
        },
        Raw::Table(table) if table.get("file").is_some() => None,
        Raw::Table(table) => {
            let first_value = || table.table("values")?.entries.first().map(|(_, node)| node);
            let first_point = || match &table.array("curve").first()?.value {
                Raw::Array(ends) => ends.get(1),
                _ => None,
            };
            first_text(table.get("value").or_else(first_value).or_else(first_point)?)
        }
        _ => None,
    }
}

/// The unit a parameter is written in.
pub(super) fn written_unit(node: &Node) -> Written {
    first_text(node).and_then(|text| parse(text).ok()).map_or(Written::Plain, |ast| Written::of(&ast))
}

/// The type of a parameter as written.
pub(super) fn written_type(node: &Node, names: &dyn Names) -> Option<Type> {
    let ast = parse(first_text(node)?).ok()?;
    check(&ast, Wanted::Any, names).ok()?.map(|expr| expr.ty)
}

/// A formula in a unit where it is a bare number, of a type.
pub(super) fn take_unit(formula: Formula, unit: Written, ty: Type, report: &Report<'_>) -> Option<Formula> {
    let formula = adopt(formula, unit, report)?;
    if ty.unify(formula.expr.ty).is_none() {
        let message = format!("this is {}, where {ty} is wanted", formula.expr.ty);
        report.push(formula.diagnostic(Code::Dimension, message));
        return None;
    }
    Some(formula)
}

pub(super) fn adopt(mut formula: Formula, unit: Written, report: &Report<'_>) -> Option<Formula> {
    let bare = parse(&formula.text).ok().and_then(|ast| bare_number(&ast));
    if let (Some(number), true) = (bare, unit != Written::Plain) {
        match unit.apply(number) {
            Ok(value) => {
                formula.expr =
                    Expr { ty: value.ty(), node: ExprNode::Literal(value), range: formula.expr.range }
            }
            Err(missing) => {
                report.push(formula.diagnostic(Code::Overflow, missing.to_string()));
                return None;
            }
        }
    }
    Some(formula)
}

pub(super) fn bare_number(ast: &Ast) -> Option<Decimal> {
    match &ast.node {
        AstNode::Number(n) => Some(*n),
        AstNode::Negate(inner) => bare_number(inner).and_then(|n| money::sub(Decimal::ZERO, n).ok()),
        _ => None,
    }
}
