//! Down to one packet: columns of a millisecond of the live market, of its past, and for as long as a screen looks.

use std::collections::BTreeMap;

use engine::wire::{Command, Mode, Older, OlderOf};
use market::Venue;
use proof::frame::{HEATMAP, Section};
use proof::{Eye, Frame, Stage, eventually};

const ONE: [(Venue, &str); 1] = [(Venue::Kraken, "BTC/USD")];
const FINE: Command = Command::SetHeatmap { column_ms: 1 };
const WATCHED_MS: f64 = 1_500.0;

/// Closed columns by number: their state and their codes.
type Columns = BTreeMap<i64, Vec<u8>>;

fn take(frame: &Frame, told: &mut Columns) {
    let Some(section) = frame.section(HEATMAP).filter(|section| section.f64(0) == 1.0) else {
        return;
    };
    let n = section.n;
    let closed = 32 + 48 * n + n.next_multiple_of(8);
    for index in (0..n).filter(|index| section.payload()[closed + index] == 1) {
        told.insert(section.f64(32 + index * 8) as i64, column(section, index));
    }
}

fn column(section: Section<'_>, index: usize) -> Vec<u8> {
    let (n, m) = (section.n, section.m);
    let states = 32 + 48 * n;
    let codes = states + 2 * n.next_multiple_of(8) + index * m * 2;
    let mut bytes = vec![section.payload()[states + index]];
    bytes.extend(&section.payload()[codes..codes + m * 2]);
    bytes
}

/// What a screen is told until so much session time has passed.
async fn watch(eye: &mut Eye) -> Columns {
    let mut told = Columns::new();
    let first = eye.until_running().await.session_ms();
    eye.until("some time passes", |frame| {
        take(frame, &mut told);
        frame.session_ms() > first + WATCHED_MS
    })
    .await;
    told
}

fn assert_same(looked: &Columns, told: &Columns) {
    for (number, bytes) in looked {
        assert!(told.get(number).is_none_or(|known| known == bytes), "column {number}");
    }
    let n_both = looked.keys().filter(|number| told.contains_key(number)).count();
    assert!(n_both > 300, "{n_both} in common");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn single_milliseconds_are_the_same_live_and_looked_back_for_and_rewound() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.command(FINE).await;
    let told = watch(&mut eye).await;
    assert!(told.len() > 1_000, "{} columns in a second and a half", told.len());
    let n_changes =
        told.values().zip(told.values().skip(1)).filter(|(one, next)| one != next).count();
    assert!(n_changes > 10, "{n_changes}");

    let (first, last) = (*told.keys().next().expect("one"), *told.keys().next_back().expect("one"));
    let of = OlderOf::Columns { column_ms: 1 };
    let (from_ms, to_ms) = (last as f64 - 1_000.0, last as f64);
    let mut looked = Columns::new();
    take(&eye.look_back(Older { of, from_ms, to_ms }).await.expect("an answer"), &mut looked);
    assert_eq!(looked.len(), 1_000);
    assert_same(&looked, &told);

    // The playhead stands in the middle: all before it is there, as far as it is kept.
    let at = (first + last) / 2;
    eye.command(Command::Pause).await;
    eye.command(Command::Seek { at_ms: at as f64 }).await;
    eye.until_status("it is rewound", |status| status.mode == Mode::RewoundDemo).await;
    eye.start_over();
    let mut rewound = Columns::new();
    eye.until("the moment is shown", |frame| {
        take(frame, &mut rewound);
        rewound.len() > 400 && frame.session_ms() as i64 == at
    })
    .await;
    assert_eq!(rewound.keys().next_back(), Some(&(at - 1)));
    assert_same(&rewound, &told);
    stage.end().await;
}

/// How many columns a new screen is told at once.
async fn n_at_once(stage: &Stage) -> usize {
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.command(FINE).await;
    eye.start_over();
    let frame = eye.until("columns of a millisecond", is_fine).await;
    let n = frame.section(HEATMAP).expect("columns").n;
    eye.close().await;
    n
}

fn is_fine(frame: &Frame) -> bool {
    frame.section(HEATMAP).is_some_and(|section| section.f64(0) == 1.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_are_kept_while_a_screen_looks_and_no_longer() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.command(FINE).await;
    watch(&mut eye).await;
    assert!(n_at_once(&stage).await > 1_000, "another screen finds them there");
    eye.command(Command::SetHeatmap { column_ms: 500 }).await;
    eventually("they are gone", async || n_at_once(&stage).await < 100).await;
    eye.command(FINE).await;
    watch(&mut eye).await;
    assert!(n_at_once(&stage).await > 1_000);
    eye.close().await;
    eventually("they went with their screen", async || n_at_once(&stage).await < 100).await;
    stage.end().await;
}
