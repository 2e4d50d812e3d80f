//! The past is there when a panel opens: from memory, and from what the recorder has on the disk, also of sessions
//! before this one; what was not heard is not told.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use engine::Deck;
use engine::wire::{Command, Older, OlderOf};
use market::{Timestamp, Venue};
use proof::frame::{CANDLES, HEATMAP, Section};
use proof::stage::{deck_config, eventually, live_config, recordings_in, simulated};
use proof::{Eye, Stage};
use session::{BulkOptions, FileHeader};
use sim::Sim;
use sim::generator::Generator;

const ONE: [(Venue, &str); 1] = [(Venue::Kraken, "BTC/USD")];
/// The section that says what is covered.
const REACH: u16 = 11;
const OLDER_PRINTS: u16 = 12;
const COLUMN_MS: u32 = 100;
/// A session before this one.
const LONG: &str = "20260101T000000Z_demo_binance_p001.mcap";
/// Packets of a session that is worth keyframes.
const N_LONG: usize = 40_000;

/// Closed columns by number: their state and their codes.
type Columns = BTreeMap<i64, Vec<u8>>;

fn take(section: Section<'_>, told: &mut Columns) {
    let (n, m) = (section.n, section.m);
    let states = 32 + 48 * n;
    let closed = states + n.next_multiple_of(8);
    let codes = closed + n.next_multiple_of(8);
    for index in (0..n).filter(|index| section.payload()[closed + index] == 1) {
        let mut bytes = vec![section.payload()[states + index]];
        bytes.extend(&section.payload()[codes + index * m * 2..codes + (index + 1) * m * 2]);
        told.insert(section.f64(32 + index * 8) as i64, bytes);
    }
}

/// What a screen is told until so much time has passed.
async fn watch(eye: &mut Eye, millis: f64) -> Columns {
    let mut told = Columns::new();
    let first = eye.until_running().await.session_ms();
    eye.until("some time passes", |frame| {
        frame.section(HEATMAP).into_iter().for_each(|section| take(section, &mut told));
        frame.session_ms() > first + millis
    })
    .await;
    told
}

fn columns(from_ms: f64, to_ms: f64) -> Older {
    Older { of: OlderOf::Columns { column_ms: COLUMN_MS }, from_ms, to_ms }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_the_columns_of_the_session_before_are_there_as_they_were() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sim = simulated(&ONE).await;
    let start = || Deck::start(deck_config(Some(live_config(&sim, &ONE, folder.path())), None));
    let (deck, task) = start();
    let mut eye = Eye::open(&deck).await;
    eye.follow(Venue::Kraken, "BTC/USD").await;
    eye.command(Command::SetHeatmap { column_ms: COLUMN_MS }).await;
    let told = watch(&mut eye, 3_000.0).await;
    assert!(told.len() > 20, "{}", told.len());
    deck.shut_down();
    task.stopped().await;
    assert_eq!(recordings_in(folder.path()).len(), 1);
    some_time_passes_that_nobody_records(&sim, folder.path()).await;

    let (deck, task) = start();
    let mut eye = Eye::open(&deck).await;
    eye.follow(Venue::Kraken, "BTC/USD").await;
    eye.command(Command::SetHeatmap { column_ms: COLUMN_MS }).await;
    let now = watch(&mut eye, 500.0).await;
    let first_ms = *told.keys().next().expect("columns") as f64 * 100.0;
    eye.until_status("the earlier session is there", |status| {
        status.past.as_ref().is_some_and(|past| past.from_ms <= first_ms)
    })
    .await;
    eye.start_over();
    let source = eye.next().await.section(REACH).expect("a source").f64(0);
    let to_ms = *now.keys().next().expect("columns") as f64 * 100.0;
    let answer = eye.look_back(columns(first_ms - 2_000.0, to_ms)).await.expect("an answer");
    let reach = answer.section(REACH).expect("what it covers");
    assert_eq!([0, 8, 16].map(|at| reach.f64(at)), [source, first_ms - 2_000.0, to_ms]);
    let mut looked = Columns::new();
    answer.section(HEATMAP).into_iter().for_each(|section| take(section, &mut looked));
    for (number, bytes) in &told {
        assert!(looked.get(number) == Some(bytes), "column {number} is not what it was");
    }
    // Between the two nothing was heard: no column, and a span that says so.
    let last = *told.keys().next_back().expect("columns");
    let n_between = to_ms as i64 / 100 - last;
    let n_told = looked.range(last + 1..).count() as i64;
    assert!(n_told + 8 < n_between, "{n_told} of {n_between} columns after the last");
    assert!(answer.gaps().iter().any(|gap| gap.cause == 0 && gap.to > gap.from));

    bars_are_there(&eye, to_ms).await;
    prints_are_there(&eye, (first_ms - 2_000.0, to_ms)).await;
    questions_that_make_no_sense_are_refused(&eye).await;
    deck.shut_down();
    task.stopped().await;
    sim.stop().await;
}

async fn some_time_passes_that_nobody_records(sim: &Sim, folder: &Path) {
    let mut config = live_config(sim, &ONE, folder);
    config.recording = None;
    let (deck, task) = Deck::start(deck_config(Some(config), None));
    let mut eye = Eye::open(&deck).await;
    eye.follow(Venue::Kraken, "BTC/USD").await;
    watch(&mut eye, 1_200.0).await;
    deck.shut_down();
    task.stopped().await;
}

async fn bars_are_there(eye: &Eye, to_ms: f64) {
    let of = OlderOf::Bars { interval_s: 1 };
    let older = Older { of, from_ms: to_ms - 60_000.0, to_ms };
    let answer = eye.look_back(older).await.expect("an answer");
    let opened = answer.section(CANDLES).expect("bars").f64s(8);
    assert!(opened.windows(2).all(|two| two[0] < two[1]), "{opened:?}");
    assert!(opened.iter().all(|at| *at <= to_ms), "{opened:?} {to_ms}");
}

/// Before the first print of this session lie those of the one before it, and before those none.
async fn prints_are_there(eye: &Eye, (from_ms, to_ms): (f64, f64)) {
    let before = |session_from_ms: Option<f64>| Older {
        of: OlderOf::Prints { session_from_ms, number: 0 },
        from_ms,
        to_ms,
    };
    let answer = eye.look_back(before(None)).await.expect("an answer");
    let prints = answer.section(OLDER_PRINTS).expect("prints");
    let (session_from_ms, numbers) = (prints.f64(0), prints.f64s(8));
    assert!(session_from_ms >= from_ms && session_from_ms < to_ms, "{session_from_ms}");
    let expected: Vec<f64> = (0..numbers.len()).map(|number| number as f64).collect();
    assert_eq!(numbers, expected, "all of them, from the first on");
    let answer = eye.look_back(before(Some(session_from_ms))).await.expect("an answer");
    assert!(answer.section(OLDER_PRINTS).is_none());
}

async fn questions_that_make_no_sense_are_refused(eye: &Eye) {
    let of = OlderOf::Columns { column_ms: 7 };
    let (from_ms, to_ms) = (0.0, 1e12);
    assert!(eye.look_back(Older { of, from_ms, to_ms }).await.is_err(), "no such length");
    for (from_ms, to_ms) in [(2.0, 1.0), (f64::NAN, 1.0), (f64::NEG_INFINITY, f64::INFINITY)] {
        assert!(eye.look_back(columns(from_ms, to_ms)).await.is_err(), "{from_ms} to {to_ms}");
    }
    // All of time is a span, of which the end is told: nothing of the future.
    let answer = eye.look_back(columns(-1e15, 1e15)).await.expect("an answer");
    assert!(answer.section(HEATMAP).is_none_or(|section| section.n <= 1_200));
}

/// An earlier session of so many packets that it is given keyframes, and has none: of the busy market, an hour ago.
#[expect(clippy::disallowed_methods, reason = "an earlier session lies before the real present")]
fn long_session_without_keyframes(folder: &Path) -> Timestamp {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
    let from = Timestamp::from_nanos(now.as_nanos() as i64 - 3_600_000_000_000);
    let packets: Vec<_> = Generator::new(6, from).take(N_LONG).collect();
    let endpoints = vec![("binance.ws".to_owned(), "ws://127.0.0.1:9/stream".to_owned())];
    let header = FileHeader { program: "proof".to_owned(), endpoints, is_simulated: true };
    let path = folder.join(LONG);
    session::write_all(&path, packets, &BulkOptions::new(header)).expect("a recording");
    from
}

/// A deck that has such a session behind it, a screen, and when that session began, Unix ms.
async fn after_a_long_session() -> (Stage, Eye, f64) {
    let mut from = Timestamp::default();
    let stage = Stage::with(&[(Venue::Binance, "BTCUSDT")], |live| {
        let recording = live.recording.as_ref().expect("it records");
        from = long_session_without_keyframes(&recording.demo_folder);
    })
    .await;
    let from_ms = from.nanos() as f64 / 1e6;
    let mut eye = Eye::open(&stage.deck).await;
    eye.until_status("the earlier session is there", |status| {
        status.past.as_ref().is_some_and(|past| past.from_ms <= from_ms + 1.0)
    })
    .await;
    (stage, eye, from_ms)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_session_without_keyframes_is_given_them_and_then_told() {
    let (stage, mut eye, from_ms) = after_a_long_session().await;
    eye.follow(Venue::Binance, "BTCUSDT").await;
    eye.command(Command::SetHeatmap { column_ms: COLUMN_MS }).await;
    let early = columns(from_ms, from_ms + 20_000.0);
    let refused = eye.look_back(early.clone()).await.expect_err("it lacks keyframes");
    assert_eq!(refused, "What lies further back is being prepared; it comes soon.");
    let mut told = Columns::new();
    eventually("it is told", async || eye.look_back(early.clone()).await.is_ok()).await;
    let answer = eye.look_back(early).await.expect("an answer");
    answer.section(HEATMAP).into_iter().for_each(|section| take(section, &mut told));
    assert!(told.len() > 20, "{} columns", told.len());
    let beside = stage.folder.path().join(format!("{LONG}.keyframes"));
    assert!(beside.is_file(), "they are kept for the next time");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_session_without_keyframes_is_given_them_once_it_is_rewound_into() {
    let (stage, eye, from_ms) = after_a_long_session().await;
    eye.command(Command::Pause).await;
    eye.command(Command::Seek { at_ms: from_ms + 5_000.0 }).await;
    let beside = stage.folder.path().join(format!("{LONG}.keyframes"));
    eventually("it has keyframes", async || beside.is_file()).await;
    stage.end().await;
}
