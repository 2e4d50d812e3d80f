//! Where WebSockets are blocked, book and trades of each simulated venue come by HTTP; and by WebSocket once it is let
//! through again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use engine::wire::LinkState;
use market::{Body, Event, Events, Market, Venue};
use proof::stage::endpoints;
use proof::{Eye, Stage, tapes};
use sim::{Fault, SimVenue};
use venues::Decoder;

use crate::traded;

const WEBSOCKET: &str = "websocket";

/// The ids of the trades that the tape of a market takes, in order, each with how many fills it stands for.
fn taken(files: &[PathBuf], venue: Venue) -> Vec<(u64, u64)> {
    let mut decoder = Decoder::new(venue);
    let (mut events, mut markets, mut ids) = (Events::default(), BTreeMap::new(), Vec::new());
    for packet in tapes::packets(files).iter().filter(|packet| packet.venue == venue) {
        if decoder.decode(packet, &mut events).is_err() {
            continue;
        }
        for event in &events.items {
            let Event::Trade(trade) = event else { continue };
            let instrument = &decoder.instruments()[trade.instrument.index as usize];
            let market =
                markets.entry(trade.instrument).or_insert_with(|| Market::new(instrument.clone()));
            if market.apply_trade(trade, packet.received_at) {
                ids.push((trade.trade_id, u64::from(trade.n_fills)));
            }
        }
    }
    ids
}

/// Of all that the venue has traded between the first and the last trade that were heard, none is missing: neither of
/// those that it tells at the end, nor of the ids between.
fn assert_none_missing(at: SimVenue, heard: &BTreeSet<u64>, traded: &BTreeSet<u64>) {
    let (Some(first), Some(last)) = (heard.first(), heard.last()) else {
        panic!("{at:?}: nothing was heard");
    };
    let missing: Vec<_> = traded.range(first..=last).filter(|id| !heard.contains(*id)).collect();
    assert_eq!(missing, Vec::<&u64>::new(), "{at:?}: of {} heard", heard.len());
    assert_eq!(last - first + 1, heard.len() as u64, "{at:?}: ids between");
}

/// Waits until the venue's first link is up, by a transport that is such.
async fn until_heard_by(eye: &mut Eye, what: &str, such: impl Fn(&str) -> bool) {
    eye.until_status(what, |status| {
        let first = status.links.first();
        first.is_some_and(|link| link.state == LinkState::Up && such(&link.transport))
    })
    .await;
}

/// An instrument that a simulated venue lists.
pub const fn name(at: SimVenue) -> &'static str {
    match at {
        SimVenue::Binance | SimVenue::BinanceUsdM | SimVenue::Bybit | SimVenue::BybitLinear => {
            "BTCUSDT"
        }
        SimVenue::BinanceCoinM => "BTCUSD_PERP",
        SimVenue::Kraken => "BTC/USD",
        SimVenue::Okx => "BTC-USDT",
        SimVenue::Bitbank => "btc_jpy",
        SimVenue::BitFlyer => "FX_BTC_JPY",
    }
}

async fn polls_and_comes_back(at: SimVenue, name: &str) {
    let venue = at.venue();
    let stage = Stage::hearing(&[(venue, name)]).await;
    let mut eye = stage.eye(venue, name).await;
    eye.until_running().await;

    stage.fault(at, &Fault::BlockWebSockets { for_ms: 600_000 });
    until_heard_by(&mut eye, "it is polled", |transport| transport != WEBSOCKET).await;
    let frame = eye.until_running().await;
    let (bid, ask) = frame.best();
    assert!(bid < ask, "{venue:?}: {bid} / {ask}");

    stage.fault(at, &Fault::BlockWebSockets { for_ms: 0 });
    until_heard_by(&mut eye, "its WebSocket is back", |transport| transport == WEBSOCKET).await;
    let frame = eye.until_running().await;
    let (bid, ask) = frame.best();
    assert!(bid < ask, "{venue:?}: {bid} / {ask}");

    let traded = traded::newest(venue, &endpoints(&stage.sim, venue), name).await;
    let (_folder, files) = stage.end().await;
    let packets = tapes::packets(&files);
    let is_answered = |body: &Body| matches!(body, Body::Answered(one) if one.status == 200);
    assert!(tapes::count(&packets, is_answered) > 2, "{venue:?}");
    let ids = taken(&files, venue);
    let once: BTreeSet<u64> = ids.iter().map(|(id, _)| *id).collect();
    assert_eq!(once.len(), ids.len(), "{venue:?}: each trade once");
    // Over Engine.IO another session follows, and what was traded between the two is told on neither. The ids of linear
    // perpetuals are drawn, and cannot be counted.
    if !matches!(at, SimVenue::Bitbank | SimVenue::BitFlyer | SimVenue::BybitLinear) {
        // OKX tells the fills of one price together, by the last of their ids.
        let fills = ids.iter().flat_map(|(id, n_fills)| (id + 1 - n_fills)..=*id);
        assert_none_missing(at, &fills.collect(), &traded);
    }
    let proof = engine::verify(&files, None, true, |_| {}).expect("recordings");
    let file = &proof.files[0];
    assert!(file.damage.is_none() && file.refused == 0, "{venue:?}: {file:?}");
    let (crossed, gaps) =
        file.instruments.iter().fold((0, 0), |sum, one| (sum.0 + one.crossed, sum.1 + one.gaps));
    assert_eq!((crossed, gaps), (0, 0), "{venue:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_venue_is_polled_where_its_websocket_is_blocked_and_comes_back() {
    let stories = SimVenue::ALL.map(|venue| tokio::spawn(polls_and_comes_back(venue, name(venue))));
    for story in stories {
        story.await.expect("the story of each venue");
    }
}
