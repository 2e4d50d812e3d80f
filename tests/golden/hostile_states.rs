//! A saved state is anybody's bytes: what cannot be is refused, what can be goes on without a panic.

use std::sync::OnceLock;

use engine::{Engine, Input, STATE_VERSION};
use market::Packet;
use proof::keep::Keep;
use proof::script;
use proptest::prelude::*;

/// Packets that are heard after a state was restored.
const N_HEARD: usize = 40;
/// The packet at which the state is saved: a book waits for its snapshot, and another one runs.
const SAVED_AT: usize = 1_100;

/// Some packets, a state after the first of them, and its blocks.
fn saved() -> &'static (Vec<Packet>, Vec<u8>, Keep) {
    static SAVED: OnceLock<(Vec<Packet>, Vec<u8>, Keep)> = OnceLock::new();
    SAVED.get_or_init(|| {
        let packets = script::session(1);
        let (mut engine, mut keep) = (Engine::new(), Keep::default());
        let mut asks = Vec::new();
        for packet in &packets[..SAVED_AT] {
            engine.step(Input::Packet(packet.clone()), &mut asks);
        }
        let bytes = keep.take_all(&engine);
        (packets, bytes, keep)
    })
}

/// Restores a state if it can be, and lets it go on.
fn goes_on(bytes: &[u8], keep: &Keep) {
    let (packets, _, _) = saved();
    let Ok(mut engine) = keep.restore(bytes) else { return };
    let mut asks = Vec::new();
    for packet in &packets[SAVED_AT..SAVED_AT + N_HEARD] {
        engine.step(Input::Packet(packet.clone()), &mut asks);
    }
    for (_, watched) in engine.all_watched() {
        watched.view.as_ref().map(|view| view.panels(&watched.market));
    }
    Keep::default().take_all(&engine);
}

fn damaged(bytes: &[u8], damages: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (place, value) in damages {
        let place = place.index(bytes.len());
        bytes[place] = *value;
    }
    bytes
}

fn damages() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    let value = prop_oneof![any::<u8>(), Just(0xFF), Just(0x80), Just(0)];
    prop::collection::vec((any::<prop::sample::Index>(), value), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_state_with_other_bytes_is_refused_or_goes_on(damages in damages()) {
        let (_, bytes, keep) = saved();
        goes_on(&damaged(bytes, &damages), keep);
    }

    #[test]
    fn a_block_with_other_bytes_is_refused_or_goes_on(
        which: prop::sample::Index,
        damages in damages(),
    ) {
        let (_, bytes, keep) = saved();
        let mut keep = keep.clone();
        let block = which.index(keep.blocks.len());
        let block = keep.blocks.values_mut().nth(block).expect("a block");
        *block = damaged(block, &damages);
        goes_on(bytes, &keep);
    }

    #[test]
    fn a_state_that_breaks_off_is_refused(end: prop::sample::Index) {
        let (_, bytes, keep) = saved();
        prop_assert!(keep.restore(&bytes[..end.index(bytes.len())]).is_err());
    }
}

#[test]
fn a_state_with_something_behind_it_is_refused() {
    let (_, bytes, keep) = saved();
    assert!(keep.restore(bytes).is_ok());
    assert!(keep.restore(&[bytes.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn the_meaning_of_saved_bytes_changes_only_with_their_version() {
    let (_, bytes, keep) = saved();
    let all = keep.blocks.iter().flat_map(|(key, block)| key.as_bytes().iter().chain(block));
    // FNV-1a.
    let sum = bytes.iter().chain(all).fold(0xCBF2_9CE4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3)
    });
    let why = "what is saved has changed: count STATE_VERSION up, and put the new sum here";
    assert_eq!((STATE_VERSION, sum), (8, 14392808745221288264), "{why}");
}
