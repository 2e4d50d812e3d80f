//! Coinbase Advanced Trade: the connection counts its frames.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, NotRead, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, Counted, Gap, LevelRules, Levels, Messages, Numbers, Order, Quiet, Row, Said, join,
    seconds,
};

fn message(kind: &str, n: u64, [bids, asks]: Levels<'_>) -> Said {
    let rows = |side: &str, levels| {
        join(levels, |price, quantity| {
            format!(
                r#"{{"side":"{side}","event_time":"2026-08-24T22:34:13.483122Z","price_level":"{price}","new_quantity":"{quantity}"}}"#
            )
        })
    };
    let both = [rows("bid", bids), rows("offer", asks)];
    let updates = both.iter().filter(|side| !side.is_empty()).cloned().collect::<Vec<_>>();
    let event =
        format!(r#"{{"type":"{kind}","product_id":"BTC-USD","updates":[{}]}}"#, updates.join(","));
    Said::Frame(format!(r#"{{"channel":"l2_data","sequence_num":{n},"events":[{event}]}}"#))
}

fn trade(time: &str) -> Said {
    let one = format!(
        r#"{{"trade_id":"1","product_id":"BTC-USD","price":"10","size":"1","side":"SELL","time":"{time}"}}"#
    );
    Said::Frame(format!(
        r#"{{"channel":"market_trades","sequence_num":1,"events":[{{"type":"update","trades":[{one}]}}]}}"#
    ))
}

pub fn row() -> Row {
    Row {
        symbol: "BTC-USD",
        before: &[],
        whole: |n, levels| message("snapshot", n, levels),
        change: Is(|n, levels| message("update", n, levels)),
        messages: Messages {
            ack: Is((
                r#"{"channel":"subscriptions","sequence_num":$N,"events":[{"subscriptions":{"level2":["BTC-USD"]}}]}"#,
                Subscribed,
            )),
            error: Is((r#"{"type":"error","message":"failure to subscribe"}"#, Refused)),
            heartbeat: Is((
                r#"{"channel":"heartbeats","sequence_num":$N,"events":[{"current_time":"2026-04-07 14:30:10.000000000+00:00","heartbeat_counter":42}]}"#,
                Alive,
            )),
            unknown: (r#"{"channel":"weather","sequence_num":$N,"events":[]}"#, Unknown),
            notice: Absent("its documents have no words for a maintenance"),
            no_json: ("pong", NotRead),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Absent("its books come on the link, in their order"),
            gap: Is(Gap::Number),
            reset: Absent("its numbers begin anew with a connection alone"),
        },
        levels: LevelRules {
            twice: Is(()),
            nothing: Is(()),
            window: Absent("it sends the whole book"),
        },
        numbers: Numbers {
            large_ids: Is(()),
            other_id: Absent("its documents print sequence_num as a number alone"),
            times: (
                trade,
                &[
                    ("2026-08-24T22:21:56Z", 1_787_610_116_000_000_000),
                    ("2026-08-24T22:21:56.343688Z", 1_787_610_116_343_688_000),
                    ("2026-08-24T22:21:56.343688123Z", 1_787_610_116_343_688_123),
                ],
            ),
        },
        allowed: Allowed {
            frames: Is(((8, seconds(1)), Counted::ByAddress)),
            connects: Is((8, seconds(1))),
            frame_bytes: Absent("its documents give frames no size"),
        },
        roll: Absent("its documents give a link no lifetime"),
        quiet: Quiet { link: seconds(1), book: seconds(60) },
    }
}
