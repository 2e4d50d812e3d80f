//! Earlier sessions that a live one can be rewound into: those in the same folder, of the same venues.

use std::collections::BTreeMap;

use market::{Timestamp, Venue};
use session::{Library, Shelved};

use crate::live::LiveConfig;
use crate::source::Act;

/// So far back sessions are looked for.
const REACH_NANOS: i64 = 7 * 86_400_000_000_000;
/// So many files at most; the newest are taken.
const FILES_MAX: usize = 400;

/// The earlier sessions, oldest first. Only the ends of their files are read, and the starts of some.
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
    // What was given another name, or was cut out, is a session of its own.
    let mut others = Vec::new();
    for file in files {
        match session::session_of(&file.path) {
            Some((name, _)) => sessions.entry(name.to_owned()).or_default().push(file),
            None => others.push(vec![file]),
        }
    }
    for parts in sessions.values_mut() {
        parts.sort_by_key(|part| session::session_of(&part.path).map(|(_, number)| number));
    }
    let acts_of = |sessions: Vec<Vec<Shelved>>| {
        let of_venues = sessions.iter().filter(|parts| is_of_same_venues(parts, config));
        of_venues.map(|parts| Act::of_shelved(parts)).collect()
    };
    let kept = without_overlaps(Vec::new(), acts_of(sessions.into_values().collect()));
    without_overlaps(kept, acts_of(others))
}

/// Whether the session heard one of the venues that are heard now: its files say so at their start, and those of
/// venues that were opened later in their channels.
fn is_of_same_venues(parts: &[Shelved], config: &LiveConfig) -> bool {
    let is_heard = |venue: &Venue| config.venues.iter().any(|one| one.venue == *venue);
    let opened = parts.iter().filter_map(|part| session::open(&part.path).ok());
    opened.map(|recording| recording.venues()).any(|venues| venues.iter().any(is_heard))
}

/// One session follows the other: of two that overlap, as when two programs recorded, the one counts that is kept
/// already, else the later one.
fn without_overlaps(mut kept: Vec<Act>, mut acts: Vec<Act>) -> Vec<Act> {
    acts.sort_by_key(Act::from);
    for act in acts.into_iter().rev() {
        let is_apart = |other: &Act| act.to() <= other.from() || other.to() <= act.from();
        if kept.iter().all(is_apart) {
            kept.push(act);
        }
    }
    kept.sort_by_key(Act::from);
    kept
}
