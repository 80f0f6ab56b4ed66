//! `sweep`: every point is what `run --set` gives; bends stand where they are worked out by hand; draws repeat.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tariffsim::money::sub;

/// Every kind of bend, each under a parameter of its own.
const BENDS: &str = r#"
title    = "All kinds of bends"
importer = "US"
date     = 2025-06-05

[parameters]
rate      = { value = "10%", min = "0%", max = "30%", step = "5%" }
least     = "15%"
output    = { value = "0 vehicles", min = 0, max = 400, step = 100 }
relief    = { of = "output", curve = [["150", "0%"], ["250", "10%"]] }
volume    = { value = "100 t", min = 0, max = "200_000 kg", step = "50 t" }
pool      = { value = "1_000 USD", min = 0, max = 10_000, step = 2_000 }
threshold = { value = "800 USD", min = 0, max = 2_000, step = 300 }
ceiling   = { value = "10 USD/t", min = 0, max = "20 USD/t", step = "5 USD/t" }
word      = "'ocean'"
maker     = { by = "party", values = { a = "1" } }
root      = { value = "10%", min = "0%", max = "100%", step = "25%" }
square    = "root * root"

[[measure]]
id       = "clamped"
products = "8701"
rate     = "clamp(rate, 7.5%, least)"

[[measure]]
id       = "curved"
products = "8703"
rate     = "20% - relief"

[[measure]]
id       = "steel"
products = "7208"
rate     = "25%"

[[measure]]
id       = "parts"
products = "8708"
rate     = "10%"

[[measure]]
id       = "parcels"
products = "6109"
rate     = "10%"
when     = "value > threshold"

[[measure]]
id       = "specific"
products = "1001"
rate     = "min(ceiling, 5%)"

[[measure]]
id       = "squared"
products = "2208"
rate     = "square"

[[quota]]
id            = "steel-quota"
measures      = "steel"
in_quota_rate = "free"
volume        = "volume"
period        = "year"

[[credit]]
id      = "parts-offset"
against = "parts"
amount  = "pool"
period  = "year"

[[flow]]
product = "8701.20"
origin  = "JP"
value   = 1_000

[[flow]]
product = "8703.23"
origin  = "JP"
value   = 1_000

[[flow]]
product  = "7208.39"
origin   = "JP"
value    = 1_200
quantity = 120
unit     = "t"

[[flow]]
product = "8708.29"
origin  = "JP"
value   = 75_000

[[flow]]
product = "6109.10"
origin  = "JP"
value   = 800

[[flow]]
product  = "1001.10"
origin   = "JP"
value    = 1_400
quantity = 10
unit     = "t"

[[flow]]
product = "2208.30"
origin  = "JP"
value   = 1_000
"#;

fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("s.toml"), text).unwrap();
    folder
}

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(args)
        .current_dir(folder)
        .env_remove("COLUMNS")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn text(folder: &Path, args: &[&str]) -> String {
    let output = tariffsim(folder, args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn document(folder: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&text(folder, &[args, &["--format", "json"]].concat())).unwrap()
}

fn sweep(vary: &str) -> Value {
    let folder = folder(BENDS);
    document(folder.path(), &["sweep", "s.toml", "--vary", vary])["sweep"].clone()
}

/// The place of a kink, its kind, and the kinds and ids of its causes.
type Kink = (String, String, Vec<(String, String)>);

fn kinks(sweep: &Value) -> Vec<Kink> {
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let causes = |kink: &Value| {
        let causes = kink["causes"].as_array().unwrap().iter();
        causes.map(|cause| (word(&cause["kind"]), word(&cause["id"]))).collect()
    };
    let kinks = sweep["kinks"].as_array().unwrap().iter();
    kinks.map(|kink| (word(&kink["at"]), word(&kink["kind"]), causes(kink))).collect()
}

fn one(kind: &str, at: &str, cause: (&str, &str)) -> Kink {
    (at.to_owned(), kind.to_owned(), vec![(cause.0.to_owned(), cause.1.to_owned())])
}

#[test]
fn every_point_is_what_run_gives_with_the_parameter_set() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let file = "scenarios/japan_auto.toml";
    let swept = document(root, &["sweep", file, "--vary", "auto_rate=0%..50%/5%"]);
    let points = swept["sweep"]["points"].as_array().unwrap();
    assert_eq!(points.len(), 11);
    for (at, point) in points.iter().enumerate() {
        let value = format!("{}%", 5 * at);
        assert_eq!(point["values"], json!({ "auto_rate": value }));
        let run = document(root, &["run", file, "--set", &format!("auto_rate={value}")]);
        let totals = &run["scenarios"][0]["totals"];
        for key in ["duty", "effective_rate", "landed_cost", "not_computable"] {
            assert_eq!(point[key], totals[key], "{key} at {value}");
        }
    }
}

#[test]
fn tenths_reach_one_exactly() {
    let folder = folder(BENDS);
    let csv = text(folder.path(), &["sweep", "s.toml", "--vary", "root=0%..1%/0.1%", "--format", "csv"]);
    let values: Vec<&str> = csv.lines().skip(1).map(|line| line.split(',').nth(2).unwrap()).collect();
    assert_eq!(values.len(), 11);
    assert_eq!((values[3], values[10]), ("0.3%", "1%"));
}

#[test]
fn what_a_range_leaves_out_is_the_parameters_own() {
    let values = |vary: &str| sweep(vary)["vary"][0]["values"].clone();
    let all = json!(["0 vehicles", "100 vehicles", "200 vehicles", "300 vehicles", "400 vehicles"]);
    for vary in ["output", "output=", "output=..", "output=0..400/100", "output = 0 .. 400 / 100"] {
        assert_eq!(values(vary), all, "{vary}");
    }
    assert_eq!(values("output=300.."), json!(["300 vehicles", "400 vehicles"]));
    assert_eq!(values("output=../200"), json!(["0 vehicles", "200 vehicles", "400 vehicles"]));
    // Bare numbers take the parameter's unit; the last point is the last that lies within.
    assert_eq!(values("rate=0..10/4"), json!(["0%", "4%", "8%"]));
    assert_eq!(values("rate=5%,7,10%"), json!(["5%", "7%", "10%"]));
    assert_eq!(values("rate=5%"), json!(["5%"]));
    // Of different units that of the lower end counts.
    assert_eq!(values("volume=100 t..150_000 kg"), json!(["100 t", "150 t"]));
    assert_eq!(values("ceiling=5 USD/t..15 USD/t/5 USD/t"), json!(["5 USD/t", "10 USD/t", "15 USD/t"]));
}

#[test]
fn a_clamp_bends_where_it_takes_another_branch() {
    // 7.5% to 15% between the two points 5% and 10%, and at the point 15%.
    let swept = sweep("rate");
    let branch = ("branch", "clamped");
    assert_eq!(kinks(&swept), [one("bend", "7.5%", branch), one("bend", "15%", branch)]);
    let cause = swept["kinks"][0]["causes"][0]["text"].as_str().unwrap();
    assert_eq!(cause, "clamp(rate, 7.5%, least) of clamped goes over from 7.5% to rate");
}

#[test]
fn a_curve_bends_at_its_points() {
    let curve = ("curve", "relief");
    assert_eq!(
        kinks(&sweep("output")),
        [one("bend", "150 vehicles", curve), one("bend", "250 vehicles", curve)]
    );
}

#[test]
fn a_quota_bends_where_it_no_longer_fills() {
    // 120 t enter: a larger quota admits no more.
    let swept = sweep("volume");
    let (at, kind, causes) = kinks(&swept).remove(0);
    assert_eq!((at.as_str(), kind.as_str()), ("120 t", "bend"));
    let cause = |kind: &str, id: &str| (kind.to_owned(), id.to_owned());
    assert_eq!(causes, [cause("quota", "steel-quota"), cause("charge", "steel")]);
    let fill = |at: usize| &swept["points"][at]["quotas"][0];
    assert_eq!(fill(0)["fill"], Value::Null);
    assert_eq!(fill(1), &json!({ "id": "steel-quota", "party": null, "fill": "1" }));
    assert_eq!(fill(4)["fill"], "0.6");
}

#[test]
fn a_credit_bends_where_it_covers_all() {
    // 10% of 75,000 is 7,500: more of a pool is not drawn.
    let swept = sweep("pool");
    assert_eq!(kinks(&swept), [one("bend", "7500 USD", ("credit", "parts-offset"))]);
    assert_eq!(swept["points"][5]["credits"][0]["fill"], "0.75");
}

#[test]
fn a_condition_makes_duty_jump() {
    // A parcel of 800 is charged 80 while the threshold is below 800.
    let swept = sweep("threshold");
    assert_eq!(kinks(&swept), [one("jump", "800 USD", ("charge", "parcels"))]);
    let kink = &swept["kinks"][0];
    let number = |key: &str| kink[key].as_str().unwrap().parse::<i64>().unwrap();
    assert_eq!(number("duty") - number("duty_after"), 80);
}

#[test]
fn what_rests_on_flows_bends_by_name() {
    // 10 t at the ceiling are worth 5% of 1,400 at 7 USD/t.
    assert_eq!(kinks(&sweep("ceiling")), [one("bend", "7 USD/t", ("flows", "specific"))]);
}

#[test]
fn a_straight_line_and_a_smooth_curve_have_no_kinks() {
    assert_eq!(kinks(&sweep("rate=8..14/1")), []);
    assert_eq!(kinks(&sweep("root")), []);
    let folder = folder(BENDS);
    let said = |vary: &str| text(folder.path(), &["sweep", "s.toml", "--vary", vary]);
    // 80 for what is clamped; 200, 50 beyond the quota, 6,500 beyond the credit, 70 and 10 for the rest.
    assert!(said("rate=8..14/1").starts_with(
        "From 8% to 14% rate raises duty from USD 6,910 to 6,970, a straight line: USD 10 a point.\n"
    ));
    assert!(said("root").contains(", along a curve.\n"));
}

#[test]
fn a_switch_within_a_curve_is_a_kink_too() {
    let scenario =
        BENDS.replace("square    = \"root * root\"", "square    = \"max(root * root, root - 18.75%)\"");
    // x² = x - 3/16 at 1/4 and 3/4: between them the line lies higher.
    let folder = folder(&scenario);
    let swept = document(folder.path(), &["sweep", "s.toml", "--vary", "root=0%..100%/10%"]);
    let branch = ("branch", "square");
    assert_eq!(kinks(&swept["sweep"]), [one("bend", "25%", branch), one("bend", "75%", branch)]);
}

#[test]
fn a_grid_has_a_row_and_a_column_a_value() {
    let folder = folder(BENDS);
    let vary = ["sweep", "s.toml", "--vary", "rate=5,10", "--vary", "least=10%,15%,20%"];
    let swept = document(folder.path(), &vary);
    let points = swept["sweep"]["points"].as_array().unwrap();
    let place = |rate: &str, least: &str| json!({ "rate": rate, "least": least });
    assert_eq!(points.len(), 6);
    assert_eq!(points[1]["values"], place("5%", "15%"));
    assert_eq!(points[3]["values"], place("10%", "10%"));
    let set = ["run", "s.toml", "--set", "rate=10%", "--set", "least=10%"];
    let run = document(folder.path(), &set);
    assert_eq!(points[3]["duty"], run["scenarios"][0]["totals"]["duty"]);
    let plain = text(folder.path(), &vary);
    assert!(plain.contains("Effective rate; least across:"), "{plain}");
    assert!(!plain.contains('\u{1b}'));
    let coloured = text(folder.path(), &[&vary[..], &["--color", "always"]].concat());
    assert!(coloured.contains("\u{1b}[48;5;160m"), "{coloured}");
    let markdown = text(folder.path(), &[&vary[..], &["--format", "markdown"]].concat());
    assert!(markdown.contains("| rate \\\\ least | 10% | 15% | 20% |"), "{markdown}");
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let uncertain = BENDS.replace(
        "least     = \"15%\"",
        "least     = { value = \"15%\", uncertain = { low = 10, high = 20 } }",
    );
    let folder = folder(&uncertain);
    for format in ["table", "json", "csv", "markdown"] {
        let with = |threads: &str| {
            let sweep = ["sweep", "s.toml", "--vary", "rate", "--draws", "7", "--format", format];
            text(folder.path(), &[&sweep[..], &["--threads", threads]].concat())
        };
        assert_eq!(with("1"), with("5"), "{format}");
    }
}

/// One parameter, with one spread after the other.
const UNCERTAIN: &str = r#"
title    = "What is not known"
importer = "US"
date     = 2025-06-05
measure  = [{ id = "cars", products = "8703", rate = "rate" }]
flow     = [{ product = "8703.23", origin = "JP", value = 1_000_000 }]

[parameters]
rate = { value = "10%", min = "0%", max = "50%", uncertain = SPREAD }
"#;

/// Percentiles of duty on 1,000,000.
fn percentiles(spread: &str, more: &[&str]) -> [Decimal; 3] {
    let folder = folder(&UNCERTAIN.replace("SPREAD", spread));
    let draws = if more.contains(&"--draws") { &[][..] } else { &["--draws", "3000"] };
    let swept = document(folder.path(), &[&["sweep", "s.toml"], draws, more].concat());
    let duty = &swept["sweep"]["percentiles"]["points"][0]["duty"];
    ["p5", "p50", "p95"].map(|key| duty[key].as_str().unwrap().parse().unwrap())
}

fn near(found: [Decimal; 3], wanted: [u32; 3]) {
    for (found, wanted) in found.into_iter().zip(wanted) {
        let off = sub(found, wanted.into()).unwrap().abs();
        assert!(off < Decimal::from(12_000), "{found} is not {wanted}");
    }
}

#[test]
fn percentiles_are_those_of_the_spread() {
    near(percentiles("{ low = \"10%\", high = \"30%\" }", &[]), [110_000, 200_000, 290_000]);
    // sqrt(0.05 × 0.02) = 3.16% above the lower end, and as much below the upper one.
    let triangle = "{ low = \"10%\", mode = \"20%\", high = 30 }";
    near(percentiles(triangle, &[]), [131_600, 200_000, 268_400]);
    // 1.645 deviations of 2%.
    near(percentiles("{ mean = \"20%\", sd = \"2%\" }", &[]), [167_100, 200_000, 232_900]);
    // Cut off at the minimum: half of the bell is left, whose median lies 0.674 deviations above it.
    near(percentiles("{ mean = \"0%\", sd = \"10%\" }", &[]), [6_300, 67_400, 196_000]);
}

#[test]
fn a_seed_repeats_and_another_does_not() {
    let with = |seed: &str| percentiles("{ low = \"10%\", high = \"30%\" }", &["--seed", seed]);
    assert_eq!(with("1"), with("1"));
    assert_ne!(with("1"), with("2"));
}

#[test]
fn draws_stay_what_they_are() {
    // The numbers behind a seed are part of what is promised: they change with nothing but a change of results.
    let with = |spread: &str| percentiles(spread, &["--draws", "1", "--seed", "7"])[1].to_string();
    assert_eq!(with("{ low = \"10%\", high = \"30%\" }"), "245272.192766");
    assert_eq!(with("{ mean = \"20%\", sd = \"2%\" }"), "214024.719519");
}

#[test]
fn uncertainty_changes_nothing_that_run_prints() {
    let run = |text_of: &str| {
        let folder = folder(text_of);
        text(folder.path(), &["run", "s.toml", "--format", "json"])
    };
    let without = UNCERTAIN.replace(", uncertain = SPREAD", "");
    assert_eq!(run(&UNCERTAIN.replace("SPREAD", "{ low = \"10%\", high = \"30%\" }")), run(&without));
}

#[test]
fn what_is_set_or_varied_is_not_drawn() {
    let folder = folder(&UNCERTAIN.replace("SPREAD", "{ low = \"10%\", high = \"30%\" }"));
    for args in [&["--set", "rate=20%"][..], &["--vary", "rate=10%"]] {
        let output = tariffsim(folder.path(), &[&["sweep", "s.toml", "--draws", "5"], args].concat());
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(stderr.contains("TS0709"), "{stderr}");
    }
}

#[test]
fn mistakes_on_the_command_line_have_exit_code_2() {
    let folder = folder(BENDS);
    let code = |args: &[&str]| tariffsim(folder.path(), args).status.code();
    assert_eq!(code(&["sweep", "s.toml"]), Some(2));
    assert_eq!(code(&["sweep", "s.toml", "--vary", "rate", "--seed", "1"]), Some(2));
    assert_eq!(code(&["sweep", "s.toml", "--vary", "rate", "--draws", "0"]), Some(2));
    let three = ["sweep", "s.toml", "--vary", "rate", "--vary", "least=1", "--vary", "pool"];
    assert_eq!(code(&three), Some(2));
}

#[test]
fn a_value_that_cannot_be_varied_or_run_says_so() {
    let folder = folder(BENDS);
    let said = |args: &[&str]| {
        let output = tariffsim(folder.path(), &[&["sweep", "s.toml"], args].concat());
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    };
    for (vary, code) in [
        ("word=1,2", "TS0704"),
        ("maker=1,2", "TS0704"),
        ("raet", "TS0410"),
        ("rate=20..10/1", "TS0705"),
        ("rate=10..20/0", "TS0705"),
        ("least=10%..20%", "TS0705"),
        ("least", "TS0705"),
        ("rate=20,10", "TS0705"),
        ("rate=10..60/1", "TS0312"),
        ("rate=10 t..20 t/1 t", "TS0303"),
        ("rate=10..20/", "TS0301"),
        ("rate=0..30/0.000001", "TS0706"),
        ("rate=a..b/1", "TS0302"),
    ] {
        let stderr = said(&["--vary", vary]);
        assert!(stderr.contains(code), "{vary}: {stderr}");
    }
    // A million points, which neither parameter has alone.
    let stderr = said(&["--vary", "rate=0..30/0.01", "--vary", "threshold=0..2000/1"]);
    assert!(stderr.contains("TS0706") && stderr.contains("6,005,001 points"), "{stderr}");
    let stderr = said(&["--vary", "rate", "--vary", "rate"]);
    assert!(stderr.contains("TS0704"), "{stderr}");
    // What is wrong at one point only says at which.
    let below = BENDS.replace("20% - relief", "20% - relief * 3");
    fs::write(folder.path().join("s.toml"), below).unwrap();
    let stderr = said(&["--vary", "output"]);
    assert!(stderr.contains("TS0310") && stderr.contains("this is so at output = 300 vehicles"), "{stderr}");
}

#[test]
fn lines_fit_80_columns() {
    let folder = folder(BENDS);
    for vary in ["rate", "output", "volume", "threshold", "root"] {
        let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
            .args(["sweep", "s.toml", "--vary", vary])
            .current_dir(folder.path())
            .env("COLUMNS", "80")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}

/// A share that is above all there is where `p` is above a third; a flow with no quantity; a cost that is no duty.
const PARTLY: &str = r#"
title    = "Part of it"
importer = "US"
date     = 2025-06-05

[parameters]
p     = { value = "10%", min = "0%", max = "50%", step = "10%" }
other = { value = "10%", min = "0%", max = "50%", step = "10%" }

[[measure]]
id       = "cars"
products = "8703"
rate     = "RATE"
share    = "p * attr.k"

[[measure]]
id       = "vat"
type     = "tax"
products = "8703"
rate     = "other"

[[measure]]
id       = "weighed"
products = "7208"
rate     = "10 USD/t"

[[flow]]
product = "8703.23"
origin  = "JP"
value   = 3_000
attr    = { k = 3 }

[[flow]]
product = "7208.39"
origin  = "KR"
value   = 1_000
"#;

/// A text in one line: where it breaks is not what is looked at.
fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn where_nothing_is_computable_no_duty_is_stated() {
    let folder = folder(&PARTLY.replace("RATE", "40%"));
    let sweep = |args: &[&str]| text(folder.path(), &[&["sweep", "s.toml"], args].concat());
    let none = in_one_line(&sweep(&["--vary", "p=40%..50%/5%"]));
    assert!(none.starts_with("No duty can be stated: from 40% to 50% no flow is computable"), "{none}");
    assert!(none.contains("40% – – –") && !none.contains("0.00"), "{none}");
    assert!(none.contains("in no total: up to 2 flows worth USD 4,000;"), "{none}");
    let some = in_one_line(&sweep(&["--vary", "p"]));
    assert!(
        some.starts_with("From 0% to 30% p raises duty from USD 0 to 1,080; it rests on other"),
        "{some}"
    );
    assert!(some.contains("1 flow becomes not computable") && !some.contains("stops charging"), "{some}");
    let csv = sweep(&["--vary", "p=40%,50%", "--format", "csv"]);
    assert!(csv.contains("s.toml,,40%,,,,2\n"), "{csv}");
    let found = document(folder.path(), &["sweep", "s.toml", "--vary", "p"])["sweep"].clone();
    assert_eq!(
        (&found["points"][4]["duty"], &found["points"][4]["landed_cost"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(found["kinks"][0]["kind"], "computable");
    assert_eq!(found["kinks"][0]["duty_after"], Value::Null);
    let grid = in_one_line(&sweep(&["--vary", "p=40%,50%", "--vary", "other=10%,20%"]));
    assert!(grid.starts_with("No duty can be stated") && grid.contains("up to 2 flows worth"), "{grid}");
}

#[test]
fn flows_that_drop_out_are_a_kink_of_their_own() {
    // Their duty is nothing: the line does not jump.
    let folder = folder(&PARTLY.replace("RATE", "0%"));
    let said = in_one_line(&text(folder.path(), &["sweep", "s.toml", "--vary", "p"]));
    assert!(
        said.starts_with("From 0% to 30% p leaves duty at USD 0; it rests on other flows at 33.3333%"),
        "{said}"
    );
    let found = document(folder.path(), &["sweep", "s.toml", "--vary", "p"])["sweep"].clone();
    assert_eq!(found["kinks"][0]["causes"][0]["text"], "1 flow becomes not computable");
    assert!(found["kinks"][0]["at"].as_str().unwrap().starts_with("33.333"), "{found}");
}

#[test]
fn what_changes_beside_duty_is_said() {
    let folder = folder(&PARTLY.replace("RATE", "40%"));
    let said = in_one_line(&text(folder.path(), &["sweep", "s.toml", "--vary", "other"]));
    assert!(
        said.contains("makes no difference to duty: it is USD 360 throughout; landed cost goes from"),
        "{said}"
    );
}

/// What is said of a sweep that is refused.
fn refused(scenario: &str, args: &[&str]) -> String {
    let folder = folder(scenario);
    let output = tariffsim(folder.path(), args);
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn an_end_of_a_range_may_be_a_fraction() {
    // A quarter: the step is what follows the last slash.
    let folder = folder(&PARTLY.replace("RATE", "40%"));
    let found = document(folder.path(), &["sweep", "s.toml", "--vary", "p=0..1/4/10%"])["sweep"].clone();
    assert_eq!(found["vary"][0]["values"], json!(["0%", "10%", "20%"]));
}

#[test]
fn what_is_varied_is_not_set_as_well() {
    let target = ["solve", "s.toml", "--vary", "rate", "--target", "duty = 5", "--set", "rate=5%"];
    for args in [&["sweep", "s.toml", "--vary", "rate", "--set", "rate=5%"][..], &target] {
        let said = refused(BENDS, args);
        assert!(said.contains("TS0704") && said.contains("`rate` is both varied and set"), "{said}");
    }
}

#[test]
fn a_spread_that_is_hardly_ever_in_bounds_ends_soon() {
    let scenario = UNCERTAIN.replace("SPREAD", "{ mean = \"25%\", sd = \"1000000%\" }");
    let said = refused(&scenario, &["sweep", "s.toml", "--draws", "50000"]);
    assert!(said.contains("TS0315") && said.contains("of 10,000 draws of `rate`"), "{said}");
}

#[test]
fn what_is_wrong_with_a_spread_is_pointed_at() {
    let said = |spread: &str| refused(&UNCERTAIN.replace("SPREAD", spread), &["run", "s.toml"]);
    let mode = said("{ low = \"10%\", mode = \"40%\", high = \"30%\" }");
    assert!(mode.contains("help: write them in rising order") && mode.contains("|  "), "{mode}");
    let place =
        UNCERTAIN.lines().last().unwrap().find("SPREAD").unwrap() + "{ low = \"10%\", mode = ".len() + 1;
    assert!(mode.contains(&format!("s.toml:9:{place}")), "{mode}");
    assert!(said("{ mean = \"10%\", sd = \"-1%\" }").contains("help: leave out its sign"));
    let step = refused(BENDS, &["sweep", "s.toml", "--vary", "rate=10..20/0"]);
    assert!(step.contains("help: write a width"), "{step}");
}
