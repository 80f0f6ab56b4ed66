//! The command line.

use clap::builder::NonEmptyStringValueParser;
use clap::error::ErrorKind;
use clap::{Args as ClapArgs, CommandFactory, Parser, Subcommand, ValueEnum};
use std::num::NonZero;
use std::path::PathBuf;
use tariffsim::date::{Date, parse_date};

/// What if the tariff were…? Computes the duty owed on trade flows under tariff scenarios, exactly, and shows
/// how every number comes about.
#[derive(Debug, Parser)]
#[command(name = "tariffsim", version, about, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

impl Args {
    /// Ends the program over what no single flag tells to be wrong.
    pub fn check(&self) {
        if let Command::Sweep(sweep) = &self.command
            && sweep.vary.len() > 2
        {
            let message = "--vary may be given twice at most: a line or a grid";
            Args::command().error(ErrorKind::TooManyValues, message).exit();
        }
        if let Some(message) = self.command.misuses_parquet() {
            Args::command().error(ErrorKind::ArgumentConflict, message).exit();
        }
        if let Command::Rates(rates) = &self.command
            && rates.output.format.is_some_and(|format| !matches!(format, Format::Csv | Format::Parquet))
        {
            let message = "rates are written as CSV, or as Parquet with --out FILE.parquet";
            Args::command().error(ErrorKind::InvalidValue, message).exit();
        }
    }
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Duty under one scenario or several, by group of goods, by flow or by anything else.
    Run(Run),
    /// How the duty on one flow comes about, step by step.
    Explain(Explain),
    /// Asks for the rate of each flow before it shows it; on a terminal only.
    Quiz(Quiz),
    /// Scenarios side by side: what changes in law, and what that comes to in money.
    Compare(Compare),
    /// What one parameter or two do to duty, point by point, and where and why it bends.
    Sweep(Sweep),
    /// The value of a parameter at which a target is met.
    Solve(Solve),
    /// What a duty does to trade, prices, revenue and welfare, by a model that says what it assumes.
    Impact(Impact),
    /// Duty over time: every flow entered on each date on which the rate of some flow changes, and why it does.
    Timeline(Timeline),
    /// A page to hand on: the answer, the numbers behind it and where they come from, in one HTML file.
    Report(Report),
    /// The rates of products of origins, from each day on which one changes to the next, for other programs.
    Rates(Rates),
    /// Whether scenarios are sound, and what they cover.
    Check(Check),
    /// Official files in the form that scenarios read.
    Import(Import),
    /// A term of the trade, or a diagnostic's page.
    Define(Define),
    /// A scenario to start from, with its flows.
    New(New),
    /// The scenario language as a JSON Schema, for editors.
    Schema,
    /// What a shell completes.
    Completions(Completions),
    /// The manual page, or with --out those of all verbs.
    Man(Man),
}

/// What `rates` takes.
#[derive(Debug, ClapArgs)]
pub struct Rates {
    /// A scenario file; FILE#variant names a variant.
    #[arg(value_parser = scenario)]
    pub scenario: String,
    /// Give a parameter another value, for all dates.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Products: codes with commas between them, or `FILE:COLUMN`; by default those of the flows.
    #[arg(long, value_name = "CODES", value_parser = NonEmptyStringValueParser::new())]
    pub products: Option<String>,
    /// Origins: codes and groups with commas between them, `all`, or `FILE:COLUMN`; by default those of the flows.
    #[arg(long, value_name = "CODES", value_parser = NonEmptyStringValueParser::new())]
    pub origins: Option<String>,
    /// Who imports; by default the scenario's importer.
    #[arg(long, value_name = "CODE")]
    pub importer: Option<String>,
    /// From this day on; by default from before the first change.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub from: Option<Date>,
    /// Until this day, which is the last; by default without an end.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub to: Option<Date>,
    /// Use so many threads; the result is the same with any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// Where it goes: CSV, or Parquet where --out names such a file.
    #[command(flatten)]
    pub output: Output,
}

impl Command {
    /// Why the result cannot be a Parquet file, where it is to be one.
    fn misuses_parquet(&self) -> Option<&'static str> {
        let output = match self {
            Command::Run(args) => &args.common.output,
            Command::Explain(args) => &args.common.output,
            Command::Compare(args) => &args.common.output,
            Command::Sweep(args) => &args.common.output,
            Command::Solve(args) => &args.common.output,
            Command::Timeline(args) => &args.common.output,
            Command::Check(args) => &args.output,
            _ => return None,
        };
        if !output.is_parquet() {
            return None;
        }
        match self {
            Command::Run(args) if args.by.as_ref().is_some_and(|by| by != "flow") => {
                Some("a Parquet file has a row a flow: leave --by out, or write CSV")
            }
            Command::Run(_) if output.out.is_none() => Some("a Parquet file needs a name: give --out FILE"),
            Command::Run(_) => None,
            _ => Some("only the flows of `run` are written to a Parquet file"),
        }
    }
}

impl Output {
    /// Whether the result is to be a Parquet file: it says so, or its name does.
    pub fn is_parquet(&self) -> bool {
        let named = self.out.as_ref().and_then(|out| out.extension());
        match self.format {
            Some(format) => format == Format::Parquet,
            None => named.is_some_and(|extension| extension == "parquet"),
        }
    }
}

/// What `sweep` takes.
#[derive(Debug, ClapArgs)]
pub struct Sweep {
    /// A scenario file; FILE#variant names a variant.
    #[arg(value_parser = scenario)]
    pub scenario: String,
    /// Vary a parameter: NAME=LOW..HIGH/STEP or NAME=A,B,C; what is left out is its min, max and step. Twice for a grid.
    #[arg(long, value_name = "NAME=RANGE", required_unless_present = "draws")]
    pub vary: Vec<String>,
    /// Run every point this often more, each time with other values of the uncertain parameters.
    #[arg(long, value_name = "N")]
    pub draws: Option<NonZero<usize>>,
    /// Draw other values; the same seed draws the same.
    #[arg(long, value_name = "S", requires = "draws")]
    pub seed: Option<u64>,
    /// Use so many threads; the result is the same with any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// Draw it too, as an SVG picture in this file: a line, or of a grid a map.
    #[arg(long, value_name = "FILE.svg", value_parser = picture, requires = "vary")]
    pub chart: Option<PathBuf>,
    /// What to keep in common with other verbs.
    #[command(flatten)]
    pub common: Common,
}

/// What `solve` takes.
#[derive(Debug, ClapArgs)]
pub struct Solve {
    /// A scenario file; FILE#variant names a variant.
    #[arg(value_parser = scenario)]
    pub scenario: String,
    /// Vary a parameter: NAME, from its min to its max, or NAME=LOW..HIGH.
    #[arg(long, value_name = "NAME=RANGE")]
    pub vary: String,
    /// What is to be met: `effective_rate = 10%`, `duty = 5_000_000_000 USD` or `landed_cost = …`.
    #[arg(long, value_name = "WHAT=AMOUNT")]
    pub target: String,
    /// Meet it on this flow alone.
    #[arg(long, value_name = "ID", conflicts_with = "by")]
    pub flow: Option<String>,
    /// Meet it on a group of flows: by product, heading, chapter, group, origin, importer, date, party or a column.
    #[arg(long, value_name = "WHAT", requires = "group")]
    pub by: Option<String>,
    /// Which group of them.
    #[arg(long, value_name = "KEY", requires = "by")]
    pub group: Option<String>,
    /// Use so many threads; the result is the same with any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// What to keep in common with other verbs.
    #[command(flatten)]
    pub common: Common,
}

/// What `impact` takes.
#[derive(Debug, ClapArgs)]
pub struct Impact {
    /// A scenario file with [economics] or a [[chain]]; FILE#variant names a variant. Its flows are the trade before.
    #[arg(value_parser = scenario)]
    pub scenario: String,
    /// The law before, a scenario or #variant of the same file; by default there is no duty before.
    #[arg(long, value_name = "SCENARIO")]
    pub baseline: Option<String>,
    /// Run the model this often more, each time with other values of the uncertain parameters.
    #[arg(long, value_name = "N")]
    pub draws: Option<NonZero<usize>>,
    /// Draw other values; the same seed draws the same.
    #[arg(long, value_name = "S", requires = "draws")]
    pub seed: Option<u64>,
    /// Use so many threads; the result is the same with any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// Show one part of the answer, in a table or Markdown.
    #[arg(long, value_name = "PART", conflicts_with = "draws")]
    pub only: Option<Part>,
    /// Draw a market too, or a chain, as an SVG picture in this file.
    #[arg(long, value_name = "FILE.svg", value_parser = picture)]
    pub chart: Option<PathBuf>,
    /// Which market to draw, by its group of goods, or which chain by its id; by default the largest market, or the first
    /// chain where there is no market.
    #[arg(long, value_name = "NAME", requires = "chart")]
    pub group: Option<String>,
    /// What to keep in common with other verbs.
    #[command(flatten)]
    pub common: Common,
}

/// A part of an impact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Prices and trade.
    Trade,
    /// Who gains and who loses.
    Accounts,
    /// The areas of the diagram.
    Areas,
    /// Who bears the duty.
    Incidence,
    /// Effective protection.
    Protection,
    /// Three averages of the tariff.
    Averages,
}

/// What `check` takes.
#[derive(Debug, ClapArgs)]
pub struct Check {
    /// Scenario files, or folders of them; what a file covers is said, a folder is silent where all is well.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<String>,
    /// Fail on warnings too.
    #[arg(long)]
    pub strict: bool,
    /// What comes out and where.
    #[command(flatten)]
    pub output: Output,
}

/// What `import` takes.
#[derive(Debug, ClapArgs)]
pub struct Import {
    /// What is imported.
    #[command(subcommand)]
    pub what: Imported,
}

/// What is imported.
#[derive(Debug, Subcommand)]
pub enum Imported {
    /// A tariff schedule, as a file of rates and an account of every line.
    Schedule(ImportSchedule),
}

/// What `import schedule` takes.
#[derive(Debug, ClapArgs)]
pub struct ImportSchedule {
    /// The export of the US schedule, CSV or JSON, as <https://hts.usitc.gov> gives it.
    #[arg(value_name = "FILE")]
    pub file: String,
    /// Write the rates to this file instead of the terminal.
    #[arg(long, value_name = "RATES.csv")]
    pub out: Option<PathBuf>,
    /// Write to this file what became of every line: taken, inherited, refused and why.
    #[arg(long, value_name = "ACCOUNT.csv")]
    pub account: Option<PathBuf>,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// Say nothing but results and errors.
    #[arg(short, long)]
    pub quiet: bool,
}

/// What `define` takes.
#[derive(Debug, ClapArgs)]
pub struct Define {
    /// A term such as "customs value", or a code such as TS0304; without one, all of them are listed.
    #[arg(value_name = "TERM|CODE")]
    pub term: Vec<String>,
}

/// What `new` takes.
#[derive(Debug, ClapArgs)]
pub struct New {
    /// What the scenario is called: NAME.toml, and `NAME_flows.csv` for its flows.
    #[arg(value_name = "NAME", value_parser = name)]
    pub name: String,
    /// Write to this folder instead of where you are.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What `completions` takes.
#[derive(Debug, ClapArgs)]
pub struct Completions {
    /// Whose script to print.
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// What `man` takes.
#[derive(Debug, ClapArgs)]
pub struct Man {
    /// Write a page for the program and one for each verb to this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// What `explain` takes.
#[derive(Debug, ClapArgs)]
pub struct Explain {
    /// A scenario file; FILE#variant names a variant.
    #[arg(value_parser = scenario)]
    pub scenario: String,
    /// The id of a flow of the scenario.
    #[arg(long, value_name = "ID", conflicts_with = "product")]
    pub flow: Option<String>,
    /// A flow of your own: its HS code.
    #[arg(long, value_name = "CODE", requires = "origin", requires = "value", conflicts_with = "flows")]
    pub product: Option<String>,
    /// Its country of origin.
    #[arg(long, value_name = "COUNTRY", requires = "product")]
    pub origin: Option<String>,
    /// The country that imports it, where the scenario has several.
    #[arg(long, value_name = "COUNTRY", requires = "product")]
    pub importer: Option<String>,
    /// Its value, without international freight and insurance.
    #[arg(long, value_name = "AMOUNT", requires = "product")]
    pub value: Option<String>,
    /// Its quantity and unit, such as "20 t".
    #[arg(long, value_name = "QUANTITY", requires = "product")]
    pub quantity: Option<String>,
    /// Any other column of it, such as claims=epa or content.steel=40%.
    #[arg(long, value_name = "COLUMN=VALUE", requires = "product", value_parser = column)]
    pub with: Vec<(String, String)>,
    /// As an exercise: what is given, and blanks where the answers go.
    #[arg(long, conflicts_with = "chart")]
    pub worksheet: bool,
    /// The same with its blanks filled in, and formulas with their numbers.
    #[arg(long, conflicts_with = "chart")]
    pub answers: bool,
    /// Draw it too, as an SVG picture in this file.
    #[arg(long, value_name = "FILE.svg", value_parser = picture)]
    pub chart: Option<PathBuf>,
    /// What to keep in common with other verbs.
    #[command(flatten)]
    pub common: Common,
}

/// What `quiz` takes.
#[derive(Debug, ClapArgs)]
pub struct Quiz {
    /// A scenario file; FILE#variant names a variant.
    #[arg(value_parser = scenario)]
    pub scenario: String,
    /// Ask for the flow of this id alone; by default for the first ten that have a rate.
    #[arg(long, value_name = "ID")]
    pub flow: Option<String>,
    /// Give a parameter another value, for all dates.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Enter every flow on this day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub date: Option<Date>,
    /// Read trade flows from this file instead of the scenario's; may be given more than once.
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub flows: Vec<String>,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// Say nothing of warnings.
    #[arg(short, long)]
    pub quiet: bool,
}

/// What `compare` takes.
#[derive(Debug, ClapArgs)]
pub struct Compare {
    /// Scenario files; FILE#variant names a variant. One file alone is held against all its variants.
    #[arg(required = true, value_name = "SCENARIO", value_parser = scenario)]
    pub scenarios: Vec<String>,
    /// The scenario the others are held against, as named before it; #variant is enough where one file is compared.
    #[arg(long, value_name = "SCENARIO")]
    pub baseline: Option<String>,
    /// Let each scenario run on its own flows instead of the baseline's.
    #[arg(long, conflicts_with = "flows")]
    pub own_flows: bool,
    /// Group by flow, product, heading, chapter, group, origin, importer, date, party, or a column of the flows.
    #[arg(long, value_name = "WHAT")]
    pub by: Option<String>,
    /// Run again whenever a file changes, and mark what is different; on a terminal only.
    #[arg(long, conflicts_with_all = ["out", "chart"])]
    pub watch: bool,
    /// Draw it too, as an SVG picture in this file.
    #[arg(long, value_name = "FILE.svg", value_parser = picture)]
    pub chart: Option<PathBuf>,
    /// What to keep in common with other verbs.
    #[command(flatten)]
    pub common: Common,
}

/// What `report` takes.
#[derive(Debug, ClapArgs)]
pub struct Report {
    /// Scenario files; FILE#variant names a variant. Several stand side by side, the first as the baseline.
    #[arg(required = true, value_name = "SCENARIO", value_parser = scenario)]
    pub scenarios: Vec<String>,
    /// The scenario the others are held against, as named before it; #variant is enough where one file is compared.
    #[arg(long, value_name = "SCENARIO")]
    pub baseline: Option<String>,
    /// Let each scenario run on its own flows instead of the baseline's.
    #[arg(long, conflicts_with = "flows")]
    pub own_flows: bool,
    /// The first day of what is shown over time; by default the day before the first change.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub from: Option<Date>,
    /// The last day of it; by default that of the last change.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub to: Option<Date>,
    /// Give a parameter another value, for all dates.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Enter every flow on this day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub date: Option<Date>,
    /// Read trade flows from this file instead of the scenario's; may be given more than once.
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub flows: Vec<String>,
    /// Write to this file instead of the terminal.
    #[arg(long, value_name = "FILE.html")]
    pub out: Option<PathBuf>,
    /// When to use colour in what is said of mistakes.
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// Say nothing but results and errors.
    #[arg(short, long)]
    pub quiet: bool,
}

/// What `timeline` takes.
#[derive(Debug, ClapArgs)]
pub struct Timeline {
    /// A scenario file; FILE#variant names a variant.
    #[arg(value_name = "SCENARIO", value_parser = scenario)]
    pub scenario: String,
    /// The first day; by default the day before the rate of some flow changes for the first time.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub from: Option<Date>,
    /// The last day; by default that of the last change.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub to: Option<Date>,
    /// Show the first of every month instead of the dates of change.
    #[arg(long, value_enum, value_name = "STEP")]
    pub every: Option<Every>,
    /// Let flows keep their own entry dates, and show what is left of quotas and credits.
    #[arg(long)]
    pub own_dates: bool,
    /// What the rate is stacked by.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Layers::Measure)]
    pub by: Layers,
    /// Draw it too, as an SVG picture in this file.
    #[arg(long, value_name = "FILE.svg", value_parser = picture)]
    pub chart: Option<PathBuf>,
    /// What to keep in common with other verbs.
    #[command(flatten)]
    pub common: Undated,
}

/// How dates are spaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Every {
    /// The first of each month.
    Month,
}

/// What a rate is stacked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Layers {
    /// Measure.
    Measure,
    /// Programme of measures.
    Programme,
}

/// What `run` takes.
#[derive(Debug, ClapArgs)]
pub struct Run {
    /// Scenario files; FILE#variant names a variant.
    #[arg(required = true, value_name = "SCENARIO", value_parser = scenario)]
    pub scenarios: Vec<String>,
    /// Group by flow, product, heading, chapter, group, origin, importer, date, party, measure, programme or
    /// a column of the flows.
    #[arg(long, value_name = "WHAT")]
    pub by: Option<String>,
    /// Run again whenever a file changes, and mark what is different; on a terminal only.
    #[arg(long, conflicts_with = "out")]
    pub watch: bool,
    /// Set rows of flow files aside that are wrong, and go on without them.
    #[arg(long)]
    pub keep_going: bool,
    /// Write the rows that are set aside to this CSV file, with what is wrong.
    #[arg(long, value_name = "FILE", requires = "keep_going", conflicts_with = "watch")]
    pub rejects: Option<PathBuf>,
    /// Use so many threads; the result is the same with any number.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZero<usize>>,
    /// What to keep in common with other verbs.
    #[command(flatten)]
    pub common: Common,
}

/// Flags of every verb that runs a scenario.
#[derive(Debug, ClapArgs)]
pub struct Common {
    /// Give a parameter another value, for all dates.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Enter every flow on this day.
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub date: Option<Date>,
    /// Read trade flows from this file instead of the scenario's; may be given more than once.
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub flows: Vec<String>,
    /// What comes out and where.
    #[command(flatten)]
    pub output: Output,
}

/// Flags of a verb that enters flows on days of its own.
#[derive(Debug, ClapArgs)]
pub struct Undated {
    /// Give a parameter another value, for all dates.
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Read trade flows from this file instead of the scenario's; may be given more than once.
    #[arg(long, value_name = "FILE", value_parser = NonEmptyStringValueParser::new())]
    pub flows: Vec<String>,
    /// Refused with words of its own.
    #[arg(long, hide = true, value_parser = no_day)]
    date: Option<String>,
    /// What comes out and where.
    #[command(flatten)]
    pub output: Output,
}

/// Flags of every verb that prints a result.
#[derive(Debug, ClapArgs)]
pub struct Output {
    /// What comes out; by default a table, or what the name of --out says.
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Write to this file instead of the terminal.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// When to use colour.
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub color: Colour,
    /// Say nothing but results and errors.
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what was read.
    #[arg(short, long)]
    pub verbose: bool,
}

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal.
    Table,
    /// For programs; every decimal is a string.
    Json,
    /// One row a flow, or a group with --by; no totals.
    Csv,
    /// The rows of CSV, of flows; needs --out.
    Parquet,
    /// For documents.
    Markdown,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

fn scenario(text: &str) -> Result<String, String> {
    if text.is_empty() || text.starts_with('#') {
        return Err("name a file, or FILE#variant".to_owned());
    }
    Ok(text.to_owned())
}

fn name(text: &str) -> Result<String, String> {
    let name = text.strip_suffix(".toml").unwrap_or(text);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || name.starts_with('-') || !name.chars().all(plain) {
        return Err("use letters, digits, `_` and `-`; the folder is --out's".to_owned());
    }
    Ok(name.to_owned())
}

fn day(text: &str) -> Result<Date, String> {
    parse_date(text).ok_or_else(|| "write year, month and day: 2025-06-04".to_owned())
}

fn no_day(_: &str) -> Result<String, String> {
    Err("a timeline enters flows on every date it shows: give --from and --to".to_owned())
}

fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let is_svg = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
    if is_svg { Ok(path) } else { Err("a chart is an SVG picture: name a file that ends in .svg".to_owned()) }
}

fn column(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write COLUMN=VALUE, such as claims=epa")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
