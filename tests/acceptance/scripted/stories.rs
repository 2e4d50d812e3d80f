//! The items of the checklist for clients, one by one, at each venue that the simulated exchange does not speak.

use engine::VenueConfig;
use market::Venue;
use proof::{Eye, Stage, eventually};

use super::frames::SCRIPTS;
use super::server::{Script, Server, Step};

/// A deck that hears a scripted venue.
struct Scene {
    server: Server,
    stage: Stage,
    eye: Eye,
    script: Script,
}

impl Scene {
    async fn open(script: Script) -> Self {
        let server = Server::listen(script).await;
        // The simulated venue beside it is not heard.
        let stage = Stage::with(&[(Venue::Kraken, "BTC/USD")], |live| {
            let endpoints = Some(server.endpoints());
            live.venues = vec![VenueConfig { venue: script.venue, endpoints, lifetime: None }];
            live.instruments = vec![(script.venue, script.symbol.to_owned())];
        })
        .await;
        let eye = stage.eye(script.venue, script.symbol).await;
        let mut scene = Self { server, stage, eye, script };
        scene.until_bid(100).await;
        scene
    }

    /// Waits until the book is right and its best bid is this one.
    async fn until_bid(&mut self, bid: u32) {
        let what = format!("{:?} bids {bid}", self.script.venue);
        let such = |frame: &proof::Frame| frame.is_good() && frame.best().0 == f64::from(bid);
        self.eye.until(&what, such).await;
    }

    async fn goes_on(&mut self, bid: u32) {
        self.server.tell(Step::Bid(bid));
        self.until_bid(bid).await;
    }

    /// Ends it; refused frames and gaps of the recording.
    async fn end(self) -> (u64, u64) {
        let (_folder, files) = self.stage.end().await;
        let proof = engine::verify(&files, None, true, |_| {}).expect("recordings");
        let file = &proof.files[0];
        assert!(file.damage.is_none(), "{file:?}");
        let gaps = file.instruments.iter().map(|one| one.gaps).sum();
        assert_eq!(file.instruments.iter().map(|one| one.crossed).sum::<u64>(), 0);
        (file.refused, gaps)
    }
}

/// Item 1: what is unknown or no JSON is passed over, and costs nothing else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_unknown_or_no_json_loses_nothing_else() {
    for script in SCRIPTS {
        let mut scene = Scene::open(script).await;
        scene.server.tell(Step::Unknown);
        scene.server.tell(Step::Noise);
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
        scene.server.tell(Step::Cut);
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
