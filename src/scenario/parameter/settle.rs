//! Types parameters one by one, each after those it rests on.

use super::sketch::{Sketch, SketchForm, check_name, sketch};
use super::uncertain;
use super::unit::{Written, adopt, take_unit, written_type};
use super::{Curve, Form, Nothing, Parameter, RestsOn};
use crate::diagnostic::{Code, Diagnostic};
use crate::expr::{
    Ast, AstNode, Fact, Missing, Names, Operator, Resolved, Type, Value, Wanted, eval, in_unit_of, parse,
};
use crate::scenario::decode::{Report, wrong_type};
use crate::scenario::formula::{Draft, Formula, draft};
use crate::scenario::raw::{Node, Raw, Table};
use crate::scenario::sources_of;
use crate::scenario::table::{self, Purpose, TableNames};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Reads all parameters. `names` gives what expressions may use besides parameters; `citations` the ids of
/// sources.
pub fn parameters(
    table: &Table,
    outer: &dyn Names,
    data: &TableNames<'_>,
    citations: &[String],
    report: &Report<'_>,
) -> Vec<Option<Parameter>> {
    let empty = Table::default();
    let sketches: Vec<Sketch<'_>> = table
        .entries
        .iter()
        .map(|(key, node)| {
            check_name(key, outer, report);
            sketch(key, node, &empty, report)
        })
        .collect();
    let mut settling = Settler {
        sketches: &sketches,
        typed: sketches.iter().map(|_| State::Waiting).collect(),
        depths: vec![0; sketches.len()],
        path: Vec::new(),
        outer,
        data,
        citations,
        report,
    };
    for index in 0..sketches.len() {
        settling.settle(index);
    }
    let typed = settling.typed;
    for sketch in sketches {
        sketch.reader.finish();
    }
    typed
        .into_iter()
        .map(|state| match state {
            State::Done(parameter) => Some(*parameter),
            _ => None,
        })
        .collect()
}

/// How far the typing of a parameter has come.
enum State {
    Waiting,
    Broken,
    Done(Box<Parameter>),
}

/// The names a parameter's expressions may use while types are being settled.
struct Settling<'a> {
    outer: &'a dyn Names,
    names: Vec<&'a str>,
    typed: &'a [State],
    data: &'a TableNames<'a>,
}

impl Names for Settling<'_> {
    fn parameter(&self, name: &str) -> Option<Resolved> {
        let index = self.names.iter().position(|n| *n == name)?;
        Some(match &self.typed[index] {
            State::Done(parameter) => Resolved::Parameter(index, parameter.ty),
            _ => Resolved::Broken,
        })
    }
    fn group(&self, name: &str, products: bool) -> Option<crate::expr::Group> {
        self.outer.group(name, products)
    }
    fn exchange(&self, currency: &str) -> Option<Decimal> {
        self.outer.exchange(currency)
    }
    fn known(&self, groups: Option<bool>) -> Vec<String> {
        match groups {
            None => self.names.iter().map(|n| (*n).to_owned()).collect(),
            some => self.outer.known(some),
        }
    }
}

/// How long a chain of parameters that rest on one another may be.
const MAX_CHAIN: usize = 64;

/// Types parameters one by one.
struct Settler<'a> {
    sketches: &'a [Sketch<'a>],
    typed: Vec<State>,
    /// How long the chain of parameters behind each is.
    depths: Vec<usize>,
    /// The parameters being typed, each resting on the next.
    path: Vec<usize>,
    outer: &'a dyn Names,
    data: &'a TableNames<'a>,
    citations: &'a [String],
    report: &'a Report<'a>,
}

impl Settler<'_> {
    /// Types a parameter, after those it rests on.
    fn settle(&mut self, index: usize) {
        if !matches!(self.typed[index], State::Waiting) {
            return;
        }
        let key = self.sketches[index].key;
        if let Some(start) = self.path.iter().position(|i| *i == index) {
            let members = self.path[start..].iter().chain([&index]);
            let circle: Vec<String> = members.map(|i| format!("`{}`", self.sketches[*i].key.name)).collect();
            let message = format!("parameters in a circle: {}", circle.join(" rests on "));
            self.report.push(Diagnostic::at(Code::CircularParameter, key.span, message));
            self.path[start..].iter().for_each(|i| self.typed[*i] = State::Broken);
            return;
        }
        let needed = self.needed(index);
        self.path.push(index);
        // A chain that is too long is not walked to its end.
        let too_long = self.path.len() > MAX_CHAIN;
        if !too_long {
            for other in &needed {
                self.settle(*other);
            }
        }
        self.path.pop();
        if matches!(self.typed[index], State::Broken) {
            return;
        }
        self.depths[index] = 1 + needed.iter().map(|other| self.depths[*other]).max().unwrap_or(0);
        if too_long || self.depths[index] > MAX_CHAIN {
            let message = format!("`{}` rests on a chain of more than {MAX_CHAIN} parameters", key.name);
            // What rests on a broken chain is not said again.
            if !needed.iter().any(|other| matches!(self.typed[*other], State::Broken)) {
                self.report.push(Diagnostic::at(Code::TooDeep, key.span, message));
            }
            self.typed[index] = State::Broken;
            return;
        }
        let names = Settling {
            outer: self.outer,
            names: self.sketches.iter().map(|s| s.key.name.as_str()).collect(),
            typed: &self.typed,
            data: self.data,
        };
        let parameter = finish(&self.sketches[index], &names, self.citations, self.report);
        self.typed[index] = parameter.map_or(State::Broken, |parameter| State::Done(Box::new(parameter)));
    }

    /// The parameters that a parameter's expressions name.
    fn needed(&self, index: usize) -> Vec<usize> {
        let sketch = &self.sketches[index];
        let mut needed = Vec::new();
        for draft in sketch.form.iter().flat_map(SketchForm::drafts).chain(&sketch.default) {
            draft.ast.names(&mut |name| {
                needed.extend(self.sketches.iter().position(|s| s.key.name == name));
            });
        }
        needed
    }
}

fn finish(
    sketch: &Sketch<'_>,
    names: &Settling<'_>,
    citations: &[String],
    report: &Report<'_>,
) -> Option<Parameter> {
    let reader = &sketch.reader;
    let title = reader.string("title");
    let sources = sources_of(reader, citations, report);
    let form = finish_form(sketch, names, report)
        .filter(|(form, ty)| same_type_as_before(sketch, form, *ty, names, report));
    let ty = form.as_ref().and_then(|(_, ty)| *ty);
    let bound = |key: &'static str| {
        let node = reader.node(key)?;
        constant(node, key, sketch.unit, ty?, names, report)
    };
    let (min, max, step) = (bound("min"), bound("max"), bound("step"));
    let spread = ty.and_then(|ty| uncertain::uncertain(reader, sketch.unit, ty, names, report));
    let (spread, spread_span) = spread.unzip();
    let default = sketch
        .default
        .as_ref()
        .and_then(|draft| take_unit(draft.finish(Wanted::Any, names, report)?, sketch.unit, ty?, report));
    let (form, ty) = (form?.0, ty?);
    let mut parameter = Parameter {
        name: sketch.key.name.clone(),
        span: sketch.key.span,
        title,
        sources,
        ty,
        rests_on: match form {
            Form::File(ref table) if !table.is_by_goods() => RestsOn::Day,
            Form::File(_) | Form::By(Fact::Origin, _) => RestsOn::Goods,
            Form::By(..) => RestsOn::Flow,
            _ => RestsOn::Day,
        },
        min,
        max,
        step,
        uncertain: spread,
        written: match &form {
            Form::Value(formula) => unit_of(formula, names),
            _ => sketch.unit,
        },
        form,
        default,
    };
    if parameter.written == Written::Plain {
        parameter.written = sketch.unit;
    }
    let mut rests_on = parameter.rests_on;
    for formula in parameter.formulas() {
        let of_parameter = |index: usize| match &names.typed[index] {
            State::Done(other) => other.rests_on,
            _ => RestsOn::Flow,
        };
        rests_on = rests_on.max(RestsOn::of(&formula.expr, &of_parameter));
    }
    parameter.rests_on = rests_on;
    if let Some(span) = spread_span {
        uncertain::check(&parameter, span, report);
    }
    Some(parameter)
}

/// A new value is of the type of the one it replaces.
fn same_type_as_before(
    sketch: &Sketch<'_>,
    form: &Form,
    ty: Option<Type>,
    names: &Settling<'_>,
    report: &Report<'_>,
) -> bool {
    let before = sketch.written.as_ref().and_then(|node| written_type(node, names));
    let formula = match form {
        Form::Value(formula) => Some(formula),
        Form::Steps(steps) => steps.first().map(|(_, formula)| formula),
        _ => None,
    };
    match (before, ty, formula) {
        (Some(before), Some(ty), Some(formula)) if before.unify(ty).is_none() => {
            let message = format!("`{}` is {before}, not {ty}", sketch.key.name);
            report.push(formula.diagnostic(Code::Dimension, message));
            false
        }
        _ => true,
    }
}

/// The typed form and the type of its values; `None` where something in it is wrong.
fn finish_form(
    sketch: &Sketch<'_>,
    names: &Settling<'_>,
    report: &Report<'_>,
) -> Option<(Form, Option<Type>)> {
    let unit = if sketch.written.is_some() { sketch.unit } else { Written::Plain };
    let typed = |draft: &Draft<'_>, ty: Option<Type>| -> Option<Formula> {
        let formula = draft.finish(Wanted::Any, names, report)?;
        let formula = adopt(formula, unit, report)?;
        match ty {
            Some(ty) if ty.unify(formula.expr.ty).is_none() => {
                let message = format!("this is {}, where {ty} is wanted as before", formula.expr.ty);
                report.push(formula.diagnostic(Code::Dimension, message));
                None
            }
            _ => Some(formula),
        }
    };
    match sketch.form.as_ref()? {
        SketchForm::Value(draft) => {
            let formula = typed(draft, None)?;
            let ty = formula.expr.ty;
            Some((Form::Value(formula), Some(ty)))
        }
        SketchForm::Steps(drafts) => {
            let mut ty = None;
            let mut steps = Vec::with_capacity(drafts.len());
            for (from, draft) in drafts {
                if let Some(formula) = typed(draft, ty) {
                    ty = ty.or(Some(formula.expr.ty));
                    steps.push((*from, formula));
                }
            }
            (steps.len() == drafts.len()).then_some((Form::Steps(steps), ty))
        }
        SketchForm::Curve { of, points, staircase } => {
            let formula = of.finish(Wanted::Any, names, report)?;
            if !matches!(formula.expr.ty, Type::Number | Type::Money | Type::Quantity(_) | Type::PerUnit(_)) {
                let message = format!("a curve lies over a number, not over {}", formula.expr.ty);
                report.push(formula.diagnostic(Code::Dimension, message));
                return None;
            }
            let of_unit = curve_unit(&of.ast, names);
            let points = finish_points(points, of_unit, formula.expr.ty, names, report)?;
            let ty = points.first().map(|(_, y)| y.ty());
            // Where the flow settles the unit, the points say which kind it must be.
            let wanted = points.first().map_or(Wanted::Any, |(x, _)| Wanted::Type(x.ty()));
            let formula = of.finish(wanted, names, report)?;
            Some((Form::Curve(Curve { of: formula, points, staircase: *staircase }), ty))
        }
        SketchForm::File(node, span) => {
            let table = table::table(node, *span, Purpose::Values, names.data, report)?;
            let ty = table.ty();
            Some((Form::File(Box::new(table)), Some(ty)))
        }
        SketchForm::By(fact, drafts) => {
            let mut ty = None;
            let mut values = BTreeMap::new();
            for (key, draft) in drafts {
                if let Some(formula) = typed(draft, ty) {
                    ty = ty.or(Some(formula.expr.ty));
                    if values.insert(origin_key(fact, &key.name), formula).is_some() {
                        let message = format!("`{}` is given twice", key.name);
                        report.push(Diagnostic::at(Code::RepeatedId, key.span, message));
                    }
                }
            }
            (values.len() == drafts.len()).then_some((Form::By(fact.clone(), values), ty))
        }
    }
}

/// Origins choose by their alpha-2 code, whichever code is written.
fn origin_key(fact: &Fact, name: &str) -> String {
    match (fact, crate::country::Country::from_code(name)) {
        (Fact::Origin, Some(country)) => country.code().to_owned(),
        _ => name.to_owned(),
    }
}

/// The unit that a curve's bare places take on: that in which the value it lies over is written, found through
/// parameters, sums and products.
fn curve_unit(of: &Ast, names: &Settling<'_>) -> Written {
    let either = |left: &Ast, right: &Ast| match curve_unit(left, names) {
        Written::Plain => curve_unit(right, names),
        unit => unit,
    };
    match &of.node {
        AstNode::Name(name) => {
            let index = names.names.iter().position(|n| n == name);
            match index.map(|i| &names.typed[i]) {
                Some(State::Done(parameter)) => parameter.written,
                _ => Written::Plain,
            }
        }
        AstNode::Binary(Operator::Add | Operator::Subtract | Operator::Multiply, left, right) => {
            either(left, right)
        }
        AstNode::Binary(Operator::Divide, left, right) => match Written::of(of) {
            Written::Plain if matches!(curve_unit(right, names), Written::Plain) => curve_unit(left, names),
            unit => unit,
        },
        AstNode::Negate(inner) => curve_unit(inner, names),
        AstNode::Call(_, arguments) => arguments.last().map_or(Written::Plain, |a| curve_unit(a, names)),
        _ => Written::of(of),
    }
}

/// The unit a formula is written in, itself or through the parameters it names.
fn unit_of(formula: &Formula, names: &Settling<'_>) -> Written {
    parse(&formula.text).map_or(Written::Plain, |ast| curve_unit(&ast, names))
}

fn finish_points(
    node: &Node,
    unit: Written,
    of: Type,
    names: &Settling<'_>,
    report: &Report<'_>,
) -> Option<Vec<(Value, Value)>> {
    let pairs = match &node.value {
        Raw::Array(items) if !items.is_empty() => items,
        _ => {
            report.push(wrong_type(
                node,
                "curve",
                "a list of points `[[\"0\", \"0%\"], [\"100\", \"15%\"]]`",
            ));
            return None;
        }
    };
    let mut points: Vec<(Value, Value)> = Vec::with_capacity(pairs.len());
    let mut good = true;
    for pair in pairs {
        let Raw::Array(ends) = &pair.value else {
            report.push(wrong_type(pair, "curve", "a point `[\"100\", \"15%\"]`"));
            good = false;
            continue;
        };
        let [x, y] = ends.as_slice() else {
            let message = format!("a point has two ends, this one has {}", ends.len());
            report.push(Diagnostic::at(Code::WrongType, pair.span, message).help("write [\"100\", \"15%\"]"));
            good = false;
            continue;
        };
        let place = constant(x, "curve", unit, of, names, report);
        let value = draft(y, "curve", report)
            .and_then(|d| d.finish(Wanted::Any, names, report))
            .and_then(|f| literal_of(&f, report));
        let (Some(place), Some(value)) = (place, value) else {
            good = false;
            continue;
        };
        // All points are kept in the units of the first.
        let place = points.first().map_or(place.clone(), |(x, _)| in_unit_of(x, &place));
        let value = points.first().map_or(value.clone(), |(_, y)| in_unit_of(y, &value));
        if let Some((before, first)) = points.last() {
            if before.amount() >= place.amount() {
                let message = "the points of a curve must rise from left to right";
                report.push(Diagnostic::at(Code::Steps, x.span, message));
                good = false;
            }
            if first.ty().unify(value.ty()).is_none() {
                let message = format!("this is {}, where {} is wanted as before", value.ty(), first.ty());
                report.push(Diagnostic::at(Code::Dimension, y.span, message));
                good = false;
            }
        }
        points.push((place, value));
    }
    good.then_some(points)
}

/// A constant of a type; a bare number takes on a unit.
pub(super) fn constant(
    node: &Node,
    key: &str,
    unit: Written,
    ty: Type,
    names: &dyn Names,
    report: &Report<'_>,
) -> Option<Value> {
    let draft = draft(node, key, report)?;
    let mut rests = false;
    draft.ast.names(&mut |name| rests |= names.parameter(name).is_some());
    if rests {
        // Whether another parameter is known already depends on their order.
        let message = "a fixed value is wanted here, not one that changes";
        report.push(Diagnostic::at(Code::NeedsFlow, node.span, message));
        return None;
    }
    let formula = take_unit(draft.finish(Wanted::Any, names, report)?, unit, ty, report)?;
    literal_of(&formula, report)
}

/// The value of a formula that rests on no parameter and no flow.
fn literal_of(formula: &Formula, report: &Report<'_>) -> Option<Value> {
    match eval(&formula.expr, &Nothing) {
        Ok(value) => Some(value),
        Err(Missing::Arithmetic(error)) => {
            report.push(
                formula.diagnostic(crate::scenario::constants::arithmetic_code(error), error.to_string()),
            );
            None
        }
        Err(_) => {
            report.push(
                formula.diagnostic(Code::NeedsFlow, "a fixed value is wanted here, not one that changes"),
            );
            None
        }
    }
}
