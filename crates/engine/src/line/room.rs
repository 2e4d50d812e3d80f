//! How a venue's instruments are spread over its links: each goes where there is room, and stays there.

use std::collections::BTreeSet;

use market::Venue;
use venues::{Counted, Endpoints, Limits, Protocol};

/// Links at most that share the instruments of one venue. What finds no room on them is not heard, and said so.
const LINKS_MAX: usize = 8;

/// What one link of a venue holds, and how many there may be.
#[derive(Debug)]
pub(super) struct Room {
    /// Tells what a symbol takes; `None` where that was never asked.
    protocol: Option<Protocol>,
    most: Option<u32>,
    links_max: usize,
}

/// Where an instrument goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// To the link of this position.
    On(usize),
    /// To one that is still to be opened.
    OnAnother,
}

impl Room {
    /// The room on the links to a venue at these endpoints, each of which takes two connections while it rolls over.
    pub fn of(venue: Venue, endpoints: Option<&Endpoints>, limits: &Limits) -> Self {
        let endpoints = endpoints.cloned().unwrap_or_else(|| Endpoints::of(venue));
        let links_max = match limits.carried_counted {
            Counted::ByLink => limits.links.map_or(LINKS_MAX, |links| links as usize / 2),
            Counted::ByAddress => 1,
        };
        Self {
            protocol: Protocol::new(venue, endpoints).ok(),
            most: limits.carried,
            links_max: links_max.clamp(1, LINKS_MAX),
        }
    }

    /// Where `symbol` goes beside what the links carry: to the first with room. What fits nowhere goes to the last,
    /// which says that it is not heard.
    pub fn place<'a>(
        &self,
        symbol: &str,
        links: impl Iterator<Item = &'a BTreeSet<String>>,
    ) -> Place {
        let Some(most) = self.most else { return Place::On(0) };
        let taken = |symbols: &BTreeSet<String>| {
            symbols.iter().map(|symbol| self.share_of(symbol)).fold(0, u32::saturating_add)
        };
        let share = self.share_of(symbol);
        let taken: Vec<u32> = links.map(taken).collect();
        let with_room = taken.iter().position(|taken| taken.saturating_add(share) <= most);
        match with_room {
            Some(index) => Place::On(index),
            None if share <= most && taken.len() < self.links_max => Place::OnAnother,
            None => Place::On(taken.len().saturating_sub(1)),
        }
    }

    fn share_of(&self, symbol: &str) -> u32 {
        self.protocol.as_ref().map_or(1, |protocol| protocol.share_of(symbol))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bitfinex's links, with room for two books and their trades each.
    fn room() -> Room {
        let protocol = Protocol::new(Venue::Bitfinex, Endpoints::of(Venue::Bitfinex)).unwrap();
        let share = protocol.share_of("tBTCUSD");
        let limits = Limits { carried: Some(2 * share), ..protocol.limits() };
        Room::of(Venue::Bitfinex, None, &limits)
    }

    fn hear(room: &Room, links: &mut Vec<BTreeSet<String>>, symbol: &str) {
        let index = match room.place(symbol, links.iter()) {
            Place::On(index) => index,
            Place::OnAnother => {
                links.push(BTreeSet::new());
                links.len() - 1
            }
        };
        links[index].insert(symbol.to_owned());
    }

    fn words(links: &[BTreeSet<String>]) -> Vec<String> {
        links.iter().map(|link| link.iter().cloned().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn what_finds_no_room_goes_to_another_link_and_moves_nothing() {
        let (room, mut links) = (room(), vec![BTreeSet::new()]);
        for symbol in ["tEEEUSD", "tDDDUSD", "tCCCUSD", "tBBBUSD", "tAAAUSD"] {
            let before = links.clone();
            hear(&room, &mut links, symbol);
            assert!(before.iter().zip(&links).all(|(before, after)| before.is_subset(after)));
        }
        assert_eq!(words(&links), ["tDDDUSD tEEEUSD", "tBBBUSD tCCCUSD", "tAAAUSD"]);
        links[0].remove("tEEEUSD");
        hear(&room, &mut links, "tFFFUSD");
        assert_eq!(words(&links), ["tDDDUSD tFFFUSD", "tBBBUSD tCCCUSD", "tAAAUSD"]);
    }

    #[test]
    fn links_are_as_many_as_the_venue_takes_and_no_more_than_a_few() {
        let (room, mut links) = (room(), vec![BTreeSet::new()]);
        for n in 10..40 {
            hear(&room, &mut links, &format!("tA{n}USD"));
        }
        assert_eq!(links.len(), LINKS_MAX);
        let limits = |venue| Protocol::new(venue, Endpoints::of(venue)).unwrap().limits();
        let deribit = Room::of(Venue::Deribit, None, &limits(Venue::Deribit));
        assert_eq!(deribit.links_max, LINKS_MAX, "of twenty connections, while all roll over");
        let few = Limits { links: Some(6), ..limits(Venue::Deribit) };
        assert_eq!(Room::of(Venue::Deribit, None, &few).links_max, 3);
        let hyperliquid = Room::of(Venue::Hyperliquid, None, &limits(Venue::Hyperliquid));
        assert_eq!(hyperliquid.links_max, 1, "an address has the same room on all its links");
    }

    #[test]
    fn what_no_link_could_hold_opens_none() {
        let limits = Protocol::new(Venue::Bitfinex, Endpoints::of(Venue::Bitfinex));
        let limits = Limits { carried: Some(1), ..limits.unwrap().limits() };
        let room = Room::of(Venue::Bitfinex, None, &limits);
        assert_eq!(room.place("tBTCUSD", [BTreeSet::new()].iter()), Place::On(0));
    }
}
