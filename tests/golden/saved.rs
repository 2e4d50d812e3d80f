//! A state that was saved and restored is the state that it was, and goes on as it would have.

use engine::{Engine, Input, RestoreError};
use market::Packet;
use proof::keep::{Keep, face};
use proof::{script, tapes};
use session::Remark;

/// Packets between two comparisons.
const EVERY: usize = 500;
/// Packets between two saves, so that blocks are written as they become whole.
const BETWEEN_SAVES: usize = 211;

/// Pseudo-random numbers, always the same.
pub struct Draws(pub u64);

impl Draws {
    /// The next one.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }
}

fn step(engine: &mut Engine, packet: &Packet) -> Vec<engine::Ask> {
    let mut asks = Vec::new();
    engine.step(Input::Packet(packet.clone()), &mut asks);
    asks
}

/// Saves and restores at `n_twins` packets, and lets all that was restored go on to the end beside the original.
fn proves(name: &str, packets: &[Packet], n_twins: usize) -> Keep {
    let mut draws = Draws(0x9E37_79B9_7F4A_7C15 ^ packets.len() as u64);
    let mut places: Vec<usize> = (0..n_twins).map(|_| draws.below(packets.len())).collect();
    places.sort_unstable();
    let (mut original, mut keep) = (Engine::new(), Keep::default());
    let mut twins: Vec<(usize, Engine)> = Vec::new();
    for (index, packet) in packets.iter().enumerate() {
        let asks = step(&mut original, packet);
        for (place, twin) in &mut twins {
            assert_eq!(step(twin, packet), asks, "{name}: asks at {index}, restored at {place}");
        }
        if places.contains(&index) {
            let bytes = keep.save(&original);
            // Every other one reads of its past what it needs.
            let twin = match twins.len() % 2 {
                0 => keep.restore(&bytes),
                _ => keep.restore_lazily(&bytes),
            };
            let twin = twin.unwrap_or_else(|error| panic!("{name} at {index}: {error}"));
            if twins.len() % 4 == 3 {
                // This one goes on before anybody has looked.
                twins.push((index, twin));
                continue;
            }
            assert!(face(&twin) == face(&original), "{name}: restored at {index}");
            twins.push((index, twin));
            equals(name, &keep, &original, &twins, index);
        }
        if index.is_multiple_of(BETWEEN_SAVES) {
            keep.save(&original);
        }
        if (index + 1).is_multiple_of(EVERY) || index + 1 == packets.len() {
            let expected = face(&original);
            for (place, twin) in &twins {
                assert!(face(twin) == expected, "{name}: at {index}, restored at {place}");
            }
            equals(name, &keep, &original, &twins, index);
        }
    }
    keep
}

/// What the twins would save is what the original would.
fn equals(name: &str, keep: &Keep, original: &Engine, twins: &[(usize, Engine)], index: usize) {
    let expected = keep.would_save(original);
    for (place, twin) in twins {
        assert!(keep.would_save(twin) == expected, "{name}: saved at {index}, restored at {place}");
    }
}

#[test]
fn the_scripted_session_goes_on_from_any_packet() {
    proves("the script", &script::session(1), 8);
    proves("another", &script::session(2), 4);
}

#[test]
fn hours_go_on_from_any_packet_with_the_blocks_of_all_rings() {
    let mut packets = script::session(5);
    let began_at = packets[0].received_at;
    for packet in &mut packets {
        let since = packet.received_at.nanos_since(began_at);
        packet.received_at = began_at.plus_nanos(since * 40);
    }
    let keep = proves("hours", &packets, 5);
    for history in ["c100.", "c500.", "c1000.", "c5000.", "prints.", "b1."] {
        let n = keep.blocks.keys().filter(|key| key.contains(&format!(".{history}"))).count();
        assert!(n > 0, "no block of {history}");
    }
}

#[test]
fn real_recordings_go_on_from_any_packet() {
    let Some(folder) = tapes::real_recordings() else { return };
    let files =
        std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("a file").path());
    let mut files: Vec<_> =
        files.filter(|path| path.to_string_lossy().ends_with(".jsonl.zst")).collect();
    files.sort();
    assert!(files.len() > 10, "{files:?}");
    for path in files {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        proves(&name, &tapes::packets(&[path]), 4);
    }
}

#[test]
fn a_state_whose_block_is_missing_is_refused_by_its_name() {
    let packets = script::session(1);
    let (mut engine, mut keep) = (Engine::new(), Keep::default());
    packets.iter().for_each(|packet| drop(step(&mut engine, packet)));
    let bytes = keep.save(&engine);
    assert!(keep.restore(&bytes).is_ok());
    for key in keep.blocks.keys() {
        let mut without = keep.clone();
        without.blocks.remove(key);
        let refused = without.restore(&bytes).expect_err("a block is missing");
        assert_eq!(refused, RestoreError::MissingBlock { key: key.clone() });
        assert_eq!(
            refused.to_string(),
            format!("the block '{key}' of the saved state is missing or damaged")
        );
    }
}

#[test]
fn an_instrument_that_was_forgotten_and_comes_again_has_blocks_of_its_own() {
    let packets = script::session(1);
    let (mut engine, mut keep) = (Engine::new(), Keep::default());
    for (index, packet) in packets.iter().enumerate() {
        step(&mut engine, packet);
        if index == packets.len() / 2 {
            let all = engine.all_watched();
            let symbols = all.map(|(id, one)| (id.venue, one.market.instrument().symbol.clone()));
            for (venue, symbol) in symbols.collect::<Vec<_>>() {
                let body = Remark::Unsubscribed(symbol).to_body();
                step(&mut engine, &Packet { venue, number: 0, body, ..packet.clone() });
            }
            assert_eq!(engine.all_watched().count(), 0);
        }
        if index.is_multiple_of(50) {
            // Asserts that no key means two things.
            keep.save(&engine);
        }
    }
    let bytes = keep.save(&engine);
    assert!(face(&keep.restore(&bytes).expect("a state")) == face(&engine));
}

#[test]
fn another_version_is_refused() {
    let mut bytes = Keep::default().save(&Engine::new());
    bytes[0] ^= 0xFF;
    let refused = Keep::default().restore(&bytes).expect_err("another version");
    assert!(matches!(refused, RestoreError::Version { .. }), "{refused}");
    assert!(matches!(Keep::default().restore(&[]), Err(RestoreError::Damaged { .. })));
}
