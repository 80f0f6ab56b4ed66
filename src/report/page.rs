//! A page of paragraphs, lists and tables, drawn for a terminal or written in Markdown.

use super::{Layout, markdown};
use anstyle::Style;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle, presets};
use std::fmt::Write;

/// A part of a page.
pub enum Block {
    /// The answer, or what stands out.
    Bold(String),
    /// Words.
    Words(String),
    /// Words that may be passed over.
    Faint(String),
    /// A heading.
    Heading(String),
    /// Lines of a list.
    List(Vec<String>),
    /// Headings, rows, and how many columns hold words, from the left and from the right.
    Table {
        /// Column headings.
        headings: Vec<String>,
        /// Rows of cells.
        rows: Vec<Vec<String>>,
        /// Columns of words from the left.
        left: usize,
        /// Columns of words from the right.
        right: usize,
    },
}

/// A page for a terminal.
pub fn terminal(blocks: &[Block], layout: Layout) -> String {
    let (bold, plain, faint) = (Style::new().bold(), Style::new(), Style::new().dimmed());
    let mut text = String::new();
    for block in blocks {
        match block {
            Block::Bold(words) => paragraph(&mut text, words, bold, ("", ""), layout),
            Block::Words(words) => paragraph(&mut text, words, plain, ("", ""), layout),
            Block::Faint(words) => paragraph(&mut text, words, faint, ("", ""), layout),
            Block::Heading(words) => {
                text.push('\n');
                paragraph(&mut text, words, bold, ("", ""), layout);
            }
            Block::List(items) => {
                for item in items {
                    paragraph(&mut text, item, plain, ("  ", "    "), layout);
                }
            }
            Block::Table { headings, rows, left, right } => {
                let table = drawn(headings, rows, (*left, *right), layout.width);
                let _ = write!(text, "\n{}\n", table.trim_fmt());
            }
        }
    }
    text
}

/// Adds lines wrapped to the width, the first and the others indented each in their way.
pub fn paragraph(text: &mut String, words: &str, style: Style, indents: (&str, &str), layout: Layout) {
    let options = textwrap::Options::new(layout.width)
        .initial_indent(indents.0)
        .subsequent_indent(indents.1)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .break_words(false);
    for line in textwrap::wrap(words, options) {
        if layout.colour && style != Style::new() {
            let _ = writeln!(text, "{style}{line}{style:#}");
        } else {
            text.push_str(&line);
            text.push('\n');
        }
    }
}

/// The columns a table takes, drawn as narrow as it goes.
pub fn width(headings: &[String], rows: &[Vec<String>]) -> usize {
    let cells = |at: usize| rows.iter().filter_map(move |row| row.get(at)).chain(headings.get(at));
    let widest = |at: usize| {
        cells(at).flat_map(|cell| cell.lines()).map(|line| line.chars().count()).max().unwrap_or(0)
    };
    // A column has a space on both sides, and one between it and the next.
    (0..headings.len()).map(|at| widest(at) + 3).sum()
}

/// A table whose columns stand to the right but for the first and the last few.
pub fn drawn(headings: &[String], rows: &[Vec<String>], words: (usize, usize), width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(TableStyle { row_separator: LineStyle::none(), ..presets::UTF8_HORIZONTAL_ONLY })
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(headings);
    for row in rows {
        table.add_row(row);
    }
    let from_right = headings.len().saturating_sub(words.1);
    for (at, column) in table.column_iter_mut().enumerate() {
        let is_word = at < words.0 || at >= from_right;
        column.set_cell_alignment(if is_word { CellAlignment::Left } else { CellAlignment::Right });
    }
    table
}

/// A page in Markdown.
pub fn markdown(blocks: &[Block]) -> String {
    let escape = markdown::escape;
    let mut text = String::new();
    for block in blocks {
        if !text.is_empty() {
            text.push('\n');
        }
        match block {
            Block::Bold(words) => {
                let _ = writeln!(text, "**{}**", escape(words));
            }
            Block::Words(words) | Block::Faint(words) => {
                let _ = writeln!(text, "{}", escape(words));
            }
            Block::Heading(words) => {
                let _ = writeln!(text, "## {}", escape(words));
            }
            Block::List(items) => {
                for item in items {
                    let _ = writeln!(text, "- {}", escape(item));
                }
            }
            Block::Table { headings, rows, left, right } => {
                let line = |cells: &[String]| {
                    format!("| {} |\n", cells.iter().map(|c| escape(c)).collect::<Vec<_>>().join(" | "))
                };
                text.push_str(&line(headings));
                let from_right = headings.len().saturating_sub(*right);
                let rule = |at: usize| if at < *left || at >= from_right { " :--- |" } else { " ---: |" };
                let _ = writeln!(text, "|{}", (0..headings.len()).map(rule).collect::<String>());
                for row in rows {
                    text.push_str(&line(row));
                }
            }
        }
    }
    text
}
