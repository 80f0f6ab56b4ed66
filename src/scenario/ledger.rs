//! Quotas and credits: an amount a period that is drawn down, a quota as trade enters, a credit as duty falls due.

use super::decode::{Reader, Report, Text, choice};
use super::formula::{Formula, formula};
use super::measure::{Header, Outer};
use super::model::MeasureType;
use super::parameter::chooser;
use super::raw::{Node, Raw, Table};
use super::reach::Reach;
use super::sources_of;
use crate::date::{Date, Window, day_of_year};
use crate::diagnostic::{Code, Diagnostic, Span, list};
use crate::expr::{Fact, Type, Wanted};

/// What quotas and credits have in common: who may draw how much of what, and in which period.
#[derive(Debug, Clone)]
pub struct Ledger {
    /// Its id.
    pub id: String,
    /// Where its id stands.
    pub span: Span,
    /// What it is called.
    pub title: Option<String>,
    /// A remark.
    pub note: Option<String>,
    /// Citations, as places in the scenario's list.
    pub sources: Vec<usize>,
    /// What trade draws on it.
    pub reach: Reach,
    /// The condition under which trade draws on it.
    pub when: Option<Formula>,
    /// What trade has to claim to draw on it.
    pub claim: Option<String>,
    /// The measures it is for, as places in the scenario's list.
    pub measures: Vec<usize>,
    /// What may be drawn in a period: a quantity, or money.
    pub opening: Formula,
    /// The periods.
    pub period: Period,
    /// Whether a first period cut short by `from` opens with its part of the days only.
    pub pro_rate_first: bool,
    /// The fact of the flow by which there are pools of their own; `None` is one pool for all.
    pub by: Option<Fact>,
    /// What is carried into later periods.
    pub carry: Option<Carry>,
}

impl Ledger {
    /// Every expression in it.
    pub fn formulas(&self) -> impl Iterator<Item = &Formula> {
        let cap = self.carry.as_ref().and_then(|carry| carry.up_to.as_ref());
        std::iter::once(&self.opening).chain(&self.when).chain(cap)
    }
}

/// Trade up to a volume is charged a rate of its own.
#[derive(Debug, Clone)]
pub struct Quota {
    /// Who may draw how much; its measures charge the in-quota rate while it lasts.
    pub ledger: Ledger,
    /// What the measures charge on trade that is admitted.
    pub in_quota_rate: Formula,
    /// Who is admitted where there is not enough for all.
    pub allocation: Allocation,
}

/// A pool of money that pays duty as it falls due.
#[derive(Debug, Clone)]
pub struct Credit {
    /// Who may draw how much; against its measures.
    pub ledger: Ledger,
}

/// Who is admitted to a quota on a day on which there is not enough for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allocation {
    /// Flows in the order of the file.
    FirstCome,
    /// Every flow of the day in the same proportion.
    ProRata,
}

impl Allocation {
    /// The names a scenario may write.
    pub const NAMES: &'static [(&'static str, Allocation)] =
        &[("first-come", Allocation::FirstCome), ("pro-rata", Allocation::ProRata)];
}

/// What is left at the end of a period and may be drawn later.
#[derive(Debug, Clone)]
pub struct Carry {
    /// The most that is carried: a part of the opening amount, or an amount; `None` is all of it.
    pub up_to: Option<Formula>,
    /// How many periods later; at least 1.
    pub periods_later: u32,
}

/// The periods of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Period {
    /// Each begins on a day of the year, month and day, sorted; never empty.
    Starts(Vec<(i8, i8)>),
    /// One period for as long as it lasts.
    Whole,
}

impl Period {
    /// The names a scenario may write, with the months in which each begins.
    pub const NAMES: &'static [(&'static str, &'static [i8])] = &[
        ("year", &[1]),
        ("quarter", &[1, 4, 7, 10]),
        ("month", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        ("whole", &[]),
    ];

    /// The period a day lies in, from its first day to the first day of the next.
    pub fn containing(&self, day: Date) -> Window {
        let Period::Starts(starts) = self else { return Window::default() };
        let on = |year: Option<i16>| {
            starts.iter().filter_map(move |start| day_of_year(year?, *start)).collect::<Vec<_>>()
        };
        let (before, this, after) =
            (on(day.year().checked_sub(1)), on(Some(day.year())), on(day.year().checked_add(1)));
        let all = || before.iter().chain(&this).chain(&after).copied();
        Window { from: all().rfind(|start| *start <= day), until: all().find(|start| *start > day) }
    }
}

/// What `carry` may be where it is no table.
pub const CARRY_ALL: &str = "all";

/// Reads one quota.
pub fn quota(header: &Header<'_>, outer: &Outer<'_>, report: &Report<'_>) -> Option<Quota> {
    let reader = Reader::new(header.table, format!("the quota `{}`", header.id.text), header.span, report);
    let ledger = ledger(header, &reader, "measures", "volume", outer, report);
    let in_quota_rate = required(&reader, "in_quota_rate", Wanted::Rate, outer, report);
    let allocation = reader.choice("allocation", Allocation::NAMES).unwrap_or(Allocation::FirstCome);
    reader.finish();
    Some(Quota { ledger: ledger?, in_quota_rate: in_quota_rate?, allocation })
}

/// Reads one credit.
pub fn credit(header: &Header<'_>, outer: &Outer<'_>, report: &Report<'_>) -> Option<Credit> {
    let reader = Reader::new(header.table, format!("the credit `{}`", header.id.text), header.span, report);
    let ledger = ledger(header, &reader, "against", "amount", outer, report);
    reader.finish();
    Some(Credit { ledger: ledger? })
}

/// What both have, a quota with a `volume` for `measures`, a credit with an `amount` `against` them.
fn ledger(
    header: &Header<'_>,
    reader: &Reader<'_>,
    list: &'static str,
    limit: &'static str,
    outer: &Outer<'_>,
    report: &Report<'_>,
) -> Option<Ledger> {
    reader.node("id");
    let measures = measures(reader, list, outer, report);
    let opening = opening(reader, limit, outer, report);
    let period = period(reader, report);
    let carry = carry(reader, opening.as_ref().map(|formula| formula.expr.ty), outer, report);
    let pro_rate_first = reader.boolean("pro_rate_first").unwrap_or(false);
    if period == Some(Period::Whole) {
        for key in ["carry", "pro_rate_first"].into_iter().filter(|key| reader.has(key)) {
            let message = format!("`{key}` has no place where one period is all there is");
            report.push(Diagnostic::at(Code::KeyNotAllowed, reader.place(key), message));
        }
    }
    if pro_rate_first && period != Some(Period::Whole) && !reader.has("from") {
        let message = "`pro_rate_first` is for a first period that `from` cuts short, and there is no `from`";
        report.push(
            Diagnostic::at(Code::MissingKey, reader.place("pro_rate_first"), message)
                .help("add `from = 2025-06-30`, the day the quota opens"),
        );
    }
    let when = reader
        .node("when")
        .and_then(|node| formula(node, "when", Wanted::Type(Type::Condition), outer.scope, report));
    Some(Ledger {
        id: header.id.text.to_owned(),
        span: header.id.span,
        title: reader.string("title"),
        note: reader.string("note"),
        sources: sources_of(reader, outer.citations, report),
        reach: Reach::read(reader, outer, report),
        when,
        claim: reader.string("claim"),
        by: reader.text("by").and_then(|text| chooser(&text, "pools cannot be kept", report)),
        pro_rate_first,
        measures: measures?,
        opening: opening?,
        period: period?,
        carry: carry?,
    })
}

fn required(
    reader: &Reader<'_>,
    key: &'static str,
    wanted: Wanted,
    outer: &Outer<'_>,
    report: &Report<'_>,
) -> Option<Formula> {
    let Some(node) = reader.node(key) else {
        reader.missing(key);
        return None;
    };
    if matches!(node.value, Raw::Array(_) | Raw::Table(_)) {
        let message = format!("`{key}` is {}, where an expression is wanted", node.value.type_name());
        report.push(
            Diagnostic::at(Code::WrongType, node.span, message)
                .help("for an amount that changes by date or party, name a parameter that does"),
        );
        return None;
    }
    formula(node, key, wanted, outer.scope, report)
}

/// The measures named: by id, type, programme or series.
fn measures(
    reader: &Reader<'_>,
    key: &'static str,
    outer: &Outer<'_>,
    report: &Report<'_>,
) -> Option<Vec<usize>> {
    let Some(texts) = reader.texts(key) else {
        reader.missing(key);
        return None;
    };
    if texts.is_empty() {
        let message = format!("`{key}` is an empty list");
        report.push(
            Diagnostic::at(Code::MissingKey, reader.place(key), message)
                .help("name measures by id, type, programme or series"),
        );
        return None;
    }
    let is_credit = key == "against";
    let mut places = Vec::new();
    // Of a programme's measures, those a quota or credit cannot be for are passed over.
    let fits = |kind: MeasureType| kind != MeasureType::Exemption && (!is_credit || kind.is_duty());
    for text in &texts {
        let found = outer.index.find(text, report);
        places.extend(found.into_iter().filter(|place| outer.index.kind(*place).is_none_or(fits)));
        let Some(kind) = outer.index.kind_named(text).filter(|kind| !fits(*kind)) else { continue };
        let (kind, name) = (kind.name(), text.text);
        let (message, help) = if is_credit {
            let message = format!("a credit pays duty, and nothing of type `{kind}` is one: `{name}`");
            (message, "name the measures whose duty it pays")
        } else {
            let message =
                format!("`{name}` is of type `{kind}` and has no rate that could be another in quota");
            (message, "name the measure whose rate is lower while the quota lasts")
        };
        report.push(Diagnostic::at(Code::CannotDraw, text.span, message).help(help));
    }
    places.sort_unstable();
    places.dedup();
    Some(places)
}

/// The volume of a quota, a quantity or money; the amount of a credit, money.
fn opening(
    reader: &Reader<'_>,
    key: &'static str,
    outer: &Outer<'_>,
    report: &Report<'_>,
) -> Option<Formula> {
    if key == "amount" {
        return required(reader, key, Wanted::Type(Type::Money), outer, report);
    }
    let volume = required(reader, key, Wanted::Any, outer, report)?;
    if matches!(volume.expr.ty, Type::Money | Type::Quantity(_)) {
        return Some(volume);
    }
    let message =
        format!("the `volume` of a quota is {}, where a quantity or money is wanted", volume.expr.ty);
    report.push(
        volume
            .diagnostic(Code::Dimension, message)
            .help("write \"312_500 t\", \"100_000 cars\" or \"5_000_000 USD\""),
    );
    None
}

fn period(reader: &Reader<'_>, report: &Report<'_>) -> Option<Period> {
    match reader.node("period") {
        None => {
            reader.missing("period");
            None
        }
        Some(Node { value: Raw::Table(table), span }) => starts(table, *span, report),
        Some(node) if !matches!(node.value, Raw::Text(..)) => {
            let message = format!("`period` is {}, where a text is wanted", node.value.type_name());
            let names: Vec<&str> = Period::NAMES.iter().map(|(name, _)| *name).collect();
            let help = format!("it is one of {}, or {{ starts = \"04-01\" }}", list(&names));
            report.push(Diagnostic::at(Code::WrongType, node.span, message).help(help));
            None
        }
        Some(node) => {
            let text = super::decode::text(node, "period", report)?;
            let months = choice(text, "period", Period::NAMES, report)?;
            Some(match months {
                [] => Period::Whole,
                months => Period::Starts(months.iter().map(|month| (*month, 1)).collect()),
            })
        }
    }
}

/// Periods that begin on days of the year.
fn starts(table: &Table, span: Span, report: &Report<'_>) -> Option<Period> {
    let reader = Reader::new(table, "`period`", span, report);
    let texts = match reader.node("starts") {
        Some(Node { value: Raw::Date(day), span }) => {
            let message = format!("a period starts on a day of every year, not on {day} alone");
            let help = format!("write month and day: \"{:02}-{:02}\"", day.month(), day.day());
            report.push(Diagnostic::at(Code::WrongType, *span, message).help(help));
            None
        }
        _ => reader.texts("starts"),
    };
    if !reader.has("starts") || texts.as_ref().is_some_and(Vec::is_empty) {
        reader.missing("starts");
    }
    reader.finish();
    let texts = texts?;
    let mut days: Vec<(i8, i8)> = Vec::with_capacity(texts.len());
    for text in &texts {
        let day = super::staging::day_and_month(text, report)?;
        if days.contains(&day) {
            let message = format!("two periods begin on {}", text.text);
            report.push(
                Diagnostic::at(Code::PeriodsOverlap, text.span, message)
                    .help("give each period a first day of its own"),
            );
        }
        days.push(day);
    }
    days.sort_unstable();
    (!days.is_empty()).then_some(Period::Starts(days))
}

/// What is carried; `None` where it is written wrongly.
#[expect(clippy::option_option, reason = "nothing carried is not the same as badly written")]
fn carry(
    reader: &Reader<'_>,
    opening: Option<Type>,
    outer: &Outer<'_>,
    report: &Report<'_>,
) -> Option<Option<Carry>> {
    let Some(node) = reader.node("carry") else { return Some(None) };
    let Raw::Table(table) = &node.value else {
        let text: Text<'_> = super::decode::text(node, "carry", report)?;
        if text.text != CARRY_ALL {
            let message = format!("`{}` is not a value of `carry`", text.text);
            report.push(Diagnostic::at(Code::UnknownChoice, text.span, message).help(
                "write \"all\", or { up_to = \"4%\", periods_later = 1 }; without `carry` nothing is carried",
            ));
            return None;
        }
        return Some(Some(Carry { up_to: None, periods_later: 1 }));
    };
    let carry = Reader::new(table, "`carry`", node.span, report);
    let up_to = carry.node("up_to");
    let periods_later = if carry.has("periods_later") { carry.count("periods_later")? } else { 1 };
    carry.finish();
    let Some(node) = up_to else { return Some(Some(Carry { up_to: None, periods_later })) };
    if matches!(&node.value, Raw::Text(text, _) if text == CARRY_ALL) {
        return Some(Some(Carry { up_to: None, periods_later }));
    }
    let cap = formula(node, "up_to", Wanted::Any, outer.scope, report)?;
    let fits = cap.expr.ty == Type::Number || opening.is_none_or(|ty| ty.unify(cap.expr.ty).is_some());
    if !fits {
        let message = format!("`up_to` is {}, where a part of the opening amount is wanted", cap.expr.ty);
        report.push(
            cap.diagnostic(Code::Dimension, message)
                .help("write a percentage such as \"4%\", an amount in the unit of the volume, or \"all\""),
        );
        return None;
    }
    Some(Some(Carry { up_to: Some(cap), periods_later }))
}
