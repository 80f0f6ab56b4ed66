//! Reads `[[measure]]`: what is charged, on which goods, when, on which share, and what it gives way to.

use super::decode::{Reader, Report, Text, wrong_type};
use super::formula::{Formula, formula};
use super::model::{Counted, Measure, MeasureType, Rate, Series, Step};
use super::raw::{Node, Raw, Table};
use super::reach::Reach;
use super::sources_of;
use super::staging;
use super::table::{Purpose, TableNames};
use super::validate::Scope;
use crate::date::{Date, Window};
use crate::diagnostic::{Code, Diagnostic, Span, list, nearest};
use crate::expr::{Type, Wanted};
use std::collections::BTreeMap;

/// Everything a reference to measures may name.
#[derive(Default)]
pub struct Index {
    /// Places of measures by id.
    ids: BTreeMap<String, usize>,
    /// Places of measures by type, programme or series.
    families: BTreeMap<String, Vec<usize>>,
    /// The type of each measure by place; `None` where it is written wrongly.
    kinds: Vec<Option<MeasureType>>,
    /// Ids that exist but are disabled; naming one names nothing.
    disabled: Vec<String>,
}

/// What a measure's table says of its name, before anything else is read.
pub struct Header<'a> {
    /// The table.
    pub table: &'a Table,
    /// Where it stands.
    pub span: Span,
    /// Its id.
    pub id: Text<'a>,
}

impl Index {
    /// Collects the names of all measures; says which ids are used twice or taken.
    pub fn new(kept: &[Header<'_>], disabled: Vec<String>, report: &Report<'_>) -> Index {
        let mut index = Index { disabled, ..Index::default() };
        for (place, header) in kept.iter().enumerate() {
            index.ids.insert(header.id.text.to_owned(), place);
            let kind = header.table.text("type").unwrap_or(MeasureType::Additional.name());
            index
                .kinds
                .push(MeasureType::NAMES.iter().find(|(name, _)| *name == kind).map(|(_, kind)| *kind));
            let mut families = vec![kind];
            families.extend(header.table.text("programme"));
            families.extend(header.table.text("series"));
            families.dedup();
            for family in families {
                index.families.entry(family.to_owned()).or_default().push(place);
            }
        }
        for header in kept {
            let id = header.id;
            index.check_id(&id, report);
        }
        index
    }

    /// Says why a text cannot be the id of a measure, quota or credit.
    pub fn check_id(&self, id: &Text<'_>, report: &Report<'_>) {
        let kind =
            MeasureType::NAMES.iter().any(|(name, _)| *name == id.text) || OTHER_TYPES.contains(&id.text);
        if kind || self.families.contains_key(id.text) {
            let message = format!("`{}` cannot be an id: it names a type, a series or a programme", id.text);
            report.push(
                Diagnostic::at(Code::BadName, id.span, message)
                    .help(format!("give it a name of its own, such as `{}-goods`", id.text)),
            );
        } else if !is_kebab(id.text) {
            let message = format!("`{}` cannot be an id", id.text);
            let better = id.text.to_lowercase().replace([' ', '_', '.'], "-");
            let diagnostic = Diagnostic::at(Code::BadName, id.span, message);
            report.push(if is_kebab(&better) {
                diagnostic.help(format!("use small letters, digits and `-`: {better}"))
            } else {
                diagnostic.help("use small letters from a to z, digits and `-`")
            });
        }
    }

    /// The type of the measure at a place.
    pub fn kind(&self, place: usize) -> Option<MeasureType> {
        self.kinds.get(place).copied().flatten()
    }

    /// The type a text names, or that of the measure whose id it is; `None` for a programme or a series.
    pub fn kind_named(&self, text: &Text<'_>) -> Option<MeasureType> {
        let named = MeasureType::NAMES.iter().find(|(name, _)| *name == text.text).map(|(_, kind)| *kind);
        named.or_else(|| self.ids.get(text.text).and_then(|place| self.kind(*place)))
    }

    /// The measures a text names: one by its id, or all of a type, programme or series.
    pub fn find(&self, text: &Text<'_>, report: &Report<'_>) -> Vec<usize> {
        if let Some(place) = self.ids.get(text.text) {
            return vec![*place];
        }
        if let Some(places) = self.families.get(text.text) {
            return places.clone();
        }
        let is_type = MeasureType::NAMES.iter().any(|(name, _)| *name == text.text);
        if !is_type && !self.disabled.iter().any(|d| d == text.text) {
            report.push(self.unknown(text));
        }
        Vec::new()
    }

    fn unknown(&self, text: &Text<'_>) -> Diagnostic {
        let message = format!("there is no measure `{}`", text.text);
        let known: Vec<&str> = self.ids.keys().chain(self.families.keys()).map(String::as_str).collect();
        let diagnostic = Diagnostic::at(Code::UnknownMeasure, text.span, message);
        match nearest(text.text, known.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("measures, programmes and types are {}", list(&known))),
        }
    }
}

/// Ids are kebab-case: small letters, digits and dashes.
pub fn is_kebab(id: &str) -> bool {
    !id.is_empty()
        && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !id.starts_with('-')
        && !id.ends_with('-')
}

/// What measures are read against.
pub struct Outer<'a> {
    /// Groups, parameters and currencies.
    pub scope: &'a Scope<'a>,
    /// What files are read against.
    pub data: &'a TableNames<'a>,
    /// Measures by name.
    pub index: &'a Index,
    /// Series.
    pub series: &'a [Series],
    /// Ids of sources.
    pub citations: &'a [String],
    /// Default importer.
    pub importer: Option<crate::country::Country>,
}

/// Reads one measure, which will be at `place` in the scenario's list.
pub fn measure(header: &Header<'_>, place: usize, outer: &Outer<'_>, report: &Report<'_>) -> Option<Measure> {
    let id = header.id.text;
    let reader = Reader::new(header.table, format!("the measure `{id}`"), header.span, report);
    reader.node("id");
    let kind = kind(&reader, report);
    let title = reader.string("title");
    let note = reader.string("note");
    let sources = sources_of(&reader, outer.citations, report);
    let reach = Reach::read(&reader, outer, report);
    let programme = reader.string("programme");
    let series = reader.text("series").and_then(|text| find_series(&text, outer.series, report));
    let claim = reader.string("claim").unwrap_or_else(|| id.to_owned());
    let utilisation = reader
        .node("utilisation")
        .and_then(|node| formula(node, "utilisation", Wanted::Type(Type::Number), outer.scope, report));
    let shared = Shared::read(&reader, place, outer, report);
    // Read whatever the type is, so that a wrong type is the only thing said of it.
    reader.node("rate");
    let steps = kind.and_then(|kind| steps(&reader, kind, &shared, place, outer, report));
    if let Some(kind) = kind {
        check_keys(&reader, kind, report);
    }
    reader.finish();
    Some(Measure {
        id: id.to_owned(),
        span: header.id.span,
        kind: kind?,
        title,
        note,
        sources,
        reach,
        steps: steps?,
        programme,
        series,
        claim,
        utilisation,
    })
}

fn kind(reader: &Reader<'_>, report: &Report<'_>) -> Option<MeasureType> {
    let Some(text) = reader.text("type") else { return Some(MeasureType::Additional) };
    super::decode::choice(text, "type", MeasureType::NAMES, report)
}

/// The days from `from` until `until`.
pub fn window(reader: &Reader<'_>, report: &Report<'_>) -> Window {
    let window = Window { from: reader.date("from"), until: reader.date("until") };
    if let (Some(from), Some(until)) = (window.from, window.until)
        && until <= from
    {
        let place = |key: &'static str| reader.node(key).map(|n| n.span);
        let mut diagnostic =
            Diagnostic::new(Code::Window, format!("the window from {from} until {until} holds no day"));
        if let (Some(end), Some(start)) = (place("until"), place("from")) {
            diagnostic = diagnostic.label(end, "ends here").label(start, "starts here");
        }
        report.push(diagnostic.help("`until` is the first day it no longer applies"));
    }
    window
}

fn find_series(text: &Text<'_>, series: &[Series], report: &Report<'_>) -> Option<usize> {
    let found = series.iter().position(|s| s.name == text.text);
    if found.is_none() {
        let message = format!("there is no series `{}`", text.text);
        let known = series.iter().map(|s| s.name.as_str());
        let diagnostic = Diagnostic::at(Code::UnknownSeries, text.span, message).suggest(text.text, known);
        report.push(if series.is_empty() {
            diagnostic.help(format!("define it: [series.{}] take = \"highest\"", text.text))
        } else {
            diagnostic
        });
    }
    found
}

/// Keys that have no place on a kind of measure are refused rather than ignored.
fn check_keys(reader: &Reader<'_>, kind: MeasureType, report: &Report<'_>) {
    let refused: &[&'static str] = match kind {
        MeasureType::Exemption => &["rate", "share", "covers", "yields_to", "inclusive_of", "series"],
        MeasureType::Preference => &["share", "covers", "yields_to", "inclusive_of", "series"],
        MeasureType::Mfn => &["claim", "utilisation", "inclusive_of", "series"],
        kind if !kind.is_duty() => &["claim", "utilisation", "inclusive_of", "series"],
        _ => &["claim", "utilisation"],
    };
    for key in refused {
        if reader.has(key) {
            let span = reader.place(key);
            let message = format!("`{key}` has no place on a measure of type `{}`", kind.name());
            let diagnostic = Diagnostic::at(Code::KeyNotAllowed, span, message);
            report.push(match (kind, *key) {
                (MeasureType::Exemption, "rate") => {
                    diagnostic.help("an exemption charges nothing; a lower duty is a `preference`")
                }
                (_, "claim" | "utilisation") => {
                    diagnostic.help("only a `preference` or an `exemption` is claimed")
                }
                (_, "yields_to") => diagnostic.help("let the other measure yield to this one"),
                _ => diagnostic,
            });
        }
    }
}

/// What stands where types do and is none.
pub const OTHER_TYPES: [&str; 3] = ["base", "credit", "quota"];

/// What a measure may cover, and whether that is the whole article.
pub const COVERS: &[(&str, bool)] = &[("share", false), ("article", true)];

/// Keys that a measure states for all its steps and a step may state for itself.
struct Shared {
    share: Option<Formula>,
    covers_article: Option<bool>,
    when: Option<Formula>,
    yields_to: Option<Vec<usize>>,
    inclusive_of: Option<Counted>,
}

impl Shared {
    fn read(reader: &Reader<'_>, place: usize, outer: &Outer<'_>, report: &Report<'_>) -> Shared {
        let typed = |key: &'static str, ty| {
            reader.node(key).and_then(|node| formula(node, key, Wanted::Type(ty), outer.scope, report))
        };
        Shared {
            share: typed("share", Type::Number),
            covers_article: reader.choice("covers", COVERS),
            when: typed("when", Type::Condition),
            yields_to: reader.texts("yields_to").map(|texts| displacing(&texts, place, outer.index, report)),
            inclusive_of: reader
                .texts("inclusive_of")
                .map(|texts| counted(&texts, place, outer.index, report)),
        }
    }
}

fn others(texts: &[Text<'_>], place: usize, index: &Index, report: &Report<'_>) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::new();
    for text in texts {
        let found = index.find(text, report);
        if found == [place] {
            let message = format!("the measure `{}` cannot name itself here", text.text);
            report.push(Diagnostic::at(Code::DisplacementCycle, text.span, message));
        }
        places.extend(found.into_iter().filter(|p| *p != place));
    }
    places.sort_unstable();
    places.dedup();
    places
}

fn counted(texts: &[Text<'_>], place: usize, index: &Index, report: &Report<'_>) -> Counted {
    let mut counted = Counted::default();
    let mut named: Vec<Text<'_>> = Vec::new();
    for text in texts {
        match text.text {
            "base" | "mfn" => counted.base = true,
            _ => named.push(*text),
        }
    }
    counted.measures = others(&named, place, index, report);
    for text in named {
        if let Some(kind) = index.kind_named(&text).filter(|kind| !kind.is_duty()) {
            let message = format!("a charge of type `{}` cannot count towards a rate", kind.name());
            report.push(Diagnostic::at(Code::CannotCount, text.span, message));
        }
    }
    counted.measures.retain(|place| index.kind(*place).is_none_or(MeasureType::is_duty));
    counted
}

/// What a measure gives way to: nothing that is charged after it. Of a programme's measures, such are passed over.
fn displacing(texts: &[Text<'_>], place: usize, index: &Index, report: &Report<'_>) -> Vec<usize> {
    let mut places = others(texts, place, index, report);
    let Some(own) = index.kind(place) else { return places };
    let comes_later = |kind: MeasureType| match own {
        MeasureType::Fee => kind == MeasureType::Tax,
        own => own.is_duty() && !kind.is_duty(),
    };
    for text in texts {
        if let Some(kind) = index.kind_named(text).filter(|kind| comes_later(*kind)) {
            let message = format!(
                "a measure of type `{}` cannot give way to one of type `{}`",
                own.name(),
                kind.name()
            );
            report.push(
                Diagnostic::at(Code::CannotDisplace, text.span, message)
                    .help("duties are charged first, then fees, then taxes; a measure gives way to what comes before it"),
            );
        }
    }
    places.retain(|place| !index.kind(*place).is_some_and(comes_later));
    places
}

fn steps(
    reader: &Reader<'_>,
    kind: MeasureType,
    shared: &Shared,
    place: usize,
    outer: &Outer<'_>,
    report: &Report<'_>,
) -> Option<Vec<Step>> {
    let one = |from: Option<Date>, rate: Option<Rate>, span: Span| Step {
        from,
        span,
        rate,
        share: shared.share.clone(),
        covers_article: shared.covers_article.unwrap_or(false),
        when: shared.when.clone(),
        yields_to: shared.yields_to.clone().unwrap_or_default(),
        inclusive_of: shared.inclusive_of.clone(),
        title: None,
        sources: Vec::new(),
    };
    if kind == MeasureType::Exemption {
        let span = reader.place("id");
        return Some(vec![one(None, None, span)]);
    }
    let Some(node) = reader.node("rate") else {
        reader.missing("rate");
        return None;
    };
    match &node.value {
        Raw::Array(items) => {
            if items.is_empty() {
                report.push(Diagnostic::at(Code::MissingKey, node.span, "`rate` is an empty list of steps"));
                return None;
            }
            dated_steps(items, &one, kind, place, outer, report)
        }
        Raw::Table(table) if table.get("file").is_some() => {
            let rate = rate_file(table, node.span, outer, report)?;
            Some(vec![one(None, Some(rate), node.span)])
        }
        Raw::Table(table) => {
            let cuts = staging::cuts(table, node.span, outer.scope, report)?;
            Some(
                cuts.into_iter()
                    .map(|(from, rate)| one(Some(from), Some(Rate::Formula(rate)), node.span))
                    .collect(),
            )
        }
        _ => {
            let rate = formula(node, "rate", Wanted::Rate, outer.scope, report)?;
            Some(vec![one(None, Some(Rate::Formula(rate)), node.span)])
        }
    }
}

/// A file with a rate a row.
fn rate_file(table: &Table, span: Span, outer: &Outer<'_>, report: &Report<'_>) -> Option<Rate> {
    let file = super::table::table(table, span, Purpose::Rates, outer.data, report)?;
    Some(Rate::File(Box::new(file)))
}

/// Steps that each hold from a day on.
fn dated_steps(
    items: &[Node],
    one: &dyn Fn(Option<Date>, Option<Rate>, Span) -> Step,
    kind: MeasureType,
    place: usize,
    outer: &Outer<'_>,
    report: &Report<'_>,
) -> Option<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::with_capacity(items.len());
    for item in items {
        let Raw::Table(table) = &item.value else {
            report.push(wrong_type(item, "rate", "a step `{ from = DATE, rate = \"25%\" }`"));
            continue;
        };
        let reader = Reader::new(table, "the step", item.span, report);
        let from = reader.date("from");
        if !reader.has("from") {
            reader.missing("from");
        }
        let rate = match reader.node("rate") {
            Some(Node { value: Raw::Table(table), span }) => rate_file(table, *span, outer, report),
            Some(node) => formula(node, "rate", Wanted::Rate, outer.scope, report).map(Rate::Formula),
            None => {
                reader.missing("rate");
                None
            }
        };
        let own = Shared::read(&reader, place, outer, report);
        if kind.is_claimed() || kind == MeasureType::Mfn || !kind.is_duty() {
            check_keys(
                &reader,
                if kind == MeasureType::Exemption { MeasureType::Preference } else { kind },
                report,
            );
        }
        let title = reader.string("title");
        let sources = sources_of(&reader, outer.citations, report);
        reader.finish();
        if let (Some(from), Some(last)) = (from, steps.last().and_then(|s| s.from)) {
            let span = table.get("from").map_or(item.span, |n| n.span);
            check_order(last, from, span, report);
        }
        let mut step = one(from, rate, item.span);
        step.share = own.share.or(step.share);
        step.covers_article = own.covers_article.unwrap_or(step.covers_article);
        step.when = own.when.or(step.when);
        step.yields_to = own.yields_to.unwrap_or(step.yields_to);
        step.inclusive_of = own.inclusive_of.or(step.inclusive_of);
        step.title = title;
        step.sources = sources;
        if step.from.is_some() && step.rate.is_some() {
            steps.push(step);
        }
    }
    (steps.len() == items.len()).then_some(steps)
}

/// Steps rise from day to day.
pub fn check_order(last: Date, from: Date, span: Span, report: &Report<'_>) {
    if from == last {
        report.push(
            Diagnostic::at(Code::Steps, span, format!("two steps start on {from}"))
                .help("one day has one step: keep one of them"),
        );
    } else if from < last {
        let message = format!("this step starts on {from}, before the one above it ({last})");
        report
            .push(Diagnostic::at(Code::Steps, span, message).help("write steps in the order of their dates"));
    }
}
