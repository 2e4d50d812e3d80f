//! The market that the venues speak of: seeded, deterministic in simulated time, without a clock and without a socket.

pub mod book;
pub mod flow;
pub mod history;
pub mod listing;
pub mod market;
pub mod mood;
pub mod positions;
pub mod relief;
pub mod tape;
pub mod walls;

pub use book::{Book, Side};
pub use listing::Listing;
pub use market::{Change, Market, Print, Transaction};
pub use tape::{Candle, Tape};

/// Nanoseconds in a second.
pub const SECOND: i64 = 1_000_000_000;

/// All markets of one venue.
#[derive(Debug)]
pub struct World {
    markets: Vec<Market>,
    now: i64,
}

impl World {
    /// The markets of `listings`, the first one the busiest, at simulated time 0.
    pub fn new(listings: &[Listing], seed: u64) -> Self {
        let markets = listings
            .iter()
            .enumerate()
            .map(|(index, listing)| {
                Market::new(
                    listing.clone(),
                    seed.wrapping_mul(1_000_003).wrapping_add(index as u64),
                )
            })
            .collect();
        Self { markets, now: 0 }
    }

    /// Each market as a world of its own: what happens in one depends on no other.
    pub fn apart(self) -> impl Iterator<Item = Self> {
        let now = self.now;
        self.markets.into_iter().map(move |market| Self { markets: vec![market], now })
    }

    /// Nanoseconds of simulated time.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// The markets, in the order of the listings.
    pub fn markets(&self) -> &[Market] {
        &self.markets
    }

    /// Lets time run to `to` and tells each transaction with the position of its market, in the order of time.
    ///
    /// The same seed gives the same transactions however the way to `to` is cut into calls.
    pub fn advance(&mut self, to: i64, mut tell: impl FnMut(usize, &Market, &Transaction)) {
        while let Some((index, at)) = self.next_event() {
            if at > to {
                break;
            }
            let market = &mut self.markets[index];
            if let Some(transaction) = market.step() {
                tell(index, market, &transaction);
            }
        }
        self.now = self.now.max(to);
    }

    fn next_event(&self) -> Option<(usize, i64)> {
        self.markets
            .iter()
            .enumerate()
            .map(|(index, market)| (index, market.next_at()))
            .min_by_key(|(_, at)| *at)
    }
}
