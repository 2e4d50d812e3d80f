//! From the first packet to the first frame, and instruments that come and go on one link.

use engine::wire::Command;
use market::{Body, Venue};
use proof::frame::{HEATMAP, LADDER};
use proof::stage::choose;
use proof::{Stage, eventually, tapes};

/// The first good frame of an instrument, with a market that can be traded on.
async fn shows_a_first_book(venue: Venue, symbol: &str) {
    let stage = Stage::hearing(&[(venue, symbol)]).await;
    let mut eye = stage.eye(venue, symbol).await;
    let frame = eye.until_good().await;
    let (bid, ask) = frame.best();
    assert!(bid > 0.0 && bid < ask, "{bid} / {ask}");
    assert!(frame.is_simulated() && !frame.is_replay());
    assert!(frame.section(LADDER).is_some_and(|ladder| ladder.n > 20));
    assert!(frame.gaps().is_empty(), "the wait for the first book is no gap");
    let next = eye.until("a column closes", |next| next.section(HEATMAP).is_some()).await;
    assert!(next.number() > frame.number() && !next.is_whole());
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn binance_s_first_book_is_on_the_screen() {
    shows_a_first_book(Venue::Binance, "BTCUSDT").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kraken_s_first_book_is_on_the_screen() {
    shows_a_first_book(Venue::Kraken, "BTC/USD").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instruments_come_and_go_on_a_live_link_without_a_new_one() {
    for (venue, first, second, asked, ended) in [
        (Venue::Binance, "BTCUSDT", "ETHUSDT", "ethusdt@", "UNSUBSCRIBE"),
        (Venue::Kraken, "BTC/USD", "ETH/USD", "ETH/USD", "unsubscribe"),
    ] {
        let stage = Stage::hearing(&[(venue, first)]).await;
        let mut eye = stage.eye(venue, first).await;
        eye.until_good().await;
        eye.follow(venue, second).await;
        eye.until_good().await;
        eye.follow(venue, first).await;
        let leave =
            Command::Unsubscribe { venue: venue.id().to_owned(), symbol: second.to_owned() };
        eye.command(leave).await;
        let last = eye.until_good().await;
        // What the venue still sends meanwhile is over when the first instrument has been heard for a while.
        let later = last.session_ms() + 700.0;
        eye.until("time passes", |frame| frame.session_ms() > later).await;
        let (_folder, files) = stage.end().await;
        let packets = tapes::packets(&files);
        assert_eq!(tapes::count(&packets, |body| matches!(body, Body::Opened(_))), 1, "{venue:?}");
        assert!(tapes::count(&packets, |body| tapes::is_sent(body, asked)) >= 2, "{venue:?}");
        let n_ended = tapes::count(&packets, |body| {
            tapes::is_sent(body, asked) && tapes::is_sent(body, ended)
        });
        assert!(n_ended >= 1, "{venue:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instrument_that_nobody_lists_is_answered_with_the_nearest() {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    let sentence = eye.try_command(choose(Venue::Binance, "BTCUSD")).await.unwrap_err();
    assert!(sentence.contains("BTCUSDT"), "{sentence}");
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deck_that_is_shut_down_closes_its_links() {
    let stage = Stage::hearing(&[(Venue::Kraken, "BTC/USD")]).await;
    let mut eye = stage.eye(Venue::Kraken, "BTC/USD").await;
    eye.until_good().await;
    stage.deck.shut_down();
    let control = stage.sim.control();
    eventually("the link is closed", async || control.n_links(sim::SimVenue::Kraken) == 0).await;
    stage.end().await;
}
