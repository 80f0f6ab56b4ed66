//! Flows from Parquet files: rows that were read together, column by column.

use super::Defaults;
use super::file::{FlowFile, Opened};
use super::stream::Part;
use crate::date::{Date, ToSpan};
use crate::diagnostic::{Diagnostics, Sources};
use crate::files::ReadAt;
use crate::parquet::{GroupReader, ParquetError, ParquetFile, Values};
use std::fmt::Write;
use std::ops::Range;
use std::sync::Arc;

/// Rows that are read together.
const ROWS: usize = 1 << 14;

/// A Parquet file of flows.
pub struct Table {
    file: ParquetFile,
    /// The columns that are read.
    wanted: Vec<usize>,
    /// The number of the first row of each group, from 1.
    firsts: Vec<usize>,
}

/// Rows of a Parquet file.
pub struct Batch {
    /// The number of the first, from 1.
    first: usize,
    rows: usize,
    /// By column of the file; `None` where it is not read.
    columns: Vec<Option<Values>>,
}

/// The rows of a group that are still to be read.
pub struct Group<'t> {
    table: &'t Table,
    reader: GroupReader,
    next: usize,
}

/// Whether a file is a Parquet file.
pub fn is_parquet(file: &dyn ReadAt) -> bool {
    let mut mark = [0; 4];
    matches!(file.read_at(0, &mut mark), Ok(4)) && &mark == b"PAR1"
}

impl Table {
    /// Opens a file and reads what its columns are called.
    pub fn open<'a>(
        flows: &'a FlowFile,
        defaults: &'a Defaults,
        path: String,
        source: Arc<dyn ReadAt>,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Option<(Opened<'a>, Table)> {
        let file = match ParquetFile::open(source) {
            Ok(file) => file,
            Err(error) => {
                diagnostics.push(flows.damaged(&path, &error));
                return None;
            }
        };
        let mut header = csv::Writer::from_writer(Vec::new());
        // Writing to memory cannot fail.
        header.write_record(file.columns().iter().map(|column| &column.name)).unwrap_or_default();
        let header = String::from_utf8(header.into_inner().unwrap_or_default()).unwrap_or_default();
        let opened = Opened::of_columns(flows, defaults, path, &header, sources, diagnostics)?;
        let mut next = 1_usize;
        let firsts = (0..file.groups()).map(|group| {
            let first = next;
            next = next.saturating_add(usize::try_from(file.rows_in(group)).unwrap_or(usize::MAX));
            first
        });
        let firsts = firsts.collect();
        let wanted = (0..file.columns().len()).collect();
        Some((opened, Table { file, wanted, firsts }))
    }

    /// Leaves columns unread that nobody looks at: free ones but for those that are asked for, and descriptions.
    pub fn leave_out(&mut self, opened: &Opened<'_>, asked: &dyn Fn(&str) -> bool) {
        self.wanted.retain(|at| opened.looks_at(*at, asked));
    }

    /// How many groups of rows there are.
    pub fn groups(&self) -> usize {
        self.firsts.len()
    }

    /// The rows of a group.
    pub fn group(&self, group: usize) -> Result<Group<'_>, ParquetError> {
        let reader = self.file.read(group, &self.wanted)?;
        Ok(Group { table: self, reader, next: self.firsts.get(group).copied().unwrap_or(1) })
    }
}

impl Group<'_> {
    /// The next rows; `None` behind the last.
    pub fn next(&mut self) -> Result<Option<Batch>, ParquetError> {
        let Some(values) = self.reader.next(ROWS)? else { return Ok(None) };
        let mut columns: Vec<Option<Values>> = vec![None; self.table.file.columns().len()];
        let rows = values.first().map_or(0, Values::len);
        for (at, values) in self.table.wanted.iter().zip(values) {
            columns[*at] = Some(values);
        }
        let first = self.next;
        self.next = first.saturating_add(rows);
        Ok(Some(Batch { first, rows, columns }))
    }
}

impl Batch {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of a row in the file, from 1.
    pub fn number(&self, row: usize) -> usize {
        self.first.saturating_add(row)
    }

    /// The values of a column; `None` where it is not read.
    pub fn column(&self, at: usize) -> Option<&Values> {
        self.columns.get(at)?.as_ref()
    }

    /// Some rows as they would stand in a text file.
    pub fn part(&self, rows: Range<usize>) -> Part {
        let mut text = String::new();
        let mut cell = String::new();
        let first = self.number(rows.start);
        for row in rows {
            for (at, column) in self.columns.iter().enumerate() {
                if at > 0 {
                    text.push(',');
                }
                cell.clear();
                if let Some(values) = column {
                    write_cell(values, row, &mut cell);
                }
                if cell.contains([',', '"', '\n', '\r']) {
                    let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
                } else {
                    text.push_str(&cell);
                }
            }
            text.push('\n');
        }
        Part { text, first_line: first, rows_before: first - 1, has_header: false, is_last: false }
    }
}

/// A value as it would stand in a text file; nothing where there is none.
pub fn write_cell(values: &Values, row: usize, cell: &mut String) {
    if values.is_null(row) {
        return;
    }
    // Writing to memory cannot fail.
    let _ = match values {
        Values::Words { words, codes } => write!(cell, "{}", words.get(codes[row]).unwrap_or_default()),
        Values::Whole { numbers, scale, .. } => write_decimal(cell, numbers[row].into(), *scale),
        Values::Wide { numbers, scale, .. } => write_decimal(cell, numbers[row], *scale),
        Values::Days { days, .. } => match day(days[row]) {
            Some(day) => write!(cell, "{day}"),
            None => write!(cell, "day {} of 1970", days[row]),
        },
        // The shortest decimal that names the number, which is what was written before it was made one.
        Values::Singles { numbers, .. } => write!(cell, "{}", numbers[row]),
        Values::Doubles { numbers, .. } => write!(cell, "{}", numbers[row]),
        Values::Flags { flags, .. } => write!(cell, "{}", flags[row]),
    };
}

fn write_decimal(cell: &mut String, number: i128, scale: u32) -> std::fmt::Result {
    if scale == 0 {
        return write!(cell, "{number}");
    }
    let places = scale as usize;
    let digits = format!("{:0>width$}", number.unsigned_abs(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    write!(cell, "{}{whole}.{fraction}", if number < 0 { "-" } else { "" })
}

/// The date so many days after 1970-01-01.
pub fn day(days: i32) -> Option<Date> {
    Date::new(1970, 1, 1).ok()?.checked_add(days.days()).ok()
}
