//! One screen: its settings, what it has been sent, and its next frame.

use market::{INTERVALS_S, InstrumentId, Market};

use crate::cursor::{Cursor, Sections};
use crate::frame::{Extent, FrameWriter, Header, write_header, write_reach};
use crate::heat::{COLUMN_LENGTHS_MS, FineLengths};
use crate::instrument_view::InstrumentView;
use crate::ladder::GROUPS_TICKS;
use crate::tape::Fill;
use crate::units::Units;

/// Bytes of a usual frame: the ladder's 21 KiB, the book's bars and a few columns.
const USUAL_FRAME_BYTES: usize = 32 * 1024;

/// Why a setting is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// No such column.
    #[error(
        "{0} ms is no length of a heatmap column: take 1, 5, 20, 100, 500, 1000, 5000, 15000 or 60000"
    )]
    Column(u32),
    /// No such group.
    #[error("{0} ticks are no grouping of the ladder: take 1, 2, 5, 10, 25, 50 or 100")]
    Group(u32),
    /// No such bar.
    #[error("{0} s is no length of a bar: take 1, 5, 15, 60, 300, 900, 3600, 14400 or 86400")]
    Interval(u32),
}

/// How a screen cuts what it shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    column_ms: u32,
    group: usize,
    interval_s: u32,
}

impl Default for Settings {
    /// Columns of 500 ms, rows of one tick, bars of a minute.
    fn default() -> Self {
        Self { column_ms: 500, group: 0, interval_s: 60 }
    }
}

impl Settings {
    /// Length of a heatmap column.
    pub const fn column_ms(self) -> u32 {
        self.column_ms
    }

    /// The fine columns that are to be kept for it; none where the others suffice.
    pub fn fine(self) -> FineLengths {
        FineLengths::of(self.column_ms)
    }

    /// Ticks in a row of the ladder.
    pub const fn group_ticks(self) -> u32 {
        GROUPS_TICKS[self.group]
    }

    /// Length of a bar.
    pub const fn interval_s(self) -> u32 {
        self.interval_s
    }

    /// Position of the grouping in [`GROUPS_TICKS`].
    pub(crate) const fn group(self) -> usize {
        self.group
    }
}

/// What a screen shows: the view of an instrument and the market that feeds it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The view.
    pub view: &'a InstrumentView,
    /// The market of the same instrument, as far as the view was told.
    pub market: &'a Market,
}

impl Shown<'_> {
    /// Price, size and count of each fill of the print of this number, oldest first, for drawing; `None` when not all
    /// of them are kept.
    pub fn fills(self, number: u64) -> Option<Vec<(f64, f64, u32)>> {
        let units = Units::of(self.market.instrument());
        let fills = self.view.fills(number)?;
        let row = |fill: &Fill| {
            let size = units.f64_from_quantity(fill.quantity.0);
            (units.f64_from_price(fill.price.0), size, fill.n_fills)
        };
        Some(fills.iter().map(row).collect())
    }
}

/// A frame that was sent: its number, whose it was, and what is known once it is applied.
#[derive(Clone, Debug)]
struct Sent {
    number: u64,
    instrument: Option<InstrumentId>,
    cursor: Cursor,
}

/// The cursors of one screen into the state of an instrument.
///
/// ```text
/// next_frame(ack = number of the last frame)       delta on it
/// next_frame(ack = number of the one before it)    the last frame was lost: delta on the one before, same number
/// next_frame(ack = anything else), or `forget`     whole
/// ```
#[derive(Debug, Default)]
pub struct Screen {
    settings: Settings,
    last_number: u64,
    confirmed: Option<Sent>,
    last: Option<Sent>,
    sections: Sections,
}

impl Screen {
    /// A screen that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// How it cuts what it shows.
    pub const fn settings(&self) -> Settings {
        self.settings
    }

    /// Cuts the heatmap into columns of this length; the next frame is whole when that is new.
    pub fn set_column_ms(&mut self, column_ms: u32) -> Result<(), SettingError> {
        require_column(column_ms)?;
        self.set(Settings { column_ms, ..self.settings });
        Ok(())
    }

    /// Groups the ladder by this many ticks; the next frame is whole when that is new.
    pub fn set_group_ticks(&mut self, group_ticks: u32) -> Result<(), SettingError> {
        let group = GROUPS_TICKS.iter().position(|ticks| *ticks == group_ticks);
        let group = group.ok_or(SettingError::Group(group_ticks))?;
        self.set(Settings { group, ..self.settings });
        Ok(())
    }

    /// Shows bars of this length; the next frame is whole when that is new.
    pub fn set_interval_s(&mut self, interval_s: u32) -> Result<(), SettingError> {
        if !INTERVALS_S.contains(&interval_s) {
            return Err(SettingError::Interval(interval_s));
        }
        self.set(Settings { interval_s, ..self.settings });
        Ok(())
    }

    /// The next frame is whole: the source has changed, or the view was made anew (a seek). A change of the instrument
    /// is seen by itself.
    pub fn forget(&mut self) {
        self.confirmed = None;
        self.last = None;
    }

    /// Whether a screen whose last applied frame is `acked` is to be answered at once: there is something that it does
    /// not know, or the frame that was sent last did not reach it.
    pub fn is_dirty(&self, shown: Option<Shown>, acked: u64) -> bool {
        let instrument = shown.map(|shown| shown.view.instrument());
        match (&self.last, shown) {
            (None, _) => true,
            (Some(last), _) if last.number != acked || last.instrument != instrument => true,
            (Some(_), None) => false,
            (Some(last), Some(shown)) => last.cursor.is_behind(shown, self.settings),
        }
    }

    /// The next frame for a screen whose last applied frame is `acked` (0: none); see `docs/frame.md`.
    pub fn next_frame(&mut self, shown: Option<Shown>, header: &Header, acked: u64) -> Vec<u8> {
        let instrument = shown.map(|shown| shown.view.instrument());
        let base = self.take_base(acked, shown);
        let (number, extent) = match &base {
            Some(base) => (base.number + 1, Extent::Delta),
            None => (self.last_number + 1, Extent::Whole),
        };
        let mut cursor = base.as_ref().map(|base| base.cursor.clone()).unwrap_or_default();
        let mut out = FrameWriter::new(USUAL_FRAME_BYTES);
        write_header(&mut out, number, extent, header, shown.map(|it| (it.view, it.market)));
        if let Some(shown) = shown {
            self.sections.write(&mut out, &mut cursor, shown, self.settings);
        }
        if header.source > 0 && extent == Extent::Whole {
            write_reach(&mut out, header.source, None);
        }
        self.confirmed = base;
        self.last = Some(Sent { number, instrument, cursor });
        self.last_number = number;
        out.finish()
    }

    /// The frame on which the next one builds; `None` when it has to be whole.
    fn take_base(&mut self, acked: u64, shown: Option<Shown>) -> Option<Sent> {
        let (instrument, settings) = (shown.map(|shown| shown.view.instrument()), self.settings);
        let goes_on = |sent: &Sent| shown.is_none_or(|shown| sent.cursor.goes_on(shown, settings));
        let fits =
            |sent: &Sent| sent.number == acked && sent.instrument == instrument && goes_on(sent);
        let last = self.last.take().filter(fits);
        last.or_else(|| self.confirmed.take().filter(fits))
    }

    fn set(&mut self, settings: Settings) {
        if settings != self.settings {
            self.settings = settings;
            self.forget();
        }
    }
}

/// Whether there are columns of a length.
pub(crate) fn require_column(column_ms: u32) -> Result<(), SettingError> {
    let is_known = COLUMN_LENGTHS_MS.contains(&column_ms) || !FineLengths::of(column_ms).is_empty();
    if is_known { Ok(()) } else { Err(SettingError::Column(column_ms)) }
}
