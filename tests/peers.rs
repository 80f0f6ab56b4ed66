//! A published model, flow by flow: its rules as `tests/peers/gta/scenario.toml` states them, over its own tables, must
//! give what it published.
//!
//! Tables and results are those of Global Trade Alert (CC BY-NC 4.0) and are not part of this project. They are read from
//! the folder that `TARIFFSIM_PEER_DATA` names; without it these tests say so and end.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed, or says why it ends"
)]

use rust_decimal::Decimal;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tariffsim::assess::{self, Run, Worksheet};
use tariffsim::date::parse_date;
use tariffsim::diagnostic::{Diagnostics, Sources, Style, render};
use tariffsim::files::Files;
use tariffsim::parquet::{ParquetFile, Values};
use tariffsim::scenario::{Book, Scenario, settings};
use tariffsim::trade::{self, FlowRequest, Flows};

const SCENARIO: &str = "tests/peers/gta/scenario.toml";

/// Where the scenario looks for the peer's tables.
const WRITTEN: &str = "$TARIFFSIM_PEER_DATA/cases/gta";

/// The folder of the peer's tables and results, if there is one: under the shared folder, under its cases, or itself.
fn peer() -> Option<PathBuf> {
    let named = std::env::var_os("TARIFFSIM_PEER_DATA").map(PathBuf::from);
    let under = |folder: &PathBuf| ["cases/gta", "gta", "."].map(|path| folder.join(path));
    let found = named.iter().flat_map(under).find(|folder| folder.join("inputs/rates.csv").is_file());
    if found.is_none() {
        eprintln!("skipped: TARIFFSIM_PEER_DATA names no folder with the peer's tables (cases/gta/inputs)");
    }
    found
}

/// Flows of our own, in place of the peer's.
const OWN: &str = "own.csv";

/// Files of the project, and the peer's wherever they are.
struct Folder<'a>(&'a Path);

impl Files for Folder<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        if path == OWN {
            return Ok(FLOWS.as_bytes().to_vec());
        }
        let file = match path.strip_prefix(WRITTEN) {
            Some(rest) => self.0.join(rest.trim_start_matches('/')),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join(path),
        };
        let bytes = fs::read(file).map_err(|error| error.to_string())?;
        if Path::new(path).extension().is_none_or(|extension| extension != "gz") {
            return Ok(bytes);
        }
        let mut unpacked = Vec::new();
        let read =
            std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(&bytes[..]), &mut unpacked);
        read.map(|_| unpacked).map_err(|error| error.to_string())
    }
}

/// The peer's scenario as this project states it, read once.
struct Peer<'a> {
    files: Folder<'a>,
    sources: Sources,
    book: Book,
}

fn said(found: Diagnostics, sources: &Sources) -> String {
    let style = Style { colour: false, width: 100 };
    found.into_sorted().iter().map(|d| render(d, sources, style)).collect()
}

impl Peer<'_> {
    fn new(folder: &Path) -> Peer<'_> {
        let (files, mut sources) = (Folder(folder), Sources::new());
        let read = Book::read(SCENARIO, &files, &mut sources);
        let (book, _) = read.unwrap_or_else(|found| panic!("{}", said(found, &sources)));
        Peer { files, sources, book }
    }

    fn scenario(&mut self, variant: Option<&str>, set: &[&str]) -> Scenario {
        let set: Vec<String> = set.iter().map(|set| (*set).to_owned()).collect();
        let mut found = Diagnostics::new();
        let set = settings(&set, &mut self.sources, &mut found);
        let scenario = self.book.scenario(variant, &set, &self.sources);
        scenario.unwrap_or_else(|found| panic!("{}", said(found, &self.sources))).0
    }

    /// The peer's flows on a day, or others.
    fn flows(&mut self, scenario: &Scenario, day: &str, others: &[&str]) -> Flows {
        let files = others.iter().map(|file| (*file).to_owned()).collect();
        let request = FlowRequest { files, date: parse_date(day) };
        let mut found = Diagnostics::new();
        let flows = trade::load(scenario, &request, &self.files, &mut self.sources, &mut found);
        flows.unwrap_or_else(|| panic!("{}", said(found, &self.sources)))
    }

    fn run(&self, scenario: Scenario, flows: Flows) -> Run {
        assess::run(scenario, flows, None).unwrap_or_else(|found| panic!("{}", said(found, &self.sources))).0
    }
}

/// The peer's layers, as its results call them, and the measures that belong to each by how their ids begin.
const LAYERS: [(&str, &[&str]); 7] = [
    ("hts_contrib", &["mfn-duty", "usmca", "korus"]),
    ("s232_contrib", &["s232-"]),
    ("ieepa_contrib", &["ieepa-"]),
    ("s122_contrib", &["s122"]),
    ("emergency_contrib", &["fentanyl-", "border-"]),
    ("s301_contrib", &["s301"]),
    ("country_surcharge_contrib", &["surcharge-"]),
];

/// A rate and its layers, in percent.
#[derive(Debug, Default)]
struct Rates {
    rate: Decimal,
    layers: [Decimal; 7],
}

impl Rates {
    fn of(sheet: &Worksheet, scenario: &Scenario) -> Rates {
        let percent = |amount: Decimal| amount * Decimal::ONE_HUNDRED / sheet.customs_value;
        let mut rates = Rates { rate: percent(sheet.duty), ..Rates::default() };
        for charge in &sheet.charges {
            let id = &scenario.measures[charge.measure].id;
            let belongs = |(_, ids): &(&str, &[&str])| ids.iter().any(|start| id.starts_with(start));
            match LAYERS.iter().position(belongs) {
                Some(layer) => rates.layers[layer] += percent(charge.amount),
                None => assert!(charge.amount.is_zero(), "{id} belongs to no layer"),
            }
        }
        rates
    }

    /// The largest difference in percentage points.
    fn apart(&self, other: &Rates) -> Decimal {
        let layers = self.layers.iter().zip(&other.layers).map(|(a, b)| (a - b).abs());
        layers.chain([(self.rate - other.rate).abs()]).max().unwrap()
    }
}

/// A run the peer published: the rates of each flow, by exporter and product.
fn published(file: &Path) -> HashMap<(String, String), Rates> {
    let table = ParquetFile::open(Arc::new(fs::read(file).unwrap())).unwrap();
    let place = |name: &str| table.columns().iter().position(|column| column.name == name).unwrap();
    let columns: Vec<usize> = ["exporter", "hs_8digit", "rate"]
        .into_iter()
        .chain(LAYERS.map(|(name, _)| name))
        .map(place)
        .collect();
    let text = |values: &Values, row: usize| match values {
        Values::Words { words, codes } => words.get(codes[row]).unwrap().to_owned(),
        Values::Doubles { numbers, .. } => numbers[row].to_string(),
        Values::Whole { numbers, scale: 0, .. } => numbers[row].to_string(),
        other => panic!("a column of {other:?}"),
    };
    let mut rates = HashMap::new();
    for group in 0..table.groups() {
        let mut reader = table.read(group, &columns).unwrap();
        while let Some(values) = reader.next(1 << 16).unwrap() {
            for row in 0..values[0].len() {
                let number = |at: usize| text(&values[at], row).parse().unwrap();
                let key = (text(&values[0], row), text(&values[1], row));
                let layers = std::array::from_fn(|layer| number(layer + 3));
                let of_row = Rates { rate: number(2), layers };
                assert!(rates.insert(key, of_row).is_none(), "two rows of one flow");
            }
        }
    }
    rates
}

/// Holds a run against a published one: every flow, its rate and its seven layers, to 1e-9 percentage points.
fn agree(file: &str, day: &str, world: &str) {
    let Some(folder) = peer() else { return };
    let published = published(&folder.join(file));
    let mut peer = Peer::new(&folder);
    let scenario = peer.scenario(None, &[]);
    let mut flows = peer.flows(&scenario, day, &[]);
    // Of flows without a value only the rate is published: they are given one to show theirs.
    let valued: Vec<bool> = flows.rows.iter().map(|flow| !flow.value.is_zero()).collect();
    for flow in flows.rows.iter_mut().filter(|flow| flow.value.is_zero()) {
        flow.value = Decimal::ONE_THOUSAND;
    }
    let run = peer.run(scenario, flows);
    assert_eq!((run.sheets.len(), run.totals.not_computable.flows), (207_731, 0));
    let exporter = run.flows.columns.attributes.iter().position(|name| name == "exporter").unwrap();
    let limit = Decimal::new(1, 9);
    let (mut differing, mut furthest) = (Vec::new(), Decimal::ZERO);
    let (mut value, mut duty) = (Decimal::ZERO, Decimal::ZERO);
    for ((flow, sheet), valued) in run.flows.rows.iter().zip(&run.sheets).zip(valued) {
        let key = (flow.attributes[exporter].clone().unwrap(), flow.product.to_string());
        let (ours, theirs) = (Rates::of(sheet, run.scenario()), &published[&key]);
        let apart = ours.apart(theirs);
        furthest = furthest.max(apart);
        if apart > limit {
            differing.push(format!("{key:?}\n  {ours:?}\n  {theirs:?}"));
        }
        if valued {
            value += sheet.customs_value;
            duty += sheet.duty;
        }
    }
    assert_eq!(published.len(), run.sheets.len());
    let count = differing.len();
    differing.truncate(5);
    assert!(count == 0, "{count} flows differ:\n{}", differing.join("\n"));
    let effective = (duty * Decimal::ONE_HUNDRED / value).round_dp(4);
    assert_eq!(effective.to_string(), world);
    let flows = run.sheets.len();
    eprintln!(
        "{day}: {flows} flows, at most {furthest} percentage points apart in any layer; {effective}% in all"
    );
}

#[test]
fn the_run_of_january_2026_agrees_flow_by_flow() {
    agree("A_baseline_2026-01-17.parquet", "2026-01-17", "15.7052");
}

#[test]
fn the_run_of_april_2025_agrees_flow_by_flow() {
    agree("C_baseline_2025-04-10.parquet", "2025-04-10", "22.8995");
}

/// Cars of 1.5 to 3 litres, coils of steel, car parts that are articles of steel, cotton T-shirts.
const FLOWS: &str = "id,product,origin,value\n\
    car-de,87032301,DE,100\ncar-it,87032301,IT,100\ncar-kr,87032301,KR,100\ncar-mx,87032301,MX,100\n\
    coil-gb,72083900,GB,100\ncoil-jp,72083900,JP,100\ncoil-ca,72083900,CA,100\n\
    part-cn,87089981,CN,100\nshirt-hn,61091000,HN,100\n";

/// A variant, settings, a day, a flow and its rate in percent.
type Worked = (Option<&'static str>, &'static [&'static str], &'static str, &'static str, &'static str);

/// What the peer's other scenarios and switches give, worked by hand from its rules and tables.
const WORKED: [Worked; 14] = [
    // 2.5% MFN, topped up to 15% above all of it, and half of it is not charged: 12.5 + 1.25
    (None, &[], "2026-01-17", "car-kr", "13.75"),
    (None, &["disable_hts_korus_weighting=true"], "2026-01-17", "car-kr", "15"),
    // 17.34% is not USMCA and pays 2.5% + 25% + 25% at the border; the base duty alone on all of it
    (None, &[], "2026-01-17", "car-mx", "9.1035"),
    (None, &["disable_hts_usmca_weighting=true"], "2026-01-17", "car-mx", "11.17"),
    // 85% of the value at 50%, the rest at 10% + 35%, all of it outside USMCA: 42.5 + 6.75
    (None, &["usmca_compliance=0"], "2026-01-17", "coil-ca", "49.25"),
    // 2.5% MFN, 40% at 50%, 60% at 10%, fentanyl 10%, list 3 25%
    (None, &[], "2026-01-17", "part-cn", "63.5"),
    (None, &["exclude_s301_tariffs=true"], "2026-01-17", "part-cn", "38.5"),
    // the level of its own that Germany has; Italy has that of the EU
    (Some("greenland8-ieepa-s232-10pct"), &[], "2026-02-10", "car-de", "25"),
    (Some("greenland8-ieepa-s232-10pct"), &[], "2026-02-10", "car-it", "15"),
    // the UK at 35% on 85%, and 10% + 10% on the rest; half of the 85% beyond the quota at 50%
    (Some("greenland8-ieepa-s232-10pct"), &[], "2026-02-10", "coil-gb", "32.75"),
    (
        Some("greenland8-ieepa-s232-10pct"),
        &["uk_steel_alu_quota_share=0.5"],
        "2026-02-10",
        "coil-gb",
        "39.125",
    ),
    // 232 charges nothing and covers its 85% all the same; the rest is topped up to 15%
    (Some("no-s232"), &[], "2026-01-17", "coil-jp", "2.25"),
    // 16.5% MFN, and Section 122 on the 5% that does not claim CAFTA-DR; or on 80%
    (None, &[], "2026-03-10", "shirt-hn", "17"),
    (None, &["cafta_textile_compliance=0.2"], "2026-03-10", "shirt-hn", "24.5"),
];

#[test]
fn other_scenarios_and_switches_give_what_the_rules_say() {
    let Some(folder) = peer() else { return };
    let mut peer = Peer::new(&folder);
    for (variant, set, day, flow, expected) in WORKED {
        let scenario = peer.scenario(variant, set);
        let flows = peer.flows(&scenario, day, &[OWN]);
        let run = peer.run(scenario, flows);
        let at = run.flows.rows.iter().position(|row| row.id == flow).unwrap();
        let duty = run.sheets[at].duty.normalize().to_string();
        assert_eq!(duty, expected, "{flow} on {day} with {variant:?} {set:?}");
    }
}
