//! The simulated Bybit: what its topics say as the world moves.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use axum::http::Uri;
use tokio::sync::mpsc;

use super::frames::{self, Place};
use super::tickers::{self, Fields};
use crate::allowance::Allowance;
use crate::cut::{Cut, Entries};
use crate::exchange::{Answer, Exchange, Heard};
use crate::floor::{Floor, Outgoing, Tamper};
use crate::topics::{self, Topics};
use crate::world::positions::{Forced, Positions};
use crate::world::{Listing, Market, SECOND, Side, Transaction, World};

/// The finest step in which topics are told.
const WINDOW: i64 = 10_000_000;
/// Time between two tickers.
const TICKERS_EVERY: i64 = 100_000_000;
/// A book of one level in which nothing happens is told again after this.
const QUIET_LONGEST: i64 = 3 * SECOND;
/// A link on which nothing is heard or said is cut after this.
const IDLE_LONGEST: i64 = 600 * SECOND;

/// The simulated Bybit: one category of it.
#[derive(Debug)]
pub struct Bybit {
    pub(super) world: World,
    pub(super) floor: Floor<Topics>,
    pub(super) epoch: i64,
    pub(super) is_linear: bool,
    /// Symbols by position of the market.
    pub(super) ids: Vec<String>,
    pub(super) positions: Vec<Option<Positions>>,
    /// What is told of books, by topic.
    books: BTreeMap<String, Told>,
    /// What was told of tickers, by topic.
    tickers: BTreeMap<String, (usize, Fields)>,
    flushed_to: i64,
    snapshot_delay: i64,
}

/// What was told of a book in one topic.
#[derive(Debug)]
struct Told {
    index: usize,
    depth: usize,
    /// Nanoseconds between two frames.
    every: i64,
    cut: Cut,
    /// Counts the frames.
    number: u64,
    sent_at: i64,
    /// The next frame is the first of a service that was started anew.
    is_restarted: bool,
}

impl Bybit {
    /// The venue with a world at simulated time 0, which is `epoch` in Unix nanoseconds.
    pub fn new(listings: &[Listing], seed: u64, epoch: i64) -> Self {
        let world = World::new(listings, seed);
        Self {
            is_linear: listings.iter().any(|listing| listing.is_perpetual),
            ids: listings.iter().map(frames::symbol).collect(),
            positions: Positions::of_each(world.markets()),
            world,
            floor: Floor::default(),
            epoch,
            books: BTreeMap::new(),
            tickers: BTreeMap::new(),
            flushed_to: 0,
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

    fn index(&self, id: &str) -> Option<usize> {
        self.ids.iter().position(|known| known == id)
    }

    /// Whether there is such a topic.
    pub(super) fn is_topic(&self, topic: &str) -> bool {
        match topic.split_once('.') {
            Some(("orderbook", _)) => self.book_of(topic).is_some(),
            Some(("publicTrade" | "tickers", id)) => self.index(id).is_some(),
            Some(("allLiquidation", id)) => self.is_linear && self.index(id).is_some(),
            Some(_) | None => false,
        }
    }

    /// The market, levels a side and pace of a topic of a book.
    fn book_of(&self, topic: &str) -> Option<(usize, usize, i64)> {
        let (depth, id) = topic.strip_prefix("orderbook.")?.split_once('.')?;
        let (depth, every_ms) = match depth {
            "1" => (1, 10),
            "50" => (50, 20),
            "200" => (200, 100),
            "1000" => (1_000, 200),
            _ => return None,
        };
        Some((self.index(id)?, depth, every_ms * 1_000_000))
    }

    /// A topic is subscribed: what stands is told at once, a book's snapshot unless a fault holds it back.
    pub(super) fn begin(&mut self, link: u64, topic: &str) {
        let held = topics::held_back(self.world.now(), self.snapshot_delay);
        let Some(wants) = self.floor.wants(link) else { return };
        if wants.begin(topic, held.filter(|_| topic.starts_with("orderbook."))) {
            self.send_first(link, topic);
        }
    }

    fn send_first(&mut self, link: u64, topic: &str) {
        let (now, ms) = (self.world.now(), self.unix_ms(self.world.now()));
        let frame = if let Some((index, depth, every)) = self.book_of(topic) {
            let market = &self.world.markets()[index];
            let told = self.books.entry(topic.to_owned()).or_insert_with(|| Told {
                index,
                depth,
                every,
                cut: Cut::new(market, depth),
                // Each topic has counted for some time before anybody hears it.
                number: 15_000_000 + market.update_id() % 1_000_000,
                sent_at: now,
                is_restarted: false,
            });
            told.whole(topic, market, ms)
        } else if let Some((index, fields)) = self.ticker(topic, ms) {
            let sequence = self.world.markets()[index].update_id();
            // Those who hear it already hold the same fields, or are told the difference from these.
            let told = self.tickers.entry(topic.to_owned()).or_insert((index, fields));
            tickers::frame(topic, "snapshot", &told.1, (sequence, ms))
        } else {
            return;
        };
        self.floor.send(link, &Utf8Bytes::from(frame));
    }

    fn ticker(&self, topic: &str, ms: i64) -> Option<(usize, Fields)> {
        let index = self.index(topic.strip_prefix("tickers.")?)?;
        let (market, positions) = (&self.world.markets()[index], self.positions[index].as_ref());
        Some((index, tickers::fields(market, positions, ms)))
    }

    fn run_to(&mut self, now: i64) {
        let Self { world, floor, epoch, positions, .. } = self;
        world.advance(now, |index, market, transaction| {
            let ms = (*epoch + transaction.at) / 1_000_000;
            tell_trades(floor, market, transaction, ms);
            if let Some(positions) = &mut positions[index]
                && let Some(forced) = positions.take(market.listing(), transaction)
            {
                tell_forced(floor, market.listing(), &forced, ms);
            }
        });
    }

    fn tell_books(&mut self, now: i64) {
        let ms = self.unix_ms(now);
        let Self { world, floor, books, .. } = self;
        books.retain(|topic, _| floor.is_wanted(|wants| wants.hears(topic)));
        for (topic, told) in books {
            if now % told.every == 0 {
                told.tell(topic, &world.markets()[told.index], floor, (now, ms));
            }
        }
    }

    fn tell_tickers(&mut self, now: i64) {
        let ms = self.unix_ms(now);
        let Self { world, floor, tickers, positions, is_linear, .. } = self;
        tickers.retain(|topic, _| floor.is_wanted(|wants| wants.hears(topic)));
        for (topic, (index, told)) in tickers {
            let market = &world.markets()[*index];
            let fields = tickers::fields(market, positions[*index].as_ref(), ms);
            let Some(changes) = tickers::changes(told, &fields) else { continue };
            let place = (market.update_id(), ms);
            let frame = if *is_linear {
                tickers::frame(topic, "delta", &changes, place)
            } else {
                tickers::frame(topic, "snapshot", &fields, place)
            };
            *told = fields;
            tell(floor, topic, || frame);
        }
    }

    fn second(&mut self, at: i64) {
        for (positions, market) in self.positions.iter_mut().zip(self.world.markets()) {
            if let Some(positions) = positions {
                positions.second(market);
            }
        }
        let is_idle = |wants: &Topics| wants.is_empty() && at - wants.heard_at > IDLE_LONGEST;
        for link in self.floor.those(is_idle) {
            self.floor.close(link, 1006, "idle");
        }
    }
}

impl Told {
    /// The whole book as those hold it who hear the topic already.
    fn whole(&self, topic: &str, market: &Market, ms: i64) -> String {
        let entries = Entries { bids: self.cut.bids.clone(), asks: self.cut.asks.clone() };
        let place = Place { number: self.number, sequence: self.cut.update, ms };
        frames::book(topic, "snapshot", market.listing(), &entries, place)
    }

    /// Tells what changed since the last frame.
    fn tell(
        &mut self,
        topic: &str,
        market: &Market,
        floor: &mut Floor<Topics>,
        (now, ms): (i64, i64),
    ) {
        let mut entries = self.cut.advance(market);
        let is_single = self.depth == 1;
        let is_repeated = is_single && now - self.sent_at >= QUIET_LONGEST;
        if entries.is_empty() && !is_repeated && !self.is_restarted {
            return;
        }
        let (listing, symbol) = (market.listing(), frames::symbol(market.listing()));
        let tamper = floor.take_tamper(&symbol);
        if tamper == Some(Tamper::Cross) {
            entries.cross(market);
        }
        self.sent_at = now;
        if self.is_restarted {
            self.number = 1;
        } else if !entries.is_empty() {
            self.number += 1;
        }
        let text = if is_single || self.is_restarted {
            self.is_restarted = false;
            self.whole(topic, market, ms)
        } else {
            let place = Place { number: self.number, sequence: self.cut.update, ms };
            frames::book(topic, "delta", listing, &entries, place)
        };
        let text = Utf8Bytes::from(text);
        floor.publish_book(topic, tamper, |wants| wants.hears(topic).then(|| text.clone()));
    }
}

impl Exchange for Bybit {
    type Wants = Topics;
    const PINGS_EVERY: Option<Duration> = None;
    const CONNECTS: Option<Allowance> = Some(Allowance::new("connects", 500, 300));
    const WS_PATH: &'static str = "/v5/public/";

    fn allowance(_path: &str) -> Option<Allowance> {
        Some(Allowance::new("requests", 600, 5))
    }

    fn ws_path(&self) -> String {
        format!("{}{}", Self::WS_PATH, frames::category(self.is_linear))
    }

    fn join(&mut self, uri: &Uri, frames: mpsc::Sender<Outgoing>) -> Option<u64> {
        let is_here = uri.path().trim_end_matches('/') == self.ws_path();
        is_here.then(|| self.floor.join(frames, Topics::new(self.world.now())))
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
        // Nobody hears the finer steps of a world without links.
        let window = if self.floor.len() == 0 { SECOND } else { WINDOW };
        while self.flushed_to - self.flushed_to % window + window <= now {
            let edge = self.flushed_to - self.flushed_to % window + window;
            self.run_to(edge);
            self.tell_books(edge);
            if edge % TICKERS_EVERY == 0 {
                self.tell_tickers(edge);
            }
            if edge % SECOND == 0 {
                self.second(edge);
            }
            self.flushed_to = edge;
        }
        self.run_to(now);
        for (link, topic) in topics::due(&mut self.floor, now) {
            self.send_first(link, &topic);
        }
    }

    fn answer(&mut self, uri: &Uri) -> Answer {
        self.rest(uri)
    }

    fn too_many(&self) -> Answer {
        let words = r#""retCode":10006,"retMsg":"Too many visits!","result":{},"retExtInfo":{}"#;
        let now_ms = self.unix_ms(self.world.now());
        Answer::new(200, format!(r#"{{{words},"time":{now_ms}}}"#))
    }

    /// Bybit has no words for it: its service is started anew, and counts from 1.
    fn notice(&mut self) {
        self.books.values_mut().for_each(|told| told.is_restarted = true);
    }

    fn delay_snapshots(&mut self, nanos: i64) {
        self.snapshot_delay = nanos;
    }

    fn floor(&mut self) -> &mut Floor<Topics> {
        &mut self.floor
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
    let listing = market.listing();
    let topic = format!("publicTrade.{}", frames::symbol(listing));
    tell(floor, &topic, || {
        let place = (transaction.first_update, ms);
        let prints = transaction.prints.iter();
        let rows: Vec<_> = prints.map(|print| frames::trade(listing, print, place)).collect();
        frames::snapshot(&topic, &format!("[{}]", rows.join(",")), ms)
    });
}

/// The side is that of the position: a buyer closes a short one.
fn tell_forced(floor: &mut Floor<Topics>, listing: &Listing, forced: &Forced, ms: i64) {
    let id = frames::symbol(listing);
    let topic = format!("allLiquidation.{id}");
    let position = match forced.taker {
        Side::Bid => "Sell",
        Side::Ask => "Buy",
    };
    tell(floor, &topic, || {
        let data = format!(
            r#"[{{"T":{ms},"s":"{id}","S":"{position}","v":"{}","p":"{}"}}]"#,
            frames::size(listing, forced.quantity),
            frames::price(listing, forced.price),
        );
        frames::snapshot(&topic, &data, ms)
    });
}
