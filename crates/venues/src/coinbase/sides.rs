//! Whose side `side` is: the documents conflict, so the venue's own prints decide.
//!
//! The Exchange feed states the maker's side, says its documentation. Of Advanced Trade one copy of the documentation
//! says the same, and a response of 2026-04 marks prints at the best ask as `SELL`, which is a maker's word; widely
//! used clients pass it on as the taker's. So the maker's is assumed, and each print at the best bid or ask of the
//! right book before it is a witness. Where most witnesses contradict, the side is read the other way from then on.
//! What was told before stays as it was told (a replay says the same), and a sentence says so: it is better than to
//! mark all sides as unknown, since one of the two readings is right for every trade, and thirty prints tell which.

use market::Side;
use serde::{Deserialize, Serialize};

/// Witnesses that are heard at least.
const WITNESSES_MIN: u32 = 30;

/// When there are so many, each counts half: what the venue changes is seen within as many again.
const WITNESSES_MAX: u32 = 1_024;

/// Three of four are a clear majority: books and trades are not told at one moment, so that some witnesses err.
const MAJORITY: (u32, u32) = (3, 4);

/// How `side` is read, and what bears witness to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Sides {
    is_of_taker: bool,
    n_agree: u32,
    n_contradict: u32,
}

impl Sides {
    /// Who took, where the venue states this side.
    pub const fn taker(&self, stated: Side) -> Side {
        match (self.is_of_taker, stated) {
            (true, side) => side,
            (false, Side::Buy) => Side::Sell,
            (false, Side::Sell) => Side::Buy,
        }
    }

    /// Hears one witness; `true` when the side is read the other way from now on.
    pub fn hear(&mut self, agrees: bool) -> bool {
        let count = if agrees { &mut self.n_agree } else { &mut self.n_contradict };
        *count = count.saturating_add(1);
        let n = self.n_agree.saturating_add(self.n_contradict);
        let (part, whole) = MAJORITY;
        let turns = n >= WITNESSES_MIN
            && u64::from(self.n_contradict) * u64::from(whole) >= u64::from(n) * u64::from(part);
        if turns {
            self.is_of_taker = !self.is_of_taker;
            std::mem::swap(&mut self.n_agree, &mut self.n_contradict);
        }
        if n >= WITNESSES_MAX {
            self.n_agree /= 2;
            self.n_contradict /= 2;
        }
        turns
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_is_the_makers_until_a_clear_majority_of_thirty_prints_contradicts() {
        let mut sides = Sides::default();
        assert_eq!((sides.taker(Side::Buy), sides.taker(Side::Sell)), (Side::Sell, Side::Buy));
        let turns: Vec<bool> = (0..29).map(|n| sides.hear(n % 5 == 0)).collect();
        assert!(!turns.contains(&true), "29 are too few");
        assert!(sides.hear(false));
        assert_eq!((sides.taker(Side::Buy), sides.taker(Side::Sell)), (Side::Buy, Side::Sell));
        assert!(!(0..5_000).any(|_| sides.hear(true)), "said once");
    }

    #[test]
    fn prints_of_which_every_third_agrees_turn_nothing() {
        let mut sides = Sides::default();
        assert!(!(0..9_000).any(|n| sides.hear(n % 3 == 0)));
        assert_eq!(sides.taker(Side::Buy), Side::Sell);
    }

    #[test]
    fn a_venue_that_changes_its_word_is_heard_again() {
        let mut sides = Sides::default();
        assert!(!(0..100_000).any(|_| sides.hear(true)));
        let n = (0..4_096).position(|_| sides.hear(false));
        assert!(n.is_some_and(|n| n < 3_072), "{n:?}");
        assert!(!(0..100_000).any(|_| sides.hear(true)));
    }
}
