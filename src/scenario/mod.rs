//! From text to a [`Scenario`].
//!
//! `raw` says what a file says, `resolve` lays files, a variant and settings over one another, and
//! `validate` turns the tree into a model in which every reference is resolved, collecting everything that
//! is wrong on the way.

pub mod constants;
mod decode;
mod formula;
mod ledger;
mod measure;
mod model;
mod opening;
pub mod order;
mod parameter;
mod raw;
mod resolve;
mod scope;
mod staging;
mod table;
mod validate;

pub use decode::{Reader, Report, Text, wrong_type};
pub use formula::Formula;
pub use ledger::{Allocation, Carry, Credit, Ledger, Period, Quota};
pub use model::{
    Basis, Citation, Collector, Counted, CountryGroup, FlowSource, Measure, MeasureType, Named, ProductGroup,
    Rate, RoundingRules, Scenario, Series, Status, Step, Take, Valuation, VariantName,
};
pub use opening::Pool;
pub use parameter::{Curve, Form, Nothing, Parameter, RestsOn};
pub use raw::{Key, Node, Raw, Table};
pub use resolve::read_text;
pub use scope::malformed;
pub use table::{FileTable, Filter};
pub(crate) use table::{delimiter, described, filters, pad};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, list, nearest};
use crate::files::Files;
use table::Texts;
use validate::Reading;

/// What the command line says of a scenario.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The file.
    pub path: String,
    /// The variant to lay over it.
    pub variant: Option<String>,
    /// Parameters to set, `NAME=VALUE`.
    pub set: Vec<String>,
}

impl Request {
    /// Takes `FILE#variant` apart.
    pub fn new(named: &str, set: &[String]) -> Request {
        let (path, variant) = match named.rsplit_once('#') {
            Some((path, variant)) if !path.is_empty() => (path, Some(variant.to_owned())),
            _ => (named, None),
        };
        Request { path: path.to_owned(), variant, set: set.to_vec() }
    }
}

/// The scenario of a request, with warnings; or everything that is wrong with the file. Every variant of the file is
/// read, whichever is asked for: a file that is wrong anywhere is not run.
pub fn load(
    request: &Request,
    files: &dyn Files,
    sources: &mut Sources,
) -> Result<(Scenario, Diagnostics), Diagnostics> {
    let (scenarios, diagnostics) = load_all(request, files, sources)?;
    let asked = |scenario: &Scenario| scenario.variant.as_ref().map(|v| &v.id) == request.variant.as_ref();
    // A variant that is not there is an error of `load_all`.
    scenarios.into_iter().find(asked).map(|scenario| (scenario, diagnostics)).ok_or_else(Diagnostics::new)
}

/// The scenario of a request's file and each of its variants, the base first; or everything that is wrong with the file.
pub fn load_all(
    request: &Request,
    files: &dyn Files,
    sources: &mut Sources,
) -> Result<(Vec<Scenario>, Diagnostics), Diagnostics> {
    let mut diagnostics = Diagnostics::new();
    let resolved = resolve::load(&request.path, files, sources, &mut diagnostics);
    let Some(resolved) = resolved else { return Err(diagnostics) };
    if diagnostics.has_errors() {
        // What does not parse is half a tree: what is missing from it would be said of the wrong place.
        return Err(diagnostics);
    }
    let variants: Vec<&Table> = resolved.table.array("variant").iter().filter_map(table_of).collect();
    if let Some(id) = &request.variant
        && !variants.iter().any(|variant| variant.text("id") == Some(id))
    {
        diagnostics.push(unknown_variant(id, &request.path, &variants));
    }
    let settings = settings(&request.set, sources, &mut diagnostics);
    let texts = Texts::read(&resolved.table, files, sources, &mut diagnostics);
    let mut scenarios = Vec::with_capacity(variants.len() + 1);
    for variant in std::iter::once(None).chain(variants.into_iter().map(Some)) {
        let mut table = match variant {
            Some(variant) => resolve::apply_variant(&resolved.table, variant, &mut diagnostics),
            None => resolved.table.clone(),
        };
        set_parameters(&mut table, &settings, &mut diagnostics);
        let reading =
            Reading { file: &request.path, span: resolved.span, variant: variant.map(variant_name) };
        let (scenario, found) = validate::validate(&table, &reading, sources, &texts);
        diagnostics.extend(found);
        if scenario.is_none() && !diagnostics.has_errors() {
            let message = format!("{} cannot be read as a scenario", request.path);
            diagnostics.push(Diagnostic::at(Code::WrongType, resolved.span, message));
        }
        scenarios.extend(scenario);
    }
    if diagnostics.has_errors() { Err(diagnostics) } else { Ok((scenarios, diagnostics)) }
}

fn variant_name(variant: &Table) -> VariantName {
    VariantName {
        id: variant.text("id").unwrap_or("").to_owned(),
        title: variant.text("title").map(str::to_owned),
    }
}

fn table_of(node: &Node) -> Option<&Table> {
    match &node.value {
        Raw::Table(table) => Some(table),
        _ => None,
    }
}

fn unknown_variant(id: &str, path: &str, variants: &[&Table]) -> Diagnostic {
    let known: Vec<&str> = variants.iter().filter_map(|variant| variant.text("id")).collect();
    let diagnostic = Diagnostic::new(Code::UnknownVariant, format!("{path} has no variant `{id}`"));
    match nearest(id, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{path}#{near}`?")),
        None if known.is_empty() => diagnostic.help("the file has no variants"),
        None => diagnostic.help(format!("its variants are {}", list(&known))),
    }
}

/// The keys and values of `--set NAME=VALUE`.
fn settings(set: &[String], sources: &mut Sources, diagnostics: &mut Diagnostics) -> Vec<(Key, Node)> {
    let mut settings = Vec::with_capacity(set.len());
    for setting in set {
        let file = sources.add("--set", setting.as_str());
        let span = |start, end| crate::diagnostic::Span::new(file, start, end);
        let Some((name, value)) = setting.split_once('=') else {
            let whole = span(0, setting.len());
            diagnostics.push(
                Diagnostic::at(Code::ExpressionSyntax, whole, format!("`{setting}` sets nothing"))
                    .help("write NAME=VALUE, such as auto_rate=15%"),
            );
            continue;
        };
        let start = name.len() + 1;
        let padding = value.len() - value.trim_start().len();
        let content = u32::try_from(start + padding).ok();
        let node =
            Node { value: Raw::Text(value.trim().to_owned(), content), span: span(start, setting.len()) };
        settings.push((Key { name: name.trim().to_owned(), span: span(0, name.len()) }, node));
    }
    settings
}

/// Lays settings over the tree; they count for more than a variant's.
fn set_parameters(table: &mut Table, settings: &[(Key, Node)], diagnostics: &mut Diagnostics) {
    for (key, node) in settings {
        resolve::set_parameter(table, key.clone(), node.clone(), diagnostics);
    }
}

/// The places of the sources a key names in the scenario's list.
pub(crate) fn sources_of(reader: &Reader<'_>, citations: &[String], report: &Report<'_>) -> Vec<usize> {
    let mut places = Vec::new();
    for text in reader.texts("source").unwrap_or_default() {
        if let Some(place) = citations.iter().position(|c| c == text.text) {
            places.push(place);
        } else {
            let message = format!("there is no source `{}`", text.text);
            let known = citations.iter().map(String::as_str);
            let diagnostic =
                Diagnostic::at(Code::UnknownSource, text.span, message).suggest(text.text, known);
            report.push(if citations.is_empty() {
                diagnostic.help(format!("define it: [sources.{}] title = \"…\", url = \"…\"", text.text))
            } else {
                diagnostic
            });
        }
    }
    places
}
