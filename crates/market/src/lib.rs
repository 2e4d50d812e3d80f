//! What is true: prices, books, trades and bars; exact, ordered, clock-free, pure.
//!
//! This room never knows a socket, a file, a clock or a venue's language, and holds no floating point in prices or
//! quantities.

pub mod event;
pub mod instrument;
pub mod number;
pub mod packet;
pub mod time;

pub use event::{
    BookKind, BookMessage, Continuity, Event, Events, Level, NoticeKind, Quote, Side, Trade,
};
pub use instrument::{Instrument, InstrumentId, Origin};
pub use number::{
    FixedText, NumberError, Price, Quantity, SCALE_MAX, decimals_of, decimals_printed,
    fixed_from_text,
};
pub use packet::{Body, HttpExchange, LinkId, Packet, Venue};
pub use time::Timestamp;
