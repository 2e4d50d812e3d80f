//! A scripted market: facts in the order and with the ticks in which the engine would tell them.

use market::{
    BookKind, BookMessage, Cause, Continuity, Events, Instrument, InstrumentId, Level, Market,
    Origin, Price, Quantity, Side, Timestamp, Trade, Venue,
};
use proptest::prelude::*;
use view::heat::FineLengths;
use view::{Header, Health, InstrumentView, Screen, Shown};

/// Unix ms at which scripts begin: a whole minute.
pub const START_MS: i64 = 1_784_483_640_000;

/// An instrument with a tick of 0.1 and quantities of three decimals.
pub fn instrument() -> Instrument {
    Instrument {
        id: InstrumentId { venue: Venue::Binance, index: 0 },
        symbol: "BTCUSDT".into(),
        base: "BTC".into(),
        quote: "USDT".into(),
        price_scale: 1,
        quantity_scale: 3,
        price_decimals: 1,
        quantity_decimals: 3,
        tick_size: Price(1),
        lot_size: Quantity(1),
        terms: market::Terms::default(),
        is_trading: true,
        origin: Origin::Listed,
    }
}

/// A market, its view, and the time.
#[derive(Clone, Debug)]
pub struct Script {
    pub market: Market,
    pub view: InstrumentView,
    pub at: Timestamp,
    /// Levels to which the venue cuts the book.
    pub depth: Option<u32>,
    pub next_trade_id: u64,
}

impl Script {
    pub fn new() -> Self {
        let instrument = instrument();
        Self {
            view: InstrumentView::new(&instrument),
            market: Market::new(instrument),
            at: Timestamp::from_millis(START_MS),
            depth: None,
            next_trade_id: 1,
        }
    }

    /// A script that begins with a book: bids from 99.9 and asks from 100.1, ten levels each of 1.000.
    pub fn with_book() -> Self {
        let mut script = Self::new();
        let bids: Vec<_> = (0..10).map(|n| (999 - n, 1_000)).collect();
        let asks: Vec<_> = (0..10).map(|n| (1_001 + n, 1_000)).collect();
        script.snapshot(&bids, &asks);
        script.health(Health::Right, None);
        script
    }

    pub fn shown(&self) -> Shown<'_> {
        Shown { view: &self.view, market: &self.market }
    }

    pub fn header(&self) -> Header {
        Header { session_at: self.at, last_packet_at: Some(self.at), ..Header::default() }
    }

    /// Time passes, and the grid is told.
    pub fn wait(&mut self, ms: i64) {
        self.pass(ms);
        self.tick();
    }

    /// Time passes, and nobody is told.
    pub fn pass(&mut self, ms: i64) {
        self.at = self.at.plus_nanos(ms * 1_000_000);
    }

    pub fn tick(&mut self) {
        self.view.on_fine(&self.market, self.at);
        self.view.on_grid(&self.market, self.at);
    }

    /// Keeps fine columns of this length from now on.
    pub fn fine(&mut self, column_ms: u32) {
        self.view.set_fine(&self.market, FineLengths::of(column_ms), self.at);
    }

    pub fn snapshot(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        self.book(BookKind::Snapshot, bids, asks);
    }

    pub fn change(&mut self, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        self.book(BookKind::Delta, bids, asks);
    }

    pub fn trade(&mut self, price: i64, quantity: i64, taker: Side) {
        self.tick();
        let trade = Trade {
            instrument: self.market.instrument().id,
            trade_id: self.next_trade_id,
            n_fills: 1,
            price: Price(price),
            quantity: Quantity(quantity),
            taker,
            traded_at: self.at,
        };
        self.next_trade_id += 1;
        if self.market.apply_trade(&trade, self.at) {
            self.view.on_trade(&self.market, &trade, self.at);
        }
    }

    pub fn health(&mut self, health: Health, cause: Option<Cause>) {
        self.tick();
        if let Some(cause) = cause {
            self.market.lose(cause);
        }
        self.view.on_health(health, cause, self.at);
    }

    /// The digest of all panels, as the bytes themselves.
    pub fn digest(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.view.digest(&self.market, &mut |part| bytes.extend_from_slice(part));
        bytes
    }

    pub fn frame(&self, screen: &mut Screen, acked: u64) -> Vec<u8> {
        screen.next_frame(Some(self.shown()), &self.header(), acked)
    }

    fn book(&mut self, kind: BookKind, bids: &[(i64, i64)], asks: &[(i64, i64)]) {
        self.tick();
        let level = |(price, quantity): &(i64, i64)| Level {
            price: Price(*price),
            quantity: Quantity(*quantity),
        };
        let levels: Vec<Level> = bids.iter().chain(asks).map(level).collect();
        let message = BookMessage {
            instrument: self.market.instrument().id,
            kind,
            continuity: Continuity::Unnumbered,
            checksum: None,
            depth: self.depth,
            bids: 0..bids.len(),
            asks: bids.len()..levels.len(),
            stated_at: None,
        };
        let events = Events { items: Vec::new(), levels };
        self.market.apply_book(&message, &events, self.at);
        self.view.on_book(&self.market, self.at);
    }
}

/// One thing that can happen.
#[derive(Clone, Debug)]
pub enum Fact {
    Bid(i64, i64),
    Ask(i64, i64),
    Trade(i64, i64, bool),
    Snapshot(i64),
    Lose,
    Quiet,
}

/// A fact, and how long after the one before.
pub fn facts() -> impl Strategy<Value = (i64, Fact)> {
    let size = prop_oneof![1 => Just(0_i64), 4 => 1_i64..5_000];
    let fact = prop_oneof![
        6 => (980_i64..1_000, size.clone()).prop_map(|(price, size)| Fact::Bid(price, size)),
        6 => (1_001_i64..1_020, size).prop_map(|(price, size)| Fact::Ask(price, size)),
        4 => (990_i64..1_010, 1_i64..3_000, any::<bool>())
            .prop_map(|(price, size, is_buy)| Fact::Trade(price, size, is_buy)),
        1 => (900_i64..1_100).prop_map(Fact::Snapshot),
        1 => Just(Fact::Lose),
        1 => Just(Fact::Quiet),
    ];
    let pause = prop_oneof![6 => 0_i64..120, 3 => 100_i64..900, 1 => 900_i64..70_000];
    (pause, fact)
}

impl Script {
    /// Lets a fact happen now.
    pub fn happen(&mut self, fact: &Fact) {
        match fact {
            Fact::Bid(price, size) => self.change(&[(*price, *size)], &[]),
            Fact::Ask(price, size) => self.change(&[], &[(*price, *size)]),
            Fact::Trade(price, size, true) => self.trade(*price, *size, Side::Buy),
            Fact::Trade(price, size, false) => self.trade(*price, *size, Side::Sell),
            Fact::Snapshot(middle) => {
                self.snapshot(&[(middle - 1, 700), (middle - 5, 900)], &[(middle + 1, 800)]);
                self.health(Health::Right, None);
            }
            Fact::Lose => self.health(Health::Stale, Some(Cause::LinkDown)),
            Fact::Quiet if self.view.health().is_good() => self.health(Health::Quiet, None),
            Fact::Quiet => {}
        }
    }
}
