//! What goes wrong on the wire is shown as wrong, and comes right again.

use market::{Body, Venue};
use proof::frame::{RESYNCING, STALE};
use proof::{Frame, Stage, tapes};
use sim::{Fault, SimVenue};
use tokio::time::Instant;

/// Causes in the gaps' section.
const LINK_DOWN: u8 = 1;
const SILENT: u8 = 2;
const GAP: u8 = 3;
const CHECKSUM: u8 = 4;
const CROSSED: u8 = 5;

/// Snapshots so late that a screen sees the time before them.
const LATE: Fault = Fault::SlowSnapshots { delay_ms: 400 };

fn symbol(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn is_resyncing(frame: &Frame) -> bool {
    frame.health() == RESYNCING
}

fn is_stale(frame: &Frame) -> bool {
    frame.health() == STALE
}

/// The only gap so far is over, and this was its cause.
fn assert_one_gap_over(frame: &Frame, cause: u8) {
    let gaps = frame.gaps();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert_eq!(gaps[0].cause, cause);
    assert!(gaps[0].to > gaps[0].from, "{gaps:?}");
}

/// Nothing in the recording contradicts the books that were made of it, but for what is named.
fn assert_proved(files: &[std::path::PathBuf], gaps: u64, checksums: u64, crossed: u64) {
    let proof = engine::verify(files, None, true, |_| {}).expect("recordings");
    let file = &proof.files[0];
    assert!(file.damage.is_none() && file.refused == 0, "{file:?}");
    assert!(file.instruments.iter().any(|one| one.book_updates > 0), "{file:?}");
    let sum =
        |of: fn(&engine::InstrumentProof) -> u64| file.instruments.iter().map(of).sum::<u64>();
    assert_eq!(sum(|one| one.gaps), gaps, "gaps");
    assert_eq!(sum(|one| one.checksums_wrong), checksums, "checksums");
    assert_eq!(sum(|one| one.crossed), crossed, "crossed");
    assert_eq!(sum(|one| one.top_of_book_different), 0, "tops");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_update_is_a_gap_and_a_new_snapshot_heals_it() {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    eye.until_running().await;
    stage.fault(SimVenue::Binance, &LATE);
    stage.fault(SimVenue::Binance, &Fault::DropBook { symbol: symbol("BTCUSDT") });
    let lost = eye.until("the book is resyncing", is_resyncing).await;
    assert!(lost.gaps().last().is_some_and(|gap| gap.cause == GAP && gap.to.is_nan()));
    let healed = eye.until_good().await;
    assert_one_gap_over(&healed, GAP);
    assert!(healed.good_ms() > lost.good_ms());
    let (_folder, files) = stage.end().await;
    assert_proved(&files, 1, 0, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_checksum_resyncs_that_instrument_only() {
    let stage = Stage::hearing(&[(Venue::Kraken, "BTC/USD"), (Venue::Kraken, "ETH/USD")]).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let mut other = stage.eye(Venue::Kraken, "ETH/USD").await;
    eye.until_running().await;
    other.until_running().await;
    stage.fault(SimVenue::Kraken, &LATE);
    stage.fault(SimVenue::Kraken, &Fault::CorruptChecksum { symbol: symbol("BTC/USD") });
    let healing = async {
        let lost = eye.until("the book is resyncing", is_resyncing).await;
        assert!(lost.gaps().last().is_some_and(|gap| gap.cause == CHECKSUM && gap.to.is_nan()));
        eye.until_good().await
    };
    let undisturbed = async {
        loop {
            assert!(other.next().await.is_good(), "the other instrument has no fault");
        }
    };
    let healed = tokio::select! {
        healed = healing => healed,
        () = undisturbed => unreachable!("it looks on for ever"),
    };
    assert_one_gap_over(&healed, CHECKSUM);
    assert!(other.next().await.gaps().is_empty());
    let (_folder, files) = stage.end().await;
    assert_proved(&files, 0, 1, 0);
    let packets = tapes::packets(&files);
    assert_eq!(tapes::count(&packets, |body| matches!(body, Body::Opened(_))), 1);
    let n_ended = tapes::count(&packets, |body| {
        tapes::is_sent(body, "unsubscribe") && tapes::is_sent(body, "ETH")
    });
    assert_eq!(n_ended, 0, "the other instrument is left alone");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crossed_book_is_not_right() {
    for (venue, at, name) in [
        (Venue::Binance, SimVenue::Binance, "BTCUSDT"),
        (Venue::Kraken, SimVenue::Kraken, "BTC/USD"),
    ] {
        let stage = Stage::hearing(&[(venue, name)]).await;
        let mut eye = stage.eye(venue, name).await;
        eye.until_running().await;
        stage.fault(at, &LATE);
        stage.fault(at, &Fault::CrossBook { symbol: symbol(name) });
        let lost = eye.until("the book is resyncing", is_resyncing).await;
        let cause = lost.gaps().last().map(|gap| gap.cause);
        assert!(matches!(cause, Some(CROSSED | CHECKSUM)), "{cause:?}");
        let healed = eye.until_good().await;
        let (bid, ask) = healed.best();
        assert!(bid < ask, "{bid} / {ask}");
        stage.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_update_that_comes_twice_changes_nothing() {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    let first = eye.until_running().await;
    stage.fault(SimVenue::Binance, &Fault::DuplicateBook { symbol: symbol("BTCUSDT") });
    let later = first.session_ms() + 700.0;
    let frame = eye
        .until("time passes", |frame| {
            assert!(frame.is_good());
            frame.session_ms() > later
        })
        .await;
    assert!(frame.gaps().is_empty());
    let (_folder, files) = stage.end().await;
    assert_proved(&files, 0, 0, 0);
}

/// Kills the links of a venue that takes no new ones for a moment.
async fn survives_a_killed_link(venue: Venue, at: SimVenue, name: &str) {
    let stage = Stage::hearing(&[(venue, name)]).await;
    let mut eye = stage.eye(venue, name).await;
    let before = eye.until_running().await;
    stage.fault(at, &Fault::Refuse { for_ms: 500 });
    stage.fault(at, &Fault::KillLinks);
    let lost = eye.until("the book is stale", is_stale).await;
    assert!(lost.gaps().last().is_some_and(|gap| gap.cause == LINK_DOWN && gap.to.is_nan()));
    assert!(lost.good_ms() >= before.good_ms());
    let healed = eye.until_good().await;
    assert_one_gap_over(&healed, LINK_DOWN);
    assert!(healed.good_ms() > lost.good_ms());
    let later = healed.session_ms() + 500.0;
    eye.until("the new book is heard for a while", |frame| frame.session_ms() > later).await;
    let (_folder, files) = stage.end().await;
    // A book that was merged and not replaced would fail checksums, cross, or differ from the venue's own best prices.
    assert_proved(&files, 0, 0, 0);
    let packets = tapes::packets(&files);
    assert_eq!(tapes::count(&packets, |body| matches!(body, Body::Opened(_))), 2);
    // From the moment at which the end of the link was noticed, by the clock of the session.
    let closed = packets.iter().find(|packet| matches!(packet.body, Body::Closed(_)));
    let closed_ms = closed.expect("an end").received_at.nanos() as f64 / 1e6;
    let shown_after_ms = lost.session_ms() - closed_ms;
    assert!(shown_after_ms < 1_000.0, "{shown_after_ms} ms");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_binance_link_is_stale_within_a_second_and_comes_back_right() {
    survives_a_killed_link(Venue::Binance, SimVenue::Binance, "BTCUSDT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_kraken_link_is_stale_within_a_second_and_comes_back_right() {
    survives_a_killed_link(Venue::Kraken, SimVenue::Kraken, "BTC/USD").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silence_is_stale_after_kraken_s_five_seconds() {
    let stage = Stage::hearing(&[(Venue::Kraken, "BTC/USD")]).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.until_running().await;
    stage.fault(SimVenue::Kraken, &Fault::Silence { for_ms: 6_500 });
    let began = Instant::now();
    let lost = eye.until("the book is stale", is_stale).await;
    let took = began.elapsed();
    assert!((4_000..6_400).contains(&took.as_millis()), "{took:?}");
    assert!(lost.gaps().last().is_some_and(|gap| matches!(gap.cause, SILENT | LINK_DOWN)));
    let healed = eye.until_good().await;
    assert!(healed.gaps().iter().all(|gap| gap.to > gap.from));
    let (_folder, files) = stage.end().await;
    assert_proved(&files, 0, 0, 0);
}
