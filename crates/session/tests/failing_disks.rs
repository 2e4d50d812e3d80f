//! Whatever the disk does, the file holds an exact prefix, what is missing is said, and recording goes on.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod common;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use bytes::Bytes;
use common::{all, header, plain_packets, readable, wait_for};
use market::{Body, LinkId, Packet, Timestamp, Venue};
use session::{
    DamageKind, Disk, DiskFile, LocalDisk, Lost, RecordError, Recorder, RecorderConfig, Remark,
    Target, WhyLost, open,
};

/// What the disk does wrong.
#[derive(Default)]
struct Faults {
    /// Calls so far.
    n_calls: AtomicU64,
    /// From this call on ...
    from: u64,
    /// ... so many fail.
    n_failing: u64,
    /// Bytes that a failing write leaves behind.
    n_torn_bytes: usize,
    /// Free room that is told instead of the true one; 0: the true one.
    free_bytes: AtomicU64,
    /// While this is set, writes wait.
    is_stalled: Mutex<bool>,
    released: Condvar,
    has_stalled: AtomicBool,
}

impl Faults {
    fn call(&self) -> io::Result<()> {
        let call = self.n_calls.fetch_add(1, Ordering::Relaxed);
        if call >= self.from && call - self.from < self.n_failing {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        Ok(())
    }

    fn stall(&self) {
        *self.is_stalled.lock().unwrap() = true;
    }

    fn release(&self) {
        *self.is_stalled.lock().unwrap() = false;
        self.released.notify_all();
    }
}

struct FaultyDisk(Arc<Faults>);

struct FaultyFile {
    faults: Arc<Faults>,
    file: Box<dyn DiskFile>,
}

impl Disk for FaultyDisk {
    fn create(&mut self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.0.call()?;
        let file = LocalDisk.create(path)?;
        Ok(Box::new(FaultyFile { faults: Arc::clone(&self.0), file }))
    }

    fn sync_directory(&mut self, directory: &Path) -> io::Result<()> {
        self.0.call()?;
        LocalDisk.sync_directory(directory)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        self.0.call()?;
        LocalDisk.remove(path)
    }

    fn free_bytes(&mut self, directory: &Path) -> io::Result<u64> {
        match self.0.free_bytes.load(Ordering::Relaxed) {
            0 => LocalDisk.free_bytes(directory),
            told => Ok(told),
        }
    }
}

impl DiskFile for FaultyFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut is_stalled = self.faults.is_stalled.lock().unwrap();
        while *is_stalled {
            self.faults.has_stalled.store(true, Ordering::Relaxed);
            is_stalled = self.faults.released.wait(is_stalled).unwrap();
        }
        if let Err(error) = self.faults.call() {
            self.file.append(&bytes[..bytes.len().min(self.faults.n_torn_bytes)])?;
            return Err(error);
        }
        self.file.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.faults.call()?;
        self.file.sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.faults.call()?;
        self.file.truncate(length)
    }
}

fn start(directory: &Path, faults: &Arc<Faults>) -> Recorder {
    let target = Target::Directory {
        directory: directory.to_owned(),
        started_at: Timestamp::from_nanos(1_784_483_679_000_000_000),
        name: "kraken".to_owned(),
    };
    let mut config = RecorderConfig::new(target, header());
    config.disk = Box::new(FaultyDisk(Arc::clone(faults)));
    // Tests run on small disks too; the room that is told is the test's own.
    config.min_free_bytes = 1_000;
    Recorder::start(config).unwrap()
}

fn parts(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut parts: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "mcap")).collect();
    parts.sort();
    parts
}

/// Packets of 100 kB that hardly shrink, so that three of them make a chunk.
fn large_packets(n_packets: u64) -> Vec<Packet> {
    let mut state = 1_u64;
    let mut noise = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    };
    plain_packets(n_packets)
        .into_iter()
        .map(|packet| Packet {
            body: Body::Binary((0..100_000).map(|_| noise()).collect()),
            ..packet
        })
        .collect()
}

fn derived(at: Timestamp) -> Packet {
    let body = Body::Derived(Bytes::from_static(b"{\"image\":1}"));
    Packet { venue: Venue::Kraken, link: LinkId(900), number: 0, received_at: at, body }
}

#[test]
fn after_any_failing_call_the_file_holds_an_exact_prefix() {
    let packets = large_packets(14);
    for n_torn_bytes in [0, 1, 40, 70_000] {
        for n_failing in [1, u64::MAX] {
            let mut from = 0;
            loop {
                let faults =
                    Arc::new(Faults { from, n_failing, n_torn_bytes, ..Faults::default() });
                let directory = tempfile::tempdir().unwrap();
                let recorder = start(directory.path(), &faults);
                for packet in &packets {
                    recorder.record(packet.clone());
                }
                let report = recorder.finish();
                check_prefix(directory.path(), &packets, report.lost);
                if faults.n_calls.load(Ordering::Relaxed) <= from {
                    assert_eq!(report.lost, 0);
                    break;
                }
                from += 1;
            }
            assert!(from > 5, "the disk is called for each chunk");
        }
    }
}

/// Each file of the directory holds a prefix of what was given, and what is missing was counted.
fn check_prefix(directory: &Path, packets: &[Packet], n_lost: u64) {
    let mut n_read = 0;
    for path in parts(directory) {
        if std::fs::metadata(&path).unwrap().len() == 0 {
            continue;
        }
        let recording = open(&path).unwrap();
        let read = readable(&recording);
        assert_eq!(read, packets[..read.len()]);
        // Each fault leaves a file that was closed, or one that was cut; none is torn in the middle.
        let damage = &recording.info().damage;
        assert!(damage.iter().all(|damage| damage.kind == DamageKind::Tail), "{damage:?}");
        n_read += read.len() as u64;
    }
    assert_eq!(n_read + n_lost, packets.len() as u64);
}

#[test]
fn after_a_fault_recording_goes_on_in_a_new_file_that_says_what_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let faults =
        Arc::new(Faults { from: 4, n_failing: 1, n_torn_bytes: 70_000, ..Faults::default() });
    let recorder = start(directory.path(), &faults);
    let packets = large_packets(9);
    for packet in &packets[..7] {
        recorder.record(packet.clone());
    }
    wait_for(|| !recorder.report().is_on);
    let report = recorder.report();
    let said = report.sentence.unwrap();
    assert!(
        said.starts_with("The disk failed at 17:54:39 UTC: it is full. All before is safe"),
        "{said}"
    );
    wait_for(|| recorder.report().wants_roll);
    let preface = derived(packets[7].received_at);
    recorder.roll(vec![preface.clone()]);
    for packet in &packets[7..] {
        recorder.record(packet.clone());
    }
    let lost = recorder.finish().lost;
    assert!(lost > 0);
    let parts = parts(directory.path());
    assert_eq!(parts.len(), 2);
    let first = open(&parts[0]).unwrap();
    assert_eq!(first.info().damage, vec![], "the file was closed behind its last whole chunk");
    assert_eq!(first.info().n_packets + lost, 7);
    let second = all(&open(&parts[1]).unwrap());
    // The hole begins when the first packet was lost, and ends with what was known behind it.
    let hole = Lost { n_packets: lost, to: Some(preface.received_at), ..Lost::default() };
    assert_eq!(second[0].body, Remark::Lost(hole).to_body());
    assert!(second[0].received_at < preface.received_at);
    assert_eq!(second[1], preface);
    assert_eq!(second[2..], packets[7..]);
}

#[test]
fn a_full_disk_stops_recording_in_time_and_says_so() {
    let directory = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults { n_failing: 0, ..Faults::default() });
    faults.free_bytes.store(3_000, Ordering::Relaxed);
    let recorder = start(directory.path(), &faults);
    let packets = plain_packets(10);
    for packet in &packets[..5] {
        recorder.record(packet.clone());
    }
    wait_for(|| recorder.report().sentence.is_some());
    assert!(recorder.report().sentence.unwrap().ends_with("Recording stops below 0 MB."));
    faults.free_bytes.store(999, Ordering::Relaxed);
    wait_for(|| !recorder.report().is_on);
    let said = recorder.report().sentence.unwrap();
    assert!(said.ends_with("Recording has stopped and goes on when there is room."), "{said}");
    let part = parts(directory.path());
    assert_eq!(all(&open(&part[0]).unwrap()), packets[..5], "the file was closed whole");
    faults.free_bytes.store(1 << 40, Ordering::Relaxed);
    wait_for(|| recorder.report().wants_roll);
    recorder.roll(vec![]);
    for packet in &packets[5..] {
        recorder.record(packet.clone());
    }
    assert_eq!(recorder.finish().lost, 0);
    assert_eq!(all(&open(&parts(directory.path())[1]).unwrap()), packets[5..]);
}

#[test]
fn a_stalled_disk_never_stalls_the_market_and_the_hole_is_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults::default());
    let recorder = start(directory.path(), &faults);
    let packets = plain_packets(200_000);
    recorder.record(packets[0].clone());
    faults.stall();
    wait_for(|| {
        recorder.record(packets[1].clone());
        faults.has_stalled.load(Ordering::Relaxed)
    });
    for packet in &packets[2..] {
        recorder.record(packet.clone());
    }
    faults.release();
    wait_for(|| recorder.report().wants_roll);
    let said = recorder.report().sentence.unwrap();
    assert!(said.starts_with("The disk could not keep up"), "{said}");
    let report = recorder.finish();
    assert!(report.lost > 100_000);
    let read = all(&open(&report.path.unwrap()).unwrap());
    let remarks: Vec<_> = read
        .iter()
        .filter_map(|packet| match &packet.body {
            Body::Remark(json) => Remark::parse(json),
            _ => None,
        })
        .collect();
    let [Remark::Lost(hole)] = remarks.as_slice() else { panic!("{remarks:?}") };
    assert_eq!((hole.n_packets, hole.why), (report.lost, WhyLost::NoRoom));
    assert!(hole.to.is_some_and(|to| to <= packets[packets.len() - 1].received_at));
}

#[test]
fn the_second_recorder_of_a_directory_is_told_and_does_not_write() {
    let directory = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults::default());
    let first = start(directory.path(), &faults);
    let target = Target::Directory {
        directory: directory.path().to_owned(),
        started_at: Timestamp::from_nanos(0),
        name: "second".to_owned(),
    };
    let refused = Recorder::start(RecorderConfig::new(target.clone(), header()));
    assert!(matches!(refused.err(), Some(RecordError::Locked { .. })));
    first.finish();
    assert!(Recorder::start(RecorderConfig::new(target, header())).is_ok());
    assert_eq!(parts(directory.path()).len(), 0);
}

#[test]
fn a_directory_that_cannot_be_written_and_a_file_that_is_there_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("tape.mcap");
    std::fs::write(&file, b"mine").unwrap();
    let refused = |target| Recorder::start(RecorderConfig::new(target, header())).err().unwrap();
    let error = refused(Target::File(file.clone()));
    assert!(matches!(&error, RecordError::Exists { path } if *path == file), "{error}");
    let error = refused(Target::File(directory.path().join("other.mcap.part"))).to_string();
    assert!(error.contains("leave out the .part"), "{error}");
    let error = refused(Target::Directory {
        directory: file.join("inside"),
        started_at: Timestamp::from_nanos(0),
        name: String::new(),
    });
    assert!(error.to_string().contains("tape.mcap"), "{error}");
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
}

#[test]
fn an_hour_later_a_roll_is_wanted_and_the_parts_sort() {
    let directory = tempfile::tempdir().unwrap();
    let faults = Arc::new(Faults::default());
    let recorder = start(directory.path(), &faults);
    let mut packets = plain_packets(4);
    for packet in &mut packets[2..] {
        packet.received_at = packet.received_at.plus_nanos(3_600_000_000_000);
    }
    recorder.record(packets[0].clone());
    recorder.record(packets[1].clone());
    wait_for(|| recorder.report().bytes > 0);
    assert!(!recorder.report().wants_roll);
    recorder.record(packets[2].clone());
    wait_for(|| recorder.report().wants_roll);
    recorder.roll(vec![derived(packets[2].received_at)]);
    assert!(!recorder.report().wants_roll);
    recorder.record(packets[3].clone());
    drop(recorder);
    let parts = parts(directory.path());
    assert!(parts[0].to_string_lossy().ends_with("_kraken_p001.mcap"));
    assert!(parts[1].to_string_lossy().ends_with("_kraken_p002.mcap"));
    assert_eq!(all(&open(&parts[0]).unwrap()), packets[..3]);
    assert_eq!(all(&open(&parts[1]).unwrap())[1..], packets[3..]);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the crate's reader is the oracle for whole files")]
fn a_clock_set_back_is_remarked_and_time_does_not_run_backwards() {
    let directory = tempfile::tempdir().unwrap();
    let recorder = start(directory.path(), &Arc::new(Faults::default()));
    let mut packets = plain_packets(6);
    for packet in &mut packets[3..] {
        packet.received_at = packet.received_at.plus_nanos(-3_600_000_000_000);
    }
    for packet in &packets {
        recorder.record(packet.clone());
    }
    let path = recorder.finish().path.unwrap();
    // The reader clamps as well; what lies in the file, the crate tells.
    let bytes = std::fs::read(&path).unwrap();
    let messages = mcap::MessageStream::new(&bytes).unwrap();
    assert!(messages.map(|message| message.unwrap().log_time).is_sorted());
    let read = all(&open(&path).unwrap());
    assert_eq!(read[3].body, Remark::ClockStep(1_000_000 - 3_600_000_000_000).to_body());
    assert_eq!(read.len(), packets.len() + 1);
    assert_eq!(read[4].body, packets[3].body);
}
