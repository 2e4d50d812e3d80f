//! Lines 3 and 5: a file → books, opening and seeking.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use engine::{Engine, Tape};
use market::{Packet, Timestamp};
use session::{BulkOptions, FileHeader};

use crate::clock::{thread_nanos, wall_nanos};
use crate::product::{answer_of_engine, answer_of_reference, through_engine};
use crate::race::{Contender, race};
use crate::reference::Reference;
use crate::report::{Promise, Report, ratio};
use crate::traffic::Traffic;

/// Times that the traffic is repeated in the long recording: 1.5 GB of payload with the recorded frames.
const N_REPEATS: i64 = 26;
/// Opens and seeks of which the best counts.
const N_TRIES: u32 = 20;

/// An MCAP file → books.
pub fn books(
    traffic: &Traffic,
    file: &Path,
    n_rounds: u32,
    report: &mut Report,
) -> anyhow::Result<()> {
    let tape = Tape::open(&[file.to_owned()], None)?;
    let of_reference = || {
        let mut reference = Reference::default();
        tape.packets().try_for_each(|packet| reference.take(&packet))?;
        Ok(reference)
    };
    let contenders = vec![
        Contender::new("our reader + the reference", of_reference, answer_of_reference),
        replay("our reader + engine", &tape, Engine::without_views),
        replay("our reader + engine with all panels kept", &tape, Engine::new),
        Contender::new(
            "our reader alone",
            || Ok(tape.packets().count()),
            // It makes no books; that it brings every packet is what line 4 proves.
            |_| 0,
        ),
    ];
    let mut contenders = contenders;
    let alone = contenders.pop().context("four contenders")?;
    let mut timings = race(n_rounds, contenders)?;
    timings.extend(race(n_rounds, vec![alone])?);
    report.heading("3. MCAP file → books, on one core");
    report.text(
        "The file is in the cache. The reference is given our reader; both decode what it brings.",
    );
    report.race(&timings, traffic.packets.len(), traffic.bytes());
    let rate = traffic.packets.len() as f64 * 1e3 / timings[1].nanos as f64;
    let faster = ratio(&timings[0], &timings[1]);
    report.promise(Promise {
        line: 3,
        what: "MCAP file → books on one core".into(),
        goal: "≥ 1.8 M frames/s".into(),
        measured: format!(
            "{rate:.2} M frames/s, {faster:.2} × the reference behind the same reader"
        ),
        is_reached: Some(rate >= 1.8),
        holds: faster >= 1.0,
    });
    let shown_rate = traffic.packets.len() as f64 * 1e3 / timings[2].nanos as f64;
    let shown = ratio(&timings[0], &timings[2]);
    report.promise(Promise {
        line: 3,
        what: "the same with all panels kept".into(),
        goal: "≥ 1 ×".into(),
        measured: format!("{shown_rate:.2} M frames/s, {shown:.2} ×"),
        is_reached: Some(shown >= 1.0),
        holds: shown >= 1.0,
    });
    capture(traffic, report)
}

fn replay<'a>(
    name: &'static str,
    tape: &'a Tape,
    engine: impl Fn() -> Engine + 'a,
) -> Contender<'a> {
    let run = move || Ok(through_engine(engine(), tape.packets()));
    Contender::new(name, run, answer_of_engine)
}

/// The same from the captures as they came: gzip and lines of text.
fn capture(traffic: &Traffic, report: &mut Report) -> anyhow::Result<()> {
    if traffic.files.is_empty() {
        return Ok(());
    }
    let tape = Tape::open(&traffic.files, None)?;
    let mut best = u64::MAX;
    for _ in 0..3 {
        let start = thread_nanos();
        let engine = through_engine(Engine::without_views(), tape.packets());
        best = best.min(thread_nanos() - start);
        anyhow::ensure!(engine.counts().n_packets > 0, "the captures hold no packets");
    }
    let rate = traffic.packets.len() as f64 * 1e3 / best as f64;
    report.text(&format!(
        "\nThe captures themselves (gzip, lines of text) → books: {rate:.2} M frames/s."
    ));
    Ok(())
}

/// Opening a long recording, and the first packet after a seek into its middle.
pub fn open(traffic: &Traffic, folder: &Path, report: &mut Report) -> anyhow::Result<()> {
    let (file, middle) = long_recording(traffic, folder)?;
    let payload = traffic.bytes() as f64 * N_REPEATS as f64;
    let bytes = std::fs::metadata(&file)?.len();
    let (mut open_best, mut seek_best) = (u64::MAX, u64::MAX);
    for _ in 0..N_TRIES {
        let start = wall_nanos();
        let recording = session::open(&file)?;
        let n_packets = recording.info().n_packets;
        open_best = open_best.min(wall_nanos() - start);
        anyhow::ensure!(n_packets == traffic.packets.len() as u64 * N_REPEATS as u64, "packets");
        let start = wall_nanos();
        let first = recording.packets_from(middle).next().context("the middle is empty")??;
        seek_best = seek_best.min(wall_nanos() - start);
        anyhow::ensure!(first.received_at >= middle, "a seek must not land before its moment");
    }
    let (open_ms, seek_ms) = (open_best as f64 / 1e6, seek_best as f64 / 1e6);
    report.heading("5. Opening and seeking");
    report.text(&format!(
        "A recording of {:.2} GB of frames in {:.0} MB on the disk, in the cache; best of {N_TRIES}. The frames come again and \
         again, so that no state is worth keeping; line 9 seeks by keyframes.",
        payload / 1e9,
        bytes as f64 / 1e6
    ));
    report.promise(Promise {
        line: 5,
        what: format!("open a recording of {:.1} GB of frames", payload / 1e9),
        goal: "≤ 1.5 ms".into(),
        measured: format!("{open_ms:.2} ms"),
        is_reached: Some(open_ms <= 1.5),
        holds: true,
    });
    report.promise(Promise {
        line: 5,
        what: "seek into its middle, to the first packet".into(),
        goal: "≤ 5 ms to a right book".into(),
        measured: format!("{seek_ms:.2} ms to the packet; to the book, see line 9"),
        // A keyframe is read and heard on from, which takes tens of milliseconds.
        is_reached: Some(false),
        holds: true,
    });
    std::fs::remove_file(&file)?;
    Ok(())
}

/// The traffic again and again, each time later.
fn long_recording(traffic: &Traffic, folder: &Path) -> anyhow::Result<(PathBuf, Timestamp)> {
    let file = folder.join("long.mcap");
    let first = traffic.packets.first().context("no packets")?.received_at;
    let last = traffic.packets.last().context("no packets")?.received_at;
    let length = last.nanos_since(first) + 1_000_000_000;
    let n_packets = traffic.packets.len() as u64;
    let packets = (0..N_REPEATS).flat_map(|repeat| {
        traffic.packets.iter().map(move |packet| Packet {
            received_at: packet.received_at.plus_nanos(repeat * length),
            number: packet.number + repeat as u64 * n_packets,
            ..packet.clone()
        })
    });
    session::write_all(&file, packets, &BulkOptions::new(header()))?;
    Ok((file, first.plus_nanos(length * N_REPEATS / 2)))
}

/// What the files of this harness say about themselves.
pub fn header() -> FileHeader {
    FileHeader { program: "tapedeck bench".into(), endpoints: Vec::new(), is_simulated: false }
}
