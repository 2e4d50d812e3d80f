//! Where WebSockets are blocked, book and trades of each simulated venue come by HTTP; and by WebSocket once it is let
//! through again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use engine::wire::{LinkCause, LinkState};
use market::{Body, Event, Events, Market, PastTrades, Trade, Venue};
use proof::stage::endpoints;
use proof::{Eye, Stage, tapes};
use sim::{Fault, SimVenue};
use venues::Decoder;

use crate::traded;

const WEBSOCKET: &str = "websocket";

/// The ids of the trades that a market takes, in order, each with how many fills it stands for.
#[derive(Default)]
pub struct Taken {
    pub heard: Vec<(u64, u64)>,
    /// Missed on all links, and told afterwards.
    pub told: Vec<(u64, u64)>,
}

/// What the recordings of a session tell of a venue.
pub fn taken(files: &[PathBuf], venue: Venue) -> Taken {
    let mut decoder = Decoder::new(venue);
    let (mut events, mut markets) = (Events::default(), BTreeMap::new());
    let mut taken = Taken::default();
    let both = |trade: &Trade| (trade.trade_id, u64::from(trade.n_fills));
    for packet in tapes::packets(files).iter().filter(|packet| packet.venue == venue) {
        if let Body::Closed(_) = packet.body {
            markets.values_mut().for_each(Market::lose_trades);
        }
        if decoder.decode(packet, &mut events).is_err() {
            continue;
        }
        for event in &events.items {
            let (Event::Trade(Trade { instrument: id, .. })
            | Event::PastTrades(PastTrades { instrument: id, .. })) = event
            else {
                continue;
            };
            let instrument = &decoder.instruments()[id.index as usize];
            let market = markets.entry(*id).or_insert_with(|| Market::new(instrument.clone()));
            match event {
                Event::Trade(trade) if market.apply_trade(trade, packet.received_at) => {
                    taken.heard.push(both(trade));
                }
                Event::PastTrades(past) => {
                    market.take_past_trades(past, packet.received_at).expect("not of the future");
                }
                _ => {}
            }
        }
    }
    let missed = markets.values().flat_map(|market| market.history().missed());
    taken.told = missed.map(both).collect();
    taken
}

/// Of all that the venue has traded between the first and the last trade that were heard, none is missing: neither of
/// those that it tells at the end, nor of the ids between.
fn assert_none_missing(at: SimVenue, heard: &BTreeSet<u64>, traded: &BTreeSet<u64>) {
    let (Some(first), Some(last)) = (heard.first(), heard.last()) else {
        panic!("{at:?}: nothing was heard");
    };
    let missing: Vec<_> = traded.range(first..=last).filter(|id| !heard.contains(*id)).collect();
    assert_eq!(missing, Vec::<&u64>::new(), "{at:?}: of {} heard", heard.len());
    // The ids of linear perpetuals are text, and cannot be counted.
    if at != SimVenue::BybitLinear {
        assert_eq!(last - first + 1, heard.len() as u64, "{at:?}: ids between");
    }
}

/// Waits until the venue's first link is up, by a transport that is such.
async fn until_heard_by(eye: &mut Eye, what: &str, such: impl Fn(&str) -> bool) {
    eye.until_status(what, |status| {
        let first = status.links.first();
        first.is_some_and(|link| link.state == LinkState::Up && such(&link.transport))
    })
    .await;
}

/// Waits until the book that is shown is proved by this, as the link is told to be.
async fn until_proved_by(eye: &mut Eye, proof: &str) {
    eye.until_status(&format!("the proof is {proof}"), |status| {
        let shown = status.instrument.as_ref().is_some_and(|shown| shown.proof == proof);
        shown && status.links.first().is_some_and(|link| link.proof == proof)
    })
    .await;
}

/// What a simulated venue lets its books be proved by on its WebSocket.
const fn proof_of(at: SimVenue) -> &'static str {
    match at {
        SimVenue::Binance
        | SimVenue::BinanceUsdM
        | SimVenue::BinanceCoinM
        | SimVenue::Okx
        | SimVenue::Bybit
        | SimVenue::BybitLinear => "sequence",
        SimVenue::Kraken => "checksum top 10",
        SimVenue::BitFlyer => "mid price",
        SimVenue::Bitbank => "unverified",
    }
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
    until_proved_by(&mut eye, proof_of(at)).await;

    stage.fault(at, &Fault::BlockWebSockets { for_ms: 600_000 });
    until_heard_by(&mut eye, "it is polled", |transport| transport != WEBSOCKET).await;
    let frame = eye.until_running().await;
    let (bid, ask) = frame.best();
    assert!(bid < ask, "{venue:?}: {bid} / {ask}");
    until_proved_by(&mut eye, "unverified").await;

    stage.fault(at, &Fault::BlockWebSockets { for_ms: 0 });
    until_heard_by(&mut eye, "its WebSocket is back", |transport| transport == WEBSOCKET).await;
    let frame = eye.until_running().await;
    let (bid, ask) = frame.best();
    assert!(bid < ask, "{venue:?}: {bid} / {ask}");
    until_proved_by(&mut eye, proof_of(at)).await;

    let traded = traded::newest(venue, &endpoints(&stage.sim, venue), name).await;
    let (_folder, files) = stage.end().await;
    let packets = tapes::packets(&files);
    let is_answered = |body: &Body| matches!(body, Body::Answered(one) if one.status == 200);
    assert!(tapes::count(&packets, is_answered) > 2, "{venue:?}");
    let Taken { heard, told } = taken(&files, venue);
    // OKX tells the fills of one price together, by the last of their ids.
    let fills = || heard.iter().chain(&told).flat_map(|(id, n_fills)| (id + 1 - n_fills)..=*id);
    let once: BTreeSet<u64> = fills().collect();
    assert_eq!(once.len(), fills().count(), "{venue:?}: each trade once");
    assert_none_missing(at, &once, &traded);
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

/// Kraken and Bybit say it with a status of 200.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_that_asks_its_pollers_to_slow_down_is_obeyed_and_quoted_whatever_the_status() {
    let stories = [SimVenue::Kraken, SimVenue::Bybit, SimVenue::Okx]
        .map(|venue| tokio::spawn(is_asked_to_slow_down(venue, name(venue))));
    for story in stories {
        story.await.expect("the story of each venue");
    }
}

async fn is_asked_to_slow_down(at: SimVenue, name: &str) {
    let venue = at.venue();
    let stage = Stage::hearing(&[(venue, name)]).await;
    let mut eye = stage.eye(venue, name).await;
    eye.until_running().await;
    stage.fault(at, &Fault::BlockWebSockets { for_ms: 600_000 });
    until_heard_by(&mut eye, "it is polled", |transport| transport != WEBSOCKET).await;

    stage.fault(at, &Fault::TooManyRequests { for_ms: 600_000 });
    eye.until_status(&format!("{venue:?} asks us to slow down"), |status| {
        let first = status.links.first();
        first.is_some_and(|link| {
            link.cause == Some(LinkCause::RateLimited)
                && link.sentence.contains("asks us to slow down.")
                && link.retry_in_s.is_some_and(|seconds| seconds > 20.0)
        })
    })
    .await;
    let n_asked = |files: &[PathBuf]| {
        let packets = tapes::packets(files);
        let refused = packets.iter().rposition(|packet| is_plea(&packet.body));
        let after = &packets[refused.expect("the refusal is recorded")..];
        tapes::count(after, |body| matches!(body, Body::Requested(_)))
    };
    let (_folder, files) = stage.end().await;
    assert_eq!(n_asked(&files), 0, "{venue:?}: asked on in the pause");
}

/// Whether this is how the simulated venues ask to slow down.
fn is_plea(body: &Body) -> bool {
    let Body::Answered(exchange) = body else { return false };
    let said = String::from_utf8_lossy(&exchange.body).to_lowercase();
    ["rate limit exceeded", "too many"].iter().any(|words| said.contains(words))
}
