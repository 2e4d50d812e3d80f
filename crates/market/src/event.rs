//! What a packet means, in the words of all venues.

use std::ops::Range;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::checksum::Checksum;
use crate::{Instrument, InstrumentId, PastBars, PastTrades, Price, Quantity, Timestamp, Venue};

/// A side of the book, or the side of a taker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// The bids; a taker who buys.
    Buy,
    /// The asks; a taker who sells.
    Sell,
}

/// What rests at a price. A quantity of zero deletes the level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// The price.
    pub price: Price,
    /// The whole quantity that rests there now; not a change.
    pub quantity: Quantity,
}

/// How the numbering of a book message works. The venue's decoder says it, the book checks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Continuity {
    /// A snapshot that is true as of this update id.
    AsOf(u64),
    /// Covers the updates `first..=last`, and follows the one before `first` (Binance spot).
    Range {
        /// First update of the message.
        first: u64,
        /// Last update of the message.
        last: u64,
    },
    /// Covers updates up to `last`, and names the last update of the message before it (Binance futures: `pu`).
    Previous {
        /// First update of the message.
        first: u64,
        /// Last update of the message.
        last: u64,
        /// Last update of the message before this one.
        previous: u64,
    },
    /// One more than the message before.
    Next(u64),
    /// Names the message before it; the numbers themselves may jump, stand still (nothing changed) or fall back after
    /// maintenance (OKX: `prevSeqId`, Deribit: `prev_change_id`).
    Follows {
        /// Number of the message before this one.
        previous: u64,
        /// Number of this message.
        last: u64,
    },
    /// Grows with each message and leaves numbers out, so that a loss cannot be seen: it only tells which messages a
    /// snapshot holds already (Bitstamp: `microtimestamp`).
    Later(u64),
    /// The book has no numbers, but the frames of its link have: a hole comes as [`Event::LinkGap`].
    ByLink,
    /// The venue numbers nothing.
    Unnumbered,
    /// One more than the message before, so that a loss is seen; but the whole book that it changes was told without a
    /// number, and nothing proves where the changes begin (Independent Reserve).
    Counted(u64),
}

/// What a book message does to the book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookKind {
    /// Replaces the whole book.
    Snapshot,
    /// Changes the levels that it names.
    Delta,
    /// Tells the best level of each side and nothing of those behind it: what stood before it is gone, and a side of
    /// which none is told is empty. Its continuity is not looked at (Hyperliquid: `bbo` between two images).
    Touch,
}

/// A snapshot or a delta of one book. Its levels stand in [`Events::levels`], in the order in which the venue sent
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookMessage {
    /// Whose book.
    pub instrument: InstrumentId,
    /// Snapshot or delta.
    pub kind: BookKind,
    /// The numbering.
    pub continuity: Continuity,
    /// What the book must sum to once this message is applied and the book is cut.
    pub checksum: Option<Checksum>,
    /// Levels per side to which the book is cut after this message; `None` when the venue keeps no depth (Binance).
    pub depth: Option<u32>,
    /// Bids, as a range of [`Events::levels`].
    pub bids: Range<usize>,
    /// Asks, as a range of [`Events::levels`].
    pub asks: Range<usize>,
    /// The venue's time of the message, when it has one.
    pub stated_at: Option<Timestamp>,
}

/// A trade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// What was traded.
    pub instrument: InstrumentId,
    /// The venue's id of the trade; of an aggregate, its own id.
    pub trade_id: u64,
    /// Prints of the venue that this trade stands for: 1, or more for an aggregate.
    pub n_fills: u32,
    /// The price.
    pub price: Price,
    /// The quantity.
    pub quantity: Quantity,
    /// The aggressor's side.
    pub taker: Side,
    /// The venue's time.
    pub traded_at: Timestamp,
}

impl Trade {
    /// The lowest of the venue's ids that it stands for. OKX takes a taker's fills at one price together, by the id of
    /// the last (`count` of its channel `trades`), and tells each by HTTP; Binance numbers aggregates by themselves.
    pub fn lowest_id(&self) -> u64 {
        match self.instrument.venue == Venue::Okx {
            true => self.trade_id.saturating_sub(u64::from(self.n_fills.saturating_sub(1))),
            false => self.trade_id,
        }
    }
}

/// Best bid and ask as the venue states them beside the book; they verify it where the update ids are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Whose.
    pub instrument: InstrumentId,
    /// Update id of the book at which it holds.
    pub update_id: u64,
    /// Best bid.
    pub bid: Level,
    /// Best ask.
    pub ask: Level,
}

/// What a venue states of an instrument beside its book. A message tells some of it; what is `None` stays as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Whose.
    pub instrument: InstrumentId,
    /// The price at which positions are valued.
    pub mark: Option<Decimal>,
    /// The price of the underlying index.
    pub index: Option<Decimal>,
    /// What longs pay shorts at the next funding, as a fraction: 0.0001 is 1 bp.
    pub funding_rate: Option<Decimal>,
    /// When that is paid; the venue's time.
    pub next_funding_at: Option<Timestamp>,
    /// Open positions, in the unit of the instrument's quantities.
    pub open_interest: Option<Decimal>,
    /// What was traded in the last 24 hours, in the unit of the instrument's quantities.
    pub volume_24h: Option<Decimal>,
    /// The venue's time of the message.
    pub stated_at: Option<Timestamp>,
}

impl Reference {
    /// Nothing said of this instrument yet.
    pub const fn of(instrument: InstrumentId) -> Self {
        Self {
            instrument,
            mark: None,
            index: None,
            funding_rate: None,
            next_funding_at: None,
            open_interest: None,
            volume_24h: None,
            stated_at: None,
        }
    }
}

/// A position that the venue closed by force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Liquidation {
    /// What was sold or bought.
    pub instrument: InstrumentId,
    /// The side of the forced order: a long position is sold.
    pub side: Side,
    /// The price that the venue states: of the order, or at which the position was bankrupt.
    pub price: Price,
    /// The quantity.
    pub quantity: Quantity,
    /// The venue's time.
    pub liquidated_at: Timestamp,
}

/// What a packet means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// An instrument is listed, or its listing changed.
    Instrument(Box<Instrument>),
    /// The venue's list of instruments is complete.
    InstrumentsListed {
        /// How many there were.
        n_instruments: usize,
    },
    /// A book message.
    Book(BookMessage),
    /// A trade.
    Trade(Trade),
    /// Best bid and ask.
    Quote(Quote),
    /// The book of this instrument must sum to this now, without a message of its own (Bitfinex: `cs`).
    Checksum {
        /// Whose book.
        instrument: InstrumentId,
        /// What it must sum to.
        checksum: Checksum,
    },
    /// What the venue states beside a book.
    Reference(Reference),
    /// Minutes before we listened, as the venue tells them when asked.
    PastBars(PastBars),
    /// Trades before we listened, as the venue tells them when asked.
    PastTrades(PastTrades),
    /// A forced order.
    Liquidation(Liquidation),
    /// A frame of this link is missing, whosever it was: the venue numbers the frames of a connection (Coinbase,
    /// Bitfinex). No book of the link can be called right any longer.
    LinkGap {
        /// The number that should have come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The venue is alive and has nothing to say.
    Heartbeat,
    /// The same of one stream of an instrument (Bitfinex: `hb` of a channel).
    StreamAlive {
        /// Whose.
        instrument: InstrumentId,
        /// Which.
        stream: Stream,
    },
    /// A subscription was accepted.
    Subscribed {
        /// The venue's symbol or stream, as it named it.
        topic: String,
    },
    /// A subscription or a request was refused.
    Refused {
        /// The venue's symbol, or empty when the whole link is meant.
        symbol: String,
        /// The venue's words, cleaned and cut to 256 characters.
        reason: String,
    },
    /// The venue says something about itself: maintenance, shutdown.
    Notice {
        /// What it means.
        kind: NoticeKind,
        /// What it is said of: an instrument, an index; empty for the venue as a whole.
        subject: String,
        /// As it follows "it says that", or the venue's words, cleaned and cut to 256 characters.
        text: String,
    },
    /// A message that the decoder does not know; its type, cleaned and cut to 64 characters. Counted, never guessed.
    Unknown {
        /// The type that the message gives itself.
        name: String,
    },
}

/// What a venue sends of an instrument, each on a stream of its own: one may be dead while others go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Stream {
    /// The book.
    Book,
    /// Trades.
    Trades,
    /// The best prices beside the book.
    Quotes,
    /// What is stated beside the market: marks, funding, open interest.
    Stated,
}

/// What a venue says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// All works.
    Online,
    /// Trading is limited or halted, until it says [`Online`](Self::Online) of the same or the link is opened anew.
    Maintenance,
    /// As maintenance, and books are not kept up meanwhile.
    Paused,
    /// The link will be closed soon: open a new one.
    ShuttingDown,
}

/// The events of one packet; kept and cleared between packets, so that decoding allocates nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Events {
    /// In the order in which they stand in the packet.
    pub items: Vec<Event>,
    /// The levels of all book messages in `items`.
    pub levels: Vec<Level>,
}

impl Events {
    /// Forgets all events, keeps the memory.
    pub fn clear(&mut self) {
        self.items.clear();
        self.levels.clear();
    }

    /// The bids of a message of these events.
    pub fn bids(&self, message: &BookMessage) -> &[Level] {
        &self.levels[message.bids.clone()]
    }

    /// The asks of a message of these events.
    pub fn asks(&self, message: &BookMessage) -> &[Level] {
        &self.levels[message.asks.clone()]
    }
}
