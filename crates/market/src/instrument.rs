//! What is traded: symbol, assets, tick size and lot size.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::load::Sound;
use crate::number::SCALE_MAX;
use crate::{Price, Quantity, Timestamp, Venue};

/// An instrument within a session: the venue, and the order in which its decoder first met the symbol.
///
/// The index is an address, not a name: it may differ between two sessions and stands in no digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InstrumentId {
    /// The venue.
    pub venue: Venue,
    /// Position in the venue's table of instruments.
    pub index: u32,
}

/// Who says what an instrument's ticks and lots are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The venue's own list.
    Listed,
    /// Derived from the digits of its frames, since no list was heard. Marked so wherever it is shown.
    Derived,
}

/// What is traded: the thing itself, or a promise on it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub enum Kind {
    /// The asset, delivered at once.
    #[default]
    Spot,
    /// A future without an end, held to its index by funding.
    Perpetual,
    /// A future that ends.
    Future,
    /// An option.
    Option,
}

impl Kind {
    /// As a word of an interface: `spot`, `perp`, `future`, `option`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Spot => "spot",
            Self::Perpetual => "perp",
            Self::Future => "future",
            Self::Option => "option",
        }
    }
}

/// What one contract stands for, where quantities are counted in contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Contract {
    /// So much of the base asset (linear: OKX `ctVal` of ETH-USDT-SWAP).
    OfBase(Decimal),
    /// So much of the quote asset (inverse: 100 USD of Binance COIN-M).
    OfQuote(Decimal),
}

/// What a quantity of 1 is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityUnit {
    /// One of the base asset.
    Base,
    /// One of the quote asset (Deribit's inverse futures: amounts are in USD).
    Quote,
    /// One contract, which stands for this.
    Contracts(Contract),
}

/// What an instrument's name does not tell: its kind, its end, its contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Spot or a derivative.
    pub kind: Kind,
    /// When a future or an option ends.
    pub expires_at: Option<Timestamp>,
    /// What a quantity of 1 stands for; `None` where quantities are in the base asset.
    pub contract: Option<Contract>,
}

/// An instrument of a venue.
///
/// `price_scale` and `quantity_scale` are the scales of storage (decimals of [`Price`] and [`Quantity`]); they are at
/// least the decimals that the venue prints, since real traffic carries more digits than the lot size promises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instrument {
    /// Its address in this session.
    pub id: InstrumentId,
    /// The venue's own symbol, as it stands in frames: `BTCUSDT`, `BTC/USD`.
    pub symbol: String,
    /// The asset that is traded: `BTC`. Empty when it is not known.
    pub base: String,
    /// The asset in which the price is: `USDT`. Empty when it is not known.
    pub quote: String,
    /// Decimals of a stored [`Price`].
    pub price_scale: u8,
    /// Decimals of a stored [`Quantity`].
    pub quantity_scale: u8,
    /// Decimals with which the venue prints prices; what a checksum over text needs, and what a screen shows.
    pub price_decimals: u8,
    /// Decimals with which the venue prints quantities.
    pub quantity_decimals: u8,
    /// The smallest step of a price; at least 1.
    pub tick_size: Price,
    /// The smallest step of an order's quantity; at least 1. Real quantities can be finer.
    pub lot_size: Quantity,
    /// Kind, end and contract.
    pub terms: Terms,
    /// Whether it can be traded now; `false` for a listed instrument that is halted.
    pub is_trading: bool,
    /// Who says so.
    pub origin: Origin,
}

impl Sound for Instrument {
    fn is_sound(&self) -> bool {
        let decimals = self.price_decimals.max(self.quantity_decimals);
        self.price_scale.max(self.quantity_scale).max(decimals) <= SCALE_MAX
            && self.tick_size.0 > 0
            && self.lot_size.0 > 0
    }
}

impl Instrument {
    /// What its quantities are counted in; `None` where no list of the venue told it, since frames do not.
    pub fn quantity_unit(&self) -> Option<QuantityUnit> {
        let unit = match self.terms.contract {
            None => QuantityUnit::Base,
            Some(Contract::OfQuote(size)) if size == Decimal::ONE => QuantityUnit::Quote,
            Some(contract) => QuantityUnit::Contracts(contract),
        };
        let asset = match unit {
            QuantityUnit::Base | QuantityUnit::Contracts(Contract::OfBase(_)) => &self.base,
            QuantityUnit::Quote | QuantityUnit::Contracts(Contract::OfQuote(_)) => &self.quote,
        };
        (self.origin == Origin::Listed && !asset.is_empty()).then_some(unit)
    }

    /// One name across venues: `BTC-USDT`, `BTC-USDT-PERP`, `BTC-USD-20260925`. The venue's own symbol where base or
    /// quote is not known, and for options, whose strike stands in the symbol alone.
    pub fn canonical_name(&self) -> String {
        let (base, quote) = (&self.base, &self.quote);
        if base.is_empty() || quote.is_empty() {
            return self.symbol.clone();
        }
        match (self.terms.kind, self.terms.expires_at) {
            (Kind::Spot, _) => format!("{base}-{quote}"),
            (Kind::Perpetual, _) => format!("{base}-{quote}-PERP"),
            (Kind::Future, Some(end)) => {
                let date: String = end.to_string().chars().take(10).filter(|c| *c != '-').collect();
                format!("{base}-{quote}-{date}")
            }
            (Kind::Future, None) | (Kind::Option, _) => self.symbol.clone(),
        }
    }
}
