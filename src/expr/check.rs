//! Gives every part of a tree its type; finds unknown names and mixed dimensions.

use super::parse::{Ast, AstNode};
use super::{AttributeType, Expr, ExprError, Fact, Function, Group, Node, Operator, Quantity, Type, Value};
use crate::country::Country;
use crate::diagnostic::{Code, list, nearest};
use crate::money::{self, ArithmeticError};
use crate::product::Product;
use crate::units::{Kind, Unit};
use rust_decimal::Decimal;
use std::ops::Range;

/// The names an expression may use beside those of the flow.
pub trait Names {
    /// A parameter's place and type; or why it has none.
    fn parameter(&self, name: &str) -> Option<Resolved>;
    /// A group of products (`products`) or of countries.
    fn group(&self, name: &str, products: bool) -> Option<Group>;
    /// What one unit of a currency is worth in the scenario's; `None` where that is not known.
    fn exchange(&self, currency: &str) -> Option<Decimal>;
    /// Parameters and groups, for suggestions.
    fn known(&self, groups: Option<bool>) -> Vec<String>;
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolved {
    /// A parameter and the type of its value.
    Parameter(usize, Type),
    /// A parameter that is itself wrong; said elsewhere.
    Broken,
}

/// What an expression is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// A rate of duty.
    Rate,
    /// A value of a type.
    Type(Type),
    /// Any value: a parameter.
    Any,
}

/// The typed tree; `None` where a name in it is broken and said so elsewhere.
pub fn check(ast: &Ast, wanted: Wanted, names: &dyn Names) -> Result<Option<Expr>, ExprError> {
    if wanted == Wanted::Rate {
        refuse_bare_number(ast)?;
    }
    let checker = Checker { names };
    let mut expr = match checker.expr(ast) {
        Ok(expr) => expr,
        Err(Stop::Error(error)) => return Err(error),
        Err(Stop::Broken) => return Ok(None),
    };
    match wanted {
        Wanted::Any if expr.ty == Type::Attribute => refine(&mut expr, Type::Number),
        Wanted::Any => {}
        Wanted::Rate => {
            refine(&mut expr, Type::Number);
            if !expr.ty.is_rate() {
                return Err(dimension(
                    &ast.range,
                    format!("a rate cannot be {}", expr.ty),
                    Some(rate_help(expr.ty)),
                ));
            }
        }
        Wanted::Type(ty) => {
            refine(&mut expr, ty);
            if expr.ty.unify(ty).is_none() {
                return Err(unwanted(&expr, ty));
            }
        }
    }
    Ok(Some(expr))
}

/// A part of another type than its place wants.
fn unwanted(expr: &Expr, wanted: Type) -> ExprError {
    let help = match wanted {
        Type::Condition => Some("compare it with something: `value > 800 USD`".to_owned()),
        Type::Money => Some("write an amount of money, such as `5_000_000 USD`".to_owned()),
        _ => None,
    };
    dimension(&expr.range, format!("this is {}, where {wanted} is wanted", expr.ty), help)
}

fn rate_help(ty: Type) -> String {
    match ty {
        Type::Quantity(_) => "write money by unit, such as `30 USD/t`".to_owned(),
        Type::Condition => "write `if(condition, rate, other_rate)`".to_owned(),
        _ => "write a percentage, money by unit or money".to_owned(),
    }
}

/// A bare number as a rate may mean a percentage or a fraction: it is refused with both spellings. In a sum or as
/// an argument only numbers above one are, since a fraction there can be nothing else.
fn refuse_bare_number(ast: &Ast) -> Result<(), ExprError> {
    match bare_number(ast) {
        Some(number) => Err(bare(number, ast)),
        None => refuse_bare_parts(ast),
    }
}

fn refuse_bare_parts(ast: &Ast) -> Result<(), ExprError> {
    match &ast.node {
        AstNode::Number(number) if *number > Decimal::ONE => Err(bare(*number, ast)),
        AstNode::Negate(inner) => refuse_bare_parts(inner),
        AstNode::Binary(Operator::Add | Operator::Subtract, left, right) => {
            refuse_bare_parts(left).and_then(|()| refuse_bare_parts(right))
        }
        AstNode::Call(function, arguments) => {
            let conditions = usize::from(*function == Function::If);
            arguments.iter().skip(conditions).try_for_each(refuse_bare_parts)
        }
        _ => Ok(()),
    }
}

fn bare_number(ast: &Ast) -> Option<Decimal> {
    match &ast.node {
        AstNode::Number(number) => Some(*number),
        AstNode::Negate(inner) => bare_number(inner)?.checked_mul(Decimal::NEGATIVE_ONE),
        _ => None,
    }
}

fn bare(number: Decimal, ast: &Ast) -> ExprError {
    ExprError {
        code: Code::RateWithoutUnit,
        message: format!("the rate `{}` has no unit", money::plain(number)),
        range: ast.range.clone(),
        help: Some(two_spellings(number)),
    }
}

/// The two rates a bare number might have meant.
fn two_spellings(number: Decimal) -> String {
    let hundredfold = number.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(number);
    if number.is_zero() {
        "write \"free\" or \"0%\"".to_owned()
    } else if number.abs() < Decimal::ONE {
        format!(
            "write \"{}%\" (that part of the customs value) or \"{}%\"",
            money::plain(hundredfold),
            money::plain(number)
        )
    } else {
        let plain = money::plain(number);
        format!("write \"{plain}%\" (a part of the customs value) or \"{plain} USD/t\" (an amount by unit)")
    }
}

enum Stop {
    Error(ExprError),
    /// A name that is broken and was reported where it is defined.
    Broken,
}

impl From<ExprError> for Stop {
    fn from(error: ExprError) -> Self {
        Stop::Error(error)
    }
}

type Checked = Result<Expr, Stop>;

struct Checker<'a> {
    names: &'a dyn Names,
}

fn dimension(range: &Range<usize>, message: String, help: Option<String>) -> ExprError {
    ExprError { code: Code::Dimension, message, range: range.clone(), help }
}

impl Checker<'_> {
    fn expr(&self, ast: &Ast) -> Checked {
        let literal =
            |value: Value| Expr { ty: value.ty(), node: Node::Literal(value), range: ast.range.clone() };
        Ok(match &ast.node {
            AstNode::Number(n) => literal(Value::Number(*n)),
            AstNode::Percent(n) => literal(Value::Number(self.exact(money::hundredth(*n), ast)?)),
            AstNode::Money { amount, currency, cents } => {
                literal(Value::Money(self.money(*amount, currency, *cents, ast)?))
            }
            AstNode::Quantity(amount, unit) => {
                literal(Value::Quantity(Quantity { amount: *amount, unit: *unit }))
            }
            AstNode::Unit(unit) => literal(Value::Quantity(Quantity { amount: Decimal::ONE, unit: *unit })),
            AstNode::Text(text) => literal(Value::Text(text.as_str().into())),
            AstNode::Date(date) => literal(Value::Date(*date)),
            AstNode::Truth(holds) => literal(Value::Condition(*holds)),
            AstNode::Name(name) => self.name(name, ast)?,
            AstNode::Negate(inner) => {
                let mut expr = self.expr(inner)?;
                refine(&mut expr, Type::Number);
                if !(expr.ty.is_rate() || matches!(expr.ty, Type::Quantity(_))) {
                    return Err(dimension(&ast.range, format!("{} has no negative", expr.ty), None).into());
                }
                Expr { ty: expr.ty, node: Node::Negate(Box::new(expr)), range: ast.range.clone() }
            }
            AstNode::Not(inner) => {
                let expr = self.condition(inner)?;
                Expr { ty: Type::Condition, node: Node::Not(Box::new(expr)), range: ast.range.clone() }
            }
            AstNode::Binary(op, left, right) => self.binary(*op, left, right, ast)?,
            AstNode::In(left, right) => self.membership(left, right, ast)?,
            AstNode::Call(function, arguments) => self.call(*function, arguments, ast)?,
        })
    }

    #[expect(clippy::unused_self, reason = "reads as a step of the checker")]
    fn exact(&self, result: money::Exact, ast: &Ast) -> Result<Decimal, ExprError> {
        result.map_err(|error| ExprError {
            code: match error {
                ArithmeticError::Overflow => Code::Overflow,
                ArithmeticError::DivisionByZero => Code::DivisionByZero,
            },
            message: error.to_string(),
            range: ast.range.clone(),
            help: None,
        })
    }

    fn money(&self, amount: Decimal, currency: &str, cents: bool, ast: &Ast) -> Result<Decimal, ExprError> {
        let Some(rate) = self.names.exchange(currency) else {
            let known = iso_currency::Currency::from_code(currency).is_some();
            let (message, help) = if known {
                (
                    format!("there is no exchange rate for `{currency}`"),
                    format!("say under [exchange] what one {currency} is worth: {currency} = \"1.08\""),
                )
            } else {
                (
                    format!("`{currency}` is not a currency"),
                    "write an ISO 4217 code such as USD, EUR or JPY".to_owned(),
                )
            };
            return Err(ExprError {
                code: Code::UnknownCurrency,
                message,
                range: ast.range.clone(),
                help: Some(help),
            });
        };
        let amount = if cents { self.exact(money::hundredth(amount), ast)? } else { amount };
        self.exact(money::mul(amount, rate), ast)
    }

    fn name(&self, name: &str, ast: &Ast) -> Checked {
        let typed = |node: Node, ty: Type| Expr { node, ty, range: ast.range.clone() };
        if let Some((fact, ty)) = fact(name) {
            return Ok(typed(Node::Fact(fact), ty));
        }
        match self.names.parameter(name) {
            Some(Resolved::Parameter(index, ty)) => return Ok(typed(Node::Parameter(index), ty)),
            Some(Resolved::Broken) => return Err(Stop::Broken),
            None => {}
        }
        let parameters = self.names.known(None);
        let known = parameters.iter().map(String::as_str).chain(FACTS.iter().map(|(n, _, _)| *n));
        let help = if self.names.group(name, true).is_some() {
            format!("`{name}` is a group of products: write `product in {name}`")
        } else if self.names.group(name, false).is_some() {
            format!("`{name}` is a group of countries: write `origin in {name}`")
        } else if Unit::from_name(name).is_some() {
            format!("`{name}` is a unit: it stands after a number, `1 {name}`")
        } else if let Some(near) = nearest(name, known) {
            format!("did you mean `{near}`?")
        } else if parameters.is_empty() {
            "there are no parameters; define it under [parameters]".to_owned()
        } else {
            let names: Vec<&str> = parameters.iter().map(String::as_str).collect();
            format!("the parameters are {}", list(&names))
        };
        Err(ExprError {
            code: Code::UnknownName,
            message: format!("there is no parameter `{name}`"),
            range: ast.range.clone(),
            help: Some(help),
        }
        .into())
    }

    fn condition(&self, ast: &Ast) -> Checked {
        let expr = self.expr(ast)?;
        if expr.ty == Type::Condition {
            return Ok(expr);
        }
        Err(unwanted(&expr, Type::Condition).into())
    }

    fn binary(&self, op: Operator, left: &Ast, right: &Ast, ast: &Ast) -> Checked {
        if matches!(op, Operator::And | Operator::Or) {
            let (left, right) = (self.condition(left)?, self.condition(right)?);
            return Ok(Expr {
                ty: Type::Condition,
                node: Node::Binary(op, Box::new(left), Box::new(right)),
                range: ast.range.clone(),
            });
        }
        let mut a = self.expr(left)?;
        let mut b = self.expr(right).map_err(|stop| advise(stop, op, a.ty, right))?;
        let ty = match op {
            Operator::Add | Operator::Subtract => sum_type(&mut a, &mut b),
            Operator::Multiply => product_type(&mut a, &mut b),
            Operator::Divide => quotient_type(&mut a, &mut b),
            _ => self.comparison_type(op, &mut a, &mut b)?,
        };
        let Some(ty) = ty else {
            let (verb, joint) = match op {
                Operator::Add => ("add", "and"),
                Operator::Subtract => ("subtract", "and"),
                Operator::Multiply => ("multiply", "by"),
                Operator::Divide => ("divide", "by"),
                _ => ("compare", "with"),
            };
            let message = format!("cannot {verb} {} {joint} {}", a.ty, b.ty);
            let help = match op {
                Operator::Multiply | Operator::Divide => None,
                _ if a.ty == Type::Date || b.ty == Type::Date => {
                    Some("a date is written 2025-06-04".to_owned())
                }
                _ => with_unit(right, a.ty).or_else(|| with_unit(left, b.ty)),
            };
            return Err(dimension(&ast.range, message, help).into());
        };
        Ok(Expr { ty, node: Node::Binary(op, Box::new(a), Box::new(b)), range: ast.range.clone() })
    }

    /// The type of a comparison; a text beside the product or the origin is read as one.
    fn comparison_type(&self, op: Operator, a: &mut Expr, b: &mut Expr) -> Result<Option<Type>, Stop> {
        self.read_code(a, b)?;
        self.read_code(b, a)?;
        match (a.ty, b.ty) {
            (Type::Attribute, Type::Attribute) => {
                refine(a, Type::Text);
                refine(b, Type::Text);
            }
            (Type::Attribute, ty) => refine(a, ty),
            (ty, Type::Attribute) => refine(b, ty),
            _ => {}
        }
        refine(a, b.ty);
        refine(b, a.ty);
        let equality = matches!(op, Operator::Equal | Operator::NotEqual);
        let ordered =
            matches!(a.ty, Type::Number | Type::Money | Type::Quantity(_) | Type::PerUnit(_) | Type::Date);
        let alike = a.ty.unify(b.ty).is_some() && a.ty != Type::Duty;
        if alike && !equality && !ordered {
            let message = format!("{} has no order", a.ty);
            let help = Some("compare it with `=` or `!=`".to_owned());
            return Err(dimension(&(a.range.start..b.range.end), message, help).into());
        }
        Ok(alike.then_some(Type::Condition))
    }

    #[expect(clippy::unused_self, reason = "reads as a step of the checker")]
    fn read_code(&self, side: &Expr, text: &mut Expr) -> Result<(), Stop> {
        let Node::Literal(Value::Text(written)) = &text.node else { return Ok(()) };
        let value = match side.ty {
            Type::Origin => Country::from_code(written).map(Value::Origin).ok_or_else(|| ExprError {
                code: Code::UnknownCountry,
                message: format!("`{written}` is not a country"),
                range: text.range.clone(),
                help: Some(country_help(written)),
            })?,
            Type::Product => Product::parse(written).map(Value::Product).map_err(|e| ExprError {
                code: Code::MalformedProduct,
                message: format!("`{written}` {}", e.reason()),
                range: text.range.clone(),
                help: None,
            })?,
            _ => return Ok(()),
        };
        text.ty = value.ty();
        text.node = Node::Literal(value);
        Ok(())
    }

    fn membership(&self, left: &Ast, right: &Ast, ast: &Ast) -> Checked {
        let subject = self.expr(left)?;
        let products = match subject.ty {
            Type::Product => true,
            Type::Origin => false,
            ty => {
                let help = "write `product in GROUP` or `origin in GROUP`".to_owned();
                return Err(dimension(&left.range, format!("{ty} is in no group"), Some(help)).into());
            }
        };
        let AstNode::Name(name) = &right.node else {
            return Err(ExprError {
                code: Code::ExpressionSyntax,
                message: "after `in` stands the name of a group".to_owned(),
                range: right.range.clone(),
                help: None,
            }
            .into());
        };
        let Some(group) = self.names.group(name, products) else {
            let known = self.names.known(Some(products));
            let table = if products { "[products]" } else { "[countries]" };
            let near = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            let country = || Country::suggest(name).filter(|_| !products).map(|country| country.to_string());
            let help = match near.or_else(country) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("define it under {table}"),
            };
            return Err(ExprError {
                code: Code::UnknownGroup,
                message: format!("there is no group `{name}` in {table}"),
                range: right.range.clone(),
                help: Some(help),
            }
            .into());
        };
        Ok(Expr { ty: Type::Condition, node: Node::In(group), range: ast.range.clone() })
    }

    fn call(&self, function: Function, arguments: &[Ast], ast: &Ast) -> Checked {
        let mut parts = Vec::with_capacity(arguments.len());
        for (i, argument) in arguments.iter().enumerate() {
            let is_condition = function == Function::If && i == 0;
            parts.push(if is_condition { self.condition(argument)? } else { self.expr(argument)? });
        }
        let start = usize::from(function == Function::If);
        let needs_order = matches!(function, Function::Min | Function::Max | Function::Clamp);
        let ty = common_type(&mut parts[start..])
            .filter(|ty| !needs_order || ty.is_rate() || matches!(ty, Type::Quantity(_)));
        let Some(ty) = ty else {
            let types: Vec<String> = parts[start..].iter().map(|p| p.ty.to_string()).collect();
            let message = format!("these cannot stand together: {}", types.join(", "));
            return Err(dimension(&ast.range, message, None).into());
        };
        Ok(Expr { ty, node: Node::Call(function, parts), range: ast.range.clone() })
    }
}

/// Better advice on an unknown name, by what it stands beside.
fn advise(stop: Stop, op: Operator, beside: Type, ast: &Ast) -> Stop {
    let AstNode::Name(name) = &ast.node else { return stop };
    let help = match (op, beside) {
        (Operator::Divide, _) => {
            nearest(name, Unit::names()).map(|unit| format!("did you mean the unit `{unit}`?"))
        }
        (Operator::Add | Operator::Subtract | Operator::Multiply, _) => None,
        (_, Type::Origin) => Some(country_help(name)),
        (_, Type::Text) | (Operator::Equal | Operator::NotEqual, Type::Attribute) => {
            Some(format!("a text stands in quotes: '{name}'"))
        }
        _ => None,
    };
    match stop {
        Stop::Error(error) => Stop::Error(ExprError { help: help.or(error.help), ..error }),
        Stop::Broken => Stop::Broken,
    }
}

/// The code to write for a country.
fn country_help(written: &str) -> String {
    match Country::from_code(written).or_else(|| Country::suggest(written)) {
        Some(country) => format!("did you mean '{country}'?"),
        None => "write an ISO 3166 code such as 'JP' or 'JPN'".to_owned(),
    }
}

/// What to write instead of a bare number beside something that has a unit.
fn with_unit(number: &Ast, beside: Type) -> Option<String> {
    let AstNode::Number(amount) = &number.node else { return None };
    let unit = match beside {
        Type::Money => "USD",
        Type::Quantity(_) => "kg",
        Type::PerUnit(_) => "USD/kg",
        _ => return None,
    };
    Some(format!("the number has no unit: write, say, `{} {unit}`", money::plain(*amount)))
}

/// The type all parts share: one type, or a compound duty where the parts are unlike rates.
fn common_type(parts: &mut [Expr]) -> Option<Type> {
    let mut ty = parts.iter().map(|p| p.ty).find(|ty| *ty != Type::Attribute).unwrap_or(Type::Number);
    for part in parts.iter_mut() {
        refine(part, ty);
        ty = match ty.unify(part.ty) {
            Some(ty) => ty,
            None if ty.is_rate() && part.ty.is_rate() => Type::Duty,
            None => return None,
        };
    }
    for part in parts.iter_mut() {
        refine(part, ty);
    }
    Some(ty)
}

fn sum_type(a: &mut Expr, b: &mut Expr) -> Option<Type> {
    refine(a, if b.ty == Type::Attribute { Type::Number } else { b.ty });
    refine(b, a.ty);
    if let Some(ty) = a.ty.unify(b.ty) {
        return (ty.is_rate() || matches!(ty, Type::Quantity(_))).then_some(ty);
    }
    (a.ty.is_rate() && b.ty.is_rate()).then_some(Type::Duty)
}

fn product_type(a: &mut Expr, b: &mut Expr) -> Option<Type> {
    refine(a, Type::Number);
    refine(b, Type::Number);
    let scalable = |ty: Type| ty.is_rate() || matches!(ty, Type::Quantity(_));
    match (a.ty, b.ty) {
        (Type::Number, ty) | (ty, Type::Number) if scalable(ty) => Some(ty),
        (Type::PerUnit(p), Type::Quantity(q)) | (Type::Quantity(q), Type::PerUnit(p)) => {
            want_kind(a, p.or(q));
            want_kind(b, p.or(q));
            Type::Quantity(p).unify(Type::Quantity(q)).map(|_| Type::Money)
        }
        _ => None,
    }
}

fn quotient_type(a: &mut Expr, b: &mut Expr) -> Option<Type> {
    refine(a, Type::Number);
    refine(b, Type::Number);
    match (a.ty, b.ty) {
        (ty, Type::Number) if ty.is_rate() || matches!(ty, Type::Quantity(_)) => Some(ty),
        (Type::Money, Type::Money) => Some(Type::Number),
        (Type::Money, Type::Quantity(kind)) => Some(Type::PerUnit(kind)),
        (Type::Money, Type::PerUnit(kind)) => Some(Type::Quantity(kind)),
        (Type::Quantity(p), Type::Quantity(q)) | (Type::PerUnit(p), Type::PerUnit(q)) => {
            want_kind(a, p.or(q));
            want_kind(b, p.or(q));
            Type::Quantity(p).unify(Type::Quantity(q)).map(|_| Type::Number)
        }
        _ => None,
    }
}

/// Settles what was left open in an expression by the type it stands beside: the kind of a quantity, how a
/// free column is read.
fn refine(expr: &mut Expr, beside: Type) {
    match (expr.ty, beside) {
        (Type::Attribute, ty) => {
            let read = match ty {
                Type::Text => AttributeType::Text,
                Type::Date => AttributeType::Date,
                _ => AttributeType::Number,
            };
            read_attribute(expr, read);
        }
        (Type::Quantity(None) | Type::PerUnit(None), Type::Quantity(kind) | Type::PerUnit(kind)) => {
            want_kind(expr, kind);
        }
        _ => {}
    }
}

fn read_attribute(expr: &mut Expr, read: AttributeType) {
    if expr.ty != Type::Attribute {
        return;
    }
    expr.ty = match read {
        AttributeType::Text => Type::Text,
        AttributeType::Number => Type::Number,
        AttributeType::Date => Type::Date,
    };
    match &mut expr.node {
        Node::Fact(Fact::Attribute(_, as_type)) => *as_type = read,
        Node::Call(_, parts) => parts.iter_mut().for_each(|p| read_attribute(p, read)),
        _ => {}
    }
}

fn want_kind(expr: &mut Expr, wanted: Option<Kind>) {
    let Some(kind) = wanted else { return };
    match &mut expr.ty {
        Type::Quantity(open @ None) | Type::PerUnit(open @ None) => *open = Some(kind),
        _ => return,
    }
    match &mut expr.node {
        Node::Fact(Fact::Quantity(open) | Fact::UnitValue(open)) => *open = Some(kind),
        Node::Negate(inner) => want_kind(inner, wanted),
        Node::Binary(_, left, right) => {
            want_kind(left, wanted);
            want_kind(right, wanted);
        }
        Node::Call(_, parts) => parts.iter_mut().for_each(|p| want_kind(p, wanted)),
        _ => {}
    }
}

/// The names of section 3 that stand alone.
const FACTS: &[(&str, Fact, Type)] = &[
    ("value", Fact::Value, Type::Money),
    ("quantity", Fact::Quantity(None), Type::Quantity(None)),
    ("unit_value", Fact::UnitValue(None), Type::PerUnit(None)),
    ("freight", Fact::Freight, Type::Money),
    ("insurance", Fact::Insurance, Type::Money),
    ("entries", Fact::Entries, Type::Number),
    ("date", Fact::Date, Type::Date),
    ("origin", Fact::Origin, Type::Origin),
    ("product", Fact::Product, Type::Product),
    ("party", Fact::Party, Type::Text),
    ("mfn_rate", Fact::MfnRate, Type::Number),
];

fn fact(name: &str) -> Option<(Fact, Type)> {
    if let Some((_, fact, ty)) = FACTS.iter().find(|(n, _, _)| *n == name) {
        return Some((fact.clone(), *ty));
    }
    let (family, part) = name.split_once('.')?;
    match family {
        "content" => Some((Fact::Content(part.to_owned()), Type::Number)),
        "claims" => Some((Fact::Claims(part.to_owned()), Type::Condition)),
        "attr" => Some((Fact::Attribute(part.to_owned(), AttributeType::Text), Type::Attribute)),
        _ => None,
    }
}

/// Whether a name is taken by the language: a fact, a function or a word of the grammar.
pub(crate) fn is_reserved(name: &str) -> bool {
    fact(name).is_some()
        || matches!(
            name,
            "and" | "or" | "not" | "in" | "true" | "false" | "free" | "content" | "claims" | "attr"
        )
        || Function::NAMES.iter().any(|(n, _)| *n == name)
}
