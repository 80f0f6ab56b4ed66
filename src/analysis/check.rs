//! Whether a scenario is sound beyond being valid: what it covers, and what in it does nothing or rests on nothing.

use super::tried::{Goods, Tried};
use crate::date::{Date, Window};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::{Expr, Group, Node};
use crate::scenario::{Form, Formula, Ledger, Measure, Rate, Scenario, Status, Step};
use std::collections::BTreeSet;

/// What a file covers, and what is odd in it.
#[derive(Debug)]
pub struct Checked {
    /// The file, as the user named it.
    pub file: String,
    /// Its title.
    pub title: String,
    /// Its variants.
    pub variants: usize,
    /// Flows it was held against.
    pub flows: usize,
    /// Its measures, in the order of the file; those only variants have last.
    pub coverage: Vec<Coverage>,
}

/// What one measure covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// The measure.
    pub id: String,
    /// Its type.
    pub kind: &'static str,
    /// When it is in force.
    pub window: Window,
    /// How many dated steps it has.
    pub steps: usize,
    /// Flows of its goods and origins, whatever the day.
    pub flows: usize,
    /// How many sources it and its steps cite.
    pub sources: usize,
}

/// Checks a file: `runs` are its base and each of its variants, on their flows; `today` is the day it is checked on.
pub fn check(runs: &[Tried], today: Date) -> Option<(Checked, Diagnostics)> {
    let base = runs.first()?;
    let mut diagnostics = Diagnostics::new();
    let mut coverage: Vec<Coverage> = Vec::new();
    for run in runs {
        for measure in &run.scenario().measures {
            let flows = run.trade.count(measure);
            match coverage.iter_mut().find(|known| known.id == measure.id) {
                Some(known) => known.flows = known.flows.max(flows),
                None => coverage.push(covers(measure, flows)),
            }
        }
        for (ledger, kind) in ledgers(run.scenario()) {
            let drawing = run.trade.goods().filter(|goods| draws(run.scenario(), ledger, goods));
            let flows = drawing.map(|goods| goods.flows).sum();
            match coverage.iter_mut().find(|known| known.id == ledger.id) {
                Some(known) => known.flows = known.flows.max(flows),
                None => coverage.push(Coverage {
                    id: ledger.id.clone(),
                    kind,
                    window: ledger.reach.window,
                    steps: 1,
                    flows,
                    sources: ledger.sources.len(),
                }),
            }
        }
        quotas_overlap(run, &mut diagnostics);
        sources(run.scenario(), &mut diagnostics);
        idle_steps(run.scenario(), &mut diagnostics);
    }
    unmatched(runs, &coverage, &mut diagnostics);
    base_not_stated(base, &mut diagnostics);
    unused_groups(runs, &mut diagnostics);
    unused_parameters(runs, &mut diagnostics);
    verified(base.scenario(), today, &mut diagnostics);
    let scenario = base.scenario();
    // What a file takes over from another is judged where it is written.
    let own = scenario.span.file;
    let judged_elsewhere = |diagnostic: &Diagnostic| {
        let unused =
            matches!(diagnostic.code, Code::MatchesNoFlow | Code::GroupUnused | Code::ParameterUnused);
        unused && diagnostic.labels.first().is_some_and(|label| label.span.file != own)
    };
    let mut judged = Diagnostics::new();
    diagnostics.into_iter().filter(|d| !judged_elsewhere(d)).for_each(|d| judged.push(d));
    let checked = Checked {
        file: scenario.file.clone(),
        title: scenario.title.clone(),
        variants: runs.len() - 1,
        flows: base.trade.flows,
        coverage,
    };
    Some((checked, judged))
}

fn covers(measure: &Measure, flows: usize) -> Coverage {
    let cited: BTreeSet<usize> =
        measure.sources.iter().chain(measure.steps.iter().flat_map(|step| &step.sources)).copied().collect();
    Coverage {
        id: measure.id.clone(),
        kind: measure.kind.name(),
        window: measure.in_force(),
        steps: measure.steps.len(),
        flows,
        sources: cited.len(),
    }
}

/// Quotas and credits, with what they are.
fn ledgers(scenario: &Scenario) -> impl Iterator<Item = (&Ledger, &'static str)> {
    let quotas = scenario.quotas.iter().map(|quota| (&quota.ledger, "quota"));
    quotas.chain(scenario.credits.iter().map(|credit| (&credit.ledger, "credit")))
}

/// Whether goods may draw on a quota or credit: it reaches them, and one of its measures fits them.
fn draws(scenario: &Scenario, ledger: &Ledger, goods: &Goods<'_>) -> bool {
    let measures = ledger.measures.iter().filter_map(|at| scenario.measures.get(*at));
    let last = ledger.reach.window.until.and_then(|until| until.yesterday().ok());
    // As of a measure, on the flow's own day or at one of the ends.
    let days = [Some(goods.date), ledger.reach.window.from, last];
    let reaches = |day: Date| ledger.reach.covers(goods.product, goods.origin, goods.importer, day);
    days.into_iter().flatten().any(reaches) && measures.into_iter().any(|measure| goods.fits(measure))
}

/// Quotas that admit the same goods to the same measure at once: one is drawn on before the other, by its id alone.
fn quotas_overlap(run: &Tried, diagnostics: &mut Diagnostics) {
    let scenario = run.scenario();
    let plain = |ledger: &&Ledger| ledger.when.is_none();
    let ledgers: Vec<&Ledger> = scenario.quotas.iter().map(|quota| &quota.ledger).filter(plain).collect();
    if ledgers.len() < 2 {
        return;
    }
    let mut said: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut all: Vec<Goods<'_>> = run.trade.goods().collect();
    all.sort_by_key(|goods| (goods.product, goods.origin, goods.importer, goods.date));
    for goods in all {
        let Goods { product, origin, importer, date, .. } = goods;
        let reaching: Vec<usize> = (0..ledgers.len())
            .filter(|at| ledgers[*at].reach.covers(product, origin, importer, date))
            .collect();
        for (at, first) in reaching.iter().enumerate() {
            for second in &reaching[at + 1..] {
                let shared = shared(scenario, ledgers[*first], ledgers[*second], &goods);
                if let Some(measure) = shared.filter(|_| said.insert((*first, *second))) {
                    diagnostics.push(overlap(ledgers[*first], ledgers[*second], measure, &goods));
                }
            }
        }
    }
}

/// A measure that two quotas are for and that fits some goods, where no claim tells them apart.
fn shared<'a>(
    scenario: &'a Scenario,
    first: &Ledger,
    second: &Ledger,
    goods: &Goods<'_>,
) -> Option<&'a Measure> {
    let both = first.measures.iter().filter(|measure| second.measures.contains(measure));
    let mut measures = both.filter_map(|at| scenario.measures.get(*at)).filter(|measure| goods.fits(measure));
    measures.next().filter(|_| first.claim == second.claim)
}

fn overlap(first: &Ledger, second: &Ledger, measure: &Measure, goods: &Goods<'_>) -> Diagnostic {
    let message = format!(
        "`{}` and `{}` both admit goods to `{}`, such as flow {} ({})",
        first.id, second.id, measure.id, goods.first, goods.product
    );
    let (sooner, later) = if first.id < second.id { (first, second) } else { (second, first) };
    Diagnostic::at(Code::QuotasOverlap, second.span, message).label(first.span, "the other").help(format!(
        "`{}` is drawn on first, then `{}`, in the order of their ids; give them other goods, origins or days if that is \
         not meant",
        sooner.id, later.id
    ))
}

/// A rate without a source is taken on trust; only an invented scenario needs none.
fn sources(scenario: &Scenario, diagnostics: &mut Diagnostics) {
    if matches!(scenario.status, Some(Status::Hypothetical | Status::Stylised)) {
        return;
    }
    for (ledger, kind) in ledgers(scenario) {
        if ledger.sources.is_empty() {
            let message = format!("the {kind} `{}` has no source", ledger.id);
            diagnostics.push(
                Diagnostic::at(Code::NoSource, ledger.span, message)
                    .help("cite one: source = \"ID\" of [sources.ID]; or say that the scenario is hypothetical or stylised"),
            );
        }
    }
    for measure in &scenario.measures {
        let bare = |step: &Step| step.rate.is_some() && step.sources.is_empty();
        if measure.sources.is_empty() && measure.steps.iter().any(bare) {
            let message = format!("the rate of `{}` has no source", measure.id);
            diagnostics.push(
                Diagnostic::at(Code::NoSource, measure.span, message)
                    .help("cite one: source = \"ID\" of [sources.ID]; or say that the scenario is hypothetical or stylised"),
            );
        }
    }
}

fn unmatched(runs: &[Tried], coverage: &[Coverage], diagnostics: &mut Diagnostics) {
    if runs.iter().all(|run| run.trade.flows == 0) {
        return;
    }
    for idle in coverage.iter().filter(|c| c.flows == 0) {
        let measures = runs.iter().flat_map(|run| &run.scenario().measures).map(|m| (&m.id, m.span));
        let ledgers = runs.iter().flat_map(|run| run.scenario().ledgers()).map(|l| (&l.id, l.span));
        if let Some((id, span)) = measures.chain(ledgers).find(|(id, _)| **id == idle.id) {
            let message = format!("`{id}` fits no flow");
            diagnostics.push(
                Diagnostic::at(Code::MatchesNoFlow, span, message)
                    .help("look at its products, origins and importer; or give it a flow to be tried on"),
            );
        }
    }
}

fn base_not_stated(base: &Tried, diagnostics: &mut Diagnostics) {
    let Some((id, product)) = &base.without_base else { return };
    let message = format!(
        "{}: no measure states the base duty of {} of {} flows, such as {id} ({product})",
        base.scenario().file,
        base.base_not_stated,
        base.trade.flows,
    );
    diagnostics.push(
        Diagnostic::new(Code::BaseNotStated, message)
            .help("add a measure of type \"mfn\" for them; its rate may be \"free\""),
    );
}

fn unused_groups(runs: &[Tried], diagnostics: &mut Diagnostics) {
    let named = |name: &str| runs.iter().any(|run| run.scenario().groups_named.contains(name));
    let asked: BTreeSet<String> = runs.iter().flat_map(|run| groups_asked(run.scenario())).collect();
    let unused = |name: &str| !named(name) && !asked.contains(name);
    for group in runs.first().iter().flat_map(|run| &run.scenario().products) {
        let holds = |goods: Goods<'_>| group.set.contains(goods.product, goods.date);
        if unused(&group.name) && !runs.iter().flat_map(|run| run.trade.goods()).any(holds) {
            let message = format!("the group `{}` is never used", group.name);
            diagnostics.push(
                Diagnostic::at(Code::GroupUnused, group.span, message)
                    .help("no measure, group or condition names it, and no flow falls in it"),
            );
        }
    }
    for group in runs.first().iter().flat_map(|run| &run.scenario().countries) {
        if unused(&group.name) {
            let message = format!("the group `{}` is never used", group.name);
            diagnostics.push(
                Diagnostic::at(Code::GroupUnused, group.span, message)
                    .help("no measure, group or condition names it"),
            );
        }
    }
}

/// The groups that conditions ask for.
fn groups_asked(scenario: &Scenario) -> Vec<String> {
    let mut asked = Vec::new();
    for formula in scenario.formulas() {
        formula.expr.walk(&mut |expr| match expr.node {
            Node::In(Group::Products(at)) => asked.extend(scenario.products.get(at).map(|g| g.name.clone())),
            Node::In(Group::Countries(at)) => {
                asked.extend(scenario.countries.get(at).map(|g| g.name.clone()));
            }
            _ => {}
        });
    }
    asked
}

fn unused_parameters(runs: &[Tried], diagnostics: &mut Diagnostics) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for run in runs {
        let scenario = run.scenario();
        let behind = |expr: &Expr| {
            scenario.parameters_behind(expr).into_iter().map(|p| p.name.clone()).collect::<Vec<_>>()
        };
        used.extend(scenario.rules().chain(scenario.model()).flat_map(|formula| behind(&formula.expr)));
    }
    for parameter in runs.first().iter().flat_map(|run| &run.scenario().parameters) {
        if !used.contains(&parameter.name) {
            let message = format!("the parameter `{}` is never used", parameter.name);
            diagnostics.push(
                Diagnostic::at(Code::ParameterUnused, parameter.span, message)
                    .help("nothing rests on it, in the file or in any of its variants"),
            );
        }
    }
}

/// A step that says the same as the one before, from the same sources.
fn idle_steps(scenario: &Scenario, diagnostics: &mut Diagnostics) {
    let mut say = |code_span, what: &str| {
        let message = format!("this step of `{what}` changes nothing");
        diagnostics.push(
            Diagnostic::at(Code::IdleStep, code_span, message)
                .help("take it out, or correct what it was to change"),
        );
    };
    for measure in &scenario.measures {
        for pair in measure.steps.windows(2) {
            if let [before, step] = pair
                && before.span != step.span
                && says_the_same(before, step)
            {
                say(step.span, &measure.id);
            }
        }
    }
    for parameter in &scenario.parameters {
        if let Form::Steps(steps) = &parameter.form {
            for pair in steps.windows(2) {
                if let [(_, before), (_, step)] = pair
                    && before.text == step.text
                {
                    say(step.span, &parameter.name);
                }
            }
        }
    }
}

fn says_the_same(a: &Step, b: &Step) -> bool {
    let text = |formula: &Option<Formula>| formula.as_ref().map(|f| f.text.clone());
    let rates = match (&a.rate, &b.rate) {
        (Some(Rate::Formula(a)), Some(Rate::Formula(b))) => a.text == b.text,
        _ => false,
    };
    rates
        && text(&a.share) == text(&b.share)
        && text(&a.when) == text(&b.when)
        && a.covers_article == b.covers_article
        && a.yields_to == b.yields_to
        && a.inclusive_of == b.inclusive_of
        && a.title == b.title
        && a.sources == b.sources
}

fn verified(scenario: &Scenario, today: Date, diagnostics: &mut Diagnostics) {
    let Some(day) = scenario.verified else { return };
    let year_later = Date::new(day.year().saturating_add(1), day.month(), day.day().min(28));
    if year_later.is_ok_and(|due| due < today) {
        let message = format!("the sources were last read on {day}, over a year ago");
        diagnostics.push(
            Diagnostic::at(Code::VerifiedLongAgo, scenario.verified_span, message)
                .help("read them again, and change `verified` to the day you did"),
        );
    }
}
