//! The few things that both languages need of JSON: raw values read as text, and arrays walked without keeping them.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Whether the text is an object, as far as its first character tells.
pub(crate) fn is_object(text: &str) -> bool {
    text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{')
}

/// The text of a JSON string; `None` for another value.
pub(crate) fn string<'a>(raw: Option<&'a RawValue>) -> Option<Cow<'a, str>> {
    let quoted = raw?.get();
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str(quoted).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// The text of a number, which may stand in quotes; `None` for an object, an array or a string with escapes.
pub(crate) fn token(raw: Option<&RawValue>) -> Option<&str> {
    let text = raw?.get();
    if let Some(inner) = text.strip_prefix('"') {
        return inner.strip_suffix('"').filter(|inner| !inner.contains('\\'));
    }
    (!text.starts_with(['{', '['])).then_some(text)
}

/// A whole number from 0 on.
pub(crate) fn integer(raw: Option<&RawValue>) -> Option<u64> {
    token(raw)?.parse().ok()
}

/// Whether the text of a number has no digit but 0: the empty side of a quote, the price of no trade.
pub(crate) fn is_zero(number: &str) -> bool {
    !number.is_empty() && number.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

/// Why a walk over an array ended early.
#[derive(Debug)]
pub(crate) enum Walk<E> {
    /// It is no array of such elements.
    Shape(serde_json::Error),
    /// An element was refused.
    Refused(E),
}

/// Hands each element of an array to `take`, in order, and keeps none.
pub(crate) fn for_each<'a, T, E, F>(array: &'a str, take: F) -> Result<(), Walk<E>>
where
    T: Deserialize<'a>,
    F: FnMut(T) -> Result<(), E>,
{
    let mut elements = Elements { take, refused: None, element: PhantomData };
    let mut deserializer = serde_json::Deserializer::from_str(array);
    let outcome = deserializer.deserialize_seq(&mut elements);
    match (elements.refused, outcome) {
        (Some(error), _) => Err(Walk::Refused(error)),
        (None, Err(error)) => Err(Walk::Shape(error)),
        (None, Ok(())) => Ok(()),
    }
}

/// The values of a list of at most so many; `None` for anything else.
pub(crate) fn values<const N: usize>(list: &str) -> Option<([Option<&RawValue>; N], usize)> {
    let (mut values, mut n) = ([None; N], 0);
    let walked = for_each(list, |value: &RawValue| {
        *values.get_mut(n).ok_or(())? = Some(value);
        n += 1;
        Ok::<(), ()>(())
    });
    walked.is_ok().then_some((values, n))
}

/// Hands each field of an object to `take`, in order, and keeps none.
pub(crate) fn for_each_field<'a, E, F>(object: &'a str, take: F) -> Result<(), Walk<E>>
where
    F: FnMut(Cow<'a, str>, &'a RawValue) -> Result<(), E>,
{
    let mut fields = Fields { take, refused: None };
    let mut deserializer = serde_json::Deserializer::from_str(object);
    let outcome = deserializer.deserialize_map(&mut fields);
    match (fields.refused, outcome) {
        (Some(error), _) => Err(Walk::Refused(error)),
        (None, Err(error)) => Err(Walk::Shape(error)),
        (None, Ok(())) => Ok(()),
    }
}

struct Fields<E, F> {
    take: F,
    refused: Option<E>,
}

impl<'de, E, F> Visitor<'de> for &mut Fields<E, F>
where
    F: FnMut(Cow<'de, str>, &'de RawValue) -> Result<(), E>,
{
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = fields.next_key()? {
            if let Err(error) = (self.take)(name, fields.next_value()?) {
                self.refused = Some(error);
                return Err(A::Error::custom("a field was refused"));
            }
        }
        Ok(())
    }
}

/// A field's name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Elements<T, E, F> {
    take: F,
    refused: Option<E>,
    element: PhantomData<T>,
}

impl<'de, T, E, F> Visitor<'de> for &mut Elements<T, E, F>
where
    T: Deserialize<'de>,
    F: FnMut(T) -> Result<(), E>,
{
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        while let Some(element) = elements.next_element::<T>()? {
            if let Err(error) = (self.take)(element) {
                self.refused = Some(error);
                return Err(A::Error::custom("an element was refused"));
            }
        }
        Ok(())
    }
}
