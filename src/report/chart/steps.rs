//! A rate over time: a line that steps, and under it the layers that it is made of.

use super::canvas::{
    Area, Drawn, FAINT, Frame, INK, LETTERS, LINE, Legend, Margins, Words, clean, colour, label, letters,
    mark, picture, pixels, place, width_of,
};
use crate::date::{Date, ToSpan};
use crate::money::RoundingMode::HalfUp;
use plotters::coord::combinators::BindKeyPoints;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use rust_decimal::Decimal;

/// A picture of a rate over time.
pub struct Steps {
    /// Its words.
    pub words: Words,
    /// What the rate is, and in what.
    pub axis: String,
    /// Names of layers and their colours, from the ground up.
    pub series: Vec<(String, usize)>,
    /// By rising date.
    pub moments: Vec<Moment>,
    /// The last day shown.
    pub end: Date,
}

/// What holds from a day on.
pub struct Moment {
    /// The day.
    pub date: Date,
    /// The rate in percent, where there is one.
    pub rate: Option<Decimal>,
    /// What each layer adds to it; below zero it takes away.
    pub layers: Vec<Decimal>,
}

/// A stretch of days in which there is a rate, for one layer: each day with where the layer begins and ends.
type Stretch = Vec<(i32, Decimal, Decimal)>;

const PLOT: u32 = 280;
const AXIS: u32 = 46;
const MARKS: u32 = 48;
const SIDE: u32 = 20;
/// Half of a day at the end of the axis has to fit.
const RIGHT: u32 = 38;

impl Steps {
    /// The picture as text.
    pub fn svg(&self, frame: Frame<'_>) -> String {
        let margins = Margins::new(&self.words, frame);
        let legend = Legend::new(&self.series, frame.width.saturating_sub(2 * SIDE));
        let top = margins.top() + LINE + 8;
        let height = top + PLOT + AXIS + legend.height() + margins.bottom();
        picture(&self.words, frame, height, &|area| {
            margins.draw(area, height)?;
            let what = (pixels(SIDE), pixels(margins.top()));
            area.draw(&Text::new(clean(&self.axis), what, letters((HPos::Left, VPos::Top))))?;
            self.draw(area, top, height)?;
            legend.draw(area, (pixels(SIDE), pixels(top + PLOT + AXIS)))
        })
    }

    fn draw(&self, area: &Area<'_>, top: u32, height: u32) -> Drawn {
        let Some(first) = self.moments.first().map(|moment| day(moment.date)) else { return Ok(()) };
        let last = self.last();
        let (low, high) = self.ends();
        let (width, _) = area.dim_in_pixel();
        let marks = marks(first, last, width.saturating_sub(MARKS + RIGHT));
        let span = (first..last).with_key_points(marks.iter().map(|(at, _)| *at).collect());
        let mut chart = ChartBuilder::on(area)
            .margin_top(top)
            .margin_right(RIGHT)
            .margin_bottom(height.saturating_sub(top + PLOT + AXIS))
            .x_label_area_size(AXIS)
            .y_label_area_size(MARKS)
            .build_cartesian_2d(span, place(low)..place(high))?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(FAINT.mix(0.35))
            .axis_style(INK)
            .x_labels(marks.len())
            .y_labels(6)
            .x_label_formatter(&|at| {
                marks.iter().find(|(day, _)| day == at).map(|(_, text)| text.clone()).unwrap_or_default()
            })
            .y_label_formatter(&|at| format!("{}%", mark(*at)))
            .x_label_style(letters((HPos::Center, VPos::Top)))
            .y_label_style(letters((HPos::Right, VPos::Center)))
            .axis_desc_style(letters((HPos::Center, VPos::Top)))
            .x_desc("Day of entry")
            .draw()?;
        let at = |(day, rate): (i32, Decimal)| chart.backend_coord(&(day, place(rate)));
        for (layer, (_, series)) in self.series.iter().enumerate() {
            for stretch in self.stretches(layer) {
                let outline: Vec<(i32, i32)> = outline(&stretch, last).into_iter().map(at).collect();
                area.draw(&Polygon::new(outline.clone(), colour(*series).filled()))?;
                area.draw(&PathElement::new(outline, INK.mix(0.5)))?;
            }
        }
        for stretch in self.lines() {
            let line: Vec<(i32, i32)> = upper(&stretch, last).into_iter().map(at).collect();
            area.draw(&PathElement::new(line, INK.stroke_width(2)))?;
        }
        self.labels(area, &at)?;
        let ground = [at((first, Decimal::ZERO)), at((last, Decimal::ZERO))];
        area.draw(&PathElement::new(ground, INK))
    }

    /// The name of each layer where it is widest, and rates where there is room.
    fn labels(&self, area: &Area<'_>, at: &dyn Fn((i32, Decimal)) -> (i32, i32)) -> Drawn {
        for (layer, (name, _)) in self.series.iter().enumerate() {
            let rooms = self.stretches(layer).into_iter().flat_map(|stretch| rooms(&stretch, self.last()));
            let fits = |room: &((i32, i32), (i32, i32))| {
                let wide = pixels(width_of(name) + 14);
                room.1.0 - room.0.0 >= wide && room.1.1 - room.0.1 >= pixels(LETTERS + 6)
            };
            let drawn = rooms.map(|(from, to)| {
                let (left, right) = (at(from), at(to));
                ((left.0, right.1.min(left.1)), (right.0, right.1.max(left.1)))
            });
            let size = |room: &((i32, i32), (i32, i32))| {
                i64::from(room.1.0 - room.0.0) * i64::from(room.1.1 - room.0.1)
            };
            if let Some(room) = drawn.filter(fits).max_by_key(size) {
                label(area, name, room)?;
            }
        }
        let mut free = i32::MIN;
        let days = self.moments.iter().skip(1).map(|moment| day(moment.date)).chain([self.last()]);
        for (moment, until) in self.moments.iter().zip(days) {
            let Some(rate) = moment.rate else { continue };
            let text = format!("{}%", HalfUp.places(rate, 2).normalize());
            let (x, y) = at((day(moment.date), rate));
            let needs = pixels(width_of(&text) + 6);
            if x >= free && at((until, rate)).0 - x >= needs {
                area.draw(&Text::new(text, (x + 3, y - 5), letters((HPos::Left, VPos::Bottom))))?;
                free = x + needs;
            }
        }
        Ok(())
    }

    /// The right end: some days after the last, so that the last step is seen.
    fn last(&self) -> i32 {
        let first = self.moments.first().map_or(0, |moment| day(moment.date));
        let end = day(self.end);
        let step = self.moments.last().map_or(end, |moment| day(moment.date));
        end.max(step + (end - first) / 12 + 1)
    }

    /// The ends of the rate's axis, with room for a number above the line.
    fn ends(&self) -> (Decimal, Decimal) {
        let all = || (0..self.series.len()).flat_map(|layer| self.stretches(layer)).flatten();
        let rates = self.moments.iter().filter_map(|moment| moment.rate);
        let high = all().map(|(_, from, to)| from.max(to)).chain(rates).max().unwrap_or_default();
        let low = all().map(|(_, from, to)| from.min(to)).min().unwrap_or_default().min(Decimal::ZERO);
        let high = high.checked_mul(Decimal::new(114, 2)).unwrap_or(high);
        (low, if high > low { high } else { Decimal::ONE })
    }

    /// A layer by stretches, stacked on those before it: what adds above the ground, what takes away below.
    fn stretches(&self, layer: usize) -> Vec<Stretch> {
        self.split(|moment| {
            let own = moment.layers.get(layer).copied().unwrap_or_default();
            let alike = |rate: &&Decimal| (**rate < Decimal::ZERO) == (own < Decimal::ZERO);
            let before = moment.layers.iter().take(layer).filter(alike);
            let from = before.fold(Decimal::ZERO, |sum, rate| sum.checked_add(*rate).unwrap_or(sum));
            (from, from.checked_add(own).unwrap_or(from))
        })
    }

    /// The line of the whole rate by stretches.
    fn lines(&self) -> Vec<Stretch> {
        self.split(|moment| (Decimal::ZERO, moment.rate.unwrap_or_default()))
    }

    fn split(&self, of: impl Fn(&Moment) -> (Decimal, Decimal)) -> Vec<Stretch> {
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut open = false;
        for moment in &self.moments {
            let (from, to) = of(moment);
            let here = (day(moment.date), from, to);
            match stretches.last_mut() {
                Some(stretch) if open => stretch.push(here),
                _ => stretches.push(vec![here]),
            }
            open = moment.rate.is_some();
            if !open {
                // A stretch ends on the day from which there is no rate; it may have held that day alone.
                let closed = stretches.last().is_some_and(|stretch| stretch.len() < 2);
                if closed {
                    stretches.pop();
                }
            }
        }
        stretches
    }
}

/// The upper edge of a stretch, step by step to the right end.
fn upper(stretch: &Stretch, last: i32) -> Vec<(i32, Decimal)> {
    let ends = stretch.iter().skip(1).map(|(day, ..)| *day).chain([last]);
    stretch.iter().zip(ends).flat_map(|((from, _, rate), to)| [(*from, *rate), (to, *rate)]).collect()
}

/// The outline of a stretch: along its upper edge and back along the lower.
fn outline(stretch: &Stretch, last: i32) -> Vec<(i32, Decimal)> {
    let lower: Stretch = stretch.iter().map(|(day, from, to)| (*day, *to, *from)).collect();
    let back = upper(&lower, last).into_iter().rev();
    upper(stretch, last).into_iter().chain(back).collect()
}

/// The steps of a stretch as boxes, neighbours of one height together.
fn rooms(stretch: &Stretch, last: i32) -> Vec<((i32, Decimal), (i32, Decimal))> {
    let ends = stretch.iter().skip(1).map(|(day, ..)| *day).chain([last]);
    let mut rooms: Vec<((i32, Decimal), (i32, Decimal))> = Vec::new();
    for ((from, low, high), to) in stretch.iter().zip(ends) {
        match rooms.last_mut() {
            Some(room) if room.0.1 == *low && room.1.1 == *high => room.1.0 = to,
            _ => rooms.push(((*from, *low), (to, *high))),
        }
    }
    rooms
}

const EPOCH: Date = Date::constant(2000, 1, 1);

/// A day as a number.
fn day(date: Date) -> i32 {
    EPOCH.until(date).map_or(0, |span| span.get_days())
}

/// Marks on an axis of days so wide: first days of years or months where they say enough, else single days.
fn marks(first: i32, last: i32, width: u32) -> Vec<(i32, String)> {
    let fit = |text: &str| usize::try_from(width / (width_of(text) + 14)).unwrap_or(4).max(2);
    let most = fit("2025-01");
    let start = EPOCH.checked_add(first.days()).unwrap_or(EPOCH);
    let end = EPOCH.checked_add(last.days()).unwrap_or(EPOCH);
    let years: Vec<i16> = (start.year()..=end.year()).collect();
    let of_year = |day_of: Date| day(day_of) >= first && day(day_of) <= last;
    for months in [1_i8, 2, 3, 6] {
        let firsts = years.iter().flat_map(|year| (1..=12).step_by(step(months)).map(|month| (*year, month)));
        let firsts =
            firsts.filter_map(|(year, month)| Date::new(year, month, 1).ok()).filter(|d| of_year(*d));
        let marks: Vec<(i32, String)> = firsts.map(|date| (day(date), month(date))).collect();
        if marks.len() <= most && marks.len() > 1 {
            return marks;
        }
    }
    for every in [1_i16, 2, 5, 10, 20, 50, 100] {
        let marks: Vec<(i32, String)> = years
            .iter()
            .filter(|year| **year % every == 0)
            .map(|year| new_year(*year))
            .filter(|date| of_year(*date))
            .map(|date| (day(date), date.year().to_string()))
            .collect();
        if marks.len() <= most && marks.len() > 1 {
            return marks;
        }
    }
    let most = fit("2025-01-01");
    let apart = usize::try_from((last - first) / i32::try_from(most).unwrap_or(2)).unwrap_or(1).max(1);
    let days = (first..=last).step_by(apart).take(most);
    days.filter_map(|at| Some((at, EPOCH.checked_add(at.days()).ok()?.to_string()))).collect()
}

fn step(months: i8) -> usize {
    usize::try_from(months).unwrap_or(1)
}

fn month(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

fn new_year(year: i16) -> Date {
    Date::new(year, 1, 1).unwrap_or(EPOCH)
}
