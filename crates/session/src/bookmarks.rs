//! Marked moments of a session: one small JSON file beside its recording.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use market::Timestamp;
use serde::{Deserialize, Serialize};

use crate::part::session_of;

/// The version of the file.
const FORMAT: u32 = 1;
/// No file of bookmarks is larger than this.
const BYTES_MAX: u64 = 4 << 20;

/// A marked moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// Session time.
    pub at: Timestamp,
    /// What is to be remembered; may be empty.
    pub note: String,
}

/// Why bookmarks are not there or cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum BookmarkError {
    /// The file makes no sense.
    #[error(
        "The bookmarks in {path} cannot be read: {why}. The recording is not touched by that; when a new bookmark is \
         set, the file is kept as {path}.damaged.",
        path = path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The file system refused.
    #[error("The bookmarks in {path} cannot be {what}: {source}.", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read`, `written`.
        what: &'static str,
        /// What the file system says.
        source: io::Error,
    },
}

#[derive(Serialize, Deserialize)]
struct Content {
    format: u32,
    bookmarks: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    /// RFC 3339 in UTC.
    at: String,
    #[serde(default)]
    note: String,
}

impl Bookmark {
    /// The file of the bookmarks of the session that a recording belongs to: `<session>.bookmarks.json`.
    pub fn path(recording: &Path) -> PathBuf {
        let mut name = match session_of(recording) {
            Some((session, _)) => session.into(),
            None => recording.file_name().unwrap_or_default().to_owned(),
        };
        name.push(".bookmarks.json");
        recording.with_file_name(name)
    }

    /// The bookmarks in a file, oldest first; none when there is no file.
    ///
    /// # Errors
    /// When the file cannot be read, or is no file of bookmarks.
    pub fn read(path: &Path) -> Result<Vec<Self>, BookmarkError> {
        let refuse = |source| BookmarkError::Io { path: path.to_owned(), what: "read", source };
        let damaged = |why: String| BookmarkError::Damaged { path: path.to_owned(), why };
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(refuse(error)),
        };
        let mut bytes = Vec::new();
        file.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(refuse)?;
        if bytes.len() as u64 > BYTES_MAX {
            return Err(damaged("it is far too large".to_owned()));
        }
        let content: Content =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if content.format != FORMAT {
            return Err(damaged(format!("it has the format {}", content.format)));
        }
        let mut bookmarks = Vec::with_capacity(content.bookmarks.len());
        for Entry { at, note } in content.bookmarks {
            let moment = at.parse().map_err(|_| damaged(format!("“{at}” is no moment")))?;
            bookmarks.push(Self { at: moment, note });
        }
        bookmarks.sort_by_key(|bookmark| bookmark.at);
        Ok(bookmarks)
    }

    /// Writes the bookmarks of a session: whole or not at all. A file that cannot be read is put aside first.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn write(path: &Path, bookmarks: &[Self]) -> Result<(), BookmarkError> {
        let refuse = |source| BookmarkError::Io { path: path.to_owned(), what: "written", source };
        if matches!(Self::read(path), Err(BookmarkError::Damaged { .. })) {
            fs::rename(path, with_suffix(path, ".damaged")).map_err(refuse)?;
        }
        if bookmarks.is_empty() {
            return match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refuse(error)),
                Ok(()) | Err(_) => Ok(()),
            };
        }
        let entry = |one: &Self| Entry { at: one.at.to_string(), note: one.note.clone() };
        let content = Content { format: FORMAT, bookmarks: bookmarks.iter().map(entry).collect() };
        let text = serde_json::to_vec_pretty(&content).map_err(io::Error::from).map_err(refuse)?;
        let beside = with_suffix(path, ".new");
        let written = File::create(&beside).and_then(|mut file| {
            file.write_all(&text)?;
            file.sync_all()
        });
        written.and_then(|()| fs::rename(&beside, path)).map_err(refuse)
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(nanos: i64, note: &str) -> Bookmark {
        Bookmark { at: Timestamp::from_nanos(nanos), note: note.to_owned() }
    }

    #[test]
    fn parts_of_a_session_share_their_bookmarks() {
        let path = |name: &str| Bookmark::path(&Path::new("/nowhere").join(name));
        assert_eq!(path("a_kraken_p001.mcap"), path("a_kraken_p002.mcap"));
        assert_eq!(path("tape.mcap"), Path::new("/nowhere/tape.mcap.bookmarks.json"));
    }

    #[test]
    fn bookmarks_are_read_as_they_were_written_and_none_leave_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bookmarks.json");
        assert_eq!(Bookmark::read(&path).unwrap(), []);
        let all =
            [one(1_784_483_679_614_741_003, "wall pulled"), one(1_784_483_680_000_000_000, "")];
        Bookmark::write(&path, &all).unwrap();
        assert_eq!(Bookmark::read(&path).unwrap(), all);
        Bookmark::write(&path, &[]).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_damaged_file_is_told_and_kept_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bookmarks.json");
        for damaged in ["", "{\"format\": 1", "{\"format\": 9, \"bookmarks\": []}", "[]"] {
            fs::write(&path, damaged).unwrap();
            let error = Bookmark::read(&path).unwrap_err();
            assert!(matches!(error, BookmarkError::Damaged { .. }), "{damaged}: {error}");
        }
        Bookmark::write(&path, &[one(5, "new")]).unwrap();
        assert_eq!(Bookmark::read(&path).unwrap(), [one(5, "new")]);
        let aside = fs::read_to_string(folder.path().join("a.bookmarks.json.damaged")).unwrap();
        assert_eq!(aside, "[]");
    }
}
