//! The live session: feeds in, recorder beside, the engine in the middle.

mod links;
mod login;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use feed::{FeedConfig, PACKETS_QUEUED, ProxyConfig};
use market::{Instrument, LinkId, Packet, Timestamp, Venue};
use session::Remark;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use venues::{EndpointError, Endpoints};

use crate::clock::{SessionClock, wall_now};
use crate::engine::{Ask, Engine, Input};
use crate::fine::FineWant;
use crate::line::{HANDOVER, Line, LineReport, Start};
use crate::outline::Span;
use crate::past::Past;
use crate::recent::Recent;
use crate::recording::Recording;
use crate::source::{Act, Tape};
use crate::trail::Mark;
use crate::wire::NoticeLevel;

use self::login::Logins;

pub use self::login::{Beside, LoginTask, LoginTools};

/// The engine's clock runs this far behind the wall clock, so that packets still under way are not late.
const TICK_LAG_NANOS: i64 = 50_000_000;

/// Books are subscribed to without the venue's list when it has not come after this: scales are derived then.
const LISTING_WAIT_NANOS: i64 = 5_000_000_000;

/// A venue to listen to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueConfig {
    /// The venue.
    pub venue: Venue,
    /// Its endpoints, when they are not its own: the simulated exchange, a proxy.
    pub endpoints: Option<Endpoints>,
    /// After how long the venue ends a link, which is followed by another ten minutes before; `None` is what the venue
    /// says.
    pub lifetime: Option<Duration>,
    /// What one connection carries, in the venue's own unit; `None` is what the venue says.
    pub room: Option<u32>,
}

impl VenueConfig {
    /// A venue at its own endpoints.
    pub const fn own(venue: Venue) -> Self {
        Self { venue, endpoints: None, lifetime: None, room: None }
    }

    /// Where its WebSocket is.
    pub fn address(&self) -> String {
        self.endpoints.clone().unwrap_or_else(|| Endpoints::of(self.venue)).ws
    }

    /// Whether it is simulated.
    pub fn is_simulated(&self) -> bool {
        self.venue.is_simulated_on_loopback()
            && self.endpoints.as_ref().is_some_and(Endpoints::is_simulated)
    }
}

/// What a live session is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveConfig {
    /// The venues that are heard from the start.
    pub venues: Vec<VenueConfig>,
    /// Where other venues are, which are heard once an instrument of theirs is chosen; those that are not named are at
    /// their own endpoints.
    pub elsewhere: Vec<VenueConfig>,
    /// What is heard from the start. When the first venue has none here, it begins with the first that it lists.
    pub instruments: Vec<(Venue, String)>,
    /// Where recordings go; `None` records nothing.
    pub recording: Option<RecordingConfig>,
    /// The proxy through which venues are reached; simulated ones never are.
    pub proxy: Option<ProxyConfig>,
}

/// Where recordings go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordingConfig {
    /// The folder of recordings of real venues.
    pub folder: PathBuf,
    /// The folder of recordings of the simulated exchange.
    pub demo_folder: PathBuf,
    /// Bytes kept; `None` is 20 GB or a tenth of the disk.
    pub max_bytes: Option<u64>,
    /// One file instead of a folder.
    pub file: Option<PathBuf>,
    /// Whether it is on from the start.
    pub is_on: bool,
    /// The program and its version, for the file's header.
    pub program: String,
}

impl LiveConfig {
    /// Whether every venue of the session is simulated.
    pub fn is_simulated(&self) -> bool {
        self.venues.iter().all(VenueConfig::is_simulated)
    }

    /// Whether it says itself where a venue is that is not heard from the start.
    pub fn knows(&self, venue: Venue) -> bool {
        self.elsewhere.iter().any(|known| known.venue == venue)
    }

    /// Where a venue is that is not heard yet.
    pub fn place_of(&self, venue: Venue) -> VenueConfig {
        let known = self.elsewhere.iter().find(|known| known.venue == venue);
        known.cloned().unwrap_or(VenueConfig::own(venue))
    }
}

/// A running live session.
pub struct Live {
    config: LiveConfig,
    engine: Engine,
    lines: BTreeMap<Venue, Line>,
    clock: SessionClock,
    recording: Recording,
    past: Past,
    told: Vec<(NoticeLevel, String)>,
    asks: Vec<Ask>,
    shutdown: CancellationToken,
    sender: Option<mpsc::Sender<Packet>>,
    rates_at: Timestamp,
    /// Links are numbered in the order in which they are started.
    n_links: u16,
    logins: Logins,
}

impl Live {
    /// Starts the feeds and the recorder. The packets come out of the receiver and are to be given to
    /// [`on_packet`](Self::on_packet).
    ///
    /// # Errors
    /// When an endpoint cannot be used.
    pub fn start(config: LiveConfig) -> Result<(Self, mpsc::Receiver<Packet>), EndpointError> {
        let (sender, receiver) = mpsc::channel(PACKETS_QUEUED);
        let clock = SessionClock::start();
        let mut live = Self {
            engine: Engine::new(),
            lines: BTreeMap::new(),
            recording: Recording::new(&config, clock.now()),
            past: Past::default(),
            clock,
            told: Vec::new(),
            asks: Vec::new(),
            shutdown: CancellationToken::new(),
            sender: Some(sender),
            rates_at: wall_now(),
            n_links: 0,
            logins: Logins::default(),
            config,
        };
        live.settle_past();
        for venue in live.config.venues.clone() {
            live.open(venue)?;
        }
        Ok((live, receiver))
    }

    fn open(&mut self, config: VenueConfig) -> Result<(), EndpointError> {
        let Some(start) = self.start_of(&config)? else { return Ok(()) };
        let venue = config.venue;
        let beside = self.starts_beside(&start);
        let mut line = Line::start(config, start, beside);
        for (_, symbol) in self.config.instruments.iter().filter(|(of, _)| *of == venue) {
            line.subscribe(symbol, &self.engine, self.clock.now());
        }
        self.lines.insert(venue, line);
        Ok(())
    }

    /// The number of another link; `None` when the session has had too many.
    fn next_link(&mut self) -> Option<LinkId> {
        // The last number is that of remarks, which are of no link.
        if self.n_links + 1 == u16::MAX {
            tracing::error!("no link can be numbered any longer");
            return None;
        }
        self.n_links += 1;
        Some(LinkId(self.n_links - 1))
    }

    /// What another link to a venue is started with; `None` when the session ends or has had too many links.
    fn start_of(&mut self, config: &VenueConfig) -> Result<Option<Start>, EndpointError> {
        let Some(packets) = self.sender.clone() else { return Ok(None) };
        let Some(link) = self.next_link() else { return Ok(None) };
        let mut feed_config = match &config.endpoints {
            Some(endpoints) => FeedConfig::at(config.venue, link, endpoints.clone())?,
            None => FeedConfig::new(config.venue, link)?,
        };
        feed_config.handover = HANDOVER;
        feed_config.limits.link_lifetime = config.lifetime.or(feed_config.limits.link_lifetime);
        feed_config.limits.carried = config.room.or(feed_config.limits.carried);
        feed_config.proxy.clone_from(&self.config.proxy);
        let (stop, now) = (self.shutdown.child_token(), self.clock.now());
        Ok(Some(Start { config: feed_config, packets, stop, now }))
    }

    /// Markets and views.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Keeps these fine columns of the heatmap, and no others.
    pub fn set_fine(&mut self, wants: &[FineWant]) {
        self.engine.set_fine(wants);
    }

    /// What the session was made from.
    pub fn config(&self) -> &LiveConfig {
        &self.config
    }

    /// The recorder.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Session time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The last moment of which all has been heard: a packet that is still to come has a later stamp. In whole
    /// microseconds, so that it is the same moment after its way over the wire.
    pub fn edge(&self) -> Timestamp {
        self.engine.now().plus_nanos(-1).floor_to(1_000)
    }

    /// Records a packet, then lets the engine hear it: what is recorded is what was heard, in this order.
    pub fn on_packet(&mut self, mut packet: Packet) {
        let stamp = self.clock.session_from_wall(packet.received_at);
        // Another link may have been heard, or a tick may have passed, since this was stamped.
        packet.received_at = stamp.max(self.engine.now());
        if let Some(line) = self.lines.get_mut(&packet.venue) {
            line.note(&packet);
        }
        self.take(packet);
    }

    fn take(&mut self, packet: Packet) {
        self.recording.record(&packet);
        self.past.keep(&packet);
        let mark = Mark::of(&packet);
        self.step(Input::Packet(packet));
        self.past.observe(&self.engine, mark);
    }

    /// Moves session time and looks after what is due.
    pub fn on_tick(&mut self) {
        if let Some(nanos) = self.clock.find_step() {
            self.recording.remark_clock_step(self.engine.now(), nanos);
            let seconds = nanos as f64 / 1e9;
            let sentence = format!(
                "This computer's clock was moved by {seconds:.1} s; session time goes on as it was."
            );
            self.told.push((NoticeLevel::Warn, sentence));
        }
        self.step(Input::Tick(self.clock.now().plus_nanos(-TICK_LAG_NANOS)));
        self.subscribe_unlisted();
    }

    /// A quarter of a second has passed: rates, and the recorder's wishes.
    pub fn on_quarter(&mut self) {
        let now = wall_now();
        let seconds = now.nanos_since(self.rates_at).max(1) as f64 / 1e9;
        if seconds >= 1.0 {
            self.rates_at = now;
            for line in self.lines.values_mut() {
                line.count_rates(seconds);
            }
            self.settle_past();
        }
        self.look_after_lines();
        self.recording.look_after(&self.engine, self.clock.now(), &mut self.told);
    }

    /// Hears an instrument from now on; opens a link to its venue when there is none yet.
    ///
    /// # Errors
    /// A sentence, when its venue cannot be heard in this session.
    pub fn subscribe(&mut self, venue: Venue, symbol: &str) -> Result<(), String> {
        if !self.lines.contains_key(&venue) {
            self.open_on_demand(venue)?;
        }
        let now = self.clock.now();
        if let Some(line) = self.lines.get_mut(&venue) {
            line.subscribe(symbol, &self.engine, now);
        }
        Ok(())
    }

    /// A simulated market and a real one are never heard in one session.
    fn open_on_demand(&mut self, venue: Venue) -> Result<(), String> {
        let place = self.config.place_of(venue);
        if place.is_simulated() != self.config.is_simulated() {
            let word = |is_simulated| if is_simulated { "simulated" } else { "real" };
            return Err(format!(
                "This session is {}, and {} is {}.",
                word(self.config.is_simulated()),
                venue.name(),
                word(place.is_simulated()),
            ));
        }
        self.open(place.clone()).map_err(|error| format!("{error}."))?;
        self.config.venues.push(place);
        self.recording.hears(&self.config);
        Ok(())
    }

    /// Whether a venue is part of the session.
    pub fn hears(&self, venue: Venue) -> bool {
        self.lines.contains_key(&venue)
    }

    /// Hears it no longer. That is put on record, so that a replay forgets it at the same packet.
    pub fn unsubscribe(&mut self, venue: Venue, symbol: &str) {
        let Some(line) = self.lines.get_mut(&venue) else { return };
        line.unsubscribe(symbol);
        let id = self.engine.find(venue, symbol).map(|instrument| instrument.id);
        let Some(watched) = id.and_then(|id| self.engine.watched(id)) else { return };
        let (link, body) = (watched.link, Remark::Unsubscribed(symbol.to_owned()).to_body());
        self.take(Packet { venue, link, number: 0, received_at: self.engine.now(), body });
    }

    /// Whether an instrument is heard.
    pub fn is_subscribed(&self, venue: Venue, symbol: &str) -> bool {
        self.lines.get(&venue).is_some_and(|line| line.wanted.contains(symbol))
    }

    /// Switches recording; when it begins in the middle, the file begins with what is known.
    pub fn set_recording(&mut self, is_on: bool) {
        let now = self.clock.now();
        self.recording.set(is_on, &self.engine, now, &mut self.told);
        self.settle_past();
    }

    /// What it can be rewound into: these earlier sessions, and itself.
    pub fn past(&self, earlier: &[Act]) -> Tape {
        Tape::of(earlier.iter().cloned().chain([self.past.act()]).collect())
    }

    /// Its newest time, second by second.
    pub fn recent(&self) -> &Recent {
        self.past.recent()
    }

    /// A span within which nothing is kept any longer of what was not recorded, since the last call.
    pub fn take_gone(&mut self) -> Option<Span> {
        self.past.take_gone()
    }

    fn settle_past(&mut self) {
        self.recording.keep_states();
        let (parts, is_on) = (self.recording.written(), self.recording.is_on());
        self.past.settle(&self.engine, parts, is_on);
        let shortage = self.past.take_shortage();
        self.told.extend(shortage.map(|sentence| (NoticeLevel::Warn, sentence)));
    }

    /// Tries lost links again at once.
    pub fn try_now(&self) {
        for line in self.lines.values() {
            line.try_now();
        }
    }

    /// Sentences for the user since the last call.
    pub fn take_told(&mut self) -> Vec<(NoticeLevel, String)> {
        std::mem::take(&mut self.told)
    }

    /// What each link says of itself.
    pub fn lines(&self) -> impl Iterator<Item = LineReport> {
        self.lines.values().flat_map(Line::reports)
    }

    /// Stops all links, waits for their last packets, and closes the recording.
    pub async fn stop(mut self, mut packets: mpsc::Receiver<Packet>) {
        self.shutdown.cancel();
        // The queue ends when the last link has let go of it; until then it is drained, so that no link waits for room.
        self.sender = None;
        while let Some(packet) = packets.recv().await {
            self.on_packet(packet);
        }
        for line in std::mem::take(&mut self.lines).into_values() {
            line.stopped().await;
        }
        self.recording.finish();
    }

    fn step(&mut self, input: Input) {
        let mut asks = std::mem::take(&mut self.asks);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.engine.step(input, &mut asks)));
        if outcome.is_err() {
            self.start_over(&mut asks);
        }
        for ask in asks.drain(..) {
            self.answer(ask);
        }
        self.asks = asks;
    }

    /// A room failed: what it held cannot be believed any longer. The recording is whole; the books begin anew.
    fn start_over(&mut self, asks: &mut Vec<Ask>) {
        asks.clear();
        tracing::error!("the engine failed and starts over");
        self.engine = Engine::new();
        self.told.push((
            NoticeLevel::Error,
            "A part of Tapedeck failed and started over. The recording is whole; the log tells more.".to_owned(),
        ));
        for line in self.lines.values() {
            for symbol in &line.wanted {
                line.resync(None, symbol);
            }
        }
    }

    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Resync { venue, link, symbol } => {
                if let Some(line) = self.lines.get(&venue) {
                    line.resync(Some(link), &symbol);
                }
            }
            Ask::RenewBook { venue, link, symbol } => {
                if let Some(line) = self.lines.get(&venue) {
                    line.renew_book(link, &symbol);
                }
            }
            Ask::Listed { venue } => self.on_listed(venue),
            Ask::Tell { is_loss, sentence } => {
                let level = if is_loss { NoticeLevel::Warn } else { NoticeLevel::Info };
                self.told.push((level, sentence));
            }
            Ask::Reconnect { venue, link } => {
                if let Some(line) = self.lines.get_mut(&venue) {
                    line.announce_end(link);
                }
            }
        }
    }

    fn on_listed(&mut self, venue: Venue) {
        let now = self.clock.now();
        let Some(line) = self.lines.get_mut(&venue) else { return };
        let is_first = self.config.venues.first().is_some_and(|first| first.venue == venue);
        line.listed(&self.engine, now);
        if line.wanted.is_empty() && is_first {
            let mut listed =
                self.engine.instruments().filter(|one| one.id.venue == venue && one.is_trading);
            if let Some(first) = listed.next() {
                line.subscribe(&first.symbol, &self.engine, now);
            }
        }
    }

    /// A venue that does not list its instruments in time is heard without its list, and what it does not list is told.
    fn subscribe_unlisted(&mut self) {
        let now = self.clock.now();
        for (venue, line) in &mut self.lines {
            if !line.is_listed && now.nanos_since(line.started_at) > LISTING_WAIT_NANOS {
                line.listed_in_vain(now);
            }
            for symbol in line.take_unknown(now) {
                let listed = self.engine.instruments().filter(|one| one.id.venue == *venue);
                let sentence = unknown(*venue, &symbol, listed);
                self.told.push((NoticeLevel::Error, sentence));
            }
        }
    }
}

/// That a venue lists no such instrument, and which one may have been meant.
pub fn unknown<'a>(
    venue: Venue,
    symbol: &str,
    listed: impl Iterator<Item = &'a Instrument>,
) -> String {
    let suggestion = venues::symbol_suggestion(symbol, listed.map(|one| one.symbol.as_str()));
    let hint = suggestion.map(|other| format!(" Did you mean {other}?")).unwrap_or_default();
    format!("{} has no instrument {symbol}.{hint}", venue.name())
}
