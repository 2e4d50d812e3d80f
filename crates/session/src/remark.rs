//! What the program has to say itself: packets lost, a step of the wall clock, what is not wanted any longer.

use bytes::Bytes;
use market::Body;
use serde_json::Value;

/// A remark of the recorder, as the JSON of a `Body::Remark`.
///
/// The packet that carries it has the venue, link, number and time of the first packet that was lost, or of the packet
/// whose stamp ran backwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// So many packets could not be written: a hole. `{"lost": n}`
    Lost(u64),
    /// The same, of the venue alone whose packet carries it: recordings of several venues were merged.
    /// `{"lost": n, "of": "venue"}`
    LostOfVenue(u64),
    /// The wall clock was set by so many nanoseconds (negative: back). `{"clock_step_ns": n}`
    ClockStep(i64),
    /// The user wants an instrument of the packet's venue no longer; the packet's link is one of the venue's, and its
    /// number says nothing (0). `{"unsubscribed": "ETHUSDT"}`
    Unsubscribed(String),
}

impl Remark {
    /// The body of the packet that carries this remark.
    pub fn to_body(&self) -> Body {
        let text = match self {
            Self::Lost(n_packets) => format!("{{\"lost\": {n_packets}}}"),
            Self::LostOfVenue(n_packets) => {
                format!("{{\"lost\": {n_packets}, \"of\": \"venue\"}}")
            }
            Self::ClockStep(nanos) => format!("{{\"clock_step_ns\": {nanos}}}"),
            Self::Unsubscribed(symbol) => serde_json::json!({ "unsubscribed": symbol }).to_string(),
        };
        Body::Remark(Bytes::from(text))
    }

    /// The remark in the JSON of a `Body::Remark`; `None` when it is none that we know.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(json).ok()?;
        if let Some(n_packets) = value.get("lost").and_then(Value::as_u64) {
            let is_of_venue = value.get("of").and_then(Value::as_str) == Some("venue");
            let remark = if is_of_venue { Self::LostOfVenue } else { Self::Lost };
            return Some(remark(n_packets));
        }
        if let Some(symbol) = value.get("unsubscribed").and_then(Value::as_str) {
            return Some(Self::Unsubscribed(symbol.to_owned()));
        }
        value.get("clock_step_ns").and_then(Value::as_i64).map(Self::ClockStep)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_read_as_it_was_written() {
        for remark in [
            Remark::Lost(7),
            Remark::LostOfVenue(2),
            Remark::ClockStep(-3_600_000_000_000),
            Remark::Unsubscribed("BTC/\"USD\"".to_owned()),
        ] {
            let Body::Remark(json) = remark.to_body() else { panic!("a remark") };
            assert_eq!(Remark::parse(&json), Some(remark));
        }
        assert_eq!(Remark::parse(b"{}"), None);
    }
}
