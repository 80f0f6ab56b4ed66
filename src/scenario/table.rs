//! Files as data: one form for parameters, product groups and rates. A row says for which product and origin, from
//! when until when, a value holds; it is looked up by the longest product prefix, then by origin, then by the latest
//! day.

use super::decode::{Reader, Report, Text, wrong_type};
use super::model::CountryGroup;
use super::parameter::Nothing;
use super::raw::{Node, Raw, Table};
use super::scope::malformed;
use crate::country::{Country, CountrySet};
use crate::date::{Date, Window, parse_date};
use crate::diagnostic::{Code, Diagnostic, FileId, Span, list, nearest};
use crate::expr::{
    Ast, AstNode, Expr, Names, Operator, Quantity, Type, Value, Wanted, check, eval, in_unit_of, parse,
};
use crate::files::{Files, relative_to};
use crate::money;
use crate::product::{MOST_DIGITS, Product};
use crate::sheet::{SEPARATORS, cell_range, line_at, open_quote, row_start, separator};
use crate::units::Unit;
use csv::StringRecord;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The texts of the files a scenario reads as data, by path.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    by_path: BTreeMap<String, Option<FileId>>,
}

impl Texts {
    /// Reads every file that some table of the tree names with `file`, but flows.
    pub fn read(
        tree: &Table,
        files: &dyn Files,
        sources: &mut crate::diagnostic::Sources,
        diagnostics: &mut crate::diagnostic::Diagnostics,
    ) -> Texts {
        let mut named = Vec::new();
        collect(tree, &mut named);
        let described: BTreeSet<&str> = tree
            .table("files")
            .map(|t| t.entries.iter().map(|(k, _)| k.name.as_str()).collect())
            .unwrap_or_default();
        let mut texts = Texts::default();
        for (written, span) in named.into_iter().filter(|(written, _)| !described.contains(written.as_str()))
        {
            let path = located(&written, span, sources);
            if texts.by_path.contains_key(&path) {
                continue;
            }
            let text = super::resolve::read_text(&path, Some(span), files, diagnostics);
            let id = text.map(|text| sources.add(&path, text));
            texts.by_path.insert(path, id);
        }
        texts
    }
}

/// A path as seen from where the program runs.
fn located(written: &str, span: Span, sources: &crate::diagnostic::Sources) -> String {
    relative_to(sources.get(span.file).map_or("", |f| &f.path), written)
}

fn collect(table: &Table, named: &mut Vec<(String, Span)>) {
    for (key, node) in &table.entries {
        match (&node.value, key.name.as_str()) {
            (_, "flows" | "flow") => {}
            (Raw::Text(path, _), "file") => named.push((path.clone(), node.span)),
            (Raw::Table(inner), _) => collect(inner, named),
            (Raw::Array(items), _) => items.iter().for_each(|item| {
                if let Raw::Table(inner) = &item.value {
                    collect(inner, named);
                }
            }),
            _ => {}
        }
    }
}

/// What is looked up: rates, values of a parameter, or whether a product is in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A rate of duty a row; texts that are no rate are kept and refused where a flow meets them.
    Rates,
    /// A value a row.
    Values,
    /// No value: the rows are the members.
    Members,
}

/// What two rows of the same product, origin and first day do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Overlap {
    Error,
    Highest,
    Lowest,
    Sum,
}

impl Overlap {
    fn join(self, a: Decimal, b: Decimal) -> money::Exact {
        match self {
            Overlap::Error => Ok(a),
            Overlap::Highest => Ok(a.max(b)),
            Overlap::Lowest => Ok(a.min(b)),
            Overlap::Sum => money::add(a, b),
        }
    }
}

/// What a bare number in the value column means.
#[derive(Debug, Clone, Copy)]
enum Bare {
    Percent,
    Fraction,
    /// Money by unit; what one of it is worth in the scenario's currency.
    PerUnit(Unit, Decimal),
    Quantity(Unit),
    /// Money; what one of it is worth in the scenario's currency.
    Money(Decimal),
}

/// A file of rows.
#[derive(Debug, Clone)]
pub struct FileTable {
    rows: Vec<Row>,
    /// Rows by product, an empty cell standing for every one.
    by_product: BTreeMap<Option<Product>, Vec<usize>>,
    /// Lengths of the products that occur, longest first.
    lengths: Vec<usize>,
    cells: Vec<Cell>,
    overlap: Overlap,
    /// Whether `as` says what bare numbers are.
    pub says_unit: bool,
    /// The rate where no row fits; a parameter keeps its own.
    pub default: Option<super::formula::Formula>,
    /// The type of its values; a rate's is settled by each row.
    pub ty: Type,
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Digits of its product; 0 where it holds for every one.
    pub digits: usize,
    /// When it holds.
    pub window: Window,
    /// Where its value stands.
    pub span: Span,
    origin: Option<CountrySet>,
    cell: usize,
}

/// The value of rows that write the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// As written.
    pub text: String,
    /// What it means; or why it is refused.
    pub value: Result<Expr, String>,
}

/// What a lookup finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Found<'a> {
    /// The row, as a place in the table; the first of several that were joined.
    pub place: usize,
    /// The row.
    pub row: &'a Row,
    /// As written.
    pub text: &'a str,
    /// What it means; or why it is refused.
    pub value: Result<Expr, String>,
}

impl FileTable {
    /// A row by its place.
    pub fn row(&self, place: usize) -> Option<&Row> {
        self.rows.get(place)
    }

    /// What a row writes.
    pub fn text(&self, place: usize) -> &str {
        self.rows.get(place).and_then(|row| self.cells.get(row.cell)).map_or("", |cell| cell.text.as_str())
    }

    /// The value for goods of an origin on a day; `None` where no row fits.
    pub fn find(&self, product: Product, origin: Country, day: Date) -> Option<Found<'_>> {
        let lengths = self.lengths.iter().filter(|length| **length <= product.digits());
        let keys = lengths.map(|length| Some(product.prefix(*length))).chain([None]);
        for key in keys {
            let Some(rows) = self.by_product.get(&key) else { continue };
            let fitting = rows.iter().filter_map(|place| Some((*place, self.rank(*place, origin, day)?)));
            let fitting: Vec<(usize, (u8, Option<Date>))> = fitting.collect();
            let Some(best) = fitting.iter().map(|(_, rank)| *rank).max() else { continue };
            let tied: Vec<usize> = fitting.into_iter().filter(|(_, r)| *r == best).map(|(p, _)| p).collect();
            return self.joined(&tied);
        }
        None
    }

    /// How closely a row fits an origin, and since when; `None` where it does not.
    fn rank(&self, place: usize, origin: Country, day: Date) -> Option<(u8, Option<Date>)> {
        let row = &self.rows[place];
        if !row.window.contains(day) {
            return None;
        }
        let closeness = match &row.origin {
            None => 0,
            Some(set) if set.is_only(origin) => 3,
            Some(set) if set.names(origin) => 2,
            Some(set) if set.contains(origin) => 1,
            Some(_) => return None,
        };
        Some((closeness, row.window.from))
    }

    /// One value of rows that fit equally well.
    fn joined(&self, tied: &[usize]) -> Option<Found<'_>> {
        let first = *tied.first()?;
        let row = &self.rows[first];
        let cell = &self.cells[row.cell];
        let found = |value| Some(Found { place: first, row, text: &cell.text, value });
        if tied.iter().all(|place| self.rows[*place].cell == row.cell) && self.overlap != Overlap::Sum {
            return found(cell.value.clone());
        }
        if self.overlap == Overlap::Error {
            return found(Err("two rows of the file fit the goods and the origin equally well".to_owned()));
        }
        let mut joined: Option<Value> = None;
        for place in tied {
            let next = match &self.cells[self.rows[*place].cell].value {
                Ok(expr) => expr.as_literal().cloned(),
                Err(reason) => return found(Err(reason.clone())),
            };
            joined = match (joined, next) {
                (None, next) => next,
                (Some(known), Some(next)) => {
                    let next = in_unit_of(&known, &next);
                    let amounts = known.amount().zip(next.amount()).filter(|_| known.ty() == next.ty());
                    let sum = amounts.and_then(|(a, b)| self.overlap.join(a, b).ok());
                    match sum.and_then(|sum| known.with_amount(sum)) {
                        Some(value) => Some(value),
                        None => return found(Err("rows that overlap cannot be joined".to_owned())),
                    }
                }
                (Some(_), None) => return found(Err("rows that overlap cannot be joined".to_owned())),
            };
        }
        found(joined.map(Expr::literal).ok_or_else(|| "rows that overlap cannot be joined".to_owned()))
    }

    /// Whether a code is too short to tell: rows lie under it.
    pub fn splits(&self, product: Product) -> bool {
        let under = self
            .by_product
            .range(Some(product)..)
            .map_while(|(key, _)| key.filter(|key| key.prefix(product.digits()) == product));
        under.into_iter().any(|key| key.digits() > product.digits())
    }

    /// Every value that rests on nothing, as written, with where it stands.
    pub fn values(&self) -> impl Iterator<Item = (&Value, &str, Span)> {
        self.rows.iter().filter_map(|row| {
            let cell = &self.cells[row.cell];
            Some((cell.value.as_ref().ok()?.as_literal()?, cell.text.as_str(), row.span))
        })
    }

    /// The days on which some row starts or ends.
    pub fn change_dates(&self) -> impl Iterator<Item = Date> {
        self.rows.iter().flat_map(|row| row.window.from.into_iter().chain(row.window.until))
    }

    /// The products of the rows and when each holds, for groups.
    pub fn members(&self) -> impl Iterator<Item = (Product, Window)> {
        self.by_product.iter().filter_map(|(product, rows)| Some(((*product)?, rows))).flat_map(
            move |(product, rows)| rows.iter().map(move |place| (product, self.rows[*place].window)),
        )
    }
}

/// The keys that describe a file, wherever it is used.
struct Spec<'a> {
    path: Text<'a>,
    product: Option<Text<'a>>,
    origin: Option<Text<'a>>,
    value: Option<Text<'a>>,
    from: Option<Text<'a>>,
    until: Option<Text<'a>>,
    through: Option<Text<'a>>,
    filters: Vec<Filter>,
    bare: Option<Text<'a>>,
    separator: Option<u8>,
    pad: usize,
    skip: Vec<String>,
    overlap: Overlap,
}

/// The keys of a file's description, for tables that hold it among keys of their own.
pub const KEYS: [&str; 14] = [
    "file",
    "product",
    "origin",
    "value",
    "rate",
    "from",
    "until",
    "through",
    "where",
    "as",
    "delimiter",
    "pad",
    "skip",
    "overlap",
];

/// Rows are kept whose column holds one of the values.
#[derive(Debug, Clone)]
pub struct Filter {
    /// The column.
    pub column: String,
    /// Where it is named.
    pub span: Span,
    /// What it may hold.
    pub values: Vec<String>,
}

impl Filter {
    /// Whether a cell is one of the values.
    pub fn keeps(&self, cell: &str) -> bool {
        self.values.iter().any(|value| value == cell)
    }
}

/// What tables are read against.
pub struct TableNames<'a> {
    /// Parameters, groups and currencies, for defaults.
    pub names: &'a dyn Names,
    /// Groups of countries, for the origin column.
    pub countries: &'a [CountryGroup],
    /// `[files]`.
    pub files: Option<&'a Table>,
}

/// Says what is wrong with the descriptions in `[files]`, used or not.
pub fn check_descriptions(files: Option<&Table>, report: &Report<'_>) {
    for (key, node) in files.map(|t| t.entries.as_slice()).unwrap_or_default() {
        match &node.value {
            Raw::Table(table) => {
                let reader = Reader::new(table, format!("the file `{}`", key.name), key.span, report);
                spec(&reader, report);
                // Descriptions may serve flows too.
                for (name, _) in crate::trade::COLUMNS {
                    reader.mark(name);
                }
                reader.node("default");
                reader.finish();
            }
            _ => report.push(wrong_type(node, &key.name, "a table with `file`")),
        }
    }
}

/// The description of a file at its place of use, with that of `[files]` laid under it; conditions of both hold.
pub fn described(table: &Table, files: Option<&Table>) -> Table {
    let name = table.text("file").unwrap_or_default();
    let Some(base) = files.and_then(|files| files.table(name)) else { return table.clone() };
    let mut merged = base.clone();
    for (key, node) in &table.entries {
        match (key.name.as_str(), merged.get("where").map(|n| n.value.clone()), &node.value) {
            ("file", ..) => {}
            ("where", Some(Raw::Table(mut both)), Raw::Table(own)) => {
                both.entries.extend(own.entries.clone());
                let value = Raw::Table(both);
                merged.set(key.clone(), Node { value, span: node.span });
            }
            _ => merged.set(key.clone(), node.clone()),
        }
    }
    merged
}

fn spec<'a>(reader: &Reader<'a>, report: &'a Report<'a>) -> Option<Spec<'a>> {
    let path = reader.required("file");
    let (value, rate) = (reader.text("value"), reader.text("rate"));
    if let (Some(_), Some(rate)) = (value, rate) {
        let message = "`value` and `rate` both name the column of the value";
        report.push(Diagnostic::at(Code::KeyNotAllowed, rate.span, message).help("keep one of them"));
    }
    let overlaps = [
        ("error", Overlap::Error),
        ("highest", Overlap::Highest),
        ("lowest", Overlap::Lowest),
        ("sum", Overlap::Sum),
    ];
    let spec = Spec {
        path: path?,
        product: reader.text("product"),
        origin: reader.text("origin"),
        value: value.or(rate),
        from: reader.text("from"),
        until: reader.text("until"),
        through: reader.text("through"),
        filters: filters(reader, report),
        bare: reader.text("as"),
        separator: reader.text("delimiter").and_then(|text| delimiter(&text, report)),
        pad: pad(reader, report),
        skip: reader.texts("skip").unwrap_or_default().iter().map(|t| t.text.to_owned()).collect(),
        overlap: reader.choice("overlap", &overlaps).unwrap_or(Overlap::Error),
    };
    if let (Some(_), Some(through)) = (spec.until, spec.through) {
        let message = "`until` and `through` both say when a row ends";
        report.push(Diagnostic::at(Code::KeyNotAllowed, through.span, message).help("keep one of them"));
    }
    Some(spec)
}

/// How many digits product codes are filled up to; 0 where they are left as they are.
pub fn pad(reader: &Reader<'_>, report: &Report<'_>) -> usize {
    let pad = reader.count("pad").map_or(0, |pad| pad as usize);
    if pad > MOST_DIGITS || pad % 2 == 1 {
        let message = format!("`pad` is {pad}: codes have an even number of digits, at most {MOST_DIGITS}");
        report.push(Diagnostic::at(Code::WrongType, reader.place("pad"), message).help("write 6, 8 or 10"));
        return 0;
    }
    pad
}

/// The separator that `delimiter` names.
pub fn delimiter(text: &Text<'_>, report: &Report<'_>) -> Option<u8> {
    let named =
        text.text.as_bytes().first().copied().filter(|b| text.text.len() == 1 && SEPARATORS.contains(b));
    if named.is_none() {
        let message = format!("`{}` separates no cells", text.text);
        report.push(
            Diagnostic::at(Code::UnknownChoice, text.span, message)
                .help("it is one of \",\" \";\" \"|\" and \"\\t\""),
        );
    }
    named
}

/// The conditions of `where`.
pub fn filters(reader: &Reader<'_>, report: &Report<'_>) -> Vec<Filter> {
    let Some((table, _)) = reader.table("where") else { return Vec::new() };
    let mut filters = Vec::with_capacity(table.entries.len());
    for (key, node) in &table.entries {
        let items = match &node.value {
            Raw::Array(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            match &item.value {
                Raw::Text(text, _) | Raw::Number(text) => values.push(text.clone()),
                _ => report.push(wrong_type(item, &key.name, "a text or a list of texts")),
            }
        }
        filters.push(Filter { column: key.name.clone(), span: key.span, values });
    }
    filters
}

/// What `as` says of bare numbers.
fn bare(text: &Text<'_>, names: &dyn Names, report: &Report<'_>) -> Option<Bare> {
    let money = |currency: &str| {
        let worth = names.exchange(currency);
        if worth.is_none() {
            let message = format!("there is no exchange rate for `{currency}`");
            report.push(
                Diagnostic::at(Code::UnknownCurrency, text.span, message)
                    .help("write the scenario's own currency, or give a rate under [exchange]"),
            );
        }
        worth
    };
    let is_currency = |code: &str| iso_currency::Currency::from_code(code).is_some();
    let by_unit =
        text.text.split_once('/').and_then(|(code, unit)| Some((code.trim(), Unit::from_name(unit.trim())?)));
    match (text.text, by_unit) {
        ("percent", _) => Some(Bare::Percent),
        ("fraction", _) => Some(Bare::Fraction),
        (code, _) if is_currency(code) => money(code).map(Bare::Money),
        (_, Some((code, unit))) if is_currency(code) => money(code).map(|worth| Bare::PerUnit(unit, worth)),
        (name, _) => {
            let unit = Unit::from_name(name).map(Bare::Quantity);
            if unit.is_none() {
                let message = format!("`{name}` says nothing of a bare number");
                report.push(
                    Diagnostic::at(Code::UnknownChoice, text.span, message)
                        .help("write \"percent\", \"fraction\", a unit such as \"t\", or money by unit such as \"USD/t\""),
                );
            }
            unit
        }
    }
}

/// Reads a file as data.
pub fn table(
    node: &Table,
    span: Span,
    purpose: Purpose,
    outer: &TableNames<'_>,
    report: &Report<'_>,
) -> Option<FileTable> {
    let merged = described(node, outer.files);
    let reader = Reader::new(&merged, "the file", span, report);
    if purpose == Purpose::Values {
        // These belong to the parameter and are read there.
        for key in ["title", "min", "max", "step", "source", "default"] {
            reader.node(key);
        }
    }
    let spec = spec(&reader, report);
    let default = match purpose {
        Purpose::Rates => reader
            .node("default")
            .and_then(|node| super::formula::formula(node, "default", Wanted::Rate, outer.names, report)),
        _ => None,
    };
    reader.finish();
    let spec = spec?;
    let path = located(spec.path.text, spec.path.span, report.sources);
    let id = report.texts?.by_path.get(&path).copied().flatten()?;
    let text = report.sources.get(id).map(|file| file.text.clone())?;
    let bare = match &spec.bare {
        Some(text) => Some(bare(text, outer.names, report)?),
        None => None,
    };
    if let (Purpose::Rates, Some(Bare::Money(_) | Bare::Quantity(_)), Some(text)) = (purpose, bare, spec.bare)
    {
        let message = format!("a rate cannot be counted in `{}`", text.text);
        report.push(
            Diagnostic::at(Code::UnknownChoice, text.span, message)
                .help("write \"percent\", \"fraction\" or money by unit such as \"USD/t\""),
        );
        return None;
    }
    let rows = Rows { spec: &spec, bare, purpose, outer, report, id, text: &text, path: &path };
    let mut table = rows.read()?;
    table.default = default;
    Some(table)
}

/// Rows with problems that are shown before the rest is only counted.
const SHOWN: usize = 20;

/// Reads the rows of a file.
struct Rows<'a> {
    spec: &'a Spec<'a>,
    bare: Option<Bare>,
    purpose: Purpose,
    outer: &'a TableNames<'a>,
    report: &'a Report<'a>,
    id: FileId,
    text: &'a str,
    path: &'a str,
}

/// Where the columns of a file are.
struct Places {
    product: Option<usize>,
    origin: Option<usize>,
    value: Option<usize>,
    from: Option<usize>,
    until: Option<usize>,
    through: Option<usize>,
    filters: Vec<usize>,
    width: usize,
}

impl Rows<'_> {
    fn read(&self) -> Option<FileTable> {
        let header_line = line_at(self.text, 0);
        if header_line.trim().is_empty() {
            let message = format!("{} is empty", self.path);
            self.report.push(Diagnostic::at(Code::EmptyFile, Span::new(self.id, 0, 0), message));
            return None;
        }
        let delimiter = self.spec.separator.unwrap_or_else(|| separator(header_line));
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(self.text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        let places = self.places(&header, header_line, delimiter)?;
        let mut table = FileTable {
            rows: Vec::new(),
            by_product: BTreeMap::new(),
            lengths: Vec::new(),
            cells: Vec::new(),
            overlap: self.spec.overlap,
            says_unit: self.spec.bare.is_some(),
            default: None,
            ty: Type::Number,
        };
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        let mut bad = 0;
        let mut last_start = 0;
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    self.report.push(Diagnostic::new(Code::BadCell, format!("{}: {error}", self.path)));
                    return None;
                }
            };
            let line = Line::new(self, &record, delimiter);
            last_start = line.start;
            if let Err(problem) = self.row(&line, &places, &mut table, &mut known) {
                bad += 1;
                if bad <= SHOWN {
                    self.report.push(*problem);
                }
            }
        }
        if let Some(offset) = open_quote(self.text.get(last_start..).unwrap_or(""), delimiter) {
            let at = last_start + offset;
            let message = format!("{}: a quote opens that is never closed", self.path);
            let span = Span::new(self.id, at, at + line_at(self.text, at).len());
            self.report.push(
                Diagnostic::at(Code::BadCell, span, message).help("a quote inside a quoted cell is doubled"),
            );
            bad += 1;
        }
        if bad > SHOWN {
            let message = format!("{}: {} more rows are wrong", self.path, bad - SHOWN);
            self.report.push(Diagnostic::new(Code::BadCell, message));
        }
        let lengths: BTreeSet<usize> = table.by_product.keys().flatten().map(|p| p.digits()).collect();
        table.lengths = lengths.into_iter().rev().collect();
        if self.spec.overlap == Overlap::Error {
            self.conflicts(&table);
        }
        (bad == 0).then_some(table)
    }

    fn places(&self, header: &StringRecord, line: &str, delimiter: u8) -> Option<Places> {
        let names: Vec<&str> = header.iter().map(str::trim).collect();
        let mut good = true;
        let mut place = |text: &Text<'_>| {
            let found: Vec<usize> = (0..names.len()).filter(|at| names[*at] == text.text).collect();
            match found.as_slice() {
                [at] => Some(*at),
                [first, second, ..] => {
                    let at = |i: usize| {
                        let range = cell_range(line, i, delimiter);
                        Span::new(self.id, range.start, range.end)
                    };
                    self.report.push(
                        Diagnostic::new(
                            Code::AmbiguousColumn,
                            format!("two columns are called `{}`", text.text),
                        )
                        .label(at(*second), "again here")
                        .label(at(*first), "first here"),
                    );
                    good = false;
                    None
                }
                [] => {
                    let message = format!("{} has no column `{}`", self.path, text.text);
                    let diagnostic = Diagnostic::at(Code::MissingColumn, text.span, message)
                        .label(Span::new(self.id, 0, line.len()), "the header");
                    self.report.push(match nearest(text.text, names.iter().copied()) {
                        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                        None => diagnostic.help(format!("the columns are {}", list(&names))),
                    });
                    good = false;
                    None
                }
            }
        };
        let mut at = |text: &Option<Text<'_>>| text.as_ref().and_then(&mut place);
        let places = Places {
            product: at(&self.spec.product),
            origin: at(&self.spec.origin),
            value: at(&self.spec.value),
            from: at(&self.spec.from),
            until: at(&self.spec.until),
            through: at(&self.spec.through),
            filters: self
                .spec
                .filters
                .iter()
                .filter_map(|f| at(&Some(Text { text: &f.column, span: f.span, content: None })))
                .collect(),
            width: header.len(),
        };
        if let (Purpose::Members, Some(origin)) = (self.purpose, &self.spec.origin) {
            let message = "a group of products has no origins";
            self.report.push(
                Diagnostic::at(Code::KeyNotAllowed, origin.span, message)
                    .help("keep the rows of an origin with `where`, or state `origins` on the measure"),
            );
            good = false;
        }
        let missing = match self.purpose {
            Purpose::Members if self.spec.product.is_none() => Some("product"),
            Purpose::Rates if self.spec.value.is_none() => Some("rate"),
            Purpose::Values if self.spec.value.is_none() => Some("value"),
            _ => None,
        };
        if let Some(missing) = missing {
            let message = format!("the file does not say which column holds the {missing}");
            let columns = list(&names);
            self.report.push(
                Diagnostic::at(Code::MissingKey, self.spec.path.span, message)
                    .help(format!("add `{missing} = \"…\"`; the columns are {columns}")),
            );
            good = false;
        }
        good.then_some(places)
    }

    /// Adds a row, if the conditions keep it.
    fn row(
        &self,
        line: &Line<'_, '_>,
        places: &Places,
        table: &mut FileTable,
        known: &mut BTreeMap<String, usize>,
    ) -> Result<(), Box<Diagnostic>> {
        if line.record.len() != places.width {
            let message =
                format!("{} has {} cells, the header {}", line.name(), line.record.len(), places.width);
            return Err(Box::new(
                Diagnostic::at(Code::RowShape, line.span(None), message)
                    .help("a cell that holds the separator stands in double quotes"),
            ));
        }
        let kept = places
            .filters
            .iter()
            .zip(&self.spec.filters)
            .all(|(at, filter)| filter.keeps(line.cell(Some(*at)).unwrap_or("")));
        let skipped = [places.product, places.origin]
            .iter()
            .filter_map(|at| line.cell(*at))
            .any(|cell| self.spec.skip.iter().any(|skip| skip == cell));
        if !kept || skipped {
            return Ok(());
        }
        let text = match (self.purpose, line.cell(places.value)) {
            (Purpose::Members, _) => "",
            (_, Some(text)) => text,
            (_, None) => return Ok(()),
        };
        let product = self.product(line, places.product)?;
        if product.is_none() && self.purpose == Purpose::Members {
            let message = format!("{}: a member of a group needs a product", line.name());
            return Err(Box::new(
                Diagnostic::at(Code::BadCell, line.span(None), message)
                    .help("leave such rows out with `where`"),
            ));
        }
        let origin = self.origin(line, places.origin)?;
        let window = Self::window(line, places)?;
        let cell = if let Some(cell) = known.get(text) {
            *cell
        } else {
            let value = self.value(text, line, places.value)?;
            let amount = value.as_ref().ok().and_then(Expr::as_literal).and_then(Value::amount);
            if self.purpose == Purpose::Rates && amount.is_some_and(|amount| amount < Decimal::ZERO) {
                let message = format!("{}: the rate `{text}` is below zero", line.name());
                return Err(Box::new(Diagnostic::at(Code::NegativeRate, line.span(places.value), message)));
            }
            if let (Ok(expr), Purpose::Values) = (&value, self.purpose) {
                Self::same_type(expr, table, line, places.value)?;
            }
            table.cells.push(Cell { text: text.to_owned(), value });
            known.insert(text.to_owned(), table.cells.len() - 1);
            table.cells.len() - 1
        };
        let digits = product.map_or(0, Product::digits);
        table.by_product.entry(product).or_default().push(table.rows.len());
        table.rows.push(Row {
            digits,
            window,
            span: line.span(places.value.or(places.product)),
            origin,
            cell,
        });
        Ok(())
    }

    fn same_type(
        expr: &Expr,
        table: &mut FileTable,
        line: &Line<'_, '_>,
        at: Option<usize>,
    ) -> Result<(), Box<Diagnostic>> {
        if table.cells.is_empty() {
            table.ty = expr.ty;
        }
        if table.ty.unify(expr.ty).is_some() {
            return Ok(());
        }
        let message = format!("{}: this is {}, where {} is wanted as before", line.name(), expr.ty, table.ty);
        Err(Box::new(Diagnostic::at(Code::Dimension, line.span(at), message)))
    }

    fn product(&self, line: &Line<'_, '_>, at: Option<usize>) -> Result<Option<Product>, Box<Diagnostic>> {
        let Some(cell) = line.cell(at) else { return Ok(None) };
        let missing = self.spec.pad.saturating_sub(cell.chars().filter(char::is_ascii_digit).count());
        let code = format!("{}{cell}", "0".repeat(missing));
        Product::parse(&code).map(Some).map_err(|error| {
            let mut diagnostic = malformed(&code, error, line.span(at));
            diagnostic.message = format!("{}: {}", line.name(), diagnostic.message);
            Box::new(
                diagnostic
                    .help("`pad = 8` fills codes up with zeros; `skip` leaves out cells that are no code"),
            )
        })
    }

    fn origin(&self, line: &Line<'_, '_>, at: Option<usize>) -> Result<Option<CountrySet>, Box<Diagnostic>> {
        let Some(cell) = line.cell(at) else { return Ok(None) };
        if let Some(group) = self.outer.countries.iter().find(|g| g.name == cell) {
            self.report.names_group(cell);
            return Ok(Some(group.set.clone()));
        }
        if let Some(country) = Country::from_code(cell) {
            Ok(Some([country].into_iter().collect()))
        } else {
            let message = format!("{}: `{cell}` is not a country", line.name());
            let help = match Country::suggest(cell) {
                Some(country) => format!("did you mean {country}?"),
                None => "`skip` leaves out cells that are none; an empty cell means every origin".to_owned(),
            };
            Err(Box::new(Diagnostic::at(Code::UnknownCountry, line.span(at), message).help(help)))
        }
    }

    fn window(line: &Line<'_, '_>, places: &Places) -> Result<Window, Box<Diagnostic>> {
        let date = |at: Option<usize>| match line.cell(at) {
            None => Ok(None),
            Some(cell) => parse_date(cell).map(Some).ok_or_else(|| {
                let message = format!("{}: `{cell}` is not a date", line.name());
                Box::new(
                    Diagnostic::at(Code::BadCell, line.span(at), message)
                        .help("write year, month and day: 2025-06-04"),
                )
            }),
        };
        let through = date(places.through)?.and_then(|last| last.tomorrow().ok());
        let window = Window { from: date(places.from)?, until: date(places.until)?.or(through) };
        match (window.from, window.until) {
            (Some(from), Some(until)) if until <= from => {
                let message = format!("{}: the window from {from} until {until} holds no day", line.name());
                Err(Box::new(Diagnostic::at(
                    Code::Window,
                    line.span(places.until.or(places.through)),
                    message,
                )))
            }
            _ => Ok(window),
        }
    }

    /// What a cell means. A text that is no rate is kept as refused; a value that is none is an error.
    fn value(
        &self,
        text: &str,
        line: &Line<'_, '_>,
        at: Option<usize>,
    ) -> Result<Result<Expr, String>, Box<Diagnostic>> {
        if self.purpose == Purpose::Members {
            return Ok(Ok(Expr::literal(Value::Condition(true))));
        }
        if let Ok(number) = money::parse_number(text) {
            return self.bare_number(number, line, at).map(Ok);
        }
        match rate_cell(text, self.outer.names) {
            Ok(expr) => Ok(Ok(expr)),
            Err(reason) if self.purpose == Purpose::Rates => Ok(Err(reason)),
            Err(reason) => {
                let message = format!("{}: {reason}", line.name());
                Err(Box::new(Diagnostic::at(Code::BadCell, line.span(at), message)))
            }
        }
    }

    fn bare_number(
        &self,
        number: Decimal,
        line: &Line<'_, '_>,
        at: Option<usize>,
    ) -> Result<Expr, Box<Diagnostic>> {
        let in_currency = |worth: Decimal| money::mul(number, worth).ok();
        let value = match (self.bare, self.purpose) {
            (Some(Bare::Percent), _) => money::div(number, Decimal::ONE_HUNDRED).ok().map(Value::Number),
            (Some(Bare::PerUnit(unit, worth)), _) => {
                in_currency(worth).map(|amount| Value::PerUnit(Quantity { amount, unit }))
            }
            (Some(Bare::Quantity(unit)), _) => Some(Value::Quantity(Quantity { amount: number, unit })),
            (Some(Bare::Money(worth)), _) => in_currency(worth).map(Value::Money),
            (None, Purpose::Rates) if !number.is_zero() => None,
            (Some(Bare::Fraction) | None, _) => Some(Value::Number(number)),
        };
        value.map(Expr::literal).ok_or_else(|| {
            let message = format!("{}: the rate `{}` has no unit", line.name(), money::plain(number));
            Box::new(
                Diagnostic::at(Code::RateWithoutUnit, line.span(at), message)
                    .help("say what bare numbers of the file are: as = \"percent\" or as = \"fraction\""),
            )
        })
    }

    /// Two rows of one product, origin and first day that hold on the same day and differ are an error.
    fn conflicts(&self, table: &FileTable) {
        let mut shown = 0;
        for rows in table.by_product.values() {
            let mut sorted: Vec<&Row> = rows.iter().map(|place| &table.rows[*place]).collect();
            sorted.sort_by_key(|row| (row.window.from, row.span));
            for (i, first) in sorted.iter().enumerate() {
                let same_start = sorted[i + 1..].iter().take_while(|r| r.window.from == first.window.from);
                let clash = same_start.copied().find(|r| {
                    r.origin == first.origin && r.cell != first.cell && r.window.overlaps(first.window)
                });
                if let (Some(second), true) = (clash, shown < SHOWN) {
                    shown += 1;
                    let message = format!("{}: two rows say different things of the same goods", self.path);
                    self.report.push(
                        Diagnostic::new(Code::RowsConflict, message)
                            .label(second.span, "this")
                            .label(first.span, "and this")
                            .help("take one out, or say what they do together: overlap = \"highest\", \"lowest\" or \"sum\""),
                    );
                }
            }
        }
    }
}

/// A row and where it stands.
struct Line<'a, 'r> {
    rows: &'a Rows<'a>,
    record: &'r StringRecord,
    start: usize,
    number: usize,
    delimiter: u8,
}

impl<'a, 'r> Line<'a, 'r> {
    fn new(rows: &'a Rows<'a>, record: &'r StringRecord, delimiter: u8) -> Line<'a, 'r> {
        let (start, number) = row_start(rows.text, record);
        Line { rows, record, start, number, delimiter }
    }

    fn cell(&self, at: Option<usize>) -> Option<&'r str> {
        self.record.get(at?).map(str::trim).filter(|text| !text.is_empty())
    }

    fn span(&self, at: Option<usize>) -> Span {
        let line = line_at(self.rows.text, self.start);
        let range = at.map_or(0..line.len(), |at| cell_range(line, at, self.delimiter));
        Span::new(self.rows.id, self.start + range.start, self.start + range.end)
    }

    fn name(&self) -> String {
        format!("{}, line {}", self.rows.path, self.number)
    }
}

/// A rate as official schedules print it; or why it is refused. None is guessed at.
fn rate_cell(text: &str, names: &dyn Names) -> Result<Expr, String> {
    let spelled = text.trim().trim_end_matches('.').replace("cents", "¢").replace("./", "/");
    let refused = |why: &str| format!("the rate text `{text}` is refused: {why}");
    let spelled = match spelled.strip_suffix("/1000") {
        Some(amount) => format!("{amount}/thousand"),
        None => spelled,
    };
    let ast = parse(&spelled).map_err(|error| refused(&error.message))?;
    if let Some(why) = not_a_rate(&ast) {
        return Err(refused(why));
    }
    match check(&ast, Wanted::Rate, names) {
        // What needs no flow is put in as a value.
        Ok(Some(expr)) => Ok(eval(&expr, &Nothing).map_or(expr, Expr::literal)),
        Ok(None) => Err(refused("it names a parameter")),
        Err(error) => Err(refused(&error.message)),
    }
}

/// What may not stand in a cell: names, and money that is not by a unit.
fn not_a_rate(ast: &Ast) -> Option<&'static str> {
    match &ast.node {
        AstNode::Name(_) | AstNode::Call(..) | AstNode::In(..) | AstNode::Text(_) | AstNode::Date(_) => {
            Some("it is more than a percentage or money by unit")
        }
        AstNode::Money { .. } => Some("it is a flat amount of money"),
        AstNode::Binary(Operator::Divide, left, right) => match (&left.node, &right.node) {
            (AstNode::Money { .. }, AstNode::Unit(_) | AstNode::Quantity(..)) => None,
            _ => Some("it is a quotient"),
        },
        AstNode::Binary(Operator::Add, left, right) => not_a_rate(left).or_else(|| not_a_rate(right)),
        AstNode::Binary(..) => Some("it is more than a sum"),
        AstNode::Negate(inner) | AstNode::Not(inner) => not_a_rate(inner),
        _ => None,
    }
}
