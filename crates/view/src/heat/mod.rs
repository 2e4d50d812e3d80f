//! The depth heatmap: what rested at each price, in columns of six lengths, and of three finer ones for who wants them.
//!
//! The six are fed from the same 100 ms cells and are kept for every instrument, whatever a screen shows. The bins
//! follow the book by what its messages change, and a column keeps what the next has otherwise: some 6 MB for an hour
//! of a busy book, where its codes alone would be 13.

mod bin_set;
mod cell;
mod column;
mod columns;
mod dots;
mod fine;
mod ring;
mod scale;
mod store;

pub(crate) use cell::BookBins;
pub use column::{Column, ColumnState};
pub use columns::COLUMNS_KEPT;
pub use dots::Dot;
pub use fine::{FINE_LENGTHS_MS, FINE_NANOS_MAX, FineLengths};
pub(crate) use ring::{Forming, Ring, Stretch};
pub use scale::{HeatScale, N_BINS};
pub use store::COLUMN_LENGTHS_MS;
pub(crate) use store::HeatStore;
