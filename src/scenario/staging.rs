//! Staging: a duty phased out in equal cuts on given days, each printed rate rounded as the agreement prints it.

use super::decode::{Reader, Report, Text};
use super::formula::{Formula, formula};
use super::raw::Table;
use crate::date::{Date, day_of_year};
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Names, Value, Wanted, eval, in_unit_of};
use crate::money::{self, RoundingMode};
use rust_decimal::Decimal;

/// Cuts a schedule may have; the longest in force run to some thirty.
pub const MOST_STAGES: u32 = 200;

/// The days of the cuts with the rate that holds from each.
pub fn cuts(
    table: &Table,
    span: Span,
    names: &dyn Names,
    report: &Report<'_>,
) -> Option<Vec<(Date, Formula)>> {
    let reader = Reader::new(table, "the staging", span, report);
    let ends: Vec<Option<(Formula, Value)>> = ["base", "final"]
        .into_iter()
        .map(|key| {
            if !reader.has(key) {
                reader.missing(key);
            }
            fixed(formula(reader.node(key)?, key, Wanted::Rate, names, report)?, report)
        })
        .collect();
    let stages = reader.count("stages");
    if !reader.has("stages") {
        reader.missing("stages");
    }
    let first = reader.date("first");
    if !reader.has("first") {
        reader.missing("first");
    }
    let every = every(&reader, stages, report);
    let rounding = rounding(&reader, span, report);
    reader.finish();
    let [base, last] = ends.as_slice() else { return None };
    let ((base_text, base), (last_text, last)) = (base.as_ref()?, last.as_ref()?);
    let (stages, first, every) = (stages?, first?, every?);
    if stages > MOST_STAGES {
        report.push(Diagnostic::at(
            Code::WrongType,
            span,
            format!("{stages} stages are more than {MOST_STAGES}"),
        ));
        return None;
    }
    if base.ty() != last.ty() && last.amount() != Some(Decimal::ZERO) {
        let message = format!("`base` is {} and `final` is {}", base.ty(), last.ty());
        report.push(last_text.diagnostic(Code::Dimension, message));
        return None;
    }
    let free = last.amount() == Some(Decimal::ZERO);
    let last = &if free { base.with_amount(Decimal::ZERO)? } else { in_unit_of(base, last) };
    let pattern = Pattern::new(&base_text.text, base);
    let mut days = vec![first];
    while days.len() < stages as usize {
        let Some(day) = next(days[days.len() - 1], every) else {
            let message = "the last cuts fall after the year 9999";
            report.push(
                Diagnostic::at(Code::Overflow, span, message).help("start earlier, or make fewer stages"),
            );
            return None;
        };
        days.push(day);
    }
    let rates = (1..=stages).map(|cut| rate(base, last, cut, stages, &pattern, rounding));
    let rates: Result<Vec<(Value, String)>, money::ArithmeticError> = rates.collect();
    match rates {
        Ok(rates) => Some(
            days.into_iter()
                .zip(rates)
                .map(|(day, (value, text))| (day, Formula::made(text, value, span)))
                .collect(),
        ),
        Err(error) => {
            report.push(base_text.diagnostic(super::constants::arithmetic_code(error), error.to_string()));
            None
        }
    }
}

fn fixed(formula: Formula, report: &Report<'_>) -> Option<(Formula, Value)> {
    match eval(&formula.expr, &super::parameter::Nothing) {
        Ok(value) if value.amount().is_some() => Some((formula, value)),
        _ => {
            report.push(
                formula
                    .diagnostic(Code::NeedsFlow, "staging starts and ends at a fixed rate")
                    .help("write a percentage or an amount by unit"),
            );
            None
        }
    }
}

/// How a rate is written: the number, and what stands around it.
struct Pattern {
    before: String,
    after: String,
    /// The number as written by the amount it stands for: 100 for a percentage.
    scale: Decimal,
}

impl Pattern {
    fn new(text: &str, value: &Value) -> Pattern {
        let is_part = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_');
        let start = text.find(|c: char| c.is_ascii_digit()).unwrap_or(0);
        let length = text[start..].find(|c| !is_part(c)).unwrap_or(text.len() - start);
        let (number, after) = text[start..].split_at(length);
        let written = money::parse_number(number).unwrap_or_default();
        let scale = money::div(written, value.amount().unwrap_or_default()).unwrap_or(Decimal::ONE);
        let scale = if scale.is_zero() { Decimal::ONE } else { scale };
        Pattern { before: text[..start].to_owned(), after: after.to_owned(), scale }
    }
}

/// The rate after so many cuts, rounded in the number as written, and its text.
fn rate(
    base: &Value,
    last: &Value,
    cut: u32,
    stages: u32,
    pattern: &Pattern,
    rounding: Option<(u32, RoundingMode)>,
) -> Result<(Value, String), money::ArithmeticError> {
    let (from, to) = (base.amount().unwrap_or_default(), last.amount().unwrap_or_default());
    let fall = money::mul(money::sub(from, to)?, Decimal::from(cut))?;
    let exact = money::sub(from, money::div(fall, Decimal::from(stages))?)?;
    let written = money::mul(exact, pattern.scale)?;
    let written = match rounding {
        Some((places, mode)) => mode.places(written, places),
        None => written,
    };
    let amount = money::div(written, pattern.scale)?;
    let value = base.with_amount(amount).unwrap_or(Value::Number(amount));
    Ok((value, format!("{}{}{}", pattern.before, money::plain(written), pattern.after)))
}

/// The day of the year on which cuts fall.
fn every(reader: &Reader<'_>, stages: Option<u32>, report: &Report<'_>) -> Option<(i8, i8)> {
    let Some(text) = reader.text("every") else {
        if stages == Some(1) {
            return Some((1, 1));
        }
        if !reader.has("every") {
            reader.missing("every");
        }
        return None;
    };
    day_and_month(&text, report)
}

/// A day of the year, written `04-01`.
pub fn day_and_month(text: &Text<'_>, report: &Report<'_>) -> Option<(i8, i8)> {
    let day = text.text.split_once('-').and_then(|(month, day)| {
        let (month, day) = (month.parse().ok()?, day.parse().ok()?);
        // A leap year, so that 29 February is a day of the year.
        Date::new(2000, month, day).ok().map(|_| (month, day))
    });
    if day.is_none() {
        let message = format!("`{}` is not a day of the year", text.text);
        report
            .push(Diagnostic::at(Code::WrongType, text.span, message).help("write month and day: \"04-01\""));
    }
    day
}

/// The first such day of the year after a day.
fn next(after: Date, day: (i8, i8)) -> Option<Date> {
    let this_year = day_of_year(after.year(), day)?;
    if this_year > after { Some(this_year) } else { day_of_year(after.year().checked_add(1)?, day) }
}

fn rounding(reader: &Reader<'_>, span: Span, report: &Report<'_>) -> Option<(u32, RoundingMode)> {
    let (table, at) = reader.table("round")?;
    let round = Reader::new(table, "`round`", at, report);
    let mode = round.choice("mode", RoundingMode::NAMES);
    if !round.has("mode") {
        round.missing("mode");
    }
    let places = match round.node("places").map(|n| &n.value) {
        Some(super::raw::Raw::Number(text)) => text.parse().ok().filter(|p| *p <= 10),
        _ => None,
    };
    if places.is_none() {
        report.push(Diagnostic::at(
            Code::WrongType,
            round.node("places").map_or(span, |n| n.span),
            "`places` is a whole number from 0 to 10",
        ));
    }
    round.finish();
    Some((places?, mode?))
}
