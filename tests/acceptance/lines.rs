//! Links that follow each other, and links to venues that are opened when they are needed.

use std::path::PathBuf;
use std::time::Duration;

use engine::VenueConfig;
use engine::wire::{Command, LinkState, Mode, Only, Reply};
use market::{Body, LinkId, Venue};
use proof::stage::choose;
use proof::{Stage, tapes};
use sim::{Fault, SimVenue};
use tempfile::TempDir;

use crate::mute::{Answers, Mute};

/// The links of a recording that were opened, each with how often.
fn opened(files: &[PathBuf]) -> Vec<(LinkId, Venue)> {
    let packets = tapes::packets(files);
    let opened = packets.iter().filter(|packet| matches!(packet.body, Body::Opened(_)));
    opened.map(|packet| (packet.link, packet.venue)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_about_to_end_is_followed_by_another_without_a_stale_moment() {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    eye.until_running().await;
    stage.fault(SimVenue::Binance, &Fault::AnnounceEnd);
    eye.until_status("two links", |status| status.links.len() == 2).await;
    let rolling = eye.told();
    while rolling.borrow().links.len() == 2 {
        assert!(eye.next().await.is_good(), "never stale on the way");
    }
    let at = eye.until_good().await.good_ms();
    eye.until("the second link goes on", |frame| {
        assert!(frame.is_good());
        frame.good_ms() > at
    })
    .await;
    let (_folder, files) = stage.end().await;
    assert_eq!(opened(&files), [(LinkId(0), Venue::Binance), (LinkId(1), Venue::Binance)]);
    let proof = engine::verify(&files, None, true, |_| {}).unwrap();
    let one = &proof.files[0].instruments[0];
    assert_eq!((proof.files.len(), one.gaps, one.top_of_book_different), (1, 0, 0), "{one:?}");
    let ids = tapes::trade_ids(&files);
    assert_eq!(ids.len() as u64, one.trades, "each trade once");
}

/// Links roll over ten minutes before the venue would end them: here, some seconds after they were opened.
const LIFETIME: Duration = Duration::from_secs(603);

/// Links that grow old are looked for every few seconds.
const ROLLED_WITHIN_MS: f64 = 25_000.0;

/// What is recorded of a venue whose links end soon, until others took their place. Two of them are there for a moment
/// only, which a screen may miss: the recording tells of it.
async fn rolled_over(venue: Venue) -> (TempDir, Vec<PathBuf>) {
    let stage = Stage::with(&[(venue, "BTCUSDT")], |live| {
        live.venues[0].lifetime = Some(LIFETIME);
    })
    .await;
    let mut eye = stage.eye(venue, "BTCUSDT").await;
    let first = eye.until_running().await.session_ms();
    eye.until("there was time to roll over", |frame| {
        assert!(frame.is_good(), "never stale on the way");
        frame.session_ms() > first + ROLLED_WITHIN_MS
    })
    .await;
    stage.end().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_grows_old_is_followed_by_another_before_it_is_closed() {
    let (_folder, files) = rolled_over(Venue::Binance).await;
    let packets = tapes::packets(&files);
    let place = |link: u16, such: fn(&Body) -> bool| {
        packets.iter().position(|packet| packet.link == LinkId(link) && such(&packet.body))
    };
    let second_opens = place(1, |body| matches!(body, Body::Opened(_))).expect("a second link");
    let first_closes = place(0, |body| matches!(body, Body::Closed(_))).expect("the first ends");
    assert!(second_opens < first_closes);
    let of_second = packets[second_opens..first_closes].iter().filter(|one| one.link == LinkId(1));
    let n_texts = of_second.filter(|packet| matches!(packet.body, Body::Text(_))).count();
    assert!(n_texts > 0, "both are heard for a while");
    let proof = engine::verify(&files, None, true, |_| {}).unwrap();
    let one = &proof.files[0].instruments[0];
    assert_eq!((one.gaps, one.top_of_book_different), (0, 0), "{one:?}");
    assert_eq!(tapes::trade_ids(&files).len() as u64, one.trades, "each trade once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_is_heard_once_an_instrument_of_it_is_chosen_and_recorded_in_the_same_file() {
    let both = [(Venue::Binance, "BTCUSDT"), (Venue::Kraken, "BTC/USD")];
    let stage = Stage::with(&both, |live| {
        let is_first = |place: &VenueConfig| place.venue == Venue::Binance;
        (live.venues, live.elsewhere) =
            std::mem::take(&mut live.venues).into_iter().partition(is_first);
        live.instruments.truncate(1);
    })
    .await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    eye.until_running().await;
    assert_eq!(eye.status().links.len(), 1);

    let search = Command::Search { text: "kraken btc usd".to_owned(), only: Only::default() };
    proof::stage::eventually("Kraken's list is found", async || {
        let Reply::Instruments { found, .. } = eye.command(search.clone()).await else {
            return false;
        };
        let first = found.first().filter(|first| first.symbol == "BTC/USD");
        first.is_some_and(|first| {
            first.is_simulated && first.kind == "spot" && first.canonical_name == "BTC-USD"
        })
    })
    .await;
    assert_eq!(eye.status().links.len(), 1, "a search opens no link of the session");

    eye.command(choose(Venue::Kraken, "BTC/USD")).await;
    eye.until_status("Kraken is followed", |status| {
        status.instrument.as_ref().is_some_and(|one| one.venue == "kraken")
    })
    .await;
    eye.start_over();
    eye.until_running().await;
    let status = eye.status();
    assert!(status.links.iter().all(|link| link.state == LinkState::Up), "{status:?}");
    assert_eq!((status.links.len(), status.mode.clone()), (2, Mode::Demo));
    let (_folder, files) = stage.end().await;
    assert_eq!(files.len(), 1);
    assert_eq!(opened(&files), [(LinkId(0), Venue::Binance), (LinkId(1), Venue::Kraken)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instrument_that_no_list_names_is_told_and_the_screen_goes_on() {
    let both = [(Venue::Binance, "BTCUSDT"), (Venue::Kraken, "BTC/USD")];
    let stage = Stage::with(&both, |live| {
        let is_first = |place: &VenueConfig| place.venue == Venue::Binance;
        (live.venues, live.elsewhere) =
            std::mem::take(&mut live.venues).into_iter().partition(is_first);
        live.instruments.truncate(1);
    })
    .await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    eye.until_running().await;
    eye.command(choose(Venue::Kraken, "BTC/USDD")).await;
    eye.until_status("it is told", |status| {
        let told = "Kraken has no instrument BTC/USDD. Did you mean BTC/USD?";
        status.notices.iter().any(|notice| notice.sentence == told)
    })
    .await;
    eye.until_status("another is followed", |status| status.instrument.is_some()).await;
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_venue_is_never_heard_in_a_simulated_session() {
    let stage = Stage::hearing(&[(Venue::Binance, "BTCUSDT")]).await;
    let mut eye = stage.eye(Venue::Binance, "BTCUSDT").await;
    eye.until_running().await;
    // Nothing says where a simulated Kraken would be.
    let refused = eye.try_command(choose(Venue::Kraken, "BTC/USD")).await.unwrap_err();
    assert_eq!(refused, "This session is simulated, and Kraken is real.");
    assert_eq!(eye.status().links.len(), 1);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_instrument_that_is_accepted_and_never_spoken_of_is_asked_for_again() {
    let venue = Mute::listen("XYZUSDT", Answers::Nothing).await;
    let stage = Stage::with(&[(Venue::Binance, "XYZUSDT")], |live| {
        live.venues[0].endpoints = Some(venue.endpoints());
    })
    .await;
    let mut eye = proof::Eye::open(&stage.deck).await;
    eye.until_status("it is told and asked again", |status| {
        let told = "Binance sends nothing of XYZUSDT. Asked again (1 of 3).";
        status.notices.iter().any(|notice| notice.sentence == told)
    })
    .await;
    proof::eventually("asked again", async || venue.n_asked("SUBSCRIBE", "xyzusdt@depth") == 2)
        .await;
    assert_eq!(venue.n_asked("UNSUBSCRIBE", "xyzusdt@depth"), 1);
    stage.end().await;
}

/// A deck that hears a venue which says nothing on its sockets.
async fn hearing(venue: &Mute, of: Venue) -> Stage {
    Stage::with(&[(Venue::Binance, "XYZUSDT")], |live| {
        let endpoints = Some(venue.endpoints());
        live.venues = vec![VenueConfig { venue: of, endpoints, lifetime: None, room: None }];
        live.instruments = vec![(of, "XYZUSDT".to_owned())];
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_future_lacks_is_told_and_asked_for_again_on_the_link_that_should_bring_it() {
    let venue = Mute::listen("XYZUSDT", Answers::Lively).await;
    let stage = hearing(&venue, Venue::BinanceUsdM).await;
    let mut eye = proof::Eye::open(&stage.deck).await;
    for what in ["marks", "trades"] {
        let told = format!("Binance USD-M sends no {what} of XYZUSDT. Asked again (1 of 3).");
        eye.until_status(&told, |status| {
            status.notices.iter().any(|notice| notice.sentence == told)
        })
        .await;
    }
    proof::eventually("asked again", async || {
        venue.n_asked("SUBSCRIBE", "@markPrice") >= 2 && venue.n_asked("SUBSCRIBE", "@trade") >= 2
    })
    .await;
    stage.end().await;
}

/// First data of Binance are waited for 10 s.
const MISSED_WITHIN_MS: f64 = 14_000.0;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pair_without_a_change_is_not_asked_for_again_while_its_book_is_right() {
    let venue = Mute::listen("XYZUSDT", Answers::Quiet).await;
    let stage = hearing(&venue, Venue::Binance).await;
    let mut eye = stage.eye(Venue::Binance, "XYZUSDT").await;
    let first = eye.until_good().await.session_ms();
    eye.until("its data would have been missed", |frame| {
        assert!(frame.is_good());
        frame.session_ms() > first + MISSED_WITHIN_MS
    })
    .await;
    let notices = eye.status().notices.clone();
    assert!(notices.iter().all(|notice| !notice.sentence.contains("sends no")), "{notices:?}");
    assert_eq!(venue.n_asked("SUBSCRIBE", "xyzusdt@depth"), 1);
    stage.end().await;
}

/// The links of futures beside those of the books: marks and forced orders come there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_without_books_that_grows_old_is_followed_by_another_before_it_is_closed() {
    let (_folder, files) = rolled_over(Venue::BinanceUsdM).await;
    let packets = tapes::packets(&files);
    let is_of_marks = |body: &Body| match body {
        Body::Opened(address) => address.ends_with(b"/market/stream"),
        _ => false,
    };
    let opened: Vec<usize> =
        (0..packets.len()).filter(|index| is_of_marks(&packets[*index].body)).collect();
    assert!(opened.len() >= 2, "{opened:?}");
    for pair in opened.windows(2) {
        let [first, second] = [packets[pair[0]].link, packets[pair[1]].link];
        assert_ne!(first, second, "it follows, and is not opened anew");
        let closed = packets
            .iter()
            .position(|one| one.link == first && matches!(one.body, Body::Closed(_)))
            .expect("it ends");
        let speaks = |one: &&market::Packet| match &one.body {
            Body::Text(text) => one.link == second && text.windows(9).any(|it| it == b"markPrice"),
            _ => false,
        };
        assert!(packets[pair[1]..closed].iter().any(|one| speaks(&one)), "both for a while");
    }
}
