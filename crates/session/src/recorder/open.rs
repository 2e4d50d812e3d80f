//! The file being written and its two timers.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use market::{Packet, Timestamp};

use crate::queue::NAP;
use crate::tape::{Tape, head_of, is_heard};

/// A chunk is closed when it is so old: with the thread's nap, a killed program loses 250 ms.
const CHUNK_AGE: Duration = Duration::from_millis(250).saturating_sub(NAP);
/// The file is synced so often: this much more a power cut loses, one second with the chunk's age.
const SYNC_EVERY: Duration = Duration::from_millis(750);

/// A file being written.
pub(super) struct Open {
    pub(super) tape: Tape,
    pub(super) path: PathBuf,
    pub(super) started_at: Timestamp,
    /// Packets given to the tape; those that it does not keep are lost.
    pub(super) n_given: u64,
    /// The head of the last packet given.
    pub(super) last: Option<Packet>,
    chunk_due: Option<Instant>,
    sync_due: Option<Instant>,
}

impl Open {
    pub(super) fn new(tape: Tape, path: PathBuf, started_at: Timestamp) -> Self {
        let (chunk_due, sync_due) = (None, None);
        Self { tape, path, started_at, n_given: 0, last: None, chunk_due, sync_due }
    }

    pub(super) fn write(&mut self, packet: &Packet) -> io::Result<()> {
        if is_heard(packet) {
            self.n_given += 1;
            self.last = Some(head_of(packet));
        }
        self.tape.write(packet)
    }

    /// When the next timer is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        [self.chunk_due, self.sync_due].into_iter().flatten().min()
    }

    /// Closes the chunk and syncs, each when it is time; whether it synced.
    pub(super) fn keep_time(&mut self, now: Instant) -> io::Result<bool> {
        if self.tape.has_open_chunk() {
            let due = *self.chunk_due.get_or_insert(now + CHUNK_AGE);
            if due <= now {
                self.tape.flush()?;
                self.chunk_due = None;
            }
        } else {
            self.chunk_due = None;
        }
        let due = *self.sync_due.get_or_insert(now + SYNC_EVERY);
        if due > now {
            return Ok(false);
        }
        self.sync_due = Some(now + SYNC_EVERY);
        self.tape.sync()?;
        Ok(true)
    }
}
