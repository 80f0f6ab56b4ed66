//! Executes the documentation: scenarios load, commands print what is shown, links lead somewhere.
//!
//! A block's language says what is done with it:
//!
//! - ` ```toml ` is a whole scenario; it loads without a complaint and so do the flows written in it
//! - ` ```toml fragment ` is a part of one, laid over [`CONTEXT`]
//! - ` ```toml error TS0304 ` is wrong on purpose and gives that code and no other; laid over [`CONTEXT`] where it has
//!   no title
//! - ` ```toml warning TS0609 ` gives that warning and no other complaint; on the pages `TS08xx`, all are held to what
//!   `check` says, on [`TODAY`]
//! - ` ```text imports.csv ` is a file that the blocks below it may name; with `latin-1` behind it, in that encoding.
//!   ` ```toml reform.toml ` is one too. Under `examples/` it is the file of that name
//! - ` ```console ` holds commands after `$ ` and what each prints; `...` on a line stands for any lines

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot read its files has failed")]

use jiff::civil::date;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tariffsim::analysis;
use tariffsim::assess;
use tariffsim::date::Date;
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::files::Files;
use tariffsim::scenario::{self, Request};
use tariffsim::trade::{self, FlowRequest, Flows};

/// What fragments may take for granted: the names that the reference uses in its examples.
const CONTEXT: &str = r#"
title    = "The context of fragments"
importer = "US"
date     = 2025-06-05

[sources.p10908]
title = "Proclamation 10908"

[parameters]
auto_rate = { value = "25%", title = "Additional duty on cars", min = "0%", max = "50%" }

[products]
cars      = ["8703.22-8703.90"]
steel     = ["7208-7229", "7304-7306"]
machinery = ["8429-8430"]

[[measure]]
id        = "s232-autos"
programme = "s232"
products  = "cars"
rate      = "auto_rate"

[[measure]]
id        = "s232-steel"
programme = "s232"
products  = "steel"
rate      = "50%"
"#;

/// The name under which a block is read that has none.
const BLOCK: &str = "block.toml";

/// Pages whose scenarios are checked and not only run.
const CHECKED: &str = "docs/diagnostics/TS08";

/// Pages whose scenarios are modelled and not only run.
const MODELLED: &str = "docs/diagnostics/TS09";

/// The day they are checked on.
const TODAY: Date = date(2026, 9, 1);

/// Where files go that commands write; the name of the folder is not shown.
const WRITTEN: &str = env!("CARGO_TARGET_TMPDIR");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown file of the repository, with its text.
fn documents() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    walk(root(), &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with('.') || name == "target" {
            continue;
        }
        if path.is_dir() {
            walk(&path, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// A fenced block: what stands behind its fence, its lines, where it starts, and the files shown above it.
struct Block {
    language: Vec<String>,
    lines: Vec<String>,
    place: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl Block {
    /// The file it is, if it is one.
    fn name(&self) -> Option<&str> {
        self.language.iter().skip(1).find(|word| word.contains('.')).map(String::as_str)
    }

    /// What is done with it.
    fn verb(&self) -> Vec<&str> {
        self.language.iter().skip(1).map(String::as_str).filter(|word| Some(*word) != self.name()).collect()
    }

    /// What stands in the file.
    fn bytes(&self) -> Vec<u8> {
        let text: String = self.lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
        match self.verb().as_slice() {
            ["latin-1"] => text.chars().map(|c| u8::try_from(c).unwrap()).collect(),
            _ => text.into_bytes(),
        }
    }
}

/// The blocks of the documentation in a language.
fn blocks(language: &str) -> Vec<Block> {
    let of = |(path, text): (PathBuf, String)| blocks_of(&path, &text);
    let all = documents().into_iter().flat_map(of);
    all.filter(|block| block.language.first().is_some_and(|l| l == language)).collect()
}

fn blocks_of(path: &Path, text: &str) -> Vec<Block> {
    let name = path.strip_prefix(root()).unwrap_or(path).display();
    let mut blocks = Vec::new();
    let mut files = BTreeMap::new();
    let mut open: Option<Block> = None;
    for (number, line) in text.lines().enumerate() {
        match (line.strip_prefix("```"), open.take()) {
            (Some(language), None) => {
                let language = language.split_whitespace().map(str::to_owned).collect();
                let place = format!("{name}:{}", number + 1);
                open = Some(Block { language, lines: Vec::new(), place, files: files.clone() });
            }
            (Some(_), Some(block)) => {
                files.extend(block.name().map(|name| (name.to_owned(), block.bytes())));
                blocks.push(block);
            }
            (None, Some(mut block)) => {
                block.lines.push(line.to_owned());
                open = Some(block);
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{name}: a block is not closed");
    blocks
}

/// The text outside blocks and inline code.
fn prose(text: &str) -> String {
    let mut in_block = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            prose.extend(line.split('`').step_by(2));
            prose.push('\n');
        }
    }
    prose
}

/// Files in memory, by path.
struct Memory(BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).cloned().ok_or_else(|| "there is no such file".to_owned())
    }
}

/// A block as a scenario, by its path; what is no whole one is laid over the context.
fn scenario_of(block: &Block) -> (String, Memory) {
    let whole = has_key(&block.lines, "title") || has_key(&block.lines, "extends");
    let text = [if whole { "" } else { "extends = \"context.toml\"\n" }.as_bytes(), &block.bytes()].concat();
    let path = block.name().unwrap_or(BLOCK).to_owned();
    let mut files = block.files.clone();
    files.extend([("context.toml".to_owned(), CONTEXT.into()), (path.clone(), text)]);
    (path, Memory(files))
}

/// Whether a key stands before the first table.
fn has_key(lines: &[String], key: &str) -> bool {
    let mut top = lines.iter().take_while(|line| !line.starts_with('['));
    top.any(|line| line.split('=').next().is_some_and(|name| name.trim() == key))
}

/// Loads a scenario and assesses its flows; what is said on the way, as lines.
fn complaints(block: &Block) -> Vec<String> {
    let (path, files) = scenario_of(block);
    let mut sources = Sources::new();
    let place = &block.place;
    let said = run(path, place, &files, &mut sources).unwrap_or_else(|errors| errors);
    said.into_sorted().iter().map(|d| format!("{}: {}", d.code, d.message)).collect()
}

fn run(path: String, place: &str, files: &Memory, sources: &mut Sources) -> Result<Diagnostics, Diagnostics> {
    let request = Request { path, ..Request::default() };
    let (scenario, mut said) = scenario::load(&request, files, sources)?;
    let flows = if scenario.flows.is_empty() {
        Some(Flows::default())
    } else {
        trade::load(&scenario, &FlowRequest::default(), files, sources, &mut said)
    };
    let Some(flows) = flows else { return Err(said) };
    let (run, warnings) = assess::run(scenario, flows, None)?;
    said.extend(warnings);
    if place.starts_with(MODELLED) {
        analysis::impact::impact(None, &run)?;
    }
    if place.starts_with(CHECKED) {
        let flows = run.flows.clone();
        let trade = Arc::new(analysis::Trade::of(&flows));
        let tried = analysis::Tried::new(run, &flows, trade);
        said.extend(analysis::check(&[tried], TODAY).unwrap().1);
    }
    Ok(said)
}

/// What is wrong with a scenario block.
fn check_scenario(block: &Block) -> Option<String> {
    let found = complaints(block);
    let problem = match block.verb().as_slice() {
        [] if !has_key(&block.lines, "title") => "it has no title: is it a `toml fragment`?".to_owned(),
        ["error" | "warning", code] => {
            if !found.is_empty() && found.iter().all(|line| line.starts_with(code)) {
                return None;
            }
            format!("it should give {code} and gives {found:?}")
        }
        [] | ["fragment"] if found.is_empty() => return None,
        [] | ["fragment"] => found.join("\n  "),
        words => format!("`{}` says nothing to this test", words.join(" ")),
    };
    Some(format!("{}: {problem}", block.place))
}

#[test]
fn scenarios_load() {
    let problems: Vec<String> = blocks("toml").iter().filter_map(check_scenario).collect();
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn files_shown_are_those_of_the_examples() {
    for block in blocks("text").into_iter().chain(blocks("toml")) {
        let Some(name) = block.name().filter(|name| name.starts_with("examples/")) else { continue };
        assert_eq!(block.bytes(), fs::read(root().join("docs").join(name)).unwrap(), "{}", block.place);
    }
}

/// The commands of a block, each with what is shown below it.
fn commands(block: &Block) -> Vec<(&str, Vec<&str>)> {
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in &block.lines {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, Vec::new())),
            (None, Some((_, shown))) => shown.push(line.trim_end()),
            (None, None) => panic!("{}: a console block starts with `$ `", block.place),
        }
    }
    for (_, shown) in &mut commands {
        let filled = shown.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
        shown.truncate(filled);
    }
    commands
}

/// The words of a command; quotes keep spaces, ` #` starts a remark.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for c in command.chars() {
        let last = words.last_mut().unwrap();
        match (c, quote) {
            ('\'' | '"', None) => quote = Some(c),
            (c, Some(open)) if c == open => quote = None,
            (' ', None) if last.is_empty() => {}
            (' ', None) => words.push(String::new()),
            ('#', None) if last.is_empty() => break,
            (c, _) => last.push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The command as a process, `NAME=VALUE` in front of it set; `None` where it is not this program's.
fn process(words: &[String]) -> Option<Command> {
    let settings = words.iter().take_while(|word| is_setting(word)).count();
    let (settings, words) = words.split_at(settings);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (["tariffsim", arguments @ ..] | ["cargo", "run", "--release", "--", arguments @ ..]) =
        words.as_slice()
    else {
        return None;
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_tariffsim"));
    let written = |at: usize| at > 0 && matches!(arguments[at - 1], "--out" | "--chart" | "--account");
    for (at, argument) in arguments.iter().enumerate() {
        command.arg(if written(at) { format!("{WRITTEN}/{argument}") } else { (*argument).to_owned() });
    }
    command.current_dir(root()).env("NO_COLOR", "1").env("COLUMNS", "80");
    command.envs(settings.iter().filter_map(|setting| setting.split_once('=')));
    Some(command)
}

fn is_setting(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
}

/// Whether lines are as shown; `...` stands for any.
fn as_shown(shown: &[&str], lines: &[&str]) -> bool {
    match shown {
        [] => lines.is_empty(),
        ["...", rest @ ..] => (0..=lines.len()).any(|start| as_shown(rest, &lines[start..])),
        [line, rest @ ..] => lines.first().is_some_and(|first| first == line) && as_shown(rest, &lines[1..]),
    }
}

/// What is wrong with a command: it prints something else, or fails where nothing is shown.
fn check_command(place: &str, command: &str, shown: &[&str]) -> Option<String> {
    let words = words(command);
    let mut process = process(&words)?;
    let output = process.output().unwrap();
    let printed = [output.stderr, output.stdout].concat();
    let printed = String::from_utf8(printed).unwrap().replace(&format!("{WRITTEN}/"), "");
    let lines: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
    let good = if shown.is_empty() { output.status.success() } else { as_shown(shown, &lines) };
    (!good).then(|| format!("{place}: $ {command}\n{}\n", lines.join("\n")))
}

#[test]
fn commands_print_what_is_shown() {
    let mut problems = Vec::new();
    for block in blocks("console") {
        for (command, shown) in commands(&block) {
            problems.extend(check_command(&block.place, command, &shown));
        }
    }
    assert!(problems.is_empty(), "\n{}", problems.join("\n"));
}

/// The targets of a text's links.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    targets.map(str::to_owned).collect()
}

/// The names by which headings are linked to.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut in_block = false;
    let mut anchors = BTreeSet::new();
    for line in text.lines() {
        in_block ^= line.starts_with("```");
        if let (false, Some(heading)) = (in_block, line.strip_prefix('#')) {
            anchors.insert(anchor(heading.trim_start_matches('#').trim()));
        }
    }
    anchors
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// What is wrong with a link.
fn check_link(from: &Path, text: &str, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() { from.to_owned() } else { from.parent().unwrap().join(path) };
    let leads = if !target.exists() {
        false
    } else if heading.is_empty() {
        true
    } else if path.is_empty() {
        anchors(text).contains(heading)
    } else {
        anchors(&fs::read_to_string(&target).unwrap()).contains(heading)
    };
    (!leads).then(|| format!("{}: ({link}) leads nowhere", from.display()))
}

#[test]
fn links_lead_somewhere() {
    let mut problems = Vec::new();
    for (path, text) in documents() {
        problems.extend(links(&text).iter().filter_map(|link| check_link(&path, &text, link)));
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

/// The terms of the glossary: what stands in bold at the start of a line.
fn terms(glossary: &str) -> Vec<String> {
    let entry = |line: &str| Some(line.strip_prefix("**")?.split("**").next()?.to_lowercase());
    glossary.lines().filter_map(entry).collect()
}

#[test]
fn glossary_terms_are_unique() {
    let Ok(glossary) = fs::read_to_string(root().join("docs/glossary.md")) else { return };
    let terms = terms(&glossary);
    assert!(!terms.is_empty(), "the glossary has no entries");
    let mut seen = BTreeSet::new();
    let twice: Vec<&String> = terms.iter().filter(|term| !seen.insert(*term)).collect();
    assert!(twice.is_empty(), "explained twice: {twice:?}");
}

#[test]
fn any_lines_stand_for_dots() {
    assert!(as_shown(&["a", "...", "d"], &["a", "b", "c", "d"]));
    assert!(as_shown(&["..."], &[]));
    assert!(!as_shown(&["a", "...", "d"], &["a", "b"]));
    assert!(!as_shown(&["a"], &["a", "b"]));
}

#[test]
fn commands_are_cut_into_words() {
    let cut = |command| words(command).join("|");
    assert_eq!(cut("tariffsim run a.toml#v --set 'x=1 t'  # a remark"), "tariffsim|run|a.toml#v|--set|x=1 t");
    assert!(process(&words("COLUMNS=100 tariffsim run a.toml")).is_some());
    assert!(process(&words("cargo test")).is_none());
}
