//! Why a book is not right.

use serde::{Deserialize, Serialize};

/// Why a book cannot be called right any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// The link is closed.
    LinkDown,
    /// The link says nothing, not even that it is alive.
    Silent,
    /// An update is missing.
    Gap,
    /// The checksum differs from the venue's.
    Checksum,
    /// The best bid is as high as the best ask or higher.
    Crossed,
    /// The venue says nothing of the book, though trades or best prices go on, or though it always says something.
    BookSilent,
    /// Nobody listened: one session had ended, and the next had not begun.
    NotHeard,
    /// The recording lacks what was heard: recording was off, or the disk could not keep up. No fault of the venue.
    NotRecorded,
}
