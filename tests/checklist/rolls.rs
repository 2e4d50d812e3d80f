//! Item 7: a link that its venue will end is replaced before, without a hole and without a trade told twice.

use engine::VenueConfig;
use market::{Body, LinkId, Venue};
use proof::{Stage, tapes};
use sim::{Fault, SimVenue};

use crate::row::Roll;
use crate::rows;

#[test]
fn a_venue_has_a_story_of_its_links_ends_if_they_end() {
    for (venue, row) in rows::all() {
        let lifetime = rows::protocol(venue).limits().link_lifetime;
        assert_eq!(lifetime.is_some(), row.roll.get().is_some(), "{venue:?}");
    }
}

async fn rolls_over(venue: Venue, at: SimVenue) {
    let symbol = if at == SimVenue::BinanceCoinM { "BTCUSD_PERP" } else { "BTCUSDT" };
    let stage = Stage::with(&[(at.venue(), symbol)], |live| {
        let endpoints = live.venues[0].endpoints.take();
        live.venues = vec![VenueConfig { venue, endpoints, lifetime: None, room: None }];
        live.instruments = vec![(venue, symbol.to_owned())];
    })
    .await;
    let mut eye = stage.eye(venue, symbol).await;
    eye.until_running().await;
    // Futures are heard on two links.
    let n_links = eye.status().links.len();
    stage.fault(at, &Fault::AnnounceEnd);
    eye.until_status("another link", |status| status.links.len() > n_links).await;
    let at_roll = eye.next().await.session_ms();
    eye.until("the second link goes on", |frame| {
        assert!(frame.is_good(), "{venue:?}: never stale on the way");
        frame.session_ms() > at_roll + 3_000.0
    })
    .await;
    let (_folder, files) = stage.end().await;
    let packets = tapes::packets(&files);
    let place = |such: &dyn Fn(&market::Packet) -> bool| packets.iter().position(such);
    let first = packets.iter().find(|one| matches!(one.body, Body::Text(_))).expect("frames").link;
    let is_next = |link: LinkId| link != first;
    let first_closes = place(&|one| one.link == first && matches!(one.body, Body::Closed(_)));
    let next_speaks = place(&|one| is_next(one.link) && matches!(one.body, Body::Text(_)));
    assert!(next_speaks < first_closes && next_speaks.is_some(), "{venue:?}: both for a while");
    let proof = engine::verify(&files, None, true, |_| {}).expect("recordings");
    for one in &proof.files[0].instruments {
        assert_eq!((one.gaps, one.top_of_book_different), (0, 0), "{venue:?}: {one:?}");
    }
    let n_trades: u64 = proof.files[0].instruments.iter().map(|one| one.trades).sum();
    assert_eq!(tapes::trade_ids(&files).len() as u64, n_trades, "{venue:?}: each trade once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_ends_is_followed_by_another_before() {
    let all = rows::all().filter_map(|(venue, row)| match row.roll.get()? {
        Roll::Simulated(at) => Some(tokio::spawn(rolls_over(venue, *at))),
        Roll::Scripted => None,
    });
    for story in all.collect::<Vec<_>>() {
        story.await.expect("the story of each venue");
    }
}
