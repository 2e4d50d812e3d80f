//! Of which instruments a recording holds books or trades: from a bounded look, since a long recording has millions of
//! packets and the answer nearly always stands at its beginning.

use std::collections::{BTreeMap, BTreeSet};

use market::{Body, Event, Events, Instrument, InstrumentId, Packet, Venue};
use session::{Format, Recording};
use venues::Decoder;

use crate::source::Tape;

/// How far is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Packets from the beginning on, at most.
    pub n_first: usize,
    /// So many of them without a new instrument, and the beginning is over.
    pub n_quiet: usize,
    /// Places behind, spread evenly, the last at the end: an instrument may have come later. Only where the recording
    /// says itself where its packets lie.
    pub n_places: usize,
    /// Packets at each place.
    pub n_per_place: usize,
}

impl Effort {
    /// A few milliseconds, for lists of recordings.
    pub const LIST: Self = Self { n_first: 4_000, n_quiet: 600, n_places: 2, n_per_place: 100 };
    /// Some hundred milliseconds, for one recording.
    pub const FILE: Self =
        Self { n_first: 50_000, n_quiet: 20_000, n_places: 24, n_per_place: 500 };

    /// The same, but only at the beginning: a recording that was not closed would have to be read through first.
    pub const fn at_the_beginning(self) -> Self {
        Self { n_places: 0, ..self }
    }
}

/// What was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The instruments, in the order in which they were first spoken of.
    pub instruments: Vec<Instrument>,
    /// Whether every packet was looked at, so that there are no others.
    pub is_complete: bool,
}

/// Looks at a recording.
pub fn contents(tape: &Tape, effort: Effort) -> Contents {
    let mut look = Look::default();
    let mut packets = tape.packets();
    let (mut n_first, mut n_quiet) = (0, 0);
    let mut is_complete = false;
    while n_first < effort.n_first && n_quiet < effort.n_quiet {
        let Some(packet) = packets.next() else {
            is_complete = true;
            break;
        };
        n_first += 1;
        n_quiet = if look.take(&packet) { 0 } else { n_quiet + 1 };
    }
    if !is_complete && effort.n_places > 0 {
        let ours = tape.recordings().filter(|recording| recording.format() == Format::Mcap);
        ours.for_each(|recording| look.visit(recording, effort));
    }
    Contents { instruments: look.instruments(), is_complete }
}

/// What has been seen so far. Books are not kept: to name an instrument it is enough to understand its messages.
#[derive(Default)]
struct Look {
    decoders: BTreeMap<Venue, Decoder>,
    events: Events,
    seen: BTreeSet<InstrumentId>,
    in_order: Vec<InstrumentId>,
}

impl Look {
    /// Takes a packet; whether it told of a new instrument.
    fn take(&mut self, packet: &Packet) -> bool {
        let venue = packet.venue;
        let decoder = self.decoders.entry(venue).or_insert_with(|| Decoder::new(venue));
        // A message that cannot be understood names nothing.
        if decoder.decode(packet, &mut self.events).is_err() {
            return false;
        }
        let n_before = self.in_order.len();
        for event in &self.events.items {
            let id = match event {
                Event::Book(message) => Some(message.instrument),
                Event::Trade(trade) => Some(trade.instrument),
                // The image at the beginning of a file says of what the file is; elsewhere topics are no symbols.
                Event::Subscribed { topic } if matches!(packet.body, Body::Derived(_)) => {
                    decoder.find(topic).map(|instrument| instrument.id)
                }
                Event::Subscribed { .. }
                | Event::PastBars(_)
                | Event::PastTrades(_)
                | Event::Quote(_)
                | Event::Checksum { .. }
                | Event::Reference(_)
                | Event::Liquidation(_)
                | Event::LinkGap { .. }
                | Event::Instrument(_)
                | Event::InstrumentsListed { .. }
                | Event::Heartbeat
                | Event::StreamAlive { .. }
                | Event::Refused { .. }
                | Event::Notice { .. }
                | Event::Unknown { .. } => None,
            };
            self.in_order.extend(id.filter(|id| self.seen.insert(*id)));
        }
        self.in_order.len() > n_before
    }

    /// Looks at places behind the beginning, and at the end.
    fn visit(&mut self, recording: &Recording, effort: Effort) {
        let chunks = &recording.info().chunks;
        let last = chunks.len().saturating_sub(1);
        let places: BTreeSet<usize> =
            (1..=effort.n_places).map(|place| last * place / effort.n_places).collect();
        for place in places {
            let Some(chunk) = chunks.get(place) else { continue };
            // A chunk is read from its beginning; of the last one it is the end that tells more.
            let n_before = usize::try_from(chunk.n_packets).unwrap_or(usize::MAX);
            let n_before = n_before.saturating_sub(effort.n_per_place);
            let n_skipped = if place == last { n_before } else { 0 };
            let packets = recording.packets_from(chunk.from).filter_map(Result::ok);
            for packet in packets.skip(n_skipped).take(effort.n_per_place) {
                self.take(&packet);
            }
        }
    }

    fn instruments(&self) -> Vec<Instrument> {
        let find = |id: &InstrumentId| {
            let all = self.decoders.get(&id.venue)?.instruments();
            all.get(usize::try_from(id.index).ok()?).cloned()
        };
        self.in_order.iter().filter_map(find).collect()
    }
}
