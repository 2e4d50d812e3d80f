//! What venues list to which no link is open: asked for once somebody searches, so that a search spans all of them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use feed::{Feed, FeedConfig, LinkCause, PACKETS_QUEUED, ProxyConfig};
use market::{Event, Events, Instrument, LinkId, Packet, Timestamp, Venue};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use venues::{Decoder, Endpoints};

use crate::live::{Beside, VenueConfig};

/// Lists that wait to be taken.
const LISTINGS_QUEUED: usize = 16;

/// A venue that has not listed its instruments by then is not reachable from here.
const LISTING_TIME_MAX: Duration = Duration::from_secs(15);

/// Lists of several kinds of instruments come one after the other: so long after the first, they are taken for whole.
const LISTING_REST: Duration = Duration::from_secs(2);

/// A venue that could not be listed is asked again when somebody searches after this.
const ASK_AGAIN_NANOS: i64 = 60_000_000_000;

/// Whose list: a venue, and whether it is simulated.
pub type Place = (Venue, bool);

/// What came of asking a venue for its list.
#[derive(Debug)]
pub enum Outcome {
    /// The list.
    Listed(Vec<Instrument>),
    /// The proxy does not let us through without another login.
    KeptOut(LinkCause),
    /// It could not be had.
    Unreachable,
}

/// One venue that was asked, and what came of it.
pub type Listing = (VenueConfig, Outcome);

/// All real venues that can be heard live.
pub fn real_venues() -> impl Iterator<Item = VenueConfig> {
    let has_address = |venue: &Venue| {
        let endpoints = Endpoints::of(*venue);
        !endpoints.ws.is_empty() && !endpoints.is_simulated()
    };
    Venue::LIVE.into_iter().filter(has_address).map(VenueConfig::own)
}

/// Lists of venues to which no link is open.
#[derive(Debug)]
pub struct Lobby {
    lists: BTreeMap<Place, Vec<Instrument>>,
    asked: BTreeMap<Place, Timestamp>,
    awaited: BTreeSet<Place>,
    /// Venues to which the proxy does not let us through. They are not asked again before there is another login: one
    /// that is wrong and said again and again would be locked.
    kept_out: VecDeque<VenueConfig>,
    beside: Beside,
    sender: mpsc::Sender<Listing>,
    receiver: mpsc::Receiver<Listing>,
    shutdown: CancellationToken,
}

impl Lobby {
    /// A lobby that has asked nobody yet.
    pub fn new(shutdown: CancellationToken) -> Self {
        let (sender, receiver) = mpsc::channel(LISTINGS_QUEUED);
        Self {
            lists: BTreeMap::new(),
            asked: BTreeMap::new(),
            awaited: BTreeSet::new(),
            kept_out: VecDeque::new(),
            beside: Beside::default(),
            sender,
            receiver,
            shutdown,
        }
    }

    /// Asks a venue for its list, through this proxy, unless it was asked a moment ago or has answered.
    pub fn ask(&mut self, config: VenueConfig, proxy: Option<ProxyConfig>, now: Timestamp) {
        let place = (config.venue, config.is_simulated());
        let is_known = self.lists.contains_key(&place) || self.kept_out.contains(&config);
        let is_asked = self.asked.get(&place);
        if is_known || is_asked.is_some_and(|asked| now.nanos_since(*asked) < ASK_AGAIN_NANOS) {
            return;
        }
        self.asked.insert(place, now);
        self.awaited.insert(place);
        let (sender, shutdown) = (self.sender.clone(), self.shutdown.child_token());
        tokio::spawn(async move {
            let outcome = list(config.clone(), proxy, &shutdown).await;
            if !matches!(outcome, Outcome::Listed(_)) {
                tracing::info!("{} cannot be listed from here", place.0.name());
            }
            // The deck may have closed meanwhile.
            drop(sender.send((config, outcome)).await);
        });
    }

    /// The next list that comes.
    pub async fn next(&mut self) -> Option<Listing> {
        self.receiver.recv().await
    }

    /// Keeps what came of asking a venue.
    pub fn keep(
        &mut self,
        (config, outcome): Listing,
        proxy: Option<&ProxyConfig>,
        now: Timestamp,
    ) {
        let place = (config.venue, config.is_simulated());
        self.awaited.remove(&place);
        match outcome {
            Outcome::Listed(instruments) => {
                self.lists.insert(place, instruments);
                let is_proxied = |proxy: &ProxyConfig| proxy.is_for(&config.address());
                if proxy.is_some_and(is_proxied) {
                    self.beside = Beside { trouble: None, is_through: true };
                    self.ask_all_again(proxy, now);
                }
            }
            Outcome::KeptOut(trouble) => {
                self.asked.remove(&place);
                self.kept_out.push_back(config);
                self.beside = Beside { trouble: Some(trouble), is_through: false };
            }
            // It may be the venue's doing.
            Outcome::Unreachable => {
                if self.beside.trouble.is_none() {
                    self.ask_all_again(proxy, now);
                }
            }
        }
    }

    /// There is another login: one venue is asked with it, and the others once that has come through.
    pub fn log_in(&mut self, proxy: &ProxyConfig, now: Timestamp) {
        self.beside = Beside::default();
        if let Some(config) = self.kept_out.pop_front() {
            self.ask(config, Some(proxy.clone()), now);
        }
    }

    /// What is known of the proxy from here.
    pub const fn beside(&self) -> Beside {
        self.beside
    }

    fn ask_all_again(&mut self, proxy: Option<&ProxyConfig>, now: Timestamp) {
        for config in std::mem::take(&mut self.kept_out) {
            self.ask(config, proxy.cloned(), now);
        }
    }

    /// How many venues were asked and have neither answered nor been given up.
    pub fn n_awaited(&self) -> usize {
        self.awaited.len()
    }

    /// All lists.
    pub fn lists(&self) -> impl Iterator<Item = (Place, &[Instrument])> {
        self.lists.iter().map(|(place, list)| (*place, list.as_slice()))
    }

    /// The list of a venue; `None` when it has not come.
    pub fn list_of(&self, place: Place) -> Option<&[Instrument]> {
        self.lists.get(&place).map(Vec::as_slice)
    }
}

/// Opens a link for as long as the list takes.
async fn list(
    config: VenueConfig,
    proxy: Option<ProxyConfig>,
    shutdown: &CancellationToken,
) -> Outcome {
    let venue = config.venue;
    let config = match config.endpoints {
        Some(endpoints) => FeedConfig::at(venue, LinkId(0), endpoints),
        None => FeedConfig::new(venue, LinkId(0)),
    };
    let Ok(config) = config else { return Outcome::Unreachable };
    let (sender, packets) = mpsc::channel(PACKETS_QUEUED);
    let feed = Feed::start(config.through(proxy), sender, shutdown.clone());
    let outcome = listing(venue, &feed, packets).await;
    shutdown.cancel();
    feed.stopped().await;
    outcome
}

/// What a venue lists on this link, or why it does not.
async fn listing(venue: Venue, feed: &Feed, mut packets: mpsc::Receiver<Packet>) -> Outcome {
    let mut decoder = Decoder::new(venue);
    let mut events = Events::default();
    let mut outcome = Outcome::Unreachable;
    let mut until = Instant::now() + LISTING_TIME_MAX;
    let mut link = feed.link();
    loop {
        if let Some(trouble) = feed.login_trouble() {
            return Outcome::KeptOut(trouble);
        }
        let packet = tokio::select! {
            received = timeout_at(until, packets.recv()) => match received {
                Ok(Some(packet)) => packet,
                Ok(None) | Err(_) => return outcome,
            },
            Ok(()) = link.changed() => continue,
        };
        if let Err(error) = decoder.decode(&packet, &mut events) {
            tracing::warn!("{error}");
        }
        if events.items.iter().any(|event| matches!(event, Event::InstrumentsListed { .. })) {
            if matches!(outcome, Outcome::Unreachable) {
                until = Instant::now() + LISTING_REST;
            }
            outcome = Outcome::Listed(decoder.instruments().to_vec());
        }
    }
}
