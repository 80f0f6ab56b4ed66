//! `compare`: scenarios side by side.

use crate::args;
use crate::disk::Disk;
use crate::terminal::{self, Answer};
use crate::watch;
use std::process::ExitCode;
use tariffsim::analysis::{self, Comparison};
use tariffsim::assess;
use tariffsim::diagnostic::{Code, Diagnostic, Diagnostics, Sources, list, nearest};
use tariffsim::report;
use tariffsim::scenario::{Book, Request, Scenario, settings};
use tariffsim::trade::{self, FlowRequest};

/// Runs all scenarios on the baseline's flows and prints how they differ from it.
pub fn compare(args: &args::Compare) -> ExitCode {
    let output = &args.common.output;
    if args.watch {
        return watch::watch(output, |disk| answer(args, disk));
    }
    let disk = Disk::default();
    terminal::give(answer(args, &disk), output, &disk)
}

fn answer(args: &args::Compare, disk: &Disk) -> Answer {
    let mut sources = Sources::new();
    let output = &args.common.output;
    let notes = Vec::new();
    let asked = Asked {
        scenarios: &args.scenarios,
        with_variants: true,
        baseline: args.baseline.as_deref(),
        own_flows: args.own_flows,
        set: &args.common.set,
        flows: FlowRequest { files: args.common.flows.clone(), date: args.common.date },
        by: args.by.as_deref(),
    };
    match compared(&asked, disk, &mut sources) {
        Ok((comparison, said)) => {
            let (format, layout) = (terminal::format(output), terminal::layout(output));
            let chart = args.chart.clone().map(|path| {
                let drawn = report::chart::compared(&comparison, report::chart::ALONE);
                (path, drawn)
            });
            let result = Some(report::compared(&comparison, &sources, format, layout));
            Answer { result, chart, said, notes, sources }
        }
        Err(said) => Answer { result: None, chart: None, said, notes, sources },
    }
}

/// What is compared.
pub struct Asked<'a> {
    /// The scenarios, as named.
    pub scenarios: &'a [String],
    /// Whether a file alone brings its variants.
    pub with_variants: bool,
    /// What the others are held against, if not the first.
    pub baseline: Option<&'a str>,
    /// Whether each runs on its own flows.
    pub own_flows: bool,
    /// Parameters to set.
    pub set: &'a [String],
    /// Which flows, and when they are entered.
    pub flows: FlowRequest,
    /// How flows are grouped.
    pub by: Option<&'a str>,
}

/// Runs scenarios and holds them against the baseline.
pub fn compared(
    asked: &Asked<'_>,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Comparison, Diagnostics), Diagnostics> {
    let mut said = Diagnostics::new();
    let scenarios = scenarios(asked, disk, sources, &mut said);
    if said.has_errors() {
        return Err(said);
    }
    let (names, scenarios): (Vec<String>, Vec<Scenario>) = scenarios.into_iter().unzip();
    let Some(baseline) = baseline(asked.baseline, &names, &mut said) else { return Err(said) };
    refuse(asked, &names, &scenarios, &mut said);
    if said.has_errors() {
        return Err(said);
    }
    let flows = scenarios[baseline].flows.clone();
    let mut runs = Vec::with_capacity(scenarios.len());
    for (at, mut scenario) in scenarios.into_iter().enumerate() {
        if !asked.own_flows && at != baseline {
            scenario.flows.clone_from(&flows);
            // Citations of flows are places among those of their own scenario.
            scenario.flow_sources.clear();
        }
        let Some(flows) = trade::load(&scenario, &asked.flows, disk, sources, &mut said) else { continue };
        match assess::run(scenario, flows, asked.by) {
            Ok((run, warnings)) => {
                runs.push(run);
                said.extend(warnings);
            }
            Err(found) => said.extend(found),
        }
    }
    if said.has_errors() {
        return Err(said);
    }
    match analysis::compare(runs, baseline, !asked.own_flows) {
        Ok(comparison) => Ok((comparison, said)),
        Err(error) => {
            let message = format!("the differences cannot be computed: {error}");
            said.push(Diagnostic::new(Code::TotalOverflow, message));
            Err(said)
        }
    }
}

/// Says what cannot be held side by side.
fn refuse(asked: &Asked<'_>, names: &[String], scenarios: &[Scenario], said: &mut Diagnostics) {
    if let ([only], true) = (names, asked.with_variants) {
        said.push(
            Diagnostic::new(Code::UnknownVariant, format!("{only} has no variants to be held against it"))
                .help("name another scenario"),
        );
    }
    if let Some(by) = asked.by.filter(|by| matches!(*by, "quota" | "credit")) {
        said.push(
            Diagnostic::new(Code::UnknownColumn, format!("scenarios are not compared by `{by}`"))
                .help(format!("`tariffsim run` shows what became of each, with --by {by}")),
        );
    }
    let currencies: Vec<&str> = scenarios.iter().map(|scenario| scenario.currency.as_str()).collect();
    if let Some(other) = currencies.iter().position(|currency| *currency != currencies[0]) {
        let (first, second) = (&names[0], &names[other]);
        let message = format!("{first} counts in {}, {second} in {}", currencies[0], currencies[other]);
        said.push(
            Diagnostic::new(Code::CurrenciesDiffer, message)
                .help("give both one `currency`, and the other currency a worth in [exchange]"),
        );
    }
}

/// The scenarios named, each with its name; a file alone brings its variants.
fn scenarios(
    asked: &Asked<'_>,
    disk: &Disk,
    sources: &mut Sources,
    said: &mut Diagnostics,
) -> Vec<(String, Scenario)> {
    let settings = settings(asked.set, sources, said);
    let alone = asked.with_variants && asked.scenarios.len() == 1;
    let mut scenarios = Vec::with_capacity(asked.scenarios.len());
    for named in asked.scenarios {
        let request = Request::new(named, &[]);
        let book = match Book::read(&request.path, disk, sources) {
            Ok((book, warnings)) => {
                said.extend(warnings);
                book
            }
            Err(found) => {
                said.extend(found);
                continue;
            }
        };
        let variants: Vec<Option<String>> = match request.variant {
            Some(variant) if alone => vec![None, Some(variant)],
            None if alone => std::iter::once(None).chain(book.variants().into_iter().map(Some)).collect(),
            variant => vec![variant],
        };
        for variant in variants {
            match book.scenario(variant.as_deref(), &settings, sources) {
                Ok((scenario, warnings)) => {
                    let variant = variant.map(|id| format!("#{id}")).unwrap_or_default();
                    scenarios.push((format!("{}{variant}", request.path), scenario));
                    said.extend(warnings);
                }
                Err(found) => said.extend(found),
            }
        }
    }
    scenarios
}

/// The place of the baseline: the first, or the one named in full or by its variant alone.
fn baseline(asked: Option<&str>, names: &[String], said: &mut Diagnostics) -> Option<usize> {
    let Some(asked) = asked else { return Some(0) };
    let variant = format!("#{}", asked.trim_start_matches('#'));
    let is_asked = |name: &String| name == asked || name.ends_with(&variant);
    let found: Vec<usize> = (0..names.len()).filter(|at| is_asked(&names[*at])).collect();
    if let [first, rest @ ..] = found.as_slice() {
        if rest.iter().all(|at| names[*at] == names[*first]) {
            return Some(*first);
        }
        let several: Vec<&str> = found.iter().map(|at| names[*at].as_str()).collect();
        let message = format!("the baseline `{asked}` may be any of several");
        said.push(
            Diagnostic::new(Code::UnknownBaseline, message)
                .help(format!("name one in full: {}", list(&several))),
        );
        return None;
    }
    let variants = names.iter().filter_map(|name| name.split_once('#')).map(|(_, variant)| variant);
    let known: Vec<&str> = names.iter().map(String::as_str).chain(variants).collect();
    let message = format!("the baseline `{asked}` is not among the scenarios compared");
    let diagnostic = Diagnostic::new(Code::UnknownBaseline, message);
    said.push(match nearest(asked, known.iter().copied()) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("the scenarios are {}", list(&known))),
    });
    None
}
