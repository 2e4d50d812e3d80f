//! Work on the recordings of this machine, off the run loop: listing, reading for figures, proving, cutting, moving.

mod range;
mod work;

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use market::Timestamp;
use session::Library;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use view::Glance;

use crate::clock::wall_now;
use crate::figures::kept::{Kept, stamp};
use crate::figures::read;
use crate::library;
use crate::live::RecordingConfig;
use crate::source::Tape;
use crate::wire::{RecordingWork, Reply, ShelfStatus, ShelfWork};

/// Tasks at once: lists, and the work of users.
const TASKS_MAX: usize = 16;
/// Figures kept in memory where they cannot be kept beside their recordings.
const UNSAVED_MAX: usize = 500;

/// What a host does for the shelf.
#[derive(Clone, Copy, Debug)]
pub struct ShelfTools {
    /// Draws a thumbnail as a PNG.
    pub draw: fn(&Glance) -> Result<Vec<u8>, String>,
    /// Puts files away so that the user can have them back: [`to_trash`].
    pub discard: fn(&[PathBuf]) -> Result<(), String>,
}

/// Puts files into the trash of this user.
///
/// # Errors
/// A sentence, when there is none or it refuses.
pub fn to_trash(files: &[PathBuf]) -> Result<(), String> {
    trash::delete_all(files).map_err(|error| {
        let name = files.first().map(|file| file.display().to_string()).unwrap_or_default();
        format!("{name} could not be put into the trash: {error}.")
    })
}

/// Files that are not to be moved.
#[derive(Clone, Debug, Default)]
pub(crate) struct InUse {
    pub(crate) written: Option<PathBuf>,
    pub(crate) played: Vec<PathBuf>,
    /// Whether they are played as the past of a live session.
    pub(crate) is_rewound: bool,
}

impl InUse {
    /// All of them.
    pub(crate) fn all(&self) -> Vec<PathBuf> {
        self.written.iter().chain(&self.played).cloned().collect()
    }
}

type Answer = oneshot::Sender<Result<Reply, String>>;

/// The shelf as the run loop has it.
pub(crate) struct Shelf {
    keeper: Arc<Keeper>,
    /// The version that was last told.
    told: AtomicU64,
    tasks: JoinSet<()>,
}

/// What its tasks share.
pub(crate) struct Keeper {
    folders: Vec<PathBuf>,
    recording: Option<RecordingConfig>,
    program: String,
    tools: ShelfTools,
    stop: Arc<AtomicBool>,
    version: AtomicU64,
    /// Whether a user's work has changed what lies on the disk, and nobody has looked since.
    has_worked: AtomicBool,
    work: Mutex<Option<ShelfWork>>,
    queue: Mutex<Queue>,
    /// Figures that could not be put beside their recordings.
    unsaved: Mutex<BTreeMap<PathBuf, Kept>>,
}

/// Recordings that are to be read for their figures, one at a time.
#[derive(Default)]
struct Queue {
    paths: VecDeque<PathBuf>,
    is_read: bool,
}

impl Shelf {
    /// A shelf over these folders.
    pub(crate) fn new(
        folders: Vec<PathBuf>,
        recording: Option<RecordingConfig>,
        program: String,
        tools: ShelfTools,
    ) -> Self {
        let keeper = Keeper {
            folders,
            recording,
            program,
            tools,
            stop: Arc::default(),
            version: AtomicU64::new(0),
            has_worked: AtomicBool::new(false),
            work: Mutex::default(),
            queue: Mutex::default(),
            unsaved: Mutex::default(),
        };
        Self { keeper: Arc::new(keeper), told: AtomicU64::new(0), tasks: JoinSet::new() }
    }

    /// What is told of it.
    pub(crate) fn status(&self) -> ShelfStatus {
        let version = self.keeper.version.load(Ordering::Relaxed);
        self.told.store(version, Ordering::Relaxed);
        ShelfStatus { version, work: locked(&self.keeper.work).clone() }
    }

    /// Whether anything is done that screens are to be told of.
    pub(crate) fn is_busy(&mut self) -> bool {
        while self.tasks.try_join_next().is_some() {}
        let version = self.keeper.version.load(Ordering::Relaxed);
        !self.tasks.is_empty() || version != self.told.load(Ordering::Relaxed)
    }

    /// Keeps a recording of this machine's folders from the cap, or lets it go.
    ///
    /// # Errors
    /// A sentence, when it is none of them or the mark cannot be made.
    pub(crate) fn pin(&self, path: &Path, is_pinned: bool) -> Result<(), String> {
        self.keeper.refuse_strangers(path)?;
        library::pin(path, is_pinned)
    }

    /// Whether a user's work may have changed what lies on the disk since this was last asked.
    pub(crate) fn has_worked(&self) -> bool {
        self.keeper.has_worked.swap(false, Ordering::Relaxed)
    }

    /// Lists the recordings, and begins to read those whose figures are not known.
    pub(crate) fn list(&mut self, in_use: InUse, answer: Answer) {
        let keeper = Arc::clone(&self.keeper);
        let now = wall_now();
        self.begin(answer, move |answer| {
            // Nobody waits for it when its screen is gone.
            drop(answer.send(keeper.list(&in_use, now)));
            keeper.read_queue();
        });
    }

    /// Does something with a recording.
    pub(crate) fn take(
        &mut self,
        (path, work): (PathBuf, RecordingWork),
        in_use: InUse,
        answer: Answer,
    ) {
        let keeper = Arc::clone(&self.keeper);
        self.begin(answer, move |answer| {
            let done = keeper.carry_out(&path, &work, &in_use);
            keeper.has_worked.store(true, Ordering::Relaxed);
            keeper.tell();
            drop(answer.send(done));
        });
    }

    /// Waits until nothing is under way; what is read or written ends at once.
    pub(crate) async fn close(mut self) {
        self.keeper.stop.store(true, Ordering::Relaxed);
        while self.tasks.join_next().await.is_some() {}
    }

    fn begin(&mut self, answer: Answer, task: impl FnOnce(Answer) + Send + 'static) {
        while self.tasks.try_join_next().is_some() {}
        if self.tasks.len() < TASKS_MAX {
            self.tasks.spawn_blocking(move || task(answer));
        } else {
            drop(answer.send(Err("Too much is asked at once; try again.".to_owned())));
        }
    }
}

impl Keeper {
    fn list(&self, in_use: &InUse, now: Timestamp) -> Result<Reply, String> {
        for folder in &self.folders {
            match Library::at(folder).sweep(now) {
                Ok(swept) => swept.iter().for_each(|path| {
                    tracing::info!(path = %path.display(), "what was left over beside recordings is gone");
                }),
                Err(error) => tracing::warn!(%error, "what is left over beside recordings stays"),
            }
            self.go_on_trimming(folder, in_use);
        }
        let caps = library::caps(self.recording.as_ref());
        let (recordings, cap) =
            library::list(&self.folders, &caps, &in_use.all(), |path| self.kept(path))?;
        let unread = recordings.iter().filter(|one| one.figures.is_none() && !one.is_open);
        locked(&self.queue).paths = unread.map(|one| PathBuf::from(&one.path)).collect();
        Ok(Reply::Recordings { recordings, cap })
    }

    /// What is known of a recording as it is now.
    fn kept(&self, path: &Path) -> Option<Kept> {
        let unsaved = locked(&self.unsaved).get(path).cloned();
        unsaved.filter(|kept| kept.is_of(path)).or_else(|| Kept::beside(path))
    }

    /// Reads recordings for their figures until none is left; one task does so at a time.
    fn read_queue(&self) {
        if std::mem::replace(&mut locked(&self.queue).is_read, true) {
            return;
        }
        loop {
            let next = {
                let mut queue = locked(&self.queue);
                let next = queue.paths.pop_front().filter(|_| !self.is_stopped());
                queue.is_read = next.is_some();
                next
            };
            let Some(path) = next else { return };
            // What cannot be read is tried again when the list is asked for, and not before.
            if self.kept(&path).is_none() && self.find_figures(&path) {
                self.tell();
            }
        }
    }

    /// Reads a recording and keeps its figures; whether there are any.
    fn find_figures(&self, path: &Path) -> bool {
        let Ok(tape) = Tape::open(&[path.to_owned()], None) else { return false };
        let tape = tape.stopped_by(Arc::clone(&self.stop));
        let Some(kept) = figures_of(&tape, self.tools.draw).filter(|_| !self.is_stopped()) else {
            return false;
        };
        if let Err(error) = kept.save(path) {
            tracing::warn!(%error, path = %path.display(), "figures are kept in memory only");
            let mut unsaved = locked(&self.unsaved);
            if unsaved.len() >= UNSAVED_MAX {
                unsaved.clear();
            }
            unsaved.insert(path.to_owned(), kept);
        }
        true
    }

    fn tell(&self) {
        self.version.fetch_add(1, Ordering::Relaxed);
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

/// Reads a recording for its figures; `None` when its file is gone.
pub(crate) fn figures_of(
    tape: &Tape,
    draw: fn(&Glance) -> Result<Vec<u8>, String>,
) -> Option<Kept> {
    let stamp = stamp(&tape.path())?;
    let mut reading = read(tape);
    match draw(&reading.glance) {
        Ok(png) => reading.figures.thumbnail = BASE64_STANDARD.encode(png),
        Err(sentence) => tracing::warn!("{sentence}"),
    }
    Some(Kept::new(stamp, reading.instruments, reading.figures))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
