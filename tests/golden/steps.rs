//! Steps back and forth, by packet, trade, frame and second, lead to the states of their moments.

use std::collections::VecDeque;

use engine::{Mark, Player, Stride, Tape, state_digest};
use market::{Body, Venue};
use proof::tapes;

use crate::rewind::arrive;
use crate::{SECOND, recorded, state_at};

/// The state after each packet, heard one by one.
fn states(tape: &Tape) -> Vec<String> {
    tapes::digests(tape.packets(), 1)
}

#[test]
fn steps_back_give_the_states_that_steps_forward_gave() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let states = states(&tape);
    let mut player = Player::open(tape.clone());
    for start in [700, 1_003, 40, tape.n_packets() as usize] {
        let mark = tape.packets().nth(start - 1).and_then(|packet| Mark::of(&packet));
        player.seek_packet(mark.expect("a packet that was heard"));
        arrive(&mut player);
        assert_eq!(state_digest(player.engine()), states[start - 1], "packet {start}");
        for back in 1..=10 {
            player.step_back(Stride::Packet);
            arrive(&mut player);
            assert_eq!(player.packet_index() as usize, start - back);
            assert_eq!(state_digest(player.engine()), states[start - back - 1]);
        }
        for _ in 0..10 {
            player.step(Stride::Packet);
        }
        assert_eq!(state_digest(player.engine()), states[start - 1], "back at packet {start}");
    }
}

#[test]
fn so_many_steps_are_so_many_packets_though_the_playhead_is_still_on_its_way() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let states = states(&tape);
    let mut player = Player::open(tape.clone());
    for (start, n_back, n_forward) in [(700, 10, 3), (1_003, 600, 20), (40, 41, 5), (900, 1, 1)] {
        let mark = tape.packets().nth(start - 1).and_then(|packet| Mark::of(&packet));
        player.seek_packet(mark.expect("a packet that was heard"));
        assert!(player.is_seeking(), "on its way to packet {start}");
        (0..n_back).for_each(|_| player.step_back(Stride::Packet));
        (0..n_forward).for_each(|_| player.step(Stride::Packet));
        arrive(&mut player);
        let index = start.saturating_sub(n_back) + n_forward;
        assert_eq!((player.packet_index() as usize, player.is_playing()), (index, false));
        assert_eq!(state_digest(player.engine()), states[index - 1], "from packet {start}");
    }
    // Times add up to times, behind the packet that is gone to.
    let index = player.packet_index() as usize;
    player.step_back(Stride::Packet);
    let at = tape.packets().nth(index - 2).expect("a packet").received_at;
    assert!(player.is_seeking());
    [SECOND, SECOND, -50_000_000].iter().for_each(|nanos| player.step_time(*nanos));
    arrive(&mut player);
    assert_eq!(player.at(), at.plus_nanos(2 * SECOND - 50_000_000));
    // The newest wish wins over steps that have not begun.
    player.step_back(Stride::Packet);
    (0..5).for_each(|_| player.step_back(Stride::Packet));
    player.seek(tape.from().plus_nanos(9 * SECOND));
    arrive(&mut player);
    assert_eq!(player.at(), tape.from().plus_nanos(9 * SECOND));
}

#[test]
fn before_the_first_packet_there_is_nothing_and_a_step_leads_in_again() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let states = states(&tape);
    let mut player = Player::open(tape);
    player.step(Stride::Packet);
    for _ in 0..3 {
        player.step_back(Stride::Packet);
        arrive(&mut player);
        assert_eq!((player.packet_index(), player.is_playing()), (0, false));
        assert_eq!(player.engine().all_watched().count(), 0);
    }
    player.step(Stride::Packet);
    assert_eq!(state_digest(player.engine()), states[0]);
}

#[test]
fn steps_by_trade_stop_at_each_trade_of_the_instrument_in_both_directions() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    // What a frame says of itself, not what the engine makes of it; an id that comes again is no trade.
    let mut seen = std::collections::BTreeSet::new();
    let mut trades = Vec::new();
    for (index, packet) in tape.packets().enumerate() {
        if let Body::Text(text) = &packet.body
            && let Ok(json) = serde_json::from_slice::<serde_json::Value>(text)
            && json["stream"] == "ethusdt@trade"
            && seen.insert(json["data"]["t"].as_u64())
        {
            trades.push(index as u64 + 1);
        }
    }
    let mut player = Player::open(tape);
    player.seek(player.to());
    arrive(&mut player);
    let traded = || Stride::Trade(Venue::Binance, "ETHUSDT".into());
    let mut found = VecDeque::new();
    for _ in 0..40 {
        player.step_back(traded());
        arrive(&mut player);
        found.push_front(player.packet_index());
    }
    assert_eq!(found, &trades[trades.len() - 40..]);
    for expected in &trades[trades.len() - 39..] {
        player.step(traded());
        arrive(&mut player);
        assert_eq!(player.packet_index(), *expected);
    }
    // All at once they lead to the same trade.
    for n_back in [30, 7] {
        (0..n_back).for_each(|_| player.step_back(traded()));
        (0..n_back).for_each(|_| player.step(traded()));
        (0..3).for_each(|_| player.step_back(traded()));
        arrive(&mut player);
        assert_eq!(player.packet_index(), trades[trades.len() - 4], "{n_back} back");
        (0..3).for_each(|_| player.step(traded()));
        arrive(&mut player);
    }
}

#[test]
fn frames_and_seconds_are_stepped_by_the_clock_to_the_state_of_that_moment() {
    let (_folder, path) = recorded();
    let tape = tapes::tape(&[path]);
    let mut player = Player::open(tape.clone());
    let middle = tape.from().plus_nanos(20 * SECOND);
    player.seek(middle);
    for (nanos, from_middle) in [
        (-SECOND, -SECOND),
        (50_000_000, -950_000_000),
        (-50_000_000, -SECOND),
        (2 * SECOND, SECOND),
    ] {
        player.step_time(nanos);
        arrive(&mut player);
        let at = middle.plus_nanos(from_middle);
        assert_eq!((player.at(), player.is_playing()), (at, false));
        assert_eq!(state_digest(player.engine()), state_at(&tape, at));
    }
}
