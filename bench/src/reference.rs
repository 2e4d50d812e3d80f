//! The kept reference: serde derived + `BTreeMap`, as one would write it in an hour. It is never made faster.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use market::Packet;
use serde::Deserialize;

use crate::traffic::text;

/// Decimals of all its numbers.
pub const SCALE: u32 = 8;

/// A frame of a combined stream.
#[derive(Deserialize)]
struct Stream<T> {
    data: T,
}

#[derive(Deserialize)]
struct Depth<'a> {
    #[serde(rename = "u")]
    last: u64,
    #[serde(borrow, rename = "b")]
    bids: Vec<(&'a str, &'a str)>,
    #[serde(borrow, rename = "a")]
    asks: Vec<(&'a str, &'a str)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Snapshot<'a> {
    last_update_id: u64,
    #[serde(borrow)]
    bids: Vec<(&'a str, &'a str)>,
    #[serde(borrow)]
    asks: Vec<(&'a str, &'a str)>,
}

#[derive(Deserialize)]
struct Trade<'a> {
    #[serde(rename = "p")]
    price: &'a str,
    #[serde(rename = "q")]
    quantity: &'a str,
    #[serde(rename = "m")]
    is_buyer_maker: bool,
}

#[derive(Deserialize)]
struct Ticker<'a> {
    #[serde(rename = "b")]
    bid: &'a str,
    #[serde(rename = "B")]
    bid_quantity: &'a str,
    #[serde(rename = "a")]
    ask: &'a str,
    #[serde(rename = "A")]
    ask_quantity: &'a str,
}

/// A book and what was heard beside it.
#[derive(Debug, Default)]
pub struct Book {
    /// The bids by price.
    pub bids: BTreeMap<i64, i64>,
    /// The asks by price.
    pub asks: BTreeMap<i64, i64>,
    /// Whether its snapshot has come.
    pub is_loaded: bool,
    /// Trades in all.
    pub n_trades: u64,
    /// Price, quantity and maker's side of the last trade.
    pub last_trade: (i64, i64, bool),
    /// The venue's best bid and ask.
    pub quote: [i64; 4],
    /// Depth frames before the snapshot.
    early: Vec<Bytes>,
}

/// All books, by link.
#[derive(Debug, Default)]
pub struct Reference {
    /// The books.
    pub books: BTreeMap<u16, Book>,
}

impl Reference {
    /// Takes one frame.
    pub fn take(&mut self, packet: &Packet) -> anyhow::Result<()> {
        let frame = text(packet);
        let book = self.books.entry(packet.link.0).or_default();
        let Some(at) = frame.iter().take(64).position(|byte| *byte == b'@') else {
            return book.load(frame);
        };
        match frame[at + 1] {
            b'd' if book.is_loaded => book.change(frame, 0),
            b'd' => {
                book.early.push(frame.clone());
                Ok(())
            }
            b't' => book.trade(frame),
            b'b' => book.ticker(frame),
            other => bail!("a stream that begins with {}", char::from(other)),
        }
    }
}

impl Book {
    fn load(&mut self, frame: &[u8]) -> anyhow::Result<()> {
        let snapshot: Snapshot = serde_json::from_slice(frame)?;
        self.bids.clear();
        self.asks.clear();
        set_all(&mut self.bids, &snapshot.bids)?;
        set_all(&mut self.asks, &snapshot.asks)?;
        self.is_loaded = true;
        for frame in std::mem::take(&mut self.early) {
            self.change(&frame, snapshot.last_update_id)?;
        }
        Ok(())
    }

    fn change(&mut self, frame: &[u8], from: u64) -> anyhow::Result<()> {
        let depth = serde_json::from_slice::<Stream<Depth>>(frame)?.data;
        if depth.last > from {
            set_all(&mut self.bids, &depth.bids)?;
            set_all(&mut self.asks, &depth.asks)?;
        }
        Ok(())
    }

    fn trade(&mut self, frame: &[u8]) -> anyhow::Result<()> {
        let trade = serde_json::from_slice::<Stream<Trade>>(frame)?.data;
        self.n_trades += 1;
        self.last_trade = (fixed(trade.price)?, fixed(trade.quantity)?, trade.is_buyer_maker);
        Ok(())
    }

    fn ticker(&mut self, frame: &[u8]) -> anyhow::Result<()> {
        let ticker = serde_json::from_slice::<Stream<Ticker>>(frame)?.data;
        let (bid, ask) = (fixed(ticker.bid)?, fixed(ticker.ask)?);
        self.quote = [bid, fixed(ticker.bid_quantity)?, ask, fixed(ticker.ask_quantity)?];
        Ok(())
    }
}

fn set_all(side: &mut BTreeMap<i64, i64>, levels: &[(&str, &str)]) -> anyhow::Result<()> {
    for (price, quantity) in levels {
        let (price, quantity) = (fixed(price)?, fixed(quantity)?);
        if quantity == 0 {
            side.remove(&price);
        } else {
            side.insert(price, quantity);
        }
    }
    Ok(())
}

/// A decimal number in units of 10^-8.
fn fixed(text: &str) -> anyhow::Result<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut value = 0_i64;
    for digit in whole.bytes().chain(fraction.bytes()) {
        value = value * 10 + i64::from(digit.wrapping_sub(b'0'));
    }
    let n_missing = SCALE.checked_sub(fraction.len() as u32).context("too many decimals")?;
    Ok(value * 10_i64.pow(n_missing))
}
