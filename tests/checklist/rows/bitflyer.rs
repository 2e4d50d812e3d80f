//! bitFlyer: boards every 5 s, and changes between them without a number.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Maintenance, NotRead, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, LevelRules, Levels, Messages, Numbers, Order, Quiet, Row, Said, join, seconds,
};

fn pushed(channel: &str, message: &str) -> Said {
    let params = format!(r#"{{"channel":"lightning_{channel}_BTC_JPY","message":{message}}}"#);
    Said::Frame(format!(r#"{{"jsonrpc":"2.0","method":"channelMessage","params":{params}}}"#))
}

fn board(channel: &str, [bids, asks]: Levels<'_>) -> Said {
    let rows = |levels| join(levels, |price, size| format!(r#"{{"price":{price},"size":{size}}}"#));
    let (bids, asks) = (rows(bids), rows(asks));
    pushed(channel, &format!(r#"{{"bids":[{bids}],"asks":[{asks}]}}"#))
}

fn trade(time: &str) -> Said {
    let one = format!(r#"[{{"id":1,"side":"BUY","price":10.0,"size":0.01,"exec_date":"{time}"}}]"#);
    pushed("executions", &one)
}

pub fn row() -> Row {
    Row {
        symbol: "BTC_JPY",
        before: &[],
        whole: |_, levels| board("board_snapshot", levels),
        change: Is(|_, levels| board("board", levels)),
        messages: Messages {
            ack: Is((r#"{"jsonrpc":"2.0","id":2,"result":true}"#, Subscribed)),
            error: Is((
                r#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"Parse error"},"id":null}"#,
                Refused,
            )),
            heartbeat: Absent("its server pings by WebSocket, which is no message"),
            unknown: (r#"{"jsonrpc":"2.0","method":"weather","params":{}}"#, Unknown),
            notice: Is((
                r#"{"jsonrpc":"2.0","method":"channelMessage","params":{"channel":"lightning_ticker_BTC_JPY","message":{"state":"CIRCUIT BREAK"}}}"#,
                Maintenance,
            )),
            no_json: ("pong", NotRead),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Absent("its boards come on the link, without numbers"),
            gap: Absent("its boards bear no numbers: the next whole one heals"),
            reset: Absent("its boards bear no numbers"),
        },
        levels: LevelRules { twice: Is(()), nothing: Is(()), window: Is(300) },
        numbers: Numbers {
            large_ids: Absent("its boards bear no numbers"),
            other_id: Absent("its boards bear no numbers"),
            times: (
                trade,
                &[
                    ("2026-08-24T22:21:56", 1_787_610_116_000_000_000),
                    ("2026-08-24T22:21:56.343Z", 1_787_610_116_343_000_000),
                    ("2026-08-24T22:21:56.3436881Z", 1_787_610_116_343_688_100),
                ],
            ),
        },
        allowed: Allowed {
            frames: Absent("its limit is not published"),
            connects: Absent("its limit is not published"),
            frame_bytes: Absent("its limit is not published"),
        },
        roll: Absent("its documents give a link no lifetime"),
        quiet: Quiet { link: seconds(15), book: seconds(6) },
    }
}
