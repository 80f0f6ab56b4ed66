//! What a report says of flows in words: where from, where to, when, and why some have no duty.

use super::worksheet::Worksheet;
use crate::country::Country;
use crate::date::Date;
use crate::product::Product;
use crate::trade::{Flow, Flows};
use std::collections::BTreeSet;

/// Flows without a duty that are named with their reason; the others are only counted.
pub const NAMED: usize = 10;

/// What was seen of flows and their worksheets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// How many flows.
    pub flows: usize,
    /// Where they are from.
    pub origins: BTreeSet<Country>,
    /// Who imports them.
    pub importers: BTreeSet<Country>,
    /// The first and the last day on which one is entered.
    pub days: Option<(Date, Date)>,
    /// The first flows without a duty, in the order they were read.
    pub not_computable: Vec<NotComputable>,
    /// The steps of measures that stand on some worksheet.
    pub steps: BTreeSet<(usize, usize)>,
}

/// A flow without a duty, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotComputable {
    /// Its name.
    pub id: String,
    /// What it is.
    pub product: Product,
    /// Why, in a sentence.
    pub reason: String,
}

impl Seen {
    /// All of them.
    pub fn of(flows: &Flows, sheets: &[Worksheet]) -> Seen {
        let mut seen = Seen { flows: flows.rows.len(), ..Seen::default() };
        for (flow, sheet) in flows.rows.iter().zip(sheets) {
            seen.enter(flow.origin.value, flow.importer.value, flow.date);
            seen.steps.extend(sheet.charges.iter().map(|charge| (charge.measure, charge.step)));
            if seen.not_computable.len() < NAMED {
                seen.not_computable.extend(NotComputable::of(flow, sheet));
            }
        }
        seen
    }

    /// Notes where flows are from, who imports them and a day they are entered on.
    pub(super) fn enter(&mut self, origin: Country, importer: Country, day: Date) {
        self.origins.insert(origin);
        self.importers.insert(importer);
        self.enter_on(day);
    }

    /// Takes in what was seen elsewhere, less how many flows there are and which have no duty.
    pub(super) fn join(&mut self, other: Seen) {
        self.origins.extend(other.origins);
        self.importers.extend(other.importers);
        self.steps.extend(other.steps);
        if let Some((first, last)) = other.days {
            self.enter_on(first);
            self.enter_on(last);
        }
    }

    /// Notes a day flows are entered on.
    pub(super) fn enter_on(&mut self, day: Date) {
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }
}

impl NotComputable {
    /// A flow's, where it has no duty.
    pub(super) fn of(flow: &Flow, sheet: &Worksheet) -> Option<NotComputable> {
        let reason = sheet.not_computable.clone()?;
        Some(NotComputable { id: flow.id.clone(), product: flow.product, reason })
    }
}
