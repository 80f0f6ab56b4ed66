//! Effective protection: what a tariff leaves to those who add value to inputs that are taxed as well (Corden).

use super::overflow;
use crate::assess::Run;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::money::{ArithmeticError, add, div, mul, sub};
use crate::scenario::constants::OnDay;
use crate::scenario::{Chain, Formula, Goods};
use rust_decimal::Decimal;

/// The protection of one chain, before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protection {
    /// The chain.
    pub id: String,
    /// What it is called.
    pub title: Option<String>,
    /// The goods made, with their rates.
    pub output: Strand,
    /// What goes into them.
    pub inputs: Vec<Strand>,
    /// What makers get off the duty on their inputs, as a part of the value of what they make.
    pub offset: Option<Decimal>,
    /// Protection of the value added, before and after, without the offset.
    pub effective: [Decimal; 2],
    /// With it; `None` where there is none.
    pub with_offset: Option<[Decimal; 2]>,
}

/// What a duty or an offset comes to, as a part of the value of the output: from where the one before left off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rung {
    /// What it is.
    pub what: What,
    /// Where it starts; nothing for what is left.
    pub from: Decimal,
    /// Where it ends.
    pub to: Decimal,
}

/// What a rung of a chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The duty on the output, which makers gain.
    Output,
    /// The duty on an input, by its place, which they lose.
    Input(usize),
    /// What is left of both.
    Left,
    /// What the offset gives back of the duty on inputs.
    Offset,
    /// What is left with it.
    LeftWithOffset,
}

impl Protection {
    /// The part of the value of the output that its makers add.
    pub fn added(&self) -> Result<Decimal, ArithmeticError> {
        self.inputs.iter().try_fold(Decimal::ONE, |left, input| sub(left, input.share))
    }

    /// What the duties after come to, one after the other, and what they leave without and with the offset.
    pub fn rungs(&self) -> Result<Vec<Rung>, ArithmeticError> {
        let mut rungs = vec![Rung { what: What::Output, from: Decimal::ZERO, to: self.output.rate[1] }];
        let mut reached = self.output.rate[1];
        let mut paid = Decimal::ZERO;
        for (at, input) in self.inputs.iter().enumerate() {
            let takes = mul(input.share, input.rate[1])?;
            let to = sub(reached, takes)?;
            rungs.push(Rung { what: What::Input(at), from: reached, to });
            (reached, paid) = (to, add(paid, takes)?);
        }
        rungs.push(Rung { what: What::Left, from: Decimal::ZERO, to: reached });
        if let Some(offset) = self.offset {
            // It lowers what inputs pay, and never below nothing.
            let to = add(reached, offset.min(paid))?;
            rungs.push(Rung { what: What::Offset, from: reached, to });
            rungs.push(Rung { what: What::LeftWithOffset, from: Decimal::ZERO, to });
        }
        Ok(rungs)
    }
}

/// Goods of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strand {
    /// What they are.
    pub name: String,
    /// Their part of the value of the output; 1 for the output itself.
    pub share: Decimal,
    /// The mean rate on the flows of them, before and after: law.
    pub rate: [Decimal; 2],
}

/// The protection of a chain.
pub fn protection(chain: &Chain, before: Option<&Run>, after: &Run) -> Result<Protection, Diagnostics> {
    let scenario = after.scenario();
    let day = after.flows.rows.iter().map(|flow| flow.date).min().or(scenario.date);
    let on_day = OnDay::new(&scenario.parameters, day);
    let value = |formula: &Formula| -> Result<Decimal, Diagnostics> {
        let value = on_day.eval(&formula.expr).map_err(|missing| {
            let message = format!("`{}` has no value for the chain `{}`: {missing}", formula.text, chain.id);
            Diagnostics::from(formula.diagnostic(Code::BadMarket, message))
        })?;
        Ok(value.amount().unwrap_or_default())
    };
    let strand = |goods: &Goods, share: Decimal| -> Result<Strand, Diagnostics> {
        let rate =
            [before.map_or(Ok(Decimal::ZERO), |run| rate(chain, goods, run))?, rate(chain, goods, after)?];
        Ok(Strand { name: goods.name.clone(), share, rate })
    };
    let output = strand(&chain.output, Decimal::ONE)?;
    let mut inputs = Vec::with_capacity(chain.inputs.len());
    for input in &chain.inputs {
        inputs.push(strand(&input.goods, value(&input.share)?)?);
    }
    let offset = chain.offset.as_ref().map(value).transpose()?;
    let without = |side| effective(&output, &inputs, Decimal::ZERO, side).map_err(overflow);
    let with_offset = match offset {
        // What was before is before the offset too.
        Some(offset) => Some([without(0)?, effective(&output, &inputs, offset, 1).map_err(overflow)?]),
        None => None,
    };
    Ok(Protection {
        id: chain.id.clone(),
        title: chain.title.clone(),
        effective: [without(0)?, without(1)?],
        output,
        inputs,
        offset,
        with_offset,
    })
}

/// `(t - Σ a × ti) / (1 - Σ a)`; an offset lowers what inputs pay, and never below nothing.
fn effective(
    output: &Strand,
    inputs: &[Strand],
    offset: Decimal,
    side: usize,
) -> Result<Decimal, ArithmeticError> {
    let (mut paid, mut shares) = (Decimal::ZERO, Decimal::ZERO);
    for input in inputs {
        paid = add(paid, mul(input.share, input.rate[side])?)?;
        shares = add(shares, input.share)?;
    }
    let paid = sub(paid, offset)?.max(Decimal::ZERO);
    div(sub(output.rate[side], paid)?, sub(Decimal::ONE, shares)?)
}

/// The mean rate on the flows of some goods.
fn rate(chain: &Chain, goods: &Goods, run: &Run) -> Result<Decimal, Diagnostics> {
    let (mut value, mut duty) = (Decimal::ZERO, Decimal::ZERO);
    for (flow, sheet) in run.flows.rows.iter().zip(&run.sheets) {
        if sheet.computable() && goods.set.contains(flow.product, flow.date) {
            value = add(value, sheet.customs_value).map_err(overflow)?;
            duty = add(duty, sheet.duty).map_err(overflow)?;
        }
    }
    if value.is_zero() {
        let message = format!("no flow says what `{}` of the chain `{}` pay", goods.name, chain.id);
        return Err(Diagnostic::at(Code::NoChainRate, goods.span, message)
            .help("add a flow of these goods that is computable; its value may be any")
            .into());
    }
    div(duty, value).map_err(overflow)
}
