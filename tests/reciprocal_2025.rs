//! The reciprocal duty and what followed it, `scenarios/reciprocal_2025.toml`, by origin and day against rates worked by
//! hand from the instruments it cites. Never re-recorded.
//!
//! MFN duty (HTS 2025 basic edition): T-shirt 6109.10.00 16.5%, handbag 4202.21.90 9%, toy 9503.00.00 free, printer
//! 8443.32.10 free, chip 8542.31.00 free, tinplate 7210.12.00 free.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::process::Command;

use serde_json::Value;

/// What the program says of flows worth USD 100,000, of which a rate of 1% is 1,000.
fn flows(scenario: &str, date: &str, rows: &[String]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flows.csv");
    fs::write(&file, format!("product,origin,value,content.us\n{}\n", rows.join("\n"))).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", scenario, "--date", date, "--format", "json", "--flows"])
        .arg(&file)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["scenarios"][0]["flows"].as_array().unwrap().clone()
}

const SCENARIO: &str = "scenarios/reciprocal_2025.toml";
const ORIGINS: [&str; 6] = ["JP", "EU", "KR", "GB", "AU", "CN"];

/// Checks the duty on a T-shirt (16.5%), a handbag (9%) and a toy (free), in tenths of a percent, for the origins in their
/// order, on some days.
fn goods(scenario: &str, dates: &[&str], shirts: [u32; 6], bags: [u32; 6], toys: [u32; 6]) {
    for date in dates {
        for (product, rates) in [("61091000", shirts), ("42022190", bags), ("95030000", toys)] {
            let rows: Vec<String> =
                ORIGINS.iter().map(|origin| format!("{product},{origin},100000,")).collect();
            for ((flow, rate), origin) in flows(scenario, date, &rows).iter().zip(rates).zip(ORIGINS) {
                assert_eq!(
                    flow["duty"],
                    (rate * 100).to_string(),
                    "{product} {origin} {date}: {}",
                    flow["charges"]
                );
            }
        }
    }
}

#[test]
fn on_top() {
    // before: MFN, and fentanyl on China, 10 from 4 February and 20 from 4 March 2025
    goods(SCENARIO, &["2025-02-03"], [165; 6], [90; 6], [0; 6]);
    goods(
        SCENARIO,
        &["2025-02-04", "2025-03-03"],
        [165, 165, 165, 165, 165, 265],
        [90, 90, 90, 90, 90, 190],
        [0, 0, 0, 0, 0, 100],
    );
    goods(
        SCENARIO,
        &["2025-03-04", "2025-04-04"],
        [165, 165, 165, 165, 165, 365],
        [90, 90, 90, 90, 90, 290],
        [0, 0, 0, 0, 0, 200],
    );
    // 10 on top for everyone (Executive Order 14257); China 10 + 20
    goods(
        SCENARIO,
        &["2025-04-05", "2025-04-08"],
        [265, 265, 265, 265, 265, 465],
        [190, 190, 190, 190, 190, 390],
        [100, 100, 100, 100, 100, 300],
    );
    // one day: Japan 24, the EU 20, Korea 25, others 10, China 84 + 20
    goods(
        SCENARIO,
        &["2025-04-09"],
        [405, 365, 415, 265, 265, 1205],
        [330, 290, 340, 190, 190, 1130],
        [240, 200, 250, 100, 100, 1040],
    );
    // back to 10 (Executive Order 14266); China 125 + 20 to 13 May, then 10 + 20 (Executive Order 14298)
    goods(
        SCENARIO,
        &["2025-04-10", "2025-05-13"],
        [265, 265, 265, 265, 265, 1615],
        [190, 190, 190, 190, 190, 1540],
        [100, 100, 100, 100, 100, 1450],
    );
    goods(
        SCENARIO,
        &["2025-05-14", "2025-08-06"],
        [265, 265, 265, 265, 265, 465],
        [190, 190, 190, 190, 190, 390],
        [100, 100, 100, 100, 100, 300],
    );
}

#[test]
fn in_all() {
    // Japan and the EU the higher of MFN and 15; Korea 15 on top; the UK and Australia 10 on top; China 10 + 20
    goods(
        SCENARIO,
        &["2025-08-07", "2025-11-09"],
        [165, 165, 315, 265, 265, 465],
        [150, 150, 240, 190, 190, 390],
        [150, 150, 150, 100, 100, 300],
    );
    // fentanyl 10 from 10 November; Korea in all from the 14th (90 FR 55964)
    goods(
        SCENARIO,
        &["2025-11-10", "2025-11-13"],
        [165, 165, 315, 265, 265, 365],
        [150, 150, 240, 190, 190, 290],
        [150, 150, 150, 100, 100, 200],
    );
    goods(
        SCENARIO,
        &["2025-11-14", "2026-02-23"],
        [165, 165, 165, 265, 265, 365],
        [150, 150, 150, 190, 190, 290],
        [150, 150, 150, 100, 100, 200],
    );
}

#[test]
fn after_the_ruling() {
    // 10 on top for everyone (Proclamation 11012), fentanyl gone
    goods(SCENARIO, &["2026-02-24", "2026-07-23"], [265; 6], [190; 6], [100; 6]);
    // Japan and Korea 12.5 in all, the EU 10 in all, the UK 10 on top, Australia and China 12.5 on top (91 FR 47318)
    goods(
        SCENARIO,
        &["2026-07-24", "2026-11-22"],
        [165, 165, 165, 265, 290, 290],
        [125, 100, 125, 190, 215, 215],
        [125, 100, 125, 100, 125, 125],
    );
}

#[test]
fn ways_out_that_were_not_taken() {
    // the rates by country come back on 9 July 2025; China stays at 10 + 20
    let fail = "scenarios/reciprocal_2025.toml#talks-fail";
    goods(
        fail,
        &["2025-07-08"],
        [265, 265, 265, 265, 265, 465],
        [190, 190, 190, 190, 190, 390],
        [100, 100, 100, 100, 100, 300],
    );
    goods(
        fail,
        &["2025-07-09", "2025-08-06"],
        [405, 365, 415, 265, 265, 465],
        [330, 290, 340, 190, 190, 390],
        [240, 200, 250, 100, 100, 300],
    );
    // the letter: Japan 25 from 1 August
    let letter = "scenarios/reciprocal_2025.toml#letter";
    goods(
        letter,
        &["2025-07-31"],
        [265, 265, 265, 265, 265, 465],
        [190, 190, 190, 190, 190, 390],
        [100, 100, 100, 100, 100, 300],
    );
    goods(
        letter,
        &["2025-08-01"],
        [415, 265, 265, 265, 265, 465],
        [340, 190, 190, 190, 190, 390],
        [250, 100, 100, 100, 100, 300],
    );
}

#[test]
fn us_content() {
    let duties = |date: &str, origin: &str, product: &str| -> Vec<String> {
        let rows =
            ["", "0.19", "0.1999", "0.2", "0.21", "1"].map(|us| format!("{product},{origin},100000,{us}"));
        flows(SCENARIO, date, &rows).iter().map(|flow| flow["duty"].as_str().unwrap().to_owned()).collect()
    };
    // a free printer at 10 on top: below 20% US content on 100,000, from 20% on the rest, 80,000 and 79,000 and 0
    assert_eq!(duties("2025-06-05", "JP", "84433210"), ["10000", "10000", "10000", "8000", "7900", "0"]);
    // at 15 in all: 15 x 80,000 and 15 x 79,000
    assert_eq!(duties("2025-09-16", "JP", "84433210"), ["15000", "15000", "15000", "12000", "11850", "0"]);
    // a handbag, MFN 9 on everything, then 15 - 9 = 6 on the rest: 9,000 + 6 x 80,000 / 100, 6 x 79,000 / 100
    assert_eq!(duties("2025-09-16", "EU", "42022190"), ["15000", "15000", "15000", "13800", "13740", "9000"]);
    // China: 20 on everything and 125 on the rest, 80,000 and 79,000
    assert_eq!(
        duties("2025-04-10", "CN", "84433210"),
        ["145000", "145000", "145000", "120000", "118750", "20000"]
    );
    // Section 122 has no such rule
    assert_eq!(duties("2026-03-01", "JP", "84433210"), ["10000"; 6]);
}

#[test]
fn what_it_gives_way_to() {
    for (date, chips, tinplate) in [
        // Japan; China with fentanyl on both: 20, 20, 10, none
        ("2025-04-10", [0, 20], [25, 45]),
        ("2025-06-04", [0, 20], [50, 70]),
        ("2025-12-01", [0, 10], [50, 60]),
        ("2026-03-01", [0, 0], [50, 50]),
        ("2026-10-01", [0, 0], [50, 50]),
    ] {
        let rows =
            ["85423100,JP", "85423100,CN", "72101200,JP", "72101200,CN"].map(|row| format!("{row},100000,"));
        let expected = [chips, tinplate].concat();
        for (flow, rate) in flows(SCENARIO, date, &rows).iter().zip(expected) {
            assert_eq!(flow["duty"], (rate * 1000).to_string(), "{date}: {flow}");
        }
    }
}
