//! The simulated OKX: what its channels say as the world moves.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use axum::http::Uri;
use tokio::sync::mpsc;

use super::frames::{self, Place};
use super::swaps;
use crate::allowance::Allowance;
use crate::cut::{Cut, Entries};
use crate::exchange::{Answer, Exchange, Heard};
use crate::floor::{Floor, Outgoing, Tamper};
use crate::topics::{self, Topics};
use crate::world::positions::Positions;
use crate::world::{Listing, Market, SECOND, Transaction, World};

/// Time between two frames of `books` and `books5`.
const WINDOW: i64 = 100_000_000;
/// Levels a side of `books`.
const DEPTH: usize = 400;
/// A book in which nothing happens says so after this.
const QUIET_LONGEST: i64 = 60 * SECOND;
/// A link that hears and says nothing is closed after this.
const IDLE_LONGEST: i64 = 30 * SECOND;
/// From the notice to the end of the links that were told.
const NOTICE_BEFORE: i64 = 60 * SECOND;
/// By how much sequences are lower after a maintenance; those of the world begin higher.
const LOWERED_BY: u64 = 40_000_000_000;

/// The simulated OKX.
#[derive(Debug)]
pub struct Okx {
    pub(super) world: World,
    pub(super) floor: Floor<Topics>,
    pub(super) epoch: i64,
    /// Symbols by position of the market.
    pub(super) ids: Vec<String>,
    pub(super) positions: Vec<Option<Positions>>,
    /// What is told of books, by topic.
    books: BTreeMap<String, Told>,
    flushed_to: i64,
    /// Links that were told to reconnect, and when they end.
    leaving: Vec<(i64, u64)>,
    lowered_by: u64,
    snapshot_delay: i64,
}

/// What was told of a book in one channel.
#[derive(Debug)]
struct Told {
    index: usize,
    cut: Cut,
    /// The id of the last frame.
    sequence: u64,
    sent_at: i64,
}

impl Okx {
    /// The venue with a world at simulated time 0, which is `epoch` in Unix nanoseconds.
    pub fn new(listings: &[Listing], seed: u64, epoch: i64) -> Self {
        let world = World::new(listings, seed);
        Self {
            ids: listings.iter().map(frames::symbol).collect(),
            positions: Positions::of_each(world.markets()),
            world,
            floor: Floor::default(),
            epoch,
            books: BTreeMap::new(),
            flushed_to: 0,
            leaving: Vec::new(),
            lowered_by: 0,
            snapshot_delay: 0,
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

    /// Whether a swap follows this index.
    pub(super) fn has_index(&self, index: &str) -> bool {
        self.of_index(index).is_some()
    }

    /// The swap that follows an index.
    pub(super) fn of_index(&self, index: &str) -> Option<usize> {
        let follows = |market: &Market| {
            market.listing().is_perpetual && frames::index(market.listing()) == index
        };
        self.world.markets().iter().position(follows)
    }

    /// The id of the last change of a market.
    pub(super) fn sequence(&self, market: &Market) -> u64 {
        market.update_id() - self.lowered_by
    }

    /// A topic is subscribed: what stands is told at once, and a book's snapshot unless a fault holds it back.
    pub(super) fn begin(&mut self, link: u64, topic: &str) {
        let held = topics::held_back(self.world.now(), self.snapshot_delay);
        let Some(wants) = self.floor.wants(link) else { return };
        if wants.begin(topic, held.filter(|_| topic.starts_with("books:"))) {
            self.send_first(link, topic);
        }
    }

    fn send_first(&mut self, link: u64, topic: &str) {
        let (now, Some((channel, id))) = (self.world.now(), topic.split_once(':')) else { return };
        let ms = self.unix_ms(now);
        let frame = match depth(channel) {
            Some(depth) => self.book_as_told(topic, (channel, id, depth), now),
            None => self.statement(channel, id, ms),
        };
        if let Some(frame) = frame {
            self.floor.send(link, &Utf8Bytes::from(frame));
        }
    }

    /// A book as those hold it who hear the topic already.
    fn book_as_told(
        &mut self,
        topic: &str,
        (channel, id, depth): (&str, &str, usize),
        now: i64,
    ) -> Option<String> {
        let index = self.ids.iter().position(|known| known == id)?;
        let (ms, market) = (self.unix_ms(now), &self.world.markets()[index]);
        let sequence = self.sequence(market);
        let told = self.books.entry(topic.to_owned()).or_insert_with(|| Told {
            index,
            cut: Cut::new(market, depth),
            sequence,
            sent_at: now,
        });
        let (listing, cut) = (market.listing(), &told.cut);
        if channel != "books" {
            return Some(frames::whole(listing, channel, cut, (told.sequence, ms)));
        }
        let entries = Entries { bids: cut.bids.clone(), asks: cut.asks.clone() };
        let place = Place { sequence: told.sequence, previous: -1, checksum: 0, ms };
        Some(frames::book(listing, "snapshot", &entries, place))
    }

    /// What a channel says of an instrument at any time.
    fn statement(&self, channel: &str, id: &str, ms: i64) -> Option<String> {
        if channel == "instruments" {
            return Some(frames::data(
                &format!(r#"{{"channel":"instruments","instType":"{id}"}}"#),
                &self.instruments(id),
            ));
        }
        let index = match channel {
            "index-tickers" => self.of_index(id)?,
            _ => self.ids.iter().position(|known| known == id)?,
        };
        let market = &self.world.markets()[index];
        let (listing, positions) = (market.listing(), self.positions[index].as_ref());
        let body = match channel {
            "tickers" => frames::ticker(market, ms),
            "funding-rate" => swaps::funding(listing, positions?, ms),
            "mark-price" => swaps::mark(listing, positions?, ms),
            "index-tickers" => swaps::index_ticker(listing, positions?, ms),
            "open-interest" => swaps::open_interest(listing, positions?, ms),
            _ => {
                let bar = channel.strip_prefix("candle").and_then(frames::bar)?;
                self.candles(market, bar).pop()?
            }
        };
        Some(frames::data(&frames::arg(channel, id), &body))
    }

    /// Elements of the list of instruments of a kind.
    pub(super) fn instruments(&self, kind: &str) -> String {
        let listings = self.world.markets().iter().map(Market::listing);
        let of_kind = listings.filter(|listing| frames::kind(listing) == kind);
        of_kind.map(frames::instrument).collect::<Vec<_>>().join(",")
    }

    /// Rows of candles, oldest first; the last one is open.
    pub(super) fn candles(&self, market: &Market, (n_minutes, shift_h): (i64, i64)) -> Vec<String> {
        let bars = market.tape().bars(n_minutes, self.epoch + shift_h * 3_600 * SECOND);
        let length = n_minutes * 60 * SECOND;
        let row = |bar: &crate::world::Candle| {
            let is_closed = bar.opened_at + length <= self.world.now();
            frames::candle(market.listing(), bar, (self.unix_ms(bar.opened_at), is_closed))
        };
        bars.iter().map(row).collect()
    }

    fn run_to(&mut self, now: i64) {
        let Self { world, floor, epoch, positions, .. } = self;
        world.advance(now, |index, market, transaction| {
            let ms = (*epoch + transaction.at) / 1_000_000;
            tell_trades(floor, market, transaction, ms);
            if let Some(positions) = &mut positions[index]
                && let Some(forced) = positions.take(market.listing(), transaction)
            {
                tell(floor, "liquidation-orders:SWAP", || {
                    swaps::liquidation(market.listing(), &forced, ms)
                });
            }
        });
    }

    /// Books whose time has come are told; `is_edge` at the end of a window.
    fn tell_books(&mut self, now: i64, is_edge: bool) {
        let ms = self.unix_ms(now);
        let Self { world, floor, books, lowered_by, .. } = self;
        books.retain(|topic, _| floor.is_wanted(|wants| wants.hears(topic)));
        for (topic, told) in books {
            let (Some((channel, _)), market) =
                (topic.split_once(':'), &world.markets()[told.index])
            else {
                continue;
            };
            if !is_edge && channel != "bbo-tbt" {
                continue;
            }
            let entries = told.cut.advance(market);
            let is_quiet = entries.is_empty();
            if is_quiet && (channel != "books" || now - told.sent_at < QUIET_LONGEST) {
                continue;
            }
            let previous = told.sequence;
            if !is_quiet {
                told.sequence = market.update_id() - *lowered_by;
            }
            told.sent_at = now;
            tell_book(floor, topic, (market, told), entries, (previous, ms));
        }
    }

    /// A second has passed: what goes by the clock.
    fn second(&mut self, at: i64) {
        let ms = self.unix_ms(at);
        for (positions, market) in self.positions.iter_mut().zip(self.world.markets()) {
            if let Some(positions) = positions {
                positions.second(market);
            }
        }
        if self.floor.len() == 0 {
            return;
        }
        let idle = self.floor.those(|wants| wants.is_empty() && at - wants.heard_at > IDLE_LONGEST);
        for link in idle {
            self.floor.close(link, 4004, "No data received in 30s.");
        }
        for topic in topics::heard(&mut self.floor) {
            let Some((channel, id)) = topic.split_once(':') else { continue };
            let is_due = match channel {
                "funding-rate" => at % (30 * SECOND) == 0,
                "open-interest" => at % (3 * SECOND) == 0,
                "instruments" => false,
                _ => depth(channel).is_none(),
            };
            if let Some(frame) = self.statement(channel, id, ms).filter(|_| is_due) {
                tell(&mut self.floor, &topic, || frame);
            }
        }
    }

    /// Links that were told of a maintenance end, and with them the old sequence.
    fn retire(&mut self, now: i64) {
        let due: Vec<_> = self.leaving.extract_if(.., |leaving| leaving.0 <= now).collect();
        for (_, link) in due {
            self.floor.close(link, 1001, "service upgrade");
            self.lowered_by = LOWERED_BY;
        }
    }
}

impl Exchange for Okx {
    type Wants = Topics;
    const PINGS_EVERY: Option<Duration> = None;
    const CONNECTS: Option<Allowance> = Some(Allowance::new("connects", 3, 1));
    const WS_PATH: &'static str = "/ws/v5/public";

    fn allowance(path: &str) -> Option<Allowance> {
        Some(match path.strip_prefix("/api/v5/")? {
            "market/books" => Allowance::new("books", 40, 2),
            "market/books-full" => Allowance::new("books-full", 10, 2),
            "market/trades" => Allowance::new("trades", 100, 2),
            "market/candles" => Allowance::new("candles", 40, 2),
            _ => Allowance::new("others", 20, 2),
        })
    }

    fn join(&mut self, uri: &Uri, frames: mpsc::Sender<Outgoing>) -> Option<u64> {
        let is_business = match uri.path().trim_end_matches('/') {
            "/ws/v5/public" => false,
            "/ws/v5/business" => true,
            _ => return None,
        };
        let mut wants = Topics::new(self.world.now());
        wants.is_business = is_business;
        Some(self.floor.join(frames, wants))
    }

    fn hear(&mut self, link: u64, heard: Heard<'_>) {
        let now = self.world.now();
        if let Some(wants) = self.floor.wants(link) {
            wants.heard_at = now;
        }
        if let Heard::Text(text) = heard {
            self.control(link, text);
        }
    }

    fn tick(&mut self, now: i64) {
        while self.flushed_to + WINDOW <= now {
            let edge = self.flushed_to + WINDOW;
            self.run_to(edge);
            self.tell_books(edge, true);
            if edge % SECOND == 0 {
                self.second(edge);
            }
            self.flushed_to = edge;
        }
        self.run_to(now);
        self.tell_books(now, false);
        for (link, topic) in topics::due(&mut self.floor, now) {
            self.send_first(link, &topic);
        }
        self.retire(now);
    }

    fn answer(&mut self, uri: &Uri) -> Answer {
        self.rest(uri)
    }

    fn too_many(&self) -> Answer {
        Answer::new(429, r#"{"code":"50011","data":[],"msg":"Too Many Requests"}"#)
    }

    fn notice(&mut self) {
        let words = "The connection will soon be closed for a service upgrade. Please reconnect.";
        let notice =
            format!(r#"{{"event":"notice","code":"64008","msg":"{words}","connId":"a4d3ae55"}}"#);
        let (text, ends_at) = (Utf8Bytes::from(notice), self.world.now() + NOTICE_BEFORE);
        self.leaving.extend(self.floor.those(|_| true).into_iter().map(|link| (ends_at, link)));
        self.floor.publish(|_| Some(text.clone()));
    }

    fn delay_snapshots(&mut self, nanos: i64) {
        self.snapshot_delay = nanos;
    }

    fn floor(&mut self) -> &mut Floor<Topics> {
        &mut self.floor
    }
}

/// Levels a side of a channel of books.
fn depth(channel: &str) -> Option<usize> {
    match channel {
        "books" => Some(DEPTH),
        "books5" => Some(5),
        "bbo-tbt" => Some(1),
        _ => None,
    }
}

/// Sends a frame to those who hear a topic.
fn tell(floor: &mut Floor<Topics>, topic: &str, frame: impl FnOnce() -> String) {
    if floor.is_wanted(|wants| wants.hears(topic)) {
        let text = Utf8Bytes::from(frame());
        floor.publish(|wants| wants.hears(topic).then(|| text.clone()));
    }
}

fn tell_trades(floor: &mut Floor<Topics>, market: &Market, transaction: &Transaction, ms: i64) {
    if transaction.prints.is_empty() || floor.len() == 0 {
        return;
    }
    let (listing, id) = (market.listing(), frames::symbol(market.listing()));
    let topic = format!("trades:{id}");
    for (print, count) in frames::merged(transaction) {
        tell(floor, &topic, || {
            let end = format!(r#","count":"{count}""#);
            frames::data(&frames::arg("trades", &id), &frames::trade(listing, &print, &end, ms))
        });
    }
}

fn tell_book(
    floor: &mut Floor<Topics>,
    topic: &str,
    (market, told): (&Market, &Told),
    mut entries: Entries,
    (previous, ms): (u64, i64),
) {
    let listing = market.listing();
    let (channel, id) = topic.split_once(':').unwrap_or((topic, ""));
    if channel != "books" {
        return tell(floor, topic, || {
            frames::whole(listing, channel, &told.cut, (told.sequence, ms))
        });
    }
    let tamper = floor.take_tamper(id);
    if tamper == Some(Tamper::Cross) {
        entries.cross(market);
    }
    // The field is 0 since 2026-06-23; a client that finds another number may hold the book against it.
    let checksum = if tamper == Some(Tamper::Corrupt) { -855_196_043 } else { 0 };
    let place = Place { sequence: told.sequence, previous: i128::from(previous), checksum, ms };
    let text = Utf8Bytes::from(frames::book(listing, "update", &entries, place));
    floor.publish_book(topic, tamper, |wants| wants.hears(topic).then(|| text.clone()));
}
