//! The one way in for the contents of files. The library opens none itself.

use std::io;
use std::sync::Arc;

/// Reads files for the library; the shell implements it.
pub trait Files {
    /// The bytes of a file, or why they cannot be had, as the end of a sentence.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// A file to be read in pieces, or why it cannot be opened, as the end of a sentence. Unless told otherwise the file
    /// is read whole and its pieces come from memory.
    fn open(&self, path: &str) -> Result<Arc<dyn ReadAt>, String> {
        Ok(Arc::new(self.read(path)?))
    }
}

/// Bytes that can be read from any place, by several at a time.
pub trait ReadAt: Send + Sync {
    /// How many bytes there are; `u64::MAX` where that is known only at the end, as of what is unpacked as it is read.
    fn size(&self) -> u64;

    /// Reads bytes from `offset` on into `buffer` and says how many; none at the end. May read fewer than fit.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        buffer[..read].copy_from_slice(&rest[..read]);
        Ok(read)
    }
}

/// A path written in one file, as seen from where that file's own path starts, without `.`, `..` and empty parts where
/// they can be taken out.
pub fn relative_to(file: &str, path: &str) -> String {
    let joined = joined(file, path);
    let start = variable(&joined).map_or(usize::from(joined.starts_with('/')), |(name, _)| name.len() + 2);
    let (root, rest) = joined.split_at(start);
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|p| *p != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if root.is_empty() && parts.is_empty() {
        return ".".to_owned();
    }
    format!("{root}{}", parts.join("/"))
}

/// The name of the environment variable that a path starts from, and the path from there on: `$DATA/rates.csv` starts
/// from `DATA`. What it stands for is for the shell to say.
pub fn variable(path: &str) -> Option<(&str, &str)> {
    let (name, rest) = path.strip_prefix('$')?.split_once('/')?;
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !name.is_empty();
    is_name.then_some((name, rest))
}

/// A path put after the folder of a file, unless it is absolute or starts from a variable.
fn joined(file: &str, path: &str) -> String {
    let absolute = path.starts_with('/') || path.get(1..2) == Some(":") || variable(path).is_some();
    match file.rfind(['/', '\\']) {
        Some(end) if !absolute => format!("{}{path}", &file[..=end]),
        _ => path.to_owned(),
    }
}
