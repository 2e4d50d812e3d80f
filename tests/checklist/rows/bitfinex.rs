//! Bitfinex v2: the connection counts its arrays; a change is one level.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, Maintenance, NotRead, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, Gap, LevelRules, Levels, Messages, Numbers, Order, Quiet, Row, Said, is_zero, seconds,
};

fn levels([bids, asks]: Levels<'_>) -> Vec<String> {
    let one = |sign: &str, (price, quantity): &(&str, &str)| {
        if is_zero(quantity) {
            return format!("[{price},0,{sign}1]");
        }
        format!("[{price},1,{sign}{quantity}]")
    };
    let bids = bids.iter().map(|level| one("", level));
    bids.chain(asks.iter().map(|level| one("-", level))).collect()
}

fn frame(n: u64, payload: &str) -> Said {
    Said::Frame(format!("[7,{payload},{n},1790134414850]"))
}

fn trade(time: &str) -> Said {
    Said::Frame(format!(r#"[8,"te",[1,{time},-0.5,10],1,1790134414850]"#))
}

pub fn row() -> Row {
    Row {
        symbol: "tBTCUSD",
        before: &[
            r#"{"event":"conf","status":"OK","flags":229376}"#,
            r#"{"event":"subscribed","channel":"book","chanId":7,"symbol":"tBTCUSD","prec":"P0","len":"250"}"#,
            r#"{"event":"subscribed","channel":"trades","chanId":8,"symbol":"tBTCUSD"}"#,
        ],
        whole: |n, all| frame(n, &format!("[{}]", levels(all).join(","))),
        change: Is(|n, all| frame(n, &levels(all)[0])),
        messages: Messages {
            ack: Is((
                r#"{"event":"subscribed","channel":"ticker","chanId":19,"symbol":"tBTCUSD"}"#,
                Subscribed,
            )),
            error: Is((
                r#"{"event":"error","channel":"book","symbol":"tNOSUCH","msg":"symbol: invalid","code":10300}"#,
                Refused,
            )),
            heartbeat: Is((r#"[7,"hb",$N,1790134414850]"#, Alive)),
            unknown: (r#"{"event":"weather"}"#, Unknown),
            notice: Is((
                r#"{"event":"info","code":20060,"msg":"Entering in Maintenance mode."}"#,
                Maintenance,
            )),
            no_json: ("pong", NotRead),
        },
        order: Order {
            before_ack: Absent("a channel's number comes with its acknowledgement"),
            old_snapshot: Absent("its books come on the link, in their order"),
            gap: Is(Gap::Number),
            reset: Absent("its numbers begin anew with a connection alone"),
        },
        levels: LevelRules {
            twice: Absent("a change is one level, in the form that we ask for"),
            nothing: Absent("a change is one level, never none"),
            window: Absent("it tells what leaves its window"),
        },
        numbers: Numbers {
            large_ids: Absent("its numbers begin with 1 on each connection"),
            other_id: Absent("its documents print numbers as numbers alone"),
            times: (trade, &[("1654701572691", 1_654_701_572_691_000_000)]),
        },
        allowed: Allowed {
            frames: Absent("its documents give frames no limit"),
            connects: Is((20, seconds(60))),
            frame_bytes: Absent("its documents give frames no size"),
        },
        roll: Absent("its documents give a link no lifetime"),
        quiet: Quiet { link: seconds(15), book: seconds(60) },
    }
}
