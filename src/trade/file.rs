//! Flows from CSV files: which column holds what, and the rows.

use super::column::Column;
use super::row::{Cells, Extras, Gaps, read as read_row, share};
use super::spread::by_month;
use super::{Columns, Defaults, Flows, Ids, Place};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, list, nearest};
use crate::files::{Files, relative_to};
use crate::scenario::{
    Filter, Key, Node, Raw, Reader, Report, Table, delimiter, described, filters, pad, read_text, sources_of,
    wrong_type,
};
use crate::sheet::{cell_range, line_at, open_quote, row_start, separator};
use csv::StringRecord;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A file of flows and how its columns are called.
#[derive(Debug, Clone)]
pub struct FlowFile {
    /// The path, as seen from where the program runs or relative to the scenario.
    path: Path,
    /// Columns that are called otherwise.
    names: BTreeMap<Column, (String, Option<Span>)>,
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
#[derive(Debug, Clone)]
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
        let (names, filters, skip) = (BTreeMap::new(), Vec::new(), Vec::new());
        FlowFile { path, names, pad: 0, filters, skip, separator: None, by_month: false, span }
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

/// What rows may be divided over.
pub const SPREAD: &[(&str, ())] = &[("month", ())];

/// Reads what a scenario says of a flow file: a path, or a table that also maps columns and cites sources.
pub fn flow_file(
    node: &Node,
    files: Option<&Table>,
    citations: &[String],
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
    let mut names = BTreeMap::new();
    for (name, column) in Column::NAMES {
        if let Some(text) = reader.text(name) {
            names.insert(column, (text.text.to_owned(), Some(text.span)));
        }
    }
    let pad = pad(&reader, report);
    let filters = filters(&reader, report);
    let skip = reader.texts("skip").unwrap_or_default().iter().map(|t| t.text.to_owned()).collect();
    let separator = reader.text("delimiter").and_then(|text| delimiter(&text, report));
    let by_month = reader.choice("spread", SPREAD).is_some();
    reader.not_supported(&["as", "overlap", "default", "from", "until", "through"]);
    reader.finish();
    let path = path?;
    let location = Path::Scenario(path.text.to_owned(), path.span);
    let span = Some(path.span);
    Some((FlowFile { path: location, names, pad, filters, skip, separator, by_month, span }, cited))
}

/// Rows with problems that are shown before the rest is only counted.
const SHOWN: usize = 20;

/// Reads a file of flows.
pub fn read(
    file: &FlowFile,
    defaults: &Defaults,
    files: &dyn Files,
    ids: &mut Ids,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Flows {
    let path = file.location(sources);
    let Some(text) = read_text(&path, file.span, files, diagnostics) else { return Flows::default() };
    if text.trim().is_empty() {
        let id = sources.add(&path, "");
        diagnostics.push(
            Diagnostic::at(Code::EmptyFile, Span::new(id, 0, 0), format!("{path} is empty"))
                .help("its first line names the columns: product,origin,value"),
        );
        return Flows::default();
    }
    let first_line = line_at(&text, row_start(&text, &StringRecord::new()).0);
    let delimiter = file.separator.unwrap_or_else(|| separator(first_line));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .has_headers(true)
        .from_reader(text.as_bytes());
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            diagnostics.push(Diagnostic::new(Code::BadCell, format!("{path}: {error}")));
            return Flows::default();
        }
    };
    let path: Arc<str> = path.into();
    let header_line = Excerpt::new(sources, &path, &text, delimiter, &header);
    header_line.keep(sources);
    let Some(layout) = layout(file, &header, &header_line, diagnostics) else { return Flows::default() };
    let Some(filtered) = filtered(file, &header, &header_line, diagnostics) else { return Flows::default() };
    let mut flows = Flows { columns: layout.columns.clone(), ..Flows::default() };
    let rows = Rows { path: &path, text: &text, delimiter, layout: &layout, file, defaults };
    let mut bad = 0;
    let mut first_not_shown = None;
    let mut gaps = Gaps::default();
    let mut last = header.clone();
    for (at, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                diagnostics.push(Diagnostic::new(Code::BadCell, format!("{path}: {error}")));
                break;
            }
        };
        last.clone_from(&record);
        if !filtered.iter().all(|(at, filter)| filter.keeps(record.get(*at).map_or("", str::trim))) {
            continue;
        }
        if layout.is_skipped(&record, &file.skip) {
            flows.skipped += 1;
            continue;
        }
        let Some((excerpt, mut problems)) =
            rows.read(at + 1, &record, header.len(), &mut flows, ids, sources)
        else {
            continue;
        };
        let is_first_gap = gaps.take(&mut problems);
        let is_bad = !problems.is_empty();
        bad += usize::from(is_bad);
        if is_first_gap || (is_bad && bad <= SHOWN + 1) {
            excerpt.keep(sources);
        }
        if is_bad && bad == SHOWN + 1 {
            first_not_shown = Some(excerpt.span(None));
        }
        if bad <= SHOWN {
            diagnostics.extend(problems);
        }
    }
    diagnostics.extend(gaps.into_diagnostics());
    if let Some((excerpt, problem)) = rows.open_quote(&last, sources) {
        excerpt.keep(sources);
        diagnostics.push(problem);
    }
    if let Some(span) = first_not_shown {
        let message = format!("{path}: {} more rows are wrong", bad - SHOWN);
        diagnostics.push(Diagnostic::new(Code::BadCell, message).label(span, "the first of them"));
    }
    if last.position() == header.position() {
        let message = format!("{path} has a header but no rows");
        diagnostics.push(Diagnostic::at(Code::NoFlows, header_line.span(None), message));
    }
    flows
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
struct Layout {
    standard: BTreeMap<Column, usize>,
    content: Vec<usize>,
    attributes: Vec<usize>,
    /// Columns without a name.
    unnamed: Vec<usize>,
    columns: Columns,
}

impl Layout {
    /// Whether the product or the origin of a row is one to leave out.
    fn is_skipped(&self, record: &StringRecord, skip: &[String]) -> bool {
        [Column::Product, Column::Origin]
            .iter()
            .filter_map(|column| record.get(*self.standard.get(column)?))
            .any(|cell| skip.iter().any(|skip| skip == cell.trim()))
    }
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

struct Rows<'a> {
    path: &'a Arc<str>,
    text: &'a str,
    delimiter: u8,
    layout: &'a Layout,
    file: &'a FlowFile,
    defaults: &'a Defaults,
}

impl<'a> Rows<'a> {
    /// Adds a row to the flows, or gives its line and what is wrong with it.
    fn read(
        &'a self,
        number: usize,
        record: &StringRecord,
        width: usize,
        flows: &mut Flows,
        ids: &mut Ids,
        sources: &Sources,
    ) -> Option<(Excerpt<'a>, Vec<Diagnostic>)> {
        let excerpt = Excerpt::new(sources, self.path, self.text, self.delimiter, record);
        let line = LineOf { layout: self.layout, record, excerpt };
        let mut problems = Vec::new();
        if record.len() != width {
            problems.push(line.wrong_shape(width));
        } else if record.iter().all(|cell| cell.trim().is_empty()) {
            let message = format!("{} is empty", line.name());
            problems.push(Diagnostic::at(Code::BadCell, line.span(None), message).help("take the row out"));
        } else {
            let extras = line.extras(&mut problems);
            let flow =
                read_row(&line, number, Some(self.file.pad), extras, self.defaults, ids, &mut problems);
            if let (Some((flow, replaced)), true) = (flow, problems.is_empty()) {
                let before = flows.rows.len();
                if self.file.by_month {
                    let states_entries = line.get(Column::Entries).is_some();
                    match by_month(&flow, self.defaults.enter_on, states_entries) {
                        Ok(months) => flows.rows.extend(months),
                        Err(error) => problems.push(Diagnostic::at(
                            Code::BadCell,
                            line.span(None),
                            format!("{} cannot be divided over the months: {error}", line.name()),
                        )),
                    }
                } else {
                    flows.rows.push(flow);
                }
                if replaced {
                    flows.dates_replaced += flows.rows.len() - before;
                }
            }
        }
        (!problems.is_empty()).then_some((line.excerpt, problems))
    }

    /// A quote in the last row that nothing closes has swallowed every row after it.
    fn open_quote(&'a self, last: &StringRecord, sources: &Sources) -> Option<(Excerpt<'a>, Diagnostic)> {
        let (start, _) = row_start(self.text, last);
        let at = open_quote(self.text.get(start..)?, self.delimiter)?;
        let excerpt = Excerpt::new(sources, self.path, self.text, self.delimiter, last);
        let span = Span::new(excerpt.id, at, excerpt.text.len());
        let message = format!("{}, line {}: a quote opens that is never closed", self.path, excerpt.number);
        let diagnostic = Diagnostic::at(Code::BadCell, span, message);
        Some((excerpt, diagnostic.help("a quote inside a quoted cell is doubled")))
    }
}

/// The line a row starts on; kept only where something is wrong with it.
struct Excerpt<'a> {
    path: &'a Arc<str>,
    text: &'a str,
    number: usize,
    delimiter: u8,
    /// The id the line will have if it is kept.
    id: crate::diagnostic::FileId,
}

impl<'a> Excerpt<'a> {
    fn new(
        sources: &Sources,
        path: &'a Arc<str>,
        text: &'a str,
        delimiter: u8,
        record: &StringRecord,
    ) -> Excerpt<'a> {
        let (start, number) = row_start(text, record);
        Excerpt { path, text: line_at(text, start), number, delimiter, id: sources.next_id() }
    }

    fn keep(&self, sources: &mut Sources) {
        sources.add_excerpt(self.path, self.text, self.number);
    }

    /// The place of a cell, or of the whole line.
    fn span(&self, at: Option<usize>) -> Span {
        let range = at.map_or(0..self.text.len(), |at| cell_range(self.text, at, self.delimiter));
        Span::new(self.id, range.start, range.end)
    }
}

/// A row of a file.
struct LineOf<'a, 'r> {
    layout: &'a Layout,
    record: &'r StringRecord,
    excerpt: Excerpt<'a>,
}

impl Cells for LineOf<'_, '_> {
    fn get(&self, column: Column) -> Option<&str> {
        let at = *self.layout.standard.get(&column)?;
        self.record.get(at).map(str::trim).filter(|text| !text.is_empty() || column == Column::Claims)
    }
    fn span(&self, column: Option<Column>) -> Span {
        self.excerpt.span(column.and_then(|c| self.layout.standard.get(&c)).copied())
    }
    fn name(&self) -> String {
        format!("{}, line {}", self.excerpt.path, self.excerpt.number)
    }
    fn place(&self) -> Place {
        Place::Line(self.excerpt.path.clone(), self.excerpt.number)
    }
}

impl LineOf<'_, '_> {
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
