//! Step 1: which of the measures that fit a flow's goods, origin and date are in force for it.

use super::facts::Facts;
use super::plan::Member;
use super::stop::Stop;
use crate::expr::{Missing, condition};

/// Whether a measure's condition holds.
pub(super) fn holds(member: &Member, facts: &Facts<'_>) -> Result<bool, Stop> {
    match &member.when {
        None => Ok(true),
        Some(when) => condition(when, facts).map_err(|m| missing(member, facts, &m)),
    }
}

/// The measure's id.
pub(super) fn id<'a>(member: &Member, facts: &Facts<'a>) -> &'a str {
    facts.scenario.measures.get(member.measure).map_or("?", |m| m.id.as_str())
}

/// Says which measure lacks what.
pub(super) fn missing(member: &Member, facts: &Facts<'_>, missing: &Missing) -> Stop {
    Stop::NotComputable(format!("{}: {missing}", id(member, facts)))
}
