//! Line 10: what the keyframes of a live session cost: a second engine, which reads what the recorder has written.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use engine::{Ask, Cadence, Engine, Follower, Following, Input, Keyframer, Mark, Outline, Tail};
use market::{Packet, Timestamp};
use session::{MadeKeyframe, Recorder, RecorderConfig, Recording, Target};

use super::tape::header;
use crate::clock::{named_thread_nanos, thread_nanos, wall_nanos};
use crate::memory::counted;
use crate::product::through_engine;
use crate::report::{Promise, Report};
use crate::traffic::{Traffic, text};

/// Packets a second on the market's path.
const RATE: usize = 10_000;
/// Times that all of them go by at that pace, with and without keyframes in turns.
const N_TURNS: usize = 2;
/// Packets that the recorder may be behind where nothing else sets the pace: fewer than it has room for.
const N_BEHIND_MAX: usize = 20_000;
const SECOND_NANOS: u64 = 1_000_000_000;
/// What the second engine may take for each packet, as a multiple of the run loop.
const CPU_AIM: f64 = 1.5;
/// And in memory, as a multiple of the run loop's engine.
const MEMORY_AIM: f64 = 1.5;
/// Half of all states are saved within so many milliseconds.
const SAVE_MS: f64 = 20.0;
/// So much longer the slowest packets on the market's path may take.
const DELAY_AIM: f64 = 1.2;

/// Measures both engines, the saving of states, and whether the market's path is held up.
pub fn cost(
    traffic: &Traffic,
    n_rounds: u32,
    folder: &Path,
    report: &mut Report,
) -> anyhow::Result<()> {
    let packets = at_pace(traffic);
    report.heading("10. Keyframes of a live session");
    report.text(&format!(
        "The frames, stamped as if {RATE} came a second, recorded; a second engine reads what is on the disk and saves \
         states of it, as in a live session. The run loop: a packet to the recorder's queue, into memory, through the \
         engine with all panels, and looked at for the timeline."
    ));
    let made = costs(&packets, n_rounds, folder, report)?;
    saved(&packets, &made, report)?;
    delay(&packets, folder, report)
}

/// The frames of the traffic one after the other, as if they came so quickly.
fn at_pace(traffic: &Traffic) -> Vec<Packet> {
    let first = traffic.packets.first().map_or(Timestamp::default(), |packet| packet.received_at);
    let step = (SECOND_NANOS / RATE as u64) as i64;
    let stamped = (0..).zip(&traffic.packets).map(|(index, packet)| Packet {
        received_at: first.plus_nanos(index * step),
        ..packet.clone()
    });
    stamped.collect()
}

/// What a run loop does with each packet of a live session, besides asking and telling.
struct RunLoop {
    recorder: Recorder,
    tail: Tail,
    outline: Outline,
    engine: Engine,
    asks: Vec<Ask>,
}

impl RunLoop {
    fn start(file: &Path) -> anyhow::Result<Self> {
        let target = Target::File(file.to_owned());
        Ok(Self {
            recorder: Recorder::start(RecorderConfig::new(target, header()))?,
            tail: Tail::default(),
            outline: Outline::default(),
            engine: Engine::new(),
            asks: Vec::new(),
        })
    }

    fn take(&mut self, packet: Packet) {
        self.recorder.record(packet.clone());
        self.tail.push(packet.clone());
        let mark = Mark::of(&packet);
        self.engine.step(Input::Packet(packet), &mut self.asks);
        self.asks.clear();
        self.outline.observe(&self.engine, mark);
    }

    /// A second has passed.
    fn settle(&self, following: Option<&Following>) {
        if let Some(following) = following {
            following.take().for_each(|made| self.recorder.add_keyframe(made));
            following.look(self.recorder.written(), self.recorder.n_keyframes_dropped());
        }
        self.tail.settle(self.recorder.written(), true, self.engine.now());
    }

    fn is_far_ahead_of_the_disk(&self, of: Timestamp) -> bool {
        self.recorder.written_to().is_none_or(|to| to < of)
    }
}

/// All packets through the run loop as fast as the disk takes them: its CPU time, and what it has written.
fn record(packets: &[Packet], file: &Path) -> anyhow::Result<(u64, Vec<Arc<Recording>>)> {
    let mut run = RunLoop::start(file)?;
    let mut nanos = 0;
    let mut behind: Option<Timestamp> = None;
    for batch in packets.chunks(N_BEHIND_MAX / 2) {
        while behind.is_some_and(|of| run.is_far_ahead_of_the_disk(of)) {
            std::thread::sleep(Duration::from_millis(1));
        }
        behind = batch.first().map(|packet| packet.received_at);
        let batch = batch.to_vec();
        let start = thread_nanos();
        batch.into_iter().for_each(|packet| run.take(packet));
        run.settle(None);
        nanos += thread_nanos() - start;
    }
    let lost = run.recorder.report().lost;
    ensure!(lost == 0, "{lost} packets were lost");
    Ok((nanos, run.recorder.finish_written().written))
}

/// CPU time and memory of the second engine beside those of the run loop. What it made.
fn costs(
    packets: &[Packet],
    n_rounds: u32,
    folder: &Path,
    report: &mut Report,
) -> anyhow::Result<Vec<MadeKeyframe>> {
    let (mut run_nanos, mut second_nanos, mut read_nanos) = (u64::MAX, u64::MAX, u64::MAX);
    let (mut made, mut second_bytes) = (Vec::new(), 0);
    for round in 0..n_rounds {
        let file = folder.join(format!("followed{round}.mcap"));
        let (nanos, parts) = record(packets, &file)?;
        run_nanos = run_nanos.min(nanos);
        let start = thread_nanos();
        made = follow(&parts).1;
        second_nanos = second_nanos.min(thread_nanos() - start);
        let start = thread_nanos();
        let n_read: usize = parts.iter().map(|part| part.packets().count()).sum();
        read_nanos = read_nanos.min(thread_nanos() - start);
        ensure!(n_read == packets.len(), "{n_read} packets are in the file");
        if round == 0 {
            second_bytes = counted(|| follow(&parts).0).1.live_bytes;
        }
        std::fs::remove_file(&file)?;
    }
    let (_engine, run) = counted(|| through_engine(Engine::new(), packets.iter().cloned()));
    let ratio = second_nanos as f64 / run_nanos as f64;
    let a_packet = |nanos: u64| nanos as f64 / packets.len() as f64;
    report.promise(Promise {
        line: 10,
        what: "keyframes of a live session: CPU time for each packet, against the run loop's own".into(),
        goal: format!("≤ {CPU_AIM} × on a thread of its own"),
        measured: format!(
            "{ratio:.2} × ({:.2} ms for 1,000 packets, of which reading takes {:.2}; the run loop {:.2})",
            a_packet(second_nanos) / 1e3,
            a_packet(read_nanos) / 1e3,
            a_packet(run_nanos) / 1e3
        ),
        is_reached: Some(ratio <= CPU_AIM),
        holds: ratio <= 2.0 * CPU_AIM,
    });
    let ratio = second_bytes as f64 / run.live_bytes as f64;
    report.promise(Promise {
        line: 10,
        what: "the same: memory of the second engine, against the run loop's engine".into(),
        goal: format!("≤ {MEMORY_AIM} ×"),
        measured: format!(
            "{ratio:.2} × ({:.1} MB against {:.1} MB)",
            second_bytes as f64 / 1e6,
            run.live_bytes as f64 / 1e6
        ),
        is_reached: Some(ratio <= MEMORY_AIM),
        holds: true,
    });
    Ok(made)
}

/// Hears parts as the thread of the keyframes does, all at once; what it made.
fn follow(parts: &[Arc<Recording>]) -> (Follower, Vec<MadeKeyframe>) {
    let mut follower = Follower::new(Cadence::default());
    let mut made = Vec::new();
    follower.follow(parts, 0, &mut |keyframe| {
        made.extend(keyframe);
        true
    });
    (follower, made)
}

/// How long saving a state takes, at the same cadence.
fn saved(packets: &[Packet], made: &[MadeKeyframe], report: &mut Report) -> anyhow::Result<()> {
    let mut engine = Engine::new();
    let mut keyframer = Keyframer::new(Cadence::default());
    let mut asks = Vec::new();
    let mut millis = Vec::new();
    for (index, packet) in packets.iter().enumerate() {
        engine.step(Input::Packet(packet.clone()), &mut asks);
        asks.clear();
        keyframer.note(packet.received_at, text(packet).len());
        // So many as to tell a median: one a second.
        if index % RATE == RATE - 1 {
            let start = thread_nanos();
            drop(keyframer.make(&engine, packet.received_at));
            millis.push((thread_nanos() - start) as f64 / 1e6);
        }
    }
    millis.sort_by(f64::total_cmp);
    let median = *millis.get(millis.len() / 2).context("less than a second of packets")?;
    let most = *millis.last().context("less than a second of packets")?;
    ensure!(!made.is_empty(), "no keyframe was made");
    let bytes = made.iter().map(|one| one.keyframe.bytes.len()).max().unwrap_or(0);
    report.promise(Promise {
        line: 10,
        what: "the same: saving the state of three instruments".into(),
        goal: format!("≤ {SAVE_MS} ms, off the market's path"),
        measured: format!(
            "{median:.1} ms, at most {most:.1} (of {}); {:.2} MB, {} in {:.0} s",
            millis.len(),
            bytes as f64 / 1e6,
            made.len(),
            packets.len() as f64 / RATE as f64
        ),
        is_reached: Some(median <= SAVE_MS),
        holds: true,
    });
    Ok(())
}

/// What the run loop took for the slowest of 100 packets and for looking once a second, and threads beside it.
#[derive(Clone, Copy)]
struct Turn {
    p99_micros: f64,
    settle_micros_max: f64,
    second_ms: f64,
}

/// Whether packets at a steady pace are held up while keyframes are made.
fn delay(packets: &[Packet], folder: &Path, report: &mut Report) -> anyhow::Result<()> {
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..N_TURNS {
        without.push(turn(packets, None, folder)?);
        with.push(turn(packets, Some(Cadence::default()), folder)?);
    }
    let best = |turns: &[Turn], of: fn(&Turn) -> f64| turns.iter().map(of).fold(f64::MAX, f64::min);
    let p99 = |turns: &[Turn]| best(turns, |turn| turn.p99_micros);
    let ratio = p99(&with) / p99(&without);
    let seconds = packets.len() as f64 / RATE as f64;
    report.promise(Promise {
        line: 10,
        what: format!("the same: a packet through the run loop at {RATE} a second, p99, against none made"),
        goal: format!("≤ {DELAY_AIM} ×; 0 lost"),
        measured: format!(
            "{ratio:.2} × ({:.1} µs against {:.1}); 0 lost; looking once a second takes {:.0} µs at most; the thread \
             of the keyframes {:.1} % of a core",
            p99(&with),
            p99(&without),
            best(&with, |turn| turn.settle_micros_max),
            best(&with, |turn| turn.second_ms) / seconds / 10.0
        ),
        is_reached: Some(ratio <= DELAY_AIM),
        holds: true,
    });
    Ok(())
}

fn turn(packets: &[Packet], cadence: Option<Cadence>, folder: &Path) -> anyhow::Result<Turn> {
    let file = folder.join("paced.mcap");
    let mut run = RunLoop::start(&file)?;
    let following = cadence.map(Following::start);
    let mut nanos = Vec::with_capacity(packets.len());
    let mut settle_nanos_max = 0;
    let began = wall_nanos();
    for (index, packet) in packets.iter().enumerate() {
        let due = began + index as u64 * SECOND_NANOS / RATE as u64;
        while wall_nanos() < due {
            std::hint::spin_loop();
        }
        let packet = packet.clone();
        let start = wall_nanos();
        run.take(packet);
        nanos.push(wall_nanos() - start);
        if index % RATE == RATE - 1 {
            let start = wall_nanos();
            run.settle(following.as_ref());
            settle_nanos_max = settle_nanos_max.max(wall_nanos() - start);
        }
    }
    let second_nanos = named_thread_nanos("keyframes").unwrap_or(0);
    drop(following);
    let lost = run.recorder.finish().lost;
    ensure!(lost == 0, "{lost} packets were lost");
    std::fs::remove_file(&file)?;
    nanos.sort_unstable();
    let p99 = *nanos.get(nanos.len() * 99 / 100).context("no packets")?;
    Ok(Turn {
        p99_micros: p99 as f64 / 1e3,
        settle_micros_max: settle_nanos_max as f64 / 1e3,
        second_ms: second_nanos as f64 / 1e6,
    })
}
