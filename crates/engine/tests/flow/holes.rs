//! Holes that the recorder left, and whose books they touch.

use engine::Input;
use market::{Body, Cause, Continuity, LinkId, Packet, Timestamp, Venue};
use session::{Lost, Remark, WhoseLost, WhyLost};
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
    say(&mut script, Venue::Binance, Remark::lost(2).to_body());
    assert_eq!(right(&script), []);
    assert_eq!(script.engine.counts().n_unrecorded, 2);
}

#[test]
fn a_hole_of_one_venue_leaves_the_books_of_the_others_right() {
    let mut script = two_venues();
    let lost = Lost { n_packets: 2, whose: WhoseLost::Venue, ..Lost::default() };
    say(&mut script, Venue::Binance, Remark::Lost(lost).to_body());
    assert_eq!(right(&script), [Venue::Kraken]);
    assert_eq!(script.engine.counts().n_unrecorded, 2);
}

#[test]
fn where_nothing_is_recorded_no_book_is_called_silent_and_no_link() {
    let mut script = two_venues();
    let (from, to) = (script.engine.now(), script.engine.now().plus_nanos(90_000_000_000));
    let lost = Lost { n_packets: 7, to: Some(to), why: WhyLost::Off, ..Lost::default() };
    say(&mut script, Venue::Binance, Remark::Lost(lost).to_body());
    script.engine.step(Input::Tick(from.plus_nanos(60_000_000_000)), &mut script.asks);
    for (id, watched) in script.engine.all_watched() {
        assert_eq!(watched.cause(), Some(Cause::NotRecorded), "{}", id.venue.id());
        assert!(script.engine.unrecorded(id.venue, watched.link).is_some());
    }
    // A venue speaks again: nothing is missing any longer, and its book waits for a snapshot as after any gap.
    script.engine.step(Input::Tick(to), &mut script.asks);
    say(&mut script, Venue::Binance, Body::Ping);
    let (_, watched) = script.engine.all_watched().next().expect("a book");
    assert_eq!(watched.cause(), Some(Cause::Gap));
    assert!(script.engine.unrecorded(Venue::Binance, A).is_none());
}

#[test]
fn a_hole_in_one_of_two_recordings_that_play_together_leaves_the_books_of_the_other_right() {
    let mut script = two_venues();
    let whose = WhoseLost::Links { first: K.0, last: K.0 };
    let body = Remark::Lost(Lost { n_packets: 2, whose, ..Lost::default() }).to_body();
    say(&mut script, Venue::Kraken, body);
    assert_eq!(right(&script), [Venue::Binance]);
}
