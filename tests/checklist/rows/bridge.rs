//! A bridge of one's own: `docs/feed.md`.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, NotRead, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, Gap, LevelRules, Levels, Messages, Numbers, Order, Quiet, Row, Said, quoted, seconds,
};

fn message(kind: &str, n: u64, [bids, asks]: Levels<'_>, more: &str) -> Said {
    let (bids, asks) = (quoted(bids), quoted(asks));
    Said::Frame(format!(
        r#"{{"type":"{kind}","symbol":"ACME","sequence":{n},{more}"bids":[{bids}],"asks":[{asks}]}}"#
    ))
}

fn trade(time: &str) -> Said {
    let one = r#""id":1,"price":"10","quantity":"3","side":"buy""#;
    Said::Frame(format!(r#"{{"type":"trade","symbol":"ACME",{one},"time":{time}}}"#))
}

pub fn row() -> Row {
    Row {
        symbol: "ACME",
        before: &[r#"{"type":"hello","feed":"tapedeck","version":1,"name":"My broker"}"#],
        whole: |n, levels| message("snapshot", n, levels, ""),
        change: Is(|n, levels| message("delta", n, levels, "")),
        messages: Messages {
            ack: Is((r#"{"type":"subscribed","symbol":"ACME"}"#, Subscribed)),
            error: Is((
                r#"{"type":"error","symbol":"NOPE","reason":"there is no such instrument"}"#,
                Refused,
            )),
            heartbeat: Is((r#"{"type":"heartbeat"}"#, Alive)),
            unknown: (r#"{"type":"weather"}"#, Unknown),
            notice: Absent("it has no words for a maintenance"),
            no_json: ("pong", NotRead),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Absent("its books come on the link, in their order"),
            gap: Is(Gap::Number),
            reset: Absent("a snapshot begins anew, and a change never does"),
        },
        levels: LevelRules {
            twice: Is(()),
            nothing: Is(()),
            window: Absent("it has one where the bridge states it, which this one does not"),
        },
        numbers: Numbers {
            large_ids: Is(()),
            other_id: Is(|n| match message("delta", n, [&[("10", "2")], &[]], "") {
                Said::Frame(text) => {
                    let (number, string) = (format!(":{n},"), format!(":\"{n}\","));
                    Said::Frame(text.replace(&number, &string))
                }
                answer @ Said::Answer(..) => answer,
            }),
            times: (
                trade,
                &[
                    (r#""2026-08-24T22:21:56Z""#, 1_787_610_116_000_000_000),
                    (r#""2026-08-24T22:21:56.343688123Z""#, 1_787_610_116_343_688_123),
                    ("1787610116343688123", 1_787_610_116_343_688_123),
                ],
            ),
        },
        allowed: Allowed {
            frames: Absent("docs/feed.md gives frames no limit"),
            connects: Absent("docs/feed.md gives connections no limit"),
            frame_bytes: Absent("docs/feed.md gives our frames no size"),
        },
        roll: Absent("docs/feed.md gives a link no lifetime"),
        quiet: Quiet { link: seconds(10), book: seconds(60) },
    }
}
