//! Steps 3 and 4, in one portion: the base duty, and every other duty on what is left to it.
//!
//! Members of a cell stand in the order that `yields_to` and `inclusive_of` make, so each finds what it needs
//! already there.

use super::facts::Facts;
use super::in_force;
use super::plan::{Cell, Draw, Member};
use super::stop::Stop;
use super::worksheet::{QuotaPart, Reason, Status};
use crate::expr::{Duty, Value, duty, eval};
use crate::money;
use crate::scenario::{MeasureType, Scenario, Take};
use rust_decimal::Decimal;

/// What a measure charges in one portion, before the portion's weight.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub status: Status,
    /// The part of the customs value it charges.
    pub share: Decimal,
    /// The part of the value on which others give way to it.
    pub cover: Decimal,
    /// Its rate as a part of the value.
    pub rate: Option<Decimal>,
    /// Money, not quantised.
    pub amount: Decimal,
    /// What its rate is charged on, before its share; the customs value but for a tax.
    pub on: Decimal,
    /// The quota whose in-quota rate it charges, as a place in the scenario's list.
    pub quota: Option<usize>,
    pub reasons: Vec<Reason>,
}

impl Line {
    fn idle(status: Status, reason: Reason) -> Line {
        Line { reasons: vec![reason], ..Line::nothing(status) }
    }

    /// A line that charges and covers nothing.
    pub fn nothing(status: Status) -> Line {
        Line {
            status,
            share: Decimal::ZERO,
            cover: Decimal::ZERO,
            rate: None,
            amount: Decimal::ZERO,
            on: Decimal::ZERO,
            quota: None,
            reasons: Vec::new(),
        }
    }
}

/// Where duties are charged: a flow, or one unit of value where nothing rests on the flow.
pub(super) struct Portioned<'a, 'f> {
    pub scenario: &'a Scenario,
    pub cell: &'a Cell,
    pub series: &'a [Take],
    /// `None` where the cell is fixed.
    pub facts: Option<&'a Facts<'f>>,
    pub value: Decimal,
    pub claims: &'a [String],
    /// The quotas it draws on, and whether it is admitted.
    pub quotas: &'a [QuotaPart],
}

/// A portion whose measures are being charged.
pub(super) struct Charging<'a, 'f> {
    pub portion: Portioned<'a, 'f>,
    pub in_force: Vec<bool>,
    /// One a member; `None` for members that are not in force, or not charged yet.
    pub lines: Vec<Option<Line>>,
}

impl<'a, 'f> Charging<'a, 'f> {
    /// Nothing charged yet.
    pub fn new(portion: Portioned<'a, 'f>) -> Result<Self, Stop> {
        let members = &portion.cell.members;
        // What a preference or an exemption asks of claims is what the flow's own column says.
        let own =
            portion.facts.map(|facts| Facts { claims: None, known: std::cell::RefCell::default(), ..*facts });
        let mut in_force = Vec::with_capacity(members.len());
        for member in members {
            let facts = if member.kind.is_claimed() { own.as_ref() } else { portion.facts };
            in_force.push(match facts {
                Some(facts) => in_force::holds(member, facts)?,
                None => true,
            });
        }
        let lines = members.iter().map(|_| None).collect();
        Ok(Charging { portion, in_force, lines })
    }

    /// Charges every duty.
    pub fn duties(&mut self) -> Result<(), Stop> {
        self.claimed();
        let has_mfn = self.mfn()?;
        for (at, member) in self.portion.cell.members.iter().enumerate() {
            if !self.in_force[at] || self.lines[at].is_some() || !member.kind.is_duty() {
                continue;
            }
            match member.kind {
                MeasureType::Mfn => self.base_duty(at)?,
                MeasureType::Preference => {
                    if !has_mfn {
                        self.lines[at] =
                            Some(Line { cover: Decimal::ONE, ..Line::idle(Status::Claimed, Reason::NoMfn) });
                    }
                }
                _ => {
                    if let Some(series) = member.series {
                        self.series(series)?;
                    } else {
                        let line = self.duty(at, &[])?;
                        self.lines[at] = Some(line);
                    }
                }
            }
        }
        Ok(())
    }

    /// Notes on the lines of measures with a quota whether they are in it.
    pub fn note_quotas(&mut self) {
        for part in self.portion.quotas {
            let draw = self.portion.cell.quotas.iter().find(|draw| draw.ledger == part.quota);
            for at in draw.into_iter().flat_map(|draw| &draw.members) {
                // A measure that one quota admits is not told of the others.
                let admitted = self.admitted(*at).map(|draw| draw.ledger);
                if let Some(line) =
                    self.lines[*at].as_mut().filter(|_| admitted.is_none_or(|q| q == part.quota))
                {
                    line.reasons.push(Reason::Quota(part.clone()));
                    line.quota = admitted;
                }
            }
        }
    }

    /// The quota that admits what a member charges: of several the one drawn on first.
    fn admitted(&self, at: usize) -> Option<&Draw> {
        let admitting = self.portion.quotas.iter().filter(|part| part.admitted);
        let draws = admitting
            .filter_map(|part| self.portion.cell.quotas.iter().find(|draw| draw.ledger == part.quota));
        draws.into_iter().find(|draw| draw.members.contains(&at))
    }

    pub fn member(&self, at: usize) -> &Member {
        &self.portion.cell.members[at]
    }

    fn is_claimed(&self, at: usize) -> bool {
        self.portion.claims.contains(&self.member(at).claim)
    }

    /// Exemptions that are claimed cover the portion; what is not claimed is noted.
    fn claimed(&mut self) {
        for at in 0..self.lines.len() {
            let kind = self.member(at).kind;
            if !self.in_force[at] || !kind.is_claimed() {
                continue;
            }
            if !self.is_claimed(at) {
                self.lines[at] = Some(Line::idle(Status::NotClaimed, Reason::NotClaimed));
            } else if kind == MeasureType::Exemption {
                self.lines[at] =
                    Some(Line { cover: Decimal::ONE, ..Line::idle(Status::Claimed, Reason::Claimed) });
            }
        }
    }

    /// Notes the MFN measures that another names the goods more closely than. Whether there is one at all.
    fn mfn(&mut self) -> Result<bool, Stop> {
        let is_mfn = |at: &usize| self.in_force[*at] && self.member(*at).kind == MeasureType::Mfn;
        let candidates: Vec<usize> = (0..self.lines.len()).filter(is_mfn).collect();
        let Some(longest) = candidates.iter().map(|at| self.member(*at).matched).max() else {
            return Ok(false);
        };
        let (closest, others): (Vec<usize>, Vec<usize>) =
            candidates.into_iter().partition(|at| self.member(*at).matched == longest);
        let taken = self.member(closest[0]).measure;
        if let Some(second) = closest.get(1) {
            return Err(Stop::Tie(taken, self.member(*second).measure));
        }
        for at in others {
            self.lines[at] = Some(Line::idle(Status::NotTaken, Reason::LongerCode(taken)));
        }
        Ok(true)
    }

    /// The MFN duty, or the claimed preference that is lower.
    fn base_duty(&mut self, at: usize) -> Result<(), Stop> {
        let (share, cover, mut reasons) = self.effective_share(at, &[])?;
        let preferences: Vec<usize> = (0..self.lines.len())
            .filter(|i| {
                self.in_force[*i] && self.member(*i).kind == MeasureType::Preference && self.is_claimed(*i)
            })
            .collect();
        let mut lowest: Option<(usize, Decimal, Option<Decimal>)> = None;
        for i in &preferences {
            let (full, rate) = if share.is_zero() {
                (Decimal::ZERO, self.shown_rate(*i))
            } else {
                let duty = self.rate(*i)?;
                (duty.on(self.portion.value)?, self.as_part_of_value(&duty)?)
            };
            let lower = lowest.is_none_or(|(best, known, _)| {
                full < known || (full == known && self.id(*i) < self.id(best))
            });
            if lower {
                lowest = Some((*i, full, rate));
            }
        }
        let on = self.portion.value;
        let line = |status, amount, rate, reasons| Line {
            share,
            cover,
            rate,
            amount,
            on,
            reasons,
            ..Line::nothing(status)
        };
        if share.is_zero() {
            let status = if reasons.is_empty() { Status::Zero } else { Status::Displaced };
            self.lines[at] = Some(line(status, Decimal::ZERO, self.shown_rate(at), reasons));
            for i in preferences {
                self.lines[i] =
                    Some(Line { cover: Decimal::ONE, ..Line::idle(Status::Claimed, Reason::Claimed) });
            }
            return Ok(());
        }
        // A preference whose duty is nil replaces the MFN duty without that being computed.
        let free = lowest.is_some_and(|(_, full, _)| full.is_zero());
        let mfn = if free { None } else { Some(self.rate(at)?) };
        let mfn_full = mfn.map(|duty| duty.on(self.portion.value)).transpose()?;
        let mfn_rate = match &mfn {
            Some(duty) => self.as_part_of_value(duty)?,
            None => self.shown_rate(at),
        };
        let replaced = match (lowest, mfn_full) {
            (Some((i, full, rate)), Some(mfn_full)) if full < mfn_full => Some((i, full, rate)),
            (Some(best), None) => Some(best),
            _ => None,
        };
        let mfn_measure = self.member(at).measure;
        if let Some((best, full, rate)) = replaced {
            let amount = money::mul(share, full)?;
            reasons.push(Reason::ReplacedBy(self.member(best).measure));
            self.lines[at] = Some(Line {
                share: Decimal::ZERO,
                ..line(Status::Replaced, Decimal::ZERO, mfn_rate, reasons)
            });
            let status = if amount.is_zero() { Status::Claimed } else { Status::Charged };
            self.lines[best] = Some(Line {
                cover: Decimal::ONE,
                ..line(status, amount, rate, vec![Reason::Replaces(mfn_measure)])
            });
        } else {
            let amount = money::mul(share, mfn_full.unwrap_or_default())?;
            let status = if amount.is_zero() { Status::Zero } else { Status::Charged };
            self.lines[at] = Some(line(status, amount, mfn_rate, reasons));
        }
        let taken = replaced.map(|(best, _, _)| best);
        for i in preferences.into_iter().filter(|i| Some(*i) != taken) {
            let (status, reason) = match taken {
                Some(best) => (Status::NotTaken, Reason::LowerPreference(self.member(best).measure)),
                None => (Status::Claimed, Reason::NotLower),
            };
            let rate = self.shown_rate(i);
            self.lines[i] = Some(Line { cover: Decimal::ONE, rate, ..Line::idle(status, reason) });
        }
        Ok(())
    }

    /// The members of a series: the one that charges most or least is taken.
    fn series(&mut self, series: usize) -> Result<(), Stop> {
        let members: Vec<usize> = (0..self.lines.len())
            .filter(|at| self.in_force[*at] && self.member(*at).series == Some(series))
            .collect();
        let mut taken: Option<usize> = None;
        let highest = self.portion.series.get(series) == Some(&Take::Highest);
        let mut drawn: Vec<(usize, Line)> = Vec::with_capacity(members.len());
        for at in &members {
            let line = self.duty(*at, &members)?;
            if !line.share.is_zero() {
                let better =
                    taken.and_then(|t| drawn.iter().find(|(i, _)| *i == t)).is_none_or(|(best, known)| {
                        let further =
                            if highest { line.amount > known.amount } else { line.amount < known.amount };
                        further || (line.amount == known.amount && self.id(*at) < self.id(*best))
                    });
                if better {
                    taken = Some(*at);
                }
            }
            drawn.push((*at, line));
        }
        let by = taken.map(|t| self.member(t).measure);
        for (at, line) in drawn {
            self.lines[at] = Some(match by {
                Some(by) if taken != Some(at) && !line.share.is_zero() => {
                    Line { rate: line.rate, ..Line::idle(Status::NotTaken, Reason::SeriesTakes(by)) }
                }
                _ => line,
            });
        }
        Ok(())
    }

    /// A measure on what is left to it.
    fn duty(&self, at: usize, beside: &[usize]) -> Result<Line, Stop> {
        let (share, cover, mut reasons) = self.effective_share(at, beside)?;
        if share.is_zero() {
            let status = if reasons.is_empty() { Status::Zero } else { Status::Displaced };
            return Ok(Line { cover, rate: self.shown_rate(at), reasons, ..Line::nothing(status) });
        }
        let duty = self.rate(at)?;
        let full = duty.on(self.portion.value)?;
        let rate = self.as_part_of_value(&duty)?;
        let left = match &self.member(at).inclusive_of {
            None => full,
            Some(counted) => {
                let counted =
                    money::sum(counted.iter().filter_map(|i| self.lines[*i].as_ref()).map(|l| l.amount))?;
                reasons.push(self.top_up(counted, full, rate)?);
                money::sub(full, counted)?.max(Decimal::ZERO)
            }
        };
        let amount = money::mul(share, left)?;
        let status = if amount.is_zero() { Status::Zero } else { Status::Charged };
        Ok(Line { share, cover, rate, amount, on: self.portion.value, reasons, ..Line::nothing(status) })
    }

    /// What counted duties and a rate come to as parts of the value.
    fn top_up(&self, counted: Decimal, full: Decimal, rate: Option<Decimal>) -> Result<Reason, Stop> {
        let part = |amount: Decimal| {
            if self.portion.value.is_zero() { Ok(amount) } else { money::div(amount, self.portion.value) }
        };
        let already = part(counted)?;
        let rate = rate.map_or_else(|| part(full), Ok)?;
        Ok(if counted < full {
            Reason::TopsUp { from: already, to: rate, by: money::sub(rate, already)? }
        } else {
            Reason::Reached { already, rate }
        })
    }

    /// The part of the value a measure charges after those it gives way to, the part it covers, and to whom it
    /// gave way. Members `beside` it are alternatives, to which it does not give way.
    pub fn effective_share(
        &self,
        at: usize,
        beside: &[usize],
    ) -> Result<(Decimal, Decimal, Vec<Reason>), Stop> {
        let member = self.member(at);
        let mut displaced = Decimal::ZERO;
        let mut reasons = Vec::new();
        for other in member.yields_to.iter().filter(|o| !beside.contains(o)) {
            let cover = self.lines[*other].as_ref().map_or(Decimal::ZERO, |line| line.cover);
            if !cover.is_zero() {
                displaced = money::add(displaced, cover)?;
                reasons.push(Reason::YieldsTo { measure: self.member(*other).measure, covered: cover });
            }
        }
        let left = |of: Decimal| Ok::<_, Stop>(money::sub(of, displaced)?.max(Decimal::ZERO));
        if displaced >= Decimal::ONE {
            return Ok((Decimal::ZERO, Decimal::ZERO, reasons));
        }
        let share = left(self.share(at)?)?;
        let cover = if member.covers_article { left(Decimal::ONE)? } else { share };
        Ok((share, cover, reasons))
    }

    fn share(&self, at: usize) -> Result<Decimal, Stop> {
        let Some(share) = &self.member(at).share else { return Ok(Decimal::ONE) };
        match self.eval(at, share)? {
            Value::Number(part) if part >= Decimal::ZERO && part <= Decimal::ONE => Ok(part),
            other => {
                let message = format!("the share of {} is {other}, outside 0 to 1", self.id(at));
                Err(Stop::NotComputable(message))
            }
        }
    }

    /// The duty a measure's rate charges on the whole value.
    pub fn rate(&self, at: usize) -> Result<Duty, Stop> {
        let member = self.member(at);
        let in_quota = self.admitted(at).and_then(|draw| draw.rate.as_ref());
        if let (Some(reason), None) = (&member.refused, in_quota) {
            return Err(Stop::NotComputable(format!("{}: {reason}", self.id(at))));
        }
        let Some(rate) = in_quota.or(member.rate.as_ref()) else { return Ok(Duty::default()) };
        if let Some(Value::Number(rate)) = rate.as_literal()
            && (*rate >= Decimal::ZERO || member.kind == MeasureType::Subsidy)
        {
            return Ok(Duty::ad_valorem(*rate));
        }
        let value = self.eval(at, rate)?;
        let duty = match self.portion.facts {
            Some(facts) => duty(&value, facts).map_err(|m| in_force::missing(member, facts, &m))?,
            None => Duty::default(),
        };
        if member.kind == MeasureType::Subsidy {
            return Ok(duty);
        }
        let below = |part: Decimal| part < Decimal::ZERO;
        if duty.on(self.portion.value)? < Decimal::ZERO || (duty.is_ad_valorem() && below(duty.ad_valorem)) {
            return Err(Stop::NotComputable(format!("the rate of {} is below zero", self.id(at))));
        }
        Ok(duty)
    }

    fn eval(&self, at: usize, expr: &crate::expr::Expr) -> Result<Value, Stop> {
        if let Some(value) = expr.as_literal() {
            return Ok(value.clone());
        }
        match self.portion.facts {
            Some(facts) => eval(expr, facts).map_err(|m| in_force::missing(self.member(at), facts, &m)),
            None => Err(Stop::NotComputable(format!("{} rests on the flow", self.id(at)))),
        }
    }

    /// A duty as a part of the value; `None` where the value is zero and the duty is not.
    fn as_part_of_value(&self, duty: &Duty) -> Result<Option<Decimal>, Stop> {
        if duty.is_ad_valorem() {
            return Ok(Some(duty.ad_valorem));
        }
        if self.portion.value.is_zero() {
            return Ok(None);
        }
        Ok(Some(money::div(duty.on(self.portion.value)?, self.portion.value)?))
    }

    /// The rate of a measure that charges nothing, where it can be computed.
    pub fn shown_rate(&self, at: usize) -> Option<Decimal> {
        self.rate(at).ok().and_then(|duty| self.as_part_of_value(&duty).ok().flatten())
    }

    fn id(&self, at: usize) -> &str {
        &self.portion.scenario.measures[self.member(at).measure].id
    }
}
