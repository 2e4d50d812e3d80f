//! What a file of a recording must begin with, so that it replays alone: instruments, subscriptions, running books.

use std::collections::BTreeMap;

use market::{Body, LinkId, Packet, State, Timestamp, Venue};
use venues::image::{self, Image, Subscription};

use crate::engine::Engine;
use crate::watched::Watched;

/// One derived packet per venue that is heard. Only what is watched goes in: a venue's whole list is long and stands in
/// the recording where it was heard.
pub fn preface(engine: &Engine, at: Timestamp) -> Vec<Packet> {
    let mut venues: BTreeMap<Venue, (LinkId, Image)> = BTreeMap::new();
    for (id, watched) in engine.all_watched() {
        let empty = || (watched.link, Image { made_at: at, ..Image::default() });
        let (_, image) = venues.entry(id.venue).or_insert_with(empty);
        add(image, watched);
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
