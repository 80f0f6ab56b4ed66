//! A measure's lines over all portions as one charge.

use super::charge::Line;
use super::plan::{Cell, Member};
use super::stop::Stop;
use super::worksheet::{Charge, Note, Status};
use crate::money;
use rust_decimal::Decimal;

/// The lines of one portion as charges on a value, in the order of the scenario, not yet quantised.
pub(super) fn charges(cell: &Cell, lines: Vec<Option<Line>>, value: Decimal) -> Result<Vec<Charge>, Stop> {
    let mut charges = Vec::with_capacity(cell.members.len());
    for (member, line) in cell.members.iter().zip(lines) {
        let Some(merged) = Merged::of(line.iter().map(|line| (Decimal::ONE, line)))? else { continue };
        let (amount, status) = (merged.amount, line.map(|line| line.status));
        let charge = merged.charge(member, value, amount)?;
        charges.push(Charge { status: status.unwrap_or(charge.status), ..charge });
    }
    charges.sort_by_key(|charge| charge.measure);
    Ok(charges)
}

/// A measure's lines over all portions.
#[derive(Default)]
pub(super) struct Merged {
    share: Decimal,
    /// What its rate is charged on, where that is not the customs value alone.
    base: Decimal,
    /// Not quantised.
    pub amount: Decimal,
    rate: Option<Decimal>,
    rates_differ: bool,
    quota: Option<usize>,
    statuses: Vec<Status>,
    notes: Vec<Note>,
}

impl Merged {
    /// Lines with the weights of their portions; `None` where there is none.
    pub fn of<'l>(lines: impl Iterator<Item = (Decimal, &'l Line)>) -> Result<Option<Merged>, Stop> {
        let mut merged: Option<Merged> = None;
        for (weight, line) in lines {
            merged.get_or_insert_with(Merged::default).add(weight, line)?;
        }
        Ok(merged)
    }

    fn add(&mut self, weight: Decimal, line: &Line) -> Result<(), Stop> {
        let is_first = self.statuses.is_empty();
        self.share = money::add(self.share, money::mul(weight, line.share)?)?;
        self.base = money::add(self.base, money::mul(weight, money::mul(line.on, line.share)?)?)?;
        self.amount = money::add(self.amount, money::mul(weight, line.amount)?)?;
        if let Some(rate) = line.rate {
            self.rates_differ |= self.rate.is_some_and(|known| known != rate);
            self.rate = if self.rates_differ { None } else { Some(rate) };
        }
        self.quota = line.quota.filter(|_| is_first || self.quota == line.quota);
        self.statuses.push(line.status);
        for reason in &line.reasons {
            match self.notes.iter_mut().find(|note| note.reason == *reason) {
                Some(note) => note.weight = money::add(note.weight, weight)?,
                None => self.notes.push(Note { reason: reason.clone(), weight }),
            }
        }
        Ok(())
    }

    /// The charge of a member that comes to `amount` on a customs value.
    pub fn charge(self, member: &Member, value: Decimal, amount: Decimal) -> Result<Charge, Stop> {
        let is_tax = member.kind == crate::scenario::MeasureType::Tax;
        Ok(Charge {
            measure: member.measure,
            step: member.step,
            row: member.row,
            status: self.status(amount),
            share: self.share,
            base: money::quantise(if is_tax { self.base } else { money::mul(value, self.share)? }),
            quota: self.quota,
            rate: self.rate,
            amount,
            notes: self.notes.into(),
        })
    }

    /// What became of the measure: it charges, or the first of what happened in some portion.
    fn status(&self, amount: Decimal) -> Status {
        if !amount.is_zero() {
            return Status::Charged;
        }
        let uncharged = self.statuses.iter().copied().filter(|s| *s != Status::Charged);
        uncharged.min().unwrap_or(Status::Zero)
    }
}
