//! `[codes]`: what others call countries, for columns that do not write ISO codes.

use super::decode::{Reader, Report, Text, wrong_type};
use super::raw::{Node, Raw, Table};
use super::scope;
use super::table::{delimiter, pairs};
use crate::country::Country;
use crate::diagnostic::{Code, Diagnostic, Span};
use std::collections::HashMap;
use std::sync::Arc;

/// What one list calls countries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Codes {
    /// Its name.
    pub name: String,
    countries: HashMap<String, Country>,
}

impl Codes {
    /// The country that a code stands for.
    pub fn country(&self, code: &str) -> Option<Country> {
        self.countries.get(code).copied()
    }
}

/// Reads `[codes]`.
pub fn codes(table: Option<(&Table, Span)>, report: &Report<'_>) -> Vec<Arc<Codes>> {
    let mut all = Vec::new();
    for (key, node) in table.map(|(table, _)| table.entries.as_slice()).unwrap_or_default() {
        let Raw::Table(table) = &node.value else {
            report.push(wrong_type(node, &key.name, "a table with `file` or `list`"));
            continue;
        };
        let mut codes = Codes { name: key.name.clone(), ..Codes::default() };
        read(table, key.span, &mut codes, report);
        // A list that is wrong is a list all the same, so that nothing else is said of its name.
        all.push(Arc::new(codes));
    }
    all
}

/// Reads one list: a file, codes written in the scenario, or both, of which the latter count for more.
fn read(table: &Table, span: Span, codes: &mut Codes, report: &Report<'_>) {
    let reader = Reader::new(table, format!("the codes `{}`", codes.name), span, report);
    if reader.has("file") {
        let columns = (reader.required("file"), reader.required("code"), reader.required("country"));
        let separator = reader.text("delimiter").and_then(|text| delimiter(&text, report));
        if let (Some(file), Some(code), Some(country)) = columns {
            from_file(&file, [&code, &country], separator, codes, report);
        }
    } else if !reader.has("list") {
        reader.missing("list");
    }
    for (key, node) in reader.table("list").map(|(list, _)| list.entries.as_slice()).unwrap_or_default() {
        let country =
            super::decode::text(node, &key.name, report).and_then(|text| scope::country(&text, &[], report));
        codes.countries.extend(country.map(|country| (key.name.clone(), country)));
    }
    reader.finish();
}

/// Codes in one column of a file, countries in another.
fn from_file(
    file: &Text<'_>,
    columns: [&Text<'_>; 2],
    separator: Option<u8>,
    codes: &mut Codes,
    report: &Report<'_>,
) {
    let mut places: HashMap<String, Span> = HashMap::new();
    for [(code, place), (written, at)] in pairs(file, columns, separator, report).unwrap_or_default() {
        let Some(country) = Country::from_code(&written) else {
            let diagnostic =
                Diagnostic::at(Code::UnknownCountry, at, format!("`{written}` is not a country"));
            report.push(
                diagnostic
                    .help("the column holds ISO 3166 codes such as JP or JPN; an empty cell names none"),
            );
            continue;
        };
        let known = codes.countries.insert(code.clone(), country);
        let first = places.insert(code.clone(), place);
        if let (Some(first), true) = (first, known.is_some_and(|known| known != country)) {
            let message = format!("the code `{code}` stands for two countries");
            report.push(
                Diagnostic::new(Code::RowsConflict, message).label(place, "here").label(first, "and here"),
            );
        }
    }
}

/// The list that a text names.
pub fn find(node: &Node, lists: &[Arc<Codes>], report: &Report<'_>) -> Option<Arc<Codes>> {
    let text = super::decode::text(node, "codes", report)?;
    let found = lists.iter().find(|list| list.name == text.text);
    if found.is_none() {
        let message = format!("there is no list `{}` in [codes]", text.text);
        let names: Vec<&str> = lists.iter().map(|list| list.name.as_str()).collect();
        let diagnostic = Diagnostic::at(Code::UnknownGroup, text.span, message);
        report.push(if names.is_empty() {
            diagnostic
                .help(format!("define it: [codes.{}] file = \"…\", code = \"…\", country = \"…\"", text.text))
        } else {
            diagnostic.suggest(text.text, names)
        });
    }
    found.cloned()
}
