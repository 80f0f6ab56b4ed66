//! A function of one number, known only by asking, cut into the straight pieces it is made of.
//!
//! Duty is a straight line over most parameters, until a quota fills or a maximum binds; then it is another. The pieces
//! are found by asking inside an interval: where all answers lie on one line it is one; where two lines cross and the
//! answer there lies on both, there is a bend, at that very place; where they do not, there is a jump, and the place
//! is halved in on.

use crate::diagnostic::Diagnostics;
use crate::money::{self, ArithmeticError, RoundingMode};
use rust_decimal::Decimal;

/// A place and the value there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The place.
    pub x: Decimal,
    /// The value.
    pub y: Decimal,
}

/// What the function is like between two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A straight line.
    Line,
    /// Something that bends all along.
    Curve,
    /// Another value at one end than at the other, as near to one another as was looked.
    Jump,
    /// More than was looked into.
    Unknown,
}

/// The function between two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// What it is like.
    pub shape: Shape,
    /// Its left end.
    pub from: Sample,
    /// Its right end.
    pub to: Sample,
}

/// What is asked.
pub type Ask<'a> = &'a mut dyn FnMut(Decimal) -> Result<Decimal, Diagnostics>;

/// How closely is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Care {
    /// Values this near to a line lie on it.
    pub tolerance: Decimal,
    /// Places are rounded to so many decimals.
    pub places: u32,
    /// Places nearer to one another than this are one.
    pub grain: Decimal,
    /// How often may be asked.
    pub questions: usize,
}

impl Care {
    /// Care for a range: places to 22 digits of its width, jumps to 1e-14 of it.
    pub fn over(range: Decimal, tolerance: Decimal, questions: usize) -> Care {
        // The digits before the point of the width; below one, less the zeros behind it.
        let mut digits = 0_i32;
        let mut power = range.abs();
        while power >= Decimal::TEN && digits < 28 {
            power = power.checked_div(Decimal::TEN).unwrap_or_default();
            digits += 1;
        }
        while power < Decimal::ONE && !power.is_zero() && digits > -20 {
            power = power.checked_mul(Decimal::TEN).unwrap_or(Decimal::ONE);
            digits -= 1;
        }
        let scale = |wanted: i32| u32::try_from((wanted - digits).clamp(2, 28)).unwrap_or(22);
        Care { tolerance, places: scale(22), grain: Decimal::new(1, scale(14)), questions }
    }
}

impl Care {
    /// How far a place may be off that rests on values of this care: less the steeper they rise.
    pub fn slack(&self, steepness: Decimal) -> Decimal {
        let off = money::div(self.tolerance, steepness.abs()).unwrap_or_default();
        // On what hardly rises a place says little; no shorter one is looked for beyond a millionth of the range.
        off.min(self.grain.saturating_mul(Decimal::from(100_000_000))).max(self.grain)
    }
}

/// The pieces between two places, from left to right.
pub fn pieces(from: Sample, to: Sample, care: Care, ask: Ask<'_>) -> Result<Vec<Piece>, Diagnostics> {
    let mut search = Search { ask, care, left: care.questions, found: Vec::new() };
    search.look(from, to, 0)?;
    Ok(joined(search.found, care, true))
}

/// Neighbours that lie on one line as one piece; with `curves`, curves beside one another too.
pub fn joined(pieces: Vec<Piece>, care: Care, curves: bool) -> Vec<Piece> {
    let mut joined: Vec<Piece> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match joined.last_mut() {
            Some(last) if last.shape == piece.shape && continues(last, &piece, care, curves) => {
                last.to = piece.to;
            }
            _ => joined.push(piece),
        }
    }
    joined
}

fn continues(last: &Piece, piece: &Piece, care: Care, curves: bool) -> bool {
    match piece.shape {
        Shape::Line => Line::through(last.from, last.to)
            .and_then(|line| on(line, piece.to, care.tolerance))
            .is_ok_and(|fits| fits),
        Shape::Curve => curves,
        Shape::Unknown => true,
        Shape::Jump => false,
    }
}

/// A straight line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    at: Sample,
    rise: Decimal,
    run: Decimal,
}

impl Line {
    /// The line through two samples at different places.
    pub fn through(a: Sample, b: Sample) -> Result<Line, ArithmeticError> {
        Ok(Line { at: a, rise: money::sub(b.y, a.y)?, run: money::sub(b.x, a.x)? })
    }

    /// Its value at a place.
    pub fn at(self, x: Decimal) -> money::Exact {
        let climbed = money::div(money::mul(self.rise, money::sub(x, self.at.x)?)?, self.run)?;
        money::add(self.at.y, climbed)
    }

    /// By how much it rises for one.
    pub fn slope(self) -> money::Exact {
        money::div(self.rise, self.run)
    }

    /// Where it has a value.
    pub fn reaches(self, y: Decimal) -> money::Exact {
        let up = money::mul(money::sub(y, self.at.y)?, self.run)?;
        money::add(self.at.x, money::div(up, self.rise)?)
    }

    /// Where it crosses another.
    fn crosses(self, other: Line) -> money::Exact {
        let slope = money::sub(self.slope()?, other.slope()?)?;
        let apart = money::sub(other.at(self.at.x)?, self.at.y)?;
        money::add(self.at.x, money::div(apart, slope)?)
    }
}

/// Whether a sample lies on a line.
fn on(line: Line, sample: Sample, tolerance: Decimal) -> Result<bool, ArithmeticError> {
    Ok(money::sub(line.at(sample.x)?, sample.y)?.abs() <= tolerance)
}

/// Whether the middle one of three samples lies on the line through the others.
pub fn straight(a: Sample, b: Sample, c: Sample, tolerance: Decimal) -> bool {
    Line::through(a, c).and_then(|line| on(line, b, tolerance)).unwrap_or(true)
}

/// The number with the fewest decimals between two.
pub fn simplest(low: Decimal, high: Decimal) -> Decimal {
    for places in 0..28 {
        let candidate = RoundingMode::HalfUp.places(high, places);
        if candidate >= low && candidate <= high {
            return candidate;
        }
        let below = high.trunc_with_scale(places);
        if below >= low && below <= high {
            return below;
        }
    }
    high
}

struct Search<'a> {
    ask: Ask<'a>,
    care: Care,
    left: usize,
    found: Vec<Piece>,
}

/// The parts of the way from one end to the other at which is asked: not the middle, so that what is alike on both
/// sides of it does not pass for a line.
const PARTS: [Decimal; 2] =
    [Decimal::from_parts(375, 0, 0, false, 3), Decimal::from_parts(6875, 0, 0, false, 4)];
const HALF: Decimal = Decimal::from_parts(5, 0, 0, false, 1);

impl Search<'_> {
    fn sample(&mut self, x: Decimal) -> Result<Sample, Diagnostics> {
        self.left = self.left.saturating_sub(1);
        Ok(Sample { x, y: (self.ask)(x)? })
    }

    /// The sample some part of the way from one to another; `None` where there is no place between them.
    fn between(&mut self, a: Sample, b: Sample, part: Decimal) -> Result<Option<Sample>, Diagnostics> {
        let place = money::sub(b.x, a.x)
            .and_then(|way| money::add(a.x, money::mul(way, part)?))
            .map(|x| RoundingMode::HalfUp.places(x, self.care.places));
        match place {
            Ok(x) if a.x < x && x < b.x => self.sample(x).map(Some),
            _ => Ok(None),
        }
    }

    fn take(&mut self, shape: Shape, from: Sample, to: Sample) {
        if from.x < to.x {
            self.found.push(Piece { shape, from, to });
        }
    }

    fn straight(&self, a: Sample, b: Sample, c: Sample) -> bool {
        straight(a, b, c, self.care.tolerance)
    }

    /// Whether the middle between two samples lies on the line through them, as far as there is one.
    fn is_line(&mut self, from: Sample, to: Sample) -> Result<bool, Diagnostics> {
        let middle = self.between(from, to, HALF)?;
        Ok(middle.is_none_or(|middle| self.straight(from, middle, to)))
    }

    fn narrow(&self, a: Sample, b: Sample) -> bool {
        money::sub(b.x, a.x).is_ok_and(|way| way <= self.care.grain)
    }

    /// An interval too narrow to look into.
    fn close(&mut self, a: Sample, b: Sample) {
        let step = money::sub(b.y, a.y).map_or(Decimal::ZERO, |step| step.abs());
        // What is as steep as this over so short a way is a jump.
        let shape = if step > self.care.tolerance { Shape::Jump } else { Shape::Line };
        self.take(shape, a, b);
    }

    fn look(&mut self, a: Sample, b: Sample, bent: usize) -> Result<(), Diagnostics> {
        if self.narrow(a, b) {
            self.close(a, b);
            return Ok(());
        }
        if self.left == 0 {
            self.take(Shape::Unknown, a, b);
            return Ok(());
        }
        let (p, q) = (self.between(a, b, PARTS[0])?, self.between(a, b, PARTS[1])?);
        let (Some(p), Some(q)) = (p, q) else {
            self.close(a, b);
            return Ok(());
        };
        match (self.straight(a, p, q), self.straight(p, q, b)) {
            (true, true) => self.take(Shape::Line, a, b),
            (true, false) => {
                self.take(Shape::Line, a, q);
                self.look(q, b, bent)?;
            }
            (false, true) => {
                self.look(a, p, bent)?;
                self.take(Shape::Line, p, b);
            }
            (false, false) => self.look_within([a, p, q, b], bent)?,
        }
        Ok(())
    }

    /// Looks between samples of which no three neighbours lie on a line.
    fn look_within(&mut self, [a, p, q, b]: [Sample; 4], bent: usize) -> Result<(), Diagnostics> {
        let mut lines = [false; 3];
        for (line, (from, to)) in lines.iter_mut().zip([(a, p), (p, q), (q, b)]) {
            *line = self.is_line(from, to)?;
        }
        if lines[0]
            && lines[2]
            && let Some(x) = self.crossing(a, p, q, b)?
            && self.is_line(p, x)?
            && self.is_line(x, q)?
        {
            self.take(Shape::Line, a, x);
            self.take(Shape::Line, x, b);
            return Ok(());
        }
        if lines == [true, false, true] {
            self.take(Shape::Line, a, p);
            self.halve((a, p), (q, b))?;
            self.take(Shape::Line, q, b);
            return Ok(());
        }
        if lines == [false; 3] && bent > 0 {
            self.take(Shape::Curve, a, b);
            return Ok(());
        }
        for (from, to) in [(a, p), (p, q), (q, b)] {
            self.look(from, to, bent + usize::from(lines == [false; 3]))?;
        }
        Ok(())
    }

    /// The bend where the line through the first two samples meets the one through the last two, if there is one.
    fn crossing(
        &mut self,
        a: Sample,
        p: Sample,
        q: Sample,
        b: Sample,
    ) -> Result<Option<Sample>, Diagnostics> {
        let lines = Line::through(a, p).and_then(|left| Ok((left, Line::through(q, b)?)));
        let Ok((left, right)) = lines else { return Ok(None) };
        let Ok(exact) = left.crosses(right) else { return Ok(None) };
        let steepness = left.slope().and_then(|l| money::sub(l, right.slope()?)).unwrap_or_default();
        let slack = self.care.slack(steepness);
        let (low, high) = (exact.saturating_sub(slack), exact.saturating_add(slack));
        let short = simplest(low, high);
        for x in [short, RoundingMode::HalfUp.places(exact, self.care.places)] {
            // A bend may stand on the samples themselves.
            if x < p.x || x > q.x {
                continue;
            }
            let sample = self.sample(x)?;
            let both = on(left, sample, self.care.tolerance)
                .and_then(|fits| Ok(fits && on(right, sample, self.care.tolerance)?));
            if both.unwrap_or(false) {
                return Ok(Some(sample));
            }
            if x == exact {
                break;
            }
        }
        Ok(None)
    }

    /// Halves the way between two lines that do not meet: what lies on neither is looked into.
    fn halve(&mut self, left: (Sample, Sample), right: (Sample, Sample)) -> Result<(), Diagnostics> {
        let (mut a, mut b) = (left.1, right.0);
        let lines = Line::through(left.0, left.1).and_then(|l| Ok((l, Line::through(right.0, right.1)?)));
        let Ok((left, right)) = lines else { return self.look(a, b, 0) };
        let start = a;
        let end = b;
        while !self.narrow(a, b) && self.left > 0 {
            let Some(middle) = self.between(a, b, HALF)? else { break };
            if on(left, middle, self.care.tolerance).unwrap_or(false) {
                a = middle;
            } else if on(right, middle, self.care.tolerance).unwrap_or(false) {
                b = middle;
            } else {
                self.take(Shape::Line, start, a);
                self.look(a, middle, 0)?;
                self.look(middle, b, 0)?;
                self.take(Shape::Line, b, end);
                return Ok(());
            }
        }
        self.take(Shape::Line, start, a);
        if self.narrow(a, b) {
            self.close(a, b);
        } else {
            self.take(Shape::Unknown, a, b);
        }
        self.take(Shape::Line, b, end);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    fn look(f: &dyn Fn(Decimal) -> Decimal) -> Vec<(Shape, Decimal, Decimal)> {
        let care = Care::over(Decimal::ONE, Decimal::new(1, 9), 400);
        let sample = |x: Decimal| Sample { x, y: f(x) };
        let mut ask = |x: Decimal| Ok(f(x));
        let found = pieces(sample(Decimal::ZERO), sample(Decimal::ONE), care, &mut ask).unwrap();
        found.into_iter().map(|piece| (piece.shape, piece.from.x, piece.to.x)).collect()
    }

    fn times(a: Decimal, b: &str) -> Decimal {
        a.checked_mul(number(b)).unwrap()
    }

    #[test]
    fn a_line_is_one_piece() {
        assert_eq!(look(&|x| times(x, "3")), [(Shape::Line, Decimal::ZERO, Decimal::ONE)]);
    }

    #[test]
    fn a_bend_stands_where_it_is() {
        for bend in ["0.5", "0.1", "0.99", "0.125", "0.34567"] {
            let f = |x: Decimal| {
                if x > number(bend) { times(x, "2").checked_sub(number(bend)).unwrap() } else { x }
            };
            let found = look(&f);
            let expected =
                [(Shape::Line, Decimal::ZERO, number(bend)), (Shape::Line, number(bend), Decimal::ONE)];
            assert_eq!(found, expected, "{bend}");
        }
    }

    #[test]
    fn two_bends_are_two() {
        let f = |x: Decimal| x.clamp(number("0.2"), number("0.45"));
        let places: Vec<Decimal> = look(&f).into_iter().map(|(_, from, _)| from).collect();
        assert_eq!(places, [Decimal::ZERO, number("0.2"), number("0.45")]);
    }

    #[test]
    fn a_jump_is_bracketed() {
        let f = |x: Decimal| if x >= number("0.3") { x.checked_add(Decimal::ONE).unwrap() } else { x };
        let found = look(&f);
        let shapes: Vec<Shape> = found.iter().map(|(shape, ..)| *shape).collect();
        assert_eq!(shapes, [Shape::Line, Shape::Jump, Shape::Line]);
        assert!(found[1].1 < number("0.3") && found[1].2 >= number("0.3"), "{found:?}");
        assert_eq!(simplest(found[1].1, found[1].2), number("0.3"));
    }

    #[test]
    fn what_bends_all_along_is_a_curve() {
        let f = |x: Decimal| x.checked_mul(x).unwrap();
        assert_eq!(look(&f), [(Shape::Curve, Decimal::ZERO, Decimal::ONE)]);
    }
}
