//! One instrument that is heard: its market, what is shown of it, and how far its book can be believed.

mod saved;

use market::{
    Cause, Instrument, Kind, LinkId, Liquidation, Market, Quote, Reference, State, Stream,
    Timestamp,
};
use view::heat::FineLengths;
use view::{Health, InstrumentView};

use crate::first_data::Sign;
use crate::forced::ForcedOrders;
use crate::interest::Interest;
use crate::links::{LinkState, Links};
use crate::polled::PolledBook;
use crate::question::Question;
use crate::spares::Spare;
use crate::streams::Streams;

/// How something was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// By a link, of its own accord.
    ByLink,
    /// In answer to a request, or by an image at the beginning of a file.
    WhenAsked,
}

/// How a book was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// When. What is not recorded begins anew, whatever was amiss before.
    pub at: Timestamp,
    /// Of what first.
    pub cause: Cause,
}

/// One instrument of the session.
#[derive(Debug)]
pub struct Watched {
    /// What is true of it.
    pub market: Market,
    /// What is shown of it; `None` when nobody looks (verification).
    pub view: Option<InstrumentView>,
    /// The link whose book is shown; before the first book, the link that last spoke of it.
    pub link: LinkId,
    /// Open interest within the last hour.
    pub interest: Interest,
    /// Packets that spoke of it.
    pub n_packets: u64,
    /// The requests for its book, where its link is polled.
    pub polled: PolledBook,
    /// Grows with each change that a screen could show.
    pub version: u64,
    /// Grows when fine columns have closed. Saved with nothing, as they are not.
    n_fine: u64,
    /// Spans in which the book was not right, counted.
    pub n_lost: u64,
    health: Health,
    cause: Option<Cause>,
    /// How its book was last lost. Only whoever hears all asks for it, so that it is not saved.
    loss: Option<Loss>,
    /// Whether it is not right since we closed its link, and was until then. Not saved either.
    is_let_go: bool,
    streams: Streams,
    question: Question,
    forced: ForcedOrders,
    /// Whether the book is [`link`](Self::link)'s; else the next link that sends one has it.
    is_claimed: bool,
    /// When the last message of the shown book was received.
    book_heard_at: Timestamp,
    /// When anything was first heard of it.
    began_at: Option<Timestamp>,
    /// Packets of the session when its history began, so that no other history has its name.
    born: u64,
    /// Whether nobody listens any longer. Whoever leaves keeps no state, so that it is not saved.
    is_left: bool,
}

impl Watched {
    /// An instrument of which nothing was heard yet.
    pub fn new(instrument: &Instrument, link: LinkId, has_view: bool) -> Self {
        let market = Market::new(instrument.clone());
        Self {
            market: if has_view { market } else { market.without_changes() },
            view: has_view.then(|| InstrumentView::new(instrument)),
            link,
            interest: Interest::default(),
            n_packets: 0,
            polled: PolledBook::default(),
            version: 0,
            n_fine: 0,
            n_lost: 0,
            health: Health::Loading,
            cause: None,
            loss: None,
            is_let_go: false,
            streams: Streams::default(),
            question: Question::default(),
            forced: ForcedOrders::default(),
            is_claimed: false,
            book_heard_at: Timestamp::default(),
            began_at: None,
            born: 0,
            is_left: false,
        }
    }

    /// Another one with each change that a screen could show.
    pub fn shown_version(&self) -> (u64, u64) {
        (self.version, self.n_fine)
    }

    /// The middle of bid and ask in units of the price's scale, doubled; `None` while the book is not right.
    pub fn doubled_middle(&self) -> Option<i64> {
        let book = self.health.is_good().then(|| self.market.book())?;
        let (bid, ask) = book.best_bid().zip(book.best_ask())?;
        Some(bid.price.0.saturating_add(ask.price.0))
    }

    /// How far the book can be believed.
    pub fn health(&self) -> Health {
        self.health
    }

    /// Why the book is not in order; `None` while it is.
    pub fn cause(&self) -> Option<Cause> {
        self.cause
    }

    /// How its book was last lost, whether it is right again or not.
    pub fn loss(&self) -> Option<Loss> {
        self.loss
    }

    /// Whether its book was right until we closed its link, and nothing was heard of it since: no loss, but the end.
    pub fn is_let_go(&self) -> bool {
        self.is_let_go
    }

    /// Its history begins with this packet of the session: what was kept before means something else.
    pub fn begins(&mut self, n_packets: u64) {
        self.born = n_packets;
    }

    /// The venue spoke of it in this packet of the session.
    pub fn heard(&mut self, at: Timestamp, n_packets: u64) {
        if self.n_packets == 0 {
            self.begins(n_packets);
        }
        self.n_packets += 1;
        self.version += 1;
        self.began_at.get_or_insert(at);
    }

    /// Whether a trade that was asked for is older than all that was heard: it belongs to bars that nobody heard.
    pub fn is_of_the_past(&self, traded_at: Timestamp) -> bool {
        self.began_at.is_some_and(|began_at| traded_at < began_at)
    }

    /// When the venue last spoke of it.
    pub fn heard_at(&self) -> Option<Timestamp> {
        self.streams.heard_at()
    }

    /// When its book was last told.
    pub fn book_told_at(&self) -> Option<Timestamp> {
        self.streams.book_at()
    }

    /// When its link last said anything of its book by itself.
    pub fn book_said_at(&self) -> Option<Timestamp> {
        self.streams.said_at(Stream::Book)
    }

    /// What is known of one of its streams. A book that was fetched and is right is there; marks are stated of
    /// derivatives alone.
    pub fn sign(&self, stream: Stream) -> Sign {
        let is_met = match stream {
            Stream::Book => {
                let book = self.market.book();
                self.health.is_good() && book.best_bid().or(book.best_ask()).is_some()
            }
            Stream::Stated => self.market.instrument().terms.kind == Kind::Spot,
            Stream::Trades | Stream::Quotes => false,
        };
        let said_at = self.streams.said_at(stream);
        Sign { said_at, is_met, trades: self.streams.trades_told() }
    }

    /// The venue told its newest trades when asked, the last of which was made then.
    pub fn is_told_trades(&mut self, newest: Timestamp, at: Timestamp) {
        self.streams.tell_trades(newest, at);
    }

    /// Something of this stream was told, by a link or in answer to a request.
    pub fn hear(&mut self, stream: Stream, from: Told, at: Timestamp) {
        self.streams.hear(stream, at);
        match from {
            Told::ByLink => self.streams.said(stream, at),
            Told::WhenAsked => {}
        }
    }

    /// A link says that this stream lives, though it has nothing to tell.
    pub fn is_told_alive(&mut self, stream: Stream, at: Timestamp) {
        self.streams.said(stream, at);
    }

    /// A trade that nobody had told was told by a link: its book must change.
    pub fn is_traded(&mut self, at: Timestamp) {
        self.streams.trade(at);
    }

    /// A message of the shown book was heard.
    pub fn hear_book(&mut self, from: Told, at: Timestamp) {
        self.hear(Stream::Book, from, at);
        self.streams.book_told(self.market.sync().last_id());
        match from {
            Told::ByLink => self.streams.book_said(),
            Told::WhenAsked => {}
        }
    }

    /// The venue told its best prices at an update id of the shown book.
    pub fn take_quote(&mut self, quote: &Quote, at: Timestamp) {
        self.market.apply_quote(quote);
        let sync = self.market.sync();
        if !sync.is_synced() || sync.last_id().is_none_or(|id| quote.update_id <= id) {
            return;
        }
        let book = self.market.book();
        if (book.best_bid(), book.best_ask()) == (Some(quote.bid), Some(quote.ask)) {
            self.streams.quote_agrees();
        } else {
            self.streams.quote_ahead(quote, at);
        }
    }

    /// The venue stated something beside the book.
    pub fn take_reference(&mut self, stated: &Reference, at: Timestamp) {
        self.market.apply_reference(stated, at);
        if let Some(interest) = stated.open_interest {
            self.interest.take(interest, at);
        }
    }

    /// The venue closed a position by force; another link may have told of it.
    pub fn take_liquidation(&mut self, forced: &Liquidation, link: LinkId, at: Timestamp) {
        if self.forced.is_new(forced, link)
            && let Some(view) = &mut self.view
        {
            view.on_liquidation(&self.market, forced, at);
        }
    }

    /// Nobody listens from here on: its book is lost, whatever the links were. That is no gap of the session.
    pub fn leave(&mut self, at: Timestamp) {
        self.market.lose(Cause::NotHeard);
        self.question.forget();
        (self.health, self.cause) = (Health::Stale, Some(Cause::NotHeard));
        self.is_left = true;
        self.version += 1;
        if let Some(view) = &mut self.view {
            view.leave(&self.market, at);
        }
    }

    /// Judges anew how far the book can be believed.
    pub fn judge(&mut self, links: &Links, now: Timestamp) {
        if self.is_left {
            return;
        }
        let (health, cause) = self.verdict(links, now);
        if health == self.health && cause == self.cause {
            return;
        }
        if self.health.is_good() && !health.is_good() {
            self.n_lost += 1;
        }
        let is_unrecorded = cause == Some(Cause::NotRecorded) && cause != self.cause;
        if let Some(cause) = cause.filter(|_| is_lost(health))
            && (is_unrecorded || !is_lost(self.health))
        {
            self.loss = Some(Loss { at: self.lost_since(cause).unwrap_or(now), cause });
        }
        if is_lost(health) {
            let was_right = !is_lost(self.health) || self.is_let_go;
            let link = links.get(self.link).filter(|_| cause == Some(Cause::LinkDown));
            self.is_let_go = was_right && link.is_some_and(LinkState::is_closed_by_us);
        }
        self.health = health;
        self.cause = cause;
        self.version += 1;
        self.on_fine(now);
        if let Some(view) = &mut self.view {
            view.on_health(health, cause, now);
        }
    }

    /// Silence and a closed link are found later than they began: with the last that was heard.
    fn lost_since(&self, cause: Cause) -> Option<Timestamp> {
        match cause {
            Cause::Silent | Cause::LinkDown => self.heard_at(),
            Cause::BookSilent => self.book_told_at(),
            Cause::Gap
            | Cause::Checksum
            | Cause::Crossed
            | Cause::NotHeard
            | Cause::NotRecorded => None,
        }
    }

    fn verdict(&self, links: &Links, now: Timestamp) -> (Health, Option<Cause>) {
        let link = links.get(self.link);
        let is_open = link.is_some_and(|link| link.is_open);
        let is_silent = link.is_some_and(|link| link.is_silent(now) || link.is_paused)
            || (self.polled.has_failed() && link.is_some_and(LinkState::is_polled));
        match self.market.sync().state() {
            State::Waiting => (Health::Loading, None),
            // Whatever the link seems to be: what it said is not known.
            State::Lost { cause: Cause::NotRecorded } => (Health::Stale, Some(Cause::NotRecorded)),
            State::Synced | State::Lost { .. } if !is_open => {
                (Health::Stale, Some(Cause::LinkDown))
            }
            State::Synced | State::Lost { .. } if is_silent => (Health::Stale, Some(Cause::Silent)),
            State::Lost { cause } => (Health::Resyncing, Some(cause)),
            State::Synced if self.streams.is_book_silent() => {
                (Health::Stale, Some(Cause::BookSilent))
            }
            State::Synced if self.streams.is_book_quiet(now) => (Health::Quiet, None),
            State::Synced => (Health::Right, None),
        }
    }

    /// Looks whether the stream of the book is dead; whether the book is to be subscribed to anew now.
    pub fn wants_renewal(&mut self, links: &Links, now: Timestamp) -> bool {
        if !links.streams(self.link) || !self.market.sync().is_synced() {
            return false;
        }
        let silence = venues::book_silence(self.market.instrument().id.venue);
        self.streams.judge_book(silence, now);
        self.streams.wants_renewal(now)
    }

    /// A snapshot is wanted: whether it is to be asked for now, or was asked for a moment ago.
    pub fn wants_snapshot(&mut self, now: Timestamp) -> bool {
        self.question.ask(now)
    }

    /// A snapshot was asked for by the subscription itself.
    pub fn expects_snapshot(&mut self, now: Timestamp) {
        self.question.expect_answer(now);
    }

    /// Whether a snapshot that was asked for has not come in time and is to be asked for again.
    pub fn is_unanswered(&mut self, links: &Links, now: Timestamp) -> bool {
        let is_open = links.get(self.link).is_some_and(|link| link.is_open);
        if self.market.sync().is_synced() || !is_open {
            self.question.forget();
            return false;
        }
        self.question.ask_again(now)
    }

    /// The book is in order, or its link is gone: nothing is asked for.
    pub fn forget_question(&mut self) {
        self.question.forget();
    }

    /// A link spoke of it by itself.
    pub fn spoken_of(&mut self, link: LinkId) {
        if !self.is_claimed {
            self.link = link;
        }
    }

    /// Whether the book of a link is the one that is shown. The first link that sends a book has it, and keeps it.
    pub fn claim(&mut self, link: LinkId, at: Timestamp) -> bool {
        if !std::mem::replace(&mut self.is_claimed, true) {
            self.link = link;
        }
        let is_shown = self.link == link;
        if is_shown {
            self.book_heard_at = at;
        }
        is_shown
    }

    /// Whether the book that is shown is this link's.
    pub fn shows(&self, link: LinkId) -> bool {
        self.is_claimed && self.link == link
    }

    /// Whether the book that is shown is another link's.
    pub fn is_of_another(&self, link: LinkId) -> bool {
        self.is_claimed && self.link != link
    }

    /// When the last message of the shown book was received.
    pub fn book_heard_at(&self) -> Timestamp {
        self.book_heard_at
    }

    /// The next link that sends a book has it.
    pub fn let_go(&mut self) {
        self.is_claimed = false;
        self.streams.book_changed();
    }

    /// Shows the book of another link from now on; the spare is what was shown until now.
    pub fn change_places(&mut self, link: LinkId, spare: &mut Spare, at: Timestamp) {
        self.on_fine(at);
        self.market.change_places(&mut spare.market, at);
        std::mem::swap(&mut self.question, &mut spare.question);
        std::mem::swap(&mut self.book_heard_at, &mut spare.heard_at);
        self.link = link;
        self.is_claimed = true;
        self.streams.book_changed();
        self.version += 1;
        if let Some(view) = &mut self.view
            && self.market.sync().is_synced()
        {
            view.on_book(&self.market, at);
        }
    }

    /// Keeps fine columns of these lengths from now on, and of no others.
    pub fn set_fine(&mut self, lengths: FineLengths, at: Timestamp) {
        if let Some(view) = &mut self.view {
            view.set_fine(&self.market, lengths, at);
        }
    }

    /// Session time has reached `at`, and book and health stand as they did before it: fine columns close.
    pub fn on_fine(&mut self, at: Timestamp) {
        if let Some(view) = &mut self.view {
            self.n_fine += u64::from(view.on_fine(&self.market, at));
        }
    }

    /// Session time has reached `at`.
    pub fn on_grid(&mut self, at: Timestamp) {
        if let Some(view) = &mut self.view {
            view.on_grid(&self.market, at);
        }
        // Time itself is shown: columns close, ages count up.
        self.version += 1;
    }
}

/// Whether a book that was right is not any longer.
const fn is_lost(health: Health) -> bool {
    match health {
        Health::Right | Health::Quiet | Health::Loading => false,
        Health::Stale | Health::Resyncing => true,
    }
}
