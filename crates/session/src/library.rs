//! The recordings of a directory: what is there, what is kept for good, and what goes when the room is used up.

mod along;
mod beside;
mod orphans;
mod peek;
mod replacement;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use market::Timestamp;

pub use along::{AlongError, copy_bookmarks, drop_bookmarks};
pub use beside::beside;
pub use replacement::Replacement;

use crate::bookmarks::Bookmark;
use crate::disk::space;
use crate::lock::is_being_written;
use beside::folder_of;

/// Recordings take at most so much ...
const MAX_CAP_BYTES: u64 = 20_000_000_000;
/// ... or this part of the disk, whichever is less.
const DISK_PART: u64 = 10;
/// From so many hundredths of the cap on, what goes next is said.
const SAY_FROM_PERCENT: u64 = 90;

/// Recordings that are named when more than one must go.
const NAMED_MAX: usize = 5;

/// Why the directory cannot be managed.
#[derive(Debug, thiserror::Error)]
#[error("{path} cannot be {what}: {source}", path = path.display())]
pub struct LibraryError {
    /// The file or directory.
    path: PathBuf,
    /// What was tried: `read`, `marked`, `renamed`, `deleted`.
    what: &'static str,
    source: io::Error,
}

/// The cap when the user sets none: 20 GB or a tenth of the disk, whichever is less.
pub fn default_cap(directory: &Path) -> Result<u64, LibraryError> {
    let refuse = |source| LibraryError { path: directory.to_owned(), what: "read", source };
    // A directory that is to be made lies on the disk of the one above it.
    let there = directory.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    let total = space(there).map_err(refuse)?.total;
    Ok((total / DISK_PART).min(MAX_CAP_BYTES))
}

/// What keeps a recording from going: an empty file beside it, `<recording>.pinned` or `<recording>.bookmarked`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// The user keeps it.
    Pinned,
    /// The user marked a moment in it.
    Bookmarked,
}

impl Mark {
    const ALL: [Self; 2] = [Self::Pinned, Self::Bookmarked];

    const fn suffix(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::Bookmarked => "bookmarked",
        }
    }

    fn path(self, recording: &Path) -> PathBuf {
        let mut path = recording.as_os_str().to_owned();
        path.push(".");
        path.push(self.suffix());
        PathBuf::from(path)
    }
}

/// A recording on the shelf: what its first and last bytes say, not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shelved {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// What lies beside it takes so much.
    pub beside_bytes: u64,
    /// `received_at` of the first packet, as far as the file says so.
    pub from: Option<Timestamp>,
    /// `received_at` of the last packet.
    pub to: Option<Timestamp>,
    /// How many packets it holds; `None` when it was not closed.
    pub n_packets: Option<u64>,
    /// Whether the market was simulated.
    pub is_simulated: bool,
    /// Whether the file was closed. One that is being written is not.
    pub is_closed: bool,
    /// Whether a recorder, of this or another program, is writing it.
    pub is_being_written: bool,
    /// What keeps it.
    pub marks: BTreeSet<Mark>,
}

impl Shelved {
    /// One recording as its ends tell, without what lies beside it; `None` when it has gone meanwhile, or is none.
    pub fn at(path: &Path) -> Option<Self> {
        let metadata = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        let is_marked = |mark: &Mark| mark.path(path).exists();
        let is_being_written = is_being_written(path);
        if !is_being_written && !peek::is_recording(path) {
            return None;
        }
        let glance = peek::peek(path, metadata.len()).unwrap_or_default();
        Some(Self {
            path: path.to_owned(),
            bytes: metadata.len(),
            beside_bytes: 0,
            from: glance.from,
            to: glance.to,
            n_packets: glance.n_packets,
            is_simulated: glance.is_simulated,
            is_closed: glance.is_closed,
            is_being_written,
            marks: Mark::ALL.into_iter().filter(is_marked).collect(),
        })
    }

    /// What its going makes free.
    fn all_bytes(&self) -> u64 {
        self.bytes.saturating_add(self.beside_bytes)
    }

    fn may_go(&self, in_use: &BTreeSet<PathBuf>) -> bool {
        !self.is_being_written && self.marks.is_empty() && !in_use.contains(&true_path(&self.path))
    }
}

/// What is to be deleted, and what is said before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deletions {
    /// What must go now, oldest first.
    pub now: Vec<Shelved>,
    /// What goes next, once room is needed.
    pub next: Option<Shelved>,
    /// What all recordings take together, with what lies beside them.
    pub used_bytes: u64,
    /// The cap.
    pub cap_bytes: u64,
    /// One sentence when the room is used up, or soon will be.
    pub sentence: Option<String>,
}

/// The recordings of one directory; those of the demo lie in a directory of their own.
#[derive(Clone, Debug)]
pub struct Library {
    directory: PathBuf,
}

impl Library {
    /// The library in `directory`.
    pub fn at(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// All recordings, oldest first. Reads the ends of the files only. A directory that is not there holds none, and a
    /// file that is empty or no recording is none, whatever it is called.
    pub fn shelf(&self) -> Result<Vec<Shelved>, LibraryError> {
        let refuse = |source| LibraryError { path: self.directory.clone(), what: "read", source };
        let entries = match std::fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(refuse(error)),
        };
        let mut shelf = Vec::new();
        let mut beside_bytes: BTreeMap<String, u64> = BTreeMap::new();
        for entry in entries {
            let entry = entry.map_err(refuse)?;
            let path = entry.path();
            if path.extension().is_some_and(|extension| extension == "mcap") {
                shelf.extend(Shelved::at(&path));
            } else if let Some(owner) = entry.file_name().to_str().and_then(beside::owner_of)
                && let Ok(metadata) = entry.metadata()
            {
                *beside_bytes.entry(owner.to_owned()).or_default() += metadata.len();
            }
        }
        for one in &mut shelf {
            let name = one.path.file_name().and_then(|name| name.to_str());
            one.beside_bytes = name.and_then(|name| beside_bytes.get(name)).copied().unwrap_or(0);
        }
        shelf.sort_by(|one, other| (one.from, &one.path).cmp(&(other.from, &other.path)));
        Ok(shelf)
    }

    /// Removes caches whose recording is gone, and what a program that is gone never finished: a day after it was last
    /// written. The files that are gone. Recordings, marks and bookmarks stay: they are the user's.
    pub fn sweep(&self, now: Timestamp) -> Result<Vec<PathBuf>, LibraryError> {
        let refuse = |source| LibraryError { path: self.directory.clone(), what: "read", source };
        let orphans = match orphans::orphans(&self.directory, now) {
            Ok(orphans) => orphans,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(refuse(error)),
        };
        for path in &orphans {
            let refuse = |source| LibraryError { path: path.clone(), what: "deleted", source };
            std::fs::remove_file(path).map_err(refuse)?;
        }
        Ok(orphans)
    }

    /// Keeps a recording from going.
    pub fn mark(&self, recording: &Path, mark: Mark) -> Result<(), LibraryError> {
        let refuse = |source| LibraryError { path: recording.to_owned(), what: "marked", source };
        std::fs::metadata(recording).map_err(refuse)?;
        std::fs::write(mark.path(recording), b"").map_err(refuse)
    }

    /// Whether a recording has a mark.
    pub fn is_marked(&self, recording: &Path, mark: Mark) -> bool {
        mark.path(recording).exists()
    }

    /// Takes a mark off again.
    pub fn unmark(&self, recording: &Path, mark: Mark) -> Result<(), LibraryError> {
        match std::fs::remove_file(mark.path(recording)) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(LibraryError { path: recording.to_owned(), what: "marked", source })
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Gives a recording another name, and what lies beside it as well, with its bookmarks; its path then. The name
    /// may leave out `.mcap`.
    pub fn rename(&self, recording: &Path, name: &str) -> Result<PathBuf, LibraryError> {
        let refuse = |source| LibraryError { path: recording.to_owned(), what: "renamed", source };
        if is_being_written(recording) {
            return Err(refuse(io::Error::other("it is being written")));
        }
        let renamed = beside::renamed(recording, name).map_err(refuse)?;
        if renamed == recording {
            return Ok(renamed);
        }
        if renamed.exists() {
            return Err(refuse(io::Error::other("another recording has that name")));
        }
        let refuse_bookmarks = |error| refuse(io::Error::other(error));
        let mut files = beside::endings(recording).map_err(refuse)?;
        files.retain(|(path, _)| *path != Bookmark::path(recording));
        let followed = along::follow(recording, &renamed).map_err(refuse_bookmarks)?;
        std::fs::rename(recording, &renamed).map_err(refuse)?;
        followed.settle(recording).map_err(refuse_bookmarks)?;
        for (path, end) in files {
            let mut target = renamed.clone().into_os_string();
            target.push(end);
            std::fs::rename(path, target).map_err(refuse)?;
        }
        Ok(renamed)
    }

    /// What goes so that all recordings take at most `cap_bytes`: the oldest first, never one that is being written,
    /// is in use (played), pinned or bookmarked, or whose age is not known.
    pub fn plan_deletions(
        &self,
        cap_bytes: u64,
        in_use: &[PathBuf],
    ) -> Result<Deletions, LibraryError> {
        let shelf = self.shelf()?;
        let in_use = in_use.iter().map(|path| true_path(path)).collect();
        let used_bytes: u64 =
            shelf.iter().fold(0, |sum, shelved| shelved.all_bytes().saturating_add(sum));
        let mut left_bytes = used_bytes;
        let mut plan = Deletions { used_bytes, cap_bytes, ..Deletions::default() };
        let may_go = |shelved: &Shelved| shelved.from.is_some() && shelved.may_go(&in_use);
        for shelved in shelf.into_iter().filter(may_go) {
            if left_bytes <= cap_bytes {
                plan.next = Some(shelved);
                break;
            }
            left_bytes = left_bytes.saturating_sub(shelved.all_bytes());
            plan.now.push(shelved);
        }
        plan.sentence = sentence(&plan, left_bytes);
        Ok(plan)
    }

    /// Deletes what the plan says, unless it was marked or taken into use since; the files that are gone.
    pub fn carry_out(
        &self,
        plan: &Deletions,
        in_use: &[PathBuf],
    ) -> Result<Vec<PathBuf>, LibraryError> {
        let in_use = in_use.iter().map(|path| true_path(path)).collect();
        let mut gone = Vec::new();
        for planned in &plan.now {
            let Some(shelved) = Shelved::at(&planned.path) else { continue };
            if !shelved.may_go(&in_use) {
                continue;
            }
            let path = shelved.path;
            let refuse = |source| LibraryError { path: path.clone(), what: "deleted", source };
            let files = beside(&path).map_err(refuse)?;
            std::fs::remove_file(&path).map_err(refuse)?;
            for file in files {
                std::fs::remove_file(file).map_err(refuse)?;
            }
            gone.push(path);
        }
        Ok(gone)
    }
}

/// The path that a file has whatever links lead to it.
fn true_path(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn sentence(plan: &Deletions, left_bytes: u64) -> Option<String> {
    let room = used_of_cap(plan);
    let name = |shelved: &Shelved| {
        shelved.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    };
    if plan.now.len() > 1 {
        let names: Vec<String> = plan.now.iter().take(NAMED_MAX).map(name).collect();
        let more = if plan.now.len() > NAMED_MAX { " and so on" } else { "" };
        return Some(format!(
            "Recordings take {room}. {} go next, the oldest first: {}{more}.",
            plan.now.len(),
            names.join(", "),
        ));
    }
    if plan.now.is_empty() && left_bytes > plan.cap_bytes {
        return Some(format!(
            "Recordings take {room}, and the rest is pinned, bookmarked or in use. Nothing more can be \
             deleted by itself."
        ));
    }
    let is_near = u128::from(plan.used_bytes) * 100
        >= u128::from(plan.cap_bytes) * u128::from(SAY_FROM_PERCENT);
    let next = plan.now.first().or(plan.next.as_ref().filter(|_| is_near))?;
    Some(format!("Recordings take {room}. The oldest goes next: {}.", name(next)))
}

/// `13.4 of 20.0 GB`, with one decimal; in MB where the cap is below one GB.
fn used_of_cap(plan: &Deletions) -> String {
    let (tenth_bytes, unit) =
        if plan.cap_bytes < 1_000_000_000 { (100_000, "MB") } else { (100_000_000, "GB") };
    let [used, cap] = [plan.used_bytes, plan.cap_bytes].map(|bytes| {
        let tenths = bytes / tenth_bytes;
        format!("{}.{}", tenths / 10, tenths % 10)
    });
    format!("{used} of {cap} {unit}")
}
