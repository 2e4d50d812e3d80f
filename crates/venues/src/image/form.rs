//! The shape of an image as JSON. Numbers are decimal texts, so that any program can read them.

use market::{Continuity, Instrument, Level, Origin};
use serde::{Deserialize, Serialize};

use super::{BookImage, Image, VERSION};

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ImageForm {
    pub version: u32,
    /// Nanoseconds of Unix time.
    pub made_at: i64,
    pub instruments: Vec<InstrumentForm>,
    pub subscriptions: Vec<SubscriptionForm>,
    pub books: Vec<BookForm>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct InstrumentForm {
    pub symbol: String,
    pub base: String,
    pub quote: String,
    pub price_scale: u8,
    pub quantity_scale: u8,
    pub price_decimals: u8,
    pub quantity_decimals: u8,
    pub tick_size: String,
    pub lot_size: String,
    pub is_trading: bool,
    /// Whether the venue's list says so; else it was derived from frames.
    pub is_listed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SubscriptionForm {
    pub link: u16,
    pub symbol: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BookForm {
    pub symbol: String,
    /// Always true: the venue never sent this message.
    pub derived: bool,
    pub link: u16,
    /// Nanoseconds of Unix time.
    pub received_at: i64,
    pub continuity: ContinuityForm,
    pub depth: Option<u32>,
    pub fault: Option<String>,
    pub bids: Vec<(String, String)>,
    pub asks: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ContinuityForm {
    AsOf(u64),
    Checksum(u32),
    Unnumbered,
}

impl ImageForm {
    pub fn of(image: &Image) -> Self {
        let scaled = |book: &BookImage| {
            let instrument = image.instruments.iter().find(|one| one.symbol == book.symbol)?;
            Some(BookForm::of(book, instrument))
        };
        Self {
            version: VERSION,
            made_at: image.made_at.nanos(),
            instruments: image.instruments.iter().map(InstrumentForm::of).collect(),
            subscriptions: image
                .subscriptions
                .iter()
                .map(|one| SubscriptionForm { link: one.link.0, symbol: one.symbol.clone() })
                .collect(),
            books: image.books.iter().filter_map(scaled).collect(),
        }
    }
}

impl InstrumentForm {
    fn of(instrument: &Instrument) -> Self {
        let tick_size = instrument.tick_size.text(instrument.price_scale, 0);
        let lot_size = instrument.lot_size.text(instrument.quantity_scale, 0);
        Self {
            symbol: instrument.symbol.clone(),
            base: instrument.base.clone(),
            quote: instrument.quote.clone(),
            price_scale: instrument.price_scale,
            quantity_scale: instrument.quantity_scale,
            price_decimals: instrument.price_decimals,
            quantity_decimals: instrument.quantity_decimals,
            tick_size: tick_size.to_string(),
            lot_size: lot_size.to_string(),
            is_trading: instrument.is_trading,
            is_listed: instrument.origin == Origin::Listed,
        }
    }
}

impl BookForm {
    fn of(book: &BookImage, instrument: &Instrument) -> Self {
        let level = |level: &Level| {
            let price = level.price.text(instrument.price_scale, instrument.price_decimals);
            let quantity =
                level.quantity.text(instrument.quantity_scale, instrument.quantity_decimals);
            (price.to_string(), quantity.to_string())
        };
        Self {
            symbol: book.symbol.clone(),
            derived: true,
            link: book.link.0,
            received_at: book.received_at.nanos(),
            continuity: ContinuityForm::of(book.continuity),
            depth: book.depth,
            fault: book.fault.clone(),
            bids: book.bids.iter().map(level).collect(),
            asks: book.asks.iter().map(level).collect(),
        }
    }
}

impl ContinuityForm {
    /// Where a book stands after a message of this continuity.
    const fn of(continuity: Continuity) -> Self {
        match continuity {
            Continuity::AsOf(id)
            | Continuity::Next(id)
            | Continuity::Range { last: id, .. }
            | Continuity::Previous { last: id, .. } => Self::AsOf(id),
            Continuity::Checksum(sum) => Self::Checksum(sum),
            Continuity::Unnumbered => Self::Unnumbered,
        }
    }

    pub const fn continuity(&self) -> Continuity {
        match self {
            Self::AsOf(id) => Continuity::AsOf(*id),
            Self::Checksum(sum) => Continuity::Checksum(*sum),
            Self::Unnumbered => Continuity::Unnumbered,
        }
    }
}
