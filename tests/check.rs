//! `check` and `define` as a user meets them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::{Command, Output};

fn tariffsim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(args)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Warnings but the one that comes with the years.
fn warnings(output: &Output) -> Vec<String> {
    let stderr = text(&output.stderr);
    let codes = stderr.lines().filter(|line| line.starts_with("warning[") || line.starts_with("error["));
    codes.filter(|line| !line.contains("TS0807")).map(str::to_owned).collect()
}

#[test]
fn the_shipped_scenarios_are_sound() {
    let output = tariffsim(&["check", "scenarios/"]);
    assert!(output.status.success());
    assert!(output.stdout.is_empty());
    assert_eq!(warnings(&output), Vec::<String>::new());
}

#[test]
fn a_file_named_says_what_it_covers() {
    let output = tariffsim(&["check", "scenarios/japan_auto.toml"]);
    let text = text(&output.stdout);
    assert!(text.starts_with("scenarios/japan_auto.toml is sound: "), "{text}");
    assert!(text.contains("5 variants, 75 flows"), "{text}");
    let row = text.lines().find(|line| line.contains("s232-autos")).unwrap();
    assert_eq!(
        row.split_whitespace().collect::<Vec<_>>(),
        ["s232-autos", "additional", "from", "2025-04-03", "2", "6", "2"]
    );
}

#[test]
fn warnings_fail_only_where_they_are_to() {
    let file = "tests/diagnostics/TS0801-no-source.toml";
    assert_eq!(tariffsim(&["check", file]).status.code(), Some(0));
    assert_eq!(tariffsim(&["check", "--strict", file]).status.code(), Some(1));
    assert_eq!(tariffsim(&["check", "tests/diagnostics/TS0201-unknown-key.toml"]).status.code(), Some(1));
}

#[test]
fn programs_get_coverage_and_diagnostics_in_one_document() {
    let output = tariffsim(&["check", "--format", "json", "tests/diagnostics/TS0801-no-source.toml"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(output.stderr.is_empty());
    assert_eq!(json["schema"], "tariffsim/1");
    assert_eq!(json["files"][0]["measures"][1]["id"], "steel");
    let found = &json["diagnostics"][0];
    assert_eq!(found["code"], "TS0801");
    assert_eq!(found["severity"], "warning");
    assert_eq!(found["line"], 18);
}

#[test]
fn a_scenario_without_flows_can_be_checked() {
    let output = tariffsim(&["check", "tests/diagnostics/TS0607-no-flows.toml"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn terms_and_codes_are_defined() {
    let term = tariffsim(&["define", "customs", "value"]);
    assert!(text(&term.stdout).starts_with("Customs value: "), "{}", text(&term.stdout));
    let code = tariffsim(&["define", "ts0304"]);
    assert!(text(&code.stdout).starts_with("# TS0304"), "{}", text(&code.stdout));
    let list = text(&tariffsim(&["define"]).stdout);
    assert!(
        list.contains("\n  Customs value\n") && list.contains("\n  TS0304  a rate has no unit\n"),
        "{list}"
    );
    let unknown = tariffsim(&["define", "custom", "valeu"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown.stderr).contains("did you mean `Customs value`?"), "{}", text(&unknown.stderr));
}
