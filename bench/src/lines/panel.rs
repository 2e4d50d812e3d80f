//! Line 7: all panels of a screen stated and encoded, and what the same columns would cost as JSON.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};
use engine::{Engine, Input};
use market::{LinkId, Packet};
use view::{Header, Screen, Shown};

use crate::clock::thread_nanos;
use crate::layout::Columns;
use crate::race::{Contender, race};
use crate::report::{Promise, Report, ratio};
use crate::traffic::Traffic;

/// The refresh of a usual screen.
const REFRESH_NANOS: i64 = 16_666_667;
/// Frames of which the median counts.
const N_FRAMES: usize = 6_000;
/// Every so many frames one is compared with JSON.
const FRAMES_A_SAMPLE: usize = 100;
/// Times that each of those is encoded in a row.
const N_TIMES: usize = 10;
/// The least by which a binary frame must be cheaper than JSON.
const TIMES_CHEAPER_MIN: f64 = 20.0;

/// The frames of a screen that follows one instrument.
struct Shot {
    /// CPU time of each frame, sorted.
    nanos: Vec<u64>,
    /// The first frame, which is whole.
    whole: Vec<u8>,
    /// Some of those after it.
    samples: Vec<Vec<u8>>,
    /// Bytes of all.
    bytes: usize,
}

/// What encoding a frame takes.
struct Encoded {
    json_us: f64,
    binary_us: f64,
}

/// States and encodes the frames of a 60 Hz screen of each instrument.
pub fn frames(
    traffic: &Traffic,
    n_rounds: u32,
    folder: &Path,
    report: &mut Report,
) -> anyhow::Result<()> {
    report.heading("7. Panels stated and encoded");
    report.text("\n| screen | median µs | p99 µs | bytes a frame | whole frame, KiB |");
    report.text("| --- | --: | --: | --: | --: |");
    let mut samples = Vec::new();
    let mut worst_us: f64 = 0.0;
    let mut links: Vec<LinkId> = traffic.packets.iter().map(|packet| packet.link).collect();
    links.sort_unstable();
    links.dedup();
    for link in links {
        let (name, shot) = shoot(traffic, link)?;
        let micros =
            |percent: usize| shot.nanos[(shot.nanos.len() - 1) * percent / 100] as f64 / 1e3;
        worst_us = worst_us.max(micros(50));
        report.text(&format!(
            "| {name}, {} frames of seven panels | {:.1} | {:.1} | {:.0} | {:.0} |",
            shot.nanos.len(),
            micros(50),
            micros(99),
            shot.bytes as f64 / shot.nanos.len() as f64,
            shot.whole.len() as f64 / 1024.0
        ));
        samples.extend(shot.samples);
    }
    report.promise(Promise {
        line: 7,
        what: "all panels of a screen stated and encoded, median of the costliest instrument"
            .into(),
        goal: "≤ 35 µs".into(),
        measured: format!("{worst_us:.1} µs"),
        is_reached: Some(worst_us <= 35.0),
        holds: true,
    });
    let encoded = against_json(&samples, n_rounds, report)?;
    in_the_page(&samples, &encoded, folder, report)
}

fn shoot(traffic: &Traffic, link: LinkId) -> anyhow::Result<(String, Shot)> {
    let packets: Vec<&Packet> = traffic.packets.iter().filter(|it| it.link == link).collect();
    let mut engine = Engine::new();
    let mut screen = Screen::new();
    let mut shot = Shot { nanos: Vec::new(), whole: Vec::new(), samples: Vec::new(), bytes: 0 };
    let (mut asks, mut acked) = (Vec::new(), 0);
    // The book and some minutes of heat first.
    let n_before = packets.len() / 2;
    let mut due = packets.get(n_before).context("an instrument without packets")?.received_at;
    for (index, packet) in packets.iter().enumerate() {
        while index >= n_before && due <= packet.received_at && shot.nanos.len() < N_FRAMES {
            engine.step(Input::Tick(due), &mut asks);
            let header = Header { session_at: due, ..Header::default() };
            let (_, watched) = engine.all_watched().next().context("no instrument is heard")?;
            let view = watched.view.as_ref().context("a view is kept")?;
            let shown = Some(Shown { view, market: &watched.market });
            let start = thread_nanos();
            let frame = screen.next_frame(shown, &header, acked);
            shot.add(thread_nanos() - start, frame);
            acked += 1;
            due = due.plus_nanos(REFRESH_NANOS).max(packet.received_at.plus_nanos(-1_000_000_000));
        }
        engine.step(Input::Packet((*packet).clone()), &mut asks);
        asks.clear();
    }
    shot.nanos.sort_unstable();
    let (_, watched) = engine.all_watched().next().context("no instrument is heard")?;
    let instrument = watched.market.instrument();
    ensure!(shot.nanos.len() > 100, "too few frames of {}", instrument.symbol);
    Ok((format!("{} {}", instrument.id.venue.name(), instrument.symbol), shot))
}

impl Shot {
    fn add(&mut self, nanos: u64, frame: Vec<u8>) {
        if self.whole.is_empty() {
            self.whole = frame;
            return;
        }
        self.nanos.push(nanos);
        self.bytes += frame.len();
        if self.nanos.len().is_multiple_of(FRAMES_A_SAMPLE) {
            self.samples.push(frame);
        }
    }
}

/// The same columns laid as bytes and written as JSON.
fn against_json(
    samples: &[Vec<u8>],
    n_rounds: u32,
    report: &mut Report,
) -> anyhow::Result<Encoded> {
    let columns = samples.iter().map(|frame| Columns::read(frame));
    let columns = columns.collect::<anyhow::Result<Vec<_>>>()?;
    for (frame, columns) in samples.iter().zip(&columns) {
        let mut laid = Vec::new();
        columns.lay(&mut laid);
        ensure!(laid == *frame, "the columns are not laid as the product lays them");
    }
    let n_frames = columns.len() * N_TIMES;
    let json = || {
        let mut n_bytes = 0;
        for frame in many_times(&columns) {
            n_bytes += serde_json::to_vec(frame)?.len();
        }
        Ok(n_bytes)
    };
    let binary = || {
        let mut n_bytes = 0;
        for frame in many_times(&columns) {
            let mut laid = Vec::with_capacity(32 * 1024);
            frame.lay(&mut laid);
            n_bytes += laid.len();
        }
        Ok(n_bytes)
    };
    // The answers were compared above: the bytes are those of the product, and JSON is written of the same columns.
    let contenders = vec![
        Contender::new("JSON of the columns (serde_json)", json, |_| 0),
        Contender::new("the columns as `docs/frame.md` lays them", binary, |_| 0),
    ];
    let timings = race(n_rounds, contenders)?;
    let cheaper = ratio(&timings[0], &timings[1]);
    report.text(&format!(
        "\nEncoding alone, {} of these frames {N_TIMES} times each, so that they lie in the cache as they do when they are \
         new; byte for byte those of the product:",
        columns.len()
    ));
    report.race(&timings, n_frames, samples.iter().map(Vec::len).sum::<usize>() * N_TIMES);
    report.promise(Promise {
        line: 7,
        what: "a binary frame encoded, against JSON of the same columns".into(),
        goal: "≥ 20 ×".into(),
        measured: format!("{cheaper:.0} ×"),
        is_reached: Some(cheaper >= TIMES_CHEAPER_MIN),
        holds: cheaper >= TIMES_CHEAPER_MIN,
    });
    let micros = |index: usize| timings[index].nanos as f64 / n_frames as f64 / 1e3;
    Ok(Encoded { json_us: micros(0), binary_us: micros(1) })
}

/// Each frame again and again, before the next.
fn many_times<T>(all: &[T]) -> impl Iterator<Item = &T> {
    all.iter().flat_map(|one| std::iter::repeat_n(one, N_TIMES))
}

/// Reading them in the page's language, by the page's own reader.
fn in_the_page(
    samples: &[Vec<u8>],
    encoded: &Encoded,
    folder: &Path,
    report: &mut Report,
) -> anyhow::Result<()> {
    for (index, frame) in samples.iter().enumerate() {
        std::fs::write(folder.join(format!("{index}.bin")), frame)?;
        let json = serde_json::to_vec(&Columns::read(frame)?)?;
        std::fs::write(folder.join(format!("{index}.json")), json)?;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("page.mjs");
    let output = Command::new("node").arg(script).arg(folder).output();
    let output = output.ok().filter(|output| output.status.success());
    let Some(output) = output else {
        report.text("\nNot measured in the page: Node or `ui/node_modules` is missing.");
        return Ok(());
    };
    let [read_us, json_us, touched_us, json_touched_us]: [f64; 4] =
        serde_json::from_slice(&output.stdout)?;
    let times = |json_us: f64, binary_us: f64| {
        (encoded.json_us + json_us) / (encoded.binary_us + binary_us)
    };
    let (laid, touched) = (times(json_us, read_us), times(json_touched_us, touched_us));
    report.promise(Promise {
        line: 7,
        what:
            "a binary frame encoded, read in the page's language, every value touched, against JSON"
                .into(),
        goal: "≥ 20 ×".into(),
        measured: format!("{touched:.1} ×; {laid:.0} × without the touching"),
        is_reached: Some(touched >= TIMES_CHEAPER_MIN),
        // The touching is the larger part and moves with the neighbours' load: only the rest ends the run.
        holds: laid >= TIMES_CHEAPER_MIN,
    });
    report.promise(Promise {
        line: 7,
        what: "a frame read in the page's language and every value touched, against JSON".into(),
        goal: "≤ 5 µs, ≥ 50 ×".into(),
        measured: format!("{touched_us:.1} µs, {:.0} ×", json_touched_us / touched_us),
        is_reached: Some(touched_us <= 5.0 && json_touched_us >= 50.0 * touched_us),
        holds: touched_us <= json_touched_us,
    });
    Ok(())
}
