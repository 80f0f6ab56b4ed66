//! `scenarios/green_subsidies.toml` worked by hand: duties by maker, and subsidies by the car, 1,000 cars a flow. A yen is
//! 0.0067 dollars. Never re-recorded.

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

/// Checks duty and landed cost of flows, by id.
fn check(variant: &str, table: &[(&str, &str, &str)]) {
    let scenario = run(&format!("scenarios/green_subsidies.toml{variant}"), &[]);
    for (id, duty, landed) in table {
        let flow = scenario["flows"].as_array().unwrap().iter().find(|flow| flow["id"] == *id).unwrap();
        assert_eq!(flow["duty"], *duty, "{id}: {}", flow["charges"]);
        assert_eq!(flow["landed_cost"], *landed, "{id}: {}", flow["charges"]);
    }
}

#[test]
fn eu_duties_by_maker() {
    // on 20 million, 10% and Regulation (EU) 2024/2754
    check(
        "",
        &[
            ("eu-byd", "5400000", "25400000"),         // 10 + 17 = 27%
            ("eu-geely", "5760000", "25760000"),       // 10 + 18.8 = 28.8%
            ("eu-saic", "9060000", "29060000"),        // 10 + 35.3 = 45.3%
            ("eu-tesla", "3560000", "23560000"),       // 10 + 7.8 = 17.8%
            ("eu-cooperating", "6140000", "26140000"), // 10 + 20.7 = 30.7%
            ("eu-unknown", "9060000", "29060000"),     // all others, 10 + 35.3
            ("eu-korean", "2000000", "22000000"),      // 10%
        ],
    );
}

#[test]
fn eu_duties_from_their_first_day_to_their_last() {
    let duty = |date: &str| {
        let scenario = run("scenarios/green_subsidies.toml", &["--date", date]);
        scenario["flows"][0]["duty"].as_str().unwrap().to_owned()
    };
    // provisional duties of July 2024 were not collected; five years from 30 October 2024
    assert_eq!(duty("2024-07-05"), "2000000");
    assert_eq!(duty("2024-10-29"), "2000000");
    assert_eq!(duty("2024-10-30"), "5400000");
    assert_eq!(duty("2029-10-29"), "5400000");
    assert_eq!(duty("2029-10-30"), "2000000");
}

#[test]
fn us_credit() {
    // 2.5% of 20 million is 500,000; 7,500 x 1,000 cars = 7.5 million
    check(
        "",
        &[
            ("us-byd", "20500000", "40500000"), // 2.5% + 100%
            ("us-japanese-sold", "500000", "20500000"),
            ("us-japanese-leased", "500000", "13000000"),
            ("us-mexican-sold", "500000", "13000000"),
            ("us-mexican-october", "500000", "20500000"), // ended on 30 September 2025
        ],
    );
}

#[test]
fn japanese_subsidies() {
    // yen a car x 0.0067 x 1,000 cars, in millions of dollars: 900,000 is 6.03, 1,300,000 8.71, 580,000 3.886,
    // 2,550,000 17.085, 1,500,000 10.05, 850,000 5.695
    check(
        "",
        &[
            ("jp-battery-2025", "0", "33970000"),
            ("jp-battery-2026", "0", "31290000"),
            ("jp-small-2026", "0", "16114000"),
            ("jp-fuel-cell-march", "0", "32915000"),
            ("jp-fuel-cell-april", "0", "39950000"),
            ("jp-plug-in-2026", "0", "34305000"),
        ],
    );
}

#[test]
fn other_policies() {
    // 7.5 million for every 1,000 cars, no countervailing duty; US duties on China's cars stay
    check(
        "#aligned",
        &[
            ("eu-saic", "2000000", "14500000"),
            ("us-byd", "20500000", "33000000"),
            ("us-japanese-sold", "500000", "13000000"),
            ("jp-fuel-cell-march", "0", "42500000"),
            ("jp-small-2026", "0", "12500000"),
        ],
    );
    check(
        "#no-subsidies",
        &[
            ("eu-byd", "5400000", "25400000"),
            ("us-mexican-sold", "500000", "20500000"),
            ("jp-battery-2026", "0", "40000000"),
        ],
    );
}

#[test]
fn a_subsidy_is_no_negative_duty() {
    let base = run("scenarios/green_subsidies.toml", &[]);
    let without = run("scenarios/green_subsidies.toml#no-subsidies", &[]);
    // 5.4 + 5.76 + 9.06 + 3.56 + 6.14 + 9.06 + 2 + 20.5 + 4 x 0.5
    assert_eq!(base["totals"]["duty"], "63480000");
    assert_eq!(without["totals"]["duty"], "63480000");
    // 2 x 7.5 in the US; 6.03 + 8.71 + 3.886 + 17.085 + 10.05 + 5.695 in Japan
    assert_eq!(base["totals"]["landed"]["subsidies"], "-66456000");
}
