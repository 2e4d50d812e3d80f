//! Item 8: nothing at first, and nothing any longer, are seen; what is quiet by right is not called dead.

use std::time::Duration;

use engine::{Engine, Input};
use feed::LinkState;
use market::{Body, Cause, HttpExchange, LinkId, Packet, Timestamp, Venue};
use view::Health;

use crate::ear::FIRST;
use crate::row::{Row, Said};
use crate::rows;
use crate::server::{Listener, Server, each, roomy};

/// What stands for the venue's limit, so that no story takes as long.
const SOON: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_that_takes_a_subscription_and_sends_nothing_is_left_and_tried_again() {
    each(|venue| async move {
        let row = rows::row(venue);
        let server = Server::listen(venue).await;
        let mut listener = Listener::start(&server, |limits| venues::Limits {
            first_datum: SOON,
            ..roomy(limits)
        });
        listener.subscribe(&[row.symbol.to_owned()]);
        let quiet = server.accept().await;
        let sentence = listener.closed().await;
        let is_told = sentence.contains("has sent nothing within 300 ms of being asked");
        assert!(is_told, "{venue:?}: {sentence}");
        drop(quiet);
        let _line = server.accept().await;
        listener.until_state(LinkState::Up).await;
        listener.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_venue_that_falls_silent_is_left_and_tried_again() {
    each(|venue| async move {
        let row = rows::row(venue);
        let server = Server::listen(venue).await;
        let mut listener =
            Listener::start(&server, |limits| venues::Limits { silence: SOON, ..roomy(limits) });
        let mut line = server.accept().await;
        let Said::Frame(frame) = row.next()(2, FIRST) else { panic!("{venue:?}: no frame") };
        line.say(&frame).await;
        assert_eq!(listener.text().await, frame);
        let sentence = listener.closed().await;
        assert!(sentence.contains("has said nothing for 300 ms"), "{venue:?}: {sentence}");
        drop(line);
        let _line = server.accept().await;
        listener.until_state(LinkState::Up).await;
        listener.stop().await;
    })
    .await;
}

/// A link of the venue that an engine hears, second by second.
struct Heard {
    venue: Venue,
    engine: Engine,
    n_packets: u64,
    at: Timestamp,
}

impl Heard {
    fn open(venue: Venue, row: &Row) -> Self {
        let mut heard = Self {
            venue,
            engine: Engine::new(),
            n_packets: 0,
            at: Timestamp::from_millis(1_790_000_000_000),
        };
        heard.take(Body::Opened(rows::protocol(venue).address().to_owned().into()));
        for frame in row.before {
            heard.say(&Said::Frame((*frame).to_owned()));
        }
        heard.say(&(row.whole)(1, FIRST));
        heard
    }

    fn take(&mut self, body: Body) {
        let (venue, link, received_at) = (self.venue, LinkId(0), self.at);
        let packet = Packet { venue, link, number: self.n_packets, received_at, body };
        self.n_packets += 1;
        self.engine.step(Input::Packet(packet), &mut Vec::new());
    }

    fn say(&mut self, said: &Said) {
        self.take(match said {
            Said::Frame(text) => Body::Text(text.clone().into()),
            Said::Answer(url, body) => Body::Answered(HttpExchange {
                url: (*url).into(),
                status: 200,
                body: body.clone().into(),
            }),
        });
    }

    fn wait(&mut self, seconds: u64) {
        for _ in 0..seconds {
            self.at = self.at.plus_nanos(1_000_000_000);
            self.engine.step(Input::Tick(self.at), &mut Vec::new());
        }
    }

    fn health(&self) -> Health {
        let (_, one) = self.engine.all_watched().next().expect("an instrument");
        one.health()
    }

    fn cause(&self) -> Option<Cause> {
        let (_, one) = self.engine.all_watched().next().expect("an instrument");
        one.cause()
    }

    fn is_right(&self) -> bool {
        self.health().is_good()
    }
}

#[test]
fn a_book_may_be_as_quiet_as_its_venue_allows_while_the_link_lives() {
    for (venue, row) in rows::all() {
        let mut heard = Heard::open(venue, &row);
        assert!(heard.is_right(), "{venue:?}: {:?}", heard.health());
        let (mut waited, every) = (0, row.quiet.link.as_secs());
        let mut n = 2;
        while waited < row.quiet.book.as_secs() {
            heard.wait(every);
            waited += every;
            assert!(heard.is_right(), "{venue:?} after {waited} s: {:?}", heard.health());
            match row.messages.heartbeat.get() {
                Some((frame, _)) => {
                    heard.say(&Said::Frame(frame.replace("$N", &n.to_string())));
                    n += u64::from(frame.contains("$N"));
                }
                None => heard.take(Body::Ping),
            }
        }
        assert!(heard.is_right(), "{venue:?}: {:?}", heard.health());
    }
}

#[test]
fn a_link_that_says_nothing_is_stale_soon_after_its_venue_should_have_spoken() {
    for (venue, row) in rows::all() {
        let silence = rows::protocol(venue).limits().silence;
        let rhythm = row.quiet.link;
        assert_eq!(Some(silence), venues::silence(venue), "{venue:?}: one figure");
        assert!(silence > rhythm, "{venue:?}: {silence:?} for a sign every {rhythm:?}");
        // Kraken's heartbeats and Coinbase's come each second, and may be late by some.
        let most = (rhythm * 3).max(Duration::from_secs(15));
        assert!(silence <= most, "{venue:?}: {silence:?} for a sign every {rhythm:?}");
        let mut heard = Heard::open(venue, &row);
        heard.wait(silence.as_secs() + 1);
        assert!(!heard.is_right(), "{venue:?}: {:?}", heard.health());
    }
}

/// Binance pings every 20 s, and Kraken's heartbeats come each second.
#[test]
fn silence_of_binance_is_stale_after_25_seconds_and_of_kraken_after_5() {
    for (venue, seconds) in [(Venue::Binance, 25), (Venue::Kraken, 5)] {
        let mut heard = Heard::open(venue, &rows::row(venue));
        heard.wait(seconds - 1);
        assert!(heard.is_right(), "{venue:?}: {:?}", heard.health());
        heard.wait(2);
        assert!(!heard.is_right(), "{venue:?}: {:?}", heard.health());
    }
}

#[test]
fn a_book_of_which_a_venue_says_nothing_for_longer_than_it_ever_does_is_stale_while_the_link_lives()
{
    let says_something_of_each_book =
        [Venue::Bitfinex, Venue::BitFlyer, Venue::Bitbank, Venue::Hyperliquid];
    for (venue, row) in rows::all() {
        let silence = venues::book_silence(venue);
        assert_eq!(silence.is_some(), says_something_of_each_book.contains(&venue), "{venue:?}");
        let Some(silence) = silence else { continue };
        assert!(silence > row.quiet.book.min(row.quiet.link), "{venue:?}");
        let mut heard = Heard::open(venue, &row);
        for _ in 0..silence.as_secs() {
            assert!(heard.is_right(), "{venue:?}: {:?}", heard.health());
            heard.wait(1);
            heard.say(&Said::Frame("{}".to_owned()));
        }
        heard.wait(1);
        assert_eq!(heard.cause(), Some(Cause::BookSilent), "{venue:?}");
    }
}

#[test]
fn a_book_of_kraken_without_a_change_is_stale_while_its_trades_go_on() {
    let mut heard = Heard::open(Venue::Kraken, &rows::row(Venue::Kraken));
    for id in 1..=62 {
        assert!(heard.is_right() || id > 55, "after {id} s: {:?}", heard.health());
        let trade = format!(
            r#"{{"symbol":"BTC/USD","side":"sell","price":10.5,"qty":0.1,"ord_type":"market","trade_id":{id},"timestamp":"2026-09-21T00:00:00.000000Z"}}"#
        );
        let frame = format!(r#"{{"channel":"trade","type":"update","data":[{trade}]}}"#);
        heard.say(&Said::Frame(frame));
        heard.wait(1);
    }
    assert_eq!((heard.health(), heard.cause()), (Health::Stale, Some(Cause::BookSilent)));
}
