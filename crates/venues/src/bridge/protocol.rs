//! What is asked of a bridge.

use std::time::Duration;

use serde_json::json;

use crate::protocol::{self, Keepalive, Limits, Request};

/// A bridge is its user's own: these limits only keep a broken one from being asked without end.
pub(super) const LIMITS: Limits = Limits {
    silence: Duration::from_secs(15),
    first_datum: Duration::from_secs(10),
    frames_per_second: 20,
    rest_weight_per_minute: 60,
    connects: 60,
    connects_window: Duration::from_secs(60),
    link_lifetime: None,
};

/// How often we say that we are there.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);

/// Symbols in one frame.
const SYMBOLS_PER_FRAME: usize = 200;

/// Asks are plain words: nothing is numbered.
#[derive(Debug)]
pub(super) struct Requests;

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        vec![Request::Send(json!({ "type": "list" }).to_string())]
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        frames("subscribe", symbols)
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        frames("unsubscribe", symbols)
    }

    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        frames("snapshot", &[symbol.to_owned()])
    }

    fn keepalive(&self) -> Option<Keepalive> {
        let frame = json!({ "type": "heartbeat" }).to_string();
        Some(Keepalive { every: HEARTBEAT_EVERY, frame })
    }
}

fn frames(kind: &str, symbols: &[String]) -> Vec<Request> {
    let frame = |symbols: &[String]| json!({ "type": kind, "symbols": symbols }).to_string();
    symbols.chunks(SYMBOLS_PER_FRAME).map(|symbols| Request::Send(frame(symbols))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Requests as _;

    #[test]
    fn each_wish_is_one_frame_of_plain_words() {
        let symbols = ["ACME".to_owned(), "币".to_owned()];
        let sent = |requests: Vec<Request>| match requests.as_slice() {
            [Request::Send(text)] => text.clone(),
            other => panic!("{other:?}"),
        };
        let mut requests = Requests;
        assert_eq!(sent(requests.on_open()), r#"{"type":"list"}"#);
        let subscribe = sent(requests.subscribe(&symbols));
        assert_eq!(subscribe, r#"{"symbols":["ACME","币"],"type":"subscribe"}"#);
        let resync = sent(requests.resync("ACME"));
        assert_eq!(resync, r#"{"symbols":["ACME"],"type":"snapshot"}"#);
        assert_eq!(requests.keepalive().unwrap().frame, r#"{"type":"heartbeat"}"#);
    }
}
