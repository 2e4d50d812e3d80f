//! What to say next on an open link, and when: pure, told the time, without a socket.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::allowance::Allowance;
use crate::backoff::Backoff;
use crate::budget::{Budget, FRAME_SPAN, Share};
use crate::fault::Fault;
use crate::patience::{BEFORE_LIFETIME, Patience};
use crate::rest::Query;
use crate::wishes::Wish;
use venues::{Keepalive, Limits, Protocol, Request};

/// A connection on which nothing more may be asked for longer than this is left for a new one, which may.
const ASK_WAIT_MAX: Duration = Duration::from_secs(30);

/// A request is made this often before those behind it: they may need its answer (the list of instruments).
const FAILURES_IN_FRONT: u32 = 3;

/// One request that waits for its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Get {
    pub query: Query,
    /// Frames that must have been written before: a snapshot is asked for after its stream.
    after_frame: u64,
    not_before: Option<Instant>,
    failures: u32,
    /// Whether it is for a figure beside the market: all others go before it, and it troubles nobody.
    pub is_figure: bool,
}

/// One connection's conversation: which instruments it carries, what waits to be said, and since when the venue is
/// silent.
#[derive(Debug)]
pub(crate) struct Talk {
    active: BTreeSet<String>,
    changes_taken: Option<u64>,
    /// Up to which change the past of what is wanted was asked for.
    looked_back_at: Option<u64>,
    frames: VecDeque<String>,
    gets: VecDeque<Get>,
    is_asking: bool,
    frames_queued: u64,
    frames_written: u64,
    frame_pace: Allowance,
    /// What may be asked on this connection, where the venue counts that; and since when nothing more may.
    asks: Option<Allowance>,
    spent_at: Option<Instant>,
    /// What this connection may carry, in the venue's unit, and how many symbols found no room in it.
    carried: Option<u32>,
    n_left_out: usize,
    keepalive: Option<Keepalive>,
    /// When a frame was last handed to the socket.
    said_at: Instant,
    /// When the figures that the venue tells by HTTP alone are fetched next; `None` while there are none to fetch.
    figures_at: Option<Instant>,
    budget: Budget,
    backoff: Backoff,
    silence: Duration,
    first_datum: Duration,
    close_at: Option<Instant>,
    write: Duration,
    heard_at: Instant,
    asked_at: Option<Instant>,
    writing_since: Option<Instant>,
    first_datum_at: Option<Instant>,
    last_datum_at: Option<Instant>,
}

impl Talk {
    /// The conversation on a connection that was opened at `now`; asks for what the venue wants asked first.
    pub(crate) fn open(
        protocol: &mut Protocol,
        (limits, patience): (&Limits, &Patience),
        budget: Budget,
        now: Instant,
    ) -> Self {
        let mut talk = Self {
            active: BTreeSet::new(),
            changes_taken: None,
            looked_back_at: None,
            frames: VecDeque::new(),
            gets: VecDeque::new(),
            is_asking: false,
            frames_queued: 0,
            frames_written: 0,
            frame_pace: Allowance::new(limits.frames_per_second, FRAME_SPAN),
            asks: limits.asks.map(|rate| Allowance::new(rate.most, rate.span)),
            spent_at: None,
            carried: limits.carried,
            n_left_out: 0,
            keepalive: protocol.keepalive(),
            said_at: now,
            figures_at: None,
            budget,
            backoff: Backoff::new(patience.backoff_min, patience.backoff_max),
            silence: limits.silence,
            first_datum: limits.first_datum,
            close_at: limits.link_lifetime.map(|life| now + life.saturating_sub(BEFORE_LIFETIME)),
            write: patience.write,
            heard_at: now,
            asked_at: None,
            writing_since: None,
            first_datum_at: None,
            last_datum_at: None,
        };
        talk.queue(protocol.on_open());
        talk
    }

    /// Turns what is wanted into requests: only what differs from what this connection already carries. While
    /// frames wait for their turn, wishes stay where they are, and merge.
    pub(crate) fn take(&mut self, wish: &mut Wish, protocol: &mut Protocol) {
        if self.changes_taken == Some(wish.changes) || !self.frames.is_empty() {
            return;
        }
        self.changes_taken = Some(wish.changes);
        if std::mem::take(&mut wish.hurry) {
            self.hurry();
        }
        let removed: Vec<String> = self.active.difference(&wish.wanted).cloned().collect();
        let added = self.with_room(&wish.wanted, protocol);
        if !removed.is_empty() {
            self.queue(protocol.unsubscribe(&removed));
        }
        for symbol in std::mem::take(&mut wish.resync) {
            if self.active.contains(&symbol) && wish.wanted.contains(&symbol) {
                self.queue(protocol.resync(&symbol));
            }
        }
        for symbol in std::mem::take(&mut wish.renew_book) {
            if self.active.contains(&symbol) && wish.wanted.contains(&symbol) {
                self.queue(protocol.renew_book(&symbol));
            }
        }
        for symbol in std::mem::take(&mut wish.renew) {
            if self.active.contains(&symbol) && wish.wanted.contains(&symbol) {
                self.queue(protocol.unsubscribe(std::slice::from_ref(&symbol)));
                self.queue(protocol.subscribe(std::slice::from_ref(&symbol)));
            }
        }
        if !added.is_empty() {
            self.queue(protocol.subscribe(&added));
        }
        let is_more = !added.is_empty();
        self.active.retain(|symbol| wish.wanted.contains(symbol));
        self.active.extend(added);
        self.n_left_out = wish.wanted.len() - self.active.len();
        if is_more {
            self.figures_at = Some(self.heard_at);
            self.look_up_figures(protocol, self.heard_at);
        }
    }

    /// What is wanted, not carried, and finds room beside what is carried and stays.
    fn with_room(&self, wanted: &BTreeSet<String>, protocol: &Protocol) -> Vec<String> {
        let added = wanted.difference(&self.active).cloned();
        let Some(most) = self.carried else { return added.collect() };
        let staying = self.active.intersection(wanted).map(|symbol| protocol.share_of(symbol));
        let mut taken = staying.fold(0, u32::saturating_add);
        added
            .filter(|symbol| {
                let with_it = taken.saturating_add(protocol.share_of(symbol));
                let has_room = with_it <= most;
                if has_room {
                    taken = with_it;
                }
                has_room
            })
            .collect()
    }

    /// How many instruments are wanted that this connection has no room for.
    pub(crate) const fn n_left_out(&self) -> usize {
        self.n_left_out
    }

    /// Asks for what the venue tells by HTTP alone, when it is time to.
    pub(crate) fn look_up_figures(&mut self, protocol: &mut Protocol, now: Instant) {
        if self.figures_at.is_none_or(|at| at > now) {
            return;
        }
        let symbols: Vec<String> = self.active.iter().cloned().collect();
        let figures = if symbols.is_empty() { None } else { protocol.figures(&symbols) };
        self.figures_at = figures.as_ref().map(|figures| now + figures.every);
        for request in figures.into_iter().flat_map(|figures| figures.requests) {
            if let Some(query) = Query::of(request) {
                self.put(query, true);
            }
        }
    }

    /// The symbols of this connection, once after each change and not before data have come: then their past may be
    /// asked for.
    pub(crate) fn next_look_back(&mut self) -> Option<&BTreeSet<String>> {
        self.first_datum_at?;
        let is_new = self.looked_back_at != self.changes_taken;
        self.looked_back_at = self.changes_taken;
        is_new.then_some(&self.active)
    }

    /// Whether no request is made and none waits, but for figures.
    pub(crate) fn asks_nothing(&self) -> bool {
        !self.is_asking && self.first_figure() == 0
    }

    /// Where the figures begin among what waits.
    fn first_figure(&self) -> usize {
        self.gets.partition_point(|get| !get.is_figure)
    }

    /// The frame to be written now, if one may be. What keeps the link open goes also while nothing may be asked.
    pub(crate) fn frame_due(&mut self, now: Instant) -> Option<String> {
        if self.writing_since.is_some() || self.frame_at(now) > now {
            return None;
        }
        let is_asking = !self.frames.is_empty() && self.ask_at(now) <= now;
        let is_due = is_asking || self.keepalive_at().is_some_and(|at| at <= now);
        if !is_due || !self.budget.frame(now) {
            return None;
        }
        let asked = if is_asking { self.frames.pop_front() } else { None };
        let frame = match asked {
            Some(frame) => {
                self.asks.iter_mut().for_each(|asks| asks.spend(1, now));
                frame
            }
            None => self.keepalive_frame()?,
        };
        self.frame_pace.spend(1, now);
        self.writing_since = Some(now);
        self.said_at = now;
        self.asked_at.get_or_insert(now);
        Some(frame)
    }

    /// When a frame may be sent, whichever.
    fn frame_at(&mut self, now: Instant) -> Instant {
        self.frame_pace.ready_at(1, now).max(self.budget.frame_at(now))
    }

    /// When a frame that asks for something may be sent. Where that is long, this connection is of no more use.
    fn ask_at(&mut self, now: Instant) -> Instant {
        let at = self.asks.as_mut().map_or(now, |asks| asks.ready_at(1, now));
        if at > now + ASK_WAIT_MAX {
            self.spent_at.get_or_insert(now);
        }
        at
    }

    /// When the link is kept open next, if nothing is said before.
    fn keepalive_at(&self) -> Option<Instant> {
        self.keepalive.as_ref().map(|keepalive| self.said_at + keepalive.every)
    }

    fn keepalive_frame(&mut self) -> Option<String> {
        let keepalive = self.keepalive.as_ref()?;
        self.frames_queued += 1;
        Some(keepalive.frame.clone())
    }

    /// What the venue said is answered.
    pub(crate) fn answer(&mut self, frame: &[u8], protocol: &mut Protocol) {
        if let Ok(text) = std::str::from_utf8(frame) {
            self.queue(protocol.on_frame(text));
        }
    }

    /// The frame has left.
    pub(crate) fn written(&mut self) {
        self.writing_since = None;
        self.frames_written += 1;
    }

    /// The request to be made now, if one may be: one at a time, in order.
    pub(crate) fn get_due(&mut self, now: Instant) -> Option<Get> {
        if self.get_at(now)? > now {
            return None;
        }
        if !self.budget.request(self.gets.front()?.query.weight, Share::All, now) {
            return None;
        }
        self.is_asking = true;
        self.gets.pop_front()
    }

    /// A request came to nothing and is made again: after a back-off, or when the venue allows it. Gives the moment.
    /// One that fails and fails lets the others pass.
    pub(crate) fn again(&mut self, get: Get, now: Instant) -> Instant {
        let wait = self.backoff.draw();
        self.again_after(get, wait, now)
    }

    /// The same, after this wait.
    pub(crate) fn again_after(&mut self, get: Get, wait: Duration, now: Instant) -> Instant {
        self.is_asking = false;
        let at = now + wait;
        let weight = get.query.weight;
        let get = Get { not_before: Some(at), failures: get.failures.saturating_add(1), ..get };
        let place = match (get.failures < FAILURES_IN_FRONT, get.is_figure) {
            (true, false) => 0,
            (true, true) | (false, false) => self.first_figure(),
            (false, true) => self.gets.len(),
        };
        self.gets.insert(place, get);
        self.budget.request_at(weight, Share::All, at)
    }

    /// What waits because it failed is made at once.
    pub(crate) fn hurry(&mut self) {
        self.gets.iter_mut().for_each(|get| get.not_before = None);
    }

    /// A request was answered.
    pub(crate) fn answered(&mut self) {
        self.is_asking = false;
        self.backoff.reset();
    }

    /// The connection is left then, if not before.
    pub(crate) fn leave_at(&mut self, at: Instant) {
        self.close_at = Some(self.close_at.map_or(at, |before| before.min(at)));
    }

    /// The venue sent data.
    pub(crate) fn heard_datum(&mut self, now: Instant) {
        self.heard_at = now;
        self.first_datum_at.get_or_insert(now);
        self.last_datum_at = Some(now);
    }

    /// The venue sent a ping: a sign of life, but no data.
    pub(crate) fn heard_ping(&mut self, now: Instant) {
        self.heard_at = now;
    }

    /// A request came to nothing, and would so again.
    pub(crate) fn dropped(&mut self) {
        self.is_asking = false;
    }

    /// Whether all that was to be said has been written.
    pub(crate) fn has_said_all(&self) -> bool {
        self.frames.is_empty() && self.writing_since.is_none()
    }

    /// Whether no frame was sent and none waits to be.
    pub(crate) fn has_asked_nothing(&self) -> bool {
        self.asked_at.is_none() && self.frames.is_empty()
    }

    /// For how long this connection has carried data; `None` when it never did.
    pub(crate) fn proof(&self) -> Option<Duration> {
        Some(self.last_datum_at? - self.first_datum_at?)
    }

    /// When to look again, if nothing happens before.
    pub(crate) fn wake_at(&mut self, now: Instant) -> Instant {
        let wake = self.wake_without_requests_at(now);
        let wake = self.figures_at.map_or(wake, |at| wake.min(at));
        self.get_at(now).map_or(wake, |at| wake.min(at))
    }

    /// As [`wake_at`](Self::wake_at), where no requests are made.
    pub(crate) fn wake_without_requests_at(&mut self, now: Instant) -> Instant {
        let mut wake = self.limits().map(|(at, _)| at).fold(self.heard_at + self.silence, Ord::min);
        if self.writing_since.is_none() {
            let frame_at = self.frame_at(now);
            if !self.frames.is_empty() {
                wake = wake.min(frame_at.max(self.ask_at(now)));
            }
            if let Some(at) = self.keepalive_at() {
                wake = wake.min(at.max(frame_at));
            }
        }
        wake
    }

    /// The limit that has passed, if one has.
    pub(crate) fn overdue(&self, now: Instant) -> Option<Fault> {
        self.limits().filter(|(at, _)| *at <= now).map(|(_, fault)| fault).next()
    }

    /// Every limit that runs, with what it means when it passes.
    fn limits(&self) -> impl Iterator<Item = (Instant, Fault)> + use<> {
        let silent = (self.heard_at + self.silence, Fault::Silent(self.silence));
        let datum = self.asked_at.filter(|_| self.first_datum_at.is_none());
        let datum = datum.map(|at| (at + self.first_datum, Fault::NoDatum(self.first_datum)));
        let write = self.writing_since.map(|at| (at + self.write, Fault::NotTaken(self.write)));
        let age = self.close_at.map(|at| (at, Fault::Leaving));
        let spent = self.spent_at.map(|at| (at, Fault::AskedOut));
        [Some(silent), datum, write, age, spent].into_iter().flatten()
    }

    fn get_at(&self, now: Instant) -> Option<Instant> {
        let is_ready = |get: &&Get| !self.is_asking && get.after_frame <= self.frames_written;
        let get = self.gets.front().filter(is_ready)?;
        let allowed = self.budget.request_at(get.query.weight, Share::All, now);
        Some(get.not_before.map_or(allowed, |at| at.max(allowed)))
    }

    /// Says this behind all that waits.
    pub(crate) fn queue(&mut self, requests: Vec<Request>) {
        for request in requests {
            match request {
                Request::Send(frame) => {
                    self.frames.push_back(frame);
                    self.frames_queued += 1;
                }
                Request::Get { url, weight } => self.ask(Query { url, body: None, weight }),
                Request::Post { url, body, weight } => {
                    self.ask(Query { url, body: Some(body), weight });
                }
            }
        }
    }

    /// Asks this once what was said so far has been written.
    pub(crate) fn ask(&mut self, query: Query) {
        self.put(query, false);
    }

    fn put(&mut self, query: Query, is_figure: bool) {
        // The same request twice in the queue would bring the same answer twice.
        self.gets.retain(|get| get.query != query);
        let after_frame = self.frames_queued;
        let place = if is_figure { self.gets.len() } else { self.first_figure() };
        let get = Get { query, after_frame, not_before: None, failures: 0, is_figure };
        self.gets.insert(place, get);
    }
}

#[cfg(test)]
#[path = "talk_facts.rs"]
mod facts;
