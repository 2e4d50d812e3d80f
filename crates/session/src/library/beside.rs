//! A recording and what lies beside it, moved together.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// The longest name, in characters: with what is put behind it, any file system takes it.
const NAME_CHARS_MAX: usize = 120;

/// The files that belong to a recording: `<recording>.pinned`, `<recording>.keyframes` and whatever else carries its
/// whole name and a dot.
pub fn beside(recording: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = endings(recording)?.into_iter().map(|(path, _)| path).collect();
    files.sort();
    Ok(files)
}

/// The files beside a recording, and how each ends.
pub(super) fn endings(recording: &Path) -> io::Result<Vec<(PathBuf, OsString)>> {
    let Some(name) = recording.file_name() else { return Ok(Vec::new()) };
    let mut start = name.as_encoded_bytes().to_vec();
    start.push(b'.');
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder_of(recording))? {
        let path = entry?.path();
        let file = path.file_name().unwrap_or_default().as_encoded_bytes();
        if let Some(end) = file.strip_prefix(start.as_slice())
            && let Ok(end) = std::str::from_utf8(end)
            // A recording that is just being written under this name.
            && end != "part"
        {
            let end = OsString::from(format!(".{end}"));
            found.push((path, end));
        }
    }
    Ok(found)
}

/// The path of a recording under another name.
pub(super) fn renamed(recording: &Path, name: &str) -> io::Result<PathBuf> {
    let name = name.trim();
    let stem = name.strip_suffix(".mcap").unwrap_or(name).trim_end();
    let is_plain = |letter: char| !letter.is_control() && !r#"/\:*?"<>|"#.contains(letter);
    let is_fit = (1..=NAME_CHARS_MAX).contains(&stem.chars().count())
        && stem.chars().all(is_plain)
        && !stem.starts_with('.');
    if !is_fit {
        return Err(io::Error::other(
            "a name is 1 to 120 characters long, begins without a dot and has none of / \\ : * ? \" < > |",
        ));
    }
    Ok(folder_of(recording).join(format!("{stem}.mcap")))
}

pub(super) fn folder_of(recording: &Path) -> &Path {
    recording.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."))
}
