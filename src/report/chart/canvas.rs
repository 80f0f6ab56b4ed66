//! What every picture has: its size, its colours with a pattern each, words measured by the eye, a legend, and the words that
//! a screen reader speaks.
//!
//! Pictures are drawn in binary floating point. It goes one way: amounts are added and divided as decimals, handed over in
//! [`place`], and never come back into a duty.

use super::palette::Palette;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use std::fmt::Write;
use std::io;
use textwrap::core::display_width;

/// How a picture is framed.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Pixels from left to right; it is as high as it needs to be.
    pub width: u32,
    /// The page it is in, which says title and source and gives the ground.
    pub page: Option<Page<'a>>,
}

/// What a picture in a page has from there.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// A name that no other picture of the page has.
    pub name: &'a str,
    /// The colours of all its pictures.
    pub palette: &'a Palette,
}

/// A picture that stands alone.
pub const ALONE: Frame<'static> = Frame { width: 800, page: None };

/// What is said of a picture beside what it shows.
pub struct Words {
    /// What it shows.
    pub title: String,
    /// The same in words and exact numbers, for those who do not see it.
    pub description: String,
    /// Where the numbers come from.
    pub source: String,
}

pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// Height of the letters.
pub const LETTERS: u32 = 13;
/// From one line of text to the next.
pub const LINE: u32 = 19;
/// Letters that stand out.
const LARGE: u32 = 16;

/// Drawn as the colour of the text around the picture.
pub const INK: RGBColor = RGBColor(0, 0, 0);
/// On a label's own ground, whatever is around the picture.
pub const PRINT: RGBColor = RGBColor(17, 17, 17);
/// Letters on a dark ground.
pub const PAPER: RGBColor = RGBColor(255, 255, 255);
/// Lines that help the eye.
pub const FAINT: RGBColor = RGBColor(140, 140, 140);

/// Colours that those who see few colours tell apart (Okabe and Ito), neighbours unlike in brightness. The last is for the rest.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(240, 228, 66),
    RGBColor(213, 94, 0),
    RGBColor(86, 180, 233),
    RGBColor(204, 121, 167),
    RGBColor(187, 187, 187),
];

/// A pattern for each colour, for paper without any: paths in a square of 8 by 8.
const PATTERNS: [&str; 8] = [
    "",
    "M-2 2L2 -2M0 8L8 0M6 10L10 6",
    "M0 2H8M0 6H8",
    "M2 2h.1M6 6h.1",
    "M-2 6L2 10M0 0L8 8M6 -2L10 2",
    "M2 0V8M6 0V8",
    "M0 0L8 8M0 8L8 0",
    "M0 4H8M4 0V8",
];

/// How many series there are colours for, the last among them.
pub const MOST: usize = COLOURS.len();

/// In place of a colour: nothing but an outline.
pub const HOLLOW: usize = MOST;

/// A box in the colour of a series.
pub fn swatch(area: &Area<'_>, [from, to]: [(i32, i32); 2], series: usize) -> Drawn {
    if series == HOLLOW {
        let corners = [from, (to.0, from.1), to, (from.0, to.1), from];
        return area.draw(&PathElement::new(corners.to_vec(), INK.stroke_width(2)));
    }
    area.draw(&Rectangle::new([from, to], colour(series).filled()))?;
    area.draw(&Rectangle::new([from, to], INK))
}

/// The colour of a series.
pub fn colour(series: usize) -> RGBColor {
    COLOURS[series.min(MOST - 1)]
}

/// A length in the picture.
pub fn pixels(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// Where on an axis an amount stands.
pub fn place(amount: Decimal) -> f64 {
    amount.to_f64().unwrap_or_default()
}

/// The text of a mark on an axis: what drawing made of a round number, made round again.
pub fn mark(at: f64) -> String {
    let number = Decimal::from_f64(at).unwrap_or_default().round_dp(6).normalize();
    crate::money::grouped(number, number.scale())
}

/// About how many pixels a text takes; the drawing has no font to ask.
pub fn width_of(text: &str) -> u32 {
    u32::try_from(display_width(text)).unwrap_or(u32::MAX / 16) * LETTERS * 11 / 20
}

/// A text in lines that fit.
pub fn lines(text: &str, width: u32) -> Vec<String> {
    let columns = usize::try_from(width * 20 / (LETTERS * 11)).unwrap_or(80).max(8);
    textwrap::wrap(text, columns).into_iter().map(std::borrow::Cow::into_owned).collect()
}

/// As much of a text as fits into a line.
fn cut(text: &str, width: u32) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        if width_of(&kept) + 2 * LETTERS > width {
            break;
        }
        kept.push(c);
    }
    kept + "…"
}

/// Letters as they are drawn.
pub fn letters(anchor: (HPos, VPos)) -> TextStyle<'static> {
    style(LETTERS, INK).pos(Pos::new(anchor.0, anchor.1))
}

/// The drawing divides sizes by 1.24 when it writes them.
pub fn style(size: u32, colour: RGBColor) -> TextStyle<'static> {
    let size = place(Decimal::from(size).checked_mul(Decimal::new(124, 2)).unwrap_or_default());
    let font = ("sans-serif", size).into_font();
    TextStyle { color: colour.to_backend_color(), ..TextStyle::from(font) }
}

/// Letters in a box of their own ground, so that they are read on any pattern. Nothing where there is no room.
pub fn label(area: &Area<'_>, text: &str, room: ((i32, i32), (i32, i32))) -> Drawn {
    let ((left, top), (right, bottom)) = room;
    let half = i32::try_from(width_of(text) / 2 + 4).unwrap_or(i32::MAX / 4);
    let (x, y) = (left.midpoint(right), top.midpoint(bottom));
    let high = i32::try_from(LETTERS / 2 + 2).unwrap_or_default();
    if right - left < 2 * half + 2 || bottom - top < 2 * high {
        return Ok(());
    }
    let ground = WHITE.mix(0.9).filled();
    area.draw(&Rectangle::new([(x - half, y - high), (x + half, y + high)], ground))?;
    let centred = style(LETTERS - 1, PRINT).pos(Pos::new(HPos::Center, VPos::Center));
    area.draw(&Text::new(clean(text), (x, y), centred))
}

/// Draws what stands before a name in a legend, in a box, by its number.
type Key<'a> = &'a dyn Fn(&Area<'_>, [(i32, i32); 2], usize) -> Drawn;

/// Air above a legend.
const AIR: u32 = 10;

/// The names of series with their colours, in rows.
pub struct Legend {
    names: Vec<(String, usize)>,
    rows: Vec<Vec<usize>>,
}

impl Legend {
    /// The legend of series, as wide as the picture; names that are wider are cut.
    pub fn new(names: &[(String, usize)], width: u32) -> Legend {
        let names: Vec<(String, usize)> =
            names.iter().map(|(name, series)| (cut(name, width.saturating_sub(36)), *series)).collect();
        let mut rows: Vec<Vec<usize>> = Vec::new();
        let mut taken = 0;
        for (at, (name, _)) in names.iter().enumerate() {
            let needs = width_of(name) + 36;
            if let Some(row) = rows.last_mut().filter(|_| taken + needs <= width) {
                row.push(at);
            } else {
                rows.push(vec![at]);
                taken = 0;
            }
            taken += needs;
        }
        Legend { names, rows }
    }

    /// Pixels from top to bottom.
    pub fn height(&self) -> u32 {
        AIR + u32::try_from(self.rows.len()).unwrap_or_default() * (LINE + 3)
    }

    /// Draws it.
    pub fn draw(&self, area: &Area<'_>, corner: (i32, i32)) -> Drawn {
        self.draw_keys(area, corner, &swatch)
    }

    /// Draws it with other things than boxes of a colour before the names.
    pub fn draw_keys(&self, area: &Area<'_>, corner: (i32, i32), key: Key<'_>) -> Drawn {
        let (left, top) = corner;
        let mut y = top + i32::try_from(AIR).unwrap_or_default();
        for row in &self.rows {
            let mut x = left;
            for at in row {
                let (name, series) = &self.names[*at];
                key(area, [(x, y), (x + 14, y + 14)], *series)?;
                let text = letters((HPos::Left, VPos::Center));
                area.draw(&Text::new(clean(name), (x + 20, y + 7), text))?;
                x += i32::try_from(width_of(name) + 36).unwrap_or_default();
            }
            y += i32::try_from(LINE + 3).unwrap_or_default();
        }
        Ok(())
    }
}

/// How much of a picture words above and below take.
pub struct Margins {
    title: Vec<String>,
    source: Vec<String>,
}

impl Margins {
    /// Of a picture in its frame.
    pub fn new(words: &Words, frame: Frame<'_>) -> Margins {
        if frame.page.is_some() {
            return Margins { title: Vec::new(), source: Vec::new() };
        }
        let width = frame.width.saturating_sub(40);
        Margins { title: lines(&words.title, width * LETTERS / LARGE), source: lines(&words.source, width) }
    }

    /// Pixels above.
    pub fn top(&self) -> u32 {
        let title = u32::try_from(self.title.len()).unwrap_or_default() * (LARGE + 6);
        if title == 0 { 4 } else { title + 18 }
    }

    /// Pixels below.
    pub fn bottom(&self) -> u32 {
        12 + u32::try_from(self.source.len()).unwrap_or_default() * LINE
    }

    /// Writes the words; `height` is that of the whole picture.
    pub fn draw(&self, area: &Area<'_>, height: u32) -> Drawn {
        let above = style(LARGE, INK);
        let step = |line: u32, count: usize| line * u32::try_from(count).unwrap_or_default();
        for (at, line) in self.title.iter().enumerate() {
            let y = i32::try_from(8 + step(LARGE + 6, at)).unwrap_or_default();
            area.draw(&Text::new(clean(line), (20, y), above.clone()))?;
        }
        let first = height.saturating_sub(step(LINE, self.source.len()) + 6);
        for (at, line) in self.source.iter().enumerate() {
            let y = i32::try_from(first + step(LINE, at)).unwrap_or_default();
            area.draw(&Text::new(clean(line), (20, y), style(LETTERS - 1, INK)))?;
        }
        Ok(())
    }
}

/// A picture as text: what `draw` draws, with its words, colours laid over with patterns, and ink that takes the colour of
/// the page.
pub fn picture(words: &Words, frame: Frame<'_>, height: u32, draw: &dyn Fn(&Area<'_>) -> Drawn) -> String {
    let mut drawn = String::new();
    {
        let area = SVGBackend::with_string(&mut drawn, (frame.width, height)).into_drawing_area();
        // Writing to memory cannot fail.
        let _ = draw(&area).and_then(|()| area.present());
    }
    let name = frame.page.map_or("chart", |page| page.name);
    let Some((opening, rest)) = drawn.split_once(">\n") else { return drawn };
    let mut svg =
        format!("{opening} color=\"#111111\" role=\"img\" aria-labelledby=\"{name}-t {name}-d\">\n");
    let _ = writeln!(svg, "<title id=\"{name}-t\">{}</title>", escape(&words.title));
    let _ = writeln!(svg, "<desc id=\"{name}-d\">{}</desc>", escape(&words.description));
    let mut rest = rest.replace("\"#000000\"", "\"currentColor\"");
    svg.push_str("<defs>\n");
    for (at, (colour, pattern)) in COLOURS.iter().zip(PATTERNS).enumerate() {
        let RGBColor(red, green, blue) = colour;
        let fill = format!("#{red:02X}{green:02X}{blue:02X}");
        let used = format!("fill=\"{fill}\"");
        if rest.contains(&used) {
            let _ = writeln!(
                svg,
                "<pattern id=\"{name}-{at}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
                 <path fill=\"{fill}\" d=\"M0 0H8V8H0z\"/>\
                 <path stroke=\"#111111\" stroke-opacity=\".6\" stroke-width=\"1.2\" stroke-linecap=\"round\" d=\"{pattern}\"/>\
                 </pattern>"
            );
            rest = rest.replace(&used, &format!("fill=\"url(#{name}-{at})\""));
        }
    }
    svg.push_str("</defs>\n");
    if frame.page.is_none() {
        svg.push_str("<rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>\n");
    }
    svg + &rest
}

/// Text without the characters that XML has no way to write.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c })
        .collect()
}

fn escape(text: &str) -> String {
    clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
