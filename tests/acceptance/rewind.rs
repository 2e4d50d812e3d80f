//! Time as a control over the live market: any moment that was heard is shown as it was, and the market goes on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::wire::{
    Command, Health, JumpTo, LinkState, LinkStatus, Mode, RecordingWork, Reply, StepBy, Transport,
};
use engine::{
    Deck, DeckConfig, Live, Mark, Player, Stride, Verdict, Wanted, replay, state_digest, verify,
};
use market::{Timestamp, Venue};
use proof::frame::{HEATMAP, LADDER, TAPE};
use proof::stage::{PATIENCE, deck_config, live_config, recordings_in, simulated};
use proof::tapes::tape;
use proof::{Eye, Frame, Stage, eventually};
use sim::{Fault, SimVenue};
use tokio::time::{Instant, MissedTickBehavior};

const BOTH: [(Venue, &str); 2] = [(Venue::Binance, "BTCUSDT"), (Venue::Kraken, "BTC/USD")];
/// Of two screens that show the same: else each groups by what it sees first.
const LADDER_BY_TEN: Command = Command::SetLadder { group_ticks: 10 };
/// Of the moments that are gone to.
const SEED: u64 = 7;
const ONE: [(Venue, &str); 1] = [(Venue::Kraken, "BTC/USD")];

/// Runs a live session for `n_packets`; the state after every seventh packet, and which that was.
async fn hear(
    live: &mut Live,
    packets: &mut tokio::sync::mpsc::Receiver<market::Packet>,
    n_packets: usize,
    mut on_packet: impl FnMut(usize, &mut Live),
) -> Vec<(Mark, String)> {
    let mut states = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_millis(25));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let give_up = Instant::now() + 2 * PATIENCE;
    let (mut n_heard, mut n_ticks) = (0, 0_u32);
    while n_heard < n_packets {
        tokio::select! {
            packet = packets.recv() => {
                let packet = packet.expect("the feeds run");
                let (link, number) = (packet.link, packet.number);
                live.on_packet(packet);
                n_heard += 1;
                if n_heard % 7 == 0 {
                    let mark = Mark { at: live.engine().now(), link, number };
                    states.push((mark, state_digest(live.engine())));
                }
                on_packet(n_heard, live);
            }
            _ = ticks.tick() => {
                live.on_tick();
                n_ticks += 1;
                if n_ticks.is_multiple_of(10) {
                    live.on_quarter();
                }
            }
        }
        assert!(Instant::now() < give_up, "only {n_heard} packets came");
    }
    states
}

fn arrive(player: &mut Player) {
    while player.is_seeking() {
        player.advance(0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_any_packet_the_rewound_market_has_the_state_that_was_live() {
    let sim = simulated(&BOTH).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut live, mut packets) =
        Live::start(live_config(&sim, &BOTH, folder.path())).expect("usable endpoints");
    let control = sim.control();
    let states = hear(&mut live, &mut packets, 1_000, |n_packets, live| match n_packets {
        150 => control.fault(SimVenue::Binance, &Fault::DropBook { symbol: None }),
        250 => control.fault(SimVenue::Kraken, &Fault::CorruptChecksum { symbol: None }),
        350 => control.fault(SimVenue::Kraken, &Fault::KillLinks),
        600 => {
            live.set_recording(false);
            live.set_recording(true);
        }
        _ => {}
    })
    .await;
    // The session goes on: this is its past, partly on the disk and partly in memory.
    let edge = live.engine().now();
    let mut player = Player::rewind(live.past(&[]), edge, edge);
    arrive(&mut player);
    assert_eq!(state_digest(player.engine()), state_digest(live.engine()), "the present");
    let mut random = SEED;
    println!("seed {SEED}");
    let mut draw = |n: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 33) as usize % n
    };
    for _ in 0..200 {
        let (mark, state) = &states[draw(states.len())];
        player.seek_packet(*mark);
        arrive(&mut player);
        assert_eq!((player.last(), player.at()), (Some(*mark), mark.at));
        assert_eq!(state_digest(player.engine()), *state, "at {}", mark.at);
    }
    let (mark, state) = &states[states.len() / 2];
    player.seek_packet(*mark);
    arrive(&mut player);
    for _ in 0..10 {
        player.step_back(Stride::Packet);
        arrive(&mut player);
    }
    assert_ne!(player.last(), Some(*mark));
    (0..10).for_each(|_| player.step(Stride::Packet));
    assert_eq!(state_digest(player.engine()), *state, "ten steps back and forth");
    // Moments between packets: the files must say of each what was seen.
    let (from, millis) = (states[0].0.at, (edge.nanos_since(states[0].0.at) / 1_000_000) as usize);
    let moments: Vec<_> =
        (0..200).map(|_| from.plus_nanos(draw(millis) as i64 * 1_000_000)).collect();
    let seen: Vec<_> = moments.iter().map(|at| (*at, seen_at(&mut player, *at))).collect();
    live.stop(packets).await;
    sim.stop().await;
    let tape = tape(&recordings_in(folder.path()));
    for (at, state) in seen {
        let wanted = Wanted { until: Some(at), has_panels: true, ..Wanted::default() };
        assert_eq!(replay(&tape, wanted, |_| {}).state, Some(state), "replayed until {at}");
    }
}

/// The state that a screen shows at a moment.
fn seen_at(player: &mut Player, at: Timestamp) -> String {
    player.seek(at);
    arrive(player);
    assert_eq!(player.at(), at);
    state_digest(player.engine())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_never_recorded_is_rewound_from_memory() {
    let sim = simulated(&ONE).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut config = live_config(&sim, &ONE, folder.path());
    config.recording = None;
    let (mut live, mut packets) = Live::start(config).expect("usable endpoints");
    let states = hear(&mut live, &mut packets, 300, |_, _| {}).await;
    let mut player = Player::rewind(live.past(&[]), live.engine().now(), states[0].0.at);
    for (mark, state) in states.iter().rev().step_by(5) {
        player.seek_packet(*mark);
        arrive(&mut player);
        assert_eq!(state_digest(player.engine()), *state);
    }
    live.stop(packets).await;
    sim.stop().await;
}

fn transport(eye: &Eye) -> Transport {
    eye.status().transport.clone().expect("a playhead")
}

/// Waits until the playhead has arrived.
pub async fn settled(eye: &mut Eye) -> Transport {
    eye.until_status("the playhead has arrived", |status| {
        status.transport.as_ref().is_some_and(|one| !one.is_seeking)
    })
    .await;
    transport(eye)
}

/// What the panels of a frame show, byte for byte.
fn panels(frame: &Frame) -> Vec<(u16, Vec<u8>)> {
    let shown = [LADDER, TAPE, HEATMAP];
    let sections = frame.sections().filter(|section| shown.contains(&section.kind));
    sections.map(|section| (section.kind, section.payload().to_vec())).collect()
}

/// A whole frame of the moment at which the playhead stands.
async fn whole(eye: &mut Eye, at_ms: f64) -> Frame {
    let is_there = |frame: &Frame| {
        frame.is_whole() && frame.is_replay() && (frame.session_ms() - at_ms).abs() < 0.01
    };
    loop {
        eye.start_over();
        let frame = eye.next().await;
        if is_there(&frame) {
            return frame;
        }
    }
}

/// A whole frame of a recording at a moment.
async fn frame_of(files: &[PathBuf], at_ms: f64, symbol: (Venue, &str)) -> Frame {
    let (deck, task) = Deck::start(deck_config(None, Some(files[0].clone())));
    let mut eye = Eye::open(&deck).await;
    eye.follow(symbol.0, symbol.1).await;
    eye.command(LADDER_BY_TEN).await;
    eye.command(Command::Pause).await;
    eye.command(Command::Seek { at_ms }).await;
    settled(&mut eye).await;
    let frame = whole(&mut eye, at_ms).await;
    deck.shut_down();
    task.stopped().await;
    frame
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_screen_shows_what_the_recording_shows_there_and_the_market_goes_on() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let first = eye.until_running().await.session_ms();
    eye.until("some time passes", |frame| frame.session_ms() > first + 1_500.0).await;
    eye.command(LADDER_BY_TEN).await;
    let before = eye.status().recorder.bytes;
    eye.command(Command::Pause).await;
    let paused = settled(&mut eye).await;
    assert!(paused.is_rewind && !paused.is_playing);
    assert_eq!(eye.status().mode, Mode::RewoundDemo);
    let shown = whole(&mut eye, paused.at_ms).await;
    assert!(shown.is_good() && shown.gaps().is_empty());
    let Reply::State { at, state, .. } = eye.command(Command::State).await else {
        panic!("a state is told as one");
    };
    eye.until_status("the market goes on underneath", |status| {
        let transport = status.transport.as_ref().expect("a playhead");
        let behind = transport.behind_ms.expect("a present");
        assert_eq!(transport.at_ms, paused.at_ms, "what is shown stands still");
        behind > 2_000.0 && status.recorder.bytes > before + 4_000
    })
    .await;
    eye.command(Command::GoLive).await;
    let live = eye.until("the present is back", |frame| !frame.is_replay()).await;
    assert!(live.is_good() && live.gaps().is_empty(), "nothing was missed");
    let refused = eye.try_command(Command::State).await;
    assert_eq!(refused, Err("The present is not over yet; pause it first.".to_owned()));
    assert!(live.session_ms() > paused.at_ms + 2_000.0);
    assert_eq!(eye.status().mode, Mode::Demo);
    let (_folder, files) = stage.end().await;
    let replayed = frame_of(&files, paused.at_ms, ONE[0]).await;
    assert_eq!(panels(&shown), panels(&replayed));
    let until = Some(at.parse().expect("a moment"));
    let wanted = Wanted { until, has_panels: true, ..Wanted::default() };
    assert_eq!(replay(&tape(&files), wanted, |_| {}).state, Some(state), "at {at}");
    let proof = verify(&files, None, false, |_| {}).expect("recordings");
    assert_eq!(proof.verdict, Verdict::Right, "{proof:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn back_by_a_tenth_of_a_second_shows_no_hole_and_steps_move_by_what_they_say() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let first = eye.until_running().await.session_ms();
    eye.until("some time passes", |frame| frame.session_ms() > first + 3_000.0).await;
    for _ in 0..5 {
        let now = eye.next().await.session_ms();
        eye.command(Command::Seek { at_ms: now - 100.0 }).await;
        eye.command(Command::Pause).await;
        let at_ms = settled(&mut eye).await.at_ms;
        let frame = whole(&mut eye, at_ms).await;
        assert!(frame.is_good() && frame.gaps().is_empty());
        eye.command(Command::GoLive).await;
        eye.until("the present is back", |frame| !frame.is_replay()).await;
    }
    let step = |by, is_back| Command::Step { by, is_back };
    eye.command(step(StepBy::Second, true)).await;
    let from = settled(&mut eye).await.at_ms;
    for (by, is_back, moved) in [
        (StepBy::Frame, true, -50.0),
        (StepBy::Second, true, -1_050.0),
        (StepBy::Frame, false, -1_000.0),
    ] {
        eye.command(step(by, is_back)).await;
        let at = settled(&mut eye).await.at_ms;
        assert!((at - from - moved).abs() < 0.01, "{at} {from} {moved}");
    }
    let index = transport(&eye).packet_index;
    for (is_back, expected) in [(true, index - 1), (true, index - 2), (false, index - 1)] {
        eye.command(step(StepBy::Packet, is_back)).await;
        assert_eq!(settled(&mut eye).await.packet_index, expected);
    }
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn played_on_faster_the_past_becomes_the_present_again() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let first = eye.until_running().await.session_ms();
    let now = eye.until("some time passes", |frame| frame.session_ms() > first + 2_000.0).await;
    eye.command(Command::Seek { at_ms: now.session_ms() - 1_500.0 }).await;
    assert!(settled(&mut eye).await.is_playing, "a market that was followed is followed on");
    eye.until("the past is shown", Frame::is_replay).await;
    eye.command(Command::SetSpeed { speed: Some(8.0) }).await;
    let live = eye.until("the present is back", |frame| !frame.is_replay()).await;
    assert!(live.is_good() && live.gaps().is_empty());
    assert!(live.session_ms() > now.session_ms());
    eye.until_status("no playhead is left", |status| status.transport.is_none()).await;
    assert!(eye.try_command(Command::Step { by: StepBy::Packet, is_back: false }).await.is_err());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_heard_any_longer_is_forgotten_at_the_same_packet_in_a_replay() {
    let of = [(Venue::Kraken, "BTC/USD"), (Venue::Kraken, "ETH/USD")];
    let sim = simulated(&of).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut live, mut packets) =
        Live::start(live_config(&sim, &of, folder.path())).expect("usable endpoints");
    let states = hear(&mut live, &mut packets, 500, |n_packets, live| {
        if n_packets == 300 {
            live.unsubscribe(of[1].0, of[1].1);
        }
    })
    .await;
    let edge = live.engine().now();
    let mut player = Player::rewind(live.past(&[]), edge, edge);
    for (mark, state) in states.iter().rev().step_by(5) {
        player.seek_packet(*mark);
        arrive(&mut player);
        assert_eq!(state_digest(player.engine()), *state, "at {}", mark.at);
    }
    live.stop(packets).await;
    sim.stop().await;
}

/// What a killed program leaves: the file as it stood, without an end.
fn killed(from: &Path, to: &Path) {
    for file in recordings_in(from) {
        std::fs::copy(&file, to.join(file.file_name().expect("a name"))).expect("a copy");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_the_session_of_a_killed_program_is_rewound_into() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let first = eye.until_running().await.session_ms();
    let last = eye.until("some time passes", |frame| frame.session_ms() > first + 2_500.0).await;
    killed(stage.folder.path(), folder.path());
    let earlier = recordings_in(folder.path());
    let sim = stage.sim;
    stage.deck.shut_down();

    let live = live_config(&sim, &ONE, folder.path());
    let folders = vec![folder.path().to_owned()];
    let (deck, task) = Deck::start(DeckConfig { folders, ..deck_config(Some(live), None) });
    let mut eye = Eye::open(&deck).await;
    eye.follow(Venue::Kraken, "BTC/USD").await;
    eye.until_good().await;
    eye.until_status("the earlier session is there", |status| {
        status.past.as_ref().is_some_and(|past| past.from_ms < first)
    })
    .await;
    let at_ms = last.session_ms() - 1_000.0;
    eye.command(LADDER_BY_TEN).await;
    eye.command(Command::Pause).await;
    eye.command(Command::Seek { at_ms }).await;
    let there = settled(&mut eye).await;
    assert!(there.is_rewind && there.from_ms < first);
    let shown = whole(&mut eye, there.at_ms).await;
    assert!(shown.is_good());
    let replayed = frame_of(&earlier, at_ms, ONE[0]).await;
    assert_eq!(panels(&shown), panels(&replayed));
    let path = earlier[0].display().to_string();
    let delete = Command::WorkOn { path, work: RecordingWork::Delete };
    let refused = eye.try_command(delete).await.unwrap_err();
    assert!(refused.contains("the past that is shown; return to live first"), "{refused}");
    // Between the two sessions nothing was heard, and the timeline says so.
    let [(first_from, first_to), (from, to)] = there.sessions[..] else {
        panic!("two sessions: {:?}", there.sessions)
    };
    assert!(first_from <= first && first_to >= at_ms && from > first_to && to >= from);
    let whole = Command::Timeline { from_ms: there.from_ms, to_ms: there.to_ms };
    let Reply::Timeline { pieces, .. } = eye.command(whole).await else { panic!("a timeline") };
    let ends = pieces.iter().map(|one| (one.from_ms, one.step_ms * one.counts.len() as f64));
    let (before, after): (Vec<_>, Vec<_>) = ends.partition(|(begin, _)| *begin < first_to);
    assert!(!before.is_empty() && !after.is_empty());
    assert!(before.iter().all(|(begin, length)| begin + length < first_to + 1_000.0));
    // Both are told to the microsecond, each rounded for itself.
    let is_within = |(begin, _): &(f64, f64)| *begin >= from - 0.002;
    assert!(after.iter().all(is_within), "{from} to {to}, behind {first_to}: {after:?}");
    drawn(&mut eye, (first_from, first_to)).await;
    nobody_listened(&mut eye, (first_to, from)).await;
    eye.command(Command::GoLive).await;
    eye.until("the present is back", |frame| !frame.is_replay() && frame.is_good()).await;
    deck.shut_down();
    task.stopped().await;
    sim.stop().await;
}

/// All that was heard in a span is told of it, and what it was worth, once the files were gone through.
async fn drawn(eye: &mut Eye, (from_ms, to_ms): (f64, f64)) {
    eventually("packets and prices are told", async || {
        let whole = Command::Timeline { from_ms, to_ms };
        let Reply::Timeline { pieces, .. } = eye.command(whole).await else { panic!("a timeline") };
        let counted: u64 = pieces.iter().flat_map(|one| &one.counts).sum();
        counted > 20 && pieces.iter().flat_map(|one| &one.prices).any(Option::is_some)
    })
    .await;
}

/// In the middle between two sessions no book is right, and the screen says why.
async fn nobody_listened(eye: &mut Eye, (from, to): (f64, f64)) {
    eye.command(Command::Seek { at_ms: (from + to) / 2.0 }).await;
    let at_ms = settled(eye).await.at_ms;
    eye.until_status("it is said that nobody listened", |status| {
        let says_so = |sentence: &str| sentence.starts_with("Nothing was recorded from ");
        let is_down = |link: &LinkStatus| link.state == LinkState::Down && says_so(&link.sentence);
        let shown = status.instrument.as_ref();
        !status.past_links.is_empty()
            && status.past_links.iter().all(is_down)
            && shown.is_some_and(|one| one.health == Health::Stale && says_so(&one.sentence))
    })
    .await;
    let frame = whole(eye, at_ms).await;
    let gap = *frame.gaps().last().expect("a gap");
    assert!(!frame.is_good() && gap.to.is_nan() && (gap.from - from).abs() < 1.0, "{gap:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moments_are_marked_live_and_gone_to_and_kept_beside_the_recording() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    let first = eye.until_running().await.session_ms();
    let add = |note: &str| Command::AddBookmark { at_ms: None, note: note.to_owned() };
    let Reply::Bookmarked { id } = eye.command(add("wall pulled")).await else {
        panic!("a number")
    };
    eye.until("some time passes", |frame| frame.session_ms() > first + 1_500.0).await;
    eye.command(add("")).await;
    eye.until_status("both are told", |status| {
        status.past.as_ref().is_some_and(|past| past.bookmarks.len() == 2)
    })
    .await;
    let marked = eye.status().past.as_ref().expect("a past").bookmarks.clone();
    let jump = |to, is_back| Command::Jump { to, is_back, size: None };
    let last = marked[1].at_ms;
    eye.until("some time passes", |frame| frame.session_ms() > last + 300.0).await;
    eye.command(Command::Pause).await;
    for expected in [&marked[1], &marked[0]] {
        settled(&mut eye).await;
        eye.command(jump(JumpTo::Bookmark, true)).await;
        let at_ms = settled(&mut eye).await.at_ms;
        assert!((at_ms - expected.at_ms).abs() < 0.001, "{at_ms} {}", expected.at_ms);
    }
    assert!(eye.try_command(jump(JumpTo::Bookmark, true)).await.is_err(), "no earlier one");
    let note = "wall pulled, then a sweep".to_owned();
    eye.command(Command::EditBookmark { id, note: note.clone() }).await;
    let kept = || {
        let folder = std::fs::read_dir(stage.folder.path()).expect("the folder");
        let paths = folder.map(|entry| entry.expect("an entry").path().display().to_string());
        paths.collect::<Vec<_>>()
    };
    let json = kept().into_iter().find(|path| path.ends_with(".bookmarks.json"));
    let json = std::fs::read_to_string(json.expect("a file of bookmarks")).expect("its text");
    assert!(json.contains(&note), "{json}");
    assert!(kept().iter().any(|path| path.ends_with(".bookmarked")), "kept from the cap");
    for one in marked {
        eye.command(Command::RemoveBookmark { id: one.id }).await;
    }
    assert!(!kept().iter().any(|path| path.contains("bookmark")), "{:?}", kept());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gaps_and_large_trades_of_the_live_past_are_jumped_to() {
    let stage = Stage::hearing(&ONE).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.until_running().await;
    stage.fault(SimVenue::Kraken, &Fault::KillLinks);
    // Between two frames a link can go and come back.
    let is_over = |frame: &proof::Frame| frame.gaps().iter().any(|gap| !gap.to.is_nan());
    let gap = eye.until("the book was gone and is back", is_over).await.gaps()[0];
    eventually("the gap is on the timeline", async || {
        let Some(past) = eye.status().past.clone() else { return false };
        let reach = Command::Timeline { from_ms: past.from_ms, to_ms: past.to_ms };
        let told = eye.try_command(reach).await;
        matches!(told, Ok(Reply::Timeline { gaps, .. }) if !gaps.is_empty())
    })
    .await;
    let jump = |to, is_back| Command::Jump { to, is_back, size: None };
    eye.command(jump(JumpTo::Gap, true)).await;
    let at_ms = settled(&mut eye).await.at_ms;
    assert!(at_ms <= gap.from + 1.0 && at_ms > gap.from - 1_000.0, "{at_ms} {}", gap.from);
    eye.command(Command::GoLive).await;
    eventually("a large trade was heard", async || {
        eye.try_command(jump(JumpTo::LargeTrade, true)).await.is_ok()
    })
    .await;
    let there = settled(&mut eye).await;
    assert!(there.is_rewind && there.behind_ms > Some(0.0));
    eye.command(Command::Pause).await;
    let at_ms = settled(&mut eye).await.at_ms;
    let frame = whole(&mut eye, at_ms).await;
    let prints = frame.section(TAPE).expect("prints");
    assert!(prints.n > 0);
    stage.end().await;
}
