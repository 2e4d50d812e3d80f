//! State from bytes, which may be anybody's: what they say is checked before it is believed.

use std::ops::Range;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::save::{Steps, Variant, key};

/// Counts and positions are below this, so that nothing that is added to them overflows: 2^60.
pub const COUNT_MAX: u64 = 1 << 60;

/// Why a state cannot be restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Another version of this program wrote it.
    #[error("the saved state is of version {found}, and this program reads {expected}")]
    Version {
        /// The version that it says.
        found: u32,
        /// The version that is read.
        expected: u32,
    },
    /// A block that it names is not there.
    #[error("the block '{key}' of the saved state is missing or damaged")]
    MissingBlock {
        /// Its name.
        key: String,
    },
    /// The bytes say what cannot be.
    #[error("the saved state is damaged: {what} cannot be read")]
    Damaged {
        /// What could not be read.
        what: &'static str,
    },
}

/// A value of which more must hold than its type says.
pub trait Sound {
    /// Whether all holds that the code relies on.
    fn is_sound(&self) -> bool;
}

/// Reads values one after another.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads these bytes.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next value.
    ///
    /// # Errors
    /// When there is none.
    pub fn get<T: Deserialize<'a>>(&mut self, what: &'static str) -> Result<T, RestoreError> {
        let damaged = |_| RestoreError::Damaged { what };
        let (value, rest) = postcard::take_from_bytes(self.rest).map_err(damaged)?;
        self.rest = rest;
        Ok(value)
    }

    /// The next bytes, as they are.
    ///
    /// # Errors
    /// When there are not so many.
    pub fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], RestoreError> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(RestoreError::Damaged { what })?;
        self.rest = rest;
        Ok(taken)
    }

    /// The next number.
    ///
    /// # Errors
    /// When there is none.
    #[inline]
    pub fn number(&mut self, what: &'static str) -> Result<u64, RestoreError> {
        let mut number = 0;
        for (place, byte) in self.rest.iter().enumerate().take(10) {
            let bits = u64::from(byte & 0x7F);
            if place == 9 && bits > 1 {
                break;
            }
            number |= bits << (7 * place);
            if byte & 0x80 == 0 {
                self.rest = &self.rest[place + 1..];
                return Ok(number);
            }
        }
        Err(RestoreError::Damaged { what })
    }

    /// The next number with a sign.
    ///
    /// # Errors
    /// When there is none.
    #[inline]
    pub fn signed(&mut self, what: &'static str) -> Result<i64, RestoreError> {
        let number = self.number(what)?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// The next number in steps.
    ///
    /// # Errors
    /// When there is none.
    #[inline]
    pub fn steps(&mut self, step: u64, what: &'static str) -> Result<u64, RestoreError> {
        let number = self.number(what)?;
        if step <= 1 {
            return Ok(number);
        }
        let rest = if number & 1 == 1 { self.number(what)? } else { 0 };
        let whole = (number >> 1).checked_mul(step).and_then(|whole| whole.checked_add(rest));
        whole.ok_or(RestoreError::Damaged { what })
    }

    /// The next number in steps with a sign.
    ///
    /// # Errors
    /// When there is none.
    #[inline]
    pub fn signed_steps(&mut self, step: u64, what: &'static str) -> Result<i64, RestoreError> {
        if step < 4 {
            return self.signed(what);
        }
        let number = self.number(what)?;
        let rest = if number & 1 == 1 { self.number(what)? } else { 0 };
        let whole = (number >> 2).checked_mul(step).and_then(|whole| whole.checked_add(rest));
        let signed = whole.and_then(|whole| match number & 2 {
            0 => i64::try_from(whole).ok(),
            _ => 0_i64.checked_sub_unsigned(whole),
        });
        signed.ok_or(RestoreError::Damaged { what })
    }

    /// The next steps.
    ///
    /// # Errors
    /// When there are none.
    pub fn tick_and_lot(&mut self, what: &'static str) -> Result<Steps, RestoreError> {
        Ok(Steps { tick: self.number(what)?, lot: self.number(what)? })
    }

    /// Whether all was read.
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }
}

/// Reads a state that [`Saver`](crate::save::Saver) wrote.
pub struct Loader<'a> {
    reader: Reader<'a>,
    fetch: &'a mut dyn FnMut(&str) -> Option<Vec<u8>>,
    scope: String,
}

impl<'a> Loader<'a> {
    /// Reads these bytes, and the blocks that they name by `fetch`.
    pub fn new(bytes: &'a [u8], fetch: &'a mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Self {
        Self { reader: Reader::new(bytes), fetch, scope: String::new() }
    }

    /// Whose histories follow, as they were written.
    pub fn set_scope(&mut self, scope: String) {
        self.scope = scope;
    }

    /// The next field.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn get<T: Deserialize<'a>>(&mut self, what: &'static str) -> Result<T, RestoreError> {
        self.reader.get(what)
    }

    /// The next field, of which all holds that must.
    ///
    /// # Errors
    /// When it cannot be read, or does not hold.
    pub fn sound<T: Deserialize<'a> + Sound>(
        &mut self,
        what: &'static str,
    ) -> Result<T, RestoreError> {
        let value: T = self.get(what)?;
        require(value.is_sound(), what)?;
        Ok(value)
    }

    /// What stands between the fields, for those that wrote many small ones.
    pub const fn reader(&mut self) -> &mut Reader<'a> {
        &mut self.reader
    }

    /// Reads a history, at most `n_max` of its newest in blocks of `n_block`: `read` appends the elements of a range
    /// of positions. Answers with
    /// the count that there ever was, and how many elements of the first block were lost since: the caller drops them.
    ///
    /// # Errors
    /// When a block is missing, or cannot be read.
    pub fn history(
        &mut self,
        name: &'static str,
        (n_max, n_block): (usize, u64),
        mut read: impl FnMut(&mut Reader<'_>, Range<u64>) -> Result<(), RestoreError>,
    ) -> Result<Loaded, RestoreError> {
        let (first, end, n_blocks): (u64, u64, u64) = self.get(name)?;
        let n = end.checked_sub(first).filter(|n| *n <= n_max as u64);
        require(n.is_some() && end < COUNT_MAX, name)?;
        let first_block = first / n_block;
        let tail = first_block.checked_add(n_blocks).and_then(|index| index.checked_mul(n_block));
        let tail = tail.filter(|tail| n_blocks == 0 || *tail <= end);
        let tail = tail.ok_or(RestoreError::Damaged { what: name })?;
        let mut oldest = first;
        for index in first_block..first_block + n_blocks {
            let (start, block) = self.block(name, index as i64)?;
            let start = index * n_block + u64::from(start.n_lost);
            let is_whole = index == first_block && start <= first || start == index * n_block;
            require(is_whole, name)?;
            oldest = oldest.min(start);
            let mut reader = Reader::new(&block);
            read(&mut reader, start..(index + 1) * n_block)?;
            require(reader.is_at_end(), name)?;
        }
        read(&mut self.reader, first.max(tail)..end)?;
        Ok(Loaded { n_pushed: end, n_lost: (first - oldest) as usize })
    }

    /// The block of a history at this place.
    ///
    /// # Errors
    /// When it is missing.
    pub fn block(
        &mut self,
        name: &'static str,
        index: i64,
    ) -> Result<(Variant, Vec<u8>), RestoreError> {
        let variant: Variant = self.get(name)?;
        let key = key(&self.scope, name, index, variant);
        Ok((variant, self.fetch(key)?))
    }

    /// A list that was written as a whole, and its revision.
    ///
    /// # Errors
    /// When it is missing.
    pub fn list(&mut self, what: &'static str) -> Result<(u64, Vec<u8>), RestoreError> {
        let (revision, key): (u64, String) = self.get(what)?;
        require(revision < COUNT_MAX, what)?;
        Ok((revision, self.fetch(key)?))
    }

    /// All was read.
    ///
    /// # Errors
    /// When something is left.
    pub fn finish(&self) -> Result<(), RestoreError> {
        require(self.reader.is_at_end(), "its end")
    }

    fn fetch(&mut self, key: String) -> Result<Vec<u8>, RestoreError> {
        (self.fetch)(&key).ok_or(RestoreError::MissingBlock { key })
    }
}

/// What was read of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Elements that there ever were.
    pub n_pushed: u64,
    /// Elements at the beginning that were read with their block, and are not kept any longer.
    pub n_lost: usize,
}

/// Goes on only where something holds.
///
/// # Errors
/// When it does not.
pub const fn require(holds: bool, what: &'static str) -> Result<(), RestoreError> {
    if holds { Ok(()) } else { Err(RestoreError::Damaged { what }) }
}

/// Reads a count, for `deserialize_with`.
///
/// # Errors
/// When it is beyond [`COUNT_MAX`].
pub fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let n = u64::deserialize(deserializer)?;
    if n < COUNT_MAX { Ok(n) } else { Err(D::Error::custom("a count is too large")) }
}

/// Reads a number of money, which is never below zero, for `deserialize_with`.
///
/// # Errors
/// When it is.
pub(crate) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let n = i64::deserialize(deserializer)?;
    if n >= 0 { Ok(n) } else { Err(D::Error::custom("a number is below zero")) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::save::{put, put_number, put_signed, put_signed_steps, put_steps};

    proptest! {
        #[test]
        fn a_number_is_read_as_it_was_written(
            number in prop_oneof![any::<u64>(), 0_u64..1_000_000],
            step in prop_oneof![0_u64..1 << 62, 1_u64..100],
        ) {
            let mut out = Vec::new();
            put_number(&mut out, number);
            put_signed(&mut out, number as i64);
            put_steps(&mut out, number, step);
            put_signed_steps(&mut out, number as i64, step);
            put(&mut out, &number);
            let mut reader = Reader::new(&out);
            prop_assert_eq!(reader.get::<u64>("")?, number);
            prop_assert_eq!(reader.signed("")?, number as i64);
            prop_assert_eq!(reader.steps(step, "")?, number);
            prop_assert_eq!(reader.signed_steps(step, "")?, number as i64);
            prop_assert_eq!(reader.number("")?, number);
            prop_assert!(reader.is_at_end());
        }

        #[test]
        fn any_bytes_are_a_number_or_none(bytes: Vec<u8>, step: u64) {
            let mut reader = Reader::new(&bytes);
            while reader.signed_steps(step, "").and(reader.steps(step, "")).is_ok() {}
        }
    }
}
