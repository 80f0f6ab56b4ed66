//! What a scenario file says, before any of it means anything: a tree of keys and values, each with its
//! place. Numbers keep their literal text.

use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources, Span};
use toml::de::{DeTable, DeValue};

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The name.
    pub name: String,
    /// Where.
    pub span: Span,
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Raw,
    /// Where.
    pub span: Span,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// A text, and where its first byte stands if it is written without escapes.
    Text(String, Option<u32>),
    /// A number, as written.
    Number(String),
    /// `true` or `false`.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// A time, which no key takes.
    Time(String),
    /// A list.
    Array(Vec<Node>),
    /// A table.
    Table(Table),
}

impl Raw {
    /// Whether both are the same text.
    pub fn same_text(&self, other: &Raw) -> bool {
        matches!((self, other), (Raw::Text(a, _), Raw::Text(b, _)) if a == b)
    }

    /// What it is, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Raw::Text(..) => "a text",
            Raw::Number(_) => "a number",
            Raw::Boolean(_) => "true or false",
            Raw::Date(_) => "a date",
            Raw::Time(_) => "a time",
            Raw::Array(_) => "a list",
            Raw::Table(_) => "a table",
        }
    }
}

/// A table, its entries in the order of the file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Keys and values.
    pub entries: Vec<(Key, Node)>,
    /// For a parameter laid over another: how that one's value is written, for bare numbers to take on
    /// its unit.
    pub written: Option<Box<Node>>,
}

impl Table {
    /// The value of a key.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.entries.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// The table of a key.
    pub fn table(&self, name: &str) -> Option<&Table> {
        match self.get(name) {
            Some(Node { value: Raw::Table(table), .. }) => Some(table),
            _ => None,
        }
    }

    /// The list of a key; empty where it is missing or no list.
    pub fn array(&self, name: &str) -> &[Node] {
        match self.get(name) {
            Some(Node { value: Raw::Array(nodes), .. }) => nodes,
            _ => &[],
        }
    }

    /// Sets a key, in its old place where it has one.
    pub fn set(&mut self, key: Key, node: Node) {
        match self.entries.iter_mut().find(|(k, _)| k.name == key.name) {
            Some(entry) => *entry = (key, node),
            None => self.entries.push((key, node)),
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, name: &str) -> Option<(Key, Node)> {
        let at = self.entries.iter().position(|(k, _)| k.name == name)?;
        Some(self.entries.remove(at))
    }

    /// The text of a key.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Node { value: Raw::Text(text, _), .. }) => Some(text),
            _ => None,
        }
    }
}

/// Parses a file's text. All syntax errors are found at once; the tree holds what could be read.
pub fn parse(file: FileId, text: &str, sources: &Sources, diagnostics: &mut Diagnostics) -> Table {
    let (document, errors) = DeTable::parse_recoverable(text);
    // In a list that stays open everything below it is wrong, and of that nothing is said.
    let open = errors.iter().position(|error| error.message().contains(OPEN_LIST));
    let said = open.filter(|at| errors.len() - at > CASCADE).map_or(errors.len(), |at| at + 1);
    for error in &errors[..said] {
        let range = error.span().unwrap_or(0..0);
        let span = Span::new(file, range.start, range.end);
        diagnostics.push(syntax_error(error.message(), span, sources));
    }
    table(file, text, document.get_ref())
}

/// What the reader says where a list goes on without a comma.
const OPEN_LIST: &str = "missing comma between array elements";
/// Mistakes behind such a place that may well be mistakes of their own.
const CASCADE: usize = 5;

fn syntax_error(message: &str, span: Span, sources: &Sources) -> Diagnostic {
    let diagnostic = Diagnostic::at(Code::TomlSyntax, span, message.to_owned());
    let help = if message.contains("duplicate key") {
        "each key may stand once in a table"
    } else if message.contains(OPEN_LIST) {
        "write a comma, or `]` where the list above is to end"
    } else if sources.text(span).ends_with('%') {
        "a percentage stands in quotes: \"25%\""
    } else if message.contains("string values must be quoted") {
        "put it in straight quotes: \"…\""
    } else if message.contains("invalid basic string") {
        "a text ends with a quote on its own line: \"…\""
    } else {
        return diagnostic;
    };
    diagnostic.help(help)
}

fn table(file: FileId, text: &str, map: &DeTable<'_>) -> Table {
    let mut entries: Vec<(Key, Node)> = map
        .iter()
        .map(|(key, value)| {
            let span = key.span();
            let key = Key { name: key.get_ref().to_string(), span: Span::new(file, span.start, span.end) };
            (key, node(file, text, value))
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    Table { entries, written: None }
}

fn node(file: FileId, source: &str, value: &toml::Spanned<DeValue<'_>>) -> Node {
    let range = value.span();
    let raw = match value.get_ref() {
        DeValue::String(text) => Raw::Text(text.to_string(), content_start(source, range.clone(), text)),
        DeValue::Integer(number) => Raw::Number(integer(number.as_str(), number.radix())),
        DeValue::Float(number) => Raw::Number(number.as_str().to_owned()),
        DeValue::Boolean(b) => Raw::Boolean(*b),
        DeValue::Datetime(time) => match (time.date, time.time) {
            (Some(date), None) => match crate::date::parse_date(&date.to_string()) {
                Some(date) => Raw::Date(date),
                None => Raw::Time(time.to_string()),
            },
            _ => Raw::Time(time.to_string()),
        },
        DeValue::Array(items) => Raw::Array(items.iter().map(|i| node(file, source, i)).collect()),
        DeValue::Table(map) => Raw::Table(table(file, source, map)),
    };
    Node { value: raw, span: Span::new(file, range.start, range.end) }
}

/// An integer's digits; other radixes are spelled out in decimal.
fn integer(digits: &str, radix: u32) -> String {
    if radix == 10 {
        return digits.to_owned();
    }
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    i128::from_str_radix(&plain, radix).map_or_else(|_| digits.to_owned(), |n| n.to_string())
}

/// Where a text's first byte stands, if what is written is the text itself between quotes.
fn content_start(source: &str, range: std::ops::Range<usize>, text: &str) -> Option<u32> {
    let written = source.get(range.clone())?;
    let at = written.find(text)?;
    let quotes = written.len() - text.len();
    let plain = !text.is_empty() && at <= 4 && (quotes == 2 || quotes >= 6) && quotes <= 8;
    if plain { u32::try_from(range.start + at).ok() } else { None }
}
