//! Writing a whole recording at once, for `import`: larger chunks, one sync at the end.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use market::Packet;

use crate::disk::{Disk, LocalDisk};
use crate::keyframe::{Block, Keyframe};
use crate::lock::is_being_written;
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

/// Writes all packets into a new file at `path`; one that is there is never written over. Until all are written they
/// lie in `<path>.part`, so that no list shows half a recording, and what fails leaves nothing behind.
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
    let part = part_of(path);
    if path.exists() || is_being_written(&part) {
        return Err(refuse(io::ErrorKind::AlreadyExists.into()));
    }
    // Left by a program that was killed.
    if part.exists() {
        fs::remove_file(&part).map_err(refuse)?;
    }
    let written = write_part(&part, items, options).map_err(refuse);
    let put = written.and_then(|report| put(&part, path).map(|()| report).map_err(refuse));
    if put.is_err()
        && part.exists()
        && let Err(error) = fs::remove_file(&part)
    {
        tracing::warn!(path = %part.display(), %error, "half a recording could not be removed");
    }
    put
}

fn write_part(
    part: &Path,
    items: impl IntoIterator<Item = BulkItem>,
    options: &BulkOptions,
) -> io::Result<BulkReport> {
    let disk: &mut dyn Disk = &mut LocalDisk;
    let mut tape = Tape::create(disk, part, &options.header, options.chunk_bytes)?;
    let mut n_packets = 0;
    for item in items {
        match item {
            BulkItem::Packet(packet) => {
                tape.write(&packet)?;
                n_packets += 1;
            }
            BulkItem::Keyframe(keyframe, blocks) => {
                tape.attach_keyframe(&keyframe, &blocks, None)?;
            }
        }
    }
    let bytes = tape.finish()?;
    Ok(BulkReport { n_packets, bytes })
}

/// `<path>.part`.
pub(crate) fn part_of(path: &Path) -> PathBuf {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

/// Gives the file its name, unless another has got it meanwhile.
fn put(part: &Path, path: &Path) -> io::Result<()> {
    match fs::hard_link(part, path) {
        Ok(()) => fs::remove_file(part),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // A file system without links.
        Err(_) if path.exists() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(part, path),
    }?;
    let directory = path.parent().filter(|parent| *parent != Path::new(""));
    LocalDisk.sync_directory(directory.unwrap_or(Path::new(".")))
}
