//! The sides of a book: `[["price","quantity"], …]`, read without allocating.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::{Walk, for_each};
use crate::number::Fault;

/// Hands each level's price and quantity, as text and in their order, to `take`.
pub(super) fn for_each_level<F>(side: &RawValue, mut take: F) -> Result<(), Walk<Fault>>
where
    F: FnMut(&str, &str) -> Result<(), Fault>,
{
    for_each(side.get(), |level: Level<'_>| take(&level.price, &level.quantity))
}

/// A level as text; what stands after the quantity is of no meaning.
struct Level<'a> {
    price: Cow<'a, str>,
    quantity: Cow<'a, str>,
}

impl<'de> Deserialize<'de> for Level<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OneLevel)
    }
}

struct OneLevel;

impl<'de> Visitor<'de> for OneLevel {
    type Value = Level<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a level of a price and a quantity, both as strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut level: A) -> Result<Self::Value, A::Error> {
        let missing = || A::Error::custom("a level lacks its price or its quantity");
        let price: Text<'de> = level.next_element()?.ok_or_else(missing)?;
        let quantity: Text<'de> = level.next_element()?.ok_or_else(missing)?;
        while level.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Level { price: price.0, quantity: quantity.0 })
    }
}

/// A string, borrowed from the frame where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);
