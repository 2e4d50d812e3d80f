//! Bybit v5, spot and linear: each message of a topic is the next one.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, NotRead, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, Gap, LevelRules, Levels, Messages, Numbers, Order, Quiet, Row, Said, quoted, seconds,
};

fn message(kind: &str, n: u64, [bids, asks]: Levels<'_>) -> Said {
    let (bids, asks) = (quoted(bids), quoted(asks));
    let data = format!(r#""s":"BTCUSDT","b":[{bids}],"a":[{asks}],"u":{n},"seq":{n}"#);
    Said::Frame(format!(
        r#"{{"topic":"orderbook.1000.BTCUSDT","type":"{kind}","ts":1,"data":{{{data}}},"cts":1}}"#
    ))
}

/// Messages of the number 1 begin a book anew: those of the stories stand behind it.
fn whole(n: u64, levels: Levels<'_>) -> Said {
    message("snapshot", n + 1, levels)
}

fn change(n: u64, levels: Levels<'_>) -> Said {
    message("delta", n + 1, levels)
}

fn trade(time: &str) -> Said {
    let data = format!(
        r#"{{"T":{time},"s":"BTCUSDT","S":"Sell","v":"1","p":"10","i":"7","BT":false,"seq":1}}"#
    );
    Said::Frame(format!(
        r#"{{"topic":"publicTrade.BTCUSDT","type":"snapshot","ts":1,"data":[{data}]}}"#
    ))
}

pub fn linear() -> Row {
    Row {
        symbol: "BTCUSDT",
        before: &[],
        whole,
        change: Is(change),
        messages: Messages {
            ack: Is((
                r#"{"success":true,"ret_msg":"subscribe","conn_id":"d9avt8sh","op":"subscribe"}"#,
                Subscribed,
            )),
            error: Is((
                r#"{"success":false,"ret_msg":"Invalid topic: [publicTrade.NOSUCH]","conn_id":"x","op":"subscribe"}"#,
                Refused,
            )),
            heartbeat: Is((
                r#"{"success":true,"ret_msg":"pong","conn_id":"0970e817","op":"ping"}"#,
                Alive,
            )),
            unknown: (r#"{"topic":"weather.BTCUSDT","type":"snapshot","data":{}}"#, Unknown),
            notice: Absent("it has no words for a maintenance; books begin anew"),
            no_json: ("pong", NotRead),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Absent("its books come on the link, in their order"),
            gap: Is(Gap::Number),
            reset: Is(|_| message("delta", 1, [&[("9", "1")], &[]])),
        },
        levels: LevelRules { twice: Is(()), nothing: Is(()), window: Is(1_000) },
        numbers: Numbers {
            large_ids: Is(()),
            other_id: Absent("its documents print ids of books as numbers alone"),
            times: (trade, &[("1786310819680", 1_786_310_819_680_000_000)]),
        },
        allowed: Allowed {
            frames: Absent("its limit is not published"),
            connects: Is((500, seconds(300))),
            frame_bytes: Is(21_000),
        },
        roll: Absent("its documents give a link no lifetime"),
        quiet: Quiet { link: seconds(20), book: seconds(20) },
    }
}

pub fn spot() -> Row {
    linear()
}
