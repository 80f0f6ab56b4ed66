//! Which value of a parameter meets a target.
//!
//! The range is cut into the straight pieces that duty is made of. On a straight piece the value is computed, and on what
//! bends all along it is halved in on; either way the scenario is run there, and what it gives is what is reported.

use super::axis::Axis;
use super::bench::{Bench, Trial, overflow};
use super::piece::{Care, Line, Piece, Sample, Shape, joined, pieces, simplest};
use super::sweep::tolerance;
use super::switch::{self, Switch};
use crate::assess::{By, Part, keys, parse_by};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, list, nearest};
use crate::expr::{Value, Wanted};
use crate::money::{self, ArithmeticError, RoundingMode};
use crate::scenario::literal;
use rust_decimal::Decimal;

/// The number that is to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Duty by customs value.
    EffectiveRate,
    /// The sum of duties.
    Duty,
    /// The sum of landed costs.
    LandedCost,
}

impl Goal {
    /// The names a target may begin with.
    pub const NAMES: &'static [(&'static str, Goal)] =
        &[("effective_rate", Goal::EffectiveRate), ("duty", Goal::Duty), ("landed_cost", Goal::LandedCost)];

    /// The name.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, goal)| *goal == self).map_or("", |(name, _)| name)
    }
}

/// What `--target` asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Which number.
    pub goal: Goal,
    /// What it is to be.
    pub amount: Decimal,
    /// Where it is asked for.
    pub span: Span,
}

/// Reads `effective_rate = 10%`.
pub fn target(asked: &str, bench: &Bench, sources: &mut Sources) -> Result<Target, Diagnostics> {
    let file = sources.add("--target", asked);
    let span = |start: usize, end: usize| Span::new(file, start, end);
    let whole = span(0, asked.len());
    let bad = |span, message: String| Diagnostic::at(Code::BadTarget, span, message);
    let Some((name, text)) = asked.split_once('=') else {
        let message = format!("`{}` says no target", asked.trim());
        return Err(Diagnostics::from(
            bad(whole, message).help("write what is to be met: effective_rate = 10%"),
        ));
    };
    let written = span(0, name.len());
    let name = name.trim();
    let Some((_, goal)) = Goal::NAMES.iter().find(|(known, _)| *known == name) else {
        let known = Goal::NAMES.iter().map(|(name, _)| *name);
        return Err(Diagnostics::from(
            bad(written, format!("`{name}` cannot be a target")).suggest(name, known),
        ));
    };
    let padding = text.len() - text.trim_start().len();
    let start = asked.len() - text.len() + padding;
    let wanted = if *goal == Goal::EffectiveRate { Wanted::Rate } else { Wanted::Any };
    let value = literal(text.trim(), wanted, &bench.base().exchange).map_err(|error| {
        let place = span(start + error.range.start, start + error.range.end);
        let diagnostic = Diagnostic::at(error.code, place, error.message);
        let bare = Decimal::from_str_exact(text.trim()).ok().filter(|_| *goal == Goal::EffectiveRate);
        Diagnostics::from(match (bare, error.help) {
            (Some(number), _) => {
                diagnostic.help(format!("write a percentage: {name} = {}", percentage(number)))
            }
            (None, Some(help)) => diagnostic.help(help),
            (None, None) => diagnostic,
        })
    })?;
    if *goal != Goal::EffectiveRate && matches!(value, Value::Number(_)) && text.contains('%') {
        let message = format!("this is a percentage, where `{name}` is money");
        let help = format!("write money: {name} = 5_000 {}", bench.base().currency);
        return Err(bad(span(start, asked.len()), message).help(help).into());
    }
    let amount = match (goal, &value) {
        (_, Value::Number(amount)) | (Goal::Duty | Goal::LandedCost, Value::Money(amount)) => Some(*amount),
        _ => None,
    };
    let Some(amount) = amount else {
        let wanted = if *goal == Goal::EffectiveRate { "a percentage" } else { "money" };
        let message = format!("this is {}, where `{name}` is {wanted}", value.ty());
        let help = match goal {
            Goal::EffectiveRate => format!("write a percentage: {name} = 10%"),
            Goal::Duty | Goal::LandedCost => {
                format!("write money: {name} = 5_000 {}", bench.base().currency)
            }
        };
        return Err(bad(span(start, asked.len()), message).help(help).into());
    };
    Ok(Target { goal: *goal, amount, span: whole })
}

/// A bare number as the percentage that is meant: parts of one as they are worth, others as they stand.
fn percentage(number: Decimal) -> String {
    let percent = if number.abs() < Decimal::ONE {
        money::mul(number, Decimal::ONE_HUNDRED).unwrap_or(number)
    } else {
        number
    };
    format!("{}%", money::plain(percent))
}

/// The flows whose numbers count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// What they are called; `None` where they are all there are.
    pub name: Option<String>,
    rows: Vec<usize>,
}

/// All flows; or those of one key of a grouping, `by` and then the key; `by` is `flow` for a flow by its id.
pub fn scope(asked: Option<(&str, &str)>, bench: &Bench) -> Result<Scope, Diagnostics> {
    let flows = bench.flows();
    let Some((what, wanted)) = asked else {
        return Ok(Scope { name: None, rows: (0..flows.rows.len()).collect() });
    };
    let by = parse_by(what, &flows.columns).map_err(|wrong| Diagnostics::from(*wrong))?;
    let Some(keys) = keys(bench.base(), flows, &by) else {
        let message = format!("a target is met by flows, and `{what}` does not group them");
        let help = "group by product, heading, chapter, group, origin, importer, date, party or a column";
        return Err(Diagnostics::from(Diagnostic::new(Code::UnknownColumn, message).help(help)));
    };
    let rows: Vec<usize> = (0..keys.len()).filter(|at| keys[*at] == wanted).collect();
    if rows.is_empty() {
        let mut known: Vec<&str> = keys.iter().map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        let (code, message) = if by == By::Flow {
            (Code::UnknownFlow, format!("there is no flow `{wanted}`"))
        } else {
            (Code::UnknownGroupKey, format!("no flow is in the group `{wanted}` by {what}"))
        };
        let diagnostic = Diagnostic::new(code, message);
        return Err(Diagnostics::from(match nearest(wanted, known.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("there are {}", list(&known))),
        }));
    }
    Ok(Scope { name: Some(format!("{what} {wanted}")), rows })
}

/// The numbers that a target may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Customs value.
    pub value: Decimal,
    /// The sum of duties.
    pub duty: Decimal,
    /// Duty by customs value.
    pub effective_rate: Option<Decimal>,
    /// The sum of landed costs.
    pub landed_cost: Decimal,
    /// Flows that are in none of these, for what they owe cannot be computed.
    pub not_computable: Part,
    /// How many flows are in them.
    computable: usize,
}

impl Numbers {
    fn of(trial: &Trial, scope: &Scope) -> Result<Numbers, ArithmeticError> {
        let (mut value, mut duty, mut landed_cost) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
        let (mut computable, mut not_computable) = (0, Part::default());
        for sheet in scope.rows.iter().filter_map(|row| trial.assessed.sheets.get(*row)) {
            if !sheet.computable() {
                not_computable.flows += 1;
                not_computable.value = money::add(not_computable.value, sheet.customs_value)?;
                continue;
            }
            computable += 1;
            value = money::add(value, sheet.customs_value)?;
            duty = money::add(duty, sheet.duty)?;
            landed_cost = money::add(landed_cost, sheet.landed_cost)?;
        }
        let effective_rate = money::div(duty, value).ok();
        Ok(Numbers { value, duty, effective_rate, landed_cost, not_computable, computable })
    }

    /// The one that a goal is about; `None` where no flow is computable, for a sum of nothing says nothing.
    pub fn get(&self, goal: Goal) -> Option<Decimal> {
        if self.computable == 0 {
            return None;
        }
        match goal {
            Goal::EffectiveRate => self.effective_rate,
            Goal::Duty => Some(self.duty),
            Goal::LandedCost => Some(self.landed_cost),
        }
    }

    /// How far they are from a target, in money, so that it is as straight a line as duty is; `None` where there is no
    /// number.
    fn off(&self, target: &Target) -> Result<Option<Decimal>, ArithmeticError> {
        if self.get(target.goal).is_none() {
            return Ok(None);
        }
        match target.goal {
            Goal::EffectiveRate => money::sub(self.duty, money::mul(target.amount, self.value)?),
            Goal::Duty => money::sub(self.duty, target.amount),
            Goal::LandedCost => money::sub(self.landed_cost, target.amount),
        }
        .map(Some)
    }
}

/// A value, or a stretch of values, at which the target is met.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The value, or the first of the stretch, as `--set` takes it.
    pub text: String,
    /// The last of the stretch; the same where it is one value.
    pub until: String,
    /// Its number.
    pub from: Decimal,
    /// The number of the last one.
    pub to: Decimal,
    /// What comes of the first value.
    pub numbers: Numbers,
    /// How far from the target that is, in money; zero where it is met to the last digit.
    pub off: Decimal,
}

/// A place at which the number jumps over the target.
#[derive(Debug, Clone, PartialEq)]
pub struct Over {
    /// The last value known before.
    pub from: Value,
    /// The first value known behind.
    pub to: Value,
    /// The shortest value between them.
    pub at: Value,
    /// The number before.
    pub before: Decimal,
    /// The number behind.
    pub after: Decimal,
    /// Why.
    pub causes: Vec<Switch>,
}

/// A value and the number there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The value, as `--set` takes it.
    pub text: String,
    /// The number.
    pub number: Decimal,
}

/// A value at which no flow is computable, and so no number is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blank {
    /// The value, as `--set` takes it.
    pub text: String,
    /// The flows.
    pub flows: Part,
}

/// A target that was looked for.
#[derive(Debug, Clone)]
pub struct Solved {
    /// The file, as the user named it.
    pub file: String,
    /// The variant.
    pub variant: Option<String>,
    /// What the scenario is called.
    pub title: String,
    /// The currency of all amounts.
    pub currency: String,
    /// The parameter and the ends of its range.
    pub axis: Axis,
    /// The target.
    pub target: Target,
    /// What flows it is about; `None` for all.
    pub scope: Option<String>,
    /// Where it is met, by rising value.
    pub solutions: Vec<Solution>,
    /// Where it is jumped over, by rising value.
    pub jumps: Vec<Over>,
    /// Where the number is lowest, and where it is highest.
    pub reached: [Reached; 2],
    /// A value for which there is no number, if there is one.
    pub blank: Option<Blank>,
}

/// A parameter, its range and a target, ready to be looked into piece by piece.
pub struct Problem<'a> {
    bench: &'a Bench,
    axis: Axis,
    target: Target,
    scope: Scope,
    care: Care,
    grid: Vec<Decimal>,
    nowhere: Decimal,
}

/// Into how many parts the range is cut to begin with.
const PARTS: u32 = 16;
/// How often the scenario may be run in each.
const QUESTIONS: usize = 400;
/// How near to the target is on it, as a part of it; of a rate, as a part of the value.
const NEAR: Decimal = Decimal::from_parts(1, 0, 0, false, 9);

impl<'a> Problem<'a> {
    /// A problem over a range whose two ends the axis holds.
    pub fn new(
        bench: &'a Bench,
        axis: Axis,
        target: Target,
        scope: Scope,
        sources: &Sources,
    ) -> Result<(Problem<'a>, Diagnostics), Diagnostics> {
        let ends = axis.numbers();
        let (low, high) = match ends.as_slice() {
            [low, .., high] => (*low, *high),
            [only] => (*only, *only),
            [] => (Decimal::ZERO, Decimal::ZERO),
        };
        let (trial, said) = bench.trial(&[axis.turn(&axis.value(low))], sources)?;
        let charges = trial.assessed.sheets.iter().map(|sheet| sheet.charges.len()).sum();
        let range = money::sub(high, low).unwrap_or(Decimal::ONE);
        let care = Care::over(range, tolerance(bench, charges), QUESTIONS);
        let numbers = Numbers::of(&trial, &scope).map_err(overflow)?;
        let whole = money::add(numbers.value, numbers.not_computable.value).map_err(overflow)?;
        if target.goal == Goal::EffectiveRate && whole.is_zero() {
            let message = "there is no effective rate: the flows have no customs value";
            let help = "ask for a duty or a landed cost";
            return Err(Diagnostics::from(Diagnostic::at(Code::OutOfReach, target.span, message).help(help)));
        }
        let mut grid = vec![low];
        for part in 1..PARTS {
            let way = money::div(money::mul(range, part.into()).unwrap_or(range), PARTS.into());
            let place = way.and_then(|way| money::add(low, way)).unwrap_or(high);
            grid.push(RoundingMode::HalfUp.places(place, care.places));
        }
        grid.push(high);
        grid.dedup();
        let nowhere = nowhere(care.tolerance);
        Ok((Problem { bench, axis, target, scope, care, grid, nowhere }, said))
    }

    /// How many samples there are to begin with.
    pub fn samples(&self) -> usize {
        self.grid.len()
    }

    /// One of them; nothing it gives rests on another.
    pub fn sample(&self, at: usize, sources: &Sources) -> Result<Sample, Diagnostics> {
        let x = self.grid.get(at).copied().unwrap_or_default();
        Ok(Sample { x, y: self.off(x, sources)? })
    }

    /// The pieces between a sample and the next.
    pub fn pieces(
        &self,
        at: usize,
        samples: &[Sample],
        sources: &Sources,
    ) -> Result<Vec<Piece>, Diagnostics> {
        let Some((from, to)) = samples.get(at).zip(samples.get(at + 1)) else { return Ok(Vec::new()) };
        pieces(*from, *to, self.care, &mut |x| self.off(x, sources))
    }

    fn numbers(&self, x: Decimal, sources: &Sources) -> Result<Numbers, Diagnostics> {
        let (trial, _) = self.bench.trial(&[self.axis.turn(&self.axis.value(x))], sources)?;
        Numbers::of(&trial, &self.scope).map_err(overflow)
    }

    /// How far a value is from the target; where there is no number, the stand-in for it.
    fn off(&self, x: Decimal, sources: &Sources) -> Result<Decimal, Diagnostics> {
        let off = self.numbers(x, sources)?.off(&self.target).map_err(overflow)?;
        Ok(off.unwrap_or(self.nowhere))
    }

    fn is_known(&self, sample: &Sample) -> bool {
        sample.y != self.nowhere
    }

    fn spell(&self, x: Decimal) -> String {
        self.axis.spell(&self.axis.value(x))
    }

    /// The answer, from all pieces in their order; a target that is nowhere met and nowhere jumped over is an error.
    pub fn finish(
        &self,
        samples: &[Sample],
        pieces: Vec<Piece>,
        sources: &Sources,
    ) -> Result<Solved, Diagnostics> {
        let line = joined(pieces, self.care, true);
        let mut found: Vec<Solution> = Vec::new();
        let mut jumps: Vec<Over> = Vec::new();
        if let [only] = samples {
            found.extend(self.at(only.x, sources)?);
        }
        for piece in &line {
            match piece.shape {
                Shape::Line => found.extend(self.on_line(piece, sources)?),
                Shape::Jump => jumps.extend(self.over(piece.from, piece.to, sources)?),
                Shape::Curve | Shape::Unknown => self.on_curve(piece, sources, &mut found, &mut jumps)?,
            }
        }
        let mut solutions = self.merged(found);
        for solution in solutions.iter_mut().filter(|solution| solution.from < solution.to) {
            self.widen(solution, &line, sources)?;
        }
        let all = line.iter().flat_map(|piece| [piece.from, piece.to]).chain(samples.iter().copied());
        // Of several places with one number, the one that is shortest to write.
        let order = |sample: &Sample| (sample.x.normalize().scale(), sample.x);
        let blank = all.clone().filter(|sample| !self.is_known(sample)).min_by_key(order);
        let blank = blank.map(|sample| self.blank(sample.x, sources)).transpose()?;
        let all = all.filter(|sample| self.is_known(sample));
        let lowest = all.clone().min_by_key(|sample| (sample.y, order(sample)));
        let highest = all.max_by_key(|sample| (sample.y, std::cmp::Reverse(order(sample))));
        let Some((lowest, highest)) = lowest.zip(highest) else {
            return Err(self.out_of_reach(None, blank.as_ref()).into());
        };
        let reached = [self.reached(lowest, sources)?, self.reached(highest, sources)?];
        if solutions.is_empty() && jumps.is_empty() {
            return Err(self.out_of_reach(Some(&reached), blank.as_ref()).into());
        }
        let base = self.bench.base();
        Ok(Solved {
            file: base.file.clone(),
            variant: base.variant.as_ref().map(|variant| variant.id.clone()),
            title: base.title.clone(),
            currency: base.currency.clone(),
            axis: self.axis.clone(),
            target: self.target.clone(),
            scope: self.scope.name.clone(),
            solutions,
            jumps,
            reached,
            blank,
        })
    }

    fn reached(&self, at: Sample, sources: &Sources) -> Result<Reached, Diagnostics> {
        let number = self.numbers(at.x, sources)?.get(self.target.goal).unwrap_or_default();
        Ok(Reached { text: self.spell(at.x), number })
    }

    fn blank(&self, x: Decimal, sources: &Sources) -> Result<Blank, Diagnostics> {
        Ok(Blank { text: self.spell(x), flows: self.numbers(x, sources)?.not_computable })
    }

    fn out_of_reach(&self, reached: Option<&[Reached; 2]>, blank: Option<&Blank>) -> Diagnostic {
        let (goal, name) = (self.target.goal, &self.axis.name);
        let ends = self.axis.numbers();
        let end = |at: Option<&Decimal>| self.spell(at.copied().unwrap_or_default());
        let (low, high) = (end(ends.first()), end(ends.last()));
        let show = |number: Decimal| show(goal, number, &self.bench.base().currency);
        let message = format!(
            "no `{name}` from {low} to {high} gives {} of {}",
            match goal {
                Goal::EffectiveRate => "an effective rate",
                Goal::Duty => "a duty",
                Goal::LandedCost => "a landed cost",
            },
            show(self.target.amount)
        );
        let currency = &self.bench.base().currency;
        let diagnostic = Diagnostic::at(Code::OutOfReach, self.target.span, message);
        let flows = blank.map(|blank| left_out(blank.flows, currency)).unwrap_or_default();
        let Some([lowest, highest]) = reached else {
            return diagnostic.help(format!("not computable at any value: {flows}; `run` says why"));
        };
        let whole = if blank.is_none() { "throughout" } else { "wherever it is computable" };
        let diagnostic = diagnostic.help(if lowest.number == highest.number {
            format!("it is {} {whole}", show(lowest.number))
        } else {
            format!(
                "it goes from {} (at {}) to {} (at {})",
                show(lowest.number),
                lowest.text,
                show(highest.number),
                highest.text
            )
        });
        match blank {
            Some(blank) => diagnostic.help(format!("not computable at {}: {flows}", blank.text)),
            None => diagnostic,
        }
    }

    /// Moves the ends of a stretch to the very place of the jump beside them, where the target is met there too.
    fn widen(&self, solution: &mut Solution, line: &[Piece], sources: &Sources) -> Result<(), Diagnostics> {
        for jump in line.iter().filter(|piece| piece.shape == Shape::Jump) {
            let place = simplest(jump.from.x, jump.to.x);
            if jump.to.x == solution.from
                && let Some(first) = self.at(place, sources)?
            {
                *solution = Solution { to: solution.to, until: solution.until.clone(), ..first };
            }
            if jump.from.x == solution.to && self.at(place, sources)?.is_some() {
                (solution.to, solution.until) = (place, self.spell(place));
            }
        }
        Ok(())
    }

    /// The value as a solution, if it meets the target.
    fn at(&self, x: Decimal, sources: &Sources) -> Result<Option<Solution>, Diagnostics> {
        let numbers = self.numbers(x, sources)?;
        let off = numbers.off(&self.target).map_err(overflow)?;
        let Some(off) = off.filter(|off| off.abs() <= self.allowance(&numbers)) else { return Ok(None) };
        let text = self.spell(x);
        Ok(Some(Solution { until: text.clone(), text, from: x, to: x, numbers, off }))
    }

    /// How far from the target is still on it, in money: a part of it, or what rounding may leave.
    fn allowance(&self, numbers: &Numbers) -> Decimal {
        let of = match self.target.goal {
            Goal::EffectiveRate => numbers.value,
            Goal::Duty | Goal::LandedCost => self.target.amount,
        };
        let near = money::mul(NEAR, of.abs()).unwrap_or_default();
        let near = if self.target.goal == Goal::EffectiveRate {
            money::mul(near, self.target.amount.abs().min(Decimal::ONE)).unwrap_or(near)
        } else {
            near
        };
        near.max(self.care.tolerance)
    }

    fn on_line(&self, piece: &Piece, sources: &Sources) -> Result<Option<Solution>, Diagnostics> {
        let (from, to) = (piece.from, piece.to);
        let zero = |sample: Sample| sample.y.abs() <= self.care.tolerance;
        if zero(from) && from.y == to.y {
            let Some(first) = self.at(from.x, sources)? else { return Ok(None) };
            return Ok(Some(Solution { until: self.spell(to.x), to: to.x, ..first }));
        }
        if !zero(from) && !zero(to) && (from.y > Decimal::ZERO) == (to.y > Decimal::ZERO) {
            return Ok(None);
        }
        let line = Line::through(from, to);
        let place = line.and_then(|line| Ok((line.reaches(Decimal::ZERO)?, line.slope()?)));
        let Ok((place, slope)) = place else { return Ok(None) };
        self.nearest(place.clamp(from.x, to.x), (from.x, to.x), self.care.slack(slope), sources)
    }

    /// The solution at a place: with few digits if that meets the target as well, else to the last one.
    fn nearest(
        &self,
        place: Decimal,
        (low, high): (Decimal, Decimal),
        slack: Decimal,
        sources: &Sources,
    ) -> Result<Option<Solution>, Diagnostics> {
        let near = |x: Decimal| x.clamp(low, high);
        let simple = simplest(near(place.saturating_sub(slack)), near(place.saturating_add(slack)));
        let first = self.at(simple, sources)?;
        if first.as_ref().is_some_and(|solution| solution.off.is_zero()) {
            return Ok(first);
        }
        let second = self.at(near(RoundingMode::HalfUp.places(place, self.care.places)), sources)?;
        Ok([first, second].into_iter().flatten().min_by_key(|solution| solution.off.abs()))
    }

    /// A jump from one side of the target to the other.
    fn over(&self, from: Sample, to: Sample, sources: &Sources) -> Result<Option<Over>, Diagnostics> {
        let zero = |sample: Sample| sample.y.abs() <= self.care.tolerance;
        if zero(from) || zero(to) || (from.y > Decimal::ZERO) == (to.y > Decimal::ZERO) {
            return Ok(None);
        }
        let days = switch::days(self.bench.base(), self.bench.flows().rows.iter().map(|flow| flow.date));
        let state = |x: Decimal| {
            let (trial, _) = self.bench.trial(&[self.axis.turn(&self.axis.value(x))], sources)?;
            let numbers = Numbers::of(&trial, &self.scope).map_err(overflow)?;
            Ok::<_, Diagnostics>((switch::state(&trial, &days), numbers))
        };
        let ((before, left), (after, right)) = (state(from.x)?, state(to.x)?);
        let goal = self.target.goal;
        // Beside a value without a number nothing is jumped over.
        let Some((left, right)) = left.get(goal).zip(right.get(goal)) else { return Ok(None) };
        Ok(Some(Over {
            from: self.axis.value(from.x),
            to: self.axis.value(to.x),
            at: self.axis.value(simplest(from.x, to.x)),
            before: left,
            after: right,
            causes: switch::switches(self.bench.base(), &before, &after),
        }))
    }

    /// Halves in on the target wherever it is crossed on what is no straight line.
    fn on_curve(
        &self,
        piece: &Piece,
        sources: &Sources,
        found: &mut Vec<Solution>,
        jumps: &mut Vec<Over>,
    ) -> Result<(), Diagnostics> {
        let way = money::sub(piece.to.x, piece.from.x).unwrap_or_default();
        let mut samples = vec![piece.from];
        for part in 1..PARTS {
            let place = money::mul(way, part.into()).and_then(|way| money::div(way, PARTS.into()));
            let place = place.and_then(|way| money::add(piece.from.x, way)).unwrap_or(piece.to.x);
            let x = RoundingMode::HalfUp.places(place, self.care.places);
            samples.push(Sample { x, y: self.off(x, sources)? });
        }
        samples.push(piece.to);
        let is_zero = |sample: &Sample| sample.y.is_zero();
        for sample in samples.iter().filter(|sample| is_zero(sample)) {
            found.extend(self.at(sample.x, sources)?);
        }
        for pair in samples.windows(2) {
            let Some(pair) = self.known_part(pair[0], pair[1], sources)? else { continue };
            let crosses =
                !pair.iter().any(is_zero) && (pair[0].y > Decimal::ZERO) != (pair[1].y > Decimal::ZERO);
            if !crosses {
                continue;
            }
            let (from, to) = self.halved(pair[0], pair[1], sources)?;
            let slope = Line::through(pair[0], pair[1]).and_then(Line::slope).unwrap_or_default();
            let slack = self.care.slack(slope);
            let nearer = if from.y.abs() <= to.y.abs() { from } else { to };
            match self.nearest(nearer.x, (pair[0].x, pair[1].x), slack, sources)? {
                Some(solution) => found.push(solution),
                None => jumps.extend(self.over(from, to, sources)?),
            }
        }
        Ok(())
    }

    /// The part of the way from one sample to another on which there are numbers, as far as it reaches from a sample that
    /// has one; `None` where neither has.
    fn known_part(
        &self,
        from: Sample,
        to: Sample,
        sources: &Sources,
    ) -> Result<Option<[Sample; 2]>, Diagnostics> {
        let (mut known, mut blank) = match (self.is_known(&from), self.is_known(&to)) {
            (true, true) => return Ok(Some([from, to])),
            (false, false) => return Ok(None),
            (true, false) => (from, to.x),
            (false, true) => (to, from.x),
        };
        while money::sub(known.x, blank).is_ok_and(|way| way.abs() > self.care.grain) {
            let half = money::add(known.x, blank).and_then(|sum| money::div(sum, Decimal::TWO));
            let x = RoundingMode::HalfUp.places(half.unwrap_or(blank), self.care.places);
            if x == known.x || x == blank {
                break;
            }
            let middle = Sample { x, y: self.off(x, sources)? };
            if self.is_known(&middle) {
                known = middle;
            } else {
                blank = x;
            }
        }
        Ok(Some(if self.is_known(&from) { [from, known] } else { [known, to] }))
    }

    /// The nearest two places between which the target is crossed.
    fn halved(
        &self,
        mut from: Sample,
        mut to: Sample,
        sources: &Sources,
    ) -> Result<(Sample, Sample), Diagnostics> {
        loop {
            let half = money::add(from.x, to.x).and_then(|sum| money::div(sum, Decimal::TWO));
            let x = RoundingMode::HalfUp.places(half.unwrap_or(from.x), self.care.places);
            if x <= from.x || x >= to.x {
                return Ok((from, to));
            }
            let middle = Sample { x, y: self.off(x, sources)? };
            if middle.y.is_zero() {
                return Ok((middle, middle));
            }
            if (middle.y > Decimal::ZERO) == (from.y > Decimal::ZERO) {
                from = middle;
            } else {
                to = middle;
            }
        }
    }

    /// Solutions in order, those that meet as one.
    fn merged(&self, mut found: Vec<Solution>) -> Vec<Solution> {
        found.sort_by_key(|solution| (solution.from, solution.to));
        let mut merged: Vec<Solution> = Vec::with_capacity(found.len());
        for solution in found {
            let limit = |last: &Solution| last.to.saturating_add(self.care.grain);
            match merged.last_mut() {
                Some(last) if solution.from <= limit(last) => {
                    // Two names of one value: the shorter stays.
                    let is_value = last.from == last.to && solution.from == solution.to;
                    if is_value {
                        if solution.off.abs() < last.off.abs() {
                            *last = solution;
                        }
                    } else if solution.to > last.to {
                        (last.to, last.until) = (solution.to, solution.until);
                    }
                }
                _ => merged.push(solution),
            }
        }
        merged
    }
}

/// What stands for the number where there is none, so that the search for pieces meets a jump on either side: far off
/// the target beside what rounding may leave, and no sum that charges add up to.
fn nowhere(tolerance: Decimal) -> Decimal {
    let far = money::mul(tolerance, Decimal::from(1_000_003)).unwrap_or(tolerance);
    money::negative(far.saturating_add(Decimal::new(7_071_067_811_865, 13)))
}

/// How many flows are left out, and what they are worth.
pub fn left_out(part: Part, currency: &str) -> String {
    let flows = if part.flows == 1 { "flow" } else { "flows" };
    let places = if part.value == part.value.trunc() { 0 } else { 2 };
    let (count, value) = (money::grouped(Decimal::from(part.flows), 0), money::grouped(part.value, places));
    format!("{count} {flows} worth {currency} {value}")
}

/// A number as it would be written in a target.
pub fn show(goal: Goal, number: Decimal, currency: &str) -> String {
    match goal {
        Goal::EffectiveRate => {
            let percent = money::mul(number, Decimal::ONE_HUNDRED).unwrap_or(number);
            format!("{}%", money::plain(RoundingMode::HalfUp.places(percent, 6)))
        }
        Goal::Duty | Goal::LandedCost => {
            let number = RoundingMode::HalfUp.places(number, 2);
            let places = if number == number.trunc() { 0 } else { 2 };
            format!("{currency} {}", money::grouped(number, places))
        }
    }
}
