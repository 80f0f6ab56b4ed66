//! From text to a [`Scenario`].
//!
//! `raw` says what a file says, `resolve` lays files, a variant and settings over one another, and
//! `validate` turns the tree into a model in which every reference is resolved, collecting everything that
//! is wrong on the way.

mod book;
mod codes;
pub mod constants;
mod decode;
mod economics;
mod formula;
mod ledger;
mod measure;
mod model;
mod opening;
pub mod order;
mod parameter;
mod raw;
mod reach;
mod resolve;
mod schema;
mod scope;
mod staging;
mod table;
mod validate;

pub use book::{Book, Setting, settings};
pub use codes::Codes;
pub(crate) use codes::{M49, find as find_codes};
pub use decode::{Reader, Report, Text, wrong_type};
pub use economics::{Abroad, Chain, Goods, Input, Market, PRESETS, Preset, Rent, Shape, Stated};
pub use formula::Formula;
pub use ledger::{Allocation, Carry, Credit, Ledger, Period, Quota};
pub use model::{
    Basis, Citation, Collector, Counted, CountryGroup, FlowSource, Measure, MeasureType, Named, ProductGroup,
    Rate, RoundingRules, Scenario, Series, Status, Step, Take, Valuation, VariantName,
};
pub use opening::Pool;
pub use parameter::{Curve, Form, Nothing, Parameter, RestsOn, Uncertain, literal};
pub use raw::{Key, Node, Raw, Table};
pub use reach::Reach;
pub use resolve::read_text;
pub use schema::schema;
pub use scope::{malformed, malformed_code};
pub use table::{FileTable, Filter};
pub(crate) use table::{delimiter, described, filters, is_rate, pad};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use crate::files::Files;

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
    let (book, mut diagnostics) = Book::read(&request.path, files, sources)?;
    if let Some(id) = &request.variant
        && !book.variants().contains(id)
    {
        diagnostics.push(book.unknown_variant(id));
    }
    let settings = settings(&request.set, sources, &mut diagnostics);
    match book.all(&settings, sources) {
        Ok((scenarios, warnings)) => {
            diagnostics.extend(warnings);
            if diagnostics.has_errors() { Err(diagnostics) } else { Ok((scenarios, diagnostics)) }
        }
        Err(found) => {
            diagnostics.extend(found);
            Err(diagnostics)
        }
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
