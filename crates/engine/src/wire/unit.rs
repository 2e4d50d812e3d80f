//! What quantities are counted in, on the wire.

use serde::{Deserialize, Serialize};

wire! {
/// What a quantity of 1 is.
pub struct QuantityUnit {
    /// Of the base asset, of the quote asset, or a contract.
    pub kind: QuantityKind,
    /// The asset that is counted, or of which a contract is so much: `BTC`, `USD`.
    pub asset: String,
    /// How much of the asset one contract stands for, as exact text: `100`; `null` where assets are counted.
    pub contract_size: Option<String>,
}

/// The kinds of units.
#[derive(Copy, Eq)]
#[serde(rename_all = "snake_case")]
pub enum QuantityKind {
    /// The base asset.
    Base,
    /// The quote asset.
    Quote,
    /// Contracts.
    Contracts,
}
}
