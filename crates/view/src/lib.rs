//! What we show: the market conflated into one frame per refresh, per panel.
//!
//! An [`InstrumentView`] holds the state of all panels of one instrument, whatever screens look at it; a [`Screen`]
//! holds
//! what one screen has been sent, and writes its next frame as `docs/frame.md` lays it out. Pure: no clock, no socket.
//! Facts stay integers until a panel is stated; floating point begins there.

mod backfill;
mod candles;
pub mod code;
mod cursor;
mod digest;
mod flow;
mod frame;
mod glance;
pub mod grid;
pub mod health;
pub mod heat;
mod instrument_view;
pub mod ladder;
mod liquidations;
mod look_back;
pub mod panels;
pub mod panels_past;
mod past;
mod profile;
mod reach;
mod screen;
mod sizes;
pub mod tape;
mod units;

pub use frame::Header;
pub use glance::{GLANCE_SLICES, Glance, GlanceSlice};
pub use health::{Gap, Health, code_from_cause};
pub use instrument_view::InstrumentView;
pub use liquidations::{Forced, LIQUIDATIONS_KEPT, Liquidations};
pub use look_back::{
    LookBack, OlderBars, OlderColumns, OlderGaps, OlderPrints, PrintMark, Reached, Session,
};
pub use panels::Panels;
pub use screen::{Screen, SettingError, Settings, Shown};
