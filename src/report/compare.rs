//! Scenarios side by side, as text: the answer in words, the money, then each alternative with what changes in law.

use super::number::{Scale, bar, count, money_in_words, percent, percent_in_words, places, signed};
use super::page::{self, Block};
use super::{Format, Layout, csv, impact_beside, json};
use crate::analysis::{Comparison, Difference, GroupChange, LawChange, Said};
use crate::assess::{By, Run};
use crate::diagnostic::Sources;
use crate::money::RoundingMode;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// How much is said of each alternative.
const MOST_GROUPS: usize = 6;
const MOST_CHARGES: usize = 8;
const MOST_LAW: usize = 20;
/// Columns of the longest bar.
const LONGEST_BAR: usize = 24;
/// A bar with less room than this says nothing.
const SHORTEST_BAR: usize = 8;

/// A comparison as text.
pub fn compared(comparison: &Comparison, sources: &Sources, format: Format, layout: Layout) -> String {
    match format {
        Format::Table => page::terminal(&Page { comparison, sources, layout }.blocks(), layout),
        Format::Markdown => {
            let layout = Layout { pictures: false, width: usize::MAX / 2, ..layout };
            page::markdown(&Page { comparison, sources, layout }.blocks())
        }
        Format::Json => json::compared(comparison, sources, &names(comparison)),
        Format::Csv => csv::compared(comparison, &names(comparison)),
    }
}

/// What each run is called: its variant where all are of one file, else its file too.
pub fn names(comparison: &Comparison) -> Vec<String> {
    let file = |run: &Run| run.scenario().file.clone();
    let one_file = comparison.runs.iter().all(|run| file(run) == file(&comparison.runs[0]));
    let name = |run: &Run| match &run.scenario().variant {
        Some(variant) if one_file => format!("#{}", variant.id),
        Some(variant) => format!("{}#{}", file(run), variant.id),
        None if one_file => "the base".to_owned(),
        None => file(run),
    };
    comparison.runs.iter().map(name).collect()
}

/// What is said of a comparison beside its numbers: the answer, what is held against what, and of each alternative what
/// changes.
pub(super) fn told(comparison: &Comparison, sources: &Sources) -> (String, String, Vec<Block>) {
    let layout = Layout { width: usize::MAX / 2, colour: false, pictures: false };
    let page = Page { comparison, sources, layout };
    let names = names(comparison);
    let changes = comparison.others().flat_map(|(run, difference)| page.alternative(run, difference, &names));
    (page.answer(&names), page.setting(&names), changes.collect())
}

struct Page<'a> {
    comparison: &'a Comparison,
    sources: &'a Sources,
    layout: Layout,
}

impl Page<'_> {
    fn blocks(&self) -> Vec<Block> {
        let comparison = self.comparison;
        let names = names(comparison);
        let mut blocks = vec![Block::Bold(self.answer(&names))];
        blocks.push(Block::Faint(self.setting(&names)));
        blocks.push(self.money(&names));
        if comparison.base().groups.len() > 1
            && !matches!(comparison.base().by, By::Flow | By::Measure | By::Programme)
        {
            blocks.push(self.matrix(&names));
        }
        for (run, difference) in comparison.others() {
            blocks.extend(self.alternative(run, difference, &names));
            let model = difference.model.as_ref().filter(|_| !difference.is_none());
            blocks.extend(model.into_iter().flat_map(impact_beside::compared));
        }
        blocks
    }

    fn currency(&self) -> &str {
        &self.comparison.base().scenario().currency
    }

    /// The answer in a sentence or two.
    fn answer(&self, names: &[String]) -> String {
        let (comparison, base) = (self.comparison, &names[self.comparison.baseline]);
        let differences = &comparison.differences;
        if differences.iter().all(Difference::is_none) {
            return format!("Nothing changes: law and duty are the same as under {base}.");
        }
        if differences.iter().all(|d| d.duty.is_zero() && d.landed_cost.is_zero()) {
            return format!("The law changes, the duty does not: it is the same as under {base}.");
        }
        // Where no duty moves, landed cost is what there is to tell.
        let moved = |d: &&Difference| if d.duty.is_zero() { d.landed_cost } else { d.duty };
        let least = differences.iter().min_by_key(moved);
        let most = differences.iter().max_by_key(moved);
        match (least, most) {
            (Some(only), _) if differences.len() == 1 => {
                let run = &comparison.runs[only.run];
                let before = comparison.base().totals.effective_rate.map(percent_in_words);
                let after = run.totals.effective_rate.map(percent_in_words);
                let rates = match (before, after) {
                    _ if only.duty.is_zero() => String::new(),
                    (Some(before), Some(after)) => format!(": {after} of the value instead of {before}"),
                    _ => String::new(),
                };
                let name = capitalised(&names[only.run]);
                format!("{name} {}{rates}.", self.charges(only, base))
            }
            (Some(least), Some(most)) => {
                let of = |d: &Difference| format!("{} {}", names[d.run], self.charges(d, base));
                let (least, most) = (of(least), of(most));
                format!("Of {} alternatives, {least}; {most}.", differences.len())
            }
            _ => format!("There is nothing to hold against {base}."),
        }
    }

    /// "charges USD 5.4 billion (6.8 points) less than the base".
    fn charges(&self, difference: &Difference, base: &str) -> String {
        let side = |change: Decimal| if change < Decimal::ZERO { "less" } else { "more" };
        let money = |change: Decimal| money_in_words(change.abs(), self.currency());
        match (difference.duty, difference.landed_cost) {
            (duty, cost) if duty.is_zero() && cost.is_zero() => format!("charges the same as {base}"),
            (duty, cost) if duty.is_zero() => {
                format!("charges the same duty as {base}, and the goods cost {} {}", money(cost), side(cost))
            }
            (duty, _) => {
                // On flows of their own more duty may be a lower rate.
                let points = difference.points.map(|points| {
                    let number = in_points(points.abs());
                    if points.is_sign_negative() == duty.is_sign_negative() {
                        format!(" ({number} points)")
                    } else {
                        format!(" ({number} points {} of the value)", side(points))
                    }
                });
                let points = points.unwrap_or_default();
                format!("charges {}{points} {} than {base}", money(duty), side(duty))
            }
        }
    }

    /// What is held against what, and on which flows.
    fn setting(&self, names: &[String]) -> String {
        let base = self.comparison.base().scenario();
        let flows = if self.comparison.same_flows {
            "all on the same flows"
        } else {
            "each on flows of its own, so that trade differs too"
        };
        let name = &names[self.comparison.baseline];
        let title = match &base.variant {
            Some(variant) => variant.title.as_ref().unwrap_or(&variant.id),
            None => &base.title,
        };
        let file = if name.contains(&base.file) { String::new() } else { format!(" of {}", base.file) };
        format!("Against {name}{file}, \"{title}\"; {flows}.")
    }

    fn money(&self, names: &[String]) -> Block {
        let comparison = self.comparison;
        let runs = &comparison.runs;
        let duties = || runs.iter().map(|run| run.totals.duty);
        let scale = Scale::of(duties());
        let difference = |at: usize| comparison.differences.iter().find(|difference| difference.run == at);
        // The value is the same for all on the same flows, but where some cannot be computed.
        let values: Vec<Decimal> = runs.iter().map(|run| run.totals.computable.value).collect();
        let show_value = values.iter().any(|value| *value != values[0]);
        let row = |(at, run): (usize, &Run)| {
            let cells = [
                Some(format!("({}) {}", at + 1, names[at])),
                show_value.then(|| scale.show(values[at])),
                Some(scale.show(run.totals.duty)),
                Some(percent(run.totals.effective_rate)),
                Some(difference(at).map_or_else(String::new, |d| scale.signed(d.duty))),
                Some(difference(at).and_then(|d| d.points).map_or_else(String::new, |p| signed(p, 2))),
            ];
            cells.into_iter().flatten().collect()
        };
        let headings = [
            Some(format!("In {}{}", self.currency(), scale.words())),
            show_value.then(|| "Value".to_owned()),
            Some("Duty".to_owned()),
            Some("Rate".to_owned()),
            Some("Difference".to_owned()),
            Some("Points".to_owned()),
        ];
        let mut headings: Vec<String> = headings.into_iter().flatten().collect();
        let mut rows: Vec<Vec<String>> = runs.iter().enumerate().map(row).collect();
        let free = self.layout.width.saturating_sub(page::width(&headings, &rows) + 3);
        let right = usize::from(self.layout.pictures && free >= SHORTEST_BAR);
        if right > 0 {
            let longest = duties().max().unwrap_or_default();
            headings.push(String::new());
            for (row, duty) in rows.iter_mut().zip(duties()) {
                row.push(bar(duty, longest, free.min(LONGEST_BAR)));
            }
        }
        Block::Table { rows, headings, left: 1, right }
    }

    /// Rates by group and scenario; columns go by number where their names do not fit.
    fn matrix(&self, names: &[String]) -> Block {
        let comparison = self.comparison;
        let base = comparison.base();
        let widest = names.iter().map(|name| name.chars().count().max(7) + 3).sum::<usize>();
        let fits = widest + 16 <= self.layout.width;
        let heading =
            |(at, name): (usize, &String)| if fits { name.clone() } else { format!("({})", at + 1) };
        let first = if fits { "Rate of" } else { "Rate of, under scenario" };
        let headings =
            std::iter::once(first.to_owned()).chain(names.iter().enumerate().map(heading)).collect();
        let rates: Vec<BTreeMap<&str, Option<Decimal>>> = comparison
            .runs
            .iter()
            .map(|run| run.groups.iter().map(|group| (group.key.as_str(), group.effective_rate)).collect())
            .collect();
        let new = comparison.runs.iter().flat_map(|run| &run.groups);
        let mut seen = BTreeSet::new();
        let keys = base.groups.iter().chain(new).map(|group| group.key.as_str());
        let keys: Vec<&str> = keys.filter(|key| seen.insert(*key)).collect();
        let row = |key: &&str| {
            let rate = |rates: &BTreeMap<&str, Option<Decimal>>| percent(rates.get(*key).copied().flatten());
            std::iter::once((*key).to_owned()).chain(rates.iter().map(rate)).collect()
        };
        Block::Table { headings, rows: keys.iter().map(row).collect(), left: 1, right: 0 }
    }

    fn alternative(&self, run: &Run, difference: &Difference, names: &[String]) -> Vec<Block> {
        let scenario = run.scenario();
        let title = match &scenario.variant {
            Some(variant) => variant.title.clone().unwrap_or_default(),
            None => scenario.title.clone(),
        };
        let number = difference.run + 1;
        let mut blocks = vec![Block::Heading(format!("({number}) {}: {title}", names[difference.run]))];
        let base = &names[self.comparison.baseline];
        if difference.is_none() {
            blocks.push(Block::Words(format!("The same as {base}.")));
            return blocks;
        }
        blocks.extend(movers(difference, base, &run.by).map(Block::Words));
        let mut law: Vec<String> =
            difference.law.iter().take(MOST_LAW).map(|change| self.law(change)).collect();
        if difference.law.len() > MOST_LAW {
            law.push(format!("and {} more; --format json has them all", difference.law.len() - MOST_LAW));
        }
        if law.is_empty() {
            law.push("nothing".to_owned());
        }
        blocks.push(Block::Words("What changes in law:".to_owned()));
        blocks.push(Block::List(law));
        if let Some(charges) = self.by_charge(difference) {
            blocks.push(Block::Words(charges));
        }
        let (left_out, before) =
            (run.totals.not_computable.flows, self.comparison.base().totals.not_computable.flows);
        if left_out != before {
            let flows = |number: usize| count(number, "flow", "flows");
            blocks.push(Block::Words(format!(
                "Not computable here: {}; under {base}: {}. The difference is partly theirs.",
                flows(left_out),
                flows(before)
            )));
        }
        blocks
    }

    fn law(&self, change: &LawChange) -> String {
        let name = if change.id.is_empty() { change.kind.to_owned() } else { change.id.clone() };
        let place = |said: &Said| {
            let span = said.span?;
            self.sources.position(span).map(|(file, line, _)| format!(" ({file}:{line})"))
        };
        let placed = |said: &Said| format!("{}{}", said.text, place(said).unwrap_or_default());
        match (&change.before, &change.after) {
            (Some(before), Some(after)) => format!("{name}: {} → {}", before.text, placed(after)),
            (None, Some(after)) => format!("{name}, new: {}", placed(after)),
            (Some(before), None) => format!("{name} no longer: {}", placed(before)),
            (None, None) => name,
        }
    }

    /// The change in duty by measure.
    fn by_charge(&self, difference: &Difference) -> Option<String> {
        let moved = || difference.charges.iter().filter(|charge| !charge.change.is_zero());
        let digits = places(moved().map(|charge| charge.change).chain([difference.duty]));
        let duties: Vec<String> = moved()
            .filter(|charge| charge.is_duty)
            .map(|charge| format!("{} {}", charge.id, signed(charge.change, digits)))
            .collect();
        if duties.is_empty() {
            return None;
        }
        let shown = duties.iter().take(MOST_CHARGES).cloned().collect::<Vec<_>>().join(", ");
        let more = duties.len().saturating_sub(MOST_CHARGES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let (currency, sum) = (self.currency(), signed(difference.duty, digits));
        Some(format!("The duty changes by {currency} {sum}: {shown}{more}."))
    }
}

/// The groups whose rates move most, in words.
fn movers(difference: &Difference, base: &str, by: &By) -> Option<String> {
    if matches!(by, By::Measure | By::Programme) {
        return None;
    }
    let moved = |change: &&GroupChange| change.points.is_some_and(|points| !points.is_zero());
    let moved: Vec<&GroupChange> = difference.groups.iter().filter(moved).collect();
    let (first, rest) = moved.split_first()?;
    let said = |change: &GroupChange, than: Option<&str>| {
        let points = change.points.unwrap_or_default();
        let side = if points < Decimal::ZERO { "less" } else { "more" };
        let rate = |group: &Option<crate::assess::Group>| {
            group.as_ref().and_then(|group| group.effective_rate).map(percent_in_words).unwrap_or_default()
        };
        let name = match by {
            By::Chapter => format!("chapter {}", change.key),
            By::Heading => format!("heading {}", change.key),
            _ => change.key.replace('_', " "),
        };
        let verb = if name.ends_with('s') { "pay" } else { "pays" };
        let points = in_points(points.abs());
        let change_in_words = match than {
            Some(base) => format!("{name} {verb} {points} points {side} than under {base}"),
            None => format!("{name} {points} {side}"),
        };
        format!("{change_in_words} ({} → {})", rate(&change.before), rate(&change.after))
    };
    let mut parts = vec![said(first, Some(base))];
    parts.extend(rest.iter().take(MOST_GROUPS - 1).map(|change| said(change, None)));
    Some(format!("{}.", capitalised(&parts.join(", "))))
}

/// The beginning of a sentence; a file or a variant keeps its name.
fn capitalised(text: &str) -> String {
    let word = text.split(' ').next().unwrap_or_default();
    if word.contains(['/', '.', '#']) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Percentage points in a sentence: at most two places, no trailing zeros.
fn in_points(points: Decimal) -> String {
    RoundingMode::HalfUp.places(points, 2).normalize().to_string()
}
