//! Who gains and who loses: by group, before, after and the change. Every amount is rounded once; sums are sums of what is
//! shown.

use super::settled;
use crate::money::{ArithmeticError, Rounding, RoundingMode, add, sub};
use rust_decimal::Decimal;

/// A group of people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// Those who buy the goods, at the price to buyers.
    Buyers,
    /// Those who make them at home.
    Producers,
    /// The treasury of the importing country.
    Treasury,
    /// Those at home who hold the licences of a quota.
    QuotaHolders,
    /// All of these: the importing country.
    Home,
    /// Those who sell the goods from abroad.
    ForeignSellers,
    /// Everybody.
    World,
}

impl Party {
    /// Everybody, in the order of the table.
    pub const ALL: [Party; 7] = [
        Party::Buyers,
        Party::Producers,
        Party::Treasury,
        Party::QuotaHolders,
        Party::Home,
        Party::ForeignSellers,
        Party::World,
    ];

    /// The name it goes out by.
    pub fn name(self) -> &'static str {
        match self {
            Party::Buyers => "buyers",
            Party::Producers => "producers",
            Party::Treasury => "treasury",
            Party::QuotaHolders => "quota holders",
            Party::Home => "importing country",
            Party::ForeignSellers => "foreign sellers",
            Party::World => "world",
        }
    }
}

/// What a group has, before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// Who.
    pub party: Party,
    /// Before; `None` where it has no end, as the gain of buyers who would pay any price.
    pub before: Option<Decimal>,
    /// After; `None` likewise.
    pub after: Option<Decimal>,
    /// The change.
    pub change: Decimal,
}

/// All groups. The importing country is the sum of the first four, the world of that and of foreign sellers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts(Vec<Account>);

/// Groups that are no sums.
const SINGLE: [Party; 5] =
    [Party::Buyers, Party::Producers, Party::Treasury, Party::QuotaHolders, Party::ForeignSellers];

impl Accounts {
    /// From those of buyers (their levels, where they end, and the change) and the levels of the others, in the order
    /// producers, treasury, quota holders, foreign sellers.
    pub fn new(
        buyers: (Option<[Decimal; 2]>, Decimal),
        others: [[Decimal; 2]; 4],
    ) -> Result<Accounts, ArithmeticError> {
        let (levels, change) = buyers;
        let levels = levels.map(|levels| levels.map(settled));
        let change = match levels {
            Some([before, after]) => sub(after, before)?,
            None => settled(change),
        };
        let mut single = vec![Account {
            party: Party::Buyers,
            before: levels.map(|levels| levels[0]),
            after: levels.map(|levels| levels[1]),
            change,
        }];
        for (party, levels) in SINGLE.into_iter().skip(1).zip(others) {
            let [before, after] = levels.map(settled);
            single.push(Account {
                party,
                before: Some(before),
                after: Some(after),
                change: sub(after, before)?,
            });
        }
        Accounts::with_sums(&single)
    }

    /// Adds the sums.
    fn with_sums(single: &[Account]) -> Result<Accounts, ArithmeticError> {
        let sum = |party: Party, of: &[Account]| {
            let mut sum = Account {
                party,
                before: Some(Decimal::ZERO),
                after: Some(Decimal::ZERO),
                change: Decimal::ZERO,
            };
            for account in of {
                sum.change = add(sum.change, account.change)?;
                let both =
                    |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).map(|(a, b)| add(a, b)).transpose();
                sum.before = both(sum.before, account.before)?;
                sum.after = both(sum.after, account.after)?;
            }
            Ok::<_, ArithmeticError>(sum)
        };
        let (home, abroad) = single.split_at(single.len().saturating_sub(1));
        let mut all = home.to_vec();
        all.push(sum(Party::Home, home)?);
        all.extend_from_slice(abroad);
        all.push(sum(Party::World, single)?);
        Ok(Accounts(all))
    }

    /// Several markets together.
    pub fn sum<'a>(markets: impl Iterator<Item = &'a Accounts>) -> Result<Accounts, ArithmeticError> {
        let nothing = |party| Account {
            party,
            before: Some(Decimal::ZERO),
            after: Some(Decimal::ZERO),
            change: Decimal::ZERO,
        };
        let mut single: Vec<Account> = SINGLE.into_iter().map(nothing).collect();
        for market in markets {
            for sum in &mut single {
                let account = market.of(sum.party);
                sum.change = add(sum.change, account.change)?;
                let both =
                    |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).map(|(a, b)| add(a, b)).transpose();
                sum.before = both(sum.before, account.before)?;
                sum.after = both(sum.after, account.after)?;
            }
        }
        Accounts::with_sums(&single)
    }

    /// The same for the eye: each group rounded to a multiple of a step, the sums those of the rounded amounts.
    #[must_use]
    pub fn rounded(&self, step: Decimal) -> Accounts {
        let rule = Rounding { to: step, mode: RoundingMode::HalfUp };
        let round = |amount: Decimal| rule.apply(amount).unwrap_or(amount);
        let single: Vec<Account> = SINGLE
            .into_iter()
            .map(|party| {
                let account = self.of(party);
                let (before, after) = (account.before.map(round), account.after.map(round));
                let change = match before.zip(after) {
                    Some((before, after)) => sub(after, before).unwrap_or(account.change),
                    None => round(account.change),
                };
                Account { party, before, after, change }
            })
            .collect();
        // Sums of rounded amounts are no longer than those of the amounts.
        Accounts::with_sums(&single).unwrap_or_else(|_| self.clone())
    }

    /// Every group, in the order of [`Party::ALL`].
    pub fn all(&self) -> &[Account] {
        &self.0
    }

    /// One group.
    pub fn of(&self, party: Party) -> Account {
        let nothing = Account { party, before: None, after: None, change: Decimal::ZERO };
        self.0.iter().find(|account| account.party == party).copied().unwrap_or(nothing)
    }
}
