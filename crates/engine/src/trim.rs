//! A range of a recording as a recording of its own, which replays alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use market::Timestamp;
use session::{BulkOptions, BulkReport, FileHeader, Format, RecordError};

use crate::engine::{Engine, Input};
use crate::image::{Listed, preface};
use crate::keyframes::{Cadence, with_keyframes};
use crate::source::Tape;

/// What is to be cut out of a recording.
#[derive(Clone, Copy, Debug)]
pub struct Cut<'a> {
    /// The first moment that is kept.
    pub from: Timestamp,
    /// The last moment that is kept.
    pub to: Timestamp,
    /// The recording to write; it must not exist.
    pub out: &'a Path,
    /// What the new file says of the program that wrote it: `tapedeck 0.1.0`.
    pub program: &'a str,
}

/// Why nothing was cut.
#[derive(Debug, thiserror::Error)]
pub enum TrimError {
    /// The range is none.
    #[error("the range ends at {to}, before it begins at {from}; give the earlier moment first")]
    Backwards {
        /// Its begin.
        from: Timestamp,
        /// Its end.
        to: Timestamp,
    },
    /// The range lies elsewhere, or between two packets.
    #[error(
        "{path} holds nothing from {from} to {to}; it runs from {first} to {last}",
        path = path.display()
    )]
    Nothing {
        /// The recording.
        path: PathBuf,
        /// Begin of the range.
        from: Timestamp,
        /// End of the range.
        to: Timestamp,
        /// The recording's first packet.
        first: Timestamp,
        /// The recording's last packet.
        last: Timestamp,
    },
    /// A capture whose lines have no time.
    #[error("{path} says nothing of time, so that no range can be cut out of it", path = .0.display())]
    Timeless(PathBuf),
    /// The new file could not be written.
    #[error(transparent)]
    Written(#[from] RecordError),
}

/// Writes the packets of a range, byte for byte with their stamps and numbers, behind what was known when it begins:
/// instruments, subscriptions and running books; with keyframes of their own. `on_packet` is called with the count of
/// packets read so far.
///
/// # Errors
/// When the range holds nothing, or the new file cannot be written.
pub fn trim(
    tape: &Tape,
    cut: &Cut<'_>,
    mut on_packet: impl FnMut(u64),
) -> Result<BulkReport, TrimError> {
    let &Cut { from, to, .. } = cut;
    if to < from {
        return Err(TrimError::Backwards { from, to });
    }
    if tape.recordings().any(|recording| recording.format() == Format::Ladders) {
        return Err(TrimError::Timeless(tape.path().to_owned()));
    }
    let nothing = || {
        let path = tape.path().to_owned();
        TrimError::Nothing { path, from, to, first: tape.from(), last: tape.to() }
    };
    if to < tape.from() || from > tape.to() {
        return Err(nothing());
    }
    let mut n_read = 0;
    let mut packets = tape.packets().inspect(|_| {
        n_read += 1;
        on_packet(n_read);
    });
    let mut engine = Engine::without_views();
    let first = packets.by_ref().find_map(|packet| {
        if packet.received_at >= from {
            return Some(packet);
        }
        engine.step(Input::Packet(packet), &mut Vec::new());
        None
    });
    let first = first.filter(|packet| packet.received_at <= to).ok_or_else(nothing)?;
    let mut known = preface(&engine, from, Listed::All);
    let holes = known.first().map_or(Vec::new(), |like| engine.remark_holes(like));
    known.extend(holes);
    let rest = packets.take_while(|packet| packet.received_at <= to);
    let kept = known.into_iter().chain(std::iter::once(first)).chain(rest);
    let options = BulkOptions::new(header(std::slice::from_ref(tape), cut.program));
    Ok(session::write_items(cut.out, with_keyframes(kept, Cadence::default()), &options)?)
}

/// What a file says of itself that was made from others.
pub(crate) fn header(tapes: &[Tape], program: &str) -> FileHeader {
    let mut endpoints = BTreeMap::new();
    for recording in tapes.iter().flat_map(Tape::recordings) {
        for (key, address) in &recording.info().metadata {
            if let Some(role) = key.strip_prefix("endpoint.") {
                endpoints.entry(role.to_owned()).or_insert_with(|| address.clone());
            }
        }
    }
    FileHeader {
        program: program.to_owned(),
        endpoints: endpoints.into_iter().collect(),
        is_simulated: tapes.iter().any(Tape::is_simulated),
    }
}
