//! Scenarios side by side: what changes in law, what changes in money, and that both add up.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rust_decimal::Decimal;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// A car duty and a steel duty; a variant for each way to change a law.
const TALKS: &str = r#"
title    = "Talks"
status   = "stylised"
importer = "US"
date     = 2025-06-05

[parameters]
auto_rate = "25%"

[products]
cars  = ["8703"]
steel = ["7208"]

[[measure]]
id   = "mfn-all"
type = "mfn"
rate = "2.5%"

[[measure]]
id       = "s232-autos"
products = "cars"
rate     = [{ from = 2025-04-03, rate = "auto_rate" }, { from = 2025-09-16, rate = "15%", inclusive_of = ["base"] }]

[[measure]]
id       = "s232-steel"
products = "steel"
rate     = "50%"

[[flow]]
id      = "car"
product = "8703.23"
origin  = "JP"
value   = 1_000_000

[[flow]]
id      = "coil"
product = "7208.39"
origin  = "JP"
value   = 400_000

[[variant]]
id = "same"

[[variant]]
id         = "lower"
title      = "Cars at 10%"
parameters = { auto_rate = "10%" }

[[variant]]
id   = "deal"
date = 2025-09-16

[[variant]]
id      = "no-steel"
disable = ["s232-steel"]

[[variant]]
id = "fee"
[[variant.measure]]
id   = "mpf"
type = "fee"
rate = "500 USD"

[[variant]]
id = "quota"
[[variant.quota]]
id            = "cars-trq"
measures      = ["s232-autos"]
in_quota_rate = "7.5%"
volume        = "600_000 USD"
period        = "year"
"#;

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tariffsim"));
    command.args(args).current_dir(folder).env("COLUMNS", "100").env_remove("NO_COLOR").output().unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("talks.toml"), TALKS).unwrap();
    folder
}

fn json(args: &[&str]) -> Value {
    let folder = folder();
    let output = tariffsim(folder.path(), &[args, &["--format", "json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn shipped(args: &[&str]) -> Value {
    let output = tariffsim(Path::new(env!("CARGO_MANIFEST_DIR")), &[args, &["--format", "json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(args: &[&str]) -> String {
    let folder = folder();
    let output = tariffsim(folder.path(), args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn number(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

/// The difference of a variant.
fn difference<'a>(compared: &'a Value, variant: &str) -> &'a Value {
    let differences = compared["differences"].as_array().unwrap();
    differences.iter().find(|difference| difference["variant"] == variant).unwrap()
}

fn law(difference: &Value) -> Vec<String> {
    let said = |said: &Value| said["text"].as_str().unwrap_or("–").to_owned();
    let line = |change: &Value| {
        format!(
            "{}: {} → {}",
            change["id"].as_str().unwrap(),
            said(&change["before"]),
            said(&change["after"])
        )
    };
    difference["law"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn each_variant_differs_as_its_law_says() {
    let compared = json(&["compare", "talks.toml"]);
    // (variant, change in duty, points on 1,400,000, what changes in law)
    let cases: [(&str, &str, &[&str]); 5] = [
        // 15 points less on 1,000,000.
        ("lower", "-150000", &["auto_rate: 25% → 10%", "s232-autos: auto_rate = 25% → auto_rate = 10%"]),
        // 27.5% becomes 15% in all: 12.5 points less on 1,000,000.
        (
            "deal",
            "-125000",
            &[
                ": 2025-06-05 → 2025-09-16",
                "s232-autos: auto_rate = 25% → 15% in all, counting the base duty in",
            ],
        ),
        // 50% of 400,000.
        ("no-steel", "-200000", &["s232-steel: 50% → –"]),
        // A fee is no duty.
        ("fee", "0", &["mpf: – → 500 USD"]),
        // 600,000 at 7.5% instead of 25%: 17.5 points less on them.
        ("quota", "-105000", &["cars-trq: – → 600_000 USD a year at 7.5% for s232-autos"]),
    ];
    for (variant, duty, says) in cases {
        let difference = difference(&compared, variant);
        assert_eq!(number(&difference["duty"]), duty.parse::<Decimal>().unwrap(), "{variant}");
        assert_eq!(law(difference), says, "{variant}");
    }
    // Two flows, a fee of 500 each.
    assert_eq!(difference(&compared, "fee")["landed_cost"], "1000");
    // 125,000 of 1,400,000 is 8.928571… points.
    let points = number(&difference(&compared, "deal")["points"]);
    assert_eq!(points.round_dp(6).to_string(), "-8.928571");
}

#[test]
fn a_scenario_against_itself_has_no_differences() {
    for args in [
        &["compare", "talks.toml", "talks.toml"][..],
        &["compare", "talks.toml#deal", "talks.toml#deal"],
        &["compare", "talks.toml#same"],
    ] {
        let compared = json(args);
        for difference in compared["differences"].as_array().unwrap() {
            assert_eq!(difference["law"].as_array().unwrap().len(), 0, "{args:?}");
            assert_eq!(difference["duty"], "0");
            assert_eq!(difference["points"], "0");
        }
        assert!(text(args).starts_with("Nothing changes: "), "{args:?}");
    }
}

#[test]
fn changes_by_measure_sum_to_the_change_in_duty() {
    for compared in [
        json(&["compare", "talks.toml"]),
        json(&["compare", "talks.toml", "--baseline", "deal"]),
        shipped(&["compare", "scenarios/japan_auto.toml"]),
        shipped(&["compare", "scenarios/us_japan.toml", "scenarios/japan_auto.toml"]),
        shipped(&["compare", "scenarios/production_linked.toml"]),
    ] {
        for difference in compared["differences"].as_array().unwrap() {
            let by_measure = difference["by_measure"].as_object().unwrap();
            let fees = |id: &&String| id.as_str() == "mpf";
            let all: Decimal = by_measure.values().map(number).sum();
            let levies: Decimal = by_measure.keys().filter(fees).map(|id| number(&by_measure[id])).sum();
            assert_eq!(all - levies, number(&difference["duty"]), "{}", difference["scenario"]);
        }
    }
}

#[test]
fn one_way_is_the_negative_of_the_other() {
    let forth = json(&["compare", "talks.toml", "talks.toml#lower"]);
    let back = json(&["compare", "talks.toml#lower", "talks.toml"]);
    let (forth, back) = (&forth["differences"][0], &back["differences"][0]);
    for key in ["duty", "points", "value", "landed_cost"] {
        assert_eq!(number(&forth[key]), -number(&back[key]), "{key}");
    }
    for (id, change) in forth["by_measure"].as_object().unwrap() {
        assert_eq!(number(change), -number(&back["by_measure"][id]), "{id}");
    }
    let other_way =
        |change: &Value| (change["id"].clone(), change["after"].clone(), change["before"].clone());
    let same_way = |change: &Value| (change["id"].clone(), change["before"].clone(), change["after"].clone());
    let forth: Vec<_> = forth["law"].as_array().unwrap().iter().map(same_way).collect();
    let back: Vec<_> = back["law"].as_array().unwrap().iter().map(other_way).collect();
    assert_eq!(forth, back);
}

#[test]
fn any_scenario_can_be_the_baseline_and_totals_are_those_of_run() {
    let compared = json(&["compare", "talks.toml", "--baseline", "#deal"]);
    assert_eq!(compared["baseline"], "#deal");
    assert_eq!(number(&difference(&compared, "lower")["duty"]), Decimal::from(125_000 - 150_000));
    for scenario in compared["scenarios"].as_array().unwrap() {
        let named = match scenario["variant"].as_str() {
            Some(variant) => format!("talks.toml#{variant}"),
            None => "talks.toml".to_owned(),
        };
        let alone = json(&["run", &named, "--by", "group"]);
        assert_eq!(alone["scenarios"][0]["totals"], scenario["totals"], "{named}");
    }
}

#[test]
fn the_answer_is_in_words() {
    let page = text(&["compare", "talks.toml#lower"]);
    // 27.5% of 1,000,000 and 52.5% of 400,000 are 485,000, of 1,400,000 34.64%; then 335,000.
    let first = "#lower charges USD 150,000 (10.71 points) less than the base: 23.93% of the value instead of 34.64%.";
    assert!(page.starts_with(first), "{page}");
    assert!(page.contains("Cars pay 15 points less than under the base (27.5% → 12.5%)."), "{page}");
    assert!(page.contains("auto_rate: 25% → 10% (talks.toml:47)"), "{page}");
    assert!(page.contains("The duty changes by USD -150,000: s232-autos -150,000."), "{page}");
    assert!(
        text(&["compare", "talks.toml#fee"])
            .starts_with("#fee charges the same duty as the base, and the goods cost USD 1,000 more."),
        "a fee"
    );
}

#[test]
fn flows_are_the_baselines_unless_each_has_its_own() {
    let folder = folder();
    let other = TALKS.replace("1_000_000", "2_000_000");
    std::fs::write(folder.path().join("other.toml"), other).unwrap();
    let compare = |extra: &[&str]| {
        let args = [&["compare", "talks.toml", "other.toml", "--format", "json"], extra].concat();
        let output = tariffsim(folder.path(), &args);
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(compare(&[])["differences"][0]["duty"], "0");
    let own = compare(&["--own-flows"]);
    // 27.5% of another million.
    assert_eq!(number(&own["differences"][0]["duty"]), Decimal::from(275_000));
    assert_eq!(own["same_flows"], false);
}

#[test]
fn rows_for_programs_have_no_totals() {
    let rows = text(&["compare", "talks.toml#no-steel", "--format", "csv"]);
    let expected = "scenario,variant,baseline,key,value,duty,effective_rate,baseline_duty,baseline_rate,duty_change,points\n\
                    talks.toml,no-steel,the base,steel,400000,10000,0.025,210000,0.525,-200000,-50\n\
                    talks.toml,no-steel,the base,cars,1000000,275000,0.275,275000,0.275,0,0\n";
    assert_eq!(rows, expected);
    let page = text(&["compare", "talks.toml#no-steel", "--format", "markdown"]);
    assert!(page.contains("| (2) #no-steel | 285,000 | 20.36% | -200,000 | -14.29 |"), "{page}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let folder = folder();
    for (args, says) in [
        (&["compare", "talks.toml", "--baseline", "dela"][..], "did you mean `deal`?"),
        (&["compare", "talks.toml#lowr"], "did you mean `talks.toml#lower`?"),
        (&["compare", "none.toml"], "cannot read none.toml"),
    ] {
        let output = tariffsim(folder.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty());
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(says), "{said}");
    }
    let output = tariffsim(folder.path(), &["compare"]);
    assert_eq!(output.status.code(), Some(2));
}

/// Whatever key of a measure or quota a variant changes, the law says so.
#[test]
fn every_key_that_changes_is_named() {
    const QUOTA: &str = r#"
title    = "Keys"
status   = "stylised"
importer = "US"
date     = 2025-06-05

[[measure]]
id       = "steel"
products = "7208"
rate     = "50%"

[[quota]]
id            = "trq"
measures      = "steel"
in_quota_rate = "free"
volume        = "100 t"
origins       = ["JP", "KR"]
period        = "year"

[[flow]]
product  = "720839"
origin   = "JP"
value    = 1000
quantity = 150
unit     = "t"
claims   = "licence"
"#;
    // (what the variant writes, what the law says of it)
    let cases = [
        (
            "quota",
            "carry = 'all'",
            "trq: 100 t a year at free for steel → 100 t a year at free for steel; other carry",
        ),
        (
            "quota",
            "origins = 'KR'",
            "trq: 100 t a year at free for steel → 100 t a year at free for steel; other origins",
        ),
        (
            "quota",
            "claim = 'licence'",
            "trq: 100 t a year at free for steel → 100 t a year at free for steel; other claim",
        ),
        (
            "quota",
            "when = 'value > 5 USD'",
            "trq: 100 t a year at free for steel → 100 t a year at free for steel; other condition",
        ),
        (
            "quota",
            "period = { starts = '07-01' }",
            "trq: 100 t a year at free for steel → 100 t a period from 07-01 at free for steel",
        ),
        (
            "quota",
            "allocation = 'pro-rata'",
            "trq: 100 t a year at free for steel → 100 t a year at free for steel, pro rata",
        ),
        ("measure", "origins = 'KR'\nrate = '60%'", "steel: 50% → 60%; other origins"),
        ("measure", "products = '72'", "steel: 50% → 50%; other goods"),
        ("measure", "type = 'safeguard'", "steel: 50% → 50%; other type"),
        (
            "measure",
            "covers = 'article'",
            "steel: 50%; covers its share, yields to nothing → 50%; covers the article, yields to nothing",
        ),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (list, keys, says) in cases {
        let id = if list == "quota" { "trq" } else { "steel" };
        let variant =
            format!("{QUOTA}\n[[variant]]\nid = 'other'\n[[variant.{list}]]\nid = '{id}'\n{keys}\n");
        std::fs::write(folder.path().join("keys.toml"), variant).unwrap();
        let output = tariffsim(folder.path(), &["compare", "keys.toml", "--format", "json"]);
        let compared: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(law(difference(&compared, "other")), [says], "{keys}");
    }
}

#[test]
fn more_duty_may_be_a_lower_rate() {
    let folder = folder();
    std::fs::write(folder.path().join("small.toml"), TALKS.replace("1_000_000", "0")).unwrap();
    let output = tariffsim(folder.path(), &["compare", "talks.toml", "small.toml", "--own-flows"]);
    let page = String::from_utf8(output.stdout).unwrap();
    // 210,000 on 400,000 instead of 485,000 on 1,400,000: 52.5% instead of 34.64%.
    let first =
        "small.toml charges USD 275,000 (17.86 points more of the value) less than talks.toml: 52.5% of the";
    assert!(page.starts_with(first), "{page}");
}

#[test]
fn statements_are_no_groups_and_a_file_alone_needs_variants() {
    let folder = folder();
    std::fs::write(folder.path().join("alone.toml"), TALKS.split("[[variant]]").next().unwrap()).unwrap();
    for (args, says) in [
        (&["compare", "talks.toml", "--by", "quota"][..], "TS0701"),
        (&["compare", "alone.toml"], "alone.toml has no variants"),
    ] {
        let output = tariffsim(folder.path(), args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(says), "{args:?}");
    }
}
