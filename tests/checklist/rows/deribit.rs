//! Deribit: each change names the one before.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, Maintenance, NotRead, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, Counted, Gap, LevelRules, Levels, Messages, Numbers, Old, Order, Quiet, Row, Said,
    is_zero, join, seconds,
};

fn pushed(channel: &str, data: &str) -> Said {
    let params = format!(r#"{{"channel":"{channel}","data":{data}}}"#);
    Said::Frame(format!(r#"{{"jsonrpc":"2.0","method":"subscription","params":{params}}}"#))
}

fn message(kind: &str, previous: &str, n: u64, [bids, asks]: Levels<'_>) -> Said {
    let rows = |levels| {
        join(levels, |price, amount| {
            let action = if is_zero(amount) { "delete" } else { "new" };
            format!(r#"["{action}",{price},{amount}]"#)
        })
    };
    let (bids, asks) = (rows(bids), rows(asks));
    let data = format!(
        r#"{{"type":"{kind}",{previous}"timestamp":1,"instrument_name":"BTC-PERPETUAL","change_id":{n},"bids":[{bids}],"asks":[{asks}]}}"#
    );
    pushed("book.BTC-PERPETUAL.100ms", &data)
}

fn fetched(n: u64, [bids, asks]: Levels<'_>) -> Said {
    let rows = |levels| join(levels, |price, amount| format!("[{price},{amount}]"));
    let (bids, asks) = (rows(bids), rows(asks));
    let book = format!(r#""change_id":{n},"bids":[{bids}],"asks":[{asks}]"#);
    let url = "https://a/public/get_order_book?instrument_name=BTC-PERPETUAL";
    Said::Answer(url, format!(r#"{{"result":{{"instrument_name":"BTC-PERPETUAL",{book}}}}}"#))
}

fn trade(time: &str) -> Said {
    let one = format!(
        r#"[{{"timestamp":{time},"price":10.5,"amount":10.0,"direction":"sell","instrument_name":"BTC-PERPETUAL","trade_seq":1}}]"#
    );
    pushed("trades.BTC-PERPETUAL.100ms", &one)
}

pub fn row() -> Row {
    Row {
        symbol: "BTC-PERPETUAL",
        before: &[],
        whole: |n, levels| message("snapshot", "", n, levels),
        change: Is(|n, levels| {
            message("change", &format!(r#""prev_change_id":{},"#, n - 1), n, levels)
        }),
        messages: Messages {
            ack: Is((
                r#"{"jsonrpc":"2.0","id":7,"result":["book.BTC-PERPETUAL.100ms"],"usIn":1}"#,
                Subscribed,
            )),
            error: Is((
                r#"{"jsonrpc":"2.0","id":11,"error":{"code":10028,"message":"too_many_requests","data":null}}"#,
                Refused,
            )),
            heartbeat: Is((
                r#"{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}"#,
                Alive,
            )),
            unknown: (r#"{"jsonrpc":"2.0","method":"weather"}"#, Unknown),
            notice: Is((
                r#"{"jsonrpc":"2.0","method":"subscription","params":{"channel":"platform_state","data":{"maintenance":true}}}"#,
                Maintenance,
            )),
            no_json: ("pong", NotRead),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Is(Old::Refused(fetched)),
            gap: Is(Gap::Number),
            reset: Absent("its ids only ascend, by its documents"),
        },
        levels: LevelRules {
            twice: Is(()),
            nothing: Is(()),
            window: Absent("it sends the whole book"),
        },
        numbers: Numbers {
            large_ids: Is(()),
            other_id: Absent("its documents print ids of changes as numbers alone"),
            times: (trade, &[("1765531356452", 1_765_531_356_452_000_000)]),
        },
        allowed: Allowed {
            // 3,000 of 30,000 credits each, of which 10,000 come back a second.
            frames: Is(((10, seconds(1)), Counted::ByLink)),
            connects: Absent("it counts those that are open at once, not how often"),
            frame_bytes: Absent("its documents give frames no size"),
        },
        roll: Absent("its documents give a link no lifetime"),
        quiet: Quiet { link: seconds(10), book: seconds(54) },
    }
}
