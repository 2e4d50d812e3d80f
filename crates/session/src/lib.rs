//! What we kept: packets recorded to a file and played back.
//!
//! This room stores bytes that it does not understand. A [`Recorder`] writes packets into MCAP on a thread of its own
//! and never makes the market wait; [`open`] reads a recording, or a capture of another program, by a bounded walk that
//! checks before it believes. The format is written down in `docs/recording.md`.

mod ahead;
mod bookmarks;
mod buffer;
mod bulk;
mod cache;
mod capture;
mod chunks;
mod damage;
mod disk;
mod index;
mod info;
mod keyframe;
mod library;
mod lock;
mod message;
mod missed;
mod part;
mod queue;
mod recorder;
mod recording;
mod remark;
mod tape;
mod walk;
mod written;

pub use ahead::{Ahead, ahead};
pub use bookmarks::{Bookmark, BookmarkError};
pub use bulk::{BulkItem, BulkOptions, BulkReport, write_all, write_items};
pub use cache::Cache;
pub use chunks::Chunks;
pub use damage::{Damage, DamageKind, OpenError, ReadError};
pub use disk::{Disk, DiskFile, LocalDisk};
pub use info::{ChunkSpan, Format, Info, LinkInfo};
pub use keyframe::{
    Block, Doubts, KeptTogether, Keyframe, KeyframeEntry, KeyframeFile, MadeKeyframe,
};
pub use library::{
    AlongError, Deletions, Library, LibraryError, Mark, Replacement, Shelved, beside,
    copy_bookmarks, default_cap, drop_bookmarks,
};
pub use lock::is_being_written;
pub use missed::Missed;
pub use part::{parts_among, parts_of, session_of};
pub use recorder::{
    Continued, Finished, RecordError, Recorder, RecorderConfig, RecorderReport, Target,
};
pub use recording::{Packets, Recording, open};
pub use remark::{Lost, Remark, WhoseLost, WhyLost};
pub use tape::FileHeader;
