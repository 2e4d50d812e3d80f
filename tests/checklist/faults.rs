//! Every fault at every venue: what breaks on the wire is seen by the venue's own rule, or healed by its next book, and
//! what breaks below it is told in words and left behind.

use std::time::Duration;

use feed::{LinkCause, LinkState, Patience};
use market::{Body, Venue};
use tokio::time::Instant;

use crate::ear::{Ear, FIRST};
use crate::row::{Gap, Levels, Means, Row, Said};
use crate::rows;
use crate::server::{Listener, Server, each, roomy};

const TWO: Levels<'static> = [&[("10", "2")], &[("11", "1")]];
const THREE: Levels<'static> = [&[("10", "3")], &[("11", "1")]];
const CROSSED: Levels<'static> = [&[("12", "1")], &[("11", "1")]];

/// What stands for the limits, so that no story takes as long.
const SOON: Duration = Duration::from_millis(900);

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Gap,
    Duplicate,
    Reorder,
    WrongSum,
    Silence,
    HalfOpen,
    NoHandshake,
    CloseCodes,
    TooMany,
    Banned,
    Forbidden,
    NotLegal,
    AskedTooOften,
    AskingBanned,
    AskingForbidden,
    AskingNotLegal,
    Notice,
    SlowSnapshot,
    Crossed,
}

impl Fault {
    const ALL: [Self; 19] = [
        Self::Gap,
        Self::Duplicate,
        Self::Reorder,
        Self::WrongSum,
        Self::Silence,
        Self::HalfOpen,
        Self::NoHandshake,
        Self::CloseCodes,
        Self::TooMany,
        Self::Banned,
        Self::Forbidden,
        Self::NotLegal,
        Self::AskedTooOften,
        Self::AskingBanned,
        Self::AskingForbidden,
        Self::AskingNotLegal,
        Self::Notice,
        Self::SlowSnapshot,
        Self::Crossed,
    ];

    /// The story of a fault at a venue: one that has none does not compile.
    async fn meets(self, venue: Venue) {
        let row = rows::row(venue);
        match self {
            Self::Gap => gap(venue, &row),
            Self::Duplicate => twice(venue, &row),
            Self::Reorder => swapped(venue, &row),
            Self::WrongSum => wrong_sum(venue, &row),
            Self::Crossed => crossed(venue, &row),
            Self::SlowSnapshot => slow_snapshot(venue, &row),
            Self::Silence => silent(venue, &row, Reading::GoesOn).await,
            Self::HalfOpen => silent(venue, &row, Reading::Stops).await,
            Self::NoHandshake => no_handshake(venue).await,
            Self::CloseCodes => close_codes(venue, &row).await,
            Self::TooMany => refused(venue, 429, "asks us to slow down").await,
            Self::Banned => refused(venue, 418, "has banned this network for a while (418)").await,
            Self::Forbidden => refused(venue, 403, "from this network (403)").await,
            Self::NotLegal => refused(venue, 451, "from this network (451)").await,
            Self::AskedTooOften => not_told(venue, &row, 429).await,
            Self::AskingBanned => not_told(venue, &row, 418).await,
            Self::AskingForbidden => not_told(venue, &row, 403).await,
            Self::AskingNotLegal => not_told(venue, &row, 451).await,
            Self::Notice => notice(venue, &row).await,
        }
    }
}

/// Whether the venue's end of a dead link still reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    GoesOn,
    Stops,
}

#[test]
fn all_faults_are_in_the_list() {
    let in_order = Fault::ALL.iter().enumerate().all(|(index, fault)| *fault as usize == index);
    assert!(in_order && Fault::ALL.len() == Fault::Crossed as usize + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_is_met_at_every_venue() {
    each(|venue| async move {
        for fault in Fault::ALL {
            fault.meets(venue).await;
        }
    })
    .await;
}

/// A new book makes it right, whatever was broken.
fn heals(mut ear: Ear, row: &Row, n: u64) {
    let venue = ear.venue;
    ear.hear(&(row.whole)(n, TWO));
    assert_eq!((ear.book().as_str(), ear.is_synced()), ("10x2 | 11x1", true), "{venue:?}");
}

/// A change that never came: seen where changes are numbered or summed, and nowhere is it in the next book.
fn gap(venue: Venue, row: &Row) {
    let mut ear = Ear::synced(venue, row, 1);
    match row.order.gap.get() {
        Some(Gap::Number) => ear.hear(&row.next()(3, THREE)),
        Some(Gap::Sum(wrong)) => ear.hear(&wrong()),
        None => return heals(ear, row, 3),
    }
    assert_eq!((ear.is_synced(), ear.n_faults()), (false, 1), "{venue:?}");
    heals(ear, row, 4);
}

fn twice(venue: Venue, row: &Row) {
    let mut ear = Ear::synced(venue, row, 1);
    for _ in 0..2 {
        ear.hear(&row.next()(2, TWO));
    }
    assert_eq!((ear.book().as_str(), ear.n_faults()), ("10x2 | 11x1", 0), "{venue:?}");
    assert!(ear.is_synced(), "{venue:?}");
}

fn swapped(venue: Venue, row: &Row) {
    let mut ear = Ear::synced(venue, row, 1);
    ear.hear(&row.next()(3, THREE));
    ear.hear(&row.next()(2, TWO));
    if let Some(Gap::Number) = row.order.gap.get() {
        assert!(!ear.is_synced() && ear.n_faults() >= 1, "{venue:?}");
    }
    heals(ear, row, 4);
}

/// A message with a sum that is not the book's, behind a first book of the number 1; `None` where a venue sums nothing.
fn summed_wrong(venue: Venue, row: &Row) -> Option<Said> {
    match venue {
        Venue::Kraken => match row.order.gap.get()? {
            Gap::Sum(wrong) => Some(wrong()),
            Gap::Number => None,
        },
        Venue::Bitfinex => Some(Said::Frame(r#"[7,"cs",1,2,1790134414850]"#.to_owned())),
        Venue::Okx => match row.next()(2, THREE) {
            Said::Frame(text) => {
                Some(Said::Frame(text.replace("\"checksum\":0", "\"checksum\":7")))
            }
            Said::Answer(..) => None,
        },
        Venue::Binance
        | Venue::BinanceUs
        | Venue::BinanceUsdM
        | Venue::BinanceCoinM
        | Venue::Bybit
        | Venue::BybitLinear
        | Venue::Coinbase
        | Venue::Deribit
        | Venue::Bitstamp
        | Venue::Hyperliquid
        | Venue::Bitbank
        | Venue::BitFlyer
        | Venue::Bridge
        | Venue::KrakenV1
        | Venue::KrakenFutures
        | Venue::OkxV3
        | Venue::Bitget
        | Venue::BitgetMix
        | Venue::Gate
        | Venue::Kucoin
        | Venue::Dydx
        | Venue::BitMex
        | Venue::Gemini
        | Venue::HitBtc
        | Venue::IndependentReserve
        | Venue::Unknown => None,
    }
}

fn wrong_sum(venue: Venue, row: &Row) {
    let Some(wrong) = summed_wrong(venue, row) else { return };
    let mut ear = Ear::synced(venue, row, 1);
    ear.hear(&wrong);
    assert_eq!((ear.is_synced(), ear.tally().checksums_wrong), (false, 1), "{venue:?}");
    heals(ear, row, 3);
}

fn crossed(venue: Venue, row: &Row) {
    let mut ear = Ear::synced(venue, row, 1);
    ear.hear(&row.next()(2, CROSSED));
    assert_eq!((ear.is_synced(), ear.tally().crossed), (false, 1), "{venue:?}");
    heals(ear, row, 3);
}

/// The book comes long after the changes behind it.
fn slow_snapshot(venue: Venue, row: &Row) {
    let Some(change) = row.change.get() else { return };
    let mut ear = Ear::open(venue, row);
    for n in 2..=4 {
        ear.hear(&change(n, TWO));
        assert!(!ear.is_synced(), "{venue:?}: nothing is right yet");
    }
    // A book that is fetched bears no number of its own.
    let n = if matches!((row.whole)(5, FIRST), Said::Frame(_)) { 5 } else { 4 };
    ear.hear(&(row.whole)(n, FIRST));
    ear.hear(&change(n + 1, THREE));
    assert_eq!((ear.book().as_str(), ear.is_synced()), ("10x3 | 11x1", true), "{venue:?}");
    assert_eq!(ear.n_faults(), 0, "{venue:?}");
}

/// A book's frame that the venue says on an open link.
fn frame(venue: Venue, row: &Row) -> String {
    match row.next()(2, TWO) {
        Said::Frame(text) => text,
        Said::Answer(..) => panic!("{venue:?}: no frame"),
    }
}

/// Nothing more comes, whether the venue's end still reads or not.
async fn silent(venue: Venue, row: &Row, reading: Reading) {
    let server = Server::listen(venue).await;
    let mut listener =
        Listener::start(&server, |limits| venues::Limits { silence: SOON, ..roomy(limits) });
    listener.subscribe(&[row.symbol.to_owned()]);
    let mut line = server.accept().await;
    line.say(&frame(venue, row)).await;
    listener.text().await;
    // One that goes on reading takes all that is said, and answers nothing.
    let dead = tokio::spawn(async move {
        match reading {
            Reading::GoesOn => line.swallow().await,
            Reading::Stops => {}
        }
        line
    });
    let sentence = listener.closed().await;
    assert!(sentence.contains("has said nothing for 900 ms"), "{venue:?}: {sentence}");
    let _line = server.accept().await;
    listener.until_state(LinkState::Up).await;
    listener.stop().await;
    drop(dead.await.expect("its end is kept until then"));
}

/// The connection is taken and nothing is ever said on it.
async fn no_handshake(venue: Venue) {
    let server = Server::listen(venue).await;
    let patience = Patience { upgrade: SOON, ..Patience::default() };
    let mut listener = Listener::start_with(&server, roomy, patience);
    let deaf = server.accept_deaf().await;
    let sentence = listener.closed().await;
    // A session of Engine.IO is tried by HTTP then, which is not answered either.
    let words = match server.protocol().transport() {
        venues::Transport::WebSocket => "the handshake was not done within 900 ms",
        venues::Transport::EngineIo { .. } => "has said nothing for 900 ms",
    };
    let is_told = sentence.contains(words);
    assert!(is_told, "{venue:?}: {sentence}");
    drop(deaf);
    listener.stop().await;
}

async fn close_codes(venue: Venue, row: &Row) {
    let server = Server::listen(venue).await;
    let mut listener = Listener::start(&server, roomy);
    for code in [1000, 1001, 1008, 1009, 1011, 1012, 1013, 4004] {
        let mut line = server.accept().await;
        line.say(&frame(venue, row)).await;
        listener.text().await;
        line.close(code).await;
        let sentence = listener.closed().await;
        assert!(sentence.contains(&format!("({code})")), "{venue:?}: {sentence}");
    }
    let _line = server.accept().await;
    listener.until_state(LinkState::Up).await;
    listener.stop().await;
}

/// A status in place of the upgrade. Where it is about haste, nothing is opened before the venue's time is over.
async fn refused(venue: Venue, status: u16, words: &str) {
    let server = Server::listen(venue).await;
    let mut listener = Listener::start(&server, roomy);
    server.refuse_next(status, 1).await;
    let refused_at = Instant::now();
    let sentence = listener.closed().await;
    assert!(sentence.contains(words), "{venue:?}: {sentence}");
    if matches!(status, 418 | 429) {
        let _line = server.accept().await;
        let waited = refused_at.elapsed();
        assert!(waited >= Duration::from_millis(950), "{venue:?}, {status}: {waited:?}");
        listener.until_state(LinkState::Up).await;
    }
    listener.stop().await;
}

/// A status in place of what is asked by HTTP, whichever the venue is asked for first: its list, a book, the time
/// before. It is told, waited for as the venue demands, and no reason to end the link; what it should have brought is
/// not shown.
async fn not_told(venue: Venue, row: &Row, status: u16) {
    if venue == Venue::Bridge {
        return; // It is asked for nothing by HTTP.
    }
    let server = Server::listen(venue).await;
    server.refuse_requests(status, 1, refusal_words(venue, status));
    let patience = Patience { refused: SOON, ..Patience::default() };
    let mut listener = Listener::start_with(&server, roomy, patience);
    listener.subscribe(&[row.symbol.to_owned()]);
    let mut line = server.accept().await;
    // Only then the time before is asked for.
    line.say(&frame(venue, row)).await;
    let refused = |body: &Body| matches!(body, Body::Answered(answer) if answer.status >= 400);
    let answer = listener.until_packet(refused).await;
    let mut ear = Ear::open(venue, row);
    drop(ear.take(answer.body));
    assert!(!ear.is_synced(), "{venue:?}, {status}: a refusal is no book");

    let (words, cause) = told(venue, status);
    let report = listener.until_report(|report| report.cause.is_some()).await;
    assert!(report.sentence.contains(words), "{venue:?}, {status}: {}", report.sentence);
    assert_eq!((report.state, report.cause), (LinkState::Up, Some(cause)), "{venue:?}");
    let wait = report.retry_at.expect("a moment").nanos_since(answer.received_at);
    let is_bybit = matches!(venue, Venue::Bybit | Venue::BybitLinear);
    let asks_for_ten_minutes = is_bybit && matches!(status, 403 | 451);
    if asks_for_ten_minutes {
        assert!(wait > 590_000_000_000, "{venue:?}: it waits {wait} ns");
        return listener.stop().await;
    }
    // The socket is heard meanwhile.
    line.say(&frame(venue, row)).await;
    listener.text().await;
    let answered = |body: &Body| matches!(body, Body::Answered(answer) if answer.status == 200);
    let asked_at = server.answer_requests();
    listener.until(answered).await;
    let again_at = server.answer_requests()[0];
    assert_eq!(asked_at.len(), 1, "{venue:?}, {status}: nothing else is asked meanwhile");
    let waited = again_at - asked_at[0];
    assert!(waited >= Duration::from_millis(850), "{venue:?}, {status}: {waited:?}");
    listener.until_report(|report| report.cause.is_none()).await;
    listener.stop().await;
}

/// What stands in a refusal: Bybit says there that it is about haste.
fn refusal_words(venue: Venue, status: u16) -> &'static str {
    match status == 403 && venue == Venue::Bybit {
        true => "403, access too frequent",
        false => "<html>No</html>",
    }
}

/// What is told of it.
fn told(venue: Venue, status: u16) -> (&'static str, LinkCause) {
    match status {
        429 => ("asks us to slow down.", LinkCause::RateLimited),
        418 => ("has banned this network for a while (418).", LinkCause::RateLimited),
        403 if venue == Venue::Bybit => ("asks us to slow down.", LinkCause::RateLimited),
        403 => ("refuses connections from this network (403).", LinkCause::Refused),
        _ => ("refuses connections from this network (451).", LinkCause::Refused),
    }
}

/// What the venue says before it ends a link is obeyed; what it says of its market is understood and harms no book.
async fn notice(venue: Venue, row: &Row) {
    let Some((notice, means)) = row.messages.notice.get() else { return };
    let notice = notice.replace("$N", "2");
    let mut ear = Ear::synced(venue, row, 1);
    drop(ear.try_hear(&Said::Frame(notice.clone())));
    assert_eq!(ear.n_faults(), 0, "{venue:?}");
    if *means != Means::Ending {
        return;
    }
    let server = Server::listen(venue).await;
    let mut listener = Listener::start(&server, roomy);
    let mut line = server.accept().await;
    line.say(&frame(venue, row)).await;
    listener.text().await;
    line.say(&notice).await;
    listener.until(|body| matches!(body, Body::Text(text) if text == notice.as_bytes())).await;
    let sentence = listener.closed().await;
    assert!(sentence.contains("is about to close this connection"), "{venue:?}: {sentence}");
    let _line = server.accept().await;
    listener.until_state(LinkState::Up).await;
    listener.stop().await;
}
