//! What a parameter does to duty: a line through points, the places where it bends or jumps, and the band in which most
//! draws lie.

use super::canvas::{
    Area, Drawn, FAINT, Frame, INK, LINE, Legend, Margins, Words, clean, colour, letters, lines, mark,
    picture, pixels, place, width_of,
};
use plotters::element::DashedPathElement;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use rust_decimal::Decimal;

/// A picture of a line.
pub struct Line {
    /// Its words.
    pub words: Words,
    /// What runs across, and in what.
    pub across: String,
    /// What runs up, and in what.
    pub up: String,
    /// Whether numbers across are percentages.
    pub in_percent: bool,
    /// By rising place.
    pub vertices: Vec<Vertex>,
    /// By rising place.
    pub kinks: Vec<Kink>,
    /// The places of draws, with their lower end, median and upper end.
    pub band: Vec<(Decimal, [Option<Decimal>; 3])>,
    /// What is said of the kinks.
    pub notes: Vec<String>,
}

/// A place that the line goes through.
pub struct Vertex {
    /// Where.
    pub at: Decimal,
    /// How high the line arrives there, if it does.
    pub before: Option<Decimal>,
    /// How high it goes on, if it does.
    pub after: Option<Decimal>,
    /// Whether it was asked for.
    pub is_point: bool,
}

/// A place at which something happens.
pub struct Kink {
    /// Where.
    pub at: Decimal,
    /// The same in words.
    pub text: String,
    /// What happens.
    pub shape: Shape,
    /// How high the line is there: at a jump twice.
    pub heights: Vec<Decimal>,
}

/// What happens at a place, each with a mark of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The line goes on another way.
    Bend,
    /// It jumps.
    Jump,
    /// It rests on other flows from there on.
    Gap,
}

/// What the legend names, by number.
const DUTY: usize = 0;
const BAND: usize = 1;
const MEDIAN: usize = 2;
const BEND: usize = 3;
const JUMP: usize = 4;
const GAP: usize = 5;

/// The colour of the band.
const SKY: usize = 5;
/// That of marks.
const RED: usize = 4;

const PLOT: u32 = 280;
const AXIS: u32 = 30;
const MARKS: u32 = 64;
const SIDE: u32 = 20;
/// Half of a number at the end of the axis has to fit.
const RIGHT: u32 = 40;

/// Where a place and a height are in the picture.
type At<'a> = &'a dyn Fn(Decimal, Decimal) -> (i32, i32);

impl Line {
    /// The picture as text.
    pub fn svg(&self, frame: Frame<'_>) -> String {
        let width = frame.width.saturating_sub(2 * SIDE);
        let margins = Margins::new(&self.words, frame);
        let begins = if self.heights().0.is_zero() { "" } else { "; the axis does not begin at zero" };
        let (up, across) =
            (lines(&format!("{}{begins}", self.up), width), lines(&self.across, width.saturating_sub(MARKS)));
        let notes: Vec<String> = self.notes.iter().flat_map(|note| lines(note, width)).collect();
        let names = self.named();
        let legend = Legend::new(&names, width);
        let tall = |lines: &[String]| u32::try_from(lines.len()).unwrap_or_default() * LINE;
        // Places of kinks stand in a line of their own above the plot.
        let top = margins.top() + tall(&up) + 6 + if self.kinks.is_empty() { 0 } else { LINE };
        let below = top + PLOT + AXIS;
        let height =
            below + tall(&across) + legend.height() + tall(&notes) + if notes.is_empty() { 0 } else { 8 };
        let height = height + margins.bottom();
        picture(&self.words, frame, height, &|area| {
            margins.draw(area, height)?;
            write(area, &up, (SIDE, margins.top()))?;
            self.draw(area, top, height)?;
            write(area, &across, (MARKS, below))?;
            let corner = (pixels(SIDE), pixels(below + tall(&across)));
            legend.draw_keys(area, corner, &key)?;
            write(area, &notes, (SIDE, below + tall(&across) + legend.height() + 8))
        })
    }

    /// What is drawn, as the legend names it.
    fn named(&self) -> Vec<(String, usize)> {
        let has = |shape: Shape| self.kinks.iter().any(|kink| kink.shape == shape);
        let drawn = !self.band.is_empty();
        let all = [
            (true, "duty", DUTY),
            (drawn, "nine in ten draws", BAND),
            (drawn, "their median", MEDIAN),
            (has(Shape::Bend), "it bends", BEND),
            (has(Shape::Jump), "it jumps", JUMP),
            (has(Shape::Gap), "other flows are computable", GAP),
        ];
        all.into_iter().filter(|(is, ..)| *is).map(|(_, name, key)| (name.to_owned(), key)).collect()
    }

    fn draw(&self, area: &Area<'_>, top: u32, height: u32) -> Drawn {
        let ends = self.vertices.first().zip(self.vertices.last());
        let Some((first, last)) = ends.map(|(first, last)| (first.at, last.at)) else { return Ok(()) };
        let (low, high) = self.heights();
        let (width, _) = area.dim_in_pixel();
        let mut chart = ChartBuilder::on(area)
            .margin_top(top)
            .margin_right(RIGHT)
            .margin_bottom(height.saturating_sub(top + PLOT + AXIS))
            .x_label_area_size(AXIS)
            .y_label_area_size(MARKS)
            .build_cartesian_2d(place(first)..place(last), place(low)..place(high))?;
        let sign = if self.in_percent { "%" } else { "" };
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(FAINT.mix(0.35))
            .axis_style(INK)
            .x_labels(usize::try_from(width / 100).unwrap_or(4).max(3))
            .y_labels(6)
            .x_label_formatter(&|at| format!("{}{sign}", mark(*at)))
            .y_label_formatter(&|at| mark(*at))
            .x_label_style(letters((HPos::Center, VPos::Top)))
            .y_label_style(letters((HPos::Right, VPos::Center)))
            .draw()?;
        let at = |x: Decimal, y: Decimal| chart.backend_coord(&(place(x), place(y)));
        self.draw_band(area, &at)?;
        self.draw_line(area, &at)?;
        self.draw_kinks(area, (pixels(top), pixels(top + PLOT)), &at)
    }

    /// The ends of the axis up: nothing where that leaves room to see, else somewhat below the lowest.
    fn heights(&self) -> (Decimal, Decimal) {
        let on_line = self.vertices.iter().flat_map(|vertex| [vertex.before, vertex.after]);
        let all: Vec<Decimal> =
            on_line.chain(self.band.iter().flat_map(|(_, ends)| *ends)).flatten().collect();
        let (low, high) =
            (all.iter().min().copied().unwrap_or_default(), all.iter().max().copied().unwrap_or_default());
        let range = high.checked_sub(low).filter(|range| !range.is_zero()).unwrap_or(high);
        let air = range.checked_div(Decimal::TEN).unwrap_or_default();
        let half = high.checked_div(Decimal::TWO).unwrap_or_default();
        let from = if low > half && low < high {
            low.checked_sub(air).unwrap_or_default()
        } else {
            low.min(Decimal::ZERO)
        };
        let to = high.checked_add(air).unwrap_or(high);
        (from, if to > from { to } else { from.checked_add(Decimal::ONE).unwrap_or(to) })
    }

    /// The band from the lower to the upper end of draws, and their median.
    fn draw_band(&self, area: &Area<'_>, at: At<'_>) -> Drawn {
        for stretch in self.band.split(|(_, ends)| ends.contains(&None)) {
            let edge = |end: usize| -> Vec<(i32, i32)> {
                stretch.iter().filter_map(|(x, ends)| Some(at(*x, ends[end]?))).collect()
            };
            let (low, middle, high) = (thinned(edge(0)), thinned(edge(1)), thinned(edge(2)));
            if low.len() < 2 {
                continue;
            }
            let outline: Vec<(i32, i32)> = low.iter().copied().chain(high.iter().rev().copied()).collect();
            area.draw(&Polygon::new(outline, colour(SKY).mix(0.6).filled()))?;
            area.draw(&PathElement::new(low, INK.mix(0.5)))?;
            area.draw(&PathElement::new(high, INK.mix(0.5)))?;
            dashed(area, middle)?;
        }
        Ok(())
    }

    fn draw_line(&self, area: &Area<'_>, at: At<'_>) -> Drawn {
        for stretch in self.stretches() {
            let path = thinned(stretch.into_iter().map(|(x, y)| at(x, y)).collect());
            area.draw(&PathElement::new(path, INK.stroke_width(2)))?;
        }
        let (width, _) = area.dim_in_pixel();
        let points = self.vertices.iter().filter(|vertex| vertex.is_point);
        let points: Vec<(i32, i32)> = points.filter_map(|v| Some(at(v.at, v.after?))).collect();
        // Dots that touch would hide the line.
        if points.len() <= usize::try_from(width / 14).unwrap_or_default() {
            for point in points {
                area.draw(&Circle::new(point, 3, INK.filled()))?;
            }
        }
        Ok(())
    }

    /// The line in parts without a jump and without places where there is none.
    fn stretches(&self) -> Vec<Vec<(Decimal, Decimal)>> {
        let mut stretches: Vec<Vec<(Decimal, Decimal)>> = vec![Vec::new()];
        for vertex in &self.vertices {
            if let (Some(before), Some(open)) = (vertex.before, stretches.last_mut()) {
                open.push((vertex.at, before));
            }
            if vertex.before != vertex.after {
                stretches.push(vertex.after.map(|after| (vertex.at, after)).into_iter().collect());
            }
        }
        stretches.retain(|stretch| stretch.len() > 1);
        stretches
    }

    /// A mark at each kink, its place above, and a faint line between them.
    fn draw_kinks(&self, area: &Area<'_>, (top, bottom): (i32, i32), at: At<'_>) -> Drawn {
        let (width, _) = area.dim_in_pixel();
        let room = width / u32::try_from(self.kinks.len()).unwrap_or(1).max(1);
        let size = if room < 40 { 4 } else { 7 };
        let mut free = i32::MIN;
        for kink in &self.kinks {
            let (x, _) = at(kink.at, Decimal::ZERO);
            area.draw(&PathElement::new(vec![(x, top), (x, bottom)], FAINT))?;
            if let [from, to] = kink.heights.as_slice() {
                dashed(area, vec![at(kink.at, *from), at(kink.at, *to)])?;
            }
            for height in &kink.heights {
                sign(area, at(kink.at, *height), kink.shape, size)?;
            }
            let half = pixels(width_of(&kink.text)) / 2;
            let middle = x.min(pixels(width) - half - 4);
            if middle - half > free {
                let style = letters((HPos::Center, VPos::Bottom));
                area.draw(&Text::new(clean(&kink.text), (middle, top - 4), style))?;
                free = middle + half + 8;
            }
        }
        Ok(())
    }
}

/// Lines of text from a corner down.
fn write(area: &Area<'_>, text: &[String], (left, top): (u32, u32)) -> Drawn {
    for (line, at) in text.iter().zip(0..) {
        let corner = (pixels(left), pixels(top + LINE * at));
        area.draw(&Text::new(clean(line), corner, letters((HPos::Left, VPos::Top))))?;
    }
    Ok(())
}

/// A path without the points that no eye tells from the one before.
fn thinned(mut path: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    path.dedup();
    path
}

fn dashed(area: &Area<'_>, path: Vec<(i32, i32)>) -> Drawn {
    area.draw(&DashedPathElement::new(path, 7, 5, INK.stroke_width(2)))
}

/// The mark of a kink: a lozenge, a triangle or a square.
fn sign(area: &Area<'_>, (x, y): (i32, i32), shape: Shape, size: i32) -> Drawn {
    let less = size - size / 4;
    let corners = match shape {
        Shape::Bend => vec![(x, y - size), (x + size, y), (x, y + size), (x - size, y)],
        Shape::Jump => vec![(x, y - size), (x + size, y + less), (x - size, y + less)],
        Shape::Gap => {
            vec![(x - less, y - less), (x + less, y - less), (x + less, y + less), (x - less, y + less)]
        }
    };
    let closed: Vec<(i32, i32)> = corners.iter().copied().chain(corners.first().copied()).collect();
    area.draw(&Polygon::new(corners, colour(RED).filled()))?;
    area.draw(&PathElement::new(closed, INK))
}

/// How a thing looks, for the legend.
fn key(area: &Area<'_>, [from, to]: [(i32, i32); 2], what: usize) -> Drawn {
    let middle = (from.0.midpoint(to.0), from.1.midpoint(to.1));
    let line = || vec![(from.0 - 2, middle.1), (to.0 + 2, middle.1)];
    match what {
        DUTY => {
            area.draw(&PathElement::new(line(), INK.stroke_width(2)))?;
            area.draw(&Circle::new(middle, 3, INK.filled()))
        }
        BAND => {
            area.draw(&Rectangle::new([from, to], colour(SKY).mix(0.6).filled()))?;
            area.draw(&Rectangle::new([from, to], INK.mix(0.5)))
        }
        MEDIAN => dashed(area, line()),
        BEND => sign(area, middle, Shape::Bend, 7),
        JUMP => sign(area, middle, Shape::Jump, 7),
        _ => sign(area, middle, Shape::Gap, 7),
    }
}
