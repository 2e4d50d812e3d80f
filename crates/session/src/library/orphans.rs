//! What lies in a directory of recordings and is of no use any more: caches whose recording is gone, and what a program
//! that is gone never finished.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use market::Timestamp;

use super::beside::owner_of;
use crate::keyframe::FILE_METADATA;
use crate::lock::is_being_written;
use crate::tape::PROFILE;
use crate::walk::{Step, Walker};

/// A larger cache of figures is none of ours.
const FIGURES_BYTES_MAX: u64 = 4 << 20;
/// What a cache that is no MCAP begins with.
const CACHE_MAGIC: &[u8; 8] = b"tapedeck";
/// What figures begin with, as they are written.
const FIGURES_START: &[u8] = b"{\"version\":";
/// What a note of what is replaced begins with, as it is written.
const NOTE_START: &[u8] = b"{\n  \"format\":";
/// A file of keyframes says that it is one within so many records.
const RECORDS_MAX: usize = 4;
/// Nobody writes a file any more that has not changed for a day. A lock alone does not tell: Windows and some network
/// disks have none, and what copies a recording into the directory has none either, under whatever name it does so.
const QUIET_NANOS: i64 = 24 * 3_600 * 1_000_000_000;

/// What can go from a directory. It is certainly ours, by name and by content, and nobody is writing it: caches that
/// belong to no recording there, and half-written files that have not changed for a day. What a recorder left is never
/// among them, for it writes under the name of a recording from the first packet on.
pub(super) fn orphans(directory: &Path, now: Timestamp) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let Some(owner) = owner_of(name) else { continue };
        let Some((kind, state)) = told_by(&name[owner.len() + 1..]) else { continue };
        // One that has gone meanwhile needs no removing.
        let Ok(about) = entry.metadata() else { continue };
        let is_left = || match state {
            State::Whole => is_gone(&directory.join(owner)),
            State::Unfinished => is_quiet(&about, now),
        };
        let path = entry.path();
        let is_ours = || kind.is_in(&path, state).unwrap_or(false);
        if about.is_file() && is_left() && is_ours() && !is_being_written(&path) {
            found.push(path);
        }
    }
    Ok(found)
}

/// What is written beside recordings and can be made again.
#[derive(Clone, Copy)]
enum Kind {
    /// A recording made of others: by a trim, a merge or an import.
    Recording,
    Keyframes,
    Figures,
    Outline,
    /// That a recording is about to take the place of others; nothing has gone yet.
    Note,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Under the name by which it is looked for.
    Whole,
    /// Under the name that it has until it is whole.
    Unfinished,
}

/// What a file is by what stands behind the name of its recording and a dot.
fn told_by(end: &str) -> Option<(Kind, State)> {
    let whole = |end: &str| match end {
        "keyframes" | "together.keyframes" => Some(Kind::Keyframes),
        "outline" | "together.outline" => Some(Kind::Outline),
        _ => None,
    };
    match end {
        "part" => return Some((Kind::Recording, State::Unfinished)),
        "figures" => return Some((Kind::Figures, State::Whole)),
        "figures.part" => return Some((Kind::Figures, State::Unfinished)),
        "replaces.new" => return Some((Kind::Note, State::Unfinished)),
        _ => {}
    }
    if let Some(kind) = whole(end) {
        return Some((kind, State::Whole));
    }
    // A process, and perhaps which of its files.
    let (name, writer) = end.rsplit_once('.')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_writer = writer.splitn(2, '-').all(is_number);
    whole(name).filter(|_| is_writer).map(|kind| (kind, State::Unfinished))
}

fn is_gone(recording: &Path) -> bool {
    let about = std::fs::symlink_metadata(recording);
    matches!(about, Err(error) if error.kind() == io::ErrorKind::NotFound)
}

fn is_quiet(about: &Metadata, now: Timestamp) -> bool {
    let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let modified = modified.and_then(|since| i64::try_from(since.as_nanos()).ok());
    modified.is_some_and(|at| now.nanos().saturating_sub(at) >= QUIET_NANOS)
}

impl Kind {
    /// Whether a file holds this, or as much of it as was written.
    fn is_in(self, path: &Path, state: State) -> io::Result<bool> {
        if state == State::Unfinished && std::fs::metadata(path)?.len() == 0 {
            return Ok(true);
        }
        match (self, state) {
            (Self::Recording, _) => is_half_a_recording(path),
            (Self::Keyframes, _) => is_of_keyframes(path),
            (Self::Figures, State::Whole) => has_figures(path),
            (Self::Figures, State::Unfinished) => begins_as(path, FIGURES_START),
            (Self::Outline, _) => begins_as(path, CACHE_MAGIC),
            (Self::Note, _) => begins_as(path, NOTE_START),
        }
    }
}

/// One that is whole lacks nothing but its name: it is left to its owner.
fn is_half_a_recording(path: &Path) -> io::Result<bool> {
    let mut walker = walk(path)?;
    let is_ours = matches!(walker.next()?, Some(Step::Profile(profile)) if profile == PROFILE);
    Ok(is_ours && !walker.is_closed())
}

fn is_of_keyframes(path: &Path) -> io::Result<bool> {
    let mut walker = walk(path)?;
    let mut is_ours = false;
    for _ in 0..RECORDS_MAX {
        match walker.next()? {
            Some(Step::Metadata(name, _)) if name == FILE_METADATA => return Ok(true),
            Some(Step::Profile(profile)) => is_ours = profile == PROFILE,
            Some(Step::Metadata(..)) => {}
            // It ended before anything was put into it.
            Some(Step::Cut { .. }) => return Ok(is_ours),
            Some(_) | None => return Ok(false),
        }
    }
    Ok(false)
}

fn walk(path: &Path) -> io::Result<Walker> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    Walker::new(file, length, 0)
}

fn has_figures(path: &Path) -> io::Result<bool> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FIGURES_BYTES_MAX).read_to_end(&mut bytes)?;
    let value: serde_json::Value = serde_json::from_slice(&bytes)?;
    Ok(["version", "bytes", "modified_ns", "figures"].iter().all(|key| value.get(key).is_some()))
}

/// Whether a file begins so, as far as it goes.
fn begins_as(path: &Path, start: &[u8]) -> io::Result<bool> {
    let mut read = Vec::new();
    File::open(path)?.take(start.len() as u64).read_to_end(&mut read)?;
    Ok(!read.is_empty() && start.starts_with(&read))
}
