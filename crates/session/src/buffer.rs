//! What the `mcap` crate writes into, before it goes to the disk a chunk at a time.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// Memory between the crate and the disk: what was written since the last append, and where that lies in the file.
#[derive(Clone, Default)]
pub(crate) struct Buffer {
    state: Arc<Mutex<BufferState>>,
}

#[derive(Default)]
struct BufferState {
    start: u64,
    bytes: Vec<u8>,
}

impl Buffer {
    fn with<T>(&self, work: impl FnOnce(&mut BufferState) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Where in the file the next byte lies.
    pub(crate) fn position(&self) -> u64 {
        self.with(|state| state.start + state.bytes.len() as u64)
    }

    /// Takes what was not yet handed to the disk; on failure it is gone, as the file is.
    pub(crate) fn unwritten(&self) -> Vec<u8> {
        self.with(|state| std::mem::take(&mut state.bytes))
    }

    /// So many bytes are on the disk.
    pub(crate) fn clear(&self, n_bytes: usize) {
        self.with(|state| state.start += n_bytes as u64);
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.with(|state| state.bytes.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Buffer {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match to {
            SeekFrom::Current(0) | SeekFrom::End(0) => Ok(self.position()),
            SeekFrom::Start(offset) if offset == self.position() => Ok(offset),
            SeekFrom::Start(_) | SeekFrom::Current(_) | SeekFrom::End(_) => Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a recording is written at its end only",
            )),
        }
    }
}
