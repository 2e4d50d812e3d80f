//! Which trades were heard already: ids that come again after a reconnect count once.

use std::collections::VecDeque;

use crate::load::{Loader, RestoreError, require};
use crate::save::{Saver, put_number};

/// Ids remembered one by one: twenty times the trades that a venue sends again after a subscription (Kraken: 50).
pub const IDS_KEPT: usize = 1_024;

/// The ids of trades heard, exact for the highest [`IDS_KEPT`]; older ones count as heard.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SeenIds {
    /// Ascending.
    ids: VecDeque<u64>,
    /// The highest id that was forgotten.
    forgotten: Option<u64>,
}

impl SeenIds {
    /// Whether an id was heard, or is so old that nobody can tell.
    pub(crate) fn holds(&self, id: u64) -> bool {
        self.forgotten.is_some_and(|forgotten| id <= forgotten)
            || self.ids.binary_search(&id).is_ok()
    }

    /// Notes an id; `false` when it was heard already, or is so old that nobody can tell.
    pub(crate) fn is_new(&mut self, id: u64) -> bool {
        if self.ids.back().is_none_or(|newest| id > *newest) {
            self.ids.push_back(id);
        } else {
            if self.forgotten.is_some_and(|forgotten| id <= forgotten) {
                return false;
            }
            match self.ids.binary_search(&id) {
                Ok(_) => return false,
                Err(index) => self.ids.insert(index, id),
            }
        }
        if self.ids.len() > IDS_KEPT {
            self.forgotten = self.ids.pop_front();
        }
        true
    }

    /// The same for a trade that stands for all ids from the lowest to its own: none of them is new any more.
    pub(crate) fn is_new_up_to(&mut self, id: u64, lowest: u64) -> bool {
        let is_new = self.is_new(id);
        for covered in lowest.max(id.saturating_sub(IDS_KEPT as u64))..id {
            self.is_new(covered);
        }
        is_new
    }

    /// Ids, each by how far it lies behind the one before.
    pub(crate) fn save(&self, saver: &mut Saver<'_>) {
        saver.put(&(self.forgotten, self.ids.len()));
        let mut before = 0;
        for id in &self.ids {
            put_number(saver.bytes(), id - before);
            before = *id;
        }
    }

    pub(crate) fn load(loader: &mut Loader<'_>) -> Result<Self, RestoreError> {
        const WHAT: &str = "trade ids";
        let (forgotten, n): (Option<u64>, usize) = loader.get(WHAT)?;
        require(n <= IDS_KEPT, WHAT)?;
        let (mut ids, mut before) = (VecDeque::with_capacity(n), 0_u64);
        for _ in 0..n {
            let step = loader.reader().number(WHAT)?;
            before = before.checked_add(step).ok_or(RestoreError::Damaged { what: WHAT })?;
            ids.push_back(before);
        }
        Ok(Self { ids, forgotten })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::{IDS_KEPT, SeenIds};

    #[test]
    fn an_id_is_new_once() {
        let mut seen = SeenIds::default();
        assert!(seen.is_new(7));
        assert!(!seen.is_new(7));
        assert!(seen.is_new(9));
        assert!(seen.is_new(8), "late, but never heard");
        assert!(seen.is_new(3), "sent after the subscription, older than the first");
        assert!(!seen.is_new(8));
    }

    #[test]
    fn what_is_forgotten_counts_as_heard() {
        let mut seen = SeenIds::default();
        for id in 0..=IDS_KEPT as u64 {
            assert!(seen.is_new(id * 2));
        }
        assert!(!seen.is_new(0));
        assert!(seen.is_new(1), "between what is kept and what was forgotten");
        assert!(!seen.is_new(1));
    }

    proptest! {
        #[test]
        fn it_equals_a_set_as_long_as_nothing_is_forgotten(ids in prop::collection::vec(0_u64..400, 0..900)) {
            let (mut seen, mut set) = (SeenIds::default(), BTreeSet::new());
            for id in ids {
                prop_assert_eq!(seen.is_new(id), set.insert(id));
            }
        }
    }
}
