//! What was heard in the past, gathered from states behind each moment: through a session, and from one session to the
//! one before it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use market::{Timestamp, Venue};
use view::{LookBack, Reached, Session, Shown};

use crate::fine::FineWant;
use crate::source::{Act, Tape};
use crate::tiles::{self, NoTile, Place, Tile, Tiles};

/// The way back through a tape, for one instrument.
pub struct Backward {
    /// The sessions.
    pub tape: Tape,
    /// The newest moment of the tape.
    pub edge: Timestamp,
    /// The instrument, which each session may know under another address.
    pub named: (Venue, String),
    /// Nobody waits any longer once this is set.
    pub stop: Arc<AtomicBool>,
    /// States that were used before.
    pub tiles: Arc<Mutex<Tiles>>,
}

/// Why nothing was gathered.
pub enum NotGathered {
    /// Nobody waits for it any longer.
    Stopped,
    /// This session has no keyframes yet, and is too long to be heard again for each look.
    NotYet(Act),
}

impl Backward {
    /// The way back from the end of a tape.
    pub fn new(tape: Tape, edge: Timestamp, named: (Venue, String)) -> Self {
        Self { tape, edge, named, stop: Arc::default(), tiles: Arc::default() }
    }

    /// Goes through the sessions, from the newest to the oldest, until all that is wanted is gathered, or as much as
    /// can be told together.
    ///
    /// # Errors
    /// When it was not waited for, or cannot be told yet.
    pub fn gather(&self, gathered: &mut dyn LookBack) -> Result<(), NotGathered> {
        let mut later_from: Option<Timestamp> = None;
        for (number, act) in self.tape.acts().iter().enumerate().rev() {
            let Some(from) = act.from() else { continue };
            let to = act.to();
            if let Some((to, later)) = to.zip(later_from) {
                gathered.pass(to, later);
            }
            later_from = Some(from);
            if !gathered.is_of_use(number, from) {
                continue;
            }
            if to.is_some_and(|to| to < gathered.wanted_from()) {
                break;
            }
            let goes_on = self.take_act(number, act, gathered).map_err(|why| match why {
                NoTile::Stopped => NotGathered::Stopped,
                NoTile::NotYet => NotGathered::NotYet(act.clone()),
            })?;
            if !goes_on {
                return Ok(());
            }
        }
        gathered.end();
        Ok(())
    }

    /// Takes what a session tells; whether those before it are wanted as well.
    fn take_act(
        &self,
        number: usize,
        act: &Act,
        gathered: &mut dyn LookBack,
    ) -> Result<bool, NoTile> {
        loop {
            let before = gathered.told_from();
            let tile = self.tile(number, act, gathered)?;
            let from = act.from().unwrap_or_default();
            let Some(shown) = tile.shown() else {
                if gathered.tries_elsewhere(number, from) {
                    continue;
                }
                return Ok(true);
            };
            let session = Session { number, from, to: act.to(), is_over: tile.is_over };
            let reached = gathered.take(shown, session);
            if gathered.is_full() {
                return Ok(false);
            }
            match reached {
                Reached::Beginning => return Ok(true),
                Reached::Otherwise => return Ok(false),
                // A state that tells nothing new would be asked again and again.
                Reached::Part if gathered.told_from() >= before => return Ok(true),
                Reached::Part | Reached::Elsewhere => {}
            }
        }
    }

    fn tile(&self, number: usize, act: &Act, gathered: &dyn LookBack) -> Result<Arc<Tile>, NoTile> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(NoTile::Stopped);
        }
        let until = gathered
            .until(number, act.from().unwrap_or_default())
            .min(act.to().unwrap_or(self.edge));
        let reaches = |shown: Shown<'_>| gathered.reaches(shown);
        let lengths = gathered.fine();
        let want = || FineWant { named: self.named.clone(), lengths };
        let fine = (!lengths.is_empty()).then(|| (want(), gathered.wanted_from()));
        let place = Place { act, named: &self.named, until, reaches: &reaches, fine };
        if let Some(tile) = self.tiles().get(&place) {
            return Ok(tile);
        }
        let tile = Arc::new(tiles::make(&place, &self.stop)?);
        self.tiles().keep(Arc::clone(&tile));
        Ok(tile)
    }

    fn tiles(&self) -> MutexGuard<'_, Tiles> {
        self.tiles.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
