//! How sure a model is: its outcomes over draws of the parameters that say what they may turn out to be.

use super::accounts::Party;
use super::{Impact, outcome};
use crate::analysis::bench::{Bench, Turn};
use crate::analysis::draws::percentile;
use crate::assess::Run;
use crate::diagnostic::{Diagnostics, Sources};
use crate::money::{ArithmeticError, add};
use rust_decimal::Decimal;

/// What one model comes to: the change of each group, and what is imported after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The changes, in the order of [`Party::ALL`].
    pub changes: [Decimal; 7],
    /// What is imported after, at world prices before.
    pub imports: Decimal,
}

/// A number over draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// Whose change it is; `None` for what is imported.
    pub party: Option<Party>,
    /// As written.
    pub written: Decimal,
    /// The fifth, the fiftieth and the ninety-fifth percentile.
    pub percentiles: [Decimal; 3],
}

/// Every number over draws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bands {
    /// How many draws.
    pub draws: usize,
    /// What they began from.
    pub seed: u64,
    /// The parameters that were drawn.
    pub drawn: Vec<String>,
    /// The numbers.
    pub bands: Vec<Band>,
}

impl Outcome {
    /// What a model comes to.
    pub fn of(impact: &Impact) -> Result<Outcome, ArithmeticError> {
        let mut imports = Decimal::ZERO;
        for market in &impact.markets {
            imports = add(imports, market.after.imports)?;
        }
        Ok(Outcome { changes: Party::ALL.map(|party| impact.accounts.of(party).change), imports })
    }

    /// The change of a group.
    pub fn change(&self, party: Party) -> Decimal {
        let at = Party::ALL.iter().position(|known| *known == party).unwrap_or_default();
        self.changes[at]
    }
}

/// What one draw comes to. The baseline stands as it is written.
pub fn drawn(
    bench: &Bench,
    before: Option<(&Run, &str)>,
    turns: &[Turn],
    sources: &Sources,
) -> Result<Outcome, Diagnostics> {
    let (trial, _) = bench.trial(turns, sources)?;
    outcome(before, &trial.into_run(bench.flows().clone()))
}

/// The percentiles of what draws come to.
pub fn bands(written: &Outcome, outcomes: &[Outcome], drawn: &[Vec<Turn>], seed: u64) -> Bands {
    let over = |of: &dyn Fn(&Outcome) -> Decimal| {
        let mut numbers: Vec<Decimal> = outcomes.iter().map(of).collect();
        numbers.sort_unstable();
        [5, 50, 95].map(|hundredths| percentile(&numbers, hundredths).unwrap_or_default())
    };
    let party = |party: Party| Band {
        party: Some(party),
        written: written.change(party),
        percentiles: over(&|outcome| outcome.change(party)),
    };
    let mut bands: Vec<Band> = Party::ALL.into_iter().map(party).collect();
    bands.push(Band { party: None, written: written.imports, percentiles: over(&|outcome| outcome.imports) });
    Bands {
        draws: outcomes.len(),
        seed,
        drawn: drawn.first().into_iter().flatten().map(|turn| turn.name.clone()).collect(),
        bands,
    }
}
