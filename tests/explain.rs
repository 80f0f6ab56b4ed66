//! `explain`, as a reader sees it. The amounts of `tests/explain/portions.toml`, worked by hand:
//!
//! - customs value (cif): 100,000 + 5,000 = 105,000
//! - MFN 10%: 10,500, on the fifth that does not claim: 2,100
//! - preference from 1 February 2025, 10% x (1 - 7/8) = 1.25%, printed 1.3%: 1,365, on four fifths: 1,092
//! - levy 1.5 EUR/kg x 20,000 kg + 2% x 105,000 = 32,100, on the fifth that does not claim: 6,420
//! - duty 2,100 + 1,092 + 6,420 = 9,612

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::Command;

fn explain(args: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .arg("explain")
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Compares with a file that was reviewed; `UPDATE_EXPECT=1` writes it anew.
fn reviewed(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, found).unwrap();
    }
    assert_eq!(found, fs::read_to_string(&path).unwrap_or_default(), "{name}");
}

#[test]
fn portions_a_compound_duty_and_near_misses() {
    let text = explain(&["tests/explain/portions.toml"]);
    for line in ["1,365", "10,500", "32,100", "2,100", "1,092", "6,420", "9,612"] {
        assert!(text.lines().any(|l| l.ends_with(&format!(" {line}"))), "{line}\n{text}");
    }
    assert!(text.contains("- china does not cover goods from JP"));
    assert!(text.contains("- luxury asks for `unit_value > 100_000 EUR/each`, which does not hold"));
    assert!(text.lines().all(|line| line.chars().count() <= 80));
    reviewed("portions.txt", &text);
}

#[test]
fn documents_and_programs_get_the_same_amounts() {
    let file = "tests/explain/portions.toml";
    reviewed("portions.md", &explain(&[file, "--format", "markdown"]));
    reviewed("portions.csv", &explain(&[file, "--format", "csv"]));
    let json: serde_json::Value = serde_json::from_str(&explain(&[file, "--format", "json"])).unwrap();
    assert_eq!(json["schema"], "tariffsim/1");
    assert_eq!(json["flow"]["duty"], "9612");
    assert_eq!(json["portions"][0]["weight"], "0.8");
    assert_eq!(json["portions"][0]["charges"][1]["amount"], "1365");
    assert_eq!(json["places"][1]["line"], 30);
    assert_eq!(json["near_misses"][0]["measure"], "china");
}

#[test]
fn what_nearly_was_in_force_is_said_with_its_dates() {
    let goods = ["--product", "6109.10.00.12", "--origin", "JP", "--value", "1000"];
    let on = |date| explain(&[&["scenarios/us_japan.toml", "--date", date], &goods[..]].concat());
    // 16.5% is above the 12.5% in all
    let text = on("2026-08-01");
    assert!(text.starts_with("goods: USD 165 of duty on USD 1,000, 16.5% of the value."), "{text}");
    assert!(text.contains("- s122 ended on 2026-07-24"), "{text}");
    let text = on("2025-04-06");
    assert!(text.starts_with("goods: USD 265 of duty on USD 1,000, 26.5% of the value."), "{text}");
    assert!(text.contains("- s122 starts on 2026-02-24"), "{text}");
}

#[test]
fn a_flow_of_ones_own_takes_any_column() {
    let file = "tests/explain/portions.toml";
    let goods = ["--product", "8703.21", "--origin", "JP", "--value", "100000", "--quantity", "20 t"];
    let claimed = explain(
        &[&[file], &goods[..], &["--with", "claims=epa", "--with", "quantity_2=15", "--with", "unit_2=each"]]
            .concat(),
    );
    // all of it claims: 1.3% of 100,000, without freight
    assert!(claimed.starts_with("goods: EUR 1,300 of duty on EUR 100,000, 1.3% of the value."), "{claimed}");
}

#[test]
fn what_is_not_computable_says_why() {
    let file = "tests/explain/portions.toml";
    let text = explain(&[file, "--product", "8703.21", "--origin", "JP", "--value", "100000"]);
    assert!(text.starts_with("goods: no duty can be stated."), "{text}");
    assert!(text.contains("Not computable: luxury: the flow has no quantity."), "{text}");
}
