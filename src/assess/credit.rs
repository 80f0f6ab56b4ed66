//! Step 5: credits pay duty as it falls due, each from its pool, in alphabetical order.

use super::facts::Facts;
use super::ledger::{Books, Holder};
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
    /// What it charges on the flow, as it enters sums.
    amount: Decimal,
    /// The same by portion, by weight, before it is rounded.
    parts: Vec<Decimal>,
    /// What credits pay of it.
    paid: Decimal,
    /// The same by portion.
    paid_parts: Vec<Decimal>,
}

impl Liability {
    /// Nothing paid yet of an amount that is made up of parts.
    pub fn new(amount: Decimal, parts: Vec<Decimal>) -> Liability {
        let paid_parts = vec![Decimal::ZERO; parts.len()];
        Liability { amount, parts, paid: Decimal::ZERO, paid_parts }
    }

    /// What is paid in a portion, as if that were all.
    pub fn paid_in(&self, portion: usize, weight: Decimal) -> Result<Decimal, Stop> {
        let paid = self.paid_parts.get(portion).copied().unwrap_or_default();
        if paid.is_zero() { Ok(paid) } else { Ok(money::div(paid, weight)?) }
    }

    /// What is still owed in the portions for which a credit is.
    fn owed(&self, applies: &[bool]) -> Result<Decimal, Stop> {
        let owed = money::sub(self.amount, self.paid)?;
        if applies.iter().all(|applies| *applies) {
            return Ok(owed);
        }
        let within = money::sub(sum_where(&self.parts, applies)?, sum_where(&self.paid_parts, applies)?)?;
        Ok(money::quantise(within).clamp(Decimal::ZERO, owed.max(Decimal::ZERO)))
    }

    /// Pays an amount in the portions for which a credit is, in proportion to what is charged there.
    fn pay(&mut self, amount: Decimal, applies: &[bool]) -> Result<(), Stop> {
        self.paid = money::add(self.paid, amount)?;
        let all = sum_where(&self.parts, applies)?;
        if all.is_zero() {
            return Ok(());
        }
        for (at, part) in self.parts.iter().enumerate().filter(|(at, _)| applies[*at]) {
            let share = if *part == all { amount } else { money::div(money::mul(amount, *part)?, all)? };
            self.paid_parts[at] = money::add(self.paid_parts[at], share)?;
        }
        Ok(())
    }
}

fn sum_where(parts: &[Decimal], applies: &[bool]) -> money::Exact {
    money::sum(parts.iter().zip(applies).filter(|(_, applies)| **applies).map(|(part, _)| *part))
}

/// What is to be drawn from a pool once the flow is known to be computable.
pub(super) struct Pending {
    /// The credit, as a place in the books.
    at: usize,
    holder: Holder,
    amount: Decimal,
}

/// Draws what was reckoned with.
pub(super) fn settle(books: &mut Books<'_>, day: Date, pending: Vec<Pending>) -> Result<(), Stop> {
    for Pending { at, holder, amount } in pending {
        books.credit(at, &holder, day)?.draw(amount, day)?;
    }
    Ok(())
}

/// What credits pay of the duties of a flow, whose liabilities stand by member. Nothing is drawn yet.
pub(super) fn reckon(
    books: &mut Books<'_>,
    facts: &Facts<'_>,
    day: Date,
    portions: &[Portion],
    liabilities: &mut [Liability],
) -> Result<(Vec<CreditDrawn>, Vec<Pending>), Stop> {
    let (mut drawn, mut pending) = (Vec::new(), Vec::new());
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
            owed.push(liabilities[*member].owed(&applies)?);
        }
        let liability = money::sum(owed.iter().copied())?;
        let left = books.credit(at, &holder, day)?.left()?;
        let amount = liability.min(left);
        let mut unspent = amount;
        for (member, owed) in draw.members.iter().zip(owed) {
            let paid = owed.min(unspent);
            liabilities[*member].pay(paid, &applies)?;
            unspent = money::sub(unspent, paid)?;
        }
        if !liability.is_zero() {
            let party = holder.name().map(str::to_owned);
            drawn.push(CreditDrawn { credit, party, liability, left, amount });
            pending.push(Pending { at, holder, amount });
        }
    }
    Ok((drawn, pending))
}
