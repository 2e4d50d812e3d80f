//! What was recorded is read as it was.

mod common;

use bytes::Bytes;
use common::{all, header, plain_packets, readable, wait_for};
use market::{Body, HttpExchange, LinkId, Packet, Timestamp, Venue};
use proptest::prelude::*;
use session::{
    BulkOptions, Format, Lost, Recorder, RecorderConfig, Remark, Target, WhyLost, open, write_all,
};

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
    // A number above 2^32 opens a channel of its own, and with it a chunk.
    let number = prop_oneof![9 => 0_u64..1_000, 1 => any::<u64>()];
    let packet = (venue, 0_u16..4, number, 0_i64..1_000_000_000, any_body());
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

#[test]
fn a_panic_elsewhere_leaves_the_recording_closed() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tape.mcap");
    let packets = plain_packets(100);
    let panicked = std::panic::catch_unwind(|| {
        let target = Target::File(path.clone());
        let recorder = Recorder::start(RecorderConfig::new(target, header())).unwrap();
        for packet in &packets {
            recorder.record(packet.clone());
        }
        std::panic::resume_unwind(Box::new("a decoder has panicked"));
    });
    assert!(panicked.is_err());
    let recording = open(&path).unwrap();
    assert_eq!((all(&recording), recording.check().damage), (packets, vec![]));
}

#[test]
fn a_later_session_of_the_same_second_writes_over_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let packets = plain_packets(10);
    for _ in 0..2 {
        let target = Target::Directory {
            directory: directory.path().to_owned(),
            started_at: packets[0].received_at,
            name: "kraken".to_owned(),
        };
        let recorder = Recorder::start(RecorderConfig::new(target, header())).unwrap();
        recorder.roll(packets[..1].to_vec());
        recorder.roll(packets[1..2].to_vec());
        assert_eq!(recorder.finish().lost, 0);
    }
    let entries = std::fs::read_dir(directory.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.contains("kraken")).collect();
    names.sort();
    let expected = ["kraken-2_p001", "kraken-2_p002", "kraken_p001", "kraken_p002"];
    assert!(names.iter().map(|name| &name[17..name.len() - 5]).eq(expected), "{names:?}");
}

#[test]
fn a_packet_too_large_to_be_read_back_is_remarked_as_lost() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("tape.mcap");
    let mut packets = plain_packets(3);
    packets[1].body = Body::Binary(vec![7; 25 << 20].into());
    packets[2].body = Body::Binary(vec![7; 20 << 20].into());
    write_all(&path, packets.clone(), &BulkOptions::new(header())).unwrap();
    let read = all(&open(&path).unwrap());
    assert_eq!(read[1].body, session::Remark::lost(1).to_body());
    assert_eq!((&read[0], &read[2]), (&packets[0], &packets[2]));
}

#[test]
fn recorders_and_recordings_may_go_to_other_threads() {
    fn is_send<T: Send>() {}
    fn is_shared<T: Sync>() {}
    is_send::<session::Recording>();
    is_send::<session::Packets>();
    is_send::<Recorder>();
    is_shared::<Recorder>();
    is_shared::<session::Recording>();
}

#[test]
fn what_is_written_is_read_while_it_is_written_across_parts_and_from_any_moment() {
    let directory = tempfile::tempdir().unwrap();
    let target = Target::File(directory.path().join("tape.mcap"));
    let packets = plain_packets(3_000);
    let recorder = Recorder::start(RecorderConfig::new(target, header())).unwrap();
    assert_eq!((recorder.written().len(), recorder.written_to()), (0, None));
    let last_of = |part: &[Packet]| part.last().map(|packet| packet.received_at);
    let (first, second) = packets.split_at(2_000);
    let mut grown = Vec::new();
    for part in first.chunks(1_000) {
        part.iter().cloned().for_each(|packet| recorder.record(packet));
        wait_for(|| recorder.written_to() == last_of(part));
        grown.push(recorder.written().remove(0));
    }
    // What was found at first stays as it was found; what is found later goes on with it.
    assert_eq!(readable(&grown[0]), packets[..1_000]);
    assert_eq!(readable(&grown[1]), packets[..2_000]);
    assert_eq!(grown[1].info().n_packets, 2_000);
    assert_eq!(grown[1].info().damage, []);
    let from = packets[1_500].received_at;
    let later: Vec<_> = grown[1].packets_from(from).filter_map(Result::ok).collect();
    assert_eq!(later, packets[1_500..2_000]);
    recorder.roll(vec![first[1_999].clone()]);
    second.iter().cloned().for_each(|packet| recorder.record(packet));
    let parts = recorder.finish_written().written;
    assert_eq!(parts.len(), 2);
    assert_eq!(readable(&parts[0]), packets[..2_000]);
    assert_eq!(readable(&parts[1])[1..], packets[2_000..]);
    for part in parts {
        let opened = open(part.path()).unwrap();
        assert_eq!(*part.info(), *opened.info(), "as the file itself says");
    }
}

#[test]
fn a_session_that_was_switched_off_goes_on_in_its_next_part_which_says_first_what_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let config = || {
        let target = Target::Directory {
            directory: directory.path().to_owned(),
            started_at: Timestamp::from_nanos(1_784_483_679_000_000_000),
            name: "kraken".to_owned(),
        };
        RecorderConfig::new(target, header())
    };
    let packets = plain_packets(12);
    let remark =
        |index: usize, remark: Remark| Packet { body: remark.to_body(), ..packets[index].clone() };
    let recorder = Recorder::start(config()).unwrap();
    packets[..3].iter().cloned().for_each(|packet| recorder.record(packet));
    let mut before = recorder.finish_written();
    // Said before anything was missed.
    let earlier = remark(2, Remark::Unsubscribed("SOLUSDT".to_owned()));
    let unwanted = remark(5, Remark::Unsubscribed("ETHUSDT".to_owned()));
    let clock_step = remark(6, Remark::ClockStep(7));
    for packet in [&earlier, &packets[3], &packets[4], &unwanted, &clock_step, &packets[7]] {
        before.continued.missed.note(packet, WhyLost::Off);
    }
    let bytes = before.continued.bytes;
    let recorder =
        Recorder::start(RecorderConfig { continued: Some(before.continued), ..config() }).unwrap();
    let preface = Packet { body: Body::Derived("{}".into()), ..packets[8].clone() };
    recorder.roll(vec![preface.clone()]);
    packets[9..].iter().cloned().for_each(|packet| recorder.record(packet));
    let after = recorder.finish_written();
    assert!(after.continued.bytes > bytes, "of all its files");
    let [(one, 1), (other, 2)] = [&before.written[0], &after.written[0]]
        .map(|part| session::session_of(part.path()).expect("a part"))
    else {
        panic!("{:?} and {:?}", before.written[0].path(), after.written[0].path());
    };
    assert_eq!(one, other);
    let lost =
        Lost { n_packets: 3, to: Some(preface.received_at), why: WhyLost::Off, ..Lost::default() };
    let mut expected = vec![earlier, remark(3, Remark::Lost(lost)), unwanted, preface];
    expected.extend_from_slice(&packets[9..]);
    assert_eq!(all(&open(after.written[0].path()).unwrap()), expected);
}
