//! The one way in for the contents of files. The library opens none itself.

/// Reads files for the library; the shell implements it.
pub trait Files {
    /// The bytes of a file, or why they cannot be had, as the end of a sentence.
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
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
