//! Spare books as bytes, and back.

use std::collections::BTreeMap;

use market::load::{Loader, RestoreError, require};
use market::save::Saver;
use market::{InstrumentId, LinkId, Market};

use super::{SPARES_MAX, Spare, Spares};

impl Spares {
    /// Writes all of them. They have no histories.
    pub fn save(&self, saver: &mut Saver<'_>) {
        saver.put(&self.spares.len());
        saver.set_scope(String::new());
        for (key, spare) in &self.spares {
            saver.put(&(key, spare.question, spare.heard_at));
            spare.market.save(None, saver);
        }
    }

    /// The spares that were written.
    pub fn load(
        loader: &mut Loader<'_>,
        knows: impl Fn(InstrumentId) -> bool,
    ) -> Result<Self, RestoreError> {
        const WHAT: &str = "a spare book";
        let n: usize = loader.get(WHAT)?;
        // One that was shown is kept beyond the bound.
        require(n <= 2 * SPARES_MAX, WHAT)?;
        loader.set_scope(String::new());
        let mut spares = BTreeMap::new();
        for _ in 0..n {
            let (key, question, heard_at): ((InstrumentId, LinkId), _, _) = loader.get(WHAT)?;
            let market = Market::load(loader)?;
            require(knows(key.0) && market.instrument().id == key.0, WHAT)?;
            spares.insert(key, Spare { market, question, heard_at });
        }
        Ok(Self { spares })
    }
}
