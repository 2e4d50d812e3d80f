//! What holds of each venue whose changes are counted by `first` and `last` and follow a book that was fetched.

use market::{Applied, Proof, Venue};

use crate::Ear;

/// How a venue speaks.
pub struct Spoken {
    pub venue: Venue,
    /// Where its book is fetched.
    pub url: &'static str,
    /// A book `10x1 | 11x1` that was fetched, and the change that it holds last.
    pub whole: fn(last: u64) -> String,
    /// A change of a bid.
    pub bid: fn(first: u64, last: u64, price: &str, quantity: &str) -> String,
}

impl Spoken {
    /// A book at 105, whose changes were heard from before it was fetched on.
    pub fn synced(&self) -> Ear {
        let Self { venue, url, whole, bid } = self;
        let mut ear = Ear::new(*venue);
        assert_eq!(ear.text(&bid(98, 100, "9", "7")), [Applied::Buffered]);
        assert_eq!(ear.text(&bid(101, 103, "9", "1")), [Applied::Buffered]);
        assert_eq!(ear.answer(url, &whole(102)), [Applied::Changed]);
        assert_eq!(ear.text(&bid(104, 105, "8", "1")), [Applied::Changed]);
        assert_eq!((ear.book().as_str(), ear.proof()), ("10x1 9x1 8x1 | 11x1", Proof::Sequence));
        assert!(ear.is_synced());
        ear
    }

    /// A lost change is seen at the next one and healed by a newer book.
    pub fn sees_a_loss(&self) {
        let Self { url, whole, bid, .. } = self;
        let mut ear = self.synced();
        let gap = Applied::Gap { expected: 106, found: 107 };
        assert_eq!(ear.text(&bid(107, 108, "9", "0")), [gap]);
        assert_eq!((ear.is_synced(), ear.n_gaps()), (false, 1));
        let too_old = ear.answer(url, &whole(105));
        assert_eq!(too_old, [Applied::NeedsSnapshot], "it does not reach so far");
        assert_eq!(ear.answer(url, &whole(107)), [Applied::Changed]);
        assert_eq!((ear.is_synced(), ear.book().as_str(), ear.n_gaps()), (true, "10x1 | 11x1", 1));
    }

    /// A repeated change is old, and one out of order is a gap.
    pub fn sees_a_wrong_order(&self) {
        let bid = self.bid;
        let mut ear = self.synced();
        assert_eq!(ear.text(&bid(104, 105, "8", "1")), [Applied::Old]);
        assert!(ear.is_synced());
        let gap = Applied::Gap { expected: 106, found: 107 };
        assert_eq!(ear.text(&bid(107, 107, "7", "1")), [gap]);
        assert_eq!(ear.text(&bid(106, 106, "6", "1")), [Applied::Old]);
        assert!(!ear.is_synced());
    }
}
