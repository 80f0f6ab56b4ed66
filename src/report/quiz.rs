//! A quiz in words: what is asked, what is said to a guess, the answer with its working, and the score.

use super::Layout;
use super::exercise::{About, Answer, Row, Step, rows};
use super::number::{count, percent_in_words};
use super::page::paragraph;
use super::sentence::title_of;
use crate::analysis::{Heard, Outcome, Question, Quiz, Session, TRIES, Unreadable, Verdict};
use crate::scenario::Scenario;
use anstyle::Style;
use rust_decimal::Decimal;
use std::fmt::Write;

/// Lines are no longer than this.
const WIDEST: usize = 80;

/// Lines of working that leave room for the question above and the next below on a small screen.
const WORKING: usize = 12;

/// Commands that are told at the end.
const COMMANDS: usize = 10;

/// What stands before the cursor.
pub const PROMPT: &str = "Duty rate, % of customs value? ";

/// How a quiz is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Talk {
    layout: Layout,
}

impl Talk {
    /// In a layout, at most 80 columns wide.
    pub fn new(layout: Layout) -> Talk {
        Talk { layout: Layout { width: layout.width.min(WIDEST), ..layout } }
    }

    fn say(self, text: &mut String, words: &str, style: Style, indents: (&str, &str)) {
        paragraph(text, words, style, indents, self.layout);
    }

    fn plain(self, words: &str) -> String {
        let mut text = String::new();
        self.say(&mut text, words, Style::new(), ("", ""));
        text
    }

    /// What it is about and how it goes.
    pub fn opening(self, scenario: &Scenario, quiz: &Quiz) -> String {
        let asked = count(quiz.questions.len(), "flow", "flows");
        let mut text = String::new();
        let title = format!("Quiz on {asked} of {}: {}", scenario.file, title_of(scenario));
        self.say(&mut text, &title, Style::new().bold(), ("", ""));
        if quiz.questions.is_empty() {
            text.push_str(&self.plain(
                "There is no rate to ask for: what cannot be computed has none, and what is worth nothing.",
            ));
            return text;
        }
        let mut how =
            "Write the duty as a percentage of the customs value: 15 and 15% both mean 15%. Enter alone \
                       shows the answer, ? gives a hint, q ends. The rates of law are in the file."
                .to_owned();
        if quiz.left_out > 0 {
            let _ = write!(how, " Left out, having no rate: {}.", count(quiz.left_out, "flow", "flows"));
        }
        if quiz.beyond > 0 {
            let beyond = count(quiz.beyond, "flow is", "flows are");
            let _ = write!(how, " {beyond} not asked; --flow ID asks for one.");
        }
        text.push_str(&self.plain(&how));
        text
    }

    /// A question, without the prompt.
    pub fn question(self, at: usize, of: usize, question: &Question) -> String {
        let rows = rows(&question.explained);
        let flow = &question.explained.flows.rows[0].id;
        let goods = rows.iter().find_map(|row| match row {
            Row::Words(words) => Some(words.as_str()),
            _ => None,
        });
        let given = rows.iter().filter_map(|row| match row {
            // What customs value holds is said by the law, and not asked for.
            Row::Given { words, amount } => {
                Some(format!("{}: {amount}", words.split(" (").next().unwrap_or(words)))
            }
            _ => None,
        });
        let given = given.collect::<Vec<_>>().join("; ");
        let words = format!("{} of {of}. {flow}: {} {given}.", at + 1, goods.unwrap_or_default());
        let mut text = "\n".to_owned();
        self.say(&mut text, &words, Style::new(), ("", "   "));
        text
    }

    /// What is said to a line that was typed in answer to a question.
    pub fn heard(self, heard: Heard, question: &Question, command: &str) -> String {
        match heard {
            Heard::Right(Verdict::Close) => {
                self.bold(&format!("Close enough: it is {}.", exactly(question.rate)))
            }
            Heard::Right(_) => self.bold(&format!("Right: {}.", exactly(question.rate))),
            Heard::Again(verdict, left) => self.plain(&again(verdict, left)),
            Heard::Missed => self.answer("Not quite.", question, command),
            Heard::Skipped => self.answer("", question, command),
            Heard::Hint => self.plain(&hint(question)),
            Heard::Stopped => String::new(),
        }
    }

    fn bold(self, words: &str) -> String {
        let mut text = String::new();
        self.say(&mut text, words, Style::new().bold(), ("", ""));
        text
    }

    /// The rate, and how it comes about.
    fn answer(self, before: &str, question: &Question, command: &str) -> String {
        let mut text = self.bold(format!("{before} It is {}:", exactly(question.rate)).trim());
        let mut drawn = String::new();
        for line in working(question) {
            self.say(&mut drawn, &line, Style::new(), ("  ", "    "));
        }
        let lines: Vec<&str> = drawn.lines().collect();
        if lines.len() <= WORKING {
            text.push_str(&drawn);
            return text;
        }
        for line in &lines[..WORKING - 1] {
            text.push_str(line);
            text.push('\n');
        }
        let rest = format!("and so on: {command}");
        self.say(&mut text, &rest, Style::new(), ("  ", "    "));
        text
    }

    /// The score; `command` shows how the duty on a flow comes about.
    pub fn closing(self, quiz: &Quiz, session: &Session<'_>, command: &dyn Fn(&str) -> String) -> String {
        let outcomes = &session.outcomes;
        let (asked, of) = (outcomes.len(), quiz.questions.len());
        if of == 0 {
            return String::new();
        }
        let mut text = "\n".to_owned();
        let right = outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Right { .. })).count();
        let first = outcomes.iter().filter(|outcome| **outcome == Outcome::Right { tries: 1 }).count();
        let skipped = outcomes.iter().filter(|outcome| **outcome == Outcome::Skipped).count();
        let mut score = match asked {
            0 => "Score: nothing answered".to_owned(),
            _ => format!("Score: {right} of {asked} right"),
        };
        if first < right {
            let _ = write!(score, ", {first} at the first guess");
        }
        if skipped > 0 {
            let _ = write!(score, ", {skipped} looked up");
        }
        if asked < of {
            let _ = write!(score, ", {} not answered", of - asked);
        }
        self.say(&mut text, &format!("{score}."), Style::new().bold(), ("", ""));
        let missed: Vec<&str> = outcomes
            .iter()
            .zip(&quiz.questions)
            .filter(|(outcome, _)| !matches!(outcome, Outcome::Right { .. }))
            .map(|(_, question)| question.explained.flows.rows[0].id.as_str())
            .collect();
        if !missed.is_empty() {
            text.push_str("To see how the duty comes about:\n");
        }
        // A command is not wrapped: it is to be copied.
        for id in missed.iter().take(COMMANDS) {
            let _ = writeln!(text, "  {}", command(id));
        }
        text
    }
}

/// A rate in words, and whether it is rounded.
fn exactly(rate: Decimal) -> String {
    let shown = percent_in_words(rate);
    let is_short = rate.normalize().scale() <= 4;
    if is_short { shown } else { format!("{shown}, to two decimals") }
}

/// What is said to a guess that is not right.
fn again(verdict: Verdict, left: usize) -> String {
    let tries = if left == 1 { "One more try".to_owned() } else { format!("{left} more tries") };
    let lead = if left < TRIES { format!("{tries}; ? gives a hint.") } else { "? gives a hint.".to_owned() };
    match verdict {
        Verdict::TooHigh => format!("Not quite: it is less than that. {lead}"),
        Verdict::TooLow => format!("Not quite: it is more than that. {lead}"),
        Verdict::Fraction => {
            "Nearly: that reads as a fraction, and here 1 means 1%. Write it as a percentage, 25 and not 0.25."
                .to_owned()
        }
        Verdict::Unreadable(Unreadable::BelowZero) => {
            "A duty is never below nothing: write 0, or a number above it such as 15.".to_owned()
        }
        Verdict::Unreadable(Unreadable::Comma) => {
            "That comma can be read in two ways: write 1.25 with a point, or 1250 without one.".to_owned()
        }
        _ => "That does not read as a number: write 15 or 15%. Enter alone shows the answer, q ends.".to_owned(),
    }
}

/// The measures that match, without their rates.
fn hint(question: &Question) -> String {
    let rows = rows(&question.explained);
    let mut names: Vec<String> = Vec::new();
    for row in &rows {
        if let Row::Step(Step { name, kind, counts: true, .. }) = row {
            let name = format!("{name} ({kind})");
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    if names.is_empty() {
        return "Hint: no measure in the file matches this flow.".to_owned();
    }
    format!("Hint: look at {}. What does each charge, and on what part of the value?", names.join(", "))
}

/// The steps of the answer, a line each: those that charge with their numbers, the others with what becomes of them.
fn working(question: &Question) -> Vec<String> {
    let mut lines = Vec::new();
    let mut step: Option<(&str, &str)> = None;
    let rows = rows(&question.explained);
    for row in &rows {
        match row {
            Row::Part(words) => lines.push(words.clone()),
            Row::Step(Step { name, counts, .. }) => step = counts.then_some((name.as_str(), "pays nothing")),
            Row::Question(asked) => match (&asked.answer, asked.about) {
                (Answer::Words(fate), About::Fate) => step = step.map(|(name, _)| (name, fate.as_str())),
                (Answer::Number { working, result }, about) => {
                    let sum = working
                        .as_ref()
                        .map_or_else(|| result.clone(), |working| format!("{working} = {result}"));
                    match about {
                        About::Charge | About::Specific | About::Paid => {
                            let said = |(name, fate)| match result.as_str() {
                                "0" => format!("{name}: {fate}"),
                                _ => format!("{name}: {sum}"),
                            };
                            lines.extend(step.map(said));
                        }
                        About::Base | About::Taxed | About::Owed | About::Landed | About::Portion => {}
                        About::Sum if result == "0" => {}
                        _ => lines.push(format!("{}: {sum}", asked.label)),
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
    lines
}
