//! Between two sessions nobody listened: that is shown, skipped while it plays, and stepped over by packet and trade.

use std::path::Path;

use bytes::Bytes;
use engine::{Act, Engine, Outline, Player, Stride, Tail, Tape, state_digest};
use market::{Body, Cause, HttpExchange, Packet, Timestamp, Venue};
use proof::{script, tapes};
use session::BulkOptions;
use tempfile::TempDir;
use view::Health;

use crate::rewind::arrive;
use crate::{SECOND, header, recorded, state_at};

/// A turn of the player: 25 ms on the wall.
const TURN: i64 = SECOND / 40;
/// Of the time between the two sessions.
const HOLE_SECONDS: i64 = 3_600;

/// BTC and ETH in each other's place, so that each has the other's number.
fn exchanged(bytes: &Bytes) -> Bytes {
    let text = String::from_utf8_lossy(bytes);
    let text = text.replace("BTC", "XXX").replace("ETH", "BTC").replace("XXX", "ETH");
    Bytes::from(text.replace("btc", "xxx").replace("eth", "btc").replace("xxx", "eth"))
}

/// The script some time later, whose instruments have each other's number.
fn later(packets: Vec<Packet>, nanos: i64) -> Vec<Packet> {
    let change = |packet: Packet| {
        let body = match packet.body {
            Body::Text(text) => Body::Text(exchanged(&text)),
            Body::Requested(url) => Body::Requested(exchanged(&url)),
            Body::Answered(HttpExchange { url, status, body }) => Body::Answered(HttpExchange {
                url: exchanged(&url),
                status,
                body: exchanged(&body),
            }),
            same @ (Body::Opened(_)
            | Body::Binary(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Closed(_)
            | Body::Derived(_)
            | Body::Remark(_)) => same,
        };
        Packet { received_at: packet.received_at.plus_nanos(nanos), body, ..packet }
    };
    packets.into_iter().map(change).collect()
}

fn written(path: &Path, packets: Vec<Packet>) -> Tape {
    session::write_all(path, packets, &BulkOptions::new(header())).expect("a recording");
    tapes::tape(&[path.to_owned()])
}

/// Two sessions, an hour apart: each alone, and one after the other.
struct Two {
    _folder: TempDir,
    first: Tape,
    second: Tape,
    both: Tape,
}

fn two() -> Two {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let first = written(&folder.path().join("first.mcap"), script::session(1));
    let length = first.to().nanos_since(first.from());
    let packets = later(script::session(2), length + HOLE_SECONDS * SECOND);
    let second = written(&folder.path().join("second.mcap"), packets);
    let both = Tape::of(first.acts().iter().chain(second.acts()).cloned().collect());
    Two { _folder: folder, first, second, both }
}

fn is_lost(engine: &Engine) -> bool {
    let expected = (Health::Stale, Some(Cause::NotHeard));
    engine.all_watched().count() == 2
        && engine.all_watched().all(|(_, one)| (one.health(), one.cause()) == expected)
}

#[test]
fn behind_the_last_packet_of_a_session_nothing_is_right_until_the_next_one_begins() {
    let two = two();
    let Two { first, second, both, .. } = &two;
    let (to, from) = (first.to(), second.from());
    let mut player = Player::open(both.clone());
    let mut state = |at: Timestamp| {
        player.seek(at);
        arrive(&mut player);
        assert_eq!(player.at(), at);
        (is_lost(player.engine()), state_digest(player.engine()))
    };
    assert_eq!(state(to), (false, state_at(first, to)), "the last packet's state is as it was");
    for at in [to.plus_nanos(1), to.plus_nanos(3 * SECOND), from.plus_nanos(-1)] {
        assert!(state(at).0, "{at}");
    }
    assert_eq!(state(from), (false, state_at(second, from)));
    assert_eq!(state(to), (false, state_at(first, to)), "and so it is when it is gone back to");
    let (_, hole) = state(to.plus_nanos(3 * SECOND));
    assert_ne!(hole, state_at(first, to));
    let absence = player.engine().absence().expect("an absence");
    assert_eq!((absence.from, absence.to), (to, Some(from)));
    for (_, watched) in player.engine().all_watched() {
        let view = watched.view.as_ref().expect("a view");
        let gap = *view.gaps().last().expect("a gap");
        assert_eq!((gap.from, gap.to, gap.cause), (to, None, Cause::NotHeard));
        let panels = serde_json::to_value(view.panels(&watched.market)).expect("panels");
        for column in ["last_closed", "forming"] {
            assert_eq!(panels["heatmap"][column]["state"], "stale", "{column} is hatched");
        }
    }
}

#[test]
fn the_end_of_a_recording_is_shown_as_it_was() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let mut player = Player::open(tape.clone());
    player.seek(tape.to().plus_nanos(60 * SECOND));
    arrive(&mut player);
    assert_eq!(
        (player.at(), state_digest(player.engine())),
        (tape.to(), state_at(&tape, tape.to()))
    );
}

/// Turns until the playhead stands at a moment or behind it.
fn turns_until(player: &mut Player, at: Timestamp) -> usize {
    for n_turns in 0..1_000 {
        if player.at() >= at {
            return n_turns;
        }
        player.advance(TURN);
    }
    panic!("never there: {}", player.at());
}

fn playing(tape: &Tape, at: Timestamp, speed: f64) -> Player {
    let mut player = Player::open(tape.clone());
    player.set_skips_gaps(true);
    player.set_speed(Some(speed));
    player.seek(at);
    arrive(&mut player);
    player
}

#[test]
fn the_time_between_two_sessions_is_shown_for_a_second_and_skipped_at_every_speed() {
    let two = two();
    let Two { first, second, both, .. } = &two;
    for speed in [0.1, 1.0, 64.0] {
        let mut player = playing(both, first.to(), speed);
        // The first turn leads into it; a second of turns follows, and with the next it is over.
        let n_turns = turns_until(&mut player, second.from());
        assert_eq!((n_turns, player.act()), (41, 1), "{speed}x");
        assert_eq!(player.at(), second.from());
        assert_eq!(state_digest(player.engine()), state_at(second, second.from()));
    }
    let mut player = playing(both, first.to(), 1.0);
    player.set_skips_gaps(false);
    (0..400).for_each(|_| player.advance(TURN));
    assert_eq!(player.at(), first.to().plus_nanos(10 * SECOND), "unless that is switched off");
    player.set_skips_gaps(true);
    player.pause();
    (0..400).for_each(|_| player.advance(TURN));
    player.step_time(SECOND);
    arrive(&mut player);
    assert_eq!(player.at(), first.to().plus_nanos(11 * SECOND), "nor at rest, nor by a step");
    player.play();
    turns_until(&mut player, second.from());
    player.set_speed(None);
    player.seek(first.to());
    arrive(&mut player);
    player.advance(TURN);
    assert_eq!(player.act(), 1, "as fast as possible nothing is waited for");
}

#[test]
fn where_a_recording_has_nothing_for_long_that_is_shown_for_a_second_and_skipped() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let packets: Vec<_> = tape.packets().map(|packet| packet.received_at).collect();
    let lengths = || packets.windows(2).map(|two| (two[0], two[1]));
    let (from, to) = lengths().max_by_key(|(from, to)| to.nanos_since(*from)).expect("a hole");
    assert!(to.nanos_since(from) > 1_000 * SECOND);
    let mut player = playing(&tape, from, 1.0);
    assert_eq!(turns_until(&mut player, to), 41);
    assert_eq!((player.at(), state_digest(player.engine())), (to, state_at(&tape, to)));
    // What is shorter than ten seconds plays on.
    let is_short = |(from, to): &(Timestamp, Timestamp)| {
        (2 * SECOND..10 * SECOND).contains(&to.nanos_since(*from))
    };
    let (from, to) = lengths().find(is_short).expect("a link that was opened anew");
    let n_turns = turns_until(&mut playing(&tape, from, 1.0), to);
    assert_eq!(n_turns as i64, (to.nanos_since(from) + TURN - 1) / TURN);
    // A loop shows what lies in it.
    let (from, _) = lengths().max_by_key(|(from, to)| to.nanos_since(*from)).expect("a hole");
    let (first, last) = (from.plus_nanos(10 * SECOND), from.plus_nanos(15 * SECOND));
    let mut player = playing(&tape, first, 1.0);
    player.set_loop(Some((first, last)));
    (0..100).for_each(|_| player.advance(TURN));
    assert_eq!(player.at(), first.plus_nanos(100 * TURN));
}

/// The packets that tell of trades of ETHUSDT, counted over both sessions: as their frames say it.
fn trades(two: &Two) -> Vec<u64> {
    let mut trades = Vec::new();
    let mut n_before = 0;
    for tape in [&two.first, &two.second] {
        let mut seen = std::collections::BTreeSet::new();
        for (index, packet) in tape.packets().enumerate() {
            if let Body::Text(text) = &packet.body
                && let Ok(json) = serde_json::from_slice::<serde_json::Value>(text)
                && json["stream"] == "ethusdt@trade"
                && seen.insert(json["data"]["t"].as_u64())
            {
                trades.push(n_before + index as u64 + 1);
            }
        }
        n_before += tape.n_packets();
    }
    trades
}

fn eth() -> Stride {
    Stride::Trade(Venue::Binance, "ETHUSDT".into())
}

#[test]
fn steps_by_trade_are_exact_over_the_time_between_two_sessions() {
    let two = two();
    let trades = trades(&two);
    let boundary = two.first.n_packets();
    let next = trades.partition_point(|trade| *trade <= boundary);
    assert!(next > 5 && trades.len() > next + 5);
    let mut player = Player::open(two.both.clone());
    player.pause();
    player.seek(two.second.from().plus_nanos(5 * SECOND));
    arrive(&mut player);
    while player.packet_index() != trades[next + 3] {
        player.step_back(eth());
        arrive(&mut player);
        assert!(player.packet_index() >= trades[next + 3], "{}", player.packet_index());
    }
    for expected in trades[next - 4..next + 3].iter().rev() {
        player.step_back(eth());
        arrive(&mut player);
        assert_eq!(player.packet_index(), *expected, "back");
        assert!(!player.engine().traded().is_empty());
    }
    for expected in &trades[next - 3..next + 4] {
        player.step(eth());
        arrive(&mut player);
        assert_eq!(player.packet_index(), *expected, "forward");
    }
    (0..7).for_each(|_| player.step_back(eth()));
    arrive(&mut player);
    assert_eq!(player.packet_index(), trades[next - 4], "all at once");
    assert_eq!(player.take_told(), None);
}

#[test]
fn where_nothing_is_left_the_playhead_stays_and_says_so() {
    let two = two();
    let trades = trades(&two);
    let mut player = Player::open(two.both.clone());
    player.pause();
    player.seek(two.both.to());
    arrive(&mut player);
    player.step_back(eth());
    arrive(&mut player);
    while player.packet_index() != *trades.last().expect("a trade") {
        player.step(eth());
        arrive(&mut player);
    }
    let (at, state) = (player.at(), state_digest(player.engine()));
    (0..3).for_each(|_| player.step(eth()));
    arrive(&mut player);
    assert_eq!((player.at(), state_digest(player.engine())), (at, state));
    assert_eq!(player.packet_index(), *trades.last().expect("a trade"));
    assert_eq!(player.take_told().as_deref(), Some("There is no later trade of ETHUSDT."));
    assert_eq!(player.take_told(), None, "once");
    player.seek(two.both.from());
    arrive(&mut player);
    player.step(eth());
    arrive(&mut player);
    assert_eq!(player.packet_index(), trades[0]);
    player.step_back(eth());
    arrive(&mut player);
    assert_eq!(player.packet_index(), trades[0]);
    assert_eq!(player.take_told().as_deref(), Some("There is no earlier trade of ETHUSDT."));
    let unknown = || Stride::Trade(Venue::Kraken, "BTC/USD".into());
    player.step(unknown());
    arrive(&mut player);
    assert_eq!(player.packet_index(), trades[0]);
    assert_eq!(player.take_told().as_deref(), Some("There is no later trade of BTC/USD."));
}

#[test]
fn packets_and_moments_end_where_a_recording_does_and_that_is_said() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let mut player = Player::open(tape.clone());
    player.seek(tape.to());
    arrive(&mut player);
    player.step(Stride::Packet);
    assert_eq!((player.at(), player.packet_index()), (tape.to(), tape.n_packets()));
    assert_eq!(player.take_told().as_deref(), Some("There is no later packet."));
    player.step_time(50_000_000);
    arrive(&mut player);
    assert_eq!(player.take_told().as_deref(), Some("There is no later moment."));
    player.seek(tape.from());
    arrive(&mut player);
    player.step_time(-50_000_000);
    arrive(&mut player);
    assert_eq!(player.at(), tape.from());
    assert_eq!(player.take_told().as_deref(), Some("There is no earlier moment."));
    while player.packet_index() > 0 {
        player.step_back(Stride::Packet);
        arrive(&mut player);
        assert_eq!(player.take_told(), None);
    }
    player.step_back(Stride::Packet);
    arrive(&mut player);
    assert_eq!(player.packet_index(), 0);
    assert_eq!(player.take_told().as_deref(), Some("There is no earlier packet."));
}

#[test]
fn what_is_shown_stays_when_its_recording_is_deleted_and_that_is_told_once() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(std::slice::from_ref(&path));
    let mut player = Player::open(tape.clone());
    player.pause();
    let at = tape.from().plus_nanos(20 * SECOND);
    player.seek(at);
    arrive(&mut player);
    let state = state_digest(player.engine());
    assert_eq!(tape.acts()[0].take_gone(), None);
    std::fs::remove_file(&path).expect("a file");
    player.seek(tape.from().plus_nanos(5 * SECOND));
    arrive(&mut player);
    assert_eq!((player.at(), state_digest(player.engine())), (at, state.clone()));
    assert_eq!(tape.acts()[0].take_gone().as_deref(), Some("script.mcap"));
    player.step_back(Stride::Packet);
    arrive(&mut player);
    player.seek(tape.from());
    arrive(&mut player);
    assert_eq!((player.at(), state_digest(player.engine())), (at, state));
    assert_eq!(tape.acts()[0].take_gone(), None, "once");
}

#[test]
fn a_recording_that_cannot_be_read_any_longer_is_told_by_whoever_reads_it() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(std::slice::from_ref(&path));
    std::fs::remove_file(&path).expect("a file");
    assert_eq!(tape.packets().count(), 0);
    assert_eq!(tape.acts()[0].take_gone().as_deref(), Some("script.mcap"));
}

/// A session of which nothing is recorded, as memory of so many bytes has it.
fn unrecorded(n_bytes: usize) -> (Tail, Vec<Option<String>>) {
    let tail = Tail::with_room(n_bytes);
    let packets = script::session(9);
    tail.settle(Vec::new(), false, packets[0].received_at);
    let told = packets.chunks(50).map(|packets| {
        tail.begin(Vec::new());
        packets.iter().for_each(|packet| tail.push(packet.clone()));
        tail.settle(Vec::new(), false, packets[packets.len() - 1].received_at);
        tail.take_shortage()
    });
    let told = told.collect();
    (tail, told)
}

#[test]
fn that_memory_holds_less_than_was_promised_is_said_once_and_where_it_begins() {
    let (_, told) = unrecorded(1 << 30);
    assert!(told.iter().all(Option::is_none), "there is room");
    let (tail, told) = unrecorded(200_000);
    let told: Vec<_> = told.into_iter().flatten().collect();
    let [sentence] = told.as_slice() else { panic!("once: {told:?}") };
    assert!(sentence.starts_with("Recording is off: only the last "), "{sentence}");
    assert!(sentence.ends_with(" into memory."), "{sentence}");
    let act = Act::live(tail, Outline::shared());
    let first = act.packets().next().expect("a packet").received_at;
    assert_eq!(act.from(), Some(first));
    assert!(first > script::session(9)[0].received_at);
}
