//! What a market's numbers rest on, in words.

use super::base::{Base, Foreign};
use super::law::Law;
use crate::money::{RoundingMode, grouped, mul, plain};
use crate::scenario::{Abroad, Market, Rent, Scenario, Shape};
use rust_decimal::Decimal;

/// Something that a model takes as given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// The key that says it.
    pub key: &'static str,
    /// What it says, in words.
    pub text: String,
    /// Whether the scenario does not say it, and it stands in for what is not said.
    pub by_default: bool,
}

/// All that a market rests on.
pub fn assumptions(scenario: &Scenario, market: &Market, base: &Base, law: &Law) -> Vec<Assumption> {
    let mut all = Vec::new();
    let mut say = |key: &'static str, text: String, by_default: bool| {
        all.push(Assumption { key, text, by_default });
    };
    let shape = match market.shape.value {
        Shape::Linear => "demand and supply are straight lines through the point before",
        Shape::ConstantElasticity => "demand and supply have one elasticity at every price",
    };
    say("form", shape.to_owned(), market.shape.by_default);
    say("demand_elasticity", format!("demand elasticity {}", number(base.demand.elasticity)), false);
    if let Some(supply) = &base.supply {
        say(
            "domestic_supply_elasticity",
            format!("domestic supply elasticity {}", number(supply.elasticity)),
            false,
        );
        say(
            "domestic_output",
            "domestic output is as good as what is imported, and is all sold at home".to_owned(),
            false,
        );
    } else {
        say("domestic_output", "nothing is made at home".to_owned(), market.domestic_output.is_none());
    }
    say(
        "export_supply_elasticity",
        abroad(market, base),
        matches!(market.abroad, Abroad::Infinite { by_default: true }),
    );
    if let Some(substitution) = base.substitution {
        let text = format!(
            "buyers divide imports between origins with an elasticity of substitution of {} (Armington)",
            number(substitution)
        );
        say("substitution_elasticity", text, false);
    } else if law.origins.len() > 1 {
        say("substitution_elasticity", "imports from all origins are one good".to_owned(), true);
    }
    quotas(market, law, &mut say);
    if law.specific {
        let text = "duties by weight or number count as their part of the price before".to_owned();
        say("rate", text, true);
    }
    say("flows", "the flows are the trade before; only duty drives a wedge between prices".to_owned(), true);
    let cited = market.sources.iter().filter_map(|at| scenario.sources.get(*at));
    for source in cited {
        say("source", format!("elasticities from {}", source.title), false);
    }
    all
}

/// What quotas are taken to do.
fn quotas(market: &Market, law: &Law, say: &mut dyn FnMut(&'static str, String, bool)) {
    if law.tiers.iter().any(Option::is_some) {
        let rent = match market.rent.value {
            Rent::Importers => "importers who hold the licences get the rent of a quota",
            Rent::Exporters => "sellers abroad get the rent of a quota",
            Rent::Treasury => "the treasury gets the rent of a quota, since it auctions the licences",
        };
        say("quota_rent", rent.to_owned(), market.rent.by_default);
        say("quota", "the periods of a quota are taken together, with nothing carried".to_owned(), true);
    }
    if law.mixed_quotas {
        let text = "quotas admit the part of the trade that they admit of the flows as they are".to_owned();
        say("quota", text, true);
    }
}

/// Supply from abroad, and what it implies.
fn abroad(market: &Market, base: &Base) -> String {
    let implied = match base.pass_through {
        Some(part) => format!("of a small duty {} shows in the price to buyers", percent(part)),
        None => "what shows of a duty in the price to buyers is not settled".to_owned(),
    };
    match (&market.abroad, &base.foreign) {
        (Abroad::Infinite { .. }, _) | (Abroad::Elasticity(_), Foreign::Infinite) => {
            "the country is small: the world price stands still, and all of a duty shows in the price to buyers"
                .to_owned()
        }
        (Abroad::Elasticity(_), Foreign::Rising(elasticity)) => {
            format!("export supply elasticity {}; implied: {implied}", number(*elasticity))
        }
        (stated, foreign) => {
            let source = match stated {
                Abroad::Preset(preset) => format!(" ({})", preset.source),
                _ => String::new(),
            };
            let implied = match foreign {
                Foreign::Infinite => "infinite".to_owned(),
                Foreign::Rising(elasticity) => number(*elasticity),
            };
            let part = base.pass_through.map(percent).unwrap_or_default();
            format!(
                "of a small duty {part} shows in the price to buyers{source}; implied: export supply elasticity {implied}"
            )
        }
    }
}

/// A number in words, with at most four places.
pub fn number(number: Decimal) -> String {
    let rounded = RoundingMode::HalfUp.places(number, 4).normalize();
    if rounded.abs() < Decimal::from(1_000) { plain(rounded) } else { grouped(rounded, rounded.scale()) }
}

/// A part in words, as a percentage with at most two places.
pub fn percent(part: Decimal) -> String {
    let hundredths = mul(part, Decimal::ONE_HUNDRED).unwrap_or(part);
    format!("{}%", plain(RoundingMode::HalfUp.places(hundredths, 2)))
}
