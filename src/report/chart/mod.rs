//! Results as pictures, in SVG. Every number in them is read off a result; what is computed here is where it stands in the
//! picture, and nothing else.

mod bars;
mod canvas;
mod chain;
mod heat;
mod line;
mod market;
mod palette;
mod steps;
mod sweep;

pub use canvas::{ALONE, Frame, Page};
pub use palette::Palette;
pub use sweep::{drawable, swept};

use super::number::{money_in_words, percent_in_words};
use super::{compare, sentence};
use crate::analysis::impact::Impact;
use crate::analysis::{Comparison, Layer, Timeline};
use crate::assess::{Charge, Explained, Run, Status};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::money::{negative, plain};
use crate::scenario::Scenario;
use bars::{Bars, Piece, Row};
use canvas::{HOLLOW, Words};
use palette::Series;
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use steps::{Moment, Steps};

/// The duty of each scenario as a bar, its measures as pieces of it.
pub fn compared(comparison: &Comparison, frame: Frame<'_>) -> String {
    let names = compare::names(comparison);
    let currency = &comparison.base().scenario().currency;
    let parts: Vec<Vec<(String, Decimal)>> = comparison.runs.iter().map(by_measure).collect();
    let series = Series::of(parts.iter().flatten(), &palette(frame, parts.iter().flatten()));
    let (unit, word) = unit(comparison.runs.iter().map(|run| run.totals.duty));
    let rows = comparison.runs.iter().zip(&parts).zip(&names).map(|((run, parts), name)| Row {
        name: match own_title(run.scenario()) {
            Some(title) => format!("{name}: {title}"),
            None => name.clone(),
        },
        amount: owed(run),
        pieces: series.pieces(parts),
    });
    let told: Vec<String> = comparison
        .runs
        .iter()
        .zip(&parts)
        .zip(&names)
        .map(|((run, parts), name)| told(name, run, parts))
        .collect();
    // Not when they enter: each scenario may have a day of its own.
    let base = comparison.base();
    let worth = money_in_words(base.totals.computable.value, currency);
    let title = format!("Duty by scenario and measure, on goods {} worth {worth}", sentence::from(base));
    Bars {
        words: Words { title, description: told.join(" "), source: source(comparison.runs.iter()) },
        axis: format!("Duty, {currency}{word}"),
        unit,
        rows: rows.collect(),
        series: series.names,
        connected: false,
    }
    .svg(frame)
}

/// The duty of one scenario, measure by measure up to the whole.
pub fn run(run: &Run, frame: Frame<'_>) -> String {
    let scenario = run.scenario();
    let parts = by_measure(run);
    let series = Series::of(&parts, &palette(frame, &parts));
    let mut kinds = series.names.clone();
    kinds.push(("in all".to_owned(), HOLLOW));
    let total = series.names.len();
    let mut steps = Waterfall::new(&scenario.currency, kinds);
    for (kind, ((name, _), amount)) in series.names.iter().zip(series.sums(&parts)).enumerate() {
        steps.add(titled(scenario, name), amount, kind);
    }
    steps.total("Duty", (run.totals.duty, run.totals.effective_rate), total);
    let title = format!("Duty by measure, on {}", sentence::goods(run));
    let description = told("All together", run, &parts);
    steps.svg(Words { title, description, source: source([run].into_iter()) }, "Duty", frame)
}

/// The colours of a picture: those of its page, or its own.
fn palette<'a>(frame: Frame<'_>, parts: impl IntoIterator<Item = &'a (String, Decimal)>) -> Palette {
    frame.page.map_or_else(|| Palette::of(parts), |page| page.palette.clone())
}

/// How the landed cost of one flow comes about: its value, then one charge after the other.
pub fn explained(explained: &Explained, frame: Frame<'_>) -> String {
    let (scenario, sheet) = (explained.plan.scenario(), &explained.explanation.sheet);
    let currency = &scenario.currency;
    let kinds = KINDS.iter().map(|(name, colour)| ((*name).to_owned(), *colour)).collect();
    let mut steps = Waterfall::new(currency, kinds);
    steps.add("Customs value".to_owned(), sheet.customs_value, VALUE);
    let measure = |charge: &Charge| &scenario.measures[charge.measure];
    let (duties, levies): (Vec<&Charge>, Vec<&Charge>) =
        sheet.charges.iter().partition(|charge| measure(charge).kind.is_duty());
    for (charges, kind) in [(duties, DUTY), (levies, LEVY)] {
        for charge in charges {
            let name = titled(scenario, &measure(charge).id);
            if charge.amount.is_zero() && charge.status != Status::Charged {
                steps.nothing(name, charge.status.words());
            } else {
                let kind = if charge.amount < Decimal::ZERO { CREDIT } else { kind };
                steps.add(name, charge.amount, kind);
            }
        }
        if kind == DUTY {
            for credit in &sheet.credits {
                let name = scenario.credits.get(credit.credit).map_or("", |credit| &credit.ledger.id);
                steps.add(name.to_owned(), negative(credit.amount), CREDIT);
            }
            if !sheet.left_out.is_zero() {
                steps.add("Freight and insurance".to_owned(), sheet.left_out, VALUE);
            }
        }
    }
    let flow = &explained.flows.rows[0];
    let goods = format!("{} ({} from {})", flow.id, flow.product, flow.origin.value.name());
    let (title, answer) = match &sheet.not_computable {
        None => {
            steps.total("Landed cost", (sheet.landed_cost, None), TOTAL);
            let rate =
                sheet.effective_rate().map(|rate| format!(", {} of the value", percent_in_words(rate)));
            let duty = money_in_words(sheet.duty, currency);
            (
                format!("{goods}: {duty} of duty{}", rate.unwrap_or_default()),
                format!("Duty {currency} {}.", plain(sheet.duty)),
            )
        }
        Some(reason) => (format!("{goods}: no duty can be stated"), format!("Not computable: {reason}.")),
    };
    let description = format!("{answer} {}", steps.told());
    let source = format!("Entered on {}. {}", flow.date, files([scenario].into_iter()));
    steps.svg(Words { title, description, source }, "Value and charges", frame)
}

/// The rate over time as a line, what it is made of as layers under it.
pub fn timeline(timeline: &Timeline, by_programme: bool, frame: Frame<'_>) -> String {
    let layers = |at: usize| -> &[Layer] {
        let point = &timeline.points[at];
        if by_programme { &point.by_programme } else { &point.by_measure }
    };
    let in_percent = |rate: Option<Decimal>| {
        rate.and_then(|rate| rate.checked_mul(Decimal::ONE_HUNDRED)).unwrap_or_default()
    };
    let rates = |at: usize| layers(at).iter().map(|layer| (layer.id.clone(), in_percent(layer.rate)));
    let all: Vec<(String, Decimal)> = (0..timeline.points.len()).flat_map(rates).collect();
    let series = Series::of(&all, &palette(frame, &all));
    let moments = timeline.points.iter().enumerate().map(|(at, point)| Moment {
        date: point.date,
        rate: point.effective_rate.map(|rate| in_percent(Some(rate))),
        layers: series.sums(&rates(at).collect::<Vec<_>>()),
    });
    let told = timeline.points.iter().enumerate().map(|(at, point)| {
        let made_of = layers(at).iter().filter(|layer| !layer.amount.is_zero());
        let made_of: Vec<String> =
            made_of.map(|layer| format!("{} {}", layer.id, plain(in_percent(layer.rate)))).collect();
        let rate = point
            .effective_rate
            .map_or_else(|| "no rate".to_owned(), |r| format!("{}%", plain(in_percent(Some(r)))));
        format!("{}: {rate} ({}).", point.date, made_of.join(", "))
    });
    let scenario = timeline.run.scenario();
    let stacked = if by_programme { "programme" } else { "measure" };
    let title = format!("Rate of duty by day of entry and {stacked}: {}", sentence::title(&timeline.run));
    let how =
        if timeline.own_dates { "Flows by their own dates" } else { "The same flows entered on each day" };
    Steps {
        words: Words {
            title,
            description: told.collect::<Vec<_>>().join(" "),
            source: format!("{how}. {}", files([scenario].into_iter())),
        },
        axis: "Rate of duty, % of the customs value".to_owned(),
        moments: moments.collect(),
        series: series.names,
        end: timeline.to,
    }
    .svg(frame)
}

/// The market or the chain of an impact that is named; else the largest market of one good, or the first chain where there is
/// no market.
pub fn impact(impact: &Impact, name: Option<&str>, frame: Frame<'_>) -> Result<String, Diagnostics> {
    let chain = match name {
        Some(name) => impact.chains.iter().find(|chain| chain.id == name),
        None if impact.markets.is_empty() => impact.chains.first(),
        None => None,
    };
    match chain {
        Some(chain) => chain::chain(impact, chain, frame).map_err(|error| {
            let message = format!("the chain `{}` cannot be drawn: {error}", chain.id);
            Diagnostic::new(Code::CannotBeDrawn, message).into()
        }),
        None => market::market(impact, name, frame),
    }
}

/// Bars of which each goes on where the one above ends.
struct Waterfall<'a> {
    currency: &'a str,
    /// Names and colours.
    kinds: Vec<(String, usize)>,
    steps: Vec<Step>,
    reached: Decimal,
}

/// A bar of a waterfall; without ends there is none, and `amount` says why.
struct Step {
    name: String,
    amount: String,
    ends: Option<(Decimal, Decimal)>,
    kind: usize,
}

/// What a bar of one flow's waterfall is, as a place among [`KINDS`].
const VALUE: usize = 0;
const DUTY: usize = 1;
const LEVY: usize = 2;
const CREDIT: usize = 3;
const TOTAL: usize = 4;

/// Names and colours.
const KINDS: [(&str, usize); 5] = [
    ("value", 7),
    ("duty", 1),
    ("fees, taxes and other costs", 5),
    ("credits and subsidies", 2),
    ("in all", HOLLOW),
];

impl<'a> Waterfall<'a> {
    fn new(currency: &'a str, kinds: Vec<(String, usize)>) -> Waterfall<'a> {
        Waterfall { currency, kinds, steps: Vec::new(), reached: Decimal::ZERO }
    }

    fn add(&mut self, name: String, amount: Decimal, kind: usize) {
        let from = self.reached;
        self.reached = from.checked_add(amount).unwrap_or(from);
        let ends = Some((from, self.reached));
        self.steps.push(Step { name, amount: money_in_words(amount, self.currency), ends, kind });
    }

    fn nothing(&mut self, name: String, why: &str) {
        self.steps.push(Step { name, amount: why.to_owned(), ends: None, kind: DUTY });
    }

    fn total(&mut self, name: &str, (sum, rate): (Decimal, Option<Decimal>), kind: usize) {
        let rate = rate.map(|rate| format!(", {}", percent_in_words(rate))).unwrap_or_default();
        let amount = format!("{}{rate}", money_in_words(sum, self.currency));
        let ends = Some((Decimal::ZERO, sum));
        self.steps.push(Step { name: name.to_owned(), amount, ends, kind });
    }

    /// The same in words, with exact amounts.
    fn told(&self) -> String {
        let told = |step: &Step| match step.ends {
            Some((from, to)) => {
                format!("{}: {}.", step.name, plain(to.checked_sub(from).unwrap_or_default()))
            }
            None => format!("{}: {}.", step.name, step.amount),
        };
        self.steps.iter().map(told).collect::<Vec<_>>().join(" ")
    }

    fn svg(self, words: Words, axis: &str, frame: Frame<'_>) -> String {
        let ends = self.steps.iter().filter_map(|step| step.ends);
        let (unit, word) = unit(ends.flat_map(|(from, to)| [from, to]));
        let drawn = self.steps.iter().filter(|step| step.ends.is_some());
        let used: BTreeSet<usize> = drawn.map(|step| step.kind).collect();
        let series: Vec<(String, usize)> = used.iter().map(|kind| self.kinds[*kind].clone()).collect();
        let place = |kind: usize| used.iter().position(|used| *used == kind).unwrap_or_default();
        let row = |step: Step| {
            let piece = |(from, to)| Piece { from, to, series: place(step.kind) };
            Row { pieces: step.ends.into_iter().map(piece).collect(), name: step.name, amount: step.amount }
        };
        let axis = format!("{axis}, {}{word}", self.currency);
        let rows = self.steps.into_iter().map(row).collect();
        Bars { words, axis, unit, series, rows, connected: true }.svg(frame)
    }
}

/// What each measure charges in duty, and what each credit pays, below zero.
fn by_measure(run: &Run) -> Vec<(String, Decimal)> {
    let scenario = run.scenario();
    let duties = scenario.measures.iter().zip(&run.totals.by_measure).filter(|(m, _)| m.kind.is_duty());
    let duties = duties.map(|(measure, amount)| (measure.id.clone(), *amount));
    let credits = scenario.credits.iter().zip(&run.totals.by_credit);
    duties.chain(credits.map(|(credit, amount)| (credit.ledger.id.clone(), negative(*amount)))).collect()
}

/// "USD 16 billion, 20%".
fn owed(run: &Run) -> String {
    let rate =
        run.totals.effective_rate.map(|rate| format!(", {}", percent_in_words(rate))).unwrap_or_default();
    format!("{}{rate}", money_in_words(run.totals.duty, &run.scenario().currency))
}

/// A run in exact numbers.
fn told(name: &str, run: &Run, parts: &[(String, Decimal)]) -> String {
    let charged = parts.iter().filter(|(_, amount)| !amount.is_zero());
    let parts: Vec<String> = charged.map(|(id, amount)| format!("{id} {}", plain(*amount))).collect();
    let of = if parts.is_empty() { String::new() } else { format!(", of which {}", parts.join(", ")) };
    format!("{name}: duty {} {}{of}.", run.scenario().currency, plain(run.totals.duty))
}

/// What is shown as one on an axis of money, and its name.
fn unit(amounts: impl Iterator<Item = Decimal>) -> (Decimal, &'static str) {
    let largest = amounts.map(|amount| amount.abs()).max().unwrap_or_default();
    let units = [(1_000_000_000_u64, " billion"), (1_000_000, " million")];
    let unit =
        units.into_iter().map(|(size, word)| (Decimal::from(size), word)).find(|(size, _)| largest >= *size);
    unit.unwrap_or((Decimal::ONE, ""))
}

/// A measure by its id and title.
fn titled(scenario: &Scenario, id: &str) -> String {
    let measure = scenario.measures.iter().find(|measure| measure.id == id);
    match measure.and_then(|measure| measure.title.as_ref()) {
        Some(title) => format!("{id}: {title}"),
        None => id.to_owned(),
    }
}

/// The title of a variant, or of a file.
fn own_title(scenario: &Scenario) -> Option<&str> {
    match &scenario.variant {
        Some(variant) => variant.title.as_deref(),
        None => Some(&scenario.title),
    }
}

fn source<'a>(runs: impl Iterator<Item = &'a Run>) -> String {
    files(runs.map(Run::scenario))
}

/// Which files the numbers are computed from, and by what.
fn files<'a>(scenarios: impl Iterator<Item = &'a Scenario>) -> String {
    let mut files: Vec<&str> = Vec::new();
    for scenario in scenarios {
        if !files.contains(&scenario.file.as_str()) {
            files.push(&scenario.file);
        }
    }
    computed_from(&files.join(", "))
}

fn computed_from(files: &str) -> String {
    format!("Computed by tariffsim {} from {files}.", env!("CARGO_PKG_VERSION"))
}
