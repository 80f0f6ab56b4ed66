//! `[codes]`: what others call countries, for columns that do not write ISO codes.

use super::decode::{Reader, Report, Text, wrong_type};
use super::raw::{Key, Node, Raw, Table};
use super::scope;
use super::table::{delimiter, pairs};
use crate::country::Country;
use crate::diagnostic::{Code, Diagnostic, Span};
use std::collections::HashMap;
use std::sync::Arc;

/// The list that is always there: the numbers of the United Nations.
pub const M49: &str = "m49";

/// What one list calls countries.
#[derive(Debug, Clone, PartialEq)]
pub struct Codes {
    /// Its name.
    pub name: String,
    known: Known,
}

/// What a list knows.
#[derive(Debug, Clone, PartialEq)]
enum Known {
    /// The numbers of the United Nations.
    M49,
    /// The codes that the scenario lists.
    Listed(HashMap<String, Country>),
}

impl Codes {
    /// The country that a code stands for.
    pub fn country(&self, code: &str) -> Option<Country> {
        match &self.known {
            Known::M49 => Country::from_m49(code),
            Known::Listed(countries) => countries.get(code).copied(),
        }
    }

    /// What is wrong with a code that stands for no country, and what to write instead in a file of rates or values.
    pub fn unknown(&self, code: &str) -> (String, &'static str) {
        match self.known {
            Known::M49 => (
                format!("`{code}` is not the number of a country"),
                "leave its rows out with `skip` or `where`, or list the codes of the file in [codes]",
            ),
            Known::Listed(_) => (
                format!("`{code}` is not in the list `{}`", self.name),
                "add it to the list in [codes], or leave its rows out with `skip` or `where`",
            ),
        }
    }
}

/// Reads `[codes]`.
pub fn codes(table: Option<(&Table, Span)>, report: &Report<'_>) -> Vec<Arc<Codes>> {
    let mut all = Vec::new();
    for (key, node) in table.map(|(table, _)| table.entries.as_slice()).unwrap_or_default() {
        if key.name == M49 {
            let message = format!("the list `{M49}` is always there");
            report.push(
                Diagnostic::at(Code::BadName, key.span, message)
                    .help("it holds the numbers of the United Nations; call a list of your own otherwise"),
            );
            continue;
        }
        let Raw::Table(table) = &node.value else {
            report.push(wrong_type(node, &key.name, "a table with `file` or `list`"));
            continue;
        };
        // A list that is wrong is a list all the same, so that nothing else is said of its name.
        let known = Known::Listed(read(table, key, report));
        all.push(Arc::new(Codes { name: key.name.clone(), known }));
    }
    all
}

/// Reads one list: a file, codes written in the scenario, or both, of which the latter count for more.
fn read(table: &Table, key: &Key, report: &Report<'_>) -> HashMap<String, Country> {
    let reader = Reader::new(table, format!("the codes `{}`", key.name), key.span, report);
    let mut countries = HashMap::new();
    if reader.has("file") {
        let columns = (reader.required("file"), reader.required("code"), reader.required("country"));
        let separator = reader.text("delimiter").and_then(|text| delimiter(&text, report));
        if let (Some(file), Some(code), Some(country)) = columns {
            from_file(&file, [&code, &country], separator, &mut countries, report);
        }
    } else if !reader.has("list") {
        reader.missing("list");
    }
    for (key, node) in reader.table("list").map(|(list, _)| list.entries.as_slice()).unwrap_or_default() {
        let country =
            super::decode::text(node, &key.name, report).and_then(|text| scope::country(&text, &[], report));
        countries.extend(country.map(|country| (key.name.trim().to_owned(), country)));
    }
    reader.finish();
    countries
}

/// Codes in one column of a file, countries in another.
fn from_file(
    file: &Text<'_>,
    columns: [&Text<'_>; 2],
    separator: Option<u8>,
    countries: &mut HashMap<String, Country>,
    report: &Report<'_>,
) {
    let mut places: HashMap<String, Span> = HashMap::new();
    for [(code, place), (written, at)] in pairs(file, columns, separator, report).unwrap_or_default() {
        let Some(country) = Country::from_code(&written) else {
            let diagnostic =
                Diagnostic::at(Code::UnknownCountry, at, format!("`{written}` is not a country"));
            report.push(diagnostic.help(match Country::suggest(&written) {
                Some(country) => format!("did you mean {country}?"),
                None => {
                    "the column holds ISO 3166 codes such as JP or JPN; an empty cell names none".to_owned()
                }
            }));
            continue;
        };
        let known = countries.insert(code.clone(), country);
        let first = places.insert(code.clone(), place);
        if let (Some(first), true) = (first, known.is_some_and(|known| known != country)) {
            let message = format!("the code `{code}` stands for two countries");
            let diagnostic = Diagnostic::new(Code::RowsConflict, message);
            let diagnostic = diagnostic.label(place, "here").label(first, "and here");
            report.push(diagnostic.help("take one of the rows out"));
        }
    }
}

/// The list that a text names: one of `[codes]`, or [`M49`].
pub fn find(node: &Node, lists: &[Arc<Codes>], report: &Report<'_>) -> Option<Arc<Codes>> {
    let text = super::decode::text(node, "codes", report)?;
    if text.text == M49 {
        return Some(Arc::new(Codes { name: M49.to_owned(), known: Known::M49 }));
    }
    let found = lists.iter().find(|list| list.name == text.text);
    if found.is_none() {
        let message = format!("there is no list `{}` in [codes]", text.text);
        let names = lists.iter().map(|list| list.name.as_str()).chain([M49]);
        let diagnostic = Diagnostic::at(Code::UnknownGroup, text.span, message).suggest(text.text, names);
        report.push(if lists.is_empty() {
            diagnostic
                .help(format!("define it: [codes.{}] file = \"…\", code = \"…\", country = \"…\"", text.text))
        } else {
            diagnostic
        });
    }
    found.cloned()
}
