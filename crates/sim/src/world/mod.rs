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

#[cfg(test)]
mod tests {
    use super::{Book, Listing, Market, SECOND, Side, World, listing};

    /// Simulated time of each story: some calm, usual and fast stretches.
    const MINUTES: i64 = 10;

    /// A client's own book of a market, and what it has counted.
    struct Client {
        book: Book,
        changes_in_second: Vec<usize>,
        traded_at: Vec<i64>,
        n_changes: usize,
        n_prints: usize,
    }

    impl Client {
        fn of(market: &Market) -> Self {
            let mut book = Book::default();
            for side in [Side::Bid, Side::Ask] {
                for (price, quantity) in market.book().levels(side) {
                    book.set(side, price, quantity);
                }
            }
            let changes_in_second = vec![0; (MINUTES * 60) as usize];
            Self { book, changes_in_second, traded_at: vec![0], n_changes: 0, n_prints: 0 }
        }
    }

    fn name(market: &Market) -> String {
        format!("{}/{}", market.listing().base, market.listing().quote)
    }

    /// Follows all markets of a venue by what is told of them alone.
    fn story(listings: &[Listing], seed: u64) -> Vec<(String, Client)> {
        let mut world = World::new(listings, seed);
        let mut clients: Vec<Client> = world.markets().iter().map(Client::of).collect();
        world.advance(MINUTES * 60 * SECOND - 1, |index, market, transaction| {
            let client = &mut clients[index];
            for print in &transaction.prints {
                let resting = print.taker.opposite();
                let stands = client.book.quantity(resting, print.price);
                let what = name(market);
                assert!(print.quantity > 0 && print.quantity <= stands, "{what}: {print:?}");
                assert_eq!(client.book.best(resting), Some(print.price), "{what}: the best first");
                client.book.set(resting, print.price, stands - print.quantity);
            }
            for change in &transaction.changes {
                client.book.set(change.side, change.price, change.quantity);
            }
            assert!(!client.book.is_crossed(), "{}", name(market));
            client.changes_in_second[(transaction.at / SECOND) as usize] += 1;
            client.n_changes += 1;
            if client.n_changes.is_multiple_of(1_000) {
                assert_eq!(client.book, *market.book(), "{}", name(market));
            }
            if !transaction.prints.is_empty() {
                client.traded_at.push(transaction.at);
            }
            client.n_prints += transaction.prints.len();
        });
        world.markets().iter().map(name).zip(clients).collect()
    }

    #[test]
    fn each_instrument_moves_and_trades_as_promised_and_tells_no_lie() {
        let venues = [listing::binance(), listing::kraken(), listing::binance_usdm()];
        for (listings, seed) in venues.iter().flat_map(|one| [(one, 1), (one, 7), (one, 99)]) {
            for (name, client) in story(listings, seed) {
                let least = client.changes_in_second.iter().min().expect("seconds");
                assert!(*least >= 3, "{name}: {least} changes in a second, seed {seed}");
                let pauses = client.traded_at.windows(2).map(|two| two[1] - two[0]);
                let longest = pauses.max().expect("trades");
                assert!(longest <= 10 * SECOND, "{name} paused for {longest} ns, seed {seed}");
                let n_trades = client.traded_at.len() as i64 - 1;
                assert!(n_trades * 5 >= MINUTES * 60, "{name}: {n_trades} trades, seed {seed}");
            }
        }
    }

    #[test]
    fn the_first_instrument_is_the_busiest() {
        for listings in [listing::binance(), listing::kraken(), listing::binance_usdm()] {
            let told = story(&listings, 7);
            let (first, others) = told.split_first().expect("instruments");
            for (name, client) in others {
                assert!(first.1.n_changes > client.n_changes, "{name} changes more often");
                assert!(first.1.n_prints > client.n_prints, "{name} trades more often");
            }
        }
    }

    #[test]
    fn a_seed_is_a_market_however_time_is_cut() {
        let told = |seed: u64, steps: i64| {
            let mut world = World::new(&listing::kraken(), seed);
            let mut told = Vec::new();
            for step in 1..=steps {
                world.advance(step * 20 * SECOND / steps, |index, _, transaction| {
                    told.push((index, transaction.clone()));
                });
            }
            told
        };
        assert_eq!(told(7, 1), told(7, 400));
        assert_ne!(told(7, 1), told(8, 1));
    }
}
