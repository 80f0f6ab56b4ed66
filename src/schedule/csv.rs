//! Lines from the CSV export.

use super::{Line, markup::clean};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Span, list_all};
use crate::sheet::{cell_range, line_at, row_start, separator};
use csv::StringRecord;

/// Columns by the names the export gives them, those it must have first.
const COLUMNS: [&str; 8] = [
    "HTS Number",
    "Indent",
    "Description",
    "General Rate of Duty",
    "Special Rate of Duty",
    "Column 2 Rate of Duty",
    "Unit of Quantity",
    "Additional Duties",
];

/// How many of them it must have.
const REQUIRED: usize = 6;

/// Lines with problems that are shown.
const SHOWN: usize = 20;

/// Reads every row.
pub fn lines(text: &str, file: FileId, diagnostics: &mut Diagnostics) -> Vec<Line> {
    let first = line_at(text, 0);
    let delimiter = separator(first);
    let mut reader =
        ::csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let Some(places) = places(&header, Span::new(file, 0, first.len()), diagnostics) else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    let mut bad = 0;
    for record in reader.records() {
        let row = record.map_err(|error| Diagnostic::new(Code::BadCell, error.to_string()));
        match row.and_then(|row| line(&row, &places, header.len(), &At { text, file, delimiter })) {
            Ok(line) => lines.push(line),
            Err(problem) => {
                bad += 1;
                if bad <= SHOWN {
                    diagnostics.push(problem);
                }
            }
        }
    }
    if bad > SHOWN {
        diagnostics.push(Diagnostic::new(Code::BadCell, format!("{} more lines are wrong", bad - SHOWN)));
    }
    lines
}

/// Where each of the columns stands.
fn places(header: &StringRecord, line: Span, diagnostics: &mut Diagnostics) -> Option<[Option<usize>; 8]> {
    let places = COLUMNS.map(|name| header.iter().position(|column| column.trim() == name));
    let missing = COLUMNS.iter().zip(places).take(REQUIRED).filter(|(_, place)| place.is_none());
    let missing: Vec<&str> = missing.map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        let message = match missing.as_slice() {
            [one] => format!("there is no column `{one}`"),
            several => format!("there are no columns {}", list_all(several)),
        };
        diagnostics.push(
            Diagnostic::at(Code::MissingColumn, line, message)
                .help("the file is the export of a schedule as https://hts.usitc.gov gives it, CSV or JSON"),
        );
    }
    places.iter().take(REQUIRED).all(Option::is_some).then_some(places)
}

/// Where rows stand.
struct At<'a> {
    text: &'a str,
    file: FileId,
    delimiter: u8,
}

fn line(
    row: &StringRecord,
    places: &[Option<usize>; 8],
    width: usize,
    at: &At<'_>,
) -> Result<Line, Diagnostic> {
    let (start, number) = row_start(at.text, row);
    let span = |place: Option<usize>| {
        let line = line_at(at.text, start);
        let range = place.map_or(0..line.len(), |place| cell_range(line, place, at.delimiter));
        Span::new(at.file, start + range.start, start + range.end)
    };
    if row.len() != width {
        let message = format!("line {number} has {} cells, the header {width}", row.len());
        return Err(Diagnostic::at(Code::RowShape, span(None), message));
    }
    let [code, indent, description, general, special, column_2, units, additional] =
        places.map(|place| place.and_then(|place| row.get(place)).unwrap_or(""));
    let Ok(depth) = clean(indent).parse() else {
        let message = format!("line {number}: `{indent}` is no depth of a line");
        return Err(Diagnostic::at(Code::BadCell, span(places[1]), message)
            .help("an indent is a whole number from 0"));
    };
    Ok(Line {
        at: number,
        number: clean(code),
        indent: depth,
        description: clean(description),
        units: units_of(units),
        general: clean(general),
        special: clean(special),
        column_2: clean(column_2),
        additional: clean(additional),
        footnotes: String::new(),
    })
}

/// Units, which the export writes as a list in JSON.
fn units_of(cell: &str) -> Vec<String> {
    let listed: Vec<String> = serde_json::from_str(cell).unwrap_or_else(|_| vec![cell.to_owned()]);
    listed.iter().map(|unit| clean(unit)).filter(|unit| !unit.is_empty()).collect()
}
