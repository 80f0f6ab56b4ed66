//! What a parameter does to duty: the scenario run at every point of a line or a grid, and where the line of duty bends.
//!
//! A sweep offers its points one by one, in any order and from any thread; what is done with them is in order again.

use super::axis::{Axis, MAX_POINTS, too_many};
use super::bench::{Bench, Fill, Trial, Turn, overflow};
use super::draws::{draws, percentile};
use super::impact::{Outcome, outcome, reason, written};
use super::piece::{Care, Line, Piece, Sample, Shape, joined, pieces, simplest, straight};
use super::switch::{self, Kind, State, Switch};
use crate::assess::Part;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::expr::Value;
use crate::money::{self, ArithmeticError, RoundingMode};
use rust_decimal::Decimal;
use std::cmp::Reverse;

/// A sweep that is ready to be run.
pub struct Sweep<'a> {
    bench: &'a Bench,
    axes: Vec<Axis>,
    draws: Vec<Vec<Turn>>,
    seed: u64,
}

/// What comes of one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// The sum of duties.
    pub duty: Decimal,
    /// Duty by value; `None` where the value is zero.
    pub effective_rate: Option<Decimal>,
    /// The sum of landed costs.
    pub landed_cost: Decimal,
    /// How far each quota and credit is drawn.
    pub fills: Vec<Fill>,
    /// What a model makes of it, held against no duty at all, or why it has no answer; `None` where the scenario has no
    /// markets.
    pub model: Option<Result<Outcome, String>>,
    /// Flows without a duty to state.
    pub not_computable: Part,
    /// How many flows the sums are over; where there is none they say nothing.
    computable: usize,
    /// How many charges the sums are made of.
    charges: usize,
}

impl Point {
    /// Whether there is a duty to state: whether any flow is computable.
    pub fn is_stated(&self) -> bool {
        self.computable > 0
    }

    /// A number of the point; `None` where it would be a sum of nothing.
    pub fn stated(&self, number: Decimal) -> Option<Decimal> {
        self.is_stated().then_some(number)
    }
}

/// A place at which the line of duty bends or jumps.
#[derive(Debug, Clone, PartialEq)]
pub struct Kink {
    /// The value there.
    pub at: Value,
    /// The same, as `--set` takes it.
    pub text: String,
    /// Whether duty jumps there, instead of going on another way.
    pub jumps: bool,
    /// Duty there; before a jump. `None` where no flow is computable.
    pub duty: Option<Decimal>,
    /// Duty behind a jump, else the same.
    pub duty_after: Option<Decimal>,
    /// Why.
    pub causes: Vec<Switch>,
}

impl Kink {
    /// Whether other flows are computable behind it than before.
    pub fn is_gap(&self) -> bool {
        self.causes.iter().any(|cause| cause.kind == Kind::Computable)
    }
}

/// The fifth, the fiftieth and the ninety-fifth percentile of a number over draws.
pub type Percentiles = [Option<Decimal>; 3];

/// What draws make of a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    /// Of duty.
    pub duty: Percentiles,
    /// Of the effective rate.
    pub effective_rate: Percentiles,
    /// Of landed cost.
    pub landed_cost: Percentiles,
}

/// A sweep that was run.
#[derive(Debug, Clone)]
pub struct Swept {
    /// The file, as the user named it.
    pub file: String,
    /// The variant.
    pub variant: Option<String>,
    /// What the scenario is called.
    pub title: String,
    /// The currency of all amounts.
    pub currency: String,
    /// The parameters: none, one, or that of the rows and that of the columns.
    pub axes: Vec<Axis>,
    /// The points, row by row.
    pub points: Vec<Point>,
    /// Where the line of duty bends or jumps, by rising value; of a grid none.
    pub kinks: Vec<Kink>,
    /// Kinks that were found and not named, for there are too many.
    pub more_kinks: usize,
    /// By how much duty rises for each unit of the value, where it is one straight line.
    pub slope: Option<Decimal>,
    /// Whether duty bends all along somewhere.
    pub curved: bool,
    /// What the model of the points rests on, as the scenario writes it.
    pub assumed: String,
    /// Of each point, over draws.
    pub spreads: Vec<Spread>,
    /// How many draws.
    pub draws: usize,
    /// What they began from.
    pub seed: u64,
    /// The uncertain parameters that were drawn.
    pub drawn: Vec<String>,
}

/// How many intervals are looked into for bends.
const LOOKED_INTO: usize = 200;
/// How many places are looked at for kinks.
const CANDIDATES: usize = 1_000;
/// How many kinks are named.
const NAMED: usize = 50;

impl<'a> Sweep<'a> {
    /// A sweep over no, one or two parameters; `random` is how many and from which seed.
    pub fn new(
        bench: &'a Bench,
        axes: Vec<Axis>,
        random: Option<(usize, u64)>,
    ) -> Result<Sweep<'a>, Diagnostics> {
        if let [rows, columns] = axes.as_slice()
            && rows.name == columns.name
        {
            let message = format!("`{}` is varied twice", rows.name);
            return Err(Diagnostic::at(Code::CannotVary, columns.span, message).help("name it once").into());
        }
        let (count, seed) = random.unwrap_or((0, 0));
        let points = axes.iter().try_fold(1_usize, |all, axis| all.checked_mul(axis.values.len()));
        let trials = points.and_then(|points| points.checked_mul(count.saturating_add(1)));
        // One draw of the scenario as it stands beside many is not held against them.
        if trials.is_none_or(|trials| trials > MAX_POINTS + usize::from(axes.is_empty())) {
            let diagnostic = match axes.last() {
                Some(last) => too_many(trials.map(Decimal::from), last.span),
                None => too_many_draws(count),
            };
            return Err(diagnostic.into());
        }
        let draws = if random.is_some() { draws(bench, &axes, count, seed)? } else { Vec::new() };
        Ok(Sweep { bench, axes, draws, seed })
    }

    /// How many points it has.
    pub fn points(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).product()
    }

    /// How many times the scenario is run: at every point, and there once more for each draw.
    pub fn trials(&self) -> usize {
        self.points() * (self.draws.len() + 1)
    }

    /// The settings of a trial: the points come first, then the draws of the first point, of the second, and so on.
    fn turns(&self, trial: usize) -> Vec<Turn> {
        let (point, draw) = match trial.checked_sub(self.points()) {
            Some(drawn) => {
                let many = self.draws.len().max(1);
                (drawn / many, self.draws.get(drawn % many))
            }
            None => (trial, None),
        };
        let mut turns = Vec::new();
        let mut rest = point;
        for axis in self.axes.iter().rev() {
            let many = axis.values.len().max(1);
            turns.extend(axis.values.get(rest % many).map(|value| axis.turn(value)));
            rest /= many;
        }
        turns.reverse();
        turns.extend(draw.into_iter().flatten().cloned());
        turns
    }

    /// Runs one trial; nothing it gives rests on another. Warnings come with it.
    pub fn trial(&self, at: usize, sources: &Sources) -> Result<(Point, Diagnostics), Diagnostics> {
        let (trial, said) = self.bench.trial(&self.turns(at), sources)?;
        let mut point = point(&trial)?;
        // Draws state what law makes of them; `impact` has those of a model.
        if at < self.points() && !trial.scenario().markets.is_empty() {
            let run = trial.into_run(self.bench.flows().clone());
            point.model = Some(outcome(None, &run).map_err(reason));
        }
        Ok((point, said))
    }

    /// The intervals between neighbouring points of a line in which it may bend: beside every point that does not lie
    /// on the line through its neighbours.
    pub fn suspects(&self, points: &[Point]) -> Vec<usize> {
        let samples = self.samples(points);
        let tolerance = self.tolerance(points);
        if samples.len() == 2 {
            return vec![0];
        }
        let mut found: Vec<(usize, Decimal)> = Vec::new();
        for (at, three) in samples.windows(3).enumerate() {
            let [a, b, c] = [three[0], three[1], three[2]];
            if !straight(a, b, c, tolerance) {
                let off = Line::through(a, c).and_then(|line| money::sub(line.at(b.x)?, b.y));
                let off = off.unwrap_or_default().abs();
                found.extend([(at, off), (at + 1, off)]);
            }
        }
        found.sort_by_key(|(at, off)| (Reverse(*off), *at));
        let mut chosen: Vec<usize> = Vec::new();
        for (at, _) in found {
            if !chosen.contains(&at) && chosen.len() < LOOKED_INTO {
                chosen.push(at);
            }
        }
        chosen.sort_unstable();
        chosen
    }

    /// What duty is like in an interval that begins with a point.
    pub fn pieces(
        &self,
        interval: usize,
        suspects: usize,
        points: &[Point],
        sources: &Sources,
    ) -> Vec<Piece> {
        let samples = self.samples(points);
        let ends = samples.get(interval).zip(samples.get(interval + 1));
        let (Some(axis), Some((from, to))) = (self.axes.first(), ends) else { return Vec::new() };
        let care = self.care(points, (6_000 / suspects.max(1)).clamp(30, 300));
        let mut ask = |x: Decimal| {
            let (trial, _) = self.bench.trial(&[axis.turn(&axis.value(x))], sources)?;
            Ok(trial.totals.duty)
        };
        // Between points a value may be one at which the scenario cannot be run: then there is nothing to name.
        let unknown = || vec![Piece { shape: Shape::Unknown, from: *from, to: *to }];
        pieces(*from, *to, care, &mut ask).unwrap_or_else(|_| unknown())
    }

    fn samples(&self, points: &[Point]) -> Vec<Sample> {
        match self.axes.as_slice() {
            [axis] => {
                let numbers = axis.numbers().into_iter();
                numbers.zip(points).map(|(x, point)| Sample { x, y: point.duty }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// How far a sum may lie off the line it is on, since each charge in it is rounded.
    fn tolerance(&self, points: &[Point]) -> Decimal {
        let charges = points.iter().map(|point| point.charges).max().unwrap_or(0);
        tolerance(self.bench, charges)
    }

    fn care(&self, points: &[Point], questions: usize) -> Care {
        let samples = self.samples(points);
        let ends = samples.first().zip(samples.last());
        let range = ends.and_then(|(first, last)| money::sub(last.x, first.x).ok()).unwrap_or(Decimal::ONE);
        Care::over(range, self.tolerance(points), questions)
    }

    /// All of the line, given what the suspect intervals are like: the others are straight.
    pub fn line(&self, points: &[Point], looked_into: Vec<(usize, Vec<Piece>)>) -> Vec<Piece> {
        let samples = self.samples(points);
        let mut known = looked_into.into_iter().peekable();
        let mut line = Vec::new();
        for (at, ends) in samples.windows(2).enumerate() {
            match known.next_if(|(interval, _)| *interval == at) {
                Some((_, pieces)) => line.extend(pieces),
                None => line.push(Piece { shape: Shape::Line, from: ends[0], to: ends[1] }),
            }
        }
        joined(line, self.care(points, 0), false)
    }

    /// The places between pieces that may be kinks.
    /// The second is how many more there are than are looked at.
    pub fn bends(&self, line: &[Piece], points: &[Point]) -> (Vec<Bend>, usize) {
        let alone = line.iter().filter(|piece| matches!(piece.shape, Shape::Jump | Shape::Curve));
        let mut bends: Vec<Bend> = alone.map(|piece| Bend { left: *piece, right: None }).collect();
        let looked_into = |piece: &Piece| matches!(piece.shape, Shape::Line | Shape::Curve);
        let pairs = line.windows(2).filter(|pair| pair.iter().all(looked_into));
        bends.extend(pairs.map(|pair| Bend { left: pair[0], right: Some(pair[1]) }));
        bends.extend(self.gaps(line, points));
        bends.sort_by_key(|bend| bend.left.to.x);
        let more = bends.len().saturating_sub(CANDIDATES);
        bends.truncate(CANDIDATES);
        (bends, more)
    }

    /// Intervals in which flows become computable or no longer are, and duty does not jump for it.
    fn gaps(&self, line: &[Piece], points: &[Point]) -> Vec<Bend> {
        let samples = self.samples(points);
        let ends = samples.windows(2).zip(points.windows(2));
        let jumps = |from: Decimal, to: Decimal| {
            line.iter().any(|piece| piece.shape == Shape::Jump && piece.from.x >= from && piece.to.x <= to)
        };
        ends.filter(|(ends, pair)| {
            pair[0].not_computable.flows != pair[1].not_computable.flows && !jumps(ends[0].x, ends[1].x)
        })
        .map(|(ends, _)| Bend {
            left: Piece { shape: Shape::Unknown, from: ends[0], to: ends[1] },
            right: None,
        })
        .collect()
    }

    /// Why duty bends at a place; `None` where it does not, or where it cannot be said that it does.
    pub fn kink(&self, bend: &Bend, points: &[Point], sources: &Sources) -> Option<Kink> {
        let look = Look {
            sweep: self,
            axis: self.axes.first()?,
            care: self.care(points, 0),
            days: switch::days(self.bench.base(), self.bench.flows().rows.iter().map(|flow| flow.date)),
            sources,
        };
        match bend {
            Bend { left, right: None } if left.shape == Shape::Jump => look.jump(*left),
            Bend { left, right: None } if left.shape == Shape::Unknown => look.gap(*left),
            Bend { left, right: None } => look.within(*left),
            Bend { left, right: Some(right) } => look.between(*left, *right),
        }
    }

    /// The result, from the trials in their order, the line, the kinks in it, and how many places were not looked at.
    pub fn finish(
        &self,
        mut trials: Vec<Point>,
        line: &[Piece],
        mut kinks: Vec<Kink>,
        unseen: usize,
    ) -> Swept {
        let place = |kink: &Kink| kink.at.amount();
        kinks.sort_by_key(place);
        kinks.dedup_by_key(|kink| kink.text.clone());
        let found = kinks.len();
        kinks.truncate(NAMED);
        let others = trials.split_off(self.points().min(trials.len()));
        let draws = self.draws.len();
        let spreads = others.chunks(draws.max(1)).map(spread).collect();
        let slope = match line {
            [only] if only.shape == Shape::Line => {
                Line::through(only.from, only.to).and_then(Line::slope).ok()
            }
            _ => None,
        };
        let base = self.bench.base();
        Swept {
            file: base.file.clone(),
            variant: base.variant.as_ref().map(|variant| variant.id.clone()),
            title: base.title.clone(),
            currency: base.currency.clone(),
            axes: self.axes.clone(),
            points: trials,
            kinks,
            more_kinks: found.saturating_sub(NAMED).saturating_add(unseen),
            slope,
            curved: line.iter().any(|piece| piece.shape == Shape::Curve),
            assumed: written(base),
            spreads,
            draws,
            seed: self.seed,
            drawn: self.draws.first().into_iter().flatten().map(|turn| turn.name.clone()).collect(),
        }
    }
}

/// A place that may be a kink: a jump, something within a curve, or where one piece ends and another begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bend {
    left: Piece,
    right: Option<Piece>,
}

/// Looks closely at places of a line.
struct Look<'a> {
    sweep: &'a Sweep<'a>,
    axis: &'a Axis,
    care: Care,
    days: Vec<Date>,
    sources: &'a Sources,
}

/// What is at a place.
struct Seen {
    state: State,
    duty: Decimal,
    not_computable: usize,
    is_stated: bool,
}

impl Seen {
    /// The duty, if any flow is computable.
    fn stated(&self) -> Option<Decimal> {
        self.is_stated.then_some(self.duty)
    }
}

impl Look<'_> {
    fn seen(&self, x: Decimal) -> Option<Seen> {
        let (trial, _) = self.sweep.bench.trial(&[self.axis.turn(&self.axis.value(x))], self.sources).ok()?;
        let totals = &trial.totals;
        Some(Seen {
            state: switch::state(&trial, &self.days),
            duty: totals.duty,
            not_computable: totals.not_computable.flows,
            is_stated: totals.computable.flows > 0,
        })
    }

    fn causes(&self, left: &Seen, right: &Seen) -> Vec<Switch> {
        switch::switches(self.sweep.bench.base(), &left.state, &right.state)
    }

    fn bent_measures(&self, states: [&Seen; 3]) -> Vec<Switch> {
        let states = states.map(|seen| &seen.state);
        switch::bent_measures(self.sweep.bench.base(), states, self.care.tolerance)
    }

    fn named(
        &self,
        x: Decimal,
        jump: Option<(Option<Decimal>, Option<Decimal>)>,
        duty: Decimal,
        causes: Vec<Switch>,
    ) -> Kink {
        let at = self.axis.value(x);
        let (duty, duty_after) = jump.unwrap_or((Some(duty), Some(duty)));
        Kink { text: self.axis.spell(&at), at, jumps: jump.is_some(), duty, duty_after, causes }
    }

    fn jump(&self, piece: Piece) -> Option<Kink> {
        let (before, after) = (self.seen(piece.from.x)?, self.seen(piece.to.x)?);
        let mut causes = self.causes(&before, &after);
        if causes.is_empty() {
            causes = self.bent_measures([&before, &before, &after]);
        }
        let place = simplest(piece.from.x, piece.to.x);
        Some(self.named(place, Some((before.stated(), after.stated())), piece.to.y, causes))
    }

    /// The place at which other flows become computable, found by halving.
    fn gap(&self, piece: Piece) -> Option<Kink> {
        let (mut left, mut right) = (piece.from.x, piece.to.x);
        let (mut before, mut after) = (self.seen(left)?, self.seen(right)?);
        let first = before.not_computable;
        while money::sub(right, left).ok()? > self.care.grain {
            let middle = money::div(money::add(left, right).ok()?, Decimal::TWO).ok()?;
            let middle = RoundingMode::HalfUp.places(middle, self.care.places);
            if middle <= left || middle >= right {
                break;
            }
            let seen = self.seen(middle)?;
            if seen.not_computable == first {
                (left, before) = (middle, seen);
            } else {
                (right, after) = (middle, seen);
            }
        }
        let causes = self.causes(&before, &after);
        Some(self.named(simplest(left, right), Some((before.stated(), after.stated())), after.duty, causes))
    }

    /// What is seen at a place and a step left and right of it.
    fn around(&self, x: Decimal, step: Decimal) -> Option<[Seen; 3]> {
        let (left, right) = (money::sub(x, step).ok()?, money::add(x, step).ok()?);
        Some([self.seen(left)?, self.seen(x)?, self.seen(right)?])
    }

    /// The place where one piece ends and another begins.
    fn between(&self, left: Piece, right: Piece) -> Option<Kink> {
        let at = left.to;
        let width = |piece: Piece| money::sub(piece.to.x, piece.from.x);
        let near = width(left).and_then(|left| Ok(left.min(width(right)?))).ok()?;
        let step = money::div(near, Decimal::from(64)).ok()?;
        let step = RoundingMode::HalfUp.places(step, self.care.places).max(Decimal::new(1, self.care.places));
        if [left.shape, right.shape].contains(&Shape::Curve) {
            // Where a curve ends cannot be told to the digit: what switches there can.
            let end = |x: money::Exact| Some(Sample { x: x.ok()?, y: at.y });
            let (from, to) = (end(money::sub(at.x, step))?, end(money::add(at.x, step))?);
            return self.within(Piece { shape: Shape::Curve, from, to });
        }
        let [before, middle, after] = &self.around(at.x, step)?;
        let mut causes = self.causes(before, after);
        if causes.is_empty() {
            causes = self.bent_measures([before, middle, after]);
        }
        Some(self.named(at.x, None, at.y, causes))
    }

    /// A kink in what bends all along: a place at which something switches, found by halving.
    fn within(&self, piece: Piece) -> Option<Kink> {
        let (mut left, mut right) = (piece.from.x, piece.to.x);
        let (first, mut last) = (self.seen(left)?, self.seen(right)?);
        if self.causes(&first, &last).is_empty() {
            return None;
        }
        let mut before = self.seen(left)?;
        while money::sub(right, left).ok()? > self.care.grain {
            let middle = money::div(money::add(left, right).ok()?, Decimal::TWO).ok()?;
            let middle = RoundingMode::HalfUp.places(middle, self.care.places);
            if middle <= left || middle >= right {
                break;
            }
            let seen = self.seen(middle)?;
            if self.causes(&first, &seen).is_empty() {
                (left, before) = (middle, seen);
            } else {
                (right, last) = (middle, seen);
            }
        }
        let place = simplest(left, right);
        let causes = self.causes(&before, &last);
        let near = |end: Decimal| money::sub(place, end).map_or(Decimal::ZERO, |way| way.abs());
        let way = near(piece.from.x).min(near(piece.to.x));
        // What switches at an end is looked at where the pieces meet.
        if way <= self.care.grain {
            return None;
        }
        let step = RoundingMode::HalfUp.places(money::div(way, Decimal::from(64)).ok()?, self.care.places);
        let seen = self.around(place, step)?;
        self.is_sharp(place, step, &seen).then(|| self.named(place, None, seen[1].duty, causes))
    }

    /// Whether a curve has a corner at a place. Half as near to a corner, a curve is half as far from the line through
    /// both sides; half as near to anywhere else, a quarter.
    fn is_sharp(&self, x: Decimal, step: Decimal, seen: &[Seen; 3]) -> bool {
        let off = |[a, b, c]: &[Seen; 3]| {
            let ends = money::add(a.duty, c.duty)?;
            Ok::<_, ArithmeticError>(money::sub(ends, money::mul(b.duty, Decimal::TWO)?)?.abs())
        };
        let half =
            money::div(step, Decimal::TWO).map(|half| RoundingMode::HalfUp.places(half, self.care.places));
        let Some(nearer) = half.ok().and_then(|half| self.around(x, half)) else { return false };
        let (Ok(wide), Ok(near)) = (off(seen), off(&nearer)) else { return false };
        let third = money::div(wide, Decimal::from(3)).unwrap_or(wide);
        wide > self.care.tolerance && near > third
    }
}

fn too_many_draws(draws: usize) -> Diagnostic {
    let most = money::grouped(Decimal::from(MAX_POINTS), 0);
    let draws = money::grouped(Decimal::from(draws), 0);
    Diagnostic::new(Code::TooManyPoints, format!("{draws} draws, where {most} runs are the most"))
        .help("take fewer draws")
}

/// How far a sum of so many charges may lie off the line it is on.
pub fn tolerance(bench: &Bench, charges: usize) -> Decimal {
    let unit = bench.base().rounding.charge.map_or(Decimal::new(1, money::CHARGE_PLACES), |rule| rule.to);
    money::mul(unit, Decimal::from(charges.saturating_add(1).saturating_mul(2))).unwrap_or(Decimal::ONE)
}

fn point(trial: &Trial) -> Result<Point, Diagnostics> {
    let totals = &trial.totals;
    Ok(Point {
        duty: totals.duty,
        effective_rate: totals.effective_rate,
        landed_cost: totals.landed_cost,
        fills: trial.fills().map_err(overflow)?,
        model: None,
        not_computable: totals.not_computable,
        computable: totals.computable.flows,
        charges: trial.assessed.sheets.iter().map(|sheet| sheet.charges.len()).sum(),
    })
}

fn spread(draws: &[Point]) -> Spread {
    let of = |number: &dyn Fn(&Point) -> Option<Decimal>| {
        let mut numbers: Vec<Decimal> = draws.iter().filter_map(number).collect();
        numbers.sort_unstable();
        [5, 50, 95].map(|hundredths| percentile(&numbers, hundredths))
    };
    Spread {
        duty: of(&|point| point.stated(point.duty)),
        effective_rate: of(&|point| point.effective_rate),
        landed_cost: of(&|point| point.stated(point.landed_cost)),
    }
}
