//! CSV as it comes: which separator, and where a cell stands in its line.

use csv::{Position, StringRecord};
use std::ops::Range;

/// The separators a file may use.
pub const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The separator a header has most of; the first of equals.
pub fn separator(header: &str) -> u8 {
    // What stands in quotes separates nothing.
    let plain: Vec<&str> = header.split('"').step_by(2).collect();
    let count =
        |separator: u8| plain.iter().flat_map(|text| text.bytes()).filter(|b| *b == separator).count();
    let mut best = SEPARATORS[0];
    for separator in SEPARATORS {
        if count(separator) > count(best) {
            best = separator;
        }
    }
    best
}

/// The bytes of a line's cell, without its quotes; the whole line where it has no such cell.
pub fn cell_range(line: &str, at: usize, separator: u8) -> Range<usize> {
    match cells(line, separator).0.get(at) {
        Some(cell) => trimmed(line, cell.clone()),
        None => 0..line.len(),
    }
}

/// Where a cell starts with a quote that nothing closes, in the rest of a text from a row on.
pub fn open_quote(rest: &str, separator: u8) -> Option<usize> {
    cells(rest, separator).1
}

/// The cells of a text, and the start of the last one where it is quoted and does not end. A quote opens a cell only at
/// its start; in a quoted cell two quotes are one that is part of it.
fn cells(text: &str, separator: u8) -> (Vec<Range<usize>>, Option<usize>) {
    let mut cells = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    // Where a quote would open: at the start of a cell, or right behind a quote that has closed.
    let mut opens = 0;
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if quoted => {
                quoted = false;
                opens = i + 1;
            }
            b'"' if i == opens => quoted = true,
            _ if !quoted && (byte == separator || byte == b'\n' || byte == b'\r') => {
                cells.push(start..i);
                start = i + 1;
                opens = i + 1;
            }
            _ => {}
        }
    }
    cells.push(start..text.len());
    (cells, quoted.then_some(start))
}

/// A range without white space and quotes at its ends.
fn trimmed(line: &str, range: Range<usize>) -> Range<usize> {
    let text = &line[range.clone()];
    let inner = text.trim_matches(|c: char| c.is_whitespace() || c == '"');
    match text.find(inner) {
        Some(offset) if !inner.is_empty() => range.start + offset..range.start + offset + inner.len(),
        _ => range,
    }
}

/// The first line of a text from a byte on.
pub fn line_at(text: &str, start: usize) -> &str {
    text.get(start..).unwrap_or("").lines().next().unwrap_or("")
}

/// The byte at which a row starts and the number of its line. What the reader says is where the row before it ended: the
/// rest of a line break and blank lines may follow.
pub fn row_start(text: &str, record: &StringRecord) -> (usize, usize) {
    let at = |place: fn(&Position) -> u64| record.position().and_then(|p| usize::try_from(place(p)).ok());
    let from = at(Position::byte).unwrap_or(0);
    let rest = text.get(from..).unwrap_or("");
    let blank = &rest[..rest.len() - rest.trim_start_matches(['\n', '\r']).len()];
    (from + blank.len(), at(Position::line).unwrap_or(1) + blank.matches('\n').count())
}
