//! The agreement between the US and Japan, `scenarios/us_japan_agreement.toml`, day by day against rates that were printed,
//! or worked by hand from its rule. Never re-recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::process::Command;

use serde_json::Value;

const SCENARIO: &str = "scenarios/us_japan_agreement.toml";
const TRIGGER: &str = "scenarios/us_japan_agreement.toml#trigger";

/// What the program says of some flows; a row is product, origin, importer, date, value, tonnes, claims.
fn flows(scenario: &str, rows: &[String]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flows.csv");
    let rows: Vec<String> = rows.iter().map(|row| format!("{row},t")).collect();
    let columns = "product,origin,importer,date,value,quantity,claims,unit";
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

/// Checks the duty in tenths of a percent on goods worth 1,000,000, a tonne of them, on some days.
fn path(scenario: &str, goods: &str, claims: &str, table: &[(&str, u32)]) {
    let rows: Vec<String> =
        table.iter().map(|(date, _)| format!("{goods},{date},1000000,1,{claims}")).collect();
    for (flow, (date, rate)) in flows(scenario, &rows).iter().zip(table) {
        assert_eq!(flow["duty"], (rate * 1000).to_string(), "{goods} on {date}: {}", flow["charges"]);
    }
}

#[test]
fn us_beef_into_japan() {
    path(
        SCENARIO,
        "0201.30,US,JP",
        "usjta",
        &[
            ("2019-12-31", 385),
            ("2020-01-01", 266), // printed
            ("2020-02-01", 266),
            ("2020-03-31", 266),
            ("2020-04-01", 258), // printed
            ("2021-03-17", 258),
            ("2021-03-18", 385), // safeguard, 30 days
            ("2021-04-01", 385),
            ("2021-04-16", 385),
            ("2021-04-17", 250), // printed
            ("2021-04-20", 250),
            ("2022-04-01", 241), // printed; 27.5 - 4 x 7.5/9 = 24.17, cut off
            ("2023-04-01", 233), // 23.33
            ("2024-04-01", 225), // printed
            ("2025-04-01", 216), // 21.67
            ("2026-04-01", 208), // 20.83
            ("2027-04-01", 200),
            ("2028-04-01", 181), // 20 - 11/6 = 18.17
            ("2029-04-01", 163), // 16.33
            ("2030-04-01", 145),
            ("2031-04-01", 126), // 12.67
            ("2032-04-01", 108), // 10.83
            ("2033-04-01", 90),  // printed as the end
            ("2040-01-01", 90),
        ],
    );
    // frozen beef the same; unclaimed, and from elsewhere, 38.5
    path(SCENARIO, "0202.30,US,JP", "usjta", &[("2020-02-01", 266), ("2021-04-01", 385)]);
    path(SCENARIO, "0201.30,US,JP", "", &[("2020-02-01", 385), ("2021-04-01", 385), ("2024-06-03", 385)]);
    path(SCENARIO, "0201.30,BR,JP", "usjta", &[("2024-06-03", 385)]);
}

#[test]
fn safeguard_by_volume() {
    // 242,000 t in the fiscal year that began on 1 April 2020; 1,000 dollars a tonne
    let table = [
        ("2020-03-31", 300_000, "79800000"), // the year before: 26.6%
        ("2020-04-01", 233_122, "60145476"), // 25.8%
        ("2021-03-10", 9_107, "2378689"),    // 8,878 t at 25.8%, 229 t at 38.5%: 2,290,524 + 88,165
        ("2021-03-25", 1_000, "385000"),
        ("2021-03-31", 1, "385"),
        ("2021-04-01", 1_000, "250000"), // a new year, and no safeguard in it
        ("2022-03-31", 500_000, "125000000"),
    ];
    let rows: Vec<String> = table
        .iter()
        .map(|(date, tonnes, _)| format!("0201.30,US,JP,{date},{tonnes}000,{tonnes},usjta"))
        .collect();
    for (flow, (date, tonnes, duty)) in flows(TRIGGER, &rows).iter().zip(table) {
        assert_eq!(flow["duty"], duty, "{tonnes} t on {date}: {}", flow["charges"]);
    }
}

#[test]
fn lathes_and_ice_cream() {
    // 4.4, less 3 points, free
    path(
        SCENARIO,
        "8458.11.00,JP,US",
        "usjta",
        &[("2019-12-31", 44), ("2020-01-01", 14), ("2020-12-31", 14), ("2021-01-01", 0)],
    );
    path(SCENARIO, "8458.11.00,JP,US", "", &[("2021-01-01", 44)]);
    path(SCENARIO, "8458.11.00,TW,US", "usjta", &[("2021-01-01", 44)]);
    // 20 to 10 in five cuts of 2 points; 10 is printed in the schedule of 2025
    path(
        SCENARIO,
        "2105.00.05,JP,US",
        "usjta",
        &[
            ("2019-12-31", 200),
            ("2020-01-01", 180),
            ("2021-01-01", 160),
            ("2022-01-01", 140),
            ("2023-01-01", 120),
            ("2024-01-01", 100),
            ("2026-01-01", 100),
        ],
    );
}

#[test]
fn beef_into_the_us() {
    // 4.4 cents a kilogram is 44 dollars a tonne; beyond the quota 26.4%. A tonne is worth 10,000 dollars here, 2,640 in duty.
    let table = [
        // 2019: Japan 200 t of its own, the others 64,805 t
        ("JP", "2019-03-20", 200, "8800"),
        ("JP", "2019-03-21", 1, "2640"),
        ("BR", "2019-06-01", 64_805, "2851420"),
        ("BR", "2019-06-02", 1, "2640"),
        // 2020: one quota of 65,005 t
        ("JP", "2020-01-02", 1_000, "44000"),
        ("BR", "2020-02-01", 64_000, "2816000"),
        ("JP", "2020-02-02", 10, "13420"), // 5 t at 44, 5 t at 2,640: 220 + 13,200
        ("JP", "2020-12-31", 1, "2640"),
        // a new year
        ("JP", "2021-01-01", 1, "44"),
        // 2026: 65,005 less 13,000 that went to the UK
        ("BR", "2026-01-05", 52_005, "2288220"),
        ("JP", "2026-01-06", 1, "2640"),
        // Australia has a quota of its own, which is not here: it draws on nobody else's
        ("AU", "2024-01-01", 1, "2640"),
    ];
    let rows: Vec<String> = table
        .iter()
        .map(|(origin, date, tonnes, _)| format!("0202.30,{origin},US,{date},{tonnes}0000,{tonnes},"))
        .collect();
    for (flow, (origin, date, tonnes, duty)) in flows(SCENARIO, &rows).iter().zip(table) {
        assert_eq!(flow["duty"], duty, "{tonnes} t {origin} on {date}: {}", flow["charges"]);
    }
}

#[test]
fn without_the_agreement() {
    let scenario = "scenarios/us_japan_agreement.toml#no-agreement";
    path(scenario, "0201.30,US,JP", "", &[("2020-02-01", 385), ("2021-04-01", 385), ("2033-04-01", 385)]);
    path(scenario, "8458.11.00,JP,US", "", &[("2021-01-01", 44)]);
    // 200 t a year for Japan still, 64,805 t for the others
    let rows = [
        ("JP", "2024-01-15", 402, "542080"), // 200 x 44 + 202 x 2,640
        ("BR", "2024-02-27", 64_805, "2851420"),
        ("BR", "2024-02-28", 1, "2640"),
    ];
    let text: Vec<String> = rows
        .iter()
        .map(|(origin, date, tonnes, _)| format!("0201.30,{origin},US,{date},{tonnes}0000,{tonnes},"))
        .collect();
    for (flow, (origin, date, _, duty)) in flows(scenario, &text).iter().zip(rows) {
        assert_eq!(flow["duty"], duty, "{origin} on {date}: {}", flow["charges"]);
    }
}
