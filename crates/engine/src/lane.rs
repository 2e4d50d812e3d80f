//! One recording as a source of packets: its files in order, opened when they are read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use market::{Body, LinkId, Packet, Timestamp, Venue};
use session::{Format, Lost, OpenError, Recording, Remark, Shelved, WhoseLost};
use tokio_util::sync::CancellationToken;
use venues::image;

use crate::clues::tell_venues;
use crate::engine::Engine;
use crate::keyframes::{
    Beginning, Cadence, begin_near, has_spoilt_keyframes, lacks_keyframes, make_keyframes,
    state_after,
};

/// The link of remarks, which belong to none: its number is the same in all recordings.
const NO_LINK: LinkId = LinkId(u16::MAX);

/// A recording: one file, or several that are parts of one session, in order.
#[derive(Default)]
pub struct Lane {
    parts: Vec<Part>,
    /// Links are numbered from here, so that those of recordings that play together are told apart.
    first_link: u16,
    /// The number of the last link, where it plays together with others.
    last_link: Option<u16>,
    /// The same files opened again once keyframes were made beside them.
    with_keyframes: OnceLock<Vec<Arc<Recording>>>,
    /// Taken while they are being made; whether nothing more can be done for them.
    making: Mutex<bool>,
    gone: Mutex<Gone>,
}

/// A file that can be read no longer.
#[derive(Debug, Default)]
enum Gone {
    /// All can be read.
    #[default]
    None,
    /// The name of one that cannot.
    Untold(String),
    Told,
}

/// One file.
struct Part {
    path: PathBuf,
    /// What a glance told, until it is opened.
    bytes: u64,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    n_packets: u64,
    opened: OnceLock<Option<Opened>>,
}

struct Opened {
    recording: Arc<Recording>,
    /// Captures name no venue: whose each link is.
    venues: BTreeMap<LinkId, Venue>,
}

impl Lane {
    /// Opens the files. `venue` is whose frames they are, whatever they say themselves.
    ///
    /// # Errors
    /// When a file cannot be opened or is no recording.
    pub fn open(paths: &[PathBuf], venue: Option<Venue>) -> Result<Self, OpenError> {
        let opened = paths.iter().map(|path| Part::open(path, venue));
        Ok(Self::of(opened.collect::<Result<_, _>>()?))
    }

    /// Files that were only glanced at; they are opened when they are read.
    pub fn of_shelved(shelved: &[Shelved]) -> Self {
        Self::of(shelved.iter().map(Part::glanced).collect())
    }

    fn of(parts: Vec<Part>) -> Self {
        Self { parts, ..Self::default() }
    }

    /// One of the files cannot be read any longer.
    pub fn lose_part(&self, part_index: usize, why: &dyn std::fmt::Display) {
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(part) = self.parts.get(part_index).filter(|_| matches!(*gone, Gone::None)) else {
            return;
        };
        tracing::error!("a recording cannot be read any longer: {why}");
        let name = part.path.file_name().unwrap_or(part.path.as_os_str());
        *gone = Gone::Untold(name.to_string_lossy().into_owned());
    }

    /// The name of a file that can be read no longer; told once.
    pub fn take_gone(&self) -> Option<String> {
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        let Gone::Untold(name) = &mut *gone else { return None };
        let name = std::mem::take(name);
        *gone = Gone::Told;
        Some(name)
    }

    /// Whether the file that holds a moment is there and can be opened.
    pub fn is_there(&self, at: Timestamp) -> bool {
        let has_begun = |part: &Part| part.from().is_some_and(|from| from <= at);
        let part_index = self.parts.iter().rposition(has_begun).unwrap_or(0);
        let Some(part) = self.parts.get(part_index) else { return true };
        let opened = std::fs::File::open(&part.path);
        if let Err(error) = &opened {
            self.lose_part(part_index, &format_args!("{}: {error}", part.path.display()));
        }
        opened.is_ok()
    }

    /// A state near a moment from which to go on.
    pub fn begin_near(&self, at: Timestamp) -> Option<Beginning> {
        if let Some(again) = self.with_keyframes.get() {
            return begin_near(again, at);
        }
        // Earlier sessions are opened up to the part that is wanted.
        let has_begun = |part: &&Part| part.from().is_some_and(|from| from <= at);
        let begun = self.parts.iter().take_while(has_begun);
        let parts: Option<Vec<Arc<Recording>>> =
            begun.map(|part| Some(Arc::clone(&part.opened()?.recording))).collect();
        begin_near(&parts?, at)
    }

    /// The first state that was kept at a moment or later, and when that was.
    pub fn state_after(&self, at: Timestamp) -> Option<(Timestamp, Engine)> {
        if let Some(again) = self.with_keyframes.get() {
            return state_after(again, at);
        }
        let opened = self.parts.iter().map(|part| Some(Arc::clone(&part.opened()?.recording)));
        state_after(&opened.collect::<Option<Vec<_>>>()?, at)
    }

    /// Whether it is long enough for keyframes and lacks them, and nobody has tried to make them in vain.
    pub fn lacks_keyframes(&self) -> bool {
        // While they are being made they lack as well.
        let Ok(is_in_vain) = self.making.try_lock() else { return true };
        let parts: Vec<&Recording> = self.recordings().collect();
        let is_whole = parts.len() == self.parts.len() && self.with_keyframes.get().is_none();
        is_whole && !*is_in_vain && lacks_keyframes(&parts)
    }

    /// Makes the keyframes that the files lack, beside them; whether any were made.
    pub fn make_keyframes(&self, cadence: Cadence, cancel: &CancellationToken) -> bool {
        // One after the other: who comes second finds them made.
        let mut is_in_vain = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let parts: Vec<&Recording> = self.recordings().collect();
        let is_whole = parts.len() == self.parts.len() && self.with_keyframes.get().is_none();
        if !is_whole || !(lacks_keyframes(&parts) || has_spoilt_keyframes(&parts)) {
            return false;
        }
        let is_made = self.make_now(&parts, cadence, cancel);
        *is_in_vain = !is_made && !cancel.is_cancelled();
        is_made
    }

    /// Whether so many of its keyframes were found damaged that others are to be made, and nobody has yet.
    pub fn has_spoilt_keyframes(&self) -> bool {
        let Ok(is_in_vain) = self.making.try_lock() else { return false };
        let known: Vec<&Recording> = self.parts.iter().filter_map(Part::known).collect();
        !*is_in_vain && self.with_keyframes.get().is_none() && has_spoilt_keyframes(&known)
    }

    fn make_now(&self, parts: &[&Recording], cadence: Cadence, cancel: &CancellationToken) -> bool {
        match make_keyframes(parts, cadence, cancel) {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) => {
                tracing::info!(%error, "keyframes are not kept; seeks take longer");
                return false;
            }
        }
        let again: Result<Vec<_>, _> =
            self.paths().map(|path| session::open(path).map(Arc::new)).collect();
        again.is_ok_and(|again| self.with_keyframes.set(again).is_ok())
    }

    /// Numbers the links from here on; the first number that is free behind them, if there is one.
    pub fn number_links(&mut self, first: u16) -> Option<u16> {
        self.first_link = first;
        let links = self.recordings().flat_map(|one| &one.info().links).map(|link| link.link);
        let last = links.filter(|link| *link != NO_LINK).max().map_or(0, |link| link.0);
        self.last_link = first.checked_add(last);
        self.last_link?.checked_add(1).filter(|next| *next < NO_LINK.0)
    }

    /// Nothing plays beside it, so that what it lacks need not be told apart from what others have.
    pub fn plays_alone(&mut self) {
        self.last_link = None;
    }

    /// The files that can be opened.
    pub fn recordings(&self) -> impl Iterator<Item = &Recording> {
        self.parts.iter().filter_map(Part::opened).map(|opened| &*opened.recording)
    }

    /// When each file begins, and where it is.
    pub fn files(&self) -> impl Iterator<Item = (Option<Timestamp>, PathBuf)> {
        self.parts.iter().map(|part| (part.from(), part.path.clone()))
    }

    /// The paths of all files.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().map(|part| part.path.as_path())
    }

    /// `received_at` of the first packet.
    pub fn from(&self) -> Option<Timestamp> {
        self.parts.iter().filter_map(Part::from).min()
    }

    /// `received_at` of the last packet.
    pub fn to(&self) -> Option<Timestamp> {
        self.parts.iter().filter_map(Part::to).max()
    }

    /// Packets in all, as far as they can be read.
    pub fn n_packets(&self) -> u64 {
        self.parts.iter().map(Part::n_packets).sum()
    }

    /// Stretches of the files: from, to, and how many packets they hold. Files that are not open are one each.
    pub fn stretches(&self) -> impl Iterator<Item = (Timestamp, Timestamp, u64)> {
        self.parts.iter().flat_map(Part::stretches)
    }

    /// What tells one of the files from others: where it is, its bytes, and when it begins.
    pub fn identity(&self, part_index: usize) -> Option<(&Path, u64, Option<Timestamp>)> {
        let part = self.parts.get(part_index)?;
        let bytes = part.known().map_or(part.bytes, |recording| recording.info().bytes);
        Some((&part.path, bytes, part.from()))
    }

    /// How many files it has.
    pub fn n_parts(&self) -> usize {
        self.parts.len()
    }

    /// Packets in the files before one of them.
    pub fn n_packets_before(&self, part_index: usize) -> u64 {
        self.parts.iter().take(part_index).map(Part::n_packets).sum()
    }

    /// The packets of one file; [`own`](Self::own) makes them those of this recording.
    pub fn packets_of(&self, part_index: usize) -> Option<session::Packets> {
        Some(self.parts.get(part_index)?.opened()?.recording.packets())
    }

    /// The same behind the first `n`; `None` also when those cannot all be read.
    pub fn packets_behind(&self, part_index: usize, n: u64) -> Option<session::Packets> {
        self.parts.get(part_index)?.opened()?.recording.packets_behind(n)
    }

    /// A packet of one of the files under the venue and the link that it has here.
    pub fn own(&self, part_index: usize, mut packet: Packet) -> Packet {
        let opened = self.parts.get(part_index).and_then(Part::opened);
        if let Some(venue) = opened.and_then(|opened| opened.venues.get(&packet.link)) {
            packet.venue = *venue;
        }
        if self.first_link > 0 {
            // Images name links as well.
            if let Body::Derived(json) = &packet.body
                && let Some(json) = image::relink(json, |link| self.number_of(link))
            {
                packet.body = Body::Derived(json);
            }
            packet.link = self.number_of(packet.link);
        }
        if let Some(last) = self.last_link
            && let Body::Remark(json) = &packet.body
            && let Some(Remark::Lost(lost @ Lost { whose: WhoseLost::All, .. })) =
                Remark::parse(json)
        {
            // A hole in one recording is none in the others.
            let whose = WhoseLost::Links { first: self.first_link, last };
            packet.body = Remark::Lost(Lost { whose, ..lost }).to_body();
        }
        packet
    }

    fn number_of(&self, link: LinkId) -> LinkId {
        if link == NO_LINK { link } else { LinkId(link.0.saturating_add(self.first_link)) }
    }
}

impl Part {
    fn open(path: &Path, venue: Option<Venue>) -> Result<Self, OpenError> {
        let recording = session::open(path)?;
        let venues = match recording.format() {
            Format::Mcap if venue.is_none() => BTreeMap::new(),
            Format::Mcap | Format::Jsonl | Format::Collector | Format::Ladders => {
                tell_venues(&recording, venue)
            }
        };
        let opened = Some(Opened { recording: Arc::new(recording), venues });
        let (from, to) = (None, None);
        let opened = OnceLock::from(opened);
        Ok(Self { path: path.to_owned(), bytes: 0, from, to, n_packets: 0, opened })
    }

    fn glanced(shelved: &Shelved) -> Self {
        Self {
            path: shelved.path.clone(),
            bytes: shelved.bytes,
            from: shelved.from,
            to: shelved.to.or(shelved.from),
            n_packets: shelved.n_packets.unwrap_or_default(),
            opened: OnceLock::new(),
        }
    }

    fn opened(&self) -> Option<&Opened> {
        let open = || match session::open(&self.path) {
            Ok(recording) => {
                Some(Opened { recording: Arc::new(recording), venues: BTreeMap::new() })
            }
            Err(error) => {
                tracing::warn!(%error, "an earlier session cannot be read");
                None
            }
        };
        self.opened.get_or_init(open).as_ref()
    }

    fn known(&self) -> Option<&Recording> {
        Some(&self.opened.get()?.as_ref()?.recording)
    }

    fn from(&self) -> Option<Timestamp> {
        self.known().map_or(self.from, |recording| recording.info().from)
    }

    fn to(&self) -> Option<Timestamp> {
        self.known().map_or(self.to, |recording| recording.info().to)
    }

    fn n_packets(&self) -> u64 {
        self.known().map_or(self.n_packets, |recording| recording.info().n_packets)
    }

    fn stretches(&self) -> impl Iterator<Item = (Timestamp, Timestamp, u64)> {
        let chunks = self.known().map(|recording| recording.info().chunks.iter());
        let glanced = match (&chunks, self.from, self.to) {
            (None, Some(from), Some(to)) => Some((from, to, self.n_packets)),
            _ => None,
        };
        let chunks = chunks.into_iter().flatten();
        chunks.map(|chunk| (chunk.from, chunk.to, chunk.n_packets)).chain(glanced)
    }
}
