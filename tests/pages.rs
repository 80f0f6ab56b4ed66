//! Every diagnostic has its page, and every page has the same form. What pages show is executed by `tests/docs.rs`.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its files has failed")]

use std::fs;
use std::path::Path;
use tariffsim::diagnostic::{Code, Severity};

/// The sections of a page, in order.
const SECTIONS: [&str; 3] = ["Why it matters", "Broken", "Mended"];

/// The longest TOML of an example, in lines.
const LINES: usize = 20;

/// The names in a folder.
fn names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The parts of a page: what stands before the first section, then each with its heading.
fn parts(page: &str) -> Vec<(&str, &str)> {
    let parts = page.split("\n## ").map(|part| part.split_once('\n').unwrap_or((part, "")));
    parts.map(|(heading, text)| (heading, text.trim())).collect()
}

/// The blocks of a text: what stands behind the fence, and the lines.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let inside = text.split("```").skip(1).step_by(2);
    inside.filter_map(|block| block.split_once('\n')).collect()
}

/// Whether an example shows the mistake, and nothing else: as a scenario, or as what the program answers.
fn shows(code: Code, (fence, lines): (&str, &str)) -> bool {
    let severity = if code.severity() == Severity::Error { "error" } else { "warning" };
    let fence: Vec<&str> = fence.split_whitespace().collect();
    fence.ends_with(&[severity, code.id()])
        || (fence == ["console"] && lines.contains(&format!("\n{severity}[{code}]")))
}

/// What is wrong with a code's page.
fn complaints(code: Code) -> Vec<String> {
    let parts = parts(code.page());
    let mut complaints = Vec::new();
    let mut demand = |holds: bool, what: &str| {
        if !holds {
            complaints.push(format!("{code}: {what}"));
        }
    };
    let (heading, text) = parts[0];
    demand(heading == format!("# {code}: {}", code.title()), "the first line is not its title");
    demand(!text.is_empty() && !text.contains("\n\n"), "a paragraph says what it means");
    let headings: Vec<&str> = parts[1..].iter().map(|(heading, _)| *heading).collect();
    if headings != SECTIONS {
        demand(false, &format!("its sections are {headings:?}"));
        return complaints;
    }
    let (why, broken, mended) = (parts[1].1, blocks(parts[2].1), blocks(parts[3].1));
    demand(!why.is_empty() && !why.contains("\n\n"), "a paragraph says why it matters");
    demand(broken.iter().filter(|block| shows(code, **block)).count() == 1, "one example is broken");
    demand(
        mended.iter().any(|(fence, _)| fence.starts_with("toml") || *fence == "console"),
        "it shows nothing that is mended",
    );
    demand(mended.iter().all(|(fence, _)| !fence.contains("TS")), "what is mended is still broken");
    let longest = broken.iter().chain(&mended).map(|(_, lines)| lines.lines().count()).max();
    demand(longest.is_some_and(|lines| lines <= LINES), "its examples are long");
    complaints
}

#[test]
fn pages_have_one_form() {
    let complaints: Vec<String> = Code::ALL.iter().copied().flat_map(complaints).collect();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_page_has_a_code() {
    let is_code = |name: &str| Code::ALL.iter().any(|code| name == format!("{code}.md"));
    let strays: Vec<String> = names("docs/diagnostics").into_iter().filter(|name| !is_code(name)).collect();
    assert!(strays.is_empty(), "pages about no code: {strays:?}");
}
