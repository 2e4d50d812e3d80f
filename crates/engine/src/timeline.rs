//! The timeline: activity, prices and gaps of all sessions of a tape, in 200 spans.

use market::{Timestamp, Venue};

use crate::gaps;
use crate::outline::Span;
use crate::source::{Act, Tape};

/// Spans in which it is told.
pub const N_SPANS: usize = 200;

/// Gaps that are told one by one; of more than these, those that are as good as one on a screen are told as one.
const GAPS_TOLD: usize = 1_000;

/// What the timeline shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timeline {
    /// Where it begins.
    pub from: Timestamp,
    /// Where it ends.
    pub to: Timestamp,
    /// Packets in each span.
    pub density: Vec<u32>,
    /// The last price known in each span, for drawing.
    pub prices: Vec<Option<f64>>,
    /// Spans without a right book, and those between two sessions.
    pub gaps: Vec<Span>,
}

/// The timeline up to `to`; prices and gaps are those of an instrument.
pub fn timeline(tape: &Tape, to: Timestamp, followed: Option<(Venue, &str)>) -> Timeline {
    let ruler = Ruler { from: tape.from(), to };
    let mut counts = vec![0_u64; N_SPANS];
    let mut prices = vec![None; N_SPANS];
    let mut gaps = Vec::new();
    let mut before: Option<Timestamp> = None;
    for act in tape.acts() {
        if let (Some(end), Some(from)) = (before, act.from()) {
            gaps.push((end, from));
        }
        before = act.to();
        count(act, &ruler, &mut counts);
        let Some((venue, symbol)) = followed else { continue };
        act.with_outline(|outline| {
            gaps.extend(outline.gaps(venue, symbol));
            for (at, price) in outline.prices(venue, symbol) {
                prices[ruler.span_of(at)] = Some(price);
            }
        });
    }
    let density = counts.into_iter().map(|count| u32::try_from(count).unwrap_or(u32::MAX));
    if gaps.len() > GAPS_TOLD {
        gaps = gaps::joined(gaps, to.nanos_since(ruler.from) / GAPS_TOLD as i64);
    }
    Timeline { from: ruler.from, to, density: density.collect(), prices, gaps }
}

/// Packets of a session, spread evenly within the stretches in which they were counted.
fn count(act: &Act, ruler: &Ruler, counts: &mut [u64]) {
    let mut spread = |(from, to, n_packets): (Timestamp, Timestamp, u64)| {
        let (first, last) = (ruler.span_of(from), ruler.span_of(to));
        let n_spans = (last - first + 1) as u64;
        for count in &mut counts[first..=last] {
            *count += n_packets.div_ceil(n_spans);
        }
    };
    // A stretch may hold silence, which packet by packet is known.
    let is_found = act.with_outline(|outline| {
        let is_found = act.is_live() || outline.is_whole();
        if is_found {
            outline.activity().for_each(&mut spread);
        }
        is_found
    });
    if !is_found {
        act.stretches().for_each(spread);
    }
}

struct Ruler {
    from: Timestamp,
    to: Timestamp,
}

impl Ruler {
    fn span_of(&self, at: Timestamp) -> usize {
        let length = self.to.nanos_since(self.from).max(1);
        let share = i128::from(at.nanos_since(self.from)) * N_SPANS as i128 / i128::from(length);
        usize::try_from(share).unwrap_or(0).min(N_SPANS - 1)
    }
}
