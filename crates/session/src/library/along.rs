//! Marked moments that go along with a recording, or with what was cut out of it.

use std::path::Path;

use market::Timestamp;

use super::{Library, LibraryError, Mark, folder_of, shelve};
use crate::bookmarks::{Bookmark, BookmarkError};
use crate::part::parts_of;

/// The moments of a session that are one file's: from its first packet up to that of the next file; those before all
/// files are the first one's. Both ends are part of it.
fn moments_of(recording: &Path) -> (Timestamp, Timestamp) {
    let (first, last) = (Timestamp::from_nanos(i64::MIN), Timestamp::from_nanos(i64::MAX));
    let from = |path: &Path| shelve(path.to_owned()).and_then(|shelved| shelved.from);
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

/// Gives `other` the bookmarks of a span of `recording`, which keeps them, and marks it where there are any.
///
/// # Errors
/// When bookmarks cannot be read or written, or the mark cannot be made.
pub fn copy_bookmarks(
    recording: &Path,
    other: &Path,
    span: (Timestamp, Timestamp),
) -> Result<(), AlongError> {
    let (source, target) = (Bookmark::path(recording), Bookmark::path(other));
    let is_within = |one: &Bookmark| (span.0..=span.1).contains(&one.at);
    let copied: Vec<Bookmark> = Bookmark::read(&source)?.into_iter().filter(is_within).collect();
    if copied.is_empty() {
        return Ok(());
    }
    if source != target {
        let mut all = Bookmark::read(&target)?;
        let new: Vec<Bookmark> = copied.into_iter().filter(|one| !all.contains(one)).collect();
        all.extend(new);
        all.sort_by_key(|one| one.at);
        Bookmark::write(&target, &all)?;
    }
    Ok(Library::at(folder_of(other)).mark(other, Mark::Bookmarked)?)
}

/// Takes the bookmarks of a span away from the session of `recording`.
///
/// # Errors
/// When they cannot be read or written.
pub fn drop_bookmarks(recording: &Path, span: (Timestamp, Timestamp)) -> Result<(), BookmarkError> {
    let path = Bookmark::path(recording);
    let mut all = Bookmark::read(&path)?;
    let n_before = all.len();
    all.retain(|one| !(span.0..=span.1).contains(&one.at));
    if all.len() == n_before { Ok(()) } else { Bookmark::write(&path, &all) }
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
        self.0.map_or(Ok(()), |span| drop_bookmarks(recording, span))
    }
}
