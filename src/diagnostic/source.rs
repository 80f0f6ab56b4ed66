//! The texts that diagnostics point into.

use std::sync::Arc;

/// Which file of a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// Stands for a file that has no id yet.
    pub(crate) const UNKNOWN: FileId = FileId(u32::MAX);
}

/// A range of bytes in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets; offsets past 4 GiB are cut there.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let cut = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { file, start: cut(start), end: cut(end.max(start)) }
    }

    /// Whether `other` lies within this span.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// A text and what it is called.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// As the user named it.
    pub path: Arc<str>,
    /// Its text, or an excerpt of it.
    pub text: Arc<str>,
    /// The number of the text's first line in the file, from 1.
    pub first_line: usize,
}

/// All texts read for a run.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// None yet.
    pub fn new() -> Self {
        Sources::default()
    }

    /// Keeps a whole file.
    pub fn add(&mut self, path: &str, text: impl Into<Arc<str>>) -> FileId {
        self.add_excerpt(path, text, 1)
    }

    /// Keeps some lines of a file that is too large to keep whole. What is kept already keeps its id.
    pub fn add_excerpt(&mut self, path: &str, text: impl Into<Arc<str>>, first_line: usize) -> FileId {
        let (id, text) = (self.next_id(), text.into());
        let same =
            |file: &SourceFile| *file.path == *path && file.first_line == first_line && file.text == text;
        if let Some(at) = self.files.iter().position(same) {
            return FileId(u32::try_from(at).unwrap_or(u32::MAX));
        }
        self.files.push(SourceFile { path: path.into(), text, first_line });
        id
    }

    /// The id the next file will have.
    fn next_id(&self) -> FileId {
        FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX))
    }

    /// The file behind an id, if it was added here.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// The text of a span; empty where it does not lie in its file.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).and_then(|f| f.text.get(span.start as usize..span.end as usize)).unwrap_or("")
    }

    /// File, line and column (both from 1, the column in characters) where a span starts.
    pub fn position(&self, span: Span) -> Option<(&str, usize, usize)> {
        let file = self.get(span.file)?;
        let before = file.text.get(..span.start as usize)?;
        let line = file.first_line + before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Some((&file.path, line, column))
    }
}
