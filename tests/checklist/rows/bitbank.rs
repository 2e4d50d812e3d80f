//! bitbank: whole books every 15 s, and changes whose numbers all pairs share.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, Maintenance, NotRead, Refused, Unknown};
use crate::row::{
    Allowed, LevelRules, Levels, Messages, Numbers, Old, Order, Quiet, Row, Said, quoted, seconds,
};

fn message(room: &str, data: &str) -> Said {
    Said::Frame(format!(
        r#"42["message",{{"room_name":"{room}_btc_jpy","message":{{"data":{{{data}}}}}}}]"#
    ))
}

fn whole(id: &str, [bids, asks]: Levels<'_>) -> Said {
    let (bids, asks) = (quoted(bids), quoted(asks));
    let data = format!(r#""asks":[{asks}],"bids":[{bids}],"timestamp":1,"sequenceId":{id}"#);
    message("depth_whole", &data)
}

fn change(id: &str, [bids, asks]: Levels<'_>) -> Said {
    let (bids, asks) = (quoted(bids), quoted(asks));
    message("depth_diff", &format!(r#""a":[{asks}],"b":[{bids}],"t":1,"s":{id}"#))
}

fn trade(time: &str) -> Said {
    let one = format!(
        r#"{{"transaction_id":1,"side":"sell","price":"26.930","amount":"1","executed_at":{time}}}"#
    );
    message("transactions", &format!(r#""transactions":[{one}]"#))
}

pub fn row() -> Row {
    Row {
        symbol: "btc_jpy",
        before: &[],
        whole: |n, levels| whole(&format!("\"{n}\""), levels),
        change: Is(|n, levels| change(&format!("\"{n}\""), levels)),
        messages: Messages {
            ack: Absent("it acknowledges nothing: the first data are the only sign"),
            error: Is((r#"44{"message":"not welcome"}"#, Refused)),
            heartbeat: Is(("2", Alive)),
            unknown: (r#"42["weather",{}]"#, Unknown),
            notice: Is((
                r#"42["message",{"room_name":"circuit_break_info_btc_jpy","message":{"data":{"mode":"CIRCUIT_BREAK","estimated_itayose_price":"1"}}}]"#,
                Maintenance,
            )),
            no_json: ("pong", NotRead),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Is(Old::Followed),
            gap: Absent("all pairs share one counter: a number that is missing proves nothing"),
            reset: Absent("its numbers only ascend, by its documents"),
        },
        levels: LevelRules {
            twice: Is(()),
            nothing: Is(()),
            window: Absent("about 200 levels, never exactly: the next whole book cuts it"),
        },
        numbers: Numbers {
            large_ids: Is(()),
            other_id: Is(|n| change(&n.to_string(), [&[("10", "2")], &[]])),
            times: (trade, &[("1570080162855", 1_570_080_162_855_000_000)]),
        },
        allowed: Allowed {
            frames: Absent("its limit is not published"),
            connects: Absent("its limit is not published"),
            frame_bytes: Absent("its limit is not published"),
        },
        roll: Absent("it ends no link for its age since 2022"),
        quiet: Quiet { link: seconds(25), book: seconds(30) },
    }
}
