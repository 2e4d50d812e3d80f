//! What is kept beside a recording is read as it was written, or not at all.

use std::path::{Path, PathBuf};

use market::Timestamp;
use session::Cache;

const BEGIN: i64 = 1_784_505_600_000_000_000;
const FROM: Option<Timestamp> = Some(Timestamp::from_nanos(BEGIN));
const VERSION: u32 = 3;

struct Beside {
    folder: tempfile::TempDir,
}

impl Beside {
    fn new() -> Self {
        let beside = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        std::fs::write(beside.recording(), b"packets").expect("a file");
        beside
    }

    fn recording(&self) -> PathBuf {
        self.folder.path().join("a.mcap")
    }

    fn cache(&self) -> Cache {
        Cache::beside(&self.recording(), "what", 7, FROM)
    }

    fn n_files(&self) -> usize {
        std::fs::read_dir(self.folder.path()).expect("the folder").count()
    }
}

#[test]
fn what_was_kept_is_read_and_goes_where_the_recording_goes() {
    let beside = Beside::new();
    assert_eq!(beside.cache().read(VERSION), None);
    for data in [&b""[..], b"found", &[7; 100_000]] {
        beside.cache().write(VERSION, data).unwrap();
        assert_eq!(beside.cache().read(VERSION).as_deref(), Some(data));
    }
    assert_eq!(session::beside(&beside.recording()).unwrap(), [beside.cache().path()]);
    assert_eq!(beside.n_files(), 2, "nothing unfinished stays behind");
}

#[test]
fn what_is_of_another_version_or_another_recording_is_not_read() {
    let beside = Beside::new();
    beside.cache().write(VERSION, b"found").unwrap();
    assert_eq!(beside.cache().read(VERSION + 1), None);
    let of = |bytes, from| Cache::beside(&beside.recording(), "what", bytes, from).read(VERSION);
    assert_eq!(of(8, FROM), None, "it has grown");
    assert_eq!(of(7, FROM.map(|from| from.plus_nanos(1))), None);
    assert_eq!(of(7, None), None);
    assert_eq!(of(7, FROM).as_deref(), Some(&b"found"[..]));
}

#[test]
fn what_is_cut_anywhere_or_changed_in_any_bit_is_not_read() {
    let beside = Beside::new();
    let data: Vec<u8> = (0..200_u8).collect();
    beside.cache().write(VERSION, &data).unwrap();
    let whole = std::fs::read(beside.cache().path()).unwrap();
    let read = |bytes: &[u8]| {
        std::fs::write(beside.cache().path(), bytes).unwrap();
        beside.cache().read(VERSION)
    };
    for length in 0..whole.len() {
        assert_eq!(read(&whole[..length]), None, "cut at {length}");
    }
    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(read(&changed), None, "bit {bit}");
    }
    assert_eq!(read(&[&whole[..], b"\0"].concat()), None, "something follows");
    assert_eq!(read(&whole), Some(data));
}

/// A file with a right checksum that promises much.
fn hostile(length: u32, packed: &[u8]) -> Vec<u8> {
    let of = format!("7 {BEGIN}");
    let mut checked = (of.len() as u32).to_le_bytes().to_vec();
    checked.extend(of.as_bytes());
    checked.extend(length.to_le_bytes());
    checked.extend(packed);
    let head = [&b"tapedeck"[..], &VERSION.to_le_bytes(), &crc32fast::hash(&checked).to_le_bytes()];
    [&head.concat()[..], &checked].concat()
}

#[test]
fn what_promises_more_than_it_holds_asks_for_nothing() {
    let beside = Beside::new();
    let packed = zstd::bulk::compress(b"found", 1).unwrap();
    let put = |bytes: Vec<u8>| {
        std::fs::write(beside.cache().path(), bytes).unwrap();
        beside.cache().read(VERSION)
    };
    assert_eq!(put(hostile(5, &packed)).as_deref(), Some(&b"found"[..]));
    for length in [0, 4, 6, 64 << 20, (64 << 20) + 1, u32::MAX] {
        assert_eq!(put(hostile(length, &packed)), None, "{length}");
    }
    let bomb = zstd::bulk::compress(&vec![0; 80 << 20], 1).unwrap();
    assert_eq!(put(hostile(80 << 20, &bomb)), None);
}

#[test]
fn nothing_is_put_where_no_recording_is_any_longer_or_nothing_can_be_written() {
    let beside = Beside::new();
    std::fs::remove_file(beside.recording()).unwrap();
    assert!(beside.cache().write(VERSION, b"found").is_err());
    assert_eq!(beside.n_files(), 0);
    let nowhere = Cache::beside(Path::new("/nowhere/a.mcap"), "what", 7, FROM);
    assert!(nowhere.write(VERSION, b"found").is_err());
    assert_eq!(nowhere.read(VERSION), None);
}
