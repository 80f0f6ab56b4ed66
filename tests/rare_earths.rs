//! `scenarios/rare_earths.toml` worked by hand: who collects what on a shipment. Never re-recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use serde_json::Value;

/// What the program says of a scenario, with more arguments.
fn run(scenario: &str, args: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", scenario, "--format", "json"])
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["scenarios"][0].take()
}

/// Checks the landed cost of flows, by id; no duty falls due on any.
fn landed(variant: &str, table: &[(&str, &str)]) -> Value {
    let scenario = run(&format!("scenarios/rare_earths.toml{variant}"), &[]);
    for (id, cost) in table {
        let flow = scenario["flows"].as_array().unwrap().iter().find(|flow| flow["id"] == *id).unwrap();
        assert_eq!(flow["duty"], "0", "{id}: {}", flow["charges"]);
        assert_eq!(flow["landed_cost"], *cost, "{id}: {}", flow["charges"]);
    }
    scenario
}

/// The years of the export quota: tonnes that may leave, left, and remain.
fn quotas(scenario: &Value) -> Vec<String> {
    let cells = ["from", "opening", "drawn", "remaining"];
    let row = |quota: &Value| cells.map(|cell| quota[cell].as_str().unwrap_or("-").to_owned()).join(" ");
    scenario["quotas"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn export_duties() {
    landed(
        "",
        &[
            // 15% of 235,000 is 35,250; the licence 10,000 kg x 15 = 150,000
            ("lanthanum-2010", "420250"),
            ("dysprosium-2010", "46250"), // 37,000 + 25%
            ("neodymium-2010", "69000"),  // 60,000 + 15%, 25% the next day
            ("neodymium-2011", "75000"),
            ("neodymium-april-2015", "75000"), // the last day; free on 1 May (METI)
            ("neodymium-may-2015", "60000"),
        ],
    );
}

#[test]
fn the_quota_was_not_used_up() {
    // 30,999 t and 15,110 + 15,501 = 30,611 t; 22,493 t and 28,000 t went. Export duty 15%: 86.4 and 55.65 million
    let scenario = landed("", &[("all-2013", "662400000"), ("all-2014", "426650000")]);
    assert_eq!(quotas(&scenario), ["2013-01-01 30999 22493 8506", "2014-01-01 30611 28000 2611"]);
}

#[test]
fn a_quota_that_binds() {
    // 2,493 t x 15,000 = 37.395 million, 8,000 t x 15,000 = 120 million, 157.395 million together
    let scenario = landed("#quota-binds", &[("all-2013", "699795000"), ("all-2014", "546650000")]);
    assert_eq!(quotas(&scenario), ["2013-01-01 20000 20000 0", "2014-01-01 20000 20000 0"]);
    assert_eq!(scenario["totals"]["by_measure"]["beyond-quota"], "157395000");
}

#[test]
fn licences_since_april_2025() {
    // 100 kg x (3,000 - 965) = 203,500; 1,000 kg x (800 - 224) = 576,000
    let table = [
        ("terbium-march-2025", "96500"),
        ("terbium-july-2025", "300000"),
        ("dysprosium-july-2025", "800000"),
    ];
    landed("", &table);
    // 1,000 kg x (233 - 224) = 9,000
    landed("#traded-prices", &[("terbium-july-2025", "300000"), ("dysprosium-july-2025", "233000")]);
    // terbium 0.7 x 203,500 = 142,450 and 0.3 x 25% x 96,500 = 7,237.5; dysprosium 403,200 and 16,800
    landed("#australia", &[("terbium-july-2025", "246187.5"), ("dysprosium-july-2025", "644000")]);
}

#[test]
fn who_collects() {
    let totals = &run("scenarios/rare_earths.toml", &[])["totals"];
    // export duties 35,250 + 9,250 + 9,000 + 15,000 + 15,000 + 86,400,000 + 55,650,000
    assert_eq!(totals["collected"]["exporter"], "142133500");
    // 150,000 + 203,500 + 576,000
    assert_eq!(totals["collected"]["nobody"], "929500");
    assert_eq!(totals["collected"]["importer"], "0");
    assert_eq!(totals["duty"], "0");
}
