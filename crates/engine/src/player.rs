//! A playhead over packets that enter by the same door as the wire: those of a recording, or of the live session's
//! past.

mod between;
mod fine;
mod steps;

use market::{Blocks, Packet, Timestamp};

use crate::engine::{Engine, Input};
use crate::source::{Begun, Tape, TapePackets};
use crate::trail::{Mark, Stride, Trail};
use between::{Shown, packets_of};
use fine::Fine;
use steps::{Direction, Place, REACH_FACTOR, Steps};

/// Packets stepped in one turn of the loop, so that commands and screens are served in between: some 20 ms of work.
const PACKETS_PER_TURN: usize = 20_000;
/// A seek over more than this is worth a look whether a state lies nearer to its end.
const FAR_NANOS: i64 = 20_000_000_000;

/// The slowest and the fastest speed, as multiples of the recorded pace.
pub const SPEED_MIN: f64 = 0.1;
/// See [`SPEED_MIN`].
pub const SPEED_MAX: f64 = 1_000.0;

/// Packets being played.
#[derive(Debug)]
pub struct Player {
    tape: Tape,
    /// Which of the tape's sessions is heard.
    act: usize,
    packets: TapePackets,
    next: Option<Packet>,
    engine: Engine,
    trail: Trail,
    /// What the engine reads of the past, when it goes on from a state that was kept; `None`: this session was heard
    /// from its beginning.
    blocks: Option<Blocks>,
    /// `received_at` of the last packet before that state.
    begun_at: Timestamp,
    at: Timestamp,
    /// `received_at` of the last packet that was heard, or of the first one that will be.
    heard_at: Timestamp,
    packet_index: u64,
    /// Grows each time that all is heard anew.
    generation: u64,
    is_playing: bool,
    /// Multiples of the recorded pace; `None` is as fast as possible.
    speed: Option<f64>,
    goal: Option<Goal>,
    /// Steps that begin once the goal is reached.
    steps: Steps,
    /// Where the playhead stood before the step that is under way.
    origin: Option<Place>,
    /// What is to be told to the user.
    told: Option<String>,
    /// Whether gaps are skipped once they were shown.
    skips_gaps: bool,
    /// The gap in which the playhead stands.
    shown: Option<Shown>,
    loop_range: Option<(Timestamp, Timestamp)>,
    /// The present of the live session whose past is played.
    edge: Option<Timestamp>,
    fine: Fine,
}

/// Where the playhead is on its way to.
#[derive(Clone, Debug)]
enum Goal {
    /// A moment: all that was received by then is heard.
    Moment(Timestamp),
    /// This packet is the last one that is heard.
    Packet(Mark),
    /// The next packet of a kind.
    Next(Stride),
    /// The packet before this one, of a kind. It may lie further back than what is heard on the way.
    Before { limit: Mark, stride: Stride, reach_nanos: i64 },
    /// The packet before this moment, of a kind, where nothing is known of what was heard last.
    BeforeMoment { at: Timestamp, stride: Stride, reach_nanos: i64 },
    /// The last packet of a kind by the end of a session.
    LastBy { at: Timestamp, stride: Stride, reach_nanos: i64 },
}

impl Player {
    /// Opens a recording with the playhead at its first packet, playing at the recorded pace.
    pub fn open(tape: Tape) -> Self {
        let from = tape.from();
        Self::start(tape, from, None)
    }

    /// Rewinds a live session, whose present is `edge`. The playhead is on its way to `at`.
    pub fn rewind(tape: Tape, edge: Timestamp, at: Timestamp) -> Self {
        let mut player = Self::start(tape, at, Some(edge));
        player.seek(at);
        player
    }

    fn start(tape: Tape, at: Timestamp, edge: Option<Timestamp>) -> Self {
        let act = tape.act_at(at);
        let packets = packets_of(&tape, act);
        let mut player = Self {
            tape,
            act,
            packets,
            next: None,
            engine: Engine::new(),
            trail: Trail::default(),
            blocks: None,
            begun_at: at,
            at,
            heard_at: at,
            packet_index: 0,
            generation: 0,
            is_playing: true,
            speed: Some(1.0),
            goal: None,
            steps: Steps::default(),
            origin: None,
            told: None,
            skips_gaps: false,
            shown: None,
            loop_range: None,
            edge,
            fine: Fine::default(),
        };
        player.start_near(at);
        player
    }

    /// What the packets made.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The packets.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// Which of the tape's sessions is heard.
    pub fn act(&self) -> usize {
        self.act
    }

    /// Grows each time that the engine is another one.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Where the playhead stands; while it is being moved, where it will.
    pub fn at(&self) -> Timestamp {
        match &self.goal {
            Some(Goal::Moment(at) | Goal::BeforeMoment { at, .. } | Goal::LastBy { at, .. }) => *at,
            Some(Goal::Packet(mark) | Goal::Before { limit: mark, .. }) => mark.at,
            Some(Goal::Next(_)) | None => self.at,
        }
    }

    /// Up to where all is heard; while the playhead is on its way, that is not yet [`at`](Self::at).
    pub fn reached(&self) -> Timestamp {
        self.at
    }

    /// The last moment that can be played: of a live session, the present.
    pub fn to(&self) -> Timestamp {
        self.edge.unwrap_or_else(|| self.tape.to())
    }

    /// The present of the live session whose past is played; `None` for a recording.
    pub fn edge(&self) -> Option<Timestamp> {
        self.edge
    }

    /// The live session has gone on.
    pub fn move_edge(&mut self, edge: Timestamp) {
        if self.edge.is_some() {
            self.edge = self.edge.max(Some(edge));
        }
    }

    /// Whether playing on from the past has reached the present.
    pub fn has_caught_up(&self) -> bool {
        let keeps_up = self.speed.is_none_or(|speed| speed >= 1.0);
        let is_moving = self.is_playing && self.goal.is_none() && keeps_up;
        is_moving && self.edge.is_some_and(|edge| self.at >= edge)
    }

    /// Packets before the playhead.
    pub fn packet_index(&self) -> u64 {
        let earlier = self.tape.acts().iter().take(self.act).map(|act| act.n_packets());
        earlier.sum::<u64>() + self.packet_index
    }

    /// The last packet that was heard.
    pub fn last(&self) -> Option<Mark> {
        self.trail.last()
    }

    /// Whether it plays.
    pub fn is_playing(&self) -> bool {
        self.is_playing
    }

    /// Multiples of the recorded pace; `None` is as fast as possible.
    pub fn speed(&self) -> Option<f64> {
        self.speed
    }

    /// The range that is played again and again.
    pub fn loop_range(&self) -> Option<(Timestamp, Timestamp)> {
        self.loop_range
    }

    /// Whether the playhead is on its way to another moment: what is shown is neither here nor there.
    pub fn is_seeking(&self) -> bool {
        self.goal.is_some() || !self.steps.is_empty() || self.is_damaged()
    }

    /// Whether there is work that need not wait for time to pass.
    pub fn is_hungry(&self) -> bool {
        self.is_seeking() || (self.is_playing && self.speed.is_none())
    }

    /// Whether time must pass for it.
    pub fn is_running(&self) -> bool {
        self.is_seeking() || self.is_playing
    }

    /// Plays on; from the end, from the beginning. Steps that have not begun are wanted no longer.
    pub fn play(&mut self) {
        self.steps.clear();
        if self.edge.is_none() && self.goal.is_none() && self.peek().is_none() && !self.has_more() {
            self.seek(self.tape.from());
        }
        self.is_playing = true;
    }

    /// Stops the playhead.
    pub fn pause(&mut self) {
        self.is_playing = false;
    }

    /// Sets the speed, brought into the range that there is.
    pub fn set_speed(&mut self, speed: Option<f64>) {
        self.speed =
            speed.filter(|speed| !speed.is_nan()).map(|speed| speed.clamp(SPEED_MIN, SPEED_MAX));
    }

    /// Plays a range again and again, or no longer; of the range, what can be played. A range of no length is none.
    pub fn set_loop(&mut self, range: Option<(Timestamp, Timestamp)>) {
        let (first, last) = (self.tape.from(), self.to());
        let within = range.map(|(from, to)| (from.max(first), to.min(last)));
        self.loop_range = within.filter(|(from, to)| from < to);
    }

    /// Moves the playhead to a moment. The newest wish wins.
    pub fn seek(&mut self, at: Timestamp) {
        self.steps.clear();
        self.go_to(at);
    }

    fn go_to(&mut self, at: Timestamp) {
        let at = at.max(self.tape.from()).min(self.to());
        if at < self.at || self.tape.act_at(at) != self.act {
            return self.start_for(at, Goal::Moment(at));
        }
        if at.nanos_since(self.at) > FAR_NANOS {
            self.leap_near(at);
        }
        self.aim_fine(at);
        self.goal = Some(Goal::Moment(at));
    }

    /// Moves the playhead behind a packet, so that it is the last one that is heard.
    pub fn seek_packet(&mut self, mark: Mark) {
        self.steps.clear();
        self.go_to_packet(mark);
    }

    fn go_to_packet(&mut self, mark: Mark) {
        if mark.at <= self.at || self.tape.act_at(mark.at) != self.act {
            return self.start_for(mark.at, Goal::Packet(mark));
        }
        if mark.at.nanos_since(self.at) > FAR_NANOS {
            self.leap_near(mark.at);
        }
        self.aim_fine(mark.at);
        self.goal = Some(Goal::Packet(mark));
    }

    /// Lets `elapsed_nanos` of real time pass, or as much of it as one turn allows.
    pub fn advance(&mut self, elapsed_nanos: i64) {
        if self.is_damaged() {
            self.hear_anew();
        }
        if self.goal.is_none() {
            self.begin_step();
            self.turn_round();
        }
        let gap_end = self.pass_gap(elapsed_nanos);
        let Some(target) = self.target(elapsed_nanos).max(gap_end) else { return };
        for _ in 0..PACKETS_PER_TURN {
            if self.peek().is_some_and(|packet| packet.received_at <= target) {
                let heard = self.hear();
                if heard.is_some_and(|mark| self.is_goal(mark)) {
                    return self.arrive_at_packet();
                }
            } else if self.next.is_some() || !self.enter_next(target) {
                return self.arrive(target);
            }
        }
    }

    fn target(&self, elapsed_nanos: i64) -> Option<Timestamp> {
        match &self.goal {
            Some(Goal::Moment(at) | Goal::BeforeMoment { at, .. } | Goal::LastBy { at, .. }) => {
                return Some(*at);
            }
            Some(Goal::Packet(mark) | Goal::Before { limit: mark, .. }) => return Some(mark.at),
            Some(Goal::Next(_)) => return Some(self.to()),
            None if !self.is_playing => return None,
            None => {}
        }
        let to = self.loop_range.map_or(self.to(), |(_, to)| to.min(self.to()));
        let Some(speed) = self.speed else { return Some(to) };
        // Drawing time, not money: a multiple of a few milliseconds loses nothing that matters.
        let nanos = elapsed_nanos as f64 * speed;
        Some(self.at.plus_nanos(nanos as i64).min(to))
    }

    /// Whether the way ends behind the packet that was heard last.
    fn is_goal(&self, heard: Mark) -> bool {
        match &self.goal {
            Some(Goal::Packet(mark) | Goal::Before { limit: mark, .. }) => *mark == heard,
            Some(Goal::Next(stride)) => self.has_told(stride),
            Some(Goal::Moment(_) | Goal::BeforeMoment { .. } | Goal::LastBy { .. }) | None => false,
        }
    }

    fn arrive_at_packet(&mut self) {
        match self.goal.take() {
            Some(Goal::Before { limit, stride, reach_nanos }) => {
                self.go_before(limit, stride, reach_nanos.saturating_mul(REACH_FACTOR));
            }
            Some(
                Goal::Packet(_)
                | Goal::Next(_)
                | Goal::Moment(_)
                | Goal::BeforeMoment { .. }
                | Goal::LastBy { .. },
            )
            | None => {}
        }
    }

    fn arrive(&mut self, target: Timestamp) {
        let goal = self.goal.take();
        if let Some(Goal::Next(stride)) = goal {
            return self.find_nothing(&stride, Direction::Forward);
        }
        self.at = self.at.max(target);
        self.begin_fine(self.at);
        if let Some(absence) = self.absence() {
            self.engine.leave(absence);
        }
        self.engine.step(Input::Tick(self.at), &mut Vec::new());
        match goal {
            Some(Goal::BeforeMoment { at, stride, reach_nanos }) => {
                return self.go_back(at, stride, reach_nanos.saturating_mul(REACH_FACTOR));
            }
            Some(Goal::LastBy { at, stride, reach_nanos }) => {
                return self.go_to_last(at, stride, reach_nanos.saturating_mul(REACH_FACTOR));
            }
            Some(_) => return,
            None => {}
        }
        self.turn_round();
        let is_over = self.goal.is_none() && self.edge.is_none() && self.at >= self.to();
        if is_over && self.peek().is_none() && !self.has_more() {
            self.is_playing = false;
        }
    }

    /// What plays at the end of a loop, or behind it, goes on at its beginning.
    fn turn_round(&mut self) {
        let Some((from, _)) = self.loop_range.filter(|(_, to)| self.at >= *to) else { return };
        if self.is_playing && self.goal.is_none() {
            self.go_to(from);
        }
    }

    /// The next packet of the session that is heard; `None` when there is none, for now.
    fn peek(&mut self) -> Option<&Packet> {
        if self.next.is_none() {
            self.next = self.packets.next();
        }
        self.next.as_ref()
    }

    fn hear(&mut self) -> Option<Mark> {
        self.peek()?;
        let packet = self.next.take()?;
        let mark = Mark::of(&packet);
        self.at = self.at.max(packet.received_at);
        self.heard_at = packet.received_at;
        self.packet_index += 1;
        self.begin_fine(packet.received_at);
        // What the engine asks for was answered, or not, when this was recorded.
        self.engine.step(Input::Packet(packet), &mut Vec::new());
        if let Some(mark) = mark {
            self.trail.note(mark, self.engine.traded().iter().map(|trade| trade.instrument));
        }
        mark
    }

    /// Begins to hear anew on the way to a goal.
    fn start_for(&mut self, at: Timestamp, goal: Goal) {
        if self.start_near(at) {
            self.goal = Some(goal);
        }
    }

    /// Begins to hear anew so that all that was received by `at` can be heard: after the nearest state before it that
    /// was kept, or else from the beginning of its session. Where its file is gone, all stays as it is: `false`.
    fn start_near(&mut self, at: Timestamp) -> bool {
        self.goal = None;
        let act = self.tape.act_at(at);
        if self.tape.acts().get(act).is_some_and(|act| !act.is_there(at)) {
            self.steps.clear();
            return false;
        }
        self.act = act;
        if let Some(begun) = self.begin_near(at) {
            self.go_on_from(begun);
            self.aim_fine(at);
            return true;
        }
        self.packets = packets_of(&self.tape, self.act);
        self.next = None;
        self.engine = Engine::new();
        self.trail = Trail::default();
        self.blocks = None;
        self.at = self.tape.acts().get(self.act).and_then(|act| act.from()).unwrap_or_default();
        self.heard_at = self.at;
        self.packet_index = 0;
        self.generation += 1;
        self.aim_fine(at);
        true
    }

    /// Goes on from a state that was kept when one lies between here and `at`.
    fn leap_near(&mut self, at: Timestamp) {
        if let Some(begun) = self.begin_near(at).filter(|begun| begun.at > self.at) {
            self.go_on_from(begun);
        }
    }

    /// Whether a part of the state that was kept turned out to be damaged: some of what is shown may be missing.
    fn is_damaged(&self) -> bool {
        self.blocks.as_ref().is_some_and(Blocks::is_damaged)
    }

    /// Comes to the same place from an earlier state, or from the beginning: packets are the truth.
    fn hear_anew(&mut self) {
        tracing::warn!("a damaged keyframe is left aside; the one before it is gone on from");
        self.come_back(self.begun_at);
        if self.goal.is_none() {
            self.blocks = None;
        }
    }

    /// Hears anew what led to this place, from a state before `near`.
    fn come_back(&mut self, near: Timestamp) {
        let last = self.trail.last().filter(|mark| mark.at == self.at);
        let goal = match self.goal.take() {
            Some(Goal::Next(_)) | None => last.map_or(Goal::Moment(self.at), Goal::Packet),
            Some(goal) => goal,
        };
        self.start_for(near, goal);
    }

    fn begin_near(&self, at: Timestamp) -> Option<Begun> {
        self.tape.acts().get(self.act)?.begin_near(at)
    }

    fn go_on_from(&mut self, begun: Begun) {
        self.packets = begun.packets;
        self.next = None;
        self.engine = begun.engine;
        self.trail = Trail::default();
        self.blocks = Some(begun.blocks);
        (self.at, self.begun_at, self.heard_at) = (begun.at, begun.at, begun.at);
        self.packet_index = begun.n_packets;
        self.generation += 1;
    }
}
