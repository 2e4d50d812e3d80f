//! OKX v5: each update names the one before.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, Ending, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, Counted, Gap, LevelRules, Levels, Messages, Numbers, Old, Order, Quiet, Row, Said,
    join, seconds,
};

fn rows(levels: &[(&str, &str)]) -> String {
    join(levels, |price, quantity| format!(r#"["{price}","{quantity}","0","1"]"#))
}

fn message(action: &str, previous: &str, n: u64, [bids, asks]: Levels<'_>) -> Said {
    let (bids, asks) = (rows(bids), rows(asks));
    let data = format!(
        r#""asks":[{asks}],"bids":[{bids}],"ts":"1787612486107","checksum":0,"seqId":{n},"prevSeqId":{previous}"#
    );
    let arg = r#""arg":{"channel":"books","instId":"BTC-USDT"}"#;
    Said::Frame(format!(r#"{{{arg},"action":"{action}","data":[{{{data}}}]}}"#))
}

fn fetched(n: u64, [bids, asks]: Levels<'_>) -> Said {
    let (bids, asks) = (rows(bids), rows(asks));
    let data = format!(r#""asks":[{asks}],"bids":[{bids}],"ts":"1","seqId":{n}"#);
    let url = "https://a/api/v5/market/books?instId=BTC-USDT&sz=400";
    Said::Answer(url, format!(r#"{{"code":"0","msg":"","data":[{{{data}}}]}}"#))
}

fn trade(time: &str) -> Said {
    let data = format!(
        r#"{{"instId":"BTC-USDT","tradeId":"1","px":"10","sz":"1","side":"buy","ts":"{time}","count":"1"}}"#
    );
    let arg = r#""arg":{"channel":"trades","instId":"BTC-USDT"}"#;
    Said::Frame(format!(r#"{{{arg},"data":[{data}]}}"#))
}

pub fn row() -> Row {
    Row {
        symbol: "BTC-USDT",
        before: &[],
        whole: |n, levels| message("snapshot", "-1", n, levels),
        change: Is(|n, levels| message("update", &(n - 1).to_string(), n, levels)),
        messages: Messages {
            ack: Is((
                r#"{"event":"subscribe","arg":{"channel":"books","instId":"BTC-USDT"},"connId":"a4d3ae55"}"#,
                Subscribed,
            )),
            error: Is((
                r#"{"event":"error","code":"60012","msg":"Invalid request: {}","connId":"a4d3ae55"}"#,
                Refused,
            )),
            heartbeat: Absent("it answers our pings with a text, which is no JSON"),
            unknown: (r#"{"event":"weather","connId":"a4d3ae55"}"#, Unknown),
            notice: Is((
                r#"{"event":"notice","code":"64008","msg":"The connection will soon be closed for a service upgrade. Please reconnect.","connId":"a4d3ae55"}"#,
                Ending,
            )),
            no_json: ("pong", Alive),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Is(Old::Refused(fetched)),
            gap: Is(Gap::Number),
            // After a maintenance: the number falls back, and the one before is named.
            reset: Is(|n| message("update", &n.to_string(), 3, [&[("9", "1")], &[]])),
        },
        levels: LevelRules { twice: Is(()), nothing: Is(()), window: Is(400) },
        numbers: Numbers {
            large_ids: Is(()),
            other_id: Is(|n| {
                let (previous, id) = (format!("\"{}\"", n - 1), format!("\"{n}\""));
                match message("update", &previous, n, [&[("10", "2")], &[]]) {
                    Said::Frame(text) => {
                        let (number, string) =
                            (format!("\"seqId\":{n}"), format!("\"seqId\":{id}"));
                        Said::Frame(text.replace(&number, &string))
                    }
                    answer @ Said::Answer(..) => answer,
                }
            }),
            times: (trade, &[("1630048897897", 1_630_048_897_897_000_000)]),
        },
        allowed: Allowed {
            frames: Is(((480, seconds(3_600)), Counted::ByLink)),
            connects: Is((3, seconds(1))),
            frame_bytes: Is(64 << 10),
        },
        roll: Absent("its documents give a link no lifetime"),
        // Its pongs follow our pings; a book that does not change says so after about a minute.
        quiet: Quiet { link: seconds(20), book: seconds(60) },
    }
}
