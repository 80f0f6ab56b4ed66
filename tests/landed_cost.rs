//! `scenarios/landed_cost.toml` worked by hand: value 500,000, freight 20,000, insurance 5,000 by ship; 8,000, 2,000 and 100
//! by air. Never re-recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::process::Command;

use serde_json::Value;

fn flows(args: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", "scenarios/landed_cost.toml", "--format", "json"])
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["scenarios"][0]["flows"].as_array().unwrap().clone()
}

/// A flow: customs value, duty, landed cost, then each charge.
fn row(flow: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let charge = |charge: &Value| format!("{} {}", text(&charge["measure"]), text(&charge["amount"]));
    let charges: Vec<String> = flow["charges"].as_array().unwrap().iter().map(charge).collect();
    let cells = ["id", "value", "duty", "landed_cost"].map(|cell| text(&flow[cell]));
    format!("{} | {}", cells.join(" "), charges.join(", "))
}

#[test]
fn three_countries() {
    let rows: Vec<String> = flows(&[]).iter().map(row).collect();
    assert_eq!(
        rows,
        [
            // fob: 12,500 + 125,000; 0.3464% = 1,732, above 651.50; 0.125% = 625; 500,000 + 25,000 + 138,776.50
            "ship-us 500000 137500 663776.5 | us-mfn 12500, us-s232 125000, us-mpf 651.5, us-hmf 625",
            // cif: 10% of 525,000; 19% of 577,500
            "ship-germany 525000 52500 687225 | eu-duty 52500, de-vat 109725",
            // cif: free; 10% of 525,000
            "ship-japan 525000 0 577500 | jp-duty 0, jp-tax 52500",
            // 200 + 2,000; 0.3464% = 27.712, below 33.58; no harbour fee; 8,000 + 2,100 + 2,233.58
            "plane-us 8000 2200 12333.58 | us-mfn 200, us-s232 2000, us-mpf 33.58",
            // 10% of 10,100; 19% of 11,110 = 2,110.90
            "plane-germany 10100 1010 13220.9 | eu-duty 1010, de-vat 2110.9",
            "plane-japan 10100 0 11110 | jp-duty 0, jp-tax 1010",
        ]
    );
}

#[test]
fn the_processing_fee_by_fiscal_year() {
    for (date, highest, least) in [
        ("2023-10-01", "614.35", "31.67"), // 2024
        ("2024-09-30", "614.35", "31.67"),
        ("2024-10-01", "634.62", "32.71"), // 2025
        ("2025-09-30", "634.62", "32.71"),
        ("2025-10-01", "651.5", "33.58"), // 2026
        ("2026-09-30", "651.5", "33.58"),
    ] {
        let flows = flows(&["--date", date]);
        for (flow, fee) in [(&flows[0], highest), (&flows[3], least)] {
            let row = row(flow);
            assert!(row.contains(&format!("us-mpf {fee}")), "{date}: {row}");
        }
    }
    // limits that were not read are not made up, and Germany and Japan need none
    for date in ["2023-09-30", "2026-10-01"] {
        let duties: Vec<bool> = flows(&["--date", date]).iter().map(|flow| flow["duty"].is_null()).collect();
        assert_eq!(duties, [true, false, false, true, false, false], "{date}");
    }
}

#[test]
fn the_fee_is_by_entry_and_between_its_limits_by_value() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flows.csv");
    let text = "\
id,product,origin,importer,value,entries,mode,mpf_floor,mpf_ceiling,date
one,87032301,TH,US,500000,1,air,,,2025-11-03
four,87032301,TH,US,500000,4,air,,,2025-11-03
middle,87032301,TH,US,100000,1,air,,,2025-11-03
next,87032301,TH,US,500000,1,air,34,660,2026-10-01
";
    fs::write(&file, text).unwrap();
    let rows: Vec<String> = flows(&["--flows", file.to_str().unwrap()]).iter().map(row).collect();
    let fee = |at: usize| rows[at].rsplit_once("us-mpf ").map(|(_, fee)| fee).unwrap();
    // 651.50; four entries may pay up to 2,606, so 0.3464% = 1,732; 0.3464% of 100,000; what the flow states
    assert_eq!([fee(0), fee(1), fee(2), fee(3)], ["651.5", "1732", "346.4", "660"]);
}

#[test]
fn before_section_232() {
    // 2.5% of 500,000 to 2 April 2025
    let duty = |date: &str| flows(&["--date", date])[0]["duty"].as_str().unwrap().to_owned();
    assert_eq!([duty("2025-04-02"), duty("2025-04-03")], ["12500", "137500"]);
}
