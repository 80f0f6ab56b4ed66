//! Reads the keys of a table one by one, and says which are missing, of the wrong type or not known.

use super::raw::{Key, Node, Raw, Table};
use super::table::Texts;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, list, list_all, nearest};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Where problems are collected while a scenario is read.
pub struct Report<'a> {
    /// The texts read so far.
    pub sources: &'a Sources,
    /// The files that are read as data; none where only flows are read.
    pub texts: Option<&'a Texts>,
    /// Groups that some list names.
    groups: RefCell<BTreeSet<String>>,
    found: RefCell<Diagnostics>,
}

impl<'a> Report<'a> {
    /// Nothing found yet.
    pub fn new(sources: &'a Sources) -> Self {
        Report { sources, texts: None, groups: RefCell::default(), found: RefCell::default() }
    }

    /// Nothing found yet, with files to read as data.
    pub fn with_texts(sources: &'a Sources, texts: &'a Texts) -> Self {
        Report { texts: Some(texts), ..Report::new(sources) }
    }

    /// Keeps a diagnostic.
    pub fn push(&self, diagnostic: Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// Notes that a list names a group.
    pub fn names_group(&self, name: &str) {
        self.groups.borrow_mut().insert(name.to_owned());
    }

    /// The groups that lists named so far.
    pub fn groups_named(&self) -> BTreeSet<String> {
        self.groups.borrow().clone()
    }

    /// What was found.
    pub fn into_diagnostics(self) -> Diagnostics {
        self.found.into_inner()
    }

    /// How much was found so far.
    pub fn len(&self) -> usize {
        self.found.borrow().len()
    }

    /// Whether nothing was found so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether anything found stops the run.
    pub fn has_errors(&self) -> bool {
        self.found.borrow().has_errors()
    }
}

/// A text and where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Text<'a> {
    /// The text.
    pub text: &'a str,
    /// Its value in the file, quotes included.
    pub span: Span,
    /// Where its first byte stands, if it is written without escapes.
    pub content: Option<u32>,
}

impl Text<'_> {
    /// The place of some bytes of the text, or of the whole where escapes hide them.
    pub fn part(&self, range: std::ops::Range<usize>) -> Span {
        match self.content {
            Some(start) => {
                let start = start as usize;
                Span::new(self.span.file, start + range.start, start + range.end)
            }
            None => self.span,
        }
    }
}

/// Reads one table.
pub struct Reader<'a> {
    table: &'a Table,
    /// What the table is, for messages: "the measure `x`".
    what: String,
    /// Where the table stands, for keys that are missing.
    span: Span,
    report: &'a Report<'a>,
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Reader<'a> {
    /// Reads `table`, which stands at `span`.
    pub fn new(table: &'a Table, what: impl Into<String>, span: Span, report: &'a Report<'a>) -> Self {
        Reader { table, what: what.into(), span, report, asked: RefCell::default() }
    }

    /// The node of a key, whatever its type.
    pub fn node(&self, key: &'static str) -> Option<&'a Node> {
        self.asked.borrow_mut().insert(key);
        self.table.get(key)
    }

    /// Says that a key is known, whoever reads it.
    pub fn mark(&self, key: &'static str) {
        self.asked.borrow_mut().insert(key);
    }

    /// Whether a key is there.
    pub fn has(&self, key: &'static str) -> bool {
        self.node(key).is_some()
    }

    /// Where a key's name stands.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.table.entries.iter().find(|(k, _)| k.name == key).map(|(k, _)| k.span)
    }

    /// Where a key's name stands; the table where it is missing.
    pub fn place(&self, key: &str) -> Span {
        self.key_span(key).unwrap_or(self.span)
    }

    /// A text.
    pub fn text(&self, key: &'static str) -> Option<Text<'a>> {
        self.node(key).and_then(|node| text(node, key, self.report))
    }

    /// A text as it stands, for titles and notes.
    pub fn string(&self, key: &'static str) -> Option<String> {
        self.text(key).map(|t| t.text.to_owned())
    }

    /// A text that must be there and not be empty.
    pub fn required(&self, key: &'static str) -> Option<Text<'a>> {
        match self.node(key) {
            None => {
                self.missing(key);
                None
            }
            Some(node) => {
                let found = text(node, key, self.report)?;
                if found.text.trim().is_empty() {
                    let message = format!("`{key}` of {} is empty", self.what);
                    self.report.push(Diagnostic::at(Code::MissingKey, found.span, message));
                    return None;
                }
                Some(found)
            }
        }
    }

    /// Says that a key is missing.
    pub fn missing(&self, key: &str) {
        let message = format!("{} has no `{key}`", self.what);
        self.report
            .push(Diagnostic::at(Code::MissingKey, self.span, message).help(format!("add `{key} = …`")));
    }

    /// A date, written without quotes.
    pub fn date(&self, key: &'static str) -> Option<Date> {
        self.node(key).and_then(|node| date(node, key, self.report))
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        if let Raw::Boolean(truth) = node.value {
            return Some(truth);
        }
        self.report.push(wrong_type(node, key, "true or false"));
        None
    }

    /// A whole number from 1.
    pub fn count(&self, key: &'static str) -> Option<u32> {
        let node = self.node(key)?;
        let number = match &node.value {
            Raw::Number(text) => text.replace('_', "").parse().ok().filter(|n| *n > 0),
            _ => None,
        };
        if number.is_none() {
            self.report.push(wrong_type(node, key, "a whole number from 1"));
        }
        number
    }

    /// One text or a list of texts.
    pub fn texts(&self, key: &'static str) -> Option<Vec<Text<'a>>> {
        self.node(key).map(|node| texts(node, key, self.report))
    }

    /// One of some choices.
    pub fn choice<T: Copy>(&self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let found = self.text(key)?;
        choice(found, key, choices, self.report)
    }

    /// A table.
    pub fn table(&self, key: &'static str) -> Option<(&'a Table, Span)> {
        let node = self.node(key)?;
        if let Raw::Table(table) = &node.value {
            Some((table, node.span))
        } else {
            self.report.push(wrong_type(node, key, "a table"));
            None
        }
    }

    /// A list of tables, written `[[key]]`.
    pub fn tables(&self, key: &'static str) -> Vec<(&'a Table, Span)> {
        let Some(node) = self.node(key) else { return Vec::new() };
        let Raw::Array(items) = &node.value else {
            let mut diagnostic = wrong_type(node, key, "a list of tables");
            if matches!(node.value, Raw::Table(_)) {
                diagnostic = diagnostic.help(format!("write `[[{key}]]` with two brackets"));
            }
            self.report.push(diagnostic);
            return Vec::new();
        };
        let mut tables = Vec::with_capacity(items.len());
        for item in items {
            match &item.value {
                Raw::Table(table) => tables.push((table, item.span)),
                _ => self.report.push(wrong_type(item, key, "a table")),
            }
        }
        tables
    }

    /// Says of keys of the language that this program does not know yet that it does not.
    pub fn not_supported(&self, keys: &[&'static str]) {
        for key in keys {
            if self.has(key) {
                let span = self.place(key);
                let message = format!("`{key}` is part of the language but not supported yet");
                self.report.push(
                    Diagnostic::at(Code::NotSupported, span, message)
                        .help("take it out; nothing is computed without it"),
                );
            }
        }
    }

    /// Says of every key that was not asked for that it is not known.
    pub fn finish(self) {
        let asked = self.asked.into_inner();
        for (key, _) in &self.table.entries {
            if !asked.contains(key.name.as_str()) {
                self.report.push(unknown_key(key, &self.what, &asked));
            }
        }
    }
}

fn unknown_key(key: &Key, what: &str, known: &BTreeSet<&'static str>) -> Diagnostic {
    let message = format!("{what} has no key `{}`", key.name);
    let diagnostic = Diagnostic::at(Code::UnknownKey, key.span, message);
    let known: Vec<&str> = known.iter().copied().collect();
    match nearest(&key.name, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("the keys are {}", list_all(&known))),
    }
}

/// A value of the wrong type.
pub fn wrong_type(node: &Node, key: &str, wanted: &str) -> Diagnostic {
    let message = format!("`{key}` is {}, where {wanted} is wanted", node.value.type_name());
    let diagnostic = Diagnostic::at(Code::WrongType, node.span, message);
    match (&node.value, wanted) {
        (Raw::Number(digits), "a text" | "a text or a list of texts") => {
            diagnostic.help(format!("put it in quotes, so that leading zeros survive: \"{digits}\""))
        }
        (Raw::Text(text, _), "a date") if crate::date::parse_date(text).is_some() => {
            diagnostic.help(format!("write it without quotes: {text}"))
        }
        (_, "a date") => diagnostic.help("write it without quotes: 2025-06-04"),
        _ => diagnostic,
    }
}

/// The text of a node.
pub fn text<'a>(node: &'a Node, key: &str, report: &Report<'_>) -> Option<Text<'a>> {
    if let Raw::Text(text, content) = &node.value {
        Some(Text { text, span: node.span, content: *content })
    } else {
        report.push(wrong_type(node, key, "a text"));
        None
    }
}

/// The date of a node.
pub fn date(node: &Node, key: &str, report: &Report<'_>) -> Option<Date> {
    if let Raw::Date(date) = &node.value {
        Some(*date)
    } else {
        report.push(wrong_type(node, key, "a date"));
        None
    }
}

/// One text or a list of them.
pub fn texts<'a>(node: &'a Node, key: &str, report: &Report<'_>) -> Vec<Text<'a>> {
    match &node.value {
        Raw::Array(items) => items.iter().filter_map(|item| text(item, key, report)).collect(),
        Raw::Text(text, content) => vec![Text { text, span: node.span, content: *content }],
        _ => {
            report.push(wrong_type(node, key, "a text or a list of texts"));
            Vec::new()
        }
    }
}

/// One of some choices.
pub fn choice<T: Copy>(found: Text<'_>, key: &str, choices: &[(&str, T)], report: &Report<'_>) -> Option<T> {
    let chosen = choices.iter().find(|(name, _)| *name == found.text).map(|(_, value)| *value);
    if chosen.is_none() {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        let message = format!("`{}` is not a value of `{key}`", found.text);
        let diagnostic = Diagnostic::at(Code::UnknownChoice, found.span, message);
        report.push(match nearest(found.text, names.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean \"{near}\"?")),
            None if names.len() == 1 => diagnostic.help(format!("it can only be {}", list(&names))),
            None => diagnostic.help(format!("it is one of {}", list(&names))),
        });
    }
    chosen
}
