//! Every trade of a session for its chart, merged as the chart shows them: per column, price bin and side.

use std::collections::BTreeMap;

use market::{Instrument, Price, Side, Timestamp, Trade};
use plot::PlotPrint;

/// Bins between the lowest and the highest price of a session: finer than a chart is high.
const N_BINS: i64 = 2_000;
/// A trade that the venue dates so long before the first packet was told as history, when the subscription began.
const HISTORY_NANOS: i64 = 10_000_000_000;

/// What was traded in a column, in units of the quantity scale.
#[derive(Clone, Copy, Debug, Default)]
pub struct Traded {
    /// What takers bought.
    pub bought: i128,
    /// What takers sold.
    pub sold: i128,
}

/// Trades in one place.
#[derive(Default)]
struct Sum {
    quantity: i128,
    value: i128,
}

/// The trades of a session. A column keeps one sum a bin and side, so that a long session is no larger than a short
/// one.
pub struct Prints {
    began_at: Timestamp,
    bin: i64,
    units: (f64, f64),
    column: BTreeMap<(i64, Side), Sum>,
    traded: Traded,
    /// All but those of the open column.
    closed: Vec<PlotPrint>,
    /// How many were heard in the session.
    pub n_trades: u64,
    /// How many were told of the time before it.
    pub n_before: u64,
}

impl Prints {
    /// No trades yet, of an instrument that was traded between `low` and `high` in a session that began at `began_at`.
    pub fn new(instrument: &Instrument, (low, high): (Price, Price), began_at: Timestamp) -> Self {
        let span = high.0.saturating_sub(low.0);
        Self {
            began_at,
            bin: (span / N_BINS).max(instrument.tick_size.0).max(1),
            units: super::units(instrument),
            column: BTreeMap::new(),
            traded: Traded::default(),
            closed: Vec::new(),
            n_trades: 0,
            n_before: 0,
        }
    }

    /// Takes a trade.
    pub fn add(&mut self, trade: &Trade) {
        if trade.traded_at.plus_nanos(HISTORY_NANOS) < self.began_at {
            self.n_before += 1;
            return;
        }
        self.n_trades += 1;
        let quantity = i128::from(trade.quantity.0);
        let place = (trade.price.0.div_euclid(self.bin), trade.taker);
        let sum = self.column.entry(place).or_default();
        sum.quantity = sum.quantity.saturating_add(quantity);
        sum.value = sum.value.saturating_add(quantity.saturating_mul(trade.price.0.into()));
        match trade.taker {
            Side::Buy => self.traded.bought = self.traded.bought.saturating_add(quantity),
            Side::Sell => self.traded.sold = self.traded.sold.saturating_add(quantity),
        }
    }

    /// Ends a column whose middle is `at`; what was traded in it.
    pub fn close_column(&mut self, at: Timestamp) -> Traded {
        let (price_unit, size_unit) = self.units;
        for ((_, taker), sum) in std::mem::take(&mut self.column) {
            if sum.quantity <= 0 {
                continue;
            }
            self.closed.push(PlotPrint {
                at,
                price: sum.value as f64 / sum.quantity as f64 * price_unit,
                size: sum.quantity as f64 * size_unit,
                taker,
            });
        }
        std::mem::take(&mut self.traded)
    }

    /// All of them, for the chart.
    pub fn into_closed(self) -> Vec<PlotPrint> {
        self.closed
    }
}

#[cfg(test)]
mod tests {
    use market::{InstrumentId, Origin, Price, Quantity, Side, Terms, Timestamp, Trade, Venue};

    use super::{Instrument, Prints};

    const ID: InstrumentId = InstrumentId { venue: Venue::Kraken, index: 0 };

    fn instrument() -> Instrument {
        Instrument {
            id: ID,
            symbol: "BTC/USD".to_owned(),
            base: "BTC".to_owned(),
            quote: "USD".to_owned(),
            price_scale: 1,
            quantity_scale: 2,
            price_decimals: 1,
            quantity_decimals: 2,
            tick_size: Price(1),
            lot_size: Quantity(1),
            terms: Terms::default(),
            is_trading: true,
            origin: Origin::Listed,
        }
    }

    fn trade(price: i64, quantity: i64, taker: Side) -> Trade {
        Trade {
            instrument: ID,
            trade_id: 0,
            n_fills: 1,
            price: Price(price),
            quantity: Quantity(quantity),
            taker,
            traded_at: Timestamp::from_millis(60_000),
        }
    }

    #[test]
    fn trades_of_one_column_price_and_side_are_one_print() {
        let began_at = Timestamp::from_millis(60_000);
        let mut prints = Prints::new(&instrument(), (Price(1_000), Price(1_010)), began_at);
        for (price, quantity, taker) in
            [(1_000, 150, Side::Buy), (1_000, 50, Side::Buy), (1_000, 50, Side::Sell)]
        {
            prints.add(&trade(price, quantity, taker));
        }
        let traded = prints.close_column(began_at);
        prints.add(&trade(1_000, 100, Side::Buy));
        prints.close_column(began_at.plus_nanos(1));
        assert_eq!((traded.bought, traded.sold), (200, 50));
        assert_eq!(prints.n_trades, 4);
        let sizes: Vec<f64> = prints.into_closed().iter().map(|print| print.size).collect();
        assert_eq!(sizes, [2.0, 0.5, 1.0]);
    }

    #[test]
    fn a_wide_session_merges_prices_and_keeps_their_mean() {
        let mut prints =
            Prints::new(&instrument(), (Price(0), Price(20_000)), Timestamp::default());
        prints.add(&trade(1_002, 100, Side::Buy));
        prints.add(&trade(1_008, 300, Side::Buy));
        prints.add(&trade(1_010, 300, Side::Buy));
        prints.close_column(Timestamp::default());
        let found: Vec<(f64, f64)> =
            prints.into_closed().iter().map(|print| (print.price, print.size)).collect();
        assert_eq!(found, [(100.65, 4.0), (101.0, 3.0)]);
    }

    #[test]
    fn what_was_traded_before_the_session_is_no_part_of_it() {
        let began_at = Timestamp::from_millis(90_000);
        let mut prints = Prints::new(&instrument(), (Price(1), Price(1)), began_at);
        prints.add(&trade(1_000, 100, Side::Buy));
        prints.close_column(began_at);
        assert_eq!((prints.n_trades, prints.n_before), (0, 1));
        assert!(prints.into_closed().is_empty());
    }
}
