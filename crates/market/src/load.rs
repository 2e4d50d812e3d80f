//! State from bytes, which may be anybody's: what they say is checked before it is believed.

use std::ops::Range;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::save::{BLOCK, Variant, key};

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

    /// Reads a history, at most `n_max` of its newest: `read` appends the elements of a range of positions. Answers with
    /// the count that there ever was, and how many elements of the first block were lost since: the caller drops them.
    ///
    /// # Errors
    /// When a block is missing, or cannot be read.
    pub fn history(
        &mut self,
        name: &'static str,
        n_max: usize,
        mut read: impl FnMut(&mut Reader<'_>, Range<u64>) -> Result<(), RestoreError>,
    ) -> Result<Loaded, RestoreError> {
        let (first, end, n_blocks): (u64, u64, u64) = self.get(name)?;
        let n = end.checked_sub(first).filter(|n| *n <= n_max as u64);
        require(n.is_some() && end < COUNT_MAX, name)?;
        let first_block = first / BLOCK;
        let tail = first_block.checked_add(n_blocks).and_then(|index| index.checked_mul(BLOCK));
        let tail = tail.filter(|tail| n_blocks == 0 || *tail <= end);
        let tail = tail.ok_or(RestoreError::Damaged { what: name })?;
        let mut oldest = first;
        for index in first_block..first_block + n_blocks {
            let (start, block) = self.block(name, index as i64)?;
            let start = index * BLOCK + u64::from(start.n_lost);
            let is_whole = index == first_block && start <= first || start == index * BLOCK;
            require(is_whole, name)?;
            oldest = oldest.min(start);
            let mut reader = Reader::new(&block);
            read(&mut reader, start..(index + 1) * BLOCK)?;
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
