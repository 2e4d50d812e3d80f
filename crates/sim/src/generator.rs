//! A long recording out of nothing: days of a busy market in minutes, for whoever measures how recordings of that
//! length fare.
//!
//! The simulated Binance runs without a socket, as fast as it can, and what it says on one combined link of ten
//! instruments becomes packets. How often each kind comes follows what was measured on real spot traffic (346 s of
//! BTCUSDT: 8 % deltas, 68 % best prices, 24 % trades, 119 frames a second); no two packets are the same.

use std::collections::VecDeque;

use axum::http::Uri;
use bytes::Bytes;
use market::{Body, HttpExchange, LinkId, Packet, Timestamp, Venue};
use tokio::sync::mpsc;

use crate::binance::Binance;
use crate::exchange::{Exchange, Heard};
use crate::floor::Outgoing;
use crate::world::listing::{self, Listing};

/// Simulated time moves in steps of this.
const STEP: i64 = 5_000_000;
/// Frames of one step at most; a burst of ten busy instruments is far below.
const N_FRAMES_A_STEP: usize = 65_536;
/// Between two frames that come together.
const BETWEEN: i64 = 1_500;
/// Coins that are traded.
const COINS: [&str; 10] = ["BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "LINK", "AVAX", "DOT"];
/// What the link opens, and where it asks.
const WS: &str = "ws://127.0.0.1:9/stream";
const REST: &str = "http://127.0.0.1:9";

/// Packets of a session that goes on for as long as it is asked; stamped with the market's own time.
pub struct Generator {
    exchange: Binance,
    frames: mpsc::Receiver<Outgoing>,
    ready: VecDeque<Packet>,
    epoch: Timestamp,
    now: i64,
    stamped: i64,
    number: u64,
}

impl Generator {
    /// A session that begins at `started_at`; the same seed is the same market.
    ///
    /// # Panics
    /// Never: the simulated venue is at the address that it is asked at.
    pub fn new(seed: u64, started_at: Timestamp) -> Self {
        let mut exchange = Binance::new(&listings(), seed, started_at.nanos());
        let (sender, frames) = mpsc::channel(N_FRAMES_A_STEP);
        let link = exchange.join(&Uri::from_static("/stream"), sender);
        let mut generator = Self {
            exchange,
            frames,
            ready: VecDeque::new(),
            epoch: started_at,
            now: 0,
            stamped: 0,
            number: 0,
        };
        generator.push(Body::Opened(Bytes::from_static(WS.as_bytes())));
        generator.ask("/api/v3/exchangeInfo");
        let subscribe = subscription();
        generator.push(Body::Sent(Bytes::from(subscribe.clone())));
        if let Some(link) = link {
            generator.exchange.hear(link, Heard::Text(&subscribe));
        }
        for coin in COINS {
            generator.ask(&format!("/api/v3/depth?symbol={coin}USDT&limit=1000"));
        }
        generator
    }

    fn ask(&mut self, path: &str) {
        let url = Bytes::from(format!("{REST}{path}"));
        self.push(Body::Requested(url.clone()));
        let Ok(uri) = path.parse::<Uri>() else { return };
        let answer = self.exchange.answer(&uri);
        let body = Bytes::from(answer.body);
        self.push(Body::Answered(HttpExchange { url, status: answer.status, body }));
    }

    fn push(&mut self, body: Body) {
        self.stamped = (self.stamped + BETWEEN).max(self.now);
        self.ready.push_back(Packet {
            venue: Venue::Binance,
            link: LinkId(0),
            number: self.number,
            received_at: self.epoch.plus_nanos(self.stamped),
            body,
        });
        self.number += 1;
    }
}

impl Iterator for Generator {
    type Item = Packet;

    fn next(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = self.ready.pop_front() {
                return Some(packet);
            }
            self.now += STEP;
            self.exchange.tick(self.now);
            while let Ok(outgoing) = self.frames.try_recv() {
                match outgoing {
                    Outgoing::Text(text) => self.push(Body::Text(Bytes::from(text))),
                    // The venue closes the links of clients that ask too much; this one asks once.
                    Outgoing::Close(..) => return None,
                }
            }
        }
    }
}

fn subscription() -> String {
    let streams = COINS.iter().flat_map(|coin| {
        let symbol = coin.to_lowercase();
        ["depth@100ms", "trade", "bookTicker"].map(|kind| format!("\"{symbol}usdt@{kind}\""))
    });
    let streams: Vec<String> = streams.collect();
    format!(r#"{{"method":"SUBSCRIBE","params":[{}],"id":1}}"#, streams.join(","))
}

/// The demo's busiest market under ten names.
fn listings() -> Vec<Listing> {
    let Some(busiest) = listing::binance().into_iter().next() else { return Vec::new() };
    let of = |base| {
        let mut listing = Listing { base, ..busiest.clone() };
        listing.character.quotes_per_s *= 52.0;
        listing.character.takers_per_s *= 2.6;
        listing
    };
    COINS.map(of).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(n_packets: usize) -> Vec<Packet> {
        Generator::new(7, Timestamp::from_nanos(1_784_500_000_000_000_000))
            .take(n_packets)
            .collect()
    }

    #[test]
    fn the_mix_of_frames_is_that_of_real_traffic() {
        let packets = first(60_000);
        let seconds = packets[packets.len() - 1].received_at.nanos_since(packets[0].received_at)
            / 1_000_000_000;
        let share = |kind: &str| {
            let is_such = |packet: &&Packet| match &packet.body {
                Body::Text(text) => String::from_utf8_lossy(text).contains(kind),
                _ => false,
            };
            packets.iter().filter(is_such).count() * 100 / packets.len()
        };
        let shares = [share("depthUpdate"), share("@bookTicker"), share("@trade")];
        println!("{shares:?} in {seconds} s");
        assert!((4..=12).contains(&shares[0]), "{shares:?}");
        assert!((60..=80).contains(&shares[1]), "{shares:?}");
        assert!((12..=28).contains(&shares[2]), "{shares:?}");
        let per_second = packets.len() as i64 / seconds;
        assert!((1_740..3_000).contains(&per_second), "{per_second} packets a second");
    }

    #[test]
    fn no_packet_is_repeated_and_stamps_run_on() {
        let packets = first(20_000);
        let mut bodies = std::collections::BTreeSet::new();
        for (index, pair) in packets.windows(2).enumerate() {
            assert!(pair[0].received_at < pair[1].received_at, "packet {index}");
            if let Body::Text(text) = &pair[0].body {
                assert!(bodies.insert(text.clone()), "packet {index} was sent before");
            }
        }
    }

    #[test]
    fn the_same_seed_is_the_same_session() {
        assert_eq!(first(5_000), first(5_000));
    }
}
