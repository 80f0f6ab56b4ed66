//! Flow files of many rows as a user has them: wrong rows set aside, flows that go out one by one, files that are cut off
//! or damaged, a disk that is full.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use tariffsim::assess;
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::files::Files;
use tariffsim::parquet::{Column, Kind, Layout, ParquetFile, ParquetWriter, Values, Words};
use tariffsim::report::{self, Format};
use tariffsim::scenario::{self, Request};
use tariffsim::trade::{self, FlowRequest};

/// A duty on everything, one by weight that needs a quantity, and one on a part of the value.
const SCENARIO: &str = r#"
title    = "Large files"
importer = "US"
flows    = "flows.csv"

[[measure]]
id   = "general"
type = "mfn"
rate = "2.5%"

[[measure]]
id       = "metal"
products = "7208"
from     = 2025-03-12
rate     = "25%"

[[measure]]
id       = "by-weight"
products = "0203"
rate     = "3 USD/kg"
"#;

const HEADER: &str = "id,product,origin,date,value,quantity,unit,note\n";

/// Rows in which goods, days and ways of writing alternate; every third kind needs a quantity that some lack.
fn rows(from: usize, to: usize) -> String {
    let products = ["8703230190", "7208.39", "0203110000"];
    let days = ["2025-03-11", "2025-03-12", "2026-01-01"];
    (from..to).fold(String::new(), |mut text, at| {
        let (product, day) = (products[at % 3], days[at % 7 % 3]);
        let weight = if at % 5 == 0 { "," } else { "12.5,kg" };
        writeln!(text, "f{at},{product},JP,{day},{}.{:02},{weight},\"a, b\"", at * 37, at % 100).unwrap();
        text
    })
}

fn folder(flows: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("s.toml"), SCENARIO).unwrap();
    fs::write(folder.path().join("flows.csv"), format!("{HEADER}{flows}")).unwrap();
    folder
}

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tariffsim"));
    command.args(args).current_dir(folder).env("NO_COLOR", "1").env("COLUMNS", "100").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn done(folder: &Path, args: &[&str]) -> Output {
    let output = tariffsim(folder, args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    output
}

/// What is said of a run that fails: nothing comes out, and no file is left but those that were there.
fn refused(folder: &Path, args: &[&str]) -> String {
    let before = names(folder);
    let output = tariffsim(folder, args);
    assert_eq!(output.status.code(), Some(1), "{args:?}");
    assert!(output.stdout.is_empty(), "{args:?}");
    assert_eq!(names(folder), before, "{args:?}");
    text(&output.stderr)
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    names
}

struct Disk;

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(path).map_err(|error| error.to_string())
    }
}

/// The rows of a scenario's flows, all of which are kept until they are written.
fn kept(named: &str, request: &FlowRequest) -> Option<String> {
    let mut sources = Sources::new();
    let (scenario, mut said) = scenario::load(&Request::new(named, &[]), &Disk, &mut sources).ok()?;
    let flows = trade::load(&scenario, request, &Disk, &mut sources, &mut said)?;
    let (run, _): (_, Diagnostics) = assess::run(scenario, flows, None).ok()?;
    let layout = report::Layout { width: 80, colour: false, pictures: false };
    Some(report::runs(&[run], false, Format::Csv, layout))
}

#[test]
fn flows_go_out_as_when_they_are_kept() {
    let folder = folder(&rows(0, 40_000));
    let named = folder.path().join("s.toml").display().to_string();
    let expected = kept(&named, &FlowRequest::default()).unwrap();
    assert_eq!(expected.lines().count(), 40_001);
    for threads in ["1", "2", "3"] {
        let args = ["run", &named, "--format", "csv", "--threads", threads];
        assert!(text(&done(Path::new("."), &args).stdout) == expected, "{threads}");
    }
    done(folder.path(), &["run", &named, "--out", "out.csv", "--by", "flow", "-q"]);
    assert!(fs::read_to_string(folder.path().join("out.csv")).unwrap() == expected);
}

#[test]
fn flows_of_shipped_scenarios_go_out_as_when_they_are_kept() {
    let mut compared = 0;
    for entry in
        ["scenarios", "scenarios/lessons"].into_iter().flat_map(|folder| fs::read_dir(folder).unwrap())
    {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let named = path.display().to_string();
        let date = tariffsim::date::parse_date("2025-06-05");
        let Some(expected) = kept(&named, &FlowRequest { date, ..FlowRequest::default() }) else { continue };
        let args = ["run", &named, "--date", "2025-06-05", "--format", "csv", "--threads", "2"];
        assert!(text(&done(Path::new("."), &args).stdout) == expected, "{named}");
        compared += 1;
    }
    assert!(compared > 5, "{compared}");
}

/// The cells of a table as CSV has them; amounts without the zeros at their ends.
fn cells(path: &Path) -> Vec<Vec<String>> {
    let file = ParquetFile::open(Arc::new(fs::read(path).unwrap())).unwrap();
    let columns: Vec<usize> = (0..file.columns().len()).collect();
    let mut rows = vec![file.columns().iter().map(|column| column.name.clone()).collect()];
    for group in 0..file.groups() {
        let mut reader = file.read(group, &columns).unwrap();
        while let Some(values) = reader.next(10_000).unwrap() {
            rows.extend(
                (0..values[0].len()).map(|row| values.iter().map(|column| cell(column, row)).collect()),
            );
        }
    }
    rows
}

fn cell(values: &Values, row: usize) -> String {
    if values.is_null(row) {
        return String::new();
    }
    match values {
        Values::Words { words, codes } => words.get(codes[row]).unwrap().to_owned(),
        Values::Wide { numbers, scale, .. } => {
            assert_eq!(*scale, 10);
            let (whole, part) = (numbers[row] / 10_000_000_000, numbers[row] % 10_000_000_000);
            format!("{whole}.{part:010}").trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        Values::Days { days, .. } => {
            let epoch = tariffsim::date::parse_date("1970-01-01").unwrap();
            epoch.checked_add(tariffsim::date::ToSpan::days(i64::from(days[row]))).unwrap().to_string()
        }
        Values::Flags { flags, .. } => flags[row].to_string(),
        other => panic!("{other:?}"),
    }
}

/// A number that is not below zero, rounded to ten decimal places with a half going up.
fn to_ten_places(number: &str) -> String {
    let Some((whole, part)) = number.split_once('.').filter(|(_, part)| part.len() > 10) else {
        return number.to_owned();
    };
    let cut: u128 = format!("{whole}{}", &part[..10]).parse().unwrap();
    let digits = format!("{:011}", cut.saturating_add(u128::from(part.as_bytes()[10] >= b'5')));
    let (whole, part) = digits.split_at(digits.len() - 10);
    format!("{whole}.{part}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[test]
fn a_parquet_file_holds_the_rows_of_csv() {
    let folder = folder(&rows(1, 20_000));
    let path = folder.path();
    for threads in ["1", "2"] {
        done(path, &["run", "s.toml", "--out", &format!("{threads}.parquet"), "--threads", threads]);
    }
    let csv = text(&done(path, &["run", "s.toml", "--format", "csv"]).stdout);
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).from_reader(csv.as_bytes());
    let expected: Vec<Vec<String>> =
        reader.into_records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    let found = cells(&path.join("1.parquet"));
    assert_eq!(found.len(), 20_000);
    for (found, mut expected) in found.into_iter().zip(expected) {
        expected[9] = to_ten_places(&expected[9]);
        assert_eq!(found, expected);
    }
    assert!(fs::read(path.join("1.parquet")).unwrap() == fs::read(path.join("2.parquet")).unwrap());
}

#[test]
fn an_amount_too_fine_for_a_parquet_file_is_no_silent_loss() {
    let folder = folder("x,8703,JP,2025-01-01,0.00000000001,,,\n");
    let said = refused(folder.path(), &["run", "s.toml", "--out", "o.parquet"]);
    let expected = "error: cannot write o.parquet: value of flow x is 0.00000000001; a Parquet file has room for ten \
                    decimal places: write CSV\n";
    assert_eq!(said, expected);
}

#[test]
fn what_cannot_be_a_parquet_file_is_a_wrong_command_line() {
    let folder = folder(&rows(1, 3));
    for args in [
        &["run", "s.toml", "--format", "parquet"][..],
        &["run", "s.toml", "--out", "o.parquet", "--by", "origin"],
        &["compare", "s.toml", "s.toml", "--out", "o.parquet"],
        &["run", "s.toml", "--rejects", "r.csv"],
        &["run", "s.toml", "--keep-going", "--rejects", "r.csv", "--out", "r.csv"],
    ] {
        assert_eq!(tariffsim(folder.path(), args).status.code(), Some(2), "{args:?}");
    }
    assert_eq!(names(folder.path()).len(), 2);
}

/// One bad row in the middle of many.
fn one_bad() -> tempfile::TempDir {
    folder(&format!(
        "{}bad,87032,JP,2025-01-01,1,,,\"a \"\"b\"\"\"\n{}",
        rows(0, 30_000),
        rows(30_000, 40_000)
    ))
}

#[test]
fn one_bad_row_among_many_stops_the_run_or_is_set_aside() {
    let folder = one_bad();
    let path = folder.path();
    let said = refused(path, &["run", "s.toml", "--out", "o.csv"]);
    assert!(said.contains("flows.csv:30002:5"), "{said}");
    assert!(said.ends_with("1 error; nothing was computed\n"), "{said}");
    let good = tempfile::tempdir().unwrap();
    fs::write(good.path().join("s.toml"), SCENARIO).unwrap();
    fs::write(good.path().join("flows.csv"), format!("{HEADER}{}", rows(0, 40_000))).unwrap();
    for format in [
        &["--format", "csv"][..],
        &["--by", "origin", "--format", "csv"],
        &["--by", "flow", "--format", "csv"],
    ] {
        let expected = done(good.path(), &[&["run", "s.toml"], format].concat()).stdout;
        for threads in ["1", "2"] {
            let args = ["run", "s.toml", "--keep-going", "--threads", threads, "--rejects", "r.csv"];
            let output = done(path, &[&args, format].concat());
            assert!(output.stdout == expected, "{format:?}");
            assert_eq!(text(&output.stderr), "wrote r.csv\n");
            let rejects = fs::read_to_string(path.join("r.csv")).unwrap();
            assert_eq!(
                rejects,
                "scenario,variant,file,line,problem,text\n\
                 s.toml,,flows.csv,30002,TS0404: `87032` has an odd number of digits,\
                 \"bad,87032,JP,2025-01-01,1,,,\"\"a \"\"\"\"b\"\"\"\"\"\"\"\n"
            );
        }
    }
    let table = done(path, &["run", "s.toml", "--keep-going"]);
    assert!(text(&table.stdout).contains("Wrong and set aside, in no total: 1 row of the flow files."));
    assert!(text(&table.stderr).contains("warning[TS0611]: flows.csv, line 30002: `87032` has an odd"));
}

#[test]
fn rejected_rows_stand_in_the_order_of_the_file_whoever_reads_them() {
    let mut flows = String::new();
    for at in 0..50_000 {
        if at % 2 == 0 {
            writeln!(flows, "b{at},8703,JPP,2025-01-01,{at},,,").unwrap();
        } else {
            writeln!(flows, "g{at},8703,JP,2025-01-01,1,,,").unwrap();
        }
    }
    let folder = folder(&flows);
    let path = folder.path();
    let mut seen = Vec::new();
    for args in [
        &["--threads", "1"][..],
        &["--threads", "2"],
        &["--threads", "2", "--format", "json"],
        &["--by", "flow"],
    ] {
        let output =
            done(path, &[&["run", "s.toml", "--keep-going", "--rejects", "r.csv", "-q"], args].concat());
        if args.contains(&"json") {
            let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            let totals = &document["scenarios"][0]["totals"];
            assert_eq!((&totals["rejected"], &totals["flows"]), (&25_000.into(), &25_000.into()));
        }
        seen.push(fs::read_to_string(path.join("r.csv")).unwrap());
    }
    let lines = seen[0].lines().skip(1).enumerate();
    for (at, line) in lines {
        let (number, value) = (at * 2 + 2, at * 2);
        let expected = format!(
            "s.toml,,flows.csv,{number},TS0402: `JPP` is not a country,\"b{value},8703,JPP,2025-01-01,{value},,,\""
        );
        assert_eq!(line, expected);
    }
    assert_eq!(seen[0].lines().count(), 25_001);
    assert!(seen.iter().all(|other| *other == seen[0]));
    let warned = text(&done(path, &["run", "s.toml", "--keep-going"]).stderr);
    assert_eq!(warned.matches("is not a country; the row is set aside").count(), 20);
    assert!(warned.contains("flows.csv: 24980 more rows are wrong and set aside"), "{warned}");
}

#[test]
fn where_no_row_is_left_nothing_is_computed() {
    let folder = folder("a,8703,JP,,1,,,\nb,8703,JP,,1,,,\n");
    for args in [&["--by", "origin"][..], &["--by", "flow"], &["--format", "csv"], &["--format", "json"]] {
        let said = refused(
            folder.path(),
            &[&["run", "s.toml", "--keep-going", "--rejects", "r.csv"], args].concat(),
        );
        assert!(
            said.contains("error[TS0505]: flows.csv, line 2 has no entry date (and 1 more like it)"),
            "{said}"
        );
    }
}

#[test]
fn of_two_rows_with_an_id_the_second_is_set_aside() {
    let folder = folder("a,8703,JP,2025-01-01,1,,,\nb,8703,JPP,2025-01-01,1,,,\na,8703,JP,2025-01-01,2,,,\n");
    let path = folder.path();
    fs::write(
        path.join("more.csv"),
        format!("{HEADER}c,8703,JP,2025-01-01,4,,,\nb,8703,JP,2025-01-01,8,,,\n"),
    )
    .unwrap();
    let flows = [
        "run",
        "s.toml",
        "--keep-going",
        "--rejects",
        "r.csv",
        "--flows",
        "flows.csv",
        "--flows",
        "more.csv",
    ];
    let mut seen = Vec::new();
    for args in [&["--format", "json"][..], &["--by", "origin", "--format", "json"], &["--format", "csv"]] {
        let output = done(path, &[&flows, args].concat());
        if args.contains(&"json") {
            let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(document["scenarios"][0]["totals"]["value"], "5");
        } else {
            assert_eq!(text(&output.stdout).lines().count(), 3);
        }
        seen.push(fs::read_to_string(path.join("r.csv")).unwrap());
    }
    assert!(seen.iter().all(|other| *other == seen[0]), "{seen:?}");
    let lines: Vec<&str> = seen[0].lines().skip(1).map(|line| line.split('"').next().unwrap()).collect();
    assert_eq!(
        lines,
        [
            "s.toml,,flows.csv,3,TS0402: `JPP` is not a country,",
            "s.toml,,flows.csv,4,TS0205: the flow id `a` is used twice,",
            "s.toml,,more.csv,3,TS0205: the flow id `b` is used twice,",
        ]
    );
}

#[test]
fn a_file_that_is_wrong_stops_the_run_whatever_is_set_aside() {
    let folder = folder("a,8703,JP,2025-01-01,\"1,,,\nb,8703,JP,2025-01-01,1,,,\n");
    for format in ["csv", "json", "table"] {
        let said = refused(folder.path(), &["run", "s.toml", "--keep-going", "--format", format]);
        assert!(said.contains("a quote opens that is never closed"), "{said}");
    }
}

/// A Parquet file of flows: products, and values where they are not missing.
fn table(path: &Path, values: Values) {
    let rows = values.len();
    let words =
        |word: &str| Values::Words { words: Arc::new(Words::from_iter([word])), codes: vec![0; rows] };
    let kind = match values {
        Values::Flags { .. } => Kind::Flag,
        _ => Kind::Whole { scale: 2 },
    };
    let column = |name: &str, kind| Column { name: name.to_owned(), kind };
    let columns = [
        column("product", Kind::Text),
        column("origin", Kind::Text),
        column("date", Kind::Text),
        column("value", kind),
    ];
    let layout = Layout::new(&columns).unwrap();
    let mut writer = ParquetWriter::new(File::create(path).unwrap(), &layout).unwrap();
    writer.write(&[words("8703"), words("JP"), words("2025-01-01"), values]).unwrap();
    writer.finish().unwrap();
}

fn amounts(rows: usize, missing: Option<usize>) -> Values {
    let nulls = missing.map(|at| (0..rows).map(|row| row == at).collect());
    Values::Whole { numbers: (0..rows).map(|row| i64::try_from(row).unwrap()).collect(), scale: 2, nulls }
}

#[test]
fn a_parquet_file_that_is_cut_off_or_holds_what_is_no_amount_is_said() {
    let folder = folder("");
    let path = folder.path();
    table(&path.join("f.parquet"), amounts(50_000, None));
    let whole = fs::read(path.join("f.parquet")).unwrap();
    for by in [&["--format", "csv"][..], &["--by", "origin"], &["--format", "json"]] {
        let args = [&["run", "s.toml", "--flows", "f.parquet"], by].concat();
        fs::write(path.join("f.parquet"), &whole[..whole.len() - 100]).unwrap();
        let said = refused(path, &args);
        assert!(said.starts_with("error[TS0101]: cannot read f.parquet: "), "{said}");
        let mut damaged = whole.clone();
        damaged[200..2_000].fill(0xff);
        fs::write(path.join("f.parquet"), &damaged).unwrap();
        let said = refused(path, &args);
        assert!(said.starts_with("error[TS0101]: cannot read f.parquet: "), "{said}");
        table(&path.join("f.parquet"), Values::Flags { flags: vec![true; 3], nulls: None });
        let said = refused(path, &args);
        assert!(said.contains("f.parquet, row 1: `true` is not a number"), "{said}");
    }
}

#[test]
fn a_value_that_is_missing_in_a_parquet_file_is_a_wrong_row() {
    let folder = folder("");
    let path = folder.path();
    table(&path.join("f.parquet"), amounts(50_000, Some(40_000)));
    let mut seen = Vec::new();
    for by in [&["--format", "csv"][..], &["--by", "origin", "--threads", "2"], &["--format", "json"]] {
        let args = [&["run", "s.toml", "--flows", "f.parquet"], by].concat();
        let said = refused(path, &args);
        assert!(said.contains("f.parquet, row 40001: `value` is empty"), "{said}");
        done(path, &[&args[..], &["--keep-going", "--rejects", "r.csv"]].concat());
        seen.push(fs::read_to_string(path.join("r.csv")).unwrap());
    }
    assert!(seen[0].contains("s.toml,,f.parquet,40001,"), "{}", seen[0]);
    assert!(seen[0].ends_with("\"8703,JP,2025-01-01,\"\n"), "{}", seen[0]);
    assert!(seen.iter().all(|other| *other == seen[0]), "{seen:?}");
}

/// A text packed with gzip and with zstd, with the name that goes with it.
fn packed(text: &str) -> [(&'static str, Vec<u8>); 2] {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let zstd = ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
    [("f.csv.gz", gzip.finish().unwrap()), ("f.csv.zst", zstd)]
}

#[test]
fn packed_flows_are_read_as_what_they_hold() {
    let flows = rows(0, 40_000);
    let folder = folder(&flows);
    let path = folder.path();
    let formats = [
        &["--by", "origin", "--format", "csv"][..],
        &["--format", "csv"],
        &["--by", "flow", "--format", "json"],
    ];
    let expected = formats.map(|format| {
        let output = done(path, &[&["run", "s.toml"], format].concat());
        output.stdout
    });
    for (name, bytes) in packed(&format!("{HEADER}{flows}")) {
        for (format, expected) in formats.iter().zip(&expected) {
            fs::write(path.join(name), &bytes).unwrap();
            let args = [&["run", "s.toml", "--flows", name], *format].concat();
            assert!(done(path, &args).stdout == *expected, "{name} {format:?}");
            fs::write(path.join(name), &bytes[..bytes.len() * 3 / 4]).unwrap();
            let said = refused(path, &args);
            let kind = if name.ends_with("gz") { "gzip" } else { "zstd" };
            let why = format!("cannot read {name}: its {kind} data end too early: the file is cut off");
            assert!(said.contains(&why), "{said}");
        }
    }
    fs::write(path.join("f.csv.zst"), HEADER).unwrap();
    let said = refused(path, &["run", "s.toml", "--flows", "f.csv.zst"]);
    assert!(said.contains("cannot read f.csv.zst: it is named .zst and is not packed with zstd"), "{said}");
    table(&path.join("f.parquet"), amounts(3, None));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &fs::read(path.join("f.parquet")).unwrap()).unwrap();
    fs::write(path.join("f.parquet.gz"), gzip.finish().unwrap()).unwrap();
    let values = text(
        &done(path, &["run", "s.toml", "--flows", "f.parquet.gz", "--by", "origin", "--format", "csv"])
            .stdout,
    );
    assert!(values.contains(",JP,3,0.03,"), "{values}");
}

/// Runs in a shell that lets no file grow beyond so many kilobytes.
#[cfg(target_os = "linux")]
fn limited(folder: &Path, blocks: usize, args: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_tariffsim");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{program}' {args}");
    let mut command = Command::new("bash");
    command.args(["-c", &script]).current_dir(folder).env("TMPDIR", folder).output().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_behind() {
    let folder = one_bad();
    let path = folder.path();
    let before = names(path);
    for args in [
        "run s.toml --keep-going --threads 2 --out o.csv",
        "run s.toml --keep-going --threads 2 --out o.parquet",
        "run s.toml --keep-going --threads 2 --format csv",
    ] {
        let output = limited(path, 64, args);
        assert_eq!(output.status.code(), Some(1), "{args}: {}", text(&output.stderr));
        assert!(output.stdout.is_empty(), "{args}");
        let said = text(&output.stderr);
        assert!(said.contains("error: cannot write ") && said.contains("File too large"), "{args}: {said}");
        assert_eq!(names(path), before, "{args}");
    }
    let full = Path::new("/dev/full");
    if full.exists() {
        // Single flows, sums, and rates: each goes out in its own way.
        for args in [
            &["run", "s.toml", "--keep-going", "-q", "--out", "/dev/full", "--format", "csv"][..],
            &["run", "s.toml", "--keep-going", "-q", "--out", "/dev/full", "--by", "origin"],
            &["rates", "s.toml", "-q", "--products", "8703", "--origins", "JP", "--out", "/dev/full"],
        ] {
            let output = tariffsim(path, args);
            assert_eq!(output.status.code(), Some(1), "{args:?}");
            let said = text(&output.stderr);
            assert!(said.starts_with("error: cannot write /dev/full: No space left on device"), "{said}");
            assert!(!full.is_file(), "{args:?}");
        }
        let output = Command::new(env!("CARGO_BIN_EXE_tariffsim"))
            .args(["run", "s.toml", "--keep-going", "-q", "--format", "csv"])
            .current_dir(path)
            .stdout(File::options().write(true).open(full).unwrap())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).starts_with("error: cannot write the result: No space left"));
        assert!(!full.is_file());
        assert_eq!(names(path), before);
    }
}
