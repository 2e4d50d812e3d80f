//! Binance: spot, Binance.US, and its two futures markets, which speak dialects of one language.

mod book;
mod decode;
mod http;
mod instruments;
mod levels;
mod links;
mod markets;
mod memory;
mod message;
mod positions;
mod protocol;
mod scan;
mod sign;
mod tape;
mod ticker;

#[cfg(test)]
mod scan_equals_serde;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use self::protocol::{Beside, Requests};
use crate::endpoint::Endpoints;
use crate::list::{Address, Entry, Language};
use crate::protocol::{Live, Requests as Asks, Transport};

/// Spot.
pub(crate) static SPOT: Entry = Entry {
    venue: Venue::Binance,
    // Its server pings every 20 s.
    silence: Duration::from_secs(25),
    endpoints: &[
        // Public market data only: not blocked by region as the main hosts are.
        ("wss://data-stream.binance.vision", "https://data-api.binance.vision"),
        ("wss://stream.binance.com:9443", "https://api.binance.com"),
    ],
    language,
    live: Some(Live {
        limits: markets::SPOT_LIMITS,
        transport: Transport::WebSocket,
        speak: |at| {
            (format!("{}/stream", at.ws), Box::new(Requests::new(&markets::SPOT, &at.rest)))
        },
        needs_rest: true,
    }),
    owns: |address| (dialect(address)? == Venue::Binance).then_some(true),
    sign: sign::sign,
    twin_of: None,
    names: |header| header.contains("binance"),
};

/// Binance.US: spot to the letter, another exchange.
pub(crate) static US: Entry = Entry {
    venue: Venue::BinanceUs,
    silence: markets::FUTURES_SILENCE,
    endpoints: &[("wss://stream.binance.us:9443", "https://api.binance.us")],
    language,
    live: Some(Live {
        limits: markets::US_LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (format!("{}/stream", at.ws), Box::new(Requests::new(&markets::US, &at.rest))),
        needs_rest: true,
    }),
    owns: |address| address.is_within("binance.us").then_some(true),
    sign: |_| None,
    twin_of: Some(Venue::Binance),
    names: |header| header.contains("binance_us") || header.contains("binance.us"),
};

/// Futures margined in dollars.
///
/// Since 2026-04-23 the streams are split: book, best prices and trades come under `/public`, marks and liquidations
/// under `/market`. A stream of the other path is acknowledged and never comes. Hence two links.
pub(crate) static USD_M: Entry = futures(
    Venue::BinanceUsdM,
    &[("wss://fstream.binance.com", "https://fapi.binance.com")],
    |at| speak_futures(&markets::USD_M, "/public/stream", at),
    (
        |address| (dialect(address)? == Venue::BinanceUsdM).then_some(true),
        |header| names_futures(header, &["usdm", "usd-m", "usd_m", "binance_futures"]),
    ),
);

/// Futures margined in the coin.
///
/// No notice splits its streams. But since it shares the architecture of USD-M (2026-06-30), clients report that marks
/// and liquidations come under `/market` alone; books come under the old path, as they do on USD-M.
pub(crate) static COIN_M: Entry = futures(
    Venue::BinanceCoinM,
    &[("wss://dstream.binance.com", "https://dapi.binance.com")],
    |at| speak_futures(&markets::COIN_M, "/stream", at),
    (
        |address| (dialect(address)? == Venue::BinanceCoinM).then_some(true),
        |header| names_futures(header, &["coinm", "coin-m", "coin_m", "binance_delivery"]),
    ),
);

/// How a market is told by an address, and by the header of a capture.
type Told = (fn(&Address<'_>) -> Option<bool>, fn(&str) -> bool);

/// One of the two futures markets: where it is, how it is spoken to, and how its addresses and headers are told.
const fn futures(
    venue: Venue,
    endpoints: &'static [(&'static str, &'static str)],
    speak: fn(&Endpoints) -> Spoken,
    (owns, names): Told,
) -> Entry {
    let limits = markets::FUTURES_LIMITS;
    Entry {
        venue,
        // Its server pings every 3 minutes.
        silence: markets::FUTURES_SILENCE,
        endpoints,
        language,
        live: Some(Live { limits, transport: Transport::WebSocket, speak, needs_rest: true }),
        owns,
        sign: |_| None,
        twin_of: None,
        names,
    }
}

/// What is opened, and what is asked on it.
type Spoken = (String, Box<dyn Asks>);

/// Marks and liquidations come on a link of their own, everything else on this path.
fn speak_futures(market: &'static markets::Market, path: &str, at: &Endpoints) -> Spoken {
    let beside = Beside::new(format!("{}/market/stream", at.ws));
    let requests = Requests::new(market, &at.rest).with(beside);
    (format!("{}{path}", at.ws), Box::new(requests))
}

fn language() -> Box<dyn Language> {
    Box::new(Decode::default())
}

/// Which of the three markets an address of Binance is of.
fn dialect(address: &Address<'_>) -> Option<Venue> {
    let domains = ["binance.com", "binance.vision", "binancefuture.com"];
    domains.into_iter().any(|domain| address.is_within(domain)).then_some(())?;
    let names = |path: &str, rest: &str, stream: &str| {
        address.path.starts_with(path)
            || address.host.contains(rest)
            || address.host.contains(stream)
    };
    Some(if names("fapi/", "fapi", "fstream") {
        Venue::BinanceUsdM
    } else if names("dapi/", "dapi", "dstream") {
        Venue::BinanceCoinM
    } else {
        Venue::Binance
    })
}

fn names_futures(header: &str, words: &[&str]) -> bool {
    header.contains("binance") && words.iter().any(|word| header.contains(word))
}
