//! The effective rates of a grid: a table for documents, and for a terminal a map of them.

use super::Layout;
use super::number::percent;
use super::page::Block;
use super::sweep::column;
use crate::analysis::axis::Axis;
use crate::analysis::sweep::{Point, Swept};
use anstyle::{Ansi256Color, Color, Style};
use rust_decimal::Decimal;
use std::fmt::Write;

/// The effective rates of a grid.
pub fn table(swept: &Swept, rows: &Axis, columns: &Axis) -> Block {
    let (heading, names) = column(rows, &swept.currency);
    let (across, values) = column(columns, &swept.currency);
    let headings = std::iter::once(format!("{heading} \\ {across}")).chain(values).collect();
    let width = columns.values.len().max(1);
    let row = |(name, points): (String, &[Point])| {
        std::iter::once(name).chain(points.iter().map(|point| percent(point.effective_rate))).collect()
    };
    let rows = names.into_iter().zip(swept.points.chunks(width)).map(row).collect();
    Block::Table { headings, rows, left: 1, right: 0 }
}

/// The effective rates of a grid for a terminal, each on a ground as deep as it is high; in parts one under the other
/// where there are more columns than fit.
pub fn heat(swept: &Swept, rows: &Axis, columns: &Axis, layout: Layout) -> String {
    let (down, names) = column(rows, &swept.currency);
    let (across, values) = column(columns, &swept.currency);
    let rates: Vec<String> = swept.points.iter().map(|point| percent(point.effective_rate)).collect();
    let wide = |texts: &[String]| texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    let (first, cell) = (wide(&names).max(down.chars().count()), wide(&rates).max(wide(&values)) + 2);
    let fit = (layout.width.saturating_sub(first + 2) / cell).max(1);
    let all = swept.points.iter().filter_map(|point| point.effective_rate);
    let ends = all.clone().min().zip(all.max());
    let mut text = String::new();
    for start in (0..values.len()).step_by(fit) {
        let end = (start + fit).min(values.len());
        let _ = writeln!(text, "\n  Effective rate; {across} across:");
        let _ = write!(text, "  {down:>first$}");
        values[start..end].iter().for_each(|value| {
            let _ = write!(text, "{value:>width$} ", width = cell - 1);
        });
        while text.ends_with(' ') {
            text.pop();
        }
        text.push('\n');
        for (at, name) in names.iter().enumerate() {
            let _ = write!(text, "  {name:>first$}");
            for column in start..end {
                let place = at * values.len() + column;
                let rate = rates.get(place).map_or("", String::as_str);
                let point = swept.points.get(place).and_then(|point| point.effective_rate);
                let shown = format!("{rate:>width$} ", width = cell - 1);
                match ground(point, ends).filter(|_| layout.colour) {
                    Some(style) => {
                        let _ = write!(text, "{style}{shown}{style:#}");
                    }
                    None => text.push_str(&shown),
                }
            }
            while text.ends_with(' ') {
                text.pop();
            }
            text.push('\n');
        }
    }
    text
}

/// The colour of a rate between the lowest and the highest: from pale yellow to red.
fn ground(rate: Option<Decimal>, ends: Option<(Decimal, Decimal)>) -> Option<Style> {
    const DEPTHS: [(u8, u8); 6] = [(230, 16), (222, 16), (215, 16), (209, 16), (203, 16), (160, 231)];
    let (low, high) = ends.filter(|(low, high)| low < high)?;
    let part = rate?.checked_sub(low)?.checked_div(high.checked_sub(low)?)?;
    let depth = part.checked_mul(Decimal::from(DEPTHS.len()))?.trunc().mantissa();
    let (ground, letters) = DEPTHS[usize::try_from(depth).ok()?.min(DEPTHS.len() - 1)];
    let colour = |number: u8| Some(Color::Ansi256(Ansi256Color(number)));
    Some(Style::new().bg_color(colour(ground)).fg_color(colour(letters)))
}
