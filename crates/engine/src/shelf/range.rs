//! A range of a session, which may reach over several of its files: saved as a recording of its own, or all that is
//! left of them.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use market::Timestamp;
use session::{Bookmark, Library, Mark, Replacement, Shelved};

use super::work::refuse_used;
use super::{InUse, Keeper};
use crate::library::pin;
use crate::source::Tape;
use crate::trim::{Cut, trim};

/// Names that are tried for a cut, `… (2)` and on.
const NAMES_MAX: u32 = 1_000;
/// A range reaches into a file by more than this: screens tell moments to the microsecond, and a file may begin with
/// images at the very moment at which the one before ended.
const TOUCH_NANOS: i64 = 2_000;

type Span = (Timestamp, Timestamp);

/// The files of a session that a range reaches into, in order, with those between; of one that reaches into none, the
/// file that was asked for.
pub(super) fn parts_within(path: &Path, (from, to): Span) -> Vec<PathBuf> {
    let mut parts = session::parts_of(path);
    let is_within = |part: &PathBuf| {
        let ends = Shelved::at(part).and_then(|shelved| shelved.from.zip(shelved.to));
        ends.is_some_and(|(begin, end)| {
            begin.plus_nanos(TOUCH_NANOS) < to && end > from.plus_nanos(TOUCH_NANOS)
        })
    };
    let within: Vec<bool> = parts.iter().map(is_within).collect();
    let first = within.iter().position(|is_within| *is_within);
    let Some((first, last)) = first.zip(within.iter().rposition(|is_within| *is_within)) else {
        return vec![path.to_owned()];
    };
    parts.truncate(last + 1);
    parts.split_off(first)
}

impl Keeper {
    /// Writes a range as a recording of its own; its path.
    pub(super) fn export(&self, parts: &[PathBuf], span: Span) -> Result<PathBuf, String> {
        let (tape, _busy) = self.open(parts, "Cutting")?;
        let kept = free_name(parts, span.0.max(tape.from()))?;
        self.write(&tape, span, &kept)?;
        session::copy_bookmarks(parts, &kept, span).map_err(|error| error.to_string())?;
        Ok(kept)
    }

    /// The same, and the whole of what the range reaches into goes to the trash: all of it or nothing. Where it ends in
    /// between, [`go_on_trimming`](Self::go_on_trimming) goes on.
    pub(super) fn trim(
        &self,
        parts: &[PathBuf],
        span: Span,
        in_use: &InUse,
    ) -> Result<PathBuf, String> {
        parts.iter().try_for_each(|part| refuse_used(part, in_use, "trimmed"))?;
        let (tape, _busy) = self.open(parts, "Cutting")?;
        let kept = free_name(parts, span.0.max(tape.from()))?;
        let refuse = |error| format!("{} cannot be trimmed: {error}.", parts[0].display());
        let replacement = Replacement::begin(&kept, parts, span).map_err(refuse)?;
        if let Err(sentence) = self.write(&tape, span, &kept) {
            replacement.end().map_err(refuse)?;
            return Err(sentence);
        }
        let Err(sentence) = self.replace(&replacement) else {
            return replacement.end().map(|()| kept).map_err(refuse);
        };
        if parts.iter().all(|part| part.is_file()) {
            replacement.give_up().map_err(refuse)?;
            return Err(sentence);
        }
        let name = kept.file_name().unwrap_or_default().to_string_lossy();
        Err(format!(
            "{sentence} The range is kept as {name}; the rest is put away when the list of recordings is next read."
        ))
    }

    /// Goes on with what was being trimmed when a program ended, except what is written or played now.
    pub(super) fn go_on_trimming(&self, folder: &Path, in_use: &InUse) {
        let unfinished = Replacement::unfinished(folder).unwrap_or_else(|error| {
            tracing::warn!(%error, "what was being trimmed is not looked for");
            Vec::new()
        });
        for replacement in unfinished {
            let is_used = |part: &PathBuf| refuse_used(part, in_use, "trimmed").is_err();
            if replacement.replaced().iter().any(is_used) {
                continue;
            }
            let path = replacement.kept().to_owned();
            let replaced = self.replace(&replacement);
            self.has_worked.store(true, Ordering::Relaxed);
            match replaced.and_then(|()| replacement.end().map_err(|error| error.to_string())) {
                Ok(()) => {
                    tracing::info!(path = %path.display(), "a trim is done that was begun before")
                }
                Err(error) => tracing::warn!(path = %path.display(), "a trim is not done: {error}"),
            }
        }
    }

    fn write(&self, tape: &Tape, (from, to): Span, out: &Path) -> Result<(), String> {
        let cut = Cut { from, to, out, program: &self.program };
        let n_packets = tape.n_packets();
        let written = trim(tape, &cut, |n_read| self.look(n_read, n_packets));
        if self.refuse_stopped().is_err() && written.is_ok() {
            // The reading was ended in the middle: what was written is not the range that was asked for.
            std::fs::remove_file(out).map_err(|error| error.to_string())?;
        }
        self.refuse_stopped()?;
        written.map(|_| ()).map_err(|error| format!("{error}."))
    }

    /// What stays has its bookmarks and pins before the rest goes; all of it can be done again.
    fn replace(&self, replacement: &Replacement) -> Result<(), String> {
        let (kept, parts) = (replacement.kept(), replacement.replaced());
        let there: Vec<PathBuf> = parts.iter().filter(|part| part.is_file()).cloned().collect();
        let copied = session::copy_bookmarks(&there, kept, replacement.span());
        copied.map_err(|error| error.to_string())?;
        let library = Library::at(kept.parent().unwrap_or(Path::new(".")));
        if parts.iter().any(|part| library.is_marked(part, Mark::Pinned)) {
            pin(kept, true)?;
        }
        self.discard(&parts)?;
        // What is kept of them has them now.
        session::drop_bookmarks(&parts, kept).map_err(|error| error.to_string())
    }
}

/// `<name> from 13.45.07.mcap`, or with a number behind it; a range of several parts has the name of their session.
fn free_name(parts: &[PathBuf], from: Timestamp) -> Result<PathBuf, String> {
    let path = parts.first().map_or(Path::new(""), PathBuf::as_path);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let session = session::session_of(path).filter(|_| parts.len() > 1);
    let stem = session.map_or(&*stem, |(session, _)| session);
    let clock = from.to_string().get(11..19).unwrap_or_default().replace(':', ".");
    let name = |count: u32| match count {
        1 => format!("{stem} from {clock}.mcap"),
        count => format!("{stem} from {clock} ({count}).mcap"),
    };
    let is_free = |path: &PathBuf| !path.exists() && !Bookmark::path(path).exists();
    let mut names = (1..=NAMES_MAX).map(|count| path.with_file_name(name(count)));
    let free = names.find(is_free);
    free.ok_or_else(|| "There are a thousand cuts of this recording; rename some first.".to_owned())
}
