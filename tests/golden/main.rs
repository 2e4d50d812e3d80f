//! The same packets give the same states, to the byte: twice, at any speed, and after any seek.

mod between;
mod fine;
mod holes;
mod hostile_states;
mod keyframes;
mod look_back;
mod outlines;
mod prints;
mod rewind;
mod saved;
mod steps;
mod timelines;
mod together;
mod underneath;
mod unrecorded;

use std::path::PathBuf;

use engine::{Engine, Input, Player, Tape, Wanted, replay, state_digest};
use market::{Packet, Timestamp};
use proof::{script, tapes};
use session::{BulkOptions, FileHeader};
use tempfile::TempDir;

const SECOND: i64 = 1_000_000_000;

/// The scripted session as a recording.
fn recorded() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("script.mcap");
    session::write_all(&path, script::session(1), &BulkOptions::new(header()))
        .expect("a recording");
    (folder, path)
}

fn header() -> FileHeader {
    FileHeader { program: "proof".to_owned(), endpoints: Vec::new(), is_simulated: true }
}

/// Moments of a tape on its grid of 100 ms: in its busy parts and in its holes.
fn moments(tape: &Tape) -> Vec<Timestamp> {
    let packets: Vec<_> = tape.packets().map(|packet| packet.received_at).collect();
    let picked = packets.iter().step_by(packets.len() / 12).skip(1);
    let mut moments: Vec<_> = picked.map(|at| next_on_grid(tape, *at)).collect();
    let hole = packets.windows(2).max_by_key(|two| two[1].nanos_since(two[0])).expect("two");
    moments.push(next_on_grid(tape, hole[0].plus_nanos(40 * SECOND)));
    moments.retain(|moment| *moment <= tape.to());
    moments.sort();
    moments
}

/// The next moment that is a whole number of 100 ms behind the tape's first packet.
fn next_on_grid(tape: &Tape, at: Timestamp) -> Timestamp {
    let steps = at.nanos_since(tape.from()) / (SECOND / 10) + 1;
    tape.from().plus_nanos(steps * SECOND / 10)
}

/// The state at a moment, heard from the beginning without a pause.
fn state_at(tape: &Tape, at: Timestamp) -> String {
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    for packet in tape.packets().take_while(|packet| packet.received_at <= at) {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
    }
    engine.step(Input::Tick(at), &mut asks);
    state_digest(&engine)
}

fn states_at(tape: &Tape, moments: &[Timestamp]) -> Vec<String> {
    moments.iter().map(|at| state_at(tape, *at)).collect()
}

/// The states at some moments of a player that is given `elapsed_nanos` at once, at a speed.
fn played(tape: &Tape, moments: &[Timestamp], elapsed_nanos: i64, speed: f64) -> Vec<String> {
    let mut player = Player::open(tape.clone());
    player.set_speed(Some(speed));
    let mut states = Vec::new();
    for moment in moments {
        while player.at() < *moment {
            player.advance(elapsed_nanos);
        }
        assert_eq!(player.at(), *moment, "the steps lead to the moment");
        states.push(state_digest(player.engine()));
    }
    states
}

#[test]
fn a_script_written_twice_has_the_same_bytes_and_another_seed_has_others() {
    assert_eq!(script::session(1), script::session(1));
    assert_ne!(script::session(1), script::session(2));
}

#[test]
fn the_scripted_session_comes_to_these_figures() {
    let (_folder, path) = recorded();
    let proof = engine::verify(std::slice::from_ref(&path), None, false, |_| {}).unwrap();
    let file = &proof.files[0];
    assert_eq!(file.refused, 1, "the frame that breaks off");
    let gaps: u64 = file.instruments.iter().map(|one| one.gaps).sum();
    let crossed: u64 = file.instruments.iter().map(|one| one.crossed).sum();
    assert_eq!((gaps, crossed), (1, 0));
    assert_eq!(file.missing, 0, "each link's numbers follow each other");
    let summary = replay(&tapes::tape(&[path]), Wanted::default(), |_| {});
    assert_eq!(summary.packets as usize, script::session(1).len());
    let lost: Vec<_> = summary.instruments.iter().map(|one| one.lost).collect();
    // Each: two links that closed, the night, four minutes and half a minute of silence; the first also the gap.
    assert_eq!(lost, [6, 5]);
    for one in &summary.instruments {
        assert!(one.book_updates > 300 && one.trades > 200, "{one:?}");
    }
}

#[test]
fn what_a_recording_lacks_is_told_by_the_numbers_of_its_links() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("holes.mcap");
    let mut packets = script::session(1);
    for index in [900, 300, 301] {
        packets.remove(index);
    }
    session::write_all(&path, packets, &BulkOptions::new(header())).unwrap();
    let proof = engine::verify(&[path], None, false, |_| {}).unwrap();
    assert_eq!(proof.files[0].missing, 3);
}

#[test]
fn two_replays_have_equal_states_after_every_twentieth_packet() {
    let (_folder, path) = recorded();
    let once = tapes::digests(tapes::packets(std::slice::from_ref(&path)), 20);
    assert_eq!(once, tapes::digests(tapes::packets(&[path]), 20));
    assert!(once.len() > 100);
    assert!(once.windows(2).filter(|two| two[0] != two[1]).count() > 90, "the states do change");
}

#[test]
fn a_file_has_the_states_of_the_packets_that_were_written_into_it() {
    let (_folder, path) = recorded();
    assert_eq!(tapes::digests(tapes::packets(&[path]), 20), tapes::digests(script::session(1), 20));
}

#[test]
fn ticks_between_packets_change_no_state() {
    let packets = script::session(3);
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    let mut digests = Vec::new();
    for (index, packet) in packets.iter().enumerate() {
        for tick in ticks_before(&packets, index) {
            engine.step(Input::Tick(tick), &mut asks);
        }
        engine.step(Input::Packet(packet.clone()), &mut asks);
        asks.clear();
        if (index + 1).is_multiple_of(20) {
            digests.push(state_digest(&engine));
        }
    }
    digests.push(state_digest(&engine));
    assert_eq!(digests, tapes::digests(packets, 20));
}

/// Moments between a packet and the one before it, as a clock of 25 ms gives them; none before every third packet, as
/// when packets come faster than the clock.
fn ticks_before(packets: &[Packet], index: usize) -> Vec<Timestamp> {
    let Some(before) = index.checked_sub(1).map(|before| packets[before].received_at) else {
        return Vec::new();
    };
    if index.is_multiple_of(3) {
        return Vec::new();
    }
    let n_ticks = packets[index].received_at.nanos_since(before) / 25_000_000;
    (1..=n_ticks).map(|tick| before.plus_nanos(tick * 25_000_000)).collect()
}

#[test]
fn any_speed_gives_the_same_states() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let moments = moments(&tape);
    let expected = states_at(&tape, &moments);
    assert_eq!(played(&tape, &moments, SECOND / 10, 1.0), expected, "100 ms at 1x");
    assert_eq!(played(&tape, &moments, SECOND / 100, 10.0), expected, "10 ms at 10x");
    assert_eq!(played(&tape, &moments, SECOND / 40, 0.5), expected, "25 ms at a half");
    assert_eq!(played(&tape, &moments, SECOND / 10_000, 500.0), expected, "0.1 ms at 500x");
}

#[test]
fn any_seek_gives_the_state_of_that_moment() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let moments = moments(&tape);
    let expected = states_at(&tape, &moments);
    let mut player = Player::open(tape);
    for index in [7, 2, 2, 11, 0, 5, 3, 9, 1, 10, 4, 6, 8] {
        player.seek(moments[index]);
        while player.is_seeking() {
            player.advance(0);
        }
        assert_eq!(player.at(), moments[index]);
        assert_eq!(state_digest(player.engine()), expected[index], "moment {index}");
        // What is heard on the way to the next seek leaves no trace.
        player.play();
        player.advance(SECOND * 3);
        player.step_packet();
    }
}

#[test]
fn stepping_packet_by_packet_gives_the_states_of_a_replay() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(std::slice::from_ref(&path));
    let expected = tapes::digests(tapes::packets(&[path]), 20);
    let mut player = Player::open(tape.clone());
    let mut digests = Vec::new();
    for n_packets in 1..=tape.n_packets() {
        player.step_packet();
        assert_eq!(player.packet_index(), n_packets);
        if n_packets.is_multiple_of(20) {
            digests.push(state_digest(player.engine()));
        }
    }
    digests.push(state_digest(player.engine()));
    assert_eq!(digests, expected);
}

#[test]
fn a_summary_at_a_moment_states_what_the_player_shows_there() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let moment = moments(&tape)[6];
    let wanted = Wanted { until: Some(moment), has_digest: true, has_panels: true };
    let summary = replay(&tape, wanted, |_| {});
    assert_eq!(summary.digest, replay(&tape, wanted, |_| {}).digest);
    let mut player = Player::open(tape);
    player.seek(moment);
    while player.is_seeking() {
        player.advance(0);
    }
    for (one, (_, watched)) in summary.instruments.iter().zip(player.engine().all_watched()) {
        assert_eq!(one.symbol, watched.market.instrument().symbol);
        let shown = watched.view.as_ref().unwrap().panels(&watched.market);
        let stated = serde_json::to_string(one.panels.as_ref().unwrap()).unwrap();
        assert_eq!(stated, serde_json::to_string(&shown).unwrap());
    }
}

#[test]
fn real_traffic_has_equal_states_at_two_speeds_and_after_a_seek() {
    let Some(folder) = tapes::real_recordings() else { return };
    for name in ["2026-07-19T1754_KRAKEN_V2.jsonl.zst", "2021-04-17_BINANCE.jsonl.zst"] {
        let tape = tapes::tape(&[folder.join(name)]);
        let all: Vec<_> = moments(&tape).into_iter().step_by(3).collect();
        let expected = states_at(&tape, &all);
        assert_eq!(played(&tape, &all, SECOND / 10, 1.0), expected, "{name}");
        assert_eq!(played(&tape, &all, SECOND / 200, 4.0), expected, "{name}");
        let mut player = Player::open(tape);
        for index in [2, 0, 3, 1] {
            player.seek(all[index]);
            while player.is_seeking() {
                player.advance(0);
            }
            assert_eq!(state_digest(player.engine()), expected[index], "{name}");
        }
    }
}
