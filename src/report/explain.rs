//! One flow, step by step, for a reader with a pencil.

use super::json::{self, ExplainedJson};
use super::worksheet::{self, Line};
use super::{Format, Layout, csv};
use crate::assess::Explained;
use crate::diagnostic::Sources;
use anstyle::Style;
use std::fmt::Write;

/// A flow explained, as text.
pub fn explained(explained: &Explained, sources: &Sources, format: Format, layout: Layout) -> String {
    match format {
        Format::Table => page(explained, sources, layout, false),
        Format::Markdown => {
            page(explained, sources, Layout { width: usize::MAX / 2, colour: false, pictures: false }, true)
        }
        Format::Json => json::document(&ExplainedJson::new(explained, sources)),
        Format::Csv => csv::charges(explained),
    }
}

/// Steps are drawn no wider than this, so that the eye finds the number.
const WIDEST: usize = 80;

fn page(explained: &Explained, sources: &Sources, layout: Layout, markdown: bool) -> String {
    let width = layout.width.min(if markdown { layout.width } else { WIDEST });
    let steps = Steps { width, markdown, colour: layout.colour };
    let mut text = String::new();
    for line in worksheet::lines(explained, sources) {
        steps.line(&mut text, &line);
    }
    text
}

/// How a worksheet is drawn.
struct Steps {
    width: usize,
    markdown: bool,
    colour: bool,
}

impl Steps {
    fn line(&self, text: &mut String, line: &Line) {
        match line {
            Line::Answer(answer) => {
                let mut first = String::new();
                self.paragraph(&mut first, answer, "");
                let bold: Vec<String> = first.lines().map(|line| self.bold(line)).collect();
                let _ = writeln!(text, "{}", bold.join("\n"));
            }
            Line::Words(words) => self.paragraph(text, words, ""),
            Line::Detail(words) => self.paragraph(text, words, "   "),
            Line::Gap => text.push('\n'),
            Line::Part(words) => {
                text.push('\n');
                self.paragraph(text, &self.bold(words), "");
            }
            Line::Step { number, name, kind, title } => {
                let title = title.as_ref().map(|title| format!(": {title}")).unwrap_or_default();
                text.push('\n');
                self.hanging(text, &format!("{number}. {} ({kind}){title}", self.bold(name)), "", "   ");
            }
            Line::Amount { words, amount, of_step, .. } => {
                let indent = if *of_step { "   " } else { "" };
                self.sum(text, &format!("{indent}{words}"), amount);
            }
            Line::Rule => {
                text.push('\n');
                if !self.markdown {
                    let _ = writeln!(text, "{}", "─".repeat(self.width));
                }
            }
            Line::Misses(misses) => {
                let gap = if self.markdown { "\n" } else { "" };
                let _ = write!(text, "\nRight goods, but not in force for this flow:\n{gap}");
                for miss in misses {
                    self.hanging(text, &format!("- {miss}"), "", "  ");
                }
            }
            Line::Citations(cited) => {
                text.push('\n');
                for source in cited {
                    let url = source.url.as_ref().map(|url| format!(", {url}")).unwrap_or_default();
                    self.hanging(text, &format!("[{}] {}{url}", source.number, source.title), "", "    ");
                }
            }
        }
    }

    fn paragraph(&self, text: &mut String, paragraph: &str, indent: &str) {
        self.hanging(text, paragraph, indent, indent);
    }

    /// A paragraph whose first line is indented otherwise than the rest.
    fn hanging(&self, text: &mut String, paragraph: &str, first: &str, rest: &str) {
        let options = textwrap::Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .break_words(false);
        for line in textwrap::wrap(paragraph, options) {
            text.push_str(&line);
            text.push('\n');
        }
    }

    fn bold(&self, line: &str) -> String {
        let style = Style::new().bold();
        if self.markdown {
            format!("**{line}**")
        } else if self.colour {
            format!("{style}{line}{style:#}")
        } else {
            line.to_owned()
        }
    }

    /// A line whose amount stands at its right end.
    fn sum(&self, text: &mut String, words: &str, amount: &str) {
        let (words_width, amount_width) = (words.chars().count(), amount.chars().count());
        if self.markdown || words_width + amount_width + 2 > self.width {
            let _ = writeln!(text, "{words} = {}", amount.trim());
        } else {
            let gap = self.width - words_width - amount_width;
            let _ = writeln!(text, "{words}{}{amount}", " ".repeat(gap));
        }
    }
}
