//! Going back and forth in time keeps nothing: what is held at a moment is the same after any number of journeys.
//!
//! A program of its own, since it counts what the whole process holds.

use std::alloc::System;
use std::path::PathBuf;

use cap::Cap;
use engine::Deck;
use engine::wire::{Command, StepBy};
use market::Venue;
use proof::stage::deck_config;
use proof::{Eye, Frame, Stage, eventually};
use sim::{Fault, SimVenue};

#[global_allocator]
static HELD: Cap<System> = Cap::new(System, usize::MAX);

/// Journeys; each would leave a whole state behind if one were forgotten.
const N_JOURNEYS: u32 = 40;
/// Room for what lists and queues have taken and not filled. One state of this market takes fifty times as much.
const SLACK_BYTES: usize = 20_000;
/// A live session goes on noting its silence. One state a journey would take a hundred times as much.
const LIVE_SLACK_BYTES: usize = 400_000;
/// How much of a market is recorded.
const RECORDED_MS: f64 = 5_000.0;

async fn recorded() -> (tempfile::TempDir, PathBuf) {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    let first = eye.until_good().await.session_ms();
    eye.until("some time passes", |frame| frame.session_ms() > first + RECORDED_MS).await;
    let (folder, files) = stage.end().await;
    (folder, files[0].clone())
}

/// A screen of a recording, which stands still.
async fn still(path: PathBuf) -> (Deck, engine::DeckTask, Eye) {
    let (deck, task) = Deck::start(deck_config(None, Some(path)));
    let mut eye = Eye::open(&deck).await;
    eye.until("the recording is shown", Frame::is_replay).await;
    eye.command(Command::Pause).await;
    (deck, task, eye)
}

/// Goes to a moment and waits until it is on the screen.
async fn go_to(eye: &mut Eye, at_ms: f64) {
    eye.command(Command::Seek { at_ms }).await;
    eye.until("the moment is shown", |frame| frame.session_ms() == at_ms).await;
}

/// Once over the recording and back to its end, with steps on the way.
async fn journey(eye: &mut Eye, from_ms: f64, to_ms: f64) {
    for tenth in [7.0, 2.0, 9.0, 4.0, 1.0, 6.0] {
        go_to(eye, (from_ms + (to_ms - from_ms) * tenth / 10.0).round()).await;
        for is_back in [false, true] {
            eye.command(Command::Step { by: StepBy::Packet, is_back }).await;
        }
    }
    go_to(eye, to_ms).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn journeys_through_a_recording_leave_nothing_behind() {
    let (_folder, path) = recorded().await;
    let (deck, task, mut eye) = still(path.clone()).await;
    let reach = eye.status().transport.clone().expect("a recording is open");
    let (from_ms, to_ms) = (reach.from_ms.ceil(), reach.to_ms.floor());
    for _ in 0..3 {
        journey(&mut eye, from_ms, to_ms).await;
    }
    let at_first = HELD.allocated();
    for _ in 0..N_JOURNEYS {
        journey(&mut eye, from_ms, to_ms).await;
    }
    holds_no_more_than(at_first).await;

    for _ in 0..N_JOURNEYS {
        eye.command(Command::OpenRecording { path: path.display().to_string() }).await;
        eye.command(Command::Pause).await;
        go_to(&mut eye, to_ms).await;
    }
    holds_no_more_than(at_first).await;
    deck.shut_down();
    task.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn journeys_through_the_past_of_a_live_session_leave_nothing_behind() {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    let first = eye.until_good().await.session_ms();
    eye.until("some time passes", |frame| frame.session_ms() > first + RECORDED_MS).await;
    eye.command(Command::Pause).await;
    eye.until("the past is shown", Frame::is_replay).await;
    let reach = eye.status().transport.clone().expect("a playhead");
    let (from_ms, to_ms) = (reach.from_ms.ceil(), reach.at_ms.floor());
    // The market says nothing more, so that the session itself does not grow.
    stage.fault(SimVenue::Binance, &Fault::Silence { for_ms: 3_600_000 });
    for _ in 0..3 {
        journey(&mut eye, from_ms, to_ms).await;
    }
    let at_first = HELD.allocated();
    for _ in 0..N_JOURNEYS {
        journey(&mut eye, from_ms, to_ms).await;
        eye.command(Command::GoLive).await;
        eye.command(Command::Pause).await;
    }
    go_to(&mut eye, to_ms).await;
    holds_no_more_than(at_first + LIVE_SLACK_BYTES).await;
    stage.end().await;
}

async fn holds_no_more_than(at_first: usize) {
    let most = at_first + SLACK_BYTES;
    eventually("no more is held than at first", async || HELD.allocated() <= most).await;
}
