//! Spans without a right book among what is gathered.

use std::collections::BTreeMap;

use market::{Cause, Timestamp};

use super::Session;
use crate::frame::{FrameWriter, write_spans};
use crate::health::{GAPS_KEPT, code_from_cause};
use crate::screen::Shown;

/// Gaps of a state that tell enough by themselves, though it stands later than it could: half of what it keeps.
const GAPS_ENOUGH: usize = GAPS_KEPT / 2;

/// Whether a state knows enough of the gaps before `told_from`: all that are wanted, or many.
pub(super) fn knows_enough(shown: Shown, wanted_from: Timestamp, told_from: Timestamp) -> bool {
    shown.view.gaps_known_from().is_none_or(|known| known <= wanted_from)
        || shown.view.gaps().filter(|gap| gap.from < told_from).count() >= GAPS_ENOUGH
}

/// Spans by their beginning. What is told first is known best: of a later state.
#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    spans: BTreeMap<Timestamp, (Timestamp, u8)>,
}

impl Spans {
    /// Takes the gaps of a state that touch a span. One that was open then lasted until the state, or its session's
    /// end.
    pub(super) fn take(
        &mut self,
        shown: Shown,
        session: Session,
        (from, to): (Timestamp, Timestamp),
    ) {
        let open_to = if session.is_over { session.to } else { None };
        let open_to = open_to.unwrap_or_else(|| shown.view.grid_at());
        for gap in shown.view.gaps() {
            let end = gap.to.unwrap_or(open_to);
            if gap.from < to && end > from {
                self.spans.entry(gap.from).or_insert((end, code_from_cause(gap.cause)));
            }
        }
    }

    /// Nobody listened from one moment to another: it is taken where it touches a span.
    pub(super) fn pass(
        &mut self,
        (from, to): (Timestamp, Timestamp),
        within: (Timestamp, Timestamp),
    ) {
        if from >= within.1 || to <= within.0 {
            return;
        }
        self.spans.entry(from).or_insert((to, code_from_cause(Cause::NotHeard)));
    }

    pub(super) fn write(&self, out: &mut FrameWriter) {
        let spans = self.spans.iter();
        write_spans(out, spans.map(|(from, (to, cause))| (*from, Some(*to), *cause)));
    }
}
