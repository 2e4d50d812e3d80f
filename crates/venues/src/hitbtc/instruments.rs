//! Instruments of HitBTC: `GET /api/2/public/symbol`.

use market::{Event, HttpExchange, Terms};

use super::message::{Fault, Instrument, Message};
use crate::assemble::{
    self, Entry, ListingText, http_refusal, inner, inner_text, listing, utf8, word,
};
use crate::context::Context;
use crate::endpoint::last_of_path;
use crate::error::DecodeError;
use crate::json::{string, token};

/// Decodes one response.
pub(super) fn answer(
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let url = String::from_utf8_lossy(&exchange.url);
    if exchange.status >= 400 {
        let text = String::from_utf8_lossy(&exchange.body);
        let answer: Message<'_> = inner_text(&text).unwrap_or_default();
        let words = inner::<Fault<'_>>(answer.error).map(|fault| word(fault.message));
        http_refusal(exchange, "", &words.unwrap_or_else(|| text.to_string()), context);
        return Ok(());
    }
    if last_of_path(&url) != "symbol" {
        context.unknown(last_of_path(&url));
        return Ok(());
    }
    let n_instruments = assemble::list(utf8(&exchange.body, context)?, context, read)?;
    context.push(Event::InstrumentsListed { n_instruments });
    Ok(())
}

fn read(entry: &str) -> Option<Entry> {
    let entry: Instrument<'_> = serde_json::from_str(entry).ok()?;
    listing(&ListingText {
        symbol: &string(entry.id)?,
        base: &word(entry.base),
        quote: &word(entry.quote),
        tick: token(entry.tick)?,
        lot: token(entry.lot)?,
        terms: Terms::default(),
        is_trading: true,
    })
    .map(Entry::Listed)
}
