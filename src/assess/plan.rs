//! A scenario compiled for assessment. What depends on the date is settled once an interval, what depends on
//! product, origin and importer once a cell; what is left for each flow is a multiplication, or the
//! evaluation of what rests on the flow's own columns.

use crate::country::Country;
use crate::date::Date;
use crate::expr::{Context, Expr, Fact, Group, Missing, Node, Quantity, Type, Value, eval};
use crate::product::Product;
use crate::scenario::constants::{OnDay, change_dates, is_constant, rests_on};
use crate::scenario::{
    Counted, Form, Formula, Ledger, Measure, MeasureType, Nothing, Parameter, Rate, RestsOn, Scenario, order,
};
use crate::trade::Columns;
use crate::units::Kind;
use rust_decimal::Decimal;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Measures that fit goods, more often than not.
const USUAL_MEMBERS: usize = 8;

/// A scenario ready to assess flows.
#[derive(Debug)]
pub struct Plan {
    scenario: Scenario,
    /// The days on which some measure or parameter changes, in order.
    changes: Vec<Date>,
}

impl Plan {
    /// Compiles a scenario.
    pub fn compile(scenario: Scenario) -> Plan {
        let changes = change_dates(&scenario);
        Plan { scenario, changes }
    }

    /// What it was compiled from.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The days on which some measure, parameter, group, file row, quota or credit begins, ends or changes, in order.
    pub(crate) fn changes(&self) -> &[Date] {
        &self.changes
    }

    /// The interval a day lies in: the number of changes up to it.
    pub(super) fn interval_of(&self, day: Date) -> usize {
        self.changes.partition_point(|change| *change <= day)
    }

    /// What holds in an interval.
    pub(super) fn interval(&self, number: usize) -> Interval {
        let start = number.checked_sub(1).and_then(|i| self.changes.get(i)).copied();
        let on_day = OnDay::new(&self.scenario.parameters, start);
        // A circle is an error when the scenario is loaded, so there is an order for every interval.
        let order = order::on_day(&self.scenario.measures, start.unwrap_or(Date::MIN)).unwrap_or_default();
        let fold = |formula: &Formula| fold(&formula.expr, &on_day, &self.scenario.parameters);
        let active = order
            .into_iter()
            .filter_map(|(place, step)| {
                let measure = self.scenario.measures.get(place)?;
                let rules = measure.steps.get(step)?;
                Some(Active {
                    place,
                    step,
                    rate: rules.rate.as_ref().and_then(Rate::formula).map(fold),
                    share: rules.share.as_ref().map(fold),
                    when: rules.when.as_ref().map(fold),
                    utilisation: measure.utilisation.as_ref().map(fold),
                })
            })
            .collect();
        Interval { start, on_day, active }
    }

    /// The measures of an interval that fit goods of an origin entering for an importer, of those that `may`.
    pub(super) fn cell(
        &self,
        interval: &Interval,
        (product, origin, importer): (Product, Country, Country),
        may: &dyn Fn(usize) -> bool,
    ) -> Cell {
        let goods = Goods { scenario: &self.scenario, interval, product, origin, known: RefCell::default() };
        let day = interval.start.unwrap_or(Date::MIN);
        let mut cell = Cell { members: Vec::with_capacity(USUAL_MEMBERS), ..Cell::default() };
        for active in interval.active.iter().filter(|active| may(active.place)) {
            let measure = &self.scenario.measures[active.place];
            let Some(charged_by) = measure.charged_by(importer) else { continue };
            if !measure.reach.origins.contains(origin, charged_by) {
                continue;
            }
            let fit = measure.reach.products.fit(product, day);
            cell.partly_covered |= fit.is_split;
            let Some(matched) = fit.matched else { continue };
            if let Some(Rate::File(table)) = &measure.steps[active.step].rate {
                cell.partly_covered |= table.splits(product);
            }
            let mut member = Member::new(active, measure, matched);
            if member.look_up(measure, product, origin, day) && !member.settle(&goods) {
                cell.members.push(member);
            }
        }
        cell.link();
        let draw = |(ledger, written): (usize, &Ledger), rate: Option<&Formula>| {
            if !written.reach.covers(product, origin, importer, day) {
                return None;
            }
            let fits = |at: &usize| written.measures.contains(&cell.members[*at].measure);
            let members: Vec<usize> = (0..cell.members.len()).filter(fits).collect();
            let folded = |formula: &Formula| {
                let mut expr = formula.expr.clone();
                goods.fold(&mut expr);
                expr
            };
            let draw =
                Draw { ledger, members, when: written.when.as_ref().map(folded), rate: rate.map(folded) };
            (!draw.members.is_empty()).then_some(draw)
        };
        let quotas = self.scenario.quotas.iter().enumerate();
        let quotas = quotas.filter_map(|(at, q)| draw((at, &q.ledger), Some(&q.in_quota_rate))).collect();
        let credits = self.scenario.credits.iter().enumerate();
        let credits = credits.filter_map(|(at, credit)| draw((at, &credit.ledger), None)).collect();
        cell.quotas = quotas;
        cell.credits = credits;
        let undrawn = cell.quotas.is_empty() && cell.credits.is_empty();
        cell.fixed = undrawn && cell.members.iter().all(Member::is_fixed);
        cell
    }
}

/// An expression with everything in it that is settled for an interval put in as a value.
fn fold(expr: &Expr, on_day: &OnDay, parameters: &[Parameter]) -> Expr {
    if is_constant(expr, parameters)
        && let Ok(value) = on_day.eval(expr)
    {
        return Expr::literal(value);
    }
    expr.clone()
}

/// Goods of an origin in an interval, for what rests on nothing else.
struct Goods<'a> {
    scenario: &'a Scenario,
    interval: &'a Interval,
    product: Product,
    origin: Country,
    /// Values of parameters, once computed.
    known: RefCell<BTreeMap<usize, Result<Value, Missing>>>,
}

impl Goods<'_> {
    fn fold(&self, expr: &mut Expr) {
        if expr.as_literal().is_none()
            && rests_on(expr, &self.scenario.parameters) <= RestsOn::Goods
            && let Ok(value) = eval(expr, self)
        {
            *expr = Expr::literal(value);
        }
    }
}

impl Context for Goods<'_> {
    fn parameter(&self, index: usize) -> Result<Value, Missing> {
        let parameter = self.scenario.parameters.get(index).filter(|p| p.rests_on > RestsOn::Day);
        let Some(parameter) = parameter else { return self.interval.on_day.get(index) };
        if let Some(known) = self.known.borrow().get(&index) {
            return known.clone();
        }
        let value = parameter.value(self.interval.start, self);
        self.known.borrow_mut().insert(index, value.clone());
        value
    }
    fn value(&self) -> Result<Decimal, Missing> {
        Nothing.value()
    }
    fn quantity(&self, kind: Option<Kind>) -> Result<Quantity, Missing> {
        Nothing.quantity(kind)
    }
    fn fact(&self, fact: &Fact) -> Result<Value, Missing> {
        match fact {
            Fact::Product => Ok(Value::Product(self.product)),
            Fact::Origin => Ok(Value::Origin(self.origin)),
            other => Nothing.fact(other),
        }
    }
    fn attribute(&self, name: &str) -> Result<&str, Missing> {
        Nothing.attribute(name)
    }
    fn is_in(&self, group: Group) -> Result<bool, Missing> {
        let day = self.interval.start.unwrap_or(Date::MIN);
        Ok(self.scenario.is_in(group, self.product, self.origin, day))
    }
}

/// Whether an expression is the same for all flows of some goods, whatever their value.
fn rests_on_goods(
    expr: &Expr,
    scenario: &Scenario,
    columns: &Columns,
    says_claims: bool,
    depth: usize,
) -> bool {
    // A column that flows do not have says the same of all of them: nothing.
    let is_absent = |fact: &Fact| match fact {
        Fact::Content(name) => !columns.content.contains(name),
        Fact::Attribute(name, _) => !columns.attributes.contains(name),
        _ => false,
    };
    let is_settled = |fact: &Fact| match fact {
        Fact::Product | Fact::Origin | Fact::MfnRate => true,
        Fact::Claims(_) => !says_claims,
        fact => is_absent(fact),
    };
    let mut settled = depth <= scenario.parameters.len();
    expr.walk(&mut |part| match &part.node {
        Node::Fact(fact) => settled &= is_settled(fact),
        Node::Parameter(at) if settled => {
            let Some(parameter) = scenario.parameters.get(*at) else { return };
            let by = match &parameter.form {
                Form::By(fact, _) => is_settled(fact),
                _ => true,
            };
            let behind = |f: &&Formula| rests_on_goods(&f.expr, scenario, columns, says_claims, depth + 1);
            settled &= by && (parameter.rests_on < RestsOn::Flow || parameter.formulas().iter().all(behind));
        }
        _ => {}
    });
    settled
}

/// What holds between two days on which something changes.
pub(super) struct Interval {
    /// Its first day; `None` before the first change.
    pub start: Option<Date>,
    /// The values of parameters that do not rest on the flow.
    pub on_day: OnDay,
    active: Vec<Active>,
}

/// A measure in force in an interval.
struct Active {
    place: usize,
    step: usize,
    rate: Option<Expr>,
    share: Option<Expr>,
    when: Option<Expr>,
    utilisation: Option<Expr>,
}

/// The measures that fit one product, origin and importer in an interval, in the order they are charged.
#[derive(Default)]
pub(super) struct Cell {
    pub members: Vec<Member>,
    /// The quotas that may be drawn on, in the order of the scenario.
    pub quotas: Vec<Draw>,
    /// The credits that may be drawn on, in the order of the scenario.
    pub credits: Vec<Draw>,
    /// Whether nothing in it rests on the flow but the customs value.
    pub fixed: bool,
    /// Whether the product code is too short for some measure.
    pub partly_covered: bool,
}

/// A quota or credit that the goods of a cell may draw on.
pub(super) struct Draw {
    /// The quota or credit, as a place in the scenario's list.
    pub ledger: usize,
    /// The members it is for.
    pub members: Vec<usize>,
    /// The condition under which it is drawn on.
    pub when: Option<Expr>,
    /// What the members charge on what a quota admits.
    pub rate: Option<Expr>,
}

/// A measure in a cell.
pub(super) struct Member {
    /// The measure, as a place in the scenario's list.
    pub measure: usize,
    pub step: usize,
    pub kind: MeasureType,
    /// Digits of the entry that matched.
    pub matched: usize,
    pub rate: Option<Expr>,
    /// The row its rate stands in, where it stands in a file.
    pub row: Option<usize>,
    /// Why the text of its rate is refused.
    pub refused: Option<String>,
    pub share: Option<Expr>,
    pub covers_article: bool,
    pub when: Option<Expr>,
    pub utilisation: Option<Expr>,
    pub claim: String,
    pub series: Option<usize>,
    /// Members it gives way to.
    pub yields_to: Vec<usize>,
    /// Members whose charges count towards its rate; `None` where its rate stands alone.
    pub inclusive_of: Option<Vec<usize>>,
    yields_to_measures: Vec<usize>,
    counted: Option<Counted>,
}

impl Member {
    fn new(active: &Active, measure: &Measure, matched: usize) -> Member {
        let step = &measure.steps[active.step];
        Member {
            measure: active.place,
            step: active.step,
            kind: measure.kind,
            matched,
            rate: active.rate.clone(),
            row: None,
            refused: None,
            share: active.share.clone(),
            covers_article: step.covers_article,
            when: active.when.clone(),
            utilisation: active.utilisation.clone(),
            claim: measure.claim.clone(),
            series: measure.series,
            yields_to: Vec::new(),
            inclusive_of: None,
            yields_to_measures: step.yields_to.clone(),
            counted: step.inclusive_of.clone(),
        }
    }

    /// Finds the row of a rate file; `false` where there is none and no default, so that the measure does not fit.
    fn look_up(&mut self, measure: &Measure, product: Product, origin: Country, day: Date) -> bool {
        let Some(Rate::File(table)) = &measure.steps[self.step].rate else { return true };
        let Some(found) = table.find(Some(product), Some(origin), day) else { return self.rate.is_some() };
        self.matched = found.row.digits();
        self.row = Some(found.place);
        match found.value {
            Ok(rate) => self.rate = Some(rate),
            Err(reason) => {
                // The file's default is for goods without a row, not for a row that cannot be read.
                self.rate = None;
                self.refused = Some(reason);
            }
        }
        true
    }

    /// Puts in what the goods settle. Whether its condition is then known not to hold.
    fn settle(&mut self, goods: &Goods<'_>) -> bool {
        let parts = [&mut self.rate, &mut self.share, &mut self.when, &mut self.utilisation];
        parts.into_iter().flatten().for_each(|expr| goods.fold(expr));
        match self.when.as_ref().and_then(Expr::as_literal) {
            Some(Value::Condition(false)) => return true,
            Some(Value::Condition(true)) => self.when = None,
            _ => {}
        }
        false
    }

    /// The rate, where it is a part of the customs value and the same for every flow.
    pub fn fixed_rate(&self) -> Option<Decimal> {
        match self.rate.as_ref()?.as_literal()? {
            Value::Number(rate) => Some(*rate),
            _ => None,
        }
    }

    fn is_fixed(&self) -> bool {
        let share = self.share.as_ref().is_none_or(|share| share.as_literal().is_some());
        let sound = |rate: Decimal| rate >= Decimal::ZERO || self.kind == MeasureType::Subsidy;
        let rate = self.refused.is_none() && self.fixed_rate().is_some_and(sound);
        // A tax is charged on freight and insurance too, which differ from flow to flow.
        let kind = !self.kind.is_claimed() && self.kind != MeasureType::Tax;
        kind && self.when.is_none() && share && rate
    }
}

impl Cell {
    /// Whether its charges rest on nothing of a flow but its goods and its value, to which they are proportional. Where
    /// flows do not say what they claim, a claim is made on the same part of all of them.
    pub fn is_settled(&self, scenario: &Scenario, columns: &Columns, says_claims: bool) -> bool {
        let rests = |expr: &Expr| rests_on_goods(expr, scenario, columns, says_claims, 0);
        self.members.iter().all(|member| {
            let parts = [&member.rate, &member.share, &member.when, &member.utilisation];
            let is_part = member.rate.as_ref().is_none_or(|rate| rate.ty == Type::Number);
            let claims = !member.kind.is_claimed() || !says_claims;
            claims && is_part && member.refused.is_none() && parts.into_iter().flatten().all(rests)
        })
    }

    /// Turns references to measures into references to members.
    fn link(&mut self) {
        let places: Vec<(usize, MeasureType)> = self.members.iter().map(|m| (m.measure, m.kind)).collect();
        let find = |measures: &[usize]| -> Vec<usize> {
            (0..places.len()).filter(|i| measures.contains(&places[*i].0)).collect()
        };
        let base = || {
            (0..places.len())
                .filter(|i| matches!(places[*i].1, MeasureType::Mfn | MeasureType::Preference))
                .collect::<Vec<_>>()
        };
        for member in &mut self.members {
            member.yields_to = find(&member.yields_to_measures);
            member.inclusive_of = member.counted.as_ref().map(|counted| {
                let mut members = find(&counted.measures);
                if counted.base {
                    members.extend(base());
                }
                members.sort_unstable();
                members.dedup();
                members
            });
        }
    }
}
