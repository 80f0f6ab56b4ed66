//! A scenario file on the way to its scenarios: the base, its variants, and either with settings.

use super::model::{Scenario, VariantName};
use super::raw::{Key, Node, Raw, Table};
use super::resolve;
use super::table::Texts;
use super::validate::{self, Reading};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Sources, Span, list, nearest};
use crate::files::Files;

/// A scenario file with all it extends and all the files it names as data, read once: for any of its variants, with any
/// settings.
pub struct Book {
    path: String,
    resolved: resolve::Resolved,
    texts: Texts,
    /// Whether every file could be read; what could not is said already.
    complete: bool,
}

/// A parameter's new value, and where both are written.
#[derive(Debug, Clone)]
pub struct Setting {
    name: Key,
    value: Node,
}

impl Setting {
    /// The value a text spells, said to stand at a place.
    pub fn new(name: &str, value: &str, span: Span) -> Setting {
        let value = Node { value: Raw::Text(value.to_owned(), None), span };
        Setting { name: Key { name: name.to_owned(), span }, value }
    }
}

impl Book {
    /// Reads a file; its warnings come with it.
    pub fn read(
        path: &str,
        files: &dyn Files,
        sources: &mut Sources,
    ) -> Result<(Book, Diagnostics), Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let resolved = resolve::load(path, files, sources, &mut diagnostics);
        let Some(resolved) = resolved else { return Err(diagnostics) };
        if diagnostics.has_errors() {
            // What does not parse is half a tree: what is missing from it would be said of the wrong place.
            return Err(diagnostics);
        }
        let texts = Texts::read(&resolved.table, files, sources, &mut diagnostics);
        let complete = !diagnostics.has_errors();
        Ok((Book { path: path.to_owned(), resolved, texts, complete }, diagnostics))
    }

    /// The ids of its variants, in the order of the file.
    pub fn variants(&self) -> Vec<String> {
        self.tables().into_iter().filter_map(|variant| variant.text("id")).map(str::to_owned).collect()
    }

    /// Says that there is no such variant.
    pub fn unknown_variant(&self, id: &str) -> Diagnostic {
        let path = &self.path;
        let variants = self.variants();
        let known: Vec<&str> = variants.iter().map(String::as_str).collect();
        let diagnostic = Diagnostic::new(Code::UnknownVariant, format!("{path} has no variant `{id}`"));
        match nearest(id, known.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{path}#{near}`?")),
            None if known.is_empty() => diagnostic.help("the file has no variants"),
            None => diagnostic.help(format!("its variants are {}", list(&known))),
        }
    }

    fn tables(&self) -> Vec<&Table> {
        self.resolved.table.array("variant").iter().filter_map(table_of).collect()
    }

    /// The scenario, or that of a variant, with settings laid over it; they count for more than a variant's.
    pub fn scenario(
        &self,
        variant: Option<&str>,
        settings: &[Setting],
        sources: &Sources,
    ) -> Result<(Scenario, Diagnostics), Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let tables = self.tables();
        let variant = match variant {
            Some(id) => {
                let found = tables.iter().find(|variant| variant.text("id") == Some(id));
                let Some(found) = found else {
                    diagnostics.push(self.unknown_variant(id));
                    return Err(diagnostics);
                };
                Some(*found)
            }
            None => None,
        };
        let mut table = match variant {
            Some(variant) => resolve::apply_variant(&self.resolved.table, variant, &mut diagnostics),
            None => self.resolved.table.clone(),
        };
        for setting in settings {
            let (name, value) = (setting.name.clone(), setting.value.clone());
            resolve::set_parameter(&mut table, name, value, &mut diagnostics);
        }
        let reading =
            Reading { file: &self.path, span: self.resolved.span, variant: variant.map(variant_name) };
        let (scenario, found) = validate::validate(&table, &reading, sources, &self.texts);
        diagnostics.extend(found);
        match scenario {
            Some(scenario) if !diagnostics.has_errors() => Ok((scenario, diagnostics)),
            _ => {
                if self.complete && !diagnostics.has_errors() {
                    let message = format!("{} cannot be read as a scenario", self.path);
                    diagnostics.push(Diagnostic::at(Code::WrongType, self.resolved.span, message));
                }
                Err(diagnostics)
            }
        }
    }

    /// The scenario and each of its variants, the base first; or everything that is wrong with any of them.
    pub fn all(
        &self,
        settings: &[Setting],
        sources: &Sources,
    ) -> Result<(Vec<Scenario>, Diagnostics), Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let variants = self.variants();
        let mut scenarios = Vec::with_capacity(variants.len() + 1);
        for variant in std::iter::once(None).chain(variants.iter().map(|id| Some(id.as_str()))) {
            match self.scenario(variant, settings, sources) {
                Ok((scenario, warnings)) => {
                    scenarios.push(scenario);
                    diagnostics.extend(warnings);
                }
                Err(found) => diagnostics.extend(found),
            }
        }
        let whole = scenarios.len() == variants.len() + 1;
        if whole { Ok((scenarios, diagnostics)) } else { Err(diagnostics) }
    }
}

/// The settings that `--set NAME=VALUE` spells.
pub fn settings(set: &[String], sources: &mut Sources, diagnostics: &mut Diagnostics) -> Vec<Setting> {
    let mut settings = Vec::with_capacity(set.len());
    for setting in set {
        let file = sources.add("--set", setting.as_str());
        let span = |start, end| Span::new(file, start, end);
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
        let name = Key { name: name.trim().to_owned(), span: span(0, name.len()) };
        settings.push(Setting { name, value: node });
    }
    settings
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
