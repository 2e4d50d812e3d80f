//! A glance at a recording's ends, for lists: nothing is unpacked, and nothing that is said here is verified.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use market::Timestamp;

use crate::capture::sniff;
use crate::tape::RECORDING_METADATA;
use crate::walk::{Fields, Step, Walker, op};

/// Footer record and magic.
const END_BYTES: u64 = 9 + 20 + 8;
/// The offsets of the summary's groups take a few hundred bytes.
const MAX_OFFSETS_BYTES: u64 = 4_096;
/// Op code, length and the fields of the statistics before the counts of the channels.
const STATISTICS_BYTES: u64 = 9 + 8 + 2 + 4 * 4 + 8 + 8;

/// What the ends of a file say.
#[derive(Default)]
pub(super) struct Glance {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    pub(super) n_packets: Option<u64>,
    pub(super) is_simulated: bool,
    pub(super) is_closed: bool,
}

/// Whether a file begins as a recording or a capture does; one that cannot be read is told when it is opened.
pub(super) fn is_recording(path: &Path) -> bool {
    let mut start = Vec::new();
    let length = mcap::MAGIC.len() as u64;
    let read = File::open(path).and_then(|file| file.take(length).read_to_end(&mut start));
    match read {
        Ok(0) => false,
        Ok(_) => mcap::MAGIC.starts_with(&start) || matches!(sniff(path), Ok(Some(_))),
        Err(_) => true,
    }
}

/// Looks at the file's ends; a file that was not closed is walked from chunk to chunk.
pub(super) fn peek(path: &Path, length: u64) -> io::Result<Glance> {
    let mut glance = Glance::default();
    let mut walker = Walker::new(File::open(path)?, length, 0)?;
    if let Some(statistics) = statistics(path, length)? {
        glance.is_closed = true;
        glance.n_packets = Some(statistics.n_messages);
        if statistics.n_messages > 0 {
            (glance.from, glance.to) = (moment(statistics.from), moment(statistics.to));
        }
    }
    while let Some(step) = walker.next()? {
        match step {
            Step::Chunk(_) if glance.is_closed => break,
            Step::Chunk(chunk) => {
                glance.from = glance.from.or(moment(chunk.from));
                glance.to = moment(chunk.to).max(glance.to);
            }
            Step::Metadata(name, map) if name == RECORDING_METADATA => {
                glance.is_simulated = map.get("simulated").is_some_and(|value| value == "true");
            }
            Step::Closed => glance.is_closed = true,
            Step::Metadata(..)
            | Step::Profile(_)
            | Step::Index(_)
            | Step::Attached(_)
            | Step::Broken { .. }
            | Step::Cut { .. } => {}
        }
    }
    Ok(glance)
}

/// What the statistics record says.
struct Statistics {
    n_messages: u64,
    from: u64,
    to: u64,
}

/// The statistics of the summary; `None` when the file was not closed or has none.
fn statistics(path: &Path, length: u64) -> io::Result<Option<Statistics>> {
    let mut file = File::open(path)?;
    let Some(footer_offset) = length.checked_sub(END_BYTES) else { return Ok(None) };
    let footer = read_at(&mut file, footer_offset, END_BYTES)?;
    if !footer.ends_with(mcap::MAGIC) {
        return Ok(None);
    }
    let Some(offsets_start) = offsets_start(&footer) else { return Ok(None) };
    let Some(offsets_length) = footer_offset.checked_sub(offsets_start) else { return Ok(None) };
    if offsets_start == 0 || offsets_length > MAX_OFFSETS_BYTES {
        return Ok(None);
    }
    let offsets = read_at(&mut file, offsets_start, offsets_length)?;
    let Some(start) = statistics_start(&offsets) else { return Ok(None) };
    if start.checked_add(STATISTICS_BYTES).is_none_or(|end| end > length) {
        return Ok(None);
    }
    let record = read_at(&mut file, start, STATISTICS_BYTES)?;
    Ok(parse_statistics(&record))
}

fn offsets_start(footer: &[u8]) -> Option<u64> {
    let mut fields = Fields::of(footer);
    let is_footer = fields.u8()? == op::FOOTER && fields.u64()? == 20;
    let _summary_start = fields.u64()?;
    let start = fields.u64()?;
    is_footer.then_some(start)
}

fn statistics_start(offsets: &[u8]) -> Option<u64> {
    let mut fields = Fields::of(offsets);
    loop {
        let (_code, length) = (fields.u8()?, fields.u64()?);
        let mut content = Fields::of(fields.bytes(usize::try_from(length).ok()?)?);
        if content.u8()? == op::STATISTICS {
            return content.u64();
        }
    }
}

fn parse_statistics(record: &[u8]) -> Option<Statistics> {
    let mut fields = Fields::of(record);
    let is_statistics = fields.u8()? == op::STATISTICS;
    let _length = fields.u64()?;
    let n_messages = fields.u64()?;
    fields.bytes(2 + 4 * 4)?;
    let (from, to) = (fields.u64()?, fields.u64()?);
    is_statistics.then_some(Statistics { n_messages, from, to })
}

fn moment(nanos: u64) -> Option<Timestamp> {
    i64::try_from(nanos).ok().map(Timestamp::from_nanos)
}

fn read_at(file: &mut File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}
