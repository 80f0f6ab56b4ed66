//! Expressions as they stand in a scenario: the text, its place, and the typed tree.

use super::decode::{Report, Text, wrong_type};
use super::raw::{Node, Raw};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{
    Ast, Context, Expr, ExprError, Names, Node as Part, Operator, Wanted, check, culprit, parse,
};
use crate::money::ArithmeticError;

/// An expression and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Formula {
    /// As written.
    pub text: String,
    /// The typed tree.
    pub expr: Expr,
    /// Its place.
    pub span: Span,
    /// Where its first byte stands, if it is written without escapes.
    content: Option<u32>,
}

/// An expression that is parsed but not yet typed.
#[derive(Debug, Clone)]
pub struct Draft<'a> {
    /// Its text and place.
    pub text: Text<'a>,
    /// The tree.
    pub ast: Ast,
}

/// How a truth is written.
pub fn truth(holds: bool) -> &'static str {
    if holds { "true" } else { "false" }
}

/// Parses the expression of a node: a text, or a bare number or truth by its literal text.
pub fn draft<'a>(node: &'a Node, key: &str, report: &Report<'_>) -> Option<Draft<'a>> {
    let text = match &node.value {
        Raw::Text(text, content) => Text { text, span: node.span, content: *content },
        Raw::Number(text) => Text { text, span: node.span, content: Some(node.span.start) },
        Raw::Boolean(holds) => Text { text: truth(*holds), span: node.span, content: Some(node.span.start) },
        _ => {
            report.push(wrong_type(node, key, "an expression").help("write it in quotes: \"25%\""));
            return None;
        }
    };
    match parse(text.text) {
        Ok(ast) => Some(Draft { text, ast }),
        Err(error) => {
            report.push(located(error, &text));
            None
        }
    }
}

impl Draft<'_> {
    /// The typed expression.
    pub fn finish(&self, wanted: Wanted, names: &dyn Names, report: &Report<'_>) -> Option<Formula> {
        match check(&self.ast, wanted, names) {
            Ok(expr) => Some(Formula {
                text: self.text.text.to_owned(),
                expr: expr?,
                span: self.text.span,
                content: self.text.content,
            }),
            Err(error) => {
                report.push(located(error, &self.text));
                None
            }
        }
    }
}

/// A typed expression of a node.
pub fn formula(
    node: &Node,
    key: &str,
    wanted: Wanted,
    names: &dyn Names,
    report: &Report<'_>,
) -> Option<Formula> {
    draft(node, key, report)?.finish(wanted, names, report)
}

/// An expression's error at its place in the file.
fn located(error: ExprError, text: &Text<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::at(error.code, text.part(error.range), error.message);
    match error.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

impl Formula {
    /// A formula that is one value, made by the program from something written at `span`.
    pub fn made(text: String, value: crate::expr::Value, span: Span) -> Formula {
        Formula { text, expr: Expr::literal(value), span, content: None }
    }

    /// Says that the formula has no value, at the part that has none.
    pub fn without_value(&self, error: ArithmeticError, context: &dyn Context) -> Diagnostic {
        let part = culprit(&self.expr, context);
        let divisor = match (&part.node, error) {
            (Part::Binary(Operator::Divide, _, divisor), ArithmeticError::DivisionByZero) => Some(divisor),
            _ => None,
        };
        let range = divisor.map_or(part.range.clone(), |divisor| divisor.range.clone());
        let text = Text { text: &self.text, span: self.span, content: self.content };
        let span = if range.is_empty() { self.span } else { text.part(range.clone()) };
        let (code, message) = match (error, self.text.get(range)) {
            (ArithmeticError::Overflow, _) => (Code::Overflow, error.to_string()),
            (ArithmeticError::DivisionByZero, Some(zero)) if divisor.is_some() => {
                (Code::DivisionByZero, format!("{error}: `{zero}` is zero"))
            }
            (ArithmeticError::DivisionByZero, _) => (Code::DivisionByZero, error.to_string()),
        };
        Diagnostic::at(code, span, message)
    }

    /// A diagnostic at the formula's place.
    pub fn diagnostic(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::at(code, self.span, message)
    }
}
