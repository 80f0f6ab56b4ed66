//! `scenarios/production_linked.toml` worked by hand: 2.5% MFN and 25% on top, under six rules that link the 25% to
//! production. Cars worth 600 (Akane), 900 (Birch) and 300 (Cedar) million dollars at 30,000 each; parts worth 900, 500
//! and 100 million, and 700 million of Birch's a year later. Never re-recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use serde_json::Value;

const CARS: [&str; 3] = ["akane-cars", "birch-cars", "cedar-cars"];
const PARTS: [&str; 4] = ["akane-parts", "birch-parts", "cedar-parts", "birch-parts-2026"];

fn run(variant: &str, set: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", &format!("scenarios/production_linked.toml{variant}"), "--format", "json"])
        .args(set.iter().flat_map(|set| ["--set", set]))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["scenarios"][0].take()
}

/// Duty on flows in thousands of dollars.
fn thousands<const N: usize>(scenario: &Value, ids: [&str; N]) -> [u64; N] {
    ids.map(|id| {
        let flow = scenario["flows"].as_array().unwrap().iter().find(|flow| flow["id"] == id).unwrap();
        let duty: u64 = flow["duty"].as_str().unwrap().parse().unwrap();
        assert_eq!(duty % 1000, 0, "{id}");
        duty / 1000
    })
}

/// What quotas or credits say: party, first day, opening, carried in, drawn, remaining, carried out.
fn statements(scenario: &Value, kind: &str) -> Vec<String> {
    let cells = ["party", "from", "opening", "carried_in", "drawn", "remaining", "carried_out"];
    let row = |entry: &Value| cells.map(|cell| entry[cell].as_str().unwrap().to_owned()).join(" ");
    scenario[kind].as_array().unwrap().iter().map(row).collect()
}

// 27.5% of 600, 900 and 300 million; of 900, 500, 100 and 700 million
const PLAIN_CARS: [u64; 3] = [165_000, 247_500, 82_500];
const PLAIN_PARTS: [u64; 4] = [247_500, 137_500, 27_500, 192_500];

#[test]
fn the_plain_rule() {
    let scenario = run("", &[]);
    assert_eq!(thousands(&scenario, CARS), PLAIN_CARS);
    assert_eq!(thousands(&scenario, PARTS), PLAIN_PARTS);
}

#[test]
fn a_rate_that_falls_with_output() {
    // 200,000 of 300,000 cars: 15 points x 2/3 = 10 off; 2.5 + 15 = 17.5% of 600, 900, 300 million
    let scenario = run("#output-curve", &[]);
    assert_eq!(thousands(&scenario, CARS), [105_000, 157_500, 52_500]);
    assert_eq!(thousands(&scenario, PARTS), PLAIN_PARTS);
    // 300,000: 15 off, at the floor of 10%; 12.5%. And flat beyond
    for output in ["100_000", "400_000"] {
        let scenario = run("#output-curve", &[&format!("cedar_output={output}")]);
        assert_eq!(thousands(&scenario, CARS), [75_000, 112_500, 37_500]);
    }
}

#[test]
fn a_credit_in_money() {
    let scenario = run("#credit-bank", &[]);
    assert_eq!(thousands(&scenario, CARS), PLAIN_CARS);
    // credit 3.75% x 40,000 x 100,000 = 150 million a year. MFN 2.5% stays: 22.5, 12.5, 2.5, 17.5 million.
    // Akane 22.5 + 225 - 150 = 97.5; Birch 12.5 + 125 - 125; Cedar 2.5 + 25; Birch 17.5 + 175 - (150 + 25)
    assert_eq!(thousands(&scenario, PARTS), [97_500, 12_500, 27_500, 17_500]);
    let credits = statements(&scenario, "credits");
    assert_eq!(
        credits[..3],
        [
            "akane 2025-05-03 150000000 0 150000000 0 0",
            "birch 2025-05-03 150000000 0 125000000 25000000 25000000",
            "birch 2026-05-01 150000000 25000000 175000000 0 0",
        ]
    );
    // 2.5% as first planned: 100 million a year; 22.5 + 225 - 100; 12.5 + 125 - 100; nothing carried, 17.5 + 175 - 100
    let scenario = run("#credit-bank", &["offset_rate=2.5%"]);
    assert_eq!(thousands(&scenario, PARTS), [147_500, 37_500, 27_500, 92_500]);
}

#[test]
fn a_quota_that_output_earns() {
    let scenario = run("#earned-quota", &[]);
    // 0.1 x 100,000 = 10,000 cars = 300 million at 2.5%, the rest at 27.5%:
    // 7.5 + 82.5 = 90; 7.5 + 165 = 172.5; Cedar earns none
    assert_eq!(thousands(&scenario, CARS), [90_000, 172_500, 82_500]);
    assert_eq!(thousands(&scenario, PARTS), PLAIN_PARTS);
    assert_eq!(
        statements(&scenario, "quotas")[..2],
        ["akane 2025-01-01 10000 0 10000 0 0", "birch 2025-01-01 10000 0 10000 0 0"]
    );
    // one for one: all of Akane's 20,000 and Birch's 30,000 cars at 2.5%
    assert_eq!(thousands(&run("#earned-quota", &["earned_share=1"]), CARS), [15_000, 22_500, 82_500]);
}

#[test]
fn the_home_part_of_each_car() {
    // 2.5% and 25% on 70%, 80%, 81%: 15 + 105; 22.5 + 180; 7.5 + 60.75
    assert_eq!(thousands(&run("#content-share", &[]), CARS), [120_000, 202_500, 68_250]);
    // the same from 20% up; 19% pays on all of it
    assert_eq!(thousands(&run("#content-cliff", &[]), CARS), [120_000, 202_500, 82_500]);
    for variant in ["#content-share", "#content-cliff"] {
        assert_eq!(thousands(&run(variant, &[]), PARTS), PLAIN_PARTS);
    }
}

#[test]
fn a_promise_and_its_price() {
    // Akane kept it: 2.5 + 15 = 17.5% of 600. Birch did not: 2.5 + 15 + 10. Cedar made none: 2.5 + 25
    let scenario = run("#pledge", &[]);
    assert_eq!(thousands(&scenario, CARS), [105_000, 247_500, 82_500]);
    let charges = |id: &str| {
        let flow = scenario["flows"].as_array().unwrap().iter().find(|flow| flow["id"] == id).unwrap();
        let row = |charge: &Value| format!("{} {}", charge["measure"], charge["amount"]).replace('"', "");
        flow["charges"].as_array().unwrap().iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(charges("akane-cars"), ["mfn-vehicles 15000000", "s232-autos 90000000"]);
    assert_eq!(
        charges("birch-cars"),
        ["mfn-vehicles 22500000", "s232-autos 135000000", "claw-back 90000000"]
    );
    // a pledge just kept: 17.5% of 900 million
    assert_eq!(thousands(&run("#pledge", &["birch_output=150_000"]), CARS), [105_000, 157_500, 82_500]);
}
