//! The shape of an image as JSON. Numbers are decimal texts, so that any program can read them.

use market::{
    Checksum, ChecksumRule, Continuity, Contract, Instrument, Kind, Level, Origin, Terms, Timestamp,
};
use rust_decimal::Decimal;
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub memory: Vec<MemoryForm>,
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
    #[serde(default)]
    pub terms: TermsForm,
    pub is_trading: bool,
    /// Whether the venue's list says so; else it was derived from frames.
    pub is_listed: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct TermsForm {
    kind: KindForm,
    /// Nanoseconds of Unix time.
    expires_at: Option<i64>,
    contract: Option<ContractForm>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindForm {
    #[default]
    Spot,
    Perpetual,
    Future,
    Option,
}

/// The size as decimal text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ContractForm {
    OfBase(String),
    OfQuote(String),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SubscriptionForm {
    pub link: u16,
    pub symbol: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct MemoryForm {
    pub link: u16,
    pub text: String,
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
    #[serde(default)]
    checksum: Option<ChecksumForm>,
    pub depth: Option<u32>,
    pub fault: Option<String>,
    pub bids: Vec<(String, String)>,
    pub asks: Vec<(String, String)>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ContinuityForm {
    AsOf(u64),
    Later(u64),
    /// As the first recordings say it: a sum by Kraken's rule, and no numbers.
    Checksum(u32),
    Unnumbered,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct ChecksumForm {
    rule: ChecksumRuleForm,
    value: u32,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChecksumRuleForm {
    Kraken,
    Okx,
    Bitfinex,
    Bitget,
    MidPrice,
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
            memory: image
                .memory
                .iter()
                .map(|one| MemoryForm { link: one.link.0, text: one.text.clone() })
                .collect(),
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
            terms: TermsForm::of(instrument.terms),
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
            checksum: book.checksum.map(ChecksumForm::of),
            depth: book.depth,
            fault: book.fault.clone(),
            bids: book.bids.iter().map(level).collect(),
            asks: book.asks.iter().map(level).collect(),
        }
    }
}

impl TermsForm {
    fn of(terms: Terms) -> Self {
        Self {
            kind: match terms.kind {
                Kind::Spot => KindForm::Spot,
                Kind::Perpetual => KindForm::Perpetual,
                Kind::Future => KindForm::Future,
                Kind::Option => KindForm::Option,
            },
            expires_at: terms.expires_at.map(Timestamp::nanos),
            contract: terms.contract.map(|contract| match contract {
                Contract::OfBase(size) => ContractForm::OfBase(size.to_string()),
                Contract::OfQuote(size) => ContractForm::OfQuote(size.to_string()),
            }),
        }
    }

    /// The terms; `None` when a contract's size is no decimal number.
    pub fn terms(&self) -> Option<Terms> {
        let size = |text: &str| Decimal::from_str_exact(text).ok();
        Some(Terms {
            kind: match self.kind {
                KindForm::Spot => Kind::Spot,
                KindForm::Perpetual => Kind::Perpetual,
                KindForm::Future => Kind::Future,
                KindForm::Option => Kind::Option,
            },
            expires_at: self.expires_at.map(Timestamp::from_nanos),
            contract: match &self.contract {
                None => None,
                Some(ContractForm::OfBase(text)) => Some(Contract::OfBase(size(text)?)),
                Some(ContractForm::OfQuote(text)) => Some(Contract::OfQuote(size(text)?)),
            },
        })
    }
}

impl BookForm {
    /// What the book sums to.
    pub fn checksum(&self) -> Option<Checksum> {
        match (self.checksum, &self.continuity) {
            (Some(form), _) => Some(form.checksum()),
            (None, ContinuityForm::Checksum(value)) => {
                Some(Checksum { rule: ChecksumRule::Kraken, value: *value })
            }
            (
                None,
                ContinuityForm::AsOf(_) | ContinuityForm::Later(_) | ContinuityForm::Unnumbered,
            ) => None,
        }
    }
}

impl ChecksumForm {
    const fn of(checksum: Checksum) -> Self {
        let rule = match checksum.rule {
            ChecksumRule::Kraken => ChecksumRuleForm::Kraken,
            ChecksumRule::Okx => ChecksumRuleForm::Okx,
            ChecksumRule::Bitfinex => ChecksumRuleForm::Bitfinex,
            ChecksumRule::Bitget => ChecksumRuleForm::Bitget,
            ChecksumRule::MidPrice => ChecksumRuleForm::MidPrice,
        };
        Self { rule, value: checksum.value }
    }

    const fn checksum(self) -> Checksum {
        let rule = match self.rule {
            ChecksumRuleForm::Kraken => ChecksumRule::Kraken,
            ChecksumRuleForm::Okx => ChecksumRule::Okx,
            ChecksumRuleForm::Bitfinex => ChecksumRule::Bitfinex,
            ChecksumRuleForm::Bitget => ChecksumRule::Bitget,
            ChecksumRuleForm::MidPrice => ChecksumRule::MidPrice,
        };
        Checksum { rule, value: self.value }
    }
}

impl ContinuityForm {
    /// Where a book stands after a message of this continuity.
    const fn of(continuity: Continuity) -> Self {
        match continuity {
            Continuity::AsOf(id)
            | Continuity::Next(id)
            | Continuity::Range { last: id, .. }
            | Continuity::Follows { last: id, .. }
            | Continuity::Previous { last: id, .. } => Self::AsOf(id),
            Continuity::Later(id) | Continuity::Counted(id) => Self::Later(id),
            Continuity::ByLink | Continuity::Unnumbered => Self::Unnumbered,
        }
    }

    pub const fn continuity(&self) -> Continuity {
        match self {
            Self::AsOf(id) => Continuity::AsOf(*id),
            Self::Later(id) => Continuity::Later(*id),
            Self::Checksum(_) | Self::Unnumbered => Continuity::Unnumbered,
        }
    }
}
