//! Formulas with numbers in them, as they are written on paper.

use crate::assess::Term;
use crate::expr::{Function, Operator};
use crate::money::{self, RoundingMode, grouped};
use rust_decimal::Decimal;

/// Decimal places of a percentage that are written out; beyond them it is said to be rounded.
const PLACES: u32 = 8;

/// How tightly a part of a formula holds together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Sum,
    Product,
    Whole,
}

/// A term as text; `base` is what its rate is charged on.
pub fn formula(term: &Term, base: &str) -> String {
    written(term, base).0
}

/// A term in brackets where it has to be, to stand in a product.
pub fn factor(term: &Term, base: &str) -> String {
    match written(term, base) {
        (text, Binding::Whole) => text,
        (text, _) => format!("({text})"),
    }
}

fn written(term: &Term, base: &str) -> (String, Binding) {
    let bracketed = |part: &Term, least: Binding| match written(part, base) {
        (text, binding) if binding < least => format!("({text})"),
        (text, _) => text,
    };
    match term {
        Term::Said(text) => (text.clone(), Binding::Whole),
        Term::Base => (base.to_owned(), Binding::Whole),
        Term::Negate(inner) => (format!("-{}", bracketed(inner, Binding::Whole)), Binding::Product),
        Term::Binary(op, left, right) => {
            let (sign, own, of_right) = match op {
                Operator::Add => ("+", Binding::Sum, Binding::Sum),
                Operator::Subtract => ("-", Binding::Sum, Binding::Product),
                Operator::Multiply => ("x", Binding::Product, Binding::Product),
                _ => ("/", Binding::Product, Binding::Whole),
            };
            (format!("{} {sign} {}", bracketed(left, own), bracketed(right, of_right)), own)
        }
        Term::Call(function, parts) => {
            let name =
                Function::NAMES.iter().find(|(_, known)| known == function).map_or("", |(name, _)| name);
            let parts: Vec<String> = parts.iter().map(|part| formula(part, base)).collect();
            (format!("{name}({})", parts.join(", ")), Binding::Whole)
        }
    }
}

/// A part as a percentage, in full where that is short.
pub fn percent_exactly(part: Decimal) -> String {
    let Ok(percent) = money::mul(part, Decimal::ONE_HUNDRED) else { return money::plain(part) };
    let shown = RoundingMode::HalfUp.places(percent, PLACES).normalize();
    let about = if shown == percent { "" } else { "about " };
    format!("{about}{}%", grouped(shown, shown.scale()))
}

/// Amounts added up, those below zero taken off.
pub fn added(amounts: impl IntoIterator<Item = Decimal>, show: impl Fn(Decimal) -> String) -> String {
    let mut text = String::new();
    for amount in amounts {
        let sign = match (text.is_empty(), amount.is_sign_negative()) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        text.push_str(sign);
        text.push_str(&show(amount.abs()));
    }
    if text.is_empty() { "nothing".to_owned() } else { text }
}
