//! Step 5: credits pay duty as it falls due, each from its pool, in alphabetical order.

use super::facts::Facts;
use super::ledger::Books;
use super::quota::holder;
use super::stop::Stop;
use super::worksheet::{CreditDrawn, Portion};
use crate::date::Date;
use crate::expr::{Missing, condition};
use crate::money;
use rust_decimal::Decimal;

/// The duty a member charges on a flow, and what credits pay of it.
#[derive(Debug, Clone)]
pub(super) struct Liability {
    /// By portion: what it charges there as if that were all, before the portion's weight.
    pub portions: Vec<Decimal>,
    /// What it charges on the flow, as it enters sums.
    pub amount: Decimal,
    /// What credits pay of it.
    pub paid: Decimal,
}

impl Liability {
    /// What is paid in a portion, as if that were all.
    pub fn paid_in(&self, portion: usize, weights: &[Decimal]) -> Result<Decimal, Stop> {
        let all = money::sum(self.weighted(weights)?)?;
        if self.paid.is_zero() || all.is_zero() {
            return Ok(Decimal::ZERO);
        }
        let own = self.portions.get(portion).copied().unwrap_or_default();
        if own == all { Ok(self.paid) } else { Ok(money::div(money::mul(self.paid, own)?, all)?) }
    }

    fn weighted(&self, weights: &[Decimal]) -> Result<Vec<Decimal>, Stop> {
        let parts = self.portions.iter().zip(weights).map(|(part, weight)| money::mul(*part, *weight));
        Ok(parts.collect::<Result<_, _>>()?)
    }

    /// What is still owed in the portions for which a credit is.
    fn owed(&self, applies: &[bool], weights: &[Decimal]) -> Result<Decimal, Stop> {
        let owed = money::sub(self.amount, self.paid)?;
        if applies.iter().all(|applies| *applies) {
            return Ok(owed);
        }
        let parts = self.weighted(weights)?.into_iter().zip(applies);
        let within = money::sum(parts.filter(|(_, applies)| **applies).map(|(part, _)| part))?;
        Ok(money::quantise(within).min(owed))
    }
}

/// Draws credits against the duties of a flow, whose liabilities stand by member.
pub(super) fn draw(
    books: &mut Books<'_>,
    facts: &Facts<'_>,
    day: Date,
    portions: &[Portion],
    liabilities: &mut [Liability],
) -> Result<Vec<CreditDrawn>, Stop> {
    let weights: Vec<Decimal> = portions.iter().map(|portion| portion.weight).collect();
    let mut drawn = Vec::new();
    for at in 0..books.credits.len() {
        let account = &books.credits[at];
        let Some(draw) = facts.cell.credits.iter().find(|draw| draw.ledger == account.place) else {
            continue;
        };
        let missing = |missing: Missing| Stop::NotComputable(format!("{}: {missing}", account.ledger.id));
        let mut applies = Vec::with_capacity(portions.len());
        for portion in portions {
            let facts = facts.claiming(&portion.claims);
            let claimed = account.ledger.claim.as_ref().is_none_or(|claim| facts.claims(claim));
            let holds = match &draw.when {
                Some(when) if claimed => condition(when, &facts).map_err(missing)?,
                _ => claimed,
            };
            applies.push(holds);
        }
        if !applies.contains(&true) {
            continue;
        }
        let holder = holder(account.ledger.by.as_ref(), facts).map_err(missing)?;
        let credit = account.place;
        let mut owed = Vec::with_capacity(draw.members.len());
        for member in &draw.members {
            owed.push(liabilities[*member].owed(&applies, &weights)?);
        }
        let liability = money::sum(owed.iter().copied())?;
        let term = books.credit(at, &holder, day)?;
        let left = term.left()?;
        let amount = liability.min(left);
        term.draw(amount, day)?;
        let mut unspent = amount;
        for (member, owed) in draw.members.iter().zip(owed) {
            let paid = owed.min(unspent);
            liabilities[*member].paid = money::add(liabilities[*member].paid, paid)?;
            unspent = money::sub(unspent, paid)?;
        }
        if !liability.is_zero() {
            let party = holder.name().map(str::to_owned);
            drawn.push(CreditDrawn { credit, party, liability, left, amount });
        }
    }
    Ok(drawn)
}
