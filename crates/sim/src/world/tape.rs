//! What was traded: the last prints, and bars of a minute.

use std::collections::VecDeque;

use super::{Print, SECOND, Side};

/// Prints that are kept: what a venue answers at most to one request for trades.
const N_PRINTS: usize = 1_000;
/// Nanoseconds in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Minutes are kept for a day less one, in which the next print may come: never more than 24 hours are told.
const KEPT_FOR: i64 = 1_438 * MINUTE;

/// The last prints and minutes of a market.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    prints: VecDeque<Print>,
    minutes: VecDeque<Candle>,
}

/// A bar of a minute, in the instrument's units.
#[derive(Clone, Debug)]
pub struct Candle {
    /// Simulated time at which it begins, in nanoseconds.
    pub opened_at: i64,
    /// First price.
    pub open: i64,
    /// Highest price.
    pub high: i64,
    /// Lowest price.
    pub low: i64,
    /// Last price.
    pub close: i64,
    /// Quantity traded.
    pub volume: i128,
    /// Sum of price · quantity.
    pub turnover: i128,
    /// Quantity that takers bought.
    pub bought: i128,
    /// Sum of price · quantity that takers bought.
    pub bought_turnover: i128,
    /// Prints.
    pub n_trades: u64,
    /// Id of the first print.
    pub first_id: u64,
    /// Id of the last print.
    pub last_id: u64,
}

impl Tape {
    /// The last prints, oldest first.
    pub fn prints(&self) -> impl DoubleEndedIterator<Item = &Print> + ExactSizeIterator {
        self.prints.iter()
    }

    /// The minutes in which something was traded, oldest first; the last one is still open.
    pub fn minutes(&self) -> impl DoubleEndedIterator<Item = &Candle> + ExactSizeIterator {
        self.minutes.iter()
    }

    /// All minutes as one bar; `None` before the first print.
    pub fn day(&self) -> Option<Candle> {
        let mut minutes = self.minutes.iter();
        let mut day = minutes.next()?.clone();
        minutes.for_each(|minute| day.extend(minute));
        Some(day)
    }

    /// Bars of so many minutes, oldest first, whose bounds are whole in Unix time; `epoch` is that of simulated time 0,
    /// in nanoseconds.
    pub fn bars(&self, n_minutes: i64, epoch: i64) -> Vec<Candle> {
        let mut bars: Vec<Candle> = Vec::new();
        for minute in &self.minutes {
            let at = epoch + minute.opened_at;
            let opened_at = at - at.rem_euclid(n_minutes * MINUTE) - epoch;
            match bars.last_mut() {
                Some(bar) if bar.opened_at == opened_at => bar.extend(minute),
                Some(_) | None => bars.push(Candle { opened_at, ..minute.clone() }),
            }
        }
        bars
    }

    /// A tape that begins with minutes of the past.
    pub(super) fn after(minutes: Vec<Candle>) -> Self {
        Self { prints: VecDeque::new(), minutes: minutes.into() }
    }

    pub(super) fn record(&mut self, print: Print) {
        if self.prints.len() == N_PRINTS {
            self.prints.pop_front();
        }
        self.prints.push_back(print);
        let opened_at = print.at - print.at.rem_euclid(MINUTE);
        if self.minutes.back().is_none_or(|minute| minute.opened_at != opened_at) {
            let is_old = |minute: &Candle| minute.opened_at < opened_at - KEPT_FOR;
            while self.minutes.front().is_some_and(is_old) {
                self.minutes.pop_front();
            }
            self.minutes.push_back(Candle::open(opened_at, print));
        }
        if let Some(minute) = self.minutes.back_mut() {
            minute.add(print);
        }
    }
}

impl Candle {
    fn open(opened_at: i64, print: Print) -> Self {
        Self {
            opened_at,
            open: print.price,
            high: print.price,
            low: print.price,
            close: print.price,
            volume: 0,
            turnover: 0,
            bought: 0,
            bought_turnover: 0,
            n_trades: 0,
            first_id: print.trade_id,
            last_id: print.trade_id,
        }
    }

    /// Adds a later bar, so that both are one.
    pub fn extend(&mut self, later: &Self) {
        self.high = self.high.max(later.high);
        self.low = self.low.min(later.low);
        self.close = later.close;
        self.volume += later.volume;
        self.turnover += later.turnover;
        self.bought += later.bought;
        self.bought_turnover += later.bought_turnover;
        self.n_trades += later.n_trades;
        self.last_id = later.last_id;
    }

    fn add(&mut self, print: Print) {
        let quantity = i128::from(print.quantity);
        let turnover = quantity * i128::from(print.price);
        self.high = self.high.max(print.price);
        self.low = self.low.min(print.price);
        self.close = print.price;
        self.volume += quantity;
        self.turnover += turnover;
        if print.taker == Side::Bid {
            self.bought += quantity;
            self.bought_turnover += turnover;
        }
        self.n_trades += 1;
        self.last_id = print.trade_id;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bars of a day are of 24 hours at most, up to the minute after the last print, however rarely is traded.
    #[test]
    fn a_day_holds_what_was_traded_in_its_last_24_hours_and_no_more() {
        for every in [MINUTE / 2, MINUTE, 7 * MINUTE] {
            let mut tape = Tape::default();
            let prints: Vec<Print> = (0..30 * 60 * MINUTE / every)
                .map(|n| Print {
                    at: n * every,
                    trade_id: n as u64,
                    price: 1_000,
                    quantity: 1 + n,
                    taker: Side::Bid,
                })
                .collect();
            prints.iter().for_each(|print| tape.record(*print));
            let last_at = prints.last().expect("prints").at;
            let sum = |span: i64| -> i128 {
                let is_within = |print: &&Print| print.at > last_at - span;
                prints.iter().filter(is_within).map(|print| i128::from(print.quantity)).sum()
            };
            let told = tape.day().expect("prints").volume;
            let day = 24 * 60 * MINUTE;
            assert!(told <= sum(day - MINUTE) && told >= sum(day - 3 * MINUTE), "{every}: {told}");
        }
    }
}
