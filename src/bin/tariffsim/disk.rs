//! Files on disk.

use crate::packed::{Packing, Unpacking, unpacked};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tariffsim::diagnostic::nearest;
use tariffsim::files::{Files, ReadAt, variable};

/// Reads files from disk and remembers which.
#[derive(Default)]
pub struct Disk {
    read: RefCell<Vec<(String, usize)>>,
    /// Every file asked for, and what it was like then.
    asked: RefCell<BTreeMap<String, Stamp>>,
}

/// When a file was last written and how long it is; nothing where there is none.
type Stamp = Option<(SystemTime, u64)>;

fn stamp(path: &str) -> Stamp {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

impl Disk {
    /// The files read so far, with their sizes in bytes.
    pub fn files_read(&self) -> Vec<(String, usize)> {
        self.read.borrow().clone()
    }

    /// How many files were asked for, those that are not there included.
    pub fn files_asked(&self) -> usize {
        self.asked.borrow().len()
    }

    /// Whether one of those is no longer as it was.
    pub fn has_changed(&self) -> bool {
        self.asked.borrow().iter().any(|(path, before)| stamp(path) != *before)
    }

    /// Whether a path leads to one of them.
    pub fn has_read(&self, path: &Path) -> bool {
        let Ok(path) = path.canonicalize() else { return false };
        self.read
            .borrow()
            .iter()
            .any(|(read, _)| Path::new(read).canonicalize().is_ok_and(|read| read == path))
    }
}

impl Disk {
    /// Does something with the file a path leads to, and remembers it with its length.
    fn at<T>(&self, written: &str, get: impl FnOnce(&str) -> io::Result<(T, usize)>) -> Result<T, String> {
        let path = located(written)?;
        self.asked.borrow_mut().entry(path.clone()).or_insert_with(|| stamp(&path));
        match get(&path) {
            Ok((got, length)) => {
                let mut read = self.read.borrow_mut();
                // A file may be read several times.
                if !read.contains(&(path.clone(), length)) {
                    read.push((path, length));
                }
                Ok(got)
            }
            Err(error) if path == written => Err(reason(&path, &error)),
            Err(error) => Err(format!("{path}: {}", reason(&path, &error))),
        }
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.at(path, |path| {
            let bytes = fs::read(path)?;
            let length = bytes.len();
            Ok((bytes, length))
        })
        .and_then(|bytes| unpacked(path, bytes))
    }

    fn open(&self, path: &str) -> Result<Arc<dyn ReadAt>, String> {
        self.at(path, |path| {
            let about = fs::metadata(path)?;
            if !about.is_file() && !about.is_dir() {
                // A pipe is read once, from its start to its end.
                let bytes = fs::read(path)?;
                let length = bytes.len();
                let bytes = unpacked(path, bytes).map_err(io::Error::other)?;
                return Ok((Arc::new(bytes) as Arc<dyn ReadAt>, length));
            }
            let opened = Opened::new(path)?;
            let length = usize::try_from(opened.size).unwrap_or(usize::MAX);
            let head = head(&opened)?;
            match Packing::of(Path::new(path), &head).map_err(io::Error::other)? {
                Some(packing) => Ok((unpacking(path, packing)?, length)),
                None => Ok((Arc::new(opened) as Arc<dyn ReadAt>, length)),
            }
        })
    }
}

/// A packed file, unpacked as it is read. One that is read from its end, as Parquet files are, is unpacked into memory.
fn unpacking(path: &str, packing: Packing) -> io::Result<Arc<dyn ReadAt>> {
    let unpacking = Unpacking::new(path, packing);
    if head(&unpacking)? == PARQUET {
        return unpacked(path, fs::read(path)?)
            .map(|bytes| Arc::new(bytes) as Arc<dyn ReadAt>)
            .map_err(io::Error::other);
    }
    Ok(Arc::new(unpacking))
}

/// What a Parquet file begins with.
const PARQUET: &[u8] = b"PAR1";

/// The first bytes of a file, at most four.
fn head(file: &dyn ReadAt) -> io::Result<Vec<u8>> {
    let mut head = vec![0; 4];
    let mut length = 0;
    while length < head.len() {
        let offset = u64::try_from(length).unwrap_or(u64::MAX);
        match file.read_at(offset, &mut head[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    head.truncate(length);
    Ok(head)
}

/// Where a path leads, with the environment variable it may start from put in.
fn located(path: &str) -> Result<String, String> {
    let Some((name, rest)) = variable(path) else { return Ok(path.to_owned()) };
    match env::var(name) {
        Ok(folder) if !folder.is_empty() => Ok(format!("{}/{rest}", folder.trim_end_matches('/'))),
        Ok(_) | Err(env::VarError::NotPresent) => {
            Err(format!("the environment variable {name} is not set; set it to the folder that holds {rest}"))
        }
        Err(env::VarError::NotUnicode(_)) => {
            Err(format!("the environment variable {name} is not UTF-8 text"))
        }
    }
}

/// A file that is read in pieces.
struct Opened {
    #[cfg(unix)]
    file: fs::File,
    /// Where there is no reading at a place, reading moves a place that all share.
    #[cfg(not(unix))]
    file: std::sync::Mutex<fs::File>,
    size: u64,
}

impl Opened {
    fn new(path: &str) -> io::Result<Opened> {
        let file = fs::File::open(path)?;
        let about = file.metadata()?;
        if about.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        #[cfg(not(unix))]
        let file = std::sync::Mutex::new(file);
        Ok(Opened { file, size: about.len() })
    }
}

impl ReadAt for Opened {
    fn size(&self) -> u64 {
        self.size
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&self.file, buffer, offset)
    }

    #[cfg(not(unix))]
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        use io::{Read, Seek, SeekFrom};
        let mut file = self.file.lock().map_err(|_| io::Error::other("another reader failed"))?;
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }
}

/// Why a file cannot be read, and which one may be meant.
fn reason(path: &str, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => match neighbour(Path::new(path)) {
            Some(near) => format!("there is no such file; did you mean {near}?"),
            None => "there is no such file".to_owned(),
        },
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => error.to_string(),
    }
}

/// The file of the same folder whose name is nearest; a scenario without its extension before any other.
fn neighbour(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut names: Vec<String> =
        fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
    names.sort();
    let name = path.file_name()?.to_str()?;
    let whole = format!("{name}.toml");
    let near = if names.contains(&whole) {
        whole.as_str()
    } else {
        nearest(name, names.iter().map(String::as_str))?
    };
    Some(path.with_file_name(near).display().to_string())
}

/// Writes a file whole or not at all.
pub fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    beside(path, |mut file| {
        file.write_all(text.as_bytes())?;
        Ok(file)
    })
}

/// Writes a file whole or not at all: beside it first, then in its place. What is there and no file, such as a device or a
/// pipe, is written to and stays what it is.
pub fn beside(path: &Path, write: impl FnOnce(fs::File) -> io::Result<fs::File>) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    if path.exists() && !path.is_file() {
        return fs::File::options().write(true).open(path).and_then(write).map(drop);
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let beside = path.with_file_name(name);
    let written = fs::File::create(&beside).and_then(write).and_then(|file| file.sync_all());
    let moved = written.and_then(|()| fs::rename(&beside, path));
    if moved.is_err() {
        // What was begun is taken back; that it was never there is no error.
        let _ = fs::remove_file(&beside);
    }
    moved
}

/// Writes a file that is not there yet.
pub fn write_new(path: &Path, text: &str) -> io::Result<()> {
    fs::File::create_new(path)?.write_all(text.as_bytes())
}

/// The scenario files in a folder and the folders in it, in alphabetical order; `None` where the path is no folder.
pub fn scenarios_under(path: &str) -> Option<Vec<String>> {
    let entries = fs::read_dir(path).ok()?;
    let mut inside: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    inside.sort();
    let mut files = Vec::new();
    for entry in inside {
        let name = entry.display().to_string();
        if entry.extension().is_some_and(|extension| extension == "toml") {
            files.push(name);
        } else if !entry.is_symlink() {
            files.extend(scenarios_under(&name).unwrap_or_default());
        }
    }
    Some(files)
}
