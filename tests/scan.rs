//! Flows of which only sums are kept come to what they come to one by one: on every scenario that is shipped, by every
//! grouping, and on flows that are written plainly and less plainly.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use tariffsim::assess::{self, Alone, Asked, Crew, Full, Outlet, Page, Run, Worksheet};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::files::Files;
use tariffsim::scenario::{self, Request, Scenario};
use tariffsim::trade::{self, Flow, FlowRequest, Rejected};

struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(path).map_err(|error| error.to_string())
    }
}

/// Several at once.
struct Three;

impl Crew for Three {
    fn work(&self, labour: &(dyn Fn() + Sync)) {
        std::thread::scope(|scope| {
            scope.spawn(labour);
            scope.spawn(labour);
            labour();
        });
    }
    fn read(&self, _rows: usize) {}
}

const BY: [&str; 13] = [
    "product",
    "heading",
    "chapter",
    "group",
    "origin",
    "importer",
    "date",
    "party",
    "measure",
    "programme",
    "quota",
    "credit",
    "maker",
];

type Outcome = Result<(Run, Diagnostics), Diagnostics>;

fn whole(named: &str, request: &FlowRequest, by: Option<&str>, files: &dyn Files) -> Outcome {
    let mut sources = Sources::new();
    let (scenario, mut said) = scenario::load(&Request::new(named, &[]), files, &mut sources).unwrap();
    let Some(flows) = trade::load(&scenario, request, files, &mut sources, &mut said) else {
        return Err(said);
    };
    assess::run(scenario, flows, by)
}

fn scanned(
    named: &str,
    request: &FlowRequest,
    by: Option<&str>,
    files: &dyn Files,
    crew: &dyn Crew,
) -> Outcome {
    keeping(named, request, Asked { by, ..Asked::default() }, None, files, crew)
}

fn keeping(
    named: &str,
    request: &FlowRequest,
    asked: Asked<'_>,
    outlet: Option<&dyn Outlet>,
    files: &dyn Files,
    crew: &dyn Crew,
) -> Outcome {
    let mut sources = Sources::new();
    let (scenario, _) = scenario::load(&Request::new(named, &[]), files, &mut sources).unwrap();
    assess::scan_or_reject(scenario, request, asked, outlet, files, &mut sources, crew)
}

/// What is said, in alphabetical order: ids that are given twice are looked for behind everything else.
fn messages(said: Diagnostics) -> Vec<String> {
    let mut messages: Vec<String> =
        said.into_iter().map(|said| format!("{} {}", said.code, said.message)).collect();
    messages.sort();
    messages
}

fn agree(named: &str, request: &FlowRequest, by: Option<&str>, files: &dyn Files) -> usize {
    let whole = whole(named, request, by, files);
    for crew in [&Alone as &dyn Crew, &Three] {
        match (&whole, scanned(named, request, by, files, crew)) {
            (Ok((whole, _)), Ok((scanned, _))) => same(whole, &scanned, &format!("{named} by {by:?}")),
            (Err(whole), Err(scanned)) => {
                assert_eq!(messages(whole.clone()), messages(scanned), "{named} by {by:?}");
            }
            (whole, scanned) => {
                panic!("{named} by {by:?}: {:?} and {:?}", whole.as_ref().err(), scanned.err().map(messages))
            }
        }
    }
    usize::from(whole.is_ok())
}

fn same(whole: &Run, scanned: &Run, case: &str) {
    assert_eq!(whole.totals, scanned.totals, "{case}");
    assert_eq!(whole.groups, scanned.groups, "{case}");
    assert_eq!(whole.quotas, scanned.quotas, "{case}");
    assert_eq!(whole.credits, scanned.credits, "{case}");
    assert_eq!(whole.seen, scanned.seen, "{case}");
    assert_eq!(whole.flows.skipped, scanned.flows.skipped, "{case}");
    assert_eq!(whole.flows.dates_replaced, scanned.flows.dates_replaced, "{case}");
}

/// Reads flows again for the days that come next, where only some are kept: nothing is another than where all are.
fn agree_in_spans(named: &str, request: &FlowRequest, by: Option<&str>, files: &dyn Files) -> usize {
    let whole = whole(named, request, by, files);
    let (_, at_once) = said(scanned(named, request, by, files, &Alone));
    for kept in [1, 7, 50] {
        for crew in [&Alone as &dyn Crew, &Three] {
            let case = format!("{named} by {by:?}, {kept} kept");
            let asked = Asked { by, kept, ..Asked::default() };
            let (run, told) = said(keeping(named, request, asked, None, files, crew));
            assert_eq!(told, at_once, "{case}");
            assert_eq!(run.is_some(), whole.is_ok(), "{case}");
            if let (Ok((whole, _)), Some(run)) = (&whole, run) {
                same(whole, &run, &case);
            }
        }
    }
    whole.map_or(0, |(run, _)| usize::from(run.quotas.len() + run.credits.len() > 0))
}

fn has_ledgers(named: &str) -> bool {
    let (scenario, _) = scenario::load(&Request::new(named, &[]), &Disk, &mut Sources::new()).unwrap();
    !scenario.quotas.is_empty() || !scenario.credits.is_empty()
}

/// What a run comes to, and all that is said, in its order.
fn said(outcome: Outcome) -> (Option<Run>, String) {
    match outcome {
        Ok((run, said)) => (Some(run), format!("{said:?}")),
        Err(said) => (None, format!("{said:?}")),
    }
}

#[test]
fn every_shipped_scenario_comes_to_the_same() {
    let (mut compared, mut drawn) = (0, 0);
    let folders = ["scenarios", "scenarios/lessons", "docs/examples/official"]
        .map(|folder| fs::read_dir(folder).unwrap());
    for entry in folders.into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let named = path.display().to_string();
        let date = tariffsim::date::parse_date("2025-06-05");
        for request in [FlowRequest::default(), FlowRequest { date, ..FlowRequest::default() }] {
            for by in BY.into_iter().map(Some).chain([None]) {
                compared += agree(&named, &request, by, &Disk);
            }
            if has_ledgers(&named) {
                drawn += agree_in_spans(&named, &request, None, &Disk);
            }
        }
    }
    assert!(compared > 400, "{compared}");
    assert!(drawn > 10, "{drawn}");
}

/// Files in memory.
struct Made(Mutex<Vec<(String, String)>>);

impl Files for Made {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let files = self.0.lock().unwrap();
        let found = files.iter().find(|(name, _)| Path::new(name) == Path::new(path));
        found.map(|(_, text)| text.clone().into_bytes()).ok_or_else(|| "there is no such file".to_owned())
    }
}

const SCENARIO: &str = r#"
title = "Made up"
importer = "US"
currency = "USD"
[parameters]
part = { by = "origin", values = { JP = 0.25, EU = 0.5 }, default = 0.125 }
[products]
cars = ["8703"]
steel = ["7206-7229"]
[[measure]]
id = "mfn-all"
type = "mfn"
rate = "2.5%"
[[measure]]
id = "mfn-cars"
type = "mfn"
products = "cars"
rate = "3.123456789%"
[[measure]]
id = "metal"
products = "steel"
from = 2025-03-12
rate = "25%"
[[measure]]
id = "general"
except_origins = ["CA"]
from = 2025-04-05
rate = "10%"
yields_to = "metal"
share = "part"
[[measure]]
id = "topped"
origins = ["EU"]
from = 2025-08-07
rate = "15%"
inclusive_of = ["base"]
[[measure]]
id = "by-weight"
products = ["0203"]
rate = "3 USD/kg"
[[measure]]
id = "pref"
type = "preference"
origins = ["KR", "CA"]
rate = "0%"
utilisation = 0.75
"#;

/// Rows in which plain and odd ways of writing alternate.
fn rows(count: usize) -> String {
    let mut state: u64 = 88_172_645_463_325_252;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    let products = ["8703230190", "8703.24", "7208", "72", "0203110000", "87", "9401200000", "870323"];
    let origins = ["JP", "JPN", "DE", "KR", "CA", "CN", "TW", "FRA", "US"];
    let days = ["2025-01-01", "2025-03-12", "2025-04-05", "2025-08-06", "2025-08-07", "2026-01-01"];
    let values =
        ["100", "0", "12345.67", "1_000", "99999999999999", "0.0001", "0.00001", "1e3", " 7 ", "123.4567"];
    let quantities = [",", "1000,kg", ",", "2.5,t", ","];
    let makers = ["Toyota", "", "\"A, B\"", "Ford"];
    let mut text = String::from("product,origin,date,value,quantity,unit,maker,note\n");
    for _ in 0..count {
        let row = format!(
            "{},{},{},{},{},{},\n",
            products[next(products.len())],
            origins[next(origins.len())],
            days[next(days.len())],
            values[next(values.len())],
            quantities[next(quantities.len())],
            makers[next(makers.len())],
        );
        text.push_str(&row);
    }
    text
}

fn made(flows: String) -> Made {
    Made(Mutex::new(vec![("s.toml".to_owned(), SCENARIO.to_owned()), ("f.csv".to_owned(), flows)]))
}

#[test]
fn odd_rows_among_plain_ones_come_to_the_same() {
    let request = FlowRequest { files: vec!["f.csv".to_owned()], date: None };
    let files = made(rows(5_000));
    for by in BY.into_iter().map(Some).chain([None]) {
        agree("s.toml", &request, by, &files);
    }
}

#[test]
fn cells_of_official_files_come_to_the_same() {
    let header = "product,origin,date,value,quantity,unit,maker,id\n";
    let rows = "8703230190 - CARS,392,202503,\"1,234\",5,No,Ford,a - x\n\
        8703230190 - CARS,036,202504,999,,,Ford,b - x\n\
        8703.24 - CARS,251,202508,12.5,,,,\n";
    let plain = "8703230190,392,2025-03-12,1234,,,Ford,a\n8703.24, 251 ,2025-08-07,\"1,000\",,,,\n\
        7208,276,2025-04-05,7,1,t,,b\n";
    let lists = "[codes.own]\nlist = { '392' = 'JP', '036' = 'AU', '251' = 'FR', '276' = 'DE' }\n";
    let all = "thousands = ','\nproduct = { before = ' - ' }\ndate = { as = 'month' }\nunit = { means = { No = 'each' } }\n\
        id = { before = ' - ', means = { '' = '' } }\nvalue = { scale = 1000 }\n";
    for (codes, forms, rows, is_right) in [
        ("own", all, rows.to_owned(), true),
        ("m49", all, rows.to_owned(), true),
        ("own", "thousands = ','\n", plain.to_owned(), true),
        ("m49", "thousands = ','\n", plain.to_owned(), true),
        // Codes that the lists lack, numbers and months that are none, and ids that are one behind their words.
        ("own", "", plain.replace("276", "699"), false),
        ("m49", "", plain.replace("276", "490"), false),
        ("own", all, rows.replace("202508", "202513"), false),
        ("m49", all, rows.to_owned() + &rows.replace("a - x", "a - z"), false),
        ("m49", all, rows.replace("a - x", "a") + &rows.replace("a - x", "a"), false),
    ] {
        let scenario =
            format!("{SCENARIO}{lists}[flows]\nfile = 'f.csv'\norigin = {{ codes = '{codes}' }}\n{forms}");
        let files = Made(Mutex::new(vec![
            ("s.toml".to_owned(), scenario),
            ("f.csv".to_owned(), format!("{header}{rows}")),
        ]));
        for by in [Some("origin"), Some("maker"), Some("date"), None] {
            let right = agree("s.toml", &FlowRequest::default(), by, &files) == 1;
            assert_eq!(right, is_right, "{codes} {forms} {rows}");
        }
    }
}

#[test]
fn bad_rows_are_said_alike() {
    let request = FlowRequest { files: vec!["f.csv".to_owned()], date: None };
    let good = rows(60);
    for bad in [
        "870,JP,2025-01-01,1,,,,\n",
        "8703,XX,2025-01-01,1,,,,\n",
        "8703,JP,2025-02-30,1,,,,\n",
        "8703,JP,,1,,,,\n",
        "8703,JP,2025-01-01,-1,,,,\n",
        "8703,JP,2025-01-01,1,5,,,\n",
        "8703,JP,2025-01-01,1,5,stone,,\n",
        "8703,JP,2025-01-01,1,x,kg,,\n",
        "8703,JP,2025-01-01,1\n",
        ",,,,,,,\n",
        "8703,JP,2025-01-01,\"1\n",
    ] {
        agree("s.toml", &request, None, &made(format!("{good}{bad}")));
        agree(
            "s.toml",
            &request,
            None,
            &made(format!("{good}{}{}", bad.repeat(30), rows(3).split_once('\n').unwrap().1)),
        );
    }
    agree("s.toml", &request, None, &made(String::new()));
    agree("s.toml", &request, None, &made("product,origin,value,date\n".to_owned()));
    agree("s.toml", &request, None, &made("product,orign,value\n8703,JP,1\n".to_owned()));
    agree("s.toml", &request, Some("nothing"), &made(good));
}

#[test]
fn an_id_given_twice_is_found_in_the_same_file_and_in_another() {
    let header = "id,product,origin,date,value\n";
    let row = |id: &str| format!("{id},8703230190,JP,2025-06-05,100\n");
    let wrong = "a,87032,JP,2025-06-05,100\n";
    let first = format!("{header}{}{}{}{}{wrong}", row("a"), row("b"), row(" a "), row(""));
    let second = format!("{header}{}{}{}", row("c"), row("b"), row(""));
    let files = made(first);
    files.0.lock().unwrap().push(("g.csv".to_owned(), second));
    for names in [vec!["f.csv"], vec!["g.csv"], vec!["f.csv", "g.csv"]] {
        let request = FlowRequest { files: names.into_iter().map(str::to_owned).collect(), date: None };
        agree("s.toml", &request, None, &files);
    }
}

/// Tables by product, by origin, by both and by day, behind conditions of which some are the same for every flow.
const TABLES: &str = r#"
title = "Made up"
importer = "US"
currency = "USD"
[countries]
partners = ["KR", "CA"]
[products]
listed = { file = "listed.csv", product = "product", from = "from", through = "to" }
cars = ["8703"]
[parameters]
mode = { value = "'schedule'" }
loud = { value = false }
late = { value = [{ from = 2025-01-01, value = false }, { from = 2025-08-07, value = true }] }
by_line = { file = "line.csv", product = "product", value = "rate", as = "percent", default = "1%" }
by_both = { file = "both.csv", product = "product", origin = "origin", from = "from", value = "rate", as = "percent", default = "7%" }
by_origin = { file = "origin.csv", origin = "origin", from = "from", value = "rate", as = "percent", default = "0%" }
of_day = { file = "day.csv", from = "from", value = "rate", as = "percent", default = "0%" }
base = { value = "if(mode = 'schedule', by_line, by_both)" }
[[measure]]
id = "base-duty"
type = "mfn"
rate = "base"
[[measure]]
id = "both"
origins = ["KR", "CA", "EU"]
rate = "if(loud or late, by_both, if(not loud and product in listed, 2 * by_both, by_origin))"
[[measure]]
id = "listed"
products = "listed"
except_products = ["870324"]
rate = "if(late and origin in partners, 4%, by_origin)"
when = "mode = 'schedule' and not (loud and product in cars)"
[[measure]]
id = "never"
when = "loud and origin = 'JP'"
rate = "99%"
[[measure]]
id = "of-day"
when = "of_day > 0% and origin = 'CN'"
rate = "of_day"
[[measure]]
id = "rest"
except_origins = ["EU"]
rate = { file = "both.csv", product = "product", origin = "origin", from = "from", rate = "rate", as = "percent", default = "3%" }
yields_to = "listed"
"#;

#[test]
fn goods_are_told_apart_by_all_that_tables_and_conditions_look_at() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let files = Made(Mutex::new(vec![
        file("s.toml", TABLES),
        file("f.csv", &rows(5_000)),
        file("listed.csv", "product,from,to\n87032301,,\n7208,2025-04-05,2025-08-06\n94,2025-03-12,\n"),
        file("day.csv", "from,rate\n2025-04-05,1\n"),
        file("line.csv", "product,rate\n8703,2.5\n87032301,2.5\n870324,3\n72,0\n7208,4\n"),
        file(
            "both.csv",
            "product,origin,from,rate\n8703,,,5\n8703,KR,,6\n8703,KR,2025-08-07,8\n8703,EU,,9\n8703,FR,2025-04-05,11\n\
             87032301,CA,,12\n,JP,,13\n94,partners,,14\n9401,CA,2025-08-07,15\n",
        ),
        file(
            "origin.csv",
            "origin,from,rate\nJP,2025-04-05,21\nEU,,22\nDE,2025-08-07,23\npartners,,24\nCA,2025-08-06,25\n",
        ),
    ]));
    for date in [None, tariffsim::date::parse_date("2025-08-06")] {
        let request = FlowRequest { files: vec!["f.csv".to_owned()], date };
        for by in [None, Some("origin"), Some("product"), Some("measure"), Some("date")] {
            assert_eq!(agree("s.toml", &request, by, &files), 1);
        }
    }
}

/// Tables by origin alone, of which each tells one country from the rest.
#[test]
fn tables_by_origin_are_told_from_one_another() {
    let head = "title = 'x'\nimporter = 'US'\ncurrency = 'USD'\n";
    let table = |file: &str| {
        format!("{{ file = '{file}', origin = 'c', value = 'r', as = 'percent', default = '0%' }}")
    };
    let rate = |file: &str| {
        format!("{{ file = '{file}', origin = 'c', rate = 'r', as = 'percent', default = '0%' }}")
    };
    let by_parameters = format!(
        "{head}[parameters]\na = {}\nb = {}\n[[measure]]\nid = 'm'\nrate = 'a + b'\n",
        table("a.csv"),
        table("b.csv"),
    );
    let by_steps = format!(
        "{head}[[measure]]\nid = 'm'\n[[measure.rate]]\nfrom = 2025-01-01\nrate = {}\n\
         [[measure.rate]]\nfrom = 2025-06-01\nrate = {}\n",
        rate("a.csv"),
        rate("b.csv"),
    );
    for scenario in [by_parameters, by_steps] {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let files = Made(Mutex::new(vec![
            file("s.toml", &scenario),
            file("a.csv", "c,r\nJP,10\n"),
            file("b.csv", "c,r\nKR,20\n"),
            file(
                "f.csv",
                "product,origin,date,value\n87,JP,2025-02-01,1000\n87,KR,2025-02-01,1000\n87,JP,2025-07-01,1000\n\
                 87,KR,2025-07-01,1000\n",
            ),
        ]));
        let request = FlowRequest { files: vec!["f.csv".to_owned()], date: None };
        assert_eq!(agree("s.toml", &request, Some("origin"), &files), 1);
    }
}

/// Quotas and credits of every kind: first come and pro rata, in pieces, by the year and by the quarter, by party and column.
const LEDGERS: &str = r#"
title = "Made up"
importer = "US"
currency = "USD"
[flows]
file = "f.csv"
[products]
cars = ["8703"]
steel = ["72"]
[[measure]]
id = "mfn-all"
type = "mfn"
rate = "2.5%"
[[measure]]
id = "on-cars"
products = "cars"
rate = "25%"
[[measure]]
id = "on-steel"
products = "steel"
rate = "50%"
[[measure]]
id = "pref"
type = "preference"
origins = ["KR", "CA"]
rate = "0%"
utilisation = 0.75
[[measure]]
id = "by-weight"
products = ["0203"]
rate = "3 USD/kg"
[[quota]]
id = "cars"
measures = "on-cars"
origins = ["JP", "EU"]
period = "year"
volume = "100_000_000_000 USD"
in_quota_rate = "7.5%"
[[quota]]
id = "steel"
measures = "on-steel"
except_origins = ["CN"]
period = "quarter"
volume = "90 t"
allocation = "pro-rata"
in_quota_rate = "free"
carry = { up_to = "50%" }
[[quota]]
id = "meat"
measures = "by-weight"
period = "month"
volume = "9_000 kg"
by = "attr.maker"
in_quota_rate = "1 USD/kg"
[[credit]]
id = "offset"
against = "on-cars"
by = "attr.maker"
amount = "200_000_000 USD"
period = "year"
"#;

/// The rows over, on as many days as there are.
fn over_days(rows: &str, days: usize) -> String {
    let mut lines = rows.lines();
    let mut text = format!("{}\n", lines.next().unwrap());
    for (at, line) in lines.enumerate() {
        let mut cells: Vec<String> = line.splitn(4, ',').map(str::to_owned).collect();
        // Steps that share no divisor with the days, so that no day stands together.
        let day = at * 37 % days;
        cells[2] = format!("2025-{:02}-{:02}", day % 12 + 1, day / 12 % 28 + 1);
        text += &cells.join(",");
        text.push('\n');
    }
    text
}

#[test]
fn flows_that_wait_for_their_day_come_to_the_same_however_few_are_kept() {
    let flows = over_days(&rows(300), 30);
    // Another file has columns of its own, an id, and cells that are not plain.
    let header = "id,maker,content.steel,product,origin,date,value,quantity,unit,freight\n";
    let row =
        |at: usize| format!("g{at},Ford,0.{at},7208,JP,2025-{:02}-15,1{at}00,{at},t,{at}\n", at % 9 + 1);
    let other = header.to_owned() + &(1..40).map(row).collect::<String>();
    let year = "product,origin,date,value,quantity,unit\n\
        7208,JP,2025-03-01,1200,60,t\n8703,DE,2025-06-01,999999999,,\n7208,KR,2025-01-01,7,,\n";
    let inline = "[[flow]]\nid = 'own'\nproduct = '8703'\norigin = 'JP'\ndate = 2025-02-02\nvalue = 5_000\n\
        attr = { maker = 'Ford' }\n[[flow]]\nproduct = '7208'\norigin = 'JP'\ndate = 2025-09-09\nvalue = 1\n\
        quantity = 3\nunit = 't'\n";
    let scenario = |flows: &str| LEDGERS.replace("[flows]\nfile = \"f.csv\"\n", "") + flows;
    let spread = "[flows]\nfile = 'y.csv'\nspread = 'month'\n";
    let skipping = "[flows]\nfile = 'f.csv'\nskip = ['KR', '87']\n";
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let files = Made(Mutex::new(vec![
        file("s.toml", LEDGERS),
        file("inline.toml", &scenario(inline)),
        file("year.toml", &scenario(spread)),
        file("skip.toml", &scenario(skipping)),
        file("f.csv", &flows),
        file("g.csv", &other),
        file("y.csv", year),
    ]));
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let mut compared = 0;
    for date in [None, tariffsim::date::parse_date("2025-06-05")] {
        for by in [None, Some("measure"), Some("maker")] {
            for named in ["s.toml", "inline.toml", "year.toml", "skip.toml"] {
                if by != Some("maker") || named == "s.toml" {
                    compared += agree_in_spans(named, &FlowRequest { files: vec![], date }, by, &files);
                }
            }
            let request = FlowRequest { files: named(&["f.csv", "g.csv", "f.csv"]), date };
            compared += agree_in_spans("s.toml", &request, by, &files);
        }
    }
    assert_eq!(compared, 2 * (3 * 5 - 3));
}

/// Lines of rows that are set aside.
#[derive(Default)]
struct Aside(Mutex<Vec<usize>>);

impl Outlet for Aside {
    fn next_file(&self) {}
    fn page(&self, _piece: usize) -> Box<dyn Page + '_> {
        Box::new(AsidePage(self))
    }
}

struct AsidePage<'a>(&'a Aside);

impl Page for AsidePage<'_> {
    fn flow(&mut self, _: &Scenario, _: &Flow, _: &Worksheet) {}
    fn reject(&mut self, _: &Scenario, row: &Rejected<'_>) {
        self.0.0.lock().unwrap().push(row.line);
    }
    fn finish(self: Box<Self>) -> Result<(), Full> {
        Ok(())
    }
}

#[test]
fn wrong_rows_are_set_aside_once_however_often_files_are_read() {
    // Row 2 repeats an id, row 4 has no product and row 6 no unit; the others wait for their days.
    let flows = "id,product,origin,date,value,quantity,unit,maker\n\
        a,7208,JP,2025-03-03,10,100,t,\na,7208,JP,2025-01-01,10,100,t,\nc,7208,JP,2025-02-02,10,100,t,\n\
        d,72x8,JP,2025-01-01,10,100,t,\ne,8703,JP,2025-03-03,10,,,Ford\nf,7208,JP,2025-03-03,10,1,,\n\
        g,7208,DE,2025-03-02,10,100,t,\n";
    let files = made(String::new());
    *files.0.lock().unwrap() =
        vec![("s.toml".to_owned(), LEDGERS.to_owned()), ("f.csv".to_owned(), flows.to_owned())];
    let mut told = Vec::new();
    for kept in [1, 2, 1_000] {
        for crew in [&Alone as &dyn Crew, &Three] {
            let aside = Aside::default();
            let asked = Asked { kept, ..Asked::default() };
            let outcome = keeping("s.toml", &FlowRequest::default(), asked, Some(&aside), &files, crew);
            let (run, said) = said(outcome);
            let run = run.unwrap();
            assert_eq!(*aside.0.lock().unwrap(), [3, 5, 7], "{kept}");
            assert_eq!((run.flows.rejected, run.seen.flows, run.totals.computable.flows), (3, 4, 4));
            // A quarter is 90 t, of which February takes all.
            let drawn: Vec<String> = run.quotas.iter().map(|quota| quota.drawn.to_string()).collect();
            assert_eq!(drawn, ["10", "90"], "{kept}");
            told.push(said);
        }
    }
    assert!(told.iter().all(|said| *said == told[0]), "{told:?}");
}

/// A file that is another when it is read again.
struct Once(Made, Mutex<bool>);

impl Files for Once {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let text = self.0.read(path)?;
        let is_again = path == "f.csv" && std::mem::replace(&mut *self.1.lock().unwrap(), true);
        Ok(if is_again { text[..text.len() / 2].to_vec() } else { text })
    }
}

#[test]
fn a_file_that_is_another_when_it_is_read_again_is_an_error() {
    let flows = over_days(&rows(50), 20);
    let cut = flows.rfind('\n').unwrap();
    let made = Made(Mutex::new(vec![
        ("s.toml".to_owned(), LEDGERS.to_owned()),
        ("f.csv".to_owned(), flows[..cut].to_owned()),
    ]));
    let files = Once(made, Mutex::new(false));
    let asked = Asked { kept: 5, ..Asked::default() };
    let outcome = keeping("s.toml", &FlowRequest::default(), asked, None, &files, &Alone);
    let wrong = messages(outcome.unwrap_err());
    assert_eq!(wrong, ["TS0101 the flow files are not what they were when they were read first"]);
}
