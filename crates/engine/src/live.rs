//! The live session: feeds in, recorder beside, the engine in the middle.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use feed::{Feed, FeedConfig, LinkReport, PACKETS_QUEUED, ProxyConfig};
use market::{Body, LinkId, Packet, Timestamp, Venue};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use venues::{EndpointError, Endpoints};

use crate::clock::{SessionClock, wall_now};
use crate::engine::{Ask, Engine, Input};
use crate::recording::Recording;
use crate::wire::NoticeLevel;

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
}

/// What a live session is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveConfig {
    /// The venues.
    pub venues: Vec<VenueConfig>,
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
        self.venues
            .iter()
            .all(|venue| venue.endpoints.as_ref().is_some_and(Endpoints::is_simulated))
    }
}

/// One venue of the session.
struct Line {
    config: VenueConfig,
    feed: Feed,
    report: watch::Receiver<LinkReport>,
    link: LinkId,
    started_at: Timestamp,
    is_listed: bool,
    wanted: BTreeSet<String>,
    n_packets: u64,
    n_packets_before: u64,
    per_second: f64,
}

/// A running live session.
pub struct Live {
    config: LiveConfig,
    engine: Engine,
    lines: BTreeMap<Venue, Line>,
    clock: SessionClock,
    recording: Recording,
    told: Vec<(NoticeLevel, String)>,
    asks: Vec<Ask>,
    shutdown: CancellationToken,
    sender: Option<mpsc::Sender<Packet>>,
    rates_at: Timestamp,
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
            clock,
            told: Vec::new(),
            asks: Vec::new(),
            shutdown: CancellationToken::new(),
            sender: Some(sender),
            rates_at: wall_now(),
            config,
        };
        for (index, venue) in live.config.venues.clone().into_iter().enumerate() {
            live.open(venue, LinkId(u16::try_from(index).unwrap_or(u16::MAX)))?;
        }
        Ok((live, receiver))
    }

    fn open(&mut self, config: VenueConfig, link: LinkId) -> Result<(), EndpointError> {
        let venue = config.venue;
        let feed_config: FeedConfig = match &config.endpoints {
            Some(endpoints) => FeedConfig::at(venue, link, endpoints.clone())?,
            None => FeedConfig::new(venue, link)?,
        };
        let feed_config = feed_config.through(self.config.proxy.clone());
        let Some(sender) = self.sender.clone() else { return Ok(()) };
        let feed = Feed::start(feed_config, sender, self.shutdown.child_token());
        let wanted = self.config.instruments.iter().filter(|(of, _)| *of == venue);
        let line = Line {
            report: feed.link(),
            feed,
            link,
            started_at: self.clock.now(),
            is_listed: false,
            wanted: wanted.map(|(_, symbol)| symbol.clone()).collect(),
            n_packets: 0,
            n_packets_before: 0,
            per_second: 0.0,
            config,
        };
        self.lines.insert(venue, line);
        Ok(())
    }

    /// Markets and views.
    pub fn engine(&self) -> &Engine {
        &self.engine
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

    /// Records a packet, then lets the engine hear it: what is recorded is what was heard, in this order.
    pub fn on_packet(&mut self, mut packet: Packet) {
        let stamp = self.clock.session_from_wall(packet.received_at);
        // Another link may have been heard, or a tick may have passed, since this was stamped.
        packet.received_at = stamp.max(self.engine.now());
        if let Some(line) = self.lines.get_mut(&packet.venue) {
            line.n_packets += 1;
        }
        self.recording.record(&packet);
        self.step(Input::Packet(packet));
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
                line.per_second = (line.n_packets - line.n_packets_before) as f64 / seconds;
                line.n_packets_before = line.n_packets;
            }
        }
        self.recording.look_after(&self.engine, self.clock.now(), &mut self.told);
    }

    /// Hears an instrument from now on.
    ///
    /// # Errors
    /// A sentence, when its venue is not part of this session.
    pub fn subscribe(&mut self, venue: Venue, symbol: &str) -> Result<(), String> {
        let line = self.lines.get_mut(&venue).ok_or_else(|| {
            format!(
                "{} is not part of this session. Start Tapedeck with --venue {}.",
                venue.name(),
                venue.id()
            )
        })?;
        if line.wanted.insert(symbol.to_owned()) && line.is_listed {
            line.feed.subscribe(vec![symbol.to_owned()]);
        }
        Ok(())
    }

    /// Hears it no longer.
    pub fn unsubscribe(&mut self, venue: Venue, symbol: &str) {
        let Some(line) = self.lines.get_mut(&venue) else { return };
        if line.wanted.remove(symbol) {
            line.feed.unsubscribe(vec![symbol.to_owned()]);
        }
        if let Some(id) = self.engine.find(venue, symbol).map(|instrument| instrument.id) {
            self.engine.forget(id);
        }
    }

    /// Whether an instrument is heard.
    pub fn is_subscribed(&self, venue: Venue, symbol: &str) -> bool {
        self.lines.get(&venue).is_some_and(|line| line.wanted.contains(symbol))
    }

    /// Switches recording; when it begins in the middle, the file begins with what is known.
    pub fn set_recording(&mut self, is_on: bool) {
        let now = self.clock.now();
        self.recording.set(is_on, &self.engine, now, &mut self.told);
    }

    /// Tries lost links again at once.
    pub fn try_now(&self) {
        for line in self.lines.values() {
            line.feed.try_now();
        }
    }

    /// Sentences for the user since the last call.
    pub fn take_told(&mut self) -> Vec<(NoticeLevel, String)> {
        std::mem::take(&mut self.told)
    }

    /// Each link: venue, number, whether it is simulated, its report, packets per second.
    pub fn lines(&self) -> impl Iterator<Item = (Venue, LinkId, bool, LinkReport, f64)> {
        self.lines.iter().map(|(venue, line)| {
            let is_simulated = line.config.endpoints.as_ref().is_some_and(Endpoints::is_simulated);
            (*venue, line.link, is_simulated, line.report.borrow().clone(), line.per_second)
        })
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
            line.feed.stopped().await;
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
                line.feed.resync(symbol.clone());
            }
        }
    }

    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Resync { venue, symbol, .. } => {
                if let Some(line) = self.lines.get(&venue) {
                    line.feed.resync(symbol);
                }
            }
            Ask::Listed { venue } => self.on_listed(venue),
            Ask::Tell { is_loss, sentence } => {
                let level = if is_loss { NoticeLevel::Warn } else { NoticeLevel::Info };
                self.told.push((level, sentence));
            }
            Ask::Reconnect { venue, .. } => {
                if let Some(line) = self.lines.get(&venue) {
                    line.feed.try_now();
                }
            }
        }
    }

    fn on_listed(&mut self, venue: Venue) {
        let Some(line) = self.lines.get_mut(&venue) else { return };
        if line.is_listed {
            return;
        }
        line.is_listed = true;
        let listed = || self.engine.instruments().filter(|one| one.id.venue == venue);
        line.wanted.retain(|symbol| {
            let is_there = self.engine.find(venue, symbol).is_some();
            if !is_there {
                let symbols = listed().map(|one| one.symbol.as_str());
                let hint = venues::symbol_suggestion(symbol, symbols)
                    .map(|other| format!(" Did you mean {other}?"))
                    .unwrap_or_default();
                let sentence = format!("{} has no instrument {symbol}.{hint}", venue.name());
                self.told.push((NoticeLevel::Error, sentence));
            }
            is_there
        });
        let is_first = self.config.venues.first().is_some_and(|first| first.venue == venue);
        if line.wanted.is_empty() && is_first {
            let mut listed =
                self.engine.instruments().filter(|one| one.id.venue == venue && one.is_trading);
            let first = listed.next().map(|instrument| instrument.symbol.clone());
            line.wanted.extend(first);
        }
        if !line.wanted.is_empty() {
            line.feed.subscribe(line.wanted.iter().cloned().collect());
        }
    }

    /// A venue that does not list its instruments in time is heard without its list.
    fn subscribe_unlisted(&mut self) {
        let now = self.clock.now();
        for line in self.lines.values_mut() {
            let has_waited = now.nanos_since(line.started_at) > LISTING_WAIT_NANOS;
            if !line.is_listed && has_waited && !line.wanted.is_empty() {
                line.is_listed = true;
                line.feed.subscribe(line.wanted.iter().cloned().collect());
            }
        }
    }
}

/// The packet of a remark that is not of any link.
pub fn remark(at: Timestamp, json: String) -> Packet {
    Packet {
        venue: Venue::Unknown,
        link: LinkId(u16::MAX),
        number: 0,
        received_at: at,
        body: Body::Remark(json.into()),
    }
}
