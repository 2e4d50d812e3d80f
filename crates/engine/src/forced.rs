//! Forced orders that come over several links: each counts once, though venues give them no ids.

use std::collections::VecDeque;

use market::load::Sound;
use market::{LinkId, Liquidation};
use serde::{Deserialize, Serialize};

/// Forced orders within which the same one is looked for on another link: those of some seconds of a cascade.
const FORCED_KEPT: usize = 256;

/// The last forced orders of an instrument, and which links told of each.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct ForcedOrders {
    last: VecDeque<(Liquidation, Vec<LinkId>)>,
}

impl Sound for ForcedOrders {
    fn is_sound(&self) -> bool {
        self.last.len() <= FORCED_KEPT
    }
}

impl ForcedOrders {
    /// Takes one; `false` when another link told of it already. Equal ones on one link are several.
    pub fn is_new(&mut self, forced: &Liquidation, link: LinkId) -> bool {
        let known =
            self.last.iter_mut().find(|(known, links)| known == forced && !links.contains(&link));
        if let Some((_, links)) = known {
            links.push(link);
            return false;
        }
        if self.last.len() == FORCED_KEPT {
            self.last.pop_front();
        }
        self.last.push_back((*forced, vec![link]));
        true
    }
}

#[cfg(test)]
mod tests {
    use market::{InstrumentId, Price, Quantity, Side, Timestamp, Venue};

    use super::*;

    fn forced(quantity: i64) -> Liquidation {
        Liquidation {
            instrument: InstrumentId { venue: Venue::Okx, index: 0 },
            side: Side::Sell,
            price: Price(100),
            quantity: Quantity(quantity),
            liquidated_at: Timestamp::from_millis(5),
        }
    }

    #[test]
    fn the_same_order_on_two_links_is_one_and_twice_on_one_link_is_two() {
        let mut orders = ForcedOrders::default();
        let heard = [(1, 0, true), (1, 0, true), (1, 1, false), (1, 1, false), (1, 1, true)];
        for (quantity, link, is_new) in heard {
            assert_eq!(orders.is_new(&forced(quantity), LinkId(link)), is_new, "{quantity} {link}");
        }
        assert!(orders.is_new(&forced(2), LinkId(1)));
    }

    #[test]
    fn a_cascade_is_bounded() {
        let mut orders = ForcedOrders::default();
        for quantity in 0..10_000 {
            assert!(orders.is_new(&forced(quantity), LinkId(0)));
        }
        assert_eq!(orders.last.len(), FORCED_KEPT);
    }
}
