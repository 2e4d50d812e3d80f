//! Levels that come with their side, or as two lists → a book message.

use market::{BookKind, BookMessage, Continuity, Event, Level, Side, Timestamp};

use crate::context::Context;
use crate::error::DecodeError;
use crate::json::Walk;
use crate::number::{Digits, Fault, Printing};

/// Takes a side, a price and a quantity.
pub(crate) type TakeSided<'t> = dyn FnMut(Side, &str, &str) -> Result<(), Fault> + 't;

/// What is known of a book message beside its levels.
pub(crate) struct Head<'a> {
    pub symbol: &'a str,
    pub what: &'static str,
    pub kind: BookKind,
    pub continuity: Continuity,
    pub stated_at: Option<Timestamp>,
}

/// Tells of a book message whose levels `walk` hands out. `asks` is lent, so that nothing is allocated.
pub(crate) fn push_book(
    head: &Head<'_>,
    asks: &mut Vec<Level>,
    context: &mut Context<'_>,
    walk: impl Fn(&mut TakeSided<'_>) -> Result<(), Walk<Fault>>,
) -> Result<(), DecodeError> {
    let index = match context.table.index_in_a_run(head.symbol) {
        Some(index) => index,
        None => {
            let mut digits = Digits::new(Printing::Padded);
            walk(&mut |_, price, quantity| digits.note(price, quantity))
                .map_err(|error| context.level_error(error, head.symbol, head.what))?;
            context.table.index_or_derive(head.symbol, context.events, digits)?
        }
    };
    let scales = context.table.scales(index);
    let start = context.events.levels.len();
    asks.clear();
    let levels = &mut context.events.levels;
    let outcome = walk(&mut |side, price, quantity| {
        let level = scales.level(price, quantity)?;
        match side {
            Side::Buy => levels.push(level),
            Side::Sell => asks.push(level),
        }
        Ok(())
    });
    outcome.map_err(|error| context.level_error(error, head.symbol, head.what))?;
    let middle = context.events.levels.len();
    context.events.levels.append(asks);
    let of = Of { index, kind: head.kind, continuity: head.continuity, stated_at: head.stated_at };
    push_levels(&of, (start, middle), context);
    Ok(())
}

/// What is known of a book message whose levels stand among the events.
pub(crate) struct Of {
    pub index: u32,
    pub kind: BookKind,
    pub continuity: Continuity,
    pub stated_at: Option<Timestamp>,
}

/// Tells of a book message: its bids are all levels from `start` on, its asks those from `middle` on.
pub(crate) fn push_levels(of: &Of, (start, middle): (usize, usize), context: &mut Context<'_>) {
    let end = context.events.levels.len();
    let finer = context.table.refine(of.index, &context.events.levels[start..end]);
    context.events.items.extend(finer);
    context.push(Event::Book(BookMessage {
        instrument: context.table.id(of.index),
        kind: of.kind,
        continuity: of.continuity,
        checksum: None,
        // None of the venues that write so cuts a book by itself: a level that leaves is deleted by name.
        depth: None,
        bids: start..middle,
        asks: middle..end,
        stated_at: of.stated_at,
    }));
}
