//! What a closed recording of ours says of itself at its end, so that opening it costs nothing however long it is.
//!
//! The summary and the index carry checksums. Where one of them is wrong or missing, the walk over all records tells
//! as much.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use market::Timestamp;

use super::chunk::Known;
use super::fields::Fields;
use super::packets::{Scan, fill};
use super::walker::{AttachmentHead, Step, Walker, read_attachment};
use super::{END_BYTES, op};
use crate::index::{INDEX_NAME, Index};
use crate::info::{Format, Info};
use crate::keyframe::Keyframes;
use crate::tape::{PROFILE, RECORDING_METADATA};

/// A summary of more than this is not read at once: that of a year of chunks is smaller.
const MAX_SUMMARY_BYTES: u64 = 256 << 20;
/// The index of the longest recording that is believed: a year of chunks.
pub(super) const MAX_INDEX_BYTES: u64 = 16 << 20;
/// Op code, length, and the two offsets that stand in the footer before the checksum.
const FOOTER_CHECKED: usize = 9 + 8 + 8;

/// What the end of the file says; `None` when it was not closed, is not ours, or does not say all.
pub(super) fn scan_end(path: &Path, length: u64) -> io::Result<Option<Scan>> {
    let mut file = File::open(path)?;
    let Some(summary) = read_summary(&mut file, length)? else { return Ok(None) };
    let Some(outline) = Outline::parse(&summary) else { return Ok(None) };
    let mut walker = Walker::new(File::open(path)?, length, 0)?;
    let is_ours = matches!(walker.next()?, Some(Step::Profile(profile)) if profile == PROFILE);
    if !is_ours {
        return Ok(None);
    }
    let Some(index) = outline.index(&mut file, length)? else { return Ok(None) };
    let mut info = Info::empty(path.to_owned(), length, Format::Mcap);
    match walker.next()? {
        Some(Step::Metadata(name, map)) if name == RECORDING_METADATA => info.metadata = map,
        Some(_) | None => return Ok(None),
    }
    fill(&mut info, index);
    let known = Known { is_ours, ..outline.known };
    let mut keyframes = outline.keyframes;
    keyframes.settle();
    keyframes.shrink();
    Ok(Some(Scan { info, known, keyframes: Arc::new(keyframes), is_whole: true }))
}

/// The bytes of the summary, when their checksum is right.
fn read_summary(file: &mut File, length: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(footer_offset) = length.checked_sub(END_BYTES) else { return Ok(None) };
    let footer = read_at(file, footer_offset, END_BYTES)?;
    let Some((start, crc)) = parse_footer(&footer) else { return Ok(None) };
    let Some(summary_length) = footer_offset.checked_sub(start) else { return Ok(None) };
    if start == 0 || summary_length > MAX_SUMMARY_BYTES {
        return Ok(None);
    }
    let summary = read_at(file, start, summary_length)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&summary);
    hasher.update(&footer[..FOOTER_CHECKED]);
    Ok((hasher.finalize() == crc).then_some(summary))
}

fn parse_footer(footer: &[u8]) -> Option<(u64, u32)> {
    let mut fields = Fields::of(footer);
    let is_footer = fields.u8()? == op::FOOTER && fields.u64()? == 20;
    let (start, _offsets) = (fields.u64()?, fields.u64()?);
    let crc = fields.u32()?;
    (is_footer && footer.ends_with(mcap::MAGIC)).then_some((start, crc))
}

/// What the records of the summary tell.
#[derive(Default)]
struct Outline {
    known: Known,
    keyframes: Keyframes,
    /// Offset and length of the index.
    index: Option<(u64, u64)>,
}

impl Outline {
    fn parse(summary: &[u8]) -> Option<Self> {
        let mut outline = Self::default();
        let mut fields = Fields::of(summary);
        while fields.len() > 0 {
            let (code, length) = (fields.u8()?, fields.u64()?);
            let content = Fields::of(fields.bytes(usize::try_from(length).ok()?)?);
            match code {
                op::SCHEMA => outline.known.channels.learn_schema(content)?,
                op::CHANNEL => outline.known.channels.learn_channel(content)?,
                op::ATTACHMENT_INDEX => outline.learn_attachment(content)?,
                _ => {}
            }
        }
        Some(outline)
    }

    fn learn_attachment(&mut self, mut fields: Fields<'_>) -> Option<()> {
        let (offset, length) = (fields.u64()?, fields.u64()?);
        let mut moment = || i64::try_from(fields.u64()?).ok().map(Timestamp::from_nanos);
        let (logged_at, created_at) = (moment()?, moment()?);
        let _data_length = fields.u64()?;
        let name = fields.text()?.to_owned();
        if name == INDEX_NAME {
            self.index = Some((offset, length));
        } else {
            self.keyframes.note(&AttachmentHead { offset, length, logged_at, created_at, name });
        }
        Some(())
    }

    fn index(&self, file: &mut File, length: u64) -> io::Result<Option<Index>> {
        let Some((offset, n_bytes)) = self.index else { return Ok(None) };
        let is_inside = offset.checked_add(n_bytes).is_some_and(|end| end <= length);
        if !is_inside || n_bytes > MAX_INDEX_BYTES {
            return Ok(None);
        }
        let record = read_at(file, offset, n_bytes)?;
        let index = read_attachment(&record).and_then(Index::decode);
        Ok(index.filter(|index| index.chunks.iter().all(|chunk| chunk.offset < offset)))
    }
}

fn read_at(file: &mut File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
