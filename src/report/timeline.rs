//! Duty over time, as text: the answer in words, a line a date with the rate stacked by measure, and what changed in the
//! law with the place where it is written.

use super::ledger;
use super::number::{Scale, bar, count, grouped, money_in_words, percent, percent_in_words, signed};
use super::page::{self, Block};
use super::{Format, Layout, json, sentence};
use crate::analysis::{Cause, Layer, Point, Timeline};
use crate::assess::Part;
use crate::date::Window;
use crate::diagnostic::Sources;
use crate::money::plain;
use crate::scenario::{Ledger, Scenario};
use csv::Writer;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};
use std::cmp::Reverse;

/// Causes of one date that are shown.
const MOST_CAUSES: usize = 10;
/// Columns kept free for the bar before measures get theirs.
const KEPT_FOR_BAR: usize = 14;
/// Columns of the longest bar.
const LONGEST_BAR: usize = 24;
/// A bar with less room than this says nothing.
const SHORTEST_BAR: usize = 6;
/// Stretches without a duty to state that are told one by one.
const MOST_CAVEATS: usize = 5;

/// A timeline as text; `by_programme` says how the rate is stacked.
pub fn timeline(
    timeline: &Timeline,
    sources: &Sources,
    by_programme: bool,
    format: Format,
    layout: Layout,
) -> String {
    let page = Page { timeline, sources, by_programme, layout };
    match format {
        Format::Table => page::terminal(&page.blocks(false), layout),
        Format::Markdown => {
            let layout = Layout { pictures: false, width: usize::MAX / 2, ..layout };
            page::markdown(&Page { layout, ..page }.blocks(true))
        }
        Format::Json => page.json(),
        Format::Csv => page.csv(),
    }
}

/// What is said of a timeline beside its numbers: the answer, what limits it, and what changed in the law.
pub(super) fn told(timeline: &Timeline, sources: &Sources) -> (String, Vec<String>, Vec<Block>) {
    let layout = Layout { width: usize::MAX / 2, colour: false, pictures: false };
    let page = Page { timeline, sources, by_programme: false, layout };
    // A page has no flag that keeps the dates.
    (page.answer(), page.caveats(""), page.what_changed())
}

struct Page<'a> {
    timeline: &'a Timeline,
    sources: &'a Sources,
    by_programme: bool,
    layout: Layout,
}

impl Page<'_> {
    fn scenario(&self) -> &Scenario {
        self.timeline.run.scenario()
    }

    fn layers<'p>(&self, point: &'p Point) -> &'p [Layer] {
        if self.by_programme { &point.by_programme } else { &point.by_measure }
    }

    fn blocks(&self, markdown: bool) -> Vec<Block> {
        let run = &self.timeline.run;
        let mut blocks = vec![Block::Bold(self.answer()), Block::Faint(sentence::title(run))];
        blocks.push(self.table(markdown));
        blocks.push(Block::Words(self.reading()));
        let instead = "; --own-dates lets flows keep their own dates and shows what is left";
        blocks.extend(self.caveats(instead).into_iter().map(Block::Words));
        for sheet in ledger::sheets(run) {
            blocks.push(Block::Heading(sheet.title));
            blocks.push(Block::Table {
                headings: sheet.headings,
                rows: sheet.rows,
                left: sheet.words,
                right: 0,
            });
        }
        blocks.extend(self.what_changed());
        if let Some(notice) = &self.scenario().notice {
            blocks.push(Block::Heading("Notice".to_owned()));
            blocks.push(Block::Words(notice.trim().to_owned()));
        }
        blocks.extend(sentence::standing(run).map(Block::Faint));
        blocks
    }

    /// The answer in a sentence.
    fn answer(&self) -> String {
        let timeline = self.timeline;
        let (Some(first), Some(last)) = (timeline.points.first(), timeline.points.last()) else {
            return "There is no day to show.".to_owned();
        };
        let from = sentence::from(&timeline.run);
        let currency = &self.scenario().currency;
        let stretch = if timeline.from == timeline.to {
            format!("on {}", timeline.from)
        } else {
            format!("from {} to {}", timeline.from, timeline.to)
        };
        if timeline.own_dates {
            return self.answer_by_own_dates(&from, &stretch);
        }
        let goods = format!("goods {from} worth {}", money_in_words(last.computable.value, currency));
        let (Some(start), Some(end)) = (first.effective_rate, last.effective_rate) else {
            return format!("No rate of duty can be stated {stretch}: see why below.");
        };
        let (start_text, end_text) = (percent_in_words(start), percent_in_words(end));
        if timeline.turns == 0 {
            let still = if timeline.from == timeline.to { "" } else { "; the rate of no flow changes" };
            return format!("Duty on {goods} is {start_text} of their value {stretch}{still}.");
        }
        let verb = match start.cmp(&end) {
            std::cmp::Ordering::Less => format!("rose from {start_text} on {}", timeline.from),
            std::cmp::Ordering::Greater => format!("fell from {start_text} on {}", timeline.from),
            std::cmp::Ordering::Equal => format!("was {start_text} on {}", timeline.from),
        };
        let to = if start == end {
            format!("and again on {}", timeline.to)
        } else {
            format!("to {end_text} on {}", timeline.to)
        };
        let often = match (timeline.turns, self.most()) {
            (1, _) => "once".to_owned(),
            (many, Some((date, points))) => {
                let by = if timeline.monthly { "by" } else { "on" };
                format!("on {}, most {by} {date} ({points} points)", count(many, "day", "days"))
            }
            (many, None) => format!("on {}", count(many, "day", "days")),
        };
        format!("Duty on {goods} {verb} {to}; it changed {often}.")
    }

    fn answer_by_own_dates(&self, from: &str, stretch: &str) -> String {
        let timeline = self.timeline;
        let currency = &self.scenario().currency;
        let rates = || timeline.points.iter().filter_map(|point| Some((point.effective_rate?, point.date)));
        let (Some((low, _)), Some((high, when))) = (rates().min(), rates().max()) else {
            return format!(
                "Of goods {from} entered {stretch} no rate of duty can be stated: see why below."
            );
        };
        let (value, duty) = (self.sum(|point| point.computable.value), self.sum(|point| point.duty));
        let amounts = match (value, duty) {
            (Some(value), Some(duty)) => format!(
                "worth {} and entered {stretch} owe {}",
                money_in_words(value, currency),
                money_in_words(duty, currency)
            ),
            _ => format!("entered {stretch}"),
        };
        if timeline.points.len() == 1 || low == high {
            return format!("Goods {from} {amounts}, {} of their value.", percent_in_words(high));
        }
        format!(
            "Goods {from} {amounts}, between {} and {} of their value, the most in the line of {when}.",
            percent_in_words(low),
            percent_in_words(high)
        )
    }

    /// A sum over the points for the eye.
    fn sum(&self, amount: fn(&Point) -> Decimal) -> Option<Decimal> {
        crate::money::sum(self.timeline.points.iter().map(amount)).ok()
    }

    /// The date with the largest change, and the change in points.
    fn most(&self) -> Option<(String, String)> {
        let points = self.timeline.points.iter().filter_map(|point| Some((point.points?, point.date)));
        // Of several the first.
        let (points, date) = points.max_by_key(|(points, date)| (points.abs(), Reverse(*date)))?;
        (!points.is_zero()).then(|| (date.to_string(), signed(points, 2)))
    }

    /// A line a date. As many measures as there is room for get a column of their own.
    fn table(&self, markdown: bool) -> Block {
        let timeline = self.timeline;
        let currency = &self.scenario().currency;
        let points = &timeline.points;
        let own = timeline.own_dates;
        let values = points.iter().filter(|_| own).map(|point| point.computable.value);
        let scale = Scale::of(points.iter().map(|point| point.duty).chain(values));
        let money = |what: &str| {
            let heading = format!("{what}, {currency}{}", scale.words());
            if markdown { heading } else { heading.replace(' ', "\n") }
        };
        let mut headings: Vec<String> = [
            Some(if own { "From" } else { "Date" }.to_owned()),
            own.then(|| money("Value")),
            Some("Rate".to_owned()),
            Some("Points".to_owned()),
            Some(money("Duty")),
        ]
        .into_iter()
        .flatten()
        .collect();
        let row = |point: &Point| -> Vec<String> {
            let cells = [
                Some(point.date.to_string()),
                own.then(|| scale.show(point.computable.value)),
                Some(percent(point.effective_rate)),
                Some(point.points.map_or_else(String::new, |points| signed(points, 2))),
                Some(scale.show(point.duty)),
            ];
            cells.into_iter().flatten().collect()
        };
        let mut rows: Vec<Vec<String>> = points.iter().map(row).collect();
        let kept = match self.layout.width {
            _ if !self.layout.pictures => 0,
            ..100 => SHORTEST_BAR + 3,
            _ => KEPT_FOR_BAR,
        };
        let room = self.layout.width.saturating_sub(kept + page::width(&headings, &rows));
        for column in self.columns(room, markdown) {
            headings.push(column.heading);
            for (row, cell) in rows.iter_mut().zip(column.cells) {
                row.push(cell);
            }
        }
        let free = self.layout.width.saturating_sub(page::width(&headings, &rows) + 3);
        let right = usize::from(self.layout.pictures && free >= SHORTEST_BAR);
        if right > 0 {
            let rates = || points.iter().map(|point| point.effective_rate.unwrap_or_default());
            let longest = rates().max().unwrap_or_default();
            headings.push(String::new());
            for (row, rate) in rows.iter_mut().zip(rates()) {
                row.push(bar(rate, longest, free.min(LONGEST_BAR)));
            }
        }
        Block::Table { headings, rows, left: 1, right }
    }

    /// What measures add to the rate, in points: the largest, then the others together.
    fn columns(&self, room: usize, markdown: bool) -> Vec<Column> {
        let points = &self.timeline.points;
        let ids: Vec<&str> = points
            .first()
            .map_or(&[][..], |point| self.layers(point))
            .iter()
            .map(|l| l.id.as_str())
            .collect();
        let size = |at: usize| {
            let rates = points.iter().filter_map(|point| self.layers(point).get(at)?.rate);
            rates.map(|rate| rate.abs()).max().unwrap_or_default()
        };
        let column = |at: usize| {
            let cell = |point: &Point| in_points(self.layers(point).get(at).and_then(|layer| layer.rate));
            Column { heading: heading(ids[at], markdown), cells: points.iter().map(cell).collect() }
        };
        let mut largest: Vec<usize> = (0..ids.len()).collect();
        largest.sort_by_key(|at| Reverse(size(*at)));
        let all: Vec<Column> = (0..ids.len()).map(column).collect();
        if all.iter().map(Column::width).sum::<usize>() <= room {
            return all;
        }
        let others = |shown: &[usize]| {
            let rate = |point: &Point| {
                let mut rest = self.layers(point).iter().enumerate().filter(|(at, _)| !shown.contains(at));
                rest.try_fold(Decimal::ZERO, |sum, (_, layer)| sum.checked_add(layer.rate?))
            };
            Column {
                heading: "other".to_owned(),
                cells: points.iter().map(|point| in_points(rate(point))).collect(),
            }
        };
        let mut shown: Vec<usize> = Vec::new();
        for at in largest {
            let mut wider = shown.clone();
            wider.push(at);
            let taken: usize = wider.iter().map(|at| all[*at].width()).sum();
            if taken + others(&wider).width() > room {
                break;
            }
            shown = wider;
        }
        if shown.is_empty() {
            return Vec::new();
        }
        shown.sort_unstable();
        let rest = others(&shown);
        shown.into_iter().map(column).chain([rest]).collect()
    }

    /// How the table is to be read.
    fn reading(&self) -> String {
        let columns = "Columns under a name say how many points of the rate it adds.";
        if self.timeline.own_dates {
            return format!("Each line holds the flows entered from its date to before the next. {columns}");
        }
        let flows = count(self.timeline.run.flows.rows.len(), "flow", "flows");
        format!("Each line enters all {flows} on its date. {columns}")
    }

    /// What limits the table; `instead` is said of quotas and credits that are drawn on afresh.
    fn caveats(&self, instead: &str) -> Vec<String> {
        let timeline = self.timeline;
        let mut caveats = Vec::new();
        if timeline.outside > 0 {
            let flows = count(timeline.outside, "flow is", "flows are");
            caveats.push(format!("{flows} entered on other days and in no line."));
        }
        if let Some(what) = self.drawn_afresh() {
            caveats.push(format!(
                "{what} drawn on afresh on each date, as if all trade entered on that day{instead}."
            ));
        }
        caveats.extend(self.not_computable());
        if timeline.run.totals.base_not_stated.flows > 0 {
            let part = &timeline.run.totals.base_not_stated;
            let day = if timeline.own_dates { String::new() } else { format!(" on {}", timeline.to) };
            caveats.push(format!("Base duty not stated{day}, and counted as nothing: {}.", self.part(part)));
        }
        if timeline.run.flows.skipped > 0 {
            caveats.push(format!(
                "`skip` left out {} of the flow files.",
                count(timeline.run.flows.skipped, "row", "rows")
            ));
        }
        caveats
    }

    /// Quotas and credits that may be drawn on, where flows do not keep their own dates.
    fn drawn_afresh(&self) -> Option<&'static str> {
        let days = Window { from: Some(self.timeline.from), until: self.timeline.to.tomorrow().ok() };
        let open = |ledger: &Ledger| ledger.reach.window.overlaps(days);
        let quotas = self.scenario().quotas.iter().any(|quota| open(&quota.ledger));
        let credits = self.scenario().credits.iter().any(|credit| open(&credit.ledger));
        match (quotas, credits) {
            _ if self.timeline.own_dates => None,
            (true, true) => Some("Quotas and credits are"),
            (true, false) => Some("Quotas are"),
            (false, true) => Some("Credits are"),
            (false, false) => None,
        }
    }

    /// From when on how many flows have no duty to state.
    fn not_computable(&self) -> Vec<String> {
        let mut known = Part::default();
        let mut said = Vec::new();
        for point in &self.timeline.points {
            if point.not_computable != known {
                known = point.not_computable;
                let text = match known.flows {
                    0 => format!("From {} on all flows are computable.", point.date),
                    _ => format!(
                        "Not computable from {} on, and in no total: {}.",
                        point.date,
                        self.part(&known)
                    ),
                };
                said.push(text);
            }
        }
        let more = said.len().saturating_sub(MOST_CAVEATS);
        if more > 0 {
            said.truncate(MOST_CAVEATS);
            said.push(format!("That changes {more} more times; --format json has them all."));
        }
        if self.timeline.points.iter().any(|point| point.not_computable.flows != known.flows) {
            said.push("Where that changes, the rates are of unlike flows.".to_owned());
        }
        said
    }

    fn part(&self, part: &Part) -> String {
        let worth = money_in_words(part.value, &self.scenario().currency);
        format!("{} worth {worth}", count(part.flows, "flow", "flows"))
    }

    /// Under each date what in the law changed, and where it is written.
    fn what_changed(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for point in self.timeline.points.iter().filter(|point| !point.causes.is_empty()) {
            if blocks.is_empty() {
                blocks.push(Block::Heading("What changed".to_owned()));
            }
            let points =
                point.points.map(|points| format!(", {} points", signed(points, 2))).unwrap_or_default();
            blocks.push(Block::Words(format!("{}{points}", point.date)));
            let mut causes: Vec<String> =
                point.causes.iter().take(MOST_CAUSES).map(|cause| self.cause(cause, point)).collect();
            let more = point.causes.len().saturating_sub(MOST_CAUSES);
            if more > 0 {
                causes.push(format!("and {more} more; --format json has them all"));
            }
            blocks.push(Block::List(causes));
        }
        blocks
    }

    fn cause(&self, cause: &Cause, point: &Point) -> String {
        let day = if cause.date == point.date { String::new() } else { format!("{} ", cause.date) };
        let place = self.sources.position(cause.span).map(|(file, line, _)| format!(" ({file}:{line})"));
        format!("{day}{}: {}{}", cause.id, cause.text, place.unwrap_or_default())
    }

    fn json(&self) -> String {
        let (timeline, scenario) = (self.timeline, self.scenario());
        let layers = |layers: &[Layer]| -> Map<String, Value> {
            layers.iter().map(|layer| (layer.id.clone(), Value::String(plain(layer.amount)))).collect()
        };
        let cause = |cause: &Cause| {
            let place = self.sources.position(cause.span);
            CauseJson {
                date: cause.date.to_string(),
                measure: cause.id.clone(),
                text: cause.text.clone(),
                file: place.map(|(file, _, _)| file.to_owned()),
                line: place.map(|(_, line, _)| line),
            }
        };
        let point = |point: &Point| PointJson {
            date: point.date.to_string(),
            flows: point.computable.flows,
            value: plain(point.computable.value),
            duty: plain(point.duty),
            effective_rate: point.effective_rate.map(plain),
            change: point.change.map(plain),
            points: point.points.map(plain),
            by_measure: layers(&point.by_measure),
            by_programme: layers(&point.by_programme),
            causes: point.causes.iter().map(cause).collect(),
            not_computable: json::part(&point.not_computable),
        };
        let statements = |quotas| ledger::statements(&timeline.run, quotas).map(json::statement).collect();
        json::document(&Document {
            schema: json::SCHEMA,
            timeline: TimelineJson {
                file: &scenario.file,
                variant: scenario.variant.as_ref().map(|variant| variant.id.as_str()),
                title: &scenario.title,
                currency: &scenario.currency,
                from: timeline.from.to_string(),
                to: timeline.to.to_string(),
                own_dates: timeline.own_dates,
                every: timeline.monthly.then_some("month"),
                points: timeline.points.iter().map(point).collect(),
                quotas: statements(true),
                credits: statements(false),
            },
        })
    }

    /// A row a date and measure; a date on which nothing is charged at any date has one without a measure.
    fn csv(&self) -> String {
        let mut writer = Writer::from_writer(Vec::new());
        // Writing to memory cannot fail.
        let mut write = |cells: Vec<String>| writer.write_record(cells).unwrap_or_default();
        let key = if self.by_programme { "programme" } else { "measure" };
        write(["scenario", "variant", "date", key, "amount", "value", "rate"].map(str::to_owned).to_vec());
        let scenario = self.scenario();
        let variant = scenario.variant.as_ref().map(|variant| variant.id.clone()).unwrap_or_default();
        for point in &self.timeline.points {
            let mut row = |id: &str, amount: Decimal, rate: Option<Decimal>| {
                write(vec![
                    scenario.file.clone(),
                    variant.clone(),
                    point.date.to_string(),
                    id.to_owned(),
                    plain(amount),
                    plain(point.computable.value),
                    rate.map(plain).unwrap_or_default(),
                ]);
            };
            let layers = self.layers(point);
            if layers.is_empty() {
                row("", point.duty, point.effective_rate);
            }
            for layer in layers {
                row(&layer.id, layer.amount, layer.rate);
            }
        }
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

/// What a measure adds to the rate, date by date.
struct Column {
    heading: String,
    cells: Vec<String>,
}

impl Column {
    fn width(&self) -> usize {
        let rows: Vec<Vec<String>> = self.cells.iter().map(|cell| vec![cell.clone()]).collect();
        page::width(std::slice::from_ref(&self.heading), &rows)
    }
}

/// A name in lines, so that its column stays narrow.
fn heading(id: &str, markdown: bool) -> String {
    if markdown { id.to_owned() } else { id.replace('-', "-\n") }
}

/// A part of the rate in points; nothing is a dash.
fn in_points(rate: Option<Decimal>) -> String {
    match rate.and_then(|rate| rate.checked_mul(Decimal::ONE_HUNDRED)) {
        Some(points) if !points.is_zero() => grouped(points, 2),
        _ => "–".to_owned(),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    timeline: TimelineJson<'a>,
}

#[derive(Serialize)]
struct TimelineJson<'a> {
    file: &'a str,
    variant: Option<&'a str>,
    title: &'a str,
    currency: &'a str,
    from: String,
    to: String,
    own_dates: bool,
    every: Option<&'static str>,
    points: Vec<PointJson>,
    quotas: Vec<Map<String, Value>>,
    credits: Vec<Map<String, Value>>,
}

#[derive(Serialize)]
struct PointJson {
    date: String,
    flows: usize,
    value: String,
    duty: String,
    effective_rate: Option<String>,
    change: Option<String>,
    points: Option<String>,
    by_measure: Map<String, Value>,
    by_programme: Map<String, Value>,
    causes: Vec<CauseJson>,
    not_computable: json::PartJson,
}

#[derive(Serialize)]
struct CauseJson {
    date: String,
    measure: String,
    text: String,
    file: Option<String>,
    line: Option<usize>,
}
