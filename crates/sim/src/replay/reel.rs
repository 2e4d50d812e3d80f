//! What the files hold of one venue: where its time begins, its answers over REST, its instruments.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::http::Uri;
use bytes::Bytes;
use market::{Body, HttpExchange, LinkId, Timestamp, Venue};

use super::derived::Derived;
use super::is_binance;
use super::questions::Answers;
use super::source::{Heard, Source};
use super::words::{self, Words};
use crate::exchange::Answer;

/// Bytes of snapshots that are held at most; later ones are not served.
const SNAPSHOT_BYTES_MAX: usize = 512 << 20;

/// A snapshot of a book, or another answer, that the venue gave over REST.
pub(super) struct Snapshot {
    /// Its place, counted from the first frame; before it, zero.
    pub at: Duration,
    /// Its body.
    pub body: Bytes,
}

/// One venue of the files.
pub(super) struct Reel {
    /// Whose frames they are.
    pub venue: Venue,
    /// When the first frame was received.
    pub from: Timestamp,
    /// Frames in all.
    pub n_frames: u64,
    /// The recorded list of instruments (Binance).
    pub list: Option<Bytes>,
    /// Whether the frames begin with a list of instruments (Kraken).
    pub lists_in_frames: bool,
    /// Snapshots by symbol, in order of time (Binance).
    pub snapshots: BTreeMap<String, Vec<Snapshot>>,
    /// All answers of a venue that is neither Binance nor Kraken.
    pub answers: Answers,
    /// The instruments as the frames tell them.
    pub derived: Derived,
    /// Symbols of the books of each link, by which a bare snapshot is known.
    symbols: BTreeMap<(usize, LinkId), BTreeSet<String>>,
    /// Links whose frames are wrapped with the name of their stream.
    wrapped: BTreeSet<(usize, LinkId)>,
    bare: Vec<((usize, LinkId), Timestamp, Bytes)>,
    held: usize,
}

impl Reel {
    /// Reads the files once: what they hold of each venue.
    pub fn read(source: &Source) -> Vec<Self> {
        let mut reels: BTreeMap<Venue, Self> = BTreeMap::new();
        let mut early: Vec<(Venue, Timestamp, HttpExchange)> = Vec::new();
        for Heard { packet, part } in source.packets() {
            let (venue, link, at) = (packet.venue, (part, packet.link), packet.received_at);
            match packet.body {
                Body::Text(frame) | Body::Binary(frame) => {
                    let reel = reels.entry(venue).or_insert_with(|| Self::new(venue, at));
                    reel.hear(link, at, &frame);
                }
                Body::Answered(exchange) => match reels.get_mut(&venue) {
                    Some(reel) => reel.answered(at, &exchange),
                    None => early.push((venue, at, exchange)),
                },
                Body::Opened(_)
                | Body::Ping
                | Body::Sent(_)
                | Body::Requested(_)
                | Body::Closed(_)
                | Body::Derived(_)
                | Body::Remark(_) => {}
            }
        }
        reels.remove(&Venue::Unknown);
        // Requests may have been written on a link of their own that tells no venue by its shape.
        for (venue, at, exchange) in early {
            let from = |reel: &mut Self| reel.answered(at.max(reel.from), &exchange);
            if let Some(reel) = reels.get_mut(&venue) {
                from(reel);
            } else if Self::keeps_answers_of(venue) {
                // A session that was polled has no frames.
                from(reels.entry(venue).or_insert_with(|| Self::new(venue, at)));
            } else if reels.len() == 1 {
                reels.values_mut().for_each(from);
            }
        }
        let mut reels: Vec<Self> = reels.into_values().collect();
        reels.iter_mut().for_each(Self::settle);
        reels
    }

    fn new(venue: Venue, from: Timestamp) -> Self {
        Self {
            venue,
            from,
            n_frames: 0,
            list: None,
            lists_in_frames: false,
            snapshots: BTreeMap::new(),
            answers: Answers::default(),
            derived: Derived::default(),
            symbols: BTreeMap::new(),
            wrapped: BTreeSet::new(),
            bare: Vec::new(),
            held: 0,
        }
    }

    /// The place of a moment, counted from the first frame.
    pub fn place(&self, at: Timestamp) -> Duration {
        Duration::from_nanos(u64::try_from(at.nanos_since(self.from)).unwrap_or(0))
    }

    /// Whether this frame is no frame but a snapshot that a capture wrote among them: on a socket whose frames are
    /// wrapped, none comes bare.
    pub fn is_bare_snapshot(&self, part: usize, link: LinkId, frame: &[u8]) -> bool {
        self.wrapped.contains(&(part, link)) && words::is_bare_snapshot(frame)
    }

    fn hear(&mut self, link: (usize, LinkId), at: Timestamp, frame: &Bytes) {
        self.n_frames += 1;
        if words::is_bare_snapshot(frame) {
            if self.hold(frame) {
                self.bare.push((link, at, frame.clone()));
            }
            return;
        }
        let Some(words) = Words::read(frame) else { return };
        if words.is_wrapped() {
            self.wrapped.insert(link);
        }
        if let Some(symbol) = words.book_of_binance() {
            let symbols = self.symbols.entry(link).or_default();
            if !symbols.contains(symbol) {
                symbols.insert(symbol.to_owned());
            }
        }
        if words.is_list_of_kraken() && self.derived.is_empty() {
            self.lists_in_frames = true;
        }
        self.derived.hear(&words);
    }

    /// Whether all answers of a venue are served as they were recorded.
    fn keeps_answers_of(venue: Venue) -> bool {
        !is_binance(venue) && !matches!(venue, Venue::Kraken | Venue::Unknown)
    }

    fn answered(&mut self, at: Timestamp, exchange: &HttpExchange) {
        if Self::keeps_answers_of(self.venue) {
            if exchange.status < 400 && self.hold(&exchange.body) {
                let (recorded, at) = (String::from_utf8_lossy(&exchange.url), self.place(at));
                self.answers.keep(&recorded, Snapshot { at, body: exchange.body.clone() });
            }
            return;
        }
        let url = std::str::from_utf8(&exchange.url).ok().and_then(|url| url.parse::<Uri>().ok());
        let Some(url) = url.filter(|_| exchange.status < 400) else { return };
        match url.path().rsplit('/').next() {
            Some("exchangeInfo") if self.list.is_none() => self.list = Some(exchange.body.clone()),
            Some("depth") => {
                let symbol = Answer::parameter(&url, "symbol");
                if let Some(symbol) = symbol.filter(|_| self.hold(&exchange.body)) {
                    self.keep(symbol.to_uppercase(), at, exchange.body.clone());
                }
            }
            Some(_) | None => {}
        }
    }

    /// Whether there is still room for a body.
    fn hold(&mut self, body: &Bytes) -> bool {
        let is_held = self.held + body.len() <= SNAPSHOT_BYTES_MAX;
        if is_held {
            self.held += body.len();
        } else {
            tracing::warn!("the recording holds too many snapshots; a later one is not served");
        }
        is_held
    }

    fn keep(&mut self, symbol: String, at: Timestamp, body: Bytes) {
        let at = self.place(at);
        self.snapshots.entry(symbol).or_default().push(Snapshot { at, body });
    }

    /// Gives each bare snapshot to the one symbol whose book its link carries.
    fn settle(&mut self) {
        for (link, at, body) in std::mem::take(&mut self.bare) {
            let symbols = self.symbols.get(&link).into_iter().flatten().collect::<Vec<_>>();
            if let ([symbol], true) = (symbols.as_slice(), self.wrapped.contains(&link)) {
                self.keep(symbol.to_uppercase(), at, body);
            }
        }
        for snapshots in self.snapshots.values_mut() {
            snapshots.sort_by_key(|snapshot| snapshot.at);
        }
    }
}
