//! What reading all of a recording tells, for the list of recordings: instruments, gaps, checks, and an glance.

pub(crate) mod kept;

use std::collections::BTreeMap;

use market::{InstrumentId, Proof, Timestamp};
use view::{GLANCE_SLICES, Glance, GlanceSlice};

use crate::engine::{Engine, Input};
use crate::gaps::{Gap, Why, joined};
use crate::library::recorded;
use crate::lost::LostWatch;
use crate::source::Tape;
use crate::status::proof;
use crate::watched::Watched;
use crate::wire::{InstrumentFigures, RecordedInstrument, RecordingFigures};

/// Instruments whose prices are kept for the glance; of them the busiest is drawn.
const DRAWN_MAX: usize = 64;
/// Instruments that are told of.
const TOLD_MAX: usize = 200;
/// Gaps that are told apart; further ones are neither counted nor summed.
const GAPS_MAX: usize = 100_000;

/// What a recording came to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Its figures, without a thumbnail.
    pub(crate) figures: RecordingFigures,
    /// What its thumbnail is drawn from.
    pub(crate) glance: Glance,
    /// All instruments, the busiest first.
    pub(crate) instruments: Vec<RecordedInstrument>,
}

/// Reads a whole recording through the very path of the live market.
pub(crate) fn read(tape: &Tape) -> Reading {
    let mut reader = Reader::new(tape);
    for packet in tape.packets() {
        let at = packet.received_at;
        reader.begin_slice(at);
        reader.engine.step(Input::Packet(packet), &mut Vec::new());
        let (gaps, n_gaps) = (&mut reader.gaps, &mut reader.n_gaps);
        reader.watch.note(&reader.engine, at, |id, gap| keep(gaps, n_gaps, id, gap));
    }
    reader.finish(tape)
}

struct Reader {
    engine: Engine,
    watch: LostWatch,
    from: Timestamp,
    length: i64,
    slice: usize,
    n_packets: Vec<u64>,
    middles: BTreeMap<InstrumentId, Vec<Option<f64>>>,
    gaps: Vec<Gap>,
    n_gaps: BTreeMap<InstrumentId, u64>,
}

impl Reader {
    fn new(tape: &Tape) -> Self {
        Self {
            engine: Engine::without_views(),
            watch: LostWatch::default(),
            from: tape.from(),
            length: tape.to().nanos_since(tape.from()).max(1),
            slice: 0,
            n_packets: vec![0; GLANCE_SLICES],
            middles: BTreeMap::new(),
            gaps: Vec::new(),
            n_gaps: BTreeMap::new(),
        }
    }

    /// Counts a packet; the first one of a slice closes the slices before it.
    fn begin_slice(&mut self, at: Timestamp) {
        let slice = self.slice_of(at);
        if slice > self.slice {
            self.close_slices(slice);
            self.slice = slice;
        }
        self.n_packets[slice] += 1;
    }

    fn slice_of(&self, at: Timestamp) -> usize {
        let share = i128::from(at.nanos_since(self.from).max(0)) * GLANCE_SLICES as i128
            / i128::from(self.length);
        usize::try_from(share).unwrap_or(0).min(GLANCE_SLICES - 1)
    }

    fn close_slices(&mut self, until: usize) {
        for (id, watched) in self.engine.all_watched() {
            let has_room = self.middles.len() < DRAWN_MAX || self.middles.contains_key(&id);
            let Some(middle) = middle(watched).filter(|_| has_room) else { continue };
            let middles = self.middles.entry(id).or_insert_with(|| vec![None; GLANCE_SLICES]);
            middles[self.slice..until].fill(Some(middle));
        }
    }

    fn finish(mut self, tape: &Tape) -> Reading {
        self.close_slices(GLANCE_SLICES);
        let (gaps, n_gaps) = (&mut self.gaps, &mut self.n_gaps);
        std::mem::take(&mut self.watch).finish(tape.to(), |id, gap| keep(gaps, n_gaps, id, gap));
        let mut all: Vec<(InstrumentId, &Watched)> = self.engine.all_watched().collect();
        all.sort_by_key(|(_, watched)| std::cmp::Reverse(watched.n_packets));
        let instruments: Vec<_> =
            all.iter().map(|(id, watched)| self.figures_of(*id, watched)).collect();
        let gaps = joined(std::mem::take(&mut self.gaps), 0);
        let checked = all
            .iter()
            .zip(&instruments)
            .filter(|((_, watched), _)| watched.market.sync().proof() != Proof::Unverified);
        let figures = RecordingFigures {
            n_packets: self.engine.counts().n_packets,
            n_gaps: gaps.len() as u64,
            gaps_ms: gaps.iter().map(|gap| gap.to.nanos_since(gap.from) as f64 / 1e6).sum(),
            n_checked: checked.map(|(_, one)| one.n_book_updates.max(one.n_failed)).sum(),
            n_failed: instruments.iter().map(|one| one.n_failed).sum(),
            has_sums: all.iter().any(|(id, _)| {
                let tally = self.engine.tally(*id);
                tally.checksums_right + tally.checksums_wrong > 0
            }),
            thumbnail: String::new(),
            instruments: instruments.iter().take(TOLD_MAX).cloned().collect(),
        };
        let glance = self.glance(all.first().map(|(id, _)| *id), &gaps);
        let named = all.iter().map(|(_, watched)| recorded(watched.market.instrument()));
        Reading { figures, glance, instruments: named.collect() }
    }

    fn figures_of(&self, id: InstrumentId, watched: &Watched) -> InstrumentFigures {
        let tally = self.engine.tally(id);
        InstrumentFigures {
            venue_name: id.venue.name().to_owned(),
            symbol: watched.market.instrument().symbol.clone(),
            n_packets: watched.n_packets,
            n_book_updates: tally.book_updates,
            n_trades: tally.trades,
            n_gaps: self.n_gaps.get(&id).copied().unwrap_or(0),
            n_failed: tally.checksums_wrong + tally.crossed + tally.top_of_book_different,
            proof: proof(watched),
        }
    }

    fn glance(&self, busiest: Option<InstrumentId>, gaps: &[Gap]) -> Glance {
        let middles = busiest.and_then(|id| self.middles.get(&id));
        let slice = |index: usize| GlanceSlice {
            middle: middles.and_then(|middles| middles[index]),
            n_packets: self.n_packets[index],
            has_gap: false,
        };
        let mut slices: Vec<GlanceSlice> = (0..GLANCE_SLICES).map(slice).collect();
        for gap in gaps {
            for slice in &mut slices[self.slice_of(gap.from)..=self.slice_of(gap.to)] {
                slice.has_gap = true;
            }
        }
        Glance { slices }
    }
}

/// The middle between bid and ask of a right book, for drawing.
fn middle(watched: &Watched) -> Option<f64> {
    if !watched.health().is_good() {
        return None;
    }
    let book = watched.market.book();
    let unit = 10_f64.powi(-i32::from(watched.market.instrument().price_scale));
    let (bid, ask) = (book.best_bid()?.price.0, book.best_ask()?.price.0);
    Some(f64::midpoint(bid as f64, ask as f64) * unit)
}

fn keep(gaps: &mut Vec<Gap>, n_gaps: &mut BTreeMap<InstrumentId, u64>, id: InstrumentId, gap: Gap) {
    *n_gaps.entry(id).or_default() += 1;
    if gaps.len() < GAPS_MAX {
        // Those of all books that touch are one, whatever their causes.
        gaps.push(Gap { why: Why::Several, ..gap });
    }
}
