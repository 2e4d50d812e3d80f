//! What was recorded says again what was seen, to the byte.

use std::path::PathBuf;
use std::time::Duration;

use engine::{
    Cadence, Engine, Input, Live, LiveConfig, Mark, Player, Stride, Tape, Verdict, make_keyframes,
    state_digest, verify,
};
use market::{Body, Level, Packet, Venue};
use proof::stage::{PATIENCE, live_config, recordings_in, simulated};
use proof::tapes;
use session::{Lost, Remark, WhyLost};
use sim::{Fault, Sim, SimVenue};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

/// Packets between two digests.
const EVERY: usize = 100;

/// Packets between two places that are gone to later.
const SEEN_EVERY: usize = 10;
/// Of the ways that are gone.
const SEED: u64 = 20_260_719;

/// What a live session came to while it ran.
struct Heard {
    digests: Vec<String>,
    n_packets: usize,
}

/// Runs a live session with the ticks of the run loop for `n_packets`; `on_packet` is told how many there were.
async fn run(
    config: LiveConfig,
    n_packets: usize,
    mut on_packet: impl FnMut(usize, &mut Live),
) -> Heard {
    let (mut live, mut packets) = Live::start(config).expect("usable endpoints");
    let mut heard = Heard { digests: Vec::new(), n_packets: 0 };
    let mut ticks = tokio::time::interval(Duration::from_millis(25));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let give_up = Instant::now() + 2 * PATIENCE;
    while heard.n_packets < n_packets {
        tokio::select! {
            packet = packets.recv() => {
                live.on_packet(packet.expect("the feeds run"));
                heard.n_packets += 1;
                if heard.n_packets.is_multiple_of(EVERY) || heard.n_packets == n_packets {
                    heard.digests.push(state_digest(live.engine()));
                }
                on_packet(heard.n_packets, &mut live);
            }
            _ = ticks.tick() => live.on_tick(),
        }
        assert!(Instant::now() < give_up, "only {} packets came", heard.n_packets);
    }
    live.stop(packets).await;
    heard
}

/// Digests of what the files say, at the same packets: derived ones are the recorder's own and are not counted.
fn replayed(files: &[PathBuf], n_packets: usize) -> Vec<String> {
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    let (mut digests, mut count) = (Vec::new(), 0);
    for packet in tapes::tape(files).packets() {
        let is_heard = is_heard(&packet);
        engine.step(Input::Packet(packet), &mut asks);
        count += usize::from(is_heard);
        if is_heard && (count % EVERY == 0 || count == n_packets) {
            digests.push(state_digest(&engine));
        }
        if count == n_packets {
            return digests;
        }
    }
    digests
}

const BOTH: [(Venue, &str); 2] = [(Venue::Binance, "BTCUSDT"), (Venue::Kraken, "BTC/USD")];

async fn stage() -> (Sim, tempfile::TempDir, LiveConfig) {
    let sim = simulated(&BOTH).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = live_config(&sim, &BOTH, folder.path());
    (sim, folder, config)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_replayed_has_the_states_of_the_live_session() {
    let (sim, folder, config) = stage().await;
    let control = sim.control();
    let heard = run(config, 700, |n_packets, _| match n_packets {
        150 => control.fault(SimVenue::Binance, &Fault::DropBook { symbol: None }),
        250 => control.fault(SimVenue::Kraken, &Fault::CorruptChecksum { symbol: None }),
        350 => control.fault(SimVenue::Kraken, &Fault::KillLinks),
        450 => control.fault(SimVenue::Binance, &Fault::KillLinks),
        _ => {}
    })
    .await;
    sim.stop().await;
    let files = recordings_in(folder.path());
    assert_eq!(replayed(&files, heard.n_packets), heard.digests);
    assert!(heard.digests.windows(2).all(|two| two[0] != two[1]), "the states do change");
}

/// Real traffic that is served over sockets, heard, recorded and played again.
struct Served {
    file: &'static str,
    venue: Venue,
    symbol: &'static str,
    n_packets: usize,
}

/// Each step of its books has the venue's checksum.
const KRAKEN: Served = Served {
    file: "2026-07-19T1754_KRAKEN_V2.jsonl.zst",
    venue: Venue::Kraken,
    symbol: "BTC/USD",
    n_packets: 1_200,
};
/// With trades: time and sales, bars and profiles move as well.
const BYBIT_LINEAR: Served = Served {
    file: "2026-08-09_BYBIT.jsonl.zst",
    venue: Venue::BybitLinear,
    symbol: "SOLUSDT",
    n_packets: 2_000,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_books_served_over_sockets_replay_at_any_speed_as_they_were_live() {
    let Some(n) = replays_as_it_was_live(KRAKEN).await else { return };
    assert!(n.checksums_right > 1_000, "{n:?} of 1,200 packets");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn real_trades_served_over_sockets_replay_at_any_speed_as_they_were_live() {
    let Some(n) = replays_as_it_was_live(BYBIT_LINEAR).await else { return };
    assert!(n.trades > 20, "{n:?} of 2,000 packets");
}

/// What was heard of the instrument, once all ways to play it again agree with the live session; `None` when the real
/// recordings are not there.
async fn replays_as_it_was_live(of: Served) -> Option<engine::InstrumentProof> {
    let file = tapes::real_recordings()?.join(of.file);
    let mut config = sim::replay::ReplayConfig::new(vec![file]);
    config.speed = 20.0;
    let served = sim::replay::start(config).await.expect("a venue that can be served");
    let addresses = &served.endpoints()[of.venue.id()];
    let endpoints = engine::Endpoints { ws: addresses.ws.clone(), rest: addresses.rest.clone() };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let venue = engine::VenueConfig {
        venue: of.venue,
        endpoints: Some(endpoints),
        lifetime: None,
        room: None,
    };
    let mut seen = Vec::new();
    let config = one_venue(venue, of.symbol, folder.path());
    let heard = run(config, of.n_packets, |n_packets, live| {
        if n_packets.is_multiple_of(SEEN_EVERY) {
            seen.push(state_digest(live.engine()));
        }
    })
    .await;
    served.stop().await;
    let files = recordings_in(folder.path());
    assert_eq!(replayed(&files, heard.n_packets), heard.digests);
    let proof = verify(&files, None, true, |_| {}).expect("recordings");
    assert_eq!(proof.verdict, Verdict::Right, "as right as the original: {proof:?}");
    for (speed, elapsed_nanos) in [(Some(1.0), 5_000_000), (Some(1_000.0), 4_700), (None, 0)] {
        play_through(&files, &seen, speed, elapsed_nanos);
    }
    // Without keyframes, and with one behind each chunk.
    go_anywhere(tapes::tape(&files), &seen);
    let recording = session::open(&files[0]).expect("a recording");
    let often = Cadence { every_nanos: 1, weight: 0 };
    make_keyframes(&[&recording], often, &CancellationToken::new()).expect("a folder of our own");
    let keyed = session::open(&files[0]).expect("a recording");
    assert!(!keyed.keyframes(engine::STATE_VERSION).is_empty());
    go_anywhere(tapes::tape(&files), &seen);
    let instruments = proof.files.into_iter().flat_map(|file| file.instruments);
    instruments.into_iter().find(|one| one.symbol == of.symbol)
}

/// Plays all of it. Wherever the playhead comes to a rest, what is shown is what an engine shows that heard the same
/// packets one by one, and at each tenth packet had the state that was live.
fn play_through(files: &[PathBuf], seen: &[String], speed: Option<f64>, elapsed_nanos: i64) {
    let tape = tapes::tape(files);
    let mut packets = tape.packets().peekable();
    let to = tape.to();
    let mut player = Player::open(tape);
    player.set_speed(speed);
    let (mut engine, mut asks) = (Engine::new(), Vec::new());
    let (mut n_heard, mut n_rests) = (0, 0);
    while player.at() < to {
        player.advance(elapsed_nanos);
        while let Some(packet) = packets.next_if(|packet| packet.received_at <= player.reached()) {
            n_heard += usize::from(is_heard(&packet));
            let is_seen = is_heard(&packet) && n_heard % SEEN_EVERY == 0;
            engine.step(Input::Packet(packet), &mut asks);
            if let Some(live) = seen.get((n_heard / SEEN_EVERY).wrapping_sub(1)).filter(|_| is_seen)
            {
                assert_eq!(state_digest(&engine), *live, "{speed:?}, packet {n_heard}");
            }
        }
        engine.step(Input::Tick(player.reached()), &mut asks);
        let shown = state_digest(player.engine());
        assert_eq!(shown, state_digest(&engine), "{speed:?}, {:?}", player.reached());
        n_rests += 1;
    }
    assert!(n_heard >= seen.len() * SEEN_EVERY, "{n_heard} packets");
    assert!(speed.is_none() || n_rests > 20, "{speed:?} rested {n_rests} times");
}

/// Derived packets and remarks are the recorder's own.
fn is_heard(packet: &Packet) -> bool {
    !matches!(packet.body, Body::Derived(_) | Body::Remark(_))
}

/// Seeks and steps, forwards and backwards, to any of the packets at which the live state is known.
fn go_anywhere(tape: Tape, seen: &[String]) {
    let marks: Vec<_> = tape.packets().filter(is_heard).map(|packet| Mark::of(&packet)).collect();
    let mut player = Player::open(tape);
    let mut random = SEED;
    println!("seed {SEED}");
    let mut draw = |n: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (random >> 33) as usize % n
    };
    let (mut place, mut go) = (0, 0);
    for turn in 0..60 {
        match go {
            // The second and third: by single packets to the neighbours.
            1 if place + 1 < seen.len() => {
                (0..SEEN_EVERY).for_each(|_| player.step(Stride::Packet));
                place += 1;
            }
            2 if place > 0 => {
                for _ in 0..SEEN_EVERY {
                    player.step_back(Stride::Packet);
                    arrive(&mut player);
                }
                place -= 1;
            }
            _ => {
                place = draw(seen.len());
                let mark = marks[(place + 1) * SEEN_EVERY - 1].expect("a packet that was heard");
                player.seek_packet(mark);
                arrive(&mut player);
            }
        }
        assert_eq!(state_digest(player.engine()), seen[place], "turn {turn}, seed {SEED}");
        go = draw(3);
    }
}

fn arrive(player: &mut Player) {
    while player.is_seeking() {
        player.advance(0);
    }
}

/// A session of one venue and instrument.
fn one_venue(venue: engine::VenueConfig, symbol: &str, folder: &std::path::Path) -> LiveConfig {
    LiveConfig {
        instruments: vec![(venue.venue, symbol.to_owned())],
        venues: vec![venue],
        elsewhere: Vec::new(),
        recording: Some(engine::RecordingConfig {
            folder: folder.to_owned(),
            demo_folder: folder.to_owned(),
            max_bytes: None,
            file: None,
            is_on: true,
            program: "proof".to_owned(),
        }),
        proxy: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_parts_of_a_session_say_together_what_was_seen() {
    let (sim, folder, config) = stage().await;
    let heard = run(config, 700, |n_packets, live| {
        if n_packets == 333 {
            live.set_recording(false);
            live.set_recording(true);
        }
    })
    .await;
    sim.stop().await;
    let files = recordings_in(folder.path());
    assert_eq!(files.len(), 2, "{files:?}");
    assert_eq!(replayed(&files, heard.n_packets), heard.digests);
    let of = |files: &[PathBuf]| {
        let proof = verify(files, None, true, |_| {}).expect("recordings");
        assert_eq!(proof.verdict, Verdict::Right, "{proof:?}");
        let all = proof.files[0].instruments.iter();
        let counts = all.map(|one| (one.symbol.clone(), one.book_updates, one.gaps));
        counts.collect::<Vec<_>>()
    };
    let (first, second, joined) = (of(&files[..1]), of(&files[1..]), of(&files));
    assert_eq!(joined.len(), BOTH.len());
    for index in 0..joined.len() {
        assert!(first[index].1 > 0 && second[index].1 > 0, "{first:?} {second:?}");
        // The image with which the second part begins is derived: it counts as nothing heard.
        assert_eq!(joined[index].1, first[index].1 + second[index].1);
    }
}

/// Recording is off for a hundred packets, the last of which come half a minute later.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_heard_while_recording_is_off_is_missing_by_the_recordings_own_word() {
    let (sim, folder, config) = stage().await;
    let (mut live, mut packets) = Live::start(config).expect("usable endpoints");
    let give_up = Instant::now() + 2 * PATIENCE;
    let (mut n_packets, mut edges, mut last) = (0, Vec::new(), None);
    while n_packets < 700 {
        let mut packet = packets.recv().await.expect("the feeds run");
        n_packets += 1;
        if n_packets > 390 {
            packet.received_at = packet.received_at.plus_nanos(30_000_000_000);
        }
        last = Mark::of(&packet);
        live.on_packet(packet);
        if n_packets == 301 || n_packets == 400 {
            edges.push(live.engine().now());
        }
        if n_packets == 300 || n_packets == 400 {
            live.set_recording(n_packets == 400);
        }
        assert!(Instant::now() < give_up, "only {n_packets} packets came");
    }
    let (at, books) = (live.engine().now(), books_of(live.engine()));
    live.stop(packets).await;
    sim.stop().await;
    let files = recordings_in(folder.path());
    let sessions: Vec<_> = files.iter().map(|path| session::session_of(path)).collect();
    let [Some((one, 1)), Some((other, 2))] = sessions.as_slice() else { panic!("{sessions:?}") };
    assert_eq!(one, other, "the session goes on in its next file");
    let second = tapes::packets(&files[1..]);
    let Body::Remark(json) = &second[0].body else { panic!("a remark first") };
    let (from, to) = (edges[0], edges[1]);
    let lost = Lost { n_packets: 100, to: Some(to), why: WhyLost::Off, ..Lost::default() };
    assert_eq!(Remark::parse(json), Some(Remark::Lost(lost)));
    assert_eq!(second[0].received_at, from);
    let mut player = Player::open(Tape::open_sessions(&files[..1]).expect("a recording"));
    player.pause();
    player.seek(to.plus_nanos(-1));
    arrive(&mut player);
    for (id, watched) in player.engine().all_watched() {
        assert_eq!(watched.cause(), Some(market::Cause::NotRecorded), "{}", id.venue.id());
    }
    player.seek_packet(Mark { at, ..last.expect("a packet") });
    arrive(&mut player);
    assert!(player.engine().all_watched().all(|(_, one)| one.health().is_good()));
    assert_eq!(books_of(player.engine()), books);
    let proof = verify(&files, None, true, |_| {}).expect("recordings");
    assert_eq!((proof.verdict, proof.files[0].unrecorded), (Verdict::Right, 100), "{proof:?}");
}

/// Stamps of the second half are an hour later, as after an hour of the same market.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_an_hour_a_recording_goes_on_in_a_file_that_replays_alone() {
    let (sim, folder, config) = stage().await;
    let (mut live, mut packets) = Live::start(config).expect("usable endpoints");
    let give_up = Instant::now() + 2 * PATIENCE;
    let mut n_packets = 0;
    while n_packets < 700 {
        let mut packet = packets.recv().await.expect("the feeds run");
        n_packets += 1;
        if n_packets > 350 {
            packet.received_at = packet.received_at.plus_nanos(3_600_000_000_000);
        }
        live.on_packet(packet);
        live.on_quarter();
        assert!(Instant::now() < give_up, "only {n_packets} packets came");
    }
    live.stop(packets).await;
    sim.stop().await;
    let files = recordings_in(folder.path());
    let names: Vec<_> = files.iter().map(|path| path.to_string_lossy()).collect();
    assert!(names.len() == 2 && names[1].ends_with("_p002.mcap"), "{names:?}");
    let second = tapes::packets(&files[1..]);
    let n_derived = second.iter().take_while(|one| matches!(one.body, Body::Derived(_))).count();
    assert_eq!(n_derived, BOTH.len(), "the file begins with an image of each venue");
    let (mut engine, mut asks) = (Engine::new(), Vec::new());
    for packet in second.into_iter().take(n_derived) {
        engine.step(Input::Packet(packet), &mut asks);
    }
    assert_eq!(engine.all_watched().filter(|(_, one)| one.health().is_good()).count(), BOTH.len());
    let alone = verify(&files[1..], None, false, |_| {}).expect("a recording");
    assert_eq!(alone.verdict, Verdict::Right, "{alone:?}");
    assert!(alone.files[0].instruments.iter().all(|one| one.book_updates > 0), "{alone:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recording_begun_in_the_middle_replays_alone() {
    let (sim, folder, mut config) = stage().await;
    if let Some(recording) = &mut config.recording {
        recording.is_on = false;
    }
    let mut books = Vec::new();
    run(config, 500, |n_packets, live| match n_packets {
        250 => live.set_recording(true),
        500 => books = books_of(live.engine()),
        _ => {}
    })
    .await;
    sim.stop().await;
    let files = recordings_in(folder.path());
    let packets = tapes::packets(&files);
    let n_derived = packets.iter().take_while(|one| matches!(one.body, Body::Derived(_))).count();
    assert_eq!(n_derived, BOTH.len(), "the file begins with an image of each venue");
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    for (index, packet) in packets.into_iter().take(n_derived + 250).enumerate() {
        engine.step(Input::Packet(packet), &mut asks);
        if index + 1 == n_derived {
            assert!(engine.all_watched().all(|(_, one)| one.health().is_good()));
            assert_eq!(engine.all_watched().count(), BOTH.len());
        }
    }
    assert!(asks.is_empty(), "nothing is missing: {asks:?}");
    assert_eq!(books_of(&engine), books);
    assert_eq!(verify(&files, None, false, |_| {}).unwrap().verdict, Verdict::Right);
}

/// The best levels of all books. Far single levels, beyond what a snapshot told, are left out of an image on purpose.
fn books_of(engine: &Engine) -> Vec<(String, Vec<Level>, Vec<Level>)> {
    let all = engine.all_watched().map(|(_, one)| {
        let (market, book) = (&one.market, one.market.book());
        (
            market.instrument().symbol.clone(),
            book.bids().take(200).collect(),
            book.asks().take(200).collect(),
        )
    });
    all.collect()
}
