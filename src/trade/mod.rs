//! Trade flows: what one is, and how files and scenarios write them.

mod aside;
mod bad;
mod batch;
mod column;
mod file;
mod form;
mod inline;
pub mod listed;
mod quick;
mod row;
mod spread;
mod stream;
mod words;

pub use aside::{Reject, Rejected};
pub(crate) use aside::{RejectedRows, SetAside};
pub(crate) use bad::{BadRows, Tone};
pub(crate) use batch::{Batch, Group, Table as FlowTable, is_parquet, write_cell};
pub(crate) use column::Column;
pub(crate) use file::{FLOW_KEYS, SPREAD};
pub use file::{FlowFile, flow_file};
pub(crate) use file::{Opened, ReadRow, Rows};
pub(crate) use form::{PERIODS, THOUSANDS};
pub(crate) use quick::{Quick, lock};
pub(crate) use stream::{Part, Stream, StreamError};
pub(crate) use words::{Numbers, VALUE_PLACES, Words};

use crate::country::Country;
use crate::date::Date;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span};
use crate::expr::Quantity;
use crate::files::Files;
use crate::product::Product;
use crate::scenario::{FlowSource, Named, Scenario, Table};
use rust_decimal::Decimal;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// The standard columns by name.
pub(crate) const COLUMNS: [(&str, Column); 16] = Column::NAMES;

/// Whether a name is that of a standard column.
pub fn is_column(name: &str) -> bool {
    Column::NAMES.iter().any(|(known, _)| *known == name)
}

/// Goods of one product and origin, entered together.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Its name; the number of its row where it has none.
    pub id: String,
    /// What it is.
    pub product: Product,
    /// Where it is from, as written.
    pub origin: Named<Country>,
    /// Who imports it, as written.
    pub importer: Named<Country>,
    /// The day it is entered.
    pub date: Date,
    /// Its value without international freight and insurance.
    pub value: Decimal,
    /// Up to two quantities in units of different kinds.
    pub quantities: [Option<Quantity>; 2],
    /// International freight.
    pub freight: Decimal,
    /// International insurance.
    pub insurance: Decimal,
    /// Number of customs entries.
    pub entries: Decimal,
    /// Maker or trader.
    pub party: Option<String>,
    /// What is claimed; `None` where the flow does not say.
    pub claims: Option<Vec<String>>,
    /// Shares of the value, in the order of [`Columns::content`].
    pub content: Vec<Option<Decimal>>,
    /// Other columns, in the order of [`Columns::attributes`].
    pub attributes: Vec<Option<String>>,
    /// What it is, in words.
    pub description: Option<String>,
}

impl Flow {
    /// One unit of value of goods, about which nothing else is known.
    pub(crate) fn unit(product: Product, origin: Country, importer: Country, date: Date) -> Flow {
        let named = |value: Country| Named { text: value.code().to_owned(), value };
        Flow {
            id: String::new(),
            product,
            origin: named(origin),
            importer: named(importer),
            date,
            value: Decimal::ONE,
            quantities: [None, None],
            freight: Decimal::ZERO,
            insurance: Decimal::ZERO,
            entries: Decimal::ONE,
            party: None,
            claims: None,
            content: Vec::new(),
            attributes: Vec::new(),
            description: None,
        }
    }
}

/// The columns that not every set of flows has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// Names after `content.`.
    pub content: Vec<String>,
    /// Names of free columns.
    pub attributes: Vec<String>,
}

/// Flows and what their columns are called.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flows {
    /// The columns not every set of flows has.
    pub columns: Columns,
    /// The flows, in the order they were read.
    pub rows: Vec<Flow>,
    /// How many entry dates `--date` replaced.
    pub dates_replaced: usize,
    /// How many rows `skip` left out.
    pub skipped: usize,
    /// How many wrong rows were set aside.
    pub rejected: usize,
}

/// What stands in for what a flow does not say itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Defaults {
    /// Importer.
    pub importer: Option<Named<Country>>,
    /// Entry date.
    pub date: Option<Date>,
    /// Entry date of every flow, whatever it says.
    pub enter_on: Option<Date>,
}

/// Where an id stands: of a flow file, whose text is not kept, the line.
#[derive(Clone)]
pub(crate) enum Place {
    Span(Span),
    Line(Arc<str>, usize),
}

/// The ids that flows were given so far.
pub(crate) type Ids = HashMap<String, Place>;

/// What the command line says of flows.
#[derive(Debug, Clone, Default)]
pub struct FlowRequest {
    /// Files to read instead of the scenario's own flows.
    pub files: Vec<String>,
    /// Entry date of every flow.
    pub date: Option<Date>,
}

/// The flows of a scenario, or those of the request; warnings are added to `diagnostics`.
pub fn load(
    scenario: &Scenario,
    request: &FlowRequest,
    files: &dyn Files,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Flows> {
    load_or_reject(scenario, request, None, files, sources, diagnostics)
}

/// The same; rows that are wrong are set aside where there is somewhere to put them, in the order of the files. Where no
/// row is left, what is wrong with them are errors.
pub fn load_or_reject<'r>(
    scenario: &Scenario,
    request: &FlowRequest,
    reject: Option<&'r mut Reject<'r>>,
    files: &dyn Files,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Flows> {
    let defaults = request.defaults(scenario);
    let mut aside = SetAside::new(reject);
    let mut flows = Flows::default();
    let mut ids = Ids::new();
    let before = diagnostics.len();
    for origin in request.flows(scenario).as_ref() {
        let part = match origin {
            FlowSource::File(file) => {
                file::read(file, &defaults, files, &mut ids, &mut aside, sources, diagnostics)
            }
            FlowSource::Inline(tables) => inline::read(tables, &defaults, &mut ids, sources, diagnostics),
        };
        flows.append(part);
    }
    aside.into_rows().report(!flows.rows.is_empty(), sources, diagnostics);
    if flows.rows.is_empty() && diagnostics.len() == before {
        diagnostics.push(no_flows(scenario));
    }
    (!diagnostics.has_errors()).then_some(flows)
}

/// Flows written in a scenario.
pub(crate) fn inline(
    tables: &[(Table, Span)],
    defaults: &Defaults,
    ids: &mut Ids,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Flows {
    inline::read(tables, defaults, ids, sources, diagnostics)
}

/// Says that a scenario has nothing to run on.
pub(crate) fn no_flows(scenario: &Scenario) -> Diagnostic {
    Diagnostic::new(Code::NoFlows, format!("{} has no trade flows", scenario.file))
        .help("name a file: flows = \"flows.csv\", write [[flow]] tables, or give --flows FILE")
}

impl FlowRequest {
    /// What stands in for what flows do not say.
    pub fn defaults(&self, scenario: &Scenario) -> Defaults {
        Defaults { importer: scenario.importer.clone(), date: scenario.date, enter_on: self.date }
    }

    /// Where flows come from.
    pub(crate) fn flows<'s>(&self, scenario: &'s Scenario) -> Cow<'s, [FlowSource]> {
        if self.files.is_empty() {
            return Cow::Borrowed(&scenario.flows);
        }
        Cow::Owned(self.files.iter().map(|path| FlowSource::File(FlowFile::plain(path))).collect())
    }
}

impl Flows {
    /// What they claim.
    pub(crate) fn claims(&self) -> BTreeSet<&str> {
        self.rows.iter().flat_map(|row| row.claims.iter().flatten()).map(String::as_str).collect()
    }

    /// Adds the rows of another set, whose columns may differ.
    pub(crate) fn append(&mut self, other: Flows) {
        let known_columns = (self.columns.content.len(), self.columns.attributes.len());
        let place = |known: &mut Vec<String>, name: &String| {
            known.iter().position(|n| n == name).unwrap_or_else(|| {
                known.push(name.clone());
                known.len() - 1
            })
        };
        let content: Vec<usize> =
            other.columns.content.iter().map(|name| place(&mut self.columns.content, name)).collect();
        let attributes: Vec<usize> =
            other.columns.attributes.iter().map(|name| place(&mut self.columns.attributes, name)).collect();
        if (self.columns.content.len(), self.columns.attributes.len()) != known_columns {
            for row in &mut self.rows {
                row.content.resize(self.columns.content.len(), None);
                row.attributes.resize(self.columns.attributes.len(), None);
            }
        }
        for mut row in other.rows {
            let mut placed = vec![None; self.columns.content.len()];
            row.content.into_iter().zip(&content).for_each(|(cell, at)| placed[*at] = cell);
            row.content = placed;
            let mut placed = vec![None; self.columns.attributes.len()];
            row.attributes.into_iter().zip(&attributes).for_each(|(cell, at)| placed[*at] = cell);
            row.attributes = placed;
            self.rows.push(row);
        }
        self.dates_replaced += other.dates_replaced;
        self.skipped += other.skipped;
        self.rejected += other.rejected;
    }
}
