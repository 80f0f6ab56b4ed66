//! What a duty does to trade, prices, revenue and welfare, as text: law and model told apart on every line.

use super::impact_tables as tables;
use super::number::{count, grouped, money_in_words};
use super::page::{self, Block};
use super::sweep::names;
use super::{Format, Layout, impact_beside, impact_chain, impact_csv, impact_json};
use crate::analysis::impact::{Accounts, Bands, Best, Impact, MarketImpact, Party, Regime};
use crate::money::RoundingMode;
use rust_decimal::Decimal;

/// A part of the answer that may be shown alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImpactPart {
    /// Prices and trade.
    Trade,
    /// Who gains and who loses.
    Accounts,
    /// The areas of the diagram.
    Areas,
    /// Who bears the duty.
    Incidence,
    /// Effective protection.
    Protection,
    /// Three averages.
    Averages,
}

/// An impact as text; of tables and Markdown, all of it or one part.
pub fn impact(
    impact: &Impact,
    bands: Option<&Bands>,
    only: Option<ImpactPart>,
    format: Format,
    layout: Layout,
) -> String {
    let blocks = |room: Option<usize>| match only {
        Some(part) => alone(impact, part, room),
        None => blocks(impact, bands, room),
    };
    match format {
        Format::Table => page::terminal(&blocks(Some(layout.width)), layout),
        Format::Markdown => page::markdown(&blocks(None)),
        Format::Json => impact_json::document(impact, bands),
        Format::Csv => impact_csv::rows(impact, bands),
    }
}

/// The answer, what law says, and what is held against what.
fn opening(impact: &Impact) -> Vec<Block> {
    let mut blocks = vec![Block::Bold(answer(impact))];
    blocks.extend(impact.markets.first().map(|_| Block::Words(law(impact))));
    let variant = impact.variant.as_ref().map(|id| format!("#{id}")).unwrap_or_default();
    let against = against(impact);
    blocks
        .push(Block::Faint(format!("{} ({}{variant}), held against {against}.", impact.title, impact.file)));
    blocks
}

/// All of it; `room` is how wide a diagram beside words may make them.
fn blocks(impact: &Impact, bands: Option<&Bands>, room: Option<usize>) -> Vec<Block> {
    let mut blocks = opening(impact);
    for market in &impact.markets {
        blocks.extend(one(market, &impact.currency));
    }
    if impact.markets.len() > 1 {
        blocks.push(Block::Heading("All markets together (model)".to_owned()));
        blocks.push(tables::accounts(&impact.accounts, &impact.currency));
    }
    blocks.extend(incidence(impact));
    blocks.extend(impact_chain::blocks(&impact.chains, room));
    blocks.extend(averages(impact));
    if let Some(bands) = bands {
        blocks.push(Block::Heading(format!(
            "Over {} of {} (model)",
            count(bands.draws, "draw", "draws"),
            names(&bands.drawn)
        )));
        blocks.push(tables::bands(bands, &impact.currency));
        blocks.push(Block::Faint("Each row has percentiles of its own: they do not add up.".to_owned()));
    }
    blocks.extend(limits(impact).map(Block::Words));
    blocks
}

/// One part, with what it rests on.
fn alone(impact: &Impact, part: ImpactPart, room: Option<usize>) -> Vec<Block> {
    let mut blocks = opening(impact);
    let shown = match part {
        ImpactPart::Trade => {
            impact.markets.iter().map(|market| tables::trade(market, &impact.currency)).collect()
        }
        ImpactPart::Accounts if impact.markets.is_empty() => Vec::new(),
        ImpactPart::Accounts => vec![tables::accounts(&impact.accounts, &impact.currency)],
        ImpactPart::Areas => {
            let of = |market| tables::accounts_and_areas(market, &impact.currency).into_iter().skip(1);
            impact.markets.iter().flat_map(of).collect()
        }
        ImpactPart::Incidence => incidence(impact),
        ImpactPart::Protection => impact_chain::blocks(&impact.chains, room),
        ImpactPart::Averages => averages(impact),
    };
    if shown.is_empty() {
        let lacks = if part == ImpactPart::Protection { "[[chain]]" } else { "[economics]" };
        blocks.push(Block::Words(format!("There is nothing of it here: that needs {lacks}.")));
    }
    blocks.extend(shown);
    if part != ImpactPart::Protection && !impact.markets.is_empty() {
        blocks.push(Block::Words(impact_beside::assumed(impact)));
    }
    blocks.extend(limits(impact).map(Block::Words));
    blocks
}

/// What the law is held against, in words.
fn against(impact: &Impact) -> String {
    impact.baseline.clone().unwrap_or_else(|| "no duty at all".to_owned())
}

/// Who gains and who loses, in a sentence.
pub fn answer(impact: &Impact) -> String {
    if impact.markets.is_empty() {
        return impact.chains.first().map_or_else(String::new, impact_chain::answer);
    }
    let home = impact.importer.clone().unwrap_or_else(|| "the importing country".to_owned());
    format!("Model: {}", told(&impact.accounts, &home, &against(impact), &impact.currency))
}

/// "the United States loses USD 62.50 against no duty at all: …"
fn told(accounts: &Accounts, home: &str, against: &str, currency: &str) -> String {
    let change = accounts.of(Party::Home).change;
    let verb = |change: Decimal| if change < Decimal::ZERO { "lose" } else { "gain" };
    let amount = |change: Decimal| money_in_words(change.abs(), currency);
    let answer = if change.is_zero() {
        format!("{home} neither gains nor loses against {against}")
    } else {
        format!("{home} {}s {} against {against}", verb(change), amount(change))
    };
    let parties = [
        (Party::Buyers, "buyers", ""),
        (Party::Producers, "producers", ""),
        (Party::Treasury, "the treasury", "s"),
        (Party::QuotaHolders, "quota holders", ""),
    ];
    let short = |change: Decimal| {
        let words = amount(change);
        words.strip_prefix(&format!("{currency} ")).unwrap_or(&words).to_owned()
    };
    let parts: Vec<String> = parties
        .iter()
        .map(|(party, name, s)| (accounts.of(*party).change, name, s))
        .filter(|(change, ..)| !change.is_zero())
        .map(|(change, name, s)| format!("{name} {}{s} {}", verb(change), short(change)))
        .collect();
    let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
    let abroad = accounts.of(Party::ForeignSellers).change;
    let abroad = if abroad.is_zero() {
        String::new()
    } else {
        format!(" Sellers abroad {} {}.", verb(abroad), short(abroad))
    };
    format!("{answer}{parts}.{abroad}")
}

/// What law says of the same flows.
fn law(impact: &Impact) -> String {
    let sum = |side: usize| {
        let duties = impact.markets.iter().map(|market| market.duty[side]);
        crate::money::sum(duties).unwrap_or_default()
    };
    let money = |amount: Decimal| money_in_words(amount, &impact.currency);
    format!("Law: were trade to stand still, duty would go from {} to {}.", money(sum(0)), money(sum(1)))
}

/// One market.
fn one(market: &MarketImpact, currency: &str) -> Vec<Block> {
    let mut blocks = vec![Block::Heading(format!("{} (model)", market.name))];
    let stated = |by_default: bool| {
        let texts = market.assumptions.iter().filter(|assumption| assumption.by_default == by_default);
        texts.map(|assumption| assumption.text.clone()).collect::<Vec<_>>()
    };
    let (said, default) = (stated(false), stated(true));
    blocks.push(Block::Words(format!("Model, assuming: {}.", said.join("; "))));
    if !default.is_empty() {
        blocks.push(Block::Words(format!("Assumed by default: {}.", default.join("; "))));
    }
    blocks.push(tables::trade(market, currency));
    blocks.extend(quota(market, currency).map(Block::Words));
    blocks.extend(tables::origins(market, currency));
    blocks.extend(tables::accounts_and_areas(market, currency));
    blocks.extend(market.best.map(|best| Block::Words(best_in_words(market, best, currency))));
    blocks
}

/// What binds under a quota, and the rent.
fn quota(market: &MarketImpact, currency: &str) -> Option<String> {
    let (tier, regime) = (market.tier()?, market.regimes[1].or(market.regimes[0])?);
    let rent = market.after.rent;
    let who = match market.rent {
        crate::scenario::Rent::Importers => "importers who hold licences",
        crate::scenario::Rent::Exporters => "sellers abroad",
        crate::scenario::Rent::Treasury => "the treasury, which auctions licences",
    };
    let rent = if rent.is_zero() {
        String::new()
    } else {
        format!(". Its rent is {}, and goes to {who}", money_in_words(rent, currency))
    };
    let room = market.counted(tier.room);
    let unit = market.unit.as_ref().map_or_else(|| currency.to_owned(), |unit| unit.name.clone());
    let room = RoundingMode::HalfUp.places(room, 2).normalize();
    Some(format!(
        "Model: quota {} lets in {} {unit} at {} and more at {}: {}{rent}.",
        tier.quota,
        grouped(room, room.scale()),
        tables::short(tier.inside),
        tables::short(tier.outside),
        tables::regime(if market.regimes[1].is_some() { regime } else { Regime::Inside })
    ))
}

/// Who bears the duty.
fn incidence(impact: &Impact) -> Vec<Block> {
    let Some(table) = tables::incidence(impact) else { return Vec::new() };
    let (retail, stated) = impact.markets.first().map_or((Decimal::ONE, false), MarketImpact::retail);
    let by_default = if stated { "" } else { " (by default)" };
    let words = format!(
        "Assumed: of what importers bear {} shows in retail prices{by_default}. Beside the model stands what was found at the \
         border elsewhere:",
        tables::short(retail)
    );
    let presets =
        impact.presets.iter().map(|(preset, _)| format!("assumed, {}: {}", preset.name, preset.source));
    vec![
        Block::Heading("Who bears 100 of duty".to_owned()),
        table,
        Block::Words(words),
        Block::List(presets.collect()),
    ]
}

/// The rates that are best for somebody.
fn best_in_words(market: &MarketImpact, best: Best, currency: &str) -> String {
    let national = match best.national {
        _ if market.is_small() => "no rate above 0% is good for a small country".to_owned(),
        Some(rate) => {
            format!("the rate best for the importing country, where it is 1/ε*, is {}", tables::short(rate))
        }
        None => "the rate best for the importing country is above 1,000%".to_owned(),
    };
    let revenue = match best.revenue {
        Some((rate, duty)) => {
            format!("most duty, {}, comes in at {}", money_in_words(duty, currency), tables::short(rate))
        }
        None => "duty rises with the rate up to 1,000% at least".to_owned(),
    };
    format!("Model: {national}; {revenue}.")
}

/// Three averages and why they differ.
fn averages(impact: &Impact) -> Vec<Block> {
    let Some(table) = tables::averages(impact) else { return Vec::new() };
    let averages = impact.averages.unwrap_or(crate::analysis::impact::Averages {
        simple: None,
        fixed: None,
        substituted: None,
    });
    let shown = |rate: Option<Decimal>| rate.map(tables::short);
    let shrinks = averages.substituted.zip(averages.fixed).map(|(after, fixed)| after < fixed);
    let why = match shrinks {
        _ if shown(averages.fixed) == shown(averages.substituted) => {
            "trade shrinks or grows alike everywhere, so that its weights stay what they were"
        }
        Some(true) => "trade moves away from where the duty is highest, and takes its weight with it",
        _ => "trade gains weight where the duty is highest, since it shrinks less there",
    };
    let simple = if shown(averages.simple) == shown(averages.fixed) {
        ""
    } else {
        "; the simple average does not ask how much trade a line has"
    };
    vec![
        Block::Heading("Three averages of one tariff".to_owned()),
        table,
        Block::Words(format!("Model: {why}{simple}.")),
    ]
}

/// What is left out.
fn limits(impact: &Impact) -> impl Iterator<Item = String> {
    let part = |part: crate::assess::Part| {
        format!(
            "{} worth {}",
            count(part.flows, "flow", "flows"),
            money_in_words(part.value, &impact.currency)
        )
    };
    let left_out = (impact.left_out.flows > 0 && !impact.markets.is_empty())
        .then(|| format!("In no market, and in no number of the model: {}.", part(impact.left_out)));
    let lost = (impact.not_computable.flows > 0).then(|| {
        format!(
            "Not computable before or after, and left out: {}; `run` says why.",
            part(impact.not_computable)
        )
    });
    left_out.into_iter().chain(lost)
}
