//! A broken input for every diagnostic, and what the program says of it.
//!
//! A case is a scenario `tests/diagnostics/TS….toml`. Its name starts with the code it is about; what stands on
//! stderr is in the `.stderr` file beside it. Comments in its first lines say more:
//!
//! - `# verb: check` runs that verb instead of `run`,
//! - `# args: --by colour` goes to it as it stands,
//! - `# variant: low` runs `FILE#low`,
//! - `# fault: 25%%` is a text at fault: the line in which it occurs last must be shown, with file and line number,
//! - `# file: TS0603-bad-cell.csv` is the file the faults stand in, where it is not the scenario.
//!
//! `UPDATE_EXPECT=1 cargo test --test diagnostics` rewrites the `.stderr` files; read what changed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops where its premises fail")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tariffsim::diagnostic::{Code, Severity};

/// A broken input.
struct Case {
    /// The scenario's file name.
    name: String,
    /// What is wrong with it.
    code: Code,
    /// Keys and values of its first comments.
    header: Vec<(String, String)>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

fn read(name: &str) -> String {
    String::from_utf8_lossy(&fs::read(folder().join(name)).unwrap()).replace('\u{feff}', "")
}

/// Files of the folder with an extension, in order.
fn files(extension: &str) -> Vec<PathBuf> {
    let all = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        all.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
    files.sort();
    files
}

fn cases() -> Vec<Case> {
    let scenarios =
        files("toml").into_iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    scenarios.filter(|name| name.starts_with("TS")).map(case).collect()
}

fn case(name: String) -> Case {
    let code = Code::ALL.iter().copied().find(|code| name.starts_with(code.id()));
    let code = code.unwrap_or_else(|| panic!("{name} starts with no known code"));
    let text = read(&name);
    let comments = text.lines().map_while(|line| line.strip_prefix("# "));
    let pairs = comments.filter_map(|comment| comment.split_once(": "));
    let header = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    Case { name, code, header }
}

impl Case {
    fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.header.iter().filter(move |(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    fn run(&self) -> Output {
        let variant = self.all("variant").next().map_or_else(String::new, |id| format!("#{id}"));
        Command::new(env!("CARGO_BIN_EXE_tariffsim"))
            .arg(self.all("verb").next().unwrap_or("run"))
            .arg(format!("{}{variant}", self.name))
            .args(self.all("args").flat_map(str::split_whitespace))
            .current_dir(folder())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .output()
            .unwrap()
    }

    /// The texts at fault, and `file:line:` of each.
    fn faults(&self) -> Vec<(String, String)> {
        let file = self.all("file").next().unwrap_or(&self.name);
        let text = read(file);
        self.all("fault").map(|fault| (fault.to_owned(), format!("{file}:{}:", line(&text, fault)))).collect()
    }

    /// What is wrong with what the program says.
    fn complaints(&self) -> Vec<String> {
        let output = self.run();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let is_error = self.code.severity() == Severity::Error;
        let mut complaints = Vec::new();
        let mut demand = |holds: bool, what: String| {
            if !holds {
                complaints.push(format!("{}: {what}", self.name));
            }
        };
        let exit = output.status.code();
        demand(exit == Some(i32::from(is_error)), format!("exit code {exit:?}"));
        demand(
            output.stdout.is_empty() == is_error,
            "results stand beside errors, or there are none".to_owned(),
        );
        demand(stderr.contains(&format!("[{}]", self.code)), format!("{} is not said", self.code));
        for (fault, place) in self.faults() {
            demand(stderr.contains(&format!("--> {place}")), format!("nothing points at {place}"));
            demand(stderr.contains(&fault), format!("`{fault}` is not shown"));
        }
        let expected = self.expected(&stderr);
        demand(stderr == expected, format!("expected\n{expected}\nfound\n{stderr}"));
        complaints
    }

    /// What should be said; what was said, where expectations are being rewritten.
    fn expected(&self, said: &str) -> String {
        let path = folder().join(&self.name).with_extension("stderr");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&path, said).unwrap();
        }
        fs::read_to_string(&path).unwrap_or_default()
    }
}

/// The line in which some words occur last.
fn line(text: &str, words: &str) -> usize {
    let at = text.rfind(words).unwrap_or_else(|| panic!("`{words}` does not occur"));
    text[..at].matches('\n').count() + 1
}

#[test]
fn every_mistake_is_said_where_it_stands() {
    let complaints: Vec<String> = cases().iter().flat_map(Case::complaints).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn every_code_has_a_case() {
    let cases = cases();
    let lacking: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| cases.iter().all(|c| c.code != **code))
        .map(|code| code.id())
        .collect();
    assert!(lacking.is_empty(), "no case for {}", lacking.join(", "));
}

#[test]
fn every_expectation_has_a_case() {
    let orphans: Vec<PathBuf> =
        files("stderr").into_iter().filter(|path| !path.with_extension("toml").exists()).collect();
    assert!(orphans.is_empty(), "no scenario beside {orphans:?}");
}
