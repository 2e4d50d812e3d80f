//! The simulated bitbank: what its rooms say as the world moves.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use axum::http::Uri;
use tokio::sync::mpsc;

use super::frames;
use crate::cut::Cut;
use crate::engineio::{self, Version};
use crate::exchange::{Answer, Exchange, Heard};
use crate::floor::{Floor, Outgoing, Tamper};
use crate::topics::{self, Topics};
use crate::world::{Listing, SECOND, World};

/// Time between two diffs of a book.
const WINDOW: i64 = 350_000_000;
/// Time between two whole books.
const WHOLE_EVERY: i64 = 15 * SECOND;
/// Levels a side.
pub(super) const DEPTH: usize = 200;
/// Time between two pings, and how long an answer may take: what the first packet says.
const PING_EVERY: i64 = 25 * SECOND;
const PING_TIMEOUT: i64 = 20 * SECOND;

/// The simulated bitbank.
#[derive(Debug)]
pub struct Bitbank {
    pub(super) world: World,
    pub(super) floor: Floor<Topics>,
    pub(super) epoch: i64,
    /// Pairs by position of the market.
    pub(super) pairs: Vec<String>,
    /// The books as their diffs have told them, and the id of the last diff, by position of the market.
    books: Vec<(Cut, u64)>,
    /// Counts the diffs of all pairs.
    pub(super) sequence: u64,
    /// When each link last answered a ping.
    pub(super) answered_at: BTreeMap<u64, i64>,
    pub(super) snapshot_delay: i64,
    flushed_to: i64,
    second: i64,
}

impl Bitbank {
    /// The venue with a world at simulated time 0, which is `epoch` in Unix nanoseconds.
    pub fn new(listings: &[Listing], seed: u64, epoch: i64) -> Self {
        let world = World::new(listings, seed);
        let sequence = 48_721_093_352;
        Self {
            pairs: listings.iter().map(frames::pair).collect(),
            books: world.markets().iter().map(|m| (Cut::new(m, DEPTH), sequence)).collect(),
            world,
            floor: Floor::default(),
            epoch,
            sequence,
            answered_at: BTreeMap::new(),
            snapshot_delay: 0,
            flushed_to: 0,
            second: 0,
        }
    }

    /// The markets behind the venue.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Unix milliseconds of a simulated time.
    pub(super) fn unix_ms(&self, at: i64) -> i64 {
        (self.epoch + at) / 1_000_000
    }

    fn run_to(&mut self, now: i64) {
        let Self { world, floor, epoch, pairs, .. } = self;
        world.advance(now, |index, market, transaction| {
            if transaction.prints.is_empty() || floor.len() == 0 {
                return;
            }
            let room = format!("transactions_{}", pairs[index]);
            tell(floor, &room, || {
                let newest_first = transaction.prints.iter().rev();
                frames::transactions(market.listing(), newest_first, *epoch)
            });
        });
    }

    /// What changed in each book since the last diff, told to those who joined its room.
    fn tell_diffs(&mut self, now: i64) {
        let ms = self.unix_ms(now);
        let Self { world, floor, pairs, books, sequence, .. } = self;
        for ((market, pair), (cut, last)) in world.markets().iter().zip(pairs).zip(books) {
            let mut entries = cut.advance(market);
            if entries.is_empty() {
                continue;
            }
            *sequence += 1 + market.update_id() % 5;
            *last = *sequence;
            let room = format!("depth_diff_{pair}");
            if !floor.is_wanted(|rooms| rooms.hears(&room)) {
                continue;
            }
            let tamper = floor.take_tamper(pair);
            if tamper == Some(Tamper::Cross) {
                entries.cross(market);
            }
            let data = frames::diff(market.listing(), &entries, (*sequence, ms));
            let text = Utf8Bytes::from(frames::event(&room, &data));
            floor.publish_book(&room, tamper, |rooms| rooms.hears(&room).then(|| text.clone()));
        }
    }

    fn whole(&self, index: usize, ms: i64) -> String {
        let (cut, sequence) = &self.books[index];
        frames::whole(self.world.markets()[index].listing(), cut, (*sequence, ms))
    }

    fn tell_wholes(&mut self, now: i64) {
        let ms = self.unix_ms(now);
        for index in 0..self.pairs.len() {
            let room = format!("depth_whole_{}", self.pairs[index]);
            if self.floor.is_wanted(|rooms| rooms.hears(&room)) {
                let data = self.whole(index, ms);
                tell(&mut self.floor, &room, || data);
            }
        }
    }

    /// A second has passed: tickers, pings, and the end of links that answer none.
    fn beat(&mut self, at: i64) {
        let ms = self.unix_ms(at);
        let Self { world, floor, pairs, answered_at, .. } = self;
        for (market, pair) in world.markets().iter().zip(pairs) {
            tell(floor, &format!("ticker_{pair}"), || frames::ticker(market, ms));
        }
        if at % PING_EVERY == 0 {
            floor.publish(|_| Some(Utf8Bytes::from_static("2")));
        }
        for (link, answered) in &*answered_at {
            if at - answered > PING_EVERY + PING_TIMEOUT {
                floor.close(*link, 1000, "");
            }
        }
        answered_at.retain(|link, _| floor.wants(*link).is_some());
    }
}

impl Exchange for Bitbank {
    type Wants = Topics;
    const PINGS_EVERY: Option<Duration> = None;
    const WS_PATH: &'static str = "";

    fn join(&mut self, uri: &Uri, frames: mpsc::Sender<Outgoing>) -> Option<u64> {
        if !engineio::is_at(uri, "4") {
            return None;
        }
        let now = self.world.now();
        let link = self.floor.join(frames, Topics::new(now));
        self.answered_at.insert(link, now);
        let open = engineio::opening(link, uri, (PING_EVERY / 1_000_000, PING_TIMEOUT / 1_000_000));
        self.floor.send(link, &Utf8Bytes::from(open));
        Some(link)
    }

    fn engineio(&self, uri: &Uri) -> Option<Version> {
        engineio::is_at(uri, "4").then_some(Version::V4)
    }

    fn hear(&mut self, link: u64, heard: Heard<'_>) {
        if let Heard::Text(text) = heard {
            self.control(link, text);
        }
    }

    fn tick(&mut self, now: i64) {
        while self.flushed_to + WINDOW <= now {
            let edge = self.flushed_to + WINDOW;
            self.run_to(edge);
            if self.floor.len() > 0 {
                self.tell_diffs(edge);
            }
            if edge / WHOLE_EVERY != self.flushed_to / WHOLE_EVERY {
                self.tell_wholes(edge);
            }
            self.flushed_to = edge;
        }
        self.run_to(now);
        while self.second + SECOND <= now {
            self.second += SECOND;
            if self.floor.len() > 0 {
                self.beat(self.second);
            }
        }
        let ms = self.unix_ms(now);
        for (link, room) in topics::due(&mut self.floor, now) {
            let pair = room.strip_prefix("depth_whole_");
            let index = pair.and_then(|pair| self.pairs.iter().position(|known| known == pair));
            if let Some(index) = index {
                let event = frames::event(&room, &self.whole(index, ms));
                self.floor.send(link, &Utf8Bytes::from(event));
            }
        }
    }

    fn answer(&mut self, uri: &Uri) -> Answer {
        self.rest(uri)
    }

    fn too_many(&self) -> Answer {
        Answer::new(429, r#"{"success":0,"data":{"code":10009}}"#)
    }

    /// A circuit breaker is all that bitbank has words for.
    fn notice(&mut self) {
        let ms = self.unix_ms(self.world.now());
        for pair in &self.pairs {
            let data = format!(
                r#"{{"mode":"CIRCUIT_BREAK","estimated_itayose_price":null,"estimated_itayose_amount":null,"itayose_upper_price":null,"itayose_lower_price":null,"upper_trigger_price":null,"lower_trigger_price":null,"fee_type":"NORMAL","reopen_timestamp":null,"timestamp":{ms}}}"#
            );
            tell(&mut self.floor, &format!("circuit_break_info_{pair}"), || data);
        }
    }

    fn delay_snapshots(&mut self, nanos: i64) {
        self.snapshot_delay = nanos;
    }

    fn floor(&mut self) -> &mut Floor<Topics> {
        &mut self.floor
    }
}

/// Sends an event to those who joined a room.
fn tell(floor: &mut Floor<Topics>, room: &str, data: impl FnOnce() -> String) {
    if floor.is_wanted(|rooms| rooms.hears(room)) {
        let text = Utf8Bytes::from(frames::event(room, &data()));
        floor.publish(|rooms| rooms.hears(room).then(|| text.clone()));
    }
}
