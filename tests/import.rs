//! `import schedule`: what becomes of every line of an official schedule, and that nothing is guessed. The slices are made up
//! in the form of the real files. The whole US schedule is read where it is at hand, under `../shared` or the folder that
//! `TARIFFSIM_SHARED` names; where it is not, the test says so.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tariffsim::diagnostic::Sources;
use tariffsim::files::Files;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn tariffsim(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tariffsim"));
    command.args(args).current_dir(folder).env("COLUMNS", "80").env("NO_COLOR", "1").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

type Table = Vec<BTreeMap<String, String>>;

fn table(path: &Path) -> Table {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| row.unwrap()).collect()
}

/// What comes of a schedule.
struct Import {
    rates: Table,
    account: Table,
    said: String,
}

impl Import {
    /// Imports a file of this text and name.
    fn of(name: &str, content: &str) -> Import {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), content).unwrap();
        Import::of_file(folder.path(), name)
    }

    fn of_file(folder: &Path, file: &str) -> Import {
        let target = tempfile::tempdir().unwrap();
        let (rates, account) = (target.path().join("rates.csv"), target.path().join("account.csv"));
        let paths = [rates.to_str().unwrap(), account.to_str().unwrap()];
        let output =
            tariffsim(folder, &["import", "schedule", file, "--out", paths[0], "--account", paths[1]]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        Import { rates: table(&rates), account: table(&account), said: text(&output.stdout) }
    }

    /// A cell of the longest number that a code starts with, as a scenario finds it.
    fn rate(&self, code: &str, column: &str) -> &str {
        let fits =
            |row: &&BTreeMap<String, String>| code.starts_with(&row["product"]) && !row[column].is_empty();
        self.rates.iter().filter(fits).max_by_key(|row| row["product"].len()).map_or("", |row| &row[column])
    }

    fn line(&self, number: &str) -> &BTreeMap<String, String> {
        self.account.iter().find(|row| row["number"] == number).unwrap()
    }

    fn status(&self, number: &str) -> &str {
        &self.line(number)["status"]
    }
}

const HEADER: &str = "HTS Number,Indent,Description,Unit of Quantity,General Rate of Duty,Special Rate of Duty,\
                      Column 2 Rate of Duty,Quota Quantity,Additional Duties\n";

/// A schedule of lines that are `number|indent|general|special|column 2`.
fn schedule(lines: &[&str]) -> String {
    let row = |line: &&str| {
        let cells: Vec<&str> = line.split('|').collect();
        format!(
            "{},{},goods,\"[\"\"kg\"\"]\",\"{}\",\"{}\",\"{}\",,\n",
            cells[0], cells[1], cells[2], cells[3], cells[4]
        )
    };
    format!("{HEADER}{}", lines.iter().map(row).collect::<String>())
}

#[test]
fn the_example_gives_the_rates_that_its_scenario_reads() {
    let target = tempfile::tempdir().unwrap();
    let rates = target.path().join("rates.csv");
    let output = tariffsim(
        &root().join("docs/examples/official"),
        &["import", "schedule", "hts.csv", "--out", rates.to_str().unwrap()],
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    let kept = fs::read_to_string(root().join("docs/examples/official/us_rates.csv")).unwrap();
    assert_eq!(fs::read_to_string(&rates).unwrap(), kept);
}

#[test]
fn json_and_csv_of_one_schedule_give_the_same() {
    let csv = format!(
        "{HEADER}0406,0,Cheese:,,,,,,\n\
         0406.90.46,1,Swiss,,6.4%,\"Free (A*,S) 2% (KR)\",35%,,\n\
         0406.90.46.10,2,In wheels,\"[\"\"kg\"\"]\",,,,,\n\
         9904.04.01,0,Cheese in excess,,,,,,2.6¢/kg\n"
    );
    // The export writes null for what is empty, markup in texts, and one key with a letter too many.
    let json = r#"[
        {"htsno":"0406","indent":"0","description":"Cheese:","superior":"true","units":[],"general":null,"special":null,"other":null},
        {"htsno":"0406.90.46","indent":"1","description":"<i>Swiss</i>","superior":null,"units":null,"general":"6.4%",
         "special":"Free (A*,S) 2%&nbsp;(KR)","other":"35%","footnotes":[{"columns":["general"],"marker":"1","value":"See 9903.88.15. ","type":"endnote"}],
         "quotaQuantity":null,"additionalDuties":null,"addiitionalDuties":null},
        {"htsno":"0406.90.46.10","indent":"2","description":"In wheels","units":["kg"],"general":"","special":"","other":"","footnotes":null},
        {"htsno":"9904.04.01","indent":0,"description":"Cheese in excess","general":"","special":"","other":"","addiitionalDuties":"2.6&#162;/kg"}
    ]"#;
    let (from_csv, from_json) = (Import::of("s.csv", &csv), Import::of("s.json", json));
    assert_eq!(from_csv.rates, from_json.rates);
    let row: Vec<(&str, &str)> = from_csv.rates[0].iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let wanted = [
        ("A*", "Free"),
        ("KR", "2%"),
        ("S", "Free"),
        ("additional", ""),
        ("column_2", "35%"),
        ("general", "6.4%"),
        ("product", "04069046"),
    ];
    assert_eq!(row, wanted);
    assert_eq!(from_csv.rates[1]["additional"], "2.6¢/kg");
    assert_eq!(from_json.line("0406.90.46")["footnotes"], "general: See 9903.88.15.");
    let statuses =
        |import: &Import| import.account.iter().map(|row| row["status"].clone()).collect::<Vec<_>>();
    assert_eq!(statuses(&from_csv), ["heading", "taken", "inherited", "no rate"]);
    assert_eq!(statuses(&from_csv), statuses(&from_json));
}

#[test]
fn a_line_has_its_own_rates_or_those_above_it() {
    let import = Import::of(
        "s.csv",
        &schedule(&[
            "8703|0|||",
            "8703.23.01|1|2.5%|Free (S)|10%",
            "|2|||",
            "8703.23.01.20|3|||",
            "8703.23.01.90|2|||15%",
            "8703.24.00.00|1|3%||12%",
            "9005.90.80.01|0|4%||",
        ]),
    );
    assert_eq!(import.line("8703.23.01.20")["from"], "8703.23.01");
    assert_eq!((import.rate("8703230120", "general"), import.rate("8703230120", "S")), ("2.5%", "Free"));
    assert_eq!(import.rate("8703230120", "column_2"), "10%");
    // What it states is its own, the rest is from above.
    assert_eq!(import.status("8703.23.01.90"), "inherited");
    assert_eq!(
        (import.rate("8703230190", "general"), import.rate("8703230190", "column_2")),
        ("2.5%", "15%")
    );
    // The one line of eight digits goes by these, so that goods of eight digits have its rate too.
    assert_eq!((import.rate("87032400", "general"), import.rate("8703240000", "general")), ("3%", "3%"));
    assert_eq!(import.rate("90059080", "general"), "4%");
    // No programme is taken over by a line that states a general rate.
    assert_eq!(import.rate("8703240000", "S"), "");
    assert_eq!(import.status("9005.90.80.01"), "in part");
    assert_eq!(import.rate("9005908001", "column_2"), "no rate is stated");
}

#[test]
fn what_cannot_be_known_is_refused_and_stays_in_the_file() {
    let import = Import::of(
        "s.csv",
        &schedule(&[
            "0711.51.00|0|8.8¢/kg on drained weight + 20%|Free (S)|45%",
            "0711.51.00.10|1|||",
            "0712.20.20|1|||", // below 0711.51.00 by its indent, but not by its number
            "0713.10.10|0|||", // below nothing
            "0714.10.10|0|2%|Free (A) 1% (A)|Free", // two rates for one programme
            "0715.10.10|0|2%|Free|Free", // no programme
            "0716.10.10|0|2%||3%",
            "0716.10.10|0|4%||3%", // a number for the second time
            "|0|5%||6%",           // a rate without a number
            "0717.10.10|1|||",     // and a line below it
        ]),
    );
    assert_eq!((import.status("0711.51.00"), import.status("0711.51.00.10")), ("refused", "refused"));
    assert_eq!(import.rate("0711510010", "general"), "8.8¢/kg on drained weight + 20%");
    assert!(import.line("0711.51.00.10")["reason"].contains("weight or measure of its own"));
    assert_eq!(import.status("0712.20.20"), "refused");
    assert_eq!(import.rate("07122020", "general"), "no rate is stated, and the line above it is 0711.51.00");
    assert_eq!(
        (import.status("0713.10.10"), import.rate("07131010", "general")),
        ("no rate", "no rate is stated")
    );
    assert_eq!((import.rate("07141010", "A"), import.rate("07141010", "general")), ("Free; 1%", "2%"));
    assert_eq!((import.status("0715.10.10"), import.rate("07151010", "S")), ("in part", "Free"));
    assert_eq!(import.rate("07161010", "general"), "2%; 4%");
    assert_eq!(import.rate("07161010", "column_2"), "3%");
    assert_eq!((import.status(""), import.status("0717.10.10")), ("refused", "refused"));

    // The language refuses each where a flow meets it; a free preference needs no general rate.
    let folder = tempfile::tempdir().unwrap();
    let mut writer = csv::Writer::from_path(folder.path().join("rates.csv")).unwrap();
    writer.write_record(["product", "general", "S"]).unwrap();
    for row in &import.rates {
        writer.write_record([&row["product"], &row["general"], &row["S"]]).unwrap();
    }
    drop(writer);
    let scenario = "title = 'Refused'\nimporter = 'US'\ndate = 2025-01-01\nflows = 'f.csv'\n\
        [[measure]]\nid = 'general'\ntype = 'mfn'\nrate = { file = 'rates.csv', product = 'product', rate = 'general' }\n\
        [[measure]]\nid = 'usmca'\ntype = 'preference'\nclaim = 'S'\norigins = ['CA']\n\
        rate = { file = 'rates.csv', product = 'product', rate = 'S' }\n";
    let flows = "product,origin,value,claims\n0711510010,CA,1000,\n0711510010,CA,1000,S\n0712202000,CA,1000,\n\
        0713101000,CA,1000,\n0716101000,CA,1000,\n0717101000,CA,1000,\n0714101000,CA,1000,\n";
    fs::write(folder.path().join("s.toml"), scenario).unwrap();
    fs::write(folder.path().join("f.csv"), flows).unwrap();
    let output = tariffsim(folder.path(), &["run", "s.toml", "--format", "csv"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let computable: Vec<String> = reader.records().map(|row| row.unwrap()[11].to_owned()).collect();
    assert_eq!(computable, ["false", "true", "false", "false", "false", "false", "true"]);
}

#[test]
fn the_summary_counts_every_line_once() {
    let import = Import::of(
        "s.csv",
        &schedule(&["01|0|||", "0101.21.00|1|Free||Free", "0101.29.00|1|See note 3||20%"]),
    );
    let first = "Of 3 lines read, 1 has a general rate; 1 has none that reads, and flows under it\nare not computable.";
    assert!(import.said.starts_with(first), "{}", import.said);
    for row in ["taken          1", "refused        1", "heading        1", "read           3"] {
        assert!(import.said.contains(row), "{row}\n{}", import.said);
    }
    assert!(import.said.lines().all(|line| line.chars().count() <= 80), "{}", import.said);
    let import = Import::of("s.csv", &schedule(&["0101.21.00|1|Free||Free"]));
    assert!(
        import.said.starts_with("Of 1 line read, 1 has a general rate, and none is refused.\n"),
        "{}",
        import.said
    );
    assert!(!import.said.contains("Refused"), "{}", import.said);
}

#[test]
fn rates_go_to_the_terminal_and_what_is_said_beside_them() {
    let folder = root().join("docs/examples/official");
    let output = tariffsim(&folder, &["import", "schedule", "hts.csv"]);
    assert!(text(&output.stdout).starts_with("product,general,column_2,"));
    assert!(text(&output.stderr).starts_with("Of 15 lines read, "));
    let output = tariffsim(&folder, &["import", "schedule", "hts.csv", "--quiet"]);
    assert!(output.stderr.is_empty() && !output.stdout.is_empty());
}

/// What is said of a file that cannot be read, with its exit code.
fn refused(name: &str, content: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), content).unwrap();
    let output =
        tariffsim(folder.path(), &["import", "schedule", name, "--out", "r.csv", "--account", "a.csv"]);
    assert!(output.stdout.is_empty());
    assert!(!folder.path().join("r.csv").exists() && !folder.path().join("a.csv").exists());
    (output.status.code(), text(&output.stderr))
}

#[test]
fn a_file_of_another_form_is_refused_where_it_is_wrong() {
    let cases = [
        ("s.csv", "", "TS0103", "is empty"),
        ("s.csv", "product,rate\n8703,2.5%\n", "TS0601", "there are no columns `HTS Number`, `Indent`"),
        ("s.csv", &format!("{HEADER}8703,x,Cars,,,,,,\n"), "TS0603", "s.csv:2:6"),
        ("s.csv", &format!("{HEADER}8703,0,Cars,,,\n"), "TS0604", "line 2 has 6 cells, the header 9"),
        ("s.json", "[{\"htsno\":\"8703\"", "TS0603", "the JSON does not parse"),
        ("s.json", "{\"lines\":[]}", "TS0601", "no list of lines"),
        ("s.json", "[{\"htsno\":\"8703\",\"indent\":\"0\"}]", "TS0603", "it has no `description`"),
        (
            "s.json",
            "[{\"htsno\":\"1\",\"indent\":\"x\",\"description\":\"\",\"general\":\"\",\"special\":\"\",\"other\":\"\"}]",
            "TS0603",
            "`x` is no depth of a line",
        ),
    ];
    for (name, content, code, words) in cases {
        let (exit, said) = refused(name, content);
        assert_eq!(exit, Some(1));
        assert!(said.contains(code) && said.contains(words), "{said}");
        assert!(said.ends_with("error; nothing was written\n"), "{said}");
    }
    let folder = tempfile::tempdir().unwrap();
    let output = tariffsim(folder.path(), &["import", "schedule", "none.csv"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("TS0101"));
    fs::write(folder.path().join("s.csv"), schedule(&["0101.21.00|1|Free||Free"])).unwrap();
    for args in [["--out", "s.csv"], ["--account", "s.csv"]] {
        let output = tariffsim(folder.path(), &[&["import", "schedule", "s.csv"], &args[..]].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("was computed from it"), "{}", text(&output.stderr));
    }
    let output = tariffsim(folder.path(), &["import", "schedule", "s.csv", "--out", "x", "--account", "x"]);
    assert!(text(&output.stderr).contains("--out and --account both name x"));
}

struct Memory(String);

impl Files for Memory {
    fn read(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(self.0.clone().into_bytes())
    }
}

proptest! {
    /// Whatever stands in its cells, every line is accounted for, and no programme is lost.
    #[test]
    fn every_line_is_accounted_for(
        lines in prop::collection::vec(
            ("(0[1-3]{1,3}(\\.[1-2]0){0,3})?", 0_u8..5, "[Fre0-9.%¢/kg+$ é-]{0,9}", "[Fre2%() AS+*,.;&<>/-]{0,16}", "[0-9%¢/kg #]{0,6}"),
            0..12,
        )
    ) {
        let cells: Vec<String> = lines.iter().map(|(n, i, g, s, c)| format!("{n}|{i}|{g}|{s}|{c}")).collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let import = tariffsim::schedule::import("s.csv", &Memory(schedule(&cells)), &mut Sources::new());
        let schedule = import.unwrap();
        prop_assert_eq!(schedule.accounts.len(), lines.len());
        for account in &schedule.accounts {
            let digits: String = account.line.number.chars().filter(char::is_ascii_digit).collect();
            let states = !account.line.general.is_empty();
            let found = schedule.rows.keys().any(|product| digits.starts_with(&product.to_string()));
            prop_assert!(found || !states || digits.is_empty() || digits.len() % 2 == 1, "{digits}");
        }
    }
}

/// The real files, where they are at hand.
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("TARIFFSIM_SHARED").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| root().join("../shared"));
    folder.join("data/hts/hts_2025_basic_edition.csv").exists().then_some(folder)
}

/// A cell of an official column without its spaces, where it is `Free` or one percentage.
fn plain(cell: &str) -> Option<String> {
    let cell: String = cell.chars().filter(|c| !c.is_whitespace()).collect();
    let number = cell.strip_suffix('%').unwrap_or("x");
    let is_rate = cell == "Free" || number.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_rate.then_some(cell)
}

/// The schedule of 2025, basic edition. The counts were found by another program from the same file.
#[test]
#[allow(clippy::print_stderr, reason = "whoever reads the tests should know which ran")]
fn the_whole_us_schedule() {
    let Some(folder) = shared() else {
        eprintln!("skipped: there is no ../shared/data/hts, and TARIFFSIM_SHARED names none");
        return;
    };
    let path = folder.join("data/hts/hts_2025_basic_edition.csv");
    let import = Import::of_file(root(), path.to_str().unwrap());
    assert_eq!(import.account.len(), 35_859);
    let bytes = fs::read(&path).unwrap();
    let mut reader = csv::Reader::from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    let digits = |row: &csv::StringRecord| row[0].replace('.', "");
    let by_number: BTreeMap<String, &csv::StringRecord> = rows.iter().map(|row| (digits(row), row)).collect();
    let rates: BTreeMap<&str, &BTreeMap<String, String>> =
        import.rates.iter().map(|row| (row["product"].as_str(), row)).collect();
    let (mut compared, mut good, mut refused) = (0, 0, 0);
    for (row, account) in rows.iter().zip(&import.account) {
        let code = digits(row);
        if code.len() < 8 || code.starts_with("98") || code.starts_with("99") {
            continue;
        }
        match account["status"].as_str() {
            "taken" | "inherited" | "in part" => good += 1,
            _ => refused += 1,
        }
        let found = (8..=code.len()).rev().find_map(|n| rates.get(&code[..n])).expect("a row");
        for (column, at) in [("general", 4), ("column_2", 6)] {
            let own = Some(row[at].trim()).filter(|cell| !cell.is_empty());
            let stated = own.or_else(|| by_number.get(&code[..8]).map(|row| &row[at])).expect("a rate");
            if let Some(rate) = plain(stated) {
                compared += 1;
                assert_eq!(found[column], rate, "{column} of {code}");
            }
        }
    }
    assert_eq!((good, refused), (22_339, 575));
    assert!(compared > 30_000, "{compared}");
    // Rates of the law, one of each kind.
    let cases = [
        ("8703230120", "general", "2.5%"),
        ("8708103010", "general", "2.5%"),
        ("0201305015", "general", "4.4¢/kg"),
        ("8704210100", "general", "25%"),
        ("2805300000", "general", "5%"),
        ("8703230120", "S", "Free"),
        ("8703230120", "column_2", "10%"),
    ];
    for (code, column, rate) in cases {
        assert_eq!(import.rate(code, column), rate, "{column} of {code}");
    }
}
