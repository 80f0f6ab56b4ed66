//! CSV as it comes: which separator, and where a cell stands in its line.

use std::ops::Range;

/// The separators a file may use.
pub const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The separator a header has most of; the first of equals.
pub fn separator(header: &str) -> u8 {
    let count = |separator: u8| header.bytes().filter(|b| *b == separator).count();
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
    let mut start = 0;
    let mut cell = 0;
    let mut quoted = false;
    for (i, byte) in line.bytes().chain([separator]).enumerate() {
        if byte == b'"' {
            quoted = !quoted;
        } else if i == line.len() || (byte == separator && !quoted) {
            if cell == at {
                return trimmed(line, start..i);
            }
            cell += 1;
            start = i + 1;
        }
    }
    0..line.len()
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

/// Whether a quote opens in the rest of a text that nothing closes.
pub fn has_unclosed_quote(rest: &str) -> bool {
    rest.matches('"').count() % 2 == 1
}
