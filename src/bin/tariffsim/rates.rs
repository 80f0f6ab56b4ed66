//! `rates`: the panel of rates by product, origin and span of days.

use crate::args;
use crate::disk::{Disk, beside};
use crate::spread::Spread;
use crate::terminal::{self, NOTHING_COMPUTED, fail, say};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::Path;
use std::process::ExitCode;
use tariffsim::assess::{Panel, Plan};
use tariffsim::country::Country;
use tariffsim::date::ToSpan;
use tariffsim::diagnostic::{Code, Diagnostic, Diagnostics, Sources};
use tariffsim::parquet::{Layout, ParquetWriter, Rows};
use tariffsim::report::panel::Written;
use tariffsim::scenario::{self, Request, Scenario};
use tariffsim::trade::{self, FlowRequest, listed};

/// Rows that are written as one piece.
const PIECE: usize = 120_000;

/// Works out the panel, then writes it piece by piece.
pub fn rates(args: &args::Rates) -> ExitCode {
    let disk = Disk::default();
    let mut sources = Sources::new();
    match panel(args, &disk, &mut sources) {
        Ok((panel, scenario, warnings)) => {
            terminal::show(warnings, &sources, &args.output, NOTHING_COMPUTED);
            let written = Written::new(&panel, &scenario);
            match publish(&panel, &written, args, &disk) {
                Ok(()) => ExitCode::SUCCESS,
                Err(reason) => fail(&reason),
            }
        }
        Err(found) => {
            terminal::show(found, &sources, &args.output, NOTHING_COMPUTED);
            ExitCode::FAILURE
        }
    }
}

fn panel(
    args: &args::Rates,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Panel, Scenario, Diagnostics), Diagnostics> {
    let (scenario, mut said) = scenario::load(&Request::new(&args.scenario, &args.set), disk, sources)?;
    let importer = importer(args, &scenario)?;
    let flows = if args.products.is_some() && args.origins.is_some() {
        None
    } else {
        let request = FlowRequest::default();
        Some(trade::load(&scenario, &request, disk, sources, &mut said).ok_or_else(|| said.clone())?)
    };
    let rows = || flows.iter().flat_map(|flows| &flows.rows);
    let products = match &args.products {
        Some(named) => listed::products(named, disk)?,
        None => rows().map(|flow| flow.product).collect(),
    };
    let origins = match &args.origins {
        Some(named) => listed::origins(named, &scenario, disk)?,
        None => rows().map(|flow| flow.origin.value).collect(),
    };
    let origins: Vec<Country> = origins.into_iter().filter(|origin| *origin != importer).collect();
    let until = args.to.and_then(|last| last.checked_add(1.days()).ok());
    let plan = Plan::compile(scenario.clone());
    Ok((Panel::new(&plan, importer, products, origins, (args.from, until)), scenario, said))
}

/// Whose rates they are: what is asked for, or the scenario's own.
fn importer(args: &args::Rates, scenario: &Scenario) -> Result<Country, Diagnostics> {
    let wrong = |message: &str| {
        let help = "give --importer US, or write `importer = \"US\"` at the top of the scenario";
        Diagnostics::from(Diagnostic::new(Code::UnknownCountry, message).help(help))
    };
    match (&args.importer, &scenario.importer) {
        (Some(code), _) => {
            Country::from_code(code).ok_or_else(|| wrong(&format!("`{code}` is not a country")))
        }
        (None, Some(named)) => Ok(named.value),
        (None, None) => Err(wrong("the scenario does not say who imports")),
    }
}

/// Which products make a piece each.
fn pieces(panel: &Panel) -> Vec<Range<usize>> {
    let each = panel.len().checked_div(panel.products.len()).unwrap_or(1).max(1);
    let step = (PIECE / each).max(1);
    let starts = (0..panel.products.len()).step_by(step);
    starts.map(|start| start..(start + step).min(panel.products.len())).collect()
}

fn publish(panel: &Panel, written: &Written<'_>, args: &args::Rates, disk: &Disk) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot write the panel: {error}");
    let Some(path) = &args.output.out else {
        return match text(panel, written, args, &mut io::stdout().lock()) {
            // Who reads only the first lines of a result has what they wanted.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(failed),
        };
    };
    if disk.has_read(path) {
        return Err(format!("cannot write {}: the result was computed from it", path.display()));
    }
    let is_table = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
    beside(path, |file| {
        let mut file = BufWriter::new(file);
        if is_table {
            file = table(panel, written, args, file)?;
        } else {
            text(panel, written, args, &mut file)?;
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)
    })
    .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    if !args.output.quiet {
        say(&format!("wrote {} rows to {}", panel.len(), Path::new(path).display()));
    }
    Ok(())
}

fn text(panel: &Panel, written: &Written<'_>, args: &args::Rates, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(written.header().as_bytes())?;
    let spread = Spread::new(args.threads, true);
    for wave in pieces(panel).chunks(spread.threads() * 2) {
        let texts = spread.each(wave.len(), &|at| Ok::<_, io::Error>(written.text(wave[at].clone())))?;
        texts.iter().try_for_each(|text| out.write_all(text.as_bytes()))?;
    }
    out.flush()
}

fn table(
    panel: &Panel,
    written: &Written<'_>,
    args: &args::Rates,
    out: BufWriter<File>,
) -> io::Result<BufWriter<File>> {
    let layout = Layout::new(&written.columns()).map_err(io::Error::other)?;
    let mut writer = ParquetWriter::new(out, &layout).map_err(io::Error::other)?;
    let spread = Spread::new(args.threads, true);
    for wave in pieces(panel).chunks(spread.threads() * 2) {
        let groups = spread.each(wave.len(), &|at| Rows::pack_all(&layout, written.values(wave[at].clone())));
        for group in groups.map_err(io::Error::other)?.into_iter().flatten() {
            writer.append(group).map_err(io::Error::other)?;
        }
    }
    writer.finish().map_err(io::Error::other)
}
