//! The texts of the files a scenario reads as data.

use crate::diagnostic::{Diagnostics, FileId, Sources, Span};
use crate::files::{Files, relative_to};
use crate::scenario::raw::{Raw, Table};
use crate::scenario::resolve::read_text;
use std::collections::{BTreeMap, BTreeSet};

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
        collect(tree, &mut named);
        let described: BTreeSet<&str> = tree
            .table("files")
            .map(|t| t.entries.iter().map(|(k, _)| k.name.as_str()).collect())
            .unwrap_or_default();
        let mut texts = Texts::default();
        for (written, span) in named.into_iter().filter(|(written, _)| !described.contains(written.as_str()))
        {
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

fn collect(table: &Table, named: &mut Vec<(String, Span)>) {
    for (key, node) in &table.entries {
        match (&node.value, key.name.as_str()) {
            (_, "flows" | "flow") => {}
            (Raw::Text(path, _), "file") => named.push((path.clone(), node.span)),
            (Raw::Table(inner), _) => collect(inner, named),
            (Raw::Array(items), _) => items.iter().for_each(|item| {
                if let Raw::Table(inner) = &item.value {
                    collect(inner, named);
                }
            }),
            _ => {}
        }
    }
}
