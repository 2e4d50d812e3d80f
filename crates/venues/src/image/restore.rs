//! Image → events, and what decoders must remember of it.

use std::ops::Range;

use market::number::SCALE_MAX;
use market::{
    BookKind, BookMessage, Event, Events, Instrument, InstrumentId, LinkId, NumberError, Origin,
    Price, Quantity,
};

use super::form::{BookForm, ImageForm, InstrumentForm};
use super::{Memory, VERSION};
use crate::error::DecodeError;
use crate::number::Scales;
use crate::table::Table;
use crate::text::{self, NAME_CHARS_MAX};

/// What the language of a venue must know again.
#[derive(Debug)]
pub(crate) struct Restored {
    pub subscriptions: Vec<(LinkId, String)>,
    /// Depths of the books that are cut.
    pub depths: Vec<(LinkId, String, u32)>,
    /// What the language itself wanted to be remembered of a link.
    pub memory: Vec<(LinkId, String)>,
}

impl Restored {
    /// Nothing but what the language itself wanted to be remembered.
    pub fn of(memory: Vec<Memory>) -> Self {
        let memory = memory.into_iter().map(|one| (one.link, one.text)).collect();
        Self { subscriptions: Vec::new(), depths: Vec::new(), memory }
    }
}

/// Puts the instruments back into the table, and tells of them, of the subscriptions and of the books that were right.
pub(crate) fn restore(
    json: &[u8],
    table: &mut Table,
    events: &mut Events,
) -> Result<Restored, DecodeError> {
    let form: ImageForm =
        serde_json::from_slice(json).map_err(|error| refuse(&error.to_string()))?;
    if form.version != VERSION {
        let version = form.version;
        return Err(refuse(&format!("it has version {version}, and only {VERSION} is known")));
    }
    let instruments = form.instruments.iter().map(|form| instrument(form, table));
    for instrument in instruments.collect::<Result<Vec<_>, _>>()? {
        events.items.extend(table.put(instrument)?);
    }
    let memory = form.memory.into_iter().map(|one| (LinkId(one.link), one.text)).collect();
    let mut restored = Restored { subscriptions: Vec::new(), depths: Vec::new(), memory };
    for subscription in form.subscriptions {
        let topic = text::name(&subscription.symbol);
        events.items.push(Event::Subscribed { topic });
        restored.subscriptions.push((LinkId(subscription.link), subscription.symbol));
    }
    for form in form.books {
        if form.fault.is_none() {
            book(&form, table, events)?;
        }
        if let Some(depth) = form.depth {
            restored.depths.push((LinkId(form.link), form.symbol, depth));
        }
    }
    Ok(restored)
}

fn instrument(form: &InstrumentForm, table: &Table) -> Result<Instrument, DecodeError> {
    let decimals_max = form.price_decimals.max(form.quantity_decimals);
    if form.price_scale.max(form.quantity_scale).max(decimals_max) > SCALE_MAX {
        return Err(refuse(&format!("{} has a scale beyond {SCALE_MAX}", form.symbol)));
    }
    let step = |name: &str, step: Result<i64, NumberError>| match step {
        Ok(step) if step > 0 => Ok(step),
        Ok(_) => Err(refuse(&format!("{name} of {} is not above zero", form.symbol))),
        Err(error) => Err(refuse(&format!("{name} of {}: {error}", form.symbol))),
    };
    let tick_size = Price::from_text(form.tick_size.as_bytes(), form.price_scale);
    let lot_size = Quantity::from_text(form.lot_size.as_bytes(), form.quantity_scale);
    Ok(Instrument {
        id: InstrumentId { venue: table.venue, index: 0 },
        symbol: text::clean(&form.symbol, NAME_CHARS_MAX + 1).into_owned(),
        base: text::name(&form.base),
        quote: text::name(&form.quote),
        price_scale: form.price_scale,
        quantity_scale: form.quantity_scale,
        price_decimals: form.price_decimals,
        quantity_decimals: form.quantity_decimals,
        tick_size: Price(step("the tick", tick_size.map(|tick| tick.0))?),
        lot_size: Quantity(step("the lot", lot_size.map(|lot| lot.0))?),
        terms: form
            .terms
            .terms()
            .ok_or_else(|| refuse(&format!("the contract of {} has no size", form.symbol)))?,
        is_trading: form.is_trading,
        origin: if form.is_listed { Origin::Listed } else { Origin::Derived },
    })
}

fn book(form: &BookForm, table: &Table, events: &mut Events) -> Result<(), DecodeError> {
    let index = table.index(&form.symbol).ok_or_else(|| {
        refuse(&format!("it holds a book of {}, which it does not list", form.symbol))
    })?;
    let scales = table.scales(index);
    let bids = side(&form.bids, scales, form, table, events)?;
    let asks = side(&form.asks, scales, form, table, events)?;
    events.items.push(Event::Book(BookMessage {
        instrument: table.id(index),
        kind: BookKind::Snapshot,
        continuity: form.continuity.continuity(),
        checksum: form.checksum(),
        depth: form.depth,
        bids,
        asks,
        stated_at: None,
    }));
    Ok(())
}

fn side(
    levels: &[(String, String)],
    scales: Scales,
    form: &BookForm,
    table: &Table,
    events: &mut Events,
) -> Result<Range<usize>, DecodeError> {
    let start = events.levels.len();
    for (price, quantity) in levels {
        let level = scales.level(price, quantity);
        events.levels.push(level.map_err(|fault| fault.of(table.venue.name(), &form.symbol))?);
    }
    Ok(start..events.levels.len())
}

fn refuse(reason: &str) -> DecodeError {
    DecodeError::Image { reason: text::words(reason) }
}
