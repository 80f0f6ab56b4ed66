//! `quiz`: asks for the rate of each flow before it shows it.

use crate::args::{self, Output};
use crate::disk::Disk;
use crate::report::quoted;
use crate::terminal::{self, NOTHING_COMPUTED};
use std::io::{self, BufRead, IsTerminal, Read, Write};
use std::process::ExitCode;
use tariffsim::analysis::{self, Heard, Quiz, Session};
use tariffsim::diagnostic::{Diagnostics, Sources};
use tariffsim::report::quiz::{PROMPT, Talk};
use tariffsim::scenario::{self, Request, Scenario};
use tariffsim::trade::{self, FlowRequest};

/// Bytes of a line that are looked at: more than any guess has.
const LINE: u64 = 1 << 16;

/// Asks, where there is somebody to ask.
pub fn quiz(args: &args::Quiz) -> ExitCode {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return terminal::usage(&format!(
            "quiz asks and waits for answers, so it needs a terminal on both sides; for paper there is\n  \
             tariffsim explain {} --flow ID --worksheet",
            quoted(&args.scenario)
        ));
    }
    let disk = Disk::default();
    let mut sources = Sources::new();
    let output = Output { format: None, out: None, color: args.color, quiet: args.quiet, verbose: false };
    match questions(args, &disk, &mut sources) {
        Ok((scenario, quiz, said)) => {
            terminal::show(said, &sources, &output, NOTHING_COMPUTED);
            let talk = Talk::new(terminal::layout(&output));
            let mut asking = Asking { talk, args, input: io::stdin().lock(), output: io::stdout().lock() };
            match asking.all(&scenario, &quiz) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    terminal::fail(&format!("cannot go on asking: {error}"))
                }
                _ => ExitCode::SUCCESS,
            }
        }
        Err(found) => {
            terminal::show(found, &sources, &output, NOTHING_COMPUTED);
            ExitCode::FAILURE
        }
    }
}

fn questions(
    args: &args::Quiz,
    disk: &Disk,
    sources: &mut Sources,
) -> Result<(Scenario, Quiz, Diagnostics), Diagnostics> {
    let (scenario, mut said) = scenario::load(&Request::new(&args.scenario, &args.set), disk, sources)?;
    let request = FlowRequest { files: args.flows.clone(), date: args.date };
    let Some(flows) = trade::load(&scenario, &request, disk, sources, &mut said) else { return Err(said) };
    let (quiz, warnings) = analysis::quiz(scenario.clone(), &flows, args.flow.as_deref())?;
    said.extend(warnings);
    Ok((scenario, quiz, said))
}

/// Somebody who asks and listens.
struct Asking<'a, I, O> {
    talk: Talk,
    args: &'a args::Quiz,
    input: I,
    output: O,
}

impl<I: BufRead, O: Write> Asking<'_, I, O> {
    fn all(&mut self, scenario: &Scenario, quiz: &Quiz) -> io::Result<()> {
        let mut session = Session::new(quiz);
        let command = |id: &str| command(self.args, id);
        write!(self.output, "{}", self.talk.opening(scenario, quiz))?;
        let mut asked = None;
        while let Some((at, question)) = session.question() {
            if asked != Some(at) {
                asked = Some(at);
                write!(self.output, "{}", self.talk.question(at, quiz.questions.len(), question))?;
            }
            write!(self.output, "{PROMPT}")?;
            self.output.flush()?;
            let Some(line) = self.line()? else {
                // What follows does not stand behind the prompt.
                writeln!(self.output)?;
                break;
            };
            let heard = session.hear(&line);
            let id = &question.explained.flows.rows[0].id;
            write!(self.output, "{}", self.talk.heard(heard, question, &command(id)))?;
            if heard == Heard::Stopped {
                break;
            }
        }
        write!(self.output, "{}", self.talk.closing(quiz, &session, &command))?;
        self.output.flush()
    }

    /// A line as it was typed; `None` at the end of input.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        loop {
            let mut part = Vec::new();
            let read = self.input.by_ref().take(LINE).read_until(b'\n', &mut part)?;
            // Of a line that does not end, the beginning is enough.
            if line.is_empty() {
                line.clone_from(&part);
            }
            if read == 0 || part.ends_with(b"\n") {
                return Ok((read > 0 || !line.is_empty()).then_some(line));
            }
        }
    }
}

/// The command that shows how the duty on a flow comes about.
fn command(args: &args::Quiz, id: &str) -> String {
    let mut words = vec!["tariffsim".to_owned(), "explain".to_owned(), quoted(&args.scenario)];
    let mut flag = |name: &str, value: &str| words.extend([name.to_owned(), quoted(value)]);
    for set in &args.set {
        flag("--set", set);
    }
    for file in &args.flows {
        flag("--flows", file);
    }
    if let Some(date) = args.date {
        flag("--date", &date.to_string());
    }
    flag("--flow", id);
    words.push("--answers".to_owned());
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Asking, questions};
    use crate::args::{self, Colour};
    use crate::disk::Disk;
    use tariffsim::diagnostic::Sources;
    use tariffsim::report::Layout;
    use tariffsim::report::quiz::Talk;

    /// What is said to what is typed, at 80 columns and without colour.
    fn talked(scenario: &str, flow: Option<&str>, typed: &[u8]) -> String {
        let args = args::Quiz {
            scenario: scenario.to_owned(),
            flow: flow.map(str::to_owned),
            set: Vec::new(),
            date: None,
            flows: Vec::new(),
            color: Colour::Never,
            quiet: false,
        };
        let found = questions(&args, &Disk::default(), &mut Sources::new());
        let Ok((scenario, quiz, _)) = found else { return String::new() };
        let layout = Layout { width: 80, colour: false, pictures: false };
        let mut said = Vec::new();
        let mut asking = Asking { talk: Talk::new(layout), args: &args, input: typed, output: &mut said };
        let done = asking.all(&scenario, &quiz);
        assert!(done.is_ok());
        String::from_utf8(said).unwrap_or_default()
    }

    const CARS: &str = "docs/examples/cars_and_steel.toml";

    /// By hand, on 5 June 2025: cars 2.5% + 25%; coil 50%, the general duty gives way; digger 50% of 40% and 10% of the
    /// rest, 26%; chairs 10%. The loader says too little.
    #[test]
    fn right_answers_are_counted() {
        let said = talked(CARS, None, b"27.5\n50%\n26\n10\n");
        assert_eq!(said.matches("Right: ").count(), 4, "{said}");
        assert!(said.contains("Left out, having no rate: 1 flow."), "{said}");
        assert!(said.ends_with("\nScore: 4 of 4 right.\n"), "{said}");
        assert!(said.lines().all(|line| line.chars().count() <= 80), "{said}");
    }

    #[test]
    fn what_is_typed_wrongly_costs_nothing_and_is_answered_kindly() {
        let said = talked(CARS, Some("digger"), b"banana\n-5\n1e99\n\xff\xfe\n0.26\n1,250\n?\n26%\n");
        assert_eq!(said.matches("does not read as a number").count(), 3, "{said}");
        assert!(said.contains("A duty is never below nothing"), "{said}");
        assert!(said.contains("reads as a fraction"), "{said}");
        assert!(said.contains("comma can be read in two ways"), "{said}");
        assert!(said.contains("Hint: look at mfn-free (mfn), s232-steel-content (additional)"), "{said}");
        assert!(said.contains("general"), "{said}");
        assert!(said.ends_with("Right: 26%.\n\nScore: 1 of 1 right.\n"), "{said}");
    }

    #[test]
    fn nothing_is_said_of_a_rate_before_it_is_guessed_or_asked_for() {
        let said = talked(CARS, Some("digger"), b"?\n3\n99\nq\n");
        for told in ["26%", "52,000", "40,000", "12,000"] {
            assert!(!said.contains(told), "{told}\n{said}");
        }
        assert!(said.ends_with("\nScore: nothing answered, 1 not answered.\n"), "{said}");
    }

    #[test]
    fn after_three_guesses_the_working_is_shown() {
        let said = talked(CARS, Some("digger"), b"10\n20\n30\n");
        let end = "\
Not quite. It is 26%:
  mfn-free: comes to nothing
  s232-steel-content: 50% x 80,000 = 40,000
  general: 10% x 120,000 = 12,000
  Duty in all: 40,000 + 12,000 = 52,000
  Effective rate, 2 decimals: 52,000 / 200,000 = 26%

Score: 0 of 1 right.
To see how the duty comes about:
  tariffsim explain docs/examples/cars_and_steel.toml --flow digger --answers
";
        assert!(said.ends_with(end), "{said}");
    }

    #[test]
    fn an_empty_line_shows_the_answer_and_the_end_of_input_ends_it() {
        let said = talked(CARS, None, b"\n27");
        assert!(said.contains("\nDuty rate, % of customs value? It is 27.5%:\n"), "{said}");
        assert!(said.contains("Score: 0 of 1 right, 1 looked up, 3 not answered."), "{said}");
        let said = talked(CARS, None, b"");
        assert!(
            said.ends_with("Duty rate, % of customs value? \n\nScore: nothing answered, 4 not answered.\n"),
            "{said}"
        );
    }

    #[test]
    fn a_line_without_end_is_a_guess_like_any_other() {
        let mut typed = vec![b'9'; 3_000_000];
        typed.extend(b"\n26\n");
        let said = talked(CARS, Some("digger"), &typed);
        assert!(said.contains("it is less than that. 2 more tries"), "{said}");
        assert!(said.ends_with("Score: 1 of 1 right, 0 at the first guess.\n"), "{said}");
    }
}
