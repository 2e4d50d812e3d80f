//! What is asked of a bridge.

use std::time::Duration;

use serde_json::{Value, json};

use crate::endpoint::socket_io;
use crate::limits::{Counted, Limits};
use crate::protocol::{self, EngineIoVersion, Keepalive, Request, Transport};

/// A bridge is its user's own: these limits only keep a broken one from being asked without end.
pub(super) const LIMITS: Limits = Limits {
    silence: Duration::from_secs(15),
    book_silence: None,
    first_datum: Duration::from_secs(10),
    frames_per_second: 20,
    frames_counted: Counted::ByLink,
    asks: None,
    carried: None,
    carried_counted: Counted::ByLink,
    rest_weight_per_minute: 60,
    rest_burst: None,
    connects: 60,
    connects_window: Duration::from_secs(60),
    links: None,
    left_alone: Duration::ZERO,
    link_lifetime: None,
};

/// How often we say that we are there.
const HEARTBEAT_EVERY: Duration = Duration::from_secs(10);

/// Symbols in one frame.
const SYMBOLS_PER_FRAME: usize = 200;

/// Asks are plain words: nothing is numbered.
#[derive(Debug)]
pub(super) struct Requests {
    /// The version of Engine.IO where the bridge is a server of Socket.IO.
    socket_io: Option<EngineIoVersion>,
}

impl protocol::Requests for Requests {
    fn on_open(&mut self) -> Vec<Request> {
        vec![Request::Send(self.frame("list", json!({})))]
    }

    fn subscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames("subscribe", symbols)
    }

    fn unsubscribe(&mut self, symbols: &[String]) -> Vec<Request> {
        self.frames("unsubscribe", symbols)
    }

    fn resync(&mut self, symbol: &str) -> Vec<Request> {
        self.frames("snapshot", &[symbol.to_owned()])
    }

    /// It has no subscription to a book alone.
    fn renew_book(&mut self, symbol: &str) -> Vec<Request> {
        let symbols = [symbol.to_owned()];
        let mut requests = self.frames("unsubscribe", &symbols);
        requests.extend(self.frames("subscribe", &symbols));
        requests
    }

    fn keepalive(&self) -> Option<Keepalive> {
        let frame = self.frame("heartbeat", json!({}));
        Some(Keepalive { every: HEARTBEAT_EVERY, frame })
    }

    fn transport(&self) -> Option<Transport> {
        self.socket_io.map(|version| Transport::EngineIo { version })
    }
}

impl Requests {
    /// What is asked at this address, which has been checked.
    pub fn at(address: &str) -> Self {
        Self { socket_io: socket_io(address) }
    }

    /// A message of this type: an object that names it, or an event of its name.
    fn frame(&self, kind: &str, mut fields: Value) -> String {
        if self.socket_io.is_some() {
            return format!("42{}", json!([kind, fields]));
        }
        fields["type"] = kind.into();
        fields.to_string()
    }

    fn frames(&self, kind: &str, symbols: &[String]) -> Vec<Request> {
        let frame = |symbols: &[String]| self.frame(kind, json!({ "symbols": symbols }));
        symbols.chunks(SYMBOLS_PER_FRAME).map(|symbols| Request::Send(frame(symbols))).collect()
    }
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
        let mut requests = Requests::at("ws://127.0.0.1:9000");
        assert_eq!(sent(requests.on_open()), r#"{"type":"list"}"#);
        let subscribe = sent(requests.subscribe(&symbols));
        assert_eq!(subscribe, r#"{"symbols":["ACME","币"],"type":"subscribe"}"#);
        let resync = sent(requests.resync("ACME"));
        assert_eq!(resync, r#"{"symbols":["ACME"],"type":"snapshot"}"#);
        assert_eq!(requests.keepalive().unwrap().frame, r#"{"type":"heartbeat"}"#);
    }

    #[test]
    fn over_socket_io_each_wish_is_an_event_of_its_name() {
        let mut requests = Requests::at("http://127.0.0.1:3000");
        let symbols = ["ACME".to_owned()];
        let sent = [requests.on_open(), requests.subscribe(&symbols), requests.resync("ACME")];
        let expected = [
            r#"["list",{}]"#,
            r#"["subscribe",{"symbols":["ACME"]}]"#,
            r#"["snapshot",{"symbols":["ACME"]}]"#,
        ];
        for (sent, expected) in sent.into_iter().zip(expected) {
            assert_eq!(sent, [Request::Send(format!("42{expected}"))]);
        }
        assert_eq!(requests.keepalive().unwrap().frame, r#"42["heartbeat",{}]"#);
        let version = EngineIoVersion::V4;
        assert_eq!(requests.transport(), Some(Transport::EngineIo { version }));
    }
}
