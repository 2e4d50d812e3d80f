//! Binance: spot, Binance.US, and its two futures markets, which speak dialects of one language.

mod book;
mod decode;
mod http;
mod instruments;
mod levels;
mod links;
mod message;
mod protocol;
mod scan;
mod sign;
mod tape;

#[cfg(test)]
mod scan_equals_serde;

use std::time::Duration;

use market::Venue;

use self::decode::Decode;
use self::protocol::Requests;
use crate::list::{Address, Entry, Language};
use crate::protocol::{Live, Transport};

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
        limits: protocol::LIMITS,
        transport: Transport::WebSocket,
        speak: |at| (format!("{}/stream", at.ws), Box::new(Requests::new(&at.rest))),
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
    silence: Duration::from_secs(25),
    endpoints: &[],
    language,
    live: None,
    owns: |address| address.is_within("binance.us").then_some(true),
    sign: |_| None,
    twin_of: Some(Venue::Binance),
    names: |header| header.contains("binance_us") || header.contains("binance.us"),
};

/// Futures margined in dollars.
pub(crate) static USD_M: Entry = Entry {
    venue: Venue::BinanceUsdM,
    // Its server pings every 3 minutes.
    silence: Duration::from_secs(200),
    endpoints: &[],
    language,
    live: None,
    owns: |address| (dialect(address)? == Venue::BinanceUsdM).then_some(true),
    sign: |_| None,
    twin_of: None,
    names: |header| names_futures(header, &["usdm", "usd-m", "usd_m", "binance_futures"]),
};

/// Futures margined in the coin.
pub(crate) static COIN_M: Entry = Entry {
    venue: Venue::BinanceCoinM,
    silence: Duration::from_secs(200),
    endpoints: &[],
    language,
    live: None,
    owns: |address| (dialect(address)? == Venue::BinanceCoinM).then_some(true),
    sign: |_| None,
    twin_of: None,
    names: |header| names_futures(header, &["coinm", "coin-m", "coin_m", "binance_delivery"]),
};

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
