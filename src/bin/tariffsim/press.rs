//! Rows that several threads write at the same time, put in the order of the files.

use crate::draft::Draft;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use tariffsim::assess::{Full, Outlet, Page, Worksheet};
use tariffsim::parquet::ParquetWriter;
use tariffsim::report::rows::{FlowColumns, FlowText, RejectedRows};
use tariffsim::scenario::Scenario;
use tariffsim::trade::{Flow, Rejected};

/// Bytes of a page that are held before it waits for its turn.
const HELD: usize = 1 << 20;

/// Rows of a table that are.
const HELD_ROWS: usize = 1 << 14;

/// Where rows are written to.
#[derive(Default)]
pub struct Press {
    turns: Turns,
    flows: Option<Flows>,
    rejects: Option<Sheaf>,
    /// What could not be written, and why.
    failed: Mutex<Option<String>>,
}

/// Where single flows go.
enum Flows {
    Text(Sheaf),
    Table(Box<Table>),
}

/// A file of pages, or what goes to the terminal or into a pipe.
struct Sheaf {
    path: Option<PathBuf>,
    draft: Draft,
    out: Mutex<BufWriter<File>>,
}

/// Whose turn it is to write.
#[derive(Default)]
struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The first page that is not finished.
    next: usize,
    /// Pages behind it that are.
    finished: BTreeSet<usize>,
    stopped: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turns {
    /// Waits until all before a page are finished; `false` where it is not to be written any more.
    fn wait(&self, page: usize) -> bool {
        let mut state = lock(&self.state);
        while state.next < page && !state.stopped {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.stopped
    }

    /// Finishes a page.
    fn finish(&self, page: usize) {
        let mut state = lock(&self.state);
        state.finished.insert(page);
        while state.finished.first() == Some(&state.next) {
            state.finished.pop_first();
            state.next += 1;
        }
        self.changed.notify_all();
    }

    /// Ends all pages.
    fn stop(&self) {
        lock(&self.state).stopped = true;
        self.changed.notify_all();
    }
}

impl Sheaf {
    fn new(path: Option<&Path>, header: &[u8]) -> Result<Sheaf, String> {
        let begin = || {
            let draft = path.map_or_else(Draft::spool, Draft::of)?;
            let mut out = BufWriter::new(draft.writer()?);
            out.write_all(header)?;
            Ok(Sheaf { path: path.map(Path::to_owned), draft, out: Mutex::new(out) })
        };
        begin().map_err(|error| unwritten(path, &error))
    }

    fn write(&self, bytes: &[u8]) -> Result<(), String> {
        lock(&self.out).write_all(bytes).map_err(|error| unwritten(self.path.as_deref(), &error))
    }

    fn keep(self) -> Result<(), String> {
        let Sheaf { path, mut draft, out } = self;
        lock(&out).flush().map_err(|error| unwritten(path.as_deref(), &error))?;
        if let Some(path) = path {
            return draft.keep(&path).map_err(|error| unwritten(Some(&path), &error));
        }
        match draft.copy(&mut io::stdout().lock()) {
            // Who reads only the first lines of a result has what they wanted.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other.map_err(|error| format!("cannot write the result: {error}")),
        }
    }
}

/// A Parquet file.
struct Table {
    path: PathBuf,
    draft: Draft,
    writer: Mutex<Option<ParquetWriter<BufWriter<File>>>>,
}

impl Table {
    fn new(path: &Path) -> Result<Table, String> {
        let draft = Draft::of(path).map_err(|error| unwritten(Some(path), &error))?;
        let out = draft.writer().map_err(|error| unwritten(Some(path), &error))?;
        let writer =
            FlowColumns::layout().and_then(|layout| ParquetWriter::new(BufWriter::new(out), &layout));
        let writer = writer.map_err(|error| refused(path, &error))?;
        Ok(Table { path: path.to_owned(), draft, writer: Mutex::new(Some(writer)) })
    }

    fn write(&self, columns: &mut FlowColumns) -> Result<(), String> {
        let columns = columns.take().map_err(|unfit| refused(&self.path, &unfit))?;
        let written = lock(&self.writer).as_mut().map_or(Ok(()), |writer| writer.write(&columns));
        written.map_err(|error| refused(&self.path, &error))
    }

    fn keep(self) -> Result<(), String> {
        let Table { path, draft, writer } = self;
        if let Some(writer) = lock(&writer).take() {
            let mut out = writer.finish().map_err(|error| refused(&path, &error))?;
            out.flush().map_err(|error| unwritten(Some(&path), &error))?;
        }
        draft.keep(&path).map_err(|error| unwritten(Some(&path), &error))
    }
}

fn unwritten(path: Option<&Path>, error: &io::Error) -> String {
    match path {
        Some(path) => refused(path, error),
        None => format!(
            "cannot write the result, which is put together in {} first: {error}; give --out FILE",
            std::env::temp_dir().display()
        ),
    }
}

fn refused(path: &Path, reason: &dyn Display) -> String {
    format!("cannot write {}: {reason}", path.display())
}

/// What single flows are written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As CSV.
    Csv,
    /// As a Parquet file.
    Parquet,
}

impl Press {
    /// Writes single flows to a file or to standard output, where they are wanted, and rows that are set aside to a file,
    /// where one is named.
    pub fn new(flows: Option<Form>, out: Option<&Path>, rejects: Option<&Path>) -> Result<Press, String> {
        let flows = match (flows, out) {
            (None, _) => None,
            (Some(Form::Parquet), Some(path)) => Some(Flows::Table(Box::new(Table::new(path)?))),
            (Some(_), out) => Some(Flows::Text(Sheaf::new(out, &FlowText::header())?)),
        };
        let rejects = rejects.map(|path| Sheaf::new(Some(path), &RejectedRows::header())).transpose()?;
        Ok(Press { flows, rejects, ..Press::default() })
    }

    /// Puts the flows where they belong.
    pub fn keep_flows(&mut self) -> Result<(), String> {
        match self.flows.take() {
            None => Ok(()),
            Some(Flows::Text(sheaf)) => sheaf.keep(),
            Some(Flows::Table(table)) => table.keep(),
        }
    }

    /// What could not be written, and why.
    pub fn failure(&self) -> Option<String> {
        lock(&self.failed).clone()
    }

    /// Puts the rows that are set aside where they belong.
    pub fn keep_rejects(&mut self) -> Result<(), String> {
        self.rejects.take().map_or(Ok(()), Sheaf::keep)
    }

    fn fail(&self, reason: String) -> Full {
        lock(&self.failed).get_or_insert(reason);
        self.turns.stop();
        Full
    }
}

impl Outlet for Press {
    fn next_file(&self) {
        let mut state = lock(&self.turns.state);
        state.next = 0;
        state.finished.clear();
    }

    fn page(&self, piece: usize) -> Box<dyn Page + '_> {
        Box::new(Sheet {
            press: self,
            piece,
            lines: FlowText::default(),
            columns: FlowColumns::default(),
            rejects: RejectedRows::default(),
            written: Ok(()),
            is_whole: false,
        })
    }
}

/// A page that is being written.
struct Sheet<'p> {
    press: &'p Press,
    piece: usize,
    lines: FlowText,
    columns: FlowColumns,
    rejects: RejectedRows,
    written: Result<(), Full>,
    is_whole: bool,
}

impl Sheet<'_> {
    /// Writes what the page holds, when it is its turn.
    fn write(&mut self) -> Result<(), Full> {
        self.written?;
        if self.rejects.length() == 0 && self.lines.length() == 0 && self.columns.length() == 0 {
            return Ok(());
        }
        if !self.press.turns.wait(self.piece) {
            return Err(Full);
        }
        self.put().map_err(|reason| self.press.fail(reason))
    }

    fn put(&mut self) -> Result<(), String> {
        if let Some(sheaf) = self.press.rejects.as_ref().filter(|_| self.rejects.length() > 0) {
            sheaf.write(&self.rejects.take())?;
        }
        match &self.press.flows {
            Some(Flows::Text(sheaf)) if self.lines.length() > 0 => sheaf.write(&self.lines.take()),
            Some(Flows::Table(table)) if self.columns.length() > 0 => table.write(&mut self.columns),
            _ => Ok(()),
        }
    }
}

impl Page for Sheet<'_> {
    fn flow(&mut self, scenario: &Scenario, flow: &Flow, sheet: &Worksheet) {
        if self.written.is_err() {
            return;
        }
        match &self.press.flows {
            Some(Flows::Text(_)) => self.lines.add(scenario, flow, sheet),
            Some(Flows::Table(_)) => self.columns.add(scenario, flow, sheet),
            None => {}
        }
        if self.lines.length() > HELD || self.columns.length() >= HELD_ROWS {
            self.written = self.write();
        }
    }

    fn reject(&mut self, scenario: &Scenario, row: &Rejected<'_>) {
        if self.press.rejects.is_some() && self.written.is_ok() {
            self.rejects.add(scenario, row);
            if self.rejects.length() > HELD {
                self.written = self.write();
            }
        }
    }

    fn finish(mut self: Box<Self>) -> Result<(), Full> {
        self.written = self.write();
        self.is_whole = self.written.is_ok();
        self.written
    }
}

impl Drop for Sheet<'_> {
    fn drop(&mut self) {
        if !self.is_whole {
            self.press.turns.stop();
        }
        self.press.turns.finish(self.piece);
    }
}
