//! A flow as expressions see it.

use super::plan::{Cell, Interval};
use crate::expr::{Context, Fact, Group, Missing, Quantity, Value, condition, duty, eval};
use crate::money;
use crate::scenario::{MeasureType, RestsOn, Scenario};
use crate::trade::{Columns, Flow};
use crate::units::Kind;
use rust_decimal::Decimal;
use std::cell::RefCell;

/// A flow, the claims its portion makes, and what holds on its date.
pub(super) struct Facts<'a> {
    pub scenario: &'a Scenario,
    pub interval: &'a Interval,
    pub cell: &'a Cell,
    pub columns: &'a Columns,
    pub flow: &'a Flow,
    pub customs_value: Decimal,
    /// What the portion claims; `None` where only the flow's own column counts.
    pub claims: Option<&'a [String]>,
    /// Values of parameters that rest on the flow, once computed.
    pub known: RefCell<Vec<Option<Result<Value, Missing>>>>,
}

impl Facts<'_> {
    /// The same flow with the claims of a portion.
    pub fn claiming<'b>(&'b self, claims: &'b [String]) -> Facts<'b> {
        Facts { claims: Some(claims), known: RefCell::default(), ..*self }
    }

    /// Whether a claim is made by the flow's own column or by the portion.
    pub fn claims(&self, name: &str) -> bool {
        let own = self.flow.claims.as_ref().is_some_and(|own| own.iter().any(|c| c == name));
        own || self.claims.is_some_and(|claims| claims.iter().any(|c| c == name))
    }

    /// The stated MFN rate as a part of the value.
    fn mfn_rate(&self) -> Result<Decimal, Missing> {
        let mut best: Option<&super::plan::Member> = None;
        for member in self.cell.members.iter().filter(|m| m.kind == MeasureType::Mfn) {
            let holds = member.when.as_ref().map_or(Ok(true), |when| condition(when, self))?;
            if holds && best.is_none_or(|b| b.matched < member.matched) {
                best = Some(member);
            }
        }
        if let Some(reason) = best.and_then(|m| m.refused.as_ref()) {
            return Err(Missing::Fact(format!("MFN rate that can be read ({reason})")));
        }
        let rate =
            best.and_then(|m| m.rate.as_ref()).ok_or_else(|| Missing::Fact("stated MFN rate".to_owned()))?;
        let duty = duty(&eval(rate, self)?, self)?;
        if duty.is_ad_valorem() {
            return Ok(duty.ad_valorem);
        }
        Ok(money::div(duty.on(self.customs_value)?, self.customs_value)?)
    }
}

impl Context for Facts<'_> {
    fn parameter(&self, index: usize) -> Result<Value, Missing> {
        let Some(parameter) = self.scenario.parameters.get(index) else {
            return Err(Missing::Parameter(index.to_string()));
        };
        if parameter.rests_on == RestsOn::Day {
            return self.interval.on_day.get(index);
        }
        if let Some(Some(known)) = self.known.borrow().get(index) {
            return known.clone();
        }
        let value = parameter.value(self.interval.start, self);
        let mut known = self.known.borrow_mut();
        if known.len() <= index {
            known.resize(self.scenario.parameters.len(), None);
        }
        known[index] = Some(value.clone());
        value
    }

    fn value(&self) -> Result<Decimal, Missing> {
        Ok(self.customs_value)
    }

    fn quantity(&self, kind: Option<Kind>) -> Result<Quantity, Missing> {
        let mut given = self.flow.quantities.iter().flatten();
        match kind {
            None => given.next().copied().ok_or_else(|| Missing::Fact("quantity".to_owned())),
            Some(kind) => {
                if self.flow.quantities.iter().all(Option::is_none) {
                    return Err(Missing::Fact("quantity".to_owned()));
                }
                given.find(|q| q.unit.kind() == kind).copied().ok_or(Missing::Quantity(kind))
            }
        }
    }

    fn fact(&self, fact: &Fact) -> Result<Value, Missing> {
        Ok(match fact {
            Fact::Freight => Value::Money(self.flow.freight),
            Fact::Insurance => Value::Money(self.flow.insurance),
            Fact::Entries => Value::Number(self.flow.entries),
            Fact::Date => Value::Date(self.flow.date),
            Fact::Origin => Value::Origin(self.flow.origin.value),
            Fact::Product => Value::Product(self.flow.product),
            Fact::Party => {
                let party = self.flow.party.as_deref();
                Value::Text(party.ok_or_else(|| Missing::Fact("party".to_owned()))?.into())
            }
            Fact::Content(name) => {
                let at = self.columns.content.iter().position(|n| n == name);
                let share = at.and_then(|at| self.flow.content.get(at).copied().flatten());
                Value::Number(share.ok_or_else(|| Missing::Fact(format!("content.{name}")))?)
            }
            Fact::Claims(name) => Value::Condition(self.claims(name)),
            Fact::MfnRate => Value::Number(self.mfn_rate()?),
            Fact::Value => Value::Money(self.customs_value),
            Fact::Quantity(kind) | Fact::UnitValue(kind) => Value::Quantity(self.quantity(*kind)?),
            Fact::Attribute(name, _) => Value::Text(self.attribute(name)?.into()),
        })
    }

    fn attribute(&self, name: &str) -> Result<&str, Missing> {
        let at = self.columns.attributes.iter().position(|n| n == name);
        let cell = at.and_then(|at| self.flow.attributes.get(at)?.as_deref());
        cell.ok_or_else(|| Missing::Fact(format!("attr.{name}")))
    }

    fn is_in(&self, group: Group) -> Result<bool, Missing> {
        Ok(self.scenario.is_in(group, self.flow.product, self.flow.origin.value, self.flow.date))
    }
}
