//! The worksheet of a flow as an exercise: what is given, and questions whose answers are blanks or are filled in. Both
//! sheets are drawn from the same rows by the same hand, so that they differ in the blanks and in nothing else.

mod draw;
mod formula;
mod given;
mod law;
mod rows;
mod steps;
mod sums;
mod working;

pub use draw::exercise;
pub(super) use rows::rows;

use super::worksheet::Cited;

/// A row of an exercise.
pub(super) enum Row {
    /// What is asked.
    Title(String),
    /// Words.
    Words(String),
    /// What follows is another part.
    Gap,
    /// Something given, and how much it is.
    Given { words: String, amount: String },
    /// What a part is about.
    Part(String),
    /// A measure or credit.
    Step(Step),
    /// Something to be answered.
    Question(Question),
    /// The sum follows.
    Rule,
    /// What the numbers in brackets stand for.
    Citations(Vec<Cited>),
}

/// A measure or credit, and what the law says of it.
pub(super) struct Step {
    pub number: usize,
    pub name: String,
    pub kind: &'static str,
    pub title: Option<String>,
    /// Rate, part of the value, what it gives way to, and all else that decides what becomes of it.
    pub law: String,
    /// Whether it is a duty that the flow meets all conditions of, or a credit. Never drawn on a sheet.
    pub counts: bool,
}

/// Something to be answered.
pub(super) struct Question {
    pub about: About,
    pub label: String,
    pub answer: Answer,
    /// Whether it is of a step.
    pub of_step: bool,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// What becomes of a measure, or why there is no duty.
    Fate,
    /// What a rate is charged on.
    Base,
    /// What a tax is charged on.
    Taxed,
    /// What a measure charges by a part of the value.
    Charge,
    /// What one charges by more than that: money by unit, or a lump sum.
    Specific,
    /// The duty that a credit may pay.
    Owed,
    /// What a credit pays.
    Paid,
    /// How much of the trade a portion is.
    Portion,
    /// What a measure charges in all portions.
    Sum,
    /// The duty.
    Duty,
    /// The effective rate.
    Rate,
    /// Landed cost.
    Landed,
}

/// What stands where the blanks are.
pub(super) enum Answer {
    /// A sentence.
    Words(String),
    /// A number, and the numbers it comes of.
    Number { working: Option<String>, result: String },
}
