//! Flows from CSV files: which column holds what, and the rows.

use super::column::Column;
use super::row::{Cells, Extras, number_help, read as read_row, share};
use super::{Columns, Defaults, Flows};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, list, nearest};
use crate::files::{Files, relative_to};
use crate::product::MOST_DIGITS;
use crate::scenario::{Node, Raw, Reader, Report, read_text, sources_of, wrong_type};
use crate::sheet::{cell_range, has_unclosed_quote, line_at, separator};
use csv::StringRecord;
use std::collections::BTreeMap;

/// A file of flows and how its columns are called.
#[derive(Debug, Clone)]
pub struct FlowFile {
    /// The path, as seen from where the program runs or relative to the scenario.
    path: Path,
    /// Columns that are called otherwise.
    names: BTreeMap<Column, (String, Option<Span>)>,
    /// Digits that product codes are filled up to, from the left.
    pad: usize,
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
        FlowFile { path: Path::Here(path.to_owned()), names: BTreeMap::new(), pad: 0, span: None }
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

/// Reads what a scenario says of a flow file: a path, or a table that also maps columns and cites sources.
pub fn flow_file(node: &Node, citations: &[String], report: &Report<'_>) -> Option<(FlowFile, Vec<usize>)> {
    let table = match &node.value {
        Raw::Text(path, _) => {
            let path = Path::Scenario(path.clone(), node.span);
            return Some((
                FlowFile { path, names: BTreeMap::new(), pad: 0, span: Some(node.span) },
                Vec::new(),
            ));
        }
        Raw::Table(table) => table,
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
    reader.not_supported(&[
        "where",
        "skip",
        "spread",
        "as",
        "delimiter",
        "overlap",
        "default",
        "from",
        "until",
        "through",
    ]);
    reader.finish();
    let path = path?;
    let location = Path::Scenario(path.text.to_owned(), path.span);
    Some((FlowFile { path: location, names, pad, span: Some(path.span) }, cited))
}

/// How many digits product codes are filled up to; 0 where they are left as they are.
fn pad(reader: &Reader<'_>, report: &Report<'_>) -> usize {
    let pad = reader.count("pad").map_or(0, |pad| pad as usize);
    if pad > MOST_DIGITS || pad % 2 == 1 {
        let message = format!("`pad` is {pad}: codes have an even number of digits, at most {MOST_DIGITS}");
        report.push(Diagnostic::at(Code::WrongType, reader.place("pad"), message).help("write 6, 8 or 10"));
        return 0;
    }
    pad
}

/// Rows with problems that are shown before the rest is only counted.
const SHOWN: usize = 20;

/// Reads a file of flows.
pub fn read(
    file: &FlowFile,
    defaults: &Defaults,
    files: &dyn Files,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Flows {
    let path = file.location(sources);
    let Some(text) = read_text(&path, file.span, files, diagnostics) else { return Flows::default() };
    let Some(header_line) = text.lines().next().filter(|line| !line.trim().is_empty()) else {
        let id = sources.add(&path, "");
        diagnostics.push(
            Diagnostic::at(Code::EmptyFile, Span::new(id, 0, 0), format!("{path} is empty"))
                .help("its first line names the columns: product,origin,value"),
        );
        return Flows::default();
    };
    let delimiter = separator(header_line);
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
    let header_id = sources.add(&path, header_line);
    let in_header = |at: usize| {
        let range = cell_range(header_line, at, delimiter);
        Span::new(header_id, range.start, range.end)
    };
    let layout = layout(file, &header, &in_header, Span::new(header_id, 0, header_line.len()), diagnostics);
    let Some(layout) = layout else { return Flows::default() };
    let mut flows = Flows { columns: layout.columns.clone(), ..Flows::default() };
    let rows = Rows { path: &path, text: &text, delimiter, layout: &layout, pad: file.pad, defaults };
    let mut bad = 0;
    let mut last = StringRecord::new();
    for (at, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                diagnostics.push(Diagnostic::new(Code::BadCell, format!("{path}: {error}")));
                break;
            }
        };
        last.clone_from(&record);
        if let Some((excerpt, problems)) = rows.read(at + 1, &record, header.len(), &mut flows, sources) {
            bad += 1;
            if bad <= SHOWN {
                excerpt.keep(sources);
                diagnostics.extend(problems);
            }
        }
    }
    if let Some((excerpt, problem)) = rows.unclosed_quote(&last, sources) {
        excerpt.keep(sources);
        diagnostics.push(problem);
    }
    if bad > SHOWN {
        let message = format!("{path}: {} more rows are wrong", bad - SHOWN);
        diagnostics.push(Diagnostic::new(Code::BadCell, message));
    }
    if flows.rows.is_empty() && bad == 0 {
        let whole = Span::new(header_id, 0, header_line.len());
        diagnostics.push(Diagnostic::at(Code::NoFlows, whole, format!("{path} has a header but no rows")));
    }
    flows
}

/// Which column of the file holds what.
struct Layout {
    standard: BTreeMap<Column, usize>,
    content: Vec<usize>,
    attributes: Vec<usize>,
    columns: Columns,
}

fn layout(
    file: &FlowFile,
    header: &StringRecord,
    in_header: &dyn Fn(usize) -> Span,
    whole: Span,
    diagnostics: &mut Diagnostics,
) -> Option<Layout> {
    let names: Vec<&str> = header.iter().map(str::trim).collect();
    let errors = |d: &Diagnostics| d.has_errors();
    let clean = !errors(diagnostics);
    let mut layout = Layout {
        standard: BTreeMap::new(),
        content: Vec::new(),
        attributes: Vec::new(),
        columns: Columns::default(),
    };
    for (standard, column) in Column::NAMES {
        let mapped = file.names.get(&column);
        let wanted = mapped.map_or(standard, |(name, _)| name.as_str());
        let mut places = names.iter().enumerate().filter(|(_, name)| **name == wanted).map(|(at, _)| at);
        match (places.next(), places.next()) {
            (Some(first), Some(second)) => diagnostics.push(
                Diagnostic::new(Code::AmbiguousColumn, format!("two columns are called `{wanted}`"))
                    .label(in_header(second), "again here")
                    .label(in_header(first), "first here")
                    .help("rename one of them"),
            ),
            (Some(at), None) => {
                layout.standard.insert(column, at);
            }
            (None, _) if mapped.is_some() || Column::REQUIRED.contains(&column) => {
                diagnostics.push(missing_column(wanted, column, mapped.and_then(|m| m.1), whole, &names));
            }
            (None, _) => {}
        }
    }
    for (at, name) in names.iter().enumerate() {
        if layout.standard.values().any(|place| *place == at) || name.is_empty() {
            continue;
        }
        if let Some(content) = name.strip_prefix("content.") {
            layout.content.push(at);
            layout.columns.content.push(content.to_owned());
            continue;
        }
        layout.attributes.push(at);
        layout.columns.attributes.push(name.strip_prefix("attr.").unwrap_or(name).to_owned());
        if let Some(known) = near_miss(name, &layout.standard).filter(|known| known != name) {
            diagnostics.push(
                Diagnostic::at(
                    Code::NearMissColumn,
                    in_header(at),
                    format!("the column `{name}` is not `{known}`"),
                )
                .help(format!("it is kept as `attr.{name}`; rename it to `{known}` if that is what it is")),
            );
        }
    }
    (!clean || !errors(diagnostics)).then_some(layout)
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
    diagnostic.help(format!(
        "where the file calls it otherwise: flows = {{ file = \"…\", {} = \"its name\" }}",
        column.name()
    ))
}

/// A standard column that a free one differs from by one letter and that the file does not have.
fn near_miss(name: &str, standard: &BTreeMap<Column, usize>) -> Option<&'static str> {
    Column::NAMES.iter().filter(|(_, column)| !standard.contains_key(column)).map(|(known, _)| *known).find(
        |known| {
            strsim::damerau_levenshtein(&name.to_lowercase(), known) == 1 || name.eq_ignore_ascii_case(known)
        },
    )
}

struct Rows<'a> {
    path: &'a str,
    text: &'a str,
    delimiter: u8,
    layout: &'a Layout,
    pad: usize,
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
        sources: &Sources,
    ) -> Option<(Excerpt<'a>, Vec<Diagnostic>)> {
        let line =
            LineOf { rows: self, record, excerpt: Excerpt::new(sources, self.path, self.text, record) };
        let mut problems = Vec::new();
        if record.len() == width {
            let extras = line.extras(&mut problems);
            let flow = read_row(&line, number, self.pad, extras, self.defaults, &mut problems);
            if let (Some((flow, replaced)), true) = (flow, problems.is_empty()) {
                flows.rows.push(flow);
                flows.dates_replaced += usize::from(replaced);
            }
        } else {
            let message = format!("{} has {} cells, the header {width}", line.name(), record.len());
            problems.push(
                Diagnostic::at(Code::RowShape, line.span(None), message)
                    .help("a cell that holds the separator stands in double quotes"),
            );
        }
        (!problems.is_empty()).then_some((line.excerpt, problems))
    }
}

impl<'a> Rows<'a> {
    /// A quote in the last row that nothing closes has swallowed every row after it.
    fn unclosed_quote(&'a self, last: &StringRecord, sources: &Sources) -> Option<(Excerpt<'a>, Diagnostic)> {
        let start = usize::try_from(last.position()?.byte()).ok()?;
        let rest = self.text.get(start..)?;
        if !has_unclosed_quote(rest) {
            return None;
        }
        let excerpt = Excerpt::new(sources, self.path, self.text, last);
        let at = excerpt.text.rfind('"').unwrap_or(0);
        let span = Span::new(excerpt.id, at, excerpt.text.len());
        let message = format!("{}, line {}: a quote opens that is never closed", self.path, excerpt.number);
        Some((
            excerpt,
            Diagnostic::at(Code::BadCell, span, message).help("a quote inside a quoted cell is doubled"),
        ))
    }
}

/// The line a row stands on; kept only where something is wrong with it.
struct Excerpt<'a> {
    path: &'a str,
    text: &'a str,
    number: usize,
    /// The id the line will have if it is kept.
    id: crate::diagnostic::FileId,
}

impl<'a> Excerpt<'a> {
    fn new(sources: &Sources, path: &'a str, text: &'a str, record: &StringRecord) -> Excerpt<'a> {
        let position = record.position();
        let start = position.map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
        let number = position.map_or(1, |p| usize::try_from(p.line()).unwrap_or(1));
        let blank =
            text.get(start..).unwrap_or("").bytes().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        let line = line_at(text, start + blank);
        Excerpt { path, text: line, number, id: sources.next_id() }
    }

    fn keep(&self, sources: &mut Sources) {
        sources.add_excerpt(self.path, self.text, self.number);
    }
}

/// A row of a file.
struct LineOf<'a, 'r> {
    rows: &'a Rows<'a>,
    record: &'r StringRecord,
    excerpt: Excerpt<'a>,
}

impl Cells for LineOf<'_, '_> {
    fn get(&self, column: Column) -> Option<&str> {
        let at = *self.rows.layout.standard.get(&column)?;
        self.record.get(at).map(str::trim).filter(|text| !text.is_empty() || column == Column::Claims)
    }
    fn span(&self, column: Option<Column>) -> Span {
        let line = self.excerpt.text;
        let range = match column.and_then(|c| self.rows.layout.standard.get(&c)) {
            Some(at) => cell_range(line, *at, self.rows.delimiter),
            None => 0..line.len(),
        };
        Span::new(self.excerpt.id, range.start, range.end)
    }
    fn name(&self) -> String {
        format!("{}, line {}", self.rows.path, self.excerpt.number)
    }
}

impl LineOf<'_, '_> {
    /// Shares of the value and free columns.
    fn extras(&self, problems: &mut Vec<Diagnostic>) -> Extras {
        let cell = |at: &usize| self.record.get(*at).map(str::trim).filter(|text| !text.is_empty());
        let mut content = Vec::with_capacity(self.rows.layout.content.len());
        for at in &self.rows.layout.content {
            content.push(cell(at).and_then(|text| match share(text) {
                Ok(share) => Some(share),
                Err(message) => {
                    let range = cell_range(self.excerpt.text, *at, self.rows.delimiter);
                    let span = Span::new(self.excerpt.id, range.start, range.end);
                    let message = format!("{}: {message}", self.name());
                    problems.push(Diagnostic::at(Code::BadCell, span, message).help(number_help(text)));
                    None
                }
            }));
        }
        let attributes = self.rows.layout.attributes.iter().map(|at| cell(at).map(str::to_owned)).collect();
        Extras { content, attributes }
    }
}
