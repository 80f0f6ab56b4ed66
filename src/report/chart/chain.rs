//! What a tariff leaves to the makers of a chain: what each duty gives or takes of 100 of the output, what is left without
//! the offset, and beside it what is left with it.

use super::bars::{Bars, Piece, Row};
use super::canvas::{Frame, HOLLOW, Words};
use super::computed_from;
use crate::analysis::impact::{Impact, Protection, Rung, What};
use crate::money::{ArithmeticError, mul, plain, sub};
use crate::report::impact_chain::{answer, of_a_hundred};
use crate::report::number::{percent_in_words, signed};
use rust_decimal::Decimal;

/// What bars show, as places among [`KINDS`].
const GAIN: usize = 0;
const LOSS: usize = 1;
const BACK: usize = 2;
const LEFT: usize = 3;
/// Names and colours.
const KINDS: [(&str, usize); 4] = [
    ("duty on what is made", 0),
    ("duties on what goes in", 1),
    ("offset", 2),
    ("left to the makers", HOLLOW),
];

/// The ladder of a chain.
pub fn chain(impact: &Impact, chain: &Protection, frame: Frame<'_>) -> Result<String, ArithmeticError> {
    let rungs = chain.rungs()?;
    let used = if chain.offset.is_some() { &[GAIN, LOSS, BACK, LEFT][..] } else { &[GAIN, LOSS, LEFT] };
    let mut rows = Vec::with_capacity(rungs.len());
    let mut told = vec![answer(chain)];
    for rung in &rungs {
        let (name, kind, part) = named(chain, rung)?;
        let comes_to = mul(sub(rung.to, rung.from)?, Decimal::ONE_HUNDRED)?;
        let of = part.map(|(rate, of)| format!(" = {} of {}", percent_in_words(rate), of_a_hundred(of)));
        let of = of.unwrap_or_default();
        told.push(format!("{name}: {}{of}.", plain(comes_to)));
        let [from, to] = [mul(rung.from, Decimal::ONE_HUNDRED)?, mul(rung.to, Decimal::ONE_HUNDRED)?];
        let series = used.iter().position(|used| *used == kind).unwrap_or_default();
        let amount = format!("{}{of}", signed(comes_to, 2));
        rows.push(Row { name, amount, pieces: vec![Piece { from, to, series }] });
    }
    let title = format!("Effective protection: {}", impact.title);
    let against = impact.baseline.as_deref().unwrap_or("no duty at all");
    let file = match &impact.variant {
        Some(variant) => format!("{}#{variant}", impact.file),
        None => impact.file.clone(),
    };
    let source = format!("Model, held against {against}. {}", computed_from(&file));
    let bars = Bars {
        words: Words { title, description: told.join(" "), source },
        axis: format!("Of 100 of {}", chain.output.name),
        unit: Decimal::ONE,
        series: used.iter().map(|kind| (KINDS[*kind].0.to_owned(), KINDS[*kind].1)).collect(),
        rows,
        connected: true,
    };
    Ok(bars.svg(frame))
}

/// A rate, and of what part of the output.
type Rate = (Decimal, Decimal);

/// What stands above a bar, what kind it is, and the rate behind it.
fn named(chain: &Protection, rung: &Rung) -> Result<(String, usize, Option<Rate>), ArithmeticError> {
    let added = chain.added()?;
    Ok(match rung.what {
        What::Output => {
            (format!("{}, made", chain.output.name), GAIN, Some((chain.output.rate[1], Decimal::ONE)))
        }
        What::Input(at) => {
            let input = &chain.inputs[at];
            (format!("{}, goes in", input.name), LOSS, Some((input.rate[1], input.share)))
        }
        What::Left => ("Left to the makers".to_owned(), LEFT, Some((chain.effective[1], added))),
        What::Offset => ("Offset".to_owned(), BACK, None),
        What::LeftWithOffset => {
            let with = chain.with_offset.map(|with| (with[1], added));
            ("Left to the makers with the offset".to_owned(), LEFT, with)
        }
    })
}
