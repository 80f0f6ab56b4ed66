//! Reads the rows of a file, and says what is wrong with each.

use super::cell::rate_cell;
use super::spec::{Bare, Spec, bare, described, spec};
use super::texts::located;
use super::{Cell, FileTable, Overlap, Purpose, Row, TableNames};
use crate::country::{Country, CountrySet};
use crate::date::{Window, parse_date};
use crate::diagnostic::{Code, Diagnostic, FileId, Span, list, nearest};
use crate::expr::{Expr, Quantity, Type, Value, Wanted};
use crate::money;
use crate::product::Product;
use crate::scenario::decode::{Reader, Report, Text};
use crate::scenario::formula::formula;
use crate::scenario::raw::Table;
use crate::scenario::scope::malformed;
use crate::sheet::{cell_range, line_at, open_quote, row_start, separator};
use csv::StringRecord;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

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
            .and_then(|node| formula(node, "default", Wanted::Rate, outer.names, report)),
        _ => None,
    };
    reader.finish();
    let spec = spec?;
    let path = located(spec.path.text, spec.path.span, report.sources);
    let Some(known) = report.texts?.by_path.get(&path) else {
        let message = format!("there is no file `{}` here", spec.path.text);
        report.push(Diagnostic::at(Code::FileMissing, spec.path.span, message));
        return None;
    };
    // A file that cannot be read was said to be so when it was looked for.
    let id = (*known)?;
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
