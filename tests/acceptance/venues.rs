//! Further venues over loopback: a first book, a gap that heals, and a killed link that comes back right.

use market::Venue;
use proof::frame::{RESYNCING, STALE};
use proof::{Frame, Stage, tapes};
use sim::{Fault, SimVenue};

/// Causes in the gaps' section.
const LINK_DOWN: u8 = 1;
const GAP: u8 = 3;

/// Snapshots so late that a screen sees the time before them.
const LATE: Fault = Fault::SlowSnapshots { delay_ms: 400 };

fn assert_last_gap_over(frame: &Frame, n: usize, cause: u8) {
    let gaps = frame.gaps();
    assert_eq!(gaps.len(), n, "{gaps:?}");
    let last = gaps[n - 1];
    assert!(last.cause == cause && last.to > last.from, "{gaps:?}");
}

/// A frame that is lost, and then a link that is cut, at a venue that numbers the frames of its books.
async fn heals(venue: Venue, at: SimVenue, name: &str) {
    let stage = Stage::hearing(&[(venue, name)]).await;
    let mut eye = stage.eye(venue, name).await;
    let first = eye.until_running().await;
    let (bid, ask) = first.best();
    assert!(bid < ask && first.gaps().is_empty(), "{bid} / {ask}, {:?}", first.gaps());

    stage.fault(at, &LATE);
    stage.fault(at, &Fault::DropBook { symbol: Some(name.to_owned()) });
    eye.until("the book is resyncing", |frame| frame.health() == RESYNCING).await;
    assert_last_gap_over(&eye.until_good().await, 1, GAP);
    eye.until_running().await;

    stage.fault(at, &Fault::Refuse { for_ms: 500 });
    stage.fault(at, &Fault::KillLinks);
    eye.until("the book is stale", |frame| frame.health() == STALE).await;
    assert_last_gap_over(&eye.until_good().await, 2, LINK_DOWN);

    let (_folder, files) = stage.end().await;
    let proof = engine::verify(&files, None, true, |_| {}).expect("recordings");
    let file = &proof.files[0];
    assert!(file.damage.is_none() && file.refused == 0, "{file:?}");
    let (mut gaps, mut crossed, mut n_updates) = (0, 0, 0);
    for one in &file.instruments {
        (gaps, crossed) = (gaps + one.gaps, crossed + one.crossed);
        n_updates += one.book_updates;
    }
    assert!(gaps == 1 && crossed == 0 && n_updates > 0, "{gaps} gaps, {crossed} crossed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_okx_book_heals() {
    heals(Venue::Okx, SimVenue::Okx, "BTC-USDT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_book_of_an_okx_swap_heals() {
    heals(Venue::Okx, SimVenue::Okx, "ETH-USDT-SWAP").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bybit_book_heals() {
    heals(Venue::Bybit, SimVenue::Bybit, "BTCUSDT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_book_of_a_bybit_perpetual_heals() {
    heals(Venue::BybitLinear, SimVenue::BybitLinear, "BTCUSDT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_book_of_a_binance_future_heals() {
    heals(Venue::BinanceUsdM, SimVenue::BinanceUsdM, "BTCUSDT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_book_of_a_future_margined_in_its_coin_heals() {
    heals(Venue::BinanceCoinM, SimVenue::BinanceCoinM, "BTCUSD_PERP").await;
}

/// Neither numbers what it sends: a whole book that comes by itself is all that heals it.
async fn comes_back(venue: Venue, at: SimVenue, name: &str) {
    let stage = Stage::hearing(&[(venue, name)]).await;
    let mut eye = stage.eye(venue, name).await;
    eye.until_running().await;
    stage.fault(at, &Fault::KillLinks);
    eye.until("the book is stale", |frame| frame.health() == STALE).await;
    let healed = eye.until_running().await;
    let (bid, ask) = healed.best();
    assert!(bid < ask, "{bid} / {ask}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bitbank_book_comes_back() {
    comes_back(Venue::Bitbank, SimVenue::Bitbank, "btc_jpy").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bitflyer_book_comes_back() {
    comes_back(Venue::BitFlyer, SimVenue::BitFlyer, "FX_BTC_JPY").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bitflyer_book_comes_over_socket_io_too() {
    let (venue, name) = (Venue::BitFlyer, "BTC_JPY");
    let stage = Stage::with(&[(venue, name)], |live| {
        let endpoints = live.venues[0].endpoints.as_mut().expect("the simulated ones");
        endpoints.ws = endpoints.ws.trim_end_matches("/json-rpc").to_owned();
    })
    .await;
    let mut eye = stage.eye(venue, name).await;
    let (bid, ask) = eye.until_running().await.best();
    assert!(bid < ask, "{bid} / {ask}");
    let (_folder, files) = stage.end().await;
    let packets = tapes::packets(&files);
    let subscribed = r#"42["subscribe","lightning_board_BTC_JPY"]"#;
    assert_eq!(tapes::count(&packets, |body| tapes::is_sent(body, subscribed)), 1);
}
