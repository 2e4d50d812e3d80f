//! Work that goes on beside whoever needs its results: an iterator on a thread of its own, a bounded way ahead.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

/// Batches that may wait: enough that neither side stands still when the other is held up for a moment.
const BATCHES_WAITING: usize = 4;

/// The items of an iterator that runs on a thread of its own.
pub struct Ahead<T> {
    batch: std::vec::IntoIter<T>,
    /// Gone first when this is dropped, so that the thread ends.
    batches: Option<Receiver<Vec<T>>>,
    thread: Option<JoinHandle<()>>,
}

/// Lets the iterator run ahead; its items are handed over `n_batch` at a time, and a few batches wait at most.
///
/// # Panics
/// When the system has no room for a thread. Taking the items panics when the iterator did.
pub fn ahead<T: Send + 'static>(
    n_batch: usize,
    items: impl Iterator<Item = T> + Send + 'static,
) -> Ahead<T> {
    let (sender, batches) = sync_channel(BATCHES_WAITING);
    let work = move || {
        let mut items = items;
        loop {
            let batch: Vec<T> = items.by_ref().take(n_batch.max(1)).collect();
            // Nobody takes them any longer, or there are no more.
            if batch.is_empty() || sender.send(batch).is_err() {
                return;
            }
        }
    };
    let thread = Builder::new().name("ahead".to_owned()).spawn(work);
    let thread = thread.expect("a system without room for a thread runs no program of ours");
    Ahead { batch: Vec::new().into_iter(), batches: Some(batches), thread: Some(thread) }
}

impl<T> Iterator for Ahead<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        loop {
            if let Some(item) = self.batch.next() {
                return Some(item);
            }
            match self.batches.as_ref()?.recv() {
                Ok(batch) => self.batch = batch.into_iter(),
                Err(_) => self.end(),
            }
        }
    }
}

impl<T> Ahead<T> {
    /// Waits for the thread. What it panicked with is passed on: an end that is none must not look like one.
    fn end(&mut self) {
        self.batches = None;
        if let Some(Err(panic)) = self.thread.take().map(JoinHandle::join) {
            std::panic::resume_unwind(panic);
        }
    }
}

impl<T> Drop for Ahead<T> {
    fn drop(&mut self) {
        self.batches = None;
        if let Some(Err(_)) = self.thread.take().map(JoinHandle::join) {
            tracing::error!("work that nobody waited for has failed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ahead;

    #[test]
    fn items_come_in_order_and_all_of_them() {
        for n_batch in [1, 7, 1_000] {
            assert!(ahead(n_batch, 0..3_000).eq(0..3_000), "{n_batch}");
        }
    }

    #[test]
    fn work_ends_when_nobody_takes_its_results() {
        assert!(ahead(10, 0_u64..).take(25).eq(0..25));
    }

    #[test]
    #[should_panic(expected = "the disk is gone")]
    fn what_fails_ahead_fails_here() {
        let items = (0..).inspect(|index| assert!(*index < 20, "the disk is gone"));
        assert_eq!(ahead(4, items).count(), 0);
    }
}
