//! Chains: what goes into goods, for the protection of those who make them.

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::expr::{Type, Wanted};
use crate::product::DatedSet;
use crate::scenario::decode::{Reader, Report};
use crate::scenario::formula::{Formula, formula};
use crate::scenario::measure::Outer;
use crate::scenario::raw::Table;
use crate::scenario::{scope, sources_of};

/// Goods, and the goods that go into them.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Its id.
    pub id: String,
    /// Where its id stands.
    pub span: Span,
    /// What it is called.
    pub title: Option<String>,
    /// What is made.
    pub output: Goods,
    /// What goes into it.
    pub inputs: Vec<Input>,
    /// What makers get off the duty on their inputs, as a part of the value of what they make.
    pub offset: Option<Formula>,
    /// Citations, as places in the scenario's list.
    pub sources: Vec<usize>,
}

/// Goods by name.
#[derive(Debug, Clone)]
pub struct Goods {
    /// As written.
    pub name: String,
    /// Where.
    pub span: Span,
    /// Which they are.
    pub set: DatedSet,
}

/// What goes into goods.
#[derive(Debug, Clone)]
pub struct Input {
    /// What it is.
    pub goods: Goods,
    /// Its part of the value of the output, both at world prices.
    pub share: Formula,
}

impl Chain {
    /// Every expression in it.
    pub fn formulas(&self) -> impl Iterator<Item = &Formula> {
        self.inputs.iter().map(|input| &input.share).chain(&self.offset)
    }
}

/// Reads the chains.
pub fn chains(reader: &Reader<'_>, outer: &Outer<'_>, report: &Report<'_>) -> Option<Vec<Chain>> {
    let mut chains: Vec<Option<Chain>> = Vec::new();
    let mut seen: Vec<(&str, Span)> = Vec::new();
    for (table, span) in reader.tables("chain") {
        let what = table.text("id").map_or_else(|| "the chain".to_owned(), |id| format!("the chain `{id}`"));
        let reader = Reader::new(table, what, span, report);
        let id = reader.required("id");
        if let Some(id) = id {
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == id.text) {
                report.push(
                    Diagnostic::new(Code::RepeatedId, format!("the id `{}` is used twice", id.text))
                        .label(id.span, "again here")
                        .label(*first, "first here"),
                );
            }
            seen.push((id.text, id.span));
        }
        let title = reader.string("title");
        let output = goods(&reader, "output", outer, report);
        let inputs = inputs(&reader, outer, report);
        let offset = reader.node("offset");
        let wanted = Wanted::Type(Type::Number);
        let offset = offset.map(|node| formula(node, "offset", wanted, outer.scope, report));
        let sources = sources_of(&reader, outer.citations, report);
        reader.finish();
        chains.push((|| {
            let offset = match offset {
                Some(formula) => Some(formula?),
                None => None,
            };
            let (id, span) = (id?.text.to_owned(), id?.span);
            Some(Chain { id, span, title, output: output?, inputs: inputs?, offset, sources })
        })());
    }
    chains.into_iter().collect()
}

fn inputs(reader: &Reader<'_>, outer: &Outer<'_>, report: &Report<'_>) -> Option<Vec<Input>> {
    if !reader.has("inputs") {
        reader.missing("inputs");
        return None;
    }
    let read = |(table, span): (&Table, Span)| {
        let reader = Reader::new(table, "the input", span, report);
        let goods = goods(&reader, "products", outer, report);
        let Some(node) = reader.node("share") else {
            reader.missing("share");
            reader.finish();
            return None;
        };
        let share = formula(node, "share", Wanted::Type(Type::Number), outer.scope, report);
        reader.finish();
        Some(Input { goods: goods?, share: share? })
    };
    let inputs: Vec<Option<Input>> = reader.tables("inputs").into_iter().map(read).collect();
    inputs.into_iter().collect()
}

fn goods(reader: &Reader<'_>, key: &'static str, outer: &Outer<'_>, report: &Report<'_>) -> Option<Goods> {
    if !reader.has(key) {
        reader.missing(key);
        return None;
    }
    let texts = reader.texts(key)?;
    let name = texts.iter().map(|text| text.text).collect::<Vec<_>>().join(", ");
    let set = scope::products(reader, key, outer.scope.products, outer.data, report)?;
    Some(Goods { name, span: reader.node(key)?.span, set })
}
