//! What the program has to say itself: packets lost, a step of the wall clock, what is not wanted any longer.

use bytes::Bytes;
use market::{Body, Timestamp};
use serde_json::{Map, Value, json};

/// A remark of the recorder, as the JSON of a `Body::Remark`.
///
/// The packet that carries it has the venue, link, number and time of the first packet that was lost, or of the packet
/// whose stamp ran backwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Packets were heard and are not in the recording: a hole.
    Lost(Lost),
    /// The wall clock was set by so many nanoseconds (negative: back). `{"clock_step_ns": n}`
    ClockStep(i64),
    /// The user wants an instrument of the packet's venue no longer; the packet's link is one of the venue's, and its
    /// number says nothing (0). `{"unsubscribed": "ETHUSDT"}`
    Unsubscribed(String),
}

/// A hole: `{"lost": n}`, and what else is known of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// So many packets.
    pub n_packets: u64,
    /// When recording went on, which is told where it is known; it began with the packet that carries this.
    /// `"to_ns": n`
    pub to: Option<Timestamp>,
    /// Why.
    pub why: WhyLost,
    /// Whose packets.
    pub whose: WhoseLost,
}

/// Why packets are not in a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhyLost {
    /// They could not be kept: the disk could not keep up, or was full.
    #[default]
    NoRoom,
    /// The user had switched recording off. `"because": "off"`
    Off,
}

/// Whose packets are not in a recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhoseLost {
    /// Those of all links of the session.
    #[default]
    All,
    /// Those of the venue alone whose packet carries the remark: recordings of several venues were merged.
    /// `"of": "venue"`
    Venue,
    /// Those of links that are numbered so, the last one too: several recordings play together, and this is told of
    /// one of them. `"links": [first, last]`
    Links {
        /// The first one.
        first: u16,
        /// The last one.
        last: u16,
    },
}

impl Remark {
    /// So many packets could not be kept. `{"lost": n}`
    pub fn lost(n_packets: u64) -> Self {
        Self::Lost(Lost { n_packets, ..Lost::default() })
    }

    /// The body of the packet that carries this remark.
    pub fn to_body(&self) -> Body {
        let text = match self {
            Self::Lost(lost) => lost.to_json(),
            Self::ClockStep(nanos) => format!("{{\"clock_step_ns\": {nanos}}}"),
            Self::Unsubscribed(symbol) => json!({ "unsubscribed": symbol }).to_string(),
        };
        Body::Remark(Bytes::from(text))
    }

    /// The remark in the JSON of a `Body::Remark`; `None` when it is none that we know.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(json).ok()?;
        let members = value.as_object()?;
        if let Some(n_packets) = members.get("lost").and_then(Value::as_u64) {
            return Some(Self::Lost(Lost::read(n_packets, members)));
        }
        if let Some(symbol) = members.get("unsubscribed").and_then(Value::as_str) {
            return Some(Self::Unsubscribed(symbol.to_owned()));
        }
        members.get("clock_step_ns").and_then(Value::as_i64).map(Self::ClockStep)
    }
}

impl Lost {
    fn to_json(self) -> String {
        let mut text = format!("{{\"lost\": {}", self.n_packets);
        if let Some(to) = self.to {
            text += &format!(", \"to_ns\": {}", to.nanos());
        }
        text += match self.why {
            WhyLost::NoRoom => "",
            WhyLost::Off => ", \"because\": \"off\"",
        };
        text += &match self.whose {
            WhoseLost::All => String::new(),
            WhoseLost::Venue => ", \"of\": \"venue\"".to_owned(),
            WhoseLost::Links { first, last } => format!(", \"links\": [{first}, {last}]"),
        };
        text + "}"
    }

    fn read(n_packets: u64, members: &Map<String, Value>) -> Self {
        let says = |key: &str, word: &str| members.get(key).and_then(Value::as_str) == Some(word);
        Self {
            n_packets,
            to: members.get("to_ns").and_then(Value::as_i64).map(Timestamp::from_nanos),
            why: if says("because", "off") { WhyLost::Off } else { WhyLost::NoRoom },
            whose: match links_in(members) {
                Some((first, last)) => WhoseLost::Links { first, last },
                None if says("of", "venue") => WhoseLost::Venue,
                None => WhoseLost::All,
            },
        }
    }
}

fn links_in(members: &Map<String, Value>) -> Option<(u16, u16)> {
    let [first, last] = members.get("links")?.as_array()?.as_slice() else { return None };
    let number = |value: &Value| u16::try_from(value.as_u64()?).ok();
    number(first).zip(number(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_read_as_it_was_written() {
        let to = Some(Timestamp::from_nanos(1_784_483_679_614_741_001));
        for remark in [
            Remark::lost(7),
            Remark::Lost(Lost { n_packets: 2, whose: WhoseLost::Venue, ..Lost::default() }),
            Remark::Lost(Lost { n_packets: 3, to, why: WhyLost::Off, whose: WhoseLost::All }),
            Remark::Lost(Lost { whose: WhoseLost::Links { first: 2, last: 7 }, ..Lost::default() }),
            Remark::ClockStep(-3_600_000_000_000),
            Remark::Unsubscribed("BTC/\"USD\"".to_owned()),
        ] {
            let Body::Remark(json) = remark.to_body() else { panic!("a remark") };
            assert_eq!(Remark::parse(&json), Some(remark));
        }
        for unknown in ["{}", "[]", "7", "{\"paused\": true}"] {
            assert_eq!(Remark::parse(unknown.as_bytes()), None);
        }
    }

    #[test]
    fn what_is_known_of_a_hole_stands_behind_what_the_first_readers_know() {
        let Body::Remark(plain) = Remark::lost(654).to_body() else { panic!("a remark") };
        assert_eq!(plain, "{\"lost\": 654}");
        let to = Some(Timestamp::from_nanos(1_784_483_679_614_741_001));
        let lost = Lost { n_packets: 3, to, why: WhyLost::Off, whose: WhoseLost::Venue };
        let Body::Remark(all) = Remark::Lost(lost).to_body() else { panic!("a remark") };
        let expected = "{\"lost\": 3, \"to_ns\": 1784483679614741001, \"because\": \"off\", \"of\": \"venue\"}";
        assert_eq!(all, expected);
    }
}
