//! Numbers for the eye. What is shown rounded is never read back.

pub use crate::money::grouped;
use crate::money::{Rounding, RoundingMode};
use rust_decimal::Decimal;

/// Decimal places for a column of money: none where its largest amount is large.
pub fn places(amounts: impl IntoIterator<Item = Decimal>) -> u32 {
    let largest = amounts.into_iter().map(|a| a.abs()).max().unwrap_or_default();
    if largest >= Decimal::from(100_000) { 0 } else { 2 }
}

/// A change with its sign.
pub fn signed(change: Decimal, digits: u32) -> String {
    let text = grouped(change, digits);
    if change > Decimal::ZERO { format!("+{text}") } else { text }
}

/// How amounts of one table are shown: in millions with one place where they are large, so that a line holds them.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    in_millions: bool,
    digits: u32,
}

impl Scale {
    /// The scale for some amounts.
    pub fn of(amounts: impl IntoIterator<Item = Decimal>) -> Scale {
        let largest = amounts.into_iter().map(|amount| amount.abs()).max().unwrap_or_default();
        let in_millions = largest >= Decimal::from(1_000_000_000);
        Scale { in_millions, digits: if in_millions { 1 } else { places([largest]) } }
    }

    /// So many places, however large the amounts.
    pub fn places(digits: u32) -> Scale {
        Scale { in_millions: false, digits }
    }

    /// An amount as it is shown, as a number.
    pub fn rounded(self, amount: Decimal) -> Decimal {
        let rule = Rounding { to: self.step(), mode: RoundingMode::HalfUp };
        rule.apply(amount).unwrap_or(amount)
    }

    fn scaled(self, amount: Decimal) -> Decimal {
        let million = Decimal::from(1_000_000);
        if self.in_millions { amount.checked_div(million).unwrap_or(amount) } else { amount }
    }

    /// An amount.
    pub fn show(self, amount: Decimal) -> String {
        grouped(self.scaled(amount), self.digits)
    }

    /// A change with its sign.
    pub fn signed(self, change: Decimal) -> String {
        signed(self.scaled(change), self.digits)
    }

    /// The last digit shown, as an amount.
    pub fn step(self) -> Decimal {
        if self.in_millions { Decimal::from(100_000) } else { Decimal::new(1, self.digits) }
    }

    /// What follows the currency.
    pub fn words(self) -> &'static str {
        if self.in_millions { " million" } else { "" }
    }
}

/// A bar of at most `columns`, as long as its part of the longest.
pub fn bar(amount: Decimal, longest: Decimal, columns: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = amount
        .checked_div(longest)
        .and_then(|part| part.checked_mul(Decimal::from(columns * 8)))
        .and_then(|length| usize::try_from(RoundingMode::HalfUp.places(length, 0).trunc().mantissa()).ok())
        .unwrap_or(0)
        .min(columns * 8);
    format!("{}{}", "█".repeat(eighths / 8), EIGHTHS[eighths % 8])
}

/// A rate as a percentage with two places.
pub fn percent(rate: Option<Decimal>) -> String {
    match rate.and_then(|r| r.checked_mul(Decimal::ONE_HUNDRED)) {
        Some(rate) => format!("{}%", grouped(rate, 2)),
        None => "–".to_owned(),
    }
}

/// A rate as a percentage in a sentence: at most two places, no trailing zeros.
pub fn percent_in_words(rate: Decimal) -> String {
    let rate = rate.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(rate);
    format!("{}%", RoundingMode::HalfUp.places(rate, 2).normalize())
}

/// A part of a whole in a sentence, as a whole percentage.
pub fn share_in_words(share: Decimal) -> String {
    let percent = share.checked_mul(Decimal::ONE_HUNDRED).unwrap_or(share);
    let rounded = RoundingMode::HalfUp.places(percent, 0);
    if rounded == Decimal::ONE_HUNDRED && share < Decimal::ONE {
        return "nearly all".to_owned();
    }
    format!("{rounded}%")
}

/// Money in a sentence: three significant figures or so, and a word for the thousands.
pub fn money_in_words(amount: Decimal, currency: &str) -> String {
    const STEPS: [(u64, &str); 3] =
        [(1_000_000_000_000, "trillion"), (1_000_000_000, "billion"), (1_000_000, "million")];
    let step = STEPS.iter().find(|(size, _)| amount.abs() >= Decimal::from(*size));
    if let Some((scaled, word)) =
        step.and_then(|(size, word)| Some((amount.checked_div(Decimal::from(*size))?, word)))
    {
        let places = u32::from(scaled.abs() < Decimal::from(100));
        let scaled = RoundingMode::HalfUp.places(scaled, places).normalize();
        format!("{currency} {} {word}", grouped(scaled, scaled.scale()))
    } else {
        let places = if amount == amount.trunc() { 0 } else { 2 };
        format!("{currency} {}", grouped(amount, places))
    }
}

/// A count and its noun.
pub fn count(number: usize, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", grouped(Decimal::from(number), 0))
}
