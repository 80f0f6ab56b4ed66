//! The documentation as a book: every page is a chapter of it, the index of messages is current, and nothing in the built book
//! leads nowhere. `.ci/run` builds it and says in `TARIFFSIM_BOOK` where; without that, pages are held as they are written, and links
//! by `tests/docs.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed; what is skipped is said"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use tariffsim::diagnostic::{Code, Severity};

/// What messages are about, by the first digits of their codes.
const GROUPS: [(&str, &str); 9] = [
    ("TS01", "Reading files"),
    ("TS02", "Tables and keys"),
    ("TS03", "Expressions and values"),
    ("TS04", "Names and codes"),
    ("TS05", "Dates, order and precedence"),
    ("TS06", "Trade flows"),
    ("TS07", "What was asked"),
    ("TS08", "What `check` says"),
    ("TS09", "What trade makes of it"),
];

const HEAD: &str = "\
# Messages

Every mistake has a code, the place where it stands, and what to write instead. Here is a page for each, with an example and its
mending; `tariffsim define TS0304` prints one. A warning does not stop a run.

This page is generated from the codes.
";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs")
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
fn the_index_of_messages_is_current() {
    let mut page = HEAD.to_owned();
    for (start, about) in GROUPS {
        write!(page, "\n## {about}\n\n").unwrap();
        for code in Code::ALL.iter().filter(|code| code.id().starts_with(start)) {
            let (id, title) = (code.id(), code.title());
            let grave = if code.severity() == Severity::Warning { " (warning)" } else { "" };
            writeln!(page, "- [{id}](diagnostics/{id}.md): {title}{grave}").unwrap();
        }
    }
    assert_eq!(page.matches("\n- [TS").count(), Code::ALL.len(), "a group is missing");
    let path = docs().join("messages.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == page,
        "docs/messages.md is stale: UPDATE_EXPECT=1 cargo test --test book"
    );
}

/// The chapters of the book: title and path.
fn chapters() -> Vec<(String, String)> {
    let summary = fs::read_to_string(docs().join("SUMMARY.md")).unwrap();
    let link = |line: &str| {
        let (title, path) = line.split_once('[')?.1.split_once("](")?;
        Some((title.to_owned(), path.strip_suffix(')')?.to_owned()))
    };
    summary.lines().filter_map(link).collect()
}

#[test]
fn every_page_is_a_chapter() {
    let pages: BTreeSet<String> = files(&docs(), "md")
        .iter()
        .map(|path| path.strip_prefix(docs()).unwrap().to_str().unwrap().to_owned())
        .filter(|name| name != "SUMMARY.md" && !name.starts_with("examples/"))
        .collect();
    let chapters = chapters();
    let listed: BTreeSet<String> = chapters.iter().map(|(_, path)| path.clone()).collect();
    assert_eq!(listed, pages);
    assert_eq!(listed.len(), chapters.len(), "a page stands there twice");
    for (title, path) in chapters.iter().filter(|(_, path)| path.starts_with("diagnostics/")) {
        let page = fs::read_to_string(docs().join(path)).unwrap();
        assert_eq!(page.lines().next(), Some(format!("# {title}").as_str()), "{path}");
    }
}

/// What stands in an attribute of a page, as it is written.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let opening = format!(" {name}=\"");
    page.split(opening.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// A link as people read it.
fn decoded(link: &str) -> String {
    let bytes = link.replace("&amp;", "&").into_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.as_slice();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|two| std::str::from_utf8(two).ok());
        let (byte, read) =
            hex.and_then(|two| u8::from_str_radix(two, 16).ok()).map_or((*first, 1), |byte| (byte, 3));
        out.push(byte);
        rest = &rest[read..];
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn nothing_in_the_built_book_leads_nowhere() {
    let Some(book) = std::env::var_os("TARIFFSIM_BOOK").map(PathBuf::from) else {
        eprintln!("skipped: TARIFFSIM_BOOK names no built book; links are held by tests/docs.rs alone");
        return;
    };
    let pages: BTreeMap<PathBuf, String> = files(&book, "html")
        .into_iter()
        .map(|path| (path.canonicalize().unwrap(), fs::read_to_string(&path).unwrap()))
        .collect();
    assert!(pages.len() > chapters().len(), "{} pages", pages.len());
    let ids = |page: &str| attributes(page, "id").into_iter().map(decoded).collect::<BTreeSet<_>>();
    let anchors: BTreeMap<&PathBuf, BTreeSet<String>> =
        pages.iter().map(|(path, page)| (path, ids(page))).collect();
    let mut dead = Vec::new();
    // The page for addresses that do not exist has links from the root of a server.
    for (path, page) in pages.iter().filter(|(path, _)| !path.ends_with("404.html")) {
        for link in attributes(page, "href").into_iter().chain(attributes(page, "src")) {
            if link.contains(':') || link.is_empty() {
                continue;
            }
            let link = decoded(link);
            let (file, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let Ok(target) = target.canonicalize() else {
                dead.push(format!("{}: {link}", path.display()));
                continue;
            };
            if !heading.is_empty() && anchors.get(&target).is_some_and(|ids| !ids.contains(heading)) {
                dead.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "\n{}\n", dead.join("\n"));
}
