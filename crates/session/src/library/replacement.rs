//! A recording that takes the place of others: noted beside it until they are gone, so that a program that ends in
//! between is followed by one that goes on.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use market::Timestamp;
use serde::{Deserialize, Serialize};

use super::beside::{beside, folder_of};
use crate::bulk::part_of;
use crate::disk::{Disk, LocalDisk};
use crate::lock::is_being_written;

/// The version of the note.
const FORMAT: u32 = 1;
/// What a note is called behind the name of the recording that stays.
const ENDING: &str = ".replaces";
/// No note is longer than this: it has a line a file.
const BYTES_MAX: u64 = 4 << 20;

/// One recording takes the place of others of its folder. While this lives, no other program goes on with it.
#[derive(Debug)]
pub struct Replacement {
    /// The note, locked.
    _file: File,
    kept: PathBuf,
    note: Note,
}

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    format: u32,
    /// The range that stays, in Unix ns.
    from_ns: i64,
    to_ns: i64,
    replaced: Vec<Replaced>,
}

/// A file that is to go, as long as it is the same.
#[derive(Debug, Serialize, Deserialize)]
struct Replaced {
    name: String,
    bytes: u64,
}

impl Replacement {
    /// Notes that `kept`, which is about to be written, takes the place of others beside it: of them the span is left.
    ///
    /// # Errors
    /// When the note cannot be written, or another program is at it.
    pub fn begin(
        kept: &Path,
        replaced: &[PathBuf],
        span: (Timestamp, Timestamp),
    ) -> io::Result<Self> {
        let path = note_of(kept);
        let before = File::open(&path).ok();
        if before.as_ref().is_some_and(|note| !is_held_by_us(note)) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let of = |path: &PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.ok_or_else(|| io::Error::other("its name is not UTF-8"))?;
            Ok(Replaced { name: name.to_owned(), bytes: std::fs::metadata(path)?.len() })
        };
        let replaced = replaced.iter().map(of).collect::<io::Result<Vec<_>>>()?;
        let (from_ns, to_ns) = (span.0.nanos(), span.1.nanos());
        let note = Note { format: FORMAT, from_ns, to_ns, replaced };
        let mut beside = path.clone().into_os_string();
        beside.push(".new");
        let mut file = File::create(&beside)?;
        if !is_held_by_us(&file) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        file.write_all(&serde_json::to_vec_pretty(&note)?)?;
        file.sync_all()?;
        std::fs::rename(&beside, &path)?;
        LocalDisk.sync_directory(folder_of(&path))?;
        Ok(Self { _file: file, kept: kept.to_owned(), note })
    }

    /// What was begun in a folder and not ended, by programs that are gone. A note whose recording was never written is
    /// void, and removed with what was written of it.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn unfinished(directory: &Path) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        let entries = match std::fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let name = entry?.file_name();
            let kept = name.to_str().and_then(|name| name.strip_suffix(ENDING));
            if let Some(kept) = kept.filter(|kept| kept.ends_with(".mcap")) {
                match Self::resume(directory.join(kept)) {
                    Ok(one) => found.extend(one),
                    Err(error) => {
                        tracing::warn!(%error, "a note of what is replaced is left alone")
                    }
                }
            }
        }
        Ok(found)
    }

    fn resume(kept: PathBuf) -> io::Result<Option<Self>> {
        let path = note_of(&kept);
        let mut file = OpenOptions::new().read(true).write(true).open(&path)?;
        if !is_held_by_us(&file) {
            return Ok(None);
        }
        if !kept.exists() {
            let half = part_of(&kept);
            if half.is_file() && !is_being_written(&half) {
                std::fs::remove_file(half)?;
            }
            std::fs::remove_file(path)?;
            return Ok(None);
        }
        let mut bytes = Vec::new();
        (&mut file).take(BYTES_MAX).read_to_end(&mut bytes)?;
        let note: Note = serde_json::from_slice(&bytes)?;
        if note.format != FORMAT {
            return Err(io::Error::other(format!("it has the format {}", note.format)));
        }
        Ok(Some(Self { _file: file, kept, note }))
    }

    /// The recording that stays.
    pub fn kept(&self) -> &Path {
        &self.kept
    }

    /// The range that stays.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (Timestamp::from_nanos(self.note.from_ns), Timestamp::from_nanos(self.note.to_ns))
    }

    /// The files that are to go, also those that have gone already; never one that has changed since.
    pub fn replaced(&self) -> Vec<PathBuf> {
        let path = |one: &Replaced| {
            // Files of the same folder, whoever wrote the note.
            let name = Path::new(&one.name).file_name()?;
            let path = self.kept.with_file_name(name);
            let is_same = std::fs::metadata(&path).map_or(true, |about| about.len() == one.bytes);
            (is_same && path != self.kept).then_some(path)
        };
        self.note.replaced.iter().filter_map(path).collect()
    }

    /// Nothing has gone, and so nothing is to have come: removes what was to stay, and all that lies beside it.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub fn give_up(self) -> io::Result<()> {
        let note = note_of(&self.kept);
        let beside = beside(&self.kept)?;
        let mut made =
            std::iter::once(self.kept.clone()).chain(beside).filter(|path| *path != note);
        made.try_for_each(std::fs::remove_file)?;
        self.end()
    }

    /// Nothing is to go any more.
    ///
    /// # Errors
    /// When the note cannot be removed.
    pub fn end(self) -> io::Result<()> {
        std::fs::remove_file(note_of(&self.kept))
    }
}

/// Takes the lock of a note; whether nobody else has it. Where the file system has no locks, nobody has.
fn is_held_by_us(note: &File) -> bool {
    !matches!(note.try_lock(), Err(TryLockError::WouldBlock))
}

fn note_of(kept: &Path) -> PathBuf {
    let mut path = kept.as_os_str().to_owned();
    path.push(ENDING);
    PathBuf::from(path)
}
