//! Looking further back than the rings of a screen's frames reach: columns and bars from states of the past, gathered
//! off the loop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use tokio::sync::{Semaphore, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};
use view::{LookBack, OlderBars, OlderColumns, OlderGaps, OlderPrints, PrintMark};

use crate::backward::{Backward, NotGathered};
use crate::keyframes::Cadence;
use crate::player::Player;
use crate::playhead::moment;
use crate::run::RunLoop;
use crate::screens::ScreenId;
use crate::source::Act;
use crate::tiles::Tiles;
use crate::wire::{Older, OlderOf};

/// Looks that are under way at once, of all screens together.
const LOOKS_MAX: usize = 2;

/// What is said while keyframes are being made.
const NOT_YET: &str = "What lies further back is being prepared; it comes soon.";
const SUPERSEDED: &str = "Another look back was asked for meanwhile.";

/// What all looks back share.
pub struct LookBacks {
    tiles: Arc<Mutex<Tiles>>,
    turns: Arc<Semaphore>,
    /// Taken while keyframes are being made: one session at a time, and no file by two.
    making: Making,
    is_over: CancellationToken,
    _guard: DropGuard,
}

impl Default for LookBacks {
    fn default() -> Self {
        let is_over = CancellationToken::new();
        Self {
            tiles: Arc::default(),
            turns: Arc::new(Semaphore::new(LOOKS_MAX)),
            making: Making::default(),
            is_over: is_over.clone(),
            _guard: is_over.drop_guard(),
        }
    }
}

impl LookBacks {
    /// The turn to make keyframes.
    pub fn making(&self) -> Making {
        self.making.clone()
    }
}

/// The turn to make keyframes: whoever makes them has it.
#[derive(Clone, Default)]
pub struct Making(Arc<Mutex<()>>);

impl Making {
    /// Makes the keyframes that a session lacks, beside it, unless others are being made; whether it had the turn.
    pub fn try_make(&self, act: &Act, is_over: &CancellationToken) -> bool {
        let turn = match self.0.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return false,
        };
        make(act, is_over, turn);
        true
    }

    /// The same as soon as no others are being made.
    pub fn make(&self, act: &Act, is_over: &CancellationToken) {
        make(act, is_over, self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

fn make(act: &Act, is_over: &CancellationToken, turn: MutexGuard<'_, ()>) {
    if !is_over.is_cancelled() {
        act.make_keyframes(Cadence::default(), is_over);
    }
    drop(turn);
}

/// Ends a look back when it is dropped: nobody waits for it.
#[derive(Debug, Default)]
pub struct Looking(Arc<AtomicBool>);

impl Looking {
    /// Set when it is to stop.
    pub fn stop(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One look back.
struct Look {
    back: Backward,
    gathered: Box<dyn LookBack>,
    header: view::Header,
}

impl RunLoop {
    /// Answers with the bytes of what was heard in a span of the past; off this loop.
    pub(crate) fn look_back(
        &mut self,
        screen: ScreenId,
        older: Older,
        answer: oneshot::Sender<Result<Vec<u8>, String>>,
    ) {
        let look = match self.begin_look(screen, &older) {
            Ok(look) => look,
            Err(sentence) => return drop(answer.send(Err(sentence))),
        };
        let turns = Arc::clone(&self.look_backs.turns);
        let (making, is_over) = (self.look_backs.making(), self.look_backs.is_over.clone());
        tokio::spawn(async move {
            let Ok(_turn) = turns.acquire().await else { return };
            let looked = tokio::task::spawn_blocking(move || look.carry_out());
            let (bytes, keyless) = looked.await.unwrap_or_else(|_| (Err(failed()), None));
            // Whoever asked may have gone away.
            drop(answer.send(bytes));
            if let Some(act) = keyless {
                tokio::task::spawn_blocking(move || making.try_make(&act, &is_over));
            }
        });
    }

    fn begin_look(&mut self, screen: ScreenId, older: &Older) -> Result<Look, String> {
        let tape = self.tape().ok_or("There is no session yet.")?;
        let edge = self.player.as_ref().map(Player::to).or(self.present());
        let edge = edge.ok_or("There is no session yet.")?;
        let shown = self.player.as_ref().map_or(tape.acts().len().saturating_sub(1), Player::act);
        let header = view::Header {
            is_replay: self.player.is_some(),
            is_simulated: self.shows_simulated(),
            ..view::Header::default()
        };
        let looker = self.screens.get_mut(screen).ok_or("This screen is closed.")?;
        let named = looker.named.clone().ok_or("No instrument is shown.")?;
        let span = moment(older.from_ms).zip(moment(older.to_ms));
        let (from, to) = span.filter(|(from, to)| from < to).ok_or("This is no span of time.")?;
        let (from, to) = (from.min(edge), to.min(edge));
        let gathered: Result<Box<dyn LookBack>, view::SettingError> = match older.of {
            OlderOf::Columns { column_ms } => {
                OlderColumns::new(column_ms, from, to).map(|one| Box::new(one) as _)
            }
            OlderOf::Bars { interval_s } => {
                OlderBars::new(interval_s, (from, to), shown).map(|one| Box::new(one) as _)
            }
            OlderOf::Gaps => Ok(Box::new(OlderGaps::new(from, to))),
            OlderOf::Prints { session_from_ms, number } => {
                let before = PrintMark { session_from_ms, number: number.into() };
                Ok(Box::new(OlderPrints::new(before, (from, to), shown)))
            }
        };
        let gathered = gathered.map_err(|error| format!("{error}."))?;
        let header = view::Header { source: looker.source, ..header };
        let (stop, tiles) = (looker.look(&older.of), Arc::clone(&self.look_backs.tiles));
        Ok(Look { back: Backward { tape, edge, named, stop, tiles }, gathered, header })
    }
}

impl Look {
    /// The bytes, and the session that lacks keyframes.
    fn carry_out(mut self) -> (Result<Vec<u8>, String>, Option<Act>) {
        match self.back.gather(&mut *self.gathered) {
            Ok(()) => (Ok(self.gathered.bytes(&self.header)), None),
            Err(NotGathered::Stopped) => (Err(SUPERSEDED.to_owned()), None),
            Err(NotGathered::NotYet(act)) => (Err(NOT_YET.to_owned()), Some(act)),
        }
    }
}

fn failed() -> String {
    "The past could not be read; the log tells more.".to_owned()
}
