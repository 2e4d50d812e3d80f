//! Kraken, WebSocket v2: no numbers, but a checksum with every message.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, Maintenance, NotRead, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, Gap, LevelRules, Levels, Messages, Numbers, Order, Quiet, Row, Said, join, seconds,
};

fn message(kind: &str, [bids, asks]: Levels<'_>, sum: &str) -> Said {
    let rows = |levels| join(levels, |price, qty| format!(r#"{{"price":{price},"qty":{qty}}}"#));
    let (bids, asks) = (rows(bids), rows(asks));
    let data = format!(r#"{{"symbol":"BTC/USD","bids":[{bids}],"asks":[{asks}]{sum}}}"#);
    Said::Frame(format!(r#"{{"channel":"book","type":"{kind}","data":[{data}]}}"#))
}

fn trade(time: &str) -> Said {
    let data = format!(
        r#"{{"symbol":"BTC/USD","side":"sell","price":10.5,"qty":0.1,"ord_type":"market","trade_id":1,"timestamp":"{time}"}}"#
    );
    Said::Frame(format!(r#"{{"channel":"trade","type":"update","data":[{data}]}}"#))
}

pub fn row() -> Row {
    Row {
        symbol: "BTC/USD",
        before: &[],
        whole: |_, levels| message("snapshot", levels, ""),
        change: Is(|_, levels| message("update", levels, "")),
        messages: Messages {
            ack: Is((
                r#"{"method":"subscribe","result":{"channel":"book","depth":10,"snapshot":true,"symbol":"BTC/USD"},"success":true,"time_in":"a","time_out":"b"}"#,
                Subscribed,
            )),
            error: Is((
                r#"{"error":"Currency pair not supported ABC/DEF","method":"subscribe","success":false,"symbol":"ABC/DEF","time_in":"a","time_out":"b"}"#,
                Refused,
            )),
            heartbeat: Is((r#"{"channel":"heartbeat"}"#, Alive)),
            unknown: (r#"{"channel":"weather","type":"update","data":[{}]}"#, Unknown),
            notice: Is((
                r#"{"channel":"status","type":"update","data":[{"version":"2.0.10","system":"maintenance","api_version":"v2","connection_id":806193442143087786}]}"#,
                Maintenance,
            )),
            no_json: ("pong", NotRead),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Absent("its books come on the link, in their order"),
            gap: Is(Gap::Sum(|| message("update", [&[("10", "3")], &[]], r#","checksum":1"#))),
            reset: Absent("its books bear no numbers"),
        },
        // Without a subscription that tells it, the smallest depth that holds the book.
        levels: LevelRules { twice: Is(()), nothing: Is(()), window: Is(10) },
        numbers: Numbers {
            large_ids: Absent("its books bear no numbers; its connection_id is one, in the notice"),
            other_id: Absent("its books bear no numbers"),
            times: (
                trade,
                &[
                    ("2026-08-24T22:21:56Z", 1_787_610_116_000_000_000),
                    ("2026-08-24T22:21:56.7Z", 1_787_610_116_700_000_000),
                    ("2026-08-24T22:21:56.343688Z", 1_787_610_116_343_688_000),
                    ("2026-08-24T22:21:56.343688123Z", 1_787_610_116_343_688_123),
                ],
            ),
        },
        allowed: Allowed {
            frames: Absent("its limit is not published"),
            connects: Is((150, seconds(600))),
            frame_bytes: Absent("its documents give frames no size"),
        },
        roll: Absent("its documents give a link no lifetime"),
        quiet: Quiet { link: seconds(1), book: seconds(60) },
    }
}
