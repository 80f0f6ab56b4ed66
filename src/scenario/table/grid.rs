//! A CSV file taken apart once, for all that read it: where each row and each cell stands.

use crate::diagnostic::{Diagnostic, FileId, Span};
use crate::sheet::{cell_range, line_at, open_quote, row_start};
use csv::StringRecord;
use rustc_hash::FxBuildHasher;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// A file's rows and cells.
#[derive(Debug)]
pub(super) struct Grid {
    /// The file.
    pub id: FileId,
    /// Its text.
    pub text: Arc<str>,
    /// What separates its cells.
    pub delimiter: u8,
    /// The names of its columns, trimmed.
    pub header: Vec<String>,
    /// Where each row starts in the text, and which is the first of its cells.
    rows: Vec<(u32, u32)>,
    /// Where each cell starts and ends: in the text, or among the cells that had quotes taken off.
    cells: Vec<(u32, u32)>,
    /// The cells of a file in which something is quoted.
    unquoted: Option<String>,
    /// Rows that have more or fewer cells than the header.
    misshapen: Vec<u32>,
    /// Of columns that were asked about, the rows in which a text stands.
    by_text: Mutex<BTreeMap<usize, Arc<ByText>>>,
}

/// The rows in which a text stands in a column, in the order of the file.
type ByText = HashMap<Box<str>, Vec<u32>, FxBuildHasher>;

/// Why a file cannot be taken apart, and where.
pub(super) enum Broken {
    /// The reader's own words.
    Unreadable(String),
    /// A quote opens that nothing closes.
    OpenQuote(Span),
    /// It is larger than places can be counted.
    TooLarge,
}

impl Grid {
    /// Takes a text apart.
    pub fn new(id: FileId, text: Arc<str>, delimiter: u8) -> Result<Grid, Broken> {
        if u32::try_from(text.len()).is_err() {
            return Err(Broken::TooLarge);
        }
        let is_quoted = text.contains('"');
        let mut grid = Grid {
            id,
            text,
            delimiter,
            header: Vec::new(),
            rows: Vec::new(),
            cells: Vec::new(),
            unquoted: None,
            misshapen: Vec::new(),
            by_text: Mutex::default(),
        };
        if is_quoted {
            grid.read_quoted()?;
        } else {
            grid.read_plain();
        }
        grid.take_header();
        Ok(grid)
    }

    /// Cells between separators and ends of lines; blank lines are no rows.
    fn read_plain(&mut self) {
        let text = self.text.clone();
        let (mut row, mut cell) = (0, 0);
        let mut first = 0;
        let push = |cells: &mut Vec<(u32, u32)>, from: usize, to: usize| cells.push((place(from), place(to)));
        for (at, byte) in text.bytes().chain(std::iter::once(b'\n')).enumerate() {
            if byte == self.delimiter {
                push(&mut self.cells, cell, at);
                cell = at + 1;
            } else if byte == b'\n' || byte == b'\r' {
                if row < at {
                    push(&mut self.cells, cell, at);
                    self.rows.push((place(row), first));
                    first = place(self.cells.len());
                }
                (row, cell) = (at + 1, at + 1);
            }
        }
    }

    /// Cells of which some are quoted, as the CSV reader sees them.
    fn read_quoted(&mut self) -> Result<(), Broken> {
        let text = self.text.clone();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        let mut unquoted = String::with_capacity(text.len());
        let mut record = StringRecord::new();
        let mut last = 0;
        loop {
            match reader.read_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Err(Broken::Unreadable(error.to_string())),
            }
            last = row_start(&text, &record).0;
            self.rows.push((place(last), place(self.cells.len())));
            for cell in &record {
                let from = unquoted.len();
                unquoted.push_str(cell);
                self.cells.push((place(from), place(unquoted.len())));
            }
        }
        if let Some(offset) = open_quote(text.get(last..).unwrap_or(""), self.delimiter) {
            let at = last + offset;
            return Err(Broken::OpenQuote(Span::new(self.id, at, at + line_at(&text, at).len())));
        }
        self.unquoted = Some(unquoted);
        Ok(())
    }

    /// The first row names the columns.
    fn take_header(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        let header = self.row(0);
        self.header = (0..header.len()).map(|at| header.written(at).trim().to_owned()).collect();
        let width = self.header.len();
        let is_misshapen = |number: &u32| self.row(*number).len() != width;
        self.misshapen = self.numbers().filter(is_misshapen).collect();
    }

    /// The numbers of the rows below the header.
    pub fn numbers(&self) -> Range<u32> {
        1..place(self.rows.len()).max(1)
    }

    /// Those that have more or fewer cells than the header.
    pub fn misshapen(&self) -> &[u32] {
        &self.misshapen
    }

    /// Those in which one of some texts stands in a column, in the order of the file.
    pub fn with(&self, column: usize, texts: &[String]) -> Vec<u32> {
        let mut known = self.by_text.lock().unwrap_or_else(PoisonError::into_inner);
        let by_text = known.entry(column).or_insert_with(|| Arc::new(self.by_text(column)));
        let rows = texts.iter().filter_map(|text| by_text.get(text.as_str())).flatten();
        let mut rows: Vec<u32> = rows.copied().collect();
        if texts.len() > 1 {
            rows.sort_unstable();
            rows.dedup();
        }
        rows
    }

    fn by_text(&self, column: usize) -> ByText {
        let mut by_text = ByText::default();
        for number in self.numbers() {
            let text = self.row(number).cell(Some(column)).unwrap_or("");
            match by_text.get_mut(text) {
                Some(rows) => rows.push(number),
                None => {
                    by_text.insert(text.into(), vec![number]);
                }
            }
        }
        by_text
    }

    /// The rows below the header.
    pub fn rows(&self) -> impl Iterator<Item = RowOf<'_>> {
        self.numbers().map(|number| self.row(number))
    }

    /// A row by its number.
    pub fn row(&self, number: u32) -> RowOf<'_> {
        let number = number as usize;
        let first = self.rows[number].1;
        let end = self.rows.get(number + 1).map_or(self.cells.len(), |(_, next)| *next as usize);
        RowOf { grid: self, start: self.rows[number].0 as usize, cells: first as usize..end }
    }

    /// Where the first line stands.
    pub fn header_span(&self) -> Span {
        Span::new(self.id, 0, line_at(&self.text, 0).len())
    }

    /// Where a column is named.
    pub fn header_cell(&self, at: usize) -> Span {
        let range = cell_range(line_at(&self.text, 0), at, self.delimiter);
        Span::new(self.id, range.start, range.end)
    }
}

/// A text without white space at its ends; most have none.
fn trimmed(text: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    let bytes = text.as_bytes();
    if is_plain(bytes.first()) && is_plain(bytes.last()) { text } else { text.trim() }
}

/// Texts are shorter than what this cannot hold.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A row of a file.
pub(super) struct RowOf<'a> {
    grid: &'a Grid,
    start: usize,
    cells: Range<usize>,
}

impl<'a> RowOf<'a> {
    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// A cell without its quotes; empty where the row is too short.
    fn written(&self, at: usize) -> &'a str {
        let Some((from, to)) = self.bounds(at) else { return "" };
        let text = self.grid.unquoted.as_deref().unwrap_or(&self.grid.text);
        text.get(from..to).unwrap_or("")
    }

    fn bounds(&self, at: usize) -> Option<(usize, usize)> {
        let cell = self.cells.start.checked_add(at).filter(|cell| *cell < self.cells.end)?;
        let (from, to) = self.grid.cells[cell];
        Some((from as usize, to as usize))
    }

    /// A cell, trimmed; `None` where there is nothing in it.
    pub fn cell(&self, at: Option<usize>) -> Option<&'a str> {
        Some(trimmed(self.written(at?))).filter(|text| !text.is_empty())
    }

    /// The place of a cell, or of the whole line.
    pub fn span(&self, at: Option<usize>) -> Span {
        let id = self.grid.id;
        if let (None, Some((from, to))) = (&self.grid.unquoted, at.and_then(|at| self.bounds(at))) {
            let written = &self.grid.text[from..to];
            let inner = written.trim();
            if !inner.is_empty() {
                let from = from + (written.len() - written.trim_start().len());
                return Span::new(id, from, from + inner.len());
            }
        }
        let line = line_at(&self.grid.text, self.start);
        let range = at.map_or(0..line.len(), |at| cell_range(line, at, self.grid.delimiter));
        Span::new(id, self.start + range.start, self.start + range.end)
    }

    /// How it is called in messages: "rates.csv, line 12".
    pub fn name(&self, path: &str) -> String {
        let before = self.grid.text.get(..self.start).unwrap_or("");
        format!("{path}, line {}", before.matches('\n').count() + 1)
    }

    /// Says something of a cell, or of the row.
    pub fn says(
        &self,
        path: &str,
        at: Option<usize>,
        code: crate::diagnostic::Code,
        what: &str,
    ) -> Diagnostic {
        Diagnostic::at(code, self.span(at), format!("{}: {what}", self.name(path)))
    }
}
