//! What the timelines of all screens are told: how far they reach, and the part that each has in sight.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use market::Timestamp;
use tokio::sync::Semaphore;

use crate::close_up::{CloseUps, Place, read};
use crate::gaps::Gap;
use crate::live::Live;
use crate::look_back::Looking;
use crate::player::Player;
use crate::playhead::moment;
use crate::run::RunLoop;
use crate::screens::ScreenId;
use crate::status::ms;
use crate::timeline::{Piece, Scope, timeline};
use crate::wire::{Reply, TimelineGap, TimelinePiece};

/// What is told of all timelines.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reach {
    /// The present when it was last told, or the end of a recording.
    pub to: Timestamp,
    /// Grows when more was found out.
    pub found: u64,
}

/// What all timelines share.
pub struct Timelines {
    /// How far they reach.
    pub reach: Reach,
    close_ups: Arc<Mutex<CloseUps>>,
    /// Close-ups are made one after the other.
    turns: Arc<Semaphore>,
}

impl Default for Timelines {
    fn default() -> Self {
        let (reach, close_ups) = (Reach::default(), Arc::default());
        Self { reach, close_ups, turns: Arc::new(Semaphore::new(1)) }
    }
}

impl Timelines {
    /// Another tape is on the screens.
    pub fn forget(&mut self) {
        self.close_ups.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Close-ups that are being made for a screen; nobody waits for them any longer when this is dropped.
#[derive(Debug, Default)]
pub struct Nearing {
    wanted: Vec<(Timestamp, i64, i64)>,
    looking: Looking,
    is_over: Arc<AtomicBool>,
}

impl RunLoop {
    /// How far the timelines reach by now.
    pub(crate) fn reach_on(&mut self) {
        self.look_for_bookmarks();
        let recorded_to = self.player.as_ref().filter(|one| one.edge().is_none());
        if let Some(to) = recorded_to.map(Player::to).or(self.present()) {
            self.timelines.reach.to = to;
        }
    }

    /// Of a part of the live session nothing is kept any longer: what was counted of it is told no more.
    pub(crate) fn forget_gone(&mut self) {
        let Some(live) = &mut self.live else { return };
        let Some(gone) = live.take_gone() else { return };
        let tape = live.past(&[]);
        self.screens.iter_mut().for_each(|looker| looker.nearing = Nearing::default());
        let mut close_ups = self.timelines.close_ups.lock().unwrap_or_else(PoisonError::into_inner);
        tape.acts().iter().for_each(|act| close_ups.forget(act, gone));
        drop(close_ups);
        self.timelines.reach.found += 1;
    }

    /// More of the past was found out.
    pub(crate) fn tell_found(&mut self) {
        self.timelines.reach.found += 1;
        self.reach_on();
        self.tell_status();
    }

    /// What a timeline shows of a span, as far as it is known. What would tell more is heard in the background.
    pub(crate) fn timeline(
        &mut self,
        screen: ScreenId,
        (from_ms, to_ms): (f64, f64),
    ) -> Result<Reply, String> {
        let span = moment(from_ms).zip(moment(to_ms)).filter(|(from, to)| from < to);
        let span = span.ok_or("This is no span of time.")?;
        let tape = self.tape().ok_or("There is no session yet.")?;
        let edge = self.player.as_ref().map(Player::to).or(self.present());
        let looker = self.screens.get(screen).ok_or("This screen is closed.")?;
        let scope = Scope {
            tape: &tape,
            edge: edge.ok_or("There is no session yet.")?,
            named: looker.named.as_ref(),
            recent: self.live.as_ref().map(Live::recent),
        };
        let told = {
            let mut close_ups =
                self.timelines.close_ups.lock().unwrap_or_else(PoisonError::into_inner);
            timeline(&scope, span, &mut close_ups)
        };
        self.near(screen, told.wanted);
        let pieces = told.pieces.into_iter().map(piece).collect();
        Ok(Reply::Timeline { pieces, gaps: told.gaps.into_iter().map(gap).collect() })
    }

    /// Makes close-ups for a screen in the background, unless they are being made.
    fn near(&mut self, screen: ScreenId, wanted: Vec<(Place, i64)>) {
        let Some(looker) = self.screens.get_mut(screen) else { return };
        let key = |(place, n): &(Place, i64)| (place.from, place.step_nanos, *n);
        let keys: Vec<_> = wanted.iter().map(key).collect();
        let nearing = &mut looker.nearing;
        if keys == nearing.wanted && !nearing.is_over.load(Ordering::Relaxed) {
            return;
        }
        *nearing = Nearing { wanted: keys, ..Nearing::default() };
        if wanted.is_empty() {
            return;
        }
        let (stop, is_over) = (nearing.looking.stop(), Arc::clone(&nearing.is_over));
        let close_ups = Arc::clone(&self.timelines.close_ups);
        let (turns, sender) = (Arc::clone(&self.timelines.turns), self.found_sender.clone());
        tokio::spawn(async move {
            let Ok(_turn) = turns.acquire().await else { return };
            let heard = tokio::task::spawn_blocking(move || {
                let all = wanted.iter().flat_map(|(first, n)| read(first, *n, &stop));
                let mut is_news = false;
                for one in all {
                    let mut close_ups = close_ups.lock().unwrap_or_else(PoisonError::into_inner);
                    // What it was made of may be gone by now.
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    close_ups.keep(one);
                    is_news = true;
                }
                is_over.store(true, Ordering::Relaxed);
                is_news
            });
            let is_news = heard.await.is_ok_and(|is_news| is_news);
            if is_news && sender.send(()).await.is_err() {
                tracing::trace!("nobody waits for it: the deck has closed");
            }
        });
    }
}

fn piece(piece: Piece) -> TimelinePiece {
    TimelinePiece {
        from_ms: ms(piece.from),
        step_ms: piece.step_nanos as f64 / 1e6,
        counts: piece.counts,
        prices: piece.prices,
    }
}

fn gap(gap: Gap) -> TimelineGap {
    TimelineGap {
        from_ms: ms(gap.from),
        to_ms: ms(gap.to),
        cause: gap.why.cause().map(view::code_from_cause),
        because: gap.why.because().to_owned(),
    }
}
