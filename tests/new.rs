//! `new`, `completions` and `man` as a user drives them, and what `--watch` says where it cannot watch.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tariffsim"));
    command.args(args).current_dir(folder).env("COLUMNS", "100").output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The verbs there are.
fn verbs() -> Vec<String> {
    let help = stdout(&tariffsim(Path::new("."), &["--help"]));
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let lines = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let words = lines.filter_map(|line| line.split_whitespace().next());
    let verbs: Vec<String> = words.filter(|verb| *verb != "help").map(str::to_owned).collect();
    assert!(verbs.len() >= 9 && verbs.contains(&"compare".to_owned()), "{verbs:?}");
    verbs
}

/// The duty of all flows.
fn duty(folder: &Path, args: &[&str]) -> String {
    let output = tariffsim(folder, &[&["run"], args, &["--format", "json"]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    document["scenarios"][0]["totals"]["duty"].as_str().unwrap().to_owned()
}

#[test]
fn a_new_scenario_is_sound_and_runs_and_answers_to_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let output = tariffsim(folder, &["new", "mine"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(stdout(&output).contains("\n  tariffsim run mine.toml\n"), "{}", stdout(&output));

    let checked = tariffsim(folder, &["check", "--strict", "mine.toml"]);
    assert!(checked.status.success(), "{}", stderr(&checked));
    assert_eq!(stderr(&checked), "");
    // Steel worth 1.4 million at 50%, the rest worth 4.3 million at 2.5% and 10%.
    assert_eq!(duty(folder, &["mine.toml"]), "1237500");

    // What the file says one may try.
    assert_eq!(duty(folder, &["mine.toml", "--set", "steel_rate=30%"]), "957500");
    assert!(tariffsim(folder, &["explain", "mine.toml", "--flow", "coil"]).status.success());
    assert!(tariffsim(folder, &["compare", "mine.toml"]).status.success());

    let file = folder.join("mine.toml");
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains("NAME"), "{text}");
    fs::write(&file, text.replace("value = \"50%\"", "value = \"40%\"")).unwrap();
    assert_eq!(duty(folder, &["mine.toml"]), "1097500");
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("mine_flows.csv"), "mine\n").unwrap();
    let output = tariffsim(folder, &["new", "mine"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("mine_flows.csv: it is there already"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(folder.join("mine_flows.csv")).unwrap(), "mine\n");
    // All or none.
    assert!(!folder.join("mine.toml").exists());
}

#[test]
fn a_folder_is_made_and_a_path_is_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(tariffsim(folder, &["new", "mine.toml", "--out", "a/b"]).status.success());
    assert!(tariffsim(folder, &["run", "a/b/mine.toml"]).status.success());
    for name in ["../mine", "a/mine", "", "my case"] {
        assert_eq!(tariffsim(folder, &["new", name]).status.code(), Some(2), "{name}");
    }
}

#[test]
fn every_shell_completes_every_verb() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = tariffsim(folder.path(), &["completions", shell]);
        assert!(output.status.success());
        let script = stdout(&output);
        for verb in verbs() {
            assert!(script.contains(&verb), "{shell} does not know {verb}");
        }
        assert!(script.contains("baseline"), "{shell} does not know --baseline");
    }
    assert_eq!(tariffsim(folder.path(), &["completions", "cmd"]).status.code(), Some(2));
}

#[test]
fn the_manual_has_every_verb() {
    let folder = tempfile::tempdir().unwrap();
    let page = stdout(&tariffsim(folder.path(), &["man"]));
    assert!(page.contains(".TH tariffsim 1"), "{page}");
    assert!(tariffsim(folder.path(), &["man", "--out", "man1"]).status.success());
    for verb in verbs() {
        assert!(page.contains(&format!("tariffsim\\-{verb}(1)")), "{page}");
        let of_verb = fs::read_to_string(folder.path().join(format!("man1/tariffsim-{verb}.1"))).unwrap();
        assert!(of_verb.contains(&verb), "{of_verb}");
    }
}

#[test]
fn only_a_terminal_is_watched_on() {
    let folder = tempfile::tempdir().unwrap();
    assert!(tariffsim(folder.path(), &["new", "mine"]).status.success());
    for verb in ["run", "compare"] {
        let output = tariffsim(folder.path(), &[verb, "mine.toml", "--watch"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        assert!(stderr(&output).starts_with("error: --watch draws on a terminal"), "{}", stderr(&output));
        let output = tariffsim(folder.path(), &[verb, "mine.toml", "--watch", "--out", "result.json"]);
        assert_eq!(output.status.code(), Some(2));
    }
}
