//! The books of quotas and credits: what each pool opens a period with, what is carried in, and what was drawn.
//!
//! Flows come in the order of their entry dates, so a period is over once a later one is opened.

use super::stop::Stop;
use crate::date::{Date, Window};
use crate::expr::{Missing, Quantity, Value};
use crate::money;
use crate::scenario::constants::OnDay;
use crate::scenario::{Ledger, Pool, Scenario};
use crate::units::Unit;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

/// What a pool held in a period and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The quota or credit, as a place in the scenario's list.
    pub ledger: usize,
    /// Whose pool it is; `None` where there is one for all.
    pub party: Option<String>,
    /// First day; `None` where it has no beginning.
    pub from: Option<Date>,
    /// First day after it; `None` where it has no end.
    pub until: Option<Date>,
    /// What it opened with.
    pub opening: Decimal,
    /// What was left of earlier periods.
    pub carried_in: Decimal,
    /// What was admitted, or paid.
    pub drawn: Decimal,
    /// What was left at the end.
    pub remaining: Decimal,
    /// What of that later periods may draw.
    pub carried_out: Decimal,
    /// The day it ran out.
    pub exhausted: Option<Date>,
    /// The unit of all amounts: of quantity, or the currency.
    pub unit: Arc<str>,
}

/// Whose pool it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holder {
    /// The one for all.
    All,
    /// That of a party, an origin, or the text of a column.
    Of(String),
}

impl Holder {
    /// Who, where there is a pool for each.
    pub fn name(&self) -> Option<&str> {
        match self {
            Holder::All => None,
            Holder::Of(name) => Some(name),
        }
    }
}

/// What amounts are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measured {
    /// Money.
    Money,
    /// A unit of quantity.
    Unit(Unit),
}

/// A pool in one period.
pub(super) struct Term {
    window: Window,
    measured: Measured,
    opening: Decimal,
    /// The most that may be carried out of it.
    cap: Decimal,
    carried_in: Decimal,
    drawn: Decimal,
    exhausted: Option<Date>,
}

impl Term {
    /// What can still be drawn; nothing once it ran out.
    pub fn left(&self) -> Result<Decimal, Stop> {
        if self.exhausted.is_some() { Ok(Decimal::ZERO) } else { self.remaining() }
    }

    fn remaining(&self) -> Result<Decimal, Stop> {
        Ok(money::sub(money::add(self.opening, self.carried_in)?, self.drawn)?)
    }

    /// Draws an amount on a day; it must not be more than is left.
    pub fn draw(&mut self, amount: Decimal, day: Date) -> Result<(), Stop> {
        self.drawn = money::add(self.drawn, amount)?;
        if !amount.is_zero() && self.remaining()?.is_zero() {
            self.run_out(day);
        }
        Ok(())
    }

    /// Notes that there was not enough.
    pub fn run_out(&mut self, day: Date) {
        self.exhausted.get_or_insert(day);
    }
}

/// The pools of one quota or credit.
pub(super) struct Account<'a> {
    /// The quota or credit, as a place in the scenario's list.
    pub place: usize,
    /// What it says.
    pub ledger: &'a Ledger,
    /// The day of the first flow that draws on it.
    first: Option<Date>,
    pools: BTreeMap<Holder, Vec<Term>>,
}

/// The books of a scenario, in the alphabetical order of ids, which is the order in which they are drawn on.
pub(super) struct Books<'a> {
    pub scenario: &'a Scenario,
    pub quotas: Vec<Account<'a>>,
    pub credits: Vec<Account<'a>>,
    days: Days<'a>,
}

/// Values of parameters on days, once computed.
struct Days<'a> {
    scenario: &'a Scenario,
    known: BTreeMap<Option<Date>, Rc<OnDay>>,
}

impl Days<'_> {
    fn on(&mut self, day: Option<Date>) -> Rc<OnDay> {
        let parameters = &self.scenario.parameters;
        Rc::clone(self.known.entry(day).or_insert_with(|| Rc::new(OnDay::new(parameters, day))))
    }
}

impl<'a> Books<'a> {
    /// Books with nothing drawn.
    pub fn new(scenario: &'a Scenario) -> Books<'a> {
        let account = |(place, ledger): (usize, &'a Ledger)| Account {
            place,
            ledger,
            first: None,
            pools: BTreeMap::new(),
        };
        let sorted = |mut accounts: Vec<Account<'a>>| {
            accounts.sort_by(|a, b| a.ledger.id.cmp(&b.ledger.id));
            accounts
        };
        let quotas = scenario.quotas.iter().map(|quota| &quota.ledger).enumerate().map(account).collect();
        let credits = scenario.credits.iter().map(|credit| &credit.ledger).enumerate().map(account).collect();
        let days = Days { scenario, known: BTreeMap::new() };
        Books { scenario, quotas: sorted(quotas), credits: sorted(credits), days }
    }

    /// What a quota's pool is counted in on a day.
    pub fn measured(&mut self, at: usize, holder: &Holder, day: Date) -> Result<Measured, Stop> {
        self.quotas[at].measured(holder, day, &mut self.days)
    }

    /// The period of a quota's pool that a day lies in.
    pub fn quota(&mut self, at: usize, holder: &Holder, day: Date) -> Result<&mut Term, Stop> {
        self.quotas[at].term(holder, day, &mut self.days)
    }

    /// The period of a credit's pool that a day lies in.
    pub fn credit(&mut self, at: usize, holder: &Holder, day: Date) -> Result<&mut Term, Stop> {
        self.credits[at].term(holder, day, &mut self.days)
    }

    /// What became of quotas and of credits, in the order of the scenario.
    pub fn statements(&self) -> Result<(Vec<Statement>, Vec<Statement>), Stop> {
        let currency = &self.scenario.currency;
        let of = |accounts: &[Account<'_>]| {
            let mut statements = Vec::new();
            for account in accounts {
                account.state(currency, &mut statements)?;
            }
            statements.sort_by_key(|statement| statement.ledger);
            Ok::<_, Stop>(statements)
        };
        Ok((of(&self.quotas)?, of(&self.credits)?))
    }
}

impl Account<'_> {
    fn measured(&self, holder: &Holder, day: Date, days: &mut Days<'_>) -> Result<Measured, Stop> {
        let last = self.pools.get(holder).and_then(|terms| terms.last());
        match last.filter(|term| term.window.contains(day)) {
            Some(term) => Ok(term.measured),
            None => Ok(open(self.ledger, holder.name(), day, self.first.or(Some(day)), &[], days)?.measured),
        }
    }

    /// The period that a day lies in. Days come in order.
    fn term(&mut self, holder: &Holder, day: Date, days: &mut Days<'_>) -> Result<&mut Term, Stop> {
        let ledger = self.ledger;
        self.first.get_or_insert(day);
        let terms = self.pools.entry(holder.clone()).or_default();
        while terms.last().is_none_or(|last| !last.window.contains(day)) {
            // Without carrying, periods in which nothing enters need no books.
            let begins = match (terms.last(), &ledger.carry) {
                (Some(last), Some(_)) => last.window.until,
                (None, Some(_)) => ledger.reach.window.from.or(self.first),
                (_, None) => None,
            };
            let term = open(ledger, holder.name(), begins.unwrap_or(day), self.first, terms, days)?;
            terms.push(term);
        }
        // The loop ends with a last one.
        terms.last_mut().ok_or_else(|| Stop::NotComputable(format!("{} has no period", ledger.id)))
    }

    fn state(&self, currency: &str, statements: &mut Vec<Statement>) -> Result<(), Stop> {
        for (holder, terms) in &self.pools {
            let first = self.first.unwrap_or(Date::MIN);
            for term in terms.iter().filter(|term| term.window.until.is_none_or(|until| first < until)) {
                let remaining = term.remaining()?;
                let later = self
                    .ledger
                    .carry
                    .as_ref()
                    .is_some_and(|carry| has_later(self.ledger, term.window.until, carry.periods_later));
                statements.push(Statement {
                    ledger: self.place,
                    party: holder.name().map(str::to_owned),
                    from: term.window.from,
                    until: term.window.until,
                    opening: term.opening,
                    carried_in: term.carried_in,
                    drawn: term.drawn,
                    remaining,
                    carried_out: if later { remaining.min(term.cap) } else { Decimal::ZERO },
                    exhausted: term.exhausted,
                    unit: match term.measured {
                        Measured::Money => currency.into(),
                        Measured::Unit(unit) => unit.name().into(),
                    },
                });
            }
        }
        Ok(())
    }
}

/// Whether a ledger lasts to the period that many later than the one that ends on a day.
fn has_later(ledger: &Ledger, ends: Option<Date>, periods: u32) -> bool {
    let mut begins = ends;
    for _ in 1..periods {
        let Some(day) = begins else { return false };
        begins = ledger.period.containing(day).until;
    }
    begins.is_some_and(|day| ledger.reach.window.contains(day))
}

/// Opens the period that a day lies in.
fn open(
    ledger: &Ledger,
    key: Option<&str>,
    day: Date,
    first: Option<Date>,
    before: &[Term],
    days: &mut Days<'_>,
) -> Result<Term, Stop> {
    let whole = ledger.period.containing(day);
    let earliest = |a: Option<Date>, b: Option<Date>| a.into_iter().chain(b).min();
    let window = Window {
        from: whole.from.max(ledger.reach.window.from),
        until: earliest(whole.until, ledger.reach.window.until),
    };
    // A period without a beginning opens with what holds on the day of its first flow.
    let opens = window.from.or(first);
    let on_day = days.on(opens);
    let key = ledger.by.as_ref().zip(key);
    let lacks = |missing: Missing| {
        let party = key.map(|(_, key)| format!(" for {key}")).unwrap_or_default();
        let on = opens.map(|day| format!(" on {day}")).unwrap_or_default();
        Stop::NotComputable(format!("{}{party}{on}: {missing}", ledger.id))
    };
    let pool = Pool { parameters: &days.scenario.parameters, on_day: &on_day, day: opens, key };
    let (mut opening, measured) = match pool.eval(&ledger.opening).map_err(lacks)? {
        Value::Money(amount) => (amount, Measured::Money),
        Value::Quantity(Quantity { amount, unit }) => (amount, Measured::Unit(unit)),
        other => return Err(lacks(Missing::Fact(format!("amount ({other})")))),
    };
    if opening < Decimal::ZERO {
        let holder = key.map(|(_, key)| format!(" for {key}")).unwrap_or_default();
        return Err(Stop::NotComputable(format!("{} opens below zero{holder}", ledger.id)));
    }
    if ledger.pro_rate_first && window.from == ledger.reach.window.from {
        opening = part_of_days(opening, window.from, whole)?;
    }
    let opening = kept(opening, measured);
    let cap = match ledger.carry.as_ref().map(|carry| carry.up_to.as_ref().map(|cap| pool.eval(cap))) {
        None => Decimal::ZERO,
        Some(None) => Decimal::MAX,
        Some(Some(cap)) => match cap.map_err(lacks)? {
            Value::Number(part) => money::mul(opening, part)?,
            cap => in_unit(&cap, measured).map_err(lacks)?,
        },
    };
    let cap = kept(cap, measured);
    if cap < Decimal::ZERO {
        return Err(Stop::NotComputable(format!("{} carries less than nothing", ledger.id)));
    }
    let periods_later = ledger.carry.as_ref().map_or(0, |carry| carry.periods_later as usize);
    let carried_in = match before.len().checked_sub(periods_later).and_then(|at| before.get(at)) {
        Some(earlier) => {
            let left = money::sub(money::add(earlier.opening, earlier.carried_in)?, earlier.drawn)?;
            kept(convert(left.min(earlier.cap), earlier.measured, measured).map_err(lacks)?, measured)
        }
        None => Decimal::ZERO,
    };
    Ok(Term { window, measured, opening, cap, carried_in, drawn: Decimal::ZERO, exhausted: None })
}

/// An amount as the books keep it, cut off: money to 1e-10, as charges are; quantities to 1e-18, so that what rests on a
/// part of them is still exact to 1e-10 of the currency. So sums are exact, and never more than there is.
pub(super) fn kept(amount: Decimal, measured: Measured) -> Decimal {
    let places = match measured {
        Measured::Money => money::CHARGE_PLACES,
        Measured::Unit(_) => 18,
    };
    money::RoundingMode::Down.places(amount, places)
}

/// The part of an amount that the days from `from` to the end are of a whole period.
fn part_of_days(opening: Decimal, from: Option<Date>, whole: Window) -> money::Exact {
    let (Some(from), Some(first), Some(end)) = (from, whole.from, whole.until) else { return Ok(opening) };
    let days = |from: Date| Decimal::from(from.duration_until(end).as_hours() / 24);
    money::div(money::mul(opening, days(from))?, days(first))
}

fn in_unit(value: &Value, measured: Measured) -> Result<Decimal, Missing> {
    match value {
        Value::Money(amount) => convert(*amount, Measured::Money, measured),
        Value::Quantity(quantity) => convert(quantity.amount, Measured::Unit(quantity.unit), measured),
        other => Err(Missing::Fact(format!("amount ({other})"))),
    }
}

/// An amount in what another is counted in.
pub(super) fn convert(amount: Decimal, from: Measured, to: Measured) -> Result<Decimal, Missing> {
    match (from, to) {
        (Measured::Money, Measured::Money) => Ok(amount),
        (Measured::Unit(a), Measured::Unit(b)) if a.kind() == b.kind() => Ok(a.convert(amount, b)?),
        (_, Measured::Unit(unit)) => Err(Missing::Quantity(unit.kind())),
        (Measured::Unit(_), Measured::Money) => Err(Missing::Fact("amount of money".to_owned())),
    }
}
