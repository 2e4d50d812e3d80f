//! One instrument that is heard: its market, what is shown of it, and how far its book can be believed.

use market::{Cause, Instrument, LinkId, Market, State, Timestamp};
use view::{Health, InstrumentView};

use crate::links::Links;
use crate::pulse::Pulse;

/// A request for a snapshot that was not answered is made again after this.
const ASK_AGAIN_NANOS: i64 = 10_000_000_000;

/// One instrument of the session.
#[derive(Debug)]
pub struct Watched {
    /// What is true of it.
    pub market: Market,
    /// What is shown of it; `None` when nobody looks (verification).
    pub view: Option<InstrumentView>,
    /// The link that last spoke of it.
    pub link: LinkId,
    /// Packets that spoke of it.
    pub n_packets: u64,
    /// Grows with each change that a screen could show.
    pub version: u64,
    /// Spans in which the book was not right, counted.
    pub n_lost: u64,
    health: Health,
    cause: Option<Cause>,
    pulse: Pulse,
    asked_at: Option<Timestamp>,
}

impl Watched {
    /// An instrument of which nothing was heard yet.
    pub fn new(instrument: &Instrument, link: LinkId, has_view: bool) -> Self {
        let market = Market::new(instrument.clone());
        Self {
            market: if has_view { market } else { market.without_changes() },
            view: has_view.then(|| InstrumentView::new(instrument)),
            link,
            n_packets: 0,
            version: 0,
            n_lost: 0,
            health: Health::Loading,
            cause: None,
            pulse: Pulse::default(),
            asked_at: None,
        }
    }

    /// How far the book can be believed.
    pub fn health(&self) -> Health {
        self.health
    }

    /// Why the book is not in order; `None` while it is.
    pub fn cause(&self) -> Option<Cause> {
        self.cause
    }

    /// The venue spoke of it.
    pub fn heard(&mut self, at: Timestamp) {
        self.n_packets += 1;
        self.version += 1;
        self.pulse.beat(at);
    }

    /// When the venue last spoke of it.
    pub fn heard_at(&self) -> Option<Timestamp> {
        self.pulse.last_at()
    }

    /// Judges anew how far the book can be believed.
    pub fn judge(&mut self, links: &Links, now: Timestamp) {
        let (health, cause) = self.verdict(links, now);
        if health == self.health && cause == self.cause {
            return;
        }
        if self.health.is_good() && !health.is_good() {
            self.n_lost += 1;
        }
        self.health = health;
        self.cause = cause;
        self.version += 1;
        if let Some(view) = &mut self.view {
            view.on_health(health, cause, now);
        }
    }

    fn verdict(&self, links: &Links, now: Timestamp) -> (Health, Option<Cause>) {
        let link = links.get(self.link);
        let is_open = link.is_some_and(|link| link.is_open);
        let is_silent = link.is_some_and(|link| link.is_silent(now));
        match self.market.sync().state() {
            State::Waiting => (Health::Loading, None),
            State::Synced | State::Lost { .. } if !is_open => {
                (Health::Stale, Some(Cause::LinkDown))
            }
            State::Synced | State::Lost { .. } if is_silent => (Health::Stale, Some(Cause::Silent)),
            State::Lost { cause } => (Health::Resyncing, Some(cause)),
            State::Synced if self.pulse.is_quiet(now) => (Health::Quiet, None),
            State::Synced => (Health::Right, None),
        }
    }

    /// A snapshot is wanted: whether it is to be asked for now, or was asked for a moment ago.
    pub fn wants_snapshot(&mut self, now: Timestamp) -> bool {
        let is_due = self.asked_at.is_none_or(|asked| now.nanos_since(asked) >= ASK_AGAIN_NANOS);
        if is_due {
            self.asked_at = Some(now);
        }
        is_due
    }

    /// A snapshot was asked for by the subscription itself.
    pub fn expects_snapshot(&mut self, now: Timestamp) {
        self.asked_at.get_or_insert(now);
    }

    /// Whether a snapshot that was asked for has not come in time and is to be asked for again.
    pub fn is_unanswered(&mut self, links: &Links, now: Timestamp) -> bool {
        let is_open = links.get(self.link).is_some_and(|link| link.is_open);
        if self.market.sync().is_synced() || !is_open {
            self.asked_at = None;
            return false;
        }
        self.asked_at.is_some() && self.wants_snapshot(now)
    }

    /// The book is in order, or its link is gone: nothing is asked for.
    pub fn forget_question(&mut self) {
        self.asked_at = None;
    }

    /// Session time has reached `at`.
    pub fn on_grid(&mut self, at: Timestamp) {
        if let Some(view) = &mut self.view {
            view.on_grid(&self.market, at);
        }
        // Time itself is shown: columns close, ages count up.
        self.version += 1;
    }
}
