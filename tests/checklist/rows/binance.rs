//! Binance: spot, Binance.US and both futures markets.

use sim::SimVenue;

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Ending, NotRead, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, Counted, Gap, LevelRules, Levels, Messages, Numbers, Old, Order, Quiet, Roll, Row,
    Said, quoted, seconds,
};

/// The symbol of all four, so that their words differ in their addresses only.
const SYMBOL: &str = "BTCUSDT";

fn book(url: &'static str, n: u64, [bids, asks]: Levels<'_>) -> Said {
    let (bids, asks) = (quoted(bids), quoted(asks));
    let body = format!(r#"{{"lastUpdateId":{n},"E":1,"T":1,"bids":[{bids}],"asks":[{asks}]}}"#);
    Said::Answer(url, body)
}

fn change(n: u64, [bids, asks]: Levels<'_>) -> Said {
    let (bids, asks) = (quoted(bids), quoted(asks));
    let ids = format!(r#""U":{n},"u":{n},"pu":{}"#, n - 1);
    let data =
        format!(r#""e":"depthUpdate","E":1,"T":1,"s":"{SYMBOL}",{ids},"b":[{bids}],"a":[{asks}]"#);
    Said::Frame(format!(r#"{{"stream":"btcusdt@depth@100ms","data":{{{data}}}}}"#))
}

/// As spot says it: without the id before.
fn change_of_spot(n: u64, levels: Levels<'_>) -> Said {
    match change(n, levels) {
        Said::Frame(text) => Said::Frame(text.replace(&format!(r#","pu":{}"#, n - 1), "")),
        answer @ Said::Answer(..) => answer,
    }
}

fn trade(time: &str) -> Said {
    let data = format!(
        r#""e":"trade","E":{time},"s":"{SYMBOL}","t":12345,"p":"10","q":"1","T":{time},"m":true,"X":"MARKET""#
    );
    Said::Frame(format!(r#"{{"stream":"btcusdt@trade","data":{{{data}}}}}"#))
}

/// Where the markets differ.
struct Market {
    whole: crate::row::Make,
    change: crate::row::Make,
    /// Frames a second.
    frames: u32,
    /// How often its server pings.
    pings_s: u64,
    simulated: SimVenue,
}

fn row(market: Market) -> Row {
    Row {
        symbol: SYMBOL,
        before: &[],
        whole: market.whole,
        change: Is(market.change),
        messages: Messages {
            ack: Is((r#"{"result":null,"id":1}"#, Subscribed)),
            error: Is((r#"{"error":{"code":2,"msg":"Invalid request"},"id":7}"#, Refused)),
            heartbeat: Absent("its server pings by WebSocket, which is no message"),
            unknown: (
                r#"{"stream":"btcusdt@weather","data":{"e":"weather","s":"BTCUSDT"}}"#,
                Unknown,
            ),
            notice: Is((
                r#"{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}"#,
                Ending,
            )),
            no_json: ("pong", NotRead),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Is(Old::Refused(market.whole)),
            gap: Is(Gap::Number),
            reset: Absent("its ids only ascend, by its documents"),
        },
        levels: LevelRules {
            twice: Is(()),
            nothing: Is(()),
            window: Absent("its changes reach beyond the snapshot, and nothing leaves"),
        },
        numbers: Numbers {
            large_ids: Is(()),
            other_id: Absent("its documents print ids as numbers alone"),
            times: (
                trade,
                &[
                    ("1672515782137", 1_672_515_782_137_000_000),
                    ("1672515782137123", 1_672_515_782_137_123_000),
                ],
            ),
        },
        allowed: Allowed {
            frames: Is(((market.frames, seconds(1)), Counted::ByLink)),
            connects: Is((300, seconds(300))),
            frame_bytes: Absent("its documents give frames no size"),
        },
        roll: Is(Roll::Simulated(market.simulated)),
        quiet: Quiet { link: seconds(market.pings_s), book: seconds(20) },
    }
}

pub fn spot() -> Row {
    let whole =
        |n, levels: Levels<'_>| book("https://a/api/v3/depth?symbol=BTCUSDT&limit=1000", n, levels);
    row(Market {
        whole,
        change: change_of_spot,
        frames: 5,
        pings_s: 20,
        simulated: SimVenue::Binance,
    })
}

pub fn us() -> Row {
    // Its documents still have the pings of before 2025: every three minutes.
    let row = spot();
    Row { quiet: Quiet { link: seconds(180), book: seconds(60) }, ..row }
}

pub fn usd_m() -> Row {
    let whole = |n, levels: Levels<'_>| {
        book("https://a/fapi/v1/depth?symbol=BTCUSDT&limit=1000", n, levels)
    };
    let simulated = SimVenue::BinanceUsdM;
    row(Market { whole, change, frames: 10, pings_s: 180, simulated })
}

pub fn coin_m() -> Row {
    let whole = |n, levels: Levels<'_>| {
        book("https://a/dapi/v1/depth?symbol=BTCUSDT&limit=1000", n, levels)
    };
    let simulated = SimVenue::BinanceCoinM;
    row(Market { whole, change, frames: 10, pings_s: 180, simulated })
}
