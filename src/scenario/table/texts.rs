//! The texts of the files a scenario reads as data.

use super::data::Data;
use super::grid::{Broken, Grid};
use super::spec::{Filter, Spec};
use super::{Overlap, Purpose};
use crate::diagnostic::{Diagnostics, FileId, Sources, Span};
use crate::files::{Files, relative_to};
use crate::scenario::raw::{Node, Raw, Table};
use crate::scenario::resolve::read_text;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// The texts of the files a scenario reads as data, by path, and what was read of them so far.
#[derive(Debug, Default)]
pub struct Texts {
    pub(super) by_path: BTreeMap<String, Option<FileId>>,
    grids: Mutex<BTreeMap<(FileId, u8), Arc<Grid>>>,
    tables: Mutex<HashMap<Key, Arc<Data>>>,
}

/// All that decides what is read of a file. Groups of countries, codes and currencies are those of one scenario file and
/// all its variants.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    file: FileId,
    purpose: Purpose,
    columns: [Option<String>; 9],
    filters: Vec<(String, Vec<String>)>,
    prefer: Vec<(String, Vec<String>)>,
    skip: Vec<String>,
    separator: Option<u8>,
    pad: usize,
    overlap: Overlap,
}

impl Key {
    pub(super) fn new(file: FileId, purpose: Purpose, spec: &Spec<'_>) -> Key {
        let origin = spec.origin.as_ref();
        let columns = [
            spec.product,
            spec.value,
            spec.from,
            spec.until,
            spec.through,
            spec.bare,
            origin.map(|origin| origin.column),
            origin.and_then(|origin| origin.after),
        ];
        let [product, value, from, until, through, bare, origin_column, after] =
            columns.map(|text| text.map(|text| text.text.to_owned()));
        let codes = origin.and_then(|origin| origin.codes.as_ref()).map(|codes| codes.name.clone());
        let listed = |filters: &[Filter]| {
            filters.iter().map(|filter| (filter.column.clone(), filter.values.clone())).collect()
        };
        Key {
            file,
            purpose,
            columns: [product, value, from, until, through, bare, origin_column, after, codes],
            filters: listed(&spec.filters),
            prefer: listed(&spec.prefer),
            skip: spec.skip.clone(),
            separator: spec.separator,
            pad: spec.pad,
            overlap: spec.overlap,
        }
    }
}

impl Texts {
    /// Reads every file that some table of the tree names with `file`, but flows.
    pub fn read(
        tree: &Table,
        files: &dyn Files,
        sources: &mut Sources,
        diagnostics: &mut Diagnostics,
    ) -> Texts {
        let mut named = Vec::new();
        collect_scenario(tree, &mut named);
        for variant in tree.array("variant") {
            if let Raw::Table(variant) = &variant.value {
                collect_scenario(variant, &mut named);
                collect_named(variant, "files", &mut named);
            }
        }
        let described = |name: &str| tree.table("files").and_then(|files| files.table(name)?.get("file"));
        for (path, span) in &mut named {
            if let Some(Node { value: Raw::Text(written, _), span: at }) = described(path) {
                (*path, *span) = (written.clone(), *at);
            }
        }
        let mut texts = Texts::default();
        for (written, span) in named {
            let path = located(&written, span, sources);
            if texts.by_path.contains_key(&path) {
                continue;
            }
            let text = read_text(&path, Some(span), files, diagnostics);
            let id = text.map(|text| sources.add(&path, text));
            texts.by_path.insert(path, id);
        }
        texts
    }
}

impl Texts {
    /// What was read of a file before.
    pub(super) fn known(&self, key: &Key) -> Option<Arc<Data>> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Keeps what was read of a file.
    pub(super) fn keep(&self, key: Key, data: Arc<Data>) {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).insert(key, data);
    }

    /// A file taken apart, once.
    pub(super) fn grid(&self, id: FileId, text: &Arc<str>, delimiter: u8) -> Result<Arc<Grid>, Broken> {
        let mut grids = self.grids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(grid) = grids.get(&(id, delimiter)) {
            return Ok(grid.clone());
        }
        let grid = Arc::new(Grid::new(id, text.clone(), delimiter)?);
        grids.insert((id, delimiter), grid.clone());
        Ok(grid)
    }
}

/// A path as seen from where the program runs.
pub(super) fn located(written: &str, span: Span, sources: &Sources) -> String {
    relative_to(sources.get(span.file).map_or("", |f| &f.path), written)
}

/// The files that parameters, groups of products and measures name.
fn collect_scenario(table: &Table, named: &mut Vec<(String, Span)>) {
    for key in ["codes", "parameters", "products"] {
        collect_named(table, key, named);
    }
    for measure in table.array("measure") {
        let Raw::Table(measure) = &measure.value else { continue };
        for key in ["products", "except_products", "rate"] {
            measure.get(key).into_iter().for_each(|node| collect(node, named));
        }
        for step in measure.array("rate") {
            let Raw::Table(step) = &step.value else { continue };
            step.get("rate").into_iter().for_each(|node| collect(node, named));
        }
    }
}

/// The files that the entries of a table name.
fn collect_named(table: &Table, key: &str, named: &mut Vec<(String, Span)>) {
    for (_, node) in table.table(key).map(|t| t.entries.as_slice()).unwrap_or_default() {
        collect(node, named);
    }
}

/// The file a value names, where it is a table that describes one.
fn collect(node: &Node, named: &mut Vec<(String, Span)>) {
    if let Raw::Table(table) = &node.value
        && let Some(Node { value: Raw::Text(path, _), span }) = table.get("file")
    {
        named.push((path.clone(), *span));
    }
}
