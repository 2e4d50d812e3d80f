//! The simulated Binance: what its streams say as the world moves.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use axum::http::Uri;
use tokio::sync::mpsc;

use super::frames::{self, Aggregate};
use super::futures;
use super::rest::Weights;
use crate::allowance::Allowance;
use crate::exchange::{Answer, Exchange, Heard, decode};
use crate::floor::{Floor, Outgoing, Tamper};
use crate::world::positions::Positions;
use crate::world::{Listing, Market, SECOND, Side, Transaction, World};

/// Length of the fastest delta stream's window.
const WINDOW: i64 = 100_000_000;
/// Aggregates that are kept for `/aggTrades`.
const N_AGGREGATES: usize = 1_000;

/// The simulated Binance.
#[derive(Debug)]
pub struct Binance {
    pub(super) world: World,
    pub(super) floor: Floor<Wants>,
    pub(super) epoch: i64,
    pub(super) weights: Weights,
    pub(super) desks: Vec<Desk>,
    pub(super) dialect: Dialect,
    flushed_to: i64,
}

/// Which of Binance's markets it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Spot,
    /// Futures margined in dollars.
    UsdM,
    /// Futures margined in the coin, whose quantities are contracts.
    CoinM,
}

impl Dialect {
    fn of(listings: &[Listing]) -> Self {
        if listings.iter().any(|listing| listing.contract.is_some()) {
            Self::CoinM
        } else if listings.iter().any(|listing| listing.is_perpetual) {
            Self::UsdM
        } else {
            Self::Spot
        }
    }
}

/// What a link wants to hear.
#[derive(Debug, Default)]
pub struct Wants {
    /// Whether frames are wrapped with the name of their stream.
    pub is_combined: bool,
    /// Names of streams, known or not.
    pub streams: BTreeSet<String>,
    /// When the last messages came, for the limit of so many a second.
    pub heard_at: VecDeque<i64>,
}

/// What is kept of a market beside the world: what was not yet sent.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) symbol: String,
    /// The symbol in names of streams.
    lower: String,
    fast: Window,
    slow: Window,
    touch: Option<((i64, i64), (i64, i64))>,
    pub(super) aggregates: VecDeque<Aggregate>,
    next_aggregate: u64,
    /// Of a future.
    pub(super) positions: Option<Positions>,
}

/// Changes since the last delta of a stream.
#[derive(Debug)]
struct Window {
    first: u64,
    last: u64,
    changes: BTreeMap<(Side, i64), i64>,
}

impl Binance {
    /// The venue with a world at simulated time 0, which is `epoch` in Unix nanoseconds.
    pub fn new(listings: &[Listing], seed: u64, epoch: i64) -> Self {
        let world = World::new(listings, seed);
        let desks = world.markets().iter().map(Desk::new).collect();
        Self {
            world,
            floor: Floor::default(),
            epoch,
            weights: Weights::default(),
            desks,
            dialect: Dialect::of(listings),
            flushed_to: 0,
        }
    }

    /// The markets behind the venue.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Whether these are futures.
    pub(super) fn is_futures(&self) -> bool {
        self.dialect != Dialect::Spot
    }

    /// Unix milliseconds of a simulated time.
    pub(super) fn unix_ms(&self, at: i64) -> i64 {
        (self.epoch + at) / 1_000_000
    }

    fn run_to(&mut self, now: i64) {
        let Self { world, floor, desks, epoch, .. } = self;
        world.advance(now, |index, market, transaction| {
            desks[index].take(market, transaction, floor, *epoch);
        });
    }

    /// A window of 100 ms ends: deltas, and whatever else goes by the clock.
    fn flush(&mut self, at: i64) {
        let sent_ms = self.unix_ms(at);
        let is_whole_second = at % SECOND == 0;
        for (desk, market) in self.desks.iter_mut().zip(self.world.markets()) {
            desk.send_fast(market, &mut self.floor, sent_ms);
            if is_whole_second {
                desk.send_slow(market, &mut self.floor, sent_ms);
                desk.send_statistics(market, &mut self.floor, self.epoch, at);
            }
        }
    }
}

impl Exchange for Binance {
    type Wants = Wants;
    const PINGS_EVERY: Option<Duration> = Some(Duration::from_secs(20));
    const CONNECTS: Option<Allowance> = Some(Allowance::new("connects", 300, 300));
    const WS_PATH: &'static str = "";

    fn join(&mut self, uri: &Uri, frames: mpsc::Sender<Outgoing>) -> Option<u64> {
        let path = uri.path().trim_end_matches('/');
        // Futures are routed by kind of stream; here each road leads to all of them.
        let is_routed = |road| path.strip_prefix(road).filter(|_| self.is_futures());
        let path = is_routed("/public").or_else(|| is_routed("/market")).unwrap_or(path);
        let mut wants = Wants::default();
        if path == "/stream" {
            wants.is_combined = true;
            let streams = Answer::parameter(uri, "streams").unwrap_or_default();
            wants.streams = names(&streams);
        } else {
            wants.streams = names(&decode(path.strip_prefix("/ws")?.trim_start_matches('/')));
        }
        Some(self.floor.join(frames, wants))
    }

    fn hear(&mut self, link: u64, heard: Heard<'_>) {
        let now = self.world.now();
        if self.is_too_fast(link, now) {
            return self.floor.close(link, 1008, "Too many requests");
        }
        if let Heard::Text(text) = heard {
            let reply = self.control(link, text);
            self.floor.send(link, &Utf8Bytes::from(reply));
        }
    }

    fn tick(&mut self, now: i64) {
        while self.flushed_to + WINDOW <= now {
            let edge = self.flushed_to + WINDOW;
            self.run_to(edge);
            self.flush(edge);
            self.flushed_to = edge;
        }
        self.run_to(now);
    }

    fn answer(&mut self, uri: &Uri) -> Answer {
        self.rest(uri)
    }

    fn too_many(&self) -> Answer {
        super::rest::too_many(self.weight_a_minute())
    }

    fn notice(&mut self) {
        let bare = format!(r#"{{"e":"serverShutdown","E":{}}}"#, self.unix_ms(self.world.now()));
        let wrapped = format!(r#"{{"stream":"!serverShutdown","data":{bare}}}"#);
        let (bare, wrapped) = (Utf8Bytes::from(bare), Utf8Bytes::from(wrapped));
        self.floor
            .publish(|wants| Some(if wants.is_combined { wrapped.clone() } else { bare.clone() }));
    }

    /// Binance sends no snapshots on the link.
    fn delay_snapshots(&mut self, _nanos: i64) {}

    fn floor(&mut self) -> &mut Floor<Wants> {
        &mut self.floor
    }
}

/// The streams in `a/b/c`.
fn names(joined: &str) -> BTreeSet<String> {
    joined.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Sends a frame of a stream to all who want it, wrapped or bare.
fn publish(floor: &mut Floor<Wants>, stream: &str, frame: impl FnOnce() -> String) {
    if !floor.is_wanted(|wants| wants.streams.contains(stream)) {
        return;
    }
    let (bare, wrapped) = both(stream, frame());
    floor.publish(|wants| {
        let frame = if wants.is_combined { &wrapped } else { &bare };
        wants.streams.contains(stream).then(|| frame.clone())
    });
}

/// A frame bare, and wrapped with the name of its stream.
fn both(stream: &str, bare: String) -> (Utf8Bytes, Utf8Bytes) {
    let wrapped = format!(r#"{{"stream":"{stream}","data":{bare}}}"#);
    (bare.into(), wrapped.into())
}

impl Desk {
    fn new(market: &Market) -> Self {
        let symbol = frames::symbol(market.listing());
        Self {
            lower: symbol.to_lowercase(),
            symbol,
            fast: Window::new(market),
            slow: Window::new(market),
            touch: None,
            aggregates: VecDeque::new(),
            next_aggregate: 3_016_942_137,
            positions: market.listing().is_perpetual.then(|| Positions::new(market)),
        }
    }

    /// Something happened in the market: trades and the touch are told at once, the book's changes wait.
    fn take(
        &mut self,
        market: &Market,
        transaction: &Transaction,
        floor: &mut Floor<Wants>,
        epoch: i64,
    ) {
        self.fast.add(transaction);
        self.slow.add(transaction);
        let listing = market.listing();
        let ms = (epoch + transaction.at) / 1_000_000;
        for print in &transaction.prints {
            publish(floor, &format!("{}@trade", self.lower), || {
                frames::trade(listing, print, (ms, ms))
            });
        }
        for aggregate in frames::aggregates(transaction, &mut self.next_aggregate) {
            publish(floor, &format!("{}@aggTrade", self.lower), || {
                frames::aggregate(listing, &aggregate, (ms, ms))
            });
            if self.aggregates.len() == N_AGGREGATES {
                self.aggregates.pop_front();
            }
            self.aggregates.push_back(aggregate);
        }
        if let Some(positions) = &mut self.positions
            && let Some(forced) = positions.take(listing, transaction)
        {
            publish(floor, &format!("{}@forceOrder", self.lower), || {
                futures::forced(listing, &forced, ms)
            });
        }
        let book = market.book();
        let touch = book.levels(Side::Bid).next().zip(book.levels(Side::Ask).next());
        if let Some((bid, ask)) = touch
            && self.touch != touch
        {
            self.touch = touch;
            publish(floor, &format!("{}@bookTicker", self.lower), || {
                frames::book_ticker(listing, (market.update_id(), ms), bid, ask)
            });
        }
    }

    fn send_fast(&mut self, market: &Market, floor: &mut Floor<Wants>, sent_ms: i64) {
        let stream = format!("{}@depth@100ms", self.lower);
        self.fast.send(market, floor, (&stream, &self.symbol), sent_ms);
        for depth in [5, 10, 20] {
            let stream = format!("{}@depth{depth}@100ms", self.lower);
            publish(floor, &stream, || partial(market, depth, sent_ms));
        }
    }

    fn send_slow(&mut self, market: &Market, floor: &mut Floor<Wants>, sent_ms: i64) {
        let stream = format!("{}@depth", self.lower);
        self.slow.send(market, floor, (&stream, &self.symbol), sent_ms);
        for depth in [5, 10, 20] {
            publish(floor, &format!("{}@depth{depth}", self.lower), || {
                partial(market, depth, sent_ms)
            });
        }
    }

    fn send_statistics(&mut self, market: &Market, floor: &mut Floor<Wants>, epoch: i64, at: i64) {
        let sent_ms = (epoch + at) / 1_000_000;
        if let Some(positions) = &mut self.positions {
            positions.second(market);
            let mark = || futures::mark(positions, market.listing(), sent_ms);
            publish(floor, &format!("{}@markPrice@1s", self.lower), mark);
        }
        if let Some(candle) = market.tape().minutes().next_back() {
            publish(floor, &format!("{}@kline_1m", self.lower), || {
                let opened_ms = (epoch + candle.opened_at) / 1_000_000;
                frames::kline(market.listing(), candle, (sent_ms, opened_ms))
            });
        }
        publish(floor, &format!("{}@miniTicker", self.lower), || {
            super::lists::mini_ticker(market, sent_ms)
        });
        publish(floor, &format!("{}@ticker", self.lower), || {
            super::lists::ticker_event(market, epoch, sent_ms)
        });
    }
}

fn partial(market: &Market, depth: usize, sent_ms: i64) -> String {
    let book = market.book();
    frames::snapshot(
        market.listing(),
        (market.update_id(), sent_ms),
        book.levels(Side::Bid).take(depth),
        book.levels(Side::Ask).take(depth),
    )
}

impl Window {
    fn new(market: &Market) -> Self {
        let last = market.update_id();
        Self { first: last + 1, last, changes: BTreeMap::new() }
    }

    fn add(&mut self, transaction: &Transaction) {
        for change in &transaction.changes {
            self.changes.insert((change.side, change.price), change.quantity);
        }
        self.last = transaction.first_update + transaction.changes.len() as u64 - 1;
    }

    /// Sends all since the last delta as one, with all update ids in between. Bids best first, asks best first.
    fn send(
        &mut self,
        market: &Market,
        floor: &mut Floor<Wants>,
        (stream, symbol): (&str, &str),
        sent_ms: i64,
    ) {
        if self.changes.is_empty() {
            return;
        }
        let range = (self.first, self.last);
        let (mut bids, mut asks) = (Vec::new(), Vec::new());
        for ((side, price), quantity) in std::mem::take(&mut self.changes) {
            match side {
                Side::Bid => bids.push((price, quantity)),
                Side::Ask => asks.push((price, quantity)),
            }
        }
        bids.reverse();
        self.first = self.last + 1;
        if !floor.is_wanted(|wants| wants.streams.contains(stream)) {
            return;
        }
        let tamper = floor.take_tamper(symbol);
        if tamper == Some(Tamper::Cross)
            && let Some(ask) = market.book().best(Side::Ask)
        {
            bids.push((ask + 3 * market.listing().tick, market.listing().lot));
        }
        let frame = frames::delta(market.listing(), sent_ms, range, (&bids, &asks));
        let (bare, wrapped) = both(stream, frame);
        floor.publish_book(stream, tamper, |wants| {
            let frame = if wants.is_combined { &wrapped } else { &bare };
            wants.streams.contains(stream).then(|| frame.clone())
        });
    }
}
