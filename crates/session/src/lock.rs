//! One directory, one program that writes recordings into it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

/// The name of the lock file. It stays; the lock on it goes with the program, however that ends.
const LOCK_NAME: &str = ".recording.lock";

/// The right to write into a directory, while this lives.
#[derive(Debug)]
pub(crate) struct DirectoryLock {
    _file: Option<File>,
}

/// Why the right was not given.
pub(crate) enum Refused {
    /// Another recorder writes there.
    Held,
    /// The lock file could not be made: the directory cannot be written.
    Io(io::Error),
}

impl DirectoryLock {
    /// Takes the right to write into `directory`, without waiting.
    pub(crate) fn take(directory: &Path) -> Result<Self, Refused> {
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join(LOCK_NAME))
            .map_err(Refused::Io)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(Refused::Held),
            // A file system without locks: recording matters more.
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, directory = %directory.display(), "no lock can be held");
                Ok(Self { _file: None })
            }
        }
    }
}

/// Whether a file is being written by a recorder of this or another program.
pub fn is_being_written(path: &Path) -> bool {
    match File::open(path) {
        Ok(_) if !cfg!(unix) => false,
        Ok(file) => matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)),
        Err(_) => false,
    }
}
