//! Where flows come from: files that are read in parts, and flows written in the scenario.

use crate::diagnostic::{Diagnostics, Sources};
use crate::files::Files;
use crate::trade::{Columns, Defaults, FlowFile, Flows, Opened, Part, Stream, StreamError};
use std::sync::Mutex;

/// Where flows come from, opened.
pub enum Input<'a> {
    File { opened: Opened<'a>, stream: Mutex<Parts> },
    Inline(Flows),
}

/// The parts of a file that are still to be read.
pub struct Parts {
    stream: Stream,
    /// The first, which was read for its header.
    first: Option<Part>,
}

impl Parts {
    /// The next; `None` behind the last.
    pub fn next(&mut self) -> Result<Option<Part>, StreamError> {
        match self.first.take() {
            Some(first) => Ok(Some(first)),
            None => self.stream.next(),
        }
    }

    /// Reads no more.
    pub fn stop(&mut self) {
        self.first = None;
        self.stream.stop();
    }
}

impl Input<'_> {
    /// The columns not every input has.
    pub fn columns(&self) -> &Columns {
        match self {
            Input::File { opened, .. } => &opened.layout().columns,
            Input::Inline(flows) => &flows.columns,
        }
    }
}

/// Opens a file and reads its header.
pub fn open<'a>(
    file: &'a FlowFile,
    defaults: &'a Defaults,
    files: &dyn Files,
    sources: &mut Sources,
    said: &mut Diagnostics,
) -> Option<Input<'a>> {
    let (path, mut stream) = file.stream(files, sources, said)?;
    let first = match stream.next() {
        Ok(first) => first?,
        Err(error) => {
            said.push(file.unreadable(&path, &error));
            return None;
        }
    };
    let opened = Opened::new(file, defaults, path, &first.text, sources, said)?;
    Some(Input::File { opened, stream: Mutex::new(Parts { stream, first: Some(first) }) })
}
