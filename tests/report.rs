//! Pages and charts: their structure, that every text is escaped, that numbers are those of `run`, that nothing is fetched,
//! and how a browser takes them where one is installed.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::print_stdout, reason = "a test that is left out says so")]

use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tariffsim::money::RoundingMode::HalfUp;
use tariffsim::money::{div, mul, sub};

/// Titles, notes and addresses as an attacker would write them, and a duty that changes on a day.
const HOSTILE: &str = r#"
title       = "<script>alert(1)</script>"
description = "<img src=x onerror=alert(2)>"
notice      = "a & b </style><script>alert(3)</script>"
importer    = "US"
date        = 2025-06-05

[sources.web]
title = "<b>A law</b>"
url   = "https://example.org/?a=1&b=\"2\""
[sources.run]
title = "A trap"
url   = "javascript:alert(4)"
[sources.data]
title = "Another"
url   = "data:text/html,<script>alert(5)</script>"

[[measure]]
id     = "mfn-all"
type   = "mfn"
title  = "]]><script>alert(6)</script>\u0007"
rate   = "2.5%"
source = ["web", "run"]

[parameters.later]
title = "<i>on top</i> & later"
value = "10%"
min   = "0%"
max   = "20%"
step  = "10%"

[parameters.other]
title = "</text><script>alert(7)</script>"
value = "5%"
min   = "0%"
max   = "10%"
step  = "5%"

[[measure]]
id     = "extra"
rate   = [{ from = 2025-04-03, rate = "25%" }, { from = 2025-05-03, rate = "max(later, other)" }]
source = "data"

[[flow]]
id      = "<i>car</i>"
product = "8703.23"
origin  = "JP"
value   = 1_234_567.891

[[variant]]
id      = "without"
title   = "<u>none</u>"
disable = ["extra"]
"#;

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tariffsim"));
    command.args(args).current_dir(folder).env("COLUMNS", "100").env_remove("NO_COLOR").output().unwrap()
}

fn text(folder: &Path, args: &[&str]) -> String {
    let output = tariffsim(folder, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shipped(args: &[&str]) -> String {
    text(root(), args)
}

fn hostile() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hostile.toml"), HOSTILE).unwrap();
    folder
}

/// The opening tags of a page, without comments and the like.
fn tags(page: &str) -> Vec<&str> {
    let starts = page.match_indices('<').map(|(at, _)| &page[at + 1..]);
    let inside = starts.filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    inside.map(|rest| rest.split('>').next().unwrap()).collect()
}

/// The exact values behind the numbers of a page.
fn values(page: &str) -> Vec<&str> {
    let values = page.split("<data value=\"").skip(1);
    values.map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The row of a table that has a name, with the exact values of its cells.
fn row<'a>(page: &'a str, caption: &str, name: &str) -> Vec<&'a str> {
    let table =
        page.split("<table>").find(|table| table.contains(&format!("<caption><span>{caption}"))).unwrap();
    let body = table.split("<tbody>").nth(1).unwrap().split("</table>").next().unwrap();
    let heads = [name.to_owned(), format!("<time>{name}</time>")]
        .map(|name| format!("<th scope=\"row\">{name}</th>"));
    let row = body.split("<tr").find(|row| heads.iter().any(|head| row.contains(head))).expect(name);
    values(row)
}

/// What is wrong with text as XML: tags that do not close, characters that may not stand.
fn ill_formed(xml: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once('<') {
        if before.contains('>') || before.chars().any(|c| c.is_control() && c != '\n') {
            return Some(format!("text {before:?}"));
        }
        for entity in before.split('&').skip(1) {
            let name = entity.split(';').next().unwrap_or_default();
            if !matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") {
                return Some(format!("&{name}"));
            }
        }
        let (tag, after) = after.split_once('>')?;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Some(format!("</{name}>"));
            }
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap_or_default());
        }
        if tag.matches('"').count() % 2 != 0 {
            return Some(format!("<{tag}>"));
        }
        rest = after;
    }
    (!open.is_empty()).then(|| format!("open: {open:?}"))
}

const FOUR: [&str; 4] = [
    "scenarios/japan_auto.toml",
    "scenarios/japan_auto.toml#deal",
    "scenarios/japan_auto.toml#talks-fail",
    "scenarios/japan_auto.toml#production-linked",
];

fn four() -> String {
    shipped(&[&["report"], &FOUR[..]].concat())
}

#[test]
fn a_page_has_landmarks_headings_and_tables_that_can_be_read_aloud() {
    for page in [four(), shipped(&["report", "scenarios/us_japan.toml"])] {
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"), "{}", &page[..200]);
        for landmark in ["<header>", "<nav aria-label=", "<main>", "<footer>"] {
            assert_eq!(page.matches(landmark).count(), 1, "{landmark}");
        }
        assert_eq!(page.matches("<h1>").count(), 1);
        // Every section is named by a heading of its own, and a heading follows no deeper than one level.
        for name in page.split("<section aria-labelledby=\"").skip(1) {
            let id = name.split('"').next().unwrap();
            assert!(page.contains(&format!("<h2 id=\"{id}\">")), "{id}");
        }
        let tables = page.matches("<table>").count();
        assert!(tables >= 4, "{tables} tables");
        assert_eq!(page.matches("<caption>").count(), tables);
        let headings = tags(&page).into_iter().filter(|tag| *tag == "th" || tag.starts_with("th "));
        for tag in headings {
            assert!(tag.contains("scope=\"col\"") || tag.contains("scope=\"row\""), "<{tag}>");
        }
        assert!(page.contains("<details>\n<summary>"), "worksheets fold");
        assert!(page.contains("@media print") && page.contains("prefers-color-scheme: dark"));
        let ids: Vec<&str> =
            page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let distinct: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), distinct.len(), "ids stand once");
        for tag in tags(&page).into_iter().filter(|tag| tag.starts_with("a ") && tag.contains("href=\"#")) {
            let id = tag.split("href=\"#").nth(1).unwrap().split('"').next().unwrap();
            assert!(ids.contains(&id), "#{id} leads nowhere");
        }
    }
}

#[test]
fn a_page_says_what_it_answers_from_what_and_how_it_was_made() {
    let page =
        shipped(&["report", "scenarios/japan_auto.toml", "--set", "auto_rate=10%", "--date", "2025-06-05"]);
    let command =
        "<code>tariffsim report scenarios/japan_auto.toml --set auto_rate=10% --date 2025-06-05</code>";
    assert!(page.contains(command), "the command");
    assert!(page.contains(concat!("Made by tariffsim ", env!("CARGO_PKG_VERSION"))));
    assert!(page.contains("owe USD 8.6 billion in duty: 10.69% of their value."));
    assert!(page.contains("Cars pay 2.5% and 25% on top"), "what to notice");
    assert!(page.contains("Status: historical. Sources last read on "));
    assert!(page.contains("<a href=\"https://www.federalregister.gov/d/2025-05930\">"));
    assert!(page.contains("Base duty not stated") || page.contains("arithmetic on law"));
    assert!(page.contains("<svg"), "a picture");
}

#[test]
fn what_scenarios_say_is_shown_and_never_run() {
    let folder = hostile();
    for scenarios in [&["hostile.toml"][..], &["hostile.toml", "hostile.toml#without"]] {
        let page = text(folder.path(), &[&["report"], scenarios].concat());
        let found = tags(&page);
        let runs = |tag: &&str| {
            let name = tag.split_whitespace().next().unwrap();
            ["script", "img", "iframe", "object", "embed", "b", "i", "u", "form", "base"].contains(&name)
        };
        assert_eq!(found.iter().filter(|tag| runs(tag)).count(), 0, "{found:?}");
        assert_eq!(page.matches("</style>").count(), 1);
        assert!(!found.iter().any(|tag| tag.contains("onerror") || tag.contains("href=\"javascript")));
        assert!(
            page.contains("<title>&#60;script&#62;alert(1)&#60;/script&#62;</title>"),
            "{}",
            &page[..900]
        );
        // What may be followed is a link, what a browser would run is text.
        assert!(page.contains("<a href=\"https://example.org/?a=1&#38;b=&#34;2&#34;\">"));
        assert!(page.contains(": javascript:alert(4)</li>"));
        assert!(page.contains(": data:text/html,&#60;script&#62;alert(5)&#60;/script&#62;</li>"));
    }
}

#[test]
fn nothing_is_fetched_and_the_page_is_small() {
    for page in [four(), shipped(&["report", "scenarios/rcep.toml"])] {
        for tag in tags(&page) {
            let name = tag.split_whitespace().next().unwrap();
            let is_link = name == "a";
            assert!(is_link || !tag.contains("href=") || tag.contains("href=\"data:,\""), "<{tag}>");
            for attribute in [" src=", " srcset=", " poster=", " action=", " data="] {
                assert!(!tag.contains(attribute), "<{tag}>");
            }
            assert!(is_link || !tag.replace("http://www.w3.org/2000/svg", "").contains("://"), "<{tag}>");
            assert!(!matches!(name, "script" | "iframe" | "object" | "embed"), "<{tag}>");
        }
        let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        assert!(!style.contains("url(") && !style.contains("@import"));
        assert!(page.contains("default-src 'none'"));
        assert!(page.len() < 1_000_000, "{} bytes", page.len());
    }
}

#[test]
fn numbers_are_those_of_run() {
    let page = four();
    for (named, name) in FOUR.iter().zip(["the base", "#deal", "#talks-fail", "#production-linked"]) {
        let run: Value = serde_json::from_str(&shipped(&["run", named, "--format", "json"])).unwrap();
        let totals = &run["scenarios"][0]["totals"];
        let row = row(&page, "Duty under each scenario", name);
        assert_eq!(row[..2], [totals["duty"].as_str().unwrap(), totals["effective_rate"].as_str().unwrap()]);
    }
    for (at, named) in FOUR.iter().enumerate() {
        let run: Value = serde_json::from_str(&shipped(&["run", named, "--format", "json"])).unwrap();
        for flow in run["scenarios"][0]["flows"].as_array().unwrap() {
            let row = row(&page, "Every flow", flow["id"].as_str().unwrap());
            assert_eq!(row[0], flow["value"].as_str().unwrap());
            assert_eq!(row[at + 1], flow["duty"].as_str().unwrap(), "{named} {}", flow["id"]);
        }
    }
}

#[test]
fn numbers_of_one_scenario_are_those_of_run_and_timeline() {
    let file = "docs/examples/cars_and_steel.toml";
    let page = shipped(&["report", file]);
    let run: Value =
        serde_json::from_str(&shipped(&["run", file, "--by", "group", "--format", "json"])).unwrap();
    let run = &run["scenarios"][0];
    for group in run["groups"].as_array().unwrap() {
        let row = row(&page, "Duty by goods", &group["key"].as_str().unwrap().replace('_', " "));
        let rate = group["effective_rate"].as_str().unwrap();
        assert_eq!(row[1..], [group["value"].as_str().unwrap(), group["duty"].as_str().unwrap(), rate]);
    }
    let total = row(&page, "Duty by goods", "Total");
    assert_eq!(total[2], run["totals"]["duty"].as_str().unwrap());
    let timeline: Value = serde_json::from_str(&shipped(&["timeline", file, "--format", "json"])).unwrap();
    for point in timeline["timeline"]["points"].as_array().unwrap() {
        let row = row(&page, "Rate and duty if", point["date"].as_str().unwrap());
        assert_eq!(row[0], point["effective_rate"].as_str().unwrap());
        assert_eq!(row.last().unwrap(), &point["duty"].as_str().unwrap());
    }
}

/// Every number in a document for programs.
fn numbers_in(document: &Value, known: &mut BTreeSet<Decimal>) {
    match document {
        Value::Object(fields) => fields.values().for_each(|value| numbers_in(value, known)),
        Value::Array(items) => items.iter().for_each(|value| numbers_in(value, known)),
        Value::String(text) => known.extend(text.parse::<Decimal>().ok()),
        Value::Number(count) => known.extend(count.as_u64().map(Decimal::from)),
        _ => {}
    }
}

/// Whether a number as it is shown is the number behind it, rounded: itself, in millions or in percent.
fn is_rounded(shown: &str, exact: Decimal) -> bool {
    let digits = shown.trim_end_matches('%').trim_start_matches('+').replace(',', "");
    let places = digits.split_once('.').map_or(0, |(_, places)| places.len());
    let factors = if shown.ends_with('%') { &["100"][..] } else { &["1", "0.000001"] };
    factors.iter().any(|factor| {
        let scaled = mul(exact, decimal(factor)).unwrap();
        HalfUp.places(scaled, u32::try_from(places).unwrap()) == decimal(&digits)
    })
}

#[test]
fn every_number_in_a_table_is_one_that_other_verbs_give() {
    let pages: [&[&str]; 4] = [
        &FOUR,
        &["scenarios/us_japan.toml"],
        &["scenarios/steel_quotas.toml"],
        &["scenarios/landed_cost.toml"],
    ];
    for scenarios in pages {
        let page = shipped(&[&["report"], scenarios].concat());
        let mut known = BTreeSet::new();
        let mut ask = |args: &[&str]| {
            let args = [args, &["--format", "json"]].concat();
            numbers_in(&serde_json::from_str(&shipped(&args)).unwrap(), &mut known);
        };
        for scenario in scenarios {
            ask(&["run", scenario]);
            ask(&["run", scenario, "--by", "group"]);
            ask(&["timeline", scenario]);
        }
        if scenarios.len() > 1 {
            ask(&[&["compare"], scenarios].concat());
        } else {
            ask(&["timeline", scenarios[0], "--own-dates"]);
        }
        let tables = page.split("<table>").skip(1).map(|rest| rest.split("</table>").next().unwrap());
        let mut count = 0;
        for cell in tables.flat_map(|table| table.split("<data value=\"").skip(1)) {
            let (exact, rest) = cell.split_once("\">").unwrap();
            let (exact, shown) = (decimal(exact), rest.split('<').next().unwrap());
            assert!(known.contains(&exact), "{scenarios:?}: {exact} is in no document");
            assert!(is_rounded(shown, exact), "{scenarios:?}: {exact} is shown as {shown}");
            count += 1;
        }
        assert!(count > 40, "{scenarios:?}: {count} numbers");
    }
}

#[test]
fn a_page_of_four_scenarios_on_eighty_flows_is_small() {
    let flows =
        ["scenarios/flows/us_from_japan_2024.csv", "scenarios/flows/us_from_japan_2024_materials.csv"];
    let page = shipped(&[&["report"], &FOUR[..], &["--flows", flows[0], "--flows", flows[1]]].concat());
    let table = page.split("<caption><span>Every flow").nth(1).unwrap().split("</table>").next().unwrap();
    assert!(table.matches("<th scope=\"row\">").count() >= 80);
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn worksheets_are_those_of_explain() {
    let page = shipped(&["report", "docs/examples/cars_and_steel.toml"]);
    let explained = shipped(&["explain", "docs/examples/cars_and_steel.toml", "--flow", "digger"]);
    let sheet = page.split("<details>").find(|sheet| sheet.contains("<summary>digger: ")).unwrap();
    assert!(sheet.contains(explained.lines().next().unwrap()));
    for line in ["50% of 80,000", "general"] {
        assert!(explained.contains(line) && sheet.contains(line), "{line}");
    }
    assert_eq!(values(sheet).last(), Some(&"52000"));
}

#[test]
fn a_page_is_the_same_every_time_and_refuses_what_is_wrong() {
    assert_eq!(four(), four());
    let wrong = tariffsim(root(), &["report", "scenarios/japan_auto.toml#dael"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(wrong.stdout.is_empty());
    let days = ["report", "scenarios/japan_auto.toml", "--from", "2026-01-01", "--to", "2025-01-01"];
    assert_eq!(tariffsim(root(), &days).status.code(), Some(2));
}

/// Draws a chart in a folder of its own and gives it back.
fn chart(args: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chart.svg");
    let output = tariffsim(root(), &[args, &["--chart", file.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!output.stdout.is_empty(), "the result is printed too");
    fs::read_to_string(file).unwrap()
}

fn is_a_chart(svg: &str) {
    assert_eq!(ill_formed(svg), None);
    assert!(svg.starts_with("<svg ") && svg.contains("role=\"img\""));
    for part in ["<title id=", "<desc id=", "<text "] {
        assert!(svg.contains(part), "{part}");
    }
    assert!(svg.contains(concat!("Computed by tariffsim ", env!("CARGO_PKG_VERSION"), " from ")), "a source");
    assert!(!svg.contains("<script") && !svg.replace("http://www.w3.org/2000/svg", "").contains("http"));
}

/// Colours have patterns, for those who do not see them.
fn is_patterned(svg: &str) {
    is_a_chart(svg);
    assert!(svg.contains("<pattern id=") && svg.contains("fill=\"url(#"));
}

/// The words of a chart: what stands in `<text>`.
fn drawn(svg: &str) -> Vec<&str> {
    let texts = svg.split("<text ").skip(1);
    texts.map(|text| text.split_once('>').unwrap().1.split("</text>").next().unwrap().trim()).collect()
}

fn told(svg: &str) -> &str {
    svg.split("<desc").nth(1).unwrap().split_once('>').unwrap().1.split("</desc>").next().unwrap()
}

#[test]
fn a_chart_of_scenarios_names_them_and_their_measures_with_exact_duty() {
    let args = ["compare", "docs/examples/cars_and_steel.toml"];
    let svg = chart(&args);
    is_patterned(&svg);
    let compared: Value =
        serde_json::from_str(&shipped(&[&args[..], &["--format", "json"]].concat())).unwrap();
    let words = drawn(&svg).join("\n");
    for (scenario, name) in
        compared["scenarios"].as_array().unwrap().iter().zip(["the base", "#half", "#no-232"])
    {
        assert!(words.contains(name), "{name}");
        let duty = scenario["totals"]["duty"].as_str().unwrap();
        assert!(told(&svg).contains(&format!("{name}: duty USD {duty}")), "{name} {duty}");
        for (id, amount) in scenario["totals"]["by_measure"].as_object().unwrap() {
            let amount = amount.as_str().unwrap();
            if amount != "0" {
                assert!(words.contains(id.as_str()), "{id}");
                assert!(told(&svg).contains(&format!("{id} {amount}")), "{id} {amount}");
            }
        }
    }
    assert!(words.contains("Duty, USD"), "an axis with its unit");
}

#[test]
fn a_chart_over_time_has_every_rate_and_measure() {
    let file = "docs/examples/cars_and_steel.toml";
    let svg = chart(&["timeline", file]);
    is_patterned(&svg);
    let timeline: Value = serde_json::from_str(&shipped(&["timeline", file, "--format", "json"])).unwrap();
    let words = drawn(&svg).join("\n");
    for point in timeline["timeline"]["points"].as_array().unwrap() {
        assert!(told(&svg).contains(&format!("{}: ", point["date"].as_str().unwrap())));
        for (id, amount) in point["by_measure"].as_object().unwrap() {
            assert!(amount == "0" || words.contains(id.as_str()), "{id}");
        }
    }
    for part in ["Rate of duty, % of the customs value", "Day of entry", "32.24%"] {
        assert!(words.contains(part), "{part}");
    }
}

#[test]
fn a_chart_of_a_flow_has_every_charge() {
    let svg = chart(&["explain", "scenarios/landed_cost.toml", "--flow", "ship-germany"]);
    is_patterned(&svg);
    let words = drawn(&svg).join("\n");
    for part in
        ["Customs value", "eu-duty", "de-vat", "Landed cost", "USD 525,000", "USD 52,500", "USD 687,225"]
    {
        assert!(words.contains(part), "{part}");
    }
    assert!(told(&svg).contains("Duty USD 52500."));
}

/// The legend of a picture: each name with the number of its colour and pattern.
fn legend(svg: &str) -> Vec<(&str, &str)> {
    let boxes = svg.split(" width=\"14\" height=\"14\" opacity=\"1\" fill=\"url(#").skip(1);
    boxes.map(|rest| (drawn(rest)[0], rest.split(')').next().unwrap().rsplit('-').next().unwrap())).collect()
}

#[test]
fn on_a_page_a_measure_has_one_colour() {
    for (page, shared) in [(four(), "s232-autos"), (shipped(&["report", "scenarios/us_japan.toml"]), "s301")]
    {
        let mut colours: BTreeMap<&str, &str> = BTreeMap::new();
        let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
        let pictures: Vec<&str> = page.split("<svg ").skip(1).collect();
        for svg in &pictures {
            for (name, colour) in legend(svg).into_iter().filter(|(name, _)| !name.ends_with(" others")) {
                assert_eq!(*colours.entry(name).or_insert(colour), colour, "{name}");
                assert_eq!(*taken.entry(colour).or_insert(name), name, "{colour}");
            }
        }
        let with = pictures.iter().filter(|svg| legend(svg).iter().any(|(name, _)| *name == shared)).count();
        assert_eq!(with, pictures.len(), "{shared} is in all pictures");
        assert!(pictures.len() >= 4 && colours.len() >= 5, "{colours:?}");
    }
}

#[test]
fn hostile_words_are_text_in_a_chart() {
    let folder = hostile();
    for args in [
        &["compare", "hostile.toml"][..],
        &["timeline", "hostile.toml"],
        &["explain", "hostile.toml"],
        &["sweep", "hostile.toml", "--vary", "later"],
        &["sweep", "hostile.toml", "--vary", "later", "--vary", "other"],
    ] {
        let args = [args, &["--chart", "chart.svg"]].concat();
        text(folder.path(), &args);
        let svg = fs::read_to_string(folder.path().join("chart.svg")).unwrap();
        is_a_chart(&svg);
        assert!(svg.contains("&lt;"), "{args:?}");
    }
}

/// The numbers of an attribute, in the order of the elements of a kind.
fn numbers<'a>(svg: &'a str, element: &str, attribute: &str) -> Vec<&'a str> {
    let (opening, name) = (format!("<{element} "), format!("{attribute}=\""));
    let elements = svg.split(opening.as_str()).skip(1).map(|rest| rest.split("/>").next().unwrap());
    let number = |rest: &'a str| rest.split(name.as_str()).nth(1).unwrap().split('"').next().unwrap();
    elements.map(number).collect()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// How far along a number is from the first to the last, in thousandths.
fn along(number: Decimal, first: Decimal, last: Decimal) -> Decimal {
    let (part, whole) = (sub(number, first).unwrap(), sub(last, first).unwrap());
    div(mul(part, Decimal::ONE_THOUSAND).unwrap(), whole).unwrap()
}

fn near(one: Decimal, other: Decimal) -> bool {
    // A pixel of the 280 there are from top to bottom is less than four thousandths.
    sub(one, other).unwrap().abs() < Decimal::from(5)
}

#[test]
fn a_chart_of_a_sweep_has_every_point_and_bend_where_it_is() {
    let args = ["sweep", "docs/examples/uncertain.toml", "--vary", "auto_rate=0%..50%/2.5%", "--draws", "40"];
    let svg = chart(&args);
    is_patterned(&svg);
    let swept: Value = serde_json::from_str(&shipped(&[&args[..], &["--format", "json"]].concat())).unwrap();
    let (points, drawn_points) = (&swept["sweep"]["points"], &swept["sweep"]["percentiles"]["points"]);
    let points: Vec<&Value> = points.as_array().unwrap().iter().collect();
    for (point, drawn) in points.iter().zip(drawn_points.as_array().unwrap()) {
        let rate = mul(decimal(point["effective_rate"].as_str().unwrap()), Decimal::ONE_HUNDRED).unwrap();
        let ends = ["p5", "p50", "p95"].map(|end| drawn["duty"][end].as_str().unwrap()).join(", ");
        let line = format!(
            "auto_rate {}: duty USD {}, {}%; draws {ends}.",
            point["values"]["auto_rate"].as_str().unwrap(),
            point["duty"].as_str().unwrap(),
            rate.normalize()
        );
        assert!(told(&svg).contains(&line), "{line}\n{}", told(&svg));
    }
    // Cars worth 10 million pay 2.5% and, up to 8% + 4.5%, 8%.
    assert!(told(&svg).contains("It bends at 12.5%: duty 1050000."));
    let words = drawn(&svg).join("\n");
    for part in [
        "Duty by auto_rate: A car duty that nobody knows yet",
        "Duty, USD million",
        "On top for cars (auto_rate), %",
        "12.5%",
        "nine in ten draws",
        "their median",
        "it bends",
        "40 draws of relief, floor, seed 0.",
    ] {
        assert!(words.contains(part), "{part}");
    }
    assert!(!words.contains("it jumps") && !words.contains("other flows are computable"));
    // A dot for each point and one in the legend; each as far right and as high as its numbers say.
    let (across, up) = (numbers(&svg, "circle", "cx"), numbers(&svg, "circle", "cy"));
    assert_eq!(across.len(), points.len() + 1);
    let duty = |at: usize| decimal(points[at]["duty"].as_str().unwrap());
    let last = points.len() - 1;
    for at in 0..points.len() {
        let right = along(decimal(across[at]), decimal(across[0]), decimal(across[last]));
        assert!(near(right, decimal(&(at * 50).to_string())), "point {at} across");
        let high = along(decimal(up[at]), decimal(up[0]), decimal(up[last]));
        assert!(near(high, along(duty(at), duty(0), duty(last))), "point {at} up");
    }
}

/// Parcels pay a quarter of their value above a limit, and cars are counted only above another.
const LIMIT: &str = r#"
title    = "Parcels and cars"
importer = "US"
date     = 2025-06-05

[parameters]
limit = { value = "800 USD", min = 0, max = 2_000, step = 250 }
part  = { value = "10%", min = "0%", max = "20%", step = "10%" }

[[measure]]
id       = "parcels"
products = "6109"
rate     = "25%"
when     = "value > limit"

[[measure]]
id       = "cars"
products = "8703"
rate     = "if(limit > 1_200 USD, part, 1 USD/kg)"

[[flow]]
product = "6109.10"
origin  = "JP"
value   = 800

[[flow]]
product = "8703.23"
origin  = "JP"
value   = 5_000
"#;

#[test]
fn a_jump_and_other_flows_have_marks_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("limit.toml"), LIMIT).unwrap();
    text(folder.path(), &["sweep", "limit.toml", "--vary", "limit", "--chart", "limit.svg"]);
    let svg = fs::read_to_string(folder.path().join("limit.svg")).unwrap();
    is_patterned(&svg);
    // A quarter of 800 at a limit below it, nothing from there on; beyond 1,200 a tenth of 5,000.
    assert!(told(&svg).contains("It jumps at 800 USD: duty 200, then 0."), "{}", told(&svg));
    assert!(
        told(&svg).contains("Other flows are computable at 1200 USD: duty 0, then 500."),
        "{}",
        told(&svg)
    );
    let words = drawn(&svg).join("\n");
    for part in ["it jumps", "other flows are computable", "800 USD", "1,200 USD", "limit, USD", "Duty, USD"]
    {
        assert!(words.contains(part), "{part}");
    }
    // Two triangles at the jump, two squares where other flows begin to count, and one of each in the legend.
    let corners: Vec<usize> =
        numbers(&svg, "polygon", "points").iter().map(|points| points.split_whitespace().count()).collect();
    let with = |count: usize| corners.iter().filter(|corners| **corners == count).count();
    assert_eq!((with(3), with(4)), (3, 3), "{corners:?}");
}

#[test]
fn a_chart_of_a_grid_is_darker_where_the_rate_is_higher() {
    let args = [
        "sweep",
        "docs/examples/uncertain.toml",
        "--vary",
        "auto_rate=0%..50%/10%",
        "--vary",
        "relief=0%,1%,4%,9%",
    ];
    let svg = chart(&args);
    is_a_chart(&svg);
    let swept: Value = serde_json::from_str(&shipped(&[&args[..], &["--format", "json"]].concat())).unwrap();
    let words = drawn(&svg);
    let joined = words.join("\n");
    for part in [
        "Effective rate by auto_rate and relief: A car duty that nobody knows yet",
        "Effective rate, % of the customs value",
        "Down: On top for cars (auto_rate), %",
        "Across: Points taken off it (relief), %",
        "50%",
        "9%",
    ] {
        assert!(joined.contains(part), "{part}");
    }
    let fills = numbers(&svg, "rect", "fill");
    let mut seen: Vec<(Decimal, u32)> = Vec::new();
    // The first box is the ground.
    for (point, fill) in swept["sweep"]["points"].as_array().unwrap().iter().zip(&fills[1..]) {
        let rate = decimal(point["effective_rate"].as_str().unwrap());
        let shown = format!("{:.2}%", mul(rate, Decimal::ONE_HUNDRED).unwrap());
        assert!(words.contains(&shown.as_str()), "{shown}");
        let values =
            ["auto_rate", "relief"].map(|name| format!("{name} {}", point["values"][name].as_str().unwrap()));
        let line = format!("{}: duty USD {},", values.join(", "), point["duty"].as_str().unwrap());
        assert!(told(&svg).contains(&line), "{line}");
        let light = |at: usize| u32::from_str_radix(&fill[at..at + 2], 16).unwrap();
        seen.push((rate, 299 * light(1) + 587 * light(3) + 114 * light(5)));
    }
    seen.sort();
    assert!(seen.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{seen:?}");
    assert!(seen.first().unwrap().1 > 4 * seen.last().unwrap().1, "{seen:?}");
}

#[test]
fn a_grid_says_where_nothing_can_be_stated() {
    let folder = tempfile::tempdir().unwrap();
    let parts: Vec<&str> = LIMIT.split("[[flow]]").collect();
    let cars_alone = format!("{}[[flow]]{}", parts[0], parts[2]);
    fs::write(folder.path().join("limit.toml"), cars_alone).unwrap();
    let args = ["sweep", "limit.toml", "--vary", "limit", "--vary", "part", "--chart", "map.svg"];
    text(folder.path(), &args);
    let svg = fs::read_to_string(folder.path().join("map.svg")).unwrap();
    is_patterned(&svg);
    assert!(drawn(&svg).contains(&"nothing can be stated"));
    assert!(
        told(&svg).contains("limit 1000 USD, part 0%: not stated.")
            && told(&svg).contains("limit 1250 USD, part 20%: duty USD")
    );
    // Of nine limits five are not above 1,200; three columns, and one box in the legend.
    let hatched = numbers(&svg, "rect", "fill").into_iter().filter(|fill| fill.starts_with("url(")).count();
    assert_eq!(hatched, 5 * 3 + 1);
}

#[test]
fn a_sweep_that_makes_no_picture_leaves_none() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("limit.toml"), LIMIT).unwrap();
    let refused = |args: &[&str], code: i32, says: &str| {
        let args = [&["sweep", "limit.toml", "--chart", "chart.svg"], args].concat();
        let output = tariffsim(folder.path(), &args);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(says), "{said}");
        assert!(output.stdout.is_empty() && !folder.path().join("chart.svg").exists(), "{args:?}");
    };
    refused(&["--draws", "10"], 2, "--vary <NAME=RANGE>");
    refused(&["--vary", "limit=800"], 1, "one value makes no line to draw");
    refused(
        &["--vary", "limit=0..2_000/1", "--vary", "part"],
        1,
        "2,001 values, where a map has room for 120",
    );
    refused(&["--vary", "limit", "--out", "chart.svg"], 1, "--out and --chart both name chart.svg");
}

/// The words of a picture that are not all within it, at eleven twentieths of the letters' height each.
fn cut(svg: &str) -> Vec<&str> {
    let number = |text: &str| text.split('.').next().unwrap().parse::<i64>().unwrap();
    let attribute = |text: &'_ str, name: &str| {
        let value = text.split(&format!(" {name}=\"")).nth(1).unwrap().split('"').next().unwrap();
        value.to_owned()
    };
    let width = number(&attribute(&format!(" {svg}"), "width"));
    let texts = svg.split("<text").skip(1).map(|rest| rest.split_once('>').unwrap());
    let is_cut = |(tag, rest): &(&str, &str)| {
        let letters = rest.split("</text>").next().unwrap().trim().chars().count();
        let (x, size) = (number(&attribute(tag, "x")), number(&attribute(tag, "font-size")));
        let wide = i64::try_from(letters).unwrap() * size * 11 / 20;
        let left = match attribute(tag, "text-anchor").as_str() {
            "start" => x,
            "middle" => x - wide / 2,
            _ => x - wide,
        };
        left < 0 || left + wide > width
    };
    texts.filter(is_cut).map(|(_, rest)| rest.split("</text>").next().unwrap().trim()).collect()
}

#[test]
fn no_word_of_a_picture_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let id = "a-measure-with-a-name-so-long-that-it-fits-into-no-legend-and-no-label-of-a-telephone";
    let long = LIMIT.replace("\"parcels\"", &format!("\"{id}\"")).replace("value = \"800", "title = \"A limit below which a parcel pays nothing, as the law of one year stated it before that of another ended it for all\", value = \"800");
    let variant = format!("[[variant]]\nid = \"{id}\"\ndisable = [\"cars\"]\n");
    fs::write(folder.path().join("long.toml"), format!("{long}\n{variant}")).unwrap();
    let other = format!("long.toml#{id}");
    let charts: [&[&str]; 3] = [
        &["compare", "long.toml"],
        &["sweep", "long.toml", "--vary", "limit"],
        &["explain", "long.toml", "--flow", "1"],
    ];
    for args in charts {
        text(folder.path(), &[args, &["--chart", "chart.svg"]].concat());
        let svg = fs::read_to_string(folder.path().join("chart.svg")).unwrap();
        assert_eq!(cut(&svg), [""; 0], "{args:?}");
    }
    for page in [
        text(folder.path(), &["report", "long.toml", &other, "--set", "limit=100"]),
        four(),
        shipped(&["report", "scenarios/us_japan.toml"]),
    ] {
        let pictures: Vec<&str> = page.split("<svg").skip(1).collect();
        assert!(!pictures.is_empty());
        for svg in pictures {
            assert_eq!(cut(svg), [""; 0]);
        }
    }
}

#[test]
fn a_chart_is_an_svg_file_of_its_own() {
    let folder = hostile();
    let code = |args: &[&str]| tariffsim(folder.path(), args).status.code();
    assert_eq!(code(&["compare", "hostile.toml", "--chart", "chart.png"]), Some(2));
    assert_eq!(code(&["compare", "hostile.toml", "--chart", "a.svg", "--out", "a.svg"]), Some(1));
    assert_eq!(code(&["compare", "hostile.toml", "--chart", "none/a.svg"]), Some(1));
}

/// A browser on the path.
fn browser() -> Option<&'static str> {
    let works = |name: &&str| {
        Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(works)
}

/// What came of a file that a browser opened.
struct Seen {
    dom: String,
    /// What it complained of on its console.
    complaints: Vec<String>,
    /// Where it asked for something, but for what browsers ask of their maker.
    requests: Vec<String>,
    log: String,
}

fn browse(browser: &str, folder: &Path, args: &[String], file: &Path) -> Seen {
    let net = folder.join("net.json");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"])
        .args(["--enable-logging=stderr", "--v=0", "--virtual-time-budget=2000"])
        // No request gets anywhere, but each is written down.
        .args(["--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND"])
        .arg(format!("--log-net-log={}", net.display()))
        .arg(format!("--user-data-dir={}", folder.join("profile").display()))
        .args(args)
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let log = text(&output.stderr);
    let complains = |line: &&str| line.contains("CONSOLE") || line.contains("Refused to");
    let asked = fs::read_to_string(&net).unwrap_or_default();
    let urls = asked.split("\"url\":\"").skip(1).filter_map(|rest| rest.split('"').next());
    let of_maker = |url: &str| {
        let host = url.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default();
        ["google.com", "googleapis.com", "gvt1.com", "gstatic.com"].iter().any(|maker| host.ends_with(maker))
    };
    let is_request = |url: &&str| url.starts_with("http") && !of_maker(url);
    Seen {
        dom: text(&output.stdout),
        complaints: log.lines().filter(complains).map(str::to_owned).collect(),
        requests: urls.filter(is_request).map(str::to_owned).collect(),
        log,
    }
}

#[test]
fn a_browser_opens_the_page_without_a_complaint_or_a_request() {
    let Some(browser) = browser() else {
        println!("no chromium, chromium-browser or google-chrome on the path: pages are not opened");
        return;
    };
    let pictures = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let folder = tempfile::tempdir().unwrap();
    let dump = ["--dump-dom".to_owned()];
    // What this test would see if there were something to see.
    let bad = folder.path().join("bad.html");
    fs::write(&bad, "<img src='http://example.org/x.png'><script>nothing()</script>").unwrap();
    let seen = browse(browser, folder.path(), &dump, &bad);
    assert!(!seen.complaints.is_empty() && !seen.requests.is_empty(), "{}", seen.log);
    let hostile = hostile();
    let pages = [
        ("four", four()),
        ("us_japan", shipped(&["report", "scenarios/us_japan.toml"])),
        ("hostile", text(hostile.path(), &["report", "hostile.toml", "hostile.toml#without"])),
    ];
    for (name, page) in pages {
        let file = pictures.join(format!("{name}.html"));
        fs::write(&file, &page).unwrap();
        let seen = browse(browser, folder.path(), &dump, &file);
        assert!(seen.dom.contains("<h1>") && seen.dom.contains("</footer>"), "{name}: {}", seen.log);
        assert_eq!(seen.dom.matches("<svg").count(), page.matches("<svg").count(), "{name}");
        assert!(seen.complaints.is_empty(), "{name}: {:?}", seen.complaints);
        assert!(seen.requests.is_empty(), "{name}: {:?}", seen.requests);
        for width in [1280, 400] {
            let picture = pictures.join(format!("{name}-{width}.png"));
            let args = [format!("--window-size={width},2400"), format!("--screenshot={}", picture.display())];
            let seen = browse(browser, folder.path(), &args, &file);
            let size = fs::metadata(&picture).map_or(0, |data| data.len());
            assert!(size > 10_000, "{name} at {width}: {size} bytes; {}", seen.log);
        }
    }
}
