//! The simulated Kraken: what its channels say as the world moves.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use axum::http::Uri;
use tokio::sync::mpsc;

use super::books::View;
use super::checksum;
use super::frames::{self, BookFrame};
use crate::allowance::Allowance;
use crate::exchange::{Answer, Exchange, Heard};
use crate::floor::{Floor, Outgoing, Tamper};
use crate::world::{Listing, Market, SECOND, Side, Transaction, World};

/// Trades in the snapshot of the `trade` channel.
const N_TRADES_IN_SNAPSHOT: usize = 50;
/// An unsubscribed link is closed after this.
const IDLE_LONGEST: i64 = 60 * SECOND;

/// The simulated Kraken.
#[derive(Debug)]
pub struct Kraken {
    pub(super) world: World,
    pub(super) floor: Floor<Wants>,
    pub(super) epoch: i64,
    views: BTreeMap<(usize, u32), View>,
    beaten_to: i64,
    /// Snapshots that a fault holds back: link, position, depth, and when they are due.
    held: Vec<(u64, usize, u32, i64)>,
    /// Nanoseconds by which a fault holds snapshots back.
    snapshot_delay: i64,
}

/// What a link wants to hear.
#[derive(Debug, Default)]
pub struct Wants {
    /// Depth by position of the market.
    pub books: BTreeMap<usize, u32>,
    /// Positions of markets.
    pub trades: BTreeSet<usize>,
    /// Whether the instrument channel is subscribed.
    pub instruments: bool,
    /// When the client last said something.
    pub heard_at: i64,
    /// Books whose snapshot has not been sent yet.
    pub waiting: BTreeSet<usize>,
}

impl Wants {
    fn is_subscribed(&self) -> bool {
        self.instruments || !self.books.is_empty() || !self.trades.is_empty()
    }
}

impl Kraken {
    /// The venue with a world at simulated time 0, which is `epoch` in Unix nanoseconds.
    pub fn new(listings: &[Listing], seed: u64, epoch: i64) -> Self {
        Self {
            world: World::new(listings, seed),
            floor: Floor::default(),
            epoch,
            views: BTreeMap::new(),
            beaten_to: 0,
            held: Vec::new(),
            snapshot_delay: 0,
        }
    }

    /// The markets behind the venue.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Unix nanoseconds now.
    pub(super) fn unix_ns(&self) -> i64 {
        self.epoch + self.world.now()
    }

    /// A book is subscribed: its snapshot comes now, unless a fault holds it back.
    pub(super) fn begin_book(&mut self, link: u64, index: usize, depth: u32) {
        if self.snapshot_delay > 0 {
            if let Some(wants) = self.floor.wants(link) {
                wants.waiting.insert(index);
            }
            self.held.push((link, index, depth, self.world.now() + self.snapshot_delay));
        } else {
            self.send_snapshot(link, index, depth);
        }
    }

    fn send_snapshot(&mut self, link: u64, index: usize, depth: u32) {
        let unix_ns = self.unix_ns();
        let market = &self.world.markets()[index];
        let (book, listing) = (market.book(), market.listing());
        self.views.entry((index, depth)).or_insert_with(|| View::new(book, depth as usize));
        let bids: Vec<_> = book.levels(Side::Bid).take(depth as usize).collect();
        let asks: Vec<_> = book.levels(Side::Ask).take(depth as usize).collect();
        let frame = BookFrame {
            listing,
            kind: "snapshot",
            bids: &bids,
            asks: &asks,
            checksum: checksum_of(market),
            unix_ns,
        };
        let text = Utf8Bytes::from(frame.text());
        if let Some(wants) = self.floor.wants(link) {
            wants.waiting.remove(&index);
        }
        self.floor.send(link, &text);
    }

    /// The last trades, for a client that asks for a snapshot of them.
    pub(super) fn send_trades(&mut self, link: u64, index: usize) {
        let market = &self.world.markets()[index];
        let prints = market.tape().prints();
        let skipped = prints.len().saturating_sub(N_TRADES_IN_SNAPSHOT);
        let text = frames::trades(market.listing(), "snapshot", prints.skip(skipped), self.epoch);
        self.floor.send(link, &Utf8Bytes::from(text));
    }

    /// Once a second: heartbeats, and the end of links that want nothing.
    fn beat(&mut self, at: i64) {
        let heartbeat = Utf8Bytes::from_static(r#"{"channel":"heartbeat"}"#);
        self.floor.publish(|wants| wants.is_subscribed().then(|| heartbeat.clone()));
        let idle =
            self.floor.those(|wants| !wants.is_subscribed() && at - wants.heard_at > IDLE_LONGEST);
        for link in idle {
            self.floor.close(link, 1000, "idle");
        }
        let Self { floor, views, .. } = self;
        views.retain(|(index, depth), _| {
            floor.is_wanted(|wants| wants.books.get(index) == Some(depth))
        });
    }

    fn release_snapshots(&mut self, now: i64) {
        let due: Vec<_> = self.held.extract_if(.., |held| held.3 <= now).collect();
        for (link, index, depth, _) in due {
            if self.floor.wants(link).is_some_and(|wants| wants.waiting.contains(&index)) {
                self.send_snapshot(link, index, depth);
            }
        }
    }
}

impl Exchange for Kraken {
    type Wants = Wants;
    const PINGS_EVERY: Option<Duration> = None;
    const CONNECTS: Option<Allowance> = Some(Allowance::new("connects", 150, 600));
    const WS_PATH: &'static str = "/v2";

    fn join(&mut self, uri: &Uri, frames: mpsc::Sender<Outgoing>) -> Option<u64> {
        if uri.path().trim_end_matches('/') != "/v2" {
            return None;
        }
        let wants = Wants { heard_at: self.world.now(), ..Wants::default() };
        let link = self.floor.join(frames, wants);
        self.floor.send(link, &Utf8Bytes::from(frames::status(link, "online")));
        Some(link)
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
        let Self { world, floor, views, epoch, .. } = self;
        world.advance(now, |index, market, transaction| {
            tell_trades(floor, *epoch, index, market, transaction);
            for ((_, depth), view) in views.range_mut((index, 0)..=(index, u32::MAX)) {
                tell_book(floor, (view, *depth), *epoch, index, (market, transaction));
            }
        });
        self.release_snapshots(now);
        if now - self.beaten_to >= SECOND {
            self.beaten_to = now - now.rem_euclid(SECOND);
            self.beat(now);
        }
    }

    fn answer(&mut self, uri: &Uri) -> Answer {
        self.rest(uri)
    }

    fn too_many(&self) -> Answer {
        Answer::new(200, r#"{"error":["EAPI:Rate limit exceeded"]}"#)
    }

    fn notice(&mut self) {
        let text = Utf8Bytes::from(frames::status(1, "maintenance"));
        self.floor.publish(|_| Some(text.clone()));
    }

    fn end_notice(&mut self) {
        let text = Utf8Bytes::from(frames::status(1, "online"));
        self.floor.publish(|_| Some(text.clone()));
    }

    fn delay_snapshots(&mut self, nanos: i64) {
        self.snapshot_delay = nanos;
    }

    fn floor(&mut self) -> &mut Floor<Wants> {
        &mut self.floor
    }
}

fn checksum_of(market: &Market) -> u32 {
    let listing = market.listing();
    checksum::of(market.book(), listing.price_decimals, listing.quantity_decimals)
}

fn tell_trades(
    floor: &mut Floor<Wants>,
    epoch: i64,
    index: usize,
    market: &Market,
    transaction: &Transaction,
) {
    if transaction.prints.is_empty() || !floor.is_wanted(|wants| wants.trades.contains(&index)) {
        return;
    }
    let prints = transaction.prints.iter();
    let text = Utf8Bytes::from(frames::trades(market.listing(), "update", prints, epoch));
    floor.publish(|wants| wants.trades.contains(&index).then(|| text.clone()));
}

/// Tells the clients of one depth what changed for them.
fn tell_book(
    floor: &mut Floor<Wants>,
    (view, depth): (&mut View, u32),
    epoch: i64,
    index: usize,
    (market, transaction): (&Market, &Transaction),
) {
    let mut entries = view.follow(market.book(), transaction);
    let hears =
        |wants: &Wants| wants.books.get(&index) == Some(&depth) && !wants.waiting.contains(&index);
    if entries.is_empty() || !floor.is_wanted(hears) {
        return;
    }
    let listing = market.listing();
    let tamper = floor.take_tamper(&frames::symbol(listing));
    if tamper == Some(Tamper::Cross)
        && let Some((ask, quantity)) = market.book().levels(Side::Ask).next()
    {
        entries.bids.push((ask + 3 * listing.tick, quantity));
    }
    let frame = BookFrame {
        listing,
        kind: "update",
        bids: &entries.bids,
        asks: &entries.asks,
        checksum: checksum_of(market) ^ u32::from(tamper == Some(Tamper::Corrupt)),
        unix_ns: epoch + transaction.at,
    };
    let text = Utf8Bytes::from(frame.text());
    let stream = format!("{index}/{depth}");
    floor.publish_book(&stream, tamper, |wants| hears(wants).then(|| text.clone()));
}
