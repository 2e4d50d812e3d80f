//! What is remembered of a link: how far each channel was heard, the books that were fetched, and the last changes,
//! which carry a book on to now that was fetched some moments ago.
//!
//! The events of a channel `orderbook-dot` are of orders, which stand in the books of all secondary currencies; a
//! nonce counts them. `GetAllOrders` tells the orders of one book by their ids, but without a nonce, so that nothing
//! proves to which event it reaches: in a capture it lacks some of the last 55 ms before the moment that it states. So
//! all changes of the last minute follow it once more. A change of an order is told by the order's id, and is the same
//! the second time: as soon as all are applied to the end, the book is right, wherever it began.
//!
//! Nor is it told when the rate between two currencies moves, with which an order's price in another currency than its
//! own would have to move. So a book is never more than unverified; that an event is missing is seen all the same.

use std::collections::{BTreeMap, VecDeque};

use market::{BookKind, Continuity, Event, Level, Price, Side, Timestamp};
use serde::{Deserialize, Serialize};

use super::change::Change;
use super::orders::{Orders, Touched};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::is_zero;
use crate::number::{Fault, Scales};
use crate::sided::{Of, push_levels};

const WHAT: &str = "an order event";

/// Changes of a link that are kept: the capture has sixty a second.
const CHANGES_MAX: usize = 8_192;

/// How long they are kept, by the venue's clock. A response took a second.
const KEPT_MS: i64 = 60_000;

/// Channels of a link.
const CHANNELS_MAX: usize = 1_024;

/// Books of a channel, one a secondary currency; there were four.
const BOOKS_MAX: usize = 32;

/// Orders of all books of a link that are kept. The five books of the capture end with 1,783.
const ORDERS_MAX: usize = 1 << 20;

/// What is remembered of one link.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Link {
    channels: BTreeMap<String, Channel>,
    recent: VecDeque<Heard>,
    /// The last nonce of each channel of trades.
    trades: BTreeMap<String, u64>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Channel {
    /// The last nonce.
    last: Option<u64>,
    /// By the secondary currency.
    books: BTreeMap<String, Orders>,
}

/// A change that was heard.
#[derive(Debug, Serialize, Deserialize)]
struct Heard {
    primary: String,
    at_ms: i64,
    change: Change,
}

/// What a nonce says of the events before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Next,
    /// It is the event before once more.
    Repeated,
    /// "An increase of more than 1 from the previous event indicates a dropped event."
    Hole,
    /// "A nonce less than the previous event indicates a reset channel."
    Reset {
        /// The nonce that should have come.
        expected: u64,
    },
}

fn place(last: Option<u64>, nonce: u64) -> Place {
    match last {
        None => Place::Next,
        Some(last) if last == nonce => Place::Repeated,
        Some(last) if nonce < last => Place::Reset { expected: last.saturating_add(1) },
        Some(last) if last.checked_add(1) == Some(nonce) => Place::Next,
        Some(_) => Place::Hole,
    }
}

/// An event of orders, and where it stands.
pub(super) struct Said<'a> {
    pub primary: &'a str,
    pub nonce: u64,
    /// The venue's clock.
    pub at: Option<Timestamp>,
    pub change: Change,
}

/// A price and a quantity in the scales of one book.
type InBook = (u32, String, Option<Level>);

impl Link {
    /// Where a trade of this nonce stands among those of its channel; notes it.
    pub fn note_trade(&mut self, channel: &str, nonce: u64) -> Place {
        let last = self.trades.get(channel).copied();
        if last.is_none() && self.trades.len() >= CHANNELS_MAX {
            self.trades.clear();
        }
        self.trades.insert(channel.to_owned(), nonce);
        place(last, nonce)
    }

    /// Takes an event of orders. Nothing is remembered of one that cannot be understood, so that the next one shows
    /// that it is missing.
    pub fn hear(&mut self, said: Said<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let (last, books) = match self.channels.get(said.primary) {
            Some(channel) => (channel.last, channel.books.keys().cloned().collect()),
            None => (None, Vec::new()),
        };
        let place = place(last, said.nonce);
        match place {
            Place::Repeated => {
                context.unknown("event heard twice");
                return Ok(());
            }
            Place::Reset { expected } if !books.is_empty() => {
                context.push(Event::LinkGap { expected, found: said.nonce });
            }
            Place::Next | Place::Hole | Place::Reset { .. } => {}
        }
        let is_new = matches!(said.change, Change::New { .. });
        if is_new && self.n_orders() + books.len() > ORDERS_MAX {
            return Err(context.malformed(WHAT, "its link has more than 1048576 orders"));
        }
        let in_books = in_books(&said, books, context)?;
        if in_books.is_empty() {
            context.unknown("change before its book");
        }
        if place != Place::Next {
            // What was heard before the hole does not carry a book over it.
            self.recent.retain(|heard| heard.primary != said.primary);
        }
        if !self.channels.contains_key(said.primary) && self.channels.len() >= CHANNELS_MAX {
            self.channels.clear();
            self.recent.clear();
        }
        let channel = self.channels.entry(said.primary.to_owned()).or_default();
        channel.last = Some(said.nonce);
        for (index, secondary, level) in in_books {
            if let Some(orders) = channel.books.get_mut(&secondary) {
                let mut touched = Touched::new();
                apply(orders, &said.change, level, &mut touched);
                let of = |wanted: Side| {
                    let its = touched.iter().filter(move |(side, _)| *side == wanted);
                    its.map(|(side, price)| orders.level(*side, *price))
                };
                let continuity = Continuity::Counted(said.nonce);
                let head = Of { index, kind: BookKind::Delta, continuity, stated_at: said.at };
                tell(&head, of(Side::Buy), of(Side::Sell), context);
            }
        }
        self.keep(said);
        Ok(())
    }

    fn n_orders(&self) -> usize {
        self.channels.values().flat_map(|channel| channel.books.values()).map(Orders::len).sum()
    }

    /// Keeps a change for books that were fetched before it and are told later.
    fn keep(&mut self, said: Said<'_>) {
        let newest = self.recent.back().map_or(0, |heard| heard.at_ms);
        let at_ms = said.at.map_or(newest, |at| at.nanos().div_euclid(1_000_000));
        let oldest = at_ms.saturating_sub(KEPT_MS);
        while self.recent.len() >= CHANGES_MAX
            || self.recent.front().is_some_and(|heard| heard.at_ms < oldest)
        {
            self.recent.pop_front();
        }
        let primary = said.primary.to_owned();
        self.recent.push_back(Heard { primary, at_ms, change: said.change });
    }

    /// A book that was fetched, carried on with what this link heard of late. Nothing is remembered of it yet.
    pub fn carried_on(
        &self,
        (primary, secondary): (&str, &str),
        scales: Scales,
        fetched: &[(String, Side, Level)],
        context: &Context<'_>,
    ) -> Result<Orders, DecodeError> {
        let (mut orders, mut touched) = (Orders::default(), Touched::new());
        for (id, side, level) in fetched {
            orders.put(id, *side, *level, &mut touched);
            touched.clear();
        }
        for heard in self.recent.iter().filter(|heard| heard.primary == primary) {
            let level = level_of(&heard.change, secondary, scales)
                .map_err(|fault| fault.of(context.venue(), &symbol(primary, secondary)))?;
            apply(&mut orders, &heard.change, level, &mut touched);
            touched.clear();
        }
        let too_many = |reason| Err(context.malformed("a book that was fetched", reason));
        let channel = self.channels.get(primary);
        let ended = channel.and_then(|channel| channel.books.get(secondary));
        if self.n_orders() - ended.map_or(0, Orders::len) + orders.len() > ORDERS_MAX {
            return too_many("its link has more than 1048576 orders");
        }
        match channel {
            None if self.channels.len() >= CHANNELS_MAX => {
                too_many("its link has more than 1024 channels")
            }
            Some(channel) if ended.is_none() && channel.books.len() >= BOOKS_MAX => {
                too_many("its channel has more than 32 books")
            }
            Some(_) | None => Ok(orders),
        }
    }

    /// Such a book is this link's from now on; the nonce that it has reached, `None` where its channel was not heard.
    pub fn begin(&mut self, (primary, secondary): (&str, &str), orders: Orders) -> Option<u64> {
        let channel = self.channels.entry(primary.to_owned()).or_default();
        channel.books.insert(secondary.to_owned(), orders);
        channel.last
    }

    /// The orders of a book.
    pub fn orders(&self, (primary, secondary): (&str, &str)) -> Option<&Orders> {
        self.channels.get(primary)?.books.get(secondary)
    }
}

/// The symbol of a book: `dot-nzd`.
pub(super) fn symbol(primary: &str, secondary: &str) -> String {
    format!("{primary}-{secondary}")
}

/// The books in which a change stands, and its numbers in their scales.
fn in_books(
    said: &Said<'_>,
    books: Vec<String>,
    context: &Context<'_>,
) -> Result<Vec<InBook>, DecodeError> {
    let mut found = Vec::new();
    for secondary in books {
        let symbol = symbol(said.primary, &secondary);
        let Some(index) = context.table.index(&symbol) else { continue };
        let level = level_of(&said.change, &secondary, context.table.scales(index))
            .map_err(|fault| fault.of(context.venue(), &symbol))?;
        found.push((index, secondary, level));
    }
    Ok(found)
}

/// The price and the quantity of a change in one book: of a new order both, of one that was filled the quantity. An
/// order far from the market can have a price of zero in another currency than its own: there it has none.
fn level_of(change: &Change, secondary: &str, scales: Scales) -> Result<Option<Level>, Fault> {
    match change {
        Change::New { prices, volume, .. } => {
            let mut prices = prices.iter().filter(|(_, price)| !is_zero(price));
            let price = prices.find(|(currency, _)| currency == secondary);
            price.map(|(_, price)| scales.level(price, volume)).transpose()
        }
        Change::Filled { volume, .. } => {
            let quantity = scales.quantity(volume);
            let quantity =
                quantity.map_err(|reason| Fault::new("a quantity of", volume, reason))?;
            Ok(Some(Level { price: Price(0), quantity }))
        }
        Change::Canceled { .. } | Change::Passed => Ok(None),
    }
}

/// An order without a price in this currency is not in this book.
fn apply(orders: &mut Orders, change: &Change, level: Option<Level>, touched: &mut Touched) {
    match (change, level) {
        (Change::New { id, side, .. }, Some(level)) => orders.put(id, *side, level, touched),
        (Change::Filled { id, .. }, Some(level)) => orders.resize(id, level.quantity, touched),
        (Change::Canceled { id }, _) => orders.remove(id, touched),
        (Change::New { .. } | Change::Filled { .. } | Change::Passed, _) => {}
    }
}

/// Tells of a book message; of a change what rests now where something changed. That may be nowhere: the count goes on.
pub(super) fn tell(
    of: &Of,
    bids: impl Iterator<Item = Level>,
    asks: impl Iterator<Item = Level>,
    context: &mut Context<'_>,
) {
    let start = context.events.levels.len();
    context.events.levels.extend(bids);
    let middle = context.events.levels.len();
    context.events.levels.extend(asks);
    push_levels(of, (start, middle), context);
}
