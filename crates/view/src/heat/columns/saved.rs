//! Closed columns as bytes, and back: as they are kept, so that a block is of use only with those behind it.

use market::load::{Loader, Reader, RestoreError, require};
use market::save::{Saver, Span, put, put_signed};

use super::{COLUMNS_KEPT, Codes, Columns, Kept};
use crate::heat::column::ColumnState;
use crate::heat::scale::N_BINS;

const WHAT: &str = "closed columns";

/// A column but for its codes: the prices by what they are more than those of the one before.
type Form = (i64, (bool, bool, ColumnState), (i64, i64), (i64, i64), usize);

impl Columns {
    pub(crate) fn save(&self, (name, n_block): (&str, u64), now: &[u16], saver: &mut Saver<'_>) {
        saver.put(&self.newest.len());
        for (code, now) in self.newest.iter().zip(now) {
            put_signed(saver.bytes(), i64::from(*code) - i64::from(*now));
        }
        // The newest has its codes elsewhere, until the next one comes.
        let span = Span::of(self.n_pushed, self.kept.len(), 1, n_block);
        saver.history(name, span, |range, out| {
            let at = |position: u64| (position - span.first) as usize;
            let mut before = (0_i64, 0_i64);
            for kept in self.kept.range(at(range.start)..at(range.end)) {
                let form: Form = (
                    kept.lowest_bin.wrapping_sub(before.0),
                    (kept.has_bid, kept.has_ask, kept.state),
                    (kept.touch.0.wrapping_sub(before.1), kept.touch.1.wrapping_sub(kept.touch.0)),
                    (kept.bought, kept.sold),
                    kept.codes.len(),
                );
                put(out, &form);
                out.extend(kept.codes.iter().flat_map(|code| code.to_le_bytes()));
                before = (kept.lowest_bin, kept.touch.0);
            }
        });
    }

    pub(crate) fn load(
        (name, n_block): (&'static str, u64),
        now: &[u16],
        loader: &mut Loader<'_>,
    ) -> Result<Self, RestoreError> {
        let n_newest: usize = loader.get(WHAT)?;
        require(n_newest == 0 || n_newest == N_BINS, WHAT)?;
        let mut columns = Self::default();
        for now in &now[..n_newest] {
            let code = i64::from(*now).checked_add(loader.reader().signed(WHAT)?);
            let code = code.and_then(|code| u16::try_from(code).ok());
            columns.newest.push(code.ok_or(RestoreError::Damaged { what: WHAT })?);
        }
        let history = (COLUMNS_KEPT, n_block);
        (columns.kept, columns.n_pushed) =
            loader.history(name, history, Kept::unknown(), |reader, range| {
                let mut before = (0_i64, 0_i64);
                range.map(|_| read(reader, &mut before)).collect()
            })?;
        Ok(columns)
    }
}

fn codes(reader: &mut Reader<'_>, n: usize) -> Result<Codes, RestoreError> {
    let bytes = reader.take(2 * n, WHAT)?;
    Ok(bytes.as_chunks().0.iter().map(|code| u16::from_le_bytes(*code)).collect())
}

fn read(reader: &mut Reader<'_>, before: &mut (i64, i64)) -> Result<Kept, RestoreError> {
    let (bin, (has_bid, has_ask, state), (bid, spread), (bought, sold), n_codes): Form =
        reader.get(WHAT)?;
    require(n_codes <= N_BINS, WHAT)?;
    *before = (before.0.wrapping_add(bin), before.1.wrapping_add(bid));
    Ok(Kept {
        lowest_bin: before.0,
        touch: (before.1, before.1.wrapping_add(spread)),
        has_bid,
        has_ask,
        bought,
        sold,
        codes: codes(reader, n_codes)?,
        state,
    })
}
