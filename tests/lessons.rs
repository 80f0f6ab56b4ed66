//! `docs/teaching.md` and the scenarios it teaches from, `scenarios/lessons/`. Every number of its answers is worked out here
//! from the rule that the lesson teaches, and has to be the one in the answers and the one that the program prints.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A screen, less the line on which the next command is typed.
const LINES: usize = 23;
const COLUMNS: usize = 80;

const LESSONS: [&str; 11] = [
    "01_one_rate",
    "02_specific_and_compound",
    "03_japan_cars",
    "04_steel_25_to_50",
    "05_metal_content",
    "06_auto_offset",
    "07_staging",
    "08_quota",
    "09_protection",
    "10_large_country",
    "11_averages",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn teaching() -> String {
    fs::read_to_string(root().join("docs/teaching.md")).unwrap()
}

fn tariffsim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tariffsim"))
        .args(args)
        .current_dir(root())
        .env("COLUMNS", COLUMNS.to_string())
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

/// What a command prints; `LESSON` stands for the path of the lesson without its extension.
fn printed(lesson: usize, command: &str) -> String {
    let command = command.replace("LESSON", &format!("scenarios/lessons/{}", LESSONS[lesson - 1]));
    let args: Vec<String> = command.split(' ').map(|word| word.replace('~', " ")).collect();
    let output = tariffsim(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A number as people read it: an amount, or a percentage.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Figure {
    number: Decimal,
    is_percent: bool,
}

impl Figure {
    /// A word with a number in it.
    fn read(word: &str) -> Option<Figure> {
        let word = word.trim_end_matches(['.', ',', ';', ':']).trim_start_matches('+').replace(',', "");
        let number = word.strip_suffix('%').unwrap_or(&word);
        Some(Figure { number: number.parse().ok()?, is_percent: word.ends_with('%') })
    }

    /// Whether a program that prints the other says this: a loss may be printed as a change below zero, a percentage in a file
    /// for programs as a fraction.
    fn is_said_by(self, printed: Figure) -> bool {
        let number = if self.number < Decimal::ZERO { printed.number } else { printed.number.abs() };
        (number == self.number && self.is_percent == printed.is_percent)
            || (self.is_percent && !printed.is_percent && number * Decimal::ONE_HUNDRED == self.number)
    }
}

fn d(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// An amount.
fn amount(number: Decimal) -> Figure {
    Figure { number, is_percent: false }
}

/// A part as a percentage, to two places.
fn percent(part: Decimal) -> Figure {
    let number =
        (part * Decimal::ONE_HUNDRED).round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
    Figure { number, is_percent: true }
}

/// A part of `teaching.md` under a heading, up to the next of its level.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let level = heading.split(' ').next().unwrap();
    let start = text.find(&format!("\n{heading}")).unwrap_or_else(|| panic!("no {heading}")) + 1;
    let rest = &text[start..];
    let ends = ["\n# ", "\n## ", "\n### "].iter().take(level.len());
    let end = ends.filter_map(|next| rest[1..].find(next)).min().map_or(rest.len(), |end| end + 1);
    &rest[..end]
}

/// The lesson, and its answers.
fn parts(lesson: usize) -> (String, String) {
    let text = teaching();
    let of = |part: &str, end: &str| section(part, &format!("### Lesson {lesson}{end}")).to_owned();
    (of(section(&text, "## The lessons"), ":"), of(section(&text, "## Answers"), "\n"))
}

/// Holds what was worked out by hand against the numbers in bold in a lesson's answers, in their order, and against what a
/// command prints.
fn holds(lesson: usize, worked: &[(Figure, &str)]) {
    let (_, key) = parts(lesson);
    let bold = key.split("**").skip(1).step_by(2);
    let bold: Vec<Figure> = bold.map(|text| Figure::read(text).unwrap_or_else(|| panic!("{text}"))).collect();
    let figures: Vec<Figure> = worked.iter().map(|(figure, _)| *figure).collect();
    assert_eq!(bold, figures, "the answers of lesson {lesson}");
    for (figure, command) in worked {
        let text = printed(lesson, command);
        let said = text.split([' ', '\n']).filter_map(Figure::read).any(|printed| figure.is_said_by(printed));
        let said =
            said || text.split([',', '\n']).filter_map(Figure::read).any(|cell| figure.is_said_by(cell));
        assert!(said, "{command} does not say {figure:?}:\n{text}");
    }
}

/// Rate times customs value: 10% of 10,000, 20,000 and 5,000.
#[test]
fn one_rate() {
    let rate = d("0.10");
    let values = [d("10000"), d("20000"), d("5000")];
    let run = "run LESSON.toml --by flow";
    let germany = "explain LESSON.toml --product 9503.00 --origin JP --importer DE --value 5_000 --with freight=400 --with \
                   insurance=100";
    let america = "explain LESSON.toml --product 9503.00 --origin JP --importer US --value 5_000 --with freight=400 --with \
                   insurance=100";
    let cif = values[2] + d("400") + d("100");
    let all: Decimal = values.iter().sum();
    holds(
        1,
        &[
            (amount(values[0] * rate), run),
            (amount(values[1] * rate), run),
            (amount(values[2] * rate), run),
            (amount(cif), germany),
            (amount(cif * rate), germany),
            (amount(values[2] * rate), america),
            (amount(all * d("0.20")), "run LESSON.toml --set rate=20%"),
        ],
    );
}

/// 2 USD/kg; 10% and 0.50 USD/kg, at most 20%. All on 1,000 kg.
#[test]
fn specific_and_compound() {
    let kilograms = d("1000");
    let by_weight = d("2") * kilograms;
    let white = |value: Decimal| {
        let both = value * d("0.10") + d("0.50") * kilograms;
        both.min(value * d("0.20"))
    };
    // 10% V + 500 = 20% V.
    let meets = d("0.50") * kilograms / (d("0.20") - d("0.10"));
    let run = "run LESSON.toml --by flow";
    let there =
        format!("explain LESSON.toml --product 1704.90 --origin CH --value {meets} --quantity 1_000~kg");
    holds(
        2,
        &[
            (amount(by_weight), run),
            (percent(by_weight / d("4000")), run),
            (percent(by_weight / d("20000")), run),
            (amount(white(d("3000"))), run),
            (amount(white(d("8000"))), run),
            (amount(white(meets)), &there),
        ],
    );
    assert_eq!(meets, d("5000"));
}

/// MFN 2.5% and 25% on top, then the higher of MFN and 15%; the truck's MFN duty is 25%.
#[test]
fn japan_cars() {
    let value = d("40000");
    let on_top = |mfn: Decimal| mfn + d("0.25");
    let in_all = |mfn: Decimal| mfn.max(d("0.15"));
    let (june, september) = ("run LESSON.toml --by flow", "run LESSON.toml --by flow --date 2025-09-16");
    let (car, truck) = (d("0.025"), d("0.25"));
    holds(
        3,
        &[
            (amount(value * on_top(car)), june),
            (percent(on_top(car)), june),
            (amount(value * in_all(car)), september),
            (percent(in_all(car)), september),
            (amount(value * on_top(truck)), june),
            (amount(value * in_all(truck)), september),
            (percent(in_all(truck)), september),
        ],
    );
}

/// A straight line of elasticity -1 through 3,000,000 at a price of 1: at a duty of t, 3,000,000 × (1 - t) are bought. The loss is
/// the triangle of t and what is no longer bought.
#[test]
fn steel_25_to_50() {
    let (before, after) = (d("0.25"), d("0.50"));
    let trade = d("3000000");
    let bought = |rate: Decimal| trade * (Decimal::ONE - rate);
    let lost = |rate: Decimal| rate * (trade - bought(rate)) / d("2");
    let run = "run LESSON.toml --by flow";
    let day = |day: &str| format!("impact LESSON.toml --date 2025-06-0{day} --only accounts");
    let (third, fourth) = (day("3"), day("4"));
    holds(
        4,
        &[
            (amount(d("1000000") * before), run),
            (amount(d("1000000") * after), run),
            (amount(lost(before)), &third),
            (amount(lost(after)), &fourth),
            (amount(before * bought(before)), &third),
            (amount(after * bought(after)), &fourth),
        ],
    );
    assert_eq!(lost(after), d("4") * lost(before));
}

/// 50% on the steel, 10% on the rest; or 10% on all; or 10% only on what has no steel.
#[test]
fn metal_content() {
    let value = d("100000");
    let (steel, general) = (d("0.50"), d("0.10"));
    let exclusive = |share: Decimal| value * (share * steel + (Decimal::ONE - share) * general);
    let additive = |share: Decimal| value * (share * steel + general);
    let article = |share: Decimal| value * if share.is_zero() { general } else { share * steel };
    holds(
        5,
        &[
            (amount(exclusive(d("0.4"))), "run LESSON.toml --by flow"),
            (amount(additive(d("0.4"))), "run LESSON.toml#additive --by flow"),
            (amount(article(d("0.1"))), "run LESSON.toml#article --by flow"),
            (
                amount(article(Decimal::ZERO)),
                "explain LESSON.toml#article --product 9405.11 --origin JP --value 100_000 --with content.steel=0",
            ),
        ],
    );
}

/// 3.75% of what is built pays the 25% as far as it reaches, and not the MFN duty of 2.5%; what is left is carried.
#[test]
fn auto_offset() {
    let (mfn, on_top) = (d("0.025"), d("0.25"));
    let earned = |cars: Decimal| d("0.0375") * d("40000") * cars;
    let (first, second) = (d("4000000"), d("10000000"));
    let year = earned(d("1000"));
    let paid_first = (first * on_top).min(year);
    let carried = year - paid_first;
    let paid_second = (second * on_top).min(year + carried);
    let run = "run LESSON.toml --by flow";
    let without = "run LESSON.toml --by flow --set output=0";
    holds(
        6,
        &[
            (amount(year), run),
            (amount(paid_first), run),
            (amount(carried), run),
            (amount(first * (mfn + on_top) - paid_first), run),
            (amount(paid_second), run),
            (amount(second * (mfn + on_top) - paid_second), run),
            (amount(first * (mfn + on_top)), without),
            (amount(second * (mfn + on_top)), without),
            (amount(earned(d("1001"))), "run LESSON.toml --by credit --set output=1_001"),
        ],
    );
}

/// After k of eight cuts, 10% × (1 - k/8), printed to one place with halves up.
#[test]
fn staging() {
    let (base, value) = (d("0.10"), d("1000000"));
    let after = |cuts: Decimal| {
        let exact = base * (Decimal::ONE - cuts / d("8"));
        exact.round_dp_with_strategy(3, RoundingStrategy::MidpointAwayFromZero)
    };
    let average = d("0.8") * after(d("4")) + d("0.2") * base;
    let run = "run LESSON.toml --by flow";
    let calendar = "rates LESSON.toml --set claimed=100%";
    holds(
        7,
        &[
            (percent(after(d("4"))), run),
            (amount(value * after(d("4"))), run),
            (percent(after(d("1"))), calendar),
            (percent(average), run),
            (amount(value * average), run),
        ],
    );
    let text = printed(7, calendar);
    let rates: Vec<&str> = text.lines().skip(1).map(|row| row.split(',').nth(4).unwrap()).collect();
    let worked: Vec<Decimal> = (0..=8).map(|cuts| after(Decimal::from(cuts))).collect();
    assert_eq!(rates.iter().map(|rate| d(rate)).collect::<Vec<_>>(), worked);
}

/// 100 t at 10%, the rest at 30%, a tonne worth 1,000: 60 t in February, 30 and 70 t on one day in May.
#[test]
fn quota() {
    let duty = |within: Decimal, all: Decimal| d("1000") * (within * d("0.10") + (all - within) * d("0.30"));
    let sum = |volume: Decimal| {
        let left = volume - d("60");
        duty(d("60"), d("60")) + duty(left, d("100"))
    };
    let left = d("40");
    let shared = |asked: Decimal| left * asked / d("100");
    let (run, pro_rata) = ("run LESSON.toml --by flow", "run LESSON.toml#pro-rata --by flow");
    holds(
        8,
        &[
            (amount(duty(left - d("30"), d("70"))), run),
            (amount(duty(shared(d("30")), d("30"))), pro_rata),
            (amount(duty(shared(d("70")), d("70"))), pro_rata),
            (amount(sum(d("100"))), pro_rata),
            (amount(sum(d("101"))), "run LESSON.toml --set volume=101"),
        ],
    );
    assert_eq!(sum(d("100")) - sum(d("101")), d("200"));
}

/// Corden: (t - Σ a × ti) / (1 - Σ a), and an offset that lowers what inputs pay, never below nothing.
#[test]
fn protection() {
    let effective = |cars: &str, steel: &str, parts: &str, offset: &str| {
        let paid = d("0.10") * d(steel) + d("0.40") * d(parts);
        let paid = (paid - d(offset)).max(Decimal::ZERO);
        (d(cars) - paid) / (Decimal::ONE - d("0.10") - d("0.40"))
    };
    let run = "impact LESSON.toml";
    let inputs = "impact LESSON.toml#inputs-only";
    let hundred = |part: Decimal| amount(part * Decimal::ONE_HUNDRED);
    holds(
        9,
        &[
            (hundred(d("0.25")), run),
            (hundred(d("0.10") * d("0.50")), run),
            (hundred(d("0.40") * d("0.25")), run),
            (percent(effective("0.25", "0.50", "0.25", "0")), run),
            (hundred(d("0.0375")), run),
            (percent(effective("0.25", "0.50", "0.25", "0.0375")), run),
            (percent(effective("0", "0.50", "0.25", "0")), inputs),
            (percent(effective("0", "0.50", "0.25", "0.0375")), inputs),
            (percent(effective("0.25", "0", "0", "0")), "impact LESSON.toml#cars-only"),
            (
                percent((d("0.25") - d("0.40") * d("0.25")) / d("0.10")),
                "impact LESSON.toml --set steel_rate=150%",
            ),
        ],
    );
    assert_eq!(effective("0.25", "0", "0", "0.0375"), effective("0.25", "0", "0", "0"));
    assert!(effective("0.25", "1.5", "0.25", "0").is_zero());
    assert!(printed(9, "impact LESSON.toml --set steel_rate=150%").contains("they neither gain nor"));
    assert!(printed(9, "impact LESSON.toml").starts_with(
        "Model: this tariff protects those who make cars by 20% of the value they add,\n\
         less than the 25% on cars; with the offset by 27.5%, more than that.\n"
    ));
}

/// The diagram of the signature lesson: of 100 of cars, 25 less 5 less 10 is 10, and 3.75 more is 13.75.
#[test]
fn protection_has_its_diagram() {
    let text = printed(9, "impact LESSON.toml");
    let bars: Vec<(usize, usize, char)> = text
        .lines()
        .filter_map(|line| {
            let start = line.chars().position(|c| "█▒".contains(c))?;
            let bar: Vec<char> = line.chars().filter(|c| "█▒".contains(*c)).collect();
            Some((start, bar.len(), bar[0]))
        })
        .collect();
    let (left, columns) = (bars[0].0, Decimal::from(bars[0].1));
    // Ends in columns, of which the first bar has as many as 25.
    let ends = [("0", "25"), ("20", "25"), ("10", "20"), ("0", "10"), ("10", "13.75"), ("0", "13.75")];
    let signs = ['█', '▒', '▒', '█', '█', '█'];
    let column = |at: &str| {
        let place = d(at) / d("25") * columns;
        usize::try_from(place.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)).unwrap()
    };
    let worked: Vec<(usize, usize, char)> = ends
        .iter()
        .zip(signs)
        .map(|((from, to), sign)| (left + column(from), column(to) - column(from), sign))
        .collect();
    assert_eq!(bars, worked, "{text}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("car_maker.svg");
    printed(9, &format!("impact LESSON.toml -q --chart {}", file.display()));
    let svg = fs::read_to_string(&file).unwrap();
    let said =
        ["+25.00 = 25% of 100", "-5.00 = 50% of 10", "-10.00 = 25% of 40", "+10.00 = 20% of 50", "+3.75"];
    for text in
        said.into_iter().chain(["+13.75 = 27.5% of 50", "Left to the makers with the offset", "Model"])
    {
        assert!(svg.contains(text), "no {text}");
    }
}

/// Demand 120 - 5P, supply from abroad 5P. Buyers pay (1 + t) times the world price, so that 120 - 5 (1 + t) P = 5 P.
#[test]
fn large_country() {
    let buyers = d("2");
    let world = d("120") / (d("5") * buyers + d("5"));
    let price = world * buyers;
    let (free_price, free_trade) = (d("12"), d("60"));
    let trade = d("5") * world;
    let trapezium = |moved: Decimal| moved * (free_trade + trade) / d("2");
    let (lost, revenue) = (trapezium(price - free_price), (price - world) * trade);
    let abroad = trapezium(free_price - world);
    let accounts = "impact LESSON.toml --only accounts";
    let prices = "impact LESSON.toml --only trade";
    // In the small country buyers pay 24, at which nothing is bought: 120 - 5 × 24 = 0.
    let small = (free_price * buyers - free_price) * free_trade / d("2");
    holds(
        10,
        &[
            (amount(world), prices),
            (amount(price), prices),
            (amount(trade), prices),
            (amount(revenue), accounts),
            (amount(lost), accounts),
            (amount(revenue - lost), accounts),
            (amount(abroad + lost - revenue), accounts),
            (amount(small), "impact LESSON.toml#small --only accounts"),
        ],
    );
    // Both at once: what one's own duty brings, less what the other's takes.
    assert_eq!(revenue - lost - abroad, d("-80"));
}

/// 100 of shoes and 300 of toys; on straight lines a duty of t leaves 1 + η t of them, and never less than nothing.
#[test]
fn averages() {
    let left = |value: &str, elasticity: &str, rate: Decimal| {
        (d(value) * (Decimal::ONE + d(elasticity) * rate)).max(Decimal::ZERO)
    };
    let three = |shoes: Decimal| {
        let toys = d("0.10");
        let after = [left("100", "-0.5", shoes), left("300", "-1", toys)];
        [
            (shoes + toys) / d("2"),
            (d("100") * shoes + d("300") * toys) / d("400"),
            (after[0] * shoes + after[1] * toys) / (after[0] + after[1]),
        ]
        .map(percent)
    };
    let (once, twice) =
        ("impact LESSON.toml --only averages", "impact LESSON.toml --set high=200% --only averages");
    let [simple, fixed, after] = three(d("1"));
    let [high_simple, high_fixed, high_after] = three(d("2"));
    holds(
        11,
        &[
            (simple, once),
            (fixed, once),
            (after, once),
            (high_simple, twice),
            (high_fixed, twice),
            (high_after, twice),
        ],
    );
}

#[test]
fn every_lesson_has_its_parts() {
    for (at, file) in LESSONS.iter().enumerate() {
        let (lesson, key) = parts(at + 1);
        for part in ["**Goal.**", "**Prerequisites.**", "**Time.**", "**Run**", "**Common mistakes.**"] {
            assert!(lesson.contains(part), "lesson {} has no {part}", at + 1);
        }
        let link = format!("(../scenarios/lessons/{file}.toml)");
        assert!(lesson.contains(&link), "lesson {} does not link to {file}", at + 1);
        let numbered =
            |text: &str| text.lines().filter(|line| line.as_bytes().get(1..3) == Some(b". ")).count();
        assert_eq!((numbered(&lesson), numbered(&key)), (3, 3), "lesson {}: questions, answers", at + 1);
    }
    let there: BTreeSet<String> = fs::read_dir(root().join("scenarios/lessons"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(there, LESSONS.iter().map(|name| format!("{name}.toml")).collect());
}

/// What a class sees: a scenario as it runs, and every command that is shown.
#[test]
fn every_result_fits_a_screen() {
    let text = teaching();
    let shown = text.lines().filter_map(|line| {
        line.strip_prefix("$ tariffsim ").or_else(|| line.strip_prefix("$ cargo run --release -- "))
    });
    let mut commands: Vec<String> =
        shown.map(|command| command.replace(" --chart car_maker.svg", "")).collect();
    commands.extend(LESSONS.iter().map(|name| format!("run scenarios/lessons/{name}.toml")));
    assert!(commands.len() > 30);
    for command in commands {
        let output = tariffsim(&command.split(' ').collect::<Vec<_>>());
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(printed.lines().count() <= LINES, "{command}: {} lines", printed.lines().count());
        // What a mistake quotes is as long as it is.
        let fits = |line: &str| {
            line.chars().count() <= COLUMNS || !output.status.success() || command.starts_with("rates")
        };
        assert!(printed.lines().all(fits), "{command} is wider than {COLUMNS}:\n{printed}");
    }
}

/// A name that is nearly right is answered with the right one.
#[test]
fn a_slip_is_met_kindly() {
    for name in LESSONS {
        let file = format!("scenarios/lessons/{name}.toml");
        let scenario = fs::read_to_string(root().join(&file)).unwrap();
        let after = |heading: &str, prefix: &str| {
            let rest = scenario.split(heading).nth(1)?;
            rest.lines().skip(1).find_map(|line| line.strip_prefix(prefix)).map(str::to_owned)
        };
        let mut slips = vec![(vec!["run", file.strip_suffix(".toml").unwrap()], file.clone())];
        let parameter = after("[parameters]", "").map(|line| line.split(' ').next().unwrap().to_owned());
        let set = parameter.as_ref().map(|name| format!("{}=1", &name[..name.len() - 1]));
        if let (Some(set), Some(parameter)) = (&set, &parameter) {
            slips.push((vec!["run", &file, "--set", set], parameter.clone()));
        }
        let flow = after("[[flow]]", "id").map(|line| line.trim_matches([' ', '=', '"']).to_owned()).unwrap();
        let near = format!("{flow}x");
        slips.push((vec!["explain", &file, "--flow", &near], flow.clone()));
        for (args, meant) in slips {
            let output = tariffsim(&args);
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(1), "{args:?}");
            assert!(said.contains("did you mean") && said.contains(&meant), "{args:?}: {said}");
            assert!(said.lines().count() <= LINES, "{said}");
        }
    }
}
