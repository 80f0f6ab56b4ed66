//! `scenarios/uk_car_quota.toml` worked by hand: 2.5% MFN, 25% on top, 7.5% instead within 65,205 cars from 30 June to 31
//! December 2025 and within 100,000 a year afterwards; 30,000 dollars a car. Never re-recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use serde_json::Value;

fn run(args: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", "--format", "json"])
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["scenarios"][0].take()
}

/// Checks the duty on flows, by id.
fn duties(scenario: &Value, table: &[(&str, &str)]) {
    for (id, duty) in table {
        let flow = scenario["flows"].as_array().unwrap().iter().find(|flow| flow["id"] == *id).unwrap();
        assert_eq!(flow["duty"], *duty, "{id}: {}", flow["charges"]);
    }
}

/// The periods of all quotas: first day, opening, drawn, remaining, day it ran out.
fn quotas(scenario: &Value) -> Vec<String> {
    let cells = ["from", "opening", "drawn", "remaining", "exhausted"];
    let row = |quota: &Value| cells.map(|cell| quota[cell].as_str().unwrap_or("-").to_owned()).join(" ");
    scenario["quotas"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn ten_percent_until_the_quota_runs_out() {
    let scenario = run(&["scenarios/uk_car_quota.toml"]);
    let first_period = [
        ("july-2025", "42000000"),    // 420 million at 10%; 14,000 cars so far
        ("august-2025", "39000000"),  // 390 million at 10%; 27,000
        ("october-2025", "40500000"), // 405 million at 10%; with September's 14,000 cars 54,500
        // 10,705 cars are left: 321,150,000 at 10% = 32,115,000; 2,795: 83,850,000 at 27.5% = 23,058,750
        ("november-2025", "55173750"),
        ("december-2025", "99000000"),  // 360 million at 27.5%
        ("september-2025", "42000000"), // 420 million at 10%
    ];
    duties(&scenario, &first_period);
    // 65,205 x 30,000 x 10% = 195,615,000 and 14,795 x 30,000 x 27.5% = 122,058,750
    let sum: u64 = first_period.iter().map(|(_, duty)| duty.parse::<u64>().unwrap()).sum();
    assert_eq!(sum, 317_673_750);
    duties(
        &scenario,
        &[
            ("march-2025", "6000000"),   // 240 million at 2.5%: Section 232 begins on 3 April
            ("may-2025", "49500000"),    // 180 million at 27.5%: the quota opens on 30 June
            ("spring-2026", "90000000"), // 900 million at 10%
            ("summer-2026", "66000000"), // 660 million at 10%
            ("autumn-2026", "84000000"), // 840 million at 10%: 80,000 cars of 100,000
            ("vans-2025", "3000000"),    // 6 million at 25% + 25%
        ],
    );
    assert_eq!(quotas(&scenario), ["2025-06-30 65205 65205 0 2025-11-14", "2026-01-01 100000 80000 20000 -"]);
}

#[test]
fn nothing_is_in_quota_without_the_deal() {
    let scenario = run(&["scenarios/uk_car_quota.toml#no-deal"]);
    // 420 million and 405 million at 27.5%
    duties(
        &scenario,
        &[("july-2025", "115500000"), ("november-2025", "111375000"), ("vans-2025", "3000000")],
    );
    assert_eq!(scenario["quotas"], Value::Array(Vec::new()));
}

#[test]
fn a_quarter_at_a_time() {
    let scenario = run(&["scenarios/uk_car_quota.toml#quarterly"]);
    duties(
        &scenario,
        &[
            ("november-2025", "55173750"), // as before: 2025 is one period
            // 25,000 cars: 750 million at 10% = 75 million; 5,000: 150 million at 27.5% = 41.25 million
            ("spring-2026", "116250000"),
            ("summer-2026", "66000000"), // all 22,000 within
            // 25,000: 75 million; 3,000: 90 million at 27.5% = 24.75 million
            ("autumn-2026", "99750000"),
        ],
    );
    assert_eq!(
        quotas(&scenario),
        [
            "2025-06-30 65205 65205 0 2025-11-14",
            "2026-01-01 25000 25000 0 2026-02-16",
            "2026-04-01 25000 22000 3000 -",
            "2026-07-01 25000 25000 0 2026-08-14",
        ]
    );
}

#[test]
fn the_volume_and_the_rates_can_be_turned() {
    let scenario = "scenarios/uk_car_quota.toml";
    // 14,000 + 13,000 cars fit, 3,000 of September's 14,000: 90 million at 10% and 330 million at 27.5%
    duties(&run(&[scenario, "--set", "first_volume=30_000"]), &[("september-2025", "99750000")]);
    // 900 million at 2.5% + 12.5%
    duties(&run(&[scenario, "--set", "quota_rate=12.5%"]), &[("spring-2026", "135000000")]);
}
