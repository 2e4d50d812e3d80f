//! Time and sales: the prints of one taker merged into one.

use std::collections::VecDeque;

use market::{Price, Quantity, Side, Timestamp, Trade};

use crate::sizes::Sizes;

/// Prints that are kept.
pub const PRINTS_KEPT: usize = 5_000;
/// Venue time within which the prints of one taker lie.
const MERGE_NANOS: i64 = 1_000_000;

/// What one taker did: prints of the same side with consecutive ids, within a millisecond of the venue's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// Counts the prints of a session from 0.
    pub number: u64,
    /// The venue's time of the first of them.
    pub traded_at: Timestamp,
    /// The price of the last of them.
    pub price: Price,
    /// The quantity of all of them.
    pub quantity: Quantity,
    /// How many they are; an aggregate of the venue counts as many as it says.
    pub n_fills: u32,
    /// Who took.
    pub taker: Side,
    /// The id of the last of them.
    pub last_trade_id: u64,
}

impl Print {
    /// Whether a trade goes on with this print.
    fn continues(&self, trade: &Trade) -> bool {
        self.taker == trade.taker
            && self.last_trade_id.checked_add(1) == Some(trade.trade_id)
            && trade.traded_at.nanos_since(self.traded_at).abs() <= MERGE_NANOS
    }

    /// Takes a further trade in.
    fn merge(&mut self, trade: &Trade) {
        self.price = trade.price;
        self.quantity = Quantity(self.quantity.0.saturating_add(trade.quantity.0));
        self.n_fills = self.n_fills.saturating_add(trade.n_fills);
        self.last_trade_id = trade.trade_id;
    }
}

/// The last [`PRINTS_KEPT`] prints and the sizes of all.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    prints: VecDeque<Print>,
    n_prints: u64,
    sizes: Sizes,
}

impl Tape {
    /// An empty tape.
    pub(crate) fn new() -> Self {
        Self { prints: VecDeque::new(), n_prints: 0, sizes: Sizes::new() }
    }

    /// Takes a trade. A print counts among the sizes once the next one has begun, since until then it can grow.
    pub(crate) fn add(&mut self, trade: &Trade) {
        if let Some(newest) = self.prints.back_mut() {
            if newest.continues(trade) {
                newest.merge(trade);
                return;
            }
            self.sizes.add(newest.quantity.0);
        }
        if self.prints.len() == PRINTS_KEPT {
            self.prints.pop_front();
        }
        self.prints.push_back(Print {
            number: self.n_prints,
            traded_at: trade.traded_at,
            price: trade.price,
            quantity: trade.quantity,
            n_fills: trade.n_fills,
            taker: trade.taker,
            last_trade_id: trade.trade_id,
        });
        self.n_prints += 1;
    }

    /// Prints since the session began.
    pub(crate) const fn n_prints(&self) -> u64 {
        self.n_prints
    }

    /// The print of this number, when it is kept.
    pub(crate) fn print(&self, number: u64) -> Option<&Print> {
        let first = self.prints.front()?.number;
        self.prints.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The newest `n` prints, oldest first.
    pub(crate) fn last(&self, n: usize) -> impl ExactSizeIterator<Item = &Print> {
        self.prints.range(self.prints.len().saturating_sub(n)..)
    }

    /// The sizes of all prints but the newest.
    pub(crate) const fn sizes(&self) -> &Sizes {
        &self.sizes
    }
}

#[cfg(test)]
mod tests {
    use market::{InstrumentId, Price, Quantity, Side, Timestamp, Trade, Venue};

    use super::{PRINTS_KEPT, Tape};

    fn trade(trade_id: u64, price: i64, taker: Side, at_micros: i64) -> Trade {
        Trade {
            instrument: InstrumentId { venue: Venue::Binance, index: 0 },
            trade_id,
            n_fills: 1,
            price: Price(price),
            quantity: Quantity(10),
            taker,
            traded_at: Timestamp::from_micros(at_micros),
        }
    }

    #[test]
    fn prints_of_one_taker_are_merged_at_the_last_price() {
        let mut tape = Tape::new();
        tape.add(&trade(1, 100, Side::Buy, 0));
        tape.add(&trade(2, 101, Side::Buy, 900));
        tape.add(&trade(3, 102, Side::Buy, 1_000));
        assert_eq!(tape.n_prints(), 1);
        let print = tape.last(1).next().unwrap();
        assert_eq!((print.price, print.quantity, print.n_fills), (Price(102), Quantity(30), 3));
    }

    #[test]
    fn another_side_a_skipped_id_or_a_later_time_begins_a_print() {
        for (second, name) in [
            (trade(2, 100, Side::Sell, 0), "side"),
            (trade(3, 100, Side::Buy, 0), "id"),
            (trade(2, 100, Side::Buy, 1_001), "time"),
        ] {
            let mut tape = Tape::new();
            tape.add(&trade(1, 100, Side::Buy, 0));
            tape.add(&second);
            assert_eq!(tape.n_prints(), 2, "{name}");
        }
    }

    #[test]
    fn only_the_last_prints_are_kept_and_all_are_counted() {
        let mut tape = Tape::new();
        for n in 0..7_000 {
            tape.add(&trade(n * 2, 100, Side::Buy, 0));
        }
        assert_eq!(tape.n_prints(), 7_000);
        assert_eq!(tape.last(usize::MAX).len(), PRINTS_KEPT);
        assert_eq!(tape.last(1).next().unwrap().number, 6_999);
    }
}
