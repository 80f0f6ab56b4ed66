//! The texts of the files a scenario reads as data.

use crate::diagnostic::{Diagnostics, FileId, Sources, Span};
use crate::files::{Files, relative_to};
use crate::scenario::raw::{Node, Raw, Table};
use crate::scenario::resolve::read_text;
use std::collections::BTreeMap;

/// The texts of the files a scenario reads as data, by path.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    pub(super) by_path: BTreeMap<String, Option<FileId>>,
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

/// A path as seen from where the program runs.
pub(super) fn located(written: &str, span: Span, sources: &Sources) -> String {
    relative_to(sources.get(span.file).map_or("", |f| &f.path), written)
}

/// The files that parameters, groups of products and measures name.
fn collect_scenario(table: &Table, named: &mut Vec<(String, Span)>) {
    for key in ["parameters", "products"] {
        for (_, node) in table.table(key).map(|t| t.entries.as_slice()).unwrap_or_default() {
            collect(node, named);
        }
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

/// The file a value names, where it is a table that describes one.
fn collect(node: &Node, named: &mut Vec<(String, Span)>) {
    if let Raw::Table(table) = &node.value
        && let Some(Node { value: Raw::Text(path, _), span }) = table.get("file")
    {
        named.push((path.clone(), *span));
    }
}
