//! `scenarios/cptpp.toml` against rates worked by hand from the agreement's calendars. Every flow is worth USD 1,000,000, so
//! that a rate of 1% is 10,000. Never re-recorded.

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

/// Checks the rate, in hundredths of a percent, that flows pay when entered on a day.
fn rates(variant: &str, date: &str, table: &[(&str, u32)]) {
    let scenario = run(&format!("scenarios/cptpp.toml{variant}"), &["--date", date]);
    for (id, rate) in table {
        let flow = scenario["flows"].as_array().unwrap().iter().find(|flow| flow["id"] == *id).unwrap();
        assert_eq!(flow["duty"], (rate * 100).to_string(), "{id} on {date}: {}", flow["charges"]);
    }
}

#[test]
fn canada_cuts_on_1_january() {
    // 6.1% before, then 5.5, 5, 2.5, 2, 0: Global Affairs Canada; in force on 30 December 2018, cuts on 1 January
    let steps = [
        ("2018-12-29", 610),
        ("2018-12-30", 550),
        ("2018-12-31", 550),
        ("2019-01-01", 500),
        ("2019-12-31", 500),
        ("2020-01-01", 250),
        ("2021-01-01", 200),
        ("2021-12-31", 200),
        ("2022-01-01", 0),
        ("2026-10-01", 0),
    ];
    for (date, rate) in steps {
        // China is no member
        rates("", date, &[("ca-car-jp", rate), ("ca-car-cn", 610)]);
    }
}

#[test]
fn japan_cuts_on_1_april() {
    // 38.5% before, 27.5% on the first day; to 20% in nine cuts of 7.5/9 = 0.8333, to 9% in six of 11/6 = 1.8333, cut to one
    // place: 27.5 - 0.8333 = 26.66, 25.83, 25, 24.16, 23.33, 22.5, 21.66, 20.83, 20, 18.16, 16.33, 14.5, 12.66, 10.83, 9
    let years = [2660, 2580, 2500, 2410, 2330, 2250, 2160, 2080, 2000, 1810, 1630, 1450, 1260, 1080, 900];
    rates("", "2018-12-29", &[("jp-beef-ca", 3850)]);
    rates("", "2018-12-30", &[("jp-beef-ca", 2750)]);
    // Canada has cut twice, Japan once
    rates("", "2019-01-01", &[("jp-beef-ca", 2750), ("ca-car-jp", 500)]);
    let mut before = 2750;
    for (year, rate) in (2019..).zip(years) {
        rates("", &format!("{year}-03-31"), &[("jp-beef-ca", before)]);
        rates("", &format!("{year}-04-01"), &[("jp-beef-ca", rate), ("jp-beef-uy", 3850)]);
        before = rate;
    }
    rates("", "2040-01-01", &[("jp-beef-ca", 900)]);
}

#[test]
fn us_beef_pays_the_same_by_an_agreement_of_its_own() {
    // 26.6% from 1 January 2020, 25.8% from 1 April 2020: both as reported
    rates("", "2019-12-31", &[("jp-beef-us", 3850), ("jp-beef-ca", 2660)]);
    rates("", "2020-01-01", &[("jp-beef-us", 2660), ("jp-beef-ca", 2660)]);
    rates("", "2020-04-01", &[("jp-beef-us", 2580), ("jp-beef-ca", 2580)]);
    rates("", "2026-10-01", &[("jp-beef-us", 2080), ("jp-beef-ca", 2080)]);
}

#[test]
fn egg_yolk() {
    // printed for 1 April 2024: 18.8% for all, 14.1% for China by RCEP, free for members
    rates("", "2024-04-01", &[("jp-yolk-cn", 1410), ("jp-yolk-nz", 0)]);
    // 18.8 x 10/16 = 11.75, rounded 11.8
    rates("", "2026-10-01", &[("jp-yolk-cn", 1180)]);
    rates("", "2021-12-31", &[("jp-yolk-cn", 1880)]);
}

#[test]
fn cars_outside() {
    // US 2.5%, with 25% on top, then 15% in all (90 FR 44638); EU 10%; Australia 5%
    rates("", "2025-04-02", &[("us-car-jp", 250)]);
    rates("", "2025-04-03", &[("us-car-jp", 2750)]);
    rates("", "2026-10-01", &[("us-car-jp", 1500), ("de-car-my", 1000), ("au-car-de", 500)]);
}

#[test]
fn the_us_joins() {
    // 15% counts in whatever the agreement leaves of 2.5%
    rates("#us-joins", "2026-10-01", &[("us-car-jp", 1500), ("jp-beef-us", 2080)]);
    rates("#us-joins", "2051-06-01", &[("us-car-jp", 1500)]);
    // without it: 2.5% for 20 years less the cuts left out, 1.25%, free after 25 years (gist of 2015)
    rates("#us-joins-without-232", "2026-10-01", &[("us-car-jp", 250)]);
    rates("#us-joins-without-232", "2046-01-01", &[("us-car-jp", 125)]);
    rates("#us-joins-without-232", "2051-01-01", &[("us-car-jp", 0)]);
}

#[test]
fn china_joins_and_the_eu_links() {
    rates("#china-joins", "2026-10-01", &[("ca-car-cn", 0), ("jp-yolk-cn", 0), ("ca-car-jp", 0)]);
    rates("#china-joins", "2025-12-31", &[("ca-car-cn", 610), ("jp-yolk-cn", 1290)]); // 18.8 x 11/16 = 12.925
    rates("#eu-links", "2026-10-01", &[("de-car-my", 0), ("au-car-de", 0), ("ca-car-cn", 610)]);
}
