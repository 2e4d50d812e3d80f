//! Charts are full at the start: what a venue tells of the time before is shown, marked, and never mixed with what was
//! heard.

use std::collections::BTreeSet;
use std::path::PathBuf;

use engine::{Engine, Input};
use market::{Body, Event, Events, Packet, Venue};
use proof::frame::{CANDLES, Frame, PAST_CANDLES, PAST_TAPE, Section, TAPE};
use proof::stage::simulated;
use proof::{Stage, tapes};
use sim::{Fault, SimVenue};
use tempfile::TempDir;
use venues::Decoder;
use view::Panels;

use crate::blocked::{self, Taken};

/// Ids of trades: of those that were told of the past, and of those that were heard.
fn told_and_heard(files: &[PathBuf]) -> (BTreeSet<u64>, BTreeSet<u64>) {
    let (mut told, mut heard) = (BTreeSet::new(), BTreeSet::new());
    let mut decoder: Option<Decoder> = None;
    let mut events = Events::default();
    for packet in tapes::packets(files) {
        let decoder = decoder.get_or_insert_with(|| Decoder::new(packet.venue));
        if decoder.decode(&packet, &mut events).is_err() {
            continue;
        }
        for event in &events.items {
            match event {
                Event::Trade(trade) => {
                    heard.insert(trade.trade_id);
                }
                Event::PastTrades(past) => told.extend(past.trades.iter().map(|it| it.trade_id)),
                _ => {}
            }
        }
    }
    (told, heard)
}

async fn a_full_chart(venue: Venue, symbol: &str, n_minutes: usize) {
    let stage = Stage::hearing(&[(venue, symbol)]).await;
    let (_folder, files) = is_full(stage, (venue, symbol), n_minutes).await;
    let proof = engine::verify(&files, None, true, |_| {}).expect("a recording");
    let one = &proof.files[0].instruments[0];
    let (_, heard) = told_and_heard(&files);
    assert_eq!(one.trades, heard.len() as u64, "only what was heard is counted");
}

/// Sees to it that so many minutes are shown beside what is heard; gives the recordings.
async fn is_full(
    stage: Stage,
    (venue, symbol): (Venue, &str),
    n_minutes: usize,
) -> (TempDir, Vec<PathBuf>) {
    let mut eye = stage.eye(venue, symbol).await;
    let mut newest_ms = f64::NAN;
    let mut began_ms = f64::NAN;
    let mut has_prints = false;
    eye.until("the past is told and something is heard", |frame| {
        if let Some(past) = frame.section(PAST_CANDLES).filter(|past| past.n >= n_minutes) {
            began_ms = past.f64(0);
            newest_ms = past.f64s(8)[past.n - 1];
        }
        let is_heard = frame.section(TAPE).is_some_and(|tape| tape.n > 0);
        has_prints |= frame.section(PAST_TAPE).is_some_and(|tape| tape.n > 0);
        is_heard && has_prints && !newest_ms.is_nan()
    })
    .await;
    assert!(newest_ms <= began_ms, "{newest_ms} {began_ms}");
    let (folder, files) = stage.end().await;

    let panels = panels_of(&files);
    let past = panels.past.as_ref().expect("the recording tells the same past");
    assert_eq!(past.bars.len(), 100, "the newest of them");
    let heard = &panels.candles.bars;
    assert!(past.bars.iter().all(|bar| bar.opened_at < heard[0].opened_at), "before, not beside");
    assert!(!told_and_heard(&files).0.is_empty(), "trades of the past came");
    (folder, files)
}

/// The panels of the one instrument at the end of some files.
fn panels_of(files: &[PathBuf]) -> Panels {
    panels_after(tapes::packets(files))
}

fn panels_after(packets: Vec<Packet>) -> Panels {
    let mut engine = Engine::new();
    for packet in packets {
        engine.step(Input::Packet(packet), &mut Vec::new());
    }
    let (_, watched) = engine.all_watched().next().expect("an instrument");
    watched.view.as_ref().expect("it is shown").panels(&watched.market)
}

/// The marks of futures come on a link of their own, which is often the first to speak of an instrument.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_opened_on_running_links_has_its_past_too() {
    let venue = Venue::BinanceUsdM;
    let stage = Stage::hearing(&[(venue, "ETHUSDT")]).await;
    let mut eye = stage.eye(venue, "ETHUSDT").await;
    let from = eye.until_running().await.session_ms();
    eye.until("marks have come", |frame| frame.session_ms() > from + 3_500.0).await;
    eye.follow(venue, "BTCUSDT").await;
    eye.until("its past is told", |frame| {
        frame.section(PAST_CANDLES).is_some_and(|past| past.n >= 100)
    })
    .await;
    let (_folder, _files) = stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn charts_are_full_after_the_start_on_binance() {
    a_full_chart(Venue::Binance, "BTCUSDT", 180).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn charts_are_full_after_the_start_on_kraken() {
    a_full_chart(Venue::Kraken, "BTC/USD", 180).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn charts_are_full_after_the_start_on_okx_and_bybit() {
    a_full_chart(Venue::Okx, "BTC-USDT", 180).await;
    a_full_chart(Venue::BybitLinear, "BTCUSDT", 180).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn charts_are_full_where_only_polling_works_from_the_start() {
    for (at, symbol) in [(SimVenue::Binance, "BTCUSDT"), (SimVenue::Kraken, "BTC/USD")] {
        let of = [(at.venue(), symbol)];
        let sim = simulated(&of).await;
        sim.control().fault(at, &Fault::BlockWebSockets { for_ms: 600_000 });
        is_full(Stage::at(sim, &of, |_| {}), of[0], 180).await;
    }
}

/// The flags of the bars of a frame.
fn flags_of(bars: Section<'_>) -> Vec<u8> {
    let begins = 8 + 7 * 8 * bars.n;
    bars.payload()[begins..begins + bars.n].to_vec()
}

/// By market time, what was missed has been told so long after the book is right again.
const TOLD_WITHIN_MS: f64 = 8_000.0;

/// A reconnect, too short for polls between: what was traded meanwhile is told afterwards, and said to be. `false`
/// where nothing was missed: nobody traded, or this machine was so slow that polls came between.
async fn a_hole_is_filled(at: SimVenue) -> bool {
    let (venue, symbol) = (at.venue(), blocked::name(at));
    let stage = Stage::hearing(&[(venue, symbol)]).await;
    let mut eye = stage.eye(venue, symbol).await;
    let is_heard = |frame: &Frame| frame.section(TAPE).is_some_and(|tape| tape.n > 0);
    eye.until("something is heard", is_heard).await;
    stage.fault(at, &Fault::Refuse { for_ms: 1_500 });
    stage.fault(at, &Fault::KillLinks);
    let (mut is_told, mut was_lost, mut until_ms) = (false, false, f64::INFINITY);
    eye.until("bars say what was missed, or nothing was", |frame| {
        let bars = frame.section(CANDLES);
        is_told = bars.is_some_and(|bars| flags_of(bars).iter().any(|flags| flags & 32 != 0));
        was_lost |= !frame.is_good();
        if was_lost && frame.is_good() {
            until_ms = until_ms.min(frame.session_ms() + TOLD_WITHIN_MS);
        }
        is_told || frame.session_ms() > until_ms
    })
    .await;
    if !is_told {
        stage.end().await;
        return false;
    }
    eye.until_good().await;
    let (_folder, files) = stage.end().await;
    let Taken { heard, told } = blocked::taken(&files, venue);
    assert!(!told.is_empty(), "{venue:?}");
    let all = || heard.iter().chain(&told).flat_map(|(id, n_fills)| (id + 1 - n_fills)..=*id);
    let once: BTreeSet<u64> = all().collect();
    assert_eq!(once.len(), all().count(), "{venue:?}: each once");
    let span = once.last().expect("some") - once.first().expect("some") + 1;
    assert_eq!(span, once.len() as u64, "{venue:?}: none is missing");
    // The end of the session closes the link, and begins another gap.
    let mut packets = tapes::packets(&files);
    let end = packets.iter().rposition(|packet| matches!(packet.body, Body::Closed(_)));
    packets.truncate(end.expect("the link was closed"));
    let bars = panels_after(packets).candles.bars;
    let n_told: u64 = bars.iter().map(|bar| bar.n_told).sum();
    assert_eq!(n_told, told.len() as u64, "{venue:?}: bars tell how many nobody heard");
    assert!(bars.iter().all(|bar| !bar.is_touched_by_gap), "{venue:?}: nothing is missing");
    let proof = engine::verify(&files, None, true, |_| {}).expect("a recording");
    let one = &proof.files[0].instruments[0];
    assert_eq!(one.trades, heard.len() as u64, "{venue:?}: only what was heard is counted");
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trades_of_a_lost_link_are_told_afterwards() {
    for at in [SimVenue::Binance, SimVenue::Okx] {
        let mut n_without = 0;
        while !a_hole_is_filled(at).await {
            n_without += 1;
            assert!(n_without < 5, "{at:?}: nothing that was missed is ever told");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trade_that_was_told_and_heard_is_in_the_tape_once() {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    eye.until("the past is told", |frame| frame.section(PAST_TAPE).is_some()).await;
    eye.until("something is heard", |frame| frame.section(TAPE).is_some()).await;
    let (_folder, files) = stage.end().await;
    let mut engine = Engine::new();
    for packet in tapes::packets(&files) {
        engine.step(Input::Packet(packet), &mut Vec::new());
        let Some((_, watched)) = engine.all_watched().next() else { continue };
        let past = watched.market.history().trades();
        let first = watched.view.as_ref().and_then(|view| view.prints(usize::MAX).next().copied());
        if let (Some(last_told), Some(first)) = (past.last(), first) {
            assert!(last_told.trade_id < first.last_trade_id, "told before, heard after");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_that_is_refused_or_garbage_costs_nothing() {
    let of = [(Venue::Binance, "BTCUSDT")];
    for code in [500, 200, 404] {
        let sim = simulated(&of).await;
        sim.control().fault(SimVenue::Binance, &Fault::Past { code });
        let stage = Stage::at(sim, &of, |_| {});
        let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
        let good_ms = eye.until_good().await.good_ms();
        eye.until("the book goes on", |frame| {
            assert!(frame.is_good(), "never stale");
            assert!(frame.section(PAST_CANDLES).is_none_or(|past| past.n == 0));
            frame.good_ms() > good_ms + 2_000.0
        })
        .await;
        let (_folder, files) = stage.end().await;
        let packets = tapes::packets(&files);
        let asked = |part: &str| {
            tapes::count(&packets, |body| match body {
                Body::Requested(url) => String::from_utf8_lossy(url).contains(part),
                Body::Opened(_)
                | Body::Text(_)
                | Body::Binary(_)
                | Body::Ping
                | Body::Sent(_)
                | Body::Answered(_)
                | Body::Closed(_)
                | Body::Derived(_)
                | Body::Remark(_) => false,
            })
        };
        assert!(asked("/klines?") >= 1 && asked("/depth?") == 1, "one book, and no other link");
        assert_eq!(tapes::count(&packets, |body| matches!(body, Body::Opened(_))), 1);
        let proof = engine::verify(&files, None, true, |_| {}).unwrap();
        let one = &proof.files[0].instruments[0];
        assert_eq!((one.gaps, one.top_of_book_different), (0, 0), "{one:?}");
    }
}
