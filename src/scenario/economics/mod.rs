//! What a model of trade is told: the markets of `[economics]` and the chains of `[[chain]]`. `run` never looks at them.

mod chain;
mod check;
mod market;
mod preset;

pub use chain::{Chain, Goods, Input, chains};
pub use check::check;
pub use market::{Abroad, Market, Stated, markets};
pub use preset::{PRESETS, Preset};

/// The shape of demand and supply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Straight lines through the point before; the elasticity is the one there.
    Linear,
    /// Curves with the same elasticity at every price.
    ConstantElasticity,
}

impl Shape {
    /// The names a scenario may write.
    pub const NAMES: &'static [(&'static str, Shape)] =
        &[("linear", Shape::Linear), ("constant-elasticity", Shape::ConstantElasticity)];
}

/// Who gets what a quota makes its goods worth beyond their cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rent {
    /// Those at home who hold the licences.
    Importers,
    /// Sellers abroad, who hold the licences or raise their price.
    Exporters,
    /// The treasury, which auctions the licences.
    Treasury,
}

impl Rent {
    /// The names a scenario may write.
    pub const NAMES: &'static [(&'static str, Rent)] =
        &[("importers", Rent::Importers), ("exporters", Rent::Exporters), ("treasury", Rent::Treasury)];
}
