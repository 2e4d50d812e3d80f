//! The deck: one session on the screen, live or recorded, and the screens that look at it. Hosts hold a [`Deck`] and
//! speak to its run loop; they never touch what it keeps.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::live::{LiveConfig, LoginTools};
use crate::run::RunLoop;
use crate::screens::ScreenId;
use crate::shelf::ShelfTools;
use crate::skipping::SkipChoice;
use crate::wire::{Command, Older, Reply, Status};

/// Questions of screens that wait for the run loop: each screen has one or two under way.
const QUESTIONS_QUEUED: usize = 256;

/// What a deck begins with.
#[derive(Clone, Debug)]
pub struct DeckConfig {
    /// The live session; started at once, or when the recording is closed. `None`: there is none.
    pub live: Option<LiveConfig>,
    /// Recordings to show first: one, or several that play in step.
    pub recordings: Vec<PathBuf>,
    /// Folders whose recordings are listed.
    pub folders: Vec<PathBuf>,
    /// What the program says about itself.
    pub about: About,
    /// Sentences for the user from before the start.
    pub notices: Vec<String>,
    /// Asked now and then for trouble of the program itself: the last panic, once.
    pub take_trouble: fn() -> Option<String>,
    /// What the host does for the list of recordings.
    pub shelf: ShelfTools,
    /// What the host does with logins at proxies.
    pub logins: LoginTools,
    /// Whether gaps are skipped, and how the host keeps it.
    pub skip_gaps: SkipChoice,
}

/// What the program says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// Its version.
    pub version: String,
    /// The commit it was built from, or empty.
    pub commit: String,
    /// Where the log is.
    pub log_path: String,
    /// Where recordings are.
    pub recordings_path: String,
}

/// What a host says to the run loop.
pub(crate) enum Question {
    /// A new screen.
    Open(oneshot::Sender<(ScreenId, watch::Receiver<Arc<Status>>)>),
    /// A screen is gone.
    Close(ScreenId),
    /// The next frame after `acked`.
    NextFrame { screen: ScreenId, acked: u64, answer: oneshot::Sender<Vec<u8>> },
    /// A command.
    Command { screen: ScreenId, command: Command, answer: oneshot::Sender<Result<Reply, String>> },
    /// A look further back than frames reach.
    LookBack { screen: ScreenId, older: Older, answer: oneshot::Sender<Result<Vec<u8>, String>> },
}

/// The handle of a running deck; cheap to clone.
#[derive(Clone, Debug)]
pub struct Deck {
    questions: mpsc::Sender<Question>,
    shutdown: CancellationToken,
}

/// Waits for the end of a deck's run loop.
#[derive(Debug)]
pub struct DeckTask(JoinHandle<()>);

impl Deck {
    /// Starts the run loop on the current tokio runtime.
    pub fn start(config: DeckConfig) -> (Self, DeckTask) {
        let (questions, receiver) = mpsc::channel(QUESTIONS_QUEUED);
        let shutdown = CancellationToken::new();
        let run_loop = RunLoop::new(config, receiver, shutdown.clone());
        let task = tokio::spawn(run_loop.run());
        (Self { questions, shutdown }, DeckTask(task))
    }

    /// Opens a screen. `None` when the deck has stopped.
    pub async fn open_screen(&self) -> Option<(ScreenId, watch::Receiver<Arc<Status>>)> {
        self.ask(Question::Open).await
    }

    /// Closes a screen.
    pub async fn close_screen(&self, screen: ScreenId) {
        if self.questions.send(Question::Close(screen)).await.is_err() {
            tracing::debug!("a screen closed after the deck");
        }
    }

    /// The frame after `acked` (0: a whole one); waits until there is one. `None` when the screen or the deck is gone.
    pub async fn next_frame(&self, screen: ScreenId, acked: u64) -> Option<Vec<u8>> {
        self.ask(|answer| Question::NextFrame { screen, acked, answer }).await
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// A sentence for the user, when it cannot be done.
    pub async fn command(&self, screen: ScreenId, command: Command) -> Result<Reply, String> {
        let answer = self.ask(|answer| Question::Command { screen, command, answer }).await;
        answer.unwrap_or_else(|| Err(self.end_sentence().to_owned()))
    }

    /// What was heard in a span of the past, further back than frames reach; see `docs/frame.md`. A later look of the
    /// same kind supersedes one that is under way.
    ///
    /// # Errors
    /// A sentence, when it cannot be told, or not yet.
    pub async fn look_back(&self, screen: ScreenId, older: Older) -> Result<Vec<u8>, String> {
        let answer = self.ask(|answer| Question::LookBack { screen, older, answer }).await;
        answer.unwrap_or_else(|| Err(self.end_sentence().to_owned()))
    }

    /// Asks the run loop to stop: links are closed, and the recording with them.
    pub fn shut_down(&self) {
        self.shutdown.cancel();
    }

    /// Waits until the run loop has ended, whether it was asked to or a part of it failed.
    pub async fn ended(&self) {
        self.questions.closed().await;
    }

    /// Whether the run loop has ended.
    pub fn has_ended(&self) -> bool {
        self.questions.is_closed()
    }

    /// Whether it was asked to.
    pub fn is_closing(&self) -> bool {
        self.shutdown.is_cancelled()
    }

    /// Why nothing is answered once the run loop has ended.
    pub fn end_sentence(&self) -> &'static str {
        if self.is_closing() {
            "Tapedeck is closing."
        } else {
            "A part of Tapedeck failed, and this session has ended. Its recording is closed; the log tells more. Please \
             start Tapedeck again."
        }
    }

    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Question) -> Option<T> {
        let (answer, receiver) = oneshot::channel();
        self.questions.send(question(answer)).await.ok()?;
        receiver.await.ok()
    }
}

impl DeckTask {
    /// Waits until all is closed.
    pub async fn stopped(self) {
        if let Err(error) = self.0.await {
            tracing::error!(%error, "the run loop did not end well");
        }
    }
}
