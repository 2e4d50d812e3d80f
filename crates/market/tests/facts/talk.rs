//! Messages of a venue, made in few words.

use market::{
    Applied, BookKind, BookMessage, Checksum, Continuity, Events, Instrument, InstrumentId, Level,
    Market, Origin, Price, Quantity, Quote, Side, Timestamp, Trade, Venue,
};

pub const ID: InstrumentId = InstrumentId { venue: Venue::Binance, index: 0 };

pub fn instrument() -> Instrument {
    Instrument {
        id: ID,
        symbol: "BTCUSDT".into(),
        base: "BTC".into(),
        quote: "USDT".into(),
        price_scale: 1,
        quantity_scale: 8,
        price_decimals: 1,
        quantity_decimals: 8,
        tick_size: Price(1),
        lot_size: Quantity(1),
        terms: market::Terms::default(),
        is_trading: true,
        origin: Origin::Listed,
    }
}

pub fn market() -> Market {
    Market::new(instrument())
}

pub fn level((price, quantity): (i64, i64)) -> Level {
    Level { price: Price(price), quantity: Quantity(quantity) }
}

/// A book message with its levels.
#[derive(Clone, Debug)]
pub struct Said {
    pub message: BookMessage,
    pub events: Events,
}

impl Said {
    pub fn new(
        kind: BookKind,
        continuity: Continuity,
        bids: &[(i64, i64)],
        asks: &[(i64, i64)],
    ) -> Self {
        let levels: Vec<Level> = bids.iter().chain(asks).copied().map(level).collect();
        let message = BookMessage {
            instrument: ID,
            kind,
            continuity,
            checksum: None,
            depth: None,
            bids: 0..bids.len(),
            asks: bids.len()..levels.len(),
            stated_at: None,
        };
        Self { message, events: Events { items: Vec::new(), levels } }
    }

    pub fn cut_to(mut self, depth: u32) -> Self {
        self.message.depth = Some(depth);
        self
    }

    pub fn summing_to(mut self, checksum: Checksum) -> Self {
        self.message.checksum = Some(checksum);
        self
    }

    pub fn to(&self, market: &mut Market) -> Applied {
        market.apply_book(&self.message, &self.events, Timestamp::from_millis(1))
    }

    pub fn to_at(&self, market: &mut Market, at: Timestamp) -> Applied {
        market.apply_book(&self.message, &self.events, at)
    }
}

pub fn snapshot(continuity: Continuity) -> Said {
    Said::new(BookKind::Snapshot, continuity, &[(100, 5), (99, 6)], &[(101, 7), (102, 8)])
}

/// A spot delta `first..=last` that puts its last id as the quantity at the best bid.
pub fn spot(first: u64, last: u64) -> Said {
    let continuity = Continuity::Range { first, last };
    Said::new(BookKind::Delta, continuity, &[(100, last as i64)], &[])
}

/// A futures delta; see [`spot`].
pub fn futures(previous: u64, first: u64, last: u64) -> Said {
    let continuity = Continuity::Previous { first, last, previous };
    Said::new(BookKind::Delta, continuity, &[(100, last as i64)], &[])
}

pub fn delta(continuity: Continuity) -> Said {
    Said::new(BookKind::Delta, continuity, &[(100, 55)], &[])
}

pub fn quote(update_id: u64, bid: (i64, i64), ask: (i64, i64)) -> Quote {
    Quote { instrument: ID, update_id, bid: level(bid), ask: level(ask) }
}

pub fn trade(trade_id: u64, traded_at_ms: i64, price: i64, quantity: i64, taker: Side) -> Trade {
    Trade {
        instrument: ID,
        trade_id,
        n_fills: 1,
        price: Price(price),
        quantity: Quantity(quantity),
        taker,
        traded_at: Timestamp::from_millis(traded_at_ms),
    }
}

/// What rests at the best bid.
pub fn bid_quantity(market: &Market) -> i64 {
    market.book().quantity_at(Side::Buy, Price(100)).0
}
