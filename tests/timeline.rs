//! `timeline`: every day on which some rate changes and no other, each with what changed, and figures that are those of
//! `run` on the day.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

#[allow(dead_code, reason = "other tests use the rest")]
mod common;

use common::decimal;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tariffsim::analysis::{self, Asked, Days, Point, Timeline};
use tariffsim::assess::{Plan, assess};
use tariffsim::date::{Date, ToSpan, parse_date};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::files::Files;
use tariffsim::scenario::{self, Request, Scenario};
use tariffsim::trade::{self, FlowRequest, Flows};

// Through the library

struct Disk<'a>(&'a [(&'a str, &'a str)]);

impl Files for Disk<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.0.iter().find(|(name, _)| *name == path) {
            Some((_, text)) => Ok(text.as_bytes().to_vec()),
            None => fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).map_err(|e| e.to_string()),
        }
    }
}

fn load(files: &[(&str, &str)], named: &str) -> (Scenario, Flows, Sources) {
    let (disk, mut sources) = (Disk(files), Sources::new());
    let (scenario, mut said) = scenario::load(&Request::new(named, &[]), &disk, &mut sources).unwrap();
    let flows = trade::load(&scenario, &FlowRequest::default(), &disk, &mut sources, &mut said).unwrap();
    (scenario, flows, sources)
}

fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

fn between(from: &str, to: &str) -> Asked {
    let days = Days::between(Some(day(from)), Some(day(to))).unwrap();
    Asked { days, ..Asked::default() }
}

fn timeline(text: &str, asked: Asked) -> Timeline {
    timeline_of(&[("test.toml", text)], "test.toml", asked).0
}

fn timeline_of(files: &[(&str, &str)], named: &str, asked: Asked) -> (Timeline, Sources) {
    let (scenario, flows, sources) = load(files, named);
    let timeline =
        analysis::timeline(scenario, flows, asked).unwrap_or_else(|found| panic!("{}", said(found))).0;
    sound(&timeline, &sources);
    (timeline, sources)
}

fn said(found: Diagnostics) -> String {
    found.into_sorted().iter().map(|d| d.message.clone()).collect::<Vec<_>>().join("\n")
}

/// What holds of every timeline.
fn sound(timeline: &Timeline, sources: &Sources) {
    let sum = |layers: &[analysis::Layer]| layers.iter().map(|layer| layer.amount).sum::<Decimal>();
    for (at, point) in timeline.points.iter().enumerate() {
        assert_eq!(sum(&point.by_measure), point.duty, "{}", point.date);
        assert_eq!(sum(&point.by_programme), point.duty, "{}", point.date);
        assert!(at == 0 || timeline.points[at - 1].date < point.date);
        assert_eq!(point.change.is_none(), at == 0);
        assert!(at == 0 || timeline.monthly || !point.causes.is_empty(), "{} has no cause", point.date);
        for cause in &point.causes {
            assert!(sources.position(cause.span).is_some(), "{cause:?} stands nowhere");
        }
    }
}

fn dates(timeline: &Timeline) -> Vec<String> {
    timeline.points.iter().map(|point| point.date.to_string()).collect()
}

fn rates(timeline: &Timeline) -> Vec<String> {
    let rate =
        |point: &Point| point.effective_rate.map(|rate| rate.normalize().to_string()).unwrap_or_default();
    timeline.points.iter().map(rate).collect()
}

/// The causes of a point: id, text and the line in its file.
fn causes<'a>(timeline: &'a Timeline, sources: &Sources, date: &str) -> Vec<(&'a str, &'a str, usize)> {
    let point = timeline.points.iter().find(|point| point.date == day(date)).unwrap();
    let line = |cause: &analysis::Cause| sources.position(cause.span).unwrap().1;
    point.causes.iter().map(|cause| (cause.id.as_str(), cause.text.as_str(), line(cause))).collect()
}

/// The days after the first on which some flow owes another duty than the day before: every day is looked at by itself.
fn looked_at_day_by_day(text: &[(&str, &str)], named: &str, from: Date, to: Date) -> Vec<String> {
    let (scenario, flows, _) = load(text, named);
    let plan = Plan::compile(scenario);
    let duties = |day: Date| -> Vec<Option<Decimal>> {
        let mut flows = flows.clone();
        flows.rows.iter_mut().for_each(|flow| flow.date = day);
        let sheets = assess(&plan, &flows).unwrap().0.sheets;
        sheets.iter().map(|sheet| sheet.computable().then_some(sheet.duty)).collect()
    };
    let mut found = vec![from.to_string()];
    let (mut today, mut known) = (from, duties(from));
    while today < to {
        today = today.tomorrow().unwrap();
        let owed = duties(today);
        if owed != known {
            found.push(today.to_string());
        }
        known = owed;
    }
    found
}

// The law on goods from Japan

const JAPAN: &str = "scenarios/us_japan.toml";

#[test]
fn goods_from_japan_change_on_the_days_of_the_law() {
    let (timeline, sources) = timeline_of(&[], JAPAN, between("2025-03-12", "2026-10-01"));
    let expected = [
        "2025-03-12", // the first day
        "2025-04-03", // cars and light trucks (Proclamation 10908)
        "2025-04-05", // the reciprocal duty (Executive Order 14257)
        "2025-04-09", // 24% for one day
        "2025-04-10", // suspended (Executive Order 14266)
        "2025-05-03", // parts
        "2025-06-04", // metals doubled (Proclamation 10947)
        "2025-08-01", // copper (Proclamation 10962)
        "2025-08-07", // 15% in all (Executive Order 14345)
        "2025-09-08", // Annex II amended (Executive Order 14346)
        "2025-09-16", // cars and parts 15% in all
        "2025-11-13", // Annex II, food
        "2026-02-24", // Section 122 in place of the reciprocal duty (Proclamation 11012)
        "2026-07-24", // Section 301 in place of Section 122
    ];
    assert_eq!(dates(&timeline), expected);
    assert_eq!(timeline.turns, 13);
    let day_by_day = looked_at_day_by_day(&[], JAPAN, day("2025-03-12"), day("2026-10-01"));
    assert_eq!(dates(&timeline), day_by_day);
    let of = |date: &str| -> Vec<&str> {
        causes(&timeline, &sources, date).into_iter().map(|(id, _, _)| id).collect()
    };
    assert_eq!(of("2025-04-03"), ["s232-autos", "s232-trucks"]);
    assert_eq!(of("2025-04-05"), ["reciprocal"]);
    assert_eq!(of("2025-05-03"), ["s232-parts"]);
    assert_eq!(of("2025-06-04"), ["s232-metals"]);
    assert_eq!(of("2025-08-01"), ["s232-copper", "exempt-copper"]);
    assert_eq!(of("2025-09-16"), ["s232-autos", "s232-trucks", "s232-parts"]);
    assert_eq!(of("2025-11-13"), ["exempt-food"]);
    assert_eq!(of("2026-02-24"), ["reciprocal", "s122"]);
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(JAPAN)).unwrap();
    let (id, what, line) = causes(&timeline, &sources, "2025-09-16")[0];
    assert_eq!(id, "s232-autos");
    assert_eq!(what, "auto_rate = 25% → auto_deal_rate = 15% in all, counting the base duty in");
    assert!(text.lines().nth(line - 1).unwrap().contains("from = 2025-09-16"));
    let (_, _, ends) = causes(&timeline, &sources, "2026-02-24")[0];
    assert_eq!(text.lines().nth(ends - 1).unwrap().trim(), "until     = 2026-02-24");
}

#[test]
fn each_date_is_the_run_of_that_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let args = ["timeline", JAPAN, "--from", "2025-03-12", "--to", "2026-10-01"];
    let document = json_of(root, &args);
    let points = document["timeline"]["points"].as_array().unwrap();
    assert_eq!(points.len(), 14);
    for point in points {
        let date = point["date"].as_str().unwrap();
        let run = json_of(root, &["run", JAPAN, "--date", date]);
        let totals = &run["scenarios"][0]["totals"];
        for key in ["value", "duty", "effective_rate", "flows", "not_computable"] {
            assert_eq!(point[key], totals[key], "{key} on {date}");
        }
        for (measure, amount) in point["by_measure"].as_object().unwrap() {
            assert_eq!(*amount, totals["by_measure"][measure], "{measure} on {date}");
        }
    }
}

#[test]
fn the_life_of_the_steel_quota_follows_the_flows() {
    let flows = "scenarios/flows/us_steel_from_japan.csv";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document = json_of(root, &["timeline", JAPAN, "--flows", flows, "--own-dates"]);
    let run = json_of(root, &["run", JAPAN, "--flows", flows]);
    let timeline = &document["timeline"];
    assert_eq!(timeline["quotas"], run["scenarios"][0]["quotas"]);
    let points = timeline["points"].as_array().unwrap();
    let sum = |key: &str| -> Decimal { points.iter().map(|p| decimal(p[key].as_str().unwrap())).sum() };
    let totals = &run["scenarios"][0]["totals"];
    assert_eq!(sum("duty"), decimal(totals["duty"].as_str().unwrap()));
    assert_eq!(sum("value"), decimal(totals["value"].as_str().unwrap()));
    // the quota's quarters are lines of their own, and so are the days on which the 25% and the 50% begin
    let dates: Vec<&str> = points.iter().map(|point| point["date"].as_str().unwrap()).collect();
    for date in ["2022-04-01", "2022-07-01", "2025-01-01", "2025-03-12", "2025-06-04"] {
        assert!(dates.contains(&date), "{dates:?}");
    }
}

// By hand

/// Steel worth 1,000 and a car worth 3,000.
const HAND: &str = r#"
title    = "By hand"
importer = "US"
date     = 2025-06-05

[parameters]
general_rate = [{ from = 2025-04-05, value = "10%" }, { from = 2025-07-01, value = "12%" }]
idle         = [{ from = 2025-01-01, value = "1%" }, { from = 2025-05-05, value = "2%" }]

[[measure]]
id   = "mfn-all"
type = "mfn"
rate = "2%"

[[measure]]
id        = "steel"
programme = "s232"
products  = "7208"
until     = 2025-09-01
rate      = [{ from = 2025-03-12, rate = "25%" }, { from = 2025-06-04, rate = "50%", inclusive_of = ["base"] }]

[[measure]]
id        = "general"
yields_to = "steel"
from      = 2025-04-05
rate      = "general_rate"

[[measure]]
id       = "textiles"
products = "61"
rate     = [{ from = 2025-02-01, rate = "9%" }, { from = 2025-06-20, rate = "9%" }]

[[flow]]
id      = "coil"
product = "7208.39"
origin  = "JP"
value   = 1000

[[flow]]
id      = "car"
product = "8703.23"
origin  = "JP"
value   = 3000
"#;

#[test]
fn a_small_law_by_hand() {
    let (timeline, sources) = timeline_of(&[("test.toml", HAND)], "test.toml", Asked::default());
    // textiles, an idle parameter and a step that repeats itself change no flow's rate: they are on no line
    assert_eq!(
        dates(&timeline),
        ["2025-03-11", "2025-03-12", "2025-04-05", "2025-06-04", "2025-07-01", "2025-09-01"]
    );
    // 80; + 250; + 300 on the car; steel 500 in all instead of 20 + 250; the car at 12%; steel at 12% too, and its
    // own 20 come back: (20 + 60 + 480) / 4000
    assert_eq!(rates(&timeline), ["0.02", "0.0825", "0.1575", "0.215", "0.23", "0.14"]);
    let points: Vec<Option<Decimal>> = timeline.points.iter().map(|point| point.points).collect();
    let expected = [None, Some("6.25"), Some("7.5"), Some("5.75"), Some("1.5"), Some("-9")];
    assert_eq!(points, expected.map(|points| points.map(decimal)));
    let changes: Vec<Option<Decimal>> = timeline.points.iter().map(|point| point.change).collect();
    let expected = [None, Some("250"), Some("300"), Some("230"), Some("60"), Some("-360")];
    assert_eq!(changes, expected.map(|change| change.map(decimal)));
    assert_eq!(causes(&timeline, &sources, "2025-03-11"), []);
    assert_eq!(causes(&timeline, &sources, "2025-03-12"), [("steel", "begins: 25%", 20)]);
    assert_eq!(causes(&timeline, &sources, "2025-04-05"), [("general", "begins: general_rate = 10%", 25)]);
    let doubled = "25% → 50% in all, counting the base duty in";
    assert_eq!(causes(&timeline, &sources, "2025-06-04"), [("steel", doubled, 20)]);
    assert_eq!(causes(&timeline, &sources, "2025-07-01"), [("general", "general_rate = 10% → 12%", 7)]);
    let ends = "ends: 50% in all, counting the base duty in";
    assert_eq!(causes(&timeline, &sources, "2025-09-01"), [("steel", ends, 19)]);
    let layers: Vec<(&str, Decimal)> =
        timeline.points[5].by_programme.iter().map(|layer| (layer.id.as_str(), layer.amount)).collect();
    assert_eq!(layers, [("mfn-all", decimal("80")), ("s232", decimal("0")), ("general", decimal("480"))]);
}

#[test]
fn the_first_day_says_what_begins_on_it() {
    let (timeline, sources) =
        timeline_of(&[("test.toml", HAND)], "test.toml", between("2025-04-05", "2025-06-03"));
    assert_eq!(dates(&timeline), ["2025-04-05"]);
    assert_eq!(timeline.turns, 0);
    assert_eq!(causes(&timeline, &sources, "2025-04-05"), [("general", "begins: general_rate = 10%", 25)]);
    let (timeline, sources) =
        timeline_of(&[("test.toml", HAND)], "test.toml", between("2025-04-06", "2025-06-03"));
    assert_eq!(causes(&timeline, &sources, "2025-04-06"), []);
}

#[test]
fn the_last_day_counts_and_the_next_does_not() {
    let last = |to: &str| dates(&timeline(HAND, between("2025-06-01", to))).pop().unwrap();
    assert_eq!(last("2025-06-03"), "2025-06-01");
    assert_eq!(last("2025-06-04"), "2025-06-04");
}

#[test]
fn every_month_is_the_first_of_each() {
    let asked = Asked { monthly: true, ..between("2025-03-20", "2025-07-15") };
    let (timeline, sources) = timeline_of(&[("test.toml", HAND)], "test.toml", asked);
    assert_eq!(dates(&timeline), ["2025-03-20", "2025-04-01", "2025-05-01", "2025-06-01", "2025-07-01"]);
    assert_eq!(rates(&timeline), ["0.0825", "0.0825", "0.1575", "0.1575", "0.23"]);
    // a month that changes nothing has no cause; one that does has all those since the first of the month before
    assert_eq!(causes(&timeline, &sources, "2025-04-01"), []);
    assert_eq!(causes(&timeline, &sources, "2025-05-01").len(), 1);
    let july: Vec<&str> =
        causes(&timeline, &sources, "2025-07-01").into_iter().map(|(id, _, _)| id).collect();
    assert_eq!(july, ["steel", "general"]);
    assert_eq!(timeline.turns, 3);
}

#[test]
fn months_left_open_hold_the_first_and_the_last_change() {
    let timeline = timeline(HAND, Asked { monthly: true, ..Asked::default() });
    assert_eq!(dates(&timeline).first().unwrap(), "2025-03-01");
    // the last change is on 1 September
    assert_eq!(dates(&timeline).last().unwrap(), "2025-09-01");
    let earlier = HAND.replace("until     = 2025-09-01", "until     = 2025-08-20");
    let timeline = self::timeline(&earlier, Asked { monthly: true, ..Asked::default() });
    assert_eq!(dates(&timeline).last().unwrap(), "2025-09-01");
    assert_eq!(rates(&timeline).last().unwrap(), "0.14");
}

#[test]
fn a_law_without_dates_is_one_line() {
    let text = "title = 'Still'\nimporter = 'US'\ndate = 2025-06-05\nmeasure = [{ id = 'all', type = 'mfn', rate = '2%' }]\n\
                flow = [{ product = '72', origin = 'JP', value = 100 }]\n";
    let still = timeline(text, Asked::default());
    assert_eq!(dates(&still), ["2025-06-05"]);
    assert_eq!(rates(&still), ["0.02"]);
    let still = timeline(text, between("2020-01-01", "2030-01-01"));
    assert_eq!(dates(&still), ["2020-01-01"]);
    assert_eq!(still.to, day("2030-01-01"));
}

#[test]
fn ends_far_away_are_no_ends() {
    let text = HAND.replace("until     = 2025-09-01", "until     = 9999-12-31");
    let open = timeline(&text, Asked::default());
    assert_eq!(dates(&open).last().unwrap(), "2025-07-01");
    // asked for, the last day there is counts like any other
    let last = timeline(&text, between("9999-12-30", "9999-12-31"));
    assert_eq!(dates(&last), ["9999-12-30", "9999-12-31"]);
    let monthly = Asked { monthly: true, ..between("9999-10-15", "9999-12-31") };
    assert_eq!(dates(&timeline(&text, monthly)), ["9999-10-15", "9999-11-01", "9999-12-01"]);
    let first = timeline(&text, between("0001-01-01", "0001-02-01"));
    assert_eq!(dates(&first), ["0001-01-01"]);
}

#[test]
fn days_that_hold_nothing_are_refused() {
    let days = |from: &str, to: &str| Days::between(Some(day(from)), Some(day(to))).is_ok();
    assert!(days("2025-01-01", "2025-01-01"));
    assert!(!days("2025-01-02", "2025-01-01"));
    assert!(days("1600-01-01", "2100-01-01"));
    assert!(!days("1600-01-01", "2100-01-02"));
    assert!(days("9900-01-01", "9999-12-31"));
}

#[test]
fn what_cannot_be_computed_is_a_change() {
    let text = "title = 'Tonnes'\nimporter = 'US'\ndate = 2025-06-05\n\
                [[measure]]\nid = 'all'\nrate = '2%'\n\
                [[measure]]\nid = 'other'\nproducts = '87'\nrate = [{ from = 2025-07-01, rate = '1%' }]\n\
                [[measure]]\nid = 'steel'\nproducts = '72'\nfrom = 2025-07-01\nuntil = 2025-08-01\nrate = '30 USD/t'\n\
                [[flow]]\nid = 'coil'\nproduct = '72'\norigin = 'JP'\nvalue = 100\n\
                [[flow]]\nid = 'cloth'\nproduct = '61'\norigin = 'JP'\nvalue = 100\n";
    let (timeline, sources) = timeline_of(&[("test.toml", text)], "test.toml", Asked::default());
    assert_eq!(dates(&timeline), ["2025-06-30", "2025-07-01", "2025-08-01"]);
    let uncounted: Vec<usize> = timeline.points.iter().map(|point| point.not_computable.flows).collect();
    assert_eq!(uncounted, [0, 1, 0]);
    assert_eq!(rates(&timeline), ["0.02", "0.02", "0.02"]);
    assert_eq!(causes(&timeline, &sources, "2025-07-01"), [("steel", "begins: 30 USD/t", 14)]);
    assert_eq!(causes(&timeline, &sources, "2025-08-01"), [("steel", "ends: 30 USD/t", 15)]);
}

#[test]
fn files_groups_and_parameters_are_traced_to_their_lines() {
    let text = r#"
title    = "Files"
importer = "US"
date     = 2025-06-05
[parameters]
share = { file = "shares.csv", product = "hs", value = "part", from = "since", default = "0" }
[products]
listed = { file = "listed.csv", product = "hs", from = "since", until = "to" }
[[measure]]
id   = "schedule"
type = "mfn"
rate = { file = "schedule.csv", product = "hs", value = "rate", from = "since" }
[[measure]]
id       = "on-list"
products = "listed"
rate     = "5%"
[[measure]]
id    = "on-content"
share = "share"
rate  = "50%"
[[measure]]
id   = "in-list"
when = "product in listed and origin = 'JP'"
rate = "1%"
[[flow]]
id      = "pipe"
product = "7304.11"
origin  = "JP"
value   = 1000
[[flow]]
id      = "wire"
product = "7217.10"
origin  = "DE"
value   = 1000
"#;
    let schedule = "hs,rate,since\n73,3%,2000-01-01\n7217,1%,2000-01-01\n73,2%,2025-03-01\n7217,Free,2025-03-01\n61,9%,2025-03-05\n";
    let listed = "hs,since,to\n7304,2025-04-01,2025-10-01\n6101,2025-04-15,\n";
    let shares = "hs,part,since\n7304,0.4,2025-05-01\n7304,0.5,2025-06-01\n61,0.5,2025-06-15\n";
    let files =
        [("test.toml", text), ("schedule.csv", schedule), ("listed.csv", listed), ("shares.csv", shares)];
    let (timeline, sources) = timeline_of(&files, "test.toml", between("2025-01-01", "2025-12-31"));
    assert_eq!(
        dates(&timeline),
        ["2025-01-01", "2025-03-01", "2025-04-01", "2025-05-01", "2025-06-01", "2025-10-01"]
    );
    // 30 + 10; 20 + 0; + 50 + 10 on the pipe; + 50% of 40%, of 50%; 5% and 1% no longer
    assert_eq!(rates(&timeline), ["0.02", "0.01", "0.04", "0.14", "0.165", "0.135"]);
    let rows = "730411: 3% → 2%, and so for 1 more code";
    assert_eq!(causes(&timeline, &sources, "2025-03-01"), [("schedule", rows, 4)]);
    let joins = "applies to 730411, which joins `listed`";
    assert_eq!(causes(&timeline, &sources, "2025-04-01"), [("on-list", joins, 8), ("in-list", joins, 8)]);
    assert_eq!(causes(&timeline, &sources, "2025-05-01"), [("on-content", "share of 730411: 0.4, new", 2)]);
    assert_eq!(causes(&timeline, &sources, "2025-06-01"), [("on-content", "share of 730411: 0.4 → 0.5", 3)]);
    let leaves = "no longer applies to 730411, which leaves `listed`";
    let ids: Vec<_> = causes(&timeline, &sources, "2025-10-01");
    assert_eq!(ids, [("on-list", leaves, 8), ("in-list", leaves, 8)]);
    let found = looked_at_day_by_day(&files, "test.toml", day("2025-01-01"), day("2025-12-31"));
    assert_eq!(dates(&timeline), found);
}

#[test]
fn expressions_that_ask_for_the_date_change_when_they_turn() {
    let text = r#"
title    = "Dates"
importer = "US"
date     = 2025-06-05
[parameters]
cutoff = "2025-03-01"
[[measure]]
id   = "late"
rate = "if(date > cutoff, 10%, 5%)"
[[measure]]
id   = "sailed"
when = "date < attr.sailing"
rate = "7%"
[[flow]]
product = "7208"
origin  = "JP"
value   = 1000
attr    = { sailing = "2025-05-05" }
"#;
    let (timeline, sources) = timeline_of(&[("test.toml", text)], "test.toml", Asked::default());
    assert_eq!(dates(&timeline), ["2025-03-01", "2025-03-02", "2025-05-05"]);
    assert_eq!(rates(&timeline), ["0.12", "0.17", "0.1"]);
    let rate = "asks for the date: if(date > cutoff, 10%, 5%)";
    assert_eq!(causes(&timeline, &sources, "2025-03-02"), [("late", rate, 9)]);
    let condition = "asks for the date: date < attr.sailing";
    assert_eq!(causes(&timeline, &sources, "2025-05-05"), [("sailed", condition, 12)]);
}

/// 60 t and 80 t of steel, worth as many thousands, under a quota at nothing and 50% beyond it.
const QUOTA: &str = r#"
title    = "A quota"
importer = "US"
[parameters]
volume = [{ from = 2024-01-01, value = "100 t" }, { from = 2025-05-01, value = "120 t" }]
[[measure]]
id   = "steel"
rate = "50%"
[[quota]]
id            = "trq"
measures      = "steel"
in_quota_rate = "free"
volume        = "volume"
period        = "quarter"
from          = 2025-01-01
until         = 2026-01-01
[[flow]]
id       = "a"
product  = "7208"
origin   = "JP"
value    = 60_000
quantity = 60
unit     = "t"
date     = 2025-02-10
[[flow]]
id       = "b"
product  = "7208"
origin   = "JP"
value    = 80_000
quantity = 80
unit     = "t"
date     = 2025-03-10
"#;

#[test]
fn a_quota_is_drawn_on_afresh_on_each_date() {
    let (timeline, sources) = timeline_of(&[("test.toml", QUOTA)], "test.toml", Asked::default());
    // 140 t on a day: all over it; 40 t over 100; a parameter changes in May, the volume with the quarter that begins in
    // July, 20 t over 120; then no quota
    assert_eq!(dates(&timeline), ["2024-12-31", "2025-01-01", "2025-07-01", "2026-01-01"]);
    let duties: Vec<Decimal> = timeline.points.iter().map(|point| point.duty).collect();
    assert_eq!(duties, ["70000", "20000", "10000", "70000"].map(decimal));
    let of = |date: &str| causes(&timeline, &sources, date);
    assert_eq!(of("2025-01-01")[0].0, "trq");
    assert_eq!(of("2025-07-01"), [("trq", "a new period begins: volume = 120 t a quarter", 13)]);
    assert_eq!(of("2026-01-01")[0].2, 16);
    assert_eq!(timeline.run.quotas, []);
}

#[test]
fn by_their_own_dates_flows_draw_one_after_the_other() {
    let asked = Asked { own_dates: true, ..Asked::default() };
    let (timeline, _) = timeline_of(&[("test.toml", QUOTA)], "test.toml", asked);
    // 60 t, then 40 of 80 t
    assert_eq!(dates(&timeline), ["2025-02-10"]);
    assert_eq!(timeline.points[0].duty, decimal("20000"));
    assert_eq!(timeline.run.quotas[0].drawn, decimal("100"));
    assert_eq!(timeline.run.quotas[0].exhausted, Some(day("2025-03-10")));
    let monthly = Asked { own_dates: true, monthly: true, ..between("2025-01-15", "2025-03-31") };
    let (timeline, _) = timeline_of(&[("test.toml", QUOTA)], "test.toml", monthly);
    assert_eq!(dates(&timeline), ["2025-01-15", "2025-02-01", "2025-03-01"]);
    let duties: Vec<Decimal> = timeline.points.iter().map(|point| point.duty).collect();
    assert_eq!(duties, ["0", "0", "20000"].map(decimal));
    assert_eq!(rates(&timeline), ["", "0", "0.25"]);
    // flows before the span still draw on the quota, and are counted
    let late = Asked { own_dates: true, ..between("2025-03-01", "2025-03-31") };
    let (timeline, _) = timeline_of(&[("test.toml", QUOTA)], "test.toml", late);
    assert_eq!(timeline.outside, 1);
    assert_eq!(timeline.points[0].duty, decimal("20000"));
}

#[test]
fn own_dates_are_divided_where_a_rate_or_a_period_changes() {
    let flows = "[[flow]]\nid = 'c'\nproduct = '7208'\norigin = 'JP'\nvalue = 10_000\nquantity = 10\nunit = 't'\ndate = 2025-04-02\n";
    let asked = Asked { own_dates: true, ..Asked::default() };
    let (timeline, sources) = timeline_of(&[("test.toml", &format!("{QUOTA}{flows}"))], "test.toml", asked);
    assert_eq!(dates(&timeline), ["2025-02-10", "2025-04-01"]);
    assert_eq!(rates(&timeline)[1], "0");
    let expected = "a new period begins: volume = 100 t a quarter";
    assert_eq!(causes(&timeline, &sources, "2025-04-01"), [("trq", expected, 13)]);
}

#[test]
fn a_credit_is_a_layer_below_zero() {
    let text = "title = 'Credit'\nimporter = 'US'\ndate = 2025-06-05\n\
                [[measure]]\nid = 'parts'\nfrom = 2025-04-03\nrate = '25%'\n\
                [[measure]]\nid = 'vat'\ntype = 'tax'\nrate = [{ from = 2025-04-20, rate = '19%' }]\n\
                [[credit]]\nid = 'offset'\nagainst = 'parts'\namount = '100 USD'\nperiod = 'year'\nfrom = 2025-05-01\n\
                [[flow]]\nproduct = '8708'\norigin = 'JP'\nvalue = 1000\n";
    let (timeline, sources) = timeline_of(&[("test.toml", text)], "test.toml", Asked::default());
    // a tax is no duty: it makes no line and is no layer
    assert_eq!(dates(&timeline), ["2025-04-02", "2025-04-03", "2025-05-01"]);
    assert_eq!(rates(&timeline), ["0", "0.25", "0.15"]);
    let layers: Vec<(&str, Decimal)> =
        timeline.points[2].by_measure.iter().map(|layer| (layer.id.as_str(), layer.amount)).collect();
    assert_eq!(layers, [("parts", decimal("250")), ("offset", decimal("-100"))]);
    assert_eq!(causes(&timeline, &sources, "2025-05-01")[0].0, "offset");
}

// Properties

/// A day from January to March 2025.
fn some_day() -> impl Strategy<Value = Date> {
    (0..60_i64).prop_map(|days| Date::constant(2025, 1, 2).checked_add(days.days()).unwrap())
}

fn steps() -> impl Strategy<Value = String> {
    let rate = select(vec!["0%", "5%", "10%", "25%", "p", "2 * p", "1 USD/kg"]);
    let extra = select(vec![
        "",
        ", inclusive_of = ['base']",
        ", share = '40%'",
        ", covers = 'article'",
        ", when = 'value > 500 USD'",
    ]);
    prop::collection::btree_map(some_day(), (rate, extra), 1..4).prop_map(|steps| {
        let step = |(from, (rate, extra))| format!("{{ from = {from}, rate = '{rate}'{extra} }}");
        format!("rate = [{}]", steps.into_iter().map(step).collect::<Vec<_>>().join(", "))
    })
}

prop_compose! {
    fn law()(
        all in some_day(),
        steps in prop::collection::vec((steps(), prop::option::of(some_day()), any::<bool>()), 1..4),
        parameter in prop::collection::btree_map(some_day(), select(vec!["1%", "3%"]), 1..3),
        quota in prop::option::of((some_day(), any::<bool>())),
        carried in any::<bool>(),
    ) -> String {
        let values = parameter.into_iter().map(|(from, value)| format!("{{ from = {from}, value = '{value}' }}"));
        let mut text = format!(
            "title = 'law'\nimporter = 'US'\ndate = 2025-02-01\n\
             parameters.p = {{ value = [{}], default = '2%' }}\n\
             [[measure]]\nid = 'mfn-all'\ntype = 'mfn'\nrate = [{{ from = 2024-01-01, rate = '2%' }}, {{ from = {all}, rate = '3%' }}]\n",
            values.collect::<Vec<_>>().join(", ")
        );
        for (at, (rate, until, steel)) in steps.iter().enumerate() {
            let products = if *steel { "products = '72'\n" } else { "" };
            let window = until.filter(|until| !rate.contains(&until.to_string()));
            let window = window.map(|until| format!("from = 2024-01-01\nuntil = {until}\n")).unwrap_or_default();
            let before: Vec<String> = (0..at).map(|other| format!("'m{other}'")).collect();
            let _ = write!(text, "[[measure]]\nid = 'm{at}'\n{products}{window}{rate}\nyields_to = [{}]\n", before.join(", "));
        }
        if let Some((from, pro_rated)) = quota {
            let carry = if carried { "carry = 'all'\n" } else { "" };
            let _ = write!(text,
                "[[quota]]\nid = 'q'\nmeasures = 'm0'\nin_quota_rate = '1%'\nvolume = '100 kg'\nperiod = 'month'\n\
                 from = {from}\npro_rate_first = {pro_rated}\n{carry}"
            );
        }
        text + "[[flow]]\nid = 'coil'\nproduct = '7208'\norigin = 'JP'\nvalue = 1000\nquantity = 150\nunit = 'kg'\n\
                [[flow]]\nid = 'car'\nproduct = '8703'\norigin = 'JP'\nvalue = 400\n"
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_timeline_lists_the_days_of_change_and_no_other(law in law()) {
        let timeline = timeline(&law, between("2025-01-01", "2025-03-31"));
        let found = looked_at_day_by_day(&[("test.toml", &law)], "test.toml", day("2025-01-01"), day("2025-03-31"));
        prop_assert_eq!(dates(&timeline), found);
    }

    #[test]
    fn its_points_are_those_of_separate_runs(law in law(), monthly in any::<bool>()) {
        let timeline = timeline(&law, Asked { monthly, ..between("2025-01-01", "2025-04-15") });
        for point in &timeline.points {
            let on_day = law.replace("date = 2025-02-01", &format!("date = {}", point.date));
            let totals = common::run(&on_day).totals;
            prop_assert_eq!(point.duty, totals.duty);
            prop_assert_eq!(point.computable, totals.computable);
            prop_assert_eq!(point.not_computable, totals.not_computable);
            prop_assert_eq!(point.effective_rate, totals.effective_rate);
        }
    }
}

// On the command line

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(args)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .env("COLUMNS", "80")
        .output()
        .unwrap()
}

fn json_of(folder: &Path, args: &[&str]) -> Value {
    let output = tariffsim(folder, &[args, &["--format", "json"]].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn stdout(folder: &Path, args: &[&str]) -> String {
    let output = tariffsim(folder, args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("hand.toml"), HAND).unwrap();
    fs::write(folder.path().join("quota.toml"), QUOTA).unwrap();
    folder
}

#[test]
fn the_first_line_is_the_answer() {
    let folder = folder();
    let text = stdout(folder.path(), &["timeline", "hand.toml"]);
    let answer = "Duty on goods from Japan worth USD 4,000 rose from 2% on 2025-03-11 to 14% on\n\
                  2025-09-01; it changed on 5 days, most on 2025-09-01 (-9.00 points).\n";
    assert!(text.starts_with(answer), "{text}");
    assert!(text.contains("  general: general_rate = 10% → 12% (hand.toml:7)\n"), "{text}");
    let once =
        stdout(folder.path(), &["timeline", "hand.toml", "--from", "2025-07-02", "--to", "2025-10-01"]);
    assert!(once.starts_with("Duty on goods from Japan worth USD 4,000 fell from 23% on 2025-07-02 to 14% on\n2025-10-01; it changed once.\n"), "{once}");
    let never =
        stdout(folder.path(), &["timeline", "hand.toml", "--from", "2026-01-01", "--to", "2026-12-31"]);
    assert!(never.contains("the rate of no flow"), "{never}");
}

#[test]
fn lines_fit_and_pictures_are_for_terminals() {
    let folder = folder();
    for columns in ["40", "60", "80", "100", "120"] {
        let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
            .args(["timeline", JAPAN, "--own-dates"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("COLUMNS", columns)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let width: usize = columns.parse().unwrap();
        // what has no space in it, such as a path, may stand out where it is longer than a line
        let wide = text.lines().find(|line| line.chars().count() > width && line.trim().contains(' '));
        assert_eq!(wide, None, "{columns}");
        assert!(!text.contains('█') && !text.contains('\u{1b}'), "{text}");
    }
    let coloured = stdout(folder.path(), &["timeline", "hand.toml", "--color", "always"]);
    assert!(coloured.starts_with("\u{1b}[1m"), "{coloured}");
}

#[test]
fn a_row_a_date_and_measure_in_csv() {
    let folder = folder();
    let text = stdout(
        folder.path(),
        &["timeline", "hand.toml", "--from", "2025-06-05", "--to", "2025-09-01", "--format", "csv"],
    );
    let expected = "scenario,variant,date,measure,amount,value,rate\n\
                    hand.toml,,2025-06-05,mfn-all,80,4000,0.02\n\
                    hand.toml,,2025-06-05,steel,480,4000,0.12\n\
                    hand.toml,,2025-06-05,general,300,4000,0.075\n\
                    hand.toml,,2025-07-01,mfn-all,80,4000,0.02\n\
                    hand.toml,,2025-07-01,steel,480,4000,0.12\n\
                    hand.toml,,2025-07-01,general,360,4000,0.09\n\
                    hand.toml,,2025-09-01,mfn-all,80,4000,0.02\n\
                    hand.toml,,2025-09-01,steel,0,4000,0\n\
                    hand.toml,,2025-09-01,general,480,4000,0.12\n";
    assert_eq!(text, expected);
    let by = stdout(folder.path(), &["timeline", "hand.toml", "--by", "programme", "--format", "csv"]);
    assert!(by.starts_with("scenario,variant,date,programme,amount,value,rate\n"), "{by}");
    assert!(by.contains("hand.toml,,2025-03-12,s232,250,4000,0.0625\n"), "{by}");
}

#[test]
fn json_has_its_shape() {
    let folder = folder();
    let document =
        json_of(folder.path(), &["timeline", "hand.toml", "--from", "2025-07-01", "--to", "2025-09-01"]);
    assert_eq!(document["schema"], "tariffsim/1");
    let mut timeline = document["timeline"].clone();
    let points = timeline.as_object_mut().unwrap().remove("points").unwrap();
    let expected = json!({
        "file": "hand.toml", "variant": null, "title": "By hand", "currency": "USD", "from": "2025-07-01",
        "to": "2025-09-01", "own_dates": false, "every": null, "quotas": [], "credits": []
    });
    assert_eq!(timeline, expected);
    let last = json!({
        "date": "2025-09-01", "flows": 2, "value": "4000", "duty": "560", "effective_rate": "0.14", "change": "-360",
        "points": "-9", "by_measure": { "mfn-all": "80", "steel": "0", "general": "480" },
        "by_programme": { "mfn-all": "80", "s232": "0", "general": "480" },
        "causes": [{ "date": "2025-09-01", "measure": "steel", "text": "ends: 50% in all, counting the base duty in",
                     "file": "hand.toml", "line": 19 }],
        "not_computable": { "flows": 0, "value": "0" }
    });
    assert_eq!(points[1], last);
    assert_eq!(points[0]["change"], Value::Null);
    assert_eq!(points[0]["causes"][0]["text"], "general_rate = 10% → 12%");
    let own = json_of(folder.path(), &["timeline", "quota.toml", "--own-dates", "--every", "month"]);
    assert_eq!(own["timeline"]["every"], "month");
    assert_eq!(own["timeline"]["quotas"][0]["exhausted"], "2025-03-10");
}

#[test]
fn markdown_has_a_column_for_every_measure() {
    let folder = folder();
    let text = stdout(folder.path(), &["timeline", "hand.toml", "--format", "markdown"]);
    assert!(text.contains("| Date | Rate | Points | Duty, USD | mfn-all | steel | general |\n"), "{text}");
    assert!(text.contains("| 2025-03-12 | 8.25% | +6.25 | 330.00 | 2.00 | 6.25 | – |\n"), "{text}");
    assert!(text.contains("## What changed\n"), "{text}");
}

#[test]
fn quotas_are_shown_by_own_dates_only() {
    let folder = folder();
    let afresh = stdout(folder.path(), &["timeline", "quota.toml"]);
    assert!(afresh.contains("Quotas are drawn on afresh on each date"), "{afresh}");
    assert!(!afresh.contains("Quota trq"), "{afresh}");
    let own = stdout(folder.path(), &["timeline", "quota.toml", "--own-dates"]);
    assert!(own.contains("Quota trq, in t:"), "{own}");
    assert!(!own.contains("afresh"), "{own}");
}

#[test]
fn settings_variants_and_flows_count() {
    let folder = folder();
    let deal = format!("{HAND}[[variant]]\nid = 'no-steel'\ndisable = 'steel'\n");
    fs::write(folder.path().join("deal.toml"), deal).unwrap();
    fs::write(folder.path().join("own.csv"), "product,origin,value\n7208,KR,500\n").unwrap();
    let timeline =
        |args: &[&str]| json_of(folder.path(), &[&["timeline"], args].concat())["timeline"].clone();
    let dates = |document: &Value| -> Vec<String> {
        document["points"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p["date"].as_str().unwrap().to_owned())
            .collect()
    };
    let variant = timeline(&["deal.toml#no-steel"]);
    assert_eq!(variant["variant"], "no-steel");
    assert_eq!(dates(&variant), ["2025-04-04", "2025-04-05", "2025-07-01"]);
    let set = timeline(&["hand.toml", "--set", "general_rate=10%"]);
    assert!(!dates(&set).contains(&"2025-07-01".to_owned()));
    let own = timeline(&["hand.toml", "--flows", "own.csv"]);
    assert_eq!(own["points"][1]["value"], "500");
    assert_eq!(dates(&own), ["2025-03-11", "2025-03-12", "2025-06-04", "2025-09-01"]);
}

#[test]
fn a_wrong_command_line_ends_with_2_and_a_wrong_scenario_with_1() {
    let folder = folder();
    let output = |args: &[&str]| tariffsim(folder.path(), &[&["timeline"], args].concat());
    let code = |args: &[&str]| output(args).status.code();
    assert_eq!(code(&[]), Some(2));
    assert_eq!(code(&["hand.toml", "quota.toml"]), Some(2));
    assert_eq!(code(&["hand.toml", "--date", "2025-06-05"]), Some(2));
    assert_eq!(code(&["hand.toml", "--every", "week"]), Some(2));
    assert_eq!(code(&["hand.toml", "--from", "June"]), Some(2));
    assert_eq!(code(&["hand.toml", "--by", "origin"]), Some(2));
    assert_eq!(code(&["hand.toml", "--from", "2025-06-01", "--to", "2025-05-01"]), Some(2));
    assert_eq!(code(&["hand.toml", "--from", "0001-01-01", "--to", "9999-12-31"]), Some(2));
    assert_eq!(code(&["hnd.toml"]), Some(1));
    assert_eq!(code(&["hand.toml#deal"]), Some(1));
    let said = |args: &[&str]| String::from_utf8(output(args).stderr).unwrap();
    assert!(said(&["hand.toml", "--date", "2025-06-05"]).contains("give --from and --to"));
    let reversed = said(&["hand.toml", "--from", "2025-06-01", "--to", "2025-05-01"]);
    assert!(reversed.contains("2025-05-01 is before 2025-06-01"), "{reversed}");
    assert!(reversed.contains("tariffsim timeline"), "{reversed}");
}
