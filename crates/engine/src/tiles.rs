//! States of single instruments in the past, each restored once for all who look back near it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use market::{Timestamp, Venue};
use view::Shown;
use view::heat::FINE_NANOS_MAX;

use crate::engine::{Engine, Input};
use crate::fine::FineWant;
use crate::source::{Act, TapePackets};
use crate::watched::Watched;

/// States that are kept: some 10 MB each, 30 at most.
const TILES_KEPT: usize = 4;
/// Packets between two looks whether anybody still waits.
const PACKETS_PER_LOOK: usize = 1_000;

/// What was known of one instrument at a moment of a session.
pub struct Tile {
    act: Act,
    named: (Venue, String),
    /// All that was received by then is heard.
    at: Timestamp,
    /// Whether that is all of the session.
    pub is_over: bool,
    /// `None`: nothing of it was heard by then.
    heard: Option<Watched>,
}

impl Tile {
    /// What it shows.
    pub fn shown(&self) -> Option<Shown<'_>> {
        let heard = self.heard.as_ref()?;
        Some(Shown { view: heard.view.as_ref()?, market: &heard.market })
    }
}

/// Why there is no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTile {
    /// Nobody waits for it any longer.
    Stopped,
    /// The session has no keyframes yet, and is too long to be heard again for each look.
    NotYet,
}

/// What is looked for: an instrument of a session, at a moment or later.
pub struct Place<'a> {
    /// The session.
    pub act: &'a Act,
    /// The instrument.
    pub named: &'a (Venue, String),
    /// All that was received by then is to be heard.
    pub until: Timestamp,
    /// Whether a later state still knows enough of what was before.
    pub reaches: &'a dyn Fn(Shown) -> bool,
    /// Fine columns that are to be kept on the way, and from when on at the latest: no state has them.
    pub fine: Option<(FineWant, Timestamp)>,
}

impl Place<'_> {
    /// From when on its fine columns are kept: so that there are as many as can be when it is reached.
    fn fine_from(&self) -> Option<Timestamp> {
        let (want, from) = self.fine.as_ref()?;
        let all = self.until.plus_nanos(-want.lengths.kept_nanos());
        Some(all.min(from.plus_nanos(-FINE_NANOS_MAX)))
    }
}

/// The states that were used last.
#[derive(Default)]
pub struct Tiles {
    /// The last used one last.
    tiles: Vec<Arc<Tile>>,
}

impl Tiles {
    /// A state that is kept and fits.
    pub fn get(&mut self, place: &Place<'_>) -> Option<Arc<Tile>> {
        let fits = |tile: &Arc<Tile>| {
            tile.act.is(place.act)
                && tile.named == *place.named
                && (tile.at >= place.until || tile.is_over)
                && tile.shown().is_none_or(place.reaches)
        };
        let index = self.tiles.iter().position(fits)?;
        let tile = self.tiles.remove(index);
        self.tiles.push(Arc::clone(&tile));
        Some(tile)
    }

    /// Keeps a state, and lets go of the one that was not used for longest.
    pub fn keep(&mut self, tile: Arc<Tile>) {
        if self.tiles.len() >= TILES_KEPT {
            self.tiles.remove(0);
        }
        self.tiles.push(tile);
    }
}

/// Makes a state: from the keyframe that follows the moment, or by hearing packets up to it.
///
/// # Errors
/// When it was not waited for, or cannot be made yet.
pub fn make(place: &Place<'_>, stop: &AtomicBool) -> Result<Tile, NoTile> {
    if place.fine.is_none()
        && let Some((at, engine)) = place.act.state_after(place.until, place.named)
    {
        // A keyframe right behind the last packet stands at the session's end.
        let is_over = place.act.to().is_some_and(|to| at >= to);
        let tile = tile_of(place, engine, at, is_over);
        if tile.shown().is_none_or(place.reaches) {
            return Ok(tile);
        }
    }
    if place.act.lacks_keyframes() {
        return Err(NoTile::NotYet);
    }
    let near = match &place.fine {
        Some((_, from)) => from.plus_nanos(-FINE_NANOS_MAX),
        None => place.until,
    };
    let (engine, packets) = match place.act.begin_near(near) {
        Some(begun) => (begun.engine, begun.packets),
        None => (Engine::new(), place.act.packets()),
    };
    hear(place, engine, packets, stop)
}

/// Hears packets up to the moment, or all when the session ended before.
fn hear(
    place: &Place<'_>,
    mut engine: Engine,
    packets: TapePackets,
    stop: &AtomicBool,
) -> Result<Tile, NoTile> {
    let mut asks = Vec::new();
    let mut fine_from = place.fine_from();
    for (index, packet) in packets.enumerate() {
        if index % PACKETS_PER_LOOK == 0 && stop.load(Ordering::Relaxed) {
            return Err(NoTile::Stopped);
        }
        if packet.received_at > place.until {
            begin_fine(place, &mut engine, &mut fine_from, place.until);
            engine.step(Input::Tick(place.until), &mut asks);
            return Ok(tile_of(place, engine, place.until, false));
        }
        begin_fine(place, &mut engine, &mut fine_from, packet.received_at);
        engine.step(Input::Packet(packet), &mut asks);
        asks.clear();
    }
    begin_fine(place, &mut engine, &mut fine_from, place.until);
    let is_over = !place.act.is_live();
    if !is_over {
        engine.step(Input::Tick(place.until), &mut asks);
    }
    Ok(tile_of(place, engine, place.until, is_over))
}

/// Keeps fine columns once it is time, which is about to be `at`.
fn begin_fine(
    place: &Place<'_>,
    engine: &mut Engine,
    fine_from: &mut Option<Timestamp>,
    at: Timestamp,
) {
    if let Some(from) = fine_from.filter(|from| at >= *from)
        && let Some((want, _)) = &place.fine
    {
        engine.set_fine_at(from, std::slice::from_ref(want));
        *fine_from = None;
    }
}

fn tile_of(place: &Place<'_>, mut engine: Engine, at: Timestamp, is_over: bool) -> Tile {
    let (venue, symbol) = place.named;
    let id = engine.find(*venue, symbol).map(|instrument| instrument.id);
    let heard = id.and_then(|id| engine.watched.remove(&id));
    Tile { act: place.act.clone(), named: place.named.clone(), at, is_over, heard }
}
