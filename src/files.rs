//! The one way in for the contents of files. The library opens none itself.

/// Reads files for the library; the shell implements it.
pub trait Files {
    /// The bytes of a file, or why they cannot be had, as the end of a sentence.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// A path written in one file, as seen from where that file's own path starts.
pub fn relative_to(file: &str, path: &str) -> String {
    let absolute = path.starts_with('/') || path.get(1..2) == Some(":");
    match file.rfind(['/', '\\']) {
        Some(end) if !absolute => {
            let mut folder = &file[..=end];
            let mut path = path;
            while let Some(rest) = path.strip_prefix("../") {
                let Some(parent) = folder[..folder.len() - 1].rfind(['/', '\\']) else { break };
                if &folder[parent + 1..folder.len() - 1] == ".." {
                    break;
                }
                folder = &folder[..=parent];
                path = rest;
            }
            format!("{folder}{}", path.strip_prefix("./").unwrap_or(path))
        }
        _ => path.to_owned(),
    }
}
