//! For documents: the same as for a terminal, in Markdown.

use super::ledger;
use super::sentence;
use super::table::{headings, rows};
use crate::assess::{By, Run};
use std::fmt::Write;

/// Runs one under the other.
pub fn runs(runs: &[Run]) -> String {
    let texts: Vec<String> = runs.iter().map(one).collect();
    texts.join("\n")
}

fn one(run: &Run) -> String {
    let mut text = format!("## {}\n\n{}", escape(&sentence::title(run)), escape(&sentence::answer(run)));
    if let Some(most) = sentence::most(run) {
        let _ = write!(text, " {}", escape(&most));
    }
    if let Some(landed) = sentence::landed(run) {
        let _ = write!(text, " {}", escape(&landed));
    }
    text.push_str("\n\n");
    let line = |cells: &[String]| {
        format!("| {} |\n", cells.iter().map(|c| escape(c)).collect::<Vec<_>>().join(" | "))
    };
    if !matches!(run.by, By::Quota | By::Credit) {
        text.push_str(&line(&headings(run)));
        text.push_str("| :--- | ---: | ---: | ---: | ---: |\n");
        let (groups, total) = rows(run);
        for row in groups {
            text.push_str(&line(&row));
        }
        text.push_str(&line(&total.map(|cell| format!("**{cell}**"))));
        text.push('\n');
    }
    for sheet in ledger::sheets(run) {
        let _ = writeln!(text, "{}\n", escape(&sheet.title));
        text.push_str(&line(&sheet.headings));
        let right = sheet.headings.len() - sheet.words;
        let _ = writeln!(text, "|{}{}", " :--- |".repeat(sheet.words), " ---: |".repeat(right));
        for row in &sheet.rows {
            text.push_str(&line(row));
        }
        text.push('\n');
    }
    let landed = ledger::landed(run);
    if !landed.is_empty() && !matches!(run.by, By::Quota | By::Credit) {
        let _ = write!(
            text,
            "| Landed cost | {} | Collected by |\n| :--- | ---: | :--- |\n",
            run.scenario().currency
        );
        for row in &landed {
            text.push_str(&line(row));
        }
        text.push('\n');
    }
    if let Some(mean) = sentence::simple_mean(run) {
        let _ = writeln!(text, "- {mean}");
    }
    for caveat in sentence::caveats(run) {
        let indented = caveat.starts_with("  ");
        let _ = writeln!(text, "{}- {}", if indented { "  " } else { "" }, escape(caveat.trim()));
    }
    if let Some(notice) = &run.scenario().notice {
        let _ = writeln!(text, "\n> {}", escape(notice.trim()).replace('\n', "\n> "));
    }
    if let Some(standing) = sentence::standing(run) {
        let _ = writeln!(text, "\n{}", escape(&standing));
    }
    let sources = sentence::sources(run);
    if !sources.is_empty() {
        text.push('\n');
    }
    for (at, source) in sources.iter().enumerate() {
        let _ = writeln!(text, "{}. {}", at + 1, escape(source));
    }
    text
}

/// Text that Markdown takes as it is.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '|' | '<' | '>' | '`' | '[' | ']' | '\\') || (c == '_' && !text.contains("://")) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
