//! While a screen is rewound the live session goes on underneath: into the next file, and over a fault of the disk.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use engine::{Player, Tape, state_digest};
use market::{Body, Packet, Timestamp};
use proof::script;
use proof::stage::recordings_in;
use session::{
    DamageKind, Disk, DiskFile, LocalDisk, ReadError, RecorderConfig, RecorderReport, Remark,
};
use tokio::time::Instant;
use venues::image::{Image, encode};

use crate::rewind::{Growing, arrive};

const SECOND: i64 = 1_000_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// A disk that fails while it is told to.
#[derive(Default)]
pub struct FaultyDisk(Arc<AtomicBool>);

impl FaultyDisk {
    pub fn put_into(&self, config: &mut RecorderConfig) {
        config.disk = Box::new(Failing(Arc::clone(&self.0)));
        config.min_free_bytes = 1;
    }

    pub fn fail(&self, fails: bool) {
        self.0.store(fails, Ordering::Relaxed);
    }
}

/// A disk that fails while this is set.
struct Failing(Arc<AtomicBool>);

struct FailingFile {
    fails: Arc<AtomicBool>,
    file: Box<dyn DiskFile>,
}

fn check(fails: &AtomicBool) -> io::Result<()> {
    if fails.load(Ordering::Relaxed) { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
}

impl Disk for Failing {
    fn create(&mut self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        check(&self.0)?;
        let file = LocalDisk.create(path)?;
        Ok(Box::new(FailingFile { fails: Arc::clone(&self.0), file }))
    }

    fn sync_directory(&mut self, directory: &Path) -> io::Result<()> {
        LocalDisk.sync_directory(directory)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        LocalDisk.remove(path)
    }

    fn free_bytes(&mut self, directory: &Path) -> io::Result<u64> {
        LocalDisk.free_bytes(directory)
    }
}

impl DiskFile for FailingFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        check(&self.fails)?;
        self.file.append(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        check(&self.fails)?;
        self.file.sync()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.file.truncate(length)
    }
}

/// What a file begins with that goes on with a session.
pub fn preface(growing: &Growing) -> Vec<Packet> {
    let at = growing.engine.now();
    let body = Body::Derived(encode(&Image { made_at: at, ..Image::default() }));
    let like = growing.first.clone().expect("something was heard");
    vec![Packet { received_at: at, number: 0, body, ..like }]
}

pub fn until(growing: &Growing, what: &str, such: impl Fn(&RecorderReport) -> bool) {
    let give_up = Instant::now() + PATIENCE;
    while !such(&growing.recorder.report()) {
        assert!(Instant::now() < give_up, "never: {what}");
        std::thread::yield_now();
    }
}

/// A screen that is rewound to the middle of what was heard, and paused.
struct Rewound {
    player: Player,
    at: Timestamp,
    state: String,
}

impl Rewound {
    fn of(growing: &Growing) -> Self {
        let tape = Tape::of(vec![growing.act()]);
        let edge = growing.engine.now();
        let at = edge.plus_nanos(-10 * SECOND);
        let mut player = Player::rewind(tape, edge, at);
        player.pause();
        arrive(&mut player);
        let state = state_digest(player.engine());
        Self { player, at, state }
    }

    /// The market has gone on: what is shown has not.
    fn assert_unmoved(&mut self, edge: Timestamp) {
        self.player.move_edge(edge);
        self.player.advance(SECOND / 40);
        assert_eq!(self.player.at(), self.at);
        assert!(state_digest(self.player.engine()) == self.state, "the moment is as it was");
    }
}

/// The packets that the files hold, but for what each begins with; how many they say are missing; and how many files
/// could not be closed.
fn kept(growing: Growing) -> (Vec<Packet>, u64, u32) {
    let folder = growing.finish();
    let files = recordings_in(folder.path()).into_iter().map(|path| session::open(&path));
    let (mut packets, mut n_lost, mut n_open) = (Vec::new(), 0, 0);
    for packet in files.flat_map(|file| file.expect("a recording").packets()) {
        let packet = match packet {
            Ok(packet) => packet,
            Err(ReadError::Damaged(damage)) if damage.kind == DamageKind::Tail => {
                n_open += 1;
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        match &packet.body {
            Body::Derived(_) => {}
            Body::Remark(json) => match Remark::parse(json) {
                Some(Remark::Lost(lost)) => n_lost += lost.n_packets,
                told => panic!("{told:?}"),
            },
            Body::Opened(_)
            | Body::Text(_)
            | Body::Binary(_)
            | Body::Ping
            | Body::Sent(_)
            | Body::Requested(_)
            | Body::Answered(_)
            | Body::Closed(_) => packets.push(packet),
        }
    }
    (packets, n_lost, n_open)
}

#[test]
fn the_roll_to_the_next_file_moves_no_rewound_screen_and_loses_nothing() {
    let packets = script::session(11);
    let mut growing = Growing::with(|config| config.part_nanos = 20 * SECOND);
    let mut rewound = None;
    let mut n_rolls = 0;
    for (index, packet) in packets.iter().enumerate() {
        growing.hear(packet.clone());
        if index == 400 {
            growing.settle();
            rewound = Some(Rewound::of(&growing));
        }
        if index % 40 == 39 {
            growing.settle();
            if growing.recorder.report().wants_roll {
                growing.recorder.roll(preface(&growing));
                n_rolls += 1;
            }
            if let Some(rewound) = &mut rewound {
                rewound.assert_unmoved(growing.engine.now());
            }
        }
    }
    assert!(n_rolls >= 3, "{n_rolls}");
    let (kept, n_lost, n_open) = kept(growing);
    assert_eq!((n_lost, n_open), (0, 0));
    assert!(kept == packets, "each packet once, in order");
}

#[test]
fn a_fault_of_the_disk_moves_no_rewound_screen_and_what_is_missing_is_said() {
    let packets = script::session(12);
    let disk = FaultyDisk::default();
    let mut growing = Growing::with(|config| disk.put_into(config));
    let (before, rest) = packets.split_at(600);
    before.iter().for_each(|packet| growing.hear(packet.clone()));
    growing.settle();
    let mut rewound = Rewound::of(&growing);
    disk.fail(true);
    let (during, after) = rest.split_at(200);
    during.iter().for_each(|packet| growing.hear(packet.clone()));
    until(&growing, "the disk is known to fail", |report| !report.is_on);
    rewound.assert_unmoved(growing.engine.now());
    disk.fail(false);
    until(&growing, "it can go on", |report| report.wants_roll);
    growing.recorder.roll(preface(&growing));
    until(&growing, "it goes on", |report| report.is_on);
    after.iter().for_each(|packet| growing.hear(packet.clone()));
    rewound.assert_unmoved(growing.engine.now());
    let (kept, n_lost, n_open) = kept(growing);
    assert_eq!(n_open, 1, "the one that the disk refused to close");
    assert!(n_lost > 0 && n_lost as usize <= during.len(), "{n_lost}");
    assert_eq!(kept.len() + n_lost as usize, packets.len(), "kept, or said to be missing");
    assert!(kept.starts_with(before) && kept.ends_with(after), "all but what the disk refused");
}
