//! The simulated bitFlyer: what its channels say as the world moves.

use std::time::Duration;

use axum::extract::ws::Utf8Bytes;
use axum::http::Uri;
use tokio::sync::mpsc;

use super::frames::{self, Said};
use crate::allowance::Allowance;
use crate::cut::Cut;
use crate::engineio;
use crate::exchange::{Answer, Exchange, Heard};
use crate::floor::{Floor, Outgoing, Tamper};
use crate::topics::Topics;
use crate::world::{Listing, SECOND, World};

/// Time between two frames of what changed in a board.
const WINDOW: i64 = 125_000_000;
/// Time between two whole boards; none comes with a subscription.
const WHOLE_EVERY: i64 = 5 * SECOND;
/// How often a client of Socket.IO must ping, and how much later it may: what the first packet says.
const BEAT_EVERY: i64 = 15 * SECOND;
const BEAT_TIMEOUT: i64 = 3 * SECOND;
/// Levels a side.
const DEPTH: usize = 300;

/// The simulated bitFlyer.
#[derive(Debug)]
pub struct BitFlyer {
    pub(super) world: World,
    pub(super) floor: Floor<Topics>,
    pub(super) epoch: i64,
    /// Product codes by position of the market.
    pub(super) products: Vec<String>,
    /// The boards as they were told, by position of the market.
    boards: Vec<Cut>,
    /// Nanoseconds by which a fault holds whole boards back.
    snapshot_delay: i64,
    flushed_to: i64,
}

impl BitFlyer {
    /// The venue with a world at simulated time 0, which is `epoch` in Unix nanoseconds.
    pub fn new(listings: &[Listing], seed: u64, epoch: i64) -> Self {
        let world = World::new(listings, seed);
        Self {
            products: listings.iter().map(frames::product).collect(),
            boards: world.markets().iter().map(|market| Cut::new(market, DEPTH)).collect(),
            world,
            floor: Floor::default(),
            epoch,
            snapshot_delay: 0,
            flushed_to: 0,
        }
    }

    /// The markets behind the venue.
    pub fn world(&self) -> &World {
        &self.world
    }

    fn run_to(&mut self, now: i64) {
        let Self { world, floor, epoch, products, .. } = self;
        world.advance(now, |index, market, transaction| {
            if transaction.prints.is_empty() || floor.len() == 0 {
                return;
            }
            tell(floor, &format!("lightning_executions_{}", products[index]), || {
                frames::executions(market.listing(), transaction.prints.iter(), *epoch)
            });
        });
    }

    fn tell_boards(&mut self, now: i64) {
        let whole_at = now - self.snapshot_delay;
        let is_whole = whole_at.rem_euclid(WHOLE_EVERY) < WINDOW;
        let Self { world, floor, products, boards, epoch, .. } = self;
        for ((market, product), cut) in world.markets().iter().zip(products).zip(boards) {
            let mut entries = cut.advance(market);
            let channel = format!("lightning_board_{product}");
            if !entries.is_empty() && floor.is_wanted(|topics| topics.hears(&channel)) {
                let tamper = floor.take_tamper(product);
                if tamper == Some(Tamper::Cross) {
                    entries.cross(market);
                }
                // Those of one frame stand in no order.
                entries.bids.reverse();
                let board = frames::board(market, &entries.bids, &entries.asks);
                let said = Said::new(&channel, &board);
                floor.publish_book(&channel, tamper, |topics| {
                    topics.hears(&channel).then(|| said.to(topics))
                });
            }
            if is_whole {
                tell(floor, &format!("lightning_board_snapshot_{product}"), || {
                    frames::board(market, &cut.bids, &cut.asks)
                });
            }
            if now % SECOND == 0 {
                tell(floor, &format!("lightning_ticker_{product}"), || {
                    frames::ticker(market, *epoch + now)
                });
            }
        }
    }
}

impl Exchange for BitFlyer {
    type Wants = Topics;
    const PINGS_EVERY: Option<Duration> = Some(Duration::from_secs(15));
    const WS_PATH: &'static str = "/json-rpc";

    fn allowance(_path: &str) -> Option<Allowance> {
        Some(Allowance::new("requests", 500, 300))
    }

    fn join(&mut self, uri: &Uri, frames: mpsc::Sender<Outgoing>) -> Option<u64> {
        let mut topics = Topics::new(self.world.now());
        if uri.path().trim_end_matches('/') == Self::WS_PATH {
            return Some(self.floor.join(frames, topics));
        }
        // Over Socket.IO there are WebSockets only.
        let is_here = engineio::is_at(uri, "3") && !engineio::concerns_a_session(uri);
        if !is_here {
            return None;
        }
        topics.is_socketio = true;
        let link = self.floor.join(frames, topics);
        let times = (BEAT_EVERY / 1_000_000, BEAT_TIMEOUT / 1_000_000);
        self.floor.send(link, &Utf8Bytes::from(engineio::opening(link, uri, times)));
        self.floor.send(link, &Utf8Bytes::from_static("40"));
        Some(link)
    }

    fn hear(&mut self, link: u64, heard: Heard<'_>) {
        let now = self.world.now();
        if let Heard::Text(text) = heard
            && let Some(topics) = self.floor.wants(link)
        {
            topics.heard_at = now;
            if topics.is_socketio {
                self.packet(link, text);
            } else {
                self.control(link, text);
            }
        }
    }

    fn tick(&mut self, now: i64) {
        while self.flushed_to + WINDOW <= now {
            let edge = self.flushed_to + WINDOW;
            self.run_to(edge);
            if self.floor.len() > 0 {
                self.tell_boards(edge);
            }
            self.flushed_to = edge;
        }
        self.run_to(now);
        let is_dead = |topics: &Topics| {
            topics.is_socketio && now - topics.heard_at > BEAT_EVERY + BEAT_TIMEOUT
        };
        for link in self.floor.those(is_dead) {
            self.floor.close(link, 1000, "");
        }
    }

    fn answer(&mut self, uri: &Uri) -> Answer {
        self.rest(uri)
    }

    fn too_many(&self) -> Answer {
        let words = "Over API limit per period, per IP address";
        Answer::new(429, format!(r#"{{"status":-1,"error_message":"{words}","data":null}}"#))
    }

    /// bitFlyer ends its links without a word.
    fn notice(&mut self) {}

    fn delay_snapshots(&mut self, nanos: i64) {
        self.snapshot_delay = nanos;
    }

    fn floor(&mut self) -> &mut Floor<Topics> {
        &mut self.floor
    }
}

/// Sends a message to those who hear a channel.
fn tell(floor: &mut Floor<Topics>, channel: &str, message: impl FnOnce() -> String) {
    if floor.is_wanted(|topics| topics.hears(channel)) {
        let said = Said::new(channel, &message());
        floor.publish(|topics| topics.hears(channel).then(|| said.to(topics)));
    }
}
