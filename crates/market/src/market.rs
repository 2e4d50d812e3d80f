//! One instrument: its book and whether it is right, its trades and bars, and the count of all that was checked.
//!
//! K1 to K4 are the rules of Kraken's v2 book channel, cited where they are obeyed; those of Binance stand in `sync`.

mod doubted;
mod saved;
mod told;

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::bar::Bars;
use crate::history::History;
use crate::holes::Holes;
use crate::load::count;
use crate::quotes::{Comparison, QuoteCheck};
use crate::reference::References;
use crate::seen::SeenIds;
use crate::sync::{Applied, Cause, Proof, State, Sync, Verdict};
use crate::tops::Tops;
use crate::{
    Book, BookKind, BookMessage, Checksum, ChecksumRule, Continuity, Events, Instrument, Level,
    Quote, Reference, Side, Timestamp, Trade,
};

/// What was counted of one instrument, and what was proved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Book messages that were applied, snapshots included; messages, not levels.
    #[serde(deserialize_with = "count")]
    pub book_updates: u64,
    /// Trades, each id once.
    #[serde(deserialize_with = "count")]
    pub trades: u64,
    /// Breaks of the numbering: one lost frame is one gap.
    #[serde(deserialize_with = "count")]
    pub gaps: u64,
    /// Checksums that were equal to the venue's, those of snapshots included.
    #[serde(deserialize_with = "count")]
    pub checksums_right: u64,
    /// Checksums that were not.
    #[serde(deserialize_with = "count")]
    pub checksums_wrong: u64,
    /// Book messages after which the book was crossed.
    #[serde(deserialize_with = "count")]
    pub crossed: u64,
    /// Best bid and ask of the venue, at an update id of the book, that were equal to the book's.
    #[serde(deserialize_with = "count")]
    pub top_of_book_equal: u64,
    /// Those that were not.
    #[serde(deserialize_with = "count")]
    pub top_of_book_different: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.book_updates += other.book_updates;
        self.trades += other.trades;
        self.gaps += other.gaps;
        self.checksums_right += other.checksums_right;
        self.checksums_wrong += other.checksums_wrong;
        self.crossed += other.crossed;
        self.top_of_book_equal += other.top_of_book_equal;
        self.top_of_book_different += other.top_of_book_different;
    }
}

/// A running book as it is, so that it can go on elsewhere: in the next file of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookImage {
    /// Whether it is right.
    pub state: State,
    /// Up to where it is true: `AsOf` its update id, `Later` where numbers leave holes, or `Unnumbered`.
    pub continuity: Continuity,
    /// What it sums to as it stands, where the venue states sums.
    pub checksum: Option<Checksum>,
    /// Levels per side to which the venue cuts the book.
    pub depth: Option<u32>,
    /// The bids, best first, as far as they are known without a hole.
    pub bids: Vec<Level>,
    /// The asks, best first, as far as they are known without a hole.
    pub asks: Vec<Level>,
}

/// One instrument's market, exact and without a clock: it is told when each message was received.
#[derive(Clone, Debug)]
pub struct Market {
    instrument: Instrument,
    book: Book,
    sync: Sync,
    bars: Bars,
    history: History,
    holes: Holes,
    quotes: QuoteCheck,
    /// Of a venue whose word on who took is in doubt.
    tops: Option<Tops>,
    seen: SeenIds,
    last_trade: Option<Trade>,
    references: References,
    /// How the venue sums this book, once it did.
    checksum_rule: Option<ChecksumRule>,
    tally: Tally,
    began_at: Option<Timestamp>,
    heard_at: Option<Timestamp>,
    good_at: Option<Timestamp>,
}

impl Market {
    /// A market of which nothing was heard yet.
    pub fn new(instrument: Instrument) -> Self {
        let mut book = Book::new(instrument.tick_size);
        book.keep_changes(true);
        Self {
            book,
            tops: None,
            instrument,
            sync: Sync::default(),
            bars: Bars::default(),
            history: History::default(),
            holes: Holes::default(),
            quotes: QuoteCheck::default(),
            seen: SeenIds::default(),
            last_trade: None,
            references: References::default(),
            checksum_rule: None,
            tally: Tally::default(),
            began_at: None,
            heard_at: None,
            good_at: None,
        }
    }

    /// The same market for those who never ask what a message has changed: nobody looks at it.
    #[must_use]
    pub const fn without_changes(mut self) -> Self {
        self.book.keep_changes(false);
        self
    }

    /// The instrument.
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// The book, which is right only while [`sync`](Self::sync) says so.
    pub const fn book(&self) -> &Book {
        &self.book
    }

    /// Whether the book is right.
    pub const fn sync(&self) -> &Sync {
        &self.sync
    }

    /// The bars of all intervals.
    pub const fn bars(&self) -> &Bars {
        &self.bars
    }

    /// What the venue told of the time before it was heard; no part of bars, tally or trades.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// When hearing began: `received_at` of the first message of a link.
    pub const fn began_at(&self) -> Option<Timestamp> {
        self.began_at
    }

    /// The trade that was heard last.
    pub const fn last_trade(&self) -> Option<&Trade> {
        self.last_trade.as_ref()
    }

    /// What the venue states beside the book; all empty for spot.
    pub const fn references(&self) -> &References {
        &self.references
    }

    /// What was counted since this market was made; neither a snapshot nor a new scale starts it over.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }

    /// `received_at` of the last message that left the book right.
    pub const fn good_at(&self) -> Option<Timestamp> {
        self.good_at
    }

    /// Takes a new listing of the instrument. When a scale changes, the numbers held mean something else: all but the
    /// tally starts over, and the answer is `true`; deltas that wait for their first snapshot go on waiting at finer
    /// scales.
    pub fn set_instrument(&mut self, instrument: Instrument) -> bool {
        let scales = |of: &Instrument| (of.price_scale, of.quantity_scale);
        let starts_over = scales(&self.instrument) != scales(&instrument);
        if starts_over {
            let mut sync = std::mem::take(&mut self.sync);
            if !sync.make_finer(&self.instrument, &instrument) {
                sync.restart();
            }
            let book = self.book.started_over(instrument.tick_size);
            let tops = self.tops.take().map(|_| Tops::default());
            *self = Self { book, sync, tops, tally: self.tally, ..Self::new(instrument) };
            return true;
        }
        if self.instrument.tick_size != instrument.tick_size {
            self.book = self.book.with_tick_changed(instrument.tick_size);
        }
        self.instrument = instrument;
        false
    }

    /// Applies a snapshot or a delta that was received at `at`, and says what became of it.
    pub fn apply_book(&mut self, message: &BookMessage, events: &Events, at: Timestamp) -> Applied {
        self.heard(at);
        let (bids, asks) = (events.bids(message), events.asks(message));
        let applied = match message.kind {
            BookKind::Snapshot => self.apply_snapshot(message, bids, asks),
            BookKind::Delta => self.apply_delta(message, bids, asks),
            BookKind::Touch => self.apply_touch(message, bids, asks),
        };
        self.note_top(message.stated_at);
        self.tally.gaps = self.sync.n_gaps();
        self.note_health(at);
        applied
    }

    /// Applies a trade that was received at `at`; `false` when its id was heard already, as after a reconnect.
    pub fn apply_trade(&mut self, trade: &Trade, at: Timestamp) -> bool {
        self.heard(at);
        if !self.seen.is_new_up_to(trade.trade_id, trade.lowest_id()) {
            return false;
        }
        self.tally.trades += 1;
        let ended = self.holes.hear(trade, at);
        self.bars.add(trade);
        self.history.hear(trade);
        if let Some(missed) = ended {
            self.fill(&missed);
        }
        self.last_trade = Some(*trade);
        true
    }

    /// Takes what the venue states of a derivative.
    pub fn apply_reference(&mut self, stated: &Reference, at: Timestamp) {
        self.heard(at);
        self.references.take(stated, at);
    }

    /// Holds the venue's best prices against the book at the same update id, now or when the book gets there.
    pub fn apply_quote(&mut self, quote: &Quote) {
        let comparison = self.quotes.hear(quote);
        self.count(comparison);
    }

    /// The book is not right any longer, until a snapshot: its link is closed or silent.
    pub fn lose(&mut self, cause: Cause) {
        self.sync.lose(cause);
        if let Some(at) = self.heard_at {
            self.note_health(at);
        }
    }

    /// Goes on with the book of another link that was kept beside this one, while that market goes on with the book
    /// from here. What is of the instrument and not of a link stays: bars, trades, references. What was counted is
    /// counted here from now on, and there from zero.
    ///
    /// Only a book that another one can take the place of is lost: where the other has none yet, this one is as lost as
    /// its closed link, and waits with what the other has heard.
    pub fn change_places(&mut self, spare: &mut Self, at: Timestamp) {
        let is_waiting = spare.sync.state() == State::Waiting;
        if !is_waiting {
            std::mem::swap(&mut self.book, &mut spare.book);
            self.book.replace_for_followers(&spare.book);
        }
        let state = self.sync.state();
        std::mem::swap(&mut self.sync, &mut spare.sync);
        if is_waiting && state != State::Waiting {
            self.sync.wait_as_lost(Cause::LinkDown);
        }
        std::mem::swap(&mut self.quotes, &mut spare.quotes);
        self.forget_tops();
        std::mem::swap(&mut self.checksum_rule, &mut spare.checksum_rule);
        std::mem::swap(&mut self.good_at, &mut spare.good_at);
        self.sync.count_gaps_of(&mut spare.sync);
        self.tally += std::mem::take(&mut spare.tally);
        self.tally.gaps = self.sync.n_gaps();
        self.good_at = self.good_at.max(spare.good_at);
        match self.sync.state() {
            State::Waiting => {}
            State::Synced => self.bars.end_gap(at),
            State::Lost { .. } => self.bars.begin_gap(at),
        }
    }

    /// Counts here what was counted of a book that is kept no longer.
    pub fn count_all_of(&mut self, mut spare: Self) {
        self.sync.count_gaps_of(&mut spare.sync);
        self.tally += spare.tally;
        self.tally.gaps = self.sync.n_gaps();
    }

    /// The running book; `None` while there is none to go on with.
    ///
    /// Single levels beyond the known range are left out: who goes on from the image must not take what lies between
    /// them for empty.
    pub fn image(&self) -> Option<BookImage> {
        let continuity = match (self.sync.proof(), self.sync.last_id()) {
            (_, None) => Continuity::Unnumbered,
            (Proof::Sequence | Proof::SequenceAndChecksum { .. }, Some(id)) => Continuity::AsOf(id),
            (Proof::Checksum { .. } | Proof::Unverified, Some(id)) => Continuity::Later(id),
        };
        let is_summed = match self.sync.proof() {
            Proof::Checksum { .. } | Proof::SequenceAndChecksum { .. } => true,
            Proof::Sequence | Proof::Unverified => false,
        };
        (self.sync.state() != State::Waiting).then(|| BookImage {
            state: self.sync.state(),
            continuity,
            checksum: self.checksum_rule.filter(|_| is_summed).map(|rule| self.sum(rule)),
            depth: self.book.depth(),
            bids: self.book.known_levels(Side::Buy),
            asks: self.book.known_levels(Side::Sell),
        })
    }

    /// Goes on with a running book whose image is this snapshot; `false` when the book here is as new.
    ///
    /// The image was not sent by the venue, so that it is no book update. But it is evidence: when the right book here
    /// lags behind it or differs from it, messages between the two were lost, and that counts as it would have counted
    /// had the next message shown it.
    pub fn restore(&mut self, message: &BookMessage, events: &Events, at: Timestamp) -> bool {
        self.heard(at);
        if self.sync.is_synced() {
            match (message.continuity, self.sync.last_id()) {
                (Continuity::AsOf(id), Some(last_id)) if id > last_id => self.sync.count_gap(),
                (_, _) if message.checksum.is_some_and(|it| it != self.sum(it.rule)) => {
                    self.tally.checksums_wrong += 1;
                }
                (_, _) => return false,
            }
            self.tally.gaps = self.sync.n_gaps();
        }
        self.book.begin_message();
        self.book.replace(events.bids(message), events.asks(message), message.depth);
        self.sync.restore(message.continuity);
        self.note_checksum(message.checksum);
        if self.book.is_crossed() {
            self.tally.crossed += 1;
            self.sync.lose(Cause::Crossed);
        }
        self.note_health(at);
        true
    }

    fn apply_snapshot(&mut self, message: &BookMessage, bids: &[Level], asks: &[Level]) -> Applied {
        match self.sync.judge_snapshot(message.continuity) {
            Verdict::Apply => {}
            Verdict::Old => return Applied::Old,
            Verdict::NeedsSnapshot | Verdict::Buffer | Verdict::Gap { .. } => {
                return Applied::NeedsSnapshot;
            }
        }
        self.book.begin_message();
        self.book.replace(bids, asks, message.depth); // K1: a snapshot replaces.
        self.sync.synced(message.continuity);
        self.sync.note_checksum(message.checksum); // A polled book has none, whatever its socket stated.
        let mut applied = self.settle(message.checksum);
        while self.sync.is_synced()
            && let Some(delta) = self.sync.next_waiting()
        {
            self.book.change(delta.bids(), delta.asks(), delta.depth);
            applied = self.settle(delta.checksum);
        }
        applied
    }

    fn apply_delta(&mut self, message: &BookMessage, bids: &[Level], asks: &[Level]) -> Applied {
        match self.sync.judge_delta(message.continuity) {
            Verdict::Apply => {
                // K2: all entries in order, the last wins. K3: then cut to the subscribed depth.
                self.book.begin_message();
                self.book.change(bids, asks, message.depth);
                self.settle(message.checksum) // K4: then the checksum.
            }
            Verdict::Old => Applied::Old,
            Verdict::NeedsSnapshot => Applied::NeedsSnapshot,
            Verdict::Buffer => {
                self.sync.wait(message, bids, asks);
                Applied::Buffered
            }
            Verdict::Gap { expected, found } => {
                self.sync.wait(message, bids, asks);
                Applied::Gap { expected, found }
            }
        }
    }

    fn apply_touch(&mut self, message: &BookMessage, bids: &[Level], asks: &[Level]) -> Applied {
        if !self.sync.is_synced() {
            return Applied::Old; // It is the top of no book; a snapshot brings it again.
        }
        self.book.begin_message();
        self.book.set_best((bids, asks), message.depth);
        self.settle(message.checksum)
    }

    /// Holds the book against a sum that the venue stated without a message; `ChecksumWrong` wants a snapshot.
    pub fn apply_checksum(&mut self, checksum: Checksum, at: Timestamp) -> Applied {
        self.heard(at);
        self.note_checksum(Some(checksum));
        if self.sync.state() == State::Waiting {
            return Applied::Old; // Nothing stands here that could sum to anything.
        }
        let applied = self.compare(checksum).unwrap_or(Applied::Changed);
        self.note_health(at);
        applied
    }

    /// Frames of the book's link are missing, and any of them may have been the book's.
    pub fn lose_frames(&mut self, at: Timestamp) {
        self.sync.count_gap();
        self.sync.lose(Cause::Gap);
        self.tally.gaps = self.sync.n_gaps();
        self.note_health(at);
    }

    fn heard(&mut self, at: Timestamp) {
        self.heard_at = Some(at);
        self.began_at.get_or_insert(at);
    }

    fn note_checksum(&mut self, checksum: Option<Checksum>) {
        self.checksum_rule = checksum.map(|checksum| checksum.rule).or(self.checksum_rule);
        self.sync.note_checksum(checksum);
    }

    fn sum(&self, rule: ChecksumRule) -> Checksum {
        Checksum { rule, value: rule.sum(&self.book, &self.instrument) }
    }

    /// `ChecksumWrong`, or nothing to tell.
    fn compare(&mut self, expected: Checksum) -> Option<Applied> {
        if !expected.rule.can_sum(&self.book) {
            return None;
        }
        let found = self.sum(expected.rule);
        if found == expected {
            self.tally.checksums_right += 1;
            return None;
        }
        self.tally.checksums_wrong += 1;
        self.sync.lose(Cause::Checksum);
        Some(Applied::ChecksumWrong { expected: expected.value, found: found.value })
    }

    /// Checks the book after a whole message: crossed, then its checksum, then the quotes of its id.
    fn settle(&mut self, checksum: Option<Checksum>) -> Applied {
        self.tally.book_updates += 1;
        let mut applied = Applied::Changed;
        if self.book.is_crossed() {
            self.tally.crossed += 1;
            self.sync.lose(Cause::Crossed);
            applied = Applied::Crossed;
        }
        if let Some(expected) = checksum {
            self.note_checksum(checksum);
            applied = self.compare(expected).unwrap_or(applied);
        }
        if self.sync.is_synced()
            && let Some(id) = self.sync.last_id()
        {
            let comparison = self.quotes.reach(id, self.book.best_bid(), self.book.best_ask());
            self.count(comparison);
        }
        applied
    }

    fn count(&mut self, comparison: Comparison) {
        self.tally.top_of_book_equal += comparison.n_equal;
        self.tally.top_of_book_different += comparison.n_different;
    }

    /// Bars know of the time in which data may be missing.
    fn note_health(&mut self, at: Timestamp) {
        match self.sync.state() {
            State::Waiting => {}
            State::Synced => {
                self.good_at = Some(at);
                self.bars.end_gap(at);
            }
            State::Lost { .. } => self.bars.begin_gap(at),
        }
    }
}
