//! Where flows come from: files that are read in parts, and flows written in the scenario.

use super::Crew;
use super::worker::Worker;
use crate::assess::outlet::Full;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources};
use crate::files::Files;
use crate::money::ArithmeticError;
use crate::parquet::ParquetError;
use crate::trade::{
    Columns, Defaults, FlowFile, FlowTable, Flows, Opened, Part, Stream, StreamError, is_parquet, lock,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where flows come from, opened.
pub enum Input<'a> {
    /// A file.
    File { opened: Box<Opened<'a>>, pieces: Pieces },
    /// Flows written in the scenario.
    Inline(Flows),
}

/// What of a file is still to be read.
pub enum Pieces {
    /// Parts of a text, one after the other.
    Text(Mutex<Parts>),
    /// Groups of rows, from the one with a number on.
    Table(FlowTable, AtomicUsize),
}

/// The parts of a text that are still to be read.
pub struct Parts {
    stream: Stream,
    /// The number of the next.
    number: usize,
    /// The first, which was read for its header.
    first: Option<Part>,
}

/// Why a file is not read to its end.
#[derive(Debug)]
pub enum Broken {
    /// A sum has more digits than can be kept.
    Overflow(ArithmeticError),
    /// The text cannot be read on.
    Text(StreamError),
    /// The table cannot be read on.
    Table(ParquetError),
    /// Nothing more can be written.
    Full,
}

impl From<ArithmeticError> for Broken {
    fn from(error: ArithmeticError) -> Self {
        Broken::Overflow(error)
    }
}

impl From<StreamError> for Broken {
    fn from(error: StreamError) -> Self {
        Broken::Text(error)
    }
}

impl From<ParquetError> for Broken {
    fn from(error: ParquetError) -> Self {
        Broken::Table(error)
    }
}

impl From<Full> for Broken {
    fn from(_: Full) -> Self {
        Broken::Full
    }
}

impl Broken {
    /// What to say of a file that cannot be read on; `None` where it is not the file that is wrong.
    pub fn diagnostic(&self, opened: &Opened<'_>) -> Option<Diagnostic> {
        match self {
            Broken::Overflow(_) | Broken::Full => None,
            Broken::Text(error) => Some(opened.unreadable(error)),
            Broken::Table(error) => Some(opened.damaged(error)),
        }
    }
}

impl Parts {
    /// Leaves the rest unread.
    pub fn stop(&mut self) {
        self.first = None;
        self.stream.stop();
    }

    /// The next and its number.
    pub fn next(&mut self) -> Result<Option<(usize, Part)>, StreamError> {
        let part = match self.first.take() {
            Some(first) => Some(first),
            None => self.stream.next()?,
        };
        let number = self.number;
        self.number += 1;
        Ok(part.map(|part| (number, part)))
    }
}

impl Pieces {
    /// Has a worker read what nobody else does, until nothing is left.
    pub fn read(&self, worker: &mut Worker<'_, '_>, crew: &dyn Crew) -> Result<(), Broken> {
        match self {
            Pieces::Text(parts) => loop {
                let Some((number, part)) = lock(parts).next()? else { return Ok(()) };
                worker.begin(number);
                crew.read(worker.read(&part)?);
                worker.end()?;
            },
            Pieces::Table(table, next) => loop {
                let group = next.fetch_add(1, Ordering::Relaxed);
                if group >= table.groups() {
                    return Ok(());
                }
                worker.begin(group);
                let mut group = table.group(group)?;
                while let Some(batch) = group.next()? {
                    crew.read(worker.read_batch(&batch)?);
                }
                worker.end()?;
            },
        }
    }

    /// Shows every part that is left.
    pub fn each(&self, see: &mut dyn FnMut(&Part)) -> Result<(), Broken> {
        match self {
            Pieces::Text(parts) => {
                while let Some((_, part)) = lock(parts).next()? {
                    see(&part);
                }
            }
            Pieces::Table(table, next) => {
                for group in next.load(Ordering::Relaxed)..table.groups() {
                    let mut group = table.group(group)?;
                    while let Some(batch) = group.next()? {
                        see(&batch.part(0..batch.rows()));
                    }
                }
            }
        }
        Ok(())
    }

    /// Leaves the rest unread.
    pub fn stop(&self) {
        match self {
            Pieces::Text(parts) => lock(parts).stop(),
            Pieces::Table(table, next) => next.store(table.groups(), Ordering::Relaxed),
        }
    }
}

impl Input<'_> {
    /// Whether it is a file with a column of ids.
    pub fn gives_ids(&self) -> bool {
        matches!(self, Input::File { opened, .. } if opened.id_column().is_some())
    }

    /// The columns not every input has.
    pub fn columns(&self) -> &Columns {
        match self {
            Input::File { opened, .. } => &opened.layout().columns,
            Input::Inline(flows) => &flows.columns,
        }
    }
}

/// Opens a file and reads its header. Of a table, free columns are read where they are `asked` for.
pub fn open<'a>(
    file: &'a FlowFile,
    defaults: &'a Defaults,
    asked: &dyn Fn(&str) -> bool,
    files: &dyn Files,
    sources: &mut Sources,
    said: &mut Diagnostics,
) -> Option<Input<'a>> {
    let (path, source) = file.open(files, sources, said)?;
    if is_parquet(source.as_ref()) {
        let (opened, mut table) = FlowTable::open(file, defaults, path, source, sources, said)?;
        table.leave_out(&opened, asked);
        let pieces = Pieces::Table(table, AtomicUsize::new(0));
        return Some(Input::File { opened: Box::new(opened), pieces });
    }
    let mut stream = Stream::new(source, file.separator());
    let first = match stream.next() {
        Ok(first) => first?,
        Err(error) => {
            said.push(file.unreadable(&path, &error));
            return None;
        }
    };
    let opened = Opened::new(file, defaults, path, &first.text, sources, said)?;
    let parts = Mutex::new(Parts { stream, number: 0, first: Some(first) });
    Some(Input::File { opened: Box::new(opened), pieces: Pieces::Text(parts) })
}
