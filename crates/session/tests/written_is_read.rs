//! What was recorded is read as it was.

mod common;

use bytes::Bytes;
use common::{all, header, plain_packets, wait_for};
use market::{Body, HttpExchange, LinkId, Packet, Timestamp, Venue};
use proptest::prelude::*;
use session::{BulkOptions, Format, Recorder, RecorderConfig, Target, open, write_all};

fn any_bytes() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..200).prop_map(Bytes::from)
}

fn any_body() -> impl Strategy<Value = Body> {
    prop_oneof![
        any_bytes().prop_map(Body::Opened),
        any_bytes().prop_map(Body::Text),
        any_bytes().prop_map(Body::Binary),
        Just(Body::Ping),
        any_bytes().prop_map(Body::Sent),
        any_bytes().prop_map(Body::Requested),
        (any_bytes(), any::<u16>(), any_bytes())
            .prop_map(|(url, status, body)| Body::Answered(HttpExchange { url, status, body })),
        any_bytes().prop_map(Body::Closed),
        any_bytes().prop_map(Body::Derived),
        any_bytes().prop_map(Body::Remark),
    ]
}

fn any_packets() -> impl Strategy<Value = Vec<Packet>> {
    let venue = prop_oneof![Just(Venue::Unknown), prop::sample::select(&Venue::KNOWN[..])];
    let packet = (venue, 0_u16..4, any::<u64>(), 0_i64..1_000_000_000, any_body());
    prop::collection::vec(packet, 0..120).prop_map(|drafts| {
        let mut at = 1_784_483_679_000_000_000;
        let finish = |(venue, link, number, gap, body)| {
            at += gap;
            let received_at = Timestamp::from_nanos(at);
            Packet { venue, link: LinkId(link), number, received_at, body }
        };
        drafts.into_iter().map(finish).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_packets_are_read_as_they_were_written(packets in any_packets(), chunk_bytes in 100_usize..5_000) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tape.mcap");
        let options = BulkOptions { chunk_bytes, ..BulkOptions::new(header()) };
        write_all(&path, packets.clone(), &options).unwrap();
        let recording = open(&path).unwrap();
        prop_assert_eq!(all(&recording), packets.clone());
        prop_assert_eq!(recording.info().n_packets, packets.len() as u64);
        prop_assert_eq!(&recording.check().chunks, &recording.info().chunks);
        prop_assert_eq!(&recording.check().links, &recording.info().links);
        if let Some(middle) = packets.get(packets.len() / 2) {
            let at = middle.received_at;
            let later: Vec<_> = packets.iter().filter(|packet| packet.received_at >= at).cloned().collect();
            let read: Vec<_> = recording.packets_from(at).map(Result::unwrap).collect();
            prop_assert_eq!(read, later);
        }
    }
}

#[test]
fn a_recorder_writes_what_it_is_given_and_tells_where() {
    let directory = tempfile::tempdir().unwrap();
    let target = Target::Directory {
        directory: directory.path().join("recordings"),
        started_at: Timestamp::from_nanos(1_784_483_679_000_000_000),
        name: "kraken_BTC/USD".to_owned(),
    };
    let packets = plain_packets(1_000);
    let recorder = Recorder::start(RecorderConfig::new(target, header())).unwrap();
    for packet in &packets {
        recorder.record(packet.clone());
    }
    wait_for(|| recorder.report().bytes > 0);
    let report = recorder.finish();
    let path = report.path.unwrap();
    assert_eq!(path.file_name().unwrap(), "20260719T175439Z_kraken_BTC-USD_p001.mcap");
    assert_eq!((report.lost, report.is_on, report.sentence), (0, false, None));
    let recording = open(&path).unwrap();
    assert_eq!(recording.format(), Format::Mcap);
    assert_eq!(recording.info().damage, vec![]);
    assert_eq!(all(&recording), packets);
}
