//! One row a venue.

mod binance;
mod bitbank;
mod bitfinex;
mod bitflyer;
mod bitstamp;
mod bridge;
mod bybit;
mod coinbase;
mod deribit;
mod hyperliquid;
mod kraken;
mod okx;

use market::Venue;
use venues::{Endpoints, Protocol};

use crate::row::Row;

/// The row of a venue: a live one that has none fails.
pub fn row(venue: Venue) -> Row {
    match venue {
        Venue::Binance => binance::spot(),
        Venue::BinanceUs => binance::us(),
        Venue::BinanceUsdM => binance::usd_m(),
        Venue::BinanceCoinM => binance::coin_m(),
        Venue::Kraken => kraken::row(),
        Venue::Okx => okx::row(),
        Venue::Bybit => bybit::spot(),
        Venue::BybitLinear => bybit::linear(),
        Venue::Coinbase => coinbase::row(),
        Venue::Bitfinex => bitfinex::row(),
        Venue::Deribit => deribit::row(),
        Venue::Bitstamp => bitstamp::row(),
        Venue::Hyperliquid => hyperliquid::row(),
        Venue::Bitbank => bitbank::row(),
        Venue::BitFlyer => bitflyer::row(),
        Venue::Bridge => bridge::row(),
        // Each venue that is live is asked for.
        other => unreachable!("{other:?} is read from captures only"),
    }
}

/// All rows: of the venues that can be heard live.
pub fn all() -> impl Iterator<Item = (Venue, Row)> {
    Venue::LIVE.into_iter().map(|venue| (venue, row(venue)))
}

/// The language of a venue at its own address; a bridge is on this machine.
pub fn protocol(venue: Venue) -> Protocol {
    let endpoints = match venue {
        Venue::Bridge => Endpoints { ws: "ws://127.0.0.1:9000".to_owned(), rest: String::new() },
        _ => Endpoints::of(venue),
    };
    Protocol::new(venue, endpoints).expect("an address")
}
