//! A recording and what lies beside it, moved together.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// The longest name, in characters: with what is put behind it, any file system takes it.
const NAME_CHARS_MAX: usize = 120;

/// What is put beside recordings, behind their names: no recordings themselves, whatever form they have.
const OWN_ENDINGS: [&str; 11] = [
    "pinned",
    "bookmarked",
    "bookmarks.json",
    "replaces",
    "replaces.new",
    "keyframes",
    "together.keyframes",
    "figures",
    "figures.part",
    "outline",
    "together.outline",
];

/// The files that belong to a recording: `<recording>.pinned`, `<recording>.keyframes` and whatever else carries its
/// whole name and a dot; never another recording, nor what belongs to that one.
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
    let mut found: Vec<(PathBuf, String)> = Vec::new();
    for entry in std::fs::read_dir(folder_of(recording))? {
        let entry = entry?;
        let file = entry.file_name();
        if let Some(end) = file.as_encoded_bytes().strip_prefix(start.as_slice())
            && let Ok(end) = std::str::from_utf8(end)
            // A recording that is just being written under this name.
            && end != "part"
            && !names_recording(end)
            && entry.file_type().is_ok_and(|kind| !kind.is_dir())
        {
            found.push((entry.path(), end.to_owned()));
        }
    }
    // A recording by content is one whatever it is called.
    let is_one = |(path, end): &&(PathBuf, String)| {
        !OWN_ENDINGS.contains(&end.as_str()) && crate::recording::open(path).is_ok()
    };
    let others: Vec<String> = found.iter().filter(is_one).map(|(_, end)| end.clone()).collect();
    let is_of_other = |end: &str| {
        others.iter().any(|other| {
            end.strip_prefix(other.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    found.retain(|(_, end)| !is_of_other(end));
    Ok(found.into_iter().map(|(path, end)| (path, OsString::from(format!(".{end}")))).collect())
}

/// Whether what stands behind the name of a recording makes another recording of it, or something beside that one.
fn names_recording(end: &str) -> bool {
    end.split('.').any(|word| word.eq_ignore_ascii_case("mcap"))
}

/// The name of the recording beside which a file lies, by the file's own name; `None` for all others.
pub(super) fn owner_of(file: &str) -> Option<&str> {
    let end = file.rfind(".mcap.")?;
    Some(&file[..end + ".mcap".len()])
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
    if stem.split_once('.').is_some_and(|(_, end)| names_recording(end)) {
        return Err(io::Error::other(
            "a name has no .mcap in its middle: a file of that name would belong to another recording",
        ));
    }
    Ok(folder_of(recording).join(format!("{stem}.mcap")))
}

pub(super) fn folder_of(recording: &Path) -> &Path {
    recording.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new("."))
}
