//! What a recording proves: every packet through the very path of the live market, and a count of all that was checked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use market::{Body, ChecksumRule, LinkId, Packet, Proof, Tally, Timestamp, Venue};
use serde::Serialize;
use session::{DamageKind, Format, OpenError};

use crate::engine::{Engine, Input};
use crate::ladders;
use crate::source::Tape;
use crate::trail::Mark;
use crate::watched::Watched;

/// What a book is that neither has numbers nor sums.
const UNVERIFIED: &str = "unverified";
/// Unverified instruments that are named; of more, the number.
const UNVERIFIED_NAMED_MAX: usize = 3;

/// What some files prove.
#[derive(Clone, Debug, Serialize)]
pub struct Verification {
    /// All of them together.
    pub verdict: Verdict,
    /// Of how much that could be said: where a venue neither numbers its book nor sums it, a lost update shows nowhere.
    pub proved: Proved,
    /// One entry a file, or one in all when they were joined.
    pub files: Vec<FileProof>,
}

/// Right or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing that was checked was wrong.
    Right,
    /// Something was.
    Wrong,
}

/// How many of the books had something to be checked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proved {
    /// Each of them.
    All,
    /// Some of them.
    Some,
    /// None of them, or there was no book.
    None,
}

/// What one file proves.
#[derive(Clone, Debug, Serialize)]
pub struct FileProof {
    /// The file; joined files stand one after another with ` + ` between them.
    pub path: String,
    /// `mcap`, `jsonl`, `collector` or `ladders`; `unknown` when the file cannot be read.
    pub format: &'static str,
    /// `received_at` of the first packet, RFC 3339.
    pub from: Option<String>,
    /// `received_at` of the last packet, RFC 3339.
    pub to: Option<String>,
    /// What cannot be read; `null` when all can.
    pub damage: Option<DamageReport>,
    /// Per instrument, by venue and symbol.
    pub instruments: Vec<InstrumentProof>,
    /// Frames that no decoder knows, by venue or address and kind.
    pub undecoded: Vec<Undecoded>,
    /// Book messages that a decoder knew, whether they could be applied or waited for a snapshot that never came.
    pub book_messages: u64,
    /// Messages of known venues that could not be understood.
    pub refused: u64,
    /// The first of them, as a sentence.
    pub first_refusal: Option<String>,
    /// Packets that were heard while recording was off or the disk had no room, by the recorder's own remarks: a hole
    /// of ours, not of the venue.
    pub unrecorded: u64,
    /// Packets that are missing by the numbers that each link gives its own, from the first of it that is there: a hole
    /// of ours too, whether a remark speaks of it or not.
    pub missing: u64,
    /// Why nothing of the file can be read, as a sentence; `null` when it was read.
    pub unreadable: Option<String>,
}

/// What cannot be read of a file.
#[derive(Clone, Debug, Serialize)]
pub struct DamageReport {
    /// `tail` (the end is missing), `middle` (something between is) or `line` (a line of a capture is broken).
    pub kind: &'static str,
    /// Places in all.
    pub places: u64,
    /// The first byte of the first place.
    pub offset: u64,
    /// The sentences, at most 100.
    pub what: Vec<String>,
}

/// What was proved of one instrument.
#[derive(Clone, Debug, Serialize)]
pub struct InstrumentProof {
    /// `binance`.
    pub venue: &'static str,
    /// The venue's own symbol.
    pub symbol: String,
    /// What its book could be checked by: `checksum`, `sequence`, `sequence and checksum`, `mid price`, or
    /// `unverified`: nothing.
    pub proof: &'static str,
    /// Packets that spoke of it.
    pub packets: u64,
    /// Book messages applied, snapshots included.
    pub book_updates: u64,
    /// Trades, each id once.
    pub trades: u64,
    /// Breaks of the numbering.
    pub gaps: u64,
    /// Checksums equal to the venue's.
    pub checksums_right: u64,
    /// Checksums that were not.
    pub checksums_wrong: u64,
    /// Middles of the best prices, as the venue states them, equal to the book's.
    pub middles_equal: u64,
    /// Those that were not: the venue left a change out itself, and the book was not called right until its next whole
    /// one. Nothing that was sent is missing, so that a file is right all the same.
    pub middles_different: u64,
    /// Messages after which the book was crossed.
    pub crossed: u64,
    /// Best prices of the venue equal to the book's at the same update id.
    pub top_of_book_equal: u64,
    /// Those that were not.
    pub top_of_book_different: u64,
}

/// Frames that were counted, not guessed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undecoded {
    /// The venue, or the address of the link when the venue is unknown.
    pub source: String,
    /// The kind that the message gives itself.
    pub kind: String,
    /// How many.
    pub frames: u64,
}

/// Verifies each file, or all together as parts of one session. `on_packet` is called with the count of packets so far.
/// A file that cannot be read is an entry that says so, and takes nothing from the others.
///
/// # Errors
/// When one of several parts of a session cannot be opened; see [`Verification::unreadable`].
pub fn verify(
    paths: &[PathBuf],
    venue: Option<Venue>,
    is_joined: bool,
    mut on_packet: impl FnMut(u64),
) -> Result<Verification, OpenError> {
    let mut files = Vec::new();
    if is_joined {
        files.push(verify_tape(&Tape::open(paths, venue)?, paths, &mut on_packet));
    } else {
        for one in paths.chunks(1) {
            files.push(match Tape::open(one, venue) {
                Ok(tape) => verify_tape(&tape, one, &mut on_packet),
                Err(error) => FileProof::unreadable(one, &error),
            });
        }
    }
    Ok(Verification::of(files))
}

impl Verification {
    /// What a session proves of which a part cannot be opened: nothing.
    pub fn unreadable(parts: &[PathBuf], error: &OpenError) -> Self {
        Self::of(vec![FileProof::unreadable(parts, error)])
    }

    fn of(files: Vec<FileProof>) -> Self {
        let is_right = files.iter().all(FileProof::is_right);
        let books = || files.iter().flat_map(FileProof::books);
        let proved = match (books().any(|one| one.is_proved()), books().all(|one| one.is_proved()))
        {
            (true, true) => Proved::All,
            (true, false) => Proved::Some,
            (false, _) => Proved::None,
        };
        Self { verdict: if is_right { Verdict::Right } else { Verdict::Wrong }, proved, files }
    }

    /// Whether every file holds a book that a decoder knows: messages of which one could be applied, or was wrong.
    pub fn proves_anything(&self) -> bool {
        self.files.iter().all(FileProof::has_book)
    }
}

impl FileProof {
    fn unreadable(parts: &[PathBuf], error: &OpenError) -> Self {
        Self {
            path: joined_name(parts),
            format: "unknown",
            from: None,
            to: None,
            damage: None,
            instruments: Vec::new(),
            undecoded: Vec::new(),
            book_messages: 0,
            refused: 0,
            first_refusal: None,
            unrecorded: 0,
            missing: 0,
            unreadable: Some(error.to_string()),
        }
    }

    /// Whether it holds a book of which anything can be said: a message that was applied, or one that was wrong.
    pub fn has_book(&self) -> bool {
        self.book_messages > 0 && (self.books().next().is_some() || !self.is_right())
    }

    /// The instruments of which a book was heard.
    pub fn books(&self) -> impl Iterator<Item = &InstrumentProof> {
        self.instruments.iter().filter(|one| one.book_updates > 0)
    }

    /// The names of those that could be checked by nothing: `binance BTCUSDT, kraken BTC/USD and 2 more`; empty when
    /// there are none.
    pub fn unverified_words(&self) -> String {
        let unproved = self.books().filter(|one| !one.is_proved());
        let names: Vec<String> =
            unproved.map(|one| format!("{} {}", one.venue, one.symbol)).collect();
        let named = names[..names.len().min(UNVERIFIED_NAMED_MAX)].join(", ");
        match names.len().saturating_sub(UNVERIFIED_NAMED_MAX) {
            0 => named,
            n_more => format!("{named} and {n_more} more"),
        }
    }

    /// Whether nothing that was checked was wrong; of a file that cannot be read, nothing is right.
    pub fn is_right(&self) -> bool {
        let is_whole = self.damage.as_ref().is_none_or(|damage| damage.kind == "tail");
        let is_read = self.unreadable.is_none();
        is_read
            && is_whole
            && self.refused == 0
            && self.instruments.iter().all(InstrumentProof::is_right)
    }
}

impl InstrumentProof {
    /// Whether its book had anything to be checked by.
    pub fn is_proved(&self) -> bool {
        self.proof != UNVERIFIED && self.book_updates > 0
    }

    fn is_right(&self) -> bool {
        self.gaps + self.checksums_wrong + self.crossed + self.top_of_book_different == 0
    }

    fn new((venue, symbol): (Venue, String), heard: &Heard) -> Self {
        let Heard { packets, tally, is_numbered, is_summed, has_middles } = heard;
        let summed = (tally.checksums_right, tally.checksums_wrong);
        let (checksums, middles) = if *has_middles { ((0, 0), summed) } else { (summed, (0, 0)) };
        let proof = match (is_numbered, is_summed) {
            (false, true) if *has_middles => "mid price",
            (true, true) => "sequence and checksum",
            (true, false) => "sequence",
            (false, true) => "checksum",
            (false, false) => UNVERIFIED,
        };
        Self {
            venue: venue.id(),
            symbol,
            proof,
            packets: *packets,
            book_updates: tally.book_updates,
            trades: tally.trades,
            gaps: tally.gaps,
            checksums_right: checksums.0,
            checksums_wrong: checksums.1,
            middles_equal: middles.0,
            middles_different: middles.1,
            crossed: tally.crossed,
            top_of_book_equal: tally.top_of_book_equal,
            top_of_book_different: tally.top_of_book_different,
        }
    }
}

/// What was found while reading.
#[derive(Default)]
struct Found {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    damage: Damages,
    instruments: BTreeMap<(Venue, String), Heard>,
    undecoded: Vec<Undecoded>,
    book_messages: u64,
    refused: u64,
    first_refusal: Option<String>,
    unrecorded: u64,
    /// The number that is to come next on each link.
    next: BTreeMap<LinkId, u64>,
    missing: u64,
}

/// What was heard of one instrument.
#[derive(Default)]
struct Heard {
    packets: u64,
    tally: Tally,
    is_numbered: bool,
    is_summed: bool,
    /// Whether what its book sums to is the middle of the best prices.
    has_middles: bool,
}

impl Heard {
    fn of(watched: &Watched, tally: Tally) -> Self {
        let (is_numbered, can_be_summed) = match watched.market.sync().proof() {
            Proof::Unverified => (false, false),
            Proof::Sequence => (true, false),
            Proof::Checksum { .. } => (false, true),
            Proof::SequenceAndChecksum { .. } => (true, true),
        };
        let n_summed = tally.checksums_right + tally.checksums_wrong;
        Self {
            packets: watched.n_packets,
            tally,
            is_numbered,
            is_summed: can_be_summed || n_summed > 0,
            has_middles: watched.market.checksum_rule() == Some(ChecksumRule::MidPrice),
        }
    }
}

#[derive(Default)]
struct Damages {
    kind: Option<DamageKind>,
    places: u64,
    offset: u64,
    what: Vec<String>,
}

/// What the files of a tape prove together.
pub(crate) fn verify_tape(
    tape: &Tape,
    paths: &[PathBuf],
    mut on_packet: impl FnMut(u64),
) -> FileProof {
    let format = tape.recordings().next().map_or(Format::Jsonl, session::Recording::format);
    let mut found = match format {
        Format::Ladders => prove_ladders(tape),
        Format::Mcap | Format::Jsonl | Format::Collector => prove_packets(tape, &mut on_packet),
    };
    for recording in tape.recordings() {
        found.damage.add(&recording.check());
    }
    FileProof {
        path: joined_name(paths),
        format: format.name(),
        from: found.from.map(|at| at.to_string()),
        to: found.to.map(|at| at.to_string()),
        damage: found.damage.report(),
        instruments: found
            .instruments
            .into_iter()
            .map(|(name, heard)| InstrumentProof::new(name, &heard))
            .collect(),
        undecoded: found.undecoded,
        book_messages: found.book_messages,
        refused: found.refused,
        first_refusal: found.first_refusal,
        unrecorded: found.unrecorded,
        missing: found.missing,
        unreadable: None,
    }
}

/// Parts of a session, one after another.
fn joined_name(parts: &[PathBuf]) -> String {
    let names: Vec<String> = parts.iter().map(|path| path.display().to_string()).collect();
    names.join(" + ")
}

fn prove_packets(tape: &Tape, on_packet: &mut impl FnMut(u64)) -> Found {
    let mut engine = Engine::without_views();
    let mut asks = Vec::new();
    let mut found = Found::default();
    for packet in tape.packets() {
        found.note_time(&packet);
        found.note_number(&packet);
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        on_packet(engine.counts().n_packets);
    }
    for (id, watched) in engine.all_watched() {
        let symbol = watched.market.instrument().symbol.clone();
        let heard = Heard::of(watched, engine.tally(id));
        found.instruments.insert((id.venue, symbol), heard);
    }
    found.book_messages = engine.counts().n_book_messages;
    found.refused = engine.counts().n_refused;
    found.unrecorded = engine.counts().n_unrecorded;
    found.first_refusal = engine.counts().first_refusal.clone();
    let unknown = engine.counts().unknown.iter().map(|((venue, kind), frames)| Undecoded {
        source: source_name(&engine, *venue),
        kind: kind.clone(),
        frames: *frames,
    });
    found.undecoded = unknown.collect();
    found
}

/// A venue without a decoder is named by the addresses of its links.
fn source_name(engine: &Engine, venue: Venue) -> String {
    if venue != Venue::Unknown {
        return venue.id().to_owned();
    }
    let links = engine.links().iter().filter(|(_, link)| link.venue == Venue::Unknown);
    let hosts = links.filter_map(|(_, link)| link.address.split('/').nth(2).map(str::to_owned));
    let mut hosts: Vec<String> = hosts.filter(|host| !host.is_empty()).collect();
    hosts.sort();
    hosts.dedup();
    if hosts.is_empty() { venue.id().to_owned() } else { hosts.join(", ") }
}

fn prove_ladders(tape: &Tape) -> Found {
    let mut found = Found::default();
    for packet in tape.packets() {
        let Body::Text(line) = &packet.body else { continue };
        match ladders::check(line) {
            Ok((symbol, is_right)) => {
                let heard = found.instruments.entry((Venue::Kraken, symbol)).or_default();
                heard.packets += 1;
                heard.is_summed = true;
                let tally = &mut heard.tally;
                found.book_messages += 1;
                tally.book_updates += 1;
                if is_right {
                    tally.checksums_right += 1;
                } else {
                    tally.checksums_wrong += 1;
                }
            }
            Err(reason) => {
                found.refused += 1;
                found.first_refusal.get_or_insert(reason);
            }
        }
    }
    found
}

impl Found {
    fn note_time(&mut self, packet: &Packet) {
        self.from.get_or_insert(packet.received_at);
        self.to = Some(packet.received_at);
    }

    fn note_number(&mut self, packet: &Packet) {
        let Some(mark) = Mark::of(packet) else { return };
        let next = self.next.insert(mark.link, mark.number.saturating_add(1));
        let n_missing = next.map_or(0, |next| mark.number.saturating_sub(next));
        self.missing = self.missing.saturating_add(n_missing);
    }
}

impl Damages {
    fn add(&mut self, info: &session::Info) {
        self.places += info.n_damages;
        for damage in &info.damage {
            if self.kind.is_none() {
                self.offset = damage.offset;
            }
            // A missing tail is the mildest: whatever else there is names the kind.
            if self.kind.is_none_or(|kind| kind == DamageKind::Tail) {
                self.kind = Some(damage.kind);
            }
            if self.what.len() < session::Info::MAX_DAMAGES {
                self.what.push(damage.to_string());
            }
        }
    }

    fn report(self) -> Option<DamageReport> {
        let kind = match self.kind? {
            DamageKind::Tail => "tail",
            DamageKind::Middle => "middle",
            DamageKind::Line => "line",
        };
        Some(DamageReport { kind, places: self.places, offset: self.offset, what: self.what })
    }
}
