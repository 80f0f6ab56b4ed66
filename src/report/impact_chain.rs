//! What a tariff leaves to the makers of a chain: in a sentence, as a table with its diagram, and as the formula.

use super::impact_tables::{LAW, MODEL, short, table};
use super::number::{percent, percent_in_words, signed};
use super::page::{self, Block};
use crate::analysis::impact::{Protection, Rung, What};
use crate::money::{ArithmeticError, RoundingMode, div, mul, plain, sub};
use rust_decimal::Decimal;

/// The widest diagram beside a table, and the narrowest, in columns.
const DIAGRAM: (usize, usize) = (28, 12);

/// What effective protection rests on.
pub const ASSUMING: &str = "Model, assuming: a duty raises prices at home in full, and inputs make up the same parts of the output \
                            whatever they cost; an offset may pay the duty on any of them.";

/// The answer: whether those who make the goods are protected.
pub fn answer(chain: &Protection) -> String {
    let makers = format!("those who make {}", chain.output.name);
    let (on_output, without) = (chain.output.rate[1], chain.effective[1]);
    let rate = |rate: Decimal| percent_in_words(rate.abs());
    let held = |protection: Decimal| match protection.cmp(&on_output) {
        std::cmp::Ordering::Less => "less than",
        std::cmp::Ordering::Equal => "as much as",
        std::cmp::Ordering::Greater => "more than",
    };
    let (told, with) = if without > Decimal::ZERO {
        let told = format!(
            "this tariff protects {makers} by {} of the value they add, {} the {} on {}",
            rate(without),
            held(without),
            rate(on_output),
            chain.output.name
        );
        (
            told,
            chain.with_offset.map(|[_, with]| {
                if with == without {
                    "by no more".to_owned()
                } else {
                    format!("by {}, {} that", rate(with), held(with))
                }
            }),
        )
    } else {
        let so = if without.is_zero() {
            "they neither gain nor lose".to_owned()
        } else {
            format!("they lose {} of the value they add", rate(without))
        };
        let verb = |with: Decimal| if with < Decimal::ZERO { "lose" } else { "gain" };
        let with = chain.with_offset.map(|[_, with]| format!("they {} {}", verb(with), rate(with)));
        (format!("this tariff does not protect {makers}: {so}"), with)
    };
    let with = with.map(|with| format!("; with the offset {with}")).unwrap_or_default();
    format!("Model: {told}{with}.")
}

/// Each chain: a table of what every duty comes to, a diagram in it where there is room for one, the formula, and what is
/// assumed.
pub fn blocks(chains: &[Protection], room: Option<usize>) -> Vec<Block> {
    if chains.is_empty() {
        return Vec::new();
    }
    let mut blocks = Vec::new();
    for chain in chains {
        let title = chain.title.as_deref().unwrap_or(&chain.id);
        blocks.push(Block::Heading(format!("{}: {title}", chain.id)));
        blocks.extend(ladder(chain, room).ok());
        blocks.push(Block::Words(format!("Model: {}", substituted(chain))));
    }
    blocks.push(Block::Words(ASSUMING.to_owned()));
    blocks
}

/// What each duty and the offset come to, of 100 of the output.
fn ladder(chain: &Protection, room: Option<usize>) -> Result<Block, ArithmeticError> {
    let rungs = chain.rungs()?;
    let moved = rates_before(chain).iter().any(|rate| !rate.is_zero());
    let before = if moved { vec!["Before"] } else { Vec::new() };
    let heading = format!("Of 100 of {}", chain.output.name);
    let mut headings = [&[heading.as_str()], &before[..], &["Rate", "Comes to", "Basis"]].concat();
    let mut rows = Vec::with_capacity(rungs.len());
    for rung in &rungs {
        rows.push(row(chain, rung, moved)?);
    }
    let owned: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
    let free = room.unwrap_or_default().saturating_sub(page::width(&owned, &rows) + 3).min(DIAGRAM.0);
    if free < DIAGRAM.1 {
        return Ok(table(&headings, 1, rows));
    }
    let last = headings.len() - 1;
    headings.insert(last, "");
    for (row, bar) in rows.iter_mut().zip(bars(&rungs, free)) {
        row.insert(last, bar);
    }
    let headings = headings.into_iter().map(str::to_owned).collect();
    Ok(Block::Table { headings, rows, left: 1, right: 2 })
}

fn rates_before(chain: &Protection) -> Vec<Decimal> {
    std::iter::once(&chain.output).chain(&chain.inputs).map(|strand| strand.rate[0]).collect()
}

fn row(chain: &Protection, rung: &Rung, moved: bool) -> Result<Vec<String>, ArithmeticError> {
    let comes_to = signed(mul(sub(rung.to, rung.from)?, Decimal::ONE_HUNDRED)?, 2);
    let (name, rates, basis) = match rung.what {
        What::Output => (format!("{} (made)", chain.output.name), Some(chain.output.rate), LAW),
        What::Input(at) => {
            let input = &chain.inputs[at];
            (format!("{} ({} goes in)", input.name, of_a_hundred(input.share)), Some(input.rate), LAW)
        }
        What::Left => {
            (format!("= for the {} they add", of_a_hundred(chain.added()?)), Some(chain.effective), MODEL)
        }
        What::Offset => ("offset".to_owned(), None, LAW),
        What::LeftWithOffset => ("= with the offset".to_owned(), chain.with_offset, MODEL),
    };
    let shown = |side: usize| rates.map_or_else(String::new, |rates| percent(Some(rates[side])));
    let before = if moved { vec![shown(0)] } else { Vec::new() };
    Ok([&[name], &before[..], &[shown(1), comes_to, basis.to_owned()]].concat())
}

/// A part as a number of a hundred.
pub fn of_a_hundred(part: Decimal) -> String {
    short(part).trim_end_matches('%').to_owned()
}

/// Bars of which each goes on where the one above ends: full where makers gain, light where they lose.
fn bars(rungs: &[Rung], columns: usize) -> Vec<String> {
    let ends = || rungs.iter().flat_map(|rung| [rung.from, rung.to]).chain([Decimal::ZERO]);
    let (low, high) = (ends().min().unwrap_or_default(), ends().max().unwrap_or_default());
    let place = |end: Decimal| -> Result<usize, ArithmeticError> {
        let part = mul(div(sub(end, low)?, sub(high, low)?)?, Decimal::from(columns))?;
        Ok(usize::try_from(RoundingMode::HalfUp.places(part, 0).mantissa()).unwrap_or_default().min(columns))
    };
    let bar = |rung: &Rung| -> Result<String, ArithmeticError> {
        let (from, to) = (place(rung.from.min(rung.to))?, place(rung.from.max(rung.to))?);
        let sign = if rung.to < rung.from { "▒" } else { "█" };
        Ok(format!("{}{}", " ".repeat(from), sign.repeat(to.saturating_sub(from))))
    };
    rungs.iter().map(|rung| bar(rung).unwrap_or_default()).collect()
}

/// The formula with its numbers.
fn substituted(chain: &Protection) -> String {
    let part = |rate: Decimal| plain(RoundingMode::HalfUp.places(rate, 4));
    let inputs: Vec<String> =
        chain.inputs.iter().map(|input| format!("{} × {}", part(input.share), part(input.rate[1]))).collect();
    let shares: Vec<String> = chain.inputs.iter().map(|input| part(input.share)).collect();
    let paid = inputs.join(" + ");
    let (paid, effective) = match (chain.offset, chain.with_offset) {
        (Some(offset), Some(with)) => (format!("max({paid} - {}, 0)", part(offset)), with[1]),
        _ => (if inputs.len() > 1 { format!("({paid})") } else { paid }, chain.effective[1]),
    };
    format!(
        "the effective protection of {} is ({} - {paid}) / (1 - {}) = {}.",
        chain.output.name,
        part(chain.output.rate[1]),
        shares.join(" - "),
        short(effective)
    )
}
