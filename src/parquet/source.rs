//! Bytes of a file as the library asks for them.

use super::compact;
use crate::files::ReadAt;
use bytes::Bytes;
use parquet::errors::{ParquetError as Library, Result};
use parquet::file::reader::{ChunkReader, Length};
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file, and how large a page of it may be.
pub(super) struct Source {
    file: Arc<dyn ReadAt>,
    /// Bytes that a page may take when it is unpacked.
    most: u64,
    /// Bytes that the page takes whose head was read last.
    page: AtomicU64,
}

impl Source {
    pub(super) fn new(file: Arc<dyn ReadAt>, most: u64) -> Source {
        Source { file, most, page: AtomicU64::new(0) }
    }

    /// Bytes that the page takes unpacked whose head was read last.
    pub(super) fn unpacked(&self) -> usize {
        usize::try_from(self.page.load(Ordering::Relaxed)).unwrap_or(usize::MAX)
    }
}

/// Bytes of a file, all of them.
pub(super) fn read_exactly(file: &dyn ReadAt, mut at: u64, mut into: &mut [u8]) -> io::Result<()> {
    while !into.is_empty() {
        match file.read_at(at, into) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                at += read as u64;
                into = into.get_mut(read..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.file.size()
    }
}

impl ChunkReader for Source {
    type T = Head;

    /// Where a page's head is read from. One that says to be larger than it can be is an error here.
    fn get_read(&self, start: u64) -> Result<Head> {
        let mut head = Head { file: Arc::clone(&self.file), at: start, held: [0; HELD], used: 0, filled: 0 };
        head.fill()?;
        match compact::unpacked_size(&head.held[..head.filled]) {
            Some(size) if size <= self.most => {
                self.page.store(size, Ordering::Relaxed);
                Ok(head)
            }
            Some(_) => Err(Library::General("a page is larger than its column".into())),
            None => Err(Library::General("there is no page where one should begin".into())),
        }
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.file.size()) {
            return Err(Library::EOF("a page ends behind the end of the file".into()));
        }
        let mut bytes = vec![0; length];
        read_exactly(&*self.file, start, &mut bytes)?;
        Ok(bytes.into())
    }
}

/// Bytes read ahead: more than most heads take.
const HELD: usize = 128;

/// Reads the head of a page.
pub(super) struct Head {
    file: Arc<dyn ReadAt>,
    at: u64,
    held: [u8; HELD],
    used: usize,
    filled: usize,
}

impl Head {
    fn fill(&mut self) -> io::Result<()> {
        self.filled = self.file.read_at(self.at, &mut self.held)?.min(HELD);
        self.at += self.filled as u64;
        self.used = 0;
        Ok(())
    }
}

impl Read for Head {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.used == self.filled {
            self.fill()?;
        }
        let taken = into.len().min(self.filled - self.used);
        into[..taken].copy_from_slice(&self.held[self.used..self.used + taken]);
        self.used += taken;
        Ok(taken)
    }
}
