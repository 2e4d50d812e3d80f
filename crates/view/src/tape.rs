//! Time and sales: the prints of one taker merged into one.

mod saved;

use market::{Archive, Price, Quantity, Side, Timestamp, Trade};

use crate::sizes::Sizes;

/// Prints that are kept.
pub const PRINTS_KEPT: usize = 5_000;
/// Venue time within which the prints of one taker lie.
const MERGE_NANOS: u64 = 1_000_000;
/// Fills of merged prints that are kept: 640 KiB an instrument.
pub const FILLS_KEPT: usize = 20_000;

/// One of the trades that a print was merged from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Its price.
    pub price: Price,
    /// Its quantity.
    pub quantity: Quantity,
    /// How many the venue made one of.
    pub n_fills: u32,
}

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
            && trade.traded_at.nanos_since(self.traded_at).unsigned_abs() <= MERGE_NANOS
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
    prints: Archive<Print>,
    /// Oldest first, each with the number of its print; those of prints of one trade are not kept.
    fills: Archive<(u64, Fill)>,
    n_prints: u64,
    /// Fills that were ever kept.
    n_fills: u64,
    sizes: Sizes,
}

impl Tape {
    /// An empty tape.
    pub(crate) fn new() -> Self {
        let (prints, fills) = (Archive::default(), Archive::default());
        Self { prints, fills, n_prints: 0, n_fills: 0, sizes: Sizes::new() }
    }

    /// Takes a trade. A print counts among the sizes once the next one has begun, since until then it can grow.
    pub(crate) fn add(&mut self, trade: &Trade) {
        if let Some(newest) = self.prints.recent_mut().back_mut() {
            if newest.continues(trade) {
                let before = *newest;
                newest.merge(trade);
                self.keep_fill(&before, trade);
                return;
            }
            self.sizes.add(newest.quantity.0);
        }
        if self.prints.len() == PRINTS_KEPT {
            self.prints.drop_front(1);
        }
        make_room(self.prints.recent_mut(), PRINTS_KEPT);
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

    /// Keeps a trade that `print` took in, after the print's own first trade when this is the second.
    fn keep_fill(&mut self, print: &Print, trade: &Trade) {
        let Print { number, price, quantity, n_fills, .. } = *print;
        // Two can come before the oldest go.
        make_room(self.fills.recent_mut(), FILLS_KEPT + 2);
        self.n_fills += 1;
        if self.fills.back().is_none_or(|(newest, _)| *newest != number) {
            self.n_fills += 1;
            self.fills.push_back((number, Fill { price, quantity, n_fills }));
        }
        let Trade { price, quantity, n_fills, .. } = *trade;
        self.fills.push_back((number, Fill { price, quantity, n_fills }));
        let n_over = self.fills.len().saturating_sub(FILLS_KEPT);
        self.fills.drop_front(n_over);
    }

    /// What the print of this number was merged from, oldest first; `None` when not all of it is kept.
    pub(crate) fn fills(&self, number: u64) -> Option<Vec<Fill>> {
        let print = self.print(number)?;
        let from = self.fills.partition_point(|(of, _)| *of < number);
        let fills: Vec<Fill> = self
            .fills
            .range(from..self.fills.len())
            .take_while(|(of, _)| *of == number)
            .map(|(_, fill)| *fill)
            .collect();
        if fills.is_empty() {
            let Print { price, quantity, n_fills, .. } = *print;
            let is_forgotten = self.fills.front().is_some_and(|(oldest, _)| *oldest > number);
            let is_one_trade = !is_forgotten || n_fills == 1;
            return is_one_trade.then(|| vec![Fill { price, quantity, n_fills }]);
        }
        let n_kept = fills.iter().fold(0_u32, |sum, fill| sum.saturating_add(fill.n_fills));
        (n_kept == print.n_fills).then_some(fills)
    }

    /// Prints since the session began.
    pub(crate) const fn n_prints(&self) -> u64 {
        self.n_prints
    }

    /// The print of this number, when it is kept.
    pub(crate) fn print(&self, number: u64) -> Option<&Print> {
        let first = self.n_prints - self.prints.len() as u64;
        self.prints.get(usize::try_from(number.checked_sub(first)?).ok()?)
    }

    /// The newest `n` prints, oldest first.
    pub(crate) fn last(&self, n: usize) -> impl ExactSizeIterator<Item = &Print> {
        self.prints.range(self.prints.len().saturating_sub(n)..self.prints.len())
    }

    /// The sizes of all prints but the newest.
    pub(crate) const fn sizes(&self) -> &Sizes {
        &self.sizes
    }
}

/// Doubles the room of a list that has none left, but never beyond what it keeps.
fn make_room<T>(list: &mut std::collections::VecDeque<T>, n_kept: usize) {
    if list.len() + 2 > list.capacity() && list.capacity() < n_kept {
        let wanted = (2 * list.capacity()).clamp(16, n_kept);
        list.reserve_exact(wanted - list.len());
    }
}

#[cfg(test)]
mod tests {
    use market::{InstrumentId, Price, Quantity, Side, Timestamp, Trade, Venue};

    use super::{FILLS_KEPT, PRINTS_KEPT, Tape};

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
    fn a_merged_print_unfolds_into_its_fills_and_a_single_one_into_itself() {
        let mut tape = Tape::new();
        tape.add(&trade(1, 100, Side::Buy, 0));
        tape.add(&trade(2, 101, Side::Buy, 900));
        tape.add(&trade(7, 90, Side::Sell, 900));
        let prices = |number| {
            let fills = tape.fills(number)?;
            Some(fills.iter().map(|fill| fill.price.0).collect::<Vec<_>>())
        };
        assert_eq!(prices(0), Some(vec![100, 101]));
        assert_eq!(prices(1), Some(vec![90]));
        assert_eq!(prices(2), None);
    }

    #[test]
    fn a_print_whose_fills_are_no_longer_all_kept_does_not_unfold() {
        let mut tape = Tape::new();
        for n in 0..=FILLS_KEPT as u64 {
            tape.add(&trade(n, 100, Side::Buy, 0));
        }
        assert_eq!(tape.fills.len(), FILLS_KEPT);
        assert_eq!(tape.fills(0), None);
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
