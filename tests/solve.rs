//! `solve`: the value that meets a target meets it when it is put back; none, several, a stretch and a jump are said.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tariffsim::money::{plain, sub};

const GOODS: &str = r#"
title    = "Targets"
importer = "US"
date     = 2025-06-05

[parameters]
rate      = { value = "10%", min = "0%", max = "50%" }
hump      = { of = "rate", curve = [["0", "0%"], ["20", "10%"], ["40", "0%"]] }
square    = "rate * rate"
threshold = { value = "800 USD", min = 0, max = 2_000 }
volume    = { value = "100 t", min = 0, max = 300 }

[[measure]]
id       = "cars"
products = "8703"
rate     = "rate"

[[measure]]
id       = "humped"
products = "8701"
rate     = "hump"

[[measure]]
id       = "squared"
products = "8702"
rate     = "square"

[[measure]]
id       = "parcels"
products = "6109"
rate     = "10%"
when     = "value > threshold"

[[measure]]
id       = "steel"
products = "7208"
rate     = "25%"

[[measure]]
id   = "vat"
type = "tax"
products = "8703"
rate = "20%"

[[quota]]
id            = "steel-quota"
measures      = "steel"
in_quota_rate = "free"
volume        = "volume"
period        = "year"

[[flow]]
id      = "car"
product = "8703.23"
origin  = "JP"
value   = 3_000

[[flow]]
id      = "tractor"
product = "8701.20"
origin  = "DE"
value   = 1_000

[[flow]]
id      = "bus"
product = "8702.10"
origin  = "DE"
value   = 1_000

[[flow]]
id      = "shirt"
product = "6109.10"
origin  = "VN"
value   = 1_000

[[flow]]
id       = "coil"
product  = "7208.39"
origin   = "KR"
value    = 1_200
quantity = 120
unit     = "t"
"#;

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("s.toml"), GOODS).unwrap();
    folder
}

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tariffsim"));
    command.args(args).current_dir(folder).env("NO_COLOR", "1").env("COLUMNS", "80").output().unwrap()
}

fn document(folder: &Path, args: &[&str]) -> Value {
    let output = tariffsim(folder, &[args, &["--format", "json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn solve(vary: &str, target: &str, more: &[&str]) -> Value {
    let folder = folder();
    let args = ["solve", "s.toml", "--vary", vary, "--target", target];
    document(folder.path(), &[&args[..], more].concat())["solve"].clone()
}

/// The stretches at which a target is met, from and to.
fn met(solved: &Value) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let solutions = solved["solutions"].as_array().unwrap().iter();
    solutions.map(|solution| (word(&solution["from"]), word(&solution["to"]))).collect()
}

fn values(values: &[&str]) -> Vec<(String, String)> {
    values.iter().map(|value| ((*value).to_owned(), (*value).to_owned())).collect()
}

fn stderr(args: &[&str]) -> String {
    let folder = folder();
    let output = tariffsim(folder.path(), &[&["solve", "s.toml"], args].concat());
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_value_put_back_meets_the_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (scenario, vary, key, target) in [
        ("scenarios/japan_auto.toml", "auto_rate", "effective_rate", "0.1"),
        ("scenarios/japan_auto.toml", "auto_rate", "duty", "5000000000"),
        ("scenarios/japan_auto.toml#production-linked", "us_output=0..9_000_000", "effective_rate", "0.15"),
        ("scenarios/uk_car_quota.toml", "first_volume=0..100_000", "landed_cost", "6000000000"),
    ] {
        let unit = if key == "effective_rate" { " * 100%" } else { "" };
        let asked = format!("{key} = {target}{unit}");
        let found = document(root, &["solve", scenario, "--vary", vary, "--target", &asked]);
        let found = found["solve"]["solutions"].as_array().unwrap().clone();
        assert_eq!(found.len(), 1, "{asked}");
        let name = vary.split('=').next().unwrap();
        let set = format!("{name}={}", found[0]["from"].as_str().unwrap());
        let run = document(root, &["run", scenario, "--set", &set]);
        let number = |value: &Value| value.as_str().unwrap().parse().unwrap();
        let reached = number(&run["scenarios"][0]["totals"][key]);
        let off = sub(reached, target.parse().unwrap()).unwrap().abs();
        assert!(off <= "0.000000001".parse().unwrap(), "{asked}: {set} is off by {}", plain(off));
        assert_eq!(found[0][key], run["scenarios"][0]["totals"][key]);
    }
}

#[test]
fn a_target_that_a_sweep_passes_is_met_at_its_point() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = "scenarios/japan_auto.toml#production-linked";
    let swept = document(root, &["sweep", file, "--vary", "auto_rate=2.5%..47.5%/7.5%"]);
    for point in swept["sweep"]["points"].as_array().unwrap() {
        let target = format!("duty = {}", point["duty"].as_str().unwrap());
        let found = document(root, &["solve", file, "--vary", "auto_rate", "--target", &target]);
        assert_eq!(found["solve"]["solutions"][0]["from"], point["values"]["auto_rate"]);
        assert_eq!(found["solve"]["solutions"][0]["exact"], true);
    }
}

#[test]
fn a_group_or_a_flow_alone_may_meet_it() {
    let of = |more: &[&str]| met(&solve("rate", "effective_rate = 12.5%", more));
    assert_eq!(of(&["--flow", "car"]), values(&["12.5%"]));
    assert_eq!(of(&["--by", "origin", "--group", "JP"]), values(&["12.5%"]));
    // 3,000 × (1 + rate) × 1.2 = 4,320 at 20%.
    assert_eq!(met(&solve("rate", "landed_cost = 4_320 USD", &["--flow", "car"])), values(&["20%"]));
    assert_eq!(met(&solve("rate", "duty = 600", &["--by", "heading", "--group", "8703"])), values(&["20%"]));
}

#[test]
fn several_values_are_all_listed() {
    let found = solve("rate", "effective_rate = 5%", &["--flow", "tractor"]);
    assert_eq!(met(&found), values(&["10%", "30%"]));
    // At the top there is one, not two.
    assert_eq!(met(&solve("rate", "effective_rate = 10%", &["--flow", "tractor"])), values(&["20%"]));
}

#[test]
fn a_stretch_is_told_from_a_value() {
    // Beyond 40% the hump is flat; at 0% it begins.
    let found = met(&solve("rate", "duty = 0", &["--flow", "tractor"]));
    let stretch = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    assert_eq!(found, [stretch("0%", "0%"), stretch("40%", "50%")]);
    // A quota of 120 t and more admits all there is.
    assert_eq!(met(&solve("volume", "duty = 0", &["--flow", "coil"])), [stretch("120 t", "300 t")]);
    // The value at which the shirt is no longer above the threshold counts, the one before does not.
    assert_eq!(met(&solve("threshold", "duty = 0", &["--flow", "shirt"])), [stretch("1000 USD", "2000 USD")]);
}

#[test]
fn a_bend_that_is_no_line_is_halved_in_on() {
    // The square of the rate is 2% at 14.14…%.
    let found = solve("rate", "effective_rate = 2%", &["--flow", "bus"]);
    let solution = &found["solutions"][0];
    let value = solution["from"].as_str().unwrap();
    assert!(value.starts_with("14.14213562373") || value.starts_with("14.14213562372"), "{value}");
    let rate = solution["effective_rate"].as_str().unwrap();
    let off = sub(rate.parse().unwrap(), "0.02".parse().unwrap()).unwrap().abs();
    assert!(off <= "0.00000000000002".parse().unwrap(), "{rate}");
    // A square that comes out even is found exactly.
    assert_eq!(met(&solve("rate", "effective_rate = 4%", &["--flow", "bus"])), values(&["20%"]));
}

#[test]
fn a_jump_over_the_target_is_bracketed() {
    let found = solve("threshold", "duty = 50", &["--flow", "shirt"]);
    assert_eq!(met(&found), []);
    let jump = &found["jumps"][0];
    assert_eq!(
        (&jump["at"], &jump["before"], &jump["after"]),
        (&"1000 USD".into(), &"100".into(), &"0".into())
    );
    assert_eq!(jump["causes"][0]["id"], "parcels");
    let below = jump["from"].as_str().unwrap();
    assert!(below.starts_with("999.99999"), "{below}");
    let folder = folder();
    let args = ["solve", "s.toml", "--vary", "threshold", "--target", "duty = 50", "--flow", "shirt"];
    let text = String::from_utf8(tariffsim(folder.path(), &args).stdout).unwrap();
    assert!(
        text.starts_with("No threshold meets the target: at 1,000 USD the number jumps over it,"),
        "{text}"
    );
}

#[test]
fn a_target_out_of_reach_says_what_is_reached() {
    let said = stderr(&["--vary", "rate", "--target", "effective_rate = 60%", "--flow", "car"]);
    assert!(said.contains("TS0708"), "{said}");
    assert!(said.contains("it goes from 0% (at 0%) to 50% (at 50%)"), "{said}");
    let said = stderr(&["--vary", "rate", "--target", "duty = 1", "--flow", "coil"]);
    assert!(said.contains("it is USD 50 throughout"), "{said}");
}

#[test]
fn mistakes_are_said() {
    for (args, code) in [
        (&["--vary", "rate", "--target", "rate = 10%"][..], "TS0707"),
        (&["--vary", "rate", "--target", "duty"], "TS0707"),
        (&["--vary", "rate", "--target", "duty = 5 t"], "TS0707"),
        (&["--vary", "rate", "--target", "effective_rate = 5 USD"], "TS0707"),
        (&["--vary", "rate", "--target", "effective_rate = 0.1"], "TS0304"),
        (&["--vary", "rate", "--target", "duty = value"], "TS0314"),
        (&["--vary", "rate", "--target", "duty = rate"], "TS0302"),
        (&["--vary", "raet", "--target", "duty = 5"], "TS0410"),
        (&["--vary", "rate=1..2/3", "--target", "duty = 5"], "TS0705"),
        (&["--vary", "rate=1,2", "--target", "duty = 5"], "TS0705"),
        (&["--vary", "rate=2..1", "--target", "duty = 5"], "TS0705"),
        (&["--vary", "rate=2..60", "--target", "duty = 5"], "TS0312"),
        (&["--vary", "rate", "--target", "duty = 5", "--flow", "cra"], "TS0703"),
        (&["--vary", "rate", "--target", "duty = 5", "--by", "origin", "--group", "JPN"], "TS0710"),
        (&["--vary", "rate", "--target", "duty = 5", "--by", "measure", "--group", "cars"], "TS0701"),
    ] {
        let said = stderr(args);
        assert!(said.contains(code), "{args:?}: {said}");
    }
    let folder = folder();
    let code = |args: &[&str]| tariffsim(folder.path(), &[&["solve", "s.toml"], args].concat()).status.code();
    assert_eq!(code(&["--vary", "rate"]), Some(2));
    assert_eq!(code(&["--target", "duty = 5"]), Some(2));
    assert_eq!(code(&["--vary", "rate", "--target", "duty = 5", "--by", "origin"]), Some(2));
}

#[test]
fn every_format_and_every_number_of_threads_say_the_same() {
    let folder = folder();
    for format in ["table", "json", "csv", "markdown"] {
        let with = |threads: &str| {
            let args =
                ["solve", "s.toml", "--vary", "rate", "--target", "effective_rate = 5%", "--flow", "tractor"];
            let more = ["--format", format, "--threads", threads];
            let output = tariffsim(folder.path(), &[&args[..], &more].concat());
            String::from_utf8(output.stdout).unwrap()
        };
        let (one, many) = (with("1"), with("4"));
        assert_eq!(one, many);
        assert!(one.contains("10%") && one.contains("30%"), "{one}");
    }
}

/// A share that is above all there is where `p` is above a third, and a flow that has no quantity.
const PARTLY: &str = r#"
title    = "Part of it"
importer = "US"
date     = 2025-06-05

[parameters]
p = { value = "10%", min = "0%", max = "50%", step = "10%" }

[[measure]]
id       = "cars"
products = "8703"
rate     = "40%"
share    = "p * attr.k"

[[measure]]
id       = "weighed"
products = "7208"
rate     = "10 USD/t * (1 + p)"

[[flow]]
id      = "car"
product = "8703.23"
origin  = "JP"
value   = 3_000
attr    = { k = 3 }

[[flow]]
id      = "coil"
product = "7208.39"
origin  = "KR"
value   = 1_000
"#;

/// What is said on the two outputs of a target for what is partly computable.
fn partly(target: &str, more: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("s.toml"), PARTLY).unwrap();
    let args = ["solve", "s.toml", "--vary", "p", "--target", target];
    let output = tariffsim(folder.path(), &[&args[..], more].concat());
    // Lines are put together again: where they break is not what is looked at.
    let text =
        |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    (text(output.stdout), text(output.stderr))
}

#[test]
fn where_nothing_is_computable_no_target_is_met() {
    // Duty and value are zero there, which is not 80% of anything.
    let (out, said) = partly("effective_rate = 80%", &[]);
    assert_eq!(out, "");
    assert!(
        said.contains("TS0708") && said.contains("it goes from 0% (at 0%) to 40% (at 33.33333"),
        "{said}"
    );
    assert!(said.contains("not computable at 50%: 2 flows worth USD 4,000"), "{said}");
    for target in ["duty = 0", "landed_cost = 0"] {
        let (out, said) = partly(target, &["--flow", "coil"]);
        assert_eq!(out, "");
        assert!(said.contains("not computable at any value: 1 flow worth USD 1,000"), "{said}");
        assert!(!said.contains("throughout"), "{said}");
    }
}

#[test]
fn flows_left_out_of_a_solution_are_said() {
    let (out, _) = partly("duty = 120", &[]);
    assert!(out.contains("not computable, and in no total: 1 flow worth USD 1,000"), "{out}");
    assert!(out.contains("At 50%, for one, there is no number"), "{out}");
    let (out, _) = partly("duty = 120", &["--format", "json"]);
    let document: Value = serde_json::from_str(&out).unwrap();
    let solved = &document["solve"];
    assert_eq!(solved["solutions"][0]["not_computable"]["flows"], 1);
    assert_eq!(solved["without_number"]["not_computable"]["value"], "4000");
    let (out, _) = partly("duty = 120", &["--format", "csv"]);
    assert!(out.contains("not_computable_flows,not_computable_value") && out.ends_with(",1,1000"), "{out}");
}

#[test]
fn a_target_of_another_kind_says_what_to_write() {
    for (target, help) in [
        ("duty = 10%", "write money: duty = 5_000 USD"),
        ("landed_cost = 10%", "write money: landed_cost = 5_000 USD"),
        ("effective_rate = 90", "write a percentage: effective_rate = 90%"),
        ("effective_rate = 0.2", "write a percentage: effective_rate = 20%"),
        ("effective_rate = 5 USD", "write a percentage: effective_rate = 10%"),
    ] {
        let said = stderr(&["--vary", "rate", "--target", target]);
        assert!(said.contains(help), "{said}");
    }
}

#[test]
fn what_is_asked_for_is_what_is_shown() {
    let folder = folder();
    let args = ["solve", "s.toml", "--vary", "rate", "--flow", "car", "--target", "landed_cost = 4_320.2"];
    let text = String::from_utf8(tariffsim(folder.path(), &args).stdout).unwrap();
    assert!(text.contains("the landed cost of flow car is USD 4,320.20."), "{text}");
    assert!(text.contains("landed cost USD 4,320.20, duty USD"), "{text}");
}

#[test]
fn a_bracket_is_short_for_the_eye() {
    let folder = folder();
    let args = ["solve", "s.toml", "--vary", "threshold", "--target", "duty = 50", "--flow", "shirt"];
    let text = String::from_utf8(tariffsim(folder.path(), &args).stdout).unwrap();
    assert!(text.contains("between 999.999999999 USD and 1,000"), "{text}");
}
