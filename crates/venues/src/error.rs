//! Why a message could not be decoded, in plain sentences.

use market::NumberError;

/// Why a message was refused. It changes nothing: all before and after it stays.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The frame is not UTF-8.
    #[error("{venue} sent a text frame that is not valid UTF-8")]
    NotText {
        /// The venue's name.
        venue: &'static str,
    },
    /// The message is not JSON, or not of the shape that its type has.
    #[error("{venue} sent {what} that cannot be read: {reason}")]
    Malformed {
        /// The venue's name.
        venue: &'static str,
        /// What kind of message.
        what: &'static str,
        /// What is wrong with it, cleaned and cut.
        reason: String,
    },
    /// A field that the message must have is absent or not of its type.
    #[error("{venue} sent {what} without a usable field '{field}'")]
    NoField {
        /// The venue's name.
        venue: &'static str,
        /// What kind of message.
        what: &'static str,
        /// The field, as the venue names it.
        field: &'static str,
    },
    /// A price or quantity cannot be used.
    #[error("{venue} states {field} '{value}' for {symbol}: {reason}")]
    Number {
        /// The venue's name.
        venue: &'static str,
        /// The venue's symbol.
        symbol: String,
        /// What the number is.
        field: &'static str,
        /// The number as it came, cleaned and cut.
        value: String,
        /// Why it cannot be used.
        reason: NumberFault,
    },
    /// A depth snapshot names no symbol, and its link does not tell either.
    #[error(
        "{venue} sent a depth snapshot that names no symbol on a link that carries not exactly one"
    )]
    NoSymbol {
        /// The venue's name.
        venue: &'static str,
    },
    /// The symbol is empty or too long to be one.
    #[error("{venue} names a symbol '{symbol}' that is empty or longer than {max} characters")]
    Symbol {
        /// The venue's name.
        venue: &'static str,
        /// Its beginning, cleaned and cut.
        symbol: String,
        /// Characters that a symbol may have.
        max: usize,
    },
    /// There are more symbols than we keep.
    #[error("{venue} names more than {max} instruments; '{symbol}' is one too many")]
    TooManyInstruments {
        /// The venue's name.
        venue: &'static str,
        /// The symbol that was refused.
        symbol: String,
        /// How many are kept.
        max: usize,
    },
    /// A derived packet of a recording is not an image that this version can read.
    #[error("the image at the start of a recording cannot be read: {reason}")]
    Image {
        /// What is wrong with it, cleaned and cut.
        reason: String,
    },
}

/// Why a number cannot be used as a price or a quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberFault {
    /// It is no number of ours.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// It is below zero.
    #[error("it is below zero")]
    Negative,
    /// A price of zero.
    #[error("a price must be above zero")]
    Zero,
}
