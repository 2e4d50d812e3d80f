//! The columns of one length: the last 4,096 that are closed, and the one that forms.

use std::collections::VecDeque;

use super::cell::BookBins;
use super::column::{Column, ColumnState};
use super::dots::{ClosedDots, Dot, FormingDots};
use super::scale::N_BINS;
use crate::code::{CODE_UNKNOWN, code_from_size};
use crate::grid::CELL_MS;
use crate::reach::Touch;

/// Columns kept of each length: 34 minutes at 500 ms, 68 hours at a minute, 4 MiB.
pub const COLUMNS_KEPT: usize = 4_096;

/// What is known of the book in some cells: the book itself, and whether it was quieter than usual.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CellBook<'a> {
    /// The book at the close of the cells.
    pub(crate) bins: &'a BookBins,
    /// [`ColumnState::Good`] or [`ColumnState::Quiet`].
    pub(crate) state: ColumnState,
}

/// Trades of a cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellTrades {
    /// What takers bought.
    pub(crate) bought: i64,
    /// What takers sold.
    pub(crate) sold: i64,
    /// The prints by bin and side.
    pub(crate) dots: FormingDots,
}

impl CellTrades {
    /// Takes the trades of another in.
    fn add(&mut self, other: &Self) {
        self.bought = self.bought.saturating_add(other.bought);
        self.sold = self.sold.saturating_add(other.sold);
        self.dots.add_all(&other.dots);
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.bought = 0;
        self.sold = 0;
        self.dots.clear();
    }
}

/// The sum of the cells of a column, from which its means come.
#[derive(Clone, Debug)]
struct Sums {
    lowest_bin: i64,
    sizes: Vec<u64>,
    n_known: Vec<u16>,
    n_good: u16,
    n_quiet: u16,
    touch: Touch,
}

impl Sums {
    fn new() -> Self {
        Self {
            lowest_bin: 0,
            sizes: vec![0; N_BINS],
            n_known: vec![0; N_BINS],
            n_good: 0,
            n_quiet: 0,
            touch: Touch::default(),
        }
    }

    fn clear(&mut self) {
        if self.n_good + self.n_quiet > 0 {
            self.sizes.fill(0);
            self.n_known.fill(0);
        }
        self.n_good = 0;
        self.n_quiet = 0;
        self.touch = Touch::default();
    }

    /// Adds `n_cells` cells that were all closed by this book; `None` when it was not in order. The window stands where
    /// the first good cell of the column has it.
    fn add(&mut self, book: Option<CellBook>, n_cells: u16) {
        let Some(CellBook { bins, state }) = book else {
            self.touch = Touch::default();
            return;
        };
        if self.n_good + self.n_quiet == 0 {
            self.lowest_bin = bins.lowest_bin;
        }
        match state {
            ColumnState::Good => self.n_good += n_cells,
            ColumnState::Quiet => self.n_quiet += n_cells,
            ColumnState::Stale => return,
        }
        self.touch = bins.touch;
        let shift = bins.lowest_bin - self.lowest_bin;
        let from = (-shift).clamp(0, N_BINS as i64) as usize;
        let to = (N_BINS as i64 - shift).clamp(0, N_BINS as i64) as usize;
        if from >= to {
            return; // The price has left the window.
        }
        let at = (from as i64 + shift) as usize;
        let sums = self.sizes[at..].iter_mut().zip(&bins.sizes[from..to]);
        let all_known = self.n_known[at..].iter_mut().zip(&bins.known[from..to]);
        if n_cells == 1 {
            // What a running market does six times a cell: sums of 64 bits have a vector instruction, products none.
            sums.for_each(|(sum, size)| *sum += size);
            all_known.for_each(|(n_known, known)| *n_known += known);
        } else {
            sums.for_each(|(sum, size)| *sum += size * u64::from(n_cells));
            all_known.for_each(|(n_known, known)| *n_known += n_cells * known);
        }
    }

    fn state(&self) -> ColumnState {
        match (self.n_good, self.n_quiet) {
            (0, 0) => ColumnState::Stale,
            (0, _) => ColumnState::Quiet,
            (_, _) => ColumnState::Good,
        }
    }

    /// The mean of each bin over the cells in which it was known, as codes; none when no cell was good.
    fn write_codes(&self, codes: &mut Vec<u16>, memory: &mut [Mean]) {
        codes.clear();
        if self.state() == ColumnState::Stale {
            return;
        }
        let sums = self.sizes.iter().zip(&self.n_known);
        // Extended at once, of a length known beforehand: one allocation, and no room that nothing fills.
        codes.extend(sums.zip(memory).map(|((sum, n_known), mean)| {
            if (mean.sum, mean.n_known) != (*sum, *n_known) {
                *mean = Mean { sum: *sum, n_known: *n_known, code: code_from_mean(*sum, *n_known) };
            }
            mean.code
        }));
    }
}

/// The code of a mean that was computed last for a bin: from one cell to the next few bins change.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: u64,
    n_known: u16,
    code: u16,
}

fn code_from_mean(sum: u64, n_known: u16) -> u16 {
    match (sum, n_known) {
        (_, 0) => CODE_UNKNOWN,
        (0, _) => 0,
        (_, 1) => code_from_size(sum as f64),
        (_, _) => code_from_size(sum as f64 / f64::from(n_known)),
    }
}

/// A column that forms, as it would close now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forming {
    /// Its number.
    pub(crate) number: i64,
    /// The column.
    pub(crate) column: Column,
    /// Its dots, in order of bin and side.
    pub(crate) dots: Vec<Dot>,
}

/// The columns of one length.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    cells_per_column: i64,
    columns: VecDeque<Column>,
    next_number: i64,
    sums: Sums,
    memory: Vec<Mean>,
    trades: CellTrades,
    dots: ClosedDots,
    spare: Vec<Vec<u16>>,
}

impl Ring {
    /// A ring whose first column is the one in which the cell `cell` lies.
    pub(crate) fn new(cells_per_column: i64, cell: i64) -> Self {
        Self {
            cells_per_column,
            columns: VecDeque::new(),
            next_number: cell.div_euclid(cells_per_column),
            sums: Sums::new(),
            memory: vec![Mean { code: CODE_UNKNOWN, ..Mean::default() }; N_BINS],
            trades: CellTrades::default(),
            dots: ClosedDots::default(),
            spare: Vec::new(),
        }
    }

    /// Length of a column.
    pub(crate) const fn column_ms(&self) -> u32 {
        self.cells_per_column as u32 * CELL_MS
    }

    /// Number of the column that forms.
    pub(crate) const fn forming_number(&self) -> i64 {
        self.next_number
    }

    /// Number of the oldest column that is kept; of the forming one when none is.
    pub(crate) fn first_number(&self) -> i64 {
        self.next_number - self.columns.len() as i64
    }

    /// The closed columns from a number on, oldest first.
    pub(crate) fn closed(&self, from: i64, to: i64) -> impl ExactSizeIterator<Item = &Column> {
        let position = |number: i64| {
            (number - self.first_number()).clamp(0, self.columns.len() as i64) as usize
        };
        let start = position(from);
        self.columns.range(start..position(to).max(start))
    }

    /// The closed columns `from..to` with their numbers, oldest first.
    pub(crate) fn numbered(&self, from: i64, to: i64) -> Vec<(i64, &Column)> {
        (from.max(self.first_number())..).zip(self.closed(from, to)).collect()
    }

    /// The dots of the closed columns `from..to`, oldest first.
    pub(crate) fn closed_dots(&self, from: i64, to: i64) -> impl ExactSizeIterator<Item = &Dot> {
        self.dots.range(from, to)
    }

    /// Closes `n_cells` cells from `cell` on, all with the same book and together with these trades.
    pub(crate) fn close_cells(
        &mut self,
        cell: i64,
        n_cells: i64,
        book: Option<CellBook>,
        trades: Option<&CellTrades>,
    ) {
        if let Some(trades) = trades {
            self.trades.add(trades);
        }
        let mut cell = cell;
        let end = cell + n_cells;
        while cell < end {
            let column_end = (self.next_number + 1) * self.cells_per_column;
            let until = column_end.min(end);
            self.sums.add(book, (until - cell) as u16);
            cell = until;
            if cell == column_end {
                self.close_column();
                cell = self.skip(cell, end);
            }
        }
    }

    /// Skips whole columns that would be pushed out again by the time `end` is reached.
    fn skip(&mut self, cell: i64, end: i64) -> i64 {
        let n_columns = (end - cell) / self.cells_per_column;
        let n_skipped = n_columns - COLUMNS_KEPT as i64;
        if n_skipped <= 0 {
            return cell;
        }
        self.columns.clear();
        self.next_number += n_skipped;
        self.dots.drop_before(self.next_number);
        cell + n_skipped * self.cells_per_column
    }

    /// Appends the forming column, and lets the oldest go.
    fn close_column(&mut self) {
        let mut codes = self.spare.pop().unwrap_or_default();
        if self.columns.len() == COLUMNS_KEPT {
            self.spare.extend(self.columns.pop_front().map(|column| column.codes));
        }
        self.sums.write_codes(&mut codes, &mut self.memory);
        let column = Column {
            lowest_bin: if codes.is_empty() { 0 } else { self.sums.lowest_bin },
            best_bid: self.sums.touch.bid,
            best_ask: self.sums.touch.ask,
            bought: self.trades.bought,
            sold: self.trades.sold,
            state: self.sums.state(),
            codes,
        };
        self.columns.push_back(column);
        self.dots.close(&mut self.trades.dots, self.next_number);
        self.trades.clear();
        self.sums.clear();
        self.next_number += 1;
        self.dots.drop_before(self.first_number());
    }

    /// The forming column as it would close if its open cell closed now.
    pub(crate) fn form(&self, book: Option<CellBook>, trades: &CellTrades) -> Forming {
        let mut sums = self.sums.clone();
        sums.add(book, 1);
        let mut all = self.trades.clone();
        all.add(trades);
        let mut codes = Vec::new();
        sums.write_codes(&mut codes, &mut self.memory.clone());
        let dots = all.dots.as_slice().iter();
        Forming {
            number: self.next_number,
            column: Column {
                lowest_bin: if codes.is_empty() { 0 } else { sums.lowest_bin },
                best_bid: sums.touch.bid,
                best_ask: sums.touch.ask,
                bought: all.bought,
                sold: all.sold,
                state: sums.state(),
                codes,
            },
            dots: dots.map(|dot| Dot { column: self.next_number, ..*dot }).collect(),
        }
    }
}
