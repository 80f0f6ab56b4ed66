//! The textbook's diagram of a market with its own numbers: curves, prices, and areas with their outlines. What stands
//! where is worked out here, in decimals; a drawing only puts it on paper.

use super::areas::Area;
use super::base::Base;
use super::curve::Curve;
use super::equilibrium::{Point, sold_at};
use super::law::Tier;
use super::market::MarketImpact;
use super::real::{add, div, mul, sub};
use super::{Stop, settled};
use crate::scenario::Shape;
use rust_decimal::Decimal;

/// Which diagram it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// Demand and supply at home, and a world price that stands still.
    SmallCountry,
    /// The same, with a world price that moves.
    LargeCountry,
    /// Demand for imports against supply in two steps.
    Staircase,
}

/// A place: a quantity and a price, as the market counts them.
pub type Place = (Decimal, Decimal);

/// A line in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub name: &'static str,
    /// Its places, from low prices to high.
    pub places: Vec<Place>,
}

/// A price that is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// What it is.
    pub name: &'static str,
    /// The price.
    pub price: Decimal,
}

/// An area in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Its letter, what it is and how much.
    pub area: Area,
    /// Its outlines: it may be in two parts.
    pub outlines: Vec<Vec<Place>>,
}

/// A diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagram {
    /// Which.
    pub picture: Picture,
    /// Curves.
    pub lines: Vec<Line>,
    /// Prices.
    pub levels: Vec<Level>,
    /// Quantities, each with its name and the price up to which it is marked.
    pub marks: Vec<(&'static str, Place)>,
    /// Areas.
    pub regions: Vec<Region>,
    /// The highest quantity shown.
    pub widest: Decimal,
    /// The lowest and the highest price shown.
    pub prices: [Decimal; 2],
}

/// Pieces that a curve is drawn in.
const PIECES: u32 = 40;

impl MarketImpact {
    /// The diagram of a market of one good; `None` of one that is divided by origin.
    pub fn diagram(&self) -> Result<Option<Diagram>, Stop> {
        if !self.lanes.is_empty() {
            return Ok(None);
        }
        let diagram = match &self.law.tiers[1] {
            Some(tier) => staircase(self, tier)?,
            None => two_curves(self)?,
        };
        Ok(Some(counted(self, diagram)))
    }
}

/// All of it in what the market counts in.
fn counted(market: &MarketImpact, mut diagram: Diagram) -> Diagram {
    let place = |(quantity, price): &mut Place| {
        *quantity = market.counted(*quantity);
        *price = market.priced(*price);
    };
    diagram.lines.iter_mut().flat_map(|line| &mut line.places).for_each(place);
    let outlines = diagram.regions.iter_mut().flat_map(|region| &mut region.outlines);
    outlines.flatten().for_each(place);
    diagram.levels.iter_mut().for_each(|level| level.price = market.priced(level.price));
    diagram.marks.iter_mut().map(|(_, mark)| mark).for_each(place);
    diagram.widest = market.counted(diagram.widest);
    diagram.prices = diagram.prices.map(|price| market.priced(price));
    diagram
}

/// The prices shown: those of the market with air around them.
fn window(prices: &[Decimal]) -> Result<[Decimal; 2], Stop> {
    let (low, high) = (prices.iter().min(), prices.iter().max());
    let (low, high) = (low.copied().unwrap_or_default(), high.copied().unwrap_or(Decimal::ONE));
    let mut span = sub(high, low)?;
    if span.is_zero() {
        span = div(high, Decimal::from(4))?;
    }
    let below = sub(low, mul(span, Decimal::new(8, 1))?)?;
    Ok([below.max(Decimal::ZERO), add(high, mul(span, Decimal::new(7, 1))?)?])
}

/// Prices at which a curve between two of them is asked: many of a curve; of lines the ends, and where one stops.
fn asked(curves: &[Curve], from: Decimal, to: Decimal) -> Result<Vec<Decimal>, Stop> {
    let mut prices = Vec::new();
    if curves.iter().all(|curve| curve.shape == Shape::Linear) {
        prices.extend([from, to]);
        for curve in curves {
            prices.extend(curve.end()?.filter(|end| *end > from && *end < to));
        }
        prices.sort_unstable();
    } else {
        for piece in 0..=PIECES {
            let part = div(Decimal::from(piece), Decimal::from(PIECES))?;
            prices.push(add(from, mul(sub(to, from)?, part)?)?);
        }
    }
    prices.retain(|price| *price > Decimal::ZERO);
    Ok(prices)
}

/// A line along a curve, cut off where it leaves what is shown.
fn drawn(
    of: &dyn Fn(Decimal) -> Result<Decimal, Stop>,
    prices: &[Decimal],
    widest: Decimal,
) -> Result<Vec<Place>, Stop> {
    let mut places: Vec<Place> = Vec::new();
    let mut last: Option<Place> = None;
    for price in prices {
        let here = (of(*price)?, *price);
        if let Some(before) = last
            && (before.0 > widest) != (here.0 > widest)
        {
            let part = div(sub(widest, before.0)?, sub(here.0, before.0)?)?;
            places.push((widest, add(before.1, mul(sub(here.1, before.1)?, part)?)?));
        }
        if here.0 <= widest {
            places.push(here);
        }
        last = Some(here);
    }
    // Below the price at which supply starts there is nothing to draw.
    let is_nothing = |place: Place| settled(place.0).is_zero();
    let nothing = places.windows(2).take_while(|pair| is_nothing(pair[0]) && is_nothing(pair[1])).count();
    Ok(places.split_off(nothing))
}

/// Demand and supply at home.
fn two_curves(market: &MarketImpact) -> Result<Diagram, Stop> {
    let (base, before, after) = (&market.base, &market.before, &market.after);
    let prices = window(&[before.price, after.price, before.world, after.world])?;
    let widest = mul(before.consumption.max(after.consumption), Decimal::new(14, 1))?;
    let curve = |curve: &Curve| {
        let curve = *curve;
        drawn(&|price| Ok(curve.at(price)?), &asked(&[curve], prices[0], prices[1])?, widest)
    };
    let mut lines = vec![Line { name: "demand", places: curve(&base.demand)? }];
    if let Some(supply) = &base.supply {
        lines.push(Line { name: "supply at home", places: curve(supply)? });
    }
    let mut levels = vec![Level { name: "buyers pay", price: after.price }];
    if after.world != before.world {
        levels.push(Level { name: "world after", price: after.world });
    }
    if before.price != before.world {
        levels.push(Level { name: "buyers paid", price: before.price });
    }
    levels.push(Level { name: "world before", price: before.world });
    let mut marks = vec![
        ("bought before", (before.consumption, before.price)),
        ("bought after", (after.consumption, after.price)),
    ];
    if base.supply.is_some() {
        marks.push(("made before", (before.output, before.price)));
        marks.push(("made after", (after.output, after.price)));
    }
    let regions = market
        .areas
        .iter()
        .map(|area| Ok(Region { area: *area, outlines: outlines(base, before, after, area.letter)? }));
    Ok(Diagram {
        picture: if market.is_small() { Picture::SmallCountry } else { Picture::LargeCountry },
        lines,
        levels,
        marks,
        regions: regions.collect::<Result<Vec<_>, Stop>>()?,
        widest,
        prices,
    })
}

/// A box between two quantities and two prices.
fn rectangle(from: Decimal, to: Decimal, low: Decimal, high: Decimal) -> Vec<Place> {
    vec![(from, low), (to, low), (to, high), (from, high)]
}

/// Where an area stands.
fn outlines(base: &Base, before: &Point, after: &Point, letter: char) -> Result<Vec<Vec<Place>>, Stop> {
    let (low, high) = if after.price >= before.price { (before, after) } else { (after, before) };
    let along = |curve: &Curve| {
        let curve = *curve;
        let widest = curve.at(low.price)?.max(curve.at(high.price)?);
        drawn(&|price| Ok(curve.at(price)?), &asked(&[curve], low.price, high.price)?, widest)
    };
    let with = |mut side: Vec<Place>, corners: &[Place]| {
        side.extend_from_slice(corners);
        side
    };
    let nothing = Decimal::ZERO;
    Ok(match (letter, &base.supply) {
        ('a', Some(supply)) => {
            vec![with(along(supply)?, &[(nothing, high.price), (nothing, low.price)])]
        }
        ('b', Some(supply)) => vec![with(along(supply)?, &[(high.output, low.price)])],
        ('c', _) => vec![rectangle(high.output, high.consumption, low.price, high.price)],
        ('d', _) => vec![with(along(&base.demand)?, &[(high.consumption, low.price)])],
        ('e', _) => vec![rectangle(high.output, high.consumption, high.world, low.world)],
        ('f', supply) => {
            let lost = rectangle(high.consumption, low.consumption, low.world, low.price);
            let made = rectangle(low.output, high.output, low.world, low.price);
            if supply.is_some() { vec![made, lost] } else { vec![lost] }
        }
        _ => Vec::new(),
    })
}

/// Demand for imports, and supply in two steps.
fn staircase(market: &MarketImpact, tier: &Tier) -> Result<Diagram, Stop> {
    let (base, after) = (&market.base, &market.after);
    let step = |rate: Decimal, imports: Decimal| {
        Ok::<_, Stop>(mul(sold_at(base, imports)?, add(Decimal::ONE, rate)?)?)
    };
    let widest = mul(market.before.imports.max(after.imports).max(tier.room), Decimal::new(14, 1))?;
    let ends = [step(tier.inside, tier.room)?, step(tier.outside, tier.room)?];
    let prices = window(&[after.world, after.price, ends[0], ends[1]])?;
    let mut supply = Vec::new();
    let stairs = [(tier.inside, Decimal::ZERO, tier.room), (tier.outside, tier.room, widest)];
    for (rate, from, to) in stairs {
        for piece in 0..=PIECES {
            let part = div(Decimal::from(piece), Decimal::from(PIECES))?;
            let imports = add(from, mul(sub(to, from)?, part)?)?;
            let price = step(rate, imports)?;
            if price >= prices[0] && price <= prices[1] {
                supply.push((imports, price));
            }
        }
    }
    let wanted = |price: Decimal| Ok(base.wanted(price)?.max(Decimal::ZERO));
    let curves: Vec<Curve> = std::iter::once(base.demand).chain(base.supply).collect();
    let lines = vec![
        Line {
            name: "demand for imports",
            places: drawn(&wanted, &asked(&curves, prices[0], prices[1])?, widest)?,
        },
        Line { name: "supply with duty", places: supply },
    ];
    let inside = mul(after.world, add(Decimal::ONE, tier.inside)?)?;
    let admitted = after.imports.min(tier.room);
    let mut regions = Vec::new();
    let mut region = |letter, meaning, outline: Vec<Place>, amount: Decimal| {
        let area = Area { letter, meaning, amount: settled(amount) };
        if !area.amount.is_zero() {
            regions.push(Region { area, outlines: vec![outline] });
        }
    };
    let nothing = Decimal::ZERO;
    region('r', "rent of the quota", rectangle(nothing, admitted, inside, after.price), after.rent);
    let duty = mul(sub(inside, after.world)?, admitted)?;
    region('s', "duty within the quota", rectangle(nothing, admitted, after.world, inside), duty);
    let over = sub(after.imports, admitted)?;
    let beyond = mul(sub(after.price, after.world)?, over)?;
    region('t', "duty beyond it", rectangle(admitted, after.imports, after.world, after.price), beyond);
    let mut levels = vec![Level { name: "buyers pay", price: after.price }];
    if inside != after.world && inside != after.price {
        levels.push(Level { name: "with duty in quota", price: inside });
    }
    levels.push(Level { name: "world", price: after.world });
    let marks = vec![("quota", (tier.room, after.price)), ("imported after", (after.imports, after.price))];
    Ok(Diagram { picture: Picture::Staircase, lines, levels, marks, regions, widest, prices })
}
