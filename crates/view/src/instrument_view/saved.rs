//! A view as bytes, and back.

use market::Instrument;
use market::load::{COUNT_MAX, Loader, RestoreError, require};
use market::save::{Saver, Steps};

use super::InstrumentView;
use crate::grid::CELL_NANOS;
use crate::heat::{FineLengths, HeatStore};
use crate::ladder::GROUPS_TICKS;
use crate::past::Past;
use crate::profile::Profile;
use crate::tape::Tape;

const WHAT: &str = "a view";

impl InstrumentView {
    /// Writes all of it, which is the view of this instrument.
    pub fn save(&self, of: &Instrument, saver: &mut Saver<'_>) {
        let Self { instrument, open_cell, health, good_book_at, last_trade, .. } = self;
        saver.put(&(instrument, open_cell, health, good_book_at, last_trade));
        saver.put(&(self.is_book_kept, self.n_messages, self.revisions));
        let steps = Steps::of(of);
        self.tape.save(steps, saver);
        saver.put(&self.flow);
        self.past.save(steps, saver);
        self.profiles.iter().for_each(|profile| profile.save(steps, saver));
        saver.put(&self.heat.is_some());
        if let Some(heat) = &self.heat {
            heat.save(saver);
        }
        saver.put(&self.gaps);
        saver.put(&self.liquidations);
    }

    /// The view that was written, of this instrument.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(of: &Instrument, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let (instrument, open_cell): (_, Option<i64>) = loader.get(WHAT)?;
        require(instrument == of.id, WHAT)?;
        let (health, good_book_at, last_trade) = loader.get(WHAT)?;
        let (is_book_kept, n_messages, revisions) = loader.get(WHAT)?;
        let is_cell = |cell: i64| cell.checked_mul(CELL_NANOS).is_some();
        require(n_messages < COUNT_MAX && open_cell.is_none_or(is_cell), WHAT)?;
        let tape = Tape::load(loader)?;
        let flow = loader.sound("trades at the touch")?;
        let steps = Steps::of(of);
        let past = Past::load(steps, loader)?;
        let mut profiles = GROUPS_TICKS.map(|_| Profile::new(1));
        for profile in &mut profiles {
            *profile = Profile::load(steps, loader)?;
        }
        let heat = match (loader.get(WHAT)?, open_cell) {
            (false, _) => None,
            (true, Some(cell)) => Some(HeatStore::load(cell, loader)?),
            (true, None) => return Err(RestoreError::Damaged { what: WHAT }),
        };
        let gaps = loader.sound("gaps")?;
        let liquidations = loader.sound("liquidations")?;
        Ok(Self {
            instrument,
            open_cell,
            left_cell: None,
            health,
            good_book_at,
            last_trade,
            is_book_kept,
            n_messages,
            tape,
            flow,
            past,
            profiles,
            heat,
            fine: FineLengths::NONE,
            gaps,
            liquidations,
            revisions,
        })
    }

    /// Messages of the book that it has followed.
    pub const fn n_followed(&self) -> u64 {
        self.n_messages
    }
}
