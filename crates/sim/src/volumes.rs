//! What a client is told of the volume of 24 hours is the sum of all that was traded, at each simulated venue.

use std::collections::BTreeMap;

use axum::http::Uri;
use market::{Body, Event, Events, HttpExchange, LinkId, Packet, Timestamp, Venue};
use tokio::sync::mpsc;
use venues::{Decoder, Endpoints, Protocol, Request, Transport};

use crate::binance::Binance;
use crate::bitbank::Bitbank;
use crate::bitflyer::BitFlyer;
use crate::bybit::Bybit;
use crate::digits;
use crate::exchange::{Exchange, Heard};
use crate::floor::{N_FRAMES_WAITING, Outgoing};
use crate::kraken::Kraken;
use crate::okx::Okx;
use crate::world::{Listing, SECOND, World, listing};

const SEED: u64 = 7;
/// Unix time of simulated time 0.
const EPOCH: i64 = 1_790_000_000 * SECOND;
/// When the client comes, and when it is told what is compared.
const JOINED_AT: i64 = 90 * SECOND;
const ENDS_AT: i64 = 95 * SECOND;

/// A client of an exchange, with the language and the decoder of the program.
struct Client<E> {
    exchange: E,
    protocol: Protocol,
    decoder: Decoder,
    link: u64,
    frames: mpsc::Receiver<Outgoing>,
    /// The last volume of each symbol, as text.
    volumes: BTreeMap<String, String>,
}

impl<E: Exchange> Client<E> {
    fn of(venue: Venue, mut exchange: E) -> Self {
        exchange.tick(JOINED_AT);
        let at = "127.0.0.1:9".to_owned();
        let endpoints = Endpoints {
            ws: format!("ws://{at}{}", exchange.ws_path()),
            rest: format!("http://{at}"),
        };
        let protocol = Protocol::new(venue, endpoints).unwrap();
        let (sender, frames) = mpsc::channel(N_FRAMES_WAITING);
        // Engine.IO has a path of its own, which is no part of an endpoint.
        let path = match protocol.transport() {
            Transport::WebSocket => "",
            Transport::EngineIo { .. } => "/socket.io/?EIO=4&transport=websocket",
        };
        let address = format!("{}{path}", protocol.address());
        let link = exchange.join(&address.parse().unwrap(), sender).unwrap();
        let volumes = BTreeMap::new();
        Self { exchange, protocol, decoder: Decoder::new(venue), link, frames, volumes }
    }

    fn ask(&mut self, requests: Vec<Request>) {
        for request in requests {
            match request {
                Request::Send(frame) => self.exchange.hear(self.link, Heard::Text(&frame)),
                Request::Get { url, .. } => {
                    let answer = self.exchange.answer(&url.parse::<Uri>().unwrap());
                    let (status, body) = (answer.status, answer.body.into());
                    self.take(Body::Answered(HttpExchange { url: url.into(), status, body }));
                }
                Request::Post { url, .. } => panic!("{url}"),
            }
        }
    }

    /// Lets time run, and takes what is said.
    fn hear_until(&mut self, now: i64) {
        self.exchange.tick(now);
        while let Ok(outgoing) = self.frames.try_recv() {
            match outgoing {
                Outgoing::Text(text) => self.take(Body::Text(text.to_string().into())),
                Outgoing::Close(code, reason) => panic!("{code} {reason}"),
            }
        }
    }

    fn take(&mut self, body: Body) {
        let (venue, received_at) = (self.protocol.venue(), Timestamp::default());
        let packet = Packet { venue, link: LinkId(0), number: 0, received_at, body };
        let mut events = Events::default();
        self.decoder.decode(&packet, &mut events).unwrap();
        for event in &events.items {
            let Event::Reference(stated) = event else { continue };
            if let Some(volume) = stated.volume_24h {
                let index = usize::try_from(stated.instrument.index).unwrap();
                let symbol = self.decoder.instruments()[index].symbol.clone();
                self.volumes.insert(symbol, volume.normalize().to_string());
            }
        }
    }
}

/// All that was traded by then in a world of its own: in the past that it began with, and since.
fn traded(listings: &[Listing], until: i64) -> Vec<String> {
    let mut world = World::new(listings, SEED);
    let past = world.markets().iter().map(|market| market.tape().minutes());
    let mut sums: Vec<i128> = past.map(|minutes| minutes.map(|it| it.volume).sum()).collect();
    let mut n_prints = 0;
    world.advance(until, |index, _, transaction| {
        n_prints += transaction.prints.len();
        sums[index] += transaction.prints.iter().map(|it| i128::from(it.quantity)).sum::<i128>();
    });
    assert!(n_prints > 100, "{n_prints} prints");
    let text =
        |(sum, listing): (i128, &Listing)| digits::wide_trimmed(sum, listing.quantity_decimals);
    sums.into_iter().zip(listings).map(text).collect()
}

fn is_told_exactly<E: Exchange>(venue: Venue, listings: &[Listing], exchange: E) {
    let mut client = Client::of(venue, exchange);
    let opening = client.protocol.on_open();
    client.ask(opening);
    client.hear_until(JOINED_AT + SECOND);
    let symbols: Vec<String> =
        client.decoder.instruments().iter().map(|one| one.symbol.clone()).collect();
    assert_eq!(symbols.len(), listings.len(), "{venue:?}: {symbols:?}");
    let asked = client.protocol.subscribe(&symbols);
    client.ask(asked);
    client.hear_until(ENDS_AT);
    client.protocol.on_frame(r#"{"channel":"instrument","data":{"pairs":[]}}"#);
    for _ in &symbols {
        let figures = client.protocol.figures(&symbols);
        client.ask(figures.map_or(Vec::new(), |figures| figures.requests));
    }
    let told: Vec<Option<&String>> =
        symbols.iter().map(|symbol| client.volumes.get(symbol)).collect();
    let traded = traded(listings, ENDS_AT);
    let mut expected: Vec<Option<&String>> = traded.iter().map(Some).collect();
    let (mut told_sorted, count) = (told.clone(), told.len());
    // Lists have orders of their own; no two markets trade the same.
    told_sorted.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told_sorted, expected, "{venue:?}: {count} symbols {symbols:?}");
}

#[test]
fn binance_tells_what_was_traded_on_each_of_its_markets() {
    for (venue, listings) in [
        (Venue::Binance, listing::binance()),
        (Venue::BinanceUsdM, listing::binance_usdm()),
        (Venue::BinanceCoinM, listing::binance_coinm()),
    ] {
        is_told_exactly(venue, &listings, Binance::new(&listings, SEED, EPOCH));
    }
}

#[test]
fn kraken_tells_what_was_traded() {
    let listings = listing::kraken();
    is_told_exactly(Venue::Kraken, &listings, Kraken::new(&listings, SEED, EPOCH));
}

#[test]
fn okx_tells_what_was_traded_in_coins_and_in_contracts() {
    let listings = listing::okx();
    assert!(listings.iter().any(|one| one.is_perpetual), "contracts among them");
    is_told_exactly(Venue::Okx, &listings, Okx::new(&listings, SEED, EPOCH));
}

#[test]
fn bybit_tells_what_was_traded_on_spot_by_http_and_of_perpetuals_on_its_topic() {
    let listings = listing::bybit();
    is_told_exactly(Venue::Bybit, &listings, Bybit::new(&listings, SEED, EPOCH));
    let listings = listing::bybit_linear();
    is_told_exactly(Venue::BybitLinear, &listings, Bybit::new(&listings, SEED, EPOCH));
}

#[test]
fn bitbank_tells_what_was_traded() {
    let listings = listing::bitbank();
    is_told_exactly(Venue::Bitbank, &listings, Bitbank::new(&listings, SEED, EPOCH));
}

#[test]
fn bitflyer_tells_what_was_traded_on_its_channel() {
    let listings = listing::bitflyer();
    is_told_exactly(Venue::BitFlyer, &listings, BitFlyer::new(&listings, SEED, EPOCH));
}
