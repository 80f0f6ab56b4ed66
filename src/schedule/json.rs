//! Lines from the JSON export.

use super::{Line, markup::clean};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Span};
use serde_json::Value;

/// Lines with problems that are shown.
const SHOWN: usize = 20;

/// Reads every line of a list, or of the list of the one document.
pub fn lines(text: &str, file: FileId, diagnostics: &mut Diagnostics) -> Vec<Line> {
    let document: Value = match serde_json::from_str(text) {
        Ok(document) => document,
        Err(error) => {
            let at = offset(text, error.line(), error.column());
            let message = format!("the JSON does not parse: {error}");
            diagnostics.push(
                Diagnostic::at(Code::BadCell, Span::new(file, at, at), message)
                    .help("the file may have been cut off; fetch it again"),
            );
            return Vec::new();
        }
    };
    let Some(items) = document.as_array() else {
        let message = "the JSON is no list of lines";
        diagnostics.push(
            Diagnostic::at(Code::MissingColumn, Span::new(file, 0, 0), message)
                .help("the file is the export of a schedule as https://hts.usitc.gov gives it, CSV or JSON"),
        );
        return Vec::new();
    };
    let mut lines = Vec::with_capacity(items.len());
    let mut bad = 0;
    for (at, item) in items.iter().enumerate() {
        match line(at + 1, item) {
            Ok(line) => lines.push(line),
            Err(message) => {
                bad += 1;
                if bad <= SHOWN {
                    let message = format!("line {} of the list: {message}", at + 1);
                    diagnostics.push(Diagnostic::at(Code::BadCell, Span::new(file, 0, 0), message));
                }
            }
        }
    }
    if bad > SHOWN {
        diagnostics.push(Diagnostic::new(Code::BadCell, format!("{} more lines are wrong", bad - SHOWN)));
    }
    lines
}

/// The byte of a line and a column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

fn line(at: usize, item: &Value) -> Result<Line, String> {
    for key in ["htsno", "indent", "description", "general", "special", "other"] {
        if item.get(key).is_none() {
            return Err(format!("it has no `{key}`"));
        }
    }
    let indent = cell(item, "indent")?;
    Ok(Line {
        at,
        number: cell(item, "htsno")?,
        indent: indent.parse().map_err(|_| format!("`{indent}` is no depth of a line"))?,
        description: cell(item, "description")?,
        units: units(item)?,
        general: cell(item, "general")?,
        special: cell(item, "special")?,
        column_2: cell(item, "other")?,
        additional: additional(item)?,
        footnotes: footnotes(item),
    })
}

/// The text of a key; empty where there is none or null.
fn cell(item: &Value, key: &str) -> Result<String, String> {
    match item.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(clean(text)),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(_) => Err(format!("`{key}` is no text")),
    }
}

/// Additional duties; the export knows the key with a letter too many.
fn additional(item: &Value) -> Result<String, String> {
    let (usual, misspelt) = (cell(item, "additionalDuties")?, cell(item, "addiitionalDuties")?);
    match (usual.is_empty(), misspelt.is_empty()) {
        (false, false) if usual != misspelt => {
            Err("`additionalDuties` and `addiitionalDuties` differ".to_owned())
        }
        (true, _) => Ok(misspelt),
        _ => Ok(usual),
    }
}

fn units(item: &Value) -> Result<Vec<String>, String> {
    match item.get("units") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(units)) => {
            let texts = units.iter().map(|unit| unit.as_str().map(clean).ok_or("`units` holds no texts"));
            let texts: Result<Vec<String>, &str> = texts.collect();
            Ok(texts?.into_iter().filter(|unit| !unit.is_empty()).collect())
        }
        Some(_) => Err("`units` is no list".to_owned()),
    }
}

/// Footnotes in words: `general: See 9903.88.15.`
fn footnotes(item: &Value) -> String {
    let notes = item.get("footnotes").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let note = |note: &Value| {
        let columns = note.get("columns").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let columns: Vec<&str> = columns.iter().filter_map(Value::as_str).collect();
        let value = note.get("value").and_then(Value::as_str).map(clean).unwrap_or_default();
        (!value.is_empty()).then(|| format!("{}: {value}", columns.join(", ")))
    };
    notes.iter().filter_map(note).collect::<Vec<_>>().join(" ")
}
