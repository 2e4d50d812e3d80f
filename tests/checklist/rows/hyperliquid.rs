//! Hyperliquid: every book is whole.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, Counted, LevelRules, Levels, Messages, Numbers, Order, Quiet, Row, Said, join, seconds,
};

/// The moment of the number `n`.
fn book(time: u64, [bids, asks]: Levels<'_>) -> Said {
    let rows = |levels| join(levels, |px, sz| format!(r#"{{"px":"{px}","sz":"{sz}","n":1}}"#));
    let (bids, asks) = (rows(bids), rows(asks));
    let data = format!(r#"{{"coin":"BTC","levels":[[{bids}],[{asks}]],"time":{time}}}"#);
    Said::Frame(format!(r#"{{"channel":"l2Book","data":{data}}}"#))
}

fn trade(time: &str) -> Said {
    let one = format!(
        r#"{{"coin":"BTC","side":"B","px":"10","sz":"1","time":{time},"hash":"0x0","tid":1}}"#
    );
    Said::Frame(format!(r#"{{"channel":"trades","data":[{one}]}}"#))
}

pub fn row() -> Row {
    Row {
        symbol: "BTC",
        before: &[],
        whole: |n, levels| book(1_737_918_843_893 + n, levels),
        change: Absent("each of its books is whole"),
        messages: Messages {
            ack: Is((
                r#"{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC","nSigFigs":null}}}"#,
                Subscribed,
            )),
            error: Is((r#"{"channel":"error","data":"Error parsing JSON"}"#, Refused)),
            heartbeat: Is((r#"{"channel":"pong"}"#, Alive)),
            unknown: (r#"{"channel":"weather","data":{}}"#, Unknown),
            notice: Absent("its documents have no words for a maintenance"),
            no_json: ("Websocket connection established.", Alive),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Absent("there are no changes that it could be older than"),
            gap: Absent("each of its books is whole: nothing can be missed"),
            // The same time again, and an older one, are books all the same.
            reset: Is(|_| book(1, [&[("9", "1")], &[("11", "1")]])),
        },
        levels: LevelRules {
            twice: Is(()),
            nothing: Absent("there are no changes that could be empty"),
            window: Absent("each of its books is its window"),
        },
        numbers: Numbers {
            large_ids: Absent("its books bear no numbers"),
            other_id: Absent("its books bear no numbers"),
            times: (trade, &[("1787259217020", 1_787_259_217_020_000_000)]),
        },
        allowed: Allowed {
            frames: Is(((2_000, seconds(60)), Counted::ByAddress)),
            connects: Is((30, seconds(60))),
            frame_bytes: Absent("its documents give frames no size"),
        },
        roll: Absent("its documents give a link no lifetime"),
        // Its pongs follow our pings; all books come about every 5 s.
        quiet: Quiet { link: seconds(20), book: seconds(6) },
    }
}
