//! Closed dots as bytes, and back.

use market::Side;
use market::load::{Loader, Reader, RestoreError, Sound, require};
use market::save::{Saver, Span, put};

use super::{ClosedDots, DOTS_KEPT, DOTS_PER_COLUMN, Dot, FormingDots, Kept};

const WHAT: &str = "dots";

/// Dots in a block.
const BLOCK: u64 = 128;

/// Columns beyond this are none of a calendar.
const COLUMN_MAX: u64 = 1 << 40;

impl Sound for FormingDots {
    fn is_sound(&self) -> bool {
        self.dots.len() <= DOTS_PER_COLUMN
            && self.dots.is_sorted_by(|one, next| (one.bin, one.taker) < (next.bin, next.taker))
    }
}

impl ClosedDots {
    pub(crate) fn save(&self, name: &str, saver: &mut Saver<'_>) {
        saver.put(&self.newest);
        let n_over = self.n_over();
        let span = Span::of(self.n_pushed, self.dots.len() - n_over, 0, BLOCK);
        saver.history(name, span, |range, out| {
            let at = |position: u64| (position - span.first) as usize + n_over;
            let mut before = (0, 0);
            for kept in self.dots.range(at(range.start)..at(range.end)) {
                let Dot { column, bin, taker, quantity, notional } = kept.dot(self.newest);
                put(out, &(column - before.0, bin - before.1, taker, quantity, notional));
                before = (column, bin);
            }
        });
    }

    pub(crate) fn load(name: &'static str, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let newest: i64 = loader.get(WHAT)?;
        require(newest.unsigned_abs() < COLUMN_MAX, WHAT)?;
        let unknown = Dot { column: newest, bin: 0, taker: Side::Buy, quantity: 0, notional: 0 };
        let unknown = Kept::new(&unknown, newest);
        let history = loader.history(name, (DOTS_KEPT, BLOCK), unknown, move |reader, range| {
            let mut before = (0_i64, 0_i64);
            range.map(|_| read(reader, &mut before, newest)).collect()
        });
        let (dots, n_pushed) = history?;
        Ok(Self { dots, from: i64::MIN, newest, n_pushed })
    }
}

/// A dot by what it is more than the one before.
fn read(
    reader: &mut Reader<'_>,
    before: &mut (i64, i64),
    newest: i64,
) -> Result<Kept, RestoreError> {
    let (column, bin, taker, quantity, notional): (i64, i64, _, _, _) = reader.get(WHAT)?;
    *before = (before.0.wrapping_add(column), before.1.wrapping_add(bin));
    require(before.0.unsigned_abs() < COLUMN_MAX && before.0 <= newest, WHAT)?;
    let dot = Dot { column: before.0, bin: before.1, taker, quantity, notional };
    Ok(Kept::new(&dot, before.0))
}
