//! A number over two parameters: a map of boxes, the darker the higher, with the number in each where there is room.

use super::canvas::{
    Area, Drawn, Frame, INK, LETTERS, LINE, MOST, Margins, PAPER, PRINT, Words, clean, letters, lines,
    picture, pixels, style, swatch, width_of,
};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A picture of a map.
pub struct Heat {
    /// Its words.
    pub words: Words,
    /// What the boxes show.
    pub what: String,
    /// What runs down, and the name of each row.
    pub down: (String, Vec<String>),
    /// What runs across, and the name of each column.
    pub across: (String, Vec<String>),
    /// Row by row: the number and how it is shown, where there is one.
    pub boxes: Vec<Option<(Decimal, String)>>,
}

/// From the lowest to the highest: pale to dark, so that grey tells it too.
const DEPTHS: [(i32, i32, i32); 5] =
    [(255, 250, 225), (254, 217, 142), (236, 132, 32), (153, 52, 4), (66, 14, 4)];
/// How many colours there are.
const STEPS: i32 = 24;

/// The grey and hatched colour of what has no number.
const HATCHED: usize = MOST - 1;

const SIDE: u32 = 20;
const RIGHT: u32 = 24;
/// A strip that shows the colours.
const STRIP: u32 = 144;

impl Heat {
    /// The picture as text.
    pub fn svg(&self, frame: Frame<'_>) -> String {
        let width = frame.width.saturating_sub(2 * SIDE);
        let margins = Margins::new(&self.words, frame);
        let tall = |lines: &[String]| u32::try_from(lines.len()).unwrap_or_default() * LINE;
        let down = lines(&format!("Down: {}", self.down.0), width);
        let across = lines(&format!("Across: {}", self.across.0), width);
        let rows = u32::try_from(self.down.1.len()).unwrap_or(1).max(1);
        let high = (360 / rows).clamp(6, 34);
        let top = margins.top() + tall(&down) + tall(&across) + 6;
        let below = top + rows * high + LINE + 18;
        let gaps = self.boxes.iter().any(Option::is_none);
        let height = below + LINE * 2 + if gaps { LINE + 6 } else { 0 } + margins.bottom();
        picture(&self.words, frame, height, &|area| {
            margins.draw(area, height)?;
            for (line, at) in down.iter().chain(&across).zip(0..) {
                let corner = (pixels(SIDE), pixels(margins.top() + LINE * at));
                area.draw(&Text::new(clean(line), corner, letters((HPos::Left, VPos::Top))))?;
            }
            self.draw(area, pixels(top), pixels(high))?;
            self.strip(area, pixels(below))?;
            if gaps { without(area, pixels(below + LINE * 2 + 2)) } else { Ok(()) }
        })
    }

    fn draw(&self, area: &Area<'_>, top: i32, high: i32) -> Drawn {
        let columns = self.across.1.len().max(1);
        let names = self.down.1.iter().map(|name| width_of(name)).max().unwrap_or_default();
        let left = pixels(SIDE + names + 8);
        let room = pixels(area.dim_in_pixel().0.saturating_sub(RIGHT)) - left;
        // Boxes share the pixels that are left over.
        let edge = |column: usize| {
            let share = i64::from(room) * i64::try_from(column).unwrap_or_default();
            left + i32::try_from(share / i64::try_from(columns).unwrap_or(1)).unwrap_or_default()
        };
        let ends = self.ends();
        for (cell, place) in self.boxes.iter().zip(0..) {
            let (row, column) = (i32::try_from(place / columns).unwrap_or_default(), place % columns);
            let corner = (edge(column), top + row * high);
            fill(area, [corner, (edge(column + 1), corner.1 + high)], cell.as_ref(), ends)?;
        }
        let right = letters((HPos::Right, VPos::Center));
        for (name, row) in every(&self.down.1, LINE, pixels_of(high)) {
            let y = top + i32::try_from(row).unwrap_or_default() * high + high / 2;
            area.draw(&Text::new(clean(name), (left - 6, y), right.clone()))?;
        }
        let bottom = top + high * i32::try_from(self.down.1.len()).unwrap_or_default();
        let widest = self.across.1.iter().map(|name| width_of(name)).max().unwrap_or_default() + 10;
        for (name, column) in every(&self.across.1, widest, pixels_of(edge(1) - edge(0))) {
            let x = edge(column).midpoint(edge(column + 1));
            area.draw(&Text::new(clean(name), (x, bottom + 6), letters((HPos::Center, VPos::Top))))?;
        }
        Ok(())
    }

    /// What colours mean.
    fn strip(&self, area: &Area<'_>, top: i32) -> Drawn {
        let text = |text: &str, x: i32, y: i32| {
            area.draw(&Text::new(clean(text), (x, y), letters((HPos::Left, VPos::Center))))
        };
        let known = || self.boxes.iter().flatten();
        let lowest = known().min_by_key(|(number, _)| *number);
        let highest = known().max_by_key(|(number, _)| *number);
        let (Some((_, lowest)), Some((_, highest))) = (lowest, highest) else { return Ok(()) };
        text(&self.what, pixels(SIDE), top + 7)?;
        let (y, mut x) = (top + pixels(LINE), pixels(SIDE));
        text(lowest, x, y + 7)?;
        x += pixels(width_of(lowest) + 8);
        let step = pixels(STRIP) / STEPS;
        for depth in 0..STEPS {
            let from = (x + depth * step, y);
            area.draw(&Rectangle::new([from, (from.0 + step, y + 14)], shade(depth).filled()))?;
        }
        let end = x + STEPS * step;
        area.draw(&Rectangle::new([(x, y), (end, y + 14)], INK))?;
        text(highest, end + 8, y + 7)
    }

    fn ends(&self) -> Option<(Decimal, Decimal)> {
        let known = || self.boxes.iter().flatten().map(|(number, _)| *number);
        known().min().zip(known().max())
    }
}

/// A box with its number in it, or hatched where there is none.
fn fill(
    area: &Area<'_>,
    [from, to]: [(i32, i32); 2],
    cell: Option<&(Decimal, String)>,
    ends: Option<(Decimal, Decimal)>,
) -> Drawn {
    let Some((number, text)) = cell else { return swatch(area, [from, to], HATCHED) };
    let depth = depth(*number, ends);
    area.draw(&Rectangle::new([from, to], shade(depth).filled()))?;
    let fits = pixels(width_of(text) + 4) <= to.0 - from.0 && pixels(LETTERS + 4) <= to.1 - from.1;
    if !fits {
        return Ok(());
    }
    let ink = if depth * 8 < STEPS * 5 { PRINT } else { PAPER };
    let centred = style(LETTERS - 1, ink).pos(Pos::new(HPos::Center, VPos::Center));
    area.draw(&Text::new(clean(text), (from.0.midpoint(to.0), from.1.midpoint(to.1)), centred))
}

/// What a hatched box means.
fn without(area: &Area<'_>, y: i32) -> Drawn {
    let left = pixels(SIDE);
    swatch(area, [(left, y), (left + 14, y + 14)], HATCHED)?;
    let style = letters((HPos::Left, VPos::Center));
    area.draw(&Text::new("nothing can be stated", (left + 20, y + 7), style))
}

/// How deep the colour of a number is, from none to the last step.
fn depth(number: Decimal, ends: Option<(Decimal, Decimal)>) -> i32 {
    let part = ends.filter(|(low, high)| low < high).and_then(|(low, high)| {
        number.checked_sub(low)?.checked_div(high.checked_sub(low)?)?.checked_mul(Decimal::from(STEPS))
    });
    part.and_then(|part| part.trunc().to_i32()).unwrap_or_default().clamp(0, STEPS - 1)
}

/// The colour of a depth.
fn shade(depth: i32) -> RGBColor {
    let last = i32::try_from(DEPTHS.len()).unwrap_or_default() - 1;
    let along = depth * last;
    let at = usize::try_from(along / (STEPS - 1)).unwrap_or_default().min(DEPTHS.len() - 2);
    let rest = along - i32::try_from(at).unwrap_or_default() * (STEPS - 1);
    let between = |from: i32, to: i32| {
        u8::try_from((from + (to - from) * rest / (STEPS - 1)).clamp(0, 255)).unwrap_or_default()
    };
    let (from, to) = (DEPTHS[at], DEPTHS[at + 1]);
    RGBColor(between(from.0, to.0), between(from.1, to.1), between(from.2, to.2))
}

/// As many names as have room, evenly, with their places.
fn every(names: &[String], needs: u32, has: u32) -> impl Iterator<Item = (&String, usize)> {
    let apart = usize::try_from(needs.div_ceil(has.max(1))).unwrap_or(1).max(1);
    names.iter().zip(0..).step_by(apart)
}

fn pixels_of(length: i32) -> u32 {
    u32::try_from(length).unwrap_or_default()
}
