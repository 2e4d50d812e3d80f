//! Writing a whole recording at once, for `import`: larger chunks, one sync at the end.

use std::io;
use std::path::Path;

use market::Packet;

use crate::disk::{Disk, LocalDisk};
use crate::keyframe::{Block, Keyframe};
use crate::recorder::RecordError;
use crate::tape::{FileHeader, Tape};

/// How to write in bulk.
#[derive(Clone, Debug)]
pub struct BulkOptions {
    /// A chunk closes at so many bytes before compression.
    pub chunk_bytes: usize,
    /// What the file says about itself.
    pub header: FileHeader,
}

impl BulkOptions {
    /// Chunks of 1 MiB.
    pub fn new(header: FileHeader) -> Self {
        Self { chunk_bytes: 1 << 20, header }
    }
}

/// What was written in bulk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkReport {
    /// Packets in the file.
    pub n_packets: u64,
    /// The length of the file.
    pub bytes: u64,
}

/// What is written in bulk, in order.
#[derive(Clone, Debug)]
pub enum BulkItem {
    /// A packet.
    Packet(Packet),
    /// The state after the last packet, and the blocks that are new since the last keyframe.
    Keyframe(Keyframe, Vec<Block>),
}

/// Writes all packets into a new file at `path`; one that is there is never written over.
pub fn write_all(
    path: &Path,
    packets: impl IntoIterator<Item = Packet>,
    options: &BulkOptions,
) -> Result<BulkReport, RecordError> {
    write_items(path, packets.into_iter().map(BulkItem::Packet), options)
}

/// As [`write_all`], with keyframes among the packets.
pub fn write_items(
    path: &Path,
    items: impl IntoIterator<Item = BulkItem>,
    options: &BulkOptions,
) -> Result<BulkReport, RecordError> {
    let refuse = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => RecordError::Exists { path: path.to_owned() },
        _ => RecordError::Io { path: path.to_owned(), source },
    };
    let disk: &mut dyn Disk = &mut LocalDisk;
    let mut tape =
        Tape::create(disk, path, &options.header, options.chunk_bytes).map_err(refuse)?;
    let mut n_packets = 0;
    for item in items {
        match item {
            BulkItem::Packet(packet) => {
                tape.write(&packet).map_err(refuse)?;
                n_packets += 1;
            }
            BulkItem::Keyframe(keyframe, blocks) => {
                tape.attach_keyframe(&keyframe, &blocks, None).map_err(refuse)?;
            }
        }
    }
    let bytes = tape.finish().map_err(refuse)?;
    Ok(BulkReport { n_packets, bytes })
}
