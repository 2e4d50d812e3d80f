//! The fields of a record, each checked against the record that holds it.

use std::collections::BTreeMap;

/// What is left of a record.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    /// The fields of a record's content.
    pub(crate) fn of(content: &'a [u8]) -> Self {
        Self { rest: content }
    }

    /// How many bytes are left.
    pub(crate) fn len(&self) -> usize {
        self.rest.len()
    }

    /// The next `length` bytes.
    pub(crate) fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    /// A byte.
    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    /// Two bytes.
    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    /// Four bytes.
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    /// Eight bytes.
    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// A text with its length before it.
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.u32()?).ok()?;
        std::str::from_utf8(self.bytes(length)?).ok()
    }

    /// A map of texts with its length in bytes before it.
    pub(crate) fn map(&mut self) -> Option<BTreeMap<String, String>> {
        let length = usize::try_from(self.u32()?).ok()?;
        let mut inner = Fields::of(self.bytes(length)?);
        let mut map = BTreeMap::new();
        while inner.len() > 0 {
            let key = inner.text()?.to_owned();
            map.insert(key, inner.text()?.to_owned());
        }
        Some(map)
    }
}
