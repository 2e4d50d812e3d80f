//! What a file of a recording must begin with, so that it replays alone: instruments, subscriptions, running books.

use std::collections::BTreeMap;

use market::{Body, LinkId, Packet, State, Timestamp, Venue};
use venues::image::{self, Image, Subscription};

use crate::engine::Engine;
use crate::watched::Watched;

/// Which instruments go in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// Those that are watched: a venue's whole list is long and stands in the session where it was heard.
    Watched,
    /// All that the venues listed: where they were heard is cut off.
    All,
}

/// One derived packet per venue that is heard.
pub fn preface(engine: &Engine, at: Timestamp, listed: Listed) -> Vec<Packet> {
    let mut venues: BTreeMap<Venue, (LinkId, Image)> = BTreeMap::new();
    let empty = |link| (link, Image { made_at: at, ..Image::default() });
    for (id, watched) in engine.all_watched() {
        let (_, image) = venues.entry(id.venue).or_insert_with(|| empty(watched.link));
        add(image, watched);
    }
    if listed == Listed::All {
        for (link, state) in engine.links().iter().filter(|(_, link)| engine.lists(link.venue)) {
            venues.entry(state.venue).or_insert_with(|| empty(link));
        }
        for instrument in engine.instruments() {
            let Some((_, image)) = venues.get_mut(&instrument.id.venue) else { continue };
            if engine.watched(instrument.id).is_none() {
                image.instruments.push(instrument.clone());
            }
        }
    }
    for (venue, (_, image)) in &mut venues {
        image.memory = engine.memory(*venue);
    }
    let packets = venues.into_iter().map(|(venue, (link, image))| Packet {
        venue,
        link,
        number: 0,
        received_at: at,
        body: Body::Derived(image::encode(&image)),
    });
    packets.collect()
}

fn add(image: &mut Image, watched: &Watched) {
    let market = &watched.market;
    let instrument = market.instrument();
    image.instruments.push(instrument.clone());
    image
        .subscriptions
        .push(Subscription { link: watched.link, symbol: instrument.symbol.clone() });
    let Some(book) = market.image() else { return };
    image.books.push(image::BookImage {
        symbol: instrument.symbol.clone(),
        link: watched.link,
        received_at: market.good_at().unwrap_or(image.made_at),
        continuity: book.continuity,
        checksum: book.checksum,
        depth: book.depth,
        fault: fault_of(book.state),
        bids: book.bids,
        asks: book.asks,
    });
}

fn fault_of(state: State) -> Option<String> {
    match state {
        State::Synced => None,
        State::Waiting => Some("no snapshot was heard yet".to_owned()),
        State::Lost { cause } => Some(format!("lost: {cause:?}")),
    }
}
