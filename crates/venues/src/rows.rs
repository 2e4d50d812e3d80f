//! Sides of a book as rows, `[["price","quantity", …], …]`: read without allocating.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::context::TakeLevel;
use crate::json::{Walk, for_each, token};
use crate::number::Fault;

/// Hands the price and the quantity of each row, as text and in their order, to `take`.
pub(crate) fn rows(side: &str, take: &mut TakeLevel<'_>) -> Result<(), Walk<Fault>> {
    for_each(side, |row: Row<'_>| take(row.price, row.quantity))
}

/// A row; what stands after the quantity is of no meaning.
struct Row<'a> {
    price: &'a str,
    quantity: &'a str,
}

impl<'de> Deserialize<'de> for Row<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OneRow)
    }
}

struct OneRow;

impl<'de> Visitor<'de> for OneRow {
    type Value = Row<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a level of a price and a quantity")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<Self::Value, A::Error> {
        let missing = || A::Error::custom("a level lacks its price or its quantity");
        let price: &RawValue = row.next_element()?.ok_or_else(missing)?;
        let quantity: &RawValue = row.next_element()?.ok_or_else(missing)?;
        while row.next_element::<IgnoredAny>()?.is_some() {}
        // A value that is no number goes on as it is, to be refused by its own text.
        let text = |raw| token(Some(raw)).unwrap_or(RawValue::get(raw));
        Ok(Row { price: text(price), quantity: text(quantity) })
    }
}
