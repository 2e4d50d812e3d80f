//! Marked moments that go along with a recording, or with what was cut out of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use market::Timestamp;

use super::{Library, LibraryError, Mark, Shelved, folder_of};
use crate::bookmarks::{Bookmark, BookmarkError};
use crate::part::parts_of;

/// The moments of a session that are one file's: from its first packet up to that of the next file; those before all
/// files are the first one's. Both ends are part of it.
fn moments_of(recording: &Path) -> (Timestamp, Timestamp) {
    let (first, last) = (Timestamp::from_nanos(i64::MIN), Timestamp::from_nanos(i64::MAX));
    let from = |path: &Path| Shelved::at(path).and_then(|shelved| shelved.from);
    let others = parts_of(recording).into_iter().filter(|path| path != recording);
    let others: Vec<Timestamp> = others.filter_map(|path| from(&path)).collect();
    let Some(own) = from(recording) else {
        // Of a file that says nothing of its time only what no other one can have.
        return if others.is_empty() { (first, last) } else { (last, first) };
    };
    let is_first = others.iter().all(|other| *other > own);
    let next = others.iter().filter(|other| **other > own).min();
    (if is_first { first } else { own }, next.map_or(last, |next| next.plus_nanos(-1)))
}

/// Gives `other` the bookmarks that recordings have in a span, each file its own, and marks it where there are any.
/// They keep theirs. How many it was given.
///
/// # Errors
/// When bookmarks cannot be read or written, or the mark cannot be made.
pub fn copy_bookmarks(
    recordings: &[PathBuf],
    other: &Path,
    span: (Timestamp, Timestamp),
) -> Result<usize, AlongError> {
    let mut copied = Vec::new();
    for recording in recordings {
        let all = Bookmark::read(&Bookmark::path(recording))?;
        // The begins of all parts are looked up only where they matter.
        if !all.is_empty() {
            let own = moments_of(recording);
            let span = span.0.max(own.0)..=span.1.min(own.1);
            copied.extend(all.into_iter().filter(|one| span.contains(&one.at)));
        }
    }
    if copied.is_empty() {
        return Ok(0);
    }
    let n_copied = copied.len();
    let target = Bookmark::path(other);
    let mut all = Bookmark::read(&target)?;
    let new: Vec<Bookmark> = copied.into_iter().filter(|one| !all.contains(one)).collect();
    if !new.is_empty() {
        all.extend(new);
        all.sort_by_key(|one| one.at);
        Bookmark::write(&target, &all)?;
    }
    Library::at(folder_of(other)).mark(other, Mark::Bookmarked)?;
    Ok(n_copied)
}

/// Takes away from the sessions of recordings the bookmarks that `other` has.
///
/// # Errors
/// When they cannot be read or written.
pub fn drop_bookmarks(recordings: &[PathBuf], other: &Path) -> Result<(), BookmarkError> {
    let kept_in = Bookmark::path(other);
    let kept = Bookmark::read(&kept_in)?;
    let sources: BTreeSet<PathBuf> = recordings.iter().map(|path| Bookmark::path(path)).collect();
    let mut others = sources.into_iter().filter(|path| *path != kept_in);
    others.try_for_each(|path| drop_such(&path, |one| kept.contains(one)))
}

fn drop_such(path: &Path, is_such: impl Fn(&Bookmark) -> bool) -> Result<(), BookmarkError> {
    let mut all = Bookmark::read(path)?;
    let n_before = all.len();
    all.retain(|one| !is_such(one));
    if all.len() == n_before { Ok(()) } else { Bookmark::write(path, &all) }
}

/// Why marked moments cannot go along.
#[derive(Debug, thiserror::Error)]
pub enum AlongError {
    /// They cannot be read or written.
    #[error(transparent)]
    Bookmarks(#[from] BookmarkError),
    /// The recording cannot be marked.
    #[error("{0}.")]
    Mark(#[from] LibraryError),
}

/// The bookmarks that a recording is to have under another name are put there before it is. What of them cannot be
/// read stays where it is.
pub(super) fn follow(recording: &Path, renamed: &Path) -> Result<Followed, BookmarkError> {
    let (source, target) = (Bookmark::path(recording), Bookmark::path(renamed));
    let span = moments_of(recording);
    let is_within = |one: &Bookmark| (span.0..=span.1).contains(&one.at);
    let moved: Vec<Bookmark> = match Bookmark::read(&source) {
        Ok(all) => all.into_iter().filter(is_within).collect(),
        Err(error) => {
            tracing::warn!(%error, "bookmarks stay under the name before");
            Vec::new()
        }
    };
    if source == target || moved.is_empty() {
        return Ok(Followed(None));
    }
    let mut all = Bookmark::read(&target)?;
    all.extend(moved);
    all.sort_by_key(|one| one.at);
    all.dedup();
    Bookmark::write(&target, &all)?;
    Ok(Followed(Some(span)))
}

/// Bookmarks that lie under both names.
pub(super) struct Followed(Option<(Timestamp, Timestamp)>);

impl Followed {
    /// The recording has its new name: the bookmarks go from under the one before.
    pub(super) fn settle(self, recording: &Path) -> Result<(), BookmarkError> {
        let Some((from, to)) = self.0 else { return Ok(()) };
        drop_such(&Bookmark::path(recording), |one| (from..=to).contains(&one.at))
    }
}
