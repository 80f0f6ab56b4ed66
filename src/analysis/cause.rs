//! Why the duty on some flow is another than the day before: what begins, ends or changes in the law on that day, as far
//! as those flows have to do with it.

use super::law::Side;
use crate::assess::{Charge, Status, Worksheet};
use crate::date::{Date, parse_date};
use crate::diagnostic::Span;
use crate::expr::{AttributeType, Expr, Fact, Group, Node, Value};
use crate::product::Product;
use crate::scenario::{FileTable, Form, Formula, Ledger, Measure, Parameter, Rate, RestsOn, Scenario, Step};
use crate::trade::{Columns, Flow, Flows};
use rust_decimal::Decimal;
use std::collections::BTreeSet;

/// What begins, ends or changes in the law on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The day.
    pub date: Date,
    /// The measure, quota or credit.
    pub id: String,
    /// What becomes of it, such as `auto_rate = 25% → 15%`.
    pub text: String,
    /// Where it is written.
    pub span: Span,
}

/// A day and the one before, with what the same flows owe on each.
pub(super) struct Turn<'a> {
    pub scenario: &'a Scenario,
    pub flows: &'a Flows,
    pub eve: Date,
    pub day: Date,
    pub before: &'a [Worksheet],
    pub after: &'a [Worksheet],
}

impl Turn<'_> {
    /// Whether the duty on some flow differs, or whether it can be computed.
    pub fn moves(&self) -> bool {
        self.before.iter().zip(self.after).any(|(before, after)| differ(before, after))
    }

    /// What in the law has to do with it; there is always something.
    pub fn causes(&self) -> Vec<Cause> {
        let moved: Vec<Moved<'_>> = self.moved().collect();
        let found = Finder::new(self, &moved).all();
        let some = |keep: &dyn Fn(&Found, &Moved<'_>) -> bool| {
            let is_kept = |found: &&Found| moved.iter().any(|moved| keep(found, moved));
            let kept: Vec<Cause> = found.iter().filter(is_kept).map(|found| found.cause.clone()).collect();
            if kept.is_empty() { None } else { Some(kept) }
        };
        let any = |found: &Found, of: &dyn Fn(usize) -> bool| found.measures.iter().any(|at| of(*at));
        let has_effect = |found: &Found, moved: &Moved<'_>| {
            any(found, &|at| moved.affected(self, at))
                || found.drawn.is_some_and(|drawn| moved.draws(self, drawn))
        };
        // A flow that is not computable does not say what became of each measure: then whatever fits its goods may have
        // to do with it.
        some(&has_effect)
            .or_else(|| some(&|found, moved| any(found, &|at| moved.concerns(self, at))))
            .or_else(|| some(&|_, _| true))
            .unwrap_or_else(|| self.affected(&moved))
    }

    /// The measures that charge otherwise, where nothing is found that says why.
    fn affected(&self, moved: &[Moved<'_>]) -> Vec<Cause> {
        let is_affected =
            |at: usize| moved.iter().any(|moved| moved.affected(self, at) || moved.concerns(self, at));
        let affected = self.scenario.measures.iter().enumerate().filter(|(at, _)| is_affected(*at));
        let cause = |measure: &Measure| Cause {
            date: self.day,
            id: measure.id.clone(),
            text: "charges otherwise".to_owned(),
            span: measure.span,
        };
        affected.map(|(_, measure)| cause(measure)).collect()
    }

    fn moved(&self) -> impl Iterator<Item = Moved<'_>> {
        let sheets = self.before.iter().zip(self.after).zip(&self.flows.rows);
        sheets.filter(|((before, after), _)| differ(before, after)).map(|((before, after), flow)| Moved {
            flow,
            before,
            after,
        })
    }
}

fn differ(before: &Worksheet, after: &Worksheet) -> bool {
    before.computable() != after.computable() || before.duty != after.duty
}

/// A flow whose duty differs.
struct Moved<'a> {
    flow: &'a Flow,
    before: &'a Worksheet,
    after: &'a Worksheet,
}

impl Moved<'_> {
    fn sheets(&self) -> [&Worksheet; 2] {
        [self.before, self.after]
    }

    /// Whether a measure charges the flow otherwise, displaces otherwise, or is why there is no duty to state.
    fn affected(&self, turn: &Turn<'_>, measure: usize) -> bool {
        if self.sheets().iter().all(|sheet| sheet.computable()) {
            let [before, after] = self.sheets().map(|sheet| effect(turn.scenario, sheet, measure));
            return before != after;
        }
        // Nothing is known of what became of each measure: what fits the goods counts.
        self.concerns(turn, measure)
    }

    /// Whether a measure stands on the flow's worksheet, or fits the goods where there is none.
    fn concerns(&self, turn: &Turn<'_>, place: usize) -> bool {
        let on_sheet = |sheet: &&Worksheet| sheet.charges.iter().any(|charge| charge.measure == place);
        if self.sheets().iter().any(on_sheet) {
            return true;
        }
        let Some(measure) = turn.scenario.measures.get(place) else { return false };
        let (product, origin) = (self.flow.product, self.flow.origin.value);
        !self.sheets().iter().all(|sheet| sheet.computable())
            && measure
                .charged_by(self.flow.importer.value)
                .is_some_and(|by| measure.reach.origins.contains(origin, by))
            && [turn.eve, turn.day]
                .iter()
                .any(|day| measure.reach.products.longest_match(product, *day).is_some())
    }

    /// Whether a quota admits, or a credit pays, another part of the flow, or is why there is no duty to state.
    fn draws(&self, turn: &Turn<'_>, drawn: Drawn) -> bool {
        let ledger = match drawn {
            Drawn::Quota(at) => turn.scenario.quotas.get(at).map(|quota| &quota.ledger),
            Drawn::Credit(at) => turn.scenario.credits.get(at).map(|credit| &credit.ledger),
        };
        let reasons = || self.sheets().into_iter().filter_map(|sheet| sheet.not_computable.as_deref());
        if ledger.is_some_and(|ledger| reasons().any(|reason| names(reason, &ledger.id))) {
            return true;
        }
        let of = |sheet: &Worksheet| -> Vec<(bool, Decimal)> {
            let parts = sheet.portions.iter().flat_map(|portion| &portion.quotas);
            match drawn {
                Drawn::Quota(at) => {
                    parts.filter(|part| part.quota == at).map(|part| (part.admitted, part.amount)).collect()
                }
                Drawn::Credit(at) => sheet
                    .credits
                    .iter()
                    .filter(|paid| paid.credit == at)
                    .map(|paid| (true, paid.amount))
                    .collect(),
            }
        };
        of(self.before) != of(self.after)
    }
}

/// What a measure does on a worksheet; `None` where it is not there, or there and without effect.
fn effect(scenario: &Scenario, sheet: &Worksheet, measure: usize) -> Option<(Decimal, Decimal, bool, bool)> {
    let charge: &Charge = sheet.charges.iter().find(|charge| charge.measure == measure)?;
    let idle = matches!(charge.status, Status::Displaced | Status::NotTaken | Status::NotClaimed);
    if idle && charge.share.is_zero() && charge.amount.is_zero() {
        return None;
    }
    let step = scenario.measures.get(measure)?.steps.get(charge.step)?;
    Some((charge.amount, charge.share, charge.status == Status::Claimed, step.covers_article))
}

/// Whether a reason for which there is no duty is that of a measure, quota or credit.
fn names(reason: &str, id: &str) -> bool {
    reason.strip_prefix(id).is_some_and(|rest| rest.starts_with(':'))
}

/// What is drawn on, as a place in the scenario's list.
#[derive(Debug, Clone, Copy)]
enum Drawn {
    Quota(usize),
    Credit(usize),
}

/// A cause, and what it works through: the charges of measures, or how much is drawn.
struct Found {
    cause: Cause,
    measures: Vec<usize>,
    drawn: Option<Drawn>,
}

/// Looks for what changes on a day.
struct Finder<'a> {
    turn: &'a Turn<'a>,
    moved: &'a [Moved<'a>],
    was: Side<'a>,
    is: Side<'a>,
}

impl<'a> Finder<'a> {
    fn new(turn: &'a Turn<'a>, moved: &'a [Moved<'a>]) -> Finder<'a> {
        let (was, is) = (Side::on(turn.scenario, turn.eve), Side::on(turn.scenario, turn.day));
        Finder { turn, moved, was, is }
    }

    /// Every change of the day, in the order of the scenario.
    fn all(&self) -> Vec<Found> {
        let scenario = self.turn.scenario;
        let mut all = Vec::new();
        let mut add = |id: &str, measures: &[usize], drawn: Option<Drawn>, said: Vec<(String, Span)>| {
            for (text, span) in said {
                let cause = Cause { date: self.turn.day, id: id.to_owned(), text, span };
                all.push(Found { cause, measures: measures.to_vec(), drawn });
            }
        };
        for (at, measure) in scenario.measures.iter().enumerate() {
            add(&measure.id, &[at], None, self.measure(measure));
        }
        for (at, quota) in scenario.quotas.iter().enumerate() {
            let (ledger, drawn) = (&quota.ledger, Some(Drawn::Quota(at)));
            add(&ledger.id, &[], drawn, self.ledger(ledger, &|side| side.quota(quota).text));
            if ledger.reach.window.contains(self.turn.eve) && ledger.reach.window.contains(self.turn.day) {
                add(&ledger.id, &ledger.measures, drawn, self.behind(&[&quota.in_quota_rate]));
            }
        }
        for (at, credit) in scenario.credits.iter().enumerate() {
            let ledger = &credit.ledger;
            let said = self.ledger(ledger, &|side| side.credit(ledger).text);
            add(&ledger.id, &[], Some(Drawn::Credit(at)), said);
        }
        all
    }

    fn measure(&self, measure: &Measure) -> Vec<(String, Span)> {
        let (eve, day) = (self.turn.eve, self.turn.day);
        let step = |on: Date| measure.step_on(on).and_then(|at| measure.steps.get(at));
        match (step(eve), step(day)) {
            (None, None) => Vec::new(),
            (None, Some(step)) => {
                let place =
                    if measure.reach.window.from == Some(day) { measure.reach.ends.0 } else { step.span };
                vec![(format!("begins: {}", self.is.step(step)), place)]
            }
            (Some(step), None) => vec![(format!("ends: {}", self.was.step(step)), measure.reach.ends.1)],
            (Some(first), Some(second)) if first.span != second.span || first.from != second.from => {
                self.step(first, second).into_iter().collect()
            }
            (Some(_), Some(step)) => self.within(measure, step),
        }
    }

    /// What one step says and the next says otherwise.
    fn step(&self, first: &Step, second: &Step) -> Option<(String, Span)> {
        let (was, is) = (self.was.step(first), self.is.step(second));
        let (covered, covers) =
            (self.was.precedence(first, self.turn.scenario), self.is.precedence(second, self.turn.scenario));
        let both_files = matches!((&first.rate, &second.rate), (Some(Rate::File(_)), Some(Rate::File(_))));
        let text = if was != is {
            format!("{was} → {is}")
        } else if covered != covers {
            format!("{covered} → {covers}")
        } else if both_files {
            "takes another rate file".to_owned()
        } else {
            return None;
        };
        Some((text, second.span))
    }

    /// What changes behind a step that stays.
    fn within(&self, measure: &Measure, step: &Step) -> Vec<(String, Span)> {
        let formulas = || {
            let rate = step.rate.as_ref().and_then(Rate::formula);
            rate.into_iter().chain(&step.share).chain(&step.when).chain(&measure.utilisation)
        };
        let mut said = self.behind(&formulas().collect::<Vec<_>>());
        let fits = |flow: &Flow, day: Date| measure.reach.products.longest_match(flow.product, day).is_some();
        if measure.reach.products.change_dates().any(|change| change == self.turn.day) {
            said.extend(self.goods(&fits, measure.span));
        }
        if let Some(Rate::File(table)) = &step.rate {
            said.extend(self.rows(table, ""));
        }
        said
    }

    /// What changes in how much may be drawn, by what.
    fn ledger(&self, ledger: &Ledger, text: &dyn Fn(&Side<'_>) -> String) -> Vec<(String, Span)> {
        let (eve, day) = (self.turn.eve, self.turn.day);
        match (ledger.reach.window.contains(eve), ledger.reach.window.contains(day)) {
            (false, false) => return Vec::new(),
            (false, true) => return vec![(format!("begins: {}", text(&self.is)), ledger.reach.ends.0)],
            (true, false) => return vec![(format!("ends: {}", text(&self.was)), ledger.reach.ends.1)],
            (true, true) => {}
        }
        let mut said = Vec::new();
        if ledger.period.containing(day).from == Some(day) {
            said.push((format!("a new period begins: {}", self.is.opening(ledger)), ledger.opening.span));
        }
        said.extend(self.behind(&ledger.when.iter().collect::<Vec<_>>()));
        let fits = |flow: &Flow, day: Date| ledger.reach.products.longest_match(flow.product, day).is_some();
        if ledger.reach.products.change_dates().any(|change| change == day) {
            said.extend(self.goods(&fits, ledger.span));
        }
        said
    }

    /// What changes in the parameters and groups that expressions name, and whether they ask for the date.
    fn behind(&self, formulas: &[&Formula]) -> Vec<(String, Span)> {
        let scenario = self.turn.scenario;
        let mut said = Vec::new();
        let mut parameters: Vec<&Parameter> = Vec::new();
        for formula in formulas {
            for parameter in scenario.parameters_behind(&formula.expr) {
                if !parameters.iter().any(|known| known.name == parameter.name) {
                    parameters.push(parameter);
                }
            }
        }
        for parameter in &parameters {
            said.extend(self.parameter(parameter));
        }
        let nested = parameters.iter().flat_map(|parameter| parameter.formulas());
        let exprs: Vec<&Expr> = formulas.iter().copied().chain(nested).map(|formula| &formula.expr).collect();
        for at in groups_in(&exprs) {
            let Some(group) = scenario.products.get(at) else { continue };
            let fits = |flow: &Flow, day: Date| group.set.contains(flow.product, day);
            said.extend(self.goods(&fits, group.span));
        }
        let turns = turning_days(&exprs, self.turn.flows);
        if let (true, Some(formula)) =
            (turns.contains(&self.turn.day), formulas.iter().find(|f| self.asks(f)))
        {
            said.push((format!("asks for the date: {}", formula.text), formula.span));
        }
        said
    }

    /// Whether an expression asks for the date, itself or through a parameter.
    fn asks(&self, formula: &Formula) -> bool {
        let behind = self.turn.scenario.parameters_behind(&formula.expr);
        let nested = behind.iter().flat_map(|parameter| parameter.formulas());
        std::iter::once(formula).chain(nested).any(|formula| names_date(&formula.expr))
    }

    fn parameter(&self, parameter: &Parameter) -> Option<(String, Span)> {
        let day = self.turn.day;
        if !parameter.change_dates().contains(&day) {
            return None;
        }
        match &parameter.form {
            Form::Steps(steps) => {
                let at = steps.iter().position(|(from, _)| *from == day)?;
                let (_, step) = steps.get(at)?;
                let before = at.checked_sub(1).and_then(|at| steps.get(at)).map(|(_, formula)| formula);
                let place =
                    self.turn.scenario.parameters.iter().position(|other| other.name == parameter.name)?;
                let value =
                    |side: &Side<'_>| side.parameter(place).filter(|_| parameter.rests_on == RestsOn::Day);
                let was = value(&self.was).or_else(|| before.map(|formula| formula.text.clone()));
                let is = value(&self.is).unwrap_or_else(|| step.text.clone());
                let text = match was {
                    Some(was) if was == is => return None,
                    Some(was) => format!("{} = {was} → {is}", parameter.name),
                    None => format!("{} begins: {is}", parameter.name),
                };
                Some((text, step.span))
            }
            Form::File(table) => self.rows(table, &format!("{} of ", parameter.name)),
            _ => None,
        }
    }

    /// The rows of a file that begin or end for the goods whose duty differs: the first, and how many more goods there are.
    fn rows(&self, table: &FileTable, what: &str) -> Option<(String, Span)> {
        let find = |flow: &Flow, day: Date| table.find(Some(flow.product), Some(flow.origin.value), day);
        let mut goods: BTreeSet<Product> = BTreeSet::new();
        let mut first = None;
        for moved in self.moved {
            let (was, is) = (find(moved.flow, self.turn.eve), find(moved.flow, self.turn.day));
            if was == is {
                continue;
            }
            goods.insert(moved.flow.product);
            let product = moved.flow.product;
            let said = match (&was, &is) {
                (Some(was), Some(is)) => format!("{} → {}", was.text, is.text),
                (None, Some(is)) => format!("{}, new", is.text),
                (Some(was), None) => format!("{} ends", was.text),
                (None, None) => String::new(),
            };
            let span = is.or(was).map(|found| found.row.span);
            first = first.or_else(|| Some((format!("{what}{product}: {said}"), span?)));
        }
        let (text, span) = first?;
        Some((format!("{text}{}", more(goods.len())), span))
    }

    /// Goods that join or leave, with the group they join or leave where there is one.
    fn goods(&self, fits: &dyn Fn(&Flow, Date) -> bool, place: Span) -> Vec<(String, Span)> {
        let (eve, day) = (self.turn.eve, self.turn.day);
        let turned: Vec<(&Flow, bool)> = self
            .moved
            .iter()
            .filter(|moved| fits(moved.flow, eve) != fits(moved.flow, day))
            .map(|moved| (moved.flow, fits(moved.flow, day)))
            .collect();
        let mut said = Vec::new();
        for joins in [true, false] {
            let goods: BTreeSet<Product> =
                turned.iter().filter(|(_, now)| *now == joins).map(|(flow, _)| flow.product).collect();
            let Some(one) = goods.first() else { continue };
            let mut groups = self.turn.scenario.products.iter();
            let group = groups.find(|group| group.set.contains(*one, eve) != group.set.contains(*one, day));
            let verb = if joins { "applies to" } else { "no longer applies to" };
            let by = group.map(|group| {
                let verb = if group.set.contains(*one, day) { "joins" } else { "leaves" };
                format!(", which {verb} `{}`", group.name)
            });
            let text = format!("{verb} {one}{}{}", by.unwrap_or_default(), more(goods.len()));
            said.push((text, group.map_or(place, |group| group.span)));
        }
        said
    }
}

/// What is behind the first of some goods.
fn more(goods: usize) -> String {
    match goods {
        0 | 1 => String::new(),
        2 => ", and so for 1 more code".to_owned(),
        many => format!(", and so for {} more codes", many - 1),
    }
}

fn groups_in(exprs: &[&Expr]) -> BTreeSet<usize> {
    let mut groups = BTreeSet::new();
    for expr in exprs {
        expr.walk(&mut |part| {
            if let Node::In(Group::Products(at)) = part.node {
                groups.insert(at);
            }
        });
    }
    groups
}

fn names_date(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= part.node == Node::Fact(Fact::Date));
    found
}

/// The days on which expressions may change that ask for the date: those they hold it against, which stand in them or in a
/// column of the flows, and the days after. None, if none of them asks.
pub(super) fn turning_days(exprs: &[&Expr], flows: &Flows) -> BTreeSet<Date> {
    let mut days = BTreeSet::new();
    if !exprs.iter().any(|expr| names_date(expr)) {
        return days;
    }
    for expr in exprs {
        expr.walk(&mut |part| match &part.node {
            Node::Literal(Value::Date(day)) => {
                days.insert(*day);
            }
            Node::Fact(Fact::Attribute(name, AttributeType::Date)) => days.extend(cells(name, flows)),
            _ => {}
        });
    }
    let after: Vec<Date> = days.iter().filter_map(|day| day.tomorrow().ok()).collect();
    days.extend(after);
    days
}

/// The dates in a column of the flows.
fn cells<'a>(name: &str, flows: &'a Flows) -> impl Iterator<Item = Date> + use<'a> {
    let Columns { attributes, .. } = &flows.columns;
    let column = attributes.iter().position(|column| column == name);
    let cell = move |flow: &'a Flow| flow.attributes.get(column?)?.as_deref().and_then(parse_date);
    flows.rows.iter().filter_map(cell)
}
