//! What can be wrong with a file, in sentences.

use std::fmt;
use std::path::PathBuf;

use market::Timestamp;

/// Where in a file the damage lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DamageKind {
    /// The end is missing: the recording was not closed. All before it is whole.
    Tail,
    /// A stretch between readable packets is lost.
    Middle,
    /// A line of a capture could not be read.
    Line,
}

/// A place in a file that cannot be read. The rest of the file can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where it lies.
    pub kind: DamageKind,
    /// The first byte of it (captures: before compression).
    pub offset: u64,
    /// The line, from 1, when the file has lines.
    pub line: Option<u64>,
    /// `received_at` of the last packet before it.
    pub from: Option<Timestamp>,
    /// `received_at` of the first packet after it.
    pub to: Option<Timestamp>,
    /// One sentence: what is wrong.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "line {line}: {}", self.what),
            None => write!(formatter, "byte {}: {}", self.offset, self.what),
        }
    }
}

/// Why a file cannot be opened at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file system refused.
    #[error("{path} cannot be read: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
    /// There is nothing in it.
    #[error("{path} is empty.", path = path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// It is none of the forms that we read.
    #[error(
        "{path} is not a recording that Tapedeck can read. It reads its own .mcap files, .jsonl captures, collector \
         captures and ladders, also when packed with zstd or gzip.{hint}",
        path = path.display()
    )]
    NotARecording {
        /// The file.
        path: PathBuf,
        /// What was seen, as a sentence with a space before it; or nothing.
        hint: String,
    },
    /// An MCAP of another program.
    #[error(
        "{path} is an MCAP file of another program: it holds no channel of the schema tapedeck.packet.v1.",
        path = path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
}

/// Why a packet could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A place in the file is damaged; the packets after it follow.
    #[error("{0}")]
    Damaged(Damage),
    /// The file system refused; nothing follows.
    #[error("{path} cannot be read further: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the file system says.
        source: std::io::Error,
    },
}
