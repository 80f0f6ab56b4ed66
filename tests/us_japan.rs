//! The law on goods from Japan, `scenarios/us_japan.toml`, day by day against rates worked by hand from the instruments
//! it cites. Never re-recorded.
//!
//! MFN duty (HTS 2025 basic edition): car 8703.23.01 2.5%, light truck 8704.21.01 25%, gearbox 8708.40.11 2.5%, steel coil
//! 7208.39.00 free, aluminium sheet 7606.12.30 3%, T-shirt 6109.10.00 16.5%, bicycle 8712.00.15 11%, excavator 8429.52.10
//! free.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::process::Command;

use serde_json::Value;

const COLUMNS: &str = "product,origin,value,quantity,unit,claims,content.steel";

/// What the program says of flows entered on a day, one entry a row.
fn flows(scenario: &str, date: &str, rows: &[String]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flows.csv");
    fs::write(&file, format!("{COLUMNS}\n{}\n", rows.join("\n"))).unwrap();
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

/// Checks the duty on a flow worth USD 100,000, of which a rate of 1% is 1,000. A row is a product and its duty.
fn check(date: &str, table: &[(&str, &str)]) {
    let rows: Vec<String> = table.iter().map(|(product, _)| format!("{product},JP,100000,,,,")).collect();
    for (flow, (product, duty)) in flows("scenarios/us_japan.toml", date, &rows).iter().zip(table) {
        assert_eq!(flow["duty"], *duty, "{product} on {date}: {}", flow["charges"]);
    }
}

/// Checks one flow worth USD 100,000 with quantity, unit, claims and steel content as in `COLUMNS`.
fn check_one(date: &str, product: &str, rest: &str, duty: &str) {
    let rows = [format!("{product},JP,100000,{rest}")];
    let flow = &flows("scenarios/us_japan.toml", date, &rows)[0];
    assert_eq!(flow["duty"], duty, "{product} on {date}: {}", flow["charges"]);
}

/// The goods of the table, codes of eight and ten digits.
const GOODS: [&str; 8] =
    ["87032301", "8704210100", "8708401110", "7208390015", "76061230", "6109100012", "87120015", "84295210"];

/// Checks the duty in hundredths of a percent on car, truck, part, steel, aluminium, T-shirt, bicycle and excavator, on
/// the first and the last day of an interval.
fn interval(first: &str, last: &str, rates: [u32; 8]) {
    let duties: Vec<String> = rates.iter().map(|rate| (rate * 10).to_string()).collect();
    let table: Vec<(&str, &str)> = GOODS.iter().copied().zip(duties.iter().map(String::as_str)).collect();
    check(first, &table);
    check(last, &table);
}

/// Checks the duty before March 2025, where steel needs its tonnes: the other goods of `GOODS`, and steel worth 100,000
/// of 100 tonnes.
fn before(first: &str, last: &str, steel: u32, rates: [u32; 7]) {
    let goods = GOODS.iter().filter(|product| !product.starts_with("72"));
    let duties: Vec<String> = rates.iter().map(|rate| (rate * 10).to_string()).collect();
    let table: Vec<(&str, &str)> = goods.copied().zip(duties.iter().map(String::as_str)).collect();
    for date in [first, last] {
        check(date, &table);
        check_one(date, "7208390015", "100,t,,", &(steel * 10).to_string());
    }
}

#[test]
fn steel_and_aluminium_alone() {
    // the day before: MFN 2.5, 25, 2.5, 3, 16.5, 11, 0; steel free
    before("2018-03-22", "2018-03-22", 0, [250, 2500, 250, 300, 1650, 1100, 0]);
    // steel 25% on top (Proclamation 9705), aluminium 3 + 10 (Proclamation 9704)
    before("2018-03-23", "2022-03-31", 2500, [250, 2500, 250, 1300, 1650, 1100, 0]);
    // steel free within its quota, aluminium has none
    before("2022-04-01", "2025-03-11", 0, [250, 2500, 250, 1300, 1650, 1100, 0]);
}

#[test]
fn the_steel_quota_by_quarter() {
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", "scenarios/us_japan.toml", "--format", "json"])
        .args(["--flows", "scenarios/flows/us_steel_from_japan.csv"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let scenario = &document["scenarios"][0];
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    // 312,500 tonnes open each quarter; up to 12,500 (4%) of what is left goes to the next but one
    let cells = ["from", "carried_in", "drawn", "remaining", "exhausted"];
    let row = |quota: &Value| cells.map(|cell| text(&quota[cell])).join(" ");
    let quarters: Vec<String> = scenario["quotas"].as_array().unwrap().iter().map(row).collect();
    assert_eq!(
        quarters,
        [
            "2022-04-01 0 305000 7500 -",           // 305,000 entered
            "2022-07-01 0 300000 12500 -",          // 300,000
            "2022-10-01 7500 320000 0 2022-11-15",  // 330,000: 10,000 beyond 312,500 + 7,500
            "2023-01-01 12500 290000 35000 -",      // 290,000 of 325,000
            "2023-04-01 0 312500 0 2023-05-15",     // 320,000: 7,500 beyond
            "2023-07-01 12500 325000 0 2023-08-15", // 325,000: 12,500 of the 35,000 came along, and just do
            "2023-10-01 0 300000 12500 -",
            "2024-01-01 0 270000 42500 -",
            "2024-04-01 12500 260000 65000 -",
            "2024-07-01 12500 275000 50000 -",
            "2024-10-01 12500 280000 45000 -",
            "2025-01-01 12500 200000 125000 -",
        ]
    );
    // at 1,000 dollars a tonne: 25% of 100 million before the quota; of 10 and 7.5 million beyond it; of 50 million on 12
    // March 2025, 50% of 40 million on 4 June; aluminium worth 10 million 3 + 10%
    let owed: Vec<String> = scenario["flows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|flow| flow["duty"] != "0")
        .map(|flow| format!("{} {}", text(&flow["id"]), text(&flow["duty"])))
        .collect();
    assert_eq!(
        owed,
        [
            "2022-1 25000000",
            "2022-4 2500000",
            "2023-2 1875000",
            "march-2025 12500000",
            "june-2025 20000000",
            "aluminium-2024 1300000",
        ]
    );
}

#[test]
fn steel_under_the_quota_needs_its_tonnes() {
    let steel = ["72083900,JP,100000,,,,".to_owned()];
    for (date, is_known) in
        [("2022-03-31", true), ("2022-04-01", false), ("2025-03-11", false), ("2025-03-12", true)]
    {
        let flow = &flows("scenarios/us_japan.toml", date, &steel)[0];
        assert_eq!(flow["duty"] == "25000", is_known, "{date}: {flow}");
        assert_eq!(flow["duty"].is_null(), !is_known, "{date}: {flow}");
    }
}

#[test]
fn duties_on_top() {
    // metals 25% on top (Proclamations 10895, 10896): steel 0 + 25, aluminium 3 + 25; the rest pays MFN
    interval("2025-03-12", "2025-04-02", [250, 2500, 250, 2500, 2800, 1650, 1100, 0]);
    // cars and trucks 25% on top (Proclamation 10908): 2.5 + 25, 25 + 25
    interval("2025-04-03", "2025-04-04", [2750, 5000, 250, 2500, 2800, 1650, 1100, 0]);
    // 10% on top for the rest (Executive Order 14257): 16.5 + 10, 11 + 10, 0 + 10; not for goods under Section 232.
    // Parts 2.5 + 10: the scenario's assumption, no text settles it
    interval("2025-04-05", "2025-04-08", [2750, 5000, 1250, 2500, 2800, 2650, 2100, 1000]);
    // one day at 24%: 16.5 + 24, 11 + 24, 0 + 24; parts 2.5 + 24 by the same assumption
    interval("2025-04-09", "2025-04-09", [2750, 5000, 2650, 2500, 2800, 4050, 3500, 2400]);
    // back to 10% (Executive Order 14266)
    interval("2025-04-10", "2025-05-02", [2750, 5000, 1250, 2500, 2800, 2650, 2100, 1000]);
    // parts 2.5 + 25, and the reciprocal duty gives way
    interval("2025-05-03", "2025-06-03", [2750, 5000, 2750, 2500, 2800, 2650, 2100, 1000]);
    // metals 50% on top (Proclamation 10947): 0 + 50, 3 + 50
    interval("2025-06-04", "2025-08-06", [2750, 5000, 2750, 5000, 5300, 2650, 2100, 1000]);
}

#[test]
fn duties_in_all() {
    // 15% in all (Executive Order 14345, 90 FR 44638): the higher of MFN and 15, so 16.5, 15, 15; cars wait
    interval("2025-08-07", "2025-09-15", [2750, 5000, 2750, 5000, 5300, 1650, 1500, 1500]);
    // cars and parts 15 in all; the MFN duty of light trucks is above it, nothing is added: 25
    interval("2025-09-16", "2026-02-23", [1500, 2500, 1500, 5000, 5300, 1650, 1500, 1500]);
    // Section 122 (Proclamation 11012): 10% on top again, 16.5 + 10, 11 + 10, 0 + 10
    interval("2026-02-24", "2026-04-05", [1500, 2500, 1500, 5000, 5300, 2650, 2100, 1000]);
    // metals on their full value (Proclamation 11021), which mill products paid before
    interval("2026-04-06", "2026-07-23", [1500, 2500, 1500, 5000, 5300, 2650, 2100, 1000]);
    // 12.5% in all (91 FR 47318): the higher of MFN and 12.5
    interval("2026-07-24", "2026-11-22", [1500, 2500, 1500, 5000, 5300, 1650, 1250, 1250]);
}

#[test]
fn cars_that_are_not_on_the_list() {
    // US note 33(b) leaves out 8703.21: an ordinary good at 2.5 + 10, then 15, 2.5 + 10, 12.5
    check("2025-06-05", &[("87032101", "12500"), ("87039001", "27500"), ("8703800000", "27500")]);
    check("2025-10-01", &[("87032101", "15000"), ("87039001", "15000")]);
    check("2026-03-01", &[("87032101", "12500"), ("87039001", "15000")]);
    check("2026-08-01", &[("87032101", "12500"), ("87039001", "15000")]);
}

#[test]
fn parts_that_are_not_on_the_list() {
    // US note 33(g) names 8708.99.68 and not 8708.99.81: 2.5 + 25 and 2.5 + 10
    check("2025-06-05", &[("87089968", "27500"), ("87089981", "12500")]);
    // listed with ten digits only: the compressor of a car's air conditioner (free + 25), and another one (free + 10)
    check("2025-06-05", &[("8414308030", "25000"), ("8414308050", "10000")]);
}

#[test]
fn light_trucks_of_every_drive() {
    // 25 + 25, then 25
    let trucks = ["87042101", "87043101", "87044100", "87045100", "87046000"];
    check("2025-06-05", &trucks.map(|product| (product, "50000")));
    check("2025-09-20", &trucks.map(|product| (product, "25000")));
}

#[test]
fn annex_2() {
    // chips, chip machines, medicines and titanium (MFN 15%): no duty but MFN, from the first day to the last
    for date in ["2025-04-05", "2025-04-09", "2025-08-10", "2026-03-01", "2026-10-01"] {
        check(date, &[("85423100", "0"), ("84862000", "0"), ("30021500", "0"), ("81082000", "15000")]);
    }
    // silicones (MFN 3%) were dropped on 8 September 2025: 3, then 15 in all, 3 + 10, 12.5 in all
    check("2025-09-07", &[("39100000", "3000")]);
    check("2025-09-08", &[("39100000", "15000")]);
    check("2026-03-01", &[("39100000", "13000")]);
    check("2026-08-01", &[("39100000", "12500")]);
    // beef beyond the quota (MFN 26.4%): 26.4 + 10, then above the 15, exempt from 13 November 2025 and under Section 122
    check("2025-06-05", &[("02013080", "36400")]);
    check("2025-08-10", &[("02013080", "26400")]);
    check("2026-03-01", &[("02013080", "26400")]);
    // tea (MFN free): 15 in all to 12 November 2025
    check("2025-11-12", &[("09021090", "15000")]);
    check("2025-11-13", &[("09021090", "0")]);
}

#[test]
fn copper() {
    // copper foil (MFN 1%): in Annex II to 31 July 2025, then 1 + 50 (Proclamation 10962)
    check("2025-07-31", &[("74101100", "1000")]);
    check("2025-08-01", &[("74101100", "51000")]);
    check("2026-03-01", &[("74101100", "51000")]);
}

#[test]
fn steel_in_machines() {
    let steel = ",,,0.4";
    // an excavator (MFN free) of which 40% is steel: 10 in all before 18 August 2025
    check_one("2025-08-06", "84295210", steel, "10000");
    // then 0.4 x 50 on the steel and 0.6 x 15 on the rest: 20 + 9
    check_one("2025-08-18", "84295210", steel, "29000");
    // 0.4 x 50 and 0.6 x 10: 20 + 6
    check_one("2026-03-01", "84295210", steel, "26000");
    // full value: 25, then 15 (Proclamations 11021, 11032)
    check_one("2026-04-06", "84295210", steel, "25000");
    check_one("2026-06-08", "84295210", steel, "15000");
    // vehicle parts (MFN 2.5%): 2.5 + 0.4 x 50 + 0.6 x (15 - 2.5) = 2.5 + 20 + 7.5, then 2.5 + 25
    check_one("2025-10-01", "87089981", steel, "30000");
    check_one("2026-08-01", "87089981", steel, "27500");
    // outboard motors (MFN free) were taken out again: 12.5 in all
    check_one("2026-08-01", "84072100", steel, "12500");
}

#[test]
fn preference_of_the_agreement() {
    // a lathe (8458.11.00, MFN 4.4%) is free for Japan if it is claimed: 0 + 10 instead of 4.4 + 10
    check_one("2025-04-06", "84581100", ",,usjta,", "10000");
    check_one("2025-04-06", "84581100", ",,,", "14400");
    // it saves nothing under a duty in all: 15 and 12.5 either way
    check_one("2025-08-10", "84581100", ",,usjta,", "15000");
    check_one("2026-08-01", "84581100", ",,usjta,", "12500");
}

#[test]
fn duties_by_quantity() {
    // sake, 3 cents a litre: 20,000 litres are 600, 0.6% of the value; + 10%, then 15% in all, + 10%, 12.5% in all
    let litres = "20000,l,,";
    check_one("2025-03-20", "22060045", litres, "600");
    check_one("2025-06-05", "22060045", litres, "10600");
    check_one("2025-08-10", "22060045", litres, "15000");
    check_one("2026-03-01", "22060045", litres, "10600");
    check_one("2026-08-01", "22060045", litres, "12500");
    // pens, 0.8 cents each and 5.4%: 500,000 are 4,000 + 5,400, 9.4%
    check_one("2025-03-20", "96081000", "500000,each,,", "9400");
}

#[test]
fn what_cannot_be_computed() {
    // sake without litres; a watch whose duty falls on case, strap and battery by themselves
    let rows = ["22060045,JP,100000,,,,", "91021125,JP,100000,5000,each,,"].map(str::to_owned);
    for flow in flows("scenarios/us_japan.toml", "2025-06-05", &rows) {
        assert_eq!(flow["duty"], Value::Null, "{flow}");
    }
}

#[test]
fn patented_medicines() {
    // 15% in all from 31 July 2026, if they are patented
    let rows = ["30021500,JP,100000,,,,".to_owned()];
    let scenario = "scenarios/us_japan.toml#patented-medicines";
    assert_eq!(flows(scenario, "2026-07-30", &rows)[0]["duty"], "0");
    assert_eq!(flows(scenario, "2026-07-31", &rows)[0]["duty"], "15000");
}
