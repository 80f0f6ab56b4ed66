//! Reads a parameter's keys: its form is known and its expressions are parsed, but not typed.

use super::unit::{Written, written_unit};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{AttributeType, Fact, Names, is_reserved};
use crate::scenario::decode::{Reader, Report, Text, wrong_type};
use crate::scenario::formula::{Draft, draft};
use crate::scenario::raw::{Key, Node, Raw, Table};
use crate::scenario::{measure, scope, table};
use crate::units::Unit;

/// What a curve may do between points, and whether it is a staircase.
pub const INTERPOLATE: &[(&str, bool)] = &[("linear", false), ("step", true)];

/// A parameter whose expressions are parsed but not typed.
pub(super) struct Sketch<'a> {
    pub(super) key: &'a Key,
    pub(super) reader: Reader<'a>,
    pub(super) form: Option<SketchForm<'a>>,
    pub(super) default: Option<Draft<'a>>,
    /// The unit bare numbers take on.
    pub(super) unit: Written,
    /// The value that the form, given anew, replaces and takes its unit from.
    pub(super) written: Option<&'a Node>,
}

pub(super) enum SketchForm<'a> {
    Value(Draft<'a>),
    Steps(Vec<(Date, Draft<'a>)>),
    Curve { of: Draft<'a>, points: &'a Node, staircase: bool },
    By(Fact, Vec<(&'a Key, Draft<'a>)>),
    File(&'a Table, Span),
}

impl<'a> SketchForm<'a> {
    pub(super) fn drafts(&self) -> Vec<&Draft<'a>> {
        match self {
            SketchForm::Value(draft) | SketchForm::Curve { of: draft, .. } => vec![draft],
            SketchForm::Steps(steps) => steps.iter().map(|(_, d)| d).collect(),
            SketchForm::By(_, values) => values.iter().map(|(_, d)| d).collect(),
            SketchForm::File(..) => Vec::new(),
        }
    }
}

pub(super) fn check_name(key: &Key, names: &dyn Names, report: &Report<'_>) {
    let plain = key.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && key.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let taken = if is_reserved(&key.name) {
        Some("a name of the language")
    } else if Unit::from_name(&key.name).is_some() {
        Some("a unit")
    } else if names.exchange(&key.name).is_some() || iso_currency::Currency::from_code(&key.name).is_some() {
        Some("a currency")
    } else {
        None
    };
    if !plain {
        let message = format!("`{}` cannot name a parameter", key.name);
        report.push(
            Diagnostic::at(Code::BadName, key.span, message)
                .help(format!("use letters, digits and `_`: {}", key.name.replace(['-', ' '], "_"))),
        );
    } else if let Some(taken) = taken {
        let message = format!("`{}` cannot name a parameter: it is {taken}", key.name);
        report.push(Diagnostic::at(Code::BadName, key.span, message));
    }
}

pub(super) fn sketch<'a>(
    key: &'a Key,
    node: &'a Node,
    empty: &'a Table,
    report: &'a Report<'a>,
) -> Sketch<'a> {
    let what = format!("the parameter `{}`", key.name);
    let (table, plain) = match &node.value {
        Raw::Table(table) => (table, None),
        _ => (empty, Some(node)),
    };
    let reader = Reader::new(table, what, key.span, report);
    // In a file's description `value` names a column.
    let in_file = table.get("file").is_some();
    let value = plain.or_else(|| reader.node("value").filter(|_| !in_file));
    let unit = match &table.written {
        Some(written) => written_unit(written),
        None => written_unit(node),
    };
    let forms: Vec<&str> = ["of", "by", "file"].into_iter().filter(|f| table.get(f).is_some()).collect();
    let forms: Vec<&str> = value.iter().filter(|_| plain.is_none()).map(|_| "value").chain(forms).collect();
    if forms.len() > 1 {
        let message = format!("`{}` is given in two forms: {}", key.name, forms.join(" and "));
        let span = reader.key_span(forms[1]).unwrap_or(key.span);
        report.push(Diagnostic::at(Code::KeyNotAllowed, span, message).help("keep one of them"));
    }
    // Bounds and the like are read once the type is settled; a parameter that is wrong never gets there.
    for key in [
        "title",
        "min",
        "max",
        "step",
        "source",
        "uncertain",
        "value",
        "of",
        "curve",
        "interpolate",
        "by",
        "values",
    ]
    .into_iter()
    .chain(table::KEYS)
    {
        reader.mark(key);
    }
    let form = if in_file {
        Some(SketchForm::File(table, key.span))
    } else if let Some(value) = value {
        sketch_value(value, report)
    } else if reader.has("of") {
        sketch_curve(&reader, report)
    } else if reader.has("by") {
        sketch_by(&reader, report)
    } else {
        let message = format!("the parameter `{}` has no value", key.name);
        report.push(
            Diagnostic::at(Code::MissingKey, key.span, message)
                .help("give it `value`, or `of` and `curve`, or `by` and `values`, or `file`"),
        );
        None
    };
    let default = reader.node("default").and_then(|node| draft(node, "default", report));
    Sketch { key, reader, form, default, unit, written: table.written.as_deref() }
}

pub(super) fn sketch_value<'a>(node: &'a Node, report: &'a Report<'a>) -> Option<SketchForm<'a>> {
    let Raw::Array(items) = &node.value else {
        return draft(node, "value", report).map(SketchForm::Value);
    };
    let mut steps: Vec<(Date, Draft<'a>)> = Vec::new();
    for item in items {
        let Raw::Table(table) = &item.value else {
            report.push(wrong_type(item, "value", "a step `{ from = DATE, value = \"…\" }`"));
            continue;
        };
        let reader = Reader::new(table, "the step", item.span, report);
        let from = reader.date("from");
        if !reader.has("from") {
            reader.missing("from");
        }
        let value = if let Some(value) = reader.node("value") {
            draft(value, "value", report)
        } else {
            reader.missing("value");
            None
        };
        if let (Some(from), Some(last)) = (from, steps.last().map(|s| s.0)) {
            measure::check_order(last, from, reader.key_span("from").unwrap_or(item.span), report);
        }
        steps.extend(from.zip(value));
        reader.finish();
    }
    if items.is_empty() {
        report.push(Diagnostic::at(Code::MissingKey, node.span, "there are no steps here"));
    }
    Some(SketchForm::Steps(steps))
}

pub(super) fn sketch_curve<'a>(reader: &Reader<'a>, report: &Report<'_>) -> Option<SketchForm<'a>> {
    let of = reader.node("of").and_then(|node| draft(node, "of", report));
    let staircase = reader.choice("interpolate", INTERPOLATE).unwrap_or(false);
    let points = reader.node("curve");
    if points.is_none() {
        reader.missing("curve");
    }
    Some(SketchForm::Curve { of: of?, points: points?, staircase })
}

/// The fact of the flow by which something is chosen.
pub fn chooser(text: &Text<'_>, cannot: &str, report: &Report<'_>) -> Option<Fact> {
    match text.text {
        "party" => Some(Fact::Party),
        "origin" => Some(Fact::Origin),
        name if crate::trade::is_column(name) => {
            let message = format!("{cannot} by `{name}`");
            report.push(
                Diagnostic::at(Code::UnknownChoice, text.span, message)
                    .help("choose by \"party\", \"origin\" or a column of your own"),
            );
            None
        }
        name => {
            let column = name.strip_prefix("attr.").unwrap_or(name);
            Some(Fact::Attribute(column.to_owned(), AttributeType::Text))
        }
    }
}

pub(super) fn sketch_by<'a>(reader: &Reader<'a>, report: &Report<'_>) -> Option<SketchForm<'a>> {
    reader.node("values");
    let fact = chooser(&reader.text("by")?, "a parameter cannot be chosen", report)?;
    if !reader.has("values") {
        reader.missing("values");
    }
    let (table, span) = reader.table("values")?;
    if table.entries.is_empty() {
        report.push(Diagnostic::at(Code::MissingKey, span, "there are no values to choose from"));
    }
    for (key, _) in &table.entries {
        if fact == Fact::Origin {
            let name = Text { text: &key.name, span: key.span, content: Some(key.span.start) };
            scope::country(&name, &[], report);
        }
    }
    let values =
        table.entries.iter().filter_map(|(key, node)| Some((key, draft(node, &key.name, report)?))).collect();
    Some(SketchForm::By(fact, values))
}
