//! What a quota or credit opens with: worked out for a day and a pool, from parameters alone.

use super::constants::{OnDay, percent_or_plain};
use super::formula::Formula;
use super::ledger::Ledger;
use super::model::Scenario;
use super::parameter::{Form, Nothing, Parameter, RestsOn};
use crate::country::Country;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostics};
use crate::expr::{Context, Expr, Fact, Group, Missing, Node, Quantity, Value, eval};
use crate::money;
use crate::units::Kind;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// A day, and the pool whose amount is wanted.
pub struct Pool<'a> {
    /// All parameters.
    pub parameters: &'a [Parameter],
    /// Those that rest on nothing but the day.
    pub on_day: &'a OnDay,
    /// The day.
    pub day: Option<Date>,
    /// The fact by which there are pools, and what it is for this one.
    pub key: Option<(&'a Fact, &'a str)>,
}

impl Pool<'_> {
    /// The value of an expression in this pool.
    pub fn eval(&self, formula: &Formula) -> Result<Value, Missing> {
        eval(&formula.expr, self)
    }
}

impl Context for Pool<'_> {
    fn parameter(&self, index: usize) -> Result<Value, Missing> {
        match self.parameters.get(index).filter(|parameter| parameter.rests_on > RestsOn::Day) {
            Some(parameter) => parameter.value(self.day, self),
            None => self.on_day.get(index),
        }
    }
    fn value(&self) -> Result<Decimal, Missing> {
        Nothing.value()
    }
    fn quantity(&self, kind: Option<Kind>) -> Result<Quantity, Missing> {
        Nothing.quantity(kind)
    }
    fn fact(&self, fact: &Fact) -> Result<Value, Missing> {
        match self.key.filter(|(by, _)| *by == fact) {
            Some((Fact::Origin, key)) => {
                Country::from_code(key).map(Value::Origin).ok_or_else(|| Missing::Fact("origin".to_owned()))
            }
            Some((_, key)) => Ok(Value::Text(key.into())),
            None => Nothing.fact(fact),
        }
    }
    fn attribute(&self, name: &str) -> Result<&str, Missing> {
        match self.key {
            Some((Fact::Attribute(by, _), key)) if by == name => Ok(key),
            _ => Nothing.attribute(name),
        }
    }
    fn is_in(&self, group: Group) -> Result<bool, Missing> {
        Nothing.is_in(group)
    }
}

/// Says of amounts that rest on a flow.
pub fn check(scenario: &Scenario, diagnostics: &mut Diagnostics) {
    for ledger in scenario.ledgers() {
        let cap = ledger.carry.as_ref().and_then(|carry| carry.up_to.as_ref());
        for formula in std::iter::once(&ledger.opening).chain(cap) {
            if let Some(fact) = foreign(&formula.expr, ledger, scenario) {
                let message = format!("`{}` rests on {fact}, which differs from flow to flow", formula.text);
                let diagnostic = formula.diagnostic(Code::NeedsFlow, message);
                diagnostics.push(match fact {
                    "the party" => diagnostic.help("give each party a pool of its own: by = \"party\""),
                    "the origin" => diagnostic.help("give each origin a pool of its own: by = \"origin\""),
                    "a column" => diagnostic.help("give each a pool of its own: by = \"COLUMN\""),
                    _ => diagnostic.help("write an amount, or a parameter that rests on none of it"),
                });
            }
        }
    }
}

/// A fact of the flow that an expression rests on and that is not what the pools are kept by.
fn foreign(expr: &Expr, ledger: &Ledger, scenario: &Scenario) -> Option<&'static str> {
    let by = ledger.by.as_ref();
    let mut found = None;
    let mut look = |part: &Expr| match &part.node {
        Node::In(_) => found = Some("the goods or the origin"),
        Node::Fact(fact) if !is_kept_by(fact, by) => found = Some(name(fact)),
        _ => {}
    };
    expr.walk(&mut look);
    let behind = scenario.parameters_behind(expr);
    behind.iter().flat_map(|parameter| parameter.formulas()).for_each(|formula| formula.expr.walk(&mut look));
    let through = behind.iter().find_map(|parameter| match &parameter.form {
        Form::By(fact, _) if !is_kept_by(fact, by) => Some(name(fact)),
        Form::File(table) if table.is_by_goods() => Some("the goods and the origin"),
        _ => None,
    });
    found.or(through)
}

fn is_kept_by(fact: &Fact, by: Option<&Fact>) -> bool {
    match (fact, by) {
        (Fact::Attribute(a, _), Some(Fact::Attribute(b, _))) => a == b,
        (fact, by) => Some(fact) == by,
    }
}

fn name(fact: &Fact) -> &'static str {
    match fact {
        Fact::Party => "the party",
        Fact::Origin => "the origin",
        Fact::Product => "the goods",
        Fact::Attribute(..) => "a column",
        Fact::Value | Fact::Quantity(_) | Fact::UnitValue(_) => "the value or the quantity",
        _ => "the flow",
    }
}

/// Works out every amount on a day, and says what is wrong with it.
pub fn check_on(scenario: &Scenario, on_day: &OnDay, day: Option<Date>, diagnostics: &mut Diagnostics) {
    for ledger in scenario.ledgers() {
        if !ledger.reach.window.contains(day.unwrap_or(Date::MIN)) {
            continue;
        }
        for key in keys(ledger, scenario) {
            let key = ledger.by.as_ref().zip(key.as_deref());
            let pool = Pool { parameters: &scenario.parameters, on_day, day, key };
            check_amounts(ledger, &pool, &scenario.currency, diagnostics);
        }
    }
}

fn check_amounts(ledger: &Ledger, pool: &Pool<'_>, currency: &str, diagnostics: &mut Diagnostics) {
    let mut value = |formula: &Formula| match pool.eval(formula) {
        Ok(value) => value.amount().map(|amount| (amount, value)),
        Err(Missing::Arithmetic(error)) if !pool.on_day.fails_behind(&formula.expr) => {
            diagnostics.push(formula.without_value(error, pool));
            None
        }
        Err(_) => None,
    };
    let opening = value(&ledger.opening);
    let cap = ledger.carry.as_ref().and_then(|carry| carry.up_to.as_ref()).map(|cap| (cap, value(cap)));
    if let Some((amount, value)) = opening.filter(|(amount, _)| *amount < Decimal::ZERO) {
        let whose = match pool.key {
            Some((_, "")) => " for whoever is not listed".to_owned(),
            Some((_, key)) => format!(" for {key}"),
            None => String::new(),
        };
        let on = pool.day.map(|day| format!(" on {day}")).unwrap_or_default();
        let unit = match &value {
            Value::Quantity(quantity) => quantity.unit.name(),
            _ => currency,
        };
        let amount = money::plain(amount);
        let message = format!("`{}` opens with {amount} {unit}{whose}{on}, below zero", ledger.id);
        diagnostics.push(
            ledger
                .opening
                .diagnostic(Code::NegativeOpening, message)
                .help(format!("write `max(…, 0 {unit})` if it is to stop at zero")),
        );
    }
    if let Some((cap, Some((amount, value)))) = cap {
        let is_part = matches!(value, Value::Number(_));
        if amount < Decimal::ZERO || (is_part && amount > Decimal::ONE) {
            let range = if is_part { "outside 0% to 100%" } else { "below zero" };
            let message = format!("`up_to` of `{}` is {}, {range}", ledger.id, percent_or_plain(&value));
            diagnostics.push(
                cap.diagnostic(Code::ShareOutOfRange, message)
                    .help("write a part of the opening amount, such as 4%, or an amount above zero"),
            );
        }
    }
}

/// The pools that parameters name; without them the one for all.
fn keys(ledger: &Ledger, scenario: &Scenario) -> BTreeSet<Option<String>> {
    let Some(by) = &ledger.by else { return BTreeSet::from([None]) };
    let mut behind = scenario.parameters_behind(&ledger.opening.expr);
    let cap = ledger.carry.as_ref().and_then(|carry| carry.up_to.as_ref());
    behind.extend(cap.into_iter().flat_map(|cap| scenario.parameters_behind(&cap.expr)));
    let named = behind.iter().filter_map(|parameter| match &parameter.form {
        Form::By(fact, values) if is_kept_by(fact, Some(by)) => Some(values.keys()),
        _ => None,
    });
    let named: BTreeSet<Option<String>> = named.flatten().map(|key| Some(key.clone())).collect();
    // One that no list names: a default holds for it.
    named.into_iter().chain([Some(String::new())]).collect()
}
