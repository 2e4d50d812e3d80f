//! One chunk: its checksum is verified before any of it is believed, then its messages become packets that share its
//! bytes.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use market::{LinkId, Packet, Timestamp, Venue};

use super::fields::Fields;
use super::op;
use super::walker::ChunkHead;
use crate::message::{self, SCHEMA_NAME};
use crate::tape::seal_of;

/// Op code and length.
const RECORD_HEAD: usize = 9;

/// What must be known of a file in order to read a chunk in its middle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known {
    /// The channels.
    pub(crate) channels: Channels,
    /// Whether Tapedeck wrote the file, so that every chunk has a checksum.
    pub(crate) is_ours: bool,
}

/// The channels met so far; `None` for those of another schema.
#[derive(Clone, Debug, Default)]
pub(crate) struct Channels {
    known: BTreeMap<u16, Option<Channel>>,
    schemas: BTreeMap<u16, bool>,
}

/// Whose packets a channel carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Channel {
    venue: Venue,
    link: LinkId,
    number_high: u64,
}

impl Channel {
    fn of(metadata: &BTreeMap<String, String>) -> Option<Self> {
        Some(Self {
            venue: Venue::from_id(metadata.get("venue")?).unwrap_or(Venue::Unknown),
            link: LinkId(metadata.get("link")?.parse().ok()?),
            number_high: metadata
                .get("number_high")?
                .parse()
                .ok()
                .filter(|high| *high <= 0xffff_ffff)?,
        })
    }
}

impl FromIterator<(u16, (Venue, LinkId, u64))> for Channels {
    /// The channels of one who wrote them: the id of each, its venue, link and the high half of its numbers.
    fn from_iter<T: IntoIterator<Item = (u16, (Venue, LinkId, u64))>>(all: T) -> Self {
        let known = all.into_iter().map(|(id, (venue, link, number_high))| {
            (id, Some(Channel { venue, link, number_high }))
        });
        Self { known: known.collect(), schemas: BTreeMap::new() }
    }
}

impl Channels {
    /// Takes a channel from a metadata record outside of the chunks, when its own checksum is right.
    pub(crate) fn learn_sealed(&mut self, metadata: &BTreeMap<String, String>) {
        let seal = metadata.get("crc32").and_then(|text| text.parse::<u32>().ok());
        if seal != Some(seal_of(metadata)) {
            return;
        }
        let id = metadata.get("channel").and_then(|text| text.parse::<u16>().ok());
        if let Some((id, channel)) = id.zip(Channel::of(metadata)) {
            self.known.entry(id).or_insert(Some(channel));
        }
    }

    /// Whether any channel carries packets.
    pub(crate) fn has_ours(&self) -> bool {
        self.known.values().any(Option::is_some)
    }

    /// The venues of the channels that carry packets.
    pub(crate) fn venues(&self) -> BTreeSet<Venue> {
        self.known.values().flatten().map(|channel| channel.venue).collect()
    }

    pub(super) fn learn_schema(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let id = fields.u16()?;
        let is_ours = fields.text()? == SCHEMA_NAME;
        self.schemas.insert(id, is_ours);
        Some(())
    }

    pub(super) fn learn_channel(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let id = fields.u16()?;
        let schema_id = fields.u16()?;
        let (_topic, encoding) = (fields.text()?, fields.text()?);
        let metadata = fields.map()?;
        let is_ours = encoding == SCHEMA_NAME && self.schemas.get(&schema_id) != Some(&false);
        let channel = if is_ours { Channel::of(&metadata) } else { None };
        self.known.insert(id, channel);
        Some(())
    }
}

/// The content of a chunk, verified.
pub(crate) fn unpack(head: &ChunkHead, data: Vec<u8>, known: &Known) -> Result<Bytes, String> {
    let content = if head.is_zstd {
        // The capacity bounds what is unpacked, whatever the data say.
        zstd::bulk::decompress(&data, head.bytes)
            .map_err(|error| format!("a chunk cannot be unpacked ({error})"))?
    } else {
        data
    };
    if content.len() != head.bytes {
        return Err(format!(
            "a chunk unpacks to {} bytes instead of {}",
            content.len(),
            head.bytes
        ));
    }
    let has_crc = head.crc != 0 || known.is_ours;
    if has_crc && crc32fast::hash(&content) != head.crc {
        return Err("a chunk does not match its checksum".to_owned());
    }
    Ok(Bytes::from(content))
}

/// The packets of a chunk, in order.
pub(crate) struct ChunkPackets {
    content: Bytes,
    position: usize,
}

impl ChunkPackets {
    /// The packets of verified content.
    pub(crate) fn of(content: Bytes) -> Self {
        Self { content, position: 0 }
    }

    /// The next packet, or a sentence about what is wrong; channels are learnt on the way. After a record that makes no
    /// sense the rest of the chunk is given up.
    pub(crate) fn next(&mut self, channels: &mut Channels) -> Option<Result<Packet, String>> {
        while self.position < self.content.len() {
            let Some((code, start, end)) = self.record() else {
                self.position = self.content.len();
                return Some(Err("a record inside a chunk is longer than the chunk".to_owned()));
            };
            self.position = end;
            let fields = Fields::of(&self.content[start..end]);
            let understood = match code {
                op::MESSAGE => match self.message(start, end, channels) {
                    Ok(None) => Some(()),
                    Ok(Some(packet)) => return Some(Ok(packet)),
                    Err(what) => return Some(Err(what)),
                },
                op::SCHEMA => channels.learn_schema(fields),
                op::CHANNEL => channels.learn_channel(fields),
                _ => Some(()),
            };
            if understood.is_none() {
                return Some(Err("a record inside a chunk makes no sense".to_owned()));
            }
        }
        None
    }

    /// Code, start and end of the content of the record at the position.
    fn record(&self) -> Option<(u8, usize, usize)> {
        let mut fields = Fields::of(&self.content[self.position..]);
        let code = fields.u8()?;
        let length = usize::try_from(fields.u64()?).ok()?;
        let start = self.position + RECORD_HEAD;
        let end = start.checked_add(length)?;
        (end <= self.content.len()).then_some((code, start, end))
    }

    /// The packet of a message; `None` when its channel is not ours.
    fn message(
        &self,
        start: usize,
        end: usize,
        channels: &Channels,
    ) -> Result<Option<Packet>, String> {
        const SHORT: &str = "a message is too short";
        let mut fields = Fields::of(&self.content[start..end]);
        let channel_id = fields.u16().ok_or(SHORT)?;
        let sequence = fields.u32().ok_or(SHORT)?;
        let log_time = fields.u64().ok_or(SHORT)?;
        fields.u64().ok_or(SHORT)?;
        let channel = match channels.known.get(&channel_id) {
            Some(Some(channel)) => channel,
            Some(None) => return Ok(None),
            None => {
                return Err(format!("a message belongs to channel {channel_id}, which is lost"));
            }
        };
        let nanos =
            i64::try_from(log_time).map_err(|_| "a message has a time after the year 2262")?;
        let data = self.content.slice(end - fields.len()..end);
        let body = message::decode(&data).ok_or("a message is not a packet of version 1")?;
        Ok(Some(Packet {
            venue: channel.venue,
            link: channel.link,
            number: channel.number_high << 32 | u64::from(sequence),
            received_at: Timestamp::from_nanos(nanos),
            body,
        }))
    }
}
