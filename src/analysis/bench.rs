//! One scenario held fast but for a few parameters: each setting of them is a point, run like any other scenario. What
//! spreads points over threads is not here: a point asks nothing but the bench, which does not change.

use crate::assess::{Assessed, By, Plan, Run, Seen, Statement, Totals, assess, totals};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span};
use crate::files::Files;
use crate::money::{self, ArithmeticError};
use crate::scenario::{self, Book, Ledger, Request, Scenario, Setting};
use crate::trade::{self, FlowRequest, Flows};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A scenario's text with its flows, both read once.
pub struct Bench {
    book: Book,
    variant: Option<String>,
    settings: Vec<Setting>,
    /// The names that `--set` gives a value.
    set: Vec<String>,
    base: Scenario,
    flows: Flows,
}

/// A parameter's new value at a point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The parameter.
    pub name: String,
    /// Its value, as `--set` takes it.
    pub text: String,
    /// What asked for it.
    pub span: Span,
}

/// A scenario run at one point.
pub struct Trial {
    /// The scenario with its settings, compiled.
    pub plan: Plan,
    /// What came of its flows.
    pub assessed: Assessed,
    /// Sums over them.
    pub totals: Totals,
}

impl Bench {
    /// Reads a scenario as `run` does, every variant of the file included, and its flows; warnings come with it.
    pub fn read(
        request: &Request,
        flows: &FlowRequest,
        files: &dyn Files,
        sources: &mut Sources,
    ) -> Result<(Bench, Diagnostics), Diagnostics> {
        let (book, mut said) = Book::read(&request.path, files, sources)?;
        if let Some(id) = &request.variant
            && !book.variants().contains(id)
        {
            said.push(book.unknown_variant(id));
            return Err(said);
        }
        let settings = scenario::settings(&request.set, sources, &mut said);
        let scenarios = match book.all(&settings, sources) {
            Ok((scenarios, warnings)) => {
                said.extend(warnings);
                scenarios
            }
            Err(found) => {
                said.extend(found);
                return Err(said);
            }
        };
        let asked = |s: &Scenario| s.variant.as_ref().map(|variant| &variant.id) == request.variant.as_ref();
        let Some(base) = scenarios.into_iter().find(asked) else { return Err(said) };
        let Some(flows) = trade::load(&base, flows, files, sources, &mut said) else { return Err(said) };
        let set = request.set.iter().filter_map(|text| text.split_once('='));
        let set = set.map(|(name, _)| name.trim().to_owned()).collect();
        Ok((Bench { book, variant: request.variant.clone(), settings, set, base, flows }, said))
    }

    /// The scenario as it is written and set, before anything is varied.
    pub fn base(&self) -> &Scenario {
        &self.base
    }

    /// Whether `--set` gives a parameter its value.
    pub fn sets(&self, name: &str) -> bool {
        self.set.iter().any(|set| set == name)
    }

    /// Its flows.
    pub fn flows(&self) -> &Flows {
        &self.flows
    }

    /// The scenario run with some parameters turned; exactly what `run` gives with them set.
    pub fn trial(&self, turns: &[Turn], sources: &Sources) -> Result<(Trial, Diagnostics), Diagnostics> {
        let own = turns.iter().map(|turn| Setting::new(&turn.name, &turn.text, turn.span));
        let settings: Vec<Setting> = self.settings.iter().cloned().chain(own).collect();
        let place = |found: Diagnostics| placed(found, turns);
        let (scenario, mut said) =
            self.book.scenario(self.variant.as_deref(), &settings, sources).map_err(place)?;
        let plan = Plan::compile(scenario);
        let (assessed, warnings) = assess(&plan, &self.flows).map_err(place)?;
        said.extend(warnings);
        let totals =
            totals(plan.scenario(), &self.flows, &assessed.sheets).map_err(|error| place(overflow(error)))?;
        Ok((Trial { plan, assessed, totals }, said))
    }
}

/// Says that a sum over flows has more digits than can be kept.
pub fn overflow(error: ArithmeticError) -> Diagnostics {
    let message = format!("the totals cannot be computed: {error}");
    Diagnostic::new(Code::TotalOverflow, message)
        .help("split the flows, or give their values in a larger unit")
        .into()
}

/// Mistakes that only a point has say at which.
fn placed(found: Diagnostics, turns: &[Turn]) -> Diagnostics {
    let at: Vec<String> = turns.iter().map(|turn| format!("{} = {}", turn.name, turn.text)).collect();
    let mut diagnostics = Diagnostics::new();
    for diagnostic in found {
        let named = turns.iter().any(|turn| diagnostic.labels.first().is_some_and(|l| l.span == turn.span));
        let say = diagnostic.is_error() && !at.is_empty() && !named;
        diagnostics.push(if say {
            diagnostic.help(format!("this is so at {}", at.join(", ")))
        } else {
            diagnostic
        });
    }
    diagnostics
}

/// How far a quota or credit is drawn, over all its periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fill {
    /// The quota or credit.
    pub id: String,
    /// Whether it is a quota.
    pub is_quota: bool,
    /// Whose pool it is; `None` where there is one for all.
    pub party: Option<String>,
    /// What was drawn by what was there to draw; `None` where there was nothing.
    pub fill: Option<Decimal>,
}

impl Trial {
    /// The same as a run of flows, in no groups.
    pub fn into_run(self, flows: Flows) -> Run {
        let Assessed { sheets, quotas, credits } = self.assessed;
        let seen = Seen::of(&flows, &sheets);
        Run {
            plan: self.plan,
            flows,
            sheets,
            quotas,
            credits,
            totals: self.totals,
            groups: Vec::new(),
            by: By::Flow,
            seen,
        }
    }

    /// The scenario as it was run.
    pub fn scenario(&self) -> &Scenario {
        self.plan.scenario()
    }

    /// The statements of quotas, then of credits, each with what it is of.
    pub fn statements(&self) -> impl Iterator<Item = (&Ledger, bool, &Statement)> {
        let scenario = self.scenario();
        let quotas =
            self.assessed.quotas.iter().filter_map(|statement| {
                Some((&scenario.quotas.get(statement.ledger)?.ledger, true, statement))
            });
        let credits = self.assessed.credits.iter().filter_map(|statement| {
            Some((&scenario.credits.get(statement.ledger)?.ledger, false, statement))
        });
        quotas.chain(credits)
    }

    /// How far each pool is drawn.
    pub fn fills(&self) -> Result<Vec<Fill>, ArithmeticError> {
        let mut sums: Vec<(Fill, Decimal, Decimal)> = Vec::new();
        let mut places: BTreeMap<(bool, usize, Option<&str>), usize> = BTreeMap::new();
        for (ledger, is_quota, statement) in self.statements() {
            let had = money::add(statement.opening, statement.carried_in)?;
            let fill = Fill { id: ledger.id.clone(), is_quota, party: statement.party.clone(), fill: None };
            let pool = (is_quota, statement.ledger, statement.party.as_deref());
            let at = *places.entry(pool).or_insert(sums.len());
            match sums.get_mut(at) {
                Some((_, drawn, whole)) => {
                    *drawn = money::add(*drawn, statement.drawn)?;
                    *whole = money::add(*whole, had)?;
                }
                None => sums.push((fill, statement.drawn, had)),
            }
        }
        let part = |(fill, drawn, whole)| Fill { fill: money::div(drawn, whole).ok(), ..fill };
        Ok(sums.into_iter().map(part).collect())
    }
}
