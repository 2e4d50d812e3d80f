//! What is wanted of a link: a state, not a queue, so that it is bounded by the instruments there are.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::proxy::ProxyConfig;

/// The wishes of the engine, written by its side and read by the link.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    state: Mutex<Wish>,
    changed: Notify,
}

/// What is wanted at this moment.
#[derive(Debug, Default)]
pub(crate) struct Wish {
    /// The instruments to be heard.
    pub wanted: BTreeSet<String>,
    /// Those of them whose books are to be fetched anew.
    pub resync: BTreeSet<String>,
    /// Those of them whose books are to be subscribed to anew.
    pub renew_book: BTreeSet<String>,
    /// Those that are to be subscribed to anew.
    pub renew: BTreeSet<String>,
    /// Those whose newest trades are asked for.
    pub look: BTreeSet<String>,
    /// Do not wait any longer.
    pub hurry: bool,
    /// The proxy from now on, when it is another.
    pub proxy: Option<ProxyConfig>,
    /// Counts the changes, so that the link sees at a glance that there were none.
    pub changes: u64,
}

impl Wish {
    /// All is asked for anew on a connection that begins: nothing of it is to be asked for once more.
    pub(crate) fn forget_repairs(&mut self) {
        self.resync.clear();
        self.renew_book.clear();
        self.renew.clear();
    }
}

impl Wishes {
    /// Changes what is wanted, and wakes the link.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Wish)) {
        {
            let mut wish = self.lock();
            change(&mut wish);
            wish.changes += 1;
        }
        self.changed.notify_one();
    }

    /// What is wanted. The guard is never held across an `await`.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Wish> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something was changed since the last wait.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}
