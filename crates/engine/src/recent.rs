//! The newest time of a live session second by second, which its outline tells in longer steps once it is long.

use std::collections::{BTreeMap, VecDeque};

use market::{InstrumentId, Timestamp, Venue};

use crate::close_up::price;
use crate::engine::Engine;
use crate::tail::Gone;

/// Seconds that are kept.
const SECONDS_KEPT: usize = 4_096;
/// A second.
pub const SECOND_NANOS: i64 = 1_000_000_000;

/// One second.
#[derive(Clone, Debug, Default)]
struct Second {
    n_packets: u32,
    /// What each book was worth when the second was first heard of.
    prices: BTreeMap<InstrumentId, f64>,
}

/// The newest seconds, counted from the first packet of the session.
#[derive(Debug, Default)]
pub struct Recent {
    began_at: Option<Timestamp>,
    /// The number of the first one that is kept.
    first: i64,
    seconds: VecDeque<Second>,
    symbols: BTreeMap<InstrumentId, String>,
}

impl Recent {
    /// Looks at the engine after a packet.
    pub fn observe(&mut self, engine: &Engine) {
        if !self.note(engine.now()) {
            return;
        }
        let mut prices = BTreeMap::new();
        for (id, watched) in engine.all_watched() {
            let Some(price) = price(watched) else { continue };
            prices.insert(id, price);
            let symbol = &watched.market.instrument().symbol;
            self.symbols.entry(id).or_insert_with(|| symbol.clone());
        }
        if let Some(begun) = self.seconds.back_mut() {
            begun.prices = prices;
        }
    }

    /// Counts a packet; whether it is the first of its second.
    fn note(&mut self, at: Timestamp) -> bool {
        let began_at = *self.began_at.get_or_insert(at);
        let number = at.nanos_since(began_at) / SECOND_NANOS;
        let next = self.first + self.seconds.len() as i64;
        if number >= next {
            let n_new = usize::try_from(number - next + 1).unwrap_or(usize::MAX);
            if n_new >= SECONDS_KEPT {
                self.seconds.clear();
                self.first = number;
            }
            let n_new = if self.seconds.is_empty() { 1 } else { n_new };
            self.seconds.extend(std::iter::repeat_n(Second::default(), n_new));
            let n_over = self.seconds.len().saturating_sub(SECONDS_KEPT);
            self.seconds.drain(..n_over);
            self.first += n_over as i64;
        }
        if let Some(second) = self.seconds.back_mut() {
            second.n_packets = second.n_packets.saturating_add(1);
        }
        number >= next
    }

    /// Lets go of what was heard where nobody can go any longer.
    pub fn forget(&mut self, gone: &Gone) {
        let Some(from) = self.from() else { return };
        let number = |at: Timestamp| at.nanos_since(from).div_euclid(SECOND_NANOS);
        for at in &gone.heard_at {
            let heard = usize::try_from(number(*at)).ok().and_then(|n| self.seconds.get_mut(n));
            if let Some(second) = heard {
                second.n_packets = second.n_packets.saturating_sub(1);
            }
        }
        let within = number(gone.from)..=number(gone.to.plus_nanos(-1));
        for (second, number) in self.seconds.iter_mut().zip(0_i64..) {
            if within.contains(&number) {
                second.prices.clear();
            }
        }
    }

    /// The moment at which the first second that is kept begins; `None` before anything was heard.
    pub fn from(&self) -> Option<Timestamp> {
        Some(self.began_at?.plus_nanos(self.first.saturating_mul(SECOND_NANOS)))
    }

    /// What was heard: when each second begins, its packets, and the price of an instrument.
    pub fn seconds(
        &self,
        named: Option<&(Venue, String)>,
    ) -> impl Iterator<Item = (Timestamp, u32, Option<f64>)> {
        let is_it = |(id, symbol): &(&InstrumentId, &String)| {
            named.is_some_and(|(venue, name)| id.venue == *venue && *symbol == name)
        };
        let id = self.symbols.iter().find(is_it).map(|(id, _)| *id);
        let from = self.from().unwrap_or_default();
        self.seconds.iter().zip(0_i64..).map(move |(second, ahead)| {
            let price = id.and_then(|id| second.prices.get(&id).copied());
            (from.plus_nanos(ahead * SECOND_NANOS), second.n_packets, price)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_counted_by_the_second_and_the_oldest_seconds_go() {
        let began_at = Timestamp::from_millis(1_767_657_540_250);
        let at = |seconds: i64| began_at.plus_nanos(seconds * SECOND_NANOS + 7);
        let mut recent = Recent::default();
        let told = |recent: &Recent| {
            let seconds = recent.seconds(None).map(|(from, n, _)| (from, n));
            seconds.collect::<Vec<_>>()
        };
        recent.note(began_at);
        for second in [0, 0, 2, 3] {
            recent.note(at(second));
        }
        let counted: Vec<u32> = told(&recent).iter().map(|(_, n)| *n).collect();
        assert_eq!(counted, [3, 0, 1, 1]);
        for second in 4..10_000 {
            assert!(recent.note(at(second)));
        }
        let all = told(&recent);
        assert_eq!(all.len(), SECONDS_KEPT);
        assert_eq!(all.last(), Some(&(began_at.plus_nanos(9_999 * SECOND_NANOS), 1)));
        assert_eq!(recent.from(), Some(all[0].0));
        recent.note(at(100_000));
        assert_eq!(told(&recent), [(began_at.plus_nanos(100_000 * SECOND_NANOS), 1)]);
    }
}
