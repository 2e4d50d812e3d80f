//! Minutes of the past as venues write them: lists of lists, lists of objects, or a list for each column.

use market::{Event, HttpExchange, PastBar, PastBars, Price, Timestamp};
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::assemble::{utf8, walked};
use crate::context::Context;
use crate::error::{DecodeError, NumberFault};
use crate::json::{Walk, for_each, for_each_field, is_object, token};
use crate::number::{Fault, Scales, decimal};

const WHAT: &str = "its past minutes";

/// Bars in one answer, at most: three times what is asked for.
const BARS_MAX: usize = 3_000;

const MINUTE_NANOS: i64 = 60_000_000_000;

/// Seconds of Unix time at the end of the year 2099: what lies behind is no moment of a bar.
const SECONDS_MAX: i64 = 4_102_444_800;

/// How a venue writes bars.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The way to the rows.
    pub path: &'static [Step],
    /// What a row is.
    pub rows: Rows,
    /// What the time of a bar counts.
    pub time: Unit,
}

/// One step into an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// The field of this name.
    Field(&'static str),
    /// The one field that is a list, whatever its name.
    OnlyList,
    /// The first element of a list.
    First,
}

/// Where the parts of a bar stand, in the order of [`PARTS`].
#[derive(Debug)]
pub(crate) enum Rows {
    /// A bar is a list; the position of each part, and where it is told that of what takers bought.
    Lists([usize; N_PARTS], Option<usize>),
    /// A bar is an object.
    Objects([&'static str; N_PARTS]),
    /// Each part has a list of its own; the second name of the volume is for contracts on so much of the quote asset.
    Columns([&'static str; N_PARTS], &'static str),
}

/// Units of time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    /// Of Unix time.
    Seconds,
    /// Of Unix time.
    Millis,
}

const N_PARTS: usize = 6;

/// The parts of a bar.
const PARTS: [&str; N_PARTS] = ["time", "open", "high", "low", "close", "volume"];

/// The texts of one bar, and of what takers bought.
type Texts<'a> = ([&'a str; N_PARTS], Option<&'a str>);

/// Tells of the minutes in an answer. One that cannot be true refuses the answer as a whole.
pub(crate) fn decode(
    layout: Option<&Layout>,
    symbol: &str,
    exchange: &HttpExchange,
    context: &mut Context<'_>,
) -> Result<(), DecodeError> {
    let (Some(layout), Some(index)) = (layout, context.table.index(symbol)) else {
        context.unknown("past of an instrument that is not known");
        return Ok(());
    };
    let scales = context.table.scales(index);
    let is_quoted =
        matches!(context.table.get(index).terms.contract, Some(market::Contract::OfQuote(_)));
    let body = utf8(&exchange.body, context)?;
    let rows = rows_of(layout.path, body, context)?;
    let mut bars: Vec<PastBar> = Vec::new();
    let reader = Reader { layout, symbol, scales };
    reader.each(rows, is_quoted, context, &mut |texts, context| {
        if bars.len() == BARS_MAX {
            return Err(context.malformed(WHAT, "there are more of them than were asked for"));
        }
        bars.push(reader.bar(texts, context)?);
        Ok(())
    })?;
    if bars.is_sorted_by(|one, next| one.opened_at > next.opened_at) {
        bars.reverse();
    }
    if !bars.is_sorted_by(|one, next| one.opened_at < next.opened_at) {
        return Err(context.malformed(WHAT, "they stand in no order"));
    }
    if !bars.is_empty() {
        let instrument = context.table.id(index);
        context.push(Event::PastBars(PastBars { instrument, bars }));
    }
    Ok(())
}

/// The text of the rows.
fn rows_of<'a>(
    path: &[Step],
    body: &'a str,
    context: &Context<'_>,
) -> Result<&'a str, DecodeError> {
    let mut text = body;
    for step in path {
        let mut found: Option<&RawValue> = None;
        let mut take = |value: &'a RawValue| found = found.or(Some(value));
        let outcome = match step {
            Step::First => for_each(text, |value: &RawValue| {
                take(value);
                Ok(())
            }),
            Step::Field(_) | Step::OnlyList => for_each_field(text, |name, value| {
                if is_step(step, &name, value) {
                    take(value);
                }
                Ok(())
            }),
        };
        walked(outcome, WHAT, context)?;
        let name = match step {
            Step::Field(name) => name,
            Step::OnlyList | Step::First => "bars",
        };
        text = found.ok_or_else(|| context.no_field(WHAT, name))?.get();
    }
    Ok(text)
}

fn is_step(step: &Step, name: &str, value: &RawValue) -> bool {
    match step {
        Step::Field(wanted) => name == *wanted,
        Step::OnlyList => value.get().starts_with('['),
        Step::First => false,
    }
}

/// Takes the texts of a bar.
type TakeBar<'t> = dyn FnMut(Texts<'_>, &Context<'_>) -> Result<(), DecodeError> + 't;

/// Reads the bars of one answer.
struct Reader<'l> {
    layout: &'l Layout,
    symbol: &'l str,
    scales: Scales,
}

impl Reader<'_> {
    /// Hands out the texts of each bar.
    fn each(
        &self,
        rows: &str,
        is_quoted: bool,
        context: &Context<'_>,
        take: &mut TakeBar<'_>,
    ) -> Result<(), DecodeError> {
        let outcome = match &self.layout.rows {
            Rows::Lists(at, bought) => for_each(rows, |row: Vec<&RawValue>| {
                let cell = |at: usize| row.get(at).and_then(|cell| token(Some(cell)));
                let texts = texts(|part| cell(at[part]), context)?;
                take((texts, bought.and_then(cell)), context)
            }),
            Rows::Objects(names) => for_each(rows, |row: &RawValue| {
                let mut cells = [None; N_PARTS];
                fields(row.get(), names, &mut cells, context)?;
                take((texts(|part| token(cells[part]), context)?, None), context)
            }),
            Rows::Columns(names, quoted) => {
                let mut names = *names;
                if is_quoted {
                    names[N_PARTS - 1] = quoted;
                }
                return columns(rows, &names, context, take);
            }
        };
        walked(outcome, WHAT, context)
    }

    /// A bar whose numbers can be true.
    fn bar(
        &self,
        (texts, bought): Texts<'_>,
        context: &Context<'_>,
    ) -> Result<PastBar, DecodeError> {
        let [at, open, high, low, close, volume] = texts;
        let price = |text: &str| -> Result<Price, DecodeError> {
            let price = self.scales.price(text);
            price.map_err(|reason| self.fault("a past price of", text, reason, context))
        };
        let sum = |text: &str| -> Result<i128, DecodeError> {
            let sum = sum_of(text, self.scales.quantity);
            sum.map_err(|reason| self.fault("a past volume of", text, reason, context))
        };
        let bar = PastBar {
            opened_at: self.moment(at).ok_or_else(|| {
                context.malformed(WHAT, &format!("'{at}' is not the beginning of a minute"))
            })?,
            open: price(open)?,
            high: price(high)?,
            low: price(low)?,
            close: price(close)?,
            volume: sum(volume)?,
            buy_volume: bought.map(sum).transpose()?,
        };
        let is_within = |price: Price| bar.low <= price && price <= bar.high;
        if !is_within(bar.open) || !is_within(bar.close) {
            return Err(context.malformed(WHAT, "a bar opens or closes beyond its high or its low"));
        }
        if bar.buy_volume.is_some_and(|bought| bought > bar.volume) {
            return Err(context.malformed(WHAT, "takers bought more than was traded"));
        }
        Ok(bar)
    }

    fn moment(&self, text: &str) -> Option<Timestamp> {
        let count: i64 = text.parse().ok()?;
        let millis = match self.layout.time {
            Unit::Seconds => count.checked_mul(1_000)?,
            Unit::Millis => count,
        };
        let at =
            (0..SECONDS_MAX * 1_000).contains(&millis).then(|| Timestamp::from_millis(millis))?;
        (at.floor_to(MINUTE_NANOS) == at).then_some(at)
    }

    fn fault(
        &self,
        field: &'static str,
        value: &str,
        reason: NumberFault,
        context: &Context<'_>,
    ) -> DecodeError {
        Fault::new(field, value, reason).of(context.venue(), self.symbol)
    }
}

/// All parts of a bar, or which of them is missing.
fn texts<'a>(
    part: impl Fn(usize) -> Option<&'a str>,
    context: &Context<'_>,
) -> Result<[&'a str; N_PARTS], DecodeError> {
    let mut texts = [""; N_PARTS];
    for (index, text) in texts.iter_mut().enumerate() {
        *text = part(index).ok_or_else(|| context.no_field(WHAT, PARTS[index]))?;
    }
    Ok(texts)
}

/// Finds the fields of these names.
fn fields<'a>(
    object: &'a str,
    names: &[&str; N_PARTS],
    cells: &mut [Option<&'a RawValue>; N_PARTS],
    context: &Context<'_>,
) -> Result<(), DecodeError> {
    if !is_object(object) {
        return Err(context.malformed(WHAT, "a bar is no object"));
    }
    let outcome = for_each_field(object, |name, value| {
        if let Some(part) = names.iter().position(|wanted| *wanted == name) {
            cells[part] = Some(value);
        }
        Ok(())
    });
    walked(outcome, WHAT, context)
}

/// Hands out bars whose parts stand in lists of their own, which must be equally long.
fn columns(
    object: &str,
    names: &[&'static str; N_PARTS],
    context: &Context<'_>,
    take: &mut TakeBar<'_>,
) -> Result<(), DecodeError> {
    let mut cells = [None; N_PARTS];
    fields(object, names, &mut cells, context)?;
    let mut lists: [Vec<&RawValue>; N_PARTS] = Default::default();
    for (part, list) in lists.iter_mut().enumerate() {
        let text = cells[part].ok_or_else(|| context.no_field(WHAT, names[part]))?.get();
        let outcome: Result<(), Walk<DecodeError>> = for_each(text, |cell: &RawValue| {
            list.push(cell);
            Ok(())
        });
        walked(outcome, WHAT, context)?;
    }
    if lists.iter().any(|list| list.len() != lists[0].len()) {
        return Err(context.malformed(WHAT, "its columns are not equally long"));
    }
    (0..lists[0].len()).try_for_each(|row| {
        take((texts(|part| token(Some(lists[part][row])), context)?, None), context)
    })
}

/// A sum of quantities. Venues sum in floating point, so that it can be finer than any quantity: what is finer than the
/// scale is cut.
fn sum_of(text: &str, scale: u8) -> Result<i128, NumberFault> {
    let sum = decimal(text).ok_or(NumberFault::Number(market::NumberError::Malformed))?;
    if sum.is_sign_negative() && !sum.is_zero() {
        return Err(NumberFault::Negative);
    }
    let cut = sum.trunc_with_scale(u32::from(scale));
    let too_large = NumberFault::Number(market::NumberError::TooLarge { scale });
    let missing = 10_i128.checked_pow(u32::from(scale).saturating_sub(cut.scale()));
    let units = missing.and_then(|factor| Decimal::mantissa(&cut).checked_mul(factor));
    // A sum of which a thousand fit into 128 bits, so that bars can be summed.
    units.filter(|units| *units < i128::MAX / 1_000).ok_or(too_large)
}
