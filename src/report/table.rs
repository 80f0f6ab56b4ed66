//! For a terminal: the answer in a sentence, the table, totals, and what limits them.

use super::Layout;
use super::ledger;
use super::number::{grouped, percent, places};
use super::sentence;
use crate::assess::{By, Part, Run};
use anstyle::Style;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};
use rust_decimal::Decimal;
use std::fmt::Write;

/// Runs one under the other.
pub fn runs(runs: &[Run], layout: Layout) -> String {
    let texts: Vec<String> = runs.iter().map(|run| one(run, layout)).collect();
    texts.join("\n")
}

fn one(run: &Run, layout: Layout) -> String {
    let (bold, plain, dim) = (Style::new().bold(), Style::new(), Style::new().dimmed());
    let mut page = Page { text: String::new(), layout };
    page.paragraph(bold, &sentence::answer(run), "");
    if let Some(most) = sentence::most(run) {
        page.paragraph(plain, &most, "");
    }
    if let Some(landed) = sentence::landed(run) {
        page.paragraph(plain, &landed, "");
    }
    page.paragraph(dim, &sentence::title(run), "");
    if !matches!(run.by, By::Quota | By::Credit) {
        let _ = write!(page.text, "\n{}\n", table(run, layout.width).trim_fmt());
    }
    let sheets = ledger::sheets(run);
    let none = sheets.is_empty();
    match run.by {
        By::Quota if none => page.paragraph(plain, "No flow draws on a quota.", ""),
        By::Credit if none => page.paragraph(plain, "No flow draws on a credit.", ""),
        _ => {}
    }
    for sheet in sheets {
        page.text.push('\n');
        page.paragraph(plain, &sheet.title, "  ");
        let table = drawn(sheet.headings, sheet.rows, sheet.words, layout.width);
        let _ = writeln!(page.text, "{}", table.trim_fmt());
    }
    let landed = ledger::landed(run);
    if !landed.is_empty() && !matches!(run.by, By::Quota | By::Credit) {
        let headings = ["Landed cost", &run.scenario().currency, "Collected by"];
        let rows = landed.into_iter().map(Vec::from).collect();
        let headings = headings.into_iter().map(str::to_owned).collect();
        let mut table = drawn(headings, rows, 1, layout.width);
        if let Some(column) = table.column_mut(2) {
            column.set_cell_alignment(CellAlignment::Left);
        }
        let _ = write!(page.text, "\n{}\n", table.trim_fmt());
    }
    page.text.push('\n');
    if let Some(mean) = run.totals.simple_mean_rate {
        let line =
            format!("Simple mean of the lines' rates, not weighted by trade: {}.", percent(Some(mean)));
        page.paragraph(plain, &line, "");
    }
    for caveat in sentence::caveats(run) {
        page.paragraph(plain, &caveat, "    ");
    }
    if let Some(notice) = &run.scenario().notice {
        page.paragraph(plain, &format!("Notice: {}", notice.trim()), "  ");
    }
    if let Some(standing) = sentence::standing(run) {
        page.paragraph(dim, &standing, "");
    }
    for (at, source) in sentence::sources(run).iter().enumerate() {
        page.paragraph(dim, &format!("[{}] {source}", at + 1), "    ");
    }
    page.text
}

/// Text that grows by paragraphs.
struct Page {
    text: String,
    layout: Layout,
}

impl Page {
    /// Adds lines wrapped to the width, those after the first indented.
    fn paragraph(&mut self, style: Style, paragraph: &str, indent: &str) {
        let options = textwrap::Options::new(self.layout.width)
            .subsequent_indent(indent)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .break_words(false);
        for line in textwrap::wrap(paragraph, options) {
            if self.layout.colour {
                let _ = writeln!(self.text, "{style}{line}{style:#}");
            } else {
                self.text.push_str(&line);
                self.text.push('\n');
            }
        }
    }
}

fn heading(by: &By, run: &Run) -> String {
    match by {
        By::Flow => "Flow".to_owned(),
        By::Product => "Product".to_owned(),
        By::Heading => "Heading".to_owned(),
        By::Chapter => "Chapter".to_owned(),
        By::Group => "Goods".to_owned(),
        By::Origin => "Origin".to_owned(),
        By::Importer => "Importer".to_owned(),
        By::Date => "Date".to_owned(),
        By::Party => "Party".to_owned(),
        By::Measure => "Measure".to_owned(),
        By::Programme => "Programme".to_owned(),
        By::Quota => "Quota".to_owned(),
        By::Credit => "Credit".to_owned(),
        By::Attribute(at) => run.flows.columns.attributes.get(*at).cloned().unwrap_or_default(),
    }
}

/// The column headings of groups.
pub fn headings(run: &Run) -> [String; 5] {
    let currency = &run.scenario().currency;
    let by_measure = matches!(run.by, By::Measure | By::Programme);
    let value = if by_measure { "Value charged" } else { "Value" };
    let duty = if by_measure && run.totals.charges != run.totals.duty { "Charge" } else { "Duty" };
    [
        heading(&run.by, run),
        "Flows".to_owned(),
        format!("{value}, {currency}"),
        format!("{duty}, {currency}"),
        "Rate".to_owned(),
    ]
}

/// The rows of groups, and the totals.
pub fn rows(run: &Run) -> (Vec<[String; 5]>, [String; 5]) {
    let totals = &run.totals;
    let by_measure = matches!(run.by, By::Measure | By::Programme);
    let (duty, rate) = if by_measure && totals.charges != totals.duty {
        (totals.charges, None)
    } else {
        (totals.duty, totals.effective_rate)
    };
    let values = run.groups.iter().map(|g| g.computable.value).chain([totals.computable.value]);
    let duties = run.groups.iter().map(|g| g.duty).chain([duty]);
    let (value_places, duty_places) = (places(values), places(duties));
    let row = |name: &str, part: Part, duty: Decimal, rate: Option<Decimal>| {
        [
            name.to_owned(),
            grouped(Decimal::from(part.flows), 0),
            grouped(part.value, value_places),
            grouped(duty, duty_places),
            percent(rate),
        ]
    };
    let groups = run.groups.iter().map(|g| row(&g.key, g.computable, g.duty, g.effective_rate)).collect();
    (groups, row("Total", totals.computable, duty, rate))
}

fn table(run: &Run, width: usize) -> Table {
    let (groups, total) = rows(run);
    let mut rows: Vec<Vec<String>> = groups.into_iter().map(Vec::from).collect();
    rows.push(vec![String::new(); 5]);
    rows.push(total.into());
    drawn(headings(run).into(), rows, 1, width)
}

/// A table whose columns stand to the right from one on.
fn drawn(headings: Vec<String>, rows: Vec<Vec<String>>, words: usize, width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(TableStyle { row_separator: LineStyle::none(), ..presets::UTF8_HORIZONTAL_ONLY })
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(headings);
    for row in rows {
        table.add_row(row);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_cell_alignment(if at < words { CellAlignment::Left } else { CellAlignment::Right });
    }
    table
}
