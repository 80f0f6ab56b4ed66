//! An official schedule that was imported: a file of rates, an account of every line, and what came of it in words.

use super::Layout;
use super::number::{count, grouped};
use super::page::{Block, terminal};
use crate::schedule::{Account, Refusal, Schedule, Status};
use csv::Writer;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Columns of refused texts, as they are headed.
const COLUMNS: [(&str, &str); 4] =
    [("general", "General"), ("column_2", "Column 2"), ("special", "Special"), ("additional", "Additional")];

fn written(rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    // Writing to memory cannot fail.
    rows.for_each(|row| writer.write_record(row).unwrap_or_default());
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A file of rates: a row a tariff line, a column for the general rate, for column 2, for additional duties where there are
/// any, and for each programme. A text that is no rate stands in its place.
pub fn rate_file(schedule: &Schedule) -> String {
    let has_additional = schedule.rows.values().any(|row| !row.additional().is_empty());
    let additional = |text: &str| has_additional.then(|| text.to_owned());
    let mut header = vec!["product".to_owned(), "general".to_owned(), "column_2".to_owned()];
    header.extend(additional("additional"));
    header.extend(schedule.programmes.iter().cloned());
    let rows = schedule.rows.iter().map(|(product, row)| {
        let mut cells = vec![product.to_string(), row.general().to_owned(), row.column_2().to_owned()];
        cells.extend(additional(row.additional()));
        cells.extend(schedule.programmes.iter().map(|programme| row.programme(programme)));
        cells
    });
    written(std::iter::once(header).chain(rows))
}

/// Every line in the order of the file, with what became of it.
pub fn account(schedule: &Schedule) -> String {
    let header = [
        "line",
        "number",
        "indent",
        "description",
        "units",
        "status",
        "from",
        "reason",
        "general",
        "special",
        "column_2",
        "additional",
        "footnotes",
    ];
    let header = header.map(str::to_owned).to_vec();
    written(std::iter::once(header).chain(schedule.accounts.iter().map(line)))
}

fn line(account: &Account) -> Vec<String> {
    let line = &account.line;
    let reasons: Vec<String> = account
        .refused
        .iter()
        .map(|refused| format!("{} `{}`: {}", refused.column, refused.text, refused.why.reason()))
        .collect();
    vec![
        line.at.to_string(),
        line.number.clone(),
        line.indent.to_string(),
        line.description.clone(),
        line.units.join("; "),
        account.status.name().to_owned(),
        account.from.clone().unwrap_or_default(),
        reasons.join("; "),
        line.general.clone(),
        line.special.clone(),
        line.column_2.clone(),
        line.additional.clone(),
        line.footnotes.clone(),
    ]
}

/// What came of the lines, in words and counts that add up to the number of lines read.
pub fn imported(schedule: &Schedule, layout: Layout) -> String {
    let mut blocks = vec![
        Block::Bold(answer(schedule)),
        Block::Table {
            headings: ["Lines", "Number", "What they are"].map(str::to_owned).to_vec(),
            rows: statuses(schedule),
            left: 1,
            right: 1,
        },
    ];
    let refused = refused(schedule);
    if !refused.is_empty() {
        blocks.push(Block::Heading(
            "Refused, by lines that state it; the text stays in the file of rates".to_owned(),
        ));
        let shown: Vec<&(&str, &str)> = COLUMNS
            .iter()
            .filter(|(column, _)| refused.values().any(|r| r.lines.contains_key(column)))
            .collect();
        let mut headings = vec!["Reason".to_owned()];
        headings.extend(shown.iter().map(|(_, heading)| (*heading).to_owned()));
        headings.push("Such as".to_owned());
        let rows = refused.iter().map(|(why, found)| {
            let mut row = vec![why.reason().to_owned()];
            row.extend(shown.iter().map(|(column, _)| number(found.lines.get(column).copied().unwrap_or(0))));
            row.push(short(found.example));
            row
        });
        blocks.push(Block::Table { headings, rows: rows.collect(), left: 1, right: 1 });
    }
    terminal(&blocks, layout)
}

fn number(amount: usize) -> String {
    grouped(Decimal::from(amount), 0)
}

/// A text that fits a column.
fn short(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(MOST - 1).collect();
    format!("{}…", cut.trim_end())
}

fn with(schedule: &Schedule, statuses: &[Status]) -> usize {
    schedule.accounts.iter().filter(|account| statuses.contains(&account.status)).count()
}

fn answer(schedule: &Schedule) -> String {
    let good = with(schedule, &[Status::Taken, Status::Inherited, Status::InPart]);
    let bad = with(schedule, &[Status::Refused, Status::NoRate]);
    let has = |count| if count == 1 { "has" } else { "have" };
    let read = count(schedule.accounts.len(), "line", "lines");
    let lines = format!("Of {read} read, {} {} a general rate", number(good), has(good));
    if bad == 0 {
        return format!("{lines}, and none is refused.");
    }
    let under = if bad == 1 { "it" } else { "them" };
    let bad = format!("{} {} none that reads", number(bad), has(bad));
    format!("{lines}; {bad}, and flows under {under} are not computable.")
}

fn statuses(schedule: &Schedule) -> Vec<Vec<String>> {
    let meaning = |status| match status {
        Status::Taken => "state rates, and all of them read",
        Status::Inherited => "have the rates of a line above them",
        Status::InPart => "have a general rate; another of their rates is refused",
        Status::Refused => "have a general rate that is refused",
        Status::NoRate => "have no general rate, nor has a line above them",
        Status::Heading => "are headings: no goods are entered under them",
    };
    let mut rows: Vec<Vec<String>> = Status::NAMES
        .iter()
        .map(|(status, name)| {
            vec![(*name).to_owned(), number(with(schedule, &[*status])), meaning(*status).to_owned()]
        })
        .filter(|row| row[1] != "0")
        .collect();
    rows.push(vec!["read".to_owned(), number(schedule.accounts.len()), String::new()]);
    rows
}

/// Lines that state what is refused for one reason, by column, and one such text.
struct Found<'a> {
    lines: BTreeMap<&'a str, usize>,
    example: &'a str,
}

fn refused(schedule: &Schedule) -> BTreeMap<Refusal, Found<'_>> {
    let mut found: BTreeMap<Refusal, Found<'_>> = BTreeMap::new();
    for account in schedule.accounts.iter().filter(|account| account.from.is_none()) {
        for (at, refused) in account.refused.iter().enumerate() {
            let same =
                |other: &crate::schedule::Refused| other.why == refused.why && other.column == refused.column;
            // A line counts once, however many of its programmes are refused alike.
            if account.refused[..at].iter().any(same) {
                continue;
            }
            let entry = found
                .entry(refused.why)
                .or_insert_with(|| Found { lines: BTreeMap::new(), example: &refused.text });
            *entry.lines.entry(refused.column).or_default() += 1;
        }
    }
    found
}
