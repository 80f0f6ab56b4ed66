//! The four runs of the scenario, flow by flow.

use crate::account::{Cause, Held, Law, Owed};
use std::fs;
use std::path::{Path, PathBuf};
use tariffsim::assess::{self, Charge, Run, Status, Worksheet};
use tariffsim::diagnostic::{Diagnostics, Sources, Style, render};
use tariffsim::files::Files;
use tariffsim::report;
use tariffsim::scenario::{Book, Scenario};
use tariffsim::schedule;
use tariffsim::trade::{self, FlowRequest};

const SCENARIO: &str = "tests/peers/customs/scenario.toml";

/// Where the scenario looks for the shared folder, and for the file of rates.
const SHARED: &str = "$TARIFFSIM_PEER_DATA/";
const RATES: &str = "target/validation/us_rates_2025.csv";

/// The schedule in the shared folder.
const SCHEDULE: &str = "data/hts/hts_2025_basic_edition.csv";

/// Files of the project, those of the shared folder, and the rates that the schedule states.
struct Folder {
    shared: PathBuf,
    rates: String,
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path.ends_with(RATES) {
            return Ok(self.rates.clone().into_bytes());
        }
        let file = match path.strip_prefix(SHARED) {
            Some(rest) => self.shared.join(rest),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join(path),
        };
        fs::read(file).map_err(|error| error.to_string())
    }
}

fn said(found: Diagnostics, sources: &Sources) -> String {
    let style = Style { colour: false, width: 100 };
    found.into_sorted().iter().map(|d| render(d, sources, style)).collect()
}

/// The shared folder with the schedule as it is imported; nothing where there is none.
fn folder() -> Option<Folder> {
    let shared = std::env::var_os("TARIFFSIM_PEER_DATA").map(PathBuf::from);
    let Some(shared) = shared.filter(|folder| folder.join(SCHEDULE).is_file()) else {
        eprintln!("skipped: TARIFFSIM_PEER_DATA names no folder with the schedule ({SCHEDULE})");
        return None;
    };
    let mut folder = Folder { shared, rates: String::new() };
    let mut sources = Sources::new();
    let path = format!("{SHARED}{SCHEDULE}");
    let schedule = schedule::import(&path, &folder, &mut sources);
    folder.rates = report::rate_file(&schedule.unwrap_or_else(|found| panic!("{}", said(found, &sources))));
    Some(folder)
}

/// A run of the scenario or of a variant.
fn run(folder: &Folder, variant: Option<&str>) -> Run {
    let mut sources = Sources::new();
    let (book, _) = Book::read(SCENARIO, folder, &mut sources)
        .unwrap_or_else(|found| panic!("{}", said(found, &sources)));
    let (scenario, _) =
        book.scenario(variant, &[], &sources).unwrap_or_else(|found| panic!("{}", said(found, &sources)));
    let request = FlowRequest { files: Vec::new(), date: None };
    let mut found = Diagnostics::new();
    let flows = trade::load(&scenario, &request, folder, &mut sources, &mut found)
        .unwrap_or_else(|| panic!("{}", said(found, &sources)));
    assess::run(scenario, flows, None).unwrap_or_else(|found| panic!("{}", said(found, &sources))).0
}

/// What a flow owes, or why there is no duty to state.
fn owed(sheet: &Worksheet, scenario: &Scenario) -> Result<Owed, String> {
    if let Some(reason) = &sheet.not_computable {
        return Err(reason.clone());
    }
    let counts = |charge: &&Charge| matches!(charge.status, Status::Charged | Status::Claimed);
    let by = sheet.charges.iter().filter(counts).map(|charge| scenario.measures[charge.measure].id.clone());
    Ok(Owed { duty: sheet.duty, by: by.collect() })
}

fn all_owed(run: &Run) -> Vec<Result<Owed, String>> {
    run.sheets.iter().map(|sheet| owed(sheet, run.scenario())).collect()
}

/// Every flow with what customs calculated, what the law makes of it, and the cause of the difference; nothing where
/// there are no data.
pub fn held() -> Option<Vec<Held>> {
    let folder = folder()?;
    let variants = ["preferences", "lowest", "highest"].map(|variant| all_owed(&run(&folder, Some(variant))));
    let limits = variants.map(Vec::into_iter);
    let [mut open, mut least, mut most] = limits;
    let run = run(&folder, None);
    let calculated = run.flows.columns.attributes.iter().position(|name| name == "calculated_duty").unwrap();
    let mut all = Vec::new();
    for (flow, sheet) in run.flows.rows.iter().zip(&run.sheets) {
        assert!(sheet.base_stated || sheet.not_computable.is_some(), "row {} has no base duty", flow.id);
        let (open, least, most) = (open.next().unwrap(), least.next().unwrap(), most.next().unwrap());
        let law = owed(sheet, run.scenario()).and_then(|mfn| {
            Ok(Law { mfn, open: open.unwrap_or_default(), least: least.unwrap_or_default(), most: most? })
        });
        let customs = flow.attributes[calculated].as_ref().unwrap().parse().unwrap();
        let chapter = flow.product.to_string()[..2].to_owned();
        let cause = Cause::of(&chapter, flow.value, customs, &law);
        let origin = flow.origin.value.code().to_owned();
        all.push(Held { origin, chapter, value: flow.value, customs, law, cause });
    }
    Some(all)
}
