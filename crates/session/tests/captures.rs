//! Captures of other programs are opened as they are.

mod common;

use std::io::Write;
use std::path::Path;

use bytes::Bytes;
use common::{all, header, readable, shared_recordings};
use market::{Body, HttpExchange};
use session::{BulkOptions, DamageKind, Format, Recording, open, write_all};

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

/// Writes a capture and opens it under a name that says nothing.
fn capture(directory: &Path, content: &[u8]) -> Recording {
    let path = directory.join("thing.bin");
    std::fs::write(&path, content).expect("a file can be written");
    open(&path).expect("it is a capture")
}

const LINES: &str = r#"{"t":"header","session":"any"}
{"t":"http","ts":10.5,"url":"https://api.binance.com/api/v3/depth","data":"{}"}
{ "addr" : "wss://stream.binance.com:9443/ws" , "conn":"b", "t":"connect", "ts":11 }
{"ts":1.2000000001e1,"t":"recv","conn":"b","data":"{\"e\":\"trade\"}"}
{"t":"recv","ts":11.9,"conn":"b","b64":"aGk="}
{"t":"send","ts":13,"conn":"b","data":"{\"method\":\"SUBSCRIBE\"}"}
"#;

#[test]
fn a_jsonl_capture_becomes_packets() {
    let directory = tempfile::tempdir().unwrap();
    let recording = capture(directory.path(), LINES.as_bytes());
    let packets = all(&recording);
    let text = |text: &'static str| Bytes::from_static(text.as_bytes());
    let bodies: Vec<_> = packets.iter().map(|packet| packet.body.clone()).collect();
    let answer = HttpExchange {
        url: text("https://api.binance.com/api/v3/depth"),
        status: 200,
        body: text("{}"),
    };
    let expected = [
        Body::Answered(answer),
        Body::Opened(text("wss://stream.binance.com:9443/ws")),
        Body::Text(text("{\"e\":\"trade\"}")),
        Body::Binary(text("hi")),
        Body::Sent(text("{\"method\":\"SUBSCRIBE\"}")),
    ];
    assert_eq!(bodies, expected);
    let nanos: Vec<_> = packets.iter().map(|packet| packet.received_at.nanos()).collect();
    assert_eq!(
        nanos,
        [10_500_000_000, 11_000_000_000, 12_000_000_001, 12_000_000_001, 13_000_000_000]
    );
    let numbers: Vec<_> = packets.iter().map(|packet| (packet.link.0, packet.number)).collect();
    assert_eq!(numbers, [(0, 0), (1, 0), (1, 1), (1, 2), (1, 3)]);
    let info = recording.info();
    assert_eq!(info.header.as_deref(), Some(r#"{"t":"header","session":"any"}"#));
    assert_eq!(info.links[1].address.as_deref(), Some("wss://stream.binance.com:9443/ws"));
    assert_eq!(info.links[1].name.as_deref(), Some("b"));
    assert!(!info.is_simulated && info.damage.is_empty());
    let later: Vec<_> =
        recording.packets_from(packets[2].received_at).map(Result::unwrap).collect();
    assert_eq!(later, packets[2..]);
}

#[test]
fn broken_lines_are_named_and_the_rest_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let broken = LINES.replace("\"aGk=\"", "\"a\"").replace("\"ts\":13", "\"ts\":x");
    let recording = capture(directory.path(), format!("not json\n\n{broken}").as_bytes());
    assert_eq!(readable(&recording).len(), 3);
    let damage: Vec<_> = recording.info().damage.iter().map(|damage| damage.line).collect();
    assert_eq!(damage, [Some(1), Some(7), Some(8)]);
    assert!(recording.info().damage[1].to_string().starts_with("line 7: `b64` is not base64"));
}

#[test]
fn content_tells_the_packing_and_a_cut_one_is_read_up_to_the_cut() {
    let directory = tempfile::tempdir().unwrap();
    let many = LINES.repeat(2_000);
    let plain = all(&capture(directory.path(), many.as_bytes()));
    let zstd = zstd::encode_all(many.as_bytes(), 3).unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(many.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    for packed in [zstd, gzip] {
        assert_eq!(all(&capture(directory.path(), &packed)), plain);
        let recording = capture(directory.path(), &packed[..packed.len() - 30]);
        let read = readable(&recording);
        assert!(!read.is_empty());
        assert_eq!(read, plain[..read.len()]);
        assert_eq!(recording.info().damage.last().unwrap().kind, DamageKind::Tail);
    }
    let cut = capture(directory.path(), &many.as_bytes()[..many.len() - 9]);
    assert_eq!(cut.info().damage.last().unwrap().kind, DamageKind::Tail);
}

#[test]
fn a_simulated_market_shows_by_its_address() {
    let directory = tempfile::tempdir().unwrap();
    let lines = LINES.replace("wss://stream.binance.com:9443/ws", "ws://127.0.0.1:4000/ws");
    assert!(capture(directory.path(), lines.as_bytes()).info().is_simulated);
}

#[test]
fn ladders_have_no_time() {
    let directory = tempfile::tempdir().unwrap();
    let line = r#"{"symbol": "BTC/USD", "checksum": 1, "bids": [["1", "2"]], "asks": []}"#;
    let recording = capture(directory.path(), format!("{line}\n{line}\n").as_bytes());
    assert_eq!(recording.format(), Format::Ladders);
    assert_eq!((recording.info().from, recording.info().n_packets), (None, 2));
    assert_eq!(all(&recording)[1].body, Body::Text(Bytes::from(line)));
}

/// What performance.md prescribes: at most 55 bytes a frame in bulk on the collector's traffic.
#[test]
fn the_collector_s_traffic_takes_at_most_55_bytes_a_frame_in_bulk() {
    let Some(shared) = shared_recordings() else { return };
    let directory = tempfile::tempdir().unwrap();
    let (mut n_packets, mut n_bytes) = (0, 0);
    for name in [
        "binance-coinm_ethusd_perp_20240808",
        "binance-spot_btcusdt_20240808",
        "binance-spot_btcusdt_20240809",
        "binance-usdm_ethusdt_20240808",
    ] {
        let recording = open(&shared.join(format!("collector/{name}.gz"))).unwrap();
        let path = directory.path().join(format!("{name}.mcap"));
        let packets = recording.packets().map(Result::unwrap);
        let report = write_all(&path, packets, &BulkOptions::new(header())).unwrap();
        println!("{name}: {} packets, {} bytes", report.n_packets, report.bytes);
        assert!(
            recording
                .packets()
                .map(Result::unwrap)
                .eq(open(&path).unwrap().packets().map(Result::unwrap))
        );
        n_packets += report.n_packets;
        n_bytes += report.bytes;
    }
    let hundredths = n_bytes * 100 / n_packets;
    println!("{n_packets} packets, {}.{:02} bytes each", hundredths / 100, hundredths % 100);
    assert!(hundredths <= 5_500);
}
