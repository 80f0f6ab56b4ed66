//! `explain`: how the duty on one flow comes about.

use crate::args;
use crate::disk::Disk;
use crate::terminal::{self, NOTHING_COMPUTED};
use std::process::ExitCode;
use tariffsim::assess::{self, Explained};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::files::Files;
use tariffsim::report;
use tariffsim::scenario::{self, Request};
use tariffsim::trade::{self, FlowRequest};

/// The name that a flow given in arguments has as a file.
const ARGUMENTS: &str = "the command line";

/// What is said of a worksheet as rows.
const NO_BLANKS: &str =
    "a worksheet with blanks is for paper: leave --format and --out FILE.csv out, or take markdown or json";

/// Explains a flow, then prints.
pub fn explain(args: &args::Explain) -> ExitCode {
    let is_exercise = args.worksheet || args.answers;
    if is_exercise && terminal::format(&args.common.output) == report::Format::Csv {
        return terminal::usage(NO_BLANKS);
    }
    let disk = Disk::default();
    let mut sources = Sources::new();
    let (explained, said) = match one(args, &disk, &mut sources) {
        Ok((explained, warnings)) => (Some(explained), warnings),
        Err(found) => (None, found),
    };
    let output = &args.common.output;
    terminal::show(said, &sources, output, NOTHING_COMPUTED);
    let Some(explained) = explained else { return ExitCode::FAILURE };
    let (format, layout) = (terminal::format(output), terminal::layout(output));
    let chart =
        args.chart.clone().map(|path| (path, report::chart::explained(&explained, report::chart::ALONE)));
    let text = if is_exercise {
        report::exercise(&explained, args.answers, format, layout)
    } else {
        Some(report::explained(&explained, &sources, format, layout))
    };
    let Some(text) = text else { return terminal::usage(NO_BLANKS) };
    terminal::publish_with(chart, &text, output, &disk)
}

fn one(
    args: &args::Explain,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Explained, Diagnostics), Diagnostics> {
    let request = Request::new(&args.scenario, &args.common.set);
    let (scenario, mut said) = scenario::load(&request, disk, sources)?;
    let own = args.product.as_ref().map(|product| own_flow(args, product));
    let files = if own.is_some() { vec![ARGUMENTS.to_owned()] } else { args.common.flows.clone() };
    let request = FlowRequest { files, date: args.common.date };
    let files = WithArguments { disk, flow: own };
    let Some(flows) = trade::load(&scenario, &request, &files, sources, &mut said) else { return Err(said) };
    let (explained, warnings) = assess::explain(scenario, &flows, args.flow.as_deref())?;
    said.extend(warnings);
    Ok((explained, said))
}

/// A flow given in arguments, as the two lines of a file.
fn own_flow(args: &args::Explain, product: &str) -> String {
    let text = |argument: &Option<String>| argument.clone().unwrap_or_default();
    let mut cells = vec![
        ("id".to_owned(), "goods".to_owned()),
        ("product".to_owned(), product.to_owned()),
        ("origin".to_owned(), text(&args.origin)),
        ("value".to_owned(), text(&args.value)),
    ];
    if let Some(importer) = &args.importer {
        cells.push(("importer".to_owned(), importer.clone()));
    }
    if let Some(quantity) = &args.quantity {
        let (amount, unit) = quantity.trim().split_once(' ').unwrap_or((quantity, ""));
        cells.push(("quantity".to_owned(), amount.to_owned()));
        cells.push(("unit".to_owned(), unit.trim().to_owned()));
    }
    cells.extend(args.with.iter().cloned());
    let line = |cells: Vec<&str>| {
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        cells.into_iter().map(quoted).collect::<Vec<_>>().join(",")
    };
    let (names, values): (Vec<&str>, Vec<&str>) = cells.iter().map(|(n, v)| (n.as_str(), v.as_str())).unzip();
    format!("{}\n{}\n", line(names), line(values))
}

/// Files on disk, and the flow that arguments give.
struct WithArguments<'a> {
    disk: &'a Disk,
    flow: Option<String>,
}

impl Files for WithArguments<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match &self.flow {
            Some(flow) if path == ARGUMENTS => Ok(flow.clone().into_bytes()),
            _ => self.disk.read(path),
        }
    }
}
