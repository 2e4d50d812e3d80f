//! The recordings on this machine: listed for a screen, kept below their cap.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use market::Instrument;
use session::{Library, LibraryError, Mark, Shelved};

use crate::contents::{Contents, Effort, contents};
use crate::live::LiveConfig;
use crate::source::Tape;
use crate::status::ms;
use crate::wire::{RecordedInstrument, RecordingEntry};

/// Recordings of the simulated exchange take at most this together: 1 GB.
const DEMO_BYTES_MAX: u64 = 1_000_000_000;

/// Instruments that a row of the list names; of more, the number.
const INSTRUMENTS_NAMED_MAX: usize = 50;

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
    let Contents { instruments, .. } = look(shelved);
    let venues: BTreeSet<&str> = instruments.iter().map(|one| one.id.venue.name()).collect();
    let named = &instruments[..instruments.len().min(INSTRUMENTS_NAMED_MAX)];
    let symbols: Vec<&str> = named.iter().map(|one| one.symbol.as_str()).collect();
    let n_more = instruments.len() - named.len();
    let name = shelved.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let is_cut = !shelved.is_closed && !shelved.is_being_written;
    RecordingEntry {
        path: shelved.path.display().to_string(),
        name: name.unwrap_or_default(),
        venues: Vec::from_iter(venues).join(", "),
        symbols: symbols.join(", "),
        instruments: named.iter().map(recorded).collect(),
        n_more_instruments: u32::try_from(n_more).unwrap_or(u32::MAX),
        from_ms: shelved.from.map_or(0.0, ms),
        to_ms: shelved.to.or(shelved.from).map_or(0.0, ms),
        bytes: shelved.bytes,
        is_simulated: shelved.is_simulated,
        is_open: shelved.is_being_written,
        is_pinned: shelved.marks.contains(&Mark::Pinned),
        damage: if is_cut { "not closed".to_owned() } else { String::new() },
    }
}

fn recorded(instrument: &Instrument) -> RecordedInstrument {
    RecordedInstrument {
        venue: instrument.id.venue.id().to_owned(),
        symbol: instrument.symbol.clone(),
        name: instrument.canonical_name(),
    }
}

/// What a recording is of, from its packets: the name of a file proves nothing.
fn look(shelved: &Shelved) -> Contents {
    let Ok(tape) = Tape::open(std::slice::from_ref(&shelved.path), None) else {
        return Contents::default();
    };
    let effort = if shelved.is_closed { Effort::LIST } else { Effort::LIST.at_the_beginning() };
    contents(&tape, effort)
}
