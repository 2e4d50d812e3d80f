//! The sides of a book: `[{"price":1.0,"qty":2.0}, …]`, whose JSON numbers keep the digits with which they are printed.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::{Walk, for_each, token};
use crate::number::Fault;

/// Hands each level's price and quantity, as text and in their order, to `take`.
pub(crate) fn for_each_level<F>(side: &RawValue, mut take: F) -> Result<(), Walk<Fault>>
where
    F: FnMut(&str, &str) -> Result<(), Fault>,
{
    for_each(side.get(), |level: Level<'_>| take(level.price, level.quantity))
}

/// A level as text; also in the form `["price","quantity"]`, which collections of ladders have.
struct Level<'a> {
    price: &'a str,
    quantity: &'a str,
}

impl<'de> Deserialize<'de> for Level<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneLevel)
    }
}

struct OneLevel;

impl<'de> Visitor<'de> for OneLevel {
    type Value = Level<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a level of a price and a quantity")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let (mut price, mut quantity) = (None, None);
        while let Some(key) = fields.next_key::<&str>()? {
            match key {
                "price" => price = token(Some(fields.next_value()?)),
                "qty" => quantity = token(Some(fields.next_value()?)),
                _ => {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
        }
        level(price, quantity)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let price = token(fields.next_element()?);
        let quantity = token(fields.next_element()?);
        while fields.next_element::<IgnoredAny>()?.is_some() {}
        level(price, quantity)
    }
}

fn level<'a, E: Error>(price: Option<&'a str>, quantity: Option<&'a str>) -> Result<Level<'a>, E> {
    match (price, quantity) {
        (Some(price), Some(quantity)) => Ok(Level { price, quantity }),
        (None, _) | (_, None) => Err(E::custom("a level lacks its price or its quantity")),
    }
}
