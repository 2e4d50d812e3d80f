//! The shape of a message; fields keep their text until their meaning is known.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A message of any type: each has some of these fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Message<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Option<&'a RawValue>,
    #[serde(borrow)]
    pub feed: Option<&'a RawValue>,
    #[serde(borrow)]
    pub version: Option<&'a RawValue>,
    #[serde(borrow)]
    pub symbol: Option<&'a RawValue>,
    #[serde(borrow)]
    pub instruments: Option<&'a RawValue>,
    #[serde(borrow)]
    pub more: Option<&'a RawValue>,
    #[serde(borrow)]
    pub sequence: Option<&'a RawValue>,
    #[serde(borrow)]
    pub depth: Option<&'a RawValue>,
    #[serde(borrow)]
    pub bids: Option<&'a RawValue>,
    #[serde(borrow)]
    pub asks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    pub side: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub quantity: Option<&'a RawValue>,
    #[serde(borrow)]
    pub time: Option<&'a RawValue>,
    #[serde(borrow)]
    pub mark: Option<&'a RawValue>,
    #[serde(borrow)]
    pub index: Option<&'a RawValue>,
    #[serde(borrow)]
    pub rate: Option<&'a RawValue>,
    #[serde(borrow)]
    pub next: Option<&'a RawValue>,
    #[serde(borrow)]
    pub open_interest: Option<&'a RawValue>,
    #[serde(borrow)]
    pub volume_24h: Option<&'a RawValue>,
    #[serde(borrow)]
    pub reason: Option<&'a RawValue>,
}

/// An event of Socket.IO: its name is the type of the message, which is its only argument. It may have none
/// (`["heartbeat"]`); further ones are passed over.
#[derive(Debug)]
pub(super) struct Emitted<'a>(pub String, pub Message<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Emitted<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Elements)
    }
}

struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Emitted<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of an event and a message")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let name = elements.next_element::<String>()?;
        let name = name.ok_or_else(|| A::Error::custom("it has no name"))?;
        let message = elements.next_element::<Message<'de>>()?.unwrap_or_default();
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Emitted(name, message))
    }
}
