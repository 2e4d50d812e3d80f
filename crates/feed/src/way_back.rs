//! The way from HTTP polling back to the WebSocket: both are heard side by side until no trade can be missing between.
//!
//! ```text
//! trying ──data──▶ beside each other ──a while──▶ the last trades by HTTP ──all told──▶ the WebSocket alone
//! ```

use std::future::{Future, pending};
use std::pin::Pin;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::fault::Fault;
use crate::patience::Patience;
use crate::polling::Polling;
use crate::trial::{Means, Trial, attempt};

type Attempt = Pin<Box<dyn Future<Output = Result<Trial, Fault>> + Send>>;

/// An attempt at the WebSocket, and how far it has come.
pub(crate) struct WayBack {
    attempt: Attempt,
    carries: oneshot::Receiver<()>,
    alone: Option<oneshot::Sender<()>>,
    stretch: Stretch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stretch {
    /// Nothing has come on it.
    Trying,
    /// It carries data; the polls go on until then.
    Beside(Instant),
    /// The last trades are polled, until then at most.
    Last(Instant),
    /// The polls have ended.
    Alone,
}

impl WayBack {
    /// Begins an attempt; `means` makes what it needs.
    pub(crate) fn begin(
        means: impl FnOnce(oneshot::Sender<()>, oneshot::Receiver<()>) -> Means,
    ) -> Self {
        let (carries_sender, carries) = oneshot::channel();
        let (alone, alone_receiver) = oneshot::channel();
        let attempt = Box::pin(attempt(means(carries_sender, alone_receiver)));
        Self { attempt, carries, alone: Some(alone), stretch: Stretch::Trying }
    }

    /// Goes on to what is due.
    pub(crate) fn go_on(&mut self, polling: &mut Polling, (patience, now): (&Patience, Instant)) {
        if let Stretch::Beside(until) = self.stretch
            && until <= now
        {
            polling.end();
            self.stretch = Stretch::Last(now + patience.last_polls);
        }
        if let Stretch::Last(until) = self.stretch
            && (until <= now || polling.has_ended())
        {
            self.leave();
        }
    }

    /// Leaves the polls.
    pub(crate) fn leave(&mut self) {
        self.stretch = Stretch::Alone;
        if let Some(alone) = self.alone.take()
            && alone.send(()).is_err()
        {
            tracing::debug!("the attempt at the WebSocket has ended by itself");
        }
    }

    /// When something is due next by time alone.
    pub(crate) const fn wake_at(&self) -> Option<Instant> {
        match self.stretch {
            Stretch::Beside(until) | Stretch::Last(until) => Some(until),
            Stretch::Trying | Stretch::Alone => None,
        }
    }

    /// Whether data have come on the WebSocket.
    pub(crate) fn carries(&self) -> bool {
        self.stretch != Stretch::Trying
    }

    /// Its end: the WebSocket, or why there is none; `None` when only its first data have come.
    async fn happening(&mut self, patience: &Patience) -> Option<Result<Trial, Fault>> {
        tokio::select! {
            biased;
            tried = &mut self.attempt => Some(tried),
            _ = &mut self.carries, if self.stretch == Stretch::Trying => {
                self.stretch = Stretch::Beside(Instant::now() + patience.overlap);
                None
            }
        }
    }
}

/// What becomes of the attempt that is under way; never, when there is none.
pub(crate) async fn happening(
    way_back: &mut Option<WayBack>,
    patience: Patience,
) -> Option<Result<Trial, Fault>> {
    match way_back {
        Some(way_back) => way_back.happening(&patience).await,
        None => pending().await,
    }
}
