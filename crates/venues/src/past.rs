//! The time before we listened: how it is asked for, and what the answers mean.
//!
//! An answer is told from those of a poll by a mark behind the address, which is not sent. So it is in the recording,
//! and replay tells the two apart as well.

use market::{Event, HttpExchange, PastTrades, Trade};

use crate::context::Context;
use crate::error::DecodeError;
use crate::list::Language;
use crate::past_bars;
use crate::protocol::{POSTED, Request};

/// Marks trades of the past.
const TRADES: &str = "#past";

/// Marks minutes of the past, and names their symbol.
const BARS: &str = "#past=";

/// The same request, marked as one for trades of the past.
pub(crate) fn trades(request: Request) -> Request {
    marked(request, TRADES)
}

/// The same request, marked as one for minutes of the past.
pub(crate) fn bars(request: Request, symbol: &str) -> Request {
    marked(request, &format!("{BARS}{symbol}"))
}

fn marked(request: Request, mark: &str) -> Request {
    match request {
        Request::Get { url, weight } => Request::Get { url: format!("{url}{mark}"), weight },
        Request::Post { url, body, weight } => {
            Request::Post { url: format!("{url}{mark}"), body, weight }
        }
        other @ Request::Send(_) => other,
    }
}

/// Whether an address asks for the past.
pub(crate) fn is_past(url: &str) -> bool {
    url.contains(TRADES)
}

/// What an answer about the past means; `None` for one that is about now.
///
/// A refusal is told as the venue's language tells it, and its words for trades are those for the present: only where
/// they belong differs.
pub(crate) fn answered<L: Language + ?Sized>(
    language: &mut L,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Option<Result<(), DecodeError>> {
    let url = std::str::from_utf8(&exchange.url).ok()?;
    let (_, symbol) = url.split_once(TRADES)?;
    let symbol = symbol.split(POSTED).next().unwrap_or_default();
    let before = context.events.items.len();
    let outcome = language.answered(exchange, context);
    let Some(symbol) = symbol.strip_prefix('=') else {
        return Some(outcome.map(|()| gather(before, context)));
    };
    // Of bars the language knows nothing but how they are refused.
    let refusal = context.events.items.drain(before..).find_map(|event| match event {
        Event::Refused { reason, .. } => Some(reason),
        _ => None,
    });
    Some(match refusal {
        Some(reason) => {
            context.refused(symbol, &reason);
            Ok(())
        }
        None => past_bars::decode(language.past_bars(), symbol, exchange, context),
    })
}

/// Makes one event of all the trades that were told, in the order of time; what else was told of that time is over.
fn gather(before: usize, context: &mut Context<'_>) {
    let mut trades: Vec<Trade> = Vec::new();
    let mut others: Vec<Event> = Vec::new();
    for event in context.events.items.drain(before..) {
        match event {
            Event::Trade(trade) => trades.push(trade),
            Event::Instrument(_) | Event::Refused { .. } | Event::Unknown { .. } => {
                others.push(event);
            }
            _ => {}
        }
    }
    context.events.items.append(&mut others);
    trades.sort_by_key(|trade| (trade.traded_at, trade.trade_id));
    trades.dedup_by_key(|trade| trade.trade_id);
    if let Some(instrument) = trades.first().map(|trade| trade.instrument) {
        trades.retain(|trade| trade.instrument == instrument);
        context.push(Event::PastTrades(PastTrades { instrument, trades }));
    }
}
