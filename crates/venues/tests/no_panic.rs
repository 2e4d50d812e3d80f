//! Property: whatever a venue sends, the decoder answers with events or with a sentence, within bounded memory.
#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use bytes::Bytes;
use market::{Body, Event, Events, HttpExchange, LinkId, Packet, Timestamp, Venue};
use proptest::prelude::*;
use venues::{Decoder, Evidence, identify, image};

/// Frames, responses and requests of the samples that stand beside the decoders.
fn samples() -> Vec<String> {
    let files = [
        include_str!("../src/binance/samples.txt"),
        include_str!("../src/kraken/samples.txt"),
        include_str!("../src/kraken_v1/samples.txt"),
        include_str!("../src/kraken_futures/samples.txt"),
        include_str!("../src/okx_v3/samples.txt"),
        include_str!("../src/bitget/samples.txt"),
        include_str!("../src/gate/samples.txt"),
        include_str!("../src/kucoin/samples.txt"),
        include_str!("../src/dydx/samples.txt"),
        include_str!("../src/bitmex/samples.txt"),
        include_str!("../src/gemini/samples.txt"),
        include_str!("../src/hitbtc/samples.txt"),
        include_str!("../src/independent_reserve/samples.txt"),
        include_str!("../src/bridge/samples.txt"),
        include_str!("../src/deribit/samples.txt"),
        include_str!("../src/bitstamp/samples.txt"),
        include_str!("../src/bitflyer/samples.txt"),
        include_str!("../src/bitbank/samples.txt"),
        include_str!("../src/hyperliquid/samples.txt"),
        include_str!("../src/okx/samples.txt"),
        include_str!("../src/bybit/samples.txt"),
        include_str!("../src/coinbase/samples.txt"),
        include_str!("../src/bitfinex/samples.txt"),
    ];
    let lines = files.into_iter().flat_map(str::lines);
    let lines = lines.map(|line| line.strip_prefix("> ").unwrap_or(line));
    let mut samples: Vec<String> = lines.map(str::to_owned).collect();
    let image = image::encode(&image::Image {
        subscriptions: vec![image::Subscription { link: LinkId(0), symbol: "BTC/USD".into() }],
        ..image::Image::default()
    });
    samples.push(String::from_utf8(image.to_vec()).unwrap());
    samples
}

fn packet(body: Body) -> Packet {
    let received_at = Timestamp::default();
    Packet { venue: Venue::Unknown, link: LinkId(0), number: 0, received_at, body }
}

/// Addresses whose answers some decoder reads.
const ADDRESSES: &[&str] = &[
    "https://www.bitmex.com/api/v1/instrument/active",
    "https://a/api/v3/depth?symbol=BTCUSDT",
    "https://a/api/v3/exchangeInfo",
    "https://www.deribit.com/api/v2/public/get_instruments",
    "https://a/public/get_order_book?instrument_name=BTC-PERPETUAL",
    "https://a/public/get_last_trades_by_instrument",
    "https://www.bitstamp.net/api/v2/order_book/btcusd/?group=1",
    "https://www.bitstamp.net/api/v2/transactions/btcusd/",
    "https://www.bitstamp.net/api/v2/markets/",
    "https://api.bitflyer.com/v1/getmarkets",
    "https://api.bitflyer.com/v1/getboard?product_code=BTC_JPY",
    "https://api.bitflyer.com/v1/getexecutions?product_code=BTC_JPY",
    "https://api.bitflyer.com/v1/getfundingrate?product_code=BTC_JPY",
    "https://a/socket.io/?EIO=3&transport=polling",
    "https://a/socket.io/?EIO=4&transport=polling",
    "https://api.bitbank.cc/v1/spot/pairs",
    "https://public.bitbank.cc/btc_jpy/depth",
    "https://public.bitbank.cc/btc_jpy/transactions",
    "https://api.hyperliquid.xyz/info",
    "https://www.okx.com/api/v5/public/instruments?instType=SWAP",
    "https://www.okx.com/api/v5/market/books?instId=BTC-USDT&sz=400",
    "https://www.okx.com/api/v5/market/trades?instId=BTC-USDT",
    "https://api.bybit.com/v5/market/instruments-info",
    "https://api.bybit.com/v5/market/orderbook?symbol=BTCUSDT&limit=200",
    "https://api.bybit.com/v5/market/recent-trade?symbol=BTCUSDT",
    "https://a/fapi/v1/openInterest?symbol=BTCUSDT",
    "https://a/api/v3/klines?symbol=BTCUSDT#past=BTCUSDT",
    "https://a/api/v3/trades?symbol=BTCUSDT#past",
    "https://a/0/public/OHLC?pair=XBTUSD#BTC/USD#past=BTC/USD",
    "https://a/0/public/Trades?pair=XBTUSD#BTC/USD#past",
    "https://a/public/get_tradingview_chart_data#past=BTC-PERPETUAL",
    "https://a/fapi/v1/trades?symbol=BTCUSDT",
    "https://a/api/v3/brokerage/market/products",
    "https://a/api/v3/brokerage/market/products/BTC-USD",
    "https://a/api/v3/brokerage/market/products/BTC-USD/ticker",
    "https://a/api/v3/brokerage/market/product_book",
    "https://a/v2/tickers?symbols=ALL",
    "https://a/v2/conf/pub:map:currency:sym",
    "https://a/v2/book/tBTCUSD/P0",
    "https://a/v2/trades/tBTCUSD/hist",
    "https://a/api/v3/trades?symbol=BTCUSDT#first",
    "https://api.gateio.ws/api/v4/spot/order_book?currency_pair=HAI_ETH&with_id=true",
    "https://api.kucoin.com/api/v3/market/orderbook/level2?symbol=SNX-BTC",
    "https://api.dydx.exchange/v3/markets",
    "https://api.gemini.com/v1/symbols",
    "https://api.hitbtc.com/api/2/public/symbol",
    "https://api.independentreserve.com/Public/GetAllOrders?primaryCurrencyCode=dot",
    "https://a/0/public/AssetPairs",
    "https://a/0/public/Depth?pair=XBTUSD#BTC/USD",
    "https://a/0/public/Trades?pair=XBTUSD#BTC/USD",
];

/// Lets every decoder hear a text in every way in which it can come, twice, and checks that it stays whole.
fn hear(text: &[u8]) {
    let bytes = || Bytes::copy_from_slice(text);
    let exchange = |url: &&'static str| {
        let url = Bytes::from_static(url.as_bytes());
        Body::Answered(HttpExchange { url, status: 200, body: bytes() })
    };
    for venue in Venue::KNOWN {
        let mut decoder = Decoder::new(venue);
        let mut events = Events::default();
        for _ in 0..2 {
            let said = [
                Body::Opened(bytes()),
                Body::Sent(bytes()),
                Body::Text(bytes()),
                Body::Binary(bytes()),
                Body::Answered(HttpExchange { url: bytes(), status: 400, body: bytes() }),
                Body::Derived(bytes()),
                Body::Remark(bytes()),
                Body::Closed(bytes()),
            ];
            for body in said.into_iter().chain(ADDRESSES.iter().map(exchange)) {
                match decoder.decode(&packet(body), &mut events) {
                    Ok(()) => check(&decoder, &events),
                    Err(error) => {
                        assert!(error.to_string().chars().count() < 512, "{error}");
                        assert_eq!(events, Events::default());
                    }
                }
            }
        }
    }
    identify(&Evidence { frames: &[text], ..Evidence::default() });
}

/// Addresses and ranges are in range, and no words of a venue are long.
fn check(decoder: &Decoder, events: &Events) {
    for (index, instrument) in decoder.instruments().iter().enumerate() {
        assert_eq!(instrument.id.index as usize, index);
        assert!(instrument.tick_size.0 > 0 && instrument.lot_size.0 > 0);
        assert!(instrument.price_scale <= 18 && instrument.quantity_scale <= 18);
        assert_eq!(decoder.find(&instrument.symbol), Some(instrument));
    }
    for event in &events.items {
        match event {
            Event::Book(book) => {
                assert!((book.instrument.index as usize) < decoder.instruments().len());
                for level in events.bids(book).iter().chain(events.asks(book)) {
                    assert!(level.price.0 > 0 && level.quantity.0 >= 0);
                }
            }
            Event::Refused { symbol: name, reason: text } => {
                assert!(name.chars().count() <= 64 && text.chars().count() <= 256);
            }
            Event::Subscribed { topic: name } | Event::Unknown { name } => {
                assert!(name.chars().count() <= 64);
            }
            Event::PastBars(past) => {
                assert!(past.bars.is_sorted_by(|a, b| a.opened_at < b.opened_at));
                assert!(past.bars.iter().all(|bar| bar.low.0 > 0 && bar.volume >= 0));
            }
            Event::PastTrades(past) => {
                assert!(past.trades.is_sorted_by_key(|trade| trade.traded_at));
            }
            Event::Instrument(_)
            | Event::InstrumentsListed { .. }
            | Event::Trade(_)
            | Event::Quote(_)
            | Event::Checksum { .. }
            | Event::Reference(_)
            | Event::Liquidation(_)
            | Event::LinkGap { .. }
            | Event::Heartbeat
            | Event::StreamAlive { .. }
            | Event::Notice { .. } => {}
        }
    }
}

/// A sample into which something was put, and from which something was taken.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let put = prop_oneof![
        "[\"\\\\\\[\\]{},:0-9a-zA-Z.@/ -]{0,4}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..4),
        prop::sample::select(samples()).prop_map(String::into_bytes),
        Just(b"1e999999999".to_vec()),
        Just(b"-0.0000000000000000000000000000000001".to_vec()),
    ];
    let edit = (any::<prop::sample::Index>(), 0_usize..12, put);
    let edits = prop::collection::vec(edit, 1..4);
    (prop::sample::select(samples()), edits).prop_map(|(sample, edits)| {
        let mut bytes = sample.into_bytes();
        for (at, n_taken, put) in edits {
            let at = at.index(bytes.len() + 1);
            let end = (at + n_taken).min(bytes.len());
            bytes.splice(at..end, put);
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_heard_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        hear(&bytes);
    }

    #[test]
    fn any_mutated_sample_is_heard_without_a_panic(bytes in mutated()) {
        hear(&bytes);
    }
}

#[test]
fn every_sample_is_heard_by_every_decoder_in_every_way() {
    for sample in samples() {
        hear(sample.as_bytes());
    }
}

#[test]
fn nesting_without_end_is_refused_or_skipped() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"data\":[", "]}")] {
        let deep = open.repeat(50_000);
        hear(deep.as_bytes());
        let whole = format!("{deep}1{}", close.repeat(50_000));
        hear(whole.as_bytes());
        for field in ["b", "symbols", "data", "result", "error", "x"] {
            hear(format!("{{\"e\":\"depthUpdate\",\"{field}\":{whole}}}").as_bytes());
        }
    }
}

#[test]
fn no_more_instruments_are_kept_than_the_limit() {
    let symbols = |from: usize| {
        let entries: Vec<String> = (from..from + 40_000)
            .map(|n| format!("{{\"symbol\":\"S{n}\",\"filters\":[]}}"))
            .collect();
        format!("{{\"symbols\":[{}]}}", entries.join(","))
    };
    let mut decoder = Decoder::new(Venue::Binance);
    let mut events = Events::default();
    for from in [0, 40_000] {
        let url = Bytes::from_static(b"https://a/api/v3/exchangeInfo");
        let body = HttpExchange { url, status: 200, body: Bytes::from(symbols(from)) };
        decoder.decode(&packet(Body::Answered(body)), &mut events).unwrap();
    }
    assert_eq!(decoder.instruments().len(), 65_536);
    let frame = Bytes::from_static(br#"{"u":1,"s":"NEW","b":"1","B":"1","a":"2","A":"1"}"#);
    let refused = decoder.decode(&packet(Body::Text(frame)), &mut events).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "Binance names more than 65536 instruments; 'NEW' is one too many"
    );
}
