//! Closed columns as bytes, and back. A block of them ends with one that is whole, so that it is read by itself.

use market::load::{Loader, Reader, RestoreError, require};
use market::save::{BLOCK, Saver, Span, put};

use super::{COLUMNS_KEPT, COLUMNS_PER_WHOLE, Codes, Columns, Kept};
use crate::heat::column::ColumnState;
use crate::heat::scale::N_BINS;

const WHAT: &str = "closed columns";

const _: () = assert!(BLOCK == COLUMNS_PER_WHOLE, "a block ends where a column is whole");

/// A column but for its codes: the prices by what they are more than those of the one before.
type Form = (i64, (bool, bool, ColumnState), (i64, i64), (i64, i64), usize);

impl Columns {
    pub(crate) fn save(&self, name: &str, saver: &mut Saver<'_>) {
        put_codes(&self.newest, saver.bytes());
        // The newest has its codes elsewhere, until the next one comes.
        let span = Span::of(self.n_pushed, self.kept.len(), 1);
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

    pub(crate) fn load(name: &'static str, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let n_newest: usize = loader.get(WHAT)?;
        require(n_newest == 0 || n_newest == N_BINS, WHAT)?;
        let newest = codes(loader.reader(), n_newest)?.into_vec();
        let mut columns = Self { newest, ..Self::default() };
        let kept = &mut columns.kept;
        let loaded = loader.history(name, COLUMNS_KEPT, |reader, range| {
            let mut before = (0_i64, 0_i64);
            for _ in range {
                kept.push_back(read(reader, &mut before)?);
            }
            Ok(())
        })?;
        columns.kept.drain(..loaded.n_lost);
        columns.n_pushed = loaded.n_pushed;
        Ok(columns)
    }
}

fn put_codes(codes: &[u16], out: &mut Vec<u8>) {
    put(out, &codes.len());
    out.extend(codes.iter().flat_map(|code| code.to_le_bytes()));
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
