//! The grid of session time: cells of 100 ms, by which everything in this room opens, closes and expires.

use market::Timestamp;

/// Nanoseconds of a cell.
pub const CELL_NANOS: i64 = 100_000_000;
/// Milliseconds of a cell.
pub const CELL_MS: u32 = 100;
/// Cells over which the ladder's Δ looks back: 2 s.
pub const DELTA_CELLS: i64 = 20;
/// Cells for which a hit is shown: 400 ms.
pub const HIT_CELLS: i64 = 4;

/// The number of the cell in which a moment lies: cell `c` covers `[c, c + 1) × 100 ms`.
pub const fn cell_from_time(at: Timestamp) -> i64 {
    at.nanos().div_euclid(CELL_NANOS)
}

/// The moment at which a cell begins.
pub const fn time_from_cell(cell: i64) -> Timestamp {
    Timestamp::from_nanos(cell.saturating_mul(CELL_NANOS))
}
