//! The expression language of rates, parameters, shares and conditions.
//!
//! A text is cut into `lex`emes, `parse`d into a tree without types, `check`ed against the names
//! that exist into a typed tree, and `eval`uated where a flow stands. Nothing here knows of scenarios:
//! names come through [`Names`], a flow through [`Context`].

mod check;
mod eval;
mod lex;
mod parse;
mod value;

pub(crate) use check::is_reserved;
pub use check::{Names, Resolved, Wanted, check};
pub use eval::{Context, Missing, condition, culprit, duty, eval};
pub use parse::{Ast, AstNode, MAX_DEPTH, parse};
pub use value::{Duty, Quantity, Type, Value, in_unit_of};

use crate::units::Kind;
use std::ops::Range;

/// What is wrong with an expression, and at which bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExprError {
    /// The kind of mistake.
    pub code: crate::diagnostic::Code,
    /// One sentence.
    pub message: String,
    /// Bytes of the expression's text.
    pub range: Range<usize>,
    /// What to write instead.
    pub help: Option<String>,
}

/// Names that stand for facts of the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Customs value, money.
    Value,
    /// The quantity, in the flow's unit; of the kind wanted where that is known.
    Quantity(Option<Kind>),
    /// Customs value by unit of quantity.
    UnitValue(Option<Kind>),
    /// International freight, money.
    Freight,
    /// International insurance, money.
    Insurance,
    /// Number of customs entries.
    Entries,
    /// Entry date.
    Date,
    /// Country of origin.
    Origin,
    /// Product code.
    Product,
    /// The maker or trader.
    Party,
    /// Share of the value that is content of a name, 0 to 1.
    Content(String),
    /// Whether a preference or exemption is claimed.
    Claims(String),
    /// Another column of the flow file, read as the type wanted.
    Attribute(String, AttributeType),
    /// The ad valorem equivalent of the MFN duty.
    MfnRate,
}

/// What a free column is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeType {
    /// A text.
    Text,
    /// A number.
    Number,
    /// A date.
    Date,
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the operators")]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    LessEqual,
    Equal,
    NotEqual,
    GreaterEqual,
    Greater,
    And,
    Or,
}

/// The functions of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the functions")]
pub enum Function {
    Min,
    Max,
    If,
    Clamp,
    Default,
}

impl Function {
    /// Every function with its name.
    pub const NAMES: &'static [(&'static str, Function)] = &[
        ("min", Function::Min),
        ("max", Function::Max),
        ("if", Function::If),
        ("clamp", Function::Clamp),
        ("default", Function::Default),
    ];
}

/// A group of products or of countries, by its place in the scenario's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// A group of products.
    Products(usize),
    /// A group of countries.
    Countries(usize),
    /// One country, or the Union.
    Country(crate::country::Country),
}

/// A typed expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expr {
    /// What it is.
    pub node: Node,
    /// The type of its value.
    pub ty: Type,
    /// Where it stands in its text.
    pub range: Range<usize>,
}

/// What an expression is made of.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the grammar")]
pub enum Node {
    Literal(Value),
    Parameter(usize),
    Fact(Fact),
    Negate(Box<Expr>),
    Not(Box<Expr>),
    Binary(Operator, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    In(Group),
}

impl Expr {
    /// An expression that is one value.
    pub fn literal(value: Value) -> Expr {
        Expr { ty: value.ty(), node: Node::Literal(value), range: 0..0 }
    }

    /// The value, where the expression is one.
    pub fn as_literal(&self) -> Option<&Value> {
        match &self.node {
            Node::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// Calls `visit` on this expression and everything in it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        match &self.node {
            Node::Negate(inner) | Node::Not(inner) => inner.walk(visit),
            Node::Binary(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Node::Call(_, arguments) => arguments.iter().for_each(|a| a.walk(visit)),
            Node::Literal(_) | Node::Parameter(_) | Node::Fact(_) | Node::In(_) => {}
        }
    }

    /// The same, less what no flow ever looks at, as the branch of an `if` that is never taken. `settled` says whether a
    /// condition holds, where it is the same for every flow on every day.
    pub fn walk_live<'a>(&'a self, settled: &dyn Fn(&Expr) -> Option<bool>, visit: &mut dyn FnMut(&'a Expr)) {
        if settled(self).is_some() {
            return;
        }
        visit(self);
        match &self.node {
            Node::Call(function, arguments) => {
                let test = arguments.first().filter(|_| *function == Function::If).and_then(settled);
                let is_dead = |at: usize| matches!((test, at), (Some(true), 2) | (Some(false), 1));
                let live = arguments.iter().enumerate().filter(|(at, _)| !is_dead(*at));
                live.for_each(|(_, part)| part.walk_live(settled, visit));
            }
            Node::Binary(operator, left, right) => {
                left.walk_live(settled, visit);
                let decides = match operator {
                    Operator::And => Some(false),
                    Operator::Or => Some(true),
                    _ => None,
                };
                if decides.is_none() || settled(left) != decides {
                    right.walk_live(settled, visit);
                }
            }
            Node::Negate(inner) | Node::Not(inner) => inner.walk_live(settled, visit),
            Node::Literal(_) | Node::Parameter(_) | Node::Fact(_) | Node::In(_) => {}
        }
    }
}
