//! Reads the rows of a file, and says what is wrong with each.

use super::cell::rate_cell;
use super::data::{Cell, Data, Origin, Row, Shape};
use super::grid::{Broken, Grid, RowOf};
use super::spec::{Bare, Filter, Spec, bare, described, spec};
use super::texts::{Key, located};
use super::{FileTable, Overlap, Purpose, TableNames};
use crate::country::Country;
use crate::date::{Window, parse_date};
use crate::diagnostic::{Code, Diagnostic, FileId, Span, list, nearest};
use crate::expr::{Expr, Quantity, Type, Value, Wanted};
use crate::money;
use crate::product::Product;
use crate::scenario::decode::{Reader, Report, Text};
use crate::scenario::formula::formula;
use crate::scenario::raw::Table;
use crate::scenario::scope::malformed;
use crate::sheet::line_at;
use rust_decimal::Decimal;
use rustc_hash::FxBuildHasher;
use std::collections::HashMap;
use std::sync::Arc;

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
    let spec = spec(&reader, outer.codes, report);
    let default = match purpose {
        Purpose::Rates => reader
            .node("default")
            .and_then(|node| formula(node, "default", Wanted::Rate, outer.names, report)),
        _ => None,
    };
    reader.finish();
    let spec = spec?;
    let file = find(&spec.path, report)?;
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
    // Variants that say the same of a file share what was read of it.
    let key = Key::new(file.id, purpose, &spec);
    let data = if let Some(data) = report.texts?.known(&key) {
        data
    } else {
        let grid = open(&file, spec.separator, report)?;
        let rows = Rows { spec: &spec, bare, purpose, outer, report, grid: &grid, path: &file.path };
        let data = Arc::new(rows.read()?);
        report.texts?.keep(key, data.clone());
        data
    };
    Some(FileTable { data, default })
}

/// A file that was read for the scenario.
struct Found {
    id: FileId,
    path: String,
    text: Arc<str>,
}

/// The file that a path leads to. One that cannot be read was said to be so when it was looked for.
fn find(path: &Text<'_>, report: &Report<'_>) -> Option<Found> {
    let located = located(path.text, path.span, report.sources);
    let Some(known) = report.texts?.by_path.get(&located) else {
        let message = format!("there is no file `{}` here", path.text);
        report.push(Diagnostic::at(Code::FileMissing, path.span, message));
        return None;
    };
    let id = (*known)?;
    let text = report.sources.get(id)?.text.clone();
    Some(Found { id, path: located, text })
}

/// A file taken apart, or what is wrong with it.
fn open(file: &Found, separator: Option<u8>, report: &Report<'_>) -> Option<Arc<Grid>> {
    let header = line_at(&file.text, 0);
    let (id, path) = (file.id, &file.path);
    if header.trim().is_empty() {
        report.push(Diagnostic::at(Code::EmptyFile, Span::new(id, 0, 0), format!("{path} is empty")));
        return None;
    }
    let delimiter = separator.unwrap_or_else(|| crate::sheet::separator(header));
    let broken = match report.texts?.grid(id, &file.text, delimiter) {
        Ok(grid) => return Some(grid),
        Err(broken) => broken,
    };
    report.push(match broken {
        Broken::Unreadable(reason) => Diagnostic::new(Code::BadCell, format!("{path}: {reason}")),
        Broken::OpenQuote(span) => {
            let message = format!("{path}: a quote opens that is never closed");
            Diagnostic::at(Code::BadCell, span, message).help("a quote inside a quoted cell is doubled")
        }
        Broken::TooLarge => Diagnostic::new(Code::FileMissing, format!("{path} is larger than 4 GB")),
    });
    None
}

/// The cells of two columns in every row that has both, with their places.
pub fn pairs(
    path: &Text<'_>,
    columns: [&Text<'_>; 2],
    separator: Option<u8>,
    report: &Report<'_>,
) -> Option<Vec<[(String, Span); 2]>> {
    let file = find(path, report)?;
    let grid = open(&file, separator, report)?;
    let places = columns.map(|column| column_place(&grid, &file.path, column, report));
    let [Some(first), Some(second)] = places else { return None };
    let cell = |row: &RowOf<'_>, at| row.cell(Some(at)).map(|text| (text.to_owned(), row.span(Some(at))));
    Some(grid.rows().filter_map(|row| Some([cell(&row, first)?, cell(&row, second)?])).collect())
}

/// Where a column is; what is wrong with its name is said.
fn column_place(grid: &Grid, path: &str, text: &Text<'_>, report: &Report<'_>) -> Option<usize> {
    let names: Vec<&str> = grid.header.iter().map(String::as_str).collect();
    let found: Vec<usize> = (0..names.len()).filter(|at| names[*at] == text.text).collect();
    match found.as_slice() {
        [at] => Some(*at),
        [first, second, ..] => {
            let message = format!("two columns are called `{}`", text.text);
            report.push(
                Diagnostic::new(Code::AmbiguousColumn, message)
                    .label(grid.header_cell(*second), "again here")
                    .label(grid.header_cell(*first), "first here"),
            );
            None
        }
        [] => {
            let message = format!("{path} has no column `{}`", text.text);
            let diagnostic = Diagnostic::at(Code::MissingColumn, text.span, message)
                .label(grid.header_span(), "the header");
            report.push(match nearest(text.text, names.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help(format!("the columns are {}", list(&names))),
            });
            None
        }
    }
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
    grid: &'a Grid,
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
    prefer: Vec<usize>,
}

/// What was read so far. Cells that write the same are read once.
#[derive(Default)]
struct Reading<'a> {
    rows: Vec<Row>,
    /// How far down the order of `prefer` each row stands.
    ranks: Vec<Vec<usize>>,
    origins: Vec<Origin>,
    windows: Vec<Window>,
    cells: Vec<Cell>,
    /// The type of the first value.
    ty: Option<Type>,
    /// What the row before wrote: most rows of a file that is sorted write it again.
    before: Option<(&'a str, u32)>,
    origin_of: HashMap<&'a str, Option<u32>, FxBuildHasher>,
    window_of: HashMap<[&'a str; 3], u32, FxBuildHasher>,
    cell_of: HashMap<&'a str, u32, FxBuildHasher>,
}

/// The place of a value in a list, added if it is new.
fn intern<T: PartialEq>(list: &mut Vec<T>, value: T) -> u32 {
    let at = list.iter().position(|known| *known == value).unwrap_or_else(|| {
        list.push(value);
        list.len() - 1
    });
    index(at)
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Rows<'_> {
    fn read(&self) -> Option<Data> {
        let places = self.places()?;
        let mut reading = Reading::default();
        let mut bad = 0;
        for row in self.grid.misshapen().iter().map(|number| self.grid.row(*number)) {
            bad += 1;
            if bad <= SHOWN {
                self.report.push(self.misshapen(&row));
            }
        }
        // The first condition is known to hold of the rows that are looked at.
        let kept = match (places.filters.first(), self.spec.filters.first()) {
            (Some(at), Some(filter)) => self.grid.with(*at, &filter.values),
            _ => self.grid.numbers().collect(),
        };
        reading.rows.reserve_exact(kept.len());
        let width = self.grid.header.len();
        for row in kept.into_iter().map(|number| self.grid.row(number)).filter(|row| row.len() == width) {
            if let Err(problem) = self.row(&row, &places, &mut reading) {
                bad += 1;
                if bad <= SHOWN {
                    self.report.push(*problem);
                }
            }
        }
        if bad > SHOWN {
            let message = format!("{}: {} more rows are wrong", self.path, bad - SHOWN);
            self.report.push(Diagnostic::new(Code::BadCell, message));
        }
        let Reading { rows, ranks, origins, windows, cells, ty, .. } = reading;
        let rows = preferred(rows, &ranks);
        let spec = self.spec;
        let by_goods = spec.product.is_some() || spec.origin.is_some();
        let ty = ty.unwrap_or(Type::Number);
        let shape = Shape { overlap: spec.overlap, says_unit: spec.bare.is_some(), by_goods, ty };
        let data = Data::new(rows, origins, windows, cells, shape);
        if spec.overlap == Overlap::Error {
            self.conflicts(&data);
        }
        (bad == 0).then_some(data)
    }

    fn places(&self) -> Option<Places> {
        let mut good = true;
        let mut at = |text: Option<&Text<'_>>| {
            let place = column_place(self.grid, self.path, text?, self.report);
            good &= place.is_some();
            place
        };
        let column = |filter: &'_ Filter| (filter.column.clone(), filter.span);
        let mut named = |filters: &[Filter]| -> Vec<usize> {
            let columns: Vec<(String, Span)> = filters.iter().map(column).collect();
            let text =
                |(name, span): &(String, Span)| at(Some(&Text { text: name, span: *span, content: None }));
            columns.iter().filter_map(text).collect()
        };
        let (filters, prefer) = (named(&self.spec.filters), named(&self.spec.prefer));
        let places = Places {
            product: at(self.spec.product.as_ref()),
            origin: at(self.spec.origin.as_ref().map(|origin| &origin.column)),
            value: at(self.spec.value.as_ref()),
            from: at(self.spec.from.as_ref()),
            until: at(self.spec.until.as_ref()),
            through: at(self.spec.through.as_ref()),
            filters,
            prefer,
        };
        if let (Purpose::Members, Some(origin)) = (self.purpose, &self.spec.origin) {
            let message = "a group of products has no origins";
            self.report.push(
                Diagnostic::at(Code::KeyNotAllowed, origin.column.span, message)
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
            let header: Vec<&str> = self.grid.header.iter().map(String::as_str).collect();
            let columns = list(&header);
            self.report.push(
                Diagnostic::at(Code::MissingKey, self.spec.path.span, message)
                    .help(format!("add `{missing} = \"…\"`; the columns are {columns}")),
            );
            good = false;
        }
        good.then_some(places)
    }

    fn misshapen(&self, row: &RowOf<'_>) -> Diagnostic {
        let (name, width) = (row.name(self.path), self.grid.header.len());
        let message = format!("{name} has {} cells, the header {width}", row.len());
        Diagnostic::at(Code::RowShape, row.span(None), message)
            .help("a cell that holds the separator stands in double quotes")
    }

    /// Adds a row, if the conditions keep it.
    fn row<'r>(
        &self,
        row: &RowOf<'r>,
        places: &Places,
        reading: &mut Reading<'r>,
    ) -> Result<(), Box<Diagnostic>> {
        if !self.keeps(row, places) {
            return Ok(());
        }
        let Some(rank) = self.rank(row, places) else { return Ok(()) };
        let text = match (self.purpose, row.cell(places.value)) {
            (Purpose::Members, _) => "",
            (_, Some(text)) => text,
            (_, None) => return Ok(()),
        };
        let Some(origin) = self.origin(row, places.origin, reading)? else { return Ok(()) };
        let product = self.product(row, places.product)?;
        if product.is_none() && self.purpose == Purpose::Members {
            let what = "a member of a group needs a product";
            let problem = row.says(self.path, None, Code::BadCell, what);
            return Err(Box::new(problem.help("leave such rows out with `where`")));
        }
        let window = self.window(row, places, reading)?;
        let cell = self.cell(text, row, places.value, reading)?;
        let span = row.span(places.value.or(places.product));
        reading.rows.push(Row { product, span, origin, window, cell });
        if !rank.is_empty() {
            reading.ranks.push(rank);
        }
        Ok(())
    }

    fn keeps(&self, row: &RowOf<'_>, places: &Places) -> bool {
        let mut filters = places.filters.iter().zip(&self.spec.filters).skip(1);
        let is_skipped = |cell: &str| self.spec.skip.iter().any(|skip| skip == cell);
        filters.all(|(at, filter)| filter.keeps(row.cell(Some(*at)).unwrap_or("")))
            && (self.spec.skip.is_empty()
                || ![places.product, places.origin].iter().filter_map(|at| row.cell(*at)).any(is_skipped))
    }

    /// How far down the order of `prefer` a row stands; `None` where it is not in it.
    fn rank(&self, row: &RowOf<'_>, places: &Places) -> Option<Vec<usize>> {
        let prefer = places.prefer.iter().zip(&self.spec.prefer);
        prefer.map(|(at, order)| order.place(row.cell(Some(*at)).unwrap_or(""))).collect()
    }

    /// What a cell writes, read once.
    fn cell<'r>(
        &self,
        text: &'r str,
        row: &RowOf<'r>,
        at: Option<usize>,
        reading: &mut Reading<'r>,
    ) -> Result<u32, Box<Diagnostic>> {
        if let Some((_, cell)) = reading.before.filter(|(before, _)| *before == text) {
            return Ok(cell);
        }
        if let Some(cell) = reading.cell_of.get(text) {
            reading.before = Some((text, *cell));
            return Ok(*cell);
        }
        let value = self.value(text, row, at)?;
        let amount = value.as_ref().ok().and_then(Expr::as_literal).and_then(Value::amount);
        if self.purpose == Purpose::Rates && amount.is_some_and(|amount| amount < Decimal::ZERO) {
            let what = format!("the rate `{text}` is below zero");
            return Err(Box::new(row.says(self.path, at, Code::NegativeRate, &what)));
        }
        if let (Ok(expr), Purpose::Values) = (&value, self.purpose) {
            let before = *reading.ty.get_or_insert(expr.ty);
            if before.unify(expr.ty).is_none() {
                let what = format!("this is {}, where {before} is wanted as before", expr.ty);
                return Err(Box::new(row.says(self.path, at, Code::Dimension, &what)));
            }
        }
        let cell = index(reading.cells.len());
        reading.cells.push(Cell { text: text.into(), value, span: row.span(at) });
        reading.cell_of.insert(text, cell);
        Ok(cell)
    }

    fn product(&self, row: &RowOf<'_>, at: Option<usize>) -> Result<Option<Product>, Box<Diagnostic>> {
        let Some(cell) = row.cell(at) else { return Ok(None) };
        Product::parse_padded(cell, self.spec.pad).map(Some).map_err(|error| {
            let digits = cell.bytes().filter(u8::is_ascii_digit).count();
            let code = format!("{}{cell}", "0".repeat(self.spec.pad.saturating_sub(digits)));
            let mut diagnostic = malformed(&code, error, row.span(at));
            diagnostic.message = format!("{}: {}", row.name(self.path), diagnostic.message);
            Box::new(
                diagnostic
                    .help("`pad = 8` fills codes up with zeros; `skip` leaves out cells that are no code"),
            )
        })
    }

    /// The origin of a row, by its place; `None` where its cell names none, so that the row is passed over.
    fn origin<'r>(
        &self,
        row: &RowOf<'r>,
        at: Option<usize>,
        reading: &mut Reading<'r>,
    ) -> Result<Option<u32>, Box<Diagnostic>> {
        let cell = row.cell(at).unwrap_or("");
        if at.is_none() && !reading.origins.is_empty() {
            return Ok(Some(0));
        }
        if let Some(known) = reading.origin_of.get(cell) {
            return Ok(*known);
        }
        let found = match self.read_origin(cell, row, at)? {
            Some(origin) => Some(intern(&mut reading.origins, origin)),
            None => None,
        };
        reading.origin_of.insert(cell, found);
        Ok(found)
    }

    fn read_origin(
        &self,
        cell: &str,
        row: &RowOf<'_>,
        at: Option<usize>,
    ) -> Result<Option<Origin>, Box<Diagnostic>> {
        let Some(column) = self.spec.origin.as_ref().filter(|_| !cell.is_empty()) else {
            return Ok(Some(Origin::Every));
        };
        let Some(code) = cell.strip_prefix(column.after.map_or("", |after| after.text)) else {
            return Ok(None);
        };
        let found = if let Some(codes) = &column.codes {
            codes.country(code).map(Origin::Country)
        } else if let Some(group) = self.outer.countries.iter().find(|group| group.name == code) {
            self.report.names_group(code);
            Some(Origin::Group(group.set.clone()))
        } else {
            Country::from_code(code).map(Origin::Country)
        };
        if found.is_some() {
            return Ok(found);
        }
        let (what, help) = match &column.codes {
            Some(codes) => {
                let (what, help) = codes.unknown(code);
                (what, help.to_owned())
            }
            None => (
                format!("`{code}` is not a country"),
                match Country::suggest(code) {
                    Some(country) => format!("did you mean {country}?"),
                    None => {
                        "`skip` leaves out cells that are none; an empty cell means every origin".to_owned()
                    }
                },
            ),
        };
        Err(Box::new(row.says(self.path, at, Code::UnknownCountry, &what).help(help)))
    }

    fn window<'r>(
        &self,
        row: &RowOf<'r>,
        places: &Places,
        reading: &mut Reading<'r>,
    ) -> Result<u32, Box<Diagnostic>> {
        let columns = [places.from, places.until, places.through];
        if columns.iter().all(Option::is_none) && !reading.windows.is_empty() {
            return Ok(0);
        }
        let written = columns.map(|at| row.cell(at).unwrap_or(""));
        if let Some(known) = reading.window_of.get(&written) {
            return Ok(*known);
        }
        let date = |at: Option<usize>| match row.cell(at) {
            None => Ok(None),
            Some(cell) => parse_date(cell).map(Some).ok_or_else(|| {
                let problem = row.says(self.path, at, Code::BadCell, &format!("`{cell}` is not a date"));
                Box::new(problem.help("write year, month and day: 2025-06-04"))
            }),
        };
        let through = date(places.through)?.and_then(|last| last.tomorrow().ok());
        let window = Window { from: date(places.from)?, until: date(places.until)?.or(through) };
        if let (Some(from), Some(until)) = (window.from, window.until)
            && until <= from
        {
            let what = format!("the window from {from} until {until} holds no day");
            return Err(Box::new(row.says(self.path, places.until.or(places.through), Code::Window, &what)));
        }
        let place = intern(&mut reading.windows, window);
        reading.window_of.insert(written, place);
        Ok(place)
    }

    /// What a cell means. A text that is no rate is kept as refused; a value that is none is an error.
    fn value(
        &self,
        text: &str,
        row: &RowOf<'_>,
        at: Option<usize>,
    ) -> Result<Result<Expr, String>, Box<Diagnostic>> {
        if self.purpose == Purpose::Members {
            return Ok(Ok(Expr::literal(Value::Condition(true))));
        }
        if let Ok(number) = money::parse_number(text) {
            return self.bare_number(number, row, at).map(Ok);
        }
        match rate_cell(text, self.outer.names) {
            Ok(expr) => Ok(Ok(expr)),
            Err(reason) if self.purpose == Purpose::Rates => Ok(Err(reason)),
            Err(reason) => Err(Box::new(row.says(self.path, at, Code::BadCell, &reason))),
        }
    }

    fn bare_number(
        &self,
        number: Decimal,
        row: &RowOf<'_>,
        at: Option<usize>,
    ) -> Result<Expr, Box<Diagnostic>> {
        let in_currency = |worth: Decimal| money::mul(number, worth).ok();
        let value = match (self.bare, self.purpose) {
            (Some(Bare::Percent), _) => money::hundredth(number).ok().map(Value::Number),
            (Some(Bare::PerUnit(unit, worth)), _) => {
                in_currency(worth).map(|amount| Value::PerUnit(Quantity { amount, unit }))
            }
            (Some(Bare::Quantity(unit)), _) => Some(Value::Quantity(Quantity { amount: number, unit })),
            (Some(Bare::Money(worth)), _) => in_currency(worth).map(Value::Money),
            (None, Purpose::Rates) if !number.is_zero() => None,
            (Some(Bare::Fraction) | None, _) => Some(Value::Number(number)),
        };
        value.map(Expr::literal).ok_or_else(|| {
            let what = format!("the rate `{}` has no unit", money::plain(number));
            let problem = row.says(self.path, at, Code::RateWithoutUnit, &what);
            Box::new(
                problem.help("say what bare numbers of the file are: as = \"percent\" or as = \"fraction\""),
            )
        })
    }

    /// Two rows of one product, origin and first day that hold on the same day and differ are an error.
    fn conflicts(&self, data: &Data) {
        let mut shown = 0;
        for rows in data.by_product() {
            if rows.len() < 2 {
                continue;
            }
            let key = |row: &Row| (row.origin, data.window(row).from, row.span);
            let mut sorted: Vec<&Row> = rows.iter().collect();
            sorted.sort_by_key(|row| key(row));
            for (i, first) in sorted.iter().enumerate() {
                let start = |row: &Row| (row.origin, data.window(row).from);
                let alike = sorted[i + 1..].iter().take_while(|row| start(row) == start(first));
                let clash = alike
                    .copied()
                    .find(|row| row.cell != first.cell && data.window(row).overlaps(data.window(first)));
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

/// Of the rows for the same goods and origin, those that stand highest in the order of `prefer`.
fn preferred(rows: Vec<Row>, ranks: &[Vec<usize>]) -> Vec<Row> {
    if ranks.is_empty() {
        return rows;
    }
    let mut best: HashMap<(Option<Product>, u32), &Vec<usize>, FxBuildHasher> = HashMap::default();
    for (row, rank) in rows.iter().zip(ranks) {
        let known = best.entry((row.product, row.origin)).or_insert(rank);
        *known = rank.min(known);
    }
    let is_best = |row: &Row, rank: &Vec<usize>| best.get(&(row.product, row.origin)) == Some(&rank);
    rows.iter().zip(ranks).filter(|(row, rank)| is_best(row, rank)).map(|(row, _)| row.clone()).collect()
}
