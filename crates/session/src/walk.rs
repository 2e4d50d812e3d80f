//! Reading MCAP by a bounded walk that checks before it believes.
//!
//! The `mcap` crate's readers abort on hostile lengths, and deliver wrong messages from damaged chunks before they
//! notice; they are used as an oracle in tests only.

mod chunk;
mod fields;
mod packets;
mod summary;
mod walker;

pub(crate) use chunk::{Channels, Known};
pub(crate) use fields::Fields;
pub(crate) use packets::{McapPackets, Scan, read_through, scan};
pub(crate) use walker::{AttachmentHead, Step, Walker, read_attachment};

/// No chunk is unpacked to more than this.
pub(crate) const MAX_CHUNK_BYTES: u64 = 32 << 20;

/// A footer record and the magic after it.
const END_BYTES: u64 = 9 + 20 + 8;

/// Op codes of MCAP records.
pub(crate) mod op {
    pub(crate) const HEADER: u8 = 0x01;
    pub(crate) const FOOTER: u8 = 0x02;
    pub(crate) const SCHEMA: u8 = 0x03;
    pub(crate) const CHANNEL: u8 = 0x04;
    pub(crate) const MESSAGE: u8 = 0x05;
    pub(crate) const CHUNK: u8 = 0x06;
    pub(crate) const MESSAGE_INDEX: u8 = 0x07;
    pub(crate) const ATTACHMENT: u8 = 0x09;
    pub(crate) const ATTACHMENT_INDEX: u8 = 0x0a;
    pub(crate) const METADATA: u8 = 0x0c;
    pub(crate) const STATISTICS: u8 = 0x0b;
    pub(crate) const SUMMARY_OFFSET: u8 = 0x0e;
    pub(crate) const DATA_END: u8 = 0x0f;
    pub(crate) const FIRST_PRIVATE: u8 = 0x80;
}
