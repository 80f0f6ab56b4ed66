//! What a parameter may turn out to be: `uncertain`, which a sweep draws from and `run` never looks at.

use super::settle::constant;
use super::unit::Written;
use super::{Form, Parameter};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Names, Type, Value, in_unit_of};
use crate::scenario::constants::check_bound;
use crate::scenario::decode::{Reader, Report};
use rust_decimal::Decimal;

/// How likely which values of a parameter are.
#[derive(Debug, Clone, PartialEq)]
pub enum Uncertain {
    /// All values between two are equally likely.
    Uniform {
        /// The lowest.
        low: Value,
        /// The highest.
        high: Value,
    },
    /// Likelihood rises in a straight line to the mode, and falls in one from there.
    Triangular {
        /// The lowest.
        low: Value,
        /// The likeliest.
        mode: Value,
        /// The highest.
        high: Value,
    },
    /// The bell curve.
    Normal {
        /// Its middle.
        mean: Value,
        /// The standard deviation.
        sd: Value,
    },
}

impl Uncertain {
    /// The numbers that say how it is spread, each with its key.
    fn numbers(&self) -> Vec<(&'static str, &Value)> {
        match self {
            Uncertain::Uniform { low, high } => vec![("low", low), ("high", high)],
            Uncertain::Triangular { low, mode, high } => vec![("low", low), ("mode", mode), ("high", high)],
            Uncertain::Normal { mean, sd } => vec![("mean", mean), ("sd", sd)],
        }
    }
}

/// Reads `uncertain`: its numbers are constants of the parameter's type, in its unit where they are bare.
pub(super) fn uncertain(
    reader: &Reader<'_>,
    unit: Written,
    ty: Type,
    names: &dyn Names,
    report: &Report<'_>,
) -> Option<(Uncertain, Span)> {
    let (table, span) = reader.table("uncertain")?;
    let inner = Reader::new(table, "`uncertain`", span, report);
    let read = |key: &'static str| {
        let node = inner.node(key)?;
        constant(node, key, unit, ty, names, report)
    };
    let [low, mode, high, mean, sd] = ["low", "mode", "high", "mean", "sd"].map(read);
    let has = |key| table.get(key).is_some();
    let given = ["low", "mode", "high", "mean", "sd"].map(has);
    let is_number = matches!(ty, Type::Number | Type::Money | Type::Quantity(_) | Type::PerUnit(_));
    inner.finish();
    if !is_number {
        report.push(
            Diagnostic::at(Code::BadUncertain, span, format!("{ty} cannot be uncertain"))
                .help("let a number be uncertain that it rests on"),
        );
        return None;
    }
    let uncertain = match given {
        [true, false, true, false, false] => Uncertain::Uniform { low: low?, high: high? },
        [true, true, true, false, false] => Uncertain::Triangular { low: low?, mode: mode?, high: high? },
        [false, false, false, true, true] => Uncertain::Normal { mean: mean?, sd: sd? },
        _ => {
            report.push(
                Diagnostic::at(Code::BadUncertain, span, "this says no spread that is known")
                    .help("write { low, high }, { low, mode, high } or { mean, sd }"),
            );
            return None;
        }
    };
    let uncertain = in_one_unit(uncertain);
    match disorder(&uncertain) {
        Some((key, message, help)) => {
            let place = table.get(key).map_or(span, |node| node.span);
            report.push(Diagnostic::at(Code::BadUncertain, place, message).help(help));
            None
        }
        None => Some((uncertain, span)),
    }
}

/// All numbers in the unit of the first.
fn in_one_unit(uncertain: Uncertain) -> Uncertain {
    match uncertain {
        Uncertain::Uniform { low, high } => Uncertain::Uniform { high: in_unit_of(&low, &high), low },
        Uncertain::Triangular { low, mode, high } => {
            let (mode, high) = (in_unit_of(&low, &mode), in_unit_of(&low, &high));
            Uncertain::Triangular { low, mode, high }
        }
        Uncertain::Normal { mean, sd } => Uncertain::Normal { sd: in_unit_of(&mean, &sd), mean },
    }
}

/// Why the numbers do not go together: the key that is wrong, what is wrong with it, and what to do.
fn disorder(uncertain: &Uncertain) -> Option<(&'static str, &'static str, &'static str)> {
    const SORT: &str = "write them in rising order: low, then mode, then high";
    let amount = |value: &Value| value.amount().unwrap_or_default();
    match uncertain {
        Uncertain::Uniform { low, high } if amount(low) > amount(high) => {
            Some(("low", "`low` is above `high`", SORT))
        }
        Uncertain::Triangular { low, mode, .. } if amount(low) > amount(mode) => {
            Some(("low", "`low` is above `mode`", SORT))
        }
        Uncertain::Triangular { mode, high, .. } if amount(mode) > amount(high) => {
            Some(("mode", "`mode` is above `high`", SORT))
        }
        Uncertain::Normal { sd, .. } if amount(sd) < Decimal::ZERO => {
            Some(("sd", "`sd`, the standard deviation, is below zero", "leave out its sign"))
        }
        _ => None,
    }
}

/// Says of what has no place on the parameter: a draw is one value, and within its bounds.
pub(super) fn check(parameter: &Parameter, span: Span, report: &Report<'_>) {
    let Some(uncertain) = &parameter.uncertain else { return };
    if matches!(parameter.form, Form::By(..) | Form::File(_)) {
        let message = format!("`{}` has a value for each flow, and cannot be uncertain", parameter.name);
        report.push(
            Diagnostic::at(Code::KeyNotAllowed, span, message)
                .help("let it rest on a parameter of one value, and let that be uncertain"),
        );
        return;
    }
    for (key, value) in uncertain.numbers() {
        if key != "sd"
            && let Some(diagnostic) = check_bound(parameter, value, span)
        {
            report.push(diagnostic);
        }
    }
}
