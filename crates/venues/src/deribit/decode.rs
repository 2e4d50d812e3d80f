//! Frames of Deribit → events.

use market::{
    BookKind, Continuity, Contract, Event, HttpExchange, LinkId, NoticeKind, Origin, Reference,
};
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::links::Links;
use super::message::{Data, Fault, Message, Params, Stats};
use super::protocol::PAST_BARS;
use super::{http, trades};
use crate::assemble::{self, BookText, Row, inner, millis, object, word};
use crate::context::{Context, TakeLevel};
use crate::error::DecodeError;
use crate::image::{Memory, Restored};
use crate::json::{Walk, for_each, integer, string, token};
use crate::list::Language;
use crate::number::{self, figure};
use crate::past_bars::Layout;
use crate::remember::{recall, remember};
use crate::table::Table;
use crate::text;

/// What is remembered between the frames of Deribit.
#[derive(Debug, Default)]
pub(super) struct Decode {
    links: Links,
}

impl Language for Decode {
    fn past_bars(&self) -> Option<&'static Layout> {
        Some(&PAST_BARS)
    }

    fn frame(&mut self, frame: &str, context: &mut Context<'_>) -> Result<(), DecodeError> {
        let Some(message) = object::<Message<'_>>(frame, "a message", context)? else {
            return Ok(());
        };
        match string(message.method).as_deref() {
            Some("subscription") => notification(&message, context),
            // `heartbeat`, or `test_request`, which is answered by the protocol.
            Some("heartbeat") => {
                context.push(Event::Heartbeat);
                Ok(())
            }
            Some(other) => {
                context.unknown(other);
                Ok(())
            }
            None => {
                self.answer(&message, context);
                Ok(())
            }
        }
    }

    fn answered(
        &mut self,
        exchange: &HttpExchange,
        context: &mut Context<'_>,
    ) -> Result<(), DecodeError> {
        http::answer(exchange, context)
    }

    fn forget(&mut self, link: LinkId) {
        self.links.forget(link);
    }

    fn sent(&mut self, request: &str, context: &mut Context<'_>) {
        self.links.note_sent(context.link, request);
    }

    fn memory(&self, _table: &Table) -> Vec<Memory> {
        remember(&self.links)
    }

    fn restore(&mut self, restored: &Restored, _table: &Table) {
        if let Some(links) = recall(restored) {
            self.links = links;
        }
    }
}

impl Decode {
    /// The answer to a request. It lists the channels that were accepted: what is missing was refused.
    fn answer(&mut self, message: &Message<'_>, context: &mut Context<'_>) {
        let asked = self.links.answered(context.link, message.id);
        if message.error.is_some() {
            context.refused("", &fault_words(message.error));
            return;
        }
        let Some(channels) = message.result.and_then(|raw| serde_json::from_str(raw.get()).ok())
        else {
            match message.result {
                Some(_) => context.push(Event::Heartbeat), // Of a test, of a heartbeat that was set.
                None => context.unknown("object"),
            }
            return;
        };
        let channels: Vec<String> = channels;
        let Some(asked) = asked else {
            for channel in channels {
                context.push(Event::Subscribed { topic: text::name(&channel) });
            }
            return;
        };
        let accepted: std::collections::HashSet<&str> =
            channels.iter().map(String::as_str).collect();
        for channel in &asked.channels {
            if accepted.contains(channel.as_str()) {
                if asked.is_subscribe {
                    context.push(Event::Subscribed { topic: text::name(channel) });
                }
            } else if asked.is_subscribe {
                let symbol = channel.split('.').nth(1).unwrap_or_default();
                context.refused(symbol, &format!("it accepted no channel {channel}"));
            }
        }
    }
}

/// Why a request was refused, in the venue's words.
pub(super) fn fault_words(error: Option<&RawValue>) -> String {
    let fault: Fault<'_> = inner(error).unwrap_or_default();
    let words = format!("{} {}", token(fault.code).unwrap_or_default(), word(fault.message));
    if words.trim().is_empty() { "it gives no reason".to_owned() } else { words }
}

fn notification(message: &Message<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a notification";
    let params: Params<'_> =
        inner(message.params).ok_or_else(|| context.no_field(WHAT, "params"))?;
    let channel = string(params.channel).ok_or_else(|| context.no_field(WHAT, "channel"))?;
    let data = params.data.ok_or_else(|| context.no_field(WHAT, "data"))?;
    match channel.split('.').next().unwrap_or_default() {
        "book" => book(&channel, data, context),
        "trades" => trades::all(data.get(), context),
        "ticker" | "incremental_ticker" => {
            let data: Data<'_> =
                inner(Some(data)).ok_or_else(|| context.no_field("a ticker", "data"))?;
            ticker(&data, context)
        }
        "platform_state" => {
            platform(data, context);
            Ok(())
        }
        other => {
            context.unknown(other);
            Ok(())
        }
    }
}

/// Full depth, first whole and then in changes. `prev_change_id` is not there at first; then it names the `change_id`
/// before, or a notification was lost (docs.deribit.com, `book.(instrument_name).(interval)`). The counter is shared by
/// many instruments, so that it jumps.
///
/// The grouped form, `book.NAME.GROUP.DEPTH.INTERVAL`, is whole each time and names nothing before it.
fn book(channel: &str, data: &RawValue, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a book message";
    let data: Data<'_> = inner(Some(data)).ok_or_else(|| context.no_field(WHAT, "data"))?;
    let symbol = string(data.instrument_name);
    let symbol = symbol.ok_or_else(|| context.no_field(WHAT, "instrument_name"))?;
    let last = integer(data.change_id).ok_or_else(|| context.no_field(WHAT, "change_id"))?;
    let parts: Vec<&str> = channel.split('.').collect();
    let mut depth = None;
    let (kind, continuity) = match (string(data.kind).as_deref(), parts.as_slice()) {
        (Some("snapshot"), _) => (BookKind::Snapshot, Continuity::Follows { previous: last, last }),
        (Some("change"), _) => {
            let previous = integer(data.prev_change_id);
            let previous = previous.ok_or_else(|| context.no_field(WHAT, "prev_change_id"))?;
            (BookKind::Delta, Continuity::Follows { previous, last })
        }
        (None, [_, _, _, n_levels, _]) => {
            depth = n_levels.parse().ok();
            (BookKind::Snapshot, Continuity::Unnumbered)
        }
        (Some(_) | None, _) => return Err(context.no_field(WHAT, "type")),
    };
    assemble::book(
        &BookText {
            symbol: &symbol,
            what: WHAT,
            kind,
            continuity,
            depth,
            bids: data.bids.ok_or_else(|| context.no_field(WHAT, "bids"))?.get(),
            asks: data.asks.ok_or_else(|| context.no_field(WHAT, "asks"))?.get(),
            walk: levels,
            stated_at: millis(data.timestamp),
        },
        context,
    )
}

/// `["new", price, amount]`, `["change", …]`, `["delete", price, 0.0]`, or `[price, amount]`. A `new` level that is
/// there already is set; amounts are absolute.
fn levels(side: &str, take: &mut TakeLevel<'_>) -> Result<(), Walk<number::Fault>> {
    for_each(side, |row: Row<'_>| match row.len() {
        3 if row.text(0) == "delete" => take(row.text(1), "0"),
        3 => take(row.text(1), row.text(2)),
        _ => take(row.text(0), row.text(1)),
    })
}

/// Mark, index, funding, open interest and volume. `current_funding` is the rate for eight hours that is being paid
/// now, without a moment at which it falls due.
pub(super) fn ticker(data: &Data<'_>, context: &mut Context<'_>) -> Result<(), DecodeError> {
    const WHAT: &str = "a ticker";
    let symbol = string(data.instrument_name);
    let symbol = symbol.ok_or_else(|| context.no_field(WHAT, "instrument_name"))?;
    let Some(index) = context.table.index(&symbol) else {
        context.unknown("ticker of an instrument that is not known yet");
        return Ok(());
    };
    context.push(Event::Reference(Reference {
        mark: figure(data.mark_price),
        index: figure(data.index_price),
        funding_rate: figure(data.current_funding),
        open_interest: figure(data.open_interest),
        volume_24h: volume(data.stats, index, context),
        stated_at: millis(data.timestamp),
        ..Reference::of(context.table.id(index))
    }));
    Ok(())
}

/// `stats.volume` is in the base currency, while amounts of inverse futures are in USD: that is `volume_usd`.
fn volume(stats: Option<&RawValue>, index: u32, context: &Context<'_>) -> Option<Decimal> {
    let stats: Stats<'_> = inner(stats)?;
    let one = context.table.get(index);
    match (one.origin, one.terms.contract) {
        (Origin::Listed, Some(Contract::OfQuote(_))) => figure(stats.volume_usd),
        (Origin::Listed, Some(Contract::OfBase(_)) | None) => figure(stats.volume),
        // Nobody said in what its amounts are.
        (Origin::Derived, _) => None,
    }
}

/// `{"maintenance": true}`, or `{"price_index": "btc_usd", "locked": true}`, or (in `public_methods_state`)
/// `{"allow_unauthenticated_public_requests": false}`.
fn platform(data: &RawValue, context: &mut Context<'_>) {
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct State {
        maintenance: Option<bool>,
        locked: Option<bool>,
        price_index: Option<String>,
        allow_unauthenticated_public_requests: Option<bool>,
    }
    let state: State = inner(Some(data)).unwrap_or_default();
    let whole = (String::new(), state.maintenance);
    let one = (state.price_index.unwrap_or_else(|| "the platform".into()), state.locked);
    let public = state.allow_unauthenticated_public_requests.map(|is_allowed| !is_allowed);
    let public = ("requests without a login".to_owned(), public);
    let states = [(whole, "in maintenance"), (one, "locked"), (public, "refused")];
    for ((subject, is_so), word) in states {
        let Some(is_so) = is_so else { continue };
        let kind = if is_so { NoticeKind::Maintenance } else { NoticeKind::Online };
        let not = if is_so { "" } else { "not " };
        let (is, of) = match subject.as_str() {
            "" => ("is", "it"),
            "requests without a login" => ("are", subject.as_str()),
            one => ("is", one),
        };
        let text = text::words(&format!("{of} {is} {not}{word}"));
        context.push(Event::Notice { kind, subject: text::name(&subject), text });
    }
}
