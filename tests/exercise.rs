//! `explain --worksheet` and `--answers`: the two sheets differ in their blanks and nowhere else, the first tells no
//! answer, and the sums of the second are right when they are worked out anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(clippy::arithmetic_side_effects, reason = "numbers too long to work with fail the test")]

use proptest::prelude::*;
use rust_decimal::{Decimal, RoundingStrategy};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tariffsim::analysis::{Verdict, judge};
use tariffsim::assess::{self, Explained};
use tariffsim::diagnostic::Sources;
use tariffsim::files::Files;
use tariffsim::money::grouped;
use tariffsim::report::{Format, Layout, exercise};
use tariffsim::scenario::{self, Request};
use tariffsim::trade::{self, FlowRequest};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn tariffsim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(args)
        .current_dir(root())
        .env("COLUMNS", "80")
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn explain(args: &[&str]) -> String {
    let output = tariffsim(&[&["explain"], args].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Both sheets of a flow on the command line, which differ in their blanks alone.
fn sheets(args: &[&str]) -> (String, String) {
    let blank = explain(&[args, &["--worksheet"]].concat());
    let filled = explain(&[args, &["--answers"]].concat());
    differ_in_blanks(&blank, &filled);
    (blank, filled)
}

/// Every character but those of blanks is the same, in the same place.
fn differ_in_blanks(blank: &str, filled: &str) {
    assert_eq!(blank.lines().count(), filled.lines().count(), "{blank}\n{filled}");
    for (blank, filled) in blank.lines().zip(filled.lines()) {
        let ends = filled.chars().chain(std::iter::repeat(' '));
        let same = blank.chars().zip(ends).all(|(blank, filled)| blank == filled || blank == '_');
        assert!(same && filled.chars().count() <= blank.chars().count(), "{blank}\n{filled}");
    }
}

/// A line of a sheet by its words, however far apart they stand.
fn has(sheet: &str, line: &str) {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(sheet.lines().any(|found| words(found) == line), "{line}\n{sheet}");
}

#[test]
fn an_ad_valorem_duty_is_rate_times_value() {
    // 50% of 700 is 350.
    let (blank, filled) = sheets(&["scenarios/textbook.toml"]);
    has(&filled, "Duty: 50% x 700 = 350");
    has(&filled, "Duty in all: 350 = 350");
    has(&filled, "Effective rate, 2 decimals: 350 / 700 = 50%");
    has(&blank, "1. wheat-duty (mfn): duty = 50%");
    assert!(!blank.contains("350"), "{blank}");
    assert!(
        filled.lines().count() <= 24 && filled.lines().all(|line| line.chars().count() <= 80),
        "{filled}"
    );
}

#[test]
fn what_gives_way_charges_nothing() {
    // Both 25% of 8,541,174: 2,135,293.50 twice, 4,270,587. The reciprocal duty gives way on all of it.
    let (blank, filled) = sheets(&["scenarios/japan_auto.toml", "--flow", "trucks-electric"]);
    assert_eq!(filled.matches("25% x 8,541,174").count(), 2, "{filled}");
    has(&filled, "What becomes of it? yields to s232-trucks");
    has(&filled, "Base: 0% x 8,541,174 = 0");
    has(&filled, "Duty in all: 2,135,293.50 + 2,135,293.50 = 4,270,587");
    has(&filled, "Effective rate, 2 decimals: 4,270,587 / 8,541,174 = 50%");
    for told in ["yields to s232-trucks", "2,135,293.50", "4,270,587", "50%"] {
        assert!(!blank.contains(told), "{told}\n{blank}");
    }
    // 40% of 200,000 is 80,000, half of it 40,000; 10% of the other 120,000 is 12,000.
    let (_, filled) = sheets(&["docs/examples/cars_and_steel.toml", "--flow", "digger"]);
    has(&filled, "Base: 40% x 200,000 = 80,000");
    has(&filled, "Duty: 50% x 80,000 = 40,000");
    has(&filled, "Base: 60% x 200,000 = 120,000");
    has(&filled, "Duty in all: 40,000 + 12,000 = 52,000");
}

#[test]
fn a_duty_in_all_is_topped_up() {
    // 15% in all, of which the base duty is 2.5%: 12.5% of 3,208,041,735 is 401,005,216.875.
    let (_, filled) = sheets(&["scenarios/us_japan.toml", "--flow", "cars-1000-1500cc"]);
    has(&filled, "Duty: (15% - 2.5%) x 3,208,041,735 = 401,005,216.875");
}

#[test]
fn a_compound_duty_by_portion_of_claims() {
    // The numbers of `tests/explain.rs`.
    let (blank, filled) = sheets(&["tests/explain/portions.toml"]);
    has(&filled, "Duty: EUR 1.5/kg x 20,000 kg + 2% x 105,000 = 32,100");
    has(&filled, "Duty: 1.3% x 105,000 = 1,365");
    has(&filled, "What becomes of it? not claimed");
    has(&filled, "epa: 80% x 1,365 = 1,092");
    has(&filled, "Duty in all: 2,100 + 1,092 + 6,420 = 9,612");
    has(&filled, "Effective rate, 2 decimals: 9,612 / 105,000 = 9.15%");
    has(&blank, "3. levy (additional): 1.5 EUR/kg + 2%; gives way to epa");
    assert!(!blank.contains("9,612") && !blank.contains("32,100"), "{blank}");
}

#[test]
fn the_smaller_and_the_larger_of_two_duties() {
    // A kilogram is worth 400 yen: 524 x 1.007 - 400 = 127.668, above 62; 62 x 100,000 = 6,200,000; 0.7% is 280,000.
    let (_, filled) = sheets(&["scenarios/japan_eu_epa.toml", "--flow", "cheap-pork"]);
    let joined = filled.split_whitespace().collect::<Vec<_>>().join(" ");
    let duty = "max(0.7% x 40,000,000, min(JPY 62/kg, JPY 524/kg x (1 + 0.7%) - JPY 400/kg) x 100,000 kg) = 6,200,000";
    assert!(joined.contains(duty), "{filled}");
}

#[test]
fn a_quota_splits_a_flow() {
    // 10,705 of 13,500 cars at 7.5%, the others at 25%: 405,000,000 / 13,500 = 30,000 a car, so 10,705 x 2,250 +
    // 2,795 x 7,500 = 24,086,250 + 20,962,500 = 45,048,750.
    let (blank, filled) = sheets(&["scenarios/uk_car_quota.toml", "--flow", "november-2025"]);
    has(&blank, "Admitted to quota uk-cars, of 13,500 10,705 cars");
    has(&filled, "Its part of the trade, 2 decimals: 10,705 / 13,500 = 79.3%");
    has(&filled, "Duty: 7.5% x 405,000,000 = 30,375,000");
    has(&filled, "101,250,000 = 45,048,750");
    has(&filled, "Duty in all: 10,125,000 + 45,048,750 = 55,173,750");
    assert!(!blank.contains("45,048,750") && !blank.contains("79.3"), "{blank}");
}

#[test]
fn a_credit_pays_the_smaller_of_what_is_left_and_owed() {
    let (blank, filled) = sheets(&["scenarios/production_linked.toml#credit-bank", "--flow", "akane-parts"]);
    has(&filled, "It pays the smaller: -min(150,000,000, 225,000,000) = -150,000,000");
    has(&filled, "Duty in all: 22,500,000 + 225,000,000 - 150,000,000 = 97,500,000");
    has(&blank, "pays s232-parts; left in the pool for akane: 150,000,000 [3][4]");
    assert!(!blank.contains("225,000,000") && !blank.contains("97,500,000"), "{blank}");
}

#[test]
fn taxes_are_on_what_stands_above_them() {
    // 10% of 10,100 is 1,010; 19% of 11,110 is 2,110.90; 13,220.90 landed.
    let (_, filled) = sheets(&["scenarios/landed_cost.toml", "--flow", "plane-germany"]);
    has(&filled, "Base: 10,100 + 1,010 = 11,110");
    has(&filled, "Tax: 19% x 11,110 = 2,110.90");
    has(&filled, "Landed cost: 10,100 + 1,010 + 2,110.90 = 13,220.90");
}

#[test]
fn what_cannot_be_computed_is_asked_for_as_well() {
    let (blank, filled) = sheets(&["docs/examples/cars_and_steel.toml", "--flow", "loader"]);
    has(&filled, "Can a duty be stated? no: s232-steel-content: the flow has no content.steel");
    assert!(!blank.contains("no: "), "{blank}");
}

#[test]
fn documents_and_programs_get_blanks_too() {
    let digger = ["docs/examples/cars_and_steel.toml", "--flow", "digger"];
    let as_format = |flag: &str, format: &str| explain(&[&digger[..], &[flag, "--format", format]].concat());
    let (blank, filled) = (as_format("--worksheet", "markdown"), as_format("--answers", "markdown"));
    assert!(blank.contains("- Duty: ______________________________ = ______________\n"), "{blank}");
    assert!(filled.contains("- Duty: 50% x 80,000 = 40,000\n"), "{filled}");
    let questions = |flag: &str| -> Vec<serde_json::Value> {
        let json: serde_json::Value = serde_json::from_str(&as_format(flag, "json")).unwrap();
        let rows = json["worksheet"].as_array().unwrap().clone();
        rows.into_iter().filter(|row| row.get("question").is_some()).collect()
    };
    let (blank, filled) = (questions("--worksheet"), questions("--answers"));
    assert!(blank.iter().all(|row| row["answer"].is_null() && row["working"].is_null()));
    assert!(filled.iter().all(|row| row["answer"].is_string()));
    let duty = filled.iter().find(|row| row["question"] == "Duty in all").unwrap();
    assert_eq!(
        (duty["working"].as_str(), duty["answer"].as_str()),
        (Some("40,000 + 12,000"), Some("52,000"))
    );
}

#[test]
fn rows_have_no_blanks_and_charts_would_tell() {
    let digger = ["explain", "docs/examples/cars_and_steel.toml", "--flow", "digger", "--worksheet"];
    for more in [&["--format", "csv"][..], &["--out", "sheet.csv"], &["--chart", "sheet.svg"]] {
        let output = tariffsim(&[&digger[..], more].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(output.stdout.is_empty(), "{more:?}");
    }
}

#[test]
fn a_quiz_needs_somebody_to_ask() {
    let output = tariffsim(&["quiz", "docs/examples/cars_and_steel.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("error: quiz asks and waits for answers, so it needs a terminal"), "{said}");
    assert!(
        said.contains("tariffsim explain docs/examples/cars_and_steel.toml --flow ID --worksheet"),
        "{said}"
    );
}

proptest! {
    /// Whatever is typed is judged, and what is shown is right.
    #[test]
    fn a_rate_as_it_is_shown_is_right(text in ".*", ten_thousandths in 0_i64..40_000, more in 0_i64..100) {
        let rate = Decimal::new(ten_thousandths * 100 + more, 6);
        let percent = rate * Decimal::ONE_HUNDRED;
        judge(&text, rate);
        let rounded = percent.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        for shown in [percent, rounded] {
            prop_assert_eq!(judge(&shown.to_string(), rate), Verdict::Right);
            prop_assert_eq!(judge(&format!("{}%", shown.normalize()), rate), Verdict::Right);
        }
        let above = (percent + Decimal::new(6, 2)).to_string();
        prop_assert_eq!(judge(&above, rate), Verdict::TooHigh);
    }
}

struct Root;

impl Files for Root {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(root().join(path)).map_err(|error| error.to_string())
    }
}

/// Every shipped scenario with its variants, and the examples.
fn shipped() -> Vec<String> {
    let mut named = Vec::new();
    for folder in ["scenarios", "docs/examples", "tests/explain", "tests/exercise"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if Path::new(&name).extension().is_some_and(|extension| extension == "toml") {
                named.push(format!("{folder}/{name}"));
            }
        }
    }
    named.sort();
    let variants = |file: &String| {
        let loaded = scenario::load(&Request::new(file, &[]), &Root, &mut Sources::new());
        let variants = loaded.unwrap().0.variants;
        variants.into_iter().map(move |variant| format!("{file}#{}", variant.id)).collect::<Vec<_>>()
    };
    let variants: Vec<String> = named.iter().flat_map(variants).collect();
    named.extend(variants);
    named
}

/// Some flows of a scenario, explained.
fn explained(named: &str) -> Vec<Explained> {
    let mut sources = Sources::new();
    let (scenario, mut said) = scenario::load(&Request::new(named, &[]), &Root, &mut sources).unwrap();
    let flows = trade::load(&scenario, &FlowRequest::default(), &Root, &mut sources, &mut said);
    let Some(flows) = flows else { panic!("{named}") };
    // All of most scenarios; every seventh and so on of those with many flows, and fewer of variants.
    let some = if named.contains('#') { 4 } else { 24 };
    let each = flows.rows.len().div_ceil(some).max(1);
    let places = (0..flows.rows.len()).step_by(each);
    places.map(|at| assess::explain_at(scenario.clone(), &flows, at).unwrap()).collect()
}

#[test]
fn sheets_of_all_that_is_shipped_tell_nothing_and_their_answers_add_up() {
    let mut sums = 0;
    for named in shipped() {
        for explained in explained(&named) {
            let of = format!("{named} {}", explained.flows.rows[0].id);
            let layout = Layout { width: 80, colour: false, pictures: false };
            let drawn = |filled, format| exercise(&explained, filled, format, layout).unwrap();
            let (blank, filled) = (drawn(false, Format::Table), drawn(true, Format::Table));
            differ_in_blanks(&blank, &filled);
            assert!(filled.lines().all(|line| line.chars().count() <= 80), "{of}\n{filled}");
            tells_nothing(&of, &explained, &blank);
            let sheet = &explained.explanation.sheet;
            for line in drawn(true, Format::Markdown).lines().filter(|line| line.contains(" = ")) {
                sums += adds_up(&of, &explained, line);
            }
            if sheet.computable() {
                let duty = money(sheet.duty);
                let line =
                    filled.split("Duty in all:").nth(1).unwrap().split("Effective rate").next().unwrap();
                assert!(line.lines().any(|line| line.ends_with(&format!("= {duty:>16}"))), "{of}\n{filled}");
            }
        }
    }
    assert!(sums > 1000, "{sums}");
}

/// Neither what is owed nor what a measure charges stands on a sheet with blanks, unless it is a number that is given.
fn tells_nothing(of: &str, explained: &Explained, blank: &str) {
    let sheet = &explained.explanation.sheet;
    let tokens: Vec<&str> = blank.split(|c: char| c.is_whitespace() || "();:".contains(c)).collect();
    // A fee of so much an entry is written in the law.
    let law: Vec<String> =
        explained.plan.scenario().formulas().map(|formula| formula.text.replace('_', "")).collect();
    let given = |amount: Decimal| {
        amount.is_zero()
            || law.iter().any(|text| text.contains(&amount.normalize().to_string()))
            || amount == sheet.customs_value
            || sheet.credits.iter().any(|drawn| drawn.left == amount)
            || [explained.flows.rows[0].freight, explained.flows.rows[0].insurance].contains(&amount)
    };
    let charged = sheet.charges.iter().map(|charge| charge.amount);
    for amount in charged.chain([sheet.duty]).filter(|amount| !given(*amount)) {
        assert!(!tokens.contains(&money(amount).as_str()), "{of}: {amount}\n{blank}");
    }
}

/// Money as it stands on a sheet: to the last digit, at least to cents where it is not whole.
fn money(amount: Decimal) -> String {
    let places =
        amount.round_dp_with_strategy(10, RoundingStrategy::MidpointAwayFromZero).normalize().scale();
    grouped(amount, if places == 0 { 0 } else { places.max(2) })
}

/// Works out the left side of a line and holds it against the right one; 1 where there is something to work out.
fn adds_up(of: &str, explained: &Explained, line: &str) -> usize {
    let Some((label, sum)) = line.strip_prefix("- ").and_then(|line| line.split_once(": ")) else { return 0 };
    if label.contains('?') {
        return 0;
    }
    let sum = sum.replace('\\', "");
    let (working, result) = sum.rsplit_once(" = ").unwrap();
    let (found, stated) = (Pencil::of(working), Pencil::of(result));
    let tolerance = if label.contains("2 decimals") {
        Decimal::new(5, 5)
    } else if label.contains("rounded") {
        explained.plan.scenario().rounding.charge.unwrap().to
    } else if working.contains("about") {
        (stated.abs() * Decimal::new(1, 9)).max(Decimal::new(1, 2))
    } else {
        Decimal::new(1, 6)
    };
    assert!((found - stated).abs() <= tolerance, "{of}: {line}: {found}");
    1
}

/// Reads a formula as somebody with a pencil does.
struct Pencil<'t> {
    rest: &'t str,
}

impl<'t> Pencil<'t> {
    fn of(text: &'t str) -> Decimal {
        let mut pencil = Pencil { rest: text };
        let result = pencil.sum();
        pencil.words();
        assert!(pencil.rest.is_empty(), "{text}: {}", pencil.rest);
        result
    }

    fn takes(&mut self, mark: &str) -> bool {
        self.words();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Passes over currencies, units and what is said beside numbers.
    fn words(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            let unit = self.rest.strip_prefix('/').filter(|rest| rest.starts_with(char::is_alphabetic));
            let word = unit.unwrap_or(self.rest);
            let kept = ["min(", "max(", "clamp(", "x "].iter().any(|kept| word.starts_with(kept));
            if kept || !word.starts_with(char::is_alphabetic) {
                return;
            }
            self.rest = word.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        }
    }

    fn sum(&mut self) -> Decimal {
        let mut sum = self.product();
        loop {
            if self.takes("+ ") {
                sum += self.product();
            } else if self.takes("- ") {
                sum -= self.product();
            } else {
                return sum;
            }
        }
    }

    fn product(&mut self) -> Decimal {
        let mut product = self.number();
        loop {
            if self.takes("x ") {
                product *= self.number();
            } else if self.takes("/ ") {
                product /= self.number();
            } else {
                return product;
            }
        }
    }

    fn number(&mut self) -> Decimal {
        if self.takes("-") {
            return -self.number();
        }
        for (name, of) in [("min(", 0), ("max(", 1), ("clamp(", 2), ("(", 3)] {
            if self.takes(name) {
                let mut parts = vec![self.sum()];
                while self.takes(", ") {
                    parts.push(self.sum());
                }
                assert!(self.takes(")"));
                return match of {
                    0 => parts.into_iter().min().unwrap(),
                    1 => parts.into_iter().max().unwrap(),
                    2 => parts[0].clamp(parts[1], parts[2]),
                    _ => parts[0],
                };
            }
        }
        if self.rest.is_empty() {
            // "nothing"
            return Decimal::ZERO;
        }
        let chars: Vec<char> = self.rest.chars().collect();
        let in_number = |at: usize| {
            let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
            digit(at) || (matches!(chars[at], ',' | '.') && digit(at + 1))
        };
        let length = (0..chars.len()).take_while(|at| in_number(*at)).count();
        let number = Decimal::from_str_exact(&self.rest[..length].replace(',', ""));
        self.rest = &self.rest[length..];
        let number = number.unwrap_or_else(|_| panic!("{}", self.rest));
        match self.rest.strip_prefix('%') {
            Some(rest) => {
                self.rest = rest;
                number / Decimal::ONE_HUNDRED
            }
            None => number,
        }
    }
}
