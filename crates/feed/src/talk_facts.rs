//! When the conversation on a link says what.

use market::Venue;
use venues::Endpoints;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A conversation with a venue, and what is wanted of it.
struct Scene {
    talk: Talk,
    protocol: Protocol,
    wish: Wish,
    start: Instant,
}

impl Scene {
    fn open(venue: Venue) -> Self {
        let protocol = Protocol::new(venue, Endpoints::of(venue)).unwrap();
        let limits = protocol.limits();
        Self::within(protocol, limits)
    }

    fn within(mut protocol: Protocol, limits: Limits) -> Self {
        let start = Instant::now();
        let measures = (&limits, &Patience::default());
        let talk = Talk::open(&mut protocol, measures, Budget::new(&limits), start);
        Self { talk, protocol, wish: Wish::default(), start }
    }

    fn want(&mut self, symbols: &[&str]) {
        self.wish.wanted = symbols.iter().map(|&symbol| symbol.to_owned()).collect();
        self.take();
    }

    fn take(&mut self) {
        self.wish.changes += 1;
        self.talk.take(&mut self.wish, &mut self.protocol);
    }

    /// Frames that may go at `at` after the start, each written at once.
    fn frames(&mut self, at: Duration) -> Vec<String> {
        let mut frames = Vec::new();
        while let Some(frame) = self.talk.frame_due(self.start + at) {
            self.talk.written();
            frames.push(frame);
        }
        frames
    }

    fn get(&mut self, at: Duration) -> Option<Get> {
        self.talk.get_due(self.start + at)
    }
}

#[test]
fn one_request_is_under_way_at_a_time_and_in_order() {
    let mut scene = Scene::open(Venue::Binance);
    scene.want(&["BTCUSDT"]);
    assert!(scene.get(SECOND).unwrap().query.url.contains("exchangeInfo"));
    scene.frames(SECOND);
    assert_eq!(scene.get(SECOND), None);
    scene.talk.answered();
    assert!(scene.get(SECOND).unwrap().query.url.contains("BTCUSDT"));
}

#[test]
fn a_snapshot_waits_until_its_stream_was_asked_for() {
    let mut scene = Scene::open(Venue::Binance);
    scene.want(&["BTCUSDT"]);
    scene.get(SECOND).unwrap();
    scene.talk.answered();
    assert_eq!(scene.get(SECOND), None);
    assert!(scene.talk.frame_due(scene.start + SECOND).is_some());
    assert_eq!(scene.get(SECOND), None, "the frame is not written yet");
    scene.talk.written();
    assert!(scene.get(SECOND).is_some());
}

#[test]
fn wishes_merge_while_frames_wait_for_their_turn() {
    let mut scene = Scene::open(Venue::Kraken);
    scene.want(&["BTC/USD"]); // The list is still to be asked for: nothing is taken yet.
    scene.want(&["BTC/USD", "ETH/USD"]);
    scene.want(&["ETH/USD"]);
    scene.frames(SECOND);
    scene.take();
    let frames = scene.frames(SECOND);
    assert_eq!(frames.len(), 2);
    assert!(frames.iter().all(|frame| frame.contains("ETH/USD") && !frame.contains("BTC")));
}

#[test]
fn only_what_differs_is_said() {
    let mut scene = Scene::open(Venue::Kraken);
    scene.frames(SECOND);
    scene.want(&["BTC/USD", "ETH/USD"]);
    scene.frames(SECOND);
    scene.want(&["ETH/USD", "SOL/USD"]);
    let frames = scene.frames(SECOND);
    assert!(frames[..2].iter().all(|frame| frame.contains("unsubscribe")), "{frames:?}");
    assert!(frames[..2].iter().all(|frame| frame.contains("BTC/USD")), "{frames:?}");
    assert!(frames[2..].iter().all(|frame| frame.contains("SOL/USD")), "{frames:?}");
    assert!(!frames.iter().any(|frame| frame.contains("ETH/USD")), "{frames:?}");
}

#[test]
fn a_storm_of_resyncs_is_bounded_by_the_instruments() {
    let mut scene = Scene::open(Venue::Kraken);
    scene.frames(SECOND);
    scene.want(&["BTC/USD", "ETH/USD"]);
    scene.frames(SECOND);
    for _ in 0..1_000 {
        scene.wish.resync.insert("BTC/USD".to_owned());
        scene.take();
    }
    assert_eq!(scene.talk.frames.len(), 2);
    let mut scene = Scene::open(Venue::Binance);
    scene.want(&["BTCUSDT"]);
    scene.frames(SECOND);
    for _ in 0..1_000 {
        scene.wish.resync.insert("BTCUSDT".to_owned());
        scene.take();
    }
    assert_eq!(scene.talk.gets.len(), 3, "the list, the book and the volume");
}

#[test]
fn silence_runs_from_the_last_sign_of_life() {
    let mut scene = Scene::open(Venue::Binance);
    let at = |scene: &Scene, seconds: u32| scene.start + SECOND * seconds;
    assert!(scene.talk.overdue(at(&scene, 24)).is_none());
    assert!(matches!(scene.talk.overdue(at(&scene, 25)), Some(Fault::Silent(_))));
    let ping = at(&scene, 20);
    scene.talk.heard_ping(ping);
    assert!(scene.talk.overdue(at(&scene, 44)).is_none());
    assert!(matches!(scene.talk.overdue(at(&scene, 45)), Some(Fault::Silent(_))));
}

#[test]
fn pings_are_no_answer_to_what_we_asked() {
    let mut scene = Scene::open(Venue::Binance);
    scene.want(&["BTCUSDT"]);
    scene.frames(SECOND);
    let at = scene.start + SECOND * 11;
    scene.talk.heard_ping(at);
    assert!(matches!(scene.talk.overdue(at), Some(Fault::NoDatum(_))));
    scene.talk.heard_datum(at);
    assert!(scene.talk.overdue(at).is_none());
}

#[test]
fn a_frame_that_the_venue_does_not_take_is_noticed() {
    let mut scene = Scene::open(Venue::Kraken);
    let limits =
        Limits { silence: SECOND * 100, first_datum: SECOND * 100, ..scene.protocol.limits() };
    scene = Scene::within(scene.protocol, limits);
    scene.talk.frame_due(scene.start).unwrap();
    let at = scene.start + Patience::default().write;
    assert!(matches!(scene.talk.overdue(at), Some(Fault::NotTaken(_))));
    scene.talk.written();
    assert!(scene.talk.overdue(at).is_none());
}

#[test]
fn what_keeps_failing_lets_the_others_pass() {
    let mut scene = Scene::open(Venue::Binance);
    scene.want(&["BTCUSDT"]);
    scene.frames(SECOND);
    let hour = Duration::from_secs(3_600);
    for n in 1..FAILURES_IN_FRONT + 1 {
        let get = scene.get(hour * n).unwrap();
        assert!(get.query.url.contains("exchangeInfo"));
        scene.talk.again(get, scene.start + hour * n);
    }
    assert!(scene.get(hour * 9).unwrap().query.url.contains("depth"));
    scene.talk.answered();
    assert!(scene.get(hour * 9).unwrap().query.url.contains("exchangeInfo"));
}

#[test]
fn we_wake_for_whatever_comes_first() {
    let mut scene = Scene::open(Venue::Kraken);
    let limits = Limits { frames_per_second: 1, ..scene.protocol.limits() };
    scene = Scene::within(scene.protocol, limits);
    scene.want(&[]);
    scene.frames(Duration::ZERO);
    let silence = scene.start + limits.silence;
    assert_eq!(scene.talk.wake_at(scene.start), silence);
    scene.want(&["BTC/USD"]);
    assert_eq!(scene.talk.wake_at(scene.start), scene.start + FRAME_SPAN);
}

#[test]
fn a_quiet_link_is_kept_open_and_a_busy_one_is_not_disturbed() {
    let at = Endpoints { ws: "ws://127.0.0.1:1".into(), rest: "http://127.0.0.1:1".into() };
    let protocol = Protocol::new(Venue::Bridge, at).unwrap();
    let limits = protocol.limits();
    let mut scene = Scene::within(protocol, limits);
    assert_eq!(scene.frames(SECOND), [r#"{"type":"list"}"#]);
    let due = scene.start + 11 * SECOND;
    assert_eq!(scene.talk.wake_at(scene.start + 2 * SECOND), due);
    assert!(scene.frames(10 * SECOND).is_empty());
    scene.want(&["ACME"]);
    assert_eq!(scene.frames(10 * SECOND).len(), 1);
    assert!(scene.frames(19 * SECOND).is_empty(), "something was said a moment ago");
    assert_eq!(scene.frames(20 * SECOND), [r#"{"type":"heartbeat"}"#]);
    assert_eq!(scene.frames(20 * SECOND).len(), 0);
}

#[test]
fn figures_that_only_http_tells_are_fetched_with_the_subscription_and_again() {
    let mut scene = Scene::open(Venue::BinanceUsdM);
    scene.want(&["BTCUSDT"]);
    scene.frames(SECOND);
    let mut urls = Vec::new();
    while let Some(get) = scene.get(SECOND) {
        scene.talk.answered();
        urls.push(get.query.url);
    }
    assert!(
        urls.iter().any(|url| url.ends_with("/fapi/v1/openInterest?symbol=BTCUSDT")),
        "{urls:?}"
    );
    scene.talk.look_up_figures(&mut scene.protocol, scene.start + 14 * SECOND);
    assert_eq!(scene.get(14 * SECOND), None);
    scene.talk.look_up_figures(&mut scene.protocol, scene.start + 15 * SECOND);
    assert!(scene.get(15 * SECOND).unwrap().query.url.contains("openInterest"));
}

#[test]
fn a_figure_waits_behind_all_that_is_waited_for() {
    let mut scene = Scene::open(Venue::Binance);
    scene.want(&["BTCUSDT"]);
    scene.frames(SECOND);
    assert!(scene.get(SECOND).unwrap().query.url.contains("exchangeInfo"));
    scene.talk.answered();
    scene.want(&["BTCUSDT", "ETHUSDT"]);
    scene.frames(SECOND);
    let (mut asked, mut is_free) = (Vec::new(), Vec::new());
    while let Some(get) = scene.get(2 * SECOND) {
        scene.talk.answered();
        asked.push(get.query.url.rsplit('/').next().unwrap().to_owned());
        is_free.push(scene.talk.asks_nothing());
    }
    let expected = [
        "depth?symbol=BTCUSDT&limit=5000",
        "depth?symbol=ETHUSDT&limit=5000",
        "24hr?symbol=BTCUSDT",
        "24hr?symbol=ETHUSDT",
    ];
    assert_eq!(asked, expected);
    assert_eq!(is_free, [false, true, true, true], "the past may be asked for before figures");
}

#[test]
fn a_figure_that_fails_stays_behind_all_that_is_waited_for() {
    let mut scene = Scene::open(Venue::Binance);
    scene.want(&["BTCUSDT"]);
    scene.frames(SECOND);
    for _ in 0..2 {
        scene.get(SECOND).unwrap();
        scene.talk.answered();
    }
    let figure = scene.get(SECOND).unwrap();
    assert!(figure.is_figure && scene.talk.gets.is_empty());
    scene.talk.again(figure, scene.start);
    scene.wish.resync.insert("BTCUSDT".to_owned());
    scene.take();
    let hour = Duration::from_secs(3_600);
    assert!(scene.get(hour).unwrap().query.url.contains("depth"));
    scene.talk.answered();
    assert!(scene.get(hour).unwrap().query.url.contains("24hr"));
}
