//! The textbook's diagram of a market: curves, prices and lettered areas, each with its amount below.

use super::canvas::{
    Area, Drawn, FAINT, Frame, INK, LETTERS, LINE, Legend, Margins, Words, clean, colour, label, letters,
    mark, picture, place, width_of,
};
use crate::analysis::impact::{Diagram, Impact, Level, MarketImpact, Picture, Place, Region};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, list};
use crate::money::{RoundingMode, grouped, plain};
use crate::report::impact_tables::scale;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};
use rust_decimal::Decimal;

const PLOT: u32 = 340;
const AXIS: u32 = 46;
const MARKS: u32 = 56;
const RIGHT: u32 = 24;
/// Half of a letter's box.
const BOX: i32 = 9;

/// The diagram of one market of an impact: the one named, or the largest of one good.
pub fn market(impact: &Impact, name: Option<&str>, frame: Frame<'_>) -> Result<String, Diagnostics> {
    let market = chosen(impact, name)?;
    let undrawn = |why: &str| {
        let message = format!("the market `{}` cannot be drawn: {why}", market.name);
        Diagnostic::new(Code::CannotBeDrawn, message)
            .help("a diagram shows a market of one good; the table has the numbers of any")
    };
    match market.diagram() {
        Ok(Some(diagram)) => Ok(Drawing::new(impact, market, &diagram).svg(frame)),
        Ok(None) => Err(undrawn("it is divided by origin").into()),
        Err(_) => Err(undrawn("its curves grow beyond all numbers").into()),
    }
}

fn chosen<'a>(impact: &'a Impact, name: Option<&str>) -> Result<&'a MarketImpact, Diagnostics> {
    if let Some(name) = name {
        return impact.markets.iter().find(|market| market.name == name).ok_or_else(|| unknown(impact, name));
    }
    let of_one_good = impact.markets.iter().filter(|market| market.lanes.is_empty());
    let largest = of_one_good.max_by_key(|market| market.value).or(impact.markets.first());
    largest.ok_or_else(|| {
        Diagnostic::new(Code::CannotBeDrawn, "there is no market to draw")
            .help("a diagram needs [economics] or a [[chain]]")
            .into()
    })
}

/// No market or chain has the name.
fn unknown(impact: &Impact, name: &str) -> Diagnostics {
    let markets: Vec<&str> = impact.markets.iter().map(|market| market.name.as_str()).collect();
    let chains: Vec<&str> = impact.chains.iter().map(|chain| chain.id.as_str()).collect();
    let kinds = [("market", markets), ("chain", chains)];
    let known: Vec<&(&str, Vec<&str>)> = kinds.iter().filter(|(_, names)| !names.is_empty()).collect();
    let nouns: Vec<&str> = known.iter().map(|(noun, _)| *noun).collect();
    let lists: Vec<String> =
        known.iter().map(|(noun, names)| format!("the {noun}s are {}", list(names))).collect();
    Diagnostic::new(Code::UnknownGroupKey, format!("there is no {} `{name}`", nouns.join(" or ")))
        .help(lists.join("; "))
        .into()
}

/// A diagram on its way to paper.
struct Drawing<'a> {
    words: Words,
    price: String,
    quantity: String,
    series: Vec<(String, usize)>,
    /// Letters of areas with their amounts.
    amounts: Vec<String>,
    diagram: &'a Diagram,
}

impl<'a> Drawing<'a> {
    fn new(impact: &Impact, market: &MarketImpact, diagram: &'a Diagram) -> Drawing<'a> {
        let currency = &impact.currency;
        let (price, quantity) = match &market.unit {
            Some(unit) => (format!("Price, {currency}/{}", unit.name), format!("Quantity, {}", unit.name)),
            None => (
                "Price, in parts of the world price before".to_owned(),
                format!("Quantity, {currency} at world prices before"),
            ),
        };
        let scale = scale(&market.accounts);
        let (_, shown) = market.rounded(scale.step());
        let of = |region: &Region| {
            let area = shown.iter().find(|area| area.letter == region.area.letter);
            scale.show(area.unwrap_or(&region.area).amount)
        };
        let amount =
            |region: &Region| format!("{}, {currency}{} {}", region.area.meaning, scale.words(), of(region));
        let amounts = diagram.regions.iter().map(|region| format!("{} {}", region.area.letter, of(region)));
        let series: Vec<(String, usize)> = diagram
            .regions
            .iter()
            .enumerate()
            .map(|(at, region)| (format!("{}: {}", region.area.letter, amount(region)), at))
            .collect();
        let what = match diagram.picture {
            Picture::SmallCountry => "a small country",
            Picture::LargeCountry => "a large country",
            Picture::Staircase => "a quota",
        };
        let variant = impact.variant.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
        let told: Vec<String> = series.iter().map(|(name, _)| name.clone()).collect();
        let levels = diagram.levels.iter().map(|level| format!("{} {}", level.name, short(level.price)));
        let marks = diagram.marks.iter().map(|(name, (quantity, _))| format!("{name} {}", short(*quantity)));
        let numbers: Vec<String> = levels.chain(marks).collect();
        Drawing {
            words: Words {
                title: format!("Model of {what}: {} ({})", market.name, impact.title),
                description: format!("{}. {}.", numbers.join(", "), told.join(". ")),
                source: format!(
                    "Model: the assumptions are those that tariffsim {} prints for {}{variant}.",
                    env!("CARGO_PKG_VERSION"),
                    impact.file
                ),
            },
            price,
            quantity,
            series,
            amounts: amounts.collect(),
            diagram,
        }
    }

    fn svg(&self, frame: Frame<'_>) -> String {
        let margins = Margins::new(&self.words, frame);
        let legend = Legend::new(&self.series, frame.width.saturating_sub(40));
        let top = margins.top() + LINE + 8;
        let height = top + PLOT + AXIS + legend.height() + margins.bottom();
        picture(&self.words, frame, height, &|area| {
            margins.draw(area, height)?;
            let what = (20, pixels(margins.top()));
            area.draw(&Text::new(clean(&self.price), what, letters((HPos::Left, VPos::Top))))?;
            self.draw(area, top, height)?;
            legend.draw(area, (20, pixels(top + PLOT + AXIS + 4)))
        })
    }

    fn draw(&self, area: &Area<'_>, top: u32, height: u32) -> Drawn {
        let diagram = self.diagram;
        let [low, high] = diagram.prices;
        let (width, _) = area.dim_in_pixel();
        let mut chart = ChartBuilder::on(area)
            .margin_top(top)
            .margin_right(RIGHT)
            .margin_bottom(height.saturating_sub(top + PLOT + AXIS))
            .x_label_area_size(AXIS)
            .y_label_area_size(MARKS)
            .build_cartesian_2d(0.0..place(diagram.widest), place(low)..place(high))?;
        chart
            .configure_mesh()
            .disable_mesh()
            .axis_style(INK)
            .x_labels(usize::try_from(width / 110).unwrap_or(4).max(3))
            .y_labels(6)
            .x_label_formatter(&|at| mark(*at))
            .y_label_formatter(&|at| mark(*at))
            .x_label_style(letters((HPos::Center, VPos::Top)))
            .y_label_style(letters((HPos::Right, VPos::Center)))
            .axis_desc_style(letters((HPos::Center, VPos::Top)))
            .x_desc(clean(&self.quantity))
            .draw()?;
        let at = |(quantity, price): Place| chart.backend_coord(&(place(quantity), place(price)));
        for (series, region) in diagram.regions.iter().enumerate() {
            for outline in &region.outlines {
                let outline: Vec<(i32, i32)> = outline.iter().copied().map(at).collect();
                area.draw(&Polygon::new(outline.clone(), colour(series).filled()))?;
            }
        }
        for level in &diagram.levels {
            let ends = [at((Decimal::ZERO, level.price)), at((diagram.widest, level.price))];
            area.draw(&PathElement::new(ends, FAINT))?;
        }
        for (_, (quantity, price)) in &diagram.marks {
            let ends = [at((*quantity, low)), at((*quantity, *price))];
            area.draw(&PathElement::new(ends, FAINT))?;
        }
        for line in &diagram.lines {
            let places: Vec<(i32, i32)> = line.places.iter().copied().map(at).collect();
            area.draw(&PathElement::new(places, INK.stroke_width(2)))?;
        }
        self.names(area, &at)?;
        self.tags(area, &at)
    }

    /// What curves and prices are called.
    fn names(&self, area: &Area<'_>, at: &dyn Fn(Place) -> (i32, i32)) -> Drawn {
        let (width, _) = area.dim_in_pixel();
        let (left, right) = (pixels(MARKS) + 4, pixels(width.saturating_sub(RIGHT)));
        for line in &self.diagram.lines {
            let words = pixels(width_of(line.name));
            let Some((foot, head)) = line.places.first().zip(line.places.last()) else { continue };
            let (foot, head) = (at(*foot), at(*head));
            // What falls is named at its foot where there is room, everything else at its head.
            let at_foot = foot.0 > head.0 && foot.0 + 8 + words <= right;
            let (x, y) = if at_foot { (foot.0 + 8, foot.1 - 6) } else { (head.0 - words / 2, head.1 - 4) };
            let x = x.min(right - words).max(left);
            area.draw(&Text::new(line.name, (x, y), letters((HPos::Left, VPos::Bottom))))?;
        }
        let right = at((self.diagram.widest, self.diagram.prices[0])).0;
        let mut taken: Vec<i32> = Vec::new();
        for level in &self.diagram.levels {
            let text = named(level);
            let y = at((self.diagram.widest, level.price)).1;
            // Above its line, or below it where another name stands there.
            let (y, below) = if taken.iter().any(|other| (other - y).abs() < pixels(LETTERS) + 2) {
                (y + 2, true)
            } else {
                (y - 2, false)
            };
            taken.push(y);
            let anchor = if below { VPos::Top } else { VPos::Bottom };
            area.draw(&Text::new(clean(&text), (right, y), letters((HPos::Right, anchor))))?;
        }
        Ok(())
    }

    /// The letters of areas, in their middle, or beside them where they are small.
    fn tags(&self, area: &Area<'_>, at: &dyn Fn(Place) -> (i32, i32)) -> Drawn {
        for (at_region, region) in self.diagram.regions.iter().enumerate() {
            for outline in &region.outlines {
                let drawn: Vec<(i32, i32)> = outline.iter().copied().map(at).collect();
                let (Some(box_of), Some(middle)) = (bounds(&drawn), centre(&drawn)) else { continue };
                let ((left, top), (right, bottom)) = box_of;
                let amount = self.amounts.get(at_region).map_or("", String::as_str);
                let wide = pixels(width_of(amount)) + 2 * BOX;
                // In a triangle words have half the room.
                let needs = if outline.len() == 4 { wide + BOX } else { wide * 2 };
                if right - left > needs && bottom - top > 4 * BOX {
                    let room = ((middle.0 - wide, middle.1 - BOX), (middle.0 + wide, middle.1 + BOX));
                    label(area, amount, room)?;
                    continue;
                }
                let small = right - left < 2 * BOX || bottom - top < 2 * BOX;
                let middle = if small {
                    // What lies below the price before is named below, the others above.
                    let below = matches!(region.area.letter, 'e' | 'f');
                    let beside = if below { bottom + 2 * BOX + 4 } else { top - 2 * BOX - 4 };
                    area.draw(&PathElement::new([middle, (middle.0, beside)], INK))?;
                    (middle.0, beside)
                } else {
                    middle
                };
                let room = ((middle.0 - 2 * BOX, middle.1 - BOX), (middle.0 + 2 * BOX, middle.1 + BOX));
                label(area, &region.area.letter.to_string(), room)?;
            }
        }
        Ok(())
    }
}

/// A number in words.
fn short(number: Decimal) -> String {
    plain(RoundingMode::HalfUp.places(number, 4))
}

fn named(level: &Level) -> String {
    let price = RoundingMode::HalfUp.places(level.price, 2);
    format!("{} {}", level.name, grouped(price, 2))
}

fn bounds(outline: &[(i32, i32)]) -> Option<((i32, i32), (i32, i32))> {
    let xs = || outline.iter().map(|place| place.0);
    let ys = || outline.iter().map(|place| place.1);
    Some(((xs().min()?, ys().min()?), (xs().max()?, ys().max()?)))
}

/// The middle of an area: that of its triangles, each by its size.
fn centre(outline: &[(i32, i32)]) -> Option<(i32, i32)> {
    let first = outline.first()?;
    let (mut x, mut y, mut all) = (0_i64, 0_i64, 0_i64);
    for pair in outline.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let (ax, ay) = (i64::from(a.0 - first.0), i64::from(a.1 - first.1));
        let (bx, by) = (i64::from(b.0 - first.0), i64::from(b.1 - first.1));
        let size = ax * by - ay * bx;
        x += size * (ax + bx);
        y += size * (ay + by);
        all += size;
    }
    if all == 0 {
        return Some(*first);
    }
    let middle = |sum: i64| i32::try_from(sum / (3 * all)).unwrap_or_default();
    Some((first.0 + middle(x), first.1 + middle(y)))
}

fn pixels(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
