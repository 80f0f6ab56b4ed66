//! A flow file in parts that hold whole rows, so that it need never be in memory whole.

use super::file::Chunk;
use crate::files::ReadAt;
use crate::sheet::{line_at, separator};
use memchr::{memchr, memchr_iter, memrchr};
use std::io;
use std::sync::Arc;

/// Bytes read at once.
const PART: usize = 1 << 20;
/// A row that is longer is taken for the rest of the file: a quote that nothing closes makes one.
const LONGEST_ROW: usize = 64 << 20;

/// Where the parts of a file come from, in order.
pub struct Stream {
    file: Arc<dyn ReadAt>,
    offset: u64,
    /// What is read and belongs to the next part.
    rest: Vec<u8>,
    /// What the next part starts with.
    first_line: usize,
    rows_before: usize,
    separator: Option<u8>,
    is_first: bool,
    is_done: bool,
}

/// A part of a file: whole rows.
#[derive(Debug)]
pub struct Part {
    /// Its text.
    pub text: String,
    /// The number of its first line, from 1.
    pub first_line: usize,
    /// How many rows of the file stand before it, that of the header not counted.
    pub rows_before: usize,
    /// Whether its first row is the header.
    pub has_header: bool,
    /// Whether it is the end of the file.
    pub is_last: bool,
}

impl Part {
    /// The same, borrowed.
    pub fn chunk(&self) -> Chunk<'_> {
        let Part { first_line, rows_before, has_header, is_last, .. } = *self;
        Chunk { text: &self.text, first_line, rows_before, has_header, is_last }
    }
}

/// Why a file cannot be read on.
#[derive(Debug)]
pub enum StreamError {
    /// The system refuses.
    Io(io::Error),
    /// A line is not UTF-8 text.
    NotUtf8(usize),
}

impl Stream {
    /// A file from its start. `separator` is stated where the scenario states it.
    pub fn new(file: Arc<dyn ReadAt>, separator: Option<u8>) -> Stream {
        Stream {
            file,
            offset: 0,
            rest: Vec::new(),
            first_line: 1,
            rows_before: 0,
            separator,
            is_first: true,
            is_done: false,
        }
    }

    /// The next part; `None` behind the last. A file without anything is one empty part.
    pub fn next(&mut self) -> Result<Option<Part>, StreamError> {
        if self.is_done {
            return Ok(None);
        }
        let mut bytes = std::mem::take(&mut self.rest);
        let mut wanted = PART;
        let end = loop {
            let is_last = self.fill(&mut bytes, wanted).map_err(StreamError::Io)?;
            if self.is_first && self.separator.is_none() {
                let start = bytes.iter().position(|byte| !matches!(byte, b'\n' | b'\r')).unwrap_or(0);
                let text = String::from_utf8_lossy(&bytes[start..bytes.len().min(start + LONGEST_HEADER)]);
                self.separator = Some(separator(line_at(&text, 0)));
            }
            if is_last || bytes.len() > LONGEST_ROW {
                self.is_done = true;
                break bytes.len();
            }
            match self.whole_rows(&bytes) {
                0 => wanted = bytes.len().saturating_mul(2),
                end => break end,
            }
        };
        self.rest = bytes.split_off(end);
        self.part(bytes).map(Some)
    }

    /// Reads no more.
    pub fn stop(&mut self) {
        self.is_done = true;
    }

    /// Reads until so many bytes are there. Whether the file is at its end.
    fn fill(&mut self, bytes: &mut Vec<u8>, wanted: usize) -> io::Result<bool> {
        let mut length = bytes.len();
        bytes.resize(wanted.max(length), 0);
        while length < bytes.len() {
            let read = match self.file.read_at(self.offset, &mut bytes[length..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if read == 0 {
                bytes.truncate(length);
                return Ok(true);
            }
            length += read;
            self.offset = self.offset.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        }
        Ok(false)
    }

    /// The length of the rows that are surely whole.
    fn whole_rows(&self, bytes: &[u8]) -> usize {
        if is_simple(bytes) {
            return memrchr(b'\n', bytes).map_or(0, |at| at + 1);
        }
        // The row that is read last may go on behind these bytes.
        self.records(bytes).last().map_or(0, |start| start)
    }

    /// Where the rows start, as the reader of rows sees them.
    fn records(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        let reader = csv::ReaderBuilder::new()
            .delimiter(self.separator.unwrap_or(b','))
            .flexible(true)
            .has_headers(false)
            .from_reader(bytes);
        let start = |record: Result<csv::ByteRecord, csv::Error>| {
            let position = record.ok()?.position()?.byte();
            usize::try_from(position).ok()
        };
        reader.into_byte_records().map_while(start)
    }

    fn part(&mut self, bytes: Vec<u8>) -> Result<Part, StreamError> {
        let lines = memchr_iter(b'\n', &bytes).count();
        let rows = if is_simple(&bytes) && !has_blank_line(&bytes) {
            lines + usize::from(bytes.last().is_some_and(|byte| *byte != b'\n'))
        } else {
            self.records(&bytes).count()
        };
        let (first_line, rows_before, has_header) = (self.first_line, self.rows_before, self.is_first);
        let mut text = String::from_utf8(bytes).map_err(|error| {
            let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            StreamError::NotUtf8(first_line + memchr_iter(b'\n', good).count())
        })?;
        if has_header && text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        self.first_line += lines;
        self.rows_before += rows.saturating_sub(usize::from(has_header));
        self.is_first = false;
        Ok(Part { text, first_line, rows_before, has_header, is_last: self.is_done })
    }
}

/// Bytes of a first line that are looked at for the separator.
const LONGEST_HEADER: usize = 1 << 16;

/// Whether every row is one line: no quote is in them, and lines end in `\n` or `\r\n`.
fn is_simple(bytes: &[u8]) -> bool {
    let is_line_end = |at: usize| bytes.get(at + 1) == Some(&b'\n');
    memchr(b'"', bytes).is_none() && memchr_iter(b'\r', bytes).all(is_line_end)
}

/// Whether a line without anything is among them, which is no row.
fn has_blank_line(bytes: &[u8]) -> bool {
    let is_blank = |start: usize| matches!(&bytes[start..], [b'\n', ..] | [b'\r', b'\n', ..]);
    is_blank(0) || memchr_iter(b'\n', bytes).any(|at| is_blank(at + 1))
}

#[cfg(test)]
#[allow(clippy::expect_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::Stream;
    use crate::files::ReadAt;
    use std::io;
    use std::sync::Arc;

    /// Gives no more than three bytes at once.
    struct Slow(Vec<u8>);
    impl ReadAt for Slow {
        fn size(&self) -> u64 {
            self.0.size()
        }
        fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(3);
            self.0.read_at(offset, &mut into[..length])
        }
    }

    fn large(row: &str, rows: usize) -> String {
        format!("a,b\n{}", row.repeat(rows))
    }

    #[test]
    fn parts_are_the_file_and_count_its_rows() {
        for row in ["1,x\n", "1,\"x\"\n", "1,\"x\ny\"\r\n", "1,5\" pipe\n", "1,x\n\n", "\"1,\",x\r\n"] {
            let text = large(row, 600_000);
            let mut stream = Stream::new(Arc::new(text.clone().into_bytes()), None);
            let (mut read, mut rows, mut lines) = (String::new(), 0, 1);
            while let Some(part) = stream.next().expect("a part") {
                assert_eq!((part.rows_before, part.first_line), (rows, lines), "{row:?}");
                let mut reader = csv::ReaderBuilder::new();
                let reader = reader.flexible(true).has_headers(part.has_header);
                rows += reader.from_reader(part.text.as_bytes()).records().count();
                lines += part.text.matches('\n').count();
                read.push_str(&part.text);
            }
            assert_eq!(rows, 600_000, "{row:?}");
            assert!(read == text, "{row:?}");
        }
    }

    #[test]
    fn a_small_file_is_one_part_however_it_is_given() {
        for text in ["", "\u{feff}a,b\n1,2", "a\n", "a,b\n\"1,2\n3,4\n"] {
            let mut stream = Stream::new(Arc::new(Slow(text.as_bytes().to_vec())), None);
            let part = stream.next().expect("a part").expect("one");
            assert_eq!(part.text, text.trim_start_matches('\u{feff}'));
            assert!(part.is_last && part.has_header);
            assert!(stream.next().expect("an end").is_none());
        }
    }

    #[test]
    fn a_line_that_is_no_text_is_named() {
        let mut stream = Stream::new(Arc::new(b"a,b\n1,2\n1,\xff\n".to_vec()), None);
        assert!(matches!(stream.next(), Err(super::StreamError::NotUtf8(3))));
    }
}
