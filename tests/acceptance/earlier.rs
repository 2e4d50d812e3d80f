//! Earlier sessions of a venue are found however it came to be heard.

use std::path::Path;

use engine::{Deck, DeckTask};
use market::Venue;
use proof::stage::{deck_config, live_config, simulated};
use proof::{Eye, Stage};
use sim::Sim;

const KRAKEN: (Venue, &str) = (Venue::Kraken, "BTC/USD");
const BINANCE: (Venue, &str) = (Venue::Binance, "BTCUSDT");
const OKX: (Venue, &str) = (Venue::Okx, "BTC-USDT");

/// A deck that hears the first of two instruments, and knows where the other venue is.
fn hears_one(sim: &Sim, both: [(Venue, &str); 2], folder: &Path) -> (Deck, DeckTask) {
    let mut live = live_config(sim, &both, folder);
    live.elsewhere = live.venues.split_off(1);
    live.instruments.truncate(1);
    Deck::start(deck_config(Some(live), None))
}

/// A session that begins with Kraken and hears Binance later; when it began.
async fn session_with_a_later_venue(sim: &Sim, folder: &Path) -> f64 {
    let (deck, task) = hears_one(sim, [KRAKEN, BINANCE], folder);
    let mut eye = Eye::open(&deck).await;
    eye.follow(KRAKEN.0, KRAKEN.1).await;
    let began_ms = eye.until_running().await.session_ms();
    eye.follow(BINANCE.0, BINANCE.1).await;
    let later_ms = eye.until_running().await.session_ms();
    eye.until("some time passes", |frame| frame.session_ms() > later_ms + 800.0).await;
    deck.shut_down();
    task.stopped().await;
    began_ms
}

async fn reaches_back(eye: &mut Eye, began_ms: f64) {
    eye.until_status("the earlier session is there", |status| {
        // Before anything is known, a past begins at zero.
        status.past.as_ref().is_some_and(|past| past.from_ms > 0.0 && past.from_ms < began_ms)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_that_was_opened_later_has_its_past_after_a_restart() {
    let sim = simulated(&[KRAKEN, BINANCE, OKX]).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let began_ms = session_with_a_later_venue(&sim, folder.path()).await;

    let config = deck_config(Some(live_config(&sim, &[BINANCE], folder.path())), None);
    let (deck, task) = Deck::start(config);
    let mut eye = Eye::open(&deck).await;
    eye.follow(BINANCE.0, BINANCE.1).await;
    reaches_back(&mut eye, began_ms).await;
    deck.shut_down();
    task.stopped().await;
    sim.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_that_is_opened_later_brings_its_earlier_sessions() {
    let stage = Stage::hearing(&[BINANCE]).await;
    let mut eye = stage.eye(BINANCE.0, BINANCE.1).await;
    let began_ms = eye.until_running().await.session_ms();
    let (folder, _files) = stage.end().await;

    let sim = simulated(&[BINANCE, OKX]).await;
    let (deck, task) = hears_one(&sim, [OKX, BINANCE], folder.path());
    let mut eye = Eye::open(&deck).await;
    eye.follow(OKX.0, OKX.1).await;
    eye.until_running().await;
    eye.until_status("there is a past, and the other venue's is none of it", |status| {
        status.past.as_ref().is_some_and(|past| past.from_ms > began_ms)
    })
    .await;
    eye.follow(BINANCE.0, BINANCE.1).await;
    reaches_back(&mut eye, began_ms).await;
    deck.shut_down();
    task.stopped().await;
    sim.stop().await;
}
