//! The items of the checklist for clients, one by one, at each venue that the simulated exchange does not speak.

use engine::VenueConfig;
use engine::wire::Health;
use market::Venue;
use proof::{Eye, Stage, eventually};

use proof::frame::STALE;

use super::frames::{SCRIPTS, SUM};
use super::server::{ASK, Act, Script, Server, Step};

/// Cause in the gaps' section.
const CROSSED: u8 = 5;

/// A deck that hears a scripted venue.
pub struct Scene {
    pub server: Server,
    pub stage: Stage,
    pub eye: Eye,
    pub script: Script,
}

impl Scene {
    pub async fn open(script: Script) -> Self {
        let mut scene = Self::on(Server::listen(script).await, script).await;
        scene.until_bid(100).await;
        scene
    }

    /// With a server that may have been disturbed before.
    async fn on(server: Server, script: Script) -> Self {
        // The simulated venue beside it is not heard.
        let stage = Stage::with(&[(Venue::Kraken, "BTC/USD")], |live| {
            let endpoints = Some(server.endpoints());
            live.venues =
                vec![VenueConfig { venue: script.venue, endpoints, lifetime: None, room: None }];
            live.instruments = vec![(script.venue, script.symbol.to_owned())];
        })
        .await;
        let eye = stage.eye(script.venue, script.symbol).await;
        Self { server, stage, eye, script }
    }

    /// Waits until the book is right and its best bid is this one.
    pub async fn until_bid(&mut self, bid: u32) {
        let what = format!("{:?} bids {bid}", self.script.venue);
        let such = |frame: &proof::Frame| frame.is_good() && frame.best().0 == f64::from(bid);
        self.eye.until(&what, such).await;
    }

    pub async fn goes_on(&mut self, bid: u32) {
        self.server.tell(Step::Bid(bid));
        self.until_bid(bid).await;
    }

    /// Ends it; refused frames and gaps of the recording, in which no book was crossed and no sum wrong.
    async fn end(self) -> (u64, u64) {
        let Faults { refused, gaps, crossed, sums } = self.faults().await;
        assert_eq!((crossed, sums), (0, (0, 0)));
        (refused, gaps)
    }

    /// Ends it; what the recording tells of faults.
    async fn faults(self) -> Faults {
        let (_folder, files) = self.stage.end().await;
        let proof = engine::verify(&files, None, true, |_| {}).expect("recordings");
        let file = &proof.files[0];
        assert!(file.damage.is_none(), "{file:?}");
        let sum =
            |of: fn(&engine::InstrumentProof) -> u64| file.instruments.iter().map(of).sum::<u64>();
        Faults {
            refused: file.refused,
            gaps: sum(|one| one.gaps),
            crossed: sum(|one| one.crossed),
            sums: (sum(|one| one.checksums_right), sum(|one| one.checksums_wrong)),
        }
    }
}

/// What a recording tells of faults.
#[derive(Debug, Default, PartialEq, Eq)]
struct Faults {
    refused: u64,
    gaps: u64,
    crossed: u64,
    /// Right and wrong ones.
    sums: (u64, u64),
}

/// Item 1: what is unknown or no JSON is passed over, and costs nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_unknown_or_no_json_loses_nothing_else() {
    for script in SCRIPTS {
        let mut scene = Scene::open(script).await;
        scene.server.tell(Step::Unknown);
        scene.server.act(Act::Noise);
        scene.goes_on(101).await;
        let n_links = scene.server.n_links();
        let (refused, gaps) = scene.end().await;
        assert_eq!((refused, gaps, n_links), (1, 0, 1), "{:?}", script.venue);
    }
}

/// Item 2: a hole in the numbers of a book is seen, and healed by a whole one. Bitstamp does not number its changes,
/// and each book of Hyperliquid is whole: nothing can be missing there that could be seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hole_is_seen_where_frames_are_numbered_and_healed() {
    let is_numbered =
        |script: &Script| !matches!(script.venue, Venue::Bitstamp | Venue::Hyperliquid);
    for script in SCRIPTS.into_iter().filter(is_numbered) {
        let mut scene = Scene::open(script).await;
        scene.goes_on(101).await;
        scene.server.tell(Step::BidBehindGap(103));
        scene.until_bid(100).await;
        scene.goes_on(102).await;
        let (refused, gaps) = scene.end().await;
        assert_eq!((refused, gaps), (0, 1), "{:?}", script.venue);
    }
}

/// Item 6: a new link brings a whole book, in which nothing of the old one is left, and all subscriptions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_book_is_replaced_as_a_whole_after_a_cut() {
    for script in SCRIPTS {
        let mut scene = Scene::open(script).await;
        let n_asked = scene.server.n_asked(script.symbol);
        scene.goes_on(120).await;
        scene.server.act(Act::Cut);
        scene.until_bid(100).await;
        scene.goes_on(103).await;
        eventually("all is subscribed again", async || {
            scene.server.n_asked(script.symbol) == 2 * n_asked
        })
        .await;
        assert_eq!(scene.server.n_links(), 2, "{:?}", script.venue);
        let (refused, gaps) = scene.end().await;
        assert_eq!((refused, gaps), (0, 0), "{:?}", script.venue);
    }
}

/// Item 1: notices. Bitstamp and Bitfinex ask for a new link, Deribit for an answer; the other two have none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_followed() {
    for script in SCRIPTS {
        let mut scene = Scene::open(script).await;
        scene.server.tell(Step::Notice);
        if matches!(script.venue, Venue::Bitstamp | Venue::Bitfinex) {
            eventually("another link", async || scene.server.n_links() == 2).await;
        }
        if script.venue == Venue::Deribit {
            eventually("an answer", async || scene.server.n_asked("public/test") == 1).await;
        }
        scene.until_bid(100).await;
        scene.end().await;
    }
}

/// The integrity rule beside the numbers of the link.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_sum_of_bitfinex_is_caught_and_the_book_loaded_anew() {
    let is_bitfinex = |script: &Script| script.venue == Venue::Bitfinex;
    let script = SCRIPTS.into_iter().find(is_bitfinex).expect("it is scripted");
    let mut scene = Scene::open(script).await;
    scene.server.tell(Step::Sum(SUM));
    scene.goes_on(101).await;
    scene.server.tell(Step::Sum(SUM));
    scene.until_bid(100).await;
    scene.goes_on(102).await;
    assert_eq!(scene.server.n_links(), 1, "the link is not to blame");
    assert_eq!(scene.faults().await, Faults { sums: (1, 1), ..Faults::default() });
}

/// Whatever a venue can prove: bids as high as the asks are never shown as right.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crossed_book_is_caught_and_loaded_anew() {
    for script in SCRIPTS {
        let mut scene = Scene::open(script).await;
        scene.server.tell(Step::Bid(ASK + 1));
        let is_healed = |frame: &proof::Frame| {
            let last = frame.gaps().last().map(|gap| gap.cause);
            frame.is_good() && last == Some(CROSSED) && frame.best().0 == 100.0
        };
        scene.eye.until("it was crossed and is healed", is_healed).await;
        scene.goes_on(103).await;
        let faults = scene.faults().await;
        assert_eq!(faults, Faults { crossed: 1, ..Faults::default() }, "{:?}", script.venue);
    }
}

/// Item 2: what comes before a slow book is not taken for one, and what comes behind it is not lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_book_is_waited_for_and_followed() {
    for script in SCRIPTS {
        let server = Server::listen(script).await;
        server.hold_books(true);
        let mut scene = Scene::on(server, script).await;
        eventually("a book is held back", async || scene.server.has_held_books()).await;
        for bid in [101, 102] {
            scene.server.tell(Step::Bid(bid));
        }
        let status = scene.eye.status();
        let is_right = status.instrument.as_ref().is_some_and(|one| one.health == Health::Right);
        assert!(!is_right, "{:?}: nothing is right yet", script.venue);
        scene.server.hold_books(false);
        scene.until_bid(102).await;
        scene.goes_on(103).await;
        assert_eq!(scene.faults().await, Faults::default(), "{:?}", script.venue);
    }
}

/// Item 2: frames that come twice, to the letter, or in the wrong order. Bitstamp and Hyperliquid do not number them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frames_that_come_twice_or_swapped_end_in_a_right_book() {
    for script in SCRIPTS {
        let mut scene = Scene::open(script).await;
        scene.server.act(Act::SayTwice(Step::Bid(101)));
        scene.until_bid(101).await;
        scene.server.act(Act::SaySwapped(Step::Bid(102), Step::Bid(103)));
        let is_numbered = !matches!(script.venue, Venue::Bitstamp | Venue::Hyperliquid);
        if is_numbered {
            scene.until_bid(100).await;
        }
        scene.goes_on(104).await;
        let (refused, gaps) = scene.end().await;
        assert_eq!((refused, gaps > 0), (0, is_numbered), "{:?}", script.venue);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_closed_with_a_code_comes_back_with_all_it_heard() {
    for script in SCRIPTS {
        let mut scene = Scene::open(script).await;
        for (n_links, code) in [(2, 1001), (3, 1012)] {
            scene.goes_on(120).await;
            scene.server.act(Act::Close(code));
            scene.until_bid(100).await;
            assert_eq!(scene.server.n_links(), n_links, "{:?}: {code}", script.venue);
        }
        let (refused, gaps) = scene.end().await;
        assert_eq!((refused, gaps), (0, 0), "{:?}", script.venue);
    }
}

/// A refusal is told in words, the book is not called right meanwhile, and nothing is asked while we are banned.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_told_in_words_and_nothing_is_shown_as_right() {
    for (status, words) in [
        (429, "asks us to slow down"),
        (418, "has banned this network for a while (418)"),
        (403, "refuses connections from this network (403)"),
        (451, "refuses connections from this network (451)"),
    ] {
        for script in SCRIPTS {
            let mut scene = Scene::open(script).await;
            scene.server.refuse(status);
            scene.server.act(Act::Cut);
            let told = |status: &std::sync::Arc<engine::wire::Status>| {
                status.links.iter().any(|link| link.sentence.contains(words))
            };
            scene.eye.until_status(words, told).await;
            let is_stale = |frame: &proof::Frame| frame.health() == STALE;
            scene.eye.until("it is stale", is_stale).await;
            scene.end().await;
        }
    }
}
