//! Facts of the state machine: what is said when, and what ends a session.

use proptest::prelude::*;
use venues::EngineIoVersion::{V3, V4};

use super::*;

const OPEN: &str = "0{\"sid\":\"a\",\"upgrades\":[\"websocket\"],\"pingInterval\":25000,\
                    \"pingTimeout\":20000,\"maxPayload\":1000000}";
const SECOND: Duration = Duration::from_secs(1);

/// A session, and the moment at which it began.
struct Scene {
    machine: Machine,
    carrier: Carrier,
    start: Instant,
}

impl Scene {
    fn opening(version: EngineIoVersion, carrier: Carrier) -> Self {
        let start = Instant::now();
        let machine = Machine::open(version, carrier, Patience::default(), start);
        Self { machine, carrier, start }
    }

    /// A session whose namespace is connected at once.
    fn connected(version: EngineIoVersion, carrier: Carrier) -> Self {
        let mut scene = Self::opening(version, carrier);
        scene.hear(0, OPEN).unwrap();
        scene.hear(0, "40").unwrap();
        scene.said();
        scene
    }

    fn at(&self, seconds: u32) -> Instant {
        self.start + SECOND * seconds
    }

    fn hear(&mut self, seconds: u32, frame: &str) -> Result<Meaning, Fault> {
        let at = self.at(seconds);
        self.machine.hear(self.carrier, frame, at)
    }

    fn tick(&mut self, seconds: u32) -> Result<(), Fault> {
        let at = self.at(seconds);
        self.machine.tick(at)
    }

    fn said(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.machine.take()).collect()
    }
}

#[test]
fn version_4_asks_for_its_namespace_and_version_3_is_given_it() {
    for (version, asked) in [(V3, vec![]), (V4, vec!["40"])] {
        let mut scene = Scene::opening(version, Carrier::WebSocket);
        scene.machine.send("42[\"subscribe\"]".to_owned());
        assert_eq!(scene.said(), Vec::<String>::new());
        scene.hear(0, OPEN).unwrap();
        assert_eq!(scene.said(), asked, "events wait for the namespace");
        scene.hear(1, "40").unwrap();
        assert_eq!(scene.said(), ["42[\"subscribe\"]"]);
        assert_eq!(scene.machine.state(), State::Open);
    }
}

#[test]
fn a_handshake_that_is_not_done_in_time_ends() {
    for frames in [&[][..], &[OPEN]] {
        let mut scene = Scene::opening(V4, Carrier::Polling);
        frames.iter().for_each(|frame| assert!(scene.hear(0, frame).is_ok()));
        scene.tick(9).unwrap();
        assert_eq!(scene.machine.wake_at(), Some(scene.at(10)));
        assert!(matches!(scene.tick(10), Err(Fault::UpgradeTimeout(_))));
        assert_eq!(scene.machine.state(), State::Closed);
        assert_eq!(scene.machine.wake_at(), None);
    }
}

#[test]
fn in_version_4_the_server_pings_and_is_missed_after_interval_and_timeout() {
    let mut scene = Scene::connected(V4, Carrier::WebSocket);
    scene.tick(44).unwrap();
    assert_eq!(scene.hear(44, "2").unwrap(), Meaning::Sign);
    assert_eq!(scene.said(), ["3"]);
    assert_eq!(scene.hear(60, "42[\"trade\"]").unwrap(), Meaning::Datum);
    assert_eq!(scene.machine.wake_at(), Some(scene.at(44 + 45)));
    scene.tick(88).unwrap();
    assert!(matches!(scene.tick(89), Err(Fault::NoHeartbeat(limit)) if limit == SECOND * 45));
}

#[test]
fn in_version_3_we_ping_and_want_the_answer_within_the_timeout() {
    let mut scene = Scene::connected(V3, Carrier::WebSocket);
    scene.tick(24).unwrap();
    assert_eq!(scene.said(), Vec::<String>::new());
    scene.tick(25).unwrap();
    assert_eq!(scene.said(), ["2"]);
    scene.hear(27, "3").unwrap();
    assert_eq!(scene.machine.wake_at(), Some(scene.at(50)));
    scene.tick(50).unwrap();
    assert_eq!(scene.said(), ["2"]);
    scene.hear(60, "42[\"trade\"]").unwrap();
    scene.tick(69).unwrap();
    assert!(matches!(scene.tick(70), Err(Fault::NoHeartbeat(limit)) if limit == SECOND * 20));
}

#[test]
fn while_nobody_listens_the_server_is_not_missed() {
    let mut scene = Scene::connected(V4, Carrier::Polling);
    scene.machine.held(SECOND * 30);
    scene.tick(74).unwrap();
    assert!(scene.tick(75).is_err());
}

#[test]
fn a_session_moves_when_its_websocket_answers() {
    for version in [V3, V4] {
        let mut scene = Scene::connected(version, Carrier::Polling);
        assert!(scene.machine.wants_poll() && scene.machine.wants_probe(scene.at(0)));
        scene.machine.probe_begins(scene.at(0));
        assert_eq!(scene.machine.probe_opened(scene.at(1)), Some("2probe".to_owned()));
        let at = scene.at(2);
        scene.machine.hear(Carrier::WebSocket, "3probe", at).unwrap();
        assert!(!scene.machine.wants_poll());
        scene.machine.send("42[\"subscribe\"]".to_owned());
        assert_eq!(scene.said(), Vec::<String>::new(), "nothing is sent between two carriers");
        assert_eq!(scene.machine.upgrade(), "5");
        assert_eq!(scene.machine.state(), State::Open);
        assert_eq!(scene.said(), ["42[\"subscribe\"]"]);
    }
}

#[test]
fn a_probe_that_is_not_answered_leaves_the_session_with_polling() {
    let mut scene = Scene::connected(V4, Carrier::Polling);
    scene.machine.probe_begins(scene.at(0));
    scene.machine.probe_opened(scene.at(1));
    scene.tick(5).unwrap();
    assert_eq!(scene.machine.state(), State::Probing(Probe::Asked));
    scene.tick(6).unwrap();
    assert_eq!(scene.machine.state(), State::Polling);
    assert!(!scene.machine.wants_probe(scene.at(29)));
    assert!(scene.machine.wants_probe(scene.at(30)));
}

#[test]
fn a_probe_that_carries_while_the_poll_hangs_is_given_up_too() {
    let mut scene = Scene::connected(V4, Carrier::Polling);
    scene.machine.probe_begins(scene.at(0));
    scene.machine.probe_opened(scene.at(1));
    let at = scene.at(2);
    scene.machine.hear(Carrier::WebSocket, "3probe", at).unwrap();
    scene.tick(6).unwrap();
    assert_eq!(scene.machine.state(), State::Polling);
    assert!(scene.machine.wants_poll());
}

#[test]
fn what_ends_a_session_is_told_apart() {
    let end = |frames: &[&str]| {
        let mut scene = Scene::opening(V4, Carrier::WebSocket);
        frames.iter().map(|frame| scene.hear(0, frame)).find_map(Result::err)
    };
    assert!(matches!(end(&[OPEN, "1"]), Some(Fault::Closed(None))));
    assert!(matches!(end(&[OPEN, "40", "41"]), Some(Fault::Closed(None))));
    let refused = end(&[OPEN, "44{\"message\":\"no\"}"]);
    assert!(matches!(refused, Some(Fault::NotAdmitted(reason)) if reason == "no"));
    let flood: Vec<&str> = [OPEN].into_iter().chain([("2"); 100]).collect();
    for frames in [&["42[]"][..], &[OPEN, OPEN], &["0{}"], &["hello"], &[""], &flood] {
        assert!(matches!(end(frames), Some(Fault::NotEngineIo(_))), "{frames:?}");
    }
    let of_others = [OPEN, "40", "41/admin,", "44/admin,\"no\"", "42/admin,[]", "4?", "6", "5"];
    assert!(end(&of_others).is_none());
}

proptest! {
    #[test]
    fn nothing_that_comes_makes_it_panic_or_grow(
        is_v4: bool,
        polls: bool,
        steps in prop::collection::vec(
            (0..8_u8, prop_oneof![
                Just(OPEN.to_owned()), Just("40".to_owned()), Just("3probe".to_owned()),
                "[0-6b][0-6]?[/,0-9\\-]{0,3}", "\\PC{0,8}",
            ], 0..60_u32),
            0..40,
        ),
    ) {
        let carrier = if polls { Carrier::Polling } else { Carrier::WebSocket };
        let mut scene = Scene::opening(if is_v4 { V4 } else { V3 }, carrier);
        let mut seconds = 0;
        for (step, frame, pause) in steps {
            seconds += pause;
            let at = scene.at(seconds);
            let machine = &mut scene.machine;
            let was_closed = machine.state() == State::Closed;
            let ended = match step {
                0 => machine.tick(at).is_err(),
                1 => machine.hear(Carrier::WebSocket, &frame, at).is_err(),
                2 if machine.wants_probe(at) => { machine.probe_begins(at); false }
                3 if machine.state() == State::Probing(Probe::Dialing) => {
                    machine.probe_opened(at);
                    false
                }
                4 if machine.state() == State::Probing(Probe::Pausing) => {
                    machine.upgrade();
                    false
                }
                5 => machine.take().is_some_and(|packet| packet.is_empty()),
                _ => machine.hear(Carrier::Polling, &frame, at).is_err(),
            };
            prop_assert!(machine.controls.len() <= CONTROLS_QUEUED + 2);
            if ended || was_closed {
                prop_assert_eq!(machine.state(), State::Closed, "it stays closed");
                prop_assert!(machine.take().is_none() && !machine.wants_poll());
            } else {
                prop_assert!(machine.wake_at().is_some(), "something always runs out");
            }
        }
    }
}
