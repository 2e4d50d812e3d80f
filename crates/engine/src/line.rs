//! One venue of a live session: the links that carry it.

mod relay;
mod room;
mod strand;

use std::collections::BTreeSet;
use std::time::Duration;

use feed::{Budget, Feed, FeedConfig, LinkCause, LinkReport, LookedBack, ProxyConfig};
use market::{LinkId, Packet, Timestamp, Venue};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use venues::Limits;

use crate::engine::Engine;
use crate::live::VenueConfig;
use crate::wire::NoticeLevel;

use self::relay::Carrier;
use self::room::{Place, Room};
use self::strand::Strand;

/// How long a connection whose venue has said that it will end it is heard on, while the second one is opened.
pub const HANDOVER: Duration = Duration::from_secs(60);

/// Venues list kinds of instruments one after the other: what none of the lists names so long after the first is
/// unknown.
const LISTS_NANOS_MAX: i64 = 3_000_000_000;

/// What a screen is told of a link.
#[derive(Clone, Debug)]
pub struct LineReport {
    /// The venue.
    pub venue: Venue,
    /// The link.
    pub link: LinkId,
    /// Whether the venue is simulated.
    pub is_simulated: bool,
    /// What the link says of itself.
    pub report: LinkReport,
    /// Packets per second.
    pub per_second: f64,
}

/// What a link is started with.
pub struct Start {
    /// Whom to listen to, and how.
    pub config: FeedConfig,
    /// Where its packets go.
    pub packets: mpsc::Sender<Packet>,
    /// Ends it, a child of the session's.
    pub stop: CancellationToken,
    /// Session time.
    pub now: Timestamp,
}

impl Start {
    /// The same to another of the venue's sockets; that of the books is 0. `None` where there is no such socket.
    pub fn at_socket(self, socket: usize) -> Option<Self> {
        let Some(number) = socket.checked_sub(1) else { return Some(self) };
        let config = self.config.beside(number, self.config.link)?;
        Some(Self { config, ..self })
    }
}

/// A link that is to be opened now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// One that takes the place of another, before the venue closes that.
    Next {
        /// Which part of the instruments it carries.
        strand: usize,
        /// To which of the venue's sockets: that of the books is 0.
        socket: usize,
    },
    /// One for the instruments that find no room on those that are open.
    Another,
}

/// One venue of a session.
pub struct Line {
    /// The venue.
    pub config: VenueConfig,
    /// What is wanted of it.
    pub wanted: BTreeSet<String>,
    /// Whether its list of instruments has come, or was waited for long enough.
    pub is_listed: bool,
    /// What is wanted and was not asked for yet, as no list has named it.
    unlisted: BTreeSet<String>,
    /// What is to be asked for on a link that is still to be opened.
    without_link: BTreeSet<String>,
    /// When the first of its lists came.
    listed_at: Option<Timestamp>,
    /// When it was started.
    pub started_at: Timestamp,
    /// Its links, each with its part of the instruments; never none.
    strands: Vec<Strand>,
    room: Room,
    limits: Limits,
    budget: Budget,
    looked_back: LookedBack,
    /// Links that were let go and have not stopped yet.
    gone: Vec<Feed>,
}

impl Line {
    /// Starts the venue's first link, and those to its other sockets.
    pub fn start(config: VenueConfig, start: Start, beside: Vec<Start>) -> Self {
        let (limits, budget, started_at) =
            (start.config.limits, start.config.budget.clone(), start.now);
        let looked_back = start.config.looked_back.clone();
        Self {
            room: Room::of(config.venue, config.endpoints.as_ref(), &limits),
            config,
            wanted: BTreeSet::new(),
            is_listed: false,
            unlisted: BTreeSet::new(),
            without_link: BTreeSet::new(),
            listed_at: None,
            started_at,
            strands: vec![Strand::start(start, beside)],
            limits,
            budget,
            looked_back,
            gone: Vec::new(),
        }
    }

    /// Takes note of a packet of one of its links.
    pub fn note(&mut self, packet: &Packet) {
        self.strands.iter_mut().for_each(|strand| strand.note(packet));
    }

    /// A list of the venue's instruments has come: asks for what is wanted of it.
    pub fn listed(&mut self, engine: &Engine, now: Timestamp) {
        self.is_listed = true;
        self.listed_at.get_or_insert(now);
        let venue = self.config.venue;
        let (known, unlisted): (BTreeSet<_>, BTreeSet<_>) = std::mem::take(&mut self.unlisted)
            .into_iter()
            .partition(|symbol| engine.find(venue, symbol).is_some());
        self.unlisted = unlisted;
        self.ask_for(known.into_iter().collect(), now);
    }

    /// No list came: all is asked for without one.
    pub fn listed_in_vain(&mut self, now: Timestamp) {
        self.is_listed = true;
        let all = std::mem::take(&mut self.unlisted);
        self.ask_for(all.into_iter().collect(), now);
    }

    /// What is wanted of the venue that none of its lists names; it is wanted no longer.
    pub fn take_unknown(&mut self, now: Timestamp) -> BTreeSet<String> {
        let has_all = |listed_at: Timestamp| now.nanos_since(listed_at) > LISTS_NANOS_MAX;
        if !self.listed_at.is_some_and(has_all) {
            return BTreeSet::new();
        }
        let unknown = std::mem::take(&mut self.unlisted);
        self.wanted.retain(|symbol| !unknown.contains(symbol));
        unknown
    }

    /// Hears an instrument from now on, or once the venue has listed it.
    pub fn subscribe(&mut self, symbol: &str, engine: &Engine, now: Timestamp) {
        if !self.wanted.insert(symbol.to_owned()) {
            return;
        }
        if self.is_listed && engine.find(self.config.venue, symbol).is_some() {
            self.ask_for(vec![symbol.to_owned()], now);
        } else {
            self.unlisted.insert(symbol.to_owned());
        }
    }

    /// Each goes to a link with room, or waits for one.
    fn ask_for(&mut self, symbols: Vec<String>, now: Timestamp) {
        let mut added = vec![Vec::new(); self.strands.len()];
        let mut carried: Vec<BTreeSet<String>> =
            self.strands.iter().map(|strand| strand.symbols.clone()).collect();
        for symbol in symbols {
            match self.room.place(&symbol, carried.iter()) {
                Place::On(index) => {
                    carried[index].insert(symbol.clone());
                    added[index].push(symbol);
                }
                Place::OnAnother => {
                    self.without_link.insert(symbol);
                }
            }
        }
        for (strand, symbols) in self.strands.iter_mut().zip(added) {
            if !symbols.is_empty() {
                strand.ask_for(symbols, now);
            }
        }
    }

    /// Hears it no longer. A link on which nothing is heard any longer is closed, but for the first.
    pub fn unsubscribe(&mut self, symbol: &str) {
        self.unlisted.remove(symbol);
        self.without_link.remove(symbol);
        self.wanted.remove(symbol);
        self.strands.iter_mut().for_each(|strand| strand.unsubscribe(symbol));
        let is_empty = |strand: &Strand| strand.symbols.is_empty();
        if let Some(index) = self.strands.iter().skip(1).position(is_empty) {
            self.gone.extend(self.strands.remove(index + 1).stop());
        }
    }

    /// Fetches the book of an instrument anew, on the link whose book it is; if unknown, on all that have it.
    pub fn resync(&self, link: Option<LinkId>, symbol: &str) {
        let all = self.strands.iter().flat_map(|strand| {
            strand.book_carriers().map(|carrier| (carrier, strand.symbols.contains(symbol)))
        });
        let is_known = link.is_some_and(|link| all.clone().any(|(one, _)| one.link == link));
        for (carrier, has_it) in all {
            if if is_known { Some(carrier.link) == link } else { has_it } {
                carrier.feed.resync(symbol.to_owned());
            }
        }
    }

    /// Subscribes anew to a book of which nothing comes any longer, on its link.
    pub fn renew_book(&self, link: LinkId, symbol: &str) {
        let all = self.strands.iter().flat_map(Strand::book_carriers);
        for carrier in all.filter(|carrier| carrier.link == link) {
            carrier.feed.renew_book(symbol.to_owned());
        }
    }

    /// Tries lost links again at once.
    pub fn try_now(&self) {
        self.carriers().for_each(|carrier| carrier.feed.try_now());
    }

    /// Goes out through this proxy from now on, and tries lost links at once.
    pub fn use_proxy(&self, proxy: &ProxyConfig) {
        self.carriers().for_each(|carrier| carrier.feed.use_proxy(proxy.clone()));
    }

    /// Of each link: where it stands, and how the proxy keeps it out.
    pub fn logins(&self) -> impl Iterator<Item = (LinkReport, Option<LinkCause>)> {
        self.carriers()
            .map(|carrier| (carrier.report.borrow().clone(), carrier.feed.login_trouble()))
    }

    /// The venue has said that it will close this link.
    pub fn announce_end(&mut self, link: LinkId) {
        self.strands.iter_mut().for_each(|strand| strand.announce_end(link));
    }

    /// The links that are to be opened now, within the same limits.
    pub fn wants(&self, now: Timestamp) -> impl Iterator<Item = Want> {
        let lifetime = self.limits.link_lifetime;
        let strands = self.strands.iter().enumerate();
        let next = strands.flat_map(move |(index, strand)| {
            let sockets = strand.wants_next(lifetime, now);
            sockets.map(move |socket| Want::Next { strand: index, socket })
        });
        let another = (!self.without_link.is_empty()).then_some(Want::Another);
        next.chain(another)
    }

    /// Opens a link that is wanted; `beside` are those to the venue's other sockets, where it is [`Want::Another`].
    pub fn open(&mut self, want: Want, mut start: Start, mut beside: Vec<Start>) {
        let now = start.now;
        for start in std::iter::once(&mut start).chain(&mut beside) {
            start.config.budget = self.budget.clone();
        }
        let tells_past = match want {
            Want::Next { socket, .. } => socket == 0,
            Want::Another => true,
        };
        if tells_past {
            start.config.looked_back = self.looked_back.clone();
        }
        match want {
            Want::Next { strand, socket } => {
                if let Some(strand) = self.strands.get_mut(strand) {
                    strand.open_next(socket, start);
                }
            }
            Want::Another => {
                self.strands.push(Strand::start(start, beside));
                let waiting = std::mem::take(&mut self.without_link);
                self.ask_for(waiting.into_iter().collect(), now);
            }
        }
    }

    /// Lets each link go whose follower has all its books, or gives that one up.
    pub fn roll_over(&mut self, engine: &Engine, now: Timestamp) {
        self.gone.retain(|feed| !feed.is_stopped());
        let strands = self.strands.iter_mut();
        let gone = strands.flat_map(|strand| strand.roll_over(engine, self.config.venue, now));
        self.gone.extend(gone);
    }

    /// Tells of instruments of which nothing comes, and asks for them again.
    pub fn look_for_data(
        &mut self,
        engine: &Engine,
        now: Timestamp,
        told: &mut Vec<(NoticeLevel, String)>,
    ) {
        let (venue, limit) = (self.config.venue, self.limits.first_datum);
        for strand in &mut self.strands {
            strand.look_for_data((engine, venue), limit, now, told);
        }
    }

    /// So many seconds have passed.
    pub fn count_rates(&mut self, seconds: f64) {
        self.strands.iter_mut().for_each(|strand| strand.count_rates(seconds));
    }

    /// Its links.
    pub fn reports(&self) -> impl Iterator<Item = LineReport> {
        self.carriers().map(|carrier| LineReport {
            venue: self.config.venue,
            link: carrier.link,
            is_simulated: self.config.is_simulated(),
            report: carrier.report.borrow().clone(),
            per_second: carrier.per_second,
        })
    }

    /// Waits until all its links have stopped.
    pub async fn stopped(self) {
        for feed in self.strands.into_iter().flat_map(Strand::stop).chain(self.gone) {
            feed.stopped().await;
        }
    }

    fn carriers(&self) -> impl Iterator<Item = &Carrier> {
        self.strands.iter().flat_map(Strand::carriers)
    }
}
