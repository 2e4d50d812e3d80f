//! Steps of a playhead: so many presses, so many packets, however quickly they come.

use std::collections::VecDeque;

use market::Timestamp;

use super::{Goal, Player};
use crate::trail::{Mark, Stride};

/// A step back that begins in the middle of a session hears so much before it, and then eight times as much.
const REACH_NANOS: i64 = 2_000_000_000;
pub(super) const REACH_FACTOR: i64 = 8;
/// Turns of kind or direction that wait; those of the same kind in a row are one. More comes from no hand.
const TURNS_MAX: usize = 64;

/// Steps that wait for the playhead to arrive, in the order in which they were asked for.
#[derive(Debug, Default)]
pub(super) struct Steps(VecDeque<Turn>);

/// Steps of one kind, one after the other.
#[derive(Clone, Copy, Debug)]
enum Turn {
    Forward(Stride, u64),
    Back(Stride, u64),
    /// By some time, either way.
    Time(i64),
}

impl Turn {
    /// Takes in a turn of the same kind; whether it was one.
    fn join(&mut self, other: Self) -> bool {
        match (self, other) {
            (Self::Forward(stride, n), Self::Forward(same, more))
            | (Self::Back(stride, n), Self::Back(same, more)) => {
                let is_same = *stride == same;
                *n = n.saturating_add(if is_same { more } else { 0 });
                is_same
            }
            (Self::Time(nanos), Self::Time(more)) => {
                *nanos = nanos.saturating_add(more);
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
        let is_joined = self.0.back_mut().is_some_and(|last| last.join(turn));
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

    /// Nothing lies further back.
    fn forget_back(&mut self) {
        if matches!(self.0.front(), Some(Turn::Back(..))) {
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
            self.go_to(self.at().plus_nanos(nanos));
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

    /// Goes back to where a packet of a kind, before the last one heard, was the last one heard; pauses. Where there is
    /// none, to before the first packet. While the playhead is on its way elsewhere, from there.
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
            Turn::Time(nanos) => self.go_to(self.at.plus_nanos(nanos)),
            Turn::Forward(stride, n) => {
                self.steps.put_back(Turn::Forward(stride, n - 1));
                self.goal = Some(Goal::Next(stride));
            }
            Turn::Back(stride, n) => match self.trail.before_last(stride, n) {
                Some((mark, n_back)) => {
                    self.steps.put_back(Turn::Back(stride, n - n_back));
                    self.go_to_packet(mark);
                }
                None => {
                    self.steps.put_back(Turn::Back(stride, n - 1));
                    self.go_back(self.at, stride, REACH_NANOS);
                }
            },
        }
    }

    /// Goes to before the last packet heard by `at`, which is all that was heard.
    pub(super) fn go_back(&mut self, at: Timestamp, stride: Stride, reach_nanos: i64) {
        match self.trail.last() {
            Some(limit) => self.go_before(limit, stride, reach_nanos),
            None if self.blocks.is_none() => self.leave_back(),
            None => {
                self.start_near(at.plus_nanos(-reach_nanos));
                self.goal = Some(Goal::BeforeMoment { at, stride, reach_nanos });
            }
        }
    }

    /// Goes to the last packet of a kind before `limit`, which is heard already; from further back when it is not
    /// known.
    pub(super) fn go_before(&mut self, limit: Mark, stride: Stride, reach_nanos: i64) {
        if let Some((mark, _)) = self.trail.before_last(stride, 1) {
            return self.go_to_packet(mark);
        }
        if self.blocks.is_none() {
            return self.leave_back();
        }
        self.start_near(limit.at.plus_nanos(-reach_nanos));
        self.goal = Some(Goal::Before { limit, stride, reach_nanos });
    }

    /// Before the first packet of a session lies the end of the one before it, or nothing.
    fn leave_back(&mut self) {
        let earlier = self.act.checked_sub(1).and_then(|act| self.tape.acts().get(act)?.to());
        match earlier {
            Some(to) => self.go_to(to),
            None => {
                self.steps.forget_back();
                self.start_near(self.tape.from());
            }
        }
    }
}
