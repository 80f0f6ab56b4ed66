//! What a scenario covers, as text.

use super::json;
use super::number::count;
use super::{Format, Layout};
use crate::analysis::Checked;
use crate::diagnostic::{Diagnostic, Severity, Sources};
use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle, presets};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    files: Vec<FileJson<'a>>,
    diagnostics: Vec<DiagnosticJson<'a>>,
}

#[derive(Serialize)]
struct FileJson<'a> {
    file: &'a str,
    title: &'a str,
    variants: usize,
    flows: usize,
    measures: Vec<MeasureJson<'a>>,
}

#[derive(Serialize)]
struct MeasureJson<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    from: Option<String>,
    until: Option<String>,
    steps: usize,
    flows: usize,
    sources: usize,
}

#[derive(Serialize)]
struct DiagnosticJson<'a> {
    code: &'static str,
    severity: Severity,
    message: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    help: &'a [String],
}

/// What files cover; in JSON with the diagnostics, which otherwise go elsewhere.
pub fn checked(
    files: &[Checked],
    diagnostics: &[Diagnostic],
    sources: &Sources,
    format: Format,
    layout: Layout,
) -> String {
    match format {
        Format::Json => json::document(&Document {
            schema: json::SCHEMA,
            files: files.iter().map(file_json).collect(),
            diagnostics: diagnostics.iter().map(|d| diagnostic_json(d, sources)).collect(),
        }),
        Format::Csv => rows(files),
        Format::Table | Format::Markdown => {
            let texts: Vec<String> = files.iter().map(|file| text(file, format, layout)).collect();
            texts.join("\n")
        }
    }
}

fn file_json(checked: &Checked) -> FileJson<'_> {
    let measures = checked.coverage.iter().map(|c| MeasureJson {
        id: &c.id,
        kind: c.kind,
        from: c.window.from.map(|day| day.to_string()),
        until: c.window.until.map(|day| day.to_string()),
        steps: c.steps,
        flows: c.flows,
        sources: c.sources,
    });
    FileJson {
        file: &checked.file,
        title: &checked.title,
        variants: checked.variants,
        flows: checked.flows,
        measures: measures.collect(),
    }
}

fn diagnostic_json<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> DiagnosticJson<'a> {
    let place = diagnostic.labels.first().and_then(|label| sources.position(label.span));
    DiagnosticJson {
        code: diagnostic.code.id(),
        severity: diagnostic.code.severity(),
        message: &diagnostic.message,
        file: place.map(|(file, _, _)| file),
        line: place.map(|(_, line, _)| line),
        column: place.map(|(_, _, column)| column),
        help: &diagnostic.help,
    }
}

const HEADINGS: [&str; 6] = ["Measure", "Type", "In force", "Steps", "Flows", "Sources"];

fn cells(checked: &Checked) -> Vec<[String; 6]> {
    let row = |c: &crate::analysis::Coverage| {
        [
            c.id.clone(),
            c.kind.to_owned(),
            c.window.to_string(),
            c.steps.to_string(),
            c.flows.to_string(),
            c.sources.to_string(),
        ]
    };
    checked.coverage.iter().map(row).collect()
}

fn rows(files: &[Checked]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    let mut write = |cells: Vec<String>| writer.write_record(cells).unwrap_or_default();
    write(["file", "measure", "type", "in_force", "steps", "flows", "sources"].map(str::to_owned).to_vec());
    for checked in files {
        for row in cells(checked) {
            write(std::iter::once(checked.file.clone()).chain(row).collect());
        }
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn text(checked: &Checked, format: Format, layout: Layout) -> String {
    let mut table = Table::new();
    let style = match format {
        Format::Markdown => presets::ASCII_MARKDOWN,
        _ => TableStyle { row_separator: LineStyle::none(), ..presets::UTF8_HORIZONTAL_ONLY },
    };
    table.load_style(style).set_content_arrangement(ContentArrangement::Dynamic);
    if format == Format::Table {
        table.set_width(u16::try_from(layout.width).unwrap_or(u16::MAX));
    }
    table.set_header(HEADINGS);
    for row in cells(checked) {
        table.add_row(row);
    }
    let of = |kind: &str| checked.coverage.iter().filter(|c| c.kind == kind).count();
    let (quotas, credits) = (of("quota"), of("credit"));
    let ledgers = [(quotas, "quota", "quotas"), (credits, "credit", "credits")];
    let ledgers = ledgers.into_iter().filter(|(number, ..)| *number > 0);
    let ledgers: Vec<String> =
        ledgers.map(|(number, one, many)| format!(", {}", count(number, one, many))).collect();
    let ledgers = ledgers.concat();
    format!(
        "{} is sound: {}.\n{}{ledgers}, {}, {}\n\n{}\n",
        checked.file,
        checked.title,
        count(checked.coverage.len() - quotas - credits, "measure", "measures"),
        count(checked.variants, "variant", "variants"),
        count(checked.flows, "flow", "flows"),
        table.trim_fmt()
    )
}
