//! The pure heart of the loop: packets in, markets and what is shown of them kept, questions out. No clock, no async.

mod saved;

use std::collections::BTreeMap;

use market::load::count;
use market::{
    Body, Event, Events, Instrument, InstrumentId, LinkId, NoticeKind, Packet, Tally, Timestamp,
    Trade, Venue,
};
use serde::{Deserialize, Serialize};
use session::Remark;
use venues::Decoder;

use crate::absence::Absence;
use crate::books::Source;
use crate::fine::Fine;
use crate::links::{Links, notice};
use crate::spares::Spares;
use crate::unrecorded::Unrecorded;
use crate::watched::Watched;

pub use saved::STATE_VERSION;

/// The step of session time at which staleness is judged: 100 ms.
pub const GRID_NANOS: i64 = 100_000_000;

/// Steps that are judged one by one after a silence: 220 s, in which every deadline of ours has passed. Longer
/// silences (a night in a recording) are passed over in one more step.
const STEPS_JUDGED_MAX: i64 = 2_200;

/// Instruments that a session keeps: more than any venue lists, and some 300 KB of memory each. Somebody else's file
/// may speak of millions.
pub const WATCHED_MAX: usize = 4_096;

/// Kinds of unknown messages that are told apart; further ones are counted together.
const UNKNOWN_KINDS_MAX: usize = 256;

/// All that can happen to the engine.
#[derive(Clone, Debug)]
pub enum Input {
    /// A packet, in the order of `received_at`.
    Packet(Packet),
    /// Session time moved without a packet.
    Tick(Timestamp),
}

/// What the engine wants of its surroundings. In replay nobody listens: the answers are in the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// A new snapshot of one book.
    Resync {
        /// The venue.
        venue: Venue,
        /// The link whose book it is.
        link: LinkId,
        /// Its symbol.
        symbol: String,
    },
    /// A new subscription to one book of which nothing comes any longer.
    RenewBook {
        /// The venue.
        venue: Venue,
        /// The link whose book it is.
        link: LinkId,
        /// Its symbol.
        symbol: String,
    },
    /// The venue's list of instruments has come: books can be subscribed to with their true scales.
    Listed {
        /// The venue.
        venue: Venue,
    },
    /// A sentence for the user.
    Tell {
        /// Whether something was lost.
        is_loss: bool,
        /// The sentence.
        sentence: String,
    },
    /// The venue closes this link soon: a new one is to be opened before.
    Reconnect {
        /// The venue.
        venue: Venue,
        /// The link.
        link: LinkId,
    },
}

/// What was counted beside the books.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Packets in all.
    #[serde(deserialize_with = "count")]
    pub n_packets: u64,
    /// Book messages that a decoder knew, applied or not.
    #[serde(deserialize_with = "count")]
    pub n_book_messages: u64,
    /// Packets that a decoder refused.
    #[serde(deserialize_with = "count")]
    pub n_refused: u64,
    /// The first refusal, as a sentence.
    pub first_refusal: Option<String>,
    /// Packets that were heard and are not in the recording, as its remarks say.
    #[serde(deserialize_with = "count")]
    pub n_unrecorded: u64,
    /// Messages of kinds that no decoder knows, by venue and kind.
    pub unknown: BTreeMap<(Venue, String), u64>,
}

/// Markets and views of one session, live or recorded.
#[derive(Debug)]
pub struct Engine {
    pub(crate) decoders: BTreeMap<Venue, Decoder>,
    pub(crate) watched: BTreeMap<InstrumentId, Watched>,
    pub(crate) spares: Spares,
    pub(crate) links: Links,
    pub(crate) counts: Counts,
    pub(crate) has_views: bool,
    pub(crate) fine: Fine,
    /// Nobody listens any longer; never saved.
    pub(crate) absence: Option<Absence>,
    /// What the recording lacks here; never saved, as the books say it.
    pub(crate) unrecorded: Vec<Unrecorded>,
    grid_at: Option<Timestamp>,
    now: Timestamp,
    events: Events,
    /// Trades that the last packet told and that were news.
    pub(crate) traded: Vec<Trade>,
}

impl Engine {
    /// An engine whose instruments are shown.
    pub fn new() -> Self {
        Self::with_views(true)
    }

    /// An engine that only proves: no panel is kept up to date.
    pub fn without_views() -> Self {
        Self::with_views(false)
    }

    fn with_views(has_views: bool) -> Self {
        Self {
            decoders: BTreeMap::new(),
            watched: BTreeMap::new(),
            spares: Spares::default(),
            links: Links::default(),
            counts: Counts::default(),
            has_views,
            fine: Fine::default(),
            absence: None,
            unrecorded: Vec::new(),
            grid_at: None,
            now: Timestamp::default(),
            events: Events::default(),
            traded: Vec::new(),
        }
    }

    /// Takes one input and appends what the engine wants of its surroundings to `asks`.
    pub fn step(&mut self, input: Input, asks: &mut Vec<Ask>) {
        match input {
            Input::Tick(at) => self.advance(at, asks),
            Input::Packet(packet) => {
                self.advance(packet.received_at, asks);
                self.traded.clear();
                self.take(&packet, asks);
            }
        }
    }

    /// Session time: that of the last packet or tick.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The links.
    pub fn links(&self) -> &Links {
        &self.links
    }

    /// What was counted beside the books.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Trades that the last packet told and that were news.
    pub fn traded(&self) -> &[Trade] {
        &self.traded
    }

    /// One instrument that is heard.
    pub fn watched(&self, id: InstrumentId) -> Option<&Watched> {
        self.watched.get(&id)
    }

    /// All instruments that are heard, by venue and order of appearance.
    pub fn all_watched(&self) -> impl Iterator<Item = (InstrumentId, &Watched)> {
        self.watched.iter().map(|(id, watched)| (*id, watched))
    }

    /// What a recording must say of a venue's links beside instruments and books.
    pub fn memory(&self, venue: Venue) -> Vec<venues::image::Memory> {
        self.decoders.get(&venue).map_or(Vec::new(), Decoder::memory)
    }

    /// All instruments that the venues of this session listed or spoke of.
    pub fn instruments(&self) -> impl Iterator<Item = &Instrument> {
        self.decoders.values().flat_map(|decoder| decoder.instruments())
    }

    /// Whether a venue listed any instruments or spoke of them.
    pub fn lists(&self, venue: Venue) -> bool {
        self.decoders.get(&venue).is_some_and(|decoder| !decoder.instruments().is_empty())
    }

    /// The instrument of a venue with this symbol.
    pub fn find(&self, venue: Venue, symbol: &str) -> Option<&Instrument> {
        self.decoders.get(&venue)?.find(symbol)
    }

    /// Stops watching an instrument to which nobody is subscribed any longer.
    pub(crate) fn forget(&mut self, id: InstrumentId) {
        self.watched.remove(&id);
        self.spares.forget(id);
    }

    /// What was counted of an instrument, on all links together.
    pub fn tally(&self, id: InstrumentId) -> Tally {
        let mut sum = self.spares.tally(id);
        if let Some(watched) = self.watched.get(&id) {
            sum += *watched.market.tally();
        }
        sum
    }

    /// Whether the book of an instrument on a link is right, shown or spare.
    pub fn is_synced_on(&self, id: InstrumentId, link: LinkId) -> bool {
        let is_shown = |watched: &Watched| watched.shows(link) && watched.market.sync().is_synced();
        self.spares.is_synced(id, link) || self.watched.get(&id).is_some_and(is_shown)
    }

    /// Moves session time, never backwards.
    fn advance(&mut self, at: Timestamp, asks: &mut Vec<Ask>) {
        self.now = self.now.max(at);
        let last = self.now.floor_to(GRID_NANOS);
        let Some(grid_at) = self.grid_at else {
            self.grid_at = Some(last);
            return;
        };
        let n_steps = last.nanos_since(grid_at) / GRID_NANOS;
        for step in 1..=n_steps.min(STEPS_JUDGED_MAX) {
            self.judge_all(grid_at.plus_nanos(step * GRID_NANOS), asks);
        }
        if n_steps > STEPS_JUDGED_MAX {
            self.judge_all(last, asks);
        }
        self.grid_at = Some(last);
        if !self.fine.is_empty() {
            self.close_fine();
        }
    }

    fn take(&mut self, packet: &Packet, asks: &mut Vec<Ask>) {
        self.counts.n_packets += 1;
        self.pass_hole(packet);
        self.links.note(packet);
        if let Body::Closed(_) = packet.body {
            // Where another link carries its trades as well, nothing is missed between two of them.
            let of_venue = self.watched.iter_mut().filter(|(id, _)| id.venue == packet.venue);
            of_venue.for_each(|(_, watched)| watched.market.lose_trades());
            self.lose_link(packet.link, packet.received_at);
        }
        if let Body::Remark(json) = &packet.body
            && let Some(remark) = Remark::parse(json)
        {
            self.heed(remark, packet);
        }
        let decoder =
            self.decoders.entry(packet.venue).or_insert_with(|| Decoder::new(packet.venue));
        let mut events = std::mem::take(&mut self.events);
        match decoder.decode(packet, &mut events) {
            Ok(()) => {
                self.note_polls(packet, &events);
                self.take_events(packet, &events, asks);
            }
            Err(error) => {
                self.note_polls(packet, &events);
                self.refuse(packet, &error.to_string(), asks);
            }
        }
        self.events = events;
        self.pass_image(packet);
    }

    /// A message that cannot be decoded may have been a book's: numbered and summed books find the hole themselves at
    /// the next message, so nothing else is lost.
    pub(crate) fn refuse(&mut self, packet: &Packet, why: &str, asks: &mut Vec<Ask>) {
        self.counts.n_refused += 1;
        tracing::warn!(venue = packet.venue.id(), number = packet.number, "refused: {why}");
        if self.counts.first_refusal.is_none() {
            self.counts.first_refusal = Some(why.to_owned());
            asks.push(Ask::Tell {
                is_loss: true,
                sentence: format!("A message was refused: {why}."),
            });
        }
    }

    /// Whether an instrument is new, and there is no room for it.
    pub(crate) fn is_full_for(&self, id: InstrumentId) -> bool {
        self.watched.len() >= WATCHED_MAX && !self.watched.contains_key(&id)
    }

    /// What is said of an instrument that is not kept is not heard, and that is told.
    pub(crate) fn refuse_instrument(
        &mut self,
        packet: &Packet,
        id: InstrumentId,
        asks: &mut Vec<Ask>,
    ) {
        let decoder = self.decoders.get(&id.venue);
        let instrument = decoder.and_then(|one| one.instruments().get(id.index as usize));
        let symbol = instrument.map_or("an instrument", |one| one.symbol.as_str());
        let venue = packet.venue.name();
        let why = format!(
            "at most {WATCHED_MAX} instruments are kept of a session; {symbol} of {venue} is one too many"
        );
        self.refuse(packet, &why, asks);
    }

    fn take_events(&mut self, packet: &Packet, events: &Events, asks: &mut Vec<Ask>) {
        let mut spoken_of: Option<InstrumentId> = None;
        let source = Source { packet, events };
        for event in &events.items {
            let id = match event {
                Event::Book(message) => {
                    self.counts.n_book_messages += 1;
                    Some(message.instrument)
                }
                Event::Trade(trade) => Some(trade.instrument),
                Event::Quote(quote) => Some(quote.instrument),
                Event::Checksum { instrument, .. } | Event::StreamAlive { instrument, .. } => {
                    Some(*instrument)
                }
                Event::Reference(stated) => Some(stated.instrument),
                Event::Liquidation(forced) => Some(forced.instrument),
                Event::PastBars(past) => Some(past.instrument),
                Event::PastTrades(past) => Some(past.instrument),
                Event::LinkGap { .. }
                | Event::Instrument(_)
                | Event::InstrumentsListed { .. }
                | Event::Heartbeat
                | Event::Subscribed { .. }
                | Event::Refused { .. }
                | Event::Notice { .. }
                | Event::Unknown { .. } => None,
            };
            match id {
                Some(id) => {
                    let is_news = spoken_of != Some(id);
                    spoken_of = Some(id);
                    self.take_market_event((id, is_news), &source, event, asks);
                }
                None => self.take_other_event(packet, event, asks),
            }
        }
    }

    fn take_other_event(&mut self, packet: &Packet, event: &Event, asks: &mut Vec<Ask>) {
        let venue = packet.venue;
        match event {
            Event::Instrument(instrument) => self.relist(instrument),
            Event::InstrumentsListed { .. } => asks.push(Ask::Listed { venue }),
            Event::Refused { symbol, reason } => {
                let subject = if symbol.is_empty() { "a request" } else { symbol.as_str() };
                let sentence = format!("{} refused {subject}: {reason}", venue.name());
                asks.push(Ask::Tell { is_loss: false, sentence });
            }
            Event::Notice { kind, subject, text } => {
                self.on_notice(packet, *kind, (subject, text), asks);
            }
            Event::Unknown { name } => self.count_unknown(venue, name),
            Event::LinkGap { expected, found } => {
                tracing::warn!(venue = venue.id(), expected, found, "frames of a link are missing");
                self.lose_frames(packet, asks);
            }
            Event::Heartbeat
            | Event::StreamAlive { .. }
            | Event::Checksum { .. }
            | Event::Reference(_)
            | Event::Liquidation(_)
            | Event::PastBars(_)
            | Event::PastTrades(_)
            | Event::Subscribed { .. }
            | Event::Book(_)
            | Event::Trade(_)
            | Event::Quote(_) => {}
        }
    }

    fn on_notice(
        &mut self,
        packet: &Packet,
        kind: NoticeKind,
        (subject, words): (&str, &str),
        asks: &mut Vec<Ask>,
    ) {
        let (venue, link) = (packet.venue, packet.link);
        let is_news = match kind {
            NoticeKind::Online => self.links.end_notice(link, subject),
            NoticeKind::Maintenance => self.links.begin_notice(link, (subject, words)),
            NoticeKind::Paused => {
                self.links.pause(link);
                self.links.begin_notice(link, (subject, words))
            }
            NoticeKind::ShuttingDown => {
                asks.push(Ask::Reconnect { venue, link });
                false
            }
        };
        if is_news {
            asks.push(Ask::Tell { is_loss: false, sentence: notice(venue, words) });
        }
    }

    /// A listing changed. When its scales did, what was kept means something else and starts over.
    fn relist(&mut self, instrument: &Instrument) {
        let Some(watched) = self.watched.get_mut(&instrument.id) else { return };
        let starts_over = watched.market.set_instrument(instrument.clone());
        if starts_over && watched.view.is_some() {
            watched.view = Some(view::InstrumentView::new(instrument));
        }
        if starts_over {
            watched.begins(self.counts.n_packets);
        }
        watched.version += 1;
        self.spares.relist(instrument);
    }

    fn count_unknown(&mut self, venue: Venue, name: &str) {
        let is_full = self.counts.unknown.len() >= UNKNOWN_KINDS_MAX;
        let key = (venue, name.to_owned());
        let key = if is_full && !self.counts.unknown.contains_key(&key) {
            (venue, "further kinds".to_owned())
        } else {
            key
        };
        *self.counts.unknown.entry(key).or_default() += 1;
    }
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

/// The instrument's place, made when it is first spoken of.
pub(crate) fn watch<'a>(
    all: &'a mut BTreeMap<InstrumentId, Watched>,
    decoders: &BTreeMap<Venue, Decoder>,
    id: InstrumentId,
    link: LinkId,
    has_view: bool,
) -> Option<&'a mut Watched> {
    use std::collections::btree_map::Entry;
    match all.entry(id) {
        Entry::Occupied(entry) => Some(entry.into_mut()),
        Entry::Vacant(entry) => {
            let decoder = decoders.get(&id.venue)?;
            let instrument = decoder.instruments().get(usize::try_from(id.index).ok()?)?;
            let watched = entry.insert(Watched::new(instrument, link, has_view));
            if decoder.doubts_sides() {
                watched.market.doubt_sides();
            }
            Some(watched)
        }
    }
}
