//! Trades of the scripted venues, by their sockets and by HTTP, and their books by HTTP; composed after their
//! documents.

use market::Timestamp;
use serde_json::{Value, json};

use super::frames::{TRADES, coinbase};
use super::server::{ASK, moment};

/// A trade of one at 120 by a buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The venue's number, from 1.
    pub id: u64,
    /// When.
    pub at: Timestamp,
}

impl Printed {
    fn millis(self) -> i64 {
        self.at.nanos() / 1_000_000
    }
}

/// How a venue tells its trades, and what it tells by HTTP where its socket is blocked.
#[derive(Clone, Copy)]
pub struct Tape {
    /// The frames of a trade; `n` counts on per link.
    pub said: fn(Printed, n: &mut u64) -> Vec<String>,
    /// The answer to a path, and to what was posted; the trades are oldest first.
    pub by_http: fn(path: &str, posted: &Value, trades: &[Printed]) -> Option<Value>,
}

fn newest_first<T>(trades: &[Printed], one: impl Fn(&Printed) -> T) -> Vec<T> {
    trades.iter().rev().map(one).collect()
}

fn coinbase_trade(trade: &Printed) -> Value {
    // A buyer took it: the venue tells the maker's side.
    json!({
        "trade_id": trade.id.to_string(), "product_id": "BTC-USD", "price": "120", "size": "1",
        "side": "SELL", "time": trade.at.to_string(),
    })
}

pub const COINBASE: Tape = Tape {
    said: |trade, n| {
        let event = json!([{ "type": "update", "trades": [coinbase_trade(&trade)] }]);
        vec![coinbase(n, "market_trades", &event)]
    },
    by_http: |path, _, trades| {
        if path.ends_with("/product_book") {
            let side = |price: &str| json!([{ "price": price, "size": "1" }]);
            let time = Timestamp::default().to_string();
            let book = json!({ "product_id": "BTC-USD", "bids": side("100"), "asks": side("150"), "time": time });
            return Some(json!({ "pricebook": book }));
        }
        let trades = newest_first(trades, coinbase_trade);
        path.ends_with("/ticker").then(|| json!({ "trades": trades, "best_bid": "100" }))
    },
};

fn bitfinex_trade(trade: &Printed) -> Value {
    json!([trade.id, trade.millis(), 1, 120])
}

pub const BITFINEX: Tape = Tape {
    said: |trade, n| {
        *n += 1;
        let stamp = 1_790_134_414_850_u64 + *n;
        vec![json!([TRADES, "te", bitfinex_trade(&trade), *n, stamp]).to_string()]
    },
    by_http: |path, _, trades| {
        if path.ends_with("/book/tBTCUSD/P0") {
            return Some(json!([[100, 1, 1], [ASK, 1, -1]]));
        }
        let told = || json!(newest_first(trades, bitfinex_trade));
        path.ends_with("/trades/tBTCUSD/hist").then(told)
    },
};

fn deribit_trade(trade: &Printed) -> Value {
    json!({
        "timestamp": trade.millis(), "price": 120.0, "amount": 10.0, "direction": "buy",
        "instrument_name": "BTC-PERPETUAL", "trade_seq": trade.id,
    })
}

pub const DERIBIT: Tape = Tape {
    said: |trade, _| {
        let data = json!([deribit_trade(&trade)]);
        let params = json!({ "channel": "trades.BTC-PERPETUAL.100ms", "data": data });
        let frame = json!({ "jsonrpc": "2.0", "method": "subscription", "params": params });
        vec![frame.to_string()]
    },
    by_http: |path, _, trades| {
        if path.ends_with("/get_order_book") {
            let book = json!({
                "timestamp": 1_550_757_626_706_u64, "state": "open", "change_id": 474_988,
                "instrument_name": "BTC-PERPETUAL", "bids": [[100.0, 10.0]], "asks": [[150.0, 10.0]],
            });
            return Some(json!({ "jsonrpc": "2.0", "result": book }));
        }
        let told = || json!({ "trades": newest_first(trades, deribit_trade), "has_more": false });
        let is_asked = path.ends_with("/get_last_trades_by_instrument");
        is_asked.then(|| json!({ "jsonrpc": "2.0", "result": told() }))
    },
};

pub const BITSTAMP: Tape = Tape {
    said: |trade, _| {
        let micros = (trade.millis() * 1_000).to_string();
        let data = json!({
            "id": trade.id, "timestamp": (trade.millis() / 1_000).to_string(), "microtimestamp": micros,
            "amount": 1, "amount_str": "1", "price": 120, "price_str": "120", "type": 0,
        });
        let frame = json!({ "event": "trade", "channel": "live_trades_btcusd", "data": data });
        vec![frame.to_string()]
    },
    by_http: |path, _, trades| {
        let told = |trade: &Printed| {
            json!({
                "date": (trade.millis() / 1_000).to_string(), "tid": trade.id.to_string(),
                "amount": "1", "type": "0", "price": "120",
            })
        };
        path.ends_with("/transactions/btcusd").then(|| json!(newest_first(trades, told)))
    },
};

fn hyperliquid_trade(trade: &Printed) -> Value {
    json!({
        "coin": "BTC", "side": "B", "px": "120.0", "sz": "1", "time": trade.millis(),
        "hash": "0x0", "tid": trade.id,
    })
}

pub const HYPERLIQUID: Tape = Tape {
    said: |trade, _| {
        let data = json!([hyperliquid_trade(&trade)]);
        vec![json!({ "channel": "trades", "data": data }).to_string()]
    },
    by_http: |_, posted, trades| match posted["type"].as_str()? {
        "l2Book" => {
            let level = |price: u32| json!({ "n": 1, "px": format!("{price}.0"), "sz": "1" });
            let levels = json!([[level(100)], [level(ASK)]]);
            Some(json!({ "coin": "BTC", "levels": levels, "time": moment() }))
        }
        "recentTrades" => Some(json!(newest_first(trades, hyperliquid_trade))),
        "meta" => Some(json!({ "universe": [{ "name": "BTC", "szDecimals": 5 }] })),
        "spotMeta" => Some(json!({ "tokens": [], "universe": [] })),
        _ => None,
    },
};
