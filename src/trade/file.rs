//! Flows from CSV files: which column holds what, and the rows.

use super::aside::SetAside;
use super::bad::{BadRow, BadRows, Tone};
use super::batch::{Table as FlowTable, is_parquet};
use super::column::Column;
use super::form::{self, Form, THOUSANDS};
use super::row::{Cells, Extras, read as read_row, share};
use super::spread::by_month;
use super::stream::StreamError;
use super::{Columns, Defaults, Flow, Flows, Ids, Place};
use crate::assess::By;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources, Span, list, nearest};
use crate::files::{Files, ReadAt, relative_to};
use crate::parquet::ParquetError;
use crate::scenario::{
    Codes, Filter, Key, Node, Raw, Reader, Report, Table, delimiter, described, filters, pad, read_text,
    sources_of, wrong_type,
};
use crate::sheet::{cell_range, line_at, open_quote, row_start, separator};
use csv::{ByteRecord, StringRecord};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file of flows and how its columns are called.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowFile {
    /// The path, as seen from where the program runs or relative to the scenario.
    path: Path,
    /// Columns that are called otherwise.
    names: BTreeMap<Column, (String, Option<Span>)>,
    /// How the cells of columns are written, where not as the standard says.
    forms: BTreeMap<Column, Form>,
    /// Digits that product codes are filled up to, from the left.
    pad: usize,
    /// Which rows are kept.
    filters: Vec<Filter>,
    /// Product and origin cells whose rows are left out, and counted.
    skip: Vec<String>,
    /// The separator, where it is stated.
    separator: Option<u8>,
    /// Whether each row is divided over the months of its year.
    by_month: bool,
    /// Where the scenario names it.
    span: Option<Span>,
}

/// A path and what it is relative to.
#[derive(Debug, Clone, PartialEq)]
enum Path {
    /// To where the program runs.
    Here(String),
    /// To the file it is written in.
    Scenario(String, Span),
}

impl FlowFile {
    /// A file named on the command line, with standard column names.
    pub fn plain(path: &str) -> FlowFile {
        FlowFile::at(Path::Here(path.to_owned()), None)
    }

    fn at(path: Path, span: Option<Span>) -> FlowFile {
        let (names, forms, filters, skip) = (BTreeMap::new(), BTreeMap::new(), Vec::new(), Vec::new());
        FlowFile { path, names, forms, pad: 0, filters, skip, separator: None, by_month: false, span }
    }

    fn location(&self, sources: &Sources) -> String {
        match &self.path {
            Path::Here(path) => path.clone(),
            Path::Scenario(path, span) => {
                let file = sources.get(span.file).map_or("", |f| &f.path);
                relative_to(file, path)
            }
        }
    }
}

impl FlowFile {
    /// The separator, where it is stated.
    pub(crate) fn separator(&self) -> Option<u8> {
        self.separator
    }

    /// The file, to be read in parts, and its path.
    pub(crate) fn open(
        &self,
        files: &dyn Files,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<(String, Arc<dyn ReadAt>)> {
        let path = self.location(sources);
        match files.open(&path) {
            Ok(file) => Some((path, file)),
            Err(reason) => {
                diagnostics.push(
                    self.named(Diagnostic::new(Code::FileMissing, format!("cannot read {path}: {reason}"))),
                );
                None
            }
        }
    }

    /// Says why a file cannot be read on.
    pub(crate) fn unreadable(&self, path: &str, error: &StreamError) -> Diagnostic {
        self.named(match error {
            StreamError::Io(error) => {
                Diagnostic::new(Code::FileMissing, format!("cannot read {path}: {error}"))
            }
            StreamError::NotUtf8(line) => {
                Diagnostic::new(Code::NotUtf8, format!("{path}:{line} is not UTF-8 text"))
                    .help("save the file as UTF-8")
            }
        })
    }

    /// Says why a Parquet file cannot be read.
    pub(crate) fn damaged(&self, path: &str, error: &ParquetError) -> Diagnostic {
        self.named(Diagnostic::new(Code::FileMissing, format!("cannot read {path}: {error}")))
    }

    /// A diagnostic with the place where the scenario names the file.
    fn named(&self, diagnostic: Diagnostic) -> Diagnostic {
        match self.span {
            Some(span) => diagnostic.label(span, ""),
            None => diagnostic,
        }
    }
}

/// Keys that describe files of flows and no others, beside the columns.
pub const FLOW_KEYS: [&str; 3] = ["source", "spread", "thousands"];

/// What rows may be divided over.
pub const SPREAD: &[(&str, ())] = &[("month", ())];

/// Reads what a scenario says of a flow file: a path, or a table that also maps columns and cites sources.
pub fn flow_file(
    node: &Node,
    files: Option<&Table>,
    citations: &[String],
    codes: &[Arc<Codes>],
    report: &Report<'_>,
) -> Option<(FlowFile, Vec<usize>)> {
    let is_described = |name: &str| files.and_then(|files| files.table(name)).is_some();
    let table = match &node.value {
        Raw::Text(name, _) if is_described(name) => {
            let key = Key { name: "file".to_owned(), span: node.span };
            &described(&Table { entries: vec![(key, node.clone())], written: None }, files)
        }
        Raw::Text(path, _) => {
            let path = Path::Scenario(path.clone(), node.span);
            return Some((FlowFile::at(path, Some(node.span)), Vec::new()));
        }
        Raw::Table(table) => &described(table, files),
        _ => {
            report.push(wrong_type(node, "flows", "a path or a table with `file`"));
            return None;
        }
    };
    let reader = Reader::new(table, "`flows`", node.span, report);
    let path = reader.required("file");
    let cited = sources_of(&reader, citations, report);
    let thousands = reader.choice("thousands", THOUSANDS);
    let (mut names, mut forms) = (BTreeMap::new(), BTreeMap::new());
    for (key, column) in Column::NAMES {
        let (name, form) = match reader.node(key) {
            Some(node) => form::column(node, (key, column), thousands, codes, report),
            None => (None, Form::plain(column, thousands)),
        };
        names.extend(name.map(|text| (column, (text.text.to_owned(), Some(text.span)))));
        forms.extend(form.map(|form| (column, form)));
    }
    let pad = pad(&reader, report);
    let filters = filters(&reader, "where", report);
    let skip = reader.texts("skip").unwrap_or_default().iter().map(|t| t.text.to_owned()).collect();
    let separator = reader.text("delimiter").and_then(|text| delimiter(&text, report));
    let by_month = reader.choice("spread", SPREAD).is_some();
    reader.not_supported(&["as", "overlap", "prefer", "default", "from", "until", "through"]);
    reader.finish();
    let path = path?;
    let location = Path::Scenario(path.text.to_owned(), path.span);
    let span = Some(path.span);
    Some((FlowFile { path: location, names, forms, pad, filters, skip, separator, by_month, span }, cited))
}

/// Reads a file of flows.
pub fn read(
    file: &FlowFile,
    defaults: &Defaults,
    files: &dyn Files,
    ids: &mut Ids,
    aside: &mut SetAside<'_>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Flows {
    let path = file.location(sources);
    if let Some(source) = files.open(&path).ok().filter(|source| is_parquet(source.as_ref())) {
        return read_columns((file, defaults), path, source, ids, aside, sources, diagnostics);
    }
    let Some(text) = read_text(&path, file.span, files, diagnostics) else { return Flows::default() };
    let Some(opened) = Opened::new(file, defaults, path, &text, sources, diagnostics) else {
        return Flows::default();
    };
    let mut flows = Flows { columns: opened.layout.columns.clone(), ..Flows::default() };
    let mut bad = BadRows::default();
    let rows = opened.add(Chunk::whole(&text), &mut flows, &mut bad, ids, aside);
    bad.report(&opened.path, Tone::Stop, sources, diagnostics);
    if rows == 0 {
        diagnostics.push(opened.no_rows());
    }
    flows
}

/// Reads a Parquet file of flows.
fn read_columns(
    (file, defaults): (&FlowFile, &Defaults),
    path: String,
    source: Arc<dyn ReadAt>,
    ids: &mut Ids,
    aside: &mut SetAside<'_>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Flows {
    let opened = FlowTable::open(file, defaults, path, source, sources, diagnostics);
    let Some((opened, table)) = opened else { return Flows::default() };
    let mut flows = Flows { columns: opened.layout.columns.clone(), ..Flows::default() };
    let mut bad = BadRows::default();
    let mut rows = 0;
    for group in 0..table.groups() {
        let mut read = || {
            let mut group = table.group(group)?;
            while let Some(batch) = group.next()? {
                let part = batch.part(0..batch.rows());
                rows += opened.add(part.chunk(), &mut flows, &mut bad, ids, aside);
            }
            Ok(())
        };
        if let Err(error) = read() {
            diagnostics.push(file.damaged(&opened.path, &error));
            break;
        }
    }
    bad.report(&opened.path, Tone::Stop, sources, diagnostics);
    if rows == 0 {
        diagnostics.push(opened.no_rows());
    }
    flows
}

/// A flow file whose first line is read.
pub struct Opened<'a> {
    pub path: Arc<str>,
    /// What rows are counted in: lines of a text, or rows.
    unit: &'static str,
    file: &'a FlowFile,
    defaults: &'a Defaults,
    delimiter: u8,
    header: StringRecord,
    /// Where the header stands.
    header_span: Span,
    layout: Layout,
    /// The conditions on rows, with the columns they look at.
    filtered: Vec<(usize, &'a Filter)>,
}

/// A part of a flow file: whole rows.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'t> {
    /// Its text.
    pub text: &'t str,
    /// The number of its first line, from 1.
    pub first_line: usize,
    /// How many rows of the file stand before it, that of the header not counted.
    pub rows_before: usize,
    /// Whether its first row is the header.
    pub has_header: bool,
    /// Whether it is the end of the file.
    pub is_last: bool,
}

impl<'t> Chunk<'t> {
    /// A whole file.
    pub fn whole(text: &'t str) -> Chunk<'t> {
        Chunk { text, first_line: 1, rows_before: 0, has_header: true, is_last: true }
    }
}

impl<'a> Opened<'a> {
    /// Reads the header of a file from its text or the start of it, whole rows.
    pub fn new(
        file: &'a FlowFile,
        defaults: &'a Defaults,
        path: String,
        text: &str,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<Opened<'a>> {
        if text.trim().is_empty() {
            let id = sources.add(&path, "");
            diagnostics.push(
                Diagnostic::at(Code::EmptyFile, Span::new(id, 0, 0), format!("{path} is empty"))
                    .help("its first line names the columns: product,origin,value"),
            );
            return None;
        }
        let first_line = line_at(text, row_start(text, &StringRecord::new()).0);
        let delimiter = file.separator.unwrap_or_else(|| separator(first_line));
        Opened::of_text(file, defaults, path, text, delimiter, sources, diagnostics)
    }

    fn of_text(
        file: &'a FlowFile,
        defaults: &'a Defaults,
        path: String,
        text: &str,
        delimiter: u8,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<Opened<'a>> {
        let header = match reader(text, delimiter, true).headers() {
            Ok(header) => header.clone(),
            Err(error) => {
                diagnostics.push(Diagnostic::new(Code::BadCell, format!("{path}: {error}")));
                return None;
            }
        };
        let path: Arc<str> = path.into();
        let (start, line) = row_start(text, &header);
        let id = sources.add_excerpt(&path, line_at(text, start), line);
        let line = Excerpt { id, text: line_at(text, start), number: line, delimiter };
        let header_span = line.span(None);
        let layout = layout(file, &header, &line, diagnostics)?;
        let filtered = filtered(file, &header, &line, diagnostics)?;
        Some(Opened { path, unit: "line", file, defaults, delimiter, header, header_span, layout, filtered })
    }

    /// The same for a file that holds columns, whose names stand in a line.
    pub fn of_columns(
        file: &'a FlowFile,
        defaults: &'a Defaults,
        path: String,
        names: &str,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<Opened<'a>> {
        let opened = Opened::of_text(file, defaults, path, names, b',', sources, diagnostics)?;
        Some(Opened { unit: "row", ..opened })
    }

    /// Whether something looks at a column: of free ones what is `asked` for, and what rows are kept by.
    pub fn looks_at(&self, at: usize, asked: &dyn Fn(&str) -> bool) -> bool {
        let standard = self.layout.standard.iter().find(|(_, place)| **place == at);
        let free = self.layout.attributes.iter().position(|place| *place == at);
        let is_condition = self.filtered.iter().any(|(place, _)| *place == at);
        match (standard, free) {
            (Some((column, _)), _) => *column != Column::Description || asked(column.name()),
            (None, Some(free)) => is_condition || asked(&self.layout.columns.attributes[free]),
            (None, None) => true,
        }
    }

    /// The rows of a part of the file.
    pub fn rows<'o, 't>(&'o self, chunk: Chunk<'t>) -> Rows<'o, 't> {
        let reader = reader(chunk.text, self.delimiter, chunk.has_header);
        Rows { opened: self, chunk, reader, record: ByteRecord::new(), records: 0, skipped: 0 }
    }

    /// Which column holds what.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether flows say what they claim.
    pub fn says_claims(&self) -> bool {
        self.layout.standard.contains_key(&Column::Claims)
    }

    /// The column that rows are grouped by, where it is one of the file's own.
    pub fn key_column(&self, by: &By) -> Option<usize> {
        match by {
            By::Party => self.layout.standard.get(&Column::Party).copied(),
            By::Attribute(at) => self.layout.attributes.get(*at).copied(),
            _ => None,
        }
    }

    /// Where ids are given.
    pub fn id_column(&self) -> Option<usize> {
        self.layout.standard.get(&Column::Id).copied()
    }

    /// Whether some rows are not kept.
    pub fn leaves_rows_out(&self) -> bool {
        !self.filtered.is_empty() || !self.file.skip.is_empty()
    }

    /// Says why a Parquet file cannot be read on.
    pub fn damaged(&self, error: &ParquetError) -> Diagnostic {
        self.file.damaged(&self.path, error)
    }

    /// Says why the file cannot be read on.
    pub fn unreadable(&self, error: &StreamError) -> Diagnostic {
        self.file.unreadable(&self.path, error)
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.header.len()
    }

    /// Whether rows are divided over the months of their year.
    pub fn divides_rows(&self) -> bool {
        self.file.by_month
    }

    /// What a column of countries calls them, where it does not write ISO codes.
    pub fn codes(&self, column: Column) -> Option<&Codes> {
        self.file.forms.get(&column).and_then(Form::codes)
    }

    /// Whether what the standard columns would hold is read the same here.
    pub fn reads_plain_cells(&self) -> bool {
        self.file.forms.values().all(Form::reads_plain_cells)
    }

    /// Digits that product codes are filled up to.
    pub fn pad(&self) -> usize {
        self.file.pad
    }

    /// What stands in for what a row does not say.
    pub fn defaults(&self) -> &Defaults {
        self.defaults
    }

    /// Adds the rows of a part to flows, and says how many there were.
    fn add(
        &self,
        chunk: Chunk<'_>,
        flows: &mut Flows,
        bad: &mut BadRows,
        ids: &mut Ids,
        aside: &mut SetAside<'_>,
    ) -> usize {
        let mut rows = self.rows(chunk);
        while rows.advance(bad) {
            match rows.read(ids) {
                Ok(read) => {
                    flows.dates_replaced += if read.replaced { read.flows.len() } else { 0 };
                    flows.rows.extend(read.flows);
                }
                Err(row) => match aside.take(&self.path, rows.text(), *row) {
                    Some(row) => bad.add(row),
                    None => flows.rejected += 1,
                },
            }
        }
        flows.skipped += rows.skipped;
        rows.records
    }

    /// Says that there is nothing below the header.
    pub fn no_rows(&self) -> Diagnostic {
        let message = format!("{} has a header but no rows", self.path);
        Diagnostic::at(Code::NoFlows, self.header_span, message)
    }
}

fn reader(text: &str, delimiter: u8, has_header: bool) -> csv::Reader<&[u8]> {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true).has_headers(has_header).from_reader(text.as_bytes())
}

/// The conditions on rows, with the columns they look at.
fn filtered<'a>(
    file: &'a FlowFile,
    header: &StringRecord,
    header_line: &Excerpt<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<(usize, &'a Filter)>> {
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    let mut filtered = Vec::with_capacity(file.filters.len());
    for filter in &file.filters {
        if let Some(at) = names.iter().position(|name| *name == filter.column) {
            filtered.push((at, filter));
        } else {
            let message = format!("there is no column `{}`", filter.column);
            let known = names.iter().copied();
            diagnostics.push(
                Diagnostic::at(Code::MissingColumn, filter.span, message)
                    .label(header_line.span(None), "the header")
                    .suggest(&filter.column, known),
            );
        }
    }
    (filtered.len() == file.filters.len()).then_some(filtered)
}

/// Which column of the file holds what.
pub struct Layout {
    pub standard: BTreeMap<Column, usize>,
    pub content: Vec<usize>,
    pub attributes: Vec<usize>,
    /// Columns without a name.
    pub unnamed: Vec<usize>,
    pub columns: Columns,
}

fn layout(
    file: &FlowFile,
    header: &StringRecord,
    line: &Excerpt<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Layout> {
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    let mut problems = Vec::new();
    let mut layout = Layout {
        standard: BTreeMap::new(),
        content: Vec::new(),
        attributes: Vec::new(),
        unnamed: Vec::new(),
        columns: Columns::default(),
    };
    let twice = |first: usize, second: usize| {
        let message = format!("two columns are called `{}`", names[second]);
        Diagnostic::new(Code::AmbiguousColumn, message)
            .label(line.span(Some(second)), "again here")
            .label(line.span(Some(first)), "first here")
            .help("rename one of them")
    };
    let mut wrong = Vec::new();
    for (standard, column) in Column::NAMES {
        let mapped = file.names.get(&column);
        let wanted = mapped.map_or(standard, |(name, _)| name.as_str());
        let mut places = names.iter().enumerate().filter(|(_, name)| **name == wanted).map(|(at, _)| at);
        let problem = match (places.next(), places.next()) {
            (Some(first), Some(second)) => twice(first, second),
            (Some(at), None) => {
                let other = layout.standard.iter().find(|(_, place)| **place == at).map(|(other, _)| *other);
                layout.standard.insert(column, at);
                let Some(other) = other else { continue };
                let message =
                    format!("`{}` and `{standard}` are both read from the column `{wanted}`", other.name());
                let place = mapped.and_then(|(_, span)| *span).unwrap_or_else(|| line.span(Some(at)));
                Diagnostic::at(Code::AmbiguousColumn, place, message)
                    .help("name a column of its own for each")
            }
            (None, _) if mapped.is_some() || Column::REQUIRED.contains(&column) => {
                missing_column(wanted, column, mapped.and_then(|m| m.1), line.span(None), &names)
            }
            (None, _) => continue,
        };
        wrong.push(column);
        problems.push(problem);
    }
    problems.extend(stated_twice(file, &layout, &names, line));
    for (at, name) in names.iter().enumerate() {
        if layout.standard.values().any(|place| *place == at) {
            continue;
        }
        if name.is_empty() {
            layout.unnamed.push(at);
            continue;
        }
        let (places, known, plain) = if let Some(content) = name.strip_prefix("content.") {
            (&mut layout.content, &mut layout.columns.content, content)
        } else {
            let plain = name.strip_prefix("attr.").unwrap_or(name);
            (&mut layout.attributes, &mut layout.columns.attributes, plain)
        };
        if let Some(first) = known.iter().position(|n| n == plain) {
            problems.push(twice(places[first], at));
            continue;
        }
        places.push(at);
        known.push(plain.to_owned());
        let is_free = |column| !layout.standard.contains_key(&column) && !wrong.contains(&column);
        let near = near_miss(name, is_free).map(str::to_owned).or_else(|| near_family(name));
        if let Some(near) = near {
            let message = format!("the column `{name}` is not `{near}`");
            let help = format!("it is kept as `attr.{name}`; rename it to `{near}` if that is what it is");
            problems.push(Diagnostic::at(Code::NearMissColumn, line.span(Some(at)), message).help(help));
        }
    }
    let is_wrong = problems.iter().any(Diagnostic::is_error);
    diagnostics.extend(problems);
    (!is_wrong).then_some(layout)
}

/// Says which quantities have a unit that the scenario states and a column for it besides.
fn stated_twice(file: &FlowFile, layout: &Layout, names: &[&str], line: &Excerpt<'_>) -> Vec<Diagnostic> {
    let twice = |(quantity, form): (&Column, &Form)| {
        let (stated, unit) = (form.unit()?, quantity.unit()?);
        let at = *layout.standard.get(&unit)?;
        let (quantity, unit, other) = (quantity.name(), unit.name(), names[at]);
        let message = format!("`{quantity}` is counted in {stated}, and there is a column `{other}` besides");
        let help = format!("take `as` out of `{quantity}`, or name another column as `{unit}`");
        Some(Diagnostic::at(Code::AmbiguousColumn, line.span(Some(at)), message).help(help))
    };
    file.forms.iter().filter_map(twice).collect()
}

fn missing_column(
    wanted: &str,
    column: Column,
    named_at: Option<Span>,
    header: Span,
    names: &[&str],
) -> Diagnostic {
    let message = format!("there is no column `{wanted}`");
    let diagnostic = match named_at {
        Some(span) => Diagnostic::at(Code::MissingColumn, span, message).label(header, "the header"),
        None => Diagnostic::at(Code::MissingColumn, header, message),
    };
    let diagnostic = match nearest(wanted, names.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("the columns are {}", list(names))),
    };
    if named_at.is_some() {
        return diagnostic;
    }
    diagnostic.help(format!(
        "where the file calls it otherwise: flows = {{ file = \"…\", {} = \"its name\" }}",
        column.name()
    ))
}

/// A column that seems to be of a family of columns whose name it misspells.
fn near_family(name: &str) -> Option<String> {
    let (family, part) = name.split_once('.')?;
    let near = nearest(family, ["content", "attr"])?;
    (near != family).then(|| format!("{near}.{part}"))
}

/// A standard column that may be meant and that a name differs from by one letter, or by its case.
fn near_miss(name: &str, is_free: impl Fn(Column) -> bool) -> Option<&'static str> {
    let is_near = |known: &str| {
        strsim::damerau_levenshtein(&name.to_lowercase(), known) == 1 || name.eq_ignore_ascii_case(known)
    };
    Column::NAMES.iter().find(|(known, column)| is_free(*column) && is_near(known)).map(|(known, _)| *known)
}

/// The rows of a part of a file, one after the other.
pub struct Rows<'o, 't> {
    opened: &'o Opened<'o>,
    chunk: Chunk<'t>,
    reader: csv::Reader<&'t [u8]>,
    /// The row read last.
    record: ByteRecord,
    /// How many there were so far.
    pub records: usize,
    /// How many `skip` left out.
    pub skipped: usize,
}

/// What a row comes to.
pub struct ReadRow {
    /// One flow, or one a month.
    pub flows: Vec<Flow>,
    /// Whether `--date` replaced its date.
    pub replaced: bool,
}

impl<'t> Rows<'_, 't> {
    /// Goes on to the next row that is kept; `false` behind the last. What is wrong with the text itself goes to `bad`.
    pub fn advance(&mut self, bad: &mut BadRows) -> bool {
        loop {
            let last = self.record.position().cloned();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) => {}
                Ok(false) => {
                    self.record.set_position(last);
                    if self.chunk.is_last && self.records > 0 {
                        self.open_quote().into_iter().for_each(|row| bad.add(row));
                    }
                    return false;
                }
                Err(error) => {
                    let message = format!("{}: {error}", self.opened.path);
                    let problems = vec![Diagnostic::new(Code::BadCell, message)];
                    bad.add(BadRow { number: self.number() + 1, line: 1, text: String::new(), problems });
                    return false;
                }
            }
            self.records += 1;
            if self.is_left_out() {
                continue;
            }
            return true;
        }
    }

    /// Whether the scenario leaves the row out; of `skip` it is counted.
    fn is_left_out(&mut self) -> bool {
        let opened = self.opened;
        if opened.filtered.iter().any(|(at, filter)| !filter.keeps(self.cell(*at))) {
            return true;
        }
        let skip = &opened.file.skip;
        let is_skipped = |column| {
            let at = opened.layout.standard.get(column).copied();
            at.is_some_and(|at| skip.iter().any(|skip| skip == self.cell(at)))
        };
        let is_skipped = !skip.is_empty() && [Column::Product, Column::Origin].iter().any(is_skipped);
        self.skipped += usize::from(is_skipped);
        is_skipped
    }

    /// A cell of the row read last, without white space at its ends.
    fn cell(&self, at: usize) -> &str {
        let cell = self.record.get(at).map(str::from_utf8);
        cell.and_then(Result::ok).map_or("", str::trim)
    }

    /// The row read last.
    pub fn record(&self) -> &ByteRecord {
        &self.record
    }

    /// The file.
    pub fn path(&self) -> &Arc<str> {
        &self.opened.path
    }

    /// The id of the row read last, where it gives one.
    pub fn id(&self) -> Option<Cow<'_, str>> {
        let id = self.cell(self.opened.id_column()?);
        let id = match self.opened.file.forms.get(&Column::Id) {
            Some(form) => form.read(id).ok()?,
            None => Cow::Borrowed(id),
        };
        (!id.is_empty()).then_some(id)
    }

    /// The number of the row read last.
    pub fn number(&self) -> usize {
        self.chunk.rows_before + self.records
    }

    /// The text of the row read last, without the end of its line.
    pub fn text(&self) -> &'t str {
        let start = self.record.position().map_or(0, csv::Position::byte);
        let place = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX);
        let text = self.chunk.text.get(place(start)..place(self.reader.position().byte()));
        text.unwrap_or_default().trim_matches(['\r', '\n'])
    }

    /// The line a row starts on.
    fn excerpt(&self, record: &StringRecord) -> Excerpt<'t> {
        let (start, line) = row_start(self.chunk.text, record);
        // A row of a table is one, however many lines its texts have.
        let number = match self.opened.unit {
            "row" => self.number(),
            _ => self.chunk.first_line + line - 1,
        };
        let delimiter = self.opened.delimiter;
        Excerpt { id: BadRow::PLACE, text: line_at(self.chunk.text, start), number, delimiter }
    }

    /// The flows of the row read last, or its line and what is wrong with it.
    pub fn read(&self, ids: &mut Ids) -> Result<ReadRow, Box<BadRow>> {
        // The text is known to be UTF-8, and so is each cell of it.
        let record = &StringRecord::from_byte_record_lossy(self.record.clone());
        let (opened, number) = (self.opened, self.number());
        let (width, enter_on) = (opened.header.len(), opened.defaults.enter_on);
        let mut line = LineOf {
            path: &opened.path,
            unit: opened.unit,
            layout: &opened.layout,
            record,
            excerpt: self.excerpt(record),
            formed: Vec::new(),
            refused: Vec::new(),
        };
        let mut problems = Vec::new();
        let mut row = None;
        if record.len() != width {
            problems.push(line.wrong_shape(width));
        } else if record.iter().all(|cell| cell.trim().is_empty()) {
            let message = format!("{} is empty", line.name());
            problems.push(Diagnostic::at(Code::BadCell, line.span(None), message).help("take the row out"));
        } else {
            line.form(&opened.file.forms, &mut problems);
            let extras = line.extras(&mut problems);
            row = read_row(&line, number, Some(opened.file.pad), extras, opened.defaults, ids, &mut problems);
        }
        let flows = match row {
            Some((flow, replaced)) if problems.is_empty() && opened.file.by_month => {
                let states_entries = line.get(Column::Entries).is_some();
                let months = by_month(&flow, enter_on, states_entries);
                months.map(|flows| ReadRow { flows, replaced }).map_err(|error| {
                    let message = format!("{} cannot be divided over the months: {error}", line.name());
                    problems.push(Diagnostic::at(Code::BadCell, line.span(None), message));
                })
            }
            Some((flow, replaced)) if problems.is_empty() => Ok(ReadRow { flows: vec![flow], replaced }),
            _ => Err(()),
        };
        flows.map_err(|()| Box::new(line.excerpt.bad(number, problems)))
    }

    /// A quote in the last row that nothing closes has swallowed every row after it.
    fn open_quote(&self) -> Option<BadRow> {
        let opened = self.opened;
        let last = StringRecord::from_byte_record_lossy(self.record.clone());
        let (start, _) = row_start(self.chunk.text, &last);
        let at = open_quote(self.chunk.text.get(start..)?, opened.delimiter)?;
        let excerpt = self.excerpt(&last);
        let span = Span::new(excerpt.id, at, excerpt.text.len());
        let message = format!("{}, line {}: a quote opens that is never closed", opened.path, excerpt.number);
        let problem =
            Diagnostic::at(Code::BadCell, span, message).help("a quote inside a quoted cell is doubled");
        Some(excerpt.bad(self.number(), vec![problem]))
    }
}

/// The line a row starts on.
struct Excerpt<'t> {
    text: &'t str,
    number: usize,
    delimiter: u8,
    id: FileId,
}

impl Excerpt<'_> {
    /// The place of a cell, or of the whole line.
    fn span(&self, at: Option<usize>) -> Span {
        let range = at.map_or(0..self.text.len(), |at| cell_range(self.text, at, self.delimiter));
        Span::new(self.id, range.start, range.end)
    }

    fn bad(&self, number: usize, problems: Vec<Diagnostic>) -> BadRow {
        BadRow { number, line: self.number, text: self.text.to_owned(), problems }
    }
}

/// A row of a file.
struct LineOf<'r> {
    path: &'r Arc<str>,
    unit: &'static str,
    layout: &'r Layout,
    record: &'r StringRecord,
    excerpt: Excerpt<'r>,
    /// Cells that are written otherwise, as the standard writes them; units that the scenario says.
    formed: Vec<(Column, Cow<'r, str>)>,
    /// Columns whose cells are written in no way that is known.
    refused: Vec<Column>,
}

impl Cells for LineOf<'_> {
    fn get(&self, column: Column) -> Option<&str> {
        let formed = self.formed.iter().find(|(formed, _)| *formed == column).map(|(_, text)| text.as_ref());
        let text = match formed {
            Some(text) => text,
            None => self.record.get(*self.layout.standard.get(&column)?)?.trim(),
        };
        Some(text).filter(|text| !text.is_empty() || column == Column::Claims)
    }
    fn is_refused(&self, column: Column) -> bool {
        self.refused.contains(&column)
    }
    fn span(&self, column: Option<Column>) -> Span {
        self.excerpt.span(column.and_then(|c| self.layout.standard.get(&c)).copied())
    }
    fn name(&self) -> String {
        format!("{}, {} {}", self.path, self.unit, self.excerpt.number)
    }
    fn place(&self) -> Place {
        Place::Line(self.path.clone(), self.excerpt.number)
    }
}

impl<'r> LineOf<'r> {
    /// Reads the cells that are written otherwise.
    fn form(&mut self, forms: &'r BTreeMap<Column, Form>, problems: &mut Vec<Diagnostic>) {
        for (column, form) in forms {
            let Some(at) = self.layout.standard.get(column) else { continue };
            let cell = self.record.get(*at).map_or("", str::trim);
            match form.read(cell) {
                Ok(text) => {
                    let unit = form.unit().filter(|_| !text.is_empty());
                    self.formed.push((*column, text));
                    self.formed.extend(column.unit().zip(unit.map(Cow::Borrowed)));
                }
                Err(unread) => {
                    self.refused.push(*column);
                    problems.push(
                        Diagnostic::new(unread.code, format!("{}: {}", self.name(), unread.message))
                            .label(self.span(Some(*column)), format!("column `{}`", column.name()))
                            .help(unread.help),
                    );
                }
            }
        }
    }

    fn cell(&self, at: usize) -> Option<&str> {
        self.record.get(at).map(str::trim).filter(|text| !text.is_empty())
    }

    fn wrong_shape(&self, width: usize) -> Diagnostic {
        let found = self.record.len();
        let noun = if found == 1 { "cell" } else { "cells" };
        let message = format!("{} has {found} {noun}, the header {width}", self.name());
        Diagnostic::at(Code::RowShape, self.span(None), message).help(if found > width {
            "a cell that holds the separator stands in double quotes"
        } else {
            "a row has a cell for every column; one without content stands empty between separators"
        })
    }

    /// Shares of the value and free columns.
    fn extras(&self, problems: &mut Vec<Diagnostic>) -> Extras {
        for at in &self.layout.unnamed {
            if let Some(text) = self.cell(*at) {
                let message = format!("{}: `{text}` stands in a column without a name", self.name());
                problems.push(
                    Diagnostic::at(Code::MissingColumn, self.excerpt.span(Some(*at)), message)
                        .help("name the column in the first line, or take it out"),
                );
            }
        }
        let mut content = Vec::with_capacity(self.layout.content.len());
        for at in &self.layout.content {
            content.push(self.cell(*at).and_then(|text| match share(text) {
                Ok(share) => Some(share),
                Err(mut problem) => {
                    problem.message = format!("{}: {}", self.name(), problem.message);
                    problems.push(problem.label(self.excerpt.span(Some(*at)), ""));
                    None
                }
            }));
        }
        let attributes = self.layout.attributes.iter().map(|at| self.cell(*at).map(str::to_owned)).collect();
        Extras { content, attributes }
    }
}
