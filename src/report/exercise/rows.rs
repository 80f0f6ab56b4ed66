//! The rows of an exercise: what is given, a step a measure with its questions, and the sums at the end.

use super::{About, Answer, Question, Row};
use crate::assess::{Explained, NearMiss, Terms};
use crate::report::worksheet::{Cited, cited};
use crate::scenario::{Measure, Scenario};
use crate::trade::Flow;
use std::collections::BTreeSet;

/// The exercise of a flow.
pub fn rows(explained: &Explained) -> Vec<Row> {
    let terms = Terms::of(explained);
    let explanation = &explained.explanation;
    // Portions are assessed each by itself, and what nearly fits would stand in all of them.
    let near = if explanation.portions.len() > 1 { &[][..] } else { &explanation.near_misses };
    let charged = explanation.sheet.charges.iter().map(|charge| charge.measure);
    let (scenario, flow) = (explained.plan.scenario(), &explained.flows.rows[0]);
    let mut sources: BTreeSet<usize> = cited(explained).into_iter().collect();
    sources.extend(near.iter().flat_map(|near| {
        scenario.sources_behind(near.measure, nearest_step(&scenario.measures[near.measure], flow))
    }));
    let mut sheet = Sheet {
        explained,
        scenario,
        terms: terms.as_ref(),
        near,
        known: charged.chain(near.iter().map(|near| near.measure)).collect(),
        cited: sources.into_iter().collect(),
        rows: Vec::new(),
        number: 0,
    };
    sheet.given();
    if let Some(reason) = &explanation.sheet.not_computable {
        sheet.rows.push(Row::Gap);
        sheet.words(About::Fate, "Can a duty be stated?", format!("no: {reason}"), false);
    } else {
        sheet.steps();
        sheet.sums();
    }
    sheet.citations();
    sheet.rows
}

/// A measure, a step of it, and the row of its rate file.
pub(super) type Legal = (usize, usize, Option<usize>);

/// A sheet as its rows are put together.
pub(super) struct Sheet<'a> {
    pub explained: &'a Explained,
    pub scenario: &'a Scenario,
    /// The numbers behind its rates; `None` where none can be worked out.
    pub terms: Option<&'a Terms<'a>>,
    /// The measures on it that just miss the flow.
    pub near: &'a [NearMiss],
    /// The measures on it.
    pub known: BTreeSet<usize>,
    /// Sources of what is on the sheet.
    pub cited: Vec<usize>,
    pub rows: Vec<Row>,
    /// That of the last step.
    pub number: usize,
}

impl Sheet<'_> {
    pub(super) fn words(&mut self, about: About, label: &str, answer: String, of_step: bool) {
        let answer = Answer::Words(answer);
        self.rows.push(Row::Question(Question { about, label: label.to_owned(), answer, of_step }));
    }

    pub(super) fn number(&mut self, about: About, label: &str, working: Option<String>, result: String) {
        let of_step = matches!(
            about,
            About::Base | About::Taxed | About::Charge | About::Specific | About::Owed | About::Paid
        );
        let answer = Answer::Number { working, result };
        self.rows.push(Row::Question(Question { about, label: label.to_owned(), answer, of_step }));
    }

    pub(super) fn is_several(&self) -> bool {
        self.explained.explanation.portions.len() > 1
    }

    /// What is said of charges that a law rounds; those of portions are rounded when they are added up.
    pub(super) fn rounded(&self) -> &'static str {
        if self.scenario.rounding.charge.is_some() { ", rounded" } else { "" }
    }

    /// What has to be known of the law beside the steps.
    pub(super) fn remarks(&mut self) {
        let sheet = &self.explained.explanation.sheet;
        let mut say = |words: &str| self.rows.push(Row::Words(words.to_owned()));
        if sheet.partly_covered {
            say("The code is too short to tell whether some measure covers all of these goods.");
        }
        if !sheet.base_stated {
            say("No measure states the base (MFN) duty of these goods: it is counted as nothing.");
        }
    }

    /// Sources by the numbers they have at the end of the sheet.
    pub(super) fn numbers(&self, sources: &BTreeSet<usize>) -> String {
        let places = sources.iter().filter_map(|source| self.cited.iter().position(|cited| cited == source));
        let numbers: Vec<String> = places.map(|at| format!("[{}]", at + 1)).collect();
        numbers.concat()
    }

    fn citations(&mut self) {
        let sources = self.cited.iter().enumerate().filter_map(|(at, source)| {
            let source = self.scenario.sources.get(*source)?;
            Some(Cited { number: at + 1, title: source.title.clone(), url: None })
        });
        let sources: Vec<Cited> = sources.collect();
        if !sources.is_empty() {
            self.rows.push(Row::Citations(sources));
        }
    }
}

/// The step of a measure in force on the day of a flow, or that would be; the first before all of them.
pub(super) fn nearest_step(measure: &Measure, flow: &Flow) -> usize {
    measure.steps.iter().rposition(|step| step.from.is_none_or(|day| day <= flow.date)).unwrap_or_default()
}
