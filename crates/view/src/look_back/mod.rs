//! What lies further back than a screen's frames reach: columns, bars, prints and gaps, from states of the past.
//!
//! A state keeps the last columns and bars of each length. One that stood a little later than a moment hence knows all
//! that was heard before that moment, as it was when it was new. States are gone through from the newest to the oldest,
//! and from one session to the one before it.

mod bars;
mod columns;
mod gaps;
mod prints;
mod spans;

use market::Timestamp;

use crate::frame::{Covered, Extent, FrameWriter, Header, write_header, write_reach};
use crate::heat::FineLengths;
use crate::screen::Shown;

pub use bars::OlderBars;
pub use columns::OlderColumns;
pub use gaps::OlderGaps;
pub use prints::{OlderPrints, PrintMark};

/// The session of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Tells one session from another.
    pub number: usize,
    /// When it began.
    pub from: Timestamp,
    /// When it ended; `None` while it goes on.
    pub to: Option<Timestamp>,
    /// Whether the state stands at its end.
    pub is_over: bool,
}

/// What a state could tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// All that its session heard before.
    Beginning,
    /// A part; a state further back knows more.
    Part,
    /// Nothing, since what was gathered is to be told by itself: its prices or sizes are written otherwise.
    Otherwise,
    /// Nothing, since it stands too early or too late; [`LookBack::until`] says another moment now.
    Elsewhere,
}

/// States of which one answer is gathered. Where gaps are many each tells of a short time; a screen asks on.
const STATES_MAX: usize = 24;

/// Something of the past that is gathered.
pub trait LookBack: Send {
    /// The oldest moment that is wanted.
    fn wanted_from(&self) -> Timestamp;

    /// All from here on is gathered.
    fn told_from(&self) -> Timestamp;

    /// The fine columns that a state must have kept, at least since [`wanted_from`](Self::wanted_from); mostly none.
    fn fine(&self) -> FineLengths {
        FineLengths::NONE
    }

    /// Whether anything of a session that began then can be wanted.
    fn is_of_use(&self, _session: usize, from: Timestamp) -> bool {
        // What began in the same instant as the oldest that is told may have had a part in it.
        from <= self.told_from()
    }

    /// The moment by which a state of a session that began at `from` knows all that is still wanted of it.
    fn until(&self, session: usize, from: Timestamp) -> Timestamp;

    /// Whether a state that stands at [`until`](Self::until) or later tells enough of what is wanted.
    fn reaches(&self, shown: Shown) -> bool;

    /// Whether another moment is tried where a state of a session does not know the instrument;
    /// [`until`](Self::until) says it now.
    fn tries_elsewhere(&mut self, _session: usize, _from: Timestamp) -> bool {
        false
    }

    /// Takes what a state tells.
    fn take(&mut self, shown: Shown, session: Session) -> Reached;

    /// Nothing was heard between two sessions.
    fn pass(&mut self, from: Timestamp, to: Timestamp);

    /// There is nothing older.
    fn end(&mut self);

    /// What was gathered, as `docs/frame.md` lays it out.
    fn bytes(&self, header: &Header) -> Vec<u8>;

    /// Whether all that is wanted is gathered.
    fn is_full(&self) -> bool {
        self.told_from() <= self.wanted_from()
    }
}

/// Begins the bytes of an answer.
fn begin(header: &Header, n_bytes: usize) -> FrameWriter {
    let mut out = FrameWriter::new(n_bytes);
    write_header(&mut out, 0, Extent::Older, header, None);
    out
}

/// Says what they cover, up to `to`.
fn close(out: &mut FrameWriter, header: &Header, look_back: &dyn LookBack, to: Timestamp) {
    let covered = Covered { from: look_back.told_from(), to };
    write_reach(out, header.source, Some(covered));
}
