//! The time before hearing began, of every venue that tells it: what is asked, and what the answers mean.
#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use bytes::Bytes;
use market::{
    Body, Contract, Event, Events, HttpExchange, Instrument, InstrumentId, Kind, LinkId, Origin,
    Packet, PastBar, Price, Quantity, Side, Terms, Timestamp, Venue,
};
use rust_decimal::Decimal;
use venues::{Decoder, Endpoints, Protocol, Request, image, posted};

/// 2026-11-28T12:00:00Z, in milliseconds.
const NOON: i64 = 1_795_867_200_000;

/// A venue that knows one instrument, prices and quantities stored with two decimals.
struct Scene {
    venue: Venue,
    symbol: &'static str,
    decoder: Decoder,
}

impl Scene {
    fn of(venue: Venue, symbol: &'static str, contract: Option<Contract>) -> Self {
        let instrument = Instrument {
            id: InstrumentId { venue, index: 0 },
            symbol: symbol.into(),
            base: "BTC".into(),
            quote: "USD".into(),
            price_scale: 2,
            quantity_scale: 2,
            price_decimals: 2,
            quantity_decimals: 2,
            tick_size: Price(1),
            lot_size: Quantity(1),
            terms: Terms { kind: Kind::Spot, expires_at: None, contract },
            is_trading: true,
            origin: Origin::Listed,
        };
        let known = image::Image { instruments: vec![instrument], ..image::Image::default() };
        let mut scene = Self { venue, symbol, decoder: Decoder::new(venue) };
        scene.hear(Body::Derived(image::encode(&known))).unwrap();
        scene
    }

    fn hear(&mut self, body: Body) -> Result<Vec<Event>, String> {
        let mut events = Events::default();
        let (venue, link, received_at) = (self.venue, LinkId(0), Timestamp::default());
        let packet = Packet { venue, link, number: 0, received_at, body };
        let outcome = self.decoder.decode(&packet, &mut events);
        outcome.map(|()| events.items).map_err(|error| error.to_string())
    }

    /// The addresses that are asked for, with what stands behind the host.
    fn asked(&self) -> Vec<String> {
        self.asked_at(NOON + 30_000)
    }

    fn asked_at(&self, millis: i64) -> Vec<String> {
        let protocol = Protocol::new(self.venue, Endpoints::of(self.venue)).unwrap();
        let asked = protocol.history(self.symbol, Timestamp::from_millis(millis));
        let url = |request| match request {
            Request::Get { url, .. } => url,
            Request::Post { url, body, .. } => posted(&url, &body),
            Request::Send(frame) => panic!("{frame}"),
        };
        asked.into_iter().map(url).collect()
    }

    fn answer(&mut self, index: usize, status: u16, body: &str) -> Result<Vec<Event>, String> {
        let url = Bytes::from(self.asked().swap_remove(index));
        self.hear(Body::Answered(HttpExchange { url, status, body: body.to_owned().into() }))
    }

    fn bars(&mut self, body: &str) -> Vec<PastBar> {
        match self.answer(0, 200, body).unwrap().as_slice() {
            [Event::PastBars(past)] => past.bars.clone(),
            other => panic!("{other:?}"),
        }
    }

    /// Id, side, price and quantity of each trade.
    fn trades(&mut self, index: usize, body: &str) -> Vec<(u64, Side, i64, i64)> {
        match self.answer(index, 200, body).unwrap().as_slice() {
            [Event::PastTrades(past)] => {
                let row = |it: &market::Trade| (it.trade_id, it.taker, it.price.0, it.quantity.0);
                past.trades.iter().map(row).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

fn bar(minute: i64, prices: [i64; 4], volume: i128, buy_volume: Option<i128>) -> PastBar {
    let [open, high, low, close] = prices.map(Price);
    let opened_at = Timestamp::from_millis(NOON + minute * 60_000);
    PastBar { opened_at, open, high, low, close, volume, buy_volume }
}

/// Two minutes, in whatever order and shape: 10 → 11 (9.5 to 12) of 3, then 11 → 10.5 (10 to 11) of 0.25.
fn two_minutes() -> [PastBar; 2] {
    [bar(0, [1000, 1200, 950, 1100], 300, None), bar(1, [1100, 1100, 1000, 1050], 25, None)]
}

const S: i64 = NOON / 1_000;

#[test]
fn binance_tells_a_thousand_minutes_with_what_takers_bought() {
    for (venue, base) in [
        (Venue::Binance, "https://data-api.binance.vision/api/v3"),
        (Venue::BinanceUs, "https://api.binance.us/api/v3"),
        (Venue::BinanceUsdM, "https://fapi.binance.com/fapi/v1"),
        (Venue::BinanceCoinM, "https://dapi.binance.com/dapi/v1"),
    ] {
        let mut scene = Scene::of(venue, "BTCUSDT", None);
        let minutes = format!("{base}/klines?symbol=BTCUSDT&interval=1m&limit=1000#past=BTCUSDT");
        let trades = format!("{base}/trades?symbol=BTCUSDT&limit=1000#past");
        assert_eq!(scene.asked(), [minutes, trades]);
        let row = |at: i64, ohlcv: &str, bought: &str| {
            format!(r#"[{at},{ohlcv},{},"9",7,"{bought}","9","0"]"#, at + 59_999)
        };
        let body = format!(
            "[{},{}]",
            row(NOON, r#""10.0000","12","9.5","11","3.00""#, "1.50000000"),
            row(NOON + 60_000, r#""11","11","10","10.5","0.25""#, "0.25"),
        );
        let [mut first, mut second] = two_minutes();
        (first.buy_volume, second.buy_volume) = (Some(150), Some(25));
        assert_eq!(scene.bars(&body), [first, second]);
        assert_eq!((first.delta(), second.delta()), (Some(0), Some(25)));
        let trade = |id: u64| {
            format!(r#"{{"id":{id},"price":"10.5","qty":"2","time":{NOON},"isBuyerMaker":true}}"#)
        };
        let page = format!("[{},{},{}]", trade(8), trade(9), trade(9));
        let sold = |id| (id, Side::Sell, 1050, 200);
        assert_eq!(scene.trades(1, &page), [sold(8), sold(9)], "each id once");
    }
}

#[test]
fn kraken_tells_720_minutes_by_the_name_of_the_pair() {
    let mut scene = Scene::of(Venue::Kraken, "BTC/USD", None);
    let base = "https://api.kraken.com/0/public";
    assert_eq!(
        scene.asked(),
        [
            format!("{base}/OHLC?pair=XBTUSD&interval=1#BTC/USD#past=BTC/USD"),
            format!("{base}/Trades?pair=XBTUSD&count=1000#BTC/USD#past"),
        ]
    );
    let rows = format!(
        r#"[[{S},"10.0","12.0","9.5","11.0","10.9","3.00000000",7],[{},"11","11","10","10.5","0","0.25",1]]"#,
        S + 60
    );
    let body = format!(r#"{{"error":[],"result":{{"XXBTZUSD":{rows},"last":{S}}}}}"#);
    assert_eq!(scene.bars(&body), two_minutes());
    // More than a minute apart: of a poll's first page only the younger one would count.
    let rows =
        format!(r#"[["10.5","2",{}.5,"s","m","",8],["10.5","2",{S}.5,"b","l","",9]]"#, S - 300);
    let body = format!(r#"{{"error":[],"result":{{"XXBTZUSD":{rows},"last":"9"}}}}"#);
    let trades = scene.trades(1, &body);
    assert_eq!(trades, [(8, Side::Sell, 1050, 200), (9, Side::Buy, 1050, 200)]);
}

#[test]
fn okx_and_bybit_tell_the_newest_minute_first() {
    let rows = format!(
        r#"[["{}","11","11","10","10.5","0.25","9","9","0"],["{NOON}","10","12","9.5","11","3","9","9","1"]]"#,
        NOON + 60_000
    );
    let mut scene = Scene::of(Venue::Okx, "BTC-USDT", None);
    let base = "https://www.okx.com/api/v5/market";
    assert_eq!(
        scene.asked(),
        [
            format!("{base}/candles?bar=1m&instId=BTC-USDT&limit=300#past=BTC-USDT"),
            format!("{base}/trades?instId=BTC-USDT&limit=500#past"),
        ]
    );
    assert_eq!(scene.bars(&format!(r#"{{"code":"0","msg":"","data":{rows}}}"#)), two_minutes());
    let trade = format!(
        r#"{{"instId":"BTC-USDT","side":"buy","sz":"2","px":"10.5","tradeId":"8","ts":"{NOON}"}}"#
    );
    let body = format!(r#"{{"code":"0","msg":"","data":[{trade}]}}"#);
    assert_eq!(scene.trades(1, &body), [(8, Side::Buy, 1050, 200)]);

    let base = "https://api.bybit.com/v5/market";
    for (venue, category, n_trades) in
        [(Venue::Bybit, "spot", 60), (Venue::BybitLinear, "linear", 1_000)]
    {
        let mut scene = Scene::of(venue, "BTCUSDT", None);
        let query = format!("category={category}&symbol=BTCUSDT");
        assert_eq!(
            scene.asked(),
            [
                format!("{base}/kline?{query}&interval=1&limit=1000#past=BTCUSDT"),
                format!("{base}/recent-trade?{query}&limit={n_trades}#past"),
            ]
        );
        let head = format!(r#""retCode":0,"retMsg":"OK","result":{{"category":"{category}""#);
        assert_eq!(scene.bars(&format!(r#"{{{head},"list":{rows}}}}}"#)), two_minutes());
        let trade = format!(
            r#"{{"execId":"8","symbol":"BTCUSDT","price":"10.5","size":"2","side":"Sell","time":"{NOON}"}}"#
        );
        let trades = scene.trades(1, &format!(r#"{{{head},"list":[{trade}]}}}}"#));
        assert_eq!(trades, [(8, Side::Sell, 1050, 200)]);
    }
}

#[test]
fn coinbase_and_bitstamp_tell_minutes_as_objects() {
    let object = |name: &str, at: i64, [o, h, l, c, v]: [&str; 5]| {
        format!(
            r#"{{"{name}":"{at}","low":"{l}","high":"{h}","open":"{o}","close":"{c}","volume":"{v}"}}"#
        )
    };
    let rows = |name: &str| {
        [
            object(name, S, ["10", "12", "9.5", "11", "3"]),
            object(name, S + 60, ["11", "11", "10", "10.5", "0.25"]),
        ]
    };
    let mut scene = Scene::of(Venue::Coinbase, "BTC-USD", None);
    let base = "https://api.coinbase.com/api/v3/brokerage/market/products/BTC-USD";
    let span = format!("start={}&end={}", S + 30 - 299 * 60, S + 30);
    assert_eq!(
        scene.asked(),
        [
            format!("{base}/candles?{span}&granularity=ONE_MINUTE#past=BTC-USD"),
            format!("{base}/ticker?limit=500#past"),
        ]
    );
    let [first, second] = rows("start");
    assert_eq!(scene.bars(&format!(r#"{{"candles":[{second},{first}]}}"#)), two_minutes());

    let mut scene = Scene::of(Venue::Bitstamp, "btcusd", None);
    let base = "https://www.bitstamp.net/api/v2";
    assert_eq!(
        scene.asked(),
        [
            format!("{base}/ohlc/btcusd/?step=60&limit=1000#past=btcusd"),
            format!("{base}/transactions/btcusd/?time=hour#past"),
        ]
    );
    let [first, second] = rows("timestamp");
    let body = format!(r#"{{"data":{{"pair":"BTC/USD","ohlc":[{first},{second}]}}}}"#);
    assert_eq!(scene.bars(&body), two_minutes());
    let trade = format!(r#"{{"date":"{S}","tid":"8","amount":"2","type":"1","price":"10.5"}}"#);
    assert_eq!(scene.trades(1, &format!("[{trade}]")), [(8, Side::Sell, 1050, 200)]);
}

#[test]
fn bitfinex_has_an_order_of_its_own() {
    let mut scene = Scene::of(Venue::Bitfinex, "tBTCUSD", None);
    let base = "https://api-pub.bitfinex.com/v2";
    assert_eq!(
        scene.asked(),
        [
            format!("{base}/candles/trade:1m:tBTCUSD/hist?limit=1000&sort=-1#past=tBTCUSD"),
            format!("{base}/trades/tBTCUSD/hist?limit=1000&sort=-1#past"),
        ]
    );
    // Open, close, high, low; sums in floating point are cut.
    let body = format!(
        "[[{},11,10.5,11,10,0.25000000000000006],[{NOON},10,11,12,9.5,3.0]]",
        NOON + 60_000
    );
    assert_eq!(scene.bars(&body), two_minutes());
    let trades = scene.trades(1, &format!("[[9,{NOON},-2,10.5],[8,{NOON},2,10.5]]"));
    assert_eq!(trades, [(8, Side::Buy, 1050, 200), (9, Side::Sell, 1050, 200)]);
}

#[test]
fn bitbank_tells_the_minutes_of_today_and_of_the_end_of_yesterday() {
    let mut scene = Scene::of(Venue::Bitbank, "btc_jpy", None);
    let base = "https://public.bitbank.cc/btc_jpy";
    let minutes = |day: &str| format!("{base}/candlestick/1min/{day}#past=btc_jpy");
    let trades = format!("{base}/transactions#past");
    assert_eq!(scene.asked(), [minutes("20261128"), minutes("20261127"), trades.clone()]);
    // At 09:00:30 in Japan today has no minute yet; from 16:40 of UTC it has all that are kept.
    let at = |hours: i64, minutes: i64| scene.asked_at(NOON + (hours * 60 + minutes) * 60_000);
    assert_eq!(at(12, 0)[..2], [minutes("20261129"), minutes("20261128")]);
    assert_eq!(at(4, 39).len(), 3);
    assert_eq!(at(4, 40), [minutes("20261128"), trades]);
    let rows = format!(
        r#"[["10","12","9.5","11","3",{NOON}],["11","11","10","10.5","0.25",{}]]"#,
        NOON + 60_000
    );
    let body = format!(
        r#"{{"success":1,"data":{{"candlestick":[{{"type":"1min","ohlcv":{rows}}}],"timestamp":1}}}}"#
    );
    assert_eq!(scene.bars(&body), two_minutes());
}

#[test]
fn deribit_tells_columns_and_of_inverse_contracts_the_cost() {
    let ticks = [NOON, NOON + 60_000];
    let body = format!(
        r#"{{"jsonrpc":"2.0","result":{{"volume":[0.1,0.2],"cost":[3.0,0.25],"ticks":{ticks:?},"status":"ok",
        "open":[10,11.0],"high":[12.0,11],"low":[9.5,10],"close":[11.0,10.5]}}}}"#
    );
    let inverse = Some(Contract::OfQuote(Decimal::ONE));
    let mut scene = Scene::of(Venue::Deribit, "BTC-PERPETUAL", inverse);
    let [minutes, trades] = scene.asked().try_into().unwrap();
    let base = "https://www.deribit.com/api/v2/public";
    let of = "instrument_name=BTC-PERPETUAL";
    let (start, end) = (NOON + 30_000 - 999 * 60_000, NOON + 30_000);
    let span = format!("start_timestamp={start}&end_timestamp={end}&resolution=1");
    let mark = "#past=BTC-PERPETUAL";
    assert_eq!(minutes, format!("{base}/get_tradingview_chart_data?{of}&{span}{mark}"));
    let query = format!("{of}&count=1000&sorting=desc#past");
    assert_eq!(trades, format!("{base}/get_last_trades_by_instrument?{query}"));
    assert_eq!(scene.bars(&body), two_minutes());
    let volumes = |bars: Vec<PastBar>| bars.iter().map(|bar| bar.volume).collect::<Vec<_>>();
    let mut linear = Scene::of(Venue::Deribit, "BTC_USDC-PERPETUAL", None);
    assert_eq!(volumes(linear.bars(&body)), [10, 20]);
}

#[test]
fn bitflyer_tells_trades_alone() {
    let mut scene = Scene::of(Venue::BitFlyer, "BTC_JPY", None);
    let base = "https://api.bitflyer.com/v1";
    let url = format!("{base}/getexecutions?product_code=BTC_JPY&count=500#past");
    assert_eq!(scene.asked(), [url]);
    let trade =
        r#"{"id":8,"side":"BUY","price":10.5,"size":2,"exec_date":"2026-11-28T12:00:00.5"}"#;
    assert_eq!(scene.trades(0, &format!("[{trade}]")), [(8, Side::Buy, 1050, 200)]);
}

#[test]
fn hyperliquid_is_asked_by_posts() {
    let mut scene = Scene::of(Venue::Hyperliquid, "BTC", None);
    let info = "https://api.hyperliquid.xyz/info#past";
    let (start, end) = (NOON + 30_000 - 60_000_000, NOON + 30_000);
    let of = format!(r#"{{"coin":"BTC","endTime":{end},"interval":"1m","startTime":{start}}}"#);
    assert_eq!(
        scene.asked(),
        [
            format!(r#"{info}=BTC#POST {{"req":{of},"type":"candleSnapshot"}}"#),
            format!(r#"{info}#POST {{"coin":"BTC","type":"recentTrades"}}"#),
        ]
    );
    let row = |at: i64, [o, h, l, c, v]: [&str; 5]| {
        format!(
            r#"{{"t":{at},"T":{},"s":"BTC","i":"1m","o":"{o}","c":"{c}","h":"{h}","l":"{l}","v":"{v}","n":7}}"#,
            at + 59_999
        )
    };
    let first = row(NOON, ["10", "12", "9.5", "11", "3"]);
    let second = row(NOON + 60_000, ["11", "11", "10", "10.5", "0.25"]);
    assert_eq!(scene.bars(&format!("[{first},{second}]")), two_minutes());
    let trade = format!(
        r#"{{"coin":"BTC","side":"A","px":"10.5","sz":"2","time":{NOON},"hash":"0x","tid":8}}"#
    );
    let trades = scene.trades(1, &format!("[{trade}]"));
    let rows: Vec<_> = trades.iter().map(|(_, side, price, size)| (*side, *price, *size)).collect();
    assert_eq!(rows, [(Side::Sell, 1050, 200)]);
    assert!(matches!(scene.answer(0, 422, "null").unwrap()[..], [Event::Refused { .. }]));
}

#[test]
fn a_refusal_is_told_and_nonsense_is_refused_as_a_whole() {
    let venues = [
        (Venue::Binance, "BTCUSDT"),
        (Venue::Kraken, "BTC/USD"),
        (Venue::Okx, "BTC-USDT"),
        (Venue::Bybit, "BTCUSDT"),
        (Venue::Coinbase, "BTC-USD"),
        (Venue::Bitfinex, "tBTCUSD"),
        (Venue::Deribit, "BTC-PERPETUAL"),
        (Venue::Bitstamp, "btcusd"),
        (Venue::Bitbank, "btc_jpy"),
    ];
    for (venue, symbol) in venues {
        let mut scene = Scene::of(venue, symbol, None);
        for index in [0, 1] {
            for (status, body) in [(429, "{}"), (500, "<html>no</html>"), (503, "")] {
                let events = scene.answer(index, status, body).unwrap();
                let [Event::Refused { reason, .. }] = events.as_slice() else {
                    panic!("{venue:?} {status}: {events:?}")
                };
                assert!(reason.contains(&status.to_string()), "{reason}");
            }
            for body in ["<html>", "[[[[", r#"{"a":1"#, "null", "\u{0}"] {
                let told = scene.answer(index, 200, body);
                let is_told = |event: &Event| {
                    matches!(event, Event::PastBars(_) | Event::PastTrades(_) | Event::Trade(_))
                };
                assert!(!told.is_ok_and(|told| told.iter().any(is_told)), "{venue:?} {body}");
            }
        }
    }
}

#[test]
fn bars_that_cannot_be_true_are_refused_with_a_sentence() {
    let row = |at: i64, ohlcv: &str| format!("[{at},{ohlcv},0,0,0,\"0\"]");
    let good = r#""10","12","9.5","11","3""#;
    let cases = [
        (row(NOON + 1, good), "is not the beginning of a minute"),
        (row(i64::MAX, good), "is not the beginning of a minute"),
        (row(-60_000, good), "is not the beginning of a minute"),
        (row(NOON, r#""13","12","9.5","11","3""#), "opens or closes beyond its high or its low"),
        (row(NOON, r#""10","12","9.5","9","3""#), "opens or closes beyond its high or its low"),
        (row(NOON, r#""0","12","0","11","3""#), "a price must be above zero"),
        (row(NOON, r#""-1","12","-9","11","3""#), "below zero"),
        (row(NOON, r#""10","12","9.5","11","-3""#), "below zero"),
        (row(NOON, r#""10","12","9.5","11","NaN""#), "a past volume of 'NaN'"),
        (row(NOON, r#""10","1e99","9.5","11","3""#), "a past price of '1e99'"),
        (row(NOON, r#""10","12","9.5","11","1e40""#), "a past volume of '1e40'"),
        (format!(r#"[{NOON},{good},0,0,0,"3.01"]"#), "takers bought more than was traded"),
        (format!("[{NOON},\"10\"]"), "without a usable field 'high'"),
        (format!("{},{}", row(NOON, good), row(NOON, good)), "they stand in no order"),
        (
            [NOON, NOON + 120_000, NOON + 60_000].map(|at| row(at, good)).join(","),
            "they stand in no order",
        ),
        ("{}".into(), "cannot be read"),
        ("[]".into(), "without a usable field 'time'"),
        (vec!["[]"; 4_000].join(","), "without a usable field 'time'"),
    ];
    for (rows, expected) in cases {
        let mut scene = Scene::of(Venue::Binance, "BTCUSDT", None);
        let outcome = scene.answer(0, 200, &format!("[{rows}]"));
        let error = outcome.expect_err(expected);
        assert!(error.contains(expected), "{rows:.80}: {error}");
    }
    let minute = |n: i64| row(NOON + n * 60_000, good);
    let rows: Vec<String> = (0..4_000).map(minute).collect();
    let mut scene = Scene::of(Venue::Binance, "BTCUSDT", None);
    let error = scene.answer(0, 200, &format!("[{}]", rows.join(","))).unwrap_err();
    assert!(error.contains("more of them than were asked for"), "{error}");
}

#[test]
fn what_was_not_asked_of_the_past_is_told_as_before() {
    let mut scene = Scene::of(Venue::Binance, "BTCUSDT", None);
    let url = Bytes::from_static(b"https://api.binance.com/api/v3/klines?symbol=BTCUSDT");
    let body = Bytes::from_static(b"[]");
    let events = scene.hear(Body::Answered(HttpExchange { url, status: 200, body })).unwrap();
    assert!(matches!(events.as_slice(), [Event::Unknown { .. }]), "{events:?}");
}
