//! Ids of trades that are text: as numbers that ascend in time, since the market tells by its id which trade is new.

use market::{Event, Timestamp, Trade};

/// Milliseconds of Unix time at the start of 2015; no recording is older.
const EPOCH_MS: i64 = 1_420_070_400_000;

/// Bits below those of the time, which has the 40 bits above them: milliseconds until 2049.
const HASH_BITS: u32 = 24;

/// A number for a trade whose id is this text: the millisecond of the trade, and below it a hash of the text. The same
/// trade has the same number on every link, in a frame and by HTTP.
pub(crate) fn of_text(text: &str, traded_at: Timestamp) -> u64 {
    let millis = (traded_at.nanos().div_euclid(1_000_000) - EPOCH_MS).clamp(0, (1 << 40) - 1);
    (millis.cast_unsigned() << HASH_BITS) | (hash(text.as_bytes()) >> (u64::BITS - HASH_BITS))
}

/// An id that no other of these trades has. Two of a thousand fills of one order can share hash and millisecond; the
/// second must not pass for the first heard twice.
pub(crate) fn apart(trade: &mut Trade, earlier: &[Event]) {
    let is_taken = |trade: &Trade| {
        earlier.iter().any(|event| match event {
            Event::Trade(other) => {
                other.instrument == trade.instrument && other.trade_id == trade.trade_id
            }
            _ => false,
        })
    };
    while is_taken(trade) {
        trade.trade_id = trade.trade_id.saturating_add(1);
    }
}

/// FNV-1a, whose high bits are then mixed as splitmix64 does.
fn hash(bytes: &[u8]) -> u64 {
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325, fold);
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_ascend_in_time_and_differ_within_a_millisecond() {
        let at = Timestamp::from_millis;
        let id = |text: &str, ms: i64| of_text(text, at(ms));
        assert!(id("a9188a0a-82bc-50de", 1_786_310_819_680) < id("0", 1_786_310_819_681));
        let uuid = |n: u32| format!("a9188a0a-82bc-50de-be60-{n:012x}");
        let ids: BTreeSet<u64> = (0..100).map(|n| id(&uuid(n), 1_786_310_819_680)).collect();
        assert_eq!(ids.len(), 100);
        assert!(id("a", i64::MAX / 1_000_000) > id("a", 1_786_310_819_680));
        assert_eq!(id("a", 0), id("a", 1));
    }
}
