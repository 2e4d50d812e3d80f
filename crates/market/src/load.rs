//! State from bytes, which may be anybody's: what they say is checked before it is believed.

use std::ops::Range;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::archive::{Archive, Blocks, Place, Read};
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
    fetch: Fetch<'a>,
    scope: String,
    /// Of the state with which the block was written that was named last.
    last_number: u64,
}

/// How the blocks are read.
enum Fetch<'a> {
    /// All at once.
    Now(&'a mut dyn FnMut(&str) -> Option<Vec<u8>>),
    /// Those of long histories when somebody looks.
    Later(Blocks),
}

impl<'a> Loader<'a> {
    /// Reads these bytes, and all the blocks that they name by `fetch`.
    pub fn new(bytes: &'a [u8], fetch: &'a mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Self {
        Self::of(bytes, Fetch::Now(fetch))
    }

    /// Reads these bytes. Of long histories, the blocks must be there, and are read when somebody looks.
    pub fn lazy(bytes: &'a [u8], blocks: Blocks) -> Self {
        Self::of(bytes, Fetch::Later(blocks))
    }

    fn of(bytes: &'a [u8], fetch: Fetch<'a>) -> Self {
        Self { reader: Reader::new(bytes), fetch, scope: String::new(), last_number: 0 }
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

    /// Reads a history, at most `n_max` of its newest in blocks of `n_block`: `read` reads the elements at a range of
    /// positions, `blank` stands for those of a block that turns out to be damaged when it is read later. Answers also
    /// with the count that there ever was.
    ///
    /// # Errors
    /// When a block is missing, or cannot be read.
    pub fn history<T: Clone>(
        &mut self,
        name: &'static str,
        (n_max, n_block): (usize, u64),
        blank: T,
        read: impl Fn(&mut Reader<'_>, Range<u64>) -> Result<Vec<T>, RestoreError>
        + Send
        + Sync
        + 'static,
    ) -> Result<(Archive<T>, u64), RestoreError> {
        let (first, end, n_blocks): (u64, u64, u64) = self.get(name)?;
        let n = end.checked_sub(first).filter(|n| *n <= n_max as u64);
        require(n.is_some() && end < COUNT_MAX, name)?;
        let first_block = first / n_block;
        let tail = first_block.checked_add(n_blocks).and_then(|index| index.checked_mul(n_block));
        let tail = tail.filter(|tail| n_blocks == 0 || *tail <= end);
        let tail = tail.ok_or(RestoreError::Damaged { what: name })?;
        let mut oldest = first;
        let mut history = Archive::default();
        let read: Read<T> = Arc::new(read);
        for index in first_block..first_block + n_blocks {
            let (variant, key) = self.named(name, index as i64)?;
            let start = index * n_block + u64::from(variant.n_lost);
            let is_whole = index == first_block && start <= first || start == index * n_block;
            let positions = start..(index + 1) * n_block;
            require(is_whole && start <= positions.end, name)?;
            oldest = oldest.min(start);
            self.put_chapter(&mut history, (key, positions), blank.clone(), &read)?;
        }
        let newest = read(&mut self.reader, first.max(tail)..end)?;
        history.recent_mut().extend(newest);
        history.drop_front((first - oldest) as usize);
        Ok((history, end))
    }

    /// Appends what a block holds, read now or later.
    pub(crate) fn put_chapter<T: Clone>(
        &mut self,
        history: &mut Archive<T>,
        (key, positions): (String, Range<u64>),
        blank: T,
        read: &Read<T>,
    ) -> Result<(), RestoreError> {
        match &mut self.fetch {
            Fetch::Now(fetch) => {
                let block = fetch(&key).ok_or(RestoreError::MissingBlock { key })?;
                let mut reader = Reader::new(&block);
                history.recent_mut().extend(read(&mut reader, positions)?);
                require(reader.is_at_end(), "a block")
            }
            Fetch::Later(blocks) if blocks.has(&key) => {
                let (blocks, read) = (blocks.clone(), Arc::clone(read));
                history.push_chapter(Place { blocks, key, positions, read, blank });
                Ok(())
            }
            Fetch::Later(_) => Err(RestoreError::MissingBlock { key }),
        }
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
        let (variant, key) = self.named(name, index)?;
        Ok((variant, self.fetch(key)?))
    }

    /// What is written of a block in the state, and its key.
    pub(crate) fn named(
        &mut self,
        name: &str,
        index: i64,
    ) -> Result<(Variant, String), RestoreError> {
        const WHAT: &str = "the name of a block";
        let (variant, more): (Variant, i64) = self.get(WHAT)?;
        self.last_number = self.last_number.wrapping_add_signed(more);
        let key = key((self.last_number, &self.scope), name, index, variant);
        Ok((variant, key))
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
        let block = match &mut self.fetch {
            Fetch::Now(fetch) => fetch(&key),
            Fetch::Later(blocks) => blocks.read(&key),
        };
        block.ok_or(RestoreError::MissingBlock { key })
    }
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
