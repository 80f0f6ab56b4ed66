//! How long it takes to read and compile a scenario, to assess flows from memory, and to run the shipped scenario.
//!
//! Flows: 10,000 made with a fixed seed, over 500 product codes of eight digits, 40 origins and 700 days. Scenarios of
//! 10, 50 and 500 measures: MFN by chapter, and additional duties by heading and origin from some day on, a fifth of
//! which give way to another.

#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that cannot go on has failed")]

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use tariffsim::assess::{self, Plan};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::files::Files;
use tariffsim::report::{self, Format, Layout};
use tariffsim::scenario::{self, Request, Scenario};
use tariffsim::trade::{self, FlowRequest, Flows};

const FLOWS: usize = 10_000;
/// How often each of them comes.
const AGAIN: usize = 20;
const ORIGINS: [&str; 40] = [
    "AR", "AT", "AU", "BD", "BE", "BR", "CA", "CH", "CL", "CN", "CO", "CZ", "DE", "DK", "EG", "ES", "FI",
    "FR", "GB", "HU", "ID", "IE", "IL", "IN", "IT", "JP", "KH", "KR", "MX", "MY", "NL", "NO", "PE", "PH",
    "PL", "PT", "SE", "TH", "TW", "VN",
];

/// Whole numbers from a fixed seed (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

fn product(number: u64) -> String {
    format!("{:02}{:02}{:02}00", 1 + number % 97, 1 + number / 97 % 20, 10 + number % 80)
}

fn day(number: u64) -> String {
    format!("{}-{:02}-{:02}", 2024 + number / 336, 1 + number / 28 % 12, 1 + number % 28)
}

fn scenario_text(measures: u64) -> String {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let mut text = "title = \"Bench\"\nimporter = \"US\"\n".to_owned();
    for place in 0..measures {
        let chapters = 97 * 10 / measures.max(10) + 1;
        let first = 1 + place / 10 * chapters;
        if place % 10 == 0 && first <= 97 {
            let last = (first + chapters - 1).min(97);
            let rate = numbers.below(100);
            let _ = write!(
                text,
                "[[measure]]\nid = \"mfn-{place}\"\ntype = \"mfn\"\nproducts = \"{first:02}-{last:02}\"\nrate = \"{}.{}%\"\n",
                rate / 10,
                rate % 10
            );
            continue;
        }
        let chapter = 1 + numbers.below(97);
        let origin = ORIGINS[usize::try_from(numbers.below(40)).unwrap()];
        let (from, rate) = (day(numbers.below(600)), 5 + numbers.below(40));
        let _ = write!(
            text,
            "[[measure]]\nid = \"m{place}\"\nproducts = \"{chapter:02}\"\norigins = \"{origin}\"\n\
             rate = [{{ from = {from}, rate = \"{rate}%\" }}]\n"
        );
        if place % 5 == 2 {
            let _ = writeln!(text, "yields_to = \"m{}\"", place - 1);
        }
    }
    text
}

fn flow_text() -> String {
    let mut numbers = Numbers(0x2545_F491_4F6C_DD1D);
    let mut text = "product,origin,date,value\n".to_owned();
    for _ in 0..FLOWS {
        let (code, origin) =
            (product(numbers.below(500)), ORIGINS[usize::try_from(numbers.below(40)).unwrap()]);
        let (date, value) = (day(numbers.below(700)), numbers.below(100_000_000));
        let _ = writeln!(text, "{code},{origin},{date},{}.{:02}", value / 100, value % 100);
    }
    text
}

/// Files in memory, and those of the repository.
struct Memory(Vec<(&'static str, String)>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.0.iter().find(|(name, _)| *name == path) {
            Some((_, text)) => Ok(text.clone().into_bytes()),
            None => fs::read(path).map_err(|error| error.to_string()),
        }
    }
}

fn load(path: &str, files: &Memory) -> (Scenario, Flows) {
    let mut sources = Sources::new();
    let (scenario, mut said) = scenario::load(&Request::new(path, &[]), files, &mut sources).unwrap();
    let own = if path == "bench.toml" { vec!["flows.csv".to_owned()] } else { Vec::new() };
    let request = FlowRequest { files: own, date: None };
    let flows = trade::load(&scenario, &request, files, &mut sources, &mut said).unwrap();
    (scenario, flows)
}

fn bench(criterion: &mut Criterion) {
    for measures in [10, 50, 500] {
        let files = Memory(vec![("bench.toml", scenario_text(measures)), ("flows.csv", flow_text())]);
        criterion.bench_function(&format!("read {measures} measures"), |b| {
            b.iter(|| scenario::load(&Request::new("bench.toml", &[]), &files, &mut Sources::new()).unwrap());
        });
        let (scenario, flows) = load("bench.toml", &files);
        criterion.bench_function(&format!("compile {measures} measures"), |b| {
            b.iter_batched(|| scenario.clone(), Plan::compile, BatchSize::SmallInput);
        });
        let plan = Plan::compile(scenario);
        // Each flow comes again and again, so that what is worked out for its kind is used as in a year of imports.
        let rows = flows.rows.iter().cycle().take(FLOWS * AGAIN).cloned().collect();
        let many = Flows { columns: flows.columns.clone(), rows, ..Flows::default() };
        let mut group = criterion.benchmark_group("assess");
        group.sample_size(10);
        group.throughput(Throughput::Elements((FLOWS * AGAIN) as u64));
        group.bench_function(format!("{measures} measures"), |b| {
            b.iter(|| assess::assess(&plan, black_box(&many)).unwrap());
        });
        group.finish();
    }
    let files = Memory(Vec::new());
    criterion.bench_function("run scenarios/japan_auto.toml", |b| {
        b.iter(|| {
            let (scenario, flows) = load("scenarios/japan_auto.toml", &files);
            let (run, _): (_, Diagnostics) = assess::run(scenario, flows, None).unwrap();
            report::runs(&[run], false, Format::Table, Layout { width: 100, colour: false, pictures: false })
        });
    });
}

criterion_group!(benches, bench);
criterion_main!(benches);
