//! The recorded frames, each when its time has come.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, Utf8Bytes};
use market::Body;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::reel::Reel;
use super::source::Source;

/// Frames that are read ahead.
const N_READ_AHEAD: usize = 1_024;

/// When the recording began to run, and how fast it runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// The moment of the first frame.
    pub began_at: Instant,
    /// 2 is twice as fast as it was recorded.
    pub speed: f64,
}

impl Run {
    /// When a place of the recording is reached.
    pub fn due(&self, place: Duration) -> Instant {
        let wait = Duration::try_from_secs_f64(place.as_secs_f64() / self.speed);
        // A century away is as good as never.
        let wait = wait.unwrap_or(Duration::MAX).min(Duration::from_secs(3_155_760_000));
        self.began_at + wait
    }

    /// Whether a place is reached.
    pub fn has_reached(&self, place: Duration) -> bool {
        self.due(place) <= Instant::now()
    }
}

/// The frames of one client.
pub(super) struct Player {
    run: Run,
    frames: mpsc::Receiver<(Duration, Message)>,
    next: Option<(Duration, Message)>,
}

impl Player {
    /// Starts from the first frame.
    pub fn start(source: &Arc<Source>, reel: &Arc<Reel>, run: Run) -> Self {
        let (sender, frames) = mpsc::channel(N_READ_AHEAD);
        let (source, reel) = (Arc::clone(source), Arc::clone(reel));
        // It ends with the file, or when nobody hears it any more.
        drop(tokio::task::spawn_blocking(move || read(&source, &reel, &sender)));
        Self { run, frames, next: None }
    }

    /// Waits until the next frame is due; `None` after the last. Nothing is lost when it is not awaited to its end.
    pub async fn next(&mut self) -> Option<Message> {
        if self.next.is_none() {
            self.next = self.frames.recv().await;
        }
        let (place, _) = self.next.as_ref()?;
        tokio::time::sleep_until(self.run.due(*place)).await;
        self.next.take().map(|(_, message)| message)
    }
}

fn read(source: &Source, reel: &Reel, frames: &mpsc::Sender<(Duration, Message)>) {
    let heard = source.packets().filter(|heard| heard.packet.venue == reel.venue);
    for heard in heard {
        let message = match heard.packet.body {
            Body::Text(frame) => {
                if reel.is_bare_snapshot(heard.part, heard.packet.link, &frame) {
                    continue;
                }
                match Utf8Bytes::try_from(frame) {
                    Ok(text) => Message::Text(text),
                    Err(_) => {
                        tracing::warn!("a recorded frame is no text; it is not served");
                        continue;
                    }
                }
            }
            Body::Binary(frame) => Message::Binary(frame),
            Body::Opened(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Requested(_)
            | Body::Answered(_)
            | Body::Closed(_)
            | Body::Derived(_)
            | Body::Remark(_) => continue,
        };
        let place = reel.place(heard.packet.received_at);
        if frames.blocking_send((place, message)).is_err() {
            return;
        }
    }
}
