//! Shipped scenarios, run as a user runs them from the repository's root.

#![allow(dead_code, reason = "no test needs all of it")]

use serde_json::Value;
use std::fs;
use std::process::Command;

/// What `run` says of a scenario, with more arguments.
pub fn run(scenario: &str, args: &[&str]) -> Value {
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

/// What `run` says of a scenario on other flows, rows under a line of columns.
pub fn run_on(scenario: &str, args: &[&str], columns: &str, rows: &[String]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("flows.csv");
    fs::write(&file, format!("{columns}\n{}\n", rows.join("\n"))).unwrap();
    run(scenario, &[args, &["--flows", file.to_str().unwrap()]].concat())
}

/// The same, one entry a row.
pub fn flows(scenario: &str, args: &[&str], columns: &str, rows: &[String]) -> Vec<Value> {
    run_on(scenario, args, columns, rows)["flows"].as_array().unwrap().clone()
}

/// A flow of a result by its id.
pub fn flow<'a>(scenario: &'a Value, id: &str) -> &'a Value {
    scenario["flows"].as_array().unwrap().iter().find(|flow| flow["id"] == id).unwrap()
}
