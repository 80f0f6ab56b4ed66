//! `docs/scenario.schema.json` is what `tariffsim schema` prints, knows every key the program knows and no other, accepts
//! every scenario the repository shows, and points at misspelt keys. `UPDATE_EXPECT=1 cargo test --test schema` writes
//! it anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[allow(dead_code, reason = "these tests need what is wrong with files, and not all that is shared")]
mod common;

use common::run_files;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tariffsim::diagnostic::{Code, Diagnostic, Severity};
use tariffsim::scenario;
use toml::de::{DeTable, DeValue};

const SCHEMA: &str = "docs/scenario.schema.json";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator() -> Validator {
    jsonschema::draft7::new(&scenario::schema()).unwrap()
}

/// A scenario as editors hand it to a validator: dates are texts.
fn instance(text: &str) -> Value {
    let text = text.trim_start_matches('\u{feff}');
    table(DeTable::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}")).get_ref())
}

fn table(table: &DeTable<'_>) -> Value {
    let entries = table.iter().map(|(key, node)| (key.get_ref().to_string(), value(node.get_ref())));
    Value::Object(entries.collect::<Map<String, Value>>())
}

fn value(node: &DeValue<'_>) -> Value {
    match node {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => json!(number.as_str().replace('_', "").parse::<i64>().unwrap()),
        DeValue::Float(number) => json!(number.as_str().replace('_', "").parse::<f64>().unwrap()),
        DeValue::Boolean(truth) => json!(truth),
        DeValue::Datetime(day) => json!(day.to_string()),
        DeValue::Array(items) => items.iter().map(|item| value(item.get_ref())).collect(),
        DeValue::Table(inner) => table(inner),
    }
}

/// What the schema says against a scenario: where, and what.
fn complaints(validator: &Validator, instance: &Value) -> Vec<String> {
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The files of a folder and of those in it with an extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_schema_in_the_repository_is_the_one_printed() {
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim")).arg("schema").output().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(root().join(SCHEMA), &printed).unwrap();
    }
    let kept = fs::read_to_string(root().join(SCHEMA)).unwrap_or_default();
    assert!(kept == printed, "{SCHEMA} is stale: UPDATE_EXPECT=1 cargo test --test schema");
}

#[test]
fn the_schema_is_one() {
    assert!(jsonschema::draft7::meta::validate(&scenario::schema()).is_ok());
}

#[test]
fn shipped_scenarios_name_the_schema() {
    for file in files(&root().join("scenarios"), "toml") {
        let inside = file.strip_prefix(root()).unwrap().components().count() - 1;
        let named = format!("#:schema {}docs/scenario.schema.json\n", "../".repeat(inside));
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with(&named), "the first line of {} should be {named}", file.display());
    }
}

#[test]
fn shipped_scenarios_and_examples_fit() {
    let validator = validator();
    let mut found = Vec::new();
    let folders = [
        "scenarios",
        "docs/examples",
        "src/bin/tariffsim/new",
        "tests/explain",
        "tests/peers/gta",
        "tests/peers/customs",
    ];
    for file in folders.iter().flat_map(|folder| files(&root().join(folder), "toml")) {
        let said = complaints(&validator, &instance(&fs::read_to_string(&file).unwrap()));
        found.extend(said.into_iter().map(|said| format!("{}{said}", file.display())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The blocks of TOML in a page that are not wrong on purpose.
fn blocks(page: &str) -> Vec<&str> {
    let blocks = page.split("\n```toml").skip(1).filter_map(|rest| rest.split_once('\n'));
    let good = blocks.filter(|(fence, _)| !fence.contains("error"));
    good.filter_map(|(_, rest)| rest.split("\n```").next()).collect()
}

#[test]
fn what_the_documentation_shows_fits() {
    let validator = validator();
    let mut found = Vec::new();
    let mut seen = 0;
    let pages = [vec![root().join("README.md")], files(&root().join("docs"), "md")].concat();
    for page in pages {
        for block in blocks(&fs::read_to_string(&page).unwrap()) {
            let mut instance = instance(block);
            if instance.get("extends").is_none() {
                // A fragment has no title of its own.
                instance["title"] = json!("A fragment");
            }
            seen += 1;
            let said = complaints(&validator, &instance);
            found.extend(said.into_iter().map(|said| format!("{}{said}\n{block}\n", page.display())));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(seen > 50, "only {seen} blocks were found");
}

#[test]
fn what_the_program_only_warns_of_fits() {
    let validator = validator();
    for file in files(&root().join("tests/diagnostics"), "toml") {
        let name = file.file_name().unwrap().to_str().unwrap();
        let code = Code::ALL.iter().find(|code| name.starts_with(code.id()));
        if code.is_some_and(|code| code.severity() == Severity::Warning) {
            let said = complaints(&validator, &instance(&fs::read_to_string(&file).unwrap()));
            assert!(said.is_empty(), "{name}{}", said.join("\n"));
        }
    }
}

/// Where a key stands, or a text as a value.
fn place(of: &str, tree: &Value, at: &str) -> Option<(String, bool)> {
    match tree {
        Value::String(text) => (text == of).then(|| (at.to_owned(), false)),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(i, item)| place(of, item, &format!("{at}/{i}")))
        }
        Value::Object(map) if map.contains_key(of) => Some((at.to_owned(), true)),
        Value::Object(map) => map.iter().find_map(|(key, item)| place(of, item, &format!("{at}/{key}"))),
        _ => None,
    }
}

#[test]
fn misspelt_keys_are_flagged_where_they_stand() {
    let validator = validator();
    let mut cases = 0;
    for file in files(&root().join("tests/diagnostics"), "toml") {
        let name = file.file_name().unwrap().to_str().unwrap();
        if !name.starts_with("TS0201") {
            continue;
        }
        cases += 1;
        let text = fs::read_to_string(&file).unwrap();
        let fault =
            text.lines().find_map(|line| line.split_once("# fault: ")).unwrap().1.trim().trim_matches('"');
        let instance = instance(&text);
        let (path, is_key) = place(fault, &instance, "").unwrap();
        let mut errors = validator.iter_errors(&instance);
        let flagged = errors.any(|error| {
            error.instance_path().as_str() == path
                && match error.kind() {
                    ValidationErrorKind::AdditionalProperties { unexpected } => {
                        unexpected.iter().any(|key| key == fault)
                    }
                    _ => !is_key,
                }
        });
        assert!(
            flagged,
            "{name}: `{fault}` is not flagged at {path}: {:?}",
            complaints(&validator, &instance)
        );
    }
    assert!(cases >= 6, "only {cases} cases were found");
}

#[test]
fn what_is_wrong_is_flagged_where_it_stands() {
    let at = |text: &str, path: &str| {
        let instance = instance(&format!("title = 't'\n{text}"));
        let said = complaints(&validator(), &instance);
        assert!(said.iter().any(|said| said.starts_with(&format!("{path}: "))), "{text}\n{said:?}");
    };
    at("status = 'enacetd'", "/status");
    at("date = '5 June'", "/date");
    at("importer = 'Japan'", "/importer");
    at("[[measure]]\nid = 'x'\ntype = 'additonal'", "/measure/0/type");
    at("[[measure]]\nid = 'mfn'", "/measure/0/id");
    at("[[measure]]\nid = 'x'\nrate = 25", "/measure/0/rate");
    at("[[measure]]\nid = 'x'\nrate = [{ from = 2025-01-01, rate = 0.25 }]", "/measure/0/rate/0/rate");
    at("[[measure]]\nid = 'x'\nrate = { base = '10%' }", "/measure/0/rate");
    at("[[measure]]\nid = 'x'\nrate = { file = 'f.csv', stages = 8 }", "/measure/0/rate/stages");
    at("[[measure]]\nid = 'x'\nproducts = ['8703', 8704]", "/measure/0/products/1");
    at("[[quota]]\nid = 'x'\nperiod = 'weekly'", "/quota/0/period");
    at("[[variant]]\nid = 'v'\n[[variant.measure]]\nid = 'x'\ncovers = 'all'", "/variant/0/measure/0/covers");
    at("[parameters]\nx = { of = 'y' }", "/parameters/x");
    at("[parameters]\nx = [{ from = 2025-01-01, valu = '1' }]", "/parameters/x/0");
    at("[[flow]]\nproduct = 8703\norigin = 'JP'\nvalue = 1", "/flow/0/product");
}

/// A table of the language, as scenarios with a key in it that nobody knows; several where one key takes several tables.
/// What is read before the tables are laid over one another is named apart.
struct Probe {
    texts: &'static [&'static str],
    read_before: &'static [&'static str],
}

const fn probe(texts: &'static [&'static str]) -> Probe {
    Probe { texts, read_before: &[] }
}

/// The key that nobody knows.
const UNKNOWN: &str = "zzzzzz";

const PROBES: &[Probe] = &[
    Probe { texts: &["zzzzzz = 1"], read_before: &["extends"] },
    probe(&["[sources.a]\ntitle = 'A'\nzzzzzz = 1"]),
    probe(&["[rounding]\nzzzzzz = 1"]),
    probe(&["[rounding.value]\nto = '1 USD'\nmode = 'up'\nzzzzzz = 1"]),
    probe(&["[series.a]\ntake = 'highest'\nzzzzzz = 1"]),
    probe(&[
        "[files.a]\nfile = 'f.csv'\nzzzzzz = 1",
        "[files.a]\nfile = 'f.csv'\nspread = 'month'\nzzzzzz = 1",
    ]),
    probe(&[
        "[files.a]\nfile = 'f.csv'\norigin = { column = 'hs', zzzzzz = 1 }",
        "[files.a]\nfile = 'f.csv'\norigin = { zzzzzz = 1 }",
    ]),
    probe(&["[codes.a]\nfile = 'f.csv'\ncode = 'hs'\ncountry = 'value'\nzzzzzz = 1"]),
    probe(&["[products.a]\nfile = 'f.csv'\nproduct = 'hs'\nzzzzzz = 1"]),
    Probe { texts: &["[[measure]]\nid = 'a'\nrate = '1%'\nzzzzzz = 1"], read_before: &["unset"] },
    probe(&["[[measure]]\nid = 'a'\nrate = [{ from = 2025-01-01, rate = '1%', zzzzzz = 1 }]"]),
    probe(&[
        "[[measure]]\nid = 'a'\n[[measure.rate]]\nfrom = 2025-01-01\nrate = { file = 'f.csv', zzzzzz = 1 }",
    ]),
    probe(&[
        "[[measure]]\nid = 'a'\nrate = { file = 'f.csv', zzzzzz = 1 }",
        "[[measure]]\nid = 'a'\nrate = { base = '10%', zzzzzz = 1 }",
    ]),
    probe(&["[[measure]]\nid = 'a'\nrate = { base = '10%', round = { zzzzzz = 1 } }"]),
    Probe { texts: &["[[quota]]\nid = 'a'\nzzzzzz = 1"], read_before: &["unset"] },
    Probe { texts: &["[[credit]]\nid = 'a'\nzzzzzz = 1"], read_before: &["unset"] },
    probe(&["[[quota]]\nid = 'a'\nperiod = { zzzzzz = 1 }"]),
    probe(&["[[quota]]\nid = 'a'\ncarry = { zzzzzz = 1 }"]),
    probe(&["[[variant]]\nid = 'a'\nzzzzzz = 1"]),
    probe(&["[parameters]\na = { value = '1', zzzzzz = 1 }"]),
    probe(&["[parameters]\na = { value = '1', uncertain = { low = '1', high = '2', zzzzzz = 1 } }"]),
    probe(&["[parameters]\na = [{ from = 2025-01-01, value = '1', zzzzzz = 1 }]"]),
    probe(&["[[flow]]\nproduct = '8703'\norigin = 'JP'\nvalue = 1\nzzzzzz = 1"]),
    probe(&["[flows]\nfile = 'f.csv'\nzzzzzz = 1"]),
    probe(&["[flows]\nfile = 'f.csv'\nproduct = { zzzzzz = 1 }"]),
    probe(&["[flows]\nfile = 'f.csv'\norigin = { zzzzzz = 1 }"]),
    probe(&["[flows]\nfile = 'f.csv'\ndate = { zzzzzz = 1 }"]),
    probe(&["[flows]\nfile = 'f.csv'\nquantity = { zzzzzz = 1 }"]),
    probe(&["[flows]\nfile = 'f.csv'\nvalue = { zzzzzz = 1 }"]),
    probe(&["[[measure]]\nid = 'a'\nrate = { file = 'f.csv', origin = { column = 'hs', zzzzzz = 1 } }"]),
    probe(&["[products]\na = '8703'\n[economics.a]\nzzzzzz = 1"]),
    Probe { texts: &["[[chain]]\nid = 'a'\nzzzzzz = 1"], read_before: &["unset"] },
    probe(&["[[chain]]\nid = 'a'\ninputs = [{ zzzzzz = 1 }]"]),
];

/// What the program says of a scenario.
fn said(text: &str) -> Vec<Diagnostic> {
    let text = format!("title = 't'\nimporter = 'US'\ndate = 2025-06-05\n{text}\n");
    let files = [("s.toml", text.as_str()), ("f.csv", "hs,value\n8703,1%\n")];
    run_files(&files, "s.toml", &[]).err().map(|wrong| wrong.diagnostics).unwrap_or_default()
}

/// The keys that the program says there are beside the unknown one, but those it does not support yet.
fn known_keys(text: &str) -> BTreeSet<String> {
    let unknown = |d: &&Diagnostic| d.code == Code::UnknownKey && d.message.contains(UNKNOWN);
    let found = said(text);
    let help =
        found.iter().find(unknown).unwrap_or_else(|| panic!("{UNKNOWN} is not said of {text}: {found:?}"));
    let listed = help.help[0].strip_prefix("the keys are ").unwrap();
    let keys = listed.split(", ").map(|key| key.trim_matches('`').to_owned());
    let supported = |key: &String| {
        let said = said(&text.replace(UNKNOWN, key));
        !said.iter().any(|d| d.code == Code::NotSupported && d.message.contains(&format!("`{key}`")))
    };
    keys.filter(supported).collect()
}

/// The keys of every table of the schema that has no others.
fn closed_tables(schema: &Value, found: &mut BTreeSet<BTreeSet<String>>) {
    match schema {
        Value::Object(map) => {
            if let (Some(Value::Object(properties)), Some(Value::Bool(false))) =
                (map.get("properties"), map.get("additionalProperties"))
            {
                found.insert(properties.keys().cloned().collect());
            }
            map.values().for_each(|inner| closed_tables(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|item| closed_tables(item, found)),
        _ => {}
    }
}

#[test]
fn the_schema_has_the_keys_that_the_program_knows() {
    let mut in_schema = BTreeSet::new();
    closed_tables(&scenario::schema(), &mut in_schema);
    let of = |probe: &Probe| {
        let read = probe.texts.iter().flat_map(|text| known_keys(text));
        read.chain(probe.read_before.iter().map(|key| (*key).to_owned())).collect::<BTreeSet<String>>()
    };
    let in_program: BTreeSet<BTreeSet<String>> = PROBES.iter().map(of).collect();
    let only = |a: &BTreeSet<BTreeSet<String>>, b: &BTreeSet<BTreeSet<String>>| {
        a.difference(b).map(|keys| format!("{keys:?}")).collect::<Vec<_>>().join("\n")
    };
    let (schema, program) = (only(&in_schema, &in_program), only(&in_program, &in_schema));
    assert!(
        schema.is_empty() && program.is_empty(),
        "tables of the schema alone (a new one wants a probe):\n{schema}\ntables of the program alone:\n{program}"
    );
}

/// Keys without a description, by their place.
fn undescribed(schema: &Value, at: &str, found: &mut Vec<String>) {
    let Value::Object(map) = schema else { return };
    if let Some(Value::Object(properties)) = map.get("properties") {
        for (key, what) in properties {
            let said = what["description"].as_str().unwrap_or_default();
            if !(said.ends_with('.') || what == &json!(false)) {
                found.push(format!("{at}/{key}: {said}"));
            }
        }
    }
    map.iter().for_each(|(key, inner)| undescribed(inner, &format!("{at}/{key}"), found));
}

#[test]
fn every_key_is_described() {
    let mut found = Vec::new();
    undescribed(&scenario::schema(), "", &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}
