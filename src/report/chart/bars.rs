//! Bars that lie, one under the other: a name and a number above each, and pieces beside one another in it.

use super::canvas::clean;
use super::canvas::{
    Area, Drawn, FAINT, Frame, INK, LETTERS, LINE, Legend, Margins, Words, label, letters, lines, mark,
    picture, pixels, place, swatch, width_of,
};
use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use rust_decimal::Decimal;

/// A picture of bars.
pub struct Bars {
    /// Its words.
    pub words: Words,
    /// What the axis measures, and in what.
    pub axis: String,
    /// What one on the axis is, in money.
    pub unit: Decimal,
    /// Names of series and their colours.
    pub series: Vec<(String, usize)>,
    /// The bars from the top.
    pub rows: Vec<Row>,
    /// Whether each bar goes on where the one above ends, and a line shows that.
    pub connected: bool,
}

/// A bar.
pub struct Row {
    /// What it is.
    pub name: String,
    /// How much, in words.
    pub amount: String,
    /// Its pieces.
    pub pieces: Vec<Piece>,
}

/// A piece of a bar.
pub struct Piece {
    /// Where it starts.
    pub from: Decimal,
    /// Where it ends.
    pub to: Decimal,
    /// The series, as a place among their names.
    pub series: usize,
}

const BAR: u32 = 24;
const GAP: u32 = 14;
const AXIS: u32 = 46;
const SIDE: u32 = 20;
/// Half of a number at the end of the axis has to fit.
const RIGHT: u32 = 36;

impl Bars {
    /// The picture as text.
    pub fn svg(&self, frame: Frame<'_>) -> String {
        let plot = frame.width.saturating_sub(SIDE + RIGHT);
        let heads = Head::all(&self.rows, plot);
        let bar = |row: &Row| if row.pieces.is_empty() { 0 } else { BAR };
        let rows: u32 = heads.iter().zip(&self.rows).map(|(head, row)| head.height() + bar(row) + GAP).sum();
        let margins = Margins::new(&self.words, frame);
        let legend = Legend::new(&self.series, plot);
        let height = margins.top() + rows + AXIS + legend.height() + margins.bottom();
        picture(&self.words, frame, height, &|area| {
            margins.draw(area, height)?;
            self.draw(area, &heads, (margins.top(), rows))?;
            let below = margins.top() + rows + AXIS;
            legend.draw(area, (pixels(SIDE), pixels(below)))
        })
    }

    fn draw(&self, area: &Area<'_>, heads: &[Head], (top, rows): (u32, u32)) -> Drawn {
        let (low, high) = self.ends();
        let (width, height) = area.dim_in_pixel();
        let many = usize::try_from(width / 100).unwrap_or(4).max(3);
        let marks = RangedCoordf64::from(place(low)..place(high)).key_points(BoldPoints(many));
        let mut chart = ChartBuilder::on(area)
            .margin_top(top)
            .margin_left(SIDE)
            .margin_right(RIGHT)
            .margin_bottom(height.saturating_sub(top + rows + AXIS))
            .x_label_area_size(AXIS)
            .build_cartesian_2d(place(low)..place(high), pixels(rows)..0)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .disable_y_axis()
            .axis_style(INK)
            .x_labels(many)
            .x_label_formatter(&|at| mark(*at))
            .x_label_style(letters((HPos::Center, VPos::Top)))
            .axis_desc_style(letters((HPos::Center, VPos::Top)))
            .x_desc(clean(&self.axis))
            .draw()?;
        let mut y = 0;
        for (row, head) in self.rows.iter().zip(heads) {
            let corner = chart.backend_coord(&(place(low), y));
            head.draw(area, corner, chart.backend_coord(&(place(high), y)).0)?;
            y += pixels(head.height());
            if !row.pieces.is_empty() {
                let at = |amount: Decimal, y: i32| chart.backend_coord(&(place(self.scaled(amount)), y));
                // Lines that help the eye stand beside bars only: through words they would disturb.
                for mark in &marks {
                    let line = [(*mark, y - 2), (*mark, y + pixels(BAR + GAP) - 2)]
                        .map(|end| chart.backend_coord(&end));
                    area.draw(&PathElement::new(line, FAINT.mix(0.35)))?;
                }
                self.bar(area, row, (y, y + pixels(BAR)), &at)?;
                y += pixels(BAR);
            }
            y += pixels(GAP);
        }
        Ok(())
    }

    fn bar(
        &self,
        area: &Area<'_>,
        row: &Row,
        (top, bottom): (i32, i32),
        at: &dyn Fn(Decimal, i32) -> (i32, i32),
    ) -> Drawn {
        for piece in &row.pieces {
            let Some((name, series)) = self.series.get(piece.series) else { continue };
            let (from, to) = (at(piece.from.min(piece.to), top), at(piece.from.max(piece.to), bottom));
            swatch(area, [from, to], *series)?;
            if !self.connected {
                label(area, name, (from, to))?;
            }
        }
        if !self.connected {
            area.draw(&PathElement::new([at(Decimal::ZERO, top), at(Decimal::ZERO, bottom)], INK))?;
        }
        // A short line says that the next bar goes on here; longer, it would cross the words above that bar.
        let goes_on = self.connected && !self.rows.last().is_some_and(|last| std::ptr::eq(last, row));
        row.pieces.last().filter(|_| goes_on).map_or(Ok(()), |piece| {
            let below = bottom + pixels(GAP) - 2;
            area.draw(&PathElement::new([at(piece.to, bottom), at(piece.to, below)], INK))
        })
    }

    fn scaled(&self, amount: Decimal) -> Decimal {
        amount.checked_div(self.unit).unwrap_or_default()
    }

    /// The ends of the axis: nothing and the longest bar, with some air.
    fn ends(&self) -> (Decimal, Decimal) {
        let all = || self.rows.iter().flat_map(|row| &row.pieces).flat_map(|piece| [piece.from, piece.to]);
        let (low, high) = (all().min().unwrap_or_default(), all().max().unwrap_or_default());
        let air = |amount: Decimal| amount.checked_mul(Decimal::new(102, 2)).unwrap_or(amount);
        let (low, high) =
            (air(self.scaled(low)).min(Decimal::ZERO), air(self.scaled(high)).max(Decimal::ZERO));
        if low == high { (low, Decimal::ONE) } else { (low, high) }
    }
}

/// What stands above a bar: its name, and how much to the right or below.
struct Head {
    name: Vec<String>,
    amount: Vec<String>,
    beside: bool,
}

impl Head {
    /// Those of all rows: amounts stand beside names, or where one has no room all below.
    fn all(rows: &[Row], width: u32) -> Vec<Head> {
        let needs = rows.iter().map(|row| width_of(&row.amount) + LETTERS * 2).max().unwrap_or_default();
        rows.iter().map(|row| Head::new(row, width, needs)).collect()
    }

    fn new(row: &Row, width: u32, needs: u32) -> Head {
        let beside = width >= 3 * needs;
        let name = lines(&row.name, if beside { width.saturating_sub(needs) } else { width });
        Head { name, amount: lines(&row.amount, width), beside }
    }

    fn height(&self) -> u32 {
        let lines = self.name.len() + if self.beside { 0 } else { self.amount.len() };
        u32::try_from(lines).unwrap_or_default() * LINE
    }

    fn draw(&self, area: &Area<'_>, (left, top): (i32, i32), right: i32) -> Drawn {
        let mut y = top;
        for line in &self.name {
            area.draw(&Text::new(clean(line), (left, y), letters((HPos::Left, VPos::Top))))?;
            y += pixels(LINE);
        }
        if self.beside {
            let amount = self.amount.first().map_or("", String::as_str);
            let style = letters((HPos::Right, VPos::Top));
            return area.draw(&Text::new(clean(amount), (right, top), style));
        }
        for line in &self.amount {
            area.draw(&Text::new(clean(line), (left, y), letters((HPos::Left, VPos::Top))))?;
            y += pixels(LINE);
        }
        Ok(())
    }
}
