//! Trades of Deribit, among them those by which positions were closed by force.

use market::{Event, Liquidation, Side};

use super::message::TradeEntry;
use crate::assemble::{self, TradeText, millis, walked};
use crate::context::Context;
use crate::error::DecodeError;
use crate::json::{for_each, integer, string, token};

const WHAT: &str = "a trade";

/// All trades of a list, whatever its order, in that of time.
pub(super) fn all(list: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let mut entries = Vec::new();
    let outcome = for_each(list, |entry: TradeEntry<'_>| {
        entries.push(entry);
        Ok(())
    });
    walked(outcome, WHAT, context)?;
    entries.sort_by_key(|entry| (integer(entry.timestamp), integer(entry.trade_seq)));
    entries.iter().try_for_each(|entry| one(entry, context))
}

/// The id is `trade_seq`, which grows by one with each trade of the instrument; `trade_id` is a text.
fn one(entry: &TradeEntry<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    let no_field = |field| context.no_field(WHAT, field);
    let symbol = string(entry.instrument_name).ok_or_else(|| no_field("instrument_name"))?;
    let taker = assemble::buyer_or_seller(entry.direction).ok_or_else(|| no_field("direction"))?;
    let text = TradeText {
        symbol: &symbol,
        what: WHAT,
        price: token(entry.price).ok_or_else(|| no_field("price"))?,
        quantity: token(entry.amount).ok_or_else(|| no_field("amount"))?,
        trade_id: integer(entry.trade_seq).ok_or_else(|| no_field("trade_seq"))?,
        taker,
        traded_at: millis(entry.timestamp).ok_or_else(|| no_field("timestamp"))?,
    };
    let trade = assemble::trade(&text, context)?;
    let maker = match taker {
        Side::Buy => Side::Sell,
        Side::Sell => Side::Buy,
    };
    // "M" when the maker's position was liquidated, "T" the taker's, "MT" both.
    let liquidated = string(entry.liquidation).unwrap_or_default();
    for (letter, side) in [('M', maker), ('T', taker)] {
        if liquidated.contains(letter) {
            context.push(Event::Liquidation(Liquidation {
                instrument: trade.instrument,
                side,
                price: trade.price,
                quantity: trade.quantity,
                liquidated_at: trade.traded_at,
            }));
        }
    }
    Ok(())
}
