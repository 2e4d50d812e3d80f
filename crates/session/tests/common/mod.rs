//! What the tests of this room share.
#![expect(dead_code, reason = "each test binary uses its part of it")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bytes::Bytes;
use market::{Body, LinkId, Packet, Timestamp, Venue};
use session::{FileHeader, Recording};

pub fn header() -> FileHeader {
    FileHeader {
        program: "tapedeck test".to_owned(),
        endpoints: vec![("ws".to_owned(), "wss://ws.kraken.com/v2".to_owned())],
        is_simulated: false,
    }
}

/// Packets of two links, a millisecond apart.
pub fn plain_packets(n_packets: u64) -> Vec<Packet> {
    (0..n_packets)
        .map(|index| Packet {
            venue: Venue::Kraken,
            link: LinkId((index % 2) as u16),
            number: index / 2,
            received_at: Timestamp::from_nanos(
                1_784_483_679_000_000_000 + index as i64 * 1_000_000,
            ),
            body: match index {
                0 | 1 => Body::Opened(Bytes::from_static(b"wss://ws.kraken.com/v2")),
                _ => Body::Text(Bytes::from(format!("{{\"channel\":\"book\",\"n\":{index}}}"))),
            },
        })
        .collect()
}

pub fn all(recording: &Recording) -> Vec<Packet> {
    recording.packets().map(|packet| packet.expect("the recording is whole")).collect()
}

/// What can be read, whatever is damaged.
pub fn readable(recording: &Recording) -> Vec<Packet> {
    recording.packets().filter_map(Result::ok).collect()
}

/// The real recordings, when they are there.
pub fn shared_recordings() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/recordings");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: {} is not there", path.display());
    None
}

#[expect(clippy::disallowed_methods, reason = "a test that waits has a deadline")]
pub fn wait_for(mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "the condition did not come true in 20 s");
        std::thread::yield_now();
    }
}
