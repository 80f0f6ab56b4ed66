//! The tables of docs/validation.md, in Markdown.

use crate::account::{Account, Cause, Held, Part, Sum};
use rust_decimal::{Decimal, RoundingStrategy};
use std::fmt::Write;

/// Rows of a table by origin or chapter, before the rest.
const ROWS: usize = 12;

/// An amount in millions, with one decimal and commas.
fn millions(amount: Decimal) -> String {
    let half_up = RoundingStrategy::MidpointAwayFromZero;
    let rounded = (amount / Decimal::new(1_000_000, 0)).round_dp_with_strategy(1, half_up);
    let text = format!("{:.1}", rounded.abs());
    let (whole, tenths) = text.split_once('.').unwrap();
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if rounded.is_sign_negative() && !rounded.is_zero() { "-" } else { "" };
    format!("{sign}{grouped}.{tenths}")
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
        let cells = [label.to_owned(), sum.flows.to_string()].into_iter().chain(amounts.map(millions));
        text += &row(&cells.collect::<Vec<_>>());
    };
    for (cause, sum) in &account.0 {
        line(cause.label(), sum);
    }
    line("all", &account.total());
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
    let mut keys: Vec<&str> = all.0.keys().copied().collect();
    keys.sort_by_key(|key| std::cmp::Reverse(size(&all.sum(*key))));
    keys.truncate(ROWS);
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
    let mut line = |label: &str, within: &dyn Fn(&str) -> bool| {
        let within = || by_cause.0.iter().filter(|((key, _), _)| within(key));
        let mut sum = Sum::default();
        within().for_each(|(_, of_cause)| sum += *of_cause);
        let part = |part: Part| -> Decimal {
            within().filter(|((_, cause), _)| cause.part() == part).map(|(_, sum)| sum.difference()).sum()
        };
        let parts = [Part::Preferences, Part::Gsp, Part::S301, Part::S232, Part::Other, Part::NotHeld];
        let parts = parts.map(part);
        assert_eq!(sum.mfn + parts.iter().sum::<Decimal>(), sum.customs, "{label} does not add up");
        let amounts =
            [sum.value, sum.mfn].into_iter().chain(parts).chain([sum.customs, sum.beyond]).map(millions);
        write!(text, "{}", row(&[label.to_owned()].into_iter().chain(amounts).collect::<Vec<_>>())).unwrap();
    };
    for one in &keys {
        line(one, &|key| key == *one);
    }
    line("the rest", &|key| !keys.contains(&key));
    line("all", &|_| true);
    text
}
