//! A recording replayed without a screen: what it comes to, and what its panels showed at a moment.

use market::{Blocks, Packet, Timestamp, Venue};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use view::Panels;

use crate::engine::{Engine, Input};
use crate::source::{Begun, Tape};

/// Packets between two states that go into a digest, besides the last: often enough that no fault heals unseen, seldom
/// enough that hashing whole panels stays cheap.
pub const PACKETS_PER_STATE: u64 = 500;

/// What a replay comes to.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Packets replayed.
    pub packets: u64,
    /// `received_at` of the last packet replayed.
    pub at: Option<String>,
    /// Whether the market was simulated.
    pub simulated: bool,
    /// Per instrument, by venue and symbol.
    pub instruments: Vec<InstrumentSummary>,
    /// SHA-256 over the panels' states after every 500th packet and after the last; when it was asked for.
    pub digest: Option<String>,
    /// SHA-256 over the panels' states at that moment; when the panels were asked for. A window whose playhead stands
    /// there has the same.
    pub state: Option<String>,
}

/// What a replay comes to for one instrument.
#[derive(Clone, Debug, Serialize)]
pub struct InstrumentSummary {
    /// `binance`.
    pub venue: &'static str,
    /// The venue's own symbol.
    pub symbol: String,
    /// Book messages applied.
    pub book_updates: u64,
    /// Trades, each id once.
    pub trades: u64,
    /// Spans in which the book was not right.
    pub lost: u64,
    /// All panels at that moment; when they were asked for.
    pub panels: Option<Panels>,
}

/// What a replay is to tell besides its counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Replay up to this moment only.
    pub until: Option<Timestamp>,
    /// A digest of all states.
    pub has_digest: bool,
    /// The panels at the end.
    pub has_panels: bool,
}

/// Collects the states of all panels into one hash.
#[derive(Clone, Debug, Default)]
pub struct Digester(Sha256);

impl Digester {
    /// Adds the state of every instrument of the engine, by venue and symbol.
    pub fn add(&mut self, engine: &Engine) {
        for (venue, symbol, watched) in by_symbol(engine) {
            self.0.update(venue.id());
            self.0.update([0]);
            self.0.update(symbol);
            self.0.update([0]);
            if let Some(view) = &watched.view {
                view.digest(&watched.market, &mut |bytes| self.0.update(bytes));
            }
        }
    }

    /// The hash as text.
    pub fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The hash of the panels' states as they stand now.
pub fn state_digest(engine: &Engine) -> String {
    let mut digester = Digester::default();
    digester.add(engine);
    digester.finish()
}

/// Where a replay begins.
struct Beginning {
    engine: Engine,
    packets: Box<dyn Iterator<Item = Packet>>,
    /// Packets before it.
    n_packets: u64,
    /// What the engine reads of the past, when it is a state that was kept.
    blocks: Option<Blocks>,
}

fn beginning(tape: &Tape, at: Option<Timestamp>) -> Beginning {
    let begun = at.and_then(|at| match tape.acts() {
        [act] => act.begin_near(at),
        _ => None,
    });
    match begun {
        Some(Begun { engine, packets, n_packets, blocks, .. }) => {
            Beginning { engine, packets: Box::new(packets), n_packets, blocks: Some(blocks) }
        }
        None => {
            let packets = Box::new(tape.packets());
            Beginning { engine: Engine::new(), packets, n_packets: 0, blocks: None }
        }
    }
}

fn by_symbol(engine: &Engine) -> Vec<(Venue, &str, &crate::watched::Watched)> {
    let all = engine.all_watched();
    let mut sorted: Vec<_> = all
        .map(|(id, watched)| (id.venue, watched.market.instrument().symbol.as_str(), watched))
        .collect();
    sorted.sort_by_key(|(venue, symbol, _)| (*venue, *symbol));
    sorted
}

/// Replays a recording as fast as possible. `on_packet` is called with the count of packets so far. Up to a moment, and
/// without a digest of all states, it begins at the keyframe before that moment.
pub fn replay(tape: &Tape, wanted: Wanted, mut on_packet: impl FnMut(u64)) -> Summary {
    let begun = beginning(tape, wanted.until.filter(|_| !wanted.has_digest));
    let blocks = begun.blocks.clone();
    let summary = replay_from(begun, tape, wanted, &mut on_packet);
    match blocks {
        // Packets are the truth.
        Some(blocks) if blocks.is_damaged() => {
            replay_from(beginning(tape, None), tape, wanted, &mut on_packet)
        }
        Some(_) | None => summary,
    }
}

fn replay_from(
    begun: Beginning,
    tape: &Tape,
    wanted: Wanted,
    on_packet: &mut impl FnMut(u64),
) -> Summary {
    let until = wanted.until;
    let Beginning { mut engine, packets, mut n_packets, .. } = begun;
    let mut digester = wanted.has_digest.then(Digester::default);
    let mut asks = Vec::new();
    for packet in packets.take_while(|packet| until.is_none_or(|at| packet.received_at <= at)) {
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
        n_packets += 1;
        on_packet(n_packets);
        if n_packets % PACKETS_PER_STATE == 0
            && let Some(digester) = &mut digester
        {
            digester.add(&engine);
        }
    }
    if let Some(until) = until {
        engine.step(Input::Tick(until.min(tape.to())), &mut asks);
    }
    if let Some(digester) = &mut digester {
        digester.add(&engine);
    }
    Summary {
        packets: n_packets,
        at: (n_packets > 0).then(|| engine.now().to_string()),
        simulated: tape.is_simulated(),
        instruments: by_symbol(&engine)
            .into_iter()
            .map(|(venue, symbol, watched)| InstrumentSummary {
                venue: venue.id(),
                symbol: symbol.to_owned(),
                book_updates: engine.tally(watched.market.instrument().id).book_updates,
                trades: engine.tally(watched.market.instrument().id).trades,
                lost: watched.n_lost,
                panels: watched
                    .view
                    .as_ref()
                    .filter(|_| wanted.has_panels)
                    .map(|view| view.panels(&watched.market)),
            })
            .collect(),
        digest: digester.map(Digester::finish),
        state: wanted.has_panels.then(|| state_digest(&engine)),
    }
}
