//! What is true: prices, books, trades and bars; exact, ordered, clock-free, pure.
//!
//! This room never knows a socket, a file, a clock or a venue's language, and holds no floating point in prices or
//! quantities.

pub mod archive;
pub mod bar;
pub mod book;
pub mod changes;
pub mod checksum;
pub mod dense;
pub mod event;
pub mod history;
mod holes;
pub mod instrument;
pub mod levels;
pub mod load;
pub mod market;
pub mod number;
pub mod packet;
mod parse;
pub mod quotes;
pub mod reference;
pub mod save;
mod secret;
pub mod seen;
pub mod sync;
pub mod time;
mod tops;

pub use archive::{Archive, Blocks};
pub use bar::{Bar, BarSeries, Bars, INTERVALS_S};
pub use book::{Book, TreeBook};
pub use changes::{Change, Changes};
pub use checksum::{Checksum, ChecksumRule};
pub use dense::DenseLevels;
pub use event::{
    BookKind, BookMessage, Continuity, Event, Events, Level, Liquidation, NoticeKind, Quote,
    Reference, Side, Stream, Trade,
};
pub use history::{FromTheFuture, History, PastBar, PastBars, PastTrades};
pub use instrument::{Contract, Instrument, InstrumentId, Kind, Origin, QuantityUnit, Terms};
pub use levels::{Levels, TreeLevels};
pub use load::RestoreError;
pub use market::{BookImage, Market, Tally};
pub use number::{
    FixedText, NumberError, Price, Quantity, SCALE_MAX, decimals_of, decimals_printed,
    fixed_at_start, fixed_from_text,
};
pub use packet::{Body, HttpExchange, LinkId, Packet, Venue};
pub use reference::{References, Stated};
pub use save::{SaveProgress, SavedBlock, SavedState};
pub use secret::Secret;
pub(crate) use seen::SeenIds;
pub use sync::{Applied, Cause, Proof, State, Sync};
pub use time::Timestamp;
