//! What the tests share: scenarios held in memory, run through the public library.

use rust_decimal::Decimal;
use std::fmt;
use tariffsim::assess::{self, Charge, Run, Worksheet};
use tariffsim::diagnostic::{Diagnostic, Diagnostics, Sources, Style, render};
use tariffsim::files::Files;
use tariffsim::scenario::{self, Request};
use tariffsim::trade::{self, FlowRequest};

struct Memory<'a>(&'a [(&'a str, &'a str)]);

impl Files for Memory<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.0.iter().find(|(name, _)| *name == path) {
            Some((_, text)) => Ok(text.as_bytes().to_vec()),
            None => Err("there is no such file".to_owned()),
        }
    }
}

/// What is wrong with a scenario; its debug text is what a user reads.
pub struct Wrong {
    pub diagnostics: Vec<Diagnostic>,
    sources: Sources,
}

impl fmt::Debug for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = Style { colour: false, width: 100 };
        self.diagnostics.iter().try_for_each(|d| f.write_str(&render(d, &self.sources, style)))
    }
}

/// Runs `named`, which may be `FILE#variant`, of some files by name, with parameters set.
pub fn run_files(files: &[(&str, &str)], named: &str, set: &[&str]) -> Result<Run, Wrong> {
    let files = Memory(files);
    let set: Vec<String> = set.iter().map(|s| (*s).to_owned()).collect();
    let mut sources = Sources::new();
    let assessed =
        scenario::load(&Request::new(named, &set), &files, &mut sources).and_then(|(scenario, mut found)| {
            match trade::load(&scenario, &FlowRequest::default(), &files, &mut sources, &mut found) {
                Some(flows) => assess::run(scenario, flows, None),
                None => Err(found),
            }
        });
    let wrong = |found: Diagnostics| Wrong { diagnostics: found.into_sorted(), sources };
    assessed.map(|(run, _)| run).map_err(wrong)
}

/// Runs a scenario that is one text and good.
pub fn run(text: &str) -> Run {
    run_files(&[("test.toml", text)], "test.toml", &[]).unwrap()
}

/// The number a text spells.
pub fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

/// The worksheet of a flow.
pub fn sheet<'a>(run: &'a Run, flow: &str) -> &'a Worksheet {
    let at = run.flows.rows.iter().position(|f| f.id == flow);
    &run.sheets[at.unwrap_or_else(|| panic!("there is no flow {flow}"))]
}

/// What a measure charges on a flow; `None` where it is not on the worksheet.
pub fn charge<'a>(run: &'a Run, flow: &str, measure: &str) -> Option<&'a Charge> {
    sheet(run, flow).charges.iter().find(|c| run.scenario().measures[c.measure].id == measure)
}
