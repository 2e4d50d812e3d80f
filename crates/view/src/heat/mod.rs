//! The depth heatmap: what rested at each price, in columns of six lengths.
//!
//! All lengths are fed from the same 100 ms cells and are kept for every instrument, whatever a screen shows: 1 KiB a
//! column, 13 MiB for an hour, 25 MiB when all rings are full after 68 hours.

mod bin_set;
mod cell;
mod column;
mod columns;
mod dots;
mod ring;
mod scale;
mod store;

pub(crate) use cell::BookBins;
pub use column::{Column, ColumnState};
pub use columns::COLUMNS_KEPT;
pub use dots::Dot;
pub(crate) use ring::{Forming, Ring};
pub use scale::{HeatScale, N_BINS};
pub use store::COLUMN_LENGTHS_MS;
pub(crate) use store::HeatStore;
