//! The recorder: what the market hears goes onto the disk, and the market never waits for it.
//!
//! ```text
//!              first packet or roll            hour over: wants_roll
//!   Idle ───────────────────────────► Writing ───────────► roll ──┐
//!                                      │   ▲ └────────────────────┘
//!         disk full, EIO, failing sync │   │ roll(preface)
//!                                      ▼   │
//!                                   Waiting ──► Ready (wants_roll)
//!                                     back-off
//! ```

mod open;
mod words;
mod worker;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use market::{Packet, Timestamp};

use crate::disk::{Disk, LocalDisk};
use crate::keyframe::{Block, Keyframe, MadeKeyframe};
use crate::lock::{DirectoryLock, Refused};
use crate::missed::Missed;
use crate::part::Parts;
use crate::queue::{Job, Queue};
use crate::recording::Recording;
use crate::tape::FileHeader;
use crate::written::Written;

/// Recording stops below so much free disk.
pub const MIN_FREE_BYTES: u64 = 500_000_000;

/// A recording goes on in a new file after so long, by the packets' clock.
pub const PART_NANOS: i64 = 3_600_000_000_000;

/// Where a recording goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A new session in a directory, which is made when it is not there and then locked:
    /// `20261124T033212Z_binance_BTCUSDT_p001.mcap`, then `_p002` and so on.
    Directory {
        /// The directory.
        directory: PathBuf,
        /// When the session began: the time in the names.
        started_at: Timestamp,
        /// What the session is of, such as `binance_BTCUSDT`.
        name: String,
    },
    /// A file that does not exist yet; later parts lie beside it (`tape.mcap`, `tape_p002.mcap`).
    File(PathBuf),
}

/// How to record.
pub struct RecorderConfig {
    /// Where to.
    pub target: Target,
    /// What each file says about itself.
    pub header: FileHeader,
    /// Recording stops below so much free disk.
    pub min_free_bytes: u64,
    /// A roll is wanted after so long, by the packets' clock.
    pub part_nanos: i64,
    /// The disk.
    pub disk: Box<dyn Disk>,
    /// The session that was recorded before and is gone on with: its next part is written, and says what is missing
    /// before it. `None` begins one.
    pub continued: Option<Continued>,
}

/// A session whose recording was switched off, and what was heard of it since.
#[derive(Clone, Debug, Default)]
pub struct Continued {
    /// Its last file; `None`: it had none yet.
    pub last: Option<PathBuf>,
    /// What no file holds.
    pub missed: Missed,
    /// Bytes of its files.
    pub bytes: u64,
    /// Packets of it that could not be kept.
    pub lost: u64,
}

/// What a recorder leaves behind.
pub struct Finished {
    /// What it has written, oldest first.
    pub written: Vec<Arc<Recording>>,
    /// What whoever goes on with the session must know.
    pub continued: Continued,
}

impl RecorderConfig {
    /// The usual: this computer's disk, a part an hour, 500 MB left free.
    pub fn new(target: Target, header: FileHeader) -> Self {
        Self {
            target,
            header,
            min_free_bytes: MIN_FREE_BYTES,
            part_nanos: PART_NANOS,
            disk: Box::new(LocalDisk),
            continued: None,
        }
    }
}

/// Why recording did not begin.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// Another recorder writes into the directory.
    #[error(
        "Another Tapedeck is recording into {directory}. This one does not record; close the other, or choose another \
         directory.",
        directory = directory.display()
    )]
    Locked {
        /// The directory.
        directory: PathBuf,
    },
    /// The file is there already.
    #[error(
        "{path} is there already, and a recording is never written over. Choose another name.",
        path = path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{path} cannot be written: {source}", path = path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the file system says.
        source: io::Error,
    },
}

/// How the recorder fares; cheap to ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecorderReport {
    /// Whether packets are being written. False while the disk is full or failing, and after the end.
    pub is_on: bool,
    /// The file being written, or the last one.
    pub path: Option<PathBuf>,
    /// Bytes on the disk, all parts of this session together.
    pub bytes: u64,
    /// Packets of this session that were heard and could not be kept.
    pub lost: u64,
    /// One sentence when something is wrong.
    pub sentence: Option<String>,
    /// Free bytes on the disk, as last looked.
    pub disk_free_bytes: Option<u64>,
    /// The owner is asked to call [`Recorder::roll`]: an hour is over, or recording can go on after a fault.
    pub wants_roll: bool,
}

/// Writes packets to the disk on a thread of its own.
///
/// Dropping it closes the file properly, also while a panic unwinds.
pub struct Recorder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// What the owner and the thread share.
#[derive(Default)]
struct Shared {
    queue: Queue,
    told: Mutex<Told>,
    n_keyframes_dropped: AtomicU64,
    written: Mutex<Written>,
}

/// What the thread tells the owner.
#[derive(Default)]
struct Told {
    report: RecorderReport,
    /// Rolls that were handed over and not yet handled: no further one is wanted meanwhile.
    n_rolls_pending: u32,
    /// What no file holds at the end.
    missed: Missed,
}

impl Shared {
    fn with_told<T>(&self, work: impl FnOnce(&mut Told) -> T) -> T {
        work(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn with_written<T>(&self, work: impl FnOnce(&mut Written) -> T) -> T {
        work(&mut self.written.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Recorder {
    /// Takes the target and starts the thread. The first file is made with the first packet or roll.
    pub fn start(config: RecorderConfig) -> Result<Self, RecordError> {
        let last = config.continued.as_ref().and_then(|before| before.last.as_deref());
        let (parts, lock) = claim(&config.target, last)?;
        let shared = Arc::new(Shared::default());
        shared.with_told(|told| {
            told.report.is_on = true;
            told.report.path = last.map(Path::to_owned);
        });
        let worker = worker::Worker::new(config, parts, Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || {
                let lock = lock;
                worker.run();
                drop(lock);
            })
            .map_err(|source| RecordError::Io {
                path: PathBuf::from("the recorder's thread"),
                source,
            })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Hands a packet to the recorder. Never waits: a packet that finds no room is counted as lost and remarked.
    pub fn record(&self, packet: Packet) {
        self.shared.queue.push(packet);
    }

    /// Closes the file and begins the next with `preface`: instruments, subscriptions and images of the running books
    /// after the last packet handed over, so that the new file replays alone.
    pub fn roll(&self, preface: Vec<Packet>) {
        self.shared.with_told(|told| {
            told.report.wants_roll = false;
            told.n_rolls_pending += 1;
        });
        self.shared.queue.push_order(Job::Roll(preface));
    }

    /// The session hears other addresses than at its start: files that are begun from now on say so.
    pub fn set_endpoints(&self, endpoints: Vec<(String, String)>) {
        self.shared.queue.push_order(Job::Endpoints(endpoints));
    }

    /// Hands over the state after the last packet, with the blocks that are new since the last keyframe. Never waits.
    /// Once packets were lost, keyframes are not written any more: they know of packets that the recording lacks.
    pub fn keyframe(&self, keyframe: Keyframe, blocks: Vec<Block>) {
        self.shared.queue.push_keyframe(keyframe, blocks);
    }

    /// Hands over a keyframe of what is on the disk already. It is dropped when its file is not the one being written
    /// any longer. Never waits.
    pub fn add_keyframe(&self, made: MadeKeyframe) {
        self.shared.queue.push_order(Job::Made(Box::new(made)));
    }

    /// Keyframes of [`add_keyframe`](Self::add_keyframe) that did not get onto the disk, and their blocks neither.
    pub fn n_keyframes_dropped(&self) -> u64 {
        self.shared.n_keyframes_dropped.load(Ordering::Relaxed)
    }

    /// How it fares.
    pub fn report(&self) -> RecorderReport {
        self.shared.with_told(|told| told.report.clone())
    }

    /// The parts of this session as they lie on the disk now, oldest first: what can be read while it goes on.
    pub fn written(&self) -> Vec<Arc<Recording>> {
        self.shared.with_written(Written::recordings)
    }

    /// `received_at` of the last packet on the disk: all that was handed over with an earlier stamp is there.
    pub fn written_to(&self) -> Option<Timestamp> {
        self.shared.with_written(|written| written.to())
    }

    /// Writes what waits, closes the file and ends the thread.
    pub fn finish(mut self) -> RecorderReport {
        self.end();
        self.report()
    }

    /// The same: what it has written in all, and what it could not.
    pub fn finish_written(mut self) -> Finished {
        self.end();
        let continued = self.shared.with_told(|told| Continued {
            last: told.report.path.clone(),
            missed: std::mem::take(&mut told.missed),
            bytes: told.report.bytes,
            lost: told.report.lost,
        });
        Finished { written: self.written(), continued }
    }

    fn end(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.shared.queue.push_order(Job::Finish);
        if thread.join().is_err() {
            tracing::error!(
                "the recorder's thread has panicked; the recording plays up to its last whole chunk"
            );
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.end();
    }
}

/// Makes sure that the target is ours to write; `last` is the last file of the session that is gone on with.
fn claim(
    target: &Target,
    last: Option<&Path>,
) -> Result<(Parts, Option<DirectoryLock>), RecordError> {
    match target {
        Target::Directory { directory, started_at, name } => {
            let refuse = |source| RecordError::Io { path: directory.clone(), source };
            std::fs::create_dir_all(directory).map_err(refuse)?;
            let lock = DirectoryLock::take(directory).map_err(|refused| match refused {
                Refused::Held => RecordError::Locked { directory: directory.clone() },
                Refused::Io(source) => refuse(source),
            })?;
            let parts = match last {
                Some(last) => Parts::behind(last),
                None => Parts::of_session(directory, *started_at, name),
            };
            Ok((parts, Some(lock)))
        }
        Target::File(path) => match last {
            Some(last) => Ok((Parts::behind(last), None)),
            None => {
                claim_file(path)?;
                Ok((Parts::of_file(path), None))
            }
        },
    }
}

fn claim_file(path: &Path) -> Result<(), RecordError> {
    if path.exists() {
        return Err(RecordError::Exists { path: path.to_owned() });
    }
    // Half-written copies have such names, and are cleaned away: a recording is not to be taken for one.
    if path.as_os_str().as_encoded_bytes().ends_with(b".mcap.part") {
        let source = io::Error::new(
            io::ErrorKind::InvalidInput,
            "a name that ends in .mcap.part is that of an unfinished copy; leave out the .part",
        );
        return Err(RecordError::Io { path: path.to_owned(), source });
    }
    let parts = Parts::of_file(path);
    let directory = parts.directory();
    match std::fs::metadata(&directory) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(io::Error::from(io::ErrorKind::NotADirectory)),
        Err(source) => Err(source),
    }
    .map_err(|source| RecordError::Io { path: directory, source })
}
