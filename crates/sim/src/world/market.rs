//! One market: a book that quotes change, that takers eat, and in which walls stand.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::flow::{distance, exponential, taker_size, wait};
use super::mood::{Mood, seconds};
use super::relief::Relief;
use super::walls::Walls;
use super::{Book, Listing, SECOND, Side, Tape, history};

/// Quotes change at least this often, so that an instrument changes at least three times a second.
const QUIET_LONGEST: i64 = 300_000_000;
/// Takers come at least this often, so that an instrument never pauses longer than ten seconds.
const NO_TRADE_LONGEST: i64 = 7 * SECOND;
/// Levels that nobody takes from a side, so that a side is never empty.
const N_LEVELS_LEAST: usize = 20;

/// A level that changed: the whole quantity that rests there now, 0 when the level is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Bids or asks.
    pub side: Side,
    /// The price.
    pub price: i64,
    /// The quantity.
    pub quantity: i64,
}

/// A trade against one resting order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Print {
    /// Counts the prints of a market without holes.
    pub trade_id: u64,
    /// The price, which stood in the book.
    pub price: i64,
    /// The quantity.
    pub quantity: i64,
    /// The aggressor's side: [`Side::Bid`] is a buyer.
    pub taker: Side,
    /// Simulated time in nanoseconds.
    pub at: i64,
}

/// All that happens to a market at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Simulated time in nanoseconds.
    pub at: i64,
    /// Update id of the first change; each change has one of its own.
    pub first_update: u64,
    /// In order; a price that stands here twice ends as the last says.
    pub changes: Vec<Change>,
    /// In order.
    pub prints: Vec<Print>,
}

/// One market.
#[derive(Debug)]
pub struct Market {
    listing: Listing,
    book: Book,
    mood: Mood,
    relief: Relief,
    walls: Walls,
    tape: Tape,
    rng: ChaCha8Rng,
    now: i64,
    quote_at: i64,
    taker_at: i64,
    wall_at: i64,
    update_id: u64,
    trade_id: u64,
    changes: Vec<Change>,
}

impl Market {
    pub(super) fn new(listing: Listing, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut market = Self {
            book: Book::default(),
            mood: Mood::new(&listing),
            relief: Relief::new(&listing, rng.random()),
            walls: Walls::new(&listing),
            tape: Tape::after(history::minutes(&listing, seed)),
            now: 0,
            quote_at: 1,
            taker_at: wait(&mut rng, listing.character.takers_per_s, NO_TRADE_LONGEST),
            wall_at: seconds(0.5),
            // Real ones exceed 2^32 and 2^31, and clients have failed on that.
            update_id: 50_093_239_188 + rng.random_range(0..1_000_000_000),
            trade_id: 3_735_683_258 + rng.random_range(0..100_000_000),
            changes: Vec::new(),
            listing,
            rng,
        };
        market.open();
        market
    }

    /// What is traded here.
    pub fn listing(&self) -> &Listing {
        &self.listing
    }

    /// The book as it stands.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// What was traded.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Id of the last change of the book.
    pub fn update_id(&self) -> u64 {
        self.update_id
    }

    /// Simulated time of the next event.
    pub(super) fn next_at(&self) -> i64 {
        self.quote_at.min(self.taker_at).min(self.wall_at)
    }

    /// Lets the next event happen. `None` when it changes nothing.
    pub(super) fn step(&mut self) -> Option<Transaction> {
        self.now = self.next_at();
        self.mood.advance(self.now, self.middle(), &mut self.rng);
        let first_update = self.update_id + 1;
        let prints = if self.now == self.taker_at {
            self.take()
        } else {
            if self.now == self.wall_at {
                self.attend_walls()
            } else {
                self.quote()
            }
            Vec::new()
        };
        self.schedule();
        if self.changes.is_empty() {
            return None;
        }
        let changes = std::mem::take(&mut self.changes);
        Some(Transaction { at: self.now, first_update, changes, prints })
    }

    fn schedule(&mut self) {
        let (character, rate) = (self.listing.character, self.mood.rate());
        let rng = &mut self.rng;
        if self.now == self.taker_at {
            let per_s = character.takers_per_s * rate;
            self.taker_at = self.now + wait(rng, per_s, NO_TRADE_LONGEST);
        } else if self.now == self.wall_at {
            self.wall_at = self.now + seconds(0.3 + exponential(rng));
        } else {
            self.quote_at = self.now + wait(rng, character.quotes_per_s * rate, QUIET_LONGEST);
        }
    }

    /// Fills the book of the first moment.
    fn open(&mut self) {
        let (start, half) = (self.mood.fair() as i64, self.listing.character.spread_ticks / 2);
        for side in [Side::Bid, Side::Ask] {
            let first = match side {
                Side::Bid => start - half,
                Side::Ask => start + half + 1,
            };
            let mut behind = 0;
            while self.book.len(side) < self.listing.character.levels {
                let tick = first + behind * side.away();
                if tick < 1 {
                    break;
                }
                let quantity = self.relief.quantity(tick, behind, 0).max(
                    // The touch itself is never empty.
                    if behind == 0 { self.listing.lot } else { 0 },
                );
                self.set(side, tick, quantity);
                behind += 1;
            }
        }
        self.changes.clear();
    }

    /// Makers change their minds.
    fn quote(&mut self) {
        let at_touch = self.listing.character.at_touch;
        if at_touch > 0.0 && self.rng.random_bool(at_touch) {
            return self.quote_touch();
        }
        self.retreat();
        self.close_spread();
        let n_changes = 1 + (exponential(&mut self.rng) * 2.2).min(7.0) as usize;
        for _ in 0..n_changes {
            self.requote();
        }
        self.tend_edges();
        // An instrument that stood still would look dead: the touch breathes.
        self.quote_touch();
    }

    /// Someone changes what rests at a best price, unless something has changed already.
    fn quote_touch(&mut self) {
        while self.changes.is_empty() {
            let side = self.any_side();
            let Some(tick) = self.best_tick(side) else { return };
            self.quote_at_tick(side, tick, 0);
        }
    }

    /// Makers leave the side that the fair price has passed; walls stay.
    fn retreat(&mut self) {
        let (fair, middle) = (self.mood.fair(), self.middle());
        let side = if fair > middle { Side::Ask } else { Side::Bid };
        let swing = self.listing.character.swing_ticks;
        for _ in 0..8 {
            let Some(tick) = self.best_tick(side) else { return };
            let excess = (fair - tick as f64) * side.away() as f64;
            let is_kept = excess <= 0.0 || !self.rng.random_bool((excess / (swing + 1.0)).min(0.8));
            if is_kept || self.walls.holds(side, tick) || self.book.len(side) <= N_LEVELS_LEAST {
                return;
            }
            self.set(side, tick, 0);
        }
    }

    /// Makers step into a spread that is wider than usual, towards the fair price.
    fn close_spread(&mut self) {
        let usual = self.listing.character.spread_ticks;
        let want = usual + (exponential(&mut self.rng) * 0.35 * usual as f64) as i64;
        for _ in 0..6 {
            let (Some(bid), Some(ask)) = (self.best_tick(Side::Bid), self.best_tick(Side::Ask))
            else {
                return;
            };
            let room = ask - bid - want;
            if room <= 0 {
                return;
            }
            let side = if self.mood.fair() > self.middle() { Side::Bid } else { Side::Ask };
            let stride = 1 + (exponential(&mut self.rng) * 1.5) as i64;
            let from = if side == Side::Bid { bid } else { ask };
            self.quote_at_tick(side, from - stride.min(room) * side.away(), 0);
        }
    }

    /// Someone changes one level somewhere behind the touch.
    fn requote(&mut self) {
        let side = self.any_side();
        let Some(touch) = self.best_tick(side) else { return };
        let Some(worst) = self.book.worst(side) else { return };
        let reach = (worst / self.listing.tick - touch).abs();
        let behind = distance(&mut self.rng, reach);
        let tick = touch + behind * side.away();
        let quantity = self.relief.quantity(tick, behind, self.now);
        if tick < 1 || self.walls.holds(side, tick) {
            return;
        }
        if quantity > 0 {
            self.quote_at_tick(side, tick, behind);
        } else if self.book.len(side) > N_LEVELS_LEAST {
            self.set(side, tick, 0);
        }
    }

    /// Quotes about what is usual at this price, at least a lot.
    fn quote_at_tick(&mut self, side: Side, tick: i64, behind: i64) {
        let usual = self.relief.quantity(tick, behind, self.now).max(self.listing.lot * 20);
        let quantity = usual as f64 * self.rng.random_range(0.72..1.28);
        let lots = (quantity / self.listing.lot as f64) as i64;
        self.set(side, tick, lots.max(1) * self.listing.lot);
    }

    /// Keeps as many levels as the market has: the far end grows and is trimmed.
    fn tend_edges(&mut self) {
        for side in [Side::Bid, Side::Ask] {
            let levels = self.listing.character.levels;
            let Some(worst) = self.book.worst(side).map(|price| price / self.listing.tick) else {
                continue;
            };
            if self.book.len(side) > levels + levels / 8 && !self.walls.holds(side, worst) {
                self.set(side, worst, 0);
            } else if self.book.len(side) < levels && worst > 4 {
                let tick = worst + self.rng.random_range(1..=3) * side.away();
                self.quote_at_tick(side, tick, levels as i64);
            }
        }
    }

    fn attend_walls(&mut self) {
        let mut asked = Vec::new();
        let moment = (self.now, self.listing.tick);
        self.walls.attend(&self.book, moment, &mut self.rng, |side, tick, quantity| {
            asked.push((side, tick, quantity));
        });
        for (side, tick, quantity) in asked {
            match quantity {
                Some(quantity) => self.set(side, tick, quantity),
                None => self.quote_at_tick(side, tick, 1),
            }
        }
    }

    /// A taker eats what stands there, best first.
    fn take(&mut self) -> Vec<Print> {
        let swing = self.listing.character.swing_ticks;
        let urge = (self.mood.fair() - self.middle()) / (swing * 0.8 + 0.5);
        let is_buyer = self.rng.random_bool(1.0 / (1.0 + (-urge).exp()));
        let taker = if is_buyer { Side::Bid } else { Side::Ask };
        let eagerness = 0.6 + 0.4 * self.mood.breadth();
        let size =
            taker_size(&mut self.rng) * eagerness * self.listing.character.usual_quantity as f64;
        let mut left = ((size / self.listing.lot as f64) as i64).max(1) * self.listing.lot;
        let reach = (swing * 3.0) as i64 + 2 * self.listing.character.spread_ticks + 1;
        let Some(limit) = self.best_tick(taker.opposite()).map(|tick| tick - reach * taker.away())
        else {
            return Vec::new();
        };
        let mut prints = Vec::new();
        while left > 0 && self.book.len(taker.opposite()) > N_LEVELS_LEAST {
            let Some(tick) = self.best_tick(taker.opposite()) else { break };
            if (tick - limit) * taker.away() < 0 {
                break;
            }
            left -= self.eat(taker, tick, left, &mut prints);
        }
        prints
    }

    /// Eats up to `wanted` of the level at `tick`, as one print for each order that rests there.
    fn eat(&mut self, taker: Side, tick: i64, wanted: i64, prints: &mut Vec<Print>) -> i64 {
        let (price, resting) = (tick * self.listing.tick, taker.opposite());
        let stands = self.book.quantity(resting, price);
        let eaten = wanted.min(stands);
        let lots = eaten / self.listing.lot;
        let n_orders = if lots > 40 { self.rng.random_range(1..=3) } else { 1 };
        let mut lots_left = lots;
        for order in (0..n_orders).rev() {
            let part =
                if order == 0 { lots_left } else { self.rng.random_range(1..=lots_left / 2) };
            lots_left -= part;
            self.trade_id += 1;
            let quantity = part * self.listing.lot;
            let print = Print { trade_id: self.trade_id, price, quantity, taker, at: self.now };
            self.tape.record(print);
            prints.push(print);
        }
        self.set(resting, tick, stands - eaten);
        eaten
    }

    /// Every change of the book goes through here: counted, remembered, and never across the spread.
    fn set(&mut self, side: Side, tick: i64, quantity: i64) {
        let price = tick * self.listing.tick;
        let crosses =
            self.book.best(side.opposite()).is_some_and(|touch| (price - touch) * side.away() <= 0);
        if tick < 1 || (quantity > 0 && crosses) {
            return;
        }
        if self.book.set(side, price, quantity) {
            self.update_id += 1;
            self.changes.push(Change { side, price, quantity });
        }
    }

    fn any_side(&mut self) -> Side {
        if self.rng.random_bool(0.5) { Side::Bid } else { Side::Ask }
    }

    fn best_tick(&self, side: Side) -> Option<i64> {
        self.book.best(side).map(|price| price / self.listing.tick)
    }

    /// The middle of the book in ticks; the fair price while a side is empty.
    fn middle(&self) -> f64 {
        match (self.best_tick(Side::Bid), self.best_tick(Side::Ask)) {
            (Some(bid), Some(ask)) => (bid + ask) as f64 / 2.0,
            (None, _) | (_, None) => self.mood.fair(),
        }
    }
}
