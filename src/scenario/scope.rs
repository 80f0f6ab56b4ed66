//! Which goods and which countries: groups, and the lists that measures write.

use super::decode::{Reader, Report, Text};
use super::model::{CountryGroup, ProductGroup};
use super::raw::{Key, Node, Raw, Table};
use super::table::{Purpose, TableNames};
use crate::country::{Country, CountrySet};
use crate::diagnostic::{Code, Diagnostic, Span, list, nearest};
use crate::product::{DatedSet, Product, ProductError, ProductSet};

/// How deep groups may hold groups.
const MAX_DEPTH: usize = 32;

/// A group as written: its name and its entries.
struct Written<'a> {
    key: &'a Key,
    entries: Vec<Text<'a>>,
    /// The file that holds it, where it is one.
    file: Option<(&'a Table, Span)>,
}

/// Names of groups are letters, digits and `_`.
fn check_name(key: &Key, report: &Report<'_>) {
    let plain = key.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && key.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !plain {
        let message = format!("`{}` cannot name a group", key.name);
        let better = key.name.replace(['-', ' ', '.'], "_");
        report.push(
            Diagnostic::at(Code::BadName, key.span, message)
                .help(format!("use letters, digits and `_`, first a letter: {better}")),
        );
    }
}

fn written<'a>(table: Option<(&'a Table, Span)>, report: &Report<'_>) -> Vec<Written<'a>> {
    let Some((table, _)) = table else { return Vec::new() };
    let group = |(key, node): &'a (Key, Node)| {
        check_name(key, report);
        match &node.value {
            Raw::Table(table) => Written { key, entries: Vec::new(), file: Some((table, node.span)) },
            value => {
                if matches!(value, Raw::Array(items) if items.is_empty()) {
                    report.push(Diagnostic::at(
                        Code::MissingKey,
                        node.span,
                        format!("the group `{}` is empty", key.name),
                    ));
                }
                Written { key, entries: super::decode::texts(node, &key.name, report), file: None }
            }
        }
    };
    table.entries.iter().map(group).collect()
}

/// A group may hold others: each is settled once, a circle is an error.
fn settle<T: Clone + Default>(
    index: usize,
    groups: &[Written<'_>],
    path: &mut Vec<usize>,
    settled: &mut [Option<T>],
    add: &mut dyn FnMut(&mut T, &Text<'_>),
    join: fn(&mut T, &T),
    report: &Report<'_>,
) -> T {
    if let Some(done) = &settled[index] {
        return done.clone();
    }
    if path.contains(&index) || path.len() >= MAX_DEPTH {
        let names: Vec<&str> = path.iter().chain([&index]).map(|i| groups[*i].key.name.as_str()).collect();
        let message = format!("groups hold one another in a circle, or too deep: {}", names.join(" → "));
        report.push(Diagnostic::at(Code::CircularGroup, groups[index].key.span, message));
        return T::default();
    }
    path.push(index);
    let mut set = T::default();
    for entry in &groups[index].entries {
        match groups.iter().position(|g| g.key.name == entry.text) {
            Some(other) => {
                report.names_group(entry.text);
                let inner = settle(other, groups, path, settled, add, join, report);
                join(&mut set, &inner);
            }
            None => add(&mut set, entry),
        }
    }
    path.pop();
    settled[index] = Some(set.clone());
    set
}

/// Reads `[products]`.
pub fn product_groups(
    table: Option<(&Table, Span)>,
    outer: &TableNames<'_>,
    report: &Report<'_>,
) -> Vec<ProductGroup> {
    let groups = written(table, report);
    let names: Vec<&str> = groups.iter().map(|g| g.key.name.as_str()).collect();
    // Groups from files hold no others: they are settled before those that may hold them.
    let mut settled: Vec<Option<DatedSet>> = groups
        .iter()
        .map(|group| {
            let (table, span) = group.file?;
            Some(members(table, span, outer, report))
        })
        .collect();
    let mut add = |set: &mut DatedSet, entry: &Text<'_>| {
        let ranges: ProductSet = range(entry, &names, report).into_iter().collect();
        *set = set.union(&ranges.into());
    };
    let join = |set: &mut DatedSet, other: &DatedSet| *set = set.union(other);
    for index in 0..groups.len() {
        settle(index, &groups, &mut Vec::new(), &mut settled, &mut add, join, report);
    }
    groups
        .iter()
        .zip(settled)
        .map(|(group, set)| ProductGroup {
            name: group.key.name.clone(),
            span: group.key.span,
            set: set.unwrap_or_default(),
        })
        .collect()
}

/// The goods a file lists.
fn members(table: &Table, span: Span, outer: &TableNames<'_>, report: &Report<'_>) -> DatedSet {
    let file = super::table::table(table, span, Purpose::Members, outer, report);
    file.map(|file| file.members().clone()).unwrap_or_default()
}

type Ranges = Vec<(Product, Product)>;

/// Reads `[countries]`.
pub fn country_groups(table: Option<(&Table, Span)>, report: &Report<'_>) -> Vec<CountryGroup> {
    let groups = written(table, report);
    for group in &groups {
        if let Some((_, span)) = group.file {
            let message =
                format!("`{}` is a table, where a text or a list of texts is wanted", group.key.name);
            report.push(Diagnostic::at(Code::WrongType, span, message));
        }
        if Country::from_code(&group.key.name).is_some() {
            let message =
                format!("`{}` is a country: a group cannot have its code as a name", group.key.name);
            report.push(Diagnostic::at(Code::BadName, group.key.span, message));
        }
    }
    let names: Vec<&str> = groups.iter().map(|g| g.key.name.as_str()).collect();
    let mut settled: Vec<Option<CountrySet>> = vec![None; groups.len()];
    let mut add = |set: &mut CountrySet, entry: &Text<'_>| {
        if let Some(country) = country(entry, &names, report) {
            set.insert(country);
        }
    };
    for index in 0..groups.len() {
        settle(index, &groups, &mut Vec::new(), &mut settled, &mut add, CountrySet::extend, report);
    }
    groups
        .iter()
        .zip(settled)
        .map(|(group, set)| CountryGroup {
            name: group.key.name.clone(),
            span: group.key.span,
            set: set.unwrap_or_default(),
        })
        .collect()
}

/// The goods a list names: prefixes, ranges and groups; or a file that lists them.
pub fn products(
    reader: &Reader<'_>,
    key: &'static str,
    groups: &[ProductGroup],
    outer: &TableNames<'_>,
    report: &Report<'_>,
) -> Option<DatedSet> {
    if let Some(Node { value: Raw::Table(table), span }) = reader.node(key) {
        return Some(members(table, *span, outer, report));
    }
    let entries = reader.texts(key)?;
    let names: Vec<&str> = groups.iter().map(|g| g.name.as_str()).collect();
    let mut ranges: Ranges = Vec::new();
    let mut set = DatedSet::default();
    for entry in &entries {
        match groups.iter().find(|g| g.name == entry.text) {
            Some(group) => {
                report.names_group(entry.text);
                set = set.union(&group.set);
            }
            None => ranges.extend(range(entry, &names, report)),
        }
    }
    empty_list(&entries, reader, key, report);
    let ranges: ProductSet = ranges.into_iter().collect();
    Some(set.union(&ranges.into()))
}

/// The countries a list names: codes and groups.
pub fn countries(
    reader: &Reader<'_>,
    key: &'static str,
    groups: &[CountryGroup],
    report: &Report<'_>,
) -> Option<CountrySet> {
    let entries = reader.texts(key)?;
    let names: Vec<&str> = groups.iter().map(|g| g.name.as_str()).collect();
    let mut set = CountrySet::default();
    for entry in &entries {
        match groups.iter().find(|g| g.name == entry.text) {
            Some(group) => {
                report.names_group(entry.text);
                set.extend(&group.set);
            }
            None => {
                if let Some(country) = country(entry, &names, report) {
                    set.insert(country);
                }
            }
        }
    }
    empty_list(&entries, reader, key, report);
    Some(set)
}

/// An empty list might mean nothing or everything.
fn empty_list(entries: &[Text<'_>], reader: &Reader<'_>, key: &'static str, report: &Report<'_>) {
    let Some(node) = reader.node(key) else { return };
    let is_empty_list = matches!(&node.value, Raw::Array(items) if items.is_empty());
    if entries.is_empty() && is_empty_list && !key.starts_with("except") {
        let message = format!("`{key}` is an empty list");
        report.push(
            Diagnostic::at(Code::MissingKey, node.span, message)
                .help(format!("leave `{key}` out where everything is meant")),
        );
    }
}

/// One country of a code.
pub fn country(entry: &Text<'_>, groups: &[&str], report: &Report<'_>) -> Option<Country> {
    let found = Country::from_code(entry.text);
    if found.is_none() {
        let message = format!("`{}` is not a country", entry.text);
        let diagnostic = Diagnostic::at(Code::UnknownCountry, entry.span, message);
        report.push(if let Some(near) = nearest(entry.text, groups.iter().copied()) {
            diagnostic.help(format!("did you mean the group `{near}`?"))
        } else if let Some(country) = Country::suggest(entry.text) {
            diagnostic.help(format!("did you mean \"{country}\"?"))
        } else {
            diagnostic.help(
                "write an ISO 3166 code such as \"JP\" or \"JPN\", or the name of a group in [countries]",
            )
        });
    }
    found
}

/// A prefix, or the two ends of a range.
fn range(entry: &Text<'_>, groups: &[&str], report: &Report<'_>) -> Option<(Product, Product)> {
    if !entry.text.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!("there is no group `{}` in [products]", entry.text);
        let diagnostic = Diagnostic::at(Code::UnknownGroup, entry.span, message);
        report.push(match nearest(entry.text, groups.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if groups.is_empty() => {
                diagnostic.help("define it under [products], or write HS codes: \"8703\"")
            }
            None => diagnostic.help(format!("the groups are {}; or write HS codes: \"8703\"", list(groups))),
        });
        return None;
    }
    let Some((first, last)) = entry.text.split_once('-') else {
        let code = product(entry.text, entry, report)?;
        return Some((code, code));
    };
    let (first, last) = (product(first, entry, report)?, product(last, entry, report)?);
    if first.digits() != last.digits() {
        let message = format!("the ends of the range `{}` differ in length", entry.text);
        report.push(
            Diagnostic::at(Code::MalformedProduct, entry.span, message)
                .help("write both with the same number of digits: \"7208-7229\""),
        );
        return None;
    }
    if first > last {
        let message = format!("the range `{}` ends before it starts", entry.text);
        report.push(
            Diagnostic::at(Code::MalformedProduct, entry.span, message)
                .help(format!("did you mean \"{last}-{first}\"?")),
        );
        return None;
    }
    Some((first, last))
}

fn product(code: &str, entry: &Text<'_>, report: &Report<'_>) -> Option<Product> {
    match Product::parse(code.trim()) {
        Ok(product) => Some(product),
        Err(error) => {
            report.push(malformed(code, error, entry.span));
            None
        }
    }
}

/// What is wrong with a product code that stands on the command line.
pub fn malformed_code(code: &str, error: ProductError) -> Diagnostic {
    let mut diagnostic = malformed(code, error, Span::new(crate::diagnostic::FileId::UNKNOWN, 0, 0));
    diagnostic.labels.clear();
    diagnostic
}

/// What is wrong with a product code.
pub fn malformed(code: &str, error: ProductError, span: Span) -> Diagnostic {
    let message = format!("`{code}` {}", error.reason());
    match error {
        ProductError::OddDigits => {
            let digits: String = code.chars().filter(char::is_ascii_digit).collect();
            Diagnostic::at(Code::LostZero, span, message).help(format!(
                "if a leading zero was lost, write \"0{digits}\"; HS codes have 2, 4, 6, 8 or 10 digits"
            ))
        }
        _ => Diagnostic::at(Code::MalformedProduct, span, message)
            .help("write an HS code such as \"8703\", \"8703.23\" or \"7208-7229\""),
    }
}
