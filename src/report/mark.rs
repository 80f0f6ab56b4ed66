//! What changed between two texts that a verb printed, one after the other: cells of their tables marked, and told in
//! words. It looks at what is printed and nothing else, so that every table can be watched.

use anstyle::Style;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

/// Rows told in words; the rest is counted.
const TOLD: usize = 10;

/// The later text with the cells reversed that differ from those of the earlier one, and below it what they were.
pub fn marked(before: &str, after: &str, colour: bool) -> String {
    let mut known: BTreeMap<Name, Row<'_>> = rows(before).into_iter().collect();
    let mut lines: Vec<String> = after.lines().map(str::to_owned).collect();
    let mut told: Vec<String> = Vec::new();
    for (name, row) in rows(after) {
        let old = known.remove(&name);
        let new: Vec<usize> = match &old {
            Some(old) => (0..row.cells.len()).filter(|at| old.text(*at) != row.text(*at)).collect(),
            None => vec![0],
        };
        match &old {
            None => told.push(format!("{}: new", name.key)),
            Some(_) if new.is_empty() => {}
            Some(old) => {
                let changes: Vec<String> = new.iter().map(|at| row.change(old, *at)).collect();
                told.push(format!("{}: {}", name.key, changes.join("; ")));
            }
        }
        if colour {
            let ranges = new.iter().filter_map(|at| row.cells.get(*at));
            reverse(&mut lines[row.line], ranges.cloned().collect());
        }
    }
    told.extend(known.keys().map(|name| format!("{}: gone", name.key)));
    let mut text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    if !told.is_empty() {
        text.push_str("\nWhat changed:\n");
    }
    for line in told.iter().take(TOLD) {
        let _ = writeln!(text, "  {line}");
    }
    if told.len() > TOLD {
        let _ = writeln!(text, "  and {} more rows", told.len() - TOLD);
    }
    text
}

/// By what a row is known: its table's headings, its first cell, and how many of that name came before it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Name {
    table: String,
    key: String,
    nth: usize,
}

/// A row of a table, and where it stands in the text.
struct Row<'a> {
    line: usize,
    source: &'a str,
    cells: Vec<Range<usize>>,
    headings: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn text(&self, at: usize) -> &'a str {
        self.cells.get(at).and_then(|range| self.source.get(range.clone())).unwrap_or("nothing")
    }

    /// A cell's change in words.
    fn change(&self, old: &Row<'_>, at: usize) -> String {
        let heading = match self.headings.get(at) {
            Some(heading) if self.headings.len() == self.cells.len() => format!("{heading} "),
            _ => String::new(),
        };
        format!("{heading}{} → {}", old.text(at), self.text(at))
    }
}

/// The rows of all tables of a text: between a double line and the next single one; above it stand the headings.
fn rows(text: &str) -> Vec<(Name, Row<'_>)> {
    let is_line = |line: &str, of: char| !line.is_empty() && line.chars().all(|c| c == of);
    let mut rows = Vec::new();
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut headings: Vec<&str> = Vec::new();
    let mut in_table = false;
    let mut last = "";
    for (at, line) in text.lines().enumerate() {
        if is_line(line, '═') {
            headings = cells(last).into_iter().filter_map(|range| last.get(range)).collect();
            in_table = true;
        } else if is_line(line, '─') {
            in_table = false;
        } else if in_table {
            let cells = cells(line);
            if let Some(key) = cells.first().and_then(|range| line.get(range.clone())) {
                let (table, key) = (headings.join("|"), key.to_owned());
                let nth = seen.entry((table.clone(), key.clone())).or_default();
                let name = Name { table, key, nth: *nth };
                *nth += 1;
                rows.push((name, Row { line: at, source: line, cells, headings: headings.clone() }));
            }
        }
        last = line;
    }
    rows
}

/// The places of a line's cells: two spaces or more stand between them.
fn cells(line: &str) -> Vec<Range<usize>> {
    let mut cells: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    for word in line.split(' ') {
        let end = at + word.len();
        if !word.is_empty() {
            match cells.last_mut() {
                Some(cell) if at == cell.end + 1 => cell.end = end,
                _ => cells.push(at..end),
            }
        }
        at = end + 1;
    }
    cells
}

/// Turns ink and paper round in parts of a line.
fn reverse(line: &mut String, mut ranges: Vec<Range<usize>>) {
    let style = Style::new().invert();
    ranges.sort_by_key(|range| range.start);
    for range in ranges.into_iter().rev() {
        line.insert_str(range.end, &style.render_reset().to_string());
        line.insert_str(range.start, &style.render().to_string());
    }
}
