//! `define`: a term of the glossary, or a diagnostic's page.

use crate::args;
use crate::terminal;
use std::collections::BTreeSet;
use std::process::ExitCode;
use tariffsim::diagnostic::{Code, nearest};

/// The glossary that the documentation shows.
const GLOSSARY: &str = include_str!("../../../docs/glossary.md");

/// Prints what is asked for, or says what there is.
pub fn define(args: &args::Define) -> ExitCode {
    let asked = args.term.join(" ");
    let terms = terms();
    if asked.is_empty() {
        let lines = |lines: Vec<String>| lines.join("\n  ");
        let terms = lines(terms.iter().map(|(term, _)| (*term).to_owned()).collect());
        let codes = lines(Code::ALL.iter().map(|code| format!("{code}  {}", code.title())).collect());
        return terminal::print(&format!("Terms:\n  {terms}\n\nDiagnostics:\n  {codes}\n"));
    }
    if let Some(code) = Code::ALL.iter().find(|code| code.id().eq_ignore_ascii_case(&asked)) {
        return terminal::print(code.page());
    }
    if let Some((_, entry)) =
        terms.iter().find(|(term, _)| names(term).any(|name| name.eq_ignore_ascii_case(&asked)))
    {
        return terminal::print(&terminal::wrapped(entry));
    }
    let starts = |term: &str| term.to_lowercase().starts_with(&asked.to_lowercase());
    if let Some((_, entry)) = terms.iter().find(|(term, _)| starts(term)) {
        return terminal::print(&terminal::wrapped(entry));
    }
    let known: BTreeSet<&str> =
        terms.iter().flat_map(|(term, _)| names(term)).chain(Code::ALL.iter().map(|c| c.id())).collect();
    let help = match nearest(&asked, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`tariffsim define` lists all there are".to_owned(),
    };
    terminal::say(&format!("error: `{asked}` is neither a term nor a diagnostic; {help}"));
    ExitCode::FAILURE
}

/// The entries of the glossary by their term, which stands in bold at their start.
fn terms() -> Vec<(&'static str, String)> {
    GLOSSARY
        .split("\n\n")
        .filter_map(|paragraph| {
            let rest = paragraph.trim().strip_prefix("**")?;
            let (term, text) = rest.split_once("**")?;
            Some((term.trim_end_matches('.'), format!("{term}{text}")))
        })
        .collect()
}

/// The names of an entry: `valuation (FOB, CIF)` goes by all three.
fn names(term: &str) -> impl Iterator<Item = &str> {
    std::iter::once(term)
        .chain(term.split(['(', ')', ',', '/']).map(str::trim).filter(|name| !name.is_empty()))
}
