//! What a scenario asks of its flows and what their columns give, held side by side before anything is assessed:
//! a misspelt column or claim is said rather than found missing on every flow.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Span, nearest};
use crate::expr::{Expr, Fact, Node};
use crate::scenario::{Form, Scenario};
use crate::trade::Columns;
use std::collections::{BTreeMap, BTreeSet};

/// Columns that are nearly those the scenario asks for, and claims that are nearly those it knows.
pub(super) fn check(scenario: &Scenario, given: &Columns, made: &BTreeSet<&str>) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let asked = Asked::of(scenario);
    columns("content", &asked.content, &given.content, &mut diagnostics);
    columns("attr", &asked.attributes, &given.attributes, &mut diagnostics);
    claims(scenario, &asked.claims, made, &mut diagnostics);
    diagnostics
}

/// Names the scenario asks for, with the place of the first expression that does.
#[derive(Default)]
struct Asked {
    content: BTreeMap<String, Span>,
    attributes: BTreeMap<String, Span>,
    claims: BTreeSet<String>,
}

/// The free columns a scenario looks at.
pub(super) fn attributes(scenario: &Scenario) -> BTreeSet<String> {
    Asked::of(scenario).attributes.into_keys().collect()
}

impl Asked {
    fn of(scenario: &Scenario) -> Asked {
        let mut asked = Asked::default();
        for formula in scenario.formulas() {
            asked.collect(&formula.expr, formula.span);
        }
        for parameter in &scenario.parameters {
            if let Form::By(Fact::Attribute(name, _), _) = &parameter.form {
                asked.attributes.entry(name.clone()).or_insert(parameter.span);
            }
        }
        for ledger in scenario.ledgers() {
            if let Some(Fact::Attribute(name, _)) = &ledger.by {
                asked.attributes.entry(name.clone()).or_insert(ledger.span);
            }
        }
        asked
    }

    fn collect(&mut self, expr: &Expr, span: Span) {
        expr.walk(&mut |e| match &e.node {
            Node::Fact(Fact::Content(name)) => {
                self.content.entry(name.clone()).or_insert(span);
            }
            Node::Fact(Fact::Attribute(name, _)) => {
                self.attributes.entry(name.clone()).or_insert(span);
            }
            Node::Fact(Fact::Claims(name)) => {
                self.claims.insert(name.clone());
            }
            _ => {}
        });
    }
}

fn columns(family: &str, asked: &BTreeMap<String, Span>, given: &[String], diagnostics: &mut Diagnostics) {
    for (name, span) in asked {
        if given.contains(name) {
            continue;
        }
        if let Some(near) = nearest(name, given.iter().map(String::as_str)) {
            let message = format!("the flows have no column for `{family}.{name}`");
            diagnostics.push(
                Diagnostic::at(Code::MissingColumn, *span, message)
                    .help(format!("did you mean `{family}.{near}`?")),
            );
        }
    }
}

/// Warns of claims in the flows that the scenario does not know but nearly does.
fn claims(
    scenario: &Scenario,
    asked: &BTreeSet<String>,
    made: &BTreeSet<&str>,
    diagnostics: &mut Diagnostics,
) {
    let claimed = scenario.measures.iter().filter(|m| m.kind.is_claimed()).map(|m| m.claim.as_str());
    let claimed = claimed.chain(scenario.ledgers().filter_map(|ledger| ledger.claim.as_deref()));
    let known: BTreeSet<&str> = claimed.chain(asked.iter().map(String::as_str)).collect();
    let by_measures: BTreeSet<&str> =
        scenario.measures.iter().filter(|m| m.kind.is_claimed()).map(|m| m.claim.as_str()).collect();
    for ledger in scenario.ledgers() {
        let Some(claim) = ledger.claim.as_deref() else { continue };
        if by_measures.contains(claim) || made.contains(claim) {
            continue;
        }
        let message =
            format!("`{}` asks for the claim `{claim}`, which no measure and no flow makes", ledger.id);
        let known = by_measures.iter().chain(made).copied();
        let diagnostic = Diagnostic::at(Code::NearMissClaim, ledger.span, message);
        diagnostics.push(match nearest(claim, known) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => {
                diagnostic.help("give flows a `claims` column, or a preference that is claimed by this name")
            }
        });
    }
    for &claim in made {
        if known.contains(claim) {
            continue;
        }
        if let Some(near) = nearest(claim, known.iter().copied()) {
            let message = format!("flows claim `{claim}`, which no measure knows");
            diagnostics
                .push(Diagnostic::new(Code::NearMissClaim, message).help(format!("did you mean `{near}`?")));
        }
    }
}
