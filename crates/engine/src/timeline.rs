//! The timeline: activity, prices and gaps of a span of a tape, in as many steps as a screen has room for.
//!
//! Each session is told on its own; between two of them nothing is. Steps are a second, halved or doubled, and counted
//! from a session's first packet on, so that what is told of a step is the same for every span that it lies in. What
//! its outline tells in longer steps is told a second time, nearer, where close-ups of it are there.

use std::ops::RangeInclusive;

use market::{Timestamp, Venue};

use crate::close_up::{CloseUps, PACKETS_MAX, Place, STEPS};
use crate::gaps::{self, Gap};
use crate::outline::{Outline, Span};
use crate::recent::{Recent, SECOND_NANOS};
use crate::source::{Act, Tape};

/// Steps in which a span is told at most; at least half as many where so much is known.
const STEPS_MAX: i64 = 400;
/// The shortest step: a 64th of a second.
const STEP_NANOS_MIN: i64 = SECOND_NANOS / 64;
/// Gaps that are told one by one; of more than these, those that are as good as one on a screen are told as one.
const GAPS_MAX: usize = 1_000;

/// A part of a session in steps of the same length.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// When the first step begins.
    pub from: Timestamp,
    /// Length of a step.
    pub step_nanos: i64,
    /// Packets in each step.
    pub counts: Vec<u64>,
    /// The last price known in each step, for drawing.
    pub prices: Vec<Option<f64>>,
}

/// What a timeline shows of a span.
#[derive(Default)]
pub struct Timeline {
    /// Parts in the order of sessions. Of two that overlap the later one tells more.
    pub pieces: Vec<Piece>,
    /// Spans without a right book, in order.
    pub gaps: Vec<Gap>,
    /// Close-ups that would tell more: the first of some that follow each other, and how many these are.
    pub wanted: Vec<(Place, i64)>,
}

/// Of what a timeline is to be told.
pub struct Scope<'a> {
    /// The sessions.
    pub tape: &'a Tape,
    /// The present, or the end of a recording.
    pub edge: Timestamp,
    /// The instrument whose prices and gaps are told.
    pub named: Option<&'a (Venue, String)>,
    /// Of the live session.
    pub recent: Option<&'a Recent>,
}

/// What a timeline tells of a span.
pub fn timeline(scope: &Scope<'_>, (from, to): Span, close_ups: &mut CloseUps) -> Timeline {
    let in_sight = |act: &Act| {
        let (begun, end) = (act.from()?, act.to().unwrap_or(scope.edge));
        let part = (begun.max(from), end.min(to));
        (part.0 <= part.1).then_some(part)
    };
    let acts = scope.tape.acts().iter();
    let parts: Vec<(&Act, Span)> = acts.filter_map(|act| Some((act, in_sight(act)?))).collect();
    let heard_nanos = parts.iter().map(|(_, (from, to))| to.nanos_since(*from)).sum();
    let step_nanos = step_of(heard_nanos);
    let mut told = Timeline::default();
    for (act, part) in parts {
        Part { scope, act, part, step_nanos }.tell(close_ups, &mut told);
    }
    told.gaps = gaps::joined(told.gaps, 0);
    if told.gaps.len() > GAPS_MAX {
        told.gaps = gaps::joined(told.gaps, to.nanos_since(from) / GAPS_MAX as i64);
    }
    told
}

/// The shortest step in which so much time has at most 400.
fn step_of(nanos: i64) -> i64 {
    let mut step = STEP_NANOS_MIN;
    while step.saturating_mul(STEPS_MAX) < nanos {
        step = step.saturating_mul(2);
    }
    step
}

/// What is in sight of a session.
struct Part<'a> {
    scope: &'a Scope<'a>,
    act: &'a Act,
    part: Span,
    step_nanos: i64,
}

impl Part<'_> {
    fn tell(&self, close_ups: &mut CloseUps, told: &mut Timeline) {
        let (known_nanos, is_outlined) = self.tell_outline(told);
        let mut known_nanos = known_nanos;
        if known_nanos > self.step_nanos.max(SECOND_NANOS)
            && let Some(recent) = self.scope.recent.filter(|_| self.act.is_live())
            && let Some(from) = recent.from().filter(|from| *from < self.part.1)
        {
            let seconds = recent.seconds(self.scope.named);
            told.pieces.extend(self.piece(from, SECOND_NANOS, seconds.map(of_second)));
            if from <= self.part.0 {
                known_nanos = SECOND_NANOS;
            }
        }
        if known_nanos > self.step_nanos {
            self.tell_close_ups(is_outlined, close_ups, told);
        }
    }

    /// Tells what the outline knows, or else how many packets each stretch of the file holds. How long the steps are in
    /// which it is known, and whether gaps are.
    fn tell_outline(&self, told: &mut Timeline) -> (i64, bool) {
        self.act.with_outline(|outline| {
            let named = self.scope.named;
            let is_seen = |gap: &Gap| gap.from <= self.part.1 && gap.to >= self.part.0;
            if let Some((venue, symbol)) = named {
                told.gaps.extend(outline.gaps(*venue, symbol).filter(is_seen));
            }
            let is_past = outline.to().is_some_and(|to| to >= self.part.1);
            let is_known = self.act.is_live() || outline.is_whole() || is_past;
            let first = outline.activity().next().filter(|_| is_known);
            let Some((from, to, _)) = first else {
                told.pieces.extend(self.stretches(outline));
                return (i64::MAX, false);
            };
            let known_nanos = to.nanos_since(from) + 1;
            let counts = outline.activity().map(|(from, _, n)| (from, n, None));
            let all = counts.chain(self.prices(outline));
            told.pieces.extend(self.piece(from, known_nanos, all));
            (known_nanos, true)
        })
    }

    fn prices(&self, outline: &Outline) -> Vec<Told> {
        let Some((venue, symbol)) = self.scope.named else { return Vec::new() };
        outline.prices(*venue, symbol).map(|(at, price)| (at, 0, Some(price))).collect()
    }

    /// Packets of the file's stretches, spread evenly, and the prices that were found so far.
    fn stretches(&self, outline: &Outline) -> Option<Piece> {
        let from = self.act.from()?;
        let step_nanos = self.step_nanos.max(SECOND_NANOS);
        let mut piece = self.empty(from, step_nanos)?;
        for (begin, end, n_packets) in self.act.stretches() {
            let step = |at: Timestamp| at.nanos_since(piece.from).div_euclid(step_nanos);
            let (first, last) = (step(begin), step(end));
            let n_steps = last - first + 1;
            for step in first.max(0)..=last.min(piece.counts.len() as i64 - 1) {
                let share = |upto: i64| {
                    u64::try_from(i128::from(n_packets) * i128::from(upto) / i128::from(n_steps))
                };
                let (before, after) = (share(step - first), share(step - first + 1));
                piece.counts[usize::try_from(step).ok()?] += after.ok()? - before.ok()?;
            }
        }
        piece.fill(self.prices(outline).into_iter());
        Some(piece)
    }

    /// What is in sight of steps that begin at `from`, some of them joined to one where there are too many.
    fn piece(
        &self,
        from: Timestamp,
        known_nanos: i64,
        told: impl Iterator<Item = Told>,
    ) -> Option<Piece> {
        let mut step_nanos = known_nanos;
        while step_nanos < self.step_nanos {
            step_nanos = step_nanos.saturating_mul(2);
        }
        let mut piece = self.empty(from, step_nanos)?;
        piece.fill(told);
        Some(piece)
    }

    fn empty(&self, from: Timestamp, step_nanos: i64) -> Option<Piece> {
        let step = |at: Timestamp| at.nanos_since(from).div_euclid(step_nanos).max(0);
        let (first, last) = (step(self.part.0), step(self.part.1));
        let n = usize::try_from(last - first + 1).ok()?;
        let from = from.plus_nanos(first.saturating_mul(step_nanos));
        Some(Piece { from, step_nanos, counts: vec![0; n], prices: vec![None; n] })
    }

    /// Tells the close-ups that are kept, and which ones are wanted.
    fn tell_close_ups(&self, is_outlined: bool, close_ups: &mut CloseUps, told: &mut Timeline) {
        let Some(from) = self.act.from() else { return };
        let length = self.step_nanos.saturating_mul(STEPS as i64);
        let number = |at: Timestamp| at.nanos_since(from).max(0) / length;
        let begun = Place {
            act: self.act.clone(),
            named: self.scope.named.cloned(),
            from,
            step_nanos: self.step_nanos,
        };
        let mut missing: Option<RangeInclusive<i64>> = None;
        for number in number(self.part.0)..=number(self.part.1) {
            let place = begun.after(number);
            // The newest of a live session is not over.
            if self.act.is_live() && place.after(1).from > self.scope.edge {
                break;
            }
            match close_ups.get(&place) {
                Some(known) => {
                    if !is_outlined {
                        told.gaps.extend(&known.gaps);
                    }
                    told.pieces.push(Piece {
                        from: place.from,
                        step_nanos: self.step_nanos,
                        counts: known.counts.iter().map(|count| u64::from(*count)).collect(),
                        prices: known.prices.clone(),
                    });
                }
                None => missing = Some(missing.map_or(number, |one| *one.start())..=number),
            }
        }
        let Some(missing) = missing else { return };
        let (first, n) = (begun.after(*missing.start()), missing.end() - missing.start() + 1);
        if self.n_packets(first.from, first.after(n).from) <= PACKETS_MAX {
            told.wanted.push((first, n));
        }
    }

    /// About how many packets lie in a span.
    fn n_packets(&self, from: Timestamp, to: Timestamp) -> u64 {
        let share = |(begin, end, n_packets): (Timestamp, Timestamp, u64)| {
            let length = end.nanos_since(begin).saturating_add(1).max(1);
            let common = end.min(to).nanos_since(begin.max(from)).saturating_add(1);
            let common = common.clamp(0, length);
            let share = u128::from(n_packets) * common.unsigned_abs() as u128;
            u64::try_from(share / length.unsigned_abs() as u128).unwrap_or(u64::MAX)
        };
        if self.act.is_live() {
            return self.act.with_outline(|outline| outline.activity().map(share).sum());
        }
        self.act.stretches().map(share).sum()
    }
}

/// What is told of a moment: packets, and a price.
type Told = (Timestamp, u64, Option<f64>);

fn of_second((at, n_packets, price): (Timestamp, u32, Option<f64>)) -> Told {
    (at, u64::from(n_packets), price)
}

impl Piece {
    /// Takes what lies in its steps.
    fn fill(&mut self, told: impl Iterator<Item = Told>) {
        for (at, n_packets, price) in told {
            let step = at.nanos_since(self.from).div_euclid(self.step_nanos);
            let Ok(step) = usize::try_from(step) else { continue };
            let Some(count) = self.counts.get_mut(step) else { continue };
            *count = count.saturating_add(n_packets);
            if price.is_some() {
                self.prices[step] = price;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_told_in_two_to_four_hundred_steps() {
        for seconds in [7, 150, 300, 3_600, 86_400, 604_800_i64] {
            let nanos = seconds * SECOND_NANOS;
            let n_steps = nanos / step_of(nanos);
            assert!((200..=STEPS_MAX).contains(&n_steps), "{seconds} s: {n_steps}");
        }
        assert_eq!(step_of(300 * SECOND_NANOS), SECOND_NANOS, "five minutes: second by second");
        assert_eq!(step_of(1), STEP_NANOS_MIN);
    }
}
