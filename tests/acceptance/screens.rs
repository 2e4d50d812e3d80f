//! Pictures are conflated, facts never: a screen that hardly looks misses frames and no trade.

use std::collections::BTreeMap;

use engine::wire::{Command, Mode};
use engine::{Deck, Tape, Verdict, replay};
use market::{Event, Events, Venue};
use proof::frame::{CANDLES, TAPE};
use proof::stage::{deck_config, recordings_in};
use proof::{Eye, Frame, Stage, eventually, tapes};
use venues::Decoder;

/// A recording of a simulated market in which more than ten trades were heard, however long that took.
async fn recorded() -> (tempfile::TempDir, Vec<std::path::PathBuf>) {
    let stage = Stage::hearing(&[(Venue::Kraken, "BTC/USD")]).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let known = newest_print(&eye.until_good().await).unwrap_or(0.0);
    eye.until("more than ten prints follow", |frame| {
        newest_print(frame).is_some_and(|newest| newest > known + 10.0)
    })
    .await;
    stage.end().await
}

/// The number of the newest print that a frame carries.
fn newest_print(frame: &Frame) -> Option<f64> {
    frame.section(TAPE)?.f64s(24).last().copied()
}

/// What the recording's own trades come to: how many, and their quantity.
fn traded(tape: &Tape) -> (u64, f64) {
    let mut decoder = Decoder::new(Venue::Kraken);
    let mut events = Events::default();
    let mut trades = BTreeMap::new();
    for packet in tape.packets() {
        decoder.decode(&packet, &mut events).expect("a simulated venue speaks well");
        for event in &events.items {
            if let Event::Trade(trade) = event {
                let scale = decoder.instruments()[trade.instrument.index as usize].quantity_scale;
                let quantity = trade.quantity.0 as f64 / 10_f64.powi(i32::from(scale));
                trades.insert(trade.trade_id, quantity);
            }
        }
    }
    (trades.len() as u64, trades.values().sum())
}

/// Takes the bars of a frame into what a screen has.
fn take_bars(bars: &mut BTreeMap<u64, f64>, frame: &Frame) {
    if frame.is_whole() {
        bars.clear();
    }
    let Some(candles) = frame.section(CANDLES) else { return };
    let (opened, volumes) = (candles.f64s(8), candles.f64s(8 + 5 * 8 * candles.n));
    bars.extend(opened.iter().zip(volumes).map(|(at, volume)| (*at as u64, volume)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_screen_gets_few_frames_and_every_trade() {
    let (_folder, files) = recorded().await;
    let tape = tapes::tape(&files);
    let (n_trades, quantity) = traded(&tape);
    assert!(n_trades > 10, "{n_trades} trades");
    let summary = replay(&tape, engine::Wanted::default(), |_| {});
    assert_eq!(summary.instruments[0].trades, n_trades, "trades counted = trades recorded");

    let (deck, task) = Deck::start(deck_config(None, Some(files[0].clone())));
    let mut eye = Eye::open(&deck).await;
    eye.command(Command::SetCandles { interval_s: 60 }).await;
    let mut bars = BTreeMap::new();
    let first = eye.next().await;
    take_bars(&mut bars, &first);
    assert!(first.is_whole() && first.is_replay() && first.is_simulated());
    eye.command(Command::SetSpeed { speed: None }).await;
    eye.until_status("the recording is over", |status| {
        status.transport.as_ref().is_some_and(|one| !one.is_playing)
    })
    .await;
    let last = eye.next().await;
    take_bars(&mut bars, &last);
    assert_eq!(last.number(), first.number() + 1, "all between is one frame");
    let shown: f64 = bars.values().sum();
    assert!((shown - quantity).abs() < 1e-6 * quantity, "{shown} of {quantity}");
    let prints = last.section(TAPE).expect("prints");
    assert!(prints.n > 0 && prints.f64(16) >= 0.0);
    assert_eq!(eye.status().mode, Mode::ReplayDemo);
    deck.shut_down();
    task.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_screen_that_never_looks_holds_up_nobody() {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let _idle = stage.eye(Venue::Binance, "BTCUSDT").await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    // By the market's time, since frames come for the time that passes too.
    let first = eye.until_good().await.session_ms();
    eye.until("three seconds pass", |frame| {
        assert!(frame.is_good());
        frame.session_ms() > first + 3_000.0
    })
    .await;
    let (_folder, files) = stage.end().await;
    let proof = engine::verify(&files, None, false, |_| {}).unwrap();
    assert_eq!(proof.verdict, Verdict::Right, "{proof:?}");
    assert!(proof.files[0].instruments[0].book_updates >= 10, "{proof:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_recorded_can_be_played_while_it_is_written() {
    let stage = Stage::hearing(&[(Venue::Kraken, "BTC/USD")]).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let first = eye.until_good().await.session_ms();
    eye.until("some time passes", |frame| frame.session_ms() > first + 1_500.0).await;
    let folder = stage.folder.path().to_owned();
    let path = recordings_in(&folder)[0].display().to_string();
    let open = Command::OpenRecording { path };
    eventually("it can be opened", async || eye.try_command(open.clone()).await.is_ok()).await;
    let played = eye.until("the recording is shown", Frame::is_replay).await;
    assert!(played.session_ms() < first + 1_500.0, "from its beginning");
    eye.command(Command::GoLive).await;
    let live = eye.until("the live market is back", |one| !one.is_replay() && one.is_good()).await;
    assert!(live.is_simulated());
    assert!(live.gaps().is_empty(), "it went on underneath");
    stage.end().await;
}
