//! The header of a frame.

use market::{Market, Side, Timestamp};

use super::writer::{FrameWriter, HEADER_BYTES};
use crate::instrument_view::InstrumentView;
use crate::reach::Touch;
use crate::units::{Units, ms_from_time};

/// `TPDF` as it stands in the bytes.
const MAGIC: u32 = u32::from_le_bytes(*b"TPDF");
/// Version of the format.
const VERSION: u16 = 2;
const FLAG_WHOLE: u32 = 1;
const FLAG_REPLAY: u32 = 2;
const FLAG_SIMULATED: u32 = 4;
const FLAG_OLDER: u32 = 8;
/// The spread when there is none.
const NO_SPREAD: u32 = u32::MAX;

/// What only the engine knows of a frame. All of it is status, and stands in no digest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Session time: now when live, the playhead in replay.
    pub session_at: Timestamp,
    /// When the last packet of the link was received.
    pub last_packet_at: Option<Timestamp>,
    /// Whether a recording is shown.
    pub is_replay: bool,
    /// Whether the venue is simulated.
    pub is_simulated: bool,
    /// Of what it is a picture: differs where columns and bars of one frame do not go on in another, as of another
    /// instrument or another recording. 0: nobody asks.
    pub source: u64,
}

/// Whether a frame stands alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Forget all, then apply.
    Whole,
    /// What changed since the frame before.
    Delta,
    /// What lies further back than frames reach; it belongs to no frame.
    Older,
}

/// Writes the header.
pub(crate) fn write_header(
    out: &mut FrameWriter,
    number: u64,
    extent: Extent,
    header: &Header,
    shown: Option<(&InstrumentView, &Market)>,
) {
    out.u32(MAGIC);
    out.u16(VERSION);
    out.u16(0);
    out.f64(number as f64);
    out.f64(ms_from_time(header.session_at));
    out.f64(header.last_packet_at.map_or(f64::NAN, ms_from_time));
    let book_at = shown.and_then(|(view, _)| view.good_book_at());
    out.f64(book_at.map_or(f64::NAN, ms_from_time));
    let flag = |is_set: bool, flag: u32| if is_set { flag } else { 0 };
    out.u32(
        flag(extent == Extent::Whole, FLAG_WHOLE)
            | flag(extent == Extent::Older, FLAG_OLDER)
            | flag(header.is_replay, FLAG_REPLAY)
            | flag(header.is_simulated, FLAG_SIMULATED),
    );
    match shown {
        Some((view, market)) => write_instrument(out, view, market),
        None => write_no_instrument(out),
    }
    debug_assert_eq!(out.n_bytes(), HEADER_BYTES);
}

fn write_instrument(out: &mut FrameWriter, view: &InstrumentView, market: &Market) {
    let instrument = market.instrument();
    let units = Units::of(instrument);
    let touch = Touch::of(market);
    out.u32(view.health().code());
    out.f64(units.f64_from_some_price(touch.bid));
    out.f64(units.f64_from_some_price(touch.ask));
    let last = view.last_trade();
    out.f64(units.f64_from_some_price(last.map(|(price, _)| price.0)));
    out.u32(match last {
        None => 0,
        Some((_, taker)) => u32::from(code_from_side(taker)),
    });
    out.u32(touch.spread_ticks(instrument.tick_size).unwrap_or(NO_SPREAD));
    out.f64(units.f64_from_price(instrument.tick_size.0));
    out.u32(u32::from(instrument.price_decimals));
    out.u32(u32::from(instrument.quantity_decimals));
}

fn write_no_instrument(out: &mut FrameWriter) {
    out.u32(0);
    out.f64s([f64::NAN; 3]);
    out.u32(0);
    out.u32(NO_SPREAD);
    out.f64(f64::NAN);
    out.u32(0);
    out.u32(0);
}

/// The number of a taker's side in a frame.
pub(crate) const fn code_from_side(side: Side) -> u8 {
    match side {
        Side::Buy => 1,
        Side::Sell => 2,
    }
}
