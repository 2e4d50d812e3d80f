//! A program that is killed loses at most a second of what it heard.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use common::{header, readable};
use market::{Body, LinkId, Packet, Timestamp, Venue};
use session::{DamageKind, Recorder, RecorderConfig, Target, open};

/// The environment variable that tells the child where to record.
const PATH_KEY: &str = "TAPEDECK_TEST_RECORDING";

#[expect(clippy::disallowed_methods, reason = "the child stamps packets as a link does")]
fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is past 1970");
    Timestamp::from_nanos(since_epoch.as_nanos() as i64)
}

/// The child of the test below: records 2,000 packets a second until it is killed, printing each stamp. By itself,
/// without a path, it does nothing.
#[test]
#[expect(clippy::disallowed_methods, reason = "the child keeps a pace")]
fn record_until_killed() {
    let Some(path) = std::env::var_os(PATH_KEY) else { return };
    let target = Target::File(path.into());
    let recorder = Recorder::start(RecorderConfig::new(target, header())).unwrap();
    let started = Instant::now();
    let mut out = std::io::stdout().lock();
    for number in 0_u64.. {
        while started.elapsed() < Duration::from_micros(number * 500) {
            std::thread::yield_now();
        }
        let received_at = now();
        let body = Body::Text(format!("{{\"number\":{number}}}").into());
        recorder.record(Packet {
            venue: Venue::Kraken,
            link: LinkId(0),
            number,
            received_at,
            body,
        });
        if writeln!(out, "@{number} {}", received_at.nanos()).is_err() {
            return;
        }
    }
}

#[test]
fn a_killed_program_leaves_an_exact_prefix_and_loses_less_than_a_second() {
    let directory = tempfile::tempdir().unwrap();
    for n_packets in [1_111, 1_700, 2_500] {
        let path = directory.path().join(format!("{n_packets}.mcap"));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "record_until_killed", "--nocapture"])
            .env(PATH_KEY, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let stamps = lines.filter_map(|line| {
            line.split_once('@').and_then(|(_, stamp)| stamp.split_once(' ')?.1.parse::<i64>().ok())
        });
        let killed_at = stamps.take(n_packets).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        let recording = open(&path).unwrap();
        let read = readable(&recording);
        assert!(read.iter().map(|packet| packet.number).eq(0..read.len() as u64));
        assert_eq!(recording.info().damage[0].kind, DamageKind::Tail);
        let lost_nanos = killed_at - read.last().unwrap().received_at.nanos();
        println!("killed after {n_packets} packets: {} ms lost", lost_nanos / 1_000_000);
        assert!(lost_nanos < 1_000_000_000);
    }
}
