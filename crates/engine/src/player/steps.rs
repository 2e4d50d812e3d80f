//! Steps of a playhead: so many presses, so many packets, however quickly they come.

use std::collections::VecDeque;

use market::Timestamp;

use super::{Goal, Player};
use crate::trail::{Heard, Mark, Stride};

/// A step back that begins in the middle of a session hears so much before it, and then eight times as much.
const REACH_NANOS: i64 = 2_000_000_000;
pub(super) const REACH_FACTOR: i64 = 8;
/// Turns of kind or direction that wait; those of the same kind in a row are one. More comes from no hand.
const TURNS_MAX: usize = 64;

/// Steps that wait for the playhead to arrive, in the order in which they were asked for.
#[derive(Debug, Default)]
pub(super) struct Steps(VecDeque<Turn>);

/// Steps of one kind, one after the other.
#[derive(Clone, Debug)]
enum Turn {
    Forward(Stride, u64),
    Back(Stride, u64),
    /// By some time, either way.
    Time(i64),
}

/// Which way a step goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    Back,
}

/// Where a playhead stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Before the first packet.
    Beginning,
    /// Behind a packet.
    Packet(Mark),
    /// At a moment between packets.
    Moment(Timestamp),
}

impl Turn {
    /// Takes in a turn of the same kind; whether it was one.
    fn join(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Forward(stride, n), Self::Forward(same, more))
            | (Self::Back(stride, n), Self::Back(same, more)) => {
                let is_same = stride == same;
                *n = n.saturating_add(if is_same { *more } else { 0 });
                is_same
            }
            (Self::Time(nanos), Self::Time(more)) => {
                *nanos = nanos.saturating_add(*more);
                true
            }
            (Self::Forward(..) | Self::Back(..) | Self::Time(_), _) => false,
        }
    }
}

impl Steps {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn push(&mut self, turn: Turn) {
        let is_joined = self.0.back_mut().is_some_and(|last| last.join(&turn));
        if !is_joined && self.0.len() < TURNS_MAX {
            self.0.push_back(turn);
        }
    }

    /// What is left of a turn that has begun comes next.
    fn put_back(&mut self, turn: Turn) {
        match turn {
            Turn::Forward(_, 0) | Turn::Back(_, 0) | Turn::Time(0) => {}
            Turn::Forward(..) | Turn::Back(..) | Turn::Time(_) => self.0.push_front(turn),
        }
    }

    /// Nothing more lies that way.
    fn forget(&mut self, direction: Direction) {
        let is_same = |turn: &Turn| match turn {
            Turn::Forward(..) => direction == Direction::Forward,
            Turn::Back(..) => direction == Direction::Back,
            Turn::Time(_) => false,
        };
        if self.0.front().is_some_and(is_same) {
            self.0.pop_front();
        }
    }
}

impl Player {
    /// Moves the playhead by some time, and pauses. On the way to another moment, from there.
    pub fn step_time(&mut self, nanos: i64) {
        self.is_playing = false;
        let goes_to_moment = matches!(self.goal, Some(Goal::Moment(_)) | None);
        if goes_to_moment && self.steps.is_empty() {
            self.go_by(nanos);
        } else {
            self.steps.push(Turn::Time(nanos));
        }
    }

    /// Hears one packet and pauses.
    pub fn step_packet(&mut self) {
        self.step(Stride::Packet);
    }

    /// Hears packets up to the next one of a kind and pauses. While the playhead is on its way elsewhere, from there.
    pub fn step(&mut self, stride: Stride) {
        self.is_playing = false;
        self.steps.push(Turn::Forward(stride, 1));
        if self.goal.is_none() {
            self.advance(0);
        }
    }

    /// Goes back to where a packet of a kind, before the last one heard, was the last one heard; pauses. Before the
    /// first packet lies the beginning; where there is no earlier trade, the playhead stays, and that is told. While it
    /// is on its way elsewhere, from there.
    pub fn step_back(&mut self, stride: Stride) {
        self.is_playing = false;
        self.steps.push(Turn::Back(stride, 1));
        if self.goal.is_none() {
            self.begin_step();
        }
    }

    /// Begins the next step that waits: of several back, as many at once as the last packets tell.
    pub(super) fn begin_step(&mut self) {
        let Some(turn) = self.steps.0.pop_front() else { return };
        match turn {
            Turn::Time(nanos) => self.go_by(nanos),
            Turn::Forward(stride, n) => {
                self.origin = Some(self.place());
                self.steps.put_back(Turn::Forward(stride.clone(), n - 1));
                self.goal = Some(Goal::Next(stride));
            }
            Turn::Back(stride, n) => match self.before_last(&stride, n) {
                Some((mark, n_back)) => {
                    self.steps.put_back(Turn::Back(stride, n - n_back));
                    self.go_to_packet(mark);
                }
                None => {
                    self.origin = Some(self.place());
                    self.steps.put_back(Turn::Back(stride.clone(), n - 1));
                    self.go_back(self.at, stride, REACH_NANOS);
                }
            },
        }
    }

    /// Why a step led nowhere, as a sentence; told once.
    pub fn take_told(&mut self) -> Option<String> {
        self.told.take()
    }

    /// Whether the packet that was heard last is of a kind.
    pub(super) fn has_told(&self, stride: &Stride) -> bool {
        match stride {
            Stride::Packet => true,
            Stride::Trade(venue, symbol) => self.engine.traded().iter().any(|trade| {
                let watched = self.engine.watched(trade.instrument);
                trade.instrument.venue == *venue
                    && watched.is_some_and(|it| *it.market.instrument().symbol == **symbol)
            }),
        }
    }

    /// A kind of packets in the session that is heard; `None`: nothing was heard of the instrument.
    fn heard(&self, stride: &Stride) -> Option<Heard> {
        match stride {
            Stride::Packet => Some(Heard::Packet),
            Stride::Trade(venue, symbol) => {
                Some(Heard::Trade(self.engine.find(*venue, symbol)?.id))
            }
        }
    }

    fn before_last(&self, stride: &Stride, n: u64) -> Option<(Mark, u64)> {
        self.trail.before_last(self.heard(stride)?, n)
    }

    fn place(&self) -> Place {
        match self.trail.last().filter(|mark| mark.at == self.at) {
            Some(mark) => Place::Packet(mark),
            None if self.packet_index() == 0 => Place::Beginning,
            None => Place::Moment(self.at),
        }
    }

    fn go_by(&mut self, nanos: i64) {
        let (from, at) = (self.at(), self.at().plus_nanos(nanos));
        let is_kept = if nanos < 0 { from <= self.tape.from() } else { from >= self.to() };
        if is_kept {
            let direction = if nanos < 0 { Direction::Back } else { Direction::Forward };
            self.told = Some(nothing(direction, "moment"));
        }
        self.go_to(at);
    }

    /// Nothing of a kind lies that way: the playhead stays where it was, and that is told.
    pub(super) fn find_nothing(&mut self, stride: &Stride, direction: Direction) {
        self.steps.forget(direction);
        let origin = self.origin.take();
        match stride {
            Stride::Packet => self.told = Some(nothing(direction, "packet")),
            Stride::Trade(_, symbol) => {
                self.told = Some(nothing(direction, &format!("trade of {symbol}")));
                match origin {
                    Some(Place::Packet(mark)) => self.go_to_packet(mark),
                    Some(Place::Moment(at)) => self.go_to(at),
                    Some(Place::Beginning) => self.go_to_beginning(),
                    None => {}
                }
            }
        }
    }

    /// Goes to before the last packet heard by `at`, which is all that was heard.
    pub(super) fn go_back(&mut self, at: Timestamp, stride: Stride, reach_nanos: i64) {
        match self.trail.last() {
            Some(limit) => self.go_before(limit, stride, reach_nanos),
            None if self.blocks.is_none() => self.leave_back(stride),
            None => {
                let goal = Goal::BeforeMoment { at, stride, reach_nanos };
                self.start_for(at.plus_nanos(-reach_nanos), goal);
            }
        }
    }

    /// Goes to the last packet of a kind before `limit`, which is heard already; from further back when it is not
    /// known.
    pub(super) fn go_before(&mut self, limit: Mark, stride: Stride, reach_nanos: i64) {
        if let Some((mark, _)) = self.before_last(&stride, 1) {
            return self.go_to_packet(mark);
        }
        if self.blocks.is_none() {
            return self.leave_back(stride);
        }
        let goal = Goal::Before { limit, stride, reach_nanos };
        self.start_for(limit.at.plus_nanos(-reach_nanos), goal);
    }

    /// Goes to the last packet of a kind that was heard by the end of a session.
    pub(super) fn go_to_last(&mut self, at: Timestamp, stride: Stride, reach_nanos: i64) {
        if let Some(mark) = self.heard(&stride).and_then(|kind| self.trail.last_of(kind)) {
            return self.go_to_packet(mark);
        }
        if self.blocks.is_none() {
            return self.leave_back(stride);
        }
        self.start_for(at.plus_nanos(-reach_nanos), Goal::LastBy { at, stride, reach_nanos });
    }

    /// Stands before the first packet, unless that is gone.
    fn go_to_beginning(&mut self) {
        self.start_near(self.tape.from());
    }

    /// Before the first packet of a session lies the end of the one before it, or nothing.
    fn leave_back(&mut self, stride: Stride) {
        let earlier = self.act.checked_sub(1).and_then(|act| self.tape.acts().get(act)?.to());
        match (earlier, &stride) {
            (Some(at), _) => {
                let goal = Goal::LastBy { at, stride, reach_nanos: REACH_NANOS };
                self.start_for(at, goal);
            }
            (None, Stride::Packet) if !matches!(self.origin, Some(Place::Beginning)) => {
                self.steps.forget(Direction::Back);
                self.go_to_beginning();
            }
            (None, _) => self.find_nothing(&stride, Direction::Back),
        }
    }
}

fn nothing(direction: Direction, what: &str) -> String {
    match direction {
        Direction::Forward => format!("There is no later {what}."),
        Direction::Back => format!("There is no earlier {what}."),
    }
}
