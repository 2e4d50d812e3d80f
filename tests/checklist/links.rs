//! Items 5 and 6: large frames, bursts and compression over real sockets; the way back after a cut, within limits.

use std::collections::BTreeSet;
use std::time::Duration;

use feed::LinkState;
use market::{Body, Venue};
use proof::stage::PATIENCE;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use venues::Request;

use crate::ear::Ear;
use crate::row::{Counted, Row, Said};
use crate::rows;
use crate::server::{Line, Listener, Server, each, roomy};

/// The snapshot of a whole book of Coinbase has almost as many.
const LARGE_BYTES: usize = 5_000_000;

/// Frames that are said at once.
const N_BURST: u64 = 5_000;

fn text(said: Said) -> String {
    match said {
        Said::Frame(text) => text,
        Said::Answer(..) => panic!("no frame"),
    }
}

/// A book of so many bids in one frame: a whole one, or a change where those are fetched.
fn frame_of(row: &Row, n_bids: usize) -> String {
    let prices: Vec<String> = (1..=n_bids).rev().map(|n| format!("{n}.25")).collect();
    let bids: Vec<_> = prices.iter().map(|price| (price.as_str(), "0.04761770")).collect();
    // The first book's ask is gone where this is no whole one.
    let asks = [("11", "0"), ("300000.5", "1")];
    match (row.whole)(2, [&bids, &asks[1..]]) {
        Said::Frame(text) => text,
        Said::Answer(..) => text(row.next()(2, [&bids, &asks])),
    }
}

/// A link on which a venue is heard, and an ear with its first book.
async fn hearing(venue: Venue, row: &Row) -> (Server, Listener, Line, Ear) {
    let server = Server::listen(venue).await;
    let listener = Listener::start(&server, roomy);
    let line = server.accept().await;
    listener.until_state(LinkState::Up).await;
    (server, listener, line, Ear::synced(venue, row, 1))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frame_of_more_than_five_megabytes_is_one_book() {
    for (venue, row) in rows::all() {
        let (_server, mut listener, mut line, mut ear) = hearing(venue, &row).await;
        let n_bids = 1_000 * (LARGE_BYTES / frame_of(&row, 1_000).len() + 1);
        let frame = frame_of(&row, n_bids);
        assert!(frame.len() >= LARGE_BYTES, "{venue:?}: {} bytes", frame.len());
        let said = tokio::spawn(async move {
            line.say(&frame).await;
            (line, frame)
        });
        let heard = listener.text().await;
        let (_line, frame) = said.await.expect("it was taken");
        assert!(heard == frame, "{venue:?}: byte for byte");
        ear.hear(&Said::Frame(heard));
        assert_eq!(ear.best_bid(), format!("{n_bids}.25x0.0476177"), "{venue:?}");
        assert_eq!((ear.n_faults(), ear.is_synced()), (0, true), "{venue:?}");
        listener.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_more_than_a_thousand_messages_a_second_loses_none() {
    for (venue, row) in rows::all() {
        let (_server, mut listener, mut line, mut ear) = hearing(venue, &row).await;
        let make = row.next();
        let began_at = Instant::now();
        let said = tokio::spawn(async move {
            for n in 1..=N_BURST {
                let quantity = n.to_string();
                line.say(&text(make(n + 1, [&[("10", quantity.as_str())], &[("11", "1")]]))).await;
            }
            line
        });
        for _ in 0..N_BURST {
            ear.hear(&Said::Frame(listener.text().await));
        }
        let took = began_at.elapsed();
        said.await.expect("all were taken");
        assert!(took < Duration::from_millis(N_BURST), "{venue:?}: {took:?}");
        assert_eq!((ear.book(), ear.n_faults()), (format!("10x{N_BURST} | 11x1"), 0), "{venue:?}");
        listener.stop().await;
    }
}

/// We offer no compression, so that a venue may not compress; one that says that it does is heard as long as it does
/// not, and what is compressed is never taken for data.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compression_is_not_offered_and_what_is_compressed_is_refused_in_words() {
    each(|venue| async move {
        let row = rows::row(venue);
        let server = Server::listen(venue).await;
        let mut listener = Listener::start(&server, roomy);
        let mut line = server
            .accept_with(|request, mut response| {
                assert!(!request.headers().contains_key("sec-websocket-extensions"), "{venue:?}");
                let insists = HeaderValue::from_static("permessage-deflate");
                response.headers_mut().insert("sec-websocket-extensions", insists);
                response
            })
            .await;
        let plain = text(row.next()(2, [&[("10", "2")], &[("11", "1")]]));
        line.say(&plain).await;
        assert_eq!(listener.text().await, plain, "{venue:?}");
        // A text of one piece whose first reserved bit says that it is compressed.
        line.raw(&[0xc1, 5, 0xaa, 0x56, 0x4a, 0x04, 0x00]).await;
        let sentence = listener.closed().await;
        assert!(
            sentence.contains("does not speak WebSocket as it should"),
            "{venue:?}: {sentence}"
        );
        let mut again = server.accept().await;
        again.say(&plain).await;
        assert_eq!(listener.text().await, plain, "{venue:?}");
        listener.stop().await;
    })
    .await;
}

/// What a link says first and when it is subscribed to these.
fn asked(server: &Server, symbols: &[String]) -> Vec<String> {
    let mut protocol = server.protocol();
    let mut requests = protocol.on_open();
    requests.extend(protocol.subscribe(symbols));
    let frames = requests.into_iter().filter_map(|request| match request {
        Request::Send(frame) => Some(frame),
        Request::Get { .. } | Request::Post { .. } => None,
    });
    frames.collect()
}

/// So many symbols that their frames take more than a second.
fn symbols(server: &Server, row: &Row) -> Vec<String> {
    let pace = server.protocol().limits().frames_per_second as usize;
    let named = |n: usize| -> Vec<String> {
        std::iter::once(row.symbol.to_owned())
            .chain((1..n).map(|n| format!("{}{n}", row.symbol)))
            .collect()
    };
    let enough = |n: &usize| asked(server, &named(*n)).len() > pace + 2;
    let mut symbols = named([1, 2, 4, 8, 16, 32].into_iter().find(enough).unwrap_or(32));
    // As the link asks for them.
    symbols.sort();
    symbols
}

/// Without what differs from link to link: the ids of requests.
fn without_digits(frame: &str) -> String {
    frame.chars().filter(|one| !one.is_ascii_digit()).collect()
}

/// The most frames within such a time.
fn most_within(mut moments: Vec<Instant>, span: Duration) -> usize {
    moments.sort();
    let n_from =
        |from: usize| moments[from..].iter().take_while(|at| **at - moments[from] < span).count();
    (0..moments.len()).map(n_from).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_cut_all_is_asked_for_again_within_what_the_venue_allows() {
    each(|venue| async move {
        let row = rows::row(venue);
        let server = Server::listen(venue).await;
        let symbols = symbols(&server, &row);
        let expected = asked(&server, &symbols);
        let mut listener = Listener::start(&server, roomy);
        listener.subscribe(&symbols);
        let mut moments: Vec<Vec<Instant>> = Vec::new();
        let began_at = Instant::now();
        for link in 0..2 {
            let mut line = server.accept().await;
            // A link that tells nothing would count as one that is blocked.
            line.say(&text(row.next()(2, [&[("10", "2")], &[("11", "1")]]))).await;
            listener.text().await;
            let (mut frames, mut at) = (Vec::new(), Vec::new());
            while frames.len() < expected.len() {
                let (frame, moment) = line.hear().await;
                assert!(began_at.elapsed() < PATIENCE, "{venue:?}: {frames:?} of {expected:?}");
                if let Some(most) = row.allowed.frame_bytes.get() {
                    assert!(frame.len() <= *most, "{venue:?}: {} bytes", frame.len());
                }
                frames.push(without_digits(&frame));
                at.push(moment);
            }
            let said: BTreeSet<String> = frames.into_iter().collect();
            let wanted = expected.iter().map(|frame| without_digits(frame)).collect();
            assert_eq!(said, wanted, "{venue:?}, link {link}");
            moments.push(at);
            drop(line);
            listener.until(|body| matches!(body, Body::Closed(_))).await;
        }
        if let Some(((most, span), counted)) = row.allowed.frames.get() {
            let spans = match counted {
                Counted::ByLink => moments,
                Counted::ByAddress => vec![moments.concat()],
            };
            for moments in spans {
                let n_frames = most_within(moments, *span);
                assert!(n_frames <= *most as usize, "{venue:?}: {n_frames} in {span:?}");
            }
        }
        listener.stop().await;
    })
    .await;
}

/// A book is replaced as a whole by the first one of a new link, whatever was known before.
#[test]
fn after_a_cut_the_book_is_a_new_one() {
    for (venue, row) in rows::all() {
        let mut ear = Ear::synced(venue, &row, 100);
        ear.take(Body::Closed(bytes::Bytes::new())).expect("a packet of ours");
        let address = bytes::Bytes::from(rows::protocol(venue).address().to_owned());
        ear.take(Body::Opened(address)).expect("a packet of ours");
        for frame in row.before {
            ear.hear(&Said::Frame((*frame).to_owned()));
        }
        // Its numbers begin anew.
        ear.hear(&(row.whole)(3, [&[("9", "1")], &[("12", "1")]]));
        ear.hear(&row.next()(4, [&[("9", "2")], &[("12", "1")]]));
        assert_eq!((ear.book().as_str(), ear.n_faults()), ("9x2 | 12x1", 0), "{venue:?}");
        assert!(ear.is_synced(), "{venue:?}");
    }
}

#[test]
fn connections_are_opened_no_faster_than_the_venue_allows() {
    for (venue, row) in rows::all() {
        let Some((most, span)) = row.allowed.connects.get() else { continue };
        let limits = rows::protocol(venue).limits();
        // As many as both allow within the longer of the two spans.
        let ours = limits.connects_window.as_secs_f64() / f64::from(limits.connects);
        let theirs = span.as_secs_f64() / f64::from(*most);
        assert!(ours >= theirs && limits.connects <= *most, "{venue:?}: {limits:?}");
    }
}
