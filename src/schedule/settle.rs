//! What holds for each line: what it states, what it takes over from the line it stands below, and what is refused.

use super::Line;
use super::printed::{Cell, Refusal};
use super::special::Special;
use crate::product::Product;
use std::collections::{BTreeMap, BTreeSet};

/// The shortest number of a line that goods are entered under.
const TARIFF_LINE: usize = 8;

/// The rates that hold for a line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rates {
    general: Cell,
    special: Special,
    column_2: Cell,
    additional: Cell,
}

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It states rates, and all of them read.
    Taken,
    /// It states no general rate and has that of a line above it.
    Inherited,
    /// Its general rate reads; some other does not.
    InPart,
    /// Its general rate does not read.
    Refused,
    /// It has no general rate, nor has a line above it.
    NoRate,
    /// It is a heading: it states no rate, and no goods are entered under it.
    Heading,
}

impl Status {
    /// Every status with its name, in the order in which they are counted.
    pub const NAMES: [(Status, &'static str); 6] = [
        (Status::Taken, "taken"),
        (Status::Inherited, "inherited"),
        (Status::InPart, "in part"),
        (Status::Refused, "refused"),
        (Status::NoRate, "no rate"),
        (Status::Heading, "heading"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Status::NAMES.iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }
}

/// What is refused of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The column of a file of rates, or `special`.
    pub column: &'static str,
    /// The text.
    pub text: String,
    /// Why.
    pub why: Refusal,
}

/// A line, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The line.
    pub line: Line,
    /// What became of it.
    pub status: Status,
    /// The number of the line it has its rates from, if that is another.
    pub from: Option<String>,
    /// What is refused, of its own or of that line.
    pub refused: Vec<Refused>,
}

/// A row of a file of rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    rates: Rates,
}

impl Row {
    /// The general rate, or a text that is none.
    pub fn general(&self) -> &str {
        self.rates.general.text()
    }

    /// The rate of column 2, or a text that is none.
    pub fn column_2(&self) -> &str {
        self.rates.column_2.text()
    }

    /// Additional duties.
    pub fn additional(&self) -> &str {
        self.rates.additional.text()
    }

    /// The rate of a programme; empty where there is none.
    pub fn programme(&self, programme: &str) -> String {
        self.rates.special.cell(programme).text().to_owned()
    }
}

/// A schedule: rates by tariff line, and an account of every line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Every line, as it was read.
    pub accounts: Vec<Account>,
    /// Rates by number. A line without a row has those of the longest number that its own starts with.
    pub rows: BTreeMap<Product, Row>,
    /// The programmes of the special column, in alphabetical order.
    pub programmes: Vec<String>,
}

/// A line that states rates, on the way down to the lines below it.
struct Above {
    indent: usize,
    number: String,
    digits: String,
    rates: Rates,
}

/// Settles every line.
pub fn settle(lines: Vec<Line>) -> Schedule {
    let mut above: Vec<Above> = Vec::new();
    let mut settled: Vec<(Account, Option<Rates>)> = Vec::with_capacity(lines.len());
    for line in lines {
        above.retain(|other| other.indent < line.indent);
        let (account, rates) = account(line, above.last());
        if let (true, Some(rates)) = (account.line.states(), &rates) {
            above.push(Above {
                indent: account.line.indent,
                number: account.line.number.clone(),
                digits: account.line.digits(),
                rates: rates.clone(),
            });
        }
        settled.push((account, rates));
    }
    let rows = rows(&settled);
    let names: BTreeSet<&str> = settled
        .iter()
        .filter_map(|(_, rates)| rates.as_ref())
        .flat_map(|rates| rates.special.names())
        .collect();
    let programmes = names.into_iter().map(str::to_owned).collect();
    Schedule { accounts: settled.into_iter().map(|(account, _)| account).collect(), rows, programmes }
}

/// What holds for a line below the last line that states rates; nothing for a heading.
fn account(line: Line, above: Option<&Above>) -> (Account, Option<Rates>) {
    let digits = line.digits();
    if !line.states() && digits.len() < TARIFF_LINE {
        return (Account { line, status: Status::Heading, from: None, refused: Vec::new() }, None);
    }
    let mut rates = Rates {
        general: Cell::read(&line.general),
        special: Special::read(&line.special),
        column_2: Cell::read(&line.column_2),
        additional: Cell::read(&line.additional),
    };
    let mut from = None;
    if rates.general == Cell::Empty {
        match above {
            Some(above) if above.digits.is_empty() || !digits.starts_with(&above.digits) => {
                let text = format!("no rate is stated, and the line above it is {}", above.number);
                rates.general = Cell::Refused(text, Refusal::OtherNumber);
            }
            Some(above) => {
                from = Some(above.number.clone());
                inherit(&mut rates, &line, &above.rates);
            }
            None => rates.general = not_stated(),
        }
    }
    if rates.column_2 == Cell::Empty {
        rates.column_2 = not_stated();
    }
    if Product::parse(&digits).is_err() {
        rates.general = Cell::Refused(rates.general.text().to_owned(), Refusal::NoNumber);
    }
    let refused = refused(&rates);
    let status = match &rates.general {
        Cell::Refused(_, Refusal::NotStated) => Status::NoRate,
        Cell::Refused(..) => Status::Refused,
        _ if !refused.is_empty() => Status::InPart,
        _ if from.is_some() => Status::Inherited,
        _ => Status::Taken,
    };
    (Account { line, status, from, refused }, Some(rates))
}

fn not_stated() -> Cell {
    Cell::Refused("no rate is stated".to_owned(), Refusal::NotStated)
}

/// Takes over what a line without a general rate does not say itself.
fn inherit(rates: &mut Rates, line: &Line, above: &Rates) {
    rates.general = above.general.clone();
    if line.special.is_empty() {
        rates.special = above.special.clone();
    }
    if rates.column_2 == Cell::Empty {
        rates.column_2 = above.column_2.clone();
    }
    if rates.additional == Cell::Empty {
        rates.additional = above.additional.clone();
    }
}

fn refused(rates: &Rates) -> Vec<Refused> {
    let plain =
        [("general", &rates.general), ("column_2", &rates.column_2), ("additional", &rates.additional)];
    let plain = plain.into_iter().filter_map(|(column, cell)| match cell {
        Cell::Refused(text, why) => Some(Refused { column, text: text.clone(), why: *why }),
        _ => None,
    });
    let mut special: Vec<Refused> = Vec::new();
    for (text, why) in rates.special.refused() {
        if special.iter().all(|known| known.text != text) {
            special.push(Refused { column: "special", text: text.to_owned(), why });
        }
    }
    plain.chain(special).collect()
}

/// The rows of a file of rates: a line that states rates, under the eight digits of its tariff line where no other line
/// shares them; and a line whose rates are not those of the longest number that its own starts with.
fn rows(settled: &[(Account, Option<Rates>)]) -> BTreeMap<Product, Row> {
    let mut sharing: BTreeMap<String, usize> = BTreeMap::new();
    for (account, _) in settled {
        let digits = account.line.digits();
        let stated = account.line.states() || digits.len() == TARIFF_LINE;
        if let (Some(line), true) = (digits.get(..TARIFF_LINE), stated) {
            *sharing.entry(line.to_owned()).or_default() += 1;
        }
    }
    let key = |account: &Account| {
        let product = Product::parse(&account.line.digits()).ok()?;
        let alone = |line: Product| sharing.get(&line.to_string()) == Some(&1);
        let line = product.prefix(TARIFF_LINE);
        Some(if account.line.states() && alone(line) { line } else { product })
    };
    let mut rows: BTreeMap<Product, Row> = BTreeMap::new();
    for (account, rates) in settled {
        let (Some(rates), Some(product)) = (rates, key(account)) else { continue };
        if account.line.states() {
            let row = Row { rates: rates.clone() };
            rows.entry(product).and_modify(|known| known.join(&row)).or_insert(row);
        }
    }
    for (account, rates) in settled {
        let (Some(rates), Some(product)) = (rates, key(account)) else { continue };
        let holds = (2..=product.digits()).rev().find_map(|digits| rows.get(&product.prefix(digits)));
        if !account.line.states() && holds.is_none_or(|row| row.rates != *rates) {
            rows.insert(product, Row { rates: rates.clone() });
        }
    }
    rows
}

impl Row {
    /// Adds another line of the same number: where they differ, neither holds.
    fn join(&mut self, other: &Row) {
        let joined = |cell: &mut Cell, other: &Cell| {
            if cell != other {
                *cell = Cell::Refused(format!("{}; {}", cell.text(), other.text()), Refusal::Twice);
            }
        };
        joined(&mut self.rates.general, &other.rates.general);
        joined(&mut self.rates.column_2, &other.rates.column_2);
        joined(&mut self.rates.additional, &other.rates.additional);
        if self.rates.special != other.rates.special {
            self.rates.special = Special::Unread("two lines of this number differ".to_owned());
        }
    }
}
