//! The panel of rates says of any goods on any day what a run says of them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use tariffsim::assess::{self, Panel, Plan};
use tariffsim::date::{Date, ToSpan};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::files::Files;
use tariffsim::scenario::{self, Named, Request};
use tariffsim::trade::{self, Flow, FlowRequest, Flows};

struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(path).map_err(|error| error.to_string())
    }
}

/// A million of value about which nothing but its goods is known.
fn flow(
    product: tariffsim::product::Product,
    origin: Named<tariffsim::country::Country>,
    like: &Flow,
    date: Date,
) -> Flow {
    Flow {
        id: "1".to_owned(),
        product,
        origin,
        importer: like.importer.clone(),
        date,
        value: Decimal::from(1_000_000),
        quantities: [None, None],
        freight: Decimal::ZERO,
        insurance: Decimal::ZERO,
        entries: Decimal::ONE,
        party: None,
        claims: None,
        content: Vec::new(),
        attributes: Vec::new(),
        description: None,
    }
}

#[test]
fn on_every_shipped_scenario() {
    let mut compared = 0;
    for entry in
        ["scenarios", "scenarios/lessons"].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap())
    {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            compared += compare(&path);
        }
    }
    assert!(compared > 1_000, "{compared}");
}

fn compare(path: &Path) -> usize {
    let named = path.display().to_string();
    let (mut sources, mut said) = (Sources::new(), Diagnostics::new());
    let (scenario, _) = scenario::load(&Request::new(&named, &[]), &Disk, &mut sources).unwrap();
    let flows = trade::load(&scenario, &FlowRequest::default(), &Disk, &mut sources, &mut said).unwrap();
    let like = &flows.rows[0];
    let products: BTreeSet<_> = flows.rows.iter().map(|flow| flow.product).collect();
    let products: Vec<_> = products.iter().copied().step_by((products.len() / 25).max(1)).collect();
    let origins: BTreeSet<_> = flows.rows.iter().map(|flow| flow.origin.value).collect();
    let origins: Vec<_> = origins.into_iter().take(6).collect();
    let plan = Plan::compile(scenario);
    let panel = Panel::new(&plan, like.importer.value, products, origins, (None, None));
    let mut compared = 0;
    for row in panel.rows(0..panel.products.len()) {
        let first = row.window.0.or(row.window.1.and_then(|until| until.checked_sub(400.days()).ok()));
        let first = first.unwrap_or_else(|| Date::new(2025, 6, 5).unwrap());
        let last = row.window.1.and_then(|until| until.checked_sub(1.days()).ok()).unwrap_or(first);
        for date in [first, last] {
            let value = panel.origins[row.origin];
            let origin = Named { text: value.code().to_owned(), value };
            let rows = vec![flow(panel.products[row.product], origin, like, date)];
            let flows = Flows { rows, ..Flows::default() };
            let what = format!("{named} {} {value} {date}", panel.products[row.product]);
            match (&row.rates.duty, assess::assess(&plan, &flows)) {
                (Ok(rate), Ok((assessed, _))) => {
                    let sheet = &assessed.sheets[0];
                    assert_eq!(sheet.not_computable, None, "{what}");
                    // Where charges are rounded as the law says, a million of value is off by a part of a unit.
                    let off = sheet.duty.saturating_sub(rate.saturating_mul(Decimal::from(1_000_000))).abs();
                    assert!(off <= Decimal::ONE, "{what}: {} and {rate}", sheet.duty);
                    if plan.scenario().rounding == scenario::RoundingRules::default() {
                        assert!(off < Decimal::new(1, 3), "{what}: {} and {rate}", sheet.duty);
                    }
                    compared += 1;
                }
                (Err(reason), Ok((assessed, _))) => {
                    let sheet = &assessed.sheets[0];
                    let same = sheet.not_computable.as_ref().is_none_or(|own| own == reason);
                    assert!(same || reason.contains("quota"), "{what}: {reason}, {:?}", sheet.not_computable);
                }
                (_, Err(said)) => panic!("{what}: {said:?}"),
            }
        }
    }
    compared
}

fn tariffsim(folder: &Path, args: &[&str]) -> (bool, String, String) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_tariffsim")).args(args).current_dir(folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

const SCENARIO: &str = r#"
title = "Steel and the rest"
importer = "US"
currency = "USD"
[countries]
near = ["CA", "MX"]
[[measure]]
id = "mfn-all"
type = "mfn"
rate = "2%"
[[measure]]
id = "steel"
products = ["7208"]
except_origins = ["CA"]
rate = [{ from = 2025-03-12, rate = "25%" }, { from = 2025-06-04, rate = "50%" }]
[[measure]]
id = "by-weight"
products = ["0203"]
origins = ["MX"]
rate = "3 USD/kg"
"#;

/// By hand: 2% everywhere; on steel 25% more from 12 March and 50% more from 4 June 2025, but for Canada; meat from Mexico
/// by its weight.
#[test]
fn a_row_from_each_day_on_which_a_rate_changes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("s.toml"), SCENARIO).unwrap();
    fs::write(folder.path().join("p.csv"), "code,name\n7208,steel\n0203,meat\n").unwrap();
    let args = ["rates", "s.toml", "--products", "p.csv:code", "--origins", "near", "--to", "2025-12-31"];
    let (ok, csv, said) = tariffsim(folder.path(), &args);
    assert!(ok, "{said}");
    let expected = "\
product,origin,from,until,duty,mfn-all,steel,reason
0203,CA,,2026-01-01,0.02,0.02,,
0203,MX,,2026-01-01,,,,by-weight: the flow has no quantity
7208,CA,,2026-01-01,0.02,0.02,,
7208,MX,,2025-03-12,0.02,0.02,,
7208,MX,2025-03-12,2025-06-04,0.27,0.02,0.25,
7208,MX,2025-06-04,2026-01-01,0.52,0.02,0.5,
";
    assert_eq!(csv, expected);
    // The same as a table, and with one thread as with three.
    for threads in ["1", "3"] {
        let out = format!("r{threads}.parquet");
        let (ok, _, said) =
            tariffsim(folder.path(), &[&args[..], &["--out", &out, "--threads", threads]].concat());
        assert!(ok, "{said}");
        assert!(said.contains("wrote 6 rows"), "{said}");
    }
    let bytes = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert!(bytes("r1.parquet").starts_with(b"PAR1"));
    assert_eq!(bytes("r1.parquet"), bytes("r3.parquet"));
}

#[test]
fn what_is_no_code_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("s.toml"), SCENARIO).unwrap();
    fs::write(folder.path().join("p.csv"), "code\n7208\n").unwrap();
    for (products, origins, expected) in [
        ("720", "CA", "`720` has an odd number of digits"),
        ("7208", "CAN,XQ", "`XQ` is not a country"),
        ("7208", "nera", "did you mean the group `near`?"),
        ("p.csv", "CA", "p.csv has no column `product`"),
        ("q.csv:code", "CA", "cannot read q.csv"),
    ] {
        let args = ["rates", "s.toml", "--products", products, "--origins", origins];
        let (ok, out, said) = tariffsim(folder.path(), &args);
        assert!(!ok && out.is_empty() && said.contains(expected), "{said}");
    }
}
