//! Goods and countries that the command line names: codes one after the other, groups of a scenario, or a column of a file.

use super::batch::{is_parquet, write_cell};
use crate::country::Country;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, nearest};
use crate::files::Files;
use crate::parquet::{ParquetError, ParquetFile};
use crate::product::Product;
use crate::scenario::{Scenario, malformed_code, read_text};
use crate::sheet::{line_at, separator};
use std::collections::BTreeSet;

/// Rows of a table that are read at once.
const ROWS: usize = 1 << 16;

/// The products that a text lists: `8703,8704.10`, or `FILE` for those of its column `product`, or `FILE:COLUMN`.
pub fn products(listed: &str, files: &dyn Files) -> Result<Vec<Product>, Diagnostics> {
    let texts = match file(listed, "product") {
        Some((path, column)) => column_of(path, column, files)?,
        None => parts(listed),
    };
    let mut said = Diagnostics::new();
    let mut products = Vec::with_capacity(texts.len());
    for text in texts {
        match Product::parse(&text) {
            Ok(product) => products.push(product),
            Err(error) => said.push(malformed_code(&text, error)),
        }
    }
    if said.has_errors() { Err(said) } else { Ok(products) }
}

/// The countries that a text lists: `JP,DE`, groups of the scenario, `all`, or `FILE:COLUMN`.
pub fn origins(listed: &str, scenario: &Scenario, files: &dyn Files) -> Result<Vec<Country>, Diagnostics> {
    if listed == "all" {
        return Ok(Country::all().collect());
    }
    let texts = match file(listed, "origin") {
        Some((path, column)) => column_of(path, column, files)?,
        None => parts(listed),
    };
    let mut said = Diagnostics::new();
    let mut origins = Vec::with_capacity(texts.len());
    for text in texts {
        let group = scenario.countries.iter().find(|group| group.name == text);
        match (group, Country::from_code(&text)) {
            (Some(group), _) => origins.extend(group.set.iter()),
            (None, Some(country)) => origins.push(country),
            (None, None) => {
                let wrong = Diagnostic::new(Code::UnknownCountry, format!("`{text}` is not a country"));
                let groups = scenario.countries.iter().map(|group| group.name.as_str());
                said.push(match (Country::suggest(&text), nearest(&text, groups)) {
                    (Some(country), _) => wrong.help(format!("did you mean {country}?")),
                    (None, Some(group)) => wrong.help(format!("did you mean the group `{group}`?")),
                    (None, None) => wrong.help("write codes such as JP,DE, a group of [countries], or all"),
                });
            }
        }
    }
    if said.has_errors() { Err(said) } else { Ok(origins) }
}

fn parts(listed: &str) -> Vec<String> {
    listed.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// The file and the column that a text names; `None` where it lists codes.
fn file<'a>(listed: &'a str, column: &'a str) -> Option<(&'a str, &'a str)> {
    let (path, column) = match listed.rsplit_once(':') {
        Some((path, named)) if !named.contains(['/', '\\']) => (path, named),
        _ => (listed, column),
    };
    (path.contains('/') || path.contains('.') && path.contains(|c: char| c.is_ascii_alphabetic()))
        .then_some((path, column))
}

/// The distinct texts of a column of a file.
fn column_of(path: &str, column: &str, files: &dyn Files) -> Result<Vec<String>, Diagnostics> {
    let unreadable = |reason: String| {
        Diagnostics::from(Diagnostic::new(Code::FileMissing, format!("cannot read {path}: {reason}")))
    };
    let source = files.open(path).map_err(unreadable)?;
    let texts = if is_parquet(source.as_ref()) {
        let table = ParquetFile::open(source).map_err(|error| unreadable(error.to_string()))?;
        let names: Vec<&str> = table.columns().iter().map(|column| column.name.as_str()).collect();
        let at = place(path, column, &names)?;
        texts(&table, at).map_err(|error| unreadable(error.to_string()))?
    } else {
        let mut said = Diagnostics::new();
        let Some(text) = read_text(path, None, files, &mut said) else { return Err(said) };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator(line_at(&text, 0)))
            .flexible(true)
            .from_reader(text.as_bytes());
        let header = reader.headers().cloned().map_err(|error| unreadable(error.to_string()))?;
        let at = place(path, column, &header.iter().map(str::trim).collect::<Vec<_>>())?;
        let cells = reader.records().map(|record| Ok(record?.get(at).unwrap_or("").trim().to_owned()));
        cells.collect::<Result<_, csv::Error>>().map_err(|error| unreadable(error.to_string()))?
    };
    Ok(texts.into_iter().filter(|text| !text.is_empty()).collect())
}

fn texts(table: &ParquetFile, at: usize) -> Result<BTreeSet<String>, ParquetError> {
    let mut texts = BTreeSet::new();
    let mut cell = String::new();
    for group in 0..table.groups() {
        let mut reader = table.read(group, &[at])?;
        while let Some(values) = reader.next(ROWS)? {
            for values in &values {
                for row in 0..values.len() {
                    cell.clear();
                    write_cell(values, row, &mut cell);
                    if !texts.contains(&cell) {
                        texts.insert(cell.clone());
                    }
                }
            }
        }
    }
    Ok(texts)
}

fn place(path: &str, column: &str, names: &[&str]) -> Result<usize, Diagnostics> {
    names.iter().position(|name| *name == column).ok_or_else(|| {
        let message = format!("{path} has no column `{column}`");
        let wrong = Diagnostic::new(Code::MissingColumn, message).suggest(column, names.iter().copied());
        Diagnostics::from(wrong.help(format!("name the column behind the file: {path}:COLUMN")))
    })
}
