//! Every shipped scenario and each of its variants, as a reader sees it: the table at 80 columns, and duty by
//! measure. `UPDATE_EXPECT=1 cargo test --test goldens` writes the files anew; the difference is reviewed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tariffsim::diagnostic::Sources;
use tariffsim::files::Files;
use tariffsim::scenario::{self, Request};

struct Root;

impl Files for Root {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(root().join(path)).map_err(|error| error.to_string())
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The shipped files, as named from the repository's root.
fn shipped() -> Vec<String> {
    let named = |folder: &'static str| {
        let entries = fs::read_dir(root().join(folder)).unwrap();
        entries.map(move |entry| format!("{folder}/{}", entry.unwrap().file_name().into_string().unwrap()))
    };
    let mut files: Vec<String> = ["scenarios", "scenarios/lessons"]
        .into_iter()
        .flat_map(named)
        .filter(|name| Path::new(name).extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    files
}

/// A file and all its variants, as named on the command line.
fn named(file: &str) -> Vec<String> {
    let mut sources = Sources::new();
    let (scenario, warnings) = scenario::load(&Request::new(file, &[]), &Root, &mut sources).unwrap();
    assert!(warnings.is_empty(), "{file} has warnings");
    let variants = scenario.variants.iter().map(|variant| format!("{file}#{}", variant.id));
    std::iter::once(file.to_owned()).chain(variants).collect()
}

/// What the program prints for a scenario: the table, then duty by measure.
fn printed(scenario: &str) -> String {
    let run = |extra: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
            .args(["run", scenario])
            .args(extra)
            .current_dir(root())
            .env("COLUMNS", "80")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{scenario}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(output.stderr.is_empty(), "{scenario}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    format!("{}\n{}", run(&[]), run(&["--by", "measure", "--format", "csv"]))
}

fn golden(scenario: &str) -> PathBuf {
    let name = scenario.trim_start_matches("scenarios/").replace(".toml", "").replace('#', ".");
    root().join("tests/goldens").join(format!("{name}.txt"))
}

#[test]
fn shipped_scenarios_print_what_was_reviewed() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    for scenario in shipped().iter().flat_map(|file| named(file)) {
        let path = golden(&scenario);
        let found = printed(&scenario);
        if update {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &found).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(found, expected, "{scenario} differs from {}", path.display());
    }
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for scenario in shipped() {
        assert_eq!(printed(&scenario), printed(&scenario));
    }
}
