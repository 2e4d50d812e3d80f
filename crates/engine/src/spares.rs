//! Books of instruments that come over several links at once: one is shown, the others are kept beside it, so that one
//! of them can take its place when its link closes.

mod saved;

use std::collections::BTreeMap;

use market::{Instrument, InstrumentId, LinkId, Market, Tally, Timestamp};

use crate::question::Question;
use crate::unrecorded::Whose;

/// Spare books at most, of all instruments together; a link that rolls over carries one for each of its instruments.
/// What comes for further ones is not kept.
pub const SPARES_MAX: usize = 128;

/// A spare takes over from a book of whose link nothing has come for so much longer: a link that is half open is
/// noticed by its venue's silence only later.
const BEHIND_NANOS_MAX: i64 = 5_000_000_000;

/// The book of one instrument on a link other than the one whose book is shown.
#[derive(Debug)]
pub struct Spare {
    /// The book and its proof; of trades and references it knows nothing.
    pub market: Market,
    /// Its question for a snapshot.
    pub question: Question,
    /// When its last message was received.
    pub heard_at: Timestamp,
}

/// All spare books of a session.
#[derive(Debug, Default)]
pub struct Spares {
    spares: BTreeMap<(InstrumentId, LinkId), Spare>,
}

impl Spares {
    /// The spare of an instrument on a link, made when it is first spoken of; `None` when there are too many.
    pub fn of(
        &mut self,
        instrument: &Instrument,
        link: LinkId,
        at: Timestamp,
    ) -> Option<&mut Spare> {
        let key = (instrument.id, link);
        if self.spares.len() >= SPARES_MAX && !self.spares.contains_key(&key) {
            return None;
        }
        let new = || Spare {
            market: Market::new(instrument.clone()),
            question: Question::default(),
            heard_at: at,
        };
        let spare = self.spares.entry(key).or_insert_with(new);
        spare.heard_at = at;
        Some(spare)
    }

    /// The spare of an instrument on a link, where there is one.
    pub fn get_mut(&mut self, id: InstrumentId, link: LinkId) -> Option<&mut Spare> {
        self.spares.get_mut(&(id, link))
    }

    /// Whether the book of an instrument on a link is a spare that is right.
    pub fn is_synced(&self, id: InstrumentId, link: LinkId) -> bool {
        self.spares.get(&(id, link)).is_some_and(|spare| spare.market.sync().is_synced())
    }

    /// Whether an instrument has any.
    pub fn has(&self, id: InstrumentId) -> bool {
        self.of_instrument(id).next().is_some()
    }

    /// The spares of an instrument that wait for a snapshot.
    pub fn waiting(&mut self, id: InstrumentId) -> impl Iterator<Item = (LinkId, &mut Spare)> {
        let all = self.spares.range_mut(span(id));
        all.map(|((_, link), spare)| (*link, spare))
            .filter(|(_, spare)| !spare.market.sync().is_synced())
    }

    /// All spares of a link.
    pub fn of_link(
        &mut self,
        link: LinkId,
    ) -> impl Iterator<Item = (InstrumentId, LinkId, &mut Spare)> {
        self.iter_mut().filter(move |(_, of, _)| *of == link)
    }

    /// All spares.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (InstrumentId, LinkId, &mut Spare)> {
        self.spares.iter_mut().map(|((id, link), spare)| (*id, *link, spare))
    }

    /// The spare that is best to go on with when the shown book's link is closed: a right one, of the newest link.
    pub fn take_best(&mut self, id: InstrumentId) -> Option<(LinkId, Spare)> {
        let key = |(key, spare): (&(InstrumentId, LinkId), &Spare)| {
            (spare.market.sync().is_synced(), key.1)
        };
        let (_, link) = self.of_instrument(id).map(key).max()?;
        self.take(id, link).map(|spare| (link, spare))
    }

    /// The right spare that is to take over from an open book that is not right, or that lags behind it.
    pub fn relief(&self, id: InstrumentId, shown: &Market, heard_at: Timestamp) -> Option<LinkId> {
        let is_right = shown.sync().is_synced();
        let is_better = |spare: &Spare| {
            spare.market.sync().is_synced()
                && (!is_right || spare.heard_at.nanos_since(heard_at) > BEHIND_NANOS_MAX)
        };
        let better = self.of_instrument(id).filter(|(_, spare)| is_better(spare));
        better.map(|((_, link), _)| *link).last()
    }

    /// One spare, which is kept no longer.
    pub fn take(&mut self, id: InstrumentId, link: LinkId) -> Option<Spare> {
        self.spares.remove(&(id, link))
    }

    /// Keeps a book that was shown.
    pub fn keep(&mut self, id: InstrumentId, link: LinkId, spare: Spare) {
        self.spares.insert((id, link), spare);
    }

    /// The spares of a closed link, which are kept no longer.
    pub fn take_link(&mut self, link: LinkId) -> Vec<(InstrumentId, Spare)> {
        let (gone, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
            std::mem::take(&mut self.spares).into_iter().partition(|((_, of), _)| *of == link);
        self.spares = kept;
        gone.into_iter().map(|((id, _), spare)| (id, spare)).collect()
    }

    /// All spares of these links, which are kept no longer.
    pub fn take_all(
        &mut self,
        whose: Whose,
    ) -> impl Iterator<Item = (InstrumentId, Spare)> + use<> {
        let (gone, kept): (BTreeMap<_, _>, BTreeMap<_, _>) = std::mem::take(&mut self.spares)
            .into_iter()
            .partition(|((id, link), _)| whose.is_of(id.venue, *link));
        self.spares = kept;
        gone.into_iter().map(|((id, _), spare)| (id, spare))
    }

    /// Forgets all of an instrument.
    pub fn forget(&mut self, id: InstrumentId) {
        self.spares.retain(|(of, _), _| *of != id);
    }

    /// A listing changed.
    pub fn relist(&mut self, instrument: &Instrument) {
        for (_, spare) in self.spares.range_mut(span(instrument.id)) {
            spare.market.set_instrument(instrument.clone());
        }
    }

    /// What was counted of an instrument's spares.
    pub fn tally(&self, id: InstrumentId) -> Tally {
        let mut sum = Tally::default();
        for (_, spare) in self.of_instrument(id) {
            sum += *spare.market.tally();
        }
        sum
    }

    fn of_instrument(
        &self,
        id: InstrumentId,
    ) -> impl Iterator<Item = (&(InstrumentId, LinkId), &Spare)> {
        self.spares.range(span(id))
    }
}

const fn span(id: InstrumentId) -> std::ops::RangeInclusive<(InstrumentId, LinkId)> {
    (id, LinkId(0))..=(id, LinkId(u16::MAX))
}
