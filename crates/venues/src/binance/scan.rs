//! The fast way for the three kinds of frames that are nearly all of the traffic: fields in the order in which Binance
//! writes them, nothing else. Whatever looks otherwise is given up and left to serde, which is its oracle in the tests.

use std::ops::Range;

use market::number::{digits_at_start, fixed_at_start};
use market::{
    BookKind, BookMessage, Continuity, Level, Price, Quantity, Quote, Side, Timestamp, Trade,
};

use super::decode::timestamp;
use crate::context::Context;
use crate::number::Scales;

/// What a frame is that could be scanned. The levels of a book have been appended to the events.
#[derive(Debug)]
pub(super) enum Scanned {
    Book(BookMessage),
    Trade(Trade),
    Quote(Quote),
}

/// Scans a frame of an instrument that is known; `None`, with nothing changed, when it must be left to serde.
pub(super) fn scan(frame: &[u8], context: &mut Context<'_>) -> Option<Scanned> {
    let n_levels = context.events.levels.len();
    let scanned = Scan { rest: frame }.frame(context);
    if scanned.is_none() {
        context.events.levels.truncate(n_levels);
    }
    scanned
}

/// What is left of a frame.
struct Scan<'f> {
    rest: &'f [u8],
}

impl<'f> Scan<'f> {
    fn frame(mut self, context: &mut Context<'_>) -> Option<Scanned> {
        let mut may_be_depth = true;
        let end: &[u8] = if self.try_literal(b"{\"stream\":\"") {
            let (_, kind) = self.string()?.split_once('@')?;
            may_be_depth = kind == "depth" || kind.starts_with("depth@");
            self.literal(b",\"data\":")?;
            b"}}"
        } else {
            b"}"
        };
        let scanned = if may_be_depth && self.try_literal(b"{\"e\":\"depthUpdate\",\"E\":") {
            self.depth(context)?
        } else if self.try_literal(b"{\"e\":\"trade\",\"E\":") {
            self.trade(context)?
        } else {
            self.quote(context)?
        };
        (self.rest == end).then_some(scanned)
    }

    /// Spot: `E s U u b a`; futures: `E T s [ps] U u pu b a`, with `ps` and `st` before or after `s`.
    fn depth(&mut self, context: &mut Context<'_>) -> Option<Scanned> {
        let sent_at = self.integer()?;
        let index = self.index(context)?;
        self.literal(b",\"U\":")?;
        let first = self.integer()?;
        self.literal(b",\"u\":")?;
        let last = self.integer().filter(|last| *last >= first)?;
        let continuity = if self.try_literal(b",\"pu\":") {
            Continuity::Previous { first, last, previous: self.integer()? }
        } else {
            Continuity::Range { first, last }
        };
        let scales = context.table.scales(index);
        self.literal(b",\"b\":")?;
        let bids = self.side(scales, &mut context.events.levels)?;
        self.literal(b",\"a\":")?;
        let asks = self.side(scales, &mut context.events.levels)?;
        Some(Scanned::Book(BookMessage {
            instrument: context.table.id(index),
            kind: BookKind::Delta,
            continuity,
            checksum: None,
            depth: None,
            bids,
            asks,
            stated_at: Some(timestamp(sent_at)),
        }))
    }

    /// Spot: `E s t p q T m M`; futures: `E T s t p q X m`.
    fn trade(&mut self, context: &mut Context<'_>) -> Option<Scanned> {
        self.integer()?;
        let mut traded_at = self.time()?;
        let index = self.index(context)?;
        let scales = context.table.scales(index);
        self.literal(b",\"t\":")?;
        let trade_id = self.integer()?;
        self.literal(b",\"p\":")?;
        let price = self.price(scales)?;
        self.literal(b",\"q\":")?;
        let quantity = self.quantity(scales).filter(|quantity| quantity.0 > 0)?;
        if traded_at.is_none() {
            traded_at = self.time()?;
        } else if self.try_literal(b",\"X\":") {
            self.literal(b"\"MARKET\"")?;
        }
        self.literal(b",\"m\":")?;
        // Whether the buyer is the maker: then the taker sold.
        let taker = if self.boolean()? { Side::Sell } else { Side::Buy };
        if self.try_literal(b",\"M\":") {
            self.boolean()?;
        }
        Some(Scanned::Trade(Trade {
            instrument: context.table.id(index),
            trade_id,
            n_fills: 1,
            price,
            quantity,
            taker,
            traded_at: traded_at?,
        }))
    }

    /// Spot: `u s b B a A`; USD-M: `e u s b B a A T E`; COIN-M: `u e s ps b B a A T E`.
    fn quote(&mut self, context: &mut Context<'_>) -> Option<Scanned> {
        self.literal(b"{")?;
        let is_named = self.try_literal(b"\"e\":\"bookTicker\",");
        self.literal(b"\"u\":")?;
        let update_id = self.integer()?;
        if !is_named {
            self.try_literal(b",\"e\":\"bookTicker\"");
        }
        let index = self.index(context)?;
        let scales = context.table.scales(index);
        let mut level = |price: &[u8], quantity: &[u8]| {
            self.literal(price)?;
            let price = self.price(scales)?;
            self.literal(quantity)?;
            Some(Level { price, quantity: self.quantity(scales)? })
        };
        let bid = level(b",\"b\":", b",\"B\":")?;
        let ask = level(b",\"a\":", b",\"A\":")?;
        if self.time()?.is_some() && self.try_literal(b",\"E\":") {
            self.integer()?;
        }
        Some(Scanned::Quote(Quote { instrument: context.table.id(index), update_id, bid, ask }))
    }

    /// `,"T":1` if it is next.
    fn time(&mut self) -> Option<Option<Timestamp>> {
        if self.try_literal(b",\"T\":") {
            self.integer().map(timestamp).map(Some)
        } else {
            Some(None)
        }
    }

    /// `[,"T":1],"s":"BTCUSDT"[,"ps":"BTCUSDT"][,"st":1]`, and the position of the symbol if it is known.
    fn index(&mut self, context: &mut Context<'_>) -> Option<u32> {
        self.time()?;
        self.literal(b",\"s\":\"")?;
        let index = context.table.index_in_a_run(self.string()?)?;
        if self.try_literal(b",\"ps\":\"") {
            self.string()?;
        }
        if self.try_literal(b",\"st\":") {
            self.integer()?;
        }
        Some(index)
    }

    /// `[["1.5","2"],["1.4","0"]]`
    fn side(&mut self, scales: Scales, levels: &mut Vec<Level>) -> Option<Range<usize>> {
        let start = levels.len();
        self.literal(b"[")?;
        if self.try_literal(b"]") {
            return Some(start..start);
        }
        loop {
            self.literal(b"[")?;
            let price = self.price(scales)?;
            self.literal(b",")?;
            let quantity = self.quantity(scales)?;
            levels.push(Level { price, quantity });
            if self.try_literal(b"],") {
                continue;
            }
            self.literal(b"]]")?;
            return Some(start..levels.len());
        }
    }

    fn price(&mut self, scales: Scales) -> Option<Price> {
        self.number(scales.price).filter(|price| *price > 0).map(Price)
    }

    fn quantity(&mut self, scales: Scales) -> Option<Quantity> {
        self.number(scales.quantity).map(Quantity)
    }

    /// `"digits.digits"` or `"digits"` at a scale; no sign, no exponent, at most 18 digits.
    #[inline]
    fn number(&mut self, scale: u8) -> Option<i64> {
        let text = self.rest.strip_prefix(b"\"")?;
        let (value, n_bytes) = fixed_at_start(text, scale)?;
        self.rest = text[n_bytes..].strip_prefix(b"\"")?;
        Some(value)
    }

    /// A whole number as JSON writes it: no leading zeros.
    fn integer(&mut self) -> Option<u64> {
        let (number, n_digits) = digits_at_start(0, self.rest)?;
        let is_usual = n_digits > 0 && n_digits <= 18 && (n_digits == 1 || self.rest[0] != b'0');
        self.rest = &self.rest[n_digits..];
        is_usual.then_some(number)
    }

    fn boolean(&mut self) -> Option<bool> {
        let is_true = self.try_literal(b"true");
        (is_true || self.try_literal(b"false")).then_some(is_true)
    }

    /// The rest of a string whose opening quote was taken; printed ASCII without escapes, so that only this much of a
    /// frame must be known to be text.
    fn string(&mut self) -> Option<&'f str> {
        let is_end = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1F | 0x80..);
        let n_bytes = self.rest.iter().position(is_end)?;
        let (string, rest) = self.rest.split_at(n_bytes);
        self.rest = rest.strip_prefix(b"\"")?;
        std::str::from_utf8(string).ok()
    }

    #[inline]
    fn literal(&mut self, literal: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(literal)?;
        Some(())
    }

    #[inline]
    fn try_literal(&mut self, literal: &[u8]) -> bool {
        self.literal(literal).is_some()
    }
}
