//! Item 6, within the venue's limits: what finds no room on one connection is heard on another.

use std::collections::BTreeMap;

use engine::VenueConfig;
use engine::wire::Command;
use market::{Body, LinkId, Packet};
use proof::{Stage, tapes};
use sim::{Fault, SimVenue};

use crate::rows;

const PAIR: [&str; 2] = ["BTCUSDT", "ETHUSDT"];

/// Venues whose links are replaced before they end; one of them has its marks on another socket.
const VENUES: [SimVenue; 2] = [SimVenue::Binance, SimVenue::BinanceUsdM];

/// A deck whose connections have room for one instrument each, which hears two.
async fn stage(at: SimVenue) -> Stage {
    let venue = at.venue();
    let protocol = rows::protocol(venue);
    let room = PAIR.iter().map(|symbol| protocol.share_of(symbol)).max();
    Stage::with(&[(venue, PAIR[0]), (venue, PAIR[1])], |live| {
        let endpoints = live.venues[0].endpoints.take();
        live.venues = vec![VenueConfig { venue, endpoints, lifetime: None, room }];
    })
    .await
}

/// The frames of each link that name each symbol.
fn named(packets: &[Packet]) -> BTreeMap<LinkId, [usize; 2]> {
    let mut named: BTreeMap<LinkId, [usize; 2]> = BTreeMap::new();
    for packet in packets {
        let Body::Text(bytes) = &packet.body else { continue };
        for (n, symbol) in named.entry(packet.link).or_default().iter_mut().zip(PAIR) {
            let (text, lower) = (String::from_utf8_lossy(bytes), symbol.to_lowercase());
            *n += usize::from(text.contains(symbol) || text.contains(&lower));
        }
    }
    named
}

async fn is_heard_on_two(at: SimVenue) {
    let venue = at.venue();
    let stage = stage(at).await;
    let mut eyes = [stage.eye(venue, PAIR[0]).await, stage.eye(venue, PAIR[1]).await];
    for eye in &mut eyes {
        eye.until_running().await;
    }
    let status = eyes[0].status();
    for link in &status.links {
        assert!(!link.sentence.contains("not heard"), "{venue:?}: {}", link.sentence);
    }
    let n_links = status.links.len();
    // Each of the two is replaced before its venue ends it.
    stage.fault(at, &Fault::AnnounceEnd);
    eyes[0].until_status("other links", |status| status.links.len() > n_links).await;
    for eye in &mut eyes {
        let at_roll = eye.next().await.session_ms();
        eye.until("the market goes on", |frame| {
            assert!(frame.is_good(), "{venue:?}: never stale on the way");
            frame.session_ms() > at_roll + 3_000.0
        })
        .await;
    }
    let (_folder, files) = stage.end().await;
    let named = named(&tapes::packets(&files));
    let n_only = |which: usize| {
        named.values().filter(|n| n[which] > 2 * n[1 - which] && n[which] > 10).count()
    };
    assert!(n_only(0) >= 1 && n_only(1) >= 1, "{venue:?}: each has links of its own: {named:?}");
    let proof = engine::verify(&files, None, true, |_| {}).expect("recordings");
    let heard = &proof.files[0].instruments;
    assert_eq!(heard.len(), PAIR.len(), "{venue:?}");
    for one in heard {
        assert_eq!((one.gaps, one.top_of_book_different), (0, 0), "{venue:?}: {one:?}");
    }
    let n_trades: u64 = heard.iter().map(|one| one.trades).sum();
    assert_eq!(tapes::trade_ids(&files).len() as u64, n_trades, "{venue:?}: each trade once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_finds_no_room_on_one_link_is_heard_on_another_which_rolls_over_too() {
    let stories = VENUES.map(|at| tokio::spawn(is_heard_on_two(at)));
    for story in stories {
        story.await.expect("the story of each venue");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_with_nothing_left_to_hear_is_closed() {
    let at = SimVenue::Bybit;
    let (stage, venue) = (stage(at).await, at.venue());
    let mut eye = stage.eye(venue, PAIR[1]).await;
    eye.until_running().await;
    eye.follow(venue, PAIR[0]).await;
    eye.until_running().await;
    let n_links = eye.status().links.len();
    let (of, symbol) = (venue.id().to_owned(), PAIR[1].to_owned());
    let _done = eye.command(Command::Unsubscribe { venue: of, symbol }).await;
    eye.until_status("one link is closed", |status| status.links.len() < n_links).await;
    assert!(eye.until_good().await.is_good(), "the other link goes on");
    let (_folder, _files) = stage.end().await;
}
