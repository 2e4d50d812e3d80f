//! Prices and quantities: fixed-point integers in the instrument's own scale.

/// A price in units of 10^-`price_scale` of its instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Price(pub i64);

/// A quantity of the base asset (or of contracts) in units of 10^-`quantity_scale` of its instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(pub i64);

/// Why a text is no number of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is not a decimal number.
    #[error("it is not a decimal number")]
    Malformed,
    /// The number has a non-zero digit beyond the scale.
    #[error("it has more decimals than the scale of {scale} holds")]
    TooPrecise {
        /// Decimals that the scale holds.
        scale: u8,
    },
    /// The number does not fit into 64 bits at its scale.
    #[error("it is too large for 64 bits at a scale of {scale}")]
    TooLarge {
        /// Decimals that the scale holds.
        scale: u8,
    },
}
