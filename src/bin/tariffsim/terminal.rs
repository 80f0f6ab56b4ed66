//! What the terminal can show, and what goes where: results to stdout, everything else to stderr.

use crate::args::{Args, Colour, Format, Output};
use crate::disk::{Disk, write_whole};
use clap::CommandFactory;
use clap::error::ErrorKind;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::SystemTime;
use tariffsim::date::{Date, ToSpan};
use tariffsim::diagnostic::{Diagnostic, Diagnostics, Severity, Sources, Style, render};
use tariffsim::report;

/// Errors and warnings that are shown, of each; the rest is only counted.
const SHOWN: usize = 50;

/// What follows from errors where a result was wanted.
pub const NOTHING_COMPUTED: &str = "; nothing was computed";

/// Columns where the output is no terminal.
const PIPED: usize = 100;

/// Columns of a stream's terminal; `COLUMNS` counts for more.
fn width(terminal: Option<(terminal_size::Width, terminal_size::Height)>) -> usize {
    let stated = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    stated
        .filter(|columns| *columns > 0)
        .or_else(|| terminal.map(|(width, _)| width.0.into()))
        .unwrap_or(PIPED)
}

fn colour(when: Colour, is_terminal: bool) -> bool {
    match when {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// How results are drawn.
pub fn layout(output: &Output) -> report::Layout {
    let is_terminal = output.out.is_none() && io::stdout().is_terminal();
    let size = if is_terminal { terminal_size::terminal_size_of(io::stdout()) } else { None };
    report::Layout {
        width: width(size).clamp(40, 400),
        colour: colour(output.color, is_terminal),
        pictures: is_terminal,
    }
}

/// What a verb has to say: a result unless something is wrong, and what stands beside it.
pub struct Answer {
    /// The result as text.
    pub result: Option<String>,
    /// A chart of it, and the file it goes to.
    pub chart: Option<(PathBuf, String)>,
    /// Errors and warnings.
    pub said: Diagnostics,
    /// Lines beside the result.
    pub notes: Vec<String>,
    /// What diagnostics point into.
    pub sources: Sources,
}

/// Gives an answer once.
pub fn give(mut answer: Answer, output: &Output, disk: &Disk) -> ExitCode {
    let (result, chart) = (answer.result.take(), answer.chart.take());
    comment(answer, output);
    result.map_or(ExitCode::FAILURE, |result| publish_with(chart, &result, output, disk))
}

/// Gives what stands beside a result.
pub fn comment(answer: Answer, output: &Output) {
    show(answer.said, &answer.sources, output, NOTHING_COMPUTED);
    for note in answer.notes {
        say(&note);
    }
}

/// Clears the screen and starts at its top.
pub fn clear() -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(b"\x1b[H\x1b[2J").and_then(|()| stdout.flush())
}

/// The format asked for, or the one the name of the output file says.
pub fn format(output: &Output) -> report::Format {
    let by_name = || {
        let extension = output.out.as_ref()?.extension()?.to_str()?;
        match extension {
            "json" => Some(Format::Json),
            "csv" => Some(Format::Csv),
            "parquet" => Some(Format::Parquet),
            "md" => Some(Format::Markdown),
            _ => None,
        }
    };
    match output.format.or_else(by_name).unwrap_or(Format::Table) {
        Format::Table => report::Format::Table,
        Format::Json => report::Format::Json,
        // A Parquet file holds the rows of CSV.
        Format::Csv | Format::Parquet => report::Format::Csv,
        Format::Markdown => report::Format::Markdown,
    }
}

/// Says as a mistake on the command line what a verb cannot do.
pub fn mistake(verb: &str, message: String) -> ! {
    let mut command = Args::command();
    command.build();
    match command.find_subcommand_mut(verb) {
        Some(verb) => verb.error(ErrorKind::ValueValidation, message).exit(),
        None => command.error(ErrorKind::ValueValidation, message).exit(),
    }
}

/// Prints a result, or writes it to the file asked for, unless it was computed from that file.
pub fn publish(text: &str, output: &Output, disk: &Disk) -> ExitCode {
    let Some(path) = &output.out else {
        let mut stdout = io::stdout().lock();
        return match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            // Who reads only the first lines of a result has what they wanted.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => fail(&format!("cannot write the result: {error}")),
            Ok(()) => ExitCode::SUCCESS,
        };
    };
    match write(path, text, output, disk) {
        Ok(()) => ExitCode::SUCCESS,
        Err(code) => code,
    }
}

/// Writes a chart, where there is one, and then the result.
pub fn publish_with(chart: Option<(PathBuf, String)>, text: &str, output: &Output, disk: &Disk) -> ExitCode {
    let Some((path, drawn)) = chart else { return publish(text, output, disk) };
    if output.out.as_ref() == Some(&path) {
        return fail(&format!("--out and --chart both name {}", path.display()));
    }
    match write(&path, &drawn, output, disk) {
        Ok(()) => publish(text, output, disk),
        Err(code) => code,
    }
}

/// Writes a file, unless the result was computed from it, and says so.
fn write(path: &Path, text: &str, output: &Output, disk: &Disk) -> Result<(), ExitCode> {
    if disk.has_read(path) {
        return Err(fail(&own_source(path)));
    }
    write_whole(path, text).map_err(|error| fail(&format!("cannot write {}: {error}", path.display())))?;
    wrote(path, output);
    Ok(())
}

/// Why a file that was read is not written.
pub fn own_source(path: &Path) -> String {
    format!("cannot write {}: the result was computed from it", path.display())
}

/// Says that a file was written.
pub fn wrote(path: &Path, output: &Output) {
    if !output.quiet {
        say(&format!("wrote {}", path.display()));
    }
}

/// Prints diagnostics, warnings only where they are wanted, and how many errors there are with what follows from them.
pub fn show(diagnostics: Diagnostics, sources: &Sources, output: &Output, consequence: &str) {
    let is_terminal = io::stderr().is_terminal();
    let size = if is_terminal { terminal_size::terminal_size_of(io::stderr()) } else { None };
    let style = Style { colour: colour(output.color, is_terminal), width: width(size) };
    let sorted = diagnostics.into_sorted();
    let wanted = |d: &&Diagnostic| !(output.quiet && d.code.severity() == Severity::Warning);
    let mut text = String::new();
    let mut counts = BTreeMap::new();
    for diagnostic in sorted.iter().filter(wanted) {
        let count = counts.entry(diagnostic.code.severity()).or_insert(0_usize);
        *count += 1;
        if *count <= SHOWN {
            text.push_str(&render(diagnostic, sources, style));
            text.push('\n');
        }
    }
    for (severity, count) in counts {
        if count > SHOWN {
            let noun = if severity == Severity::Error { "errors" } else { "warnings" };
            let _ = writeln!(text, "and {} more {noun}", count - SHOWN);
        }
    }
    let errors = sorted.iter().filter(|d| d.is_error()).count();
    if errors > 0 {
        let noun = if errors == 1 { "error" } else { "errors" };
        let _ = writeln!(text, "{errors} {noun}{consequence}");
    }
    print_err(&text);
}

/// Prints a line beside the result.
pub fn say(line: &str) {
    print_err(&format!("{line}\n"));
}

/// Prints an error that has no place in a file.
pub fn fail(message: &str) -> ExitCode {
    say(&format!("error: {message}"));
    ExitCode::FAILURE
}

/// Says that the command line is wrong.
pub fn usage(message: &str) -> ExitCode {
    say(&format!("error: {message}"));
    ExitCode::from(2)
}

/// Where stderr is closed there is nobody to tell.
fn print_err(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// A paragraph in lines that fit the terminal.
pub fn wrapped(paragraph: &str) -> String {
    let is_terminal = io::stdout().is_terminal();
    let size = if is_terminal { terminal_size::terminal_size_of(io::stdout()) } else { None };
    let joined = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{}\n", textwrap::fill(&joined, width(size).clamp(40, 400)))
}

/// Prints a text that is no result.
pub fn print(text: &str) -> ExitCode {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => fail(&format!("cannot write: {error}")),
        _ => ExitCode::SUCCESS,
    }
}

/// Today, in Greenwich.
pub fn today() -> Date {
    const DAY: u64 = 24 * 60 * 60;
    let since =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs() / DAY);
    let days = i64::try_from(since).unwrap_or(0);
    let epoch = Date::constant(1970, 1, 1);
    epoch.checked_add(days.days()).unwrap_or(epoch)
}
