//! Properties of Engine.IO's codec: what is written is read, and no bytes make it panic.

use proptest::prelude::*;
use venues::EngineIoVersion::{self, V3, V4};
use venues::engineio::{Message, Packet, Terms, connect_refusal, event, join, split};

fn version() -> impl Strategy<Value = EngineIoVersion> {
    prop_oneof![Just(V3), Just(V4)]
}

/// Texts as they come in packets: any characters but the one that separates packets, which JSON never holds.
fn data() -> impl Strategy<Value = String> {
    "[^\u{1e}]{0,20}"
}

/// What tears at the seams of a payload.
fn payload() -> impl Strategy<Value = String> {
    let piece =
        prop_oneof!["[0-9]{0,22}", "[:\u{1e}b/,\\-]", "[\\[\\]{}\"a]{0,3}", "\\PC", "[€😀]"];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_packet_that_is_written_is_read(kind in 0..8, data in data()) {
        let packet = match kind {
            0 => Packet::Open(&data),
            1 => Packet::Close,
            2 => Packet::Ping(&data),
            3 => Packet::Pong(&data),
            4 => Packet::Message(&data),
            5 => Packet::Upgrade,
            6 => Packet::Noop,
            _ => Packet::Binary(&data),
        };
        let text = packet.to_string();
        prop_assert_eq!(Packet::parse(&text), Ok(packet));
    }

    #[test]
    fn packets_that_are_joined_are_split(
        version in version(),
        packets in prop::collection::vec(data(), 1..8),
    ) {
        let payload = join(version, packets.iter().map(String::as_str));
        let read: Result<Vec<&str>, _> = split(version, &payload).collect();
        prop_assert_eq!(read.as_deref(), Ok(&packets.iter().map(String::as_str).collect::<Vec<_>>()[..]));
    }

    #[test]
    fn nothing_that_comes_makes_it_panic(version in version(), text in payload()) {
        // At most one packet for each character, and one behind the last separator.
        prop_assert!(split(version, &text).count() <= text.chars().count() + 1);
        for frame in split(version, &text).flatten().chain([text.as_str()]) {
            if let Ok(Packet::Message(data)) = Packet::parse(frame) {
                prop_assert!(Message::parse(data).is_ok() || event(frame).is_none());
            }
            let session = Terms::parse(frame).map_or(0, |terms| terms.session.len());
            prop_assert!(session <= frame.len());
            prop_assert!(connect_refusal(frame).chars().count() <= 256);
        }
    }
}
