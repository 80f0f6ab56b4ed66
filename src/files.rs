//! The one way in for the contents of files. The library opens none itself.

use std::io;
use std::sync::Arc;

/// Reads files for the library; the shell implements it.
pub trait Files {
    /// The bytes of a file, or why they cannot be had, as the end of a sentence.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;

    /// A file to be read in parts, or why it cannot be had, as the end of a sentence. Where nothing better is offered it
    /// is read whole.
    fn open(&self, path: &str) -> Result<Arc<dyn ReadAt>, String> {
        Ok(Arc::new(self.read(path)?))
    }
}

/// A file of which any part can be read, by several threads at once.
pub trait ReadAt: Send + Sync {
    /// Its length in bytes.
    fn len(&self) -> u64;

    /// Whether nothing is in it.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads bytes from a place on, and says how many: fewer than there is room for where the file ends or the system
    /// gives no more at once, none past its end.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize>;
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let length = rest.len().min(into.len());
        into[..length].copy_from_slice(&rest[..length]);
        Ok(length)
    }
}

/// A path written in one file, as seen from where that file's own path starts, without `.`, `..` and empty parts where
/// they can be taken out.
pub fn relative_to(file: &str, path: &str) -> String {
    let joined = joined(file, path);
    let (root, rest) = joined.strip_prefix('/').map_or(("", joined.as_str()), |rest| ("/", rest));
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

/// A path put after the folder of a file, unless it is absolute.
fn joined(file: &str, path: &str) -> String {
    let absolute = path.starts_with('/') || path.get(1..2) == Some(":");
    match file.rfind(['/', '\\']) {
        Some(end) if !absolute => format!("{}{path}", &file[..=end]),
        _ => path.to_owned(),
    }
}
