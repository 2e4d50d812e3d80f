//! The recordings on this machine: listed for a screen, kept below their cap.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use market::{Instrument, Venue};
use session::{Library, LibraryError, Mark, Shelved};
use view::Glance;

use crate::contents::{Contents, Effort, contents};
use crate::figures::kept::Kept;
use crate::live::{LiveConfig, RecordingConfig};
use crate::shelf::figures_of;
use crate::source::Tape;
use crate::status::ms;
use crate::wire::{RecordedInstrument, RecordingEntry, RecordingFigures, ShelfCap};

/// Recordings of the simulated exchange take at most this together: 1 GB.
const DEMO_BYTES_MAX: u64 = 1_000_000_000;

/// Instruments that a row of the list names; of more, the number.
const INSTRUMENTS_NAMED_MAX: usize = 50;

/// Recordings that are listed; older ones are found in the file manager.
const LISTED_MAX: usize = 500;

/// A folder of recordings, and the bytes that they may take together.
pub(crate) type Cap = (PathBuf, u64);

/// What the recordings of each folder may take: first those of real venues.
pub(crate) fn caps(recording: Option<&RecordingConfig>) -> Vec<Cap> {
    let Some(recording) = recording else { return Vec::new() };
    // Whoever has only tried the demo is told of its folder.
    let folder = recording.folder.is_dir().then_some(&recording.folder);
    let cap = |folder: &PathBuf| {
        let cap = recording.max_bytes.map_or_else(|| session::default_cap(folder), Ok);
        let told = cap.inspect_err(|error| tracing::warn!("{error}"));
        told.ok().map(|cap| (folder.clone(), cap))
    };
    let real = folder.and_then(cap);
    real.into_iter().chain([(recording.demo_folder.clone(), DEMO_BYTES_MAX)]).collect()
}

/// All recordings of some folders, newest first, and how full the first of the capped folders is.
///
/// # Errors
/// A sentence, when a folder cannot be read.
pub(crate) fn list(
    folders: &[PathBuf],
    caps: &[Cap],
    in_use: &[PathBuf],
    kept: impl Fn(&Path) -> Option<Kept>,
) -> Result<(Vec<RecordingEntry>, Option<ShelfCap>), String> {
    let refuse = |error: LibraryError| error.to_string();
    let mut shelved = Vec::new();
    for folder in folders {
        shelved.extend(Library::at(folder).shelf().map_err(refuse)?);
    }
    shelved.sort_by_key(|one| std::cmp::Reverse(one.from));
    shelved.truncate(LISTED_MAX);
    let (mut next, mut told) = (BTreeSet::new(), None);
    for (index, (folder, cap_bytes)) in caps.iter().enumerate() {
        let plan = Library::at(folder).plan_deletions(*cap_bytes, in_use).map_err(refuse)?;
        next.extend(plan.now.into_iter().chain(plan.next).map(|one| one.path));
        if index == 0 {
            told = Some(ShelfCap {
                used_bytes: plan.used_bytes,
                cap_bytes: *cap_bytes,
                sentence: plan.sentence.unwrap_or_default(),
            });
        }
    }
    let paths = || shelved.iter().map(|one| one.path.as_path());
    let entry = |one: &Shelved| RecordingEntry {
        goes_next: next.contains(&one.path),
        session: session::parts_among(&one.path, paths())[0].display().to_string(),
        ..entry(one, kept(&one.path).filter(|_| !one.is_being_written))
    };
    Ok((shelved.iter().map(entry).collect(), told))
}

/// All recordings of some folders as a screen lists them, with the figures that are kept beside them.
///
/// # Errors
/// A sentence, when a folder cannot be read.
pub fn list_recordings(
    folders: &[PathBuf],
    recording: Option<&RecordingConfig>,
) -> Result<(Vec<RecordingEntry>, Option<ShelfCap>), String> {
    list(folders, &caps(recording), &[], Kept::beside)
}

/// Reads a recording for its figures and keeps them beside it, where they can be kept.
///
/// # Errors
/// A sentence, when it cannot be read.
pub fn read_figures(
    path: &Path,
    draw: fn(&Glance) -> Result<Vec<u8>, String>,
) -> Result<RecordingFigures, String> {
    let tape = Tape::open(&[path.to_owned()], None).map_err(|error| error.to_string())?;
    let kept = figures_of(&tape, draw).ok_or_else(|| format!("{} is gone.", path.display()))?;
    if let Err(error) = kept.save(path) {
        tracing::warn!(%error, path = %path.display(), "figures could not be kept");
    }
    Ok(kept.figures)
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

/// The folder into which a session records, and the bytes that it may hold.
pub(crate) fn cap_of(live: &LiveConfig) -> Result<Option<Cap>, LibraryError> {
    let Some(recording) = &live.recording else { return Ok(None) };
    if live.is_simulated() {
        return Ok(Some((recording.demo_folder.clone(), DEMO_BYTES_MAX)));
    }
    let cap = recording.max_bytes.map_or_else(|| session::default_cap(&recording.folder), Ok)?;
    Ok(Some((recording.folder.clone(), cap)))
}

fn entry(shelved: &Shelved, kept: Option<Kept>) -> RecordingEntry {
    // Whoever has read all of it knows more than a look.
    let mut instruments = match &kept {
        Some(kept) => kept.instruments.clone(),
        None => look(shelved).instruments.iter().map(recorded).collect(),
    };
    let venue_name = |one: &RecordedInstrument| Venue::from_id(&one.venue).map(Venue::name);
    let venues: BTreeSet<&str> = instruments.iter().filter_map(venue_name).collect();
    let venues = Vec::from_iter(venues).join(", ");
    let symbols: Vec<&str> = instruments.iter().map(|one| one.symbol.as_str()).collect();
    let symbols = symbols.join(", ");
    let n_more = instruments.len().saturating_sub(INSTRUMENTS_NAMED_MAX);
    instruments.truncate(INSTRUMENTS_NAMED_MAX);
    let name = shelved.path.file_name().map(|name| name.to_string_lossy().into_owned());
    let is_cut = !shelved.is_closed && !shelved.is_being_written;
    // Paths are text on the wire.
    let damage = if shelved.path.to_str().is_none() {
        "Its name is not UTF-8; give it another one in the file manager to open it here.".to_owned()
    } else if is_cut {
        cut_sentence(shelved)
    } else {
        String::new()
    };
    RecordingEntry {
        path: shelved.path.display().to_string(),
        name: name.unwrap_or_default(),
        session: shelved.path.display().to_string(),
        venues,
        symbols,
        instruments,
        n_more_instruments: u32::try_from(n_more).unwrap_or(u32::MAX),
        from_ms: shelved.from.map_or(0.0, ms),
        to_ms: shelved.to.or(shelved.from).map_or(0.0, ms),
        bytes: shelved.bytes,
        is_simulated: shelved.is_simulated,
        is_open: shelved.is_being_written,
        is_pinned: shelved.marks.contains(&Mark::Pinned),
        goes_next: false,
        damage,
        figures: kept.map(|kept| kept.figures),
    }
}

/// What is said of a recording that was not closed.
fn cut_sentence(shelved: &Shelved) -> String {
    let until = shelved.to.or(shelved.from).map(|at| at.to_string());
    match until.as_deref().and_then(|text| text.get(11..19)) {
        Some(clock) => format!("Not closed. It plays up to {clock} UTC."),
        None => "Not closed, and nothing in it can be played.".to_owned(),
    }
}

/// An instrument as a list names it.
pub(crate) fn recorded(instrument: &Instrument) -> RecordedInstrument {
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
