//! Holes that the recorder left, and whose books they touch.

use engine::Input;
use market::{Body, Continuity, LinkId, Packet, Timestamp, Venue};
use session::Remark;
use venues::image::{BookImage, Image, encode};

use crate::script::{A, Script};

const K: LinkId = LinkId(5);

/// Two venues whose books are right.
fn two_venues() -> Script {
    let mut script = Script::new();
    script.open(A);
    script.delta(A, 11, 12);
    script.snapshot(A, 11);
    let instrument = script.watched().market.instrument().clone();
    let book = BookImage {
        symbol: instrument.symbol.clone(),
        link: K,
        received_at: Timestamp::default(),
        continuity: Continuity::Unnumbered,
        checksum: None,
        depth: None,
        fault: None,
        bids: script.watched().market.book().bids().collect(),
        asks: script.watched().market.book().asks().collect(),
    };
    let image = Image { instruments: vec![instrument], books: vec![book], ..Image::default() };
    say(&mut script, Venue::Kraken, Body::Derived(encode(&image)));
    script
}

fn say(script: &mut Script, venue: Venue, body: Body) {
    let link = if venue == Venue::Kraken { K } else { A };
    let received_at = script.engine.now();
    let packet = Packet { venue, link, number: 0, received_at, body };
    script.engine.step(Input::Packet(packet), &mut script.asks);
}

fn right(script: &Script) -> Vec<Venue> {
    let all = script.engine.all_watched();
    all.filter(|(_, one)| one.market.sync().is_synced()).map(|(id, _)| id.venue).collect()
}

#[test]
fn a_hole_of_the_whole_session_leaves_no_book_right() {
    let mut script = two_venues();
    assert_eq!(right(&script), [Venue::Binance, Venue::Kraken]);
    say(&mut script, Venue::Binance, Remark::Lost(2).to_body());
    assert_eq!(right(&script), []);
    assert_eq!(script.engine.counts().n_unrecorded, 2);
}

#[test]
fn a_hole_of_one_venue_leaves_the_books_of_the_others_right() {
    let mut script = two_venues();
    say(&mut script, Venue::Binance, Remark::LostOfVenue(2).to_body());
    assert_eq!(right(&script), [Venue::Kraken]);
    assert_eq!(script.engine.counts().n_unrecorded, 2);
}
