//! The agreement between Japan and the EU, `scenarios/japan_eu_epa.toml`, day by day against rates that were printed, or
//! worked by hand from the rule of equal annual cuts. Never re-recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::process::Command;

use serde_json::Value;

const SCENARIO: &str = "scenarios/japan_eu_epa.toml";

/// What the program says of some flows, one entry a row of product, origin, importer, date, value, quantity, unit, freight.
fn flows(scenario: &str, rows: &[String]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flows.csv");
    let columns = "product,origin,importer,date,value,quantity,unit,freight,claims";
    fs::write(&file, format!("{columns}\n{}\n", rows.join("\n"))).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", scenario, "--format", "json", "--flows"])
        .arg(&file)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["scenarios"][0]["flows"].as_array().unwrap().clone()
}

/// The claim of the agreement.
const EPA: &str = "epa";

/// Checks the duty in tenths of a percent on goods worth 1,000,000 on some days.
fn by_value(product: &str, origin: &str, importer: &str, table: &[(&str, u32)]) {
    let rows: Vec<String> = table
        .iter()
        .map(|(date, _)| format!("{product},{origin},{importer},{date},1000000,,,,{EPA}"))
        .collect();
    for (flow, (date, rate)) in flows(SCENARIO, &rows).iter().zip(table) {
        assert_eq!(flow["duty"], (rate * 1000).to_string(), "{product} on {date}: {}", flow["charges"]);
    }
}

/// Checks the duty on 1,000 kg or litres of what a table says they are worth.
fn by_quantity(scenario: &str, product: &str, unit: &str, table: &[(&str, &str, &str)]) {
    let rows: Vec<String> = table
        .iter()
        .map(|(date, value, _)| format!("{product},EU,JP,{date},{value},1000,{unit},,{EPA}"))
        .collect();
    for (flow, (date, value, duty)) in flows(scenario, &rows).iter().zip(table) {
        assert_eq!(flow["duty"], *duty, "{product} worth {value} on {date}: {}", flow["charges"]);
    }
}

#[test]
fn cars() {
    // 10% less an eighth every 1 February, to one decimal, a half up: 8.75, 7.5, 6.25, 5, 3.75, 2.5, 1.25, 0. Printed: 8.8
    by_value(
        "870323",
        "JP",
        "EU",
        &[
            ("2019-01-31", 100),
            ("2019-02-01", 88),
            ("2019-06-03", 88),
            ("2020-01-31", 88),
            ("2020-02-01", 75),
            ("2021-02-01", 63),
            ("2022-02-01", 50),
            ("2023-02-01", 38),
            ("2024-02-01", 25),
            ("2025-01-31", 25),
            ("2025-02-01", 13),
            ("2025-06-05", 13),
            ("2026-01-31", 13),
            ("2026-02-01", 0),
            ("2026-03-02", 0),
            ("2030-01-01", 0),
        ],
    );
    // the MFN duty for others, and for members; the duty falls on what the cars are worth with their freight
    let rows = [
        "870323,KR,EU,2026-03-02,1000000,,,,",
        "870323,JP,DE,2025-06-05,1000000,,,100000,epa",
        "870323,JP,EU,2025-06-05,1000000,,,,",
    ];
    let found = flows(SCENARIO, &rows.map(str::to_owned));
    assert_eq!(found[0]["duty"], "100000");
    assert_eq!(found[1]["duty"], "14300"); // 1.3% of 1,100,000
    assert_eq!(found[2]["duty"], "100000", "a preference that is not claimed");
}

#[test]
fn cheese() {
    // 29.8% less a sixteenth on the first day and every 1 April: 27.94, 26.08, 24.21, ..., printed 16.8 from 1 April 2024
    by_value(
        "040690",
        "EU",
        "JP",
        &[
            ("2019-01-31", 298),
            ("2019-02-01", 279),
            ("2019-03-31", 279),
            ("2019-04-01", 261), // 29.8 x 14/16 = 26.075
            ("2020-04-01", 242), // x 13/16 = 24.21
            ("2024-03-31", 186), // x 10/16 = 18.63
            ("2024-04-01", 168), // printed
            ("2025-04-01", 149), // x 8/16
            ("2033-03-31", 19),  // x 1/16 = 1.86
            ("2033-04-01", 0),
        ],
    );
    // grated, 26.3%: printed 14.8 for 2024 and 13.2 for 2025
    by_value(
        "040620",
        "FR",
        "JP",
        &[("2019-01-31", 263), ("2024-04-01", 148), ("2025-04-01", 132), ("2033-04-01", 0)],
    );
}

#[test]
fn beef() {
    // 38.5, 27.5 on the first day, 7.5 points in nine cuts to 2027, 11 points in six cuts to 2033; printed 22.5 for 2024
    by_value(
        "020230",
        "EU",
        "JP",
        &[
            ("2019-01-31", 385),
            ("2019-02-01", 275),
            ("2019-04-01", 267), // 27.5 - 7.5/9 = 26.67
            ("2020-04-01", 258), // 25.83
            ("2021-04-01", 250),
            ("2022-04-01", 242), // 24.17
            ("2024-04-01", 225),
            ("2027-04-01", 200),
            ("2028-04-01", 182), // 20 - 11/6 = 18.17
            ("2033-03-31", 108), // 20 - 55/6 = 10.83
            ("2033-04-01", 90),
        ],
    );
}

#[test]
fn wine() {
    // 15% of 700 is 105 a litre; of 300 it is 45, but at least 67; of 2,000 it is 300, but at most 125; free from day one
    by_quantity(
        SCENARIO,
        "220421",
        "l",
        &[
            ("2019-01-31", "700000", "105000"),
            ("2019-01-31", "300000", "67000"),
            ("2019-01-31", "2000000", "125000"),
            ("2019-02-01", "300000", "0"),
            ("2026-10-01", "2000000", "0"),
        ],
    );
}

#[test]
fn pork_and_its_gate_price() {
    // MFN per kilogram: at 50 yen 482; at 64.53 the same; at 400 546.53 - 400; at 524 22.53 either way; at 600 4.3%
    let without = "scenarios/japan_eu_epa.toml#no-agreement";
    by_quantity(
        without,
        "020319",
        "kg",
        &[
            ("2024-06-03", "50000", "482000"),
            ("2024-06-03", "64530", "482000"),
            ("2024-06-03", "400000", "146530"),
            ("2024-06-03", "524000", "22532"), // 4.3% is 22.532, the difference 22.53
            ("2024-06-03", "600000", "25800"),
        ],
    );
    // for 2024 printed: (524 x 1.007 - value) or 62, whichever is less; above the gate price 0.7%
    by_quantity(
        SCENARIO,
        "020319",
        "kg",
        &[
            ("2024-06-03", "50000", "62000"),
            ("2024-06-03", "400000", "62000"),
            ("2024-06-03", "465668", "62000"), // 527.668 - 62
            ("2024-06-03", "500000", "27668"), // 527.668 - 500
            ("2024-06-03", "524000", "3668"),
            ("2024-06-03", "600000", "4200"),
            // the last step: 50 and nothing
            ("2027-04-01", "400000", "50000"),
            ("2027-04-01", "500000", "24000"),
            ("2027-04-01", "600000", "0"),
            ("2019-01-31", "400000", "146530"),
        ],
    );
}

#[test]
fn cheese_quota() {
    // Processed cheese, 40%; in quota 35% from 1 April 2019, 25%, 22.5%, 20% printed for 2023 to 2025. 10,000 yen a tonne.
    let row = |date: &str, product: &str, tonnes: u32| {
        format!("{product},EU,JP,{date},{tonnes}0000,{tonnes},t,,epa")
    };
    let table = [
        // two twelfths of 20,000 t are 3,333.3 t: 3,333 t are within, of the next 1,000 only a third of a tonne
        (row("2019-02-01", "040630", 3_333), "12498750"), // 37.5%
        (row("2019-03-31", "040630", 1_000), "3999916"),  // 40% but for 1/3 t x 10,000 x 2.5 points, 83.33
        // 20,600 t from 1 April 2019
        (row("2019-04-01", "040630", 20_000), "70000000"), // 35%
        (row("2019-05-01", "040630", 1_000), "3700000"),   // 600 t at 35%, 400 t at 40%
        (row("2020-03-31", "040610", 1_000), "2980000"),   // the quota is used up: 29.8%
        (row("2023-06-01", "040630", 1_000), "2500000"),
        (row("2024-06-01", "040630", 1_000), "2250000"),
        (row("2024-06-01", "040610", 1_000), "1680000"),
        (row("2025-06-01", "040630", 1_000), "2000000"),
        // 31,000 t from 1 April 2033, free
        (row("2033-04-01", "040630", 31_000), "0"),
        (row("2033-04-02", "040630", 1_000), "4000000"),
    ];
    let rows: Vec<String> = table.iter().map(|(row, _)| row.clone()).collect();
    for (flow, (row, duty)) in flows(SCENARIO, &rows).iter().zip(&table) {
        // whole yen: a third of a tonne is not a decimal
        let whole = flow["duty"].as_str().unwrap().split('.').next().unwrap();
        assert_eq!(whole, *duty, "{row}: {}", flow["charges"]);
    }
    // who does not claim it draws nothing and pays MFN
    let unclaimed = ["040630,EU,JP,2024-06-01,10000,1,t,,".to_owned()];
    assert_eq!(flows(SCENARIO, &unclaimed)[0]["duty"], "4000");
}
