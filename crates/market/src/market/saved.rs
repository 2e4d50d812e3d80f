//! A market as bytes, and back.

use super::Market;
use crate::bar::Bars;
use crate::history::History;
use crate::holes::Holes;
use crate::load::{Loader, RestoreError, require};
use crate::quotes::QuoteCheck;
use crate::save::Saver;
use crate::seen::SeenIds;
use crate::tops::Tops;
use crate::{Book, Instrument};

const HOLES: &str = "the holes of a market";
const TOPS: &str = "the best prices of a market";

impl Market {
    /// Writes all of it; `n_followed` are the messages of its book that its follower has seen, when it has one.
    pub fn save(&self, n_followed: Option<u64>, saver: &mut Saver<'_>) {
        saver.put(&self.instrument);
        self.book.save(&self.instrument, n_followed, saver);
        saver.put(&self.sync);
        self.bars.save(saver);
        self.history.save(saver);
        saver.put(&self.holes);
        self.quotes.save(saver);
        saver.put(&self.tops);
        self.seen.save(saver);
        let Self {
            last_trade, references, checksum_rule, tally, began_at, heard_at, good_at, ..
        } = self;
        saver.put(&(last_trade, references, checksum_rule, tally, began_at, heard_at, good_at));
    }

    /// The market that was written.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let instrument: Instrument = loader.sound("an instrument")?;
        let book = Book::load(&instrument, loader)?;
        let sync = loader.sound("the state of a book")?;
        let bars = Bars::load(loader)?;
        let history = History::load(loader)?;
        let holes: Holes = loader.get(HOLES)?;
        require(holes.is_sound(), HOLES)?;
        let quotes = QuoteCheck::load(instrument.id, loader)?;
        let tops: Option<Tops> = loader.get(TOPS)?;
        require(tops.as_ref().is_none_or(Tops::is_sound), TOPS)?;
        let seen = SeenIds::load(loader)?;
        let (last_trade, references, checksum_rule, tally, began_at, heard_at, good_at) =
            loader.get("what else is known of a market")?;
        Ok(Self {
            instrument,
            book,
            sync,
            bars,
            history,
            holes,
            quotes,
            tops,
            seen,
            last_trade,
            references,
            checksum_rule,
            tally,
            began_at,
            heard_at,
            good_at,
        })
    }
}
