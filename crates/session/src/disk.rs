//! The disk as the recorder sees it: a seam, so that a test can let any call fail.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// Where recordings are written.
pub trait Disk: Send {
    /// Creates a file that does not exist yet; an existing one is never opened.
    fn create(&mut self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
    /// Makes the names in a directory survive a power cut.
    fn sync_directory(&mut self, directory: &Path) -> io::Result<()>;
    /// Removes a file that holds nothing.
    fn remove(&mut self, path: &Path) -> io::Result<()>;
    /// Bytes that this user may still write there.
    fn free_bytes(&mut self, directory: &Path) -> io::Result<u64>;
}

/// One file being written, at its end only.
pub trait DiskFile: Send {
    /// Writes all bytes at the end. After an error any part of them may have been written.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Makes all that was appended survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file to its first `length` bytes.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

/// The disk of this computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn create(&mut self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().append(true).create_new(true).open(path)?;
        // Tells the library, ours and another program's, that this file is being written. Where locks are not known
        // (some network disks) the recording matters more.
        // Locks of Windows keep readers out as well: there, only the owner knows what is being written.
        if cfg!(unix)
            && let Err(error) = file.try_lock()
        {
            tracing::warn!(%error, "the recording could not be locked");
        }
        Ok(Box::new(LocalFile { file }))
    }

    fn sync_directory(&mut self, directory: &Path) -> io::Result<()> {
        // Only Unix can open a directory as a file; elsewhere the file system sees to it.
        if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn free_bytes(&mut self, directory: &Path) -> io::Result<u64> {
        Ok(space(directory)?.free)
    }
}

struct LocalFile {
    file: File,
}

impl DiskFile for LocalFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }
}

/// The room on a disk, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Space {
    /// The whole disk.
    pub(crate) total: u64,
    /// What this user may still write.
    pub(crate) free: u64,
}

/// The room on the disk that holds `directory`.
#[cfg(unix)]
pub(crate) fn space(directory: &Path) -> io::Result<Space> {
    let stat = rustix::fs::statvfs(directory)?;
    Ok(Space {
        total: stat.f_blocks.saturating_mul(stat.f_frsize),
        free: stat.f_bavail.saturating_mul(stat.f_frsize),
    })
}

/// The room on the disk that holds `directory`: not known here, so that nothing is stopped for want of it.
#[cfg(not(unix))]
pub(crate) fn space(_directory: &Path) -> io::Result<Space> {
    Ok(Space { total: u64::MAX, free: u64::MAX })
}
