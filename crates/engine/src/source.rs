//! Recordings and live sessions as a source of packets for a playhead.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use market::{Blocks, Packet, Timestamp, Venue};
use session::{OpenError, Recording, Shelved};
use tokio_util::sync::CancellationToken;

use crate::engine::Engine;
use crate::in_step::LanePackets;
use crate::keyframes::{Beginning, Cadence};
use crate::lane::Lane;
use crate::outline::Outline;
use crate::tail::{Tail, TailPackets};
use crate::together::{Joined, Together};

/// What a playhead runs over: sessions one after the other, each with an engine of its own.
#[derive(Clone)]
pub struct Tape {
    acts: Arc<Vec<Act>>,
    /// Ends all reading when it is set.
    stop: Arc<AtomicBool>,
}

/// One session: a recording, several that play in step, or the live one, which grows.
#[derive(Clone)]
pub struct Act {
    source: Source,
    outline: Arc<Mutex<Outline>>,
}

#[derive(Clone)]
enum Source {
    /// One recording, or several, which have keyframes together.
    Recorded(Arc<Vec<Lane>>, Arc<Together>),
    Live(Tail),
}

impl Act {
    /// A live session, and what is known of it while it goes on.
    pub fn live(tail: Tail, outline: Arc<Mutex<Outline>>) -> Self {
        Self { source: Source::Live(tail), outline }
    }

    /// An earlier session whose files were glanced at.
    pub fn of_shelved(parts: &[Shelved]) -> Self {
        Self::of(vec![Lane::of_shelved(parts)])
    }

    fn of(lanes: Vec<Lane>) -> Self {
        Self { source: Source::Recorded(Arc::new(lanes), Arc::default()), outline: Arc::default() }
    }

    fn lanes(&self) -> &[Lane] {
        match &self.source {
            Source::Recorded(lanes, _) => lanes,
            Source::Live(_) => &[],
        }
    }

    /// The recordings; of the live session there are none.
    pub(crate) fn recorded(&self) -> Arc<Vec<Lane>> {
        match &self.source {
            Source::Recorded(lanes, _) => Arc::clone(lanes),
            Source::Live(_) => Arc::default(),
        }
    }

    /// Whether it grows.
    pub fn is_live(&self) -> bool {
        matches!(self.source, Source::Live(_))
    }

    /// `received_at` of the first packet; `None` before there is one.
    pub fn from(&self) -> Option<Timestamp> {
        match &self.source {
            Source::Recorded(lanes, _) => lanes.iter().filter_map(Lane::from).min(),
            Source::Live(tail) => tail.from(),
        }
    }

    /// `received_at` of the last packet of a recording; `None` for a live session, whose end is the present.
    pub fn to(&self) -> Option<Timestamp> {
        self.lanes().iter().filter_map(Lane::to).max()
    }

    /// Packets in all, as far as they can be read.
    pub fn n_packets(&self) -> u64 {
        match &self.source {
            Source::Recorded(lanes, _) => lanes.iter().map(Lane::n_packets).sum(),
            Source::Live(tail) => tail.n_packets(),
        }
    }

    /// All packets in order, each with its venue. What is damaged is left out; the recordings' info tells of it.
    pub fn packets(&self) -> TapePackets {
        TapePackets(match &self.source {
            Source::Recorded(lanes, _) => Reader::Recorded(LanePackets::of(Arc::clone(lanes))),
            Source::Live(tail) => Reader::Live(tail.packets()),
        })
    }

    /// A state near a moment from which to go on; `None`: all is to be heard from the beginning.
    pub fn begin_near(&self, at: Timestamp) -> Option<Begun> {
        let (begun, reader) = match &self.source {
            Source::Recorded(lanes, together) => {
                let [lane] = lanes.as_slice() else {
                    return Some(together.begin_near(lanes, at)?.into());
                };
                let mut begun = lane.begin_near(at)?;
                let packets = LanePackets::after(Arc::clone(lanes), &mut begun);
                (begun, Reader::Recorded(packets))
            }
            Source::Live(tail) => {
                let (begun, packets) = tail.begin_near(at)?;
                (begun, Reader::Live(packets))
            }
        };
        let Beginning { engine, n_packets, at, blocks, .. } = begun;
        Some(Begun { engine, packets: TapePackets(reader), n_packets, at, blocks })
    }

    /// The first state that was kept at a moment or later, and when that was. Of recordings that play together and have
    /// no keyframes together, of the one that heard the instrument.
    pub fn state_after(&self, at: Timestamp, (venue, symbol): &(Venue, String)) -> Option<After> {
        let (lanes, together) = match &self.source {
            Source::Recorded(lanes, together) => (lanes, together),
            Source::Live(tail) => return tail.state_after(at),
        };
        let of = |lane: &Lane| lane.state_after(at);
        let is_alone = lanes.len() == 1;
        let hears = |(_, engine): &After| is_alone || engine.find(*venue, symbol).is_some();
        let joined = if is_alone { None } else { together.state_after(lanes, at) };
        joined.or_else(|| lanes.iter().filter_map(of).find(hears))
    }

    /// Whether it is a long session of which keyframes can and should be made first.
    pub fn lacks_keyframes(&self) -> bool {
        match &self.source {
            Source::Recorded(lanes, together) => match lanes.as_slice() {
                [lane] => lane.lacks_keyframes(),
                _ => together.lacks(lanes),
            },
            Source::Live(_) => false,
        }
    }

    /// Whether so many keyframes of a recording were found damaged that others are to be made.
    pub fn has_spoilt_keyframes(&self) -> bool {
        match self.lanes() {
            [lane] => lane.has_spoilt_keyframes(),
            _ => false,
        }
    }

    /// Makes the keyframes that a recording lacks, or whose own are damaged, beside it; whether any were made.
    pub fn make_keyframes(&self, cadence: Cadence, cancel: &CancellationToken) -> bool {
        match &self.source {
            Source::Recorded(lanes, together) => match lanes.as_slice() {
                [lane] => lane.make_keyframes(cadence, cancel),
                _ => together.make(lanes, cadence.of_together(lanes.len()), cancel),
            },
            Source::Live(_) => false,
        }
    }

    /// Whether the files that hold a moment are there.
    pub fn is_there(&self, at: Timestamp) -> bool {
        self.lanes().iter().all(|lane| lane.is_there(at))
    }

    /// The name of a file that can be read no longer; told once.
    pub fn take_gone(&self) -> Option<String> {
        self.lanes().iter().find_map(Lane::take_gone)
    }

    /// Whether both are the same session.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.outline, &other.outline)
    }

    /// Stretches of a recording: from, to, and how many packets they hold.
    pub fn stretches(&self) -> impl Iterator<Item = (Timestamp, Timestamp, u64)> {
        self.lanes().iter().flat_map(Lane::stretches)
    }

    /// What was found on the way through it.
    pub fn with_outline<T>(&self, work: impl FnOnce(&mut Outline) -> T) -> T {
        work(&mut self.outline.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The file that holds a moment: the last one that has begun by then.
    pub fn path_at(&self, at: Timestamp) -> Option<PathBuf> {
        let parts = match &self.source {
            Source::Recorded(lanes, _) => lanes.iter().flat_map(Lane::files).collect(),
            Source::Live(tail) => tail.files(),
        };
        let has_begun =
            |part: &&(Option<Timestamp>, PathBuf)| part.0.is_some_and(|from| from <= at);
        let found = parts.iter().rev().find(has_begun).or(parts.first());
        found.map(|(_, path)| path.clone())
    }

    /// Whether a moment of the live session is not on the disk yet.
    pub fn is_to_be_written(&self, at: Timestamp) -> bool {
        match &self.source {
            Source::Recorded(..) => false,
            Source::Live(tail) => tail.written_to().is_none_or(|to| at > to),
        }
    }

    /// The files.
    pub fn paths(&self) -> Vec<PathBuf> {
        match &self.source {
            Source::Recorded(lanes, _) => {
                lanes.iter().flat_map(Lane::paths).map(Path::to_owned).collect()
            }
            Source::Live(tail) => tail.files().into_iter().map(|(_, path)| path).collect(),
        }
    }
}

/// Which parts of a session are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parts {
    /// All that lie beside the one that was given.
    All,
    /// Those that were given.
    Given,
}

/// A part that nobody asked for takes nothing from the others when it is damaged.
fn can_be_opened(part: &Path) -> bool {
    let opened = session::open(part);
    if let Err(error) = &opened {
        tracing::warn!("a part of a session is left out: {error}");
    }
    opened.is_ok()
}

/// When a state stood, and the state.
pub type After = (Timestamp, Engine);

/// A state in the middle of a session, and what follows.
pub struct Begun {
    /// The state.
    pub engine: Engine,
    /// The packets after it.
    pub packets: TapePackets,
    /// Packets before it.
    pub n_packets: u64,
    /// `received_at` of the last packet before it.
    pub at: Timestamp,
    /// What the state reads when somebody looks further back.
    pub blocks: Blocks,
}

impl From<Joined> for Begun {
    fn from(joined: Joined) -> Self {
        let Joined { engine, packets, n_packets, at, blocks } = joined;
        Self { engine, packets: TapePackets(Reader::Recorded(packets)), n_packets, at, blocks }
    }
}

impl fmt::Debug for Tape {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Tape").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl Tape {
    /// Opens the files, which are parts of one session, in order. `venue` is whose frames they are, whatever they say
    /// themselves.
    ///
    /// # Errors
    /// When a file cannot be opened or is no recording.
    pub fn open(paths: &[PathBuf], venue: Option<Venue>) -> Result<Self, OpenError> {
        Ok(Self::of(vec![Act::of(vec![Lane::open(paths, venue)?])]))
    }

    /// Opens recordings that play in step on one clock; files that are named as parts of one session are one recording.
    ///
    /// # Errors
    /// A sentence, when a file cannot be opened, or when the recordings have too many links together.
    pub fn open_together(paths: &[PathBuf]) -> Result<Self, String> {
        Self::open_parts(paths, Parts::Given)
    }

    /// The same with all parts of their sessions that lie beside them and can be opened.
    ///
    /// # Errors
    /// A sentence, when a file that was given cannot be opened, or when the recordings have too many links together.
    pub fn open_sessions(paths: &[PathBuf]) -> Result<Self, String> {
        Self::open_parts(paths, Parts::All)
    }

    fn open_parts(paths: &[PathBuf], parts: Parts) -> Result<Self, String> {
        let mut sessions: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for path in paths {
            let all = session::parts_of(path);
            let given = sessions.entry(all[0].clone()).or_default();
            given.push(path.clone());
            if parts == Parts::All {
                let is_asked = |part: &PathBuf| paths.contains(part);
                let others = all.into_iter().filter(|part| !is_asked(part));
                given.extend(others.filter(|part| can_be_opened(part)));
            }
        }
        let mut lanes = Vec::with_capacity(sessions.len());
        let mut first_link = Some(0);
        for parts in sessions.values_mut() {
            parts.sort_by_key(|path| session::session_of(path).map_or(1, |(_, part)| part));
            parts.dedup();
            let mut lane = Lane::open(parts, None).map_err(|error| error.to_string())?;
            let first =
                first_link.ok_or("These recordings have too many links to play together.")?;
            first_link = lane.number_links(first);
            lanes.push(lane);
        }
        if let [alone] = lanes.as_mut_slice() {
            alone.plays_alone();
        }
        Ok(Self::of(vec![Act::of(lanes)]))
    }

    /// Sessions one after the other.
    pub fn of(acts: Vec<Act>) -> Self {
        Self { acts: Arc::new(acts), stop: Arc::default() }
    }

    /// The same tape, whose packets end as soon as `stop` is set.
    pub(crate) fn stopped_by(self, stop: Arc<AtomicBool>) -> Self {
        Self { stop, ..self }
    }

    /// The sessions, oldest first.
    pub fn acts(&self) -> &[Act] {
        &self.acts
    }

    /// The session that `at` lies in: the last one that has begun by then.
    pub fn act_at(&self, at: Timestamp) -> usize {
        let has_begun = |act: &Act| act.from().is_some_and(|from| from <= at);
        self.acts.iter().rposition(has_begun).unwrap_or(0)
    }

    /// The files of recordings.
    pub fn recordings(&self) -> impl Iterator<Item = &Recording> {
        self.acts.iter().flat_map(Act::lanes).flat_map(Lane::recordings)
    }

    /// All files, also those of a live session.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.acts.iter().flat_map(Act::paths).collect()
    }

    /// The first file.
    pub fn path(&self) -> PathBuf {
        self.acts.iter().flat_map(Act::paths).next().unwrap_or_default()
    }

    /// The first file's name.
    pub fn name(&self) -> String {
        let path = self.path();
        path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    /// `received_at` of the first packet.
    pub fn from(&self) -> Timestamp {
        self.acts.iter().filter_map(Act::from).min().unwrap_or_default()
    }

    /// `received_at` of the last packet of the recordings.
    pub fn to(&self) -> Timestamp {
        self.acts.iter().filter_map(Act::to).max().unwrap_or_default()
    }

    /// Packets in all, as far as they can be read.
    pub fn n_packets(&self) -> u64 {
        self.acts.iter().map(Act::n_packets).sum()
    }

    /// How many recordings play in step.
    pub fn n_together(&self) -> usize {
        self.acts.iter().map(|act| act.lanes().len()).max().unwrap_or_default()
    }

    /// When a file of it begins; `None` for one that is none of its files.
    pub fn begin_of(&self, path: &Path) -> Option<Timestamp> {
        let mut files = self.acts.iter().flat_map(Act::lanes).flat_map(Lane::files);
        files.find(|(_, file)| file == path)?.0
    }

    /// Whether any link was opened to the simulated exchange.
    pub fn is_simulated(&self) -> bool {
        self.recordings().any(|recording| recording.info().is_simulated)
    }

    /// All packets in order, each with its venue. What is damaged is left out; the recordings' info tells of it.
    pub fn packets(&self) -> impl Iterator<Item = Packet> + use<> {
        let (acts, stop) = (Arc::clone(&self.acts), Arc::clone(&self.stop));
        let packets = (0..acts.len()).flat_map(move |index| acts[index].packets());
        packets.take_while(move |_| !stop.load(Ordering::Relaxed))
    }

    /// What is missing, as a sentence; empty when nothing is.
    pub fn damage_sentence(&self) -> String {
        let damages = self.recordings().flat_map(|recording| &recording.info().damage);
        let sentences =
            damages.take(3).map(|damage| format!("{}.", damage.what.trim_end_matches('.')));
        sentences.collect::<Vec<_>>().join(" ")
    }
}

/// Packets of one session.
#[derive(Debug)]
pub struct TapePackets(Reader);

impl TapePackets {
    /// No packets.
    pub fn none() -> Self {
        Self(Reader::Recorded(LanePackets::of(Arc::default())))
    }
}

enum Reader {
    Recorded(LanePackets),
    Live(TailPackets),
}

impl fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Recorded(_) => "recorded",
            Self::Live(_) => "live",
        })
    }
}

impl Iterator for TapePackets {
    type Item = Packet;

    fn next(&mut self) -> Option<Packet> {
        match &mut self.0 {
            Reader::Recorded(packets) => packets.next(),
            Reader::Live(packets) => packets.next(),
        }
    }
}
