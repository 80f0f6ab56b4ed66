//! What became of quotas and credits, and what landed cost is made of: the same cells for every format.

use super::number::{grouped, places};
use crate::assess::{By, Run, Statement};
use crate::date::Date;
use crate::money::{RoundingMode, plain};
use crate::scenario::{Collector, Ledger};
use rust_decimal::Decimal;

/// The statements of a run with what they are of, quotas or credits.
pub fn statements(run: &Run, quotas: bool) -> impl Iterator<Item = (&Ledger, &Statement)> {
    let scenario = run.scenario();
    let of = move |statement: &Statement| {
        let quota = || scenario.quotas.get(statement.ledger).map(|quota| &quota.ledger);
        let credit = || scenario.credits.get(statement.ledger).map(|credit| &credit.ledger);
        if quotas { quota() } else { credit() }
    };
    let statements = if quotas { &run.quotas } else { &run.credits };
    statements.iter().filter_map(move |statement| Some((of(statement)?, statement)))
}

/// The statements of one quota or credit, for readers.
pub struct Sheet {
    /// What it is and what it is counted in.
    pub title: String,
    /// Column headings.
    pub headings: Vec<String>,
    /// A row a period and party.
    pub rows: Vec<Vec<String>>,
    /// The exact amounts behind them, cell by cell.
    pub exact: Vec<Vec<Option<Decimal>>>,
    /// How many columns hold words, from the left.
    pub words: usize,
}

/// The statements that a run shows, quotas first: those of the other kind are left out where one kind is asked for.
pub fn sheets(run: &Run) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for (quotas, other) in [(true, By::Credit), (false, By::Quota)] {
        if run.by == other {
            continue;
        }
        let mut open: Vec<(&Ledger, Vec<&Statement>)> = Vec::new();
        for (ledger, statement) in statements(run, quotas) {
            let alike = |(last, group): &&mut (&Ledger, Vec<&Statement>)| {
                last.id == ledger.id && group.first().is_some_and(|first| first.unit == statement.unit)
            };
            match open.last_mut().filter(alike) {
                Some((_, group)) => group.push(statement),
                None => open.push((ledger, vec![statement])),
            }
        }
        sheets.extend(open.into_iter().map(|(ledger, group)| sheet(run, quotas, ledger, &group)));
    }
    sheets
}

fn sheet(run: &Run, quotas: bool, ledger: &Ledger, statements: &[&Statement]) -> Sheet {
    let amounts = || statements.iter().flat_map(|s| [s.opening, s.carried_in, s.drawn, s.remaining]);
    let unit = statements.first().map_or("", |statement| &statement.unit);
    let is_money = unit == run.scenario().currency;
    // Money in millions where it is large, so that a line holds it; quantities to the last digit that counts.
    let in_millions = is_money && amounts().any(|amount| amount >= Decimal::from(100_000_000));
    let scaled = |amount: Decimal| {
        if in_millions { amount.checked_div(MILLION).unwrap_or(amount) } else { amount }
    };
    let shown = |amount: Decimal| RoundingMode::HalfUp.places(scaled(amount), 3).normalize().scale();
    let exact = amounts().map(shown).max().unwrap_or(0);
    let digits = if is_money && !in_millions { places(amounts()) } else { exact };
    let amount = |amount: Decimal| grouped(scaled(amount), digits);
    let shared_out = statements.iter().any(|statement| statement.party.is_some());
    let carries = ledger.carry.is_some();
    let row = |statement: &&Statement| {
        let whose = shared_out.then(|| statement.party.clone().unwrap_or_default());
        let out = statement.exhausted.map_or_else(|| "–".to_owned(), |day| day.to_string());
        let cells = [
            whose,
            Some(period(statement)),
            Some(amount(statement.opening)),
            carries.then(|| amount(statement.carried_in)),
            Some(amount(statement.drawn)),
            Some(amount(statement.remaining)),
            Some(out),
        ];
        cells.into_iter().flatten().collect()
    };
    let exact = |statement: &&Statement| {
        let cells = [
            shared_out.then_some(None),
            Some(None),
            Some(Some(statement.opening)),
            carries.then_some(Some(statement.carried_in)),
            Some(Some(statement.drawn)),
            Some(Some(statement.remaining)),
            Some(None),
        ];
        cells.into_iter().flatten().collect()
    };
    let drawn = if quotas { "Admitted" } else { "Paid" };
    let headings = [
        shared_out.then_some("For"),
        Some("Period"),
        Some("Opening"),
        carries.then_some("Carried in"),
        Some(drawn),
        Some("Remaining"),
        Some("Ran out"),
    ];
    let kind = if quotas { "Quota" } else { "Credit" };
    let title = ledger.title.as_ref().map(|title| format!(" ({title})")).unwrap_or_default();
    let scale = if in_millions { " million" } else { "" };
    Sheet {
        title: format!("{kind} {}{title}, in {unit}{scale}:", ledger.id),
        headings: headings.into_iter().flatten().map(str::to_owned).collect(),
        rows: statements.iter().map(row).collect(),
        exact: statements.iter().map(exact).collect(),
        words: if shared_out { 2 } else { 1 },
    }
}

const MILLION: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// A calendar year, quarter or month by its name, else first and last day.
fn period(statement: &Statement) -> String {
    let last = statement.until.and_then(|until| until.yesterday().ok());
    match (statement.from, last) {
        (None, None) => "always".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(last)) => format!("to {last}"),
        (Some(from), Some(last)) => calendar(from, last).unwrap_or_else(|| format!("{from} to {last}")),
    }
}

fn calendar(from: Date, last: Date) -> Option<String> {
    let whole = from.day() == 1 && last == last.last_of_month() && from.year() == last.year();
    let (year, month) = (from.year(), from.month());
    match (month, last.month() - month) {
        _ if !whole => None,
        (1, 11) => Some(format!("{year:04}")),
        (1 | 4 | 7 | 10, 2) => Some(format!("{year:04} Q{}", month / 3 + 1)),
        (_, 0) => Some(format!("{year:04}-{month:02}")),
        _ => None,
    }
}

/// Column names for programs.
pub const COLUMNS: [&str; 11] = [
    "id",
    "party",
    "from",
    "until",
    "opening",
    "carried_in",
    "drawn",
    "remaining",
    "carried_out",
    "exhausted",
    "unit",
];

/// The cells of a statement, for programs.
pub fn cells(ledger: &Ledger, statement: &Statement) -> [Option<String>; 11] {
    [
        Some(ledger.id.clone()),
        statement.party.clone(),
        statement.from.map(|day| day.to_string()),
        statement.until.map(|day| day.to_string()),
        Some(plain(statement.opening)),
        Some(plain(statement.carried_in)),
        Some(plain(statement.drawn)),
        Some(plain(statement.remaining)),
        Some(plain(statement.carried_out)),
        statement.exhausted.map(|day| day.to_string()),
        Some(statement.unit.to_string()),
    ]
}

/// The parts of landed cost with who collects them; empty where there is nothing but duty.
pub fn landed(run: &Run) -> Vec<[String; 3]> {
    let parts = landed_parts(run);
    let digits = places(parts.iter().map(|(_, amount, _)| *amount));
    let row =
        |(name, amount, by): (&str, Decimal, &str)| [name.to_owned(), grouped(amount, digits), by.to_owned()];
    parts.into_iter().map(row).collect()
}

/// The same with exact amounts.
pub fn landed_parts(run: &Run) -> Vec<(&'static str, Decimal, &'static str)> {
    let (totals, landed) = (&run.totals, &run.totals.landed);
    let levies = landed.levies();
    let plain = levies.iter().all(|(_, amount)| amount.is_zero()) && landed.freight_and_insurance.is_zero();
    if plain || totals.computable.flows == 0 {
        return Vec::new();
    }
    let names = ["Fees", "Taxes", "Export duties", "Subsidies", "Non-tariff costs"];
    let mut parts = vec![("Customs value", totals.computable.value, "")];
    if !landed.freight_and_insurance.is_zero() {
        parts.push(("Freight and insurance", landed.freight_and_insurance, ""));
    }
    parts.push(("Duty", landed.duty, collector(Collector::Importer)));
    for (name, (kind, amount)) in names.into_iter().zip(levies) {
        if !amount.is_zero() {
            let by = if amount < Decimal::ZERO {
                "paid by the importer's treasury"
            } else {
                collector(kind.collector())
            };
            parts.push((name, amount, by));
        }
    }
    parts.push(("Landed cost", totals.landed_cost, ""));
    parts
}

fn collector(collector: Collector) -> &'static str {
    match collector {
        Collector::Importer => "importer's treasury",
        Collector::Exporter => "exporter's treasury",
        Collector::Nobody => "nobody",
    }
}
