//! Elasticities and shares are looked at when the scenario is loaded, on every day on which something changes.

use super::chain::Chain;
use super::market::{
    CONSUMPTION, DEMAND, DOMESTIC_OUTPUT, DOMESTIC_SUPPLY, EXPORT_SUPPLY, Market, PASS_THROUGH, RETAIL,
    SUBSTITUTION, WORLD_PRICE,
};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::{Missing, Value};
use crate::money;
use crate::scenario::constants::{OnDay, is_constant, percent_or_plain};
use crate::scenario::formula::Formula;
use crate::scenario::model::Scenario;
use rust_decimal::Decimal;

/// Says of elasticities with the wrong sign, shares above one, and values that rest on a flow.
pub fn check(scenario: &Scenario, on_day: &OnDay, diagnostics: &mut Diagnostics) {
    let value =
        |formula: &Formula, diagnostics: &mut Diagnostics| value(formula, scenario, on_day, diagnostics);
    for (key, formula) in scenario.markets.iter().flat_map(Market::formulas) {
        let Some(number) = value(formula, diagnostics) else { continue };
        diagnostics.extend(misfit(key, number).map(|(code, message, help)| {
            formula.diagnostic(code, format!("`{key}` is {}: {message}", written(formula, number))).help(help)
        }));
    }
    for chain in &scenario.chains {
        let shares: Vec<Option<Decimal>> =
            chain.inputs.iter().map(|input| value(&input.share, diagnostics)).collect();
        let offset = chain.offset.as_ref().map(|offset| (offset, value(offset, diagnostics)));
        let all = chain.inputs.iter().map(|input| &input.share).zip(&shares);
        for (formula, number) in all.map(|(f, n)| (f, *n)).chain(offset) {
            if number.is_some_and(|n| !within_one(n)) {
                diagnostics.push(
                    formula
                        .diagnostic(
                            Code::ShareOutOfRange,
                            format!("the share {} is outside 0 to 1", formula.text),
                        )
                        .help("write a part of the value of the output, such as 0.4 or 40%"),
                );
            }
        }
        if let Some(shares) = shares.into_iter().collect::<Option<Vec<_>>>() {
            diagnostics.extend(overfull(chain, &shares));
        }
    }
}

/// A number as the scenario writes it, where it does.
fn written(formula: &Formula, number: Decimal) -> String {
    match formula.expr.as_literal() {
        Some(_) => formula.text.clone(),
        None => money::plain(number),
    }
}

/// What a value is on the day; `None` where it has none yet, or that is said elsewhere.
fn value(
    formula: &Formula,
    scenario: &Scenario,
    on_day: &OnDay,
    diagnostics: &mut Diagnostics,
) -> Option<Decimal> {
    if !is_constant(&formula.expr, &scenario.parameters) {
        let message = format!("`{}` rests on single flows, where one value is wanted for all", formula.text);
        diagnostics
            .push(formula.diagnostic(Code::NeedsFlow, message).help("name a parameter that rests on none"));
        return None;
    }
    match on_day.eval(&formula.expr) {
        Ok(value) => value.amount(),
        Err(_) if on_day.fails_behind(&formula.expr) => None,
        Err(Missing::Arithmetic(error)) => {
            diagnostics.push(formula.without_value(error, on_day));
            None
        }
        Err(_) => None,
    }
}

fn within_one(number: Decimal) -> bool {
    number >= Decimal::ZERO && number <= Decimal::ONE
}

/// What is wrong with the number of a key: the code, why, and what to write.
fn misfit(key: &str, number: Decimal) -> Option<(Code, &'static str, &'static str)> {
    let above_zero = number > Decimal::ZERO;
    let share = (Code::ShareOutOfRange, "outside 0 to 1", "write a part of the duty, such as 95%");
    match key {
        DEMAND if number >= Decimal::ZERO => Some((
            Code::BadElasticity,
            "a higher price must lower what is bought",
            "write it below zero: \"-1.5\"",
        )),
        DOMESTIC_SUPPLY | SUBSTITUTION if number < Decimal::ZERO => {
            Some((Code::BadElasticity, "it must not be below zero", "leave out its sign"))
        }
        EXPORT_SUPPLY if !above_zero => Some((
            Code::BadElasticity,
            "a higher price must raise what is sold",
            "write it above zero, or \"infinite\" for a world price that stands still",
        )),
        PASS_THROUGH if !above_zero || !within_one(number) => Some(share),
        RETAIL if !within_one(number) => Some(share),
        WORLD_PRICE if !above_zero => {
            Some((Code::BadMarket, "goods that cost nothing have no market", "write a price above zero"))
        }
        CONSUMPTION | DOMESTIC_OUTPUT if number < Decimal::ZERO => {
            Some((Code::BadMarket, "it must not be below zero", "leave out its sign"))
        }
        _ => None,
    }
}

/// Says of a chain that leaves no value for its maker to add.
fn overfull(chain: &Chain, shares: &[Decimal]) -> Option<Diagnostic> {
    let all = money::sum(shares.iter().copied()).ok()?;
    (all >= Decimal::ONE && shares.iter().all(|share| within_one(*share))).then(|| {
        let message = format!(
            "the inputs of `{}` make up {} of its output: no value is left to protect",
            chain.id,
            percent_or_plain(&Value::Number(all))
        );
        Diagnostic::at(Code::BadChain, chain.span, message).help("their shares come to less than 1")
    })
}
