//! An instrument that is heard as bytes, and back.

use market::load::{COUNT_MAX, Loader, RestoreError, require};
use market::save::Saver;
use market::{InstrumentId, Market};
use view::InstrumentView;

use super::Watched;

const WHAT: &str = "an instrument that is heard";

impl Watched {
    /// Writes all of it; the name of its histories.
    pub fn save(&self, id: InstrumentId, saver: &mut Saver<'_>) -> String {
        let scope = scope(id, self.born);
        saver.put(&self.born);
        saver.set_scope(scope.clone());
        let Self { link, interest, n_packets, version, n_lost, health, cause, .. } = self;
        saver.put(&(link, interest, n_packets, version, n_lost, health, cause));
        let Self { streams, question, forced, is_claimed, book_heard_at, .. } = self;
        saver.put(&(streams, question, forced, is_claimed, book_heard_at));
        saver.put(&(self.began_at, self.view.is_some()));
        saver.put(&self.polled);
        self.market.save(self.view.as_ref().map(InstrumentView::n_followed), saver);
        if let Some(view) = &self.view {
            view.save(self.market.instrument(), saver);
        }
        scope
    }

    /// The instrument that was written.
    pub fn load(id: InstrumentId, loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        let born = loader.get(WHAT)?;
        loader.set_scope(scope(id, born));
        let link = loader.get(WHAT)?;
        let interest = loader.sound("open interest")?;
        let (n_packets, version, n_lost): (u64, u64, u64) = loader.get(WHAT)?;
        let (health, cause) = loader.get(WHAT)?;
        let (streams, question) = (loader.sound("streams")?, loader.get(WHAT)?);
        let forced = loader.sound("forced orders")?;
        let (is_claimed, book_heard_at) = loader.get(WHAT)?;
        let (began_at, has_view) = loader.get(WHAT)?;
        let polled = loader.get(WHAT)?;
        require(born.max(n_packets).max(version).max(n_lost) < COUNT_MAX, WHAT)?;
        let market = Market::load(loader)?;
        require(market.instrument().id == id, WHAT)?;
        let view = match has_view {
            true => Some(InstrumentView::load(market.instrument(), loader)?),
            false => None,
        };
        Ok(Self {
            market,
            view,
            link,
            interest,
            n_packets,
            polled,
            version,
            n_fine: 0,
            n_lost,
            health,
            cause,
            loss: None,
            is_let_go: false,
            streams,
            question,
            forced,
            is_claimed,
            book_heard_at,
            began_at,
            born,
            is_left: false,
        })
    }
}

/// A name that no other history of the session has: positions are not used twice in one packet.
fn scope(id: InstrumentId, born: u64) -> String {
    format!("{}.{}.{born}", id.venue.id(), id.index)
}
