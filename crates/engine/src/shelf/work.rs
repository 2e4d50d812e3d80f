//! What a user does with one recording.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use market::Timestamp;
use session::{Bookmark, Library};

use super::range::parts_within;
use super::{InUse, Keeper, locked};
use crate::source::Tape;
use crate::verify::{FileProof, InstrumentProof, verify_tape};
use crate::wire::{RecordingWork, Reply, ShelfWork};

/// While it lives, work is told of.
pub(super) struct Busy<'a>(&'a Keeper);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        *locked(&self.0.work) = None;
    }
}

/// Packets between two looks at the share that is done.
const PACKETS_PER_LOOK: u64 = 4_096;

impl Keeper {
    /// Does it; takes as long as it takes.
    pub(super) fn carry_out(
        &self,
        path: &Path,
        work: &RecordingWork,
        in_use: &InUse,
    ) -> Result<Reply, String> {
        self.refuse_strangers(path)?;
        match work {
            RecordingWork::Rename { name } => {
                refuse_used(path, in_use, "renamed")?;
                let library = Library::at(path.parent().unwrap_or(Path::new(".")));
                let renamed = library.rename(path, name).map_err(|error| format!("{error}."))?;
                Ok(Reply::Kept { path: renamed.display().to_string() })
            }
            RecordingWork::Verify => self.verify(path),
            RecordingWork::Cut { from_ms, to_ms, is_trim } => {
                let span = (moment(*from_ms), moment(*to_ms));
                let parts = parts_within(path, span);
                parts.iter().try_for_each(|part| self.refuse_strangers(part))?;
                let kept = if *is_trim {
                    self.trim(&parts, span, in_use)?
                } else {
                    self.export(&parts, span)?
                };
                Ok(Reply::Kept { path: kept.display().to_string() })
            }
            RecordingWork::Delete => {
                refuse_used(path, in_use, "deleted")?;
                self.discard(&[path.to_owned()])?;
                Ok(Reply::Done)
            }
        }
    }

    /// Screens work on recordings of this machine's folders, and on no other file.
    pub(super) fn refuse_strangers(&self, path: &Path) -> Result<(), String> {
        let stranger =
            || format!("{} is not among the recordings of this machine.", path.display());
        let real = path.canonicalize().map_err(|_| stranger())?;
        let is_ours = |folder: &PathBuf| {
            folder.canonicalize().is_ok_and(|folder| real.parent() == Some(folder.as_path()))
        };
        let is_recording = real.extension().is_some_and(|extension| extension == "mcap");
        let is_one = is_recording && real.is_file() && self.folders.iter().any(is_ours);
        if is_one { Ok(()) } else { Err(stranger()) }
    }

    /// Puts recordings away, and then all that lies beside them. What has gone already is left out.
    pub(super) fn discard(&self, recordings: &[PathBuf]) -> Result<(), String> {
        let there = recordings.iter().filter(|path| path.is_file());
        let mut files: Vec<PathBuf> = there.cloned().collect();
        for path in recordings {
            files.extend(session::beside(path).map_err(|error| error.to_string())?);
            let marked = Bookmark::path(path);
            if marked.is_file() && !files.contains(&marked) && is_last(path, recordings)? {
                files.push(marked);
            }
        }
        (self.tools.discard)(&files)
    }

    fn verify(&self, path: &Path) -> Result<Reply, String> {
        let (tape, _busy) = self.open(&[path.to_owned()], "Verifying")?;
        let n_packets = tape.n_packets();
        let proof = verify_tape(&tape, &[path.to_owned()], |n_read| self.look(n_read, n_packets));
        self.refuse_stopped()?;
        let is_proved = proof.books().any(InstrumentProof::is_proved);
        let sentence = sentence(&proof);
        Ok(Reply::Verified { is_right: proof.is_right(), is_proved, sentence })
    }

    /// Opens parts of a recording for work of which there is one at a time.
    pub(super) fn open(&self, parts: &[PathBuf], what: &str) -> Result<(Tape, Busy<'_>), String> {
        let mut current = locked(&self.work);
        if current.is_some() {
            return Err(
                "Another recording is being worked on; try again when it is done.".to_owned()
            );
        }
        let opened = Tape::open(parts, None).map_err(|error| error.to_string())?;
        let (path, what) = (opened.path().display().to_string(), what.to_owned());
        *current = Some(ShelfWork { path, what, share: 0.0 });
        Ok((opened.stopped_by(Arc::clone(&self.stop)), Busy(self)))
    }

    pub(super) fn look(&self, n_read: u64, n_packets: u64) {
        if n_read.is_multiple_of(PACKETS_PER_LOOK)
            && let Some(work) = locked(&self.work).as_mut()
        {
            work.share = (n_read as f64 / n_packets.max(1) as f64).min(1.0);
        }
    }

    pub(super) fn refuse_stopped(&self) -> Result<(), String> {
        if self.is_stopped() { Err("Tapedeck is closing.".to_owned()) } else { Ok(()) }
    }
}

/// Whether no other recording has the bookmarks of one that goes: those of a session go with the last of its files.
fn is_last(path: &Path, going: &[PathBuf]) -> Result<bool, String> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let entries = std::fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut files = entries.flatten().map(|entry| entry.path());
    let shares = |file: &PathBuf| {
        let is_recording = file.extension().is_some_and(|extension| extension == "mcap");
        is_recording && Bookmark::path(file) == Bookmark::path(path) && !going.contains(file)
    };
    Ok(!files.any(|file| shares(&file)))
}

/// Work that moves a file is not for one that is written or played.
pub(super) fn refuse_used(path: &Path, in_use: &InUse, what: &str) -> Result<(), String> {
    let is_this = |used: &PathBuf| match (used.canonicalize(), path.canonicalize()) {
        (Ok(used), Ok(path)) => used == path,
        (Ok(_) | Err(_), _) => used == path,
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if in_use.written.iter().any(is_this) {
        return Err(format!("{name} is being recorded and cannot be {what}."));
    }
    if in_use.played.iter().any(is_this) {
        return Err(if in_use.is_rewound {
            format!(
                "{name} is part of the past that is shown; return to live first, then it can be {what}."
            )
        } else {
            format!("{name} is being played; close it first, then it can be {what}.")
        });
    }
    if session::is_being_written(path) {
        return Err(format!("{name} is still being written and cannot be {what}."));
    }
    Ok(())
}

/// Unix ms of a screen, to the microsecond that such a number tells apart.
fn moment(ms: f64) -> Timestamp {
    Timestamp::from_nanos(((ms * 1e3).round() as i64).saturating_mul(1_000))
}

fn sentence(proof: &FileProof) -> String {
    let sum = |of: fn(&InstrumentProof) -> u64| proof.instruments.iter().map(of).sum::<u64>();
    let updates = sum(|one| one.book_updates);
    let right = sum(|one| one.checksums_right);
    let mut said = vec![format!("{updates} book updates")];
    if right > 0 {
        said.push(format!("{right} checksums right"));
    }
    let faults = [
        (sum(|one| one.gaps), "gaps in the numbering"),
        (sum(|one| one.checksums_wrong), "checksums wrong"),
        (sum(|one| one.crossed), "crossed books"),
        (sum(|one| one.top_of_book_different), "best prices that differ"),
        (proof.refused, "messages not understood"),
    ];
    said.extend(faults.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")));
    let unverified = proof.unverified_words();
    if !unverified.is_empty() {
        said.push(format!("unverified, as its venue neither numbers nor sums it: {unverified}"));
    }
    let found = match proof.book_messages {
        0 => "It holds no book that a decoder knows".to_owned(),
        _ if !proof.has_book() => "None of its book messages could be applied".to_owned(),
        _ => said.join(", "),
    };
    let damage = proof.damage.as_ref().and_then(|damage| damage.what.first());
    // Where in the file it lies is for who repairs it: `tapedeck verify` says so.
    let damage = damage.map(|what| what.split_once(": ").map_or(what.as_str(), |(_, what)| what));
    let sentences = std::iter::once(found.as_str()).chain(damage);
    let ended = sentences.map(|sentence| format!("{}.", sentence.trim_end_matches('.')));
    Vec::from_iter(ended).join(" ")
}
