//! `scenarios/README.md` says what each shipped scenario teaches, how real it is, and its result in a line. It is
//! generated: `UPDATE_EXPECT=1 cargo test --test index` writes it anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;
use tariffsim::diagnostic::Sources;
use tariffsim::files::Files;
use tariffsim::scenario::{self, Request, Scenario};

const HEAD: &str = "\
# Scenarios

Each teaches one thing. `enacted` and `historical` scenarios state law with its sources; `hypothetical` and `stylised` ones
say what is assumed. The result is what `tariffsim run` says first; a variant is run as `FILE#VARIANT`. What is assumed, and
why, is in [docs/assumptions.md](../docs/assumptions.md).

This page is generated from the files.
";

const LESSONS: &str = "
## Lessons

Small enough to be worked by hand. [docs/teaching.md](../docs/teaching.md) teaches from them.
";

const OUT_OF_SCOPE: &str = "
## Not here

Cooperation that is no duty has no place in a tariff schedule, and no scenario: chip subsidies and joint plants, purchases of
liquefied gas, talks on supply chains, investment pledges, export controls as such. What such an arrangement costs the trade
in time and paper can be written as a measure of type `non-tariff`, if somebody has a figure for it; `rare_earths.toml` shows
how.
";

struct Root;

impl Files for Root {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(root().join(path)).map_err(|error| error.to_string())
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn load(file: &str) -> Scenario {
    let mut sources = Sources::new();
    scenario::load(&Request::new(file, &[]), &Root, &mut sources).unwrap().0
}

/// The first line of what `run` says.
fn result(file: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(["run", file])
        .current_dir(root())
        .env("COLUMNS", "400")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().next().unwrap_or_default().to_owned()
}

fn entry(file: &str, level: &str) -> String {
    let scenario = load(file);
    let name = file.strip_prefix("scenarios/").unwrap();
    let teaches = scenario.description.as_deref().unwrap_or_else(|| panic!("{file} has no description"));
    let status = scenario.status.map_or("", tariffsim::scenario::Status::name);
    let verified = scenario.verified.map(|day| format!(", sources read on {day}")).unwrap_or_default();
    let mut text = format!("\n{level} {}\n\n", scenario.title);
    writeln!(text, "[{name}]({name}) · {status}{verified}\n").unwrap();
    writeln!(text, "{}\n", teaches.split_whitespace().collect::<Vec<_>>().join(" ")).unwrap();
    writeln!(text, "- {}", result(file)).unwrap();
    for variant in &scenario.variants {
        let title = variant.title.as_deref().unwrap_or_default();
        writeln!(text, "- `#{}`: {title}", variant.id).unwrap();
    }
    text
}

/// The scenarios of a folder, under headings of a level.
fn entries(folder: &str, level: &str) -> String {
    let mut files: Vec<String> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "toml"))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    files.sort();
    files.iter().map(|file| entry(file, level)).collect()
}

#[test]
fn the_index_is_current() {
    let (scenarios, lessons) = (entries("scenarios", "##"), entries("scenarios/lessons", "###"));
    let page = format!("{HEAD}{scenarios}{LESSONS}{lessons}{OUT_OF_SCOPE}");
    let path = root().join("scenarios/README.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "scenarios/README.md is stale: UPDATE_EXPECT=1 cargo test --test index");
}

/// Every assumption has a number, and points at something that is in the scenario it is about.
#[test]
fn assumptions_stand_where_they_say() {
    let page = fs::read_to_string(root().join("docs/assumptions.md")).unwrap();
    let mut text = String::new();
    let mut number = 0;
    for line in page.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            let file = root().join("scenarios").join(title);
            let is_file = Path::new(title).extension().is_some_and(|extension| extension == "toml");
            text = if is_file { fs::read_to_string(file).unwrap() } else { String::new() };
        }
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if cells.first().is_some_and(|cell| cell.starts_with(|c: char| c.is_ascii_digit())) {
            number += 1;
            assert_eq!(cells[0], number.to_string(), "{line}");
            assert_eq!(cells.len(), 6, "{line}");
            let places = cells[5].split('`').skip(1).step_by(2).filter(|_| !text.is_empty());
            for place in places {
                let name = place.trim_start_matches('#').split('*').find(|part| !part.is_empty()).unwrap();
                assert!(text.contains(name), "`{place}` is not in the scenario: {line}");
            }
        }
    }
    assert!(number > 0);
}
