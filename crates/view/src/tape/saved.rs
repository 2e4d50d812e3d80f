//! A tape as bytes, and back: prints and fills as histories.

use std::ops::Range;

use market::load::{COUNT_MAX, Loader, Reader, RestoreError, require};
use market::save::{Saver, Span, put};
use market::{Price, Quantity, Side, Timestamp};

use super::{FILLS_KEPT, Fill, PRINTS_KEPT, Print, Tape};
use crate::sizes::Sizes;

const PRINTS: &str = "prints";
const FILLS: &str = "fills";

/// A print: its moment, its price and its id by what they are more than those of the one before.
type PrintForm = (i64, i64, Quantity, u32, Side, i64);
/// A fill: the same of its print's number and of its price.
type FillForm = (u64, i64, Quantity, u32);

impl Tape {
    pub(crate) fn save(&self, saver: &mut Saver<'_>) {
        self.sizes.save(saver);
        let span = Span::of(self.n_prints, self.prints.len(), 1);
        let at = |span: Span, position: u64| (position - span.first) as usize;
        saver.history(PRINTS, span, |range, out| {
            let prints = self.prints.range(at(span, range.start)..at(span, range.end));
            put_prints(prints, out);
        });
        let span = Span::of(self.n_fills, self.fills.len(), 0);
        saver.history(FILLS, span, |range, out| {
            let fills = self.fills.range(at(span, range.start)..at(span, range.end));
            put_fills(fills, out);
        });
    }

    pub(crate) fn load(loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let mut tape = Self { sizes: Sizes::load(loader)?, ..Self::new() };
        let loaded = loader.history(PRINTS, PRINTS_KEPT, |reader, range| {
            let mut before = (0_i64, 0_i64, 0_i64);
            for number in range {
                tape.prints.push_back(read_print(reader, number, &mut before)?);
            }
            Ok(())
        })?;
        tape.prints.drain(..loaded.n_lost);
        tape.n_prints = loaded.n_pushed;
        let loaded = loader.history(FILLS, FILLS_KEPT, |reader, range| {
            read_fills(reader, range, &mut tape.fills)
        })?;
        tape.fills.drain(..loaded.n_lost);
        tape.n_fills = loaded.n_pushed;
        require(tape.fills.iter().is_sorted_by_key(|(number, _)| *number), FILLS)?;
        Ok(tape)
    }
}

fn put_prints<'a>(prints: impl Iterator<Item = &'a Print>, out: &mut Vec<u8>) {
    let mut before = (0_i64, 0_i64, 0_i64);
    for print in prints {
        let Print { traded_at, price, quantity, n_fills, taker, last_trade_id, number: _ } = *print;
        let now = (traded_at.nanos(), price.0, last_trade_id as i64);
        let form: PrintForm = (
            now.0.wrapping_sub(before.0),
            now.1.wrapping_sub(before.1),
            quantity,
            n_fills,
            taker,
            now.2.wrapping_sub(before.2),
        );
        put(out, &form);
        before = now;
    }
}

fn read_print(
    reader: &mut Reader<'_>,
    number: u64,
    before: &mut (i64, i64, i64),
) -> Result<Print, RestoreError> {
    let (since, price, quantity, n_fills, taker, id): PrintForm = reader.get(PRINTS)?;
    before.0 = before.0.wrapping_add(since);
    before.1 = before.1.wrapping_add(price);
    before.2 = before.2.wrapping_add(id);
    require(before.1 >= 0, PRINTS)?;
    Ok(Print {
        number,
        traded_at: Timestamp::from_nanos(before.0),
        price: Price(before.1),
        quantity,
        n_fills,
        taker,
        last_trade_id: before.2 as u64,
    })
}

fn put_fills<'a>(fills: impl Iterator<Item = &'a (u64, Fill)>, out: &mut Vec<u8>) {
    let mut before = (0_u64, 0_i64);
    for (number, Fill { price, quantity, n_fills }) in fills {
        let form: FillForm =
            (number - before.0, price.0.wrapping_sub(before.1), *quantity, *n_fills);
        put(out, &form);
        before = (*number, price.0);
    }
}

fn read_fills(
    reader: &mut Reader<'_>,
    range: Range<u64>,
    fills: &mut std::collections::VecDeque<(u64, Fill)>,
) -> Result<(), RestoreError> {
    let mut before = (0_u64, 0_i64);
    for _ in range {
        let (after, price, quantity, n_fills): FillForm = reader.get(FILLS)?;
        before = (before.0.wrapping_add(after), before.1.wrapping_add(price));
        require(before.0 < COUNT_MAX && before.1 >= 0, FILLS)?;
        fills.push_back((before.0, Fill { price: Price(before.1), quantity, n_fills }));
    }
    Ok(())
}
