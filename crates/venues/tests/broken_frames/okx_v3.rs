//! OKX's third version: compressed frames, each with the sum of the book after it.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use market::{Applied, Body, Events, LinkId, Packet, Proof, Timestamp, Venue};
use venues::Decoder;

use crate::Ear;

/// The sum of `3366.1:7:3366.8:9:3368:8:3372:8`, as documented.
const SUM: i32 = 831_078_360;

const ASKS: &str = r#"["3366.8","9","0","1"],["3368","8","0","1"],["3372","8","0","1"]"#;

fn book(action: &str, sum: i32, bids: &str, asks: &str) -> String {
    let sides = format!(r#""instrument_id":"BTC-USDT","asks":[{asks}],"bids":[{bids}]"#);
    format!(
        r#"{{"table":"spot/depth","action":"{action}","data":[{{{sides},"timestamp":"2021-04-17T16:49:25.303Z","checksum":{sum}}}]}}"#
    )
}

fn packed(text: &[u8]) -> Bytes {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    Bytes::from(encoder.finish().unwrap())
}

fn hear(ear: &mut Ear, text: &str) -> Vec<Applied> {
    ear.hear(Body::Binary(packed(text.as_bytes())))
}

#[test]
fn a_lost_update_is_seen_by_the_sum_of_the_next_and_healed_by_a_whole_book() {
    let mut ear = Ear::new(Venue::OkxV3);
    let whole = book("partial", SUM, r#"["3366.1","7","0","1"]"#, ASKS);
    assert_eq!(hear(&mut ear, &whole), [Applied::Changed]);
    assert_eq!(ear.proof(), Proof::Checksum { n_levels: 25 });
    let nothing = book("update", SUM, r#"["3000","0","0","0"]"#, "");
    assert_eq!(hear(&mut ear, &nothing), [Applied::Changed], "an unknown level is deleted");
    let lost = hear(&mut ear, &book("update", SUM, r#"["3366","1","0","1"]"#, ""));
    assert!(matches!(lost[..], [Applied::ChecksumWrong { .. }]), "{lost:?}");
    assert!(!ear.is_synced());
    assert_eq!(hear(&mut ear, &whole), [Applied::Changed]);
    assert!(ear.is_synced());
    assert_eq!(ear.book(), "3366.1x7 | 3366.8x9 3368x8 3372x8");
}

/// What a frame that cannot be unpacked is refused with.
fn refusal(frame: Bytes) -> String {
    let (mut decoder, mut events) = (Decoder::new(Venue::OkxV3), Events::default());
    let (venue, link, received_at) = (Venue::OkxV3, LinkId(0), Timestamp::default());
    let packet = Packet { venue, link, number: 0, received_at, body: Body::Binary(frame) };
    decoder.decode(&packet, &mut events).unwrap_err().to_string()
}

#[test]
fn a_frame_that_cannot_be_unpacked_is_refused_and_takes_no_room() {
    let frame = packed(book("update", SUM, "", ASKS).as_bytes());
    let cut = refusal(frame.slice(..frame.len() / 2));
    assert!(cut.starts_with("OKX v3 sent a "), "{cut}");
    let noise = refusal(Bytes::from_static(b"\xff\xff\xff"));
    assert_eq!(noise, "OKX v3 sent a frame that cannot be read: its compression is broken");
    let bomb = refusal(packed(&vec![b' '; 64 << 20]));
    assert_eq!(bomb, "OKX v3 sent a frame that cannot be read: it unpacks to more than 1 MiB");
    let bytes = refusal(packed(b"\"\xff\""));
    assert!(bytes.ends_with("it is not valid UTF-8 when unpacked"), "{bytes}");
}
