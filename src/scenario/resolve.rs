//! Lays files over one another, then a variant, then what the command line sets. What comes out is one
//! tree, in which every key still knows the file it stands in.

use super::raw::{Key, Node, Raw, Table, parse};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, nearest};
use crate::files::{Files, relative_to};
use std::collections::BTreeMap;

/// Lists whose tables meet by `id`.
const BY_ID: [&str; 5] = ["measure", "quota", "credit", "chain", "variant"];
/// Tables that are laid over one another name by name.
const BY_NAME: [&str; 8] =
    ["products", "countries", "sources", "series", "files", "exchange", "rounding", "economics"];
/// Keys of which one gives a parameter its form.
const FORMS: [&str; 4] = ["value", "of", "by", "file"];
/// What stays of a parameter that is given a new form.
const KEPT_OF_PARAMETER: [&str; 5] = ["title", "min", "max", "step", "source"];

/// How deep files may extend one another.
const MAX_EXTENDS: usize = 32;

/// A file with all it extends, as one tree, and where the file's own text is.
#[derive(Clone)]
pub struct Resolved {
    /// The keys.
    pub table: Table,
    /// The start of the file, for keys that are missing.
    pub span: Span,
}

/// Reads a scenario file and all it extends.
pub fn load(
    path: &str,
    files: &dyn Files,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Resolved> {
    let mut loader = Loader { files, sources, diagnostics, chain: Vec::new(), known: BTreeMap::new() };
    loader.load(&relative_to("", path), path, None)
}

/// Reads files, each once.
struct Loader<'a> {
    files: &'a dyn Files,
    sources: &'a mut Sources,
    diagnostics: &'a mut Diagnostics,
    /// The files being read, each extending the next.
    chain: Vec<String>,
    known: BTreeMap<String, Option<Resolved>>,
}

impl Loader<'_> {
    /// Reads a file and what it extends. `path` tells files apart; `shown` is how the user named it.
    fn load(&mut self, path: &str, shown: &str, named_at: Option<Span>) -> Option<Resolved> {
        if self.chain.iter().any(|p| p == path) || self.chain.len() >= MAX_EXTENDS {
            let circle = self.chain.join(" extends ");
            let message = format!("{circle} extends {path}: a circle, or more than {MAX_EXTENDS} files deep");
            let mut diagnostic = Diagnostic::new(Code::ExtendsCycle, message);
            if let Some(span) = named_at {
                diagnostic = diagnostic.label(span, "");
            }
            self.diagnostics.push(diagnostic);
            return None;
        }
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let resolved = self.read(path, shown, named_at);
        self.known.insert(path.to_owned(), resolved.clone());
        resolved
    }

    fn read(&mut self, path: &str, shown: &str, named_at: Option<Span>) -> Option<Resolved> {
        let text = read_text(shown, named_at, self.files, self.diagnostics)?;
        let file = self.sources.add(shown, text.as_str());
        let span = Span::new(file, 0, 0);
        if text.trim().is_empty() {
            self.diagnostics.push(
                Diagnostic::at(Code::EmptyFile, span, format!("{shown} is empty"))
                    .help("a scenario has at least a `title`, a `[[measure]]` and trade flows"),
            );
            return None;
        }
        let mut table = parse(file, &text, self.sources, self.diagnostics);
        let Some((_, extends)) = table.remove("extends") else { return Some(Resolved { table, span }) };
        self.chain.push(path.to_owned());
        let mut base = Table::default();
        for (written, at) in paths(&extends, self.diagnostics) {
            let parent = relative_to(shown, &written);
            if let Some(resolved) = self.load(&parent, &parent, Some(at)) {
                overlay(&mut base, resolved.table, self.diagnostics);
            }
        }
        self.chain.pop();
        overlay(&mut base, table, self.diagnostics);
        Some(Resolved { table: base, span })
    }
}

fn paths(node: &Node, diagnostics: &mut Diagnostics) -> Vec<(String, Span)> {
    let items = match &node.value {
        Raw::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut paths = Vec::new();
    for item in items {
        match &item.value {
            Raw::Text(path, _) => paths.push((path.clone(), item.span)),
            _ => diagnostics.push(super::decode::wrong_type(item, "extends", "a text or a list of texts")),
        }
    }
    paths
}

/// The text of a file, without a byte-order mark.
pub fn read_text(
    path: &str,
    named_at: Option<Span>,
    files: &dyn Files,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let place = |diagnostic: Diagnostic| match named_at {
        Some(span) => diagnostic.label(span, ""),
        None => diagnostic,
    };
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(reason) => {
            diagnostics
                .push(place(Diagnostic::new(Code::FileMissing, format!("cannot read {path}: {reason}"))));
            return None;
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            let line = String::from_utf8_lossy(good).matches('\n').count() + 1;
            let message = format!("{path}:{line} is not UTF-8 text");
            diagnostics.push(place(Diagnostic::new(Code::NotUtf8, message)).help("save the file as UTF-8"));
            None
        }
    }
}

/// Lays `over` over `base`, key by key.
fn overlay(base: &mut Table, over: Table, diagnostics: &mut Diagnostics) {
    if over.get("flows").is_some() || over.get("flow").is_some() {
        base.remove("flows");
        base.remove("flow");
    }
    for (key, node) in over.entries {
        let name = key.name.as_str();
        let Some((_, under)) = base.entries.iter_mut().find(|(k, _)| k.name == name) else {
            base.entries.push((key, node));
            continue;
        };
        let span_under = under.span;
        match (&mut under.value, node.value) {
            (Raw::Array(under), Raw::Array(over)) if BY_ID.contains(&name) => {
                overlay_by_id(under, over, name, diagnostics);
            }
            (under, over) if name == "disable" => {
                let mut all = listed(std::mem::replace(under, Raw::Boolean(false)), span_under);
                all.extend(listed(over, node.span));
                *under = Raw::Array(all);
            }
            (Raw::Table(under), Raw::Table(over)) if BY_NAME.contains(&name) => {
                for (key, node) in over.entries {
                    under.set(key, node);
                }
            }
            (Raw::Table(under), Raw::Table(over)) if name == "parameters" => {
                for (key, node) in over.entries {
                    overlay_parameter(under, key, node, false);
                }
            }
            (_, value) => *under = Node { value, span: node.span },
        }
    }
}

/// The entries of a list, or the one entry that stands in its place.
fn listed(value: Raw, span: Span) -> Vec<Node> {
    match value {
        Raw::Array(items) => items,
        value => vec![Node { value, span }],
    }
}

fn overlay_by_id(under: &mut Vec<Node>, over: Vec<Node>, list: &str, diagnostics: &mut Diagnostics) {
    for item in over {
        let Raw::Table(mut table) = item.value else {
            under.push(item);
            continue;
        };
        let id = table.text("id").map(str::to_owned);
        let known = id.as_deref().and_then(|id| {
            under.iter_mut().find_map(|node| match &mut node.value {
                Raw::Table(t) if t.text("id") == Some(id) => Some(t),
                _ => None,
            })
        });
        if let Some(known) = known {
            unset(&mut table, known, diagnostics);
            for (key, node) in table.entries {
                known.set(key, node);
            }
        } else {
            let new = Node { value: Raw::Table(table), span: item.span };
            match misspelt(&new, under, list) {
                Some(diagnostic) => diagnostics.push(diagnostic),
                None => under.push(new),
            }
        }
    }
}

/// A measure, quota or credit that is laid over none, lacks what a new one says first, and is named much like one that
/// exists.
fn misspelt(new: &Node, known: &[Node], list: &str) -> Option<Diagnostic> {
    let first = match list {
        "measure" => "products",
        "quota" => "measures",
        "credit" => "against",
        _ => return None,
    };
    let Raw::Table(table) = &new.value else { return None };
    let id = table.get("id")?;
    let name = table.text("id")?;
    if table.get(first).is_some() {
        return None;
    }
    let ids = known.iter().filter_map(|node| match &node.value {
        Raw::Table(t) => t.text("id"),
        _ => None,
    });
    let near = nearest(name, ids)?;
    let message = format!("there is no {list} `{name}` to change");
    Some(
        Diagnostic::at(Code::UnknownMeasure, id.span, message)
            .help(format!("did you mean `{near}`? (a new {list} says its `{first}`)")),
    )
}

/// Takes the keys that `unset` lists out of the table laid under.
fn unset(over: &mut Table, under: &mut Table, diagnostics: &mut Diagnostics) {
    let Some((_, node)) = over.remove("unset") else { return };
    for item in listed(node.value, node.span) {
        let Raw::Text(name, _) = &item.value else {
            diagnostics.push(super::decode::wrong_type(&item, "unset", "a text or a list of texts"));
            continue;
        };
        if name == "id" {
            let message = "the id cannot be unset: it is what the two are known by";
            diagnostics.push(Diagnostic::at(Code::UnknownKey, item.span, message));
        } else if under.remove(name).is_none() {
            let known: Vec<&str> = under.entries.iter().map(|(key, _)| key.name.as_str()).collect();
            let message = format!("there is no key `{name}` to unset");
            diagnostics.push(Diagnostic::at(Code::UnknownKey, item.span, message).suggest(name, known));
        }
    }
}

/// Gives a parameter a new form; its title, bounds and source stay unless given. Where `takes_unit`,
/// bare numbers take on the unit its value was written in.
fn overlay_parameter(parameters: &mut Table, key: Key, node: Node, takes_unit: bool) {
    let Some((_, under)) = parameters.entries.iter_mut().find(|(k, _)| k.name == key.name) else {
        parameters.entries.push((key, node));
        return;
    };
    let span = node.span;
    let as_table = |node: Node| match node.value {
        Raw::Table(table) => table,
        value => {
            let key = Key { name: "value".to_owned(), span };
            Table { entries: vec![(key, Node { value, span })], written: None }
        }
    };
    let old = as_table(under.clone());
    let mut new = as_table(node);
    if !FORMS.iter().any(|form| new.get(form).is_some()) {
        // No new form: what is given is laid over the old one.
        let mut laid = old;
        for (key, node) in new.entries {
            laid.set(key, node);
        }
        *under = Node { value: Raw::Table(laid), span: under.span };
        return;
    }
    for name in KEPT_OF_PARAMETER {
        if new.get(name).is_none() {
            new.entries.extend(old.entries.iter().find(|(k, _)| k.name == name).cloned());
        }
    }
    if takes_unit {
        let written = old.written.clone().unwrap_or_else(|| Box::new(under.clone()));
        new.written = Some(written);
    }
    *under = Node { value: Raw::Table(new), span };
}

/// The tree with a variant laid over it.
pub fn apply_variant(base: &Table, variant: &Table, diagnostics: &mut Diagnostics) -> Table {
    let mut table = base.clone();
    let mut over = Table::default();
    for (key, node) in &variant.entries {
        match key.name.as_str() {
            "date" | "status" | "notice" | "measure" | "quota" | "credit" | "chain" | "economics"
            | "disable" => {
                over.entries.push((key.clone(), node.clone()));
            }
            "parameters" => {
                if let Raw::Table(parameters) = &node.value {
                    for (key, node) in &parameters.entries {
                        set_parameter(&mut table, key.clone(), node.clone(), diagnostics);
                    }
                }
            }
            "files" => describe_anew(&mut table, node, diagnostics),
            "enable" => enable(&mut table, node, diagnostics),
            _ => {}
        }
    }
    overlay(&mut table, over, diagnostics);
    table
}

/// Lays a variant's descriptions of files over those there are, key by key.
fn describe_anew(table: &mut Table, over: &Node, diagnostics: &mut Diagnostics) {
    let Raw::Table(over) = &over.value else { return };
    let Some((_, Node { value: Raw::Table(files), .. })) =
        table.entries.iter_mut().find(|(key, _)| key.name == "files")
    else {
        table.entries.extend(over.entries.first().map(|(key, _)| {
            let key = Key { name: "files".to_owned(), span: key.span };
            let span = key.span;
            (key, Node { value: Raw::Table(over.clone()), span })
        }));
        return;
    };
    let known: Vec<String> = files.entries.iter().map(|(key, _)| key.name.clone()).collect();
    for (key, node) in &over.entries {
        let under = files.entries.iter_mut().find(|(known, _)| known.name == key.name);
        match (under, &node.value) {
            (Some((_, Node { value: Raw::Table(under), .. })), Raw::Table(over)) => {
                for (key, node) in &over.entries {
                    under.set(key.clone(), node.clone());
                }
            }
            (None, Raw::Table(over)) if over.get("file").is_none() => {
                let message = format!("there is no file `{}` in [files] to describe anew", key.name);
                let known = known.iter().map(String::as_str);
                diagnostics
                    .push(Diagnostic::at(Code::UnknownGroup, key.span, message).suggest(&key.name, known));
            }
            _ => files.set(key.clone(), node.clone()),
        }
    }
}

/// Takes ids out of `disable`.
fn enable(table: &mut Table, ids: &Node, diagnostics: &mut Diagnostics) {
    let items = listed(ids.value.clone(), ids.span);
    let names = |node: &Node| {
        let Raw::Table(table) = &node.value else { return Vec::new() };
        [table.text("id"), table.text("programme")]
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let lists = ["measure", "quota", "credit"];
    let known: Vec<String> = lists.iter().flat_map(|list| table.array(list)).flat_map(names).collect();
    for item in &items {
        match &item.value {
            Raw::Text(id, _) if known.contains(id) => {}
            Raw::Text(id, _) => {
                let message = format!("there is no measure, quota or credit `{id}` to enable");
                let known = known.iter().map(String::as_str);
                diagnostics.push(Diagnostic::at(Code::UnknownMeasure, item.span, message).suggest(id, known));
            }
            _ => diagnostics.push(super::decode::wrong_type(item, "enable", "a text or a list of texts")),
        }
    }
    let enabled = |node: &Node| items.iter().any(|item| item.value.same_text(&node.value));
    if let Some((_, disabled)) = table.entries.iter_mut().find(|(k, _)| k.name == "disable") {
        let mut left = listed(disabled.value.clone(), disabled.span);
        left.retain(|node| !enabled(node));
        disabled.value = Raw::Array(left);
    }
}

/// Gives a parameter of the tree a new value for all dates. A parameter that is not there is an error.
pub fn set_parameter(table: &mut Table, key: Key, node: Node, diagnostics: &mut Diagnostics) {
    let parameters = table.entries.iter_mut().find(|(k, _)| k.name == "parameters");
    if let Some((_, Node { value: Raw::Table(parameters), .. })) = parameters
        && parameters.get(&key.name).is_some()
    {
        overlay_parameter(parameters, key, node, true);
        return;
    }
    let known: Vec<&str> = table
        .table("parameters")
        .map_or_else(Vec::new, |t| t.entries.iter().map(|(k, _)| k.name.as_str()).collect());
    let message = format!("there is no parameter `{}`", key.name);
    let mut diagnostic = Diagnostic::at(Code::UnknownParameter, key.span, message);
    diagnostic = if known.is_empty() {
        diagnostic.help("the scenario has no [parameters]")
    } else {
        diagnostic.suggest(&key.name, known)
    };
    diagnostics.push(diagnostic);
}
