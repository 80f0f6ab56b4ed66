//! Draws an exercise: the same rows with blanks, or with the blanks filled in.

use super::{About, Answer, Question, Row, rows};
use crate::assess::Explained;
use crate::money::plain;
use crate::report::json::{SCHEMA, document};
use crate::report::markdown::escape;
use crate::report::page::paragraph;
use crate::report::{Format, Layout};
use anstyle::Style;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Sheets are drawn no wider than this, so that they fit on paper.
const WIDEST: usize = 80;

/// Columns of a result at the right end of a line.
const RESULT: usize = 16;

/// Columns between the edge and what belongs to a step.
const INDENT: &str = "   ";

/// The worksheet of a flow with blanks, or `filled`; `None` in a format that has no lines to write on.
pub fn exercise(explained: &Explained, filled: bool, format: Format, layout: Layout) -> Option<String> {
    let rows = rows(explained);
    match format {
        Format::Table => {
            let layout = Layout { width: layout.width.min(WIDEST), ..layout };
            let mut sheet = Paper { layout, filled, longest: BTreeMap::new(), text: String::new() };
            sheet.measure(&rows);
            for row in &rows {
                sheet.row(row);
            }
            Some(sheet.text)
        }
        Format::Markdown => Some(markdown(&rows, filled)),
        Format::Json => Some(program(explained, &rows, filled)),
        Format::Csv => None,
    }
}

/// A sheet for a terminal or a printer.
struct Paper {
    layout: Layout,
    filled: bool,
    /// The lines that the longest answer takes to a question about something: others of its kind take as many, so that
    /// the room for an answer does not tell what it is.
    longest: BTreeMap<About, usize>,
    text: String,
}

impl Paper {
    fn measure(&mut self, rows: &[Row]) {
        for row in rows {
            let Row::Question(question) = row else { continue };
            let lines = self.space(question).answer.len();
            let longest = self.longest.entry(question.about).or_default();
            *longest = lines.max(*longest);
        }
    }

    fn row(&mut self, row: &Row) {
        let (bold, plain) = (Style::new().bold(), Style::new());
        match row {
            Row::Title(words) => self.words(words, bold, ("", "")),
            Row::Words(words) => self.words(words, plain, ("", "")),
            Row::Gap => self.text.push('\n'),
            Row::Given { words, amount } => self.sum(words, amount),
            Row::Part(words) => {
                self.text.push('\n');
                self.words(words, bold, ("", ""));
            }
            Row::Step(step) => {
                let title = step.title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
                self.text.push('\n');
                let name = format!("{}. {} ({}){title}", step.number, self.bold(&step.name), step.kind);
                match (title.as_str(), step.law.as_str()) {
                    (_, "") => self.words(&name, plain, ("", INDENT)),
                    ("", law) => self.words(&format!("{name}: {law}"), plain, ("", INDENT)),
                    (_, law) => {
                        self.words(&name, plain, ("", INDENT));
                        self.words(law, plain, (INDENT, INDENT));
                    }
                }
            }
            Row::Question(question) => self.question(question),
            Row::Rule => {
                let _ = write!(self.text, "\n{}\n", "─".repeat(self.layout.width));
            }
            Row::Citations(sources) => {
                self.text.push('\n');
                for source in sources {
                    self.words(&format!("[{}] {}", source.number, source.title), plain, ("", "    "));
                }
            }
        }
    }

    fn words(&mut self, words: &str, style: Style, indents: (&str, &str)) {
        paragraph(&mut self.text, words, style, indents, self.layout);
    }

    fn bold(&self, words: &str) -> String {
        let style = Style::new().bold();
        if self.layout.colour { format!("{style}{words}{style:#}") } else { words.to_owned() }
    }

    /// Words, and an amount at the right end.
    fn sum(&mut self, words: &str, amount: &str) {
        let taken = words.chars().count() + amount.chars().count();
        match self.layout.width.checked_sub(taken) {
            Some(gap) if gap > 1 => {
                let _ = writeln!(self.text, "{words}{}{amount}", " ".repeat(gap));
            }
            _ => self.words(&format!("{words}: {amount}"), Style::new(), ("", INDENT)),
        }
    }

    /// A question over as many lines as its answer takes, whether that is shown or not.
    fn question(&mut self, question: &Question) {
        let Space { label, rest, room, column, mut answer } = self.space(question);
        let (has_working, result) = match &question.answer {
            Answer::Words(_) => (true, None),
            Answer::Number { working, result } => (working.is_some(), Some(result)),
        };
        let lines = self.longest.get(&question.about).copied().unwrap_or_default().max(answer.len());
        answer.resize(lines, String::new());
        for (at, line) in answer.iter().enumerate() {
            let lead = if at == 0 { &label } else { &rest };
            let left = room.saturating_sub(lead.chars().count());
            let body = match (has_working, self.filled) {
                (false, _) => " ".repeat(left),
                (true, true) => format!("{line:left$}"),
                (true, false) => "_".repeat(left),
            };
            let end = match result.filter(|_| at + 1 == lines) {
                Some(result) if self.filled => format!(" = {result:>column$}"),
                Some(_) => format!(" = {}", "_".repeat(column)),
                None => String::new(),
            };
            let drawn = format!("{lead}{body}{end}");
            let _ = writeln!(self.text, "{}", drawn.trim_end());
        }
    }

    /// The room for an answer.
    fn space(&self, question: &Question) -> Space {
        let indent = if question.of_step { INDENT } else { "" };
        let (working, result) = match &question.answer {
            Answer::Words(words) => (Some(words), None),
            Answer::Number { working, result } => (working.as_ref(), Some(result)),
        };
        let column = result.map_or(0, |result| result.chars().count().max(RESULT));
        // An equals sign stands between the working and the result.
        let room = self.layout.width.saturating_sub(if column > 0 { column + 3 } else { 0 }).max(20);
        let mark = if question.label.ends_with('?') { "" } else { ":" };
        let label = format!("{indent}{}{mark} ", question.label);
        let rest = format!("{indent}{INDENT}");
        let answer = wrapped(working.map_or("", String::as_str), &label, &rest, room);
        Space { label, rest, room, column, answer }
    }
}

/// The room for an answer, and the lines that it takes.
struct Space {
    /// What stands before its first line.
    label: String,
    /// What stands before the others.
    rest: String,
    /// Columns to the end of the working.
    room: usize,
    /// Columns of the result; 0 where there is none.
    column: usize,
    answer: Vec<String>,
}

/// An answer in lines, without what stands before them.
fn wrapped(answer: &str, label: &str, rest: &str, room: usize) -> Vec<String> {
    let lead = |of: &str| "x".repeat(of.chars().count());
    let (first, others) = (lead(label), lead(rest));
    let options = textwrap::Options::new(room)
        .initial_indent(&first)
        .subsequent_indent(&others)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .break_words(false);
    let lines = textwrap::wrap(answer, options).into_iter().enumerate();
    let skip = |at: usize| if at == 0 { first.len() } else { others.len() };
    lines.map(|(at, line)| line.get(skip(at)..).unwrap_or_default().to_owned()).collect()
}

/// For documents: a line a question.
fn markdown(rows: &[Row], filled: bool) -> String {
    const WORDS: &str = "______________________________";
    const NUMBER: &str = "______________";
    let mut text = String::new();
    for row in rows {
        let line = match row {
            Row::Title(words) => format!("## {}\n", escape(words)),
            Row::Words(words) => format!("{}\n", escape(words)),
            Row::Gap => continue,
            Row::Given { words, amount } => format!("- {}: {}", escape(words), escape(amount)),
            Row::Part(words) => format!("\n### {}\n", escape(words)),
            Row::Step(step) => {
                let title =
                    step.title.as_ref().map(|title| format!(": {}", escape(title))).unwrap_or_default();
                let (name, law) = (escape(&step.name), escape(&step.law));
                let law = if law.is_empty() { law } else { format!("{law}\n\n") };
                format!("\n**{}. {name}** ({}){title}\n\n{law}", step.number, step.kind).trim_end().to_owned()
                    + "\n"
            }
            Row::Question(question) => {
                let shown =
                    |answer: &str, blank: &str| if filled { escape(answer) } else { blank.to_owned() };
                let mark = if question.label.ends_with('?') { "" } else { ":" };
                let answer = match &question.answer {
                    Answer::Words(words) => shown(words, WORDS),
                    Answer::Number { working: None, result } => shown(result, NUMBER),
                    Answer::Number { working: Some(working), result } => {
                        format!("{} = {}", shown(working, WORDS), shown(result, NUMBER))
                    }
                };
                format!("- {}{mark} {answer}", escape(&question.label))
            }
            Row::Rule => "\n---\n".to_owned(),
            Row::Citations(sources) => {
                let lines =
                    sources.iter().map(|source| format!("\n{}. {}", source.number, escape(&source.title)));
                lines.collect()
            }
        };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// For programs: rows, and `null` where a blank is.
fn program(explained: &Explained, rows: &[Row], filled: bool) -> String {
    let (scenario, flow) = (explained.plan.scenario(), &explained.flows.rows[0]);
    let row = |row: &Row| -> Option<Value> {
        let shown = |answer: &str| if filled { json!(answer) } else { Value::Null };
        Some(match row {
            Row::Gap | Row::Rule => return None,
            Row::Title(words) => json!({ "title": words }),
            Row::Words(words) => json!({ "words": words }),
            Row::Given { words, amount } => json!({ "given": words, "amount": amount }),
            Row::Part(words) => json!({ "part": words }),
            Row::Step(step) => json!({
                "step": step.number, "name": step.name, "type": step.kind, "title": step.title, "law": step.law,
            }),
            Row::Question(question) => {
                let mut map = Map::new();
                map.insert("question".to_owned(), json!(question.label));
                match &question.answer {
                    Answer::Words(words) => {
                        map.insert("answer".to_owned(), shown(words));
                    }
                    Answer::Number { working, result } => {
                        if let Some(working) = working {
                            map.insert("working".to_owned(), shown(working));
                        }
                        map.insert("answer".to_owned(), shown(result));
                    }
                }
                Value::Object(map)
            }
            Row::Citations(sources) => {
                json!({ "sources": sources.iter().map(|source| &source.title).collect::<Vec<_>>() })
            }
        })
    };
    document(&json!({
        "schema": SCHEMA,
        "file": scenario.file,
        "variant": scenario.variant.as_ref().map(|variant| &variant.id),
        "title": scenario.title,
        "currency": scenario.currency,
        "flow": flow.id,
        "value": plain(explained.explanation.sheet.customs_value),
        "worksheet": rows.iter().filter_map(row).collect::<Vec<_>>(),
    }))
}
