//! Flows written in the scenario, as `[[flow]]`.

use super::bad::Gaps;
use super::column::Column;
use super::row::{Cells, Extras, read as read_row, share};
use super::{Defaults, Flows, Ids, Place};
use crate::diagnostic::{Diagnostics, Sources, Span};
use crate::scenario::{Node, Raw, Reader, Report, Table, wrong_type};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

struct Inline {
    texts: BTreeMap<Column, (String, Span)>,
    span: Span,
    number: usize,
}

impl Cells for Inline {
    fn get(&self, column: Column) -> Option<&str> {
        self.texts
            .get(&column)
            .map(|(text, _)| text.as_str())
            .filter(|text| !text.is_empty() || column == Column::Claims)
    }
    fn span(&self, column: Option<Column>) -> Span {
        column.and_then(|c| self.texts.get(&c)).map_or(self.span, |(_, span)| *span)
    }
    fn name(&self) -> String {
        match self.texts.get(&Column::Id) {
            Some((id, _)) => format!("the flow `{id}`"),
            None => format!("flow {}", self.number),
        }
    }
    fn place(&self) -> Place {
        Place::Span(self.span(Some(Column::Id)))
    }
}

/// Reads `[[flow]]` tables.
pub fn read(
    tables: &[(Table, Span)],
    defaults: &Defaults,
    ids: &mut Ids,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Flows {
    let report = Report::new(sources);
    let mut flows = Flows::default();
    let mut problems = Vec::new();
    for (at, (table, span)) in tables.iter().enumerate() {
        let before = report.len();
        let reader = Reader::new(table, "the flow", *span, &report);
        let texts = Column::NAMES.iter().filter_map(|(name, column)| {
            let node = reader.node(name)?;
            Some((*column, (cell(node, *column, &report)?, node.span)))
        });
        // Citations are read when the scenario is.
        reader.node("source");
        let cells = Inline { texts: texts.collect(), span: *span, number: at + 1 };
        let mut one = Flows::default();
        let mut extras = Extras { content: Vec::new(), attributes: Vec::new() };
        if let Some((content, _)) = reader.table("content") {
            for (key, node) in &content.entries {
                one.columns.content.push(key.name.clone());
                extras.content.push(content_share(node, &key.name, &report));
            }
        }
        if let Some((attributes, _)) = reader.table("attr") {
            for (key, node) in &attributes.entries {
                one.columns.attributes.push(key.name.clone());
                extras.attributes.push(scalar(node, &key.name, &report));
            }
        }
        reader.finish();
        if report.len() > before {
            // What is wrong with a key is said of the key, not again of the cell it leaves empty.
            continue;
        }
        if let Some((flow, replaced)) = read_row(&cells, at + 1, None, extras, defaults, ids, &mut problems) {
            one.rows.push(flow);
            one.dates_replaced = usize::from(replaced);
            flows.append(one);
        }
    }
    let mut gaps = Gaps::default();
    gaps.take(&mut problems);
    diagnostics.extend(report.into_diagnostics());
    diagnostics.extend(problems);
    diagnostics.extend(gaps.into_diagnostics());
    flows
}

fn content_share(node: &Node, key: &str, report: &Report<'_>) -> Option<Decimal> {
    let text = scalar(node, key, report)?;
    match share(&text) {
        Ok(share) => Some(share),
        Err(problem) => {
            report.push(problem.label(node.span, ""));
            None
        }
    }
}

/// The text of a key that a column has its name from. A product is a text, so that its zeros survive.
fn cell(node: &Node, column: Column, report: &Report<'_>) -> Option<String> {
    match (&node.value, column) {
        (Raw::Array(items), Column::Claims) => {
            let names: Vec<String> = items.iter().filter_map(|item| scalar(item, "claims", report)).collect();
            Some(names.join(";"))
        }
        (Raw::Boolean(_), Column::Claims) => {
            report.push(wrong_type(node, "claims", "a text or a list of texts"));
            None
        }
        (Raw::Number(_), Column::Product) => {
            report.push(wrong_type(node, column.name(), "a text"));
            None
        }
        _ => scalar(node, column.name(), report),
    }
}

/// A text, number or date as text.
fn scalar(node: &Node, key: &str, report: &Report<'_>) -> Option<String> {
    match &node.value {
        Raw::Text(text, _) | Raw::Number(text) => Some(text.trim().to_owned()),
        Raw::Date(date) => Some(date.to_string()),
        Raw::Boolean(b) => Some(b.to_string()),
        _ => {
            report.push(wrong_type(node, key, "a text or a number"));
            None
        }
    }
}
