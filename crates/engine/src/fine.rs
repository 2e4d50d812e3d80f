//! Fine columns of the heatmap: kept of the instruments at which a screen looks so closely, and of no others.

use market::{InstrumentId, Timestamp, Venue};
use view::heat::{FINE_NANOS_MAX, FineLengths};

use crate::engine::{Engine, Input};
use crate::run::RunLoop;
use crate::watched::Watched;

/// Fine columns that somebody wants of an instrument, by its name: another engine may know it under another address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FineWant {
    /// The instrument.
    pub named: (Venue, String),
    /// Lengths of columns.
    pub lengths: FineLengths,
}

/// Adds what somebody wants to what others do.
pub(crate) fn add(wants: &mut Vec<FineWant>, want: FineWant) {
    match wants.iter_mut().find(|one| one.named == want.named) {
        Some(known) => known.lengths = known.lengths.and(want.lengths),
        None => wants.push(want),
    }
}

/// For how long the longest of these columns are kept.
pub(crate) fn kept_nanos(wants: &[FineWant]) -> i64 {
    wants.iter().map(|want| want.lengths.kept_nanos()).max().unwrap_or(0) + FINE_NANOS_MAX
}

/// What an engine keeps; not saved, like the columns themselves.
#[derive(Debug, Default)]
pub(crate) struct Fine {
    wants: Vec<FineWant>,
    /// The address of each, once the venue has spoken of it.
    ids: Vec<Option<InstrumentId>>,
}

impl Fine {
    /// Whether nobody wants any.
    pub(crate) fn is_empty(&self) -> bool {
        self.wants.is_empty()
    }

    /// The venue speaks of an instrument: what is wanted of it is kept from now on.
    pub(crate) fn meet(&mut self, id: InstrumentId, watched: &mut Watched, at: Timestamp) {
        let instrument = watched.market.instrument();
        let is_named =
            |want: &FineWant| want.named.0 == id.venue && want.named.1 == instrument.symbol;
        let Some(index) = self.wants.iter().position(is_named) else { return };
        self.ids[index] = Some(id);
        watched.set_fine(self.wants[index].lengths, at);
    }
}

impl Engine {
    /// Keeps these fine columns from now on, and no others. Those that are new begin with the first whole column from
    /// here, or with the first good book where that is still to come.
    pub fn set_fine(&mut self, wants: &[FineWant]) {
        if self.fine.wants == wants {
            return;
        }
        let at = self.now();
        let ids: Vec<_> = wants.iter().map(|want| self.address(want)).collect();
        for id in self.fine.ids.iter().flatten().filter(|id| !ids.contains(&Some(**id))) {
            if let Some(watched) = self.watched.get_mut(id) {
                watched.set_fine(FineLengths::NONE, at);
            }
        }
        for (want, id) in wants.iter().zip(&ids) {
            if let Some(watched) = id.and_then(|id| self.watched.get_mut(&id)) {
                watched.set_fine(want.lengths, at);
            }
        }
        self.fine = Fine { wants: wants.to_vec(), ids };
    }

    /// The same once it is this time, as it is before the next packet.
    pub(crate) fn set_fine_at(&mut self, at: Timestamp, wants: &[FineWant]) {
        if self.counts.n_packets > 0 {
            self.step(Input::Tick(at), &mut Vec::new());
        }
        self.set_fine(wants);
    }

    /// The fine columns that are kept.
    pub fn fine(&self) -> &[FineWant] {
        &self.fine.wants
    }

    fn address(&self, want: &FineWant) -> Option<InstrumentId> {
        self.find(want.named.0, &want.named.1).map(|instrument| instrument.id)
    }

    /// Session time has come so far, and the books stand as all packets before left them.
    pub(crate) fn close_fine(&mut self) {
        let at = self.now();
        for id in self.fine.ids.iter().flatten() {
            if let Some(watched) = self.watched.get_mut(id) {
                watched.on_fine(at);
            }
        }
    }
}

impl RunLoop {
    /// What is on the screen keeps the fine columns that screens want; what goes on underneath keeps none.
    pub(crate) fn keep_fine(&mut self) {
        let mut wants = self.screens.fine_wants();
        if let Some(player) = &mut self.player {
            player.set_fine(std::mem::take(&mut wants));
        }
        if let Some(live) = &mut self.live {
            live.set_fine(&wants);
        }
    }
}
