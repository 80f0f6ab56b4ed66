//! The tables of a page. What the eye sees is rounded; behind each number stands the number itself.

use super::super::{ledger, table};
use super::number::{Scale, grouped, money_in_words, percent, places, signed};
use super::{impact_tables, plain};
use crate::analysis::impact::{Account, Impact, Party};
use crate::analysis::{Comparison, Point, Timeline, parameter};
use crate::assess::{By, Group, Part, Run, Worksheet};
use rust_decimal::Decimal;
use std::cmp::Reverse;

/// Flows in the table of flows at most; a page is to be read.
const MOST_FLOWS: usize = 200;

/// A table whose first column names the rows.
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Headings of columns.
    pub headings: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

impl Table {
    /// Whether a column holds numbers.
    pub fn is_number(&self, column: usize) -> bool {
        let cell =
            |row: &Row| column.checked_sub(1).and_then(|at| row.cells.get(at)?.exact.as_ref()).is_some();
        self.rows.iter().any(cell)
    }
}

/// A row.
pub struct Row {
    /// What it is of.
    pub name: String,
    /// Its other cells.
    pub cells: Vec<Cell>,
    /// Whether it sums up those above.
    pub is_total: bool,
}

/// A cell: words, or a number as it is shown with the number itself behind it.
pub struct Cell {
    /// As it is shown.
    pub text: String,
    /// The number.
    pub exact: Option<String>,
}

impl Cell {
    fn words(text: impl Into<String>) -> Cell {
        Cell { text: text.into(), exact: None }
    }

    fn number(text: String, exact: Decimal) -> Cell {
        Cell { text, exact: Some(plain(exact)) }
    }

    fn rate(rate: Option<Decimal>) -> Cell {
        Cell { text: percent(rate), exact: rate.map(plain) }
    }

    fn count(count: usize) -> Cell {
        Cell::number(grouped(Decimal::from(count), 0), Decimal::from(count))
    }
}

/// The duty of one scenario by groups of goods, and all of it.
pub fn groups(run: &Run) -> Table {
    let first = table::headings(run)[0].clone();
    let values = run.groups.iter().map(|group| group.computable.value).chain([run.totals.computable.value]);
    let scale = Scale::of(values.chain([run.totals.duty]));
    let cells = |part: Part, owed: Decimal, rate: Option<Decimal>| {
        vec![
            Cell::count(part.flows),
            Cell::number(scale.show(part.value), part.value),
            Cell::number(scale.show(owed), owed),
            Cell::rate(rate),
        ]
    };
    let row = |group: &Group| Row {
        name: goods(&run.by, &group.key),
        cells: cells(group.computable, group.duty, group.effective_rate),
        is_total: false,
    };
    let totals = &run.totals;
    let total = Row {
        name: "Total".to_owned(),
        cells: cells(totals.computable, totals.duty, totals.effective_rate),
        is_total: true,
    };
    let money = |what: &str| format!("{what}, {}{}", run.scenario().currency, scale.words());
    Table {
        caption: format!("Duty by {}", first.to_lowercase()),
        headings: vec![first, "Flows".to_owned(), money("Value"), money("Duty"), "Rate".to_owned()],
        rows: run.groups.iter().map(row).chain([total]).collect(),
    }
}

/// Who gains and who loses by a model; columns sum as they are shown.
pub fn accounts(impact: &Impact) -> Table {
    let scale = impact_tables::scale(&impact.accounts);
    let level = |amount: Option<Decimal>| match amount {
        Some(amount) => Cell::number(scale.show(amount), amount),
        None => Cell::words("–"),
    };
    let shown = impact.accounts.rounded(scale.step());
    let row = |account: &Account| Row {
        name: account.party.name().to_owned(),
        cells: vec![
            level(account.before),
            level(account.after),
            Cell::number(scale.signed(account.change), account.change),
            Cell::words(impact_tables::MODEL),
        ],
        is_total: matches!(account.party, Party::Home | Party::World),
    };
    let money = format!("{}{}", impact.currency, scale.words());
    Table {
        caption: format!("Who gains and who loses, in {money} (model)"),
        headings: ["Group", "Before", "After", "Change", "Basis"].map(str::to_owned).to_vec(),
        rows: shown.all().iter().map(row).collect(),
    }
}

/// Each scenario with its duty, and how it differs from the baseline.
pub fn side_by_side(comparison: &Comparison, names: &[String]) -> Table {
    let runs = &comparison.runs;
    // The value is the same for all on the same flows, but where some cannot be computed.
    let values: Vec<Decimal> = runs.iter().map(|run| run.totals.computable.value).collect();
    let unlike = values.iter().any(|value| *value != values[0]);
    let scale =
        Scale::of(runs.iter().map(|run| run.totals.duty).chain(values.iter().copied().filter(|_| unlike)));
    let difference = |at: usize| comparison.differences.iter().find(|difference| difference.run == at);
    let row = |(at, (run, name)): (usize, (&Run, &String))| {
        let totals = &run.totals;
        let (change, points) = match difference(at) {
            Some(difference) => (
                Cell::number(scale.signed(difference.duty), difference.duty),
                difference
                    .points
                    .map_or(Cell::words("–"), |points| Cell::number(signed(points, 2), points)),
            ),
            None => (Cell::words("baseline"), Cell::words("–")),
        };
        let cells = [
            unlike.then(|| Cell::number(scale.show(values[at]), values[at])),
            Some(Cell::number(scale.show(totals.duty), totals.duty)),
            Some(Cell::rate(totals.effective_rate)),
            Some(change),
            Some(points),
        ];
        Row { name: short(name), cells: cells.into_iter().flatten().collect(), is_total: false }
    };
    let currency = &comparison.base().scenario().currency;
    let money = |what: &str| format!("{what}, {currency}{}", scale.words());
    let headings = [
        Some("Scenario".to_owned()),
        unlike.then(|| money("Value")),
        Some(money("Duty")),
        Some("Rate".to_owned()),
        Some("Difference".to_owned()),
        Some("Points".to_owned()),
    ];
    let on = if unlike {
        String::new()
    } else {
        format!(" on goods worth {}", money_in_words(values[0], currency))
    };
    Table {
        caption: format!("Duty under each scenario{on}, and the difference to the baseline"),
        headings: headings.into_iter().flatten().collect(),
        rows: runs.iter().zip(names).enumerate().map(row).collect(),
    }
}

/// The rate of each group of goods under each scenario; `None` where there is but one group.
pub fn rates(comparison: &Comparison, names: &[String]) -> Option<Table> {
    let base = comparison.base();
    let mut keys: Vec<&str> = Vec::new();
    for group in base.groups.iter().chain(comparison.runs.iter().flat_map(|run| &run.groups)) {
        if !keys.contains(&group.key.as_str()) {
            keys.push(&group.key);
        }
    }
    if keys.len() < 2 {
        return None;
    }
    let row = |key: &&str| {
        let rate = |run: &Run| {
            let group = run.groups.iter().find(|group| group.key == **key);
            Cell::rate(group.and_then(|group| group.effective_rate))
        };
        Row { name: goods(&base.by, key), cells: comparison.runs.iter().map(rate).collect(), is_total: false }
    };
    let first = table::headings(base)[0].clone();
    Some(Table {
        caption: format!("Rate of duty by {}", first.to_lowercase()),
        headings: std::iter::once(first).chain(names.iter().map(|name| short(name))).collect(),
        rows: keys.iter().map(row).collect(),
    })
}

/// Every flow with its duty under each scenario, the largest values first; `None` where they do not run on the same.
pub fn flows(comparison: &Comparison, names: &[String]) -> Option<Table> {
    if !comparison.same_flows {
        return None;
    }
    let base = comparison.base();
    let rows = &base.flows.rows;
    let mut places_of: Vec<usize> = (0..rows.len()).collect();
    places_of.sort_by_key(|at| Reverse(base.sheets[*at].customs_value));
    let more = places_of.len().saturating_sub(MOST_FLOWS);
    places_of.truncate(MOST_FLOWS);
    let sheets = |at: usize| comparison.runs.iter().filter_map(move |run| run.sheets.get(at));
    let all = || places_of.iter().flat_map(|at| sheets(*at));
    let value = places(all().map(|sheet| sheet.customs_value));
    let duty = places(all().map(|sheet| sheet.duty));
    let owed = |sheet: &Worksheet| {
        let owed = if sheet.computable() {
            Cell::number(grouped(sheet.duty, duty), sheet.duty)
        } else {
            Cell::words("not computable")
        };
        // Of several scenarios a page has no room for the rates too.
        std::iter::once(owed).chain((names.len() == 1).then(|| Cell::rate(sheet.effective_rate())))
    };
    let row = |at: &usize| {
        let flow = &rows[*at];
        let customs = base.sheets[*at].customs_value;
        let fixed = [
            Cell::words(flow.product.to_string()),
            Cell::words(flow.origin.text.clone()),
            Cell::number(grouped(customs, value), customs),
        ];
        let cells = fixed.into_iter().chain(sheets(*at).flat_map(owed)).collect();
        Row { name: flow.id.clone(), cells, is_total: false }
    };
    let currency = &base.scenario().currency;
    let fixed = ["Flow".to_owned(), "Product".to_owned(), "Origin".to_owned(), format!("Value, {currency}")];
    let of: Vec<String> = if names.len() == 1 {
        vec![format!("Duty, {currency}"), "Rate".to_owned()]
    } else {
        names.iter().map(|name| format!("Duty, {}", short(name))).collect()
    };
    let rest = if more > 0 {
        format!("; {} smaller ones are left out", grouped(Decimal::from(more), 0))
    } else {
        String::new()
    };
    Some(Table {
        caption: format!("Every flow, the largest first{rest}"),
        headings: fixed.into_iter().chain(of).collect(),
        rows: places_of.iter().map(row).collect(),
    })
}

/// What landed cost is made of; `None` where there is nothing but duty.
pub fn landed(run: &Run, title: &str) -> Option<Table> {
    let parts = ledger::landed_parts(run);
    let digits = places(parts.iter().map(|(_, amount, _)| *amount));
    let row = |(name, amount, by): &(&str, Decimal, &str)| Row {
        name: (*name).to_owned(),
        cells: vec![Cell::number(grouped(*amount, digits), *amount), Cell::words(*by)],
        is_total: *name == "Landed cost",
    };
    let headings =
        vec!["Part".to_owned(), format!("Amount, {}", run.scenario().currency), "Collected by".to_owned()];
    let caption = format!("Landed cost: {title}");
    (!parts.is_empty()).then(|| Table { caption, headings, rows: parts.iter().map(row).collect() })
}

/// The statements of quotas and credits.
pub fn ledgers(run: &Run, title: &str) -> Vec<Table> {
    let table = |sheet: ledger::Sheet| {
        let row = |(cells, exact): (Vec<String>, Vec<Option<Decimal>>)| {
            let mut cells = cells.into_iter().zip(exact).map(|(text, exact)| match exact {
                Some(exact) => Cell::number(text, exact),
                None => Cell::words(text),
            });
            let name = cells.next().map(|cell| cell.text).unwrap_or_default();
            Row { name, cells: cells.collect(), is_total: false }
        };
        Table {
            caption: format!("{} {title}", sheet.title),
            headings: sheet.headings,
            rows: sheet.rows.into_iter().zip(sheet.exact).map(row).collect(),
        }
    };
    ledger::sheets(run).into_iter().map(table).collect()
}

/// A line a date.
pub fn points(timeline: &Timeline) -> Table {
    let scale = Scale::of(timeline.points.iter().map(|point| point.duty));
    let row = |point: &Point| Row {
        name: point.date.to_string(),
        cells: vec![
            Cell::rate(point.effective_rate),
            point.points.map_or(Cell::words("–"), |points| Cell::number(signed(points, 2), points)),
            Cell::number(scale.show(point.duty), point.duty),
        ],
        is_total: false,
    };
    let duty = format!("Duty, {}{}", timeline.run.scenario().currency, scale.words());
    Table {
        caption: format!("Rate and duty {}", when(timeline)),
        headings: vec!["From".to_owned(), "Rate".to_owned(), "Points".to_owned(), duty],
        rows: timeline.points.iter().map(row).collect(),
    }
}

/// Which flows a point of a timeline holds, as the end of a caption.
pub fn when(timeline: &Timeline) -> &'static str {
    if timeline.own_dates {
        "of the flows entered from each day on"
    } else {
        "if all flows entered on each day"
    }
}

/// What the scenarios take for granted: the values of their parameters. `None` where they have none.
pub fn parameters(runs: &[Run], names: &[String]) -> Option<Table> {
    let mut known: Vec<(&str, Option<&String>)> = Vec::new();
    for parameter in runs.iter().flat_map(|run| &run.scenario().parameters) {
        if !known.iter().any(|(name, _)| *name == parameter.name) {
            known.push((&parameter.name, parameter.title.as_ref()));
        }
    }
    let row = |(name, title): &(&str, Option<&String>)| {
        let value = |run: &Run| {
            let defined = run.scenario().parameters.iter().find(|parameter| parameter.name == *name);
            Cell::words(match (parameter(run, name), defined) {
                (Some(value), Some(defined)) if defined.is_numeric() => with_commas(value),
                (Some(value), _) => value,
                (None, Some(_)) => "rests on the flow".to_owned(),
                (None, None) => "–".to_owned(),
            })
        };
        let title = Cell::words(title.cloned().unwrap_or_default());
        let cells = std::iter::once(title).chain(runs.iter().map(value)).collect();
        Row { name: (*name).to_owned(), cells, is_total: false }
    };
    let fixed = ["Parameter".to_owned(), "What it is".to_owned()];
    let values = names.iter().map(|name| if names.len() == 1 { "Value".to_owned() } else { short(name) });
    (!known.is_empty()).then(|| Table {
        caption: "Parameters, on the day the flows are entered".to_owned(),
        headings: fixed.into_iter().chain(values).collect(),
        rows: known.iter().map(row).collect(),
    })
}

/// A number with its unit or currency, with commas between thousands.
fn with_commas(value: String) -> String {
    let is_digit = |c: char| c.is_ascii_digit() || c == '.';
    let number =
        value.trim_start_matches(|c| !is_digit(c)).split(|c| !is_digit(c)).next().unwrap_or_default();
    match number.parse::<Decimal>() {
        Ok(amount) => value.replacen(number, &grouped(amount, amount.scale()), 1),
        Err(_) => value,
    }
}

/// A name without its title.
fn short(name: &str) -> String {
    name.split(": ").next().unwrap_or_default().to_owned()
}

/// A group of goods as it is read.
fn goods(by: &By, key: &str) -> String {
    match by {
        By::Group => key.replace('_', " "),
        By::Chapter => format!("chapter {key}"),
        _ => key.to_owned(),
    }
}
