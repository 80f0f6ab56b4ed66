//! A page to hand on: one file that opens anywhere without a network, with the answer, the numbers behind it, and where they
//! come from. The template escapes every text; pictures come as SVG from [`chart`], which escapes its own.

mod tables;

use super::chart::{self, Frame, Palette};
use super::page::Block;
use super::worksheet::{self, Line};
use super::{compare, impact_beside, impact_chain, impact_tables, number, sentence, timeline};
use crate::analysis::impact::Impact;
use crate::analysis::{Handout, OverTime};
use crate::assess::{Explained, Run};
use crate::date::Date;
use crate::diagnostic::Sources;
use crate::money::plain;
use askama::Template;
use tables::Table;

/// How wide pictures are drawn: for a desk or paper, and for a hand.
const WIDE: u32 = 792;
const NARROW: u32 = 360;

/// What is said of everything, since nothing in the scenario says it.
const TRADE_STANDS_STILL: &str = "This is arithmetic on law: the trade is what it is, whatever the duty.";

/// The same where a part of the page is a model.
const TRADE_MOVES_IN_MODELS: &str = "But for what is marked as a model, this is arithmetic on law: the trade is what it \
                                     is, whatever the duty.";

/// A page. `command` is what made it.
pub fn handout(handout: &Handout, sources: &Sources, command: &str) -> String {
    let page = Page::new(handout, sources, command);
    // Writing to memory cannot fail.
    page.render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    title: String,
    names: Vec<String>,
    description: Vec<String>,
    notice: Vec<String>,
    standing: Option<String>,
    standings: Vec<Option<String>>,
    answer: Vec<String>,
    money: Table,
    bars: Option<Figure>,
    rates: Option<Table>,
    landed: Vec<Table>,
    law: Vec<Block>,
    models: Vec<Modelled>,
    over_time: Vec<Over>,
    worksheets: Vec<Worksheets>,
    flows: Option<Table>,
    ledgers: Vec<Table>,
    parameters: Option<Table>,
    caveats: Vec<Caveats>,
    sources: Vec<Source>,
    command: &'a str,
    version: &'static str,
}

/// A picture in two widths; a style sheet shows the one that fits.
struct Figure {
    caption: String,
    wide: String,
    narrow: String,
}

/// What a model makes of a scenario.
struct Modelled {
    name: String,
    answer: String,
    accounts: Option<Table>,
    assumed: Option<String>,
    figure: Option<Figure>,
}

/// Duty over time under a scenario.
struct Over {
    name: String,
    answer: String,
    figure: Option<Figure>,
    table: Option<Table>,
    changes: Vec<Block>,
    caveats: Vec<String>,
}

struct Worksheets {
    name: String,
    sheets: Vec<Sheet>,
}

struct Sheet {
    summary: String,
    lines: Vec<Line>,
}

/// What limits some of the scenarios.
struct Caveats {
    of: String,
    items: Vec<String>,
}

struct Source {
    title: String,
    link: Option<String>,
    address: Option<String>,
}

impl<'a> Page<'a> {
    fn new(handout: &Handout, sources: &Sources, command: &'a str) -> Page<'a> {
        let comparison = &handout.comparison;
        let (base, runs) = (comparison.base(), &comparison.runs);
        let alone = runs.len() == 1;
        let names = names(runs, &compare::names(comparison));
        let (mut answer, mut law) = (Vec::new(), Vec::new());
        if alone {
            answer.push(sentence::answer(base));
            answer.extend(sentence::most(base));
            answer.extend(sentence::landed(base));
        } else {
            let (said, setting, changes) = compare::told(comparison, sources);
            answer.extend([said, setting]);
            law = changes;
        }
        let standings: Vec<Option<String>> = runs.iter().map(sentence::standing).collect();
        let alike = standings.iter().all(|other| *other == standings[0]);
        let owed = runs.iter().any(|run| !run.totals.duty.is_zero());
        let bars = |frame: Frame<'_>| {
            if alone { chart::run(base, frame) } else { chart::compared(comparison, frame) }
        };
        let caption =
            if alone { "How the duty adds up, measure by measure" } else { "Duty by scenario and measure" };
        let titles: Vec<String> = runs.iter().map(sentence::title).collect();
        let palette = Palette::of_page(handout);
        Page {
            title: sentence::title(base),
            description: paragraphs(base.scenario().description.as_deref()),
            notice: paragraphs(base.scenario().notice.as_deref()),
            standing: standings.first().cloned().flatten().filter(|_| alike),
            standings: if alike { vec![None; runs.len()] } else { standings },
            answer,
            money: if alone { tables::groups(base) } else { tables::side_by_side(comparison, &names) },
            bars: owed.then(|| figure(caption.to_owned(), "duty", &palette, &bars)),
            rates: if alone { None } else { tables::rates(comparison, &names) },
            landed: runs.iter().zip(&titles).filter_map(|(run, title)| tables::landed(run, title)).collect(),
            law,
            models: models(handout, &names, &palette),
            over_time: over_time(handout, sources, &names, &palette),
            worksheets: worksheets(handout, sources, &names),
            flows: tables::flows(comparison, &names),
            ledgers: runs.iter().zip(&titles).flat_map(|(run, title)| tables::ledgers(run, title)).collect(),
            parameters: tables::parameters(runs, &names),
            caveats: caveats(runs, &names, !handout.models.is_empty()),
            sources: cited(runs),
            names,
            command,
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// The scenarios, each with how real it is where that is not the same for all.
    fn listed(&self) -> impl Iterator<Item = (&String, &Option<String>)> {
        self.names.iter().zip(&self.standings)
    }

    fn alone(&self) -> bool {
        self.names.len() == 1
    }
}

/// What scenarios are called on the page: by name and title.
fn names(runs: &[Run], names: &[String]) -> Vec<String> {
    let title = |run: &Run| match &run.scenario().variant {
        Some(variant) => variant.title.clone(),
        None => Some(run.scenario().title.clone()),
    };
    let full = |(run, name): (&Run, &String)| match title(run) {
        Some(title) => format!("{name}: {title}"),
        None => name.clone(),
    };
    runs.iter().zip(names).map(full).collect()
}

fn paragraphs(text: Option<&str>) -> Vec<String> {
    let parts = text.unwrap_or_default().split("\n\n").map(|part| part.trim().replace('\n', " "));
    parts.filter(|part| !part.is_empty()).collect()
}

fn figure(caption: String, name: &str, palette: &Palette, draw: &dyn Fn(Frame<'_>) -> String) -> Figure {
    let frame = |width, name| Frame { width, page: Some(chart::Page { name, palette }) };
    let narrow = format!("{name}-narrow");
    Figure { caption, wide: draw(frame(WIDE, name)), narrow: draw(frame(NARROW, &narrow)) }
}

/// What a model makes of each alternative; a diagram where one market of one good stands behind it, or a chain alone.
fn models(handout: &Handout, names: &[String], palette: &Palette) -> Vec<Modelled> {
    let one = |(at, model): &(usize, Result<Impact, String>)| {
        let name = names.get(*at).cloned().unwrap_or_default();
        let (accounts, assumed, figure) = match model {
            Ok(impact) => {
                let drawn = chart::impact(impact, None, chart::ALONE).is_ok();
                let draw = |frame: Frame<'_>| chart::impact(impact, None, frame).unwrap_or_default();
                let (caption, accounts, assumed) = if impact.markets.is_empty() {
                    let caption = "What the tariff leaves to the makers (model)";
                    (caption, None, impact_chain::ASSUMING.to_owned())
                } else {
                    let accounts = Some(tables::accounts(impact));
                    ("The market, before and after (model)", accounts, impact_beside::assumed(impact))
                };
                let figure =
                    drawn.then(|| figure(caption.to_owned(), &format!("model-{at}"), palette, &draw));
                (accounts, Some(assumed), figure)
            }
            Err(_) => (None, None, None),
        };
        Modelled { name, answer: impact_beside::answer(model), accounts, assumed, figure }
    };
    handout.models.iter().map(one).collect()
}

fn over_time(handout: &Handout, sources: &Sources, names: &[String], palette: &Palette) -> Vec<Over> {
    let words = |name: &String, answer: String| Over {
        name: name.clone(),
        answer,
        figure: None,
        table: None,
        changes: Vec::new(),
        caveats: Vec::new(),
    };
    let changes = handout.over_time.iter().any(|over| !matches!(over, OverTime::Still));
    let one = |(at, (over, name)): (usize, (&OverTime, &String))| match over {
        OverTime::Still => words(name, "The rate of no flow changes over time.".to_owned()),
        OverTime::As(other) => words(
            name,
            format!("Over time the same as under {}.", names.get(*other).map_or("", String::as_str)),
        ),
        OverTime::Unknown(why) => words(name, format!("Duty over time cannot be stated: {why}.")),
        OverTime::Changes(over) => {
            let (answer, caveats, changes) = timeline::told(over, sources);
            let owed = over.points.iter().any(|point| !point.duty.is_zero());
            let draw = |frame: Frame<'_>| chart::timeline(over, false, frame);
            let caption = format!("Rate of duty {}, by measure", tables::when(over));
            Over {
                name: name.clone(),
                answer,
                figure: owed.then(|| figure(caption, &format!("time-{at}"), palette, &draw)),
                table: Some(tables::points(over)),
                changes: changes.into_iter().filter_map(day).collect(),
                caveats,
            }
        }
    };
    if changes { handout.over_time.iter().zip(names).enumerate().map(one).collect() } else { Vec::new() }
}

/// What changed, under its day; what is folded away has its heading already.
fn day(block: Block) -> Option<Block> {
    match block {
        Block::Heading(_) => None,
        Block::Words(day) => Some(Block::Bold(day)),
        other => Some(other),
    }
}

fn worksheets(handout: &Handout, sources: &Sources, names: &[String]) -> Vec<Worksheets> {
    let sheet = |explained: &Explained| {
        // The summary says the answer already.
        let lines = worksheet::lines(explained, sources);
        let mut lines = lines.into_iter();
        let summary = match lines.next() {
            Some(Line::Answer(answer)) => answer,
            _ => String::new(),
        };
        Sheet { summary, lines: lines.collect() }
    };
    let of = |(explained, name): (&Vec<Explained>, &String)| Worksheets {
        name: name.clone(),
        sheets: explained.iter().map(sheet).collect(),
    };
    handout.worksheets.iter().zip(names).map(of).filter(|of| !of.sheets.is_empty()).collect()
}

/// What limits each scenario, those with the same limits together.
fn caveats(runs: &[Run], names: &[String], modelled: bool) -> Vec<Caveats> {
    let mut groups: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    for (run, name) in runs.iter().zip(names) {
        let items: Vec<String> =
            sentence::caveats(run).into_iter().map(|caveat| caveat.trim().to_owned()).collect();
        match groups.iter_mut().find(|(_, known)| *known == items) {
            Some((of, _)) => of.push(name),
            None => groups.push((vec![name], items)),
        }
    }
    let all = groups.len() == 1;
    groups.retain(|(_, items)| !items.is_empty());
    let still = if modelled { TRADE_MOVES_IN_MODELS } else { TRADE_STANDS_STILL };
    let general = Caveats { of: String::new(), items: vec![still.to_owned()] };
    let limits = groups
        .into_iter()
        .map(|(of, items)| Caveats { of: if all { String::new() } else { of.join("; ") }, items });
    std::iter::once(general).chain(limits).collect()
}

/// Everything cited under any of the scenarios, once.
fn cited(runs: &[Run]) -> Vec<Source> {
    let mut known = Vec::new();
    for source in runs.iter().flat_map(sentence::cited) {
        if !known.contains(&(&source.title, &source.url)) {
            known.push((&source.title, &source.url));
        }
    }
    let source = |(title, url): (&String, &Option<String>)| {
        let link = url.as_deref().and_then(link).map(str::to_owned);
        let address = url.clone().filter(|_| link.is_none());
        Source { title: title.clone(), link, address }
    };
    known.into_iter().map(source).collect()
}

/// A text in parts, of which days are not to be broken at the end of a line.
fn days(text: &str) -> Vec<(bool, &str)> {
    let is_day = |word: &str| word.len() == 10 && word.as_bytes()[4] == b'-' && word.parse::<Date>().is_ok();
    text.split_inclusive(' ')
        .flat_map(|word| {
            let bare = word.trim_end_matches(' ');
            [(is_day(bare), bare), (false, &word[bare.len()..])]
        })
        .filter(|(_, part)| !part.is_empty())
        .collect()
}

/// An address that may be followed: of the web, and nothing that a browser would run.
fn link(url: &str) -> Option<&str> {
    let lower = url.to_ascii_lowercase();
    let is_web = lower.starts_with("https://") || lower.starts_with("http://");
    (is_web && !url.contains(|c: char| c.is_whitespace() || c.is_control())).then_some(url)
}
