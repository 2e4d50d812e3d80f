//! A session written by hand: two books of one venue, and everything that can go wrong with them.

use std::collections::BTreeMap;

use bytes::Bytes;
use market::{Body, HttpExchange, LinkId, Packet, Timestamp, Venue};

/// A minute before midnight, so that bars and days change.
const FROM_MILLIS: i64 = 1_767_657_540_000;
/// Updates of the whole script.
const N_ROUNDS: u64 = 1_500;
/// Longer than any deadline of the engine is far: steps of session time are left out in it.
const NIGHT_MILLIS: i64 = 1_200_000;

const SYMBOLS: [&str; 2] = ["BTCUSDT", "ETHUSDT"];

/// The packets of a session; the same seed gives the same bytes.
pub fn session(seed: u64) -> Vec<Packet> {
    let mut script = Script {
        packets: Vec::new(),
        at: FROM_MILLIS * 1_000_000,
        random: seed | 1,
        desks: SYMBOLS.map(Desk::new),
    };
    script.open();
    for round in 0..N_ROUNDS {
        script.round(round);
    }
    script.packets
}

struct Script {
    packets: Vec<Packet>,
    at: i64,
    random: u64,
    desks: [Desk; 2],
}

/// One book as the venue has it, in ticks and lots.
struct Desk {
    symbol: &'static str,
    mid: i64,
    update: u64,
    trade: u64,
    bids: BTreeMap<i64, i64>,
    asks: BTreeMap<i64, i64>,
}

impl Script {
    fn round(&mut self, round: u64) {
        let which = usize::from(self.draw(3) == 0);
        match round {
            300 => self.desks[0].update += 3, // Updates that nobody hears: a gap.
            420 | 1_100 => self.reopen(),
            560 => self.pass(NIGHT_MILLIS),
            700 => self.pass(30_000),
            800 => self.hear(r#"{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E""#),
            900 => self.pass(240_000),
            _ => {}
        }
        // A burst: many packets with one stamp.
        if !(1_000..1_060).contains(&round) {
            let millis = 1 + self.draw(160) as i64;
            self.at += millis * 1_000_000 + self.draw(999_999) as i64;
        }
        self.delta(which);
        if round == 330 {
            self.snapshot(0);
        }
        for _ in 0..self.draw(3) {
            self.trade(which);
        }
        if round.is_multiple_of(150) {
            self.say(Body::Ping);
        }
    }

    fn open(&mut self) {
        self.say(Body::Opened(Bytes::from_static(b"ws://127.0.0.1:9000/stream")));
        let one = |symbol: &str| {
            format!(
                r#"{{"symbol":"{symbol}","status":"TRADING","baseAsset":"{}","quoteAsset":"USDT","filters":[{{"filterType":"PRICE_FILTER","tickSize":"0.01"}},{{"filterType":"LOT_SIZE","stepSize":"0.001"}}]}}"#,
                symbol.trim_end_matches("USDT")
            )
        };
        let list = SYMBOLS.map(one).join(",");
        self.answer("exchangeInfo", format!(r#"{{"symbols":[{list}]}}"#));
        self.snapshot(0);
        self.snapshot(1);
    }

    fn reopen(&mut self) {
        self.say(Body::Closed(Bytes::from_static(b"The link was cut.")));
        self.pass(3_000);
        self.say(Body::Opened(Bytes::from_static(b"ws://127.0.0.1:9000/stream")));
        for which in 0..SYMBOLS.len() {
            self.delta(which);
            self.snapshot(which);
        }
    }

    fn snapshot(&mut self, which: usize) {
        let desk = &self.desks[which];
        let (bids, asks) = (levels(desk.bids.iter().rev()), levels(desk.asks.iter()));
        let path = format!("depth?symbol={}&limit=1000", desk.symbol);
        let update = desk.update;
        self.answer(
            &path,
            format!(r#"{{"lastUpdateId":{update},"bids":[{bids}],"asks":[{asks}]}}"#),
        );
    }

    fn delta(&mut self, which: usize) {
        let moves = 1 + self.draw(5);
        let first = self.desks[which].update + 1;
        let (mut bids, mut asks) = (BTreeMap::new(), BTreeMap::new());
        for _ in 0..moves {
            let (away, size) = (1 + self.draw(40) as i64, self.draw(9) as i64 * 250);
            let is_bid = self.draw(2) == 0;
            let desk = &mut self.desks[which];
            let (side, changed, price) = if is_bid {
                (&mut desk.bids, &mut bids, desk.mid - away)
            } else {
                (&mut desk.asks, &mut asks, desk.mid + away)
            };
            side.insert(price, size);
            changed.insert(price, size);
            side.retain(|_, size| *size > 0);
            desk.update += 1;
        }
        let desk = &self.desks[which];
        let text = format!(
            r#"{{"stream":"{}@depth@100ms","data":{{"e":"depthUpdate","E":{},"s":"{}","U":{first},"u":{},"b":[{}],"a":[{}]}}}}"#,
            desk.symbol.to_lowercase(),
            self.at / 1_000_000,
            desk.symbol,
            desk.update,
            levels(bids.iter().rev()),
            levels(asks.iter()),
        );
        self.hear(&text);
    }

    fn trade(&mut self, which: usize) {
        let (size, is_sold, is_again) = (1 + self.draw(900), self.draw(2) == 0, self.draw(20) == 0);
        let at = self.at / 1_000_000;
        let desk = &mut self.desks[which];
        desk.trade += u64::from(!is_again); // The same id again is no second trade.
        let price = if is_sold { desk.mid - 1 } else { desk.mid + 1 };
        let text = format!(
            r#"{{"stream":"{}@trade","data":{{"e":"trade","E":{at},"s":"{}","t":{},"p":"{}","q":"{}","T":{at},"m":{is_sold},"M":true}}}}"#,
            desk.symbol.to_lowercase(),
            desk.symbol,
            desk.trade,
            decimal(price, 2),
            decimal(size as i64, 3),
        );
        self.hear(&text);
    }

    fn answer(&mut self, path: &str, body: String) {
        let url = Bytes::from(format!("http://127.0.0.1:9000/api/v3/{path}"));
        self.say(Body::Requested(url.clone()));
        self.say(Body::Answered(HttpExchange { url, status: 200, body: Bytes::from(body) }));
    }

    fn hear(&mut self, text: &str) {
        self.say(Body::Text(Bytes::copy_from_slice(text.as_bytes())));
    }

    fn say(&mut self, body: Body) {
        self.packets.push(Packet {
            venue: Venue::Binance,
            link: LinkId(0),
            number: self.packets.len() as u64,
            received_at: Timestamp::from_nanos(self.at),
            body,
        });
    }

    fn pass(&mut self, millis: i64) {
        self.at += millis * 1_000_000;
    }

    /// A number below `n` (xorshift64).
    fn draw(&mut self, n: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) % n
    }
}

impl Desk {
    fn new(symbol: &'static str) -> Self {
        let mid = if symbol == "BTCUSDT" { 6_000_000 } else { 300_000 };
        let side = |sign: i64| (1..=60).map(|away| (mid + sign * away, 500 + away * 10)).collect();
        Self { symbol, mid, update: 1_000, trade: 1, bids: side(-1), asks: side(1) }
    }
}

fn levels<'a>(levels: impl Iterator<Item = (&'a i64, &'a i64)>) -> String {
    let one = |(price, size): (&i64, &i64)| {
        format!(r#"["{}","{}"]"#, decimal(*price, 2), decimal(*size, 3))
    };
    levels.map(one).collect::<Vec<_>>().join(",")
}

fn decimal(number: i64, decimals: u32) -> String {
    let unit = 10_i64.pow(decimals);
    format!("{}.{:0width$}", number / unit, number % unit, width = decimals as usize)
}
