//! The rate texts of official schedules.

use crate::expr::{Ast, AstNode, Expr, Group, Names, Operator, Resolved, Wanted, check, eval, parse};
use crate::scenario::parameter::Nothing;
use rust_decimal::Decimal;

/// A rate as official schedules print it; or why it is refused. None is guessed at.
pub(super) fn rate_cell(text: &str, names: &dyn Names) -> Result<Expr, String> {
    let spelled = text.trim().trim_end_matches('.').replace("cents", "¢").replace("./", "/");
    let refused = |why: &str| format!("the rate text `{text}` is refused: {why}");
    let spelled = match spelled.strip_suffix("/1000") {
        Some(amount) => format!("{amount}/thousand"),
        None => with_fractions(&spelled),
    };
    let ast = parse(&spelled).map_err(|error| refused(&error.message))?;
    if let Some(why) = not_a_rate(&ast) {
        return Err(refused(why));
    }
    match check(&ast, Wanted::Rate, names) {
        // What needs no flow is put in as a value.
        Ok(Some(expr)) => Ok(eval(&expr, &Nothing).map_or(expr, Expr::literal)),
        Ok(None) => Err(refused("it names a parameter")),
        Err(error) => Err(refused(&error.message)),
    }
}

/// Whether a text is a rate wherever it stands in a file, or why it is not.
pub fn is_rate(text: &str) -> Result<(), String> {
    rate_cell(text, &NoNames).map(|_| ())
}

/// A scenario that names nothing; a currency has some worth.
struct NoNames;

impl Names for NoNames {
    fn parameter(&self, _: &str) -> Option<Resolved> {
        None
    }
    fn group(&self, _: &str, _: bool) -> Option<Group> {
        None
    }
    fn exchange(&self, _: &str) -> Option<Decimal> {
        Some(Decimal::ONE)
    }
    fn known(&self, _: Option<bool>) -> Vec<String> {
        Vec::new()
    }
}

/// A sum with `33 1/3%` in it, which schedules print for a third, as an expression.
fn with_fractions(text: &str) -> String {
    let terms = text.split('+').map(|term| with_fraction(term.trim()).unwrap_or_else(|| term.to_owned()));
    terms.collect::<Vec<_>>().join("+")
}

/// A percentage with a fraction; `None` where a term is something else.
fn with_fraction(term: &str) -> Option<String> {
    let (whole, fraction) = term.strip_suffix('%')?.split_once(' ')?;
    let (part, of) = fraction.split_once('/')?;
    let all_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    [whole, part, of].into_iter().all(all_digits).then(|| format!(" {whole}% + {part}%/{of} "))
}

/// What may not stand in a cell: names, and money that is not by a unit.
pub(super) fn not_a_rate(ast: &Ast) -> Option<&'static str> {
    match &ast.node {
        AstNode::Name(_)
        | AstNode::Call(..)
        | AstNode::In(..)
        | AstNode::Text(_)
        | AstNode::Date(_)
        | AstNode::Truth(_) => Some("it is more than a percentage or money by unit"),
        AstNode::Money { .. } => Some("it is a flat amount of money"),
        AstNode::Binary(Operator::Divide, left, right) => match (&left.node, &right.node) {
            (AstNode::Money { .. }, AstNode::Unit(_) | AstNode::Quantity(..)) => None,
            (AstNode::Percent(_), AstNode::Number(parts)) if !parts.is_zero() => None,
            _ => Some("it is a quotient"),
        },
        AstNode::Binary(Operator::Add, left, right) => not_a_rate(left).or_else(|| not_a_rate(right)),
        AstNode::Binary(..) => Some("it is more than a sum"),
        AstNode::Negate(inner) | AstNode::Not(inner) => not_a_rate(inner),
        _ => None,
    }
}
