//! The tables of docs/validation.md, in Markdown.

use crate::account::{Account, Cause, Held, Part, Sum};
use rust_decimal::{Decimal, RoundingStrategy};

/// Rows of a table by origin or chapter, before the rest.
const ROWS: usize = 12;

/// A whole number with commas.
fn count(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// An amount in millions, with one decimal and commas.
fn millions(amount: Decimal) -> String {
    let half_up = RoundingStrategy::MidpointAwayFromZero;
    let rounded = (amount / Decimal::new(1_000_000, 0)).round_dp_with_strategy(1, half_up);
    let text = format!("{:.1}", rounded.abs());
    let (whole, tenths) = text.split_once('.').unwrap();
    let sign = if rounded < Decimal::ZERO { "-" } else { "" };
    format!("{sign}{}.{tenths}", count(whole.parse().unwrap()))
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn head(names: &[&str]) -> String {
    let rule = names.iter().map(|_| "---".to_owned()).collect::<Vec<_>>();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    row(&names) + &row(&rule)
}

/// What customs calculated less the MFN duty, by cause.
pub fn causes(account: &Account<Cause>) -> String {
    let mut text =
        head(&["cause", "flows", "value", "MFN", "customs", "difference", "the law allows", "beyond it"]);
    let mut line = |label: &str, sum: &Sum| {
        let amounts = [sum.value, sum.mfn, sum.customs, sum.difference(), sum.limit, sum.beyond];
        let cells = [label.to_owned(), count(sum.flows)].into_iter().chain(amounts.map(millions));
        text += &row(&cells.collect::<Vec<_>>());
    };
    for (cause, sum) in &account.0 {
        line(cause.label(), sum);
    }
    line("all", &account.total());
    text
}

/// The largest keys of an account, of which the table has rows.
fn largest<'h>(all: &Account<&'h str>, size: impl Fn(&Sum) -> Decimal) -> Vec<&'h str> {
    let mut keys: Vec<&str> = all.0.keys().copied().collect();
    keys.sort_by_key(|key| std::cmp::Reverse(size(&all.sum(*key))));
    keys.truncate(ROWS);
    keys
}

/// The rows of the largest keys, of the rest and of all.
fn rows(keys: &[&str], mut row: impl FnMut(&str, &dyn Fn(&str) -> bool)) {
    for one in keys {
        row(one, &|key| key == *one);
    }
    row("the rest", &|key| !keys.contains(&key));
    row("all", &|_| true);
}

/// The MFN rate and customs' rate by origin, on the flows that have an MFN duty, and customs' rate on all.
pub fn rates(held: &[Held]) -> String {
    let all = Account::of(held, |held| held.origin.as_str());
    let both = Account::of(held.iter().filter(|held| held.law.is_ok()), |held| held.origin.as_str());
    let mut text = head(&["origin", "value", "value held", "MFN rate", "customs' rate", "on all value"]);
    let rate = |duty: Decimal, of: &Sum| format!("{:.3}%", duty * Decimal::ONE_HUNDRED / of.value);
    rows(&largest(&all, |sum| sum.value), |label, within| {
        let (all, held) = (all.within(within), both.within(within));
        let rates = [rate(held.mfn, &held), rate(held.customs, &held), rate(all.customs, &all)];
        let values = [label.to_owned(), millions(all.value), millions(held.value)];
        text += &row(&values.into_iter().chain(rates).collect::<Vec<_>>());
    });
    text
}

/// What has no MFN duty to hold customs' against, outside chapters 98 and 99, by chapter.
pub fn not_held(held: &[Held]) -> String {
    let without = held.iter().filter(|held| held.cause.part() == Part::NotHeld);
    let all = Account::of(without, |held| held.chapter.as_str());
    let mut text = head(&["chapter", "flows", "value", "customs"]);
    rows(&largest(&all, |sum| sum.customs), |label, within| {
        let sum = all.within(within);
        let cells = [label.to_owned(), count(sum.flows), millions(sum.value), millions(sum.customs)];
        text += &row(&cells);
    });
    text
}

/// From the MFN duty to what customs calculated, by a key: the largest, then the rest.
pub fn parts<'h>(
    name: &str,
    held: &'h [Held],
    key: impl Fn(&'h Held) -> &'h String,
    size: impl Fn(&Sum) -> Decimal,
) -> String {
    let all = Account::of(held, |held| key(held).as_str());
    let by_cause = Account::of(held, |held| (key(held).as_str(), held.cause));
    let mut text = head(&[
        name,
        "value",
        "MFN",
        "preferences",
        "GSP",
        "301",
        "232",
        "other",
        "not held",
        "customs",
        "beyond the law",
    ]);
    rows(&largest(&all, size), |label, within| {
        let sum = all.within(within);
        let part =
            |part: Part| by_cause.within(|(key, cause)| within(key) && cause.part() == part).difference();
        let parts = [Part::Preferences, Part::Gsp, Part::S301, Part::S232, Part::Other, Part::NotHeld];
        let parts = parts.map(part);
        assert_eq!(sum.mfn + parts.iter().sum::<Decimal>(), sum.customs, "{label} does not add up");
        let amounts =
            [sum.value, sum.mfn].into_iter().chain(parts).chain([sum.customs, sum.beyond]).map(millions);
        text += &row(&[label.to_owned()].into_iter().chain(amounts).collect::<Vec<_>>());
    });
    text
}
