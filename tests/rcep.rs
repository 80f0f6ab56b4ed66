//! `scenarios/rcep.toml` and `scenarios/cjk_fta.toml` against rates worked by hand: base x (cuts to come) / (all cuts), to
//! one place with halves up. Every flow is worth JPY 10,000,000, so that a rate of 1% is 100,000. Never re-recorded.
//!
//! Printed in Japan's schedule of 1 April 2024: grape juice 19.1%, China 14.3%, Korea none; egg yolk 18.8%, China 14.1%,
//! Korea none; menthol 5.5%, both 3.5%; cotton yarn 1.9% or 13 yen/kg, China 1.2% or 8.27 yen/kg, Korea free.

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
fn rates(scenario: &str, date: &str, table: &[(&str, u32)]) {
    let result = run(&format!("scenarios/{scenario}"), &["--date", date]);
    for (id, rate) in table {
        let flow = result["flows"].as_array().unwrap().iter().find(|flow| flow["id"] == *id).unwrap();
        assert_eq!(flow["duty"], (rate * 1000).to_string(), "{id} on {date}: {}", flow["charges"]);
    }
}

#[test]
fn japan_as_printed_in_2024() {
    let printed = [
        ("jp-juice-cn", 1430),
        ("jp-juice-kr", 1910),
        ("jp-yolk-cn", 1410),
        ("jp-yolk-kr", 1880),
        ("jp-menthol-cn", 350),
        ("jp-menthol-kr", 350),
        ("jp-yarn-kr", 0),
    ];
    rates("rcep.toml", "2024-04-01", &printed);
    rates("rcep.toml", "2025-03-31", &printed);
}

#[test]
fn japan_cuts_on_1_april() {
    // juice 19.1 x 15/16 = 17.906, x 14/16 = 16.71, x 13/16 = 15.52; menthol 5.5 x 10/11 = 5, x 9/11 = 4.5
    rates("rcep.toml", "2021-12-31", &[("jp-juice-cn", 1910), ("jp-menthol-cn", 550)]);
    rates("rcep.toml", "2022-01-01", &[("jp-juice-cn", 1790), ("jp-menthol-cn", 500)]);
    rates("rcep.toml", "2022-03-31", &[("jp-juice-cn", 1790), ("jp-menthol-cn", 500)]);
    rates("rcep.toml", "2022-04-01", &[("jp-juice-cn", 1670), ("jp-menthol-cn", 450)]);
    rates("rcep.toml", "2023-04-01", &[("jp-juice-cn", 1550), ("jp-menthol-cn", 400)]);
    // x 10/16: 11.9375 and 11.75; x 5/11: 2.5
    rates("rcep.toml", "2026-10-01", &[("jp-juice-cn", 1190), ("jp-yolk-cn", 1180), ("jp-menthol-kr", 250)]);
    // the last of 16 cuts falls on 1 April 2036, of 11 on 1 April 2031: 19.1/16 = 1.19, 5.5/11 = 0.5
    rates("rcep.toml", "2036-03-31", &[("jp-juice-cn", 120)]);
    rates("rcep.toml", "2036-04-01", &[("jp-juice-cn", 0)]);
    rates("rcep.toml", "2031-03-31", &[("jp-menthol-cn", 50)]);
    rates("rcep.toml", "2031-04-01", &[("jp-menthol-cn", 0)]);
}

#[test]
fn korea_came_in_a_month_later() {
    rates("rcep.toml", "2022-01-31", &[("jp-menthol-kr", 550), ("kr-sake-jp", 1500), ("cn-sake-jp", 3810)]);
    rates("rcep.toml", "2022-02-01", &[("jp-menthol-kr", 500), ("kr-sake-jp", 1400)]);
    // its first year is eleven months
    rates("rcep.toml", "2022-12-31", &[("kr-sake-jp", 1400)]);
    rates("rcep.toml", "2023-01-01", &[("kr-sake-jp", 1300)]);
}

#[test]
fn china_and_korea_cut_on_1_january() {
    // 40 x 20/21 = 38.095, x 19/21 = 36.19, x 16/21 = 30.476, x 1/21 = 1.905; 15 x 10/15 = 10
    rates("rcep.toml", "2022-01-01", &[("cn-sake-jp", 3810)]);
    rates("rcep.toml", "2023-01-01", &[("cn-sake-jp", 3620)]);
    rates("rcep.toml", "2026-10-01", &[("cn-sake-jp", 3050), ("kr-sake-jp", 1000)]);
    // free in year 21 and year 15, as reported
    rates("rcep.toml", "2041-12-31", &[("cn-sake-jp", 190)]);
    rates("rcep.toml", "2042-01-01", &[("cn-sake-jp", 0)]);
    rates("rcep.toml", "2035-12-31", &[("kr-sake-jp", 100)]);
    rates("rcep.toml", "2036-01-01", &[("kr-sake-jp", 0)]);
}

#[test]
fn cotton_yarn_pays_the_higher_of_two_parts() {
    // 20,000 kg at 500 yen: 13 yen/kg is 260,000 and 1.9% is 190,000
    rates("rcep.toml", "2021-12-31", &[("jp-yarn-cn", 260), ("jp-yarn-kr", 260)]);
    let yen = |date: &str| {
        let result = run("scenarios/rcep.toml", &["--date", date]);
        let flow =
            result["flows"].as_array().unwrap().iter().find(|flow| flow["id"] == "jp-yarn-cn").unwrap();
        flow["duty"].as_str().unwrap().to_owned()
    };
    // 13 x 10/11 = 11.818, x 20,000 kg; as printed in 2024 8.27; 13 x 5/11 = 5.909; 13 x 1/11 = 1.18
    assert_eq!(yen("2022-01-01"), "236400");
    assert_eq!(yen("2024-04-01"), "165400");
    assert_eq!(yen("2026-04-01"), "118200");
    assert_eq!(yen("2031-03-31"), "23600");
    assert_eq!(yen("2031-04-01"), "0");
}

#[test]
fn what_was_left_out_pays_for_ever() {
    rates("rcep.toml#end", "2042-01-01", &[("jp-juice-kr", 1910), ("jp-yolk-kr", 1880), ("jp-juice-cn", 0)]);
}

#[test]
fn a_new_agreement_helps_where_the_old_is_empty() {
    // in June 2030, by RCEP: juice 19.1 x 6/16 = 7.16, yolk 18.8 x 6/16 = 7.05, menthol 0.5, sake 40 x 12/21 = 22.86 and
    // 15 x 6/15 = 6. By ten cuts of which Japan has made five and the others four: 9.55, 9.4, 2.75, 24, 9. The lower holds
    let table = [
        ("jp-juice-cn", 720),
        ("jp-juice-kr", 960),
        ("jp-yolk-cn", 710),
        ("jp-yolk-kr", 940),
        ("jp-menthol-cn", 50),
        ("jp-menthol-kr", 50),
        ("cn-sake-jp", 2290),
        ("kr-sake-jp", 600),
    ];
    rates("cjk_fta.toml", "2030-06-01", &table);
    // a year later sake into China is lower by the new one: 40 x 5/10 = 20 against 40 x 11/21 = 20.95
    rates("cjk_fta.toml", "2031-01-01", &[("cn-sake-jp", 2000)]);
    // not yet in force: as RCEP
    rates("cjk_fta.toml", "2026-12-31", &[("jp-juice-kr", 1910), ("jp-juice-cn", 1190)]);
    // the tenth cut: Japan's on 1 April 2035, as the first two came within three months
    rates("cjk_fta.toml", "2035-03-31", &[("jp-yolk-kr", 190)]);
    rates("cjk_fta.toml", "2035-04-01", &[("jp-yolk-kr", 0), ("jp-juice-kr", 0)]);
}

#[test]
fn other_terms() {
    // half of 11.9 = 5.95, of 11.8 = 5.9; six tenths of 30.5 = 18.3, of 10 = 6; half of 2.5, menthol, is above RCEP's 0.5
    let table = [
        ("jp-juice-cn", 600),
        ("jp-yolk-cn", 590),
        ("cn-sake-jp", 1830),
        ("kr-sake-jp", 600),
        ("jp-menthol-cn", 50),
        ("jp-juice-kr", 960),
        ("jp-yolk-kr", 940),
    ];
    rates("cjk_fta.toml#from-rcep-rates", "2030-06-01", &table);
    rates("cjk_fta.toml#at-once", "2030-06-01", &[("jp-juice-kr", 0), ("cn-sake-jp", 0), ("kr-sake-jp", 0)]);
    rates("cjk_fta.toml#end", "2042-01-01", &[("jp-juice-kr", 0), ("jp-yolk-kr", 0), ("cn-sake-jp", 0)]);
}
