//! What is heard of an instrument, stream by stream: one may be dead while the others go on.

use std::time::Duration;

use market::load::Sound;
use market::{Quote, Stream, Timestamp};
use serde::{Deserialize, Serialize};

use crate::pulse::Pulse;

/// A best price that contradicts the book at a later id is met by the book's next message, a tenth of a second later: a
/// book that lags so far behind it is dead.
const AHEAD_NANOS_MAX: i64 = 5_000_000_000;

/// Trades change books. So many without a change prove that the book is dead: single ones are made with orders that no
/// book shows.
const TRADES_WITHOUT_BOOK: u32 = 3;

/// They prove it no sooner than this after the first of them.
const TRADES_NANOS_MIN: i64 = 10_000_000_000;

/// A dead book is subscribed to again after this, then after twice as long, and so on.
const RENEWED_NANOS_MIN: i64 = 10_000_000_000;

/// It is subscribed to again this often at least: a request in five minutes harms nobody.
const RENEWED_NANOS_MAX: i64 = 320_000_000_000;

/// One stream.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Heard {
    pulse: Pulse,
    /// When a link last told by itself, not in answer to a request, what it tells or that it lives.
    said_at: Option<Timestamp>,
}

/// The newest trades that a venue told when it was asked for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TradesTold {
    /// When the last of them was made, by the venue's clock.
    pub newest: Timestamp,
    /// When they were told.
    pub at: Timestamp,
}

/// The streams of one instrument.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Streams {
    book: Heard,
    trades: Heard,
    quotes: Heard,
    stated: Heard,
    told: Option<TradesTold>,
    /// The first best price that contradicts the book at an id which the book has not reached, and when it came.
    ahead: Option<(u64, Timestamp)>,
    /// When the first trade since the last message of the book came, and how many came.
    without_book: Option<(Timestamp, u32)>,
    /// Since when the book is dead.
    renewal: Option<Renewal>,
}

/// The new subscriptions to a dead book.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Renewal {
    next_at: Timestamp,
    wait_nanos: i64,
}

impl Sound for Streams {
    fn is_sound(&self) -> bool {
        let all = [&self.book, &self.trades, &self.quotes, &self.stated];
        all.iter().all(|heard| heard.pulse.is_sound())
            && self.renewal.is_none_or(|renewal| {
                (RENEWED_NANOS_MIN..=RENEWED_NANOS_MAX).contains(&renewal.wait_nanos)
            })
    }
}

impl Streams {
    /// Something of this stream was told, by a link or in answer to a request.
    pub fn hear(&mut self, stream: Stream, at: Timestamp) {
        let pulse = &mut self.get_mut(stream).pulse;
        // Several of one packet are one sign of life.
        if pulse.last_at() != Some(at) {
            pulse.beat(at);
        }
    }

    /// A link told something of this stream by itself, if only that it lives.
    pub fn said(&mut self, stream: Stream, at: Timestamp) {
        self.get_mut(stream).said_at = Some(at);
    }

    /// When a link last told something of this stream by itself.
    pub fn said_at(&self, stream: Stream) -> Option<Timestamp> {
        self.get(stream).said_at
    }

    /// The newest trades were told when asked for.
    pub fn tell_trades(&mut self, newest: Timestamp, at: Timestamp) {
        self.told = Some(TradesTold { newest, at });
    }

    /// The newest trades that were told when asked for.
    pub fn trades_told(&self) -> Option<TradesTold> {
        self.told
    }

    /// When anything of the instrument was last told.
    pub fn heard_at(&self) -> Option<Timestamp> {
        let all = [Stream::Book, Stream::Trades, Stream::Quotes, Stream::Stated];
        all.into_iter().filter_map(|stream| self.get(stream).pulse.last_at()).max()
    }

    /// When the book was last told.
    pub fn book_at(&self) -> Option<Timestamp> {
        self.book.pulse.last_at()
    }

    /// Whether the book has been silent for longer than is usual for it.
    pub fn is_book_quiet(&self, now: Timestamp) -> bool {
        self.book.pulse.is_quiet(now)
    }

    /// A trade was told by a link.
    pub fn trade(&mut self, at: Timestamp) {
        let (first_at, n) = self.without_book.unwrap_or((at, 0));
        self.without_book = Some((first_at, n.saturating_add(1)));
    }

    /// A best price was told that contradicts the book at an id which the book has not reached.
    pub fn quote_ahead(&mut self, quote: &Quote, at: Timestamp) {
        self.ahead.get_or_insert((quote.update_id, at));
    }

    /// The book says what the last best price says.
    pub fn quote_agrees(&mut self) {
        self.ahead = None;
    }

    /// A message of the book was heard, which is at this id now.
    pub fn book_told(&mut self, book_id: Option<u64>) {
        self.without_book = None;
        let is_reached = |(id, _): (u64, _)| book_id.is_none_or(|book_id| book_id >= id);
        if self.ahead.is_some_and(is_reached) {
            self.ahead = None;
        }
    }

    /// The link of the book has told a message of it by itself: its stream lives, unless it lags behind still.
    pub fn book_said(&mut self) {
        if self.ahead.is_none() {
            self.renewal = None;
        }
    }

    /// Another book is shown, or its link is closed: nothing is known against it.
    pub fn book_changed(&mut self) {
        (self.ahead, self.without_book, self.renewal) = (None, None, None);
    }

    /// Whether the stream of the book is dead; it stays so until it speaks. `silence` is how long the venue leaves a
    /// book without a word at most.
    pub fn judge_book(&mut self, silence: Option<Duration>, now: Timestamp) {
        if self.renewal.is_none() && self.is_book_dead(silence, now) {
            self.renewal = Some(Renewal { next_at: now, wait_nanos: RENEWED_NANOS_MIN });
        }
    }

    /// Whether the stream of the book was found dead, and has not spoken since.
    pub const fn is_book_silent(&self) -> bool {
        self.renewal.is_some()
    }

    /// Whether the dead book is to be subscribed to anew now.
    pub fn wants_renewal(&mut self, now: Timestamp) -> bool {
        let Some(renewal) = &mut self.renewal else { return false };
        let is_due = now >= renewal.next_at;
        if is_due {
            renewal.next_at = now.plus_nanos(renewal.wait_nanos);
            renewal.wait_nanos = (renewal.wait_nanos * 2).min(RENEWED_NANOS_MAX);
        }
        is_due
    }

    fn is_book_dead(&self, silence: Option<Duration>, now: Timestamp) -> bool {
        let is_past = |since: Timestamp, nanos: i64| now.nanos_since(since) > nanos;
        let lags = self.ahead.is_some_and(|(_, since)| is_past(since, AHEAD_NANOS_MAX));
        let is_traded = self.without_book.is_some_and(|(since, n)| {
            n >= TRADES_WITHOUT_BOOK && is_past(since, TRADES_NANOS_MIN) && self.is_book_quiet(now)
        });
        let silence = silence.map(|silence| i64::try_from(silence.as_nanos()).unwrap_or(i64::MAX));
        let alive_at = self.book.said_at.max(self.book_at());
        let is_mute = silence.zip(alive_at).is_some_and(|(nanos, since)| is_past(since, nanos));
        lags || is_traded || is_mute
    }

    const fn get(&self, stream: Stream) -> &Heard {
        match stream {
            Stream::Book => &self.book,
            Stream::Trades => &self.trades,
            Stream::Quotes => &self.quotes,
            Stream::Stated => &self.stated,
        }
    }

    const fn get_mut(&mut self, stream: Stream) -> &mut Heard {
        match stream {
            Stream::Book => &mut self.book,
            Stream::Trades => &mut self.trades,
            Stream::Quotes => &mut self.quotes,
            Stream::Stated => &mut self.stated,
        }
    }
}
