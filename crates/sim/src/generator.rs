//! A long recording out of nothing: days of a busy market in minutes, for whoever measures how recordings of that
//! length fare.
//!
//! What the simulated Binance would say on one combined link of ten instruments becomes packets, without a socket and
//! as fast as it can. How often each kind comes follows what was measured on real spot traffic (346 s of BTCUSDT: 8 %
//! deltas of some forty levels, 68 % best prices, 24 % trades, 119 frames a second); no two packets are the same.

mod voice;

use std::collections::VecDeque;
use std::thread::available_parallelism;

use axum::http::Uri;
use bytes::Bytes;
use market::{Body, HttpExchange, LinkId, Packet, Timestamp, Venue};
use session::{Ahead, ahead};
use tokio::sync::mpsc;

use crate::binance::Binance;
use crate::exchange::{Exchange, Heard};
use crate::floor::Outgoing;
use crate::world::listing::{self, Listing};
use crate::world::{SECOND, World};
use voice::{Said, Voice, streams};

/// Between two frames that come together.
const BETWEEN: i64 = 1_500;
/// Coins that are traded.
const COINS: [&str; 10] = ["BTC", "ETH", "SOL", "XRP", "ADA", "DOGE", "LTC", "LINK", "AVAX", "DOT"];
/// What the link opens, and where it asks.
const WS: &str = "ws://127.0.0.1:9/stream";
const REST: &str = "http://127.0.0.1:9";

/// Packets of a session that goes on for as long as it is asked; stamped with the market's own time.
pub struct Generator {
    choirs: Vec<Choir>,
    ready: VecDeque<Packet>,
    epoch: Timestamp,
    stamped: i64,
    number: u64,
}

/// Some of the markets, on a thread of their own: second after second what they say, each with its position.
type Choir = Ahead<Vec<(usize, Said)>>;

impl Generator {
    /// A session that begins at `started_at`; the same seed is the same market.
    ///
    /// # Panics
    /// When the system has no room for a thread.
    pub fn new(seed: u64, started_at: Timestamp) -> Self {
        let listings = listings();
        let mut generator = Self {
            choirs: choirs(&listings, seed, started_at.nanos()),
            ready: VecDeque::new(),
            epoch: started_at,
            stamped: 0,
            number: 0,
        };
        generator.open(&listings, seed);
        generator
    }

    /// The link opens, and asks for all that it needs before anything happens in the markets.
    fn open(&mut self, listings: &[Listing], seed: u64) {
        let mut exchange = Binance::new(listings, seed, self.epoch.nanos());
        let (sender, mut frames) = mpsc::channel(1);
        let link = exchange.join(&Uri::from_static("/stream"), sender);
        self.push(0, Body::Opened(Bytes::from_static(WS.as_bytes())));
        self.ask(&mut exchange, "/api/v3/exchangeInfo");
        let subscribe = subscription(listings);
        self.push(0, Body::Sent(Bytes::from(subscribe.clone())));
        if let Some(link) = link {
            exchange.hear(link, Heard::Text(&subscribe));
        }
        if let Ok(Outgoing::Text(reply)) = frames.try_recv() {
            self.push(0, Body::Text(Bytes::from(reply)));
        }
        for coin in COINS {
            self.ask(&mut exchange, &format!("/api/v3/depth?symbol={coin}USDT&limit=1000"));
        }
    }

    fn ask(&mut self, exchange: &mut Binance, path: &str) {
        let url = Bytes::from(format!("{REST}{path}"));
        self.push(0, Body::Requested(url.clone()));
        let Ok(uri) = path.parse::<Uri>() else { return };
        let answer = exchange.answer(&uri);
        let body = Bytes::from(answer.body);
        self.push(0, Body::Answered(HttpExchange { url, status: answer.status, body }));
    }

    fn push(&mut self, at: i64, body: Body) {
        self.stamped = (self.stamped + BETWEEN).max(at);
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
        while self.ready.is_empty() {
            let mut said = Vec::new();
            for choir in &mut self.choirs {
                said.extend(choir.next()?);
            }
            // Stable: what one market says at one moment stays in order, however the markets are dealt out.
            said.sort_by_key(|(position, said)| (said.at, *position));
            for (_, Said { at, frame }) in said {
                self.push(at, Body::Text(frame));
            }
        }
        self.ready.pop_front()
    }
}

/// The markets, dealt out to as many threads as the machine has processors.
fn choirs(listings: &[Listing], seed: u64, epoch: i64) -> Vec<Choir> {
    let worlds = World::new(listings, seed).apart();
    let voices = worlds.filter_map(|world| Voice::of(world, epoch)).enumerate();
    let n_choirs = available_parallelism().map_or(1, usize::from).min(COINS.len());
    let mut choirs: Vec<Vec<(usize, Voice)>> = (0..n_choirs).map(|_| Vec::new()).collect();
    for (position, voice) in voices {
        choirs[position % n_choirs].push((position, voice));
    }
    let run = |mut voices: Vec<(usize, Voice)>| {
        ahead(1, (1..).map(move |second| sing(&mut voices, second * SECOND)))
    };
    choirs.into_iter().map(run).collect()
}

/// All that some markets say up to a moment.
fn sing(voices: &mut [(usize, Voice)], to: i64) -> Vec<(usize, Said)> {
    let (mut all, mut said) = (Vec::new(), Vec::new());
    for (position, voice) in voices {
        voice.speak_until(to, &mut said);
        all.extend(said.drain(..).map(|said| (*position, said)));
    }
    all
}

fn subscription(listings: &[Listing]) -> String {
    let streams = listings.iter().flat_map(streams).map(|stream| format!("\"{stream}\""));
    let streams: Vec<String> = streams.collect();
    format!(r#"{{"method":"SUBSCRIBE","params":[{}],"id":1}}"#, streams.join(","))
}

/// The demo's busiest market under ten names, as busy as a real one.
fn listings() -> Vec<Listing> {
    let Some(busiest) = listing::binance().into_iter().next() else { return Vec::new() };
    let of = |base| {
        let mut listing = Listing { base, ..busiest.clone() };
        listing.character.quotes_per_s *= 17.0;
        listing.character.at_touch = 0.4;
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
