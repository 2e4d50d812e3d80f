//! What each venue says, composed after its documents: a book of one bid at 100 and one ask at 150.

use market::Venue;
use serde_json::{Value, json};

use super::printed;
use super::server::{Script, Step, moment};

/// All that the simulated exchange does not speak.
pub const SCRIPTS: [Script; 5] = [COINBASE, BITFINEX, DERIBIT, BITSTAMP, HYPERLIQUID];

/// Adds one and says what it was before.
fn next(n: &mut u64) -> u64 {
    *n += 1;
    *n - 1
}

const COINBASE: Script = Script {
    venue: Venue::Coinbase,
    symbol: "BTC-USD",
    http: &[(
        "/products",
        r#"{"products":[{"product_id":"BTC-USD","price":"100","base_increment":"0.00000001","quote_increment":"0.01","price_increment":"0.01","base_min_size":"0.00000001","base_currency_id":"BTC","quote_currency_id":"USD","status":"online","product_type":"SPOT"}],"num_products":1}"#,
    )],
    reply: |asked, n| {
        let mut frames = Vec::new();
        if asked["type"] == "subscribe" && asked["channel"] == "level2" {
            let levels = [("bid", "100"), ("offer", "150")];
            frames.push(coinbase_book(n, "snapshot", &levels));
        }
        let channels = json!([{ "subscriptions": { "heartbeats": ["heartbeats"] } }]);
        frames.push(coinbase(n, "subscriptions", &channels));
        frames
    },
    say: |step, n| match step {
        Step::Bid(price) => vec![coinbase_book(n, "update", &[("bid", &price.to_string())])],
        Step::BidBehindGap(price) => {
            *n += 3;
            vec![coinbase_book(n, "update", &[("bid", &price.to_string())])]
        }
        Step::Unknown => vec![coinbase(n, "weather", &json!([]))],
        Step::Sum(_) | Step::Notice => Vec::new(),
    },
    tape: printed::COINBASE,
    is_book: |frame| frame.contains("snapshot"),
};

pub fn coinbase(n: &mut u64, channel: &str, events: &Value) -> String {
    json!({
        "channel": channel, "timestamp": "2026-08-24T22:34:13.793075885Z",
        "sequence_num": next(n), "events": events,
    })
    .to_string()
}

fn coinbase_book(n: &mut u64, kind: &str, levels: &[(&str, &str)]) -> String {
    let updates: Vec<_> = levels
        .iter()
        .map(|(side, price)| {
            json!({
                "side": side, "event_time": "2026-08-24T22:34:13.483122Z",
                "price_level": price, "new_quantity": "1",
            })
        })
        .collect();
    let event = json!([{ "type": kind, "product_id": "BTC-USD", "updates": updates }]);
    coinbase(n, "l2_data", &event)
}

/// Numbers of its channels.
const BOOK: u64 = 7;
pub const TRADES: u64 = 8;

const BITFINEX: Script = Script {
    venue: Venue::Bitfinex,
    symbol: "tBTCUSD",
    http: &[
        ("/conf/pub:map:currency:sym", "[[]]"),
        ("/tickers", r#"[["tBTCUSD",100,25.1,150,30.2,-1,-0.01,100,1500.1,120,90]]"#),
    ],
    reply: |asked, n| match asked["event"].as_str() {
        Some("conf") => {
            let info = json!({
                "event": "info", "version": 2, "serverId": "a", "platform": { "status": 1 },
            });
            let conf = json!({ "event": "conf", "status": "OK", "flags": asked["flags"] });
            vec![info.to_string(), conf.to_string()]
        }
        Some("subscribe") => {
            let is_book = asked["channel"] == "book";
            let channel = if is_book { BOOK } else { TRADES };
            let mut subscribed = asked.clone();
            subscribed["event"] = "subscribed".into();
            subscribed["chanId"] = channel.into();
            subscribed["pair"] = "BTCUSD".into();
            let rows = if is_book { json!([[100, 1, 1], [150, 1, -1]]) } else { json!([]) };
            vec![subscribed.to_string(), bitfinex(n, channel, &rows)]
        }
        Some("unsubscribe") => {
            let gone =
                json!({ "event": "unsubscribed", "status": "OK", "chanId": asked["chanId"] });
            vec![gone.to_string()]
        }
        Some(_) | None => Vec::new(),
    },
    say: |step, n| match step {
        Step::Bid(price) => vec![bitfinex(n, BOOK, &json!([price, 1, 1]))],
        Step::BidBehindGap(price) => {
            *n += 3;
            vec![bitfinex(n, BOOK, &json!([price, 1, 1]))]
        }
        Step::Unknown => vec![json!({ "event": "weather" }).to_string()],
        Step::Notice => {
            let words = "Stopping. Please try to reconnect";
            vec![json!({ "event": "info", "code": 20051, "msg": words }).to_string()]
        }
        Step::Sum(sum) => {
            *n += 1;
            vec![json!([BOOK, "cs", sum, *n, 1_790_134_414_850_u64 + *n]).to_string()]
        }
    },
    tape: printed::BITFINEX,
    is_book: |frame| frame.starts_with("[7,[["),
};

/// The sum of the first book: `100:1:150:-1`.
pub const SUM: i32 = 1_148_172_127;

fn bitfinex(n: &mut u64, channel: u64, data: &Value) -> String {
    *n += 1;
    json!([channel, data, *n, 1_790_134_414_850_u64 + *n]).to_string()
}

const DERIBIT: Script = Script {
    venue: Venue::Deribit,
    symbol: "BTC-PERPETUAL",
    http: &[(
        "/public/get_instruments",
        r#"{"jsonrpc":"2.0","result":[{"tick_size":0.5,"settlement_period":"perpetual","settlement_currency":"BTC","quote_currency":"USD","min_trade_amount":10.0,"kind":"future","is_active":true,"instrument_name":"BTC-PERPETUAL","instrument_type":"reversed","contract_size":10.0,"base_currency":"BTC"}]}"#,
    )],
    reply: |asked, n| {
        let channels = asked["params"]["channels"].as_array().cloned().unwrap_or_default();
        let is_list = asked["method"].as_str().is_some_and(|method| method.contains("subscribe"));
        let result = if is_list { json!(channels) } else { json!("ok") };
        let ack = json!({ "jsonrpc": "2.0", "id": asked["id"], "result": result }).to_string();
        let is_book =
            |channel: &Value| channel.as_str().is_some_and(|one| one.starts_with("book."));
        if asked["method"] == "public/subscribe" && channels.iter().any(is_book) {
            return vec![ack, deribit(n, &json!([["new", 100.0, 10.0]]), true)];
        }
        vec![ack]
    },
    say: |step, n| match step {
        Step::Bid(price) => vec![deribit(n, &json!([["new", price, 20.0]]), false)],
        Step::BidBehindGap(price) => {
            *n += 3;
            vec![deribit(n, &json!([["new", price, 20.0]]), false)]
        }
        Step::Unknown => vec![json!({ "jsonrpc": "2.0", "method": "weather" }).to_string()],
        Step::Notice => vec![
            json!({
                "jsonrpc": "2.0", "method": "heartbeat", "params": { "type": "test_request" },
            })
            .to_string(),
        ],
        Step::Sum(_) => Vec::new(),
    },
    tape: printed::DERIBIT,
    is_book: |frame| frame.contains("snapshot"),
};

fn deribit(n: &mut u64, bids: &Value, is_snapshot: bool) -> String {
    let previous = next(n) + 33_195_894_164;
    let asks = if is_snapshot { json!([["new", 150.0, 10.0]]) } else { json!([]) };
    let mut data = json!({
        "type": if is_snapshot { "snapshot" } else { "change" },
        "timestamp": 1_626_993_723_632_u64 + *n, "instrument_name": "BTC-PERPETUAL",
        "change_id": previous + 1, "bids": bids, "asks": asks,
    });
    if !is_snapshot {
        data["prev_change_id"] = previous.into();
    }
    let params = json!({ "channel": "book.BTC-PERPETUAL.100ms", "data": data });
    json!({ "jsonrpc": "2.0", "method": "subscription", "params": params }).to_string()
}

const BITSTAMP: Script = Script {
    venue: Venue::Bitstamp,
    symbol: "btcusd",
    http: &[
        (
            "/markets",
            r#"[{"name":"BTC/USD","market_symbol":"btcusd","base_currency":"BTC","base_decimals":8,"counter_currency":"USD","counter_decimals":0,"minimum_order_value":"10","trading":"Enabled","market_type":"SPOT"}]"#,
        ),
        (
            "/order_book/btcusd",
            r#"{"timestamp":"1641343695","microtimestamp":"$MOMENT","bids":[["100","1"]],"asks":[["150","1"]]}"#,
        ),
    ],
    reply: |asked, _| {
        let channel = asked["data"]["channel"].clone();
        let kind = asked["event"].as_str().unwrap_or_default();
        if !kind.ends_with("subscribe") {
            return Vec::new();
        }
        let done = format!("{kind}_succeeded").replace("subscribe_", "subscription_");
        let ack = json!({ "event": done, "channel": channel, "data": {} });
        let mut frames = vec![ack.to_string()];
        if kind == "bts:subscribe" && channel == "diff_order_book_btcusd" {
            // Before the book that is fetched.
            frames.extend((0..20).map(|_| bitstamp(&[])));
        }
        frames
    },
    say: |step, _| match step {
        Step::Bid(price) | Step::BidBehindGap(price) => vec![bitstamp(&[price])],
        Step::Unknown => {
            vec![json!({ "event": "bts:weather", "channel": "", "data": {} }).to_string()]
        }
        Step::Notice => {
            vec![json!({ "event": "bts:request_reconnect", "channel": "", "data": "" }).to_string()]
        }
        Step::Sum(_) => Vec::new(),
    },
    tape: printed::BITSTAMP,
    is_book: |body| body.starts_with("{\"timestamp\""),
};

fn bitstamp(bids: &[u32]) -> String {
    let bids: Vec<_> = bids.iter().map(|price| json!([price.to_string(), "1"])).collect();
    let at = moment();
    json!({
        "event": "data", "channel": "diff_order_book_btcusd",
        "data": {
            "timestamp": "1641343695", "microtimestamp": at.to_string(), "bids": bids, "asks": [],
        },
    })
    .to_string()
}

const HYPERLIQUID: Script = Script {
    venue: Venue::Hyperliquid,
    symbol: "BTC",
    http: &[],
    reply: |asked, n| match asked["method"].as_str() {
        Some("post") => {
            let kind = &asked["request"]["payload"]["type"];
            let data = if kind == "meta" {
                json!({ "universe": [{ "name": "BTC", "szDecimals": 5, "maxLeverage": 40 }] })
            } else {
                json!({ "tokens": [], "universe": [] })
            };
            let payload = json!({ "type": kind, "data": data });
            let response = json!({ "type": "info", "payload": payload });
            let data = json!({ "id": asked["id"], "response": response });
            vec![json!({ "channel": "post", "data": data }).to_string()]
        }
        Some("subscribe") => {
            let ack = json!({ "channel": "subscriptionResponse", "data": asked }).to_string();
            let is_book = asked["subscription"]["type"] == "l2Book";
            let book = is_book.then(|| hyperliquid(n, 100));
            std::iter::once(ack).chain(book).collect()
        }
        Some("ping") => vec![json!({ "channel": "pong" }).to_string()],
        Some(_) | None => Vec::new(),
    },
    say: |step, n| match step {
        Step::Bid(price) | Step::BidBehindGap(price) => vec![hyperliquid(n, price)],
        Step::Unknown => vec![json!({ "channel": "weather", "data": {} }).to_string()],
        Step::Sum(_) | Step::Notice => Vec::new(),
    },
    tape: printed::HYPERLIQUID,
    is_book: |frame| frame.starts_with("{\"channel\":\"l2Book\""),
};

fn hyperliquid(n: &mut u64, bid: u32) -> String {
    let level = |price: u32| json!({ "n": 1, "px": format!("{price}.0"), "sz": "1" });
    let levels = json!([[level(bid)], [level(150)]]);
    let data = json!({ "coin": "BTC", "levels": levels, "time": 1_737_918_843_893 + next(n) });
    json!({ "channel": "l2Book", "data": data }).to_string()
}
