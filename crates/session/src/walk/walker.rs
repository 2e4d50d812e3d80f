//! From record to record through an MCAP file, believing nothing: each length is checked against what holds it, and
//! after a damaged place the walk goes on at the next chunk that makes sense.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use market::Timestamp;

use super::fields::Fields;
use super::summary::MAX_INDEX_BYTES;
use super::{END_BYTES, MAX_CHUNK_BYTES, op};
use crate::index::INDEX_NAME;
use crate::tape::PROFILE;

/// Op code and length.
const RECORD_HEAD: u64 = 9;

/// More of a record than this is not looked at unless it is a chunk or the index.
const MAX_METADATA_BYTES: u64 = 1 << 20;

/// The chunk's fields before its data: four numbers, two lengths and the name of the compression.
const CHUNK_HEAD_MAX: usize = 8 + 8 + 8 + 4 + 4 + 8 + 16;

/// Times, name and media type of an attachment are within so many bytes, if it is ours.
const MAX_NAME_BYTES: u64 = 1 << 10;

/// How the names of our attachments begin.
const NAME_OF_OURS: &str = "tapedeck.";

/// What the walk meets.
pub(crate) enum Step {
    /// A chunk; its data is not read yet.
    Chunk(ChunkHead),
    /// The profile of the header: who wrote the file.
    Profile(String),
    /// A metadata record.
    Metadata(String, BTreeMap<String, String>),
    /// The data of the index, its checksum verified.
    Index(Vec<u8>),
    /// Another attachment of ours; its data is not read yet.
    Attached(AttachmentHead),
    /// Bytes that make no sense; the walk goes on behind them.
    Broken { offset: u64, what: String },
    /// The file ends before its footer.
    Cut { offset: u64, missing: Missing },
    /// The file ends with its footer.
    Closed,
}

/// What stands before the data of an attachment; not covered by its checksum until that is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AttachmentHead {
    /// Where the record begins.
    pub(crate) offset: u64,
    /// How long the record is.
    pub(crate) length: u64,
    /// Its `log_time`.
    pub(crate) logged_at: Timestamp,
    /// Its `create_time`.
    pub(crate) created_at: Timestamp,
    /// Its name.
    pub(crate) name: String,
}

/// What a file lacks that ends before its footer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Packets may be missing.
    Packets,
    /// All packets are there; only the summary behind them is cut.
    Summary,
}

/// What stands before the data of a chunk.
#[derive(Clone, Debug)]
pub(crate) struct ChunkHead {
    /// Where the record begins.
    pub(crate) offset: u64,
    /// The time of its first message; not covered by its checksum.
    pub(crate) from: u64,
    /// The time of its last message; not covered by its checksum.
    pub(crate) to: u64,
    /// Where the compressed data begin.
    pub(crate) data_offset: u64,
    /// How many bytes they are.
    pub(crate) compressed_bytes: usize,
    /// How many they are said to unpack to.
    pub(crate) bytes: usize,
    /// The checksum of what they unpack to.
    pub(crate) crc: u32,
    /// Whether they are packed with zstd; otherwise not at all.
    pub(crate) is_zstd: bool,
}

/// The walk over one file.
pub(crate) struct Walker {
    file: File,
    length: u64,
    position: u64,
    is_closed: bool,
    is_ours: bool,
    missing: Missing,
    is_done: bool,
}

impl Walker {
    /// A walk from a record's `offset`; `length` is the length of the file.
    pub(crate) fn new(mut file: File, length: u64, offset: u64) -> io::Result<Self> {
        let is_closed = ends_with_footer(&mut file, length)?;
        let position = offset.max(mcap::MAGIC.len() as u64);
        Ok(Self {
            file,
            length,
            position,
            is_closed,
            is_ours: false,
            missing: Missing::Packets,
            is_done: false,
        })
    }

    /// A walk that does not begin with the header is told that Tapedeck wrote the file.
    pub(crate) fn of_tapedeck(self) -> Self {
        Self { is_ours: true, ..self }
    }

    /// Whether the file ends with a footer.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The next thing of interest; `None` after the end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Step>> {
        while !self.is_done {
            if let Some(step) = self.advance()? {
                return Ok(Some(step));
            }
        }
        Ok(None)
    }

    /// Reads the data of a chunk as they lie in the file.
    pub(crate) fn read_data(&mut self, chunk: &ChunkHead) -> io::Result<Vec<u8>> {
        self.read_at(chunk.data_offset, chunk.compressed_bytes)
    }

    /// One record.
    fn advance(&mut self) -> io::Result<Option<Step>> {
        let left = self.length.saturating_sub(self.position);
        if left < RECORD_HEAD {
            return Ok(Some(self.cut(self.position)));
        }
        let offset = self.position;
        let head = self.read_at(offset, left.min(RECORD_HEAD + CHUNK_HEAD_MAX as u64) as usize)?;
        let mut fields = Fields::of(&head);
        let (Some(code), Some(length)) = (fields.u8(), fields.u64()) else {
            return Ok(Some(self.cut(offset)));
        };
        let fits = length <= left - RECORD_HEAD;
        if !fits {
            return self.search(offset, "a record is longer than the file").map(Some);
        }
        let end = offset + RECORD_HEAD + length;
        self.position = end;
        match code {
            op::CHUNK => match chunk_head(offset, length, fields) {
                Ok(chunk) => Ok(Some(Step::Chunk(chunk))),
                Err(Unfit::Senseless) => self.search(offset, "a chunk makes no sense").map(Some),
                Err(Unfit::Refused(what)) => Ok(Some(Step::Broken { offset, what })),
            },
            op::HEADER => self.header(offset, length),
            op::METADATA => self.metadata(offset, length),
            op::ATTACHMENT => self.attachment(offset, length),
            op::DATA_END if length == 4 => {
                self.missing = Missing::Summary;
                Ok(None)
            }
            op::FOOTER if self.is_closed && end + mcap::MAGIC.len() as u64 == self.length => {
                self.is_done = true;
                Ok(Some(Step::Closed))
            }
            // We write none, and other hands that follow our format may: a chunk whose code was damaged does not pass
            // as one.
            op::MESSAGE_INDEX if is_message_index(length, fields) => Ok(None),
            other if self.may_stand_here(other) => Ok(None),
            _ => self.search(offset, "bytes make no sense").map(Some),
        }
    }

    /// Whether a record that means nothing to us may stand here. A chunk whose code was damaged must not pass as one.
    fn may_stand_here(&self, code: u8) -> bool {
        match self.missing {
            Missing::Summary => {
                matches!(code, op::SCHEMA..=op::SUMMARY_OFFSET | op::FIRST_PRIVATE..)
            }
            Missing::Packets => {
                let is_data =
                    matches!(code, op::SCHEMA | op::CHANNEL | op::MESSAGE | op::MESSAGE_INDEX);
                !self.is_ours && (is_data || code >= op::FIRST_PRIVATE)
            }
        }
    }

    fn header(&mut self, offset: u64, length: u64) -> io::Result<Option<Step>> {
        let content =
            self.read_at(offset + RECORD_HEAD, length.min(MAX_METADATA_BYTES) as usize)?;
        let mut fields = Fields::of(&content);
        match fields.text().zip(fields.text()) {
            Some((profile, _)) if fields.len() == 0 => {
                self.is_ours |= profile == PROFILE;
                Ok(Some(Step::Profile(profile.to_owned())))
            }
            Some(_) | None => self.search(offset, "the header makes no sense").map(Some),
        }
    }

    fn metadata(&mut self, offset: u64, length: u64) -> io::Result<Option<Step>> {
        if length > MAX_METADATA_BYTES {
            return Ok(None);
        }
        let content = self.read_at(offset + RECORD_HEAD, length as usize)?;
        let mut fields = Fields::of(&content);
        let parsed = fields.text().map(str::to_owned).zip(fields.map());
        match parsed {
            Some((name, map)) if fields.len() == 0 => Ok(Some(Step::Metadata(name, map))),
            Some(_) | None => self.search(offset, "a metadata record makes no sense").map(Some),
        }
    }

    /// Gives the data of our index and the heads of our other attachments; those of others are passed over.
    fn attachment(&mut self, offset: u64, length: u64) -> io::Result<Option<Step>> {
        let content = self.read_at(offset + RECORD_HEAD, length.min(MAX_NAME_BYTES) as usize)?;
        let record_length = RECORD_HEAD.saturating_add(length);
        match attachment_head(offset, record_length, &content) {
            Some(head) if head.name == INDEX_NAME && length <= MAX_INDEX_BYTES => {
                let record = self.read_at(offset, record_length as usize)?;
                match read_attachment(&record) {
                    Some(data) => Ok(Some(Step::Index(data.to_vec()))),
                    None => {
                        self.search(offset, "an attachment does not match its checksum").map(Some)
                    }
                }
            }
            Some(head) if head.name.starts_with(NAME_OF_OURS) => Ok(Some(Step::Attached(head))),
            Some(_) => Ok(None),
            None if self.is_ours => self.search(offset, "an attachment makes no sense").map(Some),
            None => Ok(None),
        }
    }

    /// Goes on at the next chunk that makes sense, or ends when there is none.
    fn search(&mut self, offset: u64, what: &str) -> io::Result<Step> {
        if self.missing == Missing::Summary {
            return Ok(self.cut(offset));
        }
        let footer = self.length.saturating_sub(END_BYTES);
        match self.find_chunk(offset + 1)? {
            Some(next) => self.position = next,
            None if self.is_closed && offset < footer => self.position = footer,
            None => return Ok(self.cut(offset)),
        }
        Ok(Step::Broken {
            offset,
            what: format!("{what}; {} bytes are skipped", self.position - offset),
        })
    }

    /// The offset of the next chunk record at or after `from`: told by the name of its compression.
    fn find_chunk(&mut self, from: u64) -> io::Result<Option<u64>> {
        const WINDOW_MIN: usize = 4 << 10;
        const WINDOW_MAX: usize = 1 << 20;
        /// Op code, length, two times, size and checksum stand before the name.
        const BEFORE: usize = 9 + 8 + 8 + 8 + 4;
        const NAME: &[u8] = b"\x04\0\0\0zstd";
        let mut start = from;
        // Most damage is small; a larger window at once would make many small ones dear.
        let mut window_size = WINDOW_MIN;
        while start < self.length {
            let size = (self.length - start).min((window_size + BEFORE + CHUNK_HEAD_MAX) as u64);
            let window = self.read_at(start, size as usize)?;
            let mut at = 0;
            while at < window.len().min(window_size) {
                let Some(next) = window[at..].iter().position(|byte| *byte == op::CHUNK) else {
                    break;
                };
                at += next;
                let is_named = window.get(at + BEFORE..at + BEFORE + NAME.len()) == Some(NAME);
                if is_named && self.is_chunk(start + at as u64, &window[at..]) {
                    return Ok(Some(start + at as u64));
                }
                at += 1;
            }
            start = start.saturating_add(window_size as u64);
            window_size = (window_size * 2).min(WINDOW_MAX);
        }
        Ok(None)
    }

    fn is_chunk(&self, offset: u64, bytes: &[u8]) -> bool {
        let mut fields = Fields::of(bytes);
        let (Some(_), Some(length)) = (fields.u8(), fields.u64()) else { return false };
        let left = self.length.saturating_sub(offset).saturating_sub(RECORD_HEAD);
        length <= left && chunk_head(offset, length, fields).is_ok()
    }

    fn cut(&mut self, offset: u64) -> Step {
        self.is_done = true;
        Step::Cut { offset, missing: self.missing }
    }

    fn read_at(&mut self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(offset))?;
        let mut bytes = vec![0; length];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Whether a record is a channel and an array of times and offsets that fills it.
fn is_message_index(length: u64, fields: Fields<'_>) -> bool {
    const BEFORE: u64 = 2 + 4;
    const ENTRY: u64 = 8 + 8;
    let mut fields = fields;
    let (_channel, array_length) = (fields.bytes(2), fields.u32());
    let is_whole = |array_length| length.checked_sub(BEFORE) == Some(array_length);
    array_length.map(u64::from).is_some_and(|it| is_whole(it) && it.is_multiple_of(ENTRY))
}

/// The head of an attachment, from the first bytes of its content; `None` when they contradict the record's length.
fn attachment_head(offset: u64, length: u64, content: &[u8]) -> Option<AttachmentHead> {
    let mut fields = Fields::of(content);
    let mut moment = || i64::try_from(fields.u64()?).ok().map(Timestamp::from_nanos);
    let (logged_at, created_at) = (moment()?, moment()?);
    let name = fields.text()?.to_owned();
    let _media_type = fields.text()?;
    let data_length = fields.u64()?;
    let before = (content.len() - fields.len()) as u64;
    let is_consistent = before.checked_add(data_length)?.checked_add(RECORD_HEAD + 4)? == length;
    is_consistent.then_some(AttachmentHead { offset, length, logged_at, created_at, name })
}

/// The data of an attachment's record when its checksum, which ours always have, is right.
pub(crate) fn read_attachment(record: &[u8]) -> Option<&[u8]> {
    let content = record.get(RECORD_HEAD as usize..)?;
    let (covered, crc) = content.split_last_chunk::<4>()?;
    let mut fields = Fields::of(covered);
    let _times = (fields.u64()?, fields.u64()?);
    let _names = (fields.text()?, fields.text()?);
    let data_length = usize::try_from(fields.u64()?).ok()?;
    let data = fields.bytes(data_length)?;
    let is_right = u32::from_le_bytes(*crc) == crc32fast::hash(covered);
    (is_right && fields.len() == 0).then_some(data)
}

/// Why a chunk is not read.
enum Unfit {
    /// Its fields contradict each other: its length is not to be believed either.
    Senseless,
    /// It makes sense but is not read; the sentence says why.
    Refused(String),
}

/// The fields before a chunk's data; `length` is that of the record.
fn chunk_head(offset: u64, length: u64, fields: Fields<'_>) -> Result<ChunkHead, Unfit> {
    let before = fields.len();
    let mut fields = fields;
    let mut read = || {
        let (from, to) = (fields.u64()?, fields.u64()?);
        let size = fields.u64()?;
        let crc = fields.u32()?;
        let compression = fields.text()?;
        let compressed_size = fields.u64()?;
        let head_length = (before - fields.len()) as u64;
        let is_consistent = head_length.checked_add(compressed_size) == Some(length);
        is_consistent.then_some(((from, to), size, crc, compression, compressed_size, head_length))
    };
    let ((from, to), size, crc, compression, compressed_size, head_length) =
        read().ok_or(Unfit::Senseless)?;
    let is_zstd = match compression {
        "zstd" => true,
        "" => false,
        other => {
            let name: String = other.chars().filter(char::is_ascii_graphic).take(16).collect();
            return Err(Unfit::Refused(format!(
                "a chunk is packed with \u{201c}{name}\u{201d}; only zstd and plain chunks are read"
            )));
        }
    };
    if size > MAX_CHUNK_BYTES || compressed_size > MAX_CHUNK_BYTES {
        return Err(Unfit::Refused(format!(
            "a chunk claims {} bytes; at most {MAX_CHUNK_BYTES} are unpacked at once",
            size.max(compressed_size)
        )));
    }
    Ok(ChunkHead {
        offset,
        from,
        to,
        data_offset: offset + RECORD_HEAD + head_length,
        compressed_bytes: compressed_size as usize,
        bytes: size as usize,
        crc,
        is_zstd,
    })
}

/// Whether the file ends as a closed MCAP does.
fn ends_with_footer(file: &mut File, length: u64) -> io::Result<bool> {
    let Some(start) = length.checked_sub(END_BYTES) else { return Ok(false) };
    file.seek(SeekFrom::Start(start))?;
    let mut end = [0; END_BYTES as usize];
    file.read_exact(&mut end)?;
    let mut fields = Fields::of(&end);
    let is_footer = fields.u8() == Some(op::FOOTER) && fields.u64() == Some(20);
    Ok(is_footer && end.ends_with(mcap::MAGIC))
}
