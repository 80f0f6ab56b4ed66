//! What does not rest on a flow is computed when the scenario is loaded, for every interval between the
//! days on which something changes: so that a rate below zero or a division by zero is found at once.

use super::economics;
use super::formula::Formula;
use super::model::{Measure, MeasureType, Rate, Scenario};
use super::opening;
use super::parameter::{Form, Nothing, Parameter, RestsOn};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span};
use crate::expr::{Context, Expr, Fact, Group, Missing, Node, Quantity, Type, Value, eval, in_unit_of};
use crate::money::{self, ArithmeticError};
use crate::units::Kind;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// The values of parameters on a day, of those that do not rest on a flow.
pub struct OnDay {
    values: Vec<Result<Value, Missing>>,
}

impl OnDay {
    /// All of them; the order of `parameters` does not matter.
    pub fn new(parameters: &[Parameter], day: Option<Date>) -> OnDay {
        let waiting = || Err(Missing::Parameter(String::new()));
        let mut on_day = OnDay { values: parameters.iter().map(|_| waiting()).collect() };
        for index in in_order(parameters) {
            let parameter = &parameters[index];
            if parameter.rests_on == RestsOn::Day {
                on_day.values[index] = parameter.value(day, &on_day);
            }
        }
        on_day
    }

    /// The value of one.
    pub fn get(&self, index: usize) -> Result<Value, Missing> {
        self.values.get(index).cloned().unwrap_or_else(|| Err(Missing::Parameter("here".to_owned())))
    }

    /// Whether arithmetic fails in a parameter that an expression names, where it is said.
    pub fn fails_behind(&self, expr: &Expr) -> bool {
        let mut fails = false;
        expr.walk(&mut |part| {
            if let Node::Parameter(index) = part.node {
                fails |= matches!(self.get(index), Err(Missing::Arithmetic(_)));
            }
        });
        fails
    }

    /// The value of an expression that does not rest on a flow.
    pub fn eval(&self, expr: &Expr) -> Result<Value, Missing> {
        eval(expr, self)
    }
}

/// The places of parameters, each after those it rests on.
fn in_order(parameters: &[Parameter]) -> Vec<usize> {
    fn visit(index: usize, parameters: &[Parameter], seen: &mut [bool], order: &mut Vec<usize>) {
        if std::mem::replace(&mut seen[index], true) {
            return;
        }
        for formula in parameters[index].formulas() {
            formula.expr.walk(&mut |e| {
                if let Node::Parameter(other) = e.node {
                    visit(other, parameters, seen, order);
                }
            });
        }
        order.push(index);
    }
    let mut order = Vec::with_capacity(parameters.len());
    let mut seen = vec![false; parameters.len()];
    for index in 0..parameters.len() {
        visit(index, parameters, &mut seen, &mut order);
    }
    order
}

impl Context for OnDay {
    fn parameter(&self, index: usize) -> Result<Value, Missing> {
        self.get(index)
    }
    fn value(&self) -> Result<Decimal, Missing> {
        Nothing.value()
    }
    fn quantity(&self, kind: Option<Kind>) -> Result<Quantity, Missing> {
        Nothing.quantity(kind)
    }
    fn fact(&self, fact: &Fact) -> Result<Value, Missing> {
        Nothing.fact(fact)
    }
    fn attribute(&self, name: &str) -> Result<&str, Missing> {
        Nothing.attribute(name)
    }
    fn is_in(&self, group: Group) -> Result<bool, Missing> {
        Nothing.is_in(group)
    }
}

/// What an expression rests on.
pub fn rests_on(expr: &Expr, parameters: &[Parameter]) -> RestsOn {
    RestsOn::of(expr, &|index| parameters.get(index).map_or(RestsOn::Flow, |p| p.rests_on))
}

/// Whether an expression has the same value for every flow of a day.
pub fn is_constant(expr: &Expr, parameters: &[Parameter]) -> bool {
    rests_on(expr, parameters) == RestsOn::Day
}

/// What is the same for every flow on every day.
pub struct Always<'a> {
    parameters: &'a [Parameter],
    /// Whether a parameter is.
    never_changes: Vec<bool>,
    values: OnDay,
}

impl<'a> Always<'a> {
    /// Of the parameters of a scenario.
    pub fn new(parameters: &'a [Parameter]) -> Self {
        let mut never_changes = vec![false; parameters.len()];
        for index in in_order(parameters) {
            let parameter = &parameters[index];
            let rests_on_others = |formula: &&Formula| names_only(&formula.expr, &never_changes);
            never_changes[index] = parameter.rests_on == RestsOn::Day
                && parameter.change_dates().is_empty()
                && parameter.formulas().iter().all(rests_on_others);
        }
        Always { parameters, never_changes, values: OnDay::new(parameters, None) }
    }

    /// Whether a condition holds, where that is so.
    pub fn holds(&self, expr: &Expr) -> Option<bool> {
        let is_settled = expr.ty == Type::Condition
            && is_constant(expr, self.parameters)
            && names_only(expr, &self.never_changes);
        match is_settled.then(|| self.values.eval(expr))? {
            Ok(Value::Condition(holds)) => Some(holds),
            _ => None,
        }
    }
}

/// Whether an expression names only such parameters.
fn names_only(expr: &Expr, such: &[bool]) -> bool {
    let mut only = true;
    expr.walk(&mut |part| {
        if let Node::Parameter(index) = part.node {
            only &= such.get(index).copied().unwrap_or(false);
        }
    });
    only
}

/// The days on which a measure or a parameter may change, in order.
pub fn change_dates(scenario: &Scenario) -> Vec<Date> {
    let mut dates: BTreeSet<Date> = BTreeSet::new();
    for measure in &scenario.measures {
        dates.extend(measure.steps.iter().filter_map(|s| s.from));
        dates.extend(measure.reach.change_dates());
        for step in &measure.steps {
            if let Some(Rate::File(table)) = &step.rate {
                dates.extend(table.change_dates());
            }
        }
    }
    for ledger in scenario.ledgers() {
        dates.extend(ledger.reach.change_dates());
    }
    for group in &scenario.products {
        dates.extend(group.set.change_dates());
    }
    for parameter in &scenario.parameters {
        dates.extend(parameter.change_dates());
    }
    dates.into_iter().collect()
}

/// The code of an arithmetic mistake.
pub fn arithmetic_code(error: ArithmeticError) -> Code {
    match error {
        ArithmeticError::Overflow => Code::Overflow,
        ArithmeticError::DivisionByZero => Code::DivisionByZero,
    }
}

/// Computes everything that rests on no flow, in every interval, and says what is wrong with it.
pub fn check(scenario: &Scenario, diagnostics: &mut Diagnostics) {
    for parameter in &scenario.parameters {
        check_file(parameter, diagnostics);
    }
    opening::check(scenario, diagnostics);
    let changes = change_dates(scenario);
    let starts = std::iter::once(None).chain(changes.into_iter().map(Some));
    for day in starts {
        let on_day = OnDay::new(&scenario.parameters, day);
        for parameter in &scenario.parameters {
            check_parameter(parameter, &on_day, &scenario.parameters, day, diagnostics);
        }
        opening::check_on(scenario, &on_day, day, diagnostics);
        economics::check(scenario, &on_day, diagnostics);
        let constants = Constants { on_day: &on_day, parameters: &scenario.parameters };
        for quota in &scenario.quotas {
            let kind = |place: &usize| scenario.measures.get(*place).map(|measure| measure.kind);
            if quota.ledger.measures.iter().any(|place| kind(place) == Some(MeasureType::Subsidy)) {
                constants.value(&quota.in_quota_rate, diagnostics);
            } else {
                let what = format!("in-quota rate of `{}`", quota.ledger.id);
                constants.check_rate(&what, &quota.in_quota_rate, diagnostics);
            }
        }
        // Before the first change no dated measure is in force; one without dates always is.
        let day = day.unwrap_or(Date::MIN);
        for measure in &scenario.measures {
            constants.check_measure(measure, day, diagnostics);
        }
    }
}

fn check_parameter(
    parameter: &Parameter,
    on_day: &OnDay,
    all: &[Parameter],
    day: Option<Date>,
    diagnostics: &mut Diagnostics,
) {
    for formula in parameter.formulas() {
        if let (true, Err(Missing::Arithmetic(error))) =
            (is_constant(&formula.expr, all), on_day.eval(&formula.expr))
        {
            diagnostics.push(formula.without_value(error, on_day));
        }
    }
    let values: Vec<(Value, &Formula)> = if parameter.rests_on > RestsOn::Day {
        parameter
            .formulas()
            .into_iter()
            .filter(|f| is_constant(&f.expr, all))
            .filter_map(|f| Some((on_day.eval(&f.expr).ok()?, f)))
            .collect()
    } else {
        let value = parameter.value(day, on_day);
        let formula = parameter.formulas().into_iter().next();
        value.ok().zip(formula).into_iter().collect()
    };
    for (value, formula) in values {
        check_bounds(parameter, &value, formula.span, diagnostics);
    }
}

/// The first value of a parameter's file that lies outside its bounds.
fn check_file(parameter: &Parameter, diagnostics: &mut Diagnostics) {
    let Form::File(table) = &parameter.form else { return };
    let before = diagnostics.len();
    for (value, _, span) in table.values() {
        check_bounds(parameter, value, span, diagnostics);
        if diagnostics.len() > before {
            return;
        }
    }
}

fn check_bounds(parameter: &Parameter, value: &Value, span: Span, diagnostics: &mut Diagnostics) {
    diagnostics.extend(check_bound(parameter, value, span));
}

/// Says of a value outside a parameter's bounds that it is.
pub fn check_bound(parameter: &Parameter, value: &Value, span: Span) -> Option<Diagnostic> {
    let beyond = |bound: &Option<Value>, low: bool| {
        let (Some(bound), Some(amount)) = (bound, value.amount()) else { return false };
        let limit = in_unit_of(value, bound).amount();
        limit.is_some_and(|limit| if low { amount < limit } else { amount > limit })
    };
    let (limit, side) = if beyond(&parameter.min, true) {
        (parameter.min.as_ref()?, "below its `min`")
    } else if beyond(&parameter.max, false) {
        (parameter.max.as_ref()?, "above its `max`")
    } else {
        return None;
    };
    let (value, limit) = (parameter.show(value), parameter.show(limit));
    let message = format!("`{}` is {value}, {side} {limit}", parameter.name);
    Some(
        Diagnostic::at(Code::OutOfBounds, span, message)
            .help("give a value within its bounds, or change them"),
    )
}

/// A pure number as a percentage, anything else as it is.
pub fn percent_or_plain(value: &Value) -> String {
    match value {
        Value::Number(n) => money::mul(*n, Decimal::ONE_HUNDRED)
            .map_or_else(|_| money::plain(*n), |n| format!("{}%", money::plain(n))),
        other => other.to_string(),
    }
}

/// What rests on nothing but a day.
struct Constants<'a> {
    on_day: &'a OnDay,
    parameters: &'a [Parameter],
}

impl Constants<'_> {
    /// The value of a formula that is the same for every flow; what is wrong with it is said.
    fn value(&self, formula: &Formula, diagnostics: &mut Diagnostics) -> Option<Value> {
        if !is_constant(&formula.expr, self.parameters) {
            return None;
        }
        match self.on_day.eval(&formula.expr) {
            Ok(value) => Some(value),
            Err(_) if self.on_day.fails_behind(&formula.expr) => None,
            Err(Missing::Arithmetic(error)) => {
                diagnostics.push(formula.without_value(error, self.on_day));
                None
            }
            Err(_) => None,
        }
    }

    /// Says of a rate below zero.
    fn check_rate(&self, what: &str, rate: &Formula, diagnostics: &mut Diagnostics) {
        let Some(value) = self.value(rate, diagnostics) else { return };
        let parts = match value {
            Value::Duty(d) => vec![d.ad_valorem, d.specific, d.lump_sum],
            ref other => other.amount().into_iter().collect(),
        };
        // Parts of unlike signs are weighed against one another on each flow.
        let below = parts.iter().any(|part| *part < Decimal::ZERO);
        if below && parts.iter().all(|part| *part <= Decimal::ZERO) {
            let message = format!("the {what} is below zero: {}", percent_or_plain(&value));
            diagnostics.push(
                rate.diagnostic(Code::NegativeRate, message)
                    .help("write `max(…, 0%)` if it is to stop at zero"),
            );
        }
    }

    fn check_measure(&self, measure: &Measure, day: Date, diagnostics: &mut Diagnostics) {
        let Some(step) = measure.step_on(day).and_then(|i| measure.steps.get(i)) else { return };
        if let Some(rate) = step.rate.as_ref().and_then(Rate::formula) {
            if measure.kind == MeasureType::Subsidy {
                self.value(rate, diagnostics);
            } else {
                self.check_rate(&format!("rate of `{}`", measure.id), rate, diagnostics);
            }
        }
        for (share, name) in [(&step.share, "share"), (&measure.utilisation, "utilisation")] {
            let Some(share) = share else { continue };
            if let Some(Value::Number(part)) = self.value(share, diagnostics)
                && (part < Decimal::ZERO || part > Decimal::ONE)
            {
                let message =
                    format!("the {name} of `{}` is {}, outside 0 to 1", measure.id, money::plain(part));
                diagnostics.push(
                    share
                        .diagnostic(Code::ShareOutOfRange, message)
                        .help("write a part of the whole, such as 0.4 or 40%"),
                );
            }
        }
        if let Some(when) = &step.when {
            self.value(when, diagnostics);
        }
    }
}
