//! What one market says on a combined link of Binance: trades and the touch at once, deltas every 100 ms.

use bytes::Bytes;

use crate::binance::frames;
use crate::world::{Listing, Market, Side, Transaction, World};

/// Length of a delta's window.
const WINDOW: i64 = 100_000_000;

/// A frame, and the simulated time at which it was sent.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) at: i64,
    pub(super) frame: Bytes,
}

/// One market, and what of it was not yet said.
pub(super) struct Voice {
    world: World,
    /// Unix nanoseconds of simulated time 0.
    epoch: i64,
    wrappings: Wrappings,
    touch: Option<((i64, i64), (i64, i64))>,
    window: Window,
    /// Windows up to here were said.
    said_to: i64,
}

/// How frames begin that name their stream.
struct Wrappings {
    depth: String,
    trade: String,
    touch: String,
}

/// Changes since the last delta.
#[derive(Default)]
struct Window {
    /// First and last update id.
    range: Option<(u64, u64)>,
    /// In the order in which they happened.
    changes: Vec<(Side, i64, i64)>,
}

/// The streams of a market.
pub(super) fn streams(listing: &Listing) -> [String; 3] {
    let symbol = frames::symbol(listing).to_lowercase();
    ["depth@100ms", "trade", "bookTicker"].map(|kind| format!("{symbol}@{kind}"))
}

impl Voice {
    /// The voice of the first market of a world.
    pub(super) fn of(world: World, epoch: i64) -> Option<Self> {
        let wrapping = |stream| format!(r#"{{"stream":"{stream}","data":"#);
        let [depth, trade, touch] = streams(world.markets().first()?.listing()).map(wrapping);
        let wrappings = Wrappings { depth, trade, touch };
        let (touch, window) = (None, Window::default());
        Some(Self { world, epoch, wrappings, touch, window, said_to: 0 })
    }

    /// Lets time run to `to`, a whole number of windows, and appends what is said on the way.
    pub(super) fn speak_until(&mut self, to: i64, out: &mut Vec<Said>) {
        let Self { world, epoch, wrappings, touch, window, said_to } = self;
        while *said_to + WINDOW <= to {
            *said_to += WINDOW;
            world.advance(*said_to, |_, market, transaction| {
                let ms = (*epoch + transaction.at) / 1_000_000;
                window.add(transaction);
                let mut say =
                    |wrapping, frame: &str| out.push(said(transaction.at, wrapping, frame));
                for print in &transaction.prints {
                    say(&wrappings.trade, &frames::trade(market.listing(), print, (ms, ms)));
                }
                let now = touch_of(market);
                if let Some((bid, ask)) = now.filter(|_| *touch != now) {
                    *touch = now;
                    let update = (market.update_id(), ms);
                    let frame = frames::book_ticker(market.listing(), update, bid, ask);
                    say(&wrappings.touch, &frame);
                }
            });
            let ms = (*epoch + *said_to) / 1_000_000;
            let frame = world.markets().first().and_then(|market| window.frame(market, ms));
            out.extend(frame.map(|frame| said(*said_to, &wrappings.depth, &frame)));
        }
    }
}

fn touch_of(market: &Market) -> Option<((i64, i64), (i64, i64))> {
    let book = market.book();
    book.levels(Side::Bid).next().zip(book.levels(Side::Ask).next())
}

fn said(at: i64, wrapping: &str, frame: &str) -> Said {
    let mut text = String::with_capacity(wrapping.len() + frame.len() + 1);
    text.push_str(wrapping);
    text.push_str(frame);
    text.push('}');
    Said { at, frame: Bytes::from(text) }
}

impl Window {
    fn add(&mut self, transaction: &Transaction) {
        let last = transaction.first_update + transaction.changes.len() as u64 - 1;
        self.range = Some((self.range.map_or(transaction.first_update, |(first, _)| first), last));
        let changes = transaction.changes.iter();
        self.changes.extend(changes.map(|one| (one.side, one.price, one.quantity)));
    }

    /// All changes as one delta: of each price the last, bids and asks best first.
    fn frame(&mut self, market: &Market, sent_ms: i64) -> Option<String> {
        let range = self.range.take()?;
        let mut changes = std::mem::take(&mut self.changes);
        // The newest of a price comes first, and the others go.
        changes.reverse();
        changes.sort_by_key(|(side, price, _)| (*side, price * side.away()));
        changes.dedup_by_key(|(side, price, _)| (*side, *price));
        let n_bids = changes.partition_point(|(side, ..)| *side == Side::Bid);
        let levels = |all: &[(Side, i64, i64)]| -> Vec<(i64, i64)> {
            all.iter().map(|(_, price, quantity)| (*price, *quantity)).collect()
        };
        let (bids, asks) = (levels(&changes[..n_bids]), levels(&changes[n_bids..]));
        Some(frames::delta(market.listing(), sent_ms, range, (&bids, &asks)))
    }
}
