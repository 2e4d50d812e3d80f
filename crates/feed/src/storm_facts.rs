//! What a venue hears of us when everything is asked of it at once: never more than it publishes. Three links and the
//! polls share a budget for eleven minutes of virtual time, and what they send is counted as the venue counts it.

use std::time::Duration;

use market::{HttpExchange, Timestamp, Venue};
use tokio::time::Instant;
use venues::{Counted, Endpoints, Protocol, Rate};

use crate::budget::{Budget, Seat, Share};
use crate::past::{LookedBack, Past};
use crate::patience::Patience;
use crate::polling::Polling;
use crate::talk::Talk;
use crate::wishes::Wish;

const STEP: Duration = Duration::from_millis(100);
const STEPS: u32 = 6_600;
/// Steps from one wish to the next: twice a second.
const STEPS_PER_WISH: u32 = 5;
const LINKS: usize = 3;
/// The list of instruments as Kraken tells it, which asks for no figure before.
const LIST: &str = r#"{"channel":"instrument","type":"snapshot","data":{"assets":[],"pairs":[]}}"#;
/// Instruments that a search finds at most.
const FOUND: usize = 200;

/// What a frame takes of what a connection may carry.
type Measure = fn(&str) -> usize;

/// What a venue publishes. `None` where it publishes nothing.
struct Published {
    frames: Option<(Rate, Counted)>,
    connects: Option<Rate>,
    /// Weight of requests, or their number.
    requests: Option<Rate>,
    /// Connections at once.
    links: Option<usize>,
    /// What one connection carries, and what a frame that subscribes takes of it.
    carried: Option<(usize, Measure)>,
}

const NOTHING: Published =
    Published { frames: None, connects: None, requests: None, links: None, carried: None };

const fn each(most: u32, seconds: u64) -> Option<Rate> {
    Some(Rate { most, span: Duration::from_secs(seconds) })
}

const fn by(counted: Counted, most: u32, seconds: u64) -> Option<(Rate, Counted)> {
    Some((Rate { most, span: Duration::from_secs(seconds) }, counted))
}

/// The venues' own figures: a live venue without a line fails. Two markets of one pool have half of it each.
fn published(venue: Venue) -> Published {
    use Counted::{ByAddress, ByLink};
    match venue {
        Venue::Binance => Published {
            frames: by(ByLink, 5, 1),
            connects: each(300, 300),
            requests: each(6_000, 60),
            carried: Some((1_024, |frame| frame.matches("usdt@").count())),
            ..NOTHING
        },
        Venue::BinanceUs => Published { requests: each(1_200, 60), ..published(Venue::Binance) },
        Venue::BinanceUsdM | Venue::BinanceCoinM => Published {
            frames: by(ByLink, 10, 1),
            requests: each(2_400 / 2, 60),
            ..published(Venue::Binance)
        },
        Venue::Kraken => Published { connects: each(150, 600), requests: each(2, 2), ..NOTHING },
        Venue::Okx => Published {
            frames: by(ByLink, 480, 3_600),
            connects: each(3, 1),
            requests: each(40, 2),
            carried: Some((64 << 10, |frame| frame.len())),
            ..NOTHING
        },
        Venue::Bybit | Venue::BybitLinear => Published {
            connects: each(500 / 2, 300),
            requests: each(600 / 2, 5),
            carried: Some((21_000, |frame| frame.split(['[', ']']).nth(1).map_or(0, str::len))),
            ..NOTHING
        },
        Venue::Coinbase => Published {
            frames: by(ByAddress, 8, 1),
            connects: each(8, 1),
            requests: each(10, 1),
            ..NOTHING
        },
        Venue::Bitfinex => Published {
            connects: each(20, 60),
            requests: each(30, 60),
            carried: Some((25, |_| 1)),
            ..NOTHING
        },
        // Ten subscriptions at once, and 3.3 a second.
        Venue::Deribit => Published {
            frames: by(ByAddress, 10 + 33, 10),
            requests: each(20, 1),
            links: Some(32),
            ..NOTHING
        },
        Venue::Bitstamp => {
            Published { requests: each(10_000, 600), carried: Some((1_024, |_| 1)), ..NOTHING }
        }
        Venue::Hyperliquid => Published {
            frames: by(ByAddress, 2_000, 60),
            connects: each(30, 60),
            requests: each(1_200, 60),
            links: Some(10),
            carried: Some((1_000, |_| 1)),
        },
        Venue::BitFlyer => Published { requests: each(500, 300), ..NOTHING },
        // A few requests a second are thought to be safe.
        Venue::Bitbank => Published { requests: each(5, 1), ..NOTHING },
        // Its user's own.
        Venue::Bridge => NOTHING,
        // Each venue that is live is asked for.
        other => unreachable!("{other:?} is read from captures only"),
    }
}

/// What was counted: when, and how much.
#[derive(Debug, Default)]
struct Counter(Vec<(Instant, u32)>);

impl Counter {
    fn count(&mut self, at: Instant, cost: u32) {
        self.0.push((at, cost));
    }

    /// The most within any such span.
    fn most_within(&self, span: Duration) -> u32 {
        let (mut from, mut sum, mut most) = (0, 0, 0);
        for (at, cost) in &self.0 {
            sum += cost;
            while self.0[from].0 + span <= *at {
                sum -= self.0[from].1;
                from += 1;
            }
            most = most.max(sum);
        }
        most
    }
}

struct Link {
    talk: Talk,
    protocol: Protocol,
    opened_at: Instant,
    frames: Counter,
    _seat: Seat,
}

/// The venue's side: all that reached it.
#[derive(Default)]
struct Heard {
    frames: Counter,
    frames_by_link: Vec<Counter>,
    connects: Counter,
    requests: Counter,
    links_most: usize,
}

/// Everything at once: each link is cut after `life`, and every book is asked for anew at each step.
struct Storm {
    venue: Venue,
    budget: Budget,
    symbols: Vec<String>,
    wish: Wish,
    past: Past,
    links: [Option<Link>; LINKS],
    heard: Heard,
    life: Duration,
}

fn protocol(venue: Venue) -> Protocol {
    let endpoints = match venue {
        Venue::Bridge => Endpoints { ws: "ws://127.0.0.1:9000".to_owned(), rest: String::new() },
        _ => Endpoints::of(venue),
    };
    Protocol::new(venue, endpoints).unwrap()
}

/// A symbol as the venue writes those that take the most of it.
fn symbol(venue: Venue, n: usize) -> String {
    match venue {
        Venue::Okx => format!("COIN{n}-USDT-SWAP"),
        Venue::Bitfinex => format!("tC{n}F0:USTF0"),
        _ => format!("COIN{n}USDT"),
    }
}

impl Storm {
    fn at(venue: Venue, (life, n_wanted): (Duration, usize)) -> Self {
        let budget = Budget::new(&protocol(venue).limits());
        let symbols: Vec<String> = (0..n_wanted).map(|n| symbol(venue, n)).collect();
        let wish = Wish { wanted: symbols.iter().cloned().collect(), ..Wish::default() };
        let (links, heard) = ([const { None }; LINKS], Heard::default());
        let mut past = Past::new(LookedBack::default());
        past.want(&wish.wanted, &protocol(venue), (Timestamp::default, Instant::now()));
        Self { venue, budget, symbols, wish, past, links, heard, life }
    }

    fn blow(mut self) -> Heard {
        let start = Instant::now();
        let patience = Patience::default();
        let wanted = self.wish.wanted.clone();
        let means = (self.budget.clone(), &patience);
        let mut polling = Polling::begin(protocol(self.venue), means, wanted, start);
        for step in 0..STEPS {
            let now = start + STEP * step;
            for index in 0..LINKS {
                self.link(index, step, now);
            }
            while let Some(question) = polling.as_mut().and_then(|it| it.question_due(now)) {
                self.heard.requests.count(now, question.query.weight);
                let url = question.query.recorded().into();
                let answer = HttpExchange { url, status: 200, body: "{}".into() };
                polling.iter_mut().for_each(|polling| polling.answered(&answer, now));
            }
        }
        for index in 0..LINKS {
            self.cut(index);
        }
        self.heard
    }

    /// What one link does at a step.
    fn link(&mut self, index: usize, step: u32, now: Instant) {
        let is_over =
            |link: &Link| link.opened_at + self.life <= now || link.talk.overdue(now).is_some();
        if self.links[index].as_ref().is_some_and(is_over) {
            self.cut(index);
        }
        if self.links[index].is_none() {
            self.links[index] = self.open(now);
        }
        let n_open = self.links.iter().flatten().count();
        self.heard.links_most = self.heard.links_most.max(n_open);
        let Some(link) = &mut self.links[index] else { return };
        if step.is_multiple_of(STEPS_PER_WISH) {
            self.wish.changes += 1;
            self.wish.resync = self.symbols.iter().skip(index).step_by(LINKS).cloned().collect();
        }
        link.talk.take(&mut self.wish, &mut link.protocol);
        link.talk.look_up_figures(&mut link.protocol, now);
        while link.talk.frame_due(now).is_some() {
            link.talk.written();
            link.frames.count(now, 1);
            self.heard.frames.count(now, 1);
        }
        link.talk.heard_datum(now);
        while let Some(get) = link.talk.get_due(now) {
            self.heard.requests.count(now, get.query.weight);
            link.talk.answered();
        }
        while let Some(get) = self.past.take(&self.budget, (Share::Half, now)) {
            self.heard.requests.count(now, get.query.weight);
            self.past.failed(get, now);
        }
    }

    fn open(&mut self, now: Instant) -> Option<Link> {
        let seat = self.budget.connect(now)?;
        self.heard.connects.count(now, 1);
        let mut protocol = protocol(self.venue);
        let limits = protocol.limits();
        let measures = (&limits, &Patience::default());
        let mut talk = Talk::open(&mut protocol, measures, self.budget.clone(), now);
        talk.answer(LIST.as_bytes(), &mut protocol);
        let frames = Counter::default();
        Some(Link { talk, protocol, opened_at: now, frames, _seat: seat })
    }

    fn cut(&mut self, index: usize) {
        if let Some(link) = self.links[index].take() {
            self.heard.frames_by_link.push(link.frames);
        }
    }
}

fn assert_within(venue: Venue, heard: &Heard) {
    let published = published(venue);
    if let Some((rate, counted)) = published.frames {
        let most = match counted {
            Counted::ByAddress => heard.frames.most_within(rate.span),
            Counted::ByLink => {
                let each = heard.frames_by_link.iter().map(|link| link.most_within(rate.span));
                each.max().unwrap_or(0)
            }
        };
        assert!(most > 0 && most <= rate.most, "{venue:?}: {most} frames, of {rate:?}");
    }
    if let Some(rate) = published.connects {
        let most = heard.connects.most_within(rate.span);
        assert!(most > 0 && most <= rate.most, "{venue:?}: {most} connections, of {rate:?}");
    }
    if let Some(rate) = published.requests {
        let most = heard.requests.most_within(rate.span);
        assert!(most > 0 && most <= rate.most, "{venue:?}: weight {most}, of {rate:?}");
    }
    if let Some(most) = published.links {
        assert!(heard.links_most <= most, "{venue:?}: {} links at once", heard.links_most);
    }
}

/// All venues at once.
fn at_each(what: (Duration, usize)) {
    let storms = Venue::LIVE.map(|venue| {
        std::thread::spawn(move || assert_within(venue, &Storm::at(venue, what).blow()))
    });
    storms.into_iter().for_each(|storm| storm.join().expect("what the venue heard"));
}

#[test]
fn no_venue_is_asked_for_more_than_it_publishes_while_its_links_stay() {
    at_each((STEP * STEPS, FOUND));
}

#[test]
fn no_venue_is_asked_for_more_than_it_publishes_in_a_storm_of_reconnects() {
    at_each((Duration::from_millis(300), 12));
}

#[test]
fn a_connection_is_asked_to_carry_no_more_than_it_may_and_says_what_it_leaves_out() {
    for venue in Venue::LIVE {
        let Some((most, measure)) = published(venue).carried else { continue };
        let mut protocol = protocol(venue);
        let (limits, start) = (protocol.limits(), Instant::now());
        let measures = (&limits, &Patience::default());
        let mut talk = Talk::open(&mut protocol, measures, Budget::new(&limits), start);
        let mut carried = 0;
        let mut ask = |talk: &mut Talk, wanted: std::ops::Range<usize>, changes: u64| {
            let wanted = wanted.map(|n| symbol(venue, n)).collect();
            let mut wish = Wish { wanted, changes, ..Wish::default() };
            for step in 0..2_000 {
                let now = start + Duration::from_secs(10_000 * changes + 2 * step);
                talk.take(&mut wish, &mut protocol);
                while let Some(frame) = talk.frame_due(now) {
                    talk.written();
                    let frame = frame.to_lowercase();
                    let is_one = frame.contains("subscribe") && !frame.contains("unsubscribe");
                    carried += if is_one { measure(&frame) } else { 0 };
                }
            }
            carried
        };
        let carried = ask(&mut talk, 0..1_000, 1);
        assert!(carried > most / 2 && carried <= most, "{venue:?}: {carried} of {most}");
        assert!(talk.n_left_out() > 0, "{venue:?}");
        ask(&mut talk, 995..1_000, 2);
        assert_eq!(talk.n_left_out(), 0, "{venue:?}: there is room again");
    }
}
