//! Line 4: what recording costs, on the disk, in time and for the market that hands over.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use session::{BulkOptions, Recorder, RecorderConfig, Target};

use super::tape::header;
use crate::clock::{thread_nanos, wall_nanos};
use crate::report::{Promise, Report};
use crate::traffic::Traffic;

/// The most that a frame may take in bulk.
const BYTES_A_FRAME_MAX: f64 = 55.0;
/// Packets handed over a second, and for how many seconds.
const RATE: u64 = 20_000;
const SECONDS: u64 = 3;
/// Files written, of which the best time counts.
const N_FILES: u32 = 5;

/// Writes all frames in bulk, and answers with the file for the lines that read.
pub fn bulk(traffic: &Traffic, folder: &Path, report: &mut Report) -> anyhow::Result<PathBuf> {
    let mut best = u64::MAX;
    let mut bytes = 0;
    let mut file = folder.join("bulk.mcap");
    for round in 0..N_FILES {
        file = folder.join(format!("bulk{round}.mcap"));
        let start = thread_nanos();
        let written = session::write_all(
            &file,
            traffic.packets.iter().cloned(),
            &BulkOptions::new(header()),
        )?;
        best = best.min(thread_nanos() - start);
        bytes = written.bytes;
        if round + 1 < N_FILES {
            std::fs::remove_file(&file)?;
        }
    }
    let read = session::open(&file)?;
    let mut expected = traffic.packets.iter();
    for packet in read.packets() {
        ensure!(Some(&packet?) == expected.next(), "a packet is read that was not written");
    }
    ensure!(expected.next().is_none(), "a packet was written that is not read");
    let a_frame = bytes as f64 / traffic.packets.len() as f64;
    let rate = traffic.bytes() as f64 * 1e3 / best as f64;
    report.heading("4. Recording");
    report.text(&format!(
        "In bulk {:.1} MB of frames become {:.1} MB; every packet is read back as it was written.",
        traffic.bytes() as f64 / 1e6,
        bytes as f64 / 1e6
    ));
    report.promise(Promise {
        line: 4,
        what: "recorder, bytes a frame in bulk".into(),
        goal: "≤ 50, never over 55".into(),
        measured: format!("{a_frame:.1} B"),
        is_reached: Some(a_frame <= 50.0),
        // The bound is for the recorded traffic; generated frames are shorter.
        holds: traffic.files.is_empty() || a_frame <= BYTES_A_FRAME_MAX,
    });
    report.promise(Promise {
        line: 4,
        what: "recorder, frames written by one core".into(),
        goal: "≥ 200 MB/s".into(),
        measured: format!("{rate:.0} MB/s"),
        is_reached: Some(rate >= 200.0),
        holds: true,
    });
    Ok(file)
}

/// Hands packets to the recorder at a steady pace and looks at how long each call took.
pub fn hand_over(traffic: &Traffic, folder: &Path, report: &mut Report) -> anyhow::Result<()> {
    let target = Target::File(folder.join("live.mcap"));
    let recorder = Recorder::start(RecorderConfig::new(target, header()))?;
    let mut nanos: Vec<u64> = Vec::with_capacity((RATE * SECONDS) as usize);
    let began = wall_nanos();
    let packets = traffic.packets.iter().cycle().take((RATE * SECONDS) as usize);
    for (index, packet) in (0..).zip(packets) {
        let due = began + index * 1_000_000_000 / RATE;
        while wall_nanos() < due {
            std::hint::spin_loop();
        }
        let packet = packet.clone();
        let start = wall_nanos();
        recorder.record(packet);
        nanos.push(wall_nanos() - start);
    }
    let lost = recorder.finish().lost;
    nanos.sort_unstable();
    let micros = |per_mille: usize| -> anyhow::Result<f64> {
        let at = (nanos.len() - 1) * per_mille / 1_000;
        Ok(*nanos.get(at).context("nothing was handed over")? as f64 / 1e3)
    };
    let (p50, p99, p999) = (micros(500)?, micros(990)?, micros(999)?);
    report.promise(Promise {
        line: 4,
        what: format!("recorder, hand-over of one packet at {RATE} a second, p99"),
        goal: "≤ 1 µs quiet, ≤ 20 µs shared; 0 lost".into(),
        measured: format!("{p99:.2} µs (p50 {p50:.2}, p99.9 {p999:.1}); {lost} lost"),
        is_reached: Some(p99 <= 20.0 && lost == 0),
        holds: lost == 0,
    });
    Ok(())
}
