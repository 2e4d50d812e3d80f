//! The last changes of each book: what carries an image that is already old on to now.
//!
//! For venues whose images and changes come by different ways and bear numbers of one kind, where an image may be older
//! than changes that were heard (Bitstamp's REST lags by a second, bitbank's room `depth_whole` by some changes). The
//! image replaces the book, and the changes behind it follow once more.

use std::collections::{BTreeMap, VecDeque};

use market::{BookKind, BookMessage, Continuity, Event, Level, LinkId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::number::Scales;
use crate::remember::pairs;

/// Changes of one book that are kept: half a minute of a venue that sends three a second.
const CHANGES_MAX: usize = 96;

/// Levels of the kept changes of one book.
const LEVELS_MAX: usize = 8_192;

/// Books whose changes are kept; a session that has more forgets all of them once.
const BOOKS_MAX: usize = 1_024;

/// The last changes of the books of all links.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Recent {
    #[serde(with = "pairs")]
    books: BTreeMap<(LinkId, String), Changes>,
}

/// The last changes of one book.
#[derive(Debug, Serialize, Deserialize)]
struct Changes {
    scales: Scales,
    /// The first change heard.
    first: Option<u64>,
    /// The newest change that is not kept any longer.
    dropped: Option<u64>,
    /// The newest image.
    image: Option<u64>,
    changes: VecDeque<Change>,
    n_levels: usize,
}

#[derive(Debug, Serialize, Deserialize)]
struct Change {
    number: u64,
    stated_at: Option<Timestamp>,
    levels: Box<[Level]>,
    n_bids: usize,
}

impl Recent {
    /// Whether what was remembered is what was kept.
    pub fn is_sound(&self) -> bool {
        self.books.values().all(|changes| {
            let n_levels: usize = changes.changes.iter().map(|change| change.levels.len()).sum();
            n_levels == changes.n_levels
                && changes.changes.iter().all(|change| change.n_bids <= change.levels.len())
        })
    }

    /// A link was opened or closed: what comes next on it follows nothing.
    pub fn forget(&mut self, link: LinkId) {
        self.books.retain(|(of, _), _| *of != link);
    }

    /// Whether changes of this book were heard on this link.
    pub fn knows(&self, link: LinkId, symbol: &str) -> bool {
        let book = self.books.get(&(link, symbol.to_owned()));
        book.is_some_and(|changes| changes.first.is_some())
    }

    /// Whether changes of this book were heard on any link.
    pub fn is_heard(&self, symbol: &str) -> bool {
        let mut books = self.books.iter();
        books.any(|((_, of), changes)| of == symbol && changes.first.is_some())
    }

    /// Keeps the change that was told of last in `context`.
    pub fn keep(&mut self, number: u64, context: &Context<'_>) {
        let Some(Event::Book(book)) = context.events.items.last() else { return };
        let (bids, asks) = (context.events.bids(book), context.events.asks(book));
        self.of(book.instrument.index, context).keep(Change {
            number,
            stated_at: book.stated_at,
            levels: bids.iter().chain(asks).copied().collect(),
            n_bids: bids.len(),
        });
    }

    /// Whether all changes behind an image of this number are kept that were heard.
    pub fn holds(&self, symbol: &str, image: u64, context: &Context<'_>) -> bool {
        let dropped = self.changes(context.link, symbol).and_then(|changes| changes.dropped);
        dropped.is_none_or(|dropped| image >= dropped)
    }

    /// Whether an image of this number is not older than the first change heard, before which others may have been.
    /// Where none was heard, none was missed.
    pub fn begins_before(&self, symbol: &str, image: u64, context: &Context<'_>) -> bool {
        let changes = self.changes(context.link, symbol);
        let first = changes.and_then(|changes| changes.first);
        first.is_none_or(|first| image >= first)
    }

    /// Notes the image that was told of last in `context`; whether the running book stood exactly there, so that the
    /// two can be compared.
    pub fn meets(&mut self, image: u64, context: &Context<'_>) -> bool {
        let Some(Event::Book(book)) = context.events.items.last() else { return false };
        let changes = self.of(book.instrument.index, context);
        let is_running = changes.image.replace(image).is_some();
        is_running && changes.changes.iter().any(|change| change.number == image)
    }

    /// Tells once more of the changes behind the image that was told of last in `context`, by ascending number.
    pub fn follow(&self, symbol: &str, image: u64, context: &mut Context<'_>) {
        let Some(Event::Book(book)) = context.events.items.last() else { return };
        let (instrument, depth) = (book.instrument, book.depth);
        let scales = context.table.scales(instrument.index);
        let Some(changes) = self.changes(context.link, symbol) else { return };
        if changes.scales != scales {
            return;
        }
        let mut behind: Vec<&Change> =
            changes.changes.iter().filter(|change| change.number > image).collect();
        behind.sort_by_key(|change| change.number);
        for change in behind {
            let start = context.events.levels.len();
            context.events.levels.extend_from_slice(&change.levels);
            let (middle, end) = (start + change.n_bids, context.events.levels.len());
            context.push(Event::Book(BookMessage {
                instrument,
                kind: BookKind::Delta,
                continuity: Continuity::Later(change.number),
                checksum: None,
                depth,
                bids: start..middle,
                asks: middle..end,
                stated_at: change.stated_at,
            }));
        }
    }

    /// The changes of a book on the context's link. Where its scales changed, those that are kept mean nothing more.
    fn of(&mut self, index: u32, context: &Context<'_>) -> &mut Changes {
        let scales = context.table.scales(index);
        let key = (context.link, context.table.get(index).symbol.clone());
        if self.books.len() >= BOOKS_MAX && !self.books.contains_key(&key) {
            self.books.clear();
        }
        let changes = self.books.entry(key).or_insert_with(|| Changes::new(scales));
        if changes.scales != scales {
            *changes = Changes::new(scales);
        }
        changes
    }

    /// The changes of a book on its link; on any link where this one carries none, as a link of requests does.
    fn changes(&self, link: LinkId, symbol: &str) -> Option<&Changes> {
        let own = self.books.get(&(link, symbol.to_owned()));
        own.or_else(|| {
            self.books.iter().find(|((_, of), _)| of == symbol).map(|(_, changes)| changes)
        })
    }
}

impl Changes {
    const fn new(scales: Scales) -> Self {
        let (first, dropped, image) = (None, None, None);
        Self { scales, first, dropped, image, changes: VecDeque::new(), n_levels: 0 }
    }

    fn keep(&mut self, change: Change) {
        self.first.get_or_insert(change.number);
        self.n_levels += change.levels.len();
        self.changes.push_back(change);
        while self.changes.len() > CHANGES_MAX || self.n_levels > LEVELS_MAX {
            let Some(oldest) = self.changes.pop_front() else { return };
            self.n_levels -= oldest.levels.len();
            self.dropped = self.dropped.max(Some(oldest.number));
        }
    }
}
