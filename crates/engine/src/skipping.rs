//! Whether gaps are skipped while something plays: one choice for every player, which the host keeps.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// What was chosen before, and how a host keeps what is chosen now.
#[derive(Clone, Copy, Debug)]
pub struct SkipChoice {
    /// Whether gaps are skipped.
    pub is_on: bool,
    /// Keeps it where the next start finds it; may take long. Where that cannot be, a sentence says so.
    pub keep: fn(bool) -> Result<(), String>,
}

impl Default for SkipChoice {
    /// Gaps are skipped, and no choice is kept.
    fn default() -> Self {
        Self { is_on: true, keep: |_| Ok(()) }
    }
}

/// The choice as the run loop has it.
#[derive(Debug)]
pub(crate) struct Skipping {
    is_on: Arc<AtomicBool>,
    keep: fn(bool) -> Result<(), String>,
    /// Taken while it is being kept, so that what is kept last is what was chosen last.
    keeping: Arc<Mutex<()>>,
    tasks: JoinSet<()>,
}

impl Skipping {
    /// As it was chosen before.
    pub(crate) fn new(choice: SkipChoice) -> Self {
        let SkipChoice { is_on, keep } = choice;
        let is_on = Arc::new(AtomicBool::new(is_on));
        Self { is_on, keep, keeping: Arc::default(), tasks: JoinSet::new() }
    }

    /// Whether gaps are skipped.
    pub(crate) fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// Chooses, and keeps it off the loop; `told` hears when it cannot be kept.
    pub(crate) fn choose(&mut self, is_on: bool, told: mpsc::Sender<String>) {
        while self.tasks.try_join_next().is_some() {}
        self.is_on.store(is_on, Ordering::Relaxed);
        let (newest, keep, keeping) =
            (Arc::clone(&self.is_on), self.keep, Arc::clone(&self.keeping));
        self.tasks.spawn_blocking(move || {
            let _one = keeping.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(sentence) = keep(newest.load(Ordering::Relaxed)) {
                tracing::warn!("{sentence}");
                // Something else is being told: the log has it.
                told.try_send(sentence).unwrap_or_default();
            }
        });
    }

    /// Waits until it is kept.
    pub(crate) async fn close(mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}
