//! One file being written: packets into chunks, chunks onto the disk, each whole or not at all.
//!
//! The `mcap` crate writes into memory; what it wrote is appended to the disk in one call a chunk. So a failing disk
//! never leaves the crate half-way, and all up to the last whole chunk can be kept.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use market::{Body, LinkId, Packet, Timestamp, Venue};
use mcap::records::{MessageHeader, Metadata};

use crate::buffer::Buffer;
use crate::chunks::Chunks;
use crate::disk::{Disk, DiskFile};
use crate::index::{INDEX_NAME, Index};
use crate::info::{ChunkSpan, LinkInfo, Links};
use crate::keyframe::{Block, Keyframe, Keyframes, attachment_of_blocks, attachment_of_keyframe};
use crate::message::{self, SCHEMA_NAME, SCHEMA_TEXT};
use crate::remark::Remark;
use crate::walk::{AttachmentHead, Channels};

/// The profile in the MCAP header.
pub(crate) const PROFILE: &str = "tapedeck";

/// The metadata record that says what was recorded.
pub(crate) const RECORDING_METADATA: &str = "tapedeck.recording";

/// The metadata record that repeats a channel outside of the chunks, so that the loss of a chunk loses no more.
pub(crate) const CHANNEL_METADATA: &str = "tapedeck.channel";

/// A larger packet is not written but remarked as lost: a reader inflates at most 32 MiB at once.
const MAX_MESSAGE_BYTES: usize = 24 << 20;

/// Op code, length, channel, sequence and two times: what a message takes beside its data.
const MESSAGE_HEAD_BYTES: usize = 31;

/// What each file says about itself before its packets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileHeader {
    /// The program and its version, such as `tapedeck 0.1.0`.
    pub program: String,
    /// The addresses that were to be opened, each with its role (`ws`, `rest`).
    pub endpoints: Vec<(String, String)>,
    /// Whether the market is simulated.
    pub is_simulated: bool,
}

impl FileHeader {
    fn to_metadata(&self) -> Metadata {
        let mut metadata = BTreeMap::from([
            ("format".to_owned(), "1".to_owned()),
            ("program".to_owned(), self.program.clone()),
            ("simulated".to_owned(), self.is_simulated.to_string()),
        ]);
        for (role, address) in &self.endpoints {
            metadata.insert(format!("endpoint.{role}"), address.clone());
        }
        Metadata { name: RECORDING_METADATA.to_owned(), metadata }
    }
}

/// One file being written.
pub(crate) struct Tape {
    file: Box<dyn DiskFile>,
    writer: mcap::Writer<Buffer>,
    buffer: Buffer,
    chunk_bytes: usize,
    metadata: BTreeMap<String, String>,
    channels: BTreeMap<ChannelKey, u16>,
    spans: Chunks,
    keyframes: Arc<Keyframes>,
    links: Links,
    chunk: Option<OpenChunk>,
    written_bytes: u64,
    has_footer: bool,
    n_kept: u64,
    scratch: Vec<u8>,
    clock: Clock,
}

/// A channel holds 2^32 numbers of a link; then comes the next.
type ChannelKey = (Venue, LinkId, u64);

/// The chunk that is being filled in memory.
#[derive(Clone, Copy)]
struct OpenChunk {
    span: ChunkSpan,
    n_bytes: usize,
    n_heard: u64,
}

/// Stamps in a file never run backwards.
#[derive(Default)]
struct Clock {
    written: Option<Timestamp>,
    heard: Option<Timestamp>,
}

impl Tape {
    /// Creates the file and writes what stands before the packets.
    pub(crate) fn create(
        disk: &mut dyn Disk,
        path: &Path,
        header: &FileHeader,
        chunk_bytes: usize,
    ) -> io::Result<Self> {
        let file = disk.create(path)?;
        let tape = Self::start(file, header, chunk_bytes);
        let synced = tape.and_then(|tape| {
            disk.sync_directory(
                path.parent().filter(|parent| *parent != Path::new("")).unwrap_or(Path::new(".")),
            )?;
            Ok(tape)
        });
        // A file that was there before is not ours to remove: `create` has failed above.
        if synced.is_err()
            && let Err(error) = disk.remove(path)
        {
            tracing::warn!(path = %path.display(), %error, "an empty recording could not be removed");
        }
        synced
    }

    fn start(file: Box<dyn DiskFile>, header: &FileHeader, chunk_bytes: usize) -> io::Result<Self> {
        let buffer = Buffer::default();
        let mut writer = mcap::WriteOptions::new()
            .compression(Some(mcap::Compression::Zstd))
            .compression_level(1)
            .compression_threads(0)
            .profile(PROFILE)
            .library(header.program.clone())
            .chunk_size(None)
            .disable_seeking(true)
            .emit_message_indexes(false)
            .create(buffer.clone())
            .map_err(io::Error::other)?;
        let about = header.to_metadata();
        writer.write_metadata(&about).map_err(io::Error::other)?;
        let mut tape = Self {
            file,
            writer,
            buffer,
            chunk_bytes,
            metadata: about.metadata,
            channels: BTreeMap::new(),
            spans: Chunks::default(),
            keyframes: Arc::default(),
            links: Links::default(),
            chunk: None,
            written_bytes: 0,
            has_footer: false,
            n_kept: 0,
            scratch: Vec::new(),
            clock: Clock::default(),
        };
        tape.append()?;
        Ok(tape)
    }

    /// Writes a packet into the open chunk; when that is full, the chunk goes to the disk.
    pub(crate) fn write(&mut self, packet: &Packet) -> io::Result<()> {
        let (at, step) = self.clock.stamp(packet.received_at);
        if let Some(nanos) = step {
            self.write_at(at, &remark_at(packet, Remark::ClockStep(nanos)))?;
        }
        if message::encoded_length(&packet.body) > MAX_MESSAGE_BYTES {
            tracing::error!(number = packet.number, "a packet is too large to be recorded");
            return self.write_at(at, &remark_at(packet, Remark::lost(1)));
        }
        self.write_at(at, packet)
    }

    fn write_at(&mut self, at: Timestamp, packet: &Packet) -> io::Result<()> {
        let length = message::encoded_length(&packet.body) + MESSAGE_HEAD_BYTES;
        if self.chunk.is_some_and(|chunk| chunk.n_bytes.saturating_add(length) > self.chunk_bytes) {
            self.flush()?;
        }
        let channel_id = self.channel_of(packet, at)?;
        let chunk = self.chunk.get_or_insert_with(|| OpenChunk::starting(&self.buffer, at));
        chunk.span.to = at;
        chunk.span.n_packets += 1;
        chunk.n_bytes += length;
        chunk.n_heard += u64::from(is_heard(packet));
        self.scratch.clear();
        message::encode(&packet.body, &mut self.scratch);
        let log_time = u64::try_from(at.nanos()).unwrap_or(0);
        let header = MessageHeader {
            channel_id,
            sequence: (packet.number & u64::from(u32::MAX)) as u32,
            log_time,
            publish_time: log_time,
        };
        self.writer.write_to_known_channel(&header, &self.scratch).map_err(io::Error::other)?;
        self.links.note(packet);
        if self.chunk.is_some_and(|chunk| chunk.n_bytes >= self.chunk_bytes) {
            self.flush()?;
        }
        Ok(())
    }

    /// The channel of a packet, made when it is the first of its link.
    fn channel_of(&mut self, packet: &Packet, at: Timestamp) -> io::Result<u16> {
        let key = (packet.venue, packet.link, packet.number >> 32);
        if let Some(&id) = self.channels.get(&key) {
            return Ok(id);
        }
        self.flush()?;
        let id = u16::try_from(self.channels.len() + 1)
            .map_err(|_| io::Error::other("a recording holds at most 65,535 links"))?;
        let venue = packet.venue.id();
        let link = packet.link.0;
        let metadata = BTreeMap::from([
            ("venue".to_owned(), venue.to_owned()),
            ("link".to_owned(), link.to_string()),
            ("number_high".to_owned(), key.2.to_string()),
        ]);
        let repeated =
            Metadata { name: CHANNEL_METADATA.to_owned(), metadata: sealed(id, metadata.clone()) };
        self.writer.write_metadata(&repeated).map_err(io::Error::other)?;
        self.chunk = Some(OpenChunk::starting(&self.buffer, at));
        let schema_id = self
            .writer
            .add_schema(SCHEMA_NAME, "text/plain", SCHEMA_TEXT.as_bytes())
            .map_err(io::Error::other)?;
        self.writer
            .add_channel_with_id(id, schema_id, &format!("/{venue}/{link}"), SCHEMA_NAME, &metadata)
            .map_err(io::Error::other)?;
        self.channels.insert(key, id);
        Ok(id)
    }

    /// Closes the chunk and hands it to the disk.
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let Some(chunk) = self.chunk else { return Ok(()) };
        self.writer.flush().map_err(io::Error::other)?;
        self.append()?;
        self.chunk = None;
        self.n_kept += chunk.n_heard;
        if chunk.span.n_packets > 0 {
            self.spans.push(chunk.span);
        }
        Ok(())
    }

    /// Closes the chunk, then writes a keyframe of the state after its last packet, behind the blocks that are new.
    pub(crate) fn attach_keyframe(
        &mut self,
        keyframe: &Keyframe,
        blocks: &[Block],
        resume_offset: Option<u64>,
    ) -> io::Result<()> {
        self.flush()?;
        let mut heads = Vec::with_capacity(2);
        if let Some(pack) = attachment_of_blocks(keyframe.version, blocks)? {
            heads.push(self.attach(&pack)?);
        }
        heads.push(self.attach(&attachment_of_keyframe(keyframe, resume_offset)?)?);
        self.append()?;
        let known = Arc::make_mut(&mut self.keyframes);
        heads.iter().for_each(|head| known.note(head));
        known.settle();
        Ok(())
    }

    fn attach(&mut self, attachment: &mcap::Attachment<'_>) -> io::Result<AttachmentHead> {
        let offset = self.buffer.position();
        self.writer.attach(attachment).map_err(io::Error::other)?;
        let moment = |nanos| Timestamp::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX));
        Ok(AttachmentHead {
            offset,
            length: self.buffer.position() - offset,
            logged_at: moment(attachment.log_time),
            created_at: moment(attachment.create_time),
            name: attachment.name.clone(),
        })
    }

    /// The keyframes that lie on the disk.
    pub(crate) fn keyframes(&self) -> Arc<Keyframes> {
        Arc::clone(&self.keyframes)
    }

    /// Writes a metadata record between the chunks.
    pub(crate) fn say(&mut self, name: &str, metadata: BTreeMap<String, String>) -> io::Result<()> {
        self.flush()?;
        let record = Metadata { name: name.to_owned(), metadata };
        self.writer.write_metadata(&record).map_err(io::Error::other)?;
        self.append()
    }

    /// Makes all that was flushed survive a power cut.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }

    /// Writes the index and the footer; the length of the file.
    pub(crate) fn finish(&mut self) -> io::Result<u64> {
        self.flush()?;
        let chunks = self.spans.clone();
        let links = self.links();
        let index = Index { chunks, links }.encode();
        let attachment = mcap::Attachment {
            log_time: 0,
            create_time: 0,
            name: INDEX_NAME.to_owned(),
            media_type: "application/octet-stream".to_owned(),
            data: index.into(),
        };
        self.writer.attach(&attachment).map_err(io::Error::other)?;
        self.writer.finish().map_err(io::Error::other)?;
        self.append()?;
        self.has_footer = true;
        self.file.sync()?;
        Ok(self.written_bytes)
    }

    /// After the disk failed: cuts the file to its last whole chunk and closes it there, as far as the disk lets us.
    pub(crate) fn abandon(&mut self) {
        if self.has_footer {
            return;
        }
        let closed = self.file.truncate(self.written_bytes).and_then(|()| {
            self.file.append(&plain_end())?;
            self.file.sync()
        });
        if let Err(error) = closed {
            tracing::warn!(%error, "the recording could not be closed; it plays up to its last whole chunk");
        }
    }

    /// Packets that lie on the disk; remarks are not counted.
    pub(crate) fn n_kept(&self) -> u64 {
        self.n_kept
    }

    /// Bytes on the disk.
    pub(crate) fn written_bytes(&self) -> u64 {
        self.written_bytes
    }

    /// The chunks that lie on the disk.
    pub(crate) fn spans(&self) -> &Chunks {
        &self.spans
    }

    /// The links in order of first appearance.
    pub(crate) fn links(&self) -> Vec<LinkInfo> {
        self.links.clone().finish()
    }

    /// What the file says about itself.
    pub(crate) fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// The channels, as a reader must know them in order to begin in the middle.
    pub(crate) fn channels(&self) -> Channels {
        self.channels.iter().map(|(key, id)| (*id, *key)).collect()
    }

    /// Whether a chunk is being filled.
    pub(crate) fn has_open_chunk(&self) -> bool {
        self.chunk.is_some()
    }

    fn append(&mut self) -> io::Result<()> {
        let bytes = self.buffer.unwritten();
        self.file.append(&bytes)?;
        self.written_bytes += bytes.len() as u64;
        self.buffer.clear(bytes.len());
        Ok(())
    }
}

impl OpenChunk {
    fn starting(buffer: &Buffer, at: Timestamp) -> Self {
        let span = ChunkSpan { offset: buffer.position(), from: at, to: at, n_packets: 0 };
        Self { span, n_bytes: 0, n_heard: 0 }
    }
}

impl Clock {
    /// The stamp to write, and the step when the clock was set back.
    fn stamp(&mut self, heard: Timestamp) -> (Timestamp, Option<i64>) {
        let step = self.heard.map(|before| heard.nanos_since(before)).filter(|nanos| *nanos < 0);
        self.heard = Some(heard);
        let at =
            self.written.map_or(heard, |written| written.max(heard)).max(Timestamp::from_nanos(0));
        self.written = Some(at);
        (at, step)
    }
}

/// Whether losing the packet is a loss: remarks and images are our own.
pub(crate) fn is_heard(packet: &Packet) -> bool {
    !matches!(packet.body, Body::Remark(_) | Body::Derived(_))
}

/// A remark in the place of `packet`.
pub(crate) fn remark_at(packet: &Packet, remark: Remark) -> Packet {
    Packet { body: remark.to_body(), ..head_of(packet) }
}

/// The packet without its body: who, which and when.
pub(crate) fn head_of(packet: &Packet) -> Packet {
    Packet {
        venue: packet.venue,
        link: packet.link,
        number: packet.number,
        received_at: packet.received_at,
        body: Body::Ping,
    }
}

/// Channel metadata that carries its own checksum, since metadata records have none.
pub(crate) fn sealed(
    channel_id: u16,
    mut metadata: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    metadata.insert("channel".to_owned(), channel_id.to_string());
    let checksum = seal_of(&metadata);
    metadata.insert("crc32".to_owned(), checksum.to_string());
    metadata
}

/// The checksum over all keys and values but `crc32`.
pub(crate) fn seal_of(metadata: &BTreeMap<String, String>) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for (key, value) in metadata.iter().filter(|(key, _)| *key != "crc32") {
        for text in [key, value] {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        }
    }
    hasher.finalize()
}

/// The shortest valid end of an MCAP: no summary, no checksums.
fn plain_end() -> Vec<u8> {
    const DATA_END: u8 = 0x0f;
    const FOOTER: u8 = 0x02;
    let mut end = vec![DATA_END];
    end.extend_from_slice(&4_u64.to_le_bytes());
    end.extend_from_slice(&[0; 4]);
    end.push(FOOTER);
    end.extend_from_slice(&20_u64.to_le_bytes());
    end.extend_from_slice(&[0; 20]);
    end.extend_from_slice(mcap::MAGIC);
    end
}
