//! Columns down to a millisecond: live, after seeks and looked back for they are the same, and nothing else changes by
//! them.

use engine::{Backward, Cadence, Engine, Input, Player, Tape, state_digest};
use market::{Packet, SaveProgress, SavedState, Timestamp};
use proof::frame::HEATMAP;
use proof::{Frame, script};
use view::heat::{COLUMNS_KEPT, FINE_LENGTHS_MS};
use view::{Header, OlderColumns, Screen, Shown};

use crate::look_back::{
    BOOK, Live, Told, answer, assert_same, columns, fine, keyed_every, live, look_back, plain,
};
use crate::{SECOND, state_at};

const OFTEN: Cadence = Cadence { every_nanos: 3 * SECOND, weight: 0 };

/// The script up to its night: half a minute with a gap, a snapshot, a link that closes, and a link that opens.
fn packets(seed: u64) -> Vec<Packet> {
    let packets = script::session(seed);
    let end = packets[0].received_at.plus_nanos(47 * SECOND);
    packets.into_iter().take_while(|packet| packet.received_at < end).collect()
}

/// The time of a column's beginning.
fn time(number: i64, column_ms: u32) -> Timestamp {
    Timestamp::from_millis(number * i64::from(column_ms))
}

#[test]
fn fine_columns_of_the_past_are_those_that_were_told_when_they_were_new() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packets = packets(9);
    let plain = plain(&folder.path().join("plain.mcap"), &packets);
    let keyed = keyed_every(OFTEN, &folder.path().join("keyed.mcap"), &packets);
    for column_ms in FINE_LENGTHS_MS {
        let Live { columns, end, .. } = live(&packets, column_ms);
        let n = end.nanos_since(packets[0].received_at) / (i64::from(column_ms) * 1_000_000);
        assert!((n - columns.len() as i64).abs() <= 1, "{} of {n}", columns.len());
        for tape in [&plain, &keyed] {
            let looked = look_back(tape, column_ms, 60 * SECOND).columns;
            assert_same(&looked, &columns);
            // The column in which the session ended is told as well.
            assert_eq!(looked.len(), columns.len() + 1);
        }
    }
}

#[test]
fn the_way_back_leads_into_the_session_before_it_in_fine_columns_too() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let first = packets(3);
    let length = first[first.len() - 1].received_at.nanos_since(first[0].received_at);
    let shift = |packet: Packet| {
        let received_at = packet.received_at.plus_nanos(length + 3 * SECOND);
        Packet { received_at, ..packet }
    };
    let second: Vec<Packet> = packets(4).into_iter().map(shift).collect();
    let tapes = [
        keyed_every(OFTEN, &folder.path().join("first.mcap"), &first),
        plain(&folder.path().join("second.mcap"), &second),
    ];
    let tape = Tape::of(tapes.iter().flat_map(|tape| tape.acts().iter().cloned()).collect());
    let lives = [live(&first, 5), live(&second, 5)];
    let looked = look_back(&tape, 5, 60 * SECOND);
    lives.iter().for_each(|live| assert_same(&looked.columns, &live.columns));
    let n: usize = lives.iter().map(|live| live.columns.len() + 1).sum();
    assert_eq!(looked.columns.len(), n, "and nothing between");
    assert!(looked.gaps.iter().any(|gap| gap.cause == 0));
}

#[test]
fn states_with_and_without_fine_columns_are_not_taken_for_each_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packets = packets(6);
    let tape = keyed_every(OFTEN, &folder.path().join("keyed.mcap"), &packets);
    let back = || Backward::new(tape.clone(), tape.to(), (BOOK.0, BOOK.1.to_owned()));
    let shared = back();
    let told = |back: &Backward, column_ms: u32, from: Timestamp, to: Timestamp| {
        let mut told = Told::new();
        let frame = answer(back, OlderColumns::new(column_ms, from, to).expect("a length"));
        frame.section(HEATMAP).into_iter().for_each(|section| columns(section, &mut told));
        told
    };
    let middle = tape.from().plus_nanos(20 * SECOND);
    for column_ms in [100, 1, 100, 20, 5, 100, 5, 1, 20] {
        for end in [middle, middle.plus_nanos(-SECOND / 2), middle.plus_nanos(3 * SECOND)] {
            let from = end.plus_nanos(-SECOND);
            let one = told(&shared, column_ms, from, end);
            assert_eq!(one.len() as i64, 1_000 / i64::from(column_ms), "{column_ms} ms at {end}");
            assert!(one == told(&back(), column_ms, from, end), "{column_ms} ms at {end}");
        }
    }
}

/// The columns of a player's instrument as a screen is told them at once, and whether one forms.
fn shown(player: &Player, column_ms: u32) -> (Told, Option<i64>) {
    let id = player.engine().find(BOOK.0, BOOK.1).expect("the instrument").id;
    let watched = player.engine().watched(id).expect("heard");
    let shown = Shown { view: watched.view.as_ref().expect("a view"), market: &watched.market };
    let (mut told, mut screen, mut number) = (Told::new(), Screen::new(), 0);
    screen.set_column_ms(column_ms).expect("a length");
    let mut last = None;
    while screen.is_dirty(Some(shown), number) {
        let frame = Frame::read(screen.next_frame(Some(shown), &Header::default(), number));
        number = frame.number();
        if let Some(section) = frame.section(HEATMAP) {
            columns(section, &mut told);
            last = section.f64s(32).last().map(|number| *number as i64);
        }
    }
    (told, last)
}

fn arrive(player: &mut Player) {
    while player.is_seeking() {
        player.advance(0);
    }
}

#[test]
fn a_playhead_shows_them_wherever_it_goes_and_whenever_they_are_wanted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packets = packets(9);
    let tape = keyed_every(OFTEN, &folder.path().join("keyed.mcap"), &packets);
    let of_live = [1, 20].map(|column_ms| live(&packets, column_ms).columns);
    let mut player = Player::open(tape.clone());
    player.pause();
    let at = |seconds: i64| tape.from().plus_nanos(seconds * SECOND + 300_123_000);
    let mut n_told = 0;
    // Far, near, back, and to where nothing was heard for seconds; wanted before and after.
    for (step, seconds) in [30, 31, 33, 12, 44, 2, 40, 41, 5].into_iter().enumerate() {
        let (column_ms, live) = if step % 4 < 3 { (1, &of_live[0]) } else { (20, &of_live[1]) };
        if step % 3 == 0 {
            player.set_fine(fine(column_ms));
        }
        player.seek(at(seconds));
        arrive(&mut player);
        player.set_fine(fine(column_ms));
        arrive(&mut player);
        assert_eq!(player.at(), at(seconds));
        assert_eq!(state_digest(player.engine()), state_at(&tape, at(seconds)));
        let (told, forming) = shown(&player, column_ms);
        let number = at(seconds).nanos() / (i64::from(column_ms) * 1_000_000);
        assert_eq!(forming, Some(number));
        // From the keyframe before it on, none is left out.
        let first = told.keys().next().copied().unwrap_or(number);
        assert_eq!(first + told.len() as i64, number);
        assert!(told.len() <= COLUMNS_KEPT);
        n_told += told.len();
        told.iter().for_each(|(number, bytes)| {
            assert!(live.get(number) == Some(bytes), "{number} at {seconds} s of {column_ms} ms");
        });
    }
    assert!(n_told > 3_000, "{n_told}");
    player.set_fine(Vec::new());
    assert_eq!(shown(&player, 20).1, None, "nobody wants them: they are gone");
}

#[test]
fn each_step_of_a_packet_has_its_column() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let packets = packets(9);
    let tape = keyed_every(OFTEN, &folder.path().join("keyed.mcap"), &packets);
    let live = live(&packets, 1).columns;
    let mut player = Player::open(tape.clone());
    player.pause();
    player.set_fine(fine(1));
    player.seek(tape.from().plus_nanos(20 * SECOND));
    arrive(&mut player);
    for step in 0..40 {
        if step % 4 == 3 {
            player.step_back(engine::Stride::Packet);
        } else {
            player.step_packet();
        }
        arrive(&mut player);
        let at = player.last().expect("a packet").at;
        assert_eq!(state_digest(player.engine()), state_after(&tape, &player), "step {step}");
        let (told, forming) = shown(&player, 1);
        assert_eq!(forming, Some(at.nanos() / 1_000_000));
        let newest = told.last_key_value().expect("columns");
        assert!(live.get(newest.0) == Some(newest.1) && time(*newest.0 + 1, 1) <= at);
    }
}

/// The state right after the last packet that a player heard, heard from the beginning.
fn state_after(tape: &Tape, player: &Player) -> String {
    let mut engine = Engine::new();
    for packet in tape.packets().take(player.packet_index() as usize) {
        engine.step(Input::Packet(packet), &mut Vec::new());
    }
    state_digest(&engine)
}

fn saved(engine: &Engine) -> Vec<u8> {
    let SavedState { mut bytes, blocks } = engine.save(&mut SaveProgress::default());
    blocks.iter().for_each(|block| bytes.extend(&block.bytes));
    bytes
}

#[test]
fn neither_digests_nor_saved_states_know_of_them() {
    let (mut plain, mut closely, mut asks) = (Engine::new(), Engine::new(), Vec::new());
    for (index, packet) in script::session(2).into_iter().enumerate() {
        if index % 70 == 0 {
            let wish = (index / 70) % 5;
            closely.set_fine(&FINE_LENGTHS_MS.get(wish).map_or(Vec::new(), |ms| fine(*ms)));
            let ahead = plain.now().plus_nanos(7_777_777).min(packet.received_at);
            closely.step(Input::Tick(ahead), &mut asks);
        }
        plain.step(Input::Packet(packet.clone()), &mut asks);
        closely.step(Input::Packet(packet), &mut asks);
        asks.clear();
        if index % 100 == 0 {
            assert_eq!(state_digest(&closely), state_digest(&plain), "packet {index}");
            assert!(saved(&closely) == saved(&plain), "packet {index}");
        }
    }
}
