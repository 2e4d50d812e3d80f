//! A tape as bytes, and back: prints and fills as histories.

use std::ops::Range;

use market::load::{COUNT_MAX, Loader, Reader, RestoreError, require};
use market::save::{Saver, Span, Steps, put_number, put_signed, put_signed_steps, put_steps};
use market::{Price, Quantity, Side, Timestamp};

use super::{FILLS_KEPT, Fill, PRINTS_KEPT, Print, Tape};
use crate::sizes::Sizes;

const PRINTS: &str = "prints";
const FILLS: &str = "fills";

/// Prints or fills in a block.
const BLOCK: u64 = 256;

impl Tape {
    pub(crate) fn save(&self, steps: Steps, saver: &mut Saver<'_>) {
        self.sizes.save(saver);
        let span = Span::of(self.n_prints, self.prints.len(), 1, BLOCK);
        let at = |span: Span, position: u64| (position - span.first) as usize;
        saver.history(PRINTS, span, |range, out| {
            let prints = self.prints.range(at(span, range.start)..at(span, range.end));
            put_prints(prints, steps, out);
        });
        let span = Span::of(self.n_fills, self.fills.len(), 0, BLOCK);
        saver.history(FILLS, span, |range, out| {
            let fills = self.fills.range(at(span, range.start)..at(span, range.end));
            put_fills(fills, steps, out);
        });
    }

    pub(crate) fn load(loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let sizes = Sizes::load(loader)?;
        let blank = blank_print();
        let prints = loader.history(PRINTS, (PRINTS_KEPT, BLOCK), blank, read_prints)?;
        let fill = Fill { price: blank.price, quantity: blank.quantity, n_fills: 0 };
        let fills = loader.history(FILLS, (FILLS_KEPT, BLOCK), (0, fill), read_fills)?;
        let ((prints, n_prints), (fills, n_fills)) = (prints, fills);
        require(fills.recent().iter().is_sorted_by_key(|(number, _)| *number), FILLS)?;
        Ok(Self { prints, fills, n_prints, n_fills, sizes })
    }
}

/// What stands for a print that cannot be read.
fn blank_print() -> Print {
    Print {
        number: 0,
        traded_at: Timestamp::default(),
        price: Price(0),
        quantity: Quantity(0),
        n_fills: 0,
        taker: Side::Buy,
        last_trade_id: 0,
    }
}

fn put_prints<'a>(prints: impl Iterator<Item = &'a Print>, steps: Steps, out: &mut Vec<u8>) {
    put_number(out, steps.tick);
    put_number(out, steps.lot);
    let mut before = (0_i64, 0_i64, 0_i64);
    for print in prints {
        let now = (print.traded_at.nanos(), print.price.0, print.last_trade_id as i64);
        put_signed(out, now.0.wrapping_sub(before.0));
        put_signed_steps(out, now.1.wrapping_sub(before.1), steps.tick);
        put_signed(out, now.2.wrapping_sub(before.2));
        put_steps(out, print.quantity.0 as u64, steps.lot);
        put_number(out, u64::from(print.n_fills) << 1 | u64::from(print.taker == Side::Sell));
        before = now;
    }
}

fn read_prints(reader: &mut Reader<'_>, range: Range<u64>) -> Result<Vec<Print>, RestoreError> {
    let steps = reader.tick_and_lot(PRINTS)?;
    let mut prints = Vec::new();
    let mut before = (0_i64, 0_i64, 0_i64);
    for number in range {
        before.0 = before.0.wrapping_add(reader.signed(PRINTS)?);
        before.1 = before.1.wrapping_add(reader.signed_steps(steps.tick, PRINTS)?);
        before.2 = before.2.wrapping_add(reader.signed(PRINTS)?);
        let quantity = reader.steps(steps.lot, PRINTS)? as i64;
        let fills = reader.number(PRINTS)?;
        let n_fills = u32::try_from(fills >> 1).ok();
        require(before.1 >= 0 && quantity >= 0 && n_fills.is_some(), PRINTS)?;
        prints.push(Print {
            number,
            traded_at: Timestamp::from_nanos(before.0),
            price: Price(before.1),
            quantity: Quantity(quantity),
            n_fills: n_fills.unwrap_or_default(),
            taker: if fills & 1 == 0 { Side::Buy } else { Side::Sell },
            last_trade_id: before.2 as u64,
        });
    }
    Ok(prints)
}

fn put_fills<'a>(fills: impl Iterator<Item = &'a (u64, Fill)>, steps: Steps, out: &mut Vec<u8>) {
    put_number(out, steps.tick);
    put_number(out, steps.lot);
    let mut before = (0_u64, 0_i64);
    for (number, Fill { price, quantity, n_fills }) in fills {
        put_number(out, number.wrapping_sub(before.0));
        put_signed_steps(out, price.0.wrapping_sub(before.1), steps.tick);
        put_steps(out, quantity.0 as u64, steps.lot);
        put_number(out, u64::from(*n_fills));
        before = (*number, price.0);
    }
}

fn read_fills(
    reader: &mut Reader<'_>,
    range: Range<u64>,
) -> Result<Vec<(u64, Fill)>, RestoreError> {
    let steps = reader.tick_and_lot(FILLS)?;
    let mut fills = Vec::new();
    let mut before = (0_u64, 0_i64);
    for _ in range {
        before.0 = before.0.wrapping_add(reader.number(FILLS)?);
        before.1 = before.1.wrapping_add(reader.signed_steps(steps.tick, FILLS)?);
        let quantity = reader.steps(steps.lot, FILLS)? as i64;
        let n_fills = u32::try_from(reader.number(FILLS)?).ok();
        let is_sound = before.0 < COUNT_MAX && before.1 >= 0 && quantity >= 0;
        require(is_sound && n_fills.is_some(), FILLS)?;
        let n_fills = n_fills.unwrap_or_default();
        fills.push((
            before.0,
            Fill { price: Price(before.1), quantity: Quantity(quantity), n_fills },
        ));
    }
    Ok(fills)
}
