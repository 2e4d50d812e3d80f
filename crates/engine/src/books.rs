//! Which book a message belongs to: the one that is shown, or that of another link of the same instrument.

use market::{
    Applied, Body, BookKind, BookMessage, Cause, Checksum, Event, Events, FromTheFuture,
    InstrumentId, LinkId, Packet, Quote, Side, Stream, Timestamp, Trade,
};
use venues::Decoder;

use crate::engine::{Ask, Engine, watch};
use crate::links::Links;
use crate::spares::{Spare, Spares};
use crate::unrecorded::Whose;
use crate::watched::{Told, Watched};

/// Where an event comes from: a packet, and what else it says.
pub struct Source<'a> {
    /// The packet.
    pub packet: &'a Packet,
    /// All its events.
    pub events: &'a Events,
}

impl Source<'_> {
    /// Whether a link said it by itself.
    fn is_said(&self) -> bool {
        matches!(self.packet.body, Body::Text(_) | Body::Binary(_))
    }

    fn told(&self) -> Told {
        if self.is_said() { Told::ByLink } else { Told::WhenAsked }
    }

    fn is_derived(&self) -> bool {
        matches!(self.packet.body, Body::Derived(_))
    }
}

impl Engine {
    /// Takes an event of one instrument; `is_news` with the first of a packet that speaks of it.
    pub(crate) fn take_market_event(
        &mut self,
        (id, is_news): (InstrumentId, bool),
        source: &Source<'_>,
        event: &Event,
        asks: &mut Vec<Ask>,
    ) {
        let packet = source.packet;
        let (link, at) = (packet.link, packet.received_at);
        if self.is_full_for(id) {
            if is_news {
                self.refuse_instrument(packet, id, asks);
            }
            return;
        }
        let Some(watched) = watch(&mut self.watched, &self.decoders, id, link, self.has_views)
        else {
            return;
        };
        if is_news && !self.fine.is_empty() {
            self.fine.meet(id, watched, at);
        }
        let is_market =
            !matches!(event, Event::PastBars(_) | Event::PastTrades(_) | Event::StreamAlive { .. });
        if is_news && is_market {
            watched.heard(at, self.counts.n_packets);
        }
        if source.is_said() {
            watched.spoken_of(link);
        }
        match event {
            Event::Book(message) => self.take_book(id, message, source, asks),
            Event::Trade(trade) if !source.is_said() && watched.is_of_the_past(trade.traded_at) => {
            }
            Event::Trade(trade) => self.take_trade(id, trade, source, asks),
            Event::Quote(quote) => {
                watched.hear(Stream::Quotes, source.told(), at);
                self.take_quote((id, link), quote, at);
            }
            Event::Checksum { checksum, .. } => self.take_checksum(id, source, *checksum, asks),
            Event::Reference(stated) => {
                watched.hear(Stream::Stated, source.told(), at);
                watched.take_reference(stated, at);
            }
            // A book's is of the book of its link, which may not be the one that is shown.
            Event::StreamAlive { stream, .. } => {
                if *stream != Stream::Book || watched.shows(link) {
                    watched.is_told_alive(*stream, at);
                }
            }
            Event::Liquidation(forced) => watched.take_liquidation(forced, link, at),
            Event::PastBars(past) => {
                let taken = watched.market.take_past_bars(past, at);
                took_past(watched, taken, asks);
            }
            Event::PastTrades(past) => {
                if let Some(newest) = past.trades.last() {
                    watched.is_told_trades(newest.traded_at, at);
                }
                let taken = watched.market.take_past_trades(past, at);
                took_past(watched, taken, asks);
            }
            Event::LinkGap { .. }
            | Event::Instrument(_)
            | Event::InstrumentsListed { .. }
            | Event::Heartbeat
            | Event::Subscribed { .. }
            | Event::Refused { .. }
            | Event::Notice { .. }
            | Event::Unknown { .. } => {}
        }
    }

    /// What a link says belongs to its own book. The answer to a request is for all that wait for one, that of its link
    /// too, on which no change may have come yet; and an image at the start of a file is of the book that was shown.
    fn take_book(
        &mut self,
        id: InstrumentId,
        message: &BookMessage,
        source: &Source<'_>,
        asks: &mut Vec<Ask>,
    ) {
        let (link, at) = (source.packet.link, source.packet.received_at);
        let Some(watched) = self.watched.get_mut(&id) else { return };
        if source.is_derived() {
            // What is missing before it may tell of another link.
            let is_closed = |link| self.links.get(link).is_some_and(|link| !link.is_open);
            if restore(watched, message, source, &self.spares) && is_closed(watched.link) {
                watched.link = link;
            }
            return watched.judge(&self.links, at);
        }
        if source.is_said() && !watched.claim(link, at) {
            let Some(spare) = self.spares.of(watched.market.instrument(), link, at) else { return };
            let applied = spare.market.apply_book(message, source.events, at);
            return ask_for_spare(spare, applied, (id, link, at), asks);
        }
        let applied = watched.market.apply_book(message, source.events, at);
        match message.kind {
            BookKind::Snapshot | BookKind::Delta => watched.hear_book(source.told(), at),
            // The best prices come by a stream of their own, and go on where the book's is dead.
            BookKind::Touch => watched.hear(Stream::Quotes, source.told(), at),
        }
        on_applied(watched, applied, (id, at), asks);
        if !source.is_said() {
            let is_of_another = self.links.streams(link) && watched.is_of_another(link);
            if is_of_another && self.spares.of(watched.market.instrument(), link, at).is_none() {
                tracing::debug!("too many books of links that follow others");
            }
            for (link, spare) in self.spares.waiting(id) {
                let applied = spare.market.apply_book(message, source.events, at);
                ask_for_spare(spare, applied, (id, link, at), asks);
            }
        }
        self.settle(id, at);
    }

    fn take_trade(
        &mut self,
        id: InstrumentId,
        trade: &Trade,
        source: &Source<'_>,
        asks: &mut Vec<Ask>,
    ) {
        let Some(watched) = self.watched.get_mut(&id) else { return };
        let at = source.packet.received_at;
        watched.hear(Stream::Trades, source.told(), at);
        if !watched.market.apply_trade(trade, at) {
            return;
        }
        if source.is_said() {
            watched.is_traded(at);
        }
        if source.is_said()
            && let Some(seen) = watched.market.taker_seen(trade)
            && let Some(decoder) = self.decoders.get_mut(&id.venue)
        {
            hear_witness(decoder, trade, seen, asks);
        }
        self.traded.push(*trade);
        if let Some(view) = &mut watched.view {
            view.on_trade(&watched.market, trade, at);
        }
    }

    fn take_quote(&mut self, (id, link): (InstrumentId, LinkId), quote: &Quote, at: Timestamp) {
        if let Some(spare) = self.spares.get_mut(id, link) {
            spare.market.apply_quote(quote);
        } else if let Some(watched) = self.watched.get_mut(&id) {
            watched.take_quote(quote, at);
        }
    }

    fn take_checksum(
        &mut self,
        id: InstrumentId,
        source: &Source<'_>,
        checksum: Checksum,
        asks: &mut Vec<Ask>,
    ) {
        let (link, at) = (source.packet.link, source.packet.received_at);
        if let Some(spare) = self.spares.get_mut(id, link) {
            let applied = spare.market.apply_checksum(checksum, at);
            return ask_for_spare(spare, applied, (id, link, at), asks);
        }
        let Some(watched) = self.watched.get_mut(&id) else { return };
        let applied = watched.market.apply_checksum(checksum, at);
        on_applied(watched, applied, (id, at), asks);
        self.settle(id, at);
    }

    /// Judges a book anew, once a right spare has taken its place where it is not right.
    fn settle(&mut self, id: InstrumentId, at: Timestamp) {
        let Some(watched) = self.watched.get_mut(&id) else { return };
        relieve(watched, &mut self.spares, id, at);
        watched.judge(&self.links, at);
    }

    /// Session time has reached `at`: all books are judged.
    pub(crate) fn judge_all(&mut self, at: Timestamp, asks: &mut Vec<Ask>) {
        for (id, watched) in &mut self.watched {
            relieve(watched, &mut self.spares, *id, at);
            if watched.wants_renewal(&self.links, at) {
                asks.push(renewal(watched, *id));
            }
            watched.judge(&self.links, at);
            watched.on_grid(at);
            if watched.is_unanswered(&self.links, at) {
                asks.push(resync(watched, *id, watched.link));
            }
        }
        for (id, link, spare) in self.spares.iter_mut() {
            if is_unanswered(spare, link, &self.links, at)
                && let Some(watched) = self.watched.get(&id)
            {
                asks.push(resync(watched, id, link));
            }
        }
    }

    /// A link is closed: its books are not right any longer, and where another link has the same book, that goes on.
    pub(crate) fn lose_link(&mut self, link: LinkId, at: Timestamp) {
        for (id, spare) in self.spares.take_link(link) {
            if let Some(watched) = self.watched.get_mut(&id) {
                watched.market.count_all_of(spare.market);
            }
        }
        for (id, watched) in &mut self.watched {
            if watched.link != link {
                continue;
            }
            match self.spares.take_best(*id) {
                Some((other, mut spare)) => watched.change_places(other, &mut spare, at),
                None => {
                    watched.market.lose(Cause::LinkDown);
                    watched.forget_question();
                    watched.let_go();
                }
            }
            watched.judge(&self.links, at);
        }
    }

    /// Something is not in the recording: nothing is known of any book that it may have been of until the image behind
    /// the hole, which is of shown ones.
    pub(crate) fn lose_all(&mut self, whose: Whose, at: Timestamp) {
        for (id, spare) in self.spares.take_all(whose) {
            if let Some(watched) = self.watched.get_mut(&id) {
                watched.market.count_all_of(spare.market);
            }
        }
        for (id, watched) in &mut self.watched {
            if whose.is_of(id.venue, watched.link) {
                watched.market.lose(Cause::NotRecorded);
                watched.forget_question();
                watched.judge(&self.links, at);
            }
        }
    }

    /// A frame is missing, and nobody can say whose it was: all books of the link are fetched anew.
    pub(crate) fn lose_frames(&mut self, packet: &Packet, asks: &mut Vec<Ask>) {
        let (link, at) = (packet.link, packet.received_at);
        for (id, of, spare) in self.spares.of_link(link) {
            spare.market.lose_frames(at);
            if spare.question.ask(at)
                && let Some(watched) = self.watched.get(&id)
            {
                asks.push(resync(watched, id, of));
            }
        }
        for (id, watched) in &mut self.watched {
            if watched.link == link {
                watched.market.lose_frames(at);
                if watched.wants_snapshot(at) {
                    asks.push(resync(watched, *id, link));
                }
                relieve(watched, &mut self.spares, *id, at);
                watched.judge(&self.links, at);
            }
        }
    }
}

/// Holds the told side of a trade against the one that the book before it shows, where the venue's word is in doubt.
fn hear_witness(decoder: &mut Decoder, trade: &Trade, seen: Side, asks: &mut Vec<Ask>) {
    if decoder.hear_witness(trade.taker == seen) {
        let sentence = format!(
            "{}'s trades at the best prices show that it states the other side than was assumed: buys and sells are \
             told right from here on, and those before were exchanged.",
            trade.instrument.venue.name()
        );
        asks.push(Ask::Tell { is_loss: false, sentence });
    }
}

/// The venue has told of the time before it was heard: no sign of life, and no part of what was heard.
fn took_past(watched: &mut Watched, taken: Result<(), FromTheFuture>, asks: &mut Vec<Ask>) {
    watched.version += 1;
    if let Err(error) = taken {
        let instrument = watched.market.instrument();
        let (venue, symbol) = (instrument.id.venue.name(), &instrument.symbol);
        let sentence = format!("{venue}'s history of {symbol} was left out: {error}.");
        asks.push(Ask::Tell { is_loss: false, sentence });
    }
}

fn resync(watched: &Watched, id: InstrumentId, link: LinkId) -> Ask {
    let symbol = watched.market.instrument().symbol.clone();
    Ask::Resync { venue: id.venue, link, symbol }
}

/// Nothing comes of a book that must have changed.
fn renewal(watched: &Watched, id: InstrumentId) -> Ask {
    let symbol = watched.market.instrument().symbol.clone();
    tracing::warn!(venue = id.venue.id(), symbol, "the stream of a book is dead");
    Ask::RenewBook { venue: id.venue, link: watched.link, symbol }
}

/// Puts an image in the place of the shown book, unless that is as new. Whose it is, the next message tells, unless
/// several links have it.
fn restore(
    watched: &mut Watched,
    message: &BookMessage,
    source: &Source<'_>,
    spares: &Spares,
) -> bool {
    let at = source.packet.received_at;
    if !watched.market.restore(message, source.events, at) {
        return false;
    }
    if !spares.has(message.instrument) {
        watched.let_go();
    }
    if let Some(view) = &mut watched.view {
        view.on_book(&watched.market, at);
    }
    true
}

/// Shows the right book of another link where the shown one is not right, or where its link says nothing of it.
fn relieve(watched: &mut Watched, spares: &mut Spares, id: InstrumentId, at: Timestamp) {
    let Some(link) = spares.relief(id, &watched.market, watched.book_heard_at()) else { return };
    let Some(mut spare) = spares.take(id, link) else { return };
    let shown = watched.link;
    watched.change_places(link, &mut spare, at);
    spares.keep(id, shown, spare);
}

fn is_unanswered(spare: &mut Spare, link: LinkId, links: &Links, at: Timestamp) -> bool {
    let is_open = links.get(link).is_some_and(|link| link.is_open);
    if spare.market.sync().is_synced() || !is_open {
        spare.question.forget();
        return false;
    }
    spare.question.ask_again(at)
}

fn ask_for_spare(
    spare: &mut Spare,
    applied: Applied,
    (id, link, at): (InstrumentId, LinkId, Timestamp),
    asks: &mut Vec<Ask>,
) {
    if applied == Applied::Buffered {
        spare.question.expect_answer(at);
    }
    if spare.market.sync().is_synced() {
        spare.question.forget();
    } else if applied.wants_snapshot() && spare.question.ask(at) {
        let symbol = spare.market.instrument().symbol.clone();
        asks.push(Ask::Resync { venue: id.venue, link, symbol });
    }
}

fn on_applied(
    watched: &mut Watched,
    applied: Applied,
    (id, at): (InstrumentId, Timestamp),
    asks: &mut Vec<Ask>,
) {
    match applied {
        Applied::Changed | Applied::ChecksumWrong { .. } | Applied::Crossed => {
            if let Some(view) = &mut watched.view {
                view.on_book(&watched.market, at);
            }
        }
        // A subscription asks for its snapshot itself; here it is only seen to that the answer comes.
        Applied::Buffered => watched.expects_snapshot(at),
        Applied::Old | Applied::NeedsSnapshot | Applied::Gap { .. } => {}
    }
    if watched.market.sync().is_synced() {
        watched.forget_question();
    } else if applied.wants_snapshot() && watched.wants_snapshot(at) {
        asks.push(resync(watched, id, watched.link));
    }
}
