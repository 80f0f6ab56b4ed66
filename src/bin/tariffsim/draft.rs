//! Files that are written bit by bit and are there whole or not at all.

use std::env;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// A file that is being written. Unless it is kept it goes away again.
pub struct Draft {
    file: File,
    /// Where it stands until it is kept.
    place: PathBuf,
    /// Where it is to stand; `None` where its contents go into something that is no file.
    target: Option<PathBuf>,
}

impl Draft {
    /// Of a file; beside it, or for a device or a pipe, where temporary files are.
    pub fn of(path: &Path) -> io::Result<Draft> {
        if path.is_dir() {
            return Err(io::Error::other("it is a folder"));
        }
        if path.exists() && !path.is_file() {
            return Draft::spool();
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        let place = path.with_file_name(name);
        Ok(Draft { file: File::create(&place)?, place, target: Some(path.to_owned()) })
    }

    /// Of what goes elsewhere when it is whole.
    pub fn spool() -> io::Result<Draft> {
        let folder = env::temp_dir();
        for number in 0..u16::MAX {
            let place = folder.join(format!("tariffsim.{}.{number}.part", std::process::id()));
            match File::options().read(true).write(true).create_new(true).open(&place) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Ok(file) => {
                    // Where that can be, it is taken out of the folder at once, and goes away however the program ends.
                    #[cfg(unix)]
                    fs::remove_file(&place)?;
                    return Ok(Draft { file, place, target: None });
                }
                Err(error) => return Err(error),
            }
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    /// The file, to be written to.
    pub fn writer(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    /// Puts it where it is to stand, or its contents into what is no file.
    pub fn keep(mut self, path: &Path) -> io::Result<()> {
        match self.target.take() {
            Some(target) => {
                let kept = self.file.sync_all().and_then(|()| fs::rename(&self.place, &target));
                if kept.is_err() {
                    self.target = Some(target);
                }
                kept
            }
            None => self.copy(&mut File::options().write(true).open(path)?),
        }
    }

    /// Copies its contents.
    pub fn copy(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.file.rewind()?;
        let mut bytes = vec![0; 1 << 16];
        loop {
            let read = self.file.read(&mut bytes)?;
            if read == 0 {
                return out.flush();
            }
            out.write_all(&bytes[..read])?;
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.target.is_some() || cfg!(not(unix)) {
            // What was begun is taken back; that it was never there is no error.
            let _ = fs::remove_file(&self.place);
        }
    }
}
