//! What became of quotas and credits, and what landed cost is made of: the same cells for every format.

use super::number::{grouped, places};
use crate::assess::{Run, Statement};
use crate::money::plain;
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

/// Column headings for readers; what is carried is left out where nothing is.
pub fn headings(run: &Run, quotas: bool) -> Vec<String> {
    let name = if quotas { "Quota" } else { "Credit" };
    let drawn = if quotas { "Admitted" } else { "Paid" };
    let carried: &[&str] = if carries(run, quotas) { &["Carried in"] } else { &[] };
    let columns = [&[name, "Period", "Opening"], carried, &[drawn, "Remaining", "Ran out"]].concat();
    columns.into_iter().map(str::to_owned).collect()
}

fn carries(run: &Run, quotas: bool) -> bool {
    statements(run, quotas).any(|(ledger, _)| ledger.carry.is_some())
}

/// A row a statement, for readers.
pub fn rows(run: &Run, quotas: bool) -> Vec<Vec<String>> {
    let carries = carries(run, quotas);
    let amounts = |s: &Statement| [s.opening, s.carried_in, s.drawn, s.remaining];
    let row = |(ledger, statement): (&Ledger, &Statement)| {
        // Quantities to the last digit that counts, money as everywhere else.
        let exact =
            || amounts(statement).into_iter().map(|a| a.normalize().scale()).max().unwrap_or(0).min(6);
        let digits = if statement.unit.as_ref() == run.scenario().currency {
            places(amounts(statement))
        } else {
            exact()
        };
        let amount = |amount: Decimal| grouped(amount, digits);
        let mut cells = vec![name(ledger, statement), period(statement), amount(statement.opening)];
        if carries {
            cells.push(amount(statement.carried_in));
        }
        let out = statement.exhausted.map_or_else(|| "–".to_owned(), |day| day.to_string());
        cells.extend([amount(statement.drawn), amount(statement.remaining), out]);
        cells
    };
    statements(run, quotas).map(row).collect()
}

fn name(ledger: &Ledger, statement: &Statement) -> String {
    match &statement.party {
        Some(party) => format!("{}, {party} ({})", ledger.id, statement.unit),
        None => format!("{} ({})", ledger.id, statement.unit),
    }
}

/// First and last day.
fn period(statement: &Statement) -> String {
    let last = statement.until.and_then(|until| until.yesterday().ok());
    match (statement.from, last) {
        (None, None) => "always".to_owned(),
        (Some(from), None) => format!("from {from}"),
        (None, Some(last)) => format!("to {last}"),
        (Some(from), Some(last)) => format!("{from} to {last}"),
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
    let (totals, landed) = (&run.totals, &run.totals.landed);
    let levies = landed.levies();
    let plain = levies.iter().all(|(_, amount)| amount.is_zero()) && landed.freight_and_insurance.is_zero();
    if plain || totals.computable.flows == 0 {
        return Vec::new();
    }
    let names = ["Fees", "Taxes", "Export duties", "Subsidies", "Non-tariff costs"];
    let amounts = levies.iter().map(|(_, amount)| *amount);
    let digits = places(amounts.chain([totals.landed_cost]));
    let row =
        |name: &str, amount: Decimal, by: &str| [name.to_owned(), grouped(amount, digits), by.to_owned()];
    let mut rows = vec![row("Customs value", totals.computable.value, "")];
    if !landed.freight_and_insurance.is_zero() {
        rows.push(row("Freight and insurance", landed.freight_and_insurance, ""));
    }
    rows.push(row("Duty", landed.duty, collector(Collector::Importer)));
    for (name, (kind, amount)) in names.into_iter().zip(levies) {
        if !amount.is_zero() {
            let by = if amount < Decimal::ZERO {
                "paid by the importer's treasury"
            } else {
                collector(kind.collector())
            };
            rows.push(row(name, amount, by));
        }
    }
    rows.push(row("Landed cost", totals.landed_cost, ""));
    rows
}

fn collector(collector: Collector) -> &'static str {
    match collector {
        Collector::Importer => "importer's treasury",
        Collector::Exporter => "exporter's treasury",
        Collector::Nobody => "nobody",
    }
}
