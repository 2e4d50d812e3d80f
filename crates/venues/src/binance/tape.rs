//! Trades and aggregate trades → the tape.

use market::{Event, Level, Side, Trade};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::decode::{Decode, timestamp};
use super::message::Message;
use crate::context::{Context, Subject};
use crate::error::DecodeError;
use crate::json::{integer, is_zero, string, token};
use crate::number::Printing;

/// Which of the two kinds of trades makes the tape of an instrument: the first that was heard. The other would count
/// each trade twice, and its ids are of another series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Tape {
    #[default]
    Unheard,
    Trades,
    Aggregates,
}

impl Decode {
    pub(super) fn trade(
        &mut self,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "a trade";
        // Futures: settlements by the insurance fund and the like are no trades of the market.
        if let Some(execution) = string(message.execution)
            && execution != "MARKET"
        {
            context.unknown(&format!("trade {execution}"));
            return Ok(());
        }
        let id = integer(message.trade_id).ok_or_else(|| context.no_field(WHAT, "t"))?;
        let print = Print { what: WHAT, id, n_fills: 1, tape: Tape::Trades };
        self.print_message(message, print, context)
    }

    pub(super) fn aggregate(
        &mut self,
        message: &Message<'_>,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        const WHAT: &str = "an aggregate trade";
        let id = integer(message.a).ok_or_else(|| context.no_field(WHAT, "a"))?;
        let first = integer(message.first_trade_id);
        let last = integer(message.last_trade_id);
        let n_fills = match (first, last) {
            (Some(first), Some(last)) => last.saturating_sub(first).saturating_add(1),
            (None, _) | (_, None) => 1,
        };
        let n_fills = u32::try_from(n_fills).unwrap_or(u32::MAX);
        let print = Print { what: WHAT, id, n_fills, tape: Tape::Aggregates };
        self.print_message(message, print, context)
    }

    fn print_message(
        &mut self,
        message: &Message<'_>,
        print: Print,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let symbol = string(message.symbol).ok_or_else(|| context.no_field(print.what, "s"))?;
        let fields = Fields {
            price: message.price,
            quantity: message.quantity,
            traded_at: message.traded_at,
            is_buyer_maker: message.is_buyer_maker,
        };
        self.print(&symbol, &fields, print, context)
    }

    /// Tells of a trade, its numbers still as text.
    pub(super) fn print(
        &mut self,
        symbol: &str,
        fields: &Fields<'_>,
        print: Print,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        let no_field = |context: &Context<'_>, field| context.no_field(print.what, field);
        let price = token(fields.price).ok_or_else(|| no_field(context, "p"))?;
        let quantity = token(fields.quantity).ok_or_else(|| no_field(context, "q"))?;
        // Rows of nothing stand on futures for what was settled outside the market.
        if is_zero(price) || is_zero(quantity) {
            context.unknown("trade of nothing");
            return Ok(());
        }
        let traded_at = integer(fields.traded_at).ok_or_else(|| no_field(context, "T"))?;
        let taker = match fields.is_buyer_maker.map(RawValue::get) {
            Some("true") => Side::Sell,
            Some("false") => Side::Buy,
            Some(_) | None => return Err(no_field(context, "m")),
        };
        let subject = Subject { symbol, what: print.what, printing: Printing::Padded };
        let (index, level) = context.level(&subject, price, quantity)?;
        self.push_trade(
            print.tape,
            Trade {
                instrument: context.table.id(index),
                trade_id: print.id,
                n_fills: print.n_fills,
                price: level.price,
                quantity: level.quantity,
                taker,
                traded_at: timestamp(traded_at),
            },
            context,
        );
        Ok(())
    }

    /// Tells of a trade if its kind makes the tape.
    pub(super) fn push_trade(&mut self, tape: Tape, trade: Trade, context: &mut Context<'_>) {
        let index = trade.instrument.index;
        if !self.is_tape(index, tape) {
            context.unknown(tape.name());
            return;
        }
        let level = Level { price: trade.price, quantity: trade.quantity };
        let event = context.table.refine(index, &[level]);
        context.events.items.extend(event);
        context.push(Event::Trade(trade));
        self.links.get(context.link).note_index(index, context.table);
    }

    /// Whether this kind of trades makes the tape of an instrument.
    pub(super) fn is_tape(&mut self, index: u32, kind: Tape) -> bool {
        let index = index as usize;
        if self.tapes.len() <= index {
            self.tapes.resize(index + 1, Tape::Unheard);
        }
        if self.tapes[index] == Tape::Unheard {
            self.tapes[index] = kind;
        }
        self.tapes[index] == kind
    }
}

impl Tape {
    /// What is said of this kind where the other one makes the tape.
    const fn name(self) -> &'static str {
        match self {
            Self::Unheard => "trade",
            Self::Trades => "trade beside aggTrade",
            Self::Aggregates => "aggTrade beside trade",
        }
    }
}

/// What the kinds of trades do not share.
#[derive(Clone, Copy)]
pub(super) struct Print {
    pub what: &'static str,
    pub id: u64,
    pub n_fills: u32,
    pub tape: Tape,
}

/// What they share, still as text.
pub(super) struct Fields<'a> {
    pub price: Option<&'a RawValue>,
    pub quantity: Option<&'a RawValue>,
    pub traded_at: Option<&'a RawValue>,
    pub is_buyer_maker: Option<&'a RawValue>,
}
