//! The lines of a capture, plain or packed with zstd or gzip: told by its first bytes, never by its name.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// A longer line is passed over.
pub(crate) const MAX_LINE_BYTES: usize = 64 << 20;

/// A file that has unpacked to so much ...
const RATIO_FROM_BYTES: u64 = 256 << 20;
/// ... and to more than so many times its size is a bomb; market data shrink to a twentieth.
const MAX_RATIO: u64 = 200;

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The lines of one file.
pub(crate) struct Lines {
    reader: Box<dyn BufRead + Send>,
    line: Vec<u8>,
    number: u64,
    offset: u64,
    next_offset: u64,
    max_bytes: u64,
    is_inside_line: bool,
}

/// What the file holds next.
pub(crate) enum Next {
    /// A line; its text is in [`Lines::line`]. `is_ended`: a line feed stands behind it.
    Line { is_ended: bool },
    /// A line that is too long to be kept.
    TooLong,
    /// The file unpacks to absurdly much; it is not read further.
    Bomb,
    /// The end of the file.
    End,
}

impl Lines {
    /// The lines of the file at `path`.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let max_bytes = file.metadata()?.len().saturating_mul(MAX_RATIO).max(RATIO_FROM_BYTES);
        let mut file = BufReader::with_capacity(1 << 16, file);
        let start = file.fill_buf()?;
        let reader: Box<dyn BufRead + Send> = if start.starts_with(&ZSTD_MAGIC) {
            Box::new(BufReader::with_capacity(
                1 << 17,
                zstd::stream::read::Decoder::with_buffer(file)?,
            ))
        } else if start.starts_with(&GZIP_MAGIC) {
            let unpacked = flate2::bufread::MultiGzDecoder::new(file);
            Box::new(BufReader::with_capacity(1 << 17, unpacked))
        } else {
            Box::new(file)
        };
        Ok(Self {
            reader,
            line: Vec::new(),
            number: 0,
            offset: 0,
            next_offset: 0,
            max_bytes,
            is_inside_line: false,
        })
    }

    /// Reads the next line; the rest of one that was too long is passed over first.
    pub(crate) fn advance(&mut self) -> io::Result<Next> {
        if std::mem::take(&mut self.is_inside_line) {
            self.skip_line()?;
        }
        self.line.clear();
        if self.next_offset > self.max_bytes {
            return Ok(Next::Bomb);
        }
        self.offset = self.next_offset;
        self.number += 1;
        let limit = MAX_LINE_BYTES as u64 + 1;
        let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.line)?;
        self.next_offset += read as u64;
        if read == 0 {
            return Ok(Next::End);
        }
        let is_ended = self.line.last() == Some(&b'\n');
        if !is_ended && self.line.len() > MAX_LINE_BYTES {
            self.is_inside_line = true;
            return Ok(Next::TooLong);
        }
        while matches!(self.line.last(), Some(b'\n' | b'\r')) {
            self.line.pop();
        }
        if self.number == 1 && self.line.starts_with(BYTE_ORDER_MARK) {
            self.line.drain(..BYTE_ORDER_MARK.len());
        }
        Ok(Next::Line { is_ended })
    }

    /// The text of the line last read, without its end.
    pub(crate) fn line(&self) -> &[u8] {
        &self.line
    }

    /// The number of the line last read, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Where the line last read begins, in unpacked bytes.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    fn skip_line(&mut self) -> io::Result<()> {
        self.line = Vec::new();
        while self.next_offset <= self.max_bytes {
            let buffer = self.reader.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(buffer.len(), |position| position + 1);
            self.reader.consume(length);
            self.next_offset += length as u64;
            if end.is_some() || length == 0 {
                break;
            }
        }
        Ok(())
    }
}
