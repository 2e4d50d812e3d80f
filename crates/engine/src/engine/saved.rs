//! The whole state as bytes, and back.

use std::collections::{BTreeMap, BTreeSet};

use market::load::{Loader, Reader, RestoreError, require};
use market::save::{Saver, put};
use market::{Blocks, Instrument, InstrumentId, SaveProgress, SavedBlock, SavedState, Venue};
use sha2::{Digest as _, Sha256};
use venues::Decoder;
use venues::image::Memory;

use super::Engine;
use crate::spares::Spares;
use crate::watched::Watched;

/// Grows by one whenever the meaning of saved bytes changes; a test notices a change that forgot it.
pub const STATE_VERSION: u32 = 8;

/// Instruments of a session that are read at most.
const WATCHED_MAX: usize = 1 << 20;
/// Bytes of a hash that tell two lists apart.
const N_HASH: usize = 12;

impl Engine {
    /// Writes all that this engine is. `progress` knows which blocks earlier calls wrote.
    pub fn save(&self, progress: &mut SaveProgress) -> SavedState {
        let mut saver = Saver::new(progress);
        saver.bytes().extend(STATE_VERSION.to_le_bytes());
        saver.put(&self.decoders.len());
        for (venue, decoder) in &self.decoders {
            saver.put(venue);
            saver.list(*venue, decoder.revision(), || list_of(*venue, decoder));
            saver.put(&decoder.memory());
        }
        let Self { links, counts, has_views, grid_at, now, .. } = self;
        saver.put(&(links, counts, has_views, grid_at, now));
        saver.put(&self.watched.len());
        let mut scopes = BTreeSet::new();
        for (id, watched) in &self.watched {
            saver.put(id);
            scopes.insert(watched.save(*id, &mut saver));
        }
        self.spares.save(&mut saver);
        saver.keep_scopes(|scope| scopes.contains(scope));
        saver.finish()
    }

    /// The engine that was written. `fetch` brings a block by its key; `None`: it is missing or damaged.
    ///
    /// # Errors
    /// When a block is missing, or the bytes say what cannot be.
    pub fn restore(
        bytes: &[u8],
        fetch: &mut dyn FnMut(&str) -> Option<Vec<u8>>,
    ) -> Result<Self, RestoreError> {
        Self::load(Loader::new(behind_version(bytes)?, fetch))
    }

    /// The engine that was written, whose long histories are read when somebody looks that far back: so it costs what
    /// it shows, however much it knows. Once [`Blocks::is_damaged`], it is not to be believed.
    ///
    /// # Errors
    /// When a block is missing, or the bytes say what cannot be.
    pub fn restore_lazily(bytes: &[u8], blocks: Blocks) -> Result<Self, RestoreError> {
        Self::load(Loader::lazy(behind_version(bytes)?, blocks))
    }

    fn load(mut loader: Loader<'_>) -> Result<Self, RestoreError> {
        let decoders = decoders(&mut loader)?;
        let (links, counts, has_views, grid_at, now) = loader.get("what was counted")?;
        let knows = |id: InstrumentId| knows(&decoders, id);
        let watched = watched(&mut loader, knows)?;
        let spares = Spares::load(&mut loader, knows)?;
        loader.finish()?;
        let engine = Self { links, counts, has_views, grid_at, now, ..Self::new() };
        let mut engine = Self { decoders, watched, spares, ..engine };
        engine.find_hole();
        Ok(engine)
    }
}

/// A state without its version, when that is ours.
fn behind_version(bytes: &[u8]) -> Result<&[u8], RestoreError> {
    let (version, rest) =
        bytes.split_first_chunk().ok_or(RestoreError::Damaged { what: "its version" })?;
    match u32::from_le_bytes(*version) {
        STATE_VERSION => Ok(rest),
        found => Err(RestoreError::Version { found, expected: STATE_VERSION }),
    }
}

/// All instruments of a venue, named by what they are.
fn list_of(venue: Venue, decoder: &Decoder) -> SavedBlock {
    let mut bytes = Vec::new();
    put(&mut bytes, decoder.instruments());
    let hash = Sha256::digest(&bytes);
    let hash: String = hash[..N_HASH].iter().map(|byte| format!("{byte:02x}")).collect();
    SavedBlock { key: format!("{}.instruments.{hash}", venue.id()), bytes }
}

fn decoders(loader: &mut Loader<'_>) -> Result<BTreeMap<Venue, Decoder>, RestoreError> {
    const WHAT: &str = "the instruments of a venue";
    let n: usize = loader.get(WHAT)?;
    require(n <= Venue::KNOWN.len() + 1, WHAT)?;
    let mut decoders = BTreeMap::new();
    for _ in 0..n {
        let venue: Venue = loader.get(WHAT)?;
        let (revision, block) = loader.list(WHAT)?;
        let mut reader = Reader::new(&block);
        let instruments: Vec<Instrument> = reader.get(WHAT)?;
        let memory: Vec<Memory> = loader.get(WHAT)?;
        let decoder = Decoder::restored(venue, (revision, instruments), memory);
        let decoder = decoder.filter(|_| reader.is_at_end());
        decoders.insert(venue, decoder.ok_or(RestoreError::Damaged { what: WHAT })?);
    }
    Ok(decoders)
}

fn watched(
    loader: &mut Loader<'_>,
    knows: impl Fn(InstrumentId) -> bool,
) -> Result<BTreeMap<InstrumentId, Watched>, RestoreError> {
    const WHAT: &str = "an instrument";
    let n: usize = loader.get(WHAT)?;
    require(n <= WATCHED_MAX, WHAT)?;
    let mut all = BTreeMap::new();
    for _ in 0..n {
        let id: InstrumentId = loader.get(WHAT)?;
        require(knows(id), WHAT)?;
        all.insert(id, Watched::load(id, loader)?);
    }
    Ok(all)
}

fn knows(decoders: &BTreeMap<Venue, Decoder>, id: InstrumentId) -> bool {
    let instruments = decoders.get(&id.venue).map(Decoder::instruments);
    instruments.is_some_and(|all| (id.index as usize) < all.len())
}
