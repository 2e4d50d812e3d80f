//! The bytes of a frame, as `docs/frame.md` lays them out.

mod header;
mod liquidations;
mod panels;
mod reach;
mod writer;

pub use header::Header;
pub(crate) use header::{Extent, write_header};
pub(crate) use liquidations::write_liquidations;
pub(crate) use panels::{
    HeatSection, write_bars, write_book_bins, write_dots, write_gaps, write_heat, write_ladder,
    write_older_prints, write_past_bars, write_past_prints, write_spans, write_tape,
};
pub(crate) use reach::{Covered, write_reach};
pub(crate) use writer::FrameWriter;
