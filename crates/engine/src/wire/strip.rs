//! Figures beside the book on the wire.

use serde::{Deserialize, Serialize};

wire! {
/// Figures beside the book; each is `null` where the venue states none, and goes stale alone.
pub struct Strip {
    /// The price at which positions are valued.
    pub mark: Option<Figure>,
    /// The price of the underlying index.
    pub index: Option<Figure>,
    /// By how much the mark price lies above the index, in basis points, with two decimals.
    pub basis_bp: Option<Figure>,
    /// Funding.
    pub funding: Option<Funding>,
    /// Open interest.
    pub open_interest: Option<OpenInterest>,
    /// Liquidations of the last hour; `null` while none was heard.
    pub liquidated_1h: Option<LiquidatedFigures>,
    /// Volume of the last 24 hours, in the unit of quantities; `null` unless the venue states it.
    pub volume_24h: Option<Figure>,
    /// Best ask less best bid, in ticks.
    pub spread_ticks: Option<Figure>,
    /// (bids − asks) ÷ (bids + asks) of the best ten levels of each side, with four decimals: from -1 to 1.
    pub imbalance: Option<Figure>,
}

/// A figure as exact text, and how old it is.
pub struct Figure {
    /// The number, with a point and without separators.
    pub text: String,
    /// Whole seconds since it was stated.
    pub age_s: u32,
    /// Whether it is older than it should be.
    pub is_stale: bool,
}

/// What longs pay shorts.
pub struct Funding {
    /// As a fraction: `0.0001` is 1 bp.
    pub rate: Figure,
    /// Unix ms of the next payment, by the venue's clock; `null` when it does not say.
    pub next_at_ms: Option<f64>,
}

/// Positions that are open.
pub struct OpenInterest {
    /// In the unit of the instrument's quantities.
    pub figure: Figure,
    /// By how much it has changed in an hour; `null` until one was heard.
    pub change_1h: Option<String>,
}

/// Liquidations of the last hour, in the unit of the instrument's quantities.
pub struct LiquidatedFigures {
    /// What was bought by force: short positions.
    pub bought: String,
    /// What was sold by force: long positions.
    pub sold: String,
    /// Whole seconds since the last one.
    pub last_age_s: u32,
}
}
