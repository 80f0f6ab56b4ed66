//! The areas of the textbook's diagram, each with its letter, its meaning and its amount.

use super::Stop;
use super::accounts::{Accounts, Party};
use super::base::Base;
use super::equilibrium::Point;
use super::real::{add, mul, sub};
use super::settled;
use crate::money::{ArithmeticError, Rounding, RoundingMode, negative};
use rust_decimal::Decimal;

/// An area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    /// Its letter.
    pub letter: char,
    /// What it is.
    pub meaning: &'static str,
    /// How much, below zero where a lower duty undoes it.
    pub amount: Decimal,
}

/// What each area is where the duty rises.
const MEANINGS: [(char, &str); 6] = [
    ('a', "from buyers to producers"),
    ('b', "lost: made at home at a higher cost"),
    ('c', "from buyers to the treasury"),
    ('d', "lost: no longer bought"),
    ('e', "from foreign sellers: their price falls"),
    ('f', "lost: duty on what no longer comes"),
];

/// What `c` is where a quota leaves a rent.
const WITH_RENT: &str = "from buyers: duty and rent of the quota";

/// The areas between two points of a market of one good. Where the price to buyers falls, they are those of the way
/// back, with the other sign.
pub fn areas(base: &Base, before: &Point, after: &Point) -> Result<Vec<Area>, Stop> {
    let rises = after.price >= before.price;
    let (low, high) = if rises { (before, after) } else { (after, before) };
    let rise = sub(high.price, low.price)?;
    let buyers = base.demand.area(low.price, high.price)?;
    let to_producers = match &base.supply {
        Some(supply) => supply.area(low.price, high.price)?,
        None => Decimal::ZERO,
    };
    let amounts = [
        to_producers,
        sub(mul(rise, high.output)?, to_producers)?,
        mul(rise, high.imports)?,
        sub(buyers, mul(rise, high.consumption)?)?,
        mul(sub(low.world, high.world)?, high.imports)?,
        mul(sub(low.price, low.world)?, sub(low.imports, high.imports)?)?,
    ];
    let signed = |amount: Decimal| settled(if rises { amount } else { negative(amount) });
    let leaves_rent = !before.rent.is_zero() || !after.rent.is_zero();
    let meaning = |letter: char, meaning| if letter == 'c' && leaves_rent { WITH_RENT } else { meaning };
    Ok(MEANINGS
        .into_iter()
        .zip(amounts)
        .map(|((letter, what), amount)| Area {
            letter,
            meaning: meaning(letter, what),
            amount: signed(amount),
        })
        .filter(|area| !area.amount.is_zero())
        .collect())
}

/// The same for the eye. `a` is what producers gain as it is shown, `d` what is then left of what buyers lose, `e` what is
/// left of what the treasury and quota holders gain.
pub fn rounded(
    areas: &[Area],
    accounts: &Accounts,
    rent_goes_abroad: bool,
    step: Decimal,
) -> Result<Vec<Area>, ArithmeticError> {
    let rule = Rounding { to: step, mode: RoundingMode::HalfUp };
    let of = |letter: char| {
        let found = areas.iter().find(|area| area.letter == letter);
        rule.apply(found.map_or(Decimal::ZERO, |area| area.amount))
    };
    let change = |party: Party| accounts.of(party).change;
    let (to_producers, at_a_cost, to_treasury, lost_duty) =
        (change(Party::Producers), of('b')?, of('c')?, of('f')?);
    let buyers = negative(change(Party::Buyers));
    let unbought = sub(sub(sub(buyers, to_producers)?, at_a_cost)?, to_treasury)?;
    let taken = add(change(Party::Treasury), change(Party::QuotaHolders))?;
    let from_abroad = if rent_goes_abroad { of('e')? } else { sub(add(taken, lost_duty)?, to_treasury)? };
    let amount = |letter: char| match letter {
        'a' => to_producers,
        'b' => at_a_cost,
        'c' => to_treasury,
        'd' => unbought,
        'e' => from_abroad,
        _ => lost_duty,
    };
    Ok(areas.iter().map(|area| Area { amount: amount(area.letter), ..*area }).collect())
}
