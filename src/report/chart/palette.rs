//! Which measure has which colour. On a page a measure has one colour in all pictures; a picture alone has its own.

use super::bars::Piece;
use super::by_measure;
use super::canvas::MOST;
use crate::analysis::{Handout, OverTime};
use rust_decimal::Decimal;
use std::cmp::Reverse;

/// The measures and credits that have a colour of their own, in the order they come: the largest. The others share one.
#[derive(Debug, Clone)]
pub struct Palette(Vec<String>);

impl Palette {
    /// Chooses among parts that come by name, more than once each; what is zero everywhere needs no colour.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a (String, Decimal)>) -> Palette {
        let mut sizes: Vec<(&str, Decimal)> = Vec::new();
        for (id, amount) in parts {
            match sizes.iter_mut().find(|(known, _)| known == id) {
                Some((_, size)) => *size = (*size).max(amount.abs()),
                None => sizes.push((id, amount.abs())),
            }
        }
        sizes.retain(|(_, size)| !size.is_zero());
        let mut largest: Vec<usize> = (0..sizes.len()).collect();
        largest.sort_by_key(|at| Reverse(sizes[*at].1));
        largest.truncate(if sizes.len() > MOST { MOST - 1 } else { MOST });
        largest.sort_unstable();
        Palette(largest.into_iter().map(|at| sizes[at].0.to_owned()).collect())
    }

    /// Chooses among all that a page draws.
    pub fn of_page(handout: &Handout) -> Palette {
        let mut parts: Vec<(String, Decimal)> = handout.comparison.runs.iter().flat_map(by_measure).collect();
        for over in &handout.over_time {
            if let OverTime::Changes(over) = over {
                let layers = over.points.iter().flat_map(|point| &point.by_measure);
                parts.extend(layers.map(|layer| (layer.id.clone(), layer.amount)));
            }
        }
        Palette::of(&parts)
    }
}

/// What one picture draws by colour: those of its palette that it has, then all others as one.
pub struct Series {
    /// Names and colours.
    pub names: Vec<(String, usize)>,
    own: usize,
}

impl Series {
    /// Of the parts of a picture that come by name, more than once each.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a (String, Decimal)>, palette: &Palette) -> Series {
        let mut drawn: Vec<&str> = Vec::new();
        for (id, amount) in parts {
            if !amount.is_zero() && !drawn.contains(&id.as_str()) {
                drawn.push(id);
            }
        }
        let coloured = palette.0.iter().zip(0..).filter(|(id, _)| drawn.contains(&id.as_str()));
        let mut names: Vec<(String, usize)> = coloured.map(|(id, at)| (id.clone(), at)).collect();
        let own = names.len();
        drawn.retain(|id| names.iter().all(|(own, _)| own != id));
        match drawn.as_slice() {
            [] => {}
            [only] => names.push(((*only).to_owned(), MOST - 1)),
            others => names.push((format!("{} others", others.len()), MOST - 1)),
        }
        Series { names, own }
    }

    /// The parts of one bar by series.
    pub fn sums(&self, parts: &[(String, Decimal)]) -> Vec<Decimal> {
        let mut sums = vec![Decimal::ZERO; self.names.len()];
        for (id, amount) in parts {
            let at = self.names[..self.own].iter().position(|(own, _)| own == id).unwrap_or(self.own);
            if let Some(sum) = sums.get_mut(at) {
                *sum = sum.checked_add(*amount).unwrap_or(*sum);
            }
        }
        sums
    }

    /// The same as pieces beside one another: what adds to the right of nothing, what takes away to the left.
    pub fn pieces(&self, parts: &[(String, Decimal)]) -> Vec<Piece> {
        let (mut right, mut left) = (Decimal::ZERO, Decimal::ZERO);
        let mut pieces = Vec::new();
        for (series, amount) in
            self.sums(parts).into_iter().enumerate().filter(|(_, amount)| !amount.is_zero())
        {
            let end = if amount < Decimal::ZERO { &mut left } else { &mut right };
            let from = *end;
            *end = from.checked_add(amount).unwrap_or(from);
            pieces.push(Piece { from, to: *end, series });
        }
        pieces
    }
}
