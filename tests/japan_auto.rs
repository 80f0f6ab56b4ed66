//! The totals of `scenarios/japan_auto.toml`, worked by hand from the values of 2024 by goods group and the rates of
//! the law. Never re-recorded.
//!
//! Customs values in USD, sums of the lines in `scenarios/flows/us_from_japan_2024.csv`:
//! cars 41,624,663,862; light trucks 22,795,655; steel 703,284,291; medicines 6,964,273,934.
//! MFN duty: cars 2.5%, light trucks 25%, steel and medicines free (HTS 2025).

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

/// Value, duty and rate of a goods group of the shipped scenario, from the command line.
fn group(scenario: &str, name: &str) -> (String, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", scenario, "--by", "group", "--format", "csv"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let row = text.lines().find(|line| line.split(',').nth(2) == Some(name)).unwrap();
    let cells: Vec<&str> = row.split(',').collect();
    (cells[4].to_owned(), cells[5].to_owned(), cells[6].to_owned())
}

fn check(variant: &str, name: &str, value: &str, duty: &str, rate: &str) {
    let scenario = format!("scenarios/japan_auto.toml{variant}");
    let expected = (value.to_owned(), duty.to_owned(), rate.to_owned());
    assert_eq!(group(&scenario, name), expected, "{scenario} {name}");
}

#[test]
fn cars() {
    let value = "41624663862";
    // 2.5% + 25% (Proclamation 10908): 41,624,663,862 x 0.275
    check("", "cars", value, "11446782562.05", "0.275");
    // 15% in all (90 FR 44638): x 0.15
    check("#deal", "cars", value, "6243699579.3", "0.15");
    // 3.6 million vehicles lie half way from 2.6 to 4.6: relief 7.5 points; 2.5% + 25% - 7.5% = 20%
    check("#production-linked", "cars", value, "8324932772.4", "0.2");
    check("#talks-fail", "cars", value, "11446782562.05", "0.275");
    // MFN alone
    check("#no-tariffs", "cars", value, "1040616596.55", "0.025");
}

#[test]
fn light_trucks() {
    let value = "22795655";
    // 25% + 25%
    check("", "trucks", value, "11397827.5", "0.5");
    // the MFN duty is above 15%, so nothing is added to it
    check("#deal", "trucks", value, "5698913.75", "0.25");
    // the hypothetical rule is for cars
    check("#production-linked", "trucks", value, "11397827.5", "0.5");
}

#[test]
fn steel() {
    let value = "703284291";
    // 50% since 4 June 2025 (Proclamation 10947), 25% the day before
    check("", "steel", value, "351642145.5", "0.5");
    check("#steel-before", "steel", value, "175821072.75", "0.25");
    // the deal left metals where they were
    check("#deal", "steel", value, "351642145.5", "0.5");
}

#[test]
fn medicines_are_exempt() {
    // Annex II: no reciprocal duty under any of them
    for variant in ["", "#talks-fail", "#deal"] {
        check(variant, "medicines", "6964273934", "0", "0");
    }
}
