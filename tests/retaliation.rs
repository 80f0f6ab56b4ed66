//! `scenarios/retaliation.toml` worked by hand. Flows in billions of dollars: cars 40, machines 30 into the US; beef 2.4,
//! gas 3.6, aircraft 20 into Japan. MFN duty on cars 2.5%, agreed duty on beef 21.6%, else none. Never re-recorded.

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

/// Checks the duty on the five flows, in tenths of a million dollars.
fn check(variant: &str, tenths: [u64; 5]) {
    let scenario = run(&format!("scenarios/retaliation.toml{variant}"), &[]);
    for (flow, expected) in scenario["flows"].as_array().unwrap().iter().zip(tenths) {
        assert_eq!(flow["duty"], (expected * 100_000).to_string(), "{variant} {}", flow["id"]);
    }
}

#[test]
fn rounds() {
    // cars 40,000 x 27.5% = 11,000 million; beef 2,400 x (21.6 + 25)% = 1,118.4; gas 3,600 x 25% = 900
    check("", [110_000, 0, 11_184, 9_000, 0]);
    // beef 2,400 x 21.6% = 518.4
    check("#no-answer", [110_000, 0, 5_184, 0, 0]);
    // 40,000 x 52.5% = 21,000; 2,400 x 71.6% = 1,718.4; 3,600 x 50% = 1,800
    check("#round-two", [210_000, 0, 17_184, 18_000, 0]);
    // machines 30,000 x 24% = 7,200; aircraft 20,000 x 24% = 4,800
    check("#round-three", [210_000, 72_000, 17_184, 18_000, 48_000]);
    // 15% in all: 40,000 x 15% = 6,000
    check("#truce", [60_000, 0, 5_184, 0, 0]);
}

#[test]
fn an_answer_of_the_same_amount() {
    // 25% x 40 / 6 = 166.67%: on the list of 6 billion that is 10 billion, what the US takes on top; beef 518.4 + 4,000
    check("#same-amount", [110_000, 0, 45_184, 60_000, 0]);
    let scenario = run("scenarios/retaliation.toml#same-amount", &[]);
    assert_eq!(scenario["totals"]["by_measure"]["us-cars"], "10000000000");
    assert_eq!(scenario["totals"]["by_measure"]["jp-list"], "10000000000");
}

#[test]
fn both_sides_of_each_round() {
    let sums = |variant: &str| {
        let totals = run(&format!("scenarios/retaliation.toml{variant}"), &[])["totals"]["by_measure"].take();
        ["us-cars", "us-rest", "jp-list", "jp-rest"].map(|id| totals[id].as_str().unwrap().to_owned())
    };
    // 25% of 40 and of 6 billion, twice that, and with 24% of 30 and of 20 billion
    assert_eq!(sums(""), ["10000000000", "0", "1500000000", "0"]);
    assert_eq!(sums("#round-two"), ["20000000000", "0", "3000000000", "0"]);
    assert_eq!(sums("#round-three"), ["20000000000", "7200000000", "3000000000", "4800000000"]);
    // a half answer
    let half = run("scenarios/retaliation.toml", &["--set", "answer=50%"]);
    assert_eq!(half["totals"]["by_measure"]["jp-list"], "750000000");
}
