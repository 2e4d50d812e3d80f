//! Blocks in one attachment: a list of what is in it, then each block packed by itself, so that one of them is read
//! without the others.
//!
//! ```text
//! u32 length of the list · u32 CRC-32 of the list
//! list: for each block  u16 length of its name · name · u32 packed length · u32 CRC-32 of the packed bytes
//! blocks, each one zstd frame, in the order of the list
//! ```

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::{Block, MAX_BYTES, Place, unzipped};
use crate::walk::Fields;

/// A list of more than this is not read: some thousand blocks are a hundredth of it.
const MAX_LIST_BYTES: usize = 16 << 20;
/// What is read of a pack at once: what stands before its data, and a usual list.
const FIRST_READ: u64 = 16 << 10;
/// Op code, length, two times.
const RECORD_HEAD: usize = 9 + 16;

/// The data of a pack.
pub(super) fn write(blocks: &[Block]) -> io::Result<Vec<u8>> {
    let (mut list, mut packed) = (Vec::new(), Vec::new());
    for block in blocks {
        let name = block.key.split_once('/').map_or(block.key.as_str(), |(_, name)| name);
        let bytes = zstd::bulk::compress(&block.bytes, 1)?;
        list.extend(length(name.len(), u16::MAX.into())?.to_le_bytes().into_iter().take(2));
        list.extend(name.as_bytes());
        list.extend(length(bytes.len(), u32::MAX as usize)?.to_le_bytes());
        list.extend(crc32fast::hash(&bytes).to_le_bytes());
        packed.extend(bytes);
    }
    let mut data = Vec::with_capacity(8 + list.len() + packed.len());
    data.extend(length(list.len(), MAX_LIST_BYTES)?.to_le_bytes());
    data.extend(crc32fast::hash(&list).to_le_bytes());
    data.extend(list);
    data.extend(packed);
    Ok(data)
}

fn length(length: usize, most: usize) -> io::Result<u32> {
    let fits = u32::try_from(length).ok().filter(|_| length <= most);
    fits.ok_or_else(|| io::Error::other("a state is too large to be kept"))
}

/// A block out of the pack that lies here; `None` when it is not in it, or damaged.
pub(super) fn read(path: &Path, place: Place, name: &str) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    let head = read_at(&mut file, place, 0, place.length.min(FIRST_READ))?;
    let data_at = data_offset(&head)?;
    let mut fields = Fields::of(head.get(data_at..)?);
    let (list_length, crc) = (fields.u32()? as usize, fields.u32()?);
    let list_at = data_at + 8;
    let list_end = list_at.checked_add(list_length).filter(|_| list_length <= MAX_LIST_BYTES)?;
    let more = match head.get(list_at..list_end) {
        Some(_) => Vec::new(),
        None => read_at(&mut file, place, list_at as u64, list_length as u64)?,
    };
    let list = head.get(list_at..list_end).unwrap_or(&more);
    let (from, length, block_crc) = find(list, name).filter(|_| crc32fast::hash(list) == crc)?;
    let bytes = read_at(&mut file, place, list_end as u64 + from, length)?;
    (crc32fast::hash(&bytes) == block_crc).then_some(())?;
    unzipped(&bytes)
}

/// Where the data of the attachment begin whose record begins like this.
fn data_offset(record: &[u8]) -> Option<usize> {
    let mut fields = Fields::of(record.get(RECORD_HEAD..)?);
    let _names = (fields.text()?, fields.text()?);
    let _data_length = fields.u64()?;
    Some(record.len() - fields.len())
}

/// Where a block lies behind the list, how long it is, and its checksum.
fn find(list: &[u8], name: &str) -> Option<(u64, u64, u32)> {
    let (mut fields, mut from) = (Fields::of(list), 0_u64);
    while fields.len() > 0 {
        let n_name = usize::from(fields.u16()?);
        let is_it = fields.bytes(n_name)? == name.as_bytes();
        let (length, crc) = (u64::from(fields.u32()?), fields.u32()?);
        if is_it {
            return Some((from, length, crc));
        }
        from += length;
    }
    None
}

/// Bytes of the record, all of them and none behind it.
fn read_at(file: &mut File, place: Place, from: u64, length: u64) -> Option<Vec<u8>> {
    let is_inside = from.checked_add(length).is_some_and(|end| end <= place.length);
    let length = usize::try_from(length).ok().filter(|n| is_inside && *n <= MAX_BYTES)?;
    file.seek(SeekFrom::Start(place.offset.checked_add(from)?)).ok()?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}
