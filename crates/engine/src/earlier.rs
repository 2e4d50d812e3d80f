//! Earlier sessions that a live one can be rewound into: those in the same folder, of the same venues.

use std::collections::{BTreeMap, BTreeSet};

use market::Timestamp;
use session::{Library, Shelved};

use crate::live::LiveConfig;
use crate::source::Act;

/// So far back sessions are looked for.
const REACH_NANOS: i64 = 7 * 86_400_000_000_000;
/// So many files at most; the newest are taken.
const FILES_MAX: usize = 400;

/// The earlier sessions, oldest first. Only the ends of their files are read, and the start of one of each.
pub fn earlier_sessions(config: &LiveConfig, began_at: Timestamp) -> Vec<Act> {
    let Some(recording) = config.recording.as_ref().filter(|one| one.file.is_none()) else {
        return Vec::new();
    };
    let is_simulated = config.is_simulated();
    let folder = if is_simulated { &recording.demo_folder } else { &recording.folder };
    let shelf = match Library::at(folder).shelf() {
        Ok(shelf) => shelf,
        Err(error) => {
            tracing::warn!(%error, "earlier sessions cannot be found");
            return Vec::new();
        }
    };
    let oldest = began_at.plus_nanos(-REACH_NANOS);
    let is_earlier = |one: &Shelved| {
        let is_within = one.from.is_some_and(|from| from >= oldest)
            && one.to.or(one.from).is_some_and(|to| to <= began_at);
        is_within && !one.is_being_written && one.is_simulated == is_simulated
    };
    let mut files: Vec<Shelved> = shelf.into_iter().filter(is_earlier).collect();
    let n_over = files.len().saturating_sub(FILES_MAX);
    files.drain(..n_over);
    let mut sessions: BTreeMap<String, Vec<Shelved>> = BTreeMap::new();
    for file in files {
        if let Some((name, _)) = session::session_of(&file.path) {
            sessions.entry(name.to_owned()).or_default().push(file);
        }
    }
    let mut sessions: Vec<Vec<Shelved>> =
        sessions.into_values().filter(|parts| is_of_same_venues(parts, config)).collect();
    for parts in &mut sessions {
        parts.sort_by_key(|part| session::session_of(&part.path).map(|(_, number)| number));
    }
    sessions.sort_by_key(|parts| parts.first().and_then(|part| part.from));
    let acts = sessions.iter().map(|parts| Act::of_shelved(parts)).collect();
    without_overlaps(acts)
}

/// Whether the session was to hear one of the venues that are heard now: its files say so at their start.
fn is_of_same_venues(parts: &[Shelved], config: &LiveConfig) -> bool {
    let Some(first) = parts.first() else { return false };
    let Ok(recording) = session::open(&first.path) else { return false };
    let keys = recording.about().keys();
    let heard: BTreeSet<&str> =
        keys.filter_map(|key| key.strip_prefix("endpoint.")?.strip_suffix(".ws")).collect();
    config.venues.iter().any(|venue| heard.contains(venue.venue.id()))
}

/// One session follows the other: of two that overlap, as when two programs recorded, the later one counts.
fn without_overlaps(acts: Vec<Act>) -> Vec<Act> {
    let mut kept: Vec<Act> = Vec::with_capacity(acts.len());
    for act in acts.into_iter().rev() {
        let follows = |next: &Act| act.to() <= next.from();
        if kept.last().is_none_or(follows) {
            kept.push(act);
        }
    }
    kept.reverse();
    kept
}
