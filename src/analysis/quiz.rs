//! A quiz: the rate of each flow is asked for before it is shown. Guesses are judged here, and whoever asks reads the
//! lines.

use crate::assess::{self, Explained, Plan};
use crate::diagnostic::Diagnostics;
use crate::money::{self, RoundingMode};
use crate::scenario::Scenario;
use crate::trade::Flows;
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// Flows that are asked for in one go.
pub const MOST: usize = 10;

/// Guesses at one rate before it is shown.
pub const TRIES: usize = 3;

/// Percentage points by which a guess may be off.
const NEAR: Decimal = Decimal::from_parts(5, 0, 0, false, 2);

/// Digits before the point that a rate may have and still be read.
const DIGITS: usize = 12;

/// Digits behind the point that are read; more say nothing.
const PLACES: usize = 12;

/// What is asked, in the order of the flows.
#[derive(Debug)]
pub struct Quiz {
    /// Flows whose rate is asked for; at most [`MOST`].
    pub questions: Vec<Question>,
    /// Flows before the last of them that have no rate: not computable, or worth nothing.
    pub left_out: usize,
    /// Flows behind the last of them.
    pub beyond: usize,
}

/// A flow, and the rate that is asked for.
#[derive(Debug)]
pub struct Question {
    /// How the duty on it comes about.
    pub explained: Explained,
    /// Its effective rate, a part of the customs value.
    pub rate: Decimal,
}

/// The questions of a scenario: on the flow of an id, or on the first of its flows that have a rate.
pub fn quiz(scenario: Scenario, flows: &Flows, id: Option<&str>) -> Result<(Quiz, Diagnostics), Diagnostics> {
    if id.is_some() {
        let (explained, said) = assess::explain(scenario, flows, id)?;
        let rate = explained.explanation.sheet.effective_rate();
        let questions: Vec<Question> = rate.map(|rate| Question { explained, rate }).into_iter().collect();
        let left_out = 1_usize.saturating_sub(questions.len());
        return Ok((Quiz { questions, left_out, beyond: 0 }, said));
    }
    let plan = Plan::compile(scenario);
    let (assessed, mut said) = assess::assess(&plan, flows)?;
    let mut quiz = Quiz { questions: Vec::new(), left_out: 0, beyond: 0 };
    for (at, sheet) in assessed.sheets.iter().enumerate() {
        match sheet.effective_rate() {
            _ if quiz.questions.len() == MOST => quiz.beyond += 1,
            None => quiz.left_out += 1,
            Some(rate) => match assess::explain_at(plan.scenario().clone(), flows, at) {
                Ok(explained) => quiz.questions.push(Question { explained, rate }),
                Err(diagnostic) => {
                    said.push(*diagnostic);
                    return Err(said);
                }
            },
        }
    }
    Ok((quiz, said))
}

/// What a guess is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the rate, to two decimals of a per cent.
    Right,
    /// It is off by no more than 0.05 points.
    Close,
    /// The rate is higher.
    TooLow,
    /// The rate is lower.
    TooHigh,
    /// It is right as a fraction: 0.15 where the rate is 15%.
    Fraction,
    /// It cannot be read as a rate.
    Unreadable(Unreadable),
}

/// Why a text is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is no number.
    NotANumber,
    /// It is below zero.
    BelowZero,
    /// Its comma may stand before decimals or between thousands.
    Comma,
}

/// Judges a text as a guess at a rate, which is a part of the customs value. `15`, `15%` and `15,0` all mean 15%.
pub fn judge(text: &str, rate: Decimal) -> Verdict {
    let (guess, is_percent) = match read(text) {
        Ok(Some(read)) => read,
        Ok(None) => return Verdict::TooHigh,
        Err(why) => return Verdict::Unreadable(why),
    };
    let Ok(percent) = money::mul(rate, Decimal::ONE_HUNDRED) else { return Verdict::TooLow };
    let verdict = against(guess, percent);
    let as_fraction = || money::mul(guess, Decimal::ONE_HUNDRED).map(|guess| against(guess, percent));
    match verdict {
        Verdict::TooLow if !is_percent && guess <= Decimal::ONE && as_fraction() == Ok(Verdict::Right) => {
            Verdict::Fraction
        }
        verdict => verdict,
    }
}

/// A percentage held against the one that is right.
fn against(guess: Decimal, percent: Decimal) -> Verdict {
    let shown = |number: Decimal| RoundingMode::HalfUp.places(number, 2);
    if shown(guess) == shown(percent) {
        return Verdict::Right;
    }
    let off = money::sub(guess, percent).map_or(Decimal::MAX, |off| off.abs());
    // Nothing is not close to something.
    if off <= NEAR && !guess.is_zero() && !percent.is_zero() {
        return Verdict::Close;
    }
    if guess.cmp(&percent) == Ordering::Less { Verdict::TooLow } else { Verdict::TooHigh }
}

/// The number in a text, and whether it says per cent; `None` where it is beyond every rate.
fn read(text: &str) -> Result<Option<(Decimal, bool)>, Unreadable> {
    let narrow: String = text.trim().chars().map(narrow).collect();
    let lower = narrow.to_lowercase();
    let marks = ["%", "per cent", "percent", "pct"];
    let stripped = marks.iter().find_map(|mark| lower.strip_suffix(mark));
    let number = stripped.unwrap_or(&lower).trim();
    if let Some(rest) = number.strip_prefix('-') {
        let is_number = rest.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        return Err(if is_number { Unreadable::BelowZero } else { Unreadable::NotANumber });
    }
    let number = without_commas(number.strip_prefix('+').unwrap_or(number))?;
    let (whole, decimals) = number.split_once('.').unwrap_or((&number, ""));
    let is_digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if !is_digits(whole) || !is_digits(decimals) || (whole.is_empty() && decimals.is_empty()) {
        return Err(Unreadable::NotANumber);
    }
    let whole = whole.trim_start_matches('0');
    if whole.len() > DIGITS {
        return Ok(None);
    }
    let decimals = decimals.get(..PLACES).unwrap_or(decimals);
    let read = Decimal::from_str_exact(&format!("0{whole}.{decimals}0"));
    read.map(|number| Some((number, stripped.is_some()))).map_err(|_| Unreadable::NotANumber)
}

/// A character as it is on a keyboard without wide digits.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
        '．' => '.',
        '，' => ',',
        '％' => '%',
        '－' | '−' => '-',
        '＋' => '+',
        other => other,
    }
}

/// A number without its commas: one before one or two digits stands before decimals, others between thousands.
fn without_commas(number: &str) -> Result<String, Unreadable> {
    let parts: Vec<&str> = number.split(',').collect();
    match parts.as_slice() {
        [_] => Ok(number.to_owned()),
        [whole, decimals] if !number.contains('.') && matches!(decimals.len(), 1 | 2) => {
            Ok(format!("{whole}.{decimals}"))
        }
        [whole, thousands] if is_group(thousands) && !whole.is_empty() && !number.contains('.') => {
            Err(Unreadable::Comma)
        }
        [first, rest @ .., last] => {
            let whole = last.split('.').next().unwrap_or_default();
            let is_grouped = !first.is_empty() && first.len() <= 3 && rest.iter().all(|part| is_group(part));
            if is_grouped && is_group(whole) { Ok(parts.concat()) } else { Err(Unreadable::NotANumber) }
        }
        [] => Err(Unreadable::NotANumber),
    }
}

fn is_group(part: &str) -> bool {
    part.len() == 3 && part.chars().all(|c| c.is_ascii_digit())
}

/// What became of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered, at the first guess or later.
    Right {
        /// How many guesses it took; at least 1.
        tries: usize,
    },
    /// The answer was shown after the last guess.
    Missed,
    /// The answer was asked for.
    Skipped,
}

/// What a line comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The guess was right, or close enough; the next question follows.
    Right(Verdict),
    /// It was not, and may be tried again.
    Again(Verdict, usize),
    /// It was not, and was the last; the answer is shown and the next question follows.
    Missed,
    /// The answer is shown and the next question follows.
    Skipped,
    /// A hint is asked for.
    Hint,
    /// There is to be an end.
    Stopped,
}

/// A quiz that is going on.
#[derive(Debug)]
pub struct Session<'q> {
    quiz: &'q Quiz,
    tries: usize,
    /// What became of the questions that are done.
    pub outcomes: Vec<Outcome>,
}

impl<'q> Session<'q> {
    /// Nothing asked yet.
    pub fn new(quiz: &'q Quiz) -> Session<'q> {
        Session { quiz, tries: 0, outcomes: Vec::new() }
    }

    /// The question that waits for an answer, and its place; `None` after the last.
    pub fn question(&self) -> Option<(usize, &'q Question)> {
        let at = self.outcomes.len();
        Some((at, self.quiz.questions.get(at)?))
    }

    /// Takes a line as it was typed, whatever is in it. A guess that cannot be read costs no try.
    pub fn hear(&mut self, line: &[u8]) -> Heard {
        let Some((_, question)) = self.question() else { return Heard::Stopped };
        let text = String::from_utf8_lossy(line);
        match text.trim() {
            "" => {
                self.done(Outcome::Skipped);
                Heard::Skipped
            }
            "?" | "？" => Heard::Hint,
            "q" | "Q" | "quit" | "exit" => Heard::Stopped,
            guess => self.judged(judge(guess, question.rate)),
        }
    }

    fn judged(&mut self, verdict: Verdict) -> Heard {
        match verdict {
            Verdict::Right | Verdict::Close => {
                self.done(Outcome::Right { tries: self.tries.saturating_add(1) });
                Heard::Right(verdict)
            }
            Verdict::Unreadable(_) | Verdict::Fraction => {
                Heard::Again(verdict, TRIES.saturating_sub(self.tries))
            }
            Verdict::TooLow | Verdict::TooHigh => {
                self.tries = self.tries.saturating_add(1);
                if self.tries >= TRIES {
                    self.done(Outcome::Missed);
                    Heard::Missed
                } else {
                    Heard::Again(verdict, TRIES.saturating_sub(self.tries))
                }
            }
        }
    }

    fn done(&mut self, outcome: Outcome) {
        self.outcomes.push(outcome);
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::{Unreadable, Verdict, judge};
    use rust_decimal::Decimal;

    fn judged(text: &str, rate: &str) -> Verdict {
        judge(text, Decimal::from_str_exact(rate).unwrap_or_default())
    }

    #[test]
    fn fifteen_per_cent_is_written_in_many_ways() {
        for text in [
            "15",
            "15%",
            " 15 % ",
            "15.0",
            "15,0",
            "15,00",
            "+15",
            "015",
            "15 per cent",
            "15 Percent",
            "１５％",
            "15.",
        ] {
            assert_eq!(judged(text, "0.15"), Verdict::Right, "{text}");
        }
        assert_eq!(judged("15,5", "0.155"), Verdict::Right);
        assert_eq!(judged(".5", "0.005"), Verdict::Right);
        assert_eq!(judged("1,250.5", "12.505"), Verdict::Right);
        assert_eq!(judged("1,234,567", "12345.67"), Verdict::Right);
    }

    #[test]
    fn a_rate_is_right_to_two_decimals_and_close_within_five_hundredths() {
        // A third of a quarter: 8.333...%.
        let third = "0.0833333333333333333333333333";
        assert_eq!(judged("8.33", third), Verdict::Right);
        assert_eq!(judged("8.3333", third), Verdict::Right);
        assert_eq!(judged("8.3", third), Verdict::Close);
        assert_eq!(judged("8", third), Verdict::TooLow);
        assert_eq!(judged("8.4", third), Verdict::TooHigh);
        assert_eq!(judged("15", "0.1504"), Verdict::Close);
        assert_eq!(judged("15.05", "0.15"), Verdict::Close);
        assert_eq!(judged("15.06", "0.15"), Verdict::TooHigh);
    }

    #[test]
    fn nothing_is_not_close_to_something() {
        assert_eq!(judged("0", "0"), Verdict::Right);
        assert_eq!(judged("0", "0.0004"), Verdict::TooLow);
        assert_eq!(judged("0.04", "0"), Verdict::TooHigh);
    }

    #[test]
    fn a_fraction_is_told_from_a_percentage() {
        assert_eq!(judged("0.15", "0.15"), Verdict::Fraction);
        assert_eq!(judged("1", "1"), Verdict::Fraction);
        assert_eq!(judged("0.15%", "0.15"), Verdict::TooLow);
        assert_eq!(judged("0.15", "0.0015"), Verdict::Right);
        assert_eq!(judged("0.2", "0.15"), Verdict::TooLow);
    }

    #[test]
    fn whatever_is_typed_is_judged() {
        let none = Verdict::Unreadable(Unreadable::NotANumber);
        for text in [
            "banana", "1e99", "1..5", "1.2.3", "%", ".", ",", ",5,", "1,2,3", "١٥", "nan", "15 16",
            "\u{fffd}", "0x10", "--5", "-",
        ] {
            assert_eq!(judged(text, "0.15"), none, "{text}");
        }
        assert_eq!(judged("-5", "0.15"), Verdict::Unreadable(Unreadable::BelowZero));
        assert_eq!(judged("−5%", "0.15"), Verdict::Unreadable(Unreadable::BelowZero));
        assert_eq!(judged("1,250", "0.15"), Verdict::Unreadable(Unreadable::Comma));
        assert_eq!(judged(&"9".repeat(100_000), "0.15"), Verdict::TooHigh);
        assert_eq!(judged(&format!("15.{}", "0".repeat(100_000)), "0.15"), Verdict::Right);
        assert_eq!(judged(&format!("{}15", "0".repeat(100_000)), "0.15"), Verdict::Right);
    }
}
