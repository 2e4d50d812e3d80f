//! Captures of other programs are opened as they are.

mod common;

use common::{all, shared_recordings};
use session::{Format, open};

#[test]
fn real_captures_open_with_the_right_counts() {
    let Some(shared) = shared_recordings() else { return };
    let expected = [
        ("2026-07-19T1754_KRAKEN_V2.jsonl.zst", Format::Jsonl, 1_376, 1),
        ("2021-04-17_BINANCE.jsonl.zst", Format::Jsonl, 1_240, 2),
        ("2021-04-17_OKCOIN.jsonl.zst", Format::Jsonl, 1_777, 4),
        ("2021-07-22_OKEX.jsonl.zst", Format::Jsonl, 4_720, 4),
        ("2026-08-09_BYBIT.jsonl.zst", Format::Jsonl, 3_255, 3),
        ("collector/binance-spot_btcusdt_20240808.gz", Format::Collector, 41_249, 1),
        ("collector/hyperliquid_btcusd_20250126.gz", Format::Collector, 55, 1),
        ("kraken_v2_ladders.jsonl", Format::Ladders, 20, 1),
    ];
    for (name, format, n_packets, n_links) in expected {
        let recording = open(&shared.join(name)).unwrap();
        let info = recording.info();
        assert_eq!(
            (recording.format(), info.n_packets, info.n_damages),
            (format, n_packets, 0),
            "{name}"
        );
        assert_eq!(info.links.len(), n_links, "{name}");
        let packets = all(&recording);
        assert_eq!(packets.len() as u64, n_packets, "{name}");
        assert!(packets.is_sorted_by_key(|packet| packet.received_at), "{name}");
    }
}
