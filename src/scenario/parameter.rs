//! Parameters: named values that rates rest on, in all the forms they may be written.

use super::decode::{Reader, Report, Text, wrong_type};
use super::formula::{Draft, Formula, draft};
use super::raw::{Key, Node, Raw, Table};
use super::sources_of;
use super::table::{self, FileTable, Purpose, TableNames};
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{
    Ast, AstNode, AttributeType, Context, Expr, Fact, Missing, Names, Node as ExprNode, Operator, Quantity,
    Resolved, Type, Value, Wanted, check, eval, in_unit_of, is_reserved, parse,
};
use crate::money;
use crate::units::Unit;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A named value.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What it is.
    pub title: Option<String>,
    /// Citations, as places in the scenario's list.
    pub sources: Vec<usize>,
    /// The type of its value.
    pub ty: Type,
    /// What its value rests on.
    pub rests_on: RestsOn,
    /// Lowest value allowed.
    pub min: Option<Value>,
    /// Highest value allowed.
    pub max: Option<Value>,
    /// The width of a step in a sweep.
    pub step: Option<Value>,
    /// How its value comes about.
    pub form: Form,
    /// The unit its value is written in, or took on.
    written: Written,
    /// The value where the form gives none.
    pub default: Option<Formula>,
}

/// What must be known for a value to be computed, from least to most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RestsOn {
    /// The date.
    Day,
    /// The date, the product and the origin.
    Goods,
    /// Other facts of the flow.
    Flow,
}

impl RestsOn {
    /// What an expression rests on, given what each parameter does.
    pub fn of(expr: &Expr, parameter: &dyn Fn(usize) -> RestsOn) -> RestsOn {
        let mut rests_on = RestsOn::Day;
        expr.walk(&mut |part| {
            rests_on = rests_on.max(match &part.node {
                ExprNode::Fact(Fact::Product | Fact::Origin) | ExprNode::In(_) => RestsOn::Goods,
                ExprNode::Fact(_) => RestsOn::Flow,
                ExprNode::Parameter(index) => parameter(*index),
                _ => RestsOn::Day,
            });
        });
        rests_on
    }
}

/// How a parameter's value comes about.
#[derive(Debug, Clone)]
pub enum Form {
    /// One expression.
    Value(Formula),
    /// Expressions from days on, sorted.
    Steps(Vec<(Date, Formula)>),
    /// Interpolated between points over another value.
    Curve(Curve),
    /// Chosen by a fact of the flow.
    By(Fact, BTreeMap<String, Formula>),
    /// Looked up by product and origin.
    File(Box<FileTable>),
}

/// Points over another value; flat beyond the ends.
#[derive(Debug, Clone)]
pub struct Curve {
    /// The value the points lie over.
    pub of: Formula,
    /// At least one, by rising place.
    pub points: Vec<(Value, Value)>,
    /// Whether the value stays that of the point before instead of lying on the line to the next.
    pub staircase: bool,
}

impl Parameter {
    /// Its value on a day, where `context` stands.
    pub fn value(&self, day: Option<Date>, context: &dyn Context) -> Result<Value, Missing> {
        let found = match &self.form {
            Form::Value(formula) => eval(&formula.expr, context),
            Form::Steps(steps) => {
                let step = day.and_then(|day| steps.iter().rfind(|(from, _)| *from <= day));
                match step {
                    Some((_, formula)) => eval(&formula.expr, context),
                    None => Err(self.absent()),
                }
            }
            Form::Curve(curve) => eval(&curve.of.expr, context).and_then(|x| curve.at(&x)),
            Form::By(fact, values) => match key_of(fact, context) {
                Ok(key) => match values.get(&key) {
                    Some(formula) => eval(&formula.expr, context),
                    None => Err(self.absent()),
                },
                Err(missing) => Err(missing),
            },
            Form::File(table) => self.look_up(table, day, context),
        };
        match (found, &self.default) {
            (Err(Missing::Fact(_) | Missing::Parameter(_)), Some(default)) => eval(&default.expr, context),
            (found, _) => found,
        }
    }

    fn look_up(&self, table: &FileTable, day: Option<Date>, context: &dyn Context) -> Result<Value, Missing> {
        let goods = (context.fact(&Fact::Product)?, context.fact(&Fact::Origin)?);
        let (Value::Product(product), Value::Origin(origin)) = goods else { return Err(self.absent()) };
        match table.find(product, origin, day.unwrap_or(Date::MIN)).map(|found| found.value) {
            Some(Ok(expr)) => eval(&expr, context),
            Some(Err(reason)) => Err(Missing::Fact(reason)),
            None => Err(self.absent()),
        }
    }

    fn absent(&self) -> Missing {
        Missing::Parameter(format!("`{}`", self.name))
    }

    /// The days on which its value may change.
    pub fn change_dates(&self) -> Vec<Date> {
        match &self.form {
            Form::Steps(steps) => steps.iter().map(|(from, _)| *from).collect(),
            Form::File(table) => table.change_dates().collect(),
            _ => Vec::new(),
        }
    }

    /// One of its values, as it would be written.
    pub fn show(&self, value: &Value) -> String {
        match (self.written, value) {
            (Written::Percent, Value::Number(n)) => money::mul(*n, Decimal::ONE_HUNDRED)
                .map_or_else(|_| money::plain(*n), |n| format!("{}%", money::plain(n))),
            _ => value.to_string(),
        }
    }

    /// Every expression in it.
    pub fn formulas(&self) -> Vec<&Formula> {
        let mut formulas: Vec<&Formula> = match &self.form {
            Form::Value(formula) => vec![formula],
            Form::Steps(steps) => steps.iter().map(|(_, f)| f).collect(),
            Form::Curve(curve) => vec![&curve.of],
            Form::By(_, values) => values.values().collect(),
            Form::File(_) => Vec::new(),
        };
        formulas.extend(&self.default);
        formulas
    }
}

/// The text by which a flow chooses.
fn key_of(fact: &Fact, context: &dyn Context) -> Result<String, Missing> {
    match fact {
        Fact::Attribute(name, _) => context.attribute(name).map(str::to_owned),
        fact => Ok(match context.fact(fact)? {
            Value::Text(text) => text.to_string(),
            other => other.to_string(),
        }),
    }
}

impl Curve {
    /// The value over `x`.
    fn at(&self, x: &Value) -> Result<Value, Missing> {
        let (Some((first, lowest)), Some((_, highest))) = (self.points.first(), self.points.last()) else {
            return Err(Missing::Parameter("curve".to_owned()));
        };
        if first.ty() != x.ty() {
            return Err(match first {
                Value::Quantity(q) | Value::PerUnit(q) => Missing::Quantity(q.unit.kind()),
                _ => Missing::Parameter("curve".to_owned()),
            });
        }
        let place = |v: &Value| v.amount().unwrap_or_default();
        let x = place(&in_unit_of(first, x));
        let after = self.points.partition_point(|(p, _)| place(p) <= x);
        if after == 0 {
            return Ok(lowest.clone());
        }
        let (x0, y0) = &self.points[after - 1];
        let Some((x1, y1)) = self.points.get(after) else { return Ok(highest.clone()) };
        if self.staircase {
            return Ok(y0.clone());
        }
        let rise = money::sub(place(y1), place(y0))?;
        let run = money::sub(place(x1), place(x0))?;
        let climbed = money::div(money::mul(rise, money::sub(x, place(x0))?)?, run)?;
        let y = money::add(place(y0), climbed)?;
        y0.with_amount(y).ok_or_else(|| Missing::Parameter("curve".to_owned()))
    }
}

/// The unit in which a value is written, for bare numbers to take on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Percent,
    Money,
    Quantity(Unit),
    PerUnit(Unit),
    /// A pure number, or an expression whose unit is not written down.
    Plain,
}

impl Written {
    fn of(ast: &Ast) -> Written {
        match &ast.node {
            AstNode::Percent(_) => Written::Percent,
            AstNode::Money { .. } => Written::Money,
            AstNode::Quantity(_, unit) => Written::Quantity(*unit),
            AstNode::Negate(inner) => Written::of(inner),
            AstNode::Binary(Operator::Divide, left, right) => match (&left.node, &right.node) {
                (AstNode::Money { .. }, AstNode::Unit(unit) | AstNode::Quantity(_, unit)) => {
                    Written::PerUnit(*unit)
                }
                _ => Written::Plain,
            },
            _ => Written::Plain,
        }
    }

    /// A bare number in this unit.
    fn apply(self, number: Decimal) -> Result<Value, Missing> {
        Ok(match self {
            Written::Percent => Value::Number(money::div(number, Decimal::ONE_HUNDRED)?),
            Written::Money => Value::Money(number),
            Written::Quantity(unit) => Value::Quantity(Quantity { amount: number, unit }),
            Written::PerUnit(unit) => Value::PerUnit(Quantity { amount: number, unit }),
            Written::Plain => Value::Number(number),
        })
    }
}

/// The first expression of a parameter's node.
fn first_text(node: &Node) -> Option<&str> {
    match &node.value {
        Raw::Text(text, _) => Some(text),
        Raw::Array(items) => match &items.first()?.value {
            Raw::Table(step) => first_text(step.get("value")?),
            _ => None,
        },
        Raw::Table(table) if table.get("file").is_some() => None,
        Raw::Table(table) => {
            let first_value = || table.table("values")?.entries.first().map(|(_, node)| node);
            let first_point = || match &table.array("curve").first()?.value {
                Raw::Array(ends) => ends.get(1),
                _ => None,
            };
            first_text(table.get("value").or_else(first_value).or_else(first_point)?)
        }
        _ => None,
    }
}

/// The unit a parameter is written in.
fn written_unit(node: &Node) -> Written {
    first_text(node).and_then(|text| parse(text).ok()).map_or(Written::Plain, |ast| Written::of(&ast))
}

/// The type of a parameter as written.
fn written_type(node: &Node, names: &dyn Names) -> Option<Type> {
    let ast = parse(first_text(node)?).ok()?;
    check(&ast, Wanted::Any, names).ok()?.map(|expr| expr.ty)
}

/// A parameter whose expressions are parsed but not typed.
struct Sketch<'a> {
    key: &'a Key,
    reader: Reader<'a>,
    form: Option<SketchForm<'a>>,
    default: Option<Draft<'a>>,
    /// The unit bare numbers take on.
    unit: Written,
    /// The value that the form, given anew, replaces and takes its unit from.
    written: Option<&'a Node>,
}

enum SketchForm<'a> {
    Value(Draft<'a>),
    Steps(Vec<(Date, Draft<'a>)>),
    Curve { of: Draft<'a>, points: &'a Node, staircase: bool },
    By(Fact, Vec<(&'a Key, Draft<'a>)>),
    File(&'a Table, Span),
}

impl<'a> SketchForm<'a> {
    fn drafts(&self) -> Vec<&Draft<'a>> {
        match self {
            SketchForm::Value(draft) | SketchForm::Curve { of: draft, .. } => vec![draft],
            SketchForm::Steps(steps) => steps.iter().map(|(_, d)| d).collect(),
            SketchForm::By(_, values) => values.iter().map(|(_, d)| d).collect(),
            SketchForm::File(..) => Vec::new(),
        }
    }
}

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

fn check_name(key: &Key, names: &dyn Names, report: &Report<'_>) {
    let plain = key.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && key.name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let taken = if is_reserved(&key.name) {
        Some("a name of the language")
    } else if Unit::from_name(&key.name).is_some() {
        Some("a unit")
    } else if names.exchange(&key.name).is_some() || iso_currency::Currency::from_code(&key.name).is_some() {
        Some("a currency")
    } else {
        None
    };
    if !plain {
        let message = format!("`{}` cannot name a parameter", key.name);
        report.push(
            Diagnostic::at(Code::BadName, key.span, message)
                .help(format!("use letters, digits and `_`: {}", key.name.replace(['-', ' '], "_"))),
        );
    } else if let Some(taken) = taken {
        let message = format!("`{}` cannot name a parameter: it is {taken}", key.name);
        report.push(Diagnostic::at(Code::BadName, key.span, message));
    }
}

fn sketch<'a>(key: &'a Key, node: &'a Node, empty: &'a Table, report: &'a Report<'a>) -> Sketch<'a> {
    let what = format!("the parameter `{}`", key.name);
    let (table, plain) = match &node.value {
        Raw::Table(table) => (table, None),
        _ => (empty, Some(node)),
    };
    let reader = Reader::new(table, what, key.span, report);
    // In a file's description `value` names a column.
    let in_file = table.get("file").is_some();
    let value = plain.or_else(|| reader.node("value").filter(|_| !in_file));
    let unit = match &table.written {
        Some(written) => written_unit(written),
        None => written_unit(node),
    };
    reader.not_supported(&["uncertain"]);
    let forms: Vec<&str> = ["of", "by", "file"].into_iter().filter(|f| table.get(f).is_some()).collect();
    let forms: Vec<&str> = value.iter().filter(|_| plain.is_none()).map(|_| "value").chain(forms).collect();
    if forms.len() > 1 {
        let message = format!("`{}` is given in two forms: {}", key.name, forms.join(" and "));
        let span = reader.key_span(forms[1]).unwrap_or(key.span);
        report.push(Diagnostic::at(Code::KeyNotAllowed, span, message).help("keep one of them"));
    }
    // Bounds and the like are read once the type is settled; a parameter that is wrong never gets there.
    for key in
        ["title", "min", "max", "step", "source", "value", "of", "curve", "interpolate", "by", "values"]
            .into_iter()
            .chain(table::KEYS)
    {
        reader.mark(key);
    }
    let form = if in_file {
        Some(SketchForm::File(table, key.span))
    } else if let Some(value) = value {
        sketch_value(value, report)
    } else if reader.has("of") {
        sketch_curve(&reader, report)
    } else if reader.has("by") {
        sketch_by(&reader, report)
    } else {
        let message = format!("the parameter `{}` has no value", key.name);
        report.push(
            Diagnostic::at(Code::MissingKey, key.span, message)
                .help("give it `value`, or `of` and `curve`, or `by` and `values`, or `file`"),
        );
        None
    };
    let default = reader.node("default").and_then(|node| draft(node, "default", report));
    Sketch { key, reader, form, default, unit, written: table.written.as_deref() }
}

fn sketch_value<'a>(node: &'a Node, report: &'a Report<'a>) -> Option<SketchForm<'a>> {
    let Raw::Array(items) = &node.value else {
        return draft(node, "value", report).map(SketchForm::Value);
    };
    let mut steps: Vec<(Date, Draft<'a>)> = Vec::new();
    for item in items {
        let Raw::Table(table) = &item.value else {
            report.push(wrong_type(item, "value", "a step `{ from = DATE, value = \"…\" }`"));
            continue;
        };
        let reader = Reader::new(table, "the step", item.span, report);
        let from = reader.date("from");
        if !reader.has("from") {
            reader.missing("from");
        }
        let value = if let Some(value) = reader.node("value") {
            draft(value, "value", report)
        } else {
            reader.missing("value");
            None
        };
        if let (Some(from), Some(last)) = (from, steps.last().map(|s| s.0)) {
            super::measure::check_order(last, from, reader.key_span("from").unwrap_or(item.span), report);
        }
        steps.extend(from.zip(value));
        reader.finish();
    }
    if items.is_empty() {
        report.push(Diagnostic::at(Code::MissingKey, node.span, "there are no steps here"));
    }
    Some(SketchForm::Steps(steps))
}

fn sketch_curve<'a>(reader: &Reader<'a>, report: &Report<'_>) -> Option<SketchForm<'a>> {
    let of = reader.node("of").and_then(|node| draft(node, "of", report));
    let staircase = reader.choice("interpolate", &[("linear", false), ("step", true)]).unwrap_or(false);
    let points = reader.node("curve");
    if points.is_none() {
        reader.missing("curve");
    }
    Some(SketchForm::Curve { of: of?, points: points?, staircase })
}

fn sketch_by<'a>(reader: &Reader<'a>, report: &Report<'_>) -> Option<SketchForm<'a>> {
    reader.node("values");
    let fact = match reader.text("by")?.text {
        "party" => Fact::Party,
        "origin" => Fact::Origin,
        name if crate::trade::is_column(name) => {
            let span = reader.place("by");
            let message = format!("a parameter cannot be chosen by `{name}`");
            report.push(
                Diagnostic::at(Code::UnknownChoice, span, message)
                    .help("choose by \"party\", \"origin\" or a column of your own"),
            );
            return None;
        }
        name => Fact::Attribute(name.strip_prefix("attr.").unwrap_or(name).to_owned(), AttributeType::Text),
    };
    if !reader.has("values") {
        reader.missing("values");
    }
    let (table, span) = reader.table("values")?;
    if table.entries.is_empty() {
        report.push(Diagnostic::at(Code::MissingKey, span, "there are no values to choose from"));
    }
    for (key, _) in &table.entries {
        if fact == Fact::Origin {
            let name = Text { text: &key.name, span: key.span, content: Some(key.span.start) };
            super::scope::country(&name, &[], report);
        }
    }
    let values =
        table.entries.iter().filter_map(|(key, node)| Some((key, draft(node, &key.name, report)?))).collect();
    Some(SketchForm::By(fact, values))
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
            Form::File(_) | Form::By(Fact::Origin, _) => RestsOn::Goods,
            Form::By(..) => RestsOn::Flow,
            _ => RestsOn::Day,
        },
        min,
        max,
        step,
        written: match &form {
            Form::Value(formula) => written_of(formula),
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
            let ty = table.ty;
            Some((Form::File(Box::new(table)), Some(ty)))
        }
        SketchForm::By(fact, drafts) => {
            let mut ty = None;
            let mut values = BTreeMap::new();
            for (key, draft) in drafts {
                if let Some(formula) = typed(draft, ty) {
                    ty = ty.or(Some(formula.expr.ty));
                    values.insert(origin_key(fact, &key.name), formula);
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
                Some(State::Done(parameter)) => parameter_unit(parameter, names),
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

fn parameter_unit(parameter: &Parameter, names: &Settling<'_>) -> Written {
    match (parameter.written, &parameter.form) {
        (Written::Plain, Form::Value(formula)) => {
            parse(&formula.text).map_or(Written::Plain, |ast| curve_unit(&ast, names))
        }
        (unit, _) => unit,
    }
}

fn written_of(formula: &Formula) -> Written {
    parse(&formula.text).map_or(Written::Plain, |ast| Written::of(&ast))
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
fn constant(
    node: &Node,
    key: &str,
    unit: Written,
    ty: Type,
    names: &dyn Names,
    report: &Report<'_>,
) -> Option<Value> {
    let formula = draft(node, key, report)?.finish(Wanted::Any, names, report)?;
    let formula = take_unit(formula, unit, ty, report)?;
    literal_of(&formula, report)
}

/// A formula in a unit where it is a bare number, of a type.
fn take_unit(formula: Formula, unit: Written, ty: Type, report: &Report<'_>) -> Option<Formula> {
    let formula = adopt(formula, unit, report)?;
    if ty.unify(formula.expr.ty).is_none() {
        let message = format!("this is {}, where {ty} is wanted", formula.expr.ty);
        report.push(formula.diagnostic(Code::Dimension, message));
        return None;
    }
    Some(formula)
}

fn adopt(mut formula: Formula, unit: Written, report: &Report<'_>) -> Option<Formula> {
    let bare = parse(&formula.text).ok().and_then(|ast| bare_number(&ast));
    if let (Some(number), true) = (bare, unit != Written::Plain) {
        match unit.apply(number) {
            Ok(value) => {
                formula.expr =
                    Expr { ty: value.ty(), node: ExprNode::Literal(value), range: formula.expr.range }
            }
            Err(missing) => {
                report.push(formula.diagnostic(Code::Overflow, missing.to_string()));
                return None;
            }
        }
    }
    Some(formula)
}

fn bare_number(ast: &Ast) -> Option<Decimal> {
    match &ast.node {
        AstNode::Number(n) => Some(*n),
        AstNode::Negate(inner) => bare_number(inner).and_then(|n| money::sub(Decimal::ZERO, n).ok()),
        _ => None,
    }
}

/// The value of a formula that rests on no parameter and no flow.
fn literal_of(formula: &Formula, report: &Report<'_>) -> Option<Value> {
    match eval(&formula.expr, &Nothing) {
        Ok(value) => Some(value),
        Err(Missing::Arithmetic(error)) => {
            report.push(formula.diagnostic(super::constants::arithmetic_code(error), error.to_string()));
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

/// Where no flow and no parameter is known.
pub struct Nothing;

impl Context for Nothing {
    fn parameter(&self, _: usize) -> Result<Value, Missing> {
        Err(Missing::Parameter("here".to_owned()))
    }
    fn value(&self) -> Result<Decimal, Missing> {
        Err(Missing::Fact("value".to_owned()))
    }
    fn quantity(&self, _: Option<crate::units::Kind>) -> Result<Quantity, Missing> {
        Err(Missing::Fact("quantity".to_owned()))
    }
    fn fact(&self, _: &Fact) -> Result<Value, Missing> {
        Err(Missing::Fact("facts".to_owned()))
    }
    fn attribute(&self, name: &str) -> Result<&str, Missing> {
        Err(Missing::Fact(name.to_owned()))
    }
    fn is_in(&self, _: crate::expr::Group) -> Result<bool, Missing> {
        Err(Missing::Fact("group".to_owned()))
    }
}
