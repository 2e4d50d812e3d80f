//! Parts of a session seen from near: packets and prices in steps finer than an outline has, counted from the packets
//! of that part alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use market::{Timestamp, Venue};

use crate::engine::{Engine, Input};
use crate::gaps::Gap;
use crate::lost::LostBook;
use crate::outline::Span;
use crate::source::Act;
use crate::watched::Watched;

/// Steps of a close-up.
pub const STEPS: usize = 64;
/// Packets that are heard at most for what is in sight: half an hour of a busy market, some seconds of work.
pub const PACKETS_MAX: u64 = 6_000_000;
/// Close-ups that are kept, of 2 KB each: some screens, each with what was in sight before.
const KEPT_MAX: usize = 1_024;
/// Packets between two looks whether anybody still waits.
const PACKETS_PER_LOOK: usize = 1_000;

/// A part of a session: [`STEPS`] steps.
#[derive(Clone)]
pub struct Place {
    /// The session.
    pub act: Act,
    /// The instrument whose prices and gaps are told.
    pub named: Option<(Venue, String)>,
    /// When it begins.
    pub from: Timestamp,
    /// Length of a step.
    pub step_nanos: i64,
}

impl Place {
    fn is(&self, other: &Self) -> bool {
        self.act.is(&other.act)
            && (self.from, self.step_nanos) == (other.from, other.step_nanos)
            && self.named == other.named
    }

    /// The part that begins `n` parts later.
    pub fn after(&self, n: i64) -> Self {
        let nanos = self.step_nanos.saturating_mul(STEPS as i64).saturating_mul(n);
        Self { from: self.from.plus_nanos(nanos), ..self.clone() }
    }
}

/// What was counted in a part of a session.
pub struct CloseUp {
    place: Place,
    /// Packets in each step.
    pub counts: Vec<u32>,
    /// The first price in each step at which the book was right.
    pub prices: Vec<Option<f64>>,
    /// Gaps that end in it, or are open at its end.
    pub gaps: Vec<Gap>,
}

/// Close-ups that are kept for all screens, the last used one last.
#[derive(Default)]
pub struct CloseUps(Vec<Arc<CloseUp>>);

impl CloseUps {
    /// The one of a part, if it is kept.
    pub fn get(&mut self, place: &Place) -> Option<Arc<CloseUp>> {
        let index = self.0.iter().position(|one| one.place.is(place))?;
        let found = self.0.remove(index);
        self.0.push(Arc::clone(&found));
        Some(found)
    }

    /// Keeps one, and lets go of the one that was not used for longest.
    pub fn keep(&mut self, one: CloseUp) {
        if self.0.len() >= KEPT_MAX {
            self.0.remove(0);
        }
        self.0.push(Arc::new(one));
    }

    /// Lets go of all: another tape is on the screen.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Lets go of those of a session that reach into a span, of which something else is known by now.
    pub fn forget(&mut self, act: &Act, (from, to): Span) {
        let is_other =
            |place: &Place| !place.act.is(act) || place.from >= to || place.after(1).from <= from;
        self.0.retain(|one| is_other(&one.place));
    }
}

/// Hears the packets of a part and of the `n - 1` behind it, from the keyframe before them. Empty: nobody waits any
/// longer, or there is no keyframe to begin with and too much would have to be heard.
pub fn read(first: &Place, n: i64, stop: &AtomicBool) -> Vec<CloseUp> {
    let act = &first.act;
    let (mut engine, packets) = match act.begin_near(first.from) {
        Some(begun) => (begun.engine, begun.packets),
        None if act.n_packets() > PACKETS_MAX => return Vec::new(),
        None => (Engine::without_views(), act.packets()),
    };
    // No panel is looked at.
    engine.has_views = false;
    engine.watched.values_mut().for_each(|watched| watched.view = None);
    let mut counters: Vec<Counter> = (0..n).map(|ahead| Counter::new(first, ahead)).collect();
    let mut asks = Vec::new();
    let mut current = 0;
    for (index, packet) in packets.enumerate() {
        if index % PACKETS_PER_LOOK == 0 && stop.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let at = packet.received_at;
        while counters.get(current).is_some_and(|counter| at >= counter.to) {
            counters[current].end();
            current += 1;
        }
        let Some(counter) = counters.get_mut(current) else { break };
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        if at >= counter.made.place.from {
            counter.count(&engine, at);
        }
    }
    counters.iter_mut().skip(current).for_each(Counter::end);
    counters.into_iter().map(|counter| counter.made).collect()
}

struct Counter {
    made: CloseUp,
    to: Timestamp,
    lost: Option<LostBook>,
    last: Timestamp,
}

impl Counter {
    fn new(first: &Place, ahead: i64) -> Self {
        let (place, next) = (first.after(ahead), first.after(ahead + 1));
        let last = place.from;
        let made =
            CloseUp { place, counts: vec![0; STEPS], prices: vec![None; STEPS], gaps: Vec::new() };
        Self { made, to: next.from, lost: None, last }
    }

    fn count(&mut self, engine: &Engine, at: Timestamp) {
        let step = at.nanos_since(self.made.place.from) / self.made.place.step_nanos.max(1);
        let step = usize::try_from(step).unwrap_or_default().min(STEPS - 1);
        self.made.counts[step] = self.made.counts[step].saturating_add(1);
        self.last = at;
        let Some((venue, symbol)) = &self.made.place.named else { return };
        let id = engine.find(*venue, symbol).map(|instrument| instrument.id);
        let Some(watched) = id.and_then(|id| engine.watched(id)) else { return };
        let lost = self.lost.get_or_insert_with(|| LostBook::new(watched));
        self.made.gaps.extend(lost.look(engine, watched, at));
        if self.made.prices[step].is_none() {
            self.made.prices[step] = price(watched);
        }
    }

    fn end(&mut self) {
        let open = self.lost.as_ref().and_then(|lost| lost.open(self.last));
        self.made.gaps.extend(open);
    }
}

/// The middle of bid and ask of a book that is right, for drawing.
pub fn price(watched: &Watched) -> Option<f64> {
    let scale = 2.0 * 10_f64.powi(i32::from(watched.market.instrument().price_scale));
    Some(watched.doubled_middle()? as f64 / scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::Outline;
    use crate::tail::Tail;

    #[test]
    fn close_ups_of_a_span_that_is_gone_are_let_go_of_and_no_others() {
        let act = || Act::live(Tail::default(), Outline::shared());
        let (live, other) = (act(), act());
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1_000);
        let place = |act: &Act, from| Place {
            act: act.clone(),
            named: None,
            from: at(from),
            step_nanos: 1_000_000_000,
        };
        let mut kept = CloseUps::default();
        let begun = [0, 64, 128, 192];
        let all = |act: &Act| begun.map(|from| place(act, from));
        for place in all(&live).iter().chain(&all(&other)) {
            kept.keep(Counter::new(place, 0).made);
        }
        kept.forget(&live, (at(70), at(128)));
        let is_kept = |kept: &mut CloseUps, act: &Act| all(act).map(|one| kept.get(&one).is_some());
        assert_eq!(is_kept(&mut kept, &live), [true, false, true, true]);
        assert_eq!(is_kept(&mut kept, &other), [true; 4]);
        kept.forget(&live, (at(127), at(129)));
        assert_eq!(is_kept(&mut kept, &live), [true, false, false, true]);
    }
}
