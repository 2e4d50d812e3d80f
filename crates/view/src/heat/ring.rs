//! The columns of one length: the last 4,096 that are closed, and the one that forms.

mod saved;

use market::Side;
use serde::{Deserialize, Serialize};

use super::cell::{BookBins, SIZE_MAX};
use super::column::{Column, ColumnState};
use super::columns::{COLUMNS_KEPT, Columns};
use super::dots::{ClosedDots, Dot, FormingDots};
use super::scale::N_BINS;
use crate::code::{CODE_UNKNOWN, code_from_size};
use crate::grid::CELL_MS;
use crate::reach::Touch;

/// The book at the close of some cells, and how far it can be believed there; a stale one adds nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CellBook<'a> {
    /// The book.
    pub(crate) bins: &'a BookBins,
    /// What the cells tell.
    pub(crate) state: ColumnState,
}

/// Trades of a cell.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct CellTrades {
    /// What takers bought.
    pub(crate) bought: i64,
    /// What takers sold.
    pub(crate) sold: i64,
    /// The prints by bin and side.
    pub(crate) dots: FormingDots,
}

impl CellTrades {
    /// Takes a trade in; whoever closes its cell says the column.
    pub(crate) fn take(&mut self, dot: &Dot) {
        let sum = match dot.taker {
            Side::Buy => &mut self.bought,
            Side::Sell => &mut self.sold,
        };
        *sum = sum.saturating_add(dot.quantity);
        self.dots.add(dot);
    }

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

    /// Adds `n_cells` cells that were all closed by this book. The window stands where the first good cell of the
    /// column has it.
    fn add(&mut self, CellBook { bins, state }: CellBook, n_cells: u16) {
        let is_first = self.n_good + self.n_quiet == 0;
        match state {
            ColumnState::Good => self.n_good += n_cells,
            ColumnState::Quiet => self.n_quiet += n_cells,
            ColumnState::Stale => {
                self.touch = Touch::default();
                return;
            }
        }
        if is_first {
            self.lowest_bin = bins.lowest_bin;
        }
        self.touch = bins.touch;
        let shift = bins.lowest_bin.saturating_sub(self.lowest_bin);
        let from = shift.saturating_neg().clamp(0, N_BINS as i64) as usize;
        let to = (N_BINS as i64).saturating_sub(shift).clamp(0, N_BINS as i64) as usize;
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

    /// The mean of each bin over the cells in which it was known, as codes; none when no cell was good. A bin that has
    /// not changed has the code that it has in the book now: most have not.
    fn write_codes(&self, codes: &mut Vec<u16>, bins: &BookBins) {
        codes.clear();
        if self.state() == ColumnState::Stale {
            return;
        }
        let sums = self.sizes.iter().zip(&self.n_known);
        // Extended at once, of a length known beforehand: one allocation, and no room that nothing fills.
        if self.lowest_bin != bins.lowest_bin {
            codes.extend(sums.map(|(sum, n_known)| code_from_mean(*sum, *n_known)));
            return;
        }
        let now = bins.sizes.iter().zip(&bins.codes);
        codes.extend(sums.zip(now).map(|((sum, n_known), (size, code))| {
            let is_same = *sum == size * u64::from(*n_known);
            match (*n_known, *code) {
                (0, _) => CODE_UNKNOWN,
                (_, code) if is_same && *sum <= SIZE_MAX && code != CODE_UNKNOWN => code,
                (_, _) => code_from_mean(*sum, *n_known),
            }
        }));
    }
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

/// Since when columns of a length are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Began {
    /// Since the first good book: what is older was not heard, or has gone.
    WithBook,
    /// Since some moment within this column, of which hence not all is known.
    Within(i64),
}

/// Columns that go on in each other. Those of another stretch leave out what lies between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    began: Began,
    is_partial: bool,
}

/// The columns of one length.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    column_ms: u32,
    cells_per_column: i64,
    began: Began,
    columns: Columns,
    next_number: i64,
    sums: Sums,
    trades: CellTrades,
    dots: ClosedDots,
}

impl Ring {
    /// A ring whose first column is the one in which the cell `cell` lies, with the first good book.
    pub(crate) fn new(cells_per_column: i64, cell: i64) -> Self {
        Self {
            column_ms: cells_per_column as u32 * CELL_MS,
            cells_per_column,
            began: Began::WithBook,
            columns: Columns::default(),
            next_number: cell.div_euclid(cells_per_column),
            sums: Sums::new(),
            trades: CellTrades::default(),
            dots: ClosedDots::default(),
        }
    }

    /// A ring of columns of so many cells of a millisecond, with the first good book.
    pub(crate) fn fine(column_ms: u32, cell: i64) -> Self {
        Self { column_ms, ..Self::new(i64::from(column_ms), cell) }
    }

    /// The same where the book was there before: the first column is not kept, since only a part of it was heard.
    pub(crate) fn fine_within(column_ms: u32, cell: i64) -> Self {
        let ring = Self::fine(column_ms, cell);
        Self { began: Began::Within(ring.next_number), ..ring }
    }

    /// Length of a column.
    pub(crate) const fn column_ms(&self) -> u32 {
        self.column_ms
    }

    /// Whether only a part of the forming column was heard.
    pub(crate) fn is_partial(&self) -> bool {
        self.began == Began::Within(self.next_number)
    }

    /// Whether there were columns before the oldest that is kept.
    pub(crate) fn is_cut(&self) -> bool {
        self.began != Began::WithBook || self.columns.len() >= COLUMNS_KEPT
    }

    /// Which columns its own go on from.
    pub(crate) fn stretch(&self) -> Stretch {
        Stretch { began: self.began, is_partial: self.is_partial() }
    }

    /// Number of the column that forms.
    pub(crate) const fn forming_number(&self) -> i64 {
        self.next_number
    }

    /// Number of the oldest column that is kept; of the forming one when none is.
    pub(crate) fn first_number(&self) -> i64 {
        self.next_number - self.columns.len() as i64
    }

    /// The closed columns `from..to` with their numbers, oldest first.
    pub(crate) fn closed(
        &self,
        from: i64,
        to: i64,
    ) -> impl ExactSizeIterator<Item = (i64, Column)> {
        let first = self.first_number();
        let position = |number: i64| (number - first).clamp(0, self.columns.len() as i64) as usize;
        let (start, end) = (position(from), position(to));
        let columns = self.columns.read(start..end.max(start)).into_iter().enumerate();
        columns.map(move |(index, column)| (first + (start + index) as i64, column))
    }

    /// The dots of the closed columns `from..to`, oldest first.
    pub(crate) fn closed_dots(&self, from: i64, to: i64) -> impl ExactSizeIterator<Item = Dot> {
        self.dots.range(from, to)
    }

    /// Closes `n_cells` cells from `cell` on, all with the same book and together with these trades.
    pub(crate) fn close_cells(
        &mut self,
        cell: i64,
        n_cells: i64,
        book: CellBook,
        trades: &CellTrades,
    ) {
        self.trades.add(trades);
        if self.cells_per_column == 1 && !self.is_partial() {
            return self.close_singles(cell, cell + n_cells, book);
        }
        let mut cell = cell;
        let end = cell + n_cells;
        while cell < end {
            let column_end = (self.next_number + 1) * self.cells_per_column;
            let until = column_end.min(end);
            self.sums.add(book, (until - cell) as u16);
            cell = until;
            if cell == column_end {
                self.close_column(book.bins);
                cell = self.skip(cell, end);
            }
        }
    }

    /// The same where a cell is a column: that has the very codes of the book.
    fn close_singles(&mut self, mut cell: i64, end: i64, book: CellBook) {
        let CellBook { bins, state } = book;
        let is_known = state != ColumnState::Stale;
        let touch = if is_known { bins.touch } else { Touch::default() };
        let codes: &[u16] = if is_known { &bins.codes } else { &[] };
        while cell < end {
            let column = Column {
                lowest_bin: if is_known { bins.lowest_bin } else { 0 },
                best_bid: touch.bid,
                best_ask: touch.ask,
                bought: self.trades.bought,
                sold: self.trades.sold,
                state,
                codes: Vec::new(),
            };
            self.columns.push(column, |out| {
                out.clear();
                out.extend_from_slice(codes);
            });
            self.end_column();
            cell = self.skip(cell + 1, end);
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
    fn close_column(&mut self, bins: &BookBins) {
        if self.is_partial() {
            self.trades.clear();
            self.sums.clear();
            self.next_number += 1;
            return;
        }
        let column = column_of(&self.sums, &self.trades);
        self.columns.push(column, |codes| self.sums.write_codes(codes, bins));
        self.end_column();
    }

    /// The forming column is appended: the next one forms.
    fn end_column(&mut self) {
        self.dots.close(&mut self.trades.dots, self.next_number);
        self.trades.clear();
        self.sums.clear();
        self.next_number += 1;
        self.dots.drop_before(self.first_number());
    }

    /// The forming column as it would close if its open cell closed now.
    pub(crate) fn form(&self, book: CellBook, trades: &CellTrades) -> Forming {
        let mut sums = self.sums.clone();
        sums.add(book, 1);
        let mut all = self.trades.clone();
        all.add(trades);
        let mut column = column_of(&sums, &all);
        sums.write_codes(&mut column.codes, book.bins);
        let dots = all.dots.as_slice().iter();
        Forming {
            number: self.next_number,
            column,
            dots: dots.map(|dot| Dot { column: self.next_number, ..*dot }).collect(),
        }
    }
}

/// What a column tells, but for its codes.
fn column_of(sums: &Sums, trades: &CellTrades) -> Column {
    let state = sums.state();
    Column {
        lowest_bin: if state == ColumnState::Stale { 0 } else { sums.lowest_bin },
        best_bid: sums.touch.bid,
        best_ask: sums.touch.ask,
        bought: trades.bought,
        sold: trades.sold,
        state,
        codes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        BookBins, CODE_UNKNOWN, CellBook, CellTrades, ColumnState, N_BINS, Ring, SIZE_MAX,
        code_from_mean, code_from_size,
    };

    /// A book whose sizes, bin by bin, are these; `None` where nothing is known.
    fn bins_of(lowest_bin: i64, sizes: &[Option<u64>]) -> BookBins {
        let mut bins = BookBins::default();
        bins.lowest_bin = lowest_bin;
        for (position, size) in sizes.iter().enumerate() {
            bins.sizes[position] = size.unwrap_or(0);
            bins.known[position] = u16::from(size.is_some());
            bins.codes[position] = size.map_or(CODE_UNKNOWN, |size| code_from_size(size as f64));
        }
        bins
    }

    fn size() -> impl Strategy<Value = Option<u64>> {
        prop_oneof![
            1 => Just(None),
            1 => Just(Some(0)),
            2 => (1_u64..5).prop_map(Some),
            2 => (1_u64..1 << 40).prop_map(Some),
            2 => (SIZE_MAX - 1_000..=SIZE_MAX).prop_map(Some),
        ]
    }

    proptest! {
        #[test]
        fn a_column_holds_the_mean_of_its_cells_bin_by_bin(
            cells in prop::collection::vec(
                (prop::collection::vec(size(), N_BINS), prop::collection::vec((0..N_BINS, size()), 0..9)),
                5,
            ),
            is_changed in prop::collection::vec(prop::bool::weighted(0.2), 5),
            shifts in prop::collection::vec(prop_oneof![6 => Just(0_i64), 1 => Just(64_i64)], 5),
        ) {
            let mut ring = Ring::new(5, 0);
            let mut sums = vec![(0_u64, 0_u16); N_BINS];
            let (mut sizes, mut lowest_bin) = (cells[0].0.clone(), 0);
            for (cell, (all, some)) in cells.iter().enumerate() {
                if is_changed[cell] {
                    sizes.clone_from(all);
                }
                some.iter().for_each(|(position, size)| sizes[*position] = *size);
                lowest_bin += if cell > 0 { shifts[cell] } else { 0 };
                for (position, size) in sizes.iter().enumerate() {
                    let Some(sum) = sums.get_mut(position + lowest_bin as usize) else { continue };
                    sum.0 += size.unwrap_or(0);
                    sum.1 += u16::from(size.is_some());
                }
                let bins = bins_of(lowest_bin, &sizes);
                let book = CellBook { bins: &bins, state: ColumnState::Good };
                ring.close_cells(cell as i64, 1, book, &CellTrades::default());
            }
            let (_, column) = ring.closed(0, 1).next().unwrap();
            for (position, (sum, n_known)) in sums.into_iter().enumerate() {
                prop_assert_eq!(column.codes[position], code_from_mean(sum, n_known), "{}", position);
            }
        }
    }
}
