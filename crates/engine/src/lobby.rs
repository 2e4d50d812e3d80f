//! What venues list to which no link is open: asked for once somebody searches, so that a search spans all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use feed::{Feed, FeedConfig, PACKETS_QUEUED, ProxyConfig};
use market::{Event, Events, Instrument, LinkId, Timestamp, Venue};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use venues::{Decoder, Endpoints};

use crate::live::VenueConfig;

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

/// One venue's list; `None` when it could not be had.
pub type Listing = (Place, Option<Vec<Instrument>>);

/// All real venues that can be heard live.
pub fn real_venues() -> impl Iterator<Item = VenueConfig> {
    let has_address = |venue: &Venue| {
        let endpoints = Endpoints::of(*venue);
        !endpoints.ws.is_empty() && !endpoints.is_simulated()
    };
    Venue::KNOWN.into_iter().filter(has_address).map(VenueConfig::own)
}

/// Lists of venues to which no link is open.
#[derive(Debug)]
pub struct Lobby {
    lists: BTreeMap<Place, Vec<Instrument>>,
    asked: BTreeMap<Place, Timestamp>,
    awaited: BTreeSet<Place>,
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
            sender,
            receiver,
            shutdown,
        }
    }

    /// Asks a venue for its list, through this proxy, unless it was asked a moment ago or has answered.
    pub fn ask(&mut self, config: VenueConfig, proxy: Option<ProxyConfig>, now: Timestamp) {
        let place = (config.venue, config.is_simulated());
        let is_known = self.lists.contains_key(&place);
        let is_asked = self.asked.get(&place);
        if is_known || is_asked.is_some_and(|asked| now.nanos_since(*asked) < ASK_AGAIN_NANOS) {
            return;
        }
        self.asked.insert(place, now);
        self.awaited.insert(place);
        let (sender, shutdown) = (self.sender.clone(), self.shutdown.child_token());
        tokio::spawn(async move {
            let listing = list(config, proxy, &shutdown).await;
            if listing.is_none() {
                tracing::info!("{} cannot be listed from here", place.0.name());
            }
            // The deck may have closed meanwhile.
            drop(sender.send((place, listing)).await);
        });
    }

    /// The next list that comes.
    pub async fn next(&mut self) -> Option<Listing> {
        self.receiver.recv().await
    }

    /// Keeps a list.
    pub fn keep(&mut self, (place, instruments): Listing) {
        self.awaited.remove(&place);
        if let Some(instruments) = instruments {
            self.lists.insert(place, instruments);
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
) -> Option<Vec<Instrument>> {
    let venue = config.venue;
    let config = match config.endpoints {
        Some(endpoints) => FeedConfig::at(venue, LinkId(0), endpoints).ok()?,
        None => FeedConfig::new(venue, LinkId(0)).ok()?,
    };
    let config = config.through(proxy);
    let (sender, mut packets) = mpsc::channel(PACKETS_QUEUED);
    let feed = Feed::start(config, sender, shutdown.clone());
    let mut decoder = Decoder::new(venue);
    let mut events = Events::default();
    let mut listing = None;
    let mut until = Instant::now() + LISTING_TIME_MAX;
    while let Ok(Some(packet)) = tokio::time::timeout_at(until, packets.recv()).await {
        if let Err(error) = decoder.decode(&packet, &mut events) {
            tracing::warn!("{error}");
        }
        if events.items.iter().any(|event| matches!(event, Event::InstrumentsListed { .. })) {
            if listing.is_none() {
                until = Instant::now() + LISTING_REST;
            }
            listing = Some(decoder.instruments().to_vec());
        }
    }
    shutdown.cancel();
    drop(packets);
    feed.stopped().await;
    listing
}
