//! The index at the end of a closed recording: when each chunk begins and ends and how many packets it holds.
//!
//! It lies in an MCAP attachment, which carries a checksum. Numbers are unsigned LEB128, times and offsets as the
//! difference to the one before. A file without it is as good: its chunks are then read once to make it anew.

use market::{LinkId, Timestamp, Venue};

use crate::chunks::Chunks;
use crate::info::{ChunkSpan, LinkInfo};

/// The name of the attachment.
pub(crate) const INDEX_NAME: &str = "tapedeck.index.v1";

/// What a recording says about itself at its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Index {
    /// The chunks, in file order.
    pub(crate) chunks: Chunks,
    /// The links, in order of first appearance.
    pub(crate) links: Vec<LinkInfo>,
}

impl Index {
    /// The bytes of the attachment.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, self.chunks.len() as u64);
        let (mut offset, mut from) = (0, 0);
        for chunk in self.chunks.iter() {
            put(&mut out, chunk.offset.saturating_sub(offset));
            put(&mut out, stamp(chunk.from).saturating_sub(from));
            put(&mut out, stamp(chunk.to).saturating_sub(stamp(chunk.from)));
            put(&mut out, chunk.n_packets);
            (offset, from) = (chunk.offset, stamp(chunk.from));
        }
        put(&mut out, self.links.len() as u64);
        for link in &self.links {
            put(&mut out, u64::from(link.link.0));
            put_text(&mut out, link.venue.id());
            put(&mut out, link.n_packets);
            put_text(&mut out, link.address.as_deref().unwrap_or_default());
        }
        out
    }

    /// The index in the bytes of an attachment; `None` when they are not one.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut index = Self::default();
        let (mut offset, mut from) = (0_u64, 0_u64);
        for _ in 0..take(&mut rest)? {
            offset = offset.checked_add(take(&mut rest)?)?;
            from = from.checked_add(take(&mut rest)?)?;
            let to = from.checked_add(take(&mut rest)?)?;
            let n_packets = take(&mut rest)?;
            index.chunks.push(ChunkSpan {
                offset,
                from: moment(from)?,
                to: moment(to)?,
                n_packets,
            });
        }
        index.chunks.shrink();
        for _ in 0..take(&mut rest)? {
            let link = LinkId(u16::try_from(take(&mut rest)?).ok()?);
            let venue = Venue::from_id(take_text(&mut rest)?).unwrap_or(Venue::Unknown);
            let n_packets = take(&mut rest)?;
            let address = Some(take_text(&mut rest)?.to_owned()).filter(|text| !text.is_empty());
            index.links.push(LinkInfo { venue, link, name: None, address, n_packets });
        }
        rest.is_empty().then_some(index)
    }
}

fn stamp(moment: Timestamp) -> u64 {
    u64::try_from(moment.nanos()).unwrap_or(0)
}

fn moment(nanos: u64) -> Option<Timestamp> {
    i64::try_from(nanos).ok().map(Timestamp::from_nanos)
}

/// Appends a number, unsigned LEB128.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// The next such number.
pub(crate) fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(take(rest)?).ok()?;
    let (text, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    std::str::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Index {
        let at = |nanos| Timestamp::from_nanos(nanos);
        let chunks = vec![
            ChunkSpan { offset: 120, from: at(1 << 60), to: at((1 << 60) + 5), n_packets: 3 },
            ChunkSpan { offset: 999, from: at((1 << 60) + 9), to: at((1 << 60) + 9), n_packets: 1 },
        ];
        let links = vec![LinkInfo {
            venue: Venue::Kraken,
            link: LinkId(7),
            name: None,
            address: Some("wss://ws.kraken.com/v2".to_owned()),
            n_packets: 4,
        }];
        Index { chunks: chunks.into_iter().collect(), links }
    }

    #[test]
    fn an_index_is_read_as_it_was_written() {
        assert_eq!(Index::decode(&example().encode()), Some(example()));
    }

    #[test]
    fn a_cut_index_is_refused_and_a_huge_count_asks_for_no_memory() {
        let bytes = example().encode();
        for length in 0..bytes.len() {
            assert_eq!(Index::decode(&bytes[..length]), None, "cut at {length}");
        }
        let mut hostile = Vec::new();
        put(&mut hostile, u64::MAX);
        assert_eq!(Index::decode(&hostile), None);
    }
}
