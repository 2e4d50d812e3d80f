//! The screens that look at a session: what each follows, and which waits for a frame.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use market::{InstrumentId, Market, Side, Timestamp, Venue};
use tokio::sync::{oneshot, watch};

use crate::engine::Engine;
use crate::fine::{self, FineWant};
use crate::look_back::Looking;
use crate::timelines::Nearing;
use crate::wire::{OlderOf, Status};

/// A screen is given a frame at most this often.
const FRAME_NANOS_MIN: i64 = 15_000_000;

/// Screens that can be open at once; each costs its cursors and a waiting answer.
pub const SCREENS_MAX: usize = 16;

/// Bars of a new screen, in seconds: what venues tell of the time before comes in minutes.
const FIRST_INTERVAL_S: u32 = 60;
/// Levels of a side that a ladder should have room for: about what a panel shows.
const LEVELS_IN_LADDER: usize = 24;

/// A screen of a deck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScreenId(pub u32);

/// A screen that asked for its next frame.
struct Waiting {
    acked: u64,
    answer: oneshot::Sender<Vec<u8>>,
}

/// One screen.
pub struct Looker {
    /// Cursors and settings of its panels.
    pub screen: view::Screen,
    /// What it follows.
    pub followed: Option<InstrumentId>,
    /// The same by name, which holds in every session.
    pub named: Option<(Venue, String)>,
    /// What it follows as soon as its venue has spoken of it.
    pub awaited: Option<(Venue, String)>,
    /// Its low-rate state.
    pub status: watch::Sender<Arc<Status>>,
    /// What is heard for its timeline.
    pub nearing: Nearing,
    /// Grows with each other instrument and tape: columns and bars of the same number go on in each other.
    pub source: u64,
    /// Looks back that are under way, of columns and of bars.
    looking: [Looking; 4],
    waiting: Option<Waiting>,
    shown_version: Option<(u64, u64)>,
    shown_at: Timestamp,
    shown_heard_at: Option<Timestamp>,
    is_ladder_fitted: bool,
    is_put_off: bool,
    /// Of which moment it was told that there is nothing to show.
    blank_at: Option<Timestamp>,
}

/// Which of a recording and a live session a frame shows, and when.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Whether it is a recording.
    pub is_replay: bool,
    /// Whether the market is simulated.
    pub is_simulated: bool,
    /// Session time.
    pub session_at: Timestamp,
}

/// All screens of a deck.
#[derive(Default)]
pub struct Screens {
    screens: BTreeMap<ScreenId, Looker>,
    next: u32,
}

impl Screens {
    /// A new screen; the oldest is closed when there are too many.
    pub fn open(&mut self, status: Status) -> (ScreenId, watch::Receiver<Arc<Status>>) {
        if self.screens.len() >= SCREENS_MAX {
            self.screens.pop_first();
        }
        self.next += 1;
        let id = ScreenId(self.next);
        let (sender, receiver) = watch::channel(Arc::new(status));
        let mut screen = view::Screen::new();
        if let Err(error) = screen.set_interval_s(FIRST_INTERVAL_S) {
            tracing::error!(%error, "the first setting of a screen is none");
        }
        let looker = Looker {
            screen,
            followed: None,
            named: None,
            awaited: None,
            status: sender,
            nearing: Nearing::default(),
            source: 0,
            looking: Default::default(),
            waiting: None,
            shown_version: None,
            shown_at: Timestamp::default(),
            shown_heard_at: None,
            is_ladder_fitted: false,
            is_put_off: false,
            blank_at: None,
        };
        self.screens.insert(id, looker);
        (id, receiver)
    }

    /// A screen is gone.
    pub fn close(&mut self, id: ScreenId) {
        self.screens.remove(&id);
    }

    /// One screen.
    pub fn get_mut(&mut self, id: ScreenId) -> Option<&mut Looker> {
        self.screens.get_mut(&id)
    }

    /// One screen, to be looked at.
    pub fn get(&self, id: ScreenId) -> Option<&Looker> {
        self.screens.get(&id)
    }

    /// All screens.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Looker> {
        self.screens.values_mut()
    }

    /// The fine columns that they want, of each instrument once.
    pub fn fine_wants(&self) -> Vec<FineWant> {
        let mut wants = Vec::new();
        for looker in self.screens.values() {
            let lengths = looker.screen.settings().fine();
            if let Some(named) = looker.named.clone().filter(|_| !lengths.is_empty()) {
                fine::add(&mut wants, FineWant { named, lengths });
            }
        }
        wants
    }

    /// Whether there is news for a screen that had its last frame a moment ago: time must pass for it.
    pub fn any_is_put_off(&self) -> bool {
        self.screens.values().any(|looker| looker.is_put_off)
    }

    /// All screens look at another session: what they knew is void.
    pub fn start_over(&mut self) {
        for looker in self.screens.values_mut() {
            looker.followed = None;
            looker.named = None;
            looker.awaited = None;
            looker.start_over();
        }
    }

    /// All screens look at another engine that hears, or will hear, the same instruments.
    pub fn change_engine(&mut self) {
        for looker in self.screens.values_mut() {
            looker.awaited = looker.named.clone().or(looker.awaited.take());
            looker.followed = None;
            looker.start_over();
        }
    }

    /// Answers the screens that wait and for which there is news; each answer's latency in ns, when it has one.
    pub fn answer(
        &mut self,
        engine: &Engine,
        scene: Scene,
        now: Timestamp,
        mut took: impl FnMut(i64),
    ) {
        for looker in self.screens.values_mut() {
            if let Some(nanos) = looker.answer(engine, scene, now) {
                took(nanos);
            }
        }
    }
}

impl Looker {
    /// The screen asks for the frame after `acked`. An earlier question that still waits is let go.
    pub fn ask(&mut self, acked: u64, answer: oneshot::Sender<Vec<u8>>) {
        self.waiting = Some(Waiting { acked, answer });
        if acked == 0 {
            self.start_over();
        }
    }

    /// Follows another instrument.
    pub fn follow(&mut self, id: InstrumentId, symbol: &str) {
        self.awaited = None;
        self.name(id.venue, symbol);
        if self.followed != Some(id) {
            self.followed = Some(id);
            self.start_over();
        }
    }

    /// Another instrument has another ladder; the same one in another session has the same.
    fn name(&mut self, venue: Venue, symbol: &str) {
        let named = Some((venue, symbol.to_owned()));
        if self.named != named {
            self.named = named;
            self.is_ladder_fitted = false;
            self.source += 1;
        }
    }

    /// Follows an instrument that is not known yet as soon as it is; until then nothing.
    pub fn await_instrument(&mut self, venue: Venue, symbol: &str) {
        self.awaited = Some((venue, symbol.to_owned()));
        self.name(venue, symbol);
        self.followed = None;
        self.start_over();
    }

    /// Begins a look back and ends the one of the same kind that is under way; it is to stop when this is set.
    pub fn look(&mut self, of: &OlderOf) -> Arc<AtomicBool> {
        let looking = match of {
            OlderOf::Columns { .. } => &mut self.looking[0],
            OlderOf::Bars { .. } => &mut self.looking[1],
            OlderOf::Prints { .. } => &mut self.looking[2],
            OlderOf::Gaps => &mut self.looking[3],
        };
        *looking = Looking::default();
        looking.stop()
    }

    /// The next frame is a whole one.
    pub fn start_over(&mut self) {
        self.screen.forget();
        self.shown_version = None;
        self.blank_at = None;
    }

    /// Groups the ladder as the user says, from now on.
    ///
    /// # Errors
    /// When there is no such grouping.
    pub fn group(&mut self, group_ticks: u32) -> Result<(), view::SettingError> {
        self.is_ladder_fitted = true;
        self.screen.set_group_ticks(group_ticks)
    }

    /// Groups the ladder of an instrument that is new here so that its rows are filled: ticks can be far finer than the
    /// distances between orders.
    fn fit_ladder(&mut self, market: &Market) {
        if self.is_ladder_fitted || !market.sync().is_synced() {
            return;
        }
        self.is_ladder_fitted = true;
        let group_ticks = fitting_group(market);
        if let Err(error) = self.screen.set_group_ticks(group_ticks) {
            tracing::error!(%error, "the ladder could not be fitted");
        }
    }

    /// Something in its settings changed: there is news even without a packet.
    pub fn refresh(&mut self) {
        self.shown_version = None;
    }

    fn answer(&mut self, engine: &Engine, scene: Scene, now: Timestamp) -> Option<i64> {
        let Some(watched) = self.followed.and_then(|id| engine.watched(id)) else {
            self.answer_blank(scene, now);
            return None;
        };
        let is_news = self.shown_version != Some(watched.shown_version());
        self.is_put_off = false;
        if self.waiting.is_none() || !is_news {
            return None;
        }
        if now.nanos_since(self.shown_at) < FRAME_NANOS_MIN {
            self.is_put_off = true;
            return None;
        }
        let view = watched.view.as_ref()?;
        self.blank_at = None;
        self.fit_ladder(&watched.market);
        let waiting = self.waiting.take()?;
        let header = view::Header {
            session_at: scene.session_at,
            last_packet_at: engine.links().get(watched.link).map(|link| link.heard_at),
            is_replay: scene.is_replay,
            is_simulated: scene.is_simulated,
            source: self.source,
        };
        let shown = view::Shown { view, market: &watched.market };
        let frame = self.screen.next_frame(Some(shown), &header, waiting.acked);
        self.shown_version = Some(watched.shown_version());
        self.shown_at = now;
        // The screen may have gone away meanwhile; its next question begins anew.
        drop(waiting.answer.send(frame));
        // Only a frame that shows a packet has a latency; others show that time has passed.
        let heard_at = watched.heard_at();
        let is_packet = heard_at != std::mem::replace(&mut self.shown_heard_at, heard_at);
        heard_at.filter(|_| is_packet).map(|heard_at| now.nanos_since(heard_at))
    }
}

impl Looker {
    /// In the past nothing later may stay on the screen: where the instrument was not heard of yet, it is empty.
    fn answer_blank(&mut self, scene: Scene, now: Timestamp) {
        self.is_put_off = false;
        let is_news = scene.is_replay && self.blank_at != Some(scene.session_at);
        if self.waiting.is_none() || !is_news {
            return;
        }
        if now.nanos_since(self.shown_at) < FRAME_NANOS_MIN {
            self.is_put_off = true;
            return;
        }
        let Some(waiting) = self.waiting.take() else { return };
        let header = view::Header {
            session_at: scene.session_at,
            last_packet_at: None,
            is_replay: scene.is_replay,
            is_simulated: scene.is_simulated,
            source: self.source,
        };
        let frame = self.screen.next_frame(None, &header, waiting.acked);
        self.shown_version = None;
        self.shown_at = now;
        self.blank_at = Some(scene.session_at);
        // The screen may have gone away meanwhile; its next question begins anew.
        drop(waiting.answer.send(frame));
    }
}

/// The finest grouping in which the best levels of both sides have about a row each.
fn fitting_group(market: &Market) -> u32 {
    let tick = market.instrument().tick_size.0.max(1);
    let span_ticks = |side: Side| {
        let mut prices =
            market.book().levels(side).take(LEVELS_IN_LADDER).map(|level| level.price.0);
        let best = prices.next()?;
        let last = prices.last()?;
        Some(best.abs_diff(last) / tick.unsigned_abs())
    };
    let spans = [Side::Buy, Side::Sell].into_iter().filter_map(span_ticks);
    let widest = spans.max().unwrap_or(0);
    let groups = view::ladder::GROUPS_TICKS;
    let fits = |group: &&u32| u64::from(**group) * LEVELS_IN_LADDER as u64 * 2 >= widest;
    groups.iter().find(fits).or(groups.last()).copied().unwrap_or(1)
}
