//! Rows with something wrong: the first are shown, what many lack for one and the same reason is said once, and the
//! rest is counted. They may come in any order; what is said of them is in the order of the file.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, FileId, Sources, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rows with problems that are shown before the rest is only counted.
const SHOWN: usize = 20;

/// A row with something wrong.
#[derive(Debug, Clone)]
pub struct BadRow {
    /// Its number in the file.
    pub number: usize,
    /// The number of its line.
    pub line: usize,
    /// The line.
    pub text: String,
    /// What is wrong; labels point into the line by [`BadRow::PLACE`].
    pub problems: Vec<Diagnostic>,
}

impl BadRow {
    /// Stands for the line until it is known whether it is shown.
    pub const PLACE: FileId = FileId::UNKNOWN;
}

/// What bad rows come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// They stop the run.
    Stop,
    /// It goes on without them.
    SetAside,
}

/// The bad rows of a file.
#[derive(Debug, Default)]
pub struct BadRows {
    /// How many there are, those with gaps alone left out.
    count: usize,
    /// The first of them, by number.
    first: BTreeMap<usize, BadRow>,
    /// What rows lack for one and the same reason.
    gaps: Vec<Gap>,
}

/// What rows lack that the scenario could say for all of them.
#[derive(Debug)]
struct Gap {
    /// The first row that lacks it, with that problem alone.
    row: BadRow,
    /// How many others do.
    others: usize,
}

fn is_gap(problem: &Diagnostic) -> bool {
    matches!(problem.code, Code::NoDate | Code::MissingColumn)
}

/// A problem with the number of those that are like it.
fn with_others(mut problem: Diagnostic, others: usize) -> Diagnostic {
    if others > 0 {
        problem.message = format!("{} (and {others} more like it)", problem.message);
    }
    problem
}

/// What flows written in a scenario lack for one and the same reason: said at the first, with the number of the others.
#[derive(Default)]
pub struct Gaps(Vec<(Diagnostic, usize)>);

impl Gaps {
    /// Takes the gaps out of what is wrong.
    pub fn take(&mut self, problems: &mut Vec<Diagnostic>) {
        let (gaps, rest): (Vec<Diagnostic>, _) = std::mem::take(problems).into_iter().partition(is_gap);
        *problems = rest;
        for gap in gaps {
            match self.0.iter_mut().find(|(first, _)| first.help == gap.help) {
                Some((_, others)) => *others += 1,
                None => self.0.push((gap, 0)),
            }
        }
    }

    /// A diagnostic for each kind.
    pub fn into_diagnostics(self) -> impl Iterator<Item = Diagnostic> {
        self.0.into_iter().map(|(first, others)| with_others(first, others))
    }
}

impl BadRows {
    /// Takes a row in.
    pub fn add(&mut self, mut row: BadRow) {
        let (gaps, problems): (Vec<Diagnostic>, Vec<Diagnostic>) = row.problems.into_iter().partition(is_gap);
        for problem in gaps {
            let row = BadRow { text: row.text.clone(), problems: vec![problem], ..row };
            self.add_gap(Gap { row, others: 0 });
        }
        if problems.is_empty() {
            return;
        }
        row.problems = problems;
        self.count += 1;
        self.first.insert(row.number, row);
        if self.first.len() > SHOWN + 1 {
            self.first.pop_last();
        }
    }

    /// Takes in what was found in other rows of the file.
    pub fn join(&mut self, other: BadRows) {
        let known = other.first.len();
        other.first.into_values().for_each(|row| self.add(row));
        self.count += other.count - known;
        other.gaps.into_iter().for_each(|gap| self.add_gap(gap));
    }

    fn add_gap(&mut self, mut gap: Gap) {
        let help = |gap: &Gap| gap.row.problems.first().map(|problem| problem.help.clone());
        match self.gaps.iter_mut().find(|known| help(known) == help(&gap)) {
            Some(known) => {
                if gap.row.number < known.row.number {
                    std::mem::swap(known, &mut gap);
                }
                known.others += gap.others + 1;
            }
            None => self.gaps.push(gap),
        }
    }

    /// Says what is wrong.
    pub fn report(
        mut self,
        path: &Arc<str>,
        tone: Tone,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) {
        let hidden = if self.count > SHOWN { self.first.pop_last().map(|(_, row)| row) } else { None };
        let mut ids: BTreeMap<usize, FileId> = BTreeMap::new();
        self.gaps.sort_by_key(|gap| gap.row.number);
        let rows = self.first.values().chain(&hidden).chain(self.gaps.iter().map(|gap| &gap.row));
        let mut rows: Vec<&BadRow> = rows.collect();
        rows.sort_by_key(|row| row.number);
        for row in rows {
            ids.entry(row.number).or_insert_with(|| sources.add_excerpt(path, row.text.as_str(), row.line));
        }
        let id = |row: &BadRow| ids.get(&row.number).copied().unwrap_or(BadRow::PLACE);
        for row in self.first.values() {
            let moved = row.problems.iter().map(|problem| problem.moved(BadRow::PLACE, id(row)));
            diagnostics.extend(moved.map(|problem| tone.of(problem)));
        }
        for gap in &self.gaps {
            let moved = gap.row.problems.iter().map(|problem| problem.moved(BadRow::PLACE, id(&gap.row)));
            diagnostics.extend(moved.map(|problem| tone.of(with_others(problem, gap.others))));
        }
        if let Some(row) = hidden {
            let message = format!("{path}: {} more rows are wrong", self.count - SHOWN);
            let span = Span::new(id(&row), 0, row.text.len());
            let diagnostic = Diagnostic::new(Code::BadCell, message).label(span, "the first of them");
            diagnostics.push(match tone {
                Tone::Stop => diagnostic,
                Tone::SetAside => Diagnostic {
                    code: Code::RowSetAside,
                    message: format!("{} and set aside", diagnostic.message),
                    ..diagnostic.help("--rejects FILE writes them all to a file")
                },
            });
        }
    }
}

impl Tone {
    /// A problem as it is said.
    fn of(self, problem: Diagnostic) -> Diagnostic {
        match self {
            Tone::Stop => problem,
            Tone::SetAside => Diagnostic {
                code: Code::RowSetAside,
                message: format!("{}; the row is set aside", problem.message),
                ..problem
            },
        }
    }
}
