//! The command line as a user drives it: verbs, flags, exit codes, what goes where.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const STEEL: &str = r#"
title    = "Steel"
importer = "US"
date     = 2025-06-05

[products]
steel = ["7208"]

[parameters]
rate = { value = "50%", min = "0%", max = "100%" }

[[measure]]
id       = "steel"
products = "steel"
rate     = "rate"

[[flow]]
id      = "coil"
product = "7208.39"
origin  = "JPN"
value   = 1000
attr    = { port = "Kobe" }

[[flow]]
id      = "car"
product = "8703.23"
origin  = "DE"
value   = 3000
attr    = { port = "Bremen" }
"#;

/// A folder with the scenario in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("steel.toml"), STEEL).unwrap();
    folder
}

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(args)
        .current_dir(folder)
        .env_remove("COLUMNS")
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(folder: &Path, args: &[&str]) -> serde_json::Value {
    let output = tariffsim(folder, args);
    assert!(output.status.success(), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_first_line_is_the_answer_and_piped_output_has_no_colour() {
    let folder = folder();
    let output = tariffsim(folder.path(), &["run", "steel.toml"]);
    assert!(output.status.success());
    assert!(output.stderr.is_empty());
    let text = stdout(&output);
    let first =
        "Goods worth USD 4,000 from 2 origins entering the United States on 2025-06-05 owe USD 500 in duty:";
    assert!(text.starts_with(first), "{text}");
    assert!(!text.contains('\u{1b}'));
    assert!(text.lines().all(|line| line.chars().count() <= 100));
}

#[test]
fn colour_is_given_when_asked_for() {
    let folder = folder();
    let text = stdout(&tariffsim(folder.path(), &["run", "steel.toml", "--color", "always"]));
    assert!(text.starts_with("\u{1b}[1m"), "{text}");
}

#[test]
fn json_states_every_charge_and_every_total() {
    let folder = folder();
    let document = json(folder.path(), &["run", "steel.toml", "--format", "json"]);
    assert_eq!(document["schema"], "tariffsim/1");
    let scenario = &document["scenarios"][0];
    assert_eq!(scenario["variant"], serde_json::Value::Null);
    let coil = &scenario["flows"][0];
    // the origin goes out as the flow wrote it
    assert_eq!(coil["origin"], "JPN");
    assert_eq!(coil["product"], "720839");
    assert_eq!(coil["charges"][0]["rate_text"], "rate");
    assert_eq!(coil["charges"][0]["amount"], "500");
    let car = &scenario["flows"][1];
    assert_eq!(car["duty"], "0");
    assert_eq!(car["charges"], serde_json::json!([]));
    let totals = &scenario["totals"];
    assert_eq!(totals["effective_rate"], "0.125");
    assert_eq!(totals["simple_mean_rate"], "0.25");
    assert_eq!(totals["untouched"], serde_json::json!({ "flows": 1, "value": "3000" }));
    assert_eq!(totals["base_not_stated"], serde_json::json!({ "flows": 2, "value": "4000" }));
    assert_eq!(totals["by_measure"], serde_json::json!({ "steel": "500" }));
}

#[test]
fn grouping_takes_the_place_of_flows() {
    let folder = folder();
    let document = json(folder.path(), &["run", "steel.toml", "--by", "port", "--format", "json"]);
    let scenario = &document["scenarios"][0];
    assert_eq!(scenario["flows"], serde_json::Value::Null);
    assert_eq!(scenario["groups"][1]["key"], "Kobe");
    assert_eq!(scenario["groups"][1]["effective_rate"], "0.5");
}

#[test]
fn every_standard_grouping_works() {
    let folder = folder();
    let expected = [
        ("flow", "car"),
        ("product", "870323"),
        ("heading", "8703"),
        ("chapter", "87"),
        ("group", "other goods"),
        ("origin", "DE"),
        ("importer", "US"),
        ("date", "2025-06-05"),
        ("party", "(none)"),
        ("measure", "steel"),
        ("programme", "steel"),
    ];
    for (by, key) in expected {
        let output = tariffsim(folder.path(), &["run", "steel.toml", "--by", by]);
        assert!(output.status.success(), "{by}");
        assert!(stdout(&output).contains(key), "{by}: {}", stdout(&output));
    }
}

#[test]
fn csv_is_tidy() {
    let folder = folder();
    let text = stdout(&tariffsim(folder.path(), &["run", "steel.toml", "--format", "csv"]));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1], "steel.toml,,coil,720839,JPN,US,2025-06-05,1000,500,0.5,1500,true,");
}

#[test]
fn markdown_escapes_what_would_break_a_table() {
    let folder = folder();
    let file = folder.path().join("odd.toml");
    fs::write(&file, STEEL.replace("\"Steel\"", "\"Steel | <b>\"")).unwrap();
    let text = stdout(&tariffsim(folder.path(), &["run", "odd.toml", "--format", "markdown"]));
    assert!(text.starts_with("## Steel \\| \\<b\\>\n"), "{text}");
    assert!(text.contains("| steel | 1 | 1,000.00 | 500.00 | 50.00% |"), "{text}");
}

#[test]
fn a_parameter_is_set_and_takes_on_its_unit() {
    let folder = folder();
    let duty = |setting: &str| {
        let document = json(folder.path(), &["run", "steel.toml", "--set", setting, "--format", "json"]);
        document["scenarios"][0]["totals"]["duty"].as_str().unwrap().to_owned()
    };
    assert_eq!(duty("rate=25%"), "250");
    assert_eq!(duty("rate=25"), "250");
    assert_eq!(duty("rate = 25%"), "250");
}

#[test]
fn a_date_for_every_flow_says_how_many_it_replaced() {
    let folder = folder();
    let output = tariffsim(folder.path(), &["run", "steel.toml", "--date", "2025-07-01"]);
    assert!(stdout(&output).contains("--date replaced the entry date of 2 flows."));
}

#[test]
fn flows_come_from_another_file() {
    let folder = folder();
    let rows = "product;origin;value\r\n7208100000;JP;10\r\n0201100010;JP;10\r\n";
    fs::write(folder.path().join("own.csv"), format!("\u{feff}{rows}")).unwrap();
    let document = json(folder.path(), &["run", "steel.toml", "--flows", "own.csv", "--format", "json"]);
    let flows = &document["scenarios"][0]["flows"];
    assert_eq!(flows[0]["duty"], "5");
    // leading zeros survive
    assert_eq!(flows[1]["product"], "0201100010");
}

#[test]
fn a_path_may_start_from_a_variable() {
    let folder = folder();
    let data = tempfile::tempdir().unwrap();
    fs::create_dir(data.path().join("in")).unwrap();
    fs::write(data.path().join("rows.csv"), "product,origin,value\n7208,JP,10\n").unwrap();
    let run = |flows: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tariffsim"));
        command.current_dir(folder.path()).env("SOME_DATA", data.path().join("in"));
        command.args(["run", "steel.toml", "--format", "json", "--flows", flows]).output().unwrap()
    };
    // what stands behind the variable is a path like any other
    let document: serde_json::Value =
        serde_json::from_str(&stdout(&run("$SOME_DATA/./../rows.csv"))).unwrap();
    assert_eq!(document["scenarios"][0]["flows"][0]["duty"], "5");
    let said = stderr(&run("$SOME_DATA/row.csv"));
    let path = data.path().join("in/row.csv");
    assert!(
        said.contains(&format!("cannot read $SOME_DATA/row.csv: {}: there is no such file", path.display()))
    );
    assert!(
        stderr(&run("$NOT_SET_ANYWHERE/rows.csv"))
            .contains("the environment variable NOT_SET_ANYWHERE is not set")
    );
}

/// `printf 'product,origin,value\n7208,JP,10\n' | gzip -n9`, as bytes.
const PACKED: [u8; 52] = [
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2b, 0x28, 0xca, 0x4f, 0x29, 0x4d, 0x2e,
    0xd1, 0xc9, 0x2f, 0xca, 0x4c, 0xcf, 0xcc, 0xd3, 0x29, 0x4b, 0xcc, 0x29, 0x4d, 0xe5, 0x32, 0x37, 0x32,
    0xb0, 0xd0, 0xf1, 0x0a, 0xd0, 0x31, 0x34, 0xe0, 0x02, 0x00, 0x57, 0x9b, 0xef, 0x95, 0x20, 0x00, 0x00,
    0x00,
];

#[test]
fn packed_files_are_read_as_what_they_hold() {
    let folder = folder();
    let run = |name: &str, bytes: &[u8]| {
        fs::write(folder.path().join(name), bytes).unwrap();
        tariffsim(folder.path(), &["run", "steel.toml", "--format", "json", "--flows", name])
    };
    for name in ["rows.csv.gz", "rows.csv"] {
        let document: serde_json::Value = serde_json::from_str(&stdout(&run(name, &PACKED))).unwrap();
        assert_eq!(document["scenarios"][0]["flows"][0]["duty"], "5");
    }
    // a file in two parts, one packed after the other, as `cat a.gz b.gz` makes: the header comes again as a row
    let twice = [PACKED, PACKED].concat();
    assert!(stderr(&run("twice.csv.gz", &twice)).contains("`product` is not a product code"));
    for (bytes, why) in [
        (&PACKED[..20], "its gzip data end too early: the file is cut off"),
        (&PACKED[..PACKED.len() - 4], "its gzip data end too early: the file is cut off"),
        (b"product,origin,value\n7208,JP,10\n".as_slice(), "it is named .gz and is not packed with gzip"),
        (&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xff, 0xff, 0xff, 0xff], "its gzip data are damaged"),
    ] {
        let output = run("rows.csv.gz", bytes);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(&format!("cannot read rows.csv.gz: {why}")), "{}", stderr(&output));
    }
}

#[test]
fn output_goes_to_a_file_in_the_format_of_its_name() {
    let folder = folder();
    let output = tariffsim(folder.path(), &["run", "steel.toml", "--out", "result.json"]);
    assert!(output.status.success());
    assert!(output.stdout.is_empty());
    assert_eq!(stderr(&output), "wrote result.json\n");
    let text = fs::read_to_string(folder.path().join("result.json")).unwrap();
    assert!(text.starts_with("{\n  \"schema\": \"tariffsim/1\""));
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn output_that_cannot_be_written_is_said() {
    let folder = folder();
    let output = tariffsim(folder.path(), &["run", "steel.toml", "--out", "nowhere/result.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).starts_with("error: cannot write nowhere/result.json"));
}

#[test]
fn a_result_does_not_replace_what_it_was_computed_from() {
    let folder = folder();
    let flows = "product,origin,value\n7208,JP,1000\n";
    fs::write(folder.path().join("flows.csv"), flows).unwrap();
    for out in ["flows.csv", "./steel.toml", "."] {
        let output = tariffsim(folder.path(), &["run", "steel.toml", "--flows", "flows.csv", "--out", out]);
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains(&format!("cannot write {out}: ")), "{}", stderr(&output));
    }
    assert_eq!(fs::read_to_string(folder.path().join("flows.csv")).unwrap(), flows);
    assert_eq!(fs::read_to_string(folder.path().join("steel.toml")).unwrap(), STEEL);
}

#[test]
fn of_many_mistakes_the_first_fifty_are_shown() {
    let folder = folder();
    let measure = |i: usize| format!("[[measure]]\nid = \"m{i}\"\nrate = \"x\"\n");
    let measures: Vec<String> = (0..52).map(measure).collect();
    fs::write(folder.path().join("wrong.toml"), format!("title = \"t\"\n{}", measures.concat())).unwrap();
    let said = stderr(&tariffsim(folder.path(), &["run", "wrong.toml"]));
    assert_eq!(said.matches("error[").count(), 50);
    assert!(said.ends_with("and 2 more errors\n52 errors; nothing was computed\n"), "{said}");
}

#[test]
fn several_scenarios_run_in_the_order_given() {
    let folder = folder();
    let other = STEEL.replace("title    = \"Steel\"", "title = \"Other\"");
    fs::write(folder.path().join("other.toml"), other).unwrap();
    let document = json(folder.path(), &["run", "other.toml", "steel.toml", "--format", "json"]);
    assert_eq!(document["scenarios"][0]["title"], "Other");
    assert_eq!(document["scenarios"][1]["title"], "Steel");
}

#[test]
fn what_was_read_is_said_on_request() {
    let folder = folder();
    let output = tariffsim(folder.path(), &["run", "steel.toml", "--verbose", "--format", "csv"]);
    assert!(stderr(&output).contains("steel.toml: measures 1, flows 2"), "{}", stderr(&output));
    assert!(stdout(&output).starts_with("scenario,"));
}

#[test]
fn warnings_are_kept_back_when_quiet() {
    let folder = folder();
    fs::write(folder.path().join("own.csv"), "product,origin,value,orgin\n7208,JP,10,x\n").unwrap();
    let args = ["run", "steel.toml", "--flows", "own.csv"];
    assert!(stderr(&tariffsim(folder.path(), &args)).is_empty(), "origin is there: no near miss");
    fs::write(folder.path().join("own.csv"), "product,origin,value,parti\n7208,JP,10,x\n").unwrap();
    let output = tariffsim(folder.path(), &args);
    assert!(output.status.success());
    assert!(stderr(&output).starts_with("warning[TS0608]"), "{}", stderr(&output));
    let quiet = tariffsim(folder.path(), &["run", "steel.toml", "--flows", "own.csv", "-q"]);
    assert!(stderr(&quiet).is_empty());
}

#[test]
fn a_wrong_command_line_ends_with_2_and_a_wrong_scenario_with_1() {
    let folder = folder();
    let code = |args: &[&str]| tariffsim(folder.path(), args).status.code();
    assert_eq!(code(&["run"]), Some(2));
    assert_eq!(code(&["rnu", "steel.toml"]), Some(2));
    assert_eq!(code(&["run", "steel.toml", "--date", "5 June"]), Some(2));
    assert_eq!(code(&["run", "steel.toml", "--format", "xml"]), Some(2));
    assert_eq!(code(&["run", "stel.toml"]), Some(1));
    assert_eq!(code(&["run", "steel.toml#deal"]), Some(1));
    assert_eq!(code(&["run", "steel.toml", "--set", "rat=1%"]), Some(1));
    assert_eq!(code(&["run", "steel.toml", "--by", "harbour"]), Some(1));
}

#[test]
fn a_misspelt_file_is_answered_with_its_neighbour() {
    let folder = folder();
    let output = tariffsim(folder.path(), &["run", "stel.toml"]);
    assert!(stderr(&output).contains("did you mean steel.toml?"), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn nothing_is_printed_when_one_of_several_scenarios_is_wrong() {
    let folder = folder();
    let output = tariffsim(folder.path(), &["run", "steel.toml", "steel.toml#deal"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
}

#[test]
fn a_reader_that_stops_early_is_no_failure() {
    let folder = folder();
    let mut child = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", "steel.toml", "--format", "json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}
