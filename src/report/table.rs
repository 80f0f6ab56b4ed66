//! For a terminal: the answer in a sentence, the table, totals, and what limits them.

use super::Layout;
use super::ledger;
use super::number::{grouped, percent, places};
use super::page::{self, drawn};
use super::sentence;
use crate::assess::{By, Part, Run};
use anstyle::Style;
use comfy_table::Table;
use rust_decimal::Decimal;
use std::fmt::Write;

/// Runs one under the other.
pub fn runs(runs: &[Run], layout: Layout) -> String {
    let texts: Vec<String> = runs.iter().map(|run| one(run, layout)).collect();
    texts.join("\n")
}

fn one(run: &Run, layout: Layout) -> String {
    let (bold, plain, dim) = (Style::new().bold(), Style::new(), Style::new().dimmed());
    let mut text = String::new();
    let say = |text: &mut String, style: Style, words: &str, indent: &str| {
        page::paragraph(text, words, style, ("", indent), layout);
    };
    say(&mut text, bold, &sentence::answer(run), "");
    if let Some(most) = sentence::most(run) {
        say(&mut text, plain, &most, "");
    }
    if let Some(landed) = sentence::landed(run) {
        say(&mut text, plain, &landed, "");
    }
    say(&mut text, dim, &sentence::title(run), "");
    if !matches!(run.by, By::Quota | By::Credit) {
        let _ = write!(text, "\n{}\n", table(run, layout.width).trim_fmt());
    }
    let sheets = ledger::sheets(run);
    let none = sheets.is_empty();
    match run.by {
        By::Quota if none => say(&mut text, plain, "No flow draws on a quota.", ""),
        By::Credit if none => say(&mut text, plain, "No flow draws on a credit.", ""),
        _ => {}
    }
    for sheet in sheets {
        text.push('\n');
        say(&mut text, plain, &sheet.title, "  ");
        let table = drawn(&sheet.headings, &sheet.rows, (sheet.words, 0), layout.width);
        let _ = writeln!(text, "{}", table.trim_fmt());
    }
    let landed = ledger::landed(run);
    if !landed.is_empty() && !matches!(run.by, By::Quota | By::Credit) {
        let headings = ["Landed cost", &run.scenario().currency, "Collected by"];
        let rows: Vec<Vec<String>> = landed.into_iter().map(Vec::from).collect();
        let table = drawn(&headings.map(str::to_owned), &rows, (1, 1), layout.width);
        let _ = write!(text, "\n{}\n", table.trim_fmt());
    }
    let mut below = String::new();
    if let Some(mean) = sentence::simple_mean(run) {
        say(&mut below, plain, &mean, "");
    }
    for caveat in sentence::caveats(run) {
        say(&mut below, plain, &caveat, "    ");
    }
    if let Some(notice) = &run.scenario().notice {
        say(&mut below, plain, &format!("Notice: {}", notice.trim()), "  ");
    }
    if let Some(standing) = sentence::standing(run) {
        say(&mut below, dim, &standing, "");
    }
    for (at, source) in sentence::sources(run).iter().enumerate() {
        say(&mut below, dim, &format!("[{}] {source}", at + 1), "    ");
    }
    if !below.is_empty() {
        text.push('\n');
    }
    text.push_str(&below);
    text
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
    drawn(&headings(run), &rows, (1, 0), width)
}
