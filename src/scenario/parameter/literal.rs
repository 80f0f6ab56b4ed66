//! A parameter's values as texts: read as `--set` reads them, and written so that `--set` reads them back.

use super::unit::{Written, bare_number};
use super::{Nothing, Parameter};
use crate::diagnostic::Code;
use crate::expr::{
    Expr, ExprError, Group, Missing, Names, Resolved, Type, Value, Wanted, check, eval, parse,
};
use crate::money;
use crate::scenario::constants::arithmetic_code;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Currencies, and no other names.
struct Currencies<'a>(&'a BTreeMap<String, Decimal>);

impl Names for Currencies<'_> {
    fn parameter(&self, _: &str) -> Option<Resolved> {
        None
    }
    fn group(&self, _: &str, _: bool) -> Option<Group> {
        None
    }
    fn exchange(&self, currency: &str) -> Option<Decimal> {
        self.0.get(currency).copied()
    }
    fn known(&self, _: Option<bool>) -> Vec<String> {
        Vec::new()
    }
}

/// The value of a text in which nothing but numbers, units and currencies stands.
pub fn literal(text: &str, wanted: Wanted, exchange: &BTreeMap<String, Decimal>) -> Result<Value, ExprError> {
    let ast = parse(text)?;
    let expr = check(&ast, wanted, &Currencies(exchange))?;
    let zero = || Expr::literal(Value::Number(Decimal::ZERO));
    fixed(&expr.unwrap_or_else(zero), text)
}

fn fixed(expr: &Expr, text: &str) -> Result<Value, ExprError> {
    eval(expr, &Nothing).map_err(|missing| {
        let code = match missing {
            Missing::Arithmetic(error) => arithmetic_code(error),
            _ => Code::NeedsFlow,
        };
        let message = match missing {
            Missing::Arithmetic(error) => error.to_string(),
            _ => "a fixed value is wanted here, not one that rests on a flow".to_owned(),
        };
        ExprError { code, message, range: 0..text.len(), help: None }
    })
}

impl Parameter {
    /// Whether its values are numbers, with or without a unit.
    pub fn is_numeric(&self) -> bool {
        matches!(self.ty, Type::Number | Type::Money | Type::Quantity(_) | Type::PerUnit(_))
    }

    /// The value that a text spells for it; a bare number takes the unit its value is written in.
    pub fn read(&self, text: &str, exchange: &BTreeMap<String, Decimal>) -> Result<Value, ExprError> {
        let whole = 0..text.len();
        let bare = bare_number(&parse(text)?).filter(|_| self.written != Written::Plain);
        let value = match bare {
            Some(number) => self.written.apply(number).map_err(|missing| ExprError {
                code: Code::Overflow,
                message: missing.to_string(),
                range: whole.clone(),
                help: None,
            })?,
            None => literal(text, Wanted::Any, exchange)?,
        };
        if self.ty.unify(value.ty()).is_none() {
            let message = format!("this is {}, where {} is wanted", value.ty(), self.ty);
            return Err(ExprError { code: Code::Dimension, message, range: whole, help: None });
        }
        Ok(value)
    }

    /// One of its values as `--set` takes it, whatever unit the parameter is written in.
    pub fn spell(&self, value: &Value, currency: &str) -> String {
        match value {
            Value::Money(amount) => format!("{} {currency}", money::plain(*amount)),
            Value::PerUnit(price) => format!("{} {currency}/{}", money::plain(price.amount), price.unit),
            other => self.show(other),
        }
    }

    /// Whether its values are percentages.
    pub fn is_percentage(&self) -> bool {
        self.written == Written::Percent
    }
}
