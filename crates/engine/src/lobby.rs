//! What the real venues list, for a search from the demo market: asked for once somebody searches, and nothing more.

use std::collections::BTreeMap;
use std::time::Duration;

use feed::{Feed, FeedConfig, PACKETS_QUEUED, ProxyConfig};
use market::{Event, Events, Instrument, LinkId, Venue};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use venues::Decoder;

/// The venues that can be heard live.
const VENUES: [Venue; 2] = [Venue::Binance, Venue::Kraken];

/// A venue that has not listed its instruments by then is not reachable from here.
const LISTING_TIME_MAX: Duration = Duration::from_secs(15);

/// One venue's list.
pub type Listing = (Venue, Vec<Instrument>);

/// Lists of venues to which no session listens.
#[derive(Debug)]
pub struct Lobby {
    lists: BTreeMap<Venue, Vec<Instrument>>,
    is_asked: bool,
    sender: mpsc::Sender<Listing>,
    receiver: mpsc::Receiver<Listing>,
    shutdown: CancellationToken,
}

impl Lobby {
    /// A lobby that has asked nobody yet.
    pub fn new(shutdown: CancellationToken) -> Self {
        let (sender, receiver) = mpsc::channel(VENUES.len());
        Self { lists: BTreeMap::new(), is_asked: false, sender, receiver, shutdown }
    }

    /// Asks the venues for their lists, once; through this proxy.
    pub fn ask(&mut self, proxy: Option<&ProxyConfig>) {
        if std::mem::replace(&mut self.is_asked, true) {
            return;
        }
        for venue in VENUES {
            let (sender, shutdown) = (self.sender.clone(), self.shutdown.child_token());
            let proxy = proxy.cloned();
            tokio::spawn(async move {
                match tokio::time::timeout(LISTING_TIME_MAX, list(venue, proxy, &shutdown)).await {
                    // The deck may have closed meanwhile.
                    Ok(Some(listing)) => drop(sender.send(listing).await),
                    Ok(None) | Err(_) => {
                        tracing::info!("{} cannot be listed from here", venue.name())
                    }
                }
                shutdown.cancel();
            });
        }
    }

    /// The next list that comes.
    pub async fn next(&mut self) -> Option<Listing> {
        self.receiver.recv().await
    }

    /// Keeps a list.
    pub fn keep(&mut self, (venue, instruments): Listing) {
        self.lists.insert(venue, instruments);
    }

    /// All instruments that were listed.
    pub fn instruments(&self) -> impl Iterator<Item = &Instrument> {
        self.lists.values().flatten()
    }

    /// Whether a venue lists this symbol.
    pub fn lists(&self, venue: Venue, symbol: &str) -> bool {
        self.lists.get(&venue).is_some_and(|list| list.iter().any(|one| one.symbol == symbol))
    }
}

/// Opens a link for as long as the list takes.
async fn list(
    venue: Venue,
    proxy: Option<ProxyConfig>,
    shutdown: &CancellationToken,
) -> Option<Listing> {
    let config = FeedConfig::new(venue, LinkId(0)).ok()?.through(proxy);
    let (sender, mut packets) = mpsc::channel(PACKETS_QUEUED);
    let feed = Feed::start(config, sender, shutdown.clone());
    let mut decoder = Decoder::new(venue);
    let mut events = Events::default();
    let mut listing = None;
    while let Some(packet) = packets.recv().await {
        if let Err(error) = decoder.decode(&packet, &mut events) {
            tracing::warn!("{error}");
        }
        if events.items.iter().any(|event| matches!(event, Event::InstrumentsListed { .. })) {
            listing = Some((venue, decoder.instruments().to_vec()));
            break;
        }
    }
    shutdown.cancel();
    drop(packets);
    feed.stopped().await;
    listing
}
