//! The recordings on this machine: listed for a screen, kept below their cap.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use session::{Library, LibraryError, Mark, Shelved};

use crate::engine::{Engine, Input};
use crate::live::LiveConfig;
use crate::source::Tape;
use crate::status::ms;
use crate::wire::RecordingEntry;

/// Recordings of the simulated exchange take at most this together: 1 GB.
const DEMO_BYTES_MAX: u64 = 1_000_000_000;

/// Packets that are heard in order to name a recording's instruments.
const PACKETS_HEARD: usize = 400;

/// Recordings that are listed; older ones are found in the file manager.
const LISTED_MAX: usize = 500;

/// All recordings of some folders, newest first.
///
/// # Errors
/// A sentence, when a folder cannot be read.
pub async fn list(folders: Vec<PathBuf>) -> Result<Vec<RecordingEntry>, String> {
    let listing = tokio::task::spawn_blocking(move || {
        let mut shelved = Vec::new();
        for folder in &folders {
            shelved.extend(Library::at(folder).shelf()?);
        }
        shelved.sort_by_key(|one| std::cmp::Reverse(one.from));
        shelved.truncate(LISTED_MAX);
        Ok::<_, LibraryError>(shelved.iter().map(entry).collect())
    });
    let listed =
        listing.await.map_err(|_| "The recordings could not be listed; the log tells more.")?;
    listed.map_err(|error| error.to_string())
}

/// Keeps a recording from being deleted at the cap, or lets it go.
///
/// # Errors
/// A sentence, when the mark cannot be made.
pub fn pin(path: &Path, is_pinned: bool) -> Result<(), String> {
    let library = Library::at(path.parent().unwrap_or(Path::new(".")));
    let outcome = if is_pinned {
        library.mark(path, Mark::Pinned)
    } else {
        library.unmark(path, Mark::Pinned)
    };
    outcome.map_err(|error| error.to_string())
}

/// Deletes what is over the cap, oldest first; what the user should know of it beforehand.
///
/// # Errors
/// When the folder cannot be read or a file cannot be deleted.
pub fn tidy_up(live: &LiveConfig, in_use: &[PathBuf]) -> Result<Option<String>, LibraryError> {
    let Some(recording) = &live.recording else { return Ok(None) };
    let (folder, cap_bytes) = if live.is_simulated() {
        (&recording.demo_folder, DEMO_BYTES_MAX)
    } else {
        let cap =
            recording.max_bytes.map_or_else(|| session::default_cap(&recording.folder), Ok)?;
        (&recording.folder, cap)
    };
    let library = Library::at(folder);
    let plan = library.plan_deletions(cap_bytes, in_use)?;
    for gone in library.carry_out(&plan, in_use)? {
        tracing::info!("deleted at the cap: {}", gone.display());
    }
    Ok(plan.sentence)
}

fn entry(shelved: &Shelved) -> RecordingEntry {
    let (venues, symbols) = names(&shelved.path);
    let name = shelved.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let is_cut = !shelved.is_closed && !shelved.is_being_written;
    RecordingEntry {
        path: shelved.path.display().to_string(),
        name: name.unwrap_or_default(),
        venues,
        symbols,
        from_ms: shelved.from.map_or(0.0, ms),
        to_ms: shelved.to.or(shelved.from).map_or(0.0, ms),
        bytes: shelved.bytes,
        is_simulated: shelved.is_simulated,
        is_open: shelved.is_being_written,
        is_pinned: shelved.marks.contains(&Mark::Pinned),
        damage: if is_cut { "not closed".to_owned() } else { String::new() },
    }
}

/// Venues and symbols of a recording, from its first packets: the name of a file proves nothing.
fn names(path: &Path) -> (String, String) {
    let Ok(tape) = Tape::open(&[path.to_owned()], None) else {
        return (String::new(), String::new());
    };
    let mut engine = Engine::without_views();
    let mut asks = Vec::new();
    for packet in tape.packets().take(PACKETS_HEARD) {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
    }
    let venues: BTreeSet<&str> = engine.all_watched().map(|(id, _)| id.venue.name()).collect();
    let symbols = engine.all_watched().map(|(_, one)| one.market.instrument().symbol.as_str());
    (Vec::from_iter(venues).join(", "), symbols.collect::<Vec<_>>().join(", "))
}
