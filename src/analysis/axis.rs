//! What `--vary` asks for: a parameter and the values it takes on, as a range with a step or as a list.

use super::bench::{Bench, Turn};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::expr::{Value, in_unit_of};
use crate::money;
use crate::scenario::constants::check_bound;
use crate::scenario::{Form, Parameter};
use rust_decimal::Decimal;

/// The most points that one sweep has, draws counted.
pub const MAX_POINTS: usize = 100_000;

/// A parameter and the values it takes on, one after the other.
#[derive(Debug, Clone)]
pub struct Axis {
    /// The parameter.
    pub name: String,
    /// What it is.
    pub title: Option<String>,
    /// Its values.
    pub values: Vec<Value>,
    /// Whether they are percentages.
    pub is_percentage: bool,
    /// What asked for it.
    pub span: Span,
    parameter: Parameter,
    currency: String,
}

impl Axis {
    /// A value of the parameter, as `--set` takes it.
    pub fn spell(&self, value: &Value) -> String {
        self.parameter.spell(value, &self.currency)
    }

    /// The parameter turned to a value.
    pub fn turn(&self, value: &Value) -> Turn {
        Turn { name: self.name.clone(), text: self.spell(value), span: self.span }
    }

    /// The value that is a number in the unit of the others.
    pub fn value(&self, number: Decimal) -> Value {
        let model = self.values.first().and_then(|first| first.with_amount(number));
        model.unwrap_or(Value::Number(number))
    }

    /// The numbers of its values, all in one unit.
    pub fn numbers(&self) -> Vec<Decimal> {
        self.values.iter().map(number).collect()
    }
}

fn number(value: &Value) -> Decimal {
    value.amount().unwrap_or_default()
}

/// A text of the command line and some part of it.
#[derive(Clone, Copy)]
struct Part<'a> {
    text: &'a str,
    start: usize,
    file: FileId,
}

impl<'a> Part<'a> {
    fn span(self) -> Span {
        Span::new(self.file, self.start, self.start + self.text.len())
    }

    /// The parts before and behind a place; the bytes from there to `resume` are in neither.
    fn split(self, at: usize, resume: usize) -> (Part<'a>, Part<'a>) {
        let before = Part { text: &self.text[..at], ..self };
        let behind = Part { text: &self.text[resume..], start: self.start + resume, ..self };
        (before.trim(), behind.trim())
    }

    fn trim(self) -> Part<'a> {
        let text = self.text.trim_start();
        Part { text: text.trim_end(), start: self.start + self.text.len() - text.len(), ..self }
    }
}

/// Reads `--vary NAME=LOW..HIGH/STEP`, `NAME=A,B,C`, or either with what is left out taken from the parameter's own
/// bounds and step. Without `steps` only the two ends are wanted, and no step is read.
pub fn axis(asked: &str, steps: bool, bench: &Bench, sources: &mut Sources) -> Result<Axis, Diagnostics> {
    let file = sources.add("--vary", asked);
    let whole = Part { text: asked, start: 0, file }.trim();
    let (name, values) = match whole.text.find('=') {
        Some(at) => {
            let (name, values) = whole.split(at, at + 1);
            (name, Some(values))
        }
        None => (whole, None),
    };
    let parameter = variable(name, bench).map_err(|wrong| Diagnostics::from(*wrong))?;
    if bench.sets(&parameter.name) {
        let message = format!("`{}` is both varied and set with `--set`", parameter.name);
        let help = format!("leave out `--set {}=…`, or vary another parameter", parameter.name);
        return Err(Diagnostic::at(Code::CannotVary, name.span(), message).help(help).into());
    }
    let reading = Reading { parameter, bench };
    let values = match values {
        Some(list) if list.text.contains(',') => reading.list(list, steps),
        Some(one) if !one.text.is_empty() && !one.text.contains("..") && steps => reading.list(one, steps),
        range => reading.range(whole, range, steps),
    }
    .map_err(|wrong| Diagnostics::from(*wrong))?;
    Ok(Axis {
        name: parameter.name.clone(),
        title: parameter.title.clone(),
        is_percentage: parameter.is_percentage(),
        span: whole.span(),
        parameter: parameter.clone(),
        currency: bench.base().currency.clone(),
        values,
    })
}

type Read<T> = Result<T, Box<Diagnostic>>;

/// The parameter of a name, if one number can stand in its place.
fn variable<'a>(name: Part<'_>, bench: &'a Bench) -> Read<&'a Parameter> {
    let parameters = &bench.base().parameters;
    let Some(parameter) = parameters.iter().find(|parameter| parameter.name == name.text) else {
        let known: Vec<&str> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        let message = format!("there is no parameter `{}`", name.text);
        let diagnostic = Diagnostic::at(Code::UnknownParameter, name.span(), message);
        return Err(Box::new(if known.is_empty() {
            diagnostic.help("the scenario has no [parameters]")
        } else {
            diagnostic.suggest(name.text, known)
        }));
    };
    let obstacle = match &parameter.form {
        Form::By(..) => "it has a value for each flow, by a column of theirs",
        Form::File(_) => "it is looked up in a file, by goods and origin",
        _ if !parameter.is_numeric() => "it is no number",
        _ => return Ok(parameter),
    };
    let message = format!("`{}` cannot be varied: {obstacle}", parameter.name);
    let numbers: Vec<&str> = parameters
        .iter()
        .filter(|p| p.is_numeric() && !matches!(p.form, Form::By(..) | Form::File(_)))
        .map(|p| p.name.as_str())
        .collect();
    let diagnostic = Diagnostic::at(Code::CannotVary, name.span(), message);
    Err(Box::new(if numbers.is_empty() {
        diagnostic.help("the scenario has no parameter that is one number")
    } else {
        diagnostic.help(format!("those that can be are {}", crate::diagnostic::list(&numbers)))
    }))
}

/// The `/` before the step of a range: the last one that a number follows, for an end may be a fraction. What a price is by, as in `30 USD/t`, is a name; a step
/// begins with a digit, a sign or a dollar.
fn step_at(text: &str) -> Option<usize> {
    let begins_step = |rest: &str| {
        rest.trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | '$'))
    };
    text.match_indices('/').map(|(at, _)| at).rfind(|at| begins_step(&text[at + 1..]))
}

/// What reads the values of one parameter.
struct Reading<'a> {
    parameter: &'a Parameter,
    bench: &'a Bench,
}

impl Reading<'_> {
    fn value(&self, part: Part<'_>) -> Read<Value> {
        self.parameter.read(part.text, &self.bench.base().exchange).map_err(|error| {
            let (start, end) = (part.start + error.range.start, part.start + error.range.end);
            let diagnostic = Diagnostic::at(error.code, Span::new(part.file, start, end), error.message);
            Box::new(match error.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            })
        })
    }

    /// A value that must lie within the parameter's bounds.
    fn bounded(&self, part: Part<'_>) -> Read<Value> {
        let value = self.value(part)?;
        match check_bound(self.parameter, &value, part.span()) {
            Some(diagnostic) => Err(Box::new(diagnostic)),
            None => Ok(value),
        }
    }

    fn list(&self, list: Part<'_>, steps: bool) -> Read<Vec<Value>> {
        let bad = |message: &str, help: &str| {
            Box::new(Diagnostic::at(Code::BadRange, list.span(), message).help(help))
        };
        if !steps {
            return Err(bad("a range is wanted here, not a list", "write NAME=LOW..HIGH"));
        }
        let mut values: Vec<Value> = Vec::new();
        let mut rest = Some(list);
        while let Some(open) = rest {
            let (item, behind) = match open.text.find(',') {
                Some(at) => {
                    let (item, behind) = open.split(at, at + 1);
                    (item, Some(behind))
                }
                None => (open.trim(), None),
            };
            let value = self.bounded(item)?;
            let value = values.first().map_or(value.clone(), |first| in_unit_of(first, &value));
            values.push(value);
            rest = behind;
        }
        let rises = values.windows(2).all(|pair| number(&pair[0]) < number(&pair[1]));
        if !rises {
            return Err(bad(
                "the values of a list rise from one to the next",
                "sort them, and give each once",
            ));
        }
        Ok(values)
    }

    fn range(&self, whole: Part<'_>, range: Option<Part<'_>>, steps: bool) -> Read<Vec<Value>> {
        let bad = |span: Span, message: String| Diagnostic::at(Code::BadRange, span, message);
        let (low, rest) = match range.and_then(|range| Some((range, range.text.find("..")?))) {
            Some((range, at)) => {
                let (low, rest) = range.split(at, at + 2);
                (Some(low), Some(rest))
            }
            None => match range.filter(|range| !range.text.is_empty()) {
                Some(range) => {
                    let message = format!("`{}` is no range", range.text);
                    return Err(Box::new(bad(range.span(), message).help("write NAME=LOW..HIGH")));
                }
                None => (None, None),
            },
        };
        let (high, step) = match rest.and_then(|rest| Some((rest, step_at(rest.text)?))) {
            Some((rest, at)) => {
                let (high, step) = rest.split(at, at + 1);
                (Some(high), Some(step))
            }
            None => (rest, None),
        };
        let end = |part: Option<Part<'_>>, bound: &Option<Value>, key: &str, place: &str| match (
            part.filter(|part| !part.text.is_empty()),
            bound,
        ) {
            (Some(part), _) => self.bounded(part),
            (None, Some(bound)) => Ok(bound.clone()),
            (None, None) => {
                let name = &self.parameter.name;
                let message = format!("`{name}` has no `{key}`, so the range says where it {place}");
                let step = if steps { "/STEP" } else { "" };
                let help = format!("write {name}=LOW..HIGH{step}, or give the parameter `{key}`");
                Err(Box::new(bad(whole.span(), message).help(help)))
            }
        };
        let low = end(low, &self.parameter.min, "min", "begins")?;
        let high = in_unit_of(&low, &end(high, &self.parameter.max, "max", "ends")?);
        let (first, last) = (number(&low), number(&high));
        if first > last {
            let show = |value: &Value| self.parameter.show(value);
            let message = format!("the range is empty: {} is above {}", show(&low), show(&high));
            let help = "put the lower end first";
            return Err(Box::new(bad(range.unwrap_or(whole).span(), message).help(help)));
        }
        if !steps {
            if let Some(step) = step {
                let message =
                    "a target is looked for on the whole range: a step has no place here".to_owned();
                return Err(Box::new(bad(step.span(), message).help("leave out `/` and what follows")));
            }
            return Ok(vec![low, high]);
        }
        let (width, at) = match (step, &self.parameter.step) {
            (Some(step), _) => (self.value(step)?, step.span()),
            (None, Some(width)) => (width.clone(), whole.span()),
            (None, None) => {
                let name = &self.parameter.name;
                let message = format!("`{name}` has no `step`, so the range says how wide one is");
                let help = format!("write {name}=LOW..HIGH/STEP");
                return Err(Box::new(bad(whole.span(), message).help(help)));
            }
        };
        let width = number(&in_unit_of(&low, &width));
        if width <= Decimal::ZERO {
            let message = "a step must be above zero".to_owned();
            let help = format!("write a width, as in {}=LOW..HIGH/1", self.parameter.name);
            return Err(Box::new(bad(at, message).help(help)));
        }
        steps_between(&low, last, width, whole)
    }
}

/// The values from `low` on, `width` apart, that do not lie above `last`.
fn steps_between(low: &Value, last: Decimal, width: Decimal, whole: Part<'_>) -> Read<Vec<Value>> {
    let first = number(low);
    let overflow = |_| Box::new(too_many(None, whole.span()));
    let count = money::sub(last, first).and_then(|range| money::div(range, width)).map_err(overflow)?;
    let most = Decimal::from(MAX_POINTS);
    if count >= most {
        return Err(Box::new(too_many(Some(count.trunc().saturating_add(Decimal::ONE)), whole.span())));
    }
    let mut values = Vec::new();
    for at in 0..=MAX_POINTS {
        let place = money::mul(width, Decimal::from(at)).and_then(|up| money::add(first, up));
        let place = place.map_err(overflow)?;
        if place > last {
            break;
        }
        values.extend(low.with_amount(place));
    }
    Ok(values)
}

/// Says that there are more points than a sweep may have.
pub fn too_many(count: Option<Decimal>, span: Span) -> Diagnostic {
    let count =
        count.map_or_else(|| "too many points".to_owned(), |n| format!("{} points", money::grouped(n, 0)));
    let most = money::grouped(Decimal::from(MAX_POINTS), 0);
    Diagnostic::at(Code::TooManyPoints, span, format!("{count}, where {most} are the most"))
        .help("take a wider step, a shorter range or fewer draws")
}
