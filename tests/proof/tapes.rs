//! Recordings as packets: real ones when they are there, and what a recording says when it is heard again.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use engine::{Engine, Input, Tape, state_digest};
use market::{Body, Packet};

/// The folder of real recordings; `None`, and one line, when it is not there.
pub fn real_recordings() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/recordings");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: no real recordings in {}", folder.display());
    None
}

/// Opens files as one session.
pub fn tape(paths: &[PathBuf]) -> Tape {
    Tape::open(paths, None).expect("a recording")
}

/// All packets of some files, in order.
pub fn packets(paths: &[PathBuf]) -> Vec<Packet> {
    tape(paths).packets().collect()
}

/// Packets of a kind.
pub fn count(packets: &[Packet], such: impl Fn(&Body) -> bool) -> usize {
    packets.iter().filter(|packet| such(&packet.body)).count()
}

/// Whether a frame that we sent contains this.
pub fn is_sent(body: &Body, part: &str) -> bool {
    match body {
        Body::Sent(text) => String::from_utf8_lossy(text).contains(part),
        Body::Opened(_)
        | Body::Text(_)
        | Body::Binary(_)
        | Body::Ping
        | Body::Requested(_)
        | Body::Answered(_)
        | Body::Closed(_)
        | Body::Derived(_)
        | Body::Remark(_) => false,
    }
}

/// Hears packets with a fresh engine; its state's digest after every `every`-th packet, and after the last.
pub fn digests(packets: impl IntoIterator<Item = Packet>, every: usize) -> Vec<String> {
    let mut engine = Engine::new();
    let mut asks = Vec::new();
    let mut digests = Vec::new();
    let mut n_packets = 0;
    for packet in packets {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        n_packets += 1;
        if n_packets % every == 0 {
            digests.push(state_digest(&engine));
        }
    }
    digests.push(state_digest(&engine));
    digests
}

/// The ids of the trades of Binance in some files, each once.
pub fn trade_ids(paths: &[PathBuf]) -> BTreeSet<u64> {
    let packets = packets(paths);
    let texts = packets.iter().filter_map(|packet| match &packet.body {
        Body::Text(text) => serde_json::from_slice::<serde_json::Value>(text).ok(),
        Body::Opened(_)
        | Body::Binary(_)
        | Body::Ping
        | Body::Sent(_)
        | Body::Requested(_)
        | Body::Answered(_)
        | Body::Closed(_)
        | Body::Derived(_)
        | Body::Remark(_) => None,
    });
    let trades = texts.filter(|text| text["data"]["e"] == "trade");
    trades.filter_map(|trade| trade["data"]["t"].as_u64()).collect()
}
