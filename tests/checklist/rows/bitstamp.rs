//! Bitstamp: changes bear moments, and books are fetched.

use crate::row::Item::{Absent, Is};
use crate::row::Means::{Alive, Ending, NotRead, Refused, Subscribed, Unknown};
use crate::row::{
    Allowed, LevelRules, Levels, Messages, Numbers, Old, Order, Quiet, Roll, Row, Said, quoted,
    seconds,
};

fn book(n: u64, [bids, asks]: Levels<'_>) -> String {
    let (bids, asks) = (quoted(bids), quoted(asks));
    format!(r#"{{"timestamp":"1","microtimestamp":"{n}","bids":[{bids}],"asks":[{asks}]}}"#)
}

fn whole(n: u64, levels: Levels<'_>) -> Said {
    Said::Answer("https://www.bitstamp.net/api/v2/order_book/btcusd/?group=1", book(n, levels))
}

fn change(n: u64, levels: Levels<'_>) -> Said {
    let data = book(n, levels);
    Said::Frame(format!(r#"{{"data":{data},"channel":"diff_order_book_btcusd","event":"data"}}"#))
}

fn trade(time: &str) -> Said {
    let data = format!(
        r#"{{"id":1,"timestamp":"1584642064","microtimestamp":"{time}","amount":1.5e-05,"amount_str":"0.00001500","price":6294.77,"price_str":"6294.77","type":1}}"#
    );
    Said::Frame(format!(r#"{{"data":{data},"channel":"live_trades_btcusd","event":"trade"}}"#))
}

pub fn row() -> Row {
    Row {
        symbol: "btcusd",
        before: &[],
        whole,
        change: Is(change),
        messages: Messages {
            ack: Is((
                r#"{"event":"bts:subscription_succeeded","channel":"diff_order_book_btcusd","data":{}}"#,
                Subscribed,
            )),
            error: Is((
                r#"{"event":"bts:error","channel":"","data":{"code":4009,"message":"Connection is unauthorized."}}"#,
                Refused,
            )),
            heartbeat: Is((
                r#"{"event":"bts:heartbeat","channel":"","data":{"status":"success"}}"#,
                Alive,
            )),
            unknown: (r#"{"event":"bts:weather","channel":"","data":{}}"#, Unknown),
            notice: Is((r#"{"event":"bts:request_reconnect","channel":"","data":""}"#, Ending)),
            no_json: ("Incorrect", NotRead),
        },
        order: Order {
            before_ack: Is(()),
            old_snapshot: Is(Old::Refused(whole)),
            gap: Absent("its changes bear moments, between which nothing can be missed"),
            reset: Absent("moments only ascend, on every link"),
        },
        levels: LevelRules {
            twice: Is(()),
            nothing: Is(()),
            window: Absent("its changes reach beyond the snapshot, and nothing leaves"),
        },
        numbers: Numbers {
            large_ids: Is(()),
            other_id: Is(|n| match change(n, [&[("10", "2")], &[]]) {
                Said::Frame(text) => {
                    let (string, number) = (format!("\"{n}\""), n.to_string());
                    Said::Frame(text.replace(&string, &number))
                }
                answer @ Said::Answer(..) => answer,
            }),
            times: (trade, &[("1584642064685123", 1_584_642_064_685_123_000)]),
        },
        allowed: Allowed {
            frames: Absent("its documents give frames no limit"),
            connects: Absent("its documents give connections no limit"),
            frame_bytes: Is(511),
        },
        roll: Is(Roll::Scripted),
        quiet: Quiet { link: seconds(20), book: seconds(50) },
    }
}
