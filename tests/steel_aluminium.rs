//! Section 232 on steel and aluminium, `scenarios/steel_aluminium.toml` and `scenarios/steel_quotas.toml`, by origin and day
//! against rates worked by hand from the instruments they cite. Never re-recorded.
//!
//! MFN duty (HTS 2025 basic edition): galvanised sheet 7210.49.00 free, unwrought alloy 7601.20.90 free, aluminium sheet
//! 7606.12.30 3% (free for Korea, Canada, Mexico and Australia), excavator 8429.52.10 and furniture 9403.20.00 free.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::process::Command;

use serde_json::Value;

const COLUMNS: &str =
    "product,origin,value,quantity,unit,date,content.steel,content.aluminium,annex,metal_weight,us_metal";

/// What the program says of some flows, one entry a row.
fn run(rows: &[String], extra: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flows.csv");
    fs::write(&file, format!("{COLUMNS}\n{}\n", rows.join("\n"))).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", "scenarios/steel_aluminium.toml", "--format", "json", "--flows"])
        .arg(&file)
        .args(extra)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    document["scenarios"][0].clone()
}

/// Checks the duty in percent of a flow worth USD 100,000 of which a rate of 1% is 1,000; by origin, on the first and the
/// last day of an interval.
fn interval(first: &str, last: &str, product: &str, rates: &[(&str, u32)]) {
    for date in [first, last] {
        let rows: Vec<String> =
            rates.iter().map(|(origin, _)| format!("{product},{origin},100000,,,,,,,,")).collect();
        let found = run(&rows, &["--date", date]);
        for (flow, (origin, rate)) in found["flows"].as_array().unwrap().iter().zip(rates) {
            assert_eq!(
                flow["duty"],
                (rate * 1000).to_string(),
                "{product} {origin} {date}: {}",
                flow["charges"]
            );
        }
    }
}

/// Checks the duty on a flow worth USD 100,000; `rest` is its columns from content.steel on.
fn check(date: &str, product: &str, origin: &str, rest: &str, duty: &str) {
    let found = run(&[format!("{product},{origin},100000,,,,{rest}")], &["--date", date]);
    assert_eq!(
        found["flows"][0]["duty"], duty,
        "{product} {origin} {date}: {}",
        found["flows"][0]["charges"]
    );
}

const SHEET: &str = "72104900";
const ALLOY: &str = "76012090";

#[test]
fn steel_by_origin() {
    interval("2018-03-22", "2018-03-22", SHEET, &[("JP", 0), ("TW", 0)]);
    // 25% (Proclamation 9705); the EU, the UK in it, Canada and Mexico exempt to 31 May 2018, Korea, Brazil, Argentina
    // and Australia for as long as the deals lasted
    let exempt = [("KR", 0), ("BR", 0), ("AR", 0), ("AU", 0)];
    for (first, last) in [("2018-03-23", "2018-05-31"), ("2018-06-01", "2025-03-11")] {
        interval(first, last, SHEET, &exempt);
    }
    interval(
        "2018-03-23",
        "2018-05-31",
        SHEET,
        &[("JP", 25), ("TW", 25), ("EU", 0), ("DE", 0), ("GB", 0), ("CA", 0), ("MX", 0)],
    );
    interval(
        "2018-06-01",
        "2019-05-19",
        SHEET,
        &[("JP", 25), ("EU", 25), ("DE", 25), ("GB", 25), ("CA", 25), ("MX", 25)],
    );
    interval("2019-05-20", "2025-03-11", SHEET, &[("TW", 25), ("CA", 0), ("MX", 0)]);
    interval("2019-05-20", "2021-12-31", SHEET, &[("JP", 25), ("EU", 25), ("GB", 25)]);
    // every origin pays 25% (Proclamation 10896), then 50% (Proclamation 10947), the UK still 25%
    let all = ["JP", "EU", "GB", "CA", "MX", "KR", "BR", "AR", "AU", "TW"];
    interval("2025-03-12", "2025-06-03", SHEET, &all.map(|origin| (origin, 25)));
    interval(
        "2025-06-04",
        "2026-11-22",
        SHEET,
        &all.map(|origin| (origin, if origin == "GB" { 25 } else { 50 })),
    );
}

#[test]
fn aluminium_by_origin() {
    // 10% (Proclamation 9704); Korea exempt to 30 April, Brazil to 31 May 2018
    interval("2018-03-23", "2018-04-30", ALLOY, &[("JP", 10), ("KR", 0), ("BR", 0), ("EU", 0), ("CA", 0)]);
    interval("2018-05-01", "2018-05-31", ALLOY, &[("JP", 10), ("KR", 10), ("BR", 0), ("EU", 0), ("CA", 0)]);
    interval("2018-06-01", "2019-05-19", ALLOY, &[("KR", 10), ("BR", 10), ("EU", 10), ("CA", 10), ("AR", 0)]);
    // Japan had no quota for aluminium
    interval("2019-05-20", "2025-03-11", ALLOY, &[("JP", 10), ("KR", 10), ("CA", 0), ("AU", 0)]);
    // 25% (Proclamation 10895), 50%
    interval("2025-03-12", "2025-06-03", ALLOY, &[("JP", 25), ("GB", 25), ("CA", 25), ("AU", 25)]);
    interval("2025-06-04", "2026-11-22", ALLOY, &[("JP", 50), ("GB", 25), ("CA", 50), ("AU", 50)]);
    // sheet pays its MFN duty of 3% as well, if no agreement frees it of that
    interval(
        "2025-06-04",
        "2026-11-22",
        "76061230",
        &[("JP", 53), ("EU", 53), ("GB", 28), ("KR", 50), ("CA", 50)],
    );
}

#[test]
fn furniture_on_its_metal() {
    // 50% steel and 20% aluminium: 0.5 x 25 + 0.2 x 25 = 17.5, and twice that since 4 June 2025; the UK stays
    let metal = "0.5,0.2,I-B,,";
    check("2025-03-11", "94032000", "TW", metal, "0");
    check("2025-03-12", "94032000", "TW", metal, "17500");
    check("2025-06-04", "94032000", "TW", metal, "35000");
    check("2025-06-04", "94032000", "GB", metal, "17500");
    check("2026-04-05", "94032000", "TW", metal, "35000");
    // on the full value (Proclamation 11021): 25, from the UK 15
    check("2026-04-06", "94032000", "TW", metal, "25000");
    check("2026-04-06", "94032000", "GB", metal, "15000");
    // annex II: out; annex III: 15 in all to the end of 2027, then 25
    check("2026-04-06", "94032000", "TW", "0.5,0.2,II,,", "0");
    check("2026-04-06", "94032000", "TW", "0.5,0.2,III,,", "15000");
    check("2027-12-31", "94032000", "TW", "0.5,0.2,III,,", "15000");
    check("2028-01-01", "94032000", "TW", "0.5,0.2,III,,", "25000");
}

#[test]
fn light_in_metal_or_of_us_metal() {
    // less than 15% of the weight is metal: out
    check("2026-10-01", "94032000", "TW", "0.2,,I-B,14.9%,", "0");
    check("2026-10-01", "94032000", "TW", "0.2,,I-B,15%,", "25000");
    // at least 95% US metal earns 10%, at least 85% since 8 June 2026
    check("2026-06-07", "94032000", "TW", "0.5,,I-B,,94%", "25000");
    check("2026-06-07", "94032000", "TW", "0.5,,I-B,,95%", "10000");
    check("2026-06-08", "94032000", "TW", "0.5,,I-B,,85%", "10000");
    check("2026-06-08", "94032000", "TW", "0.5,,I-B,,84%", "25000");
}

#[test]
fn machinery() {
    // an excavator of which 40% is steel: on the list since 18 August 2025, 0.4 x 50; 0.4 x 25 from the UK
    let steel = "0.4,,I-B,,";
    check("2025-08-17", "84295210", "JP", steel, "0");
    check("2025-08-18", "84295210", "JP", steel, "20000");
    check("2025-08-18", "84295210", "GB", steel, "10000");
    check("2026-04-05", "84295210", "JP", steel, "20000");
    // 25 on the full value, from partners 15 in all since 8 June 2026 (Proclamation 11032)
    check("2026-04-06", "84295210", "JP", steel, "25000");
    check("2026-06-07", "84295210", "JP", steel, "25000");
    for (origin, duty) in
        [("JP", "15000"), ("DE", "15000"), ("GB", "15000"), ("CA", "25000"), ("CN", "25000")]
    {
        check("2026-06-08", "84295210", origin, steel, duty);
    }
}

#[test]
fn what_cannot_be_computed() {
    // furniture that does not say how much steel it holds; its annex; steel within a quota without tonnes
    for (date, row) in [
        ("2025-06-05", "94032000,TW,100000,,,,,,I-B,,"),
        ("2026-10-01", "94032000,TW,100000,,,,0.5,,,,"),
        ("2024-06-03", "72104900,JP,100000,,,,,,,,"),
    ] {
        let found = run(&[row.to_owned()], &["--date", date]);
        assert_eq!(found["flows"][0]["duty"], Value::Null, "{row} on {date}");
    }
}

#[test]
fn quota_of_japan() {
    // 1,250,000 / 4 = 312,500 t a quarter from 1 April 2022. 300,000 t in April leave 12,500 for 100,000 t in May, of which
    // 7/8 pay 25%. The third quarter has 312,500; the fourth gets nothing of the second's, which was used up; the
    // first of 2023 gets 4% of the third's 312,500, 12,500, if so much is left: here 12,500 of 300,000 used.
    let rows = [
        ("2022-03-31", 10_000, "2500000"),
        ("2022-04-15", 300_000, "0"),
        ("2022-05-15", 100_000, "2187500"),
        ("2022-08-01", 300_000, "0"),
        ("2022-11-01", 312_500, "0"),
        ("2022-12-01", 1_000, "2500000"),
        ("2023-02-01", 325_000, "0"),
        ("2023-03-01", 1_000, "2500000"),
    ];
    let text: Vec<String> =
        rows.iter().map(|(date, tonnes, _)| format!("{SHEET},JP,10000000,{tonnes},t,{date},,,,,")).collect();
    let found = run(&text, &[]);
    for (flow, (date, tonnes, duty)) in found["flows"].as_array().unwrap().iter().zip(rows) {
        assert_eq!(flow["duty"], duty, "{tonnes} t on {date}: {}", flow["charges"]);
    }
}

#[test]
fn other_quotas() {
    let rows = [
        // the UK in June 2022: 30 of the quarter's 91 days of 125,000 t are 41,208.79 t; 208.79 of the 300 t are within,
        // 91.208791.../300 x 25% of 1,000,000
        ("GB", SHEET, "2022-05-31", 1_000, "250000"),
        ("GB", SHEET, "2022-06-01", 41_000, "0"),
        ("GB", SHEET, "2022-06-02", 300, "76007"),
        // wrought aluminium from the EU: 60% of 366,040 t is 219,624, then 146,416 and what was left; 3% MFN
        ("EU", "76061230", "2023-02-01", 200_000, "30000"),
        ("EU", "76061230", "2023-08-01", 166_040, "30000"),
        ("EU", "76061230", "2023-08-02", 1_000, "130000"),
        ("EU", "76061230", "2024-01-02", 219_624, "30000"),
        ("EU", "76061230", "2024-01-03", 1_000, "130000"),
        // unwrought, 60% of 18,000 t; and none of it after the deal is over
        ("EU", ALLOY, "2024-01-02", 10_800, "0"),
        ("EU", ALLOY, "2024-01-03", 1_000, "100000"),
        ("EU", ALLOY, "2025-03-11", 10_000, "0"),
        ("EU", ALLOY, "2025-03-12", 100, "250000"),
        // steel from the EU: 3,300,000 / 4 = 825,000 t a quarter, members and Union in one pool
        ("EU", SHEET, "2024-04-01", 800_000, "0"),
        ("DE", SHEET, "2024-04-02", 100_000, "187500"), // 75,000 of 100,000 t over: 0.75 x 25%
    ];
    let text: Vec<String> = rows
        .iter()
        .map(|(origin, product, date, tonnes, _)| {
            format!("{product},{origin},1000000,{tonnes},t,{date},,,,,")
        })
        .collect();
    let found = run(&text, &[]);
    for (flow, (origin, product, date, tonnes, duty)) in found["flows"].as_array().unwrap().iter().zip(rows) {
        // whole dollars: 30 days of 91 are not a decimal
        let whole = flow["duty"].as_str().unwrap().split('.').next().unwrap();
        assert_eq!(whole, duty, "{origin} {product} {tonnes} t on {date}: {}", flow["charges"]);
    }
}
